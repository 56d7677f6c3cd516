//! Who read what, and who was refused.

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::audit::{ReadEvent, ReadsAsk};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::extract::{Json, Query};
use crate::paging::{List, Paging};
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_read_events))
}

/// Narrows the log of reads.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadsQuery {
    /// What this person read: id of a person.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    person: String,
    /// `members`, `trail`, `trail_export`, `reads`, `evidence` or `denied`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    kind: String,
    /// Who read this: id of a piece of evidence, or a path that was refused.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    subject: String,
    /// What was read under this session: its id.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    session: String,
    /// First day (WITA), `2025-01-31`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    from: String,
    /// Last day (WITA).
    #[serde(default)]
    #[param(value_type = Option<String>)]
    to: String,
}

impl From<ReadsQuery> for ReadsAsk {
    fn from(it: ReadsQuery) -> Self {
        Self {
            person: it.person,
            kind: it.kind,
            subject: it.subject,
            session: it.session,
            from: it.from,
            to: it.to,
        }
    }
}

/// One line of the log of reads.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "at": "2025-01-15T02:00:00Z", "by": "Auditor NTB", "by_id": "usr_0199c8d2f6a97d0e8f6a1b2c3d4e5f60",
    "post": "<auditor>", "kind": "evidence", "subject": "evd_0199c8d2f6a97d0e8f6a1b2c3d4e5f61",
    "detail": "brs-kemiskinan.pdf", "session": "ses_0199c8d2f6a97d0e8f6a1b2c3d4e5f62"
}))]
struct ReadEventBody {
    /// When.
    at: DateTime<Utc>,
    /// Who, by name.
    by: String,
    /// Who, by id.
    by_id: String,
    /// The posts that person held; missing for who had no role here.
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    /// What was read, or `denied`.
    kind: &'static str,
    /// Which one: an id, the path that was refused, or `-` for the whole.
    subject: String,
    /// Name of the file, filter, or the answer to what was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// In which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    /// Under which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
}

impl From<ReadEvent> for ReadEventBody {
    fn from(it: ReadEvent) -> Self {
        Self {
            at: it.at,
            by: it.user_name,
            by_id: it.user.to_string(),
            post: it.post,
            kind: it.kind.code(),
            subject: it.subject,
            detail: it.detail,
            request: it.request,
            session: it.session.map(|it| it.to_string()),
        }
    }
}

/// Lists who read personal data, the trail or evidence, and who was refused, the latest first.
#[utoipa::path(
    get, path = "/read-events", tag = "audit", params(ReadsQuery, Paging),
    responses((status = 200, description = "A piece of the log.", body = List<ReadEventBody>)),
)]
async fn list_read_events(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(query): Query<ReadsQuery>,
    paging: Paging,
) -> Result<Json<List<ReadEventBody>>, Problem> {
    let view = app.reads(&scope, &query.into(), paging.page()).await?;
    Ok(Json(List::of(view.lines, ReadEventBody::from)))
}
