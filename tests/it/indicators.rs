//! Indicators, their targets, and the rule set of a year.

use ekinerja_domain::access::Role;
use ekinerja_tests::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::planning::{id, indicator, manual, plan, violation};

#[tokio::test]
async fn whole_manual_is_kept_and_comes_back() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    indicator(&ntb, &planner, "PENDUDUK", &tree.objective).await;
    let mut body = manual("P0", &tree.objective);
    let more = json!({
        "polarity": "minimize", "rule": "MinInverse", "decimals": 3,
        "location_consolidation": "ratio_of_sums", "numerator": "Penduduk miskin",
        "denominator": "Penduduk", "weight_variable": "PENDUDUK", "publisher": "BPS",
        "frequency": "quarterly", "worst": 25.125, "weight": "1,5",
        "baseline_value": "14.75", "baseline_year": 2023, "baseline_verified": true
    });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let added = planner.post(&ntb.api("/indicators"), &body).await.expect(201);
    assert_eq!(added.header("etag"), "\"1\"");
    let path = added.header("location").to_owned();
    let kept = planner.get(&path).await.expect(200).json();
    for (name, value) in [
        ("worst", "25.1250"),
        ("weight", "1.5"),
        ("baseline_value", "14.75"),
        ("rule", "MinInverse"),
        ("weight_variable", "PENDUDUK"),
        ("frequency", "quarterly"),
    ] {
        assert_eq!(kept[name], value, "{name}");
    }
    assert_eq!((&kept["decimals"], &kept["baseline_year"]), (&json!(3), &json!(2023)));

    // What the interface answers can be sent back as it came, and nothing changes by it.
    let mut back = kept.clone();
    for derived in ["id", "revision", "modes"] {
        back.as_object_mut().expect("an object").remove(derived);
    }
    let again = planner.change(Method::PUT, &path, 1, &back).await.expect(200).json();
    let without_revision = |mut it: Value| {
        it["revision"].take();
        it
    };
    assert_eq!(without_revision(again), without_revision(kept));
}

#[tokio::test]
async fn every_fault_of_a_manual_is_named_at_once() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let refused = planner.post(&ntb.api("/indicators"), &json!({})).await.expect(422);
    let fields: Vec<_> = refused.violations().into_iter().map(|(field, _)| field).collect();
    for field in [
        "code",
        "objective",
        "kind",
        "name",
        "definition",
        "formula",
        "unit",
        "polarity",
        "period_consolidation",
        "location_consolidation",
        "source",
        "frequency",
    ] {
        assert!(fields.contains(&format!("/{field}")), "{field} is not in {fields:?}");
    }

    let check = async |change: Value, expected: &[(&str, &str)]| {
        let mut body = manual("A", &tree.objective);
        for (name, value) in change.as_object().expect("fields") {
            body[name] = value.clone();
        }
        let refused = planner.post(&ntb.api("/indicators"), &body).await.expect(422);
        let expected: Vec<_> =
            expected.iter().map(|(field, code)| violation(&format!("/{field}"), code)).collect();
        assert_eq!(refused.violations(), expected, "{change}");
    };
    check(json!({ "code": "A B" }), &[("code", "indicator.code-invalid")]).await;
    check(json!({ "decimals": 7 }), &[("decimals", "number.out-of-range")]).await;
    check(json!({ "weight": "-1" }), &[("weight", "number.negative")]).await;
    check(json!({ "worst": "1,234.56" }), &[("worst", "number.foreign-format")]).await;
    check(json!({ "worst": "abc" }), &[("worst", "number.unreadable")]).await;
    let digits = "9".repeat(30);
    check(json!({ "worst": digits }), &[("worst", "number.out-of-range")]).await;
    check(json!({ "rule": "MinInverse" }), &[("rule", "indicator.rule-unfit")]).await;
    check(json!({ "polarity": "naik" }), &[("polarity", "field.unknown-value")]).await;
    check(
        json!({ "location_consolidation": "ratio_of_sums" }),
        &[("numerator", "indicator.parts-missing"), ("denominator", "indicator.parts-missing")],
    )
    .await;
    check(json!({ "numerator": "Kasus" }), &[("denominator", "indicator.parts-missing")]).await;
    check(
        json!({ "location_consolidation": "weighted_by_variable" }),
        &[("weight_variable", "indicator.weight-variable-missing")],
    )
    .await;
    for unknown in ["TIDAK_ADA", "A"] {
        let code = [("weight_variable", "indicator.weight-variable-unknown")];
        check(json!({ "weight_variable": unknown }), &code).await;
    }
    check(json!({ "baseline_value": "5" }), &[("baseline_year", "field.missing")]).await;
    check(json!({ "baseline_year": 2023 }), &[("baseline_value", "field.missing")]).await;
    check(json!({ "owner_post": "Kepala" }), &[("owner_agency", "field.missing")]).await;
    let stranger = "agy_00000000000000000000000000000001";
    check(json!({ "owner_agency": stranger }), &[("owner_agency", "field.unknown-reference")])
        .await;
    check(json!({ "objective": tree.goal }), &[("objective", "field.unknown-reference")]).await;
    check(json!({ "name": "x".repeat(301) }), &[("name", "field.too-long")]).await;
    let wrong = planner.post(&ntb.api("/indicators"), &json!({ "kode": "A" })).await.expect(422);
    assert_eq!(wrong.violations(), [violation("/kode", "field.unknown")]);
    let none = planner.get(&ntb.api("/indicators")).await.expect(200).json();
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn codes_are_unique_and_lists_come_in_pieces() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    for code in ["A", "B", "C"] {
        indicator(&ntb, &planner, code, &tree.objective).await;
    }
    let body = manual("B", &tree.objective);
    let taken = planner.post(&ntb.api("/indicators"), &body).await.expect(409);
    assert_eq!(taken.code(), "indicator.code-taken");
    let first = planner.get(&ntb.api("/indicators?limit=2")).await.expect(200).json();
    assert_eq!(
        (&first["items"][0]["code"], &first["items"][1]["code"]),
        (&json!("A"), &json!("B"))
    );
    let next = first["next"].as_str().expect("more");
    let second = planner.get(&ntb.api(&format!("/indicators?limit=2&after={next}"))).await.json();
    assert_eq!((second["items"][0]["code"].as_str(), second.get("next")), (Some("C"), None));
    let bad = planner.get(&ntb.api("/indicators?after=xyz")).await.expect(422);
    assert_eq!(bad.violations(), [violation("/after", "field.unknown-reference")]);
}

