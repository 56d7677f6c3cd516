//! Who may do what: role x scope x time, decided in one place.
//!
//! [`standing`] is who acts, [`action`] what they want, [`policy`] the answers, [`question`] the list of all
//! that can be asked, for pages and papers that explain the rights. Plain data and pure policy: nothing here
//! opens a door by itself.

pub mod action;
pub mod policy;
pub mod question;
pub mod standing;

pub use action::{
    Administer, Align, Amend, Delegate, Measure, Publish, Release, Verify, View, ViewAudit,
};
pub use policy::{Denied, Governs, Granted};
pub use question::{Question, Subject, Verdict};
pub use standing::{Acting, Grant, Held, Role, Scope, Standing, Through};
