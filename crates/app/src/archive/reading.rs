//! Reading an archive that somebody hands in: nothing in it is believed before its hash is checked, no name in it
//! becomes a path, and no more is unpacked than the manifest says and the limits allow.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use ekinerja_domain::evidence::LARGEST_FILE;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use zip::ZipArchive;

use super::{FORM, Manifest, PASSING, Part, unfit};
use crate::refusal::{Code, Refusal, Result};

/// Largest manifest.
const LARGEST_MANIFEST: u64 = 16 * 1024 * 1024;
/// Longest line: the content of a release is one.
const LONGEST_LINE: usize = 32 * 1024 * 1024;
/// How many times larger than the archive itself everything may be together; lines of JSON pack about twenty times.
const LARGEST_RATIO: u64 = 200;
/// What may be unpacked in any case.
const ALWAYS: u64 = 64 * 1024 * 1024;
/// Most entries.
const MOST_ENTRIES: usize = 1_000_000;
/// Lines and bytes that are handed on together.
const PIECE_LINES: usize = 500;
const PIECE_BYTES: usize = 1024 * 1024;

/// A piece of an archive, checked but for the hash of its part, which comes when the part ends.
#[derive(Debug)]
pub(super) enum Piece {
    /// Accounts, a list in JSON.
    People(String),
    /// Rows of a table, a list in JSON.
    Rows(usize, String),
    /// The table ended and its hash is right.
    End(usize),
    /// A file whose hash is right.
    File(String, Vec<u8>),
}

/// An archive whose manifest was read.
#[derive(Debug)]
pub(super) struct Reading {
    path: PathBuf,
    /// What it says that it holds.
    pub(super) manifest: Manifest,
    /// SHA-256 of the manifest.
    pub(super) digest: String,
}

type Zip = ZipArchive<BufReader<File>>;

impl Reading {
    /// Opens an archive and reads its manifest.
    pub(super) async fn of(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        let read = tokio::task::spawn_blocking(move || {
            let (manifest, digest) = manifest_of(&path)?;
            Ok(Self { path, manifest, digest })
        });
        read.await.map_err(Refusal::internal)?
    }

    /// Reads the parts one after the other, tables in this order; the last message is how it ended.
    pub(super) fn pieces(&self, order: Vec<usize>) -> mpsc::Receiver<Result<Piece>> {
        // Two pieces wait at most: the reader is never far ahead of the database.
        let (sender, receiver) = mpsc::channel(2);
        let (path, manifest) = (self.path.clone(), self.manifest.clone());
        let reading = move || {
            if let Err(refusal) = read(&path, &manifest, &order, &sender) {
                // Nobody listens any more: the import was given up.
                drop(sender.blocking_send(Err(refusal)));
            }
        };
        drop(tokio::task::spawn_blocking(reading));
        receiver
    }
}

fn opened(path: &Path) -> Result<Zip> {
    let unreadable = |_| unfit(Code::ArchiveUnreadable, path.display());
    let file = File::open(path).map_err(unreadable)?;
    let zip = ZipArchive::new(BufReader::new(file));
    zip.map_err(|_| unfit(Code::ArchiveUnreadable, path.display()))
}

/// The manifest, after the list of entries was compared with it.
fn manifest_of(path: &Path) -> Result<(Manifest, String)> {
    let packed =
        std::fs::metadata(path).map_err(|_| unfit(Code::ArchiveUnreadable, path.display()))?;
    let mut zip = opened(path)?;
    if zip.len() > MOST_ENTRIES {
        return Err(unfit(Code::ArchiveTooLarge, zip.len()));
    }
    let mut text = Vec::new();
    {
        let entry = zip.by_name("manifest.json");
        let entry = entry.map_err(|_| unfit(Code::ArchiveUnreadable, "manifest.json"))?;
        let mut entry = entry.take(LARGEST_MANIFEST + 1);
        let read = entry.read_to_end(&mut text);
        read.map_err(|_| unfit(Code::ArchiveUnreadable, "manifest.json"))?;
    }
    if text.len() as u64 > LARGEST_MANIFEST {
        return Err(unfit(Code::ArchiveTooLarge, "manifest.json"));
    }
    let form: Value = serde_json::from_slice(&text)
        .map_err(|_| unfit(Code::ArchiveUnreadable, "manifest.json"))?;
    if form["form"] != FORM {
        return Err(unfit(Code::ArchiveVersion, form["form"].as_str().unwrap_or("–")));
    }
    let manifest: Manifest =
        serde_json::from_value(form).map_err(|error| unfit(Code::ArchiveUnreadable, error))?;
    let most = packed.len().saturating_mul(LARGEST_RATIO).max(ALWAYS);
    let tables = manifest.tables.iter().map(|it| it.part.bytes);
    let all = tables.chain(manifest.files.iter().map(|it| it.bytes)).chain([manifest.people.bytes]);
    if all.fold(0, u64::saturating_add) > most {
        return Err(unfit(Code::ArchiveTooLarge, path.display()));
    }
    entries_fit(&zip, &manifest)?;
    Ok((manifest, hex::encode(Sha256::digest(&text))))
}

