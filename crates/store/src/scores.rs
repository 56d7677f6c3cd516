//! Scores as computed: of indicators with all they were made of, and of the levels above them.

mod breakdown;

use ekinerja_domain::ids::{IndicatorId, MeasurementId, PlanNodeId, TargetId};
use ekinerja_domain::period::Period;
use ekinerja_domain::plan::Perspective;
use ekinerja_domain::quantity::{Rounding, STORED_DECIMALS, STORED_MAX, round};
use ekinerja_domain::scale::Traffic;
use ekinerja_domain::scorecard::{IndicatorScore, Level, LevelKey, ScoreOutcome};
use ekinerja_domain::scorecard_score::Coverage;
use ekinerja_domain::scoring::{RuleId, RuleSetRef};
use rust_decimal::Decimal;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use crate::entity::{score as row, scorecard_score as level_row};
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

use breakdown::Breakdown;

/// What stands in `rule` when no formula was reached.
const NO_RULE: &str = "-";

/// The scores of the transaction's tenant.
#[derive(Debug)]
pub struct Scores<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The scores as computed.
    pub fn scores(&self) -> Scores<'_> {
        Scores(self)
    }
}

impl Scores<'_> {
    #[expect(clippy::disallowed_methods, reason = "the one select of scores; it adds the tenant")]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    #[expect(clippy::disallowed_methods, reason = "the one select of levels; it adds the tenant")]
    fn level_rows(&self) -> Select<level_row::Entity> {
        level_row::Entity::find().filter(level_row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// The scores of all indicators in a period.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of_period(&self, period: Period) -> Result<Vec<IndicatorScore>> {
        let select = self.rows().filter(row::Column::Period.eq(period.to_string()));
        let rows = select.order_by_asc(row::Column::IndicatorId).all(self.0.connection()).await?;
        rows.into_iter().map(score_of).collect()
    }

    /// The scores of one indicator in all periods, earliest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of_indicator(&self, indicator: IndicatorId) -> Result<Vec<IndicatorScore>> {
        let select = self.rows().filter(row::Column::IndicatorId.eq(indicator.uuid()));
        let rows = select.order_by_asc(row::Column::Period).all(self.0.connection()).await?;
        rows.into_iter().map(score_of).collect()
    }

    /// Objectives, perspectives and the NKO of a period.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn levels(&self, period: Period) -> Result<Vec<Level>> {
        let select = self.level_rows().filter(level_row::Column::Period.eq(period.to_string()));
        let rows = select.all(self.0.connection()).await?;
        let mut levels = rows.iter().map(level_of).collect::<Result<Vec<_>>>()?;
        levels.sort_by_key(|it| it.key);
        Ok(levels)
    }

    /// Puts the scores of a period in the place of all its earlier ones.
    ///
    /// # Errors
    /// The database failed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only delete of scores; it names tenant and period"
    )]
    pub async fn replace(&self, period: Period, scores: &[IndicatorScore]) -> Result<()> {
        row::Entity::delete_many()
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Period.eq(period.to_string()))
            .exec(self.0.connection())
            .await?;
        self.put(scores).await
    }

    /// Keeps scores, each in the place of the one of its indicator and period.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put(&self, scores: &[IndicatorScore]) -> Result<()> {
        use row::Column as C;
        let once = OnConflict::columns([C::TenantId, C::IndicatorId, C::Period])
            .update_columns([
                C::RuleSet,
                C::RuleSetVersion,
                C::Rule,
                C::MeasurementId,
                C::TargetId,
                C::Outcome,
                C::Achievement,
                C::Uncapped,
                C::Band,
                C::Traffic,
                C::Provisional,
                C::Steps,
                C::ComputedAt,
            ])
            .to_owned();
        // PostgreSQL takes 65,535 parameters; a score has 15.
        for piece in scores.chunks(1000) {
            let rows = piece.iter().map(|it| self.row_of(it)).collect::<Result<Vec<_>>>()?;
            row::Entity::insert_many(rows)
                .on_conflict(once.clone())
                .exec_without_returning(self.0.connection())
                .await?;
        }
        Ok(())
    }

    fn row_of(&self, it: &IndicatorScore) -> Result<row::ActiveModel> {
        Ok(row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            indicator_id: ActiveValue::Set(it.indicator.uuid()),
            period: ActiveValue::Set(it.period.to_string()),
            rule_set: ActiveValue::Set(it.rule_set.name.clone().into_owned()),
            rule_set_version: ActiveValue::Set(version_of(&it.rule_set)?),
            rule: ActiveValue::Set(it.rule.map_or(NO_RULE, RuleId::code).to_owned()),
            measurement_id: ActiveValue::Set(it.measurement.map(MeasurementId::uuid)),
            target_id: ActiveValue::Set(it.target.map(TargetId::uuid)),
            outcome: ActiveValue::Set(it.outcome.code().to_owned()),
            achievement: ActiveValue::Set(it.achievement.and_then(kept)),
            uncapped: ActiveValue::Set(it.uncapped.and_then(kept)),
            band: ActiveValue::Set(it.band.clone()),
            traffic: ActiveValue::Set(it.traffic.code().to_owned()),
            provisional: ActiveValue::Set(it.provisional),
            steps: ActiveValue::Set(
                Breakdown::of(it)
                    .to_json()
                    .map_err(|_| Error::corrupt("scores", "steps", it.indicator))?,
            ),
            computed_at: ActiveValue::Set(it.computed_at),
        })
    }

    /// Puts the levels of a period in the place of all its earlier ones.
    ///
    /// # Errors
    /// The database failed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only delete of levels; it names tenant and period"
    )]
    pub async fn replace_levels(
        &self,
        period: Period,
        rule_set: &RuleSetRef,
        levels: &[Level],
    ) -> Result<()> {
        level_row::Entity::delete_many()
            .filter(level_row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(level_row::Column::Period.eq(period.to_string()))
            .exec(self.0.connection())
            .await?;
        let mut rows = Vec::with_capacity(levels.len());
        for it in levels {
            let (level, key) = key_of(it.key);
            rows.push(level_row::ActiveModel {
                tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
                period: ActiveValue::Set(period.to_string()),
                level: ActiveValue::Set(level.to_owned()),
                key: ActiveValue::Set(key),
                value: ActiveValue::Set(it.value.and_then(kept)),
                band: ActiveValue::Set(it.band.clone()),
                traffic: ActiveValue::Set(it.traffic.code().to_owned()),
                measured: ActiveValue::Set(count(it.coverage.measured)),
                expected: ActiveValue::Set(count(it.coverage.expected)),
                share: ActiveValue::Set(kept(it.share)),
                rule_set: ActiveValue::Set(rule_set.name.clone().into_owned()),
                rule_set_version: ActiveValue::Set(version_of(rule_set)?),
                computed_at: ActiveValue::Set(self.0.now()),
            });
        }
        if rows.is_empty() {
            return Ok(());
        }
        level_row::Entity::insert_many(rows).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }
}

