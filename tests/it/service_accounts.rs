//! Service accounts: who makes one, what its tokens open, and that they open nothing else.

use chrono::Duration;
use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, Answer, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::measuring::Office;

const ACCOUNTS: &str = "/api/v1/tenants/bima/service-accounts";

async fn administrator(app: &TestApp) -> Actor {
    app.tenant("bima").await.member(Role::Administrator).await
}

/// A service account of this owner with these roles; its address.
async fn account(by: &Actor, name: &str, owner: &str, roles: Value) -> String {
    let ask = json!({ "name": name, "purpose": "Mengirim realisasi.", "owner": owner,
        "roles": roles, "last_day": "2025-12-31" });
    by.post(ACCOUNTS, &ask).await.expect(201).header("location").to_owned()
}

/// A token of the account at this address: its own address and its secret.
async fn token(by: &Actor, account: &str, access: &str) -> (String, String) {
    let ask = json!({ "name": "Server uji", "access": access });
    let issued = by.post(&format!("{account}/tokens"), &ask).await.expect(201);
    assert_eq!(issued.header("cache-control"), "no-store");
    let secret = issued.json()["secret"].as_str().expect("a secret").to_owned();
    (issued.header("location").to_owned(), secret)
}

async fn call(app: &TestApp, secret: &str, method: Method, path: &str, body: &Value) -> Answer {
    call_as(&app.visitor(), secret, method, path, body).await
}

async fn call_as(actor: &Actor, secret: &str, method: Method, path: &str, body: &Value) -> Answer {
    let request = actor.request(method, path).header("authorization", format!("Bearer {secret}"));
    actor.send(request.json(body)).await
}

async fn read(app: &TestApp, secret: &str, path: &str) -> Answer {
    call(app, secret, Method::GET, path, &json!(null)).await
}

#[tokio::test]
async fn a_program_records_for_its_owner_who_then_verifies_nothing_of_it() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let administrator = administrator(&app).await;
    // The head answers for a program that types values in.
    let head = office.head.get("/api/v1/me").await.expect(200).json();
    let owner = head["username"].as_str().expect("a name");
    let role = json!([{ "role": "officer", "agency": office.agency.to_string() }]);
    let place = account(&administrator, "Jembatan SIPD", owner, role).await;
    let (_, secret) = token(&administrator, &place, "write").await;
    let path = office.api(&format!("/indicators/{indicator}/measurements"));
    let body = json!({ "period": "2024", "value": "1", "submit": true });
    let recorded = call(&app, &secret, Method::POST, &path, &body).await.expect(201).json();
    let by = recorded["recorded_by"].as_str().expect("a name");
    assert!(by.starts_with("Jembatan SIPD (a.n. "), "{by}");

    office.verify(&recorded).await.expect(403);
    let trail = administrator.get("/api/v1/tenants/bima/audit-events").await.expect(200).json();
    let lines = trail["items"].as_array().expect("lines");
    let line = lines.iter().find(|it| it["kind"] == "measurement.submitted").expect("it is there");
    assert!(line.to_string().contains("Jembatan SIPD (a.n. "), "{line}");
}

#[tokio::test]
async fn a_token_opens_its_own_government_and_nothing_else() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    app.tenant("dompu").await.member(Role::Planner).await;
    let roles = json!([{ "role": "planner" }]);
    let place = account(&administrator, "SIPD", "administrator.bima", roles).await;
    let (_, secret) = token(&administrator, &place, "write").await;
    read(&app, &secret, "/api/v1/tenants/bima/plan").await;
    let missing = read(&app, &secret, "/api/v1/tenants/tidak-ada/agencies").await.expect(404);
    let foreign = read(&app, &secret, "/api/v1/tenants/dompu/agencies").await.expect(404);
    assert_eq!(missing.code(), foreign.code());
    read(&app, &secret, "/api/v1/tenants/bima/agencies").await.expect(200);
    // Rights, sessions, the platform, pages: for people.
    read(&app, &secret, "/api/v1/tenants/bima/members").await.expect(403);
    read(&app, &secret, ACCOUNTS).await.expect(403);
    let password = json!({ "password": "x", "new_password": "y" });
    let refused = call(&app, &secret, Method::PUT, "/api/v1/me/password", &password).await;
    assert_eq!(refused.expect(403).code(), "token.not-here");
    read(&app, &secret, "/api/v1/tenants").await;
    let page = app.visitor().request(Method::GET, "/bima").header("accept", "text/html");
    let page = page.header("authorization", format!("Bearer {secret}"));
    assert!(app.visitor().send(page).await.expect(303).header("location").starts_with("/masuk"));
    // Only in the header, never in the address or a cookie.
    for name in ["token", "access_token", "authorization", "api_key", "secret"] {
        let path = format!("/api/v1/tenants/bima/agencies?{name}={secret}");
        app.visitor().get(&path).await.expect(401);
    }
    let cookie = app.visitor().request(Method::GET, "/api/v1/tenants/bima/agencies");
    let cookie = cookie.header("cookie", format!("ekinerja={secret}"));
    app.visitor().send(cookie).await.expect(401);
}

