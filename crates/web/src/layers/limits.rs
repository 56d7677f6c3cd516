//! Limits of room and time, and writes that a disconnect cannot cut in half.

use std::any::Any;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ekinerja_app::Code;
use tracing::Instrument;

use crate::problem::Problem;
use crate::settings::AppState;

/// Turns a request away when as many as may be are being worked on: waiting would only make all slow.
pub(crate) async fn make_room(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    match state.room.clone().try_acquire_owned() {
        Ok(_place) => next.run(request).await,
        Err(_) => Problem::new(Code::Busy).into_response(),
    }
}

/// Answers in time or says that it did not. A write runs in a task of its own, which goes on when the caller
/// leaves or the time is up: it is then done or refused as a whole, never cut between two statements.
#[expect(
    clippy::disallowed_methods,
    reason = "the task is awaited here; it must survive a caller who leaves"
)]
pub(crate) async fn limit_time(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let limit = state.settings.time_limit;
    let too_late = || Problem::new(Code::RequestTimeout).into_response();
    if request.method().is_safe() {
        return tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| too_late());
    }
    let write = tokio::spawn(next.run(request).in_current_span());
    match tokio::time::timeout(limit, write).await {
        Ok(Ok(response)) => response,
        Ok(Err(cut)) => match cut.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(cut) => Problem::internal(cut).into_response(),
        },
        Err(_) => too_late(),
    }
}

/// The answer when a handler panicked.
#[expect(clippy::needless_pass_by_value, reason = "the signature that tower-http asks for")]
pub(crate) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Problem::internal(format!("a handler panicked: {text}")).into_response()
}
