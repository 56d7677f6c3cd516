//! The reporting calendar.

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_domain::period::{EntryRule, EntryWindow, Period, PeriodState, TenantPeriod};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::code_of;
use crate::answer::{Created, Versioned};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path};
use crate::links;
use crate::paging::List;
use crate::problem::Problem;
use crate::revision::Revision;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_periods, open_period))
        .routes(routes!(read_period))
        .routes(routes!(set_period_state))
        .routes(routes!(reopen_period))
}

/// A period of the reporting calendar.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Period, example = json!({
    "period": "2023", "state": "closed", "accepts": "with_reason", "due_day": "2024-01-15",
    "reopened_until": "2024-05-31T15:59:59Z", "reopening_reason": "Koreksi angka BPS", "revision": 4
}))]
pub(super) struct PeriodBody {
    /// `2023` for a year, `2023-Q3` for a quarter.
    period: String,
    /// `open`, `closing` (late values need a reason), `closed`.
    state: &'static str,
    /// How values may enter now: `freely`, `with_reason`, `not_at_all`.
    accepts: &'static str,
    /// Last day on which values are on time.
    due_day: chrono::NaiveDate,
    /// Until when a closed period is open again; it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    reopened_until: Option<DateTime<Utc>>,
    /// Why it was reopened.
    #[serde(skip_serializing_if = "Option::is_none")]
    reopening_reason: Option<String>,
    /// Name it in `If-Match` to change the period.
    revision: i32,
}

impl PeriodBody {
    pub(super) fn of(it: TenantPeriod, now: DateTime<Utc>) -> Self {
        let accepts = match it.entry_rule(now) {
            EntryRule::Free => "freely",
            EntryRule::WithReason => "with_reason",
            EntryRule::Refused => "not_at_all",
        };
        Self {
            period: it.period.to_string(),
            state: it.state.code(),
            accepts,
            due_day: it.period.due_day(EntryWindow::default()),
            reopened_until: it.reopened_until,
            reopening_reason: it.reopening_reason,
            revision: it.revision,
        }
    }
}

/// A period to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "period": "2024-Q1" }))]
struct NewPeriod {
    /// `2024` for a year, `2024-Q1` for a quarter.
    period: String,
}

/// The state that a period shall have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "state": "closing" }))]
struct NewState {
    /// `open`, `closing` or `closed`.
    state: String,
}

/// A reopening of a closed period.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reason": "BPS mengoreksi angka kemiskinan Maret 2023", "until": "2024-05-31T15:59:59Z"
}))]
struct NewReopening {
    /// Why.
    reason: String,
    /// When it ends by itself; at most 92 days from now.
    until: DateTime<Utc>,
}

/// The periods that were opened, latest first.
#[utoipa::path(
    get, path = "/periods", tag = "periods",
    responses((status = 200, description = "The periods.", body = List<PeriodBody>)),
)]
async fn list_periods(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<PeriodBody>>, Problem> {
    let periods = app.periods(&scope).await?;
    Ok(Json(List::whole(periods, |it| PeriodBody::of(it, app.now()))))
}

/// Opens a period; administrators only.
#[utoipa::path(
    post, path = "/periods", tag = "periods", request_body = NewPeriod,
    responses((status = 201, description = "Opened.", body = PeriodBody)),
)]
async fn open_period(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(new): Json<NewPeriod>,
) -> Result<Created<PeriodBody>, Problem> {
    let opened = app.open_period(&scope, &new.period).await?;
    let location = links::api(&scope.tenant().slug, &format!("/periods/{}", opened.period));
    let revision = opened.revision;
    Ok(Created::at(location, PeriodBody::of(opened, app.now())).revision(revision))
}

/// One period.
#[utoipa::path(
    get, path = "/periods/{period}", tag = "periods",
    params(("period" = String, Path, description = "`2023` or `2023-Q3`.", example = "2023")),
    responses((status = 200, description = "The period.", body = PeriodBody)),
)]
async fn read_period(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<PeriodPath>,
) -> Result<Versioned<PeriodBody>, Problem> {
    let found = app.period(&scope, path.period.0).await?;
    Ok(versioned(found, app.now()))
}

/// The period of a path.
#[derive(Debug, Deserialize)]
struct PeriodPath {
    period: Id<Period>,
}

/// Sets the state of a period: open, closing, closed. Administrators only.
///
/// Closing up makes every missing value late and keeps the scores as they are from then on.
#[utoipa::path(
    put, path = "/periods/{period}/state", tag = "periods", request_body = NewState,
    params(
        ("period" = String, Path, description = "`2023` or `2023-Q3`.", example = "2023"),
        ("If-Match" = String, Header, description = "The period's revision.", example = "\"1\""),
    ),
    responses((status = 200, description = "The period.", body = PeriodBody)),
)]
async fn set_period_state(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<PeriodPath>,
    Revision(revision): Revision,
    Json(new): Json<NewState>,
) -> Result<Versioned<PeriodBody>, Problem> {
    let state = code_of("state", &new.state, PeriodState::from_code)?;
    let period = app.set_period_state(&scope, path.period.0, state, Some(revision)).await?;
    Ok(versioned(period, app.now()))
}

/// Reopens a closed period for a time, with a reason. Administrators only.
#[utoipa::path(
    put, path = "/periods/{period}/reopening", tag = "periods", request_body = NewReopening,
    params(
        ("period" = String, Path, description = "`2023` or `2023-Q3`.", example = "2023"),
        ("If-Match" = String, Header, description = "The period's revision.", example = "\"3\""),
    ),
    responses((status = 200, description = "The period.", body = PeriodBody)),
)]
async fn reopen_period(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<PeriodPath>,
    Revision(revision): Revision,
    Json(new): Json<NewReopening>,
) -> Result<Versioned<PeriodBody>, Problem> {
    let NewReopening { reason, until } = new;
    let period = app.reopen_period(&scope, path.period.0, &reason, until, Some(revision)).await?;
    Ok(versioned(period, app.now()))
}

fn versioned(it: TenantPeriod, now: DateTime<Utc>) -> Versioned<PeriodBody> {
    Versioned { revision: it.revision, body: PeriodBody::of(it, now) }
}