#[tokio::test]
async fn retired_indicator_takes_no_target_and_what_weighs_others_is_not_retired() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let people = indicator(&ntb, &planner, "PENDUDUK", &tree.objective).await;
    let mut body = manual("UHH", &tree.objective);
    body["location_consolidation"] = json!("weighted_by_variable");
    body["weight_variable"] = json!("PENDUDUK");
    let uhh = id(&planner.post(&ntb.api("/indicators"), &body).await.expect(201).json());
    let retire = async |id: &str, revision, day: &str| {
        let at = ntb.api(&format!("/indicators/{id}/retirement"));
        planner.change(Method::PUT, &at, revision, &json!({ "retired_on": day })).await
    };
    let refused = retire(&people, 1, "2025-01-01").await.expect(409);
    assert_eq!(refused.code(), "indicator.weighs-others");
    assert!(refused.body.contains("UHH"), "{}", refused.body);
    assert_eq!(retire(&uhh, 1, "1 Januari").await.expect(422).violations()[0].1, "date.invalid");
    retire(&uhh, 1, "2025-01-01").await.expect(200);
    let targets = ntb.api(&format!("/indicators/{uhh}/targets"));
    let target = json!({ "period": "2024", "value": "70" });
    let refused = planner.post(&targets, &target).await.expect(422);
    assert_eq!(refused.violations(), [violation("/period", "indicator.retired")]);
    retire(&people, 1, "2025-01-01").await.expect(200);
    let at = ntb.api(&format!("/indicators/{uhh}/retirement"));
    planner.change(Method::DELETE, &at, 2, &json!(null)).await.expect(200);
    planner.post(&targets, &target).await.expect(201);
}

#[tokio::test]
async fn targets_are_read_as_official_tables_write_them() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let id = indicator(&ntb, &planner, "A", &tree.objective).await;
    let at = ntb.api(&format!("/indicators/{id}/targets"));
    let mut periods =
        (2024..=2026).flat_map(|year| (1..=4).map(move |quarter| format!("{year}-Q{quarter}")));
    for (typed, field, read) in [
        ("1.234,56", "value", "1234.56"),
        ("1234,56", "value", "1234.56"),
        ("1234.56", "value", "1234.56"),
        ("95 %", "value", "95"),
        ("> 95 persen", "value", "95"),
        ("0", "value", "0"),
        ("-2,5", "value", "-2.5"),
        ("30-40", "low", "30"),
        ("WTP", "wording", "WTP"),
    ] {
        let body = json!({ "period": periods.next().expect("a period"), "value": typed });
        let kept = planner.post(&at, &body).await.expect(201).json();
        assert_eq!(kept[field], read, "{typed}");
    }
    let body =
        json!({ "period": "2024", "wording": "Terlaksana seluruhnya", "illustrative": true });
    let kept = planner.post(&at, &body).await.expect(201).json();
    assert_eq!(
        (kept["wording"].as_str(), &kept["illustrative"]),
        (Some("Terlaksana seluruhnya"), &json!(true))
    );

    let digits = "9".repeat(30);
    for (body, expected) in [
        (json!({ "value": "1,234.56" }), ("/value", "number.foreign-format")),
        (json!({ "value": digits }), ("/value", "number.out-of-range")),
        (json!({ "value": "1,2345678" }), ("/value", "number.out-of-range")),
        (json!({ "value": "abc" }), ("/value", "target.unreadable")),
        (json!({ "value": "50 dari 60" }), ("/value", "target.unreadable")),
        (json!({ "value": "20 kelompok" }), ("/value", "target.unit-differs")),
        (json!({ "value": "< 5" }), ("/value", "target.direction-differs")),
        (json!({ "value": "40-30" }), ("/value", "target.range-reversed")),
        (json!({ "value": "5", "wording": "lima" }), ("/wording", "target.both-forms")),
        (json!({}), ("/value", "field.missing")),
        (json!({ "value": "-" }), ("/value", "target.unreadable")),
        (json!({ "value": "5", "period": "2023" }), ("/period", "target.outside-plan")),
        (json!({ "value": "5", "period": "2027" }), ("/period", "target.outside-plan")),
        (json!({ "value": "5", "period": "2025-Q5" }), ("/period", "period.invalid")),
        (json!({ "value": "5", "period": "" }), ("/period", "field.missing")),
    ] {
        let mut body = body;
        if body.get("period").is_none() {
            body["period"] = json!("2025");
        }
        let refused = planner.post(&at, &body).await.expect(422);
        assert_eq!(refused.violations(), [violation(expected.0, expected.1)], "{body}");
    }
}

