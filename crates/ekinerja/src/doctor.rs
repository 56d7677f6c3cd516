//! The doctor: says in plain words what is wrong with configuration, database, roles and disk.
//!
//! `serve` and `worker` ask it before they start and refuse to run on anything that would make isolation or
//! durability a hope: a door whose role is owner or superuser is refused, not warned about.

mod disk;
mod words;

use ekinerja_app::ports::Clock;
use ekinerja_store::checkup::{self, Finding, ShutReason};

use crate::config::{Config, DatabaseChoice, Language};
use crate::database::Database;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// About the database and its roles.
    Database(Finding),
    /// The schema is not the one that this program was built for.
    Pending(Vec<String>),
    /// The data folder cannot be written.
    Disk {
        /// The folder.
        folder: String,
        /// The machine's reason.
        said: String,
    },
    /// A setting that nobody knows: likely a slip of the pen.
    UnknownSetting(String),
    /// `DATABASE_URL` carries a password, which serving does not need.
    AddressCarriesPassword,
    /// The owner's address is set where the product serves.
    OwnerAddressWhileServing,
    /// The product is reached from elsewhere without TLS.
    PlainHttp,
}

/// Whether the product may run nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look.
    Warning,
    /// The product refuses to serve.
    Refusal,
}

impl Diagnosis {
    /// Whether the product may run nevertheless.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Database(Finding::ClockSkew { .. })
            | Self::UnknownSetting(_)
            | Self::AddressCarriesPassword
            | Self::OwnerAddressWhileServing
            | Self::PlainHttp => Severity::Warning,
            Self::Database(_) | Self::Pending(_) | Self::Disk { .. } => Severity::Refusal,
        }
    }

    /// What is wrong and what to do, in plain words.
    pub fn words(&self, language: Language) -> String {
        words::of(self, language)
    }
}

/// Examines everything; worst first.
pub async fn examine(config: &Config, database: &Database, clock: &dyn Clock) -> Vec<Diagnosis> {
    let mut found = settings(config);
    found.extend(disk::examine(config));
    let findings = checkup::examine(&database.settings, clock.now()).await;
    let opens = !findings.iter().any(|it| matches!(it, Finding::Shut { .. }));
    found.extend(findings.into_iter().map(Diagnosis::Database));
    if opens {
        found.extend(schema(database).await);
    }
    found.sort_by_key(|it| std::cmp::Reverse(it.severity()));
    found
}

/// What the settings alone tell.
fn settings(config: &Config) -> Vec<Diagnosis> {
    let mut found: Vec<_> =
        config.unknown.iter().map(|name| Diagnosis::UnknownSetting(name.clone())).collect();
    if let DatabaseChoice::Server { carries_password: true, .. } = &config.database {
        found.push(Diagnosis::AddressCarriesPassword);
    }
    if config.owner.is_some() {
        found.push(Diagnosis::OwnerAddressWhileServing);
    }
    let local = matches!(config.public_url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if config.public_url.scheme() == "http" && !local {
        found.push(Diagnosis::PlainHttp);
    }
    found
}

/// Whether the schema is the one that this program was built for; asked as the directory's role.
async fn schema(database: &Database) -> Option<Diagnosis> {
    let settings = &database.settings;
    let address = settings
        .address
        .clone()
        .username("ekinerja_directory")
        .password(&settings.passwords.directory);
    match ekinerja_migrations::pending(&address).await {
        Ok(pending) if pending.is_empty() => None,
        Ok(pending) => Some(Diagnosis::Pending(pending)),
        Err(problem) => Some(Diagnosis::Database(Finding::Shut {
            role: String::from("ekinerja_directory"),
            reason: ShutReason::Other,
            said: crate::supervisor::chain(&problem),
        })),
    }
}
