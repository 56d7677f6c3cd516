//! Emergency access: two people, some hours, and everybody who administers knows.

use chrono::Duration;
use ekinerja_app::account_help::{AccountRequest, Decision, RequestKind};
use ekinerja_app::emergency::RUNS_FOR;
use ekinerja_app::identity::LocalSignIn;
use ekinerja_app::tenants::Operator;
use ekinerja_app::{App, Code, Refusal};
use ekinerja_domain::access::{Role, Scope};
use ekinerja_domain::ids::{AccountRequestId, UserId};
use ekinerja_store::change::Access;
use ekinerja_store::directory::identity::IdentityProvider;
use ekinerja_tests::{Actor, PASSWORD, TestApp, TestTenant};
use serde_json::{Value, json};
use sqlx::Executor as _;

use crate::intruders::world::owner;

const NIP: &str = "198001012005011001";
const FIRST: &str = "darurat-1.bima";
const SECOND: &str = "darurat-2.bima";
const DOOR: &str = "/api/v1/me/emergency-access/bima";

async fn id_of(app: &TestApp, username: &str) -> UserId {
    let directory = app.app.store().directory(app.app.now()).await.expect("a door");
    directory.find_user(username).await.expect("a look").expect("an account").0.id
}

/// From now on everybody of a government signs in at its provider, but these accounts in an emergency.
pub(crate) async fn close(app: &TestApp, tenant: &TestTenant<'_>, accounts: &[&str]) {
    let mut people = Vec::new();
    for name in accounts {
        people.push(id_of(app, name).await);
    }
    let directory = app.app.store().directory(app.app.now()).await.expect("a door");
    let provider = IdentityProvider {
        tenant: tenant.tenant.id,
        issuer: String::from("https://sso.contoh.go.id/"),
        client_id: String::from("ekinerja"),
        client_secret: None,
        scopes: String::from("profile"),
        nip_claim: String::from("nip"),
        label: String::from("SSO"),
        local_sign_in: LocalSignIn::Emergency,
        enabled: true,
        revision: 0,
    };
    directory.put_identity_provider(&provider, 0).await.expect("set");
    directory.put_emergency_accounts(tenant.tenant.id, &people).await.expect("named");
    for person in people {
        directory.forget(Access::Person(person));
    }
    directory.commit_session().await.expect("kept");
}

/// Somebody whom the provider let in: their local sign-in, made over into one.
async fn insider(app: &TestApp, tenant: &TestTenant<'_>, username: &str, role: Role) -> Actor {
    let actor = tenant.member_named(username, role, Scope::Tenant).await;
    let person = id_of(app, username).await;
    let sql =
        "update sign_ins set only_tenant = $1, issuer = 'https://sso.contoh.go.id/', subject = $2
                where user_id = $3 and ended_at is null";
    sqlx::query(sql)
        .bind(tenant.tenant.id.uuid())
        .bind(username)
        .bind(person.uuid())
        .execute(&mut owner(app).await)
        .await
        .expect(sql);
    let directory = app.app.store().directory(app.app.now()).await.expect("a door");
    directory.forget(Access::Person(person));
    directory.commit_session().await.expect("kept");
    actor
}

/// Asks to be let in; the id of the request.
pub(crate) async fn ask(actor: &Actor, slug: &str) -> String {
    let body = json!({ "reason": "Penyedia mati sejak pukul sembilan" });
    let asked = actor.post(&format!("/api/v1/me/emergency-access/{slug}"), &body).await;
    asked.expect(202).json()["id"].as_str().expect("an id").to_owned()
}

/// Bima behind its provider, with two accounts for emergencies: an administrator and a planner.
async fn house(app: &TestApp) -> (TestTenant<'_>, Actor, Actor) {
    let bima = app.tenant("bima").await;
    let first = bima.member_named(FIRST, Role::Administrator, Scope::Tenant).await;
    let second = bima.member_named(SECOND, Role::Planner, Scope::Tenant).await;
    close(app, &bima, &[FIRST, SECOND]).await;
    (bima, first, second)
}

async fn approve(actor: &Actor, id: &str) {
    actor.post(&format!("{DOOR}/{id}/approval"), &Value::Null).await.expect(200);
}

