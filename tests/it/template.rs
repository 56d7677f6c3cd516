//! Releases: immutable, versioned, hashed.

use ekinerja_domain::access::Role;
use ekinerja_tests::TestApp;
use reqwest::Method;
use serde_json::json;
use sqlx::ConnectOptions;

use crate::planning::{id, indicator, plan, violation};

#[tokio::test]
async fn release_holds_the_plan_as_it_stood() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let releases = ntb.api("/releases");
    let draft = json!({ "version": "1.0", "changelog": "Pertama" });
    assert_eq!(planner.post(&releases, &draft).await.expect(409).code(), "plan.missing");
    let tree = plan(&ntb, &planner).await;
    let empty = planner.post(&releases, &draft).await.expect(422);
    assert_eq!(empty.violations(), [violation("/content", "release.empty")]);

    let a = indicator(&ntb, &planner, "A", &tree.objective).await;
    let retired = indicator(&ntb, &planner, "B", &tree.objective).await;
    let at = ntb.api(&format!("/indicators/{retired}/retirement"));
    planner.change(Method::PUT, &at, 1, &json!({ "retired_on": "2025-01-01" })).await.expect(200);
    let targets = ntb.api(&format!("/indicators/{a}/targets"));
    for (period, value) in [("2024", "70"), ("2024-Q1", "5"), ("2025", "WTP")] {
        planner.post(&targets, &json!({ "period": period, "value": value })).await.expect(201);
    }
    let modes = ntb.api(&format!("/indicators/{a}/modes"));
    let local = json!({ "items": [{ "field": "source", "mode": "local" }] });
    planner.change(Method::PUT, &modes, 1, &local).await.expect(200);

    let preview = planner.get(&ntb.api("/releases/preview")).await.expect(200).json();
    assert_eq!((&preview["faults"], &preview["suggested"]), (&json!([]), &json!("1.0.0")));
    let first = planner.post(&releases, &draft).await.expect(201).json();
    assert_eq!(first["content"], preview["content"]);
    let content = &first["content"];
    assert_eq!(content["indicators"].as_array().map(Vec::len), Some(1));
    // Only yearly numbers travel, for information.
    let expected = json!([{ "year": 2024, "value": "70", "illustrative": false }]);
    assert_eq!(content["indicators"][0]["targets"], expected);
    let modes = &content["indicators"][0]["modes"];
    let of = |field: &str| modes[field].as_str().expect("a mode").to_owned();
    assert_eq!(of("source"), "local");
    assert_eq!(
        (of("definition"), of("name"), of("targets")),
        ("locked".into(), "default".into(), "local".into())
    );

    // The plan goes on; the release does not.
    indicator(&ntb, &planner, "C", &tree.objective).await;
    let kept = planner.get(&ntb.api(&format!("/releases/{}", id(&first)))).await.expect(200).json();
    assert_eq!(kept, first);
    // The next one says what this one does not hold.
    let preview = planner.get(&ntb.api("/releases/preview")).await.expect(200).json();
    assert_eq!(preview["absent_before"], json!(["C"]));
}

#[tokio::test]
async fn versions_rise_and_a_later_release_supersedes() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    indicator(&ntb, &planner, "A", &tree.objective).await;
    let releases = ntb.api("/releases");
    let draft = |version: &str| json!({ "version": version, "changelog": "Isi" });
    for bad in ["satu", "1", "1.0.0.0", "1.-2", ""] {
        let refused = planner.post(&releases, &draft(bad)).await.expect(422);
        let code = if bad.is_empty() { "field.missing" } else { "release.version-invalid" };
        assert_eq!(refused.violations(), [violation("/version", code)], "{bad}");
    }
    let first = planner.post(&releases, &draft("1.10")).await.expect(201).json();
    for low in ["1.10", "1.9.99", "1.10.0", "0.1"] {
        let refused = planner.post(&releases, &draft(low)).await.expect(422);
        assert_eq!(refused.violations(), [violation("/version", "release.version-not-higher")]);
    }
    let second = planner.post(&releases, &draft("1.10.1")).await.expect(201).json();
    let list = planner.get(&releases).await.expect(200).json();
    let states: Vec<_> = list["items"]
        .as_array()
        .expect("releases")
        .iter()
        .map(|it| (it["version"].as_str(), it["status"].as_str()))
        .collect();
    assert_eq!(states, [(Some("1.10.1"), Some("released")), (Some("1.10.0"), Some("superseded"))]);

    let withdraw = async |body: &serde_json::Value| {
        planner.put(&ntb.api(&format!("/releases/{}/withdrawal", id(body))), &json!({})).await
    };
    assert_eq!(withdraw(&second).await.expect(200).json()["status"], "withdrawn");
    assert_eq!(withdraw(&second).await.expect(409).code(), "release.withdrawn");
    // A withdrawn version is spent, too.
    planner.post(&releases, &draft("1.10.1")).await.expect(422);
    assert_eq!(withdraw(&first).await.expect(200).json()["status"], "withdrawn");
}

