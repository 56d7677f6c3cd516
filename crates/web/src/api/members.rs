//! Members of a government: who holds which role, where and for how long.

use axum::extract::State;
use chrono::NaiveDate;
use ekinerja_app::App;
use ekinerja_app::members::importing::{PeopleImport, PersonFate};
use ekinerja_app::members::{AddMember, AddedMember as Added, Membership};
use ekinerja_domain::access::Scope;
use ekinerja_domain::ids::MembershipId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::agencies::RowFault;
use crate::answer::{Created, Secret};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path, Query};
use crate::links;
use crate::locale::Locale;
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_members, add_member))
        .routes(routes!(end_member))
        .routes(routes!(renew_first_password))
        .routes(routes!(leave))
        .routes(routes!(preview_members))
        .routes(routes!(import_members))
}

/// A role of a person in this government.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "mem_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "username": "petugas.dikes",
    "name": "Petugas Dinas Kesehatan", "role": "officer",
    "agency": "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "valid_from": "2024-01-01"
}))]
pub(super) struct Member {
    /// Id of the role that was given.
    id: String,
    /// The person's name for signing in.
    username: String,
    /// The person's name.
    name: String,
    /// Code of the role.
    role: &'static str,
    /// The OPD for which it holds; missing for the whole government.
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
    /// The post.
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    /// Id of the post in the list of posts.
    #[serde(skip_serializing_if = "Option::is_none")]
    post_id: Option<String>,
    /// Whether the role holds only for what names that post.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    own_post: bool,
    /// `plt` or `plh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    acting: Option<&'static str>,
    /// First day.
    valid_from: NaiveDate,
    /// Last day; missing: until it is ended. A last day before the first: it never held.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<NaiveDate>,
}

impl From<Membership> for Member {
    fn from(it: Membership) -> Self {
        let agency = it.grant.scope.agency().map(|agency| agency.to_string());
        Self {
            id: it.id.to_string(),
            username: it.username,
            name: it.name,
            role: it.grant.role.code(),
            agency,
            post: it.post,
            post_id: it.post_id.map(|id| id.to_string()),
            own_post: matches!(it.grant.scope, Scope::Post(_)),
            acting: it.acting.map(ekinerja_app::members::Acting::code),
            valid_from: it.grant.valid_from,
            valid_to: it.grant.valid_to,
        }
    }
}

/// A person who was given a role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "member": { "id": "mem_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "username": "petugas.dikes",
        "name": "Petugas Dinas Kesehatan", "role": "officer",
        "agency": "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "valid_from": "2024-01-01" },
    "first_password": "aB3dE5-fG7hJ9-kM2nP4-qR6sT8"
}))]
pub(super) struct AddedMember {
    /// The role.
    member: Member,
    /// The password that was made for a new person: told here only, to be changed at the first sign-in.
    /// Missing when the person has an account or a password was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_password: Option<String>,
}

impl From<Added> for AddedMember {
    fn from(added: Added) -> Self {
        let first_password = added.first_password.map(|it| it.reveal().to_owned());
        Self { member: added.membership.into(), first_password }
    }
}

