//! Nodes of the plan's tree: visi, misi, tujuan, sasaran.

use ekinerja_domain::access::{Amend, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::PlanNodeId;
use ekinerja_domain::plan::{
    Origin, Perspective, PlacementError, PlanNode, PlanNodeKind, check_placement,
};
use ekinerja_store::TenantScope;
use ekinerja_store::plans::{NewPlanNode, PlanNodeChange};

use crate::app::App;
use crate::plans::current_plan;
use crate::recalculation;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::typed::{LONGEST_PROSE, Typed};

/// A node as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanNodeDraft {
    /// Id of the node above it; empty at the root.
    pub parent: String,
    /// Its kind; when a node is changed, empty means as it is, and it cannot be another.
    pub kind: String,
    /// Its code, unique in the plan.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// The perspective of an objective; may be empty.
    pub perspective: String,
    /// Whether the wording was seen in a written source.
    pub verified: bool,
    /// Place among its siblings; empty: at the end, or as it is.
    pub position: String,
}

/// What was typed, read.
struct Read {
    parent: Option<PlanNodeId>,
    kind: Option<PlanNodeKind>,
    code: String,
    text: String,
    perspective: Option<Perspective>,
    position: Option<i32>,
}

impl App {
    /// One node of the plan's tree.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none.
    pub async fn plan_node(&self, scope: &TenantScope, id: PlanNodeId) -> Result<PlanNode> {
        let tx = self.begin(scope).await?;
        let node = tx.plans().find_node(id).await?.ok_or(Refusal::NotFound)?;
        tx.plans().fetch::<View>(node.plan).await?;
        Ok(node)
    }

    /// Adds a node to the plan's tree.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::PlanNodeUnfit`] when a node of this kind does not hang
    /// there; [`Code::PlanNodeCodeTaken`]; [`Code::PlanMissing`] before a plan was drafted.
    pub async fn add_plan_node(
        &self,
        scope: &TenantScope,
        draft: &PlanNodeDraft,
    ) -> Result<PlanNode> {
        let tx = self.begin(scope).await?;
        tx.permit::<Amend, _>(ekinerja_domain::access::policy::Planning)?;
        let plan = current_plan(&tx).await?;
        let permit = tx.plans().fetch::<Amend>(plan.id).await?;
        let read = read_node(draft, None)?;
        let Some(kind) = read.kind else {
            return Err(Refusal::invalid("kind", Code::FieldMissing));
        };
        let nodes = tx.plans().nodes(plan.id).await?;
        check_placement(&nodes, None, kind, read.parent).map_err(misplaced)?;
        let last = nodes.iter().filter(|it| it.parent == read.parent).map(|it| it.position).max();
        let new = NewPlanNode {
            plan: plan.id,
            parent: read.parent,
            kind,
            code: read.code,
            text: read.text,
            perspective: read.perspective,
            verified: draft.verified,
            origin: Origin::Local,
            position: read.position.unwrap_or_else(|| last.map_or(1, |it| it.saturating_add(1))),
        };
        let node = tx
            .plans()
            .add_node(&permit, new)
            .await
            .on_constraint("plan_nodes_code_unique", || code_taken(&draft.code))?;
        tx.commit(
            Event::new(EventKind::PlanNodeAdded, node.id)
                .fact("code", &node.code)
                .fact("text", &node.text)
                .touching(Touch::Plan),
        )
        .await?;
        Ok(node)
    }

    /// Changes or moves a node that was read at `revision`.
    ///
    /// # Errors
    /// As [`App::add_plan_node`]; [`Code::PlanNodeCycle`] names the path; [`Code::PlanNodeAdopted`] when code or
    /// place of a node that came with a release would change; [`Refusal::Stale`].
    pub async fn amend_plan_node(
        &self,
        scope: &TenantScope,
        id: PlanNodeId,
        revision: i32,
        draft: &PlanNodeDraft,
    ) -> Result<PlanNode> {
        let tx = self.begin(scope).await?;
        let before = tx.plans().find_node(id).await?.ok_or(Refusal::NotFound)?;
        let permit = tx.plans().fetch::<Amend>(before.plan).await?;
        let read = read_node(draft, Some(before.kind))?;
        if before.origin != Origin::Local {
            // The province finds its objectives again by code and place; wording and perspective are local.
            let mut typed = Typed::default();
            if read.code != before.code {
                typed.blame("code", Code::PlanNodeAdopted);
            }
            if read.parent != before.parent {
                typed.blame("parent", Code::PlanNodeAdopted);
            }
            typed.done()?;
        }
        let nodes = tx.plans().nodes(before.plan).await?;
        check_placement(&nodes, Some(id), before.kind, read.parent).map_err(misplaced)?;
        let change = PlanNodeChange {
            parent: read.parent,
            code: read.code,
            text: read.text,
            perspective: read.perspective,
            verified: draft.verified,
            position: read.position.unwrap_or(before.position),
        };
        tx.plans()
            .amend_node(&permit, id, revision, change.clone())
            .await
            .on_constraint("plan_nodes_code_unique", || code_taken(&draft.code))?;
        let moved = (before.parent != change.parent).then(|| code_of(&nodes, before.parent));
        let event = Event::new(EventKind::PlanNodeAmended, id)
            .fact("from", format!("{} {}", before.code, before.text))
            .fact("to", format!("{} {}", change.code, change.text))
            .fact_if("moved_from", moved)
            .touching(Touch::Plan);
        if before.perspective != change.perspective {
            recalculation::ask_for_open_periods(&tx).await?;
        }
        tx.commit(event).await?;
        let PlanNodeChange { parent, code, text, perspective, verified, position } = change;
        let revision = revision + 1;
        Ok(PlanNode { parent, code, text, perspective, verified, position, revision, ..before })
    }

