//! Explanations hold what their number follows from, and their sentences say nothing else.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::consolidation::PeriodConsolidation;
use crate::ids::PlanId;
use crate::indicator::{
    Baseline, Frequency, Indicator, IndicatorCode, IndicatorKind, IndicatorManual,
};
use crate::period::Period;
use crate::plan::{Origin, Perspective};
use crate::quantity::{Weight, format_id};
use crate::rollup::LocationConsolidation;
use crate::scorecard::{
    Figure, IndicatorScore, LevelKey, Placement, ScoreOutcome, level_scores, score_indicator,
};
use crate::scoring::{self, Actual, Polarity, Reason, RuleId, RuleSet};

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

fn moment() -> DateTime<Utc> {
    "2024-02-01T00:00:00Z".parse().unwrap()
}

fn period() -> Period {
    "2023".parse().unwrap()
}

fn indicator(number: u128, polarity: Polarity, rule: Option<RuleId>) -> Indicator {
    Indicator {
        id: id(number),
        code: IndicatorCode::new(&format!("I{number}")).unwrap(),
        plan: id::<PlanId>(1),
        objective: id(10),
        kind: IndicatorKind::Iku,
        manual: IndicatorManual {
            name: "Tingkat kemiskinan".into(),
            definition: String::new(),
            formula: String::new(),
            unit: "persen".into(),
            polarity,
            rule,
            decimals: 2,
            period_consolidation: PeriodConsolidation::TakeLastKnown,
            location_consolidation: LocationConsolidation::None,
            weight_variable: None,
            numerator: None,
            denominator: None,
            source: "BPS".into(),
            publisher: None,
            frequency: Frequency::Yearly,
            worst: None,
        },
        weight: Decimal::ONE,
        owner: None,
        baseline: None,
        origin: Origin::Local,
        modes: std::collections::BTreeMap::default(),
        retired_on: None,
        position: 1,
        revision: 1,
    }
}

fn placed(objective: u128, perspective: Perspective, weight: u32) -> Placement {
    Placement {
        objective: id(objective),
        perspective: Some(perspective),
        kind: IndicatorKind::Iku,
        weight: Weight::of_whole(weight),
        perspective_weight: Weight::of_whole(25),
    }
}

fn figure(actual: Actual, target: Option<scoring::Target>) -> Figure {
    Figure {
        actual,
        target,
        provisional: false,
        illustrative: false,
        measurement: None,
        target_id: None,
        consolidated: Vec::new(),
        missing: Vec::new(),
    }
}

fn scored(indicator: &Indicator, figure: Figure, rules: &RuleSet) -> IndicatorScore {
    let placement = placed(10, Perspective::Customer, 1);
    score_indicator(indicator, period(), figure, rules, placement, moment())
}

fn explained(
    indicator: &Indicator,
    score: &IndicatorScore,
    rules: &RuleSet,
) -> IndicatorExplanation {
    IndicatorExplanation::of(indicator, score, Some(rules), &[], &[], &[])
}

fn rules(name: &str) -> &'static RuleSet {
    RuleSet::named(name).unwrap()
}

/// The sentence, with plain spaces.
fn said(it: &Explanation, language: Language) -> String {
    sentence(it, language).replace('\u{a0}', " ")
}

#[test]
fn a_sentence_says_why_in_two_languages() {
    let indicator = indicator(1, Polarity::Maximize, None);
    let figure = figure(Actual::Value(d("8.3")), Some(scoring::Target::of(d("10"))));
    let rules = rules("default");
    let it = explained(&indicator, &scored(&indicator, figure, rules), rules);
    let it = Explanation::Indicator(Box::new(it));
    assert_eq!(
        said(&it, Language::Id),
        "Capaian 83,00 % karena realisasi 8,30 dari target 10,00 persen; makin besar makin baik. \
         Statusnya Kuning karena paling sedikit 80,00 %."
    );
    assert_eq!(
        said(&it, Language::En),
        "Achievement is 83.00 % because actual 8.30 of target 10.00 persen; higher is better. \
         Its status is Kuning because it is at least 80.00 %."
    );
}