/// Lists every role that was ever given, by name of the person.
#[utoipa::path(
    get, path = "/members", tag = "members",
    responses((status = 200, description = "The members.", body = List<Member>)),
)]
async fn list_members(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<Member>>, Problem> {
    let list = app.members(&scope).await?;
    Ok(Json(List::whole(list.members, Member::from)))
}

/// A role that shall be given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "username": "petugas.dikes", "name": "Petugas Dinas Kesehatan", "role": "officer",
    "agency": "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "valid_from": "2024-01-01"
}))]
struct NewMember {
    /// The name for signing in. An account with it is joined and keeps its name and password.
    username: String,
    /// The person's name.
    name: String,
    /// 18-digit employee number.
    #[serde(default)]
    nip: String,
    /// A first password of at least 12 characters; missing: one is made and told in the answer.
    #[serde(default)]
    password: String,
    /// `administrator`, `leader`, `planner`, `agency_head`, `officer`, `evaluator`, `hr`, `auditor`.
    role: String,
    /// The OPD, for `agency_head` and `officer`.
    #[serde(default)]
    agency: String,
    /// The post, by name.
    #[serde(default)]
    post: String,
    /// Id of the post in the list of posts; then its name is taken from there.
    #[serde(default)]
    post_id: String,
    /// Whether the role holds only for what names that post; for officers.
    #[serde(default)]
    own_post: bool,
    /// `plt` or `plh`; then `valid_to` is needed.
    #[serde(default)]
    acting: String,
    /// First day; missing: today.
    #[serde(default)]
    valid_from: String,
    /// Last day; missing: until it is ended.
    #[serde(default)]
    valid_to: String,
}

/// Gives a person a role; it holds at once.
#[utoipa::path(
    post, path = "/members", tag = "members", request_body = NewMember,
    responses((status = 201, description = "Given.", body = AddedMember)),
)]
async fn add_member(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewMember>,
) -> Result<Secret<Created<AddedMember>>, Problem> {
    let NewMember {
        username,
        name,
        nip,
        password,
        role,
        agency,
        post,
        post_id,
        own_post,
        acting,
        valid_from,
        valid_to,
    } = body;
    let ask = AddMember {
        username,
        name,
        nip,
        password,
        role,
        agency,
        post,
        post_id,
        own_post,
        acting,
        valid_from,
        valid_to,
    };
    let added = app.add_member(&scope, ask).await?;
    let rest = format!("/members/{}", added.membership.id);
    Ok(Secret(Created::at(links::api(&scope.tenant().slug, &rest), added.into())))
}

/// When a role ends.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Ending {
    /// Last day on which the role holds; missing: it holds no more from this moment.
    #[serde(default)]
    last_day: String,
}

/// Path of a role.
#[derive(Debug, Deserialize)]
struct MemberPath {
    member: Id<MembershipId>,
}

/// Makes a new first password for a person who never used theirs.
#[utoipa::path(
    post, path = "/members/{member}/first-password", tag = "members",
    params(("member" = String, Path, description = "Id of the role.")),
    responses((status = 200, description = "The new first password.", body = AddedMember)),
)]
async fn renew_first_password(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
) -> Result<Secret<Json<AddedMember>>, Problem> {
    let renewed = app.renew_first_password(&scope, id).await?;
    Ok(Secret(Json(renewed.into())))
}

/// Ends a role. The trail keeps it.
#[utoipa::path(
    delete, path = "/members/{member}", tag = "members",
    params(("member" = String, Path, description = "Id of the role."), Ending),
    responses((status = 200, description = "The role with its last day.", body = Member)),
)]
async fn end_member(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
    Query(ending): Query<Ending>,
) -> Result<Json<Member>, Problem> {
    let ended = app.end_member(&scope, id, &ending.last_day).await?;
    Ok(Json(ended.into()))
}

/// That a person leaves the government.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "transferred", "last_day": "2026-11-30" }))]
struct Leaving {
    /// `transferred`, `resigned`, `retired`, `deceased`.
    reason: String,
    /// Last day on which the person may do anything; missing: nothing from this moment.
    #[serde(default)]
    last_day: String,
}

/// What ended with it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "Petugas Dinas Kesehatan (contoh)", "last_day": "2026-11-30", "roles": 2, "delegations": 1
}))]
struct LeftMember {
    /// The person's name.
    name: String,
    /// Last day on which they may do anything.
    last_day: NaiveDate,
    /// How many roles ended.
    roles: usize,
    /// How many delegations ended, given and received.
    delegations: u64,
}

