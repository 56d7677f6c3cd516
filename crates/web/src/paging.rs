//! Lists in pieces: `?after=…&limit=…` in, `{ "items": […], "next": "…" }` out.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use ekinerja_app::{Code, Page, Paged, Violation};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::extract::Query;
use crate::problem::Problem;

/// Rows of a piece where the caller does not say.
const USUAL: u64 = 50;

/// Which piece of a list is wanted. Extract it beside another `Query` with the filters (which then must not
/// deny unknown fields), and document it with `params(Paging)`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// The `next` of the piece before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many at most, 1 to 200; 50 where nothing is said.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(paging) = Query::<Self>::from_request_parts(parts, state).await?;
        let limit = paging.limit.unwrap_or(USUAL);
        if !(1..=Page::LARGEST).contains(&limit) {
            let violation = Violation::new("limit", Code::NumberOutOfRange)
                .with("min", 1)
                .with("max", Page::LARGEST);
            return Err(Problem::invalid(vec![violation]));
        }
        Ok(paging)
    }
}

impl Paging {
    /// For the repository.
    pub fn page(self) -> Page {
        Page::new(self.after, self.limit.unwrap_or(USUAL))
    }
}

/// A piece of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Give this as `after` for the next piece; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// A piece as the interface shows it.
    pub fn of<R>(paged: Paged<R>, each: impl FnMut(R) -> T) -> Self {
        let paged = paged.map(each);
        Self { items: paged.items, next: paged.next }
    }

    /// A list that is always shown whole.
    pub fn whole<R>(rows: impl IntoIterator<Item = R>, each: impl FnMut(R) -> T) -> Self {
        Self { items: rows.into_iter().map(each).collect(), next: None }
    }
}
