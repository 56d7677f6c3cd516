//! Members: giving and ending roles, joining people who have an account, and what a right is worth at once.

use chrono::Duration;
use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::{Actor, PASSWORD, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const MEMBERS: &str = "/api/v1/tenants/ntb/members";

async fn administrator(app: &TestApp) -> Actor {
    app.tenant("ntb").await.member(Role::Administrator).await
}

async fn agency(actor: &Actor, code: &str) -> String {
    let ask = json!({ "code": code, "name": format!("Dinas {code}"), "kind": "department" });
    let added = actor.post("/api/v1/tenants/ntb/agencies", &ask).await.expect(201).json();
    added["id"].as_str().expect("an id").to_owned()
}

fn violations(body: &[(String, String)]) -> Vec<(&str, &str)> {
    body.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect()
}

#[tokio::test]
async fn a_new_person_gets_an_account_and_the_role() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let dikes = agency(&administrator, "DIKES").await;
    let ask = json!({ "username": "petugas.dikes", "name": "Petugas Dikes", "role": "officer", "agency": dikes,
        "nip": "19800101 200501 1 001", "post": "Pengelola data" });
    let added = administrator.post(MEMBERS, &ask).await.expect(201).json();
    assert_eq!(added["member"]["agency"], json!(dikes));
    assert_eq!(added["member"]["valid_from"], "2025-01-15");
    let first = added["first_password"].as_str().expect("a password").to_owned();

    let officer = app.visitor();
    let sign_in = json!({ "username": "petugas.dikes", "password": first });
    officer.post("/api/v1/session", &sign_in).await.expect(200);
    let change = json!({ "password": first, "new_password": PASSWORD });
    officer.put("/api/v1/me/password", &change).await.expect(204);
    officer.look("/ntb").await.expect(200);
    officer.get(MEMBERS).await.expect(403);
    officer.look("/ntb/members").await.expect(403);
}

#[tokio::test]
async fn every_fault_of_a_new_member_is_named_at_once() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let ask = json!({ "username": "x y", "name": " ", "nip": "12", "password": "pendek", "role": "raja",
        "agency": "agy_00000000000000000000000000000001", "acting": "plt", "valid_from": "kemarin" });
    let refused = administrator.post(MEMBERS, &ask).await.expect(422).violations();
    let expected = [
        ("/username", "user.username-invalid"),
        ("/name", "field.missing"),
        ("/nip", "user.nip-invalid"),
        ("/password", "user.password-too-short"),
        ("/role", "field.unknown-value"),
        ("/agency", "field.unknown-reference"),
        ("/valid_from", "date.invalid"),
        ("/valid_to", "member.acting-needs-end"),
    ];
    assert_eq!(violations(&refused), expected);
    for (role, agency, field, code) in [
        ("officer", "", "/agency", "role.needs-agency"),
        ("leader", &*agency_id(&administrator).await, "/agency", "role.takes-no-agency"),
    ] {
        let ask = json!({ "username": "abc", "name": "A", "role": role, "agency": agency });
        let refused = administrator.post(MEMBERS, &ask).await.expect(422).violations();
        assert_eq!(violations(&refused), [(field, code)]);
    }
    let ask = json!({ "username": "abc", "name": "A", "role": "leader", "valid_from": "2025-02-01",
        "valid_to": "2025-01-31" });
    let refused = administrator.post(MEMBERS, &ask).await.expect(422).violations();
    assert_eq!(violations(&refused), [("/valid_to", "date.reversed")]);
    let list = administrator.get(MEMBERS).await.expect(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "nothing half written");
}

async fn agency_id(administrator: &Actor) -> String {
    agency(administrator, "BAPPEDA").await
}

#[tokio::test]
async fn a_person_with_an_account_is_joined_and_other_governments_stay_unknown() {
    let app = TestApp::start().await;
    let sumbawa = app.tenant("sumbawa").await;
    sumbawa.member_named("baiq.nurul", Role::Planner, Scope::Tenant).await;
    let administrator = administrator(&app).await;
    let ask = json!({ "username": "Baiq.Nurul", "name": "Nama Lain", "role": "leader",
        "password": "kata-sandi-dari-orang-lain" });
    let added = administrator.post(MEMBERS, &ask).await.expect(201);
    assert!(!added.body.contains("sumbawa") && !added.body.contains("planner"), "{}", added.body);
    let added = added.json();
    assert_eq!(added["member"]["name"], "Akun baiq.nurul", "the account keeps its name");
    assert!(added["first_password"].is_null());
    // And its password: nobody takes an account over by adding it.
    let taken = json!({ "username": "baiq.nurul", "password": "kata-sandi-dari-orang-lain" });
    app.visitor().post("/api/v1/session", &taken).await.expect(401);
    let person = app.sign_in("baiq.nurul").await;
    let me = person.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["tenants"].as_array().map(Vec::len), Some(2));
    let list = administrator.get(MEMBERS).await.expect(200).body;
    assert!(!list.contains("planner"), "{list}");
}

