//! The ground of an entry: what is there before a value is recorded, read in one trip.

use ekinerja_domain::access::{Denied, Granted, Measure};
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::indicator::Indicator;
use ekinerja_domain::measurement::Measurement;
use ekinerja_domain::period::{Period, TenantPeriod};
use sea_orm::{
    ConnectionTrait as _, DbBackend, FromQueryResult, QueryResult, Statement, TryGetable,
};
use uuid::Uuid;

use crate::entity::{agency, indicator, measurement, period};
use crate::error::{Error, Result};
use crate::indicators::indicator_of;
use crate::measurements::measurement_of;
use crate::periods::period_of;
use crate::tenant::TenantTx;

/// What is there before a value is recorded.
#[derive(Debug)]
pub struct EntryGround {
    /// The indicator, for who may record its values.
    pub indicator: Granted<Measure, Indicator>,
    /// Its period, kept from being closed or scored until the transaction ends; none when it was never opened.
    pub period: Option<TenantPeriod>,
    /// The latest revision, whatever its status.
    pub latest: Option<Measurement>,
    /// Whether any revision was verified: the next one corrects it.
    pub was_verified: bool,
}

/// A period's row is locked after the statement began to see: who waited for it sees the period as it is then,
/// but of the revisions only what was there before. See [`TenantTx::ground_of_entry`].
const GROUND: &str = "
with held as (
  select period, state, reopened_until, reopening_reason, revision
    from periods where tenant_id = $1 and period = $3 for share)
select i.*,
       o.tenant_id as o_tenant_id, o.id as o_id, o.code as o_code, o.name as o_name,
       o.abbreviation as o_abbreviation, o.kind as o_kind, o.parent_id as o_parent_id, o.line as o_line,
       o.valid_from as o_valid_from, o.valid_to as o_valid_to, o.note as o_note,
       o.verified as o_verified, o.revision as o_revision,
       $1 as h_tenant_id, h.period as h_period, h.state as h_state, h.reopened_until as h_reopened_until,
       h.reopening_reason as h_reopening_reason, h.revision as h_revision,
       m.tenant_id as m_tenant_id, m.id as m_id, m.indicator_id as m_indicator_id,
       m.owner_line as m_owner_line, m.period as m_period, m.revision as m_revision,
       m.reading as m_reading, m.value as m_value, m.numerator as m_numerator,
       m.denominator as m_denominator, m.method as m_method, m.source as m_source,
       m.source_verified as m_source_verified, m.status as m_status, m.note as m_note,
       m.reason as m_reason, m.rejection as m_rejection, m.recorded_by as m_recorded_by,
       m.recorded_by_name as m_recorded_by_name, m.recorded_at as m_recorded_at,
       m.submitted_at as m_submitted_at, m.submitted_by as m_submitted_by, m.decided_by as m_decided_by,
       m.decided_by_name as m_decided_by_name, m.decided_at as m_decided_at,
       m.lock_version as m_lock_version,
       exists (select from measurements v
                where v.tenant_id = $1 and v.indicator_id = $2 and v.period = $3
                  and v.status = 'verified') as was_verified
  from indicators i
  left join agencies o on o.tenant_id = i.tenant_id and o.id = i.owner_agency_id
  left join held h on true
  left join lateral (
    select * from measurements
     where tenant_id = $1 and indicator_id = $2 and period = $3
     order by revision desc limit 1) m on true
 where i.tenant_id = $1 and i.id = $2";

impl TenantTx {
    /// What is there of an indicator in a period before a value is recorded, for who may record it.
    ///
    /// A revision that somebody else adds at the same moment takes the number of the one to come, so that one of
    /// the two is refused. A verification at the same moment may not be seen yet; to whom that matters, asks
    /// [`crate::measurements::Measurements::was_verified`] now that the period is held.
    ///
    /// # Errors
    /// [`Error::Denied`] when there is no such indicator or the actor may not; the database failed, or a row is
    /// corrupt.
    pub async fn ground_of_entry(&self, id: IndicatorId, of: Period) -> Result<EntryGround> {
        let values = [self.tenant_id().uuid().into(), id.uuid().into(), of.to_string().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, GROUND, values);
        let found = self.connection().query_one_raw(statement).await?;
        let found = found.ok_or(Error::Denied(Denied::Hidden))?;
        let owner = joined::<agency::Model, Uuid>(&found, "o_", "o_id")?;
        let indicator = indicator_of((indicator::Model::from_query_result(&found, "")?, owner))?;
        let held = joined::<period::Model, String>(&found, "h_", "h_period")?;
        let latest = joined::<measurement::Model, Uuid>(&found, "m_", "m_id")?;
        Ok(EntryGround {
            indicator: self.grant(Some(indicator))?,
            period: held.as_ref().map(period_of).transpose()?,
            latest: latest.map(measurement_of).transpose()?,
            was_verified: found.try_get("", "was_verified")?,
        })
    }
}

/// A row that was joined, if there is one: then its key is not null. A row that cannot be read is an error, never
/// the same as none.
fn joined<M: FromQueryResult, K: TryGetable>(
    found: &QueryResult,
    prefix: &str,
    key: &str,
) -> Result<Option<M>> {
    match found.try_get::<Option<K>>("", key)? {
        Some(_) => Ok(Some(M::from_query_result(found, prefix)?)),
        None => Ok(None),
    }
}
