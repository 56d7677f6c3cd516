//! The public door: read-only, and only what is public.

use ekinerja_domain::tenant::Tenant;
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

use crate::directory::tenants::{TenantRow, tenant_of};
use crate::entity::tenant as row;
use crate::error::Result;
use crate::transaction::Transaction;

/// An open transaction of the public door.
#[derive(Debug)]
pub struct PortalTx(Transaction);

impl PortalTx {
    pub(crate) fn new(transaction: Transaction) -> Self {
        Self(transaction)
    }

    /// The governments on the platform, provinces with their regencies, by code.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(
        clippy::disallowed_methods,
        reason = "the directory of governments is public as a whole"
    )]
    pub async fn governments(&self) -> Result<Vec<Tenant>> {
        let columns = [
            row::Column::Id,
            row::Column::Code,
            row::Column::Slug,
            row::Column::Name,
            row::Column::Level,
            row::Column::ParentId,
            row::Column::State,
        ];
        row::Entity::find()
            .select_only()
            .columns(columns)
            .order_by_asc(row::Column::Code)
            .into_model::<TenantRow>()
            .all(&self.0)
            .await?
            .into_iter()
            .map(tenant_of)
            .collect()
    }
}
