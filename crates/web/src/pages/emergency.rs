//! The door of emergency access: where an account for emergencies asks to be let in, and decides what another
//! one asks; and the operator's list of it.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::account_help::AccountRequest;
use ekinerja_app::emergency::EmergencyDoor;
use ekinerja_app::tenants::Operator;
use ekinerja_app::{App, Code, Refusal};
use ekinerja_domain::ids::AccountRequestId;
use ekinerja_domain::tenant::{Slug, Tenant};
use maud::{Markup, html};
use serde::Deserialize;

use super::account_requests::{standing, steps};
use super::operator::of_tenant;
use crate::caller::Person;
use crate::components::card::{Card, card};
use crate::components::forms::{
    Field, Form as FormView, Weight, actions, field, form, link_button, submit,
};
use crate::components::notice::{Tone, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form, Id, Path, Query};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links::{self, OwnPath};
use crate::locale::{Locale, tr};
use crate::page::{OperatorPage, PageResult, PublicPage, see_other};
use crate::problem::{Problem, words};
use crate::routes::Routes;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/masuk/{government}/darurat", get(show).post(ask))
        .route("/masuk/{government}/darurat/{request}/setujui", post(approve))
        .route("/masuk/{government}/darurat/{request}/tolak", post(refuse))
        .route("/operator/tenants/{code}/emergency-access/{request}/approval", post(approve_as))
        .route("/operator/tenants/{code}/emergency-access/{request}/refusal", post(refuse_as))
}

/// Path of a government's door.
#[derive(Debug, Deserialize)]
struct DoorPath {
    government: String,
}

/// Path of a request there.
#[derive(Debug, Deserialize)]
struct RequestPath {
    government: String,
    request: Id<AccountRequestId>,
}

fn slug_of(text: &str) -> Result<Slug, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// Where to go once the door is open.
#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    kembali: String,
}

async fn show(
    State(app): State<App>,
    page: PublicPage,
    Path(path): Path<DoorPath>,
    Query(back): Query<Back>,
) -> PageResult {
    let slug = slug_of(&path.government)?;
    if page.signed_in.is_none() {
        // That there is such a door is told to nobody who could not stand before it.
        return Ok(see_other(&links::sign_in(&links::emergency_for(&slug, &back.kembali))));
    }
    draw(&app, &page, &slug, OwnPath::parse(&back.kembali), &FormState::default()).await
}

