//! The plan as a whole: draft, amend, read it with all that hangs on it; names and weights of the perspectives.

use std::sync::Arc;

use ekinerja_domain::access::policy::Planning;
use ekinerja_domain::access::{Amend, View};
use ekinerja_domain::adoption::Adoption;
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::PlanId;
use ekinerja_domain::indicator::Indicator;
use ekinerja_domain::plan::{
    MediumTermPlan, Perspective, PerspectiveSetting, PlanNode, PlanNodeKind, PlanYears,
};
use ekinerja_domain::target::Target;
use ekinerja_store::cache::{Depends, Found, TenantCache};
use ekinerja_store::change::Changes;
use ekinerja_store::plans::NewPlan;
use ekinerja_store::{TenantScope, TenantTx};
use rust_decimal::Decimal;

use crate::app::App;
use crate::recalculation;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::typed::{LONGEST_LINE, LONGEST_PROSE, Typed};

/// A plan as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanDraft {
    /// Its title.
    pub title: String,
    /// Perda or Perkada; may be empty.
    pub legal_basis: String,
    /// First year.
    pub start_year: String,
    /// Last year.
    pub end_year: String,
    /// Last year in which values are still recorded; empty: the last year.
    pub monitored_until: String,
    /// Remarks that every reader must see; may be empty.
    pub notice: String,
}

/// The plan with all that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanOverview {
    /// The plan.
    pub plan: MediumTermPlan,
    /// Its nodes in the order of the tree.
    pub nodes: Vec<PlanNode>,
    /// Its indicators, retired ones too.
    pub indicators: Vec<Indicator>,
    /// The targets in force.
    pub targets: Vec<Target>,
    /// The perspectives in the tenant's order.
    pub perspectives: Vec<PerspectiveSetting>,
    /// The release that was taken over, if one was.
    pub adoption: Option<Adoption>,
}

/// A guess at the bytes of a plan.
const PLAN_SIZE: u32 = 1024;
/// How many bytes of plans a process keeps.
const PLANS_SIZE: u64 = 8 * 1024 * 1024;

/// Where plans are kept between two changes of them: every value that is recorded asks for its years.
pub(crate) fn known(changes: &Changes) -> TenantCache<Arc<MediumTermPlan>> {
    TenantCache::new(changes, PLANS_SIZE, |_| PLAN_SIZE)
}

impl App {
    /// A plan that the actor may see, from memory where nothing changed it.
    pub(crate) async fn known_plan(
        &self,
        scope: &TenantScope,
        tx: &TenantTx,
        id: PlanId,
    ) -> Result<Arc<MediumTermPlan>> {
        match self.known_plans.look_up(scope, id.to_string(), &[Depends::Plan]).await {
            Found::Hit(plan) => Ok(plan),
            Found::Miss(place) => {
                let plan = Arc::new(tx.plans().fetch::<View>(id).await?.into_inner());
                self.known_plans.keep(place, Arc::clone(&plan)).await;
                Ok(plan)
            }
        }
    }
}

impl PlanOverview {
    /// Perspectives in which no objective sits, once there are objectives at all: a scorecard has four (C1).
    pub fn empty_perspectives(&self) -> Vec<&PerspectiveSetting> {
        let placed = |wanted| self.objectives().any(|it| it.perspective == Some(wanted));
        if self.objectives().next().is_none() {
            return Vec::new();
        }
        self.perspectives.iter().filter(|it| !placed(it.perspective)).collect()
    }

    /// Objectives that sit in no perspective yet.
    pub fn unplaced_objectives(&self) -> Vec<&PlanNode> {
        self.objectives().filter(|it| it.perspective.is_none()).collect()
    }

    /// The objectives in the order of the tree.
    pub fn objectives(&self) -> impl Iterator<Item = &PlanNode> {
        self.nodes.iter().filter(|it| it.kind == PlanNodeKind::Objective)
    }
}

/// A perspective as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PerspectiveDraft {
    /// Its code `F`, `C`, `I` or `L`.
    pub perspective: String,
    /// Its name.
    pub name: String,
    /// Its place, from 1.
    pub position: String,
    /// Its relative weight.
    pub weight: String,
}

