//! The cases: what one round of each asks of whom.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use ekinerja_embedded::Cluster;
use serde_json::Value;

use crate::{
    cpu::Watched,
    load::{Round, round},
    product::Product,
    references::{self, References},
    script::{self, Manner, Publisher, Readers, Recorder},
    statements::Statements,
    wire::{Connection, Request},
};

/// Connections that ask at the same time; as many as the product's door of the tenants has to the database.
pub(crate) const CONNECTIONS: usize = 10;

/// What is measured, in the order of the first half of a pair of rounds.
pub(crate) const CASES: [&str; 11] = [
    "page",
    "comparison-hit",
    "not-modified",
    "comparison-not-modified",
    "select",
    "drill-down",
    "insert",
    "record",
    "record-and-submit",
    "record-once",
    "comparison-miss",
];

/// Everything that a round needs.
#[derive(Debug)]
pub(crate) struct Bench {
    /// The product and its database.
    pub(crate) watched: Watched,
    bare: Watched,
    to_product: Vec<Connection>,
    to_references: Vec<Connection>,
    /// What readers ask for.
    pub(crate) readers: Readers,
    recorders: Vec<Recorder>,
    publisher: Publisher,
    /// From sending a publication until the comparison page shows it.
    pub(crate) seen: Vec<Duration>,
    /// From sending a publication until the province's roll-up has it.
    pub(crate) rolled_up: Vec<Duration>,
    address: SocketAddr,
}

impl Bench {
    /// Signs everybody in and connects.
    pub(crate) async fn prepare(
        product: &Product,
        cluster: &Cluster,
        references: &References,
        readers: Readers,
    ) -> anyhow::Result<Self> {
        let mut recorders = Vec::new();
        for tenant in script::RECORDERS {
            recorders.push(Recorder::prepare(product, tenant, "petugas", None).await?);
        }
        let watched = product.watched(cluster);
        Ok(Self {
            bare: Watched { server: references.process(), ..watched },
            watched,
            to_product: Connection::open_many(product.address, CONNECTIONS).await?,
            to_references: Connection::open_many(references.address, CONNECTIONS).await?,
            readers,
            recorders,
            publisher: Publisher::prepare(product).await?,
            seen: Vec::new(),
            rolled_up: Vec::new(),
            address: product.address,
        })
    }

    /// Every case once without being counted: pools fill, statements are prepared.
    pub(crate) async fn warm_up(&mut self) -> anyhow::Result<()> {
        for case in CASES {
            self.case(case).await.with_context(|| case.to_owned())?;
        }
        self.seen.clear();
        self.rolled_up.clear();
        Ok(())
    }

    /// One round of a case.
    pub(crate) async fn case(&mut self, name: &str) -> anyhow::Result<Round> {
        match name {
            "page" => self.bare_page(None, 200).await,
            "not-modified" => self.bare_page(Some(references::TAG), 304).await,
            "select" => {
                let ids = (1..=references::ROWS).cycle().take(1_000);
                let all: Vec<_> =
                    ids.map(|id| Request::get(&format!("/select/{id}"), &[])).collect();
                round(self.bare, &mut self.to_references, &all, 200).await
            }
            "insert" => {
                let body = Value::Null;
                let all = vec![Request::json("POST", "/insert/JPM", &[], &body); 500];
                round(self.bare, &mut self.to_references, &all, 201).await
            }
            "comparison-hit" => {
                let all = vec![self.readers.comparison.clone(); 3_000];
                let last = self.to_product.first_mut().context("a connection")?;
                // The publication of the round before dropped it.
                last.ask(&self.readers.comparison).await?.expect(200)?;
                script::expect_memory(last, &self.readers.comparison, true).await?;
                round(self.watched, &mut self.to_product, &all, 200).await
            }
            "comparison-not-modified" => {
                let all = vec![self.readers.known.clone(); 3_000];
                self.to_product[0].ask(&self.readers.comparison).await?.expect(200)?;
                round(self.watched, &mut self.to_product, &all, 304).await
            }
            "drill-down" => {
                let all = vec![self.readers.drill_down.clone(); 300];
                round(self.watched, &mut self.to_product, &all, 200).await
            }
            "record" => self.record(Manner::Draft).await,
            "record-and-submit" => self.record(Manner::Submitted).await,
            "record-once" => self.record(Manner::SubmittedOnce).await,
            "comparison-miss" => {
                self.publish(10).await?;
                // The worker marks its last job as done.
                tokio::time::sleep(Duration::from_millis(200)).await;
                let last = self.to_product.first_mut().context("a connection")?;
                script::expect_memory(last, &self.readers.comparison, false).await?;
                // That one is in memory now.
                let all: Vec<_> = self.readers.comparisons.clone();
                round(self.watched, &mut self.to_product, &all, 200).await
            }
            other => bail!("there is no case {other}"),
        }
    }

