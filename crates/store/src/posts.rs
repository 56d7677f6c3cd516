//! Posts (jabatan) of a tenant.

use chrono::NaiveDate;
use ekinerja_domain::access::policy::Organisation;
use ekinerja_domain::access::{Administer, Granted};
use ekinerja_domain::ids::{AgencyId, PostId};
use ekinerja_domain::post::{Post, PostKind};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use crate::entity::post as row;
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// A post that shall be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPost {
    /// Its name.
    pub name: String,
    /// The OPD it belongs to.
    pub agency: Option<AgencyId>,
    /// Its kind.
    pub kind: PostKind,
}

/// The posts of the transaction's tenant.
#[derive(Debug)]
pub struct Posts<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The posts.
    pub fn posts(&self) -> Posts<'_> {
        Posts(self)
    }
}

impl Posts<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// Every post that ever was, by name.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn all(&self) -> Result<Vec<Post>> {
        let select = self.rows().order_by_asc(row::Column::Name).order_by_asc(row::Column::Id);
        select.all(self.0.connection()).await?.into_iter().map(post_of).collect()
    }

    /// One post.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find(&self, id: PostId) -> Result<Option<Post>> {
        let found =
            self.rows().filter(row::Column::Id.eq(id.uuid())).one(self.0.connection()).await?;
        found.map(post_of).transpose()
    }

    /// Adds a post.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `posts_once` when there is one of that name in the OPD, with `posts_agency`
    /// when the OPD is not the tenant's.
    pub async fn add(
        &self,
        _permit: &Granted<Administer, Organisation>,
        new: NewPost,
    ) -> Result<Post> {
        let id: PostId = crate::fresh_id();
        let NewPost { name, agency, kind } = new;
        let line = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(id.uuid()),
            name: ActiveValue::Set(name.clone()),
            agency_id: ActiveValue::Set(agency.map(AgencyId::uuid)),
            kind: ActiveValue::Set(kind.code().to_owned()),
            valid_to: ActiveValue::Set(None),
            created_at: ActiveValue::Set(self.0.now()),
        };
        row::Entity::insert(line).exec_without_returning(self.0.connection()).await?;
        Ok(Post { id, name, agency, kind, valid_to: None })
    }

    /// Abolishes a post: `last` is the last day on which it exists.
    ///
    /// # Errors
    /// [`Error::Stale`] when it was abolished meanwhile.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of this repository; it names tenant and id"
    )]
    pub async fn abolish(
        &self,
        _permit: &Granted<Administer, Organisation>,
        id: PostId,
        last: NaiveDate,
    ) -> Result<()> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::ValidTo, Expr::value(last))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::ValidTo.is_null())
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

fn post_of(model: row::Model) -> Result<Post> {
    Ok(Post {
        id: PostId::from(model.id),
        name: model.name,
        agency: model.agency_id.map(AgencyId::from),
        kind: PostKind::from_code(&model.kind)
            .ok_or_else(|| Error::corrupt("posts", "kind", model.id))?,
        valid_to: model.valid_to,
    })
}
