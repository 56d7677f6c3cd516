//! The scorecard, the scores of an indicator, and what waits for a person.

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::scorecards::{IndicatorLine, ObjectiveCard, PerspectiveCard, Scorecard};
use ekinerja_app::worklists::{EntryStage, EntryTask, VerificationTask};
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::period::Period;
use ekinerja_domain::scorecard::{IndicatorScore, Level};
use ekinerja_domain::scoring::{RuleId, RuleSetRef};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::evidence::EvidenceBody;
use super::measurements::MeasurementBody;
use super::periods::PeriodBody;
use crate::caller::Caller;
use crate::extract::{Id, Json, Path, PeriodAsked, Query};
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_scorecard))
        .routes(routes!(list_scores_of_indicator))
        .routes(routes!(list_entry_tasks))
        .routes(routes!(list_verification_tasks))
}

/// Name and version of the rules behind a number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleSetReference)]
pub(super) struct RuleSetBody {
    /// Its name.
    name: String,
    /// Its version.
    version: u32,
}

impl From<&RuleSetRef> for RuleSetBody {
    fn from(it: &RuleSetRef) -> Self {
        Self { name: it.name.clone().into_owned(), version: it.version }
    }
}

/// The score of an objective, a perspective or the organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LevelScore)]
struct LevelBody {
    /// In percent, cut to six decimals; missing when nothing below is measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// Code of its band on the scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    band: Option<String>,
    /// `green`, `yellow`, `red`, `grey`.
    status: &'static str,
    /// How many expected indicators below are measured and verified.
    measured: u32,
    /// How many indicators below are due and apply here.
    expected: u32,
    /// Effective share of the organisation's score, 0 to 1.
    #[schema(value_type = String)]
    share: Decimal,
}

impl From<&Level> for LevelBody {
    fn from(it: &Level) -> Self {
        Self {
            value: it.value,
            band: it.band.clone(),
            status: it.traffic.code(),
            measured: it.coverage.measured,
            expected: it.coverage.expected,
            share: it.share,
        }
    }
}

/// One step of a calculation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScoreStep)]
struct StepBody {
    /// What kind of step.
    kind: &'static str,
    /// The formula in symbols: R actual, T target, B baseline, L worst value.
    formula: String,
    /// The number after it.
    #[schema(value_type = String)]
    result: Decimal,
}

/// The score of one indicator with all that it was made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Score, example = json!({
    "indicator": "ind_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "period": "2023", "standing": "reported",
    "outcome": "measured", "actual": "72.37", "target": "72.86", "target_illustrative": true,
    "achievement": "99.33", "status": "yellow", "band": "yellow", "provisional": false,
    "rule": "MaxRatio", "rule_set": { "name": "default", "version": 1 },
    "steps": [{ "kind": "formula", "formula": "R / T × 100", "result": "99.32747735382926159758440845" },
        { "kind": "rounding", "formula": "0.00", "result": "99.33" }],
    "measurement": "msr_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "computed_at": "2024-01-09T03:30:00Z"
}))]
struct ScoreBody {
    /// The indicator.
    indicator: String,
    /// `2023` or `2023-Q3`.
    period: String,
    /// `reported`, `missing`, `not_applicable`, `not_yet_due`: four different things.
    standing: &'static str,
    /// `measured`, `met`, `not_met`, or why there is no result.
    outcome: &'static str,
    /// Why there is no result and what to do, in Bahasa Indonesia.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// What was reached, consolidated where the indicator is quarterly.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    actual: Option<Decimal>,
    /// What was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    target: Option<Decimal>,
    /// Lower and upper end of a target range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    target_range: Option<[Decimal; 2]>,
    /// The target's wording, where it is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    target_text: Option<String>,
    /// Whether the target is made up for a demonstration.
    target_illustrative: bool,
    /// Achievement in percent as printed, after cap and floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    achievement: Option<Decimal>,
    /// Achievement before cap and floor, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    uncapped: Option<Decimal>,
    /// Code of its band on the scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    band: Option<String>,
    /// `green`, `yellow`, `red`, `grey`.
    status: &'static str,
    /// Whether a value in it is not verified yet; then it enters no score above.
    provisional: bool,
    /// The formula's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// The rules that made it.
    rule_set: RuleSetBody,
    /// What was done, in order.
    steps: Vec<StepBody>,
    /// The quarters that were consolidated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    consolidated: Vec<String>,
    /// Those of them without a figure.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
    /// The measurement that counted, the last of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    measurement: Option<String>,
    /// When it was computed.
    computed_at: DateTime<Utc>,
}

