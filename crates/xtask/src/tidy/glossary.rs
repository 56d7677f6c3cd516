//! Every word of the domain is explained: `docs/glossary.md` names each of its public types.

use std::{collections::BTreeSet, path::Path};

use super::Texts;

/// Where the words are explained.
const GLOSSARY: &str = "docs/glossary.md";

/// Public types of the domain that the glossary does not name.
///
/// Errors are left out: their variants explain themselves to the person who reads them.
pub(super) fn missing(texts: &Texts) -> Vec<String> {
    let glossary = texts.iter().find(|(file, _)| *file == Path::new(GLOSSARY));
    let Some((_, glossary)) = glossary else { return vec![format!("{GLOSSARY} is missing")] };
    let explained: BTreeSet<&str> = glossary.split(|it: char| !it.is_alphanumeric()).collect();
    let mut missing = Vec::new();
    for (file, text) in texts.rust().filter(|(file, _)| file.starts_with("crates/domain/src")) {
        for name in public_types(text) {
            if !name.ends_with("Error") && !explained.contains(name) {
                missing.push(format!("{GLOSSARY} does not explain {name} ({})", file.display()));
            }
        }
    }
    missing
}

fn public_types(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim_start();
        let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "))?;
        let end = rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len());
        Some(&rest[..end]).filter(|it| !it.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_type_is_explained_by_its_whole_name_only() {
        let code = "pub struct Target;\npub enum TargetKind {\n}\npub struct TargetError(u8);\n\
                    pub struct Tenant<T>(T);\nstruct Private;\n";
        let texts = Texts(vec![
            (PathBuf::from("crates/domain/src/target.rs"), code.to_owned()),
            (PathBuf::from(GLOSSARY), "| target | `Target` |\n| kind | `TargetKinds` |".to_owned()),
        ]);
        assert_eq!(
            missing(&texts),
            [
                "docs/glossary.md does not explain TargetKind (crates/domain/src/target.rs)",
                "docs/glossary.md does not explain Tenant (crates/domain/src/target.rs)",
            ]
        );
    }
}
