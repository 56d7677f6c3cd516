//! The outermost layer: gives each request an id and a span, and draws its problem if it ends in one.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::header::HOST;
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ekinerja_app::Code;
use tracing::Instrument;
use tracing::field::Empty;
use uuid::Uuid;

use crate::problem::{Asked, Problem, render};

/// The header with which an answer tells its request's id.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: in its span, its problem, its answer and the trail of what it changed. It is always
/// our own: one that came from outside could be anything.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    fn fresh() -> Self {
        let id: Uuid = ekinerja_app::fresh_id();
        Self(id.simple().to_string().into())
    }

    /// As text: 32 hex digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

pub(crate) async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::fresh();
    let asked = Asked::of(request.uri(), request.headers());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        method = %request.method(),
        route,
        tenant = tenant(request.uri(), route),
        trace = id.as_str(),
        status = Empty,
        latency_us = Empty,
    );
    let one_host = request.headers().get_all(HOST).iter().count() <= 1;
    request.extensions_mut().insert(id.clone());
    let answer = async {
        let mut response = if one_host {
            next.run(request).await
        } else {
            Problem::new(Code::RequestMalformed).into_response()
        };
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            response = render(&problem, &asked, id.as_str(), response);
        }
        let status = response.status().as_u16();
        let latency = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let span = tracing::Span::current();
        span.record("status", status).record("latency_us", latency);
        tracing::info!(status, latency_us = latency, "answered");
        response
    };
    let mut response = answer.instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// The tenant's slug in the path, where the route has one.
fn tenant<'u>(uri: &'u Uri, route: &str) -> &'u str {
    let at = route.split('/').position(|part| part == "{tenant}");
    at.and_then(|at| uri.path().split('/').nth(at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_is_found_where_the_route_has_it() {
        let page = Uri::from_static("/ntb/plan?x=1");
        assert_eq!(tenant(&page, "/{tenant}/plan"), "ntb");
        let api = Uri::from_static("/api/v1/tenants/lombok-barat/plan");
        assert_eq!(tenant(&api, "/api/v1/tenants/{tenant}/plan"), "lombok-barat");
        assert_eq!(tenant(&page, "/masuk"), "");
    }
}
