//! Delegations: handing a role of one's own to another member for a time, and ending that.

use axum::extract::State;
use axum::routing::{get, post};
use chrono::NaiveDate;
use ekinerja_app::App;
use ekinerja_app::delegations::{DelegatedRole, DelegationDraft};
use ekinerja_domain::access::{Delegate, Held, Through};
use ekinerja_domain::ids::DelegationId;
use maud::{Markup, html};
use serde::Deserialize;

use crate::components::card::{Card, card};
use crate::components::forms::{
    Choice, Field, Form as FormView, Weight, actions, button_form, field, form, submit,
};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult, role};
use crate::rights;
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/delegations", get(show_delegations).post(delegate))
        .route("/delegations/{delegation}/end", post(end_delegation))
}

async fn show_delegations(State(app): State<App>, page: Page) -> PageResult {
    draw(&app, &page, &FormState::default()).await
}

async fn draw(app: &App, page: &Page, state: &FormState) -> PageResult {
    let locale = page.locale;
    let delegations = app.delegations(&page.scope()).await?;
    let agencies = app.agencies(&page.scope()).await?;
    let agencies: Vec<_> = agencies.into_iter().map(|it| (it.id, it.name)).collect();
    let mine: Vec<Choice> = page
        .standing()
        .grants
        .iter()
        .filter(|held| page.may::<Delegate, Held>(held))
        .filter_map(|held| match held.through {
            Through::Appointment { membership, .. } => {
                let scope = rights::scope(locale, held.scope, &agencies);
                let words = format!("{} · {scope}", role(locale, held.role));
                Some(Choice::new(membership.to_string(), words))
            }
            Through::Delegation { .. } | Through::Program { .. } => None,
        })
        .collect();
    let title = tr!(locale, "access.given");
    let content = html! {
        (state.summary(locale))
        @if mine.is_empty() {
            p { (tr!(locale, "access.nothing_to_delegate")) }
        } @else {
            (card(&Card::titled(tr!(locale, "access.delegate")), delegation_form(page, mine, state)))
        }
        @if delegations.is_empty() {
            p { (tr!(locale, "access.none")) }
        } @else {
            (card(&Card::titled(&*title), list(page, &delegations, app.today())))
        }
    };
    let head = Head::new(tr!(locale, "access.delegations_title"))
        .subtitle(tr!(locale, "access.delegations_subtitle"));
    Ok(page.show_with(state.status(), head, content))
}

fn delegation_form(page: &Page, mine: Vec<Choice>, state: &FormState) -> Markup {
    let locale = page.locale;
    let first = std::iter::once(Choice::new("", tr!(locale, "access.choose")));
    let fields = [
        Field::select("role", tr!(locale, "access.delegate_role"), first.chain(mine).collect())
            .required(),
        Field::text("to", tr!(locale, "access.to"))
            .hint(tr!(locale, "access.to_hint"))
            .autocomplete("off")
            .required(),
        Field::date("valid_from", tr!(locale, "access.valid_from"))
            .hint(tr!(locale, "access.valid_from_hint")),
        Field::date("valid_to", tr!(locale, "access.valid_to")).required(),
        Field::text("reason", tr!(locale, "access.reason")).hint(tr!(locale, "access.reason_hint")),
    ];
    let action = links::delegations(&page.tenant().slug);
    form(
        &FormView { action, guarded: true, ..FormView::default() },
        html! {
            @for one in fields { (field(locale, &state.fill(locale, one))) }
            (actions(submit(&tr!(locale, "access.delegate"), Weight::Primary)))
        },
    )
}

fn list(page: &Page, delegations: &[DelegatedRole], today: NaiveDate) -> Markup {
    let locale = page.locale;
    let columns = vec![
        Column::text(tr!(locale, "access.role")),
        Column::text(tr!(locale, "access.from")),
        Column::text(tr!(locale, "access.receiver")),
        Column::text(tr!(locale, "access.time")),
        Column::text(tr!(locale, "access.end")),
    ];
    let row = |it: &DelegatedRole| {
        let DelegatedRole { delegation, membership } = it;
        let end = format!("{}/{}/end", links::delegations(&page.tenant().slug), delegation.id);
        Row::new(vec![
            html! {
                (role(locale, membership.grant.role))
                @if let Some(post) = &membership.post { br; small { (post) } }
            },
            html! { (delegation.from_name) },
            html! { (delegation.to_name) @if let Some(reason) = &delegation.reason { br; small { (reason) } } },
            html! { (time_words(locale, it, today)) },
            html! {
                @if delegation.valid_to >= today {
                    (button_form(&end, "", &tr!(locale, "access.end"), Weight::Danger))
                }
            },
        ])
    };
    let rows = delegations.iter().map(row);
    table(locale, &Table::new(tr!(locale, "access.given"), columns).quiet().rows(rows))
}

fn time_words(locale: Locale, it: &DelegatedRole, today: NaiveDate) -> String {
    let it = &it.delegation;
    if it.valid_to < it.valid_from {
        return tr!(locale, "access.never").into_owned();
    }
    let (from, to) =
        (format::date_short(locale, it.valid_from), format::date_short(locale, it.valid_to));
    let days = tr!(locale, "access.between", from = from, to = to);
    if it.valid_to < today {
        format!("{days} ({})", tr!(locale, "access.over"))
    } else {
        days.into_owned()
    }
}

async fn delegate(State(app): State<App>, page: Page, Form(fields): Form<Fields>) -> PageResult {
    let text = |name| fields.text(name).to_owned();
    let draft = DelegationDraft {
        role: text("role"),
        to: text("to"),
        valid_from: text("valid_from"),
        valid_to: text("valid_to"),
        reason: text("reason"),
    };
    match app.delegate(&page.scope(), &draft).await {
        Ok(added) => {
            let flash = Flash::success("flash.role_delegated").with("name", &added.to_name);
            Ok(page.redirect(&links::delegations(&page.tenant().slug), &flash))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(fields, refusal)?).await,
    }
}

/// Path of a delegation.
#[derive(Debug, Deserialize)]
struct DelegationPath {
    delegation: Id<DelegationId>,
}

async fn end_delegation(
    State(app): State<App>,
    page: Page,
    Path(DelegationPath { delegation: Id(id) }): Path<DelegationPath>,
) -> PageResult {
    match app.end_delegation(&page.scope(), id).await {
        Ok(_) => {
            let flash = Flash::success("flash.delegation_ended");
            Ok(page.redirect(&links::delegations(&page.tenant().slug), &flash))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(Fields::default(), refusal)?).await,
    }
}
