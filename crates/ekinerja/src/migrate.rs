//! `ekinerja migrate`: makes the roles and brings the schema up to date, as its owner.

use crate::config::{Config, Language};
use crate::database;

/// Migrates and tells what was done.
pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    let (owner, passwords, cluster) = database::owner(config).await?;
    let pending = ekinerja_migrations::pending(&owner).await?;
    ekinerja_migrations::migrate(&owner, &database::migration_passwords(&passwords)).await?;
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    let words = match (pending.is_empty(), config.language) {
        (true, Language::Indonesian) => String::from("Skema sudah mutakhir; peran diperiksa."),
        (true, Language::English) => String::from("The schema is up to date; roles were checked."),
        (false, Language::Indonesian) => format!("Dijalankan: {}.", pending.join(", ")),
        (false, Language::English) => format!("Run: {}.", pending.join(", ")),
    };
    crate::cli::say(&words);
    Ok(())
}
