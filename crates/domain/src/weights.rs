//! Weights of indicators: equal, typed, or by quality as KMK 127/2026 has it (domain rule 2.5).

use rust_decimal::Decimal;

use crate::quantity::Weight;
use crate::scoring::Polarity;

coded! {
    /// How the indicators of an objective get their weights.
    pub enum WeightMethod {
        /// All the same.
        Equal = "equal",
        /// Typed by a person.
        Manual = "manual",
        /// By validity and control, KMK 467/2014. Its table was never verified, so none is built
        /// in: the weights are typed in as [`WeightMethod::Manual`] ones are.
        Kemenkeu467 = "kemenkeu467",
        /// By quality and target, KMK 127/2026.
        Kemenkeu127 = "kemenkeu127",
    }
}

coded! {
    /// How well an indicator measures its objective.
    pub enum Validity {
        /// Measures the objective itself.
        Exact = "exact",
        /// Measures something near it.
        Proxy = "proxy",
        /// Measures the work done for it.
        Activity = "activity",
    }
}

coded! {
    /// How much control the owner has over the figure.
    pub enum Control {
        /// Little: many others act on it.
        Low = "low",
        /// Some.
        Moderate = "moderate",
        /// Much.
        High = "high",
    }
}

/// Why weights are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightError {
    /// Typed weights do not add up to 100 within 0.01.
    #[error("the weights add up to {0}, not to 100")]
    SumIsNotHundred(Decimal),
    /// All weights are zero, or there is none.
    #[error("the weights add up to zero")]
    ZeroSum,
    /// Exact and high, or activity and low: such an indicator cannot exist.
    #[error("an indicator of validity {0} and control {1} is not allowed")]
    Impossible(Validity, Control),
    /// Too large to be exact.
    #[error("a weight is too large")]
    OutOfRange,
}

/// What happens with typed weights whose sum is not 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddSum {
    /// They are refused.
    Refuse,
    /// They are taken as relative.
    Normalise,
}

/// Shares of one, in the order given: each weight over the sum of all.
///
/// # Errors
/// [`WeightError::ZeroSum`] or [`WeightError::OutOfRange`].
pub fn shares(weights: &[Weight]) -> Result<Vec<Decimal>, WeightError> {
    let sum = total(weights)?;
    if sum.is_zero() {
        return Err(WeightError::ZeroSum);
    }
    weights.iter().map(|it| it.get().checked_div(sum).ok_or(WeightError::OutOfRange)).collect()
}

/// Shares of typed weights. A sum of 100 give or take 0.01 is taken as meant.
///
/// # Errors
/// [`WeightError`].
pub fn manual(weights: &[Weight], odd_sum: OddSum) -> Result<Vec<Decimal>, WeightError> {
    let sum = total(weights)?;
    let off = (sum - Decimal::ONE_HUNDRED).abs();
    if odd_sum == OddSum::Refuse && off > Decimal::new(1, 2) {
        return Err(WeightError::SumIsNotHundred(sum));
    }
    shares(weights)
}

fn total(weights: &[Weight]) -> Result<Decimal, WeightError> {
    weights
        .iter()
        .try_fold(Decimal::ZERO, |sum, it| sum.checked_add(it.get()))
        .ok_or(WeightError::OutOfRange)
}

/// Quality weight of KMK 127/2026, table 14.
///
/// # Errors
/// [`WeightError::Impossible`] for exact with high and activity with low control.
pub fn quality_weight(validity: Validity, control: Control) -> Result<Weight, WeightError> {
    use Control::{High, Low, Moderate};
    use Validity::{Activity, Exact, Proxy};
    let hundredths = match (validity, control) {
        (Exact, Low) => 120,
        (Exact, Moderate) => 115,
        (Proxy, Low) => 110,
        (Proxy, Moderate) => 100,
        (Proxy, High) => 90,
        (Activity, Moderate) => 80,
        (Activity, High) => 60,
        (Exact, High) | (Activity, Low) => return Err(WeightError::Impossible(validity, control)),
    };
    Ok(Weight::of_hundredths(hundredths))
}

coded! {
    /// How a target came about, where that decides its weight.
    pub enum TargetOrigin {
        /// Agreed freely.
        Agreed = "agreed",
        /// Required of every unit of the kind; weighs at least 1.
        Mandatory = "mandatory",
        /// Set by law, or already the best possible value; weighs 1.2.
        LawOrExtreme = "law_or_extreme",
    }
}

