//! A table that somebody uploads: text as it is, or a workbook turned into text.

use ekinerja_app::{Code, Refusal, Violation};
use ekinerja_documents::grid::{Bounds, CellFault, Grid, GridFault, UnreadableCell, is_workbook};

/// What the pages say they take.
pub(crate) const ACCEPTED: &str = ".csv,.txt,.xlsx,text/csv";

/// More than any table that is taken over here has; the table's own reader is stricter.
const BOUNDS: Bounds = Bounds {
    file: 1024 * 1024,
    unpacked: 16 * 1024 * 1024,
    members: 1_000,
    rows: 2_000,
    columns: 50,
    cell: 2_000,
};

/// The table as text: a workbook's first visible sheet becomes CSV with the same line numbers, everything else is
/// left to who reads the text.
///
/// # Errors
/// [`Refusal::Invalid`] names `table`, or row and column of a cell that cannot be read.
pub(crate) fn text_of(file: &[u8]) -> Result<Vec<u8>, Refusal> {
    if !is_workbook(file) {
        return Ok(file.to_vec());
    }
    let grid = Grid::read(file, &BOUNDS).map_err(|fault| refused(&fault))?;
    grid.csv().map_err(|cells| {
        let of_cell = |(row, column, fault): &UnreadableCell| {
            let code = match fault {
                CellFault::Rounded => Code::CellRounded,
                CellFault::Failed => Code::CellFailed,
            };
            Violation::new(format!("rows/{row}/{}", letters_of(*column)), code)
        };
        Refusal::Invalid(cells.iter().map(of_cell).collect())
    })
}

/// The name of a column in a spreadsheet, from 0: A, B, … Z, AA.
fn letters_of(column: usize) -> String {
    let last = char::from(b'A' + u8::try_from(column % 26).unwrap_or_default());
    match column / 26 {
        0 => last.to_string(),
        before => format!("{}{last}", letters_of(before - 1)),
    }
}

fn refused(fault: &GridFault) -> Refusal {
    let violation = |code| Violation::new("table", code);
    Refusal::Invalid(vec![match fault {
        GridFault::Empty => violation(Code::ImportEmpty),
        GridFault::TooLarge => violation(Code::ImportTooLarge),
        GridFault::TooManyRows(most) => violation(Code::ImportTooLong).with("most", most),
        GridFault::TooManyColumns(row) | GridFault::CellTooLong(row) => {
            violation(Code::ImportTooWide).with("row", row)
        }
        GridFault::OldWorkbook => violation(Code::ImportOldWorkbook),
        GridFault::Damaged => violation(Code::ImportUnreadable),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_as_it_is() {
        assert_eq!(text_of(b"a;b\n1;2\n").unwrap(), b"a;b\n1;2\n");
        assert_eq!(text_of(b"").unwrap(), b"");
    }

    #[test]
    fn damaged_workbook_says_what_to_do() {
        let refused = |file: &[u8]| match text_of(file) {
            Err(Refusal::Invalid(violations)) => violations[0].code,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(b"PK\x03\x04"), Code::ImportUnreadable);
        assert_eq!(refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), Code::ImportOldWorkbook);
    }

    #[test]
    fn columns_are_named_as_a_spreadsheet_names_them() {
        let names = [0, 25, 26, 51, 54].map(letters_of);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BC"]);
    }
}
