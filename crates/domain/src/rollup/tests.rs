//! Each method's own figure, who is left out and why, and the invariants of a roll-up.

use proptest::prelude::*;

use super::ExclusionReason::{MissingParts, ZeroDenominator};
use super::LocationConsolidation::{
    Distribution as Grades, IpmFromComponents, None as Nothing, OfficialOnly, RatioOfSums, Sum,
    WeightedByVariable,
};
use super::*;
use crate::ipm::Components;
use crate::quantity::{Rounding, round};

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn members(keys: &[&'static str]) -> Vec<Member<&'static str>> {
    keys.iter().map(|it| Member::new(*it)).collect()
}

fn percent() -> RollUpOptions {
    RollUpOptions { per: d("100"), ..RollUpOptions::default() }
}

fn two_places(value: Option<Decimal>) -> Option<Decimal> {
    value.map(|it| round(it, 2, Rounding::HalfUp))
}

#[test]
fn a_rate_is_a_ratio_of_sums_and_not_a_mean() {
    // A 100 poor of 1,000 (10 %), B 30 of 100 (30 %): mean 20 %, truth 130 / 1,100.
    let given = [
        Contribution::of_ratio("A", d("100"), d("1000")),
        Contribution::of_ratio("B", d("30"), d("100")),
    ];
    let found = roll_up(RatioOfSums, &members(&["A", "B"]), &given, &percent()).unwrap();
    assert_eq!(two_places(found.value), Some(d("11.82")));
    assert_eq!((found.numerator, found.denominator), (Some(d("130")), Some(d("1100"))));
    assert_eq!(found.basis, Some(Basis::Computed));
    assert!(!found.partial);
    assert_eq!(found.coverage.weight_share, Some(Decimal::ONE));
}

#[test]
fn each_method_computes_its_own() {
    let weighted = [
        Contribution::of_weighted("A", d("70"), d("300")),
        Contribution::of_weighted("B", d("60"), d("100")),
    ];
    let both = members(&["A", "B"]);
    let plain = RollUpOptions::default();
    let of = |method| roll_up(method, &both, &weighted, &plain).unwrap();
    assert_eq!(of(Sum).value, Some(d("130")));
    assert_eq!(of(WeightedByVariable).value, Some(d("67.5")));
    assert_eq!(of(Nothing).reason, Some(RollUpReason::NoAggregate));
    assert_eq!(of(OfficialOnly).reason, Some(RollUpReason::NoOfficialFigure));
    for method in [Nothing, OfficialOnly] {
        assert_eq!((of(method).value, of(method).coverage.reporting), (None, 2));
    }
}

#[test]
fn the_official_figure_beats_the_computed_one_and_both_are_shown() {
    let given = [Contribution::of_value("A", d("10")), Contribution::of_value("B", d("20"))];
    let options = RollUpOptions { official: Some(d("29.5")), ..RollUpOptions::default() };
    let found = roll_up(Sum, &members(&["A", "B"]), &given, &options).unwrap();
    assert_eq!((found.value, found.basis), (Some(d("29.5")), Some(Basis::Official)));
    assert_eq!((found.computed, found.difference), (Some(d("30")), Some(d("0.5"))));
    let only = roll_up(OfficialOnly, &members(&["A"]), &[], &options).unwrap();
    assert_eq!((only.value, only.reason), (Some(d("29.5")), None));
    assert_eq!(only.difference, None);
}

#[test]
fn who_is_missing_is_named_and_the_figure_is_partial() {
    let mut revoked = Contribution::of_value("C", d("5"));
    revoked.exclude = Some(ExclusionReason::Revoked);
    let mut elsewhere = Contribution::of_value("F", d("5"));
    elsewhere.exclude = Some(ExclusionReason::NotApplicable);
    let given = [
        Contribution::of_value("A", d("10")),
        Contribution::empty("B"),
        revoked,
        elsewhere,
        Contribution::of_value("X", d("1000")),
    ];
    let sizes = [("A", 60), ("B", 20), ("C", 10), ("D", 10), ("F", 500)];
    let expected: Vec<_> = sizes
        .iter()
        .map(|(key, size)| Member { key: *key, size: Some(Decimal::from(*size)) })
        .collect();
    let found = roll_up(Sum, &expected, &given, &RollUpOptions::default()).unwrap();
    assert_eq!(found.value, Some(d("10")), "a stranger's figure never counts");
    let coverage = RollUpCoverage { reporting: 1, expected: 4, weight_share: Some(d("0.6")) };
    assert_eq!(found.coverage, coverage);
    assert!(found.partial);
    let excluded: Vec<_> = found.excluded.iter().map(|it| (it.member, it.reason)).collect();
    assert_eq!(
        excluded,
        [
            ("B", ExclusionReason::MissingValue),
            ("C", ExclusionReason::Revoked),
            ("D", ExclusionReason::NotReported),
            ("F", ExclusionReason::NotApplicable),
            ("X", ExclusionReason::NotAMember),
        ]
    );
}

#[test]
fn what_a_method_lacks_is_named_per_member() {
    let typed_percentage = Contribution::of_value("A", d("10"));
    let no_births = Contribution::of_ratio("B", d("0"), d("0"));
    let negative = Contribution::of_ratio("C", d("1"), d("-5"));
    let half = Contribution { numerator: Some(d("3")), ..Contribution::empty("D") };
    let given = [typed_percentage, no_births, negative, half];
    let all = members(&["A", "B", "C", "D"]);
    let found = roll_up(RatioOfSums, &all, &given, &percent()).unwrap();
    let reasons: Vec<_> = found.excluded.iter().map(|it| it.reason).collect();
    assert_eq!(reasons, [MissingParts, ZeroDenominator, ZeroDenominator, MissingParts]);
    assert_eq!((found.value, found.reason), (None, Some(RollUpReason::NothingReported)));

    let given = [
        Contribution::of_value("A", d("10")),
        Contribution::of_weighted("B", d("10"), d("-1")),
        Contribution::of_weighted("C", d("10"), d("0")),
    ];
    let found =
        roll_up(WeightedByVariable, &members(&["A", "B", "C"]), &given, &percent()).unwrap();
    let reasons: Vec<_> = found.excluded.iter().map(|it| it.reason).collect();
    assert_eq!(reasons, [ExclusionReason::MissingWeight, ExclusionReason::NegativeWeight]);
    assert_eq!(found.reason, Some(RollUpReason::ZeroDenominator));
}

#[test]
fn a_member_counted_twice_is_refused() {
    let given = [Contribution::of_value("A", d("1")), Contribution::of_value("A", d("2"))];
    let twice = roll_up(Sum, &members(&["A"]), &given, &RollUpOptions::default());
    assert_eq!(twice, Err(RollUpError::CountedTwice("A")));
    let twice = roll_up(Sum, &members(&["A", "A"]), &given[..1], &RollUpOptions::default());
    assert_eq!(twice, Err(RollUpError::ExpectedTwice("A")));
}

#[test]
fn poor_people_of_eight_regencies_beside_the_official_figure() {
    let all: Vec<String> = (1..=10).map(|it| format!("52.{it:02}")).collect();
    let expected: Vec<_> = all.iter().map(|it| Member::new(it.as_str())).collect();
    let given: Vec<_> =
        all[..8].iter().map(|it| Contribution::of_value(it.as_str(), d("80000"))).collect();
    let options = RollUpOptions { official: Some(d("709010")), ..RollUpOptions::default() };
    let found = roll_up(Sum, &expected, &given, &options).unwrap();
    assert_eq!((found.value, found.computed), (Some(d("709010")), Some(d("640000"))));
    assert_eq!((found.coverage.reporting, found.coverage.expected), (8, 10));
    let missing: Vec<_> = found.excluded.iter().map(|it| it.member).collect();
    assert_eq!(missing, ["52.09", "52.10"]);
}

#[test]
fn ipm_comes_from_weighted_components_and_is_an_estimate() {
    let of = |member, uhh: &str, hls: &str, rls: &str, ppk: &str, weight: &str| Contribution {
        components: Some(Components {
            life_expectancy: d(uhh),
            expected_schooling: d(hls),
            mean_schooling: d(rls),
            expenditure: d(ppk),
        }),
        weight: Some(d(weight)),
        // An index of its own is ignored: IPM is never averaged.
        value: Some(d("1")),
        ..Contribution::empty(member)
    };
    let given = [
        of("Mataram", "74.83", "15.68", "9.58", "16514", "1"),
        of("Lombok Utara", "71.52", "13.02", "6.4", "10272", "0"),
    ];
    let both = members(&["Mataram", "Lombok Utara"]);
    let found = roll_up(IpmFromComponents, &both, &given, &RollUpOptions::default()).unwrap();
    assert_eq!(two_places(found.value), Some(d("81.64")), "all weight on Mataram");
    assert_eq!(found.basis, Some(Basis::Estimate));
    let official = RollUpOptions { official: Some(d("72.37")), ..RollUpOptions::default() };
    let found = roll_up(IpmFromComponents, &both, &given, &official).unwrap();
    assert_eq!((found.value, found.basis), (Some(d("72.37")), Some(Basis::Official)));
    let bare = [Contribution::of_weighted("Mataram", d("81.64"), d("1"))];
    let found = roll_up(IpmFromComponents, &both, &bare, &RollUpOptions::default()).unwrap();
    assert_eq!(found.excluded[1].reason, ExclusionReason::MissingComponents);
    assert_eq!(found.value, None);
}

#[test]
fn grades_are_counted_and_have_a_median() {
    let graded = |grades: &[&str]| {
        let keys: Vec<usize> = (0..grades.len()).collect();
        let expected: Vec<_> = keys.iter().map(|it| Member::new(*it)).collect();
        let given: Vec<_> = keys
            .iter()
            .zip(grades)
            .map(|(key, grade)| Contribution {
                grade: Some((*grade).to_owned()),
                ..Contribution::empty(*key)
            })
            .collect();
        let found = roll_up(Grades, &expected, &given, &RollUpOptions::default()).unwrap();
        (found.value, found.distribution.unwrap())
    };
    let (value, found) = graded(&["BB", "A", "B", "BB", "C"]);
    assert_eq!(value, None, "grades have no sum and no mean");
    let counts: Vec<_> = found.counts.iter().map(|(it, n)| (it.as_str(), *n)).collect();
    assert_eq!(counts, [("C", 1), ("B", 1), ("BB", 2), ("A", 1)]);
    assert_eq!(found.median, Some(("BB".to_owned(), "BB".to_owned())));
    let (_, even) = graded(&["B", "A", "BB", "CC"]);
    assert_eq!(even.median, Some(("B".to_owned(), "BB".to_owned())));
    let (_, unknown) = graded(&["bagus", "bagus", "lumayan"]);
    assert_eq!((unknown.counts.len(), unknown.median), (2, None));
}

#[test]
fn the_oldest_and_newest_figure_are_told() {
    let day = |month| NaiveDate::from_ymd_opt(2024, month, 1);
    let given = ["A", "B"].map(|key| Contribution {
        as_of: day(if key == "A" { 3 } else { 9 }),
        ..Contribution::of_value(key, d("1"))
    });
    let found = roll_up(Sum, &members(&["A", "B"]), &given, &RollUpOptions::default()).unwrap();
    assert_eq!((found.oldest, found.newest), (day(3), day(9)));
}

#[test]
fn the_canonical_text_tells_a_change_of_figure_or_provenance() {
    let of = |value: &str, snapshot| {
        let given = [Contribution { snapshot, ..Contribution::of_value("A", d(value)) }];
        roll_up(Sum, &members(&["A", "B"]), &given, &RollUpOptions::default()).unwrap().canonical()
    };
    assert_eq!(of("1.50", Some(2)), of("1.5", Some(2)));
    assert_ne!(of("1.5", Some(2)), of("1.5", Some(3)));
    assert_ne!(of("1.5", Some(2)), of("1.6", Some(2)));
}

#[test]
fn too_large_is_said_and_does_not_panic() {
    let huge = |key| Contribution {
        numerator: Some(Decimal::MAX),
        denominator: Some(Decimal::MAX),
        weight: Some(Decimal::MAX),
        ..Contribution::of_value(key, Decimal::MAX)
    };
    for method in [Sum, RatioOfSums, WeightedByVariable] {
        let found =
            roll_up(method, &members(&["A", "B"]), &[huge("A"), huge("B")], &percent()).unwrap();
        assert_eq!((found.value, found.reason), (None, Some(RollUpReason::OutOfRange)));
    }
}

/// Figures with parts, keyed 0, 1, 2, ...
fn any_parts() -> impl Strategy<Value = Vec<Contribution<usize>>> {
    prop::collection::vec((0i64..1_000_000, 1i64..1_000_000, 0i64..1_000_000), 1..12).prop_map(
        |parts| {
            parts
                .into_iter()
                .enumerate()
                .map(|(key, (numerator, denominator, value))| Contribution {
                    value: Some(Decimal::new(value, 2)),
                    weight: Some(Decimal::from(denominator)),
                    ..Contribution::of_ratio(
                        key,
                        Decimal::from(numerator),
                        Decimal::from(denominator),
                    )
                })
                .collect()
        },
    )
}

proptest! {
    /// Invariant 9; the simple mean of rates fails it.
    #[test]
    fn splitting_a_regency_changes_nothing(given in any_parts(), share in 1u32..100) {
        let whole: Vec<_> = (0..given.len()).map(Member::new).collect();
        let before = roll_up(RatioOfSums, &whole, &given, &percent()).unwrap().value.unwrap();
        // The first splits into two parts of the same rate, of `share` and `100 - share` percent.
        let mut split = given.clone();
        let part = |it: Option<Decimal>, percent: u32| {
            it.map(|it| it * Decimal::from(percent) / Decimal::ONE_HUNDRED)
        };
        let first = given[0].clone();
        split[0].numerator = part(first.numerator, share);
        split[0].denominator = part(first.denominator, share);
        split.push(Contribution {
            member: given.len(),
            numerator: part(first.numerator, 100 - share),
            denominator: part(first.denominator, 100 - share),
            ..first
        });
        let more: Vec<_> = (0..split.len()).map(Member::new).collect();
        let after = roll_up(RatioOfSums, &more, &split, &percent()).unwrap().value.unwrap();
        prop_assert!((before - after).abs() < Decimal::new(1, 15));
    }

    /// Invariant 10.
    #[test]
    fn the_order_never_changes_a_digit(
        (given, shuffled) in any_parts().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
    ) {
        let expected: Vec<_> = (0..=given.len()).map(Member::new).collect();
        let reversed: Vec<_> = expected.iter().rev().cloned().collect();
        for method in LocationConsolidation::ALL {
            let one = roll_up(*method, &expected, &given, &percent());
            let other = roll_up(*method, &reversed, &shuffled, &percent());
            prop_assert_eq!(one, other);
        }
    }

    /// Invariant 10, second half.
    #[test]
    fn counting_twice_is_impossible(given in any_parts(), at in any::<prop::sample::Index>()) {
        let expected: Vec<_> = (0..given.len()).map(Member::new).collect();
        let again = at.get(&given).clone();
        let mut doubled = given.clone();
        doubled.push(again.clone());
        prop_assert_eq!(
            roll_up(Sum, &expected, &doubled, &percent()),
            Err(RollUpError::CountedTwice(again.member))
        );
    }

    #[test]
    fn a_weighted_mean_lies_between_its_values(given in any_parts()) {
        let expected: Vec<_> = (0..given.len()).map(Member::new).collect();
        let found = roll_up(WeightedByVariable, &expected, &given, &percent()).unwrap();
        let values = || given.iter().filter_map(|it| it.value);
        let slack = Decimal::new(1, 15);
        let value = found.value.unwrap();
        prop_assert!(value >= values().min().unwrap() - slack);
        prop_assert!(value <= values().max().unwrap() + slack);
    }
}
