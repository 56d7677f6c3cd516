//! What lines of the trail say, in words: kinds, facts, posts, and what a check found.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ekinerja_domain::access::Role;
use ekinerja_domain::chain::{Finding, Flaw};
use ekinerja_domain::indicator::ManualField;
use ekinerja_domain::plan::{Perspective, PerspectiveSetting};

use crate::format::{self, Zone};
use crate::locale::{Locale, tr};
use crate::page;

/// Names of ids, `ind_…`.
pub(crate) type Names = HashMap<String, String>;

/// A kind of event in words; one that nobody knows shows its code.
pub(crate) fn kind(locale: Locale, code: &str) -> String {
    look(locale, &format!("audit.kind.{code}")).unwrap_or_else(|| code.to_owned())
}

/// Facts in words, those that say from what to what first.
pub(crate) fn facts(
    locale: Locale,
    names: &Names,
    facts: &[(String, String)],
) -> Vec<(String, String)> {
    let order = |key: &str| match key {
        "from" => 1,
        "to" => 2,
        "reason" => 9,
        _ => 0,
    };
    let mut facts: Vec<_> = facts.iter().collect();
    facts.sort_by(|one, other| order(&one.0).cmp(&order(&other.0)).then(one.0.cmp(&other.0)));
    facts.into_iter().map(|(key, it)| (fact(locale, key), value(locale, names, key, it))).collect()
}

/// A fact's key in words.
pub(crate) fn fact(locale: Locale, key: &str) -> String {
    let field = || {
        let field = ManualField::from_code(key)?;
        Some(crate::words::manual_field(locale, field).to_string())
    };
    let perspective = || {
        let seed = PerspectiveSetting::seed(Perspective::from_code(key)?);
        Some(crate::words::perspective(locale, &seed).to_string())
    };
    look(locale, &format!("audit.fact.{key}"))
        .or_else(field)
        .or_else(perspective)
        .unwrap_or_else(|| key.to_owned())
}

/// A fact's value in words: names for ids, words for codes, a moment as people write it.
pub(crate) fn value(locale: Locale, names: &Names, key: &str, value: &str) -> String {
    if let Some(name) = names.get(value) {
        return name.clone();
    }
    if let Some(role) = Role::from_code(value).filter(|_| key == "role") {
        return page::role(locale, role);
    }
    if value.contains('T')
        && let Ok(at) = DateTime::parse_from_rfc3339(value)
    {
        return format::date_time(locale, at.with_timezone(&Utc), Zone::default());
    }
    if let Some((before, after)) = value.split_once(" → ") {
        let word = |text| self::value(locale, names, key, text);
        return format!("{} → {}", word(before), word(after));
    }
    let is_code = value.len() < 40 && value.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let word = is_code.then(|| look(locale, &format!("audit.value.{value}"))).flatten();
    word.unwrap_or_else(|| value.to_owned())
}

/// A post as the trail writes it down (`plt Kepala Dinas <agency_head agy_…>; <planner>`) in words.
pub(crate) fn post(locale: Locale, names: &Names, text: &str) -> String {
    let one = |text: &str| -> Option<String> {
        let (title, rest) = text.split_once('<')?;
        let inside = rest.strip_suffix('>')?;
        let (role, agency) = inside.split_once(' ').unwrap_or((inside, ""));
        let role = page::role(locale, Role::from_code(role)?);
        let title = title.trim();
        let title = match title.split_once(' ') {
            Some(("plt", rest)) => format!("Plt. {rest}"),
            Some(("plh", rest)) => format!("Plh. {rest}"),
            _ if title == "plt" => "Plt.".to_owned(),
            _ if title == "plh" => "Plh.".to_owned(),
            _ => title.to_owned(),
        };
        let agency = names.get(agency).map(String::as_str).unwrap_or_default();
        // A title that says the role or the OPD already is not followed by it.
        let says = |word: &str| title.to_lowercase().contains(&word.to_lowercase());
        let more = [&*role, agency].into_iter().filter(|it| !it.is_empty() && !says(it));
        let words = std::iter::once(&*title).filter(|it| !it.is_empty()).chain(more);
        Some(words.collect::<Vec<_>>().join(", "))
    };
    let posts: Option<Vec<_>> = text.split("; ").map(one).collect();
    posts.map_or_else(|| text.to_owned(), |posts| posts.join("; "))
}

