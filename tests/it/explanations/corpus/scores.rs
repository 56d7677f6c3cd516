//! Achievements and levels.

use std::borrow::Cow;

use ekinerja_domain::explanation::{
    Calculation, Counting, Explanation, IndicatorExplanation, LevelExplanation,
};
use ekinerja_domain::indicator::{IndicatorCode, IndicatorKind};
use ekinerja_domain::period::Period;
use ekinerja_domain::plan::Perspective;
use ekinerja_domain::quantity::{Operator, Rounding, Weight};
use ekinerja_domain::scale::{BandClosure, OrdinalScale, Scale, Traffic};
use ekinerja_domain::scorecard::{IndicatorScore, LevelKey, Placement, ScoreOutcome};
use ekinerja_domain::scoring::{
    Actual, InverseZeroActual, LateAs, Polarity, Reason, RuleChoice, RuleId, RuleSet, ScoreInput,
    Target, Verdict, ZeroTargetMax, ZeroTargetMin, score,
};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::shared::Dice;

/// A rule set of the catalogue with switches of its own.
fn rules(dice: &mut Dice) -> RuleSet {
    let closure = *dice.of(BandClosure::ALL);
    let scale = |dice: &mut Dice| {
        let name = *dice.of(Scale::names());
        Cow::Borrowed(Scale::closed(name, closure).expect("in the catalogue"))
    };
    let limits = |dice: &mut Dice, all: &[u32]| dice.maybe(|dice| Decimal::from(*dice.of(all)));
    RuleSet {
        cap: limits(dice, &[100, 110, 120, 200]),
        floor: limits(dice, &[0, 10]),
        full_marks_at_max: dice.one_in(2),
        rounding: *dice.of(Rounding::ALL),
        decimals: u32::try_from(dice.below(5)).expect("small"),
        late_as: *dice.of(LateAs::ALL),
        zero_target_min: *dice.of(ZeroTargetMin::ALL),
        zero_target_max: *dice.of(ZeroTargetMax::ALL),
        inverse_zero_actual: *dice.of(InverseZeroActual::ALL),
        iku_scale: scale(dice),
        nko_scale: scale(dice),
        ..dice.of(RuleSet::catalogue()).clone()
    }
}

fn ladder() -> &'static OrdinalScale {
    OrdinalScale::named("akip_grade").expect("in the catalogue")
}

fn grade(dice: &mut Dice) -> String {
    String::from(*dice.of(&["D", "C", "CC", "B", "BB", "A", "AA", "Z"]))
}

fn target(dice: &mut Dice, rule: RuleChoice) -> Option<Target> {
    let graded = rule == RuleChoice::Rule(RuleId::Ordinal);
    match dice.below(14) {
        _ if graded => Some(Target::text(grade(dice))),
        0 => None,
        1..=3 => {
            let (one, other) = (dice.number(), dice.number());
            // Reversed now and then, as somebody will type it.
            let (low, high) =
                if dice.one_in(9) { (one, other) } else { (one.min(other), one.max(other)) };
            Some(Target::range(low, high))
        }
        4 => Some(Target::text("baik")),
        _ => Some(Target {
            operator: dice.maybe(|dice| *dice.of(Operator::ALL)),
            ..Target::of(dice.number())
        }),
    }
}

fn actual(dice: &mut Dice, target: Option<&Target>, rule: RuleChoice) -> Actual {
    if rule == RuleChoice::Rule(RuleId::Ordinal) && !dice.one_in(12) {
        return Actual::Grade(grade(dice));
    }
    match dice.below(16) {
        0 => Actual::Missing { due: true },
        1 => Actual::Missing { due: false },
        2 => Actual::NotYetDue,
        3 => Actual::NotApplicable,
        // On the target, where edges and limits are.
        4 | 5 => match target.and_then(|it| it.value) {
            Some(value) => Actual::Value(value),
            None => Actual::Value(Decimal::from(dice.below(2))),
        },
        _ => Actual::Value(dice.number()),
    }
}

fn points(dice: &mut Dice) -> Cow<'static, [(Decimal, Decimal)]> {
    let whole = |number: usize| Decimal::from(number);
    let (low, high) = (dice.below(80), dice.below(90));
    Cow::Owned(vec![
        (whole(low), Decimal::ZERO),
        (whole(low + 1 + dice.below(19)), whole(high)),
        (whole(100), whole(high + dice.below(31))),
    ])
}

