//! Export: everything of a government as one archive.

use std::path::Path;

use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::tenant::TenantState;
use ekinerja_store::archive::ArchiveReader;

use super::writing::Writing;
use super::{ArchivedTenant, FORM, FilePart, Manifest, PASSING, Part, TablePart, TrailEnd, unfit};
use crate::app::App;
use crate::refusal::{Code, Refusal, Result};
use crate::tenants::Operator;
use crate::typed::{LONGEST_TEXT, Typed};

/// An archive that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What it holds.
    pub manifest: Manifest,
    /// SHA-256 of its manifest, which holds the hash of everything else.
    pub digest: String,
}

impl Exported {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        self.manifest.tables.iter().map(|it| it.part.rows).sum()
    }
}

impl App {
    /// Writes everything of a government into a new file: rows, accounts, files and trail, out of one snapshot. That
    /// it was taken out is written into the government's trail and the platform's.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Invalid`] without a reason; [`Code::ArchiveFileMissing`] when a file of the
    /// evidence is not in its place; [`Code::ArchiveNothing`] when the government is erased; the file is there already
    /// or cannot be written. What was written so far is removed.
    pub async fn export_tenant(
        &self,
        operator: &Operator,
        code: &str,
        reason: &str,
        to: &Path,
    ) -> Result<Exported> {
        let mut faults = Typed::default();
        let reason = faults.required("reason", reason, LONGEST_TEXT);
        faults.done()?;
        let life = self.tenant_life(operator, code).await?;
        if life.tenant.state == TenantState::Erased {
            return Err(Refusal::rule("", Code::ArchiveNothing));
        }
        if tokio::fs::try_exists(to).await.map_err(Refusal::internal)? {
            return Err(unfit(Code::ArchiveFileThere, to.display()));
        }
        let exported = Box::pin(self.write_archive(operator, code, reason, to)).await;
        let exported = match exported {
            Ok(exported) => exported,
            Err(refusal) => {
                // Half an archive is worth nothing; that it cannot be removed either is no other error.
                drop(tokio::fs::remove_file(to).await);
                return Err(refusal);
            }
        };
        let event = Event::new(EventKind::TenantExported, life.tenant.id)
            .fact("name", &life.tenant.name)
            .fact("reason", &exported.manifest.reason)
            .fact("rows", exported.rows())
            .fact("files", exported.manifest.files.len())
            .fact("up_to", exported.manifest.trail.position)
            .fact("digest", &exported.digest);
        let directory = self.store.directory(self.now()).await?;
        directory.commit_for(operator.actor(), None, vec![(life.tenant.id, event)]).await?;
        Ok(exported)
    }

    async fn write_archive(
        &self,
        operator: &Operator,
        code: &str,
        reason: String,
        to: &Path,
    ) -> Result<Exported> {
        let life = self.tenant_life(operator, code).await?;
        let id = life.tenant.id;
        let directory = self.store.directory(self.now()).await?;
        let parent = match life.tenant.parent {
            Some(parent) => directory.life_of(parent).await?,
            None => None,
        };
        let tenant = archived(&life, parent.as_ref());
        let schema = directory.schema_version().await?;
        let reader = self.store.archive_of(id).await?;
        // Read after the snapshot was taken: nobody whom its rows name is missing.
        let people = directory.people_of_archive(id).await?;
        drop(directory);
        let mut writing = Writing::at(to).await?.begin(String::from("people.jsonl"), false).await?;
        writing = writing.lines(people).await?;
        let people = writing.part();
        let (mut tables, mut files) = (Vec::new(), Vec::new());
        let mut trail = TrailEnd { position: 0, hash: String::new() };
        for table in reader.tables().await? {
            if PASSING.contains(&table.name.as_str()) {
                continue;
            }
            writing = writing.begin(format!("tables/{}.jsonl", table.name), false).await?;
            reader.open(&table).await?;
            loop {
                let lines = reader.lines().await?;
                if lines.is_empty() {
                    break;
                }
                for line in &lines {
                    match table.name.as_str() {
                        "files" => files.push(file_of(line)?),
                        super::HEADS => trail = trail_of(line)?,
                        _ => {}
                    }
                }
                writing = writing.lines(lines).await?;
            }
            let part = writing.part();
            let ekinerja_store::archive::ArchiveTable { name, columns, omitted, .. } = table;
            tables.push(TablePart { name, columns, omitted, part });
        }
        end(reader);
        for file in &files {
            let content = self.files.read(id, &file.sha256).await.map_err(Refusal::internal)?;
            let content = content.ok_or_else(|| unfit(Code::ArchiveFileMissing, &file.sha256))?;
            writing = writing.begin(format!("files/{}", file.sha256), true).await?;
            writing = writing.content(content).await?;
            let Part { sha256, bytes, .. } = writing.part();
            if sha256 != file.sha256 || bytes != file.bytes {
                return Err(unfit(Code::ArchiveFileMissing, &file.sha256));
            }
        }
        let manifest = Manifest {
            form: FORM.to_owned(),
            tenant,
            schema,
            exported_at: self.now(),
            exported_by: operator.name().to_owned(),
            reason,
            people,
            tables,
            files,
            trail,
        };
        let digest = writing.finish(&manifest).await?;
        Ok(Exported { manifest, digest })
    }
}

/// Gives the connection back before the files are copied, which may take long.
fn end(reader: ArchiveReader) {
    drop(reader);
}

fn archived(
    life: &crate::life::TenantLife,
    parent: Option<&crate::life::TenantLife>,
) -> ArchivedTenant {
    let tenant = &life.tenant;
    ArchivedTenant {
        id: tenant.id.uuid(),
        code: tenant.code.to_string(),
        slug: tenant.slug.to_string(),
        name: tenant.name.clone(),
        level: tenant.level.code().to_owned(),
        opened_at: life.opened_at,
        parent: parent.map(|it| Box::new(archived(it, None))),
    }
}

fn file_of(line: &str) -> Result<FilePart> {
    let row: serde_json::Value = serde_json::from_str(line).map_err(Refusal::internal)?;
    let sha256 = row["sha256"].as_str().unwrap_or_default().to_owned();
    Ok(FilePart { sha256, bytes: row["size"].as_u64().unwrap_or_default() })
}

fn trail_of(line: &str) -> Result<TrailEnd> {
    let row: serde_json::Value = serde_json::from_str(line).map_err(Refusal::internal)?;
    let hash = row["hash"].as_str().unwrap_or_default().trim_start_matches("\\x").to_owned();
    Ok(TrailEnd { position: row["seq"].as_i64().unwrap_or_default(), hash })
}
