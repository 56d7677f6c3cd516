//! Publications of a tenant: what it gave out, and, on the other side, what was given to it.
//!
//! [`Publications`] is the publisher's side. [`Received`] is the audience's: the log of what came, and the
//! lines in force. A revoked or superseded publication has no readable line; only its head stays in the log.

mod lines;
mod received;

use ekinerja_domain::access::policy::Publishing;
use ekinerja_domain::access::{Governs, Granted, Publish, View};
use ekinerja_domain::ids::{PublicationId, TenantId, UserId};
use ekinerja_domain::indicator::IndicatorManual;
use ekinerja_domain::period::Period;
use ekinerja_domain::publication::{
    Publication, PublicationContent, PublicationStatus, fingerprint_text,
};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use sha2::{Digest, Sha256};

use crate::entity::{publication as row, publication_objective, publication_value};
use crate::error::{Error, Result};
use crate::page::{Page, Paged};
use crate::tenant::TenantTx;

pub use received::{Received, ReceivedHeads, ReceivedLine, ReceivedObjective, ReceivedPublication};

/// SHA-256 in hex of a text.
pub(crate) fn hash_of(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The content hash of what shall be published: what an approval is bound to.
pub fn content_hash(content: &PublicationContent) -> String {
    hash_of(&content.canonical())
}

/// The fingerprint of a manual: the same for manuals whose values compare.
pub fn fingerprint_of(manual: &IndicatorManual) -> String {
    // Half of the digest: 128 bits tell definitions apart, and every published line carries it.
    let mut hash = hash_of(&fingerprint_text(manual));
    hash.truncate(32);
    hash
}

/// What the transaction's tenant published.
#[derive(Debug)]
pub struct Publications<'tx>(&'tx TenantTx);

impl TenantTx {
    /// What the tenant published.
    pub fn publications(&self) -> Publications<'_> {
        Publications(self)
    }

    /// What was published to the tenant.
    pub fn received(&self) -> Received<'_> {
        Received::new(self)
    }
}

