//! Posts, delegations, leaving, and the two locks of the four eyes, through the doors.

use chrono::Duration;
use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::{Actor, TestApp};
use serde_json::{Value, json};
use sqlx::Connection;

use crate::measuring::{Office, decide};

fn id_of(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

async fn execute(app: &TestApp, sql: &'static str) -> Result<u64, String> {
    let options = app.database().owner_options();
    let mut connection = sqlx::PgConnection::connect_with(&options).await.expect("a connection");
    let done = sqlx::raw_sql(sql).execute(&mut connection).await;
    done.map(|it| it.rows_affected()).map_err(|it| it.to_string())
}

/// Id of the caller's first role of this kind.
async fn role_of(actor: &Actor, office: &Office<'_>, role: &str) -> String {
    let me = actor.get(&office.api("/me")).await.expect(200).json();
    let roles = me["roles"].as_array().expect("roles").clone();
    let found = roles.iter().find(|it| it["role"] == role).expect("the role");
    found["membership"].as_str().expect("given").to_owned()
}

#[tokio::test]
async fn a_post_has_one_definitive_holder_and_a_plt_beside() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let posts = office.api("/posts");
    let agency = office.agency.to_string();
    let ask = json!({ "name": "Kepala Dinas Kesehatan", "kind": "managerial", "agency": agency });
    office.officer.post(&posts, &ask).await.expect(403);
    let post = id_of(&office.administrator.post(&posts, &ask).await.expect(201).json());
    let again = office.administrator.post(&posts, &ask).await.expect(409);
    assert_eq!(again.code(), "post.name-taken");
    let wrong =
        json!({ "name": " ", "kind": "raja", "agency": "agy_00000000000000000000000000000009" });
    let wrong = office.administrator.post(&posts, &wrong).await.expect(422).violations();
    assert_eq!(wrong.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["/name", "/kind"]);

    let members = office.api("/members");
    let member = |name: &str, more: Value| {
        let mut ask = json!({ "username": name, "name": name, "role": "agency_head", "agency": agency,
            "post_id": post });
        for (key, value) in more.as_object().expect("fields") {
            ask[key] = value.clone();
        }
        ask
    };
    let holder = office.administrator.post(&members, &member("definitif", json!({}))).await;
    let holder = holder.expect(201).json();
    assert_eq!(holder["member"]["post"], "Kepala Dinas Kesehatan", "the name is the list's");
    let second = office.administrator.post(&members, &member("kedua", json!({}))).await.expect(409);
    assert_eq!(second.code(), "post.held");
    let plt = json!({ "acting": "plt", "valid_to": "2025-01-31" });
    office.administrator.post(&members, &member("pelaksana", plt)).await.expect(201);
    let list = office.officer.get(&posts).await.expect(200).json();
    assert_eq!(list["items"][0]["holders"].as_array().map(Vec::len), Some(2));
    let path = format!("{posts}/{post}");
    assert_eq!(office.administrator.delete(&path).await.expect(409).code(), "post.held");
    let page = office.officer.look(&office.page("/posts")).await.expect(200).body;
    assert!(page.contains("Plt. pelaksana") && !page.contains("/abolish"), "{page}");

    let own = json!({ "own_post": true });
    let refused = office.administrator.post(&members, &member("x.y", own)).await.expect(422);
    assert_eq!(refused.violations()[0].1, "role.needs-post", "only for officers");
}

#[tokio::test]
async fn a_role_for_ones_own_post_reaches_its_indicators_only() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let agency = office.agency.to_string();
    let ask = json!({ "name": "Pengelola Data", "kind": "executor", "agency": agency });
    let post = office.administrator.post(&office.api("/posts"), &ask).await.expect(201).json();
    let own = office.indicator("A", json!({ "owner_post": "Pengelola data" })).await;
    let other = office.indicator("B", json!({})).await;
    app.account("pengelola", false).await;
    let ask = json!({ "username": "pengelola", "name": "P", "role": "officer", "agency": agency,
        "post_id": post["id"], "own_post": true });
    office.administrator.post(&office.api("/members"), &ask).await.expect(201);
    let person = app.sign_in("pengelola").await;
    let record = |indicator: &str| office.api(&format!("/indicators/{indicator}/measurements"));
    let body = json!({ "period": "2024", "value": "1", "submit": true });
    person.post(&record(&own), &body).await.expect(201);
    person.post(&record(&other), &body).await.expect(403);
    let me = person.get(&office.api("/me")).await.expect(200).json();
    assert_eq!(
        (&me["roles"][0]["scope"], &me["acts_as"]),
        (&json!("post"), &json!("Pengelola Data"))
    );
}

