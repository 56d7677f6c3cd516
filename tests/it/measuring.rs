//! What the tests of measuring arrange: a government with a plan, an agency that owns indicators, its people.

use chrono::Duration;
use ekinerja_domain::access::Role;
use ekinerja_domain::ids::AgencyId;
use ekinerja_tests::{Actor, Answer, TestApp, TestTenant};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::planning::{id, manual, plan};

/// A government whose health agency owns indicators.
#[derive(Debug)]
pub(crate) struct Office<'a> {
    pub(crate) tenant: TestTenant<'a>,
    pub(crate) planner: Actor,
    pub(crate) administrator: Actor,
    /// Records for the health agency.
    pub(crate) officer: Actor,
    /// Heads the health agency.
    pub(crate) head: Actor,
    /// The health agency.
    pub(crate) agency: AgencyId,
    /// An objective in the customers' perspective.
    pub(crate) objective: String,
    goal: String,
}

impl<'a> Office<'a> {
    /// The government with its people, its plan 2024 to 2026, and the year 2024 open.
    pub(crate) async fn of(app: &'a TestApp, slug: &str) -> Self {
        let tenant = app.tenant(slug).await;
        let planner = tenant.member(Role::Planner).await;
        let administrator = tenant.member(Role::Administrator).await;
        let agency = agency(&tenant, &administrator, "DINKES").await;
        let officer = tenant.member_of(Role::Officer, agency).await;
        let head = tenant.member_of(Role::AgencyHead, agency).await;
        let goal = plan(&tenant, &planner).await.goal;
        let mut office = Self {
            tenant,
            planner,
            administrator,
            officer,
            head,
            agency,
            objective: String::new(),
            goal,
        };
        office.objective = office.objective("2.1.1", "C").await;
        office.open("2024").await;
        office
    }

    /// Lets time pass; sessions end with it, so everybody signs in again.
    pub(crate) async fn pass(&mut self, app: &TestApp, time: Duration) {
        app.pass(time);
        let slug = self.tenant.slug();
        let short = &self.agency.uuid().simple().to_string()[24..];
        self.planner = app.sign_in(&format!("planner.{slug}")).await;
        self.administrator = app.sign_in(&format!("administrator.{slug}")).await;
        self.officer = app.sign_in(&format!("officer-{short}.{slug}")).await;
        self.head = app.sign_in(&format!("agency-head-{short}.{slug}")).await;
    }

    pub(crate) fn api(&self, rest: &str) -> String {
        self.tenant.api(rest)
    }

    /// A page of the government.
    pub(crate) fn page(&self, rest: &str) -> String {
        format!("/{}{rest}", self.tenant.slug())
    }

    /// One more objective in a perspective.
    pub(crate) async fn objective(&self, code: &str, perspective: &str) -> String {
        let body = json!({ "parent": self.goal, "kind": "objective", "code": code,
            "text": format!("Sasaran {code}"), "perspective": perspective });
        id(&self.planner.post(&self.api("/plan/nodes"), &body).await.expect(201).json())
    }

    pub(crate) async fn open(&self, period: &str) {
        let body = json!({ "period": period });
        self.administrator.post(&self.api("/periods"), &body).await.expect(201);
    }

    /// Sets the state of a period.
    pub(crate) async fn set(&self, period: &str, state: &str) {
        let path = self.api(&format!("/periods/{period}"));
        let revision = self.administrator.get(&path).await.expect(200).json()["revision"].as_i64();
        let revision = i32::try_from(revision.expect("a revision")).expect("small");
        let (path, body) = (format!("{path}/state"), json!({ "state": state }));
        self.administrator.change(Method::PUT, &path, revision, &body).await.expect(200);
    }

    /// An indicator of the health agency, with other fields than the usual ones.
    pub(crate) async fn indicator(&self, code: &str, more: Value) -> String {
        let mut body = manual(code, &self.objective);
        body["owner_agency"] = json!(self.agency.to_string());
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        id(&self.planner.post(&self.api("/indicators"), &body).await.expect(201).json())
    }

