//! Sessions of browsers: one secret per sign-in, the list of one's own, and how they end, in every process.

use ekinerja_app::sessions::SessionToken;
use ekinerja_app::{App, Refusal};
use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, PASSWORD, TestApp};
use reqwest::Method;
use serde_json::json;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0";

/// Signs in with what the browser has; the cookie that it gets.
async fn sign_in(actor: &Actor, username: &str) -> String {
    let body = json!({ "username": username, "password": PASSWORD });
    let request = actor.request(Method::POST, "/api/v1/session").header("user-agent", FIREFOX);
    let answer = actor.send(request.json(&body)).await.expect(200);
    answer.header("set-cookie").split(';').next().expect("a cookie").to_owned()
}

#[tokio::test]
async fn every_sign_in_has_a_secret_of_its_own() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let ani = app.visitor();
    let first = sign_in(&ani, "ani").await;
    let second = sign_in(&ani, "ani").await;
    assert_ne!(first, second);
    let thief = app.visitor();
    for (cookie, status) in [(first, 401), (second, 200)] {
        let request = thief.request(Method::GET, "/api/v1/me").header("cookie", cookie);
        thief.send(request).await.expect(status);
    }
    // The session went on: one sign-in is in the list, not two.
    let mine = ani.get("/api/v1/me/sign-ins").await.expect(200).json();
    assert_eq!(mine["items"].as_array().expect("a list").len(), 1, "{mine}");
}

#[tokio::test]
async fn list_shows_where_one_is_signed_in_and_ends_one_of_them() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    app.account("budi", false).await;
    let (desk, phone, budi) = (app.visitor(), app.visitor(), app.visitor());
    sign_in(&desk, "ani").await;
    sign_in(&phone, "ani").await;
    sign_in(&budi, "budi").await;

    let mine = desk.get("/api/v1/me/sign-ins").await.expect(200).json();
    let items = mine["items"].as_array().expect("a list");
    assert_eq!(items.len(), 2, "{mine}");
    assert!(items.iter().all(|it| it["device"] == "Firefox · Linux" && it["way"] == "local"));
    let there = items.iter().find(|it| it["here"] == false).expect("the phone");
    let there = format!("/api/v1/me/sign-ins/{}", there["id"].as_str().expect("an id"));

    budi.delete(&there).await.expect(404);
    phone.get("/api/v1/me").await.expect(200);
    desk.delete(&there).await.expect(204);
    phone.get("/api/v1/me").await.expect(401);
    desk.delete(&there).await.expect(404);
    desk.get("/api/v1/me").await.expect(200);

    let page = desk.look("/sesi").await.expect(200).body;
    assert!(page.contains("Firefox · Linux") && page.contains("sesi ini"), "{page}");
    assert!(!page.contains("Akun budi"), "{page}");
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_browser_and_nobody_else() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    app.account("budi", false).await;
    let (desk, phone) = (app.sign_in("ani").await, app.sign_in("ani").await);
    let budi = app.sign_in("budi").await;
    assert_eq!(desk.fill("/sesi", &[]).await.expect(303).header("location"), "/masuk");
    for gone in [&desk, &phone] {
        gone.get("/api/v1/me").await.expect(401);
    }
    budi.get("/api/v1/me").await.expect(200);
    assert!(desk.look("/masuk").await.expect(200).body.contains("semua perangkat"));
    assert_eq!(desk.look("/sesi").await.expect(303).header("location"), "/masuk?kembali=%2Fsesi");
}

#[tokio::test]
async fn sign_in_and_refusal_stand_in_the_trail_of_the_persons_government() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let dompu = app.tenant("dompu").await;
    bima.member(Role::Planner).await;
    let auditor = dompu.member(Role::Auditor).await;
    let wrong = json!({ "username": "planner.bima", "password": "bukan-kata-sandinya" });
    app.visitor().post("/api/v1/session", &wrong).await.expect(401);

    let own = bima.member(Role::Auditor).await;
    let trail = own.get(&bima.api("/audit-events")).await.expect(200).body;
    assert!(trail.contains("sign_in.failed") && trail.contains("planner.bima"), "{trail}");
    assert!(trail.contains("sign_in.succeeded"), "{trail}");
    assert!(!trail.contains(PASSWORD) && !trail.contains("bukan-kata"), "{trail}");
    let other = auditor.get(&dompu.api("/audit-events")).await.expect(200).body;
    assert!(!other.contains("planner.bima"), "{other}");
}

#[tokio::test]
async fn what_ends_in_one_process_ends_in_the_other_at_once() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    bima.member(Role::Planner).await;
    let neighbour = app.neighbour().await;
    let slug = bima.tenant.slug.clone();
    let remembered = async || {
        let (token, signed_in) =
            app.app.sign_in("planner.bima", PASSWORD).await.expect("a session");
        neighbour.resume(&token).await.expect("known there too");
        neighbour.enter(&signed_in, &slug).await.expect("a member");
        (token, signed_in)
    };

    let (token, _) = remembered().await;
    TestApp::heard(&neighbour, async { app.app.sign_out(&token).await.expect("signed out") }).await;
    assert!(refused(&neighbour, &token).await);

    let list = administrator.get(&bima.api("/members")).await.expect(200).json();
    let mut items = list["items"].as_array().expect("a list").iter();
    let role = items.find(|it| it["username"] == "planner.bima").expect("the planner");
    let role = bima.api(&format!("/members/{}", role["id"].as_str().expect("an id")));
    let (token, signed_in) = remembered().await;
    TestApp::heard(&neighbour, async {
        administrator.delete(&role).await;
    })
    .await;
    assert!(neighbour.resume(&token).await.is_ok(), "still signed in");
    let entered = neighbour.enter(&signed_in, &slug).await;
    assert!(matches!(entered, Err(Refusal::NotFound)), "{entered:?}");

    app.account("budi", false).await;
    let (token, signed_in) = app.app.sign_in("budi", PASSWORD).await.expect("a session");
    neighbour.resume(&token).await.expect("known there too");
    TestApp::heard(&neighbour, async {
        let directory = app.app.store().directory(app.app.now()).await.expect("a door");
        directory.disable_user(signed_in.person.id).await.expect("disabled");
        directory.commit_session().await.expect("kept");
    })
    .await;
    assert!(refused(&neighbour, &token).await);
}

async fn refused(app: &App, token: &SessionToken) -> bool {
    matches!(app.resume(token).await, Err(Refusal::Unauthenticated(_)))
}
