//! The main job on the real figures of NTB: what the demonstration plays, seen through the doors.
//!
//! One play serves many looks: it takes a while, and the looks change little.

use ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;
use ekinerja_tests::app::TestApp;
use serde_json::{Value, json};

const NTB: &str = "/api/v1/tenants/ntb";
const LOMBOK_BARAT: &str = "/api/v1/tenants/lombok-barat";

fn names(parts: &Value, excluded: bool) -> Vec<&str> {
    let parts = parts.as_array().expect("parts").iter();
    let wanted = parts.filter(|it| it.get("excluded").is_some() == excluded);
    wanted.map(|it| it["name"].as_str().expect("a name")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn province_compares_its_regencies_on_real_figures() {
    let app = TestApp::start_demonstration().await;
    let planner = app.sign_in_with("perencana.ntb", DEMONSTRATION_PASSWORD).await;

    // The province's IPM of 2023 is the official figure, never a mean: the mean of the ten is 72.93.
    let ipm =
        planner.get(&format!("{NTB}/rollups/IPM_SP2020?period=2023")).await.expect(200).json();
    assert_eq!((ipm["value"].as_str(), ipm["basis"].as_str()), (Some("72.37"), Some("official")));
    assert_eq!(ipm.get("computed"), None, "components of the regencies are not reported");

    // Poor people of 2024: rolled up from the regencies that reported a count, beside the official figure.
    let poor = planner.get(&format!("{NTB}/rollups/JPM?period=2024")).await.expect(200).json();
    assert_eq!(poor["computed"], json!("644.16"));
    assert_eq!((&poor["official"], &poor["difference"]), (&json!("709.01"), &json!("-64.85")));
    assert_eq!(
        (&poor["coverage"]["reporting"], &poor["coverage"]["expected"]),
        (&json!(8), &json!(10))
    );
    assert_eq!(names(&poor["parts"], true), ["Kabupaten Sumbawa Barat", "Kota Mataram"]);
    assert_eq!(names(&poor["parts"], false).len(), 8);

    // The page says the same in words.
    let page = planner.look("/ntb/rollup/JPM?period=2024").await.expect(200);
    for words in ["709,01", "644,16", "8 dari 10", "Sumbawa Barat", "Kota Mataram"] {
        assert!(page.body.contains(words), "{words}");
    }
    // The other language is of the same page, and the menu shows where one is.
    assert!(page.body.contains("kembali=%2Fntb%2Frollup%2FJPM"));
    let page = planner.look("/ntb/comparison").await.expect(200);
    assert!(page.body.contains(r#"href="/ntb/comparison" aria-current="page""#));

    // Ten regencies with the right figures; the two IPM series are two indicators and never one line.
    let comparison = format!("{NTB}/comparison?indicator=IPM_SP2020&period=2024");
    let compared = planner.get(&comparison).await.expect(200).json();
    let reporters = compared["reporters"].as_array().expect("reporters");
    assert_eq!(reporters.len(), 10);
    let mataram = reporters.iter().find(|it| it["region"] == "52.71").expect("Kota Mataram");
    assert_eq!((&mataram["value"], &mataram["rank"]["first"]), (&json!("81.64"), &json!(1)));
    assert_eq!(compared["official"], json!("73.1"));
    assert_eq!(compared["never_joined_with"], json!(["IPM"]));
    let old = format!("{NTB}/comparison?indicator=IPM&period=2024");
    let old = planner.get(&old).await.expect(200).json();
    assert_eq!(old["reporters"], json!([]), "the old series ends in 2022");

    // A regency sees nothing of the comparison, and the operator nothing of anybody's scorecard.
    let regent = app.sign_in_with("pimpinan.lombok-barat", DEMONSTRATION_PASSWORD).await;
    regent.get(&comparison).await.expect(404);
    regent
        .get(&format!("{LOMBOK_BARAT}/comparison?indicator=IPM_SP2020&period=2024"))
        .await
        .expect(404);
    let operator = app.sign_in_with("operator", DEMONSTRATION_PASSWORD).await;
    operator.get(&format!("{LOMBOK_BARAT}/scorecard?period=2023")).await.expect(404);

    a_regency_corrects_and_the_province_sees_it(&app).await;
}

/// The rest of the main job by hand: reopen, correct, verify, publish again, and the province's figure follows.
async fn a_regency_corrects_and_the_province_sees_it(app: &TestApp) {
    let sign_in = |name: &'static str| app.sign_in_with(name, DEMONSTRATION_PASSWORD);
    let officer = sign_in("petugas-dinsos.lombok-barat").await;
    let head = sign_in("kepala-dinsos.lombok-barat").await;
    let administrator = sign_in("admin.lombok-barat").await;
    let leader = sign_in("pimpinan.lombok-barat").await;
    let planner = sign_in("perencana.ntb").await;

    let indicators =
        officer.get(&format!("{LOMBOK_BARAT}/indicators?limit=200")).await.expect(200).json();
    let indicators = indicators["items"].as_array().expect("indicators").clone();
    let poor = indicators.iter().find(|it| it["code"] == "JPM").expect("JPM");
    let values =
        format!("{LOMBOK_BARAT}/indicators/{}/measurements", poor["id"].as_str().expect("an id"));
    let entry = json!({
        "period": "2024", "value": "96,60", "method": "published", "source": "contoh koreksi",
        "source_verified": false, "reason": "salah ketik pada kiriman pertama", "submit": true
    });

    // The year is closed: nothing enters until it is reopened with a reason.
    let refused = officer.post(&values, &entry).await.expect(409).json();
    assert_eq!(refused["code"], "period.closed");
    let period = administrator.get(&format!("{LOMBOK_BARAT}/periods/2024")).await.expect(200);
    let revision = period.json()["revision"]
        .as_i64()
        .and_then(|it| i32::try_from(it).ok())
        .expect("a revision");
    let reopening =
        json!({ "reason": "koreksi angka kemiskinan", "until": "2026-12-01T00:00:00Z" });
    let path = format!("{LOMBOK_BARAT}/periods/2024/reopening");
    administrator.change(reqwest::Method::PUT, &path, revision, &reopening).await.expect(200);

    let recorded = officer.post(&values, &entry).await.expect(201).json();
    let id = recorded["id"].as_str().expect("an id");
    let verification = format!("{LOMBOK_BARAT}/measurements/{id}/verification");
    let lock = i32::try_from(recorded["lock_version"].as_i64().expect("a version")).expect("small");
    officer.change(reqwest::Method::PUT, &verification, lock, &json!({})).await.expect(403);
    head.change(reqwest::Method::PUT, &verification, lock, &json!({})).await.expect(200);

    // Verified is not published: the province still has the figure that left.
    let before = planner.get(&format!("{NTB}/rollups/JPM?period=2024")).await.expect(200).json();
    assert_eq!(before["computed"], json!("644.16"));
    let preview = format!("{LOMBOK_BARAT}/publications/preview?period=2024");
    let preview = leader.get(&preview).await.expect(200).json();
    let request = json!({ "period": "2024", "content_hash": preview["content_hash"] });
    leader.post(&format!("{LOMBOK_BARAT}/publications"), &request).await.expect(201);
    while app.app.work_once().await.expect("the queue") != ekinerja_app::jobs::Worked::Idle {}
    let after = planner.get(&format!("{NTB}/rollups/JPM?period=2024")).await.expect(200).json();
    assert_eq!(after["computed"], json!("644.19"));
    assert_eq!(after["difference"], json!("-64.82"));
}

#[tokio::test(flavor = "multi_thread")]
async fn demonstration_password_opens_nothing_elsewhere() {
    let app = TestApp::start().await;
    let real = app.app.clone();
    let operator = ekinerja_app::tenants::Operator::command_line();
    let new = ekinerja_app::tenants::NewOperator {
        username: "operator-nyata".to_owned(),
        name: "Operator".to_owned(),
        password: DEMONSTRATION_PASSWORD.to_owned(),
    };
    real.add_operator(&operator, new).await.expect("an account that has the known password");
    let body = json!({ "username": "operator-nyata", "password": DEMONSTRATION_PASSWORD });
    app.visitor().post("/api/v1/session", &body).await.expect(401);
    let demonstration = real.for_demonstration();
    demonstration
        .sign_in("operator-nyata", DEMONSTRATION_PASSWORD)
        .await
        .expect("in a demonstration");
}
