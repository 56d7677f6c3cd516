//! `ekinerja account`: help of the operator for an account that cannot sign in.

use clap::{Args, Subcommand};
use ekinerja_app::App;
use ekinerja_app::tenants::Operator;
use ekinerja_web::links;
use url::Url;

use crate::cli::{refused, say};
use crate::config::Language;

/// What `ekinerja account` is asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prints a link with which the person sets a new password, once, within half an hour.
    PasswordLink(Named),
    /// Takes a lost second factor away, and ends every session of the account.
    WithdrawSecondFactor(Withdrawal),
}

/// Which account.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The name for signing in.
    #[arg(long)]
    username: String,
}

/// Which account, and why.
#[derive(Debug, Args)]
pub(crate) struct Withdrawal {
    /// The name for signing in.
    #[arg(long)]
    username: String,
    /// Why, for the trail of the person's governments.
    #[arg(long)]
    reason: String,
}

pub(crate) async fn run(
    app: &App,
    command: Command,
    public_url: &Url,
    language: Language,
) -> anyhow::Result<()> {
    let operator = Operator::command_line();
    let refused = |refusal| refused(&refusal, language);
    match command {
        Command::PasswordLink(Named { username }) => {
            let issued = app.issue_password_link_as(&operator, &username).await.map_err(refused)?;
            let until = issued.expires_at.format("%Y-%m-%d %H:%M UTC");
            say(&links::password_link(public_url, issued.secret.reveal()));
            say(&match language {
                Language::Indonesian => format!(
                    "Tautan untuk {} berlaku satu kali sampai {until}. Serahkan hanya kepada orangnya.",
                    issued.name
                ),
                Language::English => format!(
                    "The link for {} is good once until {until}. Hand it over to that person alone.",
                    issued.name
                ),
            });
        }
        Command::WithdrawSecondFactor(Withdrawal { username, reason }) => {
            let withdrawn = app.withdraw_second_factor_as(&operator, &username, &reason).await;
            let person = withdrawn.map_err(refused)?;
            say(&match language {
                Language::Indonesian => {
                    format!("Faktor kedua {} dicabut; semua sesinya diakhiri.", person.name)
                }
                Language::English => {
                    format!(
                        "The second factor of {} was withdrawn; every session ended.",
                        person.name
                    )
                }
            });
        }
    }
    Ok(())
}
