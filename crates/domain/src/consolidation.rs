//! How the figures of a year's periods become one cumulative figure (domain rule 2.4).

use rust_decimal::Decimal;

coded! {
    /// How periods become the figure to date.
    pub enum PeriodConsolidation {
        /// Values up to the period are added: counts, rupiah. Never percentages.
        Sum = "sum",
        /// Mean of the values of targeted periods: monthly service levels.
        Average = "average",
        /// The last value: indices, cumulative percentages, poverty, opinions.
        TakeLastKnown = "take_last_known",
        /// Sum of numerators over sum of denominators.
        Weighted = "weighted",
    }
}

/// A ratio held as its two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// The part.
    pub numerator: Decimal,
    /// The whole.
    pub denominator: Decimal,
}

/// Target and actual of one period; `None` is missing, never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeriodFigure {
    /// The period's target; a period without one is not scored.
    pub target: Option<Decimal>,
    /// The period's actual.
    pub actual: Option<Decimal>,
    /// The actual's parts, for `Weighted`.
    pub parts: Option<Ratio>,
}

/// The figures to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consolidated {
    /// Cumulative target over the targeted periods; `None` when there is none.
    pub target: Option<Decimal>,
    /// Cumulative actual over the same periods; `None` when one of them lacks an actual.
    pub actual: Option<Decimal>,
    /// Positions, from 0, of targeted periods that lack what the method needs.
    pub missing: Vec<usize>,
    /// Why there is no cumulative actual, if there is none.
    pub gap: Option<ConsolidationGap>,
}

coded! {
    /// Why a cumulative actual is missing.
    pub enum ConsolidationGap {
        /// No period up to here has a target.
        NothingTargeted = "nothing_targeted",
        /// A targeted period has no actual (or no parts, for `Weighted`).
        PeriodMissing = "period_missing",
        /// The denominators add up to zero or less.
        ZeroDenominator = "zero_denominator",
        /// Too large to be exact.
        OutOfRange = "out_of_range",
    }
}

/// Consolidates the periods given, first to last, up to and including the last one. `per` is what a
/// weighted ratio is multiplied with: 100 for percentages, 1 for plain ratios.
///
/// Target and actual go through the same method, over the periods that have a target. Under
/// `Weighted` a target has no parts of its own, so targets are weighted by the actuals'
/// denominators: the target is what the ratio would be had each period met its own.
pub fn consolidate(
    method: PeriodConsolidation,
    per: Decimal,
    periods: &[PeriodFigure],
) -> Consolidated {
    let targeted = || periods.iter().enumerate().filter(|(_, it)| it.target.is_some());
    let lacks = |it: &PeriodFigure| match method {
        PeriodConsolidation::Weighted => it.parts.is_none(),
        _ => it.actual.is_none(),
    };
    let missing: Vec<usize> = targeted().filter(|(_, it)| lacks(it)).map(|(at, _)| at).collect();
    let targets: Vec<Decimal> = targeted().filter_map(|(_, it)| it.target).collect();
    let actuals: Vec<Decimal> = targeted().filter_map(|(_, it)| it.actual).collect();
    let parts: Vec<Ratio> = targeted().filter_map(|(_, it)| it.parts).collect();

    if targets.is_empty() {
        let gap = Some(ConsolidationGap::NothingTargeted);
        return Consolidated { target: None, actual: None, missing, gap };
    }
    if !missing.is_empty() {
        let target = match method {
            // Without all denominators there is nothing to weight the targets with.
            PeriodConsolidation::Weighted => None,
            _ => combine(method, &targets).ok(),
        };
        let gap = Some(ConsolidationGap::PeriodMissing);
        return Consolidated { target, actual: None, missing, gap };
    }
    let (target, actual) = match method {
        PeriodConsolidation::Weighted => {
            (weighted_target(&targets, &parts), ratio_of_sums(&parts, per))
        }
        _ => (combine(method, &targets), combine(method, &actuals)),
    };
    Consolidated { target: target.ok(), gap: actual.err(), actual: actual.ok(), missing }
}

type Combined = Result<Decimal, ConsolidationGap>;

fn combine(method: PeriodConsolidation, values: &[Decimal]) -> Combined {
    match method {
        PeriodConsolidation::Sum => sum(values.iter().copied()),
        PeriodConsolidation::Average => {
            divide(sum(values.iter().copied())?, Decimal::from(values.len()))
        }
        PeriodConsolidation::TakeLastKnown | PeriodConsolidation::Weighted => {
            values.last().copied().ok_or(ConsolidationGap::NothingTargeted)
        }
    }
}

fn ratio_of_sums(parts: &[Ratio], per: Decimal) -> Combined {
    let whole = sum(parts.iter().map(|it| it.denominator))?;
    if whole <= Decimal::ZERO {
        return Err(ConsolidationGap::ZeroDenominator);
    }
    let part = sum(parts.iter().map(|it| it.numerator))?;
    divide(part.checked_mul(per).ok_or(ConsolidationGap::OutOfRange)?, whole)
}

fn weighted_target(targets: &[Decimal], parts: &[Ratio]) -> Combined {
    let whole = sum(parts.iter().map(|it| it.denominator))?;
    if whole <= Decimal::ZERO {
        return Err(ConsolidationGap::ZeroDenominator);
    }
    let weighted = targets
        .iter()
        .zip(parts)
        .map(|(target, it)| target.checked_mul(it.denominator))
        .collect::<Option<Vec<_>>>()
        .ok_or(ConsolidationGap::OutOfRange)?;
    divide(sum(weighted)?, whole)
}