#[tokio::test]
async fn a_delegation_holds_for_its_days_and_as_long_as_its_giver_holds_the_role() {
    let app = TestApp::start().await;
    let mut office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let value = office.submitted(&indicator, "2024", "1").await;
    let deputy = office.tenant.member(Role::Evaluator).await;
    decide(&office, &deputy, &value, "verification", &Value::Null).await.expect(403);

    let delegations = office.api("/delegations");
    let role = role_of(&office.head, &office, "agency_head").await;
    let ask = |to: &str, until: &str| json!({ "role": role, "to": to, "valid_to": until, "reason": "Cuti" });
    let name = "evaluator.bima";
    for (ask, field, code) in [
        (ask("tidak.ada", "2025-01-20"), "/to", "field.unknown-reference"),
        (ask(name, ""), "/valid_to", "field.missing"),
        (ask(name, "2025-01-01"), "/valid_to", "date.reversed"),
    ] {
        let refused = office.head.post(&delegations, &ask).await.expect(422).violations();
        assert_eq!(refused, [(field.to_owned(), code.to_owned())]);
    }
    let foreign = office.officer.post(&delegations, &ask(name, "2025-01-20")).await.expect(422);
    assert_eq!(foreign.violations()[0].1, "delegation.not-yours");
    let given = office.head.post(&delegations, &ask(name, "2025-01-20")).await.expect(201).json();
    assert_eq!(given["valid_from"], "2025-01-15");

    let me = deputy.get(&office.api("/me")).await.expect(200).json();
    let received =
        me["roles"].as_array().expect("roles").iter().find(|it| it["through"] == "delegation");
    let received = received.expect("the delegation");
    assert_eq!(received["valid_to"], "2025-01-20");
    // What was received is not handed on.
    let on = json!({ "role": role, "to": "planner.bima", "valid_to": "2025-01-20" });
    let refused = deputy.post(&delegations, &on).await.expect(422).violations();
    assert_eq!(refused[0].1, "delegation.not-yours");
    // Another member does not even learn that it exists; an administrator may end it.
    let path = format!("{delegations}/{}", id_of(&given));
    office.planner.delete(&path).await.expect(404);
    assert_eq!(office.planner.get(&delegations).await.expect(200).json()["items"], json!([]));
    decide(&office, &deputy, &value, "verification", &Value::Null).await.expect(200);

    office.pass(&app, Duration::days(6)).await;
    let deputy = app.sign_in(name).await;
    let other = office.indicator("B", json!({})).await;
    let late = office.submitted(&other, "2024", "2").await;
    decide(&office, &deputy, &late, "verification", &Value::Null).await.expect(403);
    assert_eq!(office.administrator.delete(&path).await.expect(409).code(), "delegation.ended");

    // It ends with its giver's own role, on the same day.
    let until = json!({ "role": role, "to": name, "valid_to": "2025-12-31" });
    office.head.post(&delegations, &until).await.expect(201);
    deputy.get(&office.api("/verification-tasks")).await.expect(200);
    assert_eq!(roles(&deputy, &office).await, 2);
    office.administrator.delete(&office.api(&format!("/members/{role}"))).await.expect(200);
    assert_eq!(roles(&deputy, &office).await, 1);
    decide(&office, &deputy, &late, "verification", &Value::Null).await.expect(403);
}

