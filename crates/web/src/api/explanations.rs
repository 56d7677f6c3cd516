//! Why a number is what it is: everything that it follows from, so that it can be computed again.

mod body;
mod calculation;
mod province;

use axum::extract::State;
use axum::response::Response;
use ekinerja_app::App;
use ekinerja_app::comparison::ComparisonRequest;
use ekinerja_app::explanations::ExplainedLevel;
use ekinerja_domain::explanation::Explanation;
use ekinerja_domain::ids::{IndicatorId, PlanNodeId};
use ekinerja_domain::plan::Perspective;
use ekinerja_domain::scorecard::LevelKey;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::cached::{self, Asked, Depends};
use crate::caller::Caller;
use crate::extract::{Id, Path, PeriodAsked, Query};
use crate::problem::Problem;
use crate::settings::AppState;
use body::{IndicatorBody, LevelBody};
use province::{CompositeBody, RankBody, RollUpBody};

/// An explanation reads values, targets, evidence of any period, names and rule sets.
pub(crate) const DEPENDS: [Depends; 3] =
    [Depends::EveryPeriod, Depends::Plan, Depends::Organisation];

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(explain_indicator))
        .routes(routes!(explain_organisation))
        .routes(routes!(explain_perspective))
        .routes(routes!(explain_objective))
        .routes(routes!(explain_rollup))
        .routes(routes!(explain_rank))
}

/// An explanation as the interface answers it, names of a level's members left out.
///
/// # Errors
/// It does not become JSON, which is a fault of ours.
pub fn json_of(explanation: &Explanation) -> serde_json::Result<serde_json::Value> {
    match explanation {
        Explanation::Indicator(it) => serde_json::to_value(IndicatorBody::of(it)),
        Explanation::Level(it) => serde_json::to_value(LevelBody::of(it, &|_| None)),
        Explanation::RollUp(it) => serde_json::to_value(RollUpBody::of(it)),
        Explanation::Rank(it) => serde_json::to_value(RankBody::of(it)),
        Explanation::Composite(it) => serde_json::to_value(CompositeBody::of(it)),
    }
}

#[derive(Debug, Deserialize)]
struct OfIndicator {
    indicator: Id<IndicatorId>,
}

#[derive(Debug, Deserialize)]
struct OfPerspective {
    perspective: String,
}

#[derive(Debug, Deserialize)]
struct OfObjective {
    node: Id<PlanNodeId>,
}

#[derive(Debug, Deserialize)]
struct OfRollUp {
    indicator: String,
}

#[derive(Debug, Deserialize)]
struct Wish {
    #[serde(default)]
    period: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RankWish {
    #[serde(default)]
    indicator: Option<String>,
    #[serde(default)]
    period: Option<String>,
    #[serde(default)]
    region: String,
}

/// Explains the achievement of an indicator.
///
/// Rule and rule set, inputs down to the recorded values, who verified them and their evidence, cap, floor,
/// rounding, bands. 404 when the indicator has no score in the period.
#[utoipa::path(
    get, path = "/indicators/{indicator}/explanation", tag = "scorecard",
    params(("indicator" = String, Path, description = "Id of the indicator."), PeriodAsked),
    responses((status = 200, description = "The explanation.", body = IndicatorBody)),
)]
async fn explain_indicator(
    State(state): State<AppState>,
    Caller(scope): Caller,
    asked: Asked,
    Path(path): Path<OfIndicator>,
    Query(query): Query<PeriodAsked>,
) -> Result<Response, Problem> {
    let period = query.read()?;
    let make = Box::pin(async {
        let found = state.app.explain_indicator(&scope, path.indicator.0, period).await?;
        Ok(IndicatorBody::of(&found.explanation))
    });
    cached::json(&state, &scope, &asked, &DEPENDS, make).await
}

/// Explains the organisation's score (NKO): perspectives with their weights, what was left out and why.
#[utoipa::path(
    get, path = "/scorecard/explanation", tag = "scorecard", params(PeriodAsked),
    responses((status = 200, description = "The explanation.", body = LevelBody)),
)]
async fn explain_organisation(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(query): Query<PeriodAsked>,
) -> Result<crate::extract::Json<LevelBody>, Problem> {
    let found = app.explain_level(&scope, LevelKey::Organisation, query.read()?).await?;
    Ok(crate::extract::Json(named(&found)))
}

