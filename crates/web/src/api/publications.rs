//! What leaves a tenant and what came to a province.

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::publications::{
    Audience, LoggedPublication, PublicationPreview, PublicationRequest, PublishedContent,
};
use ekinerja_domain::ids::PublicationId;
use ekinerja_domain::publication::{Publication, Standing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::published::{ContentBody, ValueBody};
use crate::answer::Created;
use crate::caller::Caller;
use crate::extract::{Fields, Id, Json, Path, Query};
use crate::links;
use crate::paging::{List, Paging};
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_publications, create_publication))
        .routes(routes!(preview_publication))
        .routes(routes!(read_publication))
        .routes(routes!(revoke_publication))
        .routes(routes!(list_received_publications))
}

/// A publication without its content.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Publication, example = json!({
    "id": "pub_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "period": "2023", "number": 1, "status": "published",
    "content_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "published_by": "Sekretaris Daerah Kota Mataram", "published_at": "2024-01-10T02:15:00Z"
}))]
struct PublicationBody {
    /// Its id.
    id: String,
    /// The period.
    period: String,
    /// 1 for the first publication of the period, then counting.
    number: i32,
    /// `published`, `superseded`, `revoked`.
    status: &'static str,
    /// SHA-256 of the content, in hex.
    content_hash: String,
    /// Who published it.
    published_by: String,
    /// When.
    published_at: DateTime<Utc>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_reason: Option<String>,
}

impl From<Publication> for PublicationBody {
    fn from(it: Publication) -> Self {
        Self {
            id: it.id.to_string(),
            period: it.period.to_string(),
            number: it.number,
            status: it.status.code(),
            content_hash: it.content_hash,
            published_by: it.published_by_name,
            published_at: it.published_at,
            revoked_at: it.revoked_at,
            revocation_reason: it.revocation_reason,
        }
    }
}

/// A publication with what left.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicationWithContent)]
struct WholeBody {
    /// The publication.
    publication: PublicationBody,
    /// What left.
    content: ContentBody,
}

impl From<PublishedContent> for WholeBody {
    fn from(it: PublishedContent) -> Self {
        Self { content: (&it.content).into(), publication: it.publication.into() }
    }
}

/// How many lines of a content are what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicationCounts, example = json!({
    "reported": 11, "missing": 3, "not_applicable": 0, "not_yet_due": 0
}))]
struct CountsBody {
    /// With a value.
    reported: usize,
    /// Due and not there.
    missing: usize,
    /// Not applicable here.
    not_applicable: usize,
    /// Not yet due.
    not_yet_due: usize,
}

/// What would leave, exactly.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PublicationPreview)]
struct PreviewBody {
    /// What would leave.
    content: ContentBody,
    /// The hash that publishing must name: the approval is bound to it.
    content_hash: String,
    /// How many lines are what.
    counts: CountsBody,
    /// Lines that stay at home by choice.
    omitted: Vec<ValueBody>,
    /// The publication in force, which this one would supersede.
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<PublicationBody>,
    /// Who would read it: `province`, or `own` for a province's official figures.
    audience: &'static str,
    /// Why it cannot be published now, as a problem's code; missing when it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    obstacle: Option<&'static str>,
}

impl From<PublicationPreview> for PreviewBody {
    fn from(it: PublicationPreview) -> Self {
        Self {
            counts: CountsBody {
                reported: it.count(Standing::Reported),
                missing: it.count(Standing::Missing),
                not_applicable: it.count(Standing::NotApplicable),
                not_yet_due: it.count(Standing::NotYetDue),
            },
            obstacle: it.obstacle().map(ekinerja_app::Code::as_str),
            content: (&it.content).into(),
            content_hash: it.content_hash,
            omitted: it.omitted.iter().map(ValueBody::from).collect(),
            supersedes: it.in_force.map(PublicationBody::from),
            audience: match it.audience {
                Audience::Province => "province",
                Audience::Own => "own",
            },
        }
    }
}

/// A period to publish, as it was previewed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPublication, example = json!({
    "period": "2023", "omit": ["APBD_BELANJA_R"],
    "content_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
struct NewPublicationBody {
    /// The period.
    period: String,
    /// Codes of indicators that stay at home.
    #[serde(default)]
    omit: Vec<String>,
    /// The hash of the preview that was approved.
    #[serde(default)]
    content_hash: String,
}

/// Why a publication is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Revocation, example = json!({
    "reason": "Angka kemiskinan terbit keliru, menunggu koreksi BPS."
}))]
struct RevocationBody {
    /// The reason; the audience reads it. 1 to 500 letters.
    #[serde(default)]
    reason: String,
}

