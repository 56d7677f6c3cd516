//! The three doors: one small pool each, signed in as its own role.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::TenantId;
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel, RuntimeErr,
    SqlxPostgresConnector, TransactionTrait,
};
use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};

use crate::chain::ChainReader;
use crate::change::{CHANNEL, Changes, News};
use crate::directory::DirectoryTx;
use crate::error::{Error, Result};
use crate::portal::PortalTx;
use crate::tenant::{TenantScope, TenantTx};

/// Passwords of the three login roles.
#[derive(Clone)]
pub struct DoorPasswords {
    /// Of `ekinerja_directory`.
    pub directory: String,
    /// Of `ekinerja_tenant`.
    pub tenant: String,
    /// Of `ekinerja_portal`.
    pub portal: String,
}

impl std::fmt::Debug for DoorPasswords {
    /// Never shows a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DoorPasswords { .. }")
    }
}

/// Where the database is and how much of it to use.
#[derive(Clone)]
pub struct StoreSettings {
    /// Host or socket, port, database; its user is replaced by each door's role.
    pub address: PgConnectOptions,
    /// Passwords of the roles.
    pub passwords: DoorPasswords,
    /// Connections of the tenants' door, at least 2; the other doors take a half and a quarter.
    pub connections: u32,
}

impl std::fmt::Debug for StoreSettings {
    /// Never shows the address: it may carry a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreSettings")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// The database, behind its three doors. It has no query methods.
#[derive(Debug, Clone)]
pub struct Store {
    directory: DatabaseConnection,
    tenant: DatabaseConnection,
    portal: DatabaseConnection,
    listener: PgPool,
    changes: Changes,
}

impl Store {
    /// Connects each door.
    ///
    /// # Errors
    /// A door cannot be opened.
    pub async fn connect(settings: &StoreSettings) -> Result<Self> {
        let most = settings.connections.max(2);
        let passwords = &settings.passwords;
        let address = &settings.address;
        let directory =
            door(address, "ekinerja_directory", &passwords.directory, (most / 2).max(2)).await?;
        let tenant = door(address, "ekinerja_tenant", &passwords.tenant, most).await?;
        let portal = door(address, "ekinerja_portal", &passwords.portal, (most / 4).max(1)).await?;
        Ok(Self {
            listener: directory.clone(),
            directory: SqlxPostgresConnector::from_sqlx_postgres_pool(directory),
            tenant: SqlxPostgresConnector::from_sqlx_postgres_pool(tenant),
            portal: SqlxPostgresConnector::from_sqlx_postgres_pool(portal),
            changes: Changes::default(),
        })
    }

    /// Opens the directory at the moment `now`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn directory(&self, now: DateTime<Utc>) -> Result<DirectoryTx> {
        Ok(DirectoryTx::new(begin(&self.directory).await?, now, self.changes.clone()))
    }

    /// Opens one tenant's rows at the moment `now`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn begin(&self, scope: TenantScope, now: DateTime<Utc>) -> Result<TenantTx> {
        TenantTx::open(begin(&self.tenant).await?, scope, now, self.changes.clone()).await
    }

    /// Opens what is public.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn portal(&self) -> Result<PortalTx> {
        Ok(PortalTx::new(begin(&self.portal).await?))
    }

    /// A government's chain, or the platform's own, as it is at this moment: one snapshot of lines and head.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn chain_of(&self, tenant: Option<TenantId>) -> Result<ChainReader> {
        let door = if tenant.is_some() { &self.tenant } else { &self.directory };
        ChainReader::open(snapshot(door).await?, tenant).await
    }

    /// News of commits, of this process and of others while [`Store::listen`] runs.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Hears the commits of every process until the database is gone; the caller restarts it.
    ///
    /// # Errors
    /// The listening connection failed.
    pub async fn listen(&self) -> Result<()> {
        let mut listener = PgListener::connect_with(&self.listener).await.map_err(unreachable)?;
        listener.listen(CHANNEL).await.map_err(unreachable)?;
        self.changes.tell(News::Gap);
        loop {
            match listener.try_recv().await.map_err(unreachable)? {
                Some(notification) => {
                    self.changes.tell(News::from_payload(notification.payload()));
                }
                None => self.changes.tell(News::Gap),
            }
        }
    }

    /// Closes every door and waits until the last connection is given back.
    pub async fn close(self) {
        for connection in [self.directory, self.tenant, self.portal] {
            drop(connection.close().await);
        }
    }
}

/// A pool signed in as one role.
async fn door(address: &PgConnectOptions, role: &str, password: &str, most: u32) -> Result<PgPool> {
    let options = address.clone().username(role).password(password).application_name("ekinerja");
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(5))
        // The ping before each use costs a third of a short request; an idle connection is still tried.
        .test_before_acquire(false)
        .idle_timeout(Duration::from_mins(5))
        // sqlx 0.9 can give back a connection whose BEGIN was cut off by a disconnect (sqlx #4393): the next
        // borrower's write would be acknowledged and lost. BEGIN comes first because PostgreSQL logs a warning
        // of each ROLLBACK outside a transaction; inside one that was left open it changes nothing.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.execute("begin; rollback").await?;
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .map_err(unreachable)
}

/// A door that does not open.
fn unreachable(error: sqlx::Error) -> Error {
    Error::Database(DbErr::Conn(RuntimeErr::SqlxError(error.into())))
}

/// Begins in a task of its own: a cancelled caller must not cut BEGIN in half (sqlx #4393).
#[expect(
    clippy::disallowed_methods,
    reason = "begin must survive its caller; the task is awaited here"
)]
async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let connection = connection.clone();
    begun(tokio::spawn(async move { connection.begin().await }).await)
}

/// Begins to read what is there at one moment, however long it takes.
#[expect(
    clippy::disallowed_methods,
    reason = "begin must survive its caller; the task is awaited here"
)]
async fn snapshot(connection: &DatabaseConnection) -> Result<DatabaseTransaction> {
    let connection = connection.clone();
    let (level, mode) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
    let begin = async move { connection.begin_with_config(Some(level), Some(mode)).await };
    begun(tokio::spawn(begin).await)
}

fn begun(
    begun: std::result::Result<
        std::result::Result<DatabaseTransaction, DbErr>,
        tokio::task::JoinError,
    >,
) -> Result<DatabaseTransaction> {
    match begun {
        Ok(transaction) => Ok(transaction?),
        Err(cut) => Err(Error::Database(DbErr::Custom(cut.to_string()))),
    }
}
