//! A government leaves as one archive and comes in from one: rows, files and the trail, with the hash of each part.
//!
//! An archive is a zip: `manifest.json`, `people.jsonl`, `tables/<name>.jsonl` (a row in each line, numbers with all
//! their digits) and `files/<sha256>`. It is written out of one snapshot and read in one transaction, piece by
//! piece: neither needs more memory for a larger government. `docs/operations/archive.md` describes it.

mod arriving;
mod erasing;
mod leaving;
mod reading;
mod writing;

use chrono::{DateTime, Utc};
use ekinerja_domain::chain::{ChainHash, ChainHead};
use serde::{Deserialize, Serialize};

pub use arriving::{Arrived, ImportArchive};
pub use ekinerja_store::archive::{ArchivedTenant, OwnerAddress};
pub use erasing::{Erase, Erased};
pub use leaving::Exported;

use crate::refusal::{Code, Refusal, Violation};

/// What the manifest says it is.
pub const FORM: &str = "ekinerja archive 1";
/// Tables that are in no archive: answers to repeated requests, kept for two days.
pub(crate) const PASSING: [&str; 1] = ["idempotency_keys"];
/// The table that the trigger of the chain fills while the trail comes in.
const HEADS: &str = "audit_heads";

/// What an archive holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORM`].
    pub form: String,
    /// The government.
    pub tenant: ArchivedTenant,
    /// The migrations that made the schema.
    pub schema: Vec<String>,
    /// When it was made.
    pub exported_at: DateTime<Utc>,
    /// By whom.
    pub exported_by: String,
    /// Why.
    pub reason: String,
    /// The accounts that rows refer to; without passwords.
    pub people: Part,
    /// The tables.
    pub tables: Vec<TablePart>,
    /// The files.
    pub files: Vec<FilePart>,
    /// Where the chain of the trail ends.
    pub trail: TrailEnd,
}

/// Lines of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// How many lines.
    pub rows: u64,
    /// How many bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes.
    pub sha256: String,
}

/// A table of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TablePart {
    /// Its name.
    pub name: String,
    /// Columns that the lines hold.
    pub columns: Vec<String>,
    /// Columns that no archive holds: hashes of secrets.
    pub omitted: Vec<String>,
    /// Its lines.
    pub part: Part,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilePart {
    /// SHA-256 of its content, which is its name.
    pub sha256: String,
    /// Bytes.
    pub bytes: u64,
}

/// Where a chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailEnd {
    /// Number of the last line.
    pub position: i64,
    /// Its hash.
    pub hash: String,
}

impl TrailEnd {
    /// The same as a head; none when it is not the hash of one.
    pub fn head(&self) -> Option<ChainHead> {
        let bytes = hex::decode(&self.hash).ok()?;
        let hash = ChainHash::try_from(bytes.as_slice()).ok()?;
        Some(ChainHead { position: self.position, hash })
    }
}

/// An archive that is not taken, with what is wrong with it.
fn unfit(code: Code, what: impl ToString) -> Refusal {
    Refusal::Rule(Violation::new("archive", code).with("what", what))
}
