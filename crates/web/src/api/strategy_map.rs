//! The strategy map, and the links of cause and effect on it.

use axum::extract::State;
use ekinerja_app::strategy_map::{CausalLinkDraft, Lane, MapLink, MapObjective, StrategyMap};
use ekinerja_app::{App, Refusal};
use ekinerja_domain::ids::CausalLinkId;
use ekinerja_domain::strategy_map::{CausalLink, LinkStrength};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Created, Done, Versioned};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path, PeriodAsked, Query};
use crate::links;
use crate::problem::Problem;
use crate::revision::Revision;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_strategy_map))
        .routes(routes!(add_causal_link))
        .routes(routes!(read_causal_link, amend_causal_link, remove_causal_link))
}

/// A link of cause and effect as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "from": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f62", "to": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f63",
    "hypothesis": "Jika jalan mantap bertambah, maka biaya angkut turun.", "strength": "moderate",
    "lag_periods": 1
}))]
struct NewCausalLink {
    /// Id of the objective that drives.
    from: String,
    /// Id of the objective that it is believed to move.
    to: String,
    /// Why, in words.
    hypothesis: String,
    /// `weak`, `moderate` or `strong`; empty where nobody judged it.
    #[serde(default)]
    strength: String,
    /// After how many periods the effect is expected, 0 to 80.
    #[serde(default)]
    lag_periods: Option<i32>,
}

impl From<NewCausalLink> for CausalLinkDraft {
    fn from(it: NewCausalLink) -> Self {
        Self {
            from: it.from,
            to: it.to,
            hypothesis: it.hypothesis,
            strength: it.strength,
            lag_periods: it.lag_periods.map(|it| it.to_string()).unwrap_or_default(),
        }
    }
}

/// A link of cause and effect.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CausalLink, example = json!({
    "id": "lnk_0199c8d2f6a97d0e8f6a1b2c3d4e5f64",
    "from": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f62", "to": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f63",
    "hypothesis": "Jika jalan mantap bertambah, maka biaya angkut turun.", "strength": "moderate",
    "lag_periods": 1, "revision": 1
}))]
struct CausalLinkBody {
    /// Its id.
    id: String,
    /// Id of the objective that drives.
    from: String,
    /// Id of the objective that it is believed to move.
    to: String,
    /// Why, in words.
    hypothesis: String,
    /// How strongly, where somebody judged it.
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<&'static str>,
    /// After how many periods the effect is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    lag_periods: Option<i32>,
    /// The revision that a change names in `If-Match`.
    revision: i32,
}

impl From<CausalLink> for CausalLinkBody {
    fn from(it: CausalLink) -> Self {
        Self {
            id: it.id.to_string(),
            from: it.from.to_string(),
            to: it.to.to_string(),
            hypothesis: it.hypothesis,
            strength: it.strength.map(LinkStrength::code),
            lag_periods: it.lag_periods,
            revision: it.revision,
        }
    }
}

/// A link as it stands on the map.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MapLink)]
struct MapLinkBody {
    /// The link.
    #[serde(flatten)]
    link: CausalLinkBody,
    /// Whether it leads to a lower perspective than its driver's: unusual, no fault.
    leads_down: bool,
    /// What the figures say of it: `holds`, `broken` (the driver green twice running, the effect red) or
    /// `too_few_figures`. They never prove a cause.
    assumption: &'static str,
}

impl From<MapLink> for MapLinkBody {
    fn from(it: MapLink) -> Self {
        let (leads_down, assumption) = (it.leads_down, it.assumption.code());
        Self { link: it.link.into(), leads_down, assumption }
    }
}

/// An objective on the map.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MapObjective)]
struct MapObjectiveBody {
    /// Its id.
    id: String,
    /// Its code.
    code: String,
    /// Its wording.
    text: String,
    /// Its score in percent, cut to six decimals; missing when nothing below it is measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// `green`, `yellow`, `red` or `grey`; missing before anything was scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    traffic: Option<&'static str>,
}

impl From<MapObjective> for MapObjectiveBody {
    fn from(it: MapObjective) -> Self {
        let value = it.level.as_ref().and_then(|it| it.value);
        Self {
            id: it.node.id.to_string(),
            code: it.node.code,
            text: it.node.text,
            value: value.map(|it| it.trunc_with_scale(6).normalize()),
            traffic: it.level.map(|it| it.traffic.code()),
        }
    }
}

/// A perspective of the map.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MapLane)]
struct LaneBody {
    /// `F`, `C`, `I` or `L`.
    perspective: &'static str,
    /// Its name.
    name: String,
    /// Its objectives from left to right.
    objectives: Vec<MapObjectiveBody>,
}

