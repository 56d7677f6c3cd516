//! The identity providers at which the tests sign in, and the browser: real products, fetched by ordinary
//! package clients.
//!
//! The providers lie in the ignored build folder, each in the versions of its list in `tests/providers`;
//! nothing of them is installed on the machine. `tests/it/providers/program.rs` starts them.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};

use crate::{
    repository::{Repository, tell},
    screenshots,
};

/// Tests that cannot run here, and why.
pub(crate) struct Missing {
    /// The beginning of their names in `tests/it`.
    pub(crate) tests: &'static str,
    pub(crate) reason: String,
}

/// Fetches what is not there yet; what cannot be had.
pub(crate) fn obtain(repository: &Repository) -> Vec<Missing> {
    let oidc_provider = obtain_oidc_provider(repository).err();
    let canaille = obtain_canaille(repository).err();
    let browser = screenshots::obtain_browser(repository).err();
    let needs = [
        ("providers::oidc_provider::", vec![&oidc_provider]),
        ("providers::canaille::", vec![&canaille]),
        ("providers::walk::", vec![&oidc_provider, &canaille, &browser]),
    ];
    let missing = needs.into_iter().filter_map(|(tests, needs)| {
        let error = needs.into_iter().flatten().next()?;
        Some(Missing { tests, reason: format!("{error:#}") })
    });
    missing.collect()
}

fn obtain_oidc_provider(repository: &Repository) -> anyhow::Result<()> {
    fetch(repository, &["package.json", "package-lock.json"], "npm", |folder| {
        tell("fetching oidc-provider with npm");
        let mut command = repository.command("npm");
        command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
        run(command)
    })
}

fn obtain_canaille(repository: &Repository) -> anyhow::Result<()> {
    fetch(repository, &["requirements.txt"], "python", |folder| {
        tell("fetching canaille with pip");
        let mut command = repository.command("python3");
        command.args(["-m", "venv"]).arg(folder);
        run(command)?;
        let mut command = repository.command(folder.join("bin/python"));
        command
            // A person's own settings for installing elsewhere would contradict the environment.
            .envs([
                ("PIP_USER", "0"),
                ("PIP_NO_INPUT", "1"),
                ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
            ])
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"])
            .args(["--requirement", "requirements.txt"])
            .current_dir(folder);
        run(command)
    })
}

/// Puts the lists into the folder and fetches what they name, unless that was done already with the same lists.
fn fetch(
    repository: &Repository,
    names: &[&str],
    home: &str,
    client: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let lists = repository.root.join("tests/providers");
    let folder = repository.target.join("providers").join(home);
    let folder = folder.as_path();
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
    ensure!(status.success(), "{name} could not bring them");
    Ok(())
}