async fn roles(actor: &Actor, office: &Office<'_>) -> usize {
    let me = actor.get(&office.api("/me")).await.expect(200).json();
    me["roles"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_delegation_ends_at_once_by_hand_and_never_outlasts_the_role() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    office.tenant.member(Role::Evaluator).await;
    app.account("plt.kepala", false).await;
    let ask = json!({ "username": "plt.kepala", "name": "P", "role": "agency_head", "acting": "plt",
        "agency": office.agency.to_string(), "post": "Kepala Dinas", "valid_to": "2025-01-31" });
    office.administrator.post(&office.api("/members"), &ask).await.expect(201);
    let acting = app.sign_in("plt.kepala").await;
    let me = acting.get(&office.api("/me")).await.expect(200).json();
    assert_eq!(me["acts_as"], "Plt. Kepala Dinas");
    let role = role_of(&acting, &office, "agency_head").await;
    let ask = |until: &str| json!({ "role": role, "to": "evaluator.bima", "valid_to": until });
    let path = office.api("/delegations");
    let refused = acting.post(&path, &ask("2025-02-01")).await.expect(422).violations();
    assert_eq!(refused, [("/valid_to".to_owned(), "delegation.outlives".to_owned())]);
    let own = json!({ "role": role, "to": "plt.kepala", "valid_to": "2025-01-20" });
    let refused = acting.post(&path, &own).await.expect(422).violations();
    assert_eq!(refused, [("/to".to_owned(), "delegation.to-self".to_owned())]);
    // By page, as a person does it.
    let fields = [("role", role.as_str()), ("to", "evaluator.bima"), ("valid_to", "2025-01-31")];
    acting.fill(&office.page("/delegations"), &fields).await.expect(303);
    let page = acting.look(&office.page("/delegations")).await.expect(200).body;
    assert!(page.contains("Akun evaluator.bima") && page.contains("31 Jan 2025"), "{page}");
    let deputy = app.sign_in("evaluator.bima").await;
    assert_eq!(roles(&deputy, &office).await, 2);
    let given = acting.get(&path).await.expect(200).json();
    let end = format!("/delegations/{}/end", id_of(&given["items"][0]));
    acting.fill(&office.page(&end), &[]).await.expect(303);
    assert_eq!(roles(&deputy, &office).await, 1);
}

#[tokio::test]
async fn who_leaves_loses_everything_at_once_under_every_account() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    app.account("pegawai", false).await;
    office.tenant.give("pegawai", Role::Planner, Scope::Tenant, None).await;
    let leaver =
        office.tenant.member_named("pegawai", Role::Officer, Scope::Agency(office.agency)).await;
    let twin = office.tenant.member_named("pegawai.lama", Role::Auditor, Scope::Tenant).await;
    same_person(&app).await;
    let deputy = office.tenant.member(Role::Evaluator).await;
    let role = role_of(&leaver, &office, "planner").await;
    let ask = json!({ "role": role, "to": "evaluator.bima", "valid_to": "2025-06-30" });
    leaver.post(&office.api("/delegations"), &ask).await.expect(201);
    assert_eq!(roles(&deputy, &office).await, 2);

    let path = office.api(&format!("/members/{role}/departure"));
    let ask = json!({ "reason": "transferred" });
    office.planner.post(&path, &ask).await.expect(403);
    let wrong = json!({ "reason": "bosan", "last_day": "besok" });
    let wrong = office.administrator.post(&path, &wrong).await.expect(422).violations();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    let left = office.administrator.post(&path, &ask).await.expect(200).json();
    assert_eq!((&left["roles"], &left["delegations"]), (&json!(3), &json!(1)));
    leaver.get(&office.api("/me")).await.expect(404);
    leaver.look(&office.page("")).await.expect(404);
    twin.get(&office.api("/me")).await.expect(404);
    assert_eq!(roles(&deputy, &office).await, 1);
    assert_eq!(office.administrator.post(&path, &ask).await.expect(409).code(), "member.gone");

    let own = role_of(&office.administrator, &office, "administrator").await;
    let path = office.api(&format!("/members/{own}/departure"));
    let last = office.administrator.post(&path, &ask).await.expect(409);
    assert_eq!(last.code(), "member.last-administrator");
    // By page, with a last day to come: the rights hold until then.
    let role = role_of(&office.officer, &office, "officer").await;
    let fields = [("reason", "retired"), ("last_day", "2025-01-16")];
    office
        .administrator
        .fill(&office.page(&format!("/members/{role}/departure")), &fields)
        .await
        .expect(303);
    assert_eq!(roles(&office.officer, &office).await, 1);
    app.pass(Duration::days(2));
    let again = app
        .sign_in(&format!("officer-{}.bima", &office.agency.uuid().simple().to_string()[24..]))
        .await;
    again.get(&office.api("/me")).await.expect(404);
}

/// Gives the accounts `pegawai` and `pegawai.lama` one employee number.
async fn same_person(app: &TestApp) {
    let sql = "update users set nip = '198001012005011001' where username like 'pegawai%'";
    assert_eq!(execute(app, sql).await, Ok(2));
}

