//! The second factor of one's own account, and for whom of a government it is obligatory.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::second_factor::{self, RecoveryCodes as Codes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Done, Secret, Versioned};
use crate::caller::{Caller, Person};
use crate::extract::Json;
use crate::problem::Problem;
use crate::revision::Revision;
use crate::session;
use crate::settings::AppState;

/// Operations of a person.
pub(super) fn of_person() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_security))
        .routes(routes!(begin_second_factor, confirm_second_factor))
        .routes(routes!(remove_second_factor))
        .routes(routes!(renew_recovery_codes))
}

/// Operations inside a government.
pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_rule, set_rule))
}

/// How one's own local account is secured.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "second_factor": true, "since": "2026-11-24T01:02:03Z",
    "recovery_codes_left": 10, "obligatory": true, "available": true }))]
struct Security {
    /// Whether signing in asks for a code.
    second_factor: bool,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
    /// How many recovery codes nobody has used.
    recovery_codes_left: u64,
    /// Whether a role of the person asks for a second factor.
    obligatory: bool,
    /// Whether the platform can keep one.
    available: bool,
}

/// Says how one's own local account is secured.
#[utoipa::path(
    get, path = "/me/security", tag = "session",
    responses((status = 200, description = "How it is secured.", body = Security)),
)]
async fn read_security(
    State(app): State<App>,
    Person(signed_in): Person,
) -> Result<Json<Security>, Problem> {
    let it = app.account_security(&signed_in).await?;
    Ok(Json(Security {
        second_factor: it.since.is_some(),
        since: it.since,
        recovery_codes_left: it.recovery_codes_left,
        obligatory: it.obligatory,
        available: it.available,
    }))
}

/// The password, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "password": "kalimat panjang yang saya ingat" }))]
struct Again {
    /// The password of the account.
    password: String,
}

/// A key for an authenticator.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "key": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "address": "otpauth://totp/E-Kinerja:ani?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=E-Kinerja" }))]
struct SetUp {
    /// The key in base32: SHA-1, six digits, 30 seconds.
    key: String,
    /// The same as an address, for a QR code.
    address: String,
}

impl From<second_factor::SetUp> for SetUp {
    fn from(it: second_factor::SetUp) -> Self {
        Self { key: it.key, address: it.address }
    }
}

/// Makes a key for an authenticator; it counts for nothing until a code confirms it.
#[utoipa::path(
    post, path = "/me/second-factor", tag = "session", request_body = Again,
    responses((status = 200, description = "The key, told to its owner alone.", body = SetUp)),
)]
async fn begin_second_factor(
    State(app): State<App>,
    Person(signed_in): Person,
    Json(body): Json<Again>,
) -> Result<Secret<Json<SetUp>>, Problem> {
    let set_up = app.begin_second_factor(&signed_in, &body.password).await?;
    Ok(Secret(Json(set_up.into())))
}

/// A code of the second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "287082" }))]
struct SecondCode {
    /// Six digits of the authenticator, or a recovery code.
    code: String,
}

/// Recovery codes: each signs in once in place of a code.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "recovery_codes": ["K7QF-3MWZ-XN2B-T9HD"] }))]
struct RecoveryCodes {
    /// The codes, told here only.
    recovery_codes: Vec<String>,
}

impl From<Codes> for RecoveryCodes {
    fn from(it: Codes) -> Self {
        Self { recovery_codes: it.reveal().to_vec() }
    }
}

/// Confirms the key with a first code.
///
/// The session goes on under a new cookie, and every other sign-in of the account ends.
#[utoipa::path(
    put, path = "/me/second-factor", tag = "session", request_body = SecondCode,
    responses((status = 200, description = "The recovery codes, told once.", body = RecoveryCodes)),
)]
async fn confirm_second_factor(
    State(state): State<AppState>,
    Person(signed_in): Person,
    headers: HeaderMap,
    Json(body): Json<SecondCode>,
) -> Result<Response, Problem> {
    let browser = session::browser(&headers, &state.settings);
    let (token, codes) = state.app.confirm_second_factor(&signed_in, &browser, &body.code).await?;
    let cookie = session::begin(&token, &state.settings);
    Ok(([cookie], Secret(Json(RecoveryCodes::from(codes)))).into_response())
}

/// Makes new recovery codes in place of the old ones.
#[utoipa::path(
    post, path = "/me/second-factor/recovery-codes", tag = "session", request_body = SecondCode,
    responses((status = 200, description = "The recovery codes, told once.", body = RecoveryCodes)),
)]
async fn renew_recovery_codes(
    State(app): State<App>,
    Person(signed_in): Person,
    Json(body): Json<SecondCode>,
) -> Result<Secret<Json<RecoveryCodes>>, Problem> {
    let codes = app.renew_recovery_codes(&signed_in, &body.code).await?;
    Ok(Secret(Json(codes.into())))
}

/// Password and code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "password": "kalimat panjang yang saya ingat", "code": "287082" }))]
struct Both {
    /// The password of the account.
    password: String,
    /// Six digits of the authenticator, or a recovery code.
    code: String,
}

/// Switches one's own second factor off, and ends one's other sign-ins.
#[utoipa::path(
    post, path = "/me/second-factor/removal", tag = "session", request_body = Both,
    responses((status = 204, description = "Signing in asks for the password alone.")),
)]
async fn remove_second_factor(
    State(app): State<App>,
    Person(signed_in): Person,
    Json(body): Json<Both>,
) -> Result<Done, Problem> {
    app.remove_second_factor(&signed_in, &body.password, &body.code).await?;
    Ok(Done)
}

/// For whom the second factor is obligatory.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "roles": ["administrator", "leader"], "administrators_always": true }))]
struct Rule {
    /// Codes of the roles.
    roles: Vec<&'static str>,
    /// Whether the platform asks it of administrators whatever stands above.
    administrators_always: bool,
}

/// Says for whom of the government the second factor is obligatory.
#[utoipa::path(
    get, path = "/second-factor-rule", tag = "members",
    responses((status = 200, description = "The rule.", body = Rule)),
)]
async fn read_rule(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Versioned<Rule>, Problem> {
    let (rule, administrators_always) = app.second_factor_rule(&scope).await?;
    let roles = rule.roles.iter().map(|it| it.code()).collect();
    Ok(Versioned { revision: rule.revision, body: Rule { roles, administrators_always } })
}

/// A rule that shall hold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "roles": [] }))]
struct NewRule {
    /// Codes of the roles; none: nobody must, but for administrators where the platform asks it.
    roles: Vec<String>,
}

/// Sets for whom it is obligatory. Who must and has none is led to set one up before anything else.
#[utoipa::path(
    put, path = "/second-factor-rule", tag = "members", request_body = NewRule,
    params(("If-Match" = String, Header, description = "The revision that was read, `\"0\"` at first.")),
    responses((status = 200, description = "The rule.", body = Rule)),
)]
async fn set_rule(
    State(app): State<App>,
    Caller(scope): Caller,
    Revision(revision): Revision,
    Json(body): Json<NewRule>,
) -> Result<Versioned<Rule>, Problem> {
    app.set_second_factor_rule(&scope, revision, &body.roles).await?;
    read_rule(State(app), Caller(scope)).await
}
