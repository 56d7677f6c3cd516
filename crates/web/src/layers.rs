//! What surrounds every handler: trace, problems, headers, limits, origin check, writes that cannot be cut.

mod denials;
mod forms;
mod headers;
mod limits;
mod linger;
mod observe;
mod once;
mod origin;

pub(crate) use denials::{Visit, Visitor, note_denials};
pub(crate) use forms::guard_forms;
pub(crate) use headers::{relax_for_docs, secure};
pub(crate) use limits::{limit_time, make_room, panicked};
pub(crate) use linger::linger;
pub(crate) use observe::RequestId;
pub(crate) use observe::observe;
pub(crate) use once::{OnceScope, once};
pub(crate) use origin::same_site;
