//! What the committed data must say, whoever changes the generator.

use std::collections::BTreeSet;

use super::agencies::Agency;
use super::figures::{Figure, Method};
use super::fixed::Fixed;
use super::plan::Plan;
use super::regencies::Members;
use super::targets::{Baseline, Basis, Target};
use super::{FOLDER, dictionary};
use crate::generate::foreign::{root, tests::committed};

fn rows<T: serde::de::DeserializeOwned>(name: &str) -> Vec<T> {
    let text = committed(FOLDER, name);
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

fn figures() -> Vec<Figure> {
    rows("figures.csv")
}

fn plan() -> Plan {
    serde_json::from_str(&committed(FOLDER, "plan.json")).unwrap()
}

fn fixed(text: &str) -> Fixed {
    text.parse().unwrap()
}

fn value(region: &str, indicator: &str, year: u16) -> Option<String> {
    figures()
        .iter()
        .find(|f| f.region_code == region && f.indicator_code == indicator && f.year == year)
        .map(|f| f.value.to_string())
}

#[test]
fn no_figure_was_lost_and_doubt_is_kept() {
    let figures = figures();
    let of = |method| figures.iter().filter(|f| f.method == method).count();
    assert_eq!(figures.len(), 614);
    assert_eq!((of(Method::Published), of(Method::Derived), of(Method::Recalled)), (556, 38, 20));
    assert_eq!(figures.iter().filter(|f| !f.verified).count(), 29);
    assert!(figures.iter().filter(|f| f.method == Method::Recalled).all(|f| !f.verified));
    assert!(figures.iter().all(|f| !f.source.is_empty()));
    assert_eq!(figures.iter().filter(|f| f.region_code == "52").count(), 136);
}

#[test]
fn the_official_ipm_of_2023_is_the_provinces_own_and_no_mean() {
    assert_eq!(value("52", "IPM_SP2020", 2023).as_deref(), Some("72.37"));
    let regencies: Vec<_> = figures()
        .into_iter()
        .filter(|f| f.indicator_code == "IPM_SP2020" && f.year == 2023 && f.region_code != "52")
        .collect();
    assert_eq!(regencies.len(), 10);
    let total = regencies.iter().fold(Fixed::ZERO, |total, f| total + f.value);
    assert_eq!(total.over(10).rounded(2), fixed("72.93"));
}

#[test]
fn the_two_ipm_and_the_two_stunting_series_stay_apart() {
    assert_eq!(value("52", "IPM", 2022).as_deref(), Some("69.46"));
    assert_eq!(value("52", "IPM_SP2020", 2022).as_deref(), Some("71.65"));
    assert_eq!(value("52", "STUNTING_SSGI", 2022).as_deref(), Some("32.7"));
    assert_eq!(value("52", "STUNTING_EPPGBM", 2022).as_deref(), Some("16.84"));
    assert!(figures().iter().all(|f| f.indicator_code != "IPM" || f.year <= 2022));
    let dictionary = dictionary::read(&root().join(FOLDER)).unwrap();
    for (one, other) in [("IPM", "IPM_SP2020"), ("STUNTING_SSGI", "STUNTING_EPPGBM")] {
        assert_eq!(dictionary.find(one).unwrap().never_joined_with, [other]);
    }
    // The plan's written baseline for e-PPGBM is a survey figure: it must not come back.
    let eppgbm = rows::<Baseline>("baselines.csv")
        .into_iter()
        .find(|b| b.region_code == "52" && b.indicator_code == "STUNTING_EPPGBM")
        .unwrap();
    assert_eq!((eppgbm.year, eppgbm.value), (2019, fixed("25.9")));
}

#[test]
fn eight_of_ten_regencies_report_their_poor_of_2024() {
    let of_2024: Vec<_> =
        figures().into_iter().filter(|f| f.indicator_code == "JPM" && f.year == 2024).collect();
    let (official, reported): (Vec<_>, Vec<_>) =
        of_2024.into_iter().partition(|f| f.region_code == "52");
    assert_eq!(official[0].value, fixed("709.01"));
    let codes: BTreeSet<_> = reported.iter().map(|f| f.region_code.as_str()).collect();
    assert_eq!(codes.len(), 8);
    assert!(!codes.contains("52.07") && !codes.contains("52.71"));
    let total = reported.iter().fold(Fixed::ZERO, |total, f| total + f.value);
    assert_eq!(total, fixed("644.16"));
}

#[test]
fn the_registered_people_of_the_ten_add_up_to_the_province() {
    let of_2025: Vec<_> = figures()
        .into_iter()
        .filter(|f| f.indicator_code == "PENDUDUK" && f.year == 2025)
        .collect();
    let (province, ten): (Vec<_>, Vec<_>) =
        of_2025.into_iter().partition(|f| f.region_code == "52");
    assert_eq!(ten.len(), 10);
    assert_eq!(ten.iter().fold(Fixed::ZERO, |total, f| total + f.value), province[0].value);
}

#[test]
fn averages_are_forbidden_where_they_mislead() {
    let dictionary = dictionary::read(&root().join(FOLDER)).unwrap();
    let method = |code: &str| dictionary.find(code).unwrap().location_consolidation.clone();
    assert_eq!(method("JPM"), "sum");
    assert_eq!(method("PENDUDUK"), "sum");
    assert_eq!(method("P0"), "ratio_of_sums");
    assert_eq!(method("TPT"), "ratio_of_sums");
    assert_eq!(method("IPM"), "ipm_from_components");
    assert_eq!(method("IPM_SP2020"), "ipm_from_components");
    assert_eq!(method("GINI"), "official_only");
    assert_eq!(method("SAKIP"), "distribution");
    assert_eq!(method("JALAN_MANTAP"), "none");
}

#[test]
fn the_plan_is_whole_and_every_series_stands_in_it_once() {
    let plan = plan();
    assert_eq!(plan.missions.len(), 6);
    assert_eq!(plan.objectives().count(), 11);
    assert_eq!(plan.indicators().filter(|i| i.iku).count(), 26);
    assert_eq!(plan.indicators().filter(|i| !i.iku).count(), 18);
    assert_eq!((plan.years.start, plan.years.end, plan.years.monitored_until), (2019, 2023, 2026));
    assert!(plan.notice.contains("tidak boleh ditampilkan sebagai angka RPJMD"));
    for perspective in ["F", "C", "I", "L"] {
        assert!(plan.objectives().any(|o| o.perspective == perspective), "{perspective} is empty");
    }
    let agencies = rows::<Agency>("agencies.csv");
    plan.agree_with(&dictionary::read(&root().join(FOLDER)).unwrap(), &agencies).unwrap();
    let series: BTreeSet<_> = figures().into_iter().map(|f| f.indicator_code).collect();
    let planned: BTreeSet<_> = plan.indicators().map(|i| i.code.clone()).collect();
    assert!(series.is_subset(&planned));
    assert_eq!(series.len(), 31);
}

#[test]
fn every_invented_target_says_so() {
    let targets = rows::<Target>("targets.csv");
    let stated: Vec<_> = targets
        .iter()
        .filter(|t| t.basis == Basis::Stated)
        .map(|t| format!("{} {} {} {}", t.region_code, t.indicator_code, t.year, t.value))
        .collect();
    assert_eq!(
        stated,
        ["52 STUNTING_SSGI 2024 17.98", "52 P0 2025 10", "52.03 STUNTING_EPPGBM 2023 14",]
    );
    for target in &targets {
        assert_eq!(target.illustrative, target.basis != Basis::Stated);
        assert_eq!(target.verified, !target.illustrative);
        assert!((2019..=2026).contains(&target.year));
    }
    let mut keys: Vec<_> =
        targets.iter().map(|t| (&t.region_code, &t.indicator_code, t.year)).collect();
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all);
}

