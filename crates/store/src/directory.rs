//! The directory: tenants, people, memberships, sessions, milestones. The only way into a tenant.

pub mod people;
pub mod sessions;
pub mod tenants;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait};

use ekinerja_domain::event::Event;
use ekinerja_domain::ids::UserId;

use crate::entity::directory_event;
use crate::error::Result;
use crate::ids::fresh_id;

/// An open transaction of the directory. Dropped without a commit, it changes nothing.
#[derive(Debug)]
pub struct DirectoryTx {
    transaction: DatabaseTransaction,
    now: DateTime<Utc>,
}

/// Who acts on the directory: the operator, or the platform itself (first account, demo, sign-in).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryActor {
    /// The person; none for the platform itself.
    pub user: Option<UserId>,
    /// Their name for the trail.
    pub name: String,
}

impl DirectoryTx {
    pub(crate) fn new(transaction: DatabaseTransaction, now: DateTime<Utc>) -> Self {
        Self { transaction, now }
    }

    pub(crate) fn connection(&self) -> &DatabaseTransaction {
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
            let facts = event.facts.into_iter().map(|(key, value)| (key.to_owned(), value.into()));
            let line = directory_event::ActiveModel {
                id: ActiveValue::Set(fresh_id()),
                at: ActiveValue::Set(self.now),
                user_id: ActiveValue::Set(actor.user.map(UserId::uuid)),
                user_name: ActiveValue::Set(actor.name.clone()),
                kind: ActiveValue::Set(event.kind.code().to_owned()),
                subject: ActiveValue::Set(event.subject),
                facts: ActiveValue::Set(serde_json::Value::Object(facts.collect())),
            };
            directory_event::Entity::insert(line).exec_without_returning(&self.transaction).await?;
        }
        Ok(self.transaction.commit().await?)
    }

    /// Makes a sign-in, a sign-out or a session's refresh last: they are in the sessions table itself.
    ///
    /// # Errors
    /// The commit failed; then nothing changed.
    pub async fn commit_session(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }
}
