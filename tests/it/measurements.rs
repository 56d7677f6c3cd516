//! Values: how numbers are read, who records, submits and verifies, and that nothing is ever overwritten.

use chrono::Duration;
use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::TestApp;
use reqwest::Method;
use reqwest::header::ACCEPT;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::measuring::{Office, agency, count, decide};
use crate::planning::violation;

#[tokio::test]
async fn numbers_are_read_as_people_type_them_and_blank_is_missing() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let digits = "9".repeat(30);
    for (value, code) in [
        (json!(""), "value.missing"),
        (json!("   "), "value.missing"),
        (json!(null), "value.missing"),
        (json!("abc"), "number.unreadable"),
        (json!("1,234.56"), "number.foreign-format"),
        (json!(digits), "number.out-of-range"),
        (json!("0,1234567"), "number.out-of-range"),
        (json!("1e5"), "number.unreadable"),
    ] {
        let body = json!({ "period": "2024", "value": value });
        let answer = office.record(&indicator, &body).await.expect(422);
        assert_eq!(answer.violations(), [violation("/value", code)], "{value}");
    }
    assert_eq!(office.revisions(&indicator).await, Vec::<Value>::new(), "nothing half written");
    for (revision, (value, read)) in [
        (json!("1.234,56"), "1234.56"),
        (json!("1234,56"), "1234.56"),
        (json!("1234.56"), "1234.56"),
        (json!("1.234"), "1234"),
        (json!(1.234), "1.2340"),
        (json!("0"), "0"),
        (json!("-3,5"), "-3.5"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({ "period": "2024", "value": value });
        let kept = office.record(&indicator, &body).await.expect(201).json();
        assert_eq!(kept["value"], read, "{value}");
        assert_eq!(kept["revision"], json!(revision + 1));
    }
}

#[tokio::test]
async fn each_rule_of_recording_names_its_field() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    office.open("2024-Q1").await;
    let indicator = office.indicator("A", json!({})).await;
    let parts = json!({ "numerator": "Miskin", "denominator": "Penduduk" });
    let ratio = office.indicator("R", parts).await;
    let quarterly = office.indicator("Q", json!({ "frequency": "quarterly" })).await;
    let with = |more: Value| {
        let mut body = json!({ "period": "2024" });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        body
    };
    for (indicator, more, field, code) in [
        (
            &ratio,
            json!({ "numerator": "5", "denominator": "0" }),
            "denominator",
            "value.denominator-not-positive",
        ),
        (
            &ratio,
            json!({ "numerator": "5", "denominator": "-2" }),
            "denominator",
            "value.denominator-not-positive",
        ),
        (&ratio, json!({ "numerator": "5" }), "denominator", "value.missing"),
        (&ratio, json!({ "value": "5" }), "numerator", "value.parts-expected"),
        (
            &ratio,
            json!({ "numerator": "900000000000000000", "denominator": "0,000001" }),
            "value",
            "number.out-of-range",
        ),
        (
            &indicator,
            json!({ "numerator": "5", "denominator": "2" }),
            "value",
            "value.single-expected",
        ),
        (&indicator, json!({ "not_applicable": true }), "note", "value.note-missing"),
        (
            &indicator,
            json!({ "not_applicable": true, "value": "1" }),
            "not_applicable",
            "value.contradictory",
        ),
        (&indicator, json!({ "value": "1", "method": "guessed" }), "method", "field.unknown-value"),
        (&indicator, json!({ "value": "1", "note": "x".repeat(2001) }), "note", "field.too-long"),
        (
            &indicator,
            json!({ "value": "1", "period": "2024-Q1" }),
            "period",
            "period.wrong-frequency",
        ),
        (&quarterly, json!({ "value": "1" }), "period", "period.wrong-frequency"),
        (&indicator, json!({ "value": "1", "period": "Maret" }), "period", "period.invalid"),
    ] {
        let answer = office.record(indicator, &with(more.clone())).await.expect(422);
        let expected = [violation(&format!("/{field}"), code)];
        assert_eq!(answer.violations(), expected, "{more}");
    }
    let body = with(json!({ "numerator": "25", "denominator": "200" }));
    let kept = office.record(&ratio, &body).await.expect(201).json();
    assert_eq!((&kept["value"], &kept["reading"]), (&json!("12.5"), &json!("ratio")));
    let body = with(json!({ "not_applicable": true, "note": "Tidak ada pesisir" }));
    let kept = office.record(&indicator, &body).await.expect(201).json();
    assert_eq!((&kept["value"], &kept["reading"]), (&Value::Null, &json!("not_applicable")));

    let path = office.api(&format!("/indicators/{quarterly}/retirement"));
    let retired = json!({ "retired_on": "2025-01-01" });
    office.planner.change(Method::PUT, &path, 1, &retired).await.expect(200);
    let body = json!({ "period": "2024-Q1", "value": "1" });
    assert_eq!(office.record(&quarterly, &body).await.expect(409).code(), "indicator.retired");
}

