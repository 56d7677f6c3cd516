//! A provider in a few lines that speaks the protocol and lies on demand. It signs everybody in who comes.

#![expect(clippy::disallowed_types, reason = "a provider of others refuses as it likes")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use ring::{digest, hmac};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::house::{NIP, SECRET, real_time};

/// How the next token lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    None,
    AlgNone,
    PublicKeyAsSecret,
    ClientSecretAsKey,
    OtherKey,
    OtherAudience,
    OneAudienceTooMany,
    OtherParty,
    OtherIssuer,
    Expired,
    OtherNonce,
    NoNonce,
    OtherAccessToken,
    NoToken,
    /// No lie: it breaks down.
    Breaks,
}

impl Lie {
    pub(crate) const ALL: [Self; 13] = [
        Self::AlgNone,
        Self::PublicKeyAsSecret,
        Self::ClientSecretAsKey,
        Self::OtherKey,
        Self::OtherAudience,
        Self::OneAudienceTooMany,
        Self::OtherParty,
        Self::OtherIssuer,
        Self::Expired,
        Self::OtherNonce,
        Self::NoNonce,
        Self::OtherAccessToken,
        Self::NoToken,
    ];
}

/// A key that signs.
struct Key {
    id: String,
    pair: EcdsaKeyPair,
}

impl Key {
    fn fresh(id: &str) -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).expect("a key");
        Self { id: id.to_owned(), pair }
    }

    fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]) })
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        let signed = self.pair.sign(&SystemRandom::new(), text.as_bytes());
        signed.expect("a signature").as_ref().to_vec()
    }
}

/// What is asked when a code is redeemed.
struct Asked {
    nonce: String,
    challenge: String,
    client: String,
}

struct Inner {
    issuer: String,
    key: Mutex<Key>,
    lie: Mutex<Lie>,
    subject: Mutex<String>,
    claims: Mutex<Value>,
    beside: Mutex<Value>,
    pages: Mutex<Option<(u16, String)>>,
    asked: Mutex<HashMap<String, Asked>>,
    discoveries: AtomicUsize,
}

/// The provider.
#[derive(Clone)]
pub(crate) struct Peer(Arc<Inner>);

impl Peer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let inner = Inner {
            issuer,
            key: Mutex::new(Key::fresh("first")),
            lie: Mutex::new(Lie::None),
            subject: Mutex::new(String::from("subjek-1")),
            claims: Mutex::new(json!({ "nip": NIP })),
            beside: Mutex::new(json!({})),
            pages: Mutex::new(None),
            asked: Mutex::default(),
            discoveries: AtomicUsize::new(0),
        };
        let peer = Self(Arc::new(inner));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(peer.clone());
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        peer
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// How often it was asked what it is.
    pub(crate) fn discoveries(&self) -> usize {
        self.0.discoveries.load(Ordering::Relaxed)
    }

    pub(crate) fn lie(&self, lie: Lie) {
        *self.0.lie.lock().expect("a lock") = lie;
    }

    /// Who comes from now on, with what it says of them.
    pub(crate) fn person(&self, subject: &str, claims: Value) {
        subject.clone_into(&mut self.0.subject.lock().expect("a lock"));
        *self.0.claims.lock().expect("a lock") = claims;
    }

    /// What it says of itself beside the usual.
    pub(crate) fn beside(&self, beside: Value) {
        *self.0.beside.lock().expect("a lock") = beside;
    }

    /// What it answers in place of its description.
    pub(crate) fn instead(&self, status: u16, text: String) {
        *self.0.pages.lock().expect("a lock") = Some((status, text));
    }

    /// Signs with a new key from now on.
    pub(crate) fn rotate(&self) {
        *self.0.key.lock().expect("a lock") = Key::fresh("second");
    }
}

async fn describe(State(peer): State<Peer>) -> Response {
    peer.0.discoveries.fetch_add(1, Ordering::Relaxed);
    if let Some((status, text)) = peer.0.pages.lock().expect("a lock").clone() {
        let status = StatusCode::from_u16(status).expect("a status");
        return (status, [(header::LOCATION, "http://127.0.0.1:1/")], text).into_response();
    }
    let issuer = peer.issuer();
    let mut all = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    });
    let beside = peer.0.beside.lock().expect("a lock").clone();
    for (name, value) in beside.as_object().expect("an object") {
        all[name] = value.clone();
    }
    Json(all).into_response()
}

