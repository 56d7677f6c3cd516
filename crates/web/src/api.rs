//! The JSON interface under `/api/v1`.
//!
//! A slice adds `api/<word>.rs` with `pub(super) fn router() -> OpenApiRouter<AppState>` and one line to
//! `in_tenant` (paths relative to `/api/v1/tenants/{tenant}`) or to `outside`. The OpenAPI document
//! is made from the routes; tenant parameter, problem answers, session and idempotency key are added to
//! every operation by `openapi.rs`.

mod account_help;
mod agencies;
mod alignment;
pub(crate) mod audit;
mod comparison;
mod delegations;
mod emergency;
mod evidence;
pub mod explanations;
mod identity_provider;
mod indicators;
mod life;
mod measurements;
mod members;
mod number;
mod operator;
mod periods;
mod plan;
mod posts;
mod publications;
mod published;
pub(crate) mod rights;
mod rollups;
mod rule_sets;
mod scorecards;
mod second_factor;
mod service_accounts;
mod session;
mod strategy_map;
mod templates;
mod typed_number;

use ekinerja_app::Code;
use utoipa_axum::router::OpenApiRouter;

use crate::openapi;
use crate::problem::Problem;
use crate::settings::AppState;

/// Operations of one tenant.
fn in_tenant() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(plan::router())
        .merge(indicators::router())
        .merge(templates::router())
        .merge(rule_sets::router())
        .merge(periods::router())
        .merge(measurements::router())
        .merge(evidence::router())
        .merge(scorecards::router())
        .merge(explanations::router())
        .merge(strategy_map::router())
        .merge(publications::router())
        .merge(rollups::router())
        .merge(alignment::router())
        .merge(comparison::router())
        .merge(agencies::router())
        .merge(audit::router())
        .merge(members::router())
        .merge(service_accounts::router())
        .merge(posts::router())
        .merge(delegations::router())
        .merge(rights::router())
        .merge(identity_provider::router())
        .merge(second_factor::router())
        .merge(account_help::router())
}

/// Reads the code of a closed list.
fn code_of<T>(field: &str, text: &str, read: fn(&str) -> Option<T>) -> Result<T, Problem> {
    read(text.trim()).ok_or_else(|| Problem::field(field, Code::FieldUnknownValue))
}

/// Operations outside any tenant: session, the operator's.
fn outside() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(session::router())
        .merge(second_factor::of_person())
        .merge(account_help::outside())
        .merge(operator::router())
        .merge(life::router())
        .merge(emergency::router())
}

/// The whole interface, and its description.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    let v1 = outside().nest("/tenants/{tenant}", in_tenant());
    openapi::completed(openapi::base().nest("/api/v1", v1))
}
