//! Adoption of a release by a regency.

use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, TestApp, TestTenant};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::ConnectOptions;

use crate::planning::{id, indicator, manual, node, plan, violation};

/// A province with two indicators, the second weighted by the first, released as 1.0.
async fn released(ntb: &TestTenant<'_>, planner: &Actor) -> String {
    let tree = plan(ntb, planner).await;
    let at = ntb.api(&format!("/plan/nodes/{}", tree.objective));
    let placed =
        json!({ "parent": tree.goal, "code": "1.1.1", "text": "Butir 1.1.1", "perspective": "C" });
    planner.change(Method::PUT, &at, 1, &placed).await.expect(200);
    indicator(ntb, planner, "PENDUDUK", &tree.objective).await;
    let mut body = manual("UHH", &tree.objective);
    body["location_consolidation"] = json!("weighted_by_variable");
    body["weight_variable"] = json!("PENDUDUK");
    body["baseline_value"] = json!("66");
    body["baseline_year"] = json!(2023);
    let uhh = id(&planner.post(&ntb.api("/indicators"), &body).await.expect(201).json());
    let target = json!({ "period": "2024", "value": "70" });
    planner.post(&ntb.api(&format!("/indicators/{uhh}/targets")), &target).await.expect(201);
    let draft = json!({ "version": "1.0", "changelog": "Isi" });
    id(&planner.post(&ntb.api("/releases"), &draft).await.expect(201).json())
}

async fn indicators(tenant: &TestTenant<'_>, actor: &Actor) -> Vec<Value> {
    let list = actor.get(&tenant.api("/indicators")).await.expect(200).json();
    list["items"].as_array().expect("indicators").clone()
}

#[tokio::test]
async fn regency_without_a_plan_gets_one_with_goals_and_indicators() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let province = ntb.member(Role::Planner).await;
    let release = released(&ntb, &province).await;
    let dompu = app.tenant("dompu").await;
    let planner = dompu.member(Role::Planner).await;
    let preview = planner.get(&dompu.api(&format!("/adoption/preview?release={release}"))).await;
    let preview = preview.expect(200).json();
    assert_eq!((&preview["drafts_plan"], &preview["obstacles"]), (&json!(true), &json!([])));
    planner.get(&dompu.api("/adoption")).await.expect(404);

    let adopted = planner.post(&dompu.api("/adoption"), &json!({ "release": release })).await;
    assert_eq!(adopted.expect(201).json()["version"], "1.0.0");
    assert_eq!(planner.get(&dompu.api("/adoption")).await.expect(200).json()["release"], release);
    let own = planner.get(&dompu.api("/plan")).await.expect(200).json();
    assert_eq!(own["title"], preview["plan_title"]);
    assert_eq!((&own["start_year"], &own["end_year"]), (&json!(2024), &json!(2026)));
    assert_eq!(own.get("legal_basis"), None);

    let nodes = planner.get(&dompu.api("/plan/nodes")).await.expect(200).json();
    let nodes = nodes["items"].as_array().expect("nodes").clone();
    let codes: Vec<_> = nodes.iter().map(|it| it["template_code"].as_str()).collect();
    assert_eq!(codes, [Some("V"), Some("1"), Some("1.1"), Some("1.1.1")]);
    assert_eq!(nodes[3]["perspective"], "C");
    let arrived = indicators(&dompu, &planner).await;
    assert_eq!(arrived.len(), 2);
    let uhh = &arrived[1];
    assert_eq!(
        (&uhh["code"], &uhh["template_code"], &uhh["weight_variable"]),
        (&json!("UHH"), &json!("UHH"), &json!("PENDUDUK"))
    );
    assert_eq!(
        (&uhh["modes"]["definition"], &uhh["modes"]["targets"]),
        (&json!("locked"), &json!("local"))
    );
    // Baseline and targets are the regency's own: nothing of the province's arrives.
    assert_eq!(uhh.get("baseline_value"), None);
    let targets = planner.get(&dompu.api(&format!("/indicators/{}/targets", id(uhh)))).await.json();
    assert_eq!(targets["items"], json!([]));
}

