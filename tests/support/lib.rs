//! What the tests of the whole product share.

pub mod actor;
pub mod app;
pub mod database;
mod promises;
pub mod reading;
pub mod surface;

pub use actor::{Actor, Answer, form_token_in};
pub use app::{PASSWORD, TestApp, TestTenant};
