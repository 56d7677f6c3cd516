//! A tenant is erased: its rows, the accounts that belong to it alone, their sessions; with a receipt.
//!
//! What it published to its province stays there as the province received it, without names of people.

use chrono::{DateTime, Utc};
use ekinerja_domain::chain::{ChainHash, ChainHead};
use ekinerja_domain::ids::TenantId;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use super::OwnerAddress;
use super::arrival::Arrival;
use crate::directory::DirectoryTx;
use crate::error::{Error, Result};
use crate::ids::fresh_id;

/// What a province keeps of what was published to it.
const PUBLISHED: [&str; 3] = ["publications", "publication_values", "publication_objectives"];

/// The transaction in which a tenant is erased. Dropped without [`Erasure::commit`], it changes nothing.
#[derive(Debug)]
pub struct Erasure(Arrival);

impl Arrival {
    /// Deletes the tenant from every table but some; how many rows of which.
    pub(super) async fn erase(&self, kept: Vec<String>) -> Result<Vec<(String, u64)>> {
        let sql = "select name, erased from ekinerja_archive_erase($1) order by name collate \"C\"";
        let rows = self.ask(sql, [kept.into()]).await?;
        rows.iter()
            .map(|row| {
                let erased: i64 = row.try_get("", "erased")?;
                Ok((row.try_get("", "name")?, u64::try_from(erased).unwrap_or_default()))
            })
            .collect()
    }
}

impl DirectoryTx {
    /// The accounts that belong to one tenant alone: no other tenant's rows refer to them, and none is an operator.
    ///
    /// # Errors
    /// The database failed.
    pub async fn people_only_of(&self, tenant: TenantId) -> Result<Vec<Uuid>> {
        const PEOPLE: &str = "
            select id from users where not is_operator
               and id in (select user_id from memberships where tenant_id = $1)
               and id not in (select user_id from memberships where tenant_id <> $1
                              union select user_id from identities where tenant_id <> $1
                              union select user_id from emergency_accounts where tenant_id <> $1
                              union select owner_id from service_accounts where tenant_id <> $1)
             order by id";
        let values = [tenant.uuid().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, PEOPLE, values);
        let rows = self.connection().query_all_raw(statement).await?;
        let ids = rows.iter().map(|row| row.try_get::<Uuid>("", "id"));
        Ok(ids.collect::<std::result::Result<_, _>>()?)
    }
}

impl DirectoryTx {
    /// Whether an archive whose manifest has this hash was taken of a tenant since a moment.
    ///
    /// # Errors
    /// The database failed.
    pub async fn archive_was_taken(
        &self,
        tenant: TenantId,
        digest: &str,
        since: DateTime<Utc>,
    ) -> Result<bool> {
        const TAKEN: &str = "
            select count(*) as taken from directory_events
             where kind = 'tenant.exported' and subject = $1 and at >= $3
               and facts->>'digest' = $2";
        let values = [tenant.to_string().into(), digest.into(), since.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, TAKEN, values);
        let found = self.connection().query_one_raw(statement).await?;
        let taken: i64 = found.map_or(Ok(0), |row| row.try_get("", "taken"))?;
        Ok(taken > 0)
    }

    /// Whether the platform's trail holds the hash of a receipt.
    ///
    /// # Errors
    /// The database failed.
    pub async fn erasure_is_noted(&self, tenant: TenantId, digest: &str) -> Result<bool> {
        const NOTED: &str = "
            select count(*) as noted from directory_events
             where kind = 'tenant.erased' and subject = $1 and facts->>'digest' = $2";
        let values = [tenant.to_string().into(), digest.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, NOTED, values);
        let found = self.connection().query_one_raw(statement).await?;
        let noted: i64 = found.map_or(Ok(0), |row| row.try_get("", "noted"))?;
        Ok(noted > 0)
    }

    /// The receipts of a tenant's erasures with their hashes, the latest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn receipts_of(&self, tenant: TenantId) -> Result<Vec<(String, String)>> {
        const RECEIPTS: &str = "select receipt, digest from erasures where government = $1 order by erased_at desc, id desc";
        let values = [tenant.uuid().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, RECEIPTS, values);
        let rows = self.connection().query_all_raw(statement).await?;
        let pair = |row: &sea_orm::QueryResult| {
            Ok((row.try_get("", "receipt")?, row.try_get("", "digest")?))
        };
        rows.iter().map(pair).collect()
    }
}

impl Erasure {
    /// Begins, as the schema's owner, and holds the tenant's state.
    ///
    /// # Errors
    /// The database does not answer, or the address may not act as the owner.
    pub async fn begin(address: &OwnerAddress, tenant: TenantId) -> Result<Self> {
        let arrival = Arrival::begin(address, tenant).await?;
        arrival.ask("select from tenants where id = $1 for update", [tenant.uuid().into()]).await?;
        Ok(Self(arrival))
    }

