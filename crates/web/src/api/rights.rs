//! Why one may see or do something, who else may, and who one is in a government.

use axum::extract::State;
use chrono::NaiveDate;
use ekinerja_app::App;
use ekinerja_app::rights::{About, Audience, Explained, MyRights};
use ekinerja_domain::access::{Acting, Held, Role, Scope, Through, Verdict};
use ekinerja_domain::ids::{IndicatorId, MeasurementId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::extract::{Id, Json, Query};
use crate::locale::Locale;
use crate::problem::Problem;
use crate::rights;
use crate::settings::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_me_in_tenant))
        .routes(routes!(explain_rights))
        .routes(routes!(list_who_may))
}

/// A role that a person holds today, and how they came by it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "role": "agency_head", "scope": "agency", "agency": "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f61",
    "through": "appointment", "membership": "mem_0199c8d2f6a97d0e8f6a1b2c3d4e5f60",
    "post": "Kepala Dinas Kesehatan", "acting": "plt", "valid_from": "2026-01-01", "valid_to": "2026-06-30"
}))]
pub(super) struct HeldRole {
    /// Code of the role.
    role: &'static str,
    /// `tenant`, `agency` (with its sub-units), `post` (what names one's own post).
    scope: &'static str,
    /// The OPD for which it holds; missing for the whole government.
    #[serde(skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
    /// `appointment`, `delegation`, `program` (a service account's).
    through: &'static str,
    /// Id of the giving, for an appointment: what a delegation names.
    #[serde(skip_serializing_if = "Option::is_none")]
    membership: Option<String>,
    /// Id of the delegation.
    #[serde(skip_serializing_if = "Option::is_none")]
    delegation: Option<String>,
    /// Who delegated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    delegated_by: Option<String>,
    /// The post behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    /// `plt` or `plh`.
    #[serde(skip_serializing_if = "Option::is_none")]
    acting: Option<&'static str>,
    /// First day.
    valid_from: NaiveDate,
    /// Last day; missing: until it is ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<NaiveDate>,
}

impl From<&Held> for HeldRole {
    fn from(held: &Held) -> Self {
        let scope = match held.scope {
            Scope::Tenant => "tenant",
            Scope::Agency(_) => "agency",
            Scope::Post(_) => "post",
        };
        let (mut membership, mut delegation, mut delegated_by, mut as_acting) =
            (None, None, None, None);
        let through = match &held.through {
            Through::Appointment { membership: id, acting, .. } => {
                membership = Some(id.to_string());
                as_acting = acting.map(Acting::code);
                "appointment"
            }
            Through::Delegation { delegation: id, from_name, .. } => {
                delegation = Some(id.to_string());
                delegated_by = Some(from_name.clone());
                "delegation"
            }
            Through::Program { .. } => "program",
        };
        Self {
            role: held.role.code(),
            scope,
            agency: held.scope.agency().map(|id| id.to_string()),
            through,
            membership,
            delegation,
            delegated_by,
            post: held.post().map(str::to_owned),
            acting: as_acting,
            valid_from: held.valid_from,
            valid_to: held.valid_to,
        }
    }
}

/// The caller in one government.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "usr_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "name": "Kepala Dinas Kesehatan (contoh)", "tenant": "ntb",
    "acts_as": "Plt. Kepala Dinas Kesehatan", "roles": [{
        "role": "agency_head", "scope": "agency", "agency": "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f61",
        "through": "appointment", "membership": "mem_0199c8d2f6a97d0e8f6a1b2c3d4e5f60",
        "post": "Kepala Dinas Kesehatan", "acting": "plt", "valid_from": "2026-01-01", "valid_to": "2026-06-30"
    }]
}))]
struct MeHere {
    /// Id of the account.
    id: String,
    /// The person's name.
    name: String,
    /// Address of the government.
    tenant: String,
    /// The posts as the person signs; missing when no role names a post.
    #[serde(skip_serializing_if = "Option::is_none")]
    acts_as: Option<String>,
    /// The roles that hold today.
    roles: Vec<HeldRole>,
}

/// Says who the caller is in this government: roles, units, posts, delegations, and until when.
#[utoipa::path(
    get, path = "/me", tag = "session",
    responses((status = 200, description = "The caller here.", body = MeHere)),
)]
async fn read_me_in_tenant(Caller(scope): Caller) -> Json<MeHere> {
    let standing = scope.standing();
    Json(MeHere {
        id: standing.user.to_string(),
        name: standing.name.clone(),
        tenant: scope.tenant().slug.to_string(),
        acts_as: standing.post_words(),
        roles: standing.grants.iter().map(HeldRole::from).collect(),
    })
}

