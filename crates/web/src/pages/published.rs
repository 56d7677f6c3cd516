//! What the pages of a province share: published figures, reasons and definitions in people's words.

use std::borrow::Cow;

use chrono::NaiveDate;
use ekinerja_domain::comparison::Change as DomainChange;
use ekinerja_domain::measurement::{FigureMethod, FigureSource};
use ekinerja_domain::period::Period;
use ekinerja_domain::publication::{PublishedTarget, Standing};
use ekinerja_domain::rollup::{ExclusionReason, LocationConsolidation, RollUpPart};
use ekinerja_domain::scale::Traffic;
use ekinerja_domain::scoring::{Polarity, Reason, Scored};
use ekinerja_domain::yardstick::{Incomparable, Yardstick};
use maud::{Markup, html};
use rust_decimal::Decimal;

use crate::components::figure::{Change, change};
use crate::components::forms::Choice;
use crate::components::notice::{Tone, notice};
use crate::components::table::Column;
use crate::components::{Amount, Direction, SourceMark, Status, badge};
use crate::format::{self, PeriodName};
use crate::locale::{Locale, tr};

/// A period in words: `2023`, `Triwulan III 2026`.
pub(super) fn period_words(locale: Locale, period: Period) -> String {
    let year = period.calendar_year();
    let name = period
        .quarter_number()
        .map_or(PeriodName::Year(year), |quarter| PeriodName::Quarter(year, u32::from(quarter)));
    format::period(locale, name)
}

/// Periods for a picker.
pub(super) fn period_choices(locale: Locale, periods: &[Period]) -> Vec<Choice> {
    periods.iter().map(|it| Choice::new(it.to_string(), period_words(locale, *it))).collect()
}

/// A unit as it stands beside a number.
pub(super) fn unit(unit: &str) -> &str {
    if unit.trim() == "persen" { "%" } else { unit }
}

/// A number of an indicator with its unit.
pub(super) fn amount(yardstick: &Yardstick, value: Decimal) -> Amount {
    Amount::of(value, u32::from(yardstick.decimals), unit(&yardstick.unit))
}

/// A region without the word that all but the cities share, for charts.
pub(super) fn short_name(name: &str) -> &str {
    name.strip_prefix("Kabupaten ").unwrap_or(name)
}

/// The colour of a score; grey becomes the kind of grey.
pub(super) fn status_of(scored: &Scored) -> Status {
    match scored.status() {
        Traffic::Green => Status::Green,
        Traffic::Yellow => Status::Yellow,
        Traffic::Red => Status::Red,
        Traffic::Grey => match scored.reason() {
            Some(Reason::NotApplicable) => Status::NotApplicable,
            Some(Reason::NotYetDue | Reason::Pending) => Status::NotYetDue,
            Some(Reason::Late) => Status::Missing,
            _ => Status::NotMeasurable,
        },
    }
}

/// The kind of nothing behind a reason.
pub(super) fn status_of_reason(reason: ExclusionReason) -> Status {
    match reason {
        ExclusionReason::NotApplicable => Status::NotApplicable,
        ExclusionReason::NotYetDue => Status::NotYetDue,
        ExclusionReason::DifferentDefinition => Status::NotMeasurable,
        _ => Status::Missing,
    }
}

/// The kind of nothing behind a line without value.
pub(super) fn status_of_standing(standing: Standing) -> Status {
    match standing {
        Standing::Reported => Status::Green,
        Standing::Missing => Status::Missing,
        Standing::NotApplicable => Status::NotApplicable,
        Standing::NotYetDue => Status::NotYetDue,
    }
}

/// Which way is better; none where none is.
pub(super) fn direction(polarity: Polarity) -> Option<Direction> {
    match polarity {
        Polarity::Maximize => Some(Direction::Higher),
        Polarity::Minimize => Some(Direction::Lower),
        Polarity::Stabilize => Some(Direction::Range),
        Polarity::Neutral => None,
    }
}

