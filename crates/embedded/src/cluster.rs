//! A private server that runs: who uses it, how to reach it, how to stop it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use crate::{
    account::RunAs, binaries::Binaries, error::Error, launch::Launch, postmaster::Postmaster,
};

/// The bootstrap superuser, which needs no password on the private socket. Migrations run as it;
/// the product never serves as it.
pub const SUPERUSER: &str = "postgres";

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

/// A running private server that this process uses.
///
/// Several processes may use the same one; it goes down when the last of them stops it. A process
/// that dies without stopping (`kill -9`) leaves it running, and the next start adopts it.
#[derive(Debug)]
pub struct Cluster {
    pub(crate) binaries: Binaries,
    pub(crate) run_as: RunAs,
    pub(crate) home: PathBuf,
    pub(crate) data: PathBuf,
    pub(crate) sockets: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) port: u16,
    pub(crate) process: u32,
    /// Held exclusively while somebody starts or stops the server.
    pub(crate) gate: File,
    /// Held in common by everybody who uses the server; the machine releases it when one dies.
    pub(crate) holders: File,
    /// The server, when we started it: it must be waited for, or it lingers as a zombie.
    pub(crate) child: Option<Child>,
    pub(crate) origin: Origin,
    pub(crate) running: bool,
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

    /// Whether some server runs on the data.
    pub(crate) fn claimed(&self) -> bool {
        Postmaster::claiming(&self.data).is_some_and(|found| found.listens())
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
