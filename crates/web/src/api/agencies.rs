//! The OPD of a government.

use axum::extract::State;
use chrono::NaiveDate;
use ekinerja_app::App;
use ekinerja_app::agencies::{AgencyChange, AgencyDraft, ImportPreview, RowFate};
use ekinerja_domain::agency::Agency;
use ekinerja_domain::ids::AgencyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Created, Versioned};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path};
use crate::links;
use crate::locale::Locale;
use crate::paging::List;
use crate::problem::{Problem, words_of};
use crate::revision::Revision;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_agencies, add_agency))
        .routes(routes!(read_agency, amend_agency))
        .routes(routes!(preview_agencies))
        .routes(routes!(import_agencies))
}

/// An OPD or a unit of one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f61", "code": "NTB-DIKES", "name": "Dinas Kesehatan",
    "abbreviation": "Dikes", "kind": "department", "verified": true, "revision": 1
}))]
struct ListedAgency {
    /// Its id.
    id: String,
    /// Its code, unique in the government.
    code: String,
    /// Its name.
    name: String,
    /// Its abbreviation.
    #[serde(skip_serializing_if = "Option::is_none")]
    abbreviation: Option<String>,
    /// `secretariat`, `bureau`, `department`, `board`, `inspectorate`, `unit`, `hospital`, `district`, `sub_unit`.
    kind: &'static str,
    /// Id of the one above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// First day, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<NaiveDate>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<NaiveDate>,
    /// Where the name was read, and remarks.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Whether the name was seen in a written source.
    verified: bool,
    /// Counts changes; also in `ETag`.
    revision: i32,
}

impl From<Agency> for ListedAgency {
    fn from(it: Agency) -> Self {
        Self {
            id: it.id.to_string(),
            code: it.code,
            name: it.name,
            abbreviation: it.abbreviation,
            kind: it.kind.code(),
            parent: it.parent.map(|id| id.to_string()),
            valid_from: it.valid_from,
            valid_to: it.valid_to,
            note: it.note,
            verified: it.verified,
            revision: it.revision,
        }
    }
}

/// Path of an agency.
#[derive(Debug, Deserialize)]
struct AgencyPath {
    agency: Id<AgencyId>,
}

/// Lists every OPD and unit, by code.
#[utoipa::path(
    get, path = "/agencies", tag = "agencies",
    responses((status = 200, description = "The OPD.", body = List<ListedAgency>)),
)]
async fn list_agencies(
    State(app): State<App>,
    Caller(scope): Caller,
) -> Result<Json<List<ListedAgency>>, Problem> {
    Ok(Json(List::whole(app.agencies(&scope).await?, ListedAgency::from)))
}

/// Reads one OPD.
#[utoipa::path(
    get, path = "/agencies/{agency}", tag = "agencies",
    params(("agency" = String, Path, description = "Id of the OPD.")),
    responses((status = 200, description = "The OPD.", body = ListedAgency)),
)]
async fn read_agency(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(AgencyPath { agency: Id(id) }): Path<AgencyPath>,
) -> Result<Versioned<ListedAgency>, Problem> {
    let agency = app.agency(&scope, id).await?;
    Ok(Versioned { revision: agency.revision, body: agency.into() })
}

/// An OPD or unit that shall be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "NTB-DIKES", "name": "Dinas Kesehatan", "abbreviation": "Dikes", "kind": "department",
    "verified": true
}))]
struct NewAgency {
    /// Its code, unique in the government.
    code: String,
    /// Its name.
    name: String,
    /// Its abbreviation.
    #[serde(default)]
    abbreviation: String,
    /// Its kind.
    kind: String,
    /// Id of the one above it.
    #[serde(default)]
    parent: String,
    /// Where the name was read, and remarks.
    #[serde(default)]
    note: String,
    /// Whether the name was seen in a written source.
    #[serde(default)]
    verified: bool,
}

/// Adds an OPD or a unit.
#[utoipa::path(
    post, path = "/agencies", tag = "agencies", request_body = NewAgency,
    responses((status = 201, description = "Added.", body = ListedAgency)),
)]
async fn add_agency(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewAgency>,
) -> Result<Created<ListedAgency>, Problem> {
    let NewAgency { code, name, abbreviation, kind, parent, note, verified } = body;
    let draft = AgencyDraft { code, name, abbreviation, kind, parent, note, verified };
    let agency = app.add_agency(&scope, &draft).await?;
    let place = links::api(&scope.tenant().slug, &format!("/agencies/{}", agency.id));
    Ok(Created::at(place, agency.into()).revision(1))
}

/// A change of an OPD; every field as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Dinas Kesehatan Provinsi", "abbreviation": "Dikes" }))]
struct ChangedAgency {
    /// Its name.
    name: String,
    /// Its abbreviation; missing: none.
    #[serde(default)]
    abbreviation: String,
    /// Remarks; missing: none.
    #[serde(default)]
    note: String,
}

