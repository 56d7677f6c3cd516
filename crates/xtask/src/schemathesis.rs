//! The tool that holds the interface against its own description: schemathesis, fetched by an ordinary package
//! client into the ignored build folder, in the versions of `tests/schemathesis/requirements.txt`.
//! `tests/it/contract.rs` runs it.

use std::{fs, process::Command};

use anyhow::{Context, ensure};

use crate::{
    providers::Missing,
    repository::{Repository, tell},
};

/// Fetches it unless it is there; the tests that cannot run without it, where it cannot be had.
pub(crate) fn obtain(repository: &Repository) -> Option<Missing> {
    let error = fetch(repository).err()?;
    Some(Missing { tests: "contract::", reason: format!("{error:#}") })
}

/// Fetches it unless it is there in the versions of the list.
fn fetch(repository: &Repository) -> anyhow::Result<()> {
    let list = repository.root.join("tests/schemathesis/requirements.txt");
    let folder = repository.target.join("tools/schemathesis");
    let done = folder.join("requirements.txt");
    let wanted = fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    if fs::read(&done).is_ok_and(|it| it == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    tell("fetching schemathesis with pip");
    let mut room = repository.command("python3");
    room.args(["-m", "venv"]).arg(&folder);
    run(room)?;
    let mut pip = repository.command(folder.join("bin/python"));
    pip.envs([("PIP_USER", "0"), ("PIP_NO_INPUT", "1"), ("PIP_DISABLE_PIP_VERSION_CHECK", "1")])
        .args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--require-hashes"])
        .arg("--requirement")
        .arg(&list);
    run(pip)?;
    fs::write(&done, wanted).with_context(|| format!("cannot write {}", done.display()))
}

fn run(mut command: Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("{name} is not on this machine"))?;
    ensure!(status.success(), "{name} could not fetch it");
    Ok(())
}
