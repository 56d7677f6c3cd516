//! "Keamanan akun": the second factor of one's own local account, and its recovery codes.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::second_factor::{AccountSecurity, RecoveryCodes, SetUp};
use ekinerja_app::sign_in::SignedIn;
use maud::{Markup, html};

use super::operator::kept_by_nobody;
use crate::caller::Person;
use crate::components::card::{Card, card};
use crate::components::forms::{
    Field, Form as FormView, Weight, actions, copyable, field, form, link_button, submit,
};
use crate::components::notice::{Tone, notice};
use crate::components::qr::qr;
use crate::extract::{Fields, Form};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{PageResult, PublicPage, see_other};
use crate::routes::Routes;
use crate::session;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new()
        .route(links::SECURITY, get(show_security))
        .route(&path(BEGIN), post(begin))
        .route(&path(CONFIRM), post(confirm))
        .route(&path(CODES), post(renew_codes))
        .route(&path(OFF), post(switch_off))
}

/// What the forms of the page do.
const BEGIN: &str = "pasang";
const CONFIRM: &str = "konfirmasi";
const CODES: &str = "kode-cadangan";
const OFF: &str = "lepas";

fn path(step: &str) -> String {
    format!("{}/{step}", links::SECURITY)
}

async fn show_security(State(app): State<App>, page: PublicPage) -> PageResult {
    let Some(signed_in) = page.signed_in.clone() else {
        return Ok(see_other(&links::sign_in(links::SECURITY)));
    };
    draw(&app, &page, &signed_in, "", &FormState::default()).await
}

/// The page; `state` belongs to the form that was sent.
async fn draw(
    app: &App,
    page: &PublicPage,
    signed_in: &SignedIn,
    sent: &str,
    state: &FormState,
) -> PageResult {
    let locale = page.locale;
    let title = tr!(locale, "second_factor.title");
    if signed_in.local().is_none() {
        let content = html! { p { (tr!(locale, "second_factor.by_provider")) } };
        return Ok(page.show(&title, "", false, content));
    }
    let it = app.account_security(signed_in).await?;
    let forms = Forms { locale, sent, state };
    let content = html! {
        (state.summary(locale))
        (standing(locale, &it))
        @match (&it.set_up, it.since) {
            (_, Some(_)) => (forms.present()),
            (Some(set_up), None) => {
                (forms.waiting(set_up))
                details { summary { (tr!(locale, "second_factor.anew")) } (forms.absent()) }
            }
            (None, None) => @if it.available { (forms.absent()) },
        }
        p { a href=(links::PASSWORD) { (tr!(locale, "password.title")) } }
        p { a href=(links::SESSIONS) { (tr!(locale, "sessions.title")) } }
        p { a href=(links::SIGN_IN) { (tr!(locale, "shell.my_governments")) } }
    };
    let name = &signed_in.person.name;
    Ok(kept_by_nobody(page.show_with(state.status(), &title, name, false, content)))
}

fn standing(locale: Locale, it: &AccountSecurity) -> Markup {
    let since = it.since.map(|at| format::date_time(locale, at, format::Zone::default()));
    html! {
        @if let Some(since) = since {
            (notice(Tone::Success, html! {
                p { (tr!(locale, "second_factor.on", since = since)) }
                p { (tr!(locale, "second_factor.left", count = it.recovery_codes_left)) }
            }))
        } @else if !it.available {
            (notice(Tone::Warning, html! { p { (tr!(locale, "second_factor.unavailable")) } }))
        } @else if it.obligatory {
            (notice(Tone::Warning, html! { p { (tr!(locale, "second_factor.must")) } }))
        } @else {
            (notice(Tone::Info, html! { p { (tr!(locale, "second_factor.off")) } }))
        }
    }
}

/// The forms of the page.
struct Forms<'a> {
    locale: Locale,
    sent: &'a str,
    state: &'a FormState,
}

