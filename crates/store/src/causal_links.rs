//! Links of cause and effect between the objectives of a plan: the arrows of the strategy map.

use ekinerja_domain::access::{Amend, Granted};
use ekinerja_domain::ids::{CausalLinkId, PlanId, PlanNodeId};
use ekinerja_domain::plan::MediumTermPlan;
use ekinerja_domain::strategy_map::{CausalLink, LinkStrength};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use crate::entity::causal_link as row;
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// A link as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCausalLink {
    /// The objective that drives.
    pub from: PlanNodeId,
    /// The objective that it is believed to move.
    pub to: PlanNodeId,
    /// Why, in words.
    pub hypothesis: String,
    /// How strongly.
    pub strength: Option<LinkStrength>,
    /// After how many periods.
    pub lag_periods: Option<i32>,
}

/// The links of the transaction's tenant.
#[derive(Debug)]
pub struct CausalLinks<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The links of cause and effect.
    pub fn causal_links(&self) -> CausalLinks<'_> {
        CausalLinks(self)
    }
}

impl CausalLinks<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// The links of a plan, the oldest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of_plan(&self, plan: PlanId) -> Result<Vec<CausalLink>> {
        let select =
            self.rows().filter(row::Column::PlanId.eq(plan.uuid())).order_by_asc(row::Column::Id);
        select.all(self.0.connection()).await?.into_iter().map(link_of).collect()
    }

    /// One link.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find(&self, id: CausalLinkId) -> Result<Option<CausalLink>> {
        let select = self.rows().filter(row::Column::Id.eq(id.uuid()));
        select.one(self.0.connection()).await?.map(link_of).transpose()
    }

    /// Draws a link; the caller has checked its ends while it held the plan.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `causal_links_one_per_pair`.
    pub async fn add(
        &self,
        plan: &Granted<Amend, MediumTermPlan>,
        new: NewCausalLink,
    ) -> Result<CausalLink> {
        let id: CausalLinkId = crate::fresh_id();
        let NewCausalLink { from, to, hypothesis, strength, lag_periods } = new;
        let model = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(id.uuid()),
            plan_id: ActiveValue::Set(plan.id.uuid()),
            from_id: ActiveValue::Set(from.uuid()),
            to_id: ActiveValue::Set(to.uuid()),
            hypothesis: ActiveValue::Set(hypothesis.clone()),
            strength: ActiveValue::Set(strength.map(|it| it.code().to_owned())),
            lag_periods: ActiveValue::Set(lag_periods),
            revision: ActiveValue::Set(1),
        };
        row::Entity::insert(model).exec_without_returning(self.0.connection()).await?;
        Ok(CausalLink {
            id,
            plan: plan.id,
            from,
            to,
            hypothesis,
            strength,
            lag_periods,
            revision: 1,
        })
    }

    /// Changes a link that was read at `revision`; the caller has checked its ends while it held the plan.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since; [`Error::Conflict`] with `causal_links_one_per_pair`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of links; it names tenant, id and revision"
    )]
    pub async fn amend(
        &self,
        _permit: &Granted<Amend, MediumTermPlan>,
        id: CausalLinkId,
        revision: i32,
        change: NewCausalLink,
    ) -> Result<()> {
        let strength = change.strength.map(|it| it.code().to_owned());
        let done = row::Entity::update_many()
            .col_expr(row::Column::FromId, Expr::value(change.from.uuid()))
            .col_expr(row::Column::ToId, Expr::value(change.to.uuid()))
            .col_expr(row::Column::Hypothesis, Expr::value(change.hypothesis))
            .col_expr(row::Column::Strength, Expr::value(strength))
            .col_expr(row::Column::LagPeriods, Expr::value(change.lag_periods))
            .col_expr(row::Column::Revision, Expr::value(revision + 1))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Takes a link away that was read at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only delete of links; it names tenant, id and revision"
    )]
    pub async fn remove(
        &self,
        _permit: &Granted<Amend, MediumTermPlan>,
        id: CausalLinkId,
        revision: i32,
    ) -> Result<()> {
        let done = row::Entity::delete_many()
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

fn link_of(model: row::Model) -> Result<CausalLink> {
    let strength = match model.strength.as_deref() {
        None => None,
        Some(code) => Some(
            LinkStrength::from_code(code)
                .ok_or_else(|| Error::corrupt("causal_links", "strength", model.id))?,
        ),
    };
    Ok(CausalLink {
        id: CausalLinkId::from(model.id),
        plan: PlanId::from(model.plan_id),
        from: PlanNodeId::from(model.from_id),
        to: PlanNodeId::from(model.to_id),
        hypothesis: model.hypothesis,
        strength,
        lag_periods: model.lag_periods,
        revision: model.revision,
    })
}