#[tokio::test]
async fn a_call_with_a_token_is_the_programs_alone_whoever_is_signed_in() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let roles = json!([{ "role": "auditor" }]);
    let place = account(&administrator, "Auditor", "administrator.bima", roles).await;
    let (_, secret) = token(&administrator, &place, "read").await;
    // The administrator's own cookie adds nothing to a token, nor does it mend a bad one.
    let members = "/api/v1/tenants/bima/members";
    administrator.get(members).await.expect(200);
    call_as(&administrator, &secret, Method::GET, members, &json!(null)).await.expect(403);
    for bad in ["ekj_x", "", &format!("ekj_{}", "a".repeat(43))] {
        let refused =
            call_as(&administrator, bad, Method::GET, members, &json!(null)).await.expect(401);
        assert_eq!(refused.code(), "token.invalid", "{bad}");
        assert!(refused.header("www-authenticate").starts_with("Bearer"), "{bad}");
    }
    // A proxy's own password is not ours: the cookie counts.
    let basic = administrator.request(Method::GET, members).basic_auth("a", Some("b"));
    administrator.send(basic).await.expect(200);
    let two = administrator.request(Method::GET, members);
    let two = two.header("authorization", format!("Bearer {secret}"));
    let two = two.header("authorization", format!("Bearer {secret}"));
    administrator.send(two).await.expect(400);
    // A browser cannot send it along by itself, so no page of another site can use it.
    let trail = "/api/v1/tenants/bima/audit-events";
    let other = app.visitor().request(Method::GET, trail).header("origin", "https://lain.example");
    let other = other.header("authorization", format!("Bearer {secret}"));
    app.visitor().send(other).await.expect(200);
}

#[tokio::test]
async fn a_token_for_reading_writes_nothing_and_a_role_that_decides_gets_no_other() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let planner = json!([{ "role": "planner" }]);
    let place = account(&administrator, "Baca", "administrator.bima", planner).await;
    let (_, secret) = token(&administrator, &place, "read").await;
    let plan = json!({ "title": "RPJMD", "start_year": "2025", "end_year": "2029" });
    let path = "/api/v1/tenants/bima/plan";
    let refused = call(&app, &secret, Method::POST, path, &plan).await.expect(403);
    assert_eq!(refused.code(), "token.read-only");
    for role in ["leader", "evaluator", "hr", "auditor"] {
        let roles = json!([{ "role": "planner" }, { "role": role }]);
        let place = account(&administrator, role, "administrator.bima", roles).await;
        let ask = json!({ "name": "x", "access": "write" });
        let refused = administrator.post(&format!("{place}/tokens"), &ask).await.expect(422);
        let expected = ("/access".to_owned(), "service-account.reads-only".to_owned());
        assert_eq!(refused.violations(), [expected], "{role}");
    }
}

