//! The repository that this tool serves: where things are, and how commands run in it.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use ekinerja_embedded::{BINARIES_FOLDER, Search};
use serde::Deserialize;

/// Where the repository and what is built from it lie.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds; everything of ours that is thrown away goes there too.
    pub(crate) target: PathBuf,
}

/// What we read of `cargo metadata`.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

/// One member of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

/// One line of a member's dependencies.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
}

/// One thing that a member builds.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    /// Whether examples in its documentation are run as tests.
    pub(crate) doctest: bool,
}

impl Repository {
    /// Asks cargo where we are.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let metadata = metadata()?;
        Ok(Self { root: metadata.workspace_root, target: metadata.target_directory })
    }

    /// A command that runs in the root, with nobody to answer its questions.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        // `cargo run` adds the toolchain's libraries, which are not meant for other programs.
        command.current_dir(&self.root).stdin(Stdio::null()).env_remove("LD_LIBRARY_PATH");
        command
    }

    /// A cargo command that runs in the root.
    pub(crate) fn cargo(&self, words: &[&str]) -> Command {
        let mut command = self.command(cargo());
        command.args(words);
        command
    }

    /// Every file that git tracks or would track, relative to the root.
    pub(crate) fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        let listed = self
            .command("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()
            .context("git is needed to list the files of the repository")?;
        ensure!(
            listed.status.success(),
            "git ls-files failed: {}",
            String::from_utf8_lossy(&listed.stderr).trim()
        );
        let names = String::from_utf8(listed.stdout).context("a file name is not UTF-8")?;
        let files = names.split('\0').filter(|it| !it.is_empty()).map(PathBuf::from);
        // A file that is deleted but not yet committed is still listed.
        let mut files: Vec<_> = files.filter(|it| self.root.join(it).is_file()).collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// Where to look for PostgreSQL's programs: on the machine, else in the ignored folder.
    pub(crate) fn postgresql(&self) -> Search {
        Search::from_environment(self.root.join(BINARIES_FOLDER))
    }
}

/// Reads `cargo metadata` without the dependencies from elsewhere.
pub(crate) fn metadata() -> anyhow::Result<Metadata> {
    let said = Command::new(cargo())
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .stdin(Stdio::null())
        .output()
        .context("cannot run cargo")?;
    ensure!(
        said.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&said.stderr).trim()
    );
    serde_json::from_slice(&said.stdout).context("cannot read what cargo metadata says")
}

/// The cargo that runs us.
fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// Says something to the person at the terminal.
#[expect(clippy::print_stdout, reason = "a command-line tool talks to a person")]
pub(crate) fn tell(words: &str) {
    println!("{words}");
}
