//! Files that people hand in and get back.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

/// Largest body of a request with a file: above the largest file, so that one that is somewhat too large is
/// answered at its field and what was typed beside it is kept.
pub(crate) const BODY_WITH_FILE: usize = 12 * 1024 * 1024;

/// A file as a download. Never shown inside our pages: a browser must not run what somebody uploaded.
pub(crate) fn attachment(name: &str, media_type: &'static str, content: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    // Should a browser show it all the same, it may do nothing there.
    let policy = HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    if let Ok(disposition) = HeaderValue::from_str(&disposition(name)) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    (headers, content).into_response()
}

/// `Content-Disposition` of RFC 6266: a plain name for old clients, the real one beside it.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(
            |it| if it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_') { it } else { '_' },
        )
        .collect();
    let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// A cell of RFC 4180. A text that a spreadsheet would take for a formula is disarmed by an apostrophe (OWASP
/// ASVS 1.2.10); a negative number is no formula.
pub(crate) fn cell(text: &str) -> String {
    let number = text.parse::<rust_decimal::Decimal>().is_ok();
    let formula = !number && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_disarmed() {
        assert_eq!(cell("BPS, \"2024\""), "\"BPS, \"\"2024\"\"\"");
        assert_eq!(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(cell("-0.32"), "-0.32");
        assert_eq!(cell("-x"), "'-x");
        assert_eq!(cell("81.15"), "81.15");
    }

    #[test]
    fn a_name_cannot_break_the_header() {
        let text = disposition("BRS \"Maret\";\r\nx: 1 é.pdf");
        assert!(text.starts_with("attachment; filename=\"BRS__Maret____x__1__.pdf\";"), "{text}");
        assert!(!text.contains('\r') && !text.contains('\n'));
        let response = attachment("a.txt", "text/plain", b"<script>".to_vec());
        assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(response.headers()[CONTENT_DISPOSITION].to_str().unwrap().starts_with("attach"));
    }
}
