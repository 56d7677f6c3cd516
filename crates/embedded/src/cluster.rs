//! One private server with its data: made once, then started, adopted and stopped.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    account::RunAs,
    binaries::Binaries,
    error::Error,
    place,
    postmaster::{Postmaster, State},
};

/// The bootstrap superuser, which needs no password on the private socket. Migrations run as it;
/// the product never serves as it.
pub const SUPERUSER: &str = "postgres";

/// The port is part of the socket's name only; nothing listens on the network.
pub(crate) const PORT: u16 = 5432;

/// How long the server may take to come up, repairing after a crash included.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often we look whether it is up.
const GLANCE: Duration = Duration::from_millis(10);

/// A log longer than this (in bytes) is begun anew at the next start.
const LONGEST_LOG: u64 = 8 * 1024 * 1024;

/// Who may connect: see the crate's page. `password` compares with the stored SCRAM verifier; the
/// clear text never leaves the private socket, and the costly exchange of SCRAM is saved.
const AUTHENTICATION: &str = "local all postgres trust\nlocal all all password\n";

/// How the cluster came to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Its data were made just now.
    Created,
    /// Its data were there; the server was started.
    Started,
    /// A running server was taken over.
    Adopted,
}

/// What [`Cluster::stop`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The server is down.
    Down,
    /// Another process still uses the server, so it goes on.
    StillInUse,
}

/// What must survive a crash of the whole machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every acknowledged write. The default.
    Full,
    /// Nothing: for test runs only. A crash of the product or of the server still loses nothing.
    Throwaway,
}

/// How to start a cluster, for those who need other than the defaults.
#[derive(Debug, Clone)]
pub struct Launch {
    binaries: Binaries,
    home: PathBuf,
    durability: Durability,
    connections: u16,
}

impl Launch {
    /// A cluster in the folder `home`, which is made when absent; durable, with at most 100
    /// connections.
    pub fn new(binaries: &Binaries, home: impl Into<PathBuf>) -> Self {
        Self {
            binaries: binaries.clone(),
            home: home.into(),
            durability: Durability::Full,
            connections: 100,
        }
    }

    /// Chooses what must survive a crash of the machine.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Bounds the number of connections at the same time (10 at least, for PostgreSQL's own use).
    #[must_use]
    pub fn connections(mut self, most: u16) -> Self {
        self.connections = most.max(10);
        self
    }

    /// Starts or adopts the cluster, and returns when it takes connections.
    ///
    /// # Errors
    /// [`Error::Initialise`] and [`Error::Start`] quote PostgreSQL; [`Error::Foreign`] and
    /// [`Error::Folder`] are about the folder.
    pub async fn start(self) -> Result<Cluster, Error> {
        tokio::task::spawn_blocking(move || self.start_blocking())
            .await
            .map_err(|_lost| Error::Interrupted)?
    }

    fn start_blocking(self) -> Result<Cluster, Error> {
        let run_as = RunAs::find()?;
        let home = place::reachable(&self.home, run_as)?;
        let run_as = run_as.or_owner_of(&home);
        place::private(&home, run_as)?;
        let sockets = place::socket_folder(&home);
        if sockets != home {
            place::private(&sockets, run_as)?;
        }
        let gate = lock_file(&home.join("start.lock"))?;
        gate.lock().map_err(Error::folder("lock", home.join("start.lock")))?;
        let holders = lock_file(&home.join("holders.lock"))?;

        let mut cluster = Cluster {
            // Data of one major version do not serve another, so the name carries it.
            data: home.join(format!("data-{}", self.binaries.major())),
            log: home.join("postgres.log"),
            gate,
            holders,
            binaries: self.binaries.clone(),
            run_as,
            sockets,
            port: PORT,
            process: 0,
            child: None,
            origin: Origin::Adopted,
            running: true,
            home,
        };
        let created = cluster.initialise(self.durability)?;
        cluster.bring_up(self.durability, self.connections)?;
        if created {
            cluster.origin = Origin::Created;
        }
        let holders = cluster.home.join("holders.lock");
        cluster.holders.lock_shared().map_err(Error::folder("lock", &holders))?;
        let gate = cluster.home.join("start.lock");
        cluster.gate.unlock().map_err(Error::folder("unlock", &gate))?;
        tracing::info!(
            origin = ?cluster.origin, process = cluster.process, home = %cluster.home.display(),
            version = cluster.binaries.version(), "the private PostgreSQL is up"
        );
        Ok(cluster)
    }
}

