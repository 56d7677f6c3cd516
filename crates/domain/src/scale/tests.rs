//! Every edge of every scale, and that a scale is total and monotone.

use proptest::prelude::*;

use super::Traffic::{Green, Red};
use super::*;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// On each edge, a hundredth below and, where it differs, a hundredth above.
const EDGES: &[(&str, &[(&str, &str)])] = &[
    (
        "traffic467",
        &[
            ("100.01", "green"),
            ("100", "green"),
            ("99.99", "yellow"),
            ("80", "yellow"),
            ("79.99", "red"),
            ("0", "red"),
            ("-25", "red"),
        ],
    ),
    ("traffic127", &[("100.01", "green"), ("100", "yellow"), ("90", "yellow"), ("89.99", "red")]),
    (
        "traffic_regency_a",
        &[("90.01", "green"), ("90", "yellow"), ("70", "yellow"), ("69.99", "red")],
    ),
    (
        "nko127",
        &[
            ("110", "Sangat Baik"),
            ("109.99", "Baik"),
            ("100", "Baik"),
            ("99.99", "Cukup"),
            ("90", "Cukup"),
            ("89.99", "Kurang"),
            ("80", "Kurang"),
            ("79.99", "Buruk"),
        ],
    ),
    (
        "permendagri86",
        &[
            ("120", "Sangat Tinggi"),
            ("91", "Sangat Tinggi"),
            ("90.5", "Sangat Tinggi"),
            ("90.01", "Sangat Tinggi"),
            ("90", "Tinggi"),
            ("76", "Tinggi"),
            ("75.01", "Tinggi"),
            ("75", "Sedang"),
            ("66", "Sedang"),
            ("65.01", "Sedang"),
            ("65", "Rendah"),
            ("51", "Rendah"),
            ("50.01", "Rendah"),
            ("50", "Sangat Rendah"),
            ("0", "Sangat Rendah"),
        ],
    ),
    (
        "regency5",
        &[
            ("90.01", "Sangat Baik"),
            ("90", "Baik"),
            ("75", "Cukup"),
            ("65", "Kurang"),
            ("50", "Sangat Kurang"),
        ],
    ),
    (
        "akip_grade",
        &[
            ("100", "AA"),
            ("90.01", "AA"),
            ("90", "A"),
            ("80.01", "A"),
            ("80", "BB"),
            ("70.01", "BB"),
            ("70", "B"),
            ("60.01", "B"),
            ("60", "CC"),
            ("50.01", "CC"),
            ("50", "C"),
            ("30.01", "C"),
            ("30", "D"),
            ("0", "D"),
        ],
    ),
    (
        "skp46",
        &[
            ("90.01", "Sangat Baik"),
            ("90", "Baik"),
            ("75.01", "Baik"),
            ("75", "Cukup"),
            ("60.01", "Cukup"),
            ("60", "Kurang"),
            ("50.01", "Kurang"),
            ("50", "Buruk"),
        ],
    ),
    (
        "skm14",
        &[
            ("100", "A"),
            ("88.31", "A"),
            ("88.30", "B"),
            ("76.61", "B"),
            ("76.60", "C"),
            ("65", "C"),
            ("64.99", "D"),
            ("25", "D"),
            ("0", "D"),
        ],
    ),
];

#[test]
fn every_edge_of_every_scale() {
    assert_eq!(EDGES.len(), Scale::names().len(), "every scale has its edges here");
    for (name, cases) in EDGES {
        let scale = Scale::named(name).unwrap();
        for (score, code) in *cases {
            assert_eq!(scale.band(d(score)).code, *code, "{name} {score}");
        }
    }
}

#[test]
fn the_other_closure_gives_gaps_to_the_worse_band() {
    let lower = |name| Scale::closed(name, BandClosure::LowerInteger).unwrap();
    for (name, score, code) in [
        ("permendagri86", "91", "Sangat Tinggi"),
        ("permendagri86", "90.99", "Tinggi"),
        ("permendagri86", "75.5", "Sedang"),
        ("permendagri86", "65.5", "Rendah"),
        ("permendagri86", "50.5", "Sangat Rendah"),
        ("regency5", "90.5", "Baik"),
        ("skp46", "60.5", "Kurang"),
        ("akip_grade", "80.01", "A"),
        ("traffic467", "100", "green"),
    ] {
        assert_eq!(lower(name).band(d(score)).code, code, "{name} {score}");
    }
    // Both closures agree on every whole number.
    for name in Scale::names() {
        for whole in 0..=130 {
            let score = Decimal::from(whole);
            assert_eq!(Scale::named(name).unwrap().band(score).code, lower(name).band(score).code);
        }
    }
}

