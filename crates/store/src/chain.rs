//! Reading a chain for checking it: every line with its hashes, in pieces, out of one snapshot.
//!
//! This is for the verifier, which looks at hashes and tells nobody what the lines say; it asks for no role.
//! People read the trail through [`crate::audit`].

use chrono::{DateTime, Utc};
use ekinerja_domain::chain::{ChainHash, ChainHead, ChainLine};
use ekinerja_domain::ids::TenantId;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::error::Result;
use crate::transaction::Transaction;

/// Lines of one piece: a few hundred KB.
const PIECE: i64 = 1_000;

/// A chain at one moment.
#[derive(Debug)]
pub struct ChainReader {
    transaction: Transaction,
    tenant: Option<TenantId>,
    last: i64,
    seen_of_last: i64,
}

#[derive(Debug, FromQueryResult)]
struct Line {
    seq: i64,
    at: DateTime<Utc>,
    user_id: Option<Uuid>,
    user_name: String,
    post: Option<String>,
    kind: String,
    subject: String,
    facts: String,
    request_id: Option<String>,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

#[derive(Debug, FromQueryResult)]
struct Head {
    seq: i64,
    hash: Vec<u8>,
}

impl ChainReader {
    pub(crate) fn of(transaction: Transaction, tenant: Option<TenantId>) -> Self {
        // Numbers begin with 1; one below that was put in by hand and is read as well.
        Self { transaction, tenant, last: i64::MIN, seen_of_last: 0 }
    }

    /// Where the database says that the chain ends; none when it says nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn head(&self) -> Result<Option<ChainHead>> {
        let statement = match self.tenant {
            Some(tenant) => asked(
                "select seq, hash from audit_heads where tenant_id = $1",
                [tenant.uuid().into()],
            ),
            None => asked("select seq, hash from directory_head", []),
        };
        let found = self.transaction.query_one_raw(statement).await?;
        let head = found.map(|it| Head::from_query_result(&it, "")).transpose()?;
        Ok(head.map(|it| ChainHead { position: it.seq, hash: hash(&it.hash) }))
    }

    /// The hash that the line with this number carries; none when there is no such line.
    ///
    /// # Errors
    /// The database failed.
    pub async fn hash_at(&self, position: i64) -> Result<Option<ChainHash>> {
        let statement = match self.tenant {
            Some(tenant) => asked(
                "select seq, hash from audit_events where tenant_id = $1 and seq = $2",
                [tenant.uuid().into(), position.into()],
            ),
            None => {
                asked("select seq, hash from directory_events where seq = $1", [position.into()])
            }
        };
        let found = self.transaction.query_one_raw(statement).await?;
        let line = found.map(|it| Head::from_query_result(&it, "")).transpose()?;
        Ok(line.map(|it| hash(&it.hash)))
    }

    /// The next lines in the order of their numbers; empty at the end.
    ///
    /// # Errors
    /// The database failed, or a column holds what no line can.
    pub async fn lines(&mut self) -> Result<Vec<ChainLine>> {
        // Two lines with one number are a forgery that must not hide behind the end of a piece.
        const OF_TENANT: &str = "
            select seq, at, user_id, user_name, post, kind, subject, facts::text as facts,
                   request_id, prev_hash, hash
              from audit_events where tenant_id = $4 and seq >= $1
             order by seq, hash offset $2 limit $3";
        const OF_PLATFORM: &str = "
            select seq, at, user_id, user_name, post, kind, subject, facts::text as facts,
                   request_id, prev_hash, hash
              from directory_events where seq >= $1 order by seq, hash offset $2 limit $3";
        let place = [self.last.into(), self.seen_of_last.into(), PIECE.into()];
        let statement = match self.tenant {
            Some(tenant) => asked(OF_TENANT, place.into_iter().chain([Value::from(tenant.uuid())])),
            None => asked(OF_PLATFORM, place),
        };
        let mut lines = Vec::new();
        for found in self.transaction.query_all_raw(statement).await? {
            let line = Line::from_query_result(&found, "")?;
            if line.seq == self.last {
                self.seen_of_last += 1;
            } else {
                (self.last, self.seen_of_last) = (line.seq, 1);
            }
            lines.push(self.line(line));
        }
        Ok(lines)
    }

    fn line(&self, line: Line) -> ChainLine {
        ChainLine {
            tenant: self.tenant.map(TenantId::uuid),
            position: line.seq,
            at: line.at,
            user: line.user_id,
            user_name: line.user_name,
            post: line.post,
            kind: line.kind,
            subject: line.subject,
            facts: line.facts,
            request: line.request_id,
            previous: hash(&line.prev_hash),
            hash: hash(&line.hash),
        }
    }
}

fn asked(sql: &'static str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// What has not the length of a hash is none, and so fits no line.
fn hash(bytes: &[u8]) -> ChainHash {
    ChainHash::try_from(bytes).unwrap_or(ChainHash::NONE)
}
