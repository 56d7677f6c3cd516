//! Regencies side by side.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use ekinerja_app::comparison::{ComparisonRequest, ComparisonView, HeatColumn, HeatView};
use ekinerja_domain::comparison::{Comparison, Odd, Reporter, Silent, TrendPoint};
use ekinerja_domain::scoring::{Outcome, Scored};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::published::{RulesBody, SourceBody, TargetBody, YardstickBody};
use crate::cached::{self, Asked};
use crate::caller::Caller;
use crate::extract::Query;
use crate::pages::comparison::{DEPENDS, csv};
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_comparison))
        .routes(routes!(read_comparison_csv))
        .routes(routes!(read_comparison_table))
}

/// A place among reporters.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rank, example = json!({ "first": 2, "last": 3 }))]
struct RankBody {
    /// Best of the shared places.
    first: u32,
    /// Worst of the shared places; the same when nobody shares.
    last: u32,
}

/// Change against the year before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparisonChange, example = json!({ "value": "0.48", "since": "2022", "better": true }))]
struct ChangeBody {
    /// This value less the earlier one.
    #[schema(value_type = String)]
    value: Decimal,
    /// The earlier period.
    since: String,
    /// Whether it went the good way.
    #[serde(skip_serializing_if = "Option::is_none")]
    better: Option<bool>,
}

/// Distance to the target.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetDistance, example = json!({ "value": "-0.32", "met": false }))]
struct DistanceBody {
    /// Value less target.
    #[schema(value_type = String)]
    value: Decimal,
    /// Whether the target is met.
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
}

/// One point of a series.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrendPoint, example = json!({ "period": "2022", "value": "80.67" }))]
struct PointBody {
    /// The period.
    period: String,
    /// The value; missing is a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// The target.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    target: Option<Decimal>,
    /// Set when there is a figure that cannot stand in this series.
    #[serde(skip_serializing_if = "Option::is_none")]
    incomparable: Option<&'static str>,
}

impl From<&TrendPoint> for PointBody {
    fn from(it: &TrendPoint) -> Self {
        Self {
            period: it.period.to_string(),
            value: it.value,
            target: it.target,
            incomparable: it.incomparable.map(ekinerja_domain::yardstick::Incomparable::code),
        }
    }
}

/// A regency whose figure is compared.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparisonReporter, example = json!({
    "region": "52.71", "name": "Kota Mataram", "rank": { "first": 1, "last": 1 }, "value": "81.15",
    "target": { "value": "81.47", "illustrative": true }, "achievement": "99.61", "outcome": "measured",
    "status": "yellow", "change": { "value": "0.48", "since": "2022", "better": true },
    "distance": { "value": "-0.32", "met": false },
    "figure": { "method": "published", "source": "BPS NTB dikutip IDN Times NTB 2 Des 2023",
        "verified": true },
    "as_of": "2024-01-09", "publication": 1,
    "trend": [{ "period": "2022", "value": "80.67" }, { "period": "2023", "value": "81.15" }]
}))]
struct ReporterBody {
    /// Kemendagri code.
    region: String,
    /// Name.
    name: String,
    /// Rank among reporters; missing where no direction is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<RankBody>,
    /// The value.
    #[schema(value_type = String)]
    value: Decimal,
    /// The target in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<TargetBody>,
    /// Achievement in percent as printed, under the comparison's rule set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    achievement: Option<Decimal>,
    /// `measured`, `met`, `not_met`, or why there is no achievement.
    outcome: &'static str,
    /// `green`, `yellow`, `red`, `grey`.
    status: &'static str,
    /// Change against the year before.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<ChangeBody>,
    /// Distance to the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<DistanceBody>,
    /// Where the figure was read.
    figure: SourceBody,
    /// Day on which it was verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<NaiveDate>,
    /// Number of the publication.
    publication: i32,
    /// The series.
    trend: Vec<PointBody>,
}

fn outcome(scored: &Scored) -> (&'static str, Option<Decimal>) {
    match &scored.outcome {
        Outcome::Measured { printed, .. } => ("measured", Some(printed.get())),
        Outcome::Judged(verdict) => (verdict.code(), None),
        Outcome::NotMeasurable(reason) => (reason.code(), None),
    }
}

impl From<&Reporter> for ReporterBody {
    fn from(it: &Reporter) -> Self {
        let published = &it.line.value;
        let (outcome, achievement) = outcome(&it.scored);
        Self {
            region: it.region.to_string(),
            name: it.name.clone(),
            rank: it.rank.map(|it| RankBody { first: it.first, last: it.last }),
            value: it.value,
            target: TargetBody::of(&published.target, published.target_illustrative),
            achievement,
            outcome,
            status: it.scored.status().code(),
            change: it.change.map(|it| ChangeBody {
                value: it.value,
                since: it.since.to_string(),
                better: it.better,
            }),
            distance: it.distance.map(|it| DistanceBody { value: it.value, met: it.met }),
            figure: (&published.figure).into(),
            as_of: published.as_of,
            publication: it.line.number,
            trend: it.trend.iter().map(PointBody::from).collect(),
        }
    }
}

/// A regency that stands apart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparisonApart, example = json!({
    "region": "52.07", "name": "Kabupaten Sumbawa Barat", "reason": "missing_value", "trend": []
}))]
struct ApartBody {
    /// Kemendagri code.
    region: String,
    /// Name.
    name: String,
    /// Why.
    reason: &'static str,
    /// Its value in its own definition, where figures do not compare.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    value: Option<Decimal>,
    /// Its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    /// The release it is made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<String>,
    /// The series, where its figures compare.
    trend: Vec<PointBody>,
}

