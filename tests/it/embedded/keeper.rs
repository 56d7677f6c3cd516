//! Driving the stand-in product: start it, kill it, wait for its end.

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader, Read as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use sqlx::postgres::PgConnectOptions;

/// How long a stand-in may take to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running stand-in.
pub(super) struct Keeper {
    child: Child,
    /// The process id of its PostgreSQL.
    pub(super) server: u32,
    /// How the server came to run: the name of an `Origin`.
    pub(super) origin: String,
    url: String,
}

/// How a stand-in is started, where that differs from the test's own circumstances.
pub(super) struct Circumstances<'a> {
    pub(super) program: &'a Path,
    pub(super) account: Option<u32>,
    pub(super) environment: Vec<(&'static str, OsString)>,
}

impl Keeper {
    pub(super) fn start(binaries: &Path, home: &Path) -> Self {
        let usual = Circumstances { program: program(), account: None, environment: Vec::new() };
        Self::start_under(usual, binaries, home)
    }

    pub(super) fn start_under(under: Circumstances<'_>, binaries: &Path, home: &Path) -> Self {
        let mut command = Command::new(under.program);
        command.arg(binaries).arg(home).envs(under.environment);
        if let Some(account) = under.account {
            command.uid(account).gid(account);
        }
        let mut child = command
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the stand-in starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("a line of text");
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["ready", server, origin, url] = words[..] else {
            let mut said = String::new();
            let mut errors = child.stderr.take().expect("its error output");
            errors.read_to_string(&mut said).expect("text");
            child.wait().expect("its end");
            panic!("the stand-in said {line:?} and {said}");
        };
        Self {
            server: server.parse().expect("a process id"),
            origin: origin.to_owned(),
            url: url.to_owned(),
            child,
        }
    }

    /// Options for the superuser of its cluster.
    pub(super) fn owner(&self) -> PgConnectOptions {
        self.url.parse().expect("an address")
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// What nothing can prepare for: `kill -9`.
    pub(super) fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("its end");
    }

    /// Whether it ends by itself, in time and without an error.
    pub(super) fn ends_well(&mut self) -> bool {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return status.success();
            }
            if begun.elapsed() > PATIENCE {
                self.kill();
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Keeper {
    /// A failed test leaves no stand-in and no server behind.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            signal("INT", self.child.id());
            self.ends_well();
        }
    }
}

/// The program of the stand-in.
pub(super) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cluster-keeper"))
}

/// Sends a signal, as a person does.
pub(super) fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status();
    assert!(sent.expect("`kill` runs").success(), "no process {process}");
}
