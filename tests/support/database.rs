//! A database of its own for every test: a copy of a template that is migrated once.
//!
//! Copying takes some tens of milliseconds, so a test never shares rows with another one and needs
//! no cleaning up. The server is the one of `cargo xtask test`; a person who runs the tests without
//! it gets one that stays for the next run.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use ekinerja_embedded::{BINARIES_FOLDER, Cluster, Durability, Launch, Search};
use ekinerja_migrations::{Passwords, Role, migrate};
use ekinerja_store::{DoorPasswords, StoreSettings};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::OnceCell;

/// Tells which server to use: an address of its superuser. `cargo xtask test` sets it.
const CLUSTER_SETTING: &str = "EKINERJA_TEST_CLUSTER";

/// The lock under which one process makes the template; the number only has to be ours.
const TEMPLATE_LOCK: i64 = 0x656b_696e_7465_7374;

/// The lock under which one process plays the demonstration.
const DEMONSTRATION_LOCK: i64 = 0x656b_696e_6465_6d6f;

/// Begins the name of every template that holds the played demonstration.
const DEMONSTRATION_PREFIX: &str = "ekinerja_template_demo_";

/// Whatever the demonstration's play depends on.
const PLAYED: [&str; 6] = [
    "migrations",
    "crates/domain/src",
    "crates/store/src",
    "crates/app/src",
    "crates/ekinerja/src/demo",
    "crates/ekinerja/demo",
];

/// Begins the name of every template.
const TEMPLATE_PREFIX: &str = "ekinerja_template_";

/// Begins the name of every test's database; the process id follows.
const TEST_PREFIX: &str = "ekinerja_test_";

/// The migrated database of one test. It is removed when the test ends.
#[derive(Debug)]
pub struct TestDatabase {
    server: PgConnectOptions,
    name: String,
}

impl TestDatabase {
    /// The name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Options for the superuser, who sees every row: for arranging and for looking behind doors.
    pub fn owner_options(&self) -> PgConnectOptions {
        self.server.clone().database(&self.name)
    }

    /// Options for the login role of one door.
    pub fn options(&self, role: Role) -> PgConnectOptions {
        self.owner_options().username(role.name()).password(passwords().of(role))
    }

    /// Settings for a store on this database, with few connections.
    pub fn store_settings(&self) -> StoreSettings {
        let Passwords { directory, tenant, portal } = passwords();
        StoreSettings {
            address: self.owner_options(),
            passwords: DoorPasswords { directory, tenant, portal },
            connections: 4,
        }
    }

    /// The address of the database, as a person writes it in `DATABASE_URL`, without the role.
    pub fn url(&self) -> String {
        self.owner_options().to_url_lossy().into()
    }
}

impl Drop for TestDatabase {
    /// Removes the database, also after a failed assertion. A thread of its own waits for that,
    /// because the test's runtime may be ending.
    fn drop(&mut self) {
        let server = self.server.clone();
        let sql = format!("drop database if exists {} with (force)", self.name);
        let removal = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let mut connection = server.connect().await?;
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
                connection.close().await
            })
        });
        let removed = removal.join().expect("removing a database does not panic");
        // A second panic would hide why the test failed.
        if !thread::panicking() {
            removed.expect("the test's database can be removed");
        }
    }
}

/// The passwords of the login roles on the test server.
pub fn passwords() -> Passwords {
    Passwords {
        directory: "directory-of-tests".to_owned(),
        tenant: "tenant-of-tests".to_owned(),
        portal: "portal-of-tests".to_owned(),
    }
}

/// A migrated database without rows, for this test alone.
///
/// It is a copy of a template, which is made once for each state of the sources of the migrations,
/// by whichever test comes first.
///
/// # Panics
/// When there is no server to be had or the migrations fail: the test cannot go on.
pub async fn fresh_database() -> TestDatabase {
    let server = server().await;
    let mut connection = server.connect().await.expect("the test server takes connections");
    let template = migrated_template(&mut connection, &server).await;
    let name = copy(&mut connection, &template).await;
    connection.close().await.expect("a quiet end");
    TestDatabase { server, name }
}

/// A database of this test alone in which the demonstration was played.
///
/// `play` is called by whichever test comes first, with settings for a store on an empty database; every
/// other test gets a copy of what it left, until a source changes that the play depends on.
///
/// # Panics
/// When there is no server to be had or the play fails.
pub async fn demonstration_database(play: impl AsyncFnOnce(StoreSettings)) -> TestDatabase {
    let server = server().await;
    let mut connection = server.connect().await.expect("the test server takes connections");
    let template = format!("{DEMONSTRATION_PREFIX}{:016x}", fingerprint(&PLAYED));
    if !ready(&mut connection, &template).await {
        let empty = migrated_template(&mut connection, &server).await;
        execute(&mut connection, &format!("select pg_advisory_lock({DEMONSTRATION_LOCK})")).await;
        if !ready(&mut connection, &template).await {
            remove(&mut connection, |name| name.starts_with(DEMONSTRATION_PREFIX)).await;
            execute(&mut connection, &format!("create database {template} template {empty}")).await;
            let place = std::mem::ManuallyDrop::new(TestDatabase {
                server: server.clone(),
                name: template.clone(),
            });
            play(place.store_settings()).await;
            execute(&mut connection, &format!("alter database {template} allow_connections false"))
                .await;
        }
        execute(&mut connection, &format!("select pg_advisory_unlock({DEMONSTRATION_LOCK})")).await;
    }
    let name = copy(&mut connection, &template).await;
    connection.close().await.expect("a quiet end");
    TestDatabase { server, name }
}

