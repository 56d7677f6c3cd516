//! Publishing: exactly what was previewed leaves, and nothing after it was revoked.

use ekinerja_domain::access::Role;
use ekinerja_migrations::Role as Door;
use ekinerja_tests::TestApp;
use serde_json::json;
use sqlx::{ConnectOptions, Connection};

use crate::desks::{province, regency, work};

#[tokio::test]
async fn preview_states_every_kind_of_nothing_and_publishing_is_bound_to_it() {
    let app = TestApp::start().await;
    province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.target("JPM", "2024", "16").await;
    let leader = bima.tenant.member(Role::Leader).await;
    let preview = leader.get(&bima.tenant.api("/publications/preview?period=2024")).await;
    let preview = preview.expect(200).json();
    assert_eq!(preview["counts"]["reported"], 1);
    // 15 January 2025: the year 2024 falls due the day after.
    assert_eq!(preview["counts"]["not_yet_due"], 5);
    assert_eq!(preview["audience"], "province");
    let values = preview["content"]["values"].as_array().expect("lines");
    let jpm = values.iter().find(|it| it["code"] == "JPM").expect("JPM");
    assert_eq!((&jpm["value"], &jpm["release"]), (&json!("15.81"), &json!("1.0.0")));
    assert_eq!(jpm["target"], json!({ "value": "16", "illustrative": true }));
    let body = preview.to_string();
    for secret in ["staf", "kepala", "Akun", "usr_", "koreksi"] {
        assert!(!body.contains(secret), "{secret} stays at home");
    }

    let address = bima.tenant.api("/publications");
    let wrong = json!({ "period": "2024", "content_hash": "0".repeat(64) });
    let refused = leader.post(&address, &wrong).await.expect(409);
    assert_eq!(refused.code(), "publication.changed-since-preview");
    let hash = preview["content_hash"].as_str().expect("a hash");
    // A value changes between preview and approval.
    bima.verified("JPM", "2024", "15,9").await;
    let stale = json!({ "period": "2024", "content_hash": hash });
    assert_eq!(
        leader.post(&address, &stale).await.expect(409).code(),
        "publication.changed-since-preview"
    );

    let now = leader.get(&bima.tenant.api("/publications/preview?period=2024")).await.json();
    let good = json!({ "period": "2024", "content_hash": now["content_hash"] });
    let published = leader.post(&address, &good).await.expect(201);
    let location = published.header("location").to_owned();
    assert_eq!(published.json()["number"], 1);
    let whole = leader.get(&location).await.expect(200).json();
    assert_eq!(whole["content"], now["content"], "what left is what was previewed");
    // The same again says so and publishes nothing.
    assert_eq!(leader.post(&address, &good).await.expect(409).code(), "publication.unchanged");
}

