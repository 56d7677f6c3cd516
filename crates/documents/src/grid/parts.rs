//! The parts of a workbook that matter for its cells: which sheet, the texts that cells share, which numbers are
//! days, and the cells.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::workbook::{Part, fault};
use super::{GridCell, GridFault, Rows};

/// What the workbook says of its sheets.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Relation of the first sheet that is not hidden.
    pub(super) sheet: Option<String>,
    /// Days are counted from 1904.
    pub(super) from_1904: bool,
}

/// Reads `workbook.xml`.
pub(super) fn book(part: &mut Part<'_>) -> Result<Book, GridFault> {
    let mut book = Book::default();
    each(part, |event| {
        let (Event::Start(element) | Event::Empty(element)) = event else { return Ok(()) };
        match element.local_name().as_ref() {
            "workbookPr" => {
                let value = attribute(&element, "date1904")?;
                book.from_1904 = value.is_some_and(|it| it == "1" || it == "true");
            }
            "sheet" if book.sheet.is_none() => {
                let state = attribute(&element, "state")?;
                if state.is_none_or(|it| it == "visible") {
                    book.sheet = attribute(&element, "id")?;
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(book)
}

/// Reads which relation leads to which part.
pub(super) fn targets(part: &mut Part<'_>) -> Result<HashMap<String, String>, GridFault> {
    let mut targets = HashMap::new();
    each(part, |event| {
        if let Event::Start(element) | Event::Empty(element) = event
            && element.local_name().as_ref() == "Relationship"
            && let (Some(id), Some(target)) =
                (attribute(&element, "Id")?, attribute(&element, "Target")?)
        {
            targets.insert(id, target);
        }
        Ok(())
    })?;
    Ok(targets)
}

/// Reads the texts that cells share. How many there are is counted, not believed.
pub(super) fn texts(part: &mut Part<'_>) -> Result<Vec<String>, GridFault> {
    let mut texts = Vec::new();
    let mut words = Words::default();
    each(part, |event| {
        match &event {
            Event::Start(element) if element.local_name().as_ref() == "si" => words.clear(),
            Event::End(element) if element.local_name().as_ref() == "si" => {
                texts.push(words.take());
            }
            _ => words.hear(&event)?,
        }
        Ok(())
    })?;
    Ok(texts)
}

/// Which styles show a number as a day.
#[derive(Debug, Default)]
pub(super) struct Styles(Vec<bool>);

/// Reads `styles.xml`.
pub(super) fn styles(part: &mut Part<'_>) -> Result<Styles, GridFault> {
    let mut own: BTreeMap<u32, bool> = BTreeMap::new();
    let mut of_cells = false;
    let mut styles = Vec::new();
    each(part, |event| {
        match &event {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "numFmt" => {
                    let id = attribute(element, "numFmtId")?.and_then(|it| it.parse().ok());
                    if let (Some(id), Some(code)) = (id, attribute(element, "formatCode")?) {
                        own.insert(id, shows_a_day(&code));
                    }
                }
                "cellXfs" => of_cells = true,
                "xf" if of_cells => {
                    let id = attribute(element, "numFmtId")?;
                    let id = id.and_then(|it| it.parse().ok()).unwrap_or(0);
                    let known = matches!(id, 14..=17 | 22 | 27..=31 | 36 | 50..=58);
                    styles.push(own.get(&id).copied().unwrap_or(known));
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "cellXfs" => of_cells = false,
            _ => {}
        }
        Ok(())
    })?;
    Ok(Styles(styles))
}

/// Whether a format shows a day: a `d` or `y` outside quotation marks, brackets and escapes.
fn shows_a_day(code: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for letter in code.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' => bracketed = false,
            'd' | 'D' | 'y' | 'Y' if !quoted && !bracketed => return true,
            _ => {}
        }
    }
    false
}

/// What is needed to read the cells of a sheet.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    /// The shared texts.
    pub(super) texts: &'a [String],
    /// The styles.
    pub(super) styles: &'a Styles,
    /// Days are counted from 1904.
    pub(super) from_1904: bool,
}

/// A cell while it is read.
#[derive(Debug, Default)]
struct Open {
    column: usize,
    kind: String,
    is_day: bool,
    value: String,
    in_value: bool,
    inline: Words,
}

impl Sheet<'_> {
    /// Reads the rows of a sheet.
    pub(super) fn read(&self, part: &mut Part<'_>, rows: &mut Rows<'_>) -> Result<(), GridFault> {
        let mut number = 0;
        let mut cells: Vec<(usize, GridCell)> = Vec::new();
        let mut open: Option<Open> = None;
        let widest = rows.bounds.columns;
        each(part, |event| {
            match &event {
                Event::Start(element) => match element.local_name().as_ref() {
                    "row" => {
                        number = row_number(element, number)?;
                        cells.clear();
                    }
                    "c" => open = Some(self.open(element, cells.last().map(|(it, _)| it + 1))?),
                    "v" => {
                        if let Some(open) = &mut open {
                            open.in_value = true;
                        }
                    }
                    _ => {
                        if let Some(open) = &mut open {
                            open.inline.hear(&event)?;
                        }
                    }
                },
                Event::Empty(element) if element.local_name().as_ref() == "row" => {
                    number = row_number(element, number)?;
                }
                Event::End(element) => match element.local_name().as_ref() {
                    "row" => rows.push(number, cells.drain(..))?,
                    "c" => {
                        if let Some(open) = open.take() {
                            let column = open.column;
                            let cell = self.close(open)?;
                            // More cells than columns can only repeat a column: no need to keep them all.
                            if cells.len() > widest {
                                return Err(GridFault::TooManyColumns(number));
                            }
                            if cell != GridCell::Empty {
                                cells.push((column, cell));
                            }
                        }
                    }
                    "v" => {
                        if let Some(open) = &mut open {
                            open.in_value = false;
                        }
                    }
                    _ => {
                        if let Some(open) = &mut open {
                            open.inline.hear(&event)?;
                        }
                    }
                },
                event => {
                    if let Some(open) = &mut open {
                        if open.in_value {
                            open.value.push_str(&said(event)?);
                        } else {
                            open.inline.hear(event)?;
                        }
                    }
                }
            }
            Ok(())
        })
    }

    fn open(&self, element: &BytesStart<'_>, next: Option<usize>) -> Result<Open, GridFault> {
        let column = match attribute(element, "r")? {
            Some(reference) => column_of(&reference).ok_or(GridFault::Damaged)?,
            None => next.unwrap_or(0),
        };
        let style = attribute(element, "s")?.and_then(|it| it.parse::<usize>().ok()).unwrap_or(0);
        Ok(Open {
            column,
            kind: attribute(element, "t")?.unwrap_or_default(),
            is_day: self.styles.0.get(style).copied().unwrap_or(false),
            ..Open::default()
        })
    }

    fn close(&self, mut open: Open) -> Result<GridCell, GridFault> {
        let value = open.value.trim();
        Ok(match open.kind.as_str() {
            "s" => {
                let index = value.parse::<usize>().map_err(|_| GridFault::Damaged)?;
                GridCell::words(self.texts.get(index).ok_or(GridFault::Damaged)?)
            }
            "inlineStr" => GridCell::words(&open.inline.take()),
            "str" => GridCell::words(value),
            "e" => GridCell::Failed(value.to_owned()),
            "b" => GridCell::words(if value == "1" { "TRUE" } else { "FALSE" }),
            "d" => GridCell::words(value.get(..10).unwrap_or(value)),
            _ if value.is_empty() => GridCell::Empty,
            _ if value.parse::<f64>().is_ok_and(f64::is_finite) => {
                let day = if open.is_day { self.day(value) } else { None };
                day.map_or_else(|| GridCell::Number(value.to_owned()), GridCell::Day)
            }
            _ => return Err(GridFault::Damaged),
        })
    }

    /// The day that a number counts to; the time of day behind the point is left out.
    fn day(&self, value: &str) -> Option<NaiveDate> {
        let count: u64 = value.split('.').next()?.parse().ok()?;
        // In the count from 1900 a day was put that never was, 29 February 1900.
        let (first, skipped) = if self.from_1904 { ((1904, 1, 1), 0) } else { ((1899, 12, 31), 1) };
        let (year, month, day) = first;
        let skipped = if count > 59 { skipped } else { 0 };
        NaiveDate::from_ymd_opt(year, month, day)?.checked_add_days(Days::new(count - skipped))
    }
}

fn row_number(element: &BytesStart<'_>, before: u32) -> Result<u32, GridFault> {
    match attribute(element, "r")? {
        Some(number) => number.parse().map_err(|_| GridFault::Damaged),
        None => Ok(before.saturating_add(1)),
    }
}

/// The column of a reference such as `AB12`, from 0; none when it is no reference, or beyond every sheet.
fn column_of(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let mut column = 0_usize;
    let mut count = 0;
    for letter in letters {
        count += 1;
        column = column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        if count > 3 {
            return None;
        }
    }
    column.checked_sub(1)
}

/// Words that stand in `<t>`, without the reading aids of `<rPh>`.
#[derive(Debug, Default)]
struct Words {
    text: String,
    in_text: bool,
    in_aid: bool,
}

impl Words {
    fn hear(&mut self, event: &Event<'_>) -> Result<(), GridFault> {
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "t" => self.in_text = true,
                "rPh" => self.in_aid = true,
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "t" => self.in_text = false,
                "rPh" => self.in_aid = false,
                _ => {}
            },
            event if self.in_text && !self.in_aid => self.text.push_str(&said(event)?),
            _ => {}
        }
        Ok(())
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

/// The text that an event adds.
fn said(event: &Event<'_>) -> Result<String, GridFault> {
    match event {
        Event::Text(text) => Ok(text.xml10_content().into_owned()),
        Event::CData(text) => Ok(text.xml10_content().into_owned()),
        Event::GeneralRef(reference) => referred(reference),
        _ => Ok(String::new()),
    }
}

/// A character by its number or one of the five names that XML has; a workbook declares no others.
fn referred(reference: &BytesRef<'_>) -> Result<String, GridFault> {
    if let Some(letter) = reference.resolve_char_ref().map_err(|_| GridFault::Damaged)? {
        return Ok(letter.to_string());
    }
    let name: &str = reference;
    let text = quick_xml::escape::resolve_predefined_entity(name).ok_or(GridFault::Damaged)?;
    Ok(text.to_owned())
}

/// The value of an attribute, by its name without prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, GridFault> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| GridFault::Damaged)?;
        if attribute.key.local_name().as_ref() == name {
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            return Ok(Some(value.map_err(|_| GridFault::Damaged)?.into_owned()));
        }
    }
    Ok(None)
}

/// Hears every event of a part. A document type is refused: no workbook has one, and entities hide in it.
fn each(
    part: &mut Part<'_>,
    mut hear: impl FnMut(Event<'_>) -> Result<(), GridFault>,
) -> Result<(), GridFault> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match part.read_event_into(&mut buffer) {
            Ok(Event::Eof) => return Ok(()),
            Ok(Event::DocType(_)) => return Err(GridFault::Damaged),
            Ok(event) => hear(event)?,
            Err(error) => return Err(fault(&error)),
        }
    }
}
