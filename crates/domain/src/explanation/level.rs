//! Why an objective, a perspective or the organisation has its score: members, weights, what was left out.

use rust_decimal::Decimal;

use super::BandDecision;
use crate::period::Period;
use crate::quantity::{Achievement, Score, Weight};
use crate::scale::{Scale, Traffic};
use crate::scorecard::{IndicatorScore, LevelKey, MemberKey, ScoreOutcome, scored_card};
use crate::scorecard_score::{
    Coverage, LevelScore, ObjectiveIndices, ObjectiveScore, PerspectiveIndices, PerspectiveScore,
    ScoreGap,
};
use crate::scoring::{Reason, RuleSet, RuleSetRef};

/// Why a member is not in the score above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberExclusion {
    /// Its value is submitted and not yet verified.
    Provisional,
    /// It is met or not met, which is no percentage.
    NoPercentage,
    /// It has no achievement.
    NotMeasurable(Reason),
    /// Nothing below it gave a score.
    Gap(ScoreGap),
    /// It weighs nothing.
    ZeroWeight,
}

impl MemberExclusion {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Provisional => "provisional",
            Self::NoPercentage => "no_percentage",
            Self::NotMeasurable(reason) => reason.code(),
            Self::Gap(gap) => gap.code(),
            Self::ZeroWeight => "zero_weight",
        }
    }
}

/// One part of a level's score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelMember {
    /// What it is.
    pub key: MemberKey,
    /// Its weight as given.
    pub weight: Weight,
    /// Its effective share, 0 to 1: the weight over the weights of all that have a score.
    pub share: Decimal,
    /// Its score, full precision; none when it has none or none that counts.
    pub score: Option<Decimal>,
    /// It as printed.
    pub printed: Option<Decimal>,
    /// Its colour.
    pub traffic: Traffic,
    /// Measured of expected indicators in it.
    pub coverage: Coverage,
    /// Why it is not in the score.
    pub excluded: Option<MemberExclusion>,
}

/// The explanation of a level's score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelExplanation {
    /// Of what.
    pub key: LevelKey,
    /// The period.
    pub period: Period,
    /// Name and version of the rule set.
    pub rule_set: RuleSetRef,
    /// Its switches and scales.
    pub rules: RuleSet,
    /// Full precision; none with a [`LevelExplanation::gap`].
    pub value: Option<Decimal>,
    /// As printed.
    pub printed: Option<Decimal>,
    /// Why there is no score.
    pub gap: Option<ScoreGap>,
    /// The band of the printed score.
    pub band: Option<BandDecision>,
    /// The colour.
    pub traffic: Traffic,
    /// Measured of expected indicators.
    pub coverage: Coverage,
    /// Effective share of the organisation's score; 1 for itself.
    pub share_of_total: Decimal,
    /// What it was made of, in order.
    pub members: Vec<LevelMember>,
}

impl LevelExplanation {
    /// Explains one level of the scorecard that these scores make; none when nothing stands there.
    pub fn of(
        key: LevelKey,
        period: Period,
        scores: &[IndicatorScore],
        rules: &RuleSet,
    ) -> Option<Self> {
        let (given, card) = scored_card(scores, rules);
        let pairs = || given.iter().zip(&card.perspectives);
        match key {
            LevelKey::Organisation => {
                let members = pairs().map(|(given, it)| perspective(given, it, rules));
                let level = LevelScore {
                    key: MemberKey::Organisation,
                    value: card.value,
                    gap: card.gap,
                    band: card.band.clone(),
                    coverage: card.coverage,
                    share: Decimal::ONE,
                    share_of_total: Decimal::ONE,
                    left_out: card.left_out.clone(),
                };
                Some(made(key, period, &level, rules, &rules.nko_scale, members.collect()))
            }
            LevelKey::Perspective(wanted) => {
                let wanted = MemberKey::Perspective(wanted);
                let (given, found) = pairs().find(|(given, _)| given.key == wanted)?;
                let members = given.objectives.iter().zip(&found.objectives);
                let members = members.map(|(given, it)| objective(given, it, rules));
                Some(made(key, period, &found.level, rules, &rules.nko_scale, members.collect()))
            }
            LevelKey::Objective(wanted) => {
                let wanted = MemberKey::Objective(wanted);
                let mut objectives =
                    pairs().flat_map(|(given, it)| given.objectives.iter().zip(&it.objectives));
                let (given, found) = objectives.find(|(given, _)| given.key == wanted)?;
                let members = indicators(given, found, scores, rules);
                Some(made(key, period, &found.level, rules, &rules.iku_scale, members))
            }
        }
    }
}

