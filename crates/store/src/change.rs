//! News of commits: what changed in which tenant, so that caches drop exactly that.
//!
//! Every server process hears of commits on one listener. The payload carries ids only, since a channel has no
//! access control. The process that commits also tells itself at once, so that a person reads their own write.
//!
//! A commit sends its touches with `NOTIFY` in the same transaction; but PostgreSQL lets such transactions
//! commit one after the other only, in all tenants. A process that serves therefore keeps an announcer
//! ([`Store::announce`](crate::Store::announce)), which sends what was committed in the last moment together. A
//! process that is killed in that moment takes the news with it: the next one to start tells everybody to read
//! everything anew, and no cache keeps an answer for long ([`LIFE`](crate::cache::LIFE)).

use ekinerja_domain::event::Touch;
use ekinerja_domain::ids::{IndicatorId, SessionId, TenantId, UserId};
use ekinerja_domain::period::Period;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Func, FunctionCall, Query};
use sqlx::postgres::PgConnection;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

use crate::error::Result;
use crate::transaction::Transaction;

/// The channel of `NOTIFY`.
pub const CHANNEL: &str = "ekinerja_changes";

/// PostgreSQL takes less than 8000 bytes.
const LONGEST_PAYLOAD: usize = 7_900;

/// The payload of a commit that touches more than fits; whoever hears it treats it as a [`News::Gap`].
pub(crate) const EVERYTHING: &str = "all";

/// The word of a commit that asks for work.
const WORK: &str = "work";

/// The beginning of a payload about a session, and of one about a person.
const SESSION: &str = "session ";
const PERSON: &str = "person ";

/// What one commit changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In which tenant.
    pub tenant: TenantId,
    /// What it touched.
    pub touches: Vec<Touch>,
    /// Whether it asked for work: whoever works the queue looks at once.
    pub asks_for_work: bool,
}

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A commit changed something.
    Changed(Change),
    /// What somebody may do changed: what is remembered of them is worth nothing any more.
    Access(Access),
    /// The connection was lost for a while: anything may have changed.
    Gap,
}

/// Whose access changed. A role that is given or taken is told as a touch of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A session was given or lost a sign-in, or ended.
    Session(SessionId),
    /// An account was disabled or changed.
    Person(UserId),
}

impl Access {
    fn payload(self) -> String {
        match self {
            Self::Session(id) => format!("{SESSION}{}", id.uuid()),
            Self::Person(id) => format!("{PERSON}{}", id.uuid()),
        }
    }

    fn from_payload(payload: &str) -> Option<Self> {
        if let Some(id) = payload.strip_prefix(SESSION) {
            return id.parse::<Uuid>().ok().map(|id| Self::Session(SessionId::from(id)));
        }
        let id = payload.strip_prefix(PERSON)?;
        id.parse::<Uuid>().ok().map(|id| Self::Person(UserId::from(id)))
    }
}

impl News {
    /// What a payload of `NOTIFY` says; one that is not ours counts as a gap.
    pub(crate) fn from_payload(payload: &str) -> Self {
        if let Some(access) = Access::from_payload(payload) {
            return Self::Access(access);
        }
        Change::from_payload(payload).map_or(Self::Gap, Self::Changed)
    }
}

/// Everyone in this process who wants the news, and what other processes still have to be told.
#[derive(Debug, Clone)]
pub struct Changes {
    hearers: broadcast::Sender<News>,
    outbox: Arc<Outbox>,
}

/// What was committed and not yet announced.
#[derive(Debug, Default)]
struct Outbox {
    has_announcer: AtomicBool,
    waiting: Mutex<Vec<Change>>,
    filled: Notify,
}

impl Default for Changes {
    fn default() -> Self {
        Self { hearers: broadcast::channel(1024).0, outbox: Arc::default() }
    }
}

