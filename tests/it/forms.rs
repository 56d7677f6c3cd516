//! Forms of a session: the token that each carries, and what becomes of one that comes too late.

use chrono::Duration;
use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::reading::forms;
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp, TestTenant};
use reqwest::Method;

const POST: &str = "Kepala Bagian Uji";

/// Sends a form as a page of the product does, with this token in it.
async fn send(actor: &Actor, path: &str, token: Option<&str>, fields: &[(&str, &str)]) -> Answer {
    let request = actor.bare_request(Method::POST, path).header("accept", "text/html");
    let request = request.header("sec-fetch-site", "same-origin");
    let referer = actor.address(path);
    let mut all: Vec<(&str, &str)> = token.iter().map(|it| ("csrf", *it)).collect();
    all.extend(fields);
    actor.send(request.header("referer", referer).form(&all)).await
}

async fn has_post(actor: &Actor, tenant: &TestTenant<'_>) -> bool {
    actor.get(&tenant.api("/posts")).await.expect(200).body.contains(POST)
}

fn typed() -> [(&'static str, &'static str); 2] {
    [("name", POST), ("kind", "functional")]
}

#[tokio::test]
async fn every_form_of_the_main_pages_carries_the_token_of_its_session() {
    let app = TestApp::start_demonstration().await;
    let password = ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;
    let mut count = 0;
    for name in ["admin.ntb", "perencana.ntb", "pimpinan.ntb"] {
        let actor = app.sign_in_with(name, password).await;
        let token = actor.form_token().expect("a session");
        for address in ekinerja_web::addresses() {
            let path = address.replace("{tenant}", "ntb");
            if path.contains('{') || path.starts_with("/api") || path.starts_with("/operator") {
                continue;
            }
            let page = actor.look(&path).await;
            if page.status != 200 {
                continue;
            }
            for form in forms(&page.body).into_iter().filter(|it| it.writes) {
                let sent = form.fields.iter().find(|it| it.0 == "csrf").map(|it| it.1.clone());
                assert_eq!(sent.as_ref(), Some(&token), "{} at {path}", form.action);
                count += 1;
            }
        }
    }
    assert!(count > 60, "{count} forms prove little");
}

#[tokio::test]
async fn form_without_the_sessions_own_token_does_nothing() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let other = bima.member_named("kedua.bima", Role::Administrator, Scope::Tenant).await;
    let own = administrator.form_token().expect("a session");
    let foreign = other.form_token().expect("a session");
    assert_ne!(own, foreign);
    for token in [None, Some(""), Some("x"), Some(foreign.as_str()), Some(&own[1..])] {
        // Old browsers say nothing about where a form comes from.
        let mut all: Vec<(&str, &str)> = token.iter().map(|it| ("csrf", *it)).collect();
        all.extend(typed());
        let request = administrator.bare_request(Method::POST, "/bima/posts").form(&all);
        let refused = administrator.send(request).await.expect(403);
        assert_eq!(refused.code(), "request.form-token", "{token:?}");
        assert!(!has_post(&administrator, &bima).await, "{token:?}");
    }
    // In the address it counts for nothing.
    let path = format!("/bima/posts?csrf={own}");
    let request = administrator.bare_request(Method::POST, &path).form(&typed());
    administrator.send(request).await.expect(403);
    assert!(!has_post(&administrator, &bima).await);
    // Behind much else neither, and the form that carries it is done.
    send(&administrator, "/bima/posts", Some(&own), &typed()).await.expect(303);
    assert!(has_post(&administrator, &bima).await);
}

#[tokio::test]
async fn token_in_a_form_with_files_is_read_and_the_form_arrives_whole() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let token = administrator.form_token().expect("a session");
    let form = |token: &str| {
        let table = "code,name,abbreviation,kind,parent_code,note,verified\n";
        let row = format!("UJI-1,Dinas {},,department,,,true\n", "x".repeat(60));
        let part = reqwest::multipart::Part::bytes(format!("{table}{row}").into_bytes());
        let form = reqwest::multipart::Form::new().text("csrf", token.to_owned());
        form.part("table", part.file_name("opd.csv"))
    };
    let path = "/bima/organisation/import";
    let sent = async |token: &str| {
        let request = administrator.bare_request(Method::POST, path).multipart(form(token));
        administrator.send(request).await
    };
    assert_eq!(sent("x").await.expect(403).code(), "request.form-token");
    let answer = sent(&token).await;
    assert!(answer.status < 400, "{} {}", answer.status, answer.body);
}