    async fn bare_page(&mut self, tag: Option<&str>, expected: u16) -> anyhow::Result<Round> {
        let known = tag.map(|it| format!("if-none-match: {it}")).unwrap_or_default();
        let headers: Vec<&str> = tag.map(|_| known.as_str()).into_iter().collect();
        let all = vec![Request::get("/page", &headers); 3_000];
        round(self.bare, &mut self.to_references, &all, expected).await
    }

    /// Each officer on a connection of their own, so that nobody overtakes anybody.
    async fn record(&mut self, manner: Manner) -> anyhow::Result<Round> {
        let connections = self.recorders.len();
        let mut all = Vec::new();
        for recorder in &mut self.recorders {
            all.extend((0..20).map(|_| recorder.next(manner)));
        }
        round(self.watched, &mut self.to_product[..connections], &all, 201).await
    }

    async fn publish(&mut self, times: usize) -> anyhow::Result<()> {
        for _ in 0..times {
            let arrival = self.publisher.publish().await?;
            self.seen.push(arrival.seen);
            self.rolled_up.push(arrival.rolled_up);
        }
        Ok(())
    }

    /// The median count of statements of one request of each case.
    pub(crate) async fn statements(
        &mut self,
        cluster: &Cluster,
    ) -> anyhow::Result<BTreeMap<&'static str, u64>> {
        let counting = Statements::telling(cluster).await?;
        let counted = self.count(&counting).await;
        counting.stop().await?;
        counted
    }

    async fn count(
        &mut self,
        counting: &Statements<'_>,
    ) -> anyhow::Result<BTreeMap<&'static str, u64>> {
        const TIMES: usize = 9;
        let mut connection = Connection::open(self.address).await?;
        // After a publication each comparison is asked for the first time again.
        self.publish(1).await?;
        let misses: Vec<_> = self.readers.comparisons.iter().take(TIMES).cloned().collect();
        let mut of = |manner| -> Vec<Request> {
            (0..TIMES).map(|_| self.recorders[0].next(manner)).collect()
        };
        let cases = [
            ("comparison-miss", misses),
            ("record", of(Manner::Draft)),
            ("record-and-submit", of(Manner::Submitted)),
            ("record-once", of(Manner::SubmittedOnce)),
            ("drill-down", vec![self.readers.drill_down.clone(); TIMES]),
            ("comparison-hit", vec![self.readers.comparison.clone(); TIMES]),
            ("comparison-not-modified", vec![self.readers.known.clone(); TIMES]),
        ];
        let mut medians = BTreeMap::new();
        for (name, requests) in cases {
            let mut counts = Vec::new();
            for request in &requests {
                let mark = counting.mark()?;
                connection.ask(request).await?;
                // The connection is given back to the pool, with its rollback, after the answer.
                tokio::time::sleep(Duration::from_millis(30)).await;
                counts.push(counting.since(mark)?);
            }
            counts.sort_unstable();
            medians.insert(name, counts[TIMES / 2]);
        }
        Ok(medians)
    }
}
