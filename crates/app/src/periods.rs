//! The reporting calendar: open, set closing, close, reopen for a time.

use chrono::{DateTime, Utc};
use ekinerja_domain::access::policy::Calendar;
use ekinerja_domain::access::{Administer, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::period::{Period, PeriodError, PeriodState, TenantPeriod};
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::App;
use crate::recalculation::rescore_period;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::typed::Typed;

impl App {
    /// Every period that was opened, latest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn periods(&self, scope: &TenantScope) -> Result<Vec<TenantPeriod>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Calendar)?;
        Ok(tx.periods().all().await?)
    }

    /// One period.
    ///
    /// # Errors
    /// It was never opened.
    pub async fn period(&self, scope: &TenantScope, period: Period) -> Result<TenantPeriod> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Calendar)?;
        tx.periods().find(period).await?.ok_or_else(|| unknown(period))
    }

    /// Opens a year or a quarter, typed as `2023` or `2023-Q3`.
    ///
    /// # Errors
    /// It is no period, lies outside the plan, or was opened before; the actor is no administrator.
    pub async fn open_period(&self, scope: &TenantScope, typed: &str) -> Result<TenantPeriod> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Calendar)?;
        let mut fields = Typed::default();
        let period = fields.period("period", typed);
        fields.done()?;
        let Some(period) = period else {
            return Err(Refusal::invalid("period", Code::PeriodInvalid));
        };
        if let Some(plan) = tx.plans().current().await?
            && !plan.years.may_measure(period)
        {
            let violation = Violation::new("period", Code::PeriodOutsidePlan)
                .with("from", plan.years.start - 1)
                .with("to", plan.years.monitored_until);
            return Err(Refusal::Invalid(vec![violation]));
        }
        let opened = tx.periods().open(&permit, period).await;
        let opened = opened.on_constraint("periods_once", || {
            Refusal::conflict("period", Code::PeriodAlreadyOpen)
        })?;
        rescore_period(&tx, &opened).await?;
        let event = Event::new(EventKind::PeriodStateSet, period)
            .fact("to", PeriodState::Open.code())
            .touching(Touch::Period(period));
        tx.commit(event).await?;
        Ok(opened)
    }

    /// Sets the state of a period. Closing and closing up score it once more: what is missing then is late, and
    /// a closed period keeps its digits from there on.
    ///
    /// # Errors
    /// The step does not follow from the state; it changed since `revision` was read.
    pub async fn set_period_state(
        &self,
        scope: &TenantScope,
        period: Period,
        state: PeriodState,
        revision: Option<i32>,
    ) -> Result<TenantPeriod> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Calendar)?;
        let held = held(&tx, period, revision).await?;
        held.may_become(state, tx.now()).map_err(|error| refusal(error, &held))?;
        let was_locked_before = held.state == PeriodState::Closed;
        let next = TenantPeriod {
            state,
            reopened_until: None,
            reopening_reason: None,
            revision: held.revision + 1,
            ..held.clone()
        };
        // Scored as what it becomes, while it still takes scores.
        if !was_locked_before {
            rescore_period(&tx, &next).await?;
        }
        tx.periods().set_state(&permit, period, held.revision, state).await?;
        let event = Event::new(EventKind::PeriodStateSet, period)
            .fact("from", held.state.code())
            .fact("to", state.code())
            .touching(Touch::Period(period));
        tx.commit(event).await?;
        Ok(next)
    }

    /// Reopens a closed period until a moment; it ends by itself.
    ///
    /// # Errors
    /// The period is not closed, the reason is blank, the end is not within 92 days from now; it changed since
    /// `revision` was read.
    pub async fn reopen_period(
        &self,
        scope: &TenantScope,
        period: Period,
        reason: &str,
        until: DateTime<Utc>,
        revision: Option<i32>,
    ) -> Result<TenantPeriod> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Calendar)?;
        let mut fields = Typed::default();
        let reason = fields.text("reason", reason).unwrap_or_default();
        fields.done()?;
        let held = held(&tx, period, revision).await?;
        let reopening =
            held.reopening(&reason, until, tx.now()).map_err(|error| refusal(error, &held))?;
        tx.periods().reopen(&permit, period, held.revision, &reopening).await?;
        let event = Event::new(EventKind::PeriodReopened, period)
            .fact("from", held.state.code())
            .fact("to", "reopened")
            .fact("until", until.to_rfc3339())
            .fact("reason", reopening.reason())
            .touching(Touch::Period(period));
        tx.commit(event).await?;
        Ok(TenantPeriod {
            reopened_until: Some(until),
            reopening_reason: Some(reopening.reason().to_owned()),
            revision: held.revision + 1,
            ..held
        })
    }
}

/// A period that was opened, held until the transaction ends.
async fn held(tx: &TenantTx, period: Period, revision: Option<i32>) -> Result<TenantPeriod> {
    let held = tx.periods().hold(&[period]).await?.pop().ok_or_else(|| unknown(period))?;
    if revision.is_some_and(|revision| revision != held.revision) {
        return Err(Refusal::Stale);
    }
    Ok(held)
}

/// What to say of a period that was never opened.
pub(crate) fn unknown(period: Period) -> Refusal {
    Refusal::Invalid(vec![Violation::new("period", Code::PeriodUnknown).with("period", period)])
}

fn refusal(error: PeriodError, held: &TenantPeriod) -> Refusal {
    match error {
        PeriodError::StepImpossible => Refusal::Rule(
            Violation::new("state", Code::PeriodStepImpossible).with("state", held.state.code()),
        ),
        PeriodError::ReasonMissing => Refusal::invalid("reason", Code::ReasonMissing),
        PeriodError::ExpiryOutOfRange => Refusal::invalid("until", Code::PeriodExpiryOutOfRange),
    }
}
