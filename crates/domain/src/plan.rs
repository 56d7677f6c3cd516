//! The medium-term plan (RPJMD): vision, missions, goals, objectives, and where indicators hang.
//!
//! Permendagri 86/2017: vision -> mission -> goal (tujuan) -> objective (sasaran) -> indicators.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::ids::{PlanId, PlanNodeId};
use crate::period::Period;

/// A regional medium-term plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediumTermPlan {
    /// Its id.
    pub id: PlanId,
    /// Its title, `RPJMD Provinsi NTB 2019-2023`.
    pub title: String,
    /// Perda or Perkada that sets it.
    pub legal_basis: Option<String>,
    /// First and last year of the plan.
    pub years: PlanYears,
    /// Remarks that every reader must see (what is illustrative, what is from memory).
    pub notice: Option<String>,
    /// Counts changes, for `If-Match`.
    pub revision: i32,
}

/// The years of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanYears {
    /// First year with targets.
    pub start: i32,
    /// Last year with targets.
    pub end: i32,
    /// Last year in which values are still recorded (transition to the next plan); at least `end`.
    pub monitored_until: i32,
}

/// The years of a plan contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a plan runs 1 to 20 years and is monitored until its end or later")]
pub struct InvalidPlanYears;

impl PlanYears {
    /// Checks and makes the years of a plan.
    ///
    /// # Errors
    /// The end lies before the start, the plan is longer than 20 years, or monitoring ends before the plan
    /// or more than five years after it.
    pub fn new(start: i32, end: i32, monitored_until: i32) -> Result<Self, InvalidPlanYears> {
        let valid = (2000..=2100).contains(&start)
            && (start..start + 20).contains(&end)
            && (end..=end + 5).contains(&monitored_until);
        if valid { Ok(Self { start, end, monitored_until }) } else { Err(InvalidPlanYears) }
    }

    /// Whether a target may be set for the period.
    pub fn may_target(self, period: Period) -> bool {
        (self.start..=self.monitored_until).contains(&period.calendar_year())
    }

    /// Whether a value may be recorded for the period: from the baseline year before the plan on.
    pub fn may_measure(self, period: Period) -> bool {
        (self.start - 1..=self.monitored_until).contains(&period.calendar_year())
    }
}

/// Kind of a node of the plan's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanNodeKind {
    /// Visi.
    Vision,
    /// Misi.
    Mission,
    /// Tujuan.
    Goal,
    /// Sasaran.
    Objective,
}

impl PlanNodeKind {
    /// Every kind, from the top of the tree down.
    pub const ALL: [Self; 4] = [Self::Vision, Self::Mission, Self::Goal, Self::Objective];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vision => "vision",
            Self::Mission => "mission",
            Self::Goal => "goal",
            Self::Objective => "objective",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether a node of this kind may hang under a parent of kind `parent` (none: at the root).
    ///
    /// A goal may hang under the vision itself, as some RPJMD have it; every other kind hangs under the one above it.
    pub fn fits_under(self, parent: Option<Self>) -> bool {
        match self {
            Self::Vision => parent.is_none(),
            Self::Mission => parent == Some(Self::Vision),
            Self::Goal => matches!(parent, Some(Self::Mission | Self::Vision)),
            Self::Objective => parent == Some(Self::Goal),
        }
    }
}

/// The four seed perspectives; a tenant renames and reorders them, the codes stay (domain.md 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Perspective {
    /// Finance.
    Finance,
    /// Customer, society, stakeholder.
    Customer,
    /// Internal process.
    Internal,
    /// Learning and growth.
    Learning,
}

impl Perspective {
    /// Every perspective in seed order.
    pub const ALL: [Self; 4] = [Self::Finance, Self::Customer, Self::Internal, Self::Learning];

    /// The code `F`, `C`, `I` or `L`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Finance => "F",
            Self::Customer => "C",
            Self::Internal => "I",
            Self::Learning => "L",
        }
    }

    /// The perspective with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|perspective| perspective.code() == code)
    }
}

