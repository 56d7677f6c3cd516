//! Indicators: the manual IKU, who answers for it, its baseline; locked fields of adopted ones stay.

use ekinerja_domain::access::policy::{Planning, Templates};
use ekinerja_domain::access::{Amend, Release, View};
use ekinerja_domain::adoption::check_amendment;
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{AgencyId, IndicatorId};
use ekinerja_domain::indicator::{FieldMode, FieldModes, Indicator, IndicatorCode, ManualField};
use ekinerja_domain::plan::{Origin, PlanNodeKind};
use ekinerja_store::indicators::{IndicatorChange, NewIndicator};
use ekinerja_store::page::{Page, Paged};
use ekinerja_store::{Error as StoreError, TenantScope, TenantTx};

use crate::app::App;
use crate::plans::current_plan;
use crate::recalculation;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::rollups;
use crate::typed::Typed;

mod draft;

pub use draft::IndicatorDraft;

/// The mode of one field as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModeDraft {
    /// The field.
    pub field: String,
    /// `locked`, `default` or `local`.
    pub mode: String,
}

impl App {
    /// A piece of the tenant's indicators.
    ///
    /// # Errors
    /// The cursor is none of ours, or the database failed.
    pub async fn indicators(&self, scope: &TenantScope, page: &Page) -> Result<Paged<Indicator>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Planning)?;
        let after = cursor(page)?;
        Ok(tx.indicators().page(page, after).await?)
    }

    /// One indicator.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none.
    pub async fn indicator(&self, scope: &TenantScope, id: IndicatorId) -> Result<Indicator> {
        let tx = self.begin(scope).await?;
        Ok(tx.indicators().fetch::<View>(id).await?.into_inner())
    }

    /// Adds an own indicator.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::IndicatorCodeTaken`]; [`Code::PlanMissing`] before a plan was
    /// drafted.
    pub async fn add_indicator(
        &self,
        scope: &TenantScope,
        draft: &IndicatorDraft,
    ) -> Result<Indicator> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Amend, _>(Planning)?;
        let plan = current_plan(&tx).await?;
        let read = draft.read()?;
        check_references(&tx, &read.code, &read.change).await?;
        let siblings = tx.indicators().all().await?;
        let last = siblings.iter().map(|it| it.position).max();
        let code = read.code.clone();
        let new = NewIndicator {
            code: read.code,
            plan: plan.id,
            origin: Origin::Local,
            modes: FieldModes::new(),
            position: last.map_or(1, |it| it.saturating_add(1)),
            content: read.change,
        };
        let id = tx
            .indicators()
            .add(&permit, new)
            .await
            .on_constraint("indicators_code_unique", || code_taken(&code))?;
        let indicator = tx.indicators().fetch::<View>(id).await?.into_inner();
        recalculation::ask_for_open_periods(&tx).await?;
        rollups::ask_for_all(&tx).await?;
        let event = Event::new(EventKind::IndicatorAdded, id)
            .fact("code", indicator.code.as_str())
            .fact("name", &indicator.manual.name);
        tx.commit(event.touching(Touch::Plan)).await?;
        Ok(indicator)
    }

    /// Changes an indicator that was read at `revision`.
    ///
    /// # Errors
    /// As [`App::add_indicator`]; [`Code::IndicatorFieldLocked`] for each field that a release locks.
    pub async fn amend_indicator(
        &self,
        scope: &TenantScope,
        id: IndicatorId,
        revision: i32,
        draft: &IndicatorDraft,
    ) -> Result<Indicator> {
        let tx = self.begin(scope).await?;
        let before = tx.indicators().fetch::<Amend>(id).await?;
        let read = draft.read()?;
        check_locked(&before, &read.code, &read.change)?;
        check_references(&tx, &read.code, &read.change).await?;
        if read.code != before.code {
            refuse_if_it_weighs_others(&tx, &before, "code").await?;
        }
        let code = read.code.clone();
        tx.indicators()
            .amend(&before, revision, read.code, read.change)
            .await
            .on_constraint("indicators_code_unique", || code_taken(&code))?;
        let after = tx.indicators().fetch::<View>(id).await?.into_inner();
        recalculation::ask_for_open_periods(&tx).await?;
        rollups::ask_for_all(&tx).await?;
        let event = amended(&before, &after);
        tx.commit(event.touching(Touch::Plan).touching(Touch::Indicator(id))).await?;
        Ok(after)
    }

    /// Retires an indicator from a day on, or takes it up again when the day is empty.
    ///
    /// # Errors
    /// [`Code::IndicatorWeighsOthers`] names the indicators that it weighs.
    pub async fn retire_indicator(
        &self,
        scope: &TenantScope,
        id: IndicatorId,
        revision: i32,
        day: &str,
    ) -> Result<Indicator> {
        let tx = self.begin(scope).await?;
        let indicator = tx.indicators().fetch::<Amend>(id).await?;
        let mut typed = Typed::default();
        let day = typed.day("retired_on", day);
        typed.done()?;
        if day.is_some() {
            refuse_if_it_weighs_others(&tx, &indicator, "retired_on").await?;
        }
        tx.indicators().retire(&indicator, revision, day).await?;
        let after = tx.indicators().fetch::<View>(id).await?.into_inner();
        recalculation::ask_for_open_periods(&tx).await?;
        rollups::ask_for_all(&tx).await?;
        let text =
            |day: Option<chrono::NaiveDate>| day.map_or_else(String::new, |it| it.to_string());
        let event = Event::new(EventKind::IndicatorRetired, id)
            .fact("code", after.code.as_str())
            .fact("name", &after.manual.name)
            .change("retired_on", &text(indicator.retired_on), &text(day));
        tx.commit(event.touching(Touch::Plan).touching(Touch::Indicator(id))).await?;
        Ok(after)
    }

    /// Sets what regencies may do with the fields of a province's own indicator, for the next release.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Refusal::Forbidden`] outside a province.
    pub async fn set_field_modes(
        &self,
        scope: &TenantScope,
        id: IndicatorId,
        revision: i32,
        drafts: &[ModeDraft],
    ) -> Result<Indicator> {
        let tx = self.begin(scope).await?;
        tx.permit::<Release, _>(Templates)?;
        let indicator = tx.indicators().fetch::<Amend>(id).await?;
        let mut typed = Typed::default();
        let mut modes = indicator.modes.clone();
        for (index, draft) in drafts.iter().enumerate().take(ManualField::ALL.len()) {
            let (field, mode) = (format!("items/{index}/field"), format!("items/{index}/mode"));
            let which = typed.required_choice(&field, &draft.field, ManualField::from_code);
            let chosen = typed.required_choice(&mode, &draft.mode, FieldMode::from_code);
            if let (Some(which), Some(chosen)) = (which, chosen) {
                modes.insert(which, chosen);
            }
        }
        typed.done()?;
        tx.indicators().set_modes(&indicator, revision, &modes).await?;
        let after = tx.indicators().fetch::<View>(id).await?.into_inner();
        let mut event =
            Event::new(EventKind::IndicatorAmended, id).fact("code", after.code.as_str());
        for field in ManualField::ALL {
            let code = |it: &Indicator| it.mode_of(field).code();
            event = event.change(field.code(), code(&indicator), code(&after));
        }
        tx.commit(event.touching(Touch::Plan)).await?;
        Ok(after)
    }
}