#[tokio::test]
async fn alone_nobody_enters_and_only_whom_it_concerns_is_told() {
    let app = TestApp::start().await;
    let (bima, first, _) = house(&app).await;
    let member = bima.member(Role::Planner).await;
    app.tenant("dompu").await;
    let stranger = app.tenant("dompu").await.member(Role::Administrator).await;

    assert_eq!(first.get(&bima.api("/me")).await.expect(409).code(), "emergency.closed");
    let away = first.look("/bima/members").await.expect(303);
    assert_eq!(away.header("location"), "/masuk/bima/darurat?kembali=%2Fbima%2Fmembers");
    let page = first.look("/masuk/bima/darurat").await.expect(200).body;
    assert!(page.contains("emergency.closed") && page.contains("name=\"reason\""), "{page}");
    // The choice of a government leads there too, and the interface names it.
    assert_eq!(first.look("/masuk").await.expect(303).header("location"), "/masuk/bima/darurat");
    let me = first.get("/api/v1/me").await.expect(200).json();
    assert_eq!((&me["tenants"], &me["emergency_access"]), (&json!([]), &json!(["bima"])));

    // To anybody else it looks like no government.
    for (actor, path) in
        [(&member, "bima"), (&stranger, "bima"), (&first, "dompu"), (&first, "tidak-ada")]
    {
        let door = format!("/api/v1/me/emergency-access/{path}");
        let body = json!({ "reason": "Coba" });
        actor.get(&door).await.expect(404);
        actor.post(&door, &body).await.expect(404);
        actor.look(&format!("/masuk/{path}/darurat")).await.expect(404);
        actor.fill(&format!("/masuk/{path}/darurat"), &[("reason", "Coba")]).await.expect(404);
    }
    app.visitor().get(DOOR).await.expect(401);
    let away = app.visitor().look("/masuk/bima/darurat").await.expect(303);
    assert!(away.header("location").starts_with("/masuk?kembali="));

    // A reason is needed, one request at a time is enough, and who asks decides nothing.
    let bare = first.post(DOOR, &json!({ "reason": " " })).await.expect(422);
    assert_eq!(bare.violations(), [("/reason".to_owned(), "field.missing".to_owned())]);
    first.fill("/masuk/bima/darurat", &[("reason", "")]).await.expect(422);
    let id = ask(&first, "bima").await;
    let again = first.post(DOOR, &json!({ "reason": "Lagi" })).await.expect(409);
    assert_eq!(again.code(), "account-request.open");
    let own = first.post(&format!("{DOOR}/{id}/approval"), &Value::Null).await.expect(409);
    assert_eq!(own.code(), "account-request.two-people");
    first.fill(&format!("/masuk/bima/darurat/{id}/setujui"), &[]).await.expect(422);
    member.post(&format!("{DOOR}/{id}/approval"), &Value::Null).await.expect(404);
    first.get(&bima.api("/me")).await.expect(409);
    let page = first.look("/masuk/bima/darurat").await.expect(200).body;
    assert!(page.contains("Menunggu persetujuan") && page.contains("pukul sembilan"), "{page}");
}

#[tokio::test]
async fn two_emergency_accounts_open_the_door_together_for_four_hours() {
    let app = TestApp::start().await;
    let (bima, first, second) = house(&app).await;
    let id = ask(&first, "bima").await;
    let page = second.look("/masuk/bima/darurat").await.expect(200).body;
    assert!(page.contains("pukul sembilan") && page.contains(&format!("{id}/setujui")), "{page}");
    let list = second.get(DOOR).await.expect(200).json();
    assert_eq!(list["others"][0]["id"], id.as_str(), "{list}");
    second.fill(&format!("/masuk/bima/darurat/{id}/setujui"), &[]).await.expect(303);

    let door = first.get(DOOR).await.expect(200).json();
    assert_eq!(door["request"]["running"], json!(true), "{door}");
    assert_eq!(door["request"]["ends_at"], "2025-01-15T06:00:00Z", "{door}");
    first.get(&bima.api("/members")).await.expect(200);
    // The other one is not in by that, and who is in asks no more.
    second.get(&bima.api("/me")).await.expect(409);
    let again = first.post(DOOR, &json!({ "reason": "Lagi" })).await.expect(409);
    assert_eq!(again.code(), "emergency.running");
    let over = second.post(&format!("{DOOR}/{id}/refusal"), &Value::Null).await.expect(409);
    assert_eq!(over.code(), "account-request.over");

    // It ends to the second, although a scope is remembered for two.
    app.pass(Duration::minutes(90));
    first.get("/api/v1/me").await.expect(200);
    app.pass(Duration::minutes(90));
    first.get("/api/v1/me").await.expect(200);
    app.pass(Duration::minutes(60) - Duration::seconds(1));
    first.get(&bima.api("/members")).await.expect(200);
    app.pass(Duration::seconds(1));
    assert_eq!(first.get(&bima.api("/members")).await.expect(409).code(), "emergency.closed");
    let page = first.look("/masuk/bima/darurat").await.expect(200).body;
    assert!(page.contains("name=\"reason\""), "one asks again: {page}");
}

