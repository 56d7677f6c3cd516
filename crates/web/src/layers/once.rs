//! `Idempotency-Key`: a `POST` of the interface inside a tenant that is sent twice is done once.
//!
//! The key travels in the scope to the commit, which keeps it in the same transaction; of equal requests
//! at the same time one commits and the others get its answer. Only answers of success are kept.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ekinerja_app::{Answer, App, Code, Remembered, RequestKey, TenantScope};

use crate::caller::Caller;
use crate::problem::Problem;
use crate::settings::AppState;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Largest body that is read to compare it; a route's own limit is smaller and still holds.
const LARGEST: usize = 32 * 1024 * 1024;
/// How long to wait for the answer of an equal request that is still being worked on.
const PATIENCE: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// The scope of a request that must be done once, for [`Caller`].
#[derive(Debug, Clone)]
pub(crate) struct OnceScope(pub(crate) TenantScope);

pub(crate) async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let in_tenant = request
        .extensions()
        .get::<MatchedPath>()
        .is_some_and(|route| route.as_str().contains("{tenant}"));
    if !in_tenant || request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    do_once(&state, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn do_once(state: &AppState, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let Caller(scope) = Caller::from_request_parts(&mut parts, state).await?;
    let body = to_bytes(body, LARGEST).await.map_err(|_| Problem::new(Code::BodyTooLarge))?;
    let key = key_of(&parts, &body)?;
    if let Some(answer) = earlier(&state.app, &scope, &key).await? {
        return Ok(answer);
    }
    let once = scope.clone().once(key.clone());
    parts.extensions.insert(OnceScope(once.clone()));
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if response.status().is_success() {
        return keep(&state.app, &scope, &key, response).await;
    }
    if once.has_committed_once() {
        return Ok(response);
    }
    // An equal request may have been faster, and ours stumbled over what it made.
    Ok(earlier(&state.app, &scope, &key).await?.unwrap_or(response))
}

/// The answer of an equal request that was done.
async fn earlier(
    app: &App,
    scope: &TenantScope,
    key: &RequestKey,
) -> Result<Option<Response>, Problem> {
    for _ in 0..PATIENCE {
        match app.find_request(scope, key).await? {
            None => return Ok(None),
            Some(Remembered::OtherRequest) => return Err(Problem::new(Code::IdempotencyKeyReused)),
            Some(Remembered::Done(answer)) => return Ok(Some(replay(answer))),
            Some(Remembered::Unanswered) => tokio::time::sleep(PAUSE).await,
        }
    }
    Err(Problem::new(Code::IdempotencyUnfinished))
}

/// Keeps an answer of success. That it cannot be kept does not undo what was done.
async fn keep(
    app: &App,
    scope: &TenantScope,
    key: &RequestKey,
    response: Response,
) -> Result<Response, Problem> {
    // An answer that no cache may keep (it tells a first password) is not kept here either.
    if response.headers().get(CACHE_CONTROL).is_some_and(|it| it == "no-store") {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST).await.map_err(Problem::internal)?;
    let header = |name| parts.headers.get(name).and_then(text).map(str::to_owned);
    let answer = Answer {
        status: parts.status.as_u16(),
        location: header(LOCATION),
        etag: header(ETAG),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    if let Err(refusal) = app.remember_answer(scope, key, &answer).await {
        tracing::warn!(%refusal, "the answer to a request with a key could not be kept");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut headers = HeaderMap::new();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    if !answer.body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in [(LOCATION, answer.location), (ETAG, answer.etag)] {
        if let Some(value) = value.and_then(|it| HeaderValue::from_str(&it).ok()) {
            headers.insert(name, value);
        }
    }
    (status, headers, answer.body).into_response()
}

/// The key with a fingerprint of the request.
fn key_of(parts: &Parts, body: &Bytes) -> Result<RequestKey, Problem> {
    let unusable = |_| Problem::new(Code::IdempotencyKeyUnusable);
    let mut keys = parts.headers.get_all(KEY).iter();
    let key = keys.next().and_then(text).unwrap_or_default();
    if keys.next().is_some() {
        return Err(Problem::new(Code::IdempotencyKeyUnusable));
    }
    let operation = format!("{} {}", parts.method, parts.uri);
    let kind = parts.headers.get(CONTENT_TYPE).and_then(text).unwrap_or_default();
    match kind.split_once("boundary=") {
        None => RequestKey::new(key, operation, [&body[..]]).map_err(unusable),
        Some((_, rest)) => {
            // Every sending of a form with files has another boundary; what lies between counts.
            let boundary = rest.split(';').next().unwrap_or_default().trim().trim_matches('"');
            RequestKey::new(key, operation, between(body, boundary.as_bytes())).map_err(unusable)
        }
    }
}

/// The pieces of a body between the occurrences of a boundary.
fn between<'b>(body: &'b [u8], boundary: &[u8]) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while !boundary.is_empty() && at + boundary.len() <= body.len() {
        if body[at..].starts_with(boundary) {
            pieces.push(&body[from..at]);
            at += boundary.len();
            from = at;
        } else {
            at += 1;
        }
    }
    pieces.push(&body[from..]);
    pieces
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundary_does_not_count() {
        let pieces = |body: &'static [u8], boundary: &[u8]| between(body, boundary);
        assert_eq!(pieces(b"--b1\r\nx\r\n--b1--", b"b1"), pieces(b"--zz\r\nx\r\n--zz--", b"zz"));
        assert_ne!(pieces(b"--b1\r\nx\r\n--b1--", b"b1"), pieces(b"--b1\r\ny\r\n--b1--", b"b1"));
        assert_eq!(pieces(b"abc", b""), [&b"abc"[..]]);
    }
}
