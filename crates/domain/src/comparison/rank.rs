//! Rank among reporters: what is printed alike shares a rank.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{Reporter, printed};
use crate::scoring::Polarity;
use crate::yardstick::Yardstick;

/// A place among reporters; equals share the places from `first` to `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Best of the shared places, from 1.
    pub first: u32,
    /// Worst of the shared places; the same as `first` when nobody shares.
    pub last: u32,
}

/// What places are given by: the smaller, the better. None where no direction is good, or a target to stay at is
/// missing.
pub fn rank_key(yardstick: &Yardstick, it: &Reporter) -> Option<Decimal> {
    match yardstick.polarity {
        Polarity::Maximize => Some(-printed(yardstick, it.value)),
        Polarity::Minimize => Some(printed(yardstick, it.value)),
        Polarity::Stabilize => it.distance.map(|it| printed(yardstick, it.value.abs())),
        Polarity::Neutral => None,
    }
}

/// Sets ranks and sorts: ranked ones first by rank, then by code.
///
/// More is better or less is better by polarity; with a target to stay at, the nearer one's own target
/// the better. Without a good direction nobody is ranked.
pub(super) fn rank(yardstick: &Yardstick, reporters: &mut [Reporter]) {
    let key = |it: &Reporter| rank_key(yardstick, it);
    let keys: Vec<_> = reporters.iter().filter_map(key).collect();
    let count = |test: &dyn Fn(&Decimal) -> bool| {
        u32::try_from(keys.iter().filter(|it| test(it)).count()).unwrap_or(u32::MAX)
    };
    for reporter in reporters.iter_mut() {
        reporter.rank = key(reporter).map(|own| {
            let better = count(&|it| *it < own);
            Rank { first: better + 1, last: better + count(&|it| *it == own) }
        });
    }
    reporters.sort_by(|left, right| {
        let ranks = match (left.rank, right.rank) {
            (Some(left), Some(right)) => left.cmp(&right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        ranks.then_with(|| left.region.cmp(&right.region))
    });
}
