//! From values to places: a linear scale with round ticks, and classes for maps.

use rust_decimal::{Decimal, RoundingStrategy};

const HUNDRED: Decimal = Decimal::ONE_HUNDRED;

/// Where the scale of a chart begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At zero, so that lengths compare.
    Zero,
    /// Near the smallest value, for lines; and for bars only with a note, since lengths then
    /// do not compare.
    Fitted,
}

/// A linear scale between two round numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    from: Decimal,
    to: Decimal,
    step: Decimal,
}

impl Scale {
    /// A scale that holds all values, with about `ticks` steps of 1, 2, 2.5 or 5 times a power of
    /// ten. `None` without values.
    pub fn holding(
        values: impl IntoIterator<Item = Decimal>,
        start: Start,
        ticks: u32,
    ) -> Option<Self> {
        let mut values = values.into_iter();
        let first = values.next()?;
        let (mut low, mut high) =
            values.fold((first, first), |(low, high), it| (low.min(it), high.max(it)));
        if start == Start::Zero {
            low = low.min(Decimal::ZERO);
            high = high.max(Decimal::ZERO);
        }
        if low == high {
            // One value alone, or all alike: some room on both sides.
            let room = if low.is_zero() { Decimal::ONE } else { low.abs() / Decimal::TEN };
            low -= if start == Start::Zero && low >= Decimal::ZERO { Decimal::ZERO } else { room };
            high += room;
        }
        let step = round_step(high.checked_sub(low)?.checked_div(Decimal::from(ticks.max(1)))?)?;
        let from = (low / step).floor().checked_mul(step)?;
        let to = (high / step).ceil().checked_mul(step)?;
        Some(Self { from, to, step })
    }

    /// Where the scale begins.
    pub const fn from(&self) -> Decimal {
        self.from
    }

    /// Where a value lies, in per cent of the scale, with two places; never outside it.
    pub fn share(&self, value: Decimal) -> Decimal {
        let width = self.to - self.from;
        let inside = value.clamp(self.from, self.to) - self.from;
        (inside / width * HUNDRED).round_dp(2).normalize()
    }

    /// The same from the top, as SVG counts.
    pub(crate) fn drop(&self, value: Decimal) -> Decimal {
        (HUNDRED - self.share(value)).normalize()
    }

    /// The round numbers along the scale.
    pub fn ticks(&self) -> Vec<Decimal> {
        std::iter::successors(Some(self.from), |it| Some(*it + self.step))
            .take_while(|it| *it <= self.to)
            .take(50)
            .map(|it| it.normalize())
            .collect()
    }

    /// Places the ticks need.
    pub fn tick_decimals(&self) -> u32 {
        self.step.normalize().scale()
    }
}

/// The next of 1, 2, 2.5, 5, 10 times a power of ten that is not smaller.
fn round_step(raw: Decimal) -> Option<Decimal> {
    let mut power = Decimal::ONE;
    while power.checked_mul(Decimal::TEN)? <= raw {
        power = power.checked_mul(Decimal::TEN)?;
    }
    while power > raw && power.scale() < 20 {
        power = power.checked_div(Decimal::TEN)?;
    }
    [Decimal::ONE, Decimal::TWO, Decimal::new(25, 1), Decimal::from(5), Decimal::TEN]
        .into_iter()
        .filter_map(|it| it.checked_mul(power))
        .find(|it| *it >= raw)
        .map(|it| it.normalize())
}

/// The bounds between five classes of a map, ascending and round; fewer where values are few.
///
/// Even steps between round numbers: unlike quantiles they do not call nearly equal regions
/// different.
pub fn class_bounds(values: &[Decimal]) -> Vec<Decimal> {
    Scale::holding(values.iter().copied(), Start::Fitted, 5).map_or_else(Vec::new, |scale| {
        let ticks = scale.ticks();
        let inner = ticks.get(1..ticks.len().saturating_sub(1)).unwrap_or_default();
        inner.iter().take(4).copied().collect()
    })
}