#[tokio::test]
async fn revised_target_keeps_the_old_one_with_reason_and_legal_basis() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let id = indicator(&ntb, &planner, "A", &tree.objective).await;
    let at = ntb.api(&format!("/indicators/{id}/targets"));
    planner.post(&at, &json!({ "period": "2025", "value": "70" })).await.expect(201);
    let bare = json!({ "period": "2025", "value": "65" });
    let refused = planner.post(&at, &bare).await.expect(422);
    assert_eq!(refused.violations(), [violation("/reason", "target.reason-missing")]);
    let half = json!({ "period": "2025", "value": "65", "reason": "Pandemi" });
    let refused = planner.post(&at, &half).await.expect(422);
    assert_eq!(refused.violations(), [violation("/legal_basis", "target.legal-basis-missing")]);
    let whole = json!({ "period": "2025", "value": "65", "reason": "Pandemi", "legal_basis": "Perda 2/2025" });
    planner.post(&at, &whole).await.expect(201);

    let all = planner.get(&at).await.expect(200).json();
    let shown: Vec<_> = all["items"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|it| (it["value"].as_str(), it["status"].as_str(), it["revision"].as_i64()))
        .collect();
    let expected =
        [(Some("70"), Some("superseded"), Some(1)), (Some("65"), Some("approved"), Some(2))];
    assert_eq!(shown, expected);
    assert_eq!(all["items"][1]["reason"], "Pandemi");
}

#[tokio::test]
async fn rule_set_of_a_year_is_one_of_the_catalogue() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let at = ntb.api("/rule-sets");
    let seed = planner.get(&ntb.api("/rule-sets?year=2024")).await.expect(200).json();
    assert_eq!(
        (&seed["own"]["name"], &seed["comparison"]["name"]),
        (&json!("default"), &json!("comparison"))
    );
    for name in ["lkj", "regency_a"] {
        let body = json!({ "purpose": "own", "year": 2024, "rule_set": name, "version": 1 });
        planner.post(&at, &body).await.expect(201);
    }
    let body = json!({ "purpose": "comparison", "year": 2024, "rule_set": "lkj" });
    planner.post(&at, &body).await.expect(201);
    let now = planner.get(&ntb.api("/rule-sets?year=2024")).await.expect(200).json();
    assert_eq!(
        (&now["own"]["name"], &now["comparison"]["name"]),
        (&json!("regency_a"), &json!("lkj"))
    );
    assert_eq!(now["choices"].as_array().map(Vec::len), Some(3));
    let other = planner.get(&ntb.api("/rule-sets?year=2025")).await.expect(200).json();
    assert_eq!(other["own"]["name"], "default");

    for (body, expected) in [
        (
            json!({ "purpose": "own", "year": 2024, "rule_set": "buatan" }),
            ("/rule_set", "rule-set.unknown"),
        ),
        (
            json!({ "purpose": "own", "year": 2024, "rule_set": "lkj", "version": 9 }),
            ("/rule_set", "rule-set.unknown"),
        ),
        (
            json!({ "purpose": "own", "year": 2024, "rule_set": "kemenkeu127" }),
            ("/rule_set", "rule-set.not-in-force"),
        ),
        (json!({ "purpose": "own", "year": 1, "rule_set": "lkj" }), ("/year", "period.invalid")),
        (
            json!({ "purpose": "lain", "year": 2024, "rule_set": "lkj" }),
            ("/purpose", "field.unknown-value"),
        ),
    ] {
        let refused = planner.post(&at, &body).await.expect(422);
        assert_eq!(refused.violations(), [violation(expected.0, expected.1)], "{body}");
    }
    planner.get(&ntb.api("/rule-sets?year=1")).await.expect(422);
    let officer = ntb.member(Role::Officer).await;
    let own = json!({ "purpose": "own", "year": 2024, "rule_set": "lkj" });
    officer.post(&at, &own).await.expect(403);

    let dompu = app.tenant("dompu").await;
    let regency = dompu.member(Role::Planner).await;
    let refused = regency.post(&dompu.api("/rule-sets"), &body).await.expect(409);
    assert_eq!(refused.code(), "rule-set.of-province");
}
