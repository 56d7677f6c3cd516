//! The dictionary of indicators (`indicators.json`), written by hand and checked here.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::figures::Figures;
use super::fixed::Fixed;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dictionary {
    /// What the file is; for its reader.
    #[serde(rename = "about")]
    _about: String,
    pub(super) indicators: Vec<Indicator>,
}

/// The manual IKU of one indicator, with the checks a file by hand needs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Indicator {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) polarity: String,
    pub(super) decimals: u32,
    pub(super) definition: String,
    pub(super) formula: String,
    pub(super) period_consolidation: String,
    pub(super) location_consolidation: String,
    pub(super) weight_variable: Option<String>,
    pub(super) numerator: Option<String>,
    pub(super) denominator: Option<String>,
    pub(super) components: Option<Components>,
    pub(super) source: String,
    pub(super) publisher: Option<String>,
    pub(super) frequency: String,
    pub(super) levels: Vec<String>,
    pub(super) minimum: Option<Fixed>,
    pub(super) maximum: Option<Fixed>,
    pub(super) usual_release: Option<Release>,
    pub(super) never_joined_with: Vec<String>,
    /// The last year of a series that its publisher has ended.
    pub(super) last_year: Option<u16>,
    pub(super) categories: Option<Vec<String>>,
    pub(super) note: Option<String>,
}

/// The indicators from which an IPM is computed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Components {
    pub(super) uhh: String,
    pub(super) hls: String,
    pub(super) rls: String,
    pub(super) ppk: String,
}

/// When the figure of a year usually appears.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    pub(super) years_after: u16,
    pub(super) month: u8,
}

pub(super) fn read(folder: &Path) -> Result<Dictionary> {
    let dictionary: Dictionary = super::from_json(&folder.join("indicators.json"))?;
    for indicator in &dictionary.indicators {
        dictionary.check(indicator).with_context(|| format!("indicator {}", indicator.code))?;
    }
    let codes: BTreeSet<_> = dictionary.indicators.iter().map(|i| &i.code).collect();
    ensure!(codes.len() == dictionary.indicators.len(), "an indicator stands twice");
    Ok(dictionary)
}

impl Dictionary {
    pub(super) fn find(&self, code: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|indicator| indicator.code == code)
    }

    fn check(&self, it: &Indicator) -> Result<()> {
        let one_of = |what: &str, value: &str, known: &[&str]| {
            ensure!(known.contains(&value), "{what} `{value}` is none of {known:?}");
            Ok(())
        };
        one_of("polarity", &it.polarity, &["maximize", "minimize", "neutral"])?;
        one_of(
            "period_consolidation",
            &it.period_consolidation,
            &["sum", "average", "take_last_known", "weighted"],
        )?;
        one_of("frequency", &it.frequency, &["yearly", "quarterly"])?;
        for level in &it.levels {
            one_of("level", level, &["province", "regency"])?;
        }
        let parts = it.numerator.is_some() && it.denominator.is_some();
        match it.location_consolidation.as_str() {
            "ratio_of_sums" => ensure!(parts, "a ratio of sums needs numerator and denominator"),
            "weighted_by_variable" => {
                ensure!(it.weight_variable.is_some(), "names no weight variable");
            }
            "ipm_from_components" => ensure!(it.components.is_some(), "names no components"),
            other => one_of(
                "location_consolidation",
                other,
                &["sum", "official_only", "distribution", "none"],
            )?,
        }
        ensure!(
            it.numerator.is_some() == it.denominator.is_some(),
            "a numerator needs a denominator"
        );
        ensure!(
            it.unit != "persen" || it.period_consolidation != "sum",
            "a percentage is never summed over periods"
        );
        let components = it.components.iter().flat_map(|c| [&c.uhh, &c.hls, &c.rls, &c.ppk]);
        for code in components.chain(&it.weight_variable).chain(&it.never_joined_with) {
            ensure!(self.find(code).is_some(), "names the unknown indicator {code}");
        }
        for other in &it.never_joined_with {
            let back = self.find(other).is_some_and(|o| o.never_joined_with.contains(&it.code));
            ensure!(back, "{other} does not say that it is never joined with it");
        }
        for text in [&it.name, &it.definition, &it.formula, &it.source] {
            ensure!(!text.trim().is_empty(), "has an empty text");
        }
        ensure!(it.publisher.as_ref().is_none_or(|p| !p.is_empty()), "has an empty publisher");
        ensure!(it.note.as_ref().is_none_or(|n| !n.is_empty()), "has an empty note");
        ensure!(it.categories.as_ref().is_none_or(|c| c.len() > 1), "needs two categories");
        ensure!(it.minimum.is_none() || it.maximum.is_none_or(|max| it.minimum < Some(max)));
        ensure!(
            it.usual_release
                .as_ref()
                .is_none_or(|r| (1..=12).contains(&r.month) && r.years_after <= 1),
            "has an impossible usual release"
        );
        ensure!(it.decimals <= 6, "has more than 6 decimals");
        Ok(())
    }

    /// Every series of figures is defined here with its own unit and direction, within its bounds.
    pub(super) fn agree_with(&self, figures: &Figures) -> Result<()> {
        for series in &figures.series {
            let it = self
                .find(&series.code)
                .with_context(|| format!("indicators.json does not define {}", series.code))?;
            ensure!(
                it.unit == series.unit && it.polarity == series.polarity,
                "{} has another unit or direction in the figures",
                it.code
            );
        }
        for figure in figures.iter() {
            let Some(it) = self.find(&figure.indicator_code) else { continue };
            let fits = it.minimum.is_none_or(|min| figure.value >= min)
                && it.maximum.is_none_or(|max| figure.value <= max)
                && it.last_year.is_none_or(|last| figure.year <= last);
            ensure!(fits, "{} of {} {} is out of bounds", it.code, figure.region_code, figure.year);
        }
        Ok(())
    }
}
