//! The configuration: read once, every fault told at once, secrets never shown.
//!
//! `docs/operations/configure.md` lists every setting; a test keeps the two in step.

pub mod edge;
pub mod fault;
pub mod source;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ekinerja_app::identity::{AllowedIssuers, SealKey};
use ekinerja_store::{DatabaseAddress, DoorPasswords};
use url::{Host, Url};

pub use edge::Edge;
pub use fault::Fault;
pub use source::Source;

/// Every setting that this program or its private PostgreSQL knows. Others that begin with `EKINERJA_` are
/// likely a slip of the pen, and the doctor says so.
pub const SETTINGS: [&str; 33] = [
    "EKINERJA_AUDIT_ANCHORS",
    "EKINERJA_CONFIG",
    "EKINERJA_CONNECTIONS",
    "EKINERJA_DATA",
    "EKINERJA_DIRECTORY_PASSWORD",
    "EKINERJA_DIRECTORY_PASSWORD_FILE",
    "EKINERJA_FORWARDED_HEADER",
    "EKINERJA_LANGUAGE",
    "EKINERJA_LIMIT_ACCOUNT_READS",
    "EKINERJA_LIMIT_ACCOUNT_WRITES",
    "EKINERJA_LIMIT_ADDRESS",
    "EKINERJA_LIMIT_SIGN_IN",
    "EKINERJA_LIMIT_TENANT_READS",
    "EKINERJA_LIMIT_TENANT_WRITES",
    "EKINERJA_LISTEN",
    "EKINERJA_LOG",
    "EKINERJA_LOG_FORMAT",
    "EKINERJA_OIDC_ALLOWED_ISSUERS",
    "EKINERJA_OTLP_ENDPOINT",
    "EKINERJA_OWNER_URL",
    "EKINERJA_PG_BIN",
    "EKINERJA_PG_MACHINE",
    "EKINERJA_PORTAL_PASSWORD",
    "EKINERJA_PORTAL_PASSWORD_FILE",
    "EKINERJA_PUBLIC_URL",
    "EKINERJA_SECRET_KEY",
    "EKINERJA_SECRET_KEY_FILE",
    "EKINERJA_SECURITY_CONTACT",
    "EKINERJA_SECURITY_EXPIRES",
    "EKINERJA_TENANT_PASSWORD",
    "EKINERJA_TENANT_PASSWORD_FILE",
    "EKINERJA_TEST_CLUSTER",
    "EKINERJA_TRUSTED_PROXIES",
];

/// The language of what the program prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Bahasa Indonesia.
    #[default]
    Indonesian,
    /// English.
    English,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// An address of a database. It may hold a password, so it is never shown.
#[derive(Clone)]
pub struct Address(pub DatabaseAddress);

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(..)")
    }
}

/// Where the database is.
#[derive(Debug, Clone)]
pub enum DatabaseChoice {
    /// The private PostgreSQL in the data folder, which the program starts itself.
    Embedded,
    /// A server that somebody runs.
    Server {
        /// Host or socket, port, database.
        address: Box<Address>,
        /// Passwords of the three doors.
        passwords: DoorPasswords,
        /// Whether the address carries a password, which serving does not need.
        carries_password: bool,
    },
}

