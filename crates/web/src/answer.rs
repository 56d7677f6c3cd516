//! What the interface answers beside plain JSON: created things, versioned things, nothing.

use axum::http::header::{CACHE_CONTROL, ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::extract::Json;

/// 201 with `Location` (an address from `links`) and the thing; with an `ETag` where it has a revision.
#[derive(Debug, Clone)]
pub struct Created<T> {
    location: String,
    revision: Option<i32>,
    body: T,
}

impl<T> Created<T> {
    /// What was made, and where it is.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self { location: location.into(), revision: None, body }
    }

    /// With the revision that a change must name.
    #[must_use]
    pub fn revision(mut self, revision: i32) -> Self {
        self.revision = Some(revision);
        self
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.body)).into_response();
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(LOCATION, location);
        }
        if let Some(revision) = self.revision {
            response.headers_mut().insert(ETAG, tag(revision));
        }
        response
    }
}

/// An answer that tells a secret: no cache keeps it, and neither do we.
#[derive(Debug, Clone)]
pub struct Secret<T>(pub T);

impl<T: IntoResponse> IntoResponse for Secret<T> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// 200 with a thing and the revision of it that a change must name in `If-Match`.
#[derive(Debug, Clone)]
pub struct Versioned<T> {
    /// The revision.
    pub revision: i32,
    /// The thing.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        response.headers_mut().insert(ETAG, tag(self.revision));
        response
    }
}

fn tag(revision: i32) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{revision}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// 204: done, and there is nothing to show.
#[derive(Debug, Clone, Copy)]
pub struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}
