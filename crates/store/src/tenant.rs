//! A tenant's transaction: the only way to a tenant's rows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound as _, Utc};
use ekinerja_domain::access::Standing;
use ekinerja_domain::event::Event;
use ekinerja_domain::ids::{SessionId, TenantId, UserId};
use ekinerja_domain::tenant::Tenant;
use sea_orm::sea_query::InsertStatement;

use crate::audit;
use crate::change::{Change, Changes, News};
use crate::directory::account_requests::AccountRequest;
use crate::error::{Error, Result};
use crate::idempotency::{Once, RequestKey};
use crate::transaction::Transaction;

/// The right to open one tenant's transaction as one person. Only a row read by the directory makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantScope {
    pub(crate) standing: Standing,
    pub(crate) tenant: Tenant,
    pub(crate) request: Option<String>,
    pub(crate) session: Option<SessionId>,
    pub(crate) once: Option<Once>,
    pub(crate) emergencies: Option<Arc<Vec<AccountRequest>>>,
}

impl TenantScope {
    /// The tenant.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Who acts.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The id of the request that it serves.
    pub fn request(&self) -> Option<&str> {
        self.request.as_deref()
    }

    /// The same scope with the id of the request it serves, for the trail.
    #[must_use]
    pub fn for_request(mut self, request: impl Into<String>) -> Self {
        self.request = Some(request.into());
        self
    }

    /// The session under which the request came.
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// The same scope with the session under which the request came, for the log of reads.
    #[must_use]
    pub fn for_session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// The emergency access that runs and that whoever acts is told of: an administrator of everybody's, who is
    /// in with it of their own.
    pub fn emergencies(&self) -> &[AccountRequest] {
        self.emergencies.as_deref().map_or(&[], Vec::as_slice)
    }

    /// The same scope with that.
    #[must_use]
    pub fn during(mut self, emergencies: Vec<AccountRequest>) -> Self {
        self.emergencies = (!emergencies.is_empty()).then(|| Arc::new(emergencies));
        self
    }

    /// The same scope for a request that must be done once: the first commit keeps the key beside what it
    /// changes, and fails when another request with this key was faster.
    #[must_use]
    pub fn once(mut self, key: RequestKey) -> Self {
        self.once = Some(Once::of(key));
        self
    }

    /// Whether a commit under this scope has kept its key.
    pub fn has_committed_once(&self) -> bool {
        self.once.as_ref().is_some_and(Once::is_kept)
    }
}

/// An open transaction inside one tenant. Dropped without [`TenantTx::commit`], it changes nothing.
#[derive(Debug)]
pub struct TenantTx {
    transaction: Transaction,
    scope: TenantScope,
    now: DateTime<Utc>,
    changes: Changes,
    asks_for_work: AtomicBool,
    with_commit: Mutex<Option<InsertStatement>>,
}

impl TenantTx {
    pub(crate) fn of(
        transaction: Transaction,
        scope: TenantScope,
        now: DateTime<Utc>,
        changes: Changes,
    ) -> Self {
        // The precision of a column, so that a row that was just written equals the one that is read back.
        let now = now.trunc_subsecs(6);
        Self {
            transaction,
            scope,
            now,
            changes,
            asks_for_work: AtomicBool::new(false),
            with_commit: Mutex::default(),
        }
    }

    /// A job was enqueued: the commit wakes who works the queue.
    pub(crate) fn wake_workers(&self) {
        self.asks_for_work.store(true, Ordering::Relaxed);
    }

    /// Writes a row in one statement with the trail, when the transaction commits. One per transaction.
    pub(crate) fn write_with_commit(&self, insert: InsertStatement) {
        *self.with_commit.lock().unwrap_or_else(PoisonError::into_inner) = Some(insert);
    }

    /// The row that the trail takes along.
    pub(crate) fn written_with_commit(&self) -> Option<InsertStatement> {
        self.with_commit.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The connection, for repositories.
    pub(crate) fn connection(&self) -> &Transaction {
        &self.transaction
    }

    /// The tenant.
    pub fn tenant(&self) -> &Tenant {
        &self.scope.tenant
    }

    /// The tenant's id.
    pub fn tenant_id(&self) -> TenantId {
        self.scope.tenant.id
    }

    /// Who acts.
    pub fn standing(&self) -> &Standing {
        &self.scope.standing
    }

    /// Who acts, by id.
    pub fn user(&self) -> UserId {
        self.scope.standing.user
    }

    /// The request that it serves.
    pub(crate) fn request(&self) -> Option<&str> {
        self.scope.request.as_deref()
    }

    /// The session under which the request came.
    pub(crate) fn session(&self) -> Option<SessionId> {
        self.scope.session
    }

    /// The posts they hold, for the trail; none for a job.
    pub(crate) fn post(&self) -> Option<String> {
        Some(self.scope.standing.post_text()).filter(|post| !post.is_empty())
    }

    /// The moment of this transaction: every row it writes carries the same one.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Writes what happened beside what changed and makes both last.
    ///
    /// # Errors
    /// The trail or the commit failed; then nothing changed.
    pub async fn commit(self, event: Event) -> Result<()> {
        self.commit_all(vec![event]).await
    }

    /// Like [`TenantTx::commit`] for a step in which several things happen at once (an adoption, an import).
    ///
    /// # Errors
    /// [`Error::AtRest`] when the tenant takes no writes; the trail or the commit failed. Then nothing changed.
    pub async fn commit_all(self, events: Vec<Event>) -> Result<()> {
        // The one place where a tenant's change becomes lasting, hence where it is refused at rest. The
        // database asks again by itself: what we hold of the tenant may be a moment old.
        let changes = events.is_empty() || events.iter().any(|it| !it.kind.goes_on_at_rest());
        if changes && !self.tenant().state.takes_writes() {
            return Err(Error::AtRest);
        }
        let once = self.scope.once.clone();
        if let Some(once) = &once {
            once.keep(&self).await?;
        }
        self.commit_events(events).await?;
        if let Some(once) = once {
            once.kept();
        }
        Ok(())
    }

    async fn commit_events(self, events: Vec<Event>) -> Result<()> {
        let request = self.scope.request.clone();
        let mut touches = Vec::new();
        for event in &events {
            touches.extend(event.touches.iter().copied());
        }
        touches.sort_unstable();
        touches.dedup();
        let asks_for_work = self.asks_for_work.load(Ordering::Relaxed);
        let change = Change { tenant: self.tenant_id(), touches, asks_for_work };
        let is_announced = self.changes.has_announcer();
        let told_here = (!is_announced && !change.is_empty()).then_some(&change);
        audit::add(&self, events, request.as_deref(), told_here).await?;
        self.transaction.commit().await?;
        if !change.is_empty() {
            self.changes.tell(News::Changed(change.clone()));
            if is_announced {
                self.changes.leave(change);
            }
        }
        Ok(())
    }

    /// Ends the transaction with what no one but us sees: the answer to a request that is done already.
    pub(crate) async fn commit_unseen(self) -> Result<()> {
        self.transaction.commit().await
    }
}
