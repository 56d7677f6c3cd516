//! The plan: title and years, the nodes of its tree, the four perspectives.

use axum::extract::State;
use ekinerja_app::plan_nodes::PlanNodeDraft;
use ekinerja_app::plans::{PerspectiveDraft, PlanDraft, perspectives_revision};
use ekinerja_app::{App, Refusal};
use ekinerja_domain::ids::PlanNodeId;
use ekinerja_domain::plan::{MediumTermPlan, PerspectiveSetting, PlanNode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::number::number;
use super::typed_number::TypedNumber;
use crate::answer::{Created, Done, Versioned};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path};
use crate::links;
use crate::paging::List;
use crate::problem::Problem;
use crate::revision::Revision;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_plan, draft_plan, amend_plan))
        .routes(routes!(list_plan_nodes, add_plan_node))
        .routes(routes!(read_plan_node, amend_plan_node, remove_plan_node))
        .routes(routes!(list_perspectives, set_perspectives))
}

/// A plan as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "RPJMD Provinsi Nusa Tenggara Barat Tahun 2019-2023",
    "legal_basis": "Peraturan Daerah Provinsi NTB Nomor 1 Tahun 2019",
    "start_year": 2019, "end_year": 2023, "monitored_until": 2026
}))]
struct NewPlan {
    /// Its title.
    title: String,
    /// Perda or Perkada that sets it.
    #[serde(default)]
    legal_basis: String,
    /// First year with targets.
    start_year: i32,
    /// Last year with targets.
    end_year: i32,
    /// Last year in which values are still recorded; the last year where nothing is said.
    #[serde(default)]
    monitored_until: Option<i32>,
    /// Remarks that every reader must see.
    #[serde(default)]
    notice: String,
}

impl From<NewPlan> for PlanDraft {
    fn from(it: NewPlan) -> Self {
        Self {
            title: it.title,
            legal_basis: it.legal_basis,
            start_year: it.start_year.to_string(),
            end_year: it.end_year.to_string(),
            monitored_until: it.monitored_until.map(|it| it.to_string()).unwrap_or_default(),
            notice: it.notice,
        }
    }
}

/// The plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan, example = json!({
    "id": "pln_0199c8d2f6a97d0e8f6a1b2c3d4e5f60",
    "title": "RPJMD Provinsi Nusa Tenggara Barat Tahun 2019-2023",
    "legal_basis": "Peraturan Daerah Provinsi NTB Nomor 1 Tahun 2019",
    "start_year": 2019, "end_year": 2023, "monitored_until": 2026, "revision": 1
}))]
struct PlanBody {
    /// Its id.
    id: String,
    /// Its title.
    title: String,
    /// Perda or Perkada that sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_basis: Option<String>,
    /// First year with targets.
    start_year: i32,
    /// Last year with targets.
    end_year: i32,
    /// Last year in which values are still recorded.
    monitored_until: i32,
    /// Remarks that every reader must see.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
    /// The revision that a change names in `If-Match`.
    revision: i32,
}

impl From<MediumTermPlan> for PlanBody {
    fn from(it: MediumTermPlan) -> Self {
        Self {
            id: it.id.to_string(),
            title: it.title,
            legal_basis: it.legal_basis,
            start_year: it.years.start,
            end_year: it.years.end,
            monitored_until: it.years.monitored_until,
            notice: it.notice,
            revision: it.revision,
        }
    }
}

/// A node of the plan's tree as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "parent": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "kind": "objective", "code": "S4.1.1",
    "text": "Meningkatnya kualitas hidup masyarakat", "perspective": "C", "verified": false
}))]
struct NewPlanNode {
    /// Id of the node above it; empty for a vision.
    #[serde(default)]
    parent: String,
    /// `vision`, `mission`, `goal` or `objective`; it never changes.
    #[serde(default)]
    kind: String,
    /// Its code, unique in the plan.
    code: String,
    /// Its wording.
    text: String,
    /// `F`, `C`, `I` or `L`, for an objective.
    #[serde(default)]
    perspective: String,
    /// Whether the wording was seen in a written source.
    #[serde(default)]
    verified: bool,
    /// Place among its siblings; at the end, or as it is, where nothing is said.
    #[serde(default)]
    position: Option<i32>,
}

impl From<NewPlanNode> for PlanNodeDraft {
    fn from(it: NewPlanNode) -> Self {
        Self {
            parent: it.parent,
            kind: it.kind,
            code: it.code,
            text: it.text,
            perspective: it.perspective,
            verified: it.verified,
            position: it.position.map(|it| it.to_string()).unwrap_or_default(),
        }
    }
}