/// What a reader asked for, as the log of reads writes it down (`kind=target.revised from=2025-01-31`), in words.
/// What else it says, the name of a file say, stays as it is.
pub(crate) fn asked(locale: Locale, names: &Names, text: &str) -> String {
    let one = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let label = match name {
            "person" => tr!(locale, "audit.who"),
            "kind" => tr!(locale, "audit.what"),
            "subject" => tr!(locale, "audit.subject"),
            "from" => tr!(locale, "audit.from"),
            "to" => tr!(locale, "audit.to"),
            "request" => tr!(locale, "audit.request"),
            "session" => tr!(locale, "audit.session"),
            _ => return None,
        };
        let value = match name {
            "kind" => kind(locale, value),
            _ => names.get(value).cloned().unwrap_or_else(|| value.to_owned()),
        };
        Some(format!("{label}: {value}"))
    };
    let pairs: Option<Vec<_>> = text.split(' ').map(one).collect();
    pairs.map_or_else(|| text.to_owned(), |pairs| pairs.join("; "))
}

/// What a check found, in words.
pub fn finding(locale: Locale, it: &Finding) -> String {
    let lines = if it.first == it.last {
        tr!(locale, "audit.flaw.line", line = it.first)
    } else {
        tr!(locale, "audit.flaw.lines", first = it.first, last = it.last)
    };
    let what = match it.flaw {
        Flaw::Changed => tr!(locale, "audit.flaw.changed"),
        Flaw::Moved(by) if by > 0 => tr!(locale, "audit.flaw.moved_down", by = by),
        Flaw::Moved(by) => tr!(locale, "audit.flaw.moved_up", by = by.unsigned_abs()),
        Flaw::Removed => tr!(locale, "audit.flaw.removed"),
        Flaw::Inserted => tr!(locale, "audit.flaw.inserted"),
        Flaw::Replaced => tr!(locale, "audit.flaw.replaced"),
        Flaw::Unlinked => tr!(locale, "audit.flaw.unlinked"),
        Flaw::CutOff => tr!(locale, "audit.flaw.cut_off"),
        Flaw::Surplus => tr!(locale, "audit.flaw.surplus"),
        Flaw::HeadLost => tr!(locale, "audit.flaw.head_lost"),
        Flaw::Rewritten(at) => {
            let at = format::date_time(locale, at, Zone::default());
            tr!(locale, "audit.flaw.rewritten", at = at)
        }
    };
    format!("{lines}: {what}")
}

fn look(locale: Locale, key: &str) -> Option<String> {
    crate::_rust_i18n_try_translate(locale.code(), key).map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ekinerja_domain::event::EventKind;

    use super::*;

    #[test]
    fn every_kind_of_event_has_words_in_both_languages() {
        for &it in EventKind::ALL {
            for locale in Locale::ALL {
                assert_ne!(kind(locale, it.code()), it.code(), "{it:?} has no words in {locale:?}");
            }
        }
    }

    /// Keys of facts stand as literals in the use cases: `.fact("key", …)`.
    #[test]
    fn every_key_of_a_fact_has_words_in_both_languages() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src");
        let mut keys = BTreeSet::new();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("the sources of the use cases") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(path).expect("a source");
                for begin in [".fact(", ".fact_if("] {
                    for rest in text.split(begin).skip(1) {
                        let key =
                            rest.trim_start().strip_prefix('"').and_then(|it| it.split('"').next());
                        keys.extend(key.map(str::to_owned));
                    }
                }
            }
        }
        assert!(keys.len() > 25, "{keys:?}");
        let wordless: Vec<_> = keys
            .iter()
            .filter(|key| Locale::ALL.into_iter().any(|it| fact(it, key) == **key))
            .collect();
        assert!(wordless.is_empty(), "locales/audit.yml lacks audit.fact.: {wordless:?}");
    }

    #[test]
    fn a_post_is_told_in_words() {
        let agency = "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f60";
        let names = Names::from([(agency.to_owned(), "Dinas Kesehatan".to_owned())]);
        let text = format!("plt Kepala Dinas <agency_head {agency}>; <planner>");
        let expected = "Plt. Kepala Dinas, Kepala perangkat daerah, Dinas Kesehatan; Perencana";
        assert_eq!(post(Locale::Id, &names, &text), expected);
        assert_eq!(post(Locale::Id, &names, "anything else"), "anything else");
    }

    #[test]
    fn findings_name_the_line_and_what_was_done() {
        let it = |flaw| finding(Locale::En, &Finding { first: 5, last: 5, flaw });
        assert!(it(Flaw::Changed).starts_with("line 5: "), "{}", it(Flaw::Changed));
        let flaws = [
            Flaw::Changed,
            Flaw::Moved(2),
            Flaw::Moved(-2),
            Flaw::Removed,
            Flaw::Inserted,
            Flaw::Replaced,
            Flaw::Unlinked,
            Flaw::CutOff,
            Flaw::Surplus,
            Flaw::HeadLost,
        ];
        let words: BTreeSet<_> = flaws.into_iter().map(it).collect();
        assert_eq!(words.len(), flaws.len(), "each has words of its own");
        assert!(words.iter().all(|it| !it.contains("audit.")), "{words:?}");
    }
}
