//! The province's figures from its regencies' publications.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_app::province::Regency;
use ekinerja_app::rollups::KeptRollUp;
use ekinerja_domain::rollup::{OfficialFigure, RollUpPart};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::published::{SourceBody, TargetBody, YardstickBody};
use crate::cached::{self, Asked, Depends};
use crate::caller::Caller;
use crate::extract::{Path, Query};
use crate::paging::List;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_rollups)).routes(routes!(read_rollup))
}

/// What one regency gave.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RollUpPart, example = json!({
    "region": "52.01", "name": "Kabupaten Lombok Barat", "value": "96.57", "publication": 1,
    "as_of": "2025-01-10",
    "figure": { "method": "published", "source": "BPS dikutip Databoks Katadata 2025", "verified": true }
}))]
struct PartBody {
    /// Kemendagri code.
    region: String,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Why it is not in the total; missing when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded: Option<&'static str>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// Its numerator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    numerator: Option<Decimal>,
    /// Its denominator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    denominator: Option<Decimal>,
    /// Its weight.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    weight: Option<Decimal>,
    /// Number of the publication.
    #[serde(skip_serializing_if = "Option::is_none")]
    publication: Option<u32>,
    /// Day on which it was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<NaiveDate>,
    /// Where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    figure: Option<SourceBody>,
}

impl PartBody {
    fn of(it: &RollUpPart, regencies: &[Regency]) -> Self {
        let name = regencies.iter().find(|regency| regency.code == it.region);
        Self {
            region: it.region.to_string(),
            name: name.map(|it| it.name.clone()),
            excluded: it.excluded.map(ekinerja_domain::rollup::ExclusionReason::code),
            value: it.value,
            numerator: it.numerator,
            denominator: it.denominator,
            weight: it.weight,
            publication: it.number,
            as_of: it.as_of,
            figure: it.figure.as_ref().map(SourceBody::from),
        }
    }
}

/// The province's own published figure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfficialFigure)]
struct OfficialBody {
    /// Where it was read.
    figure: SourceBody,
    /// Day on which it was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<NaiveDate>,
    /// Number of the province's publication.
    publication: i32,
    /// Its target.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<TargetBody>,
}

impl From<&OfficialFigure> for OfficialBody {
    fn from(it: &OfficialFigure) -> Self {
        Self {
            figure: (&it.figure).into(),
            as_of: it.as_of,
            publication: it.number,
            target: TargetBody::of(&it.target, it.target_illustrative),
        }
    }
}

/// Who is in the computed figure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RollUpCoverage, example = json!({
    "reporting": 8, "expected": 10, "weight_share": "0.901", "weight": "PENDUDUK", "weight_period": "2025"
}))]
struct CoverageBody {
    /// Regencies in the figure.
    reporting: u32,
    /// Regencies expected.
    expected: u32,
    /// Share of the whole that they make up, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    weight_share: Option<Decimal>,
    /// The variable that the share is measured with.
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<String>,
    /// The period its values are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    weight_period: Option<String>,
}

/// A roll-up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RollUp, example = json!({
    "period": "2024",
    "indicator": { "code": "JPM", "name": "Jumlah Penduduk Miskin", "unit": "ribu jiwa",
        "polarity": "minimize", "decimals": 2, "release": "1.0.0",
        "fingerprint": "5d1e0c9b8a7f6e5d4c3b2a1908f7e6d5", "method": "sum" },
    "value": "709.01", "basis": "official", "computed": "644.16", "official": "709.01",
    "difference": "-64.85", "partial": true,
    "coverage": { "reporting": 8, "expected": 10 },
    "official_figure": { "figure": { "method": "published",
        "source": "BPS, Jumlah dan Persentase Penduduk Miskin Menurut Provinsi, 2024 (ekspor CSV)",
        "verified": true }, "as_of": "2025-01-15", "publication": 1 },
    "parts": [{ "region": "52.07", "name": "Kabupaten Sumbawa Barat", "excluded": "missing_value",
        "publication": 1 }],
    "digest": "3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b",
    "computed_at": "2025-01-15T02:00:01Z"
}))]
struct RollUpBody {
    /// The period.
    period: String,
    /// What figures had to agree with, and the method.
    indicator: YardstickBody,
    /// The figure to show: official if there is one, else computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// `official`, `computed`, or `estimate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
    /// The computed figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    computed: Option<Decimal>,
    /// The official figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    official: Option<Decimal>,
    /// Computed less official.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    difference: Option<Decimal>,
    /// Why nothing was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Whether an expected regency is not in the computed figure.
    partial: bool,
    /// Who is in it.
    coverage: CoverageBody,
    /// The oldest figure in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<NaiveDate>,
    /// The official figure's source and target.
    #[serde(skip_serializing_if = "Option::is_none")]
    official_figure: Option<OfficialBody>,
    /// What each regency gave, by code.
    parts: Vec<PartBody>,
    /// Grades and how many stand at each, worst first.
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<Vec<GradeBody>>,
    /// Hash of figure, coverage and provenance: the same until one of them changes.
    digest: String,
    /// When the figure last became another one.
    computed_at: DateTime<Utc>,
}