/// Explains the score of a perspective. 404 when no indicator stands in it.
#[utoipa::path(
    get, path = "/scorecard/perspectives/{perspective}/explanation", tag = "scorecard",
    params(("perspective" = String, Path, description = "`F`, `C`, `I` or `L`.", example = "C"),
        PeriodAsked),
    responses((status = 200, description = "The explanation.", body = LevelBody)),
)]
async fn explain_perspective(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfPerspective>,
    Query(query): Query<PeriodAsked>,
) -> Result<crate::extract::Json<LevelBody>, Problem> {
    let perspective = Perspective::from_code(&path.perspective).ok_or_else(Problem::not_found)?;
    let key = LevelKey::Perspective(perspective);
    Ok(crate::extract::Json(named(&app.explain_level(&scope, key, query.read()?).await?)))
}

/// Explains the score of an objective. 404 when it has no indicator or stands in no perspective.
#[utoipa::path(
    get, path = "/scorecard/objectives/{node}/explanation", tag = "scorecard",
    params(("node" = String, Path, description = "Id of the objective."), PeriodAsked),
    responses((status = 200, description = "The explanation.", body = LevelBody)),
)]
async fn explain_objective(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfObjective>,
    Query(query): Query<PeriodAsked>,
) -> Result<crate::extract::Json<LevelBody>, Problem> {
    let key = LevelKey::Objective(path.node.0);
    Ok(crate::extract::Json(named(&app.explain_level(&scope, key, query.read()?).await?)))
}

fn named(found: &ExplainedLevel) -> LevelBody {
    LevelBody::of(&found.explanation, &|key| {
        found.names.get(&key).map(|it| (it.code.clone(), it.name.clone()))
    })
}

/// Explains the province's figure of an indicator.
///
/// Method, contributions with numerator, denominator and weight, who is left out and why, official beside computed;
/// what stays with the regencies is named as hidden.
#[utoipa::path(
    get, path = "/rollups/{indicator}/explanation", tag = "province",
    params(
        ("indicator" = String, Path, description = "Code of the indicator.", example = "JPM"),
        ("period" = Option<String>, Query, description = "The period; the last one reported otherwise.",
            example = "2024"),
    ),
    responses((status = 200, description = "The explanation.", body = RollUpBody)),
)]
async fn explain_rollup(
    State(state): State<AppState>,
    Caller(scope): Caller,
    asked: Asked,
    Path(path): Path<OfRollUp>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let make = Box::pin(async {
        let period = wish.period.as_deref();
        let found = state.app.explain_rollup(&scope, &path.indicator, period).await?;
        Ok(RollUpBody::of(&found.explanation))
    });
    cached::json(&state, &scope, &asked, &DEPENDS, make).await
}

/// Explains the place of a regency in a comparison, or why it has none.
///
/// 404 for a region that is not of the province, and while nothing was ever published.
#[utoipa::path(
    get, path = "/comparison/explanation", tag = "province",
    params(
        ("region" = String, Query, description = "Kemendagri code of the regency.", example = "52.01"),
        ("indicator" = Option<String>, Query, description = "Code; the first reported one otherwise.",
            example = "IPM_SP2020"),
        ("period" = Option<String>, Query, description = "The period; the last reported one otherwise.",
            example = "2023"),
    ),
    responses((status = 200, description = "The explanation.", body = RankBody)),
)]
async fn explain_rank(
    State(state): State<AppState>,
    Caller(scope): Caller,
    asked: Asked,
    Query(wish): Query<RankWish>,
) -> Result<Response, Problem> {
    let make = Box::pin(async {
        let RankWish { indicator, period, region } = wish;
        let request = ComparisonRequest { indicator, period };
        let found = state.app.explain_rank(&scope, &request, &region).await?;
        Ok(RankBody::of(&found))
    });
    cached::json(&state, &scope, &asked, &DEPENDS, make).await
}
