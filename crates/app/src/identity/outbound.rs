//! Calls to identity providers: to addresses that the operator names and nowhere else.
//!
//! A provider's description names further addresses, so each single call is checked. No redirect is followed,
//! no proxy is used, names that stand for private addresses do not resolve, an answer takes five seconds and
//! 256 KB at most.

use std::error::Error as _;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::http::{HeaderName, HeaderValue, Response};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use url::Url;

use super::fault::Fault;
use super::issuers::{AllowedIssuers, NotAllowed};
use crate::refusal::{self, Refusal};

/// How long an answer may take, from the first packet to the last.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much of an answer is read.
const LONGEST: usize = 256 * 1024;

/// A client that reaches allowed addresses only.
#[derive(Debug, Clone)]
pub(crate) struct Outbound {
    /// None where nobody may be called.
    client: Option<reqwest::Client>,
    allowed: Arc<AllowedIssuers>,
}

/// A call that brought no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?}")]
pub(crate) struct CallFailed(pub(crate) Fault);

impl Outbound {
    pub(crate) fn new(allowed: AllowedIssuers) -> refusal::Result<Self> {
        let allowed = Arc::new(allowed);
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE)
            .dns_resolver(Arc::new(PublicNames(Arc::clone(&allowed))))
            .user_agent("E-Kinerja")
            .build()
            .map_err(Refusal::internal)?;
        Ok(Self { client: Some(client), allowed })
    }

    /// A client that calls nobody.
    pub(crate) fn closed() -> Self {
        Self { client: None, allowed: Arc::default() }
    }

    pub(crate) fn allowed(&self) -> &AllowedIssuers {
        &self.allowed
    }

    /// Whether this address may be called.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Fault> {
        self.allowed.check(url).map_err(|reason| match reason {
            NotAllowed::Malformed => Fault::Malformed,
            NotAllowed::Host => Fault::NotAllowed(url.host_str().unwrap_or_default().to_owned()),
            NotAllowed::Private => Fault::Private(url.host_str().unwrap_or_default().to_owned()),
        })
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| Fault::Malformed)?;
        self.check(&url)?;
        let (parts, body) = request.into_parts();
        let client = self.client.as_ref().ok_or(Fault::Unreachable)?;
        let call = client.request(parts.method, url).headers(parts.headers).body(body);
        let mut answer = call.send().await.map_err(|error| unreachable(&error))?;
        if answer.status().is_redirection() {
            return Err(Fault::Redirects);
        }
        // Whatever the text says: nothing was refused, the provider broke down.
        if answer.status().is_server_error() {
            return Err(Fault::Status(answer.status().as_u16()));
        }
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            let (name, value): (HeaderName, HeaderValue) = (name.clone(), value.clone());
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
            if body.len() + chunk.len() > LONGEST {
                return Err(Fault::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        response.body(body).map_err(|_| Fault::Unreadable)
    }
}

fn unreachable(error: &reqwest::Error) -> Fault {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(private) = inner.downcast_ref::<PrivateName>() {
            return Fault::Private(private.0.clone());
        }
        source = inner.source();
    }
    if error.is_timeout() { Fault::Slow } else { Fault::Unreachable }
}

impl<'c> AsyncHttpClient<'c> for Outbound {
    type Error = CallFailed;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallFailed>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { self.send(request).await.map_err(CallFailed) })
    }
}

/// Resolves names to addresses of the open internet only.
#[derive(Debug)]
struct PublicNames(Arc<AllowedIssuers>);

/// A name that stands for an address inside a private network.
#[derive(Debug, thiserror::Error)]
#[error("{0} stands for a private address")]
struct PrivateName(String);

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.0);
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let reachable: Vec<_> =
                found.into_iter().filter(|it| allowed.may_reach(&name, it.ip())).collect();
            if reachable.is_empty() {
                return Err(PrivateName(name).into());
            }
            let addresses: Addrs = Box::new(reachable.into_iter());
            Ok(addresses)
        })
    }
}
