//! A tenant comes in from an archive: one transaction as the schema's owner, on a connection of its own.
//!
//! The owner may write every table, and row-level security holds for it as for the doors: a row of another tenant
//! is refused by the database itself. The trail goes through the trigger of its chain, which makes every hash anew.

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::TenantId;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgPool, PgPoolOptions};
use uuid::Uuid;

use super::{ArchiveTable, OwnerAddress, asked, in_utc};
use crate::change::announce_everything;
use crate::error::{Error, Result};
use crate::ids::fresh_id;
use crate::transaction::Transaction;

/// A tenant as an archive names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchivedTenant {
    /// Its id: the hashes of its trail cover it, so it keeps it wherever it goes.
    pub id: Uuid,
    /// Kemendagri code.
    pub code: String,
    /// First segment of its address.
    pub slug: String,
    /// Name.
    pub name: String,
    /// `province`, `regency`, `city`.
    pub level: String,
    /// When it came on the platform.
    pub opened_at: DateTime<Utc>,
    /// The province above it.
    pub parent: Option<Box<ArchivedTenant>>,
}

/// Whether there is room for a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nothing of it is here.
    Free,
    /// It was here and was erased.
    Erased,
    /// It is here, or another tenant has its code or address.
    Taken,
}

/// The transaction in which a tenant comes in. Dropped without [`Arrival::commit`], it changes nothing.
#[derive(Debug)]
pub struct Arrival {
    pub(super) transaction: Transaction,
    pub(super) tenant: TenantId,
    pool: PgPool,
}

