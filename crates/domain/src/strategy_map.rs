//! The strategy map: objectives in the lanes of their perspectives, linked by cause and effect (domain rule 2.7).
//!
//! A link is a hypothesis in words: what happens to its effect if its driver is reached. It carries no figure:
//! an objective's score is made from its indicators alone and is never multiplied along links.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{CausalLinkId, PlanId, PlanNodeId};
use crate::plan::{Perspective, PerspectiveSetting, PlanNode, PlanNodeKind};
use crate::scale::Traffic;

coded! {
    /// How strongly the drafters believe that a driver moves its effect.
    pub enum LinkStrength {
        /// One cause among many.
        Weak = "weak",
        /// A cause that is seen.
        Moderate = "moderate",
        /// The main cause.
        Strong = "strong",
    }
}

/// How many periods an effect may come later than its cause: twenty years of quarters.
pub const LONGEST_LAG: i32 = 80;

/// A link from a driver to its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CausalLink {
    /// Its id.
    pub id: CausalLinkId,
    /// The plan that both ends belong to.
    pub plan: PlanId,
    /// The objective that drives.
    pub from: PlanNodeId,
    /// The objective that it is believed to move.
    pub to: PlanNodeId,
    /// Why, in words: what is expected of the effect if the driver is reached.
    pub hypothesis: String,
    /// How strongly; none when nobody said.
    pub strength: Option<LinkStrength>,
    /// After how many periods the effect is expected, 0 to [`LONGEST_LAG`]; none when nobody said.
    pub lag_periods: Option<i32>,
    /// Counts changes, for `If-Match`.
    pub revision: i32,
}

/// Why two objectives cannot be linked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The driver is no objective that sits in a perspective.
    #[error("the driver is no objective in a perspective")]
    UnfitDriver,
    /// The effect is no objective that sits in a perspective.
    #[error("the effect is no objective in a perspective")]
    UnfitEffect,
    /// Driver and effect are the same objective.
    #[error("an objective does not cause itself")]
    Itself,
    /// The links would form a circle; the codes from the driver round and back to it.
    #[error("the links {} would form a circle", .0.join(" -> "))]
    Cycle(Vec<String>),
}

/// Checks that `from` may be linked to `to` beside `links`; `link` is the one that is changed, if it is there
/// already.
///
/// # Errors
/// See [`LinkError`].
pub fn check_link(
    nodes: &[PlanNode],
    links: &[CausalLink],
    link: Option<CausalLinkId>,
    from: PlanNodeId,
    to: PlanNodeId,
) -> Result<(), LinkError> {
    let find = |id: PlanNodeId| nodes.iter().find(|it| it.id == id);
    let is_placed = |it: &&PlanNode| it.kind == PlanNodeKind::Objective && it.perspective.is_some();
    let driver = find(from).filter(is_placed).ok_or(LinkError::UnfitDriver)?;
    find(to).filter(is_placed).ok_or(LinkError::UnfitEffect)?;
    if from == to {
        return Err(LinkError::Itself);
    }
    let others = links.iter().filter(|it| Some(it.id) != link);
    let mut effects: BTreeMap<PlanNodeId, Vec<PlanNodeId>> = BTreeMap::new();
    for it in others {
        effects.entry(it.from).or_default().push(it.to);
    }
    let Some(way) = way(&effects, to, from) else { return Ok(()) };
    let code = |id: PlanNodeId| find(id).map_or_else(|| id.to_string(), |it| it.code.clone());
    let round = std::iter::once(driver.code.clone()).chain(way.into_iter().map(code)).collect();
    Err(LinkError::Cycle(round))
}

/// The shortest way along links, both ends with it.
fn way(
    effects: &BTreeMap<PlanNodeId, Vec<PlanNodeId>>,
    from: PlanNodeId,
    to: PlanNodeId,
) -> Option<Vec<PlanNodeId>> {
    let mut reached = BTreeMap::from([(from, None)]);
    let mut next = std::collections::VecDeque::from([from]);
    while let Some(at) = next.pop_front() {
        if at == to {
            let mut way = vec![at];
            let mut before = reached.get(&at).copied().flatten();
            while let Some(step) = before {
                way.push(step);
                before = reached.get(&step).copied().flatten();
            }
            way.reverse();
            return Some(way);
        }
        for effect in effects.get(&at).into_iter().flatten() {
            if !reached.contains_key(effect) {
                reached.insert(*effect, Some(at));
                next.push_back(*effect);
            }
        }
    }
    None
}

