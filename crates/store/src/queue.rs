//! The queue of background work: a table, claimed with `FOR UPDATE SKIP LOCKED`.
//!
//! A job is enqueued in the transaction of the change that asks for it, so it cannot outrun its commit.
//! A claimed job yields the scope of its tenant: the worker's only way in. It acts as the person whose
//! change asked for it.

use chrono::{DateTime, Duration, Utc};
use ekinerja_domain::ids::{JobId, TenantId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult,
    QueryFilter, Statement,
};
use uuid::Uuid;

use crate::directory::DirectoryTx;
use crate::entity::{job as row, tenant, user};
use crate::error::{Error, Result};
use crate::tenant::{TenantScope, TenantTx};

/// A job that a worker holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedJob {
    /// Its id.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// What it needs to know.
    pub payload: serde_json::Value,
    /// How many times it was claimed, this one included.
    pub attempts: i32,
    scope: TenantScope,
}

impl ClaimedJob {
    /// The tenant whose change asked for the work.
    pub fn tenant(&self) -> TenantId {
        self.scope.tenant.id
    }

    /// The worker's way into the job's tenant. It carries no role: what a job may do is its own code's matter.
    pub fn scope(&self) -> TenantScope {
        self.scope.clone()
    }
}

impl TenantTx {
    /// Asks for work once this transaction has committed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn enqueue(&self, kind: &str, payload: serde_json::Value) -> Result<JobId> {
        let id: JobId = crate::fresh_id();
        let line = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.tenant_id().uuid()),
            id: ActiveValue::Set(id.uuid()),
            kind: ActiveValue::Set(kind.to_owned()),
            payload: ActiveValue::Set(payload),
            user_id: ActiveValue::Set(self.user().uuid()),
            run_at: ActiveValue::Set(self.now()),
            attempts: ActiveValue::Set(0),
            claimed_at: ActiveValue::Set(None),
            finished_at: ActiveValue::Set(None),
            error: ActiveValue::Set(None),
        };
        row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        self.wake_workers();
        Ok(id)
    }
}

#[derive(Debug, FromQueryResult)]
struct Claimed {
    tenant_id: Uuid,
    id: Uuid,
    kind: String,
    payload: serde_json::Value,
    user_id: Uuid,
    attempts: i32,
}

/// After how long a job that a worker claimed and never finished may be claimed again.
const ABANDONED_AFTER: Duration = Duration::minutes(5);

