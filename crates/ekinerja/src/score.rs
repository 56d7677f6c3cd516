//! `ekinerja score`: an office checks any printed table of targets and actuals; no database needed.

use std::io::{Read, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use ekinerja_documents::score_sheet::{ScoreSummary, score_sheet};
use ekinerja_domain::scoring::RuleSet;

use crate::sheet_input::{self, SheetLanguage};

/// Score a CSV table, row by row.
///
/// In: id,rule,target,actual,baseline,worst,low,high,cap,floor,decimals,rounding,scale (all columns,
/// any order; comma, semicolon or tab). Out: id,achievement,uncapped,band,reason.
#[derive(Clone, Debug, Args)]
pub struct ScoreArgs {
    /// The CSV file; `-` or nothing reads standard input.
    pub file: Option<PathBuf>,
    /// The rule set whose values empty fields take.
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub rule_set: String,
    /// A version of the rule set; the newest when not given.
    #[arg(long, value_name = "N")]
    pub rule_set_version: Option<u32>,
    /// The language of reasons and errors.
    #[arg(long, value_enum, default_value_t = SheetLanguage::Id)]
    pub lang: SheetLanguage,
}

impl ScoreArgs {
    /// Opens the file named, or standard input.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn input(&self) -> anyhow::Result<Box<dyn Read>> {
        sheet_input::open(self.file.as_deref())
    }
}

/// Scores `input` into `output`. Bad rows are answered with error lines and counted.
///
/// # Errors
/// When the rule set is unknown, the header is wrong, or reading or writing fails. A reader of
/// `output` that has gone away (`| head`) is no error.
pub fn run(args: &ScoreArgs, input: impl Read, output: impl Write) -> anyhow::Result<ScoreSummary> {
    let rules = rule_set(&args.rule_set, args.rule_set_version)?;
    let language = args.lang.into();
    sheet_input::finish(score_sheet(input, output, rules, language), language)
        .context("ekinerja score")
}

fn rule_set(name: &str, version: Option<u32>) -> anyhow::Result<&'static RuleSet> {
    let found = match version {
        None => RuleSet::named(name),
        Some(version) => RuleSet::version(name, version),
    };
    if let Some(found) = found {
        return Ok(found);
    }
    let known: Vec<_> = RuleSet::catalogue().iter().map(|it| it.id.to_string()).collect();
    bail!("--rule-set: \"{name}\" tidak dikenal / unknown; pilih / choose: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: ScoreArgs,
    }

    fn args(words: &[&str]) -> ScoreArgs {
        Line::parse_from(std::iter::once(&"score").chain(words)).args
    }

    const TABLE: &str = "id,rule,target,actual,baseline,worst,low,high,cap,floor,decimals,rounding,scale\n\
                         a,minimize,10,0,,,,,,,,,\n";

    #[test]
    fn the_rule_set_is_chosen_by_name_and_version() {
        for (words, line) in [
            (&[][..], "a,120.00,200.00,green,"),
            (&["--rule-set", "regency_a"], "a,200.00,200.00,green,"),
            (&["--rule-set", "kemenkeu127", "--rule-set-version", "1"], "a,120.00,200.00,green,"),
        ] {
            let mut output = Vec::new();
            let summary = run(&args(words), TABLE.as_bytes(), &mut output).unwrap();
            assert_eq!(String::from_utf8(output).unwrap().lines().nth(1), Some(line));
            assert_eq!(summary.measured, 1);
        }
        for words in [&["--rule-set", "baru"][..], &["--rule-set-version", "9"]] {
            let error = run(&args(words), TABLE.as_bytes(), Vec::new()).unwrap_err();
            assert!(error.to_string().contains("default v1"), "{error}");
        }
    }

    #[test]
    fn a_wrong_header_is_told_in_the_language_asked_for() {
        let error = run(&args(&["-"]), "id\n".as_bytes(), Vec::new()).unwrap_err();
        assert!(format!("{error:#}").contains("baris pertama harus: id,rule"), "{error:#}");
        let error = run(&args(&["--lang", "en"]), "id\n".as_bytes(), Vec::new()).unwrap_err();
        assert!(format!("{error:#}").contains("the first line must be: id,rule"), "{error:#}");
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        assert!(run(&args(&[]), TABLE.as_bytes(), Gone).is_ok());
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = args(&["tidak-ada.csv"]).input().err().unwrap();
        assert!(error.to_string().contains("tidak-ada.csv"), "{error}");
    }
}
