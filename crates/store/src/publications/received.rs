//! The audience's side: what was published to the transaction's tenant.
//!
//! Every statement names the audience, and row-level security lets through nothing else: heads of what was
//! addressed to this tenant, and the lines of what is in force.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::{PublicationId, TenantId};
use ekinerja_domain::indicator::IndicatorCode;
use ekinerja_domain::period::Period;
use ekinerja_domain::publication::{PublicationStatus, PublishedObjective, PublishedValue};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::lines;
use crate::entity::{publication as head, publication_objective, publication_value};
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// What was published to the transaction's tenant.
#[derive(Debug)]
pub struct Received<'tx>(&'tx TenantTx);

/// One line of the log: what came, was restated or was taken back. It names no person of the publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedPublication {
    /// Its id.
    pub id: PublicationId,
    /// Who published it; the tenant itself for a province's own figures.
    pub publisher: TenantId,
    /// The period.
    pub period: Period,
    /// Its number in the period.
    pub number: i32,
    /// Where it stands.
    pub status: PublicationStatus,
    /// Hash of what it held.
    pub content_hash: String,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why.
    pub revocation_reason: Option<String>,
}

/// Heads of what counts now, the latest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedHeads(Vec<ReceivedPublication>);

impl ReceivedHeads {
    /// Heads of one period: who has something in force, and whose was taken back.
    pub fn of(&self, period: Period) -> Vec<ReceivedPublication> {
        self.0.iter().filter(|it| it.period == period).cloned().collect()
    }

    /// Every period in which something is in force, the latest first.
    pub fn periods(&self) -> Vec<Period> {
        let periods: BTreeSet<_> = self.published().map(|it| it.period).collect();
        periods.into_iter().rev().collect()
    }

    /// What is in force, of every period.
    pub fn ids(&self) -> Vec<PublicationId> {
        self.published().map(|it| it.id).collect()
    }

    fn published(&self) -> impl Iterator<Item = &ReceivedPublication> {
        self.0.iter().filter(|it| it.status == PublicationStatus::Published)
    }

    fn in_force(&self) -> BTreeMap<Uuid, (Period, i32)> {
        self.published().map(|it| (it.id.uuid(), (it.period, it.number))).collect()
    }
}

/// A line in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedLine {
    /// Who published it.
    pub publisher: TenantId,
    /// For which period.
    pub period: Period,
    /// With which publication.
    pub publication: PublicationId,
    /// The publication's number.
    pub number: i32,
    /// The line.
    pub value: PublishedValue,
}

impl ReceivedLine {
    /// The indicator's code.
    pub fn code(&self) -> &IndicatorCode {
        &self.value.definition.code
    }
}

/// An objective in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedObjective {
    /// Who published it.
    pub publisher: TenantId,
    /// The objective.
    pub objective: PublishedObjective,
}

#[derive(Debug, FromQueryResult)]
struct HeadRow {
    id: Uuid,
    tenant_id: Uuid,
    period: String,
    number: i32,
    status: String,
    content_hash: String,
    published_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    revocation_reason: Option<String>,
}

impl<'tx> Received<'tx> {
    pub(super) fn new(tx: &'tx TenantTx) -> Self {
        Self(tx)
    }

