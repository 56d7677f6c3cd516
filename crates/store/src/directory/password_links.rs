//! Links that set the password of one account once. Only a hash of each is kept.

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::UserId;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::identity::hash;
use crate::directory::DirectoryTx;
use crate::directory::sessions::Way;
use crate::entity::password_link as row;
use crate::error::Result;

impl DirectoryTx {
    /// Keeps a link, and makes every earlier one of the account worthless.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_password_link(
        &self,
        secret: &str,
        person: UserId,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        self.end_password_links(person).await?;
        let line = row::ActiveModel {
            token_hash: ActiveValue::Set(hash(secret)),
            user_id: ActiveValue::Set(person.uuid()),
            created_at: ActiveValue::Set(self.now()),
            expires_at: ActiveValue::Set(expires_at),
            used_at: ActiveValue::Set(None),
        };
        row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// How many links for an account were given out since then.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "counts the links of the one named person")]
    pub async fn password_links_since(&self, person: UserId, since: DateTime<Utc>) -> Result<u64> {
        let counted = row::Entity::find()
            .filter(row::Column::UserId.eq(person.uuid()))
            .filter(row::Column::CreatedAt.gt(since))
            .count(self.connection())
            .await?;
        Ok(counted)
    }

    /// Makes every link of an account worthless.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the links of the one named person")]
    pub async fn end_password_links(&self, person: UserId) -> Result<()> {
        row::Entity::update_many()
            .col_expr(row::Column::UsedAt, Expr::value(self.now()))
            .filter(row::Column::UserId.eq(person.uuid()))
            .filter(row::Column::UsedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Whose password a link sets; none when it is unknown, used or too old.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the one row that the secret names")]
    pub async fn find_password_link(&self, secret: &str) -> Result<Option<UserId>> {
        let found = row::Entity::find()
            .filter(row::Column::TokenHash.eq(hash(secret)))
            .filter(row::Column::UsedAt.is_null())
            .filter(row::Column::ExpiresAt.gt(self.now()))
            .one(self.connection())
            .await?;
        Ok(found.map(|it| UserId::from(it.user_id)))
    }

    /// Uses a link up. Whose password it sets; of two uses at the same moment one finds it.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the one row that the secret names")]
    pub async fn take_password_link(&self, secret: &str) -> Result<Option<UserId>> {
        let Some(person) = self.find_password_link(secret).await? else { return Ok(None) };
        let used = row::Entity::update_many()
            .col_expr(row::Column::UsedAt, Expr::value(self.now()))
            .filter(row::Column::TokenHash.eq(hash(secret)))
            .filter(row::Column::UsedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok((used.rows_affected == 1).then_some(person))
    }

    /// Ends every sign-in of a local account, in every browser.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn end_local_sign_ins(&self, person: UserId) -> Result<()> {
        for (one, _) in self.sign_ins_like(person, &Way::Local).await? {
            self.end_sign_in(&one).await?;
        }
        Ok(())
    }
}
