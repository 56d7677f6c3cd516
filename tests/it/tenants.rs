//! Opening governments, their first administrators, the onboarding board, and what an operator does not see.

use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, TestApp};
use serde_json::{Value, json};

const TENANTS: &str = "/api/v1/operator/tenants";

async fn open(operator: &Actor, code: &str) -> Value {
    operator.post(TENANTS, &json!({ "code": code })).await.expect(201).json()
}

fn stages(board: &Value, slug: &str) -> Vec<String> {
    let items = board["items"].as_array().expect("a list");
    let line = items.iter().find(|it| it["tenant"]["slug"] == slug).expect("the government");
    let stages = line["stages"].as_array().expect("stages");
    let reached = stages.iter().filter(|it| !it["reached_at"].is_null());
    reached.map(|it| it["stage"].as_str().expect("a word").to_owned()).collect()
}

#[tokio::test]
async fn a_province_is_opened_first_and_then_its_regencies_in_one_step() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    let early = operator.post(TENANTS, &json!({ "code": "52.01" })).await.expect(409);
    assert_eq!(early.code(), "tenant.province-missing");
    let ntb = open(&operator, "52").await;
    assert_eq!(ntb["slug"], "ntb");
    assert_eq!(ntb["name"], "Provinsi Nusa Tenggara Barat");
    assert_eq!(open(&operator, "52.04").await["slug"], "sumbawa");

    let all = "/api/v1/operator/provinces/52/regencies";
    let done = operator.put(all, &json!({})).await.expect(200).json();
    assert_eq!(done["opened"].as_array().map(Vec::len), Some(9));
    assert_eq!(done["skipped"][0]["slug"], "sumbawa");
    let again = operator.put(all, &json!({})).await.expect(200).json();
    assert_eq!(again["opened"].as_array().map(Vec::len), Some(0));
    assert_eq!(again["skipped"].as_array().map(Vec::len), Some(10));

    let board = operator.get(TENANTS).await.expect(200).json();
    assert_eq!(board["items"].as_array().map(Vec::len), Some(11));
    assert_eq!(board["items"][0]["waits_for"], "invited");
    assert_eq!(operator.look("/operator").await.expect(200).body.matches("Kota Bima").count(), 2);
}

#[tokio::test]
async fn what_cannot_be_opened_is_refused_with_the_field_and_nothing_is_written() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    open(&operator, "52").await;
    for (code, expected) in [
        ("", "field.missing"),
        ("99", "tenant.unknown-region"),
        ("52.99", "tenant.unknown-region"),
        ("5२", "tenant.unknown-region"),
        ("' or 1=1 --", "tenant.unknown-region"),
        ("31.71", "tenant.not-autonomous"),
    ] {
        let refused = operator.post(TENANTS, &json!({ "code": code })).await.expect(422);
        assert_eq!(refused.violations(), [("/code".to_owned(), expected.to_owned())], "{code}");
    }
    let twice = operator.post(TENANTS, &json!({ "code": "52" })).await.expect(409);
    assert_eq!(twice.code(), "tenant.already-open");
    let unopened = "/api/v1/operator/provinces/51/regencies";
    assert_eq!(
        operator.put(unopened, &json!({})).await.expect(409).code(),
        "tenant.province-missing"
    );
    let regency = "/api/v1/operator/provinces/52.01/regencies";
    operator.put(regency, &json!({})).await.expect(422);
    let board = operator.get(TENANTS).await.expect(200).json();
    assert_eq!(board["items"].as_array().map(Vec::len), Some(1));

    let page = operator.fill("/operator/tenants", &[("code", "52.99")]).await.expect(422);
    assert!(page.body.contains(r#"value="52.99""#), "what was typed is still there");
    assert!(page.body.contains("Kode wilayah tidak dikenal"));
}

#[tokio::test]
async fn the_first_administrator_gets_a_password_once_and_must_change_it() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    open(&operator, "52").await;
    let path = "/api/v1/operator/tenants/52/administrators";
    let ask = json!({ "username": "Admin.NTB", "name": "Administrator NTB" });
    let invited = operator.post(path, &ask).await.expect(201).json();
    let first = invited["first_password"].as_str().expect("a password").to_owned();
    assert_eq!(invited["member"]["username"], "admin.ntb");
    assert_eq!(operator.post(path, &ask).await.expect(409).code(), "member.already");

    let administrator = app.visitor();
    let sign_in = json!({ "username": "admin.ntb", "password": first });
    let me = administrator.post("/api/v1/session", &sign_in).await.expect(200).json();
    assert_eq!((&me["must_change_password"], &me["tenants"]), (&json!(true), &json!([])));
    let closed = administrator.get("/api/v1/tenants/ntb/members").await.expect(409);
    assert_eq!(closed.code(), "user.password-must-change");
    let page = administrator.look("/ntb/members").await.expect(303);
    assert_eq!(page.header("location"), "/kata-sandi");
    administrator.look("/kata-sandi").await.expect(200);

    let password = "/api/v1/me/password";
    let change =
        |present: &str, wanted: &str| json!({ "password": present, "new_password": wanted });
    for (present, wanted, field, code) in [
        (first.as_str(), "pendek", "/new_password", "user.password-too-short"),
        (first.as_str(), first.as_str(), "/new_password", "user.password-same"),
        ("bukan kata sandinya", "kalimat yang cukup panjang", "/password", "user.password-wrong"),
    ] {
        let refused = administrator.put(password, &change(present, wanted)).await.expect(422);
        assert_eq!(refused.violations(), [(field.to_owned(), code.to_owned())]);
    }
    let wanted = "kalimat yang cukup panjang";
    administrator.put(password, &change(&first, wanted)).await.expect(204);
    let members = administrator.get("/api/v1/tenants/ntb/members").await.expect(200).json();
    assert_eq!(members["items"].as_array().map(Vec::len), Some(1));
    app.visitor().post("/api/v1/session", &sign_in).await.expect(401);

    let board = operator.get(TENANTS).await.expect(200).json();
    assert_eq!(stages(&board, "ntb"), ["invited", "accepted"]);
}