/// The configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address under which people reach the product; `https` makes cookies secure.
    pub public_url: Url,
    /// The folder of the files, of the private PostgreSQL and of its passwords.
    pub data: PathBuf,
    /// The database.
    pub database: DatabaseChoice,
    /// The owner's address, for `migrate` alone.
    pub owner: Option<Box<Address>>,
    /// Connections of the tenants' door.
    pub connections: u32,
    /// Which log lines are written, `info,ekinerja=debug`; none: what suits the command.
    pub log: Option<String>,
    /// How they look.
    pub log_format: LogFormat,
    /// Where spans are sent by OTLP (gRPC); none: nowhere.
    pub otlp_endpoint: Option<Url>,
    /// Where the heads of the trails' chains are kept daily: a file or its folder; none: nowhere.
    pub audit_anchors: Option<PathBuf>,
    /// Hosts of identity providers that governments may name.
    pub allowed_issuers: AllowedIssuers,
    /// The key that seals secrets in the database; none: a private database makes its own.
    pub secret_key: Option<SealKey>,
    /// The language of what the program prints.
    pub language: Language,
    /// Limits and trusted proxies.
    pub edge: Edge,
    /// Settings that nobody knows.
    pub unknown: Vec<String>,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every fault that was found.
    pub fn read(source: &Source) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let listen = setting(source, "EKINERJA_LISTEN", "127.0.0.1:8080", &mut faults, LISTEN);
        let public_url =
            setting(source, "EKINERJA_PUBLIC_URL", "http://localhost:8080", &mut faults, URL)
                .filter(|url| check(usable(url), "EKINERJA_PUBLIC_URL", &mut faults, URL));
        let connections = setting(source, "EKINERJA_CONNECTIONS", "10", &mut faults, CONNECTIONS)
            .filter(|n| {
                check((2..=500).contains(n), "EKINERJA_CONNECTIONS", &mut faults, CONNECTIONS)
            });
        let otlp_endpoint = source.find("EKINERJA_OTLP_ENDPOINT").and_then(|_| {
            setting(source, "EKINERJA_OTLP_ENDPOINT", "", &mut faults, URL)
                .filter(|url| check(usable(url), "EKINERJA_OTLP_ENDPOINT", &mut faults, URL))
        });
        let language = language(source, &mut faults);
        let edge = Edge::read(source, &mut faults);
        let log_format = match source.find("EKINERJA_LOG_FORMAT").unwrap_or("text") {
            "json" => LogFormat::Json,
            "text" => LogFormat::Text,
            _ => {
                faults.push(Fault::new(
                    "EKINERJA_LOG_FORMAT",
                    "isi dengan text atau json",
                    "set it to text or json",
                ));
                LogFormat::Text
            }
        };
        let loopback = public_url.as_ref().is_some_and(is_loopback);
        let allowed_issuers = allowed_issuers(source, loopback, &mut faults);
        let secret_key = secret_key(source, &mut faults);
        let database = database(source, &mut faults);
        let owner = address(source, "EKINERJA_OWNER_URL", &mut faults).map(Box::new);
        let unknown = source.names("EKINERJA_").filter(|it| !SETTINGS.contains(it));
        let unknown = unknown.map(str::to_owned).collect();
        match (listen, public_url, connections, database) {
            (Some(listen), Some(public_url), Some(connections), Some(database))
                if faults.is_empty() =>
            {
                let data = PathBuf::from(source.find("EKINERJA_DATA").unwrap_or(".ekinerja"));
                let log = source.find("EKINERJA_LOG").map(str::to_owned);
                let audit_anchors = source.find("EKINERJA_AUDIT_ANCHORS").map(PathBuf::from);
                Ok(Self {
                    listen,
                    public_url,
                    data,
                    database,
                    owner,
                    connections,
                    log,
                    log_format,
                    otlp_endpoint,
                    audit_anchors,
                    allowed_issuers,
                    secret_key,
                    language,
                    edge,
                    unknown,
                })
            }
            _ => Err(faults),
        }
    }

    /// The folder that keeps uploaded files.
    pub fn files(&self) -> PathBuf {
        self.data.join("files")
    }
}

/// The language that the settings ask for, also when the rest of them is faulty.
pub fn language(source: &Source, faults: &mut Vec<Fault>) -> Language {
    match source.find("EKINERJA_LANGUAGE").unwrap_or("id") {
        "id" => Language::Indonesian,
        "en" => Language::English,
        _ => {
            faults.push(Fault::new(
                "EKINERJA_LANGUAGE",
                "isi dengan id atau en",
                "set it to id or en",
            ));
            Language::default()
        }
    }
}

/// A remedy in both languages.
type Remedy = (&'static str, &'static str);

