//! One indicator: its manual and owner, trend with targets, why its score is what it is, revisions, evidence.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use chrono::NaiveDate;
use ekinerja_app::App;
use ekinerja_app::histories::IndicatorHistory;
use ekinerja_domain::access::{Amend, Measure};
use ekinerja_domain::ids::{EvidenceId, IndicatorId, MeasurementId};
use ekinerja_domain::indicator::Frequency;
use ekinerja_domain::measurement::{Measurement, MeasurementStatus};
use ekinerja_domain::period::Period;
use ekinerja_domain::scorecard::{IndicatorScore, MemberKey};
use ekinerja_domain::scoring::StepKind;
use ekinerja_domain::target::{Target, TargetStatus, TargetValue};
use maud::{Markup, html};
use serde::Deserialize;

use super::recorded::{
    achievement_words, actual_amount, amount, as_of, direction, evidence_list, marks, marks_markup,
    measurement_status, method_words, moment, parts_words, period_words, reason_words,
    score_status, target_words, unit, value_words, warning_marks,
};
use crate::cached::{self, Asked, Depends};
use crate::charts::Unit;
use crate::charts::line::Point;
use crate::charts::trend::{Trend, trend};
use crate::components::card::{Card, Columns, card, grid};
use crate::components::figure::{self, Figure};
use crate::components::forms::{Weight, link_button};
use crate::components::history::{Revision, timeline};
use crate::components::icon::Icon;
use crate::components::table::{Column, Row, Table, definitions, table, twin};
use crate::components::{Amount, SourceMark, Status, badge};
use crate::download::attachment;
use crate::extract::{Id, Path, PeriodAsked, Query};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::routes::Routes;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/indicators/{indicator}", get(show_indicator))
        .route("/measurements/{measurement}/evidence/{evidence}", get(read_evidence))
}

#[derive(Debug, Deserialize)]
struct OfIndicator {
    indicator: Id<IndicatorId>,
}

#[derive(Debug, Deserialize)]
struct OfEvidence {
    measurement: Id<MeasurementId>,
    evidence: Id<EvidenceId>,
}

/// A draft, evidence, a score of this or any other indicator touches every period's pages; a target the plan's.
const DEPENDS: [Depends; 3] = [Depends::EveryPeriod, Depends::Plan, Depends::Organisation];

async fn show_indicator(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Path(path): Path<OfIndicator>,
    Query(query): Query<PeriodAsked>,
) -> PageResult {
    let period = query.read()?;
    let id = path.indicator.0;
    // On the heap: the history's reads make a future too large to be moved about on the stack.
    let drawn = Box::pin(async {
        let history = state.app.indicator_history(&page.scope(), id).await?;
        Ok(draw(&page, &history, period, state.app.today()))
    });
    cached::page(&state, &page, &asked, &DEPENDS, drawn).await
}

async fn read_evidence(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfEvidence>,
) -> Result<Response, Problem> {
    let file = app.evidence_file(&page.scope(), path.measurement.0, path.evidence.0).await?;
    Ok(attachment(&file.name, file.kind.code(), file.content))
}

struct View<'a> {
    locale: Locale,
    page: &'a Page,
    it: &'a IndicatorHistory,
    today: NaiveDate,
}

fn draw(
    page: &Page,
    it: &IndicatorHistory,
    asked: Option<Period>,
    today: NaiveDate,
) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let view = View { locale, page, it, today };
    let score = view.score(asked);
    let subtitle =
        it.objective.as_ref().map(|it| format!("{} {}", it.code, it.text)).unwrap_or_default();
    let head = Head::new(it.indicator.manual.name.as_str())
        .subtitle(subtitle)
        .under(tr!(locale, "scorecard.title"), links::scorecard(slug))
        .tools(view.tools());
    let content = html! {
        (grid(Columns::Aside, html! {
            (card(&Card::default(), view.figure(score)))
            (view.trend())
        }))
        (view.why(score))
        (view.manual())
        (view.targets())
        (view.revisions())
    };
    (head, content)
}

