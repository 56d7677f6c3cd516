//! Reading a sheet row by row, so that one bad row never takes another with it.
//!
//! A row is one line: no figure or id spans lines, and a quotation mark that is never closed would
//! otherwise swallow the rest of the file. Memory stays the size of one row, whatever the file's.

mod row;

use std::io::{self, BufRead, BufReader, Read};

pub use row::{Row, RowError};

/// A longer line is no row of ours; it is skipped and answered with an error.
const LONGEST_LINE: usize = 64 * 1024;

/// The language of reasons and errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Bahasa Indonesia.
    #[default]
    Indonesian,
    /// English.
    English,
}

impl Language {
    /// Picks the text in this language.
    pub const fn pick<'a>(self, indonesian: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Indonesian => indonesian,
            Self::English => english,
        }
    }
}

/// Why a sheet cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Reading or writing failed.
    #[error("cannot read or write the sheet")]
    Io(#[from] io::Error),
    /// There is not even a header.
    #[error("the sheet is empty; its first line must be: {expected}")]
    Empty {
        /// The header there should be.
        expected: String,
    },
    /// The first line is not the header.
    #[error("the header is not right: {problems}; the first line must be: {expected}")]
    Header {
        /// Missing, unknown and doubled columns, named.
        problems: String,
        /// The header there should be.
        expected: String,
    },
    /// The sheet is not UTF-8 text.
    #[error("the sheet is not UTF-8 text; save it as CSV UTF-8")]
    NotText,
}

impl SheetError {
    /// What is wrong and what to do, in the reader's language.
    pub fn text(&self, language: Language) -> String {
        if language == Language::English {
            return self.to_string();
        }
        match self {
            Self::Io(_) => "lembar tidak dapat dibaca atau ditulis".to_owned(),
            Self::Empty { expected } => {
                format!("lembar kosong; baris pertama harus: {expected}")
            }
            Self::Header { problems, expected } => {
                format!("judul kolom belum benar: {problems}; baris pertama harus: {expected}")
            }
            Self::NotText => "lembar bukan teks UTF-8; simpan sebagai CSV UTF-8".to_owned(),
        }
    }
}

/// A sheet whose header has been read and found right.
#[derive(Debug)]
pub struct Sheet<R> {
    input: BufReader<R>,
    separator: u8,
    /// Position of each expected column in a row.
    places: Vec<usize>,
    line: u64,
}

