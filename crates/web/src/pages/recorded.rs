//! What the pages of a tenant share: recorded figures, targets and scores in people's words.

use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_domain::evidence::{Evidence, Support};
use ekinerja_domain::indicator::{Indicator, IndicatorManual};
use ekinerja_domain::measurement::{
    FigureMethod, FigureSource, Measurement, MeasurementStatus, Reading,
};
use ekinerja_domain::period::{Period, TenantPeriod};
use ekinerja_domain::publication::Standing;
use ekinerja_domain::scale::Traffic;
use ekinerja_domain::scorecard::IndicatorScore;
use ekinerja_domain::scoring::{Polarity, Reason};
use ekinerja_domain::target::TargetValue;
use ekinerja_domain::tenant::Slug;
use maud::{Markup, html};
use rust_decimal::Decimal;

use crate::components::forms::Choice;
use crate::components::icon::{Icon, icon};
use crate::components::{Amount, Direction, SourceMark, Status, badge};
use crate::format::{self, PeriodName, Zone};
use crate::links;
use crate::locale::{Locale, tr};

/// A period in words: `2023`, `Triwulan III 2026`.
pub(super) fn period_words(locale: Locale, period: Period) -> String {
    let year = period.calendar_year();
    let name = period
        .quarter_number()
        .map_or(PeriodName::Year(year), |quarter| PeriodName::Quarter(year, u32::from(quarter)));
    format::period(locale, name)
}

/// Opened periods for a picker.
pub(super) fn period_choices(locale: Locale, periods: &[TenantPeriod]) -> Vec<Choice> {
    periods
        .iter()
        .map(|it| Choice::new(it.period.to_string(), period_words(locale, it.period)))
        .collect()
}

/// A unit as it stands beside a number.
pub(super) fn unit(unit: &str) -> &str {
    if unit.trim().eq_ignore_ascii_case("persen") { "%" } else { unit }
}

/// A number of an indicator with its unit.
pub(super) fn amount(manual: &IndicatorManual, value: Decimal) -> Amount {
    Amount::of(value, decimals(manual, value), unit(&manual.unit))
}

/// The manual's places, and more where the value has more: a page never hides a digit that was recorded.
fn decimals(manual: &IndicatorManual, value: Decimal) -> u32 {
    u32::from(manual.decimals).max(value.normalize().scale().min(6))
}

/// The actual of a score with its unit. A quotient or a mean has as many places as the manual says.
pub(super) fn actual_amount(
    indicator: &Indicator,
    score: &IndicatorScore,
    value: Decimal,
) -> Amount {
    let manual = &indicator.manual;
    if indicator.is_ratio() || !score.consolidated.is_empty() {
        Amount::of(value, u32::from(manual.decimals), unit(&manual.unit))
    } else {
        amount(manual, value)
    }
}

/// What a measurement says, with its unit; "not applicable" is a word and no number.
pub(super) fn value_words(locale: Locale, manual: &IndicatorManual, it: &Measurement) -> String {
    match it.value {
        Some(value) => {
            let shown = match it.reading {
                // A quotient has as many places as the manual says; its parts are shown beside it.
                Reading::Ratio { .. } => {
                    Amount::of(value, u32::from(manual.decimals), unit(&manual.unit))
                }
                Reading::Value(_) | Reading::NotApplicable => amount(manual, value),
            };
            shown.text(locale)
        }
        None => Status::NotApplicable.word(locale).into_owned(),
    }
}

/// Numerator and denominator of a ratio in words; nothing for other readings.
pub(super) fn parts_words(locale: Locale, it: &Measurement) -> Option<String> {
    match it.reading {
        Reading::Ratio { numerator, denominator } => Some(format!(
            "{} / {}",
            format::number_as_is(locale, numerator),
            format::number_as_is(locale, denominator)
        )),
        Reading::Value(_) | Reading::NotApplicable => None,
    }
}

/// A target in words.
pub(super) fn target_words(locale: Locale, manual: &IndicatorManual, it: &TargetValue) -> String {
    match it {
        TargetValue::Exactly(value) => amount(manual, *value).text(locale),
        TargetValue::Range { low, high } => {
            let low = format::number(locale, *low, decimals(manual, *low));
            format!("{low} – {}", amount(manual, *high).text(locale))
        }
        TargetValue::Text(text) => text.clone(),
    }
}

/// A target with its mark, or that there is none.
pub(super) fn target_cell(
    locale: Locale,
    manual: &IndicatorManual,
    target: Option<(&TargetValue, bool)>,
) -> Markup {
    html! {
        @match target {
            Some((value, illustrative)) => {
                (target_words(locale, manual, value))
                @if illustrative { " " (badge::source(locale, SourceMark::Illustrative)) }
            }
            None => span.sub { (tr!(locale, "measure.no_target")) },
        }
    }
}

/// Which way is better; none for an indicator without direction.
pub(super) fn direction(polarity: Polarity) -> Option<Direction> {
    match polarity {
        Polarity::Maximize => Some(Direction::Higher),
        Polarity::Minimize => Some(Direction::Lower),
        Polarity::Stabilize => Some(Direction::Range),
        Polarity::Neutral => None,
    }
}

