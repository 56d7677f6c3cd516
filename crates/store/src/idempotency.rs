//! Requests that are done once however often they are sent: the key, what it was for, and its answer.
//!
//! The key is written in the transaction that does the work, so that of two equal requests only one can
//! commit; the answer follows when it is known. A key is kept for two days.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Duration;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, Select};
use sha2::{Digest, Sha256};

use crate::entity::idempotency_key as row;
use crate::error::Result;
use crate::tenant::TenantTx;

/// Name of the constraint that lets one of several equal requests commit.
pub const DONE_ONCE: &str = "idempotency_keys_once";
/// How long a key is kept.
const KEPT: Duration = Duration::days(2);
/// Longest key.
const LONGEST: usize = 200;
/// The status of a request whose answer is not known yet.
const UNANSWERED: i16 = 0;

/// A text that cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key has 1 to 200 visible ASCII characters")]
pub struct InvalidKey;

/// A request with the caller's own key for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    key: String,
    operation: String,
    request_hash: String,
}

impl RequestKey {
    /// A key for an operation (method and path) with these parts of a body.
    ///
    /// # Errors
    /// The key is empty, longer than 200 characters, or has spaces or letters outside ASCII.
    pub fn new<'p>(
        key: &str,
        operation: impl Into<String>,
        body: impl IntoIterator<Item = &'p [u8]>,
    ) -> std::result::Result<Self, InvalidKey> {
        if key.is_empty() || key.len() > LONGEST || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(InvalidKey);
        }
        let operation = operation.into();
        let mut hash = Sha256::new();
        hash.update(operation.as_bytes());
        for part in body {
            // The length keeps `ab` + `c` apart from `a` + `bc`.
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let request_hash = hex::encode(hash.finalize());
        Ok(Self { key: key.to_owned(), operation, request_hash })
    }
}

/// The answer to a request that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Where what was made is.
    pub location: Option<String>,
    /// Revision of what was made.
    pub etag: Option<String>,
    /// The body.
    pub body: String,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remembered {
    /// The same request was done, with this answer.
    Done(Answer),
    /// The same request was done; its answer is not there yet, or was lost in a crash.
    Unanswered,
    /// The key was used for another request.
    OtherRequest,
}

/// The key of a request that must be done once, and whether a commit has kept it.
#[derive(Debug, Clone)]
pub(crate) struct Once {
    key: RequestKey,
    kept: Arc<AtomicBool>,
}

impl PartialEq for Once {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Once {}

impl Once {
    pub(crate) fn of(key: RequestKey) -> Self {
        Self { key, kept: Arc::default() }
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Acquire)
    }

    /// The commit that was to keep the key is done.
    pub(crate) fn kept(&self) {
        self.kept.store(true, Ordering::Release);
    }

    /// Writes the key into the transaction that does the work; a request's second transaction finds it
    /// written.
    pub(crate) async fn keep(&self, tx: &TenantTx) -> Result<()> {
        if self.is_kept() {
            return Ok(());
        }
        tx.forget_old_keys().await?;
        let line = tx.key_row(&self.key, UNANSWERED);
        row::Entity::insert(line).exec_without_returning(tx.connection()).await?;
        Ok(())
    }
}

