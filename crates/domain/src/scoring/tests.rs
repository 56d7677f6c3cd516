//! Every rule with its declared answers, and the invariants that concern scoring.

use rust_decimal::Decimal;

use super::*;
use crate::scale::Traffic;

mod fixtures;
mod invariants;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn rules(name: &str) -> &'static RuleSet {
    RuleSet::named(name).unwrap()
}

fn value(target: &str, actual: &str) -> (Option<Target>, Actual) {
    (Some(Target::of(d(target))), Actual::Value(d(actual)))
}

fn scored(choice: RuleChoice, target: &str, actual: &str, rules: &RuleSet) -> Scored {
    let (target, actual) = value(target, actual);
    score(&ScoreInput::new(choice, target, actual), rules)
}

/// The printed achievement, or the reason's code.
fn shown(it: &Scored) -> String {
    match &it.outcome {
        Outcome::Measured { printed, .. } => format!("{:.2}", printed.get()),
        Outcome::Judged(verdict) => verdict.code().to_owned(),
        Outcome::NotMeasurable(reason) => reason.code().to_owned(),
    }
}

fn uncapped(it: &Scored) -> Decimal {
    match &it.outcome {
        Outcome::Measured { uncapped, .. } => uncapped.get(),
        other => panic!("not measured: {other:?}"),
    }
}

#[test]
fn each_formula_with_plain_numbers() {
    use RuleId::{
        MaxNegTarget, MaxRatio, Milestone, MinInverse, MinTwoMinus, Stabilize, StabilizeSymmetric,
    };
    for (rule, target, actual, answer) in [
        (MaxRatio, "80", "72", "90.00"),
        (MaxRatio, "80", "80", "100.00"),
        (MaxRatio, "80", "100", "125.00"),
        (MaxRatio, "80", "0", "0.00"),
        (MaxRatio, "80", "-8", "-10.00"),
        (MaxRatio, "3", "2", "66.67"),
        (MaxNegTarget, "-10", "-10", "100.00"),
        (MaxNegTarget, "-10", "-15", "50.00"),
        (MaxNegTarget, "-10", "-5", "150.00"),
        (MaxNegTarget, "-10", "5", "250.00"),
        (MaxNegTarget, "10", "5", "positive_target"),
        (MinTwoMinus, "20", "18", "110.00"),
        (MinTwoMinus, "20", "24", "80.00"),
        (MinTwoMinus, "20", "45", "-25.00"),
        (MinTwoMinus, "20", "20", "100.00"),
        (MinTwoMinus, "-20", "-25", "negative_target"),
        (MinInverse, "20", "18", "111.11"),
        (MinInverse, "20", "24", "83.33"),
        (MinInverse, "20", "45", "44.44"),
        (MinInverse, "20", "0", "100.00"),
        (MinInverse, "20", "-1", "negative_actual"),
        (MinInverse, "-20", "5", "negative_target"),
        (Stabilize, "50", "50", "120.00"),
        (Stabilize, "50", "48.5", "114.00"),
        (Stabilize, "50", "52.5", "110.00"),
        (Stabilize, "50", "45", "100.00"),
        (Stabilize, "50", "40", "88.89"),
        (Stabilize, "50", "0", "0.00"),
        (Stabilize, "50", "200", "0.00"),
        (Stabilize, "0", "0", "zero_target"),
        (Stabilize, "-5", "-5", "negative_target"),
        (StabilizeSymmetric, "50", "52", "96.00"),
        (StabilizeSymmetric, "50", "48", "96.00"),
        (StabilizeSymmetric, "50", "50", "100.00"),
        (StabilizeSymmetric, "50", "120", "0.00"),
        (Milestone, "1", "1", "100.00"),
        (Milestone, "1", "0", "0.00"),
        (Milestone, "5", "3", "60.00"),
        (Milestone, "5", "7", "100.00"),
        (Milestone, "0", "0", "zero_target"),
    ] {
        let found = scored(RuleChoice::Rule(rule), target, actual, rules("lkj"));
        assert_eq!(shown(&found), answer, "{rule} T {target} R {actual}");
        assert_eq!(found.rule, Some(rule));
    }
}

