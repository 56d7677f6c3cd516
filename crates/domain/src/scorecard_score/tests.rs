//! The worked example of domain rule 2.6 and the invariants of the levels.

use proptest::prelude::*;

use super::*;
use crate::scoring::{Actual, Polarity, RuleChoice, ScoreInput, Target, score};

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn default_rules() -> &'static RuleSet {
    RuleSet::named("default").unwrap()
}

fn indicator(key: &'static str, weight: u32, index: Option<&str>) -> IndicatorIndex<&'static str> {
    IndicatorIndex {
        key,
        weight: Weight::of_whole(weight),
        index: index.map(|it| Achievement::new(d(it))),
        reported: index.is_some(),
        expected: true,
    }
}

fn objective(
    key: &'static str,
    indicators: Vec<IndicatorIndex<&'static str>>,
) -> ObjectiveIndices<&'static str> {
    ObjectiveIndices { key, weight: Weight::ONE, indicators }
}

fn perspective(
    key: &'static str,
    weight: u32,
    objectives: Vec<ObjectiveIndices<&'static str>>,
) -> PerspectiveIndices<&'static str> {
    PerspectiveIndices { key, weight: Weight::of_whole(weight), objectives }
}

/// Two perspectives of 50/50, P1 with 120 and 80 (one objective each), P2 with 90.
fn worked_example() -> Vec<PerspectiveIndices<&'static str>> {
    vec![
        perspective(
            "P1",
            50,
            vec![
                objective("S1", vec![indicator("a", 1, Some("120"))]),
                objective("S2", vec![indicator("b", 1, Some("80"))]),
            ],
        ),
        perspective("P2", 50, vec![objective("S3", vec![indicator("c", 1, Some("90"))])]),
    ]
}

#[test]
fn level_by_level_is_not_a_flat_mean() {
    let found = score_scorecard(&worked_example(), default_rules());
    assert_eq!(found.value.map(Score::get), Some(d("95")), "the flat mean would be 96.67");
    let levels: Vec<_> =
        found.perspectives.iter().map(|it| it.level.value.unwrap().get()).collect();
    assert_eq!(levels, [d("100"), d("90")]);
    assert_eq!(found.coverage, Coverage { measured: 3, expected: 3 });
    assert_eq!(found.band.unwrap().code, "Cukup");
    assert!(found.left_out.is_empty());
    let shares: Vec<_> = found
        .perspectives
        .iter()
        .flat_map(|it| &it.objectives)
        .flat_map(|it| &it.indicators)
        .map(|it| it.share_of_total)
        .collect();
    assert_eq!(shares, [d("0.25"), d("0.25"), d("0.5")]);
}

#[test]
fn what_is_missing_is_left_out_named_and_counted() {
    let mut card = worked_example();
    card[0].objectives[1].indicators[0].index = None;
    card[1].objectives.push(objective("S4", vec![]));
    card.push(perspective("P3", 30, vec![objective("S5", vec![indicator("d", 1, None)])]));
    let found = score_scorecard(&card, default_rules());
    assert_eq!(found.value.map(Score::get), Some(d("105")), "(120 x 50 + 90 x 50) / 100");
    assert_eq!(found.left_out, ["P3"]);
    assert_eq!(found.coverage, Coverage { measured: 2, expected: 4 });
    let first = &found.perspectives[0];
    assert_eq!(first.level.left_out, ["S2"]);
    assert_eq!(first.objectives[1].level.left_out, ["b"]);
    assert_eq!(first.objectives[1].level.gap, Some(ScoreGap::NothingMeasured));
    assert_eq!(first.objectives[0].level.share, Decimal::ONE);
    assert_eq!(found.perspectives[2].level.share, Decimal::ZERO);
    assert_eq!(found.perspectives[2].level.band, None);
}

