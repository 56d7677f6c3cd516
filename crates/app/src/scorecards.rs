//! The scorecard of a period, as it was scored: perspectives, objectives, indicators, NKO.

use std::collections::HashMap;

use ekinerja_domain::access::View;
use ekinerja_domain::access::policy::Scorecard as ScorecardPolicy;
use ekinerja_domain::ids::{IndicatorId, MeasurementId, PlanNodeId};
use ekinerja_domain::indicator::{Indicator, IndicatorKind};
use ekinerja_domain::measurement::Measurement;
use ekinerja_domain::period::{Period, TenantPeriod};
use ekinerja_domain::plan::{MediumTermPlan, PerspectiveSetting, PlanNode};
use ekinerja_domain::scorecard::{IndicatorScore, Level, LevelKey, indicator_shares};
use ekinerja_domain::scoring::{RuleSet, RuleSetPurpose, RuleSetRef};
use ekinerja_store::{TenantScope, TenantTx};
use rust_decimal::Decimal;

use crate::app::App;
use crate::periods::unknown;
use crate::refusal::Result;

/// The scorecard of a tenant for a period.
#[derive(Debug, Clone)]
pub struct Scorecard {
    /// The period.
    pub period: TenantPeriod,
    /// Every period that was opened, latest first.
    pub periods: Vec<TenantPeriod>,
    /// The plan that the tenant works on.
    pub plan: Option<MediumTermPlan>,
    /// The rule set that made the figures.
    pub rule_set: RuleSetRef,
    /// That rule set, for its scales and basis; none when the catalogue has it no more.
    pub rules: Option<&'static RuleSet>,
    /// The organisation's score; none while nothing was scored.
    pub organisation: Option<Level>,
    /// The four perspectives in the tenant's order.
    pub perspectives: Vec<PerspectiveCard>,
    /// Objectives with IKU that stand in no perspective: shown, and in no score.
    pub unplaced: Vec<ObjectiveCard>,
    /// Supporting indicators: shown, and in no score.
    pub supporting: Vec<IndicatorLine>,
}

/// A perspective of the scorecard.
#[derive(Debug, Clone)]
pub struct PerspectiveCard {
    /// Name and weight.
    pub setting: PerspectiveSetting,
    /// Its score; none for an empty perspective.
    pub level: Option<Level>,
    /// Its objectives.
    pub objectives: Vec<ObjectiveCard>,
}

/// An objective of the scorecard.
#[derive(Debug, Clone)]
pub struct ObjectiveCard {
    /// The objective.
    pub node: PlanNode,
    /// Its score.
    pub level: Option<Level>,
    /// Its indicators.
    pub lines: Vec<IndicatorLine>,
}

/// An indicator on the scorecard.
#[derive(Debug, Clone)]
pub struct IndicatorLine {
    /// The indicator.
    pub indicator: Indicator,
    /// Its score with all it was made of.
    pub score: IndicatorScore,
    /// The measurement that counted.
    pub measurement: Option<Measurement>,
    /// Its effective share of its objective, 0 to 1; zero while it has no final achievement.
    pub share: Decimal,
}

impl Scorecard {
    /// Every line, those of perspectives first.
    pub fn lines(&self) -> impl Iterator<Item = &IndicatorLine> {
        let placed = self.perspectives.iter().flat_map(|it| &it.objectives);
        placed.chain(&self.unplaced).flat_map(|it| &it.lines).chain(&self.supporting)
    }

    /// How many values of IKU are submitted and not yet verified: shown, and counted nowhere.
    pub fn provisional(&self) -> usize {
        let counted = |it: &&IndicatorLine| it.score.placement.kind == IndicatorKind::Iku;
        self.lines().filter(counted).filter(|it| it.score.provisional).count()
    }
}

impl App {
    /// The scorecard of a period; without one, of the latest period that has ended (else the earliest opened).
    /// None when the tenant opened no period yet.
    ///
    /// # Errors
    /// The period asked for was never opened.
    pub async fn scorecard(
        &self,
        scope: &TenantScope,
        period: Option<Period>,
    ) -> Result<Option<Scorecard>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(ScorecardPolicy)?;
        let periods = tx.periods().all().await?;
        let found = match period {
            Some(period) => {
                let found = periods.iter().find(|it| it.period == period);
                Some(found.ok_or_else(|| unknown(period))?.clone())
            }
            None => usual(&periods, self.today()).cloned(),
        };
        let Some(period) = found else { return Ok(None) };
        let mut scores = tx.scores().of_period(period.period).await?;
        let mut tx = tx;
        if crate::recalculation::overdue(&period, &scores, self.now()) {
            // The transaction must not be open beside the one that scores.
            drop(tx);
            self.recalculate(scope, period.period).await?;
            tx = self.begin(scope).await?;
            scores = tx.scores().of_period(period.period).await?;
        }
        composed(&tx, period, periods, scores).await.map(Some)
    }
}

/// The period to show when none is named: the latest whole year that has ended, else the latest period that
/// has, else the earliest.
pub(crate) fn usual(periods: &[TenantPeriod], today: chrono::NaiveDate) -> Option<&TenantPeriod> {
    let ended = || periods.iter().filter(|it| it.period.last_day() < today);
    ended()
        .filter(|it| it.period.is_year())
        .max_by_key(|it| it.period)
        .or_else(|| ended().max_by_key(|it| it.period))
        .or_else(|| periods.iter().min_by_key(|it| it.period))
}

