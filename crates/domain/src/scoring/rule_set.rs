//! A rule set: every choice that regulations leave open, as data with a name, a version and a date.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::composite::CompositeRule;
use super::{RuleId, catalogue};
use crate::coded::same_code;
use crate::quantity::{MAX_PRINTED_DECIMALS, Rounding, Weight};
use crate::scale::{Band, BandClosure, Scale};
use crate::weights::WeightMethod;

coded! {
    /// The default formula for minimise.
    pub enum MinFormula {
        /// `(2 - R/T) x 100`.
        TwoMinus = "two_minus",
        /// `T / R x 100`.
        Inverse = "inverse",
        /// `(B - R) / (B - T) x 100`.
        Baseline = "baseline",
    }
}

impl MinFormula {
    /// The formula's id.
    pub const fn rule(self) -> RuleId {
        match self {
            Self::TwoMinus => RuleId::MinTwoMinus,
            Self::Inverse => RuleId::MinInverse,
            Self::Baseline => RuleId::MinBaseline,
        }
    }
}

coded! {
    /// The default formula for stabilise.
    pub enum StabilizeRule {
        /// Interpolated on points (KMK 127/2026).
        Interpolated = "interpolated",
        /// `max(0, 100 - |R - T| / T x 100)`.
        Symmetric = "symmetric",
    }
}

coded! {
    /// What a minimise target of zero gives.
    pub enum ZeroTargetMin {
        /// `(L - R) / L x 100`, not below 0, when the worst value L is known; else an actual of
        /// zero gives 100 and any other none.
        WorstScaleElseMet = "worst_scale_else_met",
        /// `(L - R) / L x 100`, not below 0; without L none.
        WorstScale = "worst_scale",
        /// Zero gives 100, anything above gives 0.
        MetIsFull = "met_is_full",
        /// Never a percentage.
        NotMeasurable = "not_measurable",
    }
}

coded! {
    /// What a maximise target of zero gives.
    pub enum ZeroTargetMax {
        /// Never a percentage.
        NotMeasurable = "not_measurable",
        /// Zero or more gives 100, anything below gives 0.
        MetIsFull = "met_is_full",
    }
}

coded! {
    /// What an actual of zero gives under `T / R`, which has no value there.
    pub enum InverseZeroActual {
        /// 100, as some regencies' applications print.
        Hundred = "hundred",
        /// No percentage.
        NotMeasurable = "not_measurable",
    }
}

coded! {
    /// What a late item counts as; it is unreported in coverage either way.
    pub enum LateAs {
        /// It leaves the average.
        Exclude = "exclude",
        /// It counts zero.
        Zero = "zero",
    }
}

/// Weights of the four perspectives, in the order finance, customer, internal process, learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerspectiveWeights {
    /// `F`: finance; for a ministry's map, stakeholder.
    pub finance: Weight,
    /// `C`: customer, society.
    pub customer: Weight,
    /// `I`: internal process.
    pub internal: Weight,
    /// `L`: learning and growth.
    pub learning: Weight,
}

impl PerspectiveWeights {
    /// The weight of a perspective code `F`, `C`, `I` or `L`.
    pub fn of_code(&self, code: &str) -> Option<Weight> {
        match code {
            "F" => Some(self.finance),
            "C" => Some(self.customer),
            "I" => Some(self.internal),
            "L" => Some(self.learning),
            _ => None,
        }
    }
}

/// Name and version of a rule set, printed next to each number it made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleSetRef {
    /// The rule set's name.
    pub name: Cow<'static, str>,
    /// Its version, from 1.
    pub version: u32,
}

impl std::fmt::Display for RuleSetRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} v{}", self.name, self.version)
    }
}

coded! {
    /// What a tenant scores with a rule set.
    pub enum RuleSetPurpose {
        /// Its own scorecard.
        Own = "own",
        /// The comparison of its regencies, which a province pins to one set.
        Comparison = "comparison",
    }
}

impl RuleSetPurpose {
    /// Name of the rule set that serves until a tenant chooses.
    pub const fn seed(self) -> &'static str {
        match self {
            Self::Own => "default",
            Self::Comparison => "comparison",
        }
    }
}

