//! Cases of the module beside.

use uuid::Uuid;

use super::*;
use crate::measurement::FigureSource;
use crate::publication::{Definition, PublishedTarget, PublishedValue};
use crate::quantity::{Rounding, round};
use crate::rollup::{Basis, RollUpReason};
use crate::scoring::Polarity;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn code(text: &str) -> IndicatorCode {
    IndicatorCode::new(text).unwrap()
}

fn yardstick(text: &str, unit: &str, method: LocationConsolidation) -> Yardstick {
    Yardstick {
        definition: Definition {
            code: code(text),
            release: Some("1.0.0".parse().unwrap()),
            fingerprint: text.into(),
        },
        name: text.into(),
        unit: unit.into(),
        polarity: Polarity::Maximize,
        rule: None,
        decimals: 2,
        worst: None,
        method,
        weight_variable: (method != LocationConsolidation::Sum).then(|| code("PENDUDUK")),
    }
}

fn line(yardstick: &Yardstick, value: &str) -> PublishedLine {
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
            target: PublishedTarget::Unset,
            target_illustrative: false,
            figure: FigureSource::default(),
            revision: Some(1),
            as_of: None,
        },
    }
}

fn member(region: &str, lines: Vec<PublishedLine>) -> MemberLines {
    let lines = lines.into_iter().map(|it| (it.value.definition.code.clone(), it)).collect();
    MemberLines { region: region.parse().unwrap(), state: PublicationState::InForce, lines }
}

fn rolled(input: &PublishedRollUp<'_>, yardstick: &Yardstick) -> RolledUp<RegionCode> {
    input.of("2024".parse().unwrap(), yardstick).unwrap().rolled
}

fn known(yardsticks: &[&Yardstick]) -> BTreeMap<IndicatorCode, Yardstick> {
    yardsticks.iter().map(|it| (it.definition.code.clone(), (*it).clone())).collect()
}

/// Poor people of March 2024 in thousands, BPS as quoted by Databoks Katadata 2025. Sumbawa Barat and
/// Kota Mataram published none; the province's official figure is 709.01.
#[test]
fn poor_people_of_2024_are_eight_of_ten_beside_the_official_figure() {
    let jpm = yardstick("JPM", "ribu jiwa", LocationConsolidation::Sum);
    let mut members: Vec<_> = [
        ("52.01", "96.57"),
        ("52.02", "122.32"),
        ("52.03", "185.03"),
        ("52.04", "63"),
        ("52.05", "32.08"),
        ("52.06", "72.92"),
        ("52.08", "56.43"),
        ("52.72", "15.81"),
    ]
    .into_iter()
    .map(|(region, value)| member(region, vec![line(&jpm, value)]))
    .collect();
    members.push(member("52.07", Vec::new()));
    members.push(MemberLines { state: PublicationState::None, ..member("52.71", Vec::new()) });
    let official = line(&jpm, "709.01");
    let yardsticks = known(&[&jpm]);
    let input = PublishedRollUp {
        yardsticks: &yardsticks,
        members: &members,
        official: Some(&official),
        sizes: None,
    };
    let found = rolled(&input, &jpm);
    assert_eq!(found.computed, Some(d("644.16")));
    assert_eq!((found.value, found.basis), (Some(d("709.01")), Some(Basis::Official)));
    assert_eq!(found.difference, Some(d("-64.85")));
    assert_eq!((found.coverage.reporting, found.coverage.expected), (8, 10));
    assert!(found.partial);
    let missing: Vec<_> = found.excluded.iter().map(|it| (it.member.as_str(), it.reason)).collect();
    assert_eq!(
        missing,
        [("52.07", ExclusionReason::NotListed), ("52.71", ExclusionReason::NotReported)]
    );
}

#[test]
fn the_index_of_human_development_is_never_averaged() {
    let ipm = yardstick("IPM_SP2020", "indeks", LocationConsolidation::IpmFromComponents);
    let members =
        [member("52.08", vec![line(&ipm, "68.02")]), member("52.71", vec![line(&ipm, "81.15")])];
    let yardsticks = known(&[&ipm]);
    let official = line(&ipm, "72.37");
    let with = |official| {
        let input =
            PublishedRollUp { yardsticks: &yardsticks, members: &members, official, sizes: None };
        rolled(&input, &ipm)
    };
    let found = with(Some(&official));
    assert_eq!((found.value, found.basis), (Some(d("72.37")), Some(Basis::Official)));
    assert_eq!(found.computed, None);
    let without = with(None);
    assert_eq!((without.value, without.reason), (None, Some(RollUpReason::NothingReported)));
    assert!(without.excluded.iter().all(|it| it.reason == ExclusionReason::MissingComponents));
}

