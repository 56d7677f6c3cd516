//! Baselines and targets, of which nearly all are illustrative and say so.
//!
//! The real yearly targets of the plan were not found, and those of the regencies are unknown. So
//! that the demo can show achievement at all, straight lines stand in for them: the invented line
//! of the plan for the province, and for a regency a line of the same yearly step from its own
//! first figure. Where a written source states a target, that one is used.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::additions::{BASELINE_OF_ANOTHER_SERIES, NOT_CARRIED_ON, STEP_OF};
use super::dictionary::{self, Dictionary};
use super::figures::{Figure, Figures};
use super::fixed::Fixed;
use super::plan::{Indicator, Plan};
use super::{LAST_YEAR, PROVINCE};

/// The value from which a government starts.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Baseline {
    pub(super) region_code: String,
    pub(super) indicator_code: String,
    pub(super) year: u16,
    pub(super) value: Fixed,
    pub(super) verified: bool,
    pub(super) note: String,
}

/// What a government wants to reach in a year.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Target {
    pub(super) region_code: String,
    pub(super) indicator_code: String,
    pub(super) year: u16,
    pub(super) value: Fixed,
    /// Invented; to be labelled "ilustrasi" wherever it is shown.
    pub(super) illustrative: bool,
    pub(super) verified: bool,
    pub(super) basis: Basis,
    pub(super) source: String,
    pub(super) note: String,
}

/// Where a target comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Basis {
    /// The invented line in the written material on the plan, 2019 to 2023.
    PlanLine,
    /// That line carried on after the plan's end.
    PlanLineExtended,
    /// From the first figure on, by the yearly step of the plan's line.
    FirstFigureLine,
    /// A real target, stated by the named source.
    Stated,
}

/// The baseline of every government and indicator: the plan's own, or else the first figure.
pub(super) fn baselines(plan: &Plan, figures: &Figures) -> Vec<Baseline> {
    let mut baselines = Vec::new();
    for region in std::iter::once(PROVINCE).chain(figures.regencies()) {
        for indicator in plan.indicators() {
            let planned = indicator.baseline.as_ref().filter(|_| region == PROVINCE);
            let (year, value, verified, note) = match planned {
                Some(it) => (it.year, it.value, it.verified, "tahun dasar rencana".to_owned()),
                None => match figures.anchor(region, &indicator.code) {
                    Some(f) => (f.year, f.value, f.verified, "angka pertama seri ini".to_owned()),
                    None => continue,
                },
            };
            baselines.push(Baseline {
                region_code: region.into(),
                indicator_code: indicator.code.clone(),
                year,
                value,
                verified,
                note,
            });
        }
    }
    baselines
}

/// The targets of every government, by region, indicator in the plan's order, and year.
pub(super) fn targets(
    plan: &Plan,
    figures: &Figures,
    dictionary: &Dictionary,
) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    for region in std::iter::once(PROVINCE).chain(figures.regencies()) {
        for indicator in plan.indicators() {
            let manual = dictionary.find(&indicator.code).context("undefined indicator")?;
            let mut line = if region == PROVINCE && !indicator.targets.is_empty() {
                plan_line(indicator, step(plan, &indicator.code), manual)
            } else {
                match (figures.anchor(region, &indicator.code), step(plan, &indicator.code)) {
                    (Some(first), Some((step, of))) => first_figure_line(first, step, of, manual),
                    _ => Vec::new(),
                }
            };
            state(&mut line, plan, region, indicator);
            line.sort_by_key(|target| target.year);
            targets.append(&mut line);
        }
    }
    Ok(targets)
}

