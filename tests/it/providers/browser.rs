//! A browser without a screen: cookies, redirects, forms.

use std::sync::Arc;
use std::time::Duration;

use ekinerja_tests::form_token_in;
use reqwest::cookie::Jar;
use reqwest::header::{ACCEPT, HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use url::Url;

/// Somebody's browser. It goes where it is sent, across sites.
#[derive(Debug, Clone)]
pub(super) struct Browser {
    following: Client,
    stepping: Client,
    cookies: Arc<Jar>,
}

/// What it sees.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Browser {
    pub(super) fn new() -> Self {
        let jar = Arc::new(Jar::default());
        let client = |policy| {
            Client::builder()
                .cookie_provider(Arc::clone(&jar))
                .redirect(policy)
                .timeout(Duration::from_mins(1))
                .build()
                .expect("a client")
        };
        let (following, stepping) = (client(Policy::limited(20)), client(Policy::none()));
        Self { following, stepping, cookies: jar }
    }

    async fn send(
        client: &Client,
        method: Method,
        url: &Url,
        form: Option<&[(String, String)]>,
    ) -> Seen {
        let request = client.request(method, url.clone()).header(ACCEPT, "text/html,*/*;q=0.8");
        let request = match form {
            Some(fields) => request.form(fields),
            None => request,
        };
        let answer = request.send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
        let (url, status) = (answer.url().clone(), answer.status().as_u16());
        let headers = answer.headers().clone();
        Seen { url, status, headers, body: answer.text().await.expect("a body") }
    }

    /// Opens a page, wherever that leads.
    pub(super) async fn go(&self, url: &str) -> Seen {
        Self::send(&self.following, Method::GET, &url.parse().expect("a url"), None).await
    }

    /// Opens a page and goes no further.
    pub(super) async fn step(&self, url: &str) -> Seen {
        Self::send(&self.stepping, Method::GET, &url.parse().expect("a url"), None).await
    }

    /// Goes on until it would open a page that begins so; the address of that.
    pub(super) async fn until(&self, from: &str, wanted: &str) -> String {
        let mut url = from.to_owned();
        for _ in 0..20 {
            if url.starts_with(wanted) {
                return url;
            }
            url = self.step(&url).await.location();
        }
        panic!("never came to {wanted}, but to {url}")
    }

    /// Fills in the first form that it sees and sends it.
    pub(super) async fn submit(&self, seen: &Seen, typed: &[(&str, &str)]) -> Seen {
        let form = between(&seen.body, "<form", "</form>")
            .unwrap_or_else(|| panic!("no form at {}: {} {}", seen.url, seen.status, seen.body));
        let head = form.split('>').next().unwrap_or_default();
        let action = attribute(head, "action").unwrap_or_default();
        let url = seen.url.join(&action).expect("an address");
        let mut fields: Vec<(String, String)> = Vec::new();
        for part in form.split("<input").skip(1).chain(form.split("<button").skip(1)) {
            let tag = part.split('>').next().unwrap_or_default();
            if let Some(name) = attribute(tag, "name") {
                let value = attribute(tag, "value").unwrap_or_default();
                if !fields.iter().any(|it| it.0 == name) {
                    fields.push((name, value));
                }
            }
        }
        for (name, value) in typed {
            fields.retain(|it| it.0 != *name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        Self::send(&self.following, Method::POST, &url, Some(&fields)).await
    }

    /// Sends a form to an address.
    pub(super) async fn post(&self, url: &str, typed: &[(&str, &str)]) -> Seen {
        let url: Url = url.parse().expect("a url");
        let mut fields: Vec<_> =
            typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let token = form_token_in(&self.cookies, &url);
        fields.extend(token.map(|it| (String::from("csrf"), it)));
        Self::send(&self.following, Method::POST, &url, Some(&fields)).await
    }
}

impl Seen {
    /// Where it is sent.
    #[track_caller]
    pub(super) fn location(&self) -> String {
        let location = self.headers.get(LOCATION).and_then(|it| it.to_str().ok());
        let location = location.unwrap_or_else(|| {
            panic!("no redirect from {}: {} {}", self.url, self.status, self.body)
        });
        self.url.join(location).expect("an address").to_string()
    }

    /// The same, if it has this status.
    #[track_caller]
    pub(super) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.url, self.body);
        self
    }
}

/// The text from one mark to another.
pub(super) fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    let begins = text.find(from)? + from.len();
    let rest = &text[begins..];
    Some(&rest[..rest.find(to)?])
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = between(tag, &format!(" {name}=\""), "\"")
        .or_else(|| between(tag, &format!("\n{name}=\""), "\""))?;
    Some(value.replace("&amp;", "&").replace("&quot;", "\"").replace("&#34;", "\""))
}
