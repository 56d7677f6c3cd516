//! The JSON interface under `/api/v1`.
//!
//! A slice adds `api/<word>.rs` with `pub(super) fn router() -> OpenApiRouter<AppState>` and one line to
//! [`in_tenant`] (paths relative to `/api/v1/tenants/{tenant}`) or to [`outside`]. The OpenAPI document
//! is made from the routes; tenant parameter, problem answers, session and idempotency key are added to
//! every operation by `openapi.rs`.

mod indicators;
mod number;
mod plan;
mod rule_sets;
mod session;
mod templates;

use utoipa_axum::router::OpenApiRouter;

use crate::openapi;
use crate::settings::AppState;

/// Operations of one tenant.
fn in_tenant() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(plan::router())
        .merge(indicators::router())
        .merge(templates::router())
        .merge(rule_sets::router())
}

/// Operations outside any tenant: session, the operator's.
fn outside() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(session::router())
}

/// The whole interface, and its description.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    let v1 = outside().nest("/tenants/{tenant}", in_tenant());
    openapi::completed(openapi::base().nest("/api/v1", v1))
}
