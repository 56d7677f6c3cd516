//! Who may do what: role x scope x time, decided in one place.
//!
//! [`standing`] is who acts, [`action`] what they want, [`policy`] the answers. Plain data and pure
//! policy: nothing here opens a door by itself.

pub mod action;
pub mod policy;
pub mod standing;

pub use action::{Administer, Align, Amend, Measure, Publish, Release, Verify, View, ViewAudit};
pub use policy::{Denied, Governs, Granted};
pub use standing::{Grant, Role, Scope, Standing, post_text};
