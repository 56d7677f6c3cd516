//! Measurements: record, submit, verify, send back; and the lists of what waits.

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::measurements::{Recorded, ValueEntry};
use ekinerja_app::{App, MeasurementFilter};
use ekinerja_domain::ids::{IndicatorId, MeasurementId};
use ekinerja_domain::measurement::{Decision, Measurement, MeasurementStatus, Reading};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::code_of;
use super::evidence::EvidenceBody;
use super::number::number;
use super::typed_number::TypedNumber;
use crate::answer::{Created, Versioned};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path, PeriodAsked, Query};
use crate::links;
use crate::paging::{List, Paging};
use crate::problem::Problem;
use crate::revision::Revision;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_measurements))
        .routes(routes!(list_measurements_of_indicator, record_measurement))
        .routes(routes!(read_measurement))
        .routes(routes!(submit_measurement))
        .routes(routes!(verify_measurement))
        .routes(routes!(reject_measurement))
}

/// One revision of the value of an indicator for a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Measurement, example = json!({
    "id": "msr_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "indicator": "ind_0199c8d2f6a97d0e8f6a1b2c3d4e5f60",
    "period": "2023", "revision": 1, "reading": "value", "value": "72.37", "method": "published",
    "source": "BPS, Statistik Indonesia 2026 tabel 4.6.7", "source_verified": true, "status": "verified",
    "recorded_by": "Petugas Bappeda", "recorded_at": "2024-01-08T02:00:00Z",
    "submitted_at": "2024-01-08T02:00:00Z", "decided_by": "Kepala Bappeda",
    "decided_at": "2024-01-09T03:30:00Z", "lock_version": 3,
    "evidence": [{ "id": "evd_0199c8d2f6a97d0e8f6a1b2c3d4e5f62",
        "url": "https://www.bps.go.id/id/publication", "pointer": "tabel 4.6.7",
        "added_by": "Petugas Bappeda", "added_at": "2024-01-08T02:00:00Z" }]
}))]
pub(super) struct MeasurementBody {
    /// Id.
    id: String,
    /// The indicator.
    indicator: String,
    /// `2023` or `2023-Q3`.
    period: String,
    /// 1 for the first value, then counting; earlier revisions stay readable.
    revision: i32,
    /// `value`, `ratio`, or `not_applicable`.
    reading: &'static str,
    /// The value; missing when not applicable. Zero is a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// The numerator of a ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    numerator: Option<String>,
    /// The denominator of a ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    denominator: Option<String>,
    /// How the figure came about: `measured`, `published`, `derived`, `recalled`.
    method: &'static str,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Whether it was seen there.
    source_verified: bool,
    /// `draft`, `submitted`, `verified`, `rejected`.
    status: &'static str,
    /// The officer's remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Why it is late, or what it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Why the verifier sent it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<String>,
    /// Who recorded it.
    recorded_by: String,
    /// When.
    recorded_at: DateTime<Utc>,
    /// When it was submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_at: Option<DateTime<Utc>>,
    /// Who verified or rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    /// Name it in `If-Match` to submit, verify or reject.
    lock_version: i32,
    /// Its evidence; missing in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<EvidenceBody>>,
}

impl From<Measurement> for MeasurementBody {
    fn from(it: Measurement) -> Self {
        let (reading, parts) = match it.reading {
            Reading::Value(_) => ("value", None),
            Reading::Ratio { numerator, denominator } => ("ratio", Some((numerator, denominator))),
            Reading::NotApplicable => ("not_applicable", None),
        };
        Self {
            id: it.id.to_string(),
            indicator: it.indicator.to_string(),
            period: it.period.to_string(),
            revision: it.revision,
            reading,
            value: it.value.map(number),
            numerator: parts.map(|(numerator, _)| number(numerator)),
            denominator: parts.map(|(_, denominator)| number(denominator)),
            method: it.figure.method.code(),
            source: it.figure.source,
            source_verified: it.figure.verified,
            status: it.status.code(),
            note: it.note,
            reason: it.reason,
            rejection: it.rejection,
            recorded_by: it.recorded_by_name,
            recorded_at: it.recorded_at,
            submitted_at: it.submitted_at,
            decided_by: it.decided_by_name,
            decided_at: it.decided_at,
            lock_version: it.lock_version,
            evidence: None,
        }
    }
}