#[tokio::test]
async fn request_that_nobody_decides_lapses_and_a_refused_one_opens_nothing() {
    let app = TestApp::start().await;
    let (bima, first, second) = house(&app).await;
    let id = ask(&first, "bima").await;
    second.post(&format!("{DOOR}/{id}/refusal"), &Value::Null).await.expect(200);
    first.get(&bima.api("/me")).await.expect(409);
    let id = ask(&first, "bima").await;
    app.pass(Duration::hours(25));
    let (first, second) = (app.sign_in(FIRST).await, app.sign_in(SECOND).await);
    let late = second.post(&format!("{DOOR}/{id}/approval"), &Value::Null).await.expect(409);
    assert_eq!(late.code(), "account-request.over");
    first.get(&bima.api("/me")).await.expect(409);
}

#[tokio::test]
async fn administrator_approves_everybody_who_administers_sees_it_and_ends_it() {
    let app = TestApp::start().await;
    let (bima, first, second) = house(&app).await;
    let chief = insider(&app, &bima, "kepala.bima", Role::Administrator).await;
    let planner = insider(&app, &bima, "perencana.bima", Role::Planner).await;
    let id = ask(&second, "bima").await;
    let request = format!("/bima/account-requests/{id}");
    planner
        .post(&bima.api(&format!("/account-requests/{id}/approval")), &Value::Null)
        .await
        .expect(403);
    let page = chief.look("/bima/account-requests").await.expect(200).body;
    assert!(page.contains("Akses darurat") && page.contains(&format!("{request}/approval")));
    assert!(!chief.look("/bima").await.expect(200).body.contains("Akses darurat berjalan"));
    chief.fill(&format!("{request}/approval"), &[]).await.expect(303);

    // Also a page that is drawn once and sent many times says so; who does not administer is told nothing.
    second.look("/bima").await.expect(200);
    for path in
        ["/bima", "/bima/members", "/bima/scorecard", "/bima/scorecard", "/bima/account-requests"]
    {
        let page = chief.look(path).await.expect(200).body;
        assert!(
            page.contains("Akses darurat berjalan") && page.contains(&format!("{request}/end")),
            "{path}: {page}"
        );
        assert!(page.contains("Akun darurat-2.bima") && page.contains("pukul sembilan"), "{path}");
        let inside = second.look("/bima").await.expect(200).body;
        assert!(inside.contains("Akses darurat berjalan"), "{inside}");
        assert!(!planner.look("/bima").await.expect(200).body.contains("Akses darurat berjalan"));
    }
    // A planner ends nothing of others; the list tells until when and leads to what was done.
    planner.post(&bima.api(&format!("/account-requests/{id}/end")), &Value::Null).await.expect(403);
    let list = chief.look("/bima/account-requests").await.expect(200).body;
    let person = id_of(&app, SECOND).await;
    let trail = format!("/bima/audit?person={person}&amp;from=2025-01-15&amp;to=2025-01-15");
    assert!(list.contains("Berjalan sampai") && list.contains(&trail), "{list}");
    let done = chief.look(&trail.replace("&amp;", "&")).await.expect(200).body;
    assert!(done.contains("Masuk dengan akses darurat"), "{done}");

    chief.fill(&format!("{request}/end"), &[]).await.expect(303);
    assert_eq!(second.get(&bima.api("/me")).await.expect(409).code(), "emergency.closed");
    for path in ["/bima", "/bima/scorecard"] {
        assert!(
            !chief.look(path).await.expect(200).body.contains("Akses darurat berjalan"),
            "{path}"
        );
    }
    let list = chief.look("/bima/account-requests").await.expect(200).body;
    assert!(list.contains("Diakhiri lebih awal") && list.contains(&trail), "{list}");
    let end = bima.api(&format!("/account-requests/{id}/end"));
    assert_eq!(chief.post(&end, &Value::Null).await.expect(409).code(), "account-request.over");

    let lines = chief.get(&bima.api("/audit-events")).await.expect(200).json();
    let kinds: Vec<_> = lines["items"]
        .as_array()
        .expect("lines")
        .iter()
        .rev()
        .filter_map(|it| it["kind"].as_str())
        .filter(|it| it.contains("emergency"))
        .collect();
    assert_eq!(
        kinds,
        [
            "sign_in.emergency_asked",
            "sign_in.emergency_decided",
            "sign_in.emergency_entered",
            "sign_in.emergency_ended"
        ],
        "entered is told once"
    );

    // Who is in ends it themselves, and an administrator who is in so approves another one's.
    let id = ask(&first, "bima").await;
    chief
        .post(&bima.api(&format!("/account-requests/{id}/approval")), &Value::Null)
        .await
        .expect(200);
    let other = ask(&second, "bima").await;
    first
        .post(&bima.api(&format!("/account-requests/{other}/approval")), &Value::Null)
        .await
        .expect(200);
    second.get(&bima.api("/plan")).await.expect(404);
    second
        .post(&bima.api(&format!("/account-requests/{other}/end")), &Value::Null)
        .await
        .expect(200);
    second.get(&bima.api("/me")).await.expect(409);
    first.get(&bima.api("/me")).await.expect(200);
}

