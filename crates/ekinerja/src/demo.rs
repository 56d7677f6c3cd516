//! `ekinerja demo`: the main job on the real figures of NTB, played once and kept.
//!
//! It lives in a folder of its own with its own private PostgreSQL, because its accounts share a password that
//! everybody knows. A play that was cut short leaves no mark and is begun anew.

pub mod data;
mod people;
mod play;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use ekinerja_app::ports::FolderFiles;
use ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;
use ekinerja_store::Store;
use ekinerja_web::Demonstration;

pub use play::{accounts, play};

use crate::config::{Config, DatabaseChoice, Language};
use crate::database::Database;
use crate::serve::{self, Runtime, Serving};

/// Changes when the play or its data change: a demonstration of an older edition is played anew.
const EDITION: &str = "1";

/// Plays the demonstration if need be, prints where it is, and serves it until told to stop.
///
/// # Errors
/// A server is configured as database; the database cannot be made ready; a use case refused.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let config = &config_of(config)?;
    prepare(config).await?;
    let Runtime { app, database } = serve::ready(config).await?;
    let runtime = Runtime { app: app.for_demonstration(), database };
    tell(config);
    let demonstration = Some(Demonstration {
        id: "Peragaan dengan data terbuka NTB. Target bertanda ilustrasi dan nama orang adalah contoh."
            .to_owned(),
        en: "Demonstration on open data of NTB. Targets marked as illustration and names of people are samples."
            .to_owned(),
    });
    serve::serve(config, Serving { demonstration, ..Serving::default() }, runtime).await
}

/// The demonstration's own folder, whatever else is configured.
fn config_of(config: &Config) -> anyhow::Result<Config> {
    if !matches!(config.database, DatabaseChoice::Embedded) {
        bail!("the demonstration runs on its own private PostgreSQL only: unset DATABASE_URL");
    }
    Ok(Config { data: config.data.join("demo"), ..config.clone() })
}

fn mark(config: &Config) -> PathBuf {
    config.data.join("played")
}

/// Plays the demonstration unless it was played whole before.
async fn prepare(config: &Config) -> anyhow::Result<()> {
    let edition = format!("{EDITION} {}\n", env!("CARGO_PKG_VERSION"));
    if fs::read_to_string(mark(config)).is_ok_and(|it| it == edition) {
        return Ok(());
    }
    say(config, "Menyiapkan peragaan (sekali saja) ...", "Playing the demonstration (once) ...");
    let begun = Instant::now();
    Database::discard(config).await?;
    let database = Database::open(config).await?;
    let store = Store::connect(&database.settings).await.context("the database does not answer")?;
    let files = Arc::new(FolderFiles::under(config.files()));
    let played = play(store.clone(), files, |step| {
        let took = begun.elapsed().as_secs();
        say(config, &format!("  {took:>3} dtk  {step}"), &format!("  {took:>3} s  {step}"));
    })
    .await;
    store.close().await;
    database.close().await?;
    played?;
    fs::write(mark(config), edition).context("the demonstration cannot be marked as played")
}

/// Prints the address and one account per role.
fn tell(config: &Config) {
    say(
        config,
        &format!("\nAlamat: {}", config.public_url),
        &format!("\nAddress: {}", config.public_url),
    );
    say(
        config,
        &format!("Kata sandi semua akun: {DEMONSTRATION_PASSWORD}"),
        &format!("Password of every account: {DEMONSTRATION_PASSWORD}"),
    );
    for (role, username) in accounts() {
        let line = format!("  {role:<26} {username}");
        say(config, &line, &line);
    }
    say(config, "Ctrl-C menghentikan.\n", "Ctrl-C stops.\n");
}

#[expect(clippy::print_stdout, reason = "this command talks to the person who started it")]
fn say(config: &Config, indonesian: &str, english: &str) {
    match config.language {
        Language::Indonesian => println!("{indonesian}"),
        Language::English => println!("{english}"),
    }
}
