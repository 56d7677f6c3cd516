//! A person at a browser or a program at the interface: they speak HTTP and nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ekinerja_app::SessionToken;
use ekinerja_web::form_token;
use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use url::Url;

use crate::promises;

/// What a browser says that it takes.
const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// Somebody with cookies of their own. Redirects are not followed: a test looks at them.
#[derive(Debug, Clone)]
pub struct Actor {
    client: Client,
    base: String,
    cookies: Arc<Jar>,
}

impl Actor {
    pub(crate) fn at(address: SocketAddr) -> Self {
        let cookies = Arc::new(Jar::default());
        let client = Client::builder()
            .cookie_provider(Arc::clone(&cookies))
            .redirect(Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        Self { client, base: format!("http://{address}"), cookies }
    }

    /// Any request, for a test that needs headers of its own; send it with [`Actor::send`].
    ///
    /// What goes to a page carries the form token of the session, as every form of a page does: that they do is
    /// asked wherever pages are walked over.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let writes = !method.is_safe() && !path.starts_with("/api/");
        let request = self.bare_request(method, path);
        match self.form_token().filter(|_| writes) {
            Some(token) => request.header("x-form-token", token),
            None => request,
        }
    }

    /// A request without the form token.
    pub fn bare_request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// The whole address of a path.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The token that forms of this browser's session carry; none without a session.
    ///
    /// # Panics
    /// When the address of the product is none.
    pub fn form_token(&self) -> Option<String> {
        form_token_in(&self.cookies, &self.base.parse().expect("an address"))
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When there is no answer at all, or an operation of the interface answers what its description does not say.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = Answer::of(client.execute(request).await.expect("an answer")).await;
        promises::check(&method, &path, &answer);
        answer
    }

    /// Reads from the interface.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Looks at a page.
    pub async fn look(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header(ACCEPT, BROWSER)).await
    }

    /// Sends a form of a page, as a browser does.
    pub async fn fill(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).header(ACCEPT, BROWSER);
        let request = request.header("sec-fetch-site", "same-origin");
        self.send(request.form(fields)).await
    }

    /// Creates something.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Puts something in place.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// Changes the revision of something.
    pub async fn change(&self, method: Method, path: &str, revision: i32, body: &Value) -> Answer {
        let request = self.request(method, path).header("if-match", format!("\"{revision}\""));
        self.send(request.json(body)).await
    }

    /// Takes something away.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }
}

/// The token that forms of the session in a browser's cookies carry.
pub fn form_token_in(cookies: &Jar, product: &Url) -> Option<String> {
    let cookies = cookies.cookies(product)?;
    let mut pairs = cookies.to_str().ok()?.split("; ").filter_map(|it| it.split_once('='));
    let (_, secret) = pairs.find(|it| it.0 == "ekinerja")?;
    Some(form_token::of(&SessionToken::from(secret.to_owned())))
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap<HeaderValue>,
    /// The body as text.
    pub body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.expect("a body");
        Self { status, headers, body }
    }

    /// The same answer, if it has this status.
    ///
    /// # Panics
    /// When it has another one; the body is shown.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "a test often wants the check alone"
    )]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The code of a problem.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn code(&self) -> String {
        let code = self.json()["code"].as_str().map(str::to_owned);
        code.unwrap_or_else(|| panic!("no problem: {}", self.body))
    }

    /// Pointer and code of each violation of a problem.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    pub fn violations(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let violations = problem["violations"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        violations.iter().map(|it| (text(&it["pointer"]), text(&it["code"]))).collect()
    }

    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }
}
