//! `If-Match`: a change says which revision it changes, so that no one overwrites another unseen.

use axum::extract::FromRequestParts;
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use ekinerja_app::Code;

use crate::problem::Problem;

/// The revision that a change was made from, out of `If-Match: "3"`. Without the header 428; `*` is no
/// revision and counts as none. The use case answers 412 when the thing has moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision(pub i32);

impl<S: Send + Sync> FromRequestParts<S> for Revision {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut headers = parts.headers.get_all(IF_MATCH).iter();
        let header = headers.next().ok_or_else(|| Problem::new(Code::IfMatchMissing))?;
        if headers.next().is_some() {
            return Err(Problem::new(Code::IfMatchUnreadable));
        }
        let text = header.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Err(Problem::new(Code::IfMatchMissing));
        }
        read(text).map(Self).ok_or_else(|| Problem::new(Code::IfMatchUnreadable))
    }
}

/// `"3"`, and nothing else: a weak tag cannot guard a write.
fn read(text: &str) -> Option<i32> {
    let digits = text.strip_prefix('"')?.strip_suffix('"')?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn only_one_strong_revision_is_read() {
        assert_eq!(read("\"3\""), Some(3));
        for text in ["3", "W/\"3\"", "\"3\", \"4\"", "\"\"", "\"-1\"", "\"99999999999\"", "\"x\""] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
