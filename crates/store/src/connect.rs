//! The three doors: one small pool each, signed in as its own role.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::TenantId;
use sea_orm::{DbErr, RuntimeErr};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::chain::ChainReader;
use crate::change::{CHANNEL, Change, Changes, EVERYTHING, News, announce_all};
use crate::directory::DirectoryTx;
use crate::error::{Error, Result};
use crate::portal::PortalTx;
use crate::tenant::{TenantScope, TenantTx};
use crate::transaction::Transaction;

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
    directory: PgPool,
    tenant: PgPool,
    portal: PgPool,
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
        Ok(Self { directory, tenant, portal, changes: Changes::default() })
    }

    /// Opens the directory at the moment `now`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn directory(&self, now: DateTime<Utc>) -> Result<DirectoryTx> {
        Ok(DirectoryTx::new(
            Transaction::begin(&self.directory, None).await?,
            now,
            self.changes.clone(),
        ))
    }

    /// Opens one tenant's rows at the moment `now`.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn begin(&self, scope: TenantScope, now: DateTime<Utc>) -> Result<TenantTx> {
        let transaction = Transaction::begin(&self.tenant, Some(scope.tenant().id)).await?;
        Ok(TenantTx::of(transaction, scope, now, self.changes.clone()))
    }

    /// Opens what is public.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn portal(&self) -> Result<PortalTx> {
        Ok(PortalTx::new(Transaction::begin(&self.portal, None).await?))
    }

    /// A government's chain, or the platform's own, as it is at this moment: one snapshot of lines and head.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn chain_of(&self, tenant: Option<TenantId>) -> Result<ChainReader> {
        let door = if tenant.is_some() { &self.tenant } else { &self.directory };
        Ok(ChainReader::of(Transaction::snapshot(door, tenant).await?, tenant))
    }

    /// A tenant's rows as they are at this moment.
    pub(crate) async fn snapshot_of(&self, tenant: TenantId) -> Result<Transaction> {
        Transaction::snapshot(&self.tenant, Some(tenant)).await
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
        let mut listener = PgListener::connect_with(&self.directory).await.map_err(unreachable)?;
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

    /// Tells other processes of this one's commits, those of a moment together, until it is dropped; whoever
    /// keeps it calls [`Store::close`] afterwards, which tells the last. First it tells everybody to read
    /// everything anew: a process before this one may have ended without telling.
    ///
    /// # Errors
    /// The database failed; what was not told waits for the next announcer.
    pub async fn announce(&self) -> Result<()> {
        let _kept = Announcing::of(&self.changes);
        let mut voice = self.voice().await?;
        announce_all(&mut voice, vec![String::from(EVERYTHING)]).await.map_err(unreachable)?;
        loop {
            self.changes.wait_for_any().await;
            self.tell_others(&mut voice).await?;
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// A connection of the announcer's own: nobody else can leave a transaction open on it, so that a single
    /// statement is one trip and lasts.
    async fn voice(&self) -> Result<PgConnection> {
        let options = self.directory.connect_options();
        options.connect().await.map_err(unreachable)
    }

    /// Tells other processes what they were not told yet.
    async fn tell_others(&self, voice: &mut PgConnection) -> Result<()> {
        let mut telling = Telling { changes: &self.changes, left: self.changes.take_all() };
        if !telling.left.is_empty() {
            let payloads = telling.left.iter().map(Change::payload).collect();
            announce_all(voice, payloads).await.map_err(unreachable)?;
            telling.left.clear();
        }
        Ok(())
    }

    /// Tells other processes the last commits, if there are any.
    async fn tell_last(&self) -> Result<()> {
        if self.changes.has_untold() {
            let mut voice = self.voice().await?;
            self.tell_others(&mut voice).await?;
            voice.close().await.map_err(unreachable)?;
        }
        Ok(())
    }

    /// Tells other processes the last commits, closes every door and waits until the last connection is given
    /// back.
    pub async fn close(self) {
        if let Err(problem) = Box::pin(self.tell_last()).await {
            tracing::warn!(%problem, "other processes were not told of the last commits");
        }
        for pool in [self.directory, self.tenant, self.portal] {
            pool.close().await;
        }
    }
}

/// How long the announcer gathers commits: what another process shows may be older by that.
const MOMENT: Duration = Duration::from_millis(3);

/// While it lives, commits leave their news to an announcer.
struct Announcing<'c>(&'c Changes);

impl<'c> Announcing<'c> {
    fn of(changes: &'c Changes) -> Self {
        changes.set_announcer(true);
        Self(changes)
    }
}

impl Drop for Announcing<'_> {
    fn drop(&mut self) {
        self.0.set_announcer(false);
    }
}

/// Changes on their way to other processes; those that did not get there are left for the next try.
struct Telling<'c> {
    changes: &'c Changes,
    left: Vec<Change>,
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        for change in std::mem::take(&mut self.left) {
            self.changes.leave(change);
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
        .connect_with(options)
        .await
        .map_err(unreachable)
}

/// A door that does not open.
fn unreachable(error: sqlx::Error) -> Error {
    Error::Database(DbErr::Conn(RuntimeErr::SqlxError(error.into())))
}
