//! `cargo xtask demo`: the README's first command, from a fresh clone to a running demonstration.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use clap::Args;
use ekinerja_embedded::{CLUSTER_FOLDER, SETTING};
use serde::Deserialize;

use crate::repository::{Repository, tell};

/// What `cargo xtask demo` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Build with optimisation: slower to build, faster to use.
    #[arg(long)]
    release: bool,
    /// Passed on to `ekinerja demo`.
    #[arg(last = true)]
    passed_on: Vec<OsString>,
}

#[derive(Deserialize)]
struct BuildMessage {
    executable: Option<PathBuf>,
    target: Option<BuiltTarget>,
}

#[derive(Deserialize)]
struct BuiltTarget {
    name: String,
}

/// Builds the product, makes sure of PostgreSQL, and becomes the product.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let repository = Repository::find()?;
    let program = build(&repository, arguments.release)?;
    let binaries = repository
        .postgresql()
        .serving(repository.root.join(CLUSTER_FOLDER))
        .locate_or_fetch(tell)?;
    // The product takes this process's place, so that Ctrl-C and the exit code are its own.
    let problem = Command::new(&program)
        .current_dir(&repository.root)
        .env_remove("LD_LIBRARY_PATH")
        .env(SETTING, binaries.folder())
        .arg("demo")
        .args(&arguments.passed_on)
        .exec();
    Err(problem).with_context(|| format!("cannot start {}", program.display()))
}

/// Builds the product; cargo itself tells where the program lies.
pub(crate) fn build(repository: &Repository, release: bool) -> anyhow::Result<PathBuf> {
    let mut command = repository.cargo(&["build", "--package", "ekinerja", "--bin", "ekinerja"]);
    if release {
        command.arg("--release");
    }
    programs(command)?.remove("ekinerja").context("cargo build made no program named ekinerja")
}

/// Runs a cargo build; gives the programs that it made, by name.
pub(crate) fn programs(mut command: Command) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    command.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let mut building = command.spawn().context("cannot run cargo build")?;
    let messages = building.stdout.take().context("cargo build has no output")?;
    let mut programs = BTreeMap::new();
    for line in BufReader::new(messages).lines() {
        let line = line.context("cannot read what cargo build says")?;
        if let Ok(BuildMessage { executable: Some(path), target: Some(target) }) =
            serde_json::from_str(&line)
        {
            programs.insert(target.name, path);
        }
    }
    if !building.wait().context("cannot wait for cargo build")?.success() {
        bail!("it does not build; see the messages above");
    }
    Ok(programs)
}