#[tokio::test]
async fn operator_opens_it_from_outside_and_no_request_of_another_government() {
    let app = TestApp::start().await;
    let (bima, first, second) = house(&app).await;
    let dompu = app.tenant("dompu").await;
    dompu.member_named("darurat-1.dompu", Role::Planner, Scope::Tenant).await;
    close(&app, &dompu, &["darurat-1.dompu"]).await;
    let neighbour = insider(&app, &dompu, "kepala.dompu", Role::Administrator).await;
    let operator = app.operator().await;
    let id = ask(&first, "bima").await;
    let of = |code: &str| format!("/api/v1/operator/tenants/{code}/emergency-access");
    second.get(&of("52.06")).await.expect(403);
    neighbour
        .post(&dompu.api(&format!("/account-requests/{id}/approval")), &Value::Null)
        .await
        .expect(404);
    neighbour
        .post(&dompu.api(&format!("/account-requests/{id}/end")), &Value::Null)
        .await
        .expect(404);
    neighbour
        .post(&bima.api(&format!("/account-requests/{id}/approval")), &Value::Null)
        .await
        .expect(401);
    operator.post(&format!("{}/{id}/approval", of("52.05")), &Value::Null).await.expect(404);
    operator.get(&of("52.99")).await.expect(404);

    let list = operator.get(&of("52.06")).await.expect(200).json();
    assert_eq!(list["items"][0]["id"], id.as_str(), "{list}");
    let page = operator.look("/operator/tenants/52.06/life").await.expect(200).body;
    assert!(page.contains("pukul sembilan"), "{page}");
    let step = format!("/operator/tenants/52.06/emergency-access/{id}/approval");
    assert!(page.contains(&step), "{page}");
    operator.fill(&step, &[]).await.expect(303);
    first.get(&bima.api("/members")).await.expect(200);
    // The operator has opened a door and does not go through it.
    operator.get(&bima.api("/me")).await.expect(404);
    operator.fill(&step, &[]).await.expect(422);
    let trail = first.get(&bima.api("/audit-events")).await.expect(200).body;
    assert!(trail.contains("Akun operator"), "{trail}");

    // Whoever runs the program on the machine is no second person.
    let id: AccountRequestId = ask(&second, "bima").await.parse().expect("an id");
    let machine = Operator::command_line();
    let alone = app.app.decide_emergency_access_as(&machine, "52.06", id, true).await;
    assert!(matches!(alone, Err(Refusal::Forbidden)), "{alone:?}");
}

