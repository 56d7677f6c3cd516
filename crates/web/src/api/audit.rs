//! The trail of changes of a government.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::audit::AuditEntry;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::extract::Json;
use crate::paging::{List, Paging};
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit_events))
}

/// One line of the trail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "number": 42, "at": "2024-02-05T02:00:00Z", "by": "Verifikator Dinas Kesehatan",
    "by_id": "usr_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "kind": "measurement.verified",
    "subject": "msr_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "facts": { "period": "2023" }
}))]
struct AuditEvent {
    /// Its number; higher is later.
    number: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who, by name.
    by: String,
    /// Who, by id; the nil id is the platform itself.
    by_id: String,
    /// What kind of thing happened.
    kind: &'static str,
    /// To what.
    subject: String,
    /// From, to, why.
    facts: BTreeMap<String, String>,
    /// In which request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
}

impl From<AuditEntry> for AuditEvent {
    fn from(it: AuditEntry) -> Self {
        Self {
            number: it.seq,
            at: it.at,
            by: it.user_name,
            by_id: it.user.to_string(),
            kind: it.kind.code(),
            subject: it.subject,
            facts: it.facts.into_iter().collect(),
            request: it.request,
        }
    }
}

/// Lists what happened in this government, the latest first. For auditors and administrators.
#[utoipa::path(
    get, path = "/audit-events", tag = "audit", params(Paging),
    responses((status = 200, description = "A piece of the trail.", body = List<AuditEvent>)),
)]
async fn list_audit_events(
    State(app): State<App>,
    Caller(scope): Caller,
    paging: Paging,
) -> Result<Json<List<AuditEvent>>, Problem> {
    let piece = app.audit_trail(&scope, paging.page()).await?;
    Ok(Json(List::of(piece, AuditEvent::from)))
}
