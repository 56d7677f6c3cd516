//! From indicators to objectives, perspectives and the organisation (domain rule 2.6).
//!
//! Objective = weighted mean of its indicators that have an index; perspective = weighted mean of
//! its objectives; NKO = weighted mean of the perspectives present. Nothing is rounded on the way,
//! and what was left out is named, since weights are renormalised over what is present. A flat mean
//! of all indicators would be another number.

use rust_decimal::Decimal;

use crate::quantity::{Achievement, Score, Weight};
use crate::scale::Band;
use crate::scoring::{RuleSet, Scored};

/// One indicator's part in its objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorIndex<K> {
    /// The indicator.
    pub key: K,
    /// Relative weight in the objective.
    pub weight: Weight,
    /// Capped achievement, full precision; `None` when it has none.
    pub index: Option<Achievement>,
    /// Whether an actual was reported; a late item counted as zero has an index and is not.
    pub reported: bool,
    /// Whether it counts in coverage: it is due and applies here.
    pub expected: bool,
}

impl<K> IndicatorIndex<K> {
    /// The part a scored indicator plays.
    pub fn of(key: K, weight: Weight, scored: &Scored) -> Self {
        Self {
            key,
            weight,
            index: scored.index(),
            reported: scored.reported,
            expected: scored.is_expected(),
        }
    }
}

/// An objective with its indicators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectiveIndices<K> {
    /// The objective.
    pub key: K,
    /// Relative weight in the perspective; the same for all makes a plain mean.
    pub weight: Weight,
    /// Its indicators.
    pub indicators: Vec<IndicatorIndex<K>>,
}

/// A perspective with its objectives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerspectiveIndices<K> {
    /// The perspective.
    pub key: K,
    /// Relative weight in the scorecard.
    pub weight: Weight,
    /// Its objectives.
    pub objectives: Vec<ObjectiveIndices<K>>,
}

/// Measured of expected indicators, "7 of 9".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Indicators that reported and have an index.
    pub measured: u32,
    /// Indicators that are due and apply here.
    pub expected: u32,
}

impl Coverage {
    /// Whether everything expected is measured.
    pub const fn is_full(self) -> bool {
        self.measured >= self.expected
    }

    fn and(self, other: Self) -> Self {
        Self {
            measured: self.measured.saturating_add(other.measured),
            expected: self.expected.saturating_add(other.expected),
        }
    }
}

coded! {
    /// Why a level has no score.
    pub enum ScoreGap {
        /// Nothing below it has one.
        NothingMeasured = "nothing_measured",
        /// Everything below that has one weighs zero.
        ZeroWeight = "zero_weight",
        /// Too large to be exact.
        OutOfRange = "out_of_range",
    }
}

/// An indicator's share in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorShare<K> {
    /// The indicator.
    pub key: K,
    /// Its index.
    pub index: Option<Achievement>,
    /// Effective share of the objective, 0 to 1; zero when it has no index.
    pub share: Decimal,
    /// Effective share of the NKO, 0 to 1.
    pub share_of_total: Decimal,
}

/// A level's score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelScore<K> {
    /// Objective or perspective.
    pub key: K,
    /// Full precision; `None` with a [`LevelScore::gap`].
    pub value: Option<Score>,
    /// Why there is no score.
    pub gap: Option<ScoreGap>,
    /// The band of the printed score.
    pub band: Option<Band>,
    /// Measured of expected indicators below.
    pub coverage: Coverage,
    /// Effective share of the level above, 0 to 1; zero when it has no score.
    pub share: Decimal,
    /// Effective share of the NKO, 0 to 1.
    pub share_of_total: Decimal,
    /// Weighted items directly below that have no score: the others' weights were renormalised.
    pub left_out: Vec<K>,
}

/// An objective's score and its indicators' shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectiveScore<K> {
    /// The score (NSS).
    pub level: LevelScore<K>,
    /// The indicators, in the order given.
    pub indicators: Vec<IndicatorShare<K>>,
}

/// A perspective's score and its objectives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerspectiveScore<K> {
    /// The score (NP).
    pub level: LevelScore<K>,
    /// The objectives, in the order given.
    pub objectives: Vec<ObjectiveScore<K>>,
}

/// The organisation's score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScorecardScore<K> {
    /// NKO, full precision; `None` with a [`ScorecardScore::gap`].
    pub value: Option<Score>,
    /// Why there is no NKO.
    pub gap: Option<ScoreGap>,
    /// The band of the printed NKO.
    pub band: Option<Band>,
    /// Measured of expected indicators.
    pub coverage: Coverage,
    /// Perspectives without a score: the others' weights were renormalised.
    pub left_out: Vec<K>,
    /// The perspectives, in the order given.
    pub perspectives: Vec<PerspectiveScore<K>>,
}

/// Scores a scorecard.
pub fn score_scorecard<K: Clone>(
    perspectives: &[PerspectiveIndices<K>],
    rules: &RuleSet,
) -> ScorecardScore<K> {
    let mut scored: Vec<_> = perspectives.iter().map(|it| perspective(it, rules)).collect();
    let parts: Vec<Part> = perspectives
        .iter()
        .zip(&scored)
        .map(|(it, score)| (it.weight, score.level.value.map(Score::get)))
        .collect();
    let mean = weighted_mean(&parts);
    for (perspective, share) in scored.iter_mut().zip(shares(&parts)) {
        perspective.level.share = share;
        spread(perspective, share);
    }
    ScorecardScore {
        value: mean.ok().map(Score::new),
        gap: mean.err(),
        band: mean.ok().map(|it| rules.nko_band(it).clone()),
        coverage: scored
            .iter()
            .map(|it| it.level.coverage)
            .fold(Coverage::default(), Coverage::and),
        left_out: left_out(perspectives.iter().map(|it| &it.key), &parts),
        perspectives: scored,
    }
}

