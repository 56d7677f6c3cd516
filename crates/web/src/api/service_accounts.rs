//! Service accounts and their tokens: programs that act in this government.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_app::App;
use ekinerja_app::service_accounts::{AddServiceAccount, IssueToken, IssuedToken, RoleEntry};
use ekinerja_domain::access::{Grant, Scope};
use ekinerja_domain::ids::{ApiTokenId, ServiceAccountId};
use ekinerja_domain::service_account::{ApiToken, ServiceAccount};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Created, Secret};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path};
use crate::links;
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_service_accounts, add_service_account))
        .routes(routes!(end_service_account))
        .routes(routes!(issue_token))
        .routes(routes!(revoke_token))
}

/// A program that acts in this government for a person who answers for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceAccount, example = json!({
    "id": "svc_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "name": "Jembatan SIPD",
    "purpose": "Mengirim realisasi triwulanan dari SIPD.", "owner": "baiq.nurul",
    "owner_name": "Baiq Nurul", "roles": [{ "role": "planner" }],
    "created_at": "2025-01-15T02:00:00Z", "last_day": "2025-12-31", "tokens": []
}))]
pub(super) struct ServiceAccountBody {
    /// Its id.
    id: String,
    /// Its name, as the trail shows it.
    name: String,
    /// What it is for.
    purpose: String,
    /// Name for signing in of the person who answers for it; what it records counts as recorded by them.
    owner: String,
    /// That person's name.
    owner_name: String,
    /// Its roles.
    roles: Vec<RoleBody>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// The last day on which it works.
    last_day: NaiveDate,
    /// When it was ended before that; missing while it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// Its tokens, the latest first.
    tokens: Vec<TokenBody>,
}

/// A role of a service account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServiceAccountRole)]
pub(super) struct RoleBody {
    /// Code of the role.
    role: &'static str,
    /// The OPD for which it holds; missing for the whole government.
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
}

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub(super) struct TokenBody {
    /// Its id.
    id: String,
    /// Where it is used.
    name: String,
    /// The last four letters of the secret.
    hint: String,
    /// `read` or `write` (which reads as well).
    access: &'static str,
    /// When it was given out.
    created_at: DateTime<Utc>,
    /// The last day on which it opens anything.
    last_day: NaiveDate,
    /// When it was last used, to the minute; missing: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked; missing while it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

impl From<ServiceAccount> for ServiceAccountBody {
    fn from(it: ServiceAccount) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name,
            purpose: it.purpose,
            owner: it.owner_username,
            owner_name: it.owner_name,
            roles: it.grants.iter().map(RoleBody::from).collect(),
            created_at: it.created_at,
            last_day: it.last_day,
            ended_at: it.ended_at,
            tokens: it.tokens.into_iter().map(TokenBody::from).collect(),
        }
    }
}

impl From<&Grant> for RoleBody {
    fn from(grant: &Grant) -> Self {
        let agency = match grant.scope {
            Scope::Tenant => None,
            Scope::Agency(agency) | Scope::Post(agency) => Some(agency.to_string()),
        };
        Self { role: grant.role.code(), agency }
    }
}

impl From<ApiToken> for TokenBody {
    fn from(it: ApiToken) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name,
            hint: it.hint,
            access: it.access.code(),
            created_at: it.created_at,
            last_day: it.last_day,
            last_used_at: it.last_used_at,
            revoked_at: it.revoked_at,
        }
    }
}

/// Lists every service account that was ever made, by name; administrators only.
#[utoipa::path(
    get, path = "/service-accounts", tag = "service-accounts",
    responses((status = 200, description = "The accounts.", body = List<ServiceAccountBody>)),
)]
async fn list_service_accounts(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<ServiceAccountBody>>, Problem> {
    let list = app.service_accounts(&scope).await?;
    Ok(Json(List::whole(list.accounts, ServiceAccountBody::from)))
}

/// A service account that shall be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Jembatan SIPD", "purpose": "Mengirim realisasi triwulanan dari SIPD.",
    "owner": "baiq.nurul", "roles": [{ "role": "planner" }], "last_day": "2025-12-31"
}))]
struct NewServiceAccount {
    /// Its name.
    name: String,
    /// What it is for.
    purpose: String,
    /// Name for signing in of the person who answers for it: a member with a role today.
    owner: String,
    /// Its roles: any but `administrator`. With a role that decides it only reads.
    roles: Vec<NewRole>,
    /// The last day on which it works, at most a year from now.
    last_day: String,
}

