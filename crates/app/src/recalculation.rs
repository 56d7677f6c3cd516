//! Scoring again what a change touches.
//!
//! A value that is submitted, verified or sent back is scored in the transaction of that step: the person reads
//! the new score with the answer, no worker has to run, and score and value can never disagree. What touches a
//! whole period (targets, weights, the plan, the rule set, the calendar) is scored by a job, since it takes
//! longer. Both hold the period's row first, so that two of them never miss each other's figures.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{IndicatorId, PlanId, PlanNodeId};
use ekinerja_domain::indicator::Indicator;
use ekinerja_domain::measurement::Measurement;
use ekinerja_domain::period::{EntryWindow, Period, PeriodState, TenantPeriod};
use ekinerja_domain::plan::{PerspectiveSetting, PlanNode, PlanYears};
use ekinerja_domain::quantity::Weight;
use ekinerja_domain::scorecard::{
    Calendar, Figure, IndicatorScore, Known, Placement, level_scores, score_indicator,
};
use ekinerja_domain::scoring::{Reason, RuleSet, RuleSetPurpose};
use ekinerja_domain::target::{Target, TargetStatus};
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::App;
use crate::refusal::{Refusal, Result};

/// Kind of the job that scores a period again; its payload is `{"period": "2023"}`.
pub const JOB: &str = "recalculate";

impl App {
    /// Scores a whole period again, unless it is closed.
    ///
    /// # Errors
    /// The database failed.
    pub async fn recalculate(&self, scope: &TenantScope, period: Period) -> Result<()> {
        let tx = self.begin(scope).await?;
        let Some(held) = tx.periods().hold(&[period]).await?.pop() else { return Ok(()) };
        if held.state == PeriodState::Closed {
            return Ok(());
        }
        rescore_period(&tx, &held).await?;
        let event =
            Event::new(EventKind::ScorecardRecalculated, period).touching(Touch::Period(period));
        tx.commit(event).await?;
        Ok(())
    }

    /// Does a job of kind [`JOB`].
    ///
    /// # Errors
    /// The payload names no period, or the database failed.
    pub async fn recalculate_as_asked(
        &self,
        scope: &TenantScope,
        payload: &serde_json::Value,
    ) -> Result<()> {
        let period = payload.get("period").and_then(serde_json::Value::as_str);
        let period = period.and_then(|it| it.parse().ok());
        let period = period.ok_or_else(|| Refusal::internal("the job names no period"))?;
        self.recalculate(scope, period).await
    }
}

/// Whether a value that was not due when it was scored would be something else today: no event marks that a
/// day went by, so the scorecard asks before it shows a period that is not closed.
pub(crate) fn overdue(held: &TenantPeriod, scores: &[IndicatorScore], now: DateTime<Utc>) -> bool {
    if held.state == PeriodState::Closed {
        return false;
    }
    let periods = || of_year(held.period).into_iter();
    let phase = |at: DateTime<Utc>| {
        let today = at.date_naive();
        periods()
            .map(|it| (today > it.last_day(), it.is_due(today, EntryWindow::default())))
            .collect::<Vec<_>>()
    };
    let today = phase(now);
    scores.iter().any(|it| {
        matches!(it.outcome.reason(), Some(Reason::Pending | Reason::NotYetDue))
            && phase(it.computed_at) != today
    })
}

/// Asks for periods to be scored again once this transaction has committed.
///
/// # Errors
/// The database failed.
pub(crate) async fn ask(
    tx: &TenantTx,
    periods: impl IntoIterator<Item = Period> + Send,
) -> Result<()> {
    let mut periods: Vec<Period> = periods.into_iter().collect();
    periods.sort_unstable();
    periods.dedup();
    for period in periods {
        tx.enqueue(JOB, serde_json::json!({ "period": period.to_string() })).await?;
    }
    Ok(())
}

