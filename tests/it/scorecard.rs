//! The scorecard: four kinds of absence, provisional values, caps, quarters, and digits that stay once a period is closed.

use chrono::Duration;
use ekinerja_tests::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::measuring::{Office, count, work};

fn perspective<'v>(card: &'v Value, code: &str) -> &'v Value {
    let all = card["perspectives"].as_array().expect("perspectives");
    all.iter().find(|it| it["code"] == code).expect("the perspective")
}

fn line<'v>(card: &'v Value, code: &str) -> &'v Value {
    let objectives = card["perspectives"].as_array().expect("perspectives");
    let objectives = objectives.iter().flat_map(|it| it["objectives"].as_array().expect("a list"));
    let mut lines = objectives.flat_map(|it| it["indicators"].as_array().expect("a list"));
    lines.find(|it| it["code"] == code).unwrap_or_else(|| panic!("no {code} in {card}"))
}

#[tokio::test]
async fn missing_zero_not_applicable_and_not_yet_due_stay_four_things() {
    let app = TestApp::start().await;
    let mut office = Office::of(&app, "bima").await;
    office.open("2025").await;
    let mut ids = Vec::new();
    for code in ["NOL", "KOSONG", "TIDAK"] {
        let indicator = office.indicator(code, json!({})).await;
        for period in ["2024", "2025"] {
            office.target(&indicator, period, "100").await;
        }
        ids.push(indicator);
    }
    office.verified(&ids[0], "2024", "0").await;
    let body = json!({ "period": "2024", "not_applicable": true, "note": "Tidak ada pesisir", "submit": true });
    let excused = office.record(&ids[2], &body).await.expect(201).json();
    office.verify(&excused).await.expect(200);
    work(&app).await;
    office.pass(&app, Duration::days(2)).await;

    let card = office.scorecard("2024").await;
    let standing = |card: &Value, code: &str| line(card, code)["score"]["standing"].clone();
    assert_eq!(standing(&card, "NOL"), "reported");
    assert_eq!(line(&card, "NOL")["score"]["achievement"], "0.00");
    assert_eq!(
        (standing(&card, "KOSONG"), &line(&card, "KOSONG")["score"]["outcome"]),
        (json!("missing"), &json!("late"))
    );
    assert_eq!(standing(&card, "TIDAK"), "not_applicable");
    assert_eq!(card["organisation"]["measured"], 1);
    assert_eq!(card["organisation"]["expected"], 2, "what does not apply is not expected");
    assert_eq!(card["organisation"]["value"], "0", "zero is a value");
    let next = office.scorecard("2025").await;
    assert_eq!(standing(&next, "KOSONG"), "not_yet_due");
    assert_eq!(next["organisation"]["expected"], 0);
    assert_eq!(next["organisation"].get("value"), None);

    let page = office.officer.look(&office.page("/scorecard?period=2024")).await.expect(200).body;
    for text in ["0,00%", "Belum ada nilai", "Tidak berlaku", "1 dari 2 indikator", "ilustrasi"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let page = office.officer.look(&office.page("/scorecard?period=2025")).await.expect(200).body;
    assert!(page.contains("Belum jatuh tempo"), "{page}");
    let sql = "select count(*) from scores where achievement = 0";
    assert_eq!(count(&app, sql).await, 1, "only the zero is a zero");
}

#[tokio::test]
async fn a_submitted_value_is_provisional_and_counts_once_verified() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    office.target(&indicator, "2024", "100").await;
    work(&app).await;
    assert_eq!(count(&app, "select count(*) from milestones where stage = 'first_value'").await, 0);
    let submitted = office.submitted(&indicator, "2024", "150").await;
    let card = office.scorecard("2024").await;
    let score = &line(&card, "A")["score"];
    assert_eq!((&score["provisional"], &score["achievement"]), (&json!(true), &json!("120.00")));
    assert_eq!(card["organisation"].get("value"), None, "it counts nowhere yet");
    assert_eq!(card["provisional"], 1);
    office.verify(&submitted).await.expect(200);
    // No worker ran in between: the score is made with the verification itself.
    let card = office.scorecard("2024").await;
    let score = &line(&card, "A")["score"];
    assert_eq!((&score["achievement"], &score["uncapped"]), (&json!("120.00"), &json!("150")));
    assert_eq!(score["rule_set"], json!({ "name": "default", "version": 1 }));
    let kinds: Vec<_> =
        score["steps"].as_array().expect("steps").iter().map(|it| it["kind"].clone()).collect();
    assert_eq!(kinds, ["formula", "cap"]);
    assert_eq!(card["organisation"]["value"], "120");
    assert_eq!(count(&app, "select count(*) from milestones where stage = 'first_value'").await, 1);
    let page = office.officer.look(&office.page("/scorecard?period=2024")).await.expect(200).body;
    assert!(page.contains("150,00% → 120,00%"), "{page}");
    assert!(page.contains("default v1"), "{page}");
}

