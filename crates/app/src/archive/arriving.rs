//! Import: a government comes in from an archive, whole or not at all.

use std::path::Path;

use ekinerja_domain::event::EventKind;
use ekinerja_domain::ids::TenantId;
use ekinerja_store::Error as StoreError;
use ekinerja_store::archive::{ArchiveTable, Arrival, OwnerAddress, Place, in_order};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::reading::{Piece, Reading};
use super::{HEADS, Manifest, PASSING, unfit};
use crate::app::App;
use crate::refusal::{Code, Refusal, Result};
use crate::tenants::Operator;

/// What shall come in.
#[derive(Debug, Clone)]
pub struct ImportArchive<'a> {
    /// The archive.
    pub from: &'a Path,
    /// SHA-256 of its manifest as it was told when it was made; none: whoever made the archive is believed.
    pub digest: Option<&'a str>,
    /// Do everything but keep it: what an import would come to.
    pub only_check: bool,
}

/// A government that came in, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// What the archive holds.
    pub manifest: Manifest,
    /// SHA-256 of its manifest.
    pub digest: String,
    /// How many rows were put in.
    pub rows: u64,
    /// Tables whose rows cannot be put in again: they lack the hash of a secret.
    pub left_out: Vec<String>,
    /// Accounts that got another name for signing in, because somebody else has theirs.
    pub renamed: Vec<String>,
}

impl App {
    /// Takes a government in from an archive, as the schema's owner. Everything is put in, read back and compared
    /// with the archive before anything lasts; it arrives read-only, with its trail, under its own ids. Accounts
    /// come without passwords.
    ///
    /// # Errors
    /// [`Code::ArchiveUnreadable`], [`Code::ArchiveTampered`], [`Code::ArchiveTooLarge`], [`Code::ArchiveVersion`],
    /// [`Code::ArchiveForeign`], [`Code::ArchivePresent`] say what is wrong with it; then nothing changed.
    pub async fn import_tenant(
        &self,
        operator: &Operator,
        owner: &OwnerAddress,
        ask: &ImportArchive<'_>,
    ) -> Result<Arrived> {
        let reading = Reading::of(ask.from).await?;
        let (manifest, digest) = (reading.manifest.clone(), reading.digest.clone());
        if ask.digest.is_some_and(|it| !it.trim().eq_ignore_ascii_case(&digest)) {
            return Err(unfit(Code::ArchiveTampered, "manifest.json"));
        }
        let tenant = TenantId::from(manifest.tenant.id);
        let arrival = Arrival::begin(owner, tenant).await?;
        let fits = Box::pin(fits(&arrival, &manifest)).await?;
        let by = operator.name();
        let reason = format!("{}: {digest}", super::FORM);
        let admitted = arrival.admit(&manifest.tenant, fits.place, by, &reason).await;
        admitted.map_err(|error| refused(error, "manifest.json"))?;
        let taken = Box::pin(self.take(&reading, &arrival, &fits, ask.only_check)).await?;
        let arrived = Arrived {
            rows: taken.rows,
            left_out: fits.left_out,
            renamed: taken.renamed,
            manifest,
            digest,
        };
        if ask.only_check {
            return Ok(arrived);
        }
        let facts = json!({
            "name": arrived.manifest.tenant.name,
            "rows": arrived.rows.to_string(),
            "files": arrived.manifest.files.len().to_string(),
            "up_to": arrived.manifest.trail.position.to_string(),
            "digest": arrived.digest,
        });
        let kind = EventKind::TenantImported.code();
        arrival.commit(kind, by, self.now(), facts).await?;
        Ok(arrived)
    }

