//! The second factor of local accounts: the sealed key of its codes, recovery codes, sign-ins that wait for a
//! code, and for whom of a government it is obligatory.

use chrono::{DateTime, Utc};
use ekinerja_domain::access::Role;
use ekinerja_domain::ids::{TenantId, UserId};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, Select,
};

use super::identity::hash;
use crate::change::Access;
use crate::directory::DirectoryTx;
use crate::entity::{
    pending_second_step as pending, recovery_code as recovery, second_factor as row,
    second_factor_rule as rule, user,
};
use crate::error::{Error, Result};

/// The second factor of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The key of its codes, sealed.
    pub secret: Vec<u8>,
    /// Whether a code has shown that the person holds the key.
    pub confirmed: bool,
    /// The time step of the last code that was taken.
    pub last_step: i64,
    /// Wrong codes in a row, the running try included.
    pub failures: i32,
}

impl std::fmt::Debug for SecondFactor {
    /// Never shows the key, not even sealed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor").field("confirmed", &self.confirmed).finish_non_exhaustive()
    }
}

/// For whom of a government the second factor is obligatory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecondFactorRule {
    /// The roles.
    pub roles: Vec<Role>,
    /// Counts the changes; 0: never set.
    pub revision: i32,
}

impl DirectoryTx {
    #[expect(clippy::disallowed_methods, reason = "the one select of factors; it names the person")]
    fn factor_rows(person: UserId) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::UserId.eq(person.uuid()))
    }

    /// The second factor of an account, also one that is not confirmed yet.
    ///
    /// # Errors
    /// The database failed.
    pub async fn second_factor(&self, person: UserId) -> Result<Option<SecondFactor>> {
        Ok(Self::factor_rows(person).one(self.connection()).await?.map(factor_of))
    }

    /// Keeps a key that is not confirmed yet, in place of an earlier one that never was. Whether it was kept: a
    /// confirmed one stays.
    ///
    /// # Errors
    /// The database failed.
    pub async fn begin_second_factor(&self, person: UserId, secret: Vec<u8>) -> Result<bool> {
        let line = row::ActiveModel {
            user_id: ActiveValue::Set(person.uuid()),
            secret: ActiveValue::Set(secret),
            confirmed: ActiveValue::Set(false),
            last_step: ActiveValue::Set(0),
            failures: ActiveValue::Set(0),
            blocked_until: ActiveValue::Set(None),
            created_at: ActiveValue::Set(self.now()),
        };
        let mut replace = OnConflict::column(row::Column::UserId);
        replace
            .update_columns([row::Column::Secret, row::Column::CreatedAt])
            .action_and_where(Expr::col((row::Entity, row::Column::Confirmed)).eq(false));
        let done = row::Entity::insert(line)
            .on_conflict(replace)
            .exec_without_returning(self.connection())
            .await?;
        Ok(done == 1)
    }

    /// Counts one more try of a code, which also makes tries at the same moment wait for one another. None when
    /// no code is tried now.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named person's")]
    pub async fn begin_try(&self, person: UserId) -> Result<Option<SecondFactor>> {
        let open = Condition::any()
            .add(row::Column::BlockedUntil.is_null())
            .add(row::Column::BlockedUntil.lte(self.now()));
        let counted = row::Entity::update_many()
            .col_expr(row::Column::Failures, Expr::col(row::Column::Failures).add(1))
            .filter(row::Column::UserId.eq(person.uuid()))
            .filter(open)
            .exec(self.connection())
            .await?;
        if counted.rows_affected == 0 {
            return Ok(None);
        }
        self.second_factor(person).await
    }

    /// Takes no code of an account until then, and counts anew afterwards.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named person's")]
    pub async fn block_codes(&self, person: UserId, until: DateTime<Utc>) -> Result<()> {
        row::Entity::update_many()
            .col_expr(row::Column::Failures, Expr::value(0))
            .col_expr(row::Column::BlockedUntil, Expr::value(until))
            .filter(row::Column::UserId.eq(person.uuid()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Takes the code of a time step, unless it or a later one was taken before. Whether it was taken.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named person's")]
    pub async fn take_step(&self, person: UserId, step: i64) -> Result<bool> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::LastStep, Expr::value(step))
            .col_expr(row::Column::Failures, Expr::value(0))
            .filter(row::Column::UserId.eq(person.uuid()))
            .filter(row::Column::LastStep.lt(step))
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Takes a recovery code. Whether there was one that nobody had used.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named person's")]
    pub async fn take_recovery_code(&self, person: UserId, code: &str) -> Result<bool> {
        let done = recovery::Entity::update_many()
            .col_expr(recovery::Column::UsedAt, Expr::value(self.now()))
            .filter(recovery::Column::UserId.eq(person.uuid()))
            .filter(recovery::Column::CodeHash.eq(hash(code)))
            .filter(recovery::Column::UsedAt.is_null())
            .exec(self.connection())
            .await?;
        if done.rows_affected == 0 {
            return Ok(false);
        }
        row::Entity::update_many()
            .col_expr(row::Column::Failures, Expr::value(0))
            .filter(row::Column::UserId.eq(person.uuid()))
            .exec(self.connection())
            .await?;
        Ok(true)
    }

    /// How many recovery codes of an account nobody has used.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "counts the codes of the one named person")]
    pub async fn recovery_codes_left(&self, person: UserId) -> Result<u64> {
        let left = recovery::Entity::find()
            .filter(recovery::Column::UserId.eq(person.uuid()))
            .filter(recovery::Column::UsedAt.is_null())
            .count(self.connection())
            .await?;
        Ok(left)
    }

    /// Puts recovery codes in place of those that there were.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put_recovery_codes(&self, person: UserId, codes: &[String]) -> Result<()> {
        self.remove_recovery_codes(person).await?;
        let line = |code: &String| recovery::ActiveModel {
            user_id: ActiveValue::Set(person.uuid()),
            code_hash: ActiveValue::Set(hash(code)),
            used_at: ActiveValue::Set(None),
        };
        recovery::Entity::insert_many(codes.iter().map(line))
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "the codes of the one named person")]
    async fn remove_recovery_codes(&self, person: UserId) -> Result<()> {
        recovery::Entity::delete_many()
            .filter(recovery::Column::UserId.eq(person.uuid()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Says that the person holds the key: from now on signing in asks for a code.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named person's")]
    pub async fn confirm_second_factor(&self, person: UserId) -> Result<()> {
        row::Entity::update_many()
            .col_expr(row::Column::Confirmed, Expr::value(true))
            .filter(row::Column::UserId.eq(person.uuid()))
            .exec(self.connection())
            .await?;
        self.note_second_factor(person, Some(self.now())).await
    }

    /// Takes the second factor of an account away, with its recovery codes.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the factor of the one named person")]
    pub async fn remove_second_factor(&self, person: UserId) -> Result<()> {
        self.remove_recovery_codes(person).await?;
        row::Entity::delete_many()
            .filter(row::Column::UserId.eq(person.uuid()))
            .exec(self.connection())
            .await?;
        self.note_second_factor(person, None).await
    }

    #[expect(clippy::disallowed_methods, reason = "an update of the one named person")]
    async fn note_second_factor(&self, person: UserId, since: Option<DateTime<Utc>>) -> Result<()> {
        user::Entity::update_many()
            .col_expr(user::Column::SecondFactorAt, Expr::value(since))
            .filter(user::Column::Id.eq(person.uuid()))
            .exec(self.connection())
            .await?;
        self.forget(Access::Person(person));
        Ok(())
    }

    /// Keeps a sign-in whose password was right, and throws away those that never came back.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "what is too late belongs to nobody any more")]
    pub async fn add_pending_step(
        &self,
        token: &str,
        person: UserId,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        pending::Entity::delete_many()
            .filter(pending::Column::ExpiresAt.lt(self.now()))
            .exec(self.connection())
            .await?;
        let line = pending::ActiveModel {
            token_hash: ActiveValue::Set(hash(token)),
            user_id: ActiveValue::Set(person.uuid()),
            created_at: ActiveValue::Set(self.now()),
            expires_at: ActiveValue::Set(expires_at),
        };
        pending::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Whose sign-in waits under this token.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the one row that the token names")]
    pub async fn find_pending_step(&self, token: &str) -> Result<Option<UserId>> {
        let found = pending::Entity::find()
            .filter(pending::Column::TokenHash.eq(hash(token)))
            .filter(pending::Column::ExpiresAt.gt(self.now()))
            .one(self.connection())
            .await?;
        Ok(found.map(|it| UserId::from(it.user_id)))
    }

    /// Takes a waiting sign-in out. Whether it was there: of two at the same moment one finds it.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the one row that the token names")]
    pub async fn take_pending_step(&self, token: &str) -> Result<bool> {
        let gone = pending::Entity::delete_many()
            .filter(pending::Column::TokenHash.eq(hash(token)))
            .exec(self.connection())
            .await?;
        Ok(gone.rows_affected == 1)
    }

    /// For whom of a government the second factor is obligatory, beyond what the platform asks.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(clippy::disallowed_methods, reason = "the one select of rules; it adds the tenant")]
    pub async fn second_factor_rule(&self, tenant: TenantId) -> Result<SecondFactorRule> {
        let found = rule::Entity::find()
            .filter(rule::Column::TenantId.eq(tenant.uuid()))
            .one(self.connection())
            .await?;
        let Some(found) = found else { return Ok(SecondFactorRule::default()) };
        let role = |code: &String| {
            Role::from_code(code)
                .ok_or_else(|| Error::corrupt("second_factor_rules", "roles", found.tenant_id))
        };
        let roles = found.roles.iter().map(role).collect::<Result<_>>()?;
        Ok(SecondFactorRule { roles, revision: found.revision })
    }

    /// Puts the rule of a government in place of the one that was read. The new revision.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named government's")]
    pub async fn put_second_factor_rule(
        &self,
        tenant: TenantId,
        new: &SecondFactorRule,
    ) -> Result<i32> {
        let revision = new.revision + 1;
        let roles: Vec<String> = new.roles.iter().map(|it| it.code().to_owned()).collect();
        let done = if new.revision == 0 {
            let line = rule::ActiveModel {
                tenant_id: ActiveValue::Set(tenant.uuid()),
                roles: ActiveValue::Set(roles),
                revision: ActiveValue::Set(revision),
                updated_at: ActiveValue::Set(self.now()),
            };
            let nothing = OnConflict::column(rule::Column::TenantId).do_nothing().to_owned();
            rule::Entity::insert(line)
                .on_conflict(nothing)
                .exec_without_returning(self.connection())
                .await?
        } else {
            rule::Entity::update_many()
                .col_expr(rule::Column::Roles, Expr::value(roles))
                .col_expr(rule::Column::Revision, Expr::value(revision))
                .col_expr(rule::Column::UpdatedAt, Expr::value(self.now()))
                .filter(rule::Column::TenantId.eq(tenant.uuid()))
                .filter(rule::Column::Revision.eq(new.revision))
                .exec(self.connection())
                .await?
                .rows_affected
        };
        if done == 1 { Ok(revision) } else { Err(Error::Stale) }
    }
}

fn factor_of(model: row::Model) -> SecondFactor {
    SecondFactor {
        secret: model.secret,
        confirmed: model.confirmed,
        last_step: model.last_step,
        failures: model.failures,
    }
}