#[tokio::test]
async fn an_ended_role_holds_no_more_at_once() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let leader = app.tenant("ntb").await.member(Role::Leader).await;
    leader.look("/ntb").await.expect(200);
    let list = administrator.get(MEMBERS).await.expect(200).json();
    let id = |role: &str| {
        let items = list["items"].as_array().expect("a list");
        let found = items.iter().find(|it| it["role"] == role).expect("the role");
        found["id"].as_str().expect("an id").to_owned()
    };
    let ended =
        administrator.delete(&format!("{MEMBERS}/{}", id("leader"))).await.expect(200).json();
    assert_eq!(ended["valid_to"], "2025-01-14");
    leader.look("/ntb").await.expect(404);
    leader.get("/api/v1/tenants/ntb/agencies").await.expect(404);
    let again = administrator.delete(&format!("{MEMBERS}/{}", id("leader"))).await.expect(409);
    assert_eq!(again.code(), "member.ended");
    let refused =
        administrator.delete(&format!("{MEMBERS}/{}", id("administrator"))).await.expect(409);
    assert_eq!(refused.code(), "member.last-administrator");
    let unknown = format!("{MEMBERS}/mem_00000000000000000000000000000001");
    administrator.delete(&unknown).await.expect(404);
}

#[tokio::test]
async fn a_role_given_and_ended_on_one_day_never_held() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let ask = json!({ "username": "salah.orang", "name": "Salah Orang", "role": "auditor" });
    let added = administrator.post(MEMBERS, &ask).await.expect(201).json();
    let path = format!("{MEMBERS}/{}", added["member"]["id"].as_str().expect("an id"));
    let ended = administrator.delete(&path).await.expect(200).json();
    assert_eq!(ended["valid_to"], "2025-01-14");
    assert!(
        administrator
            .look("/ntb/members")
            .await
            .expect(200)
            .body
            .contains("diakhiri pada hari pertama")
    );
    // So the role can be given again.
    administrator.post(MEMBERS, &ask).await.expect(201);
}

#[tokio::test]
async fn an_acting_role_ends_by_itself_and_may_end_on_a_later_day() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    app.account("plt.bupati", false).await;
    let ask = json!({ "username": "plt.bupati", "name": "Plt", "role": "leader", "acting": "plt",
        "valid_to": "2025-01-20" });
    administrator.post(MEMBERS, &ask).await.expect(201);
    assert_eq!(administrator.post(MEMBERS, &ask).await.expect(409).code(), "member.already");
    let acting = app.sign_in("plt.bupati").await;
    acting.look("/ntb").await.expect(200);
    app.pass(Duration::days(5));
    let acting = app.sign_in("plt.bupati").await;
    acting.look("/ntb").await.expect(200);
    app.pass(Duration::days(1));
    let acting = app.sign_in("plt.bupati").await;
    acting.look("/ntb").await.expect(404);

    let administrator = app.sign_in("administrator.ntb").await;
    let ask = json!({ "username": "tamu", "name": "Tamu", "role": "auditor" });
    let added = administrator.post(MEMBERS, &ask).await.expect(201).json();
    let path = format!("{MEMBERS}/{}", added["member"]["id"].as_str().expect("an id"));
    let later =
        administrator.delete(&format!("{path}?last_day=2025-03-31")).await.expect(200).json();
    assert_eq!(later["valid_to"], "2025-03-31");
    let wrong = administrator.delete(&format!("{path}?last_day=kapan-kapan")).await.expect(422);
    assert_eq!(violations(&wrong.violations()), [("/last_day", "date.invalid")]);
}

#[tokio::test]
async fn members_of_one_government_are_hidden_from_another() {
    let app = TestApp::start().await;
    let ntb = administrator(&app).await;
    let list: Value = ntb.get(MEMBERS).await.expect(200).json();
    let id = list["items"][0]["id"].as_str().expect("an id").to_owned();
    let sumbawa = app.tenant("sumbawa").await.member(Role::Administrator).await;
    sumbawa.get(MEMBERS).await.expect(404);
    sumbawa.delete(&format!("{MEMBERS}/{id}")).await.expect(404);
    sumbawa.delete(&format!("/api/v1/tenants/sumbawa/members/{id}")).await.expect(404);
    // An OPD of another government is none here.
    let foreign = agency(&ntb, "DIKES").await;
    let ask = json!({ "username": "abc", "name": "A", "role": "officer", "agency": foreign });
    let refused = sumbawa.post("/api/v1/tenants/sumbawa/members", &ask).await.expect(422);
    assert_eq!(violations(&refused.violations()), [("/agency", "field.unknown-reference")]);
}

