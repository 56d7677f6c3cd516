//! The one source of new identifiers.

use uuid::Uuid;

/// A new id of any kind: UUID version 7, so that rows lie in the order in which they were made.
#[expect(clippy::disallowed_methods, reason = "this is the id source that the lint points to")]
pub fn fresh_id<T: From<Uuid>>() -> T {
    T::from(Uuid::now_v7())
}
