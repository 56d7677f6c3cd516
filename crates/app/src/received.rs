//! What a province received and is in force, kept in memory: a publication's lines never change, so that after
//! another one only the new lines are read.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use ekinerja_domain::ids::{PublicationId, TenantId};
use ekinerja_domain::indicator::IndicatorCode;
use ekinerja_domain::period::Period;
use ekinerja_store::TenantTx;
use ekinerja_store::cache::{Depends, Found, TenantCache};
use ekinerja_store::change::Changes;
use ekinerja_store::publications::{ReceivedHeads, ReceivedLine};
use ekinerja_store::rollups::KeptRollUp;

use crate::app::{App, OnDemand};
use crate::refusal::Result;

/// Publications in force with their lines.
#[derive(Debug)]
pub(crate) struct ReceivedFigures {
    /// What is in force and what was taken back.
    pub(crate) heads: ReceivedHeads,
    /// Lines of each publication, by code.
    lines: HashMap<PublicationId, Arc<Vec<ReceivedLine>>>,
}

/// What the entries of the cache weigh: they share their lines, which are counted with the province's own.
const FIGURES_SIZE: u32 = 8 * 1024;
/// How many bytes of entries a process keeps.
const FIGURES_ROOM: u64 = 32 * 1024 * 1024;

/// A guess at the bytes of an indicator's roll-ups.
const SERIES_SIZE: u32 = 32 * 1024;

/// Where a process keeps what provinces received.
#[derive(Debug)]
pub(crate) struct Received {
    /// What each reader may be shown, as long as nothing is published.
    valid: TenantCache<Arc<ReceivedFigures>>,
    /// An indicator's roll-ups in every period, as long as nothing is published.
    series: TenantCache<Arc<Vec<KeptRollUp>>>,
    /// What was read last in each province: where reading goes on after a publication.
    latest: Mutex<HashMap<TenantId, Arc<ReceivedFigures>>>,
}

impl Received {
    /// Hears what is published.
    pub(crate) fn hearing(changes: &Changes) -> Self {
        let valid = TenantCache::new(changes, FIGURES_ROOM, |_| FIGURES_SIZE);
        let series = TenantCache::new(changes, FIGURES_ROOM, |_| SERIES_SIZE);
        Self { valid, series, latest: Mutex::default() }
    }

    fn latest(&self, tenant: TenantId) -> Option<Arc<ReceivedFigures>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    fn keep(&self, tenant: TenantId, figures: Arc<ReceivedFigures>) {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, figures);
    }
}

impl ReceivedFigures {
    async fn read(tx: &TenantTx, known: Option<&Self>) -> Result<Self> {
        let heads = tx.received().heads().await?;
        let mut lines = HashMap::new();
        let mut new = Vec::new();
        for id in heads.ids() {
            match known.and_then(|it| it.lines.get(&id)) {
                Some(same) => {
                    lines.insert(id, Arc::clone(same));
                }
                None => new.push(id),
            }
        }
        let mut read: BTreeMap<PublicationId, Vec<ReceivedLine>> = BTreeMap::new();
        for line in tx.received().lines_with(&new, &heads).await? {
            read.entry(line.publication).or_default().push(line);
        }
        for id in new {
            let mut of_one = read.remove(&id).unwrap_or_default();
            of_one.sort_by(|one, other| one.code().cmp(other.code()));
            lines.insert(id, Arc::new(of_one));
        }
        Ok(Self { heads, lines })
    }

    /// Lines in force of an indicator, in every period.
    pub(crate) fn lines_of(&self, code: &IndicatorCode) -> impl Iterator<Item = &ReceivedLine> {
        self.lines.values().filter_map(move |of_one| {
            let at = of_one.binary_search_by(|it| it.code().cmp(code)).ok()?;
            of_one.get(at)
        })
    }

    /// Every line in force in one period.
    pub(crate) fn lines_in(&self, period: Period) -> impl Iterator<Item = &ReceivedLine> {
        let in_period = move |it: &ReceivedLine| it.period == period;
        self.lines
            .values()
            .filter(move |of_one| of_one.first().is_some_and(in_period))
            .flat_map(|of_one| of_one.iter())
    }
}

impl App {
    /// What the scope's province received, from memory where nothing was published since. For what is looked at;
    /// what is computed and kept reads in its own transaction.
    pub(crate) async fn received_figures(
        &self,
        tenant: &OnDemand<'_>,
    ) -> Result<Arc<ReceivedFigures>> {
        let depends = [Depends::EveryPeriod, Depends::Organisation];
        match self.received.valid.look_up(tenant.scope(), String::from("received"), &depends).await
        {
            Found::Hit(figures) => Ok(figures),
            Found::Miss(place) => {
                let tx = tenant.tx().await?;
                let known = self.received.latest(tx.tenant_id());
                let figures =
                    Arc::new(Box::pin(ReceivedFigures::read(tx, known.as_deref())).await?);
                self.received.keep(tx.tenant_id(), Arc::clone(&figures));
                self.received.valid.keep(place, Arc::clone(&figures)).await;
                Ok(figures)
            }
        }
    }

    /// The kept roll-ups of an indicator, by period, from memory where none was made since.
    pub(crate) async fn rollup_series(
        &self,
        tenant: &OnDemand<'_>,
        code: &IndicatorCode,
    ) -> Result<Arc<Vec<KeptRollUp>>> {
        let depends = [Depends::EveryPeriod, Depends::Plan];
        match self.received.series.look_up(tenant.scope(), code.as_str().to_owned(), &depends).await
        {
            Found::Hit(series) => Ok(series),
            Found::Miss(place) => {
                let series = Arc::new(tenant.tx().await?.rollups().of_indicator(code).await?);
                self.received.series.keep(place, Arc::clone(&series)).await;
                Ok(series)
            }
        }
    }
}
