//! Files drawn from foreign material: the list of governments, the data of the demo, the map.
//!
//! That material is not part of this repository. So there are two ways to check them: without that material,
//! against the hashes in the `manifest.sha256` beside them (`sha256sum --check` reads it too);
//! with it (`--from DIR --check`), by writing them anew and comparing every byte.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::{demo, map, regions};

/// The name of the list of hashes in each folder of generated files.
const MANIFEST: &str = "manifest.sha256";

/// A file as the generator wants it.
#[derive(Debug)]
pub(super) struct Written {
    folder: &'static str,
    name: &'static str,
    content: Vec<u8>,
}

impl Written {
    pub(super) fn of(
        folder: &'static str,
        name: &'static str,
        content: impl Into<Vec<u8>>,
    ) -> Self {
        Self { folder, name, content: content.into() }
    }
}

/// Writes the files from the foreign material in `from`, or compares them with it.
///
/// # Errors
/// When the material is missing or malformed, or (with `check`) a committed file differs.
pub(super) fn draw(from: &Path, check: bool) -> Result<()> {
    let mut files = regions::write(from)?;
    files.extend(demo::write(from)?);
    files.extend(map::write(from)?);
    files.extend(manifests(&files)?);
    if check { compare(&files) } else { save(&files) }
}

/// Compares the committed files with the hashes recorded when they were drawn.
///
/// # Errors
/// When a file is missing or was changed by hand.
pub(super) fn check() -> Result<()> {
    FOLDERS.iter().try_for_each(|folder| check_manifest(&root().join(folder)))
}

/// Every folder that has a manifest.
const FOLDERS: [&str; 3] = [regions::FOLDER, demo::FOLDER, map::FOLDER];

/// One manifest per folder, its lines sorted by name.
fn manifests(files: &[Written]) -> Result<Vec<Written>> {
    let mut folders: BTreeMap<&'static str, BTreeMap<&str, String>> = BTreeMap::new();
    for file in files {
        folders.entry(file.folder).or_default().insert(file.name, hash(&file.content));
    }
    let mut manifests = Vec::new();
    for (folder, names) in folders {
        let mut lines = String::new();
        for (name, hash) in names {
            writeln!(lines, "{hash}  {name}")?;
        }
        manifests.push(Written::of(folder, MANIFEST, lines));
    }
    Ok(manifests)
}

fn save(files: &[Written]) -> Result<()> {
    for file in files {
        let path = root().join(file.folder).join(file.name);
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(&path, &file.content).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

fn compare(files: &[Written]) -> Result<()> {
    for file in files {
        let path = Path::new(file.folder).join(file.name);
        let committed = fs::read(root().join(&path))
            .with_context(|| format!("{} is missing", path.display()))?;
        ensure!(
            committed == file.content,
            "{} is not what the generator writes; run `cargo xtask generate --from DIR`",
            path.display()
        );
    }
    Ok(())
}

/// Compares every file named in the folder's manifest with its recorded hash.
fn check_manifest(folder: &Path) -> Result<()> {
    let path = folder.join(MANIFEST);
    let manifest =
        fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
    ensure!(!manifest.trim().is_empty(), "{} names no file", path.display());
    for line in manifest.lines() {
        let (recorded, name) = line
            .split_once("  ")
            .with_context(|| format!("{}: `{line}` is not `HASH  NAME`", path.display()))?;
        let file = folder.join(name);
        let content = fs::read(&file).with_context(|| format!("{} is missing", file.display()))?;
        ensure!(
            hash(&content) == recorded,
            "{} was changed by hand: it is generated, change its source and run \
             `cargo xtask generate --from DIR`",
            file.display()
        );
    }
    Ok(())
}

fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The text of a committed file.
    pub(in crate::generate) fn committed(folder: &str, name: &str) -> String {
        fs::read_to_string(root().join(folder).join(name)).unwrap()
    }

    #[test]
    fn committed_files_have_their_recorded_hashes() {
        for folder in FOLDERS {
            check_manifest(&root().join(folder)).unwrap();
        }
    }

    #[test]
    fn a_file_changed_by_hand_is_noticed() {
        let folder = std::env::temp_dir().join(format!("manifest-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a.csv"), "a\n1\n").unwrap();
        fs::write(folder.join(MANIFEST), format!("{}  a.csv\n", hash(b"a\n1\n"))).unwrap();
        check_manifest(&folder).unwrap();
        fs::write(folder.join("a.csv"), "a\n2\n").unwrap();
        let refusal = check_manifest(&folder).unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(refusal.contains("a.csv was changed by hand"), "{refusal}");
    }
}
