//! Alignment: how far each regency's published objectives and indicators carry the province's objectives.
//!
//! A cell of the matrix answers for one objective of the province and one regency: aligned, partly or
//! none, with the reasons and how much of the objective is covered (features.md H2). No score and no rank
//! is made of it (domain rule 9.3): counts, and the share of the people behind them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::comparison::PublicationState;
use crate::indicator::IndicatorCode;
use crate::publication::{PublishedObjective, PublishedValue};
use crate::tenant::RegionCode;
use crate::yardstick::Yardstick;

coded! {
    /// How an objective of the province is carried by a regency.
    pub enum Alignment {
        /// An objective of the regency serves it and measures all of its indicators, with targets.
        Aligned = "aligned",
        /// Something serves or measures it, and something is lacking.
        Partly = "partly",
        /// Nothing does.
        None = "none",
        /// Not known: the regency has nothing in force for the period.
        Unknown = "unknown",
    }
}

/// Why a cell is as it is. Codes are those of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlignmentReason {
    /// An objective serves the province's one.
    ServedBy {
        /// Code of the regency's objective.
        objective: String,
    },
    /// No objective serves it.
    NotServed,
    /// No objective serves it, but these of its indicators are measured under other objectives.
    MeasuredElsewhere(Vec<IndicatorCode>),
    /// These of its indicators are not measured.
    NotMeasured(Vec<IndicatorCode>),
    /// These are measured by another definition.
    OtherDefinition(Vec<IndicatorCode>),
    /// These have no target for the period.
    NoTarget(Vec<IndicatorCode>),
    /// These have no value for the period.
    NoValue(Vec<IndicatorCode>),
    /// The province has no indicator under this objective.
    NothingToMeasure,
    /// Nothing is in force for the period.
    NothingPublished(PublicationState),
}

/// One objective of the province.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvinceObjective {
    /// Its code.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// The IKU under it, each with the definition a regency's figure must agree with.
    pub indicators: Vec<Yardstick>,
}

/// What one regency has in force for the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignedMember {
    /// Its code.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// What it has in force.
    pub state: PublicationState,
    /// Its objectives.
    pub objectives: Vec<PublishedObjective>,
    /// Its lines, by code.
    pub values: BTreeMap<IndicatorCode, PublishedValue>,
    /// Its size in the variable that coverage is measured with.
    pub size: Option<Decimal>,
}

/// One cell of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignmentCell {
    /// Whose.
    pub region: RegionCode,
    /// The verdict.
    pub alignment: Alignment,
    /// Why.
    pub reasons: Vec<AlignmentReason>,
    /// Indicators of the objective measured by the province's definition.
    pub measured: u32,
    /// Indicators of the objective.
    pub expected: u32,
    /// Of the measured ones, how many have a value.
    pub reported: u32,
}

/// One row of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignmentRow {
    /// The objective's code.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// One cell per regency, by code.
    pub cells: Vec<AlignmentCell>,
    /// How many regencies stand at each verdict, in the order of [`Alignment::ALL`].
    pub counts: [u32; 4],
    /// Share of the people (or of what sizes count) in regencies that are aligned or partly so, 0 to 1;
    /// none when a size is unknown.
    pub share: Option<Decimal>,
}

impl AlignmentRow {
    /// Whether no regency carries the objective, though at least one published.
    pub fn is_orphan(&self) -> bool {
        let [aligned, partly, none, _] = self.counts;
        aligned + partly == 0 && none > 0
    }
}

/// An objective of a regency that serves none of the province's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Whose.
    pub region: RegionCode,
    /// The regency's name.
    pub name: String,
    /// The objective's code.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// The code it says it serves, when the province has no such objective.
    pub serves: Option<String>,
}

/// The matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignmentMatrix {
    /// Objectives of the province, in the order given.
    pub rows: Vec<AlignmentRow>,
    /// Objectives of regencies that serve none of them, by regency and code.
    pub orphans: Vec<Orphan>,
}

/// Aligns. Columns are by code of the regency, whatever the order given.
pub fn align(objectives: &[ProvinceObjective], members: &[AlignedMember]) -> AlignmentMatrix {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by(|left, right| left.region.cmp(&right.region));
    let rows = objectives.iter().map(|it| row(it, &members)).collect();
    let orphans = members
        .iter()
        .filter(|it| it.state == PublicationState::InForce)
        .flat_map(|member| {
            let strays = member.objectives.iter().filter(|theirs| {
                !objectives.iter().any(|ours| theirs.serves.as_deref() == Some(&ours.code))
            });
            strays.map(|theirs| Orphan {
                region: member.region.clone(),
                name: member.name.clone(),
                code: theirs.code.clone(),
                text: theirs.text.clone(),
                serves: theirs.serves.clone(),
            })
        })
        .collect();
    AlignmentMatrix { rows, orphans }
}

