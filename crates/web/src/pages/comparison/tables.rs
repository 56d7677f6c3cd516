//! The comparison as tables: the ranked one, those who stand apart, and the official figure beside the
//! computed one.

use chrono::NaiveDate;
use ekinerja_app::comparison::ComparisonView;
use ekinerja_domain::comparison::Reporter;
use ekinerja_domain::scoring::{Outcome, Reason};
use maud::{Markup, html};

use super::charts::{coverage, rank_words};
use crate::components::figure::{coverage as coverage_words, why as why_link};
use crate::components::table::{Column, Row, Table, table};
use crate::components::{SourceMark, badge};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::Page;
use crate::pages::published as words;

/// Level, target, achievement, change, distance and rank, one row per reporter.
pub(super) fn details(page: &Page, view: &ComparisonView, today: NaiveDate) -> Table {
    let locale = page.locale;
    // The unit stands in the head: the same in every row, it would only break the lines.
    let in_unit = |word: std::borrow::Cow<'_, str>| {
        tr!(locale, "comparing.in_unit", word = word, unit = words::unit(&view.yardstick.unit))
            .into_owned()
    };
    let columns = vec![
        Column::text(tr!(locale, "chart.region")),
        Column::number(tr!(locale, "chart.rank")),
        Column::number(in_unit(tr!(locale, "chart.value"))),
        Column::number(tr!(locale, "figure.target")),
        Column::number(tr!(locale, "figure.achievement")),
        Column::text(tr!(locale, "chart.status")),
        Column::number(tr!(locale, "chart.change")),
        Column::number(tr!(locale, "comparing.distance")),
        Column::text(tr!(locale, "comparing.as_of")),
    ];
    let rows = view.comparison.reporters.iter().map(|it| row(page, view, it, today));
    Table::new(tr!(locale, "comparing.details"), columns).quiet().scrolling().rows(rows)
}

fn row(page: &Page, view: &ComparisonView, it: &Reporter, today: NaiveDate) -> Row {
    let locale = page.locale;
    let code = &view.yardstick.definition.code;
    let why = links::why_rank(&page.tenant().slug, code, view.period, &it.region);
    let yardstick = &view.yardstick;
    let published = &it.line.value;
    Row::new(vec![
        html! { (it.name) },
        html! { (rank_words(it.rank)) " " (why_link(locale, &why, &it.name)) },
        html! {
            (format::number(locale, it.value, u32::from(yardstick.decimals)))
            (words::mark_badges(locale, &words::marks(&published.figure)))
        },
        words::target(
            locale,
            yardstick.decimals,
            "",
            &published.target,
            published.target_illustrative,
        ),
        achievement(locale, view, it),
        badge::status(locale, words::status_of(&it.scored)),
        if let Some(change) = it.change {
            words::change_words(locale, yardstick, change)
        } else {
            html! { span.sub title=(tr!(locale, "comparing.no_change")) { "–" } }
        },
        distance(locale, view, it),
        html! {
            (words::day_with_age(locale, published.as_of, today))
            span.sub { " · " (tr!(locale, "comparing.number", number = it.line.number)) }
        },
    ])
}

fn achievement(locale: Locale, view: &ComparisonView, it: &Reporter) -> Markup {
    match &it.scored.outcome {
        Outcome::Measured { printed, .. } => {
            html! { (format::percent(locale, printed.get(), view.rules.decimals)) }
        }
        Outcome::Judged(verdict) => html! { (verdict.code()) },
        // The column of the target says already that there is none.
        Outcome::NotMeasurable(Reason::NoTarget) => html! { span.sub { "–" } },
        Outcome::NotMeasurable(reason) => {
            html! { span.sub { (words::no_achievement(locale, *reason)) } }
        }
    }
}

fn distance(locale: Locale, view: &ComparisonView, it: &Reporter) -> Markup {
    let decimals = u32::from(view.yardstick.decimals);
    match it.distance {
        None => html! { span.sub { "–" } },
        Some(distance) => html! {
            (format::signed(locale, distance.value, decimals))
            @match distance.met {
                Some(true) => span.sub { " " (tr!(locale, "comparing.met")) },
                Some(false) => span.sub { " " (tr!(locale, "comparing.not_met")) },
                None => {},
            }
        },
    }
}

