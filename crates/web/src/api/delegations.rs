//! Delegations: roles that their holders hand to other members for a time.

use axum::extract::State;
use chrono::NaiveDate;
use ekinerja_app::App;
use ekinerja_app::delegations::{DelegatedRole, DelegationDraft};
use ekinerja_domain::ids::DelegationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Created, Done};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path};
use crate::links;
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_delegations, delegate)).routes(routes!(end_delegation))
}

/// A delegation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "dlg_0199c8d2f6a97d0e8f6a1b2c3d4e5f63", "membership": "mem_0199c8d2f6a97d0e8f6a1b2c3d4e5f60",
    "role": "agency_head", "from": "Kepala Dinas (contoh)", "to": "Sekretaris Dinas (contoh)",
    "valid_from": "2026-11-23", "valid_to": "2026-11-27", "reason": "Dinas luar"
}))]
struct ListedDelegation {
    /// Its id.
    id: String,
    /// Id of the role that is handed on.
    membership: String,
    /// Code of that role.
    role: &'static str,
    /// The OPD for which it holds; missing for the whole government.
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
    /// Name of the giver.
    from: String,
    /// Name of the receiver.
    to: String,
    /// First day.
    valid_from: NaiveDate,
    /// Last day; before the first: it never held.
    valid_to: NaiveDate,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<DelegatedRole> for ListedDelegation {
    fn from(it: DelegatedRole) -> Self {
        let DelegatedRole { delegation, membership } = it;
        Self {
            id: delegation.id.to_string(),
            membership: membership.id.to_string(),
            role: membership.grant.role.code(),
            agency: membership.grant.scope.agency().map(|id| id.to_string()),
            from: delegation.from_name,
            to: delegation.to_name,
            valid_from: delegation.valid_from,
            valid_to: delegation.valid_to,
            reason: delegation.reason,
        }
    }
}

/// Lists the delegations that one gave or received, the latest first; for administrators, all.
#[utoipa::path(
    get, path = "/delegations", tag = "members",
    responses((status = 200, description = "The delegations.", body = List<ListedDelegation>)),
)]
async fn list_delegations(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<ListedDelegation>>, Problem> {
    Ok(Json(List::whole(app.delegations(&scope).await?, ListedDelegation::from)))
}

/// A role that shall be handed on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "role": "mem_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "to": "sekretaris-dikes.ntb",
    "valid_from": "2026-11-23", "valid_to": "2026-11-27", "reason": "Dinas luar"
}))]
struct NewDelegation {
    /// Id of the role, as `GET /api/v1/tenants/{tenant}/me` tells it.
    role: String,
    /// The receiver's name for signing in; a member with a role of their own.
    to: String,
    /// First day; missing: today.
    #[serde(default)]
    valid_from: String,
    /// Last day.
    valid_to: String,
    /// Why.
    #[serde(default)]
    reason: String,
}

/// Hands a role of one's own to another member; it ends by itself.
#[utoipa::path(
    post, path = "/delegations", tag = "members", request_body = NewDelegation,
    responses((status = 201, description = "Delegated.", body = ListedDelegation)),
)]
async fn delegate(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewDelegation>,
) -> Result<Created<ListedDelegation>, Problem> {
    let NewDelegation { role, to, valid_from, valid_to, reason } = body;
    let draft = DelegationDraft { role, to, valid_from, valid_to, reason };
    let added = app.delegate(&scope, &draft).await?;
    let place = links::api(&scope.tenant().slug, &format!("/delegations/{}", added.id));
    let listed = app.delegations(&scope).await?.into_iter().find(|it| it.delegation.id == added.id);
    let listed = listed.ok_or_else(Problem::not_found)?;
    Ok(Created::at(place, listed.into()))
}

/// Path of a delegation.
#[derive(Debug, Deserialize)]
struct DelegationPath {
    delegation: Id<DelegationId>,
}

/// Ends a delegation: it holds no more from this moment. The trail keeps it.
#[utoipa::path(
    delete, path = "/delegations/{delegation}", tag = "members",
    params(("delegation" = String, Path, description = "Id of the delegation.")),
    responses((status = 204, description = "Ended.")),
)]
async fn end_delegation(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(DelegationPath { delegation: Id(id) }): Path<DelegationPath>,
) -> Result<Done, Problem> {
    app.end_delegation(&scope, id).await?;
    Ok(Done)
}
