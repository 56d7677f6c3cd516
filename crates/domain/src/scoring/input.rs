//! What a score is made from: target, actual and the marks of the indicator's manual.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::{Polarity, RuleChoice};
use crate::quantity::{Operator, TargetText};
use crate::scale::OrdinalScale;

/// What was agreed. At least one part is set; a target of text alone is a grade or waits for a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The number to reach.
    pub value: Option<Decimal>,
    /// A range to stay in, both ends included; beats `value` when both are set.
    pub range: Option<(Decimal, Decimal)>,
    /// The comparison written before the number; decides `MetNotMet` only.
    pub operator: Option<Operator>,
    /// The text as agreed, such as `WTP` or `50 dari 60`.
    pub text: Option<String>,
}

impl Target {
    /// A plain number.
    pub fn of(value: Decimal) -> Self {
        Self { value: Some(value), ..Self::default() }
    }

    /// A range, both ends included.
    pub fn range(low: Decimal, high: Decimal) -> Self {
        Self { range: Some((low, high)), ..Self::default() }
    }

    /// A grade or any other text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// Whether anything was agreed at all.
    pub fn is_set(&self) -> bool {
        self.value.is_some() || self.range.is_some() || self.text.is_some()
    }

    /// Reads a target as official tables write it; `None` when the text says there is no target.
    /// A fraction ("50 dari 60") keeps its text: whether the count or the percentage is measured is
    /// for the manual to say, so it gives no value by itself.
    pub fn from_text(text: &str) -> Option<Self> {
        let plain = text.trim().to_owned();
        match TargetText::parse(text) {
            TargetText::Blank | TargetText::NotApplicable => None,
            TargetText::Number { operator, value, .. } => {
                Some(Self { value: Some(value), range: None, operator, text: Some(plain) })
            }
            TargetText::Range { low, high, .. } => {
                Some(Self { text: Some(plain), ..Self::range(low, high) })
            }
            TargetText::Rank(place) => Some(Self { text: Some(plain), ..Self::of(place) }),
            TargetText::Fraction { .. } | TargetText::Ordinal(_) | TargetText::Text(_) => {
                Some(Self::text(plain))
            }
        }
    }
}

/// What was reached. Missing, zero, not applicable and not yet due are four different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actual {
    /// A number, zero included.
    Value(Decimal),
    /// A grade, such as `WTP`.
    Grade(String),
    /// Nothing was reported.
    Missing {
        /// Whether the due date has passed.
        due: bool,
    },
    /// The indicator does not apply to this unit.
    NotApplicable,
    /// The period has no figure to give yet.
    NotYetDue,
}

/// Everything [`super::score`] looks at for one indicator.
#[derive(Clone, Debug)]
pub struct ScoreInput {
    /// Formula or direction.
    pub rule: RuleChoice,
    /// Direction, where the formula alone does not tell (`MetNotMet`).
    pub polarity: Option<Polarity>,
    /// What was agreed; `None` when no target was set.
    pub target: Option<Target>,
    /// What was reached.
    pub actual: Actual,
    /// Where things stood before, for the baseline formulas.
    pub baseline: Option<Decimal>,
    /// The worst acceptable value L, for a minimise target of zero; above zero.
    pub worst: Option<Decimal>,
    /// The ladder of grades; found by the grades themselves when not given.
    pub grades: Option<OrdinalScale>,
    /// Points (closeness, score) agreed in the manual for `Stabilize`; else the rule set's.
    pub stabilize_points: Option<Cow<'static, [(Decimal, Decimal)]>>,
    /// Whether the target already is the highest (or lowest) possible value.
    pub target_is_extreme: bool,
}

impl ScoreInput {
    /// An input with rule, target and actual; the other marks unset.
    pub fn new(rule: RuleChoice, target: Option<Target>, actual: Actual) -> Self {
        Self {
            rule,
            polarity: None,
            target,
            actual,
            baseline: None,
            worst: None,
            grades: None,
            stabilize_points: None,
            target_is_extreme: false,
        }
    }
}