/// Components of 2024 (BPS); the other series of life expectancy must not slip in.
#[test]
fn index_is_estimated_from_components_of_its_own_series_only() {
    let ipm = yardstick("IPM_SP2020", "indeks", LocationConsolidation::IpmFromComponents);
    let sides: Vec<_> = ["UHH_SP2020", "UHH", "HLS", "RLS", "PPK", "PENDUDUK"]
        .map(|it| yardstick(it, "x", LocationConsolidation::Sum))
        .into();
    let mut yardsticks = known(&sides.iter().collect::<Vec<_>>());
    yardsticks.insert(code("IPM_SP2020"), ipm.clone());
    let lines = |life: &str| {
        let values = [
            (life, "74.83"),
            ("HLS", "15.68"),
            ("RLS", "9.58"),
            ("PPK", "16514"),
            ("PENDUDUK", "7"),
        ];
        let mut lines: Vec<_> =
            values.iter().map(|(text, value)| line(&yardsticks[&code(text)], value)).collect();
        lines.push(line(&ipm, "81.64"));
        lines
    };
    let roll = |life| {
        let members = [member("52.71", lines(life))];
        let input = PublishedRollUp {
            yardsticks: &yardsticks,
            members: &members,
            official: None,
            sizes: None,
        };
        rolled(&input, &ipm)
    };
    let found = roll("UHH_SP2020");
    assert_eq!(found.basis, Some(Basis::Estimate));
    assert_eq!(found.value.map(|it| round(it, 2, Rounding::HalfUp)), Some(d("81.64")));
    assert_eq!(roll("UHH").value, None);
}

#[test]
fn percentage_without_its_parts_is_not_rolled_up() {
    let p0 = yardstick("P0", "persen", LocationConsolidation::RatioOfSums);
    let mut with_parts = line(&p0, "10");
    with_parts.value.numerator = Some(d("100"));
    with_parts.value.denominator = Some(d("1000"));
    let mut second = line(&p0, "30");
    second.value.numerator = Some(d("30"));
    second.value.denominator = Some(d("100"));
    let yardsticks = known(&[&p0]);
    let roll = |members: &[MemberLines]| {
        let input =
            PublishedRollUp { yardsticks: &yardsticks, members, official: None, sizes: None };
        rolled(&input, &p0)
    };
    let bare = roll(&[member("52.01", vec![line(&p0, "10")])]);
    assert_eq!(bare.excluded[0].reason, ExclusionReason::MissingParts);
    assert_eq!(bare.value, None);
    let both = roll(&[member("52.01", vec![with_parts]), member("52.02", vec![second])]);
    // 130 of 1,100, not the mean 20 %.
    assert_eq!(both.value.map(|it| round(it, 2, Rounding::HalfUp)), Some(d("11.82")));
    assert_eq!((both.numerator, both.denominator), (Some(d("130")), Some(d("1100"))));
}

#[test]
fn figure_of_another_definition_is_left_out_and_an_official_one_too() {
    let jpm = yardstick("JPM", "ribu jiwa", LocationConsolidation::Sum);
    let mut other = line(&jpm, "1");
    other.value.definition.release = Some("2.0.0".parse().unwrap());
    let mut official = line(&jpm, "709.01");
    official.value.unit = "jiwa".into();
    let yardsticks = known(&[&jpm]);
    let members = [member("52.01", vec![other]), member("52.02", vec![line(&jpm, "2")])];
    let input = PublishedRollUp {
        yardsticks: &yardsticks,
        members: &members,
        official: Some(&official),
        sizes: None,
    };
    let found = rolled(&input, &jpm);
    assert_eq!((found.value, found.basis), (Some(d("2")), Some(Basis::Computed)));
    assert_eq!(found.excluded[0].reason, ExclusionReason::DifferentDefinition);
}

#[test]
fn sizes_are_of_the_nearest_period_in_which_all_are_known() {
    let regions: Vec<RegionCode> = ["52.01", "52.02"].map(|it| it.parse().unwrap()).into();
    let mut known = BTreeMap::new();
    let mut at = |period: &str, regions: &[&str]| {
        let of = regions.iter().map(|it| (it.parse().unwrap(), Decimal::ONE)).collect();
        known.insert(period.parse::<Period>().unwrap(), of);
    };
    at("2020", &["52.01", "52.02"]);
    at("2022", &["52.01"]);
    at("2025", &["52.01", "52.02"]);
    let nearest = |period: &str| {
        let found = Sizes::nearest(&code("PENDUDUK"), period.parse().unwrap(), &regions, &known);
        found.map(|it| it.period.to_string())
    };
    assert_eq!(nearest("2025").as_deref(), Some("2025"));
    assert_eq!(nearest("2024").as_deref(), Some("2020"), "2022 lacks one");
    assert_eq!(nearest("2019").as_deref(), Some("2020"), "nothing earlier");
    assert_eq!(nearest("2024-Q1"), None, "a year's size is not a quarter's");
}

#[test]
fn coverage_by_size_counts_people() {
    let jpm = yardstick("JPM", "ribu jiwa", LocationConsolidation::Sum);
    let yardsticks = known(&[&jpm]);
    let members = [member("52.01", vec![line(&jpm, "1")]), member("52.02", Vec::new())];
    let of = [("52.01", "300"), ("52.02", "100")]
        .map(|(region, size)| (region.parse().unwrap(), d(size)))
        .into();
    let sizes = Sizes { code: code("PENDUDUK"), period: "2025".parse().unwrap(), of };
    let input = PublishedRollUp {
        yardsticks: &yardsticks,
        members: &members,
        official: None,
        sizes: Some(&sizes),
    };
    assert_eq!(rolled(&input, &jpm).coverage.weight_share, Some(d("0.75")));
    assert_eq!(sizes.canonical(), "PENDUDUK@2025:52.01=300,52.02=100");
}
