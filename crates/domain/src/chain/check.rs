//! Following a chain line by line, and naming what was done to it.

use chrono::{DateTime, Utc};

use super::{Anchor, ChainHash, ChainHead, ChainLine};

/// What was done to lines of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The line does not have the hash that its columns give.
    Changed,
    /// The line was written at another number: this many later (or, below zero, earlier) than that.
    Moved(i64),
    /// No line has the number.
    Removed,
    /// The line was put in: the lines around it do not know it.
    Inserted,
    /// The line was changed and hashed again: what follows carries another hash.
    Replaced,
    /// The line carries the hash of a line before it that is not there.
    Unlinked,
    /// The chain ended there once, and ends earlier now.
    CutOff,
    /// The line stands after the end of the chain.
    Surplus,
    /// There are lines, and the head of the chain is gone.
    HeadLost,
    /// Everything up to a head that was kept outside at this moment has other hashes now.
    Rewritten(DateTime<Utc>),
}

impl Flaw {
    /// Stable code for interface and command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Moved(_) => "moved",
            Self::Removed => "removed",
            Self::Inserted => "inserted",
            Self::Replaced => "replaced",
            Self::Unlinked => "unlinked",
            Self::CutOff => "cut_off",
            Self::Surplus => "surplus",
            Self::HeadLost => "head_lost",
            Self::Rewritten(_) => "rewritten",
        }
    }
}

/// One thing that was found, in neighbouring lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Number of the first line.
    pub first: i64,
    /// Number of the last line.
    pub last: i64,
    /// What was done.
    pub flaw: Flaw,
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many lines were read.
    pub lines: u64,
    /// The last of them.
    pub end: ChainHead,
    /// How many heads kept outside were found again.
    pub anchors: usize,
    /// What was found, by number; the first of them, at most `MOST_FINDINGS`.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub more: u64,
}

impl Checked {
    /// Whether nothing was found.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}

/// So many findings are told one by one.
const MOST_FINDINGS: usize = 500;
/// So many lines with a wrong hash are kept, to find out at the end where they were written.
const MOST_SUSPECTS: usize = 200;
/// A line is looked for so many numbers before and after where it stands.
const NEARBY: i64 = 4;

/// What must be known of the line before.
#[derive(Debug, Clone, Copy)]
struct Before {
    position: i64,
    previous: ChainHash,
    hash: ChainHash,
    is_good: bool,
}

/// Follows one chain from its first line to its last.
#[derive(Debug)]
pub struct ChainCheck {
    before: Option<Before>,
    anchors: Vec<Anchor>,
    next_anchor: usize,
    found_again: usize,
    good_until: i64,
    is_rewritten: bool,
    suspects: Vec<ChainLine>,
    lines: u64,
    findings: Vec<Finding>,
    more: u64,
}

impl ChainCheck {
    /// A check that knows these heads from outside.
    pub fn with(mut anchors: Vec<Anchor>) -> Self {
        anchors.retain(|it| it.head.position > 0);
        anchors.sort_by_key(|it| (it.head.position, it.at));
        Self {
            before: None,
            anchors,
            next_anchor: 0,
            found_again: 0,
            good_until: 0,
            is_rewritten: false,
            suspects: Vec::new(),
            lines: 0,
            findings: Vec::new(),
            more: 0,
        }
    }

    /// The next line, in the order of the numbers.
    pub fn push(&mut self, line: &ChainLine) {
        self.lines += 1;
        let expected = self.before.map_or(1, |before| before.position + 1);
        if line.position < expected {
            // Two lines with one number, or a number below one: whatever the key once forbade.
            self.find(line.position, line.position, Flaw::Inserted);
            return;
        }
        if line.position > expected {
            self.find(expected, line.position - 1, Flaw::Removed);
        }
        let follows = line.position == expected;
        let is_good = line.digest() == line.hash;
        let by = if is_good { None } else { moved_nearby(line) };
        if let Some(by) = by {
            self.find(line.position, line.position, Flaw::Moved(by));
        } else if !is_good {
            self.suspect(line);
        }
        if follows && (is_good || by.is_some()) {
            self.check_link(line, is_good);
        }
        self.check_anchors(line.position, line.hash);
        self.before = Some(Before {
            position: line.position,
            previous: line.previous,
            hash: line.hash,
            is_good,
        });
    }

