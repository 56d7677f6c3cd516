//! The operator's interface to a government's life: active, read-only, suspended.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::archive::Erased;
use ekinerja_app::life::{ChangeState, TenantLife};
use ekinerja_app::tenants::Operator as Acting;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Versioned;
use crate::archive_download;
use crate::caller::Operator;
use crate::extract::{Json, Path};
use crate::paging::List;
use crate::problem::Problem;
use crate::revision::Revision;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_state, set_state))
        .routes(routes!(take_archive))
        .routes(routes!(list_erasures))
}

/// In which state a government is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenantState, example = json!({
    "tenant": "ten_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "code": "52.08", "slug": "lombok-utara",
    "state": "read_only", "since": "2026-11-24T02:00:00Z", "reason": "Pemeriksaan BPK",
    "legal_basis": "Surat Sekda 900/12/2026", "by": "Operator", "revision": 2
}))]
struct StateBody {
    /// The government's id.
    tenant: String,
    /// Kemendagri code.
    code: String,
    /// First segment of its address.
    slug: String,
    /// `active`; `read_only`: it is read and not written; `suspended`: nobody of it enters; `erased`.
    state: &'static str,
    /// Since when; when it was opened, if the state never changed.
    since: DateTime<Utc>,
    /// Why; missing when the state never changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The regulation, decree or letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_basis: Option<String>,
    /// Name of who changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    /// Name it in `If-Match` to change the state.
    revision: i32,
}

fn versioned(life: TenantLife) -> Versioned<StateBody> {
    let TenantLife { tenant, opened_at, change, revision } = life;
    let filled = |text: String| Some(text).filter(|it| !it.is_empty());
    let body = StateBody {
        tenant: tenant.id.to_string(),
        code: tenant.code.to_string(),
        slug: tenant.slug.to_string(),
        state: tenant.state.code(),
        since: change.as_ref().map_or(opened_at, |it| it.since),
        reason: change.as_ref().and_then(|it| filled(it.reason.clone())),
        legal_basis: change.as_ref().and_then(|it| filled(it.legal_basis.clone())),
        by: change.and_then(|it| filled(it.by)),
        revision,
    };
    Versioned { revision, body }
}

/// Shows in which state a government is, since when and why.
#[utoipa::path(
    get, path = "/operator/tenants/{code}/state", tag = "operator",
    params(("code" = String, Path, description = "Kemendagri code of the government.", example = "52.08")),
    responses((status = 200, description = "The state.", body = StateBody)),
)]
async fn read_state(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Path(code): Path<String>,
) -> Result<Versioned<StateBody>, Problem> {
    Ok(versioned(app.tenant_life(&Acting::of(&signed_in)?, &code).await?))
}

/// The state that a government shall have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "state": "read_only", "reason": "Pemeriksaan BPK", "legal_basis": "Surat Sekda 900/12/2026"
}))]
struct NewTenantState {
    /// `active`, `read_only` or `suspended`.
    state: String,
    /// Why; the government reads it in its trail.
    reason: String,
    /// The regulation, decree or letter; needed unless the government shall work again.
    #[serde(default)]
    legal_basis: String,
}

/// Lets a government work, freezes it (read-only) or suspends it.
///
/// It holds at once on every server. Suspending ends the sessions and tokens of its people; what it published
/// stays with its province.
#[utoipa::path(
    put, path = "/operator/tenants/{code}/state", tag = "operator", request_body = NewTenantState,
    params(
        ("code" = String, Path, description = "Kemendagri code of the government.", example = "52.08"),
        ("If-Match" = String, Header, description = "The revision that was read.", example = "\"1\""),
    ),
    responses((status = 200, description = "It is in that state now.", body = StateBody)),
)]
async fn set_state(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Path(code): Path<String>,
    Revision(revision): Revision,
    Json(body): Json<NewTenantState>,
) -> Result<Versioned<StateBody>, Problem> {
    let NewTenantState { state, reason, legal_basis } = body;
    let ask = ChangeState { state, reason, legal_basis };
    let operator = Acting::of(&signed_in)?;
    Ok(versioned(app.set_tenant_state(&operator, &code, revision, &ask).await?))
}

/// Why everything of a government is taken out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Permintaan pemerintah daerah, surat 045/2026" }))]
struct ArchiveReason {
    /// Why; the government reads it in its trail.
    reason: String,
}

/// Takes everything of a government out as one archive: rows, files and trail, without passwords and secrets.
///
/// The header `Ekinerja-Archive-Digest` tells the SHA-256 of its manifest. That it was taken is written into the
/// government's trail and the platform's. A large government is exported on the machine.
#[utoipa::path(
    post, path = "/operator/tenants/{code}/archive", tag = "operator", request_body = ArchiveReason,
    params(("code" = String, Path, description = "Kemendagri code of the government.", example = "52.08")),
    responses((status = 200, description = "The archive, a zip.", content_type = "application/zip")),
)]
async fn take_archive(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Path(code): Path<String>,
    Json(body): Json<ArchiveReason>,
) -> Result<Response, Problem> {
    let operator = Acting::of(&signed_in)?;
    Ok(archive_download::archive(&app, &operator, &code, &body.reason).await?)
}

/// The receipt of an erasure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erasure, example = json!({
    "receipt": { "form": "ekinerja erasure 1", "slug": "lombok-utara" }, "sha256": "9f2c…"
}))]
struct ErasureBody {
    /// What was erased, how much of it, when, by whom and why.
    #[schema(value_type = Object)]
    receipt: Erased,
    /// SHA-256 of the receipt as it is kept; it stands in the platform's trail.
    sha256: String,
}

/// Lists the receipts of a government's erasures, the latest first.
#[utoipa::path(
    get, path = "/operator/tenants/{code}/erasures", tag = "operator",
    params(("code" = String, Path, description = "Kemendagri code of the government.", example = "52.08")),
    responses((status = 200, description = "The receipts.", body = List<ErasureBody>)),
)]
async fn list_erasures(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Path(code): Path<String>,
) -> Result<Json<List<ErasureBody>>, Problem> {
    let receipts = app.erasure_receipts(&Acting::of(&signed_in)?, &code).await?;
    let body = |(receipt, sha256)| ErasureBody { receipt, sha256 };
    Ok(Json(List::whole(receipts, body)))
}