/// What must be known about where a figure comes from.
pub(super) fn marks(figure: &FigureSource) -> Vec<SourceMark> {
    let mut marks = Vec::new();
    if figure.method == FigureMethod::Derived {
        marks.push(SourceMark::Derived);
    }
    if figure.method == FigureMethod::Recalled || !figure.verified {
        marks.push(SourceMark::Unverified);
    }
    marks
}

/// Marks drawn one after the other.
pub(super) fn mark_badges(locale: Locale, marks: &[SourceMark]) -> Markup {
    html! { @for mark in marks { " " (badge::source(locale, *mark)) } }
}

/// A target in words, with its mark when it is made up.
pub(super) fn target(
    locale: Locale,
    decimals: u8,
    unit_name: &str,
    target: &PublishedTarget,
    illustrative: bool,
) -> Markup {
    let text =
        |value: Decimal| Amount::of(value, u32::from(decimals), unit(unit_name)).text(locale);
    html! {
        @match target {
            PublishedTarget::Unset => span.sub { (tr!(locale, "published.no_target")) },
            PublishedTarget::Exactly(value) => (text(*value)),
            PublishedTarget::Range { low, high } => {
                (format::number(locale, *low, u32::from(decimals))) "–" (text(*high))
            },
            PublishedTarget::Text(wording) => (wording),
        }
        @if illustrative && target.is_set() {
            " " (badge::source(locale, SourceMark::Illustrative))
        }
    }
}

/// What the method of a roll-up sums, as columns beside the value of each part.
#[derive(Clone, Copy)]
pub(super) struct Summed {
    is_ratio: bool,
    is_weighted: bool,
}

impl Summed {
    /// As these parts have it.
    pub(super) fn by(parts: &[RollUpPart]) -> Self {
        Self {
            is_ratio: parts.iter().any(|it| it.numerator.is_some()),
            is_weighted: parts.iter().any(|it| it.weight.is_some()),
        }
    }

    /// Region, whether it is in the total, value, and what is summed.
    pub(super) fn columns(self, locale: Locale) -> Vec<Column> {
        let mut columns = vec![
            Column::text(tr!(locale, "chart.region")),
            Column::text(tr!(locale, "rollup.in_total")),
            Column::number(tr!(locale, "chart.value")),
        ];
        if self.is_ratio {
            columns.push(Column::number(tr!(locale, "rollup.numerator")));
            columns.push(Column::number(tr!(locale, "rollup.denominator")));
        }
        if self.is_weighted {
            columns.push(Column::number(tr!(locale, "rollup.weight")));
        }
        columns
    }

    /// The cells of what is summed.
    pub(super) fn cells(self, locale: Locale, part: &RollUpPart) -> Vec<Markup> {
        let ratio = self.is_ratio.then_some([part.numerator, part.denominator]);
        let weight = self.is_weighted.then_some(part.weight);
        let figures = ratio.into_iter().flatten().chain(weight);
        figures.map(|it| html! { (plain(locale, it)) }).collect()
    }
}

/// A figure as it is; a dash where there is none.
pub(super) fn plain(locale: Locale, value: Option<Decimal>) -> String {
    value.map_or_else(|| "–".to_owned(), |it| format::number_as_is(locale, it))
}

/// Whether a part is in the total, and why not.
pub(super) fn membership(locale: Locale, part: &RollUpPart) -> Markup {
    html! {
        @match part.excluded {
            None => (tr!(locale, "rollup.included")),
            Some(reason) => {
                (badge::status(locale, status_of_reason(reason)))
                span.without { (exclusion(locale, reason)) }
            }
        }
    }
}

/// Why a regency has no figure, in the page's language.
pub(super) fn exclusion(locale: Locale, reason: ExclusionReason) -> &'static str {
    match locale {
        Locale::Id => reason.text_id(),
        Locale::En => reason.text_en(),
    }
}

