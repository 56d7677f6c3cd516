//! Indicators as JSON.

use std::collections::BTreeMap;

use ekinerja_app::indicators::IndicatorDraft;
use ekinerja_domain::indicator::{Indicator, IndicatorCode, ManualField};
use ekinerja_domain::plan::Origin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::number::number;
use super::super::typed_number::TypedNumber;

/// An indicator as it shall be. Numbers are texts, read as people type them: `5,2` or `5.2`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "code": "P0", "objective": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f62", "kind": "iku",
    "name": "Persentase penduduk miskin",
    "definition": "Persentase penduduk yang pengeluaran per kapita per bulannya di bawah garis kemiskinan.",
    "formula": "Jumlah penduduk miskin dibagi jumlah penduduk, dikali 100",
    "unit": "persen", "polarity": "minimize", "decimals": 2,
    "period_consolidation": "take_last_known", "location_consolidation": "ratio_of_sums",
    "numerator": "Jumlah penduduk miskin", "denominator": "Jumlah penduduk",
    "source": "BPS: Survei Sosial Ekonomi Nasional (Susenas) Maret",
    "publisher": "Badan Pusat Statistik (BPS)", "frequency": "yearly", "weight": "1",
    "baseline_value": "14.75", "baseline_year": 2018, "baseline_verified": true
}))]
pub(super) struct NewIndicator {
    /// Its code, unique in the tenant: 1 to 40 letters, digits, `.`, `_`, `-`.
    code: String,
    /// Id of the objective it measures.
    objective: String,
    /// `iku` or `supporting`.
    kind: String,
    /// Its name.
    name: String,
    /// What it measures, in words.
    definition: String,
    /// Its formula, in words.
    formula: String,
    /// Its unit.
    unit: String,
    /// `maximize`, `minimize`, `stabilize` or `neutral`.
    polarity: String,
    /// The rule of its achievement; empty: the rule set's default for the polarity.
    rule: String,
    /// Decimals shown, 0 to 6; 2 where nothing is said.
    decimals: Option<i32>,
    /// `sum`, `average`, `take_last_known` or `weighted`.
    period_consolidation: String,
    /// `sum`, `ratio_of_sums`, `weighted_by_variable`, `official_only`, `ipm_from_components`, `distribution`, `none`.
    location_consolidation: String,
    /// Code of the indicator that weighs this one in a roll-up.
    weight_variable: String,
    /// What the numerator counts, for a ratio.
    numerator: String,
    /// What the denominator counts, for a ratio.
    denominator: String,
    /// Data source.
    source: String,
    /// Who publishes the official figure.
    publisher: String,
    /// `yearly` or `quarterly`.
    frequency: String,
    /// Worst acceptable value, for a zero target.
    worst: TypedNumber,
    /// Relative weight within its objective; 1 where nothing is said.
    weight: TypedNumber,
    /// Id of the owning OPD.
    owner_agency: String,
    /// The post that answers for it.
    owner_post: String,
    /// The value before the plan.
    baseline_value: TypedNumber,
    /// Its year.
    baseline_year: Option<i32>,
    /// Whether it was seen in a written source.
    baseline_verified: bool,
}

impl From<NewIndicator> for IndicatorDraft {
    fn from(it: NewIndicator) -> Self {
        let whole = |number: Option<i32>| number.map(|it| it.to_string()).unwrap_or_default();
        Self {
            code: it.code,
            objective: it.objective,
            kind: it.kind,
            name: it.name,
            definition: it.definition,
            formula: it.formula,
            unit: it.unit,
            polarity: it.polarity,
            rule: it.rule,
            decimals: whole(it.decimals),
            period_consolidation: it.period_consolidation,
            location_consolidation: it.location_consolidation,
            weight_variable: it.weight_variable,
            numerator: it.numerator,
            denominator: it.denominator,
            source: it.source,
            publisher: it.publisher,
            frequency: it.frequency,
            worst: it.worst.0,
            weight: it.weight.0,
            owner_agency: it.owner_agency,
            owner_post: it.owner_post,
            baseline_value: it.baseline_value.0,
            baseline_year: whole(it.baseline_year),
            baseline_verified: it.baseline_verified,
        }
    }
}

/// An indicator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Indicator, example = json!({
    "id": "ind_0199c8d2f6a97d0e8f6a1b2c3d4e5f63", "code": "P0",
    "objective": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f62", "kind": "iku",
    "name": "Persentase penduduk miskin",
    "definition": "Persentase penduduk yang pengeluaran per kapita per bulannya di bawah garis kemiskinan.",
    "formula": "Jumlah penduduk miskin dibagi jumlah penduduk, dikali 100",
    "unit": "persen", "polarity": "minimize", "decimals": 2,
    "period_consolidation": "take_last_known", "location_consolidation": "ratio_of_sums",
    "numerator": "Jumlah penduduk miskin", "denominator": "Jumlah penduduk",
    "source": "BPS: Survei Sosial Ekonomi Nasional (Susenas) Maret",
    "publisher": "Badan Pusat Statistik (BPS)", "frequency": "yearly", "weight": "1",
    "baseline_value": "14.75", "baseline_year": 2018, "baseline_verified": true,
    "modes": {}, "revision": 1
}))]
pub(super) struct IndicatorBody {
    /// Its id.
    id: String,
    /// Its code.
    code: String,
    /// Id of the objective it measures.
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
    /// Id of the owning OPD.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_agency: Option<String>,
    /// Name of the owning OPD.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_agency_name: Option<String>,
    /// The post that answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_post: Option<String>,
    /// The value before the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_value: Option<String>,
    /// Its year.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_year: Option<i32>,
    /// Whether it was seen in a written source.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_verified: Option<bool>,
    /// Its code in the release that it came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    template_code: Option<String>,
    /// What may be done here with each field of an adopted indicator: `locked`, `default`, `local`.
    modes: BTreeMap<&'static str, &'static str>,
    /// From which day on no more values are recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_on: Option<chrono::NaiveDate>,
    /// The revision that a change names in `If-Match`.
    revision: i32,
}

impl From<Indicator> for IndicatorBody {
    fn from(it: Indicator) -> Self {
        let mode = |field: ManualField| (field.code(), it.mode_of(field).code());
        let modes = match it.origin {
            Origin::Local => BTreeMap::new(),
            Origin::Adopted { .. } => ManualField::ALL.into_iter().map(mode).collect(),
        };
        let manual = it.manual;
        Self {
            modes,
            id: it.id.to_string(),
            code: it.code.as_str().to_owned(),
            objective: it.objective.to_string(),
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
            owner_agency: it.owner.as_ref().map(|it| it.agency.to_string()),
            owner_agency_name: it.owner.as_ref().map(|it| it.agency_name.clone()),
            owner_post: it.owner.and_then(|it| it.post),
            baseline_value: it.baseline.map(|it| number(it.value)),
            baseline_year: it.baseline.map(|it| it.year),
            baseline_verified: it.baseline.map(|it| it.verified),
            template_code: it.origin.template_code().map(str::to_owned),
            retired_on: it.retired_on,
            revision: it.revision,
        }
    }
}
