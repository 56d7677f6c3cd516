//! Putting together what would leave: from a tenant's own rows to the exact content of a publication.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Definition, PublicationContent, PublishedObjective, PublishedTarget, PublishedValue, Standing,
};
use crate::ids::PlanNodeId;
use crate::indicator::{Frequency, Indicator, IndicatorCode, IndicatorManual};
use crate::measurement::{FigureSource, Measurement, MeasurementStatus, Reading};
use crate::period::Period;
use crate::plan::{Origin, PlanNode, PlanNodeKind};
use crate::scorecard::{Calendar, Figure, Known};
use crate::scoring::{self, Actual};
use crate::target::Target;
use crate::template::Version;

/// What a tenant has that may leave.
#[derive(Debug, Clone, Copy)]
pub struct PublicationDraft<'a> {
    /// The period.
    pub period: Period,
    /// Indicators of the plan.
    pub indicators: &'a [Indicator],
    /// Nodes of the plan.
    pub nodes: &'a [PlanNode],
    /// Measurements of the period and, for a year, of its quarters. Only verified ones are looked at.
    pub measurements: &'a [Measurement],
    /// Targets in force, of the same periods.
    pub targets: &'a [Target],
    /// The release that the tenant adopted.
    pub release: Option<Version>,
    /// What the calendar says.
    pub calendar: Calendar,
    /// The fingerprint of a manual: a hash of [`super::fingerprint_text`].
    pub fingerprint: fn(&IndicatorManual) -> String,
    /// Codes of lines that shall stay at home.
    pub omit: &'a BTreeSet<IndicatorCode>,
}

impl PublicationDraft<'_> {
    /// The content, indicators and objectives by code, the same for the same rows in any order.
    ///
    /// An indicator is listed when its frequency has a figure for the period: a yearly one not in a quarter.
    /// A retired one is listed only with a value. Nothing else of the tenant is in it: no person, no
    /// evidence, no draft, no remark.
    pub fn content(&self) -> PublicationContent {
        let mut values = BTreeMap::new();
        let mut counts: BTreeMap<PlanNodeId, (u32, u32, u32)> = BTreeMap::new();
        // Taken-over indicators first: an own one of the same code must not pass for the province's.
        let (adopted, own): (Vec<_>, Vec<_>) =
            self.indicators.iter().partition(|it| it.origin != Origin::Local);
        for indicator in adopted.into_iter().chain(own) {
            let Some(line) = self.line(indicator) else { continue };
            let code = &line.definition.code;
            if self.omit.contains(code) || values.contains_key(code) {
                continue;
            }
            let (all, targeted, reported) = counts.entry(indicator.objective).or_default();
            *all += 1;
            *targeted += u32::from(line.target.is_set());
            *reported += u32::from(line.value.is_some());
            values.insert(line.definition.code.clone(), line);
        }
        let mut objectives: Vec<_> = self
            .nodes
            .iter()
            .filter(|it| it.kind == PlanNodeKind::Objective)
            .map(|it| {
                let (indicators, with_target, reported) =
                    counts.get(&it.id).copied().unwrap_or_default();
                PublishedObjective {
                    code: it.code.clone(),
                    text: it.text.clone(),
                    serves: it.origin.template_code().map(ToOwned::to_owned),
                    indicators,
                    with_target,
                    reported,
                }
            })
            .collect();
        objectives.sort_by(|left, right| left.code.cmp(&right.code));
        PublicationContent {
            period: self.period,
            values: values.into_values().collect(),
            objectives,
        }
    }

    fn line(&self, indicator: &Indicator) -> Option<PublishedValue> {
        if indicator.manual.frequency == Frequency::Yearly && !self.period.is_year() {
            return None;
        }
        let measurements: Vec<_> = self
            .measurements
            .iter()
            .filter(|it| it.indicator == indicator.id && it.status == MeasurementStatus::Verified)
            .cloned()
            .collect();
        let targets: Vec<_> =
            self.targets.iter().filter(|it| it.indicator == indicator.id).cloned().collect();
        let known = Known { measurements: &measurements, targets: &targets };
        let found = Figure::of(indicator, self.period, known, self.calendar);
        let measurement = measurements.iter().find(|it| Some(it.id) == found.measurement);
        let (standing, value) = match found.actual {
            Actual::Value(value) => (Standing::Reported, Some(value)),
            Actual::NotApplicable => (Standing::NotApplicable, None),
            Actual::Missing { due: true } | Actual::Grade(_) => (Standing::Missing, None),
            Actual::Missing { due: false } | Actual::NotYetDue => (Standing::NotYetDue, None),
        };
        if indicator.is_retired(self.period.last_day()) && value.is_none() {
            return None;
        }
        // A figure made of several quarters has no parts of its own.
        let whole = measurement.filter(|it| it.period == self.period && value.is_some());
        let (numerator, denominator) = match whole.map(|it| &it.reading) {
            Some(Reading::Ratio { numerator, denominator }) => {
                (Some(*numerator), Some(*denominator))
            }
            _ => (None, None),
        };
        let stated = measurement.filter(|_| matches!(standing, Standing::Reported));
        Some(PublishedValue {
            definition: self.definition(indicator),
            name: indicator.manual.name.clone(),
            unit: indicator.manual.unit.clone(),
            standing,
            value,
            numerator,
            denominator,
            target: found.target.as_ref().map_or(PublishedTarget::Unset, published),
            target_illustrative: found.illustrative,
            figure: stated.map_or_else(FigureSource::default, |it| it.figure.clone()),
            revision: measurement.map(|it| it.revision),
            as_of: measurement.and_then(|it| it.decided_at).map(|it| it.date_naive()),
        })
    }

    fn definition(&self, indicator: &Indicator) -> Definition {
        let fingerprint = (self.fingerprint)(&indicator.manual);
        let adopted = match &indicator.origin {
            Origin::Adopted { template_code } => {
                IndicatorCode::new(template_code).ok().zip(self.release)
            }
            Origin::Local => None,
        };
        match adopted {
            Some((code, release)) => Definition { code, release: Some(release), fingerprint },
            None => Definition { code: indicator.code.clone(), release: None, fingerprint },
        }
    }
}

fn published(target: &scoring::Target) -> PublishedTarget {
    match (target.range, target.value, &target.text) {
        (Some((low, high)), _, _) => PublishedTarget::Range { low, high },
        (None, Some(value), _) => PublishedTarget::Exactly(value),
        (None, None, Some(text)) => PublishedTarget::Text(text.clone()),
        (None, None, None) => PublishedTarget::Unset,
    }
}
