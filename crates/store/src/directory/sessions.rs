//! Sessions of browsers, and the sign-ins that each holds: at most one per government.
//!
//! Only a hash of the session's secret is kept. A sign-in is a local account's, which enters the governments
//! that let it, or an identity provider's, which enters the one government whose provider it is.

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::{SessionId, SignInId, TenantId, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};
use sha2::{Digest, Sha256};

use crate::change::Access;
use crate::directory::DirectoryTx;
use crate::entity::{session as row, sign_in};
use crate::error::{Error, Result};

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

/// A running session of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// When it was last used.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// Browser and machine, in a few words; empty when they are not known.
    pub device: String,
}

/// By which way somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// With the password of a local account.
    Local,
    /// At the identity provider of one government.
    Provider {
        /// The only government that this sign-in enters.
        tenant: TenantId,
        /// The provider.
        issuer: String,
        /// The person, as the provider names them.
        subject: String,
    },
}

impl Way {
    /// The one government that it enters; none for a local account.
    pub fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Local => None,
            Self::Provider { tenant, .. } => Some(*tenant),
        }
    }
}

/// A sign-in of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// The session that holds it.
    pub session: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// By which way.
    pub way: Way,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
}

/// A sign-in that shall be added to a session.
#[derive(Debug, Clone)]
pub struct NewSignIn {
    /// Who signed in.
    pub user: UserId,
    /// By which way.
    pub way: Way,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// What the provider wants to see at the sign-out, sealed.
    pub id_token: Option<Vec<u8>>,
}

impl DirectoryTx {
    #[expect(clippy::disallowed_methods, reason = "sessions belong to no tenant")]
    fn session_rows(&self) -> Select<row::Entity> {
        row::Entity::find()
            .filter(row::Column::EndedAt.is_null())
            .filter(row::Column::ExpiresAt.gt(self.now()))
    }

    #[expect(clippy::disallowed_methods, reason = "sign-ins are read by session or by person")]
    fn sign_in_rows(&self) -> Select<sign_in::Entity> {
        sign_in::Entity::find()
            .filter(sign_in::Column::EndedAt.is_null())
            .filter(sign_in::Column::ExpiresAt.gt(self.now()))
    }

    /// Starts a session, which is worth nothing until it is given a sign-in.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_session(
        &self,
        token: &SessionToken,
        device: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<Session> {
        let id: SessionId = crate::fresh_id();
        let line = row::ActiveModel {
            id: ActiveValue::Set(id.uuid()),
            token_hash: ActiveValue::Set(token.hash()),
            created_at: ActiveValue::Set(self.now()),
            last_seen_at: ActiveValue::Set(self.now()),
            expires_at: ActiveValue::Set(expires_at),
            ended_at: ActiveValue::Set(None),
            device: ActiveValue::Set(device.to_owned()),
        };
        row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(Session { id, last_seen_at: self.now(), expires_at, device: device.to_owned() })
    }

    /// Gives a running session a new secret, so that who knew the old one is out, and a later end.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named session")]
    pub async fn renew_session(
        &self,
        session: Session,
        token: &SessionToken,
        device: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<Session> {
        row::Entity::update_many()
            .col_expr(row::Column::TokenHash, Expr::value(token.hash()))
            .col_expr(row::Column::Device, Expr::value(device))
            .col_expr(row::Column::LastSeenAt, Expr::value(self.now()))
            .col_expr(row::Column::ExpiresAt, Expr::value(expires_at))
            .filter(row::Column::Id.eq(session.id.uuid()))
            .exec(self.connection())
            .await?;
        self.forget(Access::Session(session.id));
        let device = device.to_owned();
        Ok(Session { last_seen_at: self.now(), expires_at, device, ..session })
    }

    /// Adds a sign-in to a session, in place of the one that it holds for the same government.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "ends one sign-in of the named session")]
    pub async fn add_sign_in(&self, session: SessionId, new: NewSignIn) -> Result<SignIn> {
        let same = match new.way.tenant() {
            Some(tenant) => sign_in::Column::OnlyTenant.eq(tenant.uuid()),
            None => sign_in::Column::OnlyTenant.is_null(),
        };
        sign_in::Entity::update_many()
            .col_expr(sign_in::Column::EndedAt, Expr::value(self.now()))
            .filter(sign_in::Column::SessionId.eq(session.uuid()))
            .filter(sign_in::Column::EndedAt.is_null())
            .filter(same)
            .exec(self.connection())
            .await?;
        let id: SignInId = crate::fresh_id();
        let (only_tenant, issuer, subject) = match &new.way {
            Way::Local => (None, None, None),
            Way::Provider { tenant, issuer, subject } => {
                (Some(tenant.uuid()), Some(issuer.clone()), Some(subject.clone()))
            }
        };
        let line = sign_in::ActiveModel {
            id: ActiveValue::Set(id.uuid()),
            session_id: ActiveValue::Set(session.uuid()),
            user_id: ActiveValue::Set(new.user.uuid()),
            only_tenant: ActiveValue::Set(only_tenant),
            issuer: ActiveValue::Set(issuer),
            subject: ActiveValue::Set(subject),
            id_token: ActiveValue::Set(new.id_token),
            created_at: ActiveValue::Set(self.now()),
            expires_at: ActiveValue::Set(new.expires_at),
            ended_at: ActiveValue::Set(None),
        };
        sign_in::Entity::insert(line).exec_without_returning(self.connection()).await?;
        self.forget(Access::Session(session));
        let (user, way, expires_at) = (new.user, new.way, new.expires_at);
        Ok(SignIn { id, session, user, way, created_at: self.now(), expires_at })
    }

    /// The running session with this token.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_session(&self, token: &SessionToken) -> Result<Option<Session>> {
        let select = self.session_rows().filter(row::Column::TokenHash.eq(token.hash()));
        Ok(select.one(self.connection()).await?.map(session_of))
    }

