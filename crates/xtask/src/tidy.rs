//! `cargo xtask tidy`: what holds the house together and no general linter knows.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::bail;

use crate::repository::{self, Repository, tell};

mod arrows;
mod glossary;
mod places;
mod sources;
mod walls;

/// The files of the repository with their text; files that are no text are left out.
struct Texts(Vec<(PathBuf, String)>);

impl Texts {
    fn read(root: &Path, files: &[PathBuf]) -> Self {
        let text = |file: &PathBuf| Some((file.clone(), fs::read_to_string(root.join(file)).ok()?));
        Self(files.iter().filter_map(text).collect())
    }

    fn iter(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.0.iter().map(|(file, text)| (file.as_path(), text.as_str()))
    }

    fn rust(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.iter().filter(|(file, _)| file.extension().is_some_and(|it| it == "rs"))
    }
}

/// Checks everything and lists every breach at once.
pub(crate) fn run() -> anyhow::Result<()> {
    let repository = Repository::find()?;
    let metadata = repository::metadata()?;
    let files = repository.files()?;
    let texts = Texts::read(&repository.root, &files);

    let mut breaches = arrows::breaches(&metadata);
    breaches.extend(sources::unlinted_members(&metadata));
    breaches.extend(sources::silent_modules(&texts));
    breaches.extend(sources::old_style_modules(&files));
    breaches.extend(places::root(&files));
    breaches.extend(places::machine_names(&texts));
    breaches.extend(glossary::missing(&texts));
    breaches.extend(walls::unlisted_pages(&texts));
    breaches.extend(walls::unreviewed_sql(&texts));

    for note in sources::long_files(&texts) {
        tell(&format!("note: {note}"));
    }
    for breach in &breaches {
        tell(&format!("untidy: {breach}"));
    }
    match breaches.len() {
        0 => Ok(()),
        1 => bail!("1 untidy place"),
        many => bail!("{many} untidy places"),
    }
}
