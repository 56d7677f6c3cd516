//! Rules, scales and calculations as the interface explains them.

use ekinerja_domain::explanation::{BandDecision, Calculation, Language, formula_words};
use ekinerja_domain::scale::{Band, Scale};
use ekinerja_domain::scoring::{Polarity, Reason, RuleId, RuleSet};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::scorecards::RuleSetBody;

/// A text in both languages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedText)]
pub(super) struct Text {
    /// Bahasa Indonesia.
    id: String,
    /// English.
    en: String,
}

impl Text {
    pub(super) fn of(text: impl Fn(Language) -> String) -> Self {
        Self { id: text(Language::Id), en: text(Language::En) }
    }
}

/// The switches of a rule set that a number follows from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedRules)]
pub(super) struct RulesBody {
    /// Its name.
    name: String,
    /// Its version.
    version: u32,
    /// Where its choices come from.
    basis: String,
    /// Highest achievement in percent; missing for no cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    cap: Option<Decimal>,
    /// Lowest achievement in percent; missing for no floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    floor: Option<Decimal>,
    /// Whether an extreme target that is met scores 120.
    full_marks_at_max: bool,
    /// `half_up` or `truncate`: how the one rounding is done.
    rounding: &'static str,
    /// Decimals of a printed percentage.
    decimals: u32,
    /// `exclude` or `zero`: what a late item counts as.
    late_as: &'static str,
    /// What a minimise target of zero gives.
    zero_target_min: &'static str,
    /// What a maximise target of zero gives.
    zero_target_max: &'static str,
    /// What an actual of zero gives under T / R.
    inverse_zero_actual: &'static str,
}

impl From<&RuleSet> for RulesBody {
    fn from(it: &RuleSet) -> Self {
        Self {
            name: it.name().to_owned(),
            version: it.id.version,
            basis: it.basis.to_string(),
            cap: it.cap,
            floor: it.floor,
            full_marks_at_max: it.full_marks_at_max,
            rounding: it.rounding.code(),
            decimals: it.decimals,
            late_as: it.late_as.code(),
            zero_target_min: it.zero_target_min.code(),
            zero_target_max: it.zero_target_max.code(),
            inverse_zero_actual: it.inverse_zero_actual.code(),
        }
    }
}

/// One band of a scale.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedBand)]
pub(super) struct BandBody {
    /// Its code.
    code: String,
    /// What people read.
    label: String,
    /// `green`, `yellow`, `red`, `grey`.
    status: &'static str,
    /// The lower edge in percent; missing for the last band.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    lower: Option<Decimal>,
    /// Whether the edge itself belongs to the band.
    inclusive: bool,
}

impl From<&Band> for BandBody {
    fn from(it: &Band) -> Self {
        Self {
            code: it.code.clone().into_owned(),
            label: it.label.clone().into_owned(),
            status: it.status.code(),
            lower: it.lower,
            inclusive: it.inclusive,
        }
    }
}

/// A scale, best band first: the first band whose edge the printed number reaches.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedScale)]
pub(super) struct ScaleBody {
    /// Its name.
    name: String,
    /// Its bands.
    bands: Vec<BandBody>,
}

impl From<&Scale> for ScaleBody {
    fn from(it: &Scale) -> Self {
        Self { name: it.name().to_owned(), bands: it.bands().map(BandBody::from).collect() }
    }
}

/// The band a number fell into.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedBandDecision)]
pub(super) struct DecisionBody {
    /// The band; its lower edge was reached.
    band: BandBody,
    /// The next better band, whose edge was not reached; missing for the best.
    #[serde(skip_serializing_if = "Option::is_none")]
    missed: Option<BandBody>,
}

impl From<&BandDecision> for DecisionBody {
    fn from(it: &BandDecision) -> Self {
        Self { band: (&it.band).into(), missed: it.missed.as_ref().map(BandBody::from) }
    }
}

/// The numbers that went into a formula.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedInputs)]
pub(super) struct InputsBody {
    /// R, or the number of the actual's grade; missing is never zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    actual: Option<Decimal>,
    /// T, or the number of the target's grade.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    target: Option<Decimal>,
    /// Lower and upper end of a target range; beats `target`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    target_range: Option<[Decimal; 2]>,
    /// The target's wording, where it is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    target_text: Option<String>,
    /// B.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    baseline: Option<Decimal>,
    /// L, the worst acceptable value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    worst: Option<Decimal>,
    /// The comparison that `MetNotMet` used.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<&'static str>,
    /// Whether the target already is the best possible value.
    target_is_extreme: bool,
    /// Points (closeness, score) of the stabilise formula.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Vec<String>>)]
    points: Vec<[Decimal; 2]>,
    /// Whether an actual was given.
    reported: bool,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedStep)]