/// Asks for every period that is not closed to be scored again: weights, the plan or an indicator changed.
///
/// # Errors
/// The database failed.
pub(crate) async fn ask_for_open_periods(tx: &TenantTx) -> Result<()> {
    let periods = tx.periods().all().await?;
    ask(tx, periods.into_iter().filter(|it| it.state != PeriodState::Closed).map(|it| it.period))
        .await
}

/// Scores all indicators of a period that the transaction holds, and its levels.
///
/// # Errors
/// The database failed.
pub(crate) async fn rescore_period(tx: &TenantTx, held: &TenantPeriod) -> Result<()> {
    let period = held.period;
    let rules = tx.rule_sets().chosen(RuleSetPurpose::Own, period.calendar_year()).await?;
    let indicators = tx.indicators().all().await?;
    let places = Places::of(tx).await?;
    let year = of_year(period);
    let mut measurements: HashMap<IndicatorId, Vec<Measurement>> = HashMap::new();
    for it in tx.measurements().of_periods(&year, None).await? {
        measurements.entry(it.indicator).or_default().push(it);
    }
    let mut targets: HashMap<IndicatorId, Vec<Target>> = HashMap::new();
    for it in &year {
        for target in tx.targets().in_force(*it).await? {
            targets.entry(target.indicator).or_default().push(target);
        }
    }
    let mut scores = Vec::with_capacity(indicators.len());
    for indicator in &indicators {
        let measurements = measurements.get(&indicator.id).map_or(&[][..], Vec::as_slice);
        let targets = targets.get(&indicator.id).map_or(&[][..], Vec::as_slice);
        let known = Known { measurements, targets };
        let Some(placement) = places.of_indicator(indicator, period)? else { continue };
        let ended = indicator.is_retired(period.last_day());
        if ended && known.counting(period).is_none() {
            continue;
        }
        scores.push(scored(tx, held, indicator, known, rules, placement));
    }
    tx.scores().replace(period, &scores).await?;
    put_levels(tx, period, &scores, rules).await
}

/// Scores one indicator again in every period that a value of `changed` enters; gives the periods that were.
///
/// `held` are the periods that the transaction holds for the value: `changed.fed()`.
///
/// In a reopened period everything but the value stays as it was when the period was closed: rule set, formula,
/// weights and target.
///
/// # Errors
/// The database failed.
pub(crate) async fn rescore_indicator(
    tx: &TenantTx,
    indicator: &Indicator,
    changed: Period,
    held: &[TenantPeriod],
) -> Result<Vec<Touch>> {
    let measurements = tx.measurements().of_periods(&of_year(changed), Some(indicator.id)).await?;
    let all_targets = tx.targets().of_indicator(indicator.id).await?;
    let places = Places::of(tx).await?;
    let mut touched = vec![Touch::Indicator(indicator.id), Touch::Period(changed)];
    for held in held.iter().filter(|it| !it.is_locked(tx.now())) {
        let period = held.period;
        let mut scores = tx.scores().of_period(period).await?;
        let before = scores.iter().position(|it| it.indicator == indicator.id);
        let kept = match held.state {
            PeriodState::Closed => before.map(|at| scores[at].clone()),
            PeriodState::Open | PeriodState::Closing => None,
        };
        let rules = match &kept {
            Some(kept) => rules_of(kept)?,
            None => tx.rule_sets().chosen(RuleSetPurpose::Own, period.calendar_year()).await?,
        };
        let placement = match &kept {
            Some(kept) => Some(kept.placement),
            None => places.of_indicator(indicator, period)?,
        };
        let Some(placement) = placement else { continue };
        let targets = targets_for(&all_targets, kept.as_ref());
        let known = Known { measurements: &measurements, targets: &targets };
        let then = kept.as_ref().map(|kept| as_scored(indicator, kept));
        let score = scored(tx, held, then.as_ref().unwrap_or(indicator), known, rules, placement);
        match before {
            Some(at) => scores[at] = score.clone(),
            None => scores.push(score.clone()),
        }
        tx.scores().put(&[score]).await?;
        put_levels(tx, period, &scores, rules).await?;
        touched.push(Touch::Period(period));
    }
    Ok(touched)
}