async fn draw(
    app: &App,
    page: &PublicPage,
    slug: &Slug,
    back: Option<OwnPath>,
    state: &FormState,
) -> PageResult {
    let signed_in = page.signed_in.as_ref().ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let door = match app.emergency_door(signed_in, slug).await {
        Ok(door) => door,
        Err(Refusal::Rule(it)) if it.code == Code::PasswordMustChange => {
            return Ok(see_other(links::PASSWORD));
        }
        Err(Refusal::Rule(it)) if it.code == Code::SecondFactorMissing => {
            return Ok(see_other(links::SECURITY));
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let locale = page.locale;
    let home = links::home(slug);
    // Only into this very government.
    let back = back.filter(|it| it.tenant().as_ref() == Some(slug));
    let back = back.as_ref().map_or(home.as_str(), OwnPath::as_str);
    let content = html! {
        (state.summary(locale))
        (own(app, locale, &door, back, state))
        @if !door.others.is_empty() { (others(locale, &door)) }
        p { a href=(links::SIGN_IN) { (tr!(locale, "shell.my_governments")) } }
    };
    let title = tr!(locale, "emergency.title");
    Ok(page.show_with(state.status(), &title, &door.tenant.name, false, content))
}

/// What became of one's own request, or the form that makes one.
fn own(app: &App, locale: Locale, door: &EmergencyDoor, back: &str, state: &FormState) -> Markup {
    let moment = |at| format::date_time(locale, at, format::Zone::default());
    let name = &door.tenant.name;
    match &door.own {
        Some(it) if it.lets_in(app.now()) => {
            let until = it.ends_at.map(moment).unwrap_or_default();
            notice(
                Tone::Success,
                html! {
                    p { b { (tr!(locale, "emergency.running_title")) } }
                    p { (tr!(locale, "emergency.running", until = until)) }
                    p { (link_button(&tr!(locale, "emergency.enter", name = name), back, Weight::Primary, None)) }
                },
            )
        }
        Some(it) => {
            let (since, until) = (moment(it.requested_at), moment(it.lapses_at));
            let here = links::emergency_for(&door.tenant.slug, back);
            notice(
                Tone::Info,
                html! {
                    p { b { (tr!(locale, "emergency.waiting_title")) } }
                    p { (tr!(locale, "emergency.waiting", since = since, until = until)) }
                    p { (tr!(locale, "emergency.banner_reason", reason = it.reason)) }
                    p { (link_button(&tr!(locale, "emergency.again"), &here, Weight::Secondary, None)) }
                },
            )
        }
        None => asking(locale, &door.tenant, back, state),
    }
}

fn asking(locale: Locale, tenant: &Tenant, back: &str, state: &FormState) -> Markup {
    let reason = Field::textarea("reason", tr!(locale, "emergency.reason"), 3)
        .hint(tr!(locale, "emergency.reason_hint"))
        .required();
    let view = FormView { action: links::emergency(&tenant.slug), ..FormView::default() };
    let provider = links::sign_in_at_provider(&tenant.slug, back);
    html! {
        (notice(Tone::Warning, html! {
            p { b { (words(locale, Code::EmergencyClosed, &[]).title) } }
            p { (tr!(locale, "emergency.closed", name = tenant.name)) }
            p { (tr!(locale, "emergency.use_provider")) " "
                a href=(provider) { (tr!(locale, "emergency.by_provider")) } }
            p.hint { code { (Code::EmergencyClosed.as_str()) } }
        }))
        (card(&Card::titled(tr!(locale, "emergency.ask_title")), form(&view, html! {
            input type="hidden" name="kembali" value=(back);
            (field(locale, &state.fill(locale, reason)))
            (actions(submit(&tr!(locale, "emergency.ask"), Weight::Primary)))
        })))
    }
}

/// What other accounts for emergencies ask.
fn others(locale: Locale, door: &EmergencyDoor) -> Markup {
    let here = links::emergency(&door.tenant.slug);
    card(
        &Card::titled(tr!(locale, "emergency.others"))
            .subtitle(tr!(locale, "emergency.others_text")),
        html! {
            @for it in &door.others {
                @let at = format::date_time(locale, it.requested_at, format::Zone::default());
                p { b { (tr!(locale, "emergency.asked_line", name = it.user_name, at = at)) } }
                p { (tr!(locale, "emergency.banner_reason", reason = it.reason)) }
                (steps(locale, &format!("{here}/{}/setujui", it.id), &format!("{here}/{}/tolak", it.id)))
            }
        },
    )
}

async fn ask(
    State(state): State<AppState>,
    Person(signed_in): Person,
    page: PublicPage,
    Path(path): Path<DoorPath>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let slug = slug_of(&path.government)?;
    let back = OwnPath::parse(typed.text("kembali"));
    match state.app.ask_emergency_access(&signed_in, &slug, typed.text("reason")).await {
        Ok(_) => {
            let to = back.map_or_else(
                || links::emergency(&slug),
                |it| links::emergency_for(&slug, it.as_str()),
            );
            Ok(told(&state, &to, "flash.emergency_asked"))
        }
        Err(refusal) => {
            let form = FormState::refused(typed, refusal)?;
            draw(&state.app, &page, &slug, back, &form).await
        }
    }
}

/// To another page of ours with a message.
fn told(state: &AppState, to: &str, flash: &'static str) -> Response {
    let mut response = see_other(to);
    let (name, value) = Flash::success(flash).header(&state.settings);
    response.headers_mut().append(name, value);
    response
}

/// The message after a decision.
fn decided(approved: bool) -> &'static str {
    if approved { "flash.request_approved" } else { "flash.request_refused" }
}

async fn approve(
    state: State<AppState>,
    person: Person,
    page: PublicPage,
    path: Path<RequestPath>,
) -> PageResult {
    decide(state, person, page, path, true).await
}

async fn refuse(
    state: State<AppState>,
    person: Person,
    page: PublicPage,
    path: Path<RequestPath>,
) -> PageResult {
    decide(state, person, page, path, false).await
}

async fn decide(
    State(state): State<AppState>,
    Person(signed_in): Person,
    page: PublicPage,
    Path(path): Path<RequestPath>,
    approved: bool,
) -> PageResult {
    let slug = slug_of(&path.government)?;
    match state.app.decide_at_the_door(&signed_in, &slug, path.request.0, approved).await {
        Ok(_) => Ok(told(&state, &links::emergency(&slug), decided(approved))),
        Err(refusal) => {
            let form = FormState::refused(Fields::default(), refusal)?;
            draw(&state.app, &page, &slug, None, &form).await
        }
    }
}

/// What accounts for emergencies of a government ask, for the operator's page of its life.
pub(super) fn operators_list(
    app: &App,
    locale: Locale,
    tenant: &Tenant,
    requests: &[AccountRequest],
) -> Markup {
    let moment = |at| format::date_time(locale, at, format::Zone::default());
    let columns = vec![
        Column::text(tr!(locale, "account_help.asked")),
        Column::text(tr!(locale, "account_help.reason")),
        Column::text(tr!(locale, "emergency.state")),
    ];
    let row = |it: &AccountRequest| {
        let here = format!("{}/emergency-access/{}", of_tenant(tenant), it.id);
        Row::new(vec![
            html! { (it.user_name) br; small { (moment(it.requested_at)) } },
            html! { (it.reason) },
            html! {
                @if it.is_open(app.now()) {
                    (steps(locale, &format!("{here}/approval"), &format!("{here}/refusal")))
                } @else { (standing(app, locale, it)) }
            },
        ])
    };
    let caption = tr!(locale, "emergency.title");
    let list = html! {
        @if requests.is_empty() { p { (tr!(locale, "emergency.operator_none")) } } @else {
            (table(locale, &Table::new(&*caption, columns).quiet().rows(requests.iter().map(row))))
        }
    };
    let head = Card::titled(caption.clone()).subtitle(tr!(locale, "emergency.operator_text"));
    card(&head.id("akses-darurat"), list)
}

/// Path of a request, for the operator.
#[derive(Debug, Deserialize)]
struct OperatorPath {
    code: String,
    request: Id<AccountRequestId>,
}

async fn approve_as(
    State(app): State<App>,
    page: OperatorPage,
    Path(path): Path<OperatorPath>,
) -> PageResult {
    decide_as(&app, &page, &path, true).await
}

async fn refuse_as(
    State(app): State<App>,
    page: OperatorPage,
    Path(path): Path<OperatorPath>,
) -> PageResult {
    decide_as(&app, &page, &path, false).await
}

async fn decide_as(
    app: &App,
    page: &OperatorPage,
    path: &OperatorPath,
    approved: bool,
) -> PageResult {
    let operator = Operator::of(&page.signed_in)?;
    let done =
        app.decide_emergency_access_as(&operator, &path.code, path.request.0, approved).await;
    match done {
        Ok(_) => {
            let tenant = app.tenant_life(&operator, &path.code).await?.tenant;
            Ok(page.redirect(&super::life::of_life(&tenant), &Flash::success(decided(approved))))
        }
        Err(refusal) => {
            let state = FormState::refused(Fields::default(), refusal)?;
            super::life::draw(app, page, &path.code, &state).await
        }
    }
}
