//! Requests about accounts that a second administrator decides.

use axum::extract::State;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::account_help::{AccountRequest, RequestKind};
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
    let moment = |at| format::date_time(locale, at, format::Zone::default());
    if let Some(decision) = &it.decision {
        let word = if decision.approved {
            tr!(locale, "account_help.approved")
        } else {
            tr!(locale, "account_help.refused")
        };
        return html! { (word) ": " (decision.name) br; small { (moment(decision.at)) } };
    }
    if !it.is_open(app.now()) {
        return html! { (tr!(locale, "account_help.lapsed")) };
    }
    if it.requested_by == page.standing().user || it.user == page.standing().user {
        return html! { (tr!(locale, "account_help.other_decides")) };
    }
    let here = format!("{}/{}", links::account_requests(&page.tenant().slug), it.id);
    let approve = format!("{here}/approval");
    let refuse = format!("{here}/refusal");
    html! {
        (button_form(&approve, "", &tr!(locale, "account_help.approve"), Weight::Primary))
        (button_form(&refuse, "", &tr!(locale, "account_help.refuse"), Weight::Quiet))
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
