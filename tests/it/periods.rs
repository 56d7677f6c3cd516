//! The reporting calendar: who opens and closes, what a closed period refuses, and that a reopening ends by itself.

use chrono::Duration;
use ekinerja_domain::access::Role;
use ekinerja_tests::TestApp;
use reqwest::Method;
use serde_json::json;

use crate::measuring::Office;
use crate::planning::violation;

#[tokio::test]
async fn only_administrators_open_a_period_once_and_within_the_plan() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let path = office.api("/periods");
    for actor in [&office.planner, &office.officer, &office.head] {
        actor.post(&path, &json!({ "period": "2025" })).await.expect(403);
    }
    for (period, code) in [
        ("", "field.missing"),
        ("2024-Q9", "period.invalid"),
        ("tahun depan", "period.invalid"),
        ("2031", "period.outside-plan"),
        ("2019", "period.outside-plan"),
    ] {
        let answer = office.administrator.post(&path, &json!({ "period": period })).await;
        assert_eq!(answer.expect(422).violations(), [violation("/period", code)], "{period}");
    }
    let again = office.administrator.post(&path, &json!({ "period": "2024" })).await.expect(409);
    assert_eq!(again.code(), "period.already-open");
    let list = office.officer.get(&path).await.expect(200).json();
    assert_eq!(list["items"].as_array().expect("a list").len(), 1);
    assert_eq!(list["items"][0]["accepts"], "freely");
    let other = app.tenant("dompu").await.member(Role::Administrator).await;
    other.get(&path).await.expect(404);
    other.post(&path, &json!({ "period": "2025" })).await.expect(404);
}

#[tokio::test]
async fn a_period_that_was_never_opened_answers_with_the_remedy() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let body = json!({ "period": "2025", "value": "1" });
    let answer = office.record(&indicator, &body).await.expect(422);
    assert_eq!(answer.violations(), [violation("/period", "period.unknown")]);
    assert!(answer.body.contains("Minta administrator membuka periode 2025"), "{}", answer.body);
    for path in ["/scorecard?period=2025", "/periods/2025"] {
        let answer = office.officer.get(&office.api(path)).await.expect(422);
        assert_eq!(answer.violations(), [violation("/period", "period.unknown")], "{path}");
    }
    let page = office.officer.look(&office.page("/scorecard?period=2025")).await.expect(422);
    assert!(page.body.contains("Minta administrator"), "{}", page.body);
}

#[tokio::test]
async fn a_closed_period_refuses_and_a_reopened_one_takes_a_reasoned_value_until_it_ends() {
    let app = TestApp::start().await;
    let mut office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    office.verified(&indicator, "2024", "50").await;
    let waiting = office.indicator("B", json!({})).await;
    let waiting = office.submitted(&waiting, "2024", "1").await;
    office.set("2024", "closed").await;

    let value = |value: &str, reason: &str| json!({ "period": "2024", "value": value, "reason": reason, "submit": true });
    let refused = office.record(&indicator, &value("51", "BPS mengoreksi")).await.expect(409);
    assert_eq!(refused.code(), "period.closed");
    assert_eq!(office.verify(&waiting).await.expect(409).code(), "period.closed");

    let path = office.api("/periods/2024/reopening");
    let until = |it: &str| json!({ "reason": "BPS mengoreksi angka", "until": it });
    let ask = |revision, body: serde_json::Value| {
        let (office, path) = (&office, &path);
        async move { office.administrator.change(Method::PUT, path, revision, &body).await }
    };
    ask(1, until("2025-01-20T00:00:00Z")).await.expect(412);
    for bad in ["2025-01-15T01:00:00Z", "2025-06-01T00:00:00Z"] {
        let answer = ask(2, until(bad)).await.expect(422);
        assert_eq!(answer.violations(), [violation("/until", "period.expiry-out-of-range")]);
    }
    let blank = json!({ "reason": "  ", "until": "2025-01-20T00:00:00Z" });
    let answer = ask(2, blank.clone()).await.expect(422);
    assert_eq!(answer.violations(), [violation("/reason", "value.reason-missing")]);
    office.officer.change(Method::PUT, &path, 2, &blank).await.expect(403);
    let reopened = ask(2, until("2025-01-20T00:00:00Z")).await.expect(200).json();
    assert_eq!(
        (&reopened["state"], &reopened["accepts"]),
        (&json!("closed"), &json!("with_reason"))
    );

    let answer = office.record(&indicator, &value("51", "")).await.expect(422);
    assert_eq!(answer.violations(), [violation("/reason", "value.reason-missing")]);
    let correction = office.record(&indicator, &value("51", "BPS mengoreksi")).await.expect(201);
    office.verify(&correction.json()).await.expect(200);
    assert_eq!(office.score(&indicator, "2024").await["actual"], "51");

    office.pass(&app, Duration::days(6)).await;
    let refused = office.record(&indicator, &value("52", "Terlambat")).await.expect(409);
    assert_eq!(refused.code(), "period.closed", "nobody had to close it again");
    let period = office.officer.get(&office.api("/periods/2024")).await.expect(200).json();
    assert_eq!(period["accepts"], "not_at_all");
}

