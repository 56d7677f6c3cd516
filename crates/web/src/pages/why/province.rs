//! Why a province's figure is what it is, and why a regency stands where it stands.

use axum::extract::State;
use chrono::NaiveDate;
use ekinerja_app::comparison::ComparisonRequest;
use ekinerja_domain::explanation::{Apart, Explanation, RankExplanation, RollUpExplanation};
use ekinerja_domain::measurement::FigureSource;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::super::comparison::charts::rank_words;
use super::super::published as words;
use super::super::recorded::method_words;
use super::{bands, calculation, short};
use crate::api::explanations::DEPENDS;
use crate::cached::{self, Asked};
use crate::components::badge;
use crate::components::card::{Card, card};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Path, Query};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::settings::AppState;

#[derive(Debug, Deserialize)]
pub(in crate::pages) struct At {
    indicator: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Wish {
    #[serde(default)]
    period: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(in crate::pages) struct RankWish {
    #[serde(default)]
    indicator: Option<String>,
    #[serde(default)]
    period: Option<String>,
    #[serde(default)]
    region: String,
}

pub(in crate::pages) async fn show_rollup(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Path(at): Path<At>,
    Query(wish): Query<Wish>,
) -> PageResult {
    let drawn = Box::pin(async {
        let period = wish.period.as_deref().filter(|it| !it.trim().is_empty());
        let found = state.app.explain_rollup(&page.scope(), &at.indicator, period).await?;
        Ok(draw_rollup(&page, &found.explanation, state.app.today()))
    });
    cached::page(&state, &page, &asked, &DEPENDS, drawn).await
}

pub(in crate::pages) async fn show_rank(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Query(wish): Query<RankWish>,
) -> PageResult {
    let drawn = Box::pin(async {
        let RankWish { indicator, period, region } = wish;
        let request = ComparisonRequest { indicator, period };
        let found = state.app.explain_rank(&page.scope(), &request, &region).await?;
        Ok(draw_rank(&page, &found, state.app.today()))
    });
    cached::page(&state, &page, &asked, &DEPENDS, drawn).await
}

/// What stays with the regencies: named, not dropped.
fn hidden(locale: Locale) -> Markup {
    card(&Card::titled(tr!(locale, "why.hidden")), html! { p { (tr!(locale, "why.hidden_text")) } })
}

/// Where a figure was read, with the publication it came with.
fn origin(
    locale: Locale,
    figure: Option<&FigureSource>,
    number: Option<u32>,
    as_of: Option<NaiveDate>,
    today: NaiveDate,
) -> Markup {
    html! {
        @match figure {
            None => "–",
            Some(figure) => {
                (method_words(locale, figure.method))
                @if let Some(source) = &figure.source { ": " (source) }
                (words::mark_badges(locale, &words::marks(figure)))
            }
        }
        @if let Some(number) = number {
            span.without {
                (tr!(locale, "why.publication", number = number))
                @if as_of.is_some() { " · " (words::day_with_age(locale, as_of, today)) }
            }
        }
    }
}

fn draw_rollup(page: &Page, it: &RollUpExplanation, today: NaiveDate) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let (rollup, rolled) = (&it.rollup, &it.rollup.rolled);
    let yardstick = &rollup.yardstick;
    let code = &yardstick.definition.code;
    let period = words::period_words(locale, rollup.period);
    let head = Head::new(tr!(locale, "why.title"))
        .subtitle(format!("{} · {period}", yardstick.name))
        .under(yardstick.name.as_str(), links::rollup(slug, code, rollup.period));
    let json =
        format!("/rollups/{}/explanation?period={}", links::escaped(code.as_str()), rollup.period);
    let whole = Explanation::RollUp(Box::new(it.clone()));
    let marks = html! {
        @if rolled.partial { (badge::tag(&tr!(locale, "comparing.partial"))) }
    };
    let amount = |value: Decimal| words::amount(yardstick, value).text(locale);
    let content = html! {
        (short(locale, slug, &whole, &json, &marks))
        (card(&Card::titled(tr!(locale, "why.how")), html! {
            dl.facts {
                dt { (tr!(locale, "why.method")) }
                dd { (words::method(locale, yardstick)) }
                @if let Some(value) = rolled.value { dt { (tr!(locale, "why.shown")) } dd { b { (amount(value)) } } }
                @if let Some(value) = rolled.computed {
                    dt { (tr!(locale, "comparing.computed")) }
                    dd { (amount(value)) span.without { (tr!(locale, "why.exact")) ": " (format::number_as_is(locale, value.round_dp(10))) } }
                }
                @if let Some(value) = rolled.official {
                    dt { (tr!(locale, "rollup.official")) }
                    dd {
                        (amount(value))
                        @if let Some(official) = &rollup.official {
                            span.without { (origin(locale, Some(&official.figure), None, None, today)) }
                        }
                    }
                }
                @if let Some(value) = rolled.difference {
                    dt { (tr!(locale, "comparing.difference")) }
                    dd { (format::signed(locale, value, u32::from(yardstick.decimals))) }
                }
                @if let (Some(numerator), Some(denominator)) = (rolled.numerator, rolled.denominator) {
                    dt { (tr!(locale, "rollup.sums")) }
                    dd { (format::number_as_is(locale, numerator)) " / " (format::number_as_is(locale, denominator)) }
                    dt { (tr!(locale, "why.per")) }
                    dd { (format::number_as_is(locale, it.per())) }
                }
                dt { (tr!(locale, "figure.coverage")) }
                dd { (tr!(locale, "figure.coverage_of", reporting = rolled.coverage.reporting,
                    expected = rolled.coverage.expected)) }
            }
        }))
        (contributions(locale, it, today))
        (hidden(locale))
    };
    (head, content)
}

fn contributions(locale: Locale, it: &RollUpExplanation, today: NaiveDate) -> Markup {
    let parts = &it.rollup.parts;
    let summed = words::Summed::by(parts);
    let mut columns = summed.columns(locale);
    columns.push(Column::text(tr!(locale, "why.evidence")));
    let rows = parts.iter().map(|part| {
        let mut cells = vec![
            html! { (it.name(&part.region)) },
            words::membership(locale, part),
            html! { (words::plain(locale, part.value)) },
        ];
        cells.extend(summed.cells(locale, part));
        cells.push(origin(locale, part.figure.as_ref(), part.number, part.as_of, today));
        Row::new(cells)
    });
    let title = tr!(locale, "why.contributions");
    card(
        &Card::titled(title.clone()).subtitle(tr!(locale, "rollup.parts_text")),
        table(locale, &Table::new(title, columns).quiet().rows(rows)),
    )
}

fn draw_rank(page: &Page, it: &RankExplanation, today: NaiveDate) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let yardstick = &it.yardstick;
    let code = &yardstick.definition.code;
    let period = words::period_words(locale, it.period);
    let head = Head::new(tr!(locale, "why.title"))
        .subtitle(format!("{} · {} · {period}", it.name, yardstick.name))
        .under(tr!(locale, "comparing.title"), links::comparison_of(slug, code, it.period));
    let json = format!(
        "/comparison/explanation?indicator={}&period={}&region={}",
        links::escaped(code.as_str()),
        it.period,
        it.region
    );
    let marks = html! { @if it.rank.is_some() { b { (tr!(locale, "why.rank")) " " (rank_words(it.rank)) } } };
    let whole = Explanation::Rank(Box::new(it.clone()));
    let number = it.publication.and_then(|it| u32::try_from(it).ok());
    let more = html! {
        @if let Some(value) = it.value {
            dt { (tr!(locale, "chart.value")) }
            dd { (words::amount(yardstick, value).text(locale)) }
        }
        @if let Some(target) = &it.target {
            dt { (tr!(locale, "figure.target")) }
            dd { (words::target(locale, yardstick.decimals, words::unit(&yardstick.unit), target, it.target_illustrative)) }
        }
        dt { (tr!(locale, "why.evidence")) }
        dd { (origin(locale, it.figure.as_ref(), number, it.as_of, today)) }
    };
    let content = html! {
        (short(locale, slug, &whole, &json, &marks))
        (places(page, it))
        @if let Some(calculated) = &it.calculation {
            (calculation(locale, &tr!(locale, "why.achievement"), calculated, &more))
            @if let (Some(rules), Some(_)) = (&calculated.rules, calculated.printed) {
                (bands(locale, &rules.iku_scale, calculated.band.as_ref(), rules.decimals))
            }
        }
        (hidden(locale))
    };
    (head, content)
}

