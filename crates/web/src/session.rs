//! The cookie that carries a session's secret.

use axum::http::header::{COOKIE, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ekinerja_app::SessionToken;
use ekinerja_app::sessions::{Browser, device};

use crate::settings::WebSettings;

/// Name of the cookie over TLS: browsers take `__Host-` only with `Secure`, `Path=/` and no domain, so that
/// no neighbour under the same domain can plant one.
const NAME_HTTPS: &str = "__Host-ekinerja";
/// Name over plain HTTP, which is for loopback only.
const NAME_HTTP: &str = "ekinerja";
/// Length of a token: 256 bits in base64url.
const TOKEN_LENGTH: usize = 43;

const fn name(https: bool) -> &'static str {
    if https { NAME_HTTPS } else { NAME_HTTP }
}

/// The value of the first cookie of this name.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get_all(COOKIE).iter().find_map(|value| {
        value.to_str().ok()?.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        })
    })
}

/// The session's secret in a request; anything that cannot be one counts as none.
pub(crate) fn token(headers: &HeaderMap, settings: &WebSettings) -> Option<SessionToken> {
    let value = cookie(headers, name(settings.is_https()))?;
    let shaped = value.len() == TOKEN_LENGTH
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    shaped.then(|| SessionToken::from(value.to_owned()))
}

/// The browser that sent a request: the session that it has, and what it is.
pub(crate) fn browser(headers: &HeaderMap, settings: &WebSettings) -> Browser {
    let agent = headers.get(USER_AGENT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    Browser { token: token(headers, settings), device: device(agent) }
}

/// The header that gives a person their session. It ends with the browser, or earlier on the server.
pub(crate) fn begin(token: &SessionToken, settings: &WebSettings) -> (HeaderName, HeaderValue) {
    set(name(settings.is_https()), token.reveal(), "", settings)
}

/// The header that takes the session's cookie away.
pub(crate) fn end(settings: &WebSettings) -> (HeaderName, HeaderValue) {
    set(name(settings.is_https()), "", "; Max-Age=0", settings)
}

/// A cookie that scripts cannot read and other sites cannot send along.
pub(crate) fn set(
    name: &str,
    value: &str,
    age: &str,
    settings: &WebSettings,
) -> (HeaderName, HeaderValue) {
    let secure = if settings.is_https() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    let mut header = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    (SET_COOKIE, header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> WebSettings {
        WebSettings::at(url.parse().expect("a url"))
    }

    fn with_cookie(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, value.parse().expect("a header"));
        headers
    }

    #[test]
    fn cookie_is_locked_to_the_host_over_tls() {
        let token = SessionToken::from("t".repeat(43));
        let (_, https) = begin(&token, &settings("https://kinerja.example/"));
        let https = https.to_str().expect("text");
        assert!(https.starts_with("__Host-ekinerja=tttt"), "{https}");
        for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(https.contains(part), "{part}");
        }
        let (_, http) = begin(&token, &settings("http://127.0.0.1:8080/"));
        assert!(http.to_str().expect("text").starts_with("ekinerja=tttt"));
    }

    #[test]
    fn only_a_shaped_token_counts() {
        let http = settings("http://127.0.0.1:8080/");
        let good = format!("a=b; ekinerja={}; bahasa=en", "x".repeat(43));
        assert!(token(&with_cookie(&good), &http).is_some());
        assert!(token(&with_cookie("ekinerja=short"), &http).is_none());
        assert!(token(&with_cookie(&format!("ekinerja={}", "%".repeat(43))), &http).is_none());
        let https = settings("https://kinerja.example/");
        assert!(token(&with_cookie(&good), &https).is_none(), "the plain name is nothing over TLS");
    }
}
