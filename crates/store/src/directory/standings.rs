//! The standings of people in a tenant: their roles that hold now, by appointment and by delegation.

use ekinerja_domain::access::{Held, Standing, Through};
use ekinerja_domain::ids::{DelegationId, UserId};
use ekinerja_domain::tenant::Tenant;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};
use uuid::Uuid;

use super::people::{Membership, User, accounts_in};
use crate::directory::DirectoryTx;
use crate::entity::{delegation, membership, user};
use crate::error::Result;
use crate::tenant::TenantScope;

impl DirectoryTx {
    #[expect(
        clippy::disallowed_methods,
        reason = "entering a tenant reads what was delegated to a person there"
    )]
    fn delegation_rows() -> Select<delegation::Entity> {
        delegation::Entity::find()
    }

    /// Lets a person into a tenant in which they hold a role at this moment; otherwise none. Nobody enters one that
    /// is suspended.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn enter(&self, person: &User, tenant: Tenant) -> Result<Option<TenantScope>> {
        if person.disabled || !tenant.state.lets_in() {
            return Ok(None);
        }
        let standing = self.standings(&tenant, Some(person.id)).await?.pop();
        Ok(standing.map(|standing| TenantScope {
            standing,
            tenant,
            request: None,
            session: None,
            once: None,
            emergencies: None,
        }))
    }

    /// Who may enter a tenant at this moment and with which roles: everybody, or one person.
    ///
    /// A delegation holds for who has a role of their own as long as its giver holds what they gave.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn standings(&self, tenant: &Tenant, only: Option<UserId>) -> Result<Vec<Standing>> {
        let own = only.map(|it| membership::Column::UserId.eq(it.uuid()));
        let given = Condition::all().add_option(own);
        let mut memberships = self.memberships_in(tenant.id, given).await?;
        let received = only.map(|it| delegation::Column::ToUserId.eq(it.uuid()));
        let delegations = Self::delegation_rows()
            .filter(delegation::Column::TenantId.eq(tenant.id.uuid()))
            .filter(Condition::all().add_option(received))
            .all(self.connection())
            .await?;
        let missing: Vec<Uuid> = delegations
            .iter()
            .map(|it| it.membership_id)
            .filter(|id| memberships.iter().all(|it| it.id.uuid() != *id))
            .collect();
        let mut people: Vec<UserId> = memberships.iter().map(|it| it.user).collect();
        people.sort_unstable();
        people.dedup();
        if !missing.is_empty() {
            let of = Condition::all().add(membership::Column::Id.is_in(missing));
            memberships.extend(self.memberships_in(tenant.id, of).await?);
        }
        let mut known: Vec<Uuid> = people.iter().map(|it| it.uuid()).collect();
        known.extend(delegations.iter().map(|it| it.from_user_id));
        let accounts = self.people_like(&known).await?;
        // Always in the same order: standings are keys of the cache and words of the trail.
        memberships.sort_by_key(|it| (it.grant.role, it.grant.valid_from, it.id));
        let rights = Rights { memberships, delegations, accounts };
        let mut standings: Vec<Standing> =
            people.into_iter().filter_map(|it| self.standing(tenant, it, &rights)).collect();
        standings.sort_by(|a, b| a.name.cmp(&b.name).then(a.user.cmp(&b.user)));
        Ok(standings)
    }

    fn standing(&self, tenant: &Tenant, person: UserId, rights: &Rights) -> Option<Standing> {
        let today = self.now().date_naive();
        let account = rights.account(person.uuid())?;
        let own: Vec<Held> =
            rights.memberships.iter().filter(|it| it.user == person).map(held_of).collect();
        if account.disabled_at.is_some() || !own.iter().any(|held| held.holds_on(today)) {
            return None;
        }
        let received = rights.delegations.iter().filter(|it| it.to_user_id == person.uuid());
        let received = received.filter_map(|it| rights.received(it));
        let mut accounts = accounts_in(&rights.accounts, person.uuid());
        accounts.retain(|it| *it != person);
        let standing = Standing {
            tenant: tenant.id,
            level: tenant.level,
            user: person,
            accounts,
            name: account.name.clone(),
            grants: Vec::new(),
        };
        Some(standing.holding(own.into_iter().chain(received), today))
    }
}

/// What was read to tell who holds what.
struct Rights {
    memberships: Vec<Membership>,
    delegations: Vec<delegation::Model>,
    accounts: Vec<user::Model>,
}

impl Rights {
    fn account(&self, id: Uuid) -> Option<&user::Model> {
        self.accounts.iter().find(|it| it.id == id)
    }

    /// What a person holds by a delegation; nothing of who may not sign in any more.
    fn received(&self, delegation: &delegation::Model) -> Option<Held> {
        let giver = self.account(delegation.from_user_id)?;
        let source = self.memberships.iter().find(|it| it.id.uuid() == delegation.membership_id)?;
        let through = Through::Delegation {
            delegation: DelegationId::from(delegation.id),
            from: accounts_in(&self.accounts, giver.id),
            from_name: delegation.from_name.clone(),
            post: source.post.clone(),
        };
        let days = (delegation.valid_from, delegation.valid_to);
        giver.disabled_at.is_none().then(|| held_of(source).delegated(days, through))
    }
}

/// A role that was given, as it is held.
fn held_of(membership: &Membership) -> Held {
    let Membership { id, grant, post, acting, .. } = membership;
    let through = Through::Appointment { membership: *id, post: post.clone(), acting: *acting };
    Held { grant: *grant, through }
}

impl DirectoryTx {
    /// Ends what was delegated by or to these accounts in a tenant: `last` is the last day on which it holds.
    /// How many were ended.
    ///
    /// # Errors
    /// The database failed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of delegations by the directory; it names tenant and people"
    )]
    pub async fn end_delegations_of(
        &self,
        tenant: ekinerja_domain::ids::TenantId,
        people: &[UserId],
        last: chrono::NaiveDate,
    ) -> Result<u64> {
        let ids: Vec<Uuid> = people.iter().map(|it| it.uuid()).collect();
        let theirs = Condition::any()
            .add(delegation::Column::FromUserId.is_in(ids.clone()))
            .add(delegation::Column::ToUserId.is_in(ids));
        // One that begins later never holds: its last day lies before its first.
        let ended = sea_orm::sea_query::Expr::cust_with_values(
            "greatest($1::date, valid_from - 1)",
            [last],
        );
        let done = delegation::Entity::update_many()
            .col_expr(delegation::Column::ValidTo, ended)
            .filter(delegation::Column::TenantId.eq(tenant.uuid()))
            .filter(delegation::Column::ValidTo.gt(last))
            .filter(theirs)
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected)
    }
}
