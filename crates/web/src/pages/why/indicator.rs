//! Why an indicator's achievement is what it is, with the values and their evidence.

use axum::extract::State;
use ekinerja_app::explanations::ExplainedIndicator;
use ekinerja_domain::explanation::{Counting, Explanation, FigureInput, IndicatorExplanation};
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::scorecard::MemberKey;
use ekinerja_domain::target::TargetValue;
use maud::{Markup, html};
use serde::Deserialize;

use super::super::indicator::consolidation_words;
use super::super::recorded::{
    evidence_list, marks, marks_markup, measurement_status, method_words, moment, period_words,
    traffic, unit,
};
use super::{bands, calculation, short};
use crate::api::explanations::DEPENDS;
use crate::cached::{self, Asked};
use crate::components::card::{Card, card};
use crate::components::notice::{Tone, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::components::{SourceMark, Status, badge};
use crate::extract::{Id, Path, PeriodAsked, Query};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::settings::AppState;

#[derive(Debug, Deserialize)]
pub(in crate::pages) struct At {
    indicator: Id<IndicatorId>,
}

pub(in crate::pages) async fn show(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Path(at): Path<At>,
    Query(query): Query<PeriodAsked>,
) -> PageResult {
    let period = query.read()?;
    let drawn = Box::pin(async {
        let it = state.app.explain_indicator(&page.scope(), at.indicator.0, period).await?;
        Ok(draw(&page, &it))
    });
    cached::page(&state, &page, &asked, &DEPENDS, drawn).await
}

fn draw(page: &Page, found: &ExplainedIndicator) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let it = &found.explanation;
    let counts = matches!(
        it.counting,
        Counting::Counts | Counting::Provisional | Counting::NoPercentage | Counting::NoAchievement
    );
    let period = period_words(locale, it.period);
    let head = Head::new(tr!(locale, "why.title")).subtitle(format!("{} · {period}", it.name));
    let head = match &found.objective {
        Some(node) if counts => head.under(
            format!("{} {}", node.code, node.text),
            links::why(slug, MemberKey::Objective(node.id), it.period),
        ),
        _ => head.under(it.name.as_str(), links::indicator(slug, it.indicator)),
    };
    let json = format!("/indicators/{}/explanation?period={}", it.indicator, it.period);
    let whole = Explanation::Indicator(Box::new(it.clone()));
    let marks = html! {
        @if it.provisional { (badge::status(locale, Status::Provisional)) }
        @else if let Some(status) = traffic(it.calculation.traffic) { (badge::status(locale, status)) }
        @else { (badge::status(locale, Status::NotMeasurable)) }
    };
    let scale = it.calculation.rules.as_ref().map(|rules| &*rules.iku_scale);
    let content = html! {
        @if let Some(day) = it.retired_on {
            (notice(Tone::Warning, html! {
                p { (tr!(locale, "why.retired", day = format::date(locale, day))) }
            }))
        }
        (short(locale, slug, &whole, &json, &marks))
        (inputs(page, it))
        (calculation(locale, &tr!(locale, "why.how"), &it.calculation, &facts(locale, it)))
        @if let (Some(scale), Some(_)) = (scale, it.calculation.printed) {
            (bands(locale, scale, it.calculation.band.as_ref(), it.calculation.printed_decimals()))
        }
        @if found.periods.len() > 1 {
            p.sub.no-print {
                (tr!(locale, "indicator.other_periods"))
                @for other in found.periods.iter().filter(|other| **other != it.period) {
                    " " a href=(links::why(slug, MemberKey::Indicator(it.indicator), *other)) {
                        (period_words(locale, *other))
                    }
                }
            }
        }
    };
    (head, content)
}

