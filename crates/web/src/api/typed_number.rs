//! Numbers in bodies: a JSON number, or a text as people type it.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};

/// A number as it was sent. As text it is read like the field of a page (`1.234,56`, `1234.56`; `1.234` is
/// one thousand two hundred and thirty-four); a JSON number has its usual meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct TypedNumber(pub(super) String);

impl<'de> Deserialize<'de> for TypedNumber {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Sent {
            Text(String),
            Number(serde_json::Number),
        }
        Ok(match Option::<Sent>::deserialize(reader)? {
            None => Self::default(),
            Some(Sent::Text(text)) => Self(text),
            // A decimal comma leaves no doubt: `1.234` alone would be read as a thousand and more.
            Some(Sent::Number(number)) => Self(number.to_string().replace('.', ",")),
        })
    }
}

impl utoipa::PartialSchema for TypedNumber {
    fn schema() -> RefOr<Schema> {
        let types = SchemaType::from_iter([Type::Number, Type::String, Type::Null]);
        ObjectBuilder::new()
            .schema_type(types)
            .description(Some(
                "A number, or a text as people type it: `1.234,56`, `1234.56`; the text `1.234` is 1234. \
                 Empty or null is missing, never zero.",
            ))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for TypedNumber {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("TypedNumber")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_number_is_never_taken_for_thousands() {
        for (sent, typed) in [
            ("1.234", "1,234"),
            ("72.37", "72,37"),
            ("-3", "-3"),
            ("\"1.234\"", "1.234"),
            ("\"\"", ""),
            ("null", ""),
        ] {
            let read: TypedNumber = serde_json::from_str(sent).expect(sent);
            assert_eq!(read.0, typed);
        }
        assert!(serde_json::from_str::<TypedNumber>("true").is_err());
    }
}