impl From<&IndicatorScore> for ScoreBody {
    fn from(it: &IndicatorScore) -> Self {
        let texts = |periods: &[Period]| periods.iter().map(ToString::to_string).collect();
        Self {
            indicator: it.indicator.to_string(),
            period: it.period.to_string(),
            standing: it.standing().code(),
            outcome: it.outcome.code(),
            reason: it.outcome.reason().map(ekinerja_domain::scoring::Reason::text_id),
            actual: it.inputs.actual,
            target: it.inputs.target,
            target_range: it.inputs.range.map(|(low, high)| [low, high]),
            target_text: it.target_text.clone(),
            target_illustrative: it.target_illustrative,
            achievement: it.printed.map(|value| printed(value, it.printed_decimals())),
            uncapped: it.uncapped.filter(|_| it.is_capped()),
            band: it.band.clone(),
            status: it.traffic.code(),
            provisional: it.provisional,
            rule: it.rule.map(RuleId::code),
            rule_set: RuleSetBody::from(&it.rule_set),
            steps: it
                .steps
                .iter()
                .map(|it| StepBody {
                    kind: it.kind.code(),
                    formula: it.formula.clone().into_owned(),
                    result: it.result,
                })
                .collect(),
            consolidated: texts(&it.consolidated),
            missing: texts(&it.missing),
            measurement: it.measurement.map(|it| it.to_string()),
            computed_at: it.computed_at,
        }
    }
}

/// A number with all the decimals that its rule set prints: `90.00`.
fn printed(mut value: Decimal, decimals: u32) -> Decimal {
    value.rescale(decimals);
    value
}

/// An indicator on the scorecard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScorecardLine)]
struct LineBody {
    /// Code of the indicator.
    code: String,
    /// Its name.
    name: String,
    /// Its unit.
    unit: String,
    /// `maximize`, `minimize`, `stabilize`, `neutral`.
    polarity: &'static str,
    /// Relative weight in its objective.
    #[schema(value_type = String)]
    weight: Decimal,
    /// Effective share of its objective, 0 to 1.
    #[schema(value_type = String)]
    share: Decimal,
    /// Its score.
    score: ScoreBody,
}

impl From<&IndicatorLine> for LineBody {
    fn from(it: &IndicatorLine) -> Self {
        Self {
            code: it.indicator.code.as_str().to_owned(),
            name: it.indicator.manual.name.clone(),
            unit: it.indicator.manual.unit.clone(),
            polarity: it.indicator.manual.polarity.code(),
            weight: it.score.placement.weight.get(),
            share: it.share,
            score: ScoreBody::from(&it.score),
        }
    }
}

/// An objective on the scorecard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScorecardObjective)]
struct ObjectiveBody {
    /// Id of the objective.
    id: String,
    /// Its code.
    code: String,
    /// Its wording.
    text: String,
    /// Its score.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<LevelBody>,
    /// Its indicators.
    indicators: Vec<LineBody>,
}

impl From<&ObjectiveCard> for ObjectiveBody {
    fn from(it: &ObjectiveCard) -> Self {
        Self {
            id: it.node.id.to_string(),
            code: it.node.code.clone(),
            text: it.node.text.clone(),
            score: it.level.as_ref().map(LevelBody::from),
            indicators: it.lines.iter().map(LineBody::from).collect(),
        }
    }
}