fn made(
    key: LevelKey,
    period: Period,
    level: &LevelScore<MemberKey>,
    rules: &RuleSet,
    scale: &Scale,
    members: Vec<LevelMember>,
) -> LevelExplanation {
    let value = level.value.map(Score::get);
    LevelExplanation {
        key,
        period,
        rule_set: rules.id.clone(),
        rules: rules.clone(),
        value,
        printed: value.map(|it| rules.print(it)),
        gap: level.gap,
        band: level.band.as_ref().and_then(|it| BandDecision::of(scale, &it.code)),
        traffic: level.band.as_ref().map_or(Traffic::Grey, |it| it.status),
        coverage: level.coverage,
        share_of_total: level.share_of_total,
        members,
    }
}

fn perspective(
    given: &PerspectiveIndices<MemberKey>,
    it: &PerspectiveScore<MemberKey>,
    rules: &RuleSet,
) -> LevelMember {
    below(given.key, given.weight, &it.level, rules)
}

fn objective(
    given: &ObjectiveIndices<MemberKey>,
    it: &ObjectiveScore<MemberKey>,
    rules: &RuleSet,
) -> LevelMember {
    below(given.key, given.weight, &it.level, rules)
}

fn below(
    key: MemberKey,
    weight: Weight,
    level: &LevelScore<MemberKey>,
    rules: &RuleSet,
) -> LevelMember {
    let score = level.value.map(Score::get);
    let zero = (score.is_some() && weight == Weight::ZERO).then_some(MemberExclusion::ZeroWeight);
    LevelMember {
        key,
        weight,
        share: level.share,
        score,
        printed: score.map(|it| rules.print(it)),
        traffic: level.band.as_ref().map_or(Traffic::Grey, |it| it.status),
        coverage: level.coverage,
        excluded: level.gap.map(MemberExclusion::Gap).or(zero),
    }
}

fn indicators(
    given: &ObjectiveIndices<MemberKey>,
    found: &ObjectiveScore<MemberKey>,
    scores: &[IndicatorScore],
    rules: &RuleSet,
) -> Vec<LevelMember> {
    let pairs = given.indicators.iter().zip(&found.indicators);
    pairs
        .filter_map(|(given, it)| {
            let kept = scores.iter().find(|it| MemberKey::Indicator(it.indicator) == given.key)?;
            let score = it.index.map(Achievement::get);
            let excluded = match kept.outcome {
                ScoreOutcome::NotMeasurable(reason) => Some(MemberExclusion::NotMeasurable(reason)),
                ScoreOutcome::Judged(_) => Some(MemberExclusion::NoPercentage),
                ScoreOutcome::Measured if kept.provisional => Some(MemberExclusion::Provisional),
                ScoreOutcome::Measured => {
                    (given.weight == Weight::ZERO).then_some(MemberExclusion::ZeroWeight)
                }
            };
            Some(LevelMember {
                key: given.key,
                weight: given.weight,
                share: it.share,
                score,
                printed: score.map(|it| rules.print(it)),
                traffic: kept.traffic,
                coverage: Coverage {
                    measured: u32::from(given.index.is_some() && given.reported && given.expected),
                    expected: u32::from(given.expected),
                },
                excluded,
            })
        })
        .collect()
}
