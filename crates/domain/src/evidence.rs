//! Evidence: the files and links that support a measurement, and which files are taken.
//!
//! A file is judged by its content, never by what the sender says it is; its name must then agree.

use chrono::{DateTime, Utc};

use crate::ids::{EvidenceId, FileId, MeasurementId, UserId};

/// A file or link that supports a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// The measurement.
    pub measurement: MeasurementId,
    /// The thing itself.
    pub support: Support,
    /// Page, sheet or cell to look at.
    pub pointer: Option<String>,
    /// Who added it.
    pub added_by: UserId,
    /// Their name then.
    pub added_by_name: String,
    /// When.
    pub added_at: DateTime<Utc>,
}

/// What supports a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Support {
    /// A stored file.
    File {
        /// The file.
        file: StoredFile,
        /// Its name as uploaded.
        name: String,
    },
    /// A link to a page.
    Link {
        /// The address, http or https.
        url: String,
    },
}

/// A file as the tenant keeps it: once, however often it is cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its id.
    pub id: FileId,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
    /// What it is, by its content.
    pub kind: FileKind,
    /// Its size in bytes.
    pub size: i64,
}

/// Largest file of evidence, in bytes.
pub const LARGEST_FILE: usize = 5 * 1024 * 1024;

/// Longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 120;

coded! {
    /// Files that are taken as evidence; the code is the media type.
    pub enum FileKind {
        /// PDF.
        Pdf = "application/pdf",
        /// PNG picture.
        Png = "image/png",
        /// JPEG picture.
        Jpeg = "image/jpeg",
        /// Excel workbook.
        Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        /// Plain text and CSV.
        Text = "text/plain",
    }
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It has no content.
    #[error("the file is empty")]
    Empty,
    /// It is larger than [`LARGEST_FILE`].
    #[error("the file is larger than 5 MB")]
    TooLarge,
    /// Its content is none of [`FileKind`].
    #[error("the content is no PDF, PNG, JPEG, XLSX, CSV or text")]
    UnknownKind,
    /// It carries something that a program would run: a script, a macro, another file behind a picture.
    #[error("the file holds something that runs")]
    Active,
    /// Its name says it is something else than its content.
    #[error("the name of the file does not agree with its content")]
    NameDisagrees,
}

impl FileKind {
    /// Extensions that a file of this kind may have.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Xlsx => &["xlsx"],
            Self::Text => &["csv", "txt"],
        }
    }

    /// Media types that a sender may claim for a file of this kind, beside none and the general one.
    const fn claims(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["application/pdf", "application/x-pdf"],
            Self::Png => &["image/png", "image/x-png"],
            Self::Jpeg => &["image/jpeg", "image/jpg", "image/pjpeg"],
            Self::Xlsx => &[
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.ms-excel",
                "application/zip",
                "application/x-zip-compressed",
            ],
            Self::Text => &[
                "text/plain",
                "text/csv",
                "text/comma-separated-values",
                "text/x-csv",
                "application/csv",
                "application/vnd.ms-excel",
            ],
        }
    }

    /// Whether a sender's media type can be meant for a file of this kind. Browsers often know none.
    pub fn agrees_with(self, claimed: &str) -> bool {
        let bare = claimed.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(bare.as_str(), "" | "application/octet-stream")
            || self.claims().contains(&bare.as_str())
    }

    /// What a file is, by its content and name.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn of(name: &str, content: &[u8]) -> Result<Self, FileError> {
        if content.is_empty() {
            return Err(FileError::Empty);
        }
        if content.len() > LARGEST_FILE {
            return Err(FileError::TooLarge);
        }
        let kind = Self::of_content(content).ok_or(FileError::UnknownKind)?;
        if is_active(kind, content) {
            return Err(FileError::Active);
        }
        let extension = name.rsplit_once('.').map(|(_, last)| last.to_ascii_lowercase());
        let agrees = extension.is_some_and(|it| kind.extensions().contains(&it.as_str()));
        if agrees { Ok(kind) } else { Err(FileError::NameDisagrees) }
    }

    fn of_content(content: &[u8]) -> Option<Self> {
        let holds = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        if content.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        if content.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if content.starts_with(b"\xff\xd8\xff") {
            return Some(Self::Jpeg);
        }
        if content.starts_with(b"PK\x03\x04") {
            // Every Office file is a zip; only a workbook without macros has these parts.
            let workbook = holds(b"[Content_Types].xml") && holds(b"xl/workbook.xml");
            return (workbook && !holds(b"vbaProject.bin")).then_some(Self::Xlsx);
        }
        let printable = |it: char| !it.is_control() || matches!(it, '\t' | '\r' | '\n' | '\u{c}');
        let text = std::str::from_utf8(content).ok()?;
        text.trim_start_matches('\u{feff}').chars().all(printable).then_some(Self::Text)
    }
}

