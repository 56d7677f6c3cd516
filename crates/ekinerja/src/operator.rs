//! `ekinerja operator add`: the first account of a platform, made where no page can be reached yet.

use clap::{Args, Subcommand};
use ekinerja_app::App;
use ekinerja_app::tenants::{NewOperator, Operator};

use crate::config::Language;
use crate::prompt;

/// What `ekinerja operator` is asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Adds an operator; the password is read from standard input (from the keyboard without echo).
    Add(Add),
}

/// The operator that shall be added.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The name for signing in.
    #[arg(long)]
    username: String,
    /// The person's name.
    #[arg(long)]
    name: String,
}

pub(crate) async fn run(app: &App, command: Command, language: Language) -> anyhow::Result<()> {
    let Command::Add(Add { username, name }) = command;
    let (question, again, done) = match language {
        Language::Indonesian => {
            ("Kata sandi (paling sedikit 12 huruf)", "Sekali lagi", "Akun operator dibuat")
        }
        Language::English => {
            ("Password (at least 12 characters)", "Once more", "The operator's account was made")
        }
    };
    let password = tokio::task::spawn_blocking(move || prompt::secret(question, again)).await??;
    let new = NewOperator { username, name, password };
    let made = app.add_operator(&Operator::command_line(), new).await;
    let person = made.map_err(|refusal| crate::cli::refused(&refusal, language))?;
    crate::cli::say(&format!("{done}: {} ({})", person.username, person.id));
    Ok(())
}
