//! Measurements: record a value, submit it, verify it or send it back with a reason.

use ekinerja_domain::access::policy::Scorecard;
use ekinerja_domain::access::{Granted, Measure, Verify, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::evidence::Evidence;
use ekinerja_domain::ids::{IndicatorId, MeasurementId};
use ekinerja_domain::indicator::Indicator;
use ekinerja_domain::measurement::{
    Decision, EntryContext, FigureMethod, FigureSource, Measurement, MeasurementEntry,
    MeasurementError, MeasurementStatus, NewMeasurement, Reading,
};
use ekinerja_domain::period::{EntryRule, Period, TenantPeriod};
use ekinerja_store::directory::tenants::Stage;
use ekinerja_store::entry::EntryGround;
use ekinerja_store::measurements::MeasurementFilter;
use ekinerja_store::page::{Page, Paged};
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::App;
use crate::evidence::{EvidenceEntry, add_evidence};
use crate::periods::unknown;
use crate::recalculation::rescore_indicator;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::typed::Typed;

/// A value as an officer typed it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueEntry {
    /// The period, `2023` or `2023-Q3`.
    pub period: String,
    /// The value, for an indicator of one number.
    pub value: String,
    /// The numerator, for a ratio.
    pub numerator: String,
    /// The denominator, for a ratio.
    pub denominator: String,
    /// The indicator does not apply here in this period; the note says why.
    pub not_applicable: bool,
    /// Code of how the figure came about; blank: measured.
    pub method: String,
    /// The publication, table, page where the figure stands.
    pub source: String,
    /// Whether the figure was seen there.
    pub source_verified: bool,
    /// A remark.
    pub note: String,
    /// Why it is late, or what it corrects.
    pub reason: String,
    /// The revision that was seen when this one was typed, 0 for none: refused as stale when there is a newer one.
    pub based_on: Option<i32>,
    /// Cites the evidence of the revision before again.
    pub keep_evidence: bool,
}

/// A recorded revision and what was added with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The revision.
    pub measurement: Measurement,
    /// Its evidence.
    pub evidence: Vec<Evidence>,
}

impl App {
    /// Records a value as a new revision, with evidence, and submits it if so asked; all of it or nothing.
    ///
    /// # Errors
    /// A field cannot be read; the domain's rules refuse (see [`MeasurementError`]); someone else was faster;
    /// the actor is no officer of the owning unit.
    pub async fn record_value(
        &self,
        scope: &TenantScope,
        indicator: IndicatorId,
        entry: ValueEntry,
        evidence: Vec<EvidenceEntry>,
        submit: bool,
    ) -> Result<Recorded> {
        let tx = self.begin(scope).await?;
        let Ok(period) = entry.period.trim().parse::<Period>() else {
            // Told beside whatever else cannot be read.
            let indicator = tx.indicators().fetch::<Measure>(indicator).await?;
            read(&indicator, &entry)?;
            return Err(Refusal::invalid("period", Code::PeriodInvalid));
        };
        // Submitting scores: what it will score is held at once and in order.
        let scored = if submit { Some(Held::of(&tx, period).await?) } else { None };
        let EntryGround { indicator, period: held, latest, was_verified } =
            tx.ground_of_entry(indicator, period).await?;
        let read = read(&indicator, &entry)?;
        let held = scored.unwrap_or_else(|| Held(held.into_iter().collect()));
        let plan = self.known_plan(scope, &tx, indicator.plan).await?;
        let corrects = was_verified || {
            // Only a correction needs a reason, so that without one it is asked again: what was verified while
            // the period was waited for was not seen yet. The first revision cannot have been.
            read.reason.is_none()
                && latest.is_some()
                && tx.measurements().was_verified(indicator.id, period).await?
        };
        let revision = latest.as_ref().map_or(0, |it| it.revision);
        if entry.based_on.is_some_and(|seen| seen != revision) {
            return Err(Refusal::Stale);
        }
        let context = EntryContext {
            years: plan.years,
            entry: held.period(period)?.entry_rule(tx.now()),
            today: tx.now().date_naive(),
            latest: latest.as_ref(),
            corrects,
        };
        let new = NewMeasurement::of(&indicator, read, context).map_err(refusal)?;
        let stands_alone = !submit && evidence.is_empty() && !entry.keep_evidence;
        let added = if stands_alone {
            tx.measurements().add_with_commit(&indicator, &new)
        } else {
            tx.measurements().add(&indicator, &new).await
        };
        let added = added.on_constraint("measurements_one_per_revision", raced)?;
        let mut events = vec![recorded(&added, latest.as_ref())];
        let mut kept = Vec::new();
        if let Some(latest) = latest.filter(|_| entry.keep_evidence) {
            for it in tx.evidence().of(&[latest.id]).await? {
                kept.push(tx.evidence().add(&added, it.support, it.pointer).await?);
            }
        }
        for it in evidence {
            let (it, event) = add_evidence(self, &tx, &added, it).await?;
            kept.push(it);
            events.push(event);
        }
        let measurement = if submit {
            let (submitted, event) =
                submit_in(&tx, &indicator, added, new.revision(), &held).await?;
            events.push(event);
            submitted
        } else {
            added.into_inner()
        };
        let committed = tx.commit_all(events).await;
        committed.on_constraint("measurements_one_per_revision", raced)?;
        Ok(Recorded { measurement, evidence: kept })
    }

