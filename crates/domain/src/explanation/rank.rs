//! Why a regency stands where it stands in a comparison.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Calculation;
use crate::comparison::{Comparison, Rank, Reporter, rank_key};
use crate::measurement::FigureSource;
use crate::period::Period;
use crate::publication::PublishedTarget;
use crate::rollup::ExclusionReason;
use crate::scoring::{RuleSet, RuleSetRef};
use crate::tenant::RegionCode;
use crate::yardstick::{Incomparable, Yardstick};

/// Why a regency is not ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// Its figure is of another definition.
    Odd(Incomparable),
    /// It has no figure.
    Silent(ExclusionReason),
}

impl Apart {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Odd(reason) => reason.code(),
            Self::Silent(reason) => reason.code(),
        }
    }
}

/// A regency in a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedMember {
    /// Its code.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// Its value, full precision.
    pub value: Decimal,
    /// What places are given by: the smaller, the better; made of the printed value.
    pub key: Option<Decimal>,
    /// Its place.
    pub rank: Option<Rank>,
}

/// The explanation of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankExplanation {
    /// What figures had to agree with.
    pub yardstick: Yardstick,
    /// The period.
    pub period: Period,
    /// The pinned rule set.
    pub rule_set: RuleSetRef,
    /// The regency.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// Why it is not ranked; none for a reporter.
    pub apart: Option<Apart>,
    /// Its value.
    pub value: Option<Decimal>,
    /// Its target in force.
    pub target: Option<PublishedTarget>,
    /// Whether that target is made up for a demonstration.
    pub target_illustrative: bool,
    /// Its place.
    pub rank: Option<Rank>,
    /// How its achievement came about under the pinned rule set.
    pub calculation: Option<Calculation>,
    /// Number of the publication.
    pub publication: Option<i32>,
    /// Where the figure was read.
    pub figure: Option<FigureSource>,
    /// Day on which the value was verified.
    pub as_of: Option<NaiveDate>,
    /// All who are ranked, in order.
    pub reporters: Vec<RankedMember>,
    /// All who are not, by code.
    pub others: Vec<(RegionCode, String, Apart)>,
}

impl RankExplanation {
    /// Explains the place of one regency; none when it is not compared at all.
    pub fn of(
        yardstick: &Yardstick,
        period: Period,
        rules: &RuleSet,
        comparison: &Comparison,
        region: &RegionCode,
    ) -> Option<Self> {
        let odd = comparison
            .odd
            .iter()
            .map(|it| (it.region.clone(), it.name.clone(), Apart::Odd(it.reason)));
        let silent = comparison
            .silent
            .iter()
            .map(|it| (it.region.clone(), it.name.clone(), Apart::Silent(it.reason)));
        let others: Vec<_> = odd.chain(silent).collect();
        let reporters = comparison.reporters.iter().map(|it| member(yardstick, it)).collect();
        let reporter = comparison.reporters.iter().find(|it| it.region == *region);
        let apart = others.iter().find(|it| it.0 == *region);
        let name = reporter.map(|it| &it.name).or(apart.map(|it| &it.1))?.clone();
        let odd_line = || comparison.odd.iter().find(|it| it.region == *region).map(|it| &it.line);
        let line = reporter.map(|it| &it.line).or_else(odd_line);
        Some(Self {
            yardstick: yardstick.clone(),
            period,
            rule_set: comparison.rule_set.clone(),
            region: region.clone(),
            name,
            apart: apart.map(|it| it.2),
            value: line.and_then(|it| it.value.value),
            target: line.map(|it| it.value.target.clone()).filter(PublishedTarget::is_set),
            target_illustrative: line.is_some_and(|it| it.value.target_illustrative),
            rank: reporter.and_then(|it| it.rank),
            calculation: reporter.map(|it| {
                let mut calculation = Calculation::of(&it.scored, rules);
                calculation.polarity = Some(yardstick.polarity);
                if let PublishedTarget::Text(text) = &it.line.value.target {
                    calculation.target_text = Some(text.clone());
                }
                calculation
            }),
            publication: line.map(|it| it.number),
            figure: line.map(|it| it.value.figure.clone()),
            as_of: line.and_then(|it| it.value.as_of),
            reporters,
            others,
        })
    }
}

fn member(yardstick: &Yardstick, it: &Reporter) -> RankedMember {
    RankedMember {
        region: it.region.clone(),
        name: it.name.clone(),
        value: it.value,
        key: rank_key(yardstick, it),
        rank: it.rank,
    }
}
