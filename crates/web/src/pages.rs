//! The HTML pages.
//!
//! A slice adds `pages/<word>.rs` with `pub(super) fn router() -> Routes` and one line to
//! [`in_tenant`] (paths relative to `/{tenant}`) or to [`router`] (whole paths).

mod access;
mod account_requests;
mod adoption;
mod alignment;
mod audit;
pub(crate) mod comparison;
mod dashboard;
mod delegations;
mod emergency;
mod entry;
mod front;
mod indicator;
mod indicator_form;
mod life;
mod members;
mod operator;
mod organisation;
mod password;
mod password_link;
mod people_import;
mod periods;
mod plan;
mod posts;
mod publication;
mod published;
mod recorded;
mod rollup;
mod scorecard;
mod second_factor_rule;
mod security;
mod service_accounts;
mod sessions;
mod sign_in;
mod sign_in_settings;
mod strategy_map;
mod templates;
mod verification;
mod why;

use crate::routes::Routes;

/// Pages of one tenant.
fn in_tenant() -> Routes {
    Routes::new()
        .merge(plan::router())
        .merge(indicator_form::router())
        .merge(templates::router())
        .merge(adoption::router())
        .merge(alignment::router())
        .merge(comparison::router())
        .merge(publication::router())
        .merge(rollup::router())
        .merge(audit::router())
        .merge(dashboard::router())
        .merge(members::router())
        .merge(people_import::router())
        .merge(service_accounts::router())
        .merge(second_factor_rule::router())
        .merge(account_requests::router())
        .merge(posts::router())
        .merge(delegations::router())
        .merge(access::router())
        .merge(sign_in_settings::router())
        .merge(organisation::router())
        .merge(scorecard::router())
        .merge(why::router())
        .merge(strategy_map::router())
        .merge(indicator::router())
        .merge(entry::router())
        .merge(verification::router())
        .merge(periods::router())
}

/// All pages.
pub(crate) fn router() -> Routes {
    Routes::new()
        .merge(front::router())
        .merge(sign_in::router())
        .merge(operator::router())
        .merge(life::router())
        .merge(emergency::router())
        .merge(password::router())
        .merge(password_link::router())
        .merge(sessions::router())
        .merge(security::router())
        .nest("/{tenant}", in_tenant())
}
