//! Signing in, staying, and signing out, by page and by interface.

use chrono::{Duration, NaiveDate};
use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp};
use serde_json::json;

async fn sign_in(actor: &Actor, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    actor.post("/api/v1/session", &body).await
}

#[tokio::test]
async fn person_signs_in_by_the_interface_and_out_again() {
    let app = TestApp::start().await;
    let tenant = app.tenant("sumbawa").await;
    let planner = tenant.member(Role::Planner).await;

    let me = planner.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["username"], "planner.sumbawa");
    assert_eq!(me["tenants"][0]["slug"], "sumbawa");
    assert_eq!(me["tenants"][0]["roles"][0]["role"], "planner");

    planner.delete("/api/v1/session").await.expect(204);
    let refused = planner.get("/api/v1/me").await.expect(401);
    assert_eq!(refused.code(), "unauthenticated");
    assert_eq!(refused.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn signed_out_session_is_worth_nothing_to_who_kept_its_cookie() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let actor = app.visitor();
    let answer = sign_in(&actor, "ani", PASSWORD).await.expect(200);
    let cookie = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    actor.delete("/api/v1/session").await.expect(204);

    let thief = app.visitor();
    let request = thief.request(reqwest::Method::GET, "/api/v1/me").header("cookie", cookie);
    thief.send(request).await.expect(401);
}

#[tokio::test]
async fn wrong_password_and_unknown_name_look_the_same() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let strip = |answer: Answer| {
        let mut body = answer.json();
        body["trace"].take();
        body
    };
    let wrong = sign_in(&app.visitor(), "ani", "bukan-kata-sandinya").await.expect(401);
    let unknown = sign_in(&app.visitor(), "budi", PASSWORD).await.expect(401);
    assert_eq!(wrong.code(), "sign-in.failed");
    assert_eq!(strip(wrong), strip(unknown));

    let page = |name: &'static str| {
        let visitor = app.visitor();
        async move {
            let fields = [("username", name), ("password", "salah-salah-salah")];
            visitor.fill("/masuk", &fields).await.expect(401).body.replace(name, "")
        }
    };
    assert_eq!(page("ani-ani").await, page("budi").await);
}

#[tokio::test]
async fn page_keeps_the_name_and_never_the_password() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    let fields = [("username", "ani\"><b>"), ("password", "rahasia-rahasia"), ("kembali", "/ntb")];
    let page = visitor.fill("/masuk", &fields).await.expect(401).body;
    assert!(page.contains("ani&quot;&gt;&lt;b&gt;"), "{page}");
    assert!(!page.contains("rahasia-rahasia"));
    assert!(page.contains(r#"name="kembali" value="/ntb""#));

    let empty = visitor.fill("/masuk", &[("username", ""), ("password", "")]).await;
    assert!(empty.expect(422).body.contains("aria-invalid"));
}

#[tokio::test]
async fn after_signing_in_a_person_goes_back_to_where_they_were() {
    let app = TestApp::start().await;
    let tenant = app.tenant("dompu").await;
    tenant.member(Role::Planner).await;
    let go = |back: &'static str| {
        let visitor = app.visitor();
        async move {
            let fields = [("username", "planner.dompu"), ("password", PASSWORD), ("kembali", back)];
            let answer = visitor.fill("/masuk", &fields).await.expect(303);
            answer.header("location").to_owned()
        }
    };
    assert_eq!(go("/dompu/plan?a=1").await, "/dompu/plan?a=1");
    for foreign in ["https://jahat.example/", "//jahat.example", "/\\jahat.example", "jahat", ""] {
        assert_eq!(go(foreign).await, "/masuk", "{foreign}");
    }
}

#[tokio::test]
async fn person_with_one_government_goes_there_and_with_two_chooses() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let dompu = app.tenant("dompu").await;
    let planner = bima.member_named("rina", Role::Planner, Scope::Tenant).await;
    assert_eq!(planner.look("/masuk").await.expect(303).header("location"), "/bima");
    dompu.give("rina", Role::Auditor, Scope::Tenant, None).await;
    let choice = planner.look("/masuk").await.expect(200).body;
    assert!(choice.contains(r#"href="/bima""#) && choice.contains(r#"href="/dompu""#), "{choice}");
}

#[tokio::test]
async fn person_without_a_role_is_told_what_to_do() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let page = app.sign_in("ani").await.look("/masuk").await.expect(200).body;
    assert!(page.contains("belum memiliki peran"), "{page}");
}

#[tokio::test]
async fn signing_out_by_page_says_so_once() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let ani = app.sign_in("ani").await;
    assert_eq!(ani.fill("/keluar", &[]).await.expect(303).header("location"), "/masuk");
    assert!(ani.look("/masuk").await.expect(200).body.contains("Anda sudah keluar."));
    assert!(!ani.look("/masuk").await.expect(200).body.contains("Anda sudah keluar."));
}

#[tokio::test]
async fn session_ends_after_two_idle_hours_and_after_twelve_in_any_case() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let idle = app.sign_in("ani").await;
    app.pass(Duration::minutes(119));
    idle.get("/api/v1/me").await.expect(200);
    app.pass(Duration::minutes(119));
    idle.get("/api/v1/me").await.expect(200);
    app.pass(Duration::minutes(121));
    idle.get("/api/v1/me").await.expect(401);

    let busy = app.sign_in("ani").await;
    for _ in 0..11 {
        app.pass(Duration::minutes(60));
        busy.get("/api/v1/me").await.expect(200);
    }
    app.pass(Duration::minutes(61));
    busy.get("/api/v1/me").await.expect(401);
}

#[tokio::test]
async fn role_that_has_expired_lets_nobody_in() {
    let app = TestApp::start().await;
    let tenant = app.tenant("bima").await;
    app.account("ani", false).await;
    let last = NaiveDate::from_ymd_opt(2025, 1, 15);
    tenant.give("ani", Role::Planner, Scope::Tenant, last).await;
    let ani = app.sign_in("ani").await;
    assert_eq!(ani.get("/api/v1/me").await.json()["tenants"][0]["slug"], "bima");
    app.pass(Duration::hours(1));
    app.clock.set("2025-01-16T00:00:00Z".parse().unwrap());
    // The day is over; so is the session, hence a new one.
    let ani = app.sign_in("ani").await;
    assert_eq!(ani.get("/api/v1/me").await.json()["tenants"], json!([]));
}
