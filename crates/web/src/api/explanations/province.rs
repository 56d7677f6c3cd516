//! Explanations of a province's figures and places, as the interface writes them.

use chrono::NaiveDate;
use ekinerja_domain::comparison::Rank;
use ekinerja_domain::explanation::{
    Apart, CompositeExplanation, Explanation, Hidden, RankExplanation, RankedMember,
    RollUpExplanation, sentence,
};
use ekinerja_domain::rollup::{Basis, ExclusionReason, RollUpPart, RollUpReason};
use ekinerja_domain::tenant::RegionCode;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::scorecards::RuleSetBody;
use super::calculation::{CalculationBody, Text};
use crate::api::published::{SourceBody, TargetBody, YardstickBody};

/// What stands behind a figure and is not shown to the caller: named, not dropped.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedHidden)]
struct HiddenBody {
    /// `evidence`, `people` or `drafts`.
    what: &'static str,
    /// Kemendagri code of the government with which it stays.
    region: String,
}

fn hidden<'a>(regions: impl Iterator<Item = &'a RegionCode>) -> Vec<HiddenBody> {
    regions
        .flat_map(|region| {
            Hidden::ALL.iter().map(|it| HiddenBody { what: it.code(), region: region.to_string() })
        })
        .collect()
}

/// What one regency gave.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedContribution)]
struct PartBody {
    /// Kemendagri code.
    region: String,
    /// Its name.
    name: String,
    /// Why it is not in the total; missing when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded: Option<&'static str>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_words: Option<Text>,
    /// Its value.
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
    /// Its weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    weight: Option<Decimal>,
    /// Life expectancy, expected and mean years of schooling, expenditure per head.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    components: Option<[Decimal; 4]>,
    /// Number of the publication that the figure came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    publication: Option<u32>,
    /// Day on which it was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<NaiveDate>,
    /// Where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    figure: Option<SourceBody>,
}

impl PartBody {
    fn of(it: &RollUpPart, name: String) -> Self {
        Self {
            region: it.region.to_string(),
            name,
            excluded: it.excluded.map(ExclusionReason::code),
            excluded_words: it.excluded.map(words),
            value: it.value,
            numerator: it.numerator,
            denominator: it.denominator,
            weight: it.weight,
            components: it.components.map(|it| {
                [it.life_expectancy, it.expected_schooling, it.mean_schooling, it.expenditure]
            }),
            publication: it.number,
            as_of: it.as_of,
            figure: it.figure.as_ref().map(SourceBody::from),
        }
    }
}

fn words(it: ExclusionReason) -> Text {
    Text::of(|language| match language {
        ekinerja_domain::explanation::Language::Id => it.text_id().to_owned(),
        ekinerja_domain::explanation::Language::En => it.text_en().to_owned(),
    })
}

/// Why a province's figure is what it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RollUpExplanation, example = json!({
    "kind": "roll_up", "period": "2024",
    "indicator": { "code": "JPM", "name": "Jumlah Penduduk Miskin", "unit": "ribu jiwa",
        "polarity": "minimize", "decimals": 2, "release": "1.0.0",
        "fingerprint": "5d1e0c9b8a7f6e5d4c3b2a1908f7e6d5", "method": "sum" },
    "sentence": { "id": "Angka yang ditampilkan, 709,01 ribu jiwa, adalah angka resmi penerbit; angka resmi mengalahkan hitungan.",
        "en": "The figure shown, 709.01 ribu jiwa, is the publisher's official one; it beats a computed figure." },
    "method": "sum", "per": "1", "value": "709.01", "basis": "official", "computed": "644.16",
    "official": "709.01", "difference": "-64.85", "partial": true, "reporting": 8, "expected": 10,
    "parts": [{ "region": "52.07", "name": "Kabupaten Sumbawa Barat", "excluded": "missing_value",
        "excluded_words": { "id": "nilai kosong", "en": "no value" }, "publication": 1 }],
    "hidden": [{ "what": "evidence", "region": "52.07" }]
}))]
pub(super) struct RollUpBody {
    /// `roll_up`.
    kind: &'static str,
    /// The period.
    period: String,
    /// What figures had to agree with.
    indicator: YardstickBody,
    /// Why, in a few plain sentences.
    sentence: Text,
    /// How regencies became the province.
    method: &'static str,
    /// What a ratio is multiplied with.
    #[schema(value_type = String)]
    per: Decimal,
    /// The figure shown: official if there is one, else computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// `official`, `computed` or `estimate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    /// The computed figure, full precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    computed: Option<Decimal>,
    /// The publisher's figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    official: Option<Decimal>,
    /// Computed less official.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    difference: Option<Decimal>,
    /// Sum of numerators, or of weighted values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    numerator: Option<Decimal>,
    /// Sum of denominators, or of weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    denominator: Option<Decimal>,
    /// Why nothing was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Whether an expected regency is not in the computed figure.
    partial: bool,
    /// Regencies in the computed figure.
    reporting: u32,
    /// Regencies expected.
    expected: u32,
    /// Share of the whole that they make up, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    weight_share: Option<Decimal>,
    /// Where the official figure was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    official_figure: Option<SourceBody>,
    /// What each regency gave, by code.
    parts: Vec<PartBody>,
    /// Grades and how many stand at each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    distribution: Vec<ExplainedGrade>,
    /// What stays with the regencies.
    hidden: Vec<HiddenBody>,
}

