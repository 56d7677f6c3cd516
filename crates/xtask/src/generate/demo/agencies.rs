//! The agencies (OPD): those of the province, and an example structure for each regency.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::PROVINCE;
use super::additions::EXAMPLE_AGENCIES;
use super::regencies::governments;

/// An agency in our own terms.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Agency {
    pub(super) region_code: String,
    /// Unique in its government.
    pub(super) code: String,
    pub(super) name: String,
    pub(super) abbreviation: String,
    pub(super) kind: String,
    /// Empty for an agency that stands under the government itself.
    pub(super) parent_code: String,
    /// What the reorganisation planned in 2025 makes of it; empty when nothing changes.
    pub(super) successor: String,
    pub(super) verified: bool,
    pub(super) source: String,
    pub(super) note: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    region_code: String,
    opd_code: String,
    name: String,
    abbreviation: String,
    kind: String,
    parent_code: String,
    successor_2025: String,
    verified: bool,
    source: String,
    note: String,
}

pub(super) fn read(from: &Path) -> Result<Vec<Agency>> {
    let mut agencies = Vec::new();
    for row in super::from_csv::<Row>(&from.join("opd-ntb.csv"))? {
        if row.region_code != PROVINCE {
            continue;
        }
        agencies.push(Agency {
            region_code: row.region_code,
            code: row.opd_code,
            name: row.name,
            abbreviation: row.abbreviation,
            kind: kind(&row.kind)?.into(),
            parent_code: row.parent_code,
            successor: row.successor_2025,
            verified: row.verified,
            source: row.source,
            note: row.note,
        });
    }
    for regency in governments(from)? {
        agencies.extend(EXAMPLE_AGENCIES.iter().map(|(code, name, short, kind, parent)| Agency {
            region_code: regency.code.clone(),
            code: (*code).into(),
            name: (*name).into(),
            abbreviation: (*short).into(),
            kind: (*kind).into(),
            parent_code: (*parent).into(),
            successor: String::new(),
            verified: false,
            source: "contoh struktur: nama umum perangkat daerah menurut PP 18/2016".into(),
            note: "contoh struktur untuk demo, bukan susunan perangkat daerah yang resmi".into(),
        }));
    }
    for agency in &agencies {
        let parent_known = agency.parent_code.is_empty()
            || agencies.iter().any(|parent| {
                parent.region_code == agency.region_code && parent.code == agency.parent_code
            });
        ensure!(parent_known, "{} stands under no known agency", agency.code);
    }
    Ok(agencies)
}

fn kind(of: &str) -> Result<&'static str> {
    Ok(match of {
        "sekretariat" => "secretariat",
        "biro" => "bureau",
        "dinas" => "department",
        "badan" => "board",
        "inspektorat" => "inspectorate",
        "satuan" => "unit",
        "RSUD" => "hospital",
        other => bail!("unknown kind of agency `{other}`"),
    })
}
