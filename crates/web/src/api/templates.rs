//! Releases of a province, and their adoption by a regency.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::adoption::AdoptionPreview;
use ekinerja_app::releases::{ReleaseDraft, ReleasePreview, ReleaseSummary};
use ekinerja_app::{App, Refusal};
use ekinerja_domain::adoption::Adoption;
use ekinerja_domain::ids::ReleaseId;
use ekinerja_domain::template::TemplateRelease;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Created;
use crate::caller::Caller;
use crate::extract::{Id, Json, Path, Query};
use crate::links;
use crate::paging::{List, Paging};
use crate::problem::Problem;
use crate::settings::AppState;

mod content;

use content::Content;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_releases, release_template))
        .routes(routes!(preview_release))
        .routes(routes!(read_release))
        .routes(routes!(withdraw_release))
        .routes(routes!(read_adoption, adopt))
        .routes(routes!(preview_adoption))
}

/// A release as it shall be; its content is the plan as it stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": "1.0", "changelog": "Rilis pertama RPJMD NTB 2019-2023",
    "leave_out": ["OPINI_BPK"] }))]
struct NewRelease {
    /// Its version, higher than every earlier one.
    version: String,
    /// What is new in it.
    changelog: String,
    /// Codes of indicators that are the province's own business and stay out of the release.
    #[serde(default)]
    leave_out: Vec<String>,
}

/// A release without its content.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReleaseSummary, example = json!({
    "id": "rel_0199c8d2f6a97d0e8f6a1b2c3d4e5f65", "version": "1.0.0",
    "changelog": "Rilis pertama RPJMD NTB 2019-2023", "status": "released",
    "content_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "released_by": "Perencana Provinsi", "released_at": "2019-06-01T02:00:00Z"
}))]
struct SummaryBody {
    /// Its id.
    id: String,
    /// Its version.
    version: String,
    /// What is new in it.
    changelog: String,
    /// `released`, `superseded` or `withdrawn`.
    status: &'static str,
    /// SHA-256 of its content, in hex.
    content_hash: String,
    /// Who released it.
    released_by: String,
    /// When.
    released_at: DateTime<Utc>,
}

impl From<ReleaseSummary> for SummaryBody {
    fn from(it: ReleaseSummary) -> Self {
        Self {
            id: it.id.to_string(),
            version: it.version.to_string(),
            changelog: it.changelog,
            status: it.status.code(),
            content_hash: it.content_hash,
            released_by: it.released_by_name,
            released_at: it.released_at,
        }
    }
}

/// A release with its content, whose hash was checked when it was read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Release, example = json!({
    "id": "rel_0199c8d2f6a97d0e8f6a1b2c3d4e5f65", "version": "1.0.0",
    "changelog": "Rilis pertama RPJMD NTB 2019-2023", "status": "released",
    "content_hash": "22b94f105d7d785430978eff6093fc23d1ce7c333f34009f8d34fcc710099113",
    "released_by": "Perencana Provinsi", "released_at": "2019-04-01T04:00:00Z",
    "content": { "title": "RPJMD Provinsi Nusa Tenggara Barat Tahun 2019-2023", "start_year": 2019,
        "end_year": 2023, "monitored_until": 2026, "nodes": [{ "code": "V", "kind": "vision",
        "text": "Membangun Nusa Tenggara Barat yang Gemilang", "verified": true }], "indicators": [] }
}))]
struct ReleaseBody {
    /// The release.
    #[serde(flatten)]
    summary: SummaryBody,
    /// What it holds.
    content: Content,
}

impl From<TemplateRelease> for ReleaseBody {
    fn from(it: TemplateRelease) -> Self {
        Self {
            content: Content::from(&it.content),
            summary: SummaryBody {
                id: it.id.to_string(),
                version: it.version.to_string(),
                changelog: it.changelog,
                status: it.status.code(),
                content_hash: it.content_hash,
                released_by: it.released_by_name,
                released_at: it.released_at,
            },
        }
    }
}