impl TenantTx {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of keys; it adds tenant and person"
    )]
    fn key_rows(&self) -> Select<row::Entity> {
        row::Entity::find()
            .filter(row::Column::TenantId.eq(self.tenant_id().uuid()))
            .filter(row::Column::UserId.eq(self.user().uuid()))
    }

    /// What is known of the actor's key.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_request(&self, key: &RequestKey) -> Result<Option<Remembered>> {
        let select = self
            .key_rows()
            .filter(row::Column::Key.eq(key.key.as_str()))
            .filter(row::Column::CreatedAt.gt(self.now() - KEPT));
        let Some(model) = select.one(self.connection()).await? else { return Ok(None) };
        let same = model.request_hash == key.request_hash && model.operation == key.operation;
        Ok(Some(match u16::try_from(model.status) {
            _ if !same => Remembered::OtherRequest,
            Ok(status) if model.status != UNANSWERED => {
                let row::Model { location, etag, body, .. } = model;
                Remembered::Done(Answer { status, location, etag, body })
            }
            _ => Remembered::Unanswered,
        }))
    }

    /// Keeps the answer to a request that was done, once; ends the transaction.
    ///
    /// # Errors
    /// The database failed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one update of keys; it names tenant, person, key"
    )]
    pub async fn remember_answer(self, key: &RequestKey, answer: &Answer) -> Result<()> {
        let status = i16::try_from(answer.status).unwrap_or(UNANSWERED);
        let done = row::Entity::update_many()
            .col_expr(row::Column::Status, Expr::value(status))
            .col_expr(row::Column::Location, Expr::value(answer.location.clone()))
            .col_expr(row::Column::Etag, Expr::value(answer.etag.clone()))
            .col_expr(row::Column::Body, Expr::value(answer.body.clone()))
            .filter(row::Column::TenantId.eq(self.tenant_id().uuid()))
            .filter(row::Column::UserId.eq(self.user().uuid()))
            .filter(row::Column::Key.eq(key.key.as_str()))
            .filter(row::Column::RequestHash.eq(key.request_hash.as_str()))
            .filter(row::Column::Status.eq(UNANSWERED))
            .exec(self.connection())
            .await?;
        if done.rows_affected == 0 {
            // The work was done through the directory, which does not keep the key.
            let mut line = self.key_row(key, status);
            line.location = ActiveValue::Set(answer.location.clone());
            line.etag = ActiveValue::Set(answer.etag.clone());
            line.body = ActiveValue::Set(answer.body.clone());
            self.forget_old_keys().await?;
            row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        }
        self.commit_unseen().await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one delete of keys; it names tenant and person"
    )]
    async fn forget_old_keys(&self) -> Result<()> {
        row::Entity::delete_many()
            .filter(row::Column::TenantId.eq(self.tenant_id().uuid()))
            .filter(row::Column::UserId.eq(self.user().uuid()))
            .filter(row::Column::CreatedAt.lte(self.now() - KEPT))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    fn key_row(&self, key: &RequestKey, status: i16) -> row::ActiveModel {
        row::ActiveModel {
            tenant_id: ActiveValue::Set(self.tenant_id().uuid()),
            user_id: ActiveValue::Set(self.user().uuid()),
            key: ActiveValue::Set(key.key.clone()),
            operation: ActiveValue::Set(key.operation.clone()),
            request_hash: ActiveValue::Set(key.request_hash.clone()),
            status: ActiveValue::Set(status),
            location: ActiveValue::Set(None),
            etag: ActiveValue::Set(None),
            body: ActiveValue::Set(String::new()),
            created_at: ActiveValue::Set(self.now()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_visible_ascii() {
        let usable = |key: &str| RequestKey::new(key, "POST /x", []).is_ok();
        assert!(usable("0199c8d2-f6a9") && usable(&"k".repeat(200)));
        for key in ["", "a b", "a\n", "ä", &"k".repeat(201)] {
            assert!(!usable(key), "{key:?}");
        }
    }

    #[test]
    fn hash_tells_requests_apart() {
        let hash = |operation: &str, body: &[&[u8]]| {
            let key = RequestKey::new("k", operation, body.iter().copied()).expect("a key");
            key.request_hash
        };
        assert_eq!(hash("POST /x", &[b"ab"]), hash("POST /x", &[b"ab"]));
        assert_ne!(hash("POST /x", &[b"ab"]), hash("POST /y", &[b"ab"]));
        assert_ne!(hash("POST /x", &[b"ab", b"c"]), hash("POST /x", &[b"a", b"bc"]));
    }
}