#[test]
fn formulas_with_a_baseline() {
    for (rule, baseline, target, actual, answer) in [
        (RuleId::MinBaseline, Some("20"), "10", "15", "50.00"),
        (RuleId::MinBaseline, Some("20"), "10", "10", "100.00"),
        (RuleId::MinBaseline, Some("20"), "10", "25", "-50.00"),
        (RuleId::MinBaseline, Some("20"), "0", "5", "75.00"),
        (RuleId::MinBaseline, Some("10"), "10", "10", "baseline_is_target"),
        (RuleId::MinBaseline, Some("5"), "10", "7", "baseline_beyond_target"),
        (RuleId::MinBaseline, None, "10", "7", "no_baseline"),
        (RuleId::MaxBaseline, Some("60"), "80", "75", "75.00"),
        (RuleId::MaxBaseline, Some("60"), "80", "60", "0.00"),
        (RuleId::MaxBaseline, Some("80"), "60", "70", "baseline_beyond_target"),
        (RuleId::MaxBaseline, Some("-10"), "0", "-5", "50.00"),
    ] {
        let (goal, reached) = value(target, actual);
        let mut input = ScoreInput::new(RuleChoice::Rule(rule), goal, reached);
        input.baseline = baseline.map(d);
        let found = score(&input, rules("lkj"));
        assert_eq!(shown(&found), answer, "{rule} B {baseline:?} T {target} R {actual}");
    }
}

#[test]
fn ranges_count_the_distance_from_the_nearer_bound() {
    for (rule, actual, answer) in [
        (RuleId::RangeMax, "35", "100.00"),
        (RuleId::RangeMax, "30", "100.00"),
        (RuleId::RangeMax, "40", "100.00"),
        (RuleId::RangeMax, "44", "110.00"),
        (RuleId::RangeMax, "24", "80.00"),
        (RuleId::RangeMin, "35", "100.00"),
        (RuleId::RangeMin, "44", "90.00"),
        (RuleId::RangeMin, "24", "120.00"),
        (RuleId::Stabilize, "35", "120.00"),
        (RuleId::Stabilize, "44", "100.00"),
        (RuleId::Stabilize, "27", "100.00"),
        (RuleId::StabilizeSymmetric, "35", "100.00"),
        (RuleId::StabilizeSymmetric, "44", "90.00"),
        (RuleId::StabilizeSymmetric, "24", "80.00"),
    ] {
        let target = Some(Target::range(d("30"), d("40")));
        let input = ScoreInput::new(RuleChoice::Rule(rule), target, Actual::Value(d(actual)));
        assert_eq!(shown(&score(&input, rules("lkj"))), answer, "{rule} {actual}");
    }
    let range = |rule, low, high, actual| {
        let target = Some(Target::range(d(low), d(high)));
        let input = ScoreInput::new(rule, target, Actual::Value(d(actual)));
        shown(&score(&input, rules("lkj")))
    };
    let range_max = RuleChoice::Rule(RuleId::RangeMax);
    assert_eq!(range(range_max, "40", "30", "35"), "range_reversed");
    assert_eq!(range(range_max, "0", "10", "5"), "100.00");
    assert_eq!(range(range_max, "0", "10", "-1"), "range_bound_not_positive");
    // A direction picks the range formula when the target is a range.
    assert_eq!(range(RuleChoice::ByPolarity(Polarity::Maximize), "30", "40", "44"), "110.00");
    assert_eq!(range(RuleChoice::ByPolarity(Polarity::Minimize), "30", "40", "44"), "90.00");
    assert_eq!(range(RuleChoice::ByPolarity(Polarity::Stabilize), "30", "40", "35"), "120.00");
    assert_eq!(range(RuleChoice::Rule(RuleId::MaxRatio), "30", "40", "35"), "range_target");
    let no_range = scored(range_max, "30", "35", rules("lkj"));
    assert_eq!(shown(&no_range), "no_range");
}

#[test]
fn stabilize_points_come_from_the_manual_when_agreed() {
    let (target, actual) = value("50", "45");
    let mut input = ScoreInput::new(RuleChoice::Rule(RuleId::Stabilize), target, actual);
    input.stabilize_points = Some(vec![(d("80"), d("50")), (d("100"), d("100"))].into());
    assert_eq!(shown(&score(&input, rules("lkj"))), "75.00");
    // Below the first point: the first score.
    input.actual = Actual::Value(d("10"));
    assert_eq!(shown(&score(&input, rules("lkj"))), "50.00");
    input.stabilize_points = Some(vec![(d("100"), d("100")), (d("80"), d("50"))].into());
    assert_eq!(shown(&score(&input, rules("lkj"))), "bad_scale_points");
    input.stabilize_points = Some(vec![].into());
    assert_eq!(shown(&score(&input, rules("lkj"))), "bad_scale_points");
}

