//! Roll-ups, places and figures of several parts, computed again.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use super::{Checked, number, same, text};

/// Sum of one number of every part; none when one of them lacks it.
fn sum(parts: &[&Value], of: impl Fn(&Value) -> Option<Decimal>) -> Option<Decimal> {
    parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(of(part)?))
}

pub(super) fn roll_up(it: &Value) -> Checked {
    let all = it["parts"].as_array().ok_or("no parts")?;
    let parts: Vec<&Value> = all.iter().filter(|it| it["excluded"].is_null()).collect();
    let of = |name: &'static str| move |part: &Value| number(&part[name]);
    let weighted = |part: &Value| number(&part["value"])?.checked_mul(number(&part["weight"])?);
    let per = number(&it["per"]).ok_or("no factor")?;
    let mut compared = 0;
    let computed = match text(it, "method") {
        _ if parts.is_empty() => None,
        "sum" => sum(&parts, of("value")),
        "ratio_of_sums" => {
            let pair = sum(&parts, of("numerator")).zip(sum(&parts, of("denominator")));
            pair.filter(|(_, whole)| !whole.is_zero()).map(|(part, whole)| part * per / whole)
        }
        "weighted_by_variable" => {
            let pair = sum(&parts, weighted).zip(sum(&parts, of("weight")));
            pair.filter(|(_, whole)| !whole.is_zero()).map(|(part, whole)| part / whole)
        }
        "ipm_from_components" => index(&parts)?,
        "distribution" => {
            compared += distribution(it, &parts)?;
            None
        }
        _ => None,
    };
    same("computed", &number(&it["computed"]), &computed)?;
    let official = number(&it["official"]);
    same("value", &number(&it["value"]), &official.or(computed))?;
    let difference = computed.zip(official).map(|(left, right)| left - right);
    same("difference", &number(&it["difference"]), &difference)?;
    let not_expected = ["not_applicable", "not_yet_due", "not_a_member"];
    let expected = all.iter().filter(|it| !not_expected.contains(&text(it, "excluded"))).count();
    same("reporting", &it["reporting"].as_u64(), &u64::try_from(parts.len()).ok())?;
    same("expected", &it["expected"].as_u64(), &u64::try_from(expected).ok())?;
    same("partial", &it["partial"].as_bool(), &Some(parts.len() < expected))?;
    Ok(compared + 6)
}

fn distribution(it: &Value, parts: &[&Value]) -> Checked {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for part in parts {
        let grade = number(&part["value"]).ok_or("no grade")?.normalize().to_string();
        *counts.entry(grade).or_default() += 1;
    }
    let explained: BTreeMap<String, u64> = it["distribution"]
        .as_array()
        .into_iter()
        .flatten()
        // A maturity level is named by its number.
        .filter_map(|it| {
            let grade = it["grade"].as_str()?;
            let grade = grade.strip_prefix("Level ").unwrap_or(grade);
            Some((grade.to_owned(), it["members"].as_u64()?))
        })
        .collect();
    same("distribution", &explained, &counts)?;
    Ok(counts.len())
}

/// The index of the weighted mean components, by the method of BPS; rounded to six decimals.
#[expect(clippy::float_arithmetic, reason = "another way than the product's: logarithm and root")]
fn index(parts: &[&Value]) -> Result<Option<Decimal>, String> {
    let weight = |part: &Value| number(&part["weight"]);
    let whole = sum(parts, weight).filter(|it| !it.is_zero());
    let Some(whole) = whole else { return Ok(None) };
    let mean = |at: usize| {
        let one = |part: &Value| number(&part["components"][at])?.checked_mul(weight(part)?);
        sum(parts, one).and_then(|sum| (sum / whole).to_f64()).ok_or("a component is missing")
    };
    let (life, schooling, years, spending) = (mean(0)?, mean(1)?, mean(2)?, mean(3)?);
    let share = |value: f64, low: f64, high: f64| ((value - low) / (high - low)).clamp(0.0, 1.0);
    let education = f64::midpoint(share(schooling, 0.0, 18.0), share(years, 0.0, 15.0));
    let wealth = share(spending.ln(), 1007.436_f64.ln(), 26572.352_f64.ln());
    let value = (share(life, 20.0, 85.0) * education * wealth).cbrt() * 100.0;
    let exact = Decimal::from_f64_retain(value).ok_or("no number")?;
    Ok(Some(exact.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero)))
}

