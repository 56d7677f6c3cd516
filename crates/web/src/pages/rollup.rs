//! The province's figure of one indicator: the number, its parts, the method in words, who is in it and who
//! is not, how old it is, and the official figure beside the computed one.

use axum::extract::State;
use axum::routing::get;
use chrono::NaiveDate;
use ekinerja_app::rollups::{KeptRollUp, RollUpView};
use ekinerja_domain::rollup::{Basis, RollUpPart, RollUpReason};
use ekinerja_domain::tenant::RegionCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::comparison::charts::{coverage, rollup_figure};
use super::published as words;
use crate::cached::{self, Asked, Depends};
use crate::charts::Unit;
use crate::charts::line::Point;
use crate::charts::trend::{Trend, trend};
use crate::components::card::{Card, Columns, card, grid};
use crate::components::figure::{coverage as coverage_words, figure};
use crate::components::navigation::period_picker;
use crate::components::table::{Column, Row, Table, table, twin};
use crate::components::{SourceMark, badge};
use crate::extract::{Path, Query};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new().route("/rollup/{indicator}", get(show))
}

#[derive(Debug, Deserialize)]
struct Wish {
    #[serde(default)]
    period: Option<String>,
}

#[derive(Debug, Deserialize)]
struct At {
    indicator: String,
}

async fn show(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Path(at): Path<At>,
    Query(wish): Query<Wish>,
) -> PageResult {
    // The page shows the series over all periods.
    let depends = [Depends::EveryPeriod, Depends::Plan, Depends::Organisation];
    cached::page(
        &state,
        &page,
        &asked,
        &depends,
        Box::pin(async {
            let period = wish.period.as_deref().filter(|it| !it.trim().is_empty());
            let view = state.app.rollup(&page.scope(), &at.indicator, period).await?;
            let suspended = state.app.suspended_regencies(&page.scope()).await?;
            let (head, content) = draw(&page, &view, state.app.today());
            Ok((head, words::with_suspended(page.locale, &suspended, content)))
        }),
    )
    .await
}

fn draw(page: &Page, view: &RollUpView, today: NaiveDate) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let rollup = &view.kept.rollup;
    let (yardstick, rolled) = (&rollup.yardstick, &rollup.rolled);
    let code = &yardstick.definition.code;
    let period = words::period_words(locale, rollup.period);
    let name = |region: &RegionCode| {
        let found = view.regencies.iter().find(|it| it.code == *region);
        found.map_or_else(|| region.to_string(), |it| words::short_name(&it.name).to_owned())
    };
    let covered = coverage(locale, &view.kept, view.size_name.as_deref(), name);
    let mut shown =
        rollup_figure(locale, &view.kept, page.tenant().name.clone(), period.clone(), today);
    shown.why = Some(links::why_rollup(slug, code, rollup.period));
    // The coverage belongs to the computed figure; the official one covers everybody by itself.
    if rolled.basis != Some(Basis::Official) {
        shown.coverage = Some(covered.clone());
    }
    let periods: Vec<_> = view.series.iter().rev().map(|it| it.rollup.period).collect();
    let picker = period_picker(
        locale,
        &format!("/{slug}/rollup/{}", links::escaped(code.as_str())),
        words::period_choices(locale, &periods),
        &rollup.period.to_string(),
    );
    let head = Head::new(yardstick.name.clone())
        .subtitle(tr!(locale, "rollup.subtitle", period = period))
        .under(tr!(locale, "comparing.title"), links::comparison_of(slug, code, rollup.period))
        .tools(picker);
    let content = html! {
        (grid(Columns::Halves, html! {
            (card(&Card::default(), figure(locale, &shown)))
            (card(&Card::titled(tr!(locale, "rollup.how")), html! {
                p { (words::method(locale, yardstick)) }
                dl.facts {
                    dt { (tr!(locale, "comparing.computed")) }
                    dd { (computed(locale, &view.kept)) }
                    @if let Some(official) = rolled.official {
                        dt { (tr!(locale, "rollup.official")) }
                        dd {
                            (words::amount(yardstick, official).text(locale)) " "
                            (badge::source(locale, SourceMark::Official))
                        }
                    }
                    @if let Some(difference) = rolled.difference {
                        dt { (tr!(locale, "comparing.difference")) }
                        dd { (format::signed(locale, difference, u32::from(yardstick.decimals))) }
                    }
                    dt { (tr!(locale, "figure.coverage")) }
                    dd { (coverage_words(locale, &covered)) }
                    @if rolled.oldest.is_some() {
                        dt { (tr!(locale, "rollup.oldest")) }
                        dd { (words::day_with_age(locale, rolled.oldest, today)) }
                    }
                    @if let (Some(numerator), Some(denominator)) = (rolled.numerator, rolled.denominator) {
                        dt { (tr!(locale, "rollup.sums")) }
                        dd {
                            (format::number_as_is(locale, numerator)) " / "
                            (format::number_as_is(locale, denominator))
                        }
                    }
                    dt { (tr!(locale, "rollup.definition")) }
                    dd { (definition(locale, &view.kept)) }
                    dt { (tr!(locale, "rollup.computed_at")) }
                    dd { (format::date_time(locale, view.kept.computed_at, format::Zone::Wita)) }
                }
            }))
        }))
        (card(
            &Card::titled(tr!(locale, "rollup.parts")).subtitle(tr!(locale, "rollup.parts_text")),
            html! {
                (table(locale, &parts(locale, view, &name, today)))
                (distribution(locale, &view.kept))
            },
        ))
        (card(&Card::titled(tr!(locale, "rollup.series")), series(locale, view)))
    };
    (head, content)
}

