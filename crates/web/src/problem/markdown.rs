//! `docs/api/problems.md`, made from the closed list of codes.

use std::fmt::Write as _;

use ekinerja_app::Code;

use super::{status_of, words};
use crate::locale::Locale;

/// The document that lists every code with its meaning in both languages.
pub fn problems_markdown() -> String {
    let mut text = String::from(
        "# Problems\n\n\
         Made from `Code::ALL` and `crates/web/locales/problems.yml` by `ekinerja problems`; do not edit.\n\n\
         Every error answers with `application/problem+json` (RFC 9457): `type`, `title`, `status`, `code`, \
         `detail`, `trace`, and `violations` with a `pointer` to each field.\n\
         A code is retired, never used for something else.\n\
         The status is that of a problem with the code itself; a code that names a broken rule or a conflict \
         answers 409, and one inside `violations` stands in a 422 or 409.\n\n\
         | Code | Status | Bahasa Indonesia | English |\n|---|---|---|---|\n",
    );
    for &code in Code::ALL {
        let cell = |locale| {
            let said = words(locale, code, &[]);
            format!("**{}.** {}", said.title, said.detail).replace('|', "\\|")
        };
        let status = status_of(code).as_u16();
        let (name, id, en) = (code.as_str(), cell(Locale::Id), cell(Locale::En));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| `{name}` | {status} | {id} | {en} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_row() {
        let text = problems_markdown();
        for code in Code::ALL {
            assert!(text.contains(&format!("| `{}` |", code.as_str())), "{code:?}");
        }
    }
}
