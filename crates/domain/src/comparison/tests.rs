//! Cases of the module beside.

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::indicator::IndicatorCode;
use crate::measurement::FigureSource;
use crate::publication::{Definition, PublishedTarget};
use crate::quantity::Rounding;
use crate::rollup::LocationConsolidation;
use crate::scale::Traffic;
use crate::scoring::{Outcome, Reason};

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn p(text: &str) -> Period {
    text.parse().unwrap()
}

fn yardstick(code: &str, unit: &str, polarity: Polarity) -> Yardstick {
    Yardstick {
        definition: Definition {
            code: IndicatorCode::new(code).unwrap(),
            release: Some("1.0.0".parse().unwrap()),
            fingerprint: "same".into(),
        },
        name: code.into(),
        unit: unit.into(),
        polarity,
        rule: None,
        decimals: 2,
        worst: None,
        method: LocationConsolidation::OfficialOnly,
        weight_variable: None,
    }
}

fn line(yardstick: &Yardstick, value: &str, target: Option<&str>) -> PublishedLine {
    PublishedLine {
        publication: Uuid::from_u128(1).into(),
        number: 1,
        value: PublishedValue {
            definition: yardstick.definition.clone(),
            name: yardstick.name.clone(),
            unit: yardstick.unit.clone(),
            standing: Standing::Reported,
            value: Some(d(value)),
            numerator: None,
            denominator: None,
            target: target.map_or(PublishedTarget::Unset, |it| PublishedTarget::Exactly(d(it))),
            target_illustrative: target.is_some(),
            figure: FigureSource::default(),
            revision: Some(1),
            as_of: NaiveDate::from_ymd_opt(2024, 1, 10),
        },
    }
}

fn member(code: &str, name: &str, lines: Vec<(&str, PublishedLine)>) -> ComparedMember {
    ComparedMember {
        region: code.parse().unwrap(),
        name: name.into(),
        state: PublicationState::InForce,
        lines: lines.into_iter().map(|(period, line)| (p(period), line)).collect(),
    }
}

fn compared(yardstick: &Yardstick, period: &str, members: &[ComparedMember]) -> Comparison {
    let rules = RuleSet::named("comparison").unwrap();
    compare(ComparisonInput { yardstick, period: p(period), members, rules })
}

fn ranks(it: &Comparison) -> Vec<(String, Option<(u32, u32)>)> {
    let rank = |it: &Reporter| it.rank.map(|it| (it.first, it.last));
    it.reporters.iter().map(|it| (it.name.clone(), rank(it))).collect()
}

/// BPS, `IPM_SP2020` of 2022 and 2023 (IDN Times NTB, 2 December 2023; Antara NTB, 5 December 2023).
#[test]
fn regencies_stand_by_value_with_change_distance_and_achievement() {
    let ipm = yardstick("IPM_SP2020", "indeks", Polarity::Maximize);
    let found = compared(
        &ipm,
        "2023",
        &[
            member("52.08", "Lombok Utara", vec![("2023", line(&ipm, "68.02", Some("67.5")))]),
            member(
                "52.71",
                "Kota Mataram",
                vec![
                    ("2022", line(&ipm, "80.67", None)),
                    ("2023", line(&ipm, "81.15", Some("81.47"))),
                ],
            ),
        ],
    );
    assert_eq!(found.rule_set.to_string(), "comparison v1");
    assert_eq!(
        ranks(&found),
        [("Kota Mataram".into(), Some((1, 1))), ("Lombok Utara".into(), Some((2, 2)))]
    );
    let mataram = &found.reporters[0];
    let change = Change { value: d("0.48"), since: p("2022"), better: Some(true) };
    assert_eq!(mataram.change, Some(change));
    assert_eq!(mataram.distance, Some(Distance { value: d("-0.32"), met: Some(false) }));
    // 81.15 / 81.47 = 99.607 %, not capped by any regency's own rules.
    let Outcome::Measured { printed, .. } = &mataram.scored.outcome else { panic!("measured") };
    assert_eq!(printed.get(), d("99.61"));
    assert_eq!(mataram.scored.status(), Traffic::Yellow);
    let utara = &found.reporters[1];
    assert_eq!(utara.change, None, "2022 was not published");
    assert_eq!(utara.trend[0].value, None, "a gap, not a zero");
    assert_eq!(utara.distance.unwrap().met, Some(true));
}