/// A perspective of the scorecard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScorecardPerspective)]
struct PerspectiveBody {
    /// `F`, `C`, `I`, `L`.
    code: &'static str,
    /// Its name here.
    name: String,
    /// Its weight in the organisation's score.
    #[schema(value_type = String)]
    weight: Decimal,
    /// Its score; missing for an empty perspective.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<LevelBody>,
    /// Its objectives.
    objectives: Vec<ObjectiveBody>,
}

impl From<&PerspectiveCard> for PerspectiveBody {
    fn from(it: &PerspectiveCard) -> Self {
        Self {
            code: it.setting.perspective.code(),
            name: it.setting.name.clone(),
            weight: it.setting.weight,
            score: it.level.as_ref().map(LevelBody::from),
            objectives: it.objectives.iter().map(ObjectiveBody::from).collect(),
        }
    }
}

/// The scorecard of a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Scorecard, example = json!({
    "period": { "period": "2023", "state": "open", "accepts": "freely", "due_day": "2024-01-15",
        "revision": 1 },
    "rule_set": { "name": "default", "version": 1 },
    "organisation": { "value": "99.327477", "band": "Cukup", "status": "yellow", "measured": 1,
        "expected": 2, "share": "1" },
    "provisional": 1,
    "perspectives": [{ "code": "C", "name": "Masyarakat", "weight": "25", "objectives": [] }],
    "unplaced": [], "supporting": []
}))]
struct ScorecardBody {
    /// The period.
    period: PeriodBody,
    /// The rules that made the numbers.
    rule_set: RuleSetBody,
    /// The organisation's score (NKO).
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<LevelBody>,
    /// How many values wait for verification: shown, and counted nowhere.
    provisional: usize,
    /// The four perspectives in the tenant's order.
    perspectives: Vec<PerspectiveBody>,
    /// Objectives that stand in no perspective: in no score.
    unplaced: Vec<ObjectiveBody>,
    /// Supporting indicators: in no score.
    supporting: Vec<LineBody>,
}

impl ScorecardBody {
    fn of(it: &Scorecard, now: DateTime<Utc>) -> Self {
        Self {
            period: PeriodBody::of(it.period.clone(), now),
            rule_set: RuleSetBody::from(&it.rule_set),
            organisation: it.organisation.as_ref().map(LevelBody::from),
            provisional: it.provisional(),
            perspectives: it.perspectives.iter().map(PerspectiveBody::from).collect(),
            unplaced: it.unplaced.iter().map(ObjectiveBody::from).collect(),
            supporting: it.supporting.iter().map(LineBody::from).collect(),
        }
    }
}

/// The scorecard of a period.
#[utoipa::path(
    get, path = "/scorecard", tag = "scorecard", params(PeriodAsked),
    responses((status = 200, description = "The scorecard.", body = ScorecardBody)),
)]
async fn read_scorecard(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(asked): Query<PeriodAsked>,
) -> Result<Json<ScorecardBody>, Problem> {
    let found = app.scorecard(&scope, asked.read()?).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(Json(ScorecardBody::of(&found, app.now())))
}

/// The id in a path.
#[derive(Debug, Deserialize)]
struct OfIndicator {
    indicator: Id<IndicatorId>,
}

/// The scores of an indicator in all periods, each with its inputs, rule and steps.
#[utoipa::path(
    get, path = "/indicators/{indicator}/scores", tag = "scorecard",
    params(("indicator" = String, Path, description = "Id of the indicator.")),
    responses((status = 200, description = "The scores, earliest period first.",
        body = List<ScoreBody>)),
)]
async fn list_scores_of_indicator(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfIndicator>,
) -> Result<Json<List<ScoreBody>>, Problem> {
    let history = app.indicator_history(&scope, path.indicator.0).await?;
    Ok(Json(List::whole(&history.scores, ScoreBody::from)))
}