#[tokio::test]
async fn bad_requests_name_the_field_and_write_nothing() {
    let app = TestApp::start().await;
    province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    let leader = bima.tenant.member(Role::Leader).await;
    let preview = |query: &str| bima.tenant.api(&format!("/publications/preview{query}"));
    for (query, pointer, code) in [
        ("", "/period", "field.missing"),
        ("?period=2024-Q9", "/period", "period.invalid"),
        ("?period=%27%3B+drop+table", "/period", "period.invalid"),
        ("?period=2024&omit=NOPE", "/omit", "field.unknown-reference"),
        ("?period=2024&omit=%00", "/omit", "field.unknown-reference"),
    ] {
        let refused = leader.get(&preview(query)).await.expect(422);
        assert_eq!(refused.violations(), [(pointer.to_owned(), code.to_owned())], "{query}");
    }
    let outside = leader.get(&preview("?period=2035")).await.expect(409);
    assert_eq!(outside.code(), "publication.outside-plan");
    let nothing = json!({ "period": "2024", "content_hash": "" });
    let refused = leader.post(&bima.tenant.api("/publications"), &nothing).await.expect(422);
    assert_eq!(refused.violations()[0].0, "/content_hash");
    let preview = leader.get(&preview("?period=2024")).await.expect(200).json();
    assert_eq!(preview["obstacle"], "publication.nothing-to-publish");
    let empty = json!({ "period": "2024", "content_hash": preview["content_hash"] });
    let refused = leader.post(&bima.tenant.api("/publications"), &empty).await.expect(409);
    assert_eq!(refused.code(), "publication.nothing-to-publish");
    let list = leader.get(&bima.tenant.api("/publications")).await.expect(200).json();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn only_leader_and_administrator_publish_and_others_of_the_tenant_read() {
    let app = TestApp::start().await;
    province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    let published = bima.publish("2024").await;
    for role in [Role::Officer, Role::Planner, Role::AgencyHead, Role::Evaluator, Role::Auditor] {
        let member = bima.tenant.member(role).await;
        member.get(&bima.tenant.api("/publications")).await.expect(200);
        member.get(&bima.tenant.api("/publications/preview?period=2024")).await.expect(403);
        let body = json!({ "period": "2024", "content_hash": published.content_hash });
        member.post(&bima.tenant.api("/publications"), &body).await.expect(403);
        let revocation = bima.tenant.api(&format!("/publications/{}/revocation", published.id));
        member.post(&revocation, &json!({ "reason": "x" })).await.expect(403);
        // The log of what came is a province's; for anybody else the page is not there.
        member.get(&bima.tenant.api("/received-publications")).await.expect(404);
    }
    let administrator = bima.tenant.member(Role::Administrator).await;
    administrator.get(&bima.tenant.api("/publications/preview?period=2024")).await.expect(200);
}

#[tokio::test]
async fn restatement_supersedes_and_revocation_closes_the_content_on_both_sides() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    let first = bima.publish("2024").await;
    bima.verified("JPM", "2024", "15,9").await;
    let second = bima.publish("2024").await;
    assert_eq!((first.number, second.number), (1, 2));
    work(&app).await;

    let planner = province.tenant.member(Role::Planner).await;
    let log = province.tenant.api("/received-publications");
    let lines = planner.get(&log).await.expect(200).json();
    let shown: Vec<_> = lines["items"]
        .as_array()
        .expect("a log")
        .iter()
        .map(|it| (it["number"].as_i64(), it["status"].as_str().expect("a status").to_owned()))
        .collect();
    assert_eq!(shown, [(Some(2), "published".to_owned()), (Some(1), "superseded".to_owned())]);
    assert_eq!(readable_lines(&app, &province.tenant.tenant.id).await, 6, "of the second alone");

    let leader = bima.tenant.member(Role::Leader).await;
    let revocation = |id| bima.tenant.api(&format!("/publications/{id}/revocation"));
    let refused = leader.post(&revocation(second.id), &json!({ "reason": "  " })).await.expect(422);
    assert_eq!(refused.violations(), [("/reason".to_owned(), "field.missing".to_owned())]);
    let endless = json!({ "reason": "x".repeat(501) });
    leader.post(&revocation(second.id), &endless).await.expect(422);
    let old = leader.post(&revocation(first.id), &json!({ "reason": "keliru" })).await.expect(409);
    assert_eq!(old.code(), "publication.not-in-force");
    let reason = json!({ "reason": "Angka terbit keliru" });
    let revoked = leader.post(&revocation(second.id), &reason).await.expect(200).json();
    assert_eq!(
        (&revoked["status"], &revoked["revocation_reason"]),
        (&json!("revoked"), &reason["reason"])
    );
    leader.post(&revocation(second.id), &reason).await.expect(409);
    work(&app).await;

    // The publisher keeps its record, the province the line and its reason, nobody there the content.
    let own = bima.tenant.api(&format!("/publications/{}", second.id));
    assert_eq!(leader.get(&own).await.expect(200).json()["content"]["period"], "2024");
    let lines = planner.get(&log).await.json();
    assert_eq!(lines["items"][0]["revocation_reason"], "Angka terbit keliru");
    assert!(!lines.to_string().contains("kepala"), "no person of the regency is named");
    assert_eq!(readable_lines(&app, &province.tenant.tenant.id).await, 0);
    planner.get(&province.tenant.api(&format!("/publications/{}", second.id))).await.expect(404);
    let rollup = planner.get(&province.tenant.api("/rollups/JPM?period=2024")).await.json();
    let part = rollup["parts"].as_array().expect("parts").iter().find(|it| it["region"] == "52.72");
    assert_eq!(part.expect("Kota Bima")["excluded"], "revoked");

    // Both trails know: the regency's own, and the province's of what came.
    let trails = trail(&app, "kota-bima").await;
    assert!(trails.contains(&"publication.revoked".to_owned()), "{trails:?}");
    assert_eq!(
        trail(&app, "ntb").await.iter().filter(|it| *it == "rollup.recalculated").count(),
        3
    );
}

