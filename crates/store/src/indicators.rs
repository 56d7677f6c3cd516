//! Indicators of a tenant, each with the agency that owns it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use ekinerja_domain::access::policy::Planning;
use ekinerja_domain::access::{Amend, Governs, Granted, View};
use ekinerja_domain::consolidation::PeriodConsolidation;
use ekinerja_domain::ids::{AgencyId, IndicatorId, PlanId, PlanNodeId};
use ekinerja_domain::indicator::{
    Baseline, FieldMode, FieldModes, Frequency, Indicator, IndicatorCode, IndicatorKind,
    IndicatorManual, ManualField, Owner,
};
use ekinerja_domain::plan::Origin;
use ekinerja_domain::rollup::LocationConsolidation;
use ekinerja_domain::scoring::{Polarity, RuleId};
use rust_decimal::Decimal;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    SelectTwo,
};
use serde_json::Value as Json;

use crate::entity::{agency, indicator as row};
use crate::error::{Error, Result};
use crate::page::{Page, Paged};
use crate::plans::origin_of;
use crate::tenant::TenantTx;

/// An indicator that shall be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIndicator {
    /// Its code, unique in the tenant.
    pub code: IndicatorCode,
    /// The plan.
    pub plan: PlanId,
    /// Own or taken over.
    pub origin: Origin,
    /// What may be changed of it here.
    pub modes: FieldModes,
    /// Place among the indicators of its objective.
    pub position: i32,
    /// Everything that can also be changed later.
    pub content: IndicatorChange,
}

/// How an indicator shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorChange {
    /// The objective it measures.
    pub objective: PlanNodeId,
    /// IKU or supporting.
    pub kind: IndicatorKind,
    /// Its manual.
    pub manual: IndicatorManual,
    /// Relative weight within its objective.
    pub weight: Decimal,
    /// The owning agency and the post that answers for it.
    pub owner: Option<(AgencyId, Option<String>)>,
    /// The value before the plan.
    pub baseline: Option<Baseline>,
}

/// The indicators of the transaction's tenant.
#[derive(Debug)]
pub struct Indicators<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The indicators.
    pub fn indicators(&self) -> Indicators<'_> {
        Indicators(self)
    }
}

