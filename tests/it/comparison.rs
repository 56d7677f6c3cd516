//! Regencies side by side.

use ekinerja_domain::access::Role;
use ekinerja_tests::TestApp;
use serde_json::{Value, json};

use crate::desks::{Desk, province, regency, work};

async fn comparison(desk: &Desk<'_>, query: &str) -> Value {
    let planner = desk.tenant.member(Role::Planner).await;
    planner.get(&desk.tenant.api(&format!("/comparison?{query}"))).await.expect(200).json()
}

#[tokio::test]
async fn reporters_are_ranked_under_the_pinned_rule_set_and_others_stand_apart() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    // BPS NTB, IPM_SP2020 of 2022 and 2023.
    let mataram = regency(&app, "kota-mataram").await;
    mataram.verified("IPM_SP2020", "2022", "80,67").await;
    mataram.publish("2022").await;
    mataram.verified("IPM_SP2020", "2023", "81,15").await;
    mataram.target("IPM_SP2020", "2023", "81,47").await;
    mataram.publish("2023").await;
    let utara = regency(&app, "lombok-utara").await;
    utara.verified("IPM_SP2020", "2023", "68,02").await;
    utara.publish("2023").await;
    let timur = regency(&app, "lombok-timur").await;
    timur.verified("GINI", "2023", "0,3").await;
    timur.publish("2023").await;
    work(&app).await;

    let found = comparison(&province, "indicator=IPM_SP2020&period=2023").await;
    assert_eq!(found["rule_set"]["name"], "comparison");
    assert_eq!(found["rule_set"]["version"], 1);
    assert_eq!(found["never_joined_with"], json!(["IPM"]));
    let first = &found["reporters"][0];
    assert_eq!(
        (&first["region"], &first["rank"]),
        (&json!("52.71"), &json!({ "first": 1, "last": 1 }))
    );
    assert_eq!((&first["achievement"], &first["status"]), (&json!("99.61"), &json!("yellow")));
    assert_eq!(first["change"], json!({ "value": "0.48", "since": "2022", "better": true }));
    assert_eq!(first["distance"], json!({ "value": "-0.32", "met": false }));
    let second = &found["reporters"][1];
    assert_eq!((&second["rank"]["first"], &second["outcome"]), (&json!(2), &json!("no_target")));
    assert_eq!(
        second["trend"],
        json!([{ "period": "2022" }, { "period": "2023", "value": "68.02" }])
    );
    let silent: Vec<_> = found["silent"]
        .as_array()
        .expect("silent ones")
        .iter()
        .map(|it| (it["region"].as_str().expect("a code"), it["reason"].as_str().expect("why")))
        .collect();
    assert_eq!(silent.len(), 8);
    assert!(
        silent.contains(&("52.03", "missing_value")) && silent.contains(&("52.01", "not_joined"))
    );

    let planner = province.tenant.member(Role::Planner).await;
    let page = planner.look("/ntb/comparison?indicator=IPM_SP2020&period=2023").await.expect(200);
    for words in [
        "81,15",
        "ilustrasi",
        "comparison versi 1",
        "Kota Mataram",
        "belum memakai sistem ini",
        "tidak pernah disambung",
        "/ntb/comparison.csv?indicator=IPM",
        "<svg",
        "Tampilkan sebagai tabel",
    ] {
        assert!(page.body.to_lowercase().contains(&words.to_lowercase()), "{words}\n{}", page.body);
    }
    let csv = planner.get("/ntb/comparison.csv?indicator=IPM_SP2020&period=2023").await.expect(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.header("content-disposition").contains("perbandingan-IPM_SP2020-2023.csv"));
    let lines: Vec<_> = csv.body.lines().collect();
    assert_eq!(lines.len(), 11, "a head and ten regencies");
    assert!(lines[1].starts_with("52.71,Kota Mataram,melapor,,1,81.15,indeks,81.47,ya,99.61,0.48,2022,-0.32,1.0.0,published,BPS,ya,"), "{}", lines[1]);
}

#[tokio::test]
async fn two_series_of_one_thing_are_never_joined() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let mataram = regency(&app, "kota-mataram").await;
    for (code, period, value) in
        [("IPM", "2021", "79,14"), ("IPM", "2022", "79,59"), ("IPM_SP2020", "2022", "80,67")]
    {
        mataram.verified(code, period, value).await;
    }
    mataram.publish("2021").await;
    mataram.publish("2022").await;
    work(&app).await;
    let old = comparison(&province, "indicator=IPM&period=2022").await;
    let new = comparison(&province, "indicator=IPM_SP2020&period=2022").await;
    assert_eq!(old["reporters"][0]["change"]["value"], "0.45");
    assert_eq!(new["reporters"][0]["change"], Value::Null, "not against the other series");
    let trend = |it: &Value| it["reporters"][0]["trend"].to_string();
    assert!(!trend(&new).contains("79.14") && !trend(&old).contains("80.67"));
}

