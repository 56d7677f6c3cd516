//! The strategy map: who links what, circles, what the figures say, the drawing and its table.

use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, TestApp, TestTenant};
use reqwest::Method;
use serde_json::{Value, json};

use crate::measuring::Office;
use crate::planning::{id, plan, violation};

/// Four objectives, one in each perspective, by code of the perspective.
struct Objectives {
    finance: String,
    customer: String,
    internal: String,
    learning: String,
    unplaced: String,
}

async fn objectives(tenant: &TestTenant<'_>, planner: &Actor) -> Objectives {
    let tree = plan(tenant, planner).await;
    let add = async |code: &str, perspective: &str| {
        let body = json!({ "parent": tree.goal, "kind": "objective", "code": code,
            "text": format!("Sasaran <{code}>"), "perspective": perspective });
        id(&planner.post(&tenant.api("/plan/nodes"), &body).await.expect(201).json())
    };
    Objectives {
        finance: add("F.1", "F").await,
        customer: add("C.1", "C").await,
        internal: add("I.1", "I").await,
        learning: add("L.1", "L").await,
        unplaced: tree.objective,
    }
}

fn link(from: &str, to: &str) -> Value {
    json!({ "from": from, "to": to, "hypothesis": "Jika <ini>, maka itu.", "strength": "strong",
        "lag_periods": 2 })
}

#[tokio::test]
async fn planner_draws_changes_and_removes_a_link() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let map = ntb.api("/strategy-map");
    planner.get(&map).await.expect(404);
    let it = objectives(&ntb, &planner).await;
    let links = ntb.api("/strategy-map/links");
    let added = planner.post(&links, &link(&it.learning, &it.internal)).await.expect(201);
    let at = added.header("location").to_owned();
    let expected = json!({ "id": added.json()["id"], "from": it.learning, "to": it.internal,
        "hypothesis": "Jika <ini>, maka itu.", "strength": "strong", "lag_periods": 2, "revision": 1 });
    assert_eq!(planner.get(&at).await.expect(200).json(), expected);

    let again = planner.post(&links, &link(&it.learning, &it.internal)).await.expect(409);
    assert_eq!(again.code(), "causal-link.taken");
    let mut change = link(&it.learning, &it.customer);
    change["strength"] = json!("");
    change["lag_periods"] = Value::Null;
    planner.put(&at, &change).await.expect(428);
    let changed = planner.change(Method::PUT, &at, 1, &change).await.expect(200).json();
    assert_eq!(changed["to"], it.customer.as_str());
    assert!(changed.get("strength").is_none() && changed.get("lag_periods").is_none());
    assert_eq!(planner.change(Method::PUT, &at, 1, &change).await.expect(412).code(), "stale");

    // Nothing is drawn from or to what is not there any more, so an objective with a link is not removed.
    let node = ntb.api(&format!("/plan/nodes/{}", it.learning));
    let refused = planner.change(Method::DELETE, &node, 1, &json!(null)).await.expect(409);
    assert_eq!(refused.code(), "plan-node.occupied");

    assert_eq!(
        planner.change(Method::DELETE, &at, 1, &json!(null)).await.expect(412).code(),
        "stale"
    );
    planner.change(Method::DELETE, &at, 2, &json!(null)).await.expect(204);
    planner.get(&at).await.expect(404);
    planner.change(Method::DELETE, &node, 1, &json!(null)).await.expect(204);

    let auditor = ntb.member(Role::Auditor).await;
    let trail = auditor.get(&ntb.api("/audit-events")).await.expect(200).body;
    for kind in ["causal_link.added", "causal_link.amended", "causal_link.removed"] {
        assert!(trail.contains(kind), "{kind}: {trail}");
    }
}

