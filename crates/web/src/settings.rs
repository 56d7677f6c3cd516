//! What the front doors are told by the binary, and the state that every handler gets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use ekinerja_app::App;
use futures::future::BoxFuture;
use tokio::sync::Semaphore;
use url::Url;

use crate::cached::{self, Answers};
use crate::security_txt::SecurityContact;
use crate::traffic::{Limits, Traffic, TrustedProxies};

/// Says whether this process should be given requests: migrations done, not stopping.
pub type Readiness = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// How the front doors behave. [`WebSettings::at`] has the defaults.
#[derive(Clone)]
pub struct WebSettings {
    /// Where people reach the product. Its scheme decides on `Secure` cookies and HSTS; links never
    /// follow the `Host` header.
    pub public_url: Url,
    /// Largest body in bytes where a route does not say otherwise.
    pub body_limit: usize,
    /// How long an answer may take.
    pub time_limit: Duration,
    /// How many requests are worked on at once; one more is answered 503.
    pub concurrency: usize,
    /// How many requests inside governments are worked on at once, about as many as the database has
    /// connections; further ones wait, and the governments take turns.
    pub turns: usize,
    /// How many requests a minute each may send.
    pub limits: Limits,
    /// The proxies whose word about a client's address counts.
    pub proxies: TrustedProxies,
    /// Whom to tell of a weakness; none: `/.well-known/security.txt` is not there.
    pub security: Option<SecurityContact>,
    /// The strip on every page of a demonstration; none for a real installation.
    pub demonstration: Option<Demonstration>,
    /// Asked by `/readyz` beside the database.
    pub readiness: Readiness,
}

/// What a demonstration says on every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demonstration {
    /// In Indonesian.
    pub id: String,
    /// In English.
    pub en: String,
}

impl fmt::Debug for WebSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSettings")
            .field("public_url", &self.public_url.as_str())
            .field("body_limit", &self.body_limit)
            .field("time_limit", &self.time_limit)
            .field("concurrency", &self.concurrency)
            .field("turns", &self.turns)
            .field("limits", &self.limits)
            .field("proxies", &self.proxies)
            .field("demonstration", &self.demonstration)
            .finish_non_exhaustive()
    }
}

impl WebSettings {
    /// The defaults for a product that people reach at `public_url`.
    pub fn at(public_url: Url) -> Self {
        Self {
            public_url,
            body_limit: 1024 * 1024,
            time_limit: Duration::from_secs(30),
            concurrency: 512,
            turns: 10,
            limits: Limits::USUAL,
            proxies: TrustedProxies::default(),
            security: None,
            demonstration: None,
            readiness: Arc::new(|| Box::pin(async { Ok(()) })),
        }
    }

    /// Whether people reach the product over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// The state of every handler. `State<App>` gives the app alone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The use cases.
    pub app: App,
    /// How the doors behave.
    pub settings: Arc<WebSettings>,
    /// One permit per request that is being worked on.
    pub(crate) room: Arc<Semaphore>,
    /// Who sent how much.
    pub(crate) traffic: Arc<Traffic>,
    /// Answers that are drawn already.
    pub(crate) answers: Arc<Answers>,
}

impl AppState {
    pub(crate) fn new(app: App, settings: WebSettings) -> Self {
        let room = Arc::new(Semaphore::new(settings.concurrency));
        let answers = Arc::new(cached::answers(&app));
        let proxies = settings.proxies.clone();
        // Half of the room: the other half is for the others.
        let waiting = settings.concurrency / 2;
        let traffic = Arc::new(Traffic::new(settings.limits, proxies, settings.turns, waiting));
        Self { app, settings: Arc::new(settings), room, traffic, answers }
    }
}

impl FromRef<AppState> for App {
    fn from_ref(state: &AppState) -> Self {
        state.app.clone()
    }
}

impl FromRef<AppState> for Arc<WebSettings> {
    fn from_ref(state: &AppState) -> Self {
        Arc::clone(&state.settings)
    }
}
