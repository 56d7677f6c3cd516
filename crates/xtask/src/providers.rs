//! The identity provider at which the tests sign in: a real product, fetched by an ordinary package client.
//!
//! It lies in the ignored build folder, in the versions of the list in `tests/providers`; nothing is installed
//! on the machine. `tests/it/providers/program.rs` starts it.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};

use crate::repository::{Repository, tell};

/// Tests that need it; the names in `tests/it/providers`.
pub(crate) const TESTS: [&str; 1] = ["providers::oidc_provider::"];

/// Fetches what is not there yet.
pub(crate) fn obtain(repository: &Repository) -> anyhow::Result<()> {
    let lists = repository.root.join("tests/providers");
    let home = repository.target.join("providers");
    fetch(&lists, &["package.json", "package-lock.json"], &home.join("npm"), |folder| {
        tell("fetching oidc-provider with npm");
        let mut command = repository.command("npm");
        command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
        run(command)
    })
}

/// Puts the lists into the folder and fetches what they name, unless that was done already with the same lists.
fn fetch(
    lists: &Path,
    names: &[&str],
    folder: &Path,
    client: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let wanted = names.iter().map(|it| fs::read_to_string(lists.join(it)));
    let wanted = wanted.collect::<Result<Vec<_>, _>>()?.concat();
    let done = folder.join(".fetched");
    if fs::read_to_string(&done).is_ok_and(|it| it == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder)?;
    for name in names {
        fs::copy(lists.join(name), folder.join(name))?;
    }
    client(folder)?;
    fs::write(done, wanted)?;
    Ok(())
}

fn run(mut command: Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdout(Stdio::null());
    let status = command.status().with_context(|| format!("{name} is not on this machine"))?;
    ensure!(status.success(), "{name} could not bring it");
    Ok(())
}
