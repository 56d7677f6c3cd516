//! Indicators with their manual, their targets, their retirement, and what a release lets regencies change.

use axum::extract::State;
use ekinerja_app::App;
use ekinerja_app::indicators::ModeDraft;
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::indicator::{Indicator, ManualField};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Created, Versioned};
use crate::caller::Caller;
use crate::extract::{Id, Json, Path};
use crate::links;
use crate::paging::{List, Paging};
use crate::problem::Problem;
use crate::revision::Revision;
use crate::settings::AppState;

mod body;
mod targets;

use body::{IndicatorBody, NewIndicator};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_indicators, add_indicator))
        .routes(routes!(read_indicator, amend_indicator))
        .routes(routes!(retire_indicator, unretire_indicator))
        .routes(routes!(read_field_modes, set_field_modes))
        .merge(targets::router())
}

#[derive(Debug, Deserialize)]
struct IndicatorPath {
    indicator: Id<IndicatorId>,
}

/// From which day on no more values are recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "retired_on": "2023-01-01" }))]
struct Retirement {
    /// The first day without values.
    retired_on: String,
}

/// What a release lets regencies do with the fields of an indicator.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "items": [
    { "field": "definition", "mode": "locked" }, { "field": "source", "mode": "default" },
    { "field": "targets", "mode": "local" }
] }))]
struct FieldModes {
    /// One entry per field; a field that is left out keeps its mode.
    items: Vec<FieldModeBody>,
}

/// The mode of one field.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FieldMode)]
struct FieldModeBody {
    /// The field.
    field: String,
    /// `locked`, `default` or `local`.
    mode: String,
}

fn modes_body(it: &Indicator) -> Versioned<FieldModes> {
    let items = ManualField::ALL.into_iter().map(|field| {
        let mode = it.modes.get(&field).copied().unwrap_or(field.usual_mode());
        FieldModeBody { field: field.code().to_owned(), mode: mode.code().to_owned() }
    });
    Versioned { revision: it.revision, body: FieldModes { items: items.collect() } }
}

fn versioned(it: Indicator) -> Versioned<IndicatorBody> {
    Versioned { revision: it.revision, body: it.into() }
}

/// Lists the indicators, retired ones too.
#[utoipa::path(get, path = "/indicators", tag = "indicators", params(Paging),
    responses((status = 200, description = "A piece of the indicators.", body = List<IndicatorBody>)))]
async fn list_indicators(
    State(app): State<App>,
    Caller(scope): Caller,
    paging: Paging,
) -> Result<Json<List<IndicatorBody>>, Problem> {
    let piece = app.indicators(&scope, &paging.page()).await?;
    Ok(Json(List::of(piece, IndicatorBody::from)))
}

/// Adds an own indicator.
#[utoipa::path(post, path = "/indicators", tag = "indicators", request_body = NewIndicator,
    responses((status = 201, description = "The indicator was added.", body = IndicatorBody)))]
async fn add_indicator(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewIndicator>,
) -> Result<Created<IndicatorBody>, Problem> {
    let indicator = app.add_indicator(&scope, &body.into()).await?;
    let at = links::api(&scope.tenant().slug, &format!("/indicators/{}", indicator.id));
    let revision = indicator.revision;
    Ok(Created::at(at, indicator.into()).revision(revision))
}

/// Shows an indicator.
#[utoipa::path(get, path = "/indicators/{indicator}", tag = "indicators",
    params(("indicator" = String, Path, description = "Id of the indicator.")),
    responses((status = 200, description = "The indicator.", body = IndicatorBody)))]
async fn read_indicator(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<IndicatorPath>,
) -> Result<Versioned<IndicatorBody>, Problem> {
    Ok(versioned(app.indicator(&scope, path.indicator.0).await?))
}

/// Changes an indicator; fields that a release locks stay as they are.
#[utoipa::path(put, path = "/indicators/{indicator}", tag = "indicators", request_body = NewIndicator,
    params(("indicator" = String, Path, description = "Id of the indicator."),
        ("If-Match" = String, Header, description = "The revision that is changed: `\"1\"`.")),
    responses((status = 200, description = "The indicator was changed.", body = IndicatorBody)))]
async fn amend_indicator(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<IndicatorPath>,
    Revision(revision): Revision,
    Json(body): Json<NewIndicator>,
) -> Result<Versioned<IndicatorBody>, Problem> {
    let draft = body.into();
    Ok(versioned(app.amend_indicator(&scope, path.indicator.0, revision, &draft).await?))
}

/// Retires an indicator from a day on.
#[utoipa::path(put, path = "/indicators/{indicator}/retirement", tag = "indicators",
    request_body = Retirement,
    params(("indicator" = String, Path, description = "Id of the indicator."),
        ("If-Match" = String, Header, description = "The revision that is changed: `\"1\"`.")),
    responses((status = 200, description = "The indicator is retired.", body = IndicatorBody)))]
async fn retire_indicator(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<IndicatorPath>,
    Revision(revision): Revision,
    Json(body): Json<Retirement>,
) -> Result<Versioned<IndicatorBody>, Problem> {
    if body.retired_on.trim().is_empty() {
        return Err(Problem::field("retired_on", ekinerja_app::Code::FieldMissing));
    }
    let id = path.indicator.0;
    Ok(versioned(app.retire_indicator(&scope, id, revision, &body.retired_on).await?))
}

/// Takes a retired indicator up again.
#[utoipa::path(delete, path = "/indicators/{indicator}/retirement", tag = "indicators",
    params(("indicator" = String, Path, description = "Id of the indicator."),
        ("If-Match" = String, Header, description = "The revision that is changed: `\"1\"`.")),
    responses((status = 200, description = "The indicator is in use again.", body = IndicatorBody)))]
async fn unretire_indicator(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<IndicatorPath>,
    Revision(revision): Revision,
) -> Result<Versioned<IndicatorBody>, Problem> {
    Ok(versioned(app.retire_indicator(&scope, path.indicator.0, revision, "").await?))
}

/// Shows what the next release will let regencies do with the fields of an indicator, or for a regency what the
/// release lets it do.
#[utoipa::path(get, path = "/indicators/{indicator}/modes", tag = "templates",
    params(("indicator" = String, Path, description = "Id of the indicator.")),
    responses((status = 200, description = "The modes.", body = FieldModes)))]
async fn read_field_modes(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<IndicatorPath>,
) -> Result<Versioned<FieldModes>, Problem> {
    Ok(modes_body(&app.indicator(&scope, path.indicator.0).await?))
}

/// Sets what the next release will let regencies do with the fields of an indicator (province).
#[utoipa::path(put, path = "/indicators/{indicator}/modes", tag = "templates", request_body = FieldModes,
    params(("indicator" = String, Path, description = "Id of the indicator."),
        ("If-Match" = String, Header, description = "The indicator's revision: `\"1\"`.")),
    responses((status = 200, description = "The modes were set.", body = FieldModes)))]
async fn set_field_modes(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<IndicatorPath>,
    Revision(revision): Revision,
    Json(body): Json<FieldModes>,
) -> Result<Versioned<FieldModes>, Problem> {
    let drafts: Vec<_> =
        body.items.into_iter().map(|it| ModeDraft { field: it.field, mode: it.mode }).collect();
    let indicator = app.set_field_modes(&scope, path.indicator.0, revision, &drafts).await?;
    Ok(modes_body(&indicator))
}