#[tokio::test]
async fn objectives_perspectives_and_organisation_are_made_in_that_order() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let finance = [office.objective("2.1.2", "F").await, office.objective("2.1.3", "F").await];
    // Domain rule 2.6: 120 and 80 in one perspective, 90 in another: 95 and not 96.67.
    for (code, objective, value) in
        [("A", &finance[0], "120"), ("B", &finance[1], "80"), ("C", &office.objective, "90")]
    {
        let indicator = office.indicator(code, json!({ "objective": objective })).await;
        office.target(&indicator, "2024", "100").await;
        office.verified(&indicator, "2024", value).await;
    }
    let supporting = office.indicator("D", json!({ "kind": "supporting" })).await;
    office.verified(&supporting, "2024", "1").await;
    work(&app).await;
    let card = office.scorecard("2024").await;
    assert_eq!(card["organisation"]["value"], "95");
    assert_eq!(card["organisation"]["band"], "Cukup");
    assert_eq!(perspective(&card, "F")["score"]["value"], "100");
    assert_eq!(perspective(&card, "F")["score"]["share"], "0.5");
    assert_eq!(perspective(&card, "I").get("score"), None, "an empty perspective has no score");
    assert_eq!(card["supporting"][0]["code"], "D");
    assert_eq!(card["organisation"]["expected"], 3);
}

#[tokio::test]
async fn a_closed_period_never_changes_its_digits() {
    let app = TestApp::start().await;
    let mut office = Office::of(&app, "bima").await;
    let a = office.indicator("A", json!({})).await;
    let b = office.indicator("B", json!({})).await;
    for indicator in [&a, &b] {
        office.target(indicator, "2024", "100").await;
    }
    office.verified(&a, "2024", "90").await;
    work(&app).await;
    office.set("2024", "closed").await;
    let digits = |card: &Value| {
        let scores = ["A", "B"].map(|code| line(card, code)["score"].clone());
        let levels = perspective(card, "C")["score"].clone();
        (card["organisation"].clone(), levels, card["rule_set"].clone(), scores)
    };
    let closed = office.scorecard("2024").await;
    assert_eq!(closed["organisation"]["value"], "90");
    assert_eq!(
        line(&closed, "B")["score"]["outcome"],
        "late",
        "what is missing at closing is late"
    );

    // Weight, target and rule set change afterwards.
    let path = office.api(&format!("/indicators/{a}"));
    let mut manual = office.planner.get(&path).await.expect(200).json();
    for derived in ["id", "revision", "modes", "owner_agency_name"] {
        manual.as_object_mut().expect("an object").remove(derived);
    }
    manual["weight"] = json!("7");
    manual["polarity"] = json!("minimize");
    office.planner.change(Method::PUT, &path, 1, &manual).await.expect(200);
    office.target(&b, "2024", "10").await;
    let choice = json!({ "year": 2024, "purpose": "own", "rule_set": "regency_b" });
    office.planner.post(&office.api("/rule-sets"), &choice).await.expect(201);
    work(&app).await;
    office.pass(&app, Duration::days(400)).await;
    assert_eq!(digits(&office.scorecard("2024").await), digits(&closed));

    // A reopening lets one value in; everything else stays as it was when the period was closed.
    let body = json!({ "reason": "Angka B terlambat", "until": "2026-02-28T00:00:00Z" });
    let path = office.api("/periods/2024/reopening");
    office.administrator.change(Method::PUT, &path, 2, &body).await.expect(200);
    let late = json!({ "period": "2024", "value": "50", "reason": "Terlambat", "submit": true });
    let late = office.record(&b, &late).await.expect(201).json();
    office.verify(&late).await.expect(200);
    let card = office.scorecard("2024").await;
    assert_eq!(line(&card, "B")["score"]["achievement"], "50.00", "against the target at closing");
    assert_eq!(line(&card, "A")["score"], line(&closed, "A")["score"]);
    assert_eq!(card["organisation"]["value"], "70", "with the weights at closing");
    assert_eq!(card["rule_set"], closed["rule_set"]);
    // A correction of A is scored by the formula of then, though its direction was turned round since.
    let again = json!({ "period": "2024", "value": "80", "reason": "Koreksi", "submit": true });
    let again = office.record(&a, &again).await.expect(201).json();
    office.verify(&again).await.expect(200);
    let score = office.score(&a, "2024").await;
    assert_eq!((&score["achievement"], &score["rule"]), (&json!("80.00"), &json!("MaxRatio")));
}

