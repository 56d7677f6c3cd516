//! Setting a password with a link that is good once.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::{App, Code, Refusal};
use maud::html;

use crate::components::forms::{Field, Form as FormView, Weight, actions, field, form, submit};
use crate::extract::{Fields, Form, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::locale::tr;
use crate::page::{PageResult, PublicPage, see_other};
use crate::routes::Routes;
use crate::settings::AppState;
use crate::traffic::Client;

use super::operator::kept_by_nobody;

pub(super) fn router() -> Routes {
    Routes::new()
        .route(links::PASSWORD_LINK, post(set_password))
        .route(&format!("{}/{{secret}}", links::PASSWORD_LINK), get(show_form))
}

async fn show_form(
    State(app): State<App>,
    page: PublicPage,
    Path(secret): Path<String>,
) -> PageResult {
    app.check_password_link(&secret).await?;
    Ok(draw(&page, &secret, &FormState::default()))
}

fn draw(page: &PublicPage, secret: &str, state: &FormState) -> Response {
    let locale = page.locale;
    let fields = [
        Field::password("new_password", tr!(locale, "password.new"))
            .hint(tr!(locale, "password.new_hint"))
            .autocomplete("new-password")
            .required(),
        Field::password("again", tr!(locale, "password.again"))
            .autocomplete("new-password")
            .required(),
    ];
    let view = FormView { action: links::PASSWORD_LINK.to_owned(), ..FormView::default() };
    let content = html! {
        (state.summary(locale))
        p { (tr!(locale, "account_help.set_text")) }
        (form(&view, html! {
            input type="hidden" name="secret" value=(secret);
            @for one in fields {
                @let error = state.error(locale, one.name());
                (field(locale, &one.error(error)))
            }
            (actions(submit(&tr!(locale, "account_help.set"), Weight::Primary)))
        }))
    };
    let title = tr!(locale, "account_help.set");
    kept_by_nobody(page.show_with(state.status(), &title, "", false, content))
}

async fn set_password(
    State(state): State<AppState>,
    client: Client,
    page: PublicPage,
    Form(typed): Form<Fields>,
) -> PageResult {
    let secret = typed.text("secret");
    state.traffic.sign_ins.count(client, secret)?;
    if typed.text("new_password") != typed.text("again") {
        let refusal = Refusal::invalid("again", Code::PasswordsDiffer);
        return Ok(draw(&page, secret, &FormState::refused(Fields::default(), refusal)?));
    }
    match state.app.use_password_link(secret, typed.text("new_password")).await {
        Ok(()) => {
            let mut response = see_other(links::SIGN_IN);
            let (name, value) = Flash::success("flash.password_set").header(&state.settings);
            response.headers_mut().append(name, value);
            Ok(response)
        }
        Err(Refusal::Invalid(violations)) => {
            let refusal = Refusal::Invalid(violations);
            Ok(draw(&page, secret, &FormState::refused(Fields::default(), refusal)?))
        }
        Err(refusal) => Err(refusal.into()),
    }
}
