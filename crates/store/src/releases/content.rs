//! The content of a release as it lies in the database: JSON of this form, version 1.
//!
//! Stored rows are never changed, so a field here is only ever added, with a default.

use ekinerja_domain::consolidation::PeriodConsolidation;
use ekinerja_domain::indicator::{Frequency, IndicatorCode, IndicatorKind, IndicatorManual};
use ekinerja_domain::plan::{Perspective, PlanNodeKind, PlanYears};
use ekinerja_domain::rollup::LocationConsolidation;
use ekinerja_domain::scoring::{Polarity, RuleId};
use ekinerja_domain::template::{TemplateContent, TemplateIndicator, TemplateNode, TemplateTarget};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::indicators::{modes_json, modes_of};

#[derive(Debug, Serialize, Deserialize)]
struct Content {
    title: String,
    legal_basis: Option<String>,
    start_year: i32,
    end_year: i32,
    monitored_until: i32,
    notice: Option<String>,
    nodes: Vec<Node>,
    indicators: Vec<Indicator>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Node {
    code: String,
    kind: String,
    parent: Option<String>,
    text: String,
    perspective: Option<String>,
    verified: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Indicator {
    code: String,
    objective: String,
    kind: String,
    manual: Manual,
    weight: Decimal,
    modes: Json,
    targets: Vec<Target>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manual {
    name: String,
    definition: String,
    formula: String,
    unit: String,
    polarity: String,
    rule: Option<String>,
    decimals: u8,
    period_consolidation: String,
    location_consolidation: String,
    weight_variable: Option<String>,
    numerator: Option<String>,
    denominator: Option<String>,
    source: String,
    publisher: Option<String>,
    frequency: String,
    worst: Option<Decimal>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Target {
    year: i32,
    value: Decimal,
    illustrative: bool,
}

/// The content as it is stored.
pub(super) fn to_json(content: &TemplateContent) -> serde_json::Result<Json> {
    let nodes = content.nodes.iter().map(|it| Node {
        code: it.code.clone(),
        kind: it.kind.code().to_owned(),
        parent: it.parent.clone(),
        text: it.text.clone(),
        perspective: it.perspective.map(|it| it.code().to_owned()),
        verified: it.verified,
    });
    let indicators = content.indicators.iter().map(|it| Indicator {
        code: it.code.as_str().to_owned(),
        objective: it.objective.clone(),
        kind: it.kind.code().to_owned(),
        manual: stored_manual(&it.manual),
        weight: it.weight,
        modes: modes_json(&it.modes),
        targets: it
            .targets
            .iter()
            .map(|it| Target { year: it.year, value: it.value, illustrative: it.illustrative })
            .collect(),
    });
    serde_json::to_value(Content {
        title: content.title.clone(),
        legal_basis: content.legal_basis.clone(),
        start_year: content.years.start,
        end_year: content.years.end,
        monitored_until: content.years.monitored_until,
        notice: content.notice.clone(),
        nodes: nodes.collect(),
        indicators: indicators.collect(),
    })
}

/// The content as it was stored; none when the row is not of this form.
pub(super) fn of_json(json: Json) -> Option<TemplateContent> {
    let content: Content = serde_json::from_value(json).ok()?;
    let years =
        PlanYears::new(content.start_year, content.end_year, content.monitored_until).ok()?;
    let nodes = content.nodes.into_iter().map(|it| {
        Some(TemplateNode {
            kind: PlanNodeKind::from_code(&it.kind)?,
            perspective: match it.perspective {
                None => None,
                Some(code) => Some(Perspective::from_code(&code)?),
            },
            code: it.code,
            parent: it.parent,
            text: it.text,
            verified: it.verified,
        })
    });
    let indicators = content.indicators.into_iter().map(|it| {
        Some(TemplateIndicator {
            code: IndicatorCode::new(&it.code).ok()?,
            objective: it.objective,
            kind: IndicatorKind::from_code(&it.kind)?,
            manual: read_manual(it.manual)?,
            weight: it.weight,
            modes: modes_of(&it.modes)?,
            targets: it
                .targets
                .into_iter()
                .map(|it| TemplateTarget {
                    year: it.year,
                    value: it.value,
                    illustrative: it.illustrative,
                })
                .collect(),
        })
    });
    Some(TemplateContent {
        years,
        nodes: nodes.collect::<Option<_>>()?,
        indicators: indicators.collect::<Option<_>>()?,
        title: content.title,
        legal_basis: content.legal_basis,
        notice: content.notice,
    })
}

fn stored_manual(it: &IndicatorManual) -> Manual {
    Manual {
        name: it.name.clone(),
        definition: it.definition.clone(),
        formula: it.formula.clone(),
        unit: it.unit.clone(),
        polarity: it.polarity.code().to_owned(),
        rule: it.rule.map(|it| it.code().to_owned()),
        decimals: it.decimals,
        period_consolidation: it.period_consolidation.code().to_owned(),
        location_consolidation: it.location_consolidation.code().to_owned(),
        weight_variable: it.weight_variable.as_ref().map(|it| it.as_str().to_owned()),
        numerator: it.numerator.clone(),
        denominator: it.denominator.clone(),
        source: it.source.clone(),
        publisher: it.publisher.clone(),
        frequency: it.frequency.code().to_owned(),
        worst: it.worst,
    }
}

fn read_manual(it: Manual) -> Option<IndicatorManual> {
    Some(IndicatorManual {
        polarity: Polarity::from_code(&it.polarity)?,
        rule: match it.rule {
            None => None,
            Some(code) => Some(RuleId::from_code(&code)?),
        },
        period_consolidation: PeriodConsolidation::from_code(&it.period_consolidation)?,
        location_consolidation: LocationConsolidation::from_code(&it.location_consolidation)?,
        weight_variable: match it.weight_variable {
            None => None,
            Some(code) => Some(IndicatorCode::new(&code).ok()?),
        },
        frequency: Frequency::from_code(&it.frequency)?,
        name: it.name,
        definition: it.definition,
        formula: it.formula,
        unit: it.unit,
        decimals: it.decimals,
        numerator: it.numerator,
        denominator: it.denominator,
        source: it.source,
        publisher: it.publisher,
        worst: it.worst,
    })
}
