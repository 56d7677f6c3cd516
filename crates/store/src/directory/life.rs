//! The life of a tenant: in which state it is, since when, why, on whose word; and how the operator changes it.

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::{SessionId, TenantId};
use ekinerja_domain::tenant::{Tenant, TenantState};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, QueryFilter, QuerySelect, Statement};
use uuid::Uuid;

use crate::change::Access;
use crate::directory::DirectoryTx;
use crate::entity::tenant as row;
use crate::error::{Error, Result};

/// In which state a tenant is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantLife {
    /// The tenant.
    pub tenant: Tenant,
    /// When it came on the platform.
    pub opened_at: DateTime<Utc>,
    /// The last change of its state; none: it has worked from the beginning.
    pub change: Option<StateChange>,
    /// The revision that a change must name.
    pub revision: i32,
}

/// How a tenant came into its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// The regulation, decree or letter that it rests on.
    pub legal_basis: String,
    /// Name of who did it.
    pub by: String,
}

impl DirectoryTx {
    /// In which state a tenant is; none when there is no such tenant.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn life_of(&self, id: TenantId) -> Result<Option<TenantLife>> {
        const LIFE: &str = "
            select opened_at, state_since, state_reason, state_basis, state_by, state_revision
              from tenants where id = $1";
        let Some(tenant) = self.find_tenant_by_id(id).await? else { return Ok(None) };
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, LIFE, [id.uuid().into()]);
        let Some(found) = self.connection().query_one_raw(statement).await? else {
            return Ok(None);
        };
        let text = |name: &str| found.try_get::<Option<String>>("", name);
        let since: Option<DateTime<Utc>> = found.try_get("", "state_since")?;
        let change = match since {
            None => None,
            Some(since) => Some(StateChange {
                since,
                reason: text("state_reason")?.unwrap_or_default(),
                legal_basis: text("state_basis")?.unwrap_or_default(),
                by: text("state_by")?.unwrap_or_default(),
            }),
        };
        Ok(Some(TenantLife {
            tenant,
            opened_at: found.try_get("", "opened_at")?,
            change,
            revision: found.try_get("", "state_revision")?,
        }))
    }

    /// Takes a tenant into a state.
    ///
    /// # Errors
    /// [`Error::Stale`] when its state changed since `revision`; [`Error::Conflict`] with `tenants_state_steps` for
    /// a step that the database refuses.
    pub async fn set_state(
        &self,
        tenant: TenantId,
        revision: i32,
        state: TenantState,
        change: &StateChange,
    ) -> Result<()> {
        const SET: &str = "
            update tenants set state = $3, state_since = $4, state_reason = $5, state_basis = $6, state_by = $7,
                   state_revision = state_revision + 1
             where id = $1 and state_revision = $2";
        let values = [
            tenant.uuid().into(),
            revision.into(),
            state.code().into(),
            change.since.into(),
            change.reason.as_str().into(),
            change.legal_basis.as_str().into(),
            change.by.as_str().into(),
        ];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, SET, values);
        let done = self.connection().execute_raw(statement).await?;
        if done.rows_affected() == 0 { Err(Error::Stale) } else { Ok(()) }
    }

    /// Ends the sign-ins that enter nothing any more now that this tenant lets nobody in: those at its identity
    /// provider, and those with a local account whose every role today is in tenants that let nobody in. How many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_sign_ins_into(&self, tenant: TenantId) -> Result<usize> {
        const END: &str = "
            update sign_ins set ended_at = $2, id_token = null
             where ended_at is null and (only_tenant = $1 or (only_tenant is null and user_id in (
               select own.user_id from memberships own join users on users.id = own.user_id
                where own.tenant_id = $1 and not users.is_operator and not exists (
                  select from memberships other join tenants on tenants.id = other.tenant_id
                   where other.user_id = own.user_id and tenants.state in ('active', 'read_only')
                     and (other.valid_to is null or other.valid_to >= $2::date)))))
            returning session_id";
        let values = [tenant.uuid().into(), self.now().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, END, values);
        let ended = self.connection().query_all_raw(statement).await?;
        for one in &ended {
            let session: Uuid = one.try_get("", "session_id")?;
            self.forget(Access::Session(SessionId::from(session)));
        }
        Ok(ended.len())
    }

    /// That all of these tenants take writes.
    ///
    /// # Errors
    /// [`Error::AtRest`] when one does not; the database failed.
    pub(super) async fn all_take_writes(
        &self,
        tenants: impl Iterator<Item = TenantId>,
    ) -> Result<()> {
        let ids: Vec<Uuid> = tenants.map(TenantId::uuid).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let resting = Self::tenant_rows()
            .filter(row::Column::Id.is_in(ids))
            .filter(row::Column::State.ne(TenantState::Active.code()))
            .limit(1);
        match resting.one(self.connection()).await? {
            None => Ok(()),
            Some(_) => Err(Error::AtRest),
        }
    }
}