/// What else decides: weight, consolidation, baseline, worst value, sources.
fn facts(locale: Locale, it: &IndicatorExplanation) -> Markup {
    let inputs = &it.calculation.inputs;
    let amount = |value| {
        let number = format::number(locale, value, it.decimals_of(value));
        format!("{number}{}{}", format::NO_BREAK, unit(&it.unit))
    };
    html! {
        @if let Some(value) = inputs.actual {
            dt { (tr!(locale, "indicator.actual")) } dd { (amount(value)) }
        }
        @if let Some((low, high)) = inputs.range {
            dt { (tr!(locale, "indicator.target")) } dd { (amount(low)) " – " (amount(high)) }
        } @else if let Some(value) = inputs.target {
            dt { (tr!(locale, "indicator.target")) }
            dd {
                (amount(value))
                @if it.target_illustrative { " " (badge::source(locale, SourceMark::Illustrative)) }
            }
        }
        @if let Some(text) = &it.calculation.target_text {
            dt { (tr!(locale, "indicator.target_text")) } dd { (text) }
        }
        @if let Some(value) = inputs.baseline {
            dt { (tr!(locale, "indicator.baseline_b")) } dd { (amount(value)) }
        }
        @if let Some(value) = inputs.worst {
            dt { (tr!(locale, "indicator.worst_l")) } dd { (amount(value)) }
        }
        @if let Some(method) = it.consolidation {
            dt { (tr!(locale, "indicator.consolidated")) } dd { (consolidation_words(locale, method)) }
        }
        dt { (tr!(locale, "why.counting")) }
        dd { (counting(locale, it)) }
        dt { (tr!(locale, "why.source")) }
        dd { (it.source) }
        @if let Some(publisher) = &it.publisher {
            dt { (tr!(locale, "why.publisher")) } dd { (publisher) }
        }
        dt { (tr!(locale, "indicator.computed_at")) }
        dd { (moment(locale, it.computed_at)) }
    }
}

fn counting(locale: Locale, it: &IndicatorExplanation) -> String {
    match it.counting {
        Counting::Counts => {
            let weight = format::number_as_is(locale, it.placement.weight.get());
            tr!(locale, "why.counts", weight = weight)
        }
        Counting::Provisional => tr!(locale, "why.provisional"),
        Counting::Supporting => tr!(locale, "why.supporting"),
        Counting::Unplaced => tr!(locale, "why.unplaced"),
        Counting::NoPercentage => tr!(locale, "why.no_percentage"),
        Counting::NoAchievement => tr!(locale, "why.no_achievement"),
    }
    .into_owned()
}

fn inputs(page: &Page, it: &IndicatorExplanation) -> Markup {
    let locale = page.locale;
    let columns = vec![
        Column::text(tr!(locale, "nav.period")),
        Column::number(tr!(locale, "indicator.actual")),
        Column::number(tr!(locale, "indicator.target")),
        Column::text(tr!(locale, "indicator.target_status")),
        Column::text(tr!(locale, "why.evidence")),
    ];
    let rows = it.figures.iter().map(|figure| row(page, it, figure));
    let about = Card::titled(tr!(locale, "why.inputs")).subtitle(tr!(locale, "why.inputs_text"));
    card(&about, table(locale, &Table::new(tr!(locale, "why.inputs"), columns).quiet().rows(rows)))
}

fn row(page: &Page, it: &IndicatorExplanation, figure: &FigureInput) -> Row {
    use ekinerja_domain::measurement::Reading;
    let locale = page.locale;
    let number = |value| format::number(locale, value, it.decimals_of(value));
    Row::new(vec![
        html! { (period_words(locale, figure.period)) },
        html! {
            @match (figure.value, &figure.reading) {
                (Some(value), reading) => {
                    (number(value)) " " (unit(&it.unit))
                    @if let Some(Reading::Ratio { numerator, denominator }) = reading {
                        span.without {
                            (format::number_as_is(locale, *numerator)) " / "
                            (format::number_as_is(locale, *denominator))
                        }
                    }
                }
                (None, Some(_)) => (badge::status(locale, Status::NotApplicable)),
                (None, None) => span.sub { (tr!(locale, "why.no_value")) },
            }
        },
        html! {
            @match &figure.target {
                None => "–",
                Some((TargetValue::Exactly(value), _)) => (number(*value)),
                Some((TargetValue::Range { low, high }, _)) => { (number(*low)) " – " (number(*high)) }
                Some((TargetValue::Text(text), _)) => (text),
            }
            @if figure.target.as_ref().is_some_and(|it| it.1) {
                " " (badge::source(locale, SourceMark::Illustrative))
            }
        },
        html! {
            @match figure.status {
                None => "–",
                Some(status) => (measurement_status(locale, status)),
            }
            @if let Some((name, at)) = &figure.verified {
                span.without {
                    (tr!(locale, "why.verified_by", name = name, moment = moment(locale, *at)))
                }
            } @else if let Some(name) = &figure.recorded_by {
                span.without { (tr!(locale, "why.recorded_by", name = name)) }
            }
        },
        html! {
            @if let Some(source) = &figure.figure {
                (method_words(locale, source.method))
                @if let Some(text) = &source.source { ": " (text) }
                (marks_markup(locale, &marks(source)))
            }
            @if figure.measurement.is_some() {
                (evidence_list(locale, &page.tenant().slug, &figure.evidence))
            } @else { "–" }
        },
    ])
}