/// A percentage as its column keeps it. Cut, not rounded: rounding twice could print 80.00 where the exact
/// number prints 79.99 and has that band. What is too large for the column is in the breakdown only.
fn kept(value: Decimal) -> Option<Decimal> {
    let value = round(value, STORED_DECIMALS, Rounding::Truncate);
    (value.abs() <= STORED_MAX).then_some(value)
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn version_of(rule_set: &RuleSetRef) -> Result<i32> {
    i32::try_from(rule_set.version)
        .map_err(|_| Error::corrupt("scores", "rule_set_version", &rule_set.name))
}

fn rule_set_of(name: String, version: i32) -> Option<RuleSetRef> {
    Some(RuleSetRef { name: name.into(), version: u32::try_from(version).ok()? })
}

fn key_of(key: LevelKey) -> (&'static str, String) {
    match key {
        LevelKey::Organisation => ("organisation", String::new()),
        LevelKey::Perspective(perspective) => ("perspective", perspective.code().to_owned()),
        LevelKey::Objective(objective) => ("objective", objective.uuid().to_string()),
    }
}

fn level_of(model: &level_row::Model) -> Result<Level> {
    let corrupt = |column| Error::corrupt("scorecard_scores", column, &model.key);
    let key = match model.level.as_str() {
        "organisation" => Some(LevelKey::Organisation),
        "perspective" => Perspective::from_code(&model.key).map(LevelKey::Perspective),
        _ => model.key.parse::<Uuid>().ok().map(|it| LevelKey::Objective(PlanNodeId::from(it))),
    };
    let count = |number: i32| u32::try_from(number).map_err(|_| corrupt("measured"));
    Ok(Level {
        key: key.ok_or_else(|| corrupt("key"))?,
        value: model.value.map(|it| it.normalize()),
        band: model.band.clone(),
        traffic: Traffic::from_code(&model.traffic).ok_or_else(|| corrupt("traffic"))?,
        coverage: Coverage { measured: count(model.measured)?, expected: count(model.expected)? },
        share: model.share.unwrap_or_default().normalize(),
    })
}

fn score_of(model: row::Model) -> Result<IndicatorScore> {
    let indicator = IndicatorId::from(model.indicator_id);
    let corrupt = |column| Error::corrupt("scores", column, indicator);
    let Breakdown {
        achievement,
        uncapped,
        printed,
        reported,
        target_text,
        target_illustrative,
        inputs,
        steps,
        placement,
        consolidated,
        missing,
    } = Breakdown::from_json(model.steps).map_err(|_| corrupt("steps"))?;
    let rule = match model.rule.as_str() {
        NO_RULE => None,
        code => Some(RuleId::from_code(code).ok_or_else(|| corrupt("rule"))?),
    };
    let periods = |names: Vec<String>| {
        names
            .iter()
            .map(|it| it.parse::<Period>().map_err(|_| corrupt("steps")))
            .collect::<Result<Vec<_>>>()
    };
    Ok(IndicatorScore {
        indicator,
        period: model.period.parse().map_err(|_| corrupt("period"))?,
        rule_set: rule_set_of(model.rule_set.clone(), model.rule_set_version)
            .ok_or_else(|| corrupt("rule_set_version"))?,
        rule,
        measurement: model.measurement_id.map(MeasurementId::from),
        target: model.target_id.map(TargetId::from),
        target_text,
        target_illustrative,
        outcome: ScoreOutcome::from_code(&model.outcome).ok_or_else(|| corrupt("outcome"))?,
        achievement,
        uncapped,
        printed,
        band: model.band,
        traffic: Traffic::from_code(&model.traffic).ok_or_else(|| corrupt("traffic"))?,
        provisional: model.provisional,
        reported,
        inputs: inputs.read().ok_or_else(|| corrupt("steps"))?,
        steps: steps
            .into_iter()
            .map(breakdown::Step::read)
            .collect::<Option<_>>()
            .ok_or_else(|| corrupt("steps"))?,
        placement: placement.read().ok_or_else(|| corrupt("steps"))?,
        consolidated: periods(consolidated)?,
        missing: periods(missing)?,
        computed_at: model.computed_at,
    })
}