#[tokio::test]
async fn two_accounts_of_one_person_are_two_hands_of_the_same() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let officer =
        office.tenant.member_named("pegawai", Role::Officer, Scope::Agency(office.agency)).await;
    office
        .tenant
        .member_named("pegawai.lama", Role::AgencyHead, Scope::Agency(office.agency))
        .await;
    let path = office.api(&format!("/indicators/{indicator}/measurements"));
    let body = json!({ "period": "2024", "value": "1", "submit": true });
    same_person(&app).await;
    // Signed in after that: nobody tells a running session of what changed behind the product's back.
    let head = app.sign_in("pegawai.lama").await;
    let value = officer.post(&path, &body).await.expect(201).json();
    // First lock: the policy.
    decide(&office, &head, &value, "verification", &Value::Null).await.expect(403);
    let task = head.get(&office.api("/verification-tasks")).await.expect(200).json();
    assert_eq!(task["items"][0]["own"], true);
    // Second lock: the schema, whatever the code does; it knows the number and who submitted.
    let update = "update measurements set status = 'verified', decided_at = now(),
        decided_by = (select id from users where username = 'pegawai.lama')";
    let refused = execute(&app, update).await.expect_err("the trigger");
    assert!(refused.contains("same person"), "{refused}");
    let alone = "update users set nip = null; update measurements set submitted_by =
        (select id from users where username = 'pegawai.lama')";
    execute(&app, alone).await.expect("arranged");
    let refused = execute(&app, update).await.expect_err("the check");
    assert!(refused.contains("measurements_four_eyes"), "{refused}");
    let head = app.sign_in("pegawai.lama").await;
    decide(&office, &head, &value, "verification", &Value::Null).await.expect(403);
    // Its twin: somebody else may.
    decide(&office, &office.head, &value, "verification", &Value::Null).await.expect(200);
}

#[tokio::test]
async fn each_lock_of_the_four_eyes_holds_alone() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    app.account("rangkap", false).await;
    office.tenant.give("rangkap", Role::Officer, Scope::Agency(office.agency), None).await;
    office.tenant.give("rangkap", Role::AgencyHead, Scope::Agency(office.agency), None).await;
    let both = app.sign_in("rangkap").await;
    let path = office.api(&format!("/indicators/{indicator}/measurements"));
    let body = json!({ "period": "2024", "value": "1", "submit": true });
    let value = both.post(&path, &body).await.expect(201).json();
    // The schema's lock taken away, the policy's holds.
    let unlock = "alter table measurements drop constraint measurements_four_eyes;
        drop trigger measurements_four_eyes on measurements";
    execute(&app, unlock).await.expect("unlocked");
    decide(&office, &both, &value, "verification", &Value::Null).await.expect(403);
    assert_eq!(office.revisions(&indicator).await[0]["status"], "submitted");
}

#[tokio::test]
async fn pages_say_why_one_may_and_who_may() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let value = office.submitted(&indicator, "2024", "1").await;
    let why = office.officer.look(&office.page("/access")).await.expect(200).body;
    assert!(
        why.contains("Peran Anda yang berlaku hari ini") && why.contains("Petugas data"),
        "{why}"
    );
    let page =
        office.officer.look(&office.page(&format!("/indicators/{indicator}"))).await.expect(200);
    let link = format!("/bima/access?indicator={indicator}");
    assert!(page.body.contains(&link), "the foot of an indicator's page leads to its explanation");
    let about = office.officer.look(&link).await.expect(200).body;
    assert!(about.contains("Mencatat nilai indikator ini"), "{about}");

    let asked = office.api(&format!("/access?measurement={}", id_of(&value)));
    let answers = office.officer.get(&asked).await.expect(200).json();
    let verify = |answers: &Value| {
        let all = answers["answers"].as_array().expect("answers").clone();
        all.into_iter().find(|it| it["question"] == "measurement_verify").expect("the question")
    };
    let mine = verify(&answers);
    assert_eq!((&mine["verdict"], &mine["own_work"]), (&json!("forbidden"), &json!(false)));
    assert_eq!(mine["roles"], json!(["agency_head"]));
    let heads = verify(&office.head.get(&asked).await.expect(200).json());
    assert_eq!(
        (&heads["verdict"], &heads["through"][0]["role"]),
        (&json!("may"), &json!("agency_head"))
    );

    // Who may: for administrators, auditors, leaders; others learn nothing of their colleagues.
    let who = office.api(&format!("/access/who?measurement={}", id_of(&value)));
    office.officer.get(&who).await.expect(403);
    office.officer.look(&office.page("/access/who")).await.expect(403);
    let people = verify(&office.administrator.get(&who).await.expect(200).json());
    assert_eq!(people["people"].as_array().map(Vec::len), Some(1));
    let page = office.administrator.look(&office.page("/access/who")).await.expect(200).body;
    assert!(
        page.contains("Mengelola anggota") && page.contains("Akun administrator.bima"),
        "{page}"
    );
    // Nothing of another government, nothing that does not exist.
    let foreign = app.tenant("dompu").await.member(Role::Administrator).await;
    foreign.get(&format!("/api/v1/tenants/dompu/access?indicator={indicator}")).await.expect(404);
    foreign.look(&link).await.expect(404);
    office.officer.get(&office.api("/access?indicator=ind_1")).await.expect(422);
}
