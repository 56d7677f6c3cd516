//! What the tests of the whole product share.

pub mod actor;
pub mod app;
pub mod database;

pub use actor::{Actor, Answer};
pub use app::{PASSWORD, TestApp, TestTenant};