/// Whether a link leads to a lower lane of the map than its driver's: unusual (learning and growth normally drives
/// processes, these the customer, these the top), and worth a warning, never an error.
pub fn leads_down(lanes: &[PerspectiveSetting], from: Perspective, to: Perspective) -> bool {
    let lane = |wanted| lanes.iter().position(|it| it.perspective == wanted);
    lane(to) > lane(from)
}

coded! {
    /// What the figures say of a link's hypothesis. Never that a cause was proven.
    pub enum Assumption {
        /// The figures do not speak against it.
        Holds = "holds",
        /// The driver was green in this period and the one before, and the effect is red: the link wants a review.
        Broken = "broken",
        /// Driver or effect has no score in a period that is asked for.
        TooFewFigures = "too_few_figures",
    }
}

/// How many periods in a row a driver must be green before a red effect speaks against the link.
pub const GREEN_PERIODS: usize = 2;

/// What the colours say of a link: `driver` has the driver's in the period and those before, the latest first;
/// `effect` is the effect's in the period.
pub fn assumption(driver: &[Option<Traffic>], effect: Option<Traffic>) -> Assumption {
    let known = |it: Option<Traffic>| it.filter(|it| *it != Traffic::Grey);
    let Some(effect) = known(effect) else { return Assumption::TooFewFigures };
    let asked = driver.iter().take(GREEN_PERIODS).map(|it| known(*it));
    let green = asked.clone().filter(|it| *it == Some(Traffic::Green)).count();
    if effect == Traffic::Red && green == GREEN_PERIODS {
        return Assumption::Broken;
    }
    if asked.flatten().count() < GREEN_PERIODS {
        return Assumption::TooFewFigures;
    }
    Assumption::Holds
}

/// Objectives in the order in which each lane draws them, from the top lane down, so that links cross little.
///
/// Lanes are swept down and up; each time a lane is sorted by the mean place of what its objectives are linked
/// with, and the order with the fewest crossings is kept. The same map always gives the same order.
pub fn in_lanes(
    lanes: &[Vec<PlanNodeId>],
    links: &[(PlanNodeId, PlanNodeId)],
) -> Vec<Vec<PlanNodeId>> {
    const SWEEPS: usize = 12;
    let mut beside: BTreeMap<PlanNodeId, BTreeSet<PlanNodeId>> = BTreeMap::new();
    for (from, to) in links {
        beside.entry(*from).or_default().insert(*to);
        beside.entry(*to).or_default().insert(*from);
    }
    let mut order = lanes.to_vec();
    let mut best = (crossings(&order, links), order.clone());
    for sweep in 0..SWEEPS {
        let downwards: Vec<usize> = (0..order.len()).collect();
        let turn = if sweep % 2 == 0 { downwards } else { downwards.into_iter().rev().collect() };
        for lane in turn {
            let places = places(&order);
            let own = order[lane].clone();
            let mut sorted: Vec<(u64, usize, PlanNodeId)> = own
                .iter()
                .enumerate()
                .map(|(at, id)| (mean(&places, &beside, *id), at, *id))
                .collect();
            sorted.sort_unstable();
            order[lane] = sorted.into_iter().map(|(_, _, id)| id).collect();
        }
        let count = crossings(&order, links);
        if count < best.0 {
            best = (count, order.clone());
        }
    }
    best.1
}

/// Lane and place in thousandths of the lane's width, of every objective.
fn places(order: &[Vec<PlanNodeId>]) -> BTreeMap<PlanNodeId, (usize, u64)> {
    let mut places = BTreeMap::new();
    for (lane, ids) in order.iter().enumerate() {
        let width = ids.len() as u64 * 2;
        for (at, id) in ids.iter().enumerate() {
            places.insert(*id, (lane, (at as u64 * 2 + 1) * 1000 / width));
        }
    }
    places
}

