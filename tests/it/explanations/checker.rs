//! A small checker of explanations: it reads an explanation's JSON, computes the number again and compares.
//!
//! It knows the published rules (docs/domain/explanation.md) and no line of the product: no type, no formula, no
//! scale of ours. What it needs and does not find in the JSON is a fault of the explanation.

mod province;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

const HUNDRED: Decimal = Decimal::ONE_HUNDRED;

/// What is wrong; the number of comparisons that agreed otherwise.
pub(crate) type Checked = Result<usize, String>;

/// Computes an explained number again.
pub(crate) fn check(it: &Value) -> Checked {
    match text(it, "kind") {
        "indicator" => calculation(&it["calculation"]),
        "organisation" | "perspective" | "objective" => level(it),
        "roll_up" => province::roll_up(it),
        "rank" => province::rank(it),
        "composite" => province::composite(it),
        other => Err(format!("an unknown kind {other}")),
    }
}

fn text<'v>(it: &'v Value, name: &str) -> &'v str {
    it[name].as_str().unwrap_or_default()
}

fn number(it: &Value) -> Option<Decimal> {
    it.as_str()?.parse().ok()
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    explained: &T,
    again: &T,
) -> Result<(), String> {
    if explained == again {
        Ok(())
    } else {
        Err(format!("{what}: the explanation says {explained:?}, computed again {again:?}"))
    }
}

/// The formula's own result, or the reason why there is none.
type Computed = Result<Decimal, &'static str>;

const TOO_LARGE: &str = "out_of_range";

fn over(part: Decimal, whole: Decimal) -> Computed {
    part.checked_mul(HUNDRED).and_then(|it| it.checked_div(whole)).ok_or(TOO_LARGE)
}

/// `(2 - part / whole) x 100` over one division.
fn mirrored(part: Decimal, whole: Decimal) -> Computed {
    let twice = whole.checked_mul(Decimal::TWO).ok_or(TOO_LARGE)?;
    over(twice.checked_sub(part).ok_or(TOO_LARGE)?, whole)
}

/// Numbers and switches of one calculation, as its JSON has them.
struct Case<'v> {
    rule: &'v str,
    inputs: &'v Value,
    rules: &'v Value,
}

