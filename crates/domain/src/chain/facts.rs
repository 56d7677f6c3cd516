//! The one text of a line's facts, the same that PostgreSQL prints for `jsonb`.

use std::fmt::Write as _;

/// Facts as canonical text: `{"key": "value", "other": "value"}`, keys by length and then by bytes, as `jsonb`
/// keeps them, so that the text that is hashed does not depend on who wrote it.
pub fn facts_text<'f>(facts: impl IntoIterator<Item = (&'f str, &'f str)>) -> String {
    let mut facts: Vec<_> = facts.into_iter().collect();
    facts.sort_by(|(one, _), (other, _)| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
    let mut text = String::from("{");
    for (at, (key, value)) in facts.into_iter().enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        quote(&mut text, key);
        text.push_str(": ");
        quote(&mut text, value);
    }
    text.push('}');
    text
}

fn quote(text: &mut String, value: &str) {
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            low if low < ' ' => {
                // A string takes any text.
                let _always = write!(text, "\\u{:04x}", u32::from(low));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}
