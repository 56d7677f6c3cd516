//! Service accounts and their tokens. A token is the other way into a tenant: the directory finds it by its
//! hash and makes the scope of the program that holds it.

use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{Administer, Grant, Granted, Held, Role, Scope, Standing, Through};
use ekinerja_domain::ids::{AgencyId, ApiTokenId, ServiceAccountId, TenantId, UserId};
use ekinerja_domain::service_account::{ApiToken, ServiceAccount, TokenAccess};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::directory::DirectoryTx;
use crate::directory::people::Membership;
use crate::entity::{api_token, service_account, service_account_role};
use crate::error::{Error, Result};
use crate::tenant::{TenantScope, TenantTx};

/// How a secret begins, so that people and scanners of code know it for one.
const PREFIX: &str = "ekj_";
/// Letters after the prefix: 256 bits in base64url.
const LETTERS: usize = 43;

/// The secret of a token; only its hash is stored.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ApiSecret(String);

impl fmt::Debug for ApiSecret {
    /// Never shows the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiSecret(..)")
    }
}

impl ApiSecret {
    /// A secret of 43 random letters.
    pub fn of(random: &str) -> Self {
        Self(format!("{PREFIX}{random}"))
    }

    /// A text that can be a secret; anything else is none.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix(PREFIX)?;
        let shaped = letters.len() == LETTERS
            && letters.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        shaped.then(|| Self(text.to_owned()))
    }

    /// The secret itself, to be told once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The last letters, by which its holder recognises it.
    fn hint(&self) -> String {
        self.0.chars().skip(PREFIX.len() + LETTERS - 4).collect()
    }

    fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

/// A service account that shall be made.
#[derive(Debug, Clone)]
pub struct NewServiceAccount {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The person who answers for it, in any of their roles.
    pub owner: Membership,
    /// Its roles.
    pub grants: Vec<Grant>,
    /// The last day on which it works.
    pub last_day: NaiveDate,
}

/// A token that shall be given out.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// Whose it is.
    pub account: ServiceAccountId,
    /// Where it is used.
    pub name: String,
    /// What it opens.
    pub access: TokenAccess,
    /// The last day on which it opens anything.
    pub last_day: NaiveDate,
}

/// A program that proved itself with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// What it may enter, and as whom.
    pub scope: TenantScope,
    /// With which token.
    pub token: ApiTokenId,
    /// What the token opens.
    pub access: TokenAccess,
    /// When it was last used.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The last day on which it opens anything.
    pub last_day: NaiveDate,
}

impl DirectoryTx {
    /// Makes a service account.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `service_accounts_name_unique`.
    pub async fn add_service_account(
        &self,
        tenant: TenantId,
        new: NewServiceAccount,
    ) -> Result<ServiceAccount> {
        let id: ServiceAccountId = crate::fresh_id();
        let NewServiceAccount { name, purpose, owner, grants, last_day } = new;
        let line = service_account::ActiveModel {
            tenant_id: ActiveValue::Set(tenant.uuid()),
            id: ActiveValue::Set(id.uuid()),
            name: ActiveValue::Set(name.clone()),
            purpose: ActiveValue::Set(purpose.clone()),
            owner_id: ActiveValue::Set(owner.user.uuid()),
            owner_name: ActiveValue::Set(owner.name.clone()),
            owner_username: ActiveValue::Set(owner.username.clone()),
            created_at: ActiveValue::Set(self.now()),
            last_day: ActiveValue::Set(last_day),
            ended_at: ActiveValue::Set(None),
        };
        service_account::Entity::insert(line).exec_without_returning(self.connection()).await?;
        let roles = grants.iter().map(|grant| service_account_role::ActiveModel {
            tenant_id: ActiveValue::Set(tenant.uuid()),
            id: ActiveValue::Set(crate::fresh_id()),
            account_id: ActiveValue::Set(id.uuid()),
            role: ActiveValue::Set(grant.role.code().to_owned()),
            agency_id: ActiveValue::Set(grant.scope.agency().map(AgencyId::uuid)),
        });
        service_account_role::Entity::insert_many(roles)
            .exec_without_returning(self.connection())
            .await?;
        Ok(ServiceAccount {
            id,
            name,
            purpose,
            owner: owner.user,
            owner_name: owner.name,
            owner_username: owner.username,
            grants,
            created_at: self.now(),
            last_day,
            ended_at: None,
            tokens: Vec::new(),
        })
    }

