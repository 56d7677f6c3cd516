//! The list of what left, the form that begins a publication, and a province's log of what came.

use axum::extract::State;
use ekinerja_app::Page as Piece;
use ekinerja_app::publications::LoggedPublication;
use ekinerja_domain::access::policy::{Alignment, Publishing};
use ekinerja_domain::access::{Align, Publish};
use ekinerja_domain::period::Period;
use ekinerja_domain::publication::{Publication, PublicationStatus};
use maud::{Markup, html};

use super::nothing;
use crate::components::badge;
use crate::components::card::{Card, card};
use crate::components::forms::{self, Field, Weight, actions, field, submit};
use crate::components::navigation::{Pages, pagination};
use crate::components::table::{Column, Row, Table, table};
use crate::form::FormState;
use crate::format::{self, Zone};
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::pages::published as words;
use crate::paging::Paging;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) async fn show(State(state): State<AppState>, page: Page, paging: Paging) -> PageResult {
    draw(&state, &page, paging.page(), &FormState::default()).await
}

/// The page with a form that was refused.
pub(super) async fn again(state: &AppState, page: &Page, form: &FormState) -> PageResult {
    draw(state, page, Piece::new(None, 50), form).await
}

async fn draw(state: &AppState, page: &Page, piece: Piece, form: &FormState) -> PageResult {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let first = piece.after.is_none();
    let published = state.app.publications(&page.scope(), &piece).await?;
    let received = if page.may::<Align, _>(&Alignment) && first {
        Some(state.app.received_publications(&page.scope()).await?)
    } else {
        None
    };
    let periods = periods(state, page).await?;
    let next = published
        .next
        .as_ref()
        .map(|after| format!("{}?after={}", links::publication(slug), links::escaped(after)));
    let pages = Pages { previous: None, next, shown: String::new() };
    let content = html! {
        (form.summary(locale))
        @if page.may::<Publish, _>(&Publishing) { (begin(page, &periods, form)) }
        (card(
            &Card::titled(tr!(locale, "publishing.left")).subtitle(tr!(locale, "publishing.left_text")),
            html! {
                @if published.items.is_empty() {
                    (nothing(
                        tr!(locale, "publishing.none").into_owned(),
                        tr!(locale, "publishing.none_text").into_owned(),
                    ))
                } @else {
                    (table(locale, &list(page, &published.items)))
                    (pagination(locale, &pages))
                }
            },
        ))
        @if let Some(received) = received {
            (card(
                &Card::titled(tr!(locale, "publishing.came")).subtitle(tr!(locale, "publishing.came_text")),
                log(locale, &received),
            ))
        }
    };
    let head =
        Head::new(tr!(locale, "publishing.title")).subtitle(tr!(locale, "publishing.subtitle"));
    Ok(page.show_with(form.status(), head, content))
}

/// The tenant's periods, the latest first.
async fn periods(state: &AppState, page: &Page) -> Result<Vec<Period>, Problem> {
    let mut periods: Vec<_> =
        state.app.periods(&page.scope()).await?.into_iter().map(|it| it.period).collect();
    periods.sort_unstable_by(|left, right| right.cmp(left));
    Ok(periods)
}

/// The form that leads to the preview.
fn begin(page: &Page, periods: &[Period], form: &FormState) -> Markup {
    let locale = page.locale;
    let target = forms::Form {
        action: links::publication_preview(&page.tenant().slug),
        reads: true,
        ..forms::Form::default()
    };
    let choices = words::period_choices(locale, periods);
    let picker = if periods.is_empty() {
        Field::text("period", tr!(locale, "nav.period"))
    } else {
        Field::select("period", tr!(locale, "nav.period"), choices)
    };
    card(
        &Card::titled(tr!(locale, "publishing.begin"))
            .subtitle(tr!(locale, "publishing.begin_text")),
        forms::form(
            &target,
            html! {
                (field(locale, &form.fill(locale, picker.required())))
                (actions(submit(&tr!(locale, "publishing.see"), Weight::Primary)))
            },
        ),
    )
}

fn status(locale: Locale, status: PublicationStatus) -> Markup {
    let word = match status {
        PublicationStatus::Published => tr!(locale, "publishing.in_force"),
        PublicationStatus::Superseded => tr!(locale, "publishing.superseded"),
        PublicationStatus::Revoked => tr!(locale, "publishing.revoked"),
    };
    badge::tag(&word)
}

