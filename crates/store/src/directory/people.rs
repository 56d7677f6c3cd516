//! People and their roles in tenants. Entering a tenant is reading a membership here.

use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_domain::access::{Grant, Role, Scope};
use ekinerja_domain::ids::{AgencyId, MembershipId, PostId, TenantId, UserId};
use ekinerja_domain::tenant::Tenant;

pub use ekinerja_domain::access::Acting;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ActiveValue, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use crate::change::Access;
use crate::directory::DirectoryTx;
use crate::entity::{membership, tenant, user};
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their name for signing in, lower case.
    pub username: String,
    /// Their name.
    pub name: String,
    /// Whether they are a platform operator.
    pub is_operator: bool,
    /// Whether they may not sign in any more.
    pub disabled: bool,
    /// Whether somebody else knows their password, so that it must be changed before anything else.
    pub must_change_password: bool,
    /// Since when signing in asks for a code as well; none: the password is enough.
    pub second_factor_at: Option<DateTime<Utc>>,
}

/// A person that shall be known to the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// Their name for signing in.
    pub username: String,
    /// Their name.
    pub name: String,
    /// Their 18-digit employee number.
    pub nip: Option<String>,
    /// PHC string of their password; none until they set one.
    pub password_hash: Option<String>,
    /// Whether they are a platform operator.
    pub is_operator: bool,
    /// Whether somebody else knows the password.
    pub must_change_password: bool,
}

/// A role of a person in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Its id.
    pub id: MembershipId,
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their name for signing in.
    pub username: String,
    /// Role, scope and time.
    pub grant: Grant,
    /// The post they hold, by its name then.
    pub post: Option<String>,
    /// The post in the list of posts.
    pub post_id: Option<PostId>,
    /// Whether they hold it as Plt or Plh.
    pub acting: Option<Acting>,
}

/// A role that shall be given to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMembership {
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// Role, scope and time.
    pub grant: Grant,
    /// The post, by name.
    pub post: Option<String>,
    /// The post in the list of posts; needed for the scope of one's own post.
    pub post_id: Option<PostId>,
    /// Whether as Plt or Plh.
    pub acting: Option<Acting>,
}

