//! Measurements: one value of one indicator for one period, its evidence, and its way to being verified.
//!
//! Corrections append revisions; nothing is overwritten. Missing, zero, not applicable and not yet due are
//! four different things: a missing value has no measurement, zero is a value, not applicable is a
//! measurement that says so, and not yet due follows from the calendar.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::access::{Granted, Measure, Verify};
use crate::ids::{AgencyId, IndicatorId, MeasurementId, UserId};
use crate::indicator::Indicator;
use crate::period::{EntryRule, Period};
use crate::plan::PlanYears;
use crate::quantity::{Rounding, STORED_DECIMALS, check_stored, round};

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A number typed as such.
    Value(Decimal),
    /// Numerator and denominator; the value is their quotient, times 100 for percent.
    Ratio {
        /// What the manual's numerator counts.
        numerator: Decimal,
        /// What the manual's denominator counts; above zero.
        denominator: Decimal,
    },
    /// The indicator does not apply here in this period; the reason is in the note.
    NotApplicable,
}

/// How a figure came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FigureMethod {
    /// Measured and entered by the tenant.
    Measured,
    /// Published by the named source.
    Published,
    /// Computed from published figures.
    Derived,
    /// Written down from memory; not seen in a stored copy.
    Recalled,
}

impl FigureMethod {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Measured, Self::Published, Self::Derived, Self::Recalled];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Published => "published",
            Self::Derived => "derived",
            Self::Recalled => "recalled",
        }
    }

    /// The method with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.code() == code)
    }
}

/// Where a figure was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureSource {
    /// How it came about.
    pub method: FigureMethod,
    /// The publication, table, page.
    pub source: Option<String>,
    /// Whether it was seen in a stored copy of the source.
    pub verified: bool,
}

impl Default for FigureSource {
    fn default() -> Self {
        Self { method: FigureMethod::Measured, source: None, verified: true }
    }
}

/// Life of a revision: draft -> submitted -> verified | rejected. Locking follows from the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeasurementStatus {
    /// Being written.
    Draft,
    /// Waiting for the verifier; shown as provisional.
    Submitted,
    /// Verified; counts.
    Verified,
    /// Sent back with a reason; a new revision answers it.
    Rejected,
}

impl MeasurementStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Submitted, Self::Verified, Self::Rejected];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Verified => "verified",
            Self::Rejected => "rejected",
        }
    }

    /// The status with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// One value in one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurement {
    /// Its id.
    pub id: MeasurementId,
    /// The indicator.
    pub indicator: IndicatorId,
    /// The OPD that owned the indicator and all above it; decides who verifies.
    pub owner_line: Vec<AgencyId>,
    /// The period.
    pub period: Period,
    /// 1 for the first value, then counting.
    pub revision: i32,
    /// What was measured.
    pub reading: Reading,
    /// The value as a number; none when not applicable.
    pub value: Option<Decimal>,
    /// Where the figure was read.
    pub figure: FigureSource,
    /// Where it stands.
    pub status: MeasurementStatus,
    /// The officer's remark.
    pub note: Option<String>,
    /// Why it is late, or what it corrects.
    pub reason: Option<String>,
    /// Why the verifier sent it back.
    pub rejection: Option<String>,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// Their name then.
    pub recorded_by_name: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// When it was submitted.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Who submitted it.
    pub submitted_by: Option<UserId>,
    /// Who verified or rejected it.
    pub decided_by: Option<UserId>,
    /// Their name then.
    pub decided_by_name: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Counts changes of status, for `If-Match`.
    pub lock_version: i32,
}

