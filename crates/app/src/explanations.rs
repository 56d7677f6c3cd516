//! Why a number is what it is: the explanation of a score, a roll-up, a place in a comparison.
//!
//! Each is made of what the page of that number shows, read by the same function, so that the two never disagree.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use ekinerja_domain::explanation::{
    Explanation, IndicatorExplanation, LevelExplanation, RankExplanation, RollUpExplanation,
};
use ekinerja_domain::ids::{IndicatorId, PlanNodeId};
use ekinerja_domain::period::Period;
use ekinerja_domain::plan::PlanNode;
use ekinerja_domain::scorecard::{IndicatorScore, LevelKey, MemberKey};
use ekinerja_domain::scoring::RuleSet;
use ekinerja_domain::tenant::RegionCode;
use ekinerja_store::TenantScope;

use crate::app::App;
use crate::comparison::ComparisonRequest;
use crate::refusal::{Refusal, Result};
use crate::scorecards::{ObjectiveCard, Scorecard};

/// What a member of a level is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberName {
    /// Its code.
    pub code: String,
    /// Its name or wording.
    pub name: String,
}

/// The explanation of a level with the names of what is in it.
#[derive(Debug, Clone)]
pub struct ExplainedLevel {
    /// The explanation.
    pub explanation: LevelExplanation,
    /// Names of everything on the scorecard, the level itself too.
    pub names: BTreeMap<MemberKey, MemberName>,
    /// The level above; none above the organisation.
    pub above: Option<LevelKey>,
    /// Objectives by perspective, so that each is one step away.
    pub objectives: BTreeMap<MemberKey, Vec<PlanNodeId>>,
    /// How many values wait for verification: shown, and counted nowhere.
    pub provisional: usize,
}

/// The explanation of an indicator's achievement with its surroundings.
#[derive(Debug, Clone)]
pub struct ExplainedIndicator {
    /// The explanation.
    pub explanation: IndicatorExplanation,
    /// Its objective.
    pub objective: Option<PlanNode>,
    /// The periods in which it has a score, earliest first.
    pub periods: Vec<Period>,
}

/// The explanation of a province's figure.
#[derive(Debug, Clone)]
pub struct ExplainedRollUp {
    /// The explanation.
    pub explanation: RollUpExplanation,
    /// Hash of figure, coverage and provenance.
    pub digest: String,
    /// When the figure last became another one.
    pub computed_at: DateTime<Utc>,
}

impl From<ExplainedLevel> for Explanation {
    fn from(it: ExplainedLevel) -> Self {
        Self::Level(Box::new(it.explanation))
    }
}

impl App {
    /// Why an indicator's achievement is what it is; without a period in the latest one with a figure.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]: there is no such indicator, or it has no score in that period.
    pub async fn explain_indicator(
        &self,
        scope: &TenantScope,
        id: IndicatorId,
        period: Option<Period>,
    ) -> Result<ExplainedIndicator> {
        let history = self.indicator_history(scope, id).await?;
        let latest = |wanted: fn(&IndicatorScore) -> bool| {
            let scores = history.scores.iter().filter(|it| wanted(it));
            scores.max_by_key(|it| (it.period.last_day(), it.period.is_year()))
        };
        let found = match period {
            Some(period) => history.scores.iter().find(|it| it.period == period),
            None => latest(|it| it.reported).or_else(|| latest(|_| true)),
        };
        let kept = found.ok_or(Refusal::NotFound)?;
        let explanation = IndicatorExplanation::of(
            &history.indicator,
            kept,
            RuleSet::version(&kept.rule_set.name, kept.rule_set.version),
            &history.revisions,
            &history.targets,
            &history.evidence,
        );
        let periods = history.scores.iter().map(|it| it.period).collect();
        Ok(ExplainedIndicator { explanation, objective: history.objective, periods })
    }