/// What makes a browser or a reader run something, in lower case.
const MARKUP: [&[u8]; 8] =
    [b"<script", b"<html", b"<!doctype", b"<svg", b"<iframe", b"<?php", b"<object", b"<embed"];
/// How far from its end the directory of a zip archive can lie: a longest comment and its own length.
const ZIP_TAIL: usize = 65_535 + 22;

/// Whether a file holds what its kind never needs and what an attacker hides in it: markup in text or behind a
/// picture, an archive behind a picture or a PDF, programs in a PDF, controls in a workbook.
fn is_active(kind: FileKind, content: &[u8]) -> bool {
    let holds = |needle: &[u8]| {
        content.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
    };
    let tail = &content[content.len().saturating_sub(ZIP_TAIL)..];
    let is_archive = || tail.windows(4).any(|window| window == b"PK\x05\x06");
    let markup = || MARKUP.iter().any(|it| holds(it));
    match kind {
        FileKind::Png | FileKind::Jpeg => is_archive() || markup(),
        FileKind::Pdf => {
            is_archive()
                || [&b"/JavaScript"[..], b"/Launch", b"<script", b"<html"]
                    .iter()
                    .any(|it| holds(it))
        }
        FileKind::Xlsx => {
            [&b"xl/activeX/"[..], b"xl/macrosheets/", b"../", b"..\\"].iter().any(|it| holds(it))
        }
        FileKind::Text => {
            let text = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
            text.trim_ascii_start().starts_with(b"<") || markup()
        }
    }
}