impl DirectoryTx {
    #[expect(clippy::disallowed_methods, reason = "people belong to no tenant")]
    pub(super) fn user_rows() -> Select<user::Entity> {
        user::Entity::find()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the directory reads a person's roles in every tenant"
    )]
    fn membership_rows() -> Select<membership::Entity> {
        membership::Entity::find()
    }

    /// The person with this name for signing in, with the password hash.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_user(&self, username: &str) -> Result<Option<(User, Option<String>)>> {
        let username = username.trim().to_lowercase();
        let select = Self::user_rows().filter(user::Column::Username.eq(username));
        let found = select.one(self.connection()).await?;
        Ok(found.map(|model| {
            let hash = model.password_hash.clone();
            (user_of(model), hash)
        }))
    }

    /// The person with this id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_user_by_id(&self, id: UserId) -> Result<Option<User>> {
        let select = Self::user_rows().filter(user::Column::Id.eq(id.uuid()));
        Ok(select.one(self.connection()).await?.map(user_of))
    }

    /// Makes a person known.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `users_username_unique` when the name is taken.
    pub async fn add_user(&self, new: NewUser) -> Result<User> {
        let id: UserId = crate::fresh_id();
        let username = new.username.trim().to_lowercase();
        let line = user::ActiveModel {
            id: ActiveValue::Set(id.uuid()),
            username: ActiveValue::Set(username.clone()),
            name: ActiveValue::Set(new.name.clone()),
            nip: ActiveValue::Set(new.nip),
            password_hash: ActiveValue::Set(new.password_hash),
            is_operator: ActiveValue::Set(new.is_operator),
            must_change_password: ActiveValue::Set(new.must_change_password),
            created_at: ActiveValue::Set(self.now()),
            disabled_at: ActiveValue::Set(None),
            second_factor_at: ActiveValue::Set(None),
        };
        user::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(User {
            id,
            username,
            name: new.name,
            is_operator: new.is_operator,
            disabled: false,
            must_change_password: new.must_change_password,
            second_factor_at: None,
        })
    }

    /// Sets a password that only its owner knows.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named person")]
    pub async fn set_password(&self, id: UserId, password_hash: String) -> Result<()> {
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(password_hash))
            .col_expr(user::Column::MustChangePassword, Expr::value(false))
            .filter(user::Column::Id.eq(id.uuid()))
            .exec(self.connection())
            .await?;
        self.forget(Access::Person(id));
        Ok(())
    }

    /// Sets a password that somebody else knows, and that must be changed before anything else.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named person")]
    pub async fn set_first_password(&self, id: UserId, password_hash: String) -> Result<()> {
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(password_hash))
            .col_expr(user::Column::MustChangePassword, Expr::value(true))
            .filter(user::Column::Id.eq(id.uuid()))
            .exec(self.connection())
            .await?;
        self.forget(Access::Person(id));
        Ok(())
    }

    /// Whether a person was ever given a role in another tenant than this one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_member_elsewhere(&self, tenant: TenantId, person: UserId) -> Result<bool> {
        let found = Self::membership_rows()
            .filter(membership::Column::UserId.eq(person.uuid()))
            .filter(membership::Column::TenantId.ne(tenant.uuid()))
            .one(self.connection())
            .await?;
        Ok(found.is_some())
    }

    /// Every role that a person was ever given in one tenant.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn memberships_of(
        &self,
        tenant: TenantId,
        person: UserId,
    ) -> Result<Vec<Membership>> {
        let rows = Self::membership_rows()
            .filter(membership::Column::TenantId.eq(tenant.uuid()))
            .filter(membership::Column::UserId.eq(person.uuid()))
            .all(self.connection())
            .await?;
        rows.into_iter().map(membership_of).collect()
    }

    /// Gives a person a role in a tenant.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `memberships_agency` when the agency is not the tenant's.
    pub async fn add_membership(&self, person: &User, new: NewMembership) -> Result<Membership> {
        let id: MembershipId = crate::fresh_id();
        let agency = new.grant.scope.agency().map(AgencyId::uuid);
        let line = membership::ActiveModel {
            tenant_id: ActiveValue::Set(new.tenant.uuid()),
            id: ActiveValue::Set(id.uuid()),
            user_id: ActiveValue::Set(new.user.uuid()),
            name: ActiveValue::Set(person.name.clone()),
            username: ActiveValue::Set(person.username.clone()),
            role: ActiveValue::Set(new.grant.role.code().to_owned()),
            agency_id: ActiveValue::Set(agency),
            post: ActiveValue::Set(new.post.clone()),
            acting: ActiveValue::Set(new.acting.map(|acting| acting.code().to_owned())),
            valid_from: ActiveValue::Set(new.grant.valid_from),
            valid_to: ActiveValue::Set(new.grant.valid_to),
            created_at: ActiveValue::Set(self.now()),
            post_id: ActiveValue::Set(new.post_id.map(PostId::uuid)),
            own_post: ActiveValue::Set(matches!(new.grant.scope, Scope::Post(_))),
        };
        membership::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(Membership {
            id,
            tenant: new.tenant,
            user: new.user,
            name: person.name.clone(),
            username: person.username.clone(),
            grant: new.grant,
            post: new.post,
            post_id: new.post_id,
            acting: new.acting,
        })
    }

    /// Ends a role: `last` is the last day on which it holds. Whether the role was found.
    ///
    /// # Errors
    /// The database failed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of memberships; it names tenant and id"
    )]
    pub async fn end_membership(
        &self,
        tenant: TenantId,
        id: MembershipId,
        last: NaiveDate,
    ) -> Result<bool> {
        let done = membership::Entity::update_many()
            .col_expr(membership::Column::ValidTo, Expr::value(last))
            .filter(membership::Column::TenantId.eq(tenant.uuid()))
            .filter(membership::Column::Id.eq(id.uuid()))
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// The tenants in which a person holds a role today, by code.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn tenants_of(&self, person: UserId) -> Result<Vec<Tenant>> {
        let today = self.now().date_naive();
        let rows = Self::membership_rows()
            .filter(membership::Column::UserId.eq(person.uuid()))
            .all(self.connection())
            .await?;
        let mut ids = Vec::new();
        for model in rows {
            let membership = membership_of(model)?;
            if membership.grant.holds_on(today) {
                ids.push(membership.tenant.uuid());
            }
        }
        let select = Self::tenant_rows()
            .filter(tenant::Column::Id.is_in(ids))
            .order_by_asc(tenant::Column::Code);
        let rows = select.all(self.connection()).await?;
        rows.into_iter().map(|model| super::tenants::tenant_of(model.into())).collect()
    }

    /// Every account of the person whose account this is: those with the same employee number, this one first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn accounts_of(&self, person: UserId) -> Result<Vec<UserId>> {
        let people = self.people_like(&[person.uuid()]).await?;
        Ok(accounts_in(&people, person.uuid()))
    }

    /// The accounts with these ids and all that share an employee number with one of them.
    pub(super) async fn people_like(&self, ids: &[Uuid]) -> Result<Vec<user::Model>> {
        let numbers = Query::select()
            .column(user::Column::Nip)
            .from(user::Entity)
            .and_where(user::Column::Id.is_in(ids.to_vec()))
            .and_where(user::Column::Nip.is_not_null())
            .to_owned();
        let either = Condition::any()
            .add(user::Column::Id.is_in(ids.to_vec()))
            .add(user::Column::Nip.in_subquery(numbers));
        Ok(Self::user_rows().filter(either).all(self.connection()).await?)
    }

    /// Every role that was ever given in a tenant, or to one person of it.
    pub(super) async fn memberships_in(
        &self,
        tenant: TenantId,
        filter: Condition,
    ) -> Result<Vec<Membership>> {
        let select = Self::membership_rows()
            .filter(membership::Column::TenantId.eq(tenant.uuid()))
            .filter(filter);
        select.all(self.connection()).await?.into_iter().map(membership_of).collect()
    }

    /// Who holds or held a post.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn holders_of(&self, tenant: TenantId, post: PostId) -> Result<Vec<Membership>> {
        let of_post = Condition::all().add(membership::Column::PostId.eq(post.uuid()));
        self.memberships_in(tenant, of_post).await
    }
}