#[test]
fn less_is_better_ranks_the_other_way_and_ties_share_a_rank() {
    let p0 = yardstick("P0", "persen", Polarity::Minimize);
    let found = compared(
        &p0,
        "2023",
        &[
            member("52.01", "A", vec![("2023", line(&p0, "13.6701", None))]),
            member("52.02", "B", vec![("2023", line(&p0, "12.93", None))]),
            member("52.03", "C", vec![("2023", line(&p0, "13.67", None))]),
            member("52.04", "D", vec![("2023", line(&p0, "15", None))]),
        ],
    );
    assert_eq!(
        ranks(&found),
        [
            ("B".into(), Some((1, 1))),
            // Printed alike, 13,67: they share the second and third place.
            ("A".into(), Some((2, 3))),
            ("C".into(), Some((2, 3))),
            ("D".into(), Some((4, 4))),
        ]
    );
    assert_eq!(found.reporters[0].scored.reason(), Some(Reason::NoTarget));
    assert_eq!(found.reporters[0].distance, None);
}

#[test]
fn without_a_good_direction_nobody_is_ranked_or_scored() {
    let people = yardstick("PENDUDUK", "jiwa", Polarity::Neutral);
    let found = compared(
        &people,
        "2023",
        &[
            member("52.02", "B", vec![("2023", line(&people, "2", Some("1")))]),
            member("52.01", "A", vec![("2023", line(&people, "1", Some("1")))]),
        ],
    );
    assert_eq!(ranks(&found), [("A".into(), None), ("B".into(), None)], "by code");
    assert_eq!(found.reporters[0].scored.reason(), Some(Reason::Neutral));
    assert_eq!(found.reporters[0].distance.unwrap().met, None);
}

#[test]
fn other_definitions_stand_apart_with_the_reason() {
    let p0 = yardstick("P0", "persen", Polarity::Minimize);
    let odd = |change: fn(&mut PublishedValue)| {
        let mut it = line(&p0, "13.67", None);
        change(&mut it.value);
        let members = [
            member("52.01", "A", vec![("2022", it.clone()), ("2023", it)]),
            member("52.02", "B", vec![("2023", line(&p0, "12.93", None))]),
        ];
        let found = compared(&p0, "2023", &members);
        assert_eq!(ranks(&found), [("B".into(), Some((1, 1)))], "the odd one takes no rank");
        let odd = found.odd.first().expect("an odd one");
        assert_eq!(odd.trend.iter().filter_map(|it| it.value).count(), 0, "nor a line");
        assert_eq!(odd.trend[0].incomparable, Some(odd.reason));
        odd.reason
    };
    assert_eq!(odd(|it| it.definition.release = None), Incomparable::LocalIndicator);
    let other = |it: &mut PublishedValue| it.definition.release = Some("2.0.0".parse().unwrap());
    assert_eq!(odd(other), Incomparable::OtherRelease);
    assert_eq!(odd(|it| it.unit = "promil".into()), Incomparable::OtherUnit);
    assert_eq!(odd(|it| it.definition.fingerprint = "x".into()), Incomparable::OtherDefinition);
}

#[test]
fn a_minor_release_stays_comparable() {
    let p0 = yardstick("P0", "persen", Polarity::Minimize);
    let mut newer = line(&p0, "13.67", None);
    newer.value.definition.release = Some("1.4.2".parse().unwrap());
    let found = compared(&p0, "2023", &[member("52.01", "A", vec![("2023", newer)])]);
    assert_eq!(ranks(&found), [("A".into(), Some((1, 1)))]);
}

#[test]
fn change_against_another_definition_is_not_computed() {
    let p0 = yardstick("P0", "persen", Polarity::Minimize);
    let mut before = line(&p0, "14", None);
    before.value.definition.release = Some("0.9.0".parse().unwrap());
    let lines = vec![("2022", before), ("2023", line(&p0, "13.67", None))];
    let found = compared(&p0, "2023", &[member("52.01", "A", lines)]);
    assert_eq!(found.reporters[0].change, None);
    assert_eq!(found.reporters[0].trend[0].incomparable, Some(Incomparable::OtherRelease));
}