/// What a release made now would hold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReleasePreview, example = json!({
    "content": { "title": "RPJMD Provinsi Nusa Tenggara Barat Tahun 2019-2023", "start_year": 2019,
        "end_year": 2023, "monitored_until": 2026, "nodes": [], "indicators": [] },
    "faults": ["a release needs at least one indicator"], "absent_before": [], "suggested": "1.0.0"
}))]
struct PreviewBody {
    /// The content.
    content: Content,
    /// What is wrong with it, in English for logs; releasing answers with the codes.
    faults: Vec<String>,
    /// Codes of indicators that the highest release so far does not hold.
    absent_before: Vec<String>,
    /// The highest version so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    highest: Option<String>,
    /// A version that would do.
    suggested: String,
}

impl From<ReleasePreview> for PreviewBody {
    fn from(it: ReleasePreview) -> Self {
        Self {
            content: Content::from(&it.content),
            faults: it.faults.iter().map(ToString::to_string).collect(),
            absent_before: it.absent_before.iter().map(|it| it.as_str().to_owned()).collect(),
            highest: it.highest.map(|it| it.to_string()),
            suggested: it.suggested.to_string(),
        }
    }
}

/// The release that shall be taken over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "release": "rel_0199c8d2f6a97d0e8f6a1b2c3d4e5f65" }))]
struct NewAdoption {
    /// Its id.
    #[schema(value_type = String)]
    release: Id<ReleaseId>,
}

/// The taking over of a release.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Adoption, example = json!({
    "id": "ado_0199c8d2f6a97d0e8f6a1b2c3d4e5f66", "release": "rel_0199c8d2f6a97d0e8f6a1b2c3d4e5f65",
    "version": "1.0.0", "plan": "pln_0199c8d2f6a97d0e8f6a1b2c3d4e5f67",
    "adopted_at": "2019-07-01T02:00:00Z"
}))]
struct AdoptionBody {
    /// Its id.
    id: String,
    /// Id of the release.
    release: String,
    /// Its version.
    version: String,
    /// Id of the plan it arrived in.
    plan: String,
    /// When.
    adopted_at: DateTime<Utc>,
}

impl From<Adoption> for AdoptionBody {
    fn from(it: Adoption) -> Self {
        Self {
            id: it.id.to_string(),
            release: it.release.to_string(),
            version: it.version.to_string(),
            plan: it.plan.to_string(),
            adopted_at: it.adopted_at,
        }
    }
}

/// What a release would bring.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdoptionPreview, example = json!({
    "release": { "id": "rel_0199c8d2f6a97d0e8f6a1b2c3d4e5f65", "version": "1.0.0", "status": "released",
        "changelog": "Rilis pertama RPJMD NTB 2019-2023", "released_by": "Perencana Provinsi",
        "released_at": "2019-04-01T04:00:00Z",
        "content_hash": "22b94f105d7d785430978eff6093fc23d1ce7c333f34009f8d34fcc710099113",
        "content": { "title": "RPJMD Provinsi Nusa Tenggara Barat Tahun 2019-2023", "start_year": 2019,
            "end_year": 2023, "monitored_until": 2026, "nodes": [], "indicators": [] } },
    "plan_title": "RPJMD Kabupaten Lombok Barat 2019–2023", "drafts_plan": true,
    "renamed_nodes": {}, "obstacles": []
}))]
struct AdoptionPreviewBody {
    /// The release.
    release: ReleaseBody,
    /// Title of the plan it would arrive in.
    plan_title: String,
    /// Whether that plan would be drafted by the adoption.
    drafts_plan: bool,
    /// Nodes that would get another code here: code in the release, code here.
    renamed_nodes: BTreeMap<String, String>,
    /// Codes of what stands in the way; empty when it can be adopted.
    obstacles: Vec<&'static str>,
}

