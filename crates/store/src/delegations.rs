//! Delegations: a role that its holder hands to another member for a time.

use chrono::NaiveDate;
use ekinerja_domain::access::{Delegate, Granted, Held, Through};
use ekinerja_domain::ids::{DelegationId, MembershipId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use crate::directory::people::Membership;
use crate::entity::delegation as row;
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// A role handed to another member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// The role that is handed on.
    pub membership: MembershipId,
    /// Who handed it on.
    pub from: UserId,
    /// Their name.
    pub from_name: String,
    /// Who received it.
    pub to: UserId,
    /// Their name.
    pub to_name: String,
    /// Their name for signing in.
    pub to_username: String,
    /// Why.
    pub reason: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; before the first: it never held.
    pub valid_to: NaiveDate,
}

/// The delegations of the transaction's tenant.
#[derive(Debug)]
pub struct Delegations<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The delegations.
    pub fn delegations(&self) -> Delegations<'_> {
        Delegations(self)
    }
}

impl Delegations<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// Every delegation that ever was, the latest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn all(&self) -> Result<Vec<Delegation>> {
        let rows = self.rows().order_by_desc(row::Column::Id).all(self.0.connection()).await?;
        Ok(rows.into_iter().map(delegation_of).collect())
    }

    /// One delegation.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, id: DelegationId) -> Result<Option<Delegation>> {
        let found =
            self.rows().filter(row::Column::Id.eq(id.uuid())).one(self.0.connection()).await?;
        Ok(found.map(delegation_of))
    }

    /// Hands a role to a member.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `delegations_two_people` when giver and receiver are one.
    pub async fn add(
        &self,
        held: &Granted<Delegate, Held>,
        to: &Membership,
        days: (NaiveDate, NaiveDate),
        reason: Option<String>,
    ) -> Result<Delegation> {
        // The policy grants only what was given to oneself.
        let Through::Appointment { membership, .. } = held.through else {
            return Err(Error::Denied(ekinerja_domain::access::Denied::Forbidden));
        };
        let id: DelegationId = crate::fresh_id();
        let (valid_from, valid_to) = days;
        let from = self.0.standing();
        let line = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(id.uuid()),
            membership_id: ActiveValue::Set(membership.uuid()),
            from_user_id: ActiveValue::Set(from.user.uuid()),
            from_name: ActiveValue::Set(from.name.clone()),
            to_user_id: ActiveValue::Set(to.user.uuid()),
            to_name: ActiveValue::Set(to.name.clone()),
            to_username: ActiveValue::Set(to.username.clone()),
            reason: ActiveValue::Set(reason.clone()),
            valid_from: ActiveValue::Set(valid_from),
            valid_to: ActiveValue::Set(valid_to),
            created_at: ActiveValue::Set(self.0.now()),
        };
        row::Entity::insert(line).exec_without_returning(self.0.connection()).await?;
        Ok(Delegation {
            id,
            membership,
            from: from.user,
            from_name: from.name.clone(),
            to: to.user,
            to_name: to.name.clone(),
            to_username: to.username.clone(),
            reason,
            valid_from,
            valid_to,
        })
    }

    /// Ends a delegation: `last` is the last day on which it holds.
    ///
    /// # Errors
    /// [`Error::Stale`] when it is over already.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of this repository; it names tenant and id"
    )]
    pub async fn end(&self, id: DelegationId, last: NaiveDate) -> Result<()> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::ValidTo, Expr::value(last))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::ValidTo.gt(last))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

fn delegation_of(model: row::Model) -> Delegation {
    Delegation {
        id: DelegationId::from(model.id),
        membership: MembershipId::from(model.membership_id),
        from: UserId::from(model.from_user_id),
        from_name: model.from_name,
        to: UserId::from(model.to_user_id),
        to_name: model.to_name,
        to_username: model.to_username,
        reason: model.reason,
        valid_from: model.valid_from,
        valid_to: model.valid_to,
    }
}