/// A node of the plan's tree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanNode, example = json!({
    "id": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f62", "parent": "nod_0199c8d2f6a97d0e8f6a1b2c3d4e5f61",
    "kind": "objective", "code": "S4.1.1", "text": "Meningkatnya kualitas hidup masyarakat",
    "perspective": "C", "verified": false, "position": 1, "revision": 1
}))]
struct PlanNodeBody {
    /// Its id.
    id: String,
    /// Id of the node above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// `vision`, `mission`, `goal` or `objective`.
    kind: &'static str,
    /// Its code.
    code: String,
    /// Its wording.
    text: String,
    /// The perspective of an objective, once it is placed.
    #[serde(skip_serializing_if = "Option::is_none")]
    perspective: Option<&'static str>,
    /// Whether the wording was seen in a written source.
    verified: bool,
    /// Its code in the release that it came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    template_code: Option<String>,
    /// Place among its siblings.
    position: i32,
    /// The revision that a change names in `If-Match`.
    revision: i32,
}

impl From<PlanNode> for PlanNodeBody {
    fn from(it: PlanNode) -> Self {
        Self {
            id: it.id.to_string(),
            parent: it.parent.map(|it| it.to_string()),
            kind: it.kind.code(),
            code: it.code,
            text: it.text,
            perspective: it.perspective.map(ekinerja_domain::plan::Perspective::code),
            verified: it.verified,
            template_code: it.origin.template_code().map(str::to_owned),
            position: it.position,
            revision: it.revision,
        }
    }
}

/// The four perspectives as they shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "items": [
    { "perspective": "C", "name": "Masyarakat", "position": 1, "weight": "40" },
    { "perspective": "I", "name": "Proses Internal", "position": 2, "weight": "30" },
    { "perspective": "L", "name": "Pembelajaran dan Pertumbuhan", "position": 3, "weight": "20" },
    { "perspective": "F", "name": "Keuangan", "position": 4, "weight": "10" }
] }))]
struct NewPerspectives {
    /// Each of the four once.
    items: Vec<NewPerspective>,
}

/// A perspective as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPerspective {
    /// `F`, `C`, `I` or `L`.
    perspective: String,
    /// Its name.
    name: String,
    /// Its place, 1 to 4.
    position: i32,
    /// Its relative weight, zero or more.
    weight: TypedNumber,
}

/// The four perspectives in the tenant's order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "items": [
    { "perspective": "F", "name": "Keuangan", "position": 1, "weight": "25" },
    { "perspective": "C", "name": "Masyarakat dan Pemangku Kepentingan", "position": 2, "weight": "25" },
    { "perspective": "I", "name": "Proses Internal", "position": 3, "weight": "25" },
    { "perspective": "L", "name": "Pembelajaran dan Pertumbuhan", "position": 4, "weight": "25" }
] }))]
struct Perspectives {
    /// The four.
    items: Vec<PerspectiveBody>,
}

/// A perspective.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Perspective)]
struct PerspectiveBody {
    /// `F`, `C`, `I` or `L`.
    perspective: &'static str,
    /// Its name.
    name: String,
    /// Its place.
    position: i32,
    /// Its relative weight.
    weight: String,
}

fn perspectives_body(settings: Vec<PerspectiveSetting>) -> Versioned<Perspectives> {
    let revision = perspectives_revision(&settings);
    let items = settings.into_iter().map(|it| PerspectiveBody {
        perspective: it.perspective.code(),
        name: it.name,
        position: it.position,
        weight: number(it.weight),
    });
    Versioned { revision, body: Perspectives { items: items.collect() } }
}

/// Shows the tenant's plan.
#[utoipa::path(get, path = "/plan", tag = "plan",
    responses((status = 200, description = "The plan.", body = PlanBody)))]
async fn read_plan(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Versioned<PlanBody>, Problem> {
    let plan = app.plan(&scope).await?.ok_or(Refusal::NotFound)?.plan;
    Ok(Versioned { revision: plan.revision, body: plan.into() })
}

/// Drafts the tenant's plan.
#[utoipa::path(post, path = "/plan", tag = "plan", request_body = NewPlan,
    responses((status = 201, description = "The plan was drafted.", body = PlanBody)))]
async fn draft_plan(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewPlan>,
) -> Result<Created<PlanBody>, Problem> {
    let plan = app.draft_plan(&scope, &body.into()).await?;
    let at = links::api(&scope.tenant().slug, "/plan");
    Ok(Created::at(at, plan.clone().into()).revision(plan.revision))
}

/// Changes title, legal basis, years and notice of the plan.
#[utoipa::path(put, path = "/plan", tag = "plan", request_body = NewPlan,
    params(("If-Match" = String, Header, description = "The revision that is changed: `\"1\"`.")),
    responses((status = 200, description = "The plan was changed.", body = PlanBody)))]
