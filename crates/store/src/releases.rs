//! Releases: a province's own, or for a regency those of its province.

use chrono::{DateTime, Utc};
use ekinerja_domain::access::policy::Templates;
use ekinerja_domain::access::{Governs, Granted, Release, View};
use ekinerja_domain::ids::{ReleaseId, TenantId, UserId};
use ekinerja_domain::template::{ReleaseStatus, TemplateContent, TemplateRelease, Version};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::entity::template_release as row;
use crate::error::{Error, Result};
use crate::page::{Page, Paged};
use crate::tenant::TenantTx;

mod content;

/// A release that shall be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRelease {
    /// Its version.
    pub version: Version,
    /// What is new in it.
    pub changelog: String,
    /// What is released.
    pub content: TemplateContent,
}

/// A release without its content, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseSummary {
    /// Its id.
    pub id: ReleaseId,
    /// Its version.
    pub version: Version,
    /// What is new in it.
    pub changelog: String,
    /// SHA-256 of its content, in hex.
    pub content_hash: String,
    /// Where it stands.
    pub status: ReleaseStatus,
    /// Who released it.
    pub released_by_name: String,
    /// When.
    pub released_at: DateTime<Utc>,
}

#[derive(Debug, FromQueryResult)]
struct SummaryRow {
    id: Uuid,
    version: String,
    changelog: String,
    content_hash: String,
    status: String,
    released_by_name: String,
    released_at: DateTime<Utc>,
}

/// The releases that the transaction's tenant sees.
#[derive(Debug)]
pub struct Releases<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The releases of this province, or of the province above this regency.
    pub fn releases(&self) -> Releases<'_> {
        Releases(self)
    }
}

