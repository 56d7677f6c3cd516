//! Bad input at every door: thousands of hostile bodies made from each operation's own schema, hostile paths,
//! headers, cookies and hosts; and fields that nobody may set. Never a fault of ours, never a hang, always an
//! answer that says what is wrong and nothing about other governments.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ekinerja_tests::{Actor, Answer};
use futures::StreamExt;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::intruders::cases::{Body, Case, cases};
use crate::intruders::world::{owner, rows_of, tenant_tables};
use crate::intruders::{REGENCY, Stage};

/// Requests at once.
const ABREAST: usize = 6;
/// Longer than this counts as a hang.
const PATIENCE: Duration = Duration::from_secs(20);
/// What nobody may store.
const SENTINEL: &str = "sentinel-5d1e7c";

/// Values that no field expects.
fn hostile() -> Vec<Value> {
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(1e308),
        json!(18_446_744_073_709_551_615_u64),
        json!(-0.1),
        json!([]),
        json!({}),
        json!([null]),
        deep,
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("\u{202e}terbalik\u{2066}"),
        json!("\u{feff}\u{200b}"),
        json!("9".repeat(400)),
        json!("-9".repeat(20)),
        json!("1e400"),
        json!("x".repeat(20_000)),
        json!("'; drop table users; --"),
        json!("{{7*7}}${7*7}<script>alert(1)</script>"),
        json!("../../../etc/passwd"),
        json!("ind_00000000000000000000000000000000"),
        json!("2024-13-45"),
        json!("=cmd|' /C calc'!A0"),
        json!("%s%n%x\r\nX-Injected: 1"),
    ]
}

/// Bodies that are wrong as a whole.
fn broken() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"{".to_vec(),
        b"nul".to_vec(),
        b"{\"a\":1}{\"b\":2}".to_vec(),
        b"\"\\ud800\"".to_vec(),
        b"{\"\xff\xfe\":1}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"[1,2,3]".to_vec(),
        b"{\"a\":1,\"a\":2}".to_vec(),
        b"{\"__proto__\":{\"admin\":true}}".to_vec(),
        b"NaN".to_vec(),
        b"1e999999".to_vec(),
    ];
    all.push(b"[".repeat(100_000));
    all.push(b"{\"a\":".repeat(20_000));
    all.push(format!("{{\"a\":\"{}\"}}", "x".repeat(1024 * 1024 + 1)).into_bytes());
    all
}

/// What is wrong with an answer to hostile input, if anything.
fn fault(answer: &Answer, took: Duration, is_operation: bool) -> Option<String> {
    let kind = answer.header("content-type");
    let expected = if is_operation { "application/problem+json" } else { "text/html" };
    if answer.status >= 500 {
        Some(format!("{} {}", answer.status, answer.body))
    } else if answer.status >= 400 && !kind.starts_with(expected) {
        Some(format!("{} without a problem: {kind} {}", answer.status, answer.body))
    } else if took > PATIENCE {
        Some(format!("took {took:?}"))
    } else {
        None
    }
}

/// A request with its raw body.
#[derive(Debug, Clone)]
struct Shot {
    method: Method,
    address: String,
    kind: String,
    body: Vec<u8>,
    is_operation: bool,
}

impl Shot {
    fn at(case: &Case, kind: &str, body: Vec<u8>) -> Self {
        Self {
            method: case.door.method.clone(),
            address: case.address.clone(),
            kind: kind.to_owned(),
            body,
            is_operation: case.door.is_operation,
        }
    }

    async fn fire(self, actor: Actor) -> Option<String> {
        let accept = if self.is_operation { "application/json" } else { "text/html" };
        let request = actor.request(self.method.clone(), &self.address).header("accept", accept);
        let request = request.header("content-type", &self.kind).header("if-match", "\"1\"");
        let request = request.header("sec-fetch-site", "same-origin").body(self.body.clone());
        let begun = Instant::now();
        let answer = actor.send(request).await;
        let fault = fault(&answer, begun.elapsed(), self.is_operation)?;
        let body: String = String::from_utf8_lossy(&self.body).chars().take(200).collect();
        Some(format!("{} {} {body:?}: {fault}", self.method, self.address))
    }
}