/// A grade and how many stand at it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GradeCount, example = json!({ "grade": "BB", "members": 3 }))]
struct GradeBody {
    /// The grade.
    grade: String,
    /// How many.
    members: u32,
}

impl RollUpBody {
    fn of(kept: &KeptRollUp, regencies: &[Regency]) -> Self {
        let (rollup, rolled) = (&kept.rollup, &kept.rollup.rolled);
        let sizes = rollup.sizes.as_ref().filter(|_| rolled.coverage.weight_share.is_some());
        Self {
            period: rollup.period.to_string(),
            indicator: (&rollup.yardstick).into(),
            value: rolled.value,
            basis: rolled.basis.map(ekinerja_domain::rollup::Basis::code),
            computed: rolled.computed,
            official: rolled.official,
            difference: rolled.difference,
            reason: rolled.reason.map(ekinerja_domain::rollup::RollUpReason::code),
            partial: rolled.partial,
            coverage: CoverageBody {
                reporting: rolled.coverage.reporting,
                expected: rolled.coverage.expected,
                weight_share: rolled.coverage.weight_share,
                weight: sizes.map(|it| it.code.as_str().to_owned()),
                weight_period: sizes.map(|it| it.period.to_string()),
            },
            oldest: rolled.oldest,
            official_figure: rollup.official.as_ref().map(OfficialBody::from),
            parts: rollup.parts.iter().map(|it| PartBody::of(it, regencies)).collect(),
            distribution: rolled.distribution.as_ref().map(|it| {
                let grade = |(grade, members): &(String, u32)| GradeBody {
                    grade: grade.clone(),
                    members: *members,
                };
                it.counts.iter().map(grade).collect()
            }),
            digest: kept.digest.clone(),
            computed_at: kept.computed_at,
        }
    }
}

/// Which period.
#[derive(Debug, Deserialize)]
struct Wish {
    #[serde(default)]
    period: Option<String>,
}

/// Lists every roll-up of a period, by code.
#[utoipa::path(
    get, path = "/rollups", tag = "province",
    params(("period" = String, Query, description = "The period.", example = "2024")),
    responses((status = 200, description = "The roll-ups.", body = List<RollUpBody>)),
)]
async fn list_rollups(
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
            let period = wish.period.unwrap_or_default();
            let found = state.app.rollups(&scope, &period).await?;
            Ok(List::whole(found, |it| RollUpBody::of(&it, &[])))
        }),
    )
    .await
}

#[derive(Debug, Deserialize)]
struct At {
    indicator: String,
}

/// Gives the province's figure of one indicator, its parts and its coverage.
#[utoipa::path(
    get, path = "/rollups/{indicator}", tag = "province",
    params(
        ("indicator" = String, Path, description = "Code of the indicator.", example = "JPM"),
        ("period" = Option<String>, Query, description = "The period; the last one reported otherwise.",
            example = "2024"),
    ),
    responses((status = 200, description = "The roll-up.", body = RollUpBody)),
)]
async fn read_rollup(
    State(state): State<AppState>,
    Caller(scope): Caller,
    asked: Asked,
    Path(at): Path<At>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let depends = [Depends::EveryPeriod, Depends::Plan, Depends::Organisation];
    cached::json(
        &state,
        &scope,
        &asked,
        &depends,
        Box::pin(async {
            let view = state.app.rollup(&scope, &at.indicator, wish.period.as_deref()).await?;
            Ok(RollUpBody::of(&view.kept, &view.regencies))
        }),
    )
    .await
}
