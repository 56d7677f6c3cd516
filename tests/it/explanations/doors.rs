//! The doors: what they explain is what the pages show, and the checker finds it again.

use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, TestApp};
use serde_json::{Value, json};

use super::checker::check;
use crate::desks::{province, regency, work as rolled};
use crate::measuring::{Office, decide, work};
use crate::planning::id;

async fn explained(actor: &Actor, path: &str) -> Value {
    let json = actor.get(path).await.expect(200).json();
    check(&json).unwrap_or_else(|fault| panic!("{path}: {fault}\n{json:#}"));
    json
}

#[tokio::test]
async fn the_organisation_is_explained_down_to_the_evidence() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let finance = office.objective("2.1.2", "F").await;
    let mut ids = Vec::new();
    for (code, objective, value) in [
        ("A", &finance, Some("150")),
        ("B", &finance, Some("80,5")),
        ("C", &office.objective, Some("90")),
        ("D", &office.objective, None),
    ] {
        let indicator = office.indicator(code, json!({ "objective": objective })).await;
        office.target(&indicator, "2024", "100").await;
        if let Some(value) = value {
            let body = json!({ "period": "2024", "value": value });
            let draft = office.record(&indicator, &body).await.expect(201).json();
            let path = format!("/measurements/{}/evidence", id(&draft));
            let body = json!({ "url": "https://ntb.bps.go.id/tabel" });
            office.officer.post(&office.api(&path), &body).await.expect(201);
            let submitted = decide(&office, &office.officer, &draft, "submission", &Value::Null);
            let submitted = submitted.await.expect(200).json();
            office.verify(&submitted).await.expect(200);
        }
        ids.push(indicator);
    }
    work(&app).await;
    let card = office.scorecard("2024").await;

    let nko = explained(&office.officer, &office.api("/scorecard/explanation?period=2024")).await;
    assert_eq!(nko["value"], card["organisation"]["value"]);
    assert_eq!(nko["printed"], "95.13");
    let text = nko["sentence"]["id"].as_str().expect("a sentence").replace('\u{a0}', " ");
    assert!(text.starts_with("NKO 95,13 % karena"), "{text}");
    let why = nko["members"][0]["why"].as_str().expect("a way down");
    let perspective = explained(&office.officer, &office.api(why)).await;
    assert_eq!(
        (&perspective["kind"], &perspective["value"]),
        (&json!("perspective"), &json!("100.25"))
    );
    let why = perspective["members"][0]["why"].as_str().expect("a way down");
    let objective = explained(&office.officer, &office.api(why)).await;
    let names: Vec<_> = objective["members"]
        .as_array()
        .expect("members")
        .iter()
        .map(|it| it["code"].as_str().expect("a code").to_owned())
        .collect();
    assert_eq!(names, ["A", "B"]);
    let why = objective["members"][0]["why"].as_str().expect("a way down");
    let indicator = explained(&office.officer, &office.api(why)).await;
    let calculation = &indicator["calculation"];
    assert_eq!(
        (&calculation["uncapped"], &calculation["printed"]),
        (&json!("150"), &json!("120.00"))
    );
    assert_eq!(calculation["rules"]["cap"], "120");
    let figure = &indicator["figures"][0];
    assert_eq!((&figure["status"], &figure["value"]), (&json!("verified"), &json!("150")));
    assert!(figure["verified_by"].is_string(), "{figure}");
    assert!(figure["evidence"].as_array().is_some_and(|it| !it.is_empty()), "{figure}");

    // The pages: from the scorecard to the evidence in three steps, each by its "Mengapa?".
    let mut page = office.officer.look(&office.page("/scorecard?period=2024")).await.expect(200);
    for (ending, text) in [
        ("/scorecard/why?period=2024", "NKO 95,13 % karena"),
        ("/scorecard/why/perspectives/F?period=2024", "Skor perspektif 100,25 %"),
        ("/scorecard/why/objectives/", "Skor sasaran 100,25 %"),
        (&format!("/indicators/{}/why?period=2024", ids[0]), "Sebelum dibatasi 150,00 %"),
    ] {
        let href = page
            .body
            .split("href=\"")
            .find(|it| it.split('"').next().is_some_and(|href| href.contains(ending)));
        let href = href.and_then(|it| it.split('"').next()).expect(ending).to_owned();
        page = office.officer.look(&href).await.expect(200);
        assert!(page.body.replace('\u{a0}', " ").contains(text), "{text}: {}", page.body);
        assert!(page.body.contains("Unduh penjelasan (JSON)"), "{href}");
    }
    for text in ["https://ntb.bps.go.id/tabel", "diverifikasi Akun agency-head", "MaxRatio"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let late = office.page(&format!("/indicators/{}/why?period=2024", ids[3]));
    let late = office.officer.look(&late).await.expect(200).body;
    assert!(late.contains("Belum ada capaian"), "{late}");

    // What has no value is named with its reason and enters nothing.
    let path = format!("/scorecard/objectives/{}/explanation?period=2024", office.objective);
    let objective = explained(&office.officer, &office.api(&path)).await;
    let missing = &objective["members"][1];
    assert_eq!((&missing["code"], &missing["share"]), (&json!("D"), &json!("0")));
    assert!(missing["excluded"].is_string(), "{missing}");
    let path = format!("/indicators/{}/explanation?period=2024", ids[3]);
    let indicator = explained(&office.officer, &office.api(&path)).await;
    assert_eq!(indicator["counting"], "no_achievement");
    assert!(indicator["calculation"]["reason"]["id"].is_string(), "{indicator}");

    let gone = format!("/indicators/{}/explanation?period=2019", ids[0]);
    office.officer.get(&office.api(&gone)).await.expect(404);
    let empty = "/scorecard/perspectives/L/explanation?period=2024";
    office.officer.get(&office.api(empty)).await.expect(404);
    office.officer.get(&office.api("/scorecard/perspectives/X/explanation")).await.expect(404);
    office.officer.get(&office.api("/scorecard/explanation?period=besok")).await.expect(422);
}

