//! The trail of changes of a government: reading, filtering and downloading it, and checking its chain.

mod asks;

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, Utc};
use ekinerja_domain::access::ViewAudit;
use ekinerja_domain::access::policy::Trail;
use ekinerja_domain::chain::{Anchor, ChainCheck, ChainHash, ChainHead, Checked};
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::ids::{TenantId, UserId};
use ekinerja_domain::reading::ReadKind;
use ekinerja_store::TenantScope;
use ekinerja_store::page::{Page, Paged};
use futures::Stream;
use uuid::Uuid;

pub use ekinerja_store::audit::{AuditEntry, TrailFilter};
pub use ekinerja_store::reads::{ReadEvent, ReadFilter, Refused};

use crate::app::App;
use crate::refusal::{Code, Refusal, Result};

pub use asks::{ReadsAsk, TrailAsk};
use asks::{WITA, morning};

/// Lines of one piece of a download.
const PIECE: u64 = 1_000;
/// What a read of the whole trail, or of the whole list of members, is about.
pub(crate) const WHOLE: &str = "-";

/// A piece of the trail with what its page needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailView {
    /// The lines, the latest first.
    pub lines: Paged<AuditEntry>,
    /// What the ids in them are called.
    pub names: HashMap<String, String>,
    /// Who has or had a role here, by name.
    pub people: Vec<(UserId, String)>,
    /// The chain.
    pub chain: ChainState,
}

/// A piece of the log of reads with what its page needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadsView {
    /// The lines, the latest first.
    pub lines: Paged<ReadEvent>,
    /// What the ids in them are called.
    pub names: HashMap<String, String>,
    /// Who has or had a role here, by name.
    pub people: Vec<(UserId, String)>,
}

/// Where a chain ends, and what its last check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainState {
    /// Its end.
    pub head: ChainHead,
    /// The last check; none while there was none.
    pub checked: Option<LastCheck>,
}

/// What the last check of a chain came to, as the trail itself tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastCheck {
    /// When.
    pub at: DateTime<Utc>,
    /// Up to which number.
    pub up_to: i64,
    /// How many findings; 0: the chain was whole.
    pub findings: u64,
}

/// The head of a chain at the end of a month, to be printed and kept on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthHead {
    /// First day of the month.
    pub month: NaiveDate,
    /// The moment up to which lines count: the end of the month, or now while it lasts.
    pub until: DateTime<Utc>,
    /// The head.
    pub head: ChainHead,
    /// When its line was written; none while there is no line.
    pub written_at: Option<DateTime<Utc>>,
    /// How many lines the month has.
    pub lines: u64,
}

