//! The province's figures from its regencies' publications.

use ekinerja_app::jobs::Worked;
use ekinerja_domain::access::Role;
use ekinerja_tests::TestApp;
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection};

use crate::desks::{Desk, province, regency, work};

/// Poor people of March 2024 in thousands (BPS, quoted by Databoks Katadata 2025). Sumbawa Barat and Kota
/// Mataram published the year without a figure of it.
const POOR_2024: [(&str, &str); 10] = [
    ("lombok-barat", "96,57"),
    ("lombok-tengah", "122,32"),
    ("lombok-timur", "185,03"),
    ("sumbawa", "63"),
    ("dompu", "32,08"),
    ("bima", "72,92"),
    ("sumbawa-barat", ""),
    ("lombok-utara", "56,43"),
    ("kota-mataram", ""),
    ("kota-bima", "15,81"),
];

async fn rollup(desk: &Desk<'_>, query: &str) -> Value {
    let planner = desk.tenant.member(Role::Planner).await;
    planner.get(&desk.tenant.api(&format!("/rollups/{query}"))).await.expect(200).json()
}

#[tokio::test]
async fn poor_people_are_eight_of_ten_with_the_missing_named_beside_the_official_figure() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    for (slug, value) in POOR_2024 {
        let regency = regency(&app, slug).await;
        if value.is_empty() {
            regency.verified("GINI", "2024", "0,3").await;
        } else {
            regency.verified("JPM", "2024", value).await;
        }
        // The year falls due on 15 January 2025; what is not there the day after is missing.
        app.clock.set("2025-01-20T02:00:00Z".parse().expect("a moment"));
        regency.publish("2024").await;
    }
    work(&app).await;
    let computed = rollup(&province, "JPM?period=2024").await;
    assert_eq!((&computed["value"], &computed["basis"]), (&json!("644.16"), &json!("computed")));

    province.verified("JPM", "2024", "709,01").await;
    province.publish("2024").await;
    work(&app).await;
    let found = rollup(&province, "JPM?period=2024").await;
    assert_eq!((&found["value"], &found["basis"]), (&json!("709.01"), &json!("official")));
    assert_eq!((&found["computed"], &found["difference"]), (&json!("644.16"), &json!("-64.85")));
    assert_eq!(found["coverage"], json!({ "reporting": 8, "expected": 10 }));
    assert_eq!(found["partial"], true);
    let missing: Vec<_> = found["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .filter(|it| !it["excluded"].is_null())
        .map(|it| (it["name"].as_str().expect("a name"), it["excluded"].as_str().expect("why")))
        .collect();
    assert_eq!(
        missing,
        [("Kabupaten Sumbawa Barat", "missing_value"), ("Kota Mataram", "missing_value")]
    );

    let planner = province.tenant.member(Role::Planner).await;
    let page = planner.look("/ntb/rollup/JPM?period=2024").await.expect(200).body;
    for words in [
        "8 dari 10",
        "Sumbawa Barat (nilai kosong)",
        "Kota Mataram (nilai kosong)",
        "709,01",
        "644,16",
        "-64,85",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[tokio::test]
async fn index_of_the_province_is_the_official_one_and_never_a_mean() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    for (slug, value) in [("lombok-utara", "68,02"), ("kota-mataram", "81,15")] {
        let regency = regency(&app, slug).await;
        regency.verified("IPM_SP2020", "2023", value).await;
        regency.publish("2023").await;
    }
    work(&app).await;
    let without = rollup(&province, "IPM_SP2020?period=2023").await;
    assert_eq!((&without["value"], &without["computed"]), (&Value::Null, &Value::Null));
    assert_eq!(without["reason"], "nothing_reported");
    // BPS, Statistik Indonesia 2026, table 4.6.7. The mean of the two would be 74.585.
    province.verified("IPM_SP2020", "2023", "72,37").await;
    province.publish("2023").await;
    work(&app).await;
    let found = rollup(&province, "IPM_SP2020?period=2023").await;
    assert_eq!((&found["value"], &found["basis"]), (&json!("72.37"), &json!("official")));
    assert_eq!(found["computed"], Value::Null);
}

#[tokio::test]
async fn percentages_are_ratios_of_sums_and_one_without_parts_is_left_out() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let barat = regency(&app, "lombok-barat").await;
    barat.verified_ratio("P0", "2024", ["100", "1000"]).await;
    barat.publish("2024").await;
    let tengah = regency(&app, "lombok-tengah").await;
    tengah.verified_ratio("P0", "2024", ["30", "100"]).await;
    tengah.publish("2024").await;
    let timur = regency(&app, "lombok-timur").await;
    timur.verified("P0", "2024", "15,63").await;
    timur.publish("2024").await;
    work(&app).await;
    let found = rollup(&province, "P0?period=2024").await;
    // 130 of 1,100; the mean of the two rates would be 20.
    assert_eq!(found["computed"], "11.818182");
    assert_eq!(
        (&found["coverage"]["reporting"], &found["coverage"]["expected"]),
        (&json!(2), &json!(10))
    );
    let timur = found["parts"].as_array().expect("parts").iter().find(|it| it["region"] == "52.03");
    assert_eq!(timur.expect("Lombok Timur")["excluded"], "missing_parts");
}

