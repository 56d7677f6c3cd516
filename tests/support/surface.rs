//! Everything that answers: the operations of the interface, from its own description, and every other
//! address, from the router's own list. Nothing here is written by hand, so nothing can be forgotten.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

/// One method at one address.
#[derive(Debug, Clone)]
pub struct Door {
    /// The method.
    pub method: Method,
    /// The address with its variables, as axum writes it.
    pub path: String,
    /// Media types of its body; empty without one and for pages.
    pub media: Vec<String>,
    /// Schema of its JSON body.
    pub schema: Value,
    /// Example of its JSON body.
    pub example: Value,
    /// Names of its query parameters.
    pub query: Vec<String>,
    /// Whether it belongs to the interface.
    pub is_operation: bool,
    /// Whether it answers without a session.
    pub open: bool,
    /// Its answers as the description tells them, by status.
    pub answers: BTreeMap<String, Value>,
}

impl Door {
    /// How lists name it: `GET /api/v1/me`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it lies inside a government.
    pub fn in_tenant(&self) -> bool {
        self.path.contains("{tenant}")
    }

    /// Whether it only reads.
    pub fn reads(&self) -> bool {
        self.method.is_safe()
    }

    /// Whether it serves a file of the program or a description, the same for everybody.
    pub fn is_file(&self) -> bool {
        ["/assets/", "/api", "/favicon", "/bahasa/", "/problems/", "/.well-known/"]
            .iter()
            .any(|it| self.path.starts_with(it))
    }

    /// Names of the variables of its address, in their order.
    pub fn variables(&self) -> Vec<&str> {
        let parts = self.path.split('/');
        parts.filter_map(|it| it.strip_prefix('{')?.strip_suffix('}')).collect()
    }

    /// The address with a text for each variable.
    pub fn at(&self, of: impl Fn(&str) -> String) -> String {
        let parts = self.path.split('/').map(|part| {
            match part.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
                Some(variable) => of(variable),
                None => part.to_owned(),
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Whether a path, without its query, is this address.
    pub fn leads(&self, path: &str) -> bool {
        let (mut here, mut there) = (self.path.split('/'), path.split('/'));
        loop {
            match (here.next(), there.next()) {
                (None, None) => return true,
                (Some(part), _) if part.starts_with("{*") => return true,
                (Some(part), Some(text)) if part == text => {}
                (Some(part), Some(text)) if part.starts_with('{') && !text.is_empty() => {}
                _ => return false,
            }
        }
    }
}

/// The door behind a path: an exact part goes before a variable, as in the router.
pub fn door_at<'d>(doors: &'d [Door], method: &Method, path: &str) -> Option<&'d Door> {
    let found = doors.iter().filter(|it| it.method == method && it.leads(path));
    found.min_by_key(|it| {
        it.path.split('/').map(|part| u8::from(part.starts_with('{'))).collect::<Vec<_>>()
    })
}

/// The operations of the interface.
///
/// # Panics
/// When the description is none.
pub fn operations() -> Vec<Door> {
    let document = serde_json::to_value(ekinerja_web::openapi()).expect("a document");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let Ok(method) = method.to_uppercase().parse() else { continue };
            let content = operation["requestBody"]["content"].as_object();
            let media = content.map(|it| it.keys().cloned().collect()).unwrap_or_default();
            let body = &operation["requestBody"]["content"]["application/json"];
            let schema = resolved(&document, &body["schema"]);
            let example = match &body["example"] {
                Value::Null => schema["example"].clone(),
                example => example.clone(),
            };
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let query = parameters.iter().filter(|it| it["in"] == "query");
            let responses = operation["responses"].as_object();
            let answer =
                |(status, it): (&String, &Value)| (status.clone(), resolved(&document, it));
            found.push(Door {
                method,
                path: path.clone(),
                media,
                schema,
                example,
                query: query.filter_map(|it| it["name"].as_str().map(str::to_owned)).collect(),
                is_operation: true,
                open: operation["security"] == json!([{}]),
                answers: responses.into_iter().flatten().map(answer).collect(),
            });
        }
    }
    found
}

/// What a schema refers to.
fn resolved(document: &Value, schema: &Value) -> Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            document.pointer(reference.trim_start_matches('#')).cloned().unwrap_or_default()
        }
        None => schema.clone(),
    }
}

/// Every address outside the interface with each of its methods, which the router itself tells.
///
/// # Panics
/// When a listed address does not answer.
pub async fn pages(app: &TestApp) -> Vec<Door> {
    let visitor = app.visitor();
    let mut found = Vec::new();
    for path in ekinerja_web::addresses() {
        let mut door = Door {
            method: Method::TRACE,
            path,
            media: Vec::new(),
            schema: Value::Null,
            example: Value::Null,
            query: Vec::new(),
            is_operation: false,
            open: false,
            answers: BTreeMap::new(),
        };
        let somewhere = door.at(|_| String::from("x"));
        let answer = visitor.send(visitor.request(Method::TRACE, &somewhere)).await;
        assert_eq!(answer.status, 405, "{} is listed and not routed: {}", door.path, answer.body);
        // What anybody may look at is open; what only takes forms is tried like a page of its own.
        let takes = answer.header("allow").contains("GET");
        let seen = if takes {
            visitor.look(&somewhere).await
        } else {
            visitor.fill(&somewhere, &[]).await
        };
        let away = seen.header("location").starts_with("/masuk?") || seen.status >= 400;
        // The way in is everybody's, and which governments there are is public.
        let way_in = ["/masuk/", "/kata-sandi/tautan"].iter().any(|it| door.path.starts_with(it));
        door.open = !door.in_tenant() && (!away || door.is_file() || way_in);
        for method in answer.header("allow").split(',').filter(|it| *it != "HEAD") {
            let method = method.trim().parse().expect("a method");
            found.push(Door { method, ..door.clone() });
        }
    }
    found
}