fn perspective<K: Clone>(given: &PerspectiveIndices<K>, rules: &RuleSet) -> PerspectiveScore<K> {
    let mut objectives: Vec<_> = given.objectives.iter().map(|it| objective(it, rules)).collect();
    let parts: Vec<Part> = given
        .objectives
        .iter()
        .zip(&objectives)
        .map(|(it, score)| (it.weight, score.level.value.map(Score::get)))
        .collect();
    for (objective, share) in objectives.iter_mut().zip(shares(&parts)) {
        objective.level.share = share;
    }
    let mean = weighted_mean(&parts);
    let level = LevelScore {
        key: given.key.clone(),
        value: mean.ok().map(Score::new),
        gap: mean.err(),
        band: mean.ok().map(|it| rules.nko_band(it).clone()),
        coverage: objectives
            .iter()
            .map(|it| it.level.coverage)
            .fold(Coverage::default(), Coverage::and),
        share: Decimal::ZERO,
        share_of_total: Decimal::ZERO,
        left_out: left_out(given.objectives.iter().map(|it| &it.key), &parts),
    };
    PerspectiveScore { level, objectives }
}

fn objective<K: Clone>(given: &ObjectiveIndices<K>, rules: &RuleSet) -> ObjectiveScore<K> {
    let parts: Vec<Part> =
        given.indicators.iter().map(|it| (it.weight, it.index.map(Achievement::get))).collect();
    let indicators = given
        .indicators
        .iter()
        .zip(shares(&parts))
        .map(|(it, share)| IndicatorShare {
            key: it.key.clone(),
            index: it.index,
            share,
            share_of_total: Decimal::ZERO,
        })
        .collect();
    let coverage =
        given.indicators.iter().filter(|it| it.expected).fold(Coverage::default(), |sum, it| {
            sum.and(Coverage {
                measured: u32::from(it.index.is_some() && it.reported),
                expected: 1,
            })
        });
    let mean = weighted_mean(&parts);
    // Only what is expected and weighs something was renormalised away.
    let missing = given
        .indicators
        .iter()
        .filter(|it| it.expected && it.index.is_none() && it.weight > Weight::ZERO)
        .map(|it| it.key.clone())
        .collect();
    let level = LevelScore {
        key: given.key.clone(),
        value: mean.ok().map(Score::new),
        gap: mean.err(),
        band: mean.ok().map(|it| rules.iku_band(it).clone()),
        coverage,
        share: Decimal::ZERO,
        share_of_total: Decimal::ZERO,
        left_out: missing,
    };
    ObjectiveScore { level, indicators }
}

/// A weight and, when there is one, the score it weighs.
type Part = (Weight, Option<Decimal>);

fn weighted_mean(parts: &[Part]) -> Result<Decimal, ScoreGap> {
    let present = || parts.iter().filter_map(|(weight, score)| score.map(|it| (weight.get(), it)));
    let counting = || present().filter(|(weight, _)| !weight.is_zero()).map(|(_, score)| score);
    if present().next().is_none() {
        return Err(ScoreGap::NothingMeasured);
    }
    let (Some(low), Some(high)) = (counting().min(), counting().max()) else {
        return Err(ScoreGap::ZeroWeight);
    };
    let mut sum = Decimal::ZERO;
    let mut weight_sum = Decimal::ZERO;
    for (weight, score) in present() {
        let weighted = score.checked_mul(weight).ok_or(ScoreGap::OutOfRange)?;
        sum = sum.checked_add(weighted).ok_or(ScoreGap::OutOfRange)?;
        weight_sum = weight_sum.checked_add(weight).ok_or(ScoreGap::OutOfRange)?;
    }
    let mean = sum.checked_div(weight_sum).ok_or(ScoreGap::OutOfRange)?;
    // A mean lies between its parts; only the 28th digit of the division could say otherwise.
    Ok(mean.clamp(low, high))
}

/// Shares of one among the parts that have a score; zero for the others.
fn shares(parts: &[Part]) -> Vec<Decimal> {
    let weight = |(weight, score): &Part| score.map_or(Decimal::ZERO, |_| weight.get());
    let sum = parts.iter().map(weight).try_fold(Decimal::ZERO, Decimal::checked_add);
    parts
        .iter()
        .map(|it| sum.and_then(|sum| weight(it).checked_div(sum)).unwrap_or(Decimal::ZERO))
        .collect()
}

/// Carries the perspective's share down to its objectives and indicators.
fn spread<K>(perspective: &mut PerspectiveScore<K>, share: Decimal) {
    perspective.level.share_of_total = share;
    for objective in &mut perspective.objectives {
        // Shares lie between 0 and 1, so their products cannot overflow.
        objective.level.share_of_total = share * objective.level.share;
        for indicator in &mut objective.indicators {
            indicator.share_of_total = objective.level.share_of_total * indicator.share;
        }
    }
}

fn left_out<'a, K: Clone + 'a>(keys: impl Iterator<Item = &'a K>, parts: &[Part]) -> Vec<K> {
    keys.zip(parts)
        .filter(|(_, (weight, score))| score.is_none() && *weight > Weight::ZERO)
        .map(|(key, _)| key.clone())
        .collect()
}

#[cfg(test)]
mod tests;