    /// Why an objective, a perspective or the organisation has its score.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]: nothing on the scorecard of that period stands there; [`Refusal::Invalid`] for a
    /// period that was never opened.
    pub async fn explain_level(
        &self,
        scope: &TenantScope,
        key: LevelKey,
        period: Option<Period>,
    ) -> Result<ExplainedLevel> {
        let card = self.scorecard(scope, period).await?.ok_or(Refusal::NotFound)?;
        let rules = card.rules.ok_or_else(|| {
            Refusal::internal(format!("the catalogue has no rule set {}", card.rule_set))
        })?;
        let scores: Vec<_> = card.lines().map(|it| it.score.clone()).collect();
        let found = LevelExplanation::of(key, card.period.period, &scores, rules);
        let explanation = found.ok_or(Refusal::NotFound)?;
        let objectives = objectives(&card);
        let above = match key {
            LevelKey::Organisation => None,
            LevelKey::Perspective(_) => Some(LevelKey::Organisation),
            LevelKey::Objective(id) => {
                let of = objectives.iter().find(|(_, nodes)| nodes.contains(&id));
                of.and_then(|(key, _)| match key {
                    MemberKey::Perspective(it) => Some(LevelKey::Perspective(*it)),
                    _ => None,
                })
            }
        };
        let provisional = card.provisional();
        Ok(ExplainedLevel { explanation, names: names(&card), above, objectives, provisional })
    }

    /// Why a province's figure of an indicator is what it is.
    ///
    /// # Errors
    /// As [`App::rollup`].
    pub async fn explain_rollup(
        &self,
        scope: &TenantScope,
        code: &str,
        period: Option<&str>,
    ) -> Result<ExplainedRollUp> {
        let view = self.rollup(scope, code, period).await?;
        let names = view.regencies.iter().map(|it| (it.code.clone(), it.name.clone())).collect();
        Ok(ExplainedRollUp {
            explanation: RollUpExplanation { rollup: view.kept.rollup, names },
            digest: view.kept.digest,
            computed_at: view.kept.computed_at,
        })
    }

    /// Why a regency stands where it stands in a comparison.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] outside a province, while nobody has published, and for a region that is not compared;
    /// [`Refusal::Invalid`] names `indicator` or `period`.
    pub async fn explain_rank(
        &self,
        scope: &TenantScope,
        request: &ComparisonRequest,
        region: &str,
    ) -> Result<RankExplanation> {
        let view = self.compare_regencies(scope, request).await?.ok_or(Refusal::NotFound)?;
        let region: RegionCode = region.parse().map_err(|_| Refusal::NotFound)?;
        let (yardstick, rules) = (&view.yardstick, view.rules);
        RankExplanation::of(yardstick, view.period, rules, &view.comparison, &region)
            .ok_or(Refusal::NotFound)
    }
}

fn objectives(card: &Scorecard) -> BTreeMap<MemberKey, Vec<PlanNodeId>> {
    let ids = |it: &[ObjectiveCard]| it.iter().map(|it| it.node.id).collect();
    card.perspectives
        .iter()
        .map(|it| (MemberKey::Perspective(it.setting.perspective), ids(&it.objectives)))
        .collect()
}

fn names(card: &Scorecard) -> BTreeMap<MemberKey, MemberName> {
    let name = |code: &str, name: &str| MemberName { code: code.to_owned(), name: name.to_owned() };
    let perspectives = card.perspectives.iter().map(|it| {
        let setting = &it.setting;
        let key = MemberKey::Perspective(setting.perspective);
        (key, name(setting.perspective.code(), &setting.name))
    });
    let placed = card.perspectives.iter().flat_map(|it| &it.objectives);
    let objectives =
        placed.map(|it| (MemberKey::Objective(it.node.id), name(&it.node.code, &it.node.text)));
    let indicators = card.lines().map(|it| {
        let of = &it.indicator;
        (MemberKey::Indicator(of.id), name(of.code.as_str(), &of.manual.name))
    });
    perspectives.chain(objectives).chain(indicators).collect()
}
