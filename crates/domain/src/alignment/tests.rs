//! Cases of the module beside.

use super::AlignmentReason as Why;
use super::*;
use crate::measurement::FigureSource;
use crate::publication::{Definition, PublishedTarget, Standing};
use crate::rollup::LocationConsolidation;
use crate::scoring::Polarity;

fn code(text: &str) -> IndicatorCode {
    IndicatorCode::new(text).unwrap()
}

fn yardstick(text: &str) -> Yardstick {
    Yardstick {
        definition: Definition {
            code: code(text),
            release: Some("1.0.0".parse().unwrap()),
            fingerprint: "same".into(),
        },
        name: text.into(),
        unit: "persen".into(),
        polarity: Polarity::Minimize,
        rule: None,
        decimals: 2,
        worst: None,
        method: LocationConsolidation::OfficialOnly,
        weight_variable: None,
    }
}

fn objective(text: &str, indicators: &[&str]) -> ProvinceObjective {
    ProvinceObjective {
        code: text.into(),
        text: format!("Sasaran {text}"),
        indicators: indicators.iter().map(|it| yardstick(it)).collect(),
    }
}

fn theirs(text: &str, serves: Option<&str>) -> PublishedObjective {
    PublishedObjective {
        code: text.into(),
        text: format!("Sasaran {text}"),
        serves: serves.map(Into::into),
        indicators: 1,
        with_target: 1,
        reported: 1,
    }
}

fn line(text: &str, value: Option<u32>, target: Option<u32>) -> PublishedValue {
    PublishedValue {
        definition: yardstick(text).definition,
        name: text.into(),
        unit: "persen".into(),
        standing: if value.is_some() { Standing::Reported } else { Standing::Missing },
        value: value.map(Decimal::from),
        numerator: None,
        denominator: None,
        target: target
            .map_or(PublishedTarget::Unset, |it| PublishedTarget::Exactly(Decimal::from(it))),
        target_illustrative: false,
        figure: FigureSource::default(),
        revision: None,
        as_of: None,
    }
}

fn member(
    region: &str,
    objectives: Vec<PublishedObjective>,
    values: Vec<PublishedValue>,
) -> AlignedMember {
    AlignedMember {
        region: region.parse().unwrap(),
        name: region.into(),
        state: PublicationState::InForce,
        objectives,
        values: values.into_iter().map(|it| (it.definition.code.clone(), it)).collect(),
        size: None,
    }
}

fn only(objective: &ProvinceObjective, member: &AlignedMember) -> AlignmentCell {
    let matrix = align(std::slice::from_ref(objective), std::slice::from_ref(member));
    matrix.rows[0].cells[0].clone()
}

#[test]
fn served_and_wholly_measured_with_targets_is_aligned() {
    let ours = objective("3.1", &["P0", "TPT"]);
    let found = only(
        &ours,
        &member(
            "52.01",
            vec![theirs("2.1", Some("3.1"))],
            vec![line("P0", Some(13), Some(12)), line("TPT", None, Some(3))],
        ),
    );
    assert_eq!(found.alignment, Alignment::Aligned, "no number is needed to align");
    assert_eq!((found.measured, found.expected, found.reported), (2, 2, 1));
    assert_eq!(
        found.reasons,
        [Why::ServedBy { objective: "2.1".into() }, Why::NoValue(vec![code("TPT")])]
    );
}

#[test]
fn something_lacking_is_partly_and_says_what() {
    let ours = objective("3.1", &["P0", "TPT", "GINI"]);
    let mut other = line("TPT", Some(3), Some(3));
    other.definition.fingerprint = "other".into();
    let found = only(
        &ours,
        &member("52.01", vec![theirs("2.1", Some("3.1"))], vec![line("P0", Some(13), None), other]),
    );
    assert_eq!(found.alignment, Alignment::Partly);
    assert_eq!((found.measured, found.expected), (1, 3));
    assert_eq!(
        found.reasons,
        [
            Why::ServedBy { objective: "2.1".into() },
            Why::NotMeasured(vec![code("GINI")]),
            Why::OtherDefinition(vec![code("TPT")]),
            Why::NoTarget(vec![code("P0")]),
        ]
    );
}

