//! One identity provider: what it says of itself, the way there, and what it says of a person.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreGrantType, CoreIdToken, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AsyncHttpClient, AuthType, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndSessionUrl, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl,
    Scope, SignatureVerificationError, TokenResponse, http,
};
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::fault::{Distrust, Fault};
use super::outbound::{CallFailed, Outbound};

/// How a provider may sign what it says: with a key of its own, never with a secret that we share, never not.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a provider says of itself beside the core of the standard.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
struct Beside {
    #[serde(default)]
    end_session_endpoint: Option<EndSessionUrl>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: Option<bool>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
}

impl AdditionalProviderMetadata for Beside {}

type Metadata = ProviderMetadata<
    Beside,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What binds the way back to the way there. Nonce and verifier follow from state and the browser's secret, so
/// that nothing of it needs to be kept.
pub(crate) struct Ticket {
    pub(crate) state: String,
    nonce: String,
    verifier: String,
}

impl Ticket {
    pub(crate) fn of(browser: &str, state: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, browser.as_bytes());
        let derived = |purpose: &str| {
            let tag = hmac::sign(&key, format!("{purpose}:{state}").as_bytes());
            URL_SAFE_NO_PAD.encode(tag.as_ref())
        };
        let (nonce, verifier) = (derived("nonce"), derived("pkce"));
        Self { state: state.to_owned(), nonce, verifier }
    }
}

/// A person, as a provider names them, and what it says of them.
#[derive(Debug)]
pub(crate) struct Vouched {
    pub(crate) subject: String,
    pub(crate) id_token: String,
    pub(crate) claims: Value,
}

/// What a provider says of itself, for whoever sets it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderReport {
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where the code is redeemed.
    pub token_endpoint: String,
    /// Where claims are asked for that do not stand in the token.
    pub userinfo_endpoint: Option<String>,
    /// Where people sign out.
    pub end_session_endpoint: Option<String>,
    /// Whether it says that it takes proof keys (PKCE S256); none: it says nothing.
    pub pkce: Option<bool>,
    /// How many keys it signs with.
    pub keys: usize,
}

/// A provider that was asked what it is.
#[derive(Debug)]
pub(crate) struct Provider {
    metadata: Metadata,
    client_id: ClientId,
    secret: Option<ClientSecret>,
}

