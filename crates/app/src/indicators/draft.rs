//! A manual IKU as it was typed, and how it is read.

use ekinerja_domain::consolidation::PeriodConsolidation;
use ekinerja_domain::ids::{AgencyId, PlanNodeId};
use ekinerja_domain::indicator::{
    Baseline, Frequency, Indicator, IndicatorCode, IndicatorKind, IndicatorManual,
};
use ekinerja_domain::rollup::LocationConsolidation;
use ekinerja_domain::scoring::{Polarity, RuleId};
use ekinerja_store::indicators::IndicatorChange;
use rust_decimal::Decimal;

use crate::refusal::{Code, Refusal, Result, Violation};
use crate::typed::{Faults, LINE, TEXT};

/// An indicator as it was typed: every field a text, empty where nothing was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndicatorDraft {
    /// Its code.
    pub code: String,
    /// Id of the objective it measures.
    pub objective: String,
    /// `iku` or `supporting`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it measures.
    pub definition: String,
    /// Its formula in words.
    pub formula: String,
    /// Its unit.
    pub unit: String,
    /// Which direction is good.
    pub polarity: String,
    /// The rule of its achievement; empty: the rule set's default.
    pub rule: String,
    /// Decimals shown; empty: 2.
    pub decimals: String,
    /// How quarters become a year.
    pub period_consolidation: String,
    /// How regencies become the province.
    pub location_consolidation: String,
    /// Code of the indicator that weighs this one.
    pub weight_variable: String,
    /// What the numerator counts.
    pub numerator: String,
    /// What the denominator counts.
    pub denominator: String,
    /// Data source.
    pub source: String,
    /// Who publishes the official figure.
    pub publisher: String,
    /// `yearly` or `quarterly`.
    pub frequency: String,
    /// Worst acceptable value.
    pub worst: String,
    /// Relative weight; empty: 1.
    pub weight: String,
    /// Id of the owning agency.
    pub owner_agency: String,
    /// The post that answers for it.
    pub owner_post: String,
    /// The value before the plan.
    pub baseline_value: String,
    /// Its year.
    pub baseline_year: String,
    /// Whether it was seen in a written source.
    pub baseline_verified: bool,
}

/// A draft, read.
pub(super) struct Read {
    pub(super) code: IndicatorCode,
    pub(super) change: IndicatorChange,
}

impl From<&Indicator> for IndicatorDraft {
    fn from(it: &Indicator) -> Self {
        let manual = &it.manual;
        let opt = |text: &Option<String>| text.clone().unwrap_or_default();
        // With a decimal comma, as people type: 1.234 would read back as one thousand and more.
        let number = |number: Decimal| number.normalize().to_string().replace('.', ",");
        Self {
            code: it.code.as_str().to_owned(),
            objective: it.objective.to_string(),
            kind: it.kind.code().to_owned(),
            name: manual.name.clone(),
            definition: manual.definition.clone(),
            formula: manual.formula.clone(),
            unit: manual.unit.clone(),
            polarity: manual.polarity.code().to_owned(),
            rule: manual.rule.map_or("", RuleId::code).to_owned(),
            decimals: manual.decimals.to_string(),
            period_consolidation: manual.period_consolidation.code().to_owned(),
            location_consolidation: manual.location_consolidation.code().to_owned(),
            weight_variable: manual
                .weight_variable
                .as_ref()
                .map_or("", IndicatorCode::as_str)
                .to_owned(),
            numerator: opt(&manual.numerator),
            denominator: opt(&manual.denominator),
            source: manual.source.clone(),
            publisher: opt(&manual.publisher),
            frequency: manual.frequency.code().to_owned(),
            worst: manual.worst.map(number).unwrap_or_default(),
            weight: number(it.weight),
            owner_agency: it.owner.as_ref().map(|it| it.agency.to_string()).unwrap_or_default(),
            owner_post: it.owner.as_ref().and_then(|it| it.post.clone()).unwrap_or_default(),
            baseline_value: it.baseline.map(|it| number(it.value)).unwrap_or_default(),
            baseline_year: it.baseline.map(|it| it.year.to_string()).unwrap_or_default(),
            baseline_verified: it.baseline.is_some_and(|it| it.verified),
        }
    }
}

impl IndicatorDraft {
    /// Reads every field and names every fault at once.
    pub(super) fn read(&self) -> Result<Read> {
        let mut faults = Faults::default();
        let code = self.read_code(&mut faults);
        let objective = faults.id::<PlanNodeId>("objective", &self.objective);
        if self.objective.trim().is_empty() {
            faults.blame("objective", Code::FieldMissing);
        }
        let kind = faults.required_choice("kind", &self.kind, IndicatorKind::from_code);
        let manual = self.read_manual(&mut faults);
        let weight = self.read_weight(&mut faults);
        let owner = self.read_owner(&mut faults);
        let baseline = self.read_baseline(&mut faults);
        faults.refuse()?;
        // What is missing here was blamed above; the refusal only satisfies the type.
        let incomplete = || Refusal::invalid("code", Code::FieldMissing);
        let change = IndicatorChange {
            objective: objective.ok_or_else(incomplete)?,
            kind: kind.ok_or_else(incomplete)?,
            manual: manual.ok_or_else(incomplete)?,
            weight,
            owner,
            baseline,
        };
        Ok(Read { code: code.ok_or_else(incomplete)?, change })
    }