/// The name under which a file is kept: the last part of a path, without control characters and quotes.
pub fn tidy_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|it| !it.is_control() && !matches!(it, '"' | '<' | '>' | '|' | ':' | '*' | '?'))
        .collect();
    let kept = kept.trim().trim_start_matches('.');
    // The end carries the extension, so a long name loses its beginning.
    let surplus = kept.chars().count().saturating_sub(LONGEST_NAME);
    kept.chars().skip(surplus).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn content_decides_and_the_name_must_agree() {
        let workbook = b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml..";
        for (name, content, kind) in [
            ("BPS 2023.PDF", &b"%PDF-1.7\n"[..], Ok(FileKind::Pdf)),
            ("foto.png", b"\x89PNG\r\n\x1a\n....", Ok(FileKind::Png)),
            ("foto.JPEG", b"\xff\xd8\xff\xe0", Ok(FileKind::Jpeg)),
            ("tabel.xlsx", workbook, Ok(FileKind::Xlsx)),
            ("tabel.csv", "\u{feff}kab;nilai\r\nBima;71,2\r\n".as_bytes(), Ok(FileKind::Text)),
            (
                "surat.docx",
                b"PK\x03\x04..[Content_Types].xml..word/document.xml",
                Err(FileError::UnknownKind),
            ),
            (
                "makro.xlsx",
                b"PK\x03\x04[Content_Types].xml xl/workbook.xml xl/vbaProject.bin",
                Err(FileError::UnknownKind),
            ),
            ("program.pdf", b"MZ\x90\x00", Err(FileError::UnknownKind)),
            ("palsu.pdf", b"<script>alert(1)</script>", Err(FileError::Active)),
            ("halaman.html", b"<html></html>", Err(FileError::Active)),
            ("teks.pdf", b"bukan pdf", Err(FileError::NameDisagrees)),
            ("tanpa_akhiran", b"%PDF-1.7", Err(FileError::NameDisagrees)),
            ("kosong.pdf", b"", Err(FileError::Empty)),
        ] {
            assert_eq!(FileKind::of(name, content), kind, "{name}");
        }
        let large = vec![b'a'; LARGEST_FILE + 1];
        assert_eq!(FileKind::of("a.txt", &large), Err(FileError::TooLarge));
        assert_eq!(FileKind::of("a.txt", &large[1..]), Ok(FileKind::Text));
    }

    #[test]
    fn what_runs_is_refused_however_it_is_dressed() {
        for (name, content) in [
            ("gambar.png", &b"\x89PNG\r\n\x1a\n....IEND....<script>alert(1)</script>"[..]),
            ("foto.jpg", b"\xff\xd8\xff\xe0....\xff\xd9<?php system($_GET[1]);"),
            ("foto.jpg", b"\xff\xd8\xff\xe0..\xff\xd9PK\x03\x04..PK\x05\x06..................."),
            ("laporan.pdf", b"%PDF-1.7\n/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"),
            ("laporan.pdf", b"%PDF-1.7\n<< /S /Launch /F (cmd.exe) >>"),
            ("laporan.pdf", b"%PDF-1.7\nPK\x03\x04..PK\x05\x06..................."),
            ("laporan.pdf", b"%PDF-1.7\n<html><body onload=alert(1)>"),
            ("tabel.csv", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
            ("tabel.csv", b"\xef\xbb\xbf  \n<?xml version='1.0'?><x/>"),
            ("catatan.txt", b"kab;nilai\nBima;<ScRiPt>alert(1)</script>"),
            ("catatan.txt", b"<!DOCTYPE html>"),
            (
                "tabel.xlsx",
                b"PK\x03\x04[Content_Types].xml xl/workbook.xml xl/activeX/activeX1.bin",
            ),
            ("tabel.xlsx", b"PK\x03\x04[Content_Types].xml xl/workbook.xml ../../etc/passwd"),
        ] {
            assert_eq!(FileKind::of(name, content), Err(FileError::Active), "{name} {content:?}");
        }
        let text = "kab;nilai;catatan\nBima;71,2;a < b, 5 > 3\n".as_bytes();
        assert_eq!(FileKind::of("tabel.csv", text), Ok(FileKind::Text));
    }

    #[test]
    fn a_senders_type_must_be_possible() {
        for (kind, claimed) in [
            (FileKind::Pdf, "application/pdf"),
            (FileKind::Text, "text/csv; charset=utf-8"),
            (FileKind::Text, "application/vnd.ms-excel"),
            (FileKind::Png, ""),
            (FileKind::Xlsx, "application/octet-stream"),
        ] {
            assert!(kind.agrees_with(claimed), "{kind} {claimed}");
        }
        for (kind, claimed) in [
            (FileKind::Pdf, "text/html"),
            (FileKind::Text, "image/svg+xml"),
            (FileKind::Text, "text/html"),
            (FileKind::Png, "image/jpeg"),
            (FileKind::Xlsx, "application/pdf"),
        ] {
            assert!(!kind.agrees_with(claimed), "{kind} {claimed}");
        }
    }

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(tidy_file_name("C:\\data\\..\\BRS \"Maret\".pdf\r\n"), "BRS Maret.pdf");
        assert_eq!(tidy_file_name("../../etc/passwd"), "passwd");
        assert!(tidy_file_name(&format!("{}.pdf", "x".repeat(300))).ends_with("x.pdf"));
    }

    proptest! {
        #[test]
        fn nothing_panics(name in "\\PC{0,40}", content in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = FileKind::of(&name, &content);
            prop_assert!(tidy_file_name(&name).chars().count() <= LONGEST_NAME);
        }
    }
}
