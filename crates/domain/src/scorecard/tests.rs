//! Which figures count, what is late, and that levels come from stored scores alone.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::consolidation::PeriodConsolidation;
use crate::ids::{AgencyId, PlanId, UserId};
use crate::indicator::{Frequency, IndicatorCode, IndicatorManual};
use crate::measurement::{FigureSource, Measurement, MeasurementStatus, Reading};
use crate::period::EntryWindow;
use crate::plan::Origin;
use crate::rollup::LocationConsolidation;
use crate::scoring::Polarity;
use crate::target::{Target, TargetStatus, TargetValue};

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn p(text: &str) -> Period {
    text.parse().unwrap()
}

fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

fn moment() -> DateTime<Utc> {
    "2024-02-01T00:00:00Z".parse().unwrap()
}

fn indicator(number: u128, frequency: Frequency, method: PeriodConsolidation) -> Indicator {
    Indicator {
        id: id(number),
        code: IndicatorCode::new(&format!("I{number}")).unwrap(),
        plan: id::<PlanId>(1),
        objective: id(10),
        kind: IndicatorKind::Iku,
        manual: IndicatorManual {
            name: "Indeks".into(),
            definition: String::new(),
            formula: String::new(),
            unit: "persen".into(),
            polarity: Polarity::Maximize,
            rule: None,
            decimals: 2,
            period_consolidation: method,
            location_consolidation: LocationConsolidation::None,
            weight_variable: None,
            numerator: None,
            denominator: None,
            source: "BPS".into(),
            publisher: None,
            frequency,
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

fn measurement(period: &str, revision: i32, value: &str, status: MeasurementStatus) -> Measurement {
    let (reading, value) = match value {
        "n/a" => (Reading::NotApplicable, None),
        value => (Reading::Value(d(value)), Some(d(value))),
    };
    Measurement {
        id: id(u128::from(revision.unsigned_abs()) * 1000
            + u128::from(p(period).quarter_number().unwrap_or(0))),
        indicator: id(1),
        owner_line: vec![id::<AgencyId>(1)],
        period: p(period),
        revision,
        reading,
        value,
        figure: FigureSource::default(),
        status,
        note: None,
        reason: None,
        rejection: None,
        recorded_by: id::<UserId>(1),
        recorded_by_name: String::new(),
        recorded_at: moment(),
        submitted_at: None,
        submitted_by: None,
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        lock_version: 1,
    }
}

fn target(period: &str, value: &str) -> Target {
    Target {
        id: id(500 + u128::from(p(period).quarter_number().unwrap_or(0))),
        indicator: id(1),
        period: p(period),
        value: TargetValue::Exactly(d(value)),
        illustrative: period == "2023-Q2",
        revision: 1,
        status: TargetStatus::Approved,
        reason: None,
        legal_basis: None,
        set_by: id::<UserId>(1),
        set_at: moment(),
    }
}

fn on(today: &str) -> Calendar {
    Calendar {
        today: today.parse::<NaiveDate>().unwrap(),
        window: EntryWindow::default(),
        closing: false,
    }
}

use MeasurementStatus::{Draft, Rejected, Submitted, Verified};

fn figure_on(
    it: &Indicator,
    period: &str,
    measurements: &[Measurement],
    targets: &[Target],
    today: &str,
) -> Figure {
    Figure::of(it, p(period), Known { measurements, targets }, on(today))
}

#[test]
fn verified_counts_until_its_correction_is_verified() {
    let yearly = indicator(1, Frequency::Yearly, PeriodConsolidation::TakeLastKnown);
    let of = |list: &[Measurement]| {
        let figure = figure_on(&yearly, "2023", list, &[], "2024-02-01");
        (figure.actual, figure.provisional)
    };
    let first = measurement("2023", 1, "10", Verified);
    for status in [Draft, Submitted, Rejected] {
        let list = [first.clone(), measurement("2023", 2, "11", status)];
        assert_eq!(of(&list), (Actual::Value(d("10")), false), "{status:?}");
    }
    let list = [first, measurement("2023", 2, "11", Verified)];
    assert_eq!(of(&list), (Actual::Value(d("11")), false));
    let submitted = measurement("2023", 1, "10", Submitted);
    assert_eq!(of(std::slice::from_ref(&submitted)), (Actual::Value(d("10")), true));
    // A newer draft takes the submission back; a rejected or drafted value is no value.
    for list in [
        vec![submitted, measurement("2023", 2, "9", Draft)],
        vec![measurement("2023", 1, "9", Draft)],
        vec![measurement("2023", 1, "9", Rejected)],
    ] {
        assert_eq!(of(&list), (Actual::Missing { due: true }, false));
    }
}

#[test]
fn zero_missing_not_applicable_and_not_yet_due_are_four_things() {
    let yearly = indicator(1, Frequency::Yearly, PeriodConsolidation::TakeLastKnown);
    let of = |list: &[Measurement], today| figure_on(&yearly, "2023", list, &[], today).actual;
    let verified = |value| [measurement("2023", 1, value, Verified)];
    assert_eq!(of(&verified("0"), "2024-02-01"), Actual::Value(Decimal::ZERO));
    assert_eq!(of(&verified("n/a"), "2024-02-01"), Actual::NotApplicable);
    assert_eq!(of(&[], "2023-12-31"), Actual::NotYetDue);
    assert_eq!(of(&[], "2024-01-15"), Actual::Missing { due: false });
    assert_eq!(of(&[], "2024-01-16"), Actual::Missing { due: true });
    let closing = Calendar { closing: true, ..on("2023-12-01") };
    let known = Known { measurements: &[], targets: &[] };
    let figure = Figure::of(&yearly, p("2023"), known, closing);
    assert_eq!(figure.actual, Actual::Missing { due: true }, "nothing comes on time any more");
}

#[test]
fn yearly_indicator_is_not_due_in_a_quarter() {
    let yearly = indicator(1, Frequency::Yearly, PeriodConsolidation::TakeLastKnown);
    assert_eq!(figure_on(&yearly, "2023-Q1", &[], &[], "2024-02-01").actual, Actual::NotYetDue);
}

#[test]
fn quarters_become_the_figure_to_date() {
    let quarterly = indicator(1, Frequency::Quarterly, PeriodConsolidation::Sum);
    let list = [
        measurement("2023-Q1", 1, "8", Verified),
        measurement("2023-Q2", 1, "25", Submitted),
        measurement("2023-Q3", 1, "30", Verified),
    ];
    let targets = [target("2023-Q1", "10"), target("2023-Q2", "20"), target("2023-Q4", "40")];
    let half = figure_on(&quarterly, "2023-Q2", &list, &targets, "2024-02-01");
    assert_eq!(half.actual, Actual::Value(d("33")));
    assert_eq!(half.target.and_then(|it| it.value), Some(d("30")));
    assert!(half.provisional && half.illustrative);
    assert_eq!(half.consolidated, [p("2023-Q1"), p("2023-Q2")]);
    // The fourth quarter is targeted and missing: the year is missing, not smaller.
    let year = figure_on(&quarterly, "2023", &list, &targets, "2024-02-01");
    assert_eq!(year.actual, Actual::Missing { due: true });
    assert_eq!(year.missing, [p("2023-Q4")]);
    let early = figure_on(&quarterly, "2023", &list, &targets, "2023-11-01");
    assert_eq!(early.actual, Actual::NotYetDue);
    // A quarter that does not apply leaves target and actual.
    let mut excused = list.to_vec();
    excused.push(measurement("2023-Q4", 1, "n/a", Verified));
    let year = figure_on(&quarterly, "2023", &excused, &targets, "2024-02-01");
    assert_eq!(year.actual, Actual::Value(d("33")));
    assert_eq!(year.target.and_then(|it| it.value), Some(d("30")));
}

#[test]
fn a_target_of_the_year_asks_every_quarter_and_of_a_level_the_last() {
    let list = [
        measurement("2023-Q1", 1, "10", Verified),
        measurement("2023-Q2", 1, "20", Verified),
        measurement("2023-Q4", 1, "40", Verified),
    ];
    let targets = [target("2023", "100")];
    let of = |method| {
        let it = indicator(1, Frequency::Quarterly, method);
        figure_on(&it, "2023", &list, &targets, "2024-02-01")
    };
    let sum = of(PeriodConsolidation::Sum);
    assert_eq!((sum.actual, sum.missing), (Actual::Missing { due: true }, vec![p("2023-Q3")]));
    let level = of(PeriodConsolidation::TakeLastKnown);
    assert_eq!(level.actual, Actual::Value(d("40")));
    assert_eq!(level.target.and_then(|it| it.value), Some(d("100")));
}

fn placement(objective: u128, perspective: Perspective) -> Placement {
    Placement {
        objective: id(objective),
        perspective: Some(perspective),
        kind: IndicatorKind::Iku,
        weight: Weight::ONE,
        perspective_weight: Weight::of_whole(25),
    }
}

fn score_of(number: u128, value: Option<&str>, placement: Placement) -> IndicatorScore {
    let it = indicator(number, Frequency::Yearly, PeriodConsolidation::TakeLastKnown);
    let list: Vec<_> = value.map(|it| measurement("2023", 1, it, Verified)).into_iter().collect();
    let figure = figure_on(&it, "2023", &list, &[target("2023", "100")], "2024-02-01");
    let rules = RuleSet::named("default").unwrap();
    score_indicator(&it, p("2023"), figure, rules, placement, moment())
}

#[test]
fn levels_come_from_the_scores_and_provisional_ones_enter_none() {
    let rules = RuleSet::named("default").unwrap();
    // Domain rule 2.6: P1 with 120 and 80, one objective each, P2 with 90: NKO 95.
    let mut scores = vec![
        score_of(1, Some("150"), placement(10, Perspective::Finance)),
        score_of(2, Some("80"), placement(11, Perspective::Finance)),
        score_of(3, Some("90"), placement(12, Perspective::Customer)),
    ];
    let value =
        |levels: &[Level], key| levels.iter().find(|it| it.key == key).and_then(|it| it.value);
    let levels = level_scores(&scores, rules);
    assert_eq!(value(&levels, LevelKey::Organisation), Some(d("95")));
    assert_eq!(value(&levels, LevelKey::Perspective(Perspective::Finance)), Some(d("100")));
    assert_eq!(value(&levels, LevelKey::Objective(id(10))), Some(d("120")));
    assert!(scores[0].is_capped() && scores[0].uncapped == Some(d("150")));

    scores[1].provisional = true;
    let missing = score_of(4, None, placement(12, Perspective::Customer));
    assert_eq!(missing.outcome, ScoreOutcome::NotMeasurable(Reason::Late));
    scores.push(missing);
    let mut supporting = score_of(5, Some("1"), placement(12, Perspective::Customer));
    supporting.placement.kind = IndicatorKind::Supporting;
    scores.push(supporting);
    let mut unplaced = score_of(6, Some("1"), placement(13, Perspective::Customer));
    unplaced.placement.perspective = None;
    scores.push(unplaced);
    let levels = level_scores(&scores, rules);
    assert_eq!(value(&levels, LevelKey::Organisation), Some(d("105")), "120 and 90");
    let coverage = levels[0].coverage;
    assert_eq!((coverage.measured, coverage.expected), (2, 4));
    let shares = indicator_shares(&scores, rules);
    assert_eq!(shares[&id(3)], Decimal::ONE);
    assert_eq!(shares[&id(4)], Decimal::ZERO);
    assert_eq!(shares.get(&id(5)), None);
}

#[test]
fn without_target_a_value_that_is_not_due_is_not_expected() {
    let it = indicator(1, Frequency::Yearly, PeriodConsolidation::TakeLastKnown);
    let rules = RuleSet::named("default").unwrap();
    let outcome = |today| {
        let figure = figure_on(&it, "2023", &[], &[], today);
        let place = placement(10, Perspective::Finance);
        score_indicator(&it, p("2023"), figure, rules, place, moment())
    };
    let early = outcome("2023-06-01");
    assert_eq!(early.outcome.code(), "not_yet_due");
    assert!(!early.is_expected());
    assert_eq!(outcome("2024-01-10").outcome.code(), "pending");
    assert_eq!(outcome("2024-02-01").outcome.code(), "no_target");
}

#[test]
fn outcomes_read_back() {
    let mut outcomes = vec![
        ScoreOutcome::Measured,
        ScoreOutcome::Judged(Verdict::Met),
        ScoreOutcome::Judged(Verdict::NotMet),
    ];
    outcomes.extend(Reason::ALL.iter().map(|it| ScoreOutcome::NotMeasurable(*it)));
    for outcome in outcomes {
        assert_eq!(ScoreOutcome::from_code(outcome.code()), Some(outcome));
    }
    assert_eq!(ScoreOutcome::from_code("green"), None);
}