/// A grade and how many stand at it.
#[derive(Debug, Serialize, ToSchema)]
struct ExplainedGrade {
    /// The grade.
    grade: String,
    /// How many.
    members: u32,
}

impl RollUpBody {
    pub(super) fn of(it: &RollUpExplanation) -> Self {
        let whole = Explanation::RollUp(Box::new(it.clone()));
        let (rollup, rolled) = (&it.rollup, &it.rollup.rolled);
        let counts = rolled.distribution.iter().flat_map(|it| &it.counts);
        Self {
            kind: "roll_up",
            period: rollup.period.to_string(),
            indicator: (&rollup.yardstick).into(),
            sentence: Text::of(|language| sentence(&whole, language)),
            method: rolled.method.code(),
            per: it.per(),
            value: rolled.value,
            basis: rolled.basis.map(Basis::code),
            computed: rolled.computed,
            official: rolled.official,
            difference: rolled.difference,
            numerator: rolled.numerator,
            denominator: rolled.denominator,
            reason: rolled.reason.map(RollUpReason::code),
            partial: rolled.partial,
            reporting: rolled.coverage.reporting,
            expected: rolled.coverage.expected,
            weight_share: rolled.coverage.weight_share,
            official_figure: rollup.official.as_ref().map(|it| SourceBody::from(&it.figure)),
            parts: rollup
                .parts
                .iter()
                .map(|part| PartBody::of(part, it.name(&part.region)))
                .collect(),
            distribution: counts
                .map(|(grade, members)| ExplainedGrade { grade: grade.clone(), members: *members })
                .collect(),
            hidden: hidden(
                rollup.parts.iter().filter(|it| it.number.is_some()).map(|it| &it.region),
            ),
        }
    }
}

/// A regency in a ranking.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedPlace)]
struct PlaceBody {
    /// Kemendagri code.
    region: String,
    /// Its name.
    name: String,
    /// Its value.
    #[schema(value_type = String)]
    value: Decimal,
    /// What places are given by, made of the printed value: the smaller, the better.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    key: Option<Decimal>,
    /// Best and worst of the places that it shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<[u32; 2]>,
}

fn places(it: Option<Rank>) -> Option<[u32; 2]> {
    it.map(|it| [it.first, it.last])
}

impl From<&RankedMember> for PlaceBody {
    fn from(it: &RankedMember) -> Self {
        Self {
            region: it.region.to_string(),
            name: it.name.clone(),
            value: it.value,
            key: it.key,
            rank: places(it.rank),
        }
    }
}

/// A regency that is not ranked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedApart)]
struct ApartBody {
    /// Kemendagri code.
    region: String,
    /// Its name.
    name: String,
    /// Why.
    reason: &'static str,
}