/// The mean place of what an objective is linked with; its own where it is linked with nothing.
fn mean(
    places: &BTreeMap<PlanNodeId, (usize, u64)>,
    beside: &BTreeMap<PlanNodeId, BTreeSet<PlanNodeId>>,
    id: PlanNodeId,
) -> u64 {
    let near: Vec<u64> = beside
        .get(&id)
        .into_iter()
        .flatten()
        .filter_map(|it| places.get(it))
        .map(|(_, place)| *place)
        .collect();
    if near.is_empty() {
        return places.get(&id).map_or(0, |(_, place)| *place);
    }
    near.iter().sum::<u64>() / near.len() as u64
}

/// How many pairs of links cross: both between the same two lanes, with ends in opposite order.
fn crossings(order: &[Vec<PlanNodeId>], links: &[(PlanNodeId, PlanNodeId)]) -> usize {
    let places = places(order);
    let ends: Vec<_> = links
        .iter()
        .filter_map(|(from, to)| Some((*places.get(from)?, *places.get(to)?)))
        .map(|(from, to)| if from.0 > to.0 { (to, from) } else { (from, to) })
        .filter(|(upper, lower)| upper.0 != lower.0)
        .collect();
    let mut count = 0;
    for (at, one) in ends.iter().enumerate() {
        for other in &ends[at + 1..] {
            let same = one.0.0 == other.0.0 && one.1.0 == other.1.0;
            let above = one.0.1.cmp(&other.0.1);
            let below = one.1.1.cmp(&other.1.1);
            if same && above.is_ne() && below == above.reverse() {
                count += 1;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::plan::Origin;

    fn id(n: u128) -> PlanNodeId {
        PlanNodeId::from(Uuid::from_u128(n))
    }

    fn objective(n: u128, perspective: Option<Perspective>) -> PlanNode {
        PlanNode {
            id: id(n),
            plan: PlanId::from(Uuid::from_u128(99)),
            parent: None,
            kind: PlanNodeKind::Objective,
            code: format!("S{n}"),
            text: format!("Sasaran {n}"),
            perspective,
            verified: true,
            origin: Origin::Local,
            position: 1,
            revision: 1,
        }
    }

    fn link(from: u128, to: u128) -> CausalLink {
        CausalLink {
            id: CausalLinkId::from(Uuid::from_u128(from * 1000 + to)),
            plan: PlanId::from(Uuid::from_u128(99)),
            from: id(from),
            to: id(to),
            hypothesis: "jika, maka".to_owned(),
            strength: None,
            lag_periods: None,
            revision: 1,
        }
    }

    #[test]
    fn a_circle_is_refused_with_its_path() {
        let nodes: Vec<_> = (1..=4).map(|n| objective(n, Some(Perspective::Internal))).collect();
        let links = [link(1, 2), link(2, 3), link(2, 4)];
        let check = |from, to| check_link(&nodes, &links, None, id(from), id(to));
        let round = ["S3", "S1", "S2", "S3"].map(str::to_owned).to_vec();
        assert_eq!(check(3, 1), Err(LinkError::Cycle(round)));
        assert_eq!(
            check(2, 1),
            Err(LinkError::Cycle(["S2", "S1", "S2"].map(str::to_owned).to_vec()))
        );
        assert_eq!(check(3, 4), Ok(()));
        assert_eq!(check(3, 3), Err(LinkError::Itself));
        assert_eq!(check(3, 9), Err(LinkError::UnfitEffect));
        // The link that is turned round does not stand in its own way.
        assert_eq!(check_link(&nodes, &links, Some(links[1].id), id(3), id(2)), Ok(()));
    }

    #[test]
    fn only_objectives_in_a_perspective_are_linked() {
        let goal = PlanNode { kind: PlanNodeKind::Goal, ..objective(3, None) };
        let nodes = [objective(1, Some(Perspective::Learning)), objective(2, None), goal];
        let check = |from, to| check_link(&nodes, &[], None, id(from), id(to));
        assert_eq!(check(2, 1), Err(LinkError::UnfitDriver));
        assert_eq!(check(3, 1), Err(LinkError::UnfitDriver));
        assert_eq!(check(1, 2), Err(LinkError::UnfitEffect));
    }

    #[test]
    fn direction_follows_the_tenants_own_order() {
        use Perspective::{Customer, Finance, Internal, Learning};
        let lanes = |order: [Perspective; 4]| order.map(PerspectiveSetting::seed);
        let seed = lanes([Finance, Customer, Internal, Learning]);
        assert!(!leads_down(&seed, Learning, Internal));
        assert!(leads_down(&seed, Finance, Customer));
        assert!(!leads_down(&seed, Internal, Internal));
        // Finance as an enabler at the bottom, as governments draw it.
        let government = lanes([Customer, Internal, Learning, Finance]);
        assert!(!leads_down(&government, Finance, Learning));
        assert!(leads_down(&government, Customer, Finance));
    }

    #[test]
    fn an_assumption_is_broken_by_two_green_periods_and_a_red_effect() {
        use Traffic::{Green, Grey, Red, Yellow};
        let of = |driver: [Option<Traffic>; 2], effect| assumption(&driver, effect);
        assert_eq!(of([Some(Green), Some(Green)], Some(Red)), Assumption::Broken);
        assert_eq!(of([Some(Green), Some(Yellow)], Some(Red)), Assumption::Holds);
        assert_eq!(of([Some(Green), Some(Green)], Some(Yellow)), Assumption::Holds);
        assert_eq!(of([Some(Green), None], Some(Red)), Assumption::TooFewFigures);
        assert_eq!(of([Some(Grey), Some(Green)], Some(Red)), Assumption::TooFewFigures);
        assert_eq!(of([Some(Green), Some(Green)], None), Assumption::TooFewFigures);
        assert_eq!(assumption(&[Some(Green)], Some(Red)), Assumption::TooFewFigures);
    }

    #[test]
    fn lanes_are_untangled() {
        let lanes = [vec![id(1), id(2), id(3)], vec![id(4), id(5), id(6)]];
        let links = [(id(4), id(3)), (id(5), id(2)), (id(6), id(1))];
        assert_eq!(crossings(&lanes, &links), 3);
        assert_eq!(crossings(&in_lanes(&lanes, &links), &links), 0);
    }

    proptest! {
        /// Whatever is linked one after the other, as far as it is let in, never has a circle.
        #[test]
        fn no_accepted_links_form_a_circle(wanted in prop::collection::vec((1u128..9, 1u128..9), 0..40)) {
            let nodes: Vec<_> = (1..9).map(|n| objective(n, Some(Perspective::Customer))).collect();
            let mut links: Vec<CausalLink> = Vec::new();
            for (from, to) in wanted {
                if check_link(&nodes, &links, None, id(from), id(to)).is_ok() {
                    links.push(link(from, to));
                }
            }
            // Taking away what drives nothing, again and again, leaves nothing.
            let mut left = links;
            loop {
                let drivers: BTreeSet<_> = left.iter().map(|it| it.from).collect();
                let before = left.len();
                left.retain(|it| drivers.contains(&it.to));
                if left.len() == before {
                    break;
                }
            }
            prop_assert!(left.is_empty());
        }

        /// The order in lanes loses and doubles nothing, and never has more crossings than the one given.
        #[test]
        fn order_in_lanes_keeps_everything(
            sizes in prop::collection::vec(0usize..7, 4),
            wanted in prop::collection::vec((0usize..28, 0usize..28), 0..30),
        ) {
            let mut next = 0;
            let lanes: Vec<Vec<_>> = sizes
                .iter()
                .map(|size| (0..*size).map(|_| { next += 1; id(next) }).collect())
                .collect();
            let all: Vec<_> = lanes.iter().flatten().copied().collect();
            let links: Vec<_> = wanted
                .into_iter()
                .filter_map(|(from, to)| Some((*all.get(from)?, *all.get(to)?)))
                .collect();
            let order = in_lanes(&lanes, &links);
            for (before, after) in lanes.iter().zip(&order) {
                let set = |ids: &[PlanNodeId]| ids.iter().copied().collect::<BTreeSet<_>>();
                prop_assert_eq!(before.len(), after.len());
                prop_assert_eq!(set(before), set(after));
            }
            prop_assert!(crossings(&order, &links) <= crossings(&lanes, &links));
            prop_assert_eq!(&order, &in_lanes(&lanes, &links));
        }
    }
}