fn list(page: &Page, items: &[Publication]) -> Table {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let columns = vec![
        Column::text(tr!(locale, "publishing.publication")),
        Column::text(tr!(locale, "chart.status")),
        Column::text(tr!(locale, "publishing.at")),
        Column::text(tr!(locale, "publishing.by")),
        Column::text(tr!(locale, "publishing.revocation_reason")),
    ];
    let row = |it: &Publication| {
        let period = words::period_words(locale, it.period);
        let name = tr!(locale, "publishing.one", period = period, number = it.number);
        Row::new(vec![
            html! { a href=(links::publication_of(slug, it.id)) { (name) } },
            status(locale, it.status),
            html! { (format::date_time(locale, it.published_at, Zone::Wita)) },
            html! { (it.published_by_name) },
            html! { (it.revocation_reason.as_deref().unwrap_or("–")) },
        ])
    };
    Table::new(tr!(locale, "publishing.left"), columns).quiet().rows(items.iter().map(row))
}

/// What came, restated and revoked ones too; of these only this line is left. One fold per period, the latest
/// open.
fn log(locale: Locale, items: &[LoggedPublication]) -> Markup {
    let mut periods: Vec<_> = items.iter().map(|it| it.publication.period).collect();
    periods.sort_unstable();
    periods.dedup();
    html! {
        @if items.is_empty() {
            (nothing(
                tr!(locale, "publishing.nothing_came").into_owned(),
                tr!(locale, "publishing.nothing_came_text").into_owned(),
            ))
        }
        @for (at, period) in periods.iter().rev().enumerate() {
            @let of_period: Vec<_> =
                items.iter().filter(|it| it.publication.period == *period).collect();
            details.twin open[at == 0] {
                summary { (period_summary(locale, *period, &of_period)) }
                (table(locale, &log_of(locale, *period, &of_period)))
            }
        }
    }
}

fn period_summary(locale: Locale, period: Period, items: &[&LoggedPublication]) -> String {
    let count = |status| items.iter().filter(|it| it.publication.status == status).count();
    tr!(
        locale,
        "publishing.came_in",
        period = words::period_words(locale, period),
        in_force = count(PublicationStatus::Published),
        superseded = count(PublicationStatus::Superseded),
        revoked = count(PublicationStatus::Revoked)
    )
    .into_owned()
}

fn log_of(locale: Locale, period: Period, items: &[&LoggedPublication]) -> Table {
    let columns = vec![
        Column::text(tr!(locale, "publishing.from")),
        Column::number(tr!(locale, "publishing.number")),
        Column::text(tr!(locale, "chart.status")),
        Column::text(tr!(locale, "publishing.at")),
        Column::text(tr!(locale, "publishing.revocation_reason")),
    ];
    let row = |it: &&LoggedPublication| {
        let publication = &it.publication;
        Row::new(vec![
            html! { (it.publisher.name) },
            html! { (publication.number) },
            status(locale, publication.status),
            html! { (format::date_time(locale, publication.published_at, Zone::Wita)) },
            html! {
                @if let Some(reason) = &publication.revocation_reason { (reason) } @else { "–" }
                @if let Some(at) = publication.revoked_at {
                    " " span.sub { (format::date_time(locale, at, Zone::Wita)) }
                }
            },
        ])
    };
    let mut sorted = items.to_vec();
    sorted.sort_by(|left, right| {
        left.publisher
            .code
            .cmp(&right.publisher.code)
            .then_with(|| right.publication.number.cmp(&left.publication.number))
    });
    let rows: Vec<_> = sorted.iter().map(row).collect();
    Table::new(words::period_words(locale, period), columns).quiet().rows(rows)
}

/// Who published it, when, where it stands.
pub(super) fn facts(locale: Locale, it: &Publication) -> Markup {
    html! {
        dl.facts {
            dt { (tr!(locale, "chart.status")) } dd { (status(locale, it.status)) }
            dt { (tr!(locale, "publishing.at")) }
            dd { (format::date_time(locale, it.published_at, Zone::Wita)) }
            dt { (tr!(locale, "publishing.by")) } dd { (it.published_by_name) }
            dt { (tr!(locale, "publishing.hash")) } dd { code { (it.content_hash) } }
            @if let Some(at) = it.revoked_at {
                dt { (tr!(locale, "publishing.revoked_at")) }
                dd { (format::date_time(locale, at, Zone::Wita)) }
            }
            @if let Some(reason) = &it.revocation_reason {
                dt { (tr!(locale, "publishing.revocation_reason")) } dd { (reason) }
            }
        }
    }
}