/// How a tenant shows and weighs one perspective: its own choice, or the seed where it made none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerspectiveSetting {
    /// Which one.
    pub perspective: Perspective,
    /// Its name as the tenant says it.
    pub name: String,
    /// Its place, from 1.
    pub position: i32,
    /// Its relative weight in the NKO, zero or more.
    pub weight: Decimal,
    /// Counts changes, for `If-Match`; 0 for the seed that nobody has changed.
    pub revision: i32,
}

impl PerspectiveSetting {
    /// The seed of a perspective: neutral name, seed order, a quarter of the weight (domain.md 2.6).
    pub fn seed(perspective: Perspective) -> Self {
        let (name, position) = match perspective {
            Perspective::Finance => ("Keuangan", 1),
            Perspective::Customer => ("Masyarakat dan Pemangku Kepentingan", 2),
            Perspective::Internal => ("Proses Internal", 3),
            Perspective::Learning => ("Pembelajaran dan Pertumbuhan", 4),
        };
        let weight = Decimal::from(25);
        Self { perspective, name: name.to_owned(), position, weight, revision: 0 }
    }
}

/// Where a node or an indicator came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The tenant's own.
    Local,
    /// Taken over from a release of the province.
    Adopted {
        /// Code in the release.
        template_code: String,
    },
}

impl Origin {
    /// The code in the release, for what was taken over.
    pub fn template_code(&self) -> Option<&str> {
        match self {
            Self::Local => None,
            Self::Adopted { template_code } => Some(template_code),
        }
    }
}

/// One node of the plan's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanNode {
    /// Its id.
    pub id: PlanNodeId,
    /// The plan it belongs to.
    pub plan: PlanId,
    /// The node above it.
    pub parent: Option<PlanNodeId>,
    /// Its kind.
    pub kind: PlanNodeKind,
    /// Its code, unique in the plan: `3`, `3.1`, `3.1.2`.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// The perspective an objective sits in; none until it is placed, and for other kinds.
    pub perspective: Option<Perspective>,
    /// Whether the wording was seen in a written source.
    pub verified: bool,
    /// Own or taken over.
    pub origin: Origin,
    /// Place among its siblings.
    pub position: i32,
    /// Counts changes, for `If-Match`.
    pub revision: i32,
}

/// Why a node cannot hang where it shall.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    /// The parent is no node of the plan.
    #[error("the parent is no node of the plan")]
    UnknownParent,
    /// The node would hang under itself; the codes from the node down to the parent and back.
    #[error("the nodes {} would form a circle", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// A node of this kind does not hang under one of that kind.
    #[error("a node of this kind does not hang there")]
    Unfit {
        /// The kind of the node.
        kind: PlanNodeKind,
        /// The kind of the parent; none at the root.
        parent: Option<PlanNodeKind>,
    },
}

/// Checks that a node of `kind` may hang under `parent` in the tree of `nodes`; `node` is the one that moves, if
/// it is there already.
///
/// # Errors
/// See [`PlacementError`].
pub fn check_placement(
    nodes: &[PlanNode],
    node: Option<PlanNodeId>,
    kind: PlanNodeKind,
    parent: Option<PlanNodeId>,
) -> Result<(), PlacementError> {
    let find = |id: PlanNodeId| nodes.iter().find(|it| it.id == id);
    let above = match parent {
        None => None,
        Some(id) => Some(find(id).ok_or(PlacementError::UnknownParent)?),
    };
    let mut path = Vec::new();
    let mut at = above;
    // A stored tree has no circle; the bound only keeps a broken one from running for ever.
    while let Some(ancestor) = at.filter(|_| path.len() <= nodes.len()) {
        path.push(ancestor.code.clone());
        if node == Some(ancestor.id) {
            path.reverse();
            path.push(ancestor.code.clone());
            return Err(PlacementError::Cycle(path));
        }
        at = ancestor.parent.and_then(find);
    }
    let parent_kind = above.map(|it| it.kind);
    if kind.fits_under(parent_kind) {
        Ok(())
    } else {
        Err(PlacementError::Unfit { kind, parent: parent_kind })
    }
}