#[test]
fn cap_absence_and_provisional_values_are_said() {
    let indicator = indicator(1, Polarity::Maximize, None);
    let rules = rules("default");
    let target = || Some(scoring::Target::of(d("10")));
    let mut capped = scored(&indicator, figure(Actual::Value(d("15")), target()), rules);
    capped.provisional = true;
    let it = explained(&indicator, &capped, rules);
    assert_eq!(it.counting, Counting::Provisional);
    let text = said(&Explanation::Indicator(Box::new(it)), Language::Id);
    for part in [
        "Capaian 120,00 % karena realisasi 15,00 dari target 10,00 persen",
        "Sebelum dibatasi 150,00 %; batas atasnya 120,00 %.",
        "Statusnya Hijau karena paling sedikit 100,00 %.",
        "Nilai ini sementara",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let late = scored(&indicator, figure(Actual::Missing { due: true }, target()), rules);
    let it = explained(&indicator, &late, rules);
    assert_eq!(it.counting, Counting::NoAchievement);
    assert_eq!(
        said(&Explanation::Indicator(Box::new(it)), Language::Id),
        format!("Belum ada capaian: {}.", Reason::Late.text_id())
    );
}

#[test]
fn a_worst_band_names_the_edge_that_was_missed() {
    let indicator = indicator(1, Polarity::Minimize, None);
    let rules = rules("default");
    let figure = figure(Actual::Value(d("15")), Some(scoring::Target::of(d("10"))));
    let it = explained(&indicator, &scored(&indicator, figure, rules), rules);
    let band = it.calculation.band.clone().unwrap();
    assert_eq!((band.band.lower, band.missed.unwrap().lower), (None, Some(d("80"))));
    let text = said(&Explanation::Indicator(Box::new(it)), Language::Id);
    assert!(text.contains("belum mencapai Kuning, yang paling sedikit 80,00 %"), "{text}");
}

#[test]
fn levels_are_explained_by_the_calculation_that_made_them() {
    let rules = rules("default");
    let target = || Some(scoring::Target::of(d("100")));
    let score = |number, objective, perspective, value: Option<&str>, weight| {
        let indicator = indicator(number, Polarity::Maximize, None);
        let actual = value.map_or(Actual::Missing { due: true }, |it| Actual::Value(d(it)));
        let mut score = scored(&indicator, figure(actual, target()), rules);
        score.placement = placed(objective, perspective, weight);
        score
    };
    let mut provisional = score(5, 11, Perspective::Customer, Some("10"), 1);
    provisional.provisional = true;
    let scores = [
        score(1, 10, Perspective::Finance, Some("90"), 3),
        score(2, 10, Perspective::Finance, Some("60"), 1),
        score(3, 10, Perspective::Finance, None, 4),
        score(4, 11, Perspective::Customer, Some("70"), 1),
        provisional,
        score(6, 12, Perspective::Learning, None, 1),
    ];
    for level in level_scores(&scores, rules) {
        let it = LevelExplanation::of(level.key, period(), &scores, rules).unwrap();
        assert_eq!(it.value, level.value, "{:?}", level.key);
        assert_eq!((it.coverage, it.traffic), (level.coverage, level.traffic));
        assert_eq!(it.share_of_total, level.share);
        assert_eq!(it.band.map(|it| it.band.code.into_owned()), level.band);
    }
    let objective = LevelKey::Objective(id(10));
    let it = LevelExplanation::of(objective, period(), &scores, rules).unwrap();
    assert_eq!(it.value, Some(d("82.5")));
    let shares: Vec<_> = it.members.iter().map(|it| it.share).collect();
    assert_eq!(shares, [d("0.75"), d("0.25"), Decimal::ZERO]);
    assert_eq!(it.members[2].excluded, Some(MemberExclusion::NotMeasurable(Reason::Late)));
    let it = LevelExplanation::of(LevelKey::Objective(id(11)), period(), &scores, rules).unwrap();
    assert_eq!(it.members[1].excluded, Some(MemberExclusion::Provisional));
    let nko = LevelExplanation::of(LevelKey::Organisation, period(), &scores, rules).unwrap();
    let text = said(&Explanation::Level(Box::new(nko)), Language::Id);
    assert!(text.starts_with("NKO 76,25 % karena"), "{text}");
    assert!(text.contains("2 di antara 3 perspektif"), "{text}");
    assert_eq!(LevelExplanation::of(LevelKey::Objective(id(99)), period(), &scores, rules), None);
}

/// Every number of a text, as it stands there.
fn numbers(text: &str) -> Vec<String> {
    let mark = |it: char| it.is_ascii_digit() || matches!(it, '.' | ',' | '-');
    text.split(|it: char| !mark(it))
        .map(|it| it.trim_end_matches(['.', ',']).to_owned())
        .filter(|it| it.chars().any(|it| it.is_ascii_digit()))
        .collect()
}

/// The numbers that a sentence about this may contain.
fn known(it: &IndicatorExplanation) -> BTreeSet<String> {
    let calculation = &it.calculation;
    let inputs = &calculation.inputs;
    let range = inputs.range.map(|(low, high)| [low, high]).into_iter().flatten();
    let recorded = [inputs.actual, inputs.target, inputs.baseline, inputs.worst];
    let recorded = recorded.into_iter().flatten().chain(range);
    let rules = calculation.rules.as_ref().unwrap();
    let edges = calculation.band.iter().flat_map(|it| {
        [it.band.lower, it.missed.as_ref().and_then(|it| it.lower)].into_iter().flatten()
    });
    let limits = [rules.cap, rules.floor, calculation.printed, calculation.uncapped];
    let full = calculation.steps.iter().map(|it| it.result);
    let percents = limits.into_iter().flatten().chain(edges).chain(full);
    recorded
        .map(|value| format_id(value, it.decimals_of(value)))
        .chain(percents.map(|value| format_id(value, rules.decimals)))
        .collect()
}

fn any_number() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        6 => (-20_000i64..200_000, 0u32..5).prop_map(|(digits, scale)| Decimal::new(digits, scale)),
        1 => Just(Decimal::ZERO),
    ]
}