#[test]
fn measured_under_an_own_objective_is_partly() {
    let ours = objective("3.1", &["P0"]);
    let found =
        only(&ours, &member("52.01", vec![theirs("9", None)], vec![line("P0", Some(1), Some(1))]));
    assert_eq!(found.alignment, Alignment::Partly);
    assert_eq!(found.reasons, [Why::MeasuredElsewhere(vec![code("P0")])]);
}

#[test]
fn nothing_is_none_and_nothing_published_is_unknown() {
    let ours = objective("3.1", &["P0"]);
    let none = only(&ours, &member("52.01", Vec::new(), Vec::new()));
    assert_eq!((none.alignment, none.reasons), (Alignment::None, vec![Why::NotServed]));
    for state in [PublicationState::None, PublicationState::Revoked, PublicationState::NotJoined] {
        let silent = AlignedMember {
            state,
            // Whatever lies about from before does not count.
            ..member("52.01", vec![theirs("2.1", Some("3.1"))], vec![line("P0", Some(1), Some(1))])
        };
        let found = only(&ours, &silent);
        assert_eq!(found.alignment, Alignment::Unknown);
        assert_eq!(found.reasons, [Why::NothingPublished(state)]);
    }
}

#[test]
fn objective_without_indicators_is_aligned_by_service_alone() {
    let ours = objective("6.2", &[]);
    let found = only(&ours, &member("52.01", vec![theirs("1", Some("6.2"))], Vec::new()));
    assert_eq!(found.alignment, Alignment::Aligned);
    assert!(found.reasons.contains(&Why::NothingToMeasure));
}

#[test]
fn orphans_are_told_on_both_sides() {
    let ours = [objective("3.1", &["P0"]), objective("4.1", &["IKLH"])];
    let matrix = align(
        &ours,
        &[
            member(
                "52.02",
                vec![theirs("7", None), theirs("8", Some("9.9"))],
                vec![line("P0", Some(1), Some(1))],
            ),
            member("52.01", vec![theirs("2.1", Some("3.1"))], Vec::new()),
        ],
    );
    assert!(!matrix.rows[0].is_orphan());
    assert!(matrix.rows[1].is_orphan(), "nobody carries 4.1");
    let orphans: Vec<_> = matrix.orphans.iter().map(|it| (it.code.as_str(), &it.serves)).collect();
    assert_eq!(orphans, [("7", &None), ("8", &Some("9.9".into()))]);
}

#[test]
fn an_objective_nobody_could_answer_for_is_no_orphan() {
    let silent =
        AlignedMember { state: PublicationState::None, ..member("52.01", Vec::new(), Vec::new()) };
    assert!(!align(&[objective("3.1", &["P0"])], &[silent]).rows[0].is_orphan());
}

#[test]
fn share_counts_people_only_when_all_are_known() {
    let ours = [objective("3.1", &[])];
    let sized = |region: &str, serves: Option<&str>, size: Option<u32>| AlignedMember {
        size: size.map(Decimal::from),
        ..member(region, vec![theirs("1", serves)], Vec::new())
    };
    let share = |members: &[AlignedMember]| align(&ours, members).rows[0].share;
    let known = [sized("52.01", Some("3.1"), Some(300)), sized("52.02", None, Some(100))];
    assert_eq!(share(&known), Some(Decimal::new(75, 2)));
    let unknown = [sized("52.01", Some("3.1"), Some(300)), sized("52.02", None, None)];
    assert_eq!(share(&unknown), None);
    assert_eq!(align(&ours, &known).rows[0].counts, [1, 0, 1, 0]);
}
