//! What a handler takes from a request: body, query, path, form, file. Every refusal is a `Problem` that
//! names the field.
//!
//! Types may (and for the interface should) carry `#[serde(deny_unknown_fields)]`: an unknown field is then
//! named in the answer.

mod fields;
mod form;
mod id;
mod json;
mod path;
mod period;
mod query;
mod serde_words;

pub use fields::{Fields, Upload};
pub use form::{Form, MultipartForm};
pub use id::Id;
pub use json::Json;
pub use path::Path;
pub use period::PeriodAsked;
pub use query::Query;

use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use ekinerja_app::Code;

use crate::problem::Problem;

/// A body that did not arrive whole: too large, or cut off.
fn body_problem(rejection: BytesRejection) -> Problem {
    if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Code::BodyTooLarge)
    } else {
        Problem::new(Code::RequestMalformed)
    }
}
