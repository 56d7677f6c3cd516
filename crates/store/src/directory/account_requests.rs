//! Help for an account that needs two people: one asks with a reason, another one lets it happen.

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::{AccountRequestId, TenantId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use crate::directory::DirectoryTx;
use crate::entity::account_request as row;
use crate::error::{Error, Result};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// To take a lost second factor of an administrator away.
    SecondFactorWithdrawal,
    /// To let an account for emergencies in for some hours.
    EmergencyAccess,
}

impl RequestKind {
    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SecondFactorWithdrawal => "second_factor_withdrawal",
            Self::EmergencyAccess => "emergency_access",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::SecondFactorWithdrawal, Self::EmergencyAccess]
            .into_iter()
            .find(|it| it.code() == code)
    }
}

/// What a second person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: UserId,
    /// Their name.
    pub name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it shall happen.
    pub approved: bool,
}

/// A request about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRequest {
    /// Its id.
    pub id: AccountRequestId,
    /// The government.
    pub tenant: TenantId,
    /// What is asked for.
    pub kind: RequestKind,
    /// The account that it is about.
    pub user: UserId,
    /// The name of its person.
    pub user_name: String,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub requested_by: UserId,
    /// Their name.
    pub requested_name: String,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// Not decided by then, it never happens.
    pub lapses_at: DateTime<Utc>,
    /// What a second person said.
    pub decision: Option<Decision>,
    /// When emergency access ends by itself.
    pub ends_at: Option<DateTime<Utc>>,
    /// When it was ended before.
    pub ended_at: Option<DateTime<Utc>>,
    /// When the account first entered with it.
    pub used_at: Option<DateTime<Utc>>,
}

impl AccountRequest {
    /// Whether a second person may still decide.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.decision.is_none() && self.lapses_at > now
    }

    /// Whether it lets its account in now.
    pub fn lets_in(&self, now: DateTime<Utc>) -> bool {
        self.kind == RequestKind::EmergencyAccess
            && self.decision.as_ref().is_some_and(|it| it.approved)
            && self.ended_at.is_none()
            && self.ends_at.is_some_and(|end| end > now)
    }
}

impl DirectoryTx {
    #[expect(clippy::disallowed_methods, reason = "the one select of requests; it adds the tenant")]
    fn request_rows(tenant: TenantId) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(tenant.uuid()))
    }

    /// Every request of a government, the latest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn account_requests(&self, tenant: TenantId) -> Result<Vec<AccountRequest>> {
        let select = Self::request_rows(tenant).order_by_desc(row::Column::Id);
        select.all(self.connection()).await?.into_iter().map(request_of).collect()
    }

    /// One request of a government.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn find_account_request(
        &self,
        tenant: TenantId,
        id: AccountRequestId,
    ) -> Result<Option<AccountRequest>> {
        let select = Self::request_rows(tenant).filter(row::Column::Id.eq(id.uuid()));
        select.one(self.connection()).await?.map(request_of).transpose()
    }

    /// The emergency access that runs in a government now, what ends first at the beginning.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn running_emergencies(&self, tenant: TenantId) -> Result<Vec<AccountRequest>> {
        let select = Self::request_rows(tenant)
            .filter(row::Column::Kind.eq(RequestKind::EmergencyAccess.code()))
            .filter(row::Column::Approved.eq(true))
            .filter(row::Column::EndedAt.is_null())
            .filter(row::Column::EndsAt.gt(self.now()))
            .order_by_asc(row::Column::EndsAt);
        select.all(self.connection()).await?.into_iter().map(request_of).collect()
    }

    /// Notes that an account enters with its emergency access. Whether it is the first time.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named request")]
    pub async fn use_emergency(&self, tenant: TenantId, id: AccountRequestId) -> Result<bool> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::UsedAt, Expr::value(self.now()))
            .filter(row::Column::TenantId.eq(tenant.uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::UsedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Keeps a request.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_account_request(&self, new: &AccountRequest) -> Result<()> {
        let line = row::ActiveModel {
            tenant_id: ActiveValue::Set(new.tenant.uuid()),
            id: ActiveValue::Set(new.id.uuid()),
            kind: ActiveValue::Set(new.kind.code().to_owned()),
            user_id: ActiveValue::Set(new.user.uuid()),
            user_name: ActiveValue::Set(new.user_name.clone()),
            reason: ActiveValue::Set(new.reason.clone()),
            requested_by: ActiveValue::Set(new.requested_by.uuid()),
            requested_name: ActiveValue::Set(new.requested_name.clone()),
            requested_at: ActiveValue::Set(new.requested_at),
            lapses_at: ActiveValue::Set(new.lapses_at),
            ..Default::default()
        };
        row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Writes down what a second person said; `ends_at` is when emergency access ends by itself.
    ///
    /// # Errors
    /// [`Error::Stale`] when it is decided already or too late; [`Error::Conflict`] with
    /// `account_requests_two_people` when the second person is the first one.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named request")]
    pub async fn decide_account_request(
        &self,
        request: &AccountRequest,
        decision: &Decision,
        ends_at: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::DecidedBy, Expr::value(decision.by.uuid()))
            .col_expr(row::Column::DecidedName, Expr::value(decision.name.clone()))
            .col_expr(row::Column::DecidedAt, Expr::value(decision.at))
            .col_expr(row::Column::Approved, Expr::value(decision.approved))
            .col_expr(row::Column::EndsAt, Expr::value(ends_at))
            .filter(row::Column::TenantId.eq(request.tenant.uuid()))
            .filter(row::Column::Id.eq(request.id.uuid()))
            .filter(row::Column::DecidedBy.is_null())
            .filter(row::Column::LapsesAt.gt(self.now()))
            .exec(self.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Ends emergency access before its time. Whether it was running.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named request")]
    pub async fn end_account_request(
        &self,
        tenant: TenantId,
        id: AccountRequestId,
    ) -> Result<bool> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::EndedAt, Expr::value(self.now()))
            .filter(row::Column::TenantId.eq(tenant.uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::EndedAt.is_null())
            .filter(row::Column::EndsAt.gt(self.now()))
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected == 1)
    }
}

fn request_of(model: row::Model) -> Result<AccountRequest> {
    let kind = RequestKind::from_code(&model.kind)
        .ok_or_else(|| Error::corrupt("account_requests", "kind", model.id))?;
    let decision = match (model.decided_by, model.decided_name, model.decided_at, model.approved) {
        (Some(by), Some(name), Some(at), Some(approved)) => {
            Some(Decision { by: UserId::from(by), name, at, approved })
        }
        _ => None,
    };
    Ok(AccountRequest {
        id: AccountRequestId::from(model.id),
        tenant: TenantId::from(model.tenant_id),
        kind,
        user: UserId::from(model.user_id),
        user_name: model.user_name,
        reason: model.reason,
        requested_by: UserId::from(model.requested_by),
        requested_name: model.requested_name,
        requested_at: model.requested_at,
        lapses_at: model.lapses_at,
        decision,
        ends_at: model.ends_at,
        ended_at: model.ended_at,
        used_at: model.used_at,
    })
}
