//! Forms of a session: each must carry the session's token, and what was typed into one that comes too late is
//! not lost.
//!
//! A form is kept when the session is over, or when its page was drawn before the session got a new secret. It is
//! never sent again by itself: it is put back into its page, and the person sends it.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, MatchedPath, Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ekinerja_app::kept_forms::KeptForm;
use ekinerja_app::{Code, Refusal, SessionToken};
use ekinerja_domain::tenant::Slug;
use futures::StreamExt;
use maud::html;

use crate::components::notice::{Tone, notice};
use crate::extract::{Fields, Form, MultipartForm};
use crate::flash::Flash;
use crate::form_token;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{see_other, way_back};
use crate::problem::Problem;
use crate::refill::refill;
use crate::session;
use crate::settings::{AppState, WebSettings};

/// A script may send the token here in place of the field.
const HEADER: HeaderName = HeaderName::from_static("x-form-token");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The token is the first field of every form of ours, so it stands at the beginning of the body.
const BEGINNING: usize = 4096;
/// Longest form that is kept, in bytes of names and values.
const LONGEST: usize = 128 * 1024;
/// Largest page that is drawn anew with what was typed.
const LARGEST: usize = 8 * 1024 * 1024;
/// Name of the cookie that finds a kept form again.
const NAME_HTTPS: &str = "__Host-ekinerja-isian";
/// Name over plain HTTP, which is for loopback only.
const NAME_HTTP: &str = "ekinerja-isian";
const AGE: &str = "; Max-Age=3600";
const GONE: &str = "; Max-Age=0";

fn name(settings: &WebSettings) -> &'static str {
    if settings.is_https() { NAME_HTTPS } else { NAME_HTTP }
}

pub(crate) async fn guard_forms(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    // Without a session nothing can be done in anybody's name.
    let Some(session) = session::token(request.headers(), &state.settings) else {
        return next.run(request).await;
    };
    let token = form_token::of(&session);
    if request.uri().path() == links::SIGN_OUT {
        // It works from the oldest tab; that no other site sends it, the check of the origin sees to.
        return form_token::with(token, next.run(request)).await;
    }
    if request.method().is_safe() {
        return form_token::with(token, show(&state, &session, request, next)).await;
    }
    match checked(&state, &session, request).await {
        Ok(request) => form_token::with(token, next.run(request)).await,
        Err(response) => response,
    }
}

/// Why a form is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Late {
    /// The session is over.
    Ended,
    /// The page is older than the session's secret.
    Stale,
}

/// The request, if its form is the session's own and the session runs.
async fn checked(
    state: &AppState,
    session: &SessionToken,
    request: Request,
) -> Result<Request, Response> {
    let (request, sent) = sent_token(request).await;
    let late = if sent.is_some_and(|it| form_token::is_of(session, &it)) {
        // Outside every government, to sign in again among others, no running session is needed.
        if tenant(request.extensions(), request.uri()).is_none() {
            return Ok(request);
        }
        match state.app.resume(session).await {
            Err(Refusal::Unauthenticated(_)) => Late::Ended,
            _ => return Ok(request),
        }
    } else {
        // A page of ours that is too old is told so by the browser itself; anything else is a forgery.
        let site = request.headers().get(FETCH_SITE);
        if site.is_none_or(|it| it != "same-origin") {
            return Err(Problem::new(Code::FormToken).into_response());
        }
        Late::Stale
    };
    Err(keep(state, session, request, late).await)
}

/// Reads the token without taking the body away.
async fn sent_token(request: Request) -> (Request, Option<String>) {
    if let Some(header) = request.headers().get(HEADER) {
        let token = header.to_str().ok().map(str::to_owned);
        return (request, token);
    }
    let (parts, body) = request.into_parts();
    let mut rest = body.into_data_stream();
    let mut read: Vec<Result<Bytes, axum::Error>> = Vec::new();
    let mut beginning = Vec::new();
    while beginning.len() < BEGINNING {
        let Some(chunk) = rest.next().await else { break };
        if let Ok(bytes) = &chunk {
            beginning.extend_from_slice(bytes);
        }
        let failed = chunk.is_err();
        read.push(chunk);
        if failed {
            break;
        }
    }
    let token = find_token(&parts.headers, &beginning);
    let body = Body::from_stream(futures::stream::iter(read).chain(rest));
    (Request::from_parts(parts, body), token)
}

fn find_token(headers: &HeaderMap, beginning: &[u8]) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    if kind.starts_with("multipart/form-data") {
        let text = String::from_utf8_lossy(beginning);
        let (_, part) = text.split_once(&format!("name=\"{}\"", form_token::FIELD))?;
        let (_, value) = part.split_once("\r\n\r\n")?;
        return value.split("\r\n").next().map(str::to_owned);
    }
    let mut pairs = url::form_urlencoded::parse(beginning);
    pairs.find(|it| it.0 == form_token::FIELD).map(|it| it.1.into_owned())
}

