//! Adoptions: which release of its province a regency took over.

use ekinerja_domain::access::{Amend, Granted};
use ekinerja_domain::adoption::Adoption;
use ekinerja_domain::ids::{AdoptionId, PlanId, ReleaseId, TenantId, UserId};
use ekinerja_domain::template::TemplateRelease;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use crate::entity::adoption as row;
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// The adoptions of the transaction's tenant.
#[derive(Debug)]
pub struct Adoptions<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The adoptions.
    pub fn adoptions(&self) -> Adoptions<'_> {
        Adoptions(self)
    }
}

impl Adoptions<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// The release that the tenant works with now.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn current(&self) -> Result<Option<Adoption>> {
        let found = self
            .rows()
            .order_by_desc(row::Column::AdoptedAt)
            .order_by_desc(row::Column::Id)
            .one(self.0.connection())
            .await?;
        found.as_ref().map(adoption_of).transpose()
    }

    /// Notes that a release was taken over into a plan.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `adoptions_once`.
    pub async fn add(
        &self,
        release: &Granted<Amend, TemplateRelease>,
        plan: PlanId,
    ) -> Result<Adoption> {
        let adoption = Adoption {
            id: crate::fresh_id(),
            publisher: release.publisher,
            release: release.id,
            version: release.version,
            plan,
            adopted_by: self.0.user(),
            adopted_at: self.0.now(),
        };
        let model = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(adoption.id.uuid()),
            publisher_id: ActiveValue::Set(adoption.publisher.uuid()),
            release_id: ActiveValue::Set(adoption.release.uuid()),
            version: ActiveValue::Set(adoption.version.to_string()),
            content_hash: ActiveValue::Set(release.content_hash.clone()),
            plan_id: ActiveValue::Set(plan.uuid()),
            adopted_by: ActiveValue::Set(adoption.adopted_by.uuid()),
            adopted_by_name: ActiveValue::Set(self.0.standing().name.clone()),
            adopted_at: ActiveValue::Set(adoption.adopted_at),
        };
        row::Entity::insert(model).exec_without_returning(self.0.connection()).await?;
        Ok(adoption)
    }
}

fn adoption_of(model: &row::Model) -> Result<Adoption> {
    let version =
        model.version.parse().map_err(|_| Error::corrupt("adoptions", "version", model.id))?;
    Ok(Adoption {
        id: AdoptionId::from(model.id),
        publisher: TenantId::from(model.publisher_id),
        release: ReleaseId::from(model.release_id),
        version,
        plan: PlanId::from(model.plan_id),
        adopted_by: UserId::from(model.adopted_by),
        adopted_at: model.adopted_at,
    })
}
