//! Everything of a tenant, table by table, as lines of JSON: what an archive is made of.
//!
//! Which tables and columns there are is asked of the catalogue, so a new one cannot be forgotten. It is read
//! through the tenants' door in one snapshot: row-level security keeps other tenants out, and columns that this
//! door may not read, the hashes of secrets, are never in an archive.

mod arrival;
mod erasure;

use ekinerja_domain::ids::TenantId;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};

pub use arrival::{ArchivedTenant, Arrival, Place};
pub use erasure::{Erasure, Receipt};
pub use sqlx::postgres::PgConnectOptions as OwnerAddress;

use crate::connect::Store;
use crate::directory::DirectoryTx;
use crate::error::Result;
use crate::transaction::Transaction;

/// A table of tenants, as the catalogue describes it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ArchiveTable {
    /// Its name.
    pub name: String,
    /// Columns that an archive holds.
    pub columns: Vec<String>,
    /// Columns that no archive holds.
    pub omitted: Vec<String>,
    /// Whether rows can be put in again without what is omitted.
    pub is_restorable: bool,
    /// Tables of tenants that its rows refer to.
    pub follows: Vec<String>,
}

/// The tables in an order in which no row comes before one that it refers to.
pub fn in_order(mut tables: Vec<ArchiveTable>) -> Vec<ArchiveTable> {
    let mut ordered: Vec<ArchiveTable> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let waiting: Vec<String> = tables.iter().map(|it| it.name.clone()).collect();
        let free = |it: &ArchiveTable| !it.follows.iter().any(|above| waiting.contains(above));
        let (next, later): (Vec<_>, Vec<_>) = tables.into_iter().partition(free);
        if next.is_empty() {
            // Tables that refer to one another: the database says which row it misses.
            ordered.extend(later);
            break;
        }
        ordered.extend(next);
        tables = later;
    }
    ordered
}

/// A tenant's rows at one moment.
#[derive(Debug)]
pub struct ArchiveReader(Transaction);

impl Store {
    /// Begins to read everything of a tenant as it is at this moment.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn archive_of(&self, tenant: TenantId) -> Result<ArchiveReader> {
        let transaction = self.snapshot_of(tenant).await?;
        in_utc(&transaction).await?;
        Ok(ArchiveReader(transaction))
    }
}

impl ArchiveReader {
    /// Every table of tenants, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tables(&self) -> Result<Vec<ArchiveTable>> {
        tables(&self.0).await
    }

    /// Begins with a table; [`ArchiveReader::lines`] gives its rows.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open(&self, table: &ArchiveTable) -> Result<()> {
        open(&self.0, table).await
    }

    /// The next rows of the table in the order of its primary key, each an object; none are left when it is empty.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lines(&self) -> Result<Vec<String>> {
        lines(&self.0).await
    }
}

/// Moments are written in UTC, whatever the session's zone.
async fn in_utc(connection: &Transaction) -> Result<()> {
    asked(connection, "select set_config('timezone', 'UTC', true)").await
}

async fn tables(connection: &Transaction) -> Result<Vec<ArchiveTable>> {
    let sql =
        "select name, columns, omitted, is_restorable, follows from ekinerja_archive_tables()";
    let rows = connection.query_all_raw(fixed(sql)).await?;
    let tables = rows.iter().map(|row| ArchiveTable::from_query_result(row, ""));
    Ok(tables.collect::<std::result::Result<_, _>>()?)
}

async fn open(connection: &Transaction, table: &ArchiveTable) -> Result<()> {
    let values = [table.name.as_str().into(), table.columns.clone().into()];
    let sql = "select ekinerja_archive_open($1, $2)";
    connection
        .execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
        .await?;
    Ok(())
}

async fn lines(connection: &Transaction) -> Result<Vec<String>> {
    // A few hundred KB at most but for the contents of releases.
    let rows = connection.query_all_raw(fixed("fetch 200 from archive")).await?;
    if rows.is_empty() {
        asked(connection, "close archive").await?;
    }
    let lines = rows.iter().map(|row| row.try_get::<String>("", "line"));
    Ok(lines.collect::<std::result::Result<_, _>>()?)
}

/// A statement that stands in the source and has no parameters.
fn fixed(sql: &'static str) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [])
}

async fn asked(connection: &Transaction, sql: &'static str) -> Result<()> {
    connection.execute_raw(fixed(sql)).await?;
    Ok(())
}

impl DirectoryTx {
    /// The accounts that a tenant's rows refer to, each an object; without passwords, and without who is operator.
    ///
    /// # Errors
    /// The database failed.
    pub async fn people_of_archive(&self, tenant: TenantId) -> Result<Vec<String>> {
        const PEOPLE: &str = "
            select to_jsonb(it)::text as line from (
              select id, username, name, nip, created_at, disabled_at from users
               where id in (select user_id from memberships where tenant_id = $1
                            union select user_id from identities where tenant_id = $1
                            union select user_id from emergency_accounts where tenant_id = $1
                            union select owner_id from service_accounts where tenant_id = $1)
               order by id) it";
        in_utc(self.connection()).await?;
        let values = [tenant.uuid().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, PEOPLE, values);
        let rows = self.connection().query_all_raw(statement).await?;
        let lines = rows.iter().map(|row| row.try_get::<String>("", "line"));
        Ok(lines.collect::<std::result::Result<_, _>>()?)
    }

    /// Names of the migrations that made the schema, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn schema_version(&self) -> Result<Vec<String>> {
        schema_version(self.connection()).await
    }
}

async fn schema_version(connection: &Transaction) -> Result<Vec<String>> {
    let sql = "select version from seaql_migrations order by version";
    let rows = connection.query_all_raw(fixed(sql)).await?;
    let names = rows.iter().map(|row| row.try_get::<String>("", "version"));
    Ok(names.collect::<std::result::Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::{ArchiveTable, in_order};

    #[test]
    fn what_is_referred_to_comes_first() {
        let table = |name: &str, follows: &[&str]| ArchiveTable {
            name: name.to_owned(),
            columns: Vec::new(),
            omitted: Vec::new(),
            is_restorable: true,
            follows: follows.iter().map(|it| (*it).to_owned()).collect(),
        };
        let tables = vec![table("a", &["c"]), table("b", &["a", "c"]), table("c", &[])];
        let names: Vec<_> = in_order(tables).into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["c", "a", "b"]);
    }
}