    /// Ends a service account and revokes its tokens. Whether there was a running one.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "updates that name tenant and account")]
    pub async fn end_service_account(
        &self,
        tenant: TenantId,
        id: ServiceAccountId,
    ) -> Result<bool> {
        let ended = service_account::Entity::update_many()
            .col_expr(service_account::Column::EndedAt, Expr::value(self.now()))
            .filter(service_account::Column::TenantId.eq(tenant.uuid()))
            .filter(service_account::Column::Id.eq(id.uuid()))
            .filter(service_account::Column::EndedAt.is_null())
            .exec(self.connection())
            .await?;
        api_token::Entity::update_many()
            .col_expr(api_token::Column::RevokedAt, Expr::value(self.now()))
            .filter(api_token::Column::TenantId.eq(tenant.uuid()))
            .filter(api_token::Column::AccountId.eq(id.uuid()))
            .filter(api_token::Column::RevokedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(ended.rows_affected == 1)
    }

    /// Gives a token out.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_api_token(
        &self,
        tenant: TenantId,
        secret: &ApiSecret,
        new: NewApiToken,
    ) -> Result<ApiToken> {
        let id: ApiTokenId = crate::fresh_id();
        let NewApiToken { account, name, access, last_day } = new;
        let line = api_token::ActiveModel {
            tenant_id: ActiveValue::Set(tenant.uuid()),
            id: ActiveValue::Set(id.uuid()),
            account_id: ActiveValue::Set(account.uuid()),
            name: ActiveValue::Set(name.clone()),
            hint: ActiveValue::Set(secret.hint()),
            token_hash: ActiveValue::Set(secret.hash()),
            access: ActiveValue::Set(access.code().to_owned()),
            created_at: ActiveValue::Set(self.now()),
            last_day: ActiveValue::Set(last_day),
            last_used_at: ActiveValue::Set(None),
            revoked_at: ActiveValue::Set(None),
        };
        api_token::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(ApiToken {
            id,
            name,
            hint: secret.hint(),
            access,
            created_at: self.now(),
            last_day,
            last_used_at: None,
            revoked_at: None,
        })
    }

    /// Revokes a token of an account. Whether there was one that still opened something.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update that names tenant, account and token")]
    pub async fn revoke_api_token(
        &self,
        tenant: TenantId,
        account: ServiceAccountId,
        id: ApiTokenId,
    ) -> Result<bool> {
        let done = api_token::Entity::update_many()
            .col_expr(api_token::Column::RevokedAt, Expr::value(self.now()))
            .filter(api_token::Column::TenantId.eq(tenant.uuid()))
            .filter(api_token::Column::AccountId.eq(account.uuid()))
            .filter(api_token::Column::Id.eq(id.uuid()))
            .filter(api_token::Column::RevokedAt.is_null())
            .exec(self.connection())
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Notes that a token was used now.
    ///
    /// # Errors
    /// The database failed.
    #[expect(clippy::disallowed_methods, reason = "an update of the one named token")]
    pub async fn touch_api_token(&self, tenant: TenantId, id: ApiTokenId) -> Result<()> {
        api_token::Entity::update_many()
            .col_expr(api_token::Column::LastUsedAt, Expr::value(self.now()))
            .filter(api_token::Column::TenantId.eq(tenant.uuid()))
            .filter(api_token::Column::Id.eq(id.uuid()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Lets the holder of a secret into the tenant of its token: neither token nor account may be over, and
    /// the account's owner must hold a role there today, so that a leaver's programs stop with them.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(
        clippy::disallowed_methods,
        reason = "the hash of the secret is the key; the rest names the token's tenant and account"
    )]
    pub async fn enter_by_token(&self, secret: &ApiSecret) -> Result<Option<Program>> {
        let today = self.now().date_naive();
        let token = api_token::Entity::find()
            .filter(api_token::Column::TokenHash.eq(secret.hash()))
            .filter(api_token::Column::RevokedAt.is_null())
            .filter(api_token::Column::LastDay.gte(today))
            .one(self.connection())
            .await?;
        let Some(token) = token else { return Ok(None) };
        let account = service_account::Entity::find()
            .filter(service_account::Column::TenantId.eq(token.tenant_id))
            .filter(service_account::Column::Id.eq(token.account_id))
            .filter(service_account::Column::EndedAt.is_null())
            .filter(service_account::Column::LastDay.gte(today))
            .one(self.connection())
            .await?;
        let Some(account) = account else { return Ok(None) };
        let owner = self.find_user_by_id(UserId::from(account.owner_id)).await?;
        let tenant = self.find_tenant_by_id(TenantId::from(token.tenant_id)).await?;
        let (Some(owner), Some(tenant)) = (owner, tenant) else { return Ok(None) };
        // The owner's own way in says whether they still belong here.
        let Some(of_owner) = self.enter(&owner, tenant).await? else { return Ok(None) };
        let roles = service_account_role::Entity::find()
            .filter(service_account_role::Column::TenantId.eq(token.tenant_id))
            .filter(service_account_role::Column::AccountId.eq(token.account_id))
            .all(self.connection())
            .await?;
        let from = account.created_at.date_naive();
        let roles = roles.iter().map(|role| grant_of(role, from, account.last_day));
        let held =
            |grant| Held { grant, through: Through::Program { account: account.name.clone() } };
        let grants = roles.map(|it| it.map(held)).collect::<Result<Vec<_>>>()?;
        let access = access_of(&token.access, token.id)?;
        let name = format!("{} (a.n. {})", account.name, owner.name);
        let standing = Standing { name, grants, ..of_owner.standing };
        Ok(Some(Program {
            scope: TenantScope { standing, ..of_owner },
            token: ApiTokenId::from(token.id),
            access,
            last_used_at: token.last_used_at,
            last_day: token.last_day.min(account.last_day),
        }))
    }
}

/// The columns of a token that the tenant's administrator sees.
#[derive(Debug, FromQueryResult)]
struct TokenRow {
    id: Uuid,
    account_id: Uuid,
    name: String,
    hint: String,
    access: String,
    created_at: DateTime<Utc>,
    last_day: NaiveDate,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

/// Service accounts of the transaction's tenant.
#[derive(Debug)]
pub struct ServiceAccounts<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The service accounts, for who may administer members.
    pub fn service_accounts(&self, _permit: &Granted<Administer, Members>) -> ServiceAccounts<'_> {
        ServiceAccounts(self)
    }
}

impl ServiceAccounts<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<service_account::Entity> {
        let tenant = self.0.tenant_id().uuid();
        service_account::Entity::find().filter(service_account::Column::TenantId.eq(tenant))
    }