#[tokio::test]
async fn a_first_password_is_kept_nowhere() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let ask = json!({ "username": "baru", "name": "Orang Baru", "role": "auditor" });
    let request = administrator.request(Method::POST, MEMBERS).header("idempotency-key", "satu");
    let added = administrator.send(request.json(&ask)).await.expect(201).json();
    let first = added["first_password"].as_str().expect("a password").to_owned();
    let mut owner =
        sqlx::ConnectOptions::connect(&app.database().owner_options()).await.expect("the owner");
    for sql in [
        "select coalesce(string_agg(body, ' '), '') from idempotency_keys",
        "select coalesce(string_agg(facts::text, ' '), '') from audit_events",
        "select coalesce(string_agg(facts::text, ' '), '') from directory_events",
        "select coalesce(string_agg(password_hash, ' '), '') from users",
    ] {
        let text: String = sqlx::query_scalar(sql).fetch_one(&mut owner).await.expect(sql);
        assert!(!text.contains(&first), "{sql}");
    }
}

#[tokio::test]
async fn an_administrator_does_it_by_page() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let new = "/ntb/members/new";
    let form = administrator.look(new).await.expect(200).body;
    assert!(
        form.contains(r#"<option value="">"#) || form.contains(r#"<option value="" selected>"#)
    );
    assert!(
        form.contains("/bahasa/en?kembali=%2Fntb%2Fmembers%2Fnew"),
        "the language switch stays here"
    );
    assert!(
        form.contains(r#"href="/ntb/members" aria-current="page""#),
        "the menu shows where one is"
    );
    let refused =
        administrator.fill(new, &[("name", "Siti"), ("username", ""), ("role", "auditor")]).await;
    assert!(refused.expect(422).body.contains(r#"value="Siti""#));
    let fields = [("name", "Siti"), ("username", "siti.aminah"), ("role", "auditor")];
    let told = administrator.fill(new, &fields).await.expect(201);
    assert!(told.body.contains("Kata sandi pertama") && told.header("cache-control") == "no-store");
    let list = administrator.get(MEMBERS).await.expect(200).json();
    let items = list["items"].as_array().expect("a list");
    let siti = items.iter().find(|it| it["username"] == "siti.aminah").expect("she is there");
    let end = format!("/ntb/members/{}/end", siti["id"].as_str().expect("an id"));
    assert_eq!(
        administrator.fill(&end, &[("last_day", "")]).await.expect(303).header("location"),
        "/ntb/members"
    );
    assert!(
        administrator
            .look("/ntb/members")
            .await
            .expect(200)
            .body
            .contains("Peran yang sudah berakhir")
    );
}

#[tokio::test]
async fn a_lost_first_password_is_renewed_until_its_owner_has_one_of_their_own() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let ask = json!({ "username": "baru", "name": "Orang Baru", "role": "auditor" });
    let added = administrator.post(MEMBERS, &ask).await.expect(201).json();
    let path =
        format!("{MEMBERS}/{}/first-password", added["member"]["id"].as_str().expect("an id"));
    let renewed = administrator.post(&path, &json!({})).await.expect(200);
    assert_eq!(renewed.header("cache-control"), "no-store");
    let (lost, first) = (added["first_password"].clone(), renewed.json()["first_password"].clone());
    let sign_in = |password: &Value| json!({ "username": "baru", "password": password });
    app.visitor().post("/api/v1/session", &sign_in(&lost)).await.expect(401);
    let person = app.visitor();
    person.post("/api/v1/session", &sign_in(&first)).await.expect(200);
    let change = json!({ "password": first, "new_password": PASSWORD });
    person.put("/api/v1/me/password", &change).await.expect(204);
    assert_eq!(administrator.post(&path, &json!({})).await.expect(409).code(), "member.claimed");
}

#[tokio::test]
async fn whoever_made_an_account_gets_no_foot_into_another_government() {
    let app = TestApp::start().await;
    let sumbawa = app.tenant("sumbawa").await.member(Role::Administrator).await;
    let ask =
        json!({ "username": "calon", "name": "Calon", "role": "auditor", "password": PASSWORD });
    sumbawa.post("/api/v1/tenants/sumbawa/members", &ask).await.expect(201);
    // Sumbawa's administrator knows the password; so NTB gives the account nothing yet.
    let ntb = administrator(&app).await;
    let leader = json!({ "username": "calon", "name": "Calon", "role": "leader" });
    assert_eq!(ntb.post(MEMBERS, &leader).await.expect(409).code(), "member.unclaimed");
    let person = app.sign_in("calon").await;
    let change = json!({ "password": PASSWORD, "new_password": "sandi yang baru dan panjang" });
    person.put("/api/v1/me/password", &change).await.expect(204);
    ntb.post(MEMBERS, &leader).await.expect(201);
}
