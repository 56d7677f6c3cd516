//! What may lie in the root, and which places of a machine no file may name.

use std::{collections::BTreeSet, path::PathBuf};

use super::Texts;

/// The root is fixed: a newcomer sees these and nothing else.
const ROOT: [&str; 20] = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "crates",
    "migrations",
    "helm",
    "tests",
    "docs",
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".config",
    ".deny.toml",
    ".editorconfig",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".rustfmt.toml",
    ".typos.toml",
];

/// Without these it is not the house.
const NEEDED: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "LICENSE", "README.md", "crates", "migrations", "tests", "docs"];

/// Folders that exist on somebody's machine only. (Written in two parts, so that this file itself
/// does not name them.)
const FOLDERS: [&str; 3] = [concat!("/", "work"), concat!("/", "tmp"), concat!("/", "root")];

/// Hosts of package registries: clients know theirs, and a mirror has another.
const HOSTS: [&str; 6] = [
    concat!("registry.", "npmjs"),
    concat!("pypi", ".org"),
    concat!("python", "hosted"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("deb.", "debian.org"),
];

/// Entries of the root that are not on the list, and those that are missing.
pub(super) fn root(files: &[PathBuf]) -> Vec<String> {
    let entries: BTreeSet<String> = files
        .iter()
        .filter_map(|it| it.iter().next())
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    let stray = entries.iter().filter(|it| !ROOT.contains(&it.as_str()));
    let stray = stray.map(|it| format!("`{it}` does not belong in the root"));
    let missing = NEEDED.iter().filter(|it| !entries.contains(**it));
    stray.chain(missing.map(|it| format!("`{it}` is missing in the root"))).collect()
}

/// Lines that name a folder of one machine or the host of a registry.
pub(super) fn machine_names(texts: &Texts) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in texts.iter() {
        // cargo writes the lock file, and its format names the registry.
        if file.ends_with("Cargo.lock") {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let folder = FOLDERS.iter().find(|it| names_folder(line, it));
            let host = HOSTS.iter().find(|it| line.contains(**it));
            if let Some(name) = folder.or(host) {
                found.push(format!("{}:{} names `{name}`", file.display(), number + 1));
            }
        }
    }
    found
}

/// Whether `folder` is named from the root of a machine: not as a part of a longer path or word.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + folder.len()..].chars().next();
        let part = |it: char| it.is_alphanumeric() || "-_./}$*)>".contains(it);
        let longer = |it: char| it.is_alphanumeric() || "-_.".contains(it);
        !before.is_some_and(part) && !after.is_some_and(longer)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_folders_from_the_root_of_a_machine_count() {
        let folder = FOLDERS[1];
        for line in [format!("{folder}/x"), format!("in `{folder}`"), format!("\"{folder}\"")] {
            assert!(names_folder(&line, folder), "{line}");
        }
        for line in [format!("/var{folder}/x"), format!("{folder}l/x"), format!("a{folder}")] {
            assert!(!names_folder(&line, folder), "{line}");
        }
    }

    #[test]
    fn the_root_is_exactly_the_list() {
        let mut files: Vec<PathBuf> = NEEDED.iter().map(|it| PathBuf::from(it).join("x")).collect();
        assert_eq!(root(&files), Vec::<String>::new());
        files.push(PathBuf::from("scripts/run.sh"));
        files.retain(|it| !it.starts_with("docs"));
        assert_eq!(
            root(&files),
            ["`scripts` does not belong in the root", "`docs` is missing in the root"]
        );
    }
}
