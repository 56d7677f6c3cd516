//! Agencies of a tenant: the OPD tree.

use ekinerja_domain::access::policy::Organisation;
use ekinerja_domain::access::{Administer, Governs, Granted, View};
use ekinerja_domain::agency::{Agency, AgencyKind};
use ekinerja_domain::ids::AgencyId;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use crate::entity::agency as row;
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// An agency that shall be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAgency {
    /// Its code, unique in the tenant.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its abbreviation.
    pub abbreviation: Option<String>,
    /// Its kind.
    pub kind: AgencyKind,
    /// The agency above it.
    pub parent: Option<AgencyId>,
    /// Remarks and source.
    pub note: Option<String>,
    /// Whether the name was seen in a written source.
    pub verified: bool,
}

/// The agencies of the transaction's tenant.
#[derive(Debug)]
pub struct Agencies<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The OPD tree.
    pub fn agencies(&self) -> Agencies<'_> {
        Agencies(self)
    }
}

impl Agencies<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// Every agency, by code.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn all(&self) -> Result<Vec<Agency>> {
        let rows = self.rows().order_by_asc(row::Column::Code).all(self.0.connection()).await?;
        rows.into_iter().map(agency_of).collect()
    }

    /// One agency, for who may do `A` to it.
    ///
    /// # Errors
    /// [`Error::Denied`] when there is none or the actor may not.
    pub async fn fetch<A>(&self, id: AgencyId) -> Result<Granted<A, Agency>>
    where
        Agency: Governs<A> + Governs<View>,
    {
        let found =
            self.rows().filter(row::Column::Id.eq(id.uuid())).one(self.0.connection()).await?;
        self.0.grant(found.map(agency_of).transpose()?)
    }

    /// The agency with this code.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find_by_code(&self, code: &str) -> Result<Option<Agency>> {
        let found = self.rows().filter(row::Column::Code.eq(code)).one(self.0.connection()).await?;
        found.map(agency_of).transpose()
    }

    /// Adds an agency.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `agencies_code_unique`; [`Error::Denied`] when the parent is not there.
    pub async fn add(
        &self,
        _permit: &Granted<Administer, Organisation>,
        new: NewAgency,
    ) -> Result<Agency> {
        let id: AgencyId = crate::fresh_id();
        let mut line = vec![id];
        if let Some(parent) = new.parent {
            line.extend(self.fetch::<View>(parent).await?.line.iter().copied());
        }
        let NewAgency { code, name, abbreviation, kind, parent, note, verified } = new;
        let model = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(id.uuid()),
            code: ActiveValue::Set(code.clone()),
            name: ActiveValue::Set(name.clone()),
            abbreviation: ActiveValue::Set(abbreviation.clone()),
            kind: ActiveValue::Set(kind.code().to_owned()),
            parent_id: ActiveValue::Set(parent.map(AgencyId::uuid)),
            line: ActiveValue::Set(line.iter().map(|id| id.uuid()).collect()),
            valid_from: ActiveValue::Set(None),
            valid_to: ActiveValue::Set(None),
            note: ActiveValue::Set(note.clone()),
            verified: ActiveValue::Set(verified),
            revision: ActiveValue::Set(1),
        };
        row::Entity::insert(model).exec_without_returning(self.0.connection()).await?;
        let (valid_from, valid_to, revision) = (None, None, 1);
        Ok(Agency {
            id,
            code,
            name,
            abbreviation,
            kind,
            parent,
            line,
            valid_from,
            valid_to,
            note,
            verified,
            revision,
        })
    }

    /// Changes name, abbreviation and note of an agency that was read at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of this repository; it names tenant, id and revision"
    )]
    pub async fn amend(
        &self,
        agency: &Granted<Administer, Agency>,
        revision: i32,
        name: String,
        abbreviation: Option<String>,
        note: Option<String>,
    ) -> Result<()> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::Name, Expr::value(name))
            .col_expr(row::Column::Abbreviation, Expr::value(abbreviation))
            .col_expr(row::Column::Note, Expr::value(note))
            .col_expr(row::Column::Revision, Expr::value(revision + 1))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(agency.id.uuid()))
            .filter(row::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

fn agency_of(model: row::Model) -> Result<Agency> {
    let kind = AgencyKind::from_code(&model.kind)
        .ok_or_else(|| Error::corrupt("agencies", "kind", model.id))?;
    Ok(Agency {
        id: AgencyId::from(model.id),
        code: model.code,
        name: model.name,
        abbreviation: model.abbreviation,
        kind,
        parent: model.parent_id.map(AgencyId::from),
        line: model.line.into_iter().map(AgencyId::from).collect(),
        valid_from: model.valid_from,
        valid_to: model.valid_to,
        note: model.note,
        verified: model.verified,
        revision: model.revision,
    })
}
