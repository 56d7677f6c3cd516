//! A message that is shown once, on the page after a redirect.
//!
//! It travels in a cookie for a minute. The cookie is no secret and is not signed: it can only name a text
//! that we have, under `flash.` in the locales, and short values that are shown as text.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::components::notice::{Flash as FlashView, Tone};
use crate::locale::Locale;
use crate::session;
use crate::settings::WebSettings;

/// Name of the cookie.
const COOKIE: &str = "pesan";
/// Longest value in a text.
const LONGEST_VALUE: usize = 120;

/// A message to show after a redirect: `Flash::success("flash.saved").with("name", name)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    tone: Tone,
    key: String,
    params: Vec<(String, String)>,
}

impl Flash {
    fn new(tone: Tone, key: &str) -> Self {
        debug_assert!(text(Locale::Id, key).is_some(), "no words for {key}");
        Self { tone, key: key.to_owned(), params: Vec::new() }
    }

    /// It worked.
    pub fn success(key: &'static str) -> Self {
        Self::new(Tone::Success, key)
    }

    /// Good to know.
    pub fn info(key: &'static str) -> Self {
        Self::new(Tone::Info, key)
    }

    /// Look at this.
    pub fn warning(key: &'static str) -> Self {
        Self::new(Tone::Warning, key)
    }

    /// With a value that the text mentions.
    #[expect(clippy::needless_pass_by_value, reason = "callers give literals and numbers")]
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        let value: String = value.to_string().chars().take(LONGEST_VALUE).collect();
        self.params.push((name.to_owned(), value));
        self
    }

    /// The header that sends the message along with a redirect.
    pub(crate) fn header(&self, settings: &WebSettings) -> (HeaderName, HeaderValue) {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.append_pair("t", tone_code(self.tone)).append_pair("k", &self.key);
        text.extend_pairs(self.params.iter());
        session::set(COOKIE, &text.finish(), "; Max-Age=60", settings)
    }

    /// The message of a request, drawn in its language; none when there is none or it is not ours.
    pub(crate) fn of(headers: &HeaderMap, locale: Locale) -> Option<FlashView> {
        let cookie = session::cookie(headers, COOKIE).filter(|it| it.len() <= 2000)?;
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(cookie.as_bytes()).into_owned().collect();
        let find = |name: &str| pairs.iter().find(|(it, _)| it == name).map(|(_, value)| value);
        let tone = tone_of(find("t")?)?;
        let words = text(locale, find("k")?)?;
        let (names, values): (Vec<&str>, Vec<String>) = pairs
            .iter()
            .skip(2)
            .map(|(name, value)| {
                (
                    name.as_str(),
                    value.chars().filter(|c| !c.is_control()).take(LONGEST_VALUE).collect(),
                )
            })
            .unzip();
        Some(FlashView::new(tone, rust_i18n::replace_patterns(&words, &names, &values)))
    }

    /// The header that takes a shown message away.
    pub(crate) fn shown(settings: &WebSettings) -> (HeaderName, HeaderValue) {
        session::set(COOKIE, "", "; Max-Age=0", settings)
    }
}

fn text(locale: Locale, key: &str) -> Option<String> {
    key.strip_prefix("flash.")?;
    crate::_rust_i18n_try_translate(locale.code(), key).map(std::borrow::Cow::into_owned)
}

const fn tone_code(tone: Tone) -> &'static str {
    match tone {
        Tone::Success => "s",
        Tone::Info => "i",
        Tone::Warning => "w",
        Tone::Error => "e",
    }
}

fn tone_of(code: &str) -> Option<Tone> {
    [Tone::Success, Tone::Info, Tone::Warning, Tone::Error]
        .into_iter()
        .find(|it| tone_code(*it) == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(cookie: &str) -> Option<FlashView> {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", format!("pesan={cookie}").parse().expect("a header"));
        Flash::of(&headers, Locale::Id)
    }

    #[test]
    fn message_survives_the_redirect() {
        let settings = WebSettings::at("http://127.0.0.1/".parse().expect("a url"));
        let (_, header) = Flash::success("flash.signed_out").header(&settings);
        let header = header.to_str().expect("text");
        let cookie = header.strip_prefix("pesan=").and_then(|it| it.split(';').next());
        let shown = round(cookie.expect("a cookie")).expect("a message");
        assert_eq!(shown.tone, Tone::Success);
        assert!(shown.text.contains("keluar"), "{}", shown.text);
    }

    #[test]
    fn only_our_own_texts_are_shown() {
        assert!(round("t=s&k=problem.internal.title").is_none());
        assert!(round("t=s&k=flash.of_somebody").is_none());
        assert!(round("t=x&k=flash.signed_out").is_none());
        assert!(round("%ff%fe").is_none());
    }
}