impl View<'_> {
    fn tools(&self) -> Markup {
        let locale = self.locale;
        let slug = &self.page.tenant().slug;
        let indicator = &self.it.indicator;
        html! {
            @if self.page.may::<Measure, _>(indicator) {
                (link_button(&tr!(locale, "entry.title"), &links::entry(slug), Weight::Secondary, Some(Icon::Entry)))
            }
            @if self.page.may::<Amend, _>(indicator) {
                (link_button(&tr!(locale, "indicator.edit"), &links::planning::edit_indicator(slug, indicator.id), Weight::Secondary, Some(Icon::Edit)))
            }
        }
    }

    /// The score to explain: of the period asked for, else of the latest one with a figure, else of the latest
    /// period that has begun.
    fn score(&self, asked: Option<Period>) -> Option<&IndicatorScore> {
        let scores = &self.it.scores;
        if let Some(asked) = asked {
            return scores.iter().find(|it| it.period == asked);
        }
        let reported = scores.iter().filter(|it| it.reported).max_by_key(|it| it.period.last_day());
        reported.or_else(|| {
            let begun = |it: &&IndicatorScore| it.period.last_day() <= self.today;
            scores.iter().filter(begun).max_by_key(|it| it.period)
        })
    }

    /// The measurement behind a score.
    fn measurement(&self, score: &IndicatorScore) -> Option<&Measurement> {
        self.it.revisions.iter().find(|it| Some(it.id) == score.measurement)
    }

    fn figure(&self, score: Option<&IndicatorScore>) -> Markup {
        let locale = self.locale;
        let manual = &self.it.indicator.manual;
        let Some(score) = score else {
            return html! { p.sub { (tr!(locale, "indicator.nothing")) } };
        };
        let status = score_status(score);
        let shown = match score.inputs.actual {
            Some(actual) => actual_amount(&self.it.indicator, score, actual),
            None => Amount::None(status),
        };
        let mut it = Figure::new(manual.name.as_str(), shown, period_words(locale, score.period));
        it.direction = direction(manual.polarity);
        it.status = Some((status, None));
        it.achievement = score.printed;
        it.target = score.inputs.target.map(|value| figure::Target {
            amount: amount(manual, value),
            marks: illustrative(score.target_illustrative),
        });
        if let Some(measurement) = self.measurement(score) {
            it.marks = marks(&measurement.figure);
            it.source.clone_from(&measurement.figure.source);
            it.age = Some(format::age_on(locale, as_of(measurement), self.today));
        }
        let key = MemberKey::Indicator(self.it.indicator.id);
        it.why = Some(links::why(&self.page.tenant().slug, key, score.period));
        figure::figure(locale, &it)
    }

    /// One point per period of the indicator's own frequency, from the first known to the last.
    fn trend(&self) -> Markup {
        let locale = self.locale;
        let manual = &self.it.indicator.manual;
        let yearly = manual.frequency == Frequency::Yearly;
        let in_force = || self.it.targets.iter().filter(|it| it.status == TargetStatus::Approved);
        let own = |it: &Period| it.is_year() == yearly;
        let mut periods: Vec<Period> = self.it.series.iter().map(|it| it.period).collect();
        periods.extend(in_force().map(|it| it.period));
        periods.retain(own);
        periods.sort_unstable();
        periods.dedup();
        let all = match (periods.first(), periods.last()) {
            (Some(first), Some(last)) => between(*first, *last),
            _ => Vec::new(),
        };
        let points = all
            .into_iter()
            .map(|period| {
                let found = self.it.series.iter().find(|it| it.period == period);
                let target = in_force().find(|it| it.period == period);
                let mut point = Point::new(period.to_string(), found.and_then(|it| it.value));
                point.target = target.and_then(|it| match it.value {
                    TargetValue::Exactly(value) => Some(value),
                    TargetValue::Range { .. } | TargetValue::Text(_) => None,
                });
                point.marks = found.map(|it| warning_marks(&it.figure)).unwrap_or_default();
                point
            })
            .collect();
        let it = Trend {
            id: String::from("tren"),
            title: tr!(locale, "indicator.trend").into_owned(),
            unit: Unit::new(unit(&manual.unit), u32::from(manual.decimals)),
            points,
            status: None,
            break_reason: String::new(),
        };
        let about = Card::titled(it.title.as_str());
        let about = if in_force().any(|it| it.illustrative) {
            about.tools(html! {
                span.sub { (tr!(locale, "figure.target")) ": " (badge::source(locale, SourceMark::Illustrative)) }
            })
        } else {
            about
        };
        card(&about, html! { (trend(locale, &it)) (twin(locale, &it.table(locale))) })
    }

    /// What the score was made of, step by step.
    fn why(&self, score: Option<&IndicatorScore>) -> Markup {
        let locale = self.locale;
        let Some(score) = score else { return html! {} };
        let manual = &self.it.indicator.manual;
        let period = period_words(locale, score.period);
        let about = Card::titled(tr!(locale, "indicator.why", period = period))
            .id("mengapa")
            .tools(badge::status(locale, score_status(score)));
        let steps = score.steps.iter().map(|it| {
            Row::new(vec![
                html! { (step_words(locale, it.kind)) },
                html! { @if it.kind == StepKind::Rounding { "–" } @else { code { (it.formula) } } },
                html! { (format::number_as_is(locale, it.result.round_dp(6))) },
            ])
        });
        let columns = vec![
            Column::text(tr!(locale, "indicator.step")),
            Column::text(tr!(locale, "indicator.formula")),
            Column::number(tr!(locale, "indicator.result")),
        ];
        let steps = Table::new(tr!(locale, "indicator.steps"), columns).rows(steps);
        card(
            &about,
            html! {
                @if let Some(reason) = score.outcome.reason() {
                    p { b { (tr!(locale, "indicator.no_result")) } " " (reason_words(locale, reason)) "." }
                }
                dl.facts {
                    @if let Some(words) = achievement_words(locale, score) {
                        dt { (tr!(locale, "figure.achievement")) }
                        dd { b { (words) } @if score.is_capped() { span.without { (tr!(locale, "indicator.capped")) } } }
                    }
                    @if let Some(actual) = score.inputs.actual {
                        dt { (tr!(locale, "indicator.actual")) }
                        dd { (actual_amount(&self.it.indicator, score, actual).text(locale)) }
                    }
                    @if let Some(target) = score.inputs.target {
                        dt { (tr!(locale, "indicator.target")) }
                        dd { (amount(manual, target).text(locale)) (marks_markup(locale, &illustrative(score.target_illustrative))) }
                    }
                    @if let Some((low, high)) = score.inputs.range {
                        dt { (tr!(locale, "indicator.target")) }
                        dd { (target_words(locale, manual, &TargetValue::Range { low, high })) }
                    }
                    @if let Some(text) = &score.target_text {
                        dt { (tr!(locale, "indicator.target_text")) } dd { (text) }
                    }
                    @if let Some(baseline) = score.inputs.baseline {
                        dt { (tr!(locale, "indicator.baseline_b")) } dd { (amount(manual, baseline).text(locale)) }
                    }
                    @if let Some(worst) = score.inputs.worst {
                        dt { (tr!(locale, "indicator.worst_l")) } dd { (amount(manual, worst).text(locale)) }
                    }
                    @if !score.consolidated.is_empty() {
                        dt { (tr!(locale, "indicator.consolidated")) }
                        dd {
                            (consolidation_words(locale, manual.period_consolidation)) ": "
                            (names(locale, &score.consolidated))
                            @if !score.missing.is_empty() {
                                span.without { (tr!(locale, "indicator.missing")) " " (names(locale, &score.missing)) }
                            }
                        }
                    }
                    dt { (tr!(locale, "scorecard.rules")) }
                    dd {
                        (score.rule_set)
                        @if let Some(rule) = score.rule { " · " (rule.code()) ": " code { (rule.formula()) } }
                    }
                    @if score.provisional {
                        dt { (Status::Provisional.word(locale)) }
                        dd { (tr!(locale, "indicator.provisional")) }
                    }
                    dt { (tr!(locale, "indicator.computed_at")) }
                    dd { (moment(locale, score.computed_at)) }
                }
                @if !score.steps.is_empty() { (table(locale, &steps)) }
                (self.other_periods(score))
            },
        )
    }

    fn other_periods(&self, score: &IndicatorScore) -> Markup {
        let locale = self.locale;
        let slug = &self.page.tenant().slug;
        let id = self.it.indicator.id;
        let others: Vec<Period> =
            self.it.scores.iter().map(|it| it.period).filter(|it| *it != score.period).collect();
        html! {
            @if !others.is_empty() {
                p.sub {
                    (tr!(locale, "indicator.other_periods"))
                    @for it in others {
                        " " a href=(links::indicator_in(slug, id, it)) { (period_words(locale, it)) }
                    }
                }
            }
        }
    }

    fn manual(&self) -> Markup {
        let locale = self.locale;
        let it = &self.it.indicator;
        let manual = &it.manual;
        let text = |value: &str| html! { (value) };
        let maybe = |value: Option<&str>| html! { @if let Some(value) = value { (value) } };
        let owner = html! {
            @if let Some(owner) = &it.owner {
                (owner.agency_name)
                @if let Some(post) = &owner.post { span.without { (post) } }
            }
        };
        let direction = html! {
            @match direction(manual.polarity) {
                Some(direction) => (badge::direction(locale, direction)),
                None => (tr!(locale, "indicator.no_direction")),
            }
        };
        let baseline = html! {
            @if let Some(baseline) = it.baseline {
                (amount(manual, baseline.value).text(locale)) " (" (baseline.year) ")"
                @if !baseline.verified { " " (badge::source(locale, SourceMark::Unverified)) }
            }
        };
        let frequency = match manual.frequency {
            Frequency::Yearly => tr!(locale, "indicator.yearly"),
            Frequency::Quarterly => tr!(locale, "indicator.quarterly"),
        };
        let pair = |term: std::borrow::Cow<'static, str>, meaning| (term.into_owned(), meaning);
        let mut pairs = vec![
            pair(tr!(locale, "indicator.code"), text(it.code.as_str())),
            pair(tr!(locale, "indicator.definition"), text(&manual.definition)),
            pair(tr!(locale, "indicator.formula"), text(&manual.formula)),
            pair(tr!(locale, "indicator.unit"), text(&manual.unit)),
            pair(tr!(locale, "figure.direction"), direction),
            pair(tr!(locale, "indicator.frequency"), text(&frequency)),
            pair(tr!(locale, "indicator.owner"), owner),
            pair(tr!(locale, "indicator.source"), text(&manual.source)),
            pair(tr!(locale, "indicator.publisher"), maybe(manual.publisher.as_deref())),
            pair(tr!(locale, "indicator.baseline"), baseline),
        ];
        if it.is_ratio() {
            pairs
                .push(pair(tr!(locale, "indicator.numerator"), maybe(manual.numerator.as_deref())));
            pairs.push(pair(
                tr!(locale, "indicator.denominator"),
                maybe(manual.denominator.as_deref()),
            ));
        }
        if manual.frequency == Frequency::Quarterly {
            let words = consolidation_words(locale, manual.period_consolidation);
            pairs.push(pair(tr!(locale, "indicator.consolidation"), text(&words)));
        }
        if let Some(day) = it.retired_on {
            pairs.push(pair(tr!(locale, "indicator.retired"), text(&format::date(locale, day))));
        }
        card(&Card::titled(tr!(locale, "indicator.manual")), definitions(locale, &pairs))
    }

    fn targets(&self) -> Markup {
        let locale = self.locale;
        let manual = &self.it.indicator.manual;
        let columns = vec![
            Column::text(tr!(locale, "nav.period")),
            Column::number(tr!(locale, "figure.target")),
            Column::text(tr!(locale, "indicator.target_status")),
            Column::text(tr!(locale, "indicator.target_basis")),
        ];
        let row = |it: &Target| {
            Row::new(vec![
                html! { (period_words(locale, it.period)) },
                html! {
                    (target_words(locale, manual, &it.value))
                    (marks_markup(locale, &illustrative(it.illustrative)))
                },
                html! {
                    (target_status(locale, it.status))
                    @if it.revision > 1 { " · " (tr!(locale, "entry.revision", number = it.revision)) }
                },
                html! {
                    @if let Some(reason) = &it.reason { (reason) }
                    @if let Some(basis) = &it.legal_basis { span.without { (basis) } }
                    @if it.reason.is_none() && it.legal_basis.is_none() { "–" }
                },
            ])
        };
        let rows = self.it.targets.iter().map(row);
        let it = Table::new(tr!(locale, "indicator.targets"), columns).quiet().rows(rows);
        html! {
            @if !self.it.targets.is_empty() {
                (card(&Card::titled(tr!(locale, "indicator.targets")), table(locale, &it)))
            }
        }
    }

    /// Every revision with its evidence, the latest period first.
    fn revisions(&self) -> Markup {
        let locale = self.locale;
        let slug = &self.page.tenant().slug;
        let mut periods: Vec<Period> = self.it.revisions.iter().map(|it| it.period).collect();
        periods.sort_unstable_by(|a, b| b.cmp(a));
        periods.dedup();
        card(
            &Card::titled(tr!(locale, "indicator.revisions"))
                .subtitle(tr!(locale, "indicator.revisions_text")),
            html! {
                @if periods.is_empty() { p.sub { (tr!(locale, "indicator.no_revisions")) } }
                @for period in periods {
                    @let mine: Vec<&Measurement> =
                        self.it.revisions.iter().filter(|it| it.period == period).collect();
                    details.group open[mine.len() > 1] {
                        summary {
                            b { (period_words(locale, period)) }
                            @if let Some(latest) = mine.first() {
                                " · " (value_words(locale, &self.it.indicator.manual, latest))
                                " · " (measurement_status(locale, latest.status))
                                (marks_markup(locale, &warning_marks(&latest.figure)))
                            }
                        }
                        (timeline(locale, &period_words(locale, period), &self.steps(&mine)))
                        @for it in &mine {
                            @let evidence: Vec<_> =
                                self.it.evidence.iter().filter(|e| e.measurement == it.id).cloned().collect();
                            @if !evidence.is_empty() {
                                p.sub { (tr!(locale, "indicator.evidence_of", number = it.revision)) }
                                (evidence_list(locale, slug, &evidence))
                            }
                        }
                    }
                }
            },
        )
    }

    fn steps(&self, revisions: &[&Measurement]) -> Vec<Revision> {
        let locale = self.locale;
        let counting =
            revisions.iter().find(|it| it.status == MeasurementStatus::Verified).map(|it| it.id);
        revisions
            .iter()
            .map(|it| {
                let value = value_words(locale, &self.it.indicator.manual, it);
                let parts =
                    parts_words(locale, it).map(|it| format!(" ({it})")).unwrap_or_default();
                let status = measurement_status(locale, it.status);
                let number = tr!(locale, "entry.revision", number = it.revision);
                let source = it.figure.source.as_deref().map(|it| format!(": {it}"));
                let mut note = vec![format!(
                    "{}{}",
                    method_words(locale, it.figure.method),
                    source.unwrap_or_default()
                )];
                let with = |label: String, text: &Option<String>| {
                    text.as_ref().map(|text| format!("{label} {text}"))
                };
                note.extend(with(tr!(locale, "verification.note").into_owned(), &it.note));
                note.extend(with(tr!(locale, "verification.reason").into_owned(), &it.reason));
                note.extend(with(tr!(locale, "indicator.rejection").into_owned(), &it.rejection));
                let decided = it.decided_by_name.as_ref().zip(it.decided_at).map(|(name, at)| {
                    let moment = moment(locale, at);
                    tr!(locale, "indicator.decided", status = status, name = name, moment = moment)
                        .into_owned()
                });
                note.extend(decided);
                Revision {
                    what: format!("{value}{parts} · {status} · {number}"),
                    who: it.recorded_by_name.clone(),
                    when: moment(locale, it.recorded_at),
                    note: note.join(" · "),
                    status: Some(match it.status {
                        MeasurementStatus::Verified => Status::Green,
                        MeasurementStatus::Rejected => Status::Red,
                        MeasurementStatus::Submitted | MeasurementStatus::Draft => {
                            Status::Provisional
                        }
                    }),
                    current: counting == Some(it.id),
                }
            })
            .collect()
    }
}

