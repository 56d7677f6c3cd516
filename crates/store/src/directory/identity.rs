//! How the people of a government sign in: its identity provider, whom that provider's subjects are, which
//! accounts sign in locally all the same, and sign-ins that have begun and not come back.

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::{TenantId, UserId};
use ekinerja_domain::tenant::Tenant;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, Select};
use sha2::{Digest, Sha256};

use crate::change::Access;
use crate::directory::DirectoryTx;
use crate::directory::account_requests::AccountRequest;
use crate::directory::people::User;
use crate::entity::{
    emergency_account, identity, identity_provider as provider, membership, pending_sign_in,
    tenant, user,
};
use crate::error::{Error, Result};

/// Who may use a local account where the government has an identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalSignIn {
    /// Every member that has one.
    Everybody,
    /// The accounts that are named for emergencies.
    Emergency,
}

impl LocalSignIn {
    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Emergency => "emergency",
        }
    }

    /// The choice with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Everybody, Self::Emergency].into_iter().find(|it| it.code() == code)
    }
}

/// How a local account enters a government.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalWay {
    /// As everybody's there.
    Open,
    /// It is one for emergencies: with a request that runs, and not without.
    Emergency(Option<Box<AccountRequest>>),
    /// Not at all.
    Closed,
}

impl LocalWay {
    /// Whether it enters now.
    pub const fn lets_in(&self) -> bool {
        matches!(self, Self::Open | Self::Emergency(Some(_)))
    }
}

/// The identity provider of a government.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// The government.
    pub tenant: TenantId,
    /// Its address, which its tokens name as well.
    pub issuer: String,
    /// How the provider knows this product.
    pub client_id: String,
    /// The client's secret, sealed; none: the provider asks for none.
    pub client_secret: Option<Vec<u8>>,
    /// What is asked for beside `openid`, separated by spaces.
    pub scopes: String,
    /// The claim that is the NIP.
    pub nip_claim: String,
    /// What stands on the button.
    pub label: String,
    /// Who may sign in locally.
    pub local_sign_in: LocalSignIn,
    /// Whether people sign in there.
    pub enabled: bool,
    /// Counts the changes.
    pub revision: i32,
}

impl std::fmt::Debug for IdentityProvider {
    /// Never shows the secret, not even sealed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityProvider")
            .field("tenant", &self.tenant)
            .field("issuer", &self.issuer)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// A person as a provider names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Their name there.
    pub subject: String,
    /// The account.
    pub user: UserId,
    /// Since when.
    pub linked_at: DateTime<Utc>,
}

/// A sign-in that has begun at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSignIn {
    /// The government.
    pub tenant: TenantId,
    /// Its provider when it began.
    pub issuer: String,
    /// Where the person goes afterwards; a path of this product.
    pub way_back: String,
    /// When it is too late to come back.
    pub expires_at: DateTime<Utc>,
}

pub(super) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

