//! What surrounds every handler: origins, limits, panics, malformed requests, headers.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, PASSWORD, TestApp};
use ekinerja_web::caller::Operator;
use ekinerja_web::extract::{Fields, Form, Json, MultipartForm};
use ekinerja_web::paging::Paging;
use ekinerja_web::{AppState, Caller, Revision};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

/// Fields as a body of the interface has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    value: String,
}

/// Routes that only these tests need, behind the product's own layers.
fn extra() -> Router<AppState> {
    Router::new()
        .route("/api/v1/test/panic", get(async || -> &'static str { panic!("rahasia") }))
        .route("/api/v1/test/panic-in-write", post(async || -> &'static str { panic!("rahasia") }))
        .route("/api/v1/test/slow", get(slow).post(slow))
        .route("/api/v1/test/body", post(async |Json(body): Json<Body>| body.value))
        .route(
            "/api/v1/test/form",
            post(async |Form(form): Form<Fields>| form.text("a").to_owned()),
        )
        .route("/api/v1/test/files", post(files))
        .route("/api/v1/test/list", get(async |paging: Paging| paging.page().size.to_string()))
        .route("/api/v1/test/change", post(async |Revision(it): Revision| it.to_string()))
        .route("/api/v1/test/operator", get(async |Operator(it): Operator| it.person.name.clone()))
        .route(
            "/api/v1/tenants/{tenant}/test",
            get(async |Caller(scope): Caller| scope.tenant().name.clone()),
        )
        .route("/{tenant}/test", get(page))
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_secs(5)).await;
    "late"
}

async fn files(form: MultipartForm) -> String {
    let file = form.file("bukti").expect("a file");
    format!("{} {} {}", form.fields.text("note"), file.name, file.content.len())
}

async fn page(
    State(_): State<AppState>,
    page: ekinerja_web::page::Page,
) -> axum::response::Response {
    page.show(ekinerja_web::page::Head::new("Uji"), maud::html! { p { "isi" } })
}

async fn start() -> TestApp {
    TestApp::start_with(|_| {}, extra()).await
}

#[tokio::test]
async fn foreign_tenant_and_missing_tenant_look_alike() {
    let app = start().await;
    let planner = app.tenant("bima").await.member(Role::Planner).await;
    app.tenant("dompu").await;
    let name = planner.get("/api/v1/tenants/bima/test").await.expect(200).body;
    assert_eq!(name, "Kabupaten Bima");
    let body = |slug: &'static str| {
        let planner = planner.clone();
        async move {
            let answer = planner.get(&format!("/api/v1/tenants/{slug}/test")).await.expect(404);
            let mut body = answer.json();
            body["trace"].take();
            body
        }
    };
    let foreign = body("dompu").await;
    for other in ["sumbawa", "API", "x", "masuk", "%00", "bima%2Ftest"] {
        assert_eq!(body(other).await, foreign, "{other}");
    }
    app.visitor().get("/api/v1/tenants/bima/test").await.expect(401);
}

#[tokio::test]
async fn page_of_a_tenant_leads_to_sign_in_and_then_has_its_frame() {
    let app = start().await;
    let tenant = app.tenant("bima").await;
    let visitor = app.visitor();
    let way = visitor.look("/bima/test?x=1").await.expect(303);
    assert_eq!(way.header("location"), "/masuk?kembali=%2Fbima%2Ftest%3Fx%3D1");
    let planner = tenant.member(Role::Planner).await;
    let page = planner.look("/bima/test").await.expect(200);
    assert!(page.body.contains("Kabupaten Bima") && page.body.contains("Perencana"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    let foreign = planner.look("/dompu/test").await.expect(404).body;
    assert!(foreign.contains("not-found") && foreign.contains("<h1>"), "{foreign}");
}

#[tokio::test]
async fn operators_door_is_for_operators() {
    let app = start().await;
    app.visitor().get("/api/v1/test/operator").await.expect(401);
    app.account("ani", false).await;
    let ani = app.sign_in("ani").await;
    assert_eq!(ani.get("/api/v1/test/operator").await.expect(403).code(), "forbidden");
    app.operator().await.get("/api/v1/test/operator").await.expect(200);
}

#[tokio::test]
async fn write_from_another_site_is_refused_and_a_program_is_not() {
    let app = start().await;
    app.account("ani", false).await;
    let ani = app.sign_in("ani").await;
    let attempt = |headers: &'static [(&'static str, &'static str)]| {
        let mut request = ani.request(Method::POST, "/keluar").header("accept", "text/html");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        ani.send(request)
    };
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://jahat.example")],
        &[("origin", "null")],
    ] {
        let refused = attempt(headers).await.expect(403);
        assert!(refused.body.contains("request.cross-site"), "{}", refused.body);
    }
    ani.get("/api/v1/me").await.expect(200);
    attempt(&[("sec-fetch-site", "same-origin")]).await.expect(303);
    ani.get("/api/v1/me").await.expect(401);
    let body = json!({ "username": "ani", "password": PASSWORD });
    app.visitor().post("/api/v1/session", &body).await.expect(200);
}

#[tokio::test]
async fn panic_is_a_problem_that_tells_nothing() {
    let app = start().await;
    let visitor = app.visitor();
    let read = visitor.get("/api/v1/test/panic").await.expect(500);
    let write = visitor.post("/api/v1/test/panic-in-write", &json!({})).await.expect(500);
    for answer in [read, write] {
        assert_eq!(answer.code(), "internal");
        assert!(!answer.body.contains("rahasia"), "{}", answer.body);
        assert_eq!(answer.json()["trace"], answer.header("x-request-id"));
    }
    visitor.get("/healthz").await.expect(200);
}

#[tokio::test]
async fn slow_answer_and_full_house_are_503_with_retry_after() {
    let settings = |it: &mut ekinerja_web::WebSettings| {
        it.time_limit = Duration::from_millis(300);
        it.concurrency = 1;
    };
    let app = TestApp::start_with(settings, extra()).await;
    let visitor = app.visitor();
    let (slow, turned_away) = tokio::join!(visitor.get("/api/v1/test/slow"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        visitor.get("/api/v1/test/list").await
    });
    assert_eq!(slow.expect(503).code(), "request.timeout");
    let turned_away = turned_away.expect(503);
    assert_eq!(turned_away.code(), "busy");
    assert_eq!(turned_away.header("retry-after"), "2");
    assert_eq!(visitor.post("/api/v1/test/slow", &json!({})).await.code(), "request.timeout");
    visitor.get("/api/v1/test/list").await.expect(200);
}

async fn raw(
    actor: &Actor,
    path: &str,
    kind: &str,
    body: &str,
) -> (u16, String, Vec<(String, String)>) {
    let request = actor.request(Method::POST, path).header("content-type", kind);
    let answer = actor.send(request.body(body.to_owned())).await;
    (answer.status, answer.code(), answer.violations())
}

#[tokio::test]
async fn malformed_bodies_name_the_field_and_the_remedy() {
    let app = start().await;
    let visitor = app.visitor();
    let json = "application/json";
    let check = async |body: &str, status: u16, code: &str, field: Option<(&str, &str)>| {
        let (found, name, violations) = raw(&visitor, "/api/v1/test/body", json, body).await;
        assert_eq!((found, name.as_str()), (status, code), "{body}");
        let expected: Vec<_> =
            field.into_iter().map(|(at, what)| (at.to_owned(), what.to_owned())).collect();
        assert_eq!(violations, expected, "{body}");
    };
    check("", 400, "request.malformed", None).await;
    check("{", 400, "request.malformed", None).await;
    check("{\"value\":\"a\"} x", 400, "request.malformed", None).await;
    check("{\"value\":\"\\ud800\"}", 400, "request.malformed", None).await;
    check("{}", 422, "invalid", Some(("/value", "field.missing"))).await;
    check("{\"value\":1}", 422, "invalid", Some(("/value", "field.wrong-type"))).await;
    check("{\"value\":\"\",\"x\":1}", 422, "invalid", Some(("/x", "field.unknown"))).await;
    check("{\"value\":\"\",\"value\":\"\"}", 422, "invalid", Some(("/value", "field.repeated")))
        .await;

    let (deep, ..) = raw(&visitor, "/api/v1/test/body", json, &"[".repeat(100_000)).await;
    assert_eq!(deep, 422, "a thousand lists in each other are refused at the first");

    let (status, code, _) = raw(&visitor, "/api/v1/test/body", "text/plain", "{}").await;
    assert_eq!((status, code.as_str()), (415, "request.media-type"));
    let large = format!("{{\"value\":\"{}\"}}", "x".repeat(1024 * 1024));
    let (status, code, _) = raw(&visitor, "/api/v1/test/body", json, &large).await;
    assert_eq!((status, code.as_str()), (413, "request.too-large"));
    let (status, ..) = raw(&visitor, "/api/v1/test/form", json, "{}").await;
    assert_eq!(status, 415);
    let (status, code, _) = raw(&visitor, "/api/v1/test/files", "multipart/form-data", "x").await;
    assert_eq!((status, code.as_str()), (400, "request.malformed"));
    let kind = "multipart/form-data; boundary=b";
    let (status, code, _) = raw(&visitor, "/api/v1/test/files", kind, "--b\r\nhalf").await;
    assert_eq!((status, code.as_str()), (400, "request.malformed"));
}

#[tokio::test]
async fn files_arrive_with_their_fields_and_a_harmless_name() {
    let app = start().await;
    let part = reqwest::multipart::Part::bytes(vec![7; 10]).file_name("../../etc/lkj.pdf");
    let form = reqwest::multipart::Form::new().text("note", "catatan").part("bukti", part);
    let visitor = app.visitor();
    let request = visitor.request(Method::POST, "/api/v1/test/files").multipart(form);
    assert_eq!(visitor.send(request).await.expect(200).body, "catatan lkj.pdf 10");
}

#[tokio::test]
async fn addresses_methods_queries_and_headers_that_do_not_fit_are_4xx() {
    let app = start().await;
    let visitor = app.visitor();
    assert_eq!(visitor.get("/api/v1/nothing").await.expect(404).code(), "not-found");
    let page = visitor.look("/tidak/ada").await.expect(404);
    assert!(page.body.contains("<h1>"), "{}", page.body);
    let method = visitor.delete("/api/v1/me").await.expect(405);
    assert_eq!(method.code(), "request.method-not-allowed");
    assert!(method.header("allow").contains("GET"), "{:?}", method.headers);

    for (query, code) in [
        ("limit=0", "number.out-of-range"),
        ("limit=201", "number.out-of-range"),
        ("limit=x", "field.unknown-value"),
        ("limit=-1", "field.unknown-value"),
    ] {
        let answer = visitor.get(&format!("/api/v1/test/list?{query}")).await.expect(422);
        assert_eq!(answer.violations(), [("/limit".to_owned(), code.to_owned())], "{query}");
    }
    assert_eq!(visitor.get("/api/v1/test/list?limit=7").await.expect(200).body, "7");

    let change = async |tag: Option<&str>| {
        let mut request = visitor.request(Method::POST, "/api/v1/test/change");
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        visitor.send(request).await
    };
    assert_eq!(change(None).await.expect(428).code(), "request.if-match-missing");
    assert_eq!(change(Some("*")).await.expect(428).code(), "request.if-match-missing");
    assert_eq!(change(Some("3")).await.expect(400).code(), "request.if-match-unreadable");
    assert_eq!(change(Some("\"3\"")).await.expect(200).body, "3");
}

#[tokio::test]
async fn problem_speaks_the_callers_language() {
    let app = start().await;
    let visitor = app.visitor();
    let title = async |language: &str| {
        let request =
            visitor.request(Method::GET, "/api/v1/me").header("accept-language", language);
        visitor.send(request).await.json()["title"].as_str().expect("a title").to_owned()
    };
    assert_eq!(title("en").await, "You are not signed in");
    assert_eq!(title("fr").await, "Anda belum masuk");
    let explained = visitor.look("/problems/not-found").await.expect(200).body;
    assert!(explained.contains("Tidak ditemukan"), "{explained}");
    assert_eq!(visitor.get("/problems/stale").await.expect(200).json()["status"], 412);
    visitor.get("/problems/nothing").await.expect(404);
}

#[tokio::test]
async fn language_switch_stays_on_this_site_and_is_remembered() {
    let app = start().await;
    let visitor = app.visitor();
    let back = visitor.look("/bahasa/en?kembali=%2Fmasuk").await.expect(303);
    assert_eq!(back.header("location"), "/masuk");
    assert!(visitor.look("/masuk").await.body.contains("Sign in to E-Kinerja"));
    let foreign = visitor.look("/bahasa/id?kembali=%2F%2Fjahat.example").await.expect(303);
    assert_eq!(foreign.header("location"), "/");
    assert!(visitor.look("/masuk").await.body.contains("Masuk ke E-Kinerja"));
}

#[tokio::test]
async fn front_page_names_the_governments() {
    let app = start().await;
    let empty = app.visitor().look("/").await.expect(200).body;
    assert!(empty.contains("Belum ada pemerintah daerah"), "{empty}");
    app.tenant("kota-bima").await;
    let page = app.visitor().look("/").await.expect(200).body;
    assert!(page.contains("Provinsi Nusa Tenggara Barat") && page.contains("Kota Bima"), "{page}");
}

#[tokio::test]
async fn description_of_the_interface_can_be_read_by_programs_and_people() {
    let app = start().await;
    let visitor = app.visitor();
    let document = visitor.get("/api/openapi.json").await.expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/session"]["post"].is_object());
    let docs = visitor.look("/api/docs/").await.expect(200);
    assert!(docs.body.contains("swagger-ui"), "{}", docs.body);
    assert!(docs.header("content-security-policy").contains("style-src 'self' 'unsafe-inline'"));
    for script in docs.body.split("src=\"").skip(1) {
        let path = script.split('"').next().expect("an address").trim_start_matches("./");
        visitor.get(&format!("/api/docs/{path}")).await.expect(200);
    }
}

#[tokio::test]
async fn health_and_readiness_answer() {
    let not_ready = |it: &mut ekinerja_web::WebSettings| {
        it.readiness = std::sync::Arc::new(|| {
            Box::pin(async { Err(String::from("the schema is older than this program")) })
        });
    };
    let app = start().await;
    app.visitor().get("/healthz").await.expect(200);
    app.visitor().get("/readyz").await.expect(200);
    let app = TestApp::start_with(not_ready, Router::new()).await;
    let answer = app.visitor().get("/readyz").await.expect(503);
    assert_eq!(answer.json()["ready"], false);
}

#[tokio::test]
async fn over_tls_the_cookie_is_locked_to_the_host_and_browsers_stay_on_tls() {
    let https = |it: &mut ekinerja_web::WebSettings| {
        it.public_url = "https://kinerja.example/".parse().expect("an address");
    };
    let app = TestApp::start_with(https, extra()).await;
    app.account("ani", false).await;
    let body = json!({ "username": "ani", "password": PASSWORD });
    let answer = app.visitor().post("/api/v1/session", &body).await.expect(200);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-ekinerja="), "{cookie}");
    for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert!(answer.header("strict-transport-security").starts_with("max-age=31536000"));
    let trusted = [("origin", "https://kinerja.example"), ("origin", "https://jahat.example")];
    for ((name, value), status) in trusted.into_iter().zip([303, 403]) {
        let visitor = app.visitor();
        let request = visitor.request(Method::POST, "/keluar").header(name, value);
        visitor.send(request).await.expect(status);
    }
}

#[tokio::test]
async fn two_hosts_are_one_too_many_and_no_link_follows_a_host() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = start().await;
    let raw = async |text: &str| {
        let mut stream = tokio::net::TcpStream::connect(app.address()).await.expect("a connection");
        stream.write_all(text.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    };
    let end = "Connection: close\r\n\r\n";
    let two = raw(&format!("GET /masuk HTTP/1.1\r\nHost: a\r\nHost: b\r\n{end}")).await;
    assert!(two.starts_with("HTTP/1.1 400"), "{two}");
    let poisoned = format!(
        "GET /masuk HTTP/1.1\r\nHost: jahat.example\r\nX-Forwarded-Host: jahat.example\r\n{end}"
    );
    let page = raw(&poisoned).await;
    assert!(page.starts_with("HTTP/1.1 200") && !page.contains("jahat"), "{page}");
}
