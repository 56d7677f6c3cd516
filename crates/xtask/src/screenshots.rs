//! `cargo xtask screenshots`: the pictures of the documents, taken from a running demonstration.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use clap::Args;

use crate::repository::{Repository, tell};

/// The browser's remote control, of one version; it brings no browser of its own.
const PLAYWRIGHT: &str = "playwright-core@1.65.0";

/// What `cargo xtask screenshots` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Address of the running demonstration.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    base: String,
    /// Folder for the pictures; by default the one of the documents.
    #[arg(long)]
    into: Option<PathBuf>,
}

/// Takes the pictures; fails when a page does not answer or is wider than its screen.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let repository = Repository::find()?;
    let workshop = workshop(&repository);
    let folder = arguments.into.clone().unwrap_or_else(|| repository.root.join("docs/screenshots"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let chromium = obtain_browser(&repository)?;
    // The script finds playwright-core beside itself, so it runs from where that is installed.
    let scripts = repository.root.join("tests/e2e");
    for name in ["screenshots.mjs", "pages.json"] {
        fs::copy(scripts.join(name), workshop.join(name))
            .with_context(|| format!("cannot copy {name}"))?;
    }
    let status = repository
        .command("node")
        .arg(workshop.join("screenshots.mjs"))
        .arg(&arguments.base)
        .arg(&folder)
        .arg(&chromium)
        .status()
        .context("node is needed to take pictures")?;
    ensure!(status.success(), "a page did not answer or was too wide; see above");
    tell(&format!("the pictures are in {}", folder.display()));
    Ok(())
}

/// Where the browser's remote control is installed.
fn workshop(repository: &Repository) -> PathBuf {
    repository.target.join("tools").join("e2e")
}

/// Fetches what a script needs to walk through pages, unless it is here; where the browser is.
pub(crate) fn obtain_browser(repository: &Repository) -> anyhow::Result<PathBuf> {
    install_playwright(repository, &workshop(repository))?;
    chromium(repository)
}

fn install_playwright(repository: &Repository, workshop: &Path) -> anyhow::Result<()> {
    if workshop.join("node_modules/playwright-core").is_dir() {
        return Ok(());
    }
    fs::create_dir_all(workshop)?;
    tell(&format!("installing {PLAYWRIGHT} with npm"));
    let status = repository
        .command("npm")
        .args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(workshop)
        .arg(PLAYWRIGHT)
        .status()
        .context("npm is needed to install the browser's remote control")?;
    ensure!(status.success(), "npm could not install {PLAYWRIGHT}");
    Ok(())
}

/// A Chromium of the machine, installed with Debian's package client when there is none and we may.
fn chromium(repository: &Repository) -> anyhow::Result<PathBuf> {
    let found = || {
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
            .iter()
            .map(PathBuf::from)
            .find(|path| path.is_file())
    };
    if let Some(path) = found() {
        return Ok(path);
    }
    tell("installing chromium with apt-get");
    for words in [&["update"][..], &["install", "--yes", "--no-install-recommends", "chromium"]] {
        let done = repository.command("apt-get").args(words).status();
        if !done.is_ok_and(|status| status.success()) {
            bail!("Chromium is needed: install it with your package client and try again");
        }
    }
    found().context("chromium was installed and is not where it belongs")
}
