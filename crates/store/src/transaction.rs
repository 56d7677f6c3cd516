//! The transaction behind every door: begun in one trip, together with the tenant it is for.
//!
//! It stands where sea-orm's own would, and spares each request a trip to PostgreSQL and each statement a copy of
//! its values. Statements make spans for who exports traces; the log shows none of them.

use ekinerja_domain::ids::TenantId;
use sea_orm::prelude::async_trait;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use sea_query_sqlx::SqlxValues;
use sqlx::postgres::{PgPool, Postgres};
use sqlx::{AssertSqlSafe, Executor as _};
use tokio::sync::Mutex;
use tracing::{Instrument as _, Span};

use crate::error::{Error, Result};

/// An open transaction. Dropped without [`Transaction::commit`], it changes nothing.
#[derive(Debug)]
pub(crate) struct Transaction(Mutex<sqlx::Transaction<'static, Postgres>>);

impl Transaction {
    /// Begins, for a tenant or for none.
    pub(crate) async fn begin(pool: &PgPool, tenant: Option<TenantId>) -> Result<Self> {
        Self::begin_as(pool, "begin", tenant).await
    }

    /// Begins to read what is there at one moment, however long it takes.
    pub(crate) async fn snapshot(pool: &PgPool, tenant: Option<TenantId>) -> Result<Self> {
        Self::begin_as(pool, "begin isolation level repeatable read read only", tenant).await
    }

    /// Begins in a task of its own: a cancelled caller must not cut BEGIN in half (sqlx #4393), or the next
    /// borrower's write would be acknowledged and lost. A connection on which that happened all the same is
    /// cleaned in the same trip. There BEGIN comes before ROLLBACK because PostgreSQL logs a warning of each
    /// ROLLBACK outside a transaction; inside one that was left open it changes nothing.
    #[expect(
        clippy::disallowed_methods,
        reason = "begin must survive its caller; the task is awaited here"
    )]
    async fn begin_as(
        pool: &PgPool,
        opening: &'static str,
        tenant: Option<TenantId>,
    ) -> Result<Self> {
        let pool = pool.clone();
        let begun = tokio::spawn(async move {
            let mut text = format!("begin; rollback; {opening}");
            if let Some(tenant) = tenant {
                // An id has nothing but hex digits and dashes to put into the text.
                text.push_str("; set local ekinerja.tenant = '");
                text.push_str(&tenant.uuid().to_string());
                text.push('\'');
            }
            pool.begin_with(AssertSqlSafe(text)).await
        });
        match begun.await {
            Ok(Ok(transaction)) => Ok(Self(Mutex::new(transaction))),
            Ok(Err(error)) => Err(acquire(error).into()),
            Err(cut) => Err(Error::Database(DbErr::Custom(cut.to_string()))),
        }
    }

    /// Makes it last.
    pub(crate) async fn commit(self) -> Result<()> {
        let commit = self.0.into_inner().commit();
        Ok(commit.instrument(span("COMMIT")).await.map_err(exec)?)
    }
}

fn span(statement: &str) -> Span {
    tracing::info_span!(
        "statement",
        otel.kind = "client",
        db.system.name = "postgresql",
        db.query.text = statement,
    )
}

fn acquire(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
    }
}

fn exec(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

fn query(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// The statement as sqlx takes it. Its text was made by the query builder, or is one of ours with parameters.
fn of(statement: Statement) -> sqlx::query::Query<'static, Postgres, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| sea_orm::sea_query::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        let span = span(&statement.sql);
        let mut transaction = self.0.lock().await;
        let done = of(statement).execute(&mut **transaction).instrument(span).await;
        done.map(Into::into).map_err(exec)
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        let span = span(sql);
        let mut transaction = self.0.lock().await;
        let text = AssertSqlSafe(sql.to_owned());
        let done = (&mut **transaction).execute(text).instrument(span).await;
        done.map(Into::into).map_err(exec)
    }

    async fn query_one_raw(
        &self,
        statement: Statement,
    ) -> std::result::Result<Option<QueryResult>, DbErr> {
        let span = span(&statement.sql);
        let mut transaction = self.0.lock().await;
        let found = of(statement).fetch_optional(&mut **transaction).instrument(span).await;
        found.map(|row| row.map(Into::into)).map_err(query)
    }

    async fn query_all_raw(
        &self,
        statement: Statement,
    ) -> std::result::Result<Vec<QueryResult>, DbErr> {
        let span = span(&statement.sql);
        let mut transaction = self.0.lock().await;
        let found = of(statement).fetch_all(&mut **transaction).instrument(span).await;
        found.map(|rows| rows.into_iter().map(Into::into).collect()).map_err(query)
    }
}
