//! The province's objectives against what its regencies published.

use axum::extract::State;
use axum::response::Response;
use ekinerja_app::alignment::AlignmentView;
use ekinerja_domain::alignment::{AlignmentCell, AlignmentReason, AlignmentRow, Orphan};
use ekinerja_domain::indicator::IndicatorCode;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::cached::{self, Asked, Depends};
use crate::caller::Caller;
use crate::extract::Query;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_alignment))
}

/// Why a cell is as it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlignmentReason, example = json!({ "kind": "not_measured", "indicators": ["JPM"] }))]
struct ReasonBody {
    /// `served_by`, `not_served`, `measured_elsewhere`, `not_measured`, `other_definition`, `no_target`,
    /// `no_value`, `nothing_to_measure`, `nothing_published`.
    kind: &'static str,
    /// Code of the regency's objective, for `served_by`.
    #[serde(skip_serializing_if = "Option::is_none")]
    objective: Option<String>,
    /// Codes of the indicators that the reason is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    indicators: Vec<String>,
    /// What the regency has in force, for `nothing_published`.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
}

impl From<&AlignmentReason> for ReasonBody {
    fn from(it: &AlignmentReason) -> Self {
        let plain = |kind| Self { kind, objective: None, indicators: Vec::new(), state: None };
        let about = |kind, codes: &[IndicatorCode]| Self {
            indicators: codes.iter().map(|it| it.as_str().to_owned()).collect(),
            ..plain(kind)
        };
        match it {
            AlignmentReason::ServedBy { objective } => {
                Self { objective: Some(objective.clone()), ..plain("served_by") }
            }
            AlignmentReason::NotServed => plain("not_served"),
            AlignmentReason::MeasuredElsewhere(codes) => about("measured_elsewhere", codes),
            AlignmentReason::NotMeasured(codes) => about("not_measured", codes),
            AlignmentReason::OtherDefinition(codes) => about("other_definition", codes),
            AlignmentReason::NoTarget(codes) => about("no_target", codes),
            AlignmentReason::NoValue(codes) => about("no_value", codes),
            AlignmentReason::NothingToMeasure => plain("nothing_to_measure"),
            AlignmentReason::NothingPublished(state) => {
                Self { state: Some(state.code()), ..plain("nothing_published") }
            }
        }
    }
}

/// One objective and one regency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlignmentCell, example = json!({
    "region": "52.71", "alignment": "partly", "measured": 1, "expected": 2, "reported": 1,
    "reasons": [{ "kind": "served_by", "objective": "5.1" },
        { "kind": "not_measured", "indicators": ["JPM"] }]
}))]
struct CellBody {
    /// Kemendagri code.
    region: String,
    /// `aligned`, `partly`, `none`, `unknown`.
    alignment: &'static str,
    /// Why.
    reasons: Vec<ReasonBody>,
    /// Indicators measured by the province's definition.
    measured: u32,
    /// Indicators of the objective.
    expected: u32,
    /// Measured ones with a value.
    reported: u32,
}

impl From<&AlignmentCell> for CellBody {
    fn from(it: &AlignmentCell) -> Self {
        Self {
            region: it.region.to_string(),
            alignment: it.alignment.code(),
            reasons: it.reasons.iter().map(ReasonBody::from).collect(),
            measured: it.measured,
            expected: it.expected,
            reported: it.reported,
        }
    }
}

/// One objective of the province.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlignmentRow)]
struct RowBody {
    /// Its code.
    code: String,
    /// Its wording.
    text: String,
    /// How many regencies are aligned.
    aligned: u32,
    /// How many partly.
    partly: u32,
    /// How many not.
    none: u32,
    /// Of how many it is not known.
    unknown: u32,
    /// Share of the people in aligned and partly aligned places, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    share: Option<Decimal>,
    /// Whether nobody carries it though some published.
    orphan: bool,
    /// One per regency, by code.
    cells: Vec<CellBody>,
}

impl From<&AlignmentRow> for RowBody {
    fn from(it: &AlignmentRow) -> Self {
        let [aligned, partly, none, unknown] = it.counts;
        Self {
            code: it.code.clone(),
            text: it.text.clone(),
            aligned,
            partly,
            none,
            unknown,
            share: it.share,
            orphan: it.is_orphan(),
            cells: it.cells.iter().map(CellBody::from).collect(),
        }
    }
}

/// An objective of a regency that serves none of the province's.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrphanObjective, example = json!({
    "region": "52.04", "code": "L.1", "text": "Meningkatnya produksi jagung"
}))]
struct OrphanBody {
    /// Kemendagri code.
    region: String,
    /// The objective's code.
    code: String,
    /// Its wording.
    text: String,
    /// What it says it serves, when the province has no such objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    serves: Option<String>,
}

impl From<&Orphan> for OrphanBody {
    fn from(it: &Orphan) -> Self {
        Self {
            region: it.region.to_string(),
            code: it.code.clone(),
            text: it.text.clone(),
            serves: it.serves.clone(),
        }
    }
}

/// The matrix.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlignmentMatrix)]
struct MatrixBody {
    /// The period.
    period: String,
    /// Objectives of the province.
    objectives: Vec<RowBody>,
    /// Objectives of regencies outside them.
    orphans: Vec<OrphanBody>,
}

impl From<AlignmentView> for MatrixBody {
    fn from(it: AlignmentView) -> Self {
        Self {
            period: it.period.to_string(),
            objectives: it.matrix.rows.iter().map(RowBody::from).collect(),
            orphans: it.matrix.orphans.iter().map(OrphanBody::from).collect(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Wish {
    #[serde(default)]
    period: Option<String>,
}

/// Aligns the province's objectives with what is in force in a period.
///
/// 404 while nothing was ever published to the province.
#[utoipa::path(
    get, path = "/alignment", tag = "province",
    params(("period" = Option<String>, Query, description = "The period; the last one published otherwise.",
        example = "2023")),
    responses((status = 200, description = "The matrix.", body = MatrixBody)),
)]
async fn read_alignment(
    State(state): State<AppState>,
    Caller(scope): Caller,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let depends = [Depends::EveryPeriod, Depends::Plan, Depends::Organisation];
    cached::json(
        &state,
        &scope,
        &asked,
        &depends,
        Box::pin(async {
            let view = state.app.align_objectives(&scope, wish.period.as_deref()).await?;
            view.map(MatrixBody::from).ok_or_else(Problem::not_found)
        }),
    )
    .await
}