/// Changes name, abbreviation and remarks. `If-Match` names the revision that was read.
#[utoipa::path(
    put, path = "/agencies/{agency}", tag = "agencies", request_body = ChangedAgency,
    params(
        ("agency" = String, Path, description = "Id of the OPD."),
        ("If-Match" = String, Header, description = "The revision that was read.", example = "\"1\""),
    ),
    responses((status = 200, description = "Changed.", body = ListedAgency)),
)]
async fn amend_agency(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(AgencyPath { agency: Id(id) }): Path<AgencyPath>,
    Revision(revision): Revision,
    Json(body): Json<ChangedAgency>,
) -> Result<Versioned<ListedAgency>, Problem> {
    let ChangedAgency { name, abbreviation, note } = body;
    let change = AgencyChange { name, abbreviation, note };
    let agency = app.amend_agency(&scope, id, revision, &change).await?;
    Ok(Versioned { revision: agency.revision, body: agency.into() })
}

/// A list of OPD as a table.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "table": "code,name,abbreviation,kind,parent_code,note,verified\nNTB-SETDA,Sekretariat Daerah,Setda,secretariat,,,true\n"
}))]
struct AgencyTable {
    /// CSV with the header `code,name,abbreviation,kind,parent_code,note,verified`, at most 500 rows.
    table: String,
}

/// What an import does with each row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "added": 1, "known": 0, "faulty": 0,
    "rows": [{ "line": 2, "code": "NTB-SETDA", "name": "Sekretariat Daerah", "fate": "new", "faults": [] }]
}))]
struct Import {
    /// Rows that are new.
    added: usize,
    /// Rows whose code is there already; they stay as they are.
    known: usize,
    /// Rows with faults; with one of them nothing is added.
    faulty: usize,
    /// The rows in the order of the table.
    rows: Vec<ImportedRow>,
}

/// A row of the table.
#[derive(Debug, Serialize, ToSchema)]
struct ImportedRow {
    /// Its line; the header is line 1.
    line: u64,
    /// The code as read.
    code: String,
    /// The name as read.
    name: String,
    /// `new`, `known`, `faulty`.
    fate: &'static str,
    /// What is wrong.
    faults: Vec<RowFault>,
}

/// A fault of a row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RowFault {
    /// The column.
    column: String,
    /// Code of the fault.
    code: &'static str,
    /// What is wrong and what to do.
    detail: String,
}

impl RowFault {
    pub(super) fn of(it: &ekinerja_app::Violation, locale: Locale) -> Self {
        Self {
            column: it.field.clone(),
            code: it.code.as_str(),
            detail: words_of(locale, it).detail,
        }
    }
}

impl Import {
    fn of(preview: &ImportPreview, locale: Locale) -> Self {
        let fault = |it: &ekinerja_app::Violation| RowFault::of(it, locale);
        Self {
            added: preview.count(RowFate::New),
            known: preview.count(RowFate::Known),
            faulty: preview.count(RowFate::Faulty),
            rows: preview
                .rows
                .iter()
                .map(|row| ImportedRow {
                    line: row.line,
                    code: row.code.clone(),
                    name: row.name.clone(),
                    fate: match row.fate {
                        RowFate::New => "new",
                        RowFate::Known => "known",
                        RowFate::Faulty => "faulty",
                    },
                    faults: row.faults.iter().map(fault).collect(),
                })
                .collect(),
        }
    }
}

/// Shows what importing a table would do; changes nothing.
#[utoipa::path(
    post, path = "/agencies/import-preview", tag = "agencies", request_body = AgencyTable,
    responses((status = 200, description = "What would become of each row.", body = Import)),
)]
async fn preview_agencies(
    State(app): State<App>,
    Caller(scope): Caller,
    headers: axum::http::HeaderMap,
    Json(body): Json<AgencyTable>,
) -> Result<Json<Import>, Problem> {
    let preview = app.preview_agencies(&scope, body.table.as_bytes()).await?;
    Ok(Json(Import::of(&preview, Locale::of_headers(&headers))))
}

/// Adds the new OPD of a table, all or none.
#[utoipa::path(
    post, path = "/agencies/import", tag = "agencies", request_body = AgencyTable,
    responses((status = 200, description = "What became of each row.", body = Import)),
)]
async fn import_agencies(
    State(app): State<App>,
    Caller(scope): Caller,
    headers: axum::http::HeaderMap,
    Json(body): Json<AgencyTable>,
) -> Result<Json<Import>, Problem> {
    let done = app.import_agencies(&scope, body.table.as_bytes()).await?;
    Ok(Json(Import::of(&done, Locale::of_headers(&headers))))
}