#[test]
fn only_due_items_enter_coverage() {
    let rules = default_rules();
    let with = |actual| {
        let target = Some(Target::of(d("10")));
        score(&ScoreInput::new(RuleChoice::ByPolarity(Polarity::Maximize), target, actual), rules)
    };
    let indicators = [
        Actual::Value(d("0")),
        Actual::Missing { due: true },
        Actual::Missing { due: false },
        Actual::NotApplicable,
        Actual::NotYetDue,
    ]
    .into_iter()
    .zip(["zero", "late", "pending", "n/a", "not yet"])
    .map(|(actual, key)| IndicatorIndex::of(key, Weight::ONE, &with(actual)))
    .collect();
    let found = score_scorecard(&[perspective("P", 1, vec![objective("S", indicators)])], rules);
    assert_eq!(found.value.map(Score::get), Some(Decimal::ZERO), "zero is a value");
    assert_eq!(found.coverage, Coverage { measured: 1, expected: 2 });
    assert_eq!(found.perspectives[0].objectives[0].level.left_out, ["late"]);
}

#[test]
fn nothing_measured_and_zero_weights_give_no_score() {
    let rules = default_rules();
    let none = score_scorecard::<&str>(&[], rules);
    assert_eq!((none.value, none.gap), (None, Some(ScoreGap::NothingMeasured)));
    let weightless =
        [perspective("P", 1, vec![objective("S", vec![indicator("a", 0, Some("90"))])])];
    let found = score_scorecard(&weightless, rules);
    assert_eq!(found.perspectives[0].objectives[0].level.gap, Some(ScoreGap::ZeroWeight));
    assert_eq!(found.gap, Some(ScoreGap::NothingMeasured));
    let huge = IndicatorIndex {
        index: Some(Achievement::new(Decimal::MAX)),
        ..indicator("a", 2, Some("1"))
    };
    let found = score_scorecard(&[perspective("P", 1, vec![objective("S", vec![huge])])], rules);
    assert_eq!(found.perspectives[0].objectives[0].level.gap, Some(ScoreGap::OutOfRange));
}

/// A scorecard of any shape; `index` draws an indicator's index.
fn any_card(
    index: impl Strategy<Value = Option<i64>> + Clone,
) -> impl Strategy<Value = Vec<PerspectiveIndices<&'static str>>> {
    let one = (0u32..5, index).prop_map(|(weight, index)| IndicatorIndex {
        index: index.map(|it| Achievement::new(Decimal::new(it, 2))),
        ..indicator("i", weight, None)
    });
    let objective = (0u32..5, prop::collection::vec(one, 0..4)).prop_map(|(weight, indicators)| {
        ObjectiveIndices { key: "s", weight: Weight::of_whole(weight), indicators }
    });
    let perspective = (0u32..5, prop::collection::vec(objective, 0..4))
        .prop_map(|(weight, objectives)| perspective("p", weight, objectives));
    prop::collection::vec(perspective, 0..5)
}

proptest! {
    /// Invariant 6.
    #[test]
    fn the_nko_lies_between_its_perspectives(
        card in any_card(prop::option::of(0i64..12_000)),
    ) {
        let found = score_scorecard(&card, default_rules());
        let values = || found.perspectives.iter().filter_map(|it| it.level.value);
        if let Some(nko) = found.value {
            prop_assert!(values().min().unwrap() <= nko && nko <= values().max().unwrap());
            let shares: Decimal = found.perspectives.iter().map(|it| it.level.share).sum();
            prop_assert!((shares - Decimal::ONE).abs() < d("0.000000001"));
        }
    }

    /// Invariant 6, second half: equal indices give that index, whatever the weights.
    #[test]
    fn equal_indices_give_that_index(card in any_card(Just(Some(9_876)))) {
        let found = score_scorecard(&card, default_rules());
        prop_assert!(found.value.is_none_or(|it| it.get() == d("98.76")));
    }

    /// Invariant 7.
    #[test]
    fn an_unmeasurable_indicator_changes_coverage_only(
        card in any_card(prop::option::of(0i64..12_000)),
        weight in 0u32..9,
    ) {
        let mut more = card.clone();
        let Some(objective) = more.iter_mut().flat_map(|it| &mut it.objectives).next() else {
            return Ok(());
        };
        objective.indicators.push(indicator("new", weight, None));
        let (before, after) =
            (score_scorecard(&card, default_rules()), score_scorecard(&more, default_rules()));
        prop_assert_eq!(before.value, after.value);
        prop_assert_eq!(before.coverage.measured, after.coverage.measured);
        prop_assert_eq!(before.coverage.expected + 1, after.coverage.expected);
        for (one, other) in before.perspectives.iter().zip(&after.perspectives) {
            prop_assert_eq!(one.level.value, other.level.value);
        }
    }
}
