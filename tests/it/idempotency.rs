//! A request that is sent twice is done once; a write is done whole or not at all.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use ekinerja_app::{App, Code, Refusal};
use ekinerja_domain::access::policy::Organisation;
use ekinerja_domain::access::{Administer, Role};
use ekinerja_domain::agency::AgencyKind;
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_store::agencies::NewAgency;
use ekinerja_tests::{Actor, Answer, TestApp};
use ekinerja_web::answer::Created;
use ekinerja_web::extract::Json;
use ekinerja_web::{AppState, Caller, Problem};
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/tenants/bima/test/agencies";
/// How often something was created.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A write of the product's own kind, as a use case does it.
async fn add(app: &App, scope: ekinerja_app::TenantScope, code: &str) -> Result<(), Refusal> {
    let tx = app.store().begin(scope, app.now()).await?;
    let permit = tx.permit::<Administer, _>(Organisation)?;
    let new = NewAgency {
        code: code.to_owned(),
        name: format!("Dinas {code}"),
        abbreviation: None,
        kind: AgencyKind::Secretariat,
        parent: None,
        note: None,
        verified: false,
    };
    let added = tx.agencies().add(&permit, new).await;
    let agency = added.map_err(|error| match error {
        ekinerja_store::Error::Conflict { .. } => Refusal::conflict("code", Code::AgencyCodeTaken),
        error => error.into(),
    })?;
    tx.commit(Event::new(EventKind::AgencyAdded, agency.id)).await?;
    Ok(())
}

async fn create(
    State(app): State<App>,
    Caller(scope): Caller,
    Json(body): Json<Value>,
) -> Result<Created<Value>, Problem> {
    let code = body["code"].as_str().unwrap_or_default();
    if code.is_empty() {
        return Err(Refusal::invalid("code", Code::FieldMissing).into());
    }
    // `*` takes a new code each time, so that nothing but the key keeps a second one out.
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let code = if code == "*" { format!("9.{count}") } else { code.to_owned() };
    let pause = body["pause"].as_u64().unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(pause)).await;
    add(&app, scope, &code).await?;
    let moment = app.now().to_rfc3339();
    let answer = json!({ "code": code, "at": moment });
    Ok(Created::at(format!("{PATH}/{code}"), answer).revision(1))
}

async fn start() -> TestApp {
    let routes: Router<AppState> =
        Router::new().route("/api/v1/tenants/{tenant}/test/agencies", post(create));
    TestApp::start_with(|_| {}, routes).await
}

async fn send(actor: &Actor, path: &str, key: &str, body: &Value) -> Answer {
    let request = actor.request(Method::POST, path).header("idempotency-key", key).json(body);
    actor.send(request).await
}

/// How many agencies a tenant has.
async fn count(app: &TestApp, slug: &str) -> i64 {
    use sqlx::ConnectOptions;
    let mut connection = app.database().owner_options().connect().await.expect("a connection");
    let sql =
        "select count(*) from agencies a join tenants t on t.id = a.tenant_id where slug = $1";
    sqlx::query_scalar(sql).bind(slug).fetch_one(&mut connection).await.expect("a count")
}

#[tokio::test]
async fn same_request_with_the_same_key_is_done_once_and_answered_the_same() {
    let app = start().await;
    let administrator = app.tenant("bima").await.member(Role::Administrator).await;
    let body = json!({ "code": "1.01" });
    let first = send(&administrator, PATH, "satu", &body).await.expect(201);
    app.pass(chrono::Duration::hours(1));
    let again = send(&administrator, PATH, "satu", &body).await.expect(201);
    assert_eq!(first.body, again.body);
    for header in ["location", "etag", "content-type"] {
        assert_eq!(first.header(header), again.header(header), "{header}");
        assert!(!first.header(header).is_empty(), "{header}");
    }
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        ("", "true")
    );
    assert_eq!(count(&app, "bima").await, 1);

    let taken = administrator.post(PATH, &body).await.expect(409);
    assert_eq!(taken.code(), "agency.code-taken", "without a key it is a second request");
}