/// The nodes in the order of the tree: parents before children, siblings by position and code.
pub fn in_tree_order(nodes: Vec<PlanNode>) -> Vec<PlanNode> {
    let ids: BTreeSet<_> = nodes.iter().map(|it| it.id).collect();
    let mut children: BTreeMap<Option<PlanNodeId>, Vec<PlanNode>> = BTreeMap::new();
    for node in nodes {
        // A node whose parent is not among these is shown at the root rather than lost.
        children.entry(node.parent.filter(|id| ids.contains(id))).or_default().push(node);
    }
    for siblings in children.values_mut() {
        siblings.sort_by(|a, b| (b.position, &b.code).cmp(&(a.position, &a.code)));
    }
    let mut ordered = Vec::new();
    let mut open = children.remove(&None).unwrap_or_default();
    while let Some(node) = open.pop() {
        open.extend(children.remove(&Some(node.id)).unwrap_or_default());
        ordered.push(node);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn node(id: u128, parent: u128, kind: PlanNodeKind, code: &str, position: i32) -> PlanNode {
        let id_of = |n: u128| PlanNodeId::from(Uuid::from_u128(n));
        PlanNode {
            id: id_of(id),
            plan: PlanId::from(Uuid::from_u128(99)),
            parent: (parent > 0).then(|| id_of(parent)),
            kind,
            code: code.to_owned(),
            text: code.to_owned(),
            perspective: None,
            verified: true,
            origin: Origin::Local,
            position,
            revision: 1,
        }
    }

    fn tree() -> Vec<PlanNode> {
        use PlanNodeKind::{Goal, Mission, Objective, Vision};
        vec![
            node(4, 3, Objective, "1.1.1", 1),
            node(5, 3, Objective, "1.1.2", 0),
            node(3, 2, Goal, "1.1", 1),
            node(2, 1, Mission, "1", 1),
            node(1, 0, Vision, "V", 1),
            node(6, 1, Goal, "G", 0),
        ]
    }

    #[test]
    fn tree_order() {
        let codes: Vec<_> = in_tree_order(tree()).into_iter().map(|it| it.code).collect();
        assert_eq!(codes, ["V", "G", "1", "1.1", "1.1.2", "1.1.1"]);
    }

    #[test]
    fn a_node_is_not_hung_under_itself() {
        let (nodes, id) = (tree(), |n: u128| PlanNodeId::from(Uuid::from_u128(n)));
        let place = |n, kind, parent| check_placement(&nodes, Some(id(n)), kind, Some(id(parent)));
        let circle = |codes: &[&str]| {
            Err(PlacementError::Cycle(codes.iter().map(|it| (*it).to_owned()).collect()))
        };
        assert_eq!(place(2, PlanNodeKind::Mission, 4), circle(&["1", "1.1", "1.1.1", "1"]));
        assert_eq!(place(2, PlanNodeKind::Mission, 2), circle(&["1", "1"]));
        assert_eq!(place(3, PlanNodeKind::Goal, 1), Ok(()));
        assert_eq!(place(3, PlanNodeKind::Goal, 77), Err(PlacementError::UnknownParent));
        let unfit = PlacementError::Unfit {
            kind: PlanNodeKind::Objective,
            parent: Some(PlanNodeKind::Mission),
        };
        assert_eq!(place(4, PlanNodeKind::Objective, 2), Err(unfit));
    }

    #[test]
    fn tree_rule() {
        use PlanNodeKind::{Goal, Mission, Objective, Vision};
        assert!(Vision.fits_under(None));
        assert!(Goal.fits_under(Some(Vision)) && Goal.fits_under(Some(Mission)));
        assert!(!Objective.fits_under(Some(Mission)) && !Objective.fits_under(None));
        assert!(!Vision.fits_under(Some(Vision)));
    }

    #[test]
    fn plan_years() {
        let years = PlanYears::new(2019, 2023, 2026).expect("a plan");
        let period = |text: &str| text.parse::<Period>().expect(text);
        assert!(years.may_measure(period("2018")) && !years.may_measure(period("2017")));
        assert!(years.may_measure(period("2026-Q4")) && !years.may_measure(period("2027")));
        assert!(!years.may_target(period("2018")));
        assert!(PlanYears::new(2023, 2019, 2023).is_err());
        assert!(PlanYears::new(2019, 2023, 2022).is_err());
    }
}
