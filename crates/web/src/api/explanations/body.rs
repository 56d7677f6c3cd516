//! Explanations of a tenant's own scores, as the interface writes them.

use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_domain::evidence::{Evidence, Support};
use ekinerja_domain::explanation::{
    Explanation, FigureInput, IndicatorExplanation, LevelExplanation, LevelMember, sentence,
};
use ekinerja_domain::measurement::{MeasurementStatus, Reading};
use ekinerja_domain::period::Period;
use ekinerja_domain::scorecard::{LevelKey, MemberKey};
use ekinerja_domain::scorecard_score::ScoreGap;
use ekinerja_domain::target::TargetValue;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::calculation::{
    CalculationBody, DecisionBody, RulesBody, ScaleBody, Text, with_decimals,
};
use crate::api::published::SourceBody;

/// A piece of evidence: a file with its hash, or a link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedEvidence)]
struct EvidenceBody {
    /// Its id.
    id: String,
    /// Name of the file, or the link.
    name: String,
    /// SHA-256 of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// Page, sheet or cell to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// Where it is read: below the government's address for a file, elsewhere for a link.
    address: String,
}

impl From<&Evidence> for EvidenceBody {
    fn from(it: &Evidence) -> Self {
        let (name, sha256, address) = match &it.support {
            Support::File { file, name } => {
                let address = format!("/measurements/{}/evidence/{}", it.measurement, it.id);
                (name.clone(), Some(file.sha256.clone()), address)
            }
            Support::Link { url } => (url.clone(), None, url.clone()),
        };
        Self { id: it.id.to_string(), name, sha256, pointer: it.pointer.clone(), address }
    }
}

/// What was recorded and agreed for one period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedFigure)]
struct FigureBody {
    /// The period.
    period: String,
    /// The value; missing is never zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// Numerator and denominator of a ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    ratio: Option<[Decimal; 2]>,
    /// Whether the indicator does not apply here in this period.
    not_applicable: bool,
    /// `submitted` (provisional) or `verified` (final); missing when nothing that counts was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    /// Id of the measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    measurement: Option<String>,
    /// Its revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<i32>,
    /// Who recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_by: Option<String>,
    /// Who verified it.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<DateTime<Utc>>,
    /// Where the figure was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    figure: Option<SourceBody>,
    /// What supports it.
    evidence: Vec<EvidenceBody>,
    /// The target of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    /// Whether that target is made up for a demonstration.
    target_illustrative: bool,
}

impl From<&FigureInput> for FigureBody {
    fn from(it: &FigureInput) -> Self {
        Self {
            period: it.period.to_string(),
            value: it.value,
            ratio: match it.reading {
                Some(Reading::Ratio { numerator, denominator }) => Some([numerator, denominator]),
                Some(Reading::Value(_) | Reading::NotApplicable) | None => None,
            },
            not_applicable: it.reading == Some(Reading::NotApplicable),
            status: it.status.map(MeasurementStatus::code),
            measurement: it.measurement.map(|it| it.to_string()),
            revision: it.revision,
            recorded_by: it.recorded_by.clone(),
            verified_by: it.verified.as_ref().map(|it| it.0.clone()),
            verified_at: it.verified.as_ref().map(|it| it.1),
            figure: it.figure.as_ref().map(SourceBody::from),
            evidence: it.evidence.iter().map(EvidenceBody::from).collect(),
            target: it.target.as_ref().map(|(value, _)| target_text(value)),
            target_illustrative: it.target.as_ref().is_some_and(|it| it.1),
        }
    }
}

fn target_text(it: &TargetValue) -> String {
    match it {
        TargetValue::Exactly(value) => value.normalize().to_string(),
        TargetValue::Range { low, high } => format!("{}..{}", low.normalize(), high.normalize()),
        TargetValue::Text(text) => text.clone(),
    }
}

