//! The only answer for errors: RFC 9457 `problem+json` for programs, a page for people.
//!
//! A handler returns `Result<_, Problem>` and `?` turns a [`Refusal`] into one. The problem travels in the
//! response; the outermost layer, which knows language, `Accept` and trace, draws it once and logs it
//! once with its chain. Texts are in `locales/problems.yml`; `Code` is the closed list.

mod explain;
mod markdown;
mod render;
mod words;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use ekinerja_app::{Code, Refusal, Violation};

pub(crate) use explain::router;
pub use markdown::problems_markdown;
pub(crate) use render::{Asked, render};
pub use render::{ProblemBody, ViolationBody};
pub use words::{Words, words, words_of};

/// An error as it is answered.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: Code,
    params: Vec<(&'static str, String)>,
    violations: Vec<Violation>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
    wait: Option<Duration>,
}

impl Problem {
    /// A problem with the status that its code has by itself.
    pub fn new(code: Code) -> Self {
        Self {
            status: status_of(code),
            code,
            params: Vec::new(),
            violations: Vec::new(),
            cause: None,
            wait: None,
        }
    }

    /// Fields of the request are not as they must be (422).
    pub fn invalid(violations: Vec<Violation>) -> Self {
        Self { violations, ..Self::new(Code::Invalid) }
    }

    /// One field of the request is not as it must be (422).
    pub fn field(field: impl Into<String>, code: Code) -> Self {
        Self::invalid(vec![Violation::new(field, code)])
    }

    /// There is no such thing, or the caller may not know of it (404).
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// Our own fault (500); the cause goes to the log and nowhere else.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(Arc::from(cause.into())), ..Self::new(Code::Internal) }
    }

    /// With a value that the text mentions.
    #[expect(clippy::needless_pass_by_value, reason = "callers give literals and numbers")]
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// With the time after which it is worth trying again.
    #[must_use]
    pub(crate) fn after(self, wait: Duration) -> Self {
        // Whole seconds, as the header wants them, and never too early.
        let seconds = wait.as_secs() + 1;
        Self { wait: Some(Duration::from_secs(seconds)), ..self.with("seconds", seconds) }
    }

    /// With another status than the code's own.
    #[must_use]
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What is wrong with which fields.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = refusal.code();
        match refusal {
            Refusal::Unauthenticated(_) => Self::new(code).status(StatusCode::UNAUTHORIZED),
            Refusal::NotFound | Refusal::Forbidden | Refusal::Stale | Refusal::Busy => {
                Self::new(code)
            }
            Refusal::Invalid(violations) => Self::invalid(violations),
            Refusal::Rule(violation) | Refusal::Conflict(violation) => {
                let params = violation.params.clone();
                let violations =
                    if violation.field.is_empty() { Vec::new() } else { vec![violation] };
                Self { params, violations, ..Self::new(code).status(StatusCode::CONFLICT) }
            }
            Refusal::Upstream(Violation { code, params, .. }) => {
                Self { params, ..Self::new(code).status(StatusCode::BAD_GATEWAY) }
            }
            Refusal::Internal(cause) => Self::internal(cause),
        }
    }
}

/// The codes that are problems of their own, by status; every other code stands in a violation (422) or is a
/// rule (409). The description of the interface is made from this list.
pub(crate) const STATUSES: [(StatusCode, &[Code]); 14] = [
    (
        StatusCode::BAD_REQUEST,
        &[Code::RequestMalformed, Code::IfMatchUnreadable, Code::IdempotencyKeyUnusable],
    ),
    (
        StatusCode::UNAUTHORIZED,
        &[
            Code::Unauthenticated,
            Code::SignInFailed,
            Code::SignInOfTenant,
            Code::SecondFactorWanted,
            Code::SecondStepOver,
            Code::SecondFactorWrong,
            Code::SecondFactorUsed,
            Code::SecondFactorBlocked,
            Code::TokenInvalid,
            Code::TenantSuspended,
        ],
    ),
    (
        StatusCode::FORBIDDEN,
        &[
            Code::Forbidden,
            Code::CrossSite,
            Code::FormToken,
            Code::TokenReadOnly,
            Code::TokenNotHere,
        ],
    ),
    (StatusCode::NOT_FOUND, &[Code::NotFound]),
    (StatusCode::METHOD_NOT_ALLOWED, &[Code::MethodNotAllowed]),
    (
        StatusCode::CONFLICT,
        &[
            Code::IdempotencyUnfinished,
            Code::TenantReadOnly,
            Code::SecondFactorMissing,
            Code::EmergencyClosed,
            Code::PasswordLinkInvalid,
        ],
    ),
    (StatusCode::PRECONDITION_FAILED, &[Code::Stale]),
    (StatusCode::PAYLOAD_TOO_LARGE, &[Code::BodyTooLarge]),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, &[Code::BodyMediaType]),
    (StatusCode::UNPROCESSABLE_ENTITY, &[Code::Invalid, Code::IdempotencyKeyReused]),
    (StatusCode::PRECONDITION_REQUIRED, &[Code::IfMatchMissing]),
    (StatusCode::TOO_MANY_REQUESTS, &[Code::TooManyRequests, Code::SignInTooOften]),
    (StatusCode::INTERNAL_SERVER_ERROR, &[Code::Internal]),
    (StatusCode::SERVICE_UNAVAILABLE, &[Code::Busy, Code::RequestTimeout]),
];

/// The status of a code that is a problem of its own.
fn status_of(code: Code) -> StatusCode {
    let known = STATUSES.iter().find(|it| it.1.contains(&code));
    known.map_or(StatusCode::UNPROCESSABLE_ENTITY, |it| it.0)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let unavailable = self.status == StatusCode::SERVICE_UNAVAILABLE;
        let wait = self.wait.or(unavailable.then_some(Duration::from_secs(2)));
        if let Some(wait) = wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        if self.code == Code::TokenInvalid {
            let how = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, how);
        }
        response.extensions_mut().insert(self);
        response
    }
}
