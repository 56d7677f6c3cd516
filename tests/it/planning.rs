//! What several tests of planning arrange: a plan with a tree and indicators, made through the interface.

use ekinerja_tests::{Actor, TestTenant};
use serde_json::{Value, json};

/// The years that every plan of a test has.
pub(crate) const YEARS: (i32, i32) = (2024, 2026);

/// A plan with one vision, mission, goal and objective, and the ids of its nodes by code.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) vision: String,
    pub(crate) mission: String,
    pub(crate) goal: String,
    pub(crate) objective: String,
}

/// Drafts a plan with a whole branch.
pub(crate) async fn plan(tenant: &TestTenant<'_>, planner: &Actor) -> Tree {
    let plan = json!({ "title": "RPJMD Uji", "start_year": YEARS.0, "end_year": YEARS.1 });
    planner.post(&tenant.api("/plan"), &plan).await.expect(201);
    let vision = node(tenant, planner, "", "vision", "V").await;
    let mission = node(tenant, planner, &vision, "mission", "1").await;
    let goal = node(tenant, planner, &mission, "goal", "1.1").await;
    let objective = node(tenant, planner, &goal, "objective", "1.1.1").await;
    Tree { vision, mission, goal, objective }
}

/// Adds a node; gives its id.
pub(crate) async fn node(
    tenant: &TestTenant<'_>,
    planner: &Actor,
    parent: &str,
    kind: &str,
    code: &str,
) -> String {
    let body =
        json!({ "parent": parent, "kind": kind, "code": code, "text": format!("Butir {code}") });
    id(&planner.post(&tenant.api("/plan/nodes"), &body).await.expect(201).json())
}

/// A whole manual of an indicator, for a test to change in the field that it is about.
pub(crate) fn manual(code: &str, objective: &str) -> Value {
    json!({
        "code": code, "objective": objective, "kind": "iku", "name": format!("Indikator {code}"),
        "definition": "Yang diukur", "formula": "Cara menghitung", "unit": "persen",
        "polarity": "maximize", "decimals": 2, "period_consolidation": "take_last_known",
        "location_consolidation": "official_only", "source": "BPS", "frequency": "yearly"
    })
}

/// Adds an indicator; gives its id.
pub(crate) async fn indicator(
    tenant: &TestTenant<'_>,
    planner: &Actor,
    code: &str,
    objective: &str,
) -> String {
    let body = manual(code, objective);
    id(&planner.post(&tenant.api("/indicators"), &body).await.expect(201).json())
}

/// The id in a body.
pub(crate) fn id(body: &Value) -> String {
    body["id"].as_str().expect("an id").to_owned()
}

/// Pointer and code of each violation, for comparing.
pub(crate) fn violation(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}
