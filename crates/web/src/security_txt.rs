//! `/.well-known/security.txt` (RFC 9116): where to tell of a weakness.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::NaiveDate;
use url::Url;

use crate::links;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::settings::AppState;

/// Whom to tell of a weakness, and until when that is sure to be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityContact {
    /// `mailto:`, `https:` or `tel:`.
    pub contact: Url,
    /// The last day on which it is right.
    pub expires: NaiveDate,
}

pub(crate) fn routes() -> Routes {
    Routes::new().route(links::SECURITY_TXT, get(show))
}

/// 404 where nobody is named, or where the day has passed: a stale contact is worse than none.
async fn show(State(state): State<AppState>) -> Response {
    let named = state.settings.security.as_ref();
    let Some(named) = named.filter(|it| it.expires >= state.app.today()) else {
        return Problem::not_found().into_response();
    };
    let SecurityContact { contact, expires } = named;
    let here = state.settings.public_url.join(links::SECURITY_TXT);
    let here = here.map(|it| format!("Canonical: {it}\n")).unwrap_or_default();
    let text = format!(
        "Contact: {contact}\nExpires: {expires}T23:59:59Z\nPreferred-Languages: id, en\n{here}"
    );
    let headers =
        [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "public, max-age=3600")];
    (headers, text).into_response()
}