    /// Removes a node that was read at `revision` and on which nothing hangs.
    ///
    /// # Errors
    /// [`Code::PlanNodeOccupied`] while nodes or indicators hang on it; [`Code::PlanNodeAdopted`].
    pub async fn remove_plan_node(
        &self,
        scope: &TenantScope,
        id: PlanNodeId,
        revision: i32,
    ) -> Result<()> {
        let tx = self.begin(scope).await?;
        let node = tx.plans().find_node(id).await?.ok_or(Refusal::NotFound)?;
        let permit = tx.plans().fetch::<Amend>(node.plan).await?;
        if node.origin != Origin::Local {
            return Err(Refusal::rule("node", Code::PlanNodeAdopted));
        }
        let occupied = || {
            let violation = Violation::new("node", Code::PlanNodeOccupied);
            Refusal::Rule(violation.with("code", &node.code))
        };
        tx.plans()
            .remove_node(&permit, id, revision)
            .await
            .on_constraint("plan_nodes_parent", occupied)
            .on_constraint("causal_links_from", occupied)
            .on_constraint("causal_links_to", occupied)
            .on_constraint("indicators_objective", occupied)?;
        tx.commit(
            Event::new(EventKind::PlanNodeRemoved, id)
                .fact("code", &node.code)
                .fact("text", &node.text)
                .touching(Touch::Plan),
        )
        .await?;
        Ok(())
    }
}

fn read_node(draft: &PlanNodeDraft, is: Option<PlanNodeKind>) -> Result<Read> {
    let mut typed = Typed::default();
    let kind = match is {
        None => typed.required_choice("kind", &draft.kind, PlanNodeKind::from_code),
        // A node never turns into another kind: what hangs on it would no longer fit.
        Some(is) => {
            let named = typed.choice("kind", &draft.kind, PlanNodeKind::from_code);
            if named.is_some_and(|it| it != is) {
                typed.blame("kind", Code::PlanNodeUnfit);
            }
            Some(is)
        }
    };
    let code = typed.required("code", &draft.code, 40);
    let text = typed.required("text", &draft.text, LONGEST_PROSE);
    let parent = typed.id::<PlanNodeId>("parent", &draft.parent);
    let perspective = typed.choice("perspective", &draft.perspective, Perspective::from_code);
    if perspective.is_some() && kind.is_some_and(|it| it != PlanNodeKind::Objective) {
        typed.blame("perspective", Code::PerspectiveNotObjective);
    }
    let position = typed.whole("position", &draft.position);
    typed.done()?;
    Ok(Read { parent, kind, code, text, perspective, position })
}

fn misplaced(error: PlacementError) -> Refusal {
    match error {
        PlacementError::UnknownParent => Refusal::invalid("parent", Code::FieldUnknownReference),
        PlacementError::Cycle(path) => {
            let violation = Violation::new("parent", Code::PlanNodeCycle);
            Refusal::Invalid(vec![violation.with("path", path.join(" → "))])
        }
        PlacementError::Unfit { kind, parent } => {
            let violation = Violation::new("parent", Code::PlanNodeUnfit)
                .with("kind", kind.code())
                .with("parent", parent.map_or("root", PlanNodeKind::code));
            Refusal::Invalid(vec![violation])
        }
    }
}

fn code_taken(code: &str) -> Refusal {
    Refusal::Conflict(Violation::new("code", Code::PlanNodeCodeTaken).with("code", code.trim()))
}

fn code_of(nodes: &[PlanNode], id: Option<PlanNodeId>) -> String {
    let found = nodes.iter().find(|it| Some(it.id) == id);
    found.map_or_else(|| "-".to_owned(), |it| it.code.clone())
}