#[tokio::test]
async fn key_belongs_to_one_request_of_one_person_in_one_tenant() {
    let app = start().await;
    let bima = app.tenant("bima").await;
    let dompu = app.tenant("dompu").await;
    let ani =
        bima.member_named("ani", Role::Administrator, ekinerja_domain::access::Scope::Tenant).await;
    let budi = bima
        .member_named("budi", Role::Administrator, ekinerja_domain::access::Scope::Tenant)
        .await;
    let cici = dompu.member(Role::Administrator).await;
    send(&ani, PATH, "k", &json!({ "code": "1.01" })).await.expect(201);
    let other = send(&ani, PATH, "k", &json!({ "code": "1.02" })).await.expect(422);
    assert_eq!(other.code(), "idempotency.key-reused");
    send(&budi, PATH, "k", &json!({ "code": "1.03" })).await.expect(201);
    send(&cici, &dompu.api("/test/agencies"), "k", &json!({ "code": "1.01" })).await.expect(201);
    assert_eq!((count(&app, "bima").await, count(&app, "dompu").await), (2, 1));
}

#[tokio::test]
async fn eight_at_once_do_it_once_and_all_get_the_answer() {
    let app = start().await;
    let administrator = app.tenant("bima").await.member(Role::Administrator).await;
    for code in ["1.01", "*"] {
        let body = json!({ "code": code, "pause": 50 });
        let key = format!("serentak-{code}");
        let one = || send(&administrator, PATH, &key, &body);
        let at_once = futures::future::join_all((0..8).map(|_| one())).await;
        let bodies: BTreeSet<_> = at_once.into_iter().map(|it| it.expect(201).body).collect();
        assert_eq!(bodies.len(), 1, "{bodies:?}");
    }
    assert_eq!(count(&app, "bima").await, 2);
}

#[tokio::test]
async fn refused_request_leaves_its_key_free_and_an_old_key_is_forgotten() {
    let app = start().await;
    let tenant = app.tenant("bima").await;
    let administrator = tenant.member(Role::Administrator).await;
    send(&administrator, PATH, "k", &json!({ "code": "" })).await.expect(422);
    send(&administrator, PATH, "k", &json!({ "code": "1.01" })).await.expect(201);
    app.pass(chrono::Duration::days(3));
    let administrator = tenant.member(Role::Administrator).await;
    send(&administrator, PATH, "k", &json!({ "code": "1.02" })).await.expect(201);
    assert_eq!(count(&app, "bima").await, 2);
}

#[tokio::test]
async fn unusable_key_is_named_and_a_stranger_learns_nothing() {
    let app = start().await;
    let administrator = app.tenant("bima").await.member(Role::Administrator).await;
    app.tenant("dompu").await;
    for key in ["", "a b", &"k".repeat(201)] {
        let answer = send(&administrator, PATH, key, &json!({ "code": "1.01" })).await.expect(400);
        assert_eq!(answer.code(), "idempotency.key-unusable", "{key}");
    }
    send(&app.visitor(), PATH, "k", &json!({})).await.expect(401);
    let foreign = "/api/v1/tenants/dompu/test/agencies";
    send(&administrator, foreign, "k", &json!({ "code": "1.01" })).await.expect(404);
    assert_eq!(count(&app, "bima").await + count(&app, "dompu").await, 0);
}

#[tokio::test]
async fn write_whose_caller_has_left_is_done_whole() {
    let app = start().await;
    let administrator = app.tenant("bima").await.member(Role::Administrator).await;
    let body = json!({ "code": "1.01", "pause": 300 });
    let request = administrator.request(Method::POST, PATH).json(&body);
    let cut = request.timeout(Duration::from_millis(100)).send().await;
    assert!(cut.is_err_and(|error| error.is_timeout()));
    for _ in 0..50 {
        if count(&app, "bima").await == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the write was lost with its caller");
}