impl Case<'_> {
    fn input(&self, name: &str) -> Option<Decimal> {
        number(&self.inputs[name])
    }

    fn range(&self) -> Option<(Decimal, Decimal)> {
        let ends = self.inputs["target_range"].as_array()?;
        Some((number(ends.first()?)?, number(ends.get(1)?)?))
    }

    fn target(&self) -> Computed {
        let wording = self.inputs["target_text"].is_string();
        self.input("target").ok_or(match (self.range(), wording) {
            (Some(_), _) => "range_target",
            (None, true) => "text_target",
            (None, false) => "no_target",
        })
    }

    fn actual(&self) -> Computed {
        self.input("actual").ok_or("no_actual")
    }

    fn switch(&self, name: &str) -> &str {
        text(self.rules, name)
    }

    fn result(&self) -> Computed {
        match self.rule {
            "MaxRatio" => self.more_is_better(),
            "MaxNegTarget" => match self.target()? {
                target if target.is_zero() => self.more_is_better(),
                target if target.is_sign_positive() => Err("positive_target"),
                target => mirrored(self.actual()?, target),
            },
            "MinTwoMinus" | "MinInverse" => self.less_is_better(),
            "MaxBaseline" | "MinBaseline" => self.along_the_way(),
            "Stabilize" => self.on_the_points(self.closeness()?),
            "StabilizeSymmetric" => Ok(self.closeness()?.max(Decimal::ZERO)),
            "RangeMax" | "RangeMin" => self.in_a_range(),
            "Ordinal" => match self.target()? {
                target if target.is_zero() => Err("zero_target"),
                target if target.is_sign_negative() => Err("negative_target"),
                target => over(self.actual()?, target),
            },
            "Milestone" => self.steps_done(),
            _ => Err("no_formula"),
        }
    }

    fn more_is_better(&self) -> Computed {
        let (target, actual) = (self.target()?, self.actual()?);
        if !target.is_zero() {
            return over(actual, target);
        }
        match self.switch("zero_target_max") {
            "met_is_full" if actual >= Decimal::ZERO => Ok(HUNDRED),
            "met_is_full" => Ok(Decimal::ZERO),
            _ => Err("zero_target"),
        }
    }

    fn less_is_better(&self) -> Computed {
        let (target, actual) = (self.target()?, self.actual()?);
        if target.is_zero() {
            let met = actual <= Decimal::ZERO;
            return match (self.switch("zero_target_min"), self.input("worst")) {
                ("worst_scale" | "worst_scale_else_met", Some(worst)) => {
                    if worst <= Decimal::ZERO {
                        return Err("worst_not_positive");
                    }
                    Ok(over(worst - actual, worst)?.max(Decimal::ZERO))
                }
                ("worst_scale_else_met", None) if met => Ok(HUNDRED),
                ("met_is_full", _) => Ok(if met { HUNDRED } else { Decimal::ZERO }),
                _ => Err("zero_target"),
            };
        }
        if target < Decimal::ZERO {
            return Err("negative_target");
        }
        if self.rule == "MinTwoMinus" {
            return mirrored(actual, target);
        }
        match actual {
            actual if actual < Decimal::ZERO => Err("negative_actual"),
            actual if actual.is_zero() && self.switch("inverse_zero_actual") == "hundred" => {
                Ok(HUNDRED)
            }
            actual if actual.is_zero() => Err("zero_actual"),
            actual => over(target, actual),
        }
    }

    fn along_the_way(&self) -> Computed {
        let (target, actual) = (self.target()?, self.actual()?);
        let baseline = self.input("baseline").ok_or("no_baseline")?;
        let sign = if self.rule == "MinBaseline" { -Decimal::ONE } else { Decimal::ONE };
        let way = (target - baseline) * sign;
        if way.is_zero() {
            return Err("baseline_is_target");
        }
        if way < Decimal::ZERO {
            return Err("baseline_beyond_target");
        }
        over((actual - baseline) * sign, way)
    }

    fn closeness(&self) -> Computed {
        let actual = self.actual()?;
        let range = self.range();
        let (low, high) = match range {
            Some(range) => range,
            None => self.target().map(|it| (it, it))?,
        };
        match range {
            Some(_) if low > high => return Err("range_reversed"),
            None if low.is_zero() => return Err("zero_target"),
            None if low < Decimal::ZERO => return Err("negative_target"),
            _ => {}
        }
        let bound = |it: Decimal| {
            if it > Decimal::ZERO { Ok(it) } else { Err("range_bound_not_positive") }
        };
        match actual {
            actual if actual < low => over(actual, bound(low)?),
            actual if actual > high => mirrored(actual, bound(high)?),
            _ => Ok(HUNDRED),
        }
    }

    fn on_the_points(&self, at: Decimal) -> Computed {
        let all = self.inputs["points"].as_array().ok_or("bad_scale_points")?;
        let points: Vec<(Decimal, Decimal)> =
            all.iter().filter_map(|it| Some((number(&it[0])?, number(&it[1])?))).collect();
        let Some((first, last)) = points.first().zip(points.last()) else {
            return Err("bad_scale_points");
        };
        if at <= first.0 {
            return Ok(first.1);
        }
        let Some(pair) = points.windows(2).find(|pair| at <= pair[1].0) else {
            return Ok(last.1);
        };
        let rise = pair[1].1 - pair[0].1;
        let part = (at - pair[0].0).checked_mul(rise).ok_or(TOO_LARGE)?;
        Ok(part / (pair[1].0 - pair[0].0) + pair[0].1)
    }

    fn in_a_range(&self) -> Computed {
        let wanted = self.input("target").is_some() || self.inputs["target_text"].is_string();
        let missing = if wanted { "no_range" } else { "no_target" };
        let (low, high) = self.range().ok_or(missing)?;
        let actual = self.actual()?;
        if low > high {
            return Err("range_reversed");
        }
        let bound = match actual {
            actual if actual < low => low,
            actual if actual > high => high,
            _ => return Ok(HUNDRED),
        };
        if bound <= Decimal::ZERO {
            return Err("range_bound_not_positive");
        }
        if self.rule == "RangeMax" { over(actual, bound) } else { mirrored(actual, bound) }
    }

    fn steps_done(&self) -> Computed {
        let done = self.actual()?;
        let share = match self.target() {
            Ok(steps) if steps.is_zero() => return Err("zero_target"),
            Ok(steps) if steps < Decimal::ZERO => return Err("negative_target"),
            Ok(steps) => over(done, steps)?,
            Err("no_target") if done.is_zero() => Decimal::ZERO,
            Err("no_target") if done == Decimal::ONE => HUNDRED,
            Err("no_target") => return Err("not_done_or_undone"),
            Err(reason) => return Err(reason),
        };
        Ok(share.clamp(Decimal::ZERO, HUNDRED))
    }

    /// Whether the actual satisfies the target, for a rule without percentage.
    fn is_met(&self) -> Result<bool, String> {
        let Some(actual) = self.input("actual") else { return Ok(false) };
        if let Some((low, high)) = self.range() {
            return Ok(low <= actual && actual <= high);
        }
        let target = self.input("target").ok_or("a verdict without target")?;
        match text(self.inputs, "operator") {
            "<" => Ok(actual < target),
            "<=" => Ok(actual <= target),
            "=" => Ok(actual == target),
            ">=" => Ok(actual >= target),
            ">" => Ok(actual > target),
            other => Err(format!("an unknown comparison {other}")),
        }
    }
}

/// Rounds as the rules say.
fn as_printed(value: Decimal, rules: &Value) -> Decimal {
    let decimals = rules["decimals"].as_u64().and_then(|it| u32::try_from(it).ok()).unwrap_or(99);
    let strategy = match text(rules, "rounding") {
        "truncate" => RoundingStrategy::ToZero,
        _ => RoundingStrategy::MidpointAwayFromZero,
    };
    value.round_dp_with_strategy(decimals, strategy)
}