/// Exactly the entries that the manifest names are there, each once.
fn entries_fit(zip: &Zip, manifest: &Manifest) -> Result<()> {
    let mut expected =
        BTreeSet::from([String::from("manifest.json"), String::from("people.jsonl")]);
    let mut all = 2;
    for table in &manifest.tables {
        let plain = |it: &String| {
            !it.is_empty() && it.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        };
        if !plain(&table.name)
            || !table.columns.iter().chain(&table.omitted).all(plain)
            || PASSING.contains(&table.name.as_str())
        {
            return Err(unfit(Code::ArchiveUnreadable, &table.name));
        }
        expected.insert(format!("tables/{}.jsonl", table.name));
        all += 1;
    }
    for file in &manifest.files {
        let is_hash = file.sha256.len() == 64
            && file.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !is_hash || file.bytes > LARGEST_FILE as u64 {
            return Err(unfit(Code::ArchiveUnreadable, &file.sha256));
        }
        expected.insert(format!("files/{}", file.sha256));
        all += 1;
    }
    let mut found = BTreeSet::new();
    for name in zip.file_names() {
        let name = name.map_err(|_| unfit(Code::ArchiveUnreadable, "–"))?;
        if !expected.contains(&*name) || !found.insert(name.clone().into_owned()) {
            return Err(unfit(Code::ArchiveUnreadable, crate::typed::shown(&name)));
        }
    }
    match expected.difference(&found).next() {
        Some(missing) => Err(unfit(Code::ArchiveUnreadable, missing)),
        None if expected.len() != all => Err(unfit(Code::ArchiveUnreadable, "manifest.json")),
        None => Ok(()),
    }
}

fn read(
    path: &Path,
    manifest: &Manifest,
    order: &[usize],
    to: &mpsc::Sender<Result<Piece>>,
) -> Result<()> {
    let mut zip = opened(path)?;
    let entry = Entry {
        name: String::from("people.jsonl"),
        part: &manifest.people,
        tenant: None,
        columns: &[],
    };
    entry.lines(&mut zip, |lines| send(to, Piece::People(lines)))?;
    let tenant = manifest.tenant.id.to_string();
    for index in order {
        let Some(table) = manifest.tables.get(*index) else { continue };
        let entry = Entry {
            name: format!("tables/{}.jsonl", table.name),
            part: &table.part,
            tenant: Some(&tenant),
            columns: &table.columns,
        };
        entry.lines(&mut zip, |lines| send(to, Piece::Rows(*index, lines)))?;
        send(to, Piece::End(*index))?;
    }
    for file in &manifest.files {
        let name = format!("files/{}", file.sha256);
        let entry = zip.by_name(&name).map_err(|_| unfit(Code::ArchiveUnreadable, &name))?;
        let mut content = Vec::new();
        let read = entry.take(file.bytes + 1).read_to_end(&mut content);
        read.map_err(|_| unfit(Code::ArchiveUnreadable, &name))?;
        if content.len() as u64 != file.bytes
            || hex::encode(Sha256::digest(&content)) != file.sha256
        {
            return Err(unfit(Code::ArchiveTampered, &name));
        }
        send(to, Piece::File(file.sha256.clone(), content))?;
    }
    Ok(())
}

fn send(to: &mpsc::Sender<Result<Piece>>, piece: Piece) -> Result<()> {
    to.blocking_send(Ok(piece)).map_err(|_| Refusal::internal("the import was given up"))
}

/// An entry of lines and what the manifest says of it.
struct Entry<'a> {
    name: String,
    part: &'a Part,
    /// Whose rows they must be.
    tenant: Option<&'a str>,
    columns: &'a [String],
}

impl Entry<'_> {
    /// Hands the lines on, many at once, and checks their hash when they end.
    fn lines(&self, zip: &mut Zip, mut hand_on: impl FnMut(String) -> Result<()>) -> Result<()> {
        let unreadable = || unfit(Code::ArchiveUnreadable, &self.name);
        let entry = zip.by_name(&self.name).map_err(|_| unreadable())?;
        let mut lines = BufReader::new(entry.take(self.part.bytes + 1));
        let (mut hash, mut bytes, mut rows) = (Sha256::new(), 0_u64, 0_u64);
        let (mut piece, mut count) = (String::from("["), 0);
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut some = (&mut lines).take(LONGEST_LINE as u64 + 1);
            let read = some.read_until(b'\n', &mut line).map_err(|_| unreadable())?;
            if read == 0 {
                break;
            }
            if read > LONGEST_LINE {
                return Err(unfit(Code::ArchiveTooLarge, &self.name));
            }
            hash.update(&line);
            bytes += read as u64;
            rows += 1;
            if bytes > self.part.bytes || line.last() != Some(&b'\n') {
                return Err(unfit(Code::ArchiveTampered, &self.name));
            }
            let text = std::str::from_utf8(&line).map_err(|_| unreadable())?.trim_end();
            self.look_at(text)?;
            if count > 0 {
                piece.push(',');
            }
            piece.push_str(text);
            count += 1;
            if count == PIECE_LINES || piece.len() > PIECE_BYTES {
                piece.push(']');
                hand_on(std::mem::replace(&mut piece, String::from("[")))?;
                count = 0;
            }
        }
        if count > 0 {
            piece.push(']');
            hand_on(piece)?;
        }
        let right = bytes == self.part.bytes
            && rows == self.part.rows
            && hex::encode(hash.finalize()) == self.part.sha256;
        if right { Ok(()) } else { Err(unfit(Code::ArchiveTampered, &self.name)) }
    }

    /// A line is one object with the columns of its table, and of this government.
    fn look_at(&self, line: &str) -> Result<()> {
        let row: serde_json::Map<String, Value> =
            serde_json::from_str(line).map_err(|_| unfit(Code::ArchiveUnreadable, &self.name))?;
        let Some(tenant) = self.tenant else { return Ok(()) };
        if row.get("tenant_id").and_then(Value::as_str) != Some(tenant) {
            return Err(unfit(Code::ArchiveForeign, &self.name));
        }
        let fits =
            row.len() == self.columns.len() && self.columns.iter().all(|it| row.contains_key(it));
        if fits { Ok(()) } else { Err(unfit(Code::ArchiveForeign, &self.name)) }
    }
}