#[test]
fn the_printed_number_decides_the_band() {
    let akip = Scale::named("akip_grade").unwrap();
    assert_eq!(akip.band(d("80.004")).code, "BB");
    assert_eq!(akip.band(d("80.005")).code, "A");
    assert_eq!(Scale::named("Traffic467").unwrap().band(d("99.995")).status, Traffic::Green);
}

#[test]
fn names_are_read_leniently_and_unknown_ones_refused() {
    assert_eq!(Scale::named("TrafficRegencyA").unwrap().name(), "traffic_regency_a");
    assert_eq!(Scale::named("AkipGrade").unwrap().name(), "akip_grade");
    assert_eq!(Scale::named("traffic"), None);
}

#[test]
fn a_scale_with_a_gap_or_turned_round_is_refused() {
    let band = |lower: Option<i64>, status| Band {
        code: "x".into(),
        label: "x".into(),
        status,
        lower: lower.map(Decimal::from),
        inclusive: true,
    };
    let make = |bands| Scale::new("own", bands).map(|_| ());
    assert_eq!(make(vec![]), Err(ScaleError::Empty));
    assert_eq!(make(vec![band(Some(1), Green)]), Err(ScaleError::NotTotal));
    assert_eq!(make(vec![band(None, Green), band(None, Red)]), Err(ScaleError::NotTotal));
    assert_eq!(
        make(vec![band(Some(1), Green), band(Some(2), Red), band(None, Red)]),
        Err(ScaleError::NotFalling)
    );
    assert_eq!(make(vec![band(Some(1), Red), band(None, Green)]), Err(ScaleError::ColourRises));
    assert_eq!(make(vec![band(Some(1), Green), band(None, Red)]), Ok(()));
}

#[test]
fn the_catalogue_itself_passes_the_check() {
    for closure in BandClosure::ALL {
        for name in Scale::names() {
            let scale = Scale::closed(name, *closure).unwrap();
            let again = Scale::new(scale.name().to_owned(), scale.bands().cloned().collect());
            assert_eq!(again.as_ref(), Ok(scale));
        }
    }
}

#[test]
fn grades_map_to_numbers() {
    let opinion = OrdinalScale::named("bpk_opinion").unwrap();
    assert_eq!(opinion.number("WTP"), Some(d("4")));
    assert_eq!(opinion.number("opini wdp"), Some(d("3")));
    assert_eq!(opinion.number("A"), None);
    assert_eq!(OrdinalScale::named("level").unwrap().number("3"), Some(d("3")));
    assert_eq!(OrdinalScale::holding(&["BB", "a"]).unwrap().name(), "akip_grade");
    assert_eq!(OrdinalScale::holding(&["WTP", "BB"]), None);
    let doubled = vec![("x".into(), d("1")), ("X".into(), d("2"))];
    assert_eq!(OrdinalScale::new("own", doubled), None);
}

proptest! {
    /// Domain invariant 11.
    #[test]
    fn a_higher_score_never_has_a_worse_band(
        first in -1_000_000i64..=1_000_000,
        second in -1_000_000i64..=1_000_000,
        places in 0u32..=4,
    ) {
        let (low, high) = (first.min(second), first.max(second));
        for closure in BandClosure::ALL {
            for name in Scale::names() {
                let scale = Scale::closed(name, *closure).unwrap();
                let place = |score| {
                    let band = scale.band(Decimal::new(score, places));
                    scale.bands().position(|it| it == band).unwrap()
                };
                prop_assert!(place(high) <= place(low));
                // Total: exactly one band reaches the score while no better one does.
                let rounded = round(Decimal::new(low, places), 2, Rounding::HalfUp);
                let first_reached = scale.bands().position(|it| it.reaches(rounded));
                prop_assert_eq!(first_reached, Some(place(low)));
            }
        }
    }
}
