//! How many SQL statements one request costs, counted by PostgreSQL itself.
//!
//! The private PostgreSQL logs every statement for the short time of the count; `begin`, `commit` and the
//! `rollback` with which a pooled connection is given back count too, since each is a trip. A statement that a
//! connection sees for the first time takes one trip more, to be prepared; that is over before the count.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, ensure};
use ekinerja_embedded::Cluster;
use sqlx::{ConnectOptions, Connection};

/// PostgreSQL's log, while it tells every statement.
#[derive(Debug)]
pub(crate) struct Statements<'c> {
    cluster: &'c Cluster,
    log: PathBuf,
}

impl<'c> Statements<'c> {
    /// Turns the telling on.
    pub(crate) async fn telling(cluster: &'c Cluster) -> anyhow::Result<Self> {
        let log = cluster.home().join("postgres.log");
        ensure!(log.is_file(), "PostgreSQL's log is not in {}", log.display());
        set(cluster, "all").await?;
        Ok(Self { cluster, log })
    }

    /// Where the log ends now.
    pub(crate) fn mark(&self) -> anyhow::Result<u64> {
        Ok(self.log.metadata().context("PostgreSQL's log cannot be read")?.len())
    }

    /// Statements since a mark.
    pub(crate) fn since(&self, mark: u64) -> anyhow::Result<u64> {
        let mut file = File::open(&self.log).context("PostgreSQL's log cannot be read")?;
        file.seek(SeekFrom::Start(mark))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let told =
            |line: &&str| line.contains("LOG:  statement: ") || line.contains("LOG:  execute ");
        Ok(u64::try_from(text.lines().filter(told).count())?)
    }

    /// Turns the telling off.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        set(self.cluster, "none").await
    }
}

async fn set(cluster: &Cluster, what: &'static str) -> anyhow::Result<()> {
    let mut connection = cluster.owner_options("postgres").connect().await?;
    let sql = match what {
        "all" => "alter system set log_statement = 'all'",
        _ => "alter system reset log_statement",
    };
    sqlx::raw_sql(sql).execute(&mut connection).await?;
    sqlx::raw_sql("select pg_reload_conf()").execute(&mut connection).await?;
    connection.close().await?;
    // Backends read the new setting between two statements; the signal takes a moment.
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(())
}