fn period() -> Period {
    "2024".parse().expect("a year")
}

fn placement(objective: usize, perspective: Perspective, weight: Weight) -> Placement {
    Placement {
        objective: Uuid::from_u128(objective as u128).into(),
        perspective: Some(perspective),
        kind: IndicatorKind::Iku,
        weight,
        perspective_weight: Weight::of_whole(25),
    }
}

/// An achievement, or why there is none.
pub(crate) fn indicator(dice: &mut Dice) -> Explanation {
    let rules = rules(dice);
    let rule = if dice.one_in(4) {
        RuleChoice::ByPolarity(*dice.of(Polarity::ALL))
    } else {
        RuleChoice::Rule(*dice.of(RuleId::ALL))
    };
    let target = target(dice, rule);
    let actual = actual(dice, target.as_ref(), rule);
    let input = ScoreInput {
        polarity: dice.maybe(|dice| *dice.of(Polarity::ALL)),
        baseline: dice.often(Dice::number),
        worst: dice.maybe(Dice::number),
        grades: Some(ladder().clone()),
        stabilize_points: dice.maybe(points),
        target_is_extreme: dice.one_in(3),
        ..ScoreInput::new(rule, target, actual)
    };
    let scored = score(&input, &rules);
    Explanation::Indicator(Box::new(IndicatorExplanation {
        indicator: Uuid::from_u128(1).into(),
        code: IndicatorCode::new("UJI").expect("a code"),
        name: String::from("Indikator uji"),
        unit: String::from("persen"),
        decimals: 2,
        measures: String::new(),
        period: period(),
        calculation: Calculation::of(&scored, &rules).with(&input),
        provisional: false,
        counting: Counting::Counts,
        placement: placement(1, Perspective::Customer, Weight::ONE),
        consolidation: None,
        figures: Vec::new(),
        target_illustrative: false,
        source: String::new(),
        publisher: None,
        retired_on: None,
        computed_at: "2024-01-01T00:00:00Z".parse().expect("a moment"),
    }))
}

fn kept(dice: &mut Dice, number: usize, rules: &RuleSet) -> IndicatorScore {
    let outcome = match dice.below(8) {
        0 => ScoreOutcome::NotMeasurable(*dice.of(Reason::ALL)),
        1 => ScoreOutcome::Judged(Verdict::Met),
        _ => ScoreOutcome::Measured,
    };
    // A quotient with all its digits.
    let value = (outcome == ScoreOutcome::Measured)
        .then(|| dice.number() / Decimal::from(3 + dice.below(7)));
    let weight = Weight::of_hundredths(u32::try_from(dice.below(400)).expect("small"));
    let perspective =
        *dice.of(&[Perspective::Finance, Perspective::Customer, Perspective::Learning]);
    let objective = 10 * (perspective as usize) + dice.below(3);
    let mut placement = placement(objective, perspective, weight);
    placement.perspective_weight =
        Weight::of_whole(10 + u32::from(perspective == Perspective::Finance));
    IndicatorScore {
        indicator: Uuid::from_u128(number as u128).into(),
        period: period(),
        rule_set: rules.id.clone(),
        rule: None,
        measurement: None,
        target: None,
        target_text: None,
        target_illustrative: false,
        outcome,
        achievement: value,
        uncapped: value,
        printed: value.map(|it| rules.print(it)),
        band: None,
        traffic: Traffic::Grey,
        provisional: dice.one_in(9),
        reported: !dice.one_in(9),
        inputs: ekinerja_domain::scoring::Inputs::default(),
        steps: Vec::new(),
        placement,
        consolidated: Vec::new(),
        missing: Vec::new(),
        computed_at: "2024-01-01T00:00:00Z".parse().expect("a moment"),
    }
}

/// A level of a scorecard of up to twelve indicators.
pub(crate) fn level(dice: &mut Dice) -> Explanation {
    let rules = rules(dice);
    let scores: Vec<_> = (0..=dice.below(12)).map(|number| kept(dice, number, &rules)).collect();
    let placed = dice.of(&scores).placement;
    let key = match dice.below(3) {
        0 => LevelKey::Organisation,
        1 => LevelKey::Perspective(placed.perspective.expect("placed")),
        _ => LevelKey::Objective(placed.objective),
    };
    let found = LevelExplanation::of(key, period(), &scores, &rules);
    Explanation::Level(Box::new(found.expect("it is on the scorecard")))
}
