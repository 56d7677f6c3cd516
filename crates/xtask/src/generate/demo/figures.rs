//! The figures: what BPS, ministries and governments published for a region, indicator and year.

use std::path::Path;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::PROVINCE;
use super::fixed::Fixed;

/// How a figure came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Method {
    /// Read in the named source.
    Published,
    /// Computed from figures of the named source.
    Derived,
    /// Written from memory and seen in no source.
    Recalled,
}

/// One figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Figure {
    pub(super) region_code: String,
    pub(super) indicator_code: String,
    pub(super) year: u16,
    pub(super) value: Fixed,
    pub(super) source: String,
    pub(super) verified: bool,
    pub(super) method: Method,
    pub(super) note: String,
}

/// What the foreign table says about the indicator of a figure.
#[derive(Debug, Deserialize)]
struct Row {
    region_code: String,
    indicator_code: String,
    unit: String,
    polarity: String,
    year: u16,
    value: Fixed,
    source: String,
    verified: bool,
    method: Method,
    note: String,
}

/// The figures with the unit and the direction that the foreign table gives each series.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) code: String,
    pub(super) unit: String,
    pub(super) polarity: &'static str,
}

/// Figures in the order of the foreign table.
#[derive(Debug)]
pub(super) struct Figures {
    rows: Vec<Figure>,
    pub(super) series: Vec<Series>,
}

impl std::ops::Deref for Figures {
    type Target = [Figure];
    fn deref(&self) -> &[Figure] {
        &self.rows
    }
}

impl Figures {
    /// The figures of one region and indicator, by year.
    pub(super) fn of(&self, region: &str, indicator: &str) -> Vec<&Figure> {
        let mut line: Vec<_> = self
            .rows
            .iter()
            .filter(|f| f.region_code == region && f.indicator_code == indicator)
            .collect();
        line.sort_by_key(|f| f.year);
        line
    }

    /// The figure from which a line may start: the first verified one, or else the first.
    pub(super) fn anchor(&self, region: &str, indicator: &str) -> Option<&Figure> {
        let line = self.of(region, indicator);
        line.iter().find(|f| f.verified).or(line.first()).copied()
    }

    /// Codes of the regencies, in order.
    pub(super) fn regencies(&self) -> Vec<&str> {
        let mut codes: Vec<_> =
            self.rows.iter().map(|f| f.region_code.as_str()).filter(|c| *c != PROVINCE).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

pub(super) fn read(from: &Path) -> Result<Figures> {
    let mut rows: Vec<Figure> = Vec::new();
    let mut series: Vec<Series> = Vec::new();
    for row in super::from_csv::<Row>(&from.join("iku-ntb.csv"))? {
        let polarity = match row.polarity.as_str() {
            "naik" => "maximize",
            "turun" => "minimize",
            _ => "neutral",
        };
        match series.iter().find(|known| known.code == row.indicator_code) {
            Some(known) => ensure!(
                known.unit == row.unit && known.polarity == polarity,
                "{} has two units or directions",
                row.indicator_code
            ),
            None => {
                series.push(Series { code: row.indicator_code.clone(), unit: row.unit, polarity });
            }
        }
        ensure!(
            !rows.iter().any(|f| f.region_code == row.region_code
                && f.indicator_code == row.indicator_code
                && f.year == row.year),
            "{} {} {} stands twice",
            row.region_code,
            row.indicator_code,
            row.year
        );
        rows.push(Figure {
            region_code: row.region_code,
            indicator_code: row.indicator_code,
            year: row.year,
            value: row.value,
            source: row.source,
            verified: row.verified,
            method: row.method,
            note: row.note,
        });
    }
    Ok(Figures { rows, series })
}