    /// Puts everything in and compares.
    async fn take(
        &self,
        reading: &Reading,
        arrival: &Arrival,
        fits: &Fits,
        only_check: bool,
    ) -> Result<Taken> {
        let manifest = &reading.manifest;
        let tenant = TenantId::from(manifest.tenant.id);
        let mut taken = Taken::default();
        let mut pieces = reading.pieces(fits.order.clone());
        while let Some(piece) = pieces.recv().await {
            match piece? {
                Piece::People(lines) => {
                    let renamed = arrival.add_people(lines, &manifest.tenant.slug).await;
                    taken.renamed.extend(renamed.map_err(|it| refused(it, "people.jsonl"))?);
                }
                Piece::Rows(index, lines) => {
                    if fits.tables[index].is_put_in() {
                        let waits = arrival.wait(lines).await;
                        waits.map_err(|it| refused(it, &fits.tables[index].name))?;
                    }
                }
                Piece::End(index) => {
                    let table = &fits.tables[index];
                    if table.is_put_in() {
                        let rows = arrival.take(table).await;
                        taken.rows += rows.map_err(|it| refused(it, &table.name))?;
                    }
                }
                Piece::File(sha256, content) => {
                    if !only_check {
                        let put = self.files.put(tenant, &sha256, &content).await;
                        put.map_err(Refusal::internal)?;
                    }
                }
            }
        }
        // What was put in is what the archive holds, to the last digit; the trail has the hashes that it had.
        for (table, part) in fits.tables.iter().zip(&manifest.tables) {
            if !table.is_restorable {
                continue;
            }
            let (mut hash, mut rows) = (Sha256::new(), 0);
            arrival.open(table).await?;
            loop {
                let lines = arrival.lines().await?;
                if lines.is_empty() {
                    break;
                }
                for line in lines {
                    hash.update(line.as_bytes());
                    hash.update(b"\n");
                    rows += 1;
                }
            }
            if rows != part.part.rows || hex::encode(hash.finalize()) != part.part.sha256 {
                return Err(unfit(Code::ArchiveTampered, &table.name));
            }
        }
        Ok(taken)
    }
}

/// What was put in.
#[derive(Debug, Default)]
struct Taken {
    rows: u64,
    renamed: Vec<String>,
}

/// How an archive fits this schema.
struct Fits {
    place: Place,
    /// The tables of the archive, in its order.
    tables: Vec<ArchiveTable>,
    /// In which order they are put in.
    order: Vec<usize>,
    left_out: Vec<String>,
}

trait PutIn {
    fn is_put_in(&self) -> bool;
}

impl PutIn for ArchiveTable {
    /// The heads of the chains are written by the trigger, and compared afterwards.
    fn is_put_in(&self) -> bool {
        self.is_restorable && self.name != HEADS
    }
}

/// That the archive is of this schema, and there is room for its government.
async fn fits(arrival: &Arrival, manifest: &Manifest) -> Result<Fits> {
    let schema = arrival.schema_version().await?;
    if schema != manifest.schema {
        let known = |it: &&String| !schema.contains(it);
        let other = manifest.schema.iter().find(known).or_else(|| schema.last());
        return Err(unfit(Code::ArchiveVersion, other.map_or("–", String::as_str)));
    }
    let here = arrival.tables().await?;
    let wanted = here.iter().filter(|it| !PASSING.contains(&it.name.as_str()));
    if wanted.clone().count() != manifest.tables.len() {
        return Err(unfit(Code::ArchiveUnreadable, "manifest.json"));
    }
    let mut tables = Vec::new();
    for part in &manifest.tables {
        let table = wanted.clone().find(|it| it.name == part.name && it.columns == part.columns);
        tables.push(table.cloned().ok_or_else(|| unfit(Code::ArchiveVersion, &part.name))?);
    }
    let place = arrival.place_of(&manifest.tenant).await?;
    if place == Place::Taken {
        return Err(unfit(Code::ArchivePresent, &manifest.tenant.slug));
    }
    let ordered = in_order(tables.clone());
    let at = |it: &ArchiveTable| tables.iter().position(|table| table.name == it.name);
    let order = ordered.iter().filter_map(at).collect();
    let left_out = tables.iter().filter(|it| !it.is_restorable).map(|it| it.name.clone()).collect();
    Ok(Fits { place, tables, order, left_out })
}

/// What the database says against a row is the archive's fault; that it does not answer is not.
fn refused(error: StoreError, what: &str) -> Refusal {
    match error {
        StoreError::Busy => Refusal::Busy,
        StoreError::Conflict { constraint } => {
            unfit(Code::ArchiveForeign, format!("{what}: {constraint}"))
        }
        StoreError::Database(error) => {
            tracing::warn!(%error, what, "the database refused a row of an archive");
            unfit(Code::ArchiveForeign, what)
        }
        other => other.into(),
    }
}