async fn fire(shots: Vec<Shot>, actor: &Actor) -> Vec<String> {
    let shots = shots.into_iter().map(|shot| shot.fire(actor.clone()));
    let faults: Vec<_> = futures::stream::iter(shots).buffer_unordered(ABREAST).collect().await;
    faults.into_iter().flatten().collect()
}

#[track_caller]
fn none(faults: &[String]) {
    let some = faults.iter().take(10).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(faults.is_empty(), "{} faults\n{some}", faults.len());
}

/// The regency's cases that write, and somebody there with every role.
async fn writes(stage: &Stage) -> (Vec<Case>, Actor) {
    let all = cases(&stage.doors, &stage.regency, &stage.arranged);
    let writes = all.into_iter().filter(|it| !it.door.reads()).collect();
    (writes, stage.app.tenant(REGENCY).await.everything().await)
}

#[tokio::test]
async fn thousands_of_hostile_bodies_are_refused_with_words() {
    let stage = Stage::set().await;
    let (cases, actor) = writes(&stage).await;
    let mut shots = Vec::new();
    for case in &cases {
        let kind = match (&case.body, case.door.is_operation) {
            (Body::Nothing, _) => continue,
            (_, true) => "application/json",
            (Body::Form(form), false) if form.multipart => "multipart/form-data; boundary=b",
            _ => "application/x-www-form-urlencoded",
        };
        shots.extend(broken().into_iter().map(|body| Shot::at(case, kind, body)));
        match &case.body {
            Body::Json(example) => {
                let names = case.door.schema["properties"].as_object().cloned().unwrap_or_default();
                for (name, _) in names {
                    for value in hostile() {
                        let mut body = example.clone();
                        body[&name] = value;
                        shots.push(Shot::at(case, kind, body.to_string().into_bytes()));
                    }
                }
            }
            Body::Form(form) => {
                for (name, _) in form.fields.iter().take(6) {
                    for value in ["%00", "%ff%fe", "%E2%80%AE", "%", &"9".repeat(400), "a&a=b"] {
                        let body = format!("{name}={value}&lain={value}");
                        shots.push(Shot::at(case, kind, body.into_bytes()));
                    }
                }
            }
            Body::Nothing => {}
        }
    }
    assert!(shots.len() >= 5_000, "{} bodies", shots.len());
    none(&fire(shots, &actor).await);
    actor.get(&format!("/api/v1/tenants/{REGENCY}/plan")).await.expect(200);
}

