//! The plan, its tree, its perspectives.

use ekinerja_domain::access::Role;
use ekinerja_tests::TestApp;
use reqwest::Method;
use serde_json::json;

use crate::planning::{indicator, node, plan, violation};

#[tokio::test]
async fn planner_drafts_one_plan_and_its_tree() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    planner.get(&ntb.api("/plan")).await.expect(404);
    let early = json!({ "kind": "vision", "code": "V", "text": "Visi" });
    let refused = planner.post(&ntb.api("/plan/nodes"), &early).await.expect(409);
    assert_eq!(refused.code(), "plan.missing");

    let tree = plan(&ntb, &planner).await;
    let again = json!({ "title": "Lagi", "start_year": 2030, "end_year": 2034 });
    let refused = planner.post(&ntb.api("/plan"), &again).await.expect(409);
    assert_eq!(refused.code(), "plan.exists");

    // A goal may hang under the vision itself; siblings stand in the order of their place.
    node(&ntb, &planner, &tree.vision, "goal", "2").await;
    let nodes = planner.get(&ntb.api("/plan/nodes")).await.expect(200).json();
    let codes: Vec<_> =
        nodes["items"].as_array().expect("nodes").iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["V", "1", "1.1", "1.1.1", "2"]);
}

#[tokio::test]
async fn every_fault_of_a_plan_is_named_at_once() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let body = json!({ "title": " ", "start_year": 12, "end_year": 2_000_000_000 });
    let refused = planner.post(&ntb.api("/plan"), &body).await.expect(422);
    let expected = [
        violation("/title", "field.missing"),
        violation("/start_year", "plan.years-invalid"),
        violation("/end_year", "plan.years-invalid"),
    ];
    assert_eq!(refused.violations(), expected);
    for (start, end, until, field) in [
        (2024, 2023, 2023, "/end_year"),
        (2024, 2044, 2044, "/end_year"),
        (2024, 2026, 2025, "/monitored_until"),
        (2024, 2026, 2040, "/monitored_until"),
        (1999, 2003, 2003, "/start_year"),
    ] {
        let body =
            json!({ "title": "T", "start_year": start, "end_year": end, "monitored_until": until });
        let refused = planner.post(&ntb.api("/plan"), &body).await.expect(422);
        assert_eq!(refused.violations(), [violation(field, "plan.years-invalid")]);
    }
    planner.get(&ntb.api("/plan")).await.expect(404);
}

#[tokio::test]
async fn tree_rule_codes_and_circles() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let nodes = ntb.api("/plan/nodes");
    for (parent, kind) in [
        ("", "mission"),
        (tree.vision.as_str(), "objective"),
        (tree.mission.as_str(), "objective"),
        (tree.objective.as_str(), "goal"),
        (tree.vision.as_str(), "vision"),
    ] {
        let body = json!({ "parent": parent, "kind": kind, "code": "X", "text": "X" });
        let refused = planner.post(&nodes, &body).await.expect(422);
        assert_eq!(refused.violations(), [violation("/parent", "plan-node.unfit")], "{kind}");
    }
    let taken = json!({ "parent": tree.vision, "kind": "mission", "code": " 1.1 ", "text": "X" });
    assert_eq!(planner.post(&nodes, &taken).await.expect(409).code(), "plan-node.code-taken");
    let bad = json!({ "parent": "nod_x", "kind": "strategi", "code": "", "text": "" });
    let expected = [
        violation("/kind", "field.unknown-value"),
        violation("/code", "field.missing"),
        violation("/text", "field.missing"),
        violation("/parent", "field.unknown-reference"),
    ];
    assert_eq!(planner.post(&nodes, &bad).await.expect(422).violations(), expected);

    // Under its own descendant: the path of the circle is named.
    let at = ntb.api(&format!("/plan/nodes/{}", tree.mission));
    let under = json!({ "parent": tree.objective, "code": "1", "text": "Butir 1" });
    let refused = planner.change(Method::PUT, &at, 1, &under).await.expect(422);
    assert_eq!(refused.violations(), [violation("/parent", "plan-node.cycle")]);
    assert!(refused.body.contains("1 → 1.1 → 1.1.1 → 1"), "{}", refused.body);
    let other_kind =
        json!({ "parent": tree.vision, "kind": "goal", "code": "1", "text": "Butir 1" });
    planner.change(Method::PUT, &at, 1, &other_kind).await.expect(422);
    assert_eq!(planner.get(&at).await.json()["revision"], 1);
}

