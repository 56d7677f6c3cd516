//! `cargo xtask test`: the README's second command. Every test, on a private PostgreSQL of the run.

use std::{
    ffi::OsString,
    fs,
    num::NonZero,
    process::{Command, ExitStatus},
    thread,
};

use anyhow::{Context, bail};
use clap::Args;
use ekinerja_embedded::{
    BINARIES_FOLDER, Cluster, Durability, Launch, SETTING, SUPERUSER, Search, Stopped,
};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    ci::tools::{self, NEXTEST},
    providers::{self, Missing},
    repository::{self, Repository, tell},
    schemathesis,
};

/// Tells the tests' support which server to use: an address of the superuser.
const CLUSTER_SETTING: &str = "EKINERJA_TEST_CLUSTER";

/// What `cargo xtask test` is asked.
#[derive(Debug, Args, Default)]
pub(crate) struct Arguments {
    /// Use the newest PostgreSQL, fetched into the ignored folder, and not the machine's own.
    #[arg(long)]
    pub(crate) fetched: bool,
    /// Passed on to the test runner, for instance a part of a test's name.
    #[arg(last = true)]
    pub(crate) passed_on: Vec<OsString>,
}

/// Runs every test and the examples in the documentation; fails when one of them fails.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let repository = Repository::find()?;
    let search = if arguments.fetched {
        Search::new(repository.root.join(BINARIES_FOLDER)).without_machine()
    } else {
        repository.postgresql()
    };
    let binaries = search.locate_or_fetch(tell)?;
    tell(&format!("tests run on {}", binaries.version()));
    let mut missing = providers::obtain(&repository);
    missing.extend(schemathesis::obtain(&repository));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let home = format!("test-cluster-{}", binaries.major());
        // The folder of `ekinerja_tests::database`: a server that a run without us left is used
        // here once more and then stopped.
        let cluster = Launch::new(&binaries, repository.target.join(home))
            .durability(Durability::Throwaway)
            .connections(connections())
            .start()
            .await?;
        let address = cluster.url("postgres", SUPERUSER, None);
        let environment = [
            (CLUSTER_SETTING, OsString::from(address)),
            (SETTING, binaries.folder().as_os_str().to_owned()),
        ];
        let mut outcome = Ok(());
        for mut command in commands(&repository, arguments, &missing)? {
            command.envs(environment.clone());
            outcome = outcome.and(finished(command).await);
        }
        remove(cluster).await?;
        for Missing { tests, reason } in &missing {
            tell(&format!(
                "INCOMPLETE: {tests} was left out, because what it needs cannot be had here ({reason})"
            ));
        }
        outcome
    })
}

/// The examples in the documentation, which the test runner cannot run, and then the runner, whose
/// count of tests is the last word.
fn commands(
    repository: &Repository,
    arguments: &Arguments,
    missing: &[Missing],
) -> anyhow::Result<Vec<Command>> {
    let mut tests = match tools::obtain(repository, &NEXTEST) {
        Ok(program) => {
            let mut command = repository.command(program);
            command.args(["nextest", "run", "--workspace"]);
            if !missing.is_empty() {
                let names: Vec<_> =
                    missing.iter().map(|it| format!("test(/^{}/)", it.tests)).collect();
                command.args(["--filterset", &format!("not ({})", names.join(" + "))]);
            }
            command
        }
        Err(reason) => {
            tell(&format!("cargo-nextest cannot be had ({reason:#}); using cargo test instead"));
            let words = ["test", "--workspace", "--all-targets", "--no-fail-fast", "--"];
            let mut command = repository.cargo(&words);
            command.args(missing.iter().flat_map(|it| ["--skip", it.tests]));
            command
        }
    };
    tests.args(&arguments.passed_on);
    let mut commands = Vec::new();
    if arguments.passed_on.is_empty() {
        let mut examples = repository.cargo(&["test", "--quiet", "--doc"]);
        let members = repository::metadata()?.packages;
        let documented = members.iter().filter(|it| it.targets.iter().any(|it| it.doctest));
        for member in documented {
            examples.args(["--package", &member.name]);
        }
        commands.push(examples);
    }
    commands.push(tests);
    Ok(commands)
}

/// Waits for the command, also after Ctrl-C: the terminal told it as well, and what it started must
/// be gone before the server goes.
async fn finished(command: Command) -> anyhow::Result<()> {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let name = words.map(|it| it.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut child = tokio::process::Command::from(command)
        .spawn()
        .with_context(|| format!("cannot run {name}"))?;
    let status: ExitStatus = tokio::select! {
        status = child.wait() => status?,
        _ = interrupt.recv() => {
            child.wait().await?;
            bail!("interrupted");
        }
        _ = terminate.recv() => {
            child.start_kill()?;
            child.wait().await?;
            bail!("interrupted");
        }
    };
    if !status.success() {
        bail!("failed: {name}");
    }
    Ok(())
}

/// Stops the run's server and removes its data, unless another run uses it still.
async fn remove(cluster: Cluster) -> anyhow::Result<()> {
    let home = cluster.home().to_owned();
    if cluster.stop().await? == Stopped::Down {
        fs::remove_dir_all(&home).with_context(|| format!("cannot remove {}", home.display()))?;
    }
    Ok(())
}

/// As many connections as tests that run at the same time can hold: three doors with a few each.
fn connections() -> u16 {
    let cores = thread::available_parallelism().map_or(2, NonZero::get);
    u16::try_from(cores).unwrap_or(u16::MAX).saturating_mul(30).saturating_add(40)
}
