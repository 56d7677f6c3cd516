//! "Mengapa?": the page behind every number, from the organisation's score down to the evidence.
//!
//! NKO, perspective or objective, indicator with its evidence: three steps down, each a page that prints and
//! works without script, each with its explanation to download.

mod indicator;
mod level;
mod province;

use axum::routing::get;
use ekinerja_domain::explanation::{
    BandDecision, Calculation, Explanation, Language, formula_words, sentence,
};
use ekinerja_domain::quantity::Rounding;
use ekinerja_domain::scale::{Band, Scale};
use ekinerja_domain::scoring::RuleSet;
use ekinerja_domain::tenant::Slug;
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::indicator::step_words;
use super::recorded::traffic;
use crate::components::badge;
use crate::components::card::{Card, card};
use crate::components::icon::{Icon, icon};
use crate::components::table::{Column, Row, Table, table};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/scorecard/why", get(level::show_organisation))
        .route("/scorecard/why/perspectives/{perspective}", get(level::show_perspective))
        .route("/scorecard/why/objectives/{node}", get(level::show_objective))
        .route("/indicators/{indicator}/why", get(indicator::show))
        .route("/rollup/{indicator}/why", get(province::show_rollup))
        .route("/comparison/why", get(province::show_rank))
}

const fn language(locale: Locale) -> Language {
    match locale {
        Locale::Id => Language::Id,
        Locale::En => Language::En,
    }
}

/// The plain sentence, and the explanation to take along.
fn short(locale: Locale, slug: &Slug, it: &Explanation, json: &str, marks: &Markup) -> Markup {
    let about = Card::titled(tr!(locale, "why.sentence")).tools(marks.clone());
    card(
        &about,
        html! {
            p { (sentence(it, language(locale))) }
            p.actions.no-print {
                a.btn href=(links::api(slug, json)) download="penjelasan.json" {
                    (icon(Icon::Download)) (tr!(locale, "why.json"))
                }
                span.sub { (tr!(locale, "why.json_text")) }
            }
        },
    )
}

/// Name, version, basis, rounding of a rule set.
fn rules_facts(locale: Locale, rules: &RuleSet) -> Markup {
    let decimals = rules.decimals;
    let limit = |it: Option<Decimal>| {
        it.map_or_else(
            || tr!(locale, "why.none").into_owned(),
            |it| format::percent(locale, it, decimals),
        )
    };
    html! {
        dt { (tr!(locale, "why.rules")) }
        dd { (rules.id) span.without { (rules.basis) } }
        dt { (tr!(locale, "why.cap")) }
        dd { (limit(rules.cap)) }
        dt { (tr!(locale, "why.floor")) }
        dd { (limit(rules.floor)) }
        dt { (tr!(locale, "why.rounding")) }
        dd { (rounding(locale, rules)) }
    }
}

fn rounding(locale: Locale, rules: &RuleSet) -> String {
    match rules.rounding {
        Rounding::HalfUp => tr!(locale, "why.half_up", decimals = rules.decimals),
        Rounding::Truncate => tr!(locale, "why.truncate", decimals = rules.decimals),
    }
    .into_owned()
}

/// Formula, rules, numbers before and after each limit, steps.
fn calculation(locale: Locale, title: &str, it: &Calculation, more: &Markup) -> Markup {
    let decimals = it.printed_decimals();
    let steps = it.steps.iter().map(|it| {
        Row::new(vec![
            html! { (step_words(locale, it.kind)) },
            html! {
                @if it.kind == ekinerja_domain::scoring::StepKind::Rounding { "–" }
                @else { code { (it.formula) } }
            },
            html! { (format::number_as_is(locale, it.result.round_dp(10))) },
        ])
    });
    let columns = vec![
        Column::text(tr!(locale, "indicator.step")),
        Column::text(tr!(locale, "indicator.formula")),
        Column::number(tr!(locale, "indicator.result")),
    ];
    let steps = Table::new(tr!(locale, "indicator.steps"), columns).rows(steps);
    let percent = |value: Decimal| format::percent(locale, value, decimals);
    card(
        &Card::titled(title),
        html! {
            dl.facts {
                @if let Some(rule) = it.rule {
                    dt { (tr!(locale, "why.formula")) }
                    dd {
                        b { (rule.code()) } ": " (formula_words(rule, language(locale)))
                        span.without {
                            code { (rule.formula()) } " (" (tr!(locale, "why.symbols")) ")"
                        }
                    }
                }
                @if let Some(rules) = &it.rules { (rules_facts(locale, rules)) }
                @else { dt { (tr!(locale, "why.rules")) } dd { (it.rule_set) } }
                @if let Some(uncapped) = it.uncapped.filter(|_| it.is_limited()) {
                    dt { (tr!(locale, "why.uncapped")) } dd { (percent(uncapped)) }
                }
                @if let Some(exact) = it.achievement {
                    dt { (tr!(locale, "why.exact")) }
                    dd { (format::number_as_is(locale, exact.round_dp(10))) "%" }
                }
                @if let Some(printed) = it.printed {
                    dt { (tr!(locale, "why.shown")) } dd { b { (percent(printed)) } }
                }
                (more)
            }
            @if !it.steps.is_empty() { (table(locale, &steps)) }
        },
    )
}

/// The bands with their edges, and which one it was.
fn bands(locale: Locale, scale: &Scale, decision: Option<&BandDecision>, decimals: u32) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "why.band")),
        Column::text(tr!(locale, "why.edge")),
        Column::text(tr!(locale, "why.this_one")),
    ];
    let is_it = |band: &Band| decision.is_some_and(|it| it.band.code == band.code);
    let rows = scale.bands().map(|band| {
        Row::new(vec![
            html! {
                @match traffic(band.status) {
                    Some(status) => (badge::status_named(status, &band.label)),
                    None => (band.label),
                }
            },
            html! { (edge(locale, band, decimals)) },
            html! { @if is_it(band) { b { "✓ " (tr!(locale, "why.this_one")) } } @else { "–" } },
        ])
    });
    let title = tr!(locale, "why.scale", name = scale.name());
    card(
        &Card::titled(title.clone()).subtitle(tr!(locale, "why.scale_text")),
        table(locale, &Table::new(title, columns).quiet().rows(rows)),
    )
}

fn edge(locale: Locale, band: &Band, decimals: u32) -> String {
    let Some(lower) = band.lower else { return tr!(locale, "why.rest").into_owned() };
    let edge = format::percent(locale, lower, decimals);
    if band.inclusive {
        tr!(locale, "why.at_least", edge = edge).into_owned()
    } else {
        tr!(locale, "why.above", edge = edge).into_owned()
    }
}