#[tokio::test]
async fn circles_and_strange_ends_are_refused_by_field() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let it = objectives(&ntb, &planner).await;
    let links = ntb.api("/strategy-map/links");
    for (from, to) in [(&it.learning, &it.internal), (&it.internal, &it.customer)] {
        planner.post(&links, &link(from, to)).await.expect(201);
    }
    let refused = async |body: Value| planner.post(&links, &body).await.expect(422);
    let circle = refused(link(&it.customer, &it.learning)).await;
    assert_eq!(circle.violations(), [violation("/to", "causal-link.cycle")]);
    assert!(circle.body.contains("C.1 → L.1 → I.1 → C.1"), "{}", circle.body);
    for (from, to, field, code) in [
        (&it.customer, &it.customer, "/to", "causal-link.self"),
        (&it.unplaced, &it.customer, "/from", "causal-link.unfit"),
        (&it.customer, &it.unplaced, "/to", "causal-link.unfit"),
    ] {
        assert_eq!(refused(link(from, to)).await.violations(), [violation(field, code)]);
    }
    let bad = json!({ "from": "", "to": "nod_x", "hypothesis": " ", "strength": "sakti",
        "lag_periods": 81 });
    let expected = [
        violation("/from", "field.missing"),
        violation("/to", "field.unknown-reference"),
        violation("/hypothesis", "field.missing"),
        violation("/strength", "field.unknown-value"),
        violation("/lag_periods", "causal-link.lag"),
    ];
    assert_eq!(refused(bad).await.violations(), expected);
    let map = planner.get(&ntb.api("/strategy-map")).await.expect(200).json();
    assert_eq!(map["links"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn two_who_close_a_circle_at_once_do_not_both_succeed() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let it = objectives(&ntb, &planner).await;
    let links = ntb.api("/strategy-map/links");
    for _ in 0..8 {
        let (there, back) = (link(&it.learning, &it.internal), link(&it.internal, &it.learning));
        let (one, other) = tokio::join!(planner.post(&links, &there), planner.post(&links, &back));
        let mut both = [one.status, other.status];
        both.sort_unstable();
        assert_eq!(both, [201, 422]);
        let drawn = if one.status == 201 { one } else { other };
        planner.change(Method::DELETE, drawn.header("location"), 1, &json!(null)).await.expect(204);
    }
}

#[tokio::test]
async fn only_planners_draw_and_no_other_government_sees() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let it = objectives(&ntb, &planner).await;
    let links = ntb.api("/strategy-map/links");
    let drawn = planner.post(&links, &link(&it.learning, &it.internal)).await.expect(201);
    let at = drawn.header("location").to_owned();
    let officer = ntb.member(Role::Officer).await;
    officer.get(&at).await.expect(200);
    officer.post(&links, &link(&it.internal, &it.customer)).await.expect(403);
    officer.change(Method::PUT, &at, 1, &link(&it.learning, &it.internal)).await.expect(403);
    officer.change(Method::DELETE, &at, 1, &json!(null)).await.expect(403);
    let page = officer.look("/ntb/strategy-map").await.expect(200).body;
    assert!(!page.contains("/strategy-map/links/"), "{page}");
    officer.look("/ntb/strategy-map/links/new").await.expect(403);

    let dompu = app.tenant("dompu").await;
    let stranger = dompu.member(Role::Planner).await;
    stranger.get(&at).await.expect(404);
    let here = at.replace("/ntb/", "/dompu/");
    stranger.get(&here).await.expect(404);
    stranger.change(Method::DELETE, &here, 1, &json!(null)).await.expect(404);
}