/// The class of a value: how many bounds it reaches.
pub fn class_of(value: Decimal, bounds: &[Decimal]) -> usize {
    bounds.iter().filter(|bound| value >= **bound).count()
}

/// Two numbers' middle, rounded for a drawing.
pub(crate) fn middle(a: Decimal, b: Decimal) -> Decimal {
    ((a + b) / Decimal::TWO)
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
        .normalize()
}

/// The place of the `at`-th of `count` points across a drawing, in per cent.
pub(crate) fn across(at: usize, count: usize) -> Decimal {
    if count < 2 {
        return Decimal::from(50);
    }
    (Decimal::from(at) * HUNDRED / Decimal::from(count - 1)).round_dp(2).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn scale(values: &[&str], start: Start, ticks: u32) -> Scale {
        Scale::holding(values.iter().map(|it| dec(it)), start, ticks).expect("a scale")
    }

    #[test]
    fn scale_ends_at_round_numbers_and_holds_all_values() {
        let check = |values: &[&str], start, expect: &[&str]| {
            let ticks: Vec<String> =
                scale(values, start, 5).ticks().iter().map(ToString::to_string).collect();
            assert_eq!(ticks, expect);
        };
        check(&["64.37", "79.91"], Start::Fitted, &["60", "65", "70", "75", "80"]);
        check(&["8.65", "25.8"], Start::Zero, &["0", "10", "20", "30"]);
        check(&["-2", "3"], Start::Zero, &["-2", "-1", "0", "1", "2", "3"]);
        check(
            &["0.012", "0.034"],
            Start::Fitted,
            &["0.01", "0.015", "0.02", "0.025", "0.03", "0.035"],
        );
        check(&["709010", "12000"], Start::Zero, &["0", "200000", "400000", "600000", "800000"]);
    }

    #[test]
    fn one_value_and_equal_values_still_have_a_scale() {
        assert!(Scale::holding([], Start::Zero, 5).is_none());
        for value in ["0", "72.37", "-5"] {
            for start in [Start::Zero, Start::Fitted] {
                let scale = scale(&[value, value], start, 5);
                let share = scale.share(dec(value));
                assert!(share >= Decimal::ZERO && share <= Decimal::ONE_HUNDRED);
                assert!(scale.ticks().len() >= 2);
            }
        }
    }

    #[test]
    fn enormous_values_are_refused_or_drawn_but_never_panic() {
        for values in [[Decimal::MAX, Decimal::MIN], [Decimal::MAX, Decimal::ZERO]] {
            if let Some(scale) = Scale::holding(values, Start::Zero, 5) {
                assert!(!scale.ticks().is_empty());
            }
        }
    }

    #[test]
    fn share_is_clamped_and_has_two_places() {
        let scale = scale(&["0", "90"], Start::Zero, 5);
        assert_eq!(scale.share(dec("30")), dec("30"));
        assert_eq!(scale.share(dec("500")), dec("100"));
        assert_eq!(scale.share(dec("-1")), dec("0"));
        assert_eq!(scale.drop(dec("33.333")), dec("66.67"));
    }

    #[test]
    fn classes_have_round_bounds_and_a_value_on_a_bound_is_in_the_upper_one() {
        let values: Vec<Decimal> =
            ["65.7", "68.2", "71.0", "79.9"].iter().map(|it| dec(it)).collect();
        let bounds = class_bounds(&values);
        assert_eq!(bounds, [dec("70"), dec("75")]);
        assert_eq!(class_of(dec("69.99"), &bounds), 0);
        assert_eq!(class_of(dec("70"), &bounds), 1);
        assert_eq!(class_of(dec("79.9"), &bounds), 2);
        assert_eq!(class_bounds(&[]), []);
        assert!(class_bounds(&[dec("5")]).len() <= 4);
    }

    #[test]
    fn points_spread_over_the_whole_width() {
        assert_eq!(across(0, 3), dec("0"));
        assert_eq!(across(1, 3), dec("50"));
        assert_eq!(across(2, 3), dec("100"));
        assert_eq!(across(0, 1), dec("50"));
        assert_eq!(middle(dec("1"), dec("2")), dec("1.5"));
    }
}
