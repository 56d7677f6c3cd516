//! Grades have no sum and no mean: they are counted, and the median is named (domain rule 9.1).

use std::collections::BTreeMap;

use super::Contribution;
use crate::scale::OrdinalScale;

/// How many members stand at each grade.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Grade and number of members, worst grade first; grades nobody has are left out.
    pub counts: Vec<(String, u32)>,
    /// The middle grade; two when an even number of members has different grades in the middle.
    /// `None` when the grades have no known order.
    pub median: Option<(String, String)>,
}

impl Distribution {
    pub(super) fn of<'a>(
        grades: impl Iterator<Item = &'a str>,
        ladder: Option<&OrdinalScale>,
    ) -> Self {
        let Some(ladder) = ladder else {
            let mut counts = BTreeMap::<String, u32>::new();
            for grade in grades {
                *counts.entry(grade.to_owned()).or_default() += 1;
            }
            return Self { counts: counts.into_iter().collect(), median: None };
        };
        let mut numbers: Vec<_> = grades.filter_map(|it| ladder.number(it)).collect();
        numbers.sort_unstable();
        let name = |number| {
            let found = ladder.grades().find(|(_, it)| *it == number);
            found.map(|(grade, _)| grade.to_owned())
        };
        let counts = ladder
            .grades()
            .map(|(grade, number)| {
                let members = numbers.iter().filter(|it| **it == number).count();
                (grade.to_owned(), super::count(members))
            })
            .filter(|(_, members)| *members > 0)
            .collect();
        let median = numbers
            .len()
            .checked_sub(1)
            .and_then(|last| name(numbers[last / 2]).zip(name(numbers[last.div_ceil(2)])));
        Self { counts, median }
    }
}

/// The ladder to use: the one given, else the one of the catalogue that knows every grade.
pub(super) fn ladder<'a, K>(
    given: Option<&'a OrdinalScale>,
    contributions: &[Contribution<K>],
) -> Option<&'a OrdinalScale> {
    let grades: Vec<&str> = contributions
        .iter()
        .filter(|it| it.exclude.is_none())
        .filter_map(|it| it.grade.as_deref())
        .collect();
    match given {
        Some(ladder) => Some(ladder),
        None if grades.is_empty() => None,
        None => OrdinalScale::holding(&grades),
    }
}
