//! Signing in to one government: at its identity provider first, with a local account as the fallback.

use axum::extract::State;
use axum::http::header::REFRESH;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ekinerja_app::identity::{LocalSignIn, Return, WayIn, WayOut};
use ekinerja_app::{Code, Refusal};
use ekinerja_domain::tenant::Slug;
use maud::{Markup, html};
use serde::Deserialize;

use super::{Back, local_form};
use crate::components::forms::{Weight, link_button};
use crate::components::icon::Icon;
use crate::extract::{Fields, Path, Query};
use crate::links::{self, OwnPath};
use crate::locale::{Locale, tr};
use crate::page::{PageResult, PublicPage, see_other};
use crate::problem::{Problem, words};
use crate::routes::Routes;
use crate::session;
use crate::settings::{AppState, WebSettings};
use crate::traffic::Client;

/// Name of the cookie that binds a sign-in at a provider to the browser in which it began.
const NAME_HTTPS: &str = "__Host-ekinerja-masuk";
/// Name over plain HTTP, which is for loopback only.
const NAME_HTTP: &str = "ekinerja-masuk";
/// It lives as long as a person may take at the provider.
const AGE: &str = "; Max-Age=600";
/// Length of its secret: 256 bits in base64url.
const SECRET_LENGTH: usize = 43;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/masuk/{government}", get(show_way_in))
        .route("/masuk/{government}/penyedia", get(begin))
        .route("/masuk/{government}/kembali", get(finish))
}

/// Path of a government.
#[derive(Debug, Deserialize)]
struct TenantPath {
    government: String,
}

impl TenantPath {
    fn slug(&self) -> Result<Slug, Problem> {
        self.government.parse().map_err(|_| Problem::not_found())
    }
}

async fn show_way_in(
    State(state): State<AppState>,
    page: PublicPage,
    Path(path): Path<TenantPath>,
    Query(back): Query<Back>,
) -> PageResult {
    let way_in = state.app.way_in(&path.slug()?).await?;
    Ok(draw(&page, &way_in, OwnPath::parse(&back.kembali).as_ref()))
}

fn draw(page: &PublicPage, way_in: &WayIn, back: Option<&OwnPath>) -> Response {
    let locale = page.locale;
    let tenant = &way_in.tenant;
    let home = links::home(&tenant.slug);
    let back = back.map_or(home.as_str(), OwnPath::as_str);
    let typed = Fields::of([("kembali", back)]);
    let local = local_form(locale, &typed, None);
    let content = html! {
        @if let Some(label) = &way_in.provider {
            p { (link_button(
                &tr!(locale, "way_in.by_provider", label = label),
                &links::sign_in_at_provider(&tenant.slug, back),
                Weight::Primary,
                Some(Icon::Lock),
            )) }
            p.hint { (tr!(locale, "way_in.by_provider_hint", name = tenant.name)) }
            details {
                summary { (local_words(locale, way_in.local_sign_in)) }
                (local)
            }
        } @else {
            (local)
        }
        p { a href=(links::SIGN_IN) { (tr!(locale, "way_in.other")) } }
    };
    page.show(&tr!(locale, "sign_in.title"), &tenant.name, false, content)
}

fn local_words(locale: Locale, local: LocalSignIn) -> String {
    match local {
        LocalSignIn::Everybody => tr!(locale, "way_in.local").into_owned(),
        LocalSignIn::Emergency => tr!(locale, "way_in.emergency").into_owned(),
    }
}

async fn begin(
    State(state): State<AppState>,
    client: Client,
    page: PublicPage,
    headers: HeaderMap,
    Path(path): Path<TenantPath>,
    Query(back): Query<Back>,
) -> PageResult {
    let slug = path.slug()?;
    state.traffic.sign_ins.count_elsewhere(client)?;
    let back = OwnPath::parse(&back.kembali);
    let back = back.map_or_else(|| links::home(&slug), |it| it.as_str().to_owned());
    let browser = secret(&headers, &state.settings);
    match state.app.begin_sign_in(&slug, browser, &back).await {
        Ok(begun) => {
            let (name, value) =
                session::set(cookie_name(&state.settings), &begun.browser, AGE, &state.settings);
            let mut response = see_other(begun.way_there.as_str());
            response.headers_mut().append(name, value);
            Ok(response)
        }
        Err(refusal) => trouble(&page, &slug, refusal),
    }
}

