//! Tenants and how far each has come on the onboarding board.

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::tenant::{Level, RegionCode, Slug, Tenant, TenantState};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Select,
};
use uuid::Uuid;

use crate::directory::DirectoryTx;
use crate::entity::{milestone, tenant as row};
use crate::error::{Error, Result};

/// The columns of a tenant that everyone may see.
#[derive(Debug, FromQueryResult)]
pub(crate) struct TenantRow {
    id: Uuid,
    code: String,
    slug: String,
    name: String,
    level: String,
    parent_id: Option<Uuid>,
    state: String,
}

impl From<row::Model> for TenantRow {
    fn from(model: row::Model) -> Self {
        let row::Model { id, code, slug, name, level, parent_id, state, .. } = model;
        Self { id, code, slug, name, level, parent_id, state }
    }
}

pub(crate) fn tenant_of(row: TenantRow) -> Result<Tenant> {
    let corrupt = |column| Error::corrupt("tenants", column, row.id);
    Ok(Tenant {
        id: TenantId::from(row.id),
        code: row.code.parse().map_err(|_| corrupt("code"))?,
        slug: row.slug.parse().map_err(|_| corrupt("slug"))?,
        level: Level::from_code(&row.level).ok_or_else(|| corrupt("level"))?,
        name: row.name,
        parent: row.parent_id.map(TenantId::from),
        state: TenantState::from_code(&row.state).ok_or_else(|| corrupt("state"))?,
    })
}

/// Stages of the onboarding board (product.md 1.1), in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The tenant's first administrator was invited.
    Invited,
    /// That person signed in.
    Accepted,
    /// Sign-in is configured: people beside the administrator have accounts.
    SignInConfigured,
    /// A template was adopted (a province: released).
    TemplateAdopted,
    /// The first value was verified.
    FirstValue,
    /// The first agreement was signed.
    FirstAgreement,
}

impl Stage {
    /// Every stage in order.
    pub const ALL: [Self; 6] = [
        Self::Invited,
        Self::Accepted,
        Self::SignInConfigured,
        Self::TemplateAdopted,
        Self::FirstValue,
        Self::FirstAgreement,
    ];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Accepted => "accepted",
            Self::SignInConfigured => "sign_in_configured",
            Self::TemplateAdopted => "template_adopted",
            Self::FirstValue => "first_value",
            Self::FirstAgreement => "first_agreement",
        }
    }

    /// The stage with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }
}

/// A tenant that shall be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTenant {
    /// Its Kemendagri code.
    pub code: RegionCode,
    /// Its address.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// The province above it; none for a province.
    pub parent: Option<TenantId>,
}

/// When a tenant reached a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// The tenant.
    pub tenant: TenantId,
    /// The stage.
    pub stage: Stage,
    /// When.
    pub reached_at: DateTime<Utc>,
}

impl DirectoryTx {
    #[expect(clippy::disallowed_methods, reason = "the directory is the list of all tenants")]
    pub(super) fn tenant_rows() -> Select<row::Entity> {
        row::Entity::find()
    }

    /// Every tenant, by code.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        let select = Self::tenant_rows().order_by_asc(row::Column::Code);
        let rows = select.all(self.connection()).await?;
        rows.into_iter().map(|model| tenant_of(model.into())).collect()
    }

    /// The tenant with this address.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find_tenant(&self, slug: &Slug) -> Result<Option<Tenant>> {
        let select = Self::tenant_rows().filter(row::Column::Slug.eq(slug.as_str()));
        let found = select.one(self.connection()).await?;
        found.map(|model| tenant_of(model.into())).transpose()
    }

    /// The tenant with this id.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn find_tenant_by_id(&self, id: TenantId) -> Result<Option<Tenant>> {
        let select = Self::tenant_rows().filter(row::Column::Id.eq(id.uuid()));
        let found = select.one(self.connection()).await?;
        found.map(|model| tenant_of(model.into())).transpose()
    }

    /// The tenant with this code.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find_tenant_by_code(&self, code: &RegionCode) -> Result<Option<Tenant>> {
        let select = Self::tenant_rows().filter(row::Column::Code.eq(code.as_str()));
        let found = select.one(self.connection()).await?;
        found.map(|model| tenant_of(model.into())).transpose()
    }

    /// Opens a tenant.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `tenants_code_unique` or `tenants_slug_unique` when it is open already.
    pub async fn add_tenant(&self, new: NewTenant) -> Result<Tenant> {
        let id: TenantId = crate::fresh_id();
        let line = row::ActiveModel {
            id: ActiveValue::Set(id.uuid()),
            code: ActiveValue::Set(new.code.to_string()),
            slug: ActiveValue::Set(new.slug.to_string()),
            name: ActiveValue::Set(new.name.clone()),
            level: ActiveValue::Set(new.level.code().to_owned()),
            parent_id: ActiveValue::Set(new.parent.map(TenantId::uuid)),
            accent: ActiveValue::Set(None),
            opened_at: ActiveValue::Set(self.now()),
            state: ActiveValue::Set(TenantState::Active.code().to_owned()),
        };
        row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        let NewTenant { code, slug, name, level, parent } = new;
        Ok(Tenant { id, code, slug, name, level, parent, state: TenantState::Active })
    }

    /// Notes that a tenant reached a stage; the first time counts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reach(&self, tenant: TenantId, stage: Stage) -> Result<()> {
        add_milestone(self.connection(), tenant, stage, self.now()).await
    }

    /// Every milestone of every tenant.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(clippy::disallowed_methods, reason = "the onboarding board is over all tenants")]
    pub async fn milestones(&self) -> Result<Vec<Milestone>> {
        milestone::Entity::find()
            .all(self.connection())
            .await?
            .into_iter()
            .map(|model| {
                let stage = Stage::from_code(&model.stage)
                    .ok_or_else(|| Error::corrupt("milestones", "stage", &model.stage))?;
                let tenant = TenantId::from(model.tenant_id);
                Ok(Milestone { tenant, stage, reached_at: model.reached_at })
            })
            .collect()
    }
}

impl crate::TenantTx {
    /// Notes that the tenant reached a stage; the first time counts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn reach(&self, stage: Stage) -> Result<()> {
        add_milestone(self.connection(), self.tenant_id(), stage, self.now()).await
    }
}

async fn add_milestone(
    connection: &crate::transaction::Transaction,
    tenant: TenantId,
    stage: Stage,
    now: DateTime<Utc>,
) -> Result<()> {
    let line = milestone::ActiveModel {
        tenant_id: ActiveValue::Set(tenant.uuid()),
        stage: ActiveValue::Set(stage.code().to_owned()),
        reached_at: ActiveValue::Set(now),
    };
    milestone::Entity::insert(line)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(())
}
