//! What a score was made of, as the column `steps` keeps it.

use ekinerja_domain::ids::PlanNodeId;
use ekinerja_domain::indicator::IndicatorKind;
use ekinerja_domain::plan::Perspective;
use ekinerja_domain::quantity::{Operator, Weight};
use ekinerja_domain::scorecard::{IndicatorScore, Placement as DomainPlacement, ScoreStep};
use ekinerja_domain::scoring::{Inputs as DomainInputs, StepKind};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The JSON of a score.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Breakdown {
    /// Full precision; the columns are cut to six decimals.
    pub(super) achievement: Option<Decimal>,
    pub(super) uncapped: Option<Decimal>,
    pub(super) printed: Option<Decimal>,
    pub(super) reported: bool,
    pub(super) target_text: Option<String>,
    pub(super) target_illustrative: bool,
    pub(super) inputs: Inputs,
    pub(super) steps: Vec<Step>,
    pub(super) placement: Placement,
    pub(super) consolidated: Vec<String>,
    pub(super) missing: Vec<String>,
}

/// The numbers that went in.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Inputs {
    target: Option<Decimal>,
    actual: Option<Decimal>,
    baseline: Option<Decimal>,
    worst: Option<Decimal>,
    range: Option<(Decimal, Decimal)>,
    operator: Option<String>,
}

/// One step.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Step {
    kind: String,
    formula: String,
    result: Decimal,
}

/// Where the indicator counted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Placement {
    objective: Uuid,
    perspective: Option<String>,
    kind: String,
    weight: Decimal,
    perspective_weight: Decimal,
}

impl Breakdown {
    pub(super) fn of(it: &IndicatorScore) -> Self {
        Self {
            achievement: it.achievement,
            uncapped: it.uncapped,
            printed: it.printed,
            reported: it.reported,
            target_text: it.target_text.clone(),
            target_illustrative: it.target_illustrative,
            inputs: Inputs {
                target: it.inputs.target,
                actual: it.inputs.actual,
                baseline: it.inputs.baseline,
                worst: it.inputs.worst,
                range: it.inputs.range,
                operator: it.inputs.operator.map(|it| it.code().to_owned()),
            },
            steps: it
                .steps
                .iter()
                .map(|it| Step {
                    kind: it.kind.code().to_owned(),
                    formula: it.formula.clone().into_owned(),
                    result: it.result,
                })
                .collect(),
            placement: Placement {
                objective: it.placement.objective.uuid(),
                perspective: it.placement.perspective.map(|it| it.code().to_owned()),
                kind: it.placement.kind.code().to_owned(),
                weight: it.placement.weight.get(),
                perspective_weight: it.placement.perspective_weight.get(),
            },
            consolidated: it.consolidated.iter().map(ToString::to_string).collect(),
            missing: it.missing.iter().map(ToString::to_string).collect(),
        }
    }

    pub(super) fn to_json(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self)
    }

    pub(super) fn from_json(json: serde_json::Value) -> serde_json::Result<Self> {
        serde_json::from_value(json)
    }
}

impl Inputs {
    pub(super) fn read(self) -> Option<DomainInputs> {
        let operator = match self.operator {
            None => None,
            Some(code) => Some(Operator::from_code(&code)?),
        };
        let Self { target, actual, baseline, worst, range, .. } = self;
        Some(DomainInputs { target, actual, baseline, worst, range, operator })
    }
}

impl Step {
    pub(super) fn read(self) -> Option<ScoreStep> {
        let kind = StepKind::from_code(&self.kind)?;
        Some(ScoreStep { kind, formula: self.formula.into(), result: self.result })
    }
}

impl Placement {
    pub(super) fn read(self) -> Option<DomainPlacement> {
        let perspective = match self.perspective {
            None => None,
            Some(code) => Some(Perspective::from_code(&code)?),
        };
        Some(DomainPlacement {
            objective: PlanNodeId::from(self.objective),
            perspective,
            kind: IndicatorKind::from_code(&self.kind)?,
            weight: Weight::new(self.weight).ok()?,
            perspective_weight: Weight::new(self.perspective_weight).ok()?,
        })
    }
}