#[tokio::test]
async fn form_of_an_older_page_is_not_sent_and_what_was_typed_is_still_there() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let old = administrator.form_token().expect("a session");
    // Signing in again in another tab gives the session a new secret.
    let again = [("username", "administrator.bima"), ("password", PASSWORD)];
    administrator.fill("/masuk", &again).await.expect(303);
    let late = send(&administrator, "/bima/posts", Some(&old), &typed()).await.expect(303);
    assert_eq!(late.header("location"), "/bima/posts");
    assert!(!has_post(&administrator, &bima).await);
    let page = administrator.look("/bima/posts").await.expect(200).body;
    assert!(page.contains(&format!("value=\"{POST}\"")), "{page}");
    assert!(page.contains("belum terkirim"), "{page}");
    let fresh = administrator.form_token().expect("a session");
    assert!(page.contains(&fresh) && !page.contains(&old), "{page}");
    // Given back once, sent once.
    assert!(!administrator.look("/bima/posts").await.expect(200).body.contains(POST));
    send(&administrator, "/bima/posts", Some(&fresh), &typed()).await.expect(303);
    let posts = administrator.get(&bima.api("/posts")).await.expect(200).body;
    assert_eq!(posts.matches(POST).count(), 1, "{posts}");
}

#[tokio::test]
async fn signing_out_works_from_an_older_page_and_from_no_other_site() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let old = administrator.form_token().expect("a session");
    let again = [("username", "administrator.bima"), ("password", PASSWORD)];
    administrator.fill("/masuk", &again).await.expect(303);
    let request = administrator.bare_request(Method::POST, "/keluar").form(&[("csrf", &old)]);
    let forged = administrator.send(request.header("sec-fetch-site", "cross-site")).await;
    forged.expect(403);
    administrator.get("/api/v1/me").await.expect(200);
    let out = send(&administrator, "/keluar", Some(&old), &[]).await;
    assert!(out.status < 400, "{}", out.body);
    administrator.get("/api/v1/me").await.expect(401);
}

#[tokio::test]
async fn what_was_typed_when_the_session_ended_is_back_for_the_same_person_alone() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    bima.member_named("kedua.bima", Role::Administrator, Scope::Tenant).await;
    let token = administrator.form_token().expect("a session");
    app.pass(Duration::hours(3));
    let fields = [("name", POST), ("kind", "functional"), ("password", "rahasia-sekali")];
    let late = send(&administrator, "/bima/posts", Some(&token), &fields).await.expect(303);
    assert_eq!(late.header("location"), "/masuk?kembali=%2Fbima%2Fposts", "nothing personal");
    let cookies: Vec<_> = late.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().any(|it| it.to_str().unwrap().contains("ekinerja-isian=")));
    let told = administrator.look(late.header("location")).await.expect(200).body;
    assert!(told.contains("Sesi Anda sudah berakhir") && !told.contains(POST), "{told}");
    let sealed: Vec<Vec<u8>> = {
        use sqlx::ConnectOptions as _;
        let mut owner = app.database().owner_options().connect().await.expect("the owner");
        sqlx::query_scalar("select content from kept_forms")
            .fetch_all(&mut owner)
            .await
            .expect("it")
    };
    assert!(sealed.len() == 1 && !sealed[0].windows(6).any(|it| it == b"Kepala"));

    // Somebody else at the same browser sees nothing of it.
    let other = [("username", "kedua.bima"), ("password", PASSWORD)];
    administrator.fill("/masuk", &other).await.expect(303);
    assert!(!administrator.look("/bima/posts").await.expect(200).body.contains(POST));
    let same = [("username", "administrator.bima"), ("password", PASSWORD)];
    administrator.fill("/masuk", &same).await.expect(303);
    let page = administrator.look("/bima/posts").await.expect(200);
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.body.contains(&format!("value=\"{POST}\"")), "{}", page.body);
    assert!(!page.body.contains("rahasia-sekali"), "{}", page.body);
    assert!(!has_post(&administrator, &bima).await, "nothing is sent by itself");
    assert!(!administrator.look("/bima/posts").await.expect(200).body.contains(POST));
}

#[tokio::test]
async fn kept_form_is_gone_after_an_hour_and_a_huge_one_is_not_kept() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let token = administrator.form_token().expect("a session");
    app.pass(Duration::hours(3));
    let huge = "x".repeat(200 * 1024);
    let fields = [("name", huge.as_str())];
    let refused = send(&administrator, "/bima/posts", Some(&token), &fields).await.expect(303);
    assert!(!format!("{:?}", refused.headers).contains("ekinerja-isian"));
    send(&administrator, "/bima/posts", Some(&token), &typed()).await.expect(303);
    app.pass(Duration::minutes(61));
    let same = [("username", "administrator.bima"), ("password", PASSWORD)];
    administrator.fill("/masuk", &same).await.expect(303);
    assert!(!administrator.look("/bima/posts").await.expect(200).body.contains(POST));
}
