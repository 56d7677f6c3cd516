//! Rolling up what regencies published: from lines to contributions, one per regency.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    Contribution, ExclusionReason, LocationConsolidation, Member, Origin, RollUpError,
    RollUpOptions, RolledUp, roll_up,
};
use crate::comparison::{PublicationState, PublishedLine, without_line, without_value};
use crate::indicator::IndicatorCode;
use crate::ipm::{Components, component_codes};
use crate::measurement::FigureSource;
use crate::period::Period;
use crate::publication::{PublishedTarget, Standing};
use crate::tenant::RegionCode;
use crate::yardstick::Yardstick;

/// A regency under the province, with every line it has in force for one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberLines {
    /// Its code.
    pub region: RegionCode,
    /// What it has in force for the period.
    pub state: PublicationState,
    /// Its lines, by code.
    pub lines: BTreeMap<IndicatorCode, PublishedLine>,
}

/// How large each regency is, to say which share of the whole a figure covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// The variable: population, say.
    pub code: IndicatorCode,
    /// The period its values are of: the rolled-up one, or the nearest in which all are known.
    pub period: Period,
    /// The values.
    pub of: BTreeMap<RegionCode, Decimal>,
}

impl Sizes {
    /// Sizes for a period out of what is known by period: of the period itself if every member is known
    /// then, else of the nearest earlier period in which all are, else of the nearest later one.
    pub fn nearest(
        code: &IndicatorCode,
        period: Period,
        members: &[RegionCode],
        known: &BTreeMap<Period, BTreeMap<RegionCode, Decimal>>,
    ) -> Option<Self> {
        let complete = |it: &(&Period, &BTreeMap<RegionCode, Decimal>)| {
            it.0.is_year() == period.is_year() && members.iter().all(|key| it.1.contains_key(key))
        };
        let earlier = known.range(..=period).rev().find(complete);
        let (at, of) = earlier.or_else(|| known.range(period..).find(complete))?;
        Some(Self { code: code.clone(), period: *at, of: of.clone() })
    }

    /// One text that is the same for the same sizes.
    pub fn canonical(&self) -> String {
        let each = self.of.iter().map(|(region, size)| format!("{region}={}", size.normalize()));
        let each: Vec<_> = each.collect();
        format!("{}@{}:{}", self.code.as_str(), self.period, each.join(","))
    }
}

/// What one regency gave to a roll-up, for the page that explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollUpPart {
    /// Its code.
    pub region: RegionCode,
    /// Why it is not in the total; none when it is.
    pub excluded: Option<ExclusionReason>,
    /// Its value.
    pub value: Option<Decimal>,
    /// Its numerator.
    pub numerator: Option<Decimal>,
    /// Its denominator.
    pub denominator: Option<Decimal>,
    /// Its weight.
    pub weight: Option<Decimal>,
    /// Components of its index, where the index is made of components.
    pub components: Option<Components>,
    /// Number of the publication the figure is from.
    pub number: Option<u32>,
    /// Day on which the value was verified.
    pub as_of: Option<NaiveDate>,
    /// Where the figure was read.
    pub figure: Option<FigureSource>,
}

/// The province's own published figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialFigure {
    /// Where it was read.
    pub figure: FigureSource,
    /// Day on which it was verified.
    pub as_of: Option<NaiveDate>,
    /// Number of the province's publication.
    pub number: i32,
    /// Its target in force.
    pub target: PublishedTarget,
    /// Whether that target is made up for a demonstration.
    pub target_illustrative: bool,
}

/// A roll-up with everything that must stand beside it, as a province keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvincialRollUp {
    /// The period.
    pub period: Period,
    /// What figures had to agree with.
    pub yardstick: Yardstick,
    /// Figure, coverage, who is in it and who is not.
    pub rolled: RolledUp<RegionCode>,
    /// What each regency gave, by code.
    pub parts: Vec<RollUpPart>,
    /// The province's own figure, if it is of the same definition.
    pub official: Option<OfficialFigure>,
    /// The variable its coverage is measured with, and of which period.
    pub sizes: Option<Sizes>,
}

impl ProvincialRollUp {
    /// One text that is the same for the same figure, coverage and provenance.
    pub fn canonical(&self) -> String {
        let official = self.official.as_ref();
        // Also of parts that are not in the total it is told which publication says so.
        let part = |it: &RollUpPart| format!("{}:{:?}:{:?}", it.region, it.number, it.as_of);
        let parts: Vec<_> = self.parts.iter().map(part).collect();
        [
            "rollup/3".to_owned(),
            self.period.to_string(),
            self.yardstick.canonical(),
            self.rolled.canonical(),
            official.map(|it| format!("{}:{:?}", it.number, it.as_of)).unwrap_or_default(),
            self.sizes.as_ref().map(Sizes::canonical).unwrap_or_default(),
            parts.join(","),
        ]
        .join("\n")
    }
}