const LISTEN: Remedy = (
    "harus berupa alamat IP dan porta, misalnya 127.0.0.1:8080 atau [::]:8080",
    "must be an IP address and a port, such as 127.0.0.1:8080 or [::]:8080",
);
const URL: Remedy = (
    "harus berupa alamat lengkap, misalnya https://kinerja.contoh.go.id",
    "must be a whole address, such as https://kinerja.contoh.go.id",
);
const CONNECTIONS: Remedy = ("harus bilangan antara 2 dan 500", "must be a number from 2 to 500");
const SECRET_KEY: Remedy = (
    "harus 32 bita dalam base64, misalnya dari: openssl rand -base64 32",
    "must be 32 bytes in base64, such as from: openssl rand -base64 32",
);
const DATABASE: Remedy = (
    "harus berupa alamat PostgreSQL, misalnya postgres://basisdata.dalam:5432/ekinerja",
    "must be an address of PostgreSQL, such as postgres://database.internal:5432/ekinerja",
);

fn setting<T: std::str::FromStr>(
    source: &Source,
    name: &str,
    default: &str,
    faults: &mut Vec<Fault>,
    remedy: Remedy,
) -> Option<T> {
    let value = source.find(name).unwrap_or(default).parse().ok();
    check(value.is_some(), name, faults, remedy);
    value
}

fn check(good: bool, name: &str, faults: &mut Vec<Fault>, remedy: Remedy) -> bool {
    if !good {
        faults.push(Fault::new(name, remedy.0, remedy.1));
    }
    good
}

fn usable(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// Whether people reach the product on this very machine alone: a trial, a demonstration, development.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(it)) => it.is_loopback(),
        Some(Host::Ipv6(it)) => it.is_loopback(),
        None => false,
    }
}

fn allowed_issuers(source: &Source, loopback: bool, faults: &mut Vec<Fault>) -> AllowedIssuers {
    let name = "EKINERJA_OIDC_ALLOWED_ISSUERS";
    match AllowedIssuers::parse(source.find(name).unwrap_or_default(), loopback) {
        Ok(allowed) => allowed,
        Err(entry) => {
            faults.push(Fault::new(
                name,
                format!("{entry} bukan nama host https, misalnya sso.contoh.go.id"),
                format!("{entry} is no https host, such as sso.contoh.go.id"),
            ));
            AllowedIssuers::default()
        }
    }
}

/// The key that seals secrets, given itself or as a file that holds it.
fn secret_key(source: &Source, faults: &mut Vec<Fault>) -> Option<SealKey> {
    const NAME: &str = "EKINERJA_SECRET_KEY";
    let file = format!("{NAME}_FILE");
    if source.find(NAME).is_none() && source.find(&file).is_none() {
        return None;
    }
    let text = password(source, NAME, faults)?;
    let key = SealKey::parse(&text);
    check(key.is_some(), NAME, faults, SECRET_KEY);
    key
}

fn address(source: &Source, name: &str, faults: &mut Vec<Fault>) -> Option<Address> {
    let text = source.find(name)?;
    let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let address = text.parse().ok().filter(|_| is_postgres);
    check(address.is_some(), name, faults, DATABASE);
    address.map(Address)
}

fn database(source: &Source, faults: &mut Vec<Fault>) -> Option<DatabaseChoice> {
    let Some(text) = source.find("DATABASE_URL") else {
        return Some(DatabaseChoice::Embedded);
    };
    let carries_password = Url::parse(text).is_ok_and(|url| url.password().is_some());
    let address = address(source, "DATABASE_URL", faults);
    let directory = password(source, "EKINERJA_DIRECTORY_PASSWORD", faults);
    let tenant = password(source, "EKINERJA_TENANT_PASSWORD", faults);
    let portal = password(source, "EKINERJA_PORTAL_PASSWORD", faults);
    let passwords = DoorPasswords { directory: directory?, tenant: tenant?, portal: portal? };
    Some(DatabaseChoice::Server { address: Box::new(address?), passwords, carries_password })
}

