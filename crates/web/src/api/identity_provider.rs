//! How the people of a government sign in: its identity provider.

use axum::extract::State;
use ekinerja_app::App;
use ekinerja_app::identity::{Identity, ProviderReport, SetSignIn, SignInSettings};
use ekinerja_domain::ids::UserId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Done, Versioned};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path};
use crate::problem::Problem;
use crate::revision::Revision;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_identity_provider, put_identity_provider))
        .routes(routes!(test_identity_provider))
        .routes(routes!(unlink_identity))
}

/// The identity provider of a government. The client's secret is never told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "issuer": "https://sso.contoh.go.id/realms/asn", "client_id": "e-kinerja",
    "has_client_secret": true, "scopes": "profile", "nip_claim": "nip", "label": "SSO Bima",
    "enabled": true, "local_sign_in": "emergency",
    "emergency": ["usr_0199c8d2f6a97d0e8f6a1b2c3d4e5f60"],
    "redirect_uri": "https://kinerja.contoh.go.id/masuk/bima/kembali",
    "post_logout_redirect_uri": "https://kinerja.contoh.go.id/masuk",
    "allowed_issuers": ["https://sso.contoh.go.id"], "links": []
}))]
struct IdentityProvider {
    /// Its address, as its tokens name it; empty: there is none yet.
    issuer: String,
    /// How the provider knows this product.
    client_id: String,
    /// Whether a client's secret is kept.
    has_client_secret: bool,
    /// What is asked for beside `openid`, separated by spaces.
    scopes: String,
    /// The claim that is the NIP.
    nip_claim: String,
    /// What stands on the button of the sign-in page.
    label: String,
    /// Whether people sign in there.
    enabled: bool,
    /// Who may sign in with a local account: `everybody` or `emergency` (the accounts below).
    local_sign_in: &'static str,
    /// Accounts for emergencies.
    emergency: Vec<String>,
    /// To be registered at the provider: where it sends people back to.
    redirect_uri: String,
    /// To be registered at the provider: where it sends people after they signed out.
    post_logout_redirect_uri: String,
    /// The hosts that the operator allows.
    allowed_issuers: Vec<String>,
    /// Which accounts are linked to whom at the provider.
    links: Vec<Link>,
}

/// An account and the person at the provider.
#[derive(Debug, Serialize, ToSchema)]
struct Link {
    /// The account.
    account: String,
    /// The provider.
    issuer: String,
    /// The person, as the provider names them.
    subject: String,
    /// Since when.
    linked_at: chrono::DateTime<chrono::Utc>,
}

impl From<Identity> for Link {
    fn from(it: Identity) -> Self {
        let Identity { issuer, subject, user, linked_at } = it;
        Self { account: user.to_string(), issuer, subject, linked_at }
    }
}

fn shown(it: SignInSettings) -> Versioned<IdentityProvider> {
    let body = IdentityProvider {
        issuer: it.issuer,
        client_id: it.client_id,
        has_client_secret: it.has_secret,
        scopes: it.scopes,
        nip_claim: it.nip_claim,
        label: it.label,
        enabled: it.enabled,
        local_sign_in: it.local_sign_in.code(),
        emergency: it.emergency.iter().map(ToString::to_string).collect(),
        redirect_uri: it.redirect_uri,
        post_logout_redirect_uri: it.after_sign_out,
        allowed_issuers: it.allowed,
        links: it.links.into_iter().map(Link::from).collect(),
    };
    Versioned { revision: it.revision, body }
}

/// Reads the identity provider of the government. The revision is 0 until it is set.
#[utoipa::path(
    get, path = "/identity-provider", tag = "identity-provider",
    responses((status = 200, description = "The provider.", body = IdentityProvider,
        headers(("ETag" = String, description = "The revision.")))),
)]
async fn read_identity_provider(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Versioned<IdentityProvider>, Problem> {
    Ok(shown(app.sign_in_settings(&scope).await?))
}

/// A provider that shall be set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "issuer": "https://sso.contoh.go.id/realms/asn", "client_id": "e-kinerja",
    "client_secret": "dari-penyedia", "nip_claim": "nip", "label": "SSO Bima", "enabled": true
}))]
struct NewIdentityProvider {
    /// Its address, as its tokens name it.
    issuer: String,
    /// How the provider knows this product.
    client_id: String,
    /// The client's secret; missing: the one that is kept stays.
    #[serde(default)]
    client_secret: String,
    /// What is asked for beside `openid`; missing: `profile`.
    #[serde(default)]
    scopes: String,
    /// The claim that is the NIP; missing: `nip`.
    #[serde(default)]
    nip_claim: String,
    /// What stands on the button; missing: `SSO`.
    #[serde(default)]
    label: String,
    /// `everybody` or `emergency`; missing: `everybody`.
    #[serde(default)]
    local_sign_in: String,
    /// Accounts for emergencies, which sign in locally in any case.
    #[serde(default)]
    emergency: Vec<String>,
    /// Whether people sign in there.
    enabled: bool,
}

