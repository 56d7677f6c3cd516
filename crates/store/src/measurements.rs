//! Measurements: every revision of every value. What was measured is never overwritten.

use ekinerja_domain::access::{Governs, Granted, Measure, Verify, View};
use ekinerja_domain::ids::{AgencyId, IndicatorId, MeasurementId, UserId};
use ekinerja_domain::indicator::Indicator;
use ekinerja_domain::measurement::{
    FigureMethod, FigureSource, Measurement, MeasurementStatus, NewMeasurement, Reading,
};
use ekinerja_domain::period::Period;
use rust_decimal::Decimal;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait as _,
    Select, UpdateMany,
};

use crate::entity::measurement as row;
use crate::error::{Error, Result};
use crate::page::{Page, Paged};
use crate::tenant::TenantTx;

/// Which measurements a list shall hold; what is none does not narrow it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MeasurementFilter {
    /// Of this indicator.
    pub indicator: Option<IndicatorId>,
    /// Of this period.
    pub period: Option<Period>,
    /// In this status.
    pub status: Option<MeasurementStatus>,
}

/// A revision overtaken by a later one of the same indicator and period is not waiting any more.
const NOT_OVERTAKEN: &str = "not exists (select from measurements later
    where later.tenant_id = measurements.tenant_id and later.indicator_id = measurements.indicator_id
      and later.period = measurements.period and later.revision > measurements.revision)";

/// The measurements of the transaction's tenant.
#[derive(Debug)]
pub struct Measurements<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The measurements.
    pub fn measurements(&self) -> Measurements<'_> {
        Measurements(self)
    }
}

