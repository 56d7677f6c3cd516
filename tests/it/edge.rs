//! The web edge over every address: headers, foreign origins, forged writes, ways out of the site.

use std::collections::BTreeSet;

use axum::Router;
use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp};
use ekinerja_web::SecurityContact;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Every address of pages and interface with this government and this text for what else varies.
fn addresses() -> BTreeSet<String> {
    let document = serde_json::to_value(ekinerja_web::openapi()).expect("a document");
    let paths = document["paths"].as_object().expect("paths").keys().cloned();
    let all = paths.chain(ekinerja_web::addresses());
    let filled = all.map(|path| {
        let part = |part: &str| match part {
            "{tenant}" => String::from("bima"),
            it if it.starts_with('{') => String::from("x"),
            it => it.to_owned(),
        };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    });
    let filled: BTreeSet<String> = filled.filter(|it| it.starts_with('/')).collect();
    assert!(filled.len() > 80, "{} addresses", filled.len());
    filled
}

/// Somebody with every role in `bima`.
async fn everything(app: &TestApp) -> Actor {
    let bima = app.tenant("bima").await;
    app.account("semua", false).await;
    for role in Role::ALL {
        bima.give("semua", role, Scope::Tenant, None).await;
    }
    app.sign_in("semua").await
}

/// What every answer carries, whatever it is.
fn checked(answer: &Answer, path: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("origin-agent-cluster", "?1"),
    ] {
        assert_eq!(answer.header(name), value, "{path}: {name}");
    }
    assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    assert!(!policy.contains("unsafe-eval") && !policy.contains('*'), "{path}: {policy}");
    if !path.starts_with("/api/docs") {
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
    }
    let cache = answer.header("cache-control");
    let is_public = ["/assets/", "/api/docs", "/api/openapi", "/.well-known/", "/favicon.ico"];
    if !is_public.iter().any(|it| path.starts_with(it)) {
        let kept_by_nobody_else = cache.contains("no-store") || cache.contains("private");
        assert!(kept_by_nobody_else, "{path}: {cache}");
    }
    for name in answer.headers.keys() {
        assert!(!name.as_str().starts_with("access-control-"), "{path}: {name}");
    }
    if answer.header("content-type").starts_with("text/html") && !path.starts_with("/api/docs") {
        let page = answer.body.to_lowercase();
        for inline in [" style=\"", " onclick=", " onload=", "javascript:", "<style", "<script>"] {
            assert!(!page.contains(inline), "{path}: {inline}");
        }
    }
}

#[tokio::test]
async fn every_answer_has_its_headers_and_none_is_for_another_origin() {
    let app = TestApp::start().await;
    let somebody = everything(&app).await;
    let visitor = app.visitor();
    let origins =
        ["https://jahat.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.jahat.example"];
    for path in addresses() {
        for accept in ["text/html", "application/json"] {
            for actor in [&somebody, &visitor] {
                let request = actor.request(Method::GET, &path).header("accept", accept);
                let answer = actor.send(request).await;
                assert!(answer.status < 500, "{path}: {}", answer.body);
                checked(&answer, &path);
            }
        }
        for origin in origins {
            let request = somebody.request(Method::GET, &path).header("origin", origin);
            checked(&somebody.send(request).await, &path);
            let asked = somebody.request(Method::OPTIONS, &path).header("origin", origin);
            let asked = asked.header("access-control-request-method", "POST");
            checked(&somebody.send(asked).await, &path);
        }
    }
    for path in ["/tidak/ada/di/sini", "/bima/plan/", "/%00", "/assets/tidak-ada"] {
        checked(&visitor.look(path).await, path);
    }
}

#[tokio::test]
async fn no_page_of_another_site_writes_anything_anywhere() {
    let app = TestApp::start().await;
    let somebody = everything(&app).await;
    let own = format!("http://{}", app.address());
    let suffixed = format!("{own}.jahat.example");
    let forgeries: [&[(&str, &str)]; 7] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://jahat.example")],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:1")],
        &[("origin", &suffixed)],
        &[("origin", "https://jahat.example"), ("x-forwarded-host", "jahat.example")],
    ];
    let mut refused = 0;
    for path in addresses() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            for forgery in forgeries {
                let mut request = somebody.request(method.clone(), &path);
                for (name, value) in forgery {
                    request = request.header(*name, *value);
                }
                let kind = "application/x-www-form-urlencoded";
                let request = request.header("content-type", kind).body("name=x");
                let answer = somebody.send(request).await;
                let is_refused = matches!(answer.status, 403..=405);
                assert!(is_refused, "{method} {path} {forgery:?}: {}", answer.status);
                refused += usize::from(answer.status == 403);
            }
        }
    }
    assert!(refused > 500, "hardly any forgery reached a door: {refused}");
    somebody.get("/api/v1/me").await.expect(200);
    // Its twin from a page of ours is not refused for where it comes from.
    let own = somebody.request(Method::POST, "/keluar").header("origin", &own);
    somebody.send(own.header("sec-fetch-site", "same-origin")).await.expect(303);
}