impl DirectoryTx {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of providers; it adds the tenant"
    )]
    fn provider_rows(tenant: TenantId) -> Select<provider::Entity> {
        provider::Entity::find().filter(provider::Column::TenantId.eq(tenant.uuid()))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of identities; it adds the tenant"
    )]
    fn identity_rows(tenant: TenantId) -> Select<identity::Entity> {
        identity::Entity::find().filter(identity::Column::TenantId.eq(tenant.uuid()))
    }

    #[expect(clippy::disallowed_methods, reason = "the one select of them; it adds the tenant")]
    fn emergency_rows(tenant: TenantId) -> Select<emergency_account::Entity> {
        emergency_account::Entity::find()
            .filter(emergency_account::Column::TenantId.eq(tenant.uuid()))
    }

    /// The identity provider of a government, also one that is switched off.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn identity_provider(&self, tenant: TenantId) -> Result<Option<IdentityProvider>> {
        let found = Self::provider_rows(tenant).one(self.connection()).await?;
        found.map(provider_of).transpose()
    }

    /// The governments with a provider that is switched on, by code.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(clippy::disallowed_methods, reason = "the public list of who has a provider")]
    pub async fn tenants_with_provider(&self) -> Result<Vec<Tenant>> {
        let enabled = provider::Entity::find()
            .filter(provider::Column::Enabled.eq(true))
            .all(self.connection())
            .await?;
        let ids = enabled.into_iter().map(|it| it.tenant_id);
        let select = Self::tenant_rows()
            .filter(tenant::Column::Id.is_in(ids))
            .order_by_asc(tenant::Column::Code);
        let rows = select.all(self.connection()).await?;
        rows.into_iter().map(|model| super::tenants::tenant_of(model.into())).collect()
    }

    /// Puts the identity provider of a government in place of the one at `known`, the revision that was read
    /// (0: there was none). The new revision.
    ///
    /// # Errors
    /// [`Error::Stale`] when somebody else was faster.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named government's")]
    pub async fn put_identity_provider(&self, new: &IdentityProvider, known: i32) -> Result<i32> {
        let revision = known + 1;
        if known == 0 {
            let line = provider::ActiveModel {
                tenant_id: ActiveValue::Set(new.tenant.uuid()),
                issuer: ActiveValue::Set(new.issuer.clone()),
                client_id: ActiveValue::Set(new.client_id.clone()),
                client_secret: ActiveValue::Set(new.client_secret.clone()),
                scopes: ActiveValue::Set(new.scopes.clone()),
                nip_claim: ActiveValue::Set(new.nip_claim.clone()),
                label: ActiveValue::Set(new.label.clone()),
                local_sign_in: ActiveValue::Set(new.local_sign_in.code().to_owned()),
                enabled: ActiveValue::Set(new.enabled),
                revision: ActiveValue::Set(revision),
                updated_at: ActiveValue::Set(self.now()),
            };
            let nothing = OnConflict::column(provider::Column::TenantId).do_nothing().to_owned();
            let done = provider::Entity::insert(line)
                .on_conflict(nothing)
                .exec_without_returning(self.connection())
                .await?;
            return if done == 1 { Ok(revision) } else { Err(Error::Stale) };
        }
        let done = provider::Entity::update_many()
            .col_expr(provider::Column::Issuer, Expr::value(new.issuer.clone()))
            .col_expr(provider::Column::ClientId, Expr::value(new.client_id.clone()))
            .col_expr(provider::Column::ClientSecret, Expr::value(new.client_secret.clone()))
            .col_expr(provider::Column::Scopes, Expr::value(new.scopes.clone()))
            .col_expr(provider::Column::NipClaim, Expr::value(new.nip_claim.clone()))
            .col_expr(provider::Column::Label, Expr::value(new.label.clone()))
            .col_expr(provider::Column::LocalSignIn, Expr::value(new.local_sign_in.code()))
            .col_expr(provider::Column::Enabled, Expr::value(new.enabled))
            .col_expr(provider::Column::Revision, Expr::value(revision))
            .col_expr(provider::Column::UpdatedAt, Expr::value(self.now()))
            .filter(provider::Column::TenantId.eq(new.tenant.uuid()))
            .filter(provider::Column::Revision.eq(known))
            .exec(self.connection())
            .await?;
        if done.rows_affected == 1 { Ok(revision) } else { Err(Error::Stale) }
    }

    /// How a local account enters this government: everybody's does where there is no provider.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn local_way(&self, tenant: TenantId, person: UserId) -> Result<LocalWay> {
        let provider = self.identity_provider(tenant).await?.filter(|it| it.enabled);
        if provider.is_none_or(|it| it.local_sign_in == LocalSignIn::Everybody) {
            return Ok(LocalWay::Open);
        }
        if !self.emergency_accounts(tenant).await?.contains(&person) {
            return Ok(LocalWay::Closed);
        }
        let mut running = self.running_emergencies(tenant).await?.into_iter();
        let last = running.rfind(|it| it.user == person);
        Ok(LocalWay::Emergency(last.map(Box::new)))
    }

    /// The governments in which this account is one for emergencies, by code.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(clippy::disallowed_methods, reason = "the rows of the one named person")]
    pub async fn emergency_tenants_of(&self, person: UserId) -> Result<Vec<Tenant>> {
        let rows = emergency_account::Entity::find()
            .filter(emergency_account::Column::UserId.eq(person.uuid()))
            .all(self.connection())
            .await?;
        let ids = rows.into_iter().map(|it| it.tenant_id);
        let select = Self::tenant_rows()
            .filter(tenant::Column::Id.is_in(ids))
            .order_by_asc(tenant::Column::Code);
        let rows = select.all(self.connection()).await?;
        rows.into_iter().map(|model| super::tenants::tenant_of(model.into())).collect()
    }

    /// The accounts that sign in locally where everybody else must use the provider.
    ///
    /// # Errors
    /// The database failed.
    pub async fn emergency_accounts(&self, tenant: TenantId) -> Result<Vec<UserId>> {
        let rows = Self::emergency_rows(tenant).all(self.connection()).await?;
        Ok(rows.into_iter().map(|it| UserId::from(it.user_id)).collect())
    }

    /// Puts the accounts for emergencies of a government in place.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the rows of the one named government")]
    pub async fn put_emergency_accounts(&self, tenant: TenantId, all: &[UserId]) -> Result<()> {
        emergency_account::Entity::delete_many()
            .filter(emergency_account::Column::TenantId.eq(tenant.uuid()))
            .exec(self.connection())
            .await?;
        for person in all {
            let line = emergency_account::ActiveModel {
                tenant_id: ActiveValue::Set(tenant.uuid()),
                user_id: ActiveValue::Set(person.uuid()),
                created_at: ActiveValue::Set(self.now()),
            };
            emergency_account::Entity::insert(line)
                .exec_without_returning(self.connection())
                .await?;
        }
        Ok(())
    }

    /// The account that a subject of a government's provider is linked to.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_identity(
        &self,
        tenant: TenantId,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<UserId>> {
        let select = Self::identity_rows(tenant)
            .filter(identity::Column::Issuer.eq(issuer))
            .filter(identity::Column::Subject.eq(subject));
        Ok(select.one(self.connection()).await?.map(|it| UserId::from(it.user_id)))
    }

    /// Every link of a government, by account.
    ///
    /// # Errors
    /// The database failed.
    pub async fn identities(&self, tenant: TenantId) -> Result<Vec<Identity>> {
        let select = Self::identity_rows(tenant).order_by_asc(identity::Column::LinkedAt);
        let rows = select.all(self.connection()).await?;
        let one = |it: identity::Model| Identity {
            issuer: it.issuer,
            subject: it.subject,
            user: UserId::from(it.user_id),
            linked_at: it.linked_at,
        };
        Ok(rows.into_iter().map(one).collect())
    }

    /// Links a subject of a government's provider to an account.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `identities_person` when another subject of that provider is this account.
    pub async fn link_identity(
        &self,
        tenant: TenantId,
        issuer: &str,
        subject: &str,
        person: UserId,
    ) -> Result<()> {
        let line = identity::ActiveModel {
            tenant_id: ActiveValue::Set(tenant.uuid()),
            issuer: ActiveValue::Set(issuer.to_owned()),
            subject: ActiveValue::Set(subject.to_owned()),
            user_id: ActiveValue::Set(person.uuid()),
            linked_at: ActiveValue::Set(self.now()),
            last_used_at: ActiveValue::Set(self.now()),
        };
        identity::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Takes the links of an account in a government away. How many there were.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the links of one person in one government")]
    pub async fn unlink_identities(&self, tenant: TenantId, person: UserId) -> Result<u64> {
        let done = identity::Entity::delete_many()
            .filter(identity::Column::TenantId.eq(tenant.uuid()))
            .filter(identity::Column::UserId.eq(person.uuid()))
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected)
    }

    /// The accounts with this NIP that hold a role in the government today: its provisioning list.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "joins people to the members of one government")]
    pub async fn members_with_nip(&self, tenant: TenantId, nip: &str) -> Result<Vec<User>> {
        let today = self.now().date_naive();
        let members: Vec<_> = membership::Entity::find()
            .filter(membership::Column::TenantId.eq(tenant.uuid()))
            .filter(membership::Column::ValidFrom.lte(today))
            .filter(
                Condition::any()
                    .add(membership::Column::ValidTo.is_null())
                    .add(membership::Column::ValidTo.gte(today)),
            )
            .all(self.connection())
            .await?
            .into_iter()
            .map(|it| it.user_id)
            .collect();
        let rows = user::Entity::find()
            .filter(user::Column::Nip.eq(nip))
            .filter(user::Column::DisabledAt.is_null())
            .filter(user::Column::Id.is_in(members))
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(super::people::user_of).collect())
    }

    /// Keeps a sign-in that begins now, and throws away those that never came back.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "what is too late belongs to nobody any more")]
    pub async fn add_pending_sign_in(
        &self,
        state: &str,
        browser: &str,
        new: PendingSignIn,
    ) -> Result<()> {
        pending_sign_in::Entity::delete_many()
            .filter(pending_sign_in::Column::ExpiresAt.lt(self.now()))
            .exec(self.connection())
            .await?;
        let line = pending_sign_in::ActiveModel {
            state_hash: ActiveValue::Set(hash(state)),
            browser_hash: ActiveValue::Set(hash(browser)),
            only_tenant: ActiveValue::Set(new.tenant.uuid()),
            issuer: ActiveValue::Set(new.issuer),
            way_back: ActiveValue::Set(new.way_back),
            created_at: ActiveValue::Set(self.now()),
            expires_at: ActiveValue::Set(new.expires_at),
        };
        pending_sign_in::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Takes a pending sign-in out: it is used once, by the browser in which it began. Another browser's attempt
    /// finds none and leaves it be.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "the one row that state and browser name")]
    pub async fn take_pending_sign_in(
        &self,
        state: &str,
        browser: &str,
    ) -> Result<Option<PendingSignIn>> {
        let found = pending_sign_in::Entity::find()
            .filter(pending_sign_in::Column::StateHash.eq(hash(state)))
            .filter(pending_sign_in::Column::BrowserHash.eq(hash(browser)))
            .one(self.connection())
            .await?;
        let Some(found) = found else { return Ok(None) };
        let gone = pending_sign_in::Entity::delete_many()
            .filter(pending_sign_in::Column::StateHash.eq(hash(state)))
            .exec(self.connection())
            .await?;
        // Of two callbacks at the same moment the second one deletes nothing.
        let in_time = gone.rows_affected == 1 && found.expires_at > self.now();
        Ok(in_time.then(|| PendingSignIn {
            tenant: TenantId::from(found.only_tenant),
            issuer: found.issuer,
            way_back: found.way_back,
            expires_at: found.expires_at,
        }))
    }

    /// Disables an account: it signs in no more, and every session of it ends.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named person")]
    pub async fn disable_user(&self, person: UserId) -> Result<()> {
        user::Entity::update_many()
            .col_expr(user::Column::DisabledAt, Expr::value(self.now()))
            .filter(user::Column::Id.eq(person.uuid()))
            .filter(user::Column::DisabledAt.is_null())
            .exec(self.connection())
            .await?;
        self.forget(Access::Person(person));
        Ok(())
    }
}

fn provider_of(model: provider::Model) -> Result<IdentityProvider> {
    let local_sign_in = LocalSignIn::from_code(&model.local_sign_in)
        .ok_or_else(|| Error::corrupt("identity_providers", "local_sign_in", model.tenant_id))?;
    Ok(IdentityProvider {
        tenant: TenantId::from(model.tenant_id),
        issuer: model.issuer,
        client_id: model.client_id,
        client_secret: model.client_secret,
        scopes: model.scopes,
        nip_claim: model.nip_claim,
        label: model.label,
        local_sign_in,
        enabled: model.enabled,
        revision: model.revision,
    })
}