/// Every period of the same kind from the first to the last.
fn between(first: Period, last: Period) -> Vec<Period> {
    let years = first.calendar_year()..=last.calendar_year();
    let all: Vec<Period> = if first.is_year() {
        years.filter_map(|year| Period::year(year).ok()).collect()
    } else {
        years.filter_map(|year| Period::year(year).ok()).flat_map(Period::quarters).collect()
    };
    all.into_iter().filter(|it| (first..=last).contains(it)).collect()
}

fn illustrative(it: bool) -> Vec<SourceMark> {
    if it { vec![SourceMark::Illustrative] } else { Vec::new() }
}

fn names(locale: Locale, periods: &[Period]) -> String {
    periods.iter().map(|it| period_words(locale, *it)).collect::<Vec<_>>().join(", ")
}

fn target_status(locale: Locale, it: TargetStatus) -> String {
    match it {
        TargetStatus::Proposed => tr!(locale, "indicator.target_proposed"),
        TargetStatus::Approved => tr!(locale, "indicator.target_approved"),
        TargetStatus::Superseded => tr!(locale, "indicator.target_superseded"),
    }
    .into_owned()
}

pub(super) fn consolidation_words(
    locale: Locale,
    it: ekinerja_domain::consolidation::PeriodConsolidation,
) -> String {
    use ekinerja_domain::consolidation::PeriodConsolidation as C;
    match it {
        C::Sum => tr!(locale, "indicator.sum"),
        C::Average => tr!(locale, "indicator.average"),
        C::TakeLastKnown => tr!(locale, "indicator.take_last"),
        C::Weighted => tr!(locale, "indicator.weighted"),
    }
    .into_owned()
}