/// The account itself and the others with its employee number.
pub(super) fn accounts_in(people: &[user::Model], account: Uuid) -> Vec<UserId> {
    let number = people.iter().find(|it| it.id == account).and_then(|it| it.nip.as_ref());
    let others = people
        .iter()
        .filter(|it| it.id != account && number.is_some() && it.nip.as_ref() == number)
        .map(|it| UserId::from(it.id));
    std::iter::once(UserId::from(account)).chain(others).collect()
}

impl TenantTx {
    #[expect(clippy::disallowed_methods, reason = "the one select of members; it adds the tenant")]
    fn member_rows(&self) -> Select<membership::Entity> {
        membership::Entity::find().filter(membership::Column::TenantId.eq(self.tenant_id().uuid()))
    }

    /// Every role that was ever given in the tenant, by name.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn members(&self) -> Result<Vec<Membership>> {
        let select = self
            .member_rows()
            .order_by_asc(membership::Column::Name)
            .order_by_asc(membership::Column::ValidFrom);
        let rows = select.all(self.connection()).await?;
        rows.into_iter().map(membership_of).collect()
    }
}

pub(super) fn user_of(model: user::Model) -> User {
    User {
        id: UserId::from(model.id),
        username: model.username,
        name: model.name,
        is_operator: model.is_operator,
        disabled: model.disabled_at.is_some(),
        must_change_password: model.must_change_password,
        second_factor_at: model.second_factor_at,
    }
}

fn membership_of(model: membership::Model) -> Result<Membership> {
    let corrupt = |column| Error::corrupt("memberships", column, model.id);
    let role = Role::from_code(&model.role).ok_or_else(|| corrupt("role"))?;
    let acting = model
        .acting
        .as_deref()
        .map(|code| Acting::from_code(code).ok_or_else(|| corrupt("acting")))
        .transpose()?;
    let scope = match model.agency_id.map(AgencyId::from) {
        None => Scope::Tenant,
        Some(agency) if model.own_post => Scope::Post(agency),
        Some(agency) => Scope::Agency(agency),
    };
    Ok(Membership {
        id: MembershipId::from(model.id),
        tenant: TenantId::from(model.tenant_id),
        user: UserId::from(model.user_id),
        name: model.name,
        username: model.username,
        grant: Grant { role, scope, valid_from: model.valid_from, valid_to: model.valid_to },
        post: model.post,
        post_id: model.post_id.map(PostId::from),
        acting,
    })
}
