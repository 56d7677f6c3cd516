//! What the app needs of the world: the time, and a place for files.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::TenantId;
use futures::future::BoxFuture;

/// The time. Everything that asks for it asks here, so that a test or the demo can set it.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// This moment.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that the lint points to")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands where it is set: the demo replays real dates with it, tests move it.
#[derive(Debug, Clone)]
pub struct SetClock(Arc<Mutex<DateTime<Utc>>>);

impl SetClock {
    /// A clock that stands at `moment`.
    pub fn at(moment: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(moment)))
    }

    /// Moves the clock.
    pub fn set(&self, moment: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place for files, each found again by the hash of its content.
pub trait Files: Send + Sync + std::fmt::Debug {
    /// Keeps a file of a tenant; keeping the same again changes nothing.
    fn put<'a>(
        &'a self,
        tenant: TenantId,
        sha256: &'a str,
        content: &'a [u8],
    ) -> BoxFuture<'a, io::Result<()>>;

    /// How many files of a tenant are kept.
    fn count(&self, tenant: TenantId) -> BoxFuture<'_, io::Result<u64>>;

    /// Removes every file of a tenant; when there is none, that is no error.
    fn remove_all(&self, tenant: TenantId) -> BoxFuture<'_, io::Result<()>>;

    /// Gives a tenant's file back; none when it is not there.
    fn read<'a>(
        &'a self,
        tenant: TenantId,
        sha256: &'a str,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>>;
}

/// Files in a folder of this machine: one sub-folder per tenant.
#[derive(Debug, Clone)]
pub struct FolderFiles(PathBuf);

impl FolderFiles {
    /// Keeps files under `folder`, which is made when the first one comes.
    pub fn under(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    fn path(&self, tenant: TenantId, sha256: &str) -> io::Result<PathBuf> {
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hash {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a SHA-256 in hex"));
        }
        Ok(self.0.join(tenant.uuid().to_string()).join(&sha256[..2]).join(sha256))
    }
}

impl Files for FolderFiles {
    fn put<'a>(
        &'a self,
        tenant: TenantId,
        sha256: &'a str,
        content: &'a [u8],
    ) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            let path = self.path(tenant, sha256)?;
            if tokio::fs::try_exists(&path).await? {
                return Ok(());
            }
            let folder = path.parent().unwrap_or(&self.0);
            tokio::fs::create_dir_all(folder).await?;
            // A reader never sees half a file: it is written beside and moved into place.
            let part = path.with_extension(format!("part-{}", std::process::id()));
            tokio::fs::write(&part, content).await?;
            tokio::fs::rename(&part, &path).await
        })
    }

    fn count(&self, tenant: TenantId) -> BoxFuture<'_, io::Result<u64>> {
        Box::pin(async move {
            let mut count = 0;
            let mut folders = vec![self.0.join(tenant.uuid().to_string())];
            while let Some(folder) = folders.pop() {
                let mut entries = match tokio::fs::read_dir(&folder).await {
                    Ok(entries) => entries,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
                while let Some(entry) = entries.next_entry().await? {
                    if entry.file_type().await?.is_dir() {
                        folders.push(entry.path());
                    } else {
                        count += 1;
                    }
                }
            }
            Ok(count)
        })
    }

    fn remove_all(&self, tenant: TenantId) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            match tokio::fs::remove_dir_all(self.0.join(tenant.uuid().to_string())).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        })
    }

    fn read<'a>(
        &'a self,
        tenant: TenantId,
        sha256: &'a str,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>> {
        Box::pin(async move {
            match tokio::fs::read(self.path(tenant, sha256)?).await {
                Ok(content) => Ok(Some(content)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        })
    }
}