/// Why a value cannot be recorded, submitted, verified or rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeasurementError {
    /// The indicator is retired.
    #[error("the indicator is retired")]
    Retired,
    /// The period is outside the plan.
    #[error("the period is outside the plan")]
    OutsidePlan,
    /// A yearly indicator takes no quarters, a quarterly one no whole years.
    #[error("the period does not fit the indicator's frequency")]
    WrongFrequency,
    /// The period is closed.
    #[error("the period is closed")]
    PeriodClosed,
    /// A late value or a correction needs a reason.
    #[error("a late value or a correction needs a reason")]
    ReasonMissing,
    /// The denominator is zero or below.
    #[error("the denominator is not above zero")]
    DenominatorNotPositive,
    /// A ratio that the tenant measured itself is recorded as numerator and denominator; only a published,
    /// derived or recalled figure may stand alone.
    #[error("numerator and denominator are expected")]
    PartsExpected,
    /// The indicator is recorded as one value.
    #[error("one value is expected")]
    ValueExpected,
    /// "Not applicable" needs a note that says why.
    #[error("not applicable needs a note that says why")]
    NoteMissing,
    /// The number is too large or has too many decimals.
    #[error("the number is out of range")]
    OutOfRange,
    /// The step does not follow from the status.
    #[error("the value is not in a status that allows this")]
    WrongStatus,
    /// A newer revision has taken its place.
    #[error("a newer revision has taken the place of this one")]
    NotLatest,
    /// A rejection needs a reason.
    #[error("a rejection needs a reason")]
    RejectionReasonMissing,
}

/// What an officer asks for; see [`NewMeasurement::of`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasurementEntry {
    /// The period.
    pub period: Period,
    /// What was measured.
    pub reading: Reading,
    /// Where the figure was read.
    pub figure: FigureSource,
    /// The officer's remark.
    pub note: Option<String>,
    /// Why it is late, or what it corrects.
    pub reason: Option<String>,
}

/// What the rules need to know beside the entry.
#[derive(Debug, Clone, Copy)]
pub struct EntryContext<'a> {
    /// The plan's years.
    pub years: PlanYears,
    /// How values may enter the period now.
    pub entry: EntryRule,
    /// Today, for retirement.
    pub today: chrono::NaiveDate,
    /// The latest revision so far.
    pub latest: Option<&'a Measurement>,
    /// Whether any revision so far is verified: then the new one is a correction.
    pub corrects: bool,
}

/// A measurement that may be stored: made only from the proof that the actor may measure the indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMeasurement {
    indicator: IndicatorId,
    entry: MeasurementEntry,
    value: Option<Decimal>,
    revision: i32,
}

impl NewMeasurement {
    /// Checks an entry.
    ///
    /// # Errors
    /// See [`MeasurementError`]. A revision of a verified value is a correction and needs a reason;
    /// a revision of a value that never was verified does not.
    pub fn of(
        indicator: &Granted<Measure, Indicator>,
        entry: MeasurementEntry,
        context: EntryContext<'_>,
    ) -> Result<Self, MeasurementError> {
        use crate::indicator::Frequency;
        let filled = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let entry =
            MeasurementEntry { note: filled(&entry.note), reason: filled(&entry.reason), ..entry };
        if indicator.is_retired(context.today) {
            return Err(MeasurementError::Retired);
        }
        if !context.years.may_measure(entry.period) {
            return Err(MeasurementError::OutsidePlan);
        }
        if entry.period.is_year() != (indicator.manual.frequency == Frequency::Yearly) {
            return Err(MeasurementError::WrongFrequency);
        }
        let needs_reason = context.corrects || context.entry == EntryRule::WithReason;
        if context.entry == EntryRule::Refused {
            return Err(MeasurementError::PeriodClosed);
        }
        if needs_reason && entry.reason.is_none() {
            return Err(MeasurementError::ReasonMissing);
        }
        let value = value_of(indicator, &entry)?;
        let revision = context.latest.map_or(1, |latest| latest.revision + 1);
        Ok(Self { indicator: indicator.id, entry, value, revision })
    }

    /// The indicator.
    pub fn indicator(&self) -> IndicatorId {
        self.indicator
    }

    /// What was entered.
    pub fn entry(&self) -> &MeasurementEntry {
        &self.entry
    }

    /// The value as a number; none when not applicable.
    pub fn value(&self) -> Option<Decimal> {
        self.value
    }

    /// Its revision.
    pub fn revision(&self) -> i32 {
        self.revision
    }
}