#[tokio::test]
async fn own_objectives_and_indicators_stay_beside_what_arrives() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let province = ntb.member(Role::Planner).await;
    let release = released(&ntb, &province).await;
    let dompu = app.tenant("dompu").await;
    let planner = dompu.member(Role::Planner).await;
    let tree = plan(&dompu, &planner).await;
    let own = indicator(&dompu, &planner, "LOKAL", &tree.objective).await;
    let at = dompu.api(&format!("/adoption/preview?release={release}"));
    let preview = planner.get(&at).await.expect(200).json();
    // The regency has nodes 1, 1.1 … of its own: those of the release arrive as P.1, P.1.1 …
    assert_eq!(preview["renamed_nodes"]["1.1.1"], "P.1.1.1");
    planner.post(&dompu.api("/adoption"), &json!({ "release": release })).await.expect(201);

    let nodes = planner.get(&dompu.api("/plan/nodes")).await.expect(200).json();
    let codes: Vec<_> = nodes["items"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|it| {
            (
                it["code"].as_str().expect("a code").to_owned(),
                it["template_code"].as_str().map(str::to_owned),
            )
        })
        .collect();
    let own_codes: Vec<_> =
        codes.iter().filter(|it| it.1.is_none()).map(|it| it.0.as_str()).collect();
    assert_eq!(own_codes, ["V", "1", "1.1", "1.1.1"]);
    assert!(codes.contains(&("P.1.1.1".into(), Some("1.1.1".into()))), "{codes:?}");
    let kept = planner.get(&dompu.api(&format!("/indicators/{own}"))).await.expect(200).json();
    assert_eq!((&kept["revision"], kept.get("template_code")), (&json!(1), None));
    node(&dompu, &planner, &tree.vision, "mission", "2").await;
}

#[tokio::test]
async fn release_is_adopted_once_and_a_second_one_is_refused_with_the_way_on() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let province = ntb.member(Role::Planner).await;
    let first = released(&ntb, &province).await;
    let dompu = app.tenant("dompu").await;
    let planner = dompu.member(Role::Planner).await;
    let adopt = async |release: &str| {
        planner.post(&dompu.api("/adoption"), &json!({ "release": release })).await
    };
    adopt(&first).await.expect(201);
    assert_eq!(adopt(&first).await.expect(409).code(), "adoption.done");
    let draft = json!({ "version": "1.1", "changelog": "Lebih baru" });
    let second = id(&province.post(&ntb.api("/releases"), &draft).await.expect(201).json());
    let refused = adopt(&second).await.expect(409);
    assert_eq!(refused.code(), "adoption.upgrade-later");
    assert!(refused.body.contains("1.0.0"), "{}", refused.body);
    assert_eq!(indicators(&dompu, &planner).await.len(), 2);
    assert_eq!(planner.get(&dompu.api("/adoption")).await.json()["version"], "1.0.0");
}

#[tokio::test]
async fn nothing_is_half_written_when_an_adoption_fails() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let province = ntb.member(Role::Planner).await;
    let release = released(&ntb, &province).await;
    let dompu = app.tenant("dompu").await;
    let planner = dompu.member(Role::Planner).await;

    // The last row that an adoption writes fails: the plan, the nodes and the first indicator are there by then.
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    let trap = "create function trap() returns trigger language plpgsql as
        $$ begin if new.code = 'UHH' then raise exception 'trap'; end if; return new; end $$";
    sqlx::query(trap).execute(&mut owner).await.expect("a function");
    let set =
        "create trigger trap before insert on indicators for each row execute function trap()";
    sqlx::query(set).execute(&mut owner).await.expect("a trigger");
    let body = json!({ "release": release });
    planner.post(&dompu.api("/adoption"), &body).await.expect(500);
    planner.get(&dompu.api("/plan")).await.expect(404);
    planner.get(&dompu.api("/adoption")).await.expect(404);
    assert_eq!(indicators(&dompu, &planner).await, Vec::<Value>::new());
    sqlx::query("drop trigger trap on indicators").execute(&mut owner).await.expect("gone");
    planner.post(&dompu.api("/adoption"), &body).await.expect(201);

    // An own indicator with a code of the release: refused before anything is written.
    let bima = app.tenant("bima").await;
    let planner = bima.member(Role::Planner).await;
    let tree = plan(&bima, &planner).await;
    let own = indicator(&bima, &planner, "UHH", &tree.objective).await;
    let refused = planner.post(&bima.api("/adoption"), &body).await.expect(409);
    assert_eq!(refused.code(), "adoption.code-taken");
    let nodes = planner.get(&bima.api("/plan/nodes")).await.expect(200).json();
    assert_eq!(nodes["items"].as_array().map(Vec::len), Some(4));
    // The way on that the message names.
    let renamed = manual("UHH_LOKAL", &tree.objective);
    let at = bima.api(&format!("/indicators/{own}"));
    planner.change(Method::PUT, &at, 1, &renamed).await.expect(200);
    planner.post(&bima.api("/adoption"), &body).await.expect(201);
}