fn places(page: &Page, it: &RankExplanation) -> Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let code = &it.yardstick.definition.code;
    let why = |region| links::why_rank(slug, code, it.period, region);
    let columns = vec![
        Column::text(tr!(locale, "chart.region")),
        Column::number(tr!(locale, "why.rank")),
        Column::number(tr!(locale, "chart.value")),
    ];
    let rows = it.reporters.iter().map(|one| {
        Row::new(vec![
            html! {
                @if one.region == it.region { b { (one.name) } }
                @else { a href=(why(&one.region)) { (one.name) } }
            },
            html! { (rank_words(one.rank)) },
            html! { (words::amount(&it.yardstick, one.value).text(locale)) },
        ])
    });
    let others = vec![
        Column::text(tr!(locale, "chart.region")),
        Column::text(tr!(locale, "comparing.reason")),
    ];
    let apart = it.others.iter().map(|(_, name, apart)| {
        Row::new(vec![
            html! { (name) },
            html! {
                @match apart {
                    Apart::Odd(_) => (tr!(locale, "notice.not_comparable")),
                    Apart::Silent(reason) => (words::exclusion(locale, *reason)),
                }
            },
        ])
    });
    let title = tr!(locale, "why.places");
    card(
        &Card::titled(title.clone()),
        html! {
            (table(locale, &Table::new(title, columns).quiet().rows(rows)))
            @if !it.others.is_empty() {
                (table(locale, &Table::new(tr!(locale, "why.others"), others).rows(apart)))
            }
        },
    )
}