#[tokio::test]
async fn regency_that_does_not_use_the_system_is_missing_and_said_to_be() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.publish("2024").await;
    work(&app).await;
    let found = rollup(&province, "JPM?period=2024").await;
    assert_eq!(found["coverage"], json!({ "reporting": 1, "expected": 10 }), "not 1 of 1");
    let excluded: Vec<_> =
        found["parts"].as_array().expect("parts").iter().map(|it| it["excluded"].clone()).collect();
    assert_eq!(excluded.iter().filter(|it| **it == json!("not_joined")).count(), 9);
}

#[tokio::test]
async fn coverage_is_measured_with_the_population_of_the_nearest_complete_year() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let mut desks = Vec::new();
    for (slug, _) in POOR_2024 {
        let regency = regency(&app, slug).await;
        regency
            .verified("PENDUDUK", "2025", if slug == "kota-bima" { "100000" } else { "200000" })
            .await;
        desks.push(regency);
    }
    desks[9].verified("JPM", "2024", "15,81").await;
    desks[9].publish("2024").await;
    for desk in &desks[..9] {
        desk.publish("2025").await;
    }
    work(&app).await;
    let before = rollup(&province, "JPM?period=2024").await;
    assert_eq!(before["coverage"]["weight_share"], Value::Null, "one population is not known");
    // The last one publishes another period: the coverage of 2024 follows.
    desks[9].publish("2025").await;
    work(&app).await;
    let after = rollup(&province, "JPM?period=2024").await;
    // 100,000 of 1,900,000.
    assert_eq!(after["coverage"]["weight_share"], "0.052632");
    assert_eq!(
        (&after["coverage"]["weight"], &after["coverage"]["weight_period"]),
        (&json!("PENDUDUK"), &json!("2025"))
    );
}

/// Publications, restatements and revocations in two orders: each step computed at once, and everything
/// computed anew, give the same digits to the last.
#[tokio::test]
async fn full_recalculation_gives_the_same_digits_as_the_steps() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let mut desks = Vec::new();
    for (slug, value) in &POOR_2024[..5] {
        let regency = regency(&app, slug).await;
        regency.verified("JPM", "2024", value).await;
        regency.verified("JPM", "2023", value).await;
        regency.verified_ratio("P0", "2024", ["100", "731"]).await;
        regency.publish("2024").await;
        work(&app).await;
        regency.publish("2023").await;
        desks.push(regency);
    }
    province.verified("JPM", "2023", "751,23").await;
    province.publish("2023").await;
    work(&app).await;
    // A restatement and a revocation, not yet computed in between.
    desks[1].verified("JPM", "2024", "122,4").await;
    desks[1].publish("2024").await;
    let taken = desks[2].publish_without("2024", &["P0"]).await;
    app.app.revoke_publication(&desks[2].head, taken.id, "keliru").await.expect("revoked");
    work(&app).await;
    let steps = digests(&app).await;
    assert!(steps.len() >= 12, "every indicator in two years: {steps:?}");

    let nothing = app.app.roll_up_everything(&province.clerk).await.expect("recalculated");
    assert_eq!((nothing.periods, nothing.changed), (2, 0));
    assert_eq!(digests(&app).await, steps);
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    sqlx::query("delete from rollups").execute(&mut owner).await.expect("emptied");
    owner.close().await.expect("a quiet end");
    let all = app.app.roll_up_everything(&province.clerk).await.expect("recalculated");
    assert!(all.changed >= 12);
    assert_eq!(digests(&app).await, steps, "from nothing, the same digits");
}

