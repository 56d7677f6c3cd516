//! The trail of changes of a government: its lines and their download, its chain, and who read what.

mod chain;
mod reads;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use ekinerja_app::audit::{AuditEntry, TrailAsk};
use ekinerja_app::trail_file::{FileHead, FileLine};
use ekinerja_app::{App, Refusal, TenantScope};
use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::download::cell;
use crate::extract::{Json, Query};
use crate::locale::Locale;
use crate::paging::{List, Paging};
use crate::problem::Problem;
use crate::settings::AppState;
use crate::trail_words;

pub(crate) use reads::ReadsQuery;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_audit_events))
        .routes(routes!(download_trail))
        .merge(chain::router())
        .merge(reads::router())
}

/// Narrows the trail.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrailQuery {
    /// What this person did: id of a person.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    person: String,
    /// Code of a kind of event, for instance `target.revised`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    kind: String,
    /// What happened to this: an id, or a period.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    subject: String,
    /// First day (WITA), `2025-01-31`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    from: String,
    /// Last day (WITA).
    #[serde(default)]
    #[param(value_type = Option<String>)]
    to: String,
    /// What happened in this request: its id.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    request: String,
}

impl From<TrailQuery> for TrailAsk {
    fn from(it: TrailQuery) -> Self {
        Self {
            person: it.person,
            kind: it.kind,
            subject: it.subject,
            from: it.from,
            to: it.to,
            request: it.request,
        }
    }
}

/// One line of the trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "number": 42, "at": "2024-02-05T02:00:00Z", "by": "Verifikator Dinas Kesehatan",
    "by_id": "usr_0199c8d2f6a97d0e8f6a1b2c3d4e5f60",
    "post": "Kepala Dinas <agency_head agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f62>",
    "kind": "measurement.verified",
    "subject": "msr_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "facts": { "period": "2023" },
    "previous": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    "hash": "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6"
}))]
struct AuditEvent {
    /// Its number: 1, 2, 3 … without a gap.
    number: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who, by name.
    by: String,
    /// Who, by id; the nil id is the platform itself.
    by_id: String,
    /// The posts that person held at that moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    /// What kind of thing happened.
    kind: String,
    /// To what.
    subject: String,
    /// From, to, why.
    facts: BTreeMap<String, String>,
    /// In which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    /// Hash of the line before: SHA-256 in hex.
    previous: String,
    /// Its own hash.
    hash: String,
}

impl From<AuditEntry> for AuditEvent {
    fn from(it: AuditEntry) -> Self {
        Self {
            number: it.seq,
            at: it.at,
            by: it.user_name,
            by_id: it.user.to_string(),
            post: it.post,
            kind: it.kind,
            subject: it.subject,
            facts: it.facts.into_iter().collect(),
            request: it.request,
            previous: it.previous.to_string(),
            hash: it.hash.to_string(),
        }
    }
}

/// Lists what happened in this government, the latest first. For auditors and administrators. That it was read
/// is written down.
#[utoipa::path(
    get, path = "/audit-events", tag = "audit", params(TrailQuery, Paging),
    responses((status = 200, description = "A piece of the trail.", body = List<AuditEvent>)),
)]
async fn list_audit_events(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(query): Query<TrailQuery>,
    paging: Paging,
) -> Result<Json<List<AuditEvent>>, Problem> {
    let view = app.audit_trail(&scope, &query.into(), paging.page()).await?;
    Ok(Json(List::of(view.lines, AuditEvent::from)))
}

/// In which form the trail is downloaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TrailFormat {
    /// JSON lines with everything that the hashes cover; `ekinerja audit verify --export FILE` checks them.
    #[default]
    #[serde(rename = "jsonl")]
    Lines,
    /// A table for people.
    Csv,
}

/// In which form.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FormatQuery {
    /// `jsonl` (with everything that the hashes cover) or `csv`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    format: TrailFormat,
}

/// Downloads the lines that fit, the earliest first, with their hashes.
#[utoipa::path(
    get, path = "/audit-events/file", tag = "audit", params(TrailQuery, FormatQuery),
    responses((status = 200, description = "The lines, as an attachment.",
        content((String = "application/x-ndjson"), (String = "text/csv")))),
)]
async fn download_trail(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(query): Query<TrailQuery>,
    Query(format): Query<FormatQuery>,
) -> Result<Response, Problem> {
    download(&app, &scope, &query.into(), format.format).await
}

/// The download, for page and interface alike; it is sent in pieces, so that a trail of any length fits.
pub(crate) async fn download(
    app: &App,
    scope: &TenantScope,
    ask: &TrailAsk,
    format: TrailFormat,
) -> Result<Response, Problem> {
    let (end, pieces) = app.download_trail(scope, ask).await?;
    let filtered = *ask != TrailAsk::default();
    let (first, media_type, ending) = match format {
        TrailFormat::Lines => {
            let head = FileHead::of(scope.tenant(), end, app.now(), filtered);
            let line = serde_json::to_string(&head).map_err(Problem::internal)?;
            (format!("{line}\n"), "application/x-ndjson", "jsonl")
        }
        TrailFormat::Csv => (COLUMNS.to_owned(), "text/csv; charset=utf-8", "csv"),
    };
    let pieces = pieces.map(move |piece| -> Result<Bytes, Refusal> {
        let lines = piece?;
        let mut text = String::new();
        for line in &lines {
            match format {
                TrailFormat::Lines => {
                    let line = FileLine::from(line);
                    text.push_str(&serde_json::to_string(&line).map_err(Refusal::internal)?);
                    text.push('\n');
                }
                TrailFormat::Csv => csv_line(&mut text, line),
            }
        }
        Ok(Bytes::from(text))
    });
    let body = Body::from_stream(stream::iter([Ok(Bytes::from(first))]).chain(pieces));
    let name = format!("jejak-{}.{ending}", scope.tenant().slug);
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .map_err(Problem::internal)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, body).into_response())
}

const COLUMNS: &str = "nomor,waktu,oleh,id_oleh,jabatan,kejadian,kode,objek,rincian,permintaan,\
hash_sebelumnya,hash\r\n";

fn csv_line(text: &mut String, it: &AuditEntry) {
    let facts: Vec<_> = it.facts.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let cells = [
        it.seq.to_string(),
        it.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        it.user_name.clone(),
        it.user.to_string(),
        it.post.clone().unwrap_or_default(),
        trail_words::kind(Locale::Id, &it.kind),
        it.kind.clone(),
        it.subject.clone(),
        facts.join("; "),
        it.request.clone().unwrap_or_default(),
        it.previous.to_string(),
        it.hash.to_string(),
    ];
    let cells: Vec<_> = cells.iter().map(|it| cell(it)).collect();
    // A string takes any text.
    let _always = write!(text, "{}\r\n", cells.join(","));
}
