//! Starting a cluster: make its data once, then start its server or adopt the one that runs.

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
    cluster::{Cluster, Origin, SUPERUSER},
    error::Error,
    place,
    postmaster::{Postmaster, State},
};

/// The port is part of the socket's name only; nothing listens on the network.
const PORT: u16 = 5432;

/// How long the server may take to come up, repairing after a crash included.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often we look whether it is up.
const GLANCE: Duration = Duration::from_millis(10);

/// A log longer than this (in bytes) is begun anew at the next start.
const LONGEST_LOG: u64 = 8 * 1024 * 1024;

/// Who may connect: see the crate's page. `password` compares with the stored SCRAM verifier; the
/// clear text never leaves the private socket, and the costly exchange of SCRAM is saved.
const AUTHENTICATION: &str = "local all postgres trust\nlocal all all password\n";

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
        place::with_parents(&self.home)?;
        let home = place::reachable(&self.home, run_as)?;
        let run_as = run_as.or_owner_of(&home);
        place::private(&home, run_as)?;
        let sockets = place::socket_folder(&home);
        if sockets != home {
            place::private(&sockets, run_as)?;
        }
        self.refuse_other_majors(&home)?;
        let gate = lock_file(&home.join("start.lock"))?;
        gate.lock().map_err(Error::folder("lock", home.join("start.lock")))?;
        let holders = lock_file(&home.join("holders.lock"))?;

        let mut cluster = Cluster {
            data: home.join(place::data_name(self.binaries.major())),
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

    /// An empty new cluster beside somebody's data would look as if the data were lost.
    fn refuse_other_majors(&self, home: &Path) -> Result<(), Error> {
        let major = self.binaries.major();
        let majors = place::majors_in(home);
        match majors.first() {
            Some(&found) if self.durability == Durability::Full && !majors.contains(&major) => {
                Err(Error::OtherMajor { path: home.to_owned(), found, major })
            }
            _ => Ok(()),
        }
    }
}

impl Cluster {
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
}

fn lock_file(path: &Path) -> Result<File, Error> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(Error::folder("open", path))
}
