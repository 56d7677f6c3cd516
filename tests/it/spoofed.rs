//! The government is the one in the path: nothing that a client adds beside it chooses another. And what the
//! product writes into its log says nothing that must stay secret.

use std::io::Write;
use std::sync::{Arc, Mutex};

use ekinerja_tests::reading::{ids, telling};
use ekinerja_tests::{PASSWORD, TestApp};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing_subscriber::fmt::MakeWriter;

use crate::intruders::world::{Government, PLANTED};
use crate::intruders::{Findings, HOME, PROVINCE, REGENCY, Secrets, Stage};

/// Names under which programs have been known to take a tenant, a host or a path from a request.
const NAMES: [&str; 20] = [
    "x-tenant",
    "x-tenant-id",
    "x-tenant-slug",
    "tenant",
    "tenant-id",
    "x-ekinerja-tenant",
    "x-organization",
    "x-forwarded-host",
    "x-forwarded-server",
    "x-forwarded-prefix",
    "x-forwarded-path",
    "x-host",
    "x-original-host",
    "x-original-url",
    "x-rewrite-url",
    "x-http-host-override",
    "x-proxy-host",
    "x-account",
    "x-user",
    "ekinerja.tenant",
];

#[tokio::test]
async fn government_is_chosen_by_the_path_and_by_nothing_beside_it() {
    let stage = Stage::set().await;
    let tenant = stage.app.tenant(HOME).await;
    let actor = tenant.everything().await;
    let mut home = Government::with(HOME, vec![(format!("semua.{HOME}"), actor.clone())]);
    home.look_around(&stage.doors, &[]).await;
    let lists = stage.doors.iter().filter(|it| it.is_operation && it.reads());
    let lists =
        lists.filter(|it| it.variables() == ["tenant"]).map(|it| it.at(|_| HOME.to_owned()));
    let addresses: Vec<String> = lists.chain(home.links.iter().take(30).cloned()).collect();
    let mut findings = Findings::default();
    for address in &addresses {
        let ask = |name: &str, value: &str| {
            let request = actor.request(Method::GET, address).header("accept", "text/html");
            actor.send(request.header(name, value))
        };
        let usual = telling(&ask("x-nothing", "x").await, &[]);
        for (n, name) in NAMES.into_iter().enumerate() {
            for slug in [REGENCY, PROVINCE] {
                let value = if n % 2 == 0 { slug.to_owned() } else { format!("/{slug}/plan") };
                let answer = ask(name, &value).await;
                findings.attempts += 1;
                let told = telling(&answer, &[]);
                // A list of what was read lately may grow by the asking itself.
                let grows = address.contains("audit") || address.contains("read-events");
                let same = told == usual || grows;
                findings.note(same, || {
                    format!(
                        "{address} with {name}: {}",
                        crate::intruders::difference(&told, &usual)
                    )
                });
            }
        }
        for query in ["tenant", "tenant_id", "slug", "host"] {
            let join = if address.contains('?') { '&' } else { '?' };
            let answer = actor.get(&format!("{address}{join}{query}={REGENCY}")).await;
            findings.attempts += 1;
            let secrets = Secrets::of(&stage.regency);
            let leaked = ids(&answer.body).into_iter().any(|id| secrets.ids.contains(id));
            findings.note(!leaked && !answer.body.contains(PLANTED), || {
                format!("{address} with {query}")
            });
        }
    }
    raw_ambiguities(&stage, &mut findings).await;
    findings.none(2_000);
}

