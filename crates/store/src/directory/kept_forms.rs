//! What somebody had typed when their session was over, kept sealed until they have signed in again.

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::{TenantId, UserId};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::identity::hash;
use crate::directory::DirectoryTx;
use crate::directory::sessions::SessionToken;
use crate::entity::{kept_form as row, session, sign_in};
use crate::error::Result;

/// How many forms of one person are kept at most; the oldest go first.
const MOST: usize = 5;

impl DirectoryTx {
    /// Who acted in a government under this secret of a session, also when the session is over.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the sign-ins of the one session that is named")]
    pub async fn last_person_of(
        &self,
        token: &SessionToken,
        tenant: TenantId,
    ) -> Result<Option<UserId>> {
        let found = session::Entity::find()
            .filter(session::Column::TokenHash.eq(hash(token.reveal())))
            .one(self.connection())
            .await?;
        let Some(found) = found else { return Ok(None) };
        let all = sign_in::Entity::find()
            .filter(sign_in::Column::SessionId.eq(found.id))
            .order_by_desc(sign_in::Column::CreatedAt)
            .all(self.connection())
            .await?;
        let own = all.iter().find(|it| it.only_tenant == Some(tenant.uuid()));
        let person = own.or_else(|| all.iter().find(|it| it.only_tenant.is_none()));
        Ok(person.map(|it| UserId::from(it.user_id)))
    }

    /// Keeps a sealed form, and throws away what is too old or too much.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "what is too old belongs to nobody any more")]
    pub async fn add_kept_form(
        &self,
        secret: &str,
        person: UserId,
        content: Vec<u8>,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        row::Entity::delete_many()
            .filter(row::Column::ExpiresAt.lt(self.now()))
            .exec(self.connection())
            .await?;
        let mine = row::Entity::find()
            .filter(row::Column::UserId.eq(person.uuid()))
            .order_by_desc(row::Column::CreatedAt)
            .all(self.connection())
            .await?;
        let old = mine.into_iter().skip(MOST - 1).map(|it| it.token_hash);
        row::Entity::delete_many()
            .filter(row::Column::TokenHash.is_in(old))
            .exec(self.connection())
            .await?;
        let line = row::ActiveModel {
            token_hash: ActiveValue::Set(hash(secret)),
            user_id: ActiveValue::Set(person.uuid()),
            content: ActiveValue::Set(content),
            created_at: ActiveValue::Set(self.now()),
            expires_at: ActiveValue::Set(expires_at),
        };
        row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// A kept form and whose it is.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the one row that the secret names")]
    pub async fn find_kept_form(&self, secret: &str) -> Result<Option<(UserId, Vec<u8>)>> {
        let found = row::Entity::find()
            .filter(row::Column::TokenHash.eq(hash(secret)))
            .filter(row::Column::ExpiresAt.gt(self.now()))
            .one(self.connection())
            .await?;
        Ok(found.map(|it| (UserId::from(it.user_id), it.content)))
    }

    /// Throws a kept form away.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the one row that the secret names")]
    pub async fn remove_kept_form(&self, secret: &str) -> Result<()> {
        row::Entity::delete_many()
            .filter(row::Column::TokenHash.eq(hash(secret)))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
