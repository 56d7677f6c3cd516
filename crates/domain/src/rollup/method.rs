//! What each method needs of a member, and what it computes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    Contribution, ExclusionReason, LocationConsolidation, Member, RollUpOptions, RollUpReason,
};
use crate::ipm::{Components, ipm};
use crate::scale::OrdinalScale;

/// A computed figure and the sums behind it.
#[derive(Debug, Default)]
pub(super) struct Computed {
    pub(super) value: Option<Decimal>,
    pub(super) numerator: Option<Decimal>,
    pub(super) denominator: Option<Decimal>,
}

/// Whether a contribution has what the method needs.
pub(super) fn admit<K>(
    method: LocationConsolidation,
    it: &Contribution<K>,
    ladder: Option<&OrdinalScale>,
) -> Result<(), ExclusionReason> {
    if let Some(reason) = it.exclude {
        return Err(reason);
    }
    match method {
        LocationConsolidation::Sum
        | LocationConsolidation::OfficialOnly
        | LocationConsolidation::None => it.value.map(|_| ()).ok_or(ExclusionReason::MissingValue),
        LocationConsolidation::RatioOfSums => match (it.numerator, it.denominator) {
            (Some(_), Some(whole)) if whole > Decimal::ZERO => Ok(()),
            (_, Some(whole)) if whole <= Decimal::ZERO => Err(ExclusionReason::ZeroDenominator),
            _ if it.value.is_none() && it.numerator.is_none() => Err(ExclusionReason::MissingValue),
            _ => Err(ExclusionReason::MissingParts),
        },
        LocationConsolidation::WeightedByVariable => {
            it.value.ok_or(ExclusionReason::MissingValue).and(weight(it))
        }
        LocationConsolidation::IpmFromComponents => {
            it.components.ok_or(ExclusionReason::MissingComponents).and(weight(it))
        }
        LocationConsolidation::Distribution => match (&it.grade, ladder) {
            (None, _) => Err(ExclusionReason::MissingValue),
            (Some(grade), Some(ladder)) if ladder.number(grade).is_none() => {
                Err(ExclusionReason::UnknownGrade)
            }
            (Some(_), _) => Ok(()),
        },
    }
}

fn weight<K>(it: &Contribution<K>) -> Result<(), ExclusionReason> {
    match it.weight {
        None => Err(ExclusionReason::MissingWeight),
        Some(weight) if weight < Decimal::ZERO => Err(ExclusionReason::NegativeWeight),
        Some(_) => Ok(()),
    }
}

/// Computes the figure from admitted contributions, given in the order of their keys.
pub(super) fn compute<K>(
    method: LocationConsolidation,
    used: &[&Contribution<K>],
    options: &RollUpOptions,
) -> Result<Computed, RollUpReason> {
    match method {
        LocationConsolidation::None => return Err(RollUpReason::NoAggregate),
        LocationConsolidation::OfficialOnly => return Err(RollUpReason::NoOfficialFigure),
        _ if used.is_empty() => return Err(RollUpReason::NothingReported),
        LocationConsolidation::Distribution => return Ok(Computed::default()),
        _ => {}
    }
    if method == LocationConsolidation::IpmFromComponents {
        return estimated_ipm(used);
    }
    if method == LocationConsolidation::Sum {
        let value = sum(used.iter().map(|it| it.value))?;
        return Ok(Computed { value: Some(value), ..Computed::default() });
    }
    let (numerator, denominator, per) = if method == LocationConsolidation::RatioOfSums {
        let numerator = sum(used.iter().map(|it| it.numerator))?;
        (numerator, sum(used.iter().map(|it| it.denominator))?, options.per)
    } else {
        let numerator = sum(used.iter().map(|it| it.value?.checked_mul(it.weight?)))?;
        (numerator, sum(used.iter().map(|it| it.weight))?, Decimal::ONE)
    };
    if denominator.is_zero() {
        return Err(RollUpReason::ZeroDenominator);
    }
    let value = numerator
        .checked_mul(per)
        .and_then(|it| it.checked_div(denominator))
        .ok_or(RollUpReason::OutOfRange)?;
    Ok(Computed { value: Some(value), numerator: Some(numerator), denominator: Some(denominator) })
}

/// Components weighted by population, then the index of the mean components.
fn estimated_ipm<K>(used: &[&Contribution<K>]) -> Result<Computed, RollUpReason> {
    let weight = sum(used.iter().map(|it| it.weight))?;
    if weight.is_zero() {
        return Err(RollUpReason::ZeroDenominator);
    }
    let mean = |part: fn(&Components) -> Decimal| {
        let weighted =
            sum(used.iter().map(|it| part(it.components.as_ref()?).checked_mul(it.weight?)))?;
        weighted.checked_div(weight).ok_or(RollUpReason::OutOfRange)
    };
    let components = Components {
        life_expectancy: mean(|it| it.life_expectancy)?,
        expected_schooling: mean(|it| it.expected_schooling)?,
        mean_schooling: mean(|it| it.mean_schooling)?,
        expenditure: mean(|it| it.expenditure)?,
    };
    let index = ipm(&components).map_err(|_| RollUpReason::NoIndex)?;
    Ok(Computed { value: Some(index.value), numerator: None, denominator: Some(weight) })
}

/// Share of the whole that the used contributions make up: by the members' sizes when all are
/// known, else by the denominators or weights when each due member gave one.
pub(super) fn weight_share<K: Ord>(
    method: LocationConsolidation,
    due: &[&Member<K>],
    used: &[&Contribution<K>],
    given: &BTreeMap<&K, &Contribution<K>>,
) -> Option<Decimal> {
    let by_size = |key: &K| due.iter().find(|it| it.key == *key).and_then(|it| it.size);
    let by_own = |key: &K| {
        let it = given.get(key)?;
        match method {
            LocationConsolidation::RatioOfSums => it.denominator,
            _ => it.weight,
        }
    };
    share_by(due, used, by_size).or_else(|| share_by(due, used, by_own))
}

fn share_by<K>(
    due: &[&Member<K>],
    used: &[&Contribution<K>],
    size: impl Fn(&K) -> Option<Decimal>,
) -> Option<Decimal> {
    let known = |key: &K| size(key).filter(|it| *it >= Decimal::ZERO);
    let whole = sum(due.iter().map(|it| known(&it.key))).ok()?;
    let part = sum(used.iter().map(|it| known(&it.member))).ok()?;
    part.checked_div(whole)
}

fn sum(values: impl IntoIterator<Item = Option<Decimal>>) -> Result<Decimal, RollUpReason> {
    values
        .into_iter()
        .try_fold(Decimal::ZERO, |sum, it| sum.checked_add(it?))
        .ok_or(RollUpReason::OutOfRange)
}
