//! What a score was made of, in enough detail for a page to explain it later.

use rust_decimal::Decimal;

use super::{Reason, RuleId, RuleSetRef};
use crate::quantity::{Achievement, Operator};
use crate::scale::{Band, Traffic};

/// The result for one indicator, with rule, version, inputs and steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scored {
    /// The result.
    pub outcome: Outcome,
    /// The formula applied; `None` when none was reached.
    pub rule: Option<RuleId>,
    /// Name and version of the rule set.
    pub rule_set: RuleSetRef,
    /// The numbers that went in.
    pub inputs: Inputs,
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// Whether an actual was given; a late item counted as zero is measured and not reported.
    pub reported: bool,
}

/// The result of a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A percentage.
    Measured {
        /// After cap and floor, full precision; what objectives are made of.
        achievement: Achievement,
        /// Before cap and floor, full precision; shown when it differs.
        uncapped: Achievement,
        /// [`Outcome::Measured::achievement`] as printed: rounded once, by the rule set.
        printed: Achievement,
        /// The band of the printed number.
        band: Band,
    },
    /// Met or not, without a percentage (`MetNotMet`); enters no average.
    Judged(Verdict),
    /// No result, and why.
    NotMeasurable(Reason),
}

coded! {
    /// Whether a target without percentage was met.
    pub enum Verdict {
        /// The actual satisfies the target.
        Met = "met",
        /// It does not.
        NotMet = "not_met",
    }
}

/// The numbers a score used; T, R, B, L and the bounds of the formulas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// T, or the number of the target's grade.
    pub target: Option<Decimal>,
    /// R, or the number of the actual's grade.
    pub actual: Option<Decimal>,
    /// B.
    pub baseline: Option<Decimal>,
    /// L.
    pub worst: Option<Decimal>,
    /// Bounds of a target range.
    pub range: Option<(Decimal, Decimal)>,
    /// The comparison `MetNotMet` used.
    pub operator: Option<Operator>,
}

/// One step of a calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What kind of step.
    pub kind: StepKind,
    /// The formula in symbols, as it is printed.
    pub formula: &'static str,
    /// The number after the step.
    pub result: Decimal,
}

coded! {
    /// Kinds of steps.
    pub enum StepKind {
        /// Another formula than asked took over, because the target is below zero.
        RuleSwitched = "rule_switched",
        /// The grade of the target became a number.
        TargetGrade = "target_grade",
        /// The grade of the actual became a number.
        ActualGrade = "actual_grade",
        /// The rule for a target of zero.
        ZeroTarget = "zero_target",
        /// The rule for an actual of zero under `T / R`.
        ZeroActual = "zero_actual",
        /// The formula itself.
        Formula = "formula",
        /// The formula's own limit.
        FormulaLimit = "formula_limit",
        /// Interpolation on agreed points.
        Interpolation = "interpolation",
        /// An extreme target that was met gets full marks.
        FullMarks = "full_marks",
        /// A late item counted as zero.
        LateAsZero = "late_as_zero",
        /// The rule set's cap.
        Cap = "cap",
        /// The rule set's floor.
        Floor = "floor",
        /// The one rounding, at the edge.
        Rounding = "rounding",
    }
}

impl Scored {
    /// The index that enters an objective: the capped achievement in full precision.
    pub fn index(&self) -> Option<Achievement> {
        match &self.outcome {
            Outcome::Measured { achievement, .. } => Some(*achievement),
            Outcome::Judged(_) | Outcome::NotMeasurable(_) => None,
        }
    }

    /// The colour: the band's, grey when there is none.
    pub fn status(&self) -> Traffic {
        match &self.outcome {
            Outcome::Measured { band, .. } => band.status,
            Outcome::Judged(Verdict::Met) => Traffic::Green,
            Outcome::Judged(Verdict::NotMet) => Traffic::Red,
            Outcome::NotMeasurable(_) => Traffic::Grey,
        }
    }

    /// Why there is no result, if there is none.
    pub fn reason(&self) -> Option<Reason> {
        match &self.outcome {
            Outcome::NotMeasurable(reason) => Some(*reason),
            Outcome::Measured { .. } | Outcome::Judged(_) => None,
        }
    }

    /// Whether the item counts in the denominator of coverage: it is due and applies here.
    pub fn is_expected(&self) -> bool {
        self.reason().is_none_or(Reason::is_expected)
    }
}
