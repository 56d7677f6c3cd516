//! Roll-ups: the province's figure from its regencies' publications, by the declared method.
//!
//! Incremental: a publication computes its own period again, and those whose coverage is measured with sizes
//! that it changed. A full recalculation computes every period with the same function; since a figure
//! depends on what is in force and on nothing that was computed before, both give the same digits.

use std::collections::{BTreeMap, BTreeSet};

use ekinerja_domain::comparison::PublishedLine;
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::indicator::{Frequency, IndicatorCode};
use ekinerja_domain::period::Period;
use ekinerja_domain::rollup::{MemberLines, ProvincialRollUp, PublishedRollUp, Sizes};
use ekinerja_domain::tenant::{RegionCode, Tenant};
use ekinerja_domain::yardstick::Yardstick;
use ekinerja_store::publications::{ReceivedHeads, ReceivedLine};
use ekinerja_store::queue::ClaimedJob;
use ekinerja_store::rollups::sizes_hash;
use ekinerja_store::{TenantScope, TenantTx};
use rust_decimal::Decimal;

use crate::app::App;
use crate::jobs;
use crate::known_releases::KnownReleases;
use crate::province::{Definitions, Regency, line_of, regencies, state_of};
use crate::publications::{province_only, read_period};
use crate::refusal::{Refusal, Result};

pub use ekinerja_store::rollups::KeptRollUp;

/// A roll-up with what its page shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollUpView {
    /// The roll-up.
    pub kept: KeptRollUp,
    /// Every regency of the province.
    pub regencies: Vec<Regency>,
    /// The same indicator in every period.
    pub series: Vec<KeptRollUp>,
    /// Name of the variable that coverage is measured with.
    pub size_name: Option<String>,
}

/// What a recalculation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recalculated {
    /// Periods that were computed.
    pub periods: usize,
    /// Roll-ups that became other ones.
    pub changed: u64,
}

impl App {
    /// The roll-up of one indicator; without a period of the last one in which anything was published.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] outside a province and for an indicator that has no roll-up; [`Refusal::Invalid`]
    /// names `period`.
    pub async fn rollup(
        &self,
        scope: &TenantScope,
        code: &str,
        period: Option<&str>,
    ) -> Result<RollUpView> {
        let tx = self.begin(scope).await?;
        province_only(&tx)?;
        let code = IndicatorCode::new(code).map_err(|_| Refusal::NotFound)?;
        let asked = period.map(|it| read_period("period", it)).transpose()?;
        let series = tx.rollups().of_indicator(&code).await?;
        let reported = |it: &&KeptRollUp| {
            it.rollup.rolled.coverage.reporting > 0 || it.rollup.official.is_some()
        };
        let kept = match asked {
            Some(period) => series.iter().find(|it| it.rollup.period == period),
            None => series.iter().rev().find(reported).or(series.last()),
        };
        let kept = kept.cloned().ok_or(Refusal::NotFound)?;
        let size_name = match &kept.rollup.sizes {
            None => None,
            Some(sizes) => {
                tx.indicators().find_by_code(&sizes.code).await?.map(|it| it.manual.name)
            }
        };
        Ok(RollUpView { kept, regencies: regencies(&tx).await?, series, size_name })
    }

    /// Every roll-up of a period, by code.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] outside a province; [`Refusal::Invalid`] names `period`.
    pub async fn rollups(&self, scope: &TenantScope, period: &str) -> Result<Vec<KeptRollUp>> {
        let tx = self.begin(scope).await?;
        province_only(&tx)?;
        let period = read_period("period", period)?;
        Ok(tx.rollups().of_period(period).await?)
    }

