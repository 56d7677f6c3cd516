//! Heads of chains kept outside the database.
//!
//! Who may write everything in the database can hash a whole trail again. A head that was kept where that
//! person cannot write shows it. The port is [`Anchors`]; [`FileAnchors`] appends to a file of JSON lines,
//! each with the hash of the line before, so that the file itself shows when a line of it is missing. A bucket
//! with object lock would be another implementation; there is none yet.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SubsecRound as _, Utc};
use ekinerja_domain::chain::{Anchor, ChainHash, ChainHead};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::tenant::TenantState;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::archive::Erased;
use crate::refusal::{Refusal, Result};

/// What each line says it is.
const FORM: &str = "ekinerja anchor 1";
/// Name of the file in a folder.
const FILE: &str = "audit-anchors.jsonl";

/// A head that is kept outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptHead {
    /// Whose chain; none: the platform's own.
    pub tenant: Option<TenantId>,
    /// Address of the government; `platform` for the platform's own.
    pub government: String,
    /// The head, and when it was kept.
    pub anchor: Anchor,
}

/// A place outside the database where heads are only ever added.
pub trait Anchors: Send + Sync + std::fmt::Debug {
    /// Adds heads.
    fn append<'a>(&'a self, heads: &'a [KeptHead]) -> BoxFuture<'a, io::Result<()>>;

    /// Every head, in the order in which they were added.
    fn read(&self) -> BoxFuture<'_, io::Result<Vec<KeptHead>>>;
}

/// Heads in a file of JSON lines.
#[derive(Debug, Clone)]
pub struct FileAnchors(PathBuf);

impl FileAnchors {
    /// A file, or the file of that purpose in a folder.
    pub fn at(path: &Path) -> Self {
        let is_folder = path.is_dir() || path.extension().is_none();
        Self(if is_folder { path.join(FILE) } else { path.to_owned() })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Anchors for FileAnchors {
    fn append<'a>(&'a self, heads: &'a [KeptHead]) -> BoxFuture<'a, io::Result<()>> {
        let (path, heads) = (self.0.clone(), heads.to_vec());
        Box::pin(async move { away(move || append(&path, &heads)).await })
    }

    fn read(&self) -> BoxFuture<'_, io::Result<Vec<KeptHead>>> {
        let path = self.0.clone();
        Box::pin(async move { away(move || read(&path)).await })
    }
}

/// Works with a file away from the async workers.
async fn away<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    form: String,
    tenant: Option<Uuid>,
    government: String,
    position: i64,
    hash: String,
    at: DateTime<Utc>,
    /// Hash of the line before, as it stands in the file.
    before: String,
}

fn append(path: &Path, heads: &[KeptHead]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    // Two processes may keep heads at the same moment.
    file.lock()?;
    let mut before =
        last_line(&mut file)?.map_or(ChainHash::NONE, |it| ChainHash::of(it.as_bytes()));
    let mut text = String::new();
    for it in heads {
        let line = Line {
            form: FORM.to_owned(),
            tenant: it.tenant.map(TenantId::uuid),
            government: it.government.clone(),
            position: it.anchor.head.position,
            hash: it.anchor.head.hash.to_string(),
            at: it.anchor.at.trunc_subsecs(0),
            before: before.to_string(),
        };
        let line = serde_json::to_string(&line)?;
        before = ChainHash::of(line.as_bytes());
        text.push_str(&line);
        text.push('\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn last_line(file: &mut std::fs::File) -> io::Result<Option<String>> {
    file.seek(SeekFrom::Start(0))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text.lines().last().map(str::to_owned))
}

fn read(path: &Path) -> io::Result<Vec<KeptHead>> {
    let wrong = |at: usize, why: String| {
        let words = format!("line {at} of {}: {why}", path.display());
        io::Error::new(io::ErrorKind::InvalidData, words)
    };
    let mut before = ChainHash::NONE;
    let mut heads = Vec::new();
    for (at, text) in (1..).zip(BufReader::new(std::fs::File::open(path)?).lines()) {
        let text = text?;
        let line: Line = serde_json::from_str(&text).map_err(|it| wrong(at, it.to_string()))?;
        if line.form != FORM {
            return Err(wrong(at, "another form".to_owned()));
        }
        if line.before != before.to_string() {
            return Err(wrong(at, "the line before it is not the one that was there".to_owned()));
        }
        before = ChainHash::of(text.as_bytes());
        let hash = line.hash.parse().map_err(|it| wrong(at, format!("{it}")))?;
        heads.push(KeptHead {
            tenant: line.tenant.map(TenantId::from),
            government: line.government,
            anchor: Anchor { head: ChainHead { position: line.position, hash }, at: line.at },
        });
    }
    Ok(heads)
}

/// What keeping heads came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The heads that were added.
    pub added: Vec<KeptHead>,
    /// How many chains have not grown since they were kept last.
    pub unchanged: usize,
    /// Governments whose chain no longer has the line that was kept last.
    pub broken: Vec<String>,
}

