//! The texts of codes, from `locales/problems.yml`: `title` says what is wrong, `detail` what to do.

use ekinerja_app::{Code, Violation};

use crate::components::forms::FieldError;
use crate::locale::Locale;

/// What a code says in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What is wrong, in a few words without a full stop.
    pub title: String,
    /// Why, and what to do: whole sentences.
    pub detail: String,
}

/// The words of a code with its values filled in.
pub fn words(locale: Locale, code: Code, params: &[(&'static str, String)]) -> Words {
    let (names, values): (Vec<_>, Vec<_>) = params.iter().cloned().unzip();
    let text = |part: &str| {
        let key = format!("problem.{}.{part}", code.as_str());
        let text = crate::_rust_i18n_try_translate(locale.code(), &key);
        rust_i18n::replace_patterns(text.as_deref().unwrap_or(code.as_str()), &names, &values)
    };
    Words { title: text("title"), detail: text("detail") }
}

/// The words of a violation.
pub fn words_of(locale: Locale, violation: &Violation) -> Words {
    words(locale, violation.code, &violation.params)
}

impl From<Words> for FieldError {
    fn from(words: Words) -> Self {
        Self::new(format!("{}.", words.title), words.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_is_wrong_and_what_to_do_in_both_languages() {
        for &code in Code::ALL {
            for locale in Locale::ALL {
                let messages = crate::_rust_i18n_backend()
                    .messages_for_locale(locale.code())
                    .expect("the language is there");
                let text = |part| {
                    let key = format!("problem.{}.{part}", code.as_str());
                    let found = messages.iter().find(|(name, _)| *name == key.as_str());
                    found.map(|(_, text)| text.to_string()).unwrap_or_default()
                };
                let (title, detail) = (text("title"), text("detail"));
                assert!(!title.is_empty(), "{code:?} has no title in {locale:?}");
                assert!(!title.ends_with('.'), "{code:?}: a title has no full stop");
                assert!(detail.ends_with('.'), "{code:?}: no whole sentence in {locale:?}");
            }
        }
    }

    #[test]
    fn values_are_filled_in() {
        let params = [("max", String::from("200"))];
        let english = words(Locale::En, Code::FieldTooLong, &params);
        assert!(english.detail.contains("200"), "{english:?}");
    }
}