#[tokio::test]
async fn what_stays_at_home_by_choice_is_not_there() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.verified("GINI", "2024", "0,3").await;
    bima.publish_without("2024", &["GINI"]).await;
    work(&app).await;
    let planner = province.tenant.member(Role::Planner).await;
    let body = planner.get(&province.tenant.api("/comparison?indicator=GINI&period=2024")).await;
    let body = body.expect(200).json();
    assert_eq!(body["reporters"], json!([]));
    let silent = body["silent"].as_array().expect("silent ones");
    let bima = silent.iter().find(|it| it["region"] == "52.72").expect("Kota Bima");
    assert_eq!(bima["reason"], "not_listed");
}

#[tokio::test]
async fn pages_lead_from_preview_to_publication_and_back_without_script() {
    let app = TestApp::start().await;
    province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    let leader = bima.tenant.member(Role::Leader).await;
    let overview = leader.look("/kota-bima/publication").await.expect(200);
    assert!(overview.body.contains("/kota-bima/publication/preview"), "{}", overview.body);
    let bad = leader.look("/kota-bima/publication/preview?period=2035").await.expect(422);
    assert!(bad.body.contains("Periode di luar masa rencana"));
    let preview =
        leader.look("/kota-bima/publication/preview?period=2024&omit=GINI").await.expect(200);
    assert!(preview.body.contains("15,81") && preview.body.contains("Publikasikan 2024"));
    let hash = preview.body.split("name=\"content_hash\" value=\"").nth(1).expect("a hash");
    let hash = hash.split('"').next().expect("a hash").to_owned();
    bima.verified("JPM", "2024", "15,9").await;
    let fields = [("period", "2024"), ("omit", "GINI"), ("content_hash", hash.as_str())];
    let changed = leader.fill("/kota-bima/publication", &fields).await.expect(409);
    assert!(changed.body.contains("Isi berubah sejak pratinjau"));
    assert!(changed.body.contains("15,9") && changed.body.contains("value=\"GINI\" checked"));
    let hash = changed.body.split("name=\"content_hash\" value=\"").nth(1).expect("a new hash");
    let hash = hash.split('"').next().expect("a hash").to_owned();
    let fields = [("period", "2024"), ("omit", "GINI"), ("content_hash", hash.as_str())];
    let published = leader.fill("/kota-bima/publication", &fields).await.expect(303);
    let address = published.header("location").to_owned();
    let shown = leader.look(&address).await.expect(200);
    assert!(shown.body.contains("15,9") && shown.body.contains("Cabut publikasi"));
    let revocation = format!("{address}/revocation");
    let refused = leader.fill(&revocation, &[("reason", "")]).await.expect(422);
    assert!(refused.body.contains("f-reason"));
    leader.fill(&revocation, &[("reason", "Keliru")]).await.expect(303);
    let shown = leader.look(&address).await.expect(200);
    assert!(shown.body.contains("Dicabut") && !shown.body.contains("Cabut publikasi"));
}

/// Lines that the province's own transaction can read, whatever the product's code asks: the database's word.
async fn readable_lines(app: &TestApp, province: &ekinerja_domain::ids::TenantId) -> i64 {
    let mut door = app.database().options(Door::Tenant).connect().await.expect("the door");
    let mut tx = door.begin().await.expect("a transaction");
    sqlx::query("select set_config('ekinerja.tenant', $1, true)")
        .bind(province.uuid().to_string())
        .execute(&mut *tx)
        .await
        .expect("a tenant");
    let sql = "select count(*) from publication_values";
    let count = sqlx::query_scalar(sql).fetch_one(&mut *tx).await.expect(sql);
    drop(tx);
    door.close().await.expect("a quiet end");
    count
}

/// Kinds of what happened in a tenant.
async fn trail(app: &TestApp, slug: &str) -> Vec<String> {
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    let sql =
        "select kind from audit_events join tenants on tenants.id = tenant_id where slug = $1";
    let kinds = sqlx::query_scalar(sql).bind(slug).fetch_all(&mut owner).await.expect(sql);
    owner.close().await.expect("a quiet end");
    kinds
}
