//! A table as somebody typed it or a spreadsheet saved it: CSV with a header of known columns, in any order;
//! comma, semicolon or tab between them.

use crate::refusal::{Code, Refusal, Result, Violation};

/// The columns that a table may have.
#[derive(Debug)]
pub(crate) struct Columns {
    /// All of them.
    pub(crate) all: &'static [&'static str],
    /// Those without which it says nothing.
    pub(crate) needed: &'static [&'static str],
    /// Most rows at once.
    pub(crate) most_rows: usize,
}

/// A table that was read, at least one row.
#[derive(Debug)]
pub(crate) struct TypedTable {
    header: Vec<String>,
    rows: Vec<(u64, csv::StringRecord)>,
}

/// One row.
#[derive(Debug)]
pub(crate) struct TableRow<'t> {
    /// Its line; the header is line 1.
    pub(crate) line: u64,
    /// It has more cells than there are columns.
    pub(crate) is_too_wide: bool,
    header: &'t [String],
    record: &'t csv::StringRecord,
}

impl<'t> TableRow<'t> {
    /// A cell; nothing where the table has no such column.
    pub(crate) fn cell(&self, column: &str) -> &'t str {
        let place = self.header.iter().position(|it| it == column);
        place.and_then(|at| self.record.get(at)).unwrap_or_default()
    }
}

impl TypedTable {
    /// Reads a table; blank rows are left out.
    ///
    /// # Errors
    /// The field `table` with [`Code::ImportUnreadable`], [`Code::ImportHeader`], [`Code::ImportEmpty`] or
    /// [`Code::ImportTooLong`].
    pub(crate) fn read(table: &[u8], columns: &Columns) -> Result<Self> {
        let table = table.strip_prefix(b"\xef\xbb\xbf").unwrap_or(table);
        let refuse = |code| Refusal::invalid("table", code);
        let text = std::str::from_utf8(table).map_err(|_| refuse(Code::ImportUnreadable))?;
        if text.trim().is_empty() {
            return Err(refuse(Code::ImportEmpty));
        }
        let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let delimiter = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|mark| head.bytes().filter(|byte| byte == mark).count())
            .unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(|_| refuse(Code::ImportUnreadable))?;
        let header: Vec<String> = header.iter().map(str::to_lowercase).collect();
        checked(&header, columns)?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|_| refuse(Code::ImportUnreadable))?;
            if record.iter().all(str::is_empty) {
                continue;
            }
            if rows.len() == columns.most_rows {
                return Err(Refusal::Invalid(vec![
                    Violation::new("table", Code::ImportTooLong).with("most", columns.most_rows),
                ]));
            }
            rows.push((line_of(text, record.position()), record));
        }
        if rows.is_empty() { Err(refuse(Code::ImportEmpty)) } else { Ok(Self { header, rows }) }
    }

    /// Its rows.
    pub(crate) fn rows(&self) -> impl Iterator<Item = TableRow<'_>> {
        self.rows.iter().map(|(line, record)| TableRow {
            line: *line,
            is_too_wide: record.len() > self.header.len(),
            header: &self.header,
            record,
        })
    }
}

/// The faults of a row, their fields named by line and column: `rows/7/nip`.
pub(crate) fn at_line(line: u64, faults: &[Violation]) -> impl Iterator<Item = Violation> {
    faults.iter().map(move |fault| Violation {
        field: format!("rows/{line}/{}", fault.field),
        ..fault.clone()
    })
}

/// Refuses a header that lacks a column or has one that is not known.
fn checked(header: &[String], columns: &Columns) -> Result<()> {
    let has = |column: &&&str| header.iter().any(|it| it == **column);
    let unknown = header.iter().map(String::as_str).filter(|it| !columns.all.contains(it));
    let unknown: Vec<_> = unknown.collect();
    let missing: Vec<_> = columns.needed.iter().filter(|it| !has(it)).copied().collect();
    if unknown.is_empty() && missing.is_empty() {
        return Ok(());
    }
    let listed = |names: &[&str]| match names {
        [] => String::from("-"),
        names => names.join(", "),
    };
    Err(Refusal::Invalid(vec![
        Violation::new("table", Code::ImportHeader)
            .with("columns", columns.all.join(", "))
            .with("missing", listed(&missing))
            .with("unknown", listed(&unknown)),
    ]))
}

/// The line on which a record begins. The reader ends a record at `\r` of `\r\n`, so that its own count lags.
fn line_of(text: &str, position: Option<&csv::Position>) -> u64 {
    let start = position.and_then(|it| usize::try_from(it.byte()).ok()).unwrap_or(0);
    let (before, rest) = text.as_bytes().split_at(start.min(text.len()));
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let breaks = before.iter().chain(blank).filter(|byte| **byte == b'\n').count();
    u64::try_from(breaks + 1).unwrap_or(u64::MAX)
}
