//! The seven fields of a row, as people type them.

use ekinerja_domain::quantity::{NumberError, TargetText, is_ambiguous, parse_number};
use ekinerja_domain::rollup::LocationConsolidation;
use rust_decimal::Decimal;

use super::COLUMNS;
use crate::sheet::{Language, Row};

/// Who and where a row is; its figures, or why they cannot be read.
pub(super) struct ReadRow {
    pub(super) group: String,
    pub(super) id: String,
    pub(super) method: Result<LocationConsolidation, String>,
    pub(super) figures: Result<Figures, String>,
    /// How numbers were read that read otherwise elsewhere.
    pub(super) readings: Vec<String>,
}

/// The figures of a row; `None` is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) value: Option<Decimal>,
    pub(super) grade: Option<String>,
    pub(super) numerator: Option<Decimal>,
    pub(super) denominator: Option<Decimal>,
    pub(super) weight: Option<Decimal>,
}

/// Reads a row. Only a row without group or id is lost to its group: any other bad row still counts
/// as a member that was expected.
pub(super) fn read(row: &Row, language: Language) -> Result<ReadRow, String> {
    let line = format!("{} {}", language.pick("baris", "line"), row.line);
    let fields = row.fields.as_ref().map_err(|it| format!("{line}: {}", it.text(language)))?;
    let [group, id, method, value, numerator, denominator, weight] = &**fields else {
        return Err(format!("{line}: {}", language.pick("jumlah kolom salah", "wrong width")));
    };
    for (name, field) in [("group", group), ("id", id)] {
        if field.is_empty() {
            let text = language.pick("kosong; isi", "empty; fill in");
            return Err(format!("{line}: {name}: {text} {name}"));
        }
    }
    let method = read_method(method, language);
    let graded = method == Ok(LocationConsolidation::Distribution);
    let figures = read_figures([value, numerator, denominator, weight], graded, language);
    let text = language.pick("dibaca", "was read as");
    let readings = (COLUMNS.iter().zip(fields.iter()).skip(3))
        .filter(|(_, typed)| is_ambiguous(typed))
        .map(|(column, typed)| format!("{id} {column} {typed} {text} {}", typed.replace('.', "")))
        .collect();
    Ok(ReadRow { group: group.clone(), id: id.clone(), method, figures, readings })
}

fn read_method(typed: &str, language: Language) -> Result<LocationConsolidation, String> {
    let known = || {
        let codes: Vec<_> = LocationConsolidation::ALL.iter().map(|it| it.code()).collect();
        codes.join(", ")
    };
    match LocationConsolidation::from_code(typed) {
        Some(LocationConsolidation::IpmFromComponents) => Err(format!(
            "method: {}",
            language.pick(
                "ipm_from_components butuh empat komponen dan tidak dapat dihitung dari lembar ini; \
                 IPM tidak pernah dirata-rata",
                "ipm_from_components needs four components and cannot be computed from this sheet; \
                 IPM is never averaged",
            )
        )),
        Some(method) => Ok(method),
        None => {
            let unknown = language.pick("tidak dikenal; pilih", "unknown; choose");
            Err(format!("method: \"{typed}\" {unknown} {}", known()))
        }
    }
}

fn read_figures(
    [value, numerator, denominator, weight]: [&String; 4],
    graded: bool,
    language: Language,
) -> Result<Figures, String> {
    let number = |field: &str, typed: &str| match parse_number(typed) {
        Ok(number) => Ok(number),
        Err(NumberError::NotANumber) if TargetText::parse(typed) == TargetText::Blank => Ok(None),
        Err(error) => {
            let english = error.to_string();
            let remedy = language.pick(error.remedy_id(), &english);
            Err(format!("{field}: \"{typed}\" {remedy}"))
        }
    };
    let (value, grade) = if graded {
        (None, Some(value.clone()).filter(|it| TargetText::parse(it) != TargetText::Blank))
    } else {
        (number("value", value)?, None)
    };
    let figures = Figures {
        value,
        grade,
        numerator: number("numerator", numerator)?,
        denominator: number("denominator", denominator)?,
        weight: number("weight", weight)?,
    };
    if figures.denominator.is_some_and(|it| it <= Decimal::ZERO) {
        let text = language.pick(
            "nol atau negatif tidak dapat membagi; isi penyebut di atas nol",
            "zero or below cannot divide; enter a denominator above zero",
        );
        return Err(format!("denominator: {text}"));
    }
    if figures.weight.is_some_and(|it| it < Decimal::ZERO) {
        let text = language.pick(
            "tidak boleh negatif; isi nol atau lebih",
            "must not be negative; enter zero or more",
        );
        return Err(format!("weight: {text}"));
    }
    Ok(figures)
}
