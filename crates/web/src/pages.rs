//! The HTML pages.
//!
//! A slice adds `pages/<word>.rs` with `pub(super) fn router() -> Router<AppState>` and one line to
//! [`in_tenant`] (paths relative to `/{tenant}`) or to [`router`] (whole paths).

mod front;
mod sign_in;

use axum::Router;

use crate::settings::AppState;

/// Pages of one tenant.
fn in_tenant() -> Router<AppState> {
    Router::new()
}

/// All pages.
pub(crate) fn router() -> Router<AppState> {
    Router::new().merge(front::router()).merge(sign_in::router()).nest("/{tenant}", in_tenant())
}