#[test]
fn grades_become_numbers_of_one_ladder() {
    for (target, actual, answer) in [
        ("WTP", "WTP", "100.00"),
        ("WTP", "WDP", "75.00"),
        ("AA", "BB", "71.43"),
        ("B", "A", "150.00"),
        ("Level 3", "Level 4", "133.33"),
        ("WTP", "BB", "unknown_grade"),
        ("WTP", "bagus", "unknown_grade"),
    ] {
        for rule in [RuleChoice::Rule(RuleId::Ordinal), RuleChoice::ByPolarity(Polarity::Maximize)]
        {
            let input =
                ScoreInput::new(rule, Some(Target::text(target)), Actual::Grade(actual.to_owned()));
            let found = score(&input, rules("lkj"));
            assert_eq!(shown(&found), answer, "{target} {actual}");
        }
    }
    let mut input = ScoreInput::new(
        RuleChoice::Rule(RuleId::Ordinal),
        Some(Target::text("Level 3")),
        Actual::Value(d("2")),
    );
    assert_eq!(shown(&score(&input, rules("lkj"))), "66.67");
    input.rule = RuleChoice::ByPolarity(Polarity::Minimize);
    assert_eq!(shown(&score(&input, rules("lkj"))), "text_target");
    input.rule = RuleChoice::Rule(RuleId::MaxRatio);
    assert_eq!(shown(&score(&input, rules("lkj"))), "text_target");
    input.target = Some(Target::of(d("3")));
    input.actual = Actual::Grade("WTP".to_owned());
    assert_eq!(shown(&score(&input, rules("lkj"))), "text_actual");
}

#[test]
fn met_or_not_has_no_percentage() {
    let judge = |target: &str, polarity, actual| {
        let mut input =
            ScoreInput::new(RuleChoice::Rule(RuleId::MetNotMet), Target::from_text(target), actual);
        input.polarity = polarity;
        score(&input, rules("default"))
    };
    let number = |it| Actual::Value(d(it));
    let grade = |it: &str| Actual::Grade(it.to_owned());
    for (target, polarity, actual, answer) in [
        ("80", None, number("80"), "met"),
        ("80", None, number("79.99"), "not_met"),
        ("80", Some(Polarity::Minimize), number("79.99"), "met"),
        ("80", Some(Polarity::Stabilize), number("79.99"), "not_met"),
        ("< 1 %", Some(Polarity::Maximize), number("1"), "not_met"),
        ("< 1 %", None, number("0.9"), "met"),
        ("maksimal 5 hari", None, number("5"), "met"),
        ("30-40", None, number("40"), "met"),
        ("30-40", None, number("41"), "not_met"),
        ("0", Some(Polarity::Minimize), number("0"), "met"),
        ("WTP", None, grade("WDP"), "not_met"),
        ("BB", None, grade("A"), "met"),
        ("BB", None, grade("WTP"), "unknown_grade"),
    ] {
        let found = judge(target, polarity, actual.clone());
        assert_eq!(shown(&found), answer, "{target} {polarity:?} {actual:?}");
        assert_eq!(found.index(), None, "a verdict enters no average");
    }
    assert_eq!(judge("80", None, number("81")).status(), Traffic::Green);
    assert_eq!(judge("80", None, number("79")).status(), Traffic::Red);
}

#[test]
fn a_milestone_without_steps_is_done_or_not() {
    for (actual, answer) in [("1", "100.00"), ("0", "0.00"), ("40", "not_done_or_undone")] {
        let input =
            ScoreInput::new(RuleChoice::Rule(RuleId::Milestone), None, Actual::Value(d(actual)));
        assert_eq!(shown(&score(&input, rules("lkj"))), answer);
    }
}