#[tokio::test]
async fn only_officers_of_the_owning_unit_record_and_other_governments_see_nothing() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let path = office.api(&format!("/indicators/{indicator}/measurements"));
    let body = json!({ "period": "2024", "value": "1" });
    let other = agency(&office.tenant, &office.administrator, "PUPR").await;
    let neighbour = office.tenant.member_of(Role::Officer, other).await;
    let leader = office.tenant.member(Role::Leader).await;
    for actor in [&neighbour, &leader, &office.planner, &office.administrator, &office.head] {
        actor.post(&path, &body).await.expect(403);
    }
    let dompu = Office::of(&app, "dompu").await;
    dompu.officer.post(&path, &body).await.expect(404);
    let path_there = dompu.api(&format!("/indicators/{indicator}/measurements"));
    dompu.officer.post(&path_there, &body).await.expect(404);
    assert_eq!(count(&app, "select count(*) from measurements").await, 0);

    let submitted = office.submitted(&indicator, "2024", "1").await;
    let foreign = office.tenant.member_of(Role::AgencyHead, other).await;
    for actor in [&foreign, &office.officer, &leader] {
        decide(&office, actor, &submitted, "verification", &Value::Null).await.expect(403);
    }
    decide(&office, &dompu.head, &submitted, "verification", &Value::Null).await.expect(404);
    decide(&dompu, &dompu.head, &submitted, "verification", &Value::Null).await.expect(404);
    assert_eq!(office.revisions(&indicator).await[0]["status"], "submitted");
}

#[tokio::test]
async fn nobody_verifies_what_they_recorded_not_even_through_another_role() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    app.account("rangkap", false).await;
    office.tenant.give("rangkap", Role::Officer, Scope::Agency(office.agency), None).await;
    office.tenant.give("rangkap", Role::AgencyHead, Scope::Tenant, None).await;
    let both = app.sign_in("rangkap").await;
    let path = office.api(&format!("/indicators/{indicator}/measurements"));
    let body = json!({ "period": "2024", "value": "1", "submit": true });
    let own = both.post(&path, &body).await.expect(201).json();
    decide(&office, &both, &own, "verification", &Value::Null).await.expect(403);
    let reason = json!({ "reason": "x" });
    decide(&office, &both, &own, "rejection", &reason).await.expect(403);
    let queue = both.get(&office.api("/verification-tasks")).await.expect(200).json();
    assert_eq!(queue["items"][0]["own"], true);
    let page = both.look(&office.page("/verification")).await.expect(200);
    assert!(page.body.contains("Anda sendiri yang mencatat nilai ini"), "{}", page.body);
    assert!(!page.body.contains("/verify\""), "no button is offered");
    assert_eq!(office.revisions(&indicator).await[0]["status"], "submitted");
    // The schema refuses it too, whatever the code does.
    let update = "update measurements set status = 'verified', decided_by = recorded_by";
    let refused = execute(&app, update).await.expect_err("a check");
    assert!(refused.contains("measurements_four_eyes"), "{refused}");
    office.verify(&own).await.expect(200);
}

async fn execute(app: &TestApp, sql: &'static str) -> Result<(), String> {
    use sqlx::Connection;
    let options = app.database().owner_options();
    let mut connection = sqlx::PgConnection::connect_with(&options).await.expect("a connection");
    sqlx::raw_sql(sql).execute(&mut connection).await.map(drop).map_err(|it| it.to_string())
}

#[tokio::test]
async fn a_rejection_reopens_one_value_and_both_texts_stay() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let (a, b) = (office.indicator("A", json!({})).await, office.indicator("B", json!({})).await);
    let first = office.submitted(&a, "2024", "73,27").await;
    office.submitted(&b, "2024", "5").await;
    let answer = office.reject(&first, "  ").await.expect(422);
    let code = "measurement.rejection-reason-missing";
    assert_eq!(answer.violations(), [violation("/reason", code)]);
    office.reject(&first, "Tabel 4.6.7 menulis 72,37").await.expect(200);
    assert_eq!(office.revisions(&b).await[0]["status"], "submitted", "the rest stays as it was");

    let tasks = office.officer.get(&office.api("/entry-tasks")).await.expect(200).json();
    assert_eq!(
        (&tasks["items"][0]["code"], &tasks["items"][0]["todo"]),
        (&json!("A"), &json!("rejected"))
    );
    let page = office.officer.look(&office.page("/entry")).await.expect(200).body;
    assert!(page.contains("Tabel 4.6.7 menulis 72,37"), "{page}");
    assert!(page.contains("value=\"73,27\""), "the value need not be typed again");

    let second = office.submitted(&a, "2024", "72,37").await;
    assert_eq!(second["revision"], 2);
    let answer = office.verify(&first).await;
    assert_eq!(answer.status, 412, "the first was decided already: {}", answer.body);
    office.verify(&second).await.expect(200);
    let revisions = office.revisions(&a).await;
    assert_eq!(
        (&revisions[1]["value"], &revisions[1]["rejection"]),
        (&json!("73.27"), &json!("Tabel 4.6.7 menulis 72,37"))
    );
}

