//! Whether the process lives and whether it should be given requests.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use crate::extract::Json;
use crate::routes::Routes;
use crate::settings::AppState;

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(crate) fn router() -> Routes {
    Routes::new().route("/healthz", get(async || "ok\n")).route("/readyz", get(readiness))
}

async fn readiness(State(state): State<AppState>) -> Response {
    let reason = match state.app.database_answers().await {
        Ok(()) => (state.settings.readiness)().await.err(),
        Err(_) => Some(String::from("the database does not answer")),
    };
    let status = if reason.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready: reason.is_none(), reason })).into_response()
}