impl Arrival {
    /// Begins, as the schema's owner.
    ///
    /// # Errors
    /// The database does not answer, or the address may not act as the owner.
    pub async fn begin(address: &OwnerAddress, tenant: TenantId) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(1).connect_with(address.clone()).await;
        let pool = pool.map_err(|it| {
            Error::from(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(it.into())))
        })?;
        let transaction = Transaction::begin(&pool, Some(tenant)).await?;
        for sql in [
            "create temporary table archive_lines (
               n bigint generated always as identity, line jsonb not null) on commit drop",
            "grant all on archive_lines to ekinerja_owner",
            "set local role ekinerja_owner",
        ] {
            asked(&transaction, sql).await?;
        }
        in_utc(&transaction).await?;
        Ok(Self { transaction, tenant, pool })
    }

    /// Names of the migrations that made the schema, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn schema_version(&self) -> Result<Vec<String>> {
        super::schema_version(&self.transaction).await
    }

    /// Every table of tenants, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tables(&self) -> Result<Vec<ArchiveTable>> {
        super::tables(&self.transaction).await
    }

    /// Whether there is room for a tenant.
    ///
    /// # Errors
    /// The database failed.
    pub async fn place_of(&self, tenant: &ArchivedTenant) -> Result<Place> {
        let sql =
            "select id, code, slug, state from tenants where id = $1 or code = $2 or slug = $3";
        let values = [tenant.id.into(), tenant.code.as_str().into(), tenant.slug.as_str().into()];
        let rows = self.ask(sql, values).await?;
        let mut place = Place::Free;
        for row in rows {
            let text = |name: &str| row.try_get::<String>("", name);
            let same = row.try_get::<Uuid>("", "id")? == tenant.id
                && text("code")? == tenant.code
                && text("slug")? == tenant.slug;
            let erased = text("state")? == "erased";
            place =
                if same && erased && place == Place::Free { Place::Erased } else { Place::Taken };
        }
        Ok(place)
    }

    /// Puts a tenant into the list of governments as read-only, or back into it; what was left of it is deleted.
    ///
    /// # Errors
    /// [`Error::Conflict`] when its code or address is taken; the database failed.
    pub async fn admit(
        &self,
        tenant: &ArchivedTenant,
        place: Place,
        by: &str,
        reason: &str,
    ) -> Result<()> {
        if place == Place::Erased {
            self.erase(Vec::new()).await?;
            let sql = "
                update tenants set name = $2, state = 'read_only', state_since = now(), state_reason = $3,
                       state_by = $4, state_basis = null, state_revision = state_revision + 1
                 where id = $1";
            let values = [tenant.id.into(), tenant.name.as_str().into(), reason.into(), by.into()];
            self.ask(sql, values).await?;
            return Ok(());
        }
        if let Some(parent) = &tenant.parent {
            let sql = "
                insert into tenants (id, code, slug, name, level, opened_at)
                select $1, $2, $3, $4, $5, $6 where not exists (select from tenants where id = $1)";
            let values = [
                parent.id.into(),
                parent.code.as_str().into(),
                parent.slug.as_str().into(),
                parent.name.as_str().into(),
                parent.level.as_str().into(),
                parent.opened_at.into(),
            ];
            self.ask(sql, values).await?;
        }
        let sql = "
            insert into tenants (id, code, slug, name, level, parent_id, opened_at, state, state_since,
                                 state_reason, state_by)
            values ($1, $2, $3, $4, $5, $6, $7, 'read_only', now(), $8, $9)";
        let values = [
            tenant.id.into(),
            tenant.code.as_str().into(),
            tenant.slug.as_str().into(),
            tenant.name.as_str().into(),
            tenant.level.as_str().into(),
            tenant.parent.as_ref().map(|it| it.id).into(),
            tenant.opened_at.into(),
            reason.into(),
            by.into(),
        ];
        self.ask(sql, values).await?;
        Ok(())
    }

    /// Adds accounts that are not here, without a password; a list in JSON. A name for signing in that somebody
    /// else has gets the tenant's address behind it. The names that were changed.
    ///
    /// # Errors
    /// The database failed, or a line is no account.
    pub async fn add_people(&self, people: String, slug: &str) -> Result<Vec<String>> {
        let sql = "
            with come as (
              select (line->>'id')::uuid as id, line->>'username' as username, line->>'name' as name,
                     line->>'nip' as nip, (line->>'created_at')::timestamptz as created_at,
                     (line->>'disabled_at')::timestamptz as disabled_at
                from jsonb_array_elements($1::jsonb) line),
            added as (
              insert into users (id, username, name, nip, created_at, disabled_at)
              select come.id,
                     case when known.id is null then come.username else come.username || '.' || $2 end,
                     come.name, come.nip, come.created_at, come.disabled_at
                from come left join users known on known.username = come.username
               where not exists (select from users here where here.id = come.id)
              returning id, username)
            select added.username from added join come on come.id = added.id
             where added.username <> come.username order by 1";
        let rows = self.ask(sql, [people.into(), slug.into()]).await?;
        let names = rows.iter().map(|row| row.try_get::<String>("", "username"));
        Ok(names.collect::<std::result::Result<_, _>>()?)
    }

    /// Lets lines wait: a list in JSON.
    ///
    /// # Errors
    /// The database failed, or it is no list.
    pub async fn wait(&self, lines: String) -> Result<()> {
        let sql = "
            insert into archive_lines (line)
            select line from jsonb_array_elements($1::jsonb) with ordinality x (line, n) order by n";
        self.ask(sql, [lines.into()]).await?;
        Ok(())
    }

    /// Puts the waiting lines into a table; how many.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a row that breaks a constraint; a row of another tenant, or one that does not fit.
    pub async fn take(&self, table: &ArchiveTable) -> Result<u64> {
        let values = [table.name.as_str().into(), table.columns.clone().into()];
        let rows = self.ask("select ekinerja_archive_take($1, $2) as taken", values).await?;
        let taken: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "taken"))?;
        Ok(u64::try_from(taken).unwrap_or_default())
    }

    /// Begins to read a table again, for comparing; [`Arrival::lines`] gives its rows.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open(&self, table: &ArchiveTable) -> Result<()> {
        super::open(&self.transaction, table).await
    }

    /// The next rows of the table, each an object; none are left when it is empty.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lines(&self) -> Result<Vec<String>> {
        super::lines(&self.transaction).await
    }

    /// Writes what happened into the tenant's trail and the platform's, makes everything last and tells every
    /// process to read everything anew.
    ///
    /// # Errors
    /// The database failed; then nothing changed.
    pub async fn commit(
        self,
        kind: &str,
        by: &str,
        now: DateTime<Utc>,
        facts: serde_json::Value,
    ) -> Result<()> {
        self.write_down(true, kind, by, now, facts).await?;
        announce_everything(&self.transaction).await?;
        self.transaction.commit().await?;
        self.pool.close().await;
        Ok(())
    }

    /// Writes what happened into the platform's trail, and into the tenant's own.
    pub(super) async fn write_down(
        &self,
        in_own_trail: bool,
        kind: &str,
        by: &str,
        now: DateTime<Utc>,
        facts: serde_json::Value,
    ) -> Result<()> {
        let subject = self.tenant.to_string();
        if in_own_trail {
            let sql = "
                insert into audit_events (tenant_id, at, user_id, user_name, kind, subject, facts)
                values ($1, $2, $3, $4, $5, $6, $7)";
            let values = [
                self.tenant.uuid().into(),
                now.into(),
                Uuid::nil().into(),
                by.into(),
                kind.into(),
                subject.as_str().into(),
                facts.clone().into(),
            ];
            self.ask(sql, values).await?;
        }
        let sql = "
            insert into directory_events (id, at, user_name, kind, subject, facts)
            values ($1, $2, $3, $4, $5, $6)";
        let id: Uuid = fresh_id();
        let values = [id.into(), now.into(), by.into(), kind.into(), subject.into(), facts.into()];
        self.ask(sql, values).await?;
        Ok(())
    }

    pub(super) async fn ask<const N: usize>(
        &self,
        sql: &'static str,
        values: [Value; N],
    ) -> Result<Vec<sea_orm::QueryResult>> {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        Ok(self.transaction.query_all_raw(statement).await?)
    }

    /// Makes it last and closes the connection.
    pub(super) async fn end(self) -> Result<()> {
        announce_everything(&self.transaction).await?;
        self.transaction.commit().await?;
        self.pool.close().await;
        Ok(())
    }
}