/// The indicator with the formula, baseline and worst value by which its closed period was scored.
fn as_scored(indicator: &Indicator, kept: &IndicatorScore) -> Indicator {
    let mut then = indicator.clone();
    then.manual.rule = kept.rule.or(then.manual.rule);
    then.manual.worst = kept.inputs.worst;
    then.baseline = then
        .baseline
        .zip(kept.inputs.baseline)
        .map(|(baseline, value)| ekinerja_domain::indicator::Baseline { value, ..baseline });
    then
}

/// The targets in force; of a closed period the one that counted when it was closed.
fn targets_for(all: &[Target], kept: Option<&IndicatorScore>) -> Vec<Target> {
    let counted = kept.and_then(|kept| {
        all.iter().find(|it| Some(it.id) == kept.target).map(|it| (it.period, it.id))
    });
    all.iter()
        .filter(|it| match counted {
            Some((period, id)) if it.period == period => it.id == id,
            _ => it.status == TargetStatus::Approved,
        })
        .cloned()
        .collect()
}

fn rules_of(kept: &IndicatorScore) -> Result<&'static RuleSet> {
    let found = RuleSet::version(&kept.rule_set.name, kept.rule_set.version);
    found.ok_or_else(|| Refusal::internal(format!("the rule set {} is gone", kept.rule_set)))
}

fn scored(
    tx: &TenantTx,
    held: &TenantPeriod,
    indicator: &Indicator,
    known: Known<'_>,
    rules: &RuleSet,
    placement: Placement,
) -> IndicatorScore {
    let calendar = Calendar {
        today: tx.now().date_naive(),
        window: EntryWindow::default(),
        closing: held.state != PeriodState::Open,
    };
    let figure = Figure::of(indicator, held.period, known, calendar);
    score_indicator(indicator, held.period, figure, rules, placement, tx.now())
}

async fn put_levels(
    tx: &TenantTx,
    period: Period,
    scores: &[IndicatorScore],
    rules: &RuleSet,
) -> Result<()> {
    Ok(tx.scores().replace_levels(period, &rules.id, &level_scores(scores, rules)).await?)
}

/// The year of a period and its quarters: all whose figures may enter it.
fn of_year(period: Period) -> Vec<Period> {
    std::iter::once(period.whole_year()).chain(period.quarters()).collect()
}

/// Where indicators stand in the tenant's plans.
struct Places {
    settings: Vec<PerspectiveSetting>,
    plans: HashMap<PlanId, (PlanYears, HashMap<PlanNodeId, PlanNode>)>,
}

impl Places {
    async fn of(tx: &TenantTx) -> Result<Self> {
        let settings = tx.plans().perspectives().await?;
        let mut plans = HashMap::new();
        for plan in tx.plans().all().await? {
            let nodes = tx.plans().nodes(plan.id).await?.into_iter().map(|it| (it.id, it));
            plans.insert(plan.id, (plan.years, nodes.collect()));
        }
        Ok(Self { settings, plans })
    }

    /// The placement of an indicator in a period; none when its plan does not reach there.
    fn of_indicator(&self, indicator: &Indicator, period: Period) -> Result<Option<Placement>> {
        let Some((years, nodes)) = self.plans.get(&indicator.plan) else { return Ok(None) };
        if !years.may_measure(period) {
            return Ok(None);
        }
        let perspective = nodes.get(&indicator.objective).and_then(|it| it.perspective);
        let setting = self.settings.iter().find(|it| Some(it.perspective) == perspective);
        let weight = |value| Weight::new(value).map_err(Refusal::internal);
        Ok(Some(Placement {
            objective: indicator.objective,
            perspective,
            kind: indicator.kind,
            weight: weight(indicator.weight)?,
            perspective_weight: setting.map_or(Ok(Weight::ONE), |it| weight(it.weight))?,
        }))
    }
}
