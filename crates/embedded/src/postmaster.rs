//! What a running server tells about itself in its file `postmaster.pid`.

use std::{
    fs,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

/// The server that claims a data folder, as its file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) process: u32,
    pub(crate) port: u16,
    pub(crate) sockets: PathBuf,
    pub(crate) state: State,
}

/// How far the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Takes connections.
    Ready,
    /// Comes up (perhaps repairing after a crash), or goes down.
    Busy,
}

impl Postmaster {
    /// The claim on `data`, whether or not its server still lives; none when the file is absent or
    /// still being written.
    pub(crate) fn claiming(data: &Path) -> Option<Self> {
        Self::read(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    /// The lines of the file: process, data folder, start, port, socket folder, address, shared
    /// memory, state (PostgreSQL, `src/include/utils/pidfile.h`).
    fn read(file: &str) -> Option<Self> {
        let lines: Vec<&str> = file.lines().map(str::trim).collect();
        let [process, _, _, port, sockets, _, _, state, ..] = lines[..] else { return None };
        Some(Self {
            process: process.parse().ok()?,
            port: port.parse().ok()?,
            sockets: PathBuf::from(sockets),
            state: if state == "ready" { State::Ready } else { State::Busy },
        })
    }

    /// Whether a server really listens: after a crash of the server the file is left behind.
    pub(crate) fn listens(&self) -> bool {
        UnixStream::connect(self.sockets.join(format!(".s.PGSQL.{}", self.port))).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = "4711\n/srv/data-18\n1764000000\n5432\n/srv\n\n  5312345   4\nready   \n";

    #[test]
    fn the_file_of_a_ready_server_is_read() {
        let expected = Postmaster {
            process: 4711,
            port: 5432,
            sockets: PathBuf::from("/srv"),
            state: State::Ready,
        };
        assert_eq!(Postmaster::read(READY), Some(expected));
    }

    #[test]
    fn a_server_that_starts_or_stops_is_busy_and_half_a_file_is_no_claim() {
        for state in ["starting", "stopping", "standby"] {
            let read = Postmaster::read(&READY.replace("ready   ", state)).unwrap();
            assert_eq!(read.state, State::Busy, "{state}");
        }
        assert_eq!(Postmaster::read("4711\n/srv/data-18\n1764000000\n"), None);
        assert_eq!(Postmaster::read(""), None);
    }
}
