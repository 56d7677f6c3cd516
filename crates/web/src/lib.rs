//! The front doors of E-Kinerja: server-rendered pages and the JSON interface.
//!
//! A slice adds one file to `api/`, one to `pages/`, one to `locales/`, and one line to each router.
//! See [`caller`] and [`page`] for who asks, [`extract`] for what is taken from a request, [`problem`] for
//! errors, [`form`] for forms that are shown again, [`answer`] for what the interface answers.

rust_i18n::i18n!("locales", fallback = "id");

pub mod answer;
pub mod api;
mod archive_download;
pub mod assets;
mod bearer;
pub mod cached;
pub mod caller;
pub mod charts;
pub mod components;
mod download;
pub mod extract;
pub mod flash;
pub mod form;
pub mod form_token;
pub mod format;
mod health;
mod layers;
pub mod links;
pub mod locale;
mod openapi;
pub mod page;
mod pages;
pub mod paging;
pub mod problem;
mod refill;
mod revision;
pub mod rights;
mod router;
mod routes;
mod security_txt;
mod session;
mod settings;
mod table_file;
mod traffic;
pub mod trail_words;
mod words;

pub use caller::{Caller, Operator, Person};
pub use openapi::openapi;
pub use problem::{Problem, problems_markdown};
pub use revision::Revision;
pub use router::{addresses, router, router_with};
pub use security_txt::SecurityContact;
pub use settings::{AppState, Demonstration, Readiness, WebSettings};
pub use traffic::{ForwardedHeader, Limits, TrustedProxies};
