//! Targets of an indicator.

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::targets::TargetDraft;
use ekinerja_domain::target::{Target, TargetValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::number::number;
use super::super::typed_number::TypedNumber;
use super::IndicatorPath;
use crate::answer::Created;
use crate::caller::Caller;
use crate::extract::{Json, Path};
use crate::links;
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_targets, set_target))
}

/// A target as it shall be. A later one for the same period supersedes it and needs reason and legal basis.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "period": "2023", "value": "71,50", "illustrative": true }))]
struct NewTarget {
    /// The period, `2023` or `2023-Q1`.
    period: String,
    /// A number as people type it (`71,50`, `95 %`, `< 5`), a range (`30-40`) or a grade (`WTP`).
    value: TypedNumber,
    /// Words, where the target is no number; then `value` is empty.
    wording: String,
    /// Whether it is made up for a demonstration.
    illustrative: bool,
    /// Why an earlier target is revised.
    reason: String,
    /// The document that permits it.
    legal_basis: String,
}

/// A target in one revision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Target, example = json!({
    "id": "tgt_0199c8d2f6a97d0e8f6a1b2c3d4e5f64", "period": "2023", "value": "71.5",
    "illustrative": true, "revision": 1, "status": "approved", "set_at": "2024-01-15T02:00:00Z"
}))]
struct TargetBody {
    /// Its id.
    id: String,
    /// The period.
    period: String,
    /// The number, unless it is a range or words.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Lower end of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<String>,
    /// Upper end of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<String>,
    /// Words or a grade; not scored until someone sets a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    wording: Option<String>,
    /// Whether it is made up for a demonstration.
    illustrative: bool,
    /// 1 for the first target of the period, then counting.
    revision: i32,
    /// `approved` is in force, `superseded` was.
    status: &'static str,
    /// Why it was revised.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The document that permits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_basis: Option<String>,
    /// When it was set.
    set_at: DateTime<Utc>,
}

impl From<Target> for TargetBody {
    fn from(it: Target) -> Self {
        let (mut value, mut low, mut high, mut wording) = (None, None, None, None);
        match it.value {
            TargetValue::Exactly(exactly) => value = Some(number(exactly)),
            TargetValue::Range { low: from, high: to } => {
                (low, high) = (Some(number(from)), Some(number(to)));
            }
            TargetValue::Text(text) => wording = Some(text),
        }
        Self {
            id: it.id.to_string(),
            period: it.period.to_string(),
            value,
            low,
            high,
            wording,
            illustrative: it.illustrative,
            revision: it.revision,
            status: it.status.code(),
            reason: it.reason,
            legal_basis: it.legal_basis,
            set_at: it.set_at,
        }
    }
}

/// Lists every target of an indicator, superseded ones too, by period and revision.
#[utoipa::path(get, path = "/indicators/{indicator}/targets", tag = "indicators",
    params(("indicator" = String, Path, description = "Id of the indicator.")),
    responses((status = 200, description = "The targets.", body = List<TargetBody>)))]
async fn list_targets(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<IndicatorPath>,
) -> Result<Json<List<TargetBody>>, Problem> {
    let targets = app.targets(&scope, path.indicator.0).await?;
    Ok(Json(List::whole(targets, TargetBody::from)))
}

/// Sets the target of a period, or revises the one in force.
#[utoipa::path(post, path = "/indicators/{indicator}/targets", tag = "indicators",
    request_body = NewTarget,
    params(("indicator" = String, Path, description = "Id of the indicator.")),
    responses((status = 201, description = "The target is in force.", body = TargetBody)))]
async fn set_target(
    State(app): State<App>,
    Caller(scope): Caller,
    Path(path): Path<IndicatorPath>,
    Json(body): Json<NewTarget>,
) -> Result<Created<TargetBody>, Problem> {
    let draft = TargetDraft {
        period: body.period,
        value: body.value.0,
        wording: body.wording,
        illustrative: body.illustrative,
        reason: body.reason,
        legal_basis: body.legal_basis,
    };
    let id = path.indicator.0;
    let target = app.set_target(&scope, id, &draft).await?;
    let at = links::api(&scope.tenant().slug, &format!("/indicators/{id}/targets"));
    Ok(Created::at(at, target.into()))
}