impl App {
    /// A piece of the trail, the latest first. That it was read is written down.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is neither auditor nor administrator; a filter or cursor that is none.
    pub async fn audit_trail(
        &self,
        scope: &TenantScope,
        ask: &TrailAsk,
        page: Page,
    ) -> Result<TrailView> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<ViewAudit, _>(Trail)?;
        let filter = ask.read()?;
        if page.after.as_deref().is_some_and(|after| after.parse::<i64>().is_err()) {
            return Err(Refusal::invalid("after", Code::FieldUnknownReference));
        }
        let trail = tx.audit_trail(&permit);
        let lines = trail.page(&filter, page).await?;
        let texts = texts_of_trail(&lines.items);
        let names = named(&trail.names(ids_in(&texts)).await?, texts);
        let people = people(tx.members().await?);
        let chain = chain_state(&tx, &permit).await?;
        tx.note_read(ReadKind::Trail, WHOLE, ask.words()).await?;
        tx.commit_read().await?;
        Ok(TrailView { lines, names, people, chain })
    }

    /// Who read what, the latest first. That this was read is written down too.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is neither auditor nor administrator; a filter or cursor that is none.
    pub async fn reads(
        &self,
        scope: &TenantScope,
        ask: &ReadsAsk,
        page: Page,
    ) -> Result<ReadsView> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<ViewAudit, _>(Trail)?;
        let filter = ask.read()?;
        if page.after.as_deref().is_some_and(|after| !ekinerja_store::reads::is_place(after)) {
            return Err(Refusal::invalid("after", Code::FieldUnknownReference));
        }
        let lines = tx.reads(&permit).page(&filter, page).await?;
        let texts = texts_of_reads(&lines.items);
        let names = named(&tx.audit_trail(&permit).names(ids_in(&texts)).await?, texts);
        let people = people(tx.members().await?);
        tx.note_read(ReadKind::Reads, WHOLE, ask.words()).await?;
        tx.commit_read().await?;
        Ok(ReadsView { lines, names, people })
    }

    /// Where the chain ends, and what its last check came to.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is neither auditor nor administrator.
    pub async fn chain(&self, scope: &TenantScope) -> Result<ChainState> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<ViewAudit, _>(Trail)?;
        chain_state(&tx, &permit).await
    }

    /// The head of the chain at the end of a month (`2025-01`; empty: this one).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; a text that is no month, or a month that has not begun.
    pub async fn month_head(&self, scope: &TenantScope, month: &str) -> Result<MonthHead> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<ViewAudit, _>(Trail)?;
        let month = month_of(month.trim(), (self.now() + WITA).date_naive())?;
        let end = month.checked_add_months(Months::new(1)).map_or(self.now(), morning);
        let until = end.min(self.now());
        let all = TrailFilter { until: Some(end), ..TrailFilter::default() };
        let trail = tx.audit_trail(&permit);
        let last = trail.latest(&all).await?;
        let of_month = TrailFilter { since: Some(morning(month)), ..all };
        let lines = trail.count(&of_month).await?;
        let head = last
            .as_ref()
            .map_or(ChainHead::EMPTY, |it| ChainHead { position: it.seq, hash: it.hash });
        Ok(MonthHead { month, until, head, written_at: last.map(|it| it.at), lines })
    }

    /// Follows the chain of a government from its first line to its last, and writes into the trail what it
    /// came to.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is neither auditor nor administrator.
    pub async fn check_trail(&self, scope: &TenantScope) -> Result<Checked> {
        let tx = self.begin(scope).await?;
        tx.permit::<ViewAudit, _>(Trail)?;
        // Following it may take long; the connection is given back first.
        drop(tx);
        let checked = self.follow_chain(Some(scope.tenant().id), Vec::new()).await?;
        let tx = self.begin(scope).await?;
        tx.permit::<ViewAudit, _>(Trail)?;
        let found = checked.findings.len();
        let event = Event::new(EventKind::TrailChecked, scope.tenant().id)
            .fact("up_to", checked.end.position)
            .fact("hash", checked.end.hash)
            .fact("findings", found);
        tx.commit(event).await?;
        if found > 0 {
            tracing::error!(
                government = %scope.tenant().slug, found, "the trail of a government was tampered with"
            );
        }
        Ok(checked)
    }

    /// Follows a chain, a government's or the platform's own, against heads that were kept outside. It asks for
    /// no role: it is for whoever runs the program, and tells nothing of what the lines say.
    ///
    /// # Errors
    /// The database failed.
    pub async fn follow_chain(
        &self,
        tenant: Option<TenantId>,
        anchors: Vec<Anchor>,
    ) -> Result<Checked> {
        let mut reader = self.store.chain_of(tenant).await?;
        let mut check = ChainCheck::with(anchors);
        loop {
            let lines = reader.lines().await?;
            if lines.is_empty() {
                break;
            }
            for line in &lines {
                check.push(line);
            }
            // Hashing keeps a thread busy; others get their turn between the pieces.
            tokio::task::yield_now().await;
        }
        Ok(check.finish(reader.head().await?))
    }

    /// Where a chain ends, and whether the line that an anchor names still has its hash.
    ///
    /// # Errors
    /// The database failed.
    pub async fn chain_end(
        &self,
        tenant: Option<TenantId>,
        kept: Option<ChainHead>,
    ) -> Result<(ChainHead, bool)> {
        let reader = self.store.chain_of(tenant).await?;
        let head = reader.head().await?.unwrap_or(ChainHead::EMPTY);
        let holds = match kept {
            Some(kept) if kept.position > 0 => {
                reader.hash_at(kept.position).await? == Some(kept.hash)
            }
            _ => true,
        };
        Ok((head, holds))
    }

    /// The lines of the trail that fit a filter, the earliest first, in pieces. That they were taken is written
    /// down before the first of them.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is neither auditor nor administrator; a filter that is none.
    pub async fn download_trail(
        &self,
        scope: &TenantScope,
        ask: &TrailAsk,
    ) -> Result<(ChainHead, impl Stream<Item = Result<Vec<AuditEntry>>> + Send + use<>)> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<ViewAudit, _>(Trail)?;
        let filter = ask.read()?;
        let head = chain_state(&tx, &permit).await?.head;
        tx.note_read(ReadKind::TrailExport, WHOLE, ask.words()).await?;
        tx.commit_read().await?;
        let (app, scope) = (self.clone(), scope.clone());
        let pieces = futures::stream::try_unfold(0_i64, move |seq| {
            let (app, scope, filter) = (app.clone(), scope.clone(), filter.clone());
            async move {
                let tx = app.begin(&scope).await?;
                let permit = tx.permit::<ViewAudit, _>(Trail)?;
                let mut lines = tx.audit_trail(&permit).after(&filter, seq, PIECE).await?;
                // What is written meanwhile belongs to the next download.
                lines.retain(|it| it.seq <= head.position);
                let last = lines.last().map(|it| it.seq);
                Ok(last.map(|last| (lines, last)))
            }
        });
        Ok((head, pieces))
    }
}

