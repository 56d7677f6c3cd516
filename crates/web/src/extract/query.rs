//! The query of an address.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::serde_words;
use crate::problem::Problem;

/// The query, as a struct; a parameter that does not fit is named with 422.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        from_urlencoded(parts.uri.query().unwrap_or_default().as_bytes()).map(Self)
    }
}

/// Reads `name=value&…` with the refusals of [`Query`].
pub(super) fn from_urlencoded<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    let pairs = url::form_urlencoded::parse(text);
    let reader = serde_urlencoded::Deserializer::new(pairs);
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let path = error.path().to_string();
        Problem::invalid(vec![serde_words::violation(&path, error.inner())])
    })
}