#[test]
fn the_lines_are_those_of_the_plan_and_of_the_first_figures() {
    let targets = rows::<Target>("targets.csv");
    let target = |region: &str, indicator: &str, year: u16| {
        targets
            .iter()
            .find(|t| t.region_code == region && t.indicator_code == indicator && t.year == year)
            .map(|t| t.value.to_string())
    };
    for indicator in plan().indicators() {
        for planned in &indicator.targets {
            assert!(planned.illustrative);
            let listed = target("52", &indicator.code, planned.year);
            assert_eq!(listed, Some(planned.value.to_string()), "{}", indicator.code);
        }
    }
    assert_eq!(target("52", "IPM", 2023).as_deref(), Some("71.3"));
    // Mataram 2022: 80.67, and 0.8 a year, the step of the plan's line for IPM.
    assert_eq!(target("52.71", "IPM_SP2020", 2024).as_deref(), Some("82.27"));
    // Lombok Timur's first verified figure is 15.63 of 2023; that of 2022 is from memory.
    assert_eq!(target("52.03", "P0", 2023), None);
    assert_eq!(target("52.03", "P0", 2024).as_deref(), Some("14.88"));
    // Growth has no line beyond the plan, the ended IPM series none beyond 2023.
    assert_eq!(target("52", "LPE", 2024), None);
    assert_eq!(target("52.01", "LPE", 2024), None);
    assert_eq!(target("52", "IPM", 2024), None);
    // Registration and survey lend each other nothing.
    assert_eq!(target("52.03", "STUNTING_SSGI", 2024), None);
    // A falling line stops before it reaches zero.
    assert_eq!(target("52.08", "TPT", 2024).as_deref(), Some("0.09"));
    assert_eq!(target("52.08", "TPT", 2025), None);
}

#[test]
fn agencies_form_a_tree_and_examples_are_called_examples() {
    let agencies = rows::<Agency>("agencies.csv");
    let province = agencies.iter().filter(|a| a.region_code == "52").count();
    assert_eq!((province, agencies.len()), (50, 50 + 10 * 18));
    let keys: BTreeSet<_> = agencies.iter().map(|a| (&a.region_code, &a.code)).collect();
    assert_eq!(keys.len(), agencies.len());
    for agency in agencies.iter().filter(|a| a.region_code != "52") {
        assert!(!agency.verified);
        assert!(agency.note.contains("contoh struktur"));
    }
    for agency in agencies.iter().filter(|a| !a.parent_code.is_empty()) {
        assert!(keys.contains(&(&agency.region_code, &agency.parent_code)), "{}", agency.code);
    }
}

#[test]
fn regencies_adopt_what_they_have_figures_for() {
    let regencies: Members = serde_json::from_str(&committed(FOLDER, "regencies.json")).unwrap();
    assert_eq!((regencies.province_code.as_str(), regencies.regencies.len()), ("52", 10));
    let figures = figures();
    for regency in &regencies.regencies {
        for code in &regency.adopts {
            assert!(
                figures.iter().any(|f| f.region_code == regency.code && f.indicator_code == *code)
            );
        }
        for code in ["IPM", "IPM_SP2020", "P0", "JPM", "TPT", "TPAK", "STUNTING_EPPGBM"] {
            assert!(regency.adopts.iter().any(|c| c == code), "{} {code}", regency.code);
        }
    }
    let known: Vec<_> = regencies
        .regencies
        .iter()
        .filter(|r| r.vision.as_ref().is_some_and(|v| v.verified && !v.text.is_empty()))
        .map(|r| r.code.as_str())
        .collect();
    assert_eq!(known, ["52.06", "52.07", "52.08"]);
}