#[tokio::test]
async fn hostile_paths_headers_cookies_and_hosts_are_refused_with_words() {
    let stage = Stage::set().await;
    let actor = stage.app.tenant(REGENCY).await.everything().await;
    let texts =
        ["%00", "%FF%FE", "..%2f..%2f", "%2e%2e", "x;y=1", "-1", "%E2%80%AE", "2024-Q9", "ntb"];
    let long = "x".repeat(6_000);
    let mut shots = Vec::new();
    for door in stage.doors.iter().filter(|it| it.in_tenant()) {
        for text in texts.iter().chain([&long.as_str()]) {
            let tenant = if door.variables().len() == 1 { *text } else { REGENCY };
            let path = door
                .at(|name| if name == "tenant" { tenant.to_owned() } else { (*text).to_owned() });
            let query = door.at(|_| REGENCY.to_owned());
            let query = format!(
                "{query}?after={text}&limit={text}&period={text}&open={text}&parent={text}"
            );
            for address in [path, query] {
                shots.push(Shot {
                    method: door.method.clone(),
                    address,
                    kind: String::from("application/json"),
                    body: b"{}".to_vec(),
                    is_operation: door.is_operation,
                });
            }
        }
    }
    none(&fire(shots, &actor).await);
    let headers = [
        ("cookie", "ekinerja="),
        ("cookie", "ekinerja=%00%ff; ekinerja=x; =; ;;"),
        ("cookie", "ekinerja=../../../x"),
        ("authorization", "Bearer a.b.c"),
        ("authorization", "Basic \u{7f}"),
        ("if-match", "\"9999999999999999999\""),
        ("if-none-match", "W/\"x\", *, \"\""),
        ("accept-language", "*;q=nan, ,,;q=9"),
        ("accept", "text/html;q=x, */*;;"),
        ("accept-encoding", "gzip;q=, br;q=1e9"),
        ("idempotency-key", "spasi di tengah"),
        ("content-type", "application/json; charset=utf-16"),
        ("content-type", ";"),
        ("content-encoding", "gzip"),
        ("transfer-encoding", "gzip, chunked"),
        ("expect", "200-maybe"),
        ("range", "bytes=0-0,-1"),
        ("x-forwarded-for", "' or 1=1 --"),
        ("sec-fetch-site", "\u{7f}"),
        ("origin", "null"),
    ];
    let visitor = stage.app.visitor();
    let mut faults = Vec::new();
    for (name, value) in headers {
        let (Ok(name), Ok(value)) =
            (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()))
        else {
            continue;
        };
        for (method, address, is_operation) in [
            (Method::GET, format!("/api/v1/tenants/{REGENCY}/plan"), true),
            (Method::POST, format!("/api/v1/tenants/{REGENCY}/agencies"), true),
            (Method::GET, format!("/{REGENCY}/plan"), false),
        ] {
            let accept = if is_operation { "application/json" } else { "text/html" };
            let request = visitor.request(method, &address).header("accept", accept);
            let begun = Instant::now();
            // A request that cannot even be framed may end without an answer.
            let Ok(response) = request.header(&name, &value).send().await else { continue };
            let status = response.status().as_u16();
            if status >= 500 || begun.elapsed() > PATIENCE {
                faults.push(format!("{name:?}: {value:?} at {address}: {status}"));
            }
        }
    }
    none(&faults);
}

/// Columns of the catalogue that a body does not know are refused by name; those of a form are left alone.
#[tokio::test]
async fn no_column_is_set_by_a_client_who_may_not() {
    let stage = Stage::set().await;
    let (cases, actor) = writes(&stage).await;
    let mut owner = owner(&stage.app).await;
    let sql = "select distinct column_name::text from information_schema.columns where table_schema = 'public'";
    let columns: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut owner).await.expect(sql);
    assert!(columns.len() >= 100, "{} columns", columns.len());
    let mut attempts: Vec<(Case, Vec<String>)> = Vec::new();
    for case in cases {
        match &case.body {
            Body::Json(_) => {
                let known = case.door.schema["properties"].as_object().cloned().unwrap_or_default();
                let unknown = columns.iter().filter(|it| !known.contains_key(*it));
                attempts.extend(unknown.map(|it| (case.clone(), vec![it.clone()])));
            }
            Body::Form(form) => {
                let known: BTreeSet<&str> = form.fields.iter().map(|it| it.0.as_str()).collect();
                let unknown = columns.iter().filter(|it| !known.contains(it.as_str())).cloned();
                attempts.push((case.clone(), unknown.collect()));
            }
            Body::Nothing => {}
        }
    }
    assert!(attempts.len() >= 2_000, "{} attempts", attempts.len());
    let tried = futures::stream::iter(attempts).map(|(mut case, names)| {
        let actor = actor.clone();
        async move {
            match &mut case.body {
                Body::Json(body) => body[&names[0]] = json!(SENTINEL),
                Body::Form(form) => names.iter().for_each(|it| form.fill(it, SENTINEL)),
                Body::Nothing => {}
            }
            let answer = case.send(&actor, 1).await;
            let refused = !case.door.is_operation || (400..500).contains(&answer.status);
            let words =
                format!("{} {names:?}: {} {}", case.door.name(), answer.status, answer.body);
            (!refused || answer.status >= 500).then_some(words)
        }
    });
    let faults: Vec<Option<String>> = tried.buffer_unordered(ABREAST).collect().await;
    none(&faults.into_iter().flatten().collect::<Vec<_>>());
    assert!(!rows_of(&stage.app, REGENCY).await.contains(&SENTINEL.replace('-', "")), "stored");
    assert!(tenant_tables(&mut owner).await.len() >= 25);
}
