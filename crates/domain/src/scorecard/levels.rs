//! Objectives, perspectives and the NKO out of stored indicator scores.
//!
//! Only what is in the scores counts: a level can be made again from them and gives the same digits.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::IndicatorScore;
use crate::ids::{IndicatorId, PlanNodeId};
use crate::indicator::IndicatorKind;
use crate::plan::Perspective;
use crate::quantity::{Achievement, Weight};
use crate::scale::Band;
use crate::scale::Traffic;
use crate::scorecard_score::{
    Coverage, IndicatorIndex, ObjectiveIndices, PerspectiveIndices, ScorecardScore, score_scorecard,
};
use crate::scoring::RuleSet;

/// What a level's score is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LevelKey {
    /// The organisation: the NKO.
    Organisation,
    /// A perspective.
    Perspective(Perspective),
    /// An objective.
    Objective(PlanNodeId),
}

/// The score of an objective, a perspective or the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Of what.
    pub key: LevelKey,
    /// In percent, full precision; none when nothing below has one.
    pub value: Option<Decimal>,
    /// Code of the band of the printed value.
    pub band: Option<String>,
    /// The colour.
    pub traffic: Traffic,
    /// How many of the expected indicators below are measured and verified.
    pub coverage: Coverage,
    /// Effective share of the NKO, 0 to 1; the NKO's own is 1.
    pub share: Decimal,
}

/// What stands on a scorecard: a level, or an indicator below all levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberKey {
    /// The organisation.
    Organisation,
    /// A perspective.
    Perspective(Perspective),
    /// An objective.
    Objective(PlanNodeId),
    /// An indicator.
    Indicator(IndicatorId),
}

/// What the scores give to each level, and what it comes to: the one calculation behind [`level_scores`],
/// [`indicator_shares`] and every explanation.
pub(crate) fn scored_card(
    scores: &[IndicatorScore],
    rules: &RuleSet,
) -> (Vec<PerspectiveIndices<MemberKey>>, ScorecardScore<MemberKey>) {
    let given = arranged(scores);
    let card = score_scorecard(&given, rules);
    (given, card)
}

/// All levels of a scorecard. Provisional scores are expected and not measured; supporting indicators and
/// objectives without a perspective enter nothing.
pub fn level_scores(scores: &[IndicatorScore], rules: &RuleSet) -> Vec<Level> {
    let (_, card) = scored_card(scores, rules);
    let mut levels = vec![level(
        LevelKey::Organisation,
        card.value.map(Decimal::from),
        card.band.as_ref(),
        card.coverage,
        Decimal::ONE,
    )];
    for perspective in &card.perspectives {
        let objectives = perspective.objectives.iter().map(|it| &it.level);
        for it in std::iter::once(&perspective.level).chain(objectives) {
            let key = match it.key {
                MemberKey::Perspective(perspective) => LevelKey::Perspective(perspective),
                MemberKey::Objective(objective) => LevelKey::Objective(objective),
                MemberKey::Indicator(_) | MemberKey::Organisation => continue,
            };
            let value = it.value.map(Decimal::from);
            levels.push(level(key, value, it.band.as_ref(), it.coverage, it.share_of_total));
        }
    }
    levels
}

/// The effective share of each indicator in its objective, 0 to 1: its weight over the weights of all that
/// have a final achievement.
pub fn indicator_shares(
    scores: &[IndicatorScore],
    rules: &RuleSet,
) -> BTreeMap<IndicatorId, Decimal> {
    let (_, card) = scored_card(scores, rules);
    let objectives = card.perspectives.into_iter().flat_map(|it| it.objectives);
    objectives
        .flat_map(|it| it.indicators)
        .filter_map(|it| match it.key {
            MemberKey::Indicator(indicator) => Some((indicator, it.share)),
            MemberKey::Organisation | MemberKey::Perspective(_) | MemberKey::Objective(_) => None,
        })
        .collect()
}

fn level(
    key: LevelKey,
    value: Option<Decimal>,
    band: Option<&Band>,
    coverage: Coverage,
    share: Decimal,
) -> Level {
    Level {
        key,
        value,
        band: band.map(|it| it.code.clone().into_owned()),
        traffic: band.map_or(Traffic::Grey, |it| it.status),
        coverage,
        share,
    }
}

fn arranged(scores: &[IndicatorScore]) -> Vec<PerspectiveIndices<MemberKey>> {
    type Objectives = BTreeMap<PlanNodeId, Vec<IndicatorIndex<MemberKey>>>;
    let mut sorted: BTreeMap<Perspective, (Weight, Objectives)> = BTreeMap::new();
    for score in scores.iter().filter(|it| it.placement.kind == IndicatorKind::Iku) {
        let Some(perspective) = score.placement.perspective else { continue };
        let (_, objectives) = sorted
            .entry(perspective)
            .or_insert_with(|| (score.placement.perspective_weight, BTreeMap::new()));
        let final_index = score.achievement.filter(|_| !score.provisional);
        objectives.entry(score.placement.objective).or_default().push(IndicatorIndex {
            key: MemberKey::Indicator(score.indicator),
            weight: score.placement.weight,
            index: final_index.map(Achievement::new),
            reported: score.reported && !score.provisional,
            expected: score.is_expected(),
        });
    }
    sorted
        .into_iter()
        .map(|(perspective, (weight, objectives))| PerspectiveIndices {
            key: MemberKey::Perspective(perspective),
            weight,
            objectives: objectives
                .into_iter()
                .map(|(objective, indicators)| ObjectiveIndices {
                    key: MemberKey::Objective(objective),
                    weight: Weight::ONE,
                    indicators,
                })
                .collect(),
        })
        .collect()
}
