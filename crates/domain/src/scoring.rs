//! The formula registry: achievement of one indicator under a named, versioned rule set.
//!
//! `PermenPANRB` 53/2014 says what to compare and gives no formula, no cap, no band and no weight, so
//! every government filled that hole by itself. Here each formula has an id, each choice between
//! them is a switch of a [`RuleSet`], and [`score`] returns what a number was made of. Every page,
//! sheet and export calls this one function (domain rules 2.2, 2.3 and 10).

mod catalogue;
pub mod composite;
mod formula;
mod input;
mod reason;
mod rule_set;
mod scored;

pub use composite::CompositeRule;
pub use input::{Actual, ScoreInput, Target};
pub use reason::Reason;
pub use rule_set::{
    InverseZeroActual, LateAs, MinFormula, PerspectiveWeights, RuleSet, RuleSetError,
    RuleSetPurpose, RuleSetRef, StabilizeRule, ZeroTargetMax, ZeroTargetMin,
};
pub use scored::{Inputs, Outcome, Scored, Step, StepKind, Verdict};

use formula::Evaluation;

coded! {
    /// Which direction of an indicator is better.
    pub enum Polarity {
        /// More is better.
        Maximize = "maximize",
        /// Less is better.
        Minimize = "minimize",
        /// The closer to the target, the better.
        Stabilize = "stabilize",
        /// Neither; shown for information and never scored.
        Neutral = "neutral",
    }
}

coded! {
    /// A formula of domain rules 2.2 and 2.3; T target, R actual, B baseline, result in percent.
    pub enum RuleId {
        /// `R / T x 100`.
        MaxRatio = "MaxRatio",
        /// `(2 - R/T) x 100` for a target below zero, where `R / T` would reward a worse loss.
        MaxNegTarget = "MaxNegTarget",
        /// `(2 - R/T) x 100`.
        MinTwoMinus = "MinTwoMinus",
        /// `T / R x 100`.
        MinInverse = "MinInverse",
        /// `(B - R) / (B - T) x 100`.
        MinBaseline = "MinBaseline",
        /// `(R - B) / (T - B) x 100`.
        MaxBaseline = "MaxBaseline",
        /// Closeness to the target, interpolated on agreed points (KMK 127/2026).
        Stabilize = "Stabilize",
        /// `max(0, 100 - |R - T| / T x 100)`.
        StabilizeSymmetric = "StabilizeSymmetric",
        /// A target range where more is better.
        RangeMax = "RangeMax",
        /// A target range where less is better.
        RangeMin = "RangeMin",
        /// Grades mapped to numbers, then `MaxRatio`.
        Ordinal = "Ordinal",
        /// Met or not met; no percentage.
        MetNotMet = "MetNotMet",
        /// Done or not done, or the share of steps done.
        Milestone = "Milestone",
    }
}

impl RuleId {
    /// The formula as it is printed beside a number.
    pub const fn formula(self) -> &'static str {
        match self {
            Self::MaxRatio => "R / T × 100",
            Self::MaxNegTarget | Self::MinTwoMinus => "(2 − R / T) × 100",
            Self::MinInverse => "T / R × 100",
            Self::MinBaseline => "(B − R) / (B − T) × 100",
            Self::MaxBaseline => "(R − B) / (T − B) × 100",
            Self::Stabilize => "Ca = 100 − |R − T| / T × 100",
            Self::StabilizeSymmetric => "max(0, 100 − |R − T| / T × 100)",
            Self::RangeMax => "R < lo: R / lo × 100; R > hi: R / hi × 100; 100",
            Self::RangeMin => "R < lo: (2 − R / lo) × 100; R > hi: (2 − R / hi) × 100; 100",
            Self::Ordinal => "n(R) / n(T) × 100",
            Self::MetNotMet => "R ? T",
            Self::Milestone => "R / T × 100, 0..100",
        }
    }

    /// Which direction the formula rewards; `None` where it depends on the target.
    pub const fn polarity(self) -> Option<Polarity> {
        match self {
            Self::MaxRatio
            | Self::MaxNegTarget
            | Self::MaxBaseline
            | Self::RangeMax
            | Self::Ordinal
            | Self::Milestone => Some(Polarity::Maximize),
            Self::MinTwoMinus | Self::MinInverse | Self::MinBaseline | Self::RangeMin => {
                Some(Polarity::Minimize)
            }
            Self::Stabilize | Self::StabilizeSymmetric => Some(Polarity::Stabilize),
            Self::MetNotMet => None,
        }
    }
}

/// The formula named outright, or the rule set's own for a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleChoice {
    /// This formula.
    Rule(RuleId),
    /// The rule set's default for this direction.
    ByPolarity(Polarity),
}

impl RuleChoice {
    /// Reads a rule id or a direction, as the sheets have it.
    pub fn from_code(code: &str) -> Option<Self> {
        // `stabilize` names a direction and, written as the formulas are, one formula.
        if code == RuleId::Stabilize.code() {
            return Some(Self::Rule(RuleId::Stabilize));
        }
        Polarity::from_code(code)
            .map(Self::ByPolarity)
            .or_else(|| RuleId::from_code(code).map(Self::Rule))
    }

    /// The code [`RuleChoice::from_code`] reads.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.code(),
            Self::ByPolarity(polarity) => polarity.code(),
        }
    }
}

/// Scores one indicator. Pure: the same input and rule set version give the same digits for ever.
///
/// Never divides by zero and never panics on a large number: what has no achievement comes back as
/// [`Outcome::NotMeasurable`] with its reason.
pub fn score(input: &ScoreInput, rules: &RuleSet) -> Scored {
    let mut evaluation = Evaluation::new(input, rules);
    let outcome = evaluation.outcome();
    evaluation.into_scored(outcome)
}

#[cfg(test)]
mod tests;
