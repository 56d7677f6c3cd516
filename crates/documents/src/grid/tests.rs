//! Workbooks as people make them, and as nobody should.

use std::io::Write as _;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const BOUNDS: Bounds =
    Bounds { file: 1 << 20, unpacked: 4 << 20, members: 100, rows: 100, columns: 12, cell: 500 };

const BOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="m" xmlns:r="r">
<sheets><sheet name="Petunjuk" sheetId="1" state="hidden" r:id="rId1"/>
<sheet name="Daftar" sheetId="2" r:id="rId2"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships xmlns="x">
<Relationship Id="rId1" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Target="worksheets/sheet2.xml"/></Relationships>"#;
const STYLES: &str = r#"<styleSheet><numFmts count="1"><numFmt numFmtId="164" formatCode="[$-421]d mmmm yyyy"/>
</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn workbook(texts: &str, cells: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
    zipped(&[
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/sharedStrings.xml", texts.as_bytes()),
        ("xl/worksheets/sheet2.xml", sheet.as_bytes()),
    ])
}

fn read(bytes: &[u8]) -> Result<Grid, GridFault> {
    Grid::read(bytes, &BOUNDS)
}

fn text(text: &str) -> GridCell {
    GridCell::Text(text.to_owned())
}

#[test]
fn workbook_reads_as_it_is_seen() {
    let texts = r#"<sst uniqueCount="4294967295"><si><t>Nama &amp; gelar</t></si>
      <si><r><t xml:space="preserve">Siti </t></r><r><t>Aminah</t></r><rPh><t>bacaan</t></rPh></si></sst>"#;
    let cells = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>NIP&#33;</t></is></c></row>
      <row r="2"/><row r="3"><c r="A3"><v> </v></c></row>
      <row r="5"><c r="A5" t="s"><v>1</v></c><c r="B5" s="1"><v>46052.75</v></c><c r="C5" s="2"><v>1</v></c>
      <c r="D5"><v>1.98704121010011E17</v></c><c r="E5"><f>1/0</f><v>0.5</v></c><c t="e"><v>#DIV/0!</v></c></row>"#;
    let grid = read(&workbook(texts, cells)).unwrap();
    assert_eq!(grid.rows.len(), 2, "blank rows are left out");
    assert_eq!(grid.rows[0].cells, [text("Nama & gelar"), GridCell::Empty, text("NIP!")]);
    let row = &grid.rows[1];
    assert_eq!((row.number, &row.cells[0]), (5, &text("Siti Aminah")));
    assert_eq!(row.cells[1].typed().unwrap(), "2026-01-30");
    assert_eq!(row.cells[2].typed().unwrap(), "1900-01-01");
    assert_eq!(
        row.cells[3].typed(),
        Err(CellFault::Rounded),
        "18 digits typed as a number are lost"
    );
    assert_eq!(row.cells[4].typed().unwrap(), "0.5");
    assert_eq!(row.cells[5].typed(), Err(CellFault::Failed));
    let unreadable = grid.csv().unwrap_err();
    assert_eq!(unreadable, [(5, 3, CellFault::Rounded), (5, 5, CellFault::Failed)]);
}

#[test]
fn rows_keep_their_line_in_text() {
    let cells = r#"<row r="1"><c t="str"><v>nama</v></c><c t="str"><v>catatan</v></c></row>
      <row r="4"><c t="str"><v>Siti "Titi", S.E.</v></c><c t="inlineStr"><is><t>dua&#10;baris</t></is></c></row>"#;
    let text = read(&workbook("<sst/>", cells)).unwrap().csv().unwrap();
    let expected = "\"nama\",\"catatan\"\n\n\n\"Siti \"\"Titi\"\", S.E.\",\"dua baris\"\n";
    assert_eq!(String::from_utf8(text).unwrap(), expected);
}

#[test]
fn file_that_is_something_else_says_what_to_do() {
    assert_eq!(read(&workbook("<sst/>", "")), Err(GridFault::Empty));
    assert_eq!(read(b""), Err(GridFault::Damaged));
    assert_eq!(read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), Err(GridFault::OldWorkbook));
    assert_eq!(read(b"PK\x03\x04"), Err(GridFault::Damaged));
    assert_eq!(read(&zipped(&[("word/document.xml", b"<w/>")])), Err(GridFault::Damaged));
    assert_eq!(read(&vec![b'a'; BOUNDS.file + 1]), Err(GridFault::TooLarge));
}