impl Indicators<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> SelectTwo<row::Entity, agency::Entity> {
        let owner = row::Entity::belongs_to(agency::Entity)
            .from((row::Column::TenantId, row::Column::OwnerAgencyId))
            .to((agency::Column::TenantId, agency::Column::Id));
        row::Entity::find()
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .join(JoinType::LeftJoin, owner.into())
            .select_also(agency::Entity)
    }

    /// Every indicator, retired ones too, by their place and code.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn all(&self) -> Result<Vec<Indicator>> {
        let rows = self
            .rows()
            .order_by_asc(row::Column::Position)
            .order_by_asc(row::Column::Code)
            .all(self.0.connection())
            .await?;
        rows.into_iter().map(indicator_of).collect()
    }

    /// A piece of the indicators in the order in which they were added.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn page(&self, page: &Page, after: Option<IndicatorId>) -> Result<Paged<Indicator>> {
        let mut rows = self.rows().order_by_asc(row::Column::Id).limit(page.size + 1);
        if let Some(after) = after {
            rows = rows.filter(row::Column::Id.gt(after.uuid()));
        }
        let rows = rows.all(self.0.connection()).await?;
        let items = rows.into_iter().map(indicator_of).collect::<Result<_>>()?;
        Ok(Paged::of(items, page, |it: &Indicator| it.id.to_string()))
    }

    /// One indicator, for who may do `A` to it.
    ///
    /// # Errors
    /// [`Error::Denied`] when there is none or the actor may not.
    pub async fn fetch<A>(&self, id: IndicatorId) -> Result<Granted<A, Indicator>>
    where
        Indicator: Governs<A> + Governs<View>,
    {
        let found =
            self.rows().filter(row::Column::Id.eq(id.uuid())).one(self.0.connection()).await?;
        self.0.grant(found.map(indicator_of).transpose()?)
    }

    /// The indicator with this code.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find_by_code(&self, code: &IndicatorCode) -> Result<Option<Indicator>> {
        let found = self
            .rows()
            .filter(row::Column::Code.eq(code.as_str()))
            .one(self.0.connection())
            .await?;
        found.map(indicator_of).transpose()
    }

    /// Adds an indicator.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `indicators_code_unique`, `indicators_objective` or `indicators_owner`.
    pub async fn add(
        &self,
        _permit: &Granted<Amend, Planning>,
        new: NewIndicator,
    ) -> Result<IndicatorId> {
        let id: IndicatorId = crate::fresh_id();
        let NewIndicator { code, plan, origin, modes, position, content } = new;
        let IndicatorChange { objective, kind, manual, weight, owner, baseline } = content;
        let (owner, post) = owner.map_or((None, None), |(agency, post)| (Some(agency), post));
        let model = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(id.uuid()),
            code: ActiveValue::Set(code.as_str().to_owned()),
            plan_id: ActiveValue::Set(plan.uuid()),
            objective_id: ActiveValue::Set(objective.uuid()),
            kind: ActiveValue::Set(kind.code().to_owned()),
            name: ActiveValue::Set(manual.name),
            definition: ActiveValue::Set(manual.definition),
            formula: ActiveValue::Set(manual.formula),
            unit: ActiveValue::Set(manual.unit),
            polarity: ActiveValue::Set(manual.polarity.code().to_owned()),
            rule: ActiveValue::Set(manual.rule.map(|it| it.code().to_owned())),
            decimals: ActiveValue::Set(i16::from(manual.decimals)),
            period_consolidation: ActiveValue::Set(manual.period_consolidation.code().to_owned()),
            location_consolidation: ActiveValue::Set(
                manual.location_consolidation.code().to_owned(),
            ),
            weight_variable: ActiveValue::Set(
                manual.weight_variable.map(|it| it.as_str().to_owned()),
            ),
            numerator: ActiveValue::Set(manual.numerator),
            denominator: ActiveValue::Set(manual.denominator),
            source: ActiveValue::Set(manual.source),
            publisher: ActiveValue::Set(manual.publisher),
            frequency: ActiveValue::Set(manual.frequency.code().to_owned()),
            worst: ActiveValue::Set(manual.worst),
            weight: ActiveValue::Set(weight),
            owner_agency_id: ActiveValue::Set(owner.map(AgencyId::uuid)),
            owner_post: ActiveValue::Set(post),
            baseline_value: ActiveValue::Set(baseline.map(|it| it.value)),
            baseline_year: ActiveValue::Set(baseline.map(|it| it.year)),
            baseline_verified: ActiveValue::Set(baseline.map(|it| it.verified)),
            template_code: ActiveValue::Set(origin.template_code().map(str::to_owned)),
            modes: ActiveValue::Set(modes_json(&modes)),
            retired_on: ActiveValue::Set(None),
            position: ActiveValue::Set(position),
            revision: ActiveValue::Set(1),
        };
        row::Entity::insert(model).exec_without_returning(self.0.connection()).await?;
        Ok(id)
    }

    /// Changes an indicator that was read at `revision`; the caller has checked its locked fields.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since; [`Error::Conflict`] with `indicators_code_unique` or
    /// `indicators_owner`.
    #[expect(clippy::disallowed_methods, reason = "an update that names tenant, id and revision")]
    pub async fn amend(
        &self,
        indicator: &Granted<Amend, Indicator>,
        revision: i32,
        code: IndicatorCode,
        change: IndicatorChange,
    ) -> Result<()> {
        use row::Column as C;
        let IndicatorChange { objective, kind, manual, weight, owner, baseline } = change;
        let (owner, post) = owner.map_or((None, None), |(agency, post)| (Some(agency), post));
        let location = manual.location_consolidation.code();
        let variable = manual.weight_variable.map(|it| it.as_str().to_owned());
        let done = row::Entity::update_many()
            .col_expr(C::Code, Expr::value(code.as_str()))
            .col_expr(C::ObjectiveId, Expr::value(objective.uuid()))
            .col_expr(C::Kind, Expr::value(kind.code()))
            .col_expr(C::Name, Expr::value(manual.name))
            .col_expr(C::Definition, Expr::value(manual.definition))
            .col_expr(C::Formula, Expr::value(manual.formula))
            .col_expr(C::Unit, Expr::value(manual.unit))
            .col_expr(C::Polarity, Expr::value(manual.polarity.code()))
            .col_expr(C::Rule, Expr::value(manual.rule.map(|it| it.code().to_owned())))
            .col_expr(C::Decimals, Expr::value(i16::from(manual.decimals)))
            .col_expr(C::PeriodConsolidation, Expr::value(manual.period_consolidation.code()))
            .col_expr(C::LocationConsolidation, Expr::value(location))
            .col_expr(C::WeightVariable, Expr::value(variable))
            .col_expr(C::Numerator, Expr::value(manual.numerator))
            .col_expr(C::Denominator, Expr::value(manual.denominator))
            .col_expr(C::Source, Expr::value(manual.source))
            .col_expr(C::Publisher, Expr::value(manual.publisher))
            .col_expr(C::Frequency, Expr::value(manual.frequency.code()))
            .col_expr(C::Worst, Expr::value(manual.worst))
            .col_expr(C::Weight, Expr::value(weight))
            .col_expr(C::OwnerAgencyId, Expr::value(owner.map(AgencyId::uuid)))
            .col_expr(C::OwnerPost, Expr::value(post))
            .col_expr(C::BaselineValue, Expr::value(baseline.map(|it| it.value)))
            .col_expr(C::BaselineYear, Expr::value(baseline.map(|it| it.year)))
            .col_expr(C::BaselineVerified, Expr::value(baseline.map(|it| it.verified)))
            .col_expr(C::Revision, Expr::value(revision + 1))
            .filter(C::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(C::Id.eq(indicator.id.uuid()))
            .filter(C::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Sets what a release lets regencies do with the fields of an indicator that was read at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since.
    #[expect(clippy::disallowed_methods, reason = "an update that names tenant, id and revision")]
    pub async fn set_modes(
        &self,
        indicator: &Granted<Amend, Indicator>,
        revision: i32,
        modes: &FieldModes,
    ) -> Result<()> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::Modes, Expr::value(modes_json(modes)))
            .col_expr(row::Column::Revision, Expr::value(revision + 1))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(indicator.id.uuid()))
            .filter(row::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Retires an indicator that was read at `revision` from a day on; none: it is taken up again.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since.
    #[expect(clippy::disallowed_methods, reason = "an update that names tenant, id and revision")]
    pub async fn retire(
        &self,
        indicator: &Granted<Amend, Indicator>,
        revision: i32,
        day: Option<NaiveDate>,
    ) -> Result<()> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::RetiredOn, Expr::value(day))
            .col_expr(row::Column::Revision, Expr::value(revision + 1))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(indicator.id.uuid()))
            .filter(row::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

/// The modes as they are stored: `{"unit": "locked"}`.
pub(crate) fn modes_json(modes: &FieldModes) -> Json {
    let pairs = modes.iter().map(|(field, mode)| (field.code().to_owned(), mode.code().into()));
    Json::Object(pairs.collect())
}

/// The modes as [`modes_json`] stored them; none when they are not of that form.
pub(crate) fn modes_of(json: &Json) -> Option<FieldModes> {
    let pairs = json.as_object()?.iter().map(|(field, mode)| {
        Some((ManualField::from_code(field)?, FieldMode::from_code(mode.as_str()?)?))
    });
    pairs.collect::<Option<BTreeMap<_, _>>>()
}

pub(crate) fn indicator_of(
    (model, owner): (row::Model, Option<agency::Model>),
) -> Result<Indicator> {
    let corrupt = |column| Error::corrupt("indicators", column, model.id);
    let code = |text: &str, column| IndicatorCode::new(text).map_err(|_| corrupt(column));
    let rule = match &model.rule {
        None => None,
        Some(rule) => Some(RuleId::from_code(rule).ok_or_else(|| corrupt("rule"))?),
    };
    let weight_variable = match &model.weight_variable {
        None => None,
        Some(variable) => Some(code(variable, "weight_variable")?),
    };
    let post = model.owner_post.clone();
    let owner = owner.map(|agency| Owner {
        agency: AgencyId::from(agency.id),
        agency_name: agency.name,
        line: agency.line.into_iter().map(AgencyId::from).collect(),
        post,
    });
    let baseline = match (model.baseline_value, model.baseline_year) {
        (Some(value), Some(year)) => Some(Baseline {
            value: value.normalize(),
            year,
            verified: model.baseline_verified.unwrap_or(false),
        }),
        _ => None,
    };
    let manual = IndicatorManual {
        polarity: Polarity::from_code(&model.polarity).ok_or_else(|| corrupt("polarity"))?,
        rule,
        decimals: u8::try_from(model.decimals).map_err(|_| corrupt("decimals"))?,
        period_consolidation: PeriodConsolidation::from_code(&model.period_consolidation)
            .ok_or_else(|| corrupt("period_consolidation"))?,
        location_consolidation: LocationConsolidation::from_code(&model.location_consolidation)
            .ok_or_else(|| corrupt("location_consolidation"))?,
        weight_variable,
        frequency: Frequency::from_code(&model.frequency).ok_or_else(|| corrupt("frequency"))?,
        worst: model.worst.map(|it| it.normalize()),
        name: model.name.clone(),
        definition: model.definition.clone(),
        formula: model.formula.clone(),
        unit: model.unit.clone(),
        numerator: model.numerator.clone(),
        denominator: model.denominator.clone(),
        source: model.source.clone(),
        publisher: model.publisher.clone(),
    };
    Ok(Indicator {
        id: IndicatorId::from(model.id),
        code: code(&model.code, "code")?,
        plan: PlanId::from(model.plan_id),
        objective: PlanNodeId::from(model.objective_id),
        kind: IndicatorKind::from_code(&model.kind).ok_or_else(|| corrupt("kind"))?,
        manual,
        weight: model.weight.normalize(),
        owner,
        baseline,
        modes: modes_of(&model.modes).ok_or_else(|| corrupt("modes"))?,
        origin: origin_of(model.template_code.clone()),
        retired_on: model.retired_on,
        position: model.position,
        revision: model.revision,
    })
}