    fn check_link(&mut self, line: &ChainLine, is_good: bool) {
        match self.before {
            None if line.previous != ChainHash::NONE && is_good => {
                self.find(line.position, line.position, Flaw::Unlinked);
            }
            Some(before) if before.is_good && line.previous != before.hash => {
                if line.previous == before.previous {
                    self.find(before.position, before.position, Flaw::Inserted);
                } else if is_good {
                    self.find(before.position, before.position, Flaw::Replaced);
                }
            }
            _ => {}
        }
    }

    fn check_anchors(&mut self, position: i64, hash: ChainHash) {
        while let Some(anchor) = self.anchors.get(self.next_anchor) {
            if anchor.head.position > position {
                return;
            }
            self.next_anchor += 1;
            if anchor.head.position < position {
                // The anchored line itself is missing, which was told already.
                continue;
            }
            if anchor.head.hash == hash {
                self.found_again += 1;
                self.good_until = position;
            } else if !self.is_rewritten {
                self.is_rewritten = true;
                self.find(self.good_until + 1, position, Flaw::Rewritten(anchor.at));
            }
        }
    }

    /// The chain is read to its end; the database says that it ends at `head`.
    pub fn finish(mut self, head: Option<ChainHead>) -> Checked {
        let end = self.before.map_or(ChainHead::EMPTY, |before| ChainHead {
            position: before.position,
            hash: before.hash,
        });
        match head {
            None if self.before.is_some() => self.find(end.position, end.position, Flaw::HeadLost),
            Some(head) if head.position > end.position => {
                self.find(end.position + 1, head.position, Flaw::CutOff);
            }
            Some(head) if head.position < end.position => {
                self.find(head.position + 1, end.position, Flaw::Surplus);
            }
            // A last line that is not itself was told already.
            Some(head) if head.hash != end.hash && self.before.is_none_or(|it| it.is_good) => {
                self.find(end.position, end.position, Flaw::Replaced);
            }
            _ => {}
        }
        let known = head.map_or(end.position, |head| head.position.max(end.position));
        let kept = self.anchors.last().map_or(0, |anchor| anchor.head.position);
        if kept > known {
            self.find(known + 1, kept, Flaw::CutOff);
        }
        for (position, by) in self.moved_far() {
            self.find(position, position, by.map_or(Flaw::Changed, Flaw::Moved));
        }
        self.findings.sort_by_key(|it| (it.first, it.last));
        Checked {
            lines: self.lines,
            end,
            anchors: self.found_again,
            findings: merged(self.findings),
            more: self.more,
        }
    }

    /// Where the suspect lines were written: at another suspect's number, at one that its line left, or nowhere
    /// else, which means that they were changed.
    fn moved_far(&self) -> Vec<(i64, Option<i64>)> {
        let mut places: Vec<i64> = self.suspects.iter().map(|it| it.position).collect();
        let left = |it: &&Finding| matches!(it.flaw, Flaw::Removed | Flaw::CutOff | Flaw::Moved(_));
        let gaps = self.findings.iter().filter(left);
        places.extend(gaps.flat_map(|it| it.first..=it.last.min(it.first.saturating_add(50))));
        places.truncate(2 * MOST_SUSPECTS);
        let place_of = |line: &ChainLine| {
            let found = places.iter().find(|at| line.digest_at(**at) == line.hash)?;
            Some(line.position - found)
        };
        self.suspects.iter().map(|it| (it.position, place_of(it))).collect()
    }

    fn suspect(&mut self, line: &ChainLine) {
        if self.suspects.len() < MOST_SUSPECTS {
            self.suspects.push(line.clone());
        } else {
            self.find(line.position, line.position, Flaw::Changed);
        }
    }

    fn find(&mut self, first: i64, last: i64, flaw: Flaw) {
        if let Some(latest) = self.findings.last_mut()
            && latest.flaw == flaw
            && latest.last.checked_add(1) == Some(first)
        {
            latest.last = last;
        } else if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { first, last, flaw });
        } else {
            self.more += 1;
        }
    }
}

/// How far a line stands from the number at which it was written, if that is nearby.
fn moved_nearby(line: &ChainLine) -> Option<i64> {
    (1..=NEARBY).flat_map(|by| [by, -by]).find(|by| line.digest_at(line.position - by) == line.hash)
}

/// Findings of the same kind in neighbouring lines as one.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    for it in findings {
        match merged.last_mut() {
            Some(latest) if latest.flaw == it.flaw && latest.last + 1 == it.first => {
                latest.last = it.last;
            }
            _ => merged.push(it),
        }
    }
    merged
}