#[tokio::test]
async fn a_green_driver_and_a_red_effect_put_the_link_in_doubt() {
    let app = TestApp::start().await;
    let desk = Office::of(&app, "ntb").await;
    let driver = desk.objective("L.1", "L").await;
    let effect = desk.objective("C.1", "C").await;
    let reached = desk.indicator("A", json!({ "objective": driver })).await;
    let missed = desk.indicator("B", json!({ "objective": effect })).await;
    let links = desk.api("/strategy-map/links");
    desk.planner.post(&links, &link(&driver, &effect)).await.expect(201);
    let assumption = async |period: &str| {
        let path = desk.api(&format!("/strategy-map?period={period}"));
        let map = desk.planner.get(&path).await.expect(200).json();
        map["links"][0]["assumption"].as_str().expect("a word").to_owned()
    };
    for period in ["2024", "2025"] {
        if period != "2024" {
            desk.open(period).await;
        }
        for indicator in [&reached, &missed] {
            desk.target(indicator, period, "10").await;
        }
        desk.verified(&reached, period, "10").await;
    }
    assert_eq!(assumption("2025").await, "too_few_figures");
    desk.verified(&missed, "2025", "2").await;
    desk.verified(&missed, "2024", "2").await;
    assert_eq!(assumption("2025").await, "broken");
    // Nobody knows of a year before the first.
    assert_eq!(assumption("2024").await, "too_few_figures");

    let page = desk.planner.look(&desk.page("/strategy-map?period=2025")).await.expect(200).body;
    assert!(page.contains("1 panah perlu ditinjau") && page.contains("arrow w3 broken"), "{page}");
    let english = desk.planner.look(&desk.page("/strategy-map?period=2025&lang=en")).await;
    assert!(english.status < 400, "{}", english.body);
}

#[tokio::test]
async fn the_map_is_drawn_and_says_the_same_in_tables() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let empty = planner.look("/ntb/strategy-map").await.expect(200).body;
    assert!(empty.contains("Belum ada sasaran pada peta"), "{empty}");
    let it = objectives(&ntb, &planner).await;
    let bare = planner.look("/ntb/strategy-map").await.expect(200).body;
    assert!(bare.contains("Belum ada panah") && bare.contains("1.1.1</a>"), "{bare}");

    let typed = [
        ("from", it.finance.as_str()),
        ("to", &it.customer),
        ("hypothesis", ""),
        ("lag_periods", "dua"),
    ];
    let form = planner.fill("/ntb/strategy-map/links/new", &typed).await.expect(422).body;
    assert!(form.contains("#f-hypothesis") && form.contains("#f-lag-periods"), "{form}");
    assert!(form.contains("value=\"dua\""), "{form}");
    let typed = [
        ("from", it.finance.as_str()),
        ("to", &it.customer),
        ("hypothesis", "Jika <anggaran> tepat, maka layanan naik."),
        ("strength", "weak"),
    ];
    planner.fill("/ntb/strategy-map/links/new", &typed).await.expect(303);
    let page = planner.look("/ntb/strategy-map").await.expect(200).body;
    assert!(page.contains("data-from=\"F.1\" data-to=\"C.1\""), "{page}");
    assert!(page.contains("Jika &lt;anggaran&gt; tepat") && !page.contains("<anggaran>"), "{page}");
    // Finance stands above the customer here: worth a word, no fault.
    assert!(page.contains("Mengarah ke perspektif di bawahnya"), "{page}");
    assert!(page.contains("Mendorong: C.1") && page.contains("Didorong oleh: F.1"), "{page}");

    let links = planner.get(&ntb.api("/strategy-map")).await.expect(200).json();
    let at =
        format!("/ntb/strategy-map/links/{}", links["links"][0]["id"].as_str().expect("an id"));
    let typed = [
        ("revision", "1"),
        ("from", it.customer.as_str()),
        ("to", &it.customer),
        ("hypothesis", "X"),
    ];
    let refused = planner.fill(&at, &typed).await.expect(422).body;
    assert!(refused.contains("Sasaran tidak menyebabkan dirinya sendiri"), "{refused}");
    planner.fill(&format!("{at}/removal"), &[("revision", "1")]).await.expect(303);
    let page = planner.look("/ntb/strategy-map").await.expect(200).body;
    assert!(!page.contains("data-from"), "{page}");
}