impl App {
    /// Keeps where each chain ends outside the database: every government's and the platform's own.
    ///
    /// # Errors
    /// The database or the place outside failed.
    pub async fn keep_heads(&self, anchors: &dyn Anchors) -> Result<Kept> {
        let known = match anchors.read().await {
            Ok(known) => known,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Refusal::internal(error)),
        };
        let latest: HashMap<_, _> =
            known.into_iter().map(|it| (it.tenant, it.anchor.head)).collect();
        let mut kept = Kept::default();
        for (tenant, government) in self.chains().await? {
            let last = latest.get(&tenant).copied();
            let (head, holds) = self.chain_end(tenant, last).await?;
            if !holds {
                kept.broken.push(government.clone());
            }
            if last == Some(head) || head.position == 0 && holds {
                kept.unchanged += 1;
            } else {
                let anchor = Anchor { head, at: self.now() };
                kept.added.push(KeptHead { tenant, government, anchor });
            }
        }
        anchors.append(&kept.added).await.map_err(Refusal::internal)?;
        Ok(kept)
    }

    /// The governments that were erased, with the end of their chain as the receipt tells it; none when there is no
    /// receipt, or the platform's trail does not hold its hash.
    ///
    /// # Errors
    /// The database failed.
    pub async fn erased_chains(&self) -> Result<Vec<(TenantId, String, Option<ChainHead>)>> {
        let directory = self.store.directory(self.now()).await?;
        let mut all = Vec::new();
        for tenant in directory.tenants().await? {
            if tenant.state != TenantState::Erased {
                continue;
            }
            let mut end = None;
            if let Some((text, digest)) = directory.receipts_of(tenant.id).await?.into_iter().next()
            {
                let is_noted = directory.erasure_is_noted(tenant.id, &digest).await?;
                let is_whole = hex::encode(Sha256::digest(text.as_bytes())) == digest;
                let receipt: Option<Erased> = serde_json::from_str(&text).ok();
                end = receipt.filter(|_| is_noted && is_whole).and_then(|it| it.trail.head());
            }
            all.push((tenant.id, tenant.slug.to_string(), end));
        }
        Ok(all)
    }

    /// Every chain: whose it is, and the address of that government; last the platform's own.
    ///
    /// # Errors
    /// The database failed.
    pub async fn chains(&self) -> Result<Vec<(Option<TenantId>, String)>> {
        let directory = self.store.directory(self.now()).await?;
        let tenants = directory.tenants().await?;
        // What was erased has no chain any more; its receipt says where it ended.
        let here = tenants.into_iter().filter(|it| it.state != TenantState::Erased);
        let chains = here.map(|it| (Some(it.id), it.slug.to_string()));
        Ok(chains.chain([(None, "platform".to_owned())]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(position: i64) -> KeptHead {
        let hash = ChainHash::of(&position.to_be_bytes());
        let at = "2025-01-15T02:00:00Z".parse().unwrap();
        KeptHead {
            tenant: Some(TenantId::from(Uuid::from_u128(7))),
            government: "ntb".to_owned(),
            anchor: Anchor { head: ChainHead { position, hash }, at },
        }
    }

    #[tokio::test]
    async fn heads_are_added_and_a_missing_line_is_seen() {
        let folder = std::env::temp_dir().join(format!("ekinerja-anchors-{}", std::process::id()));
        let anchors = FileAnchors::at(&folder);
        anchors.append(&[head(1), head(2)]).await.unwrap();
        anchors.append(&[]).await.unwrap();
        anchors.append(&[head(3)]).await.unwrap();
        assert_eq!(anchors.read().await.unwrap(), [head(1), head(2), head(3)]);
        let text = std::fs::read_to_string(anchors.path()).unwrap();
        let mut lines: Vec<_> = text.lines().collect();
        lines.remove(1);
        let forged = lines.join("\n");
        std::fs::write(anchors.path(), forged).unwrap();
        let error = anchors.read().await.unwrap_err().to_string();
        assert!(error.starts_with("line 2 of "), "{error}");
        std::fs::write(anchors.path(), text.replace("\"position\":1", "\"position\":9")).unwrap();
        assert!(anchors.read().await.is_err(), "a changed line is seen by the next");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
