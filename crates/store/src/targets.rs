//! Targets of a tenant's indicators; a revision supersedes and keeps the one before.

use ekinerja_domain::access::{Amend, Granted};
use ekinerja_domain::ids::{IndicatorId, TargetId, UserId};
use ekinerja_domain::indicator::Indicator;
use ekinerja_domain::period::Period;
use ekinerja_domain::target::{NewTarget, Target, TargetStatus, TargetValue};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use crate::entity::target as row;
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// The targets of the transaction's tenant.
#[derive(Debug)]
pub struct Targets<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The targets.
    pub fn targets(&self) -> Targets<'_> {
        Targets(self)
    }
}

impl Targets<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    fn approved(&self) -> Select<row::Entity> {
        self.rows().filter(row::Column::Status.eq(TargetStatus::Approved.code()))
    }

    /// The targets in force for exactly this period.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn in_force(&self, period: Period) -> Result<Vec<Target>> {
        let rows = self.approved().filter(row::Column::Period.eq(period.to_string()));
        rows.all(self.0.connection()).await?.into_iter().map(target_of).collect()
    }

    /// Every target in force, of every indicator and period.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn all_in_force(&self) -> Result<Vec<Target>> {
        let rows = self.approved().order_by_asc(row::Column::Period);
        rows.all(self.0.connection()).await?.into_iter().map(target_of).collect()
    }

    /// The target of one indicator in force for exactly this period.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn in_force_for(
        &self,
        indicator: IndicatorId,
        period: Period,
    ) -> Result<Option<Target>> {
        let found = self
            .approved()
            .filter(row::Column::IndicatorId.eq(indicator.uuid()))
            .filter(row::Column::Period.eq(period.to_string()))
            .one(self.0.connection())
            .await?;
        found.map(target_of).transpose()
    }

    /// Every target of one indicator, superseded ones too, by period and revision.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of_indicator(&self, indicator: IndicatorId) -> Result<Vec<Target>> {
        let rows = self
            .rows()
            .filter(row::Column::IndicatorId.eq(indicator.uuid()))
            .order_by_asc(row::Column::Period)
            .order_by_asc(row::Column::Revision);
        rows.all(self.0.connection()).await?.into_iter().map(target_of).collect()
    }

    /// Puts a target in force; the one in force before is superseded and kept.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `targets_one_per_revision` or `targets_one_in_force` when another was set meanwhile.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of this repository; it names tenant, indicator, period and status"
    )]
    pub async fn add(
        &self,
        indicator: &Granted<Amend, Indicator>,
        new: &NewTarget,
    ) -> Result<Target> {
        row::Entity::update_many()
            .col_expr(row::Column::Status, Expr::value(TargetStatus::Superseded.code()))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::IndicatorId.eq(indicator.id.uuid()))
            .filter(row::Column::Period.eq(new.period().to_string()))
            .filter(row::Column::Status.eq(TargetStatus::Approved.code()))
            .exec(self.0.connection())
            .await?;
        let target = Target {
            id: crate::fresh_id(),
            indicator: indicator.id,
            period: new.period(),
            value: new.value().clone(),
            illustrative: new.illustrative(),
            revision: new.revision(),
            status: TargetStatus::Approved,
            reason: new.reason().map(str::to_owned),
            legal_basis: new.legal_basis().map(str::to_owned),
            set_by: self.0.user(),
            set_at: self.0.now(),
        };
        let (value, range, wording) = match &target.value {
            TargetValue::Exactly(value) => (Some(*value), None, None),
            TargetValue::Range { low, high } => (None, Some((*low, *high)), None),
            TargetValue::Text(wording) => (None, None, Some(wording.clone())),
        };
        let model = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(target.id.uuid()),
            indicator_id: ActiveValue::Set(target.indicator.uuid()),
            period: ActiveValue::Set(target.period.to_string()),
            value: ActiveValue::Set(value),
            low: ActiveValue::Set(range.map(|(low, _)| low)),
            high: ActiveValue::Set(range.map(|(_, high)| high)),
            wording: ActiveValue::Set(wording),
            illustrative: ActiveValue::Set(target.illustrative),
            revision: ActiveValue::Set(target.revision),
            status: ActiveValue::Set(target.status.code().to_owned()),
            reason: ActiveValue::Set(target.reason.clone()),
            legal_basis: ActiveValue::Set(target.legal_basis.clone()),
            set_by: ActiveValue::Set(target.set_by.uuid()),
            set_by_name: ActiveValue::Set(self.0.standing().name.clone()),
            set_at: ActiveValue::Set(target.set_at),
        };
        row::Entity::insert(model).exec_without_returning(self.0.connection()).await?;
        Ok(target)
    }
}

fn target_of(model: row::Model) -> Result<Target> {
    let corrupt = |column| Error::corrupt("targets", column, model.id);
    let value = match (model.value, model.low, model.high, model.wording.clone()) {
        (Some(value), None, None, None) => TargetValue::Exactly(value.normalize()),
        (None, Some(low), Some(high), None) => {
            TargetValue::Range { low: low.normalize(), high: high.normalize() }
        }
        (None, None, None, Some(wording)) => TargetValue::Text(wording),
        _ => return Err(corrupt("value")),
    };
    Ok(Target {
        id: TargetId::from(model.id),
        indicator: IndicatorId::from(model.indicator_id),
        period: model.period.parse().map_err(|_| corrupt("period"))?,
        value,
        illustrative: model.illustrative,
        revision: model.revision,
        status: TargetStatus::from_code(&model.status).ok_or_else(|| corrupt("status"))?,
        reason: model.reason,
        legal_basis: model.legal_basis,
        set_by: UserId::from(model.set_by),
        set_at: model.set_at,
    })
}