impl From<Lane> for LaneBody {
    fn from(it: Lane) -> Self {
        let objectives = it.objectives.into_iter().map(Into::into).collect();
        Self { perspective: it.setting.perspective.code(), name: it.setting.name, objectives }
    }
}

/// The strategy map.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StrategyMap, example = json!({
    "period": "2023",
    "lanes": [
        { "perspective": "C", "name": "Masyarakat dan Pemangku Kepentingan", "objectives": [
            { "id": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f63", "code": "S3.1.1",
              "text": "Meningkatnya kualitas sumber daya manusia", "value": "100.4128", "traffic": "green" } ] },
        { "perspective": "I", "name": "Proses Internal", "objectives": [
            { "id": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f62", "code": "S1.1.2",
              "text": "Meningkatnya kualitas infrastruktur dan konektivitas" } ] }
    ],
    "links": [
        { "id": "lnk_0199c8d2f6a97d0e8f6a1b2c3d4e5f64",
          "from": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f62", "to": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f63",
          "hypothesis": "Jika jalan mantap bertambah, maka biaya angkut turun.", "revision": 1,
          "leads_down": false, "assumption": "too_few_figures" }
    ]
}))]
struct StrategyMapBody {
    /// The period of the scores; missing when none was opened yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<String>,
    /// Perspectives from the top down.
    lanes: Vec<LaneBody>,
    /// Links of cause and effect.
    links: Vec<MapLinkBody>,
}

impl From<StrategyMap> for StrategyMapBody {
    fn from(it: StrategyMap) -> Self {
        Self {
            period: it.period.map(|it| it.period.to_string()),
            lanes: it.lanes.into_iter().map(Into::into).collect(),
            links: it.links.into_iter().map(Into::into).collect(),
        }
    }
}

/// Path of a link.
#[derive(Debug, Deserialize)]
struct LinkPath {
    link: Id<CausalLinkId>,
}

/// Shows the strategy map of the plan with the scores of a period.
#[utoipa::path(get, path = "/strategy-map", tag = "scorecard", params(PeriodAsked),
    responses((status = 200, description = "The map.", body = StrategyMapBody)))]
async fn read_strategy_map(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(query): Query<PeriodAsked>,
) -> Result<Json<StrategyMapBody>, Problem> {
    let map = app.strategy_map(&scope, query.read()?).await?.ok_or(Refusal::NotFound)?;
    Ok(Json(map.into()))
}

/// Draws a link of cause and effect.
#[utoipa::path(post, path = "/strategy-map/links", tag = "plan", request_body = NewCausalLink,
    responses((status = 201, description = "The link was drawn.", body = CausalLinkBody)))]
async fn add_causal_link(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewCausalLink>,
) -> Result<Created<CausalLinkBody>, Problem> {
    let link = app.add_causal_link(&scope, &body.into()).await?;
    let at = links::api(&scope.tenant().slug, &format!("/strategy-map/links/{}", link.id));
    let revision = link.revision;
    Ok(Created::at(at, link.into()).revision(revision))
}

/// Shows a link of cause and effect.
#[utoipa::path(get, path = "/strategy-map/links/{link}", tag = "plan",
    params(("link" = String, Path, description = "Id of the link.")),
    responses((status = 200, description = "The link.", body = CausalLinkBody)))]
async fn read_causal_link(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<LinkPath>,
) -> Result<Versioned<CausalLinkBody>, Problem> {
    let link = app.causal_link(&scope, path.link.0).await?;
    Ok(Versioned { revision: link.revision, body: link.into() })
}

/// Changes a link of cause and effect.
#[utoipa::path(put, path = "/strategy-map/links/{link}", tag = "plan", request_body = NewCausalLink,
    params(("link" = String, Path, description = "Id of the link."),
        ("If-Match" = String, Header, description = "The revision that is changed: `\"1\"`.")),
    responses((status = 200, description = "The link was changed.", body = CausalLinkBody)))]
async fn amend_causal_link(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<LinkPath>,
    Revision(revision): Revision,
    Json(body): Json<NewCausalLink>,
) -> Result<Versioned<CausalLinkBody>, Problem> {
    let link = app.amend_causal_link(&scope, path.link.0, revision, &body.into()).await?;
    Ok(Versioned { revision: link.revision, body: link.into() })
}

/// Takes a link of cause and effect off the map.
#[utoipa::path(delete, path = "/strategy-map/links/{link}", tag = "plan",
    params(("link" = String, Path, description = "Id of the link."),
        ("If-Match" = String, Header, description = "The revision that is removed: `\"1\"`.")),
    responses((status = 204, description = "The link was removed.")))]
async fn remove_causal_link(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<LinkPath>,
    Revision(revision): Revision,
) -> Result<Done, Problem> {
    app.remove_causal_link(&scope, path.link.0, revision).await?;
    Ok(Done)
}
