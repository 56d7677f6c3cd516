//! One line of a sheet, cut into fields.

use std::fmt;

use super::Language;

/// One row, with its line number in the file.
#[derive(Debug)]
pub struct Row {
    /// Line in the file, from 1.
    pub line: u64,
    /// The trimmed fields in the order of the expected columns, or why there are none.
    pub fields: Result<Box<[String]>, RowError>,
    /// What can be told of a bad row: its first field.
    pub first: String,
}

/// Why a line is no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowError {
    /// Bytes that are not UTF-8.
    NotText,
    /// A quotation mark that is not closed, or closed in the middle of a field.
    OpenQuote,
    /// Too few or too many fields.
    Width {
        /// Fields in this row.
        found: usize,
        /// Fields in the header.
        expected: usize,
    },
    /// Far longer than any row.
    TooLong,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl RowError {
    /// What is wrong and what to do.
    pub fn text(self, language: Language) -> String {
        match self {
            Self::NotText => language.pick(
                "bukan teks UTF-8; simpan sebagai CSV UTF-8",
                "not UTF-8 text; save as CSV UTF-8",
            ),
            Self::OpenQuote => language.pick(
                "tanda kutip tidak ditutup; tutup tanda kutipnya",
                "a quotation mark is not closed; close it",
            ),
            Self::TooLong => language.pick("baris terlalu panjang", "the line is too long"),
            Self::Width { found, expected } => {
                let text = language.pick(
                    "kolom, seharusnya {}; apit angka berkoma dengan tanda kutip",
                    "fields, expected {}; put numbers with a comma in quotation marks",
                );
                return format!("{found} {}", text.replace("{}", &expected.to_string()));
            }
        }
        .to_owned()
    }
}

impl Row {
    pub(super) fn bad(line: u64, error: RowError) -> Self {
        Self { line, fields: Err(error), first: String::new() }
    }

    pub(super) fn read(line: u64, bytes: &[u8], separator: u8, places: &[usize]) -> Self {
        let Ok(text) = std::str::from_utf8(bytes) else {
            let lossy = String::from_utf8_lossy(bytes);
            let first = lossy.split(char::from(separator)).next().unwrap_or_default();
            let first = first.trim().to_owned();
            return Self { first, ..Self::bad(line, RowError::NotText) };
        };
        let fields = match split(text, separator) {
            Ok(fields) => fields,
            Err(error) => return Self::bad(line, error),
        };
        let first = fields.first().cloned().unwrap_or_default();
        if fields.iter().all(String::is_empty) {
            return Self { line, fields: Ok(Box::default()), first };
        }
        if fields.len() != places.len() {
            let error = RowError::Width { found: fields.len(), expected: places.len() };
            return Self { first, ..Self::bad(line, error) };
        }
        let fields = places.iter().map(|at| fields[*at].clone()).collect();
        Self { line, fields: Ok(fields), first }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.fields.as_ref().is_ok_and(|it| it.is_empty())
    }
}

/// Cuts a line at its separators; fields are trimmed, quotation marks undone.
pub(super) fn split(line: &str, separator: u8) -> Result<Vec<String>, RowError> {
    let separator = char::from(separator);
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let start = rest.trim_start_matches(|it: char| it.is_whitespace() && it != separator);
        let (field, after) = if let Some(quoted) = start.strip_prefix('"') {
            unquote(quoted)?
        } else {
            let end = rest.find(separator).unwrap_or(rest.len());
            (rest[..end].trim().to_owned(), &rest[end..])
        };
        fields.push(field);
        let after = after.trim_start_matches(|it: char| it.is_whitespace() && it != separator);
        match after.strip_prefix(separator) {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(fields),
            None => return Err(RowError::OpenQuote),
        }
    }
}

/// The text up to the closing mark, and what follows it; a doubled mark stands for one.
fn unquote(quoted: &str) -> Result<(String, &str), RowError> {
    let mut field = String::new();
    let mut rest = quoted;
    loop {
        let end = rest.find('"').ok_or(RowError::OpenQuote)?;
        field.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return Ok((field.trim().to_owned(), rest)),
        }
    }
}
