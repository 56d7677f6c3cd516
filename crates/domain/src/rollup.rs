//! Rolling the figures of regencies up into the province's, by the declared method (domain rule 9).
//!
//! Each figure carries who is in it and who is not, with the reason. A member counts once or the
//! roll-up is refused. The order in which figures arrive never changes a digit. The official figure
//! beats the computed one, and both are shown with their difference.

mod contribution;
mod distribution;
mod method;
mod published;

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::scale::OrdinalScale;

pub use contribution::{Contribution, ExclusionReason, Member, Origin};
pub use distribution::Distribution;
pub use published::{
    MemberLines, OfficialFigure, ProvincialRollUp, PublishedRollUp, RollUpPart, Sizes,
};

coded! {
    /// How members become the parent's figure, as the manual declares it.
    pub enum LocationConsolidation {
        /// Values are added: counts, rupiah, kilometres.
        Sum = "sum",
        /// Sum of numerators over sum of denominators: rates and percentages.
        RatioOfSums = "ratio_of_sums",
        /// Mean weighted by a variable such as population; an approximation for figures that are
        /// not additive.
        WeightedByVariable = "weighted_by_variable",
        /// Only the publisher's figure for the parent counts (Gini, inflation).
        OfficialOnly = "official_only",
        /// IPM from population-weighted components; an estimate, never a mean of IPM.
        IpmFromComponents = "ipm_from_components",
        /// How many members stand at each grade, and the median.
        Distribution = "distribution",
        /// No figure for the parent.
        None = "none",
    }
}

/// What else the roll-up needs to know.
#[derive(Clone, Debug)]
pub struct RollUpOptions {
    /// What a ratio is multiplied with: 100 for percentages, 1,000 or 100,000 for rates, else 1.
    pub per: Decimal,
    /// The publisher's figure for the parent, if there is one.
    pub official: Option<Decimal>,
    /// The ladder of grades; found by the grades themselves when not given.
    pub grades: Option<OrdinalScale>,
}

impl Default for RollUpOptions {
    fn default() -> Self {
        Self { per: Decimal::ONE, official: None, grades: None }
    }
}

coded! {
    /// What the shown value is.
    pub enum Basis {
        /// The publisher's figure.
        Official = "official",
        /// Computed from the members by the declared method.
        Computed = "computed",
        /// Computed, and by its nature only an estimate ("perkiraan").
        Estimate = "estimate",
    }
}

coded! {
    /// Why nothing was computed.
    pub enum RollUpReason {
        /// The method computes nothing for the parent.
        NoAggregate = "no_aggregate",
        /// Only an official figure counts, and there is none.
        NoOfficialFigure = "no_official_figure",
        /// No member reported what the method needs.
        NothingReported = "nothing_reported",
        /// The denominators or weights add up to zero.
        ZeroDenominator = "zero_denominator",
        /// The components give no index.
        NoIndex = "no_index",
        /// Too large to be exact.
        OutOfRange = "out_of_range",
    }
}

/// How much of the whole is in the computed figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollUpCoverage {
    /// Members in the figure.
    pub reporting: u32,
    /// Members expected.
    pub expected: u32,
    /// Share of the whole they make up, 0 to 1, by size, denominator or weight; `None` when a
    /// member's size is unknown.
    pub weight_share: Option<Decimal>,
}

/// A member whose figure is in the total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included<K> {
    /// Who.
    pub member: K,
    /// The snapshot used.
    pub snapshot: Option<u32>,
    /// Its day.
    pub as_of: Option<NaiveDate>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A member whose figure is not in the total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded<K> {
    /// Who.
    pub member: K,
    /// Why.
    pub reason: ExclusionReason,
}

/// The parent's figure with everything that must stand beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolledUp<K> {
    /// The method.
    pub method: LocationConsolidation,
    /// The figure to show: official if there is one, else computed. Full precision.
    pub value: Option<Decimal>,
    /// What it is.
    pub basis: Option<Basis>,
    /// The computed figure.
    pub computed: Option<Decimal>,
    /// The publisher's figure.
    pub official: Option<Decimal>,
    /// Computed minus official, when both are there.
    pub difference: Option<Decimal>,
    /// Sum of numerators, or of weighted values.
    pub numerator: Option<Decimal>,
    /// Sum of denominators, or of weights.
    pub denominator: Option<Decimal>,
    /// Who is in it.
    pub coverage: RollUpCoverage,
    /// Members in the computed figure, by key.
    pub included: Vec<Included<K>>,
    /// Members not in it, by key, with the reason.
    pub excluded: Vec<Excluded<K>>,
    /// The oldest figure used.
    pub oldest: Option<NaiveDate>,
    /// The newest figure used.
    pub newest: Option<NaiveDate>,
    /// Whether the computed figure lacks an expected member: "parsial", and never compared with a
    /// full one.
    pub partial: bool,
    /// Why nothing was computed.
    pub reason: Option<RollUpReason>,
    /// Counts per grade, for the method `Distribution`.
    pub distribution: Option<Distribution>,
}

/// Why a roll-up is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RollUpError<K> {
    /// A member stands twice among the contributions.
    #[error("{0} is counted twice")]
    CountedTwice(K),
    /// A member stands twice among the expected.
    #[error("{0} is expected twice")]
    ExpectedTwice(K),
}

