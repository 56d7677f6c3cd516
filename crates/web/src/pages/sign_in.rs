//! Sign-in with a local account, the choice of a government, sign-out.

mod code;
mod provider;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ekinerja_app::sign_in::{FirstStep, SignedIn};
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
use crate::locale::{Locale, tr};
use crate::page::{PageResult, PublicPage, level, see_other};
use crate::problem::words;
use crate::routes::Routes;
use crate::session;
use crate::settings::AppState;
use crate::traffic::Client;

pub(super) fn router() -> Routes {
    Routes::new()
        .route(links::SIGN_IN, get(show_sign_in).post(sign_in))
        .route(links::SIGN_OUT, post(sign_out))
        .merge(code::router())
        .merge(provider::router())
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
            // Who wants to go to a government that has a provider signs in there.
            if let Some(back) = &back
                && let Some(slug) = back.tenant()
                && state.app.way_in(&slug).await.is_ok_and(|it| it.provider.is_some())
            {
                return Ok(see_other(&links::sign_in_to(&slug, back.as_str())));
            }
            let typed = Fields::of([("kembali", back.as_ref().map_or("", OwnPath::as_str))]);
            draw(&state, &page, StatusCode::OK, &typed, None).await
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
    if signed_in.owes_second_factor {
        return Ok(see_other(links::SECURITY));
    }
    if let Some(back) = back {
        return Ok(see_other(back.as_str()));
    }
    let tenants = state.app.my_tenants(signed_in).await?;
    let doors = state.app.closed_emergency_doors(signed_in).await?;
    match tenants.as_slice() {
        [] if signed_in.person.is_operator => Ok(see_other(links::OPERATOR)),
        [] if doors.len() == 1 => Ok(see_other(&links::emergency(&doors[0].slug))),
        [only] if !signed_in.person.is_operator && doors.is_empty() => {
            Ok(see_other(&links::home(&only.slug)))
        }
        tenants => {
            let others = state.app.governments_with_provider().await?;
            let open = |it: &Tenant| !tenants.iter().any(|mine| mine.id == it.id);
            let others: Vec<_> = others.into_iter().filter(open).collect();
            Ok(choice(page, signed_in, tenants, &doors, &others))
        }
    }
}

/// The governments that a person may enter.
fn choice(
    page: &PublicPage,
    signed_in: &SignedIn,
    tenants: &[Tenant],
    doors: &[Tenant],
    others: &[Tenant],
) -> Response {
    let locale = page.locale;
    let content = html! {
        @if tenants.is_empty() && doors.is_empty() && !signed_in.person.is_operator {
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
            @for door in doors {
                li { a href=(links::emergency(&door.slug)) { (tr!(locale, "emergency.door", name = door.name)) } }
            }
        }
        @if !others.is_empty() {
            details {
                summary { (tr!(locale, "way_in.others")) }
                ul {
                    @for one in others {
                        li { a href=(links::sign_in_to(&one.slug, &links::home(&one.slug))) { (one.name) } }
                    }
                }
            }
        }
        @if signed_in.local().is_some() {
            p { a href=(links::SECURITY) { (tr!(locale, "second_factor.title")) } }
            p { a href=(links::PASSWORD) { (tr!(locale, "password.title")) } }
        }
        p { a href=(links::SESSIONS) { (tr!(locale, "sessions.title")) } }
        (forms::button_form(links::SIGN_OUT, "", &tr!(locale, "layout.sign_out"), Weight::Quiet))
    };
    page.show(&tr!(locale, "sign_in.choose"), &signed_in.person.name, false, content)
}

/// The governments with a provider of their own, and the form of a local account.
async fn draw(
    state: &AppState,
    page: &PublicPage,
    status: StatusCode,
    typed: &Fields,
    error: Option<(&str, &FieldError)>,
) -> PageResult {
    let locale = page.locale;
    let with_provider = state.app.governments_with_provider().await?;
    let content: Markup = html! {
        @if !with_provider.is_empty() {
            p { (tr!(locale, "way_in.choose")) }
            ul {
                @for one in &with_provider {
                    li { a href=(links::sign_in_to(&one.slug, &links::home(&one.slug))) { (one.name) } }
                }
            }
            h2 { (tr!(locale, "way_in.local")) }
        }
        (local_form(locale, typed, error))
    };
    Ok(page.show_with(status, &tr!(locale, "sign_in.title"), "", false, content))
}

/// The form of a local account. What was typed stays, the password never does.
fn local_form(locale: Locale, typed: &Fields, error: Option<(&str, &FieldError)>) -> Markup {
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
    html! {
        (error_summary(locale, &errors))
        (forms::form(&form, html! {
            input type="hidden" name="kembali" value=(typed.text("kembali"));
            (field(locale, &username))
            (field(locale, &password))
            (actions(submit(&tr!(locale, "shell.sign_in"), Weight::Primary)))
        }))
        p.hint { (tr!(locale, "sign_in.help")) }
    }
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
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return draw(&state, &page, status, &typed, Some((name, &error))).await;
        }
    }
    let browser = session::browser(&headers, &state.settings);
    let (username, password) = (typed.text("username"), typed.text("password"));
    state.traffic.sign_ins.count(client, username)?;
    match state.app.sign_in_first(&browser, username, password).await {
        Ok(FirstStep::CodeWanted(step)) => {
            Ok(code::ask(&step, typed.text("kembali"), &state.settings))
        }
        Ok(FirstStep::Done(token)) => {
            state.traffic.sign_ins.succeeded(client, username);
            let back = OwnPath::parse(typed.text("kembali"));
            let path = back.as_ref().map_or(links::SIGN_IN, OwnPath::as_str);
            Ok(([session::begin(&token, &state.settings)], see_other(path)).into_response())
        }
        Err(Refusal::Unauthenticated(code)) => {
            let error = words(page.locale, code, &[]).into();
            let status = StatusCode::UNAUTHORIZED;
            draw(&state, &page, status, &typed, Some(("username", &error))).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

async fn sign_out(
    State(state): State<AppState>,
    headers: HeaderMap,
    page: PublicPage,
) -> PageResult {
    let ways = match session::token(&headers, &state.settings) {
        Some(token) => state.app.depart(&token).await?,
        None => Vec::new(),
    };
    if !ways.is_empty() {
        let mut response = provider::farewell(&page.signed_out(), &ways);
        let (name, value) = session::end(&state.settings);
        response.headers_mut().append(name, value);
        return Ok(response);
    }
    let mut response = see_other(links::SIGN_IN);
    for (name, value) in
        [session::end(&state.settings), Flash::success("flash.signed_out").header(&state.settings)]
    {
        response.headers_mut().append(name, value);
    }
    Ok(response)
}