/// A password, given itself or as a file that holds it (a mounted secret).
fn password(source: &Source, name: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let file = format!("{name}_FILE");
    if let Some(path) = source.find(&file) {
        return match std::fs::read_to_string(Path::new(path)) {
            Ok(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Ok(_) => {
                faults.push(Fault::new(&file, "berkasnya kosong", "the file is empty"));
                None
            }
            Err(problem) => {
                faults.push(Fault::new(
                    &file,
                    format!("berkasnya tidak dapat dibaca: {problem}"),
                    format!("the file cannot be read: {problem}"),
                ));
                None
            }
        };
    }
    let found = source.find(name).map(str::to_owned);
    if found.is_none() {
        faults.push(Fault::new(
            name,
            format!("wajib diisi bila DATABASE_URL dipakai (atau {file} dengan nama berkas)"),
            format!("is needed where DATABASE_URL is used (or {file} with the name of a file)"),
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(settings: &[(&str, &str)]) -> Vec<String> {
        match Config::read(&Source::of(settings.iter().copied())) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.into_iter().map(|fault| fault.setting).collect(),
        }
    }

    #[test]
    fn nothing_set_is_a_trial_on_this_machine() {
        let config = Config::read(&Source::default()).unwrap();
        assert!(matches!(config.database, DatabaseChoice::Embedded));
        assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(config.files(), PathBuf::from(".ekinerja/files"));
    }

    #[test]
    fn the_documentation_lists_every_setting_and_no_other() {
        let text = include_str!("../../../docs/operations/configure.md");
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let mut listed: Vec<_> = rows.filter(|name| name.starts_with("EKINERJA_")).collect();
        listed.sort_unstable();
        assert_eq!(listed, SETTINGS);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let bad = [
            ("EKINERJA_LISTEN", "8080"),
            ("EKINERJA_PUBLIC_URL", "ftp://x"),
            ("EKINERJA_CONNECTIONS", "1"),
            ("EKINERJA_LOG_FORMAT", "xml"),
            ("EKINERJA_LANGUAGE", "jv"),
            ("DATABASE_URL", "mysql://x"),
            ("EKINERJA_OIDC_ALLOWED_ISSUERS", "https://sso.contoh.go.id/realms"),
            ("EKINERJA_SECRET_KEY", "pendek"),
            ("EKINERJA_TENANT_PASSWORD", "t"),
        ];
        let expected = [
            "EKINERJA_LISTEN",
            "EKINERJA_PUBLIC_URL",
            "EKINERJA_CONNECTIONS",
            "EKINERJA_LANGUAGE",
            "EKINERJA_LOG_FORMAT",
            "EKINERJA_OIDC_ALLOWED_ISSUERS",
            "EKINERJA_SECRET_KEY",
            "DATABASE_URL",
            "EKINERJA_DIRECTORY_PASSWORD",
            "EKINERJA_PORTAL_PASSWORD",
        ];
        assert_eq!(faults(&bad), expected);
    }

    #[test]
    fn provider_on_this_machine_is_for_who_serves_this_machine_alone() {
        let here = ("EKINERJA_OIDC_ALLOWED_ISSUERS", "http://127.0.0.1:4000");
        assert_eq!(faults(&[here]), [""; 0]);
        let public = ("EKINERJA_PUBLIC_URL", "https://kinerja.contoh.go.id");
        assert_eq!(faults(&[here, public]), ["EKINERJA_OIDC_ALLOWED_ISSUERS"]);
        assert_eq!(
            faults(&[("EKINERJA_OIDC_ALLOWED_ISSUERS", "sso.contoh.go.id"), public]),
            [""; 0]
        );
    }

    #[test]
    fn a_server_needs_three_passwords_and_shows_none() {
        let good = [
            ("DATABASE_URL", "postgres://owner:secret@db.internal/ekinerja"),
            ("EKINERJA_DIRECTORY_PASSWORD", "first-secret"),
            ("EKINERJA_TENANT_PASSWORD", "second-secret"),
            ("EKINERJA_PORTAL_PASSWORD", "third-secret"),
            ("EKINERJA_LISTNE", "x"),
        ];
        let config = Config::read(&Source::of(good)).unwrap();
        let DatabaseChoice::Server { carries_password, passwords, .. } = &config.database else {
            panic!("a server was named");
        };
        assert!(carries_password);
        assert_eq!(passwords.portal, "third-secret");
        assert_eq!(config.unknown, ["EKINERJA_LISTNE"]);
        let shown = format!("{config:?}");
        assert!(!shown.contains("-secret") && !shown.contains(":secret"), "{shown}");
    }
}
