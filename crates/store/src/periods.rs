//! The reporting calendar of a tenant: which periods it holds, and in what state.

use ekinerja_domain::access::policy::Calendar;
use ekinerja_domain::access::{Administer, Granted};
use ekinerja_domain::period::{Period, PeriodState, Reopening, TenantPeriod};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::entity::period as row;
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// The calendar of the transaction's tenant.
#[derive(Debug)]
pub struct Periods<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The reporting calendar.
    pub fn periods(&self) -> Periods<'_> {
        Periods(self)
    }
}

impl Periods<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// Every period that was ever opened, latest first; a year comes before its quarters.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn all(&self) -> Result<Vec<TenantPeriod>> {
        let rows = self.rows().order_by_asc(row::Column::Period).all(self.0.connection()).await?;
        let mut periods = rows.iter().map(period_of).collect::<Result<Vec<_>>>()?;
        periods.sort_by_key(|it| {
            (std::cmp::Reverse(it.period.calendar_year()), it.period.quarter_number())
        });
        Ok(periods)
    }

    /// One period; none when it was never opened.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find(&self, period: Period) -> Result<Option<TenantPeriod>> {
        let select = self.rows().filter(row::Column::Period.eq(period.to_string()));
        select.one(self.0.connection()).await?.as_ref().map(period_of).transpose()
    }

    /// One period, kept from being closed or scored until the transaction ends; others may record meanwhile.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find_for_entry(&self, period: Period) -> Result<Option<TenantPeriod>> {
        let select = self.rows().filter(row::Column::Period.eq(period.to_string())).lock_shared();
        select.one(self.0.connection()).await?.as_ref().map(period_of).transpose()
    }

    /// Those of `periods` that were opened, held until the transaction ends: who makes scores of a period
    /// does so alone, or two verifications at once would each miss the other's figure.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn hold(&self, periods: &[Period]) -> Result<Vec<TenantPeriod>> {
        let names = periods.iter().map(Period::to_string);
        // One order for all, so that two who hold several never wait for each other.
        let select = self
            .rows()
            .filter(row::Column::Period.is_in(names))
            .order_by_asc(row::Column::Period)
            .lock_exclusive();
        select.all(self.0.connection()).await?.iter().map(period_of).collect()
    }

    /// Opens a period.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `periods_once` when it was opened before.
    pub async fn open(
        &self,
        _permit: &Granted<Administer, Calendar>,
        period: Period,
    ) -> Result<TenantPeriod> {
        let line = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            period: ActiveValue::Set(period.to_string()),
            state: ActiveValue::Set(PeriodState::Open.code().to_owned()),
            reopened_until: ActiveValue::Set(None),
            reopening_reason: ActiveValue::Set(None),
            revision: ActiveValue::Set(1),
        };
        row::Entity::insert(line).exec_without_returning(self.0.connection()).await?;
        Ok(TenantPeriod {
            period,
            state: PeriodState::Open,
            reopened_until: None,
            reopening_reason: None,
            revision: 1,
        })
    }

    /// Sets the state of a period that was read at `revision`; a reopening ends with it.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since.
    pub async fn set_state(
        &self,
        _permit: &Granted<Administer, Calendar>,
        period: Period,
        revision: i32,
        state: PeriodState,
    ) -> Result<()> {
        self.amend(period, revision, state, None).await
    }

    /// Reopens a closed period that was read at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since.
    pub async fn reopen(
        &self,
        _permit: &Granted<Administer, Calendar>,
        period: Period,
        revision: i32,
        reopening: &Reopening,
    ) -> Result<()> {
        self.amend(period, revision, PeriodState::Closed, Some(reopening)).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of this repository; it names tenant, period and revision"
    )]
    async fn amend(
        &self,
        period: Period,
        revision: i32,
        state: PeriodState,
        reopening: Option<&Reopening>,
    ) -> Result<()> {
        let until = reopening.map(Reopening::until);
        let reason = reopening.map(|it| it.reason().to_owned());
        let done = row::Entity::update_many()
            .col_expr(row::Column::State, Expr::value(state.code()))
            .col_expr(row::Column::ReopenedUntil, Expr::value(until))
            .col_expr(row::Column::ReopeningReason, Expr::value(reason))
            .col_expr(row::Column::Revision, Expr::value(revision + 1))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Period.eq(period.to_string()))
            .filter(row::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

pub(crate) fn period_of(model: &row::Model) -> Result<TenantPeriod> {
    let corrupt = |column| Error::corrupt("periods", column, &model.period);
    Ok(TenantPeriod {
        period: model.period.parse().map_err(|_| corrupt("period"))?,
        state: PeriodState::from_code(&model.state).ok_or_else(|| corrupt("state"))?,
        reopened_until: model.reopened_until,
        reopening_reason: model.reopening_reason.clone(),
        revision: model.revision,
    })
}
