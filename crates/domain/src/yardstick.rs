//! The yardstick: what a province compares and rolls up by, for one indicator in one period.
//!
//! Figures stand side by side only when they were measured by one definition (features.md I1). The
//! yardstick of a period is the definition of the newest release that was in force on the period's last
//! day; where the indicator came later, of the first release that has it; where no release has it, the
//! province's own manual. So a new release never tears earlier periods apart.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::indicator::{IndicatorCode, IndicatorManual};
use crate::measurement::ratio_factor;
use crate::period::Period;
use crate::publication::{Definition, PublishedValue};
use crate::rollup::LocationConsolidation;
use crate::scoring::{Polarity, RuleChoice, RuleId};
use crate::template::Version;

/// What figures of one indicator must agree with, and how they are scored and rolled up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yardstick {
    /// Code, release and fingerprint.
    pub definition: Definition,
    /// The indicator's name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Which direction is good.
    pub polarity: Polarity,
    /// The formula of its achievement; none: the rule set's default for the polarity.
    pub rule: Option<RuleId>,
    /// Decimals shown, 0 to 6.
    pub decimals: u8,
    /// Worst acceptable value, for a target of zero.
    pub worst: Option<Decimal>,
    /// How regencies become the province.
    pub method: LocationConsolidation,
    /// Code of the indicator that weighs this one.
    pub weight_variable: Option<IndicatorCode>,
}

/// A release's definition of one indicator, to choose the yardstick from.
#[derive(Debug, Clone, Copy)]
pub struct ReleasedManual<'a> {
    /// Version of the release.
    pub version: Version,
    /// When it was released.
    pub released_at: DateTime<Utc>,
    /// What it says of the indicator.
    pub manual: &'a IndicatorManual,
}

coded! {
    /// Why a figure cannot stand beside the others ("tidak sebanding").
    pub enum Incomparable {
        /// The indicator is the regency's own, not of the province's release.
        LocalIndicator = "local_indicator",
        /// Of a release with another major version.
        OtherRelease = "other_release",
        /// Measured in another unit.
        OtherUnit = "other_unit",
        /// Formula, direction, parts or consolidation differ.
        OtherDefinition = "other_definition",
    }
}

impl Yardstick {
    /// The yardstick made of one manual.
    pub fn of(
        code: IndicatorCode,
        release: Option<Version>,
        manual: &IndicatorManual,
        fingerprint: String,
    ) -> Self {
        Self {
            definition: Definition { code, release, fingerprint },
            name: manual.name.clone(),
            unit: manual.unit.clone(),
            polarity: manual.polarity,
            rule: manual.rule,
            decimals: manual.decimals,
            worst: manual.worst,
            method: manual.location_consolidation,
            weight_variable: manual.weight_variable.clone(),
        }
    }