#[test]
fn who_has_no_figure_stands_apart_with_the_reason() {
    let p0 = yardstick("P0", "persen", Polarity::Minimize);
    let with = |standing| {
        let mut it = line(&p0, "1", None);
        it.value.value = None;
        it.value.standing = standing;
        it
    };
    let state = |code: &str, state| ComparedMember { state, ..member(code, code, Vec::new()) };
    let members = [
        member("52.01", "A", vec![("2023", with(Standing::Missing))]),
        member("52.02", "B", vec![("2023", with(Standing::NotApplicable))]),
        member("52.03", "C", vec![("2023", with(Standing::NotYetDue))]),
        member("52.04", "D", vec![("2022", line(&p0, "5", None))]),
        state("52.05", PublicationState::None),
        state("52.06", PublicationState::Revoked),
        state("52.07", PublicationState::NotJoined),
    ];
    let found = compared(&p0, "2023", &members);
    let reasons: Vec<_> = found.silent.iter().map(|it| it.reason).collect();
    assert_eq!(
        reasons,
        [
            ExclusionReason::MissingValue,
            ExclusionReason::NotApplicable,
            ExclusionReason::NotYetDue,
            ExclusionReason::NotListed,
            ExclusionReason::NotReported,
            ExclusionReason::Revoked,
            ExclusionReason::NotJoined,
        ]
    );
    assert!(found.reporters.is_empty());
}

#[test]
fn zero_is_a_value() {
    let p0 = yardstick("P0", "persen", Polarity::Minimize);
    let found =
        compared(&p0, "2023", &[member("52.01", "A", vec![("2023", line(&p0, "0", None))])]);
    assert_eq!(found.reporters[0].value, Decimal::ZERO);
    assert_eq!(found.reporters[0].trend[0].value, Some(Decimal::ZERO));
}

#[test]
fn series_has_every_period_between_the_first_and_the_last() {
    let p0 = yardstick("P0", "persen", Polarity::Minimize);
    let quarter = line(&p0, "1", None);
    let lines = vec![
        ("2019", line(&p0, "16", None)),
        ("2023", line(&p0, "13.67", None)),
        ("2020-Q1", quarter),
    ];
    let found = compared(&p0, "2022", &[member("52.01", "A", lines)]);
    let shown: Vec<_> = found.periods.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["2019", "2020", "2021", "2022", "2023"], "and no quarter");
    let values: Vec<_> = found.silent[0].trend.iter().map(|it| it.value).collect();
    assert_eq!(values, [Some(d("16")), None, None, None, Some(d("13.67"))]);
}

#[test]
fn range_target_is_scored_and_has_no_single_distance() {
    let inflation = yardstick("INFLASI", "persen", Polarity::Stabilize);
    let mut it = line(&inflation, "3", None);
    it.value.target = PublishedTarget::Range { low: d("2"), high: d("4") };
    let found = compared(&inflation, "2023", &[member("52.01", "A", vec![("2023", it)])]);
    assert_eq!(found.reporters[0].distance, None);
    assert_eq!(found.reporters[0].scored.reason(), None);
}

#[test]
fn order_of_members_changes_nothing() {
    let p0 = yardstick("P0", "persen", Polarity::Minimize);
    let mut members: Vec<_> = (1..=8)
        .map(|at| {
            let value = format!("{}", 10 + at % 4);
            member(&format!("52.0{at}"), "x", vec![("2023", line(&p0, &value, Some("11")))])
        })
        .collect();
    let forwards = compared(&p0, "2023", &members);
    members.reverse();
    assert_eq!(forwards, compared(&p0, "2023", &members));
}

#[test]
fn printed_rounds_once() {
    let p0 = yardstick("P0", "persen", Polarity::Minimize);
    assert_eq!(printed(&p0, d("13.665")), round(d("13.665"), 2, Rounding::HalfUp));
}