/// What is asked about; neither: the government as a whole.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AskedAbout {
    /// Id of an indicator.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    indicator: Option<Id<IndicatorId>>,
    /// Id of a recorded value; goes before the indicator.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    measurement: Option<Id<MeasurementId>>,
}

impl AskedAbout {
    /// The thing.
    pub(crate) fn about(&self) -> About {
        match (&self.measurement, &self.indicator) {
            (Some(Id(id)), _) => About::Measurement(*id),
            (None, Some(Id(id))) => About::Indicator(*id),
            (None, None) => About::Government,
        }
    }
}

/// An answer of the policy.
#[derive(Debug, Serialize, ToSchema)]
struct Answer {
    /// Code of the question.
    question: &'static str,
    /// The action in words.
    action: String,
    /// `may`, `forbidden`, `hidden` (one may not know that the thing exists).
    verdict: &'static str,
    /// The roles by which one may.
    through: Vec<HeldRole>,
    /// One may not only because it is one's own work: another person with the same roles may.
    own_work: bool,
    /// Codes of the roles that may.
    roles: Vec<&'static str>,
}

/// What one may do to a thing, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "thing": "Indeks Pembangunan Manusia · 2023", "answers": [{
        "question": "measurement_verify", "action": "memverifikasi atau mengembalikan nilai ini",
        "verdict": "forbidden", "through": [], "own_work": true, "roles": ["agency_head"]
    }]
}))]
struct Explanation {
    /// Name of the thing; missing for the government as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    thing: Option<String>,
    /// One answer per question.
    answers: Vec<Answer>,
}

/// Explains what the caller may do, by which role and until when, and who may do the rest.
#[utoipa::path(
    get, path = "/access", tag = "members", params(AskedAbout),
    responses((status = 200, description = "The policy's answers.", body = Explanation)),
)]
async fn explain_rights(
    State(app): State<App>,
    Caller(scope): Caller,
    headers: axum::http::HeaderMap,
    Query(asked): Query<AskedAbout>,
) -> Result<Json<Explanation>, Problem> {
    let locale = Locale::of_headers(&headers);
    let MyRights { thing, answers, .. } = app.my_rights(&scope, asked.about()).await?;
    let answer = |it: Explained| Answer {
        question: it.question.code,
        action: rights::question(locale, it.question.code),
        verdict: match it.verdict {
            Verdict::May => "may",
            Verdict::Forbidden => "forbidden",
            Verdict::Hidden => "hidden",
        },
        through: it.through.iter().map(HeldRole::from).collect(),
        own_work: it.is_own_work,
        roles: it.roles.into_iter().map(Role::code).collect(),
    };
    Ok(Json(Explanation { thing, answers: answers.into_iter().map(answer).collect() }))
}

/// Who may do one thing.
#[derive(Debug, Serialize, ToSchema)]
struct AllowedPeople {
    /// Code of the question.
    question: &'static str,
    /// The action in words.
    action: String,
    /// The people, by name.
    people: Vec<AllowedPerson>,
}

/// A person who may.
#[derive(Debug, Serialize, ToSchema)]
struct AllowedPerson {
    /// Their name.
    name: String,
    /// The roles by which they may.
    through: Vec<HeldRole>,
}

/// Who may do what to a thing at this moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "answers": [{ "question": "trail_audit", "action": "membaca jejak perubahan", "people": [{
        "name": "Auditor (contoh)", "through": [{ "role": "auditor", "scope": "tenant", "through": "appointment",
            "membership": "mem_0199c8d2f6a97d0e8f6a1b2c3d4e5f60", "valid_from": "2026-01-01" }]
    }] }]
}))]
struct WhoMay {
    /// Name of the thing; missing for the government as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    thing: Option<String>,
    /// One entry per question.
    answers: Vec<AllowedPeople>,
}

/// Lists who may do what; for administrators, auditors and leaders.
#[utoipa::path(
    get, path = "/access/who", tag = "members", params(AskedAbout),
    responses((status = 200, description = "The people, question by question.", body = WhoMay)),
)]
async fn list_who_may(
    State(app): State<App>,
    Caller(scope): Caller,
    headers: axum::http::HeaderMap,
    Query(asked): Query<AskedAbout>,
) -> Result<Json<WhoMay>, Problem> {
    let locale = Locale::of_headers(&headers);
    let Audience { thing, answers, .. } = app.who_may(&scope, asked.about()).await?;
    let answers = answers
        .into_iter()
        .map(|(question, holders)| AllowedPeople {
            question: question.code,
            action: rights::question(locale, question.code),
            people: holders
                .into_iter()
                .map(|it| AllowedPerson {
                    name: it.name,
                    through: it.through.iter().map(HeldRole::from).collect(),
                })
                .collect(),
        })
        .collect();
    Ok(Json(WhoMay { thing, answers }))
}