impl DirectoryTx {
    /// Claims the oldest job that is due and that nobody holds. Jobs of a tenant that rests wait, and so do those of
    /// the kind `upwards`, which write into the province, while that one rests.
    ///
    /// # Errors
    /// The database failed, or the job's tenant or person is gone.
    pub async fn claim_job(&self, upwards: &str) -> Result<Option<ClaimedJob>> {
        const CLAIM: &str = "
            update jobs set claimed_at = $1, attempts = attempts + 1
             where (tenant_id, id) = (
               select tenant_id, id from jobs
                where finished_at is null and run_at <= $1
                  and (claimed_at is null or claimed_at < $2)
                  and exists (
                    select from tenants own left join tenants above on above.id = own.parent_id
                     where own.id = jobs.tenant_id and own.state = 'active'
                       and (above.state is null or above.state = 'active' or jobs.kind <> $3))
                order by run_at, id limit 1 for update skip locked)
            returning tenant_id, id, kind, payload, user_id, attempts";
        let abandoned: DateTime<Utc> = self.now() - ABANDONED_AFTER;
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            CLAIM,
            [self.now().into(), abandoned.into(), upwards.into()],
        );
        let Some(found) = self.connection().query_one_raw(statement).await? else {
            return Ok(None);
        };
        self.claimed(Claimed::from_query_result(&found, "")?).await.map(Some)
    }

    /// Claims the waiting jobs of the same kind whose tenants publish to the same audience: what one
    /// recalculation can answer together. At a deadline all regencies of a province publish at once. Jobs that
    /// failed before are left to be tried alone, so that a bad one never holds up the others.
    ///
    /// # Errors
    /// The database failed, or a job's tenant or person is gone.
    pub async fn claim_alike(&self, job: &ClaimedJob) -> Result<Vec<ClaimedJob>> {
        const CLAIM: &str = "
            update jobs set claimed_at = $1, attempts = attempts + 1
             where (tenant_id, id) in (
               select jobs.tenant_id, jobs.id from jobs join tenants on tenants.id = jobs.tenant_id
                where kind = $2 and finished_at is null and run_at <= $1 and claimed_at is null
                  and attempts = 0 and tenants.state = 'active' and coalesce(parent_id, tenants.id) = $3
                order by run_at, jobs.id limit 500 for update of jobs skip locked)
            returning tenant_id, id, kind, payload, user_id, attempts";
        let audience = job.scope.tenant.parent.unwrap_or(job.scope.tenant.id);
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            CLAIM,
            [self.now().into(), job.kind.clone().into(), audience.uuid().into()],
        );
        let mut alike = Vec::new();
        for found in self.connection().query_all_raw(statement).await? {
            alike.push(self.claimed(Claimed::from_query_result(&found, "")?).await?);
        }
        Ok(alike)
    }

    async fn claimed(&self, job: Claimed) -> Result<ClaimedJob> {
        let scope = self.job_scope(&job).await?;
        Ok(ClaimedJob {
            id: JobId::from(job.id),
            kind: job.kind,
            payload: job.payload,
            attempts: job.attempts,
            scope,
        })
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "reads the tenant and person that the job itself names"
    )]
    async fn job_scope(&self, job: &Claimed) -> Result<TenantScope> {
        let tenant = tenant::Entity::find_by_id(job.tenant_id).one(self.connection()).await?;
        let tenant = tenant.ok_or_else(|| Error::corrupt("jobs", "tenant_id", job.id))?;
        let tenant = super::directory::tenants::tenant_of(tenant.into())?;
        let person = user::Entity::find_by_id(job.user_id).one(self.connection()).await?;
        let person = person.ok_or_else(|| Error::corrupt("jobs", "user_id", job.id))?;
        let standing = ekinerja_domain::access::Standing {
            tenant: tenant.id,
            level: tenant.level,
            user: UserId::from(person.id),
            name: person.name,
            accounts: Vec::new(),
            grants: Vec::new(),
        };
        Ok(TenantScope {
            standing,
            tenant,
            request: Some(JobId::from(job.id).to_string()),
            session: None,
            once: None,
            emergencies: None,
        })
    }

    /// The way into the tenant that a job's tenant publishes to: its province, or itself.
    ///
    /// A regency's transaction cannot ask its province for work: row-level security refuses a row of another
    /// tenant, and rightly. So the job of a publication is the regency's own, and this is the one place where
    /// a worker steps from a job to the tenant above it. What bounds the step: it starts from a job that was
    /// claimed (nobody else can make one), it leads nowhere but to the parent in the list of governments, and
    /// the scope it gives carries no role and names the publisher, not a person of it.
    ///
    /// # Errors
    /// The database failed, or the parent is gone.
    #[expect(
        clippy::disallowed_methods,
        reason = "reads the parent that the list of governments names for the job's tenant"
    )]
    pub async fn audience_of(&self, job: &ClaimedJob) -> Result<TenantScope> {
        let publisher = &job.scope.tenant;
        let audience = match publisher.parent {
            None => publisher.clone(),
            Some(parent) => {
                let found =
                    tenant::Entity::find_by_id(parent.uuid()).one(self.connection()).await?;
                let found = found.ok_or_else(|| Error::corrupt("tenants", "parent_id", parent))?;
                super::directory::tenants::tenant_of(found.into())?
            }
        };
        let standing = ekinerja_domain::access::Standing {
            tenant: audience.id,
            level: audience.level,
            user: job.scope.standing.user,
            name: publisher.name.clone(),
            accounts: Vec::new(),
            grants: Vec::new(),
        };
        Ok(TenantScope {
            standing,
            tenant: audience,
            request: job.scope.request.clone(),
            session: None,
            once: None,
            emergencies: None,
        })
    }

    /// Makes a claim, a finish or a retry last: the jobs table itself is their record.
    ///
    /// # Errors
    /// The commit failed; then nothing changed.
    pub async fn commit_queue(self) -> Result<()> {
        self.commit_session().await
    }

    /// Marks a job as done.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named job")]
    pub async fn finish_job(&self, tenant: TenantId, id: JobId) -> Result<()> {
        row::Entity::update_many()
            .col_expr(row::Column::FinishedAt, Expr::value(self.now()))
            .col_expr(row::Column::Error, Expr::value(Option::<String>::None))
            .filter(row::Column::TenantId.eq(tenant.uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Gives a failed job back to be tried again after `pause`, with what went wrong.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named job")]
    pub async fn retry_job(
        &self,
        tenant: TenantId,
        id: JobId,
        pause: Duration,
        error: String,
    ) -> Result<()> {
        row::Entity::update_many()
            .col_expr(row::Column::ClaimedAt, Expr::value(Option::<DateTime<Utc>>::None))
            .col_expr(row::Column::RunAt, Expr::value(self.now() + pause))
            .col_expr(row::Column::Error, Expr::value(error))
            .filter(row::Column::TenantId.eq(tenant.uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