/// Who stands apart, each with the reason: "tidak sebanding" and without a figure.
pub(super) fn apart(page: &Page, view: &ComparisonView) -> Markup {
    let locale = page.locale;
    let code = &view.yardstick.definition.code;
    let why = |region, name: &str| {
        let href = links::why_rank(&page.tenant().slug, code, view.period, region);
        why_link(locale, &href, name)
    };
    let comparison = &view.comparison;
    let odd_columns = vec![
        Column::text(tr!(locale, "chart.region")),
        Column::number(tr!(locale, "chart.value")),
        Column::text(tr!(locale, "comparing.reason")),
    ];
    let odd = comparison.odd.iter().map(|it| {
        let published = &it.line.value;
        let value = published.value.map(|value| {
            let amount = words::amount(&view.yardstick, value);
            let crate::components::Amount::Of { value, decimals, .. } = amount else {
                return String::new();
            };
            format!(
                "{} {}",
                format::number(locale, value, decimals),
                words::unit(&published.unit)
            )
        });
        Row::new(vec![
            html! { (it.name) },
            html! { (value.unwrap_or_default()) (words::mark_badges(locale, &words::marks(&published.figure))) },
            html! {
                (words::incomparable(locale, it.reason, &view.yardstick, published)) " "
                (why(&it.region, &it.name))
            },
        ])
    });
    let silent_columns = vec![
        Column::text(tr!(locale, "chart.region")),
        Column::text(tr!(locale, "chart.status")),
        Column::text(tr!(locale, "comparing.reason")),
    ];
    let silent = comparison.silent.iter().map(|it| {
        Row::new(vec![
            html! { (it.name) },
            badge::status(locale, words::status_of_reason(it.reason)),
            html! { (words::exclusion(locale, it.reason)) " " (why(&it.region, &it.name)) },
        ])
    });
    html! {
        @if !comparison.odd.is_empty() {
            (table(locale, &Table::new(tr!(locale, "comparing.odd"), odd_columns).rows(odd)))
        }
        @if !comparison.silent.is_empty() {
            (table(locale, &Table::new(tr!(locale, "comparing.silent"), silent_columns).rows(silent)))
        }
    }
}

/// The computed figure beside the official one with the difference and its coverage.
pub(super) fn beside_official(locale: Locale, view: &ComparisonView) -> Markup {
    let Some(kept) = &view.province else {
        return html! { p.sub { (tr!(locale, "comparing.not_computed")) } };
    };
    let (yardstick, rolled) = (&kept.rollup.yardstick, &kept.rollup.rolled);
    let name = |code: &ekinerja_domain::tenant::RegionCode| {
        let found = view.regencies.iter().find(|it| it.code == *code);
        found.map_or_else(|| code.to_string(), |it| words::short_name(&it.name).to_owned())
    };
    let text = |value| words::amount(yardstick, value).text(locale);
    let variable = kept.rollup.sizes.as_ref().and_then(|sizes| {
        let found = view.indicators.iter().find(|it| it.code == sizes.code);
        found.map(|it| it.name.as_str())
    });
    html! {
        dl.facts {
            @if let Some(computed) = rolled.computed {
                dt { (tr!(locale, "comparing.computed")) }
                dd {
                    (text(computed))
                    @if rolled.partial { " " (badge::tag(&tr!(locale, "comparing.partial"))) }
                }
            }
            @if let Some(difference) = rolled.difference {
                dt { (tr!(locale, "comparing.difference")) }
                dd { (format::signed(locale, difference, u32::from(yardstick.decimals))) }
            }
            dt { (tr!(locale, "figure.coverage")) }
            dd { (coverage_words(locale, &coverage(locale, kept, variable, name))) }
            dt { (tr!(locale, "comparing.method")) }
            dd { (words::method(locale, yardstick)) }
        }
    }
}

/// The marks that stand on this page, each with its sentence.
pub(super) fn marks_explained(locale: Locale, view: &ComparisonView) -> Markup {
    let reporters = &view.comparison.reporters;
    let mut marks: Vec<SourceMark> = Vec::new();
    for it in reporters {
        for mark in words::marks(&it.line.value.figure) {
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
        let published = &it.line.value;
        let illustrative = published.target_illustrative && published.target.is_set();
        if illustrative && !marks.contains(&SourceMark::Illustrative) {
            marks.push(SourceMark::Illustrative);
        }
    }
    html! {
        @if !marks.is_empty() {
            ul.legend {
                @for mark in marks {
                    li { (badge::source(locale, mark)) " " (mark.explanation(locale)) }
                }
            }
        }
    }
}
