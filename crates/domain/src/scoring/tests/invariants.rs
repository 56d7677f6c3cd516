//! The invariants of domain section 11 that concern scoring.

use proptest::prelude::*;

use super::*;

/// A figure with two decimals, not zero.
fn figure() -> impl Strategy<Value = Decimal> {
    (1i64..100_000_000).prop_map(|it| Decimal::new(it, 2))
}

fn raw(rule: RuleId, target: Decimal, actual: Decimal) -> Decimal {
    let input =
        ScoreInput::new(RuleChoice::Rule(rule), Some(Target::of(target)), Actual::Value(actual));
    uncapped(&score(&input, rules("lkj")))
}

fn near(left: Decimal, right: Decimal) -> bool {
    (left - right).abs() <= Decimal::new(1, 15)
}

/// Anything a caller could hand in, the largest and smallest numbers there are among it.
fn any_decimal() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>(), 0u32..=28).prop_map(
            |(lo, mid, hi, negative, scale)| { Decimal::from_parts(lo, mid, hi, negative, scale) }
        ),
        prop::sample::select(vec![
            Decimal::ZERO,
            Decimal::ONE,
            Decimal::MAX,
            Decimal::MIN,
            Decimal::new(1, 28),
            Decimal::new(-1, 28),
        ]),
        (-1000i64..1000).prop_map(Decimal::from),
    ]
}

fn any_choice() -> impl Strategy<Value = RuleChoice> {
    prop_oneof![
        prop::sample::select(RuleId::ALL).prop_map(RuleChoice::Rule),
        prop::sample::select(Polarity::ALL).prop_map(RuleChoice::ByPolarity),
    ]
}

prop_compose! {
    fn any_input()(
        rule in any_choice(),
        target in prop::option::of(any_decimal()),
        bounds in prop::option::of((any_decimal(), any_decimal())),
        actual in any_decimal(),
        baseline in prop::option::of(any_decimal()),
        worst in prop::option::of(any_decimal()),
        points in prop::option::of(prop::collection::vec((any_decimal(), any_decimal()), 0..4)),
        target_is_extreme in any::<bool>(),
    ) -> ScoreInput {
        ScoreInput {
            rule,
            polarity: None,
            target: Some(Target { value: target, range: bounds, ..Target::default() }),
            actual: Actual::Value(actual),
            baseline,
            worst,
            grades: None,
            stabilize_points: points.map(Into::into),
            target_is_extreme,
        }
    }
}

proptest! {
    /// Invariant 1.
    #[test]
    fn a_better_actual_is_strictly_better(target in figure(), one in figure(), other in figure()) {
        prop_assume!(one != other);
        let (low, high) = (one.min(other), one.max(other));
        prop_assert!(raw(RuleId::MaxRatio, target, low) < raw(RuleId::MaxRatio, target, high));
        prop_assert!(
            raw(RuleId::MaxNegTarget, -target, low) < raw(RuleId::MaxNegTarget, -target, high)
        );
        for rule in [RuleId::MinTwoMinus, RuleId::MinInverse] {
            prop_assert!(raw(rule, target, low) > raw(rule, target, high));
        }
    }

    /// Invariant 2.
    #[test]
    fn on_target_is_exactly_a_hundred(target in figure()) {
        for rule in [RuleId::MaxRatio, RuleId::MinTwoMinus, RuleId::MinInverse] {
            prop_assert_eq!(raw(rule, target, target), Decimal::ONE_HUNDRED);
        }
        prop_assert_eq!(raw(RuleId::MaxNegTarget, -target, -target), Decimal::ONE_HUNDRED);
    }

    /// Invariant 3.
    #[test]
    fn the_unit_does_not_matter(target in figure(), actual in figure(), unit in figure()) {
        for rule in [
            RuleId::MaxRatio,
            RuleId::MinTwoMinus,
            RuleId::MinInverse,
            RuleId::Stabilize,
            RuleId::StabilizeSymmetric,
        ] {
            prop_assert!(near(raw(rule, target, actual), raw(rule, target * unit, actual * unit)));
        }
    }

    /// Invariant 4.
    #[test]
    fn two_minus_and_ratio_add_up_to_two_hundred(target in figure(), actual in figure()) {
        let sum = raw(RuleId::MinTwoMinus, target, actual) + raw(RuleId::MaxRatio, target, actual);
        prop_assert!(near(sum, Decimal::from(200)));
    }

    /// Invariant 5, for any numbers at all; and no input panics.
    #[test]
    fn the_achievement_lies_between_floor_and_cap(input in any_input()) {
        for set in RuleSet::catalogue() {
            let found = score(&input, set);
            if let Outcome::Measured { achievement, uncapped, printed, band } = &found.outcome {
                prop_assert!(set.cap.is_none_or(|cap| achievement.get() <= cap));
                prop_assert!(set.floor.is_none_or(|floor| achievement.get() >= floor));
                prop_assert_eq!(printed.get(), set.print(achievement.get()));
                prop_assert_eq!(band, set.iku_band(achievement.get()));
                if set.cap.is_none() && set.floor.is_none() && !set.full_marks_at_max {
                    prop_assert_eq!(achievement, uncapped);
                }
                prop_assert!(!found.steps.is_empty());
            }
        }
    }

    /// Invariant 16, as far as it concerns the pure function: what it returned for a closed period
    /// it returns again, and another version of the rules leaves that version's result alone.
    #[test]
    fn the_same_input_and_version_give_the_same_digits(input in any_input()) {
        let first = rules("default");
        let second = RuleSet {
            id: RuleSetRef { name: first.id.name.clone(), version: 2 },
            cap: None,
            ..first.clone()
        };
        let stored = score(&input, first);
        let under_new_rules = score(&input, &second);
        prop_assert_eq!(&score(&input, first), &stored);
        prop_assert_eq!(under_new_rules.rule_set.version, 2);
        prop_assert_eq!(stored.rule_set.version, 1);
    }

    #[test]
    fn stabilize_stays_within_its_points(target in figure(), actual in figure()) {
        let found = raw(RuleId::Stabilize, target, actual);
        prop_assert!(found >= Decimal::ZERO && found <= Decimal::from(120));
    }
}
