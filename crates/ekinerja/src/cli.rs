//! The command line: what the program can be told, and how it ends.
//!
//! Answers go to standard output, log lines to standard error. Exit codes: 0 done, 1 failed, 2 the command line
//! or the configuration cannot be read, 3 the doctor refuses.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ekinerja_app::ports::SystemClock;
use ekinerja_app::{App, Refusal, Violation};
use ekinerja_web::locale::Locale;
use ekinerja_web::problem::words;

use crate::account;
use crate::audit::{self, Verdict};
use crate::config::{self, Config, Language, Source};
use crate::database::Database;
use crate::doctor::{self, Severity};
use crate::serve::{self, Runtime, Serving};
use crate::supervisor::chain;
use crate::{demo, migrate, operator, rollup, score, telemetry, tenant, worker};

/// The configuration cannot be read.
const UNREADABLE: u8 = 2;
/// The doctor refuses.
const UNSOUND: u8 = 3;

/// E-Kinerja: Balanced Scorecards for a province and its kabupaten and kota.
///
/// Settings come from the environment, over an optional file of NAME=value lines. Without `DATABASE_URL` the
/// program starts a private PostgreSQL in its data folder.
#[derive(Debug, Parser)]
#[command(name = "ekinerja", version)]
struct Arguments {
    /// File of settings, one NAME=value a line; the environment goes before it.
    #[arg(long, global = true, env = "EKINERJA_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves pages and interface, and works in the background.
    Serve {
        /// Leave background work to `ekinerja worker` processes.
        #[arg(long)]
        without_worker: bool,
    },
    /// Works in the background only.
    Worker,
    /// Plays the main job on the real figures of NTB, once, and serves it; prints one account per role.
    Demo,
    /// Makes the database roles and brings the schema up to date, as the schema's owner.
    Migrate,
    /// Says in plain words what is wrong with database, roles, disk and configuration.
    Doctor,
    /// Opens governments, lists them, invites their first administrators.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Adds platform operators.
    #[command(subcommand)]
    Operator(operator::Command),
    /// Helps an account that cannot sign in.
    #[command(subcommand)]
    Account(account::Command),
    /// Checks the chains of the trails of changes, and keeps their heads outside the database.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Prints the OpenAPI description of the interface.
    Openapi,
    /// Scores a CSV table, row by row; no database needed.
    Score(score::ScoreArgs),
    /// Rolls a CSV table up by group; no database needed.
    Rollup(rollup::RollUpArgs),
}

/// The doctor refuses; what is wrong was told already.
#[derive(Debug, thiserror::Error)]
#[error("the doctor refuses; see above")]
pub struct Refused;

/// Runs the program.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match &arguments.command {
        Command::Openapi => return openapi(),
        Command::Score(args) => {
            return sheet(args.input().and_then(|it| score::run(args, it, stdout())));
        }
        Command::Rollup(args) => {
            return sheet(args.input().and_then(|it| rollup::run(args, it, stdout())));
        }
        _ => {}
    }
    let source = match Source::from_environment(arguments.config.as_deref()) {
        Ok(source) => source,
        Err(faults) => return unreadable(&faults, Language::default()),
    };
    let config = match Config::read(&source) {
        Ok(config) => config,
        Err(faults) => return unreadable(&faults, config::language(&source, &mut Vec::new())),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(told(arguments.command, &config)),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(code) => code,
        Err(error) if error.is::<Refused>() => ExitCode::from(UNSOUND),
        Err(error) => {
            complain(&format!("ekinerja: {}", chain(error.as_ref())));
            ExitCode::FAILURE
        }
    }
}

/// Starts telemetry, does what was told, and sends the last spans.
async fn told(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    let usual = match command {
        Command::Serve { .. } | Command::Worker | Command::Demo => telemetry::LASTING,
        _ => telemetry::BRIEF,
    };
    let telemetry = telemetry::start(config, usual)?;
    let done = Box::pin(obey(command, config)).await;
    // The exporter waits for its own thread; the runtime must go on meanwhile.
    tokio::task::spawn_blocking(move || telemetry.finish()).await?;
    done
}

