//! Indicators: the manual IKU (definition sheet), who owns one, where it came from.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::consolidation::PeriodConsolidation;
use crate::ids::{AgencyId, IndicatorId, PlanId, PlanNodeId};
use crate::plan::Origin;
use crate::rollup::LocationConsolidation;
use crate::scoring::{Polarity, RuleId};

/// Code of an indicator, unique in its tenant: `IPM_SP2020`, `3.1.2`. Letters, digits, `.`, `_`, `-`; 1 to 40.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndicatorCode(String);

/// A text that is no indicator code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("1 to 40 letters, digits, dots, hyphens or underscores are expected")]
pub struct InvalidIndicatorCode;

impl IndicatorCode {
    /// Checks and makes a code.
    ///
    /// # Errors
    /// The text is empty, longer than 40 or has other characters.
    pub fn new(text: &str) -> Result<Self, InvalidIndicatorCode> {
        let text = text.trim();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if text.is_empty() || text.len() > 40 || !text.chars().all(allowed) {
            return Err(InvalidIndicatorCode);
        }
        Ok(Self(text.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the indicator is one of the plan's IKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndicatorKind {
    /// Indikator kinerja utama.
    Iku,
    /// Indikator pendukung: monitored and compared, not scored in the NKO.
    Supporting,
}

impl IndicatorKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Iku, Self::Supporting];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Iku => "iku",
            Self::Supporting => "supporting",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// How often the indicator is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// Once a year.
    Yearly,
    /// Each quarter.
    Quarterly,
}

impl Frequency {
    /// Every frequency.
    pub const ALL: [Self; 2] = [Self::Yearly, Self::Quarterly];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Yearly => "yearly",
            Self::Quarterly => "quarterly",
        }
    }

    /// The frequency with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|frequency| frequency.code() == code)
    }
}

/// The manual IKU: everything that says what the number means and how it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorManual {
    /// Its name.
    pub name: String,
    /// What it measures, in words.
    pub definition: String,
    /// Its formula, in words.
    pub formula: String,
    /// Its unit, `persen`, `indeks`, `ribu jiwa`.
    pub unit: String,
    /// Which direction is good.
    pub polarity: Polarity,
    /// The rule of its achievement; none: the rule set's default for the polarity.
    pub rule: Option<RuleId>,
    /// Decimals shown, 0 to 6.
    pub decimals: u8,
    /// How quarters become a year.
    pub period_consolidation: PeriodConsolidation,
    /// How regencies become the province.
    pub location_consolidation: LocationConsolidation,
    /// Code of the indicator whose value weighs this one in a roll-up.
    pub weight_variable: Option<IndicatorCode>,
    /// What the numerator counts, for a ratio.
    pub numerator: Option<String>,
    /// What the denominator counts, for a ratio.
    pub denominator: Option<String>,
    /// Data source.
    pub source: String,
    /// Who publishes the official figure; none for the tenant's own data.
    pub publisher: Option<String>,
    /// How often it is measured.
    pub frequency: Frequency,
    /// Worst acceptable value, for a zero target.
    pub worst: Option<Decimal>,
}

/// A field of the manual, or of what hangs on it, that a release may lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManualField {
    /// Name.
    Name,
    /// Definition.
    Definition,
    /// Formula.
    Formula,
    /// Unit.
    Unit,
    /// Polarity.
    Polarity,
    /// Achievement rule.
    Rule,
    /// Decimals.
    Decimals,
    /// Period consolidation.
    PeriodConsolidation,
    /// Location consolidation.
    LocationConsolidation,
    /// Weight variable.
    WeightVariable,
    /// Numerator and denominator.
    Parts,
    /// Source.
    Source,
    /// Publisher.
    Publisher,
    /// Frequency.
    Frequency,
    /// Worst acceptable value.
    Worst,
    /// Weight in the scorecard.
    Weight,
    /// Baseline and targets.
    Targets,
}

impl ManualField {
    /// Every field.
    pub const ALL: [Self; 17] = [
        Self::Name,
        Self::Definition,
        Self::Formula,
        Self::Unit,
        Self::Polarity,
        Self::Rule,
        Self::Decimals,
        Self::PeriodConsolidation,
        Self::LocationConsolidation,
        Self::WeightVariable,
        Self::Parts,
        Self::Source,
        Self::Publisher,
        Self::Frequency,
        Self::Worst,
        Self::Weight,
        Self::Targets,
    ];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Definition => "definition",
            Self::Formula => "formula",
            Self::Unit => "unit",
            Self::Polarity => "polarity",
            Self::Rule => "rule",
            Self::Decimals => "decimals",
            Self::PeriodConsolidation => "period_consolidation",
            Self::LocationConsolidation => "location_consolidation",
            Self::WeightVariable => "weight_variable",
            Self::Parts => "parts",
            Self::Source => "source",
            Self::Publisher => "publisher",
            Self::Frequency => "frequency",
            Self::Worst => "worst",
            Self::Weight => "weight",
            Self::Targets => "targets",
        }
    }

    /// The field with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }

    /// The mode a field has when a release says nothing: what makes values comparable is locked,
    /// wording is a default, weights and targets are the regency's own (B6).
    pub const fn usual_mode(self) -> FieldMode {
        match self {
            Self::Unit
            | Self::Polarity
            | Self::Rule
            | Self::PeriodConsolidation
            | Self::LocationConsolidation
            | Self::WeightVariable
            | Self::Formula
            | Self::Definition
            | Self::Parts => FieldMode::Locked,
            Self::Name
            | Self::Decimals
            | Self::Source
            | Self::Publisher
            | Self::Frequency
            | Self::Worst => FieldMode::Default,
            Self::Weight | Self::Targets => FieldMode::Local,
        }
    }
}