fn any_target() -> impl Strategy<Value = Option<scoring::Target>> {
    prop_oneof![
        6 => any_number().prop_map(|it| Some(scoring::Target::of(it))),
        2 => (any_number(), any_number()).prop_map(|(one, other)| {
            Some(scoring::Target::range(one.min(other), one.max(other)))
        }),
        1 => Just(Some(scoring::Target::text("WTP"))),
        1 => Just(None),
    ]
}

fn any_actual() -> impl Strategy<Value = Actual> {
    prop_oneof![
        8 => any_number().prop_map(Actual::Value),
        1 => Just(Actual::Missing { due: true }),
        1 => Just(Actual::NotYetDue),
    ]
}

fn any_indicator() -> impl Strategy<Value = Indicator> {
    let rule = prop::option::of(prop::sample::select(RuleId::ALL));
    let number = || prop::option::of(any_number());
    (prop::sample::select(Polarity::ALL), rule, number(), number()).prop_map(
        |(polarity, rule, worst, baseline)| {
            let mut it = indicator(1, polarity, rule);
            it.manual.worst = worst;
            it.baseline = baseline.map(|value| Baseline { value, year: 2022, verified: true });
            it
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Features M1.4: what a sentence says is in the explanation, and is right.
    #[test]
    fn no_sentence_says_a_number_that_is_not_explained(
        indicator in any_indicator(),
        target in any_target(),
        actual in any_actual(),
        rules in prop::sample::select(RuleSet::catalogue()),
    ) {
        let score = scored(&indicator, figure(actual, target), &rules);
        let it = explained(&indicator, &score, &rules);
        let known = known(&it);
        let text = said(&Explanation::Indicator(Box::new(it.clone())), Language::Id);
        match score.outcome {
            ScoreOutcome::NotMeasurable(reason) => {
                prop_assert!(text.contains(reason.text_id()), "{}", text);
            }
            _ => for number in numbers(&text) {
                prop_assert!(known.contains(&number), "{} in {}: {:?}", number, text, known);
            }
        }
        let english = said(&Explanation::Indicator(Box::new(it)), Language::En);
        if let Some(printed) = score.printed {
            let head = format!("Capaian {} % karena", format_id(printed, rules.decimals));
            prop_assert!(text.starts_with(&head), "{} {}", head, text);
            prop_assert_eq!(numbers(&text).len(), numbers(&english).len());
            let actual = score.inputs.actual.map(|it| (it, text.contains("realisasi")));
            if let Some((actual, true)) = actual && score.rule != Some(RuleId::Milestone) {
                let shown = format_id(actual, 2.max(actual.normalize().scale().min(6)));
                prop_assert!(text.contains(&shown), "{} in {}", shown, text);
            }
        }
    }
}
