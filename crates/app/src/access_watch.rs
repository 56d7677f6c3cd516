//! Hears whose access changed, in this process or another, so that what was remembered of it holds no longer.
//!
//! What is remembered carries the count of news at which it was read; it holds as long as nothing it is made from
//! changed since. Should the news be lost, it is read anew after [`REMEMBERED`].

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ekinerja_domain::event::Touch;
use ekinerja_store::change::{Access, Changes, News};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use uuid::Uuid;

/// For how long a session, a role or a token may be answered from memory, should the news of a change be lost.
pub(crate) const REMEMBERED: Duration = Duration::from_secs(2);
/// For how long it is known who changed: longer than anything is remembered, or takes to be read.
const NOTED: Duration = Duration::from_mins(1);

/// Hears the news whenever it is asked.
#[derive(Debug)]
pub(crate) struct AccessWatch(Mutex<Watch>);

impl AccessWatch {
    /// Hears from now on.
    pub(crate) fn hearing(changes: &Changes) -> Self {
        let news = changes.subscribe();
        Self(Mutex::new(Watch { news, count: 0, everything: 0, changed: HashMap::new() }))
    }

    /// Where the news stand; taken before something is read.
    pub(crate) fn count(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).catch_up()
    }

    /// Whether what was read at `count` still holds for all of these sessions, people and governments.
    pub(crate) fn holds(&self, count: u64, parts: impl Iterator<Item = Uuid>) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).holds(count, parts)
    }
}

/// Who changed when, counted in news.
#[derive(Debug)]
struct Watch {
    news: Receiver<News>,
    count: u64,
    everything: u64,
    changed: HashMap<Uuid, (u64, Instant)>,
}

impl Watch {
    /// Reads the news; how many there were.
    fn catch_up(&mut self) -> u64 {
        loop {
            match self.news.try_recv() {
                Ok(News::Access(Access::Session(id))) => self.note(id.uuid()),
                Ok(News::Access(Access::Person(id))) => self.note(id.uuid()),
                Ok(News::Changed(change)) => {
                    if change.touches.contains(&Touch::Organisation) {
                        self.note(change.tenant.uuid());
                    }
                }
                Ok(News::Gap) | Err(TryRecvError::Lagged(_)) => {
                    self.count += 1;
                    self.everything = self.count;
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => return self.count,
            }
        }
    }

    fn note(&mut self, id: Uuid) {
        self.count += 1;
        self.changed.retain(|_, (_, at)| at.elapsed() < NOTED);
        self.changed.insert(id, (self.count, Instant::now()));
    }

    /// Whether what was read at `count` still holds for all of these.
    fn holds(&mut self, count: u64, mut parts: impl Iterator<Item = Uuid>) -> bool {
        self.catch_up();
        let unchanged = |id| self.changed.get(&id).is_none_or(|(at, _)| *at <= count);
        self.everything <= count && parts.all(unchanged)
    }
}