impl Provider {
    /// Asks a provider what it is.
    pub(crate) async fn discover(
        outbound: &Outbound,
        issuer: &str,
        client_id: &str,
        secret: Option<String>,
    ) -> Result<Self, Fault> {
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| Fault::Malformed)?;
        outbound.check(issuer.url())?;
        let metadata = Metadata::discover_async(issuer, outbound).await?;
        let token = metadata.token_endpoint().ok_or(Fault::Unreadable)?;
        // A browser is sent to the first of these, and a secret to the second.
        for url in [metadata.authorization_endpoint().url(), token.url()] {
            outbound.check(url)?;
        }
        if metadata.jwks().keys().is_empty() {
            return Err(Fault::NoKeys);
        }
        let client_id = ClientId::new(client_id.to_owned());
        Ok(Self { metadata, client_id, secret: secret.map(ClientSecret::new) })
    }

    pub(crate) fn report(&self) -> ProviderReport {
        let it = &self.metadata;
        let beside = it.additional_metadata();
        let methods = beside.code_challenge_methods_supported.as_ref();
        ProviderReport {
            authorization_endpoint: it.authorization_endpoint().to_string(),
            token_endpoint: it.token_endpoint().map(ToString::to_string).unwrap_or_default(),
            userinfo_endpoint: it.userinfo_endpoint().map(ToString::to_string),
            end_session_endpoint: beside.end_session_endpoint.as_ref().map(ToString::to_string),
            pkce: methods.map(|it| it.iter().any(|method| method == "S256")),
            keys: it.jwks().keys().len(),
        }
    }

    fn client(&self) -> Client {
        let client = CoreClient::from_provider_metadata(
            self.metadata.clone(),
            self.client_id.clone(),
            self.secret.clone(),
        );
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        let takes = |wanted: &CoreClientAuthMethod| methods.is_some_and(|it| it.contains(wanted));
        let in_body = takes(&CoreClientAuthMethod::ClientSecretPost)
            && !takes(&CoreClientAuthMethod::ClientSecretBasic);
        if in_body { client.set_auth_type(AuthType::RequestBody) } else { client }
    }

    /// The address to which the browser is sent.
    pub(crate) fn way_there(&self, back: &Url, scopes: &str, ticket: &Ticket) -> Url {
        let verifier = PkceCodeVerifier::new(ticket.verifier.clone());
        let (state, nonce) = (ticket.state.clone(), ticket.nonce.clone());
        let client = self.client().set_redirect_uri(RedirectUrl::from_url(back.clone()));
        let request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(scopes.split_whitespace().map(|it| Scope::new(it.to_owned())));
        request.url().0
    }

    /// Whether the way back names this provider (RFC 9207); one that says that it does must.
    pub(crate) fn is_named_by(&self, iss: Option<&str>) -> bool {
        let must =
            self.metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match iss {
            Some(iss) => iss == self.metadata.issuer().as_str(),
            None => must != Some(true),
        }
    }

    /// Redeems the code that came back.
    pub(crate) async fn redeem(
        &self,
        outbound: &Outbound,
        back: &Url,
        code: String,
        ticket: &Ticket,
    ) -> Result<CoreTokenResponse, Distrust> {
        let client = self.client().set_redirect_uri(RedirectUrl::from_url(back.clone()));
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| Distrust::Provider(Fault::Unreadable))?
            .set_pkce_verifier(PkceCodeVerifier::new(ticket.verifier.clone()));
        Ok(request.request_async(outbound).await?)
    }

    /// Checks what the provider says of the person: signature, issuer, audience, time, nonce, access token.
    pub(crate) fn verify(
        &self,
        tokens: &CoreTokenResponse,
        ticket: &Ticket,
        now: DateTime<Utc>,
    ) -> Result<Vouched, Distrust> {
        let token = tokens.id_token().ok_or(Distrust::Answer("no_token"))?;
        let client = self.client();
        let verifier =
            client.id_token_verifier().set_allowed_algs(SIGNATURES).set_time_fn(move || now);
        let nonce = Nonce::new(ticket.nonce.clone());
        let claims = token.claims(&verifier, &nonce).map_err(|error| distrust(&error))?;
        if let Some(expected) = claims.access_token_hash() {
            let distrusted = |_| Distrust::Answer("access_token");
            let algorithm = token.signing_alg().map_err(distrusted)?;
            let key = token.signing_key(&verifier).map_err(|_| Distrust::Answer("access_token"))?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
            if actual.ok().as_ref() != Some(expected) {
                return Err(Distrust::Answer("access_token"));
            }
        }
        let subject = claims.subject().to_string();
        let id_token = token.to_string();
        let claims = payload(token, &id_token)?;
        let party = claims.get("azp").and_then(Value::as_str);
        if party.is_some_and(|it| it != self.client_id.as_str()) {
            return Err(Distrust::Answer("authorized_party"));
        }
        Ok(Vouched { subject, id_token, claims })
    }

    /// Asks for the claims that do not stand in the token; they must be about the same person.
    pub(crate) async fn more_claims(
        &self,
        outbound: &Outbound,
        tokens: &CoreTokenResponse,
        subject: &str,
    ) -> Result<Value, Distrust> {
        let Some(url) = self.metadata.userinfo_endpoint() else { return Ok(Value::Null) };
        let request = http::Request::get(url.as_str())
            .header(http::header::ACCEPT, "application/json")
            .header(
                http::header::AUTHORIZATION,
                format!("Bearer {}", tokens.access_token().secret()),
            )
            .body(Vec::new())
            .map_err(|_| Distrust::Provider(Fault::Unreadable))?;
        let answer =
            outbound.call(request).await.map_err(|CallFailed(fault)| Distrust::Provider(fault))?;
        if answer.status() != http::StatusCode::OK {
            return Err(Distrust::Provider(Fault::Status(answer.status().as_u16())));
        }
        let claims: Value = serde_json::from_slice(answer.body())
            .map_err(|_| Distrust::Provider(Fault::Unreadable))?;
        let same = claims.get("sub").and_then(Value::as_str) == Some(subject);
        if same { Ok(claims) } else { Err(Distrust::Answer("other_subject")) }
    }

    /// The address at which the person signs out of the provider as well; none where it has none.
    pub(crate) fn way_out(&self, id_token: Option<&str>, back: &Url) -> Option<Url> {
        let end = self.metadata.additional_metadata().end_session_endpoint.clone()?;
        let mut request = LogoutRequest::from(end)
            .set_client_id(self.client_id.clone())
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(back.clone()));
        if let Some(token) = id_token.and_then(|it| it.parse::<CoreIdToken>().ok()) {
            request = request.set_id_token_hint(&token);
        }
        Some(request.http_get_url())
    }
}

/// Why a token is not trusted, in a word for the trail.
fn distrust(error: &ClaimsVerificationError) -> Distrust {
    match error {
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
        ) => Distrust::NewKey,
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::DisallowedAlg(_),
        ) => Distrust::Answer("algorithm"),
        ClaimsVerificationError::SignatureVerification(_) => Distrust::Answer("signature"),
        ClaimsVerificationError::Expired(_) => Distrust::Answer("expired"),
        ClaimsVerificationError::InvalidAudience(_) => Distrust::Answer("audience"),
        ClaimsVerificationError::InvalidIssuer(_) => Distrust::Answer("issuer"),
        ClaimsVerificationError::InvalidNonce(_) => Distrust::Answer("nonce"),
        _ => Distrust::Answer("token"),
    }
}

/// The claims of a token whose signature was checked.
fn payload(_checked: &CoreIdToken, text: &str) -> Result<Value, Distrust> {
    let unreadable = Distrust::Answer("token");
    let middle = text.split('.').nth(1).ok_or(unreadable.clone())?;
    let bytes = URL_SAFE_NO_PAD.decode(middle).map_err(|_| unreadable.clone())?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticket_follows_from_browser_and_state_and_from_nothing_less() {
        let one = Ticket::of("browser", "state");
        let same = Ticket::of("browser", "state");
        assert_eq!((&one.nonce, &one.verifier), (&same.nonce, &same.verifier));
        assert_eq!(one.verifier.len(), 43);
        assert_ne!(one.nonce, one.verifier);
        for other in [Ticket::of("browser2", "state"), Ticket::of("browser", "state2")] {
            assert_ne!(one.nonce, other.nonce);
            assert_ne!(one.verifier, other.verifier);
        }
    }
}
