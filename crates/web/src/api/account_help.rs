//! Help for who cannot sign in: links that set a password once, and lost second factors.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::account_help::{self, IssuedLink, Withdrawal};
use ekinerja_domain::ids::{AccountRequestId, MembershipId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Done, Secret};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path};
use crate::links;
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::{AppState, WebSettings};
use crate::traffic::Client;

/// Operations outside any government.
pub(super) fn outside() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(use_password_link))
}

/// Operations inside a government.
pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(issue_password_link))
        .routes(routes!(withdraw_second_factor))
        .routes(routes!(list_requests))
        .routes(routes!(approve_request))
        .routes(routes!(refuse_request))
        .routes(routes!(end_emergency_access))
}

/// Path of a role.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct MemberPath {
    /// Id of any role of the person, `mem_…`.
    #[param(value_type = String)]
    member: Id<MembershipId>,
}

/// A link that sets a password once.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "username": "petugas.dikes",
    "link": "https://kinerja.contoh.go.id/kata-sandi/tautan/ZmFrZS1zZWNyZXQtZm9yLXRoZS1kb2N1bWVudGF0aW9u",
    "expires_at": "2026-11-24T01:32:03Z" }))]
struct PasswordLink {
    /// The name for signing in.
    username: String,
    /// The address to hand over, told here only.
    link: String,
    /// When it is too late: after 30 minutes, or 24 hours for somebody who has no password of their own yet.
    expires_at: DateTime<Utc>,
}

impl PasswordLink {
    fn of(it: IssuedLink, settings: &WebSettings) -> Self {
        let link = links::password_link(&settings.public_url, it.secret.reveal());
        Self { username: it.username, link, expires_at: it.expires_at }
    }
}

/// Gives out a link with which a member sets a new password.
///
/// Hand it over in person or by a channel on which you recognise each other: whoever holds it sets the password.
#[utoipa::path(
    post, path = "/members/{member}/password-link", tag = "members", params(MemberPath),
    responses((status = 200, description = "The link, told once.", body = PasswordLink)),
)]
async fn issue_password_link(
    State(state): State<AppState>,
    Caller(scope): Caller,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
) -> Result<Secret<Json<PasswordLink>>, Problem> {
    let issued = state.app.issue_password_link(&scope, id).await?;
    Ok(Secret(Json(PasswordLink::of(issued, &state.settings))))
}

/// A link's secret and the password that it shall set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "secret": "ZmFrZS1zZWNyZXQtZm9yLXRoZS1kb2N1bWVudGF0aW9u",
    "new_password": "kalimat panjang yang saya ingat" }))]
struct UsedLink {
    /// The last part of the link.
    secret: String,
    /// The new password, at least 12 characters.
    new_password: String,
}

/// Sets a password with a link, once, and ends every session of the account.
///
/// A second factor stays. A link that is unknown, used or too old answers alike.
#[utoipa::path(
    post, path = "/password-link", tag = "session", request_body = UsedLink, security(()),
    responses(
        (status = 204, description = "The password is set."),
        (status = 409, description = "The link is unknown, used or too old."),
    ),
)]
async fn use_password_link(
    State(state): State<AppState>,
    client: Client,
    Json(body): Json<UsedLink>,
) -> Result<Done, Problem> {
    state.traffic.sign_ins.count(client, &body.secret)?;
    state.app.use_password_link(&body.secret, &body.new_password).await?;
    Ok(Done)
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Ponsel hilang; dikenali langsung di kantor." }))]
pub(super) struct Why {
    /// The reason, for the trail.
    pub(super) reason: String,
}

/// A request about an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "arq_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "kind": "second_factor_withdrawal",
    "name": "Administrator kedua", "reason": "Ponsel hilang.", "requested_by": "Administrator",
    "requested_at": "2026-11-24T01:02:03Z", "lapses_at": "2026-11-25T01:02:03Z", "open": true, "running": false
}))]
pub(super) struct AccountRequest {
    /// Its id.
    id: String,
    /// `second_factor_withdrawal` or `emergency_access`.
    kind: &'static str,
    /// Whose account it is about.
    name: String,
    /// Why.
    reason: String,
    /// Who asks.
    requested_by: String,
    /// When.
    requested_at: DateTime<Utc>,
    /// Not decided by then, it never happens.
    lapses_at: DateTime<Utc>,
    /// Whether a second person may still decide.
    open: bool,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    /// What they decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved: Option<bool>,
    /// When emergency access ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<DateTime<Utc>>,
    /// When it was ended before that.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// When the account first entered with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<DateTime<Utc>>,
    /// Whether it lets the account in now.
    running: bool,
}

