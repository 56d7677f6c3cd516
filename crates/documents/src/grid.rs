//! A grid of cells out of a workbook (`.xlsx`) that somebody brings, read within bounds.
//!
//! What the file says of its own size is not believed: bytes are counted while they are unpacked, rows, columns
//! and cells while they are read. A workbook of one kilobyte that claims four billion texts, or that unpacks to
//! gigabytes, is refused after the bounds' worth of work.

mod parts;
mod workbook;

use chrono::NaiveDate;

/// How much of a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of the file itself.
    pub file: usize,
    /// Bytes of everything that is unpacked out of a workbook.
    pub unpacked: u64,
    /// Files inside a workbook.
    pub members: usize,
    /// Rows that are not blank, with the header.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Characters of one cell.
    pub cell: usize,
}

/// What a cell holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GridCell {
    /// Nothing.
    #[default]
    Empty,
    /// Words, without space around them.
    Text(String),
    /// A number as the workbook writes it, `1234.5`.
    Number(String),
    /// A day.
    Day(NaiveDate),
    /// A formula without a result, `#N/A`.
    Failed(String),
}

/// Why a cell cannot be read as words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellFault {
    /// A number of more than 15 digits: the spreadsheet has rounded it, the last digits are lost.
    Rounded,
    /// A formula that failed.
    Failed,
}

/// Digits that a spreadsheet keeps of a number.
const KEPT_DIGITS: usize = 15;

impl GridCell {
    fn words(text: &str) -> Self {
        match text.trim() {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }

    /// The cell as somebody would have typed it; nothing for an empty one. Days are written `2026-01-31`.
    ///
    /// # Errors
    /// [`CellFault`]: what was typed is not in the file.
    pub fn typed(&self) -> Result<String, CellFault> {
        match self {
            Self::Empty => Ok(String::new()),
            Self::Text(text) => Ok(text.clone()),
            Self::Number(number) => {
                let digits = number.chars().filter(char::is_ascii_digit).count();
                let is_kept = digits <= KEPT_DIGITS && !number.contains(['e', 'E']);
                if is_kept { Ok(number.clone()) } else { Err(CellFault::Rounded) }
            }
            Self::Day(day) => Ok(day.to_string()),
            Self::Failed(_) => Err(CellFault::Failed),
        }
    }
}

/// One row that is not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridRow {
    /// Its number in the file, from 1.
    pub number: u32,
    /// Its cells from the first column on; those behind the last that is filled are left out.
    pub cells: Vec<GridCell>,
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GridFault {
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// The file, or what it unpacks to, is larger than the bound.
    #[error("the file is too large")]
    TooLarge,
    /// There are more rows.
    #[error("the file has more than {0} rows")]
    TooManyRows(usize),
    /// A row has more columns.
    #[error("row {0} has too many columns")]
    TooManyColumns(u32),
    /// A cell is longer.
    #[error("a cell in row {0} is too long")]
    CellTooLong(u32),
    /// A workbook of before 2007, or one with a password.
    #[error("the file is an old or a protected workbook; save it as .xlsx without a password")]
    OldWorkbook,
    /// A workbook that does not hold what a workbook must.
    #[error("the workbook is damaged")]
    Damaged,
}

/// Whether a file is a workbook, or the old or protected kind of one, by its first bytes.
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) || bytes.starts_with(COMPOUND)
}

const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// The cells of a workbook's first sheet that is not hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Every row that is not blank, at least one.
    pub rows: Vec<GridRow>,
}

impl Grid {
    /// Reads a workbook; what it is, its first bytes say, whatever it is called.
    ///
    /// # Errors
    /// [`GridFault`].
    pub fn read(bytes: &[u8], bounds: &Bounds) -> Result<Self, GridFault> {
        if bytes.len() > bounds.file {
            return Err(GridFault::TooLarge);
        }
        if bytes.starts_with(COMPOUND) {
            return Err(GridFault::OldWorkbook);
        }
        let mut rows = Rows::within(bounds);
        workbook::read(bytes, bounds, &mut rows)?;
        if rows.kept.is_empty() { Err(GridFault::Empty) } else { Ok(Self { rows: rows.kept }) }
    }
}

/// A cell that cannot be written as somebody typed it: its row, its column from 0, and why.
pub type UnreadableCell = (u32, usize, CellFault);

impl Grid {
    /// The grid as CSV in which every row stands on the line that has its number; blank lines are none.
    ///
    /// # Errors
    /// Every cell that cannot be read.
    pub fn csv(&self) -> Result<Vec<u8>, Vec<UnreadableCell>> {
        let mut faults = Vec::new();
        let mut text = String::new();
        let mut line = 1;
        for row in &self.rows {
            while line < row.number {
                text.push('\n');
                line += 1;
            }
            for (column, cell) in row.cells.iter().enumerate() {
                let typed = cell.typed().unwrap_or_else(|fault| {
                    faults.push((row.number, column, fault));
                    String::new()
                });
                if column > 0 {
                    text.push(',');
                }
                // One line of text for each row keeps the count of lines.
                let typed = typed.replace(['\r', '\n'], " ").replace('"', "\"\"");
                text.push('"');
                text.push_str(&typed);
                text.push('"');
            }
            text.push('\n');
            line += 1;
        }
        if faults.is_empty() { Ok(text.into_bytes()) } else { Err(faults) }
    }
}

/// Rows as they are read, within the bounds.
#[derive(Debug)]
struct Rows<'b> {
    kept: Vec<GridRow>,
    bounds: &'b Bounds,
}

impl<'b> Rows<'b> {
    fn within(bounds: &'b Bounds) -> Self {
        Self { kept: Vec::new(), bounds }
    }

    /// Keeps a row unless it is blank; cells are given with their column, from 0.
    fn push(
        &mut self,
        number: u32,
        cells: impl IntoIterator<Item = (usize, GridCell)>,
    ) -> Result<(), GridFault> {
        let mut row = Vec::new();
        for (column, cell) in cells {
            if cell == GridCell::Empty {
                continue;
            }
            if column >= self.bounds.columns {
                return Err(GridFault::TooManyColumns(number));
            }
            if let GridCell::Text(text) | GridCell::Number(text) | GridCell::Failed(text) = &cell
                && text.chars().count() > self.bounds.cell
            {
                return Err(GridFault::CellTooLong(number));
            }
            if row.len() <= column {
                row.resize(column + 1, GridCell::Empty);
            }
            row[column] = cell;
        }
        if row.is_empty() {
            return Ok(());
        }
        // A table that begins further down is no table of the size that is taken.
        let lowest = u32::try_from(self.bounds.rows * 10).unwrap_or(u32::MAX);
        if self.kept.len() == self.bounds.rows || number > lowest {
            return Err(GridFault::TooManyRows(self.bounds.rows));
        }
        // Rows out of their order, or twice, are in no workbook that a spreadsheet wrote.
        if self.kept.last().is_some_and(|it| it.number >= number) {
            return Err(GridFault::Damaged);
        }
        self.kept.push(GridRow { number, cells: row });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
