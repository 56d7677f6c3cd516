//! What waits for a person: the officer's values to record, the verifier's values to decide.

use std::collections::HashMap;

use ekinerja_domain::access::policy::Calendar as CalendarPolicy;
use ekinerja_domain::access::{Governs, Measure, Role, Verify, View};
use ekinerja_domain::evidence::Evidence;
use ekinerja_domain::ids::{IndicatorId, MeasurementId};
use ekinerja_domain::indicator::{Frequency, Indicator};
use ekinerja_domain::measurement::{Measurement, MeasurementStatus};
use ekinerja_domain::period::{EntryRule, EntryWindow, Period, PeriodState, TenantPeriod};
use ekinerja_domain::scorecard::Calendar;
use ekinerja_domain::scoring::Actual;
use ekinerja_domain::target::Target;
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::App;
use crate::refusal::Result;

/// What an officer still has to do with a value, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryStage {
    /// The verifier sent it back.
    Rejected,
    /// A draft that was not submitted.
    Draft,
    /// No value, and the due day has passed.
    Late,
    /// No value yet; the period has ended and values may still come on time.
    Due,
    /// Waits for the verifier.
    Submitted,
    /// Verified; a correction is a new revision.
    Verified,
    /// The period still runs.
    NotYetDue,
}

/// One value that the officer answers for.
#[derive(Debug, Clone)]
pub struct EntryTask {
    /// The indicator.
    pub indicator: Indicator,
    /// The period.
    pub period: TenantPeriod,
    /// How a value may enter now.
    pub entry: EntryRule,
    /// What there is to do.
    pub stage: EntryStage,
    /// The latest revision.
    pub latest: Option<Measurement>,
    /// Whether a revision is verified, so that a new one is a correction and needs a reason.
    pub corrects: bool,
    /// Its evidence.
    pub evidence: Vec<Evidence>,
    /// The figure of the period before it that has one.
    pub previous: Option<Measurement>,
    /// The target in force.
    pub target: Option<Target>,
}

/// The values that wait for an officer.
#[derive(Debug, Clone, Default)]
pub struct EntrySheet {
    /// Indicators that the person may record at all.
    pub indicators: usize,
    /// Periods that take values now, latest first.
    pub periods: Vec<TenantPeriod>,
    /// The values, the most urgent first.
    pub tasks: Vec<EntryTask>,
}

/// One value that waits for a verifier.
#[derive(Debug, Clone)]
pub struct VerificationTask {
    /// The value.
    pub measurement: Measurement,
    /// The indicator.
    pub indicator: Indicator,
    /// Its evidence.
    pub evidence: Vec<Evidence>,
    /// The verified figure of the latest period before.
    pub previous: Option<Measurement>,
    /// The verified revision of the same period that this one would correct.
    pub corrects: Option<Measurement>,
    /// The target in force.
    pub target: Option<Target>,
    /// Whether the person recorded it and therefore may not decide it.
    pub own: bool,
    /// Whether its period is locked, so that nobody may decide it now.
    pub locked: bool,
}

impl App {
    /// The values that the person may record, in every period that takes values now (or in one of them).
    ///
    /// # Errors
    /// The database failed.
    pub async fn entry_sheet(
        &self,
        scope: &TenantScope,
        only: Option<Period>,
    ) -> Result<EntrySheet> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(CalendarPolicy)?;
        let now = tx.now();
        let mine: Vec<Indicator> = tx
            .indicators()
            .all()
            .await?
            .into_iter()
            .filter(|it| <Indicator as Governs<Measure>>::allows(it, tx.standing()))
            .filter(|it| !it.is_retired(now.date_naive()))
            .collect();
        let mut periods = tx.periods().all().await?;
        periods.retain(|it| it.entry_rule(now) != EntryRule::Refused);
        let known = Surroundings::of(&tx, &mine).await?;
        let mut tasks = Vec::new();
        for indicator in &mine {
            let years = known.years.get(&indicator.id);
            for period in &periods {
                let fits = (indicator.manual.frequency == Frequency::Yearly)
                    == period.period.is_year()
                    && only.is_none_or(|only| only == period.period)
                    && years.is_some_and(|years| years.may_measure(period.period));
                if fits {
                    tasks.push(known.task(indicator, period, now));
                }
            }
        }
        let latest: Vec<_> =
            tasks.iter().filter_map(|it| it.latest.as_ref()).map(|it| it.id).collect();
        let mut evidence = evidence_of(&tx, &latest).await?;
        for task in &mut tasks {
            if let Some(latest) = &task.latest {
                task.evidence = evidence.remove(&latest.id).unwrap_or_default();
            }
        }
        // What is late longest comes first; of what is done, the newest.
        tasks.sort_by_key(|it| (it.stage, it.period.period, it.indicator.position));
        Ok(EntrySheet { indicators: mine.len(), periods, tasks })
    }

    /// The submitted values that the person may decide, the oldest submission first; own ones are shown too.
    ///
    /// # Errors
    /// The database failed.
    pub async fn verification_queue(&self, scope: &TenantScope) -> Result<Vec<VerificationTask>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(CalendarPolicy)?;
        let standing = tx.standing();
        let waiting: Vec<Measurement> = tx
            .measurements()
            .waiting()
            .await?
            .into_iter()
            .filter(|it| standing.holds_for(Role::AgencyHead, &it.owner_line))
            .collect();
        let ids: Vec<_> = waiting.iter().map(|it| it.id).collect();
        let mut evidence = evidence_of(&tx, &ids).await?;
        let periods: HashMap<Period, TenantPeriod> =
            tx.periods().all().await?.into_iter().map(|it| (it.period, it)).collect();
        let indicators: HashMap<IndicatorId, Indicator> =
            tx.indicators().all().await?.into_iter().map(|it| (it.id, it)).collect();
        let mut tasks = Vec::with_capacity(waiting.len());
        for measurement in waiting {
            let Some(indicator) = indicators.get(&measurement.indicator) else { continue };
            let series = tx.measurements().series(indicator.id).await?;
            let own = !<Measurement as Governs<Verify>>::allows(&measurement, standing);
            let period = measurement.period;
            let target = tx.targets().in_force_for(indicator.id, period).await?;
            tasks.push(VerificationTask {
                indicator: indicator.clone(),
                evidence: evidence.remove(&measurement.id).unwrap_or_default(),
                corrects: series.iter().find(|it| it.period == period).cloned(),
                previous: before(&series, period).cloned(),
                locked: periods.get(&period).is_none_or(|it| it.is_locked(tx.now())),
                target,
                own,
                measurement,
            });
        }
        Ok(tasks)
    }
}

