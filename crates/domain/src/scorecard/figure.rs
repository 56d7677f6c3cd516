//! Which figures count for an indicator in a period of the scorecard.
//!
//! A yearly indicator has one figure, that of the year. A quarterly one has four, and its figure for a
//! quarter or the year is what its period consolidation makes of the quarters up to there.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::consolidation::{
    ConsolidationGap, PeriodConsolidation, PeriodFigure, Ratio, consolidate,
};
use crate::ids::{MeasurementId, TargetId};
use crate::indicator::{Frequency, Indicator};
use crate::measurement::{Measurement, MeasurementStatus, Reading, ratio_factor};
use crate::period::{EntryWindow, Period};
use crate::scoring::{self, Actual};
use crate::target::{Target, TargetValue};

/// What the calendar says when a score is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// This day.
    pub today: NaiveDate,
    /// Days in which values may come on time.
    pub window: EntryWindow,
    /// The scorecard's period is closed or is being closed: what is missing now is late.
    pub closing: bool,
}

impl Calendar {
    /// What a missing value of `period` is: not yet due while the period runs, pending while values may still
    /// come on time, late afterwards.
    pub fn absence(&self, period: Period) -> Actual {
        if self.closing || period.is_due(self.today, self.window) {
            Actual::Missing { due: true }
        } else if self.today <= period.last_day() {
            Actual::NotYetDue
        } else {
            Actual::Missing { due: false }
        }
    }
}

/// What is known of one indicator.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Every revision of its measurements that may matter, in any order.
    pub measurements: &'a [Measurement],
    /// Its targets in force.
    pub targets: &'a [Target],
}

/// The figure of one indicator for one period of the scorecard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What was reached.
    pub actual: Actual,
    /// What was agreed.
    pub target: Option<scoring::Target>,
    /// Whether a value in it is submitted and not yet verified.
    pub provisional: bool,
    /// Whether a target in it is made up for a demonstration.
    pub illustrative: bool,
    /// The measurement, the last one of several.
    pub measurement: Option<MeasurementId>,
    /// The target, the last one of several.
    pub target_id: Option<TargetId>,
    /// Periods that were consolidated; empty for a figure of the period itself.
    pub consolidated: Vec<Period>,
    /// Those of them without a figure.
    pub missing: Vec<Period>,
}

impl Figure {
    /// The figure of `indicator` for `period`.
    pub fn of(indicator: &Indicator, period: Period, known: Known<'_>, calendar: Calendar) -> Self {
        match (indicator.manual.frequency, period.is_year()) {
            (Frequency::Yearly, true) => known.own_figure(period, calendar),
            // Measured once a year: a quarter has no figure to give, whatever day it is.
            (Frequency::Yearly, false) => Self::absent(Actual::NotYetDue, None),
            (Frequency::Quarterly, _) => known.cumulative(indicator, period, calendar),
        }
    }

    fn absent(actual: Actual, target: Option<&Target>) -> Self {
        Self {
            actual,
            target: target.map(|it| score_target(&it.value)),
            provisional: false,
            illustrative: target.is_some_and(|it| it.illustrative),
            measurement: None,
            target_id: target.map(|it| it.id),
            consolidated: Vec::new(),
            missing: Vec::new(),
        }
    }
}

/// A target as the formulas take it.
pub fn score_target(value: &TargetValue) -> scoring::Target {
    match value {
        TargetValue::Exactly(value) => scoring::Target::of(*value),
        TargetValue::Range { low, high } => scoring::Target::range(*low, *high),
        TargetValue::Text(text) => scoring::Target::text(text.clone()),
    }
}

