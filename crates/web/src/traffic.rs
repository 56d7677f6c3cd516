//! Whose requests are answered when more come than should: by client address, by account, by government.
//!
//! Three questions, cheapest first: has this *address* sent too much (before anything is read); has this
//! *account* or this *government* (once it is known who asks; a stranger spends nobody's share); and has this
//! government its [`Turn`] among the others (so that one that is busy does not slow the rest). A refusal is
//! 429 with `Retry-After`. The buckets take a fixed amount of memory, whoever calls.

mod address;
mod buckets;
mod gate;
mod sign_in;

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ekinerja_app::{Code, TenantScope};
use ekinerja_domain::ids::{TenantId, UserId};

pub(crate) use address::Network;
pub use address::{ForwardedHeader, TrustedProxies};
use buckets::Buckets;
use gate::{Gate, Place};
pub(crate) use sign_in::SignInLimits;

use crate::problem::Problem;
use crate::settings::AppState;

/// How many requests a minute each may send; after a pause a tenth of it may come at once. Zero: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of one client address; an office often has only one.
    pub address: u32,
    /// Of one account, reading.
    pub account_reads: u32,
    /// Of one account, writing.
    pub account_writes: u32,
    /// Of all accounts of one government, reading.
    pub tenant_reads: u32,
    /// Of all accounts of one government, writing.
    pub tenant_writes: u32,
    /// Attempts to sign in from one client address; one account's are slowed down more strictly.
    pub sign_in: u32,
}

impl Limits {
    /// What suits a province with its regencies.
    pub const USUAL: Self = Self {
        address: 6_000,
        account_reads: 1_200,
        account_writes: 600,
        tenant_reads: 18_000,
        tenant_writes: 6_000,
        sign_in: 60,
    };
    /// None at all.
    pub const NONE: Self = Self {
        address: 0,
        account_reads: 0,
        account_writes: 0,
        tenant_reads: 0,
        tenant_writes: 0,
        sign_in: 0,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::USUAL
    }
}

/// Where a request comes from that did not come over the network.
const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
/// Slots for addresses and accounts; a government's own table is smaller, since there are some hundreds.
const MANY: usize = 4_096;
const FEW: usize = 1_024;

/// Everything that counts requests in this process.
#[derive(Debug)]
pub(crate) struct Traffic {
    proxies: TrustedProxies,
    addresses: Option<Buckets>,
    account_reads: Option<Buckets>,
    account_writes: Option<Buckets>,
    tenant_reads: Option<Buckets>,
    tenant_writes: Option<Buckets>,
    gate: Gate,
    pub(crate) sign_ins: SignInLimits,
}

impl Traffic {
    pub(crate) fn new(
        limits: Limits,
        proxies: TrustedProxies,
        at_once: usize,
        waiting: usize,
    ) -> Self {
        Self {
            proxies,
            addresses: Buckets::per_minute(limits.address, MANY),
            account_reads: Buckets::per_minute(limits.account_reads, MANY),
            account_writes: Buckets::per_minute(limits.account_writes, MANY),
            tenant_reads: Buckets::per_minute(limits.tenant_reads, FEW),
            tenant_writes: Buckets::per_minute(limits.tenant_writes, FEW),
            gate: Gate::new(at_once, waiting),
            sign_ins: SignInLimits::new(limits.sign_in),
        }
    }

    /// Counts a request of a person or program that may enter a government, and waits for its turn.
    async fn enter(&self, parts: &Parts, tenant: TenantId, user: UserId) -> Result<(), Problem> {
        // Extracting twice (a layer and its handler) is one request.
        let Some(turn) = parts.extensions.get::<Turn>().filter(|it| !it.is_taken()) else {
            return Ok(());
        };
        let (account, government) = if parts.method.is_safe() {
            (&self.account_reads, &self.tenant_reads)
        } else {
            (&self.account_writes, &self.tenant_writes)
        };
        spend(account.as_ref(), (tenant.uuid(), user.uuid()))?;
        spend(government.as_ref(), tenant.uuid())?;
        let place = self.gate.pass(tenant).await.ok_or_else(|| too_many(Duration::from_secs(1)))?;
        turn.take(place);
        Ok(())
    }
}

/// Counts a request against the bucket of `key`, where there are buckets.
fn spend(buckets: Option<&Buckets>, key: impl std::hash::Hash) -> Result<(), Problem> {
    let Some(buckets) = buckets else { return Ok(()) };
    buckets.spend(key).map_err(too_many)
}

fn too_many(wait: Duration) -> Problem {
    Problem::new(Code::TooManyRequests).after(wait)
}

/// The place of a request among those of all governments; given back when it is answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turn(Arc<OnceLock<Place>>);

impl Turn {
    fn is_taken(&self) -> bool {
        self.0.get().is_some()
    }

    fn take(&self, place: Place) {
        // A second place, if there ever is one, is given back at once.
        drop(self.0.set(place));
    }
}

/// Where a request comes from: a network, since a household has many addresses of the new kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Client(pub(crate) Network);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    /// The client of a request that came through [`count_address`].
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(Network::of(UNKNOWN))))
    }
}

/// Finds out where a request comes from, and turns it away when that place sent too much.
pub(crate) async fn count_address(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(UNKNOWN, |it| it.0.ip());
    let client = Client(Network::of(state.traffic.proxies.client(peer, request.headers())));
    request.extensions_mut().insert(client);
    match spend(state.traffic.addresses.as_ref(), client) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Keeps a place for a request's [`Turn`] until it is answered, also when the caller has left.
pub(crate) async fn keep_turn(mut request: Request, next: Next) -> Response {
    let turn = Turn::default();
    request.extensions_mut().insert(turn.clone());
    let response = next.run(request).await;
    drop(turn);
    response
}

/// Counts a request in the scope that it was given, and waits for its turn.
pub(crate) async fn enter(
    parts: &Parts,
    state: &AppState,
    scope: &TenantScope,
) -> Result<(), Problem> {
    state.traffic.enter(parts, scope.tenant().id, scope.standing().user).await
}