#[test]
fn a_negative_target_switches_the_formula_and_says_so() {
    for choice in [RuleChoice::ByPolarity(Polarity::Maximize), RuleChoice::Rule(RuleId::MaxRatio)] {
        let found = scored(choice, "-10", "-12", rules("lkj"));
        assert_eq!(shown(&found), "80.00", "R / T would have given 120 for a worse loss");
        assert_eq!(found.rule, Some(RuleId::MaxNegTarget));
        assert_eq!(found.steps[0].kind, StepKind::RuleSwitched);
    }
}

#[test]
fn missing_zero_not_applicable_and_not_yet_due_are_four_things() {
    let with = |actual, rules: &RuleSet| {
        let input = ScoreInput::new(
            RuleChoice::ByPolarity(Polarity::Maximize),
            Some(Target::of(d("10"))),
            actual,
        );
        score(&input, rules)
    };
    for (actual, answer, expected, status) in [
        (Actual::Value(d("0")), "0.00", true, Traffic::Red),
        (Actual::Missing { due: true }, "late", true, Traffic::Grey),
        (Actual::Missing { due: false }, "pending", false, Traffic::Grey),
        (Actual::NotApplicable, "not_applicable", false, Traffic::Grey),
        (Actual::NotYetDue, "not_yet_due", false, Traffic::Grey),
    ] {
        let found = with(actual, rules("default"));
        assert_eq!(shown(&found), answer);
        assert_eq!(found.is_expected(), expected, "{answer}");
        assert_eq!(found.status(), status, "{answer}");
        assert_eq!(found.reported, answer == "0.00");
    }
    let strict = RuleSet { late_as: LateAs::Zero, ..rules("default").clone() };
    let late = with(Actual::Missing { due: true }, &strict);
    assert_eq!(shown(&late), "0.00");
    assert!(!late.reported, "counted as zero, still unreported");
    assert_eq!(late.steps[0].kind, StepKind::LateAsZero);
    assert_eq!(shown(&with(Actual::Missing { due: false }, &strict)), "pending");
}

#[test]
fn without_target_or_direction_there_is_no_score() {
    let with = |rule, target| {
        shown(&score(&ScoreInput::new(rule, target, Actual::Value(d("5"))), rules("default")))
    };
    let maximize = RuleChoice::ByPolarity(Polarity::Maximize);
    assert_eq!(with(maximize, None), "no_target");
    assert_eq!(with(maximize, Some(Target::default())), "no_target");
    assert_eq!(with(RuleChoice::Rule(RuleId::MinTwoMinus), None), "no_target");
    assert_eq!(with(maximize, Target::from_text("50 dari 60")), "text_target");
    assert_eq!(with(RuleChoice::ByPolarity(Polarity::Neutral), None), "neutral");
    let target = Some(Target::of(d("5")));
    assert_eq!(with(RuleChoice::ByPolarity(Polarity::Neutral), target), "neutral");
}

#[test]
fn cap_and_floor_keep_the_uncapped_value() {
    let maximize = RuleChoice::ByPolarity(Polarity::Maximize);
    for (actual, printed, before, last) in [
        ("150", "120.00", "150", StepKind::Cap),
        ("120", "120.00", "120", StepKind::Formula),
        ("-1", "0.00", "-1", StepKind::Floor),
        ("0", "0.00", "0", StepKind::Formula),
    ] {
        let found = scored(maximize, "100", actual, rules("default"));
        assert_eq!(shown(&found), printed);
        assert_eq!(uncapped(&found), d(before));
        assert_eq!(found.steps.last().unwrap().kind, last, "R {actual}");
    }
    let reversed = RuleSet { cap: Some(d("50")), floor: Some(d("60")), ..rules("default").clone() };
    assert_eq!(shown(&scored(maximize, "100", "55", &reversed)), "cap_below_floor");
    assert_eq!(reversed.check(), Err(RuleSetError::CapBelowFloor));
}

#[test]
fn full_marks_for_an_extreme_target_that_is_met() {
    let with = |target, actual, rules: &RuleSet, polarity| {
        let (target, actual) = value(target, actual);
        let mut input = ScoreInput::new(RuleChoice::ByPolarity(polarity), target, actual);
        input.target_is_extreme = true;
        input.worst = Some(d("10"));
        score(&input, rules)
    };
    let met = with("100", "100", rules("kemenkeu127"), Polarity::Maximize);
    assert_eq!(shown(&met), "120.00");
    assert_eq!(uncapped(&met), d("100"));
    assert_eq!(shown(&with("100", "99", rules("kemenkeu127"), Polarity::Maximize)), "99.00");
    assert_eq!(shown(&with("0", "0", rules("kemenkeu127"), Polarity::Minimize)), "120.00");
    assert_eq!(shown(&with("100", "100", rules("default"), Polarity::Maximize)), "100.00");
}