    fn read_code(&self, faults: &mut Faults) -> Option<IndicatorCode> {
        if self.code.trim().is_empty() {
            faults.blame("code", Code::FieldMissing);
            return None;
        }
        let code = IndicatorCode::new(&self.code).ok();
        if code.is_none() {
            faults.blame("code", Code::IndicatorCodeInvalid);
        }
        code
    }

    fn read_manual(&self, faults: &mut Faults) -> Option<IndicatorManual> {
        let name = faults.required("name", &self.name, LINE);
        let definition = faults.required("definition", &self.definition, TEXT);
        let formula = faults.required("formula", &self.formula, TEXT);
        let unit = faults.required("unit", &self.unit, 60);
        let polarity = faults.required_choice("polarity", &self.polarity, Polarity::from_code);
        let rule = faults.choice("rule", &self.rule, RuleId::from_code);
        let decimals = self.read_decimals(faults);
        let period_consolidation = faults.required_choice(
            "period_consolidation",
            &self.period_consolidation,
            PeriodConsolidation::from_code,
        );
        let location_consolidation = faults.required_choice(
            "location_consolidation",
            &self.location_consolidation,
            LocationConsolidation::from_code,
        );
        let weight_variable = faults
            .choice("weight_variable", &self.weight_variable, |text| IndicatorCode::new(text).ok());
        let numerator = faults.optional("numerator", &self.numerator, LINE);
        let denominator = faults.optional("denominator", &self.denominator, LINE);
        let source = faults.required("source", &self.source, LINE);
        let publisher = faults.optional("publisher", &self.publisher, LINE);
        let frequency = faults.required_choice("frequency", &self.frequency, Frequency::from_code);
        let worst = faults.number("worst", &self.worst);
        if let (Some(polarity), Some(rule)) = (polarity, rule)
            && rule.polarity().is_some_and(|it| it != polarity)
        {
            faults.blame("rule", Code::IndicatorRuleUnfit);
        }
        let of_parts = location_consolidation == Some(LocationConsolidation::RatioOfSums)
            || period_consolidation == Some(PeriodConsolidation::Weighted);
        let either = numerator.is_some() || denominator.is_some();
        for (field, part) in [("numerator", &numerator), ("denominator", &denominator)] {
            if (of_parts || either) && part.is_none() {
                faults.blame(field, Code::IndicatorPartsMissing);
            }
        }
        let weighed = matches!(
            location_consolidation,
            Some(
                LocationConsolidation::WeightedByVariable
                    | LocationConsolidation::IpmFromComponents
            )
        );
        if weighed && self.weight_variable.trim().is_empty() {
            faults.blame("weight_variable", Code::IndicatorWeightVariableMissing);
        }
        Some(IndicatorManual {
            name,
            definition,
            formula,
            unit,
            polarity: polarity?,
            rule,
            decimals,
            period_consolidation: period_consolidation?,
            location_consolidation: location_consolidation?,
            weight_variable,
            numerator,
            denominator,
            source,
            publisher,
            frequency: frequency?,
            worst,
        })
    }

    fn read_decimals(&self, faults: &mut Faults) -> u8 {
        let decimals = faults.whole("decimals", &self.decimals).unwrap_or(2);
        if let Ok(decimals @ 0..=6) = u8::try_from(decimals) {
            return decimals;
        }
        faults.add(Violation::new("decimals", Code::NumberOutOfRange).with("most", 6));
        0
    }

    fn read_weight(&self, faults: &mut Faults) -> Decimal {
        let weight = faults.number("weight", &self.weight).unwrap_or(Decimal::ONE);
        if weight < Decimal::ZERO {
            faults.blame("weight", Code::NumberNegative);
        } else if weight > Decimal::from(10_000) {
            faults.blame("weight", Code::NumberOutOfRange);
        }
        weight
    }

    fn read_owner(&self, faults: &mut Faults) -> Option<(AgencyId, Option<String>)> {
        let agency = faults.id::<AgencyId>("owner_agency", &self.owner_agency);
        let post = faults.optional("owner_post", &self.owner_post, LINE);
        if post.is_some() && self.owner_agency.trim().is_empty() {
            faults.blame("owner_agency", Code::FieldMissing);
        }
        Some((agency?, post))
    }

    fn read_baseline(&self, faults: &mut Faults) -> Option<Baseline> {
        let value = faults.number("baseline_value", &self.baseline_value);
        let year = faults.whole("baseline_year", &self.baseline_year);
        if year.is_some_and(|it| !(1990..=2100).contains(&it)) {
            faults.blame("baseline_year", Code::PeriodInvalid);
        }
        if value.is_some() && self.baseline_year.trim().is_empty() {
            faults.blame("baseline_year", Code::FieldMissing);
        }
        if year.is_some() && self.baseline_value.trim().is_empty() {
            faults.blame("baseline_value", Code::FieldMissing);
        }
        Some(Baseline { value: value?, year: year?, verified: self.baseline_verified })
    }
}
