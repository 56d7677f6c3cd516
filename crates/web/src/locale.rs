//! The two languages of the pages, how one of them is chosen for a request, and the `tr!` macro
//! with which every page looks up its words.
//!
//! Words live in `locales/*.yml`, one file per page or component, both languages side by side.

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use std::convert::Infallible;

use crate::links::OwnPath;
use crate::routes::Routes;

/// Name of the cookie that remembers a person's choice of language.
pub const LOCALE_COOKIE: &str = "bahasa";

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Bahasa Indonesia, which everybody gets who asked for nothing else.
    #[default]
    Id,
    /// English.
    En,
}

impl Locale {
    /// Every language, in the order in which the switch shows them.
    pub const ALL: [Self; 2] = [Self::Id, Self::En];

    /// The code of BCP 47, as in `lang="id"`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    /// The language's name in that language.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "Bahasa Indonesia",
            Self::En => "English",
        }
    }

    /// The language of a code such as `id`, `en-GB` or `in` (the old code of Indonesian).
    pub fn from_code(code: &str) -> Option<Self> {
        match code.split('-').next()?.trim().to_ascii_lowercase().as_str() {
            "id" | "in" | "ms" => Some(Self::Id),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The person's own choice if there is one, else the first wish of the browser that we speak.
    pub fn choose(cookie: Option<&str>, accept_language: Option<&str>) -> Self {
        cookie
            .and_then(Self::from_code)
            .or_else(|| accept_language.and_then(Self::negotiate))
            .unwrap_or_default()
    }

    /// Reads the request's headers as [`Locale::choose`] wants them.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        let cookie = headers.get_all(COOKIE).iter().find_map(|value| {
            value.to_str().ok()?.split(';').find_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                (name == LOCALE_COOKIE).then(|| value.to_owned())
            })
        });
        let wish = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self::choose(cookie.as_deref(), wish)
    }

    fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best: Option<(u32, Self)> = None;
        for wish in accept_language.split(',') {
            let mut parts = wish.split(';');
            let Some(locale) = parts.next().and_then(Self::from_code) else { continue };
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1000, |weight| thousandths(weight).unwrap_or(0));
            if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }
}

/// The quality value of RFC 9110 section 12.4.2 (`0.8`) in thousandths.
fn thousandths(weight: &str) -> Option<u32> {
    let (whole, fraction) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let fraction = format!("{fraction:0<3}");
    Some(whole.parse::<u32>().ok()? * 1000 + fraction.get(..3)?.parse::<u32>().ok()?)
}

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of_headers(&parts.headers))
    }
}

/// The language switch: `GET /bahasa/{code}?kembali=/where/one/was`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    routes().into_router()
}

pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Routes<S> {
    Routes::new().route("/bahasa/{code}", get(choose_language))
}

/// Address of the switch to `locale` that comes back to `here`.
pub fn switch_href(locale: Locale, here: &str) -> String {
    let back = percent_encoding::utf8_percent_encode(here, percent_encoding::NON_ALPHANUMERIC);
    format!("/bahasa/{}?kembali={back}", locale.code())
}

async fn choose_language(uri: Uri) -> Response {
    let code = uri.path().rsplit('/').next().unwrap_or_default();
    let Some(locale) = Locale::ALL.into_iter().find(|it| it.code() == code) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let back = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .find_map(|(name, value)| (name == "kembali").then(|| value.into_owned()))
        .and_then(|it| OwnPath::parse(&it))
        .map_or_else(|| String::from("/"), |it| it.as_str().to_owned());
    let cookie = format!(
        "{LOCALE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        locale.code()
    );
    (AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to(&back)).into_response()
}

/// Looks up words: `tr!(locale, "entry.title")`, `tr!(locale, "entry.due", count = 3)`.
///
/// Gives a `Cow<'static, str>`; maud escapes it like any text. Keys are literals, so that the test
/// `every_key_in_the_source_has_words` can find them.
macro_rules! tr {
    ($locale:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        ::rust_i18n::t!($key, locale = $crate::locale::Locale::code($locale) $(, $name = $value)*)
    };
}
pub(crate) use tr;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    #[test]
    fn language_is_the_persons_choice_then_the_browsers_wish_then_indonesian() {
        let check = |cookie, wish, expect| assert_eq!(Locale::choose(cookie, wish), expect);
        check(None, None, Locale::Id);
        check(Some("en"), Some("id"), Locale::En);
        check(Some("xx"), Some("en-GB,en;q=0.9"), Locale::En);
        check(None, Some("fr, en;q=0.5, id;q=0.8"), Locale::Id);
        check(None, Some("en;q=0, fr"), Locale::Id);
        check(None, Some(";;q=,en;q=nonsense"), Locale::Id);
        check(None, Some("in"), Locale::Id);
    }

    #[test]
    fn cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=1; bahasa=en; b=2".parse().expect("a header"));
        assert_eq!(Locale::of_headers(&headers), Locale::En);
    }

    fn words(locale: Locale) -> BTreeMap<String, String> {
        crate::_rust_i18n_backend()
            .messages_for_locale(locale.code())
            .expect("the language is there")
            .into_iter()
            .map(|(key, text)| (key.into_owned(), text.into_owned()))
            .collect()
    }

    fn blanks(text: &str) -> BTreeSet<&str> {
        text.split("%{").skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_blanks() {
        let (id, en) = (words(Locale::Id), words(Locale::En));
        let only = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| -> Vec<String> {
            a.keys().filter(|key| !b.contains_key(*key)).cloned().collect()
        };
        assert_eq!(only(&id, &en), Vec::<String>::new(), "missing in English");
        assert_eq!(only(&en, &id), Vec::<String>::new(), "missing in Indonesian");
        for (key, text) in &id {
            assert!(!text.trim().is_empty(), "{key} is empty");
            assert_eq!(blanks(text), blanks(&en[key]), "{key}");
        }
    }

    /// Every key after `tr!(` or `t!(` in one source text.
    fn keys_used(source: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for (at, _) in source.match_indices("t!(").chain(source.match_indices("tr!(")) {
            let call = &source[at..];
            // Up to the first string: the language is an expression without strings.
            let Some(key) = call.split('"').nth(1) else { continue };
            let before = call.split('"').next().unwrap_or_default();
            let whole = source[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
            if whole && !before.contains(';') && !before.contains('{') {
                keys.push(key.to_owned());
            }
        }
        keys
    }

    fn sources(folder: &Path, into: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("the sources can be read").path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("locale.rs")
            {
                let text = std::fs::read_to_string(&path).expect("a source can be read");
                into.push((path.display().to_string(), text));
            }
        }
    }

    #[test]
    fn every_key_in_the_source_has_words() {
        let known = words(Locale::Id);
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        let mut used = 0;
        for (path, text) in &files {
            for key in keys_used(text) {
                used += 1;
                assert!(known.contains_key(&key), "{path}: no words for \"{key}\"");
            }
        }
        assert!(used > 50, "the search found only {used} keys: it does not see them");
    }

    #[test]
    fn search_for_keys_sees_calls_over_several_lines_and_no_other_macros() {
        let source = "tr!(\n  locale,\n \"a.b\", count = 3) format!(\"x\") assert!(\"y\") \
                      t!(\"c\", locale = l) tr!(shell.locale, \"d\")";
        let keys: BTreeSet<_> = keys_used(source).into_iter().collect();
        assert_eq!(keys, BTreeSet::from(["a.b", "c", "d"].map(String::from)));
    }
}