#[tokio::test]
async fn neither_policy_nor_database_takes_two_accounts_of_one_person_for_two() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    app.account_with(FIRST, Some(NIP), false).await;
    app.account_with(SECOND, Some(NIP), false).await;
    app.account_with("operator-bima", Some(NIP), true).await;
    let first = bima.member_named(FIRST, Role::Administrator, Scope::Tenant).await;
    let second = bima.member_named(SECOND, Role::Administrator, Scope::Tenant).await;
    let operator = app.sign_in("operator-bima").await;
    close(&app, &bima, &[FIRST, SECOND]).await;
    let id = ask(&first, "bima").await;
    assert_eq!(second.get(DOOR).await.expect(200).json()["others"], json!([]));
    let by_operator = format!("/api/v1/operator/tenants/52.06/emergency-access/{id}/approval");

    // The database alone, asked behind the policy's back.
    let directory = app.app.store().directory(app.app.now()).await.expect("a door");
    let parsed: AccountRequestId = id.parse().expect("an id");
    let request =
        directory.find_account_request(bima.tenant.id, parsed).await.expect("a look").expect("it");
    drop(directory);
    for name in [FIRST, SECOND, "operator-bima"] {
        let refused = decide(&app.app, &request, id_of(&app, name).await, RUNS_FOR).await;
        assert_eq!(refused.as_deref(), Some("account_requests_two_people"), "{name}");
    }
    app.account("lain", false).await;
    let other = id_of(&app, "lain").await;
    let long = decide(&app.app, &request, other, RUNS_FOR + Duration::seconds(1)).await;
    assert_eq!(long.as_deref(), Some("account_requests_hours"));

    // The policy alone, with the database's lock off.
    let mut owner = owner(&app).await;
    owner.execute("alter table account_requests disable trigger two_people").await.expect("off");
    owner
        .execute("alter table account_requests drop constraint account_requests_two_people")
        .await
        .expect("off");
    for (actor, path) in [
        (&first, format!("{DOOR}/{id}/approval")),
        (&second, format!("{DOOR}/{id}/approval")),
        (&operator, by_operator),
    ] {
        let refused = actor.post(&path, &Value::Null).await.expect(409);
        assert_eq!(refused.code(), "account-request.two-people", "{path}");
    }
    first.get(&bima.api("/me")).await.expect(409);
    assert_eq!(
        decide(&app.app, &request, id_of(&app, SECOND).await, RUNS_FOR).await,
        None,
        "it was off"
    );
}

