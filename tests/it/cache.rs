//! Pages from memory: for their own reader only, without the database, until a commit touches them.

use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp};
use reqwest::Method;

use crate::desks::{province, regency, work};

const PAGE: &str = "/ntb/comparison?indicator=JPM&period=2024";

async fn look(actor: &Actor, path: &str) -> Answer {
    actor.look(path).await
}

fn hit(answer: &Answer) -> bool {
    match answer.header("server-timing") {
        "cache;desc=hit" => true,
        "cache;desc=miss" => false,
        other => panic!("neither hit nor miss: {other:?} {}", answer.body),
    }
}

#[tokio::test]
async fn second_look_comes_from_memory_and_asks_the_database_nothing() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.publish("2024").await;
    work(&app).await;
    let planner = province.tenant.member(Role::Planner).await;
    let first = look(&planner, PAGE).await.expect(200);
    assert!(!hit(&first));
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\"") && first.header("cache-control") == "private, no-cache");
    assert!(first.header("vary").contains("accept-encoding"));
    let second = look(&planner, PAGE).await.expect(200);
    assert!(hit(&second) && second.body == first.body && second.header("etag") == tag);
    let request = planner.request(Method::GET, PAGE).header("accept", "text/html");
    let same = planner.send(request.header("if-none-match", &tag)).await.expect(304);
    assert!(same.body.is_empty() && same.header("etag") == tag);
    // Every door to the database is shut: session and role are remembered for two seconds, and nothing
    // else is asked.
    look(&planner, PAGE).await.expect(200);
    app.app.store().clone().close().await;
    let shut = look(&planner, PAGE).await.expect(200);
    assert!(hit(&shut) && shut.body == first.body);
    planner.look("/ntb/comparison?indicator=GINI&period=2024").await.expect(503);
}

#[tokio::test]
async fn packed_and_plain_are_the_same_page() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    drop(province.tenant.member(Role::Planner).await);
    // A client of its own, which unpacks nothing by itself.
    let client = reqwest::Client::builder().cookie_store(true).gzip(false).build().expect("one");
    let at = |path: &str| format!("http://{}{path}", app.address());
    let account = serde_json::json!({ "username": "planner.ntb", "password": PASSWORD });
    let signed_in = client.post(at("/api/v1/session")).json(&account).send().await.expect("one");
    assert_eq!(signed_in.status(), 200);
    let ask = |coding: &'static str| {
        client.get(at(PAGE)).header("accept", "text/html").header("accept-encoding", coding).send()
    };
    let packed = ask("br, gzip").await.expect("an answer");
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let packed = packed.bytes().await.expect("a body");
    let plain = ask("gzip;q=0, identity").await.expect("an answer");
    assert_eq!(plain.headers()["server-timing"], "cache;desc=hit");
    assert!(plain.headers().get("content-encoding").is_none());
    let plain = plain.text().await.expect("a body");
    let mut unpacked = String::new();
    let mut reader = flate2::read::GzDecoder::new(&packed[..]);
    std::io::Read::read_to_string(&mut reader, &mut unpacked).expect("gzip");
    assert_eq!(unpacked, plain);
    assert!(packed.len() * 3 < plain.len());
}

#[tokio::test]
async fn publication_is_seen_at_once_and_drops_only_what_it_touches() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.publish("2024").await;
    let mataram = regency(&app, "kota-mataram").await;
    work(&app).await;
    let planner = province.tenant.member(Role::Planner).await;
    assert!(!hit(&look(&planner, PAGE).await.expect(200)));
    assert!(hit(&look(&planner, PAGE).await.expect(200)));

    // Work inside a regency is nothing that a province sees.
    mataram.verified("JPM", "2024", "41,5").await;
    assert!(
        hit(&look(&planner, PAGE).await.expect(200)),
        "a draft and its verification drop nothing"
    );
    mataram.publish("2024").await;
    let fresh = look(&planner, PAGE).await.expect(200);
    assert!(!hit(&fresh) && fresh.body.contains("41,5"), "seen without waiting for a worker");
    work(&app).await;
    let rolled = look(&planner, PAGE).await.expect(200);
    assert!(!hit(&rolled), "the roll-up is new");
    assert!(hit(&look(&planner, PAGE).await.expect(200)));
}

#[tokio::test]
async fn nobody_gets_what_was_drawn_for_another() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.publish("2024").await;
    work(&app).await;
    let planner = province.tenant.member(Role::Planner).await;
    assert!(look(&planner, PAGE).await.expect(200).body.contains("Akun planner.ntb"));
    let leader = province.tenant.member(Role::Leader).await;
    let other = look(&leader, PAGE).await.expect(200);
    assert!(!hit(&other) && !other.body.contains("Akun planner.ntb"), "another role and person");
    look(&bima.tenant.member(Role::Leader).await, PAGE).await.expect(404);
    // Who is not signed in is led to the sign-in page, whatever is in memory.
    look(&app.visitor(), PAGE).await.expect(303);
    let english = planner.request(Method::GET, PAGE).header("accept-language", "en");
    let english = planner.send(english.header("accept", "text/html")).await.expect(200);
    assert!(!hit(&english) && english.body.contains("lang=\"en\""));
    // After signing out the browser's copy is not confirmed.
    let tag = look(&planner, PAGE).await.header("etag").to_owned();
    planner.delete("/api/v1/session").await.expect(204);
    let request = planner.request(Method::GET, PAGE).header("accept", "text/html");
    planner.send(request.header("if-none-match", tag)).await.expect(303);
}

#[tokio::test]
async fn next_day_draws_anew() {
    let app = TestApp::start().await;
    let province = province(&app).await;
    let bima = regency(&app, "kota-bima").await;
    bima.verified("JPM", "2024", "15,81").await;
    bima.publish("2024").await;
    work(&app).await;
    let planner = province.tenant.member(Role::Planner).await;
    look(&planner, PAGE).await.expect(200);
    assert!(hit(&look(&planner, PAGE).await.expect(200)));
    app.pass(chrono::Duration::hours(1));
    assert!(hit(&look(&planner, PAGE).await.expect(200)), "the same day");
    app.clock.set("2025-01-16T01:00:00Z".parse().expect("a moment"));
    let planner = province.tenant.member(Role::Planner).await;
    assert!(!hit(&look(&planner, PAGE).await.expect(200)), "ages in words have changed");
}