async fn chain_state(
    tx: &ekinerja_store::TenantTx,
    permit: &ekinerja_domain::access::Granted<ViewAudit, Trail>,
) -> Result<ChainState> {
    let trail = tx.audit_trail(permit);
    let last = trail.latest(&TrailFilter::default()).await?;
    let head = last.map_or(ChainHead::EMPTY, |it| ChainHead { position: it.seq, hash: it.hash });
    let checks = TrailFilter { kind: Some(EventKind::TrailChecked), ..TrailFilter::default() };
    let checked = trail.latest(&checks).await?.and_then(|it| {
        let fact = |name: &str| {
            it.facts.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
        };
        Some(LastCheck {
            at: it.at,
            up_to: fact("up_to")?.parse().ok()?,
            findings: fact("findings")?.parse().ok()?,
        })
    });
    Ok(ChainState { head, checked })
}

/// Everybody who has or had a role, once each.
fn people(members: Vec<ekinerja_store::directory::people::Membership>) -> Vec<(UserId, String)> {
    let mut people: Vec<_> = members.into_iter().map(|it| (it.user, it.name)).collect();
    people.sort_by(|one, other| one.1.cmp(&other.1).then(one.0.cmp(&other.0)));
    people.dedup_by_key(|it| it.0);
    people
}

/// Texts of lines of the trail that may be ids.
fn texts_of_trail(lines: &[AuditEntry]) -> Vec<String> {
    let mut texts = Vec::new();
    for it in lines {
        texts.push(it.subject.clone());
        texts.extend(it.facts.iter().map(|(_, value)| value.clone()));
        texts.extend(ids_of_post(it.post.as_deref().unwrap_or_default()));
    }
    texts
}

/// Texts of lines of the log of reads that may be ids.
fn texts_of_reads(lines: &[ReadEvent]) -> Vec<String> {
    let mut texts = Vec::new();
    for it in lines {
        texts.push(it.subject.clone());
        texts.extend(ids_of_post(it.post.as_deref().unwrap_or_default()));
    }
    texts
}

/// The ids in texts of the form `ind_0190…`.
fn ids_in(texts: &[String]) -> Vec<Uuid> {
    let mut ids: Vec<_> = texts.iter().filter_map(|it| id_of(it)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn id_of(text: &str) -> Option<Uuid> {
    let (prefix, id) = text.split_once('_')?;
    let is_id = prefix.len() == 3 && id.len() == 32;
    is_id.then(|| id.parse().ok()).flatten()
}

fn named(names: &HashMap<Uuid, String>, texts: Vec<String>) -> HashMap<String, String> {
    let name = |text: String| {
        let name = names.get(&id_of(&text)?)?.clone();
        Some((text, name))
    };
    texts.into_iter().filter_map(name).collect()
}

/// The ids of OPD in a post as the trail writes it down.
fn ids_of_post(post: &str) -> Vec<String> {
    let words = post.split(['<', '>', ' ']);
    words.filter(|it| id_of(it).is_some()).map(str::to_owned).collect()
}

fn month_of(text: &str, today: NaiveDate) -> Result<NaiveDate> {
    let this = today.with_day(1).unwrap_or(today);
    if text.is_empty() {
        return Ok(this);
    }
    let invalid = || Refusal::invalid("month", Code::DateInvalid);
    let is_month = text.len() == 7 && text.is_ascii();
    let month = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok();
    month.filter(|it| is_month && *it <= this).ok_or_else(invalid)
}

/// A hash in groups of eight letters, for paper and eyes.
pub fn in_groups(hash: &ChainHash) -> String {
    let text = hash.to_string();
    let groups: Vec<_> = (0..8).filter_map(|at| text.get(8 * at..8 * at + 8)).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_this_one_or_an_earlier_one() {
        let today = "2025-01-15".parse().unwrap();
        let month = |text| month_of(text, today).ok().map(|it| it.to_string());
        assert_eq!(month(""), Some("2025-01-01".to_owned()));
        assert_eq!(month("2024-12"), Some("2024-12-01".to_owned()));
        for bad in ["2025-02", "2025-1", "2024-13", "2024", "2024-12-", "20é4-1"] {
            assert_eq!(month(bad), None, "{bad}");
        }
    }

    #[test]
    fn ids_are_found_in_texts_and_posts() {
        let id = "agy_0199c8d2f6a97d0e8f6a1b2c3d4e5f60";
        let post = format!("plt Kepala Dinas <agency_head {id}>; <planner>");
        assert_eq!(ids_of_post(&post), [id]);
        assert_eq!(ids_in(&["2023", id, "x_y", id].map(str::to_owned)).len(), 1);
    }

    #[test]
    fn a_hash_is_printed_in_groups() {
        let words = in_groups(&ChainHash::NONE);
        assert_eq!(words.len(), 71);
        assert!(words.starts_with("00000000 0000"));
    }
}