/// Writes a decision as the store does, asking no policy; which constraint refuses it.
async fn decide(
    app: &App,
    request: &AccountRequest,
    by: UserId,
    hours: Duration,
) -> Option<String> {
    let directory = app.store().directory(app.now()).await.expect("a door");
    let decision = Decision { by, name: String::from("uji"), at: app.now(), approved: true };
    let end = Some(app.now() + hours);
    match directory.decide_account_request(request, &decision, end).await {
        Ok(()) => None,
        Err(ekinerja_store::Error::Conflict { constraint }) => Some(constraint),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_is_approved_or_ended_in_one_process_is_heard_in_the_other() {
    let app = TestApp::start().await;
    let (bima, first, second) = house(&app).await;
    let chief = insider(&app, &bima, "kepala.bima", Role::Administrator).await;
    let neighbour = app.neighbour().await;
    let slug = bima.tenant.slug.clone();
    let (_, signed_in) = app.app.sign_in(FIRST, PASSWORD).await.expect("a session");
    let closed = neighbour.enter(&signed_in, &slug).await;
    assert!(matches!(&closed, Err(it) if it.code() == Code::EmergencyClosed), "{closed:?}");
    let id = ask(&first, "bima").await;
    TestApp::heard(&neighbour, async { approve(&second, &id).await }).await;
    neighbour.enter(&signed_in, &slug).await.expect("let in there too");
    TestApp::heard(&neighbour, async {
        let end = bima.api(&format!("/account-requests/{id}/end"));
        chief.post(&end, &Value::Null).await;
    })
    .await;
    let ended = neighbour.enter(&signed_in, &slug).await;
    assert!(matches!(&ended, Err(it) if it.code() == Code::EmergencyClosed), "{ended:?}");
}

#[tokio::test]
async fn government_that_rests_is_read_suspended_it_is_entered_by_nobody() {
    let app = TestApp::start().await;
    let (bima, first, second) = house(&app).await;
    let mut owner = owner(&app).await;
    let mut state = async |state: &str| {
        let sql = "update tenants set state = $1 where slug = 'bima'";
        sqlx::query(sql).bind(state).execute(&mut owner).await.expect(sql);
    };
    // Frozen: asked, approved, read, not written, ended.
    state("read_only").await;
    let id = ask(&first, "bima").await;
    approve(&second, &id).await;
    first.get(&bima.api("/members")).await.expect(200);
    let post = json!({ "name": "Analis uji", "kind": "functional" });
    let refused = first.post(&bima.api("/posts"), &post).await.expect(409);
    assert_eq!(refused.code(), "tenant.read-only");
    first.fill(&format!("/bima/account-requests/{id}/end"), &[]).await.expect(303);
    first.get(&bima.api("/members")).await.expect(409);
    let id = ask(&first, "bima").await;
    approve(&second, &id).await;
    first.get(&bima.api("/members")).await.expect(200);
    // Suspended by the operator, who tells every process.
    let operator = app.operator().await;
    let path = "/api/v1/operator/tenants/52.06/state";
    let ask = json!({ "state": "suspended", "reason": "Uji", "legal_basis": "Surat 1" });
    operator.change(reqwest::Method::PUT, path, 1, &ask).await.expect(200);
    first.get(&bima.api("/members")).await.expect(401);
    let body = json!({ "username": FIRST, "password": PASSWORD });
    let refused = app.visitor().post("/api/v1/session", &body).await.expect(401);
    assert_eq!(refused.code(), "tenant.suspended");
}

#[tokio::test]
async fn account_that_is_none_for_emergencies_any_more_is_out_at_once() {
    let app = TestApp::start().await;
    let (bima, first, second) = house(&app).await;
    let chief = insider(&app, &bima, "kepala.bima", Role::Administrator).await;
    let id = ask(&first, "bima").await;
    approve(&second, &id).await;
    first.get(&bima.api("/me")).await.expect(200);
    let path = bima.api("/identity-provider");
    let now = crate::intruders::world::revision(&chief.get(&path).await.expect(200));
    let body = json!({ "issuer": "https://sso.contoh.go.id/", "client_id": "ekinerja", "enabled": true,
        "local_sign_in": "emergency", "emergency": [id_of(&app, SECOND).await.to_string()] });
    chief.change(reqwest::Method::PUT, &path, now, &body).await.expect(200);
    first.get(&bima.api("/me")).await.expect(404);
    first.get(DOOR).await.expect(404);
    // Only one is left, who cannot open the door alone: the page says so.
    let page = chief.look("/bima/sign-in").await.expect(200).body;
    assert!(page.contains("Baru satu orang memegang akun darurat"), "{page}");
}

#[tokio::test]
async fn nobody_asks_in_another_persons_name() {
    let now = "2025-01-15T02:00:00Z".parse().expect("a moment");
    let app = TestApp::start().await;
    let (bima, _, _) = house(&app).await;
    let person = id_of(&app, FIRST).await;
    let directory = app.app.store().directory(app.app.now()).await.expect("a door");
    let request = AccountRequest {
        id: ekinerja_app::fresh_id(),
        tenant: bima.tenant.id,
        kind: RequestKind::EmergencyAccess,
        user: person,
        user_name: String::from("Orang"),
        reason: String::from("Uji"),
        requested_by: id_of(&app, SECOND).await,
        requested_name: String::from("Orang lain"),
        requested_at: now,
        lapses_at: now + Duration::hours(24),
        decision: None,
        ends_at: None,
        ended_at: None,
        used_at: None,
    };
    // Nobody asks in another person's name, whatever the program says.
    let refused = directory.add_account_request(&request).await;
    let Err(ekinerja_store::Error::Conflict { constraint }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(constraint, "account_requests_for_oneself");
}
