//! `cargo xtask ci`: the steps of continuous integration, each also runnable alone.

use std::{
    fmt,
    path::PathBuf,
    process::{Command, Output},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use crate::{
    generate,
    repository::{Repository, tell},
    sbom, test, tidy,
};
use tools::Tool;

mod helm;
pub(crate) mod tools;

/// What `cargo xtask ci` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only these steps, in this order; all of them when none is named.
    steps: Vec<Step>,
}

/// One step. The quick ones come first, so that most mistakes show in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Every file is laid out by rustfmt.
    Fmt,
    /// Arrows, module docs, names, places.
    Tidy,
    /// Generated files are what their generators write.
    Generate,
    /// Spelling.
    Typos,
    /// Licences, banned crates and sources of the dependencies.
    Deny,
    /// Known vulnerabilities of the dependencies.
    Advisories,
    /// The bill of materials can be written and is sound.
    Sbom,
    /// No dependency is declared and unused.
    Unused,
    /// The chart is sound.
    Helm,
    /// The linter, warnings denied.
    Clippy,
    /// The documentation builds, warnings denied.
    Doc,
    /// Every test, on the newest PostgreSQL.
    TestFetched,
    /// Every test, on the machine's PostgreSQL.
    Test,
}

/// How a step ended.
enum Outcome {
    Passed,
    /// What the step needs cannot be had here, so it proves nothing either way.
    Incomplete(String),
    Failed(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Incomplete(reason) => write!(f, "INCOMPLETE: {reason}"),
            Self::Failed(reason) => write!(f, "FAILED: {reason}"),
        }
    }
}

/// Runs the steps; all of them, also after one failed, so that one run shows everything.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let repository = Repository::find()?;
    let steps = match &arguments.steps[..] {
        [] => Step::value_variants(),
        chosen => chosen,
    };
    let mut report = Vec::new();
    for step in steps {
        tell(&format!("\n=== {}", step.name()));
        let begun = Instant::now();
        let outcome = step.run(&repository);
        let line = step.line(&outcome, begun.elapsed());
        tell(&line);
        report.push((line, outcome));
    }
    tell("\n=== summary");
    for (line, _) in &report {
        tell(line);
    }
    let failed = report.iter().filter(|(_, it)| matches!(it, Outcome::Failed(_))).count();
    if failed > 0 {
        bail!("{failed} of {} steps failed", report.len());
    }
    Ok(())
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |it| it.get_name().to_owned())
    }

    fn line(self, outcome: &Outcome, took: Duration) -> String {
        format!("{:<13}{:>7.1} s  {outcome}", self.name(), took.as_secs_f32())
    }

    fn run(self, repository: &Repository) -> Outcome {
        let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        match self {
            Self::Helm => helm::run(repository),
            Self::Fmt => shown(repository.cargo(&["fmt", "--all", "--check"])),
            Self::Tidy => ours(tidy::run()),
            Self::Generate => ours(generate::run(&generate::Arguments { check: true, from: None })),
            Self::Typos => with_tool(repository, &tools::TYPOS, |program| {
                let mut command = repository.command(program);
                command.args(["--config", ".typos.toml"]);
                shown(command)
            }),
            Self::Deny => with_tool(repository, &tools::DENY, |program| {
                let mut command = deny(repository, program);
                command.args(["bans", "licenses", "sources"]);
                shown(command)
            }),
            Self::Advisories => {
                with_tool(repository, &tools::DENY, |program| advisories(deny(repository, program)))
            }
            Self::Sbom => ours(sbom::run(&sbom::Arguments::default())),
            Self::Unused => {
                with_tool(repository, &tools::SHEAR, |program| shown(repository.command(program)))
            }
            Self::Clippy => shown(repository.cargo(&clippy)),
            Self::Doc => {
                let mut command = repository.cargo(&["doc", "--workspace", "--no-deps"]);
                command.arg("--document-private-items").env("RUSTDOCFLAGS", "-D warnings");
                shown(command)
            }
            Self::TestFetched => {
                ours(test::run(&test::Arguments { fetched: true, ..test::Arguments::default() }))
            }
            Self::Test => ours(test::run(&test::Arguments::default())),
        }
    }
}

fn deny(repository: &Repository, program: PathBuf) -> Command {
    let mut command = repository.command(program);
    // It finds `.deny.toml` by itself.
    command.args(["--log-level", "error", "check"]);
    command
}

/// The known vulnerabilities live in a git repository that a closed network does not reach.
fn advisories(mut command: Command) -> Outcome {
    command.arg("advisories");
    match command.output().context("cannot run cargo-deny") {
        Err(problem) => Outcome::Failed(format!("{problem:#}")),
        Ok(Output { status, .. }) if status.success() => Outcome::Passed,
        Ok(Output { stderr, .. }) => {
            let said = String::from_utf8_lossy(&stderr).into_owned();
            if said.contains("failed to fetch advisory database") {
                Outcome::Incomplete("the list of vulnerabilities cannot be reached here".to_owned())
            } else {
                tell(&said);
                Outcome::Failed("see above".to_owned())
            }
        }
    }
}

fn with_tool(
    repository: &Repository,
    tool: &Tool,
    use_it: impl FnOnce(PathBuf) -> Outcome,
) -> Outcome {
    match tools::obtain(repository, tool) {
        Ok(program) => use_it(program),
        Err(reason) => Outcome::Incomplete(format!("{} cannot be had: {reason:#}", tool.program)),
    }
}

/// Runs a command whose output the person sees as it comes.
fn shown(mut command: Command) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Outcome::Passed,
        Ok(status) => Outcome::Failed(format!("{status}, see above")),
        Err(problem) => Outcome::Failed(format!("cannot run it: {problem}")),
    }
}

fn ours(answer: anyhow::Result<()>) -> Outcome {
    match answer {
        Ok(()) => Outcome::Passed,
        Err(problem) => Outcome::Failed(format!("{problem:#}")),
    }
}