/// Every switch of domain rule 10 that concerns scoring. A change makes a new version; scores are
/// stored with the version that made them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// Name and version.
    pub id: RuleSetRef,
    /// The first day it holds for.
    pub effective_from: NaiveDate,
    /// Where the choices come from.
    pub basis: Cow<'static, str>,
    /// Default formula for minimise.
    pub min_formula: MinFormula,
    /// Default formula for stabilise.
    pub stabilize: StabilizeRule,
    /// Points (closeness, score) of the interpolated stabilise formula, rising in both.
    pub stabilize_points: Cow<'static, [(Decimal, Decimal)]>,
    /// A minimise target of zero.
    pub zero_target_min: ZeroTargetMin,
    /// A maximise target of zero.
    pub zero_target_max: ZeroTargetMax,
    /// An actual of zero under `T / R`.
    pub inverse_zero_actual: InverseZeroActual,
    /// Highest achievement in percent; `None` for no cap.
    pub cap: Option<Decimal>,
    /// Lowest achievement in percent; `None` for no floor.
    pub floor: Option<Decimal>,
    /// An extreme target that is met scores 120.
    pub full_marks_at_max: bool,
    /// How the last printed digit is made.
    pub rounding: Rounding,
    /// Printed decimals, 0 to 4.
    pub decimals: u32,
    /// What late items count as.
    pub late_as: LateAs,
    /// Default weighting of indicators in an objective.
    pub iku_weight: WeightMethod,
    /// Weights of the perspectives.
    pub perspective_weights: PerspectiveWeights,
    /// The scale of indicators and objectives.
    pub iku_scale: Cow<'static, Scale>,
    /// The scale of perspectives and the organisation.
    pub nko_scale: Cow<'static, Scale>,
    /// How scales printed in whole numbers close their gaps.
    pub band_closure: BandClosure,
    /// How several parts of one indicator combine, unless its manual says otherwise.
    pub composite_rule: CompositeRule,
}

/// Why a rule set is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    /// The cap lies below the floor.
    #[error("the cap lies below the floor")]
    CapBelowFloor,
    /// More printed decimals than four.
    #[error("printed decimals are 0 to 4")]
    TooManyDecimals,
    /// The stabilise points do not rise, or there are none.
    #[error("the stabilise points must rise")]
    BadScalePoints,
}

impl RuleSet {
    /// Every rule set that comes with the product, all versions.
    pub fn catalogue() -> &'static [Self] {
        catalogue::all()
    }

    /// The newest version of a rule set of the catalogue; case, `-` and `_` do not count.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::catalogue()
            .iter()
            .filter(|set| same_code(&set.id.name, name))
            .max_by_key(|set| set.id.version)
    }

    /// One version of a rule set of the catalogue, for scores made earlier.
    pub fn version(name: &str, version: u32) -> Option<&'static Self> {
        Self::catalogue()
            .iter()
            .find(|set| same_code(&set.id.name, name) && set.id.version == version)
    }

    /// The version that holds on a day.
    pub fn effective_on(name: &str, day: NaiveDate) -> Option<&'static Self> {
        Self::catalogue()
            .iter()
            .filter(|set| same_code(&set.id.name, name) && set.effective_from <= day)
            .max_by_key(|set| (set.effective_from, set.id.version))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.id.name
    }

    /// The same rule set with other scales by name, gaps closed as it says.
    pub fn scale_named(&self, name: &str) -> Option<&'static Scale> {
        Scale::closed(name, self.band_closure)
    }

    /// Checks a rule set a tenant has put together.
    ///
    /// # Errors
    /// [`RuleSetError`].
    pub fn check(&self) -> Result<(), RuleSetError> {
        if self.cap.zip(self.floor).is_some_and(|(cap, floor)| cap < floor) {
            return Err(RuleSetError::CapBelowFloor);
        }
        if self.decimals > MAX_PRINTED_DECIMALS {
            return Err(RuleSetError::TooManyDecimals);
        }
        if !points_rise(&self.stabilize_points) {
            return Err(RuleSetError::BadScalePoints);
        }
        Ok(())
    }

    /// The number as it is printed.
    pub fn print(&self, value: Decimal) -> Decimal {
        crate::quantity::round(value, self.decimals, self.rounding)
    }

    /// The band of an indicator's or objective's score, as printed.
    pub fn iku_band(&self, value: Decimal) -> &Band {
        self.iku_scale.band_of_rounded(self.print(value))
    }

    /// The band of a perspective's or the organisation's score, as printed.
    pub fn nko_band(&self, value: Decimal) -> &Band {
        self.nko_scale.band_of_rounded(self.print(value))
    }
}

/// At least one point, closeness rising strictly, score never falling.
pub(super) fn points_rise(points: &[(Decimal, Decimal)]) -> bool {
    !points.is_empty() && points.windows(2).all(|it| it[0].0 < it[1].0 && it[0].1 <= it[1].1)
}