/// A role of a new service account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewServiceAccountRole)]
struct NewRole {
    /// Code of the role.
    role: String,
    /// The OPD, for `agency_head` and `officer`.
    #[serde(default)]
    agency: String,
}

/// Makes a service account. It opens nothing until a token is given out.
#[utoipa::path(
    post, path = "/service-accounts", tag = "service-accounts", request_body = NewServiceAccount,
    responses((status = 201, description = "Made.", body = ServiceAccountBody)),
)]
async fn add_service_account(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewServiceAccount>,
) -> Result<Created<ServiceAccountBody>, Problem> {
    let NewServiceAccount { name, purpose, owner, roles, last_day } = body;
    let role = |(at, NewRole { role, agency }): (usize, NewRole)| RoleEntry {
        field: format!("roles/{at}/"),
        role,
        agency,
    };
    let roles = roles.into_iter().enumerate().map(role).collect();
    let ask = AddServiceAccount { name, purpose, owner, roles, last_day };
    let account = app.add_service_account(&scope, ask).await?;
    let rest = format!("/service-accounts/{}", account.id);
    Ok(Created::at(links::api(&scope.tenant().slug, &rest), account.into()))
}

/// Path of a service account.
#[derive(Debug, Deserialize)]
struct AccountPath {
    account: Id<ServiceAccountId>,
}

/// Ends a service account and revokes its tokens; they open nothing more within two seconds.
#[utoipa::path(
    delete, path = "/service-accounts/{account}", tag = "service-accounts",
    params(("account" = String, Path, description = "Id of the account.")),
    responses((status = 200, description = "The ended account.", body = ServiceAccountBody)),
)]
async fn end_service_account(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(AccountPath { account: Id(id) }): Path<AccountPath>,
) -> Result<Json<ServiceAccountBody>, Problem> {
    Ok(Json(app.end_service_account(&scope, id).await?.into()))
}

/// A token that shall be given out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Server SIPD", "access": "write", "last_day": "2025-06-30" }))]
struct NewToken {
    /// Where it is used.
    name: String,
    /// `read` or `write`.
    access: String,
    /// The last day on which it opens anything; missing: the account's own.
    #[serde(default)]
    last_day: String,
}

/// A token with its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IssuedToken)]
struct IssuedTokenBody {
    /// The token.
    token: TokenBody,
    /// What goes into `Authorization: Bearer …`: told here only and stored nowhere.
    secret: String,
}

impl From<IssuedToken> for IssuedTokenBody {
    fn from(it: IssuedToken) -> Self {
        Self { token: it.token.into(), secret: it.secret.reveal().to_owned() }
    }
}

/// Gives out a token; its secret is told in this answer and never again.
#[utoipa::path(
    post, path = "/service-accounts/{account}/tokens", tag = "service-accounts",
    params(("account" = String, Path, description = "Id of the account.")),
    request_body = NewToken,
    responses((status = 201, description = "Given out.", body = IssuedTokenBody)),
)]
async fn issue_token(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(AccountPath { account: Id(id) }): Path<AccountPath>,
    Json(NewToken { name, access, last_day }): Json<NewToken>,
) -> Result<Secret<Created<IssuedTokenBody>>, Problem> {
    let issued = app.issue_token(&scope, id, IssueToken { name, access, last_day }).await?;
    let rest = format!("/service-accounts/{id}/tokens/{}", issued.token.id);
    Ok(Secret(Created::at(links::api(&scope.tenant().slug, &rest), issued.into())))
}

/// Path of a token.
#[derive(Debug, Deserialize)]
struct TokenPath {
    account: Id<ServiceAccountId>,
    token: Id<ApiTokenId>,
}

/// Revokes a token; it opens nothing more within two seconds.
#[utoipa::path(
    delete, path = "/service-accounts/{account}/tokens/{token}", tag = "service-accounts",
    params(
        ("account" = String, Path, description = "Id of the account."),
        ("token" = String, Path, description = "Id of the token."),
    ),
    responses((status = 200, description = "The revoked token.", body = TokenBody)),
)]
async fn revoke_token(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(TokenPath { account: Id(account), token: Id(token) }): Path<TokenPath>,
) -> Result<Json<TokenBody>, Problem> {
    Ok(Json(app.revoke_token(&scope, account, token).await?.into()))
}