#[tokio::test]
async fn only_the_provinces_planner_releases() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    indicator(&ntb, &planner, "A", &tree.objective).await;
    let draft = json!({ "version": "1.0", "changelog": "Isi" });
    let administrator = ntb.member(Role::Administrator).await;
    administrator.post(&ntb.api("/releases"), &draft).await.expect(403);
    administrator.get(&ntb.api("/releases/preview")).await.expect(403);

    let dompu = app.tenant("dompu").await;
    let regency = dompu.member(Role::Planner).await;
    let tree = plan(&dompu, &regency).await;
    let own = indicator(&dompu, &regency, "A", &tree.objective).await;
    regency.post(&dompu.api("/releases"), &draft).await.expect(403);
    let modes = json!({ "items": [{ "field": "source", "mode": "local" }] });
    let at = dompu.api(&format!("/indicators/{own}/modes"));
    regency.change(Method::PUT, &at, 1, &modes).await.expect(403);

    // The regency reads its province's release and can neither change nor withdraw it.
    let released = planner.post(&ntb.api("/releases"), &draft).await.expect(201).json();
    let at = format!("/releases/{}", id(&released));
    assert_eq!(regency.get(&dompu.api(&at)).await.expect(200).json(), released);
    regency.put(&dompu.api(&format!("{at}/withdrawal")), &json!({})).await.expect(403);
    regency.put(&ntb.api(&format!("{at}/withdrawal")), &json!({})).await.expect(404);
    assert_eq!(planner.get(&ntb.api(&at)).await.json()["status"], "released");
}

#[tokio::test]
async fn tampered_release_is_an_error_and_never_shown_as_good() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    indicator(&ntb, &planner, "A", &tree.objective).await;
    let draft = json!({ "version": "1.0", "changelog": "Isi" });
    let released = planner.post(&ntb.api("/releases"), &draft).await.expect(201).json();
    let at = ntb.api(&format!("/releases/{}", id(&released)));
    planner.get(&at).await.expect(200);
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    let tamper = "update template_releases
        set content = jsonb_set(content, '{indicators,0,manual,unit}', '\"orang\"')";
    let tampered = sqlx::query(tamper).execute(&mut owner).await.expect("the owner can");
    assert_eq!(tampered.rows_affected(), 1);
    assert_eq!(planner.get(&at).await.expect(500).code(), "internal");
    let dompu = app.tenant("dompu").await;
    let regency = dompu.member(Role::Planner).await;
    let body = json!({ "release": id(&released) });
    regency.post(&dompu.api("/adoption"), &body).await.expect(500);
    regency.get(&dompu.api("/plan")).await.expect(404);
}

#[tokio::test]
async fn indicator_weighted_by_one_that_stays_out_is_not_released() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    indicator(&ntb, &planner, "PENDUDUK", &tree.objective).await;
    let mut body = crate::planning::manual("UHH", &tree.objective);
    body["location_consolidation"] = json!("weighted_by_variable");
    body["weight_variable"] = json!("PENDUDUK");
    planner.post(&ntb.api("/indicators"), &body).await.expect(201);
    let draft = json!({ "version": "1.0", "changelog": "Isi", "leave_out": ["PENDUDUK", "APA"] });
    let refused = planner.post(&ntb.api("/releases"), &draft).await.expect(422);
    let expected = [
        violation("/leave_out/1", "field.unknown-reference"),
        violation("/content", "release.weight-variable-unknown"),
    ];
    assert_eq!(refused.violations(), expected);
    assert!(refused.body.contains("UHH"), "{}", refused.body);
}