/// Why there is no achievement, in the page's language.
pub(super) fn no_achievement(locale: Locale, reason: Reason) -> &'static str {
    match locale {
        Locale::Id => reason.text_id(),
        Locale::En => reason.text_en(),
    }
}

/// Why two figures cannot stand side by side.
pub(super) fn incomparable(
    locale: Locale,
    reason: Incomparable,
    yardstick: &Yardstick,
    theirs: &ekinerja_domain::publication::PublishedValue,
) -> String {
    let version = |it: Option<ekinerja_domain::template::Version>| {
        it.map_or_else(|| "–".to_owned(), |it| it.to_string())
    };
    match reason {
        Incomparable::LocalIndicator => tr!(locale, "published.local_indicator").into_owned(),
        Incomparable::OtherRelease => tr!(
            locale,
            "published.other_release",
            theirs = version(theirs.definition.release),
            ours = version(yardstick.definition.release)
        )
        .into_owned(),
        Incomparable::OtherUnit => {
            tr!(locale, "published.other_unit", theirs = theirs.unit, ours = yardstick.unit)
                .into_owned()
        }
        Incomparable::OtherDefinition => tr!(locale, "published.other_definition").into_owned(),
    }
}

/// How regencies become the province, in a sentence.
pub(super) fn method(locale: Locale, yardstick: &Yardstick) -> String {
    let variable = yardstick.weight_variable.as_ref().map_or("–", |it| it.as_str());
    match yardstick.method {
        LocationConsolidation::Sum => tr!(locale, "published.method_sum").into_owned(),
        LocationConsolidation::RatioOfSums => tr!(locale, "published.method_ratio").into_owned(),
        LocationConsolidation::WeightedByVariable => {
            tr!(locale, "published.method_weighted", variable = variable).into_owned()
        }
        LocationConsolidation::OfficialOnly => {
            tr!(locale, "published.method_official").into_owned()
        }
        LocationConsolidation::IpmFromComponents => {
            tr!(locale, "published.method_ipm", variable = variable).into_owned()
        }
        LocationConsolidation::Distribution => {
            tr!(locale, "published.method_distribution").into_owned()
        }
        LocationConsolidation::None => tr!(locale, "published.method_none").into_owned(),
    }
}

/// A change as the components draw it.
pub(super) fn change_view(locale: Locale, yardstick: &Yardstick, it: DomainChange) -> Change {
    Change {
        value: it.value,
        decimals: u32::from(yardstick.decimals),
        since: period_words(locale, it.since),
        better: it.better,
    }
}

/// A change, drawn.
pub(super) fn change_words(locale: Locale, yardstick: &Yardstick, it: DomainChange) -> Markup {
    change(locale, &change_view(locale, yardstick, it))
}

/// A day with its age: `10 Jan 2024 (1 tahun)`.
pub(super) fn day_with_age(locale: Locale, day: Option<NaiveDate>, today: NaiveDate) -> String {
    day.map_or_else(
        || "–".to_owned(),
        |day| {
            format!("{} ({})", format::date_short(locale, day), format::age_on(locale, day, today))
        },
    )
}

/// A share of 0 to 1 in per cent.
pub(super) fn percent(locale: Locale, share: Decimal) -> String {
    format::percent(locale, share * Decimal::ONE_HUNDRED, 1)
}

/// The name of a rule set and its version, in a sentence.
pub(super) fn rule_set(
    locale: Locale,
    rules: &ekinerja_domain::scoring::RuleSet,
) -> Cow<'static, str> {
    let name = rules.id.name.clone();
    tr!(locale, "published.rule_set", name = name, version = rules.id.version, basis = rules.basis)
}

/// A page of the province's with a word on which regencies are suspended.
pub(crate) fn with_suspended(locale: Locale, names: &[String], content: Markup) -> Markup {
    if names.is_empty() {
        return content;
    }
    let names = names.join(", ");
    html! {
        (notice(Tone::Warning, html! { p { (tr!(locale, "published.suspended", names = names)) } }))
        (content)
    }
}