    /// Whether the tenant is suspended, and has no government under it that is not erased.
    ///
    /// # Errors
    /// The database failed.
    pub async fn may_begin(&self) -> Result<(bool, bool)> {
        let sql = "
            select state = 'suspended' as suspended,
                   not exists (select from tenants below where below.parent_id = tenants.id
                                  and below.state <> 'erased') as alone
              from tenants where id = $1";
        let rows = self.0.ask(sql, [self.0.tenant.uuid().into()]).await?;
        let Some(row) = rows.first() else { return Ok((false, false)) };
        Ok((row.try_get("", "suspended")?, row.try_get("", "alone")?))
    }

    /// Where the chain of its trail ends.
    ///
    /// # Errors
    /// The database failed.
    pub async fn chain_head(&self) -> Result<ChainHead> {
        let sql = "select seq, hash from audit_heads where tenant_id = $1";
        let rows = self.0.ask(sql, [self.0.tenant.uuid().into()]).await?;
        let Some(row) = rows.first() else { return Ok(ChainHead::EMPTY) };
        let hash: Vec<u8> = row.try_get("", "hash")?;
        let hash = ChainHash::try_from(hash.as_slice())
            .map_err(|_| Error::corrupt("audit_heads", "hash", self.0.tenant))?;
        Ok(ChainHead { position: row.try_get("", "seq")?, hash })
    }

    /// Deletes every row of the tenant but what its province received, which loses the names of people; how many
    /// rows of which table.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rows(&self) -> Result<Vec<(String, u64)>> {
        let has_province = "select parent_id is not null as below from tenants where id = $1";
        let rows = self.0.ask(has_province, [self.0.tenant.uuid().into()]).await?;
        let below: bool = rows.first().map_or(Ok(false), |row| row.try_get("", "below"))?;
        let kept = if below { PUBLISHED.map(str::to_owned).to_vec() } else { Vec::new() };
        if below {
            let sql = "
                update publications set published_by = $2, published_by_name = '–',
                       revoked_by = case when revoked_by is not null then $2::uuid end,
                       revoked_by_name = case when revoked_by_name is not null then '–' end
                 where tenant_id = $1";
            self.0.ask(sql, [self.0.tenant.uuid().into(), Uuid::nil().into()]).await?;
        }
        self.0.erase(kept).await
    }

    /// Deletes these accounts, and every session of theirs and into this tenant; how many accounts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn people(&self, people: Vec<Uuid>) -> Result<u64> {
        let sql = "
            with gone as (delete from sign_ins where only_tenant = $1 or user_id = any($2) returning session_id)
            select distinct session_id from gone";
        let tenant = self.0.tenant.uuid();
        let rows = self.0.ask(sql, [tenant.into(), people.clone().into()]).await?;
        let sessions = rows.iter().map(|row| row.try_get::<Uuid>("", "session_id"));
        let sessions = sessions.collect::<std::result::Result<Vec<_>, _>>()?;
        self.0.ask("delete from pending_sign_ins where only_tenant = $1", [tenant.into()]).await?;
        let sql = "delete from sessions where id = any($1)
                      and not exists (select from sign_ins where session_id = sessions.id)";
        self.0.ask(sql, [sessions.into()]).await?;
        let rows =
            self.0.ask("select ekinerja_archive_forget($1) as forgotten", [people.into()]).await?;
        let forgotten: i64 = rows.first().map_or(Ok(0), |row| row.try_get("", "forgotten"))?;
        Ok(u64::try_from(forgotten).unwrap_or_default())
    }

    /// Keeps the receipt, takes the tenant into the state `erased`, writes that down in the platform's trail and
    /// makes everything last.
    ///
    /// # Errors
    /// The database failed; then nothing changed.
    pub async fn commit(
        self,
        by: &str,
        now: DateTime<Utc>,
        receipt: &Receipt<'_>,
        facts: serde_json::Value,
    ) -> Result<()> {
        let tenant = self.0.tenant.uuid();
        let id: Uuid = fresh_id();
        let sql = "insert into erasures (id, government, erased_at, receipt, digest) values ($1, $2, $3, $4, $5)";
        let values =
            [id.into(), tenant.into(), now.into(), receipt.text.into(), receipt.digest.into()];
        self.0.ask(sql, values).await?;
        let sql = "
            update tenants set state = 'erased', state_since = $2, state_reason = $3, state_basis = $4, state_by = $5,
                   state_revision = state_revision + 1
             where id = $1";
        let values = [
            tenant.into(),
            now.into(),
            receipt.reason.into(),
            receipt.legal_basis.into(),
            by.into(),
        ];
        self.0.ask(sql, values).await?;
        self.0.write_down(false, "tenant.erased", by, now, facts).await?;
        self.0.end().await
    }
}

/// What is kept of an erasure.
#[derive(Debug, Clone, Copy)]
pub struct Receipt<'a> {
    /// The receipt as it is shown.
    pub text: &'a str,
    /// Its SHA-256.
    pub digest: &'a str,
    /// Why.
    pub reason: &'a str,
    /// The regulation, decree or letter.
    pub legal_basis: &'a str,
}
