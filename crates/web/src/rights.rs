//! Rights in words: questions that the policy answers, and how a role is held.

use ekinerja_domain::access::{Held, Scope, Through};
use ekinerja_domain::ids::AgencyId;

use crate::format;
use crate::locale::{Locale, tr};

/// A question's action in words, "mengubah rencana, indikator, dan target".
pub fn question(locale: Locale, code: &str) -> String {
    let key = format!("access.question.{code}");
    crate::_rust_i18n_try_translate(locale.code(), &key)
        .map_or_else(|| code.to_owned(), std::borrow::Cow::into_owned)
}

/// Where a role holds.
pub fn scope(locale: Locale, scope: Scope, agencies: &[(AgencyId, String)]) -> String {
    let name = |id: AgencyId| {
        agencies.iter().find(|it| it.0 == id).map_or_else(String::new, |it| it.1.clone())
    };
    match scope {
        Scope::Tenant => tr!(locale, "access.whole"),
        Scope::Agency(id) => tr!(locale, "access.with_units", agency = name(id)),
        Scope::Post(id) => tr!(locale, "access.own_post", agency = name(id)),
    }
    .into_owned()
}

/// How a person came by a role.
pub fn source(locale: Locale, held: &Held) -> String {
    let post = held.post_words();
    match &held.through {
        Through::Appointment { .. } => match post {
            Some(post) => tr!(locale, "access.as_post", post = post).into_owned(),
            None => tr!(locale, "access.appointed").into_owned(),
        },
        Through::Delegation { from_name, post, .. } => {
            let by = tr!(locale, "access.delegated", name = from_name);
            post.as_ref().map_or_else(|| by.to_string(), |post| format!("{by} ({post})"))
        }
        Through::Program { account } => {
            tr!(locale, "access.as_program", name = account).into_owned()
        }
    }
}

/// From when to when a role holds.
pub fn time(locale: Locale, held: &Held) -> String {
    let from = format::date_short(locale, held.valid_from);
    match held.valid_to {
        None => tr!(locale, "access.since", from = from).into_owned(),
        Some(last) => {
            let to = format::date_short(locale, last);
            tr!(locale, "access.between", from = from, to = to).into_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use ekinerja_domain::access::question::QUESTIONS;

    use super::*;

    #[test]
    fn every_question_has_words_in_both_languages() {
        for it in QUESTIONS {
            for locale in Locale::ALL {
                assert_ne!(question(locale, it.code), it.code, "{it:?} in {locale:?}");
            }
        }
    }
}