/// Ends every role and delegation of the person who holds this role, under all their accounts, in one step.
#[utoipa::path(
    post, path = "/members/{member}/departure", tag = "members", request_body = Leaving,
    params(("member" = String, Path, description = "Id of any role of the person.")),
    responses((status = 200, description = "What ended.", body = LeftMember)),
)]
async fn leave(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
    Json(body): Json<Leaving>,
) -> Result<Json<LeftMember>, Problem> {
    let left = app.leave(&scope, id, &body.last_day, &body.reason).await?;
    let ekinerja_app::members::leaving::Left { name, last_day, roles, delegations } = left;
    Ok(Json(LeftMember { name, last_day, roles, delegations }))
}

/// A table of people.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "table": "name,username,nip,role,agency_code,post,acting,valid_from,valid_to\nSiti Aminah,siti.aminah,,officer,NTB-SETDA,,,2026-01-01,\n"
}))]
struct PeopleTable {
    /// CSV with the header `name,username,nip,role,agency_code,post,acting,valid_from,valid_to`, at most 1,000 rows;
    /// the columns but the name, the user name and the role may be missing.
    table: String,
}

/// What an import does with each row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "made": 1, "joined": 0, "known": 0, "faulty": 0,
    "rows": [{ "line": 2, "username": "siti.aminah", "name": "Siti Aminah", "fate": "new", "faults": [] }]
}))]
struct PeopleImported {
    /// Rows for which an account is made.
    made: usize,
    /// Rows whose account is there already and is given the role.
    joined: usize,
    /// Rows whose person holds the role already.
    known: usize,
    /// Rows with faults; with one of them nothing is done.
    faulty: usize,
    /// The rows in the order of the table.
    rows: Vec<ImportedPerson>,
}

/// A row of a table of people.
#[derive(Debug, Serialize, ToSchema)]
struct ImportedPerson {
    /// Its line; the header is line 1.
    line: u64,
    /// The name for signing in as typed.
    username: String,
    /// The name as typed.
    name: String,
    /// `new`, `joins`, `known`, `faulty`.
    fate: &'static str,
    /// What is wrong.
    faults: Vec<RowFault>,
}

impl PeopleImported {
    fn of(import: &PeopleImport, locale: Locale) -> Self {
        Self {
            made: import.count(PersonFate::New),
            joined: import.count(PersonFate::Joins),
            known: import.count(PersonFate::Known),
            faulty: import.count(PersonFate::Faulty),
            rows: import
                .rows
                .iter()
                .map(|row| ImportedPerson {
                    line: row.line,
                    username: row.username.clone(),
                    name: row.name.clone(),
                    fate: row.fate.code(),
                    faults: row.faults.iter().map(|it| RowFault::of(it, locale)).collect(),
                })
                .collect(),
        }
    }
}

/// Shows what importing a table of people would do; changes nothing.
#[utoipa::path(
    post, path = "/members/import-preview", tag = "members", request_body = PeopleTable,
    responses((status = 200, description = "What would become of each row.", body = PeopleImported)),
)]
async fn preview_members(
    State(app): State<App>,
    Caller(scope): Caller,
    headers: axum::http::HeaderMap,
    Json(body): Json<PeopleTable>,
) -> Result<Json<PeopleImported>, Problem> {
    let import = app.preview_members(&scope, body.table.as_bytes()).await?;
    Ok(Json(PeopleImported::of(&import, Locale::of_headers(&headers))))
}

/// Gives everybody in a table their role, all or nobody. No password is made.
#[utoipa::path(
    post, path = "/members/import", tag = "members", request_body = PeopleTable,
    responses((status = 200, description = "What became of each row.", body = PeopleImported)),
)]
async fn import_members(
    State(app): State<App>,
    Caller(scope): Caller,
    headers: axum::http::HeaderMap,
    Json(body): Json<PeopleTable>,
) -> Result<Json<PeopleImported>, Problem> {
    let done = app.import_members(&scope, body.table.as_bytes()).await?;
    Ok(Json(PeopleImported::of(&done, Locale::of_headers(&headers))))
}