impl From<Recorded> for MeasurementBody {
    fn from(it: Recorded) -> Self {
        let evidence = it.evidence.into_iter().map(EvidenceBody::from).collect();
        Self { evidence: Some(evidence), ..it.measurement.into() }
    }
}

/// A value to record. Give `value`, or `numerator` and `denominator` as the indicator's manual has it, or
/// `not_applicable` with a `note`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the body of its own")]
#[schema(as = NewMeasurement, example = json!({
    "period": "2023", "value": "72,37", "method": "published",
    "source": "BPS, Statistik Indonesia 2026 tabel 4.6.7", "source_verified": true, "submit": true
}))]
struct NewMeasurementBody {
    /// `2023` or `2023-Q3`.
    period: String,
    /// The value.
    #[serde(default)]
    value: TypedNumber,
    /// The numerator.
    #[serde(default)]
    numerator: TypedNumber,
    /// The denominator, above zero.
    #[serde(default)]
    denominator: TypedNumber,
    /// The indicator does not apply here in this period.
    #[serde(default)]
    not_applicable: bool,
    /// `measured` (the default), `published`, `derived`, `recalled`.
    #[serde(default)]
    method: String,
    /// Where the figure stands.
    #[serde(default)]
    source: String,
    /// Whether it was seen there.
    #[serde(default)]
    source_verified: bool,
    /// A remark; says why, when not applicable.
    #[serde(default)]
    note: String,
    /// Why it is late, or what it corrects.
    #[serde(default)]
    reason: String,
    /// The revision that this one follows, 0 for none; 412 when there is a newer one.
    #[serde(default)]
    based_on: Option<i32>,
    /// Cites the evidence of the revision before again.
    #[serde(default)]
    keep_evidence: bool,
    /// Submits it at once.
    #[serde(default)]
    submit: bool,
}

/// Narrows a list of measurements.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Narrowed {
    /// Id of an indicator.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    indicator: Option<Id<IndicatorId>>,
    /// `2023` or `2023-Q3`.
    #[serde(default)]
    period: Option<String>,
    /// `draft`, `submitted`, `verified`, `rejected`.
    #[serde(default)]
    status: Option<String>,
}

impl Narrowed {
    fn filter(self) -> Result<MeasurementFilter, Problem> {
        let status = match self.status {
            None => None,
            Some(code) => Some(code_of("status", &code, MeasurementStatus::from_code)?),
        };
        let period = PeriodAsked { period: self.period }.read()?;
        Ok(MeasurementFilter { indicator: self.indicator.map(|it| it.0), period, status })
    }
}

/// The revisions, the latest recorded first.
#[utoipa::path(
    get, path = "/measurements", tag = "measurements", params(Narrowed, Paging),
    responses((status = 200, description = "A piece of the list.", body = List<MeasurementBody>)),
)]
async fn list_measurements(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(narrowed): Query<Narrowed>,
    paging: Paging,
) -> Result<Json<List<MeasurementBody>>, Problem> {
    let found = app.measurements(&scope, narrowed.filter()?, paging.page()).await?;
    Ok(Json(List::of(found, MeasurementBody::from)))
}

/// The id in a path.
#[derive(Debug, Deserialize)]
struct OfIndicator {
    indicator: Id<IndicatorId>,
}

/// The revisions of one indicator, the latest recorded first.
#[utoipa::path(
    get, path = "/indicators/{indicator}/measurements", tag = "measurements",
    params(("indicator" = String, Path, description = "Id of the indicator."), Paging),
    responses((status = 200, description = "A piece of the list.", body = List<MeasurementBody>)),
)]
async fn list_measurements_of_indicator(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfIndicator>,
    paging: Paging,
) -> Result<Json<List<MeasurementBody>>, Problem> {
    let indicator = Some(path.indicator.0);
    let filter = MeasurementFilter { indicator, ..MeasurementFilter::default() };
    let found = app.measurements(&scope, filter, paging.page()).await?;
    Ok(Json(List::of(found, MeasurementBody::from)))
}