impl Forms<'_> {
    /// A form with these fields; what was wrong stands at the fields of the form that was sent.
    fn form(&self, step: &str, fields: Vec<Field>, button: &str, weight: Weight) -> Markup {
        let view = FormView { action: path(step), ..FormView::default() };
        let drawn = fields.into_iter().map(|it| {
            let error = (self.sent == step).then(|| self.state.error(self.locale, it.name()));
            let id = format!("{}-{step}", it.name());
            field(self.locale, &it.id(id).error(error.flatten()))
        });
        let drawn: Vec<Markup> = drawn.collect();
        form(
            &view,
            html! {
                @for one in drawn { (one) }
                (actions(submit(button, weight)))
            },
        )
    }

    fn password(&self) -> Field {
        Field::password("password", tr!(self.locale, "password.present"))
            .autocomplete("current-password")
            .required()
    }

    fn code(&self) -> Field {
        Field::text("code", tr!(self.locale, "second_factor.code"))
            .autocomplete("one-time-code")
            .required()
    }

    fn absent(&self) -> Markup {
        let locale = self.locale;
        let subtitle = tr!(locale, "second_factor.begin_text");
        let button = tr!(locale, "second_factor.begin");
        card(
            &Card::titled(tr!(locale, "second_factor.set_up")).subtitle(subtitle),
            self.form(BEGIN, vec![self.password()], &button, Weight::Primary),
        )
    }

    fn waiting(&self, it: &SetUp) -> Markup {
        let locale = self.locale;
        let code = self.code().hint(tr!(locale, "second_factor.first_code_hint"));
        let button = tr!(locale, "second_factor.confirm");
        card(
            &Card::titled(tr!(locale, "second_factor.set_up")),
            html! {
                ol.steps-list {
                    li { (tr!(locale, "second_factor.step_app")) }
                    li {
                        (tr!(locale, "second_factor.step_scan"))
                        p { (qr(&it.address, &tr!(locale, "second_factor.qr"))) }
                        p { (tr!(locale, "second_factor.key")) ": " (copyable(locale, &grouped(&it.key))) }
                    }
                    li { (tr!(locale, "second_factor.step_code")) }
                }
                (self.form(CONFIRM, vec![code], &button, Weight::Primary))
            },
        )
    }

    fn present(&self) -> Markup {
        let locale = self.locale;
        let renew = tr!(locale, "second_factor.renew");
        let off = tr!(locale, "second_factor.switch_off");
        let lost = tr!(locale, "second_factor.code_hint");
        let (password, code) = (self.password(), self.code().hint(lost));
        html! {
            (card(
                &Card::titled(tr!(locale, "second_factor.codes"))
                    .subtitle(tr!(locale, "second_factor.renew_text")),
                self.form(CODES, vec![self.code()], &renew, Weight::Secondary),
            ))
            (card(
                &Card::titled(off.clone()).subtitle(tr!(locale, "second_factor.switch_off_text")),
                self.form(OFF, vec![password, code], &off, Weight::Danger),
            ))
        }
    }
}

/// A key in groups of four, as people type it; authenticators do not mind the spaces.
fn grouped(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|it| it.iter().collect()).collect();
    groups.join(" ")
}

async fn begin(
    State(app): State<App>,
    Person(signed_in): Person,
    page: PublicPage,
    Form(typed): Form<Fields>,
) -> PageResult {
    match app.begin_second_factor(&signed_in, typed.text("password")).await {
        Ok(_) => Ok(see_other(links::SECURITY)),
        Err(refusal) => {
            let state = FormState::refused(Fields::default(), refusal)?;
            draw(&app, &page, &signed_in, BEGIN, &state).await
        }
    }
}

async fn confirm(
    State(state): State<AppState>,
    headers: HeaderMap,
    Person(signed_in): Person,
    page: PublicPage,
    Form(typed): Form<Fields>,
) -> PageResult {
    let browser = session::browser(&headers, &state.settings);
    match state.app.confirm_second_factor(&signed_in, &browser, typed.text("code")).await {
        Ok((token, codes)) => {
            let shown = told(&page, &codes);
            Ok(([session::begin(&token, &state.settings)], shown).into_response())
        }
        Err(refusal) => {
            let form = FormState::refused(Fields::default(), refusal)?;
            draw(&state.app, &page, &signed_in, CONFIRM, &form).await
        }
    }
}

async fn renew_codes(
    State(app): State<App>,
    Person(signed_in): Person,
    page: PublicPage,
    Form(typed): Form<Fields>,
) -> PageResult {
    match app.renew_recovery_codes(&signed_in, typed.text("code")).await {
        Ok(codes) => Ok(told(&page, &codes)),
        Err(refusal) => {
            let state = FormState::refused(Fields::default(), refusal)?;
            draw(&app, &page, &signed_in, CODES, &state).await
        }
    }
}

async fn switch_off(
    State(state): State<AppState>,
    Person(signed_in): Person,
    page: PublicPage,
    Form(typed): Form<Fields>,
) -> PageResult {
    let (password, code) = (typed.text("password"), typed.text("code"));
    match state.app.remove_second_factor(&signed_in, password, code).await {
        Ok(()) => {
            let mut response = see_other(links::SECURITY);
            let (name, value) =
                Flash::success("flash.second_factor_removed").header(&state.settings);
            response.headers_mut().append(name, value);
            Ok(response)
        }
        Err(refusal) => {
            let form = FormState::refused(Fields::default(), refusal)?;
            draw(&state.app, &page, &signed_in, OFF, &form).await
        }
    }
}

/// The recovery codes, this once; made to be printed.
fn told(page: &PublicPage, codes: &RecoveryCodes) -> Response {
    let locale = page.locale;
    let content = html! {
        (notice(Tone::Success, html! { p { (tr!(locale, "second_factor.done")) } }))
        p { (tr!(locale, "second_factor.codes_text")) }
        ol.codes { @for code in codes.reveal() { li { code { (code) } } } }
        (actions(link_button(&tr!(locale, "second_factor.go_on"), links::SIGN_IN, Weight::Primary, None)))
    };
    let title = tr!(locale, "second_factor.codes");
    kept_by_nobody(page.show_with(StatusCode::OK, &title, "E-Kinerja", false, content))
}
