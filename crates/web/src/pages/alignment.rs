//! The alignment matrix: objectives of the province against its regencies, reasons, coverage, and orphans on
//! both sides.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::alignment::AlignmentView;
use ekinerja_domain::alignment::{Alignment, AlignmentCell, AlignmentReason, AlignmentRow, Orphan};
use ekinerja_domain::comparison::{PublicationState, without_line};
use ekinerja_domain::indicator::IndicatorCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::published as words;
use crate::cached::{self, Asked, Depends};
use crate::components::card::{Card, card};
use crate::components::icon::Icon;
use crate::components::matrix::{self, Crossing, Matrix, MatrixRow, matrix};
use crate::components::navigation::period_picker;
use crate::components::notice::{Empty, empty};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::Query;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new().route("/alignment", get(show))
}

#[derive(Debug, Deserialize)]
struct Wish {
    #[serde(default)]
    period: Option<String>,
}

async fn show(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    // Which period is the latest, and the sizes behind the coverage, come from every period.
    let depends = [Depends::EveryPeriod, Depends::Plan, Depends::Organisation];
    cached::page(
        &state,
        &page,
        &asked,
        &depends,
        Box::pin(async {
            let view = state.app.align_objectives(&page.scope(), wish.period.as_deref()).await?;
            let suspended = state.app.suspended_regencies(&page.scope()).await?;
            let (head, content) = match view {
                Some(view) => draw(&page, &view),
                None => nothing(&page),
            };
            Ok((head, words::with_suspended(page.locale, &suspended, content)))
        }),
    )
    .await
}

fn nothing(page: &Page) -> (Head, Markup) {
    let locale = page.locale;
    let content = empty(&Empty {
        title: tr!(locale, "aligning.empty").into_owned(),
        text: tr!(locale, "aligning.empty_text").into_owned(),
        action: Some((
            tr!(locale, "comparing.received").into_owned(),
            links::publication(&page.tenant().slug),
        )),
        icon: Icon::Align,
    });
    (Head::new(tr!(locale, "aligning.title")), content)
}

fn draw(page: &Page, view: &AlignmentView) -> (Head, Markup) {
    let locale = page.locale;
    let period = words::period_words(locale, view.period);
    let choices = words::period_choices(locale, &view.periods);
    let picker = period_picker(
        locale,
        &links::alignment(&page.tenant().slug),
        choices,
        &view.period.to_string(),
    );
    let head = Head::new(tr!(locale, "aligning.title"))
        .subtitle(tr!(locale, "aligning.subtitle", period = period))
        .tools(picker);
    let published = view.states.iter().filter(|it| **it == PublicationState::InForce).count();
    let content = html! {
        (card(
            &Card::titled(tr!(locale, "aligning.matrix")).subtitle(tr!(
                locale,
                "aligning.matrix_text",
                published = published,
                all = view.regencies.len()
            )),
            html! {
                (matrix(locale, &as_matrix(locale, view)))
                p.sub { (tr!(locale, "aligning.counts_text")) " " (size_words(locale, view)) }
            },
        ))
        (card(
            &Card::titled(tr!(locale, "aligning.reasons")).subtitle(tr!(locale, "aligning.reasons_text")),
            html! {
                @for row in &view.matrix.rows { (reasons(locale, view, row)) }
            },
        ))
        (card(
            &Card::titled(tr!(locale, "aligning.orphans_here"))
                .subtitle(tr!(locale, "aligning.orphans_here_text")),
            orphans_here(locale, view),
        ))
        (card(
            &Card::titled(tr!(locale, "aligning.orphans_there"))
                .subtitle(tr!(locale, "aligning.orphans_there_text")),
            orphans_there(locale, &view.matrix.orphans),
        ))
    };
    (head, content)
}

fn as_matrix(locale: Locale, view: &AlignmentView) -> Matrix {
    let rows = view.matrix.rows.iter().map(|row| MatrixRow {
        label: format!("{} {}", row.code, row.text),
        href: Some(format!("#s-{}", anchor(&row.code))),
        coverage: carried(locale, row),
        crossings: row
            .cells
            .iter()
            .map(|it| Crossing {
                alignment: shown(it.alignment),
                reason: sentence(locale, it, &view.names),
                href: None,
            })
            .collect(),
    });
    Matrix {
        caption: tr!(locale, "aligning.matrix").into_owned(),
        corner: tr!(locale, "aligning.objective").into_owned(),
        columns: view.regencies.iter().map(|it| words::short_name(&it.name).to_owned()).collect(),
        rows: rows.collect(),
    }
}

const fn shown(alignment: Alignment) -> matrix::Alignment {
    match alignment {
        Alignment::Aligned => matrix::Alignment::Aligned,
        Alignment::Partly => matrix::Alignment::Partly,
        Alignment::None => matrix::Alignment::None,
        Alignment::Unknown => matrix::Alignment::Unknown,
    }
}

/// How many carry it, and the share of the people: short, for the matrix.
fn carried(locale: Locale, row: &AlignmentRow) -> String {
    let [aligned, partly, _, _] = row.counts;
    let counted =
        tr!(locale, "figure.coverage_of", reporting = aligned + partly, expected = row.cells.len());
    match row.share {
        Some(share) => format!("{counted} · {}", words::percent(locale, share)),
        None => counted.into_owned(),
    }
}