/// The number that an entry states for an indicator.
fn value_of(
    indicator: &Indicator,
    entry: &MeasurementEntry,
) -> Result<Option<Decimal>, MeasurementError> {
    let in_range = |number: Decimal| check_stored(number).map_err(|_| MeasurementError::OutOfRange);
    match entry.reading {
        Reading::NotApplicable if entry.note.is_none() => Err(MeasurementError::NoteMissing),
        Reading::NotApplicable => Ok(None),
        // A ratio that the tenant measured itself is recorded by its parts; a published percentage often
        // comes without them and is then marked as one that cannot be added up (E5).
        Reading::Value(_)
            if indicator.is_ratio() && entry.figure.method == FigureMethod::Measured =>
        {
            Err(MeasurementError::PartsExpected)
        }
        Reading::Value(value) => in_range(value).map(Some),
        Reading::Ratio { .. } if !indicator.is_ratio() => Err(MeasurementError::ValueExpected),
        Reading::Ratio { denominator, .. } if denominator <= Decimal::ZERO => {
            Err(MeasurementError::DenominatorNotPositive)
        }
        Reading::Ratio { numerator, denominator } => {
            in_range(numerator)?;
            in_range(denominator)?;
            // A tiny denominator makes a quotient that is larger than what can be stored.
            numerator
                .checked_div(denominator)
                .and_then(|quotient| quotient.checked_mul(ratio_factor(&indicator.manual.unit)))
                .map(|quotient| round(quotient, STORED_DECIMALS, Rounding::HalfUp))
                .ok_or(MeasurementError::OutOfRange)
                .and_then(in_range)
                .map(Some)
        }
    }
}

/// What a ratio is multiplied with to have its unit: 100 for percent, else 1.
pub fn ratio_factor(unit: &str) -> Decimal {
    let percent = ["persen", "percent", "%"].iter().any(|it| unit.trim().eq_ignore_ascii_case(it));
    if percent { Decimal::ONE_HUNDRED } else { Decimal::ONE }
}

/// What a verifier decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The value counts.
    Verify,
    /// The value goes back with a reason; only this value reopens.
    Reject {
        /// Why.
        reason: String,
    },
}

impl Measurement {
    /// Who recorded or submitted it, and so may not decide about it.
    pub fn authors(&self) -> impl Iterator<Item = UserId> + use<> {
        std::iter::once(self.recorded_by).chain(self.submitted_by)
    }

    /// Whether the officer may submit it: a draft, not overtaken by a newer revision, in a period that takes values.
    ///
    /// # Errors
    /// [`MeasurementError::NotLatest`], [`MeasurementError::WrongStatus`], [`MeasurementError::PeriodClosed`].
    pub fn may_be_submitted(
        &self,
        latest_revision: i32,
        entry: EntryRule,
    ) -> Result<(), MeasurementError> {
        self.may_move_on(latest_revision, entry)?;
        let is_draft = self.status == MeasurementStatus::Draft;
        if is_draft { Ok(()) } else { Err(MeasurementError::WrongStatus) }
    }

    fn may_move_on(&self, latest_revision: i32, entry: EntryRule) -> Result<(), MeasurementError> {
        if self.revision != latest_revision {
            return Err(MeasurementError::NotLatest);
        }
        if entry == EntryRule::Refused {
            return Err(MeasurementError::PeriodClosed);
        }
        Ok(())
    }
}

impl Decision {
    /// The status that follows from the decision.
    ///
    /// # Errors
    /// The value is not submitted, a newer revision has taken its place, the period is locked, or a
    /// rejection gives no reason.
    pub fn on(
        &self,
        measurement: &Granted<Verify, Measurement>,
        latest_revision: i32,
        entry: EntryRule,
    ) -> Result<MeasurementStatus, MeasurementError> {
        measurement.may_move_on(latest_revision, entry)?;
        if measurement.status != MeasurementStatus::Submitted {
            return Err(MeasurementError::WrongStatus);
        }
        match self {
            Self::Verify => Ok(MeasurementStatus::Verified),
            Self::Reject { reason } if reason.trim().is_empty() => {
                Err(MeasurementError::RejectionReasonMissing)
            }
            Self::Reject { .. } => Ok(MeasurementStatus::Rejected),
        }
    }
}
