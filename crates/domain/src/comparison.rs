//! Comparing regencies on one indicator in one period, under the province's one pinned rule set.
//!
//! Pure: from published lines to rows. Achievement is computed again from raw target and actual, so that
//! a regency's own rule set never colours the comparison (domain rule 10). Reporters are ranked among
//! themselves; who does not report, or reports another definition, stands apart with the reason
//! (domain rule 9.4, features.md I1 and I4).

mod rank;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::ids::PublicationId;
use crate::period::Period;
use crate::publication::{PublishedValue, Standing};
use crate::quantity::round;
use crate::rollup::ExclusionReason;
use crate::scoring::{Actual, Polarity, RuleSet, RuleSetRef, ScoreInput, Scored, score};
use crate::tenant::RegionCode;
use crate::yardstick::{Incomparable, Yardstick};

pub use rank::{Rank, rank_key};

/// A published line and the publication it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedLine {
    /// The publication.
    pub publication: PublicationId,
    /// Its number in its period.
    pub number: i32,
    /// The line.
    pub value: PublishedValue,
}

coded! {
    /// What a regency has in force for a period.
    pub enum PublicationState {
        /// A publication.
        InForce = "in_force",
        /// Nothing: its last publication was revoked.
        Revoked = "revoked",
        /// Nothing: it never published the period.
        None = "none",
        /// Nothing: it does not use the system yet.
        NotJoined = "not_joined",
    }
}

/// A regency under the province, with every line of the compared indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedMember {
    /// Its Kemendagri code.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// What it has in force for the compared period.
    pub state: PublicationState,
    /// Its lines of the indicator, by period.
    pub lines: BTreeMap<Period, PublishedLine>,
}

/// Everything a comparison is made from.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonInput<'a> {
    /// What figures must agree with.
    pub yardstick: &'a Yardstick,
    /// The compared period.
    pub period: Period,
    /// Every regency under the province.
    pub members: &'a [ComparedMember],
    /// The pinned rule set.
    pub rules: &'a RuleSet,
}

/// Change against the same period of the year before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// This value less the earlier one, in the unit of the indicator.
    pub value: Decimal,
    /// The earlier period.
    pub since: Period,
    /// Whether it went the good way; none when it did not move or no way is good.
    pub better: Option<bool>,
}

/// Distance to the target in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distance {
    /// Value less target, in the unit of the indicator.
    pub value: Decimal,
    /// Whether the target is met; none where no direction is good.
    pub met: Option<bool>,
}

/// One point of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrendPoint {
    /// The period.
    pub period: Period,
    /// The value; none is a gap, never a zero.
    pub value: Option<Decimal>,
    /// The target of that period, if it is one number.
    pub target: Option<Decimal>,
    /// Set when there is a figure that cannot stand in this series.
    pub incomparable: Option<Incomparable>,
}

/// A regency whose figure is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporter {
    /// Its code.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// Its line.
    pub line: PublishedLine,
    /// The value.
    pub value: Decimal,
    /// Achievement under the pinned rule set, with inputs and steps.
    pub scored: Scored,
    /// Change to the year before.
    pub change: Option<Change>,
    /// Distance to the target.
    pub distance: Option<Distance>,
    /// Rank among reporters; none where no direction is good.
    pub rank: Option<Rank>,
    /// Its series.
    pub trend: Vec<TrendPoint>,
}

/// A regency with a figure that cannot stand beside the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// Its code.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// Its line.
    pub line: PublishedLine,
    /// Why.
    pub reason: Incomparable,
    /// Its series.
    pub trend: Vec<TrendPoint>,
}

/// A regency without a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    /// Its code.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: ExclusionReason,
    /// Its series.
    pub trend: Vec<TrendPoint>,
}

/// The comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The rule set achievement was computed with.
    pub rule_set: RuleSetRef,
    /// Reporters: by rank, then by code.
    pub reporters: Vec<Reporter>,
    /// Whose figures are of another definition, by code.
    pub odd: Vec<Odd>,
    /// Who has no figure, by code.
    pub silent: Vec<Silent>,
    /// The periods of every series, without holes.
    pub periods: Vec<Period>,
}

/// Compares. The result does not depend on the order of the members.
pub fn compare(input: ComparisonInput<'_>) -> Comparison {
    let periods = periods(input.period, input.members);
    let mut members: Vec<_> = input.members.iter().collect();
    members.sort_by(|left, right| left.region.cmp(&right.region));
    let (mut reporters, mut odd, mut silent) = (Vec::new(), Vec::new(), Vec::new());
    for member in members {
        let (region, name) = (member.region.clone(), member.name.clone());
        let trend = trend(input.yardstick, member, &periods);
        match figure(&input, member) {
            Figure::Compared(line, value) => {
                reporters.push(reporter(&input, member, line, value, trend));
            }
            Figure::Odd(line, reason) => {
                odd.push(Odd { region, name, line: line.clone(), reason, trend });
            }
            Figure::None(reason) => silent.push(Silent { region, name, reason, trend }),
        }
    }
    rank::rank(input.yardstick, &mut reporters);
    let rule_set = input.rules.id.clone();
    Comparison { rule_set, reporters, odd, silent, periods }
}

