//! CPU time of the measured processes, by the scheduler's own account.
//!
//! `/proc/<process>/task/<thread>/schedstat` counts in nanoseconds what `utime + stime` of
//! `/proc/<process>/stat` counts in ticks of 10 ms: too coarse for a round of some milliseconds.
//! The bench's own process is in none of the sums.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, ensure};

/// The processes that serve: one server and the PostgreSQL behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    /// Process id of the server.
    pub(crate) server: u32,
    /// Process id of PostgreSQL's first process; its children are the backends and the background.
    pub(crate) postmaster: u32,
}

/// What was used between two readings, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spent {
    /// By every thread of the server.
    pub(crate) server: u64,
    /// By every process of PostgreSQL.
    pub(crate) database: u64,
}

/// How much every thread has used since it began.
#[derive(Debug)]
pub(crate) struct Reading {
    server: BTreeMap<u32, u64>,
    database: BTreeMap<u32, u64>,
}

impl Watched {
    /// Reads every thread's account.
    pub(crate) fn read(self) -> anyhow::Result<Reading> {
        let server = threads(self.server)?;
        ensure!(!server.is_empty(), "the server {} has ended", self.server);
        let mut database = BTreeMap::new();
        for process in family(self.postmaster)? {
            // Backends come and go; one that is gone has no account.
            if let Some(used) = account(&Path::new("/proc").join(process.to_string())) {
                database.insert(process, used);
            }
        }
        ensure!(!database.is_empty(), "PostgreSQL {} has ended", self.postmaster);
        Ok(Reading { server, database })
    }
}

impl Reading {
    /// What was used since an earlier reading. Who was not there then began since.
    pub(crate) fn since(&self, earlier: &Self) -> Spent {
        Spent {
            server: grown(&earlier.server, &self.server),
            database: grown(&earlier.database, &self.database),
        }
    }
}

fn grown(before: &BTreeMap<u32, u64>, after: &BTreeMap<u32, u64>) -> u64 {
    after
        .iter()
        .map(|(id, used)| used.saturating_sub(before.get(id).copied().unwrap_or_default()))
        .sum()
}

fn threads(process: u32) -> anyhow::Result<BTreeMap<u32, u64>> {
    let folder = format!("/proc/{process}/task");
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {folder}"))? {
        let path = entry?.path();
        let id = path.file_name().and_then(|it| it.to_str()).and_then(|it| it.parse().ok());
        if let (Some(id), Some(used)) = (id, account(&path)) {
            all.insert(id, used);
        }
    }
    Ok(all)
}

/// Nanoseconds on a processor: the first number of `schedstat`.
fn account(folder: &Path) -> Option<u64> {
    let text = fs::read_to_string(folder.join("schedstat")).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// A process and its children.
fn family(parent: u32) -> anyhow::Result<Vec<u32>> {
    let mut all = vec![parent];
    for entry in fs::read_dir("/proc").context("cannot read /proc")? {
        let name = entry?.file_name();
        let Some(process) = name.to_str().and_then(|it| it.parse().ok()) else { continue };
        if parent_of(process) == Some(parent) {
            all.push(process);
        }
    }
    Ok(all)
}

fn parent_of(process: u32) -> Option<u32> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold anything; state and parent follow the last bracket.
    let (_, rest) = text.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}