/// Keeps what was typed and sends the person to where they find it again.
async fn keep(state: &AppState, session: &SessionToken, request: Request, late: Late) -> Response {
    let (parts, body) = request.into_parts();
    let page = way_back(&parts);
    if late == Late::Stale && page == links::FRONT {
        return Problem::new(Code::FormToken).into_response();
    }
    let kept = match tenant(&parts.extensions, &parts.uri) {
        Some(tenant) => kept(state, session, &tenant, &page, parts, body).await,
        None => None,
    };
    let (path, flash) = match (late, kept.is_some()) {
        (Late::Ended, true) => (links::sign_in(&page), "flash.form_kept"),
        (Late::Ended, false) => (links::sign_in(&page), "flash.session_over"),
        (Late::Stale, true) => (page, "flash.form_stale_kept"),
        (Late::Stale, false) => (page, "flash.form_stale"),
    };
    let mut response = see_other(&path);
    let flash = Flash::warning(flash).header(&state.settings);
    let cookie =
        kept.map(|secret| session::set(name(&state.settings), &secret, AGE, &state.settings));
    for (name, value) in std::iter::once(flash).chain(cookie) {
        response.headers_mut().append(name, value);
    }
    response
}

/// The government of a page.
fn tenant(extensions: &Extensions, uri: &Uri) -> Option<Slug> {
    let route = extensions.get::<MatchedPath>()?;
    let inside = route.as_str().starts_with("/{tenant}");
    inside.then(|| uri.path().split('/').nth(1)?.parse().ok()).flatten()
}

/// Keeps a form; the secret under which it is found.
async fn kept(
    state: &AppState,
    session: &SessionToken,
    tenant: &Slug,
    page: &str,
    parts: Parts,
    body: Body,
) -> Option<String> {
    let action = links::address_of(&parts);
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let multipart = kind.is_some_and(|it| it.starts_with("multipart/"));
    let request = Request::from_parts(parts, body);
    let fields = if multipart {
        MultipartForm::from_request(request, state).await.ok()?.fields
    } else {
        let Form(fields): Form<Fields> = Form::from_request(request, state).await.ok()?;
        fields
    };
    // What must not lie anywhere is typed once more; files are chosen once more.
    let may_lie = |name: &str| {
        name != form_token::FIELD && !name.contains("password") && !name.contains("secret")
    };
    let fields: Vec<(String, String)> = fields
        .under("")
        .filter(|(name, _)| may_lie(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let size: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    if fields.is_empty() || size > LONGEST {
        return None;
    }
    let form = KeptForm { page: page.to_owned(), action, fields };
    match state.app.keep_form(session, tenant, &form).await {
        Ok(secret) => secret,
        Err(refusal) => {
            tracing::warn!(%refusal, "a form could not be kept");
            None
        }
    }
}

/// Shows a page, with what was typed into it before where the browser brings a kept form.
async fn show(
    state: &AppState,
    session: &SessionToken,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(secret) = session::cookie(request.headers(), name(&state.settings)) else {
        return next.run(request).await;
    };
    let secret = secret.to_owned();
    let here = request.uri().path_and_query().map_or(links::FRONT, |it| it.as_str()).to_owned();
    let form = match state.app.resume(session).await {
        Ok(signed_in) => state.app.kept_form(&signed_in, &secret).await.ok().flatten(),
        Err(_) => None,
    };
    let Some(form) = form.filter(|it| it.page == here) else {
        return next.run(request).await;
    };
    let locale = Locale::of_headers(request.headers());
    // The page is read here: whole, plain, and never "as before".
    for header in [ACCEPT_ENCODING, IF_NONE_MATCH] {
        request.headers_mut().remove(header);
    }
    let response = next.run(request).await;
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
    if response.status() != StatusCode::OK || !is_page {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(page) = to_bytes(body, LARGEST).await else {
        return Problem::internal("a page is too large to be filled").into_response();
    };
    let told = html! { p { (tr!(locale, "form.given_back")) } };
    let told = notice(Tone::Info, told).into_string();
    let text = String::from_utf8_lossy(&page);
    let Some(filled) = refill(&text, &form.action, &form.fields, &told) else {
        return Response::from_parts(head, Body::from(page));
    };
    if let Err(refusal) = state.app.drop_kept_form(&secret).await {
        tracing::warn!(%refusal, "a kept form could not be thrown away");
    }
    for header in [ETAG, CONTENT_LENGTH] {
        head.headers.remove(header);
    }
    head.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let (cookie, gone) = session::set(name(&state.settings), "", GONE, &state.settings);
    head.headers.append(cookie, gone);
    Response::from_parts(head, Body::from(filled))
}