#[tokio::test]
async fn a_correction_keeps_the_old_revision_which_counts_until_the_new_one_is_verified() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    office.target(&indicator, "2024", "100").await;
    let first = office.verified(&indicator, "2024", "50").await;
    let again = json!({ "period": "2024", "value": "60" });
    let answer = office.record(&indicator, &again).await.expect(422);
    assert_eq!(answer.violations(), [violation("/reason", "value.reason-missing")]);
    let body = json!({ "period": "2024", "value": "60", "reason": "Angka final", "submit": true });
    let second = office.record(&indicator, &body).await.expect(201).json();
    // The correction of a correction is one too.
    let answer = office.record(&indicator, &again).await.expect(422);
    assert_eq!(answer.violations(), [violation("/reason", "value.reason-missing")]);
    let score = office.score(&indicator, "2024").await;
    assert_eq!((&score["achievement"], &score["provisional"]), (&json!("50.00"), &json!(false)));
    office.verify(&second).await.expect(200);
    assert_eq!(office.score(&indicator, "2024").await["achievement"], "60.00");
    let revisions = office.revisions(&indicator).await;
    assert_eq!(revisions.len(), 2);
    assert_eq!((&revisions[1]["id"], &revisions[1]["value"]), (&first["id"], &json!("50")));
    let page = office.officer.look(&office.page(&format!("/indicators/{indicator}"))).await;
    let page = page.expect(200).body;
    for text in ["Angka final", "revisi 1", "revisi 2", "60,00%", "ilustrasi"] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[tokio::test]
async fn of_two_recorders_on_one_revision_one_is_told() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let colleague =
        office.tenant.member_named("rekan", Role::Officer, Scope::Agency(office.agency)).await;
    let indicator = office.indicator("A", json!({})).await;
    let path = office.api(&format!("/indicators/{indicator}/measurements"));
    let mut told = 0;
    for round in 0..6 {
        let body = json!({ "period": "2024", "value": "1", "based_on": round });
        let body_of_colleague = json!({ "period": "2024", "value": "2", "based_on": round });
        let (mine, theirs) = tokio::join!(
            office.officer.post(&path, &body),
            colleague.post(&path, &body_of_colleague)
        );
        let mut statuses = [mine.status, theirs.status];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 201, "{} {}", mine.body, theirs.body);
        assert!(matches!(statuses[1], 409 | 412), "{} {}", mine.body, theirs.body);
        told += usize::from(statuses[1] == 409);
        assert_eq!(office.revisions(&indicator).await.len(), round + 1);
    }
    assert!(told <= 6);
}

#[tokio::test]
async fn steps_name_the_version_they_were_made_from_and_follow_the_life_of_a_value() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let draft = office.record(&indicator, &json!({ "period": "2024", "value": "1" })).await;
    let draft = draft.expect(201);
    assert_eq!(draft.header("etag"), "\"1\"");
    let path = draft.header("location").to_owned();
    let draft = draft.json();
    assert_eq!(office.verify(&draft).await.expect(409).code(), "measurement.wrong-status");
    let submission = format!("{path}/submission");
    office.officer.put(&submission, &Value::Null).await.expect(428);
    office.officer.change(Method::PUT, &submission, 7, &Value::Null).await.expect(412);
    office.head.change(Method::PUT, &submission, 1, &Value::Null).await.expect(403);
    office.officer.change(Method::PUT, &submission, 1, &Value::Null).await.expect(200);
    let again = office.officer.change(Method::PUT, &submission, 2, &Value::Null).await;
    assert_eq!(again.expect(409).code(), "measurement.wrong-status");
    // A newer draft takes the place of the submitted revision.
    office.record(&indicator, &json!({ "period": "2024", "value": "2" })).await.expect(201);
    let submitted = office.officer.get(&path).await.expect(200).json();
    assert_eq!(office.verify(&submitted).await.expect(409).code(), "measurement.overtaken");
    let queue = office.head.get(&office.api("/verification-tasks")).await.expect(200).json();
    assert_eq!(queue["items"], json!([]), "it waits for nobody any more");
}