/// Why a regency stands where it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RankExplanation, example = json!({
    "kind": "rank", "period": "2023", "region": "52.01", "name": "Kabupaten Lombok Barat",
    "indicator": { "code": "IPM_SP2020", "name": "Indeks Pembangunan Manusia", "unit": "indeks",
        "polarity": "maximize", "decimals": 2, "release": "1.0.0",
        "fingerprint": "0b7c2f4a9d3e5b6180c1d2e3f4a5b6c7", "method": "official_only" },
    "rule_set": { "name": "comparison", "version": 1 },
    "sentence": { "id": "Peringkat 2 dari 2 karena 1 kabupaten/kota punya nilai yang lebih baik daripada 72,37 indeks; makin besar makin baik.",
        "en": "Rank 2 of 2 because 1 regencies have a better value than 72.37 indeks; higher is better." },
    "value": "72.37", "rank": [2, 2],
    "reporters": [
        { "region": "52.71", "name": "Kota Mataram", "value": "81.15", "key": "-81.15", "rank": [1, 1] },
        { "region": "52.01", "name": "Kabupaten Lombok Barat", "value": "72.37", "key": "-72.37",
            "rank": [2, 2] }],
    "others": [{ "region": "52.07", "name": "Kabupaten Sumbawa Barat", "reason": "missing_value" }],
    "hidden": [{ "what": "evidence", "region": "52.01" }]
}))]
pub(super) struct RankBody {
    /// `rank`.
    kind: &'static str,
    /// The period.
    period: String,
    /// Kemendagri code of the regency.
    region: String,
    /// Its name.
    name: String,
    /// What figures had to agree with.
    indicator: YardstickBody,
    /// The pinned rule set.
    rule_set: RuleSetBody,
    /// Why, in a few plain sentences.
    sentence: Text,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// Its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<TargetBody>,
    /// Best and worst of the places that it shares; missing when it is not ranked.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<[u32; 2]>,
    /// Why it is not ranked.
    #[serde(skip_serializing_if = "Option::is_none")]
    apart: Option<&'static str>,
    /// How its achievement came about under the pinned rule set.
    #[serde(skip_serializing_if = "Option::is_none")]
    calculation: Option<CalculationBody>,
    /// Number of the publication that the figure came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    publication: Option<i32>,
    /// Where the figure was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    figure: Option<SourceBody>,
    /// Day on which it was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<NaiveDate>,
    /// All whose figures are compared, in order.
    reporters: Vec<PlaceBody>,
    /// All others, each with the reason.
    others: Vec<ApartBody>,
    /// What stays with the regency.
    hidden: Vec<HiddenBody>,
}

impl RankBody {
    pub(super) fn of(it: &RankExplanation) -> Self {
        let whole = Explanation::Rank(Box::new(it.clone()));
        Self {
            kind: "rank",
            period: it.period.to_string(),
            region: it.region.to_string(),
            name: it.name.clone(),
            indicator: (&it.yardstick).into(),
            rule_set: (&it.rule_set).into(),
            sentence: Text::of(|language| sentence(&whole, language)),
            value: it.value,
            target: it
                .target
                .as_ref()
                .and_then(|target| TargetBody::of(target, it.target_illustrative)),
            rank: places(it.rank),
            apart: it.apart.map(Apart::code),
            calculation: it.calculation.as_ref().map(CalculationBody::from),
            publication: it.publication,
            figure: it.figure.as_ref().map(SourceBody::from),
            as_of: it.as_of,
            reporters: it.reporters.iter().map(PlaceBody::from).collect(),
            others: it
                .others
                .iter()
                .map(|(region, name, apart)| ApartBody {
                    region: region.to_string(),
                    name: name.clone(),
                    reason: apart.code(),
                })
                .collect(),
            hidden: hidden(it.publication.is_some().then_some(&it.region).into_iter()),
        }
    }
}

/// Why a figure of several parts is what it is.
#[derive(Debug, Serialize)]
pub(super) struct CompositeBody {
    kind: &'static str,
    rule: &'static str,
    parts: Vec<[Decimal; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Decimal>,
    sentence: Text,
}

impl CompositeBody {
    pub(super) fn of(it: &CompositeExplanation) -> Self {
        let whole = Explanation::Composite(it.clone());
        let part = |it: &ekinerja_domain::scoring::composite::Part| {
            [it.numerator, it.denominator, it.weight.get()]
        };
        Self {
            kind: "composite",
            rule: it.rule.code(),
            parts: it.parts.iter().map(part).collect(),
            value: it.value.ok(),
            sentence: Text::of(|language| sentence(&whole, language)),
        }
    }
}