/// Everything the roll-up of one indicator in one period is made from.
#[derive(Debug, Clone, Copy)]
pub struct PublishedRollUp<'a> {
    /// What figures must agree with, by code: of the indicator and of what weighs it or makes it up.
    pub yardsticks: &'a BTreeMap<IndicatorCode, Yardstick>,
    /// Every regency under the province.
    pub members: &'a [MemberLines],
    /// The province's own published line of the indicator.
    pub official: Option<&'a PublishedLine>,
    /// How large each regency is.
    pub sizes: Option<&'a Sizes>,
}

impl PublishedRollUp<'_> {
    /// Rolls one indicator up by the method of its yardstick.
    ///
    /// # Errors
    /// A member stands twice.
    pub fn of(
        &self,
        period: Period,
        yardstick: &Yardstick,
    ) -> Result<ProvincialRollUp, RollUpError<RegionCode>> {
        let expected: Vec<_> = self
            .members
            .iter()
            .map(|it| Member {
                key: it.region.clone(),
                size: self.sizes.and_then(|sizes| sizes.of.get(&it.region).copied()),
            })
            .collect();
        let contributions: Vec<_> =
            self.members.iter().map(|it| self.contribution(yardstick, it)).collect();
        let official = self
            .official
            .filter(|it| it.value.value.is_some() && yardstick.measures_like(&it.value).is_ok());
        let value = official.and_then(|it| it.value.value);
        let options = RollUpOptions { per: yardstick.per(), official: value, grades: None };
        let rolled = roll_up(yardstick.method, &expected, &contributions, &options)?;
        let parts = contributions.iter().map(|it| self.part(yardstick, &rolled, it)).collect();
        let official = official.map(|it| OfficialFigure {
            figure: it.value.figure.clone(),
            as_of: it.value.as_of,
            number: it.number,
            target: it.value.target.clone(),
            target_illustrative: it.value.target_illustrative,
        });
        let (yardstick, sizes) = (yardstick.clone(), self.sizes.cloned());
        Ok(ProvincialRollUp { period, yardstick, rolled, parts, official, sizes })
    }

    fn part(
        &self,
        yardstick: &Yardstick,
        rolled: &RolledUp<RegionCode>,
        it: &Contribution<RegionCode>,
    ) -> RollUpPart {
        let member = self.members.iter().find(|member| member.region == it.member);
        let line = member.and_then(|member| member.lines.get(&yardstick.definition.code));
        RollUpPart {
            region: it.member.clone(),
            excluded: rolled
                .excluded
                .iter()
                .find(|out| out.member == it.member)
                .map(|it| it.reason),
            value: it.value,
            numerator: it.numerator,
            denominator: it.denominator,
            weight: it.weight,
            components: it.components,
            number: it.snapshot,
            as_of: it.as_of,
            figure: line.map(|line| line.value.figure.clone()),
        }
    }

    fn contribution(
        &self,
        yardstick: &Yardstick,
        member: &MemberLines,
    ) -> Contribution<RegionCode> {
        let empty = Contribution::empty(member.region.clone());
        let line = member.lines.get(&yardstick.definition.code);
        let Some(line) = line.filter(|_| member.state == PublicationState::InForce) else {
            return Contribution { exclude: Some(without_line(member.state)), ..empty };
        };
        let published = &line.value;
        let exclude = match published.standing {
            Standing::Reported => {
                yardstick.admits(published).err().map(|_| ExclusionReason::DifferentDefinition)
            }
            other => Some(without_value(other)),
        };
        let figure = |code: &IndicatorCode| self.side_figure(member, code);
        Contribution {
            value: published.value,
            numerator: published.numerator,
            denominator: published.denominator,
            weight: yardstick.weight_variable.as_ref().and_then(figure),
            components: self.components(yardstick, member),
            grade: published.value.map(|it| it.normalize().to_string()),
            as_of: published.as_of,
            snapshot: u32::try_from(line.number).ok(),
            origin: Origin::Published,
            exclude,
            ..empty
        }
    }

    /// The value of another indicator of the same regency and period, if it is of the right definition.
    fn side_figure(&self, member: &MemberLines, code: &IndicatorCode) -> Option<Decimal> {
        let line = &member.lines.get(code)?.value;
        let yardstick = self.yardsticks.get(code)?;
        line.value.filter(|_| yardstick.admits(line).is_ok())
    }

    fn components(&self, yardstick: &Yardstick, member: &MemberLines) -> Option<Components> {
        if yardstick.method != LocationConsolidation::IpmFromComponents {
            return None;
        }
        let [uhh, hls, rls, ppk] = component_codes(&yardstick.definition.code)?;
        Some(Components {
            life_expectancy: self.side_figure(member, &uhh)?,
            expected_schooling: self.side_figure(member, &hls)?,
            mean_schooling: self.side_figure(member, &rls)?,
            expenditure: self.side_figure(member, &ppk)?,
        })
    }
}

#[cfg(test)]
mod tests;