/// What must be known about where a figure comes from.
pub(super) fn marks(it: &FigureSource) -> Vec<SourceMark> {
    let mut marks = match it.method {
        FigureMethod::Published if it.verified => vec![SourceMark::Official],
        FigureMethod::Derived => vec![SourceMark::Derived],
        FigureMethod::Measured | FigureMethod::Published | FigureMethod::Recalled => Vec::new(),
    };
    if !it.verified || it.method == FigureMethod::Recalled {
        marks.push(SourceMark::Unverified);
    }
    marks
}

/// The marks that a reader must not overlook: all but "official".
pub(super) fn warning_marks(it: &FigureSource) -> Vec<SourceMark> {
    marks(it).into_iter().filter(|it| *it != SourceMark::Official).collect()
}

/// Draws marks.
pub(super) fn marks_markup(locale: Locale, marks: &[SourceMark]) -> Markup {
    html! { @for mark in marks { " " (badge::source(locale, *mark)) } }
}

/// The colour of a score; grey becomes the kind of grey.
pub(super) fn score_status(it: &IndicatorScore) -> Status {
    if it.provisional {
        return Status::Provisional;
    }
    match it.standing() {
        Standing::NotApplicable => Status::NotApplicable,
        Standing::NotYetDue => Status::NotYetDue,
        Standing::Missing => Status::Missing,
        Standing::Reported => traffic(it.traffic).unwrap_or(Status::NotMeasurable),
    }
}

/// The colour of a level; none for grey.
pub(super) fn traffic(it: Traffic) -> Option<Status> {
    match it {
        Traffic::Green => Some(Status::Green),
        Traffic::Yellow => Some(Status::Yellow),
        Traffic::Red => Some(Status::Red),
        Traffic::Grey => None,
    }
}

/// Why there is no achievement, and what to do.
pub(super) fn reason_words(locale: Locale, reason: Reason) -> String {
    match locale {
        Locale::Id => reason.text_id(),
        Locale::En => reason.text_en(),
    }
    .to_owned()
}

/// `150,00% → 120,00%` where a cap or floor changed it.
pub(super) fn achievement_words(locale: Locale, it: &IndicatorScore) -> Option<String> {
    let decimals = it.printed_decimals();
    let printed = format::percent(locale, it.printed?, decimals);
    match it.uncapped.filter(|_| it.is_capped()) {
        Some(uncapped) => {
            Some(format!("{} → {printed}", format::percent(locale, uncapped, decimals)))
        }
        None => Some(printed),
    }
}

/// Where a revision stands, in a word.
pub(super) fn measurement_status(locale: Locale, it: MeasurementStatus) -> String {
    match it {
        MeasurementStatus::Draft => tr!(locale, "measure.draft"),
        MeasurementStatus::Submitted => tr!(locale, "measure.submitted"),
        MeasurementStatus::Verified => tr!(locale, "measure.verified"),
        MeasurementStatus::Rejected => tr!(locale, "measure.rejected"),
    }
    .into_owned()
}

/// How a figure came about, in a word.
pub(super) fn method_words(locale: Locale, it: FigureMethod) -> String {
    match it {
        FigureMethod::Measured => tr!(locale, "measure.method_measured"),
        FigureMethod::Published => tr!(locale, "measure.method_published"),
        FigureMethod::Derived => tr!(locale, "measure.method_derived"),
        FigureMethod::Recalled => tr!(locale, "measure.method_recalled"),
    }
    .into_owned()
}

/// The day since when a figure counts: that of its verification, else of its recording.
pub(super) fn as_of(it: &Measurement) -> NaiveDate {
    it.decided_at.unwrap_or(it.recorded_at).date_naive()
}

/// A moment in the time of NTB.
pub(super) fn moment(locale: Locale, at: DateTime<Utc>) -> String {
    format::date_time(locale, at, Zone::default())
}

/// The list of evidence with links to files and pages.
pub(super) fn evidence_list(locale: Locale, slug: &Slug, list: &[Evidence]) -> Markup {
    html! {
        @if list.is_empty() {
            p.sub { (tr!(locale, "measure.no_evidence")) }
        } @else {
            ul.evidence {
                @for it in list {
                    li {
                        @match &it.support {
                            Support::File { file, name } => {
                                (icon(Icon::Document)) " "
                                a href=(links::evidence(slug, it.measurement, it.id)) { (name) }
                                " " span.sub {
                                    (format::file_size(locale, u64::try_from(file.size).unwrap_or(0)))
                                }
                            }
                            Support::Link { url } => {
                                (icon(Icon::Link)) " "
                                a href=(url) rel="noopener noreferrer nofollow" target="_blank" { (url) }
                            }
                        }
                        @if let Some(pointer) = &it.pointer { " · " (pointer) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_official_is_marked() {
        let of = |method, verified| marks(&FigureSource { method, source: None, verified });
        assert_eq!(of(FigureMethod::Measured, true), []);
        assert_eq!(of(FigureMethod::Published, true), [SourceMark::Official]);
        assert_eq!(of(FigureMethod::Published, false), [SourceMark::Unverified]);
        assert_eq!(of(FigureMethod::Recalled, true), [SourceMark::Unverified]);
        assert_eq!(of(FigureMethod::Derived, false), [SourceMark::Derived, SourceMark::Unverified]);
    }
}