/// The first band whose edge the printed number reaches.
fn band(scale: &Value, printed: Decimal) -> Option<&Value> {
    scale["bands"].as_array()?.iter().find(|band| match number(&band["lower"]) {
        None => true,
        Some(edge) if band["inclusive"] == true => printed >= edge,
        Some(edge) => printed > edge,
    })
}

fn check_band(it: &Value, printed: Decimal) -> Result<(), String> {
    let found = band(&it["scale"], printed).ok_or("no band for the number")?;
    same("band", &text(&it["decision"]["band"], "code"), &text(found, "code"))?;
    same("status", &text(it, "status"), &text(found, "status"))
}

/// Reasons that follow from the numbers alone, so that they can be found again.
const OF_NUMBERS: [&str; 18] = [
    "no_target",
    "text_target",
    "range_target",
    "zero_target",
    "negative_target",
    "positive_target",
    "negative_actual",
    "zero_actual",
    "no_baseline",
    "baseline_is_target",
    "baseline_beyond_target",
    "worst_not_positive",
    "no_range",
    "range_reversed",
    "range_bound_not_positive",
    "not_done_or_undone",
    "bad_scale_points",
    "out_of_range",
];

fn calculation(it: &Value) -> Checked {
    let case = Case { rule: text(it, "rule"), inputs: &it["inputs"], rules: &it["rules"] };
    if case.rules.is_null() {
        return Err(String::from("no rules"));
    }
    match text(it, "outcome") {
        "measured" => measured(it, &case),
        outcome @ ("met" | "not_met") => {
            let again = if case.is_met()? { "met" } else { "not_met" };
            same("verdict", &outcome, &again)?;
            Ok(1)
        }
        // Nothing to compute: what is said is that nothing was given, or that nothing applies.
        _ if case.rule.is_empty() || case.rule == "MetNotMet" => Ok(0),
        reason if case.inputs["reported"] == true && OF_NUMBERS.contains(&reason) => {
            same("reason", &Err(reason), &case.result())?;
            Ok(1)
        }
        reason => match case.result() {
            Ok(value) if case.inputs["reported"] == true => {
                Err(format!("no result ({reason}), but the inputs give {value}"))
            }
            _ => Ok(0),
        },
    }
}

fn measured(it: &Value, case: &Case<'_>) -> Checked {
    let late = case.inputs["reported"] == false;
    let uncapped = if late && case.switch("late_as") == "zero" {
        Decimal::ZERO
    } else {
        case.result().map_err(|reason| format!("nothing to compute: {reason}"))?
    };
    let mut value = uncapped;
    let full = Decimal::from(120);
    let extreme = case.inputs["target_is_extreme"] == true;
    if extreme && case.rules["full_marks_at_max"] == true && value >= HUNDRED && value < full {
        value = full;
    }
    if let Some(cap) = number(&case.rules["cap"]) {
        value = value.min(cap);
    }
    if let Some(floor) = number(&case.rules["floor"]) {
        value = value.max(floor);
    }
    let printed = as_printed(value, case.rules);
    same("uncapped", &number(&it["uncapped"]), &Some(uncapped))?;
    same("achievement", &number(&it["achievement"]), &Some(value))?;
    same("printed", &number(&it["printed"]), &Some(printed))?;
    check_band(it, printed)?;
    Ok(5)
}

/// A weighted mean of members that have a score; shares are weights over the weights of these.
fn level(it: &Value) -> Checked {
    let members = it["members"].as_array().ok_or("no members")?;
    let mut sum = Decimal::ZERO;
    let mut weights = Decimal::ZERO;
    let mut present = Vec::new();
    for member in members {
        let weight = number(&member["weight"]).ok_or("a member without weight")?;
        let Some(score) = number(&member["score"]) else {
            if member["excluded"].is_null() {
                return Err(format!("a member without score or reason: {member}"));
            }
            continue;
        };
        sum += score * weight;
        weights += weight;
        if !weight.is_zero() {
            present.push(score);
        }
    }
    let bounds = present.iter().min().zip(present.iter().max());
    let mean = bounds.map(|(low, high)| (sum / weights).clamp(*low, *high));
    same("value", &number(&it["value"]), &mean)?;
    for member in members {
        let weight = number(&member["weight"]).unwrap_or_default();
        let counts = number(&member["score"]).is_some() && !weights.is_zero();
        let share = if counts { weight / weights } else { Decimal::ZERO };
        same("share", &number(&member["share"]), &Some(share))?;
    }
    for name in ["measured", "expected"] {
        let sum: u64 = members.iter().filter_map(|it| it[name].as_u64()).sum();
        same(name, &it[name].as_u64(), &Some(sum))?;
    }
    if let Some(mean) = mean {
        let printed = as_printed(mean, &it["rules"]);
        same("printed", &number(&it["printed"]), &Some(printed))?;
        check_band(it, printed)?;
    }
    Ok(4 + members.len())
}