#[test]
fn bounds_hold_whatever_the_file_claims() {
    let one = |reference: &str| {
        workbook("<sst/>", &format!("<row r=\"1\"><c r=\"{reference}\"><v>1</v></c></row>"))
    };
    assert_eq!(read(&one("XFD1048576")), Err(GridFault::TooManyColumns(1)));
    assert_eq!(read(&one("ZZZZ1")), Err(GridFault::Damaged));
    assert_eq!(read(&one("7")), Err(GridFault::Damaged));
    let last = read(&workbook("<sst/>", "<row r=\"4294967295\"><c r=\"A1\"><v>1</v></c></row>"));
    assert_eq!(last, Err(GridFault::TooManyRows(100)));
    let twice = "<row r=\"2\"><c><v>1</v></c></row>".repeat(2);
    assert_eq!(read(&workbook("<sst/>", &twice)), Err(GridFault::Damaged));
    let beyond = read(&workbook("<sst/>", "<row r=\"4294967296\"><c r=\"A1\"><v>1</v></c></row>"));
    assert_eq!(beyond, Err(GridFault::Damaged));
    let row = "<row><c><v>1</v></c></row>";
    assert_eq!(read(&workbook("<sst/>", &row.repeat(101))), Err(GridFault::TooManyRows(100)));
    let wide = format!("<row>{}</row>", "<c><v>1</v></c>".repeat(1000));
    assert_eq!(read(&workbook("<sst/>", &wide)), Err(GridFault::TooManyColumns(1)));
    let long = format!("<row><c t=\"str\"><v>{}</v></c></row>", "a".repeat(501));
    assert_eq!(read(&workbook("<sst/>", &long)), Err(GridFault::CellTooLong(1)));
    let unknown = "<row><c t=\"s\"><v>7</v></c></row>";
    assert_eq!(read(&workbook("<sst/>", unknown)), Err(GridFault::Damaged));
}

#[test]
fn bombs_are_refused_when_the_bound_is_unpacked() {
    let bomb = vec![b' '; 6 << 20];
    for part in
        ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet2.xml"]
    {
        let parts = [
            ("xl/workbook.xml", BOOK.as_bytes()),
            ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
            ("xl/worksheets/sheet2.xml", b"<worksheet/>".as_slice()),
        ];
        let others = parts.into_iter().filter(|(name, _)| *name != part);
        let all: Vec<_> = others.chain([(part, bomb.as_slice())]).collect();
        let file = zipped(&all);
        assert!(file.len() < 100_000, "it is small");
        assert_eq!(read(&file), Err(GridFault::TooLarge), "{part}");
    }
    let many: Vec<_> = (0..101).map(|n| format!("a{n}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    assert_eq!(read(&zipped(&many)), Err(GridFault::TooLarge));
    let mut claims = workbook("<sst/>", "");
    claims.extend_from_slice(b"PK\x06\x06");
    claims.extend_from_slice(&[0xff; 52]);
    assert_eq!(read(&claims), Err(GridFault::TooLarge));
}

#[test]
fn entities_of_the_file_are_not_followed() {
    let bomb =
        r#"<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>"#;
    assert_eq!(read(&workbook(bomb, "")), Err(GridFault::Damaged));
    let undeclared = "<sst><si><t>&berkas;</t></si></sst>";
    assert_eq!(read(&workbook(undeclared, "")), Err(GridFault::Damaged));
}

/// A damaged workbook is read or refused, never more: every byte of a small one is changed in turn, and it is cut
/// off everywhere.
#[test]
fn damaged_workbooks_are_read_or_refused() {
    let whole = workbook(
        "<sst><si><t>Siti</t></si></sst>",
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c s=\"1\"><v>46052</v></c></row>",
    );
    let expected = read(&whole).unwrap();
    let mut refused = 0;
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        refused += u32::from(read(&changed).is_err_and(|fault| fault != GridFault::Empty));
        assert_ne!(read(&whole[..at]), Ok(expected.clone()), "cut off at {at}");
    }
    assert!(refused > 100, "{refused}");
}
