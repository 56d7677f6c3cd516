//! `ekinerja score`: checks any printed table of targets and actuals, row by row.
//!
//! In: `id,rule,target,actual,baseline,worst,low,high,cap,floor,decimals,rounding,scale`; an empty
//! field takes the rule set's value. Out: `id,achievement,uncapped,band,reason`; a reason begins with
//! a stable code, the code of a row that cannot be read is `error`.

mod fields;

use std::io::{Read, Write};

use ekinerja_domain::quantity::format_plain;
use ekinerja_domain::scoring::{Outcome, Reason, RuleSet, Scored, StepKind, score};

use crate::sheet::{Language, Row, Sheet, SheetError};

/// The columns read, all of them, in any order.
pub const COLUMNS: [&str; 13] = [
    "id", "rule", "target", "actual", "baseline", "worst", "low", "high", "cap", "floor",
    "decimals", "rounding", "scale",
];

/// The columns written.
pub const ANSWER: [&str; 5] = ["id", "achievement", "uncapped", "band", "reason"];

/// What was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScoreSummary {
    /// Rows with a percentage or a verdict.
    pub measured: u64,
    /// Rows without, each with its reason.
    pub not_measurable: u64,
    /// Rows that could not be read.
    pub errors: u64,
}

/// Scores every row of `input` under `rules` and writes the answers to `output` as it goes.
///
/// # Errors
/// [`SheetError`] when the header is wrong or reading or writing fails. A bad row is no error: it is
/// answered with an error line.
pub fn score_sheet(
    input: impl Read,
    output: impl Write,
    rules: &RuleSet,
    language: Language,
) -> Result<ScoreSummary, SheetError> {
    let mut sheet = Sheet::open(input, &COLUMNS)?;
    let mut writer = csv::Writer::from_writer(output);
    let mut summary = ScoreSummary::default();
    let written = |it: csv::Error| SheetError::Io(it.into());
    writer.write_record(ANSWER).map_err(written)?;
    while let Some(row) = sheet.next_row()? {
        let answer = answer(&row, rules, language, &mut summary);
        writer.write_record(&answer).map_err(written)?;
    }
    writer.flush()?;
    Ok(summary)
}

fn answer(
    row: &Row,
    rules: &RuleSet,
    language: Language,
    summary: &mut ScoreSummary,
) -> [String; 5] {
    let read = match &row.fields {
        Ok(fields) => fields::read(fields, rules, language).map_err(|it| (fields[0].clone(), it)),
        Err(error) => {
            let text = format!(
                "{} {}: {}",
                language.pick("baris", "line"),
                row.line,
                error.text(language)
            );
            Err((row.first.clone(), text))
        }
    };
    match read {
        Err((id, error)) => {
            summary.errors += 1;
            [id, String::new(), String::new(), String::new(), format!("error: {error}")]
        }
        Ok(read) => {
            let scored = score(&read.input, &read.rules);
            match scored.outcome {
                Outcome::NotMeasurable(_) => summary.not_measurable += 1,
                Outcome::Measured { .. } | Outcome::Judged(_) => summary.measured += 1,
            }
            let [achievement, uncapped, band, reason] = shown(&scored, &read.rules, language);
            let reasons = std::iter::once(reason).filter(|it| !it.is_empty());
            let reasons: Vec<_> = reasons.chain(read.readings).collect();
            [read.id, achievement, uncapped, band, reasons.join("; ")]
        }
    }
}

fn shown(scored: &Scored, rules: &RuleSet, language: Language) -> [String; 4] {
    let nothing = String::new;
    match &scored.outcome {
        Outcome::Measured { uncapped, printed, band, .. } => [
            format_plain(printed.get(), rules.decimals),
            format_plain(rules.print(uncapped.get()), rules.decimals),
            band.code.clone().into_owned(),
            if scored.steps.iter().any(|it| it.kind == StepKind::RuleSwitched) {
                let text = language.pick(
                    "target negatif, dihitung dengan MaxNegTarget",
                    "target below zero, computed by MaxNegTarget",
                );
                format!("negative_target: {text}")
            } else {
                nothing()
            },
        ],
        Outcome::Judged(verdict) => [nothing(), nothing(), verdict.code().to_owned(), nothing()],
        Outcome::NotMeasurable(reason) => {
            [nothing(), nothing(), scored.status().code().to_owned(), why(*reason, language)]
        }
    }
}

fn why(reason: Reason, language: Language) -> String {
    // A sheet knows no due date, so an empty actual is plainly missing.
    if reason == Reason::Pending {
        let text = language.pick(
            "realisasi kosong; kosong tidak dibaca nol",
            "no actual; blank is not read as zero",
        );
        return format!("missing_actual: {text}");
    }
    format!("{}: {}", reason.code(), language.pick(reason.text_id(), reason.text_en()))
}

#[cfg(test)]
mod tests;