/// Sets the identity provider of the government; it holds at once.
#[utoipa::path(
    put, path = "/identity-provider", tag = "identity-provider",
    request_body = NewIdentityProvider,
    params(("If-Match" = String, Header, description = "The revision that was read, `\"0\"` at first.")),
    responses((status = 200, description = "Set.", body = IdentityProvider,
        headers(("ETag" = String, description = "The new revision.")))),
)]
async fn put_identity_provider(
    State(app): State<App>,
    Caller(scope): Caller,
    Revision(revision): Revision,
    Json(body): Json<NewIdentityProvider>,
) -> Result<Versioned<IdentityProvider>, Problem> {
    let ask = SetSignIn {
        issuer: body.issuer,
        client_id: body.client_id,
        client_secret: body.client_secret,
        scopes: body.scopes,
        nip_claim: body.nip_claim,
        label: body.label,
        local_sign_in: body.local_sign_in,
        enabled: body.enabled,
        emergency: body.emergency,
    };
    Ok(shown(app.set_sign_in(&scope, revision, ask).await?))
}

/// A provider that shall be asked what it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "issuer": "https://sso.bimakab.go.id/realms/asn" }))]
struct TriedProvider {
    /// Its address.
    issuer: String,
}

/// What a provider says of itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "authorization_endpoint": "https://sso.contoh.go.id/realms/asn/auth",
    "token_endpoint": "https://sso.contoh.go.id/realms/asn/token", "pkce": true, "keys": 2
}))]
struct Report {
    /// Where people sign in.
    authorization_endpoint: String,
    /// Where codes are redeemed.
    token_endpoint: String,
    /// Where claims are asked for that do not stand in the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    userinfo_endpoint: Option<String>,
    /// Where people sign out.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_session_endpoint: Option<String>,
    /// Whether it says that it takes proof keys (PKCE, S256); missing: it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pkce: Option<bool>,
    /// How many keys it signs with.
    keys: usize,
}

impl From<ProviderReport> for Report {
    fn from(it: ProviderReport) -> Self {
        let ProviderReport { pkce, keys, .. } = it;
        Self {
            authorization_endpoint: it.authorization_endpoint,
            token_endpoint: it.token_endpoint,
            userinfo_endpoint: it.userinfo_endpoint,
            end_session_endpoint: it.end_session_endpoint,
            pkce,
            keys,
        }
    }
}

/// Asks a provider what it is, and says what is wrong with it. Nothing is kept.
#[utoipa::path(
    post, path = "/identity-provider/test", tag = "identity-provider",
    request_body = TriedProvider,
    responses(
        (status = 200, description = "It answers as it must.", body = Report),
        (status = 502, description = "It does not."),
    ),
)]
async fn test_identity_provider(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<TriedProvider>,
) -> Result<Json<Report>, Problem> {
    Ok(Json(app.try_provider(&scope, &body.issuer).await?.into()))
}

/// Path of a linked account.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PersonPath {
    /// Id of the person, `usr_…`.
    #[param(value_type = String)]
    person: Id<UserId>,
}

/// Takes away what links an account to the provider, and ends its sign-ins there.
#[utoipa::path(
    delete, path = "/identity-provider/links/{person}", tag = "identity-provider",
    params(PersonPath),
    responses((status = 204, description = "The next sign-in links it anew, by NIP.")),
)]
async fn unlink_identity(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(PersonPath { person: Id(person) }): Path<PersonPath>,
) -> Result<Done, Problem> {
    app.unlink_identity(&scope, person).await?;
    Ok(Done)
}
