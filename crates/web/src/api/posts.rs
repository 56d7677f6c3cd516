//! Posts (jabatan) of a government.

use axum::extract::State;
use chrono::NaiveDate;
use ekinerja_app::App;
use ekinerja_app::members::Acting;
use ekinerja_app::posts::{HeldPost, PostDraft};
use ekinerja_domain::ids::PostId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Created;
use crate::caller::Caller;
use crate::extract::{Id, Json, Path};
use crate::links;
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_posts, add_post)).routes(routes!(abolish_post))
}

/// A post.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "pst_0199c8d2f6a97d0e8f6a1b2c3d4e5f62", "name": "Kepala Dinas Kesehatan", "kind": "managerial",
    "agency": "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f61",
    "holders": [{ "name": "Baiq Nurul (contoh)", "acting": "plt", "valid_from": "2026-01-01", "valid_to": "2026-06-30" }]
}))]
struct ListedPost {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// `elected`, `managerial`, `functional`, `executor`.
    kind: &'static str,
    /// The OPD; missing for a post above all OPD.
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
    /// Last day on which it exists; missing: until it is abolished.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<NaiveDate>,
    /// Who holds it today; empty: vacant.
    holders: Vec<Holder>,
}

/// A holder of a post.
#[derive(Debug, Serialize, ToSchema)]
struct Holder {
    /// The person's name.
    name: String,
    /// `plt` or `plh`; missing for the definitive holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    acting: Option<&'static str>,
    /// First day.
    valid_from: NaiveDate,
    /// Last day; missing: until it is ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<NaiveDate>,
}

impl From<HeldPost> for ListedPost {
    fn from(it: HeldPost) -> Self {
        let HeldPost { post, holders } = it;
        let holder = |it: ekinerja_app::members::Membership| Holder {
            name: it.name,
            acting: it.acting.map(Acting::code),
            valid_from: it.grant.valid_from,
            valid_to: it.grant.valid_to,
        };
        Self {
            id: post.id.to_string(),
            name: post.name,
            kind: post.kind.code(),
            agency: post.agency.map(|id| id.to_string()),
            valid_to: post.valid_to,
            holders: holders.into_iter().map(holder).collect(),
        }
    }
}

/// Lists the posts that exist today with who holds them, by name.
#[utoipa::path(
    get, path = "/posts", tag = "members",
    responses((status = 200, description = "The posts.", body = List<ListedPost>)),
)]
async fn list_posts(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<ListedPost>>, Problem> {
    Ok(Json(List::whole(app.posts(&scope).await?.posts, ListedPost::from)))
}

/// A post that shall be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Kepala Dinas Kesehatan", "kind": "managerial",
    "agency": "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f61"
}))]
struct NewPost {
    /// Its name, unique in its OPD.
    name: String,
    /// `elected`, `managerial`, `functional`, `executor`. The first two have one definitive holder at a time.
    kind: String,
    /// Id of the OPD; missing for a post above all OPD.
    #[serde(default)]
    agency: String,
}

/// Adds a post.
#[utoipa::path(
    post, path = "/posts", tag = "members", request_body = NewPost,
    responses((status = 201, description = "Added.", body = ListedPost)),
)]
async fn add_post(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewPost>,
) -> Result<Created<ListedPost>, Problem> {
    let NewPost { name, kind, agency } = body;
    let post = app.add_post(&scope, &PostDraft { name, kind, agency }).await?;
    let place = links::api(&scope.tenant().slug, &format!("/posts/{}", post.id));
    Ok(Created::at(place, HeldPost { post, holders: Vec::new() }.into()))
}

/// Path of a post.
#[derive(Debug, Deserialize)]
struct PostPath {
    post: Id<PostId>,
}

/// Abolishes a post that nobody holds. The trail keeps it.
#[utoipa::path(
    delete, path = "/posts/{post}", tag = "members",
    params(("post" = String, Path, description = "Id of the post.")),
    responses((status = 200, description = "The post with its last day.", body = ListedPost)),
)]
async fn abolish_post(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(PostPath { post: Id(id) }): Path<PostPath>,
) -> Result<Json<ListedPost>, Problem> {
    let post = app.abolish_post(&scope, id).await?;
    Ok(Json(HeldPost { post, holders: Vec::new() }.into()))
}