    /// Which of the releases that have the indicator a period is measured by; see the module.
    pub fn release_for<'a, 'm>(
        period: Period,
        releases: &'a [ReleasedManual<'m>],
    ) -> Option<&'a ReleasedManual<'m>> {
        let in_force = |it: &&ReleasedManual<'_>| it.released_at.date_naive() <= period.last_day();
        releases
            .iter()
            .filter(in_force)
            .max_by_key(|it| it.version)
            .or_else(|| releases.iter().min_by_key(|it| it.version))
    }

    /// Whether a regency's figure may stand beside the others.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, line: &PublishedValue) -> Result<(), Incomparable> {
        match (self.definition.release, line.definition.release) {
            (_, None) => return Err(Incomparable::LocalIndicator),
            (Some(ours), Some(theirs)) if ours.major != theirs.major => {
                return Err(Incomparable::OtherRelease);
            }
            _ => {}
        }
        self.measures_like(line)
    }

    /// Whether the province's own figure is measured by this definition. The province is where releases
    /// come from, so its figures name none.
    ///
    /// # Errors
    /// Why not.
    pub fn measures_like(&self, line: &PublishedValue) -> Result<(), Incomparable> {
        if self.unit.trim() != line.unit.trim() {
            return Err(Incomparable::OtherUnit);
        }
        if self.definition.fingerprint != line.definition.fingerprint {
            return Err(Incomparable::OtherDefinition);
        }
        Ok(())
    }

    /// One text that is the same for the same yardstick.
    pub fn canonical(&self) -> String {
        let release = self.definition.release.map(|it| it.to_string()).unwrap_or_default();
        [
            self.definition.code.as_str(),
            &release,
            &self.definition.fingerprint,
            &self.name,
            &self.unit,
            self.polarity.code(),
            self.rule.map_or("", RuleId::code),
            &self.decimals.to_string(),
            &self.worst.map(|it| it.normalize().to_string()).unwrap_or_default(),
            self.method.code(),
            self.weight_variable.as_ref().map_or("", IndicatorCode::as_str),
        ]
        .join("\t")
    }

    /// The formula achievement is computed with, the same for every regency.
    pub fn rule_choice(&self) -> RuleChoice {
        self.rule.map_or(RuleChoice::ByPolarity(self.polarity), RuleChoice::Rule)
    }

    /// What a ratio of sums is multiplied with: 100 for percentages, else 1; as values are recorded.
    pub fn per(&self) -> Decimal {
        ratio_factor(self.unit.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consolidation::PeriodConsolidation;
    use crate::indicator::Frequency;
    use crate::publication::fingerprint_text;

    fn manual() -> IndicatorManual {
        IndicatorManual {
            name: "Persentase Penduduk Miskin".into(),
            definition: "Penduduk di bawah garis kemiskinan".into(),
            formula: "miskin / penduduk x 100".into(),
            unit: "persen".into(),
            polarity: Polarity::Minimize,
            rule: None,
            decimals: 2,
            period_consolidation: PeriodConsolidation::TakeLastKnown,
            location_consolidation: LocationConsolidation::RatioOfSums,
            weight_variable: None,
            numerator: Some("Jumlah penduduk miskin".into()),
            denominator: Some("Jumlah penduduk".into()),
            source: "Susenas".into(),
            publisher: Some("BPS".into()),
            frequency: Frequency::Yearly,
            worst: None,
        }
    }

    fn released(version: &str, day: &str, manual: &IndicatorManual) -> (Version, String) {
        let moment = format!("{day}T00:00:00Z").parse().expect(day);
        let releases = [
            ReleasedManual {
                version: "1.0.0".parse().expect("a version"),
                released_at: "2019-09-02T00:00:00Z".parse().expect("a moment"),
                manual,
            },
            ReleasedManual {
                version: version.parse().expect(version),
                released_at: moment,
                manual,
            },
        ];
        let period: Period = "2023".parse().expect("a year");
        let found = Yardstick::release_for(period, &releases).expect("a release");
        (found.version, found.released_at.to_string())
    }

    #[test]
    fn period_is_measured_by_the_release_in_force_on_its_last_day() {
        let manual = manual();
        assert_eq!(released("2.0.0", "2023-12-31", &manual).0.major, 2);
        assert_eq!(released("2.0.0", "2024-01-01", &manual).0.major, 1);
    }

    #[test]
    fn period_before_the_first_release_is_measured_by_that_one() {
        let manual = manual();
        let only = [ReleasedManual {
            version: "1.0.0".parse().expect("a version"),
            released_at: "2019-09-02T00:00:00Z".parse().expect("a moment"),
            manual: &manual,
        }];
        let period: Period = "2018".parse().expect("a year");
        assert!(Yardstick::release_for(period, &only).is_some());
        assert!(Yardstick::release_for(period, &[]).is_none());
    }

    #[test]
    fn fingerprint_ignores_wording_and_keeps_what_is_measured() {
        let print = |change: fn(&mut IndicatorManual)| {
            let mut it = manual();
            change(&mut it);
            fingerprint_text(&it)
        };
        let same = fingerprint_text(&manual());
        assert_eq!(print(|it| it.name = "P0".into()), same);
        assert_eq!(print(|it| it.definition = "lain".into()), same);
        assert_eq!(print(|it| it.formula = "miskin  / penduduk\nx 100".into()), same);
        assert_ne!(print(|it| it.formula = "miskin / penduduk x 1000".into()), same);
        assert_ne!(print(|it| it.unit = "promil".into()), same);
        assert_ne!(print(|it| it.denominator = Some("Jumlah keluarga".into())), same);
        assert_ne!(print(|it| it.polarity = Polarity::Maximize), same);
    }
}