#[tokio::test]
async fn quarters_become_the_year() {
    let app = TestApp::start().await;
    let mut office = Office::of(&app, "bima").await;
    let more = json!({ "frequency": "quarterly", "period_consolidation": "sum", "unit": "orang" });
    let indicator = office.indicator("A", more).await;
    for (quarter, target) in
        [("2024-Q1", "10"), ("2024-Q2", "20"), ("2024-Q3", "30"), ("2024-Q4", "40")]
    {
        office.open(quarter).await;
        office.target(&indicator, quarter, target).await;
    }
    for (quarter, value) in [("2024-Q1", "8"), ("2024-Q2", "25"), ("2024-Q3", "30")] {
        office.verified(&indicator, quarter, value).await;
    }
    let half = office.score(&indicator, "2024-Q2").await;
    assert_eq!((&half["actual"], &half["target"]), (&json!("33"), &json!("30")));
    assert_eq!(half["consolidated"], json!(["2024-Q1", "2024-Q2"]));
    let year = office.score(&indicator, "2024").await;
    assert_eq!((&year["outcome"], &year["missing"]), (&json!("pending"), &json!(["2024-Q4"])));
    office.pass(&app, Duration::days(2)).await;
    let card = office.scorecard("2024").await;
    assert_eq!(line(&card, "A")["score"]["outcome"], "late", "the due day has passed");
    office.verified(&indicator, "2024-Q4", "37").await;
    let year = office.score(&indicator, "2024").await;
    assert_eq!((&year["actual"], &year["achievement"]), (&json!("100"), &json!("100.00")));
    // A correction of the first quarter reaches the year at once.
    let body =
        json!({ "period": "2024-Q1", "value": "18", "reason": "Salah ketik", "submit": true });
    let correction = office.record(&indicator, &body).await.expect(201).json();
    office.verify(&correction).await.expect(200);
    assert_eq!(office.score(&indicator, "2024").await["actual"], "110");
    assert_eq!(office.score(&indicator, "2024-Q3").await["actual"], "73");
}

#[tokio::test]
async fn two_verifications_at_once_both_reach_the_organisation() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let mut waiting = Vec::new();
    for code in ["A", "B", "C", "D"] {
        let indicator = office.indicator(code, json!({})).await;
        office.target(&indicator, "2024", "100").await;
        waiting.push(office.submitted(&indicator, "2024", "50").await);
    }
    work(&app).await;
    let decided = futures::future::join_all(waiting.iter().map(|it| office.verify(it))).await;
    for answer in decided {
        answer.expect(200);
    }
    let card = office.scorecard("2024").await;
    assert_eq!(card["organisation"]["measured"], 4);
    assert_eq!(card["organisation"]["value"], "50");
}

#[tokio::test]
async fn pages_teach_the_next_step_when_there_is_nothing() {
    let app = TestApp::start().await;
    let tenant = app.tenant("dompu").await;
    let administrator = tenant.member(ekinerja_domain::access::Role::Administrator).await;
    let card = administrator.look("/dompu/scorecard").await.expect(200).body;
    assert!(card.contains("Belum ada periode yang dibuka") && card.contains("/dompu/periods"));
    let entry = administrator.look("/dompu/entry").await.expect(200).body;
    assert!(entry.contains("Belum ada indikator untuk Anda"), "{entry}");
    let queue = administrator.look("/dompu/verification").await.expect(200).body;
    assert!(queue.contains("Tidak ada nilai yang menunggu"), "{queue}");
    administrator.get(&tenant.api("/scorecard")).await.expect(404);
}
