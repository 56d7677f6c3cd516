//! Answers kept in memory, each under its tenant, its reader and the version of the data it was made from.
//!
//! A [`TenantCache`] is the only place of the product that keeps tenants' answers: its keys are made from a
//! [`TenantScope`], so an entry of one tenant, person or role is never found by another. The version in a key
//! counts the commits that touched what the page [`Depends`] on. It is taken *before* the page reads its
//! data: a page that was being drawn while a commit came is filed under the old version, where nobody
//! looks any more. So a commit drops exactly the pages it touches, and none is ever stale in this process.
//!
//! News are read whenever the cache is asked, without waiting; no task has to keep it going. A cache that
//! fell behind, or a listener that lost its connection ([`News::Gap`]), drops everything.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ekinerja_domain::access::Standing;
use ekinerja_domain::event::Touch;
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::period::Period;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use crate::change::{Change, Changes, News};
use crate::tenant::TenantScope;

/// What a page is made from; it is dropped when a commit touches any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Depends {
    /// Figures of one period, the tenant's own and those published to it.
    Period(Period),
    /// Figures of every period (a trend).
    EveryPeriod,
    /// Plan, indicators, targets, rule sets.
    Plan,
    /// Agencies and members.
    Organisation,
}

/// How long an entry is kept at most: a process that was killed may have taken news with it.
pub const LIFE: Duration = Duration::from_mins(10);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    standing: Standing,
    page: String,
    version: u64,
}

/// Where an answer is to be kept; made by [`TenantCache::look_up`] before the answer is.
#[derive(Debug)]
#[must_use]
pub struct Place(Key);

/// What a look-up found.
#[derive(Debug)]
pub enum Found<V> {
    /// The answer.
    Hit(V),
    /// None yet: make it, then keep it there.
    Miss(Place),
}

/// How often the cache was asked, for tests and the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheCount {
    /// Answers found.
    pub hits: u64,
    /// Answers that had to be made.
    pub misses: u64,
}

/// Answers of every tenant, none of which is ever found under another.
pub struct TenantCache<V> {
    #[expect(clippy::disallowed_types, reason = "this is the cache whose keys have the tenant")]
    entries: moka::future::Cache<Key, V>,
    versions: Mutex<Versions>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl<V> std::fmt::Debug for TenantCache<V> {
    /// Never shows an answer.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantCache").field("hits", &self.hits).finish_non_exhaustive()
    }
}

impl<V: Clone + Send + Sync + 'static> TenantCache<V> {
    /// A cache that hears `changes` and holds at most `capacity` of what `weigh` counts (bytes, say).
    #[expect(clippy::disallowed_types, reason = "this is the cache whose keys have the tenant")]
    pub fn new(
        changes: &Changes,
        capacity: u64,
        weigh: impl Fn(&V) -> u32 + Send + Sync + 'static,
    ) -> Self {
        let entries = moka::future::Cache::builder()
            .max_capacity(capacity)
            .weigher(move |key: &Key, value: &V| {
                let key = u32::try_from(key.page.len()).unwrap_or(u32::MAX);
                weigh(value).saturating_add(key).saturating_add(256)
            })
            .time_to_live(LIFE)
            .build();
        Self {
            entries,
            versions: Mutex::new(Versions::hearing(changes)),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// Looks an answer up. `page` names it within tenant and reader: address, language, day.
    pub async fn look_up(
        &self,
        scope: &TenantScope,
        page: String,
        depends: &[Depends],
    ) -> Found<V> {
        let tenant = scope.tenant().id;
        let version =
            self.versions.lock().unwrap_or_else(PoisonError::into_inner).of(tenant, depends);
        let key = Key { standing: scope.standing().clone(), page, version };
        if let Some(value) = self.entries.get(&key).await {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Found::Hit(value);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        Found::Miss(Place(key))
    }

    /// Keeps an answer.
    pub async fn keep(&self, place: Place, value: V) {
        self.entries.insert(place.0, value).await;
    }

    /// How often it was asked.
    pub fn count(&self) -> CacheCount {
        CacheCount {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }
}

/// Counts of commits, by what they touched. They only grow, so the sum over what a page depends on is
/// the same only as long as each of them is.
#[derive(Debug)]
struct Versions {
    news: Receiver<News>,
    everything: u64,
    tenants: HashMap<TenantId, TenantVersions>,
}

#[derive(Debug, Default)]
struct TenantVersions {
    periods: HashMap<Period, u64>,
    any_period: u64,
    all_periods: u64,
    plan: u64,
    organisation: u64,
}

impl Versions {
    fn hearing(changes: &Changes) -> Self {
        Self { news: changes.subscribe(), everything: 0, tenants: HashMap::new() }
    }

    fn of(&mut self, tenant: TenantId, depends: &[Depends]) -> u64 {
        self.catch_up();
        let own = self.tenants.get(&tenant).map_or(0, |it| it.of(depends));
        self.everything + own
    }

    fn catch_up(&mut self) {
        loop {
            match self.news.try_recv() {
                Ok(News::Changed(change)) => self.note(&change),
                // Entries are kept under the standing of their reader: another standing finds others.
                Ok(News::Access(_)) => {}
                Ok(News::Gap) | Err(TryRecvError::Lagged(_)) => self.everything += 1,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    fn note(&mut self, change: &Change) {
        for touch in &change.touches {
            match touch {
                Touch::Governments(above) => {
                    self.tenants.entry(*above).or_default().touch(Touch::Organisation);
                }
                Touch::Audience(audience, period) => {
                    self.tenants.entry(*audience).or_default().touch(Touch::Period(*period));
                }
                own => self.tenants.entry(change.tenant).or_default().touch(*own),
            }
        }
    }
}

impl TenantVersions {
    fn touch(&mut self, touch: Touch) {
        match touch {
            Touch::Period(period) | Touch::Audience(_, period) => {
                *self.periods.entry(period).or_default() += 1;
                self.any_period += 1;
            }
            Touch::Indicator(_) => {
                self.all_periods += 1;
                self.any_period += 1;
            }
            Touch::Plan => self.plan += 1,
            Touch::Organisation | Touch::Governments(_) => self.organisation += 1,
        }
    }

    fn of(&self, depends: &[Depends]) -> u64 {
        let one = |it: &Depends| match it {
            Depends::Period(period) => {
                self.periods.get(period).copied().unwrap_or_default() + self.all_periods
            }
            Depends::EveryPeriod => self.any_period,
            Depends::Plan => self.plan,
            Depends::Organisation => self.organisation,
        };
        depends.iter().map(one).sum()
    }
}

#[cfg(test)]
mod tests;
