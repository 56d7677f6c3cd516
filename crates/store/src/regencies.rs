//! The governments under the transaction's tenant: the regencies and cities of a province.

use ekinerja_domain::tenant::Tenant;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::directory::tenants::tenant_of;
use crate::entity::tenant as row;
use crate::error::Result;
use crate::tenant::TenantTx;

impl TenantTx {
    /// The regencies and cities under the tenant that use the system, by code; none under a regency.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(
        clippy::disallowed_methods,
        reason = "the list of governments is public; it names the parent"
    )]
    pub async fn regencies(&self) -> Result<Vec<Tenant>> {
        let rows = row::Entity::find()
            .filter(row::Column::ParentId.eq(self.tenant_id().uuid()))
            .order_by_asc(row::Column::Code)
            .all(self.connection())
            .await?;
        rows.into_iter().map(|model| tenant_of(model.into())).collect()
    }
}
