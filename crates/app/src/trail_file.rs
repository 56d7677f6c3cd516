//! The trail as a file of JSON lines that can be checked elsewhere, without the database: a head line, then one
//! line for each line of the trail with everything that its hash covers.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use chrono::{DateTime, SubsecRound as _, Utc};
use ekinerja_domain::chain::{ChainHash, ChainHead, ChainLine, Finding, Flaw, facts_text};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::tenant::Tenant;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::anchors::KeptHead;
use crate::audit::AuditEntry;

/// What the first line of such a file says it is.
pub const FORM: &str = "ekinerja trail 1";

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHead {
    /// [`FORM`].
    pub form: String,
    /// Id of the government.
    pub tenant: Uuid,
    /// Its address.
    pub government: String,
    /// When the file was made.
    pub at: DateTime<Utc>,
    /// Number of the last line of the trail at that moment.
    pub position: i64,
    /// Its hash.
    pub hash: String,
    /// Whether lines were left out by a filter.
    pub filtered: bool,
}

impl FileHead {
    /// The first line of a file of this government's trail.
    pub fn of(tenant: &Tenant, head: ChainHead, at: DateTime<Utc>, filtered: bool) -> Self {
        Self {
            form: FORM.to_owned(),
            tenant: tenant.id.uuid(),
            government: tenant.slug.to_string(),
            at: at.trunc_subsecs(0),
            position: head.position,
            hash: head.hash.to_string(),
            filtered,
        }
    }
}

/// One line of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// Its number.
    pub position: i64,
    /// When, to the microsecond.
    pub at: DateTime<Utc>,
    /// Who, by id.
    pub user: Uuid,
    /// Who, by name.
    pub user_name: String,
    /// The posts that person held.
    pub post: Option<String>,
    /// What kind of thing happened.
    pub kind: String,
    /// To what.
    pub subject: String,
    /// From, to, why.
    pub facts: BTreeMap<String, String>,
    /// In which request.
    pub request: Option<String>,
    /// Hash of the line before.
    pub previous: String,
    /// Its own hash.
    pub hash: String,
}

impl From<&AuditEntry> for FileLine {
    fn from(it: &AuditEntry) -> Self {
        Self {
            position: it.seq,
            at: it.at,
            user: it.user.uuid(),
            user_name: it.user_name.clone(),
            post: it.post.clone(),
            kind: it.kind.clone(),
            subject: it.subject.clone(),
            facts: it.facts.iter().cloned().collect(),
            request: it.request.clone(),
            previous: it.previous.to_string(),
            hash: it.hash.to_string(),
        }
    }
}

impl FileLine {
    fn chain_line(self, tenant: Uuid) -> ChainLine {
        let facts = self.facts.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        ChainLine {
            tenant: Some(tenant),
            position: self.position,
            at: self.at,
            user: Some(self.user),
            user_name: self.user_name,
            post: self.post,
            kind: self.kind,
            subject: self.subject,
            facts: facts_text(facts),
            request: self.request,
            previous: self.previous.parse().unwrap_or(ChainHash::NONE),
            hash: self.hash.parse().unwrap_or(ChainHash::NONE),
        }
    }
}

/// What checking a file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChecked {
    /// Its first line.
    pub head: FileHead,
    /// How many lines it has.
    pub lines: u64,
    /// How many of them follow the line before without a gap.
    pub linked: u64,
    /// What was found; at most 500.
    pub findings: Vec<Finding>,
}

/// Checks a file: every line against its own hash, and against the line before where none is left out.
///
/// # Errors
/// It cannot be read, or a line of it is none of ours.
pub fn check_file(input: impl BufRead, anchors: &[KeptHead]) -> io::Result<FileChecked> {
    const MOST_FINDINGS: usize = 500;
    let mut lines = input.lines();
    let wrong = |at: u64, why: &str| {
        io::Error::new(io::ErrorKind::InvalidData, format!("line {at} of the file: {why}"))
    };
    let first = lines.next().ok_or_else(|| wrong(1, "the file is empty"))??;
    let head: FileHead = serde_json::from_str(&first).map_err(|it| wrong(1, &it.to_string()))?;
    if head.form != FORM {
        return Err(wrong(1, "another form"));
    }
    let mut found = FileChecked { head: head.clone(), lines: 0, linked: 0, findings: Vec::new() };
    let mut before: Option<(i64, ChainHash)> = None;
    let mut find = |first, last, flaw| {
        if found.findings.len() < MOST_FINDINGS {
            found.findings.push(Finding { first, last, flaw });
        }
    };
    for (at, text) in (2_u64..).zip(lines) {
        let line: FileLine =
            serde_json::from_str(&text?).map_err(|it| wrong(at, &it.to_string()))?;
        let line = line.chain_line(head.tenant);
        found.lines += 1;
        let position = line.position;
        if line.digest() != line.hash {
            find(position, position, Flaw::Changed);
        }
        let last = before.map_or(0, |it| it.0);
        let previous = before.map_or(ChainHash::NONE, |it| it.1);
        if position <= last {
            find(position, position, Flaw::Inserted);
        } else if position == last + 1 {
            found.linked += 1;
            if line.previous != previous {
                find(position, position, Flaw::Unlinked);
            }
        } else if !head.filtered {
            find(last + 1, position - 1, Flaw::Removed);
        }
        let kept = anchors.iter().filter(|it| it.tenant.map(TenantId::uuid) == Some(head.tenant));
        let kept = kept.map(|it| it.anchor).filter(|it| it.head.position == position);
        for anchor in kept.filter(|it| it.head.hash != line.hash) {
            find(position, position, Flaw::Rewritten(anchor.at));
        }
        if position == head.position && line.hash.to_string() != head.hash {
            find(position, position, Flaw::Replaced);
        }
        before = Some((position, line.hash));
    }
    let last = before.map_or(0, |it| it.0);
    if !head.filtered && last < head.position {
        find(last + 1, head.position, Flaw::CutOff);
    }
    Ok(found)
}
