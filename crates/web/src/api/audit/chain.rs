//! The chain of the trail: where it ends, its check, its head at the end of a month.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_domain::chain::{Checked, Finding};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::extract::{Json, Query};
use crate::locale::Locale;
use crate::problem::Problem;
use crate::settings::AppState;
use crate::trail_words;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_chain))
        .routes(routes!(check_chain))
        .routes(routes!(read_month_head))
}

/// The chain of the trail: its end, and its last check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "number": 532, "hash": "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6",
    "last_check": { "at": "2025-01-15T02:00:00Z", "up_to": 530, "findings": 0 }
}))]
struct Chain {
    /// Number of the last line; 0 while there is none.
    number: i64,
    /// Its hash.
    hash: String,
    /// What the last check came to; missing while there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_check: Option<LastCheckBody>,
}

/// What a check of the chain came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "at": "2025-01-15T02:00:00Z", "up_to": 530, "findings": 0 }))]
struct LastCheckBody {
    /// When.
    at: DateTime<Utc>,
    /// Up to which number.
    up_to: i64,
    /// How many findings; 0: the chain was whole.
    findings: u64,
}

/// Where the chain of the trail ends, and what its last check came to.
#[utoipa::path(
    get, path = "/audit-chain", tag = "audit",
    responses((status = 200, description = "The chain.", body = Chain)),
)]
async fn read_chain(State(app): State<App>, Caller(scope): Caller) -> Result<Json<Chain>, Problem> {
    let state = app.chain(&scope).await?;
    Ok(Json(Chain {
        number: state.head.position,
        hash: state.head.hash.to_string(),
        last_check: state.checked.map(|it| LastCheckBody {
            at: it.at,
            up_to: it.up_to,
            findings: it.findings,
        }),
    }))
}

/// What following the chain found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "whole": false, "lines": 531, "number": 532,
    "hash": "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6",
    "findings": [{ "first": 17, "last": 17, "code": "removed", "text": "line 17: the line is missing" }],
    "more": 0
}))]
struct ChainCheckBody {
    /// Whether nothing was found.
    whole: bool,
    /// How many lines were followed.
    lines: u64,
    /// Number of the last of them.
    number: i64,
    /// Its hash.
    hash: String,
    /// What was found; at most 500.
    findings: Vec<FindingBody>,
    /// How many findings more there are.
    more: u64,
}

/// Something that was done to lines of the trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "first": 17, "last": 17, "code": "removed", "text": "line 17: the line is missing"
}))]
struct FindingBody {
    /// Number of the first line.
    first: i64,
    /// Number of the last line.
    last: i64,
    /// `changed`, `moved`, `removed`, `inserted`, `replaced`, `unlinked`, `cut_off`, `surplus`, `head_lost` or
    /// `rewritten`.
    code: &'static str,
    /// The same in English.
    text: String,
}

impl From<&Finding> for FindingBody {
    fn from(it: &Finding) -> Self {
        let text = trail_words::finding(Locale::En, it);
        Self { first: it.first, last: it.last, code: it.flaw.code(), text }
    }
}

impl From<Checked> for ChainCheckBody {
    fn from(it: Checked) -> Self {
        Self {
            whole: it.is_whole(),
            lines: it.lines,
            number: it.end.position,
            hash: it.end.hash.to_string(),
            findings: it.findings.iter().map(FindingBody::from).collect(),
            more: it.more,
        }
    }
}

/// Follows the chain from its first line to its last. What it came to is written into the trail.
#[utoipa::path(
    post, path = "/audit-chain/checks", tag = "audit",
    responses((status = 201, description = "Checked.", body = ChainCheckBody)),
)]
async fn check_chain(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<(StatusCode, Json<ChainCheckBody>), Problem> {
    let checked = app.check_trail(&scope).await?;
    Ok((StatusCode::CREATED, Json(checked.into())))
}

/// Which month.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MonthQuery {
    /// `2025-01`; this month where nothing is said.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    month: String,
}

/// The head of the chain at the end of a month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "month": "2025-01", "until": "2025-01-31T16:00:00Z", "number": 532,
    "hash": "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6",
    "written_at": "2025-01-30T08:12:00Z", "lines": 61
}))]
struct MonthHeadBody {
    /// The month.
    month: String,
    /// Up to when lines count.
    until: DateTime<Utc>,
    /// Number of the last line; 0 while there is none.
    number: i64,
    /// Its hash.
    hash: String,
    /// When that line was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    written_at: Option<DateTime<Utc>>,
    /// How many lines the month has.
    lines: u64,
}

/// The head of the chain at the end of a month, to be kept outside the platform.
#[utoipa::path(
    get, path = "/audit-chain/month", tag = "audit", params(MonthQuery),
    responses((status = 200, description = "The head.", body = MonthHeadBody)),
)]
async fn read_month_head(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(query): Query<MonthQuery>,
) -> Result<Json<MonthHeadBody>, Problem> {
    let it = app.month_head(&scope, &query.month).await?;
    Ok(Json(MonthHeadBody {
        month: it.month.format("%Y-%m").to_string(),
        until: it.until,
        number: it.head.position,
        hash: it.head.hash.to_string(),
        written_at: it.written_at,
        lines: it.lines,
    }))
}
