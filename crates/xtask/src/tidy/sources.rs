//! Rules for the source files and manifests themselves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Texts;
use crate::repository::Metadata;

/// A file of more lines, tests apart, deserves a second look: a guide and no gate.
const LONG: usize = 400;

/// Members that do not take the lints of the workspace.
pub(super) fn unlinted_members(metadata: &Metadata) -> Vec<String> {
    let inherits = |manifest: &Path| {
        let text = fs::read_to_string(manifest).unwrap_or_default();
        let mut lines = text.lines().map(str::trim).skip_while(|it| *it != "[lints]").skip(1);
        lines.next() == Some("workspace = true")
    };
    let members = metadata.packages.iter().filter(|it| !inherits(&it.manifest_path));
    members.map(|it| format!("{} lacks `[lints] workspace = true`", it.name)).collect()
}

/// Rust files that do not begin by saying what they are for.
pub(super) fn silent_modules(texts: &Texts) -> Vec<String> {
    let silent = texts.rust().filter(|(_, text)| !text.starts_with("//! "));
    silent.map(|(file, _)| format!("{} does not begin with `//! `", file.display())).collect()
}

/// Modules in the style that this house does not use.
pub(super) fn old_style_modules(files: &[PathBuf]) -> Vec<String> {
    let old = files.iter().filter(|it| it.ends_with("mod.rs"));
    old.map(|it| format!("{} belongs beside its folder, under its name", it.display())).collect()
}

/// Rust files that are longer than the guide, without their own tests.
pub(super) fn long_files(texts: &Texts) -> Vec<String> {
    let lines = |text: &str| text.lines().take_while(|it| *it != "#[cfg(test)]").count();
    let long = texts.rust().map(|(file, text)| (file, lines(text))).filter(|(_, it)| *it > LONG);
    long.map(|(file, lines)| format!("{} has {lines} lines without tests", file.display()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(files: &[(&str, &str)]) -> Texts {
        Texts(files.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect())
    }

    #[test]
    fn a_rust_file_must_say_what_it_is_for() {
        let files = texts(&[
            ("a.rs", "//! Says it.\n"),
            ("b.rs", "use std::fs;\n"),
            ("c.rs", "//!\n"),
            ("d.md", "# no code\n"),
        ]);
        assert_eq!(
            silent_modules(&files),
            ["b.rs does not begin with `//! `", "c.rs does not begin with `//! `"]
        );
    }

    #[test]
    fn tests_do_not_count_towards_the_length() {
        let code = "//! x\n".repeat(LONG);
        let tested = format!("{code}#[cfg(test)]\nmod tests {{}}\n");
        let long = format!("{code}//! one more\n");
        let notes = long_files(&texts(&[("tested.rs", &tested), ("long.rs", &long)]));
        assert_eq!(notes, ["long.rs has 401 lines without tests"]);
    }
}