#[tokio::test]
async fn another_definition_is_not_comparable_and_says_why() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    // It has an indicator of the same code of its own and adopts nothing.
    let sumbawa = Desk::open(&app, "sumbawa").await;
    sumbawa.plan().await;
    sumbawa.verified("JPM", "2024", "63").await;
    sumbawa.publish("2024").await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.publish("2024").await;
    work(&app).await;
    let found = comparison(&province, "indicator=JPM&period=2024").await;
    assert_eq!(found["reporters"].as_array().expect("reporters").len(), 1);
    let odd = &found["incomparable"][0];
    assert_eq!(
        (&odd["region"], &odd["reason"], &odd["value"]),
        (&json!("52.04"), &json!("local_indicator"), &json!("63"))
    );
    let planner = province.tenant.member(Role::Planner).await;
    let rollup = planner.get(&province.tenant.api("/rollups/JPM?period=2024")).await.json();
    assert_eq!(rollup["computed"], "15.81");
    let part = rollup["parts"].as_array().expect("parts").iter().find(|it| it["region"] == "52.04");
    assert_eq!(part.expect("Sumbawa")["excluded"], "different_definition");
    let page = planner.look("/ntb/comparison?indicator=JPM&period=2024").await.expect(200).body;
    assert!(page.contains("Tidak sebanding") && page.contains("indikator lokal"), "{page}");
}

#[tokio::test]
async fn new_major_release_leaves_earlier_years_comparable() {
    let app = TestApp::start().await;
    app.clock.set("2024-06-01T02:00:00Z".parse().expect("a moment"));
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    app.clock.set("2025-02-01T02:00:00Z".parse().expect("a moment"));
    province.release("2.0").await;
    for period in ["2024", "2025"] {
        bima.verified("JPM", period, "15,81").await;
        bima.publish(period).await;
    }
    work(&app).await;
    let before = comparison(&province, "indicator=JPM&period=2024").await;
    assert_eq!(before["indicator"]["release"], "1.0.0");
    assert_eq!(before["reporters"].as_array().expect("reporters").len(), 1);
    let after = comparison(&province, "indicator=JPM&period=2025").await;
    assert_eq!(after["indicator"]["release"], "2.0.0");
    assert_eq!(after["incomparable"][0]["reason"], "other_release");
}

#[tokio::test]
async fn province_without_publications_is_told_what_will_be_here() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let planner = province.tenant.member(Role::Planner).await;
    for page in ["/ntb/comparison", "/ntb/comparison/table", "/ntb/alignment", "/ntb/publication"] {
        let shown = planner.look(page).await.expect(200);
        assert!(shown.body.contains("Belum ada publikasi"), "{page}");
    }
    planner.get(&province.tenant.api("/comparison")).await.expect(404);
    planner.get("/ntb/rollup/JPM").await.expect(404);
    let unknown = planner.get(&province.tenant.api("/comparison?indicator=NOPE")).await.expect(422);
    assert_eq!(
        unknown.violations(),
        [("/indicator".to_owned(), "field.unknown-reference".to_owned())]
    );
    let bad = planner.get(&province.tenant.api("/comparison?period=20x4")).await.expect(422);
    assert_eq!(bad.violations(), [("/period".to_owned(), "period.invalid".to_owned())]);
}

#[tokio::test]
async fn views_of_a_province_are_not_there_for_a_regency() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.publish("2024").await;
    work(&app).await;
    let leader = bima.tenant.member(Role::Leader).await;
    for rest in [
        "/comparison",
        "/comparison/table",
        "/comparison/csv",
        "/alignment",
        "/rollups/JPM",
        "/rollups?period=2024",
    ] {
        leader.get(&bima.tenant.api(rest)).await.expect(404);
        leader.get(&province.tenant.api(rest)).await.expect(404);
        let planner = province.tenant.member(Role::Planner).await;
        planner.get(&province.tenant.api(rest)).await.expect(200);
    }
    for page in ["/comparison", "/comparison/table", "/comparison.csv", "/alignment", "/rollup/JPM"]
    {
        leader.look(&format!("/kota-bima{page}")).await.expect(404);
        leader.look(&format!("/ntb{page}")).await.expect(404);
    }
}

#[tokio::test]
async fn heat_table_shows_number_achievement_and_each_kind_of_nothing() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.target("JPM", "2024", "16").await;
    bima.publish("2024").await;
    work(&app).await;
    let planner = province.tenant.member(Role::Planner).await;
    let page = planner.look("/ntb/comparison/table?period=2024").await.expect(200).body;
    // (2 x 16 - 15.81) / 16 = 101.19 %.
    for words in ["15,81", "101,2", "Indikator JPM", "Lombok Barat"] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    assert!(!page.contains("Indikator GINI"), "nobody reported it");
    let table = planner.get(&province.tenant.api("/comparison/table?period=2024")).await.json();
    assert_eq!(table["indicators"][0]["reporters"][0]["achievement"], "101.19");
}

#[tokio::test]
async fn suspended_regency_is_marked_where_its_figures_still_count() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.publish("2024").await;
    work(&app).await;
    let planner = province.tenant.member(Role::Planner).await;
    let operator = app.operator().await;
    let pages = [
        "/ntb/comparison",
        "/ntb/comparison/table",
        "/ntb/alignment",
        "/ntb/rollup/JPM?period=2024",
    ];
    let state = "/api/v1/operator/tenants/52.72/state";
    for (revision, to, marked) in [(1, "suspended", true), (2, "active", false)] {
        for page in pages {
            let shown = planner.look(page).await.expect(200).body;
            assert_eq!(shown.contains("Sedang ditangguhkan: Kota Bima"), !marked, "{page}");
        }
        let ask = serde_json::json!({ "state": to, "reason": "Uji", "legal_basis": "Surat 1" });
        operator.change(reqwest::Method::PUT, state, revision, &ask).await.expect(200);
        for page in pages {
            let shown = planner.look(page).await.expect(200).body;
            assert_eq!(shown.contains("Sedang ditangguhkan: Kota Bima"), marked, "{page}");
        }
    }
}