/// Requests that two programs in a row could read as two different ones.
async fn raw_ambiguities(stage: &Stage, findings: &mut Findings) {
    let body = json!({ "username": format!("semua.{HOME}"), "password": PASSWORD });
    let answer = stage.app.visitor().post("/api/v1/session", &body).await.expect(200);
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let (own, foreign) = (format!("/{HOME}/plan"), format!("/{REGENCY}/plan"));
    let secrets = Secrets::of(&stage.regency);
    let usual = format!("Host: ekinerja\r\nCookie: {cookie}\r\n");
    for (line, headers) in [
        (format!("GET http://{REGENCY}.example{own} HTTP/1.1"), usual.clone()),
        (format!("GET http://ekinerja{foreign} HTTP/1.1"), usual.clone()),
        (format!("GET /{foreign} HTTP/1.1"), usual.clone()),
        (format!("GET /{HOME}/..{foreign} HTTP/1.1"), usual.clone()),
        (format!("GET /{HOME}/%2e%2e{foreign} HTTP/1.1"), usual.clone()),
        (format!("GET /{HOME}%2f..%2f{REGENCY}/plan HTTP/1.1"), usual.clone()),
        (format!("GET /{HOME};{REGENCY}/plan HTTP/1.1"), usual.clone()),
        (format!("GET /{HOME}%00{REGENCY}/plan HTTP/1.1"), usual.clone()),
        (format!("GET {own}#{foreign} HTTP/1.1"), usual.clone()),
        (format!("GET {foreign} HTTP/1.0"), format!("Cookie: {cookie}\r\n")),
        (format!("GET {foreign} HTTP/1.1"), format!("Host: {HOME}\r\nCookie: {cookie}\r\n")),
        (
            format!("GET {own} HTTP/1.1"),
            format!("Host: a\r\nHost: {REGENCY}\r\nCookie: {cookie}\r\n"),
        ),
        (format!("GET {foreign} HTTP/1.1"), format!("{usual}Cookie: tenant={REGENCY}\r\n")),
        (
            format!("GET {foreign} HTTP/1.1"),
            format!("{usual}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
        ),
        (format!("GET {foreign} HTTP/1.1"), format!("{usual}X-Original-URL: {own}\r\n")),
        (
            format!("POST {foreign} HTTP/1.1"),
            format!("{usual}X-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n"),
        ),
    ] {
        let mut stream = TcpStream::connect(stage.app.address()).await.expect("a connection");
        let text = format!("{line}\r\n{headers}Accept: text/html\r\nConnection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        // A request that cannot be framed may end in a closed connection.
        drop(stream.read_to_end(&mut answer).await);
        let answer = String::from_utf8_lossy(&answer);
        findings.attempts += 1;
        let leaked = ids(&answer).into_iter().any(|id| secrets.ids.contains(id));
        let own_page = answer.starts_with("HTTP/1.1 200") && line.contains(&own);
        let refused = !answer.starts_with("HTTP/1.1 2") && !answer.starts_with("HTTP/1.0 2");
        findings.note(!leaked && !answer.contains(PLANTED) && (own_page || refused), || {
            format!("{line} {headers}: {}", answer.chars().take(400).collect::<String>())
        });
    }
}

/// Keeps what is written into the log.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("the log")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Secrets planted wherever a client can put one; the log of our own crates at its most talkative has none.
#[tokio::test]
async fn log_holds_no_secret_and_no_line_of_a_client() {
    let log = Log::default();
    let filter = "info,ekinerja=trace,ekinerja_web=trace,ekinerja_app=trace,ekinerja_store=trace";
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    // One thread serves and asks, so the guard hears the server as well.
    let guard = tracing::subscriber::set_default(subscriber);
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let actor = bima.everything().await;
    let visitor = app.visitor();
    let wrong = json!({ "username": "semua.bima", "password": "rahasia-1-kata-sandi-salah" });
    visitor.post("/api/v1/session", &wrong).await.expect(401);
    let body = json!({ "username": "rahasia-2\nINFO palsu", "password": "rahasia-3-kata-sandi" });
    visitor.post("/api/v1/session", &body).await;
    let change = json!({ "password": PASSWORD, "new_password": "rahasia-4-kalimat panjang" });
    actor.put("/api/v1/me/password", &change).await;
    visitor.look("/bima/plan?token=rahasia-5-dalam-alamat").await;
    for (name, value) in [
        ("authorization", "Bearer rahasia-6-token"),
        ("cookie", "ekinerja=rahasia-7-cookie"),
        ("x-api-key", "rahasia-8-kunci"),
        ("idempotency-key", "rahasia-9-kunci"),
    ] {
        let request = visitor.request(Method::POST, &bima.api("/agencies")).header(name, value);
        visitor.send(request.json(&json!({ "code": "rahasia-10-isi" }))).await;
    }
    visitor.get("/api/v1/tenants/bima%0aINFO%20palsu/plan").await;
    let member = json!({ "username": "calon.bima", "name": "Calon", "role": "auditor" });
    let everything = app.sign_in_with("semua.bima", "rahasia-4-kalimat panjang").await;
    let added = everything.post(&bima.api("/members"), &member).await.expect(201).json();
    let first = added["first_password"].as_str().expect("a first password").to_owned();
    drop(guard);
    let text = log.text();
    assert!(
        text.contains("answered") && text.contains("/api/v1/session"),
        "the log was heard: {text}"
    );
    for secret in (1..=10).map(|n| format!("rahasia-{n}")).chain([PASSWORD.to_owned(), first]) {
        assert!(!text.contains(&secret), "{secret} is in the log: {text}");
    }
    assert!(!text.lines().any(|it| it.starts_with("INFO palsu")), "a client wrote a line: {text}");
}
