//! Limits by address, account and government; turns among governments; who a client behind a proxy is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp};
use ekinerja_web::{AppState, Caller, ForwardedHeader, Limits, TrustedProxies, WebSettings};
use reqwest::Method;
use serde_json::json;
use tokio::sync::Semaphore;

/// Limits of which one is small: 600 a minute, 60 at once.
fn limited(adjust: fn(&mut Limits)) -> impl FnOnce(&mut WebSettings) {
    move |settings| adjust(&mut settings.limits)
}

async fn start(adjust: impl FnOnce(&mut WebSettings)) -> TestApp {
    TestApp::start_with(adjust, Router::new()).await
}

/// How many of so many requests were answered, and the first refusal.
async fn flood(count: usize, ask: impl AsyncFn() -> Answer) -> (usize, Option<Answer>) {
    let (mut answered, mut refused) = (0, None);
    for _ in 0..count {
        let answer = ask().await;
        if answer.status == 429 {
            refused.get_or_insert(answer);
        } else {
            assert!(answer.status < 500, "{}", answer.body);
            answered += 1;
        }
    }
    (answered, refused)
}

#[tokio::test]
async fn an_address_that_sends_too_much_is_told_when_to_come_back_in_its_language() {
    let app = start(limited(|it| it.address = 60)).await;
    let visitor = app.visitor();
    let (answered, refused) = flood(12, async || visitor.get("/api/v1/me").await).await;
    assert!((6..=8).contains(&answered), "{answered}");
    let refused = refused.expect("a refusal");
    assert_eq!(refused.code(), "request.too-many");
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=3).contains(&wait), "{wait}");
    assert!(refused.json()["detail"].as_str().is_some_and(|it| it.contains(&wait.to_string())));
    let page = visitor.look("/masuk").await.expect(429);
    assert!(page.body.contains("<h1>") && page.body.contains("Terlalu banyak permintaan"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    let english = visitor.request(Method::GET, "/masuk").header("accept", "text/html");
    let english = visitor.send(english.header("accept-language", "en")).await.expect(429);
    assert!(english.body.contains("Too many requests"), "{}", english.body);
    // What a machine asks whether the product lives is never counted.
    visitor.get("/healthz").await.expect(200);
    // No header of the client's makes it somebody else.
    for name in ["x-forwarded-for", "forwarded", "x-real-ip", "client-ip", "true-client-ip"] {
        for value in ["203.0.113.9", "for=203.0.113.9", "127.0.0.1"] {
            let forged = visitor.request(Method::GET, "/api/v1/me").header(name, value);
            visitor.send(forged).await.expect(429);
        }
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_their_own_share() {
    let app = start(|settings| {
        settings.limits.address = 60;
        let header = ForwardedHeader::XForwardedFor;
        settings.proxies = TrustedProxies::parse("127.0.0.1", header).expect("a list");
    })
    .await;
    let visitor = app.visitor();
    let from = async |chain: &str| {
        let request = visitor.request(Method::GET, "/api/v1/me").header("x-forwarded-for", chain);
        visitor.send(request).await
    };
    let (answered, refused) = flood(12, async || from("203.0.113.9").await).await;
    assert!(answered < 10 && refused.is_some(), "{answered}");
    from("203.0.113.8").await.expect(401);
    // What a client writes before the proxy's own entry changes nothing, for or against anybody.
    for forged in ["203.0.113.7, 203.0.113.9", "127.0.0.1, 203.0.113.9", "x, 203.0.113.9"] {
        from(forged).await.expect(429);
    }
    let (answered, _) = flood(6, async || from("203.0.113.9, 203.0.113.7").await).await;
    assert_eq!(answered, 6);
}

#[tokio::test]
async fn an_account_has_its_share_of_reading_and_of_writing() {
    let app = start(limited(|it| {
        it.account_reads = 60;
        it.account_writes = 30;
    }))
    .await;
    let bima = app.tenant("bima").await;
    let planner = bima.member(Role::Planner).await;
    let leader = bima.member(Role::Leader).await;
    let agencies = "/api/v1/tenants/bima/agencies";
    let (read, _) = flood(12, async || planner.get(agencies).await).await;
    assert!((6..=8).contains(&read), "{read}");
    // Writing is another share, another session of theirs is not, and another person is another.
    let (written, _) = flood(8, async || planner.post(agencies, &json!({})).await).await;
    assert!((3..=5).contains(&written), "{written}");
    let again = app.sign_in("planner.bima").await;
    assert_eq!(again.get(agencies).await.status, 429);
    assert_eq!(again.look("/bima/plan").await.status, 429);
    leader.get(agencies).await.expect(200);
}

#[tokio::test]
async fn a_government_has_its_share_which_no_stranger_spends() {
    let app = start(limited(|it| it.tenant_reads = 100)).await;
    let (bima, dompu) = (app.tenant("bima").await, app.tenant("dompu").await);
    let one = bima.member(Role::Planner).await;
    let two = bima.member(Role::Leader).await;
    let other = dompu.member(Role::Planner).await;
    let visitor = app.visitor();
    let agencies = "/api/v1/tenants/bima/agencies";
    // Neither who is nobody nor who belongs elsewhere.
    let (answered, refused) = flood(30, async || visitor.get(agencies).await).await;
    assert!(answered == 30 && refused.is_none());
    let (answered, refused) = flood(30, async || other.get(agencies).await).await;
    assert!(answered == 30 && refused.is_none());
    let (by_one, _) = flood(8, async || one.get(agencies).await).await;
    let (by_two, refused) = flood(8, async || two.get(agencies).await).await;
    assert_eq!(by_one, 8);
    assert!(by_two < 8 && refused.is_some(), "{by_two}");
    other.get("/api/v1/tenants/dompu/agencies").await.expect(200);
}

#[tokio::test]
async fn trying_passwords_is_slowed_down_and_locks_nobody_out() {
    let app = start(|settings| {
        settings.limits.sign_in = 60;
        let header = ForwardedHeader::XForwardedFor;
        settings.proxies = TrustedProxies::parse("127.0.0.1", header).expect("a list");
    })
    .await;
    app.account("ani", false).await;
    let visitor = app.visitor();
    let attempt = async |from: &str, password: &str| {
        let body = json!({ "username": "ani", "password": password });
        let request = visitor.request(Method::POST, "/api/v1/session").json(&body);
        visitor.send(request.header("x-forwarded-for", from)).await
    };
    attempt("203.0.113.1", PASSWORD).await.expect(200);
    for _ in 0..10 {
        attempt("203.0.113.2", "salah-salah-salah").await.expect(401);
    }
    let slowed = attempt("203.0.113.2", PASSWORD).await.expect(429);
    assert_eq!(slowed.code(), "sign-in.too-often");
    assert!(!slowed.header("retry-after").is_empty());
    // The page says the same, also for a name that nobody has.
    let page = visitor.request(Method::POST, "/masuk").header("accept", "text/html");
    let page = page.header("x-forwarded-for", "203.0.113.2");
    let page = page.form(&[("username", "ani"), ("password", "x")]);
    assert!(visitor.send(page).await.expect(429).body.contains("tidak dikunci"));
    // From everywhere in her name: strangers wait, and she signs in from where she did before.
    for last in 10..40 {
        attempt(&format!("203.0.113.{last}"), "salah-salah-salah").await;
    }
    attempt("203.0.113.99", PASSWORD).await.expect(429);
    attempt("203.0.113.1", PASSWORD).await.expect(200);
}

/// How long the work of one request holds the one thing that all share.
const WORK: Duration = Duration::from_millis(25);
/// How many of it there are, like connections of the database.
const SHARED: usize = 4;

/// A read inside a government that works with what all governments share, first come first served.
fn work() -> Router<AppState> {
    let shared = Arc::new(Semaphore::new(SHARED));
    let work = async move |Caller(scope): Caller| {
        let _held = shared.acquire().await;
        tokio::time::sleep(WORK).await;
        scope.tenant().name.clone()
    };
    Router::new().route("/api/v1/tenants/{tenant}/test/work", get(work))
}

/// The slowest but one of forty requests in a row.
async fn slowest(actor: &Actor, path: &str) -> Duration {
    let mut took = Vec::new();
    for _ in 0..40 {
        let begun = Instant::now();
        actor.get(path).await.expect(200);
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    took[took.len() - 2]
}

/// How much slower one government is while another sends sixty requests at once without a pause: the best of
/// at most six rounds until it is `enough`, since the machine's other work only ever adds.
#[expect(clippy::float_arithmetic, reason = "a ratio of two times, for a test alone")]
async fn slowdown(turns: usize, enough: f64) -> f64 {
    let app = TestApp::start_with(|settings| settings.turns = turns, work()).await;
    let noisy = app.tenant("bima").await.member(Role::Planner).await;
    let quiet = app.tenant("dompu").await.member(Role::Planner).await;
    let path = "/api/v1/tenants/dompu/test/work";
    let mut best = f64::MAX;
    for _ in 0..6 {
        let alone = slowest(&quiet, path).await;
        let mut crowd = tokio::task::JoinSet::new();
        for _ in 0..60 {
            let noisy = noisy.clone();
            crowd.spawn(async move {
                loop {
                    noisy.get("/api/v1/tenants/bima/test/work").await.expect(200);
                }
            });
        }
        tokio::time::sleep(WORK * 4).await;
        let beside = slowest(&quiet, path).await;
        crowd.shutdown().await;
        tokio::time::sleep(WORK * 4).await;
        best = best.min(beside.as_secs_f64() / alone.as_secs_f64());
        if best <= enough {
            break;
        }
    }
    best
}

#[tokio::test]
async fn one_government_that_sends_sixty_at_once_does_not_slow_another_beyond_twice() {
    let with_turns = slowdown(SHARED, 2.0).await;
    assert!(with_turns <= 2.0, "{with_turns} times slower");
    // Without turns the noise would stand in front of everybody: the measurement sees it.
    let without = slowdown(1_000, f64::MAX).await;
    assert!(without > 4.0, "only {without} times slower without turns");
}

#[tokio::test]
async fn a_government_waits_for_itself_only_so_long_a_queue() {
    let adjust = |settings: &mut WebSettings| {
        settings.turns = 1;
        settings.concurrency = 20;
    };
    let app = TestApp::start_with(adjust, work()).await;
    let noisy = app.tenant("bima").await.member(Role::Planner).await;
    let quiet = app.tenant("dompu").await.member(Role::Planner).await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let noisy = noisy.clone();
        all.spawn(async move { noisy.get("/api/v1/tenants/bima/test/work").await.status });
    }
    tokio::time::sleep(WORK).await;
    quiet.get("/api/v1/tenants/dompu/test/work").await.expect(200);
    let statuses = all.join_all().await;
    let turned_away = statuses.iter().filter(|it| **it == 429).count();
    // One at work, ten waiting, the rest told to come back.
    assert!((4..=6).contains(&turned_away), "{statuses:?}");
    assert_eq!(statuses.iter().filter(|it| **it == 200).count(), 16 - turned_away);
}
