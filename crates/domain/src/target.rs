//! Targets: what an indicator shall reach in a period; a revision keeps the old one with its reason.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::ids::{IndicatorId, TargetId, UserId};
use crate::period::Period;
use crate::plan::PlanYears;

/// What shall be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetValue {
    /// One number.
    Exactly(Decimal),
    /// Between two numbers, both included.
    Range {
        /// Lower end.
        low: Decimal,
        /// Upper end.
        high: Decimal,
    },
    /// A wording that no number was set for (`WTP`): shown, not scored until someone sets a value.
    Text(String),
}

/// Where a target stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetStatus {
    /// Proposed, not yet in force.
    Proposed,
    /// In force.
    Approved,
    /// Was in force and was revised; stays visible.
    Superseded,
}

impl TargetStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Proposed, Self::Approved, Self::Superseded];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Superseded => "superseded",
        }
    }

    /// The status with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// One target in one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its id.
    pub id: TargetId,
    /// The indicator.
    pub indicator: IndicatorId,
    /// The period.
    pub period: Period,
    /// What shall be reached.
    pub value: TargetValue,
    /// Whether the figure is made up for a demonstration; shown as "ilustrasi" wherever it stands.
    pub illustrative: bool,
    /// 1 for the first target of the period, then counting.
    pub revision: i32,
    /// Where it stands.
    pub status: TargetStatus,
    /// Why it was revised; none for the first.
    pub reason: Option<String>,
    /// The document that permits it.
    pub legal_basis: Option<String>,
    /// Who set it.
    pub set_by: UserId,
    /// When.
    pub set_at: DateTime<Utc>,
}

/// Why a target cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The period is outside the plan.
    #[error("the period is outside the plan")]
    OutsidePlan,
    /// The indicator is retired.
    #[error("the indicator is retired")]
    Retired,
    /// The lower end of the range lies above the upper end.
    #[error("the lower end of the range lies above its upper end")]
    RangeReversed,
    /// A revision needs a reason.
    #[error("a revision needs a reason")]
    ReasonMissing,
    /// A revision needs a legal basis.
    #[error("a revision needs its legal basis")]
    LegalBasisMissing,
}

/// A target that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTarget {
    period: Period,
    value: TargetValue,
    illustrative: bool,
    revision: i32,
    reason: Option<String>,
    legal_basis: Option<String>,
}

/// What a planner asks for; see [`NewTarget::of`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetProposal {
    /// The period.
    pub period: Period,
    /// What shall be reached.
    pub value: TargetValue,
    /// Whether it is made up for a demonstration.
    pub illustrative: bool,
    /// Why an earlier target is revised.
    pub reason: Option<String>,
    /// The document that permits it.
    pub legal_basis: Option<String>,
}

impl NewTarget {
    /// Checks a proposal against the plan and the target in force.
    ///
    /// # Errors
    /// See [`TargetError`]. The first target of a period needs no reason; every later one needs a reason
    /// and a legal basis, since the old one stays visible next to it (B4).
    pub fn of(
        proposal: TargetProposal,
        years: PlanYears,
        retired: bool,
        in_force: Option<&Target>,
    ) -> Result<Self, TargetError> {
        let filled =
            |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let TargetProposal { period, value, illustrative, reason, legal_basis } = proposal;
        if retired {
            return Err(TargetError::Retired);
        }
        if !years.may_target(period) {
            return Err(TargetError::OutsidePlan);
        }
        if let TargetValue::Range { low, high } = value
            && low > high
        {
            return Err(TargetError::RangeReversed);
        }
        let (reason, legal_basis) = (filled(reason), filled(legal_basis));
        if in_force.is_some() {
            if reason.is_none() {
                return Err(TargetError::ReasonMissing);
            }
            if legal_basis.is_none() {
                return Err(TargetError::LegalBasisMissing);
            }
        }
        let revision = in_force.map_or(1, |target| target.revision + 1);
        Ok(Self { period, value, illustrative, revision, reason, legal_basis })
    }

    /// The period.
    pub fn period(&self) -> Period {
        self.period
    }

    /// What shall be reached.
    pub fn value(&self) -> &TargetValue {
        &self.value
    }

    /// Whether it is made up for a demonstration.
    pub fn illustrative(&self) -> bool {
        self.illustrative
    }

    /// Its revision.
    pub fn revision(&self) -> i32 {
        self.revision
    }

    /// Why the earlier one is revised.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The document that permits it.
    pub fn legal_basis(&self) -> Option<&str> {
        self.legal_basis.as_deref()
    }
}