impl Releases<'_> {
    /// Who releases what this tenant sees.
    fn publisher(&self) -> TenantId {
        self.0.tenant().parent.unwrap_or(self.0.tenant_id())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant that releases"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.publisher().uuid()))
    }

    /// A piece of the releases, the newest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn page(
        &self,
        page: &Page,
        after: Option<ReleaseId>,
    ) -> Result<Paged<ReleaseSummary>> {
        let mut rows = self
            .rows()
            .select_only()
            .columns([
                row::Column::Id,
                row::Column::Version,
                row::Column::Changelog,
                row::Column::ContentHash,
                row::Column::Status,
                row::Column::ReleasedByName,
                row::Column::ReleasedAt,
            ])
            .order_by_desc(row::Column::Id)
            .limit(page.size + 1);
        if let Some(after) = after {
            rows = rows.filter(row::Column::Id.lt(after.uuid()));
        }
        let rows = rows.into_model::<SummaryRow>().all(self.0.connection()).await?;
        let items = rows.into_iter().map(summary_of).collect::<Result<_>>()?;
        Ok(Paged::of(items, page, |it: &ReleaseSummary| it.id.to_string()))
    }

    /// The highest version that was ever released, withdrawn ones too.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn highest_version(&self) -> Result<Option<Version>> {
        let versions: Vec<String> = self
            .rows()
            .select_only()
            .column(row::Column::Version)
            .into_tuple()
            .all(self.0.connection())
            .await?;
        let versions = versions.iter().map(|text| {
            text.parse::<Version>()
                .map_err(|_| Error::corrupt("template_releases", "version", text))
        });
        Ok(versions.collect::<Result<Vec<_>>>()?.into_iter().max())
    }

    /// One release with its content, whose hash is checked, for who may do `A` to it.
    ///
    /// # Errors
    /// [`Error::Denied`] when there is none or the actor may not; [`Error::Corrupt`] when the content is not
    /// what was released.
    pub async fn fetch<A>(&self, id: ReleaseId) -> Result<Granted<A, TemplateRelease>>
    where
        TemplateRelease: Governs<A> + Governs<View>,
    {
        let found =
            self.rows().filter(row::Column::Id.eq(id.uuid())).one(self.0.connection()).await?;
        self.0.grant(found.map(release_of).transpose()?)
    }

    /// The release of this version.
    ///
    /// # Errors
    /// The database failed, or the content is not what was released.
    pub async fn find_by_version(&self, version: Version) -> Result<Option<TemplateRelease>> {
        let found = self
            .rows()
            .filter(row::Column::Version.eq(version.to_string()))
            .one(self.0.connection())
            .await?;
        found.map(release_of).transpose()
    }

    /// Makes a release; the one before is superseded.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `template_releases_version_unique`.
    #[expect(
        clippy::disallowed_methods,
        reason = "an update of the status alone; it names tenant and status"
    )]
    pub async fn add(
        &self,
        _permit: &Granted<Release, Templates>,
        new: NewRelease,
    ) -> Result<TemplateRelease> {
        row::Entity::update_many()
            .col_expr(row::Column::Status, Expr::value(ReleaseStatus::Superseded.code()))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Status.eq(ReleaseStatus::Released.code()))
            .exec(self.0.connection())
            .await?;
        let release = TemplateRelease {
            id: crate::fresh_id(),
            publisher: self.0.tenant_id(),
            version: new.version,
            changelog: new.changelog,
            content_hash: content_hash(&new.content),
            content: new.content,
            status: ReleaseStatus::Released,
            released_by: self.0.user(),
            released_by_name: self.0.standing().name.clone(),
            released_at: self.0.now(),
        };
        let stored = content::to_json(&release.content)
            .map_err(|_| Error::corrupt("template_releases", "content", release.id))?;
        let model = row::ActiveModel {
            tenant_id: ActiveValue::Set(release.publisher.uuid()),
            id: ActiveValue::Set(release.id.uuid()),
            version: ActiveValue::Set(release.version.to_string()),
            changelog: ActiveValue::Set(release.changelog.clone()),
            content: ActiveValue::Set(stored),
            content_hash: ActiveValue::Set(release.content_hash.clone()),
            status: ActiveValue::Set(release.status.code().to_owned()),
            released_by: ActiveValue::Set(release.released_by.uuid()),
            released_by_name: ActiveValue::Set(release.released_by_name.clone()),
            released_at: ActiveValue::Set(release.released_at),
        };
        row::Entity::insert(model).exec_without_returning(self.0.connection()).await?;
        Ok(release)
    }

    /// Takes a release back; adopters keep it.
    ///
    /// # Errors
    /// [`Error::Stale`] when it is withdrawn already.
    #[expect(
        clippy::disallowed_methods,
        reason = "an update of the status alone; it names tenant, id and status"
    )]
    pub async fn withdraw(
        &self,
        _permit: &Granted<Release, Templates>,
        id: ReleaseId,
    ) -> Result<()> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::Status, Expr::value(ReleaseStatus::Withdrawn.code()))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::Status.ne(ReleaseStatus::Withdrawn.code()))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

/// SHA-256 of the canonical text of a content, in hex.
fn content_hash(content: &TemplateContent) -> String {
    hex::encode(Sha256::digest(content.canonical()))
}

fn summary_of(row: SummaryRow) -> Result<ReleaseSummary> {
    let corrupt = |column| Error::corrupt("template_releases", column, row.id);
    Ok(ReleaseSummary {
        id: ReleaseId::from(row.id),
        version: row.version.parse().map_err(|_| corrupt("version"))?,
        status: ReleaseStatus::from_code(&row.status).ok_or_else(|| corrupt("status"))?,
        changelog: row.changelog,
        content_hash: row.content_hash,
        released_by_name: row.released_by_name,
        released_at: row.released_at,
    })
}

fn release_of(model: row::Model) -> Result<TemplateRelease> {
    let corrupt = |column| Error::corrupt("template_releases", column, model.id);
    let content = content::of_json(model.content).ok_or_else(|| corrupt("content"))?;
    if content_hash(&content) != model.content_hash {
        return Err(corrupt("content_hash"));
    }
    Ok(TemplateRelease {
        id: ReleaseId::from(model.id),
        publisher: TenantId::from(model.tenant_id),
        version: model.version.parse().map_err(|_| corrupt("version"))?,
        status: ReleaseStatus::from_code(&model.status).ok_or_else(|| corrupt("status"))?,
        changelog: model.changelog,
        content,
        content_hash: model.content_hash,
        released_by: UserId::from(model.released_by),
        released_by_name: model.released_by_name,
        released_at: model.released_at,
    })
}