fn row(objective: &ProvinceObjective, members: &[&AlignedMember]) -> AlignmentRow {
    let cells: Vec<_> = members.iter().map(|it| cell(objective, it)).collect();
    let mut counts = [0; 4];
    for it in &cells {
        let at = Alignment::ALL.iter().position(|verdict| *verdict == it.alignment);
        counts[at.unwrap_or_default()] += 1;
    }
    let carried = cells
        .iter()
        .zip(members)
        .filter(|(cell, _)| matches!(cell.alignment, Alignment::Aligned | Alignment::Partly));
    let whole = sum(members.iter().map(|it| it.size));
    let part = sum(carried.map(|(_, it)| it.size));
    AlignmentRow {
        code: objective.code.clone(),
        text: objective.text.clone(),
        cells,
        counts,
        share: part.zip(whole).and_then(|(part, whole)| part.checked_div(whole)),
    }
}

/// The sum when every size is known.
fn sum(mut sizes: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    sizes.try_fold(Decimal::ZERO, |sum, size| sum.checked_add(size?))
}

fn cell(objective: &ProvinceObjective, member: &AlignedMember) -> AlignmentCell {
    let expected = count(objective.indicators.len());
    let verdict = |alignment, reasons, measured, reported| AlignmentCell {
        region: member.region.clone(),
        alignment,
        reasons,
        measured,
        expected,
        reported,
    };
    if member.state != PublicationState::InForce {
        let reasons = vec![AlignmentReason::NothingPublished(member.state)];
        return verdict(Alignment::Unknown, reasons, 0, 0);
    }
    let serving: Vec<_> = member
        .objectives
        .iter()
        .filter(|it| it.serves.as_deref() == Some(&objective.code))
        .collect();
    let found = Found::of(objective, member);
    let mut reasons: Vec<_> =
        serving.iter().map(|it| AlignmentReason::ServedBy { objective: it.code.clone() }).collect();
    if objective.indicators.is_empty() {
        reasons.push(AlignmentReason::NothingToMeasure);
    }
    let alignment = if serving.is_empty() {
        if found.measured.is_empty() {
            reasons.push(AlignmentReason::NotServed);
            reasons.extend(listed(AlignmentReason::OtherDefinition, found.other));
            return verdict(Alignment::None, reasons, 0, 0);
        }
        reasons.push(AlignmentReason::MeasuredElsewhere(found.measured.clone()));
        Alignment::Partly
    } else if found.absent.is_empty() && found.other.is_empty() && found.untargeted.is_empty() {
        Alignment::Aligned
    } else {
        Alignment::Partly
    };
    let (measured, reported) =
        (count(found.measured.len()), count(found.measured.len() - found.silent.len()));
    reasons.extend(listed(AlignmentReason::NotMeasured, found.absent));
    reasons.extend(listed(AlignmentReason::OtherDefinition, found.other));
    reasons.extend(listed(AlignmentReason::NoTarget, found.untargeted));
    reasons.extend(listed(AlignmentReason::NoValue, found.silent));
    verdict(alignment, reasons, measured, reported)
}

fn listed(
    reason: fn(Vec<IndicatorCode>) -> AlignmentReason,
    codes: Vec<IndicatorCode>,
) -> Option<AlignmentReason> {
    (!codes.is_empty()).then(|| reason(codes))
}

/// The indicators of an objective, by what a regency has of them.
#[derive(Default)]
struct Found {
    measured: Vec<IndicatorCode>,
    absent: Vec<IndicatorCode>,
    other: Vec<IndicatorCode>,
    untargeted: Vec<IndicatorCode>,
    silent: Vec<IndicatorCode>,
}

impl Found {
    fn of(objective: &ProvinceObjective, member: &AlignedMember) -> Self {
        let mut found = Self::default();
        for yardstick in &objective.indicators {
            let code = yardstick.definition.code.clone();
            let Some(line) = member.values.get(&code) else {
                found.absent.push(code);
                continue;
            };
            if yardstick.admits(line).is_err() {
                found.other.push(code);
                continue;
            }
            if !line.target.is_set() {
                found.untargeted.push(code.clone());
            }
            if line.value.is_none() {
                found.silent.push(code.clone());
            }
            found.measured.push(code);
        }
        found
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