/// The name of the migrated template, which is made if need be.
async fn migrated_template(connection: &mut PgConnection, server: &PgConnectOptions) -> String {
    let template = format!("{TEMPLATE_PREFIX}{:016x}", fingerprint(&["migrations"]));
    if !ready(connection, &template).await {
        make_template(connection, server, &template).await;
    }
    template
}

/// Copies a template; gives the name of the copy.
async fn copy(connection: &mut PgConnection, template: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = format!("{TEST_PREFIX}{}_{count}", std::process::id());
    execute(connection, &format!("drop database if exists {name} with (force)")).await;
    execute(connection, &format!("create database {name} template {template}")).await;
    name
}

/// Whether the template is there and finished: nobody may connect to a finished one.
async fn ready(connection: &mut PgConnection, template: &str) -> bool {
    let sql = "select exists (select from pg_database where datname = $1 and not datallowconn)";
    sqlx::query_scalar(sql).bind(template).fetch_one(connection).await.expect(sql)
}

/// Makes the template, unless another process made it while we waited for the lock.
async fn make_template(connection: &mut PgConnection, server: &PgConnectOptions, template: &str) {
    execute(connection, &format!("select pg_advisory_lock({TEMPLATE_LOCK})")).await;
    if !ready(connection, template).await {
        remove_leftovers(connection).await;
        execute(connection, &format!("create database {template}")).await;
        let owner = server.clone().database(template);
        migrate(&owner, &passwords()).await.expect("the migrations of an empty database");
        execute(connection, &format!("alter database {template} allow_connections false")).await;
    }
    execute(connection, &format!("select pg_advisory_unlock({TEMPLATE_LOCK})")).await;
}

/// Removes templates of other states of the sources, and databases of test processes that were
/// killed before they could tidy up.
async fn remove_leftovers(connection: &mut PgConnection) {
    remove(connection, |name| {
        let process = name.strip_prefix(TEST_PREFIX).and_then(|it| it.split('_').next());
        process.is_none_or(gone)
    })
    .await;
}

/// Removes those of our databases that are `unwanted`.
async fn remove(connection: &mut PgConnection, unwanted: impl Fn(&str) -> bool + Send) {
    let sql = "select datname::text from pg_database where datname like 'ekinerja\\_te%'";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *connection).await.expect(sql);
    let names: Vec<String> = names.into_iter().filter(|it| unwanted(it)).collect();
    for name in names {
        execute(connection, &format!("drop database {name} with (force)")).await;
    }
}

/// Whether the process has ended; where that cannot be seen, it counts as alive.
fn gone(process: &str) -> bool {
    Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists()
}

async fn execute(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.expect(sql);
}

/// Options for the superuser of the test server.
async fn server() -> PgConnectOptions {
    /// Kept for the life of the process, so that nobody else stops the server meanwhile.
    static OWN: OnceCell<Cluster> = OnceCell::const_new();
    if let Ok(address) = std::env::var(CLUSTER_SETTING) {
        return address.parse().expect("EKINERJA_TEST_CLUSTER holds an address of a database");
    }
    let cluster = OWN.get_or_init(start_own).await;
    cluster.owner_options("postgres")
}

/// Starts the server in the ignored build folder, or adopts the one that an earlier test left.
async fn start_own() -> Cluster {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let binaries = Search::from_environment(project.join(BINARIES_FOLDER))
        .locate_or_fetch(|_words| {})
        .expect("PostgreSQL's programs");
    let home = format!("test-cluster-{}", binaries.major());
    Launch::new(&binaries, build_folder().join(home))
        .durability(Durability::Throwaway)
        .connections(400)
        .start()
        .await
        .expect("a server for the tests")
}

/// The build folder, in which this test's program lies (`<build folder>/debug/deps/<program>`).
fn build_folder() -> PathBuf {
    let program = std::env::current_exe().expect("the path of this program");
    program.ancestors().nth(3).expect("a build folder").to_owned()
}

/// A number that changes with the files in these folders: FNV-1a over names and contents.
fn fingerprint(folders: &[&str]) -> u64 {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in folders {
        list(&project.join(folder), &mut files);
    }
    files.sort();
    files.iter().fold(0xcbf2_9ce4_8422_2325, |hash, file| {
        let text = std::fs::read(file).expect("the sources can be read");
        let name = file.strip_prefix(&project).unwrap_or(file).as_os_str().as_encoded_bytes();
        name.iter()
            .chain(&text)
            .fold(hash, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
    })
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the sources") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}
