//! How several parts of one indicator become one figure (domain rule 2.2, `CompositeRule`).
//!
//! Declared in the manual: a decree was found whose printed formula is a ratio of sums while its
//! published value is a mean of ratios, more than a third apart.

use rust_decimal::{Decimal, MathematicalOps};

use crate::quantity::{Rounding, Weight, round};

coded! {
    /// How the parts combine.
    pub enum CompositeRule {
        /// Sum of numerators over sum of denominators.
        RatioOfSums = "ratio_of_sums",
        /// Mean of the parts' ratios.
        MeanOfRatios = "mean_of_ratios",
        /// Mean of the parts' ratios, weighted.
        WeightedMean = "weighted_mean",
        /// n-th root of the product; parts above zero only.
        GeometricMean = "geometric_mean",
        /// The weakest part.
        MinOf = "min_of",
    }
}

/// One part, as a ratio of two figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Numerator, in the indicator's unit.
    pub numerator: Decimal,
    /// Denominator; 1 for a part that is a plain figure. Not zero.
    pub denominator: Decimal,
    /// Weight, for the weighted mean.
    pub weight: Weight,
}

/// Why parts do not combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompositeError {
    /// No part at all.
    #[error("no part to combine")]
    NoPart,
    /// A denominator, or their sum, is zero.
    #[error("a denominator is zero")]
    ZeroDenominator,
    /// All weights are zero.
    #[error("all weights are zero")]
    ZeroWeight,
    /// A geometric mean of a part that is zero or below.
    #[error("a geometric mean needs parts above zero")]
    NotPositive,
    /// Too large to be exact.
    #[error("a number is too large to be exact")]
    OutOfRange,
}

/// Combines the parts; the result is a ratio, not yet a percentage.
///
/// # Errors
/// [`CompositeError`].
pub fn combine(rule: CompositeRule, parts: &[Part]) -> Result<Decimal, CompositeError> {
    if parts.is_empty() {
        return Err(CompositeError::NoPart);
    }
    match rule {
        CompositeRule::RatioOfSums => divide(
            sum(parts.iter().map(|it| it.numerator))?,
            sum(parts.iter().map(|it| it.denominator))?,
        ),
        CompositeRule::MeanOfRatios => divide(sum(ratios(parts)?)?, Decimal::from(parts.len())),
        CompositeRule::WeightedMean => weighted_mean(parts),
        CompositeRule::GeometricMean => geometric_mean(parts),
        CompositeRule::MinOf => ratios(parts)?.into_iter().min().ok_or(CompositeError::NoPart),
    }
}

fn ratios(parts: &[Part]) -> Result<Vec<Decimal>, CompositeError> {
    parts.iter().map(|it| divide(it.numerator, it.denominator)).collect()
}

fn weighted_mean(parts: &[Part]) -> Result<Decimal, CompositeError> {
    let weight = sum(parts.iter().map(|it| it.weight.get()))?;
    if weight.is_zero() {
        return Err(CompositeError::ZeroWeight);
    }
    let weighted = ratios(parts)?
        .into_iter()
        .zip(parts)
        .map(|(ratio, part)| ratio.checked_mul(part.weight.get()).ok_or(CompositeError::OutOfRange))
        .collect::<Result<Vec<_>, _>>()?;
    divide(sum(weighted)?, weight)
}

/// Through logarithms, rounded to six decimals at once (domain rule 2.1).
fn geometric_mean(parts: &[Part]) -> Result<Decimal, CompositeError> {
    let logarithms = ratios(parts)?
        .into_iter()
        .map(|it| it.checked_ln().ok_or(CompositeError::NotPositive))
        .collect::<Result<Vec<_>, _>>()?;
    let mean = divide(sum(logarithms)?, Decimal::from(parts.len()))?;
    let tolerance = Decimal::new(1, 12);
    mean.checked_exp_with_tolerance(tolerance)
        .map(|it| round(it, 6, Rounding::HalfUp))
        .ok_or(CompositeError::OutOfRange)
}

fn sum(numbers: impl IntoIterator<Item = Decimal>) -> Result<Decimal, CompositeError> {
    numbers
        .into_iter()
        .try_fold(Decimal::ZERO, Decimal::checked_add)
        .ok_or(CompositeError::OutOfRange)
}

fn divide(part: Decimal, whole: Decimal) -> Result<Decimal, CompositeError> {
    if whole.is_zero() {
        return Err(CompositeError::ZeroDenominator);
    }
    part.checked_div(whole).ok_or(CompositeError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(numerator: i64, denominator: i64, weight: u32) -> Part {
        Part {
            numerator: Decimal::from(numerator),
            denominator: Decimal::from(denominator),
            weight: Weight::of_whole(weight),
        }
    }

    #[test]
    fn each_rule_gives_its_own_figure() {
        // 100 of 1,000 and 30 of 100: truth 11.82 %, mean of ratios 20 %.
        let parts = [part(100, 1000, 3), part(30, 100, 1)];
        for (rule, expected) in [
            (CompositeRule::RatioOfSums, "0.118182"),
            (CompositeRule::MeanOfRatios, "0.200000"),
            (CompositeRule::WeightedMean, "0.150000"),
            (CompositeRule::GeometricMean, "0.173205"),
            (CompositeRule::MinOf, "0.100000"),
        ] {
            let combined = combine(rule, &parts).map(|it| round(it, 6, Rounding::HalfUp));
            assert_eq!(combined, Ok(expected.parse().unwrap()), "{rule}");
        }
    }

    #[test]
    fn what_does_not_combine_says_why() {
        use CompositeRule::{GeometricMean, MeanOfRatios, RatioOfSums, WeightedMean};
        assert_eq!(combine(RatioOfSums, &[]), Err(CompositeError::NoPart));
        assert_eq!(combine(RatioOfSums, &[part(1, 0, 1)]), Err(CompositeError::ZeroDenominator));
        assert_eq!(combine(MeanOfRatios, &[part(1, 0, 1)]), Err(CompositeError::ZeroDenominator));
        assert_eq!(combine(WeightedMean, &[part(1, 2, 0)]), Err(CompositeError::ZeroWeight));
        assert_eq!(combine(GeometricMean, &[part(0, 2, 1)]), Err(CompositeError::NotPositive));
        let huge = Part { numerator: Decimal::MAX, ..part(1, 1, 1) };
        assert_eq!(combine(RatioOfSums, &[huge, huge]), Err(CompositeError::OutOfRange));
    }
}
