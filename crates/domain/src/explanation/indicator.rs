//! Why an indicator's achievement is what it is, down to the recorded values and their evidence.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::Calculation;
use crate::consolidation::PeriodConsolidation;
use crate::evidence::Evidence;
use crate::ids::{IndicatorId, MeasurementId};
use crate::indicator::{Indicator, IndicatorCode, IndicatorKind};
use crate::measurement::{FigureSource, Measurement, MeasurementStatus, Reading};
use crate::period::Period;
use crate::scorecard::{IndicatorScore, Known, Placement, ScoreOutcome};
use crate::scoring::RuleSet;
use crate::target::{Target, TargetStatus, TargetValue};

coded! {
    /// Whether an achievement enters the score of its objective.
    pub enum Counting {
        /// It does.
        Counts = "counts",
        /// Its value is submitted and not yet verified.
        Provisional = "provisional",
        /// A supporting indicator is shown only.
        Supporting = "supporting",
        /// Its objective stands in no perspective.
        Unplaced = "unplaced",
        /// Met or not met is no percentage.
        NoPercentage = "no_percentage",
        /// There is no achievement.
        NoAchievement = "no_achievement",
    }
}

impl Counting {
    /// Of a kept score.
    pub fn of(score: &IndicatorScore) -> Self {
        match score.outcome {
            _ if score.placement.kind == IndicatorKind::Supporting => Self::Supporting,
            _ if score.placement.perspective.is_none() => Self::Unplaced,
            ScoreOutcome::NotMeasurable(_) => Self::NoAchievement,
            _ if score.provisional => Self::Provisional,
            ScoreOutcome::Judged(_) => Self::NoPercentage,
            ScoreOutcome::Measured => Self::Counts,
        }
    }
}

/// What was recorded and agreed for one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureInput {
    /// The period.
    pub period: Period,
    /// What was recorded; none when nothing that counts was.
    pub reading: Option<Reading>,
    /// It as a number.
    pub value: Option<Decimal>,
    /// Where it stands.
    pub status: Option<MeasurementStatus>,
    /// The value.
    pub measurement: Option<MeasurementId>,
    /// Its revision.
    pub revision: Option<i32>,
    /// Who recorded it.
    pub recorded_by: Option<String>,
    /// Who verified it, and when; none while nobody has.
    pub verified: Option<(String, DateTime<Utc>)>,
    /// Where the figure was read.
    pub figure: Option<FigureSource>,
    /// What supports it.
    pub evidence: Vec<Evidence>,
    /// The target of the period itself, and whether it is made up for a demonstration.
    pub target: Option<(TargetValue, bool)>,
}

/// The explanation of an indicator's achievement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorExplanation {
    /// The indicator.
    pub indicator: IndicatorId,
    /// Its code.
    pub code: IndicatorCode,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Decimals shown, 0 to 6; a recorded value with more is shown with more.
    pub decimals: u32,
    /// What is measured, in the words of the manual.
    pub measures: String,
    /// The period.
    pub period: Period,
    /// How the achievement came about.
    pub calculation: Calculation,
    /// Whether a value in it is not verified yet.
    pub provisional: bool,
    /// Whether it enters its objective's score.
    pub counting: Counting,
    /// Where and with which weight it counts.
    pub placement: Placement,
    /// How periods were put together; none for a figure of the period itself.
    pub consolidation: Option<PeriodConsolidation>,
    /// Values and targets by period.
    pub figures: Vec<FigureInput>,
    /// Whether the target is made up for a demonstration.
    pub target_illustrative: bool,
    /// The manual's data source.
    pub source: String,
    /// Who publishes the official figure.
    pub publisher: Option<String>,
    /// From which day on no more values are recorded.
    pub retired_on: Option<NaiveDate>,
    /// When it was computed.
    pub computed_at: DateTime<Utc>,
}

impl IndicatorExplanation {
    /// Explains a kept score by what is known of its indicator.
    pub fn of(
        indicator: &Indicator,
        score: &IndicatorScore,
        rules: Option<&RuleSet>,
        measurements: &[Measurement],
        targets: &[Target],
        evidence: &[Evidence],
    ) -> Self {
        let manual = &indicator.manual;
        let own = [score.period];
        let periods: &[Period] =
            if score.consolidated.is_empty() { &own } else { &score.consolidated };
        let known = Known { measurements, targets };
        let figures = periods
            .iter()
            .map(|period| {
                let counting = known.counting(*period);
                // What the score itself names is what it was made of, whatever came later.
                let named = measurements
                    .iter()
                    .find(|it| Some(it.id) == score.measurement && it.period == *period);
                let target = targets
                    .iter()
                    .find(|it| Some(it.id) == score.target && it.period == *period)
                    .or_else(|| {
                        let in_force = |it: &&Target| {
                            it.period == *period && it.status == TargetStatus::Approved
                        };
                        targets.iter().find(in_force)
                    });
                input(*period, named.or(counting), target, evidence)
            })
            .collect();
        Self {
            indicator: indicator.id,
            code: indicator.code.clone(),
            name: manual.name.clone(),
            unit: manual.unit.clone(),
            decimals: u32::from(manual.decimals),
            measures: manual.formula.clone(),
            period: score.period,
            calculation: Calculation::of_score(score, manual.polarity, rules),
            provisional: score.provisional,
            counting: Counting::of(score),
            placement: score.placement,
            consolidation: (!score.consolidated.is_empty()).then_some(manual.period_consolidation),
            figures,
            target_illustrative: score.target_illustrative,
            source: manual.source.clone(),
            publisher: manual.publisher.clone(),
            retired_on: indicator.retired_on,
            computed_at: score.computed_at,
        }
    }

    /// Decimals with which a recorded number is shown: never fewer than it has.
    pub fn decimals_of(&self, value: Decimal) -> u32 {
        let quotient = self.consolidation.is_some()
            || self.figures.iter().any(|it| matches!(it.reading, Some(Reading::Ratio { .. })));
        if quotient { self.decimals } else { self.decimals.max(value.normalize().scale().min(6)) }
    }
}

fn input(
    period: Period,
    measurement: Option<&Measurement>,
    target: Option<&Target>,
    evidence: &[Evidence],
) -> FigureInput {
    let verified = measurement
        .filter(|it| it.status == MeasurementStatus::Verified)
        .and_then(|it| it.decided_by_name.clone().zip(it.decided_at));
    FigureInput {
        period,
        reading: measurement.map(|it| it.reading.clone()),
        value: measurement.and_then(|it| it.value),
        status: measurement.map(|it| it.status),
        measurement: measurement.map(|it| it.id),
        revision: measurement.map(|it| it.revision),
        recorded_by: measurement.map(|it| it.recorded_by_name.clone()),
        verified,
        figure: measurement.map(|it| it.figure.clone()),
        evidence: evidence
            .iter()
            .filter(|it| measurement.is_some_and(|found| found.id == it.measurement))
            .cloned()
            .collect(),
        target: target.map(|it| (it.value.clone(), it.illustrative)),
    }
}