/// "3 selaras, 4 sebagian dari 10 · 81,2%".
fn coverage(locale: Locale, row: &AlignmentRow) -> String {
    let [aligned, partly, _, _] = row.counts;
    let counted =
        tr!(locale, "aligning.coverage", aligned = aligned, partly = partly, all = row.cells.len());
    match row.share {
        Some(share) => format!("{counted} · {}", words::percent(locale, share)),
        None => counted.into_owned(),
    }
}

fn size_words(locale: Locale, view: &AlignmentView) -> String {
    match &view.sizes {
        Some(sizes) => tr!(
            locale,
            "aligning.sizes",
            variable = view.names.get(&sizes.code).map_or(sizes.code.as_str(), String::as_str),
            period = words::period_words(locale, sizes.period)
        )
        .into_owned(),
        None => tr!(locale, "aligning.no_sizes").into_owned(),
    }
}

/// The reasons of a cell in one sentence.
fn sentence(
    locale: Locale,
    cell: &AlignmentCell,
    names: &BTreeMap<IndicatorCode, String>,
) -> String {
    let listed = |codes: &[IndicatorCode]| -> String {
        let names: Vec<_> = codes
            .iter()
            .map(|code| names.get(code).map_or_else(|| code.as_str().to_owned(), Clone::clone))
            .collect();
        names.join(", ")
    };
    let one = |reason: &AlignmentReason| match reason {
        AlignmentReason::ServedBy { objective } => {
            tr!(locale, "aligning.served_by", objective = objective).into_owned()
        }
        AlignmentReason::NotServed => tr!(locale, "aligning.not_served").into_owned(),
        AlignmentReason::MeasuredElsewhere(codes) => {
            tr!(locale, "aligning.elsewhere", indicators = listed(codes)).into_owned()
        }
        AlignmentReason::NotMeasured(codes) => {
            tr!(locale, "aligning.not_measured", indicators = listed(codes)).into_owned()
        }
        AlignmentReason::OtherDefinition(codes) => {
            tr!(locale, "aligning.other_definition", indicators = listed(codes)).into_owned()
        }
        AlignmentReason::NoTarget(codes) => {
            tr!(locale, "aligning.no_target", indicators = listed(codes)).into_owned()
        }
        AlignmentReason::NoValue(codes) => {
            tr!(locale, "aligning.no_value", indicators = listed(codes)).into_owned()
        }
        AlignmentReason::NothingToMeasure => {
            tr!(locale, "aligning.nothing_to_measure").into_owned()
        }
        AlignmentReason::NothingPublished(state) => {
            words::exclusion(locale, without_line(*state)).to_owned()
        }
    };
    let sentences: Vec<_> = cell.reasons.iter().map(one).collect();
    sentences.join("; ")
}

/// One objective with the reasons of every regency, folded.
fn reasons(locale: Locale, view: &AlignmentView, row: &AlignmentRow) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "chart.region")),
        Column::text(tr!(locale, "chart.status")),
        Column::number(tr!(locale, "aligning.indicators")),
        Column::text(tr!(locale, "comparing.reason")),
    ];
    let rows = row.cells.iter().zip(&view.regencies).map(|(cell, regency)| {
        let measured = match cell.alignment {
            Alignment::Unknown => "–".to_owned(),
            _ => tr!(
                locale,
                "figure.coverage_of",
                reporting = cell.measured,
                expected = cell.expected
            )
            .into_owned(),
        };
        Row::new(vec![
            html! { (regency.name) },
            html! { (shown(cell.alignment).word(locale)) },
            html! { (measured) },
            html! { (sentence(locale, cell, &view.names)) },
        ])
    });
    let caption = format!("{} {}", row.code, row.text);
    html! {
        details.twin id={ "s-" (anchor(&row.code)) } {
            summary { b { (row.code) } " " (row.text) " · " (coverage(locale, row)) }
            (table(locale, &Table::new(caption, columns).quiet().rows(rows)))
        }
    }
}

/// A code as part of an address inside the page.
fn anchor(code: &str) -> String {
    code.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

fn orphans_here(locale: Locale, view: &AlignmentView) -> Markup {
    let orphans: Vec<_> = view.matrix.rows.iter().filter(|it| it.is_orphan()).collect();
    html! {
        @if orphans.is_empty() {
            p { (tr!(locale, "aligning.no_orphans_here")) }
        } @else {
            ul { @for it in orphans { li { b { (it.code) } " " (it.text) } } }
        }
    }
}

fn orphans_there(locale: Locale, orphans: &[Orphan]) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "chart.region")),
        Column::text(tr!(locale, "aligning.objective")),
        Column::text(tr!(locale, "comparing.reason")),
    ];
    let rows = orphans.iter().map(|it| {
        Row::new(vec![
            html! { (it.name) },
            html! { (it.code) " " (it.text) },
            html! {
                @match &it.serves {
                    Some(code) => (tr!(locale, "aligning.serves_nothing", code = code)),
                    None => (tr!(locale, "aligning.own_objective")),
                }
            },
        ])
    });
    html! {
        @if orphans.is_empty() {
            p { (tr!(locale, "aligning.no_orphans_there")) }
        } @else {
            (table(locale, &Table::new(tr!(locale, "aligning.orphans_there"), columns).quiet().rows(rows)))
        }
    }
}