/// One line of the province's log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceivedPublication, example = json!({
    "id": "pub_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "publisher": "52.71", "publisher_name": "Kota Mataram",
    "period": "2023", "number": 1, "status": "revoked", "published_at": "2024-01-10T02:15:00Z",
    "revoked_at": "2024-02-01T01:00:00Z", "revocation_reason": "Angka terbit keliru."
}))]
struct ReceivedBody {
    /// Its id.
    id: String,
    /// Kemendagri code of who published.
    publisher: String,
    /// Its name.
    publisher_name: String,
    /// The period.
    period: String,
    /// Its number.
    number: i32,
    /// `published`, `superseded`, `revoked`.
    status: &'static str,
    /// When it was published.
    published_at: DateTime<Utc>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation_reason: Option<String>,
}

impl From<LoggedPublication> for ReceivedBody {
    fn from(it: LoggedPublication) -> Self {
        let publication = it.publication;
        Self {
            id: publication.id.to_string(),
            publisher: it.publisher.code.to_string(),
            publisher_name: it.publisher.name,
            period: publication.period.to_string(),
            number: publication.number,
            status: publication.status.code(),
            published_at: publication.published_at,
            revoked_at: publication.revoked_at,
            revocation_reason: publication.revocation_reason,
        }
    }
}

/// Lists what the tenant published, the latest first.
#[utoipa::path(
    get, path = "/publications", tag = "publications", params(Paging),
    responses((status = 200, description = "A piece of the list.", body = List<PublicationBody>)),
)]
async fn list_publications(
    State(app): State<App>,
    Caller(scope): Caller,
    paging: Paging,
) -> Result<Json<List<PublicationBody>>, Problem> {
    let found = app.publications(&scope, &paging.page()).await?;
    Ok(Json(List::of(found, PublicationBody::from)))
}

/// Says exactly what a publication of a period would hold; publishes nothing.
#[utoipa::path(
    get, path = "/publications/preview", tag = "publications",
    params(
        ("period" = String, Query, description = "The period.", example = "2023"),
        ("omit" = Option<Vec<String>>, Query, description = "Codes that stay at home; may be repeated."),
    ),
    responses((status = 200, description = "The preview.", body = PreviewBody)),
)]
async fn preview_publication(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(fields): Query<Fields>,
) -> Result<Json<PreviewBody>, Problem> {
    let request = PublicationRequest {
        period: fields.text("period").to_owned(),
        omit: fields.all("omit").map(ToOwned::to_owned).collect(),
    };
    Ok(Json(app.prepare_publication(&scope, &request).await?.into()))
}

/// Publishes a period as it was previewed.
///
/// 409 `publication.changed-since-preview` when the content is another one by now.
#[utoipa::path(
    post, path = "/publications", tag = "publications", request_body = NewPublicationBody,
    responses((status = 201, description = "Published.", body = PublicationBody)),
)]
async fn create_publication(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewPublicationBody>,
) -> Result<Created<PublicationBody>, Problem> {
    let request = PublicationRequest { period: body.period, omit: body.omit };
    let publication = app.publish_period(&scope, &request, &body.content_hash).await?;
    let at = links::api(&scope.tenant().slug, &format!("/publications/{}", publication.id));
    Ok(Created::at(at, publication.into()))
}

/// Gives one publication of the tenant with what left.
#[utoipa::path(
    get, path = "/publications/{publication}", tag = "publications",
    params(("publication" = String, Path, description = "Its id.")),
    responses((status = 200, description = "The publication.", body = WholeBody)),
)]
async fn read_publication(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(at): Path<At>,
) -> Result<Json<WholeBody>, Problem> {
    let Id(id) = at.publication;
    Ok(Json(app.publication(&scope, id).await?.into()))
}

/// Takes a publication back: its audience reads it no more.
#[utoipa::path(
    post, path = "/publications/{publication}/revocation", tag = "publications",
    params(("publication" = String, Path, description = "Its id.")), request_body = RevocationBody,
    responses((status = 200, description = "Revoked.", body = PublicationBody)),
)]
async fn revoke_publication(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(at): Path<At>,
    Json(body): Json<RevocationBody>,
) -> Result<Json<PublicationBody>, Problem> {
    let Id(id) = at.publication;
    Ok(Json(app.revoke_publication(&scope, id, &body.reason).await?.into()))
}

/// The variable part of an address.
#[derive(Debug, Clone, Copy, Deserialize)]
struct At {
    publication: Id<PublicationId>,
}

/// Lists what regencies published to the province, restated and revoked ones too, the latest first.
#[utoipa::path(
    get, path = "/received-publications", tag = "publications",
    responses((status = 200, description = "The log.", body = List<ReceivedBody>)),
)]
async fn list_received_publications(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<ReceivedBody>>, Problem> {
    let log = app.received_publications(&scope).await?;
    Ok(Json(List::whole(log, ReceivedBody::from)))
}
