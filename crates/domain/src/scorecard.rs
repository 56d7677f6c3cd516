//! The scorecard of a period: which figures count for each indicator, and what becomes of them.
//!
//! [`figure`] picks the figures out of measurements, targets and the calendar, [`score_indicator`] scores
//! them, [`level_scores`] makes objectives, perspectives and the NKO of the scores. All of it is stored, so
//! that a closed period keeps its digits whatever changes later.

pub mod figure;
mod levels;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::ids::{IndicatorId, MeasurementId, PlanNodeId, TargetId};
use crate::indicator::{Indicator, IndicatorKind};
use crate::period::Period;
use crate::plan::Perspective;
use crate::publication::Standing;
use crate::quantity::Weight;
use crate::scale::Traffic;
use crate::scoring::{
    Actual, Inputs, Outcome, Reason, RuleChoice, RuleId, RuleSet, RuleSetRef, ScoreInput, Scored,
    Step, StepKind, Verdict, score,
};

pub use figure::{Calendar, Figure, Known};
pub(crate) use levels::scored_card;
pub use levels::{Level, LevelKey, MemberKey, indicator_shares, level_scores};

/// Where an indicator counted when it was scored. Kept with the score: a weight changed later rewrites nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Its objective.
    pub objective: PlanNodeId,
    /// The objective's perspective; none until it is placed, and then it enters no score.
    pub perspective: Option<Perspective>,
    /// IKU count in the NKO, supporting indicators are only shown.
    pub kind: IndicatorKind,
    /// Relative weight in the objective.
    pub weight: Weight,
    /// Relative weight of the perspective in the NKO.
    pub perspective_weight: Weight,
}

/// What a score came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreOutcome {
    /// A percentage; see [`IndicatorScore::achievement`].
    Measured,
    /// Met or not, without a percentage.
    Judged(Verdict),
    /// None, and why.
    NotMeasurable(Reason),
}

impl ScoreOutcome {
    /// Stable code for storage and API: `measured`, `met`, `not_met`, or the reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Judged(verdict) => verdict.code(),
            Self::NotMeasurable(reason) => reason.code(),
        }
    }

    /// The outcome with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        if code == "measured" {
            return Some(Self::Measured);
        }
        Verdict::from_code(code)
            .map(Self::Judged)
            .or_else(|| Reason::from_code(code).map(Self::NotMeasurable))
    }

    /// Why there is none, if there is none.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::NotMeasurable(reason) => Some(reason),
            Self::Measured | Self::Judged(_) => None,
        }
    }
}

/// One step of the calculation, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreStep {
    /// What kind of step.
    pub kind: StepKind,
    /// The formula in symbols.
    pub formula: Cow<'static, str>,
    /// The number after the step.
    pub result: Decimal,
}

impl From<Step> for ScoreStep {
    fn from(step: Step) -> Self {
        Self { kind: step.kind, formula: Cow::Borrowed(step.formula), result: step.result }
    }
}

/// The score of one indicator for one period, with all that it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorScore {
    /// The indicator.
    pub indicator: IndicatorId,
    /// The period of the scorecard.
    pub period: Period,
    /// Name and version of the rule set.
    pub rule_set: RuleSetRef,
    /// The formula applied; none when none was reached.
    pub rule: Option<RuleId>,
    /// The measurement that counted, the last one where several were consolidated.
    pub measurement: Option<MeasurementId>,
    /// The target that counted, the last one where several were consolidated.
    pub target: Option<TargetId>,
    /// The target as agreed, where it is a wording.
    pub target_text: Option<String>,
    /// Whether a target that counted is made up for a demonstration.
    pub target_illustrative: bool,
    /// What came out.
    pub outcome: ScoreOutcome,
    /// Achievement after cap and floor in percent, full precision.
    pub achievement: Option<Decimal>,
    /// Achievement before cap and floor.
    pub uncapped: Option<Decimal>,
    /// [`IndicatorScore::achievement`] as printed.
    pub printed: Option<Decimal>,
    /// Code of the band.
    pub band: Option<String>,
    /// The colour.
    pub traffic: Traffic,
    /// Whether a value that counted is submitted and not yet verified. Such a score is shown and enters no level.
    pub provisional: bool,
    /// Whether an actual was given.
    pub reported: bool,
    /// The numbers that went in.
    pub inputs: Inputs,
    /// What was done, in order.
    pub steps: Vec<ScoreStep>,
    /// Where it counts.
    pub placement: Placement,
    /// The periods whose figures were consolidated; empty for a figure of the period itself.
    pub consolidated: Vec<Period>,
    /// Those of them that have no figure yet.
    pub missing: Vec<Period>,
    /// When it was computed.
    pub computed_at: DateTime<Utc>,
}