impl AccountRequest {
    pub(super) fn of(it: account_help::AccountRequest, app: &App) -> Self {
        let open = it.is_open(app.now());
        let running = it.lets_in(app.now());
        let approved = it.decision.as_ref().map(|it| it.approved);
        Self {
            id: it.id.to_string(),
            kind: it.kind.code(),
            name: it.user_name,
            reason: it.reason,
            requested_by: it.requested_name,
            requested_at: it.requested_at,
            lapses_at: it.lapses_at,
            open,
            decided_by: it.decision.map(|it| it.name),
            approved,
            ends_at: it.ends_at,
            ended_at: it.ended_at,
            used_at: it.used_at,
            running,
        }
    }
}

/// Takes the lost second factor of a member away.
///
/// Of an administrator it is taken away once a second administrator has approved: then the answer is the request.
#[utoipa::path(
    post, path = "/members/{member}/second-factor-withdrawal", tag = "members",
    params(MemberPath), request_body = Why,
    responses(
        (status = 202, description = "A second administrator must approve.", body = AccountRequest),
        (status = 204, description = "It is withdrawn, and every session of the account has ended."),
    ),
)]
async fn withdraw_second_factor(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
    Json(body): Json<Why>,
) -> Result<Response, Problem> {
    match app.withdraw_second_factor(&scope, id, &body.reason).await? {
        Withdrawal::Done => Ok(Done.into_response()),
        Withdrawal::Asked(request) => {
            let body = Json(AccountRequest::of(*request, &app));
            Ok((StatusCode::ACCEPTED, body).into_response())
        }
    }
}

/// Lists every request about an account, the latest first.
#[utoipa::path(
    get, path = "/account-requests", tag = "members",
    responses((status = 200, description = "The requests.", body = List<AccountRequest>)),
)]
async fn list_requests(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<AccountRequest>>, Problem> {
    let all = app.account_requests(&scope).await?;
    Ok(Json(List::whole(all, |it| AccountRequest::of(it, &app))))
}

/// Path of a request.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct RequestPath {
    /// Id of the request, `arq_…`.
    #[param(value_type = String)]
    request: Id<AccountRequestId>,
}

/// Approves a request of somebody else; what it asks for happens at once.
#[utoipa::path(
    post, path = "/account-requests/{request}/approval", tag = "members", params(RequestPath),
    responses((status = 200, description = "Approved.", body = AccountRequest)),
)]
async fn approve_request(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(RequestPath { request: Id(id) }): Path<RequestPath>,
) -> Result<Json<AccountRequest>, Problem> {
    let decided = app.decide_account_request(&scope, id, true).await?;
    Ok(Json(AccountRequest::of(decided, &app)))
}

/// Refuses a request of somebody else.
#[utoipa::path(
    post, path = "/account-requests/{request}/refusal", tag = "members", params(RequestPath),
    responses((status = 200, description = "Refused.", body = AccountRequest)),
)]
async fn refuse_request(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(RequestPath { request: Id(id) }): Path<RequestPath>,
) -> Result<Json<AccountRequest>, Problem> {
    let decided = app.decide_account_request(&scope, id, false).await?;
    Ok(Json(AccountRequest::of(decided, &app)))
}

/// Ends emergency access before its time: an administrator anybody's, a person their own. It holds at once.
#[utoipa::path(
    post, path = "/account-requests/{request}/end", tag = "members", params(RequestPath),
    responses((status = 200, description = "Ended.", body = AccountRequest)),
)]
async fn end_emergency_access(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(RequestPath { request: Id(id) }): Path<RequestPath>,
) -> Result<Json<AccountRequest>, Problem> {
    let ended = app.end_emergency_access(&scope, id).await?;
    Ok(Json(AccountRequest::of(ended, &app)))
}
