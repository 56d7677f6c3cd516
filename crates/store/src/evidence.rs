//! Evidence and the files behind it: a file is kept once, however often it is cited.

use ekinerja_domain::access::{Granted, Measure, View};
use ekinerja_domain::evidence::{Evidence, FileKind, StoredFile, Support};
use ekinerja_domain::ids::{EvidenceId, FileId, MeasurementId, UserId};
use ekinerja_domain::measurement::Measurement;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use crate::entity::{evidence as row, file};
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// Evidence of the transaction's tenant.
#[derive(Debug)]
pub struct EvidenceList<'tx>(&'tx TenantTx);

impl TenantTx {
    /// Evidence and its files.
    pub fn evidence(&self) -> EvidenceList<'_> {
        EvidenceList(self)
    }
}

impl EvidenceList<'_> {
    #[expect(clippy::disallowed_methods, reason = "the one select of evidence; it adds the tenant")]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    #[expect(clippy::disallowed_methods, reason = "the one select of files; it adds the tenant")]
    fn files(&self) -> Select<file::Entity> {
        file::Entity::find().filter(file::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// The evidence of these measurements, oldest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of(&self, measurements: &[MeasurementId]) -> Result<Vec<Evidence>> {
        if measurements.is_empty() {
            return Ok(Vec::new());
        }
        let ids = measurements.iter().map(|it| it.uuid());
        let rows = self
            .rows()
            .filter(row::Column::MeasurementId.is_in(ids))
            .order_by_asc(row::Column::Id)
            .all(self.0.connection())
            .await?;
        self.with_files(rows).await
    }

    /// One piece of evidence of a measurement that the actor may see.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find(
        &self,
        measurement: &Granted<View, Measurement>,
        id: EvidenceId,
    ) -> Result<Option<Evidence>> {
        let rows = self
            .rows()
            .filter(row::Column::MeasurementId.eq(measurement.id.uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .all(self.0.connection())
            .await?;
        Ok(self.with_files(rows).await?.pop())
    }

    async fn with_files(&self, rows: Vec<row::Model>) -> Result<Vec<Evidence>> {
        let ids: Vec<Uuid> = rows.iter().filter_map(|it| it.file_id).collect();
        let files = if ids.is_empty() {
            Vec::new()
        } else {
            self.files().filter(file::Column::Id.is_in(ids)).all(self.0.connection()).await?
        };
        rows.into_iter().map(|model| evidence_of(model, &files)).collect()
    }

    /// Notes a file by its hash; the same content again is the same file.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn keep_file(
        &self,
        _permit: &Granted<Measure, Measurement>,
        sha256: String,
        kind: FileKind,
        size: i64,
    ) -> Result<StoredFile> {
        let line = file::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(crate::fresh_id()),
            sha256: ActiveValue::Set(sha256.clone()),
            media_type: ActiveValue::Set(kind.code().to_owned()),
            size: ActiveValue::Set(size),
            stored_at: ActiveValue::Set(self.0.now()),
        };
        let once = OnConflict::columns([file::Column::TenantId, file::Column::Sha256])
            .do_nothing()
            .to_owned();
        file::Entity::insert(line)
            .on_conflict(once)
            .exec_without_returning(self.0.connection())
            .await?;
        let kept = self.files().filter(file::Column::Sha256.eq(sha256.as_str()));
        let kept = kept.one(self.0.connection()).await?;
        kept.as_ref()
            .map(file_of)
            .transpose()?
            .ok_or_else(|| Error::corrupt("files", "sha256", sha256))
    }

    /// Adds evidence to a measurement.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add(
        &self,
        measurement: &Granted<Measure, Measurement>,
        support: Support,
        pointer: Option<String>,
    ) -> Result<Evidence> {
        let evidence = Evidence {
            id: crate::fresh_id(),
            measurement: measurement.id,
            support,
            pointer,
            added_by: self.0.user(),
            added_by_name: self.0.standing().name.clone(),
            added_at: self.0.now(),
        };
        let (file, name, url) = match &evidence.support {
            Support::File { file, name } => (Some(file.id.uuid()), Some(name.clone()), None),
            Support::Link { url } => (None, None, Some(url.clone())),
        };
        let line = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(evidence.id.uuid()),
            measurement_id: ActiveValue::Set(evidence.measurement.uuid()),
            file_id: ActiveValue::Set(file),
            name: ActiveValue::Set(name),
            url: ActiveValue::Set(url),
            pointer: ActiveValue::Set(evidence.pointer.clone()),
            added_by: ActiveValue::Set(evidence.added_by.uuid()),
            added_by_name: ActiveValue::Set(evidence.added_by_name.clone()),
            added_at: ActiveValue::Set(evidence.added_at),
        };
        row::Entity::insert(line).exec_without_returning(self.0.connection()).await?;
        Ok(evidence)
    }
}

fn file_of(model: &file::Model) -> Result<StoredFile> {
    let kind = FileKind::from_code(&model.media_type)
        .ok_or_else(|| Error::corrupt("files", "media_type", model.id))?;
    let (id, sha256) = (FileId::from(model.id), model.sha256.clone());
    Ok(StoredFile { id, sha256, kind, size: model.size })
}

fn evidence_of(model: row::Model, files: &[file::Model]) -> Result<Evidence> {
    let corrupt = |column| Error::corrupt("evidence", column, model.id);
    let support = match (model.file_id, model.url) {
        (Some(id), None) => {
            let file = files.iter().find(|it| it.id == id).ok_or_else(|| corrupt("file_id"))?;
            Support::File { file: file_of(file)?, name: model.name.unwrap_or_default() }
        }
        (None, Some(url)) => Support::Link { url },
        _ => return Err(corrupt("url")),
    };
    Ok(Evidence {
        id: EvidenceId::from(model.id),
        measurement: MeasurementId::from(model.measurement_id),
        support,
        pointer: model.pointer,
        added_by: UserId::from(model.added_by),
        added_by_name: model.added_by_name,
        added_at: model.added_at,
    })
}
