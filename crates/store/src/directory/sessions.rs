//! Sessions: one row per sign-in. Only a hash of the token is kept.

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::{SessionId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};

use crate::directory::DirectoryTx;
use crate::entity::session as row;
use crate::error::Result;

/// The secret in a person's cookie; its hash is what is stored.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionToken(String);

impl std::fmt::Debug for SessionToken {
    /// Never shows the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

impl From<String> for SessionToken {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl SessionToken {
    /// The secret itself, for the cookie.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

/// A running session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When it was last used.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

impl DirectoryTx {
    /// Starts a session.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_session(
        &self,
        user: UserId,
        token: &SessionToken,
        expires_at: DateTime<Utc>,
    ) -> Result<Session> {
        let id: SessionId = crate::fresh_id();
        let line = row::ActiveModel {
            id: ActiveValue::Set(id.uuid()),
            token_hash: ActiveValue::Set(token.hash()),
            user_id: ActiveValue::Set(user.uuid()),
            created_at: ActiveValue::Set(self.now()),
            last_seen_at: ActiveValue::Set(self.now()),
            expires_at: ActiveValue::Set(expires_at),
            ended_at: ActiveValue::Set(None),
        };
        row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(Session { id, user, last_seen_at: self.now(), expires_at })
    }

    /// The running session with this token.
    ///
    /// # Errors
    /// The database failed.
    #[expect(
        clippy::disallowed_methods,
        reason = "sessions belong to no tenant; the token is the key"
    )]
    pub async fn find_session(&self, token: &SessionToken) -> Result<Option<Session>> {
        let found = row::Entity::find()
            .filter(row::Column::TokenHash.eq(token.hash()))
            .filter(row::Column::EndedAt.is_null())
            .filter(row::Column::ExpiresAt.gt(self.now()))
            .one(self.connection())
            .await?;
        Ok(found.map(|model| Session {
            id: SessionId::from(model.id),
            user: UserId::from(model.user_id),
            last_seen_at: model.last_seen_at,
            expires_at: model.expires_at,
        }))
    }

    /// Notes that a session was used now.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named session")]
    pub async fn touch_session(&self, id: SessionId) -> Result<()> {
        row::Entity::update_many()
            .col_expr(row::Column::LastSeenAt, Expr::value(self.now()))
            .filter(row::Column::Id.eq(id.uuid()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Ends every session of a person but this one: who knew the old password is out.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named person's sessions")]
    pub async fn end_other_sessions(&self, user: UserId, kept: SessionId) -> Result<()> {
        row::Entity::update_many()
            .col_expr(row::Column::EndedAt, Expr::value(self.now()))
            .filter(row::Column::UserId.eq(user.uuid()))
            .filter(row::Column::Id.ne(kept.uuid()))
            .filter(row::Column::EndedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named session")]
    pub async fn end_session(&self, id: SessionId) -> Result<()> {
        row::Entity::update_many()
            .col_expr(row::Column::EndedAt, Expr::value(self.now()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::EndedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
