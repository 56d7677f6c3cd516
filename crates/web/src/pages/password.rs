//! Changing one's own password: where everybody lands whose password somebody else made.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ekinerja_app::Code;
use maud::html;

use crate::components::forms::{Field, Form as FormView, Weight, actions, field, form, submit};
use crate::components::notice::{Tone, notice};
use crate::extract::{Fields, Form};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::locale::tr;
use crate::page::{PageResult, PublicPage, see_other};
use crate::routes::Routes;
use crate::session;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new().route(links::PASSWORD, get(show_password).post(change_password))
}

async fn show_password(page: PublicPage) -> PageResult {
    if page.signed_in.is_none() {
        return Ok(see_other(&links::sign_in(links::PASSWORD)));
    }
    Ok(draw(&page, &FormState::default()))
}

fn draw(page: &PublicPage, state: &FormState) -> Response {
    let locale = page.locale;
    let must = page.signed_in.as_ref().is_some_and(|it| it.person.must_change_password);
    let fields = [
        Field::password("password", tr!(locale, "password.present"))
            .autocomplete("current-password")
            .required(),
        Field::password("new_password", tr!(locale, "password.new"))
            .hint(tr!(locale, "password.new_hint"))
            .autocomplete("new-password")
            .required(),
        Field::password("again", tr!(locale, "password.again"))
            .autocomplete("new-password")
            .required(),
    ];
    let view = FormView { action: links::PASSWORD.to_owned(), ..FormView::default() };
    let content = html! {
        (state.summary(locale))
        @if must { (notice(Tone::Info, html! { p { (tr!(locale, "password.must")) } })) }
        (form(&view, html! {
            @for one in fields {
                @let error = state.error(locale, one.name());
                (field(locale, &one.error(error)))
            }
            (actions(submit(&tr!(locale, "password.change"), Weight::Primary)))
        }))
    };
    page.show_with(state.status(), &tr!(locale, "password.title"), "", false, content)
}

async fn change_password(
    State(state): State<AppState>,
    headers: HeaderMap,
    page: PublicPage,
    Form(fields): Form<Fields>,
) -> PageResult {
    let Some(token) = session::token(&headers, &state.settings) else {
        return Ok(see_other(&links::sign_in(links::PASSWORD)));
    };
    if fields.text("new_password") != fields.text("again") {
        let refusal = ekinerja_app::Refusal::invalid("again", Code::PasswordsDiffer);
        return Ok(draw(&page, &FormState::refused(fields, refusal)?));
    }
    let changed =
        state.app.change_password(&token, fields.text("password"), fields.text("new_password"));
    match changed.await {
        Ok(()) => {
            let mut response = see_other(links::SIGN_IN).into_response();
            let (name, value) = Flash::success("flash.password_changed").header(&state.settings);
            response.headers_mut().append(name, value);
            Ok(response)
        }
        Err(refusal) => Ok(draw(&page, &FormState::refused(fields, refusal)?)),
    }
}
