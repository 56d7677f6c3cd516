//! The medium-term plan (RPJMD): vision, missions, goals, objectives, and where indicators hang.
//!
//! Permendagri 86/2017: vision -> mission -> goal (tujuan) -> objective (sasaran) -> indicators.

use crate::ids::{PlanId, PlanNodeId};
use crate::period::Period;

/// A regional medium-term plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediumTermPlan {
    /// Its id.
    pub id: PlanId,
    /// Its title, `RPJMD Provinsi NTB 2019-2023`.
    pub title: String,
    /// Perda or Perkada that sets it.
    pub legal_basis: Option<String>,
    /// First and last year of the plan.
    pub years: PlanYears,
    /// Remarks that every reader must see (what is illustrative, what is from memory).
    pub notice: Option<String>,
    /// Counts changes, for `If-Match`.
    pub revision: i32,
}

/// The years of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanYears {
    /// First year with targets.
    pub start: i32,
    /// Last year with targets.
    pub end: i32,
    /// Last year in which values are still recorded (transition to the next plan); at least `end`.
    pub monitored_until: i32,
}

/// The years of a plan contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a plan runs 1 to 20 years and is monitored until its end or later")]
pub struct InvalidPlanYears;

impl PlanYears {
    /// Checks and makes the years of a plan.
    ///
    /// # Errors
    /// The end lies before the start, the plan is longer than 20 years, or monitoring ends before the plan
    /// or more than five years after it.
    pub fn new(start: i32, end: i32, monitored_until: i32) -> Result<Self, InvalidPlanYears> {
        let valid = (2000..=2100).contains(&start)
            && (start..start + 20).contains(&end)
            && (end..=end + 5).contains(&monitored_until);
        if valid { Ok(Self { start, end, monitored_until }) } else { Err(InvalidPlanYears) }
    }

    /// Whether a target may be set for the period.
    pub fn may_target(self, period: Period) -> bool {
        (self.start..=self.monitored_until).contains(&period.calendar_year())
    }

    /// Whether a value may be recorded for the period: from the baseline year before the plan on.
    pub fn may_measure(self, period: Period) -> bool {
        (self.start - 1..=self.monitored_until).contains(&period.calendar_year())
    }
}

/// Kind of a node of the plan's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanNodeKind {
    /// Visi.
    Vision,
    /// Misi.
    Mission,
    /// Tujuan.
    Goal,
    /// Sasaran.
    Objective,
}

impl PlanNodeKind {
    /// Every kind, from the top of the tree down.
    pub const ALL: [Self; 4] = [Self::Vision, Self::Mission, Self::Goal, Self::Objective];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vision => "vision",
            Self::Mission => "mission",
            Self::Goal => "goal",
            Self::Objective => "objective",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether a node of this kind may hang under a parent of kind `parent` (none: at the root).
    ///
    /// A goal may hang under the vision itself, as some RPJMD have it; every other kind hangs under the one above it.
    pub fn fits_under(self, parent: Option<Self>) -> bool {
        match self {
            Self::Vision => parent.is_none(),
            Self::Mission => parent == Some(Self::Vision),
            Self::Goal => matches!(parent, Some(Self::Mission | Self::Vision)),
            Self::Objective => parent == Some(Self::Goal),
        }
    }
}

/// The four seed perspectives; a tenant renames and reorders them, the codes stay (domain.md 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Perspective {
    /// Finance.
    Finance,
    /// Customer, society, stakeholder.
    Customer,
    /// Internal process.
    Internal,
    /// Learning and growth.
    Learning,
}

impl Perspective {
    /// Every perspective in seed order.
    pub const ALL: [Self; 4] = [Self::Finance, Self::Customer, Self::Internal, Self::Learning];

    /// The code `F`, `C`, `I` or `L`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Finance => "F",
            Self::Customer => "C",
            Self::Internal => "I",
            Self::Learning => "L",
        }
    }

    /// The perspective with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|perspective| perspective.code() == code)
    }
}

/// Where a node or an indicator came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The tenant's own.
    Local,
    /// Taken over from a release of the province.
    Adopted {
        /// Code in the release.
        template_code: String,
    },
}

impl Origin {
    /// The code in the release, for what was taken over.
    pub fn template_code(&self) -> Option<&str> {
        match self {
            Self::Local => None,
            Self::Adopted { template_code } => Some(template_code),
        }
    }
}

/// One node of the plan's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanNode {
    /// Its id.
    pub id: PlanNodeId,
    /// The plan it belongs to.
    pub plan: PlanId,
    /// The node above it.
    pub parent: Option<PlanNodeId>,
    /// Its kind.
    pub kind: PlanNodeKind,
    /// Its code, unique in the plan: `3`, `3.1`, `3.1.2`.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// The perspective an objective sits in; none until it is placed, and for other kinds.
    pub perspective: Option<Perspective>,
    /// Whether the wording was seen in a written source.
    pub verified: bool,
    /// Own or taken over.
    pub origin: Origin,
    /// Place among its siblings.
    pub position: i32,
    /// Counts changes, for `If-Match`.
    pub revision: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tree_rule() {
        use PlanNodeKind::{Goal, Mission, Objective, Vision};
        assert!(Vision.fits_under(None));
        assert!(Goal.fits_under(Some(Vision)) && Goal.fits_under(Some(Mission)));
        assert!(!Objective.fits_under(Some(Mission)) && !Objective.fits_under(None));
        assert!(!Vision.fits_under(Some(Vision)));
    }

    #[test]
    fn plan_years() {
        let years = PlanYears::new(2019, 2023, 2026).expect("a plan");
        let period = |text: &str| text.parse::<Period>().expect(text);
        assert!(years.may_measure(period("2018")) && !years.may_measure(period("2017")));
        assert!(years.may_measure(period("2026-Q4")) && !years.may_measure(period("2027")));
        assert!(!years.may_target(period("2018")));
        assert!(PlanYears::new(2023, 2019, 2023).is_err());
        assert!(PlanYears::new(2019, 2023, 2022).is_err());
    }
}
