//! The letter with the head of the chain at the end of a month: printed, signed and kept on paper, where nobody
//! who can write the database can change it.

use axum::extract::State;
use ekinerja_app::App;
use ekinerja_app::audit::{MonthHead, in_groups};
use maud::{Markup, html};
use serde::Deserialize;

use crate::components::card::{Card, card};
use crate::components::forms::Field;
use crate::components::navigation::filters;
use crate::components::table::definitions;
use crate::extract::{Fields, Query};
use crate::form::FormState;
use crate::format::{self, PeriodName, Zone};
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};

/// Which month.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wish {
    /// `2025-01`; empty: this one.
    #[serde(default)]
    month: String,
}

pub(super) async fn show(
    State(app): State<App>,
    page: Page,
    Query(wish): Query<Wish>,
) -> PageResult {
    let locale = page.locale;
    let (month, state) = match app.month_head(&page.scope(), &wish.month).await {
        Ok(month) => (month, FormState::default()),
        Err(refusal) => {
            let state = FormState::refused(Fields::of([("month", wish.month)]), refusal)?;
            (app.month_head(&page.scope(), "").await?, state)
        }
    };
    let trail = links::audit(&page.tenant().slug);
    let field = Field::text("month", tr!(locale, "audit.letter.month"))
        .value(month.month.format("%Y-%m").to_string())
        .hint(tr!(locale, "audit.letter.month_hint"));
    let field = state.fill(locale, field);
    let content = html! {
        (state.summary(locale))
        (filters(locale, &format!("{trail}/letter"), &[field]))
        @if !state.is_refused() { (letter(locale, &page.tenant().name, page.tenant().code.as_str(), &month)) }
    };
    let head = Head::new(tr!(locale, "audit.letter.title"))
        .subtitle(tr!(locale, "audit.letter.subtitle"))
        .under(tr!(locale, "audit.title"), trail);
    Ok(page.show_with(state.status(), head, content))
}

fn letter(locale: Locale, government: &str, code: &str, it: &MonthHead) -> Markup {
    use chrono::Datelike as _;
    let when = |at| format::date_time(locale, at, Zone::default());
    let name = format::period(locale, PeriodName::Month(it.month.year(), it.month.month()));
    let count = |n: i64| format::count(locale, u64::try_from(n).unwrap_or_default());
    let rows = [
        (tr!(locale, "audit.letter.government"), html! { (government) " (" (code) ")" }),
        (tr!(locale, "audit.letter.month_of"), html! { (name) }),
        (tr!(locale, "audit.letter.until"), html! { (when(it.until)) }),
        (tr!(locale, "audit.letter.lines"), html! { (format::count(locale, it.lines)) }),
        (tr!(locale, "audit.letter.number"), html! { b { (count(it.head.position)) } }),
        (
            tr!(locale, "audit.letter.written"),
            html! { @if let Some(at) = it.written_at { (when(at)) } @else { "–" } },
        ),
        (tr!(locale, "audit.letter.hash"), html! { code { (in_groups(&it.head.hash)) } }),
    ];
    let rows: Vec<_> = rows.into_iter().map(|(key, value)| (key.into_owned(), value)).collect();
    card(
        &Card::titled(tr!(locale, "audit.letter.heading")),
        html! {
            p { (tr!(locale, "audit.letter.text")) }
            (definitions(locale, &rows))
            p { (tr!(locale, "audit.letter.how")) }
            dl.facts.signature {
                dt { (tr!(locale, "audit.letter.place")) } dd { }
                dt { (tr!(locale, "audit.letter.name")) } dd { }
                dt { (tr!(locale, "audit.letter.nip")) } dd { }
                dt { (tr!(locale, "audit.letter.signature")) } dd { }
            }
        },
    )
}