/// What table 15 compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetHistory {
    /// Direction of the indicator.
    pub direction: Polarity,
    /// How the target came about.
    pub origin: TargetOrigin,
    /// T: this year's target.
    pub target: Decimal,
    /// T1: last year's target; `None` for a new indicator.
    pub last_target: Option<Decimal>,
    /// R1: last year's actual; `None` when there is no history.
    pub last_actual: Option<Decimal>,
}

/// A target weight, and whether the regulation says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetWeight {
    /// 0.8 to 1.2.
    pub weight: Weight,
    /// The case is not in the table; 1.0 is our reading.
    pub unregulated: bool,
}

/// Target weight of KMK 127/2026, table 15; minimise mirrors maximise.
pub fn target_weight(history: &TargetHistory) -> TargetWeight {
    let regulated = |tenths: u32| TargetWeight {
        weight: Weight::of_hundredths(tenths * 10),
        unregulated: false,
    };
    if history.origin == TargetOrigin::LawOrExtreme {
        return regulated(12);
    }
    let found = match (history.direction, history.last_target.or(history.last_actual)) {
        // No direction in which a target could be bolder.
        (Polarity::Stabilize | Polarity::Neutral, _) | (_, None) => regulated(10),
        (direction, Some(last_target)) => {
            against_last_year(direction, history.target, last_target, history.last_actual)
        }
    };
    match history.origin {
        TargetOrigin::Mandatory if found.weight < Weight::ONE => regulated(10),
        _ => found,
    }
}

fn against_last_year(
    direction: Polarity,
    target: Decimal,
    last_target: Decimal,
    last_actual: Option<Decimal>,
) -> TargetWeight {
    use std::cmp::Ordering::{Equal, Greater, Less};
    // Mirrored, "greater" always reads "bolder".
    let compare = |left: Decimal, right: Decimal| match direction {
        Polarity::Minimize => right.cmp(&left),
        _ => left.cmp(&right),
    };
    let tenths: Option<u32> = match (compare(target, last_target), last_actual) {
        (Less, _) => Some(8),
        (Greater, Some(actual)) => Some(match compare(target, actual) {
            Greater => 12,
            Equal => 11,
            Less => 10,
        }),
        (Equal, Some(actual)) => match compare(actual, last_target) {
            Less => Some(10),
            Greater => Some(9),
            Equal => None,
        },
        (Greater | Equal, None) => None,
    };
    TargetWeight {
        weight: Weight::of_hundredths(tenths.unwrap_or(10) * 10),
        unregulated: tenths.is_none(),
    }
}

coded! {
    /// The label of a K3 weight.
    pub enum QualityLabel {
        /// Above 1.
        VeryGood = "Sangat berkualitas",
        /// Exactly 1.
        Good = "Berkualitas",
        /// Below 1.
        Fair = "Cukup berkualitas",
    }
}

/// K3: the mean of quality weight and target weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct K3 {
    /// The weight.
    pub weight: Weight,
    /// Its label.
    pub label: QualityLabel,
}

