//! The demonstration's data, read from the files beside the crate; they are part of the binary.
//!
//! Sources and licences of the figures are in `demo/SOURCES.md`.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One figure of `figures.csv`.
#[derive(Debug, Clone, Deserialize)]
pub struct Figure {
    /// Kemendagri code of the government.
    pub region_code: String,
    /// Code of the indicator.
    pub indicator_code: String,
    /// Year of the figure.
    pub year: i32,
    /// The figure, with a decimal point.
    pub value: String,
    /// The publication it was read in.
    pub source: String,
    /// Whether it was seen in a stored copy of the source.
    pub verified: bool,
    /// `published`, `derived` or `recalled`.
    pub method: String,
    /// Remarks.
    pub note: String,
}

/// One target of `targets.csv`.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// Kemendagri code of the government.
    pub region_code: String,
    /// Code of the indicator.
    pub indicator_code: String,
    /// Year of the target.
    pub year: i32,
    /// The target, with a decimal point.
    pub value: String,
    /// Whether it is made up for the demonstration.
    pub illustrative: bool,
}

/// One baseline of `baselines.csv`.
#[derive(Debug, Clone, Deserialize)]
pub struct Baseline {
    /// Kemendagri code of the government.
    pub region_code: String,
    /// Code of the indicator.
    pub indicator_code: String,
    /// Year of the baseline.
    pub year: i32,
    /// The value, with a decimal point.
    pub value: String,
    /// Whether it was seen in a written source.
    pub verified: bool,
}

/// One OPD of `agencies.csv`.
#[derive(Debug, Clone, Deserialize)]
pub struct Agency {
    /// Kemendagri code of the government.
    pub region_code: String,
    /// Its code, unique in the government.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its abbreviation.
    pub abbreviation: String,
    /// Its kind, a code of the domain.
    pub kind: String,
    /// Code of the agency above it.
    pub parent_code: String,
    /// The OPD that the reorganisation of 2025 planned in its place.
    pub successor: String,
    /// Whether the name was seen in a written source.
    pub verified: bool,
    /// Where it was read.
    pub source: String,
    /// Remarks.
    pub note: String,
}

/// One entry of the indicator dictionary `indicators.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Manual {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Which direction is good.
    pub polarity: String,
    /// Decimals shown.
    pub decimals: u8,
    /// What it measures.
    pub definition: String,
    /// How it is computed.
    pub formula: String,
    /// How quarters become a year.
    pub period_consolidation: String,
    /// How regencies become the province.
    pub location_consolidation: String,
    /// Code of the indicator that weighs it.
    pub weight_variable: Option<String>,
    /// What the numerator counts.
    pub numerator: Option<String>,
    /// What the denominator counts.
    pub denominator: Option<String>,
    /// Data source.
    pub source: String,
    /// Publisher of the official figure.
    pub publisher: Option<String>,
    /// `province`, `regency` or both: who has such a figure.
    pub levels: Vec<String>,
    /// `yearly` or `quarterly`.
    pub frequency: String,
    /// When the figure of a year usually comes out.
    pub usual_release: Option<UsualRelease>,
}

/// When the figure of a year usually comes out.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct UsualRelease {
    /// Years after the year of the figure.
    pub years_after: i32,
    /// Month, 1 to 12.
    pub month: u32,
}

/// The plan of `plan.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Plan {
    /// Its title.
    pub title: String,
    /// The regulation that sets it.
    pub legal_basis: Verified,
    /// Its years.
    pub years: Years,
    /// Its vision.
    pub vision: Vision,
    /// Its missions.
    pub missions: Vec<Mission>,
}

/// A text and whether it was seen in a written source.
#[derive(Debug, Clone, Deserialize)]
pub struct Verified {
    /// The text.
    pub text: String,
}

/// The years of the plan.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Years {
    /// First year with targets.
    pub start: i32,
    /// Last year with targets.
    pub end: i32,
    /// Last year in which values are recorded.
    pub monitored_until: i32,
}

/// The vision.
#[derive(Debug, Clone, Deserialize)]
pub struct Vision {
    /// Its code.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// Whether it was seen in a written source.
    pub verified: bool,
}

/// A mission.
#[derive(Debug, Clone, Deserialize)]
pub struct Mission {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its wording.
    pub text: String,
    /// Whether it was seen in a written source.
    pub verified: bool,
    /// Its goals.
    pub goals: Vec<Goal>,
}

/// A goal.
#[derive(Debug, Clone, Deserialize)]
pub struct Goal {
    /// Its code.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// Whether it was seen in a written source.
    pub verified: bool,
    /// Its objectives.
    pub objectives: Vec<Objective>,
}

/// An objective.
#[derive(Debug, Clone, Deserialize)]
pub struct Objective {
    /// Its code.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// Whether it was seen in a written source.
    pub verified: bool,
    /// The perspective it sits in, `F`, `C`, `I` or `L`.
    pub perspective: String,
    /// Its indicators.
    pub indicators: Vec<PlannedIndicator>,
}