/// The id that a cursor names.
pub(crate) fn cursor<T: std::str::FromStr>(page: &Page) -> Result<Option<T>> {
    let id = page.after.as_deref().map(str::parse).transpose();
    id.map_err(|_| Refusal::invalid("after", Code::FieldUnknownReference))
}

/// Checks that objective, owner and weight variable are there.
async fn check_references(
    tx: &TenantTx,
    code: &IndicatorCode,
    change: &IndicatorChange,
) -> Result<()> {
    let mut typed = Typed::default();
    let objective = tx.plans().find_node(change.objective).await?;
    if objective.is_none_or(|it| it.kind != PlanNodeKind::Objective) {
        typed.blame("objective", Code::FieldUnknownReference);
    }
    if let Some((agency, _)) = &change.owner
        && !agency_is_here(tx, *agency).await?
    {
        typed.blame("owner_agency", Code::FieldUnknownReference);
    }
    if let Some(variable) = &change.manual.weight_variable {
        let found = tx.indicators().find_by_code(variable).await?;
        if variable == code || found.is_none_or(|it| it.retired_on.is_some()) {
            let violation = Violation::new("weight_variable", Code::IndicatorWeightVariableUnknown);
            typed.wrong(violation.with("code", variable.as_str()));
        }
    }
    typed.done()
}

