//! One "lower is better" indicator, four live systems, four answers: each case has its declared
//! answer here under every rule that is offered.

use super::*;

/// `(target, actual, answers)` with the answers of `lkj` by `MinTwoMinus`, `lkj` by `MinInverse`,
/// `regency_a` (floor 0, target 0 without value), `default` (cap 120) and `kemenkeu127`.
const CASES: [(&str, &str, [&str; 5]); 5] = [
    ("10", "10", ["100.00", "100.00", "100.00", "100.00", "100.00"]),
    ("10", "8", ["120.00", "125.00", "120.00", "120.00", "120.00"]),
    ("10", "12", ["80.00", "83.33", "80.00", "80.00", "80.00"]),
    ("10", "0", ["200.00", "100.00", "200.00", "120.00", "120.00"]),
    ("0", "0", ["100.00", "100.00", "zero_target", "100.00", "zero_target"]),
];

#[test]
fn lower_is_better_has_one_declared_answer_per_rule_set() {
    let minimize = RuleChoice::ByPolarity(Polarity::Minimize);
    for (target, actual, answers) in CASES {
        let found = [
            scored(RuleChoice::Rule(RuleId::MinTwoMinus), target, actual, rules("lkj")),
            scored(RuleChoice::Rule(RuleId::MinInverse), target, actual, rules("lkj")),
            scored(minimize, target, actual, rules("regency_a")),
            scored(minimize, target, actual, rules("default")),
            scored(minimize, target, actual, rules("kemenkeu127")),
        ];
        assert_eq!(found.each_ref().map(shown), answers, "T {target} R {actual}");
        // The rule set of the other application asks for `T / R` by itself.
        let other = scored(minimize, target, actual, rules("regency_b"));
        assert_eq!((other.rule, shown(&other)), (Some(RuleId::MinInverse), answers[1].to_owned()));
    }
}

#[test]
fn the_quarterly_sums_of_the_third_system_are_consolidated_first() {
    use crate::consolidation::{PeriodConsolidation, PeriodFigure, consolidate};
    // Two quarters of T 5 each; the system divides sum T by sum R.
    for (quarters, answer) in [
        (["5", "5"], "100.00"),
        (["4", "4"], "125.00"),
        (["6", "6"], "83.33"),
        (["0", "0"], "100.00"),
    ] {
        let periods = quarters.map(|actual| PeriodFigure {
            target: Some(d("5")),
            actual: Some(d(actual)),
            parts: None,
        });
        let year = consolidate(PeriodConsolidation::Sum, Decimal::ONE, &periods);
        let input = ScoreInput::new(
            RuleChoice::Rule(RuleId::MinInverse),
            year.target.map(Target::of),
            Actual::Value(year.actual.unwrap()),
        );
        assert_eq!(shown(&score(&input, rules("lkj"))), answer);
    }
}

#[test]
fn seventy_two_percent_is_three_things_in_three_regencies() {
    let maximize = RuleChoice::ByPolarity(Polarity::Maximize);
    for (set, status) in [
        ("default", Traffic::Red),
        ("regency_a", Traffic::Yellow),
        ("lkj", Traffic::Yellow),
        ("kemenkeu127", Traffic::Red),
    ] {
        let found = scored(maximize, "100", "72", rules(set));
        assert_eq!(found.status(), status, "{set}");
    }
    let band = |set: &str| match scored(maximize, "100", "72", rules(set)).outcome {
        Outcome::Measured { band, .. } => band.label.into_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        [band("default"), band("regency_a"), band("lkj"), band("regency_b")],
        ["Merah", "Kuning", "Sedang", "Cukup"]
    );
}

#[test]
fn a_target_of_zero_under_every_switch() {
    use ZeroTargetMin::{MetIsFull, NotMeasurable, WorstScale, WorstScaleElseMet};
    for (switch, worst, actual, answer) in [
        (WorstScaleElseMet, None, "0", "100.00"),
        (WorstScaleElseMet, None, "3", "zero_target"),
        (WorstScaleElseMet, Some("10"), "0", "100.00"),
        (WorstScaleElseMet, Some("10"), "3", "70.00"),
        (WorstScaleElseMet, Some("10"), "12", "0.00"),
        (WorstScaleElseMet, Some("0"), "0", "worst_not_positive"),
        (WorstScale, Some("10"), "3", "70.00"),
        (WorstScale, Some("10"), "12", "0.00"),
        (WorstScale, None, "0", "zero_target"),
        (WorstScale, None, "3", "zero_target"),
        (MetIsFull, None, "0", "100.00"),
        (MetIsFull, None, "3", "0.00"),
        (MetIsFull, Some("10"), "3", "0.00"),
        (NotMeasurable, None, "0", "zero_target"),
        (NotMeasurable, Some("10"), "3", "zero_target"),
    ] {
        let set = RuleSet { zero_target_min: switch, ..rules("lkj").clone() };
        for rule in [RuleId::MinTwoMinus, RuleId::MinInverse] {
            let (target, reached) = value("0", actual);
            let mut input = ScoreInput::new(RuleChoice::Rule(rule), target, reached);
            input.worst = worst.map(d);
            let found = score(&input, &set);
            assert_eq!(shown(&found), answer, "{switch} {rule} L {worst:?} R {actual}");
        }
    }
    for (switch, actual, answer) in [
        (ZeroTargetMax::NotMeasurable, "0", "zero_target"),
        (ZeroTargetMax::NotMeasurable, "5", "zero_target"),
        (ZeroTargetMax::MetIsFull, "0", "100.00"),
        (ZeroTargetMax::MetIsFull, "-1", "0.00"),
    ] {
        let set = RuleSet { zero_target_max: switch, ..rules("lkj").clone() };
        let found = scored(RuleChoice::ByPolarity(Polarity::Maximize), "0", actual, &set);
        assert_eq!(shown(&found), answer, "{switch} R {actual}");
    }
    let strict =
        RuleSet { inverse_zero_actual: InverseZeroActual::NotMeasurable, ..rules("lkj").clone() };
    let found = scored(RuleChoice::Rule(RuleId::MinInverse), "10", "0", &strict);
    assert_eq!(shown(&found), "zero_actual");
}
