//! Adoption: a regency takes a release of its province over into its own plan, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use ekinerja_domain::access::policy::{Planning, Templates};
use ekinerja_domain::access::{Amend, Granted, View};
use ekinerja_domain::adoption::Adoption;
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{PlanNodeId, ReleaseId};
use ekinerja_domain::indicator::{FieldMode, ManualField};
use ekinerja_domain::period::Period;
use ekinerja_domain::plan::{MediumTermPlan, Origin, PlanNode};
use ekinerja_domain::target::{NewTarget, TargetProposal, TargetValue};
use ekinerja_domain::template::{ReleaseStatus, TemplateIndicator, TemplateRelease};
use ekinerja_store::directory::tenants::Stage;
use ekinerja_store::indicators::{IndicatorChange, NewIndicator};
use ekinerja_store::plans::{NewPlan, NewPlanNode};
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::App;
use crate::recalculation;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};

/// What would arrive if a release were adopted now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptionPreview {
    /// The release.
    pub release: TemplateRelease,
    /// Title of the plan it would arrive in.
    pub plan_title: String,
    /// Whether that plan would be drafted by the adoption.
    pub drafts_plan: bool,
    /// Nodes that would get another code here, since an own node has theirs: code in the release, code here.
    pub renamed_nodes: BTreeMap<String, String>,
    /// Why it cannot be adopted now; empty when it can.
    pub obstacles: Vec<Violation>,
}

impl App {
    /// The release that the tenant works with; none before it adopted one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn current_adoption(&self, scope: &TenantScope) -> Result<Option<Adoption>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Templates)?;
        Ok(tx.adoptions().current().await?)
    }

    /// Shows what a release would bring and what stands in its way.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the tenant's province has no such release.
    pub async fn preview_adoption(
        &self,
        scope: &TenantScope,
        id: ReleaseId,
    ) -> Result<AdoptionPreview> {
        let tx = self.begin(scope).await?;
        let release = tx.releases().fetch::<View>(id).await?.into_inner();
        let obstacles = obstacles(&tx, &release).await?;
        let plan = tx.plans().current().await?;
        let nodes = match &plan {
            Some(plan) => tx.plans().nodes(plan.id).await?,
            None => Vec::new(),
        };
        let codes = codes_here(&release, &nodes);
        let renamed = codes.into_iter().filter(|(released, here)| released != here);
        Ok(AdoptionPreview {
            drafts_plan: plan.is_none(),
            plan_title: plan.map_or_else(|| title_for(&tx, &release), |it| it.title),
            renamed_nodes: renamed.collect(),
            obstacles,
            release,
        })
    }

    /// Takes a release over: goals, objectives and indicators arrive beside what is there already.
    ///
    /// # Errors
    /// [`Code::AdoptionDone`] for the same release again; [`Code::AdoptionUpgradeLater`] while another one is
    /// adopted; [`Code::AdoptionCodeTaken`] names own indicators with codes of the release;
    /// [`Code::ReleaseWithdrawn`]; [`Code::AdoptionOfProvince`]. Nothing is written then.
    pub async fn adopt(&self, scope: &TenantScope, id: ReleaseId) -> Result<Adoption> {
        let tx = self.begin(scope).await?;
        let release = tx.releases().fetch::<Amend>(id).await?;
        let permit = tx.permit::<Amend, _>(Planning)?;
        if let Some(obstacle) = obstacles(&tx, &release).await?.into_iter().next() {
            return Err(if obstacle.code == Code::AdoptionDone {
                Refusal::Conflict(obstacle)
            } else {
                Refusal::Rule(obstacle)
            });
        }
        let mut events = Vec::new();
        let plan = match tx.plans().current().await? {
            Some(plan) => plan,
            None => draft_plan(&tx, &permit, &release, &mut events).await?,
        };
        let adoption = tx
            .adoptions()
            .add(&release, plan.id)
            .await
            .on_constraint("adoptions_once", || Refusal::Conflict(done(&release)))?;
        let nodes = bring_nodes(&tx, &release, &plan).await?;
        bring_indicators(&tx, &permit, &release, &plan, &nodes).await?;
        tx.reach(Stage::TemplateAdopted).await?;
        recalculation::ask_for_open_periods(&tx).await?;
        events.push(
            Event::new(EventKind::TemplateAdopted, adoption.id)
                .fact("version", release.version)
                .fact("hash", &release.content_hash)
                .fact("indicators", release.content.indicators.len())
                .touching(Touch::Plan),
        );
        tx.commit_all(events).await?;
        Ok(adoption)
    }
}

/// Why a release cannot be adopted now, the weightiest first.
async fn obstacles(tx: &TenantTx, release: &TemplateRelease) -> Result<Vec<Violation>> {
    let of = |code| Violation::new("release", code);
    if release.publisher == tx.tenant_id() {
        return Ok(vec![of(Code::AdoptionOfProvince)]);
    }
    let mut found = Vec::new();
    match tx.adoptions().current().await? {
        Some(adoption) if adoption.release == release.id => found.push(done(release)),
        Some(adoption) => {
            found.push(of(Code::AdoptionUpgradeLater).with("version", adoption.version));
        }
        None => {}
    }
    if release.status == ReleaseStatus::Withdrawn {
        found.push(of(Code::ReleaseWithdrawn));
    }
    let own = tx.indicators().all().await?;
    let released: BTreeSet<_> = release.content.indicators.iter().map(|it| &it.code).collect();
    let taken: Vec<_> = own
        .iter()
        .filter(|it| it.origin == Origin::Local && released.contains(&it.code))
        .map(|it| it.code.as_str())
        .collect();
    if !taken.is_empty() {
        found.push(of(Code::AdoptionCodeTaken).with("codes", taken.join(", ")));
    }
    Ok(found)
}

