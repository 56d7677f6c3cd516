//! What a roll-up is made of, as JSON in its row.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use ekinerja_domain::indicator::IndicatorCode;
use ekinerja_domain::ipm::Components;
use ekinerja_domain::measurement::{FigureMethod, FigureSource};
use ekinerja_domain::publication::{Definition, PublishedTarget};
use ekinerja_domain::rollup::{
    Basis, Distribution, Excluded, ExclusionReason, Included, LocationConsolidation,
    OfficialFigure, Origin, ProvincialRollUp, RollUpCoverage, RollUpPart, RollUpReason, RolledUp,
    Sizes,
};
use ekinerja_domain::scoring::{Polarity, RuleId};
use ekinerja_domain::yardstick::Yardstick;
use rust_decimal::Decimal;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::KeptRollUp;
use crate::entity::rollup as row;
use crate::error::{Error, Result};

#[derive(Serialize, Deserialize)]
struct YardstickRow {
    release: Option<String>,
    fingerprint: String,
    name: String,
    unit: String,
    polarity: String,
    rule: Option<String>,
    decimals: u8,
    worst: Option<Decimal>,
    weight_variable: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct SizesRow {
    /// Hash of the rest, so that a change is seen without reading it.
    mark: String,
    code: String,
    period: String,
    of: BTreeMap<String, Decimal>,
}

#[derive(Serialize, Deserialize)]
struct PartsRow {
    parts: Vec<PartRow>,
    official: Option<OfficialRow>,
    distribution: Option<DistributionRow>,
}

#[derive(Serialize, Deserialize)]
struct DistributionRow {
    counts: Vec<(String, u32)>,
    median: Option<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct FigureRow {
    method: String,
    source: Option<String>,
    verified: bool,
}

#[derive(Serialize, Deserialize)]
struct OfficialRow {
    figure: FigureRow,
    as_of: Option<NaiveDate>,
    number: i32,
    target: TargetRow,
    target_illustrative: bool,
}

#[derive(Serialize, Deserialize)]
enum TargetRow {
    Unset,
    Exactly(Decimal),
    Range(Decimal, Decimal),
    Text(String),
}

#[derive(Serialize, Deserialize)]
struct PartRow {
    region: String,
    excluded: Option<String>,
    value: Option<Decimal>,
    numerator: Option<Decimal>,
    denominator: Option<Decimal>,
    weight: Option<Decimal>,
    /// Life expectancy, expected and mean years of schooling, expenditure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    components: Option<[Decimal; 4]>,
    number: Option<u32>,
    as_of: Option<NaiveDate>,
    figure: Option<FigureRow>,
}

/// A value of ours that does not become JSON is a fault of ours.
fn written(value: impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::Database(DbErr::Json(error.to_string())))
}

pub(super) fn yardstick(it: &Yardstick) -> Result<Value> {
    written(YardstickRow {
        release: it.definition.release.map(|it| it.to_string()),
        fingerprint: it.definition.fingerprint.clone(),
        name: it.name.clone(),
        unit: it.unit.clone(),
        polarity: it.polarity.code().to_owned(),
        rule: it.rule.map(|it| it.code().to_owned()),
        decimals: it.decimals,
        worst: it.worst,
        weight_variable: it.weight_variable.as_ref().map(|it| it.as_str().to_owned()),
    })
}

pub(super) fn sizes(it: &Sizes) -> Result<Value> {
    written(SizesRow {
        mark: super::sizes_hash(it),
        code: it.code.as_str().to_owned(),
        period: it.period.to_string(),
        of: it.of.iter().map(|(region, size)| (region.to_string(), *size)).collect(),
    })
}

fn figure(it: &FigureSource) -> FigureRow {
    FigureRow {
        method: it.method.code().to_owned(),
        source: it.source.clone(),
        verified: it.verified,
    }
}

pub(super) fn parts(it: &ProvincialRollUp) -> Result<Value> {
    let parts = it.parts.iter().map(|it| PartRow {
        region: it.region.to_string(),
        excluded: it.excluded.map(|it| it.code().to_owned()),
        value: it.value,
        numerator: it.numerator,
        denominator: it.denominator,
        weight: it.weight,
        components: it.components.map(|it| {
            [it.life_expectancy, it.expected_schooling, it.mean_schooling, it.expenditure]
        }),
        number: it.number,
        as_of: it.as_of,
        figure: it.figure.as_ref().map(figure),
    });
    let official = it.official.as_ref().map(|it| OfficialRow {
        figure: figure(&it.figure),
        as_of: it.as_of,
        number: it.number,
        target: match &it.target {
            PublishedTarget::Unset => TargetRow::Unset,
            PublishedTarget::Exactly(value) => TargetRow::Exactly(*value),
            PublishedTarget::Range { low, high } => TargetRow::Range(*low, *high),
            PublishedTarget::Text(text) => TargetRow::Text(text.clone()),
        },
        target_illustrative: it.target_illustrative,
    });
    let distribution = it
        .rolled
        .distribution
        .as_ref()
        .map(|it| DistributionRow { counts: it.counts.clone(), median: it.median.clone() });
    written(PartsRow { parts: parts.collect(), official, distribution })
}

/// What stands in a row that is not ours to have written.
struct Odd(&'static str);

pub(super) fn kept_of(model: row::Model) -> Result<KeptRollUp> {
    let id = format!("{} {}", model.code, model.period);
    read(model).map_err(|Odd(column)| Error::corrupt("rollups", column, id))
}

fn read(model: row::Model) -> std::result::Result<KeptRollUp, Odd> {
    let parts: PartsRow = serde_json::from_value(model.parts).map_err(|_| Odd("parts"))?;
    let method = LocationConsolidation::from_code(&model.method).ok_or(Odd("method"))?;
    let yardstick = yardstick_of(&model.code, method, model.yardstick).ok_or(Odd("yardstick"))?;
    let sizes = match model.sizes {
        None => None,
        Some(value) => {
            let row = serde_json::from_value(value).map_err(|_| Odd("sizes"))?;
            Some(sizes_of(row).ok_or(Odd("sizes"))?)
        }
    };
    let official = match parts.official {
        None => None,
        Some(row) => Some(official_of(row).ok_or(Odd("parts"))?),
    };
    let distribution =
        parts.distribution.map(|it| Distribution { counts: it.counts, median: it.median });
    let parts = parts.parts.into_iter().map(part_of).collect::<Option<Vec<_>>>();
    let parts = parts.ok_or(Odd("parts"))?;
    let plain = |it: Option<Decimal>| it.map(|it| it.normalize());
    let count = |it: i32| u32::try_from(it).map_err(|_| Odd("reporting"));
    let coverage = RollUpCoverage {
        reporting: count(model.reporting)?,
        expected: count(model.expected)?,
        weight_share: plain(model.weight_share),
    };
    let basis = match model.basis {
        None => None,
        Some(code) => Some(Basis::from_code(&code).ok_or(Odd("basis"))?),
    };
    let reason = match model.reason {
        None => None,
        Some(code) => Some(RollUpReason::from_code(&code).ok_or(Odd("reason"))?),
    };
    let (computed, shown) = (plain(model.computed), plain(model.official));
    let included = parts.iter().filter(|it| it.excluded.is_none()).map(|it| Included {
        member: it.region.clone(),
        snapshot: it.number,
        as_of: it.as_of,
        origin: Origin::Published,
    });
    let excluded = parts
        .iter()
        .filter_map(|it| Some(Excluded { member: it.region.clone(), reason: it.excluded? }));
    let rolled = RolledUp {
        method,
        value: shown.or(computed),
        basis,
        computed,
        official: shown,
        difference: computed.zip(shown).and_then(|(left, right)| left.checked_sub(right)),
        numerator: plain(model.numerator),
        denominator: plain(model.denominator),
        coverage,
        included: included.collect(),
        excluded: excluded.collect(),
        oldest: model.oldest,
        newest: parts.iter().filter(|it| it.excluded.is_none()).filter_map(|it| it.as_of).max(),
        partial: coverage.reporting < coverage.expected,
        reason,
        distribution,
    };
    let period = model.period.parse().map_err(|_| Odd("period"))?;
    Ok(KeptRollUp {
        rollup: ProvincialRollUp { period, yardstick, rolled, parts, official, sizes },
        digest: model.digest,
        computed_at: model.computed_at,
    })
}

fn yardstick_of(code: &str, method: LocationConsolidation, value: Value) -> Option<Yardstick> {
    let row: YardstickRow = serde_json::from_value(value).ok()?;
    let variable = row.weight_variable.as_deref().map(IndicatorCode::new).transpose().ok()?;
    Some(Yardstick {
        definition: Definition {
            code: IndicatorCode::new(code).ok()?,
            release: row.release.as_deref().map(str::parse).transpose().ok()?,
            fingerprint: row.fingerprint,
        },
        name: row.name,
        unit: row.unit,
        polarity: Polarity::from_code(&row.polarity)?,
        rule: match row.rule {
            None => None,
            Some(code) => Some(RuleId::from_code(&code)?),
        },
        decimals: row.decimals,
        worst: row.worst,
        method,
        weight_variable: variable,
    })
}

fn sizes_of(row: SizesRow) -> Option<Sizes> {
    let of = row
        .of
        .into_iter()
        .map(|(region, size)| Some((region.parse().ok()?, size)))
        .collect::<Option<_>>()?;
    Some(Sizes { code: IndicatorCode::new(&row.code).ok()?, period: row.period.parse().ok()?, of })
}

fn figure_of(row: FigureRow) -> Option<FigureSource> {
    let method = FigureMethod::from_code(&row.method)?;
    Some(FigureSource { method, source: row.source, verified: row.verified })
}

fn official_of(row: OfficialRow) -> Option<OfficialFigure> {
    Some(OfficialFigure {
        figure: figure_of(row.figure)?,
        as_of: row.as_of,
        number: row.number,
        target: match row.target {
            TargetRow::Unset => PublishedTarget::Unset,
            TargetRow::Exactly(value) => PublishedTarget::Exactly(value),
            TargetRow::Range(low, high) => PublishedTarget::Range { low, high },
            TargetRow::Text(text) => PublishedTarget::Text(text),
        },
        target_illustrative: row.target_illustrative,
    })
}

fn part_of(row: PartRow) -> Option<RollUpPart> {
    Some(RollUpPart {
        region: row.region.parse().ok()?,
        excluded: match row.excluded {
            None => None,
            Some(code) => Some(ExclusionReason::from_code(&code)?),
        },
        value: row.value,
        numerator: row.numerator,
        denominator: row.denominator,
        weight: row.weight,
        components: row.components.map(|[uhh, hls, rls, ppk]| Components {
            life_expectancy: uhh,
            expected_schooling: hls,
            mean_schooling: rls,
            expenditure: ppk,
        }),
        number: row.number,
        as_of: row.as_of,
        figure: match row.figure {
            None => None,
            Some(row) => Some(figure_of(row)?),
        },
    })
}