#[test]
fn the_printed_number_is_rounded_once_and_decides_the_band() {
    let maximize = RuleChoice::ByPolarity(Polarity::Maximize);
    // 99.995 prints 100.00 and is green; cut instead, it prints 99.99 and is yellow.
    let rounded = scored(maximize, "20000", "19999", rules("default"));
    assert_eq!((shown(&rounded).as_str(), rounded.status()), ("100.00", Traffic::Green));
    assert_eq!(rounded.index().map(crate::quantity::Achievement::get), Some(d("99.995")));
    let cutting =
        RuleSet { rounding: crate::quantity::Rounding::Truncate, ..rules("default").clone() };
    let cut = scored(maximize, "20000", "19999", &cutting);
    assert_eq!((shown(&cut).as_str(), cut.status()), ("99.99", Traffic::Yellow));
    let coarse = RuleSet { decimals: 0, ..rules("default").clone() };
    assert_eq!(scored(maximize, "1000", "995", &coarse).status(), Traffic::Green);
}

#[test]
fn a_score_says_what_it_was_made_of() {
    let found = scored(RuleChoice::ByPolarity(Polarity::Minimize), "3", "10", rules("default"));
    assert_eq!(found.rule, Some(RuleId::MinTwoMinus));
    assert_eq!(found.rule_set.to_string(), "default v1");
    assert_eq!((found.inputs.target, found.inputs.actual), (Some(d("3")), Some(d("10"))));
    let kinds: Vec<_> = found.steps.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [StepKind::Formula, StepKind::Floor]);
    assert_eq!(found.steps[0].formula, "(2 − R / T) × 100");
    assert_eq!(found.steps[0].result.round_dp(4), d("-133.3333"));
}

#[test]
fn codes_are_unique_and_read_back() {
    for rule in RuleId::ALL {
        assert_eq!(RuleId::from_code(rule.code()), Some(*rule));
        let choice = RuleChoice::Rule(*rule);
        assert_eq!(RuleChoice::from_code(choice.code()), Some(choice));
    }
    for polarity in Polarity::ALL {
        let choice = RuleChoice::ByPolarity(*polarity);
        assert_eq!(RuleChoice::from_code(choice.code()), Some(choice));
    }
    assert_eq!(RuleId::from_code("max_ratio"), Some(RuleId::MaxRatio));
    // (T - R) / T gives 0 to "exactly on target"; it is seen in the field and not offered.
    for unknown in ["MinTMinusR", "max", "", "R/T"] {
        assert_eq!(RuleChoice::from_code(unknown), None, "{unknown}");
    }
}

#[test]
fn the_catalogue_is_sound_and_named() {
    for set in RuleSet::catalogue() {
        assert_eq!(set.check(), Ok(()), "{}", set.id);
        assert_eq!(RuleSet::version(set.name(), set.id.version), Some(set));
        let weights = set.perspective_weights;
        let sum: Decimal =
            ["F", "C", "I", "L"].iter().map(|it| weights.of_code(it).unwrap().get()).sum();
        assert_eq!(sum, d("100"));
        assert!(!set.basis.is_empty());
    }
    for name in
        ["default", "lkj", "kemenkeu127", "kemenkeu467", "regency_a", "regency_b", "comparison"]
    {
        assert_eq!(RuleSet::named(name).unwrap().name(), name);
    }
    assert_eq!(RuleSet::named("Kemenkeu-127").unwrap().name(), "kemenkeu127");
    assert_eq!(RuleSet::named("kemenkeu"), None);
    assert_eq!(RuleSet::version("default", 99), None);
    let day = |year| chrono::NaiveDate::from_ymd_opt(year, 6, 1).unwrap();
    assert_eq!(RuleSet::effective_on("kemenkeu127", day(2025)), None);
    assert!(RuleSet::effective_on("kemenkeu127", day(2026)).is_some());
}
