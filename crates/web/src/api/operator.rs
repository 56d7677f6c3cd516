//! The operator's interface: opening governments, their first administrators, the onboarding board.

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::regions::Region;
use ekinerja_app::tenants::{BoardLine, Invite, Operator as Acting};
use ekinerja_domain::tenant::Tenant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::members::AddedMember;
use crate::answer::{Created, Secret};
use crate::caller::Operator;
use crate::extract::{Json, Path};
use crate::links;
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_regions))
        .routes(routes!(list_tenants, open_tenant))
        .routes(routes!(open_regencies))
        .routes(routes!(invite_administrator))
}

/// A province, kabupaten or kota of Indonesia.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "52.01", "name": "Kabupaten Lombok Barat", "level": "regency", "slug": "lombok-barat",
    "autonomous": true
}))]
struct ListedRegion {
    /// Kemendagri code.
    code: String,
    /// Name.
    name: &'static str,
    /// `province`, `regency`, `city`.
    level: &'static str,
    /// First segment of the address that it gets.
    slug: &'static str,
    /// Whether it governs itself and can be opened.
    autonomous: bool,
}

impl From<&'static Region> for ListedRegion {
    fn from(region: &'static Region) -> Self {
        Self {
            code: region.code.to_string(),
            name: &region.name,
            level: region.level.code(),
            slug: region.slug.as_str(),
            autonomous: region.is_autonomous(),
        }
    }
}

/// Lists the provinces, kabupaten and kota that can be opened.
#[utoipa::path(
    get, path = "/operator/regions", tag = "operator",
    responses((status = 200, description = "Every region, by code.", body = List<ListedRegion>)),
)]
async fn list_regions(State(app): State<App>, _operator: Operator) -> Json<List<ListedRegion>> {
    Json(List::whole(app.regions(), ListedRegion::from))
}

/// A government on the platform.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "ten_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "code": "52", "slug": "ntb",
    "name": "Provinsi Nusa Tenggara Barat", "level": "province"
}))]
struct OpenedTenant {
    /// Its id.
    id: String,
    /// Kemendagri code.
    code: String,
    /// First segment of its address.
    slug: String,
    /// Name.
    name: String,
    /// `province`, `regency`, `city`.
    level: &'static str,
}

impl From<&Tenant> for OpenedTenant {
    fn from(tenant: &Tenant) -> Self {
        Self {
            id: tenant.id.to_string(),
            code: tenant.code.to_string(),
            slug: tenant.slug.to_string(),
            name: tenant.name.clone(),
            level: tenant.level.code(),
        }
    }
}

/// How far a government has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "tenant": { "id": "ten_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "code": "52.01", "slug": "lombok-barat",
        "name": "Kabupaten Lombok Barat", "level": "regency" },
    "stages": [{ "stage": "invited", "reached_at": "2024-01-08T01:00:00Z" },
        { "stage": "accepted" }],
    "waits_for": "accepted"
}))]
struct Progress {
    /// The government.
    tenant: OpenedTenant,
    /// Each stage in order.
    stages: Vec<Reached>,
    /// The first stage that is not reached; missing when all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<&'static str>,
}

/// A stage of the onboarding board.
#[derive(Debug, Serialize, ToSchema)]
struct Reached {
    /// `invited`, `accepted`, `sign_in_configured`, `template_adopted`, `first_value`, `first_agreement`.
    stage: &'static str,
    /// When it was reached; missing: not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    reached_at: Option<DateTime<Utc>>,
}

impl From<BoardLine> for Progress {
    fn from(line: BoardLine) -> Self {
        let stage = |(stage, reached_at): &(ekinerja_app::tenants::Stage, _)| Reached {
            stage: stage.code(),
            reached_at: *reached_at,
        };
        Self {
            tenant: OpenedTenant::from(&line.tenant),
            stages: line.stages.iter().map(stage).collect(),
            waits_for: line.waits_for().map(ekinerja_app::tenants::Stage::code),
        }
    }
}

/// Shows the onboarding board: every government with the stages that it reached.
///
/// This is all that an operator sees of a government: no figure, no plan, no person of it.
#[utoipa::path(
    get, path = "/operator/tenants", tag = "operator",
    responses((status = 200, description = "Every government, by code.", body = List<Progress>)),
)]
async fn list_tenants(
    State(app): State<App>,
    Operator(signed_in): Operator,
) -> Result<Json<List<Progress>>, Problem> {
    let board = app.onboarding_board(&Acting::of(&signed_in)?).await?;
    Ok(Json(List::whole(board, Progress::from)))
}

/// Which government shall be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "52.01" }))]
struct NewTenant {
    /// Kemendagri code: `52` for a province, `52.01` for a kabupaten or kota whose province is open.
    code: String,
}

/// Opens one government.
#[utoipa::path(
    post, path = "/operator/tenants", tag = "operator", request_body = NewTenant,
    responses((status = 201, description = "Opened.", body = OpenedTenant)),
)]
async fn open_tenant(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Json(body): Json<NewTenant>,
) -> Result<Created<OpenedTenant>, Problem> {
    let tenant = app.open_tenant(&Acting::of(&signed_in)?, &body.code).await?;
    Ok(Created::at(links::home(&tenant.slug), OpenedTenant::from(&tenant)))
}

/// What came of opening the kabupaten and kota of a province.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "opened": [{ "id": "ten_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "code": "52.71",
        "slug": "kota-mataram", "name": "Kota Mataram", "level": "city" }],
    "skipped": []
}))]
struct OpenedRegencies {
    /// Opened now.
    opened: Vec<OpenedTenant>,
    /// Open already, left as they were.
    skipped: Vec<OpenedTenant>,
}

/// Opens every kabupaten and kota of an open province, all or none.
#[utoipa::path(
    put, path = "/operator/provinces/{code}/regencies", tag = "operator",
    params(("code" = String, Path, description = "Kemendagri code of the province.", example = "52")),
    responses((status = 200, description = "All are open now.", body = OpenedRegencies)),
)]
async fn open_regencies(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Path(code): Path<String>,
) -> Result<Json<OpenedRegencies>, Problem> {
    let done = app.open_regencies(&Acting::of(&signed_in)?, &code).await?;
    let shown = |tenants: Vec<Tenant>| tenants.iter().map(OpenedTenant::from).collect();
    Ok(Json(OpenedRegencies { opened: shown(done.opened), skipped: shown(done.skipped) }))
}

/// Who shall be an administrator of a government.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "username": "admin.lombok-barat", "name": "Administrator Lombok Barat" }))]
struct NewAdministrator {
    /// The name for signing in; an account with it is joined.
    username: String,
    /// The person's name.
    name: String,
    /// The post they hold.
    #[serde(default)]
    post: Option<String>,
}

/// Gives a government an administrator.
///
/// A person who is new gets a first password, which this answer alone tells and which must be changed at the
/// first sign-in.
#[utoipa::path(
    post, path = "/operator/tenants/{code}/administrators", tag = "operator",
    request_body = NewAdministrator,
    params(("code" = String, Path, description = "Kemendagri code of the government.", example = "52.01")),
    responses((status = 201, description = "Given.", body = AddedMember)),
)]
async fn invite_administrator(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Path(code): Path<String>,
    Json(body): Json<NewAdministrator>,
) -> Result<Secret<Created<AddedMember>>, Problem> {
    let NewAdministrator { username, name, post } = body;
    let invite = Invite { code, username, name, post };
    let added = app.invite_administrator(&Acting::of(&signed_in)?, invite).await?;
    Ok(Secret(Created::at(links::OPERATOR, AddedMember::from(added))))
}