#[tokio::test]
async fn a_provinces_figures_and_places_are_explained_and_hidden_things_are_named() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    for (slug, poor, index) in
        [("lombok-barat", "96,57", "72,37"), ("kota-mataram", "30,1", "81,15")]
    {
        let regency = regency(&app, slug).await;
        regency.verified("JPM", "2023", poor).await;
        regency.verified("IPM_SP2020", "2023", index).await;
        regency.publish("2023").await;
    }
    rolled(&app).await;
    let planner = province.tenant.member(Role::Planner).await;
    let it =
        explained(&planner, &province.tenant.api("/rollups/JPM/explanation?period=2023")).await;
    assert_eq!((&it["method"], &it["computed"]), (&json!("sum"), &json!("126.67")));
    let hidden = it["hidden"].as_array().expect("a list");
    assert!(hidden.contains(&json!({ "what": "evidence", "region": "52.01" })), "{hidden:?}");
    assert!(hidden.contains(&json!({ "what": "people", "region": "52.71" })), "{hidden:?}");
    let silent = it["parts"].as_array().expect("parts").iter().find(|it| it["region"] == "52.07");
    assert!(silent.is_some_and(|it| it["excluded"].is_string()), "{silent:?}");
    let body = it.to_string();
    assert!(!body.contains("recorded_by") && !body.contains("verified_by"), "{body}");

    let path = |region: &str| {
        let query = format!("indicator=IPM_SP2020&period=2023&region={region}");
        province.tenant.api(&format!("/comparison/explanation?{query}"))
    };
    let place = explained(&planner, &path("52.01")).await;
    assert_eq!(place["rank"], json!([2, 2]));
    let apart = explained(&planner, &path("52.07")).await;
    assert_eq!((&apart["rank"], apart["apart"].is_string()), (&Value::Null, true));
    let slug = province.tenant.slug();
    let page = planner.look(&format!("/{slug}/rollup/JPM/why?period=2023")).await.expect(200).body;
    assert!(page.contains("Tidak ditampilkan di sini") && page.contains("126,67"), "{page}");
    let query = "indicator=IPM_SP2020&period=2023";
    let page = planner.look(&format!("/{slug}/comparison?{query}")).await.expect(200).body;
    for region in ["52.01", "52.07"] {
        let query = "indicator=IPM%5FSP2020&amp;period=2023&amp;region=";
        let why = format!("/{slug}/comparison/why?{query}{region}");
        assert!(page.contains(&why), "{why}: {page}");
    }
    let why = format!("/{slug}/comparison/why?{query}&region=52.01");
    let page = planner.look(&why).await.expect(200).body;
    assert!(page.contains("Peringkat 2 dari 2 karena 1 kabupaten/kota"), "{page}");
    planner.get(&path("31.01")).await.expect(404);
    planner.get(&path("")).await.expect(404);
}
