//! Why a number is what it is: formula, inputs, thresholds, weights, what was left out, in one structure.
//!
//! Nothing is scored here. An explanation is made of what scoring, the scorecard, the roll-up and the
//! comparison returned, so that a page can never explain another number than it shows (features.md M1). It
//! holds everything that its number follows from: a checker that reads nothing else gets the same digits.

mod calculation;
mod indicator;
mod level;
mod rank;
mod sentence;
mod words;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::rollup::ProvincialRollUp;
use crate::scoring::composite::{CompositeError, CompositeRule, Part, combine};
use crate::tenant::RegionCode;

pub use calculation::{BandDecision, Calculation};
pub use indicator::{Counting, FigureInput, IndicatorExplanation};
pub use level::{LevelExplanation, LevelMember, MemberExclusion};
pub use rank::{Apart, RankExplanation, RankedMember};
pub use sentence::{printed, sentence};
pub use words::formula_words;

coded! {
    /// The language of a sentence.
    pub enum Language {
        /// Bahasa Indonesia.
        Id = "id",
        /// English.
        En = "en",
    }
}

coded! {
    /// What stands behind a number and may not be seen by who asks; it is named, never dropped.
    pub enum Hidden {
        /// The pieces of evidence of a regency: they stay with it.
        Evidence = "evidence",
        /// The people who recorded and verified: they stay with the regency.
        People = "people",
        /// Drafts and earlier revisions: a publication is a copy of what was verified.
        Drafts = "drafts",
    }
}

/// The explanation of one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explanation {
    /// Of an indicator's achievement in a period.
    Indicator(Box<IndicatorExplanation>),
    /// Of the score of an objective, a perspective or the organisation.
    Level(Box<LevelExplanation>),
    /// Of a province's figure.
    RollUp(Box<RollUpExplanation>),
    /// Of a regency's place in a comparison.
    Rank(Box<RankExplanation>),
    /// Of an indicator's figure made of several parts.
    Composite(CompositeExplanation),
}

/// Why a province's figure is what it is. The contributions stand in the roll-up itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollUpExplanation {
    /// Figure, method, contributions, exclusions, coverage.
    pub rollup: ProvincialRollUp,
    /// Names of the regencies.
    pub names: BTreeMap<RegionCode, String>,
}

impl RollUpExplanation {
    /// What a ratio is multiplied with.
    pub fn per(&self) -> Decimal {
        self.rollup.yardstick.per()
    }

    /// A regency's name, its code where the name is not known.
    pub fn name(&self, region: &RegionCode) -> String {
        self.names.get(region).cloned().unwrap_or_else(|| region.to_string())
    }
}

/// Why a figure of several parts is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompositeExplanation {
    /// How the parts combine.
    pub rule: CompositeRule,
    /// The parts.
    pub parts: Vec<Part>,
    /// The ratio, or why there is none.
    pub value: Result<Decimal, CompositeError>,
}

impl CompositeExplanation {
    /// Combines the parts and keeps what they were.
    pub fn of(rule: CompositeRule, parts: Vec<Part>) -> Self {
        let value = combine(rule, &parts);
        Self { rule, parts, value }
    }
}

#[cfg(test)]
mod tests;