    /// Submits a draft to the verifier.
    ///
    /// # Errors
    /// It is no draft, was overtaken, or its period is locked; it changed since `lock_version` was read.
    pub async fn submit_value(
        &self,
        scope: &TenantScope,
        id: MeasurementId,
        lock_version: Option<i32>,
    ) -> Result<Measurement> {
        let tx = self.begin(scope).await?;
        let seen = tx.measurements().fetch::<Measure>(id).await?;
        let held = Held::of(&tx, seen.period).await?;
        // Read again: until the period was held, someone else could submit or correct it.
        let measurement = tx.measurements().fetch::<Measure>(id).await?;
        if measurement.lock_version != lock_version.unwrap_or(seen.lock_version) {
            return Err(Refusal::Stale);
        }
        let latest = latest_revision(&tx, &measurement).await?;
        let indicator = tx.indicators().fetch::<View>(measurement.indicator).await?;
        let (submitted, event) = submit_in(&tx, &indicator, measurement, latest, &held).await?;
        tx.commit(event).await?;
        Ok(submitted)
    }

    /// Verifies a submitted value or sends it back with a reason; only this one value reopens then.
    ///
    /// # Errors
    /// It is not submitted, was overtaken, or its period is locked; a rejection gives no reason; it changed since
    /// `lock_version` was read; the actor recorded it or is no head of the owning OPD.
    pub async fn decide_value(
        &self,
        scope: &TenantScope,
        id: MeasurementId,
        decision: Decision,
        lock_version: Option<i32>,
    ) -> Result<Measurement> {
        let tx = self.begin(scope).await?;
        let period = tx.measurements().fetch::<Verify>(id).await?.period;
        let held = Held::of(&tx, period).await?;
        // Read again: until the period was held, someone else could decide.
        let measurement = tx.measurements().fetch::<Verify>(id).await?;
        if lock_version.is_some_and(|seen| seen != measurement.lock_version) {
            return Err(Refusal::Stale);
        }
        let decision = match decision {
            Decision::Verify => Decision::Verify,
            Decision::Reject { reason } => {
                let mut fields = Typed::default();
                let reason = fields.text("reason", &reason).unwrap_or_default();
                fields.done()?;
                Decision::Reject { reason }
            }
        };
        let latest = latest_revision(&tx, &measurement).await?;
        let entry = held.period(period)?.entry_rule(tx.now());
        let status = decision.on(&measurement, latest, entry).map_err(refusal)?;
        let rejection = match &decision {
            Decision::Verify => None,
            Decision::Reject { reason } => Some(reason.clone()),
        };
        let decided = tx
            .measurements()
            .decide(&measurement, measurement.lock_version, status, rejection.clone())
            .await;
        decided.on_constraint("measurements_four_eyes", || Refusal::Forbidden)?;
        if status == MeasurementStatus::Verified {
            tx.reach(Stage::FirstValue).await?;
        }
        let indicator = tx.indicators().fetch::<View>(measurement.indicator).await?;
        let touched = rescore_indicator(&tx, &indicator, period, &held.0).await?;
        let kind = match status {
            MeasurementStatus::Verified => EventKind::MeasurementVerified,
            _ => EventKind::MeasurementRejected,
        };
        let event = about(kind, &measurement)
            .change("status", measurement.status.code(), status.code())
            .fact_if("reason", rejection);
        let event = touched.into_iter().fold(event, Event::touching);
        let measurement = tx.measurements().fetch::<View>(id).await?.into_inner();
        tx.commit(event).await?;
        Ok(measurement)
    }

