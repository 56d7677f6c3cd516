//! The content of a release as JSON.

use std::collections::BTreeMap;

use ekinerja_domain::indicator::{IndicatorCode, ManualField};
use ekinerja_domain::template::{TemplateContent, TemplateIndicator};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::number::number;

/// What is released.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TemplateContent, example = json!({
    "title": "RPJMD Provinsi Nusa Tenggara Barat Tahun 2019-2023",
    "legal_basis": "Peraturan Daerah Provinsi NTB Nomor 1 Tahun 2019",
    "start_year": 2019, "end_year": 2023, "monitored_until": 2026,
    "nodes": [{ "code": "V", "kind": "vision", "text": "Membangun Nusa Tenggara Barat yang Gemilang",
        "verified": true }],
    "indicators": [{ "code": "IPM_SP2020", "objective": "S3.1.1", "kind": "iku",
        "name": "Indeks Pembangunan Manusia (UHH hasil Long Form SP2020)", "definition": "…",
        "formula": "…", "unit": "indeks", "polarity": "maximize", "decimals": 2,
        "period_consolidation": "take_last_known", "location_consolidation": "ipm_from_components",
        "weight_variable": "PENDUDUK", "source": "BPS: Susenas, Long Form Sensus Penduduk 2020",
        "publisher": "Badan Pusat Statistik (BPS)", "frequency": "yearly", "weight": "1",
        "modes": { "definition": "locked", "targets": "local" }, "targets": [] }]
}))]
pub(super) struct Content {
    /// Title of the plan.
    title: String,
    /// Perda or Perkada.
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_basis: Option<String>,
    /// First year.
    start_year: i32,
    /// Last year.
    end_year: i32,
    /// Last year in which values are still recorded.
    monitored_until: i32,
    /// Remarks every reader must see.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    /// The tree, parents before children.
    nodes: Vec<ReleasedNode>,
    /// The indicators.
    indicators: Vec<ReleasedIndicator>,
}

/// A node of a released tree.
#[derive(Debug, Serialize, ToSchema)]
struct ReleasedNode {
    /// Its code.
    code: String,
    /// Its kind.
    kind: &'static str,
    /// Code of the node above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// Its wording.
    text: String,
    /// Suggested perspective of an objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    perspective: Option<&'static str>,
    /// Whether the wording was seen in a written source.
    verified: bool,
}

/// An indicator of a release.
#[derive(Debug, Serialize, ToSchema)]
struct ReleasedIndicator {
    /// Its code.
    code: String,
    /// Code of the objective it measures.
    objective: String,
    /// `iku` or `supporting`.
    kind: &'static str,
    /// Its name.
    name: String,
    /// What it measures.
    definition: String,
    /// Its formula, in words.
    formula: String,
    /// Its unit.
    unit: String,
    /// Which direction is good.
    polarity: &'static str,
    /// The rule of its achievement, where one is fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// Decimals shown.
    decimals: u8,
    /// How quarters become a year.
    period_consolidation: &'static str,
    /// How regencies become the province.
    location_consolidation: &'static str,
    /// Code of the indicator that weighs this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    weight_variable: Option<String>,
    /// What the numerator counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    numerator: Option<String>,
    /// What the denominator counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    denominator: Option<String>,
    /// Data source.
    source: String,
    /// Who publishes the official figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// `yearly` or `quarterly`.
    frequency: &'static str,
    /// Worst acceptable value.
    #[serde(skip_serializing_if = "Option::is_none")]
    worst: Option<String>,
    /// Relative weight within its objective.
    weight: String,
    /// What a regency may do with each field: `locked`, `default`, `local`.
    modes: BTreeMap<&'static str, &'static str>,
    /// The province's own targets, for information.
    targets: Vec<ReleasedTarget>,
}

/// A target of the province.
#[derive(Debug, Serialize, ToSchema)]
struct ReleasedTarget {
    /// The year.
    year: i32,
    /// The target.
    value: String,
    /// Whether it is made up for a demonstration.
    illustrative: bool,
}

impl From<&TemplateContent> for Content {
    fn from(it: &TemplateContent) -> Self {
        let nodes = it.nodes.iter().map(|it| ReleasedNode {
            code: it.code.clone(),
            kind: it.kind.code(),
            parent: it.parent.clone(),
            text: it.text.clone(),
            perspective: it.perspective.map(ekinerja_domain::plan::Perspective::code),
            verified: it.verified,
        });
        Self {
            title: it.title.clone(),
            legal_basis: it.legal_basis.clone(),
            start_year: it.years.start,
            end_year: it.years.end,
            monitored_until: it.years.monitored_until,
            notice: it.notice.clone(),
            nodes: nodes.collect(),
            indicators: it.indicators.iter().map(ReleasedIndicator::from).collect(),
        }
    }
}

impl From<&TemplateIndicator> for ReleasedIndicator {
    fn from(it: &TemplateIndicator) -> Self {
        let modes =
            ManualField::ALL.into_iter().map(|field| (field.code(), it.mode_of(field).code()));
        let targets = it.targets.iter().map(|it| ReleasedTarget {
            year: it.year,
            value: number(it.value),
            illustrative: it.illustrative,
        });
        let manual = it.manual.clone();
        Self {
            code: it.code.as_str().to_owned(),
            objective: it.objective.clone(),
            kind: it.kind.code(),
            name: manual.name,
            definition: manual.definition,
            formula: manual.formula,
            unit: manual.unit,
            polarity: manual.polarity.code(),
            rule: manual.rule.map(ekinerja_domain::scoring::RuleId::code),
            decimals: manual.decimals,
            period_consolidation: manual.period_consolidation.code(),
            location_consolidation: manual.location_consolidation.code(),
            weight_variable: manual
                .weight_variable
                .as_ref()
                .map(IndicatorCode::as_str)
                .map(str::to_owned),
            numerator: manual.numerator,
            denominator: manual.denominator,
            source: manual.source,
            publisher: manual.publisher,
            frequency: manual.frequency.code(),
            worst: manual.worst.map(number),
            weight: number(it.weight),
            modes: modes.collect(),
            targets: targets.collect(),
        }
    }
}