    pub(crate) async fn target(&self, indicator: &str, period: &str, value: &str) {
        let body = json!({ "period": period, "value": value, "reason": "Perubahan RPJMD",
            "legal_basis": "Perda 1/2025", "illustrative": true });
        let path = self.api(&format!("/indicators/{indicator}/targets"));
        self.planner.post(&path, &body).await.expect(201);
    }

    /// Records a value; the answer as it comes.
    pub(crate) async fn record(&self, indicator: &str, body: &Value) -> Answer {
        let path = self.api(&format!("/indicators/{indicator}/measurements"));
        self.officer.post(&path, body).await
    }

    /// Records and submits a value of 2024 or another period.
    pub(crate) async fn submitted(&self, indicator: &str, period: &str, value: &str) -> Value {
        let body = json!({ "period": period, "value": value, "submit": true });
        self.record(indicator, &body).await.expect(201).json()
    }

    /// Records, submits and verifies a value.
    pub(crate) async fn verified(&self, indicator: &str, period: &str, value: &str) -> Value {
        let measurement = self.submitted(indicator, period, value).await;
        self.verify(&measurement).await.expect(200).json()
    }

    pub(crate) async fn verify(&self, measurement: &Value) -> Answer {
        decide(self, &self.head, measurement, "verification", &Value::Null).await
    }

    pub(crate) async fn reject(&self, measurement: &Value, reason: &str) -> Answer {
        decide(self, &self.head, measurement, "rejection", &json!({ "reason": reason })).await
    }

    /// All revisions of an indicator, the latest first.
    pub(crate) async fn revisions(&self, indicator: &str) -> Vec<Value> {
        let path = self.api(&format!("/indicators/{indicator}/measurements"));
        let list = self.officer.get(&path).await.expect(200).json();
        list["items"].as_array().expect("a list").clone()
    }

    /// The scorecard of a period.
    pub(crate) async fn scorecard(&self, period: &str) -> Value {
        let path = self.api(&format!("/scorecard?period={period}"));
        self.officer.get(&path).await.expect(200).json()
    }

    /// The score of one indicator on the scorecard of a period.
    pub(crate) async fn score(&self, indicator: &str, period: &str) -> Value {
        let path = self.api(&format!("/indicators/{indicator}/scores"));
        let list = self.officer.get(&path).await.expect(200).json();
        let items = list["items"].as_array().expect("a list");
        items.iter().find(|it| it["period"] == period).cloned().unwrap_or_default()
    }
}

/// Sends a decision on a measurement as it was read.
pub(crate) async fn decide(
    office: &Office<'_>,
    actor: &Actor,
    measurement: &Value,
    decision: &str,
    body: &Value,
) -> Answer {
    let id = measurement["id"].as_str().expect("an id");
    let revision = measurement["lock_version"].as_i64().expect("a version");
    let revision = i32::try_from(revision).expect("small");
    let path = office.api(&format!("/measurements/{id}/{decision}"));
    actor.change(Method::PUT, &path, revision, body).await
}

/// An agency of a tenant.
pub(crate) async fn agency(tenant: &TestTenant<'_>, actor: &Actor, code: &str) -> AgencyId {
    let body = json!({ "code": code, "name": format!("Dinas {code}"), "kind": "department" });
    let added = actor.post(&tenant.api("/agencies"), &body).await.expect(201).json();
    id(&added).parse().expect("an agency's id")
}

/// Does the work that waits in the queue.
pub(crate) async fn work(app: &TestApp) {
    use ekinerja_app::jobs::Worked;
    while app.app.work_once().await.expect("the queue answers") != Worked::Idle {}
}

/// A file as a part of a form.
pub(crate) fn file(name: &str, content: Vec<u8>) -> Form {
    Form::new().part("file", Part::bytes(content).file_name(name.to_owned()))
}

/// One number that the database says.
pub(crate) async fn count(app: &TestApp, sql: &'static str) -> i64 {
    use sqlx::Connection;
    let options = app.database().owner_options();
    let mut connection = sqlx::PgConnection::connect_with(&options).await.expect("a connection");
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect(sql)
}