    /// One revision with its evidence.
    ///
    /// # Errors
    /// There is none that the actor may see.
    pub async fn measurement(&self, scope: &TenantScope, id: MeasurementId) -> Result<Recorded> {
        let tx = self.begin(scope).await?;
        let measurement = tx.measurements().fetch::<View>(id).await?.into_inner();
        let evidence = tx.evidence().of(&[id]).await?;
        Ok(Recorded { measurement, evidence })
    }

    /// A piece of the list of revisions, the latest recorded first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn measurements(
        &self,
        scope: &TenantScope,
        filter: MeasurementFilter,
        page: Page,
    ) -> Result<Paged<Measurement>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Scorecard)?;
        if let Some(indicator) = filter.indicator {
            tx.indicators().fetch::<View>(indicator).await?;
        }
        Ok(tx.measurements().page(filter, page).await?)
    }
}

/// Reads what was typed; the indicator says whether a value or its parts are wanted.
fn read(indicator: &Indicator, entry: &ValueEntry) -> Result<MeasurementEntry> {
    let mut fields = Typed::default();
    let period = fields.period("period", &entry.period);
    let value = fields.number("value", &entry.value);
    let numerator = fields.number("numerator", &entry.numerator);
    let denominator = fields.number("denominator", &entry.denominator);
    let method = match entry.method.trim() {
        "" => Some(FigureMethod::Measured),
        code => FigureMethod::from_code(code),
    };
    if method.is_none() {
        fields.wrong(Violation::new("method", Code::FieldUnknownValue));
    }
    let source = fields.text("source", &entry.source);
    let note = fields.text("note", &entry.note);
    let reason = fields.text("reason", &entry.reason);
    let typed = [&entry.value, &entry.numerator, &entry.denominator];
    let typed_any = typed.iter().any(|it| !it.trim().is_empty());
    let reading = match (entry.not_applicable, value, numerator, denominator) {
        (true, ..) if typed_any => {
            fields.wrong(Violation::new("not_applicable", Code::ValueContradictory));
            None
        }
        (true, ..) => Some(Reading::NotApplicable),
        (false, Some(_), Some(_), _) | (false, Some(_), _, Some(_)) => {
            fields.wrong(Violation::new("value", value_code(indicator)));
            None
        }
        (false, Some(value), None, None) => Some(Reading::Value(value)),
        (false, None, Some(numerator), Some(denominator)) => {
            Some(Reading::Ratio { numerator, denominator })
        }
        // Missing is missing, never zero; what was typed and could not be read is told already.
        (false, None, numerator, denominator) => {
            if indicator.is_ratio() {
                for (field, number, text) in [
                    ("numerator", numerator, &entry.numerator),
                    ("denominator", denominator, &entry.denominator),
                ] {
                    if number.is_none() && text.trim().is_empty() {
                        fields.wrong(Violation::new(field, Code::ValueMissing));
                    }
                }
            } else if entry.value.trim().is_empty() {
                fields.wrong(Violation::new("value", Code::ValueMissing));
            }
            None
        }
    };
    fields.done()?;
    let (Some(period), Some(method), Some(reading)) = (period, method, reading) else {
        return Err(Refusal::invalid("value", Code::ValueMissing));
    };
    // A figure that was measured here needs no one to have looked it up.
    let verified = method == FigureMethod::Measured || entry.source_verified;
    let figure = FigureSource { method, source, verified };
    Ok(MeasurementEntry { period, reading, figure, note, reason })
}

fn value_code(indicator: &Indicator) -> Code {
    if indicator.is_ratio() { Code::ValuePartsExpected } else { Code::ValueSingleExpected }
}