#[tokio::test]
async fn every_redirect_stays_on_this_site() {
    let app = TestApp::start().await;
    app.tenant("bima").await.member(Role::Planner).await;
    let tricks = [
        "https://jahat.example/",
        "//jahat.example",
        "///jahat.example",
        "////jahat.example",
        "/\\jahat.example",
        "\\\\jahat.example",
        "/\t/jahat.example",
        "/\n/jahat.example",
        "\t//jahat.example",
        " //jahat.example",
        "https:jahat.example",
        "https:/jahat.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "jahat.example",
        "@jahat.example",
        ".jahat.example",
        "?x=//jahat.example",
        "#//jahat.example",
        "/%09/jahat.example\r\nset-cookie: a=b",
        "http://127.0.0.1:1/",
        "/\u{2044}jahat.example",
        "/\u{0}/jahat.example",
    ];
    for trick in tricks {
        let fields = [("username", "planner.bima"), ("password", PASSWORD), ("kembali", trick)];
        let answer = app.visitor().fill("/masuk", &fields).await.expect(303);
        assert_eq!(answer.header("location"), "/masuk", "{trick:?}");
        let query: String = url::form_urlencoded::byte_serialize(trick.as_bytes()).collect();
        let switch = app.visitor().look(&format!("/bahasa/en?kembali={query}")).await.expect(303);
        assert_eq!(switch.header("location"), "/", "{trick:?}");
        let page = app.visitor().look(&format!("/masuk?kembali={query}")).await.expect(200).body;
        assert!(page.contains(r#"name="kembali" value="""#), "{trick:?}");
    }
    // A slash too many leads home only.
    for path in ["//jahat.example/", "/bima/", "///bima///"] {
        let answer = app.visitor().look(path).await;
        let to = answer.header("location");
        assert!(to.is_empty() || (to.starts_with('/') && !to.starts_with("//")), "{path}: {to}");
    }
}

#[tokio::test]
async fn who_finds_a_weakness_is_told_whom_to_tell() {
    let app = TestApp::start().await;
    let path = "/.well-known/security.txt";
    app.visitor().get(path).await.expect(404);
    let named = |settings: &mut ekinerja_web::WebSettings| {
        settings.security = Some(SecurityContact {
            contact: "mailto:keamanan@contoh.go.id".parse().expect("an address"),
            expires: "2025-12-31".parse().expect("a day"),
        });
    };
    let app = TestApp::start_with(named, Router::new()).await;
    let told = app.visitor().get(path).await.expect(200);
    assert_eq!(told.header("content-type"), "text/plain; charset=utf-8");
    let lines: Vec<_> = told.body.lines().collect();
    assert_eq!(
        lines[..2],
        ["Contact: mailto:keamanan@contoh.go.id", "Expires: 2025-12-31T23:59:59Z"]
    );
    assert!(told.body.contains(&format!("Canonical: http://{}{path}", app.address())));
    app.pass(chrono::Duration::days(351));
    app.visitor().get(path).await.expect(404);
}

#[tokio::test]
async fn a_type_that_a_sender_claims_must_be_possible() {
    let app = TestApp::start().await;
    let office = crate::measuring::Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let recorded = office.record(&indicator, &json!({ "period": "2024", "value": "1" })).await;
    let id = recorded.expect(201).json()["id"].as_str().expect("an id").to_owned();
    let path = office.api(&format!("/measurements/{id}/evidence"));
    for (claimed, status) in [("text/html", 422), ("image/svg+xml", 422), ("text/csv", 201)] {
        let part = reqwest::multipart::Part::bytes(b"kab;nilai\n".to_vec()).file_name("a.csv");
        let part = part.mime_str(claimed).expect("a type");
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = office.officer.request(Method::POST, &path).multipart(form);
        office.officer.send(request).await.expect(status);
    }
}

/// Refused before its body was read, and all the same told why: no connection is reset under who still sends.
#[tokio::test]
async fn a_refusal_reaches_who_is_still_sending() {
    let app = TestApp::start().await;
    for size in [2 * 1024 * 1024, 16 * 1024 * 1024] {
        let mut stream = TcpStream::connect(app.address()).await.expect("a connection");
        let head = format!(
            "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("a head that is taken");
        stream.write_all(&vec![b'x'; size]).await.expect("a body that is taken");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 413 "), "{size}: {answer}");
        assert!(answer.contains("problem+json"), "{answer}");
    }
}