    /// Computes every roll-up of a province again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn roll_up_everything(&self, scope: &TenantScope) -> Result<Recalculated> {
        let tx = self.begin(scope).await?;
        tx.rollups().hold().await?;
        let basis = Basis::read(&tx, &self.known_releases).await?;
        let mut periods: BTreeSet<_> = basis.heads.periods().into_iter().collect();
        periods.extend(tx.rollups().marks().await?.iter().map(|it| it.period));
        let done = basis.compute(&tx, &periods).await?;
        let mut event = Event::new(EventKind::RollupRecalculated, "all")
            .fact("periods", done.periods)
            .fact("changed", done.changed);
        if done.changed > 0 {
            event = periods.iter().fold(event, |event, it| event.touching(Touch::Period(*it)));
        }
        tx.commit(event).await?;
        Ok(done)
    }

    /// Computes what publications and revocations to one audience changed. Runs in the audience's tenant, whose
    /// trail so says what came.
    pub(crate) async fn roll_up_as_asked(&self, jobs: &[ClaimedJob]) -> Result<()> {
        let Some(first) = jobs.first() else { return Ok(()) };
        let asked = jobs.iter().map(Asked::of).collect::<Result<Vec<_>>>()?;
        let directory = self.store.directory(self.now()).await?;
        let audience = directory.audience_of(first).await?;
        drop(directory);
        let tx = self.begin(&audience).await?;
        tx.rollups().hold().await?;
        let basis = Basis::read(&tx, &self.known_releases).await?;
        let mut periods = basis.periods_of_changed_sizes(&tx).await?;
        periods.extend(asked.iter().map(|it| it.period));
        let done = basis.compute(&tx, &periods).await?;
        let mut events: Vec<_> = asked
            .iter()
            .map(|it| {
                Event::new(EventKind::RollupRecalculated, it.publisher.id)
                    .fact("publisher", &it.publisher.name)
                    .fact("period", it.period)
                    .fact_if("number", it.number)
                    .fact("what", &it.what)
                    .fact("changed", done.changed)
            })
            .collect();
        if let Some(last) = events.pop() {
            let touched = periods.iter().fold(last, |event, it| event.touching(Touch::Period(*it)));
            events.push(touched);
        }
        tx.commit_all(events).await?;
        Ok(())
    }
}

/// What one job of a publication says.
struct Asked {
    publisher: Tenant,
    period: Period,
    number: Option<i64>,
    what: String,
}

impl Asked {
    fn of(job: &ClaimedJob) -> Result<Self> {
        let text = |name: &str| job.payload.get(name).and_then(serde_json::Value::as_str);
        let period = text("period").and_then(|it| it.parse().ok());
        Ok(Self {
            publisher: job.scope().tenant().clone(),
            period: period.ok_or_else(|| Refusal::internal("the job names no period"))?,
            number: job.payload.get("number").and_then(serde_json::Value::as_i64),
            what: text("what").unwrap_or_default().to_owned(),
        })
    }
}

/// Asks for every roll-up of the tenant to be computed again once this transaction has committed: a release
/// or a definition changed.
///
/// # Errors
/// The database failed.
pub(crate) async fn ask_for_all(tx: &TenantTx) -> Result<()> {
    // Where nothing was ever rolled up there is nothing to compute again.
    if tx.tenant().parent.is_none() && !tx.rollups().marks().await?.is_empty() {
        tx.enqueue(jobs::ROLLUP_ALL, serde_json::json!({})).await?;
    }
    Ok(())
}

/// Sizes of regencies by variable and period, and which variable serves where an indicator names none.
pub(crate) struct SizeBook {
    regions: Vec<RegionCode>,
    by_code: BTreeMap<IndicatorCode, BTreeMap<Period, BTreeMap<RegionCode, Decimal>>>,
}

impl SizeBook {
    /// Reads what regencies published of the variables that the plan weighs with.
    ///
    /// # Errors
    /// The database failed.
    pub(crate) async fn read(
        tx: &TenantTx,
        definitions: &Definitions,
        regencies: &[Regency],
        heads: &ReceivedHeads,
    ) -> Result<Self> {
        let variables: BTreeSet<_> =
            definitions.own().filter_map(|it| it.manual.weight_variable.clone()).collect();
        let codes: Vec<_> = variables.into_iter().collect();
        let mut by_code: BTreeMap<_, BTreeMap<_, BTreeMap<_, _>>> = BTreeMap::new();
        let lines = tx.received().lines_of(&codes, heads).await?;
        for line in lines {
            let Some(regency) = regencies.iter().find(|it| it.tenant == Some(line.publisher))
            else {
                continue;
            };
            let code = line.value.definition.code.clone();
            let yardstick = definitions.yardstick(&code, line.period);
            let fits = yardstick.is_some_and(|it| it.admits(&line.value).is_ok());
            if let Some(value) = line.value.value.filter(|it| fits && !it.is_sign_negative()) {
                let of = by_code.entry(code).or_default().entry(line.period).or_default();
                of.insert(regency.code.clone(), value);
            }
        }
        for code in codes {
            by_code.entry(code).or_default();
        }
        let regions = regencies.iter().map(|it| it.code.clone()).collect();
        Ok(Self { regions, by_code })
    }

    /// Sizes for one indicator: by its own weight variable, else by the plan's if the plan has just one.
    fn sizes(&self, yardstick: &Yardstick, period: Period) -> Option<Sizes> {
        self.of(self.variable(yardstick)?, period)
    }