#[tokio::test]
async fn what_the_operator_did_stands_in_the_trail_of_the_government() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    open(&operator, "52").await;
    let path = "/api/v1/operator/tenants/52/administrators";
    let ask = json!({ "username": "admin.baru", "name": "Administrator Baru" });
    operator.post(path, &ask).await.expect(201);
    let auditor = app.tenant("ntb").await.member(Role::Auditor).await;
    let trail = auditor.get("/api/v1/tenants/ntb/audit-events").await.expect(200).json();
    let lines = trail["items"].as_array().expect("lines").iter();
    let lines: Vec<_> = lines.filter(|it| it["kind"] != "sign_in.succeeded").collect();
    assert_eq!(lines[0]["kind"], "member.added");
    assert_eq!(lines[0]["facts"]["username"], "admin.baru");
    assert_eq!(lines[0]["by"], "Akun operator");
    assert_eq!(lines[1]["kind"], "tenant.opened");
    assert_eq!(lines[1]["facts"]["code"], "52");
    let text = trail.to_string();
    assert!(!text.contains("password"), "{text}");
}

#[tokio::test]
async fn an_operator_sees_no_content_of_a_government() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    app.tenant("sumbawa").await;
    for rest in ["/members", "/agencies", "/audit-events", "/plan", "/periods"] {
        let path = format!("/api/v1/tenants/sumbawa{rest}");
        assert_eq!(operator.get(&path).await.expect(404).code(), "not-found", "{rest}");
    }
    for page in ["/sumbawa", "/sumbawa/members", "/sumbawa/organisation", "/sumbawa/audit"] {
        operator.look(page).await.expect(404);
    }
    // Nor does anybody give the operator's account a role there.
    let administrator = app.tenant("sumbawa").await.member(Role::Administrator).await;
    let ask = json!({ "username": "operator", "name": "Operator", "role": "leader" });
    let refused = administrator.post("/api/v1/tenants/sumbawa/members", &ask).await.expect(409);
    assert_eq!(refused.code(), "member.is-operator");
}

#[tokio::test]
async fn nobody_but_an_operator_opens_governments() {
    let app = TestApp::start().await;
    let administrator = app.tenant("ntb").await.member(Role::Administrator).await;
    for actor in [&administrator, &app.visitor()] {
        let status = actor.get(TENANTS).await.status;
        assert!(matches!(status, 401 | 403), "{status}");
        let status = actor.post(TENANTS, &json!({ "code": "51" })).await.status;
        assert!(matches!(status, 401 | 403), "{status}");
    }
    administrator.look("/operator").await.expect(403);
    assert_eq!(
        app.visitor().look("/operator").await.expect(303).header("location"),
        "/masuk?kembali=%2Foperator"
    );
}

#[tokio::test]
async fn an_operator_does_it_all_by_page() {
    let app = TestApp::start().await;
    let operator = app.operator().await;
    assert!(
        operator.look("/operator").await.expect(200).body.contains("Belum ada pemerintah daerah")
    );
    let opened = operator.fill("/operator/tenants", &[("code", "52")]).await.expect(303);
    assert_eq!(opened.header("location"), "/operator/tenants/52");
    let page = operator.look("/operator/tenants/52").await.expect(200).body;
    assert!(page.contains("Provinsi Nusa Tenggara Barat"));
    let all = operator.fill("/operator/regencies", &[("province", "52")]).await.expect(303);
    assert_eq!(all.header("location"), "/operator");
    let fields = [("name", "Administrator Dompu"), ("username", "a"), ("post", "Kasubag")];
    let action = "/operator/tenants/52.05/administrators";
    let refused = operator.fill(action, &fields).await.expect(422).body;
    assert!(refused.contains(r#"value="Kasubag""#), "what was typed is still there");
    let fields = [("name", "Administrator Dompu"), ("username", "admin.dompu"), ("post", "")];
    let told = operator.fill(action, &fields).await.expect(201);
    assert_eq!(told.header("cache-control"), "no-store");
    assert!(told.body.contains("Kata sandi pertama"));
    operator.look("/operator/tenants/51").await.expect(404);
}