#[tokio::test]
async fn locked_fields_stay_and_the_others_are_the_regencys() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let province = ntb.member(Role::Planner).await;
    let release = released(&ntb, &province).await;
    let dompu = app.tenant("dompu").await;
    let planner = dompu.member(Role::Planner).await;
    planner.post(&dompu.api("/adoption"), &json!({ "release": release })).await.expect(201);
    let uhh = indicators(&dompu, &planner).await.remove(1);
    let at = dompu.api(&format!("/indicators/{}", id(&uhh)));
    let mut body = manual("UHH", uhh["objective"].as_str().expect("an objective"));
    body["location_consolidation"] = json!("weighted_by_variable");
    body["weight_variable"] = json!("PENDUDUK");
    let mut locked = body.clone();
    locked["unit"] = json!("tahun");
    locked["definition"] = json!("Lain");
    locked["polarity"] = json!("minimize");
    locked["code"] = json!("UHH2");
    locked["kind"] = json!("supporting");
    locked["numerator"] = json!("X");
    locked["denominator"] = json!("Y");
    let refused = planner.change(Method::PUT, &at, 1, &locked).await.expect(422);
    let expected = ["code", "kind", "definition", "unit", "polarity", "numerator"]
        .map(|field| violation(&format!("/{field}"), "indicator.field-locked"));
    assert_eq!(refused.violations(), expected);

    body["name"] = json!("Nama di sini");
    body["source"] = json!("Dinas Kesehatan");
    body["weight"] = json!("2");
    body["baseline_value"] = json!("65,1");
    body["baseline_year"] = json!(2023);
    let changed = planner.change(Method::PUT, &at, 1, &body).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["weight"]), (&json!("Nama di sini"), &json!("2")));
    let target = json!({ "period": "2025", "value": "67" });
    planner.post(&format!("{at}/targets"), &target).await.expect(201);

    // Nodes: wording and perspective are local; code, place and existence are not.
    let nodes = planner.get(&dompu.api("/plan/nodes")).await.expect(200).json();
    let objective = &nodes["items"][3];
    let at = dompu.api(&format!("/plan/nodes/{}", id(objective)));
    let parent = &objective["parent"];
    let text =
        json!({ "parent": parent, "code": "1.1.1", "text": "Kata sendiri", "perspective": "F" });
    planner.change(Method::PUT, &at, 1, &text).await.expect(200);
    let code = json!({ "parent": parent, "code": "9", "text": "Kata sendiri" });
    let refused = planner.change(Method::PUT, &at, 2, &code).await.expect(422);
    assert_eq!(refused.violations(), [violation("/code", "plan-node.adopted")]);
    let gone = planner.change(Method::DELETE, &at, 2, &json!(null)).await.expect(409);
    assert_eq!(gone.code(), "plan-node.adopted");
}

#[tokio::test]
async fn locked_targets_arrive_and_cannot_be_changed() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let province = ntb.member(Role::Planner).await;
    released(&ntb, &province).await;
    let uhh = indicators(&ntb, &province).await.remove(1);
    let modes = json!({ "items": [{ "field": "targets", "mode": "locked" }, { "field": "weight", "mode": "locked" }] });
    let at = ntb.api(&format!("/indicators/{}/modes", id(&uhh)));
    province.change(Method::PUT, &at, 1, &modes).await.expect(200);
    let draft = json!({ "version": "2.0", "changelog": "Target bersama" });
    let release = id(&province.post(&ntb.api("/releases"), &draft).await.expect(201).json());
    let dompu = app.tenant("dompu").await;
    let planner = dompu.member(Role::Planner).await;
    planner.post(&dompu.api("/adoption"), &json!({ "release": release })).await.expect(201);
    let uhh = indicators(&dompu, &planner).await.remove(1);
    let at = dompu.api(&format!("/indicators/{}/targets", id(&uhh)));
    let targets = planner.get(&at).await.expect(200).json();
    assert_eq!(
        (&targets["items"][0]["period"], &targets["items"][0]["value"]),
        (&json!("2024"), &json!("70"))
    );
    let own = json!({ "period": "2025", "value": "60" });
    assert_eq!(planner.post(&at, &own).await.expect(409).code(), "target.locked");
}

#[tokio::test]
async fn who_may_not_adopt() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let province = ntb.member(Role::Planner).await;
    let release = released(&ntb, &province).await;
    let body = json!({ "release": release });
    let refused = province.post(&ntb.api("/adoption"), &body).await.expect(409);
    assert_eq!(refused.code(), "adoption.of-province");
    let dompu = app.tenant("dompu").await;
    dompu.member(Role::Administrator).await.post(&dompu.api("/adoption"), &body).await.expect(403);
    let planner = dompu.member(Role::Planner).await;
    let unknown = json!({ "release": "rel_00000000000000000000000000000001" });
    planner.post(&dompu.api("/adoption"), &unknown).await.expect(404);
    let garbled =
        planner.post(&dompu.api("/adoption"), &json!({ "release": "1.0" })).await.expect(422);
    assert_eq!(garbled.violations(), [violation("/release", "field.unknown-reference")]);
    province
        .put(&ntb.api(&format!("/releases/{release}/withdrawal")), &json!({}))
        .await
        .expect(200);
    let refused = planner.post(&dompu.api("/adoption"), &body).await.expect(409);
    assert_eq!(refused.code(), "release.withdrawn");
    planner.get(&dompu.api("/plan")).await.expect(404);
}