/// Records a value as a new revision; officers of the owning unit only.
#[utoipa::path(
    post, path = "/indicators/{indicator}/measurements", tag = "measurements",
    params(("indicator" = String, Path, description = "Id of the indicator.")),
    request_body = NewMeasurementBody,
    responses((status = 201, description = "Recorded.", body = MeasurementBody)),
)]
async fn record_measurement(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfIndicator>,
    Json(new): Json<NewMeasurementBody>,
) -> Result<Created<MeasurementBody>, Problem> {
    let submit = new.submit;
    let entry = ValueEntry {
        period: new.period,
        value: new.value.0,
        numerator: new.numerator.0,
        denominator: new.denominator.0,
        not_applicable: new.not_applicable,
        method: new.method,
        source: new.source,
        source_verified: new.source_verified,
        note: new.note,
        reason: new.reason,
        based_on: new.based_on,
        keep_evidence: new.keep_evidence,
    };
    let recorded = app.record_value(&scope, path.indicator.0, entry, Vec::new(), submit).await?;
    let location = format!("/measurements/{}", recorded.measurement.id);
    let location = links::api(&scope.tenant().slug, &location);
    let revision = recorded.measurement.lock_version;
    Ok(Created::at(location, recorded.into()).revision(revision))
}

/// The id in a path.
#[derive(Debug, Deserialize)]
struct OfMeasurement {
    measurement: Id<MeasurementId>,
}

/// One revision with its evidence.
#[utoipa::path(
    get, path = "/measurements/{measurement}", tag = "measurements",
    params(("measurement" = String, Path, description = "Id of the revision.")),
    responses((status = 200, description = "The revision.", body = MeasurementBody)),
)]
async fn read_measurement(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfMeasurement>,
) -> Result<Versioned<MeasurementBody>, Problem> {
    let found = app.measurement(&scope, path.measurement.0).await?;
    Ok(Versioned { revision: found.measurement.lock_version, body: found.into() })
}

/// Submits a draft to the verifier.
#[utoipa::path(
    put, path = "/measurements/{measurement}/submission", tag = "measurements",
    params(
        ("measurement" = String, Path, description = "Id of the revision."),
        ("If-Match" = String, Header, description = "Its `lock_version`.", example = "\"1\""),
    ),
    responses((status = 200, description = "Submitted.", body = MeasurementBody)),
)]
async fn submit_measurement(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfMeasurement>,
    Revision(revision): Revision,
) -> Result<Versioned<MeasurementBody>, Problem> {
    let done = app.submit_value(&scope, path.measurement.0, Some(revision)).await?;
    Ok(versioned(done))
}

/// Verifies a submitted value; it counts from then on. Heads of the owning OPD only, and never who recorded it.
#[utoipa::path(
    put, path = "/measurements/{measurement}/verification", tag = "measurements",
    params(
        ("measurement" = String, Path, description = "Id of the revision."),
        ("If-Match" = String, Header, description = "Its `lock_version`.", example = "\"2\""),
    ),
    responses((status = 200, description = "Verified.", body = MeasurementBody)),
)]
async fn verify_measurement(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfMeasurement>,
    Revision(revision): Revision,
) -> Result<Versioned<MeasurementBody>, Problem> {
    let id = path.measurement.0;
    let done = app.decide_value(&scope, id, Decision::Verify, Some(revision)).await?;
    Ok(versioned(done))
}

/// Why a value is sent back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Angka pada tabel 4.6.7 adalah 72,37, bukan 73,27." }))]
struct NewRejection {
    /// What needs correction; the officer reads it.
    reason: String,
}

/// Sends a submitted value back with a reason; only this one value reopens.
#[utoipa::path(
    put, path = "/measurements/{measurement}/rejection", tag = "measurements",
    request_body = NewRejection,
    params(
        ("measurement" = String, Path, description = "Id of the revision."),
        ("If-Match" = String, Header, description = "Its `lock_version`.", example = "\"2\""),
    ),
    responses((status = 200, description = "Sent back.", body = MeasurementBody)),
)]
async fn reject_measurement(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfMeasurement>,
    Revision(revision): Revision,
    Json(new): Json<NewRejection>,
) -> Result<Versioned<MeasurementBody>, Problem> {
    let decision = Decision::Reject { reason: new.reason };
    let done = app.decide_value(&scope, path.measurement.0, decision, Some(revision)).await?;
    Ok(versioned(done))
}

fn versioned(it: Measurement) -> Versioned<MeasurementBody> {
    Versioned { revision: it.lock_version, body: it.into() }
}
