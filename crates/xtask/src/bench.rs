//! `cargo xtask bench`: the first figures of the product, beside the least that the same machine can do.
//!
//! The bench itself is `tests/bench/figures`, a program of its own: this tool builds it together with the
//! release build of the product, runs it, and tells what it measured against the goals. With `--write` the
//! table goes into `docs/performance.md`.

mod figures;
mod report;

use std::{fs, path::PathBuf, process::Stdio, time::Instant};

use anyhow::{Context, ensure};
use clap::Args;
use ekinerja_embedded::SETTING;

use crate::{
    demo,
    repository::{Repository, tell},
};
use figures::Figures;

/// Where the table belongs.
const DOCUMENT: &str = "docs/performance.md";

/// What `cargo xtask bench` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write the table into docs/performance.md.
    #[arg(long)]
    write: bool,
    /// Build without optimisation, to see whether the bench works; its figures mean nothing.
    #[arg(long, conflicts_with = "write")]
    unoptimised: bool,
    /// Measure fewer rounds, to see whether the bench works.
    #[arg(long, conflicts_with = "write")]
    quick: bool,
}

/// Builds, measures, tells; fails when something cannot be measured, never because a figure is bad.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let repository = Repository::find()?;
    let mut build = repository.cargo(&["build", "--package", "ekinerja", "--bin", "ekinerja"]);
    build.args(["--package", "ekinerja-tests", "--bench", "figures"]);
    if !arguments.unoptimised {
        build.arg("--release");
    }
    let programs = demo::programs(build)?;
    let program = programs.get("ekinerja").context("cargo made no program named ekinerja")?;
    let bench = programs.get("figures").context("cargo made no program named figures")?;
    let folder = repository.target.join("bench");
    // Every run plays the demonstration anew, so that no run measures what an earlier one piled up.
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot clear the last run's folder")?;
    }
    fs::create_dir_all(&folder).context("cannot make the run's folder")?;
    let binaries = repository.postgresql().locate_or_fetch(tell)?;
    let results = folder.join("figures.json");
    let started = Instant::now();
    let mut command = repository.command(bench);
    command.env(SETTING, binaries.folder()).arg(program).arg(&folder).arg(&results);
    if arguments.quick {
        command.arg("quick");
    }
    let status = command.stdout(Stdio::inherit()).status().context("cannot run the bench")?;
    ensure!(status.success(), "the bench could not measure; see above");
    let text = fs::read_to_string(&results).context("the bench left no results")?;
    let figures: Figures = serde_json::from_str(&text).context("results that cannot be read")?;
    let table = report::table(&figures)?;
    tell(&table);
    tell(&format!("measured in {} s", started.elapsed().as_secs()));
    if arguments.write {
        write(repository.root.join(DOCUMENT), &table)?;
        tell(&format!("written to {DOCUMENT}"));
    }
    Ok(())
}

fn write(path: PathBuf, table: &str) -> anyhow::Result<()> {
    let old = fs::read_to_string(&path).with_context(|| format!("cannot read {DOCUMENT}"))?;
    let new = report::placed(&old, table)?;
    fs::write(path, new).with_context(|| format!("cannot write {DOCUMENT}"))
}
