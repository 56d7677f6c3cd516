//! Every operation of the interface, taken from its own description: who is not signed in, who belongs
//! elsewhere, and who sends rubbish.

use ekinerja_tests::surface::{Door, operations};
use ekinerja_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

/// The path with this tenant and this text for every other variable.
fn at(operation: &Door, tenant: &str, other: &str) -> String {
    operation.at(|variable| if variable == "tenant" { tenant } else { other }.to_owned())
}

async fn ask(actor: &Actor, operation: &Door, path: &str) -> Answer {
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
        let answer = ask(&visitor, operation, &at(operation, "bima", "x")).await;
        assert_eq!(answer.status, 401, "{operation:?}: {}", answer.body);
        assert_eq!(answer.code(), "unauthenticated", "{operation:?}");
    }
}

#[tokio::test]
async fn every_operation_answers_for_a_foreign_tenant_as_for_none() {
    let app = TestApp::start().await;
    app.tenant("dompu").await;
    let somebody = app.tenant("bima").await.everything().await;
    for operation in operations().iter().filter(|it| it.in_tenant()) {
        let foreign = ask(&somebody, operation, &at(operation, "dompu", "x")).await;
        let missing = ask(&somebody, operation, &at(operation, "tidak-ada", "x")).await;
        assert_eq!(foreign.status, 404, "{operation:?}: {}", foreign.body);
        assert_eq!(plain(&foreign), plain(&missing), "{operation:?}");
    }
}

#[tokio::test]
async fn no_operation_breaks_on_rubbish() {
    let app = TestApp::start().await;
    let somebody = app.tenant("bima").await.everything().await;
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
            let path = at(operation, "bima", &text);
            let query = format!("{path}?after={text}&limit={text}&period={text}&year={text}");
            for path in [path, query] {
                let answer = ask(&somebody, operation, &path).await;
                assert!(answer.status < 500, "{operation:?} {path}: {}", answer.body);
            }
        }
        for kind in &operation.media {
            for body in &bodies {
                let path = at(operation, "bima", "x");
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
