//! Tables as CSV for downloading: exact numbers for machines, safe to open in a spreadsheet.

use std::io::{self, Write};

use ekinerja_domain::quantity::format_plain;
use rust_decimal::Decimal;

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words. A spreadsheet must not run them as a formula.
    Text(String),
    /// A figure, printed `1234.56` with exactly so many decimals.
    Number(Decimal, u32),
    /// A figure in all its digits.
    Exact(Decimal),
    /// Nothing: missing, not zero.
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Cell {
    /// A figure with so many decimals, empty when there is none.
    pub fn number(value: Option<Decimal>, decimals: u32) -> Self {
        value.map_or(Self::Empty, |it| Self::Number(it, decimals))
    }

    /// The cell as it is written.
    pub fn written(&self) -> String {
        match self {
            Self::Text(text) => inert(text),
            Self::Number(value, decimals) => format_plain(*value, *decimals),
            Self::Exact(value) => value.normalize().to_string(),
            Self::Empty => String::new(),
        }
    }
}

/// Text that no spreadsheet runs: what begins like a formula gets a leading quote.
pub fn inert(text: &str) -> String {
    let risky = text.trim_start_matches([' ', '\u{a0}']).starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    if risky { format!("'{text}") } else { text.to_owned() }
}

/// Writes a table as CSV, comma separated, UTF-8.
///
/// # Errors
/// When writing fails, or a row has not as many cells as there are headers.
pub fn write_csv(
    headers: &[&str],
    rows: impl IntoIterator<Item = Vec<Cell>>,
    output: impl Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    let headers: Vec<_> = headers.iter().map(|it| inert(it)).collect();
    writer.write_record(&headers).map_err(io::Error::from)?;
    for row in rows {
        writer.write_record(row.iter().map(Cell::written)).map_err(io::Error::from)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: Vec<Vec<Cell>>) -> String {
        let mut output = Vec::new();
        write_csv(&["wilayah", "nilai"], rows, &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn numbers_are_for_machines_and_missing_is_empty() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        let text = written(vec![
            vec!["Kota Mataram".into(), Cell::Number(d("1234.565"), 2)],
            vec!["Bima, Kota".into(), Cell::Number(d("-0.5"), 2)],
            vec!["Dompu".into(), Cell::number(None, 2)],
            vec!["NTB".into(), Cell::Exact(d("72.3700"))],
        ]);
        assert_eq!(
            text,
            "wilayah,nilai\nKota Mataram,1234.57\n\"Bima, Kota\",-0.50\nDompu,\nNTB,72.37\n"
        );
    }

    #[test]
    fn no_text_becomes_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=x", " =1", "\u{ff1d}1"] {
            assert_eq!(inert(text), format!("'{text}"));
        }
        for text in ["Dompu", "72-an", "a=b", ""] {
            assert_eq!(inert(text), text);
        }
        assert_eq!(
            written(vec![vec!["=cmd|' /C calc'!A0".into(), Cell::Empty]]).lines().nth(1),
            Some("'=cmd|' /C calc'!A0,")
        );
    }

    #[test]
    fn a_row_of_another_width_is_refused() {
        let refused = write_csv(&["a", "b"], [vec![Cell::Empty]], Vec::new());
        assert!(refused.is_err());
    }
}