/// What a regency may do with a field of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldMode {
    /// Stays as released.
    Locked,
    /// Starts as released; the regency may change it.
    Default,
    /// Is the regency's own.
    Local,
}

impl FieldMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Locked, Self::Default, Self::Local];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Default => "default",
            Self::Local => "local",
        }
    }

    /// The mode with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.code() == code)
    }
}

/// Modes of the fields; a field that is not listed has its usual mode.
pub type FieldModes = BTreeMap<ManualField, FieldMode>;

/// Who answers for an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The owning OPD or unit.
    pub agency: AgencyId,
    /// Its name.
    pub agency_name: String,
    /// The agency and all above it.
    pub line: Vec<AgencyId>,
    /// The post that answers for it, `Kepala Bidang Kesehatan Masyarakat`.
    pub post: Option<String>,
}

/// The value before the plan began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Baseline {
    /// The value.
    pub value: Decimal,
    /// Its year.
    pub year: i32,
    /// Whether it was seen in a written source.
    pub verified: bool,
}

/// An indicator of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Its id.
    pub id: IndicatorId,
    /// Its code.
    pub code: IndicatorCode,
    /// The plan it belongs to.
    pub plan: PlanId,
    /// The objective it measures.
    pub objective: PlanNodeId,
    /// IKU or supporting.
    pub kind: IndicatorKind,
    /// Its manual.
    pub manual: IndicatorManual,
    /// Relative weight within its objective; 1 unless set.
    pub weight: Decimal,
    /// Who answers for it.
    pub owner: Option<Owner>,
    /// The value before the plan.
    pub baseline: Option<Baseline>,
    /// Own or taken over.
    pub origin: Origin,
    /// What may be changed of it here; empty for an own indicator (everything may).
    pub modes: FieldModes,
    /// From which day on no more values are recorded.
    pub retired_on: Option<NaiveDate>,
    /// Place among the indicators of its objective.
    pub position: i32,
    /// Counts changes, for `If-Match`.
    pub revision: i32,
}

impl Indicator {
    /// The owning agency and all above it; empty without an owner.
    pub fn owner_line(&self) -> &[AgencyId] {
        self.owner.as_ref().map_or(&[], |owner| &owner.line)
    }

    /// What may be done with a field here.
    pub fn mode_of(&self, field: ManualField) -> FieldMode {
        match self.origin {
            Origin::Local => FieldMode::Local,
            Origin::Adopted { .. } => self.modes.get(&field).copied().unwrap_or(field.usual_mode()),
        }
    }

    /// Whether the value is recorded as numerator and denominator.
    pub fn is_ratio(&self) -> bool {
        self.manual.numerator.is_some() && self.manual.denominator.is_some()
    }

    /// Whether values may still be recorded on `day`.
    pub fn is_retired(&self, day: NaiveDate) -> bool {
        self.retired_on.is_some_and(|retired| day >= retired)
    }
}

impl IndicatorManual {
    /// A field as a line of text, for the trail; empty where nothing is filled in.
    pub fn text_of(&self, field: ManualField) -> String {
        use ManualField as F;
        let or_nothing = |text: &Option<String>| text.clone().unwrap_or_default();
        match field {
            F::Name => self.name.clone(),
            F::Definition => self.definition.clone(),
            F::Formula => self.formula.clone(),
            F::Unit => self.unit.clone(),
            F::Polarity => self.polarity.code().to_owned(),
            F::Rule => self.rule.map_or_else(String::new, |it| it.code().to_owned()),
            F::Decimals => self.decimals.to_string(),
            F::PeriodConsolidation => self.period_consolidation.code().to_owned(),
            F::LocationConsolidation => self.location_consolidation.code().to_owned(),
            F::WeightVariable => {
                self.weight_variable.as_ref().map_or_else(String::new, |it| it.as_str().to_owned())
            }
            F::Parts => {
                let parts = [or_nothing(&self.numerator), or_nothing(&self.denominator)];
                parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" / ")
            }
            F::Source => self.source.clone(),
            F::Publisher => or_nothing(&self.publisher),
            F::Frequency => self.frequency.code().to_owned(),
            F::Worst => self.worst.map_or_else(String::new, |it| it.normalize().to_string()),
            // These hang on the indicator and are told where they change.
            F::Weight | F::Targets => String::new(),
        }
    }

    /// Fields in which two manuals differ: what makes two indicators not comparable, or what drifted.
    pub fn differing_fields(&self, other: &Self) -> Vec<ManualField> {
        use ManualField as F;
        [
            (F::Name, self.name != other.name),
            (F::Definition, self.definition != other.definition),
            (F::Formula, self.formula != other.formula),
            (F::Unit, self.unit != other.unit),
            (F::Polarity, self.polarity != other.polarity),
            (F::Rule, self.rule != other.rule),
            (F::Decimals, self.decimals != other.decimals),
            (F::PeriodConsolidation, self.period_consolidation != other.period_consolidation),
            (F::LocationConsolidation, self.location_consolidation != other.location_consolidation),
            (F::WeightVariable, self.weight_variable != other.weight_variable),
            (
                F::Parts,
                (&self.numerator, &self.denominator) != (&other.numerator, &other.denominator),
            ),
            (F::Source, self.source != other.source),
            (F::Publisher, self.publisher != other.publisher),
            (F::Frequency, self.frequency != other.frequency),
            (F::Worst, self.worst != other.worst),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        assert!(IndicatorCode::new(" IPM_SP2020 ").is_ok_and(|code| code.as_str() == "IPM_SP2020"));
        for bad in ["", "   ", "IPM 2020", "a/b", "é"] {
            assert!(IndicatorCode::new(bad).is_err(), "{bad}");
        }
        assert!(IndicatorCode::new(&"a".repeat(41)).is_err());
    }
}
