//! "Sesi saya": where one is signed in, and ending that.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::sessions::{MySignIn, Way};
use ekinerja_domain::ids::SignInId;
use maud::{Markup, html};
use serde::Deserialize;

use crate::caller::Person;
use crate::components::badge::tag;
use crate::components::forms::{Weight, button_form};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Id, Path};
use crate::flash::Flash;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{PageResult, PublicPage, see_other};
use crate::problem::Problem;
use crate::routes::Routes;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new()
        .route(links::SESSIONS, get(show_sessions).post(end_all))
        .route(&format!("{}/{{sign_in}}/end", links::SESSIONS), post(end_one))
}

async fn show_sessions(State(app): State<App>, page: PublicPage) -> PageResult {
    let Some(signed_in) = &page.signed_in else {
        return Ok(see_other(&links::sign_in(links::SESSIONS)));
    };
    let locale = page.locale;
    let mine = app.my_sign_ins(signed_in).await?;
    let columns = vec![
        Column::text(tr!(locale, "sessions.which")),
        Column::text(tr!(locale, "sessions.device")),
        Column::text(tr!(locale, "sessions.since")),
        Column::text(tr!(locale, "sessions.last_seen")),
        Column::text(tr!(locale, "sessions.change")),
    ];
    let caption = tr!(locale, "sessions.caption");
    let rows = mine.iter().map(|it| row(locale, it));
    let content = html! {
        (table(locale, &Table::new(&*caption, columns).quiet().rows(rows)))
        (button_form(links::SESSIONS, "", &tr!(locale, "sessions.everywhere"), Weight::Danger))
        @if signed_in.local().is_some() {
            p { a href=(links::SECURITY) { (tr!(locale, "second_factor.title")) } }
        }
        p { a href=(links::SIGN_IN) { (tr!(locale, "shell.my_governments")) } }
    };
    Ok(page.show(&tr!(locale, "sessions.title"), &tr!(locale, "sessions.subtitle"), true, content))
}

fn row(locale: Locale, it: &MySignIn) -> Row {
    let device = match it.session.device.as_str() {
        "" => tr!(locale, "sessions.unknown_device").into_owned(),
        known => known.to_owned(),
    };
    let end = format!("{}/{}/end", links::SESSIONS, it.sign_in.id);
    Row::new(vec![
        html! { (which(locale, it)) br; small { (it.name) } },
        html! { (device) @if it.is_here { " " (tag(&tr!(locale, "sessions.here"))) } },
        html! { (format::date_time(locale, it.sign_in.created_at, format::Zone::default())) },
        html! { (format::date_time(locale, it.session.last_seen_at, format::Zone::default())) },
        button_form(&end, "", &tr!(locale, "sessions.end"), Weight::Quiet),
    ])
}

fn which(locale: Locale, it: &MySignIn) -> Markup {
    if let (Way::Provider { issuer, .. }, Some(tenant)) = (&it.sign_in.way, &it.tenant) {
        html! { (tenant.name) br; small { (issuer) } }
    } else {
        html! { (tr!(locale, "sessions.local")) }
    }
}

/// Path of a sign-in.
#[derive(Debug, Deserialize)]
struct SignInPath {
    sign_in: Id<SignInId>,
}

async fn end_one(
    State(state): State<AppState>,
    Person(signed_in): Person,
    Path(SignInPath { sign_in: Id(id) }): Path<SignInPath>,
) -> Result<Response, Problem> {
    state.app.end_my_sign_in(&signed_in, id).await?;
    Ok(told(&state, links::SESSIONS, "flash.sign_in_ended"))
}

async fn end_all(
    State(state): State<AppState>,
    Person(signed_in): Person,
) -> Result<Response, Problem> {
    state.app.sign_out_everywhere(&signed_in).await?;
    Ok(told(&state, links::SIGN_IN, "flash.signed_out_everywhere"))
}

fn told(state: &AppState, path: &str, flash: &'static str) -> Response {
    let mut response = see_other(path);
    let (name, value) = Flash::success(flash).header(&state.settings);
    response.headers_mut().append(name, value);
    response
}