    /// The running sign-ins of a session, the newest last.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn sign_ins_of(&self, session: SessionId) -> Result<Vec<SignIn>> {
        let rows = self
            .sign_in_rows()
            .filter(sign_in::Column::SessionId.eq(session.uuid()))
            .order_by_asc(sign_in::Column::CreatedAt)
            .all(self.connection())
            .await?;
        rows.into_iter().map(sign_in_of).collect()
    }

    /// The running sign-ins of a person by the same way (a local account's are everywhere, a provider's those of
    /// its government), each with its session, the newest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn sign_ins_like(&self, user: UserId, way: &Way) -> Result<Vec<(SignIn, Session)>> {
        let same = match way.tenant() {
            Some(tenant) => sign_in::Column::OnlyTenant.eq(tenant.uuid()),
            None => sign_in::Column::OnlyTenant.is_null(),
        };
        let rows = self
            .sign_in_rows()
            .filter(sign_in::Column::UserId.eq(user.uuid()))
            .filter(same)
            .order_by_desc(sign_in::Column::CreatedAt)
            .all(self.connection())
            .await?;
        let ids = rows.iter().map(|it| it.session_id);
        let select = self.session_rows().filter(row::Column::Id.is_in(ids));
        let sessions: Vec<_> =
            select.all(self.connection()).await?.into_iter().map(session_of).collect();
        let mut all = Vec::new();
        for model in rows {
            let one = sign_in_of(model)?;
            if let Some(session) = sessions.iter().find(|it| it.id == one.session) {
                all.push((one, session.clone()));
            }
        }
        Ok(all)
    }

    /// What the provider wants to see at the sign-out, sealed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn id_token_of(&self, id: SignInId) -> Result<Option<Vec<u8>>> {
        let select = self.sign_in_rows().filter(sign_in::Column::Id.eq(id.uuid()));
        Ok(select.one(self.connection()).await?.and_then(|it| it.id_token))
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

    /// Ends one sign-in.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named sign-in")]
    pub async fn end_sign_in(&self, ended: &SignIn) -> Result<()> {
        sign_in::Entity::update_many()
            .col_expr(sign_in::Column::EndedAt, Expr::value(self.now()))
            .col_expr(sign_in::Column::IdToken, Expr::value(Option::<Vec<u8>>::None))
            .filter(sign_in::Column::Id.eq(ended.id.uuid()))
            .filter(sign_in::Column::EndedAt.is_null())
            .exec(self.connection())
            .await?;
        self.forget(Access::Session(ended.session));
        Ok(())
    }

    /// Ends every sign-in of a person at the provider of one government.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn end_provider_sign_ins(&self, tenant: TenantId, user: UserId) -> Result<()> {
        let (issuer, subject) = (String::new(), String::new());
        let way = Way::Provider { tenant, issuer, subject };
        for (one, _) in self.sign_ins_like(user, &way).await? {
            self.end_sign_in(&one).await?;
        }
        Ok(())
    }

    /// Ends every sign-in of a local account but the one of this session: who knew the old password is out.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn end_other_sign_ins(&self, user: UserId, kept: SessionId) -> Result<()> {
        for (one, _) in self.sign_ins_like(user, &Way::Local).await? {
            if one.session != kept {
                self.end_sign_in(&one).await?;
            }
        }
        Ok(())
    }

    /// Ends a session with all its sign-ins.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named session")]
    pub async fn end_session(&self, id: SessionId) -> Result<()> {
        for one in self.sign_ins_of(id).await? {
            self.end_sign_in(&one).await?;
        }
        row::Entity::update_many()
            .col_expr(row::Column::EndedAt, Expr::value(self.now()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::EndedAt.is_null())
            .exec(self.connection())
            .await?;
        self.forget(Access::Session(id));
        Ok(())
    }
}

fn session_of(model: row::Model) -> Session {
    Session {
        id: SessionId::from(model.id),
        last_seen_at: model.last_seen_at,
        expires_at: model.expires_at,
        device: model.device,
    }
}

fn sign_in_of(model: sign_in::Model) -> Result<SignIn> {
    let way = match (model.only_tenant, model.issuer, model.subject) {
        (None, None, None) => Way::Local,
        (Some(tenant), Some(issuer), Some(subject)) => {
            Way::Provider { tenant: TenantId::from(tenant), issuer, subject }
        }
        _ => return Err(Error::corrupt("sign_ins", "issuer", model.id)),
    };
    Ok(SignIn {
        id: SignInId::from(model.id),
        session: SessionId::from(model.session_id),
        user: UserId::from(model.user_id),
        way,
        created_at: model.created_at,
        expires_at: model.expires_at,
    })
}