impl Changes {
    /// Hears all news from now on. A slow hearer that lags must treat it like [`News::Gap`].
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.hearers.subscribe()
    }

    /// Tells everyone in this process; nobody listening is fine.
    pub(crate) fn tell(&self, news: News) {
        drop(self.hearers.send(news));
    }

    /// Whether an announcer tells other processes, so that commits need not.
    pub(crate) fn has_announcer(&self) -> bool {
        self.outbox.has_announcer.load(Ordering::Acquire)
    }

    /// From now on an announcer tells other processes, or no longer.
    pub(crate) fn set_announcer(&self, has: bool) {
        self.outbox.has_announcer.store(has, Ordering::Release);
    }

    /// Leaves a commit for the announcer.
    pub(crate) fn leave(&self, change: Change) {
        self.outbox.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(change);
        self.outbox.filled.notify_one();
    }

    /// Whether something is left for the announcer.
    pub(crate) fn has_untold(&self) -> bool {
        !self.outbox.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Waits until something is left for the announcer.
    pub(crate) async fn wait_for_any(&self) {
        self.outbox.filled.notified().await;
    }

    /// Takes everything that is left, the changes of one tenant as one.
    pub(crate) fn take_all(&self) -> Vec<Change> {
        let mut waiting = self.outbox.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut merged: Vec<Change> = Vec::new();
        for change in std::mem::take(&mut *waiting) {
            match merged.iter_mut().find(|it| it.tenant == change.tenant) {
                Some(same) => {
                    same.touches.extend(change.touches);
                    same.asks_for_work |= change.asks_for_work;
                }
                None => merged.push(change),
            }
        }
        for change in &mut merged {
            change.touches.sort_unstable();
            change.touches.dedup();
        }
        merged
    }
}

impl Change {
    /// Nothing that anybody but the committer need hear of.
    pub(crate) fn is_empty(&self) -> bool {
        self.touches.is_empty() && !self.asks_for_work
    }

    /// The payload of `NOTIFY`: tenant, then `work` or one word per touch, separated by spaces. Below 8000 bytes:
    /// a commit that touches too much says `all`.
    pub(crate) fn payload(&self) -> String {
        let mut words = vec![self.tenant.uuid().to_string()];
        words.extend(self.asks_for_work.then(|| WORK.to_owned()));
        words.extend(self.touches.iter().map(|touch| match touch {
            Touch::Period(period) => format!("p:{period}"),
            Touch::Indicator(indicator) => format!("i:{}", indicator.uuid()),
            Touch::Plan => "plan".to_owned(),
            Touch::Organisation => "organisation".to_owned(),
            Touch::Audience(tenant, period) => format!("a:{}:{period}", tenant.uuid()),
            Touch::Governments(tenant) => format!("g:{}", tenant.uuid()),
        }));
        let payload = words.join(" ");
        if payload.len() > LONGEST_PAYLOAD { EVERYTHING.to_owned() } else { payload }
    }

    /// Reads a payload; none when it is not ours.
    pub(crate) fn from_payload(payload: &str) -> Option<Self> {
        let mut words = payload.split(' ');
        let tenant = TenantId::from(words.next()?.parse::<Uuid>().ok()?);
        let mut asks_for_work = false;
        let mut touches = Vec::new();
        for word in words {
            if word == WORK {
                asks_for_work = true;
            } else {
                touches.push(touch(word)?);
            }
        }
        Some(Self { tenant, touches, asks_for_work })
    }
}

/// Tells every listening process, once the transaction commits.
pub(crate) async fn announce(connection: &Transaction, change: &Change) -> Result<()> {
    connection.query_one(&Query::select().expr(notice_of(change)).to_owned()).await?;
    Ok(())
}

/// Tells every listening process of a change of access, once the transaction commits.
pub(crate) async fn announce_access(connection: &Transaction, access: Access) -> Result<()> {
    let call = Func::cust("pg_notify").arg(CHANNEL).arg(access.payload());
    connection.query_one(&Query::select().expr(call).to_owned()).await?;
    Ok(())
}