impl<R: Read> Sheet<R> {
    /// Opens a sheet with exactly these columns, in any order.
    ///
    /// # Errors
    /// [`SheetError`] when the header lacks a column, has another, or has one twice.
    pub fn open(input: R, columns: &[&str]) -> Result<Self, SheetError> {
        let mut sheet =
            Self { input: BufReader::new(input), separator: b',', places: Vec::new(), line: 0 };
        let expected = columns.join(",");
        let header = loop {
            match sheet.next_line()? {
                None => return Err(SheetError::Empty { expected }),
                Some(Line::TooLong) => return Err(SheetError::NotText),
                Some(Line::Read(line)) if line.iter().all(u8::is_ascii_whitespace) => {}
                Some(Line::Read(line)) => break line,
            }
        };
        let header = header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&header);
        let header = std::str::from_utf8(header).map_err(|_| SheetError::NotText)?;
        if header.contains('\0') {
            return Err(SheetError::NotText);
        }
        sheet.separator = separator_of(header);
        let names = row::split(header, sheet.separator).map_err(|it| SheetError::Header {
            problems: it.to_string(),
            expected: expected.clone(),
        })?;
        sheet.places = places(&names, columns)
            .map_err(|problems| SheetError::Header { problems, expected })?;
        Ok(sheet)
    }

    /// The next row that is not blank; `None` at the end.
    ///
    /// # Errors
    /// When reading fails. A row that cannot be read as a row is `Ok` with the error inside.
    pub fn next_row(&mut self) -> io::Result<Option<Row>> {
        while let Some(line) = self.next_line()? {
            let row = match line {
                Line::TooLong => Row::bad(self.line, RowError::TooLong),
                Line::Read(line) => Row::read(self.line, &line, self.separator, &self.places),
            };
            if !row.is_blank() {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        let limit = LONGEST_LINE as u64 + 1;
        let read = (&mut self.input).take(limit).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if line.len() > LONGEST_LINE && line.last() != Some(&b'\n') {
            self.skip_to_line_end()?;
            return Ok(Some(Line::TooLong));
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Some(Line::Read(line)))
    }

    fn skip_to_line_end(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|it| *it == b'\n');
            let length = end.map_or(buffer.len(), |at| at + 1);
            self.input.consume(length);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

enum Line {
    Read(Vec<u8>),
    TooLong,
}

/// The separator the header uses: Indonesian spreadsheets save with semicolons.
fn separator_of(header: &str) -> u8 {
    let count = |mark: u8| header.bytes().filter(|it| *it == mark).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|it| count(*it)).unwrap_or(b',')
}

fn places(names: &[String], columns: &[&str]) -> Result<Vec<usize>, String> {
    let names: Vec<String> = names.iter().map(|it| it.trim().to_ascii_lowercase()).collect();
    let mut problems = Vec::new();
    let mut say = |what: &str, which: Vec<&str>| {
        if !which.is_empty() {
            problems.push(format!("{what} {}", which.join(", ")));
        }
    };
    say(
        "kurang/missing:",
        columns.iter().copied().filter(|it| names.iter().all(|name| name != it)).collect(),
    );
    say(
        "tidak dikenal/unknown:",
        names.iter().map(String::as_str).filter(|it| !columns.contains(it)).collect(),
    );
    say(
        "ganda/twice:",
        columns
            .iter()
            .copied()
            .filter(|it| names.iter().filter(|name| name == it).count() > 1)
            .collect(),
    );
    if !problems.is_empty() {
        return Err(problems.join("; "));
    }
    Ok(columns.iter().filter_map(|it| names.iter().position(|name| name == it)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Vec<Result<Vec<String>, RowError>> {
        let mut sheet = Sheet::open(text, &["id", "value"]).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = sheet.next_row().unwrap() {
            rows.push(row.fields.map(|it| it.to_vec()));
        }
        rows
    }

    fn fields(first: &str, second: &str) -> Vec<String> {
        vec![first.to_owned(), second.to_owned()]
    }

    #[test]
    fn marks_separators_line_ends_and_order_of_spreadsheets() {
        let plain = [Ok(fields("a", "1,5")), Ok(fields("b", ""))];
        assert_eq!(rows(b"id,value\na,\"1,5\"\nb,\n"), plain);
        assert_eq!(rows(b"\xef\xbb\xbfid;value\r\na;1,5\r\nb;\r\n"), plain);
        assert_eq!(rows(b"id\tvalue\na\t1,5\nb\t"), plain);
        assert_eq!(rows(b"\n VALUE , \"id\"\n\"1,5\",a\n\n,b\n,\n"), plain);
    }

    #[test]
    fn a_bad_row_takes_no_other_with_it() {
        let mut long = b"id,value\n".to_vec();
        long.extend(std::iter::repeat_n(b'x', LONGEST_LINE + 10));
        long.extend(b"\nb,2\n");
        assert_eq!(rows(&long), [Err(RowError::TooLong), Ok(fields("b", "2"))]);
        for (bad, error) in [
            (&b"\"a,1"[..], RowError::OpenQuote),
            (b"\"a\"x,1", RowError::OpenQuote),
            (b"a", RowError::Width { found: 1, expected: 2 }),
            (b"a,1,5", RowError::Width { found: 3, expected: 2 }),
            (b"\xff,1", RowError::NotText),
        ] {
            let text = [b"id,value\n", bad, b"\nb,2\n"].concat();
            assert_eq!(rows(&text), [Err(error), Ok(fields("b", "2"))]);
        }
    }

    #[test]
    fn quotation_marks_are_undone() {
        assert_eq!(
            rows(b"id,value\n\"say \"\"a\"\"\",5\" pipe\n"),
            [Ok(fields("say \"a\"", "5\" pipe"))]
        );
    }

    #[test]
    fn a_wrong_header_is_one_clear_error() {
        let refused = |text: &[u8]| Sheet::open(text, &["id", "value"]).err().unwrap();
        assert!(matches!(refused(b""), SheetError::Empty { .. }));
        assert!(matches!(refused(b"\n\n"), SheetError::Empty { .. }));
        assert!(matches!(refused(b"\xff\xfei\0d\0"), SheetError::NotText));
        for (header, named) in [
            (&b"id,nilai"[..], "missing: value; tidak dikenal/unknown: nilai"),
            (b"id", "missing: value"),
            (b"id,value,value", "twice: value"),
            (b"a,1", "missing: id, value"),
        ] {
            let error = refused(header);
            assert!(error.to_string().contains(named), "{error}");
            assert!(error.text(Language::Indonesian).contains("baris pertama harus: id,value"));
        }
    }

    #[test]
    fn a_reader_that_fails_is_told() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        assert!(matches!(Sheet::open(Broken, &["id"]), Err(SheetError::Io(_))));
    }
}