struct StepBody {
    /// What kind of step.
    kind: &'static str,
    /// The formula in symbols.
    formula: String,
    /// The number after it.
    #[schema(value_type = String)]
    result: Decimal,
}

/// How an achievement came about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExplainedCalculation, example = json!({
    "rule": "MaxRatio", "formula": "R / T × 100",
    "formula_words": { "id": "realisasi dibagi target, dalam persen",
        "en": "actual divided by target, in percent" },
    "polarity": "maximize", "rule_set": { "name": "default", "version": 1 },
    "inputs": { "actual": "8.3", "target": "10", "target_is_extreme": false, "reported": true },
    "outcome": "measured", "uncapped": "83", "achievement": "83", "printed": "83.00",
    "status": "yellow", "steps": [{ "kind": "formula", "formula": "R / T × 100", "result": "83" }]
}))]
pub(super) struct CalculationBody {
    /// The formula's id; missing when none was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// The formula in symbols: R actual, T target, B baseline, L worst value.
    #[serde(skip_serializing_if = "Option::is_none")]
    formula: Option<&'static str>,
    /// The formula in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    formula_words: Option<Text>,
    /// `maximize`, `minimize`, `stabilize`, `neutral`.
    #[serde(skip_serializing_if = "Option::is_none")]
    polarity: Option<&'static str>,
    /// The rule set that made it.
    rule_set: RuleSetBody,
    /// Its switches; missing when the catalogue has that version no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<RulesBody>,
    /// The numbers that went in.
    inputs: InputsBody,
    /// What was done, in order.
    steps: Vec<StepBody>,
    /// `measured`, `met`, `not_met`, or why there is no result.
    outcome: &'static str,
    /// Why there is no result, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Text>,
    /// Before cap and floor, full precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    uncapped: Option<Decimal>,
    /// After cap and floor, full precision: what enters the objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    achievement: Option<Decimal>,
    /// As printed: rounded once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    printed: Option<Decimal>,
    /// `green`, `yellow`, `red`, `grey`.
    status: &'static str,
    /// The band of the printed number, and the edge that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionBody>,
    /// The scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<ScaleBody>,
}

impl From<&Calculation> for CalculationBody {
    fn from(it: &Calculation) -> Self {
        let stabilises =
            matches!(it.rule, Some(RuleId::Stabilize)).then(|| it.points()).unwrap_or_default();
        let decimals = it.printed_decimals();
        Self {
            rule: it.rule.map(RuleId::code),
            formula: it.rule.map(RuleId::formula),
            formula_words: it.rule.map(|rule| Text::of(|in_| formula_words(rule, in_).to_owned())),
            polarity: it.polarity.map(Polarity::code),
            rule_set: (&it.rule_set).into(),
            rules: it.rules.as_ref().map(RulesBody::from),
            inputs: InputsBody {
                actual: it.inputs.actual,
                target: it.inputs.target,
                target_range: it.inputs.range.map(|(low, high)| [low, high]),
                target_text: it.target_text.clone(),
                baseline: it.inputs.baseline,
                worst: it.inputs.worst,
                operator: it.inputs.operator.map(ekinerja_domain::quantity::Operator::code),
                target_is_extreme: it.target_is_extreme,
                points: stabilises.iter().map(|(point, score)| [*point, *score]).collect(),
                reported: it.reported,
            },
            steps: it
                .steps
                .iter()
                .map(|it| StepBody {
                    kind: it.kind.code(),
                    formula: it.formula.clone().into_owned(),
                    result: it.result,
                })
                .collect(),
            outcome: it.outcome.code(),
            reason: it.outcome.reason().map(reason),
            uncapped: it.uncapped,
            achievement: it.achievement,
            printed: it.printed.map(|value| with_decimals(value, decimals)),
            status: it.traffic.code(),
            decision: it.band.as_ref().map(DecisionBody::from),
            scale: it.rules.as_ref().map(|it| ScaleBody::from(&*it.iku_scale)),
        }
    }
}

fn reason(it: Reason) -> Text {
    Text::of(|language| match language {
        Language::Id => it.text_id().to_owned(),
        Language::En => it.text_en().to_owned(),
    })
}

/// A number with all the decimals that its rule set prints: `90.00`.
pub(super) fn with_decimals(mut value: Decimal, decimals: u32) -> Decimal {
    value.rescale(decimals);
    value
}
