//! Rounds of requests, and what each round costs the measured processes.

use std::time::{Duration, Instant};

use anyhow::ensure;
use futures::future::try_join_all;

use crate::{
    cpu::{Spent, Watched},
    wire::{Connection, Request},
};

/// One round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// How many requests it had.
    pub(crate) requests: u64,
    /// What they cost.
    pub(crate) spent: Spent,
    /// How long it took.
    pub(crate) took: Duration,
}

/// All rounds of one case.
#[derive(Debug, Default)]
pub(crate) struct Rounds(Vec<Round>);

impl Rounds {
    /// Adds a round.
    pub(crate) fn push(&mut self, round: Round) {
        self.0.push(round);
    }

    /// As the results have it: nanoseconds per request, round by round.
    pub(crate) fn told(&self) -> serde_json::Value {
        let per = |of: fn(&Spent) -> u64| -> Vec<u64> {
            self.0.iter().map(|it| of(&it.spent) / it.requests.max(1)).collect()
        };
        serde_json::json!({
            "requests": self.0.first().map_or(0, |it| it.requests),
            "server": per(|it| it.server),
            "database": per(|it| it.database),
        })
    }

    /// The last round in words, for who watches.
    pub(crate) fn last_words(&self) -> String {
        let Some(round) = self.0.last() else { return "nothing".to_owned() };
        let requests = round.requests.max(1);
        let micros = |it: u64| it / requests / 1_000;
        format!(
            "{requests} requests, each {} µs server + {} µs PostgreSQL, {} ms in all",
            micros(round.spent.server),
            micros(round.spent.database),
            round.took.as_millis()
        )
    }
}

/// Sends every request, shared out over the connections, and reads the accounts before and after.
///
/// # Errors
/// An answer has another status than `expected`: a figure of failures would be a wrong figure.
pub(crate) async fn round(
    watched: Watched,
    connections: &mut [Connection],
    requests: &[Request],
    expected: u16,
) -> anyhow::Result<Round> {
    ensure!(!requests.is_empty() && !connections.is_empty(), "a round without requests");
    let share = requests.len().div_ceil(connections.len());
    let before = watched.read()?;
    let started = Instant::now();
    let sending =
        connections.iter_mut().zip(requests.chunks(share)).map(|(connection, share)| async move {
            for request in share {
                connection.ask(request).await?.expect(expected)?;
            }
            anyhow::Ok(())
        });
    try_join_all(sending).await?;
    let took = started.elapsed();
    let spent = watched.read()?.since(&before);
    let requests = u64::try_from(requests.len())?;
    Ok(Round { requests, spent, took })
}

/// What the processes use in a second in which nobody asks, in nanoseconds.
pub(crate) async fn idle(watched: Watched) -> anyhow::Result<u64> {
    let before = watched.read()?;
    let started = Instant::now();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let spent = watched.read()?.since(&before);
    let millis = u64::try_from(started.elapsed().as_millis())?.max(1);
    Ok((spent.server + spent.database) * 1_000 / millis)
}