impl From<&Odd> for ApartBody {
    fn from(it: &Odd) -> Self {
        let published = &it.line.value;
        Self {
            region: it.region.to_string(),
            name: it.name.clone(),
            reason: it.reason.code(),
            value: published.value,
            unit: Some(published.unit.clone()),
            release: published.definition.release.map(|it| it.to_string()),
            trend: it.trend.iter().map(PointBody::from).collect(),
        }
    }
}

impl From<&Silent> for ApartBody {
    fn from(it: &Silent) -> Self {
        Self {
            region: it.region.to_string(),
            name: it.name.clone(),
            reason: it.reason.code(),
            value: None,
            unit: None,
            release: None,
            trend: it.trend.iter().map(PointBody::from).collect(),
        }
    }
}

/// One indicator compared.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IndicatorComparison)]
struct OneBody {
    /// What figures had to agree with.
    indicator: YardstickBody,
    /// Reporters by rank.
    reporters: Vec<ReporterBody>,
    /// "Tidak sebanding": those whose figures are of another definition.
    incomparable: Vec<ApartBody>,
    /// Those without a figure.
    silent: Vec<ApartBody>,
}

impl OneBody {
    fn of(indicator: YardstickBody, comparison: &Comparison) -> Self {
        Self {
            indicator,
            reporters: comparison.reporters.iter().map(ReporterBody::from).collect(),
            incomparable: comparison.odd.iter().map(ApartBody::from).collect(),
            silent: comparison.silent.iter().map(ApartBody::from).collect(),
        }
    }
}

/// The comparison of one indicator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comparison)]
struct ComparisonBody {
    /// The period.
    period: String,
    /// The one rule set behind every achievement.
    rule_set: RulesBody,
    /// The province's official figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    official: Option<Decimal>,
    /// The regencies.
    #[serde(flatten)]
    comparison: OneBody,
    /// Series of a like name, which are never joined with this one.
    never_joined_with: Vec<String>,
}

impl From<&ComparisonView> for ComparisonBody {
    fn from(it: &ComparisonView) -> Self {
        Self {
            period: it.period.to_string(),
            rule_set: it.rules.into(),
            official: it.province.as_ref().and_then(|it| it.rollup.rolled.official),
            comparison: OneBody::of((&it.yardstick).into(), &it.comparison),
            never_joined_with: it.sisters.iter().map(|it| it.code.as_str().to_owned()).collect(),
        }
    }
}

/// Several indicators side by side.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparisonTable)]
struct TableBody {
    /// The period.
    period: String,
    /// The one rule set behind every achievement.
    rule_set: RulesBody,
    /// One per indicator that somebody reported.
    indicators: Vec<OneBody>,
}

impl From<&HeatView> for TableBody {
    fn from(it: &HeatView) -> Self {
        let column = |it: &HeatColumn| OneBody::of((&it.yardstick).into(), &it.comparison);
        Self {
            period: it.period.to_string(),
            rule_set: it.rules.into(),
            indicators: it.columns.iter().map(column).collect(),
        }
    }
}

/// What to compare.
#[derive(Debug, Deserialize)]
struct Wish {
    #[serde(default)]
    indicator: Option<String>,
    #[serde(default)]
    period: Option<String>,
}

impl From<Wish> for ComparisonRequest {
    fn from(wish: Wish) -> Self {
        Self { indicator: wish.indicator, period: wish.period }
    }
}

/// Compares the regencies on one indicator.
///
/// 404 while nothing was ever published to the province.
#[utoipa::path(
    get, path = "/comparison", tag = "province",
    params(
        ("indicator" = Option<String>, Query, description = "Code; the first reported one otherwise.",
            example = "IPM_SP2020"),
        ("period" = Option<String>, Query, description = "The period; the last reported one otherwise.",
            example = "2023"),
    ),
    responses((status = 200, description = "The comparison.", body = ComparisonBody)),
)]
async fn read_comparison(
    State(state): State<AppState>,
    Caller(scope): Caller,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    cached::json(
        &state,
        &scope,
        &asked,
        &DEPENDS,
        Box::pin(async {
            let view = state.app.compare_regencies(&scope, &wish.into()).await?;
            view.as_ref().map(ComparisonBody::from).ok_or_else(Problem::not_found)
        }),
    )
    .await
}

/// The same as a table: RFC 4180, UTF-8, plain decimals, ISO dates.
#[utoipa::path(
    get, path = "/comparison/csv", tag = "province",
    params(
        ("indicator" = Option<String>, Query, description = "Code; the first reported one otherwise.",
            example = "IPM_SP2020"),
        ("period" = Option<String>, Query, description = "The period; the last reported one otherwise.",
            example = "2023"),
    ),
    responses((status = 200, description = "The table.", body = String, content_type = "text/csv")),
)]
async fn read_comparison_csv(
    State(state): State<AppState>,
    Caller(scope): Caller,
    asked: Asked,
    Query(wish): Query<crate::pages::comparison::Wish>,
) -> Result<Response, Problem> {
    csv::answer(&state, &scope, &asked, wish).await
}

/// Compares the regencies on every indicator that somebody reported in a period.
///
/// 404 while nothing was ever published to the province.
#[utoipa::path(
    get, path = "/comparison/table", tag = "province",
    params(("period" = Option<String>, Query, description = "The period; the last one otherwise.",
        example = "2023")),
    responses((status = 200, description = "The table.", body = TableBody)),
)]
async fn read_comparison_table(
    State(state): State<AppState>,
    Caller(scope): Caller,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    cached::json(
        &state,
        &scope,
        &asked,
        &DEPENDS,
        Box::pin(async {
            let view = state.app.compare_indicators(&scope, wish.period.as_deref()).await?;
            view.as_ref().map(TableBody::from).ok_or_else(Problem::not_found)
        }),
    )
    .await
}