/// A running private server that this process uses.
///
/// Several processes may use the same one; it goes down when the last of them stops it. A process
/// that dies without stopping (`kill -9`) leaves it running, and the next start adopts it.
#[derive(Debug)]
pub struct Cluster {
    binaries: Binaries,
    run_as: RunAs,
    home: PathBuf,
    data: PathBuf,
    sockets: PathBuf,
    log: PathBuf,
    port: u16,
    process: u32,
    /// Held exclusively while somebody starts or stops the server.
    gate: File,
    /// Held in common by everybody who uses the server; the machine releases it when one dies.
    holders: File,
    /// The server, when we started it: it must be waited for, or it lingers as a zombie.
    child: Option<Child>,
    origin: Origin,
    running: bool,
}

impl Cluster {
    /// Starts or adopts the durable cluster in the folder `home`; see [`Launch`] for other wishes.
    ///
    /// # Errors
    /// As [`Launch::start`].
    pub async fn start(binaries: &Binaries, home: impl Into<PathBuf>) -> Result<Self, Error> {
        Launch::new(binaries, home).start().await
    }

    /// Stops the server cleanly (running statements are rolled back, committed ones are kept),
    /// unless another process still uses it.
    ///
    /// # Errors
    /// [`Error::Stop`] when it does not go down within a minute.
    pub async fn stop(mut self) -> Result<Stopped, Error> {
        tokio::task::spawn_blocking(move || self.stop_blocking())
            .await
            .map_err(|_lost| Error::Interrupted)?
    }

    /// How the cluster came to run.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The folder that really holds the cluster: the one asked for, or its stand-in under
    /// `/var/tmp` when the unprivileged account cannot reach that.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The private folder of the socket.
    pub fn sockets(&self) -> &Path {
        &self.sockets
    }

    /// The process id of the server.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// The number in the name of the socket.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The binaries it runs on.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// An address for a program that takes one, such as `DATABASE_URL`.
    pub fn url(&self, database: &str, role: &str, password: Option<&str>) -> String {
        let password = password.map(|it| format!(":{}", encoded(it))).unwrap_or_default();
        format!(
            "postgres://{}{password}@localhost:{}/{}?host={}",
            encoded(role),
            self.port,
            encoded(database),
            encoded(&self.sockets.to_string_lossy()),
        )
    }