fn done(release: &TemplateRelease) -> Violation {
    Violation::new("release", Code::AdoptionDone).with("version", release.version)
}

/// The code each released node gets here: its own, or with `P.` before it (as often as needed) where an own
/// node has that code already. The code of the release is kept beside it.
fn codes_here(release: &TemplateRelease, own: &[PlanNode]) -> BTreeMap<String, String> {
    let mut taken: BTreeSet<String> = own.iter().map(|it| it.code.clone()).collect();
    let released: BTreeSet<_> = release.content.nodes.iter().map(|it| it.code.clone()).collect();
    let mut codes = BTreeMap::new();
    for node in &release.content.nodes {
        let mut code = node.code.clone();
        while taken.contains(&code) || (code != node.code && released.contains(&code)) {
            code.insert_str(0, "P.");
        }
        taken.insert(code.clone());
        codes.insert(node.code.clone(), code);
    }
    codes
}

fn title_for(tx: &TenantTx, release: &TemplateRelease) -> String {
    let years = release.content.years;
    format!("RPJMD {} {}–{}", tx.tenant().name, years.start, years.end)
}

async fn draft_plan(
    tx: &TenantTx,
    permit: &Granted<Amend, Planning>,
    release: &TemplateRelease,
    events: &mut Vec<Event>,
) -> Result<MediumTermPlan> {
    let new = NewPlan {
        title: title_for(tx, release),
        // The province's regulation is not the regency's: it names its own.
        legal_basis: None,
        years: release.content.years,
        notice: release.content.notice.clone(),
    };
    let plan = tx
        .plans()
        .add(permit, new)
        .await
        .on_constraint("plans_one_per_start", || Refusal::Stale)?;
    let event = Event::new(EventKind::PlanDrafted, plan.id).fact("title", &plan.title);
    events.push(event.touching(Touch::Plan));
    Ok(plan)
}

/// Adds the released nodes; gives the id of each by its code in the release.
async fn bring_nodes(
    tx: &TenantTx,
    release: &TemplateRelease,
    plan: &MediumTermPlan,
) -> Result<BTreeMap<String, PlanNodeId>> {
    let permit = tx.plans().fetch::<Amend>(plan.id).await?;
    let own = tx.plans().nodes(plan.id).await?;
    let codes = codes_here(release, &own);
    let first = own.iter().map(|it| it.position).max().unwrap_or(0);
    let mut ids = BTreeMap::new();
    // Parents come before children in a release that passed its check.
    for (node, position) in release.content.nodes.iter().zip(first.saturating_add(1)..) {
        let parent = node.parent.as_ref().and_then(|code| ids.get(code).copied());
        let new = NewPlanNode {
            plan: plan.id,
            parent,
            kind: node.kind,
            code: codes.get(&node.code).unwrap_or(&node.code).clone(),
            text: node.text.clone(),
            perspective: node.perspective,
            verified: node.verified,
            origin: Origin::Adopted { template_code: node.code.clone() },
            position,
        };
        let added = tx
            .plans()
            .add_node(&permit, new)
            .await
            .on_constraint("plan_nodes_code_unique", || Refusal::Stale)?;
        ids.insert(node.code.clone(), added.id);
    }
    Ok(ids)
}

async fn bring_indicators(
    tx: &TenantTx,
    permit: &Granted<Amend, Planning>,
    release: &TemplateRelease,
    plan: &MediumTermPlan,
    nodes: &BTreeMap<String, PlanNodeId>,
) -> Result<()> {
    let first = tx.indicators().all().await?.iter().map(|it| it.position).max().unwrap_or(0);
    for (released, position) in release.content.indicators.iter().zip(first.saturating_add(1)..) {
        let objective = *nodes.get(&released.objective).ok_or_else(|| {
            // The release was checked when it was made and its hash when it was read.
            Refusal::internal(format!("{} has no objective", released.code.as_str()))
        })?;
        let modes = ManualField::ALL.into_iter().map(|field| (field, released.mode_of(field)));
        let new = NewIndicator {
            code: released.code.clone(),
            plan: plan.id,
            origin: Origin::Adopted { template_code: released.code.as_str().to_owned() },
            modes: modes.collect(),
            position,
            content: IndicatorChange {
                objective,
                kind: released.kind,
                manual: released.manual.clone(),
                weight: released.weight,
                owner: None,
                baseline: None,
            },
        };
        let id = tx
            .indicators()
            .add(permit, new)
            .await
            .on_constraint("indicators_code_unique", || Refusal::Stale)?;
        if released.mode_of(ManualField::Targets) != FieldMode::Local {
            let indicator = tx.indicators().fetch::<Amend>(id).await?;
            bring_targets(tx, &indicator, released, release, plan).await?;
        }
    }
    Ok(())
}

/// Where the release gives the targets too, they arrive as far as they lie in the plan here.
async fn bring_targets(
    tx: &TenantTx,
    indicator: &Granted<Amend, ekinerja_domain::indicator::Indicator>,
    released: &TemplateIndicator,
    release: &TemplateRelease,
    plan: &MediumTermPlan,
) -> Result<()> {
    for target in &released.targets {
        let Ok(period) = Period::year(target.year) else { continue };
        let proposal = TargetProposal {
            period,
            value: TargetValue::Exactly(target.value),
            illustrative: target.illustrative,
            reason: None,
            legal_basis: Some(format!("{} v{}", release.content.title, release.version)),
        };
        if let Ok(new) = NewTarget::of(proposal, plan.years, false, None) {
            tx.targets().add(indicator, &new).await?;
        }
    }
    Ok(())
}
