//! The only crate that speaks SQL: doors to the database, transactions inside a tenant, repositories.
//!
//! Three doors, three login roles, three small pools ([`Store`]): the directory (tenants, people, sessions),
//! one tenant's rows, and what is public. A repository is reached only through an open transaction, and a
//! tenant's transaction only through a [`TenantScope`], which only [`DirectoryTx::enter`] and a claimed job
//! make. To add a repository: a file here named by the domain's word, one private `rows()` that adds the
//! tenant, lookups that return `Option` or go through `access`, writes named `add`, `amend`, `retire`.
#![warn(missing_docs)]

mod access;
pub mod adoptions;
pub mod agencies;
pub mod archive;
pub mod audit;
pub mod cache;
pub mod causal_links;
pub mod chain;
pub mod change;
pub mod checkup;
mod connect;
pub mod delegations;
pub mod directory;
mod entity;
pub mod entry;
mod error;
pub mod evidence;
pub mod idempotency;
mod ids;
pub mod indicators;
pub mod measurements;
pub mod page;
pub mod periods;
pub mod plans;
pub mod portal;
pub mod posts;
pub mod publications;
pub mod queue;
pub mod reads;
mod regencies;
pub mod releases;
pub mod rollups;
pub mod rule_sets;
pub mod scores;
pub mod targets;
mod tenant;
mod transaction;

pub use connect::{DoorPasswords, Store, StoreSettings};
pub use directory::DirectoryTx;
pub use error::{Error, Result};
pub use ids::fresh_id;
pub use portal::PortalTx;
pub use sqlx::postgres::PgConnectOptions as DatabaseAddress;
pub use tenant::{TenantScope, TenantTx};