impl Publications<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// Every publication, the latest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn page(&self, page: &Page) -> Result<Paged<Publication>> {
        let mut select = self.rows().order_by_desc(row::Column::Id).limit(page.size + 1);
        if let Some(after) = page.after.as_deref().and_then(|it| it.parse::<PublicationId>().ok()) {
            select = select.filter(row::Column::Id.lt(after.uuid()));
        }
        let rows = select.all(self.0.connection()).await?;
        let found = rows.into_iter().map(publication_of).collect::<Result<Vec<_>>>()?;
        Ok(Paged::of(found, page, |it| it.id.to_string()))
    }

    /// The publication of a period that is in force.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn in_force(&self, period: Period) -> Result<Option<Publication>> {
        let found = self
            .rows()
            .filter(row::Column::Period.eq(period.to_string()))
            .filter(row::Column::Status.eq(PublicationStatus::Published.code()))
            .one(self.0.connection())
            .await?;
        found.map(publication_of).transpose()
    }

    /// One publication, for who may do `A` to it.
    ///
    /// # Errors
    /// [`Error::Denied`] when there is none or the actor may not.
    pub async fn fetch<A>(&self, id: PublicationId) -> Result<Granted<A, Publication>>
    where
        Publication: Governs<A> + Governs<View>,
    {
        let found =
            self.rows().filter(row::Column::Id.eq(id.uuid())).one(self.0.connection()).await?;
        self.0.grant(found.map(publication_of).transpose()?)
    }

    /// What left with a publication, in force or not: the publisher's own record.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(
        clippy::disallowed_methods,
        reason = "lines and objectives of the one granted publication of this tenant"
    )]
    pub async fn content(
        &self,
        publication: &Granted<View, Publication>,
    ) -> Result<PublicationContent> {
        let (tenant, id) = (self.0.tenant_id().uuid(), publication.id.uuid());
        let values = publication_value::Entity::find()
            .filter(publication_value::Column::TenantId.eq(tenant))
            .filter(publication_value::Column::PublicationId.eq(id))
            .order_by_asc(publication_value::Column::Code)
            .all(self.0.connection())
            .await?;
        let objectives = publication_objective::Entity::find()
            .filter(publication_objective::Column::TenantId.eq(tenant))
            .filter(publication_objective::Column::PublicationId.eq(id))
            .order_by_asc(publication_objective::Column::Code)
            .all(self.0.connection())
            .await?;
        Ok(PublicationContent {
            period: publication.period,
            values: values.into_iter().map(lines::value_of).collect::<Result<_>>()?,
            objectives: objectives.into_iter().map(lines::objective_of).collect(),
        })
    }

    /// Publishes: the earlier publication of the period, if there is one, is superseded and no longer read.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `publications_numbered` or `publications_one_in_force` when another person
    /// published the same period at this moment.
    pub async fn add(
        &self,
        _permit: &Granted<Publish, Publishing>,
        content: &PublicationContent,
    ) -> Result<Publication> {
        let id: PublicationId = crate::fresh_id();
        let tenant = self.0.tenant();
        let audience = tenant.parent.unwrap_or(tenant.id);
        let number = self.last_number(content.period).await? + 1;
        if let Some(earlier) = self.in_force(content.period).await? {
            self.take_back(earlier.id, PublicationStatus::Superseded, None).await?;
        }
        let publication = Publication {
            id,
            publisher: tenant.id,
            audience,
            period: content.period,
            number,
            status: PublicationStatus::Published,
            content_hash: content_hash(content),
            published_by: self.0.user(),
            published_by_name: self.0.standing().name.clone(),
            published_at: self.0.now(),
            revocation_reason: None,
            revoked_at: None,
        };
        let connection = self.0.connection();
        row::Entity::insert(head(&publication)).exec_without_returning(connection).await?;
        let values = content.values.iter().map(|it| lines::value_row(&publication, it));
        publication_value::Entity::insert_many(values).exec_without_returning(connection).await?;
        let objectives: Vec<_> =
            content.objectives.iter().map(|it| lines::objective_row(&publication, it)).collect();
        if !objectives.is_empty() {
            publication_objective::Entity::insert_many(objectives)
                .exec_without_returning(connection)
                .await?;
        }
        Ok(publication)
    }

    /// Revokes a publication that is in force: nobody reads its lines any more.
    ///
    /// # Errors
    /// [`Error::Stale`] when it is not in force any more.
    pub async fn revoke(
        &self,
        publication: &Granted<Publish, Publication>,
        reason: String,
    ) -> Result<()> {
        self.take_back(publication.id, PublicationStatus::Revoked, Some(reason)).await
    }

    async fn last_number(&self, period: Period) -> Result<i32> {
        let last = self
            .rows()
            .filter(row::Column::Period.eq(period.to_string()))
            .order_by_desc(row::Column::Number)
            .one(self.0.connection())
            .await?;
        Ok(last.map_or(0, |it| it.number))
    }

    /// Ends a publication in force and closes its lines to the audience.
    #[expect(
        clippy::disallowed_methods,
        reason = "updates of the one named publication of this tenant and of its lines"
    )]
    async fn take_back(
        &self,
        id: PublicationId,
        status: PublicationStatus,
        reason: Option<String>,
    ) -> Result<()> {
        let (tenant, connection) = (self.0.tenant_id().uuid(), self.0.connection());
        let mut ending = row::Entity::update_many()
            .col_expr(row::Column::Status, Expr::value(status.code()))
            .filter(row::Column::TenantId.eq(tenant))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::Status.eq(PublicationStatus::Published.code()));
        if status == PublicationStatus::Revoked {
            let standing = self.0.standing();
            ending = ending
                .col_expr(row::Column::RevokedAt, Expr::value(self.0.now()))
                .col_expr(row::Column::RevokedBy, Expr::value(standing.user.uuid()))
                .col_expr(row::Column::RevokedByName, Expr::value(standing.name.clone()))
                .col_expr(row::Column::RevocationReason, Expr::value(reason));
        }
        if ending.exec(connection).await?.rows_affected != 1 {
            return Err(Error::Stale);
        }
        publication_value::Entity::update_many()
            .col_expr(publication_value::Column::Readable, Expr::value(false))
            .filter(publication_value::Column::TenantId.eq(tenant))
            .filter(publication_value::Column::PublicationId.eq(id.uuid()))
            .exec(connection)
            .await?;
        publication_objective::Entity::update_many()
            .col_expr(publication_objective::Column::Readable, Expr::value(false))
            .filter(publication_objective::Column::TenantId.eq(tenant))
            .filter(publication_objective::Column::PublicationId.eq(id.uuid()))
            .exec(connection)
            .await?;
        Ok(())
    }
}

fn head(it: &Publication) -> row::ActiveModel {
    row::ActiveModel {
        tenant_id: ActiveValue::Set(it.publisher.uuid()),
        id: ActiveValue::Set(it.id.uuid()),
        audience_id: ActiveValue::Set(it.audience.uuid()),
        period: ActiveValue::Set(it.period.to_string()),
        number: ActiveValue::Set(it.number),
        status: ActiveValue::Set(it.status.code().to_owned()),
        content_hash: ActiveValue::Set(it.content_hash.clone()),
        published_by: ActiveValue::Set(it.published_by.uuid()),
        published_by_name: ActiveValue::Set(it.published_by_name.clone()),
        published_at: ActiveValue::Set(it.published_at),
        revoked_by: ActiveValue::Set(None),
        revoked_by_name: ActiveValue::Set(None),
        revoked_at: ActiveValue::Set(None),
        revocation_reason: ActiveValue::Set(None),
    }
}

fn publication_of(model: row::Model) -> Result<Publication> {
    let corrupt = |column| Error::corrupt("publications", column, model.id);
    Ok(Publication {
        id: PublicationId::from(model.id),
        publisher: TenantId::from(model.tenant_id),
        audience: TenantId::from(model.audience_id),
        period: model.period.parse().map_err(|_| corrupt("period"))?,
        number: model.number,
        status: PublicationStatus::from_code(&model.status).ok_or_else(|| corrupt("status"))?,
        content_hash: model.content_hash,
        published_by: UserId::from(model.published_by),
        published_by_name: model.published_by_name,
        published_at: model.published_at,
        revocation_reason: model.revocation_reason,
        revoked_at: model.revoked_at,
    })
}