impl From<AdoptionPreview> for AdoptionPreviewBody {
    fn from(it: AdoptionPreview) -> Self {
        Self {
            release: it.release.into(),
            plan_title: it.plan_title,
            drafts_plan: it.drafts_plan,
            renamed_nodes: it.renamed_nodes,
            obstacles: it.obstacles.iter().map(|it| it.code.as_str()).collect(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct ReleasePath {
    release: Id<ReleaseId>,
}

/// Which release.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfRelease {
    /// Id of the release.
    #[param(value_type = String)]
    release: Id<ReleaseId>,
}

/// Lists the releases that the tenant sees, the newest first: a province's own, or those of the province above.
#[utoipa::path(get, path = "/releases", tag = "templates", params(Paging),
    responses((status = 200, description = "A piece of the releases.", body = List<SummaryBody>)))]
async fn list_releases(
    State(app): State<App>,
    Caller(scope): Caller,
    paging: Paging,
) -> Result<Json<List<SummaryBody>>, Problem> {
    let piece = app.releases(&scope, &paging.page()).await?;
    Ok(Json(List::of(piece, SummaryBody::from)))
}

/// Releases the province's plan as it stands; the release before is superseded.
#[utoipa::path(post, path = "/releases", tag = "templates", request_body = NewRelease,
    responses((status = 201, description = "It is released and will never change.", body = ReleaseBody)))]
async fn release_template(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewRelease>,
) -> Result<Created<ReleaseBody>, Problem> {
    let NewRelease { version, changelog, leave_out } = body;
    let draft = ReleaseDraft { version, changelog, leave_out };
    let release = app.release_template(&scope, &draft).await?;
    let at = links::api(&scope.tenant().slug, &format!("/releases/{}", release.id));
    Ok(Created::at(at, release.into()))
}

/// Shows what a release made now would hold and what is wrong with it (province).
#[utoipa::path(get, path = "/releases/preview", tag = "templates",
    responses((status = 200, description = "The preview.", body = PreviewBody)))]
async fn preview_release(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<PreviewBody>, Problem> {
    Ok(Json(app.preview_release(&scope).await?.into()))
}

/// Shows a release with its content.
#[utoipa::path(get, path = "/releases/{release}", tag = "templates",
    params(("release" = String, Path, description = "Id of the release.")),
    responses((status = 200, description = "The release.", body = ReleaseBody)))]
async fn read_release(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<ReleasePath>,
) -> Result<Json<ReleaseBody>, Problem> {
    Ok(Json(app.release(&scope, path.release.0).await?.into()))
}

/// Takes a release back: nobody adopts it any more, who adopted it keeps it.
#[utoipa::path(put, path = "/releases/{release}/withdrawal", tag = "templates",
    params(("release" = String, Path, description = "Id of the release.")),
    responses((status = 200, description = "It is withdrawn.", body = ReleaseBody)))]
async fn withdraw_release(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<ReleasePath>,
) -> Result<Json<ReleaseBody>, Problem> {
    Ok(Json(app.withdraw_release(&scope, path.release.0).await?.into()))
}

/// Shows which release the regency works with; 404 before it adopted one.
#[utoipa::path(get, path = "/adoption", tag = "templates",
    responses((status = 200, description = "The adoption.", body = AdoptionBody)))]
async fn read_adoption(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<AdoptionBody>, Problem> {
    let adoption = app.current_adoption(&scope).await?.ok_or(Refusal::NotFound)?;
    Ok(Json(adoption.into()))
}

/// Shows what a release would bring and what stands in its way.
#[utoipa::path(get, path = "/adoption/preview", tag = "templates", params(OfRelease),
    responses((status = 200, description = "The preview.", body = AdoptionPreviewBody)))]
async fn preview_adoption(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(query): Query<OfRelease>,
) -> Result<Json<AdoptionPreviewBody>, Problem> {
    Ok(Json(app.preview_adoption(&scope, query.release.0).await?.into()))
}

/// Takes a release over: goals, objectives and indicators arrive beside what is there already.
#[utoipa::path(post, path = "/adoption", tag = "templates", request_body = NewAdoption,
    responses((status = 201, description = "It is adopted.", body = AdoptionBody)))]
async fn adopt(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewAdoption>,
) -> Result<Created<AdoptionBody>, Problem> {
    let adoption = app.adopt(&scope, body.release.0).await?;
    let at = links::api(&scope.tenant().slug, "/adoption");
    Ok(Created::at(at, adoption.into()))
}
