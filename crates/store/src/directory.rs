//! The directory: tenants, people, memberships, sessions, milestones. The only way into a tenant.

pub mod account_requests;
pub mod identity;
pub mod kept_forms;
pub mod life;
pub mod password_links;
pub mod people;
pub mod second_factors;
pub mod service_accounts;
pub mod sessions;
mod standings;
pub mod tenants;

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue, EntityTrait};
use uuid::Uuid;

use ekinerja_domain::event::Event;
use ekinerja_domain::ids::{TenantId, UserId};

use crate::change::{Access, Change, Changes, News};
use crate::entity::{audit_event, directory_event};
use crate::error::Result;
use crate::ids::fresh_id;
use crate::transaction::Transaction;

/// An open transaction of the directory. Dropped without a commit, it changes nothing.
#[derive(Debug)]
pub struct DirectoryTx {
    transaction: Transaction,
    now: DateTime<Utc>,
    changes: Changes,
    access: Mutex<Vec<Access>>,
}

/// Who acts on the directory: the operator, or the platform itself (first account, demo, sign-in).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryActor {
    /// The person; none for the platform itself.
    pub user: Option<UserId>,
    /// Their name for the trail.
    pub name: String,
    /// The posts they hold where they act; none outside a government.
    pub post: Option<String>,
}

impl DirectoryTx {
    pub(crate) fn new(transaction: Transaction, now: DateTime<Utc>, changes: Changes) -> Self {
        Self { transaction, now, changes, access: Mutex::default() }
    }

    pub(crate) fn connection(&self) -> &Transaction {
        &self.transaction
    }

    /// The moment of this transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Writes what happened beside what changed and makes both last.
    ///
    /// # Errors
    /// The trail or the commit failed; then nothing changed.
    pub async fn commit(self, actor: &DirectoryActor, events: Vec<Event>) -> Result<()> {
        for event in events {
            self.add_event(actor, None, &event).await?;
        }
        self.finish(Vec::new()).await
    }

    /// Somebody's access changes with this transaction: every process forgets what it remembers of them.
    pub fn forget(&self, access: Access) {
        let mut all = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains(&access) {
            all.push(access);
        }
    }

    /// Commits, and tells every process what changed.
    async fn finish(self, changes: Vec<Change>) -> Result<()> {
        let access = self.access.into_inner().unwrap_or_else(PoisonError::into_inner);
        for change in &changes {
            crate::change::announce(&self.transaction, change).await?;
        }
        for one in &access {
            crate::change::announce_access(&self.transaction, *one).await?;
        }
        self.transaction.commit().await?;
        for change in changes {
            self.changes.tell(News::Changed(change));
        }
        for one in access {
            self.changes.tell(News::Access(one));
        }
        Ok(())
    }

    /// Like [`DirectoryTx::commit`] for what happened to tenants: each event is also written into the trail
    /// of its tenant, where that tenant's own people read it.
    ///
    /// # Errors
    /// [`crate::Error::AtRest`] when a tenant takes no writes; a trail or the commit failed. Then nothing changed.
    pub async fn commit_for(
        self,
        actor: &DirectoryActor,
        request: Option<&str>,
        mut events: Vec<(TenantId, Event)>,
    ) -> Result<()> {
        let writes = events.iter().filter(|(_, event)| !event.kind.goes_on_at_rest());
        self.all_take_writes(writes.map(|(tenant, _)| *tenant)).await?;
        let mut changes: Vec<Change> = Vec::new();
        // Each line holds its government's chain until the commit: taken in one order, two commits that tell
        // the same governments wait for one another and never both.
        events.sort_by_key(|(tenant, _)| *tenant);
        for (tenant, event) in events {
            self.add_event(actor, request, &event).await?;
            self.add_tenant_event(tenant, actor, request, &event).await?;
            match changes.iter_mut().find(|change| change.tenant == tenant) {
                Some(change) => change.touches.extend(event.touches),
                None => {
                    changes.push(Change { tenant, touches: event.touches, asks_for_work: false });
                }
            }
        }
        changes.retain(|change| !change.touches.is_empty());
        for change in &mut changes {
            change.touches.sort_unstable();
            change.touches.dedup();
        }
        self.finish(changes).await
    }

    async fn add_event(
        &self,
        actor: &DirectoryActor,
        request: Option<&str>,
        event: &Event,
    ) -> Result<()> {
        let line = directory_event::ActiveModel {
            id: ActiveValue::Set(fresh_id()),
            at: ActiveValue::Set(self.now),
            user_id: ActiveValue::Set(actor.user.map(UserId::uuid)),
            user_name: ActiveValue::Set(actor.name.clone()),
            kind: ActiveValue::Set(event.kind.code().to_owned()),
            subject: ActiveValue::Set(event.subject.clone()),
            facts: ActiveValue::Set(facts_of(event)),
            post: ActiveValue::Set(actor.post.clone()),
            request_id: ActiveValue::Set(request.map(str::to_owned)),
            // The chain is the trigger's.
            ..Default::default()
        };
        directory_event::Entity::insert(line).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    async fn add_tenant_event(
        &self,
        tenant: TenantId,
        actor: &DirectoryActor,
        request: Option<&str>,
        event: &Event,
    ) -> Result<()> {
        let line = audit_event::ActiveModel {
            tenant_id: ActiveValue::Set(tenant.uuid()),
            at: ActiveValue::Set(self.now),
            // The platform itself is no person; its lines carry the nil id and its name.
            user_id: ActiveValue::Set(actor.user.map_or(Uuid::nil(), UserId::uuid)),
            user_name: ActiveValue::Set(actor.name.clone()),
            kind: ActiveValue::Set(event.kind.code().to_owned()),
            subject: ActiveValue::Set(event.subject.clone()),
            facts: ActiveValue::Set(facts_of(event)),
            request_id: ActiveValue::Set(request.map(str::to_owned)),
            post: ActiveValue::Set(actor.post.clone()),
            // The chain is the trigger's.
            ..Default::default()
        };
        audit_event::Entity::insert(line).exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Makes a sign-in, a sign-out or a session's refresh last: they are in the sessions table itself.
    ///
    /// # Errors
    /// The commit failed; then nothing changed.
    pub async fn commit_session(self) -> Result<()> {
        self.finish(Vec::new()).await
    }
}

fn facts_of(event: &Event) -> serde_json::Value {
    let facts = event.facts.iter().map(|(key, value)| ((*key).to_owned(), value.clone().into()));
    serde_json::Value::Object(facts.collect())
}
