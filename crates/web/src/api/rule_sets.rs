//! Which rule set a year is scored by.

use axum::extract::State;
use chrono::{DateTime, Utc};
use ekinerja_app::App;
use ekinerja_app::rule_sets::{RuleSetChoice, RuleSetDraft, RuleSetsInForce};
use ekinerja_domain::period::Period;
use ekinerja_domain::scoring::RuleSet;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Created;
use crate::caller::Caller;
use crate::extract::{Json, Query};
use crate::links;
use crate::problem::Problem;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read_rule_sets, choose_rule_set))
}

/// A choice as it shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "purpose": "own", "year": 2023, "rule_set": "lkj", "version": 1 }))]
struct NewRuleSetChoice {
    /// `own` for the tenant's scorecard, `comparison` for what a province compares its regencies by.
    purpose: String,
    /// The year it holds for.
    year: i32,
    /// Name of a rule set of the catalogue.
    rule_set: String,
    /// Its version; the newest where nothing is said.
    #[serde(default)]
    version: Option<u32>,
}

/// Which year.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfYear {
    /// The year; this year where nothing is said.
    year: Option<i32>,
}

/// Name and version of a rule set, and what it says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleSet, example = json!({
    "name": "lkj", "version": 1, "effective_from": "2019-01-01",
    "basis": "Tabel LKj: seperti default, tanpa batas atas dan batas bawah"
}))]
struct RuleSetBody {
    /// Its name.
    name: String,
    /// Its version.
    version: u32,
    /// The first day it holds for.
    effective_from: chrono::NaiveDate,
    /// Where its choices come from.
    basis: String,
}

impl From<&RuleSet> for RuleSetBody {
    fn from(it: &RuleSet) -> Self {
        Self {
            name: it.name().to_owned(),
            version: it.id.version,
            effective_from: it.effective_from,
            basis: it.basis.to_string(),
        }
    }
}

/// A choice that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RuleSetChoice, example = json!({
    "purpose": "own", "year": 2023, "rule_set": "lkj", "version": 1,
    "chosen_by": "Perencana Provinsi", "chosen_at": "2023-01-10T02:00:00Z"
}))]
struct ChoiceBody {
    /// `own` or `comparison`.
    purpose: &'static str,
    /// The year it holds for.
    year: i32,
    /// Name of the rule set.
    rule_set: String,
    /// Its version.
    version: u32,
    /// Who chose it.
    chosen_by: String,
    /// When.
    chosen_at: DateTime<Utc>,
}

impl From<RuleSetChoice> for ChoiceBody {
    fn from(it: RuleSetChoice) -> Self {
        Self {
            purpose: it.purpose.code(),
            year: it.year,
            rule_set: it.rule_set.name.into_owned(),
            version: it.rule_set.version,
            chosen_by: it.chosen_by_name,
            chosen_at: it.chosen_at,
        }
    }
}

/// The rule sets of a year, the catalogue and the choices so far.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "year": 2023,
    "own": { "name": "default", "version": 1, "effective_from": "2019-01-01", "basis": "(2T − R)/T …" },
    "comparison": { "name": "comparison", "version": 1, "effective_from": "2019-01-01",
        "basis": "Pembanding provinsi: seperti default, tanpa batas atas dan batas bawah" },
    "catalogue": [], "choices": []
}))]
struct RuleSets {
    /// The year.
    year: i32,
    /// What the tenant's own scorecard is scored by.
    own: RuleSetBody,
    /// What a province compares its regencies by.
    comparison: RuleSetBody,
    /// Every rule set that can be chosen.
    catalogue: Vec<RuleSetBody>,
    /// Every choice that was made, of every year, the latest first.
    choices: Vec<ChoiceBody>,
}

impl From<RuleSetsInForce> for RuleSets {
    fn from(it: RuleSetsInForce) -> Self {
        Self {
            year: it.year,
            own: it.own.into(),
            comparison: it.comparison.into(),
            catalogue: RuleSet::catalogue().iter().map(RuleSetBody::from).collect(),
            choices: it.choices.into_iter().map(ChoiceBody::from).collect(),
        }
    }
}

/// Shows the rule sets of a year, the catalogue, and every choice so far.
#[utoipa::path(get, path = "/rule-sets", tag = "rule-sets", params(OfYear),
    responses((status = 200, description = "The rule sets.", body = RuleSets)))]
async fn read_rule_sets(
    State(app): State<App>,
    Caller(scope): Caller,
    Query(query): Query<OfYear>,
) -> Result<Json<RuleSets>, Problem> {
    use chrono::Datelike;
    let year = query.year.unwrap_or(app.today().year());
    if Period::year(year).is_err() {
        return Err(Problem::field("year", ekinerja_app::Code::PeriodInvalid));
    }
    Ok(Json(app.rule_sets(&scope, year).await?.into()))
}

/// Chooses the rule set of a year; the choice before stays readable.
#[utoipa::path(post, path = "/rule-sets", tag = "rule-sets", request_body = NewRuleSetChoice,
    responses((status = 201, description = "The choice holds from now on.", body = ChoiceBody)))]
async fn choose_rule_set(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<NewRuleSetChoice>,
) -> Result<Created<ChoiceBody>, Problem> {
    let draft = RuleSetDraft {
        purpose: body.purpose,
        year: body.year.to_string(),
        rule_set: body.rule_set,
        version: body.version.map(|it| it.to_string()).unwrap_or_default(),
    };
    let choice = app.choose_rule_set(&scope, &draft).await?;
    let at = links::api(&scope.tenant().slug, &format!("/rule-sets?year={}", choice.year));
    Ok(Created::at(at, choice.into()))
}