    /// Heads by their columns that may cross the border: the people who published are not among them.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of heads; it names the audience and its columns"
    )]
    fn rows(&self) -> Select<head::Entity> {
        head::Entity::find()
            .select_only()
            .columns([
                head::Column::Id,
                head::Column::TenantId,
                head::Column::Period,
                head::Column::Number,
                head::Column::Status,
                head::Column::ContentHash,
                head::Column::PublishedAt,
                head::Column::RevokedAt,
                head::Column::RevocationReason,
            ])
            .filter(head::Column::AudienceId.eq(self.0.tenant_id().uuid()))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of lines; it names the audience and what may be read"
    )]
    fn values(&self) -> Select<publication_value::Entity> {
        publication_value::Entity::find()
            .filter(publication_value::Column::AudienceId.eq(self.0.tenant_id().uuid()))
            .filter(publication_value::Column::Readable.eq(true))
    }

    /// The whole log, the latest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn log(&self) -> Result<Vec<ReceivedPublication>> {
        let select = self.rows().order_by_desc(head::Column::Id);
        let rows = select.into_model::<HeadRow>().all(self.0.connection()).await?;
        rows.into_iter().map(head_of).collect()
    }

    /// What is in force, and what was taken back; nothing that a later publication superseded, of which there
    /// may be any number.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn heads(&self) -> Result<ReceivedHeads> {
        let select = self
            .rows()
            .filter(head::Column::Status.ne(PublicationStatus::Superseded.code()))
            .order_by_desc(head::Column::Id);
        let rows = select.into_model::<HeadRow>().all(self.0.connection()).await?;
        Ok(ReceivedHeads(rows.into_iter().map(head_of).collect::<Result<_>>()?))
    }

    /// Lines in force of these indicators, in every period.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn lines_of(
        &self,
        codes: &[IndicatorCode],
        heads: &ReceivedHeads,
    ) -> Result<Vec<ReceivedLine>> {
        let codes = codes.iter().map(IndicatorCode::as_str);
        let select = self.values().filter(publication_value::Column::Code.is_in(codes));
        let rows = select.all(self.0.connection()).await?;
        Self::lines(rows, &heads.in_force())
    }

    /// Every line in force in one period.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn lines_in(
        &self,
        period: Period,
        heads: &ReceivedHeads,
    ) -> Result<Vec<ReceivedLine>> {
        let in_period = heads.published().filter(|it| it.period == period);
        self.lines_with(&in_period.map(|it| it.id).collect::<Vec<_>>(), heads).await
    }

    /// Every line of these publications that is in force. A publication's lines never change: it is superseded or
    /// revoked as a whole.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn lines_with(
        &self,
        publications: &[PublicationId],
        heads: &ReceivedHeads,
    ) -> Result<Vec<ReceivedLine>> {
        let mut heads = heads.in_force();
        heads.retain(|id, _| publications.contains(&PublicationId::from(*id)));
        if heads.is_empty() {
            return Ok(Vec::new());
        }
        let ids = heads.keys().copied();
        let select = self.values().filter(publication_value::Column::PublicationId.is_in(ids));
        let rows = select.all(self.0.connection()).await?;
        Self::lines(rows, &heads)
    }

    fn lines(
        rows: Vec<publication_value::Model>,
        heads: &BTreeMap<Uuid, (Period, i32)>,
    ) -> Result<Vec<ReceivedLine>> {
        // A line whose head is not in force was closed between the two statements: it does not count.
        rows.into_iter()
            .filter_map(|row| Some((*heads.get(&row.publication_id)?, row)))
            .map(|((period, number), row)| {
                Ok(ReceivedLine {
                    publisher: TenantId::from(row.tenant_id),
                    period,
                    publication: PublicationId::from(row.publication_id),
                    number,
                    value: lines::value_of(row)?,
                })
            })
            .collect()
    }

    /// Every objective in force in one period.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of objectives; it names the audience and what may be read"
    )]
    pub async fn objectives_in(
        &self,
        period: Period,
        heads: &ReceivedHeads,
    ) -> Result<Vec<ReceivedObjective>> {
        let mut heads = heads.in_force();
        heads.retain(|_, (of, _)| *of == period);
        let rows = publication_objective::Entity::find()
            .filter(publication_objective::Column::AudienceId.eq(self.0.tenant_id().uuid()))
            .filter(publication_objective::Column::Readable.eq(true))
            .filter(publication_objective::Column::PublicationId.is_in(heads.keys().copied()))
            .order_by_asc(publication_objective::Column::Code)
            .all(self.0.connection())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| ReceivedObjective {
                publisher: TenantId::from(row.tenant_id),
                objective: lines::objective_of(row),
            })
            .collect())
    }
}

fn head_of(row: HeadRow) -> Result<ReceivedPublication> {
    let corrupt = |column| Error::corrupt("publications", column, row.id);
    Ok(ReceivedPublication {
        id: PublicationId::from(row.id),
        publisher: TenantId::from(row.tenant_id),
        period: row.period.parse().map_err(|_| corrupt("period"))?,
        number: row.number,
        status: PublicationStatus::from_code(&row.status).ok_or_else(|| corrupt("status"))?,
        content_hash: row.content_hash,
        published_at: row.published_at,
        revoked_at: row.revoked_at,
        revocation_reason: row.revocation_reason,
    })
}
