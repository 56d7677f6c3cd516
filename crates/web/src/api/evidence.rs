//! Evidence of a value: files and links.

use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use chrono::{DateTime, Utc};
use ekinerja_app::evidence::{EvidenceEntry, SupportEntry};
use ekinerja_app::{App, Code};
use ekinerja_domain::evidence::{Evidence, Support};
use ekinerja_domain::ids::{EvidenceId, MeasurementId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Created;
use crate::caller::Caller;
use crate::download::{BODY_WITH_FILE, attachment};
use crate::extract::{Id, Json, MultipartForm, Path};
use crate::links;
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_evidence, add_evidence))
        .routes(routes!(read_evidence_file))
        .layer(DefaultBodyLimit::max(BODY_WITH_FILE))
}

/// A file or link that supports a value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence, example = json!({
    "id": "evd_0199c8d2f6a97d0e8f6a1b2c3d4e5f62",
    "file": { "name": "statistik-indonesia-2026.pdf", "media_type": "application/pdf", "size": 48213,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
    "pointer": "tabel 4.6.7, halaman 312", "added_by": "Petugas Bappeda",
    "added_at": "2024-01-08T02:00:00Z"
}))]
pub(super) struct EvidenceBody {
    /// Id.
    id: String,
    /// The file; read it at `…/evidence/{id}/file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<EvidenceFileBody>,
    /// The address of a web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Page, sheet or cell to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// Who added it.
    added_by: String,
    /// When.
    added_at: DateTime<Utc>,
}

/// A stored file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EvidenceFile)]
struct EvidenceFileBody {
    /// Its name as uploaded.
    name: String,
    /// What it is, by its content.
    media_type: &'static str,
    /// Its size in bytes.
    size: i64,
    /// SHA-256 of its content; the same content is stored once.
    sha256: String,
}

impl From<Evidence> for EvidenceBody {
    fn from(it: Evidence) -> Self {
        let (file, url) = match it.support {
            Support::File { file, name } => {
                let (media_type, size, sha256) = (file.kind.code(), file.size, file.sha256);
                (Some(EvidenceFileBody { name, media_type, size, sha256 }), None)
            }
            Support::Link { url } => (None, Some(url)),
        };
        Self {
            id: it.id.to_string(),
            file,
            url,
            pointer: it.pointer,
            added_by: it.added_by_name,
            added_at: it.added_at,
        }
    }
}

/// A link as evidence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "url": "https://www.bps.go.id/id/publication", "pointer": "tabel 4.6.7"
}))]
struct NewLink {
    /// The address, beginning with `https://`.
    url: String,
    /// Page, sheet or cell to look at.
    #[serde(default)]
    pointer: String,
}

/// A file as evidence.
#[derive(ToSchema)]
#[schema(as = NewEvidenceFile)]
#[expect(dead_code, reason = "describes the parts of a multipart body")]
struct NewFile {
    /// PDF, PNG, JPEG, XLSX without macros, CSV or text, at most 5 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Page, sheet or cell to look at.
    pointer: Option<String>,
}

/// The id in a path.
#[derive(Debug, Deserialize)]
struct OfMeasurement {
    measurement: Id<MeasurementId>,
}

/// The evidence of a value.
#[utoipa::path(
    get, path = "/measurements/{measurement}/evidence", tag = "measurements",
    params(("measurement" = String, Path, description = "Id of the revision.")),
    responses((status = 200, description = "The evidence.", body = List<EvidenceBody>)),
)]
async fn list_evidence(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfMeasurement>,
) -> Result<Json<List<EvidenceBody>>, Problem> {
    let found = app.measurement(&scope, path.measurement.0).await?;
    Ok(Json(List::whole(found.evidence, EvidenceBody::from)))
}

/// Adds a file (multipart) or a link (JSON) to a value; officers of the owning unit only.
#[utoipa::path(
    post, path = "/measurements/{measurement}/evidence", tag = "measurements",
    params(("measurement" = String, Path, description = "Id of the revision.")),
    request_body(content(
        (NewLink = "application/json"), (NewFile = "multipart/form-data"),
    )),
    responses((status = 201, description = "Added.", body = EvidenceBody)),
)]
async fn add_evidence(
    State(state): State<AppState>,
    Caller(scope): Caller,
    Path(path): Path<OfMeasurement>,
    request: Request,
) -> Result<Created<EvidenceBody>, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let entry = if kind.is_some_and(|it| it.starts_with("multipart/form-data")) {
        of_form(&MultipartForm::from_request(request, &state).await?)?
    } else {
        let Json(NewLink { url, pointer }) = Json::from_request(request, &state).await?;
        EvidenceEntry { support: SupportEntry::Link(url), pointer }
    };
    let id = path.measurement.0;
    let added = state.app.add_evidence(&scope, id, entry).await?;
    let location = format!("/measurements/{id}/evidence/{}/file", added.id);
    Ok(Created::at(links::api(&scope.tenant().slug, &location), added.into()))
}

fn of_form(form: &MultipartForm) -> Result<EvidenceEntry, Problem> {
    let file = form.file("file").ok_or_else(|| Problem::field("file", Code::FieldMissing))?;
    let support = SupportEntry::File {
        name: file.name.clone(),
        claimed: file.claimed_type.clone(),
        content: file.content.to_vec(),
    };
    Ok(EvidenceEntry { support, pointer: form.fields.text("pointer").to_owned() })
}

/// The ids in a path.
#[derive(Debug, Deserialize)]
struct OfEvidence {
    measurement: Id<MeasurementId>,
    evidence: Id<EvidenceId>,
}

/// The file of a piece of evidence.
#[utoipa::path(
    get, path = "/measurements/{measurement}/evidence/{evidence}/file", tag = "measurements",
    params(
        ("measurement" = String, Path, description = "Id of the revision."),
        ("evidence" = String, Path, description = "Id of the evidence."),
    ),
    responses((status = 200, description = "The file, as an attachment, of the media type it was found to be.",
        content_type = "*/*", body = Vec<u8>)),
)]
async fn read_evidence_file(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<OfEvidence>,
) -> Result<Response, Problem> {
    let file = app.evidence_file(&scope, path.measurement.0, path.evidence.0).await?;
    Ok(attachment(&file.name, file.kind.code(), file.content))
}