    /// Makes the data the first time; tells whether it did.
    fn initialise(&self, durability: Durability) -> Result<bool, Error> {
        if self.data.join("PG_VERSION").is_file() {
            return Ok(false);
        }
        // Beside the final name, so that an interrupted `initdb` is never taken for a finished one.
        let partial = self.home.join("data.partial");
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(Error::folder("remove", &partial))?;
        }
        let mut command = self.binaries.command("initdb", self.run_as);
        command
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username", SUPERUSER])
            .arg("--pgdata")
            .arg(&partial)
            .stdin(Stdio::null());
        if durability == Durability::Throwaway {
            command.arg("--no-sync");
        }
        let said = command.output().map_err(Error::folder("run initdb for", &partial))?;
        if !said.status.success() {
            let said = String::from_utf8_lossy(&said.stderr).trim().to_owned();
            return Err(Error::Initialise { path: self.data.clone(), said });
        }
        let rules = partial.join("pg_hba.conf");
        fs::write(&rules, AUTHENTICATION).map_err(Error::folder("write", &rules))?;
        fs::rename(&partial, &self.data).map_err(Error::folder("rename", &partial))?;
        Ok(true)
    }

    /// Adopts the server that runs on the data, or starts one.
    fn bring_up(&mut self, durability: Durability, connections: u16) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if self.adopt() {
                return Ok(());
            }
            if let Some(child) = &mut self.child
                && child.try_wait().is_ok_and(|ended| ended.is_some())
            {
                let said = self.last_words();
                self.child = None;
                // An older server is on its way down, or came up meanwhile: look again.
                let taken = said.contains("lock file \"postmaster.pid\" already exists")
                    || said.contains("pre-existing shared memory block");
                if !taken || Instant::now() > deadline {
                    return Err(Error::Start { log: self.log.clone(), said });
                }
                thread::sleep(GLANCE * 5);
            }
            if Instant::now() > deadline {
                return Err(Error::Start { log: self.log.clone(), said: self.last_words() });
            }
            // A server that repairs itself after a crash has its claim and socket, and gets time.
            if self.child.is_none() && !self.claimed() {
                self.child = Some(self.launch(durability, connections)?);
                self.origin = Origin::Started;
            }
            thread::sleep(GLANCE);
        }
    }

    /// Takes the server that is ready on the data, if there is one.
    fn adopt(&mut self) -> bool {
        let Some(found) = Postmaster::claiming(&self.data) else { return false };
        if found.state != State::Ready || !found.listens() {
            return false;
        }
        if self.child.as_ref().is_none_or(|child| child.id() != found.process) {
            self.origin = Origin::Adopted;
        }
        self.process = found.process;
        self.port = found.port;
        self.sockets = found.sockets;
        true
    }

    fn claimed(&self) -> bool {
        Postmaster::claiming(&self.data).is_some_and(|found| found.listens())
    }

    fn launch(&self, durability: Durability, connections: u16) -> Result<Child, Error> {
        let old = fs::metadata(&self.log).map_or(0, |found| found.len());
        let log = File::options()
            .create(true)
            .append(old <= LONGEST_LOG)
            .write(true)
            .truncate(old > LONGEST_LOG)
            .open(&self.log)
            .map_err(Error::folder("write", &self.log))?;
        place::give(&self.log, self.run_as.account)?;
        let safe = if durability == Durability::Full { "on" } else { "off" };
        let mut command = self.binaries.command("postgres", self.run_as);
        command.arg("-D").arg(&self.data);
        for setting in [
            "listen_addresses=".to_owned(),
            // The list's own quotes keep a comma or a space in the path from splitting it.
            format!("unix_socket_directories=\"{}\"", self.sockets.display()),
            "unix_socket_permissions=0700".to_owned(),
            format!("port={PORT}"),
            format!("max_connections={connections}"),
            format!("fsync={safe}"),
            format!("full_page_writes={safe}"),
            format!("synchronous_commit={safe}"),
            // Plans here are short; compiling them costs more than it saves.
            "jit=off".to_owned(),
            "log_line_prefix=%m [%p] ".to_owned(),
        ] {
            command.arg("-c").arg(setting);
        }
        command
            // Ctrl-C goes to the whole group; the server must not go before our pools are closed.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(Error::folder("write", &self.log))?)
            .stderr(log);
        command.spawn().map_err(Error::folder("start postgres on", &self.data))
    }

    fn last_words(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let mut lines: Vec<&str> = text.lines().rev().take(6).collect();
        lines.reverse();
        lines.join(" / ")
    }

    fn stop_blocking(&mut self) -> Result<Stopped, Error> {
        self.running = false;
        let gate = self.home.join("start.lock");
        self.gate.lock().map_err(Error::folder("lock", &gate))?;
        let holders = self.home.join("holders.lock");
        self.holders.unlock().map_err(Error::folder("unlock", &holders))?;
        if self.holders.try_lock().is_err() {
            return Ok(Stopped::StillInUse);
        }
        let said = self
            .binaries
            .command("pg_ctl", self.run_as)
            .args(["stop", "--mode=fast", "--wait", "--timeout=60", "--silent", "--pgdata"])
            .arg(&self.data)
            .stdin(Stdio::null())
            .output()
            .map_err(Error::folder("stop postgres on", &self.data))?;
        // Somebody may have stopped it by hand; then the goal is reached as well.
        if !said.status.success() && self.claimed() {
            let said = String::from_utf8_lossy(&said.stderr).trim().to_owned();
            return Err(Error::Stop { data: self.data.clone(), said });
        }
        if let Some(mut child) = self.child.take() {
            child.wait().map_err(Error::folder("wait for postgres on", &self.data))?;
        }
        tracing::info!(home = %self.home.display(), "the private PostgreSQL is down");
        Ok(Stopped::Down)
    }
}

impl Drop for Cluster {
    /// A cluster that goes out of scope without [`Cluster::stop`] (a failed test, an early return)
    /// is stopped all the same.
    fn drop(&mut self) {
        if self.running
            && let Err(problem) = self.stop_blocking()
        {
            tracing::warn!(%problem, "the private PostgreSQL was left behind");
        }
    }
}

fn lock_file(path: &Path) -> Result<File, Error> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(Error::folder("open", path))
}

/// Percent-encodes everything but letters and digits.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_may_not_hold_is_encoded() {
        assert_eq!(encoded("p@ss/wörd"), "p%40ss%2Fw%C3%B6rd");
    }
}
