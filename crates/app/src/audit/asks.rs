//! What is asked of the trail and of the log of reads, as it was typed.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use ekinerja_domain::event::EventKind;
use ekinerja_domain::ids::SessionId;
use ekinerja_domain::reading::ReadKind;

use super::{ReadFilter, TrailFilter};
use crate::refusal::{Code, Result};
use crate::typed::Typed;

/// How far the clocks of NTB are ahead of UTC.
pub(super) const WITA: TimeDelta = TimeDelta::hours(8);
/// Longest id that is looked for.
const LONGEST_ID: usize = 200;

/// A filter of the trail as it was typed; what is empty does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailAsk {
    /// Id of a person.
    pub person: String,
    /// Code of a kind of event.
    pub kind: String,
    /// Id of a thing.
    pub subject: String,
    /// First day, `2025-01-31`.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Id of a request.
    pub request: String,
}

/// A filter of the log of reads as it was typed; what is empty does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadsAsk {
    /// Id of a person.
    pub person: String,
    /// Code of what was read.
    pub kind: String,
    /// What it was about.
    pub subject: String,
    /// Id of a session.
    pub session: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

impl TrailAsk {
    /// What was asked for, by the names of the fields; empty where nothing is.
    pub fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("person", &self.person),
            ("kind", &self.kind),
            ("subject", &self.subject),
            ("from", &self.from),
            ("to", &self.to),
            ("request", &self.request),
        ]
    }

    /// Reads what was typed.
    ///
    /// # Errors
    /// [`Refusal::Invalid`](crate::Refusal::Invalid) names each field.
    pub(super) fn read(&self) -> Result<TrailFilter> {
        let mut typed = Typed::default();
        let person = typed.id("person", &self.person);
        let kind = typed.choice("kind", &self.kind, EventKind::from_code);
        let subject = typed.optional("subject", &self.subject, LONGEST_ID);
        let request = typed.optional("request", &self.request, LONGEST_ID);
        let (since, until) = days(&mut typed, &self.from, &self.to);
        typed.done()?;
        Ok(TrailFilter { person, kind, subject, since, until, request })
    }

    /// What is asked for in a few words, for the log of reads.
    pub(super) fn words(&self) -> Option<String> {
        words(&self.pairs())
    }
}

impl ReadsAsk {
    /// What was asked for, by the names of the fields; empty where nothing is.
    pub fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("person", &self.person),
            ("kind", &self.kind),
            ("subject", &self.subject),
            ("session", &self.session),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    /// Reads what was typed.
    ///
    /// # Errors
    /// [`Refusal::Invalid`](crate::Refusal::Invalid) names each field.
    pub(super) fn read(&self) -> Result<ReadFilter> {
        let mut typed = Typed::default();
        let person = typed.id("person", &self.person);
        let kind = typed.choice("kind", &self.kind, ReadKind::from_code);
        let subject = typed.optional("subject", &self.subject, LONGEST_ID);
        let session = typed.id::<SessionId>("session", &self.session);
        let (since, until) = days(&mut typed, &self.from, &self.to);
        typed.done()?;
        Ok(ReadFilter { person, kind, subject, session, since, until })
    }

    /// What is asked for in a few words, for the log of reads.
    pub(super) fn words(&self) -> Option<String> {
        words(&self.pairs())
    }
}

/// The moments at which the first day begins and the last one ends.
fn days(typed: &mut Typed, from: &str, to: &str) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let since = typed.day("from", from).map(morning);
    let until = typed.day("to", to).map(|day| morning(day.succ_opt().unwrap_or(day)));
    if since.zip(until).is_some_and(|(since, until)| until <= since) {
        typed.blame("to", Code::DatesReversed);
    }
    (since, until)
}

fn words(asked: &[(&str, &str)]) -> Option<String> {
    let asked = asked.iter().filter(|(_, value)| !value.trim().is_empty());
    let words: Vec<_> = asked.map(|(name, value)| format!("{name}={}", value.trim())).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// When a day begins where it is read: days and months of the trail are those of WITA, as its times are shown.
pub(super) fn morning(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() - WITA
}