#[tokio::test]
async fn the_queue_begins_with_what_waits_longest_and_lists_come_in_pieces() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let mut codes = Vec::new();
    for code in ["C", "A", "B"] {
        let indicator = office.indicator(code, json!({})).await;
        office.submitted(&indicator, "2024", "1").await;
        app.pass(Duration::minutes(5));
        codes.push(format!("Indikator {code}"));
    }
    let queue = office.head.get(&office.api("/verification-tasks")).await.expect(200).json();
    let names: Vec<_> =
        queue["items"].as_array().expect("a list").iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, codes);
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/measurements?status=submitted&limit=2{after}");
        let piece = office.head.get(&office.api(&path)).await.expect(200).json();
        seen.extend(piece["items"].as_array().expect("a list").iter().map(|it| it["id"].clone()));
        match piece["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 3);
    let other = office.head.get(&office.api("/measurements?period=2024&status=verified")).await;
    assert_eq!(other.expect(200).json()["items"], json!([]));
    for (query, field) in
        [("status=baru", "/status"), ("period=x", "/period"), ("limit=0", "/limit")]
    {
        let answer = office.head.get(&office.api(&format!("/measurements?{query}"))).await;
        assert_eq!(answer.expect(422).violations()[0].0, field);
    }
}

#[tokio::test]
async fn the_officers_page_records_with_evidence_and_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    office.target(&indicator, "2024", "75").await;
    let shown = office.officer.look(&office.page("/entry")).await.expect(200).body;
    assert!(shown.contains("75,00%") && shown.contains("ilustrasi"), "{shown}");
    let path = office.page(&format!("/entry/{indicator}/2024"));
    let send = |fields: &[(&'static str, &str)], with_file: bool| {
        let mut form = Form::new();
        for (name, value) in fields {
            form = form.text(*name, (*value).to_owned());
        }
        let part = if with_file {
            Part::bytes(b"%PDF-1.7".to_vec()).file_name("brs.pdf")
        } else {
            // A browser sends an empty part for a file field that was left empty.
            Part::bytes(Vec::new()).file_name("")
        };
        let request = office.officer.request(Method::POST, &path).header(ACCEPT, "text/html");
        office.officer.send(request.multipart(form.part("file", part)))
    };
    let typed =
        [("value", "1,234.56"), ("note", "catatan <saya>"), ("do", "submit"), ("based_on", "0")];
    let refused = send(&typed, true).await.expect(422).body;
    assert!(refused.contains("value=\"1,234.56\""), "{refused}");
    assert!(refused.contains("catatan &lt;saya&gt;"), "{refused}");
    assert!(refused.contains("Koma dipakai sebagai pemisah ribuan"), "{refused}");
    assert_eq!(count(&app, "select count(*) from files").await, 0, "nothing half written");
    let refused = send(&[("value", ""), ("do", "submit"), ("based_on", "0")], false).await;
    assert!(refused.expect(422).body.contains("Nilai belum diisi"));

    let typed = [("value", "70,5"), ("pointer", "hlm. 3"), ("do", "submit"), ("based_on", "0")];
    send(&typed, true).await.expect(303);
    let kept = &office.revisions(&indicator).await[0];
    assert_eq!((&kept["value"], &kept["status"]), (&json!("70.5"), &json!("submitted")));
    let late = send(&typed, false).await.expect(422).body;
    assert!(late.contains("Orang lain baru saja mengisi nilai ini"), "{late}");
    assert!(late.contains("value=\"70,5\""), "what was typed stays");

    let queue = office.head.look(&office.page("/verification")).await.expect(200).body;
    assert!(queue.contains("brs.pdf") && queue.contains("hlm. 3"), "{queue}");
    let id = kept["id"].as_str().expect("an id");
    let reject = office.page(&format!("/verification/{id}/reject"));
    let fields = [("lock_version", "2"), ("reason", "")];
    let refused = office.head.fill(&reject, &fields).await.expect(422).body;
    assert!(refused.contains("Alasan penolakan belum diisi"), "{refused}");
    let verify = office.page(&format!("/verification/{id}/verify"));
    office.officer.fill(&verify, &[("lock_version", "2")]).await.expect(403);
    office.head.fill(&verify, &[("lock_version", "2")]).await.expect(303);
    assert_eq!(office.score(&indicator, "2024").await["achievement"], "94.00");
    let gone = office.head.fill(&verify, &[("lock_version", "2")]).await.expect(422).body;
    assert!(gone.contains("Status nilai tidak mengizinkan langkah ini"), "{gone}");
}