fn sum(values: impl IntoIterator<Item = Decimal>) -> Combined {
    values
        .into_iter()
        .try_fold(Decimal::ZERO, Decimal::checked_add)
        .ok_or(ConsolidationGap::OutOfRange)
}

fn divide(part: Decimal, whole: Decimal) -> Combined {
    part.checked_div(whole).ok_or(ConsolidationGap::OutOfRange)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::PeriodConsolidation::{Average, Sum, TakeLastKnown, Weighted};
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn figure(target: Option<i64>, actual: Option<i64>) -> PeriodFigure {
        PeriodFigure {
            target: target.map(Decimal::from),
            actual: actual.map(Decimal::from),
            parts: None,
        }
    }

    #[test]
    fn a_year_of_quarters() {
        let quarters = [(10, 8), (20, 25), (30, 30), (40, 41)]
            .map(|(target, actual)| figure(Some(target), Some(actual)));
        for (method, upto, target, actual) in [
            (Sum, 4, "100", "104"),
            (Sum, 2, "30", "33"),
            (Average, 4, "25", "26"),
            (TakeLastKnown, 4, "40", "41"),
            (TakeLastKnown, 1, "10", "8"),
        ] {
            let found = consolidate(method, Decimal::ONE, &quarters[..upto]);
            assert_eq!(
                (found.target, found.actual),
                (Some(d(target)), Some(d(actual))),
                "{method}"
            );
            assert_eq!((found.gap, found.missing), (None, vec![]));
        }
    }

    #[test]
    fn a_targeted_period_without_actual_makes_the_figure_missing_and_not_smaller() {
        let quarters = [figure(Some(10), Some(8)), figure(Some(20), None)];
        for method in [Sum, Average, TakeLastKnown] {
            let found = consolidate(method, Decimal::ONE, &quarters);
            assert_eq!(found.actual, None, "{method}");
            assert_eq!(found.gap, Some(ConsolidationGap::PeriodMissing));
            assert_eq!(found.missing, [1]);
            assert!(found.target.is_some(), "the target is still shown");
        }
    }

    #[test]
    fn a_period_without_target_is_not_scored() {
        let year = [figure(None, Some(99)), figure(None, None), figure(Some(4), Some(0))];
        for method in [Sum, Average, TakeLastKnown] {
            let found = consolidate(method, Decimal::ONE, &year);
            assert_eq!((found.target, found.actual), (Some(d("4")), Some(d("0"))), "{method}");
        }
        let none = consolidate(Sum, Decimal::ONE, &year[..2]);
        assert_eq!(none.gap, Some(ConsolidationGap::NothingTargeted));
    }

    #[test]
    fn weighted_is_a_ratio_of_sums_and_not_a_mean_of_ratios() {
        let quarter = |target, numerator, denominator| PeriodFigure {
            target: Some(Decimal::from(target)),
            actual: None,
            parts: Some(Ratio {
                numerator: Decimal::from(numerator),
                denominator: Decimal::from(denominator),
            }),
        };
        // 100 of 1,000 and 30 of 100: 11.82 %, while the mean of 10 % and 30 % is 20 %.
        let found =
            consolidate(Weighted, d("100"), &[quarter(10, 100, 1000), quarter(21, 30, 100)]);
        assert_eq!(found.actual.map(|it| it.round_dp(2)), Some(d("11.82")));
        assert_eq!(found.target, Some(d("11")));
        let empty = consolidate(Weighted, d("100"), &[quarter(10, 0, 0)]);
        assert_eq!(empty.gap, Some(ConsolidationGap::ZeroDenominator));
        let typed = consolidate(Weighted, d("100"), &[figure(Some(10), Some(9))]);
        assert_eq!(
            typed.gap,
            Some(ConsolidationGap::PeriodMissing),
            "a typed percentage has no parts"
        );
    }

    #[test]
    fn too_large_is_said_and_does_not_panic() {
        let huge = PeriodFigure {
            target: Some(Decimal::MAX),
            actual: Some(Decimal::MAX),
            parts: Some(Ratio { numerator: Decimal::MAX, denominator: Decimal::MAX }),
        };
        for method in [Sum, Average, Weighted] {
            let found = consolidate(method, d("100"), &[huge, huge]);
            assert_eq!(found.gap, Some(ConsolidationGap::OutOfRange), "{method}");
        }
    }

    proptest! {
        /// Domain invariant 8.
        #[test]
        fn quarters_and_year_agree(values in prop::collection::vec(-1_000_000i64..1_000_000, 1..13)) {
            let periods: Vec<_> = values.iter().map(|it| figure(Some(1), Some(*it))).collect();
            let of = |method| consolidate(method, Decimal::ONE, &periods).actual.unwrap();
            prop_assert_eq!(of(Sum), Decimal::from(values.iter().sum::<i64>()));
            prop_assert_eq!(of(TakeLastKnown), Decimal::from(*values.last().unwrap()));
            let (low, high) = (values.iter().min().unwrap(), values.iter().max().unwrap());
            prop_assert!(of(Average) >= Decimal::from(*low) && of(Average) <= Decimal::from(*high));
        }
    }
}