/// A value that an officer answers for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntryTask, example = json!({
    "indicator": "ind_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "code": "IPM_SP2020",
    "name": "Indeks Pembangunan Manusia (SP2020)", "unit": "indeks", "period": "2023", "todo": "late",
    "reason_needed": false
}))]
struct EntryTaskBody {
    /// The indicator.
    indicator: String,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Its unit.
    unit: String,
    /// The period.
    period: String,
    /// `rejected`, `draft`, `late`, `due`, `submitted`, `verified`, `not_yet_due`.
    todo: &'static str,
    /// Whether a value needs a reason now.
    reason_needed: bool,
    /// The latest revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<MeasurementBody>,
}

impl From<EntryTask> for EntryTaskBody {
    fn from(it: EntryTask) -> Self {
        Self {
            indicator: it.indicator.id.to_string(),
            code: it.indicator.code.as_str().to_owned(),
            name: it.indicator.manual.name,
            unit: it.indicator.manual.unit,
            period: it.period.period.to_string(),
            todo: match it.stage {
                EntryStage::Rejected => "rejected",
                EntryStage::Draft => "draft",
                EntryStage::Late => "late",
                EntryStage::Due => "due",
                EntryStage::Submitted => "submitted",
                EntryStage::Verified => "verified",
                EntryStage::NotYetDue => "not_yet_due",
            },
            reason_needed: it.corrects
                || it.entry == ekinerja_domain::period::EntryRule::WithReason,
            latest: it.latest.map(MeasurementBody::from),
        }
    }
}

/// The values that the caller may record in the periods that take values now, the most urgent first.
#[utoipa::path(
    get, path = "/entry-tasks", tag = "measurements", params(PeriodAsked),
    responses((status = 200, description = "The values.", body = List<EntryTaskBody>)),
)]
async fn list_entry_tasks(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(asked): Query<PeriodAsked>,
) -> Result<Json<List<EntryTaskBody>>, Problem> {
    let sheet = app.entry_sheet(&scope, asked.read()?).await?;
    Ok(Json(List::whole(sheet.tasks, EntryTaskBody::from)))
}

/// A value that waits for a verifier.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerificationTask, example = json!({
    "measurement": { "id": "msr_0199c8d2f6a97d0e8f6a1b2c3d4e5f61",
        "indicator": "ind_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "period": "2023", "revision": 1,
        "reading": "value", "value": "72.37", "method": "published", "source_verified": true,
        "status": "submitted", "recorded_by": "Petugas Bappeda",
        "recorded_at": "2024-01-08T02:00:00Z", "lock_version": 2 },
    "name": "Indeks Pembangunan Manusia (SP2020)", "unit": "indeks", "evidence": [],
    "previous": "71.65", "own": false, "locked": false
}))]
struct VerificationTaskBody {
    /// The value.
    measurement: MeasurementBody,
    /// Name of its indicator.
    name: String,
    /// Unit of its indicator.
    unit: String,
    /// Its evidence.
    evidence: Vec<EvidenceBody>,
    /// The verified value of the latest period before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    previous: Option<Decimal>,
    /// The verified value of the same period that it would correct.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    corrects: Option<Decimal>,
    /// Whether the caller recorded it and therefore may not decide it.
    own: bool,
    /// Whether its period is locked, so that nobody may decide it now.
    locked: bool,
}

impl From<VerificationTask> for VerificationTaskBody {
    fn from(it: VerificationTask) -> Self {
        Self {
            measurement: it.measurement.into(),
            name: it.indicator.manual.name,
            unit: it.indicator.manual.unit,
            evidence: it.evidence.into_iter().map(EvidenceBody::from).collect(),
            previous: it.previous.and_then(|it| it.value),
            corrects: it.corrects.and_then(|it| it.value),
            own: it.own,
            locked: it.locked,
        }
    }
}

/// The submitted values that the caller may decide, the oldest submission first.
#[utoipa::path(
    get, path = "/verification-tasks", tag = "measurements",
    responses((status = 200, description = "The values.", body = List<VerificationTaskBody>)),
)]
async fn list_verification_tasks(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<VerificationTaskBody>>, Problem> {
    let queue = app.verification_queue(&scope).await?;
    Ok(Json(List::whole(queue, VerificationTaskBody::from)))
}