#[tokio::test]
async fn node_moves_and_is_removed_only_when_empty_and_unchanged() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let second = node(&ntb, &planner, &tree.vision, "mission", "2").await;
    let goal = ntb.api(&format!("/plan/nodes/{}", tree.goal));
    let moved = json!({ "parent": second, "code": "2.1", "text": "Dipindahkan" });
    let answer = planner.change(Method::PUT, &goal, 1, &moved).await.expect(200);
    assert_eq!(answer.header("etag"), "\"2\"");
    assert_eq!(answer.json()["parent"], second.as_str());
    let stale = planner.change(Method::PUT, &goal, 1, &moved).await.expect(412);
    assert_eq!(stale.code(), "stale");
    planner.put(&goal, &moved).await.expect(428);

    let remove = async |id: &str, revision| {
        let path = ntb.api(&format!("/plan/nodes/{id}"));
        planner.change(Method::DELETE, &path, revision, &json!(null)).await
    };
    assert_eq!(remove(&second, 1).await.expect(409).code(), "plan-node.occupied");
    indicator(&ntb, &planner, "A", &tree.objective).await;
    assert_eq!(remove(&tree.objective, 1).await.expect(409).code(), "plan-node.occupied");
    assert_eq!(remove(&tree.mission, 7).await.expect(412).code(), "stale");
    remove(&tree.mission, 1).await.expect(204);
    planner.get(&ntb.api(&format!("/plan/nodes/{}", tree.mission))).await.expect(404);
}

#[tokio::test]
async fn only_an_objective_sits_in_a_perspective() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let goal = ntb.api(&format!("/plan/nodes/{}", tree.goal));
    let body = json!({ "parent": tree.mission, "code": "1.1", "text": "T", "perspective": "C" });
    let refused = planner.change(Method::PUT, &goal, 1, &body).await.expect(422);
    assert_eq!(refused.violations(), [violation("/perspective", "perspective.not-objective")]);
    let objective = ntb.api(&format!("/plan/nodes/{}", tree.objective));
    let body = json!({ "parent": tree.goal, "code": "1.1.1", "text": "S", "perspective": "C" });
    let placed = planner.change(Method::PUT, &objective, 1, &body).await.expect(200);
    assert_eq!(placed.json()["perspective"], "C");
}

#[tokio::test]
async fn perspectives_are_renamed_reordered_and_weighted_as_a_whole() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let at = ntb.api("/perspectives");
    let seed = planner.get(&at).await.expect(200);
    assert_eq!(seed.header("etag"), "\"0\"");
    assert_eq!(seed.json()["items"][0]["name"], "Keuangan");

    let item = |code: &str, position: i32, weight: &str| json!({ "perspective": code, "name": format!("P {code}"), "position": position, "weight": weight });
    let all = json!({ "items": [item("F", 4, "10"), item("C", 1, "40,5"), item("I", 2, "30"), item("L", 3, "20")] });
    let set = planner.change(Method::PUT, &at, 0, &all).await.expect(200);
    assert_eq!(set.json()["items"][0]["perspective"], "C");
    assert_eq!(set.json()["items"][0]["weight"], "40.5");
    assert_eq!(set.json()["items"][3]["name"], "P F");
    planner.change(Method::PUT, &at, 0, &all).await.expect(412);

    let revision: i32 = set.header("etag").trim_matches('"').parse().expect("a revision");
    let refused = async |items| {
        let body = json!({ "items": items });
        planner.change(Method::PUT, &at, revision, &body).await.expect(422).violations()
    };
    let twice = json!([item("F", 1, "1"), item("F", 2, "1"), item("I", 3, "1"), item("L", 4, "1")]);
    assert_eq!(refused(twice).await, [violation("/items", "perspective.incomplete")]);
    let three = json!([item("F", 1, "1"), item("C", 2, "1"), item("I", 3, "1")]);
    assert_eq!(refused(three).await, [violation("/items", "perspective.incomplete")]);
    let zero = json!([item("F", 1, "0"), item("C", 2, "0"), item("I", 3, "0"), item("L", 4, "0")]);
    assert_eq!(refused(zero).await, [violation("/items/0/weight", "perspective.weightless")]);
    let bad =
        json!([item("F", 9, "-1"), item("C", 2, "1,234.5"), item("X", 3, ""), item("L", 4, "1")]);
    let expected = [
        violation("/items/0/position", "number.out-of-range"),
        violation("/items/0/weight", "number.negative"),
        violation("/items/1/weight", "number.foreign-format"),
        violation("/items/1/weight", "field.missing"),
        violation("/items/2/perspective", "field.unknown-value"),
        violation("/items/2/weight", "field.missing"),
    ];
    assert_eq!(refused(bad).await, expected);
}