pub(super) fn step_words(locale: Locale, it: StepKind) -> String {
    match it {
        StepKind::RuleSwitched => tr!(locale, "indicator.step_rule_switched"),
        StepKind::TargetGrade => tr!(locale, "indicator.step_target_grade"),
        StepKind::ActualGrade => tr!(locale, "indicator.step_actual_grade"),
        StepKind::ZeroTarget => tr!(locale, "indicator.step_zero_target"),
        StepKind::ZeroActual => tr!(locale, "indicator.step_zero_actual"),
        StepKind::Formula => tr!(locale, "indicator.step_formula"),
        StepKind::FormulaLimit => tr!(locale, "indicator.step_formula_limit"),
        StepKind::Interpolation => tr!(locale, "indicator.step_interpolation"),
        StepKind::FullMarks => tr!(locale, "indicator.step_full_marks"),
        StepKind::LateAsZero => tr!(locale, "indicator.step_late_as_zero"),
        StepKind::Cap => tr!(locale, "indicator.step_cap"),
        StepKind::Floor => tr!(locale, "indicator.step_floor"),
        StepKind::Rounding => tr!(locale, "indicator.step_rounding"),
    }
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_has_a_place_for_every_period_between() {
        let period = |text: &str| text.parse::<Period>().expect(text);
        let names = |first, last| {
            between(period(first), period(last))
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(names("2019", "2022"), "2019 2020 2021 2022");
        assert_eq!(names("2022-Q3", "2023-Q2"), "2022-Q3 2022-Q4 2023-Q1 2023-Q2");
    }
}
