//! Draws a problem as the caller can read it, and logs it.

use std::error::Error;

use axum::body::Body;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;
use ekinerja_app::Code;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Problem, words, words_of};
use crate::components::layout::{PublicShell, public_page};
use crate::components::notice::{ProblemView, problem as problem_card};
use crate::links;
use crate::locale::{Locale, tr};

/// What must be known of a request to answer its problem.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    locale: Locale,
    page: bool,
    here: String,
}

impl Asked {
    /// Programs get JSON; who names HTML, and asks no address of the interface, gets a page.
    pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let names_html = headers
            .get_all(ACCEPT)
            .iter()
            .any(|it| it.to_str().is_ok_and(|text| text.contains("text/html")));
        let here = uri.path_and_query().map_or("/", |it| it.as_str());
        Self {
            locale: Locale::of_headers(headers),
            page: names_html && !uri.path().starts_with("/api/"),
            here: here.to_owned(),
        }
    }
}

/// A problem as programs read it (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/problems/invalid", "title": "Isian perlu diperbaiki", "status": 422, "code": "invalid",
    "detail": "Perbaiki isian yang disebut, lalu kirim lagi.",
    "trace": "0199c8d2f6a97d0e8f6a1b2c3d4e5f60",
    "violations": [{ "pointer": "/value", "code": "number.unreadable",
        "detail": "Angka tidak dapat dibaca. Tulis seperti 1.234,56 atau 1234,56." }]
}))]
pub struct ProblemBody {
    /// Address of the page that explains the code.
    r#type: String,
    /// What is wrong, in the caller's language.
    title: String,
    /// HTTP status.
    status: u16,
    /// Stable code.
    code: &'static str,
    /// Why, and what to do, in the caller's language.
    detail: String,
    /// Id of this request; the logs are found by it.
    trace: String,
    /// What is wrong with which fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    violations: Vec<ViolationBody>,
}

/// One field that is not as it must be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Violation)]
pub struct ViolationBody {
    /// JSON pointer (RFC 6901) into the body, or `/` and the name of a parameter or header.
    pointer: String,
    /// Stable code.
    code: &'static str,
    /// What is wrong and what to do, in the caller's language.
    detail: String,
}

/// Turns the empty response that carries `problem` into one with a body.
pub(crate) fn render(
    problem: &Problem,
    asked: &Asked,
    trace: &str,
    mut bare: Response,
) -> Response {
    log(problem, trace);
    let (content_type, body) = if asked.page {
        ("text/html; charset=utf-8", page(problem, asked, trace))
    } else {
        ("application/problem+json", json(problem, asked.locale, trace))
    };
    *bare.body_mut() = Body::from(body);
    bare.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    bare.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    bare
}

fn json(problem: &Problem, locale: Locale, trace: &str) -> Vec<u8> {
    let said = words(locale, problem.code, &problem.params);
    let violations = problem.violations.iter().map(|violation| {
        let said = words_of(locale, violation);
        ViolationBody {
            pointer: format!("/{}", violation.field),
            code: violation.code.as_str(),
            detail: format!("{}. {}", said.title, said.detail),
        }
    });
    let body = ProblemBody {
        r#type: links::problem(problem.code.as_str()),
        title: said.title,
        status: problem.status.as_u16(),
        code: problem.code.as_str(),
        detail: said.detail,
        trace: trace.to_owned(),
        violations: violations.collect(),
    };
    serde_json::to_vec(&body).unwrap_or_default()
}

fn page(problem: &Problem, asked: &Asked, trace: &str) -> Vec<u8> {
    let locale = asked.locale;
    let said = words(locale, problem.code, &problem.params);
    let mut detail = said.detail;
    for violation in &problem.violations {
        let said = words_of(locale, violation);
        detail = format!("{detail} {}: {}. {}", violation.field, said.title, said.detail);
    }
    let action = if problem.code == Code::Unauthenticated {
        (tr!(locale, "shell.sign_in"), links::sign_in(&asked.here))
    } else {
        (tr!(locale, "shell.front"), links::FRONT.to_owned())
    };
    let view = ProblemView {
        status: problem.status.as_u16(),
        title: said.title.clone(),
        detail,
        code: problem.code.as_str().to_owned(),
        trace: trace.to_owned(),
        action: Some((action.0.into_owned(), action.1)),
    };
    let shell = PublicShell {
        locale,
        title: tr!(locale, "shell.problem").into_owned(),
        here: asked.here.clone(),
        ..PublicShell::default()
    };
    public_page(&shell, problem_card(locale, &view)).into_string().into_bytes()
}

/// The whole chain of an error, outermost first; the display of one never repeats its source.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

fn log(problem: &Problem, trace: &str) {
    let (status, code) = (problem.status.as_u16(), problem.code.as_str());
    if let Some(cause) = &problem.cause {
        let chain = chain(&**cause);
        tracing::error!(trace, status, code, chain, "a request failed");
    } else if problem.status.is_server_error() {
        tracing::warn!(trace, status, code, "a request was turned away");
    } else {
        tracing::debug!(trace, status, code, violations = ?problem.violations, "a request was refused");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use ekinerja_app::Refusal;

    fn headers(accept: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().expect("a header"));
        headers
    }

    #[test]
    fn people_get_a_page_and_programs_json() {
        let is_page =
            |uri: &'static str, accept| Asked::of(&Uri::from_static(uri), &headers(accept)).page;
        assert!(is_page("/ntb", "text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(!is_page("/ntb", "*/*"));
        assert!(!is_page("/api/v1/me", "text/html"));
    }

    #[test]
    fn our_own_fault_tells_nothing_but_the_trace() {
        let secret = "password=hunter2 at 10.0.0.1";
        let problem = Problem::from(Refusal::internal(secret));
        for accept in ["application/json", "text/html"] {
            let asked = Asked::of(&Uri::from_static("/x"), &headers(accept));
            let body = if asked.page {
                page(&problem, &asked, "trace-1")
            } else {
                json(&problem, Locale::En, "trace-1")
            };
            let body = String::from_utf8(body).expect("text");
            assert!(!body.contains("hunter2") && body.contains("trace-1"), "{body}");
        }
        assert_eq!(problem.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn chain_names_every_cause_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::io::Error);
        assert_eq!(chain(&Outer(std::io::Error::other("inner"))), "outer: inner");
    }

    #[test]
    fn refusals_have_their_statuses() {
        let check = |refusal: Refusal, status: u16| {
            assert_eq!(Problem::from(refusal).into_response().status().as_u16(), status);
        };
        check(Refusal::Unauthenticated(Code::SignInFailed), 401);
        check(Refusal::NotFound, 404);
        check(Refusal::Forbidden, 403);
        check(Refusal::invalid("value", Code::NumberUnreadable), 422);
        check(Refusal::rule("value", Code::AgencyCodeTaken), 409);
        check(Refusal::conflict("code", Code::AgencyCodeTaken), 409);
        check(Refusal::Stale, 412);
        check(Refusal::Busy, 503);
    }
}
