//! Which errors an operation can answer, found from what it is: no operation writes them down itself, but one
//! that asks a server of others names 502.

use axum::http::StatusCode;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Ref, Schema, Type};
use utoipa::openapi::{ContentBuilder, RefOr};

use super::PROBLEM;
use crate::problem::STATUSES;

/// What of an operation decides how it can fail.
#[expect(clippy::struct_excessive_bools, reason = "independent traits of an operation, not states")]
#[derive(Debug, Clone, Copy)]
struct Nature {
    /// It answers without a session.
    open: bool,
    /// It changes something.
    writes: bool,
    /// It lies inside a government.
    in_tenant: bool,
    /// It is the platform operator's.
    operator: bool,
    /// Its address names a government or a thing.
    names: bool,
    /// It has a query.
    query: bool,
    /// It takes a body.
    body: bool,
    /// It takes an idempotency key.
    keyed: bool,
    /// It must be told which revision it changes.
    revision: bool,
}

impl Nature {
    fn of(method: &HttpMethod, path: &str, operation: &Operation) -> Self {
        let parameters = operation.parameters.iter().flatten();
        let has = |place: &ParameterIn, name: Option<&str>| {
            parameters.clone().any(|it| match it {
                RefOr::T(it) => {
                    it.parameter_in == *place && name.is_none_or(|name| it.name == name)
                }
                RefOr::Ref(_) => false,
            })
        };
        Self {
            open: operation.security.as_ref().is_some_and(|it| it == &[<_>::default()]),
            writes: !matches!(method, HttpMethod::Get),
            in_tenant: path.contains("{tenant}"),
            operator: path.contains("/operator/"),
            names: path.contains('{'),
            query: has(&ParameterIn::Query, None),
            body: operation.request_body.is_some(),
            keyed: has(&ParameterIn::Header, Some("Idempotency-Key")),
            revision: has(&ParameterIn::Header, Some("If-Match")),
        }
    }
}

/// One status, what it means, and which operations can answer it.
struct Error {
    status: StatusCode,
    meaning: &'static str,
    of: fn(Nature) -> bool,
}

const ERRORS: [Error; 14] = [
    Error {
        status: StatusCode::BAD_REQUEST,
        meaning: "Body, header or address cannot be read at all.",
        of: |_| true,
    },
    Error {
        status: StatusCode::UNAUTHORIZED,
        meaning: "Nobody is signed in, or what was presented opens nothing.",
        // Who signs in is open and has a body.
        of: |it| !it.open || it.body,
    },
    Error {
        status: StatusCode::FORBIDDEN,
        meaning: "The caller may know of it and not do this.",
        of: |it| !it.open || it.writes,
    },
    Error {
        status: StatusCode::NOT_FOUND,
        meaning: "There is no such thing, or the caller may not know of it.",
        of: |it| it.names,
    },
    Error {
        status: StatusCode::CONFLICT,
        meaning: "A rule forbids it now, or it is there already; the code says which rule.",
        // Until a first password is changed, no door opens.
        of: |it| it.in_tenant || it.operator || (it.writes && !it.open),
    },
    Error {
        status: StatusCode::PRECONDITION_FAILED,
        meaning: "It changed since it was read, or while it was being changed.",
        of: |it| it.revision || (it.in_tenant && it.writes),
    },
    Error {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        meaning: "The body is larger than the address takes.",
        of: |it| it.body || it.keyed,
    },
    Error {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        meaning: "The body has another media type than the address takes.",
        of: |it| it.body,
    },
    Error {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        meaning: "Something in the request is not as it must be; each violation names its field.",
        of: |it| it.body || it.query || it.keyed || it.names,
    },
    Error {
        status: StatusCode::PRECONDITION_REQUIRED,
        meaning: "A change must say with `If-Match` which revision it changes.",
        of: |it| it.revision,
    },
    Error {
        status: StatusCode::TOO_MANY_REQUESTS,
        meaning: "The caller, its address or its government sent more than its share.",
        of: |_| true,
    },
    Error {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        meaning: "Our own fault; `trace` finds it in the logs.",
        of: |_| true,
    },
    Error {
        status: StatusCode::BAD_GATEWAY,
        meaning: "A server of others that had to be asked did not answer as it must.",
        of: |_| false,
    },
    Error {
        status: StatusCode::SERVICE_UNAVAILABLE,
        meaning: "There is no room now, or it took too long.",
        of: |_| true,
    },
];

/// The shared answers, each with its name in the document.
pub(super) fn responses() -> impl Iterator<Item = (String, Response)> {
    ERRORS.iter().map(|it| (name(it.status), response(it)))
}

/// Adds what the operation can answer beside success.
pub(super) fn complete(method: &HttpMethod, path: &str, operation: &mut Operation) {
    let nature = Nature::of(method, path, operation);
    let answers = &mut operation.responses.responses;
    for error in &ERRORS {
        let status = error.status.as_str();
        if (error.of)(nature) || answers.contains_key(status) {
            let shared = Ref::from_response_name(name(error.status));
            answers.insert(status.to_owned(), RefOr::Ref(shared));
        }
    }
}

fn name(status: StatusCode) -> String {
    format!("{PROBLEM}{}", status.as_str())
}

fn response(error: &Error) -> Response {
    // Any rule can stand against a request, and much can be wrong elsewhere; the other statuses have few codes.
    let any = [StatusCode::CONFLICT, StatusCode::BAD_GATEWAY].contains(&error.status);
    let codes = STATUSES.iter().filter(|it| it.0 == error.status && !any).flat_map(|it| it.1);
    let codes: Vec<_> = codes.map(|it| it.as_str()).collect();
    let problem = Ref::from_schema_name(PROBLEM);
    let (schema, known) = if any {
        (RefOr::Ref(problem), String::from("one of many, see `docs/api/problems.md`"))
    } else {
        let known: Vec<_> = codes.iter().map(|it| format!("`{it}`")).collect();
        let code = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes));
        let narrower = ObjectBuilder::new().property("code", code);
        let both = AllOfBuilder::new().item(problem).item(narrower).build();
        (RefOr::T(Schema::from(both)), known.join(", "))
    };
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let answer = ResponseBuilder::new()
        .description(format!("{} Code: {known}.", error.meaning))
        .content("application/problem+json", content);
    let waits = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    if !waits.contains(&error.status) {
        return answer.build();
    }
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    let header = HeaderBuilder::new()
        .description(Some("Seconds after which it is worth trying again."))
        .schema(Some(seconds));
    answer.header("Retry-After", header.build()).build()
}