/// Rolls the contributions up. The result does not depend on the order of anything given.
///
/// # Errors
/// [`RollUpError`] when a member stands twice.
pub fn roll_up<K: Ord + Clone>(
    method: LocationConsolidation,
    expected: &[Member<K>],
    contributions: &[Contribution<K>],
    options: &RollUpOptions,
) -> Result<RolledUp<K>, RollUpError<K>> {
    let mut given = BTreeMap::new();
    for it in contributions {
        if given.insert(&it.member, it).is_some() {
            return Err(RollUpError::CountedTwice(it.member.clone()));
        }
    }
    let mut members = BTreeMap::new();
    for it in expected {
        if members.insert(&it.key, it).is_some() {
            return Err(RollUpError::ExpectedTwice(it.key.clone()));
        }
    }

    let ladder = distribution::ladder(options.grades.as_ref(), contributions);
    let mut used = Vec::new();
    let mut excluded = Vec::new();
    for key in members.keys() {
        let verdict = match given.get(key) {
            None => Err(ExclusionReason::NotReported),
            Some(it) => method::admit(method, it, ladder).map(|()| *it),
        };
        match verdict {
            Ok(it) => used.push(it),
            Err(reason) => excluded.push(Excluded { member: (*key).clone(), reason }),
        }
    }
    let strangers = given.keys().filter(|key| !members.contains_key(**key));
    excluded.extend(
        strangers
            .map(|key| Excluded { member: (*key).clone(), reason: ExclusionReason::NotAMember }),
    );
    excluded.sort_by(|left, right| left.member.cmp(&right.member));

    let result = method::compute(method, &used, options);
    let due = members
        .values()
        .filter(|member| {
            excluded.iter().all(|it| it.member != member.key || it.reason.is_expected())
        })
        .copied()
        .collect::<Vec<_>>();
    let coverage = RollUpCoverage {
        reporting: count(used.len()),
        expected: count(due.len()),
        weight_share: method::weight_share(method, &due, &used, &given),
    };
    Ok(assemble(method, &result, coverage, &used, excluded, ladder, options))
}

fn assemble<K: Ord + Clone>(
    method: LocationConsolidation,
    result: &Result<method::Computed, RollUpReason>,
    coverage: RollUpCoverage,
    used: &[&Contribution<K>],
    excluded: Vec<Excluded<K>>,
    ladder: Option<&OrdinalScale>,
    options: &RollUpOptions,
) -> RolledUp<K> {
    let computed = result.as_ref().ok().and_then(|it| it.value);
    let official = options.official;
    let basis = match (official, computed) {
        (Some(_), _) => Some(Basis::Official),
        (None, Some(_)) if method == LocationConsolidation::IpmFromComponents => {
            Some(Basis::Estimate)
        }
        (None, Some(_)) => Some(Basis::Computed),
        (None, None) => None,
    };
    let reason = match (method, official, result.as_ref().err()) {
        (LocationConsolidation::OfficialOnly, Some(_), _) => None,
        (_, _, reason) => reason.copied(),
    };
    RolledUp {
        method,
        value: official.or(computed),
        basis,
        computed,
        official,
        difference: computed.zip(official).and_then(|(left, right)| left.checked_sub(right)),
        numerator: result.as_ref().ok().and_then(|it| it.numerator),
        denominator: result.as_ref().ok().and_then(|it| it.denominator),
        partial: coverage.reporting < coverage.expected,
        coverage,
        included: used
            .iter()
            .map(|it| Included {
                member: it.member.clone(),
                snapshot: it.snapshot,
                as_of: it.as_of,
                origin: it.origin,
            })
            .collect(),
        excluded,
        oldest: used.iter().filter_map(|it| it.as_of).min(),
        newest: used.iter().filter_map(|it| it.as_of).max(),
        reason,
        distribution: (method == LocationConsolidation::Distribution)
            .then(|| Distribution::of(used.iter().filter_map(|it| it.grade.as_deref()), ladder)),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl<K: fmt::Display> RolledUp<K> {
    /// One text that is the same if and only if figure, coverage and provenance are the same; a
    /// store hashes it to tell whether a recalculation changed anything.
    pub fn canonical(&self) -> String {
        let number = |it: Option<Decimal>| shown(it.map(|it| it.normalize()).as_ref());
        let mut parts = vec![
            self.method.to_string(),
            number(self.computed),
            number(self.official),
            number(self.numerator),
            number(self.denominator),
            format!("{}/{}", self.coverage.reporting, self.coverage.expected),
            number(self.coverage.weight_share),
        ];
        parts.extend(self.included.iter().map(|it| {
            let (snapshot, as_of) = (shown(it.snapshot.as_ref()), shown(it.as_of.as_ref()));
            format!("+{}:{snapshot}:{as_of}:{}", it.member, it.origin)
        }));
        parts.extend(self.excluded.iter().map(|it| format!("-{}:{}", it.member, it.reason)));
        let counts = self.distribution.iter().flat_map(|it| &it.counts);
        parts.extend(counts.map(|(grade, members)| format!("#{grade}:{members}")));
        parts.join(";")
    }
}

fn shown<T: fmt::Display>(it: Option<&T>) -> String {
    it.map_or_else(|| "-".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests;