pub(super) fn rank(it: &Value) -> Checked {
    let decimals = it["indicator"]["decimals"].as_u64().and_then(|it| u32::try_from(it).ok());
    let decimals = decimals.ok_or("no decimals")?;
    let reporters = it["reporters"].as_array().ok_or("no reporters")?;
    let key = |it: &Value, polarity: &str| {
        let value = number(&it["value"])?;
        let printed =
            value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        match polarity {
            "maximize" => Some(-printed),
            "minimize" => Some(printed),
            "stabilize" => number(&it["key"]),
            _ => None,
        }
    };
    let keys: Vec<_> =
        reporters.iter().map(|one| key(one, text(&it["indicator"], "polarity"))).collect();
    let mut own = None;
    for (reporter, key) in reporters.iter().zip(&keys) {
        same("key", &number(&reporter["key"]), key)?;
        let place = key.map(|key| {
            let better = keys.iter().flatten().filter(|it| **it < key).count() as u64;
            let alike = keys.iter().flatten().filter(|it| **it == key).count() as u64;
            [better + 1, better + alike]
        });
        let explained = reporter["rank"]
            .as_array()
            .and_then(|it| Some([it.first()?.as_u64()?, it.get(1)?.as_u64()?]));
        same("place", &explained, &place)?;
        if reporter["region"] == it["region"] {
            own = Some(reporter["rank"].clone());
        }
    }
    same("rank", &it["rank"], &own.unwrap_or(Value::Null))?;
    let of_achievement = match &it["calculation"] {
        Value::Null => 0,
        calculation => super::calculation(calculation)?,
    };
    Ok(1 + 2 * reporters.len() + of_achievement)
}

#[expect(clippy::float_arithmetic, reason = "another way than the product's: logarithms")]
fn geometric(ratios: &[Decimal]) -> Option<Decimal> {
    let logarithms: Vec<f64> = ratios
        .iter()
        .map(|it| it.to_f64().filter(|it| *it > 0.0).map(f64::ln))
        .collect::<Option<_>>()?;
    let mean = logarithms.iter().sum::<f64>() / f64::from(u32::try_from(ratios.len()).ok()?);
    let exact = Decimal::from_f64_retain(mean.exp())?;
    Some(exact.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero))
}

/// Parts are `[numerator, denominator, weight]`.
pub(super) fn composite(it: &Value) -> Checked {
    let parts = it["parts"].as_array().ok_or("no parts")?;
    let at = |part: &Value, index: usize| number(&part[index]).unwrap_or_default();
    let total = |index: usize| parts.iter().map(|it| at(it, index)).sum::<Decimal>();
    let count = Decimal::from(parts.len());
    let ratios: Option<Vec<Decimal>> =
        parts.iter().map(|it| at(it, 0).checked_div(at(it, 1))).collect();
    let again = match (text(it, "rule"), ratios) {
        _ if parts.is_empty() => None,
        ("ratio_of_sums", _) => total(0).checked_div(total(1)),
        (_, None) => None,
        ("mean_of_ratios", Some(ratios)) => Some(ratios.iter().sum::<Decimal>() / count),
        ("weighted_mean", Some(ratios)) => {
            let sum: Decimal = ratios.iter().zip(parts).map(|(it, part)| it * at(part, 2)).sum();
            sum.checked_div(total(2))
        }
        ("geometric_mean", Some(ratios)) => geometric(&ratios),
        ("min_of", Some(ratios)) => ratios.into_iter().min(),
        (other, _) => return Err(format!("an unknown rule {other}")),
    };
    same("value", &number(&it["value"]), &again)?;
    Ok(1)
}