/// What a provider sends the browser back with.
#[derive(Deserialize)]
struct Came {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

async fn finish(
    State(state): State<AppState>,
    client: Client,
    page: PublicPage,
    headers: HeaderMap,
    Path(path): Path<TenantPath>,
    Query(came): Query<Came>,
) -> PageResult {
    let slug = path.slug()?;
    state.traffic.sign_ins.count_elsewhere(client)?;
    let browser = session::browser(&headers, &state.settings);
    let came = Return {
        browser: secret(&headers, &state.settings).unwrap_or_default(),
        state: came.state,
        code: came.code,
        issuer: came.iss,
        error: came.error,
    };
    match state.app.finish_sign_in(&slug, &browser, came).await {
        Ok(arrived) => {
            let back = OwnPath::parse(&arrived.way_back);
            let path = back.map_or_else(|| links::home(&slug), |it| it.as_str().to_owned());
            let cookie = session::begin(&arrived.token, &state.settings);
            Ok(([cookie], see_other(&path)).into_response())
        }
        Err(refusal) => trouble(&page, &slug, refusal),
    }
}

/// A page that says what went wrong at the door, and what to do.
fn trouble(page: &PublicPage, slug: &Slug, refusal: Refusal) -> PageResult {
    let (status, code, params) = match refusal {
        Refusal::Unauthenticated(code) => {
            let status = match code {
                Code::SignInUnknownPerson => StatusCode::FORBIDDEN,
                Code::SignInDistrusted | Code::TenantSuspended => StatusCode::UNAUTHORIZED,
                _ => StatusCode::BAD_REQUEST,
            };
            (status, code, Vec::new())
        }
        Refusal::Upstream(violation) => (StatusCode::BAD_GATEWAY, violation.code, violation.params),
        other => return Err(other.into()),
    };
    let locale = page.locale;
    let told = words(locale, code, &params);
    let again = links::sign_in_to(slug, &links::home(slug));
    let content = html! {
        p { (told.detail) }
        @if status == StatusCode::BAD_GATEWAY { p { (tr!(locale, "way_in.provider_at_fault")) } }
        p { (link_button(&tr!(locale, "way_in.again"), &again, Weight::Primary, None)) }
        p.hint { code { (code.as_str()) } }
    };
    Ok(page.show_with(status, &told.title, "", false, content))
}

/// The page after signing out, from where the person leaves the providers as well. A page and not a redirect:
/// browsers do not let a form's answer lead to another site here.
pub(super) fn farewell(page: &PublicPage, ways: &[WayOut]) -> Response {
    let locale = page.locale;
    let content: Markup = html! {
        p { (tr!(locale, "way_out.done")) }
        @for way in ways {
            p { (link_button(
                &tr!(locale, "way_out.provider", name = way.government),
                way.url.as_str(),
                Weight::Primary,
                None,
            )) }
        }
        p.hint { (tr!(locale, "way_out.hint")) }
        p { a href=(links::SIGN_IN) { (tr!(locale, "shell.sign_in")) } }
    };
    let mut response = page.show(&tr!(locale, "way_out.title"), "", false, content);
    if let [only] = ways
        && let Ok(mut header) = HeaderValue::from_str(&format!("0; url={}", only.url))
    {
        header.set_sensitive(true);
        response.headers_mut().insert(REFRESH, header);
    }
    response
}

fn cookie_name(settings: &WebSettings) -> &'static str {
    if settings.is_https() { NAME_HTTPS } else { NAME_HTTP }
}

fn secret(headers: &HeaderMap, settings: &WebSettings) -> Option<String> {
    let value = session::cookie(headers, cookie_name(settings))?;
    let shaped = value.len() == SECRET_LENGTH
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    shaped.then(|| value.to_owned())
}
