//! Writes the data of the demo: figures, plan, agencies and targets of NTB and its ten regencies.
//!
//! Facts come from the foreign material; what is added by hand (the dictionary of indicators, who
//! owns what, which series stands under which objective) lies in `indicators.json` and in
//! [`additions`]. The two are checked against each other here, so that no figure is left without a
//! definition and no definition contradicts its figures.

mod additions;
mod agencies;
mod dictionary;
mod figures;
mod fixed;
mod plan;
mod regencies;
mod targets;

use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::foreign::Written;

/// Where the data are kept, from the root of the repository.
pub(super) const FOLDER: &str = "crates/ekinerja/demo";

/// The province of the demo.
const PROVINCE: &str = "52";

/// The last year in which the demo records values and sets targets: the plan of 2019-2023 is
/// watched on until its successors of 2025-2029 have taken over.
const LAST_YEAR: u16 = 2026;

/// Reads the material in `from` and gives the files of the demo.
pub(super) fn write(from: &Path) -> Result<Vec<Written>> {
    let figures = figures::read(from)?;
    let dictionary = dictionary::read(&super::foreign::root().join(FOLDER))?;
    dictionary.agree_with(&figures)?;
    let plan = plan::read(from)?;
    let agencies = agencies::read(from)?;
    plan.agree_with(&dictionary, &agencies)?;
    let baselines = targets::baselines(&plan, &figures);
    let targets = targets::targets(&plan, &figures, &dictionary)?;
    let regencies = regencies::regencies(from, &plan, &figures, &agencies)?;
    Ok(vec![
        Written::of(FOLDER, "figures.csv", to_csv(&figures)?),
        Written::of(FOLDER, "plan.json", to_json(&plan)?),
        Written::of(FOLDER, "agencies.csv", to_csv(&agencies)?),
        Written::of(FOLDER, "baselines.csv", to_csv(&baselines)?),
        Written::of(FOLDER, "targets.csv", to_csv(&targets)?),
        Written::of(FOLDER, "regencies.json", to_json(&regencies)?),
    ])
}

fn from_csv<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    csv::Reader::from_path(path)
        .with_context(|| format!("cannot read {}", path.display()))?
        .deserialize()
        .map(|row| row.with_context(|| path.display().to_string()))
        .collect()
}

fn from_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn to_csv<T: Serialize>(rows: &[T]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row)?;
    }
    Ok(writer.into_inner()?)
}

/// Indented by one space, so that a change of one fact is a change of one line.
fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b" ");
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut text, indent))?;
    text.push(b'\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