async fn composed(
    tx: &TenantTx,
    period: TenantPeriod,
    periods: Vec<TenantPeriod>,
    scores: Vec<IndicatorScore>,
) -> Result<Scorecard> {
    let plan = tx.plans().current().await?;
    let mut nodes = HashMap::new();
    for plan in tx.plans().all().await? {
        nodes.extend(tx.plans().nodes(plan.id).await?.into_iter().map(|it| (it.id, it)));
    }
    let settings = tx.plans().perspectives().await?;
    let levels = tx.scores().levels(period.period).await?;
    let level = |key| levels.iter().find(|it| it.key == key).cloned();
    // Scores of one period are of one rule set, but for those that a reopening has touched since.
    let rule_set = if let Some(score) = scores.first() {
        score.rule_set.clone()
    } else {
        let year = period.period.calendar_year();
        tx.rule_sets().chosen(RuleSetPurpose::Own, year).await?.id.clone()
    };
    let rules = RuleSet::version(&rule_set.name, rule_set.version);
    let lines = lines(tx, scores, rules).await?;
    let mut by_objective: HashMap<PlanNodeId, Vec<IndicatorLine>> = HashMap::new();
    let mut supporting = Vec::new();
    for line in lines {
        match line.score.placement.kind {
            IndicatorKind::Iku => {
                by_objective.entry(line.score.placement.objective).or_default().push(line);
            }
            IndicatorKind::Supporting => supporting.push(line),
        }
    }
    let mut objectives: Vec<(Option<_>, ObjectiveCard)> = by_objective
        .into_iter()
        .filter_map(|(id, lines)| {
            let node = nodes.get(&id)?.clone();
            let perspective = lines.first().and_then(|it| it.score.placement.perspective);
            let level = level(LevelKey::Objective(id));
            Some((perspective, ObjectiveCard { node, level, lines }))
        })
        .collect();
    objectives.sort_by_key(|(_, card)| natural(&card.node.code));
    let mut perspectives = Vec::with_capacity(settings.len());
    for setting in settings {
        let mine = |(perspective, _): &mut (Option<_>, ObjectiveCard)| {
            *perspective == Some(setting.perspective)
        };
        let objectives = objectives.extract_if(.., mine).map(|(_, card)| card).collect();
        let level = level(LevelKey::Perspective(setting.perspective));
        perspectives.push(PerspectiveCard { setting, level, objectives });
    }
    Ok(Scorecard {
        organisation: level(LevelKey::Organisation),
        unplaced: objectives.into_iter().map(|(_, card)| card).collect(),
        period,
        periods,
        plan,
        rule_set,
        rules,
        perspectives,
        supporting,
    })
}

/// Lines in the order of the plan.
async fn lines(
    tx: &TenantTx,
    scores: Vec<IndicatorScore>,
    rules: Option<&'static RuleSet>,
) -> Result<Vec<IndicatorLine>> {
    let shares = rules.map(|rules| indicator_shares(&scores, rules)).unwrap_or_default();
    let ids: Vec<MeasurementId> = scores.iter().filter_map(|it| it.measurement).collect();
    let mut measurements: HashMap<MeasurementId, Measurement> =
        tx.measurements().of_ids(&ids).await?.into_iter().map(|it| (it.id, it)).collect();
    let mut scores: HashMap<IndicatorId, IndicatorScore> =
        scores.into_iter().map(|it| (it.indicator, it)).collect();
    let indicators = tx.indicators().all().await?;
    Ok(indicators
        .into_iter()
        .filter_map(|indicator| {
            let score = scores.remove(&indicator.id)?;
            let measurement = score.measurement.and_then(|it| measurements.remove(&it));
            let share = shares.get(&indicator.id).copied().unwrap_or_default();
            Some(IndicatorLine { indicator, score, measurement, share })
        })
        .collect())
}

/// Sorts `3.10` behind `3.9`.
pub(crate) fn natural(code: &str) -> Vec<(u64, String)> {
    code.split(['.', '-', '_'])
        .map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            (digits.parse().unwrap_or(u64::MAX), part.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_as_people_count() {
        let mut codes = ["3.10", "3.9", "3", "10.1", "S1"];
        codes.sort_by_key(|it| natural(it));
        assert_eq!(codes, ["3", "3.9", "3.10", "10.1", "S1"]);
    }

    #[test]
    fn usual_period_is_the_last_year_that_has_ended() {
        let period = |text: &str| TenantPeriod {
            period: text.parse().expect(text),
            state: ekinerja_domain::period::PeriodState::Open,
            reopened_until: None,
            reopening_reason: None,
            revision: 1,
        };
        let of = |periods: &[&str]| {
            let periods: Vec<_> = periods.iter().map(|it| period(it)).collect();
            let today = chrono::NaiveDate::from_ymd_opt(2024, 5, 1).expect("a day");
            usual(&periods, today).map(|it| it.period.to_string())
        };
        assert_eq!(of(&["2022", "2023", "2024", "2024-Q1"]).as_deref(), Some("2023"));
        assert_eq!(of(&["2024-Q1", "2024-Q2"]).as_deref(), Some("2024-Q1"));
        assert_eq!(of(&["2025", "2024"]).as_deref(), Some("2024"));
        assert_eq!(of(&[]), None);
    }
}