impl Measurements<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    async fn list(&self, select: Select<row::Entity>) -> Result<Vec<Measurement>> {
        select.all(self.0.connection()).await?.into_iter().map(measurement_of).collect()
    }

    /// One measurement, for who may do `A` to it.
    ///
    /// # Errors
    /// [`Error::Denied`] when there is none or the actor may not.
    pub async fn fetch<A>(&self, id: MeasurementId) -> Result<Granted<A, Measurement>>
    where
        Measurement: Governs<A> + Governs<View>,
    {
        let found =
            self.rows().filter(row::Column::Id.eq(id.uuid())).one(self.0.connection()).await?;
        self.0.grant(found.map(measurement_of).transpose()?)
    }

    /// The latest revision of an indicator in a period, whatever its status.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn latest(
        &self,
        indicator: IndicatorId,
        period: Period,
    ) -> Result<Option<Measurement>> {
        let select = self
            .rows()
            .filter(row::Column::IndicatorId.eq(indicator.uuid()))
            .filter(row::Column::Period.eq(period.to_string()))
            .order_by_desc(row::Column::Revision);
        select.one(self.0.connection()).await?.map(measurement_of).transpose()
    }

    /// Whether a revision of an indicator in a period was ever verified.
    ///
    /// # Errors
    /// The database failed.
    pub async fn was_verified(&self, indicator: IndicatorId, period: Period) -> Result<bool> {
        let verified = self
            .rows()
            .filter(row::Column::IndicatorId.eq(indicator.uuid()))
            .filter(row::Column::Period.eq(period.to_string()))
            .filter(row::Column::Status.eq(MeasurementStatus::Verified.code()))
            .limit(1);
        Ok(verified.one(self.0.connection()).await?.is_some())
    }

    /// Every revision of an indicator in all periods, latest period and revision first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn revisions(&self, indicator: IndicatorId) -> Result<Vec<Measurement>> {
        let select = self
            .rows()
            .filter(row::Column::IndicatorId.eq(indicator.uuid()))
            .order_by_desc(row::Column::Period)
            .order_by_desc(row::Column::Revision);
        self.list(select).await
    }

    /// Every revision of the given periods, of one indicator or of all, by indicator, period and revision.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of_periods(
        &self,
        periods: &[Period],
        indicator: Option<IndicatorId>,
    ) -> Result<Vec<Measurement>> {
        let names = periods.iter().map(Period::to_string);
        let mut select = self.rows().filter(row::Column::Period.is_in(names));
        if let Some(indicator) = indicator {
            select = select.filter(row::Column::IndicatorId.eq(indicator.uuid()));
        }
        let select = select
            .order_by_asc(row::Column::IndicatorId)
            .order_by_asc(row::Column::Period)
            .order_by_asc(row::Column::Revision);
        self.list(select).await
    }

    /// Every revision of these indicators in all periods.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of_indicators(&self, indicators: &[IndicatorId]) -> Result<Vec<Measurement>> {
        if indicators.is_empty() {
            return Ok(Vec::new());
        }
        let ids = indicators.iter().map(|it| it.uuid());
        self.list(self.rows().filter(row::Column::IndicatorId.is_in(ids))).await
    }

    /// The measurements of these ids, in no order; those that are not there are left out.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of_ids(&self, ids: &[MeasurementId]) -> Result<Vec<Measurement>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = ids.iter().map(|it| it.uuid());
        self.list(self.rows().filter(row::Column::Id.is_in(ids))).await
    }

    /// The latest verified revision of each indicator in a period.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn verified_of(&self, period: Period) -> Result<Vec<Measurement>> {
        let select = self
            .rows()
            .filter(row::Column::Period.eq(period.to_string()))
            .filter(row::Column::Status.eq(MeasurementStatus::Verified.code()))
            .distinct_on([row::Column::IndicatorId])
            .order_by_asc(row::Column::IndicatorId)
            .order_by_desc(row::Column::Revision);
        self.list(select).await
    }

    /// The latest verified revision of an indicator in each period, earliest period first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn series(&self, indicator: IndicatorId) -> Result<Vec<Measurement>> {
        let select = self
            .rows()
            .filter(row::Column::IndicatorId.eq(indicator.uuid()))
            .filter(row::Column::Status.eq(MeasurementStatus::Verified.code()))
            .distinct_on([row::Column::Period])
            .order_by_asc(row::Column::Period)
            .order_by_desc(row::Column::Revision);
        self.list(select).await
    }

    /// What waits for a verifier, the oldest submission first. A revision that a newer one has overtaken
    /// waits for nobody.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn waiting(&self) -> Result<Vec<Measurement>> {
        let select = self
            .rows()
            .filter(row::Column::Status.eq(MeasurementStatus::Submitted.code()))
            .filter(Expr::cust(NOT_OVERTAKEN))
            .order_by_asc(row::Column::SubmittedAt)
            .order_by_asc(row::Column::Id);
        self.list(select).await
    }

    /// A piece of the list of all revisions, the latest recorded first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn page(&self, filter: MeasurementFilter, page: Page) -> Result<Paged<Measurement>> {
        let mut select = self.rows().order_by_desc(row::Column::Id).limit(page.size + 1);
        if let Some(indicator) = filter.indicator {
            select = select.filter(row::Column::IndicatorId.eq(indicator.uuid()));
        }
        if let Some(period) = filter.period {
            select = select.filter(row::Column::Period.eq(period.to_string()));
        }
        if let Some(status) = filter.status {
            select = select.filter(row::Column::Status.eq(status.code()));
        }
        if let Some(after) = page.after.as_deref().and_then(|it| it.parse::<MeasurementId>().ok()) {
            select = select.filter(row::Column::Id.lt(after.uuid()));
        }
        let found = self.list(select).await?;
        Ok(Paged::of(found, &page, |it| it.id.to_string()))
    }

    /// Appends a revision, as a draft.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `measurements_one_per_revision` when someone else was faster, with
    /// `measurements_period` when the period was never opened.
    pub async fn add(
        &self,
        indicator: &Granted<Measure, Indicator>,
        new: &NewMeasurement,
    ) -> Result<Granted<Measure, Measurement>> {
        let draft = self.draft_of(indicator, new);
        row::Entity::insert(self.row_of(&draft))
            .exec_without_returning(self.0.connection())
            .await?;
        self.0.grant(Some(draft))
    }

    /// Like [`Measurements::add`], written together with the trail by the commit: a trip less. It cannot be read
    /// before, and the commit gives the errors.
    ///
    /// # Errors
    /// [`Error::Denied`]: the indicator's owner is another unit by now.
    pub fn add_with_commit(
        &self,
        indicator: &Granted<Measure, Indicator>,
        new: &NewMeasurement,
    ) -> Result<Granted<Measure, Measurement>> {
        let draft = self.draft_of(indicator, new);
        self.0.write_with_commit(row::Entity::insert(self.row_of(&draft)).into_query());
        self.0.grant(Some(draft))
    }

    fn draft_of(
        &self,
        indicator: &Granted<Measure, Indicator>,
        new: &NewMeasurement,
    ) -> Measurement {
        let entry = new.entry();
        Measurement {
            id: crate::fresh_id(),
            indicator: new.indicator(),
            owner_line: indicator.owner_line().to_vec(),
            period: entry.period,
            revision: new.revision(),
            reading: normal(&entry.reading),
            value: new.value().map(|it| it.normalize()),
            figure: entry.figure.clone(),
            status: MeasurementStatus::Draft,
            note: entry.note.clone(),
            reason: entry.reason.clone(),
            rejection: None,
            recorded_by: self.0.user(),
            recorded_by_name: self.0.standing().name.clone(),
            recorded_at: self.0.now(),
            submitted_at: None,
            submitted_by: None,
            decided_by: None,
            decided_by_name: None,
            decided_at: None,
            lock_version: 1,
        }
    }

    fn row_of(&self, it: &Measurement) -> row::ActiveModel {
        let (reading, parts) = match it.reading {
            Reading::Value(_) => ("value", None),
            Reading::Ratio { numerator, denominator } => ("ratio", Some((numerator, denominator))),
            Reading::NotApplicable => ("not_applicable", None),
        };
        row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(it.id.uuid()),
            indicator_id: ActiveValue::Set(it.indicator.uuid()),
            owner_line: ActiveValue::Set(it.owner_line.iter().map(|id| id.uuid()).collect()),
            period: ActiveValue::Set(it.period.to_string()),
            revision: ActiveValue::Set(it.revision),
            reading: ActiveValue::Set(reading.to_owned()),
            value: ActiveValue::Set(it.value),
            numerator: ActiveValue::Set(parts.map(|(numerator, _)| numerator)),
            denominator: ActiveValue::Set(parts.map(|(_, denominator)| denominator)),
            method: ActiveValue::Set(it.figure.method.code().to_owned()),
            source: ActiveValue::Set(it.figure.source.clone()),
            source_verified: ActiveValue::Set(it.figure.verified),
            status: ActiveValue::Set(it.status.code().to_owned()),
            note: ActiveValue::Set(it.note.clone()),
            reason: ActiveValue::Set(it.reason.clone()),
            rejection: ActiveValue::Set(None),
            recorded_by: ActiveValue::Set(it.recorded_by.uuid()),
            recorded_by_name: ActiveValue::Set(it.recorded_by_name.clone()),
            recorded_at: ActiveValue::Set(it.recorded_at),
            submitted_at: ActiveValue::Set(None),
            submitted_by: ActiveValue::Set(None),
            decided_by: ActiveValue::Set(None),
            decided_by_name: ActiveValue::Set(None),
            decided_at: ActiveValue::Set(None),
            lock_version: ActiveValue::Set(it.lock_version),
        }
    }

    /// Submits a draft as it was read; gives it as it is then.
    ///
    /// # Errors
    /// [`Error::Stale`] when its status changed since.
    pub async fn submit(&self, measurement: Granted<Measure, Measurement>) -> Result<Measurement> {
        let update = self
            .update(measurement.id, MeasurementStatus::Submitted, measurement.lock_version)
            .col_expr(row::Column::SubmittedAt, Expr::value(self.0.now()))
            .col_expr(row::Column::SubmittedBy, Expr::value(self.0.user().uuid()));
        self.done(update).await?;
        let draft = measurement.into_inner();
        Ok(Measurement {
            status: MeasurementStatus::Submitted,
            submitted_at: Some(self.0.now()),
            submitted_by: Some(self.0.user()),
            lock_version: draft.lock_version + 1,
            ..draft
        })
    }

    /// Notes what the verifier decided on a value that was read at `lock_version`.
    ///
    /// # Errors
    /// [`Error::Stale`] when its status changed since, [`Error::Conflict`] with `measurements_four_eyes` when
    /// the verifier recorded or submitted it, under this account or another one of theirs.
    pub async fn decide(
        &self,
        measurement: &Granted<Verify, Measurement>,
        lock_version: i32,
        status: MeasurementStatus,
        rejection: Option<String>,
    ) -> Result<()> {
        let update = self
            .update(measurement.id, status, lock_version)
            .col_expr(row::Column::Rejection, Expr::value(rejection))
            .col_expr(row::Column::DecidedBy, Expr::value(self.0.user().uuid()))
            .col_expr(row::Column::DecidedByName, Expr::value(self.0.standing().name.clone()))
            .col_expr(row::Column::DecidedAt, Expr::value(self.0.now()));
        self.done(update).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of this repository; it names tenant, id and lock version"
    )]
    fn update(
        &self,
        id: MeasurementId,
        status: MeasurementStatus,
        lock_version: i32,
    ) -> UpdateMany<row::Entity> {
        row::Entity::update_many()
            .col_expr(row::Column::Status, Expr::value(status.code()))
            .col_expr(row::Column::LockVersion, Expr::value(lock_version + 1))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(id.uuid()))
            .filter(row::Column::LockVersion.eq(lock_version))
    }

    async fn done(&self, update: UpdateMany<row::Entity>) -> Result<()> {
        let done = update.exec(self.0.connection()).await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

/// The same reading as it is read back: without zeros at the end.
fn normal(reading: &Reading) -> Reading {
    match *reading {
        Reading::Value(value) => Reading::Value(value.normalize()),
        Reading::Ratio { numerator, denominator } => Reading::Ratio {
            numerator: numerator.normalize(),
            denominator: denominator.normalize(),
        },
        Reading::NotApplicable => Reading::NotApplicable,
    }
}

pub(crate) fn measurement_of(model: row::Model) -> Result<Measurement> {
    let corrupt = |column| Error::corrupt("measurements", column, model.id);
    let value = model.value.map(|it| it.normalize());
    let part = |part: Option<Decimal>, column| {
        part.map(|it| it.normalize()).ok_or_else(|| corrupt(column))
    };
    let reading = match model.reading.as_str() {
        "value" => Reading::Value(value.ok_or_else(|| corrupt("value"))?),
        "ratio" => Reading::Ratio {
            numerator: part(model.numerator, "numerator")?,
            denominator: part(model.denominator, "denominator")?,
        },
        "not_applicable" => Reading::NotApplicable,
        _ => return Err(corrupt("reading")),
    };
    Ok(Measurement {
        id: MeasurementId::from(model.id),
        indicator: IndicatorId::from(model.indicator_id),
        period: model.period.parse().map_err(|_| corrupt("period"))?,
        revision: model.revision,
        reading,
        value,
        figure: FigureSource {
            method: FigureMethod::from_code(&model.method).ok_or_else(|| corrupt("method"))?,
            source: model.source.clone(),
            verified: model.source_verified,
        },
        status: MeasurementStatus::from_code(&model.status).ok_or_else(|| corrupt("status"))?,
        owner_line: model.owner_line.into_iter().map(AgencyId::from).collect(),
        note: model.note,
        reason: model.reason,
        rejection: model.rejection,
        recorded_by: UserId::from(model.recorded_by),
        recorded_by_name: model.recorded_by_name,
        recorded_at: model.recorded_at,
        submitted_at: model.submitted_at,
        submitted_by: model.submitted_by.map(UserId::from),
        decided_by: model.decided_by.map(UserId::from),
        decided_by_name: model.decided_by_name,
        decided_at: model.decided_at,
        lock_version: model.lock_version,
    })
}
