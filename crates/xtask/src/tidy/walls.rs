//! What keeps the walls between governments checkable: every page is listed, and SQL is never glued together.

use std::{collections::BTreeMap, path::Path};

use super::Texts;

/// Places at which SQL does not come from the query builder or a constant, each one reviewed: `path what count`.
/// The list may only shrink.
pub(super) const REVIEWED: &str = "tests/golden/raw-sql.txt";

/// Where addresses may be routed without [`Routes`](../../../web/src/routes.rs): the list itself, and the
/// layers around it.
const ROUTERS: [&str; 2] = ["crates/web/src/routes.rs", "crates/web/src/router.rs"];

/// Ways around bound values.
const RAW: [&str; 7] = [
    "AssertSqlSafe(",
    "execute_unprepared(",
    "raw_sql(",
    "Statement::from_string(",
    "Expr::cust(",
    "cust_with_exprs(",
    "query_raw(",
];

/// Words with which a statement begins.
const VERBS: [&str; 16] = [
    "select", "insert", "update", "delete", "with", "alter", "create", "drop", "grant", "revoke",
    "set", "truncate", "notify", "listen", "lock", "copy",
];

/// Pages that answer at an address which no list names.
pub(super) fn unlisted_pages(texts: &Texts) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in texts.rust().filter(|(file, _)| file.starts_with("crates/web/src")) {
        if ROUTERS.iter().any(|it| file == Path::new(it)) {
            continue;
        }
        for (number, line) in code(text).enumerate() {
            if names(line, "Router::new(") {
                let at = format!("{}:{}", file.display(), number + 1);
                found.push(format!("{at} makes a router that `Routes` does not list"));
            }
        }
    }
    found
}

/// SQL made by string beyond the reviewed places, and reviewed places that are gone.
pub(super) fn unreviewed_sql(texts: &Texts) -> Vec<String> {
    let reviewed = texts.iter().find(|(file, _)| *file == Path::new(REVIEWED));
    let reviewed: BTreeMap<String, usize> = reviewed
        .map(|(_, text)| text)
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.rsplit_once(' '))
        .filter_map(|(place, count)| Some((place.to_owned(), count.parse().ok()?)))
        .collect();
    let found = raw_places(texts);
    let more = found.iter().filter(|(place, count)| reviewed.get(*place).unwrap_or(&0) < *count);
    let more = more.map(|(place, count)| {
        format!("{place}: {count} places where SQL is a string; bind the values, or have it reviewed in {REVIEWED}")
    });
    let fewer = reviewed.iter().filter(|(place, count)| found.get(*place).unwrap_or(&0) < *count);
    let fewer =
        fewer.map(|(place, _)| format!("{REVIEWED}: `{place}` has become less; take it out"));
    more.chain(fewer).collect()
}

/// Each file of the product with each way around bound values and how often it goes it.
fn raw_places(texts: &Texts) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (file, text) in texts.rust() {
        if !speaks_to_the_database(file) {
            continue;
        }
        let mut add = |what: &str, count: usize| {
            if count > 0 {
                found.insert(format!("{} {what}", file.display()), count);
            }
        };
        let text: String = code(text).fold(String::new(), |all, line| all + line + "\n");
        for way in RAW {
            add(way.trim_end_matches('('), text.matches(way).count());
        }
        add("format!", glued(&text));
    }
    found
}

/// The product. A single migration is apart: nobody's input reaches it, and its statements are the schema.
fn speaks_to_the_database(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let is_migration = file.starts_with("migrations") && name.starts_with("m2");
    let product = file.starts_with("crates") && !file.starts_with("crates/xtask");
    product || (file.starts_with("migrations") && !is_migration)
}

/// How many `format!`s make a statement.
fn glued(text: &str) -> usize {
    let begins = |rest: &str| {
        let literal = rest.trim_start().trim_start_matches(['r', '#']);
        let Some(literal) = literal.strip_prefix('"') else { return false };
        let first: String =
            literal.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
        let after = literal.trim_start().chars().nth(first.len());
        VERBS.contains(&first.as_str()) && after.is_some_and(char::is_whitespace)
    };
    text.split("format!(").skip(1).filter(|rest| begins(rest)).count()
}

/// The lines before a file's own tests, without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .map(|line| if line.trim_start().starts_with("//") { "" } else { line })
}

/// Whether `word` stands there by itself and not as the end of a longer one.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].chars().next_back().is_some_and(|it| it.is_alphanumeric() || it == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn texts(files: &[(&str, &str)]) -> Texts {
        Texts(files.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect())
    }

    #[test]
    fn page_beside_the_list_is_found() {
        let files = texts(&[
            ("crates/web/src/pages/a.rs", "//! A.\nfn router() { Router::new() }\n"),
            ("crates/web/src/pages/b.rs", "fn router() { Routes::new() }\n// Router::new(\n"),
            ("crates/web/src/api/c.rs", "OpenApiRouter::new()\n"),
            ("crates/web/src/router.rs", "Router::new()\n"),
        ]);
        let found = unlisted_pages(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/web/src/pages/a.rs:2"), "{found:?}");
    }

    #[test]
    fn glued_sql_is_found_and_reviewed_places_only_shrink() {
        let code = "let sql = format!(\"select 1 from {table}\");\nformat!(\"set {x} to\");\nformat!(\"{a}\");\n\
                    connection.execute(AssertSqlSafe(sql));\n";
        let found = unreviewed_sql(&texts(&[("crates/store/src/x.rs", code)]));
        assert_eq!(found.len(), 2, "{found:?}");
        let list = "crates/store/src/x.rs AssertSqlSafe 1\ncrates/store/src/x.rs format! 2\n";
        let reviewed = texts(&[("crates/store/src/x.rs", code), (REVIEWED, list)]);
        assert_eq!(unreviewed_sql(&reviewed), Vec::<String>::new());
        let gone = texts(&[("crates/store/src/x.rs", "\n"), (REVIEWED, list)]);
        assert_eq!(unreviewed_sql(&gone).len(), 2);
    }

    #[test]
    fn tests_and_comments_may_say_what_they_like() {
        let code = "// AssertSqlSafe(x)\n#[cfg(test)]\nmod tests { AssertSqlSafe(x) }\n";
        assert_eq!(
            unreviewed_sql(&texts(&[("crates/store/src/x.rs", code)])),
            Vec::<String>::new()
        );
    }
}
