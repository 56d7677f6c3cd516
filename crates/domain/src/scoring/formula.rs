//! The formulas, step by step, in checked decimal arithmetic.

mod arithmetic;
mod choice;

use rust_decimal::Decimal;

use super::{
    Actual, Inputs, InverseZeroActual, LateAs, Outcome, Polarity, Reason, RuleId, RuleSet,
    ScoreInput, Scored, Step, StepKind, Verdict, ZeroTargetMax, ZeroTargetMin,
};
use crate::quantity::{Achievement, Operator};
use crate::scale::OrdinalScale;
use arithmetic::{Measured, interpolate, minus, percent, positive, two_minus};

const HUNDRED: Decimal = Decimal::ONE_HUNDRED;

/// What an extreme target that was met scores (KMK 127/2026, `PermenPANRB` 8/2021).
const FULL_MARKS: Decimal = Decimal::from_parts(120, 0, 0, false, 0);

/// One score in the making: collects inputs and steps on the way.
pub(super) struct Evaluation<'a> {
    input: &'a ScoreInput,
    rules: &'a RuleSet,
    rule: Option<RuleId>,
    inputs: Inputs,
    steps: Vec<Step>,
    reported: bool,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(input: &'a ScoreInput, rules: &'a RuleSet) -> Self {
        let target = input.target.as_ref();
        let reported = matches!(input.actual, Actual::Value(_) | Actual::Grade(_));
        let inputs = Inputs {
            target: target.and_then(|it| it.value),
            actual: match input.actual {
                Actual::Value(value) => Some(value),
                _ => None,
            },
            baseline: input.baseline,
            worst: input.worst,
            range: target.and_then(|it| it.range),
            operator: None,
        };
        Self { input, rules, rule: None, inputs, steps: Vec::with_capacity(4), reported }
    }

    pub(super) fn into_scored(self, outcome: Outcome) -> Scored {
        Scored {
            outcome,
            rule: self.rule,
            rule_set: self.rules.id.clone(),
            inputs: self.inputs,
            steps: self.steps,
            reported: self.reported,
        }
    }

    pub(super) fn outcome(&mut self) -> Outcome {
        self.judge().unwrap_or_else(Outcome::NotMeasurable)
    }

    fn judge(&mut self) -> Result<Outcome, Reason> {
        if self.rules.cap.zip(self.rules.floor).is_some_and(|(cap, floor)| cap < floor) {
            return Err(Reason::CapBelowFloor);
        }
        if self.input.actual == Actual::NotApplicable {
            return Err(Reason::NotApplicable);
        }
        let rule = self.chosen_rule()?;
        self.rule = Some(rule);
        let late = match self.input.actual {
            Actual::NotYetDue => return Err(Reason::NotYetDue),
            Actual::Missing { due: false } => return Err(Reason::Pending),
            Actual::Missing { due: true } => match self.rules.late_as {
                LateAs::Exclude => return Err(Reason::Late),
                LateAs::Zero => true,
            },
            Actual::Value(_) | Actual::Grade(_) | Actual::NotApplicable => false,
        };
        if rule == RuleId::MetNotMet {
            let verdict = if late { Verdict::NotMet } else { self.verdict()? };
            return Ok(Outcome::Judged(verdict));
        }
        let uncapped = if late {
            self.step(StepKind::LateAsZero, "0", Decimal::ZERO)
        } else {
            self.formula(rule)?
        };
        Ok(self.measured(uncapped))
    }

    fn formula(&mut self, rule: RuleId) -> Measured {
        match rule {
            RuleId::MaxRatio => self.max_ratio(),
            RuleId::MaxNegTarget => self.max_negative_target(),
            RuleId::MinTwoMinus | RuleId::MinInverse => self.minimize(rule),
            RuleId::MinBaseline | RuleId::MaxBaseline => self.along_baseline(rule),
            RuleId::Stabilize | RuleId::StabilizeSymmetric => self.stabilize(rule),
            RuleId::RangeMax | RuleId::RangeMin => self.by_range(rule),
            RuleId::Ordinal => self.ordinal(),
            RuleId::Milestone => self.milestone(),
            RuleId::MetNotMet => Err(Reason::TextTarget),
        }
    }

    fn max_ratio(&mut self) -> Measured {
        let (target, actual) = (self.target()?, self.actual()?);
        if target.is_zero() {
            return match self.rules.zero_target_max {
                ZeroTargetMax::NotMeasurable => Err(Reason::ZeroTarget),
                ZeroTargetMax::MetIsFull => {
                    let result = if actual >= Decimal::ZERO { HUNDRED } else { Decimal::ZERO };
                    Ok(self.step(StepKind::ZeroTarget, "T = 0: R ≥ 0 → 100, R < 0 → 0", result))
                }
            };
        }
        let result = percent(actual, target)?;
        Ok(self.step(StepKind::Formula, RuleId::MaxRatio.formula(), result))
    }

    fn max_negative_target(&mut self) -> Measured {
        let (target, actual) = (self.target()?, self.actual()?);
        if target.is_zero() {
            return self.max_ratio();
        }
        if target > Decimal::ZERO {
            return Err(Reason::PositiveTarget);
        }
        let result = two_minus(actual, target)?;
        Ok(self.step(StepKind::Formula, RuleId::MaxNegTarget.formula(), result))
    }

    fn minimize(&mut self, rule: RuleId) -> Measured {
        let (target, actual) = (self.target()?, self.actual()?);
        if target.is_zero() {
            return self.minimize_to_zero(actual);
        }
        if target < Decimal::ZERO {
            return Err(Reason::NegativeTarget);
        }
        if rule == RuleId::MinTwoMinus {
            let result = two_minus(actual, target)?;
            return Ok(self.step(StepKind::Formula, rule.formula(), result));
        }
        if actual < Decimal::ZERO {
            return Err(Reason::NegativeActual);
        }
        if actual.is_zero() {
            return match self.rules.inverse_zero_actual {
                InverseZeroActual::Hundred => {
                    Ok(self.step(StepKind::ZeroActual, "R = 0 → 100", HUNDRED))
                }
                InverseZeroActual::NotMeasurable => Err(Reason::ZeroActual),
            };
        }
        let result = percent(target, actual)?;
        Ok(self.step(StepKind::Formula, rule.formula(), result))
    }

    fn minimize_to_zero(&mut self, actual: Decimal) -> Measured {
        use ZeroTargetMin::{MetIsFull, NotMeasurable, WorstScale, WorstScaleElseMet};
        let met = actual <= Decimal::ZERO;
        match (self.rules.zero_target_min, self.input.worst) {
            (WorstScale | WorstScaleElseMet, Some(worst)) => self.worst_scale(actual, worst),
            (WorstScaleElseMet, None) if met => {
                Ok(self.step(StepKind::ZeroTarget, "T = 0: R = 0 → 100", HUNDRED))
            }
            (MetIsFull, _) => {
                let result = if met { HUNDRED } else { Decimal::ZERO };
                Ok(self.step(StepKind::ZeroTarget, "T = 0: R = 0 → 100, R > 0 → 0", result))
            }
            (WorstScale | WorstScaleElseMet, None) | (NotMeasurable, _) => Err(Reason::ZeroTarget),
        }
    }

    fn worst_scale(&mut self, actual: Decimal, worst: Decimal) -> Measured {
        if worst <= Decimal::ZERO {
            return Err(Reason::WorstNotPositive);
        }
        let result = percent(minus(worst, actual)?, worst)?;
        self.step(StepKind::ZeroTarget, "T = 0: (L − R) / L × 100", result);
        if result < Decimal::ZERO {
            return Ok(self.step(StepKind::FormulaLimit, "max(0, …)", Decimal::ZERO));
        }
        Ok(result)
    }

    fn along_baseline(&mut self, rule: RuleId) -> Measured {
        let (target, actual) = (self.target()?, self.actual()?);
        let baseline = self.input.baseline.ok_or(Reason::NoBaseline)?;
        let (way, gone) = if rule == RuleId::MinBaseline {
            (minus(baseline, target)?, minus(baseline, actual)?)
        } else {
            (minus(target, baseline)?, minus(actual, baseline)?)
        };
        if way.is_zero() {
            return Err(Reason::BaselineIsTarget);
        }
        if way < Decimal::ZERO {
            return Err(Reason::BaselineBeyondTarget);
        }
        let result = percent(gone, way)?;
        Ok(self.step(StepKind::Formula, rule.formula(), result))
    }

    /// Closeness Ca of the actual to the target, 100 when on it or inside its range.
    fn closeness(&mut self) -> Measured {
        let actual = self.actual()?;
        let (low, high) = match self.inputs.range {
            Some(range) => range,
            None => self.target().map(|target| (target, target))?,
        };
        if low > high {
            return Err(Reason::RangeReversed);
        }
        if self.inputs.range.is_none() {
            if low.is_zero() {
                return Err(Reason::ZeroTarget);
            }
            if low < Decimal::ZERO {
                return Err(Reason::NegativeTarget);
            }
        }
        if actual < low {
            return percent(actual, positive(low)?);
        }
        if actual > high {
            return two_minus(actual, positive(high)?);
        }
        Ok(HUNDRED)
    }

    fn stabilize(&mut self, rule: RuleId) -> Measured {
        let closeness = self.closeness()?;
        self.step(StepKind::Formula, RuleId::Stabilize.formula(), closeness);
        if rule == RuleId::StabilizeSymmetric {
            return Ok(if closeness < Decimal::ZERO {
                self.step(StepKind::FormulaLimit, "max(0, …)", Decimal::ZERO)
            } else {
                closeness
            });
        }
        let points = self.input.stabilize_points.as_ref().unwrap_or(&self.rules.stabilize_points);
        let result = interpolate(points, closeness)?;
        Ok(self.step(StepKind::Interpolation, "interpolasi (Ca, nilai)", result))
    }

    fn by_range(&mut self, rule: RuleId) -> Measured {
        let (low, high) = match (self.inputs.range, self.input.target.as_ref()) {
            (Some(range), _) => range,
            (None, None) => return Err(Reason::NoTarget),
            (None, Some(_)) => return Err(Reason::NoRange),
        };
        let actual = self.actual()?;
        if low > high {
            return Err(Reason::RangeReversed);
        }
        let bound = if actual < low {
            Some(low)
        } else if actual > high {
            Some(high)
        } else {
            None
        };
        let result = match bound.map(positive).transpose()? {
            None => HUNDRED,
            Some(bound) if rule == RuleId::RangeMax => percent(actual, bound)?,
            Some(bound) => two_minus(actual, bound)?,
        };
        Ok(self.step(StepKind::Formula, rule.formula(), result))
    }

    fn ordinal(&mut self) -> Measured {
        let (target, actual) = self.graded()?;
        if target <= Decimal::ZERO {
            return Err(if target.is_zero() { Reason::ZeroTarget } else { Reason::NegativeTarget });
        }
        self.step(StepKind::TargetGrade, "n(T)", target);
        self.step(StepKind::ActualGrade, "n(R)", actual);
        let result = percent(actual, target)?;
        Ok(self.step(StepKind::Formula, RuleId::Ordinal.formula(), result))
    }

    fn milestone(&mut self) -> Measured {
        let done = self.actual()?;
        let result = match self.input.target.as_ref() {
            None if done.is_zero() => Decimal::ZERO,
            None if done == Decimal::ONE => HUNDRED,
            None => return Err(Reason::NotDoneOrUndone),
            Some(_) => {
                let steps = self.target()?;
                if steps.is_zero() {
                    return Err(Reason::ZeroTarget);
                }
                if steps < Decimal::ZERO {
                    return Err(Reason::NegativeTarget);
                }
                percent(done, steps)?
            }
        };
        self.step(StepKind::Formula, RuleId::Milestone.formula(), result);
        let limited = result.clamp(Decimal::ZERO, HUNDRED);
        if limited == result {
            return Ok(result);
        }
        Ok(self.step(StepKind::FormulaLimit, "0 … 100", limited))
    }

    fn verdict(&mut self) -> Result<Verdict, Reason> {
        let met = if let Some((low, high)) = self.inputs.range {
            let actual = self.actual()?;
            if low > high {
                return Err(Reason::RangeReversed);
            }
            (low..=high).contains(&actual)
        } else {
            let target = self.input.target.as_ref().ok_or(Reason::NoTarget)?;
            let operator = target.operator.unwrap_or(match self.input.polarity {
                Some(Polarity::Minimize) => Operator::AtMost,
                Some(Polarity::Stabilize) => Operator::Equal,
                Some(Polarity::Maximize | Polarity::Neutral) | None => Operator::AtLeast,
            });
            self.inputs.operator = Some(operator);
            let (target, actual) = match (target.value, &self.input.actual) {
                (Some(target), Actual::Value(actual)) => (target, *actual),
                _ => self.graded()?,
            };
            operator.holds(actual, target)
        };
        Ok(if met { Verdict::Met } else { Verdict::NotMet })
    }

    /// Target and actual as numbers of one ladder of grades.
    fn graded(&mut self) -> Result<(Decimal, Decimal), Reason> {
        let target = self.input.target.as_ref().ok_or(Reason::NoTarget)?;
        if let (Some(target), Actual::Value(actual)) = (target.value, &self.input.actual) {
            return Ok((target, *actual));
        }
        let (target_text, actual_text) = match (&target.text, &self.input.actual) {
            (None, _) => return Err(Reason::TextActual),
            (Some(text), Actual::Grade(grade)) => (text.as_str(), grade.clone()),
            (Some(text), Actual::Value(number)) => (text.as_str(), number.normalize().to_string()),
            (Some(_), _) => return Err(Reason::Pending),
        };
        let ladder = match self.input.grades.as_ref() {
            Some(ladder) => ladder,
            None => {
                OrdinalScale::holding(&[target_text, &actual_text]).ok_or(Reason::UnknownGrade)?
            }
        };
        let numbers = ladder.number(target_text).zip(ladder.number(&actual_text));
        let (target, actual) = numbers.ok_or(Reason::UnknownGrade)?;
        self.inputs.target = Some(target);
        self.inputs.actual = Some(actual);
        Ok((target, actual))
    }

    /// Full marks, cap, floor, the one rounding, and the band of what is printed.
    fn measured(&mut self, uncapped: Decimal) -> Outcome {
        let mut achievement = uncapped;
        if self.rules.full_marks_at_max
            && self.input.target_is_extreme
            && achievement >= HUNDRED
            && achievement < FULL_MARKS
        {
            achievement = self.step(StepKind::FullMarks, "T ekstrem, R = T → 120", FULL_MARKS);
        }
        if let Some(cap) = self.rules.cap.filter(|cap| achievement > *cap) {
            achievement = self.step(StepKind::Cap, "min(cap, …)", cap);
        }
        if let Some(floor) = self.rules.floor.filter(|floor| achievement < *floor) {
            achievement = self.step(StepKind::Floor, "max(floor, …)", floor);
        }
        let printed = self.rules.print(achievement);
        if printed != achievement {
            self.step(StepKind::Rounding, "pembulatan", printed);
        }
        Outcome::Measured {
            achievement: Achievement::new(achievement),
            uncapped: Achievement::new(uncapped),
            printed: Achievement::new(printed),
            band: self.rules.iku_scale.band_of_rounded(printed).clone(),
        }
    }

    fn target(&self) -> Measured {
        let target = self.input.target.as_ref().ok_or(Reason::NoTarget)?;
        target.value.ok_or(match (target.range, &target.text) {
            (Some(_), _) => Reason::RangeTarget,
            (None, Some(_)) => Reason::TextTarget,
            (None, None) => Reason::NoTarget,
        })
    }

    fn actual(&self) -> Measured {
        match self.input.actual {
            Actual::Value(value) => Ok(value),
            Actual::Grade(_) => Err(Reason::TextActual),
            Actual::Missing { .. } | Actual::NotApplicable | Actual::NotYetDue => {
                Err(Reason::Pending)
            }
        }
    }

    fn step(&mut self, kind: StepKind, formula: &'static str, result: Decimal) -> Decimal {
        self.steps.push(Step { kind, formula, result });
        result
    }
}
