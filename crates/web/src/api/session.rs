//! Sign-in, sign-out, and who one is.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use ekinerja_app::App;
use ekinerja_app::sign_in::SignedIn;
use ekinerja_domain::access::{Grant, Scope};
use ekinerja_domain::tenant::Tenant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Done;
use crate::caller::Person;
use crate::extract::Json;
use crate::problem::Problem;
use crate::session;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_session, delete_session))
        .routes(routes!(read_me))
        .routes(routes!(change_password))
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
}

/// A signed-in person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "usr_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "username": "perencana.ntb",
    "name": "Perencana Provinsi", "operator": false, "must_change_password": false,
    "tenants": [{ "slug": "ntb", "code": "52", "name": "Provinsi Nusa Tenggara Barat",
        "level": "province", "roles": [{ "role": "planner", "valid_from": "2024-01-01" }] }]
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
    /// The tenants in which they hold a role today.
    tenants: Vec<MyTenant>,
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
    /// The roles.
    roles: Vec<MyRole>,
}

/// A role of the person.
#[derive(Debug, Serialize, ToSchema)]
struct MyRole {
    /// Code of the role.
    role: &'static str,
    /// The OPD for which it holds; missing for the whole tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
    /// First day.
    valid_from: chrono::NaiveDate,
    /// Last day; missing when it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<chrono::NaiveDate>,
}

impl From<&Grant> for MyRole {
    fn from(grant: &Grant) -> Self {
        let agency = match grant.scope {
            Scope::Tenant => None,
            Scope::Agency(agency) => Some(agency.to_string()),
        };
        let Grant { role, valid_from, valid_to, .. } = *grant;
        Self { role: role.code(), agency, valid_from, valid_to }
    }
}

impl MyTenant {
    fn of(tenant: &Tenant, grants: &[Grant]) -> Self {
        Self {
            slug: tenant.slug.to_string(),
            code: tenant.code.to_string(),
            name: tenant.name.clone(),
            level: tenant.level.code(),
            roles: grants.iter().map(MyRole::from).collect(),
        }
    }
}

async fn me(app: &App, signed_in: &SignedIn) -> Result<Me, Problem> {
    let mut tenants = Vec::new();
    let must_change_password = signed_in.person.must_change_password;
    let mine = if must_change_password { Vec::new() } else { app.my_tenants(signed_in).await? };
    for tenant in mine {
        let scope = app.enter(signed_in, &tenant.slug).await?;
        tenants.push(MyTenant::of(&tenant, &scope.standing().grants));
    }
    let person = &signed_in.person;
    Ok(Me {
        id: person.id.to_string(),
        username: person.username.clone(),
        name: person.name.clone(),
        operator: person.is_operator,
        must_change_password,
        tenants,
    })
}

/// Signs in with a local account.
///
/// The answer sets the session's cookie, which every other request sends back.
#[utoipa::path(
    post, path = "/session", tag = "session", request_body = NewSession, security(()),
    responses((status = 200, description = "Signed in.", body = Me)),
)]
async fn create_session(
    State(state): State<AppState>,
    Json(body): Json<NewSession>,
) -> Result<Response, Problem> {
    let (token, signed_in) = state.app.sign_in(&body.username, &body.password).await?;
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
