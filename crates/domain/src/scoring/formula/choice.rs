//! Which formula applies: the one named, or the rule set's own for a direction and a target.

use rust_decimal::Decimal;

use super::Evaluation;
use crate::scale::OrdinalScale;
use crate::scoring::{Polarity, Reason, RuleChoice, RuleId, StabilizeRule, StepKind, Target};

impl Evaluation<'_> {
    /// The formula to use, or why there is none; the target decides when a direction was asked.
    pub(super) fn chosen_rule(&mut self) -> Result<RuleId, Reason> {
        let target = self.input.target.as_ref().filter(|it| it.is_set());
        let below_zero = target.and_then(|it| it.value).is_some_and(|it| it < Decimal::ZERO);
        match self.input.rule {
            RuleChoice::Rule(RuleId::Milestone) => Ok(RuleId::Milestone),
            RuleChoice::ByPolarity(Polarity::Neutral) => Err(Reason::Neutral),
            RuleChoice::Rule(RuleId::MaxRatio) if below_zero => Ok(self.negative_target()),
            RuleChoice::Rule(rule) => target.map(|_| rule).ok_or(Reason::NoTarget),
            RuleChoice::ByPolarity(polarity) => {
                let target = target.ok_or(Reason::NoTarget)?;
                self.default_rule(polarity, target)
            }
        }
    }

    fn default_rule(&mut self, polarity: Polarity, target: &Target) -> Result<RuleId, Reason> {
        let by_range = target.range.is_some();
        let Some(value) = target.value.or(target.range.map(|(low, _)| low)) else {
            return match (polarity, &target.text) {
                (_, None) => Err(Reason::NoTarget),
                (Polarity::Maximize, Some(text)) if self.is_grade(text) => Ok(RuleId::Ordinal),
                (_, Some(_)) => Err(Reason::TextTarget),
            };
        };
        match polarity {
            Polarity::Maximize if by_range => Ok(RuleId::RangeMax),
            Polarity::Maximize if value < Decimal::ZERO => Ok(self.negative_target()),
            Polarity::Maximize => Ok(RuleId::MaxRatio),
            Polarity::Minimize if by_range => Ok(RuleId::RangeMin),
            Polarity::Minimize => Ok(self.rules.min_formula.rule()),
            Polarity::Stabilize => Ok(match self.rules.stabilize {
                StabilizeRule::Interpolated => RuleId::Stabilize,
                StabilizeRule::Symmetric => RuleId::StabilizeSymmetric,
            }),
            Polarity::Neutral => Err(Reason::Neutral),
        }
    }

    fn negative_target(&mut self) -> RuleId {
        let target = self.inputs.target.unwrap_or_default();
        self.step(StepKind::RuleSwitched, "T < 0", target);
        RuleId::MaxNegTarget
    }

    fn is_grade(&self, text: &str) -> bool {
        match self.input.grades.as_ref() {
            Some(ladder) => ladder.number(text).is_some(),
            None => OrdinalScale::holding(&[text]).is_some(),
        }
    }
}
