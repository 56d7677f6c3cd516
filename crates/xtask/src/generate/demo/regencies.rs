//! The ten regencies: what is known of their own plans, and what they take over of the province's.

use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::PROVINCE;
use super::agencies::Agency;
use super::figures::Figures;
use super::plan::{Plan, Statement};

/// A kabupaten or kota of the province.
#[derive(Debug, Deserialize)]
pub(super) struct Government {
    pub(super) code: String,
    pub(super) name: String,
    #[serde(rename = "type")]
    kind: String,
    parent_code: String,
}

/// The kabupaten and kota of the province, in order of their codes.
pub(super) fn governments(from: &Path) -> Result<Vec<Government>> {
    let mut all: Vec<Government> = super::from_csv(&from.join("regions.csv"))?;
    all.retain(|g| g.parent_code == PROVINCE && matches!(g.kind.as_str(), "kabupaten" | "kota"));
    Ok(all)
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Members {
    pub(super) province_code: String,
    /// That the governments agreed on common indicators; no release of this product is meant.
    alignment: Statement,
    pub(super) regencies: Vec<Regency>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Regency {
    pub(super) code: String,
    pub(super) name: String,
    /// The vision of its own plan; null where no written source was found.
    pub(super) vision: Option<Vision>,
    /// Codes of the province's indicators it takes over: those for which it has a figure.
    pub(super) adopts: Vec<String>,
    /// That its agencies are an example and no official list.
    agencies_are_an_example: bool,
}

/// A vision with the plan that states it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Vision {
    pub(super) text: String,
    pub(super) period: String,
    legal_basis: String,
    pub(super) verified: bool,
}

#[derive(Debug, Deserialize)]
struct Source {
    penyelarasan_provinsi_kabkota: Alignment,
    kabkota: Vec<Known>,
}

#[derive(Debug, Deserialize)]
struct Alignment {
    fakta: String,
    verified: bool,
    sumber: String,
}

#[derive(Debug, Deserialize)]
struct Known {
    code: String,
    visi: String,
    periode: String,
    dasar: String,
    verified: bool,
}

pub(super) fn regencies(
    from: &Path,
    plan: &Plan,
    figures: &Figures,
    agencies: &[Agency],
) -> Result<Members> {
    let source: Source = super::from_json(&from.join("rpjmd-ntb-2019-2023.json"))?;
    let alignment = source.penyelarasan_provinsi_kabkota;
    let mut known = source.kabkota;
    let regencies = governments(from)?
        .into_iter()
        .map(|Government { code, name, .. }| Regency {
            vision: known.iter().position(|k| k.code == code).map(|found| {
                let Known { visi, periode, dasar, verified, .. } = known.swap_remove(found);
                Vision { text: visi, period: periode, legal_basis: dasar, verified }
            }),
            adopts: plan
                .indicators()
                .map(|indicator| &indicator.code)
                .filter(|indicator| !figures.of(&code, indicator).is_empty())
                .cloned()
                .collect(),
            agencies_are_an_example: agencies.iter().any(|a| a.region_code == code && !a.verified),
            code,
            name,
        })
        .collect();
    Ok(Members {
        province_code: PROVINCE.into(),
        alignment: Statement {
            text: alignment.fakta,
            verified: alignment.verified,
            source: Some(alignment.sumber),
        },
        regencies,
    })
}
