//! Turns what serde says about data that do not fit into a violation that names the field.

use std::fmt::Display;

use ekinerja_app::{Code, Violation};

/// The violation behind an error at `path`.
pub(super) fn violation(path: &str, error: &impl Display) -> Violation {
    let text = error.to_string();
    let named = text.split('`').nth(1).unwrap_or_default();
    let at = |rest: &str| {
        let path = path.replace('[', ".").replace(']', "").replace('.', "/");
        match (path.trim_matches('/'), rest) {
            ("" | "?", rest) => rest.to_owned(),
            (path, "") => path.to_owned(),
            (path, rest) if path == rest || path.ends_with(&format!("/{rest}")) => path.to_owned(),
            (path, rest) => format!("{path}/{rest}"),
        }
    };
    // serde's own messages are stable in these words; they are what every derived type says.
    if text.starts_with("missing field") {
        Violation::new(at(named), Code::FieldMissing)
    } else if text.starts_with("unknown field") {
        Violation::new(at(named), Code::FieldUnknown)
    } else if text.starts_with("duplicate field") {
        Violation::new(at(named), Code::FieldRepeated)
    } else if text.starts_with("an id of the form") {
        Violation::new(at(""), Code::FieldUnknownReference)
    } else if text.starts_with("invalid type") {
        Violation::new(at(""), Code::FieldWrongType)
    } else {
        Violation::new(at(""), Code::FieldUnknownValue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only read by serde")]
        items: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only read by serde")]
        code: String,
        #[expect(dead_code, reason = "only read by serde")]
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        One,
    }

    fn check(body: &str, field: &str, code: Code) {
        let mut reader = serde_json::Deserializer::from_str(body);
        let error = serde_path_to_error::deserialize::<_, Outer>(&mut reader).expect_err("refused");
        let found = violation(&error.path().to_string(), error.inner());
        assert_eq!((found.field.as_str(), found.code), (field, code), "{body}");
    }

    #[test]
    fn field_is_named_with_what_is_wrong_about_it() {
        check("{}", "items", Code::FieldMissing);
        check(r#"{"items":[],"x":1}"#, "x", Code::FieldUnknown);
        check(r#"{"items":[{"code":"a"},{}]}"#, "items/1/code", Code::FieldMissing);
        check(r#"{"items":[{"code":"a","y":1}]}"#, "items/0/y", Code::FieldUnknown);
        check(r#"{"items":[{"code":1}]}"#, "items/0/code", Code::FieldWrongType);
        check(r#"{"items":[{"code":"a","kind":"two"}]}"#, "items/0/kind", Code::FieldUnknownValue);
        check(r#"{"items":[{"code":"a","code":"b"}]}"#, "items/0/code", Code::FieldRepeated);
        check("[1,2]", "0", Code::FieldWrongType);
    }
}
