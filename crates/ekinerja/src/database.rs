//! The database of a run: the private PostgreSQL that we start ourselves, or a server that somebody runs.
//!
//! The private one is made ready whole: binaries found, cluster started or adopted, database made, roles made
//! with generated passwords, schema migrated. A server is only connected to: `ekinerja migrate` is a step of its
//! own there, with the owner's address, which serving never needs.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use ekinerja_app::identity::SealKey;
use ekinerja_embedded::{Cluster, Search};
use ekinerja_migrations::Passwords;
use ekinerja_store::{DatabaseAddress, DoorPasswords, StoreSettings};

use crate::config::{Config, DatabaseChoice};

/// Name of the database in the private PostgreSQL.
const DATABASE: &str = "ekinerja";

/// The database of this run.
#[derive(Debug)]
pub struct Database {
    /// How the doors are opened.
    pub settings: StoreSettings,
    cluster: Option<Cluster>,
}

impl Database {
    /// Makes the database ready, as far as that is ours to do.
    ///
    /// # Errors
    /// PostgreSQL cannot be found, started or migrated; the words name the remedy.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        match &config.database {
            DatabaseChoice::Server { address, passwords, .. } => {
                let settings = StoreSettings {
                    address: address.0.clone(),
                    passwords: passwords.clone(),
                    connections: config.connections,
                };
                Ok(Self { settings, cluster: None })
            }
            DatabaseChoice::Embedded => {
                let cluster = start(&config.data).await?;
                let passwords = kept_passwords(&config.data.join("passwords"))?;
                let owner = cluster.owner_options(DATABASE);
                ekinerja_migrations::migrate(&owner, &migration_passwords(&passwords)).await?;
                let settings =
                    StoreSettings { address: owner, passwords, connections: config.connections };
                Ok(Self { settings, cluster: Some(cluster) })
            }
        }
    }

    /// Throws the private PostgreSQL's database away, so that the next opening finds an empty one.
    ///
    /// # Errors
    /// PostgreSQL cannot be found or started; a server is never emptied.
    pub(crate) async fn discard(config: &Config) -> anyhow::Result<()> {
        anyhow::ensure!(
            matches!(config.database, DatabaseChoice::Embedded),
            "only a private database may be thrown away"
        );
        let cluster = start(&config.data).await?;
        cluster.drop_database(DATABASE).await?;
        cluster.stop().await?;
        Ok(())
    }

    /// Stops the private PostgreSQL, unless another process still uses it. Close the store before.
    ///
    /// # Errors
    /// It does not go down.
    pub async fn close(self) -> anyhow::Result<()> {
        if let Some(cluster) = self.cluster {
            cluster.stop().await?;
        }
        Ok(())
    }
}

/// Finds binaries, starts or adopts the cluster, makes the database.
async fn start(data: &Path) -> anyhow::Result<Cluster> {
    fs::create_dir_all(data)
        .with_context(|| format!("cannot make the data folder {}", data.display()))?;
    let search = Search::from_environment(data.join("pg"));
    let binaries = tokio::task::spawn_blocking(move || search.locate()).await??;
    let cluster = Cluster::start(&binaries, data.join("cluster")).await?;
    cluster.create_database(DATABASE).await?;
    Ok(cluster)
}

/// The address of the schema's owner, and the passwords that the doors' roles shall have.
///
/// # Errors
/// On a server, no owner's address is configured.
pub async fn owner(
    config: &Config,
) -> anyhow::Result<(DatabaseAddress, DoorPasswords, Option<Cluster>)> {
    match &config.database {
        DatabaseChoice::Server { address, passwords, .. } => {
            let owner = config.owner.as_ref().unwrap_or(address);
            Ok((owner.0.clone(), passwords.clone(), None))
        }
        DatabaseChoice::Embedded => {
            let cluster = start(&config.data).await?;
            let passwords = kept_passwords(&config.data.join("passwords"))?;
            Ok((cluster.owner_options(DATABASE), passwords, Some(cluster)))
        }
    }
}

/// The same passwords as the migrations take them.
pub fn migration_passwords(passwords: &DoorPasswords) -> Passwords {
    let DoorPasswords { directory, tenant, portal } = passwords.clone();
    Passwords { directory, tenant, portal }
}

/// The passwords of the private PostgreSQL: made once, kept in a file that only we can read.
fn kept_passwords(path: &Path) -> anyhow::Result<DoorPasswords> {
    let unreadable = || format!("cannot read the passwords in {}", path.display());
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(problem) if problem.kind() == ErrorKind::NotFound => make_passwords(path)?,
        Err(problem) => return Err(problem).with_context(unreadable),
    };
    let mut lines = text.lines().map(str::to_owned);
    match (lines.next(), lines.next(), lines.next()) {
        (Some(directory), Some(tenant), Some(portal)) => {
            Ok(DoorPasswords { directory, tenant, portal })
        }
        // The roles take the passwords of the file at each start, so a new file costs nothing.
        _ => anyhow::bail!("{} is damaged; delete it and start again", path.display()),
    }
}

fn make_passwords(path: &Path) -> anyhow::Result<String> {
    let fresh = || ekinerja_app::sign_in::fresh_secret().context("the machine has no randomness");
    keep_once(path, format!("{}\n{}\n{}\n", fresh()?, fresh()?, fresh()?))
}

/// The key that seals secrets of a private database: made once, kept in a file that only we can read.
///
/// # Errors
/// The file cannot be written, or holds no key.
pub(crate) fn kept_key(data: &Path) -> anyhow::Result<SealKey> {
    let path = data.join("secret-key");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(problem) if problem.kind() == ErrorKind::NotFound => {
            keep_once(&path, SealKey::fresh().context("the machine has no randomness")?)?
        }
        Err(problem) => {
            return Err(problem).with_context(|| format!("cannot read {}", path.display()));
        }
    };
    SealKey::parse(&text).with_context(|| format!("{} holds no key", path.display()))
}

/// Makes the file whole or not at all; when two start at once, both read the one that came first.
fn keep_once(path: &Path, text: String) -> anyhow::Result<String> {
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let mut file =
        fs::File::options().create(true).truncate(true).write(true).mode(0o600).open(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let placed = fs::hard_link(&part, path);
    fs::remove_file(&part)?;
    match placed {
        Ok(()) => Ok(text),
        Err(problem) if problem.kind() == ErrorKind::AlreadyExists => Ok(fs::read_to_string(path)?),
        Err(problem) => Err(problem).with_context(|| format!("cannot write {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn passwords_are_made_once_and_closed_to_others() {
        let folder =
            std::env::temp_dir().join(format!("ekinerja-passwords-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("passwords");
        let first = kept_passwords(&path).unwrap();
        let second = kept_passwords(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        fs::write(&path, "one line\n").unwrap();
        let damaged = kept_passwords(&path);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!((&first.tenant, &first.portal), (&second.tenant, &second.portal));
        assert_ne!(first.tenant, first.portal);
        assert!(first.tenant.len() >= 40);
        assert_eq!(mode, 0o600);
        assert!(damaged.is_err());
    }
}