/// What is needed around a list of indicators.
struct Surroundings {
    years: HashMap<IndicatorId, ekinerja_domain::plan::PlanYears>,
    measurements: HashMap<IndicatorId, Vec<Measurement>>,
    targets: HashMap<(IndicatorId, Period), Target>,
}

impl Surroundings {
    async fn of(tx: &TenantTx, indicators: &[Indicator]) -> Result<Self> {
        let plans: HashMap<_, _> =
            tx.plans().all().await?.into_iter().map(|it| (it.id, it.years)).collect();
        let years = indicators
            .iter()
            .filter_map(|it| plans.get(&it.plan).map(|years| (it.id, *years)))
            .collect();
        let ids: Vec<_> = indicators.iter().map(|it| it.id).collect();
        let mut measurements: HashMap<_, Vec<Measurement>> = HashMap::new();
        for it in tx.measurements().of_indicators(&ids).await? {
            measurements.entry(it.indicator).or_default().push(it);
        }
        let targets = tx.targets().all_in_force().await?;
        let targets = targets.into_iter().map(|it| ((it.indicator, it.period), it)).collect();
        Ok(Self { years, measurements, targets })
    }

    fn task(
        &self,
        indicator: &Indicator,
        period: &TenantPeriod,
        now: chrono::DateTime<chrono::Utc>,
    ) -> EntryTask {
        let known = self.measurements.get(&indicator.id).map_or(&[][..], Vec::as_slice);
        let of_period = || known.iter().filter(|it| it.period == period.period);
        let latest = of_period().max_by_key(|it| it.revision).cloned();
        let calendar = Calendar {
            today: now.date_naive(),
            window: EntryWindow::default(),
            closing: period.state != PeriodState::Open,
        };
        let stage = match latest.as_ref().map(|it| it.status) {
            Some(MeasurementStatus::Rejected) => EntryStage::Rejected,
            Some(MeasurementStatus::Draft) => EntryStage::Draft,
            Some(MeasurementStatus::Submitted) => EntryStage::Submitted,
            Some(MeasurementStatus::Verified) => EntryStage::Verified,
            None => match calendar.absence(period.period) {
                Actual::NotYetDue => EntryStage::NotYetDue,
                Actual::Missing { due: false } => EntryStage::Due,
                _ => EntryStage::Late,
            },
        };
        EntryTask {
            stage,
            entry: period.entry_rule(now),
            previous: before(known, period.period).cloned(),
            target: self.targets.get(&(indicator.id, period.period)).cloned(),
            corrects: of_period().any(|it| it.status == MeasurementStatus::Verified),
            evidence: Vec::new(),
            indicator: indicator.clone(),
            period: period.clone(),
            latest,
        }
    }
}

/// The latest figure of a period before this one: verified where there is one, not a draft or rejected one.
fn before(known: &[Measurement], period: Period) -> Option<&Measurement> {
    let counts = |it: &&Measurement| {
        it.period.last_day() < period.last_day()
            && it.period.is_year() == period.is_year()
            && matches!(it.status, MeasurementStatus::Verified | MeasurementStatus::Submitted)
    };
    known
        .iter()
        .filter(counts)
        .max_by_key(|it| (it.period, it.status == MeasurementStatus::Verified, it.revision))
}

async fn evidence_of(
    tx: &TenantTx,
    ids: &[MeasurementId],
) -> Result<HashMap<MeasurementId, Vec<Evidence>>> {
    let mut sorted: HashMap<_, Vec<Evidence>> = HashMap::new();
    for it in tx.evidence().of(ids).await? {
        sorted.entry(it.measurement).or_default().push(it);
    }
    Ok(sorted)
}
