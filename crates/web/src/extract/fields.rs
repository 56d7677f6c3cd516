//! What was typed into a form, exactly as it was typed.

use axum::body::Bytes;
use serde::Deserialize;

/// The fields of a form in the order in which they were sent, texts as typed. A form that is shown again is
/// filled from this, so nothing is lost; a field that was not sent is an empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Fields with these values, for the first showing of a form that changes something.
    pub fn of<N: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The first value of a field as typed; empty when it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// The value of a field, none when it is empty or only spaces.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.find(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Whether a checkbox was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Every value of a field that may be there several times.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// Name (without the prefix) and value of every field whose name begins with `prefix`, for tables of
    /// inputs: `target.2026` under `target.`.
    pub fn under<'f>(&'f self, prefix: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.0
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Adds a field.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// A file as it was sent. Name and type are the sender's word: check the content.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Name of the field.
    pub field: String,
    /// Name of the file without folders.
    pub name: String,
    /// The media type that the sender claims.
    pub claimed_type: String,
    /// The content.
    pub content: Bytes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_as_typed() {
        let fields = Fields::of([("a", " 1 "), ("b", ""), ("t.2026", "7"), ("a", "2")]);
        assert_eq!(fields.text("a"), " 1 ");
        assert_eq!(fields.filled("a"), Some("1"));
        assert_eq!(fields.filled("b"), None);
        assert!(fields.ticked("b") && !fields.ticked("c"));
        assert_eq!(fields.all("a").collect::<Vec<_>>(), [" 1 ", "2"]);
        assert_eq!(fields.under("t.").collect::<Vec<_>>(), [("2026", "7")]);
        assert_eq!(fields.text("nothing"), "");
    }
}