async fn keys(State(peer): State<Peer>) -> Json<Value> {
    Json(json!({ "keys": [peer.0.key.lock().expect("a lock").public()] }))
}

async fn authorize(
    State(peer): State<Peer>,
    Query(query): Query<HashMap<String, String>>,
) -> Redirect {
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["response_type"], "code");
    let mut asked = peer.0.asked.lock().expect("a lock");
    let code = format!("kode-{}", asked.len());
    let (nonce, challenge) = (query["nonce"].clone(), query["code_challenge"].clone());
    asked.insert(code.clone(), Asked { nonce, challenge, client: query["client_id"].clone() });
    let issuer = peer.issuer().replace(':', "%3A").replace('/', "%2F");
    let state = &query["state"];
    Redirect::to(&format!("{}?code={code}&state={state}&iss={issuer}", query["redirect_uri"]))
}

async fn token(
    State(peer): State<Peer>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let Some(asked) = peer.0.asked.lock().expect("a lock").remove(&form["code"]) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })))
            .into_response();
    };
    let known = format!("Basic {}", STANDARD.encode(format!("{}:{SECRET}", asked.client)));
    if headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok()) != Some(known.as_str()) {
        let refused = Json(json!({ "error": "invalid_client" }));
        return (StatusCode::UNAUTHORIZED, refused).into_response();
    }
    let proof = digest::digest(&digest::SHA256, form["code_verifier"].as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(proof.as_ref()), asked.challenge, "the proof key");
    let lie = *peer.0.lie.lock().expect("a lock");
    if lie == Lie::Breaks {
        let broken = Json(json!({ "error": "internal_server_error" }));
        return (StatusCode::INTERNAL_SERVER_ERROR, broken).into_response();
    }
    let mut answer = json!({ "access_token": "akses", "token_type": "Bearer", "expires_in": 60 });
    if lie != Lie::NoToken {
        answer["id_token"] = id_token(&peer, &asked, lie).into();
    }
    Json(answer).into_response()
}

fn id_token(peer: &Peer, asked: &Asked, lie: Lie) -> String {
    let now = real_time().timestamp();
    let own = digest::digest(&digest::SHA256, b"akses");
    let mut claims = json!({
        "iss": peer.issuer(), "sub": *peer.0.subject.lock().expect("a lock"),
        "aud": asked.client, "iat": now, "exp": now + 300, "nonce": asked.nonce,
        "at_hash": URL_SAFE_NO_PAD.encode(&own.as_ref()[..16]),
    });
    let more = peer.0.claims.lock().expect("a lock").clone();
    for (name, value) in more.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    match lie {
        Lie::OtherAudience => claims["aud"] = "klien-lain".into(),
        Lie::OneAudienceTooMany => claims["aud"] = json!([asked.client, "klien-lain"]),
        Lie::OtherParty => claims["azp"] = "klien-lain".into(),
        Lie::OtherIssuer => claims["iss"] = "http://127.0.0.1:1".into(),
        Lie::Expired => claims["exp"] = (now - 3600).into(),
        Lie::OtherNonce => claims["nonce"] = "lain".into(),
        Lie::NoNonce => claims["nonce"] = Value::Null,
        Lie::OtherAccessToken => claims["at_hash"] = URL_SAFE_NO_PAD.encode([7_u8; 16]).into(),
        _ => {}
    }
    let key = peer.0.key.lock().expect("a lock");
    let algorithm = match lie {
        Lie::AlgNone => "none",
        Lie::PublicKeyAsSecret | Lie::ClientSecretAsKey => "HS256",
        _ => "ES256",
    };
    let head = json!({ "alg": algorithm, "typ": "JWT", "kid": key.id }).to_string();
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(&head), part(&claims.to_string()));
    let with_secret = |secret: &[u8]| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes()).as_ref().to_vec()
    };
    let signature = match lie {
        Lie::AlgNone => Vec::new(),
        Lie::PublicKeyAsSecret => with_secret(key.pair.public_key().as_ref()),
        Lie::ClientSecretAsKey => with_secret(SECRET.as_bytes()),
        Lie::OtherKey => Key::fresh(&key.id).sign(&signed),
        _ => key.sign(&signed),
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