#[tokio::test]
async fn what_is_revoked_ended_or_over_opens_nothing() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let agencies = "/api/v1/tenants/bima/agencies";
    let roles = || json!([{ "role": "planner" }]);
    let opens = async |secret: &str| {
        let answer = read(&app, secret, agencies).await;
        assert!(matches!(answer.status, 200 | 401), "{}", answer.body);
        answer.status == 200
    };
    let place = account(&administrator, "Satu", "administrator.bima", roles()).await;
    let (first, secret) = token(&administrator, &place, "write").await;
    let (_, other) = token(&administrator, &place, "read").await;
    assert!(opens(&secret).await && opens(&other).await);
    administrator.delete(&first).await.expect(200);
    assert!(!opens(&secret).await && opens(&other).await);
    administrator.delete(&first).await.expect(200);
    administrator.delete(&place).await.expect(200);
    assert!(!opens(&other).await);
    assert_eq!(administrator.delete(&place).await.expect(409).code(), "service-account.ended");
    let ask = json!({ "name": "x", "access": "read" });
    let late = administrator.post(&format!("{place}/tokens"), &ask).await.expect(409);
    assert_eq!(late.code(), "service-account.ended");

    // The owner's role ends, and with it their programs.
    let owner = app.tenant("bima").await.member(Role::Planner).await;
    let place = account(&administrator, "Dua", "planner.bima", roles()).await;
    let (_, secret) = token(&administrator, &place, "write").await;
    assert!(opens(&secret).await);
    let list = administrator.get("/api/v1/tenants/bima/members").await.expect(200).json();
    let found = list["items"].as_array().expect("a list").iter();
    let found = found.clone().find(|it| it["username"] == "planner.bima").expect("the owner");
    let role = found["id"].as_str().expect("an id");
    administrator.delete(&format!("/api/v1/tenants/bima/members/{role}")).await.expect(200);
    owner.get(agencies).await.expect(404);
    assert!(!opens(&secret).await);

    // The last day passes.
    let place = account(&administrator, "Tiga", "administrator.bima", roles()).await;
    let (_, secret) = token(&administrator, &place, "write").await;
    assert!(opens(&secret).await);
    app.pass(Duration::days(351));
    assert!(!opens(&secret).await);
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_in_another_process_that_heard_of_it() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let roles = json!([{ "role": "planner" }]);
    let place = account(&administrator, "Satu", "administrator.bima", roles).await;
    let (first, secret) = token(&administrator, &place, "read").await;
    let (elsewhere, neighbour) = app.beside().await;
    let agencies = "/api/v1/tenants/bima/agencies";
    let opens = async || {
        let request = elsewhere.request(Method::GET, agencies).bearer_auth(&secret);
        elsewhere.send(request).await.status
    };
    assert_eq!(opens().await, 200);
    TestApp::heard(&neighbour, async {
        administrator.delete(&first).await.expect(200);
    })
    .await;
    assert_eq!(opens().await, 401);
}

#[tokio::test]
async fn every_fault_is_named_and_nobody_but_an_administrator_makes_one() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let ask = json!({ "name": " ", "purpose": "", "owner": "siapa", "last_day": "2026-01-16",
        "roles": [{ "role": "administrator" }, { "role": "officer" }, { "role": "raja" },
            { "role": "planner", "agency": "agy_00000000000000000000000000000001" }] });
    let refused = administrator.post(ACCOUNTS, &ask).await.expect(422).violations();
    let refused: Vec<_> = refused.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    let expected = [
        ("/name", "field.missing"),
        ("/purpose", "field.missing"),
        ("/owner", "field.unknown-reference"),
        ("/last_day", "date.out-of-range"),
        ("/roles/0/role", "service-account.role-unsuitable"),
        ("/roles/1/agency", "role.needs-agency"),
        ("/roles/2/role", "field.unknown-value"),
        ("/roles/3/agency", "field.unknown-reference"),
        ("/roles/3/agency", "role.takes-no-agency"),
    ];
    assert_eq!(refused, expected);
    let roles = || json!([{ "role": "planner" }]);
    let none = json!({ "name": "a", "purpose": "b", "owner": "administrator.bima", "roles": [],
        "last_day": "" });
    let refused = administrator.post(ACCOUNTS, &none).await.expect(422).violations();
    assert_eq!(refused.len(), 2, "{refused:?}");
    let place = account(&administrator, "Satu", "administrator.bima", roles()).await;
    let again = json!({ "name": "Satu", "purpose": "b", "owner": "administrator.bima",
        "roles": roles(), "last_day": "2025-02-01" });
    let again = administrator.post(ACCOUNTS, &again).await.expect(409);
    assert_eq!(again.code(), "service-account.name-taken");
    let late = json!({ "name": "x", "access": "read", "last_day": "2026-01-01" });
    let late = administrator.post(&format!("{place}/tokens"), &late).await.expect(422);
    assert_eq!(late.violations()[0].1, "date.out-of-range");

    let leader = app.tenant("bima").await.member(Role::Leader).await;
    leader.get(ACCOUNTS).await.expect(403);
    leader
        .post(&format!("{place}/tokens"), &json!({ "name": "x", "access": "read" }))
        .await
        .expect(403);
    leader.delete(&place).await.expect(403);
    let dompu = app.tenant("dompu").await.member(Role::Administrator).await;
    dompu.delete(&place).await.expect(404);
    let theirs = place.replace("bima", "dompu");
    dompu.delete(&theirs).await.expect(404);
}