impl App {
    /// The plan with all that hangs on it; none when the tenant has none yet.
    ///
    /// # Errors
    /// The database failed.
    pub async fn plan(&self, scope: &TenantScope) -> Result<Option<PlanOverview>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Planning)?;
        let Some(plan) = tx.plans().current().await? else { return Ok(None) };
        Ok(Some(PlanOverview {
            nodes: tx.plans().nodes(plan.id).await?,
            indicators: tx.indicators().all().await?,
            targets: tx.targets().all_in_force().await?,
            perspectives: tx.plans().perspectives().await?,
            adoption: tx.adoptions().current().await?,
            plan,
        }))
    }

    /// Drafts the tenant's plan.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::PlanExists`] when there is a plan already.
    pub async fn draft_plan(
        &self,
        scope: &TenantScope,
        draft: &PlanDraft,
    ) -> Result<MediumTermPlan> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Amend, _>(Planning)?;
        if tx.plans().current().await?.is_some() {
            return Err(Refusal::conflict("title", Code::PlanExists));
        }
        let new = read_plan(draft)?;
        let plan =
            tx.plans().add(&permit, new).await.on_constraint("plans_one_per_start", || {
                Refusal::conflict("title", Code::PlanExists)
            })?;
        tx.commit(
            Event::new(EventKind::PlanDrafted, plan.id)
                .fact("title", &plan.title)
                .touching(Touch::Plan),
        )
        .await?;
        Ok(plan)
    }

    /// Changes title, legal basis, years and notice of a plan that was read at `revision`.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::PlanTargetsOutside`] when targets lie outside the new years.
    pub async fn amend_plan(
        &self,
        scope: &TenantScope,
        id: PlanId,
        revision: i32,
        draft: &PlanDraft,
    ) -> Result<MediumTermPlan> {
        let tx = self.begin(scope).await?;
        let plan = tx.plans().fetch::<Amend>(id).await?;
        let new = read_plan(draft)?;
        let targets = tx.targets().all_in_force().await?;
        if let Some(target) = targets.iter().find(|it| !new.years.may_target(it.period)) {
            let violation = Violation::new("end_year", Code::PlanTargetsOutside);
            return Err(Refusal::Rule(violation.with("period", target.period)));
        }
        tx.plans().amend(&plan, revision, new.clone()).await?;
        let NewPlan { title, legal_basis, years, notice } = new;
        let event = Event::new(EventKind::PlanAmended, id)
            .fact("from", format!("{} {}–{}", plan.title, plan.years.start, plan.years.end))
            .fact("to", format!("{title} {}–{}", years.start, years.end));
        tx.commit(event.touching(Touch::Plan)).await?;
        Ok(MediumTermPlan { id, title, legal_basis, years, notice, revision: revision + 1 })
    }

    /// The perspectives in the tenant's order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn perspectives(&self, scope: &TenantScope) -> Result<Vec<PerspectiveSetting>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Planning)?;
        Ok(tx.plans().perspectives().await?)
    }

    /// Sets names, order and weights of all four perspectives, which were read at `revision`
    /// (see [`perspectives_revision`]).
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::PerspectivesIncomplete`] when one is missing or stands twice.
    pub async fn set_perspectives(
        &self,
        scope: &TenantScope,
        revision: i32,
        drafts: &[PerspectiveDraft],
    ) -> Result<Vec<PerspectiveSetting>> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Amend, _>(Planning)?;
        let settings = read_perspectives(drafts)?;
        let before = tx.plans().perspectives().await?;
        if perspectives_revision(&before) != revision {
            return Err(Refusal::Stale);
        }
        let mut event = Event::new(EventKind::PerspectivesAmended, tx.tenant_id());
        for setting in settings {
            let old = before.iter().find(|it| it.perspective == setting.perspective);
            let seed = PerspectiveSetting::seed(setting.perspective);
            let old = old.unwrap_or(&seed);
            let same = (&old.name, old.position, old.weight)
                == (&setting.name, setting.position, setting.weight);
            if !same {
                let text = |it: &PerspectiveSetting| {
                    format!("{}. {} ({})", it.position, it.name, it.weight)
                };
                event = event.change(setting.perspective.code(), &text(old), &text(&setting));
                tx.plans().set_perspective(&permit, old.revision, setting).await?;
            }
        }
        let after = tx.plans().perspectives().await?;
        recalculation::ask_for_open_periods(&tx).await?;
        tx.commit(event.touching(Touch::Plan)).await?;
        Ok(after)
    }
}

/// One number for the state of all four perspectives, for `If-Match`: it rises with every change.
pub fn perspectives_revision(settings: &[PerspectiveSetting]) -> i32 {
    settings.iter().map(|it| it.revision).sum()
}

/// The tenant's plan, or the refusal that says to draft one first.
pub(crate) async fn current_plan(tx: &TenantTx) -> Result<MediumTermPlan> {
    let plan = tx.plans().current().await?;
    plan.ok_or_else(|| Refusal::rule("plan", Code::PlanMissing))
}

fn read_plan(draft: &PlanDraft) -> Result<NewPlan> {
    let mut typed = Typed::default();
    let title = typed.required("title", &draft.title, LONGEST_LINE);
    let legal_basis = typed.optional("legal_basis", &draft.legal_basis, LONGEST_LINE);
    let notice = typed.optional("notice", &draft.notice, LONGEST_PROSE);
    let start = year(&mut typed, "start_year", &draft.start_year);
    let end = year(&mut typed, "end_year", &draft.end_year);
    let until = typed.whole("monitored_until", &draft.monitored_until).or(end);
    typed.done()?;
    let (Some(start), Some(end), Some(until)) = (start, end, until) else {
        return Err(Refusal::invalid("start_year", Code::FieldMissing));
    };
    let years = PlanYears::new(start, end, until).map_err(|_| {
        let field = if end < start || end >= start + 20 { "end_year" } else { "monitored_until" };
        let field = if (2000..=2100).contains(&start) { field } else { "start_year" };
        Refusal::invalid(field, Code::PlanYearsInvalid)
    })?;
    Ok(NewPlan { title, legal_basis, years, notice })
}

fn year(typed: &mut Typed, field: &str, text: &str) -> Option<i32> {
    if text.trim().is_empty() {
        typed.blame(field, Code::FieldMissing);
    }
    let year = typed.whole(field, text)?;
    // Far outside, the arithmetic of plan years would mean nothing; the message is the same.
    if (1900..=2200).contains(&year) {
        return Some(year);
    }
    typed.blame(field, Code::PlanYearsInvalid);
    None
}

fn read_perspectives(drafts: &[PerspectiveDraft]) -> Result<Vec<PerspectiveSetting>> {
    let mut typed = Typed::default();
    let mut settings = Vec::new();
    for (index, draft) in drafts.iter().enumerate().take(Perspective::ALL.len() + 1) {
        let at = |field: &str| format!("items/{index}/{field}");
        let which =
            typed.required_choice(&at("perspective"), &draft.perspective, Perspective::from_code);
        let name = typed.required(&at("name"), &draft.name, 80);
        let position = typed.whole(&at("position"), &draft.position);
        if position.is_none_or(|it| !(1..=4).contains(&it)) {
            typed.wrong(Violation::new(at("position"), Code::NumberOutOfRange).with("max", 4));
        }
        let weight = typed.number(&at("weight"), &draft.weight);
        match weight {
            None => typed.blame(&at("weight"), Code::FieldMissing),
            Some(weight) if weight < Decimal::ZERO => {
                typed.blame(&at("weight"), Code::NumberNegative);
            }
            // The column is numeric(9,4).
            Some(weight) if weight > Decimal::from(1000) || weight.scale() > 4 => {
                typed.blame(&at("weight"), Code::NumberOutOfRange);
            }
            Some(_) => {}
        }
        if let (Some(perspective), Some(position), Some(weight)) = (which, position, weight) {
            let revision = 0;
            settings.push(PerspectiveSetting { perspective, name, position, weight, revision });
        }
    }
    typed.done()?;
    let each_once = Perspective::ALL
        .into_iter()
        .all(|which| settings.iter().filter(|it| it.perspective == which).count() == 1);
    if !each_once || settings.len() != Perspective::ALL.len() {
        return Err(Refusal::invalid("items", Code::PerspectivesIncomplete));
    }
    if settings.iter().all(|it| it.weight.is_zero()) {
        return Err(Refusal::invalid("items/0/weight", Code::PerspectivesWeightless));
    }
    Ok(settings)
}
