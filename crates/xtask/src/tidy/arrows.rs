//! Which member may depend on which: a missing dependency is how the walls of the house are held.

use crate::repository::Metadata;

/// Each member with the members it may depend on (`docs/architecture.md`).
const ARROWS: [(&str, &[&str]); 10] = [
    ("ekinerja-domain", &[]),
    ("ekinerja-embedded", &[]),
    ("ekinerja-migrations", &[]),
    ("ekinerja-store", &["ekinerja-domain"]),
    ("ekinerja-documents", &["ekinerja-domain"]),
    ("ekinerja-app", &["ekinerja-domain", "ekinerja-store"]),
    ("ekinerja-web", &["ekinerja-domain", "ekinerja-app", "ekinerja-documents"]),
    (
        "ekinerja",
        &[
            "ekinerja-domain",
            "ekinerja-store",
            "ekinerja-app",
            "ekinerja-documents",
            "ekinerja-embedded",
            "ekinerja-web",
            "ekinerja-migrations",
        ],
    ),
    ("xtask", &["ekinerja-embedded"]),
    (
        "ekinerja-tests",
        &[
            "ekinerja-domain",
            "ekinerja-store",
            "ekinerja-app",
            "ekinerja-documents",
            "ekinerja-embedded",
            "ekinerja-web",
            "ekinerja-migrations",
            "ekinerja",
        ],
    ),
];

/// Crates of others that a member must not see, with the wall that would fall.
const WALLS: [(&str, &[&str], &str); 5] = [
    (
        "ekinerja-domain",
        &["tokio", "futures", "sea-orm", "sqlx", "serde_json", "axum", "reqwest", "rand"],
        "the domain is pure",
    ),
    ("ekinerja-app", &["sea-orm", "sqlx", "axum", "maud"], "only the store speaks SQL"),
    ("ekinerja-web", &["sea-orm", "sqlx"], "only the store speaks SQL"),
    ("ekinerja-documents", &["sea-orm", "sqlx", "axum"], "papers are made from domain values"),
    ("ekinerja-store", &["axum", "maud", "utoipa"], "the store knows no page and no API"),
];

/// Every dependency that no arrow allows, and every member that the table does not know.
pub(super) fn breaches(metadata: &Metadata) -> Vec<String> {
    let members: Vec<&str> = metadata.packages.iter().map(|it| it.name.as_str()).collect();
    let mut breaches = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let Some((_, allowed)) = ARROWS.iter().find(|(member, _)| *member == name) else {
            breaches.push(format!("the member {name} has no place in the table of arrows"));
            continue;
        };
        for dependency in package.dependencies.iter().map(|it| it.name.as_str()) {
            if members.contains(&dependency) && !allowed.contains(&dependency) {
                breaches.push(format!("{name} must not depend on {dependency}"));
            }
            for (member, hidden, reason) in WALLS {
                if member == name && hidden.contains(&dependency) {
                    breaches.push(format!("{name} must not depend on {dependency}: {reason}"));
                }
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(members: &[(&str, &[&str])]) -> Metadata {
        let packages: Vec<_> = members
            .iter()
            .map(|(name, dependencies)| {
                let dependencies: Vec<_> =
                    dependencies.iter().map(|it| serde_json::json!({ "name": it })).collect();
                serde_json::json!({
                    "name": name, "manifest_path": "", "targets": [], "dependencies": dependencies
                })
            })
            .collect();
        serde_json::from_value(serde_json::json!({
            "packages": packages, "workspace_root": "", "target_directory": ""
        }))
        .unwrap()
    }

    #[test]
    fn the_allowed_arrows_pass() {
        let house = metadata(&[
            ("ekinerja-domain", &["chrono"]),
            ("ekinerja-store", &["ekinerja-domain", "sqlx"]),
            ("ekinerja-app", &["ekinerja-domain", "ekinerja-store"]),
        ]);
        assert_eq!(breaches(&house), Vec::<String>::new());
    }

    #[test]
    fn web_reaching_for_the_store_or_for_sql_is_a_breach() {
        let house =
            metadata(&[("ekinerja-store", &[]), ("ekinerja-web", &["ekinerja-store", "sea-orm"])]);
        let found = breaches(&house);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("ekinerja-store") && found[1].contains("sea-orm"), "{found:?}");
    }

    #[test]
    fn a_member_that_nobody_placed_is_a_breach() {
        let found = breaches(&metadata(&[("ekinerja-common", &[])]));
        assert_eq!(found, ["the member ekinerja-common has no place in the table of arrows"]);
    }
}