async fn agency_is_here(tx: &TenantTx, id: AgencyId) -> Result<bool> {
    match tx.agencies().fetch::<View>(id).await {
        Ok(_) => Ok(true),
        Err(StoreError::Denied(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Checks that nothing changes which the release fixes: locked fields, the code, the objective, the kind.
fn check_locked(before: &Indicator, code: &IndicatorCode, change: &IndicatorChange) -> Result<()> {
    if before.origin == Origin::Local {
        return Ok(());
    }
    let mut typed = Typed::default();
    let fixed = [
        ("code", before.code != *code),
        ("objective", before.objective != change.objective),
        ("kind", before.kind != change.kind),
        (
            "weight",
            before.mode_of(ManualField::Weight) == FieldMode::Locked
                && before.weight != change.weight,
        ),
    ];
    for (field, _) in fixed.into_iter().filter(|(_, changed)| *changed) {
        typed.wrong(Violation::new(field, Code::IndicatorFieldLocked).with("field", field));
    }
    if let Err(locked) = check_amendment(before, &change.manual) {
        for field in locked.0 {
            let field = if field == ManualField::Parts { "numerator" } else { field.code() };
            typed.wrong(Violation::new(field, Code::IndicatorFieldLocked).with("field", field));
        }
    }
    typed.done()
}

async fn refuse_if_it_weighs_others(
    tx: &TenantTx,
    indicator: &Indicator,
    field: &str,
) -> Result<()> {
    let all = tx.indicators().all().await?;
    let weighed: Vec<_> = all
        .iter()
        .filter(|it| it.retired_on.is_none() && it.id != indicator.id)
        .filter(|it| it.manual.weight_variable.as_ref() == Some(&indicator.code))
        .map(|it| it.code.as_str())
        .collect();
    if weighed.is_empty() {
        return Ok(());
    }
    let violation = Violation::new(field, Code::IndicatorWeighsOthers);
    Err(Refusal::Rule(violation.with("codes", weighed.join(", "))))
}

/// What changed in an indicator, field by field.
fn amended(before: &Indicator, after: &Indicator) -> Event {
    let mut event = Event::new(EventKind::IndicatorAmended, after.id)
        .fact("code", after.code.as_str())
        .change("code_before", before.code.as_str(), after.code.as_str());
    for field in before.manual.differing_fields(&after.manual) {
        let (old, new) = (before.manual.text_of(field), after.manual.text_of(field));
        event = event.change(field.code(), &old, &new);
    }
    event.change("weight", &before.weight.to_string(), &after.weight.to_string()).change(
        "owner",
        owner_name(before),
        owner_name(after),
    )
}

fn owner_name(indicator: &Indicator) -> &str {
    indicator.owner.as_ref().map_or("-", |it| it.agency_name.as_str())
}

fn code_taken(code: &IndicatorCode) -> Refusal {
    Refusal::Conflict(Violation::new("code", Code::IndicatorCodeTaken).with("code", code.as_str()))
}