/// Why an indicator's achievement is what it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IndicatorExplanation, example = json!({
    "kind": "indicator", "indicator": "ind_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "code": "IPM_SP2020",
    "name": "Indeks Pembangunan Manusia (SP2020)", "unit": "indeks", "period": "2023",
    "sentence": { "id": "Capaian 99,33 % karena realisasi 72,37 dari target 72,86 indeks; makin besar makin baik.",
        "en": "Achievement is 99.33 % because actual 72.37 of target 72.86 indeks; higher is better." },
    "calculation": { "rule": "MaxRatio", "rule_set": { "name": "default", "version": 1 },
        "inputs": { "actual": "72.37", "target": "72.86", "target_is_extreme": false, "reported": true },
        "steps": [], "outcome": "measured", "printed": "99.33", "status": "yellow" },
    "provisional": false, "counting": "counts", "weight": "1", "target_illustrative": true,
    "figures": [{ "period": "2023", "value": "72.37", "not_applicable": false, "status": "verified",
        "verified_by": "Kepala Bappeda", "evidence": [], "target_illustrative": true }],
    "source": "BPS", "hidden": [], "computed_at": "2024-01-09T03:30:00Z"
}))]
pub(super) struct IndicatorBody {
    /// `indicator`.
    kind: &'static str,
    /// Its id.
    indicator: String,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Its unit.
    unit: String,
    /// The period.
    period: String,
    /// Why, in a few plain sentences.
    sentence: Text,
    /// How the achievement came about.
    calculation: CalculationBody,
    /// Whether a value in it is not verified yet.
    provisional: bool,
    /// `counts`, or why it enters no score above.
    counting: &'static str,
    /// Relative weight in its objective.
    #[schema(value_type = String)]
    weight: Decimal,
    /// Whether the target is made up for a demonstration.
    target_illustrative: bool,
    /// How periods were put together; missing for a figure of the period itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    consolidation: Option<&'static str>,
    /// Values, targets and evidence by period.
    figures: Vec<FigureBody>,
    /// What is measured, in the words of the manual.
    measures: String,
    /// The manual's data source.
    source: String,
    /// Who publishes the official figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// From which day on no more values are recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_on: Option<NaiveDate>,
    /// What stands behind it and is not shown to the caller.
    #[schema(value_type = Vec<String>)]
    hidden: [&'static str; 0],
    /// Where the explanation of its objective is, below the government's address.
    why_above: String,
    /// When it was computed.
    computed_at: DateTime<Utc>,
}

impl IndicatorBody {
    pub(super) fn of(it: &IndicatorExplanation) -> Self {
        let whole = Explanation::Indicator(Box::new(it.clone()));
        Self {
            kind: "indicator",
            indicator: it.indicator.to_string(),
            code: it.code.as_str().to_owned(),
            name: it.name.clone(),
            unit: it.unit.clone(),
            period: it.period.to_string(),
            sentence: Text::of(|language| sentence(&whole, language)),
            calculation: (&it.calculation).into(),
            provisional: it.provisional,
            counting: it.counting.code(),
            weight: it.placement.weight.get(),
            target_illustrative: it.target_illustrative,
            consolidation: it
                .consolidation
                .map(ekinerja_domain::consolidation::PeriodConsolidation::code),
            figures: it.figures.iter().map(FigureBody::from).collect(),
            measures: it.measures.clone(),
            source: it.source.clone(),
            publisher: it.publisher.clone(),
            retired_on: it.retired_on,
            hidden: [],
            why_above: why_of(MemberKey::Objective(it.placement.objective), it.period),
            computed_at: it.computed_at,
        }
    }
}

/// Where a member is explained, below the government's address.
pub(super) fn why_of(key: MemberKey, period: Period) -> String {
    match key {
        MemberKey::Organisation => format!("/scorecard/explanation?period={period}"),
        MemberKey::Perspective(it) => {
            format!("/scorecard/perspectives/{}/explanation?period={period}", it.code())
        }
        MemberKey::Objective(id) => {
            format!("/scorecard/objectives/{id}/explanation?period={period}")
        }
        MemberKey::Indicator(id) => format!("/indicators/{id}/explanation?period={period}"),
    }
}

/// One part of a level's score.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedMember)]
struct MemberBody {
    /// Id or code.
    id: String,
    /// Its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Its weight as given.
    #[schema(value_type = String)]
    weight: Decimal,
    /// Its effective share, 0 to 1, after renormalising over those that have a score.
    #[schema(value_type = String)]
    share: Decimal,
    /// Its score, full precision; missing when it has none that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    score: Option<Decimal>,
    /// As printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    printed: Option<Decimal>,
    /// `green`, `yellow`, `red`, `grey`.
    status: &'static str,
    /// Measured and verified indicators in it.
    measured: u32,
    /// Indicators in it that are due and apply here.
    expected: u32,
    /// Why it is not in the score; missing when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded: Option<&'static str>,
    /// Where it is explained, below the government's address.
    why: String,
}

impl MemberBody {
    fn of(it: &LevelMember, period: Period, decimals: u32, name: Option<(String, String)>) -> Self {
        let id = match it.key {
            MemberKey::Organisation => String::new(),
            MemberKey::Perspective(it) => it.code().to_owned(),
            MemberKey::Objective(id) => id.to_string(),
            MemberKey::Indicator(id) => id.to_string(),
        };
        let (code, name) = name.unzip();
        Self {
            id,
            code,
            name,
            weight: it.weight.get(),
            share: it.share,
            score: it.score.map(|it| it.normalize()),
            printed: it.printed.map(|value| with_decimals(value, decimals)),
            status: it.traffic.code(),
            measured: it.coverage.measured,
            expected: it.coverage.expected,
            excluded: it.excluded.map(ekinerja_domain::explanation::MemberExclusion::code),
            why: why_of(it.key, period),
        }
    }
}

/// Why an objective, a perspective or the organisation has its score.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LevelExplanation, example = json!({
    "kind": "organisation", "period": "2023",
    "sentence": { "id": "NKO 95,00 % karena itulah rata-rata tertimbang dari 2 di antara 2 perspektif yang punya skor final.",
        "en": "NKO is 95.00 % because that is the weighted mean of 2 out of 2 perspectives that have a final score." },
    "rules": { "name": "default", "version": 1, "basis": "…", "full_marks_at_max": false,
        "rounding": "half_up", "decimals": 2, "late_as": "exclude",
        "zero_target_min": "worst_scale_else_met", "zero_target_max": "not_measurable",
        "inverse_zero_actual": "hundred" },
    "method": "weighted_mean", "value": "95", "printed": "95.00", "status": "yellow", "measured": 3,
    "expected": 3, "share_of_total": "1",
    "members": [
        { "id": "F", "code": "F", "name": "Keuangan", "weight": "25", "share": "0.5", "score": "100",
            "printed": "100.00", "status": "green", "measured": 2, "expected": 2,
            "why": "/scorecard/perspectives/F/explanation?period=2023" },
        { "id": "C", "code": "C", "name": "Masyarakat", "weight": "25", "share": "0.5", "score": "90",
            "printed": "90.00", "status": "yellow", "measured": 1, "expected": 1,
            "why": "/scorecard/perspectives/C/explanation?period=2023" }],
    "scale": { "name": "nko127", "bands": [] }, "hidden": []
}))]
pub(super) struct LevelBody {
    /// `organisation`, `perspective` or `objective`.
    kind: &'static str,
    /// Code or name of the level itself; missing for the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The period.
    period: String,
    /// Why, in a few plain sentences.
    sentence: Text,
    /// The rules.
    rules: RulesBody,
    /// `weighted_mean`: sum of score times weight over sum of weights, of the members that have a score; nothing is
    /// rounded on the way, and a member without a score is never zero.
    method: &'static str,
    /// Full precision; missing when nothing below has a score.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// As printed: rounded once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    printed: Option<Decimal>,
    /// Why there is no score.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// `green`, `yellow`, `red`, `grey`.
    status: &'static str,
    /// The band, and the edge that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionBody>,
    /// The scale.
    scale: ScaleBody,
    /// Measured and verified indicators.
    measured: u32,
    /// Indicators that are due and apply here.
    expected: u32,
    /// Effective share of the organisation's score, 0 to 1.
    #[schema(value_type = String)]
    share_of_total: Decimal,
    /// What it was made of.
    members: Vec<MemberBody>,
    /// What stands behind it and is not shown to the caller.
    #[schema(value_type = Vec<String>)]
    hidden: [&'static str; 0],
}

/// Gives code and name of a member.
type Names<'a> = &'a dyn Fn(MemberKey) -> Option<(String, String)>;

impl LevelBody {
    pub(super) fn of(it: &LevelExplanation, names: Names<'_>) -> Self {
        let (kind, own, scale) = match it.key {
            LevelKey::Organisation => {
                ("organisation", MemberKey::Organisation, &it.rules.nko_scale)
            }
            LevelKey::Perspective(key) => {
                ("perspective", MemberKey::Perspective(key), &it.rules.nko_scale)
            }
            LevelKey::Objective(key) => {
                ("objective", MemberKey::Objective(key), &it.rules.iku_scale)
            }
        };
        let whole = Explanation::Level(Box::new(it.clone()));
        let decimals = it.rules.decimals;
        Self {
            kind,
            name: names(own).map(|(code, name)| format!("{code} {name}")),
            period: it.period.to_string(),
            sentence: Text::of(|language| sentence(&whole, language)),
            rules: (&it.rules).into(),
            method: "weighted_mean",
            value: it.value.map(|it| it.normalize()),
            printed: it.printed.map(|value| with_decimals(value, decimals)),
            reason: it.gap.map(ScoreGap::code),
            status: it.traffic.code(),
            decision: it.band.as_ref().map(DecisionBody::from),
            scale: (&**scale).into(),
            measured: it.coverage.measured,
            expected: it.coverage.expected,
            share_of_total: it.share_of_total,
            members: it
                .members
                .iter()
                .map(|member| MemberBody::of(member, it.period, decimals, names(member.key)))
                .collect(),
            hidden: [],
        }
    }
}
