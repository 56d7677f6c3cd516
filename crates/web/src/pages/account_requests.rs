//! Requests about accounts that a second administrator decides.

use axum::extract::State;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::account_help::{AccountRequest, Decision, RequestKind};
use ekinerja_domain::access::Administer;
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::ids::AccountRequestId;
use maud::{Markup, html};
use serde::Deserialize;

use crate::components::card::{Card, card};
use crate::components::forms::{Weight, button_form};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, empty};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/account-requests", get(show_requests))
        .route("/account-requests/{request}/approval", post(approve))
        .route("/account-requests/{request}/refusal", post(refuse))
        .route("/account-requests/{request}/end", post(end))
}

async fn show_requests(State(app): State<App>, page: Page) -> PageResult {
    draw(&app, &page, &FormState::default()).await
}

async fn draw(app: &App, page: &Page, state: &FormState) -> PageResult {
    let locale = page.locale;
    let requests = app.account_requests(&page.scope()).await?;
    let columns = vec![
        Column::text(tr!(locale, "account_help.what")),
        Column::text(tr!(locale, "account_help.reason")),
        Column::text(tr!(locale, "account_help.asked")),
        Column::text(tr!(locale, "account_help.decided")),
    ];
    let caption = tr!(locale, "account_help.requests");
    let rows = requests.iter().map(|it| row(app, page, it));
    let content = html! {
        (state.summary(locale))
        @if requests.is_empty() {
            (empty(&Empty {
                title: tr!(locale, "account_help.none").into_owned(),
                text: tr!(locale, "account_help.none_text").into_owned(),
                action: None,
                icon: Icon::Lock,
            }))
        } @else {
            (card(&Card::default(), table(locale, &Table::new(&*caption, columns).quiet().rows(rows))))
        }
    };
    let head = Head::new(caption.clone())
        .subtitle(tr!(locale, "account_help.requests_text"))
        .under(tr!(locale, "members.title"), links::members(&page.tenant().slug));
    Ok(page.show_with(state.status(), head, content))
}

fn row(app: &App, page: &Page, it: &AccountRequest) -> Row {
    let locale = page.locale;
    let moment = |at| format::date_time(locale, at, format::Zone::default());
    Row::new(vec![
        html! { (kind(locale, it.kind)) br; b { (it.user_name) } },
        html! { (it.reason) },
        html! { (it.requested_name) br; small { (moment(it.requested_at)) } },
        decided(app, page, it),
    ])
}

fn decided(app: &App, page: &Page, it: &AccountRequest) -> Markup {
    let locale = page.locale;
    if let Some(decision) = &it.decision {
        let approved_emergency = decision.approved && it.kind == RequestKind::EmergencyAccess;
        return html! {
            (standing(app, locale, it))
            @if approved_emergency { (afterwards(app, page, it, decision)) }
        };
    }
    if !it.is_open(app.now()) {
        return standing(app, locale, it);
    }
    if it.requested_by == page.standing().user || it.user == page.standing().user {
        return html! { (tr!(locale, "account_help.other_decides")) };
    }
    let here = format!("{}/{}", links::account_requests(&page.tenant().slug), it.id);
    let approve = format!("{here}/approval");
    let refuse = format!("{here}/refusal");
    steps(locale, &approve, &refuse)
}

/// The two things that a second person can do.
pub(super) fn steps(locale: Locale, approve: &str, refuse: &str) -> Markup {
    html! {
        div.actions {
            (button_form(approve, "", &tr!(locale, "account_help.approve"), Weight::Primary))
            (button_form(refuse, "", &tr!(locale, "account_help.refuse"), Weight::Quiet))
        }
    }
}

/// What became of a request that waits for nobody.
pub(super) fn standing(app: &App, locale: Locale, it: &AccountRequest) -> Markup {
    let moment = |at| format::date_time(locale, at, format::Zone::default());
    let Some(decision) = &it.decision else {
        return html! { (tr!(locale, "account_help.lapsed")) };
    };
    let word = if decision.approved {
        tr!(locale, "account_help.approved")
    } else {
        tr!(locale, "account_help.refused")
    };
    html! {
        p { (word) ": " (decision.name) br; small { (moment(decision.at)) } }
        @match (it.ends_at, it.ended_at) {
            (Some(_), Some(ended)) => p { (tr!(locale, "emergency.ended", at = moment(ended))) },
            (Some(end), None) if it.lets_in(app.now()) => {
                p { b { (tr!(locale, "emergency.until", until = moment(end))) } }
            }
            (Some(end), None) => p { (tr!(locale, "emergency.over", at = moment(end))) },
            (None, _) => {}
        }
        @if it.ends_at.is_some() {
            p { small { @match it.used_at {
                Some(used) => (tr!(locale, "emergency.used", at = moment(used))),
                None if it.lets_in(app.now()) => (tr!(locale, "emergency.unused")),
                None => (tr!(locale, "emergency.never_used")),
            } } }
        }
    }
}

/// What an administrator does about emergency access that was given: read what was done, end it.
fn afterwards(app: &App, page: &Page, it: &AccountRequest, decision: &Decision) -> Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let day = |at| format::day_in(at, format::Zone::default());
    let end = it.ended_at.or(it.ends_at).unwrap_or(decision.at);
    let trail = links::audit_of(slug, it.user, day(decision.at), day(end));
    html! {
        p { a href=(trail) { (tr!(locale, "emergency.trail")) } }
        @if it.lets_in(app.now()) {
            (button_form(&links::emergency_end(slug, it.id), "", &tr!(locale, "emergency.end"), Weight::Danger))
        }
    }
}

fn kind(locale: Locale, kind: RequestKind) -> String {
    match kind {
        RequestKind::SecondFactorWithdrawal => tr!(locale, "account_help.withdrawal"),
        RequestKind::EmergencyAccess => tr!(locale, "account_help.emergency"),
    }
    .into_owned()
}

/// Path of a request.
#[derive(Debug, Deserialize)]
struct RequestPath {
    request: Id<AccountRequestId>,
}

async fn approve(State(app): State<App>, page: Page, Path(path): Path<RequestPath>) -> PageResult {
    decide(&app, &page, path.request.0, true).await
}

async fn refuse(State(app): State<App>, page: Page, Path(path): Path<RequestPath>) -> PageResult {
    decide(&app, &page, path.request.0, false).await
}

async fn decide(app: &App, page: &Page, id: AccountRequestId, approved: bool) -> PageResult {
    match app.decide_account_request(&page.scope(), id, approved).await {
        Ok(_) => {
            let flash = if approved { "flash.request_approved" } else { "flash.request_refused" };
            let here = links::account_requests(&page.tenant().slug);
            Ok(page.redirect(&here, &Flash::success(flash)))
        }
        Err(refusal) => draw(app, page, &FormState::refused(Fields::default(), refusal)?).await,
    }
}

/// Ends emergency access: an administrator's form, and that of the person who is in with it.
async fn end(State(app): State<App>, page: Page, Path(path): Path<RequestPath>) -> PageResult {
    match app.end_emergency_access(&page.scope(), path.request.0).await {
        // Who ended their own access is outside again.
        Ok(_) if !page.may::<Administer, _>(&Members) => {
            Ok(page.redirect(links::SIGN_IN, &Flash::success("flash.emergency_ended")))
        }
        Ok(_) => {
            let here = links::account_requests(&page.tenant().slug);
            Ok(page.redirect(&here, &Flash::success("flash.emergency_ended")))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(Fields::default(), refusal)?).await,
    }
}
