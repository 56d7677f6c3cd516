//! The second step of a sign-in: the code of the second factor.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ekinerja_app::sign_in::StepToken;
use ekinerja_app::{Code, Refusal};
use maud::html;

use super::Back;
use crate::components::forms::{
    Field, FieldError, Form as FormView, Weight, actions, error_summary, field, form, submit,
};
use crate::extract::{Fields, Form, Query};
use crate::flash::Flash;
use crate::links::{self, OwnPath};
use crate::locale::tr;
use crate::page::{PageResult, PublicPage, see_other};
use crate::problem::words;
use crate::routes::Routes;
use crate::session;
use crate::settings::{AppState, WebSettings};
use crate::traffic::Client;

/// Name of the cookie that carries a sign-in that waits for its code.
const NAME_HTTPS: &str = "__Host-ekinerja-kode";
/// Name over plain HTTP, which is for loopback only.
const NAME_HTTP: &str = "ekinerja-kode";
/// It lives as long as the waiting does.
const AGE: &str = "; Max-Age=600";
/// Length of its secret: 256 bits in base64url.
const SECRET_LENGTH: usize = 43;

pub(super) fn router() -> Routes {
    Routes::new().route(links::SIGN_IN_CODE, get(show_code).post(give_code))
}

fn name(settings: &WebSettings) -> &'static str {
    if settings.is_https() { NAME_HTTPS } else { NAME_HTTP }
}

fn step(headers: &HeaderMap, settings: &WebSettings) -> Option<StepToken> {
    let value = session::cookie(headers, name(settings))?;
    (value.len() == SECRET_LENGTH).then(|| StepToken::from(value.to_owned()))
}

/// Sends a person whose password was right to the second step.
pub(super) fn ask(token: &StepToken, back: &str, settings: &WebSettings) -> Response {
    let cookie = session::set(name(settings), token.reveal(), AGE, settings);
    ([cookie], see_other(&links::sign_in_code(back))).into_response()
}

/// Sends a person back to the first step.
fn again(back: &str, settings: &WebSettings) -> Response {
    let back = OwnPath::parse(back);
    let mut response =
        see_other(&links::sign_in(back.as_ref().map_or(links::FRONT, OwnPath::as_str)));
    let gone = session::set(name(settings), "", "; Max-Age=0", settings);
    for (name, value) in [gone, Flash::warning("flash.second_step_over").header(settings)] {
        response.headers_mut().append(name, value);
    }
    response
}

async fn show_code(
    State(state): State<AppState>,
    page: PublicPage,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> PageResult {
    let waits = match step(&headers, &state.settings) {
        Some(token) => state.app.waits_for_code(&token).await?,
        None => false,
    };
    if !waits {
        return Ok(again(&back.kembali, &state.settings));
    }
    Ok(draw(&page, StatusCode::OK, &back.kembali, None))
}

fn draw(page: &PublicPage, status: StatusCode, back: &str, error: Option<FieldError>) -> Response {
    let locale = page.locale;
    let errors: Vec<_> = error.iter().map(|error| (String::from("code"), error.clone())).collect();
    let code = Field::text("code", tr!(locale, "second_factor.code"))
        .hint(tr!(locale, "second_factor.code_hint"))
        .autocomplete("one-time-code")
        .autofocus(true)
        .required()
        .error(error);
    let back = OwnPath::parse(back);
    let view = FormView { action: links::SIGN_IN_CODE.to_owned(), ..FormView::default() };
    let content = html! {
        (error_summary(locale, &errors))
        p { (tr!(locale, "second_factor.ask")) }
        (form(&view, html! {
            input type="hidden" name="kembali" value=(back.as_ref().map_or("", OwnPath::as_str));
            (field(locale, &code))
            (actions(submit(&tr!(locale, "shell.sign_in"), Weight::Primary)))
        }))
        p.hint { (tr!(locale, "second_factor.lost")) }
        p { a href=(links::SIGN_IN) { (tr!(locale, "second_factor.other_account")) } }
    };
    page.show_with(status, &tr!(locale, "second_factor.step"), "", false, content)
}

async fn give_code(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
    page: PublicPage,
    Form(typed): Form<Fields>,
) -> PageResult {
    let back = typed.text("kembali");
    let Some(token) = step(&headers, &state.settings) else {
        return Ok(again(back, &state.settings));
    };
    if typed.filled("code").is_none() {
        let error = words(page.locale, Code::FieldMissing, &[]).into();
        return Ok(draw(&page, StatusCode::UNPROCESSABLE_ENTITY, back, Some(error)));
    }
    // Beside what is counted for the account: one place tries codes no quicker than passwords.
    state.traffic.sign_ins.count(client, token.reveal())?;
    let browser = session::browser(&headers, &state.settings);
    match state.app.sign_in_second(&browser, &token, typed.text("code")).await {
        Ok(session) => {
            let back = OwnPath::parse(back);
            let mut response = see_other(back.as_ref().map_or(links::SIGN_IN, OwnPath::as_str));
            let gone = session::set(name(&state.settings), "", "; Max-Age=0", &state.settings);
            for (name, value) in [session::begin(&session, &state.settings), gone] {
                response.headers_mut().append(name, value);
            }
            Ok(response)
        }
        Err(Refusal::Unauthenticated(Code::SecondStepOver)) => Ok(again(back, &state.settings)),
        Err(Refusal::Unauthenticated(code)) => {
            let error = words(page.locale, code, &[]).into();
            Ok(draw(&page, StatusCode::UNAUTHORIZED, back, Some(error)))
        }
        Err(refusal) => Err(refusal.into()),
    }
}