/// The computed figure, or why there is none.
fn computed(locale: Locale, kept: &KeptRollUp) -> Markup {
    let (yardstick, rolled) = (&kept.rollup.yardstick, &kept.rollup.rolled);
    html! {
        @match (rolled.computed, rolled.reason) {
            (Some(value), _) => {
                (words::amount(yardstick, value).text(locale))
                @if rolled.partial { " " (badge::tag(&tr!(locale, "comparing.partial"))) }
            },
            (None, Some(reason)) => (why_none(locale, reason)),
            (None, None) => (tr!(locale, "rollup.not_needed")),
        }
    }
}

fn why_none(locale: Locale, reason: RollUpReason) -> std::borrow::Cow<'static, str> {
    match reason {
        RollUpReason::NoAggregate => tr!(locale, "rollup.no_aggregate"),
        RollUpReason::NoOfficialFigure => tr!(locale, "rollup.no_official"),
        RollUpReason::NothingReported => tr!(locale, "rollup.nothing_reported"),
        RollUpReason::ZeroDenominator => tr!(locale, "rollup.zero_denominator"),
        RollUpReason::NoIndex => tr!(locale, "rollup.no_index"),
        RollUpReason::OutOfRange => tr!(locale, "rollup.out_of_range"),
    }
}

fn definition(locale: Locale, kept: &KeptRollUp) -> String {
    let definition = &kept.rollup.yardstick.definition;
    let release = definition.release.map_or_else(
        || tr!(locale, "rollup.own_definition").into_owned(),
        |it| tr!(locale, "rollup.release", version = it).into_owned(),
    );
    format!("{} · {release}", definition.code.as_str())
}

fn parts(
    locale: Locale,
    view: &RollUpView,
    name: &impl Fn(&RegionCode) -> String,
    today: NaiveDate,
) -> Table {
    let rollup = &view.kept.rollup;
    let all = &rollup.parts;
    let summed = words::Summed::by(all);
    let mut columns = summed.columns(locale);
    columns.push(Column::text(tr!(locale, "comparing.as_of")));
    let row = |it: &RollUpPart| {
        let marks = it.figure.as_ref().map(words::marks).unwrap_or_default();
        let mut cells = vec![
            html! { (name(&it.region)) },
            words::membership(locale, it),
            html! {
                @match it.value {
                    Some(value) => (words::amount(&rollup.yardstick, value).text(locale)),
                    None => span.sub { "–" },
                }
                @if it.value.is_some() { (words::mark_badges(locale, &marks)) }
            },
        ];
        cells.extend(summed.cells(locale, it));
        cells.push(html! {
            (words::day_with_age(locale, it.as_of, today))
            @if let Some(number) = it.number {
                span.sub { " · " (tr!(locale, "comparing.number", number = number)) }
            }
        });
        Row::new(cells)
    };
    Table::new(tr!(locale, "rollup.parts"), columns).quiet().rows(all.iter().map(row))
}

/// How many stand at each grade, and the middle.
fn distribution(locale: Locale, kept: &KeptRollUp) -> Markup {
    let Some(found) = kept.rollup.rolled.distribution.as_ref().filter(|it| !it.counts.is_empty())
    else {
        return html! {};
    };
    let columns = vec![
        Column::text(tr!(locale, "rollup.grade")),
        Column::number(tr!(locale, "rollup.members")),
    ];
    let rows = found
        .counts
        .iter()
        .map(|(grade, members)| Row::new(vec![html! { (grade) }, html! { (members) }]));
    html! {
        (table(locale, &Table::new(tr!(locale, "rollup.distribution"), columns).rows(rows)))
        @if let Some((low, high)) = &found.median {
            p.sub {
                (tr!(locale, "rollup.median")) ": " (low) @if low != high { "–" (high) }
            }
        }
    }
}

/// Official and computed figures over the years. Only official ones make a line: a partial sum moves with who
/// reports.
fn series(locale: Locale, view: &RollUpView) -> Markup {
    let yardstick = &view.kept.rollup.yardstick;
    let point = |it: &KeptRollUp| Point {
        label: it.rollup.period.to_string(),
        value: it.rollup.rolled.official,
        target: it.rollup.official.as_ref().and_then(|it| it.target.number()),
        marks: it.rollup.official.as_ref().map(|it| words::marks(&it.figure)).unwrap_or_default(),
        ..Point::default()
    };
    let line = Trend {
        id: String::from("series"),
        title: yardstick.name.clone(),
        unit: Unit::new(words::unit(&yardstick.unit), u32::from(yardstick.decimals)),
        points: view.series.iter().map(point).collect(),
        status: None,
        break_reason: String::new(),
    };
    let columns = vec![
        Column::text(tr!(locale, "nav.period")),
        Column::number(tr!(locale, "rollup.official")),
        Column::number(tr!(locale, "comparing.computed")),
        Column::text(tr!(locale, "figure.coverage")),
    ];
    let amount = |value: Option<rust_decimal::Decimal>| {
        value.map_or_else(|| "–".to_owned(), |it| words::amount(yardstick, it).text(locale))
    };
    let rows = view.series.iter().map(|it| {
        let rolled = &it.rollup.rolled;
        Row::new(vec![
            html! { (words::period_words(locale, it.rollup.period)) },
            html! { (amount(rolled.official)) },
            html! { (amount(rolled.computed)) },
            html! { (tr!(
                locale,
                "figure.coverage_of",
                reporting = rolled.coverage.reporting,
                expected = rolled.coverage.expected
            )) },
        ])
    });
    let twin_table = Table::new(tr!(locale, "rollup.series"), columns).rows(rows);
    html! {
        (trend(locale, &line))
        p.sub { (tr!(locale, "rollup.series_text")) }
        (twin(locale, &twin_table))
    }
}