    fn variable<'a>(&'a self, yardstick: &'a Yardstick) -> Option<&'a IndicatorCode> {
        yardstick.weight_variable.as_ref().or_else(|| self.only())
    }

    fn only(&self) -> Option<&IndicatorCode> {
        self.by_code.keys().next().filter(|_| self.by_code.len() == 1)
    }

    /// Sizes by the variable of the plan, if its indicators are weighed by just one.
    pub(crate) fn of_plan(&self, period: Period) -> Option<Sizes> {
        self.of(self.only()?, period)
    }

    fn of(&self, code: &IndicatorCode, period: Period) -> Option<Sizes> {
        Sizes::nearest(code, period, &self.regions, self.by_code.get(code)?)
    }
}

/// What every period of a recalculation shares.
struct Basis {
    definitions: Definitions,
    regencies: Vec<Regency>,
    heads: ReceivedHeads,
    book: SizeBook,
}

impl Basis {
    async fn read(tx: &TenantTx, known: &KnownReleases) -> Result<Self> {
        let definitions = Definitions::read(tx, known).await?;
        let regencies = regencies(tx).await?;
        let heads = tx.received().heads().await?;
        let book = SizeBook::read(tx, &definitions, &regencies, &heads).await?;
        Ok(Self { definitions, regencies, heads, book })
    }

    /// Periods whose roll-ups measure coverage with sizes that are other ones now.
    async fn periods_of_changed_sizes(&self, tx: &TenantTx) -> Result<BTreeSet<Period>> {
        // One variable and period has one hash, however many indicators are measured with it.
        let mut hashes = BTreeMap::new();
        let mut changed = BTreeSet::new();
        for mark in tx.rollups().marks().await? {
            let code = IndicatorCode::new(&mark.code).ok();
            let yardstick = code.and_then(|it| self.definitions.yardstick(&it, mark.period));
            let variable = yardstick.and_then(|it| self.book.variable(&it).cloned());
            let sizes = hashes.entry((variable.clone(), mark.period)).or_insert_with(|| {
                let sizes = variable.and_then(|it| self.book.of(&it, mark.period));
                sizes.map(|it| sizes_hash(&it))
            });
            if *sizes != mark.sizes {
                changed.insert(mark.period);
            }
        }
        Ok(changed)
    }

    /// Computes and keeps every roll-up of these periods.
    async fn compute(&self, tx: &TenantTx, periods: &BTreeSet<Period>) -> Result<Recalculated> {
        let mut changed = 0;
        for period in periods {
            let rollups = self.of_period(tx, *period).await?;
            changed += tx.rollups().keep(*period, &rollups).await?;
        }
        Ok(Recalculated { periods: periods.len(), changed })
    }

    async fn of_period(&self, tx: &TenantTx, period: Period) -> Result<Vec<ProvincialRollUp>> {
        let heads = self.heads.of(period);
        let lines = tx.received().lines_in(period, &self.heads).await?;
        let member = |it: &Regency| MemberLines {
            region: it.code.clone(),
            state: state_of(it.tenant, &heads),
            lines: lines_of_one(it.tenant, &lines),
        };
        let members: Vec<_> = self.regencies.iter().map(member).collect();
        let own = lines_of_one(Some(tx.tenant_id()), &lines);
        let yardsticks = self.definitions.yardsticks(period);
        // A yearly indicator has no figure in a quarter.
        let fits = |it: &&Yardstick| {
            let own = self.definitions.own().find(|own| own.code == it.definition.code);
            period.is_year() || own.is_none_or(|it| it.manual.frequency == Frequency::Quarterly)
        };
        yardsticks
            .values()
            .filter(fits)
            .map(|yardstick| {
                let sizes = self.book.sizes(yardstick, period);
                let input = PublishedRollUp {
                    yardsticks: &yardsticks,
                    members: &members,
                    official: own.get(&yardstick.definition.code),
                    sizes: sizes.as_ref(),
                };
                input.of(period, yardstick).map_err(|error| Refusal::internal(error.to_string()))
            })
            .collect()
    }
}

/// The lines of one publisher, by code.
fn lines_of_one(
    tenant: Option<TenantId>,
    lines: &[ReceivedLine],
) -> BTreeMap<IndicatorCode, PublishedLine> {
    lines
        .iter()
        .filter(|it| Some(it.publisher) == tenant)
        .map(|it| (it.value.definition.code.clone(), line_of(it)))
        .collect()
}
