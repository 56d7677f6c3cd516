//! One function per thing a person can do; where a transaction begins and ends.
//!
//! A use case is a method of [`App`]: it opens the door, asks the policy through the repository, applies the
//! domain's rule, writes, and commits with the event that says what happened. It knows neither HTTP nor SQL.
//! Refusals are [`Refusal`], closed and free of transport; both doors (API and pages) turn them into answers.

mod access_watch;
pub mod account_help;
pub mod adoption;
pub mod agencies;
pub mod alignment;
pub mod anchors;
mod app;
pub mod archive;
pub mod audit;
pub mod comparison;
pub mod dashboard;
pub mod delegations;
mod denials;
pub mod emergency;
pub mod evidence;
pub mod explanations;
mod governments;
pub mod histories;
mod idempotency;
pub mod identity;
pub mod indicators;
pub mod jobs;
pub mod kept_forms;
mod known_releases;
pub mod life;
pub mod measurements;
pub mod members;
pub mod periods;
pub mod plan_nodes;
pub mod plans;
pub mod ports;
pub mod posts;
pub mod province;
pub mod publications;
pub mod recalculation;
mod received;
mod refusal;
pub mod regions;
pub mod releases;
pub mod rights;
pub mod rollups;
pub mod rule_sets;
pub mod scorecards;
pub mod second_factor;
pub mod service_accounts;
pub mod sessions;
pub mod sign_in;
pub mod strategy_map;
pub mod targets;
pub mod tenants;
pub mod trail_file;
mod typed;
mod typed_table;
pub mod worklists;

pub use app::{App, AppSettings};
pub use ekinerja_store::cache;
pub use ekinerja_store::directory::sessions::SessionToken;
pub use ekinerja_store::fresh_id;
pub use ekinerja_store::idempotency::{Answer, InvalidKey, Remembered, RequestKey};
pub use ekinerja_store::measurements::MeasurementFilter;
pub use ekinerja_store::page::{Page, Paged};
pub use ekinerja_store::{DoorPasswords, Store, StoreSettings, TenantScope};
pub use refusal::{Code, Refusal, Result, Violation};
