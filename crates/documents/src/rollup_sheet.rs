//! `ekinerja rollup`: rolls figures up by group and declared method.
//!
//! In: `group,id,method,value,numerator,denominator,weight`, one row per member; a member without a
//! figure is expected and does not report. Out: `group,value,reporting,expected,coverage,reason`, with
//! an error line for each row that cannot be read. A row whose id is `official` (or `resmi`) gives the
//! publisher's figure for the group.

mod group;
mod row;

use std::collections::BTreeMap;
use std::io::{Read, Write};

use rust_decimal::Decimal;

use crate::sheet::{Language, Sheet, SheetError};
use group::Group;
use row::ReadRow;

/// The columns read, all of them, in any order.
pub const COLUMNS: [&str; 7] =
    ["group", "id", "method", "value", "numerator", "denominator", "weight"];

/// The columns written.
pub const ANSWER: [&str; 6] = ["group", "value", "reporting", "expected", "coverage", "reason"];

/// How figures are written.
#[derive(Clone, Copy, Debug)]
pub struct RollUpSheetOptions {
    /// What a ratio is multiplied with; `None` finds it by the values given beside their parts, and
    /// takes 100 when there are none.
    pub per: Option<Decimal>,
    /// Decimals of ratios and means, half up; sums are written in all their digits.
    pub decimals: u32,
    /// The language of reasons and errors.
    pub language: Language,
}

impl Default for RollUpSheetOptions {
    fn default() -> Self {
        Self { per: None, decimals: 2, language: Language::Indonesian }
    }
}

/// What was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RollUpSummary {
    /// Groups answered.
    pub groups: u64,
    /// Groups without a value, each with its reason.
    pub without_value: u64,
    /// Rows that could not be read.
    pub errors: u64,
}

/// Rolls up `input` and writes one line per group, in the order of their first rows, after the error
/// lines of bad rows.
///
/// # Errors
/// [`SheetError`] when the header is wrong or reading or writing fails.
pub fn rollup_sheet(
    input: impl Read,
    output: impl Write,
    options: &RollUpSheetOptions,
) -> Result<RollUpSummary, SheetError> {
    let mut sheet = Sheet::open(input, &COLUMNS)?;
    let mut writer = csv::Writer::from_writer(output);
    let mut summary = RollUpSummary::default();
    let written = |it: csv::Error| SheetError::Io(it.into());
    writer.write_record(ANSWER).map_err(written)?;

    let mut order = Vec::new();
    let mut groups = BTreeMap::<String, Group>::new();
    while let Some(given) = sheet.next_row()? {
        let row = match row::read(&given, options.language) {
            Ok(row) => row,
            Err(error) => {
                summary.errors += 1;
                writer.write_record(error_line(&given.first, &error)).map_err(written)?;
                continue;
            }
        };
        let ReadRow { group: name, .. } = &row;
        if !groups.contains_key(name) {
            order.push(name.clone());
        }
        let (name, line) = (name.clone(), given.line);
        let group = groups.entry(name.clone()).or_default();
        if let Err(error) = group.add(line, row, options.language) {
            summary.errors += 1;
            writer.write_record(error_line(&name, &error)).map_err(written)?;
        }
    }
    for name in order {
        let Some(group) = groups.remove(&name) else { continue };
        let answer = group.answer(options);
        summary.groups += 1;
        summary.without_value += u64::from(answer[0].is_empty());
        let line = std::iter::once(name.as_str()).chain(answer.iter().map(String::as_str));
        writer.write_record(line).map_err(written)?;
    }
    writer.flush()?;
    Ok(summary)
}

fn error_line(group: &str, error: &str) -> [String; 6] {
    let nothing = String::new;
    [group.to_owned(), nothing(), nothing(), nothing(), nothing(), format!("error: {error}")]
}

#[cfg(test)]
mod tests;
