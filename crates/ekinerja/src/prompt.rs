//! Reading a secret from standard input, so that it never stands on a command line or in its history.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// The secret on the first line of standard input; asked for twice where a person types it.
pub(crate) fn secret(question: &str, again: &str) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        return line();
    }
    let typed = ask(question)?;
    if ask(again)? != typed {
        bail!("the two do not agree; nothing was changed");
    }
    Ok(typed)
}

fn ask(question: &str) -> anyhow::Result<String> {
    let mut screen = std::io::stderr();
    write!(screen, "{question}: ").context("cannot write to the screen")?;
    screen.flush().context("cannot write to the screen")?;
    let hidden = echo(false);
    let typed = line();
    if hidden {
        echo(true);
        writeln!(screen).context("cannot write to the screen")?;
    }
    typed
}

/// Switches the terminal's echo; whether it could. POSIX has the program for it everywhere.
fn echo(on: bool) -> bool {
    let word = if on { "echo" } else { "-echo" };
    let done =
        Command::new("stty").arg(word).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
    done.is_ok_and(|status| status.success())
}

fn line() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().lock().read_line(&mut text).context("cannot read from standard input")?;
    let text = text.trim_end_matches(['\n', '\r']).to_owned();
    if text.is_empty() {
        bail!("the password is expected on the first line of standard input");
    }
    Ok(text)
}