impl IndicatorScore {
    /// Which of the four things it is: reported, missing, not applicable, not yet due.
    pub fn standing(&self) -> Standing {
        match self.outcome.reason() {
            Some(Reason::NotApplicable) => Standing::NotApplicable,
            Some(Reason::Pending | Reason::NotYetDue) => Standing::NotYetDue,
            _ if self.reported => Standing::Reported,
            _ => Standing::Missing,
        }
    }

    /// Whether it counts in the denominator of coverage: it is due and applies here.
    pub fn is_expected(&self) -> bool {
        self.outcome.reason().is_none_or(Reason::is_expected)
    }

    /// Decimals with which its rule set prints achievements; 2 for a set that the catalogue has no more.
    pub fn printed_decimals(&self) -> u32 {
        let rules = RuleSet::version(&self.rule_set.name, self.rule_set.version);
        rules.map_or(2, |it| it.decimals)
    }

    /// Whether its uncapped achievement says something that the printed one hides.
    pub fn is_capped(&self) -> bool {
        self.uncapped != self.achievement
    }
}

/// Scores the figure of one indicator under a rule set.
pub fn score_indicator(
    indicator: &Indicator,
    period: Period,
    figure: Figure,
    rules: &RuleSet,
    placement: Placement,
    computed_at: DateTime<Utc>,
) -> IndicatorScore {
    let manual = &indicator.manual;
    let rule = manual.rule.map_or(RuleChoice::ByPolarity(manual.polarity), RuleChoice::Rule);
    let Figure { actual, target, .. } = figure;
    // Without a target the score would say so first; but what is not due yet lacks nothing yet.
    let not_due = match (&target, &actual) {
        (None, Actual::NotYetDue) => Some(Reason::NotYetDue),
        (None, Actual::Missing { due: false }) => Some(Reason::Pending),
        _ => None,
    };
    let target_text = target.as_ref().and_then(|it| it.text.clone());
    let input = ScoreInput {
        polarity: Some(manual.polarity),
        baseline: indicator.baseline.map(|it| it.value),
        worst: manual.worst,
        ..ScoreInput::new(rule, target, actual)
    };
    let scored = score(&input, rules);
    let outcome = match (not_due, &scored.outcome) {
        (Some(reason), _) => ScoreOutcome::NotMeasurable(reason),
        (None, Outcome::Measured { .. }) => ScoreOutcome::Measured,
        (None, Outcome::Judged(verdict)) => ScoreOutcome::Judged(*verdict),
        (None, Outcome::NotMeasurable(reason)) => ScoreOutcome::NotMeasurable(*reason),
    };
    let traffic = scored.status();
    let Scored { outcome: result, rule, rule_set, inputs, steps, reported } = scored;
    let (achievement, uncapped, printed, band) = match result {
        Outcome::Measured { achievement, uncapped, printed, band } => (
            Some(achievement.get()),
            Some(uncapped.get()),
            Some(printed.get()),
            Some(band.code.into_owned()),
        ),
        Outcome::Judged(_) | Outcome::NotMeasurable(_) => (None, None, None, None),
    };
    IndicatorScore {
        indicator: indicator.id,
        period,
        rule_set,
        rule,
        measurement: figure.measurement,
        target: figure.target_id,
        target_text,
        target_illustrative: figure.illustrative,
        outcome,
        achievement,
        uncapped,
        printed,
        band,
        traffic,
        provisional: figure.provisional,
        reported,
        inputs,
        steps: steps.into_iter().map(ScoreStep::from).collect(),
        placement,
        consolidated: figure.consolidated,
        missing: figure.missing,
        computed_at,
    }
}

#[cfg(test)]
mod tests;
