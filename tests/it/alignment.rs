//! The province's objectives against what its regencies published.

use ekinerja_domain::access::Role;
use ekinerja_tests::TestApp;
use serde_json::{Value, json};

use crate::desks::{province, regency, work};

fn cell<'a>(matrix: &'a Value, objective: &str, region: &str) -> &'a Value {
    let rows = matrix["objectives"].as_array().expect("objectives");
    let row = rows.iter().find(|it| it["code"] == objective).expect("the objective");
    let cells = row["cells"].as_array().expect("cells");
    cells.iter().find(|it| it["region"] == region).expect("the regency")
}

#[tokio::test]
async fn matrix_says_aligned_partly_none_or_not_known_with_reasons_and_orphans() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    for code in ["JPM", "P0"] {
        bima.target(code, "2024", "10").await;
    }
    bima.verified("JPM", "2024", "15,81").await;
    let plan = app.app.plan(&bima.clerk).await.expect("a plan").expect("a plan");
    let goal = plan.nodes.iter().find(|it| it.code == "T").expect("the goal").id.to_string();
    bima.node(&goal, "objective", "L.1").await;
    bima.publish("2024").await;
    let mataram = regency(&app, "kota-mataram").await;
    mataram.verified("JPM", "2024", "40").await;
    mataram.publish_without("2024", &["P0", "GINI"]).await;
    work(&app).await;

    let planner = province.tenant.member(Role::Planner).await;
    let matrix =
        planner.get(&province.tenant.api("/alignment?period=2024")).await.expect(200).json();
    let aligned = cell(&matrix, "5.1", "52.72");
    assert_eq!(aligned["alignment"], "aligned");
    assert_eq!(
        (&aligned["measured"], &aligned["expected"], &aligned["reported"]),
        (&json!(2), &json!(2), &json!(1))
    );
    assert_eq!(aligned["reasons"][0], json!({ "kind": "served_by", "objective": "5.1" }));
    let partly = cell(&matrix, "5.1", "52.71");
    assert_eq!(partly["alignment"], "partly");
    assert!(
        partly["reasons"].to_string().contains(r#""indicators":["P0"],"kind":"not_measured""#),
        "{partly}"
    );
    assert_eq!(cell(&matrix, "5.1", "52.01")["alignment"], "unknown");
    assert_eq!(cell(&matrix, "5.1", "52.01")["reasons"][0]["state"], "not_joined");
    assert_eq!(
        matrix["orphans"],
        json!([{ "region": "52.72", "code": "L.1", "text": "Butir L.1" }])
    );

    let page = planner.look("/ntb/alignment?period=2024").await.expect(200).body;
    for words in [
        "Selaras",
        "Sebagian",
        "Belum publikasi",
        "didukung sasaran 5.1",
        "tidak diukur: Indikator P0",
        "L.1",
        "2 dari 10 kabupaten/kota",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}