#[tokio::test]
async fn plan_keeps_the_years_that_have_targets() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let id = indicator(&ntb, &planner, "A", &tree.objective).await;
    let targets = ntb.api(&format!("/indicators/{id}/targets"));
    planner.post(&targets, &json!({ "period": "2026", "value": "5" })).await.expect(201);
    let shorter = json!({ "title": "RPJMD Uji", "start_year": 2024, "end_year": 2025 });
    let refused = planner.change(Method::PUT, &ntb.api("/plan"), 1, &shorter).await.expect(409);
    assert_eq!(refused.code(), "plan.targets-outside");
    let longer = json!({ "title": "RPJMD Baru", "start_year": 2024, "end_year": 2027 });
    let changed = planner.change(Method::PUT, &ntb.api("/plan"), 1, &longer).await.expect(200);
    assert_eq!(changed.json()["monitored_until"], 2027);
}

#[tokio::test]
async fn who_only_reads_changes_nothing_and_another_tenant_finds_nothing() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let id = indicator(&ntb, &planner, "A", &tree.objective).await;
    let officer = ntb.member(Role::Officer).await;
    officer.get(&ntb.api("/plan/nodes")).await.expect(200);
    let node_at = format!("/plan/nodes/{}", tree.objective);
    let node_body = json!({ "parent": tree.goal, "code": "9", "text": "Lain" });
    let plan_body = json!({ "title": "Lain", "start_year": 2024, "end_year": 2026 });
    let indicator_at = format!("/indicators/{id}");
    let manual = crate::planning::manual("B", &tree.objective);
    officer.change(Method::PUT, &ntb.api(&node_at), 1, &node_body).await.expect(403);
    officer.change(Method::PUT, &ntb.api("/plan"), 1, &plan_body).await.expect(403);
    officer.change(Method::PUT, &ntb.api(&indicator_at), 1, &manual).await.expect(403);
    officer.change(Method::DELETE, &ntb.api(&node_at), 1, &json!(null)).await.expect(403);
    officer.post(&ntb.api("/plan/nodes"), &node_body).await.expect(403);
    officer.post(&ntb.api("/indicators"), &manual).await.expect(403);
    officer
        .post(
            &ntb.api(&format!("{indicator_at}/targets")),
            &json!({ "period": "2024", "value": "1" }),
        )
        .await
        .expect(403);

    // The regency's planner knows the ids and still finds nothing behind its own address or the province's.
    let dompu = app.tenant("dompu").await;
    let stranger = dompu.member(Role::Planner).await;
    plan(&dompu, &stranger).await;
    for tenant in [&dompu, &ntb] {
        stranger.get(&tenant.api(&node_at)).await.expect(404);
        stranger.change(Method::PUT, &tenant.api(&node_at), 1, &node_body).await.expect(404);
        stranger.change(Method::DELETE, &tenant.api(&node_at), 1, &json!(null)).await.expect(404);
        stranger.get(&tenant.api(&indicator_at)).await.expect(404);
        stranger.change(Method::PUT, &tenant.api(&indicator_at), 1, &manual).await.expect(404);
        stranger.get(&tenant.api(&format!("{indicator_at}/targets"))).await.expect(404);
    }
    let stolen = json!({ "parent": tree.goal, "kind": "objective", "code": "Z", "text": "Z" });
    let refused = stranger.post(&dompu.api("/plan/nodes"), &stolen).await.expect(422);
    assert_eq!(refused.violations(), [violation("/parent", "field.unknown-reference")]);
    let refused = stranger.post(&dompu.api("/indicators"), &manual).await.expect(422);
    assert_eq!(refused.violations(), [violation("/objective", "field.unknown-reference")]);
    let kept = planner.get(&ntb.api(&node_at)).await.expect(200).json();
    assert_eq!((kept["revision"].as_i64(), kept["text"].as_str()), (Some(1), Some("Butir 1.1.1")));
    assert_eq!(planner.get(&ntb.api(&indicator_at)).await.expect(200).json()["revision"], 1);
}