/// What a regency contributes in the compared period.
enum Figure<'a> {
    Compared(&'a PublishedLine, Decimal),
    Odd(&'a PublishedLine, Incomparable),
    None(ExclusionReason),
}

fn figure<'a>(input: &ComparisonInput<'_>, member: &'a ComparedMember) -> Figure<'a> {
    let line = member.lines.get(&input.period);
    let Some(line) = line.filter(|_| member.state == PublicationState::InForce) else {
        return Figure::None(without_line(member.state));
    };
    match (line.value.standing, line.value.value) {
        (Standing::Reported, Some(value)) => match input.yardstick.admits(&line.value) {
            Ok(()) => Figure::Compared(line, value),
            Err(reason) => Figure::Odd(line, reason),
        },
        (standing, _) => Figure::None(without_value(standing)),
    }
}

/// Why a regency has no line of an indicator.
pub fn without_line(state: PublicationState) -> ExclusionReason {
    match state {
        PublicationState::InForce => ExclusionReason::NotListed,
        PublicationState::Revoked => ExclusionReason::Revoked,
        PublicationState::None => ExclusionReason::NotReported,
        PublicationState::NotJoined => ExclusionReason::NotJoined,
    }
}

/// Why a line has no value.
pub fn without_value(standing: Standing) -> ExclusionReason {
    match standing {
        Standing::Reported | Standing::Missing => ExclusionReason::MissingValue,
        Standing::NotApplicable => ExclusionReason::NotApplicable,
        Standing::NotYetDue => ExclusionReason::NotYetDue,
    }
}

fn reporter(
    input: &ComparisonInput<'_>,
    member: &ComparedMember,
    line: &PublishedLine,
    value: Decimal,
    trend: Vec<TrendPoint>,
) -> Reporter {
    let yardstick = input.yardstick;
    let target = line.value.target.for_scoring();
    let asked = ScoreInput {
        polarity: Some(yardstick.polarity),
        worst: yardstick.worst,
        ..ScoreInput::new(yardstick.rule_choice(), target, Actual::Value(value))
    };
    Reporter {
        region: member.region.clone(),
        name: member.name.clone(),
        line: line.clone(),
        value,
        scored: score(&asked, input.rules),
        change: change(input, member, value),
        distance: line.value.target.number().and_then(|target| distance(yardstick, value, target)),
        rank: None,
        trend,
    }
}

/// Against the same period a year earlier, when that figure is of the same definition.
fn change(input: &ComparisonInput<'_>, member: &ComparedMember, value: Decimal) -> Option<Change> {
    let since = input.period.year_before()?;
    let earlier = &member.lines.get(&since)?.value;
    let before = earlier.value.filter(|_| input.yardstick.admits(earlier).is_ok())?;
    let moved = value.checked_sub(before)?;
    let better = match input.yardstick.polarity {
        _ if moved.is_zero() => None,
        Polarity::Maximize => Some(moved > Decimal::ZERO),
        Polarity::Minimize => Some(moved < Decimal::ZERO),
        Polarity::Stabilize | Polarity::Neutral => None,
    };
    Some(Change { value: moved, since, better })
}

fn distance(yardstick: &Yardstick, value: Decimal, target: Decimal) -> Option<Distance> {
    let met = match yardstick.polarity {
        Polarity::Maximize => Some(value >= target),
        Polarity::Minimize => Some(value <= target),
        Polarity::Stabilize => Some(value == target),
        Polarity::Neutral => None,
    };
    Some(Distance { value: value.checked_sub(target)?, met })
}

/// Every period of the compared one's kind from the first to the last that anyone published.
fn periods(compared: Period, members: &[ComparedMember]) -> Vec<Period> {
    let known = members.iter().flat_map(|it| it.lines.keys().copied());
    let known = known.filter(|it| it.is_year() == compared.is_year());
    let (first, last) =
        known.fold((compared, compared), |(first, last), it| (first.min(it), last.max(it)));
    std::iter::successors(Some(first), |it| it.following()).take_while(|it| *it <= last).collect()
}

fn trend(yardstick: &Yardstick, member: &ComparedMember, periods: &[Period]) -> Vec<TrendPoint> {
    periods
        .iter()
        .map(|period| {
            let line = member.lines.get(period).map(|it| &it.value);
            let verdict = line.filter(|it| it.value.is_some()).map(|it| yardstick.admits(it));
            TrendPoint {
                period: *period,
                value: line.and_then(|it| it.value).filter(|_| verdict == Some(Ok(()))),
                target: line.and_then(|it| it.target.number()).filter(|_| verdict == Some(Ok(()))),
                incomparable: verdict.and_then(Result::err),
            }
        })
        .collect()
}

/// A value as it is printed for this indicator.
pub fn printed(yardstick: &Yardstick, value: Decimal) -> Decimal {
    round(value, u32::from(yardstick.decimals), crate::quantity::Rounding::HalfUp)
}

#[cfg(test)]
mod tests;