fn raced() -> Refusal {
    Refusal::conflict("revision", Code::MeasurementRaced)
}

/// Periods that the transaction holds: those that a value enters.
struct Held(Vec<TenantPeriod>);

impl Held {
    /// Holds the periods that a value of `period` enters.
    async fn of(tx: &TenantTx, period: Period) -> Result<Self> {
        Ok(Self(tx.periods().hold(&period.fed()).await?))
    }

    fn period(&self, period: Period) -> Result<&TenantPeriod> {
        self.0.iter().find(|it| it.period == period).ok_or_else(|| unknown(period))
    }
}

async fn latest_revision(tx: &TenantTx, measurement: &Measurement) -> Result<i32> {
    let latest = tx.measurements().latest(measurement.indicator, measurement.period).await?;
    Ok(latest.map_or(measurement.revision, |it| it.revision))
}

/// Submits a draft that was read inside a transaction that holds its periods; `latest` is the indicator's
/// latest revision for the period.
async fn submit_in(
    tx: &TenantTx,
    indicator: &Indicator,
    measurement: Granted<Measure, Measurement>,
    latest: i32,
    held: &Held,
) -> Result<(Measurement, Event)> {
    let entry: EntryRule = held.period(measurement.period)?.entry_rule(tx.now());
    measurement.may_be_submitted(latest, entry).map_err(refusal)?;
    let before = measurement.status;
    let submitted = tx.measurements().submit(measurement).await?;
    let touched = rescore_indicator(tx, indicator, submitted.period, &held.0).await?;
    let event = about(EventKind::MeasurementSubmitted, &submitted).change(
        "status",
        before.code(),
        submitted.status.code(),
    );
    Ok((submitted, touched.into_iter().fold(event, Event::touching)))
}

/// A value with what it was before, where it was recorded before.
fn recorded(measurement: &Measurement, before: Option<&Measurement>) -> Event {
    about(EventKind::MeasurementRecorded, measurement)
        .fact_if("value_before", before.map(|it| written(&it.reading)))
        .fact("status", measurement.status.code())
        .fact_if("reason", measurement.reason.clone())
        .touching(Touch::Indicator(measurement.indicator))
}

fn about(kind: EventKind, measurement: &Measurement) -> Event {
    Event::new(kind, measurement.id)
        .fact("indicator", measurement.indicator)
        .fact("period", measurement.period)
        .fact("revision", measurement.revision)
        .fact("value", written(&measurement.reading))
}

fn written(reading: &Reading) -> String {
    match reading {
        Reading::NotApplicable => "not_applicable".to_owned(),
        Reading::Value(value) => value.to_string(),
        Reading::Ratio { numerator, denominator } => format!("{numerator}/{denominator}"),
    }
}

/// What a refusal of the domain means for who asked.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is a step of `map_err`, which gives the error away"
)]
fn refusal(error: MeasurementError) -> Refusal {
    use MeasurementError as E;
    match error {
        E::Retired => Refusal::rule("indicator", Code::IndicatorRetired),
        E::OutsidePlan => Refusal::invalid("period", Code::PeriodOutsidePlan),
        E::WrongFrequency => Refusal::invalid("period", Code::PeriodWrongFrequency),
        E::PeriodClosed => Refusal::rule("period", Code::PeriodClosed),
        E::ReasonMissing => Refusal::invalid("reason", Code::ReasonMissing),
        E::DenominatorNotPositive => Refusal::invalid("denominator", Code::DenominatorNotPositive),
        E::PartsExpected => Refusal::invalid("numerator", Code::ValuePartsExpected),
        E::ValueExpected => Refusal::invalid("value", Code::ValueSingleExpected),
        E::NoteMissing => Refusal::invalid("note", Code::NoteMissing),
        E::OutOfRange => Refusal::invalid("value", Code::NumberOutOfRange),
        E::WrongStatus => Refusal::rule("status", Code::MeasurementWrongStatus),
        E::NotLatest => Refusal::rule("revision", Code::MeasurementOvertaken),
        E::RejectionReasonMissing => Refusal::invalid("reason", Code::RejectionReasonMissing),
    }
}
