//! Sign-in, sign-out, and who one is.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use ekinerja_app::sessions::{self, Way};
use ekinerja_app::sign_in::SignedIn;
use ekinerja_app::{App, Code, Refusal};
use ekinerja_domain::access::Held;
use ekinerja_domain::ids::SignInId;
use ekinerja_domain::tenant::Tenant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::rights::HeldRole;
use crate::answer::Done;
use crate::caller::Person;
use crate::extract::{Id, Json, Path};
use crate::paging::List;
use crate::problem::Problem;
use crate::session;
use crate::settings::AppState;
use crate::traffic::Client;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_session, delete_session))
        .routes(routes!(read_me))
        .routes(routes!(change_password))
        .routes(routes!(list_sign_ins, end_sign_ins))
        .routes(routes!(end_sign_in))
}

/// Name and password of a local account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "username": "perencana.ntb", "password": "contoh-kata-sandi" }))]
struct NewSession {
    /// The name for signing in.
    username: String,
    /// The password.
    password: String,
    /// For an account with a second factor: six digits of the authenticator, or a recovery code.
    #[serde(default)]
    code: String,
}

/// A signed-in person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "usr_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "username": "perencana.ntb",
    "name": "Perencana Provinsi", "operator": false, "must_change_password": false,
    "must_set_second_factor": false,
    "tenants": [{ "slug": "ntb", "code": "52", "name": "Provinsi Nusa Tenggara Barat",
        "level": "province", "roles": [{ "role": "planner", "scope": "tenant",
            "through": "appointment", "membership": "mem_0199c8d2f6a97d0e8f6a1b2c3d4e5f61",
            "valid_from": "2024-01-01" }] }]
}))]
struct Me {
    /// Id of the person.
    id: String,
    /// Their name for signing in.
    username: String,
    /// Their name.
    name: String,
    /// Whether they are a platform operator.
    operator: bool,
    /// Whether the password was made by somebody else: until it is changed, nothing else is open.
    must_change_password: bool,
    /// Whether a role asks for a second factor that the account does not have: until it is set up, what that
    /// role opens is closed.
    must_set_second_factor: bool,
    /// The tenants in which they hold a role today.
    tenants: Vec<MyTenant>,
    /// Addresses of the governments that the account enters in an emergency only, with a second person's approval:
    /// see `/me/emergency-access/{government}`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    emergency_access: Vec<String>,
}

/// A tenant with the roles that the person holds in it today.
#[derive(Debug, Serialize, ToSchema)]
struct MyTenant {
    /// Its address.
    slug: String,
    /// Its Kemendagri code.
    code: String,
    /// Its name.
    name: String,
    /// `province`, `regency`, `city`.
    level: &'static str,
    /// The roles that hold today, by appointment and by delegation.
    roles: Vec<HeldRole>,
}

impl MyTenant {
    fn of(tenant: &Tenant, grants: &[Held]) -> Self {
        Self {
            slug: tenant.slug.to_string(),
            code: tenant.code.to_string(),
            name: tenant.name.clone(),
            level: tenant.level.code(),
            roles: grants.iter().map(HeldRole::from).collect(),
        }
    }
}

async fn me(app: &App, signed_in: &SignedIn) -> Result<Me, Problem> {
    let mut tenants = Vec::new();
    let must_change_password = signed_in.person.must_change_password;
    let mine = if must_change_password { Vec::new() } else { app.my_tenants(signed_in).await? };
    let mut must_set_second_factor = signed_in.owes_second_factor;
    for tenant in mine {
        match app.enter(signed_in, &tenant.slug).await {
            Ok(scope) => tenants.push(MyTenant::of(&tenant, &scope.standing().grants)),
            Err(Refusal::Rule(it)) if it.code == Code::SecondFactorMissing => {
                must_set_second_factor = true;
                tenants.push(MyTenant::of(&tenant, &[]));
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let closed = if must_change_password {
        Vec::new()
    } else {
        app.closed_emergency_doors(signed_in).await?
    };
    let person = &signed_in.person;
    Ok(Me {
        id: person.id.to_string(),
        username: person.username.clone(),
        name: person.name.clone(),
        operator: person.is_operator,
        must_change_password,
        must_set_second_factor,
        tenants,
        emergency_access: closed.iter().map(|it| it.slug.to_string()).collect(),
    })
}

/// Signs in with a local account.
///
/// The answer sets the session's cookie, which every other request sends back. An account with a second factor
/// sends its code along; without one the answer is 401 with `sign-in.code-wanted`.
#[utoipa::path(
    post, path = "/session", tag = "session", request_body = NewSession, security(()),
    responses((status = 200, description = "Signed in.", body = Me)),
)]
async fn create_session(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
    Json(body): Json<NewSession>,
) -> Result<Response, Problem> {
    let browser = session::browser(&headers, &state.settings);
    let (name, password) = (&body.username, &body.password);
    state.traffic.sign_ins.count(client, name)?;
    let (token, signed_in) = state.app.sign_in_with(&browser, name, password, &body.code).await?;
    state.traffic.sign_ins.succeeded(client, name);
    let me = me(&state.app, &signed_in).await?;
    Ok(([session::begin(&token, &state.settings)], Json(me)).into_response())
}

/// Signs out.
#[utoipa::path(
    delete, path = "/session", tag = "session", security(()),
    responses((status = 204, description = "The session has ended, or there was none.")),
)]
async fn delete_session(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(token) = session::token(&headers, &state.settings) {
        state.app.sign_out(&token).await?;
    }
    Ok(([session::end(&state.settings)], Done).into_response())
}