#[tokio::test]
async fn a_secret_is_kept_nowhere_and_its_use_is_seen() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let roles = json!([{ "role": "planner" }]);
    let place = account(&administrator, "Satu", "administrator.bima", roles).await;
    let ask = json!({ "name": "Server", "access": "read" });
    let request = administrator.request(Method::POST, &format!("{place}/tokens"));
    let issued = administrator.send(request.header("idempotency-key", "satu").json(&ask)).await;
    let secret = issued.expect(201).json()["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("ekj_") && secret.len() == 47, "{secret}");
    let mut owner =
        sqlx::ConnectOptions::connect(&app.database().owner_options()).await.expect("the owner");
    let sql = "select coalesce(string_agg(t::text, ' '), '') from (
        select to_jsonb(a) as t from api_tokens a union all select to_jsonb(i) from idempotency_keys i
        union all select to_jsonb(e) from audit_events e
        union all select to_jsonb(d) from directory_events d) as everything";
    let text: String = sqlx::query_scalar(sql).fetch_one(&mut owner).await.expect("a text");
    assert!(!text.contains(&secret) && !text.contains(&secret[4..40]), "{text}");
    assert!(text.contains("api_token.issued"));

    let list = async || administrator.get(ACCOUNTS).await.expect(200).json()["items"][0].clone();
    assert!(list().await["tokens"][0]["last_used_at"].is_null());
    read(&app, &secret, "/api/v1/tenants/bima/agencies").await.expect(200);
    assert_eq!(list().await["tokens"][0]["last_used_at"], "2025-01-15T02:00:00Z");
    assert_eq!(list().await["tokens"][0]["hint"], secret[43..]);
}

#[tokio::test]
async fn an_administrator_does_it_by_page() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let list = administrator.look("/bima/service-accounts").await.expect(200).body;
    assert!(list.contains("Belum ada akun layanan"), "{list}");
    let new = "/bima/service-accounts/new";
    let form = administrator.look(new).await.expect(200).body;
    assert!(!form.contains(r#"value="administrator""#), "no program is an administrator");
    let typed = [("name", "Jembatan"), ("purpose", "Uji"), ("owner", ""), ("role", "planner")];
    let refused = administrator.fill(new, &typed).await.expect(422).body;
    assert!(refused.contains(r#"value="Jembatan""#), "{refused}");
    let typed = [
        ("name", "Jembatan"),
        ("purpose", "Uji"),
        ("owner", "administrator.bima"),
        ("role", "planner"),
        ("last_day", "2025-06-30"),
    ];
    let made = administrator.fill(new, &typed).await.expect(303);
    let here = made.header("location").to_owned();
    let tokens = format!("{here}/tokens");
    assert!(
        administrator
            .fill(&tokens, &[("name", "Server")])
            .await
            .expect(422)
            .body
            .contains("errors")
    );
    let told = administrator.fill(&tokens, &[("name", "Server"), ("access", "write")]).await;
    let told = told.expect(201);
    assert_eq!(told.header("cache-control"), "no-store");
    let secret = told.body.split("ekj_").nth(1).expect("the secret")[..43].to_owned();
    let again = administrator.look(&here).await.expect(200).body;
    assert!(!again.contains(&secret), "it is shown once");
    assert!(again.contains("belum pernah"));
    let revoke = again.split("action=\"").find(|it| it.contains("/revoke")).expect("a form");
    let revoke = revoke.split('"').next().expect("an address").to_owned();
    administrator.fill(&revoke, &[]).await.expect(303);
    assert!(administrator.look(&here).await.expect(200).body.contains("dicabut"));
    administrator.fill(&format!("{here}/end"), &[]).await.expect(303);
    let over = administrator.look("/bima/service-accounts").await.expect(200).body;
    assert!(over.contains("Akun yang sudah berakhir"), "{over}");
    app.tenant("bima").await.member(Role::Planner).await.look(new).await.expect(403);
}
