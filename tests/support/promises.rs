//! What the description of the interface promises, held against every answer that any test gets: its status is
//! one that the operation names, its media type and its code are among those that stand there.

use std::sync::LazyLock;

use reqwest::Method;
use serde_json::Value;

use crate::actor::Answer;
use crate::surface::{Door, door_at, operations};

static OPERATIONS: LazyLock<Vec<Door>> = LazyLock::new(operations);

/// Holds an answer against the description; what is no operation has none.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    if !path.starts_with("/api/v1/") {
        return;
    }
    // A method that an address does not take is nobody's operation.
    let Some(door) = door_at(&OPERATIONS, method, path).filter(|_| answer.status != 405) else {
        return;
    };
    let Answer { status, body, .. } = answer;
    let name = door.name();
    let promised = door.answers.get(&status.to_string());
    let promised = promised.unwrap_or_else(|| panic!("{name} does not say {status}: {body}"));
    let kind = answer.header("content-type");
    let kind = kind.split(';').next().unwrap_or_default();
    let media = promised["content"].as_object();
    let fits = media.map_or(kind.is_empty(), |it| {
        it.contains_key(kind) || (it.contains_key("*/*") && !kind.is_empty())
    });
    assert!(fits, "{name} says {:?} for {status} and sends {kind}", media.map(|it| it.keys()));
    if *status < 400 {
        return;
    }
    let code = answer.code();
    let schema = &promised["content"][kind]["schema"];
    let narrower = schema["allOf"].as_array().into_iter().flatten();
    let mut codes = narrower.filter_map(|it| it["properties"]["code"]["enum"].as_array());
    let known = codes.all(|it| it.contains(&Value::from(code.as_str())));
    assert!(known, "{name} does not say {code} for {status}");
}
