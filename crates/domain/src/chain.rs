//! The chain of a trail: each line carries the hash of the line before, so that a line that was changed,
//! removed, moved, put in or cut off is seen.
//!
//! Nothing here asks the database for a hash: [`ChainLine::digest`] makes the bytes again from the columns
//! that were read, and [`ChainCheck`] follows the chain line by line, so that a trail of any length is
//! checked in the same memory. The bytes are described in `docs/security/audit.md`.
//!
//! A chain shows that something was done to it. Who may write everything in the database can also hash
//! everything again, and cut off or add at the end: only a head that was kept elsewhere ([`Anchor`]) shows
//! that.

mod check;
mod facts;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use check::{ChainCheck, Checked, Finding, Flaw};
pub use facts::facts_text;

/// What every hashed line begins with: the version of the form of the bytes.
const FORM: &[u8] = b"ekinerja trail 1";

/// A SHA-256 in a chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainHash([u8; 32]);

/// A text that is not a hash: 64 hex digits are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("64 hex digits are expected")]
pub struct InvalidHash;

impl ChainHash {
    /// What the first line carries as the hash of the line before.
    pub const NONE: Self = Self([0; 32]);

    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for ChainHash {
    type Error = InvalidHash;

    fn try_from(bytes: &[u8]) -> Result<Self, InvalidHash> {
        bytes.try_into().map(Self).map_err(|_| InvalidHash)
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ChainHash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        if text.len() != 64 || !text.bytes().all(|it| it.is_ascii_hexdigit()) {
            return Err(InvalidHash);
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or(InvalidHash)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| InvalidHash)?;
        }
        Ok(Self(bytes))
    }
}

/// One line of a trail, with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLine {
    /// The government whose trail it is; none for the platform's own.
    pub tenant: Option<Uuid>,
    /// Its number: 1, 2, 3 … without a gap.
    pub position: i64,
    /// When, to the microsecond.
    pub at: DateTime<Utc>,
    /// Who; none for the platform itself.
    pub user: Option<Uuid>,
    /// That person's name.
    pub user_name: String,
    /// The posts that person held at that moment.
    pub post: Option<String>,
    /// What kind of thing happened.
    pub kind: String,
    /// To what.
    pub subject: String,
    /// From, to, why, as the canonical text of [`facts_text`].
    pub facts: String,
    /// In which request.
    pub request: Option<String>,
    /// The hash of the line before; [`ChainHash::NONE`] for the first.
    pub previous: ChainHash,
    /// Its own hash.
    pub hash: ChainHash,
}

impl ChainLine {
    /// The hash that this line must carry.
    pub fn digest(&self) -> ChainHash {
        self.digest_at(self.position)
    }

    /// The hash that it would carry at another position.
    pub(crate) fn digest_at(&self, position: i64) -> ChainHash {
        let mut hash = Sha256::new();
        let mut piece = |piece: Option<&[u8]>| match piece {
            None => hash.update((-1_i32).to_be_bytes()),
            Some(bytes) => {
                // The length keeps `ab` + `c` apart from `a` + `bc`; PostgreSQL's texts are below 1 GiB.
                hash.update(i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
                hash.update(bytes);
            }
        };
        piece(Some(FORM));
        piece(self.tenant.as_ref().map(|it| &it.as_bytes()[..]));
        piece(Some(&self.at.timestamp_micros().to_be_bytes()));
        piece(self.user.as_ref().map(|it| &it.as_bytes()[..]));
        piece(Some(self.user_name.as_bytes()));
        piece(self.post.as_deref().map(str::as_bytes));
        piece(Some(self.kind.as_bytes()));
        piece(Some(self.subject.as_bytes()));
        piece(Some(self.facts.as_bytes()));
        piece(self.request.as_deref().map(str::as_bytes));
        piece(Some(&position.to_be_bytes()));
        piece(Some(self.previous.bytes()));
        ChainHash(hash.finalize().into())
    }
}

/// Where a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// The number of its last line; 0 while there is none.
    pub position: i64,
    /// That line's hash.
    pub hash: ChainHash,
}

impl ChainHead {
    /// The head of a trail without lines.
    pub const EMPTY: Self = Self { position: 0, hash: ChainHash::NONE };
}

/// A head that was kept outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The head.
    pub head: ChainHead,
    /// When it was kept.
    pub at: DateTime<Utc>,
}