/// Says who is signed in and which tenants they may enter in which roles.
#[utoipa::path(
    get, path = "/me", tag = "session",
    responses((status = 200, description = "The person.", body = Me)),
)]
async fn read_me(State(app): State<App>, Person(signed_in): Person) -> Result<Json<Me>, Problem> {
    me(&app, &signed_in).await.map(Json)
}

/// A running sign-in of one's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "sgn_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "way": "provider", "tenant": "bima",
    "issuer": "https://sso.bimakab.go.id", "name": "Perencana Bima", "device": "Firefox · Windows",
    "since": "2026-11-24T01:02:03Z", "last_seen": "2026-11-24T01:10:00Z",
    "until": "2026-11-24T13:02:03Z", "here": true
}))]
struct MySignIn {
    /// Its id.
    id: String,
    /// `local` (an account with a password) or `provider` (the government's identity provider).
    way: &'static str,
    /// The one government that a sign-in by a provider enters.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// The provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    /// Who signed in.
    name: String,
    /// Browser and machine in a few words; empty when they are not known.
    device: String,
    /// When it began.
    since: DateTime<Utc>,
    /// When its browser was last used, within a minute.
    last_seen: DateTime<Utc>,
    /// When it ends at the latest.
    until: DateTime<Utc>,
    /// Whether it is one of the session that asks.
    here: bool,
}

impl From<sessions::MySignIn> for MySignIn {
    fn from(it: sessions::MySignIn) -> Self {
        let (way, issuer) = match it.sign_in.way {
            Way::Local => ("local", None),
            Way::Provider { issuer, .. } => ("provider", Some(issuer)),
        };
        Self {
            id: it.sign_in.id.to_string(),
            way,
            tenant: it.tenant.map(|it| it.slug.to_string()),
            issuer,
            name: it.name,
            device: it.session.device,
            since: it.sign_in.created_at,
            last_seen: it.session.last_seen_at,
            until: it.sign_in.expires_at,
            here: it.is_here,
        }
    }
}

/// Lists one's own running sign-ins in every browser, the newest first.
///
/// A local account sees its own; who came by a government's identity provider sees those at that government.
#[utoipa::path(
    get, path = "/me/sign-ins", tag = "session",
    responses((status = 200, description = "The sign-ins.", body = List<MySignIn>)),
)]
async fn list_sign_ins(
    State(app): State<App>,
    Person(signed_in): Person,
) -> Result<Json<List<MySignIn>>, Problem> {
    let mine = app.my_sign_ins(&signed_in).await?;
    Ok(Json(List::whole(mine, MySignIn::from)))
}

/// Signs out everywhere, here too.
#[utoipa::path(
    delete, path = "/me/sign-ins", tag = "session",
    responses((status = 204, description = "Every one of these sign-ins has ended.")),
)]
async fn end_sign_ins(State(app): State<App>, Person(signed_in): Person) -> Result<Done, Problem> {
    app.sign_out_everywhere(&signed_in).await?;
    Ok(Done)
}

/// Path of a sign-in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct SignInPath {
    /// Id of the sign-in, `sgn_…`.
    #[param(value_type = String)]
    sign_in: Id<SignInId>,
}

/// Ends one of one's own sign-ins.
#[utoipa::path(
    delete, path = "/me/sign-ins/{sign_in}", tag = "session", params(SignInPath),
    responses((status = 204, description = "It has ended.")),
)]
async fn end_sign_in(
    State(app): State<App>,
    Person(signed_in): Person,
    Path(SignInPath { sign_in: Id(id) }): Path<SignInPath>,
) -> Result<Done, Problem> {
    app.end_my_sign_in(&signed_in, id).await?;
    Ok(Done)
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "password": "aB3dE5-fG7hJ9-kM2nP4-qR6sT8", "new_password": "kalimat panjang yang saya ingat" }))]
struct NewPassword {
    /// The present one.
    password: String,
    /// The new one, at least 12 characters.
    new_password: String,
}

/// Changes one's own password and ends one's other sessions.
#[utoipa::path(
    put, path = "/me/password", tag = "session", request_body = NewPassword,
    responses((status = 204, description = "Changed.")),
)]
async fn change_password(
    State(state): State<AppState>,
    _signed_in: Person,
    headers: HeaderMap,
    Json(body): Json<NewPassword>,
) -> Result<Done, Problem> {
    let token = session::token(&headers, &state.settings)
        .ok_or_else(|| Problem::new(ekinerja_app::Code::Unauthenticated))?;
    state.app.change_password(&token, &body.password, &body.new_password).await?;
    Ok(Done)
}