/// An indicator of an objective.
#[derive(Debug, Clone, Deserialize)]
pub struct PlannedIndicator {
    /// Its code.
    pub code: String,
    /// Whether it is one of the plan's IKU.
    pub iku: bool,
    /// Code of the provincial OPD that owns it.
    pub owner: String,
    /// Code of the regency's OPD that owns it there.
    pub regency_owner: Option<String>,
}

/// A link of cause and effect, from `causal-links.csv`.
#[derive(Debug, Clone, Deserialize)]
pub struct CausalLink {
    /// Code of the objective that drives.
    pub from: String,
    /// Code of the objective that it is believed to move.
    pub to: String,
    /// Code of how strongly; may be empty.
    pub strength: String,
    /// After how many periods; may be empty.
    pub lag_periods: String,
    /// Why, in words.
    pub hypothesis: String,
}

/// What is known of a regency, from `regencies.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Regency {
    /// Its Kemendagri code.
    pub code: String,
    /// Codes of the indicators that it measures.
    pub adopts: Vec<String>,
}

/// Everything of the demonstration.
#[derive(Debug, Clone)]
pub struct Data {
    /// The figures by government.
    pub figures: BTreeMap<String, Vec<Figure>>,
    /// The targets by government.
    pub targets: BTreeMap<String, Vec<Target>>,
    /// The baselines by government.
    pub baselines: BTreeMap<String, Vec<Baseline>>,
    /// The OPD by government.
    pub agencies: BTreeMap<String, Vec<Agency>>,
    /// The indicator dictionary by code.
    pub manuals: BTreeMap<String, Manual>,
    /// The plan of the province.
    pub plan: Plan,
    /// The arrows of the province's strategy map.
    pub causal_links: Vec<CausalLink>,
    /// The regencies.
    pub regencies: Vec<Regency>,
}

impl Data {
    /// Reads the files that are part of the binary.
    ///
    /// # Errors
    /// A file is not of the form that this module expects; a test reads them all.
    pub fn load() -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Dictionary {
            indicators: Vec<Manual>,
        }
        #[derive(Deserialize)]
        struct Regencies {
            regencies: Vec<Regency>,
        }
        let dictionary: Dictionary =
            json(include_str!("../../demo/indicators.json"), "indicators")?;
        let regencies: Regencies = json(include_str!("../../demo/regencies.json"), "regencies")?;
        Ok(Self {
            figures: by_region(include_str!("../../demo/figures.csv"), |it: &Figure| {
                &it.region_code
            })?,
            targets: by_region(include_str!("../../demo/targets.csv"), |it: &Target| {
                &it.region_code
            })?,
            baselines: by_region(include_str!("../../demo/baselines.csv"), |it: &Baseline| {
                &it.region_code
            })?,
            agencies: by_region(include_str!("../../demo/agencies.csv"), |it: &Agency| {
                &it.region_code
            })?,
            manuals: dictionary.indicators.into_iter().map(|it| (it.code.clone(), it)).collect(),
            plan: json(include_str!("../../demo/plan.json"), "plan")?,
            causal_links: csv::Reader::from_reader(
                include_str!("../../demo/causal-links.csv").as_bytes(),
            )
            .deserialize()
            .collect::<Result<_, _>>()?,
            regencies: regencies.regencies,
        })
    }
}

fn json<T: DeserializeOwned>(text: &str, name: &str) -> anyhow::Result<T> {
    serde_json::from_str(text).with_context(|| format!("demo/{name}.json"))
}

fn by_region<T: DeserializeOwned>(
    text: &str,
    region: impl Fn(&T) -> &String,
) -> anyhow::Result<BTreeMap<String, Vec<T>>> {
    let mut map: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        let row: T = row?;
        map.entry(region(&row).clone()).or_default().push(row);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_reads() {
        let data = Data::load().expect("the files of the demonstration");
        assert_eq!(data.figures.values().map(Vec::len).sum::<usize>(), 614);
        assert_eq!(data.regencies.len(), 10);
        assert_eq!(data.plan.missions.len(), 6);
    }

    #[test]
    fn every_figure_has_a_manual_and_every_owner_exists() {
        let data = Data::load().expect("the files of the demonstration");
        for figure in data.figures.values().flatten() {
            assert!(data.manuals.contains_key(&figure.indicator_code), "{}", figure.indicator_code);
        }
        let has = |region: &str, code: &str| data.agencies[region].iter().any(|it| it.code == code);
        let objectives =
            data.plan.missions.iter().flat_map(|it| &it.goals).flat_map(|it| &it.objectives);
        for indicator in objectives.flat_map(|it| &it.indicators) {
            assert!(has("52", &indicator.owner), "{}", indicator.owner);
            for regency in &data.regencies {
                if regency.adopts.contains(&indicator.code) {
                    let owner =
                        indicator.regency_owner.as_deref().expect("an owner in the regency");
                    assert!(has(&regency.code, owner), "{owner}");
                }
            }
        }
    }
}
