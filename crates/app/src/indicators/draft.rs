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
use crate::typed::{LONGEST_LINE, LONGEST_PROSE, Typed};

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
        let mut typed = Typed::default();
        let code = self.read_code(&mut typed);
        let objective = typed.id::<PlanNodeId>("objective", &self.objective);
        if self.objective.trim().is_empty() {
            typed.blame("objective", Code::FieldMissing);
        }
        let kind = typed.required_choice("kind", &self.kind, IndicatorKind::from_code);
        let manual = self.read_manual(&mut typed);
        let weight = self.read_weight(&mut typed);
        let owner = self.read_owner(&mut typed);
        let baseline = self.read_baseline(&mut typed);
        typed.done()?;
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

    fn read_code(&self, typed: &mut Typed) -> Option<IndicatorCode> {
        if self.code.trim().is_empty() {
            typed.blame("code", Code::FieldMissing);
            return None;
        }
        let code = IndicatorCode::new(&self.code).ok();
        if code.is_none() {
            typed.blame("code", Code::IndicatorCodeInvalid);
        }
        code
    }

    fn read_manual(&self, typed: &mut Typed) -> Option<IndicatorManual> {
        let name = typed.required("name", &self.name, LONGEST_LINE);
        let definition = typed.required("definition", &self.definition, LONGEST_PROSE);
        let formula = typed.required("formula", &self.formula, LONGEST_PROSE);
        let unit = typed.required("unit", &self.unit, 60);
        let polarity = typed.required_choice("polarity", &self.polarity, Polarity::from_code);
        let rule = typed.choice("rule", &self.rule, RuleId::from_code);
        let decimals = self.read_decimals(typed);
        let period_consolidation = typed.required_choice(
            "period_consolidation",
            &self.period_consolidation,
            PeriodConsolidation::from_code,
        );
        let location_consolidation = typed.required_choice(
            "location_consolidation",
            &self.location_consolidation,
            LocationConsolidation::from_code,
        );
        let weight_variable = typed
            .choice("weight_variable", &self.weight_variable, |text| IndicatorCode::new(text).ok());
        let numerator = typed.optional("numerator", &self.numerator, LONGEST_LINE);
        let denominator = typed.optional("denominator", &self.denominator, LONGEST_LINE);
        let source = typed.required("source", &self.source, LONGEST_LINE);
        let publisher = typed.optional("publisher", &self.publisher, LONGEST_LINE);
        let frequency = typed.required_choice("frequency", &self.frequency, Frequency::from_code);
        let worst = typed.number("worst", &self.worst);
        if let (Some(polarity), Some(rule)) = (polarity, rule)
            && rule.polarity().is_some_and(|it| it != polarity)
        {
            typed.blame("rule", Code::IndicatorRuleUnfit);
        }
        let of_parts = location_consolidation == Some(LocationConsolidation::RatioOfSums)
            || period_consolidation == Some(PeriodConsolidation::Weighted);
        let either = numerator.is_some() || denominator.is_some();
        for (field, part) in [("numerator", &numerator), ("denominator", &denominator)] {
            if (of_parts || either) && part.is_none() {
                typed.blame(field, Code::IndicatorPartsMissing);
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
            typed.blame("weight_variable", Code::IndicatorWeightVariableMissing);
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

    fn read_decimals(&self, typed: &mut Typed) -> u8 {
        let decimals = typed.whole("decimals", &self.decimals).unwrap_or(2);
        if let Ok(decimals @ 0..=6) = u8::try_from(decimals) {
            return decimals;
        }
        typed.wrong(Violation::new("decimals", Code::NumberOutOfRange).with("max", 6));
        0
    }

    fn read_weight(&self, typed: &mut Typed) -> Decimal {
        let weight = typed.number("weight", &self.weight).unwrap_or(Decimal::ONE);
        if weight < Decimal::ZERO {
            typed.blame("weight", Code::NumberNegative);
        } else if weight > Decimal::from(10_000) {
            typed.blame("weight", Code::NumberOutOfRange);
        }
        weight
    }

    fn read_owner(&self, typed: &mut Typed) -> Option<(AgencyId, Option<String>)> {
        let agency = typed.id::<AgencyId>("owner_agency", &self.owner_agency);
        let post = typed.optional("owner_post", &self.owner_post, LONGEST_LINE);
        if post.is_some() && self.owner_agency.trim().is_empty() {
            typed.blame("owner_agency", Code::FieldMissing);
        }
        Some((agency?, post))
    }

    fn read_baseline(&self, typed: &mut Typed) -> Option<Baseline> {
        let value = typed.number("baseline_value", &self.baseline_value);
        let year = typed.whole("baseline_year", &self.baseline_year);
        if year.is_some_and(|it| !(1990..=2100).contains(&it)) {
            typed.blame("baseline_year", Code::PeriodInvalid);
        }
        if value.is_some() && self.baseline_year.trim().is_empty() {
            typed.blame("baseline_year", Code::FieldMissing);
        }
        if year.is_some() && self.baseline_value.trim().is_empty() {
            typed.blame("baseline_value", Code::FieldMissing);
        }
        Some(Baseline { value: value?, year: year?, verified: self.baseline_verified })
    }
}