impl<'a> Known<'a> {
    /// The revision that counts in a period: the latest verified one; failing that the latest of all, if it
    /// is submitted. A draft counts for nobody, and a verified figure stays until its correction is verified.
    pub fn counting(&self, period: Period) -> Option<&'a Measurement> {
        let of_period = || self.measurements.iter().filter(move |it| it.period == period);
        let verified = of_period()
            .filter(|it| it.status == MeasurementStatus::Verified)
            .max_by_key(|it| it.revision);
        verified.or_else(|| {
            of_period()
                .max_by_key(|it| it.revision)
                .filter(|it| it.status == MeasurementStatus::Submitted)
        })
    }

    fn target(&self, period: Period) -> Option<&'a Target> {
        self.targets.iter().find(|it| it.period == period)
    }

    fn own_figure(&self, period: Period, calendar: Calendar) -> Figure {
        let found = self.counting(period);
        let actual = match found.map(|it| (&it.reading, it.value)) {
            None => calendar.absence(period),
            Some((Reading::NotApplicable, _) | (_, None)) => Actual::NotApplicable,
            Some((_, Some(value))) => Actual::Value(value),
        };
        Figure {
            provisional: found.is_some_and(|it| it.status == MeasurementStatus::Submitted),
            measurement: found.map(|it| it.id),
            ..Figure::absent(actual, self.target(period))
        }
    }

    /// The cumulative figure of a quarterly indicator up to `period`.
    ///
    /// A target set for the year itself is the year's target, and then every quarter is due (for a figure that
    /// only carries on, the last one). Without it target and actual are consolidated alike over the quarters
    /// that have a target (domain rule 2.4). A quarter that does not apply leaves both.
    fn cumulative(&self, indicator: &Indicator, period: Period, calendar: Calendar) -> Figure {
        let method = indicator.manual.period_consolidation;
        let upto = period.quarter_number().unwrap_or(4);
        let quarters: Vec<Period> = period
            .quarters()
            .into_iter()
            .filter(|it| it.quarter_number().is_some_and(|quarter| quarter <= upto))
            .collect();
        let of_year = if period.is_year() { self.target(period) } else { None };
        let parts: Vec<Quarter<'_>> =
            quarters.iter().map(|it| self.quarter(*it)).filter(|it| !it.excused()).collect();
        if parts.is_empty() {
            let consolidated = quarters;
            let last = self.counting(consolidated.last().copied().unwrap_or(period));
            return Figure {
                measurement: last.map(|it| it.id),
                provisional: last.is_some_and(|it| it.status == MeasurementStatus::Submitted),
                consolidated,
                ..Figure::absent(Actual::NotApplicable, of_year)
            };
        }
        let due = |at: usize| {
            of_year.is_some()
                && (method != PeriodConsolidation::TakeLastKnown || at + 1 == parts.len())
        };
        let figures: Vec<PeriodFigure> = parts
            .iter()
            .enumerate()
            .map(|(at, it)| it.figure(of_year.is_some(), due(at)))
            .collect();
        let found = consolidate(method, ratio_factor(&indicator.manual.unit), &figures);
        let missing: Vec<Period> =
            found.missing.iter().filter_map(|at| parts.get(*at)).map(|it| it.period).collect();
        let actual = match (found.actual, found.gap) {
            (Some(value), _) => Actual::Value(value.normalize()),
            // No quarter has a target: show what the last quarter says, score nothing.
            (None, Some(ConsolidationGap::NothingTargeted)) => {
                parts.last().map_or(Actual::NotYetDue, |it| match it.value() {
                    Some(value) => Actual::Value(value),
                    None => calendar.absence(it.period),
                })
            }
            // The first missing quarter that is due makes the figure late.
            (None, _) => missing
                .iter()
                .map(|it| calendar.absence(*it))
                .find(|it| *it == Actual::Missing { due: true })
                .or_else(|| missing.first().map(|it| calendar.absence(*it)))
                .unwrap_or(Actual::Missing { due: true }),
        };
        let last_target = of_year.or_else(|| parts.iter().rev().find_map(|it| it.target));
        let target = match (of_year, found.target) {
            (Some(target), _) => Some(score_target(&target.value)),
            (None, Some(value)) => Some(scoring::Target::of(value.normalize())),
            (None, None) => last_target.map(|it| score_target(&it.value)),
        };
        let counted = || parts.iter().filter_map(|it| it.measurement);
        Figure {
            actual,
            target,
            provisional: counted().any(|it| it.status == MeasurementStatus::Submitted),
            illustrative: of_year.map_or_else(
                || parts.iter().filter_map(|it| it.target).any(|it| it.illustrative),
                |it| it.illustrative,
            ),
            measurement: counted().next_back().map(|it| it.id),
            target_id: last_target.map(|it| it.id),
            consolidated: quarters,
            missing,
        }
    }

    fn quarter(&self, period: Period) -> Quarter<'a> {
        Quarter { period, measurement: self.counting(period), target: self.target(period) }
    }
}

/// One quarter of a cumulative figure.
struct Quarter<'a> {
    period: Period,
    measurement: Option<&'a Measurement>,
    target: Option<&'a Target>,
}

impl Quarter<'_> {
    fn excused(&self) -> bool {
        self.measurement.is_some_and(|it| it.reading == Reading::NotApplicable)
    }

    fn value(&self) -> Option<Decimal> {
        self.measurement.and_then(|it| it.value)
    }

    fn figure(&self, under_year: bool, due: bool) -> PeriodFigure {
        let number = self.target.and_then(|it| match it.value {
            TargetValue::Exactly(value) => Some(value),
            TargetValue::Range { .. } | TargetValue::Text(_) => None,
        });
        let parts = self.measurement.and_then(|it| match it.reading {
            Reading::Ratio { numerator, denominator } => Some(Ratio { numerator, denominator }),
            Reading::Value(_) | Reading::NotApplicable => None,
        });
        PeriodFigure {
            // Under a target of the year a quarter needs none of its own: zero only says that it counts.
            target: if under_year { due.then_some(Decimal::ZERO) } else { number },
            actual: self.value(),
            parts,
        }
    }
}
