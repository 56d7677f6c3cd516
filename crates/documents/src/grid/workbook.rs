//! A workbook (`.xlsx`): a zip of XML parts. Only the parts of its first sheet that is not hidden are unpacked.

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read};

use zip::ZipArchive;

use super::parts::{self, Sheet, Styles};
use super::{Bounds, GridFault, Rows};

/// A part of a workbook, counted while it is unpacked.
pub(super) type Part<'a> = quick_xml::Reader<BufReader<Metered<'a>>>;

/// Reads a workbook into rows.
pub(super) fn read(bytes: &[u8], bounds: &Bounds, rows: &mut Rows<'_>) -> Result<(), GridFault> {
    believable(bytes, bounds)?;
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| GridFault::Damaged)?;
    let mut package = Package { archive, left: Cell::new(bounds.unpacked) };
    let book = package.part("xl/workbook.xml", parts::book)?.ok_or(GridFault::Damaged)?;
    let targets =
        package.part("xl/_rels/workbook.xml.rels", parts::targets)?.ok_or(GridFault::Damaged)?;
    let sheet = book.sheet.and_then(|id| targets.get(&id)).ok_or(GridFault::Damaged)?;
    let sheet = match sheet.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{sheet}"),
    };
    let texts = package.part("xl/sharedStrings.xml", parts::texts)?.unwrap_or_default();
    let styles = package.part("xl/styles.xml", parts::styles)?.unwrap_or_else(Styles::default);
    let reading = Sheet { texts: &texts, styles: &styles, from_1904: book.from_1904 };
    package.part(&sheet, |part| reading.read(part, rows))?.ok_or(GridFault::Damaged)
}

/// Refuses a directory that claims more files than the bounds allow before anything makes room for them.
fn believable(bytes: &[u8], bounds: &Bounds) -> Result<(), GridFault> {
    const LARGE_END: &[u8] = b"PK\x06\x06";
    const END: &[u8] = b"PK\x05\x06";
    let mut claims = 0;
    for at in 0..bytes.len().saturating_sub(21) {
        let rest = &bytes[at..];
        if rest.starts_with(LARGE_END) {
            // For archives of gigabytes only; its counts are of 64 bits.
            return Err(GridFault::TooLarge);
        }
        if rest.starts_with(END) {
            claims = claims.max(usize::from(u16::from_le_bytes([rest[10], rest[11]])));
        }
    }
    if claims > bounds.members { Err(GridFault::TooLarge) } else { Ok(()) }
}

/// The parts of a workbook and how much may still be unpacked of them all.
struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    left: Cell<u64>,
}

impl Package<'_> {
    /// Reads a part; none when there is no such part.
    fn part<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Part<'_>) -> Result<T, GridFault>,
    ) -> Result<Option<T>, GridFault> {
        let Some(index) = self.archive.index_for_name(name) else { return Ok(None) };
        let file = self.archive.by_index(index).map_err(|_| GridFault::Damaged)?;
        let metered = Metered { file: Box::new(file), left: &self.left };
        let mut part = quick_xml::Reader::from_reader(BufReader::new(metered));
        read(&mut part).map(Some)
    }
}

/// A part that ends with an error when more was unpacked than may be.
pub(super) struct Metered<'a> {
    file: Box<dyn Read + 'a>,
    left: &'a Cell<u64>,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let count = u64::try_from(read).unwrap_or(u64::MAX);
        match self.left.get().checked_sub(count) {
            Some(left) => self.left.set(left),
            None => return Err(io::ErrorKind::FileTooLarge.into()),
        }
        Ok(read)
    }
}

/// What a fault in the middle of a part means.
pub(super) fn fault(error: &quick_xml::Error) -> GridFault {
    match error {
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            GridFault::TooLarge
        }
        _ => GridFault::Damaged,
    }
}