#[tokio::test]
async fn closing_asks_for_reasons_and_a_closed_period_never_becomes_open() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    office.set("2024", "closing").await;
    let late = json!({ "period": "2024", "value": "1" });
    let answer = office.record(&indicator, &late).await.expect(422);
    assert_eq!(answer.violations(), [violation("/reason", "value.reason-missing")]);
    office.set("2024", "open").await;
    office.record(&indicator, &late).await.expect(201);
    office.set("2024", "closed").await;
    let path = office.api("/periods/2024/state");
    for state in ["open", "closing", "closed"] {
        let body = json!({ "state": state });
        let answer = office.administrator.change(Method::PUT, &path, 4, &body).await.expect(409);
        assert_eq!(answer.code(), "period.step-impossible", "{state}");
    }
    let body = json!({ "state": "besok" });
    let answer = office.administrator.change(Method::PUT, &path, 4, &body).await.expect(422);
    assert_eq!(answer.violations(), [violation("/state", "field.unknown-value")]);
}

#[tokio::test]
async fn the_page_does_each_step_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let page = office.page("/periods");
    let officer = office.officer.look(&page).await.expect(200);
    assert!(!officer.body.contains("<form method=\"post\" action=\"/bima/periods"), "no forms");
    office.officer.fill(&page, &[("period", "2025")]).await.expect(403);

    let refused = office.administrator.fill(&page, &[("period", "2025 Q1")]).await.expect(422);
    assert!(refused.body.contains("value=\"2025 Q1\""), "{}", refused.body);
    office.administrator.fill(&page, &[("period", "2025-Q1")]).await.expect(303);
    let step = office.page("/periods/2024/state");
    let fields = [("state", "closed"), ("revision", "1")];
    office.administrator.fill(&step, &fields).await.expect(303);
    let reopening = office.page("/periods/2024/reopening");
    let fields = [("reason", ""), ("until", "2025-01-20"), ("revision", "2")];
    let refused = office.administrator.fill(&reopening, &fields).await.expect(422);
    assert!(refused.body.contains("value=\"2025-01-20\""), "{}", refused.body);
    let fields = [("reason", "Salah ketik"), ("until", "20-01-2025"), ("revision", "2")];
    let refused = office.administrator.fill(&reopening, &fields).await.expect(422);
    assert!(refused.body.contains("Salah ketik"), "{}", refused.body);
    let fields = [("reason", "Salah ketik"), ("until", "2025-01-20"), ("revision", "2")];
    office.administrator.fill(&reopening, &fields).await.expect(303);
    let shown = office.administrator.look(&page).await.expect(200);
    assert!(shown.body.contains("20 Januari 2025 23.59 WITA"), "{}", shown.body);
}
