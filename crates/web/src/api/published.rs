//! Published lines, definitions and figures as the interface shows them, shared by publications, roll-ups,
//! alignment and comparison.

use chrono::NaiveDate;
use ekinerja_domain::measurement::FigureSource;
use ekinerja_domain::publication::{
    PublicationContent, PublishedObjective, PublishedTarget, PublishedValue,
};
use ekinerja_domain::scoring::RuleSet;
use ekinerja_domain::yardstick::Yardstick;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// A target as published; one of the forms, or none.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublishedTarget, example = json!({ "value": "72.86", "illustrative": true }))]
pub(super) struct TargetBody {
    /// The number to reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// Lower end of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    low: Option<Decimal>,
    /// Upper end of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    high: Option<Decimal>,
    /// A wording that no number was set for.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Whether it is made up for a demonstration.
    illustrative: bool,
}

impl TargetBody {
    /// None where no target is in force.
    pub(super) fn of(target: &PublishedTarget, illustrative: bool) -> Option<Self> {
        let none = Self { value: None, low: None, high: None, text: None, illustrative };
        match target {
            PublishedTarget::Unset => None,
            PublishedTarget::Exactly(value) => Some(Self { value: Some(*value), ..none }),
            PublishedTarget::Range { low, high } => {
                Some(Self { low: Some(*low), high: Some(*high), ..none })
            }
            PublishedTarget::Text(text) => Some(Self { text: Some(text.clone()), ..none }),
        }
    }
}

/// Where a figure was read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FigureSource, example = json!({
    "method": "published", "source": "BPS, Statistik Indonesia 2026 tabel 4.6.7", "verified": true
}))]
pub(super) struct SourceBody {
    /// `measured`, `published`, `derived`, `recalled`.
    method: &'static str,
    /// The publication, table, page.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Whether it was seen in a stored copy of the source.
    verified: bool,
}

impl From<&FigureSource> for SourceBody {
    fn from(it: &FigureSource) -> Self {
        Self { method: it.method.code(), source: it.source.clone(), verified: it.verified }
    }
}

/// One indicator as published.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublishedValue, example = json!({
    "code": "IPM_SP2020", "release": "1.0.0", "fingerprint": "0b7c2f4a9d3e5b6180c1d2e3f4a5b6c7",
    "name": "Indeks Pembangunan Manusia (Metode Baru, UHH SP2020)", "unit": "indeks",
    "standing": "reported", "value": "81.15", "target": { "value": "81.47", "illustrative": true },
    "figure": { "method": "published", "source": "BPS NTB dikutip IDN Times NTB 2 Des 2023",
        "verified": true },
    "revision": 1, "as_of": "2024-01-09"
}))]
pub(super) struct ValueBody {
    /// Code in the release, or the own code.
    code: String,
    /// Version of the release; missing for an own indicator.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<String>,
    /// The same for definitions whose values compare.
    fingerprint: String,
    /// Its name.
    name: String,
    /// Its unit.
    unit: String,
    /// `reported`, `missing`, `not_applicable`, `not_yet_due`: four different things.
    standing: &'static str,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// Its numerator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    numerator: Option<Decimal>,
    /// Its denominator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    denominator: Option<Decimal>,
    /// The target in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<TargetBody>,
    /// Where the figure was read.
    figure: SourceBody,
    /// Revision of the measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<i32>,
    /// Day on which it was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<NaiveDate>,
}

impl From<&PublishedValue> for ValueBody {
    fn from(it: &PublishedValue) -> Self {
        Self {
            code: it.definition.code.as_str().to_owned(),
            release: it.definition.release.map(|it| it.to_string()),
            fingerprint: it.definition.fingerprint.clone(),
            name: it.name.clone(),
            unit: it.unit.clone(),
            standing: it.standing.code(),
            value: it.value,
            numerator: it.numerator,
            denominator: it.denominator,
            target: TargetBody::of(&it.target, it.target_illustrative),
            figure: (&it.figure).into(),
            revision: it.revision,
            as_of: it.as_of,
        }
    }
}

/// One objective as published.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublishedObjective, example = json!({
    "code": "5.1", "text": "Menurunnya kemiskinan", "serves": "5.1", "indicators": 2, "with_target": 1,
    "reported": 2
}))]
pub(super) struct ObjectiveBody {
    /// Its code.
    code: String,
    /// Its wording.
    text: String,
    /// Code of the province's objective that it serves; missing for an own objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    serves: Option<String>,
    /// Indicators under it.
    indicators: u32,
    /// Of these with a target.
    with_target: u32,
    /// Of these with a value.
    reported: u32,
}

impl From<&PublishedObjective> for ObjectiveBody {
    fn from(it: &PublishedObjective) -> Self {
        Self {
            code: it.code.clone(),
            text: it.text.clone(),
            serves: it.serves.clone(),
            indicators: it.indicators,
            with_target: it.with_target,
            reported: it.reported,
        }
    }
}

/// What leaves, exactly.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicationContent)]
pub(super) struct ContentBody {
    /// The period.
    period: String,
    /// The indicators, by code.
    values: Vec<ValueBody>,
    /// The objectives, by code.
    objectives: Vec<ObjectiveBody>,
}

impl From<&PublicationContent> for ContentBody {
    fn from(it: &PublicationContent) -> Self {
        Self {
            period: it.period.to_string(),
            values: it.values.iter().map(ValueBody::from).collect(),
            objectives: it.objectives.iter().map(ObjectiveBody::from).collect(),
        }
    }
}

/// What figures of one indicator and period must agree with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Yardstick, example = json!({
    "code": "JPM", "name": "Jumlah Penduduk Miskin", "unit": "ribu jiwa", "polarity": "minimize",
    "decimals": 2, "release": "1.0.0", "fingerprint": "5d1e0c9b8a7f6e5d4c3b2a1908f7e6d5",
    "method": "sum"
}))]
pub(super) struct YardstickBody {
    /// Code of the indicator.
    code: String,
    /// Its name.
    name: String,
    /// Its unit.
    unit: String,
    /// `maximize`, `minimize`, `stabilize`, `neutral`.
    polarity: &'static str,
    /// Decimals shown.
    decimals: u8,
    /// Version of the release; missing where no release has the indicator.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<String>,
    /// The same for definitions whose values compare.
    fingerprint: String,
    /// How regencies become the province.
    method: &'static str,
    /// Code of the indicator that weighs this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    weight_variable: Option<String>,
}

impl From<&Yardstick> for YardstickBody {
    fn from(it: &Yardstick) -> Self {
        Self {
            code: it.definition.code.as_str().to_owned(),
            name: it.name.clone(),
            unit: it.unit.clone(),
            polarity: it.polarity.code(),
            decimals: it.decimals,
            release: it.definition.release.map(|it| it.to_string()),
            fingerprint: it.definition.fingerprint.clone(),
            method: it.method.code(),
            weight_variable: it.weight_variable.as_ref().map(|it| it.as_str().to_owned()),
        }
    }
}

/// The one rule set behind every achievement of a comparison.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparisonRuleSet, example = json!({
    "name": "comparison", "version": 1,
    "basis": "Pembanding provinsi: seperti default, tanpa batas atas dan batas bawah"
}))]
pub(super) struct RulesBody {
    /// Its name.
    name: String,
    /// Its version.
    version: u32,
    /// Where its choices come from, in Bahasa Indonesia.
    basis: String,
}

impl From<&RuleSet> for RulesBody {
    fn from(it: &RuleSet) -> Self {
        Self {
            name: it.id.name.clone().into_owned(),
            version: it.id.version,
            basis: it.basis.clone().into_owned(),
        }
    }
}
