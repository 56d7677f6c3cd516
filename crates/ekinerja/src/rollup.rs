//! `ekinerja rollup`: rolls a table of regencies' figures up by group; no database needed.

use std::io::{Read, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ekinerja_documents::rollup_sheet::{RollUpSheetOptions, RollUpSummary, rollup_sheet};
use rust_decimal::Decimal;

use crate::sheet_input::{self, SheetLanguage};

/// Roll a CSV table up by group and declared method.
///
/// In: group,id,method,value,numerator,denominator,weight (all columns, any order; comma, semicolon or
/// tab). Out: group,value,reporting,expected,coverage,reason. A row whose id is `official` gives the
/// publisher's figure.
#[derive(Clone, Debug, Args)]
pub struct RollUpArgs {
    /// The CSV file; `-` or nothing reads standard input.
    pub file: Option<PathBuf>,
    /// What ratios are multiplied with: 100 for percentages, 1000 or 100000 for rates, 1 for plain
    /// ratios. Found by the values given beside numerator and denominator, else 100.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub per: Option<u32>,
    /// Decimals of ratios and means.
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=6))]
    pub decimals: u32,
    /// The language of reasons and errors.
    #[arg(long, value_enum, default_value_t = SheetLanguage::Id)]
    pub lang: SheetLanguage,
}

impl RollUpArgs {
    /// Opens the file named, or standard input.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn input(&self) -> anyhow::Result<Box<dyn Read>> {
        sheet_input::open(self.file.as_deref())
    }
}

/// Rolls `input` up into `output`. Bad rows are answered with error lines and counted.
///
/// # Errors
/// When the header is wrong, or reading or writing fails. A reader of `output` that has gone away
/// (`| head`) is no error.
pub fn run(
    args: &RollUpArgs,
    input: impl Read,
    output: impl Write,
) -> anyhow::Result<RollUpSummary> {
    let language = args.lang.into();
    let options =
        RollUpSheetOptions { per: args.per.map(Decimal::from), decimals: args.decimals, language };
    sheet_input::finish(rollup_sheet(input, output, &options), language).context("ekinerja rollup")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: RollUpArgs,
    }

    #[test]
    fn factor_and_decimals_are_options() {
        let table = "group,id,method,value,numerator,denominator,weight\n\
                     aki,A,ratio_of_sums,,3,2000,\naki,B,ratio_of_sums,,1,1000,\n";
        for (words, line) in [
            (&["rollup"][..], "aki,0.13,2,2,100.00,"),
            (&["rollup", "--per", "100000"], "aki,133.33,2,2,100.00,"),
            (&["rollup", "--per", "100000", "--decimals", "0"], "aki,133,2,2,100.00,"),
        ] {
            let mut output = Vec::new();
            let args = Line::parse_from(words).args;
            let summary = run(&args, table.as_bytes(), &mut output).unwrap();
            assert_eq!(String::from_utf8(output).unwrap().lines().nth(1), Some(line));
            assert_eq!(summary.groups, 1);
        }
        assert!(Line::try_parse_from(["rollup", "--per", "0"]).is_err());
    }
}