/// Period, code, digest, and the figures as they lie in the table.
async fn digests(app: &TestApp) -> Vec<(String, String, String, String)> {
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    let sql = "select period, code, digest,
                      concat_ws('|', computed, official, numerator, denominator, reporting, expected, parts)
                 from rollups order by period, code";
    let rows = sqlx::query_as(sql).fetch_all(&mut owner).await.expect(sql);
    owner.close().await.expect("a quiet end");
    rows
}

#[tokio::test]
async fn job_that_fails_is_kept_with_its_reason_and_tried_again() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    let sql = "insert into jobs (tenant_id, id, kind, payload, user_id, run_at)
               select $1, gen_random_uuid(), 'unheard_of', '{}', id, $2 from users limit 1";
    sqlx::query(sql)
        .bind(province.tenant.tenant.id.uuid())
        .bind(app.app.now())
        .execute(&mut owner)
        .await
        .expect(sql);
    assert_eq!(app.app.work_once().await.expect("the queue"), Worked::Failed);
    assert_eq!(app.app.work_once().await.expect("the queue"), Worked::Idle, "not at once");
    let (attempts, error): (i32, String) =
        sqlx::query_as("select attempts, error from jobs where kind = 'unheard_of'")
            .fetch_one(&mut owner)
            .await
            .expect("the job");
    assert_eq!(attempts, 1);
    assert!(error.contains("unheard_of"), "{error}");
    app.pass(chrono::Duration::seconds(2));
    assert_eq!(app.app.work_once().await.expect("the queue"), Worked::Failed);
    owner.close().await.expect("a quiet end");
}

#[tokio::test]
async fn publications_that_wait_together_are_computed_together_and_a_bad_one_holds_up_nobody() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    for (slug, value) in &POOR_2024[..3] {
        let regency = regency(&app, slug).await;
        regency.verified("JPM", "2024", value).await;
        work(&app).await;
    }
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    let desks = ["lombok-barat", "lombok-tengah", "lombok-timur"];
    for slug in desks {
        Desk::open(&app, slug).await.publish("2024").await;
    }
    assert_eq!(app.app.work_once().await.expect("the queue"), Worked::Done);
    assert_eq!(app.app.work_once().await.expect("the queue"), Worked::Idle, "all three at once");
    assert_eq!(rollup(&province, "JPM?period=2024").await["computed"], "403.92");

    let spoil = "update jobs set payload = '{}' where (tenant_id, id) = (
                   select tenant_id, id from jobs where finished_at is null limit 1)";
    let timur = Desk::open(&app, "lombok-timur").await;
    timur.verified("JPM", "2024", "185").await;
    work(&app).await;
    timur.publish("2024").await;
    sqlx::query(spoil).execute(&mut owner).await.expect(spoil);
    let barat = Desk::open(&app, "lombok-barat").await;
    barat.verified("JPM", "2023", "102,71").await;
    barat.publish("2023").await;
    while app.app.work_once().await.expect("the queue") != Worked::Idle {}
    app.pass(chrono::Duration::seconds(5));
    while app.app.work_once().await.expect("the queue") != Worked::Idle {}
    assert_eq!(rollup(&province, "JPM?period=2023").await["computed"], "102.71");
    owner.close().await.expect("a quiet end");
}

#[tokio::test]
async fn worker_wakes_at_a_publication_and_stops_when_told() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    work(&app).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = {
        let app = app.app.clone();
        async move { app.work_until(async { drop(stopped.await) }).await }
    };
    let publisher = async {
        bima.publish("2024").await;
        for _ in 0..500 {
            if !digests(&app).await.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        stop.send(()).expect("the worker runs");
    };
    tokio::join!(worker, publisher);
    assert_eq!(rollup(&province, "JPM?period=2024").await["computed"], "15.81");
}