async fn amend_plan(
    State(app): State<App>,
    Caller(scope): Caller,
    Revision(revision): Revision,
    Json(body): Json<NewPlan>,
) -> Result<Versioned<PlanBody>, Problem> {
    let id = app.plan(&scope).await?.ok_or(Refusal::NotFound)?.plan.id;
    let plan = app.amend_plan(&scope, id, revision, &body.into()).await?;
    Ok(Versioned { revision: plan.revision, body: plan.into() })
}

/// Lists the nodes of the plan in the order of its tree, parents before children.
#[utoipa::path(get, path = "/plan/nodes", tag = "plan",
    responses((status = 200, description = "The nodes.", body = List<PlanNodeBody>)))]
async fn list_plan_nodes(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<PlanNodeBody>>, Problem> {
    let nodes = app.plan(&scope).await?.map(|it| it.nodes).unwrap_or_default();
    Ok(Json(List::whole(nodes, PlanNodeBody::from)))
}

/// Adds a node to the plan's tree.
#[utoipa::path(post, path = "/plan/nodes", tag = "plan", request_body = NewPlanNode,
    responses((status = 201, description = "The node was added.", body = PlanNodeBody)))]
async fn add_plan_node(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewPlanNode>,
) -> Result<Created<PlanNodeBody>, Problem> {
    let node = app.add_plan_node(&scope, &body.into()).await?;
    let at = links::api(&scope.tenant().slug, &format!("/plan/nodes/{}", node.id));
    let revision = node.revision;
    Ok(Created::at(at, node.into()).revision(revision))
}

#[derive(Debug, Deserialize)]
struct NodePath {
    node: Id<PlanNodeId>,
}

/// Shows a node of the plan's tree.
#[utoipa::path(get, path = "/plan/nodes/{node}", tag = "plan",
    params(("node" = String, Path, description = "Id of the node.")),
    responses((status = 200, description = "The node.", body = PlanNodeBody)))]
async fn read_plan_node(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<NodePath>,
) -> Result<Versioned<PlanNodeBody>, Problem> {
    let node = app.plan_node(&scope, path.node.0).await?;
    Ok(Versioned { revision: node.revision, body: node.into() })
}

/// Changes or moves a node of the plan's tree.
#[utoipa::path(put, path = "/plan/nodes/{node}", tag = "plan", request_body = NewPlanNode,
    params(("node" = String, Path, description = "Id of the node."),
        ("If-Match" = String, Header, description = "The revision that is changed: `\"1\"`.")),
    responses((status = 200, description = "The node was changed.", body = PlanNodeBody)))]
async fn amend_plan_node(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<NodePath>,
    Revision(revision): Revision,
    Json(body): Json<NewPlanNode>,
) -> Result<Versioned<PlanNodeBody>, Problem> {
    let node = app.amend_plan_node(&scope, path.node.0, revision, &body.into()).await?;
    Ok(Versioned { revision: node.revision, body: node.into() })
}

/// Removes a node on which nothing hangs.
#[utoipa::path(delete, path = "/plan/nodes/{node}", tag = "plan",
    params(("node" = String, Path, description = "Id of the node."),
        ("If-Match" = String, Header, description = "The revision that is removed: `\"1\"`.")),
    responses((status = 204, description = "The node was removed.")))]
async fn remove_plan_node(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<NodePath>,
    Revision(revision): Revision,
) -> Result<Done, Problem> {
    app.remove_plan_node(&scope, path.node.0, revision).await?;
    Ok(Done)
}

/// Lists the four perspectives in the tenant's order.
#[utoipa::path(get, path = "/perspectives", tag = "plan",
    responses((status = 200, description = "The perspectives.", body = Perspectives)))]
async fn list_perspectives(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Versioned<Perspectives>, Problem> {
    Ok(perspectives_body(app.perspectives(&scope).await?))
}

/// Sets names, order and weights of the four perspectives.
#[utoipa::path(put, path = "/perspectives", tag = "plan", request_body = NewPerspectives,
    params(("If-Match" = String, Header, description = "The revision that is changed: `\"0\"`.")),
    responses((status = 200, description = "The perspectives were set.", body = Perspectives)))]
async fn set_perspectives(
    State(app): State<App>,
    Caller(scope): Caller,
    Revision(revision): Revision,
    Json(body): Json<NewPerspectives>,
) -> Result<Versioned<Perspectives>, Problem> {
    let drafts: Vec<_> = body
        .items
        .into_iter()
        .map(|it| PerspectiveDraft {
            perspective: it.perspective,
            name: it.name,
            position: it.position.to_string(),
            weight: it.weight.0,
        })
        .collect();
    Ok(perspectives_body(app.set_perspectives(&scope, revision, &drafts).await?))
}
