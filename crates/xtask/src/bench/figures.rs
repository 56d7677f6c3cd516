//! What the bench measured, as it writes it down, and the small statistics over it.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;

/// Everything of one run.
#[derive(Debug, Deserialize)]
pub(super) struct Figures {
    /// The day.
    pub(super) date: String,
    /// What it ran on.
    pub(super) machine: Machine,
    /// Connections that asked at the same time.
    pub(super) connections: u32,
    /// Bytes of the comparison page as it is sent, compressed.
    pub(super) page_bytes: u64,
    /// CPU time of server and PostgreSQL in a second in which nobody asks, in nanoseconds.
    pub(super) idle: u64,
    /// By name: each round's CPU time per request.
    pub(super) cases: BTreeMap<String, Case>,
    /// From sending a publication until the comparison page shows the new figure, in nanoseconds.
    pub(super) seen: Vec<u64>,
    /// From sending a publication until the province's roll-up has it, in nanoseconds.
    pub(super) rolled_up: Vec<u64>,
    /// By name of a case: SQL statements of one request, each a trip to the database.
    pub(super) statements: BTreeMap<String, u64>,
}

/// What the bench ran on.
#[derive(Debug, Deserialize)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) cores: u32,
    pub(super) kernel: String,
    pub(super) postgresql: String,
}

/// The rounds of one case, in nanoseconds per request.
#[derive(Debug, Deserialize)]
pub(super) struct Case {
    /// The server's share.
    pub(super) server: Vec<u64>,
    /// PostgreSQL's share.
    pub(super) database: Vec<u64>,
}

impl Figures {
    /// The case of a name.
    pub(super) fn case(&self, name: &str) -> anyhow::Result<&Case> {
        self.cases.get(name).with_context(|| format!("{name} was not measured"))
    }
}

impl Case {
    /// Server and PostgreSQL together, round by round.
    fn totals(&self) -> Vec<u64> {
        self.server.iter().zip(&self.database).map(|(one, other)| one + other).collect()
    }

    /// The median round.
    pub(super) fn median(&self) -> anyhow::Result<u64> {
        share(self.totals(), 50)
    }

    /// The cheapest and the dearest round.
    pub(super) fn range(&self) -> anyhow::Result<(u64, u64)> {
        let totals = self.totals();
        let least = totals.iter().min().context("a case without rounds")?;
        let most = totals.iter().max().context("a case without rounds")?;
        Ok((*least, *most))
    }

    /// PostgreSQL's part of the median.
    pub(super) fn database(&self) -> anyhow::Result<u64> {
        share(self.database.clone(), 50)
    }
}

/// The value that `percent` of the values do not exceed (nearest rank).
pub(super) fn share(mut values: Vec<u64>, percent: usize) -> anyhow::Result<u64> {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().context("nothing was measured")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_values_that_were_measured() {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(share(hundred.clone(), 50).unwrap(), 50);
        assert_eq!(share(hundred, 99).unwrap(), 99);
        assert_eq!(share(vec![7], 99).unwrap(), 7);
        assert!(share(Vec::new(), 50).is_err());
    }

    #[test]
    fn median_is_of_the_sums_not_the_sum_of_medians() {
        let case = Case { server: vec![1, 2, 9], database: vec![9, 1, 1] };
        assert_eq!(case.median().unwrap(), 10);
        assert_eq!(case.range().unwrap(), (3, 10));
        assert_eq!(case.database().unwrap(), 1);
    }
}