async fn obey(command: Command, config: &Config) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve { without_worker } => {
            serve::run(config, Serving { without_worker, ..Serving::default() }).await?;
        }
        Command::Worker => worker::run(config).await?,
        Command::Demo => Box::pin(demo::run(config)).await?,
        Command::Migrate => migrate::run(config).await?,
        Command::Doctor => return examine(config).await,
        Command::Tenant(command) => {
            let Runtime { app, database } = serve::ready(config).await?;
            // Only import and erasure use it; the private PostgreSQL's own address is the owner's.
            let owner = match &config.owner {
                Some(owner) => owner.0.clone(),
                None => database.settings.address.clone(),
            };
            let done = Box::pin(tenant::run(&app, &owner, command, config.language)).await;
            app.store().clone().close().await;
            database.close().await?;
            done?;
        }
        Command::Operator(command) => {
            with_app(config, async |app| operator::run(app, command, config.language).await)
                .await?;
        }
        Command::Account(command) => {
            let (url, language) = (&config.public_url, config.language);
            with_app(config, async |app| account::run(app, command, url, language).await).await?;
        }
        Command::Audit(command) => return Ok(audited(command, config).await),
        // These need neither configuration nor database; they were answered before.
        Command::Openapi | Command::Score(_) | Command::Rollup(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Something was done to a trail.
const TAMPERED: u8 = 1;
/// A trail could not be checked.
const UNCHECKED: u8 = 2;

/// Checks or keeps the chains; 0 all good, 1 something was found, 2 it could not be checked.
async fn audited(command: audit::Command, config: &Config) -> ExitCode {
    match audit_verdict(command, config).await {
        Ok(Verdict::Whole) => ExitCode::SUCCESS,
        Ok(Verdict::Tampered) => ExitCode::from(TAMPERED),
        Err(error) => {
            complain(&format!("ekinerja: {}", chain(error.as_ref())));
            ExitCode::from(UNCHECKED)
        }
    }
}

async fn audit_verdict(command: audit::Command, config: &Config) -> anyhow::Result<Verdict> {
    let language = config.language;
    let mut verdict = Verdict::Whole;
    match command {
        audit::Command::Verify { export: Some(file), anchors, .. } => {
            verdict = audit::verify_file(&file, anchors.as_deref(), language).await?;
        }
        audit::Command::Verify { tenant, anchors, export: None } => {
            let anchors = anchors.or_else(|| config.audit_anchors.clone());
            let (tenant, anchors) = (tenant.as_deref(), anchors.as_deref());
            with_app(config, async |app| {
                verdict = audit::verify(app, tenant, anchors, language).await?;
                Ok(())
            })
            .await?;
        }
        audit::Command::Anchor { to } => {
            let to = to.or_else(|| config.audit_anchors.clone());
            let to = to.ok_or_else(|| anyhow::anyhow!("--to, EKINERJA_AUDIT_ANCHORS?"))?;
            with_app(config, async |app| {
                verdict = audit::anchor(app, &to, language).await?;
                Ok(())
            })
            .await?;
        }
    }
    Ok(verdict)
}

/// Does one thing with the app, then closes everything.
async fn with_app(
    config: &Config,
    work: impl AsyncFnOnce(&App) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Runtime { app, database } = serve::ready(config).await?;
    let done = work(&app).await;
    app.store().clone().close().await;
    database.close().await?;
    done
}

/// Tells what is wrong, the worst first.
async fn examine(config: &Config) -> anyhow::Result<ExitCode> {
    let database = Database::open(config).await?;
    let found = doctor::examine(config, &database, &SystemClock).await;
    database.close().await?;
    for diagnosis in &found {
        let mark = match (diagnosis.severity(), config.language) {
            (Severity::Refusal, Language::Indonesian) => "SALAH",
            (Severity::Refusal, Language::English) => "WRONG",
            (Severity::Warning, Language::Indonesian) => "PERIKSA",
            (Severity::Warning, Language::English) => "CHECK",
        };
        say(&format!("{mark}: {}", diagnosis.words(config.language)));
    }
    if found.iter().any(|it| it.severity() == Severity::Refusal) {
        return Ok(ExitCode::from(UNSOUND));
    }
    say(match config.language {
        Language::Indonesian => "Sehat: basis data, peran, cakram dan pengaturan dapat dipakai.",
        Language::English => "Sound: database, roles, disk and settings can be used.",
    });
    Ok(ExitCode::SUCCESS)
}

fn stdout() -> std::io::StdoutLock<'static> {
    std::io::stdout().lock()
}

/// Bad rows stand in the answer; only a sheet that could not be answered at all is a failure.
fn sheet<S>(answered: anyhow::Result<S>) -> ExitCode {
    match answered {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("ekinerja: {}", chain(error.as_ref())));
            ExitCode::FAILURE
        }
    }
}

fn openapi() -> ExitCode {
    match ekinerja_web::openapi().to_pretty_json() {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("ekinerja: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn unreadable(faults: &[config::Fault], language: Language) -> ExitCode {
    for fault in faults {
        complain(&fault.words(language));
    }
    ExitCode::from(UNREADABLE)
}

/// A refusal of a use case in words, with field and remedy.
pub(crate) fn refused(refusal: &Refusal, language: Language) -> anyhow::Error {
    let locale = match language {
        Language::Indonesian => Locale::Id,
        Language::English => Locale::En,
    };
    let sentence = |code, params: &[(&'static str, String)]| {
        let words = words(locale, code, params);
        format!("{}. {}", words.title, words.detail)
    };
    let violations: &[Violation] = match refusal {
        Refusal::Invalid(violations) => violations,
        Refusal::Rule(violation) | Refusal::Conflict(violation) => std::slice::from_ref(violation),
        Refusal::Internal(error) => return anyhow::anyhow!("{}", chain(error.as_ref())),
        _ => return anyhow::anyhow!("{}", sentence(refusal.code(), &[])),
    };
    let line = |it: &Violation| format!("{}: {}", it.field, sentence(it.code, &it.params));
    anyhow::anyhow!("{}", violations.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// Prints an answer. A reader that has gone away (`| head`) is no error.
pub(crate) fn say(text: &str) {
    // What cannot be printed cannot be complained about either.
    let _unheard = writeln!(stdout(), "{text}");
}

/// Prints what went wrong before or beside telemetry.
#[expect(
    clippy::print_stderr,
    reason = "what goes wrong on the command line goes to standard error"
)]
fn complain(text: &str) {
    eprintln!("{text}");
}
