//! Emergency access: who asks at the door of a government, and who opens it from outside.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ekinerja_app::App;
use ekinerja_app::tenants::Operator as Acting;
use ekinerja_domain::ids::AccountRequestId;
use ekinerja_domain::tenant::Slug;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::account_help::{AccountRequest, Why};
use crate::caller::{Operator, Person};
use crate::extract::{Id, Json, Path};
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_emergency_door, ask_emergency_access))
        .routes(routes!(approve_at_door))
        .routes(routes!(refuse_at_door))
        .routes(routes!(list_emergency_requests))
        .routes(routes!(approve_as_operator))
        .routes(routes!(refuse_as_operator))
}

/// Path of a government's door.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct DoorPath {
    /// Address of the government.
    #[param(example = "bima")]
    government: String,
}

/// Path of a request at a government's door.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct DoorRequestPath {
    /// Address of the government.
    #[param(example = "bima")]
    government: String,
    /// Id of the request, `arq_…`.
    #[param(value_type = String)]
    request: Id<AccountRequestId>,
}

fn slug_of(text: &str) -> Result<Slug, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// What an account for emergencies finds at the door of its government.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "government": "bima", "others": [] }))]
struct EmergencyDoor {
    /// Address of the government.
    government: String,
    /// One's own request that waits or runs; missing: ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<AccountRequest>,
    /// What other accounts for emergencies ask, to be decided by this one.
    others: Vec<AccountRequest>,
}

/// Shows an account for emergencies how its own request stands and what others ask.
///
/// For everybody else there is no such door: 404.
#[utoipa::path(
    get, path = "/me/emergency-access/{government}", tag = "session", params(DoorPath),
    responses(
        (status = 200, description = "The door.", body = EmergencyDoor),
        (status = 409, description = "A second factor must be set up, or the password changed, first."),
    ),
)]
async fn read_emergency_door(
    State(app): State<App>,
    Person(signed_in): Person,
    Path(path): Path<DoorPath>,
) -> Result<Json<EmergencyDoor>, Problem> {
    let door = app.emergency_door(&signed_in, &slug_of(&path.government)?).await?;
    let of = |it| AccountRequest::of(it, &app);
    Ok(Json(EmergencyDoor {
        government: door.tenant.slug.to_string(),
        request: door.own.map(of),
        others: door.others.into_iter().map(of).collect(),
    }))
}

/// Asks to be let into a government with an account for emergencies.
///
/// A second person approves: an administrator who is in, another account for emergencies, or the operator. It
/// then runs for four hours, is announced to every administrator, and stands in the trail.
#[utoipa::path(
    post, path = "/me/emergency-access/{government}", tag = "session", params(DoorPath), request_body = Why,
    responses((status = 202, description = "A second person must approve.", body = AccountRequest)),
)]
async fn ask_emergency_access(
    State(app): State<App>,
    Person(signed_in): Person,
    Path(path): Path<DoorPath>,
    Json(body): Json<Why>,
) -> Result<Response, Problem> {
    let slug = slug_of(&path.government)?;
    let asked = app.ask_emergency_access(&signed_in, &slug, &body.reason).await?;
    Ok((StatusCode::ACCEPTED, Json(AccountRequest::of(asked, &app))).into_response())
}

/// Approves what another account for emergencies asks.
#[utoipa::path(
    post, path = "/me/emergency-access/{government}/{request}/approval", tag = "session",
    params(DoorRequestPath),
    responses((status = 200, description = "Approved: it runs for four hours.", body = AccountRequest)),
)]
async fn approve_at_door(
    State(app): State<App>,
    Person(signed_in): Person,
    Path(DoorRequestPath { government, request: Id(id) }): Path<DoorRequestPath>,
) -> Result<Json<AccountRequest>, Problem> {
    let decided = app.decide_at_the_door(&signed_in, &slug_of(&government)?, id, true).await?;
    Ok(Json(AccountRequest::of(decided, &app)))
}

/// Refuses what another account for emergencies asks.
#[utoipa::path(
    post, path = "/me/emergency-access/{government}/{request}/refusal", tag = "session",
    params(DoorRequestPath),
    responses((status = 200, description = "Refused.", body = AccountRequest)),
)]
async fn refuse_at_door(
    State(app): State<App>,
    Person(signed_in): Person,
    Path(DoorRequestPath { government, request: Id(id) }): Path<DoorRequestPath>,
) -> Result<Json<AccountRequest>, Problem> {
    let decided = app.decide_at_the_door(&signed_in, &slug_of(&government)?, id, false).await?;
    Ok(Json(AccountRequest::of(decided, &app)))
}

/// Lists the emergency access that was asked for in a government, the latest first.
#[utoipa::path(
    get, path = "/operator/tenants/{code}/emergency-access", tag = "operator",
    params(("code" = String, Path, description = "Kemendagri code of the government.", example = "52.08")),
    responses((status = 200, description = "The requests.", body = List<AccountRequest>)),
)]
async fn list_emergency_requests(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Path(code): Path<String>,
) -> Result<Json<List<AccountRequest>>, Problem> {
    let all = app.emergency_requests_as(&Acting::of(&signed_in)?, &code).await?;
    Ok(Json(List::whole(all, |it| AccountRequest::of(it, &app))))
}

/// Path of a request, for the operator.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OperatorRequestPath {
    /// Kemendagri code of the government.
    #[param(example = "52.08")]
    code: String,
    /// Id of the request, `arq_…`.
    #[param(value_type = String)]
    request: Id<AccountRequestId>,
}

/// Approves emergency access as the platform's operator; it runs for four hours.
#[utoipa::path(
    post, path = "/operator/tenants/{code}/emergency-access/{request}/approval", tag = "operator",
    params(OperatorRequestPath),
    responses((status = 200, description = "Approved.", body = AccountRequest)),
)]
async fn approve_as_operator(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Path(OperatorRequestPath { code, request: Id(id) }): Path<OperatorRequestPath>,
) -> Result<Json<AccountRequest>, Problem> {
    let operator = Acting::of(&signed_in)?;
    let decided = app.decide_emergency_access_as(&operator, &code, id, true).await?;
    Ok(Json(AccountRequest::of(decided, &app)))
}

/// Refuses emergency access as the platform's operator.
#[utoipa::path(
    post, path = "/operator/tenants/{code}/emergency-access/{request}/refusal", tag = "operator",
    params(OperatorRequestPath),
    responses((status = 200, description = "Refused.", body = AccountRequest)),
)]
async fn refuse_as_operator(
    State(app): State<App>,
    Operator(signed_in): Operator,
    Path(OperatorRequestPath { code, request: Id(id) }): Path<OperatorRequestPath>,
) -> Result<Json<AccountRequest>, Problem> {
    let operator = Acting::of(&signed_in)?;
    let decided = app.decide_emergency_access_as(&operator, &code, id, false).await?;
    Ok(Json(AccountRequest::of(decided, &app)))
}