/// Puts the real targets in the place of the illustrative ones of the same year.
fn state(line: &mut Vec<Target>, plan: &Plan, region: &str, indicator: &Indicator) {
    let watched = plan.years.start..=plan.years.monitored_until;
    for known in &plan.known_targets {
        let meant = known.region_code == region && known.indicator_code == indicator.code;
        if !meant || known.whose != "own" || !watched.contains(&known.year) {
            continue;
        }
        line.retain(|target| target.year != known.year);
        line.push(Target {
            region_code: region.into(),
            indicator_code: indicator.code.clone(),
            year: known.year,
            value: known.value,
            illustrative: false,
            verified: true,
            basis: Basis::Stated,
            source: known.source.clone(),
            note: if known.bound == "at_most" { "batas atas".into() } else { String::new() },
        });
    }
}

/// The yearly step of the plan's line, and the indicator whose line it is.
fn step<'a>(plan: &'a Plan, code: &str) -> Option<(Fixed, &'a Indicator)> {
    if NOT_CARRIED_ON.contains(&code) {
        return None;
    }
    let owner = STEP_OF.iter().find(|(of, _)| *of == code).map_or(code, |(_, other)| other);
    let indicator = plan.indicators().find(|indicator| indicator.code == owner)?;
    let (first, last) = (indicator.targets.first()?, indicator.targets.last()?);
    let years = i128::from(last.year - first.year);
    // The line is rounded in the source; where the baseline is known its slope is exact.
    let step = match &indicator.baseline {
        Some(base) => (last.value - base.value).over(i128::from(last.year - base.year)),
        None => (last.value - first.value).over(years),
    };
    Some((step, indicator))
}

fn plan_line(
    indicator: &Indicator,
    step: Option<(Fixed, &Indicator)>,
    manual: &dictionary::Indicator,
) -> Vec<Target> {
    let target = |year, value, basis, note: &str| Target {
        region_code: PROVINCE.into(),
        indicator_code: indicator.code.clone(),
        year,
        value,
        illustrative: true,
        verified: false,
        basis,
        source: "garis lurus buatan, bukan angka RPJMD".into(),
        note: note.into(),
    };
    let origin = if BASELINE_OF_ANOTHER_SERIES.contains(&indicator.code.as_str()) {
        "garis bermula dari angka survei 2018 (seri lain)"
    } else {
        ""
    };
    let mut line: Vec<_> = indicator
        .targets
        .iter()
        .map(|it| target(it.year, it.value, Basis::PlanLine, origin))
        .collect();
    let (Some((step, _)), Some(last)) = (step, indicator.targets.last()) else {
        return line;
    };
    for year in last.year + 1..=manual.last_year.unwrap_or(LAST_YEAR) {
        let value = last.value + step * i128::from(year - last.year);
        if within(value, manual) {
            let value = value.rounded(manual.decimals);
            line.push(target(year, value, Basis::PlanLineExtended, "garis 2019-2023 diteruskan"));
        }
    }
    line
}

fn first_figure_line(
    first: &Figure,
    step: Fixed,
    of: &Indicator,
    manual: &dictionary::Indicator,
) -> Vec<Target> {
    let start = (first.year + 1).max(2019);
    // A series that has ended is followed to the end of the plan only.
    let end = if manual.last_year.is_some() { 2023 } else { LAST_YEAR };
    (start..=end)
        .map(|year| (year, first.value + step * i128::from(year - first.year)))
        .filter(|(_, value)| within(*value, manual))
        .map(|(year, value)| Target {
            region_code: first.region_code.clone(),
            indicator_code: first.indicator_code.clone(),
            year,
            value: value.rounded(manual.decimals),
            illustrative: true,
            verified: false,
            basis: Basis::FirstFigureLine,
            source: "garis lurus buatan, bukan target pemerintah daerah".into(),
            note: format!(
                "dari angka {} tahun {}{} dengan laju {step} per tahun menurut garis ilustrasi {}",
                first.value,
                first.year,
                if first.verified { "" } else { " (belum terverifikasi)" },
                of.code
            ),
        })
        .collect()
}

/// Whether a line has not yet run out of the values its indicator can have; zero is no target that
/// a falling line should end in.
fn within(value: Fixed, manual: &dictionary::Indicator) -> bool {
    manual.minimum.is_none_or(|min| value > min) && manual.maximum.is_none_or(|max| value <= max)
}