/// Tells every listening process to read everything anew, once the transaction commits.
pub(crate) async fn announce_everything(connection: &Transaction) -> Result<()> {
    let call = Func::cust("pg_notify").arg(CHANNEL).arg(EVERYTHING);
    connection.query_one(&Query::select().expr(call).to_owned()).await?;
    Ok(())
}

/// Tells every listening process these payloads, at once.
pub(crate) async fn announce_all(
    voice: &mut PgConnection,
    payloads: Vec<String>,
) -> sqlx::Result<()> {
    let told = sqlx::query("select pg_notify($1, payload) from unnest($2) payload");
    told.bind(CHANNEL).bind(payloads).execute(voice).await?;
    Ok(())
}

/// The call that tells every listening process.
pub(crate) fn notice_of(change: &Change) -> FunctionCall {
    Func::cust("pg_notify").arg(CHANNEL).arg(change.payload())
}

fn touch(word: &str) -> Option<Touch> {
    match word.split_once(':') {
        None if word == "plan" => Some(Touch::Plan),
        None if word == "organisation" => Some(Touch::Organisation),
        Some(("p", period)) => period.parse().ok().map(Touch::Period),
        Some(("i", id)) => Some(Touch::Indicator(IndicatorId::from(id.parse::<Uuid>().ok()?))),
        Some(("g", id)) => Some(Touch::Governments(TenantId::from(id.parse::<Uuid>().ok()?))),
        Some(("a", rest)) => {
            let (tenant, period) = rest.split_once(':')?;
            let tenant = TenantId::from(tenant.parse::<Uuid>().ok()?);
            period.parse::<Period>().ok().map(|period| Touch::Audience(tenant, period))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_reads_back() {
        let tenant = TenantId::from(Uuid::from_u128(7));
        let period: Period = "2023-Q2".parse().expect("a quarter");
        let change = Change {
            tenant,
            touches: vec![
                Touch::Period(period),
                Touch::Indicator(IndicatorId::from(Uuid::from_u128(9))),
                Touch::Plan,
                Touch::Organisation,
                Touch::Audience(tenant, period),
                Touch::Governments(tenant),
            ],
            asks_for_work: false,
        };
        assert_eq!(Change::from_payload(&change.payload()), Some(change.clone()));
        let working = Change { touches: Vec::new(), asks_for_work: true, ..change };
        assert_eq!(Change::from_payload(&working.payload()), Some(working));
        assert_eq!(Change::from_payload("nonsense"), None);
    }

    #[test]
    fn change_of_access_reads_back() {
        let id = Uuid::from_u128(11);
        for access in [Access::Session(SessionId::from(id)), Access::Person(UserId::from(id))] {
            assert_eq!(News::from_payload(&access.payload()), News::Access(access));
        }
        assert_eq!(News::from_payload("session x"), News::Gap);
    }

    #[test]
    fn changes_of_one_tenant_are_announced_as_one() {
        let change = |tenant, touch, asks_for_work| Change {
            tenant: TenantId::from(Uuid::from_u128(tenant)),
            touches: vec![touch],
            asks_for_work,
        };
        let changes = Changes::default();
        changes.leave(change(1, Touch::Plan, false));
        changes.leave(change(2, Touch::Plan, false));
        changes.leave(change(1, Touch::Organisation, true));
        changes.leave(change(1, Touch::Plan, false));
        let taken = changes.take_all();
        assert_eq!(taken.len(), 2);
        assert_eq!(taken[0].touches, [Touch::Plan, Touch::Organisation]);
        assert!(taken[0].asks_for_work && !taken[1].asks_for_work);
        assert_eq!(changes.take_all(), []);
    }

    #[test]
    fn a_commit_that_touches_very_much_fits_all_the_same() {
        let indicator = |n| Touch::Indicator(IndicatorId::from(Uuid::from_u128(n)));
        let tenant = TenantId::from(Uuid::from_u128(7));
        let touches = (0..500).map(indicator).collect();
        let change = Change { tenant, touches, asks_for_work: true };
        assert_eq!(change.payload(), "all");
        assert_eq!(Change::from_payload("all"), None, "heard as a gap: everything is read anew");
    }
}