/// K3 of an indicator.
pub fn k3(quality: Weight, target: Weight) -> K3 {
    let weight = quality.mean_with(target);
    let label = match weight.cmp(&Weight::ONE) {
        std::cmp::Ordering::Greater => QualityLabel::VeryGood,
        std::cmp::Ordering::Equal => QualityLabel::Good,
        std::cmp::Ordering::Less => QualityLabel::Fair,
    };
    K3 { weight, label }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn w(text: &str) -> Weight {
        Weight::new(d(text)).unwrap()
    }

    #[test]
    fn table_14_and_its_two_impossible_cells() {
        let cells = [
            (Validity::Exact, [Some("1.20"), Some("1.15"), None]),
            (Validity::Proxy, [Some("1.10"), Some("1.00"), Some("0.90")]),
            (Validity::Activity, [None, Some("0.80"), Some("0.60")]),
        ];
        for (validity, row) in cells {
            for (control, cell) in Control::ALL.iter().zip(row) {
                let expected = cell.map(w).ok_or(WeightError::Impossible(validity, *control));
                assert_eq!(quality_weight(validity, *control), expected);
            }
        }
    }

    #[test]
    fn table_15_for_maximize_and_mirrored_for_minimize() {
        for (target, last_target, last_actual, weight, unregulated) in [
            (12, 10, 11, "1.2", false),
            (12, 10, 12, "1.1", false),
            (12, 10, 13, "1.0", false),
            (10, 10, 9, "1.0", false),
            (10, 10, 11, "0.9", false),
            (9, 10, 8, "0.8", false),
            (9, 10, 12, "0.8", false),
            (10, 10, 10, "1.0", true),
        ] {
            for (direction, sign) in [(Polarity::Maximize, 1), (Polarity::Minimize, -1)] {
                let number = |it: i32| Decimal::from(50 + sign * it);
                let found = target_weight(&TargetHistory {
                    direction,
                    origin: TargetOrigin::Agreed,
                    target: number(target),
                    last_target: Some(number(last_target)),
                    last_actual: Some(number(last_actual)),
                });
                let expected = TargetWeight { weight: w(weight), unregulated };
                assert_eq!(found, expected, "{direction} {target} {last_target} {last_actual}");
            }
        }
    }

    #[test]
    fn target_weight_of_special_origins() {
        let history = TargetHistory {
            direction: Polarity::Maximize,
            origin: TargetOrigin::Agreed,
            target: d("9"),
            last_target: Some(d("10")),
            last_actual: Some(d("10")),
        };
        let weight = |history| target_weight(&history).weight;
        assert_eq!(weight(history), w("0.8"));
        assert_eq!(weight(TargetHistory { origin: TargetOrigin::Mandatory, ..history }), w("1"));
        assert_eq!(
            weight(TargetHistory { origin: TargetOrigin::LawOrExtreme, ..history }),
            w("1.2")
        );
        assert_eq!(weight(TargetHistory { direction: Polarity::Stabilize, ..history }), w("1"));
        // New with history: R1 stands in for T1.
        assert_eq!(weight(TargetHistory { last_target: None, ..history }), w("0.8"));
        let bolder = TargetHistory { target: d("11"), last_target: None, ..history };
        assert_eq!(weight(bolder), w("1.2"));
        assert_eq!(
            weight(TargetHistory { last_target: None, last_actual: None, ..history }),
            w("1")
        );
    }

    #[test]
    fn k3_is_the_mean_and_has_a_label() {
        for (quality, target, weight, label) in [
            ("1.20", "1.2", "1.20", "Sangat berkualitas"),
            ("1.10", "0.9", "1.00", "Berkualitas"),
            ("0.60", "0.8", "0.70", "Cukup berkualitas"),
            ("1.15", "1.0", "1.075", "Sangat berkualitas"),
        ] {
            let found = k3(w(quality), w(target));
            assert_eq!((found.weight, found.label.code()), (w(weight), label));
        }
    }

    #[test]
    fn typed_weights_add_up_to_a_hundred_or_are_normalised() {
        let odd = [w("30"), w("30")];
        assert_eq!(manual(&odd, OddSum::Refuse), Err(WeightError::SumIsNotHundred(d("60"))));
        assert_eq!(manual(&odd, OddSum::Normalise), Ok(vec![d("0.5"), d("0.5")]));
        let thirds = [w("33.33"), w("33.33"), w("33.33")];
        assert!(manual(&thirds, OddSum::Refuse).is_ok(), "99.99 is within 0.01");
        let off = [w("33.33"), w("33.33"), w("33.32")];
        assert_eq!(manual(&off, OddSum::Refuse), Err(WeightError::SumIsNotHundred(d("99.98"))));
        assert_eq!(shares(&[Weight::ZERO]), Err(WeightError::ZeroSum));
        assert_eq!(shares(&[]), Err(WeightError::ZeroSum));
    }

    proptest! {
        /// Domain invariant 14.
        #[test]
        fn shares_add_up_to_one(raw in prop::collection::vec(0u32..1_000_000, 1..40)) {
            let weights: Vec<Weight> = raw.iter().copied().map(Weight::of_hundredths).collect();
            prop_assume!(raw.iter().any(|it| *it > 0));
            let sum: Decimal = shares(&weights).unwrap().into_iter().sum();
            prop_assert!((sum - Decimal::ONE).abs() < d("0.000000001"));
        }
    }
}