    #[expect(clippy::disallowed_methods, reason = "the one select of roles; it adds the tenant")]
    fn role_rows(&self) -> Select<service_account_role::Entity> {
        let tenant = self.0.tenant_id().uuid();
        service_account_role::Entity::find()
            .filter(service_account_role::Column::TenantId.eq(tenant))
    }

    /// All but the hash, which this door may not read.
    #[expect(clippy::disallowed_methods, reason = "the one select of tokens; it adds the tenant")]
    fn token_rows(&self) -> Select<api_token::Entity> {
        use api_token::Column;
        api_token::Entity::find()
            .select_only()
            .columns([Column::Id, Column::AccountId, Column::Name, Column::Hint, Column::Access])
            .columns([Column::CreatedAt, Column::LastDay, Column::LastUsedAt, Column::RevokedAt])
            .filter(Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// Every account that was ever made, by name.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn all(&self) -> Result<Vec<ServiceAccount>> {
        let accounts = self.rows().order_by_asc(service_account::Column::Name);
        let accounts = accounts.all(self.0.connection()).await?;
        let tokens = self.token_rows().order_by_desc(api_token::Column::CreatedAt);
        let tokens = tokens.into_model::<TokenRow>().all(self.0.connection()).await?;
        let roles = self.role_rows().order_by_asc(service_account_role::Column::Id);
        let mut roles_of: HashMap<Uuid, Vec<service_account_role::Model>> = HashMap::new();
        for role in roles.all(self.0.connection()).await? {
            roles_of.entry(role.account_id).or_default().push(role);
        }
        let mut tokens_of: HashMap<Uuid, Vec<ApiToken>> = HashMap::new();
        for token in tokens {
            tokens_of.entry(token.account_id).or_default().push(token_of(token)?);
        }
        accounts
            .into_iter()
            .map(|it| {
                let from = it.created_at.date_naive();
                let roles = roles_of.remove(&it.id).unwrap_or_default();
                Ok(ServiceAccount {
                    id: ServiceAccountId::from(it.id),
                    name: it.name,
                    purpose: it.purpose,
                    owner: UserId::from(it.owner_id),
                    owner_name: it.owner_name,
                    owner_username: it.owner_username,
                    grants: roles
                        .iter()
                        .map(|role| grant_of(role, from, it.last_day))
                        .collect::<Result<_>>()?,
                    created_at: it.created_at,
                    last_day: it.last_day,
                    ended_at: it.ended_at,
                    tokens: tokens_of.remove(&it.id).unwrap_or_default(),
                })
            })
            .collect()
    }
}

fn grant_of(row: &service_account_role::Model, from: NaiveDate, last: NaiveDate) -> Result<Grant> {
    let role = Role::from_code(&row.role)
        .ok_or_else(|| Error::corrupt("service_account_roles", "role", row.id))?;
    let scope = row.agency_id.map_or(Scope::Tenant, |id| Scope::Agency(AgencyId::from(id)));
    Ok(Grant { role, scope, valid_from: from, valid_to: Some(last) })
}

fn access_of(code: &str, id: Uuid) -> Result<TokenAccess> {
    TokenAccess::from_code(code).ok_or_else(|| Error::corrupt("api_tokens", "access", id))
}

fn token_of(row: TokenRow) -> Result<ApiToken> {
    Ok(ApiToken {
        id: ApiTokenId::from(row.id),
        access: access_of(&row.access, row.id)?,
        name: row.name,
        hint: row.hint,
        created_at: row.created_at,
        last_day: row.last_day,
        last_used_at: row.last_used_at,
        revoked_at: row.revoked_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_shaped_text_can_be_a_secret_and_none_is_ever_shown() {
        let secret = ApiSecret::of(&format!("{}wxyz", "a".repeat(39)));
        assert_eq!(ApiSecret::parse(secret.reveal()), Some(secret.clone()));
        assert_eq!(secret.hint(), "wxyz");
        assert_eq!(format!("{secret:?}"), "ApiSecret(..)");
        for bad in ["", "ekj_", "ekj_short", &"a".repeat(47), &format!("ekj_{}", "%".repeat(43))] {
            assert_eq!(ApiSecret::parse(bad), None, "{bad}");
        }
    }
}
