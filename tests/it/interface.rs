//! Every operation of the interface, taken from its own description: who is not signed in, who belongs
//! elsewhere, and who sends rubbish.

use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::{Actor, Answer, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

/// An operation: method, path with its variables, and the media types of its body.
#[derive(Debug, Clone)]
struct Operation {
    method: Method,
    path: String,
    media: Vec<String>,
    open: bool,
}

impl Operation {
    /// The path with this tenant and this text for every other variable.
    fn at(&self, tenant: &str, other: &str) -> String {
        let parts = self.path.split('/').map(|part| match part {
            "{tenant}" => tenant,
            part if part.starts_with('{') => other,
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }

    fn in_tenant(&self) -> bool {
        self.path.contains("{tenant}")
    }
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(ekinerja_web::openapi()).expect("a document");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Ok(method) = method.to_uppercase().parse() else { continue };
            let content = operation["requestBody"]["content"].as_object();
            let media = content.map(|it| it.keys().cloned().collect()).unwrap_or_default();
            let open = operation["security"] == json!([{}]);
            found.push(Operation { method, path: path.clone(), media, open });
        }
    }
    assert!(found.len() > 3, "the description names hardly any operation");
    found
}

/// Someone with every role in `bima`.
async fn everything(app: &TestApp) -> Actor {
    let bima = app.tenant("bima").await;
    app.account("semua", false).await;
    for role in Role::ALL {
        bima.give("semua", role, Scope::Tenant, None).await;
    }
    app.sign_in("semua").await
}

async fn ask(actor: &Actor, operation: &Operation, path: &str) -> Answer {
    let request = actor.request(operation.method.clone(), path).header("if-match", "\"1\"");
    actor.send(request.json(&json!({}))).await
}

/// A problem without what differs from request to request.
fn plain(answer: &Answer) -> Value {
    let mut body = answer.json();
    body["trace"].take();
    body
}

#[tokio::test]
async fn every_operation_asks_who_it_is_before_anything_else() {
    let app = TestApp::start().await;
    app.tenant("bima").await;
    let visitor = app.visitor();
    for operation in operations().iter().filter(|it| !it.open) {
        let answer = ask(&visitor, operation, &operation.at("bima", "x")).await;
        assert_eq!(answer.status, 401, "{operation:?}: {}", answer.body);
        assert_eq!(answer.code(), "unauthenticated", "{operation:?}");
    }
}

#[tokio::test]
async fn every_operation_answers_for_a_foreign_tenant_as_for_none() {
    let app = TestApp::start().await;
    app.tenant("dompu").await;
    let somebody = everything(&app).await;
    for operation in operations().iter().filter(|it| it.in_tenant()) {
        let foreign = ask(&somebody, operation, &operation.at("dompu", "x")).await;
        let missing = ask(&somebody, operation, &operation.at("tidak-ada", "x")).await;
        assert_eq!(foreign.status, 404, "{operation:?}: {}", foreign.body);
        assert_eq!(plain(&foreign), plain(&missing), "{operation:?}");
    }
}

#[tokio::test]
async fn no_operation_breaks_on_rubbish() {
    let app = TestApp::start().await;
    let somebody = everything(&app).await;
    let long = "x".repeat(5_000);
    let texts = ["", "x", "\u{0}", "%FF%FE", "..%2F..", "0", "-1", "2024", "2024-Q9", &long];
    let bodies = [
        json!(null),
        json!([]),
        json!({}),
        json!("text"),
        json!(1e300),
        json!({ "code": "\u{0}", "name": long, "value": "9".repeat(400), "period": "2024-13" }),
        json!({ "code": [], "name": {}, "value": -0.0, "items": [null, 1, "x", [[[]]]] }),
    ];
    for operation in operations().iter().filter(|it| !it.path.ends_with("/session")) {
        for text in texts {
            let text = percent(text);
            let path = operation.at("bima", &text);
            let query = format!("{path}?after={text}&limit={text}&period={text}&year={text}");
            for path in [path, query] {
                let answer = ask(&somebody, operation, &path).await;
                assert!(answer.status < 500, "{operation:?} {path}: {}", answer.body);
            }
        }
        for kind in &operation.media {
            for body in &bodies {
                let path = operation.at("bima", "x");
                let request = somebody.request(operation.method.clone(), &path);
                let request = request.header("content-type", kind).header("if-match", "\"1\"");
                let answer = somebody.send(request.body(body.to_string())).await;
                assert!(
                    (400..500).contains(&answer.status),
                    "{operation:?} {body}: {} {}",
                    answer.status,
                    answer.body
                );
                assert_eq!(answer.header("content-type"), "application/problem+json");
            }
        }
    }
}

/// Rubbish as it can stand in a path: what is escaped already stays.
fn percent(text: &str) -> String {
    if text.contains('%') { text.to_owned() } else { text.replace('\u{0}', "%00") }
}
