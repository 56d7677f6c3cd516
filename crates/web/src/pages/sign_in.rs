//! Sign-in with a local account, the choice of a government, sign-out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ekinerja_app::sign_in::SignedIn;
use ekinerja_app::{Code, Refusal};
use ekinerja_domain::tenant::Tenant;
use maud::{Markup, html};
use serde::Deserialize;

use crate::components::forms::{
    self, Field, FieldError, Weight, actions, error_summary, field, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, empty};
use crate::extract::{Fields, Form, Query};
use crate::flash::Flash;
use crate::links::{self, OwnPath};
use crate::locale::tr;
use crate::page::{PageResult, PublicPage, level, see_other};
use crate::problem::{Problem, words};
use crate::routes::Routes;
use crate::session;
use crate::settings::AppState;
use crate::traffic::Client;

pub(super) fn router() -> Routes {
    Routes::new()
        .route(links::SIGN_IN, get(show_sign_in).post(sign_in))
        .route(links::SIGN_OUT, post(sign_out))
}

#[derive(Deserialize)]
struct Back {
    /// Where to go afterwards.
    #[serde(default)]
    kembali: String,
}

async fn show_sign_in(
    State(state): State<AppState>,
    page: PublicPage,
    Query(back): Query<Back>,
) -> PageResult {
    let back = OwnPath::parse(&back.kembali);
    match &page.signed_in {
        None => {
            let typed = Fields::of([("kembali", back.as_ref().map_or("", OwnPath::as_str))]);
            Ok(draw(&page, StatusCode::OK, &typed, None))
        }
        Some(signed_in) => go_on(&state, &page, signed_in, back).await,
    }
}

/// Where a signed-in person goes: back, or into their only government, or to the choice.
async fn go_on(
    state: &AppState,
    page: &PublicPage,
    signed_in: &SignedIn,
    back: Option<OwnPath>,
) -> PageResult {
    if signed_in.person.must_change_password {
        return Ok(see_other(links::PASSWORD));
    }
    if let Some(back) = back {
        return Ok(see_other(back.as_str()));
    }
    let tenants = state.app.my_tenants(signed_in).await?;
    match tenants.as_slice() {
        [] if signed_in.person.is_operator => Ok(see_other(links::OPERATOR)),
        [only] if !signed_in.person.is_operator => Ok(see_other(&links::home(&only.slug))),
        tenants => Ok(choice(page, signed_in, tenants)),
    }
}

/// The governments that a person may enter.
fn choice(page: &PublicPage, signed_in: &SignedIn, tenants: &[Tenant]) -> Response {
    let locale = page.locale;
    let content = html! {
        @if tenants.is_empty() && !signed_in.person.is_operator {
            (empty(&Empty {
                title: tr!(locale, "sign_in.no_role").into_owned(),
                text: tr!(locale, "sign_in.no_role_text").into_owned(),
                action: None,
                icon: Icon::Lock,
            }))
        }
        ul {
            @if signed_in.person.is_operator {
                li { a href=(links::OPERATOR) { (tr!(locale, "shell.operator")) } }
            }
            @for tenant in tenants {
                li {
                    a href=(links::home(&tenant.slug)) { (tenant.name) }
                    " " small { (level(locale, tenant.level)) }
                }
            }
        }
        @if signed_in.local().is_some() {
            p { a href=(links::PASSWORD) { (tr!(locale, "password.title")) } }
        }
        p { a href=(links::SESSIONS) { (tr!(locale, "sessions.title")) } }
        (forms::button_form(links::SIGN_OUT, "", &tr!(locale, "layout.sign_out"), Weight::Quiet))
    };
    page.show(&tr!(locale, "sign_in.choose"), &signed_in.person.name, false, content)
}

/// The form. What was typed stays, the password never does.
fn draw(
    page: &PublicPage,
    status: StatusCode,
    typed: &Fields,
    error: Option<(&str, &FieldError)>,
) -> Response {
    let locale = page.locale;
    let error_of =
        |name: &str| error.filter(|(field, _)| *field == name).map(|(_, error)| error.clone());
    let errors: Vec<_> =
        error.iter().map(|(name, error)| ((*name).to_owned(), (*error).clone())).collect();
    let named = typed.filled("username").is_some();
    let username = Field::text("username", tr!(locale, "sign_in.username"))
        .autofocus(!named)
        .value(typed.text("username"))
        .required()
        .autocomplete("username")
        .error(error_of("username"));
    let password = Field::password("password", tr!(locale, "sign_in.password"))
        .autofocus(named)
        .required()
        .autocomplete("current-password")
        .error(error_of("password"));
    let form = forms::Form { action: links::SIGN_IN.to_owned(), ..forms::Form::default() };
    let content: Markup = html! {
        (error_summary(locale, &errors))
        (forms::form(&form, html! {
            input type="hidden" name="kembali" value=(typed.text("kembali"));
            (field(locale, &username))
            (field(locale, &password))
            (actions(submit(&tr!(locale, "shell.sign_in"), Weight::Primary)))
        }))
        p.hint { (tr!(locale, "sign_in.help")) }
    };
    page.show_with(status, &tr!(locale, "sign_in.title"), "", false, content)
}

async fn sign_in(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
    page: PublicPage,
    Form(typed): Form<Fields>,
) -> PageResult {
    for name in ["username", "password"] {
        if typed.filled(name).is_none() {
            let error = words(page.locale, Code::FieldMissing, &[]).into();
            return Ok(draw(&page, StatusCode::UNPROCESSABLE_ENTITY, &typed, Some((name, &error))));
        }
    }
    let browser = session::browser(&headers, &state.settings);
    let (username, password) = (typed.text("username"), typed.text("password"));
    state.traffic.sign_ins.count(client, username)?;
    match state.app.sign_in_at(&browser, username, password).await {
        Ok((token, _)) => {
            state.traffic.sign_ins.succeeded(client, username);
            let back = OwnPath::parse(typed.text("kembali"));
            let path = back.as_ref().map_or(links::SIGN_IN, OwnPath::as_str);
            Ok(([session::begin(&token, &state.settings)], see_other(path)).into_response())
        }
        Err(Refusal::Unauthenticated(code)) => {
            let error = words(page.locale, code, &[]).into();
            Ok(draw(&page, StatusCode::UNAUTHORIZED, &typed, Some(("username", &error))))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn sign_out(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = session::token(&headers, &state.settings) {
        state.app.sign_out(&token).await?;
    }
    let mut response = see_other(links::SIGN_IN);
    for (name, value) in
        [session::end(&state.settings), Flash::success("flash.signed_out").header(&state.settings)]
    {
        response.headers_mut().append(name, value);
    }
    Ok(response)
}
