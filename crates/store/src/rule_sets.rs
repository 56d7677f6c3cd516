//! Which rule set a tenant scores a year by; a later choice counts, earlier ones stay readable.

use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_domain::access::policy::Scorecard;
use ekinerja_domain::access::{Administer, Granted};
use ekinerja_domain::scoring::{RuleSet, RuleSetPurpose, RuleSetRef};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use crate::entity::rule_set_choice as row;
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// A choice that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetChoice {
    /// The year it holds for.
    pub year: i32,
    /// For what.
    pub purpose: RuleSetPurpose,
    /// The rule set.
    pub rule_set: RuleSetRef,
    /// Who chose it.
    pub chosen_by_name: String,
    /// When.
    pub chosen_at: DateTime<Utc>,
}

/// The rule-set choices of the transaction's tenant.
#[derive(Debug)]
pub struct RuleSets<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The rule-set choices.
    pub fn rule_sets(&self) -> RuleSets<'_> {
        RuleSets(self)
    }
}

impl RuleSets<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find()
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .order_by_desc(row::Column::ChosenAt)
            .order_by_desc(row::Column::Id)
    }

    /// The rule set of a year: the last choice, else the seed in the version that holds at the year's end.
    ///
    /// # Errors
    /// The database failed, or the row names no rule set of the catalogue.
    pub async fn chosen(&self, purpose: RuleSetPurpose, year: i32) -> Result<&'static RuleSet> {
        let found = self
            .rows()
            .filter(row::Column::Purpose.eq(purpose.code()))
            .filter(row::Column::Year.eq(year))
            .one(self.0.connection())
            .await?;
        let chosen = match &found {
            Some(choice) => u32::try_from(choice.version)
                .ok()
                .and_then(|version| RuleSet::version(&choice.rule_set, version)),
            None => seed(purpose, year),
        };
        let id = found.map_or_else(|| purpose.seed().to_owned(), |choice| choice.id.to_string());
        chosen.ok_or_else(|| Error::corrupt("rule_set_choices", "rule_set", id))
    }

    /// Every choice that was made, the latest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn choices(&self) -> Result<Vec<RuleSetChoice>> {
        self.rows().all(self.0.connection()).await?.into_iter().map(choice_of).collect()
    }

    /// Chooses a rule set of the catalogue for a year.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add(
        &self,
        _permit: &Granted<Administer, Scorecard>,
        purpose: RuleSetPurpose,
        year: i32,
        rule_set: &'static RuleSet,
    ) -> Result<RuleSetChoice> {
        let id: Uuid = crate::fresh_id();
        let version = i32::try_from(rule_set.id.version)
            .map_err(|_| Error::corrupt("rule_set_choices", "version", id))?;
        let model = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(id),
            year: ActiveValue::Set(year),
            purpose: ActiveValue::Set(purpose.code().to_owned()),
            rule_set: ActiveValue::Set(rule_set.name().to_owned()),
            version: ActiveValue::Set(version),
            chosen_by: ActiveValue::Set(self.0.user().uuid()),
            chosen_by_name: ActiveValue::Set(self.0.standing().name.clone()),
            chosen_at: ActiveValue::Set(self.0.now()),
        };
        row::Entity::insert(model).exec_without_returning(self.0.connection()).await?;
        Ok(RuleSetChoice {
            year,
            purpose,
            rule_set: rule_set.id.clone(),
            chosen_by_name: self.0.standing().name.clone(),
            chosen_at: self.0.now(),
        })
    }
}

/// What serves until a tenant chooses. A year before the first version has that first version.
fn seed(purpose: RuleSetPurpose, year: i32) -> Option<&'static RuleSet> {
    NaiveDate::from_ymd_opt(year, 12, 31)
        .and_then(|day| RuleSet::effective_on(purpose.seed(), day))
        .or_else(|| RuleSet::version(purpose.seed(), 1))
}

fn choice_of(model: row::Model) -> Result<RuleSetChoice> {
    let corrupt = |column| Error::corrupt("rule_set_choices", column, model.id);
    let version = u32::try_from(model.version).map_err(|_| corrupt("version"))?;
    Ok(RuleSetChoice {
        year: model.year,
        purpose: RuleSetPurpose::from_code(&model.purpose).ok_or_else(|| corrupt("purpose"))?,
        rule_set: RuleSet::version(&model.rule_set, version)
            .ok_or_else(|| corrupt("rule_set"))?
            .id
            .clone(),
        chosen_by_name: model.chosen_by_name,
        chosen_at: model.chosen_at,
    })
}
