//! `ekinerja audit`: checks the chains of the trails, and keeps their heads outside the database.

use std::collections::HashMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use ekinerja_app::anchors::{Anchors as _, FileAnchors, KeptHead};
use ekinerja_app::trail_file::check_file;
use ekinerja_app::{App, Refusal};
use ekinerja_domain::chain::{Anchor, Checked, Finding};
use ekinerja_domain::ids::TenantId;
use ekinerja_web::locale::Locale;
use ekinerja_web::trail_words;

use crate::cli::say;
use crate::config::Language;
use crate::supervisor::{Stop, Supervisor};

/// How often a running program keeps the heads.
const DAILY: Duration = Duration::from_hours(24);

/// What to do with the trails.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Follows every chain and names each line that was changed, removed, moved, put in or cut off. Ends with 0
    /// when all are whole, 1 when something was found, 2 when it could not be checked.
    Verify {
        /// Address of one government; all of them and the platform's own trail where nothing is said.
        #[arg(long, value_name = "SLUG")]
        tenant: Option<String>,
        /// Heads that were kept outside: a file, or its folder. Without them a whole trail that was hashed again
        /// cannot be told from the one that was there. `EKINERJA_AUDIT_ANCHORS` where nothing is said.
        #[arg(long, value_name = "FILE|DIR")]
        anchors: Option<PathBuf>,
        /// Check a downloaded trail (JSON lines) instead; no database needed.
        #[arg(long, value_name = "FILE", conflicts_with = "tenant")]
        export: Option<PathBuf>,
    },
    /// Keeps where each chain ends in a file outside the database, which is only ever added to.
    Anchor {
        /// The file, or its folder; `EKINERJA_AUDIT_ANCHORS` where nothing is said.
        #[arg(long, value_name = "FILE|DIR")]
        to: Option<PathBuf>,
    },
}

/// Whether everything was as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Whole,
    /// Something was found.
    Tampered,
}

/// Checks a downloaded trail.
///
/// # Errors
/// A file cannot be read, or is none of ours.
pub async fn verify_file(
    file: &Path,
    anchors: Option<&Path>,
    language: Language,
) -> anyhow::Result<Verdict> {
    let kept = kept(anchors).await?;
    let input = std::fs::File::open(file).with_context(|| file.display().to_string())?;
    let found = check_file(BufReader::new(input), &kept)?;
    let name = &found.head.government;
    for finding in &found.findings {
        say(&told(name, finding, language));
    }
    let (lines, linked) = (found.lines, found.linked);
    if found.findings.is_empty() {
        say(&match language {
            Language::Indonesian => format!(
                "{name}: {lines} baris cocok dengan hash-nya; {linked} di antaranya tersambung dengan baris sebelumnya."
            ),
            Language::English => {
                format!(
                    "{name}: {lines} lines fit their hashes; {linked} of them follow the line before."
                )
            }
        });
        Ok(Verdict::Whole)
    } else {
        Ok(Verdict::Tampered)
    }
}

/// Follows one chain, or all.
///
/// # Errors
/// There is no such government; the database or the heads cannot be read.
pub async fn verify(
    app: &App,
    tenant: Option<&str>,
    anchors: Option<&Path>,
    language: Language,
) -> anyhow::Result<Verdict> {
    let mut of: HashMap<Option<TenantId>, Vec<Anchor>> = HashMap::new();
    let mut names: HashMap<Option<TenantId>, String> = HashMap::new();
    for it in kept(anchors).await? {
        of.entry(it.tenant).or_default().push(it.anchor);
        names.insert(it.tenant, it.government);
    }
    let mut chains = app.chains().await.map_err(broken)?;
    if let Some(slug) = tenant {
        chains.retain(|(_, name)| name == slug);
        let erased = app.erased_chains().await.map_err(broken)?;
        let known = !chains.is_empty() || erased.iter().any(|(_, name, _)| name == slug);
        anyhow::ensure!(known, "{}", unknown(slug, language));
    }
    let mut verdict = Verdict::Whole;
    for (chain, name) in chains {
        names.remove(&chain);
        let anchors = of.remove(&chain).unwrap_or_default();
        let count = anchors.len();
        let checked = app.follow_chain(chain, anchors).await.map_err(broken)?;
        for finding in &checked.findings {
            say(&told(&name, finding, language));
        }
        if checked.is_whole() {
            say(&whole(&name, &checked, count, language));
        } else {
            verdict = Verdict::Tampered;
        }
    }
    for (erased, name, end) in app.erased_chains().await.map_err(broken)? {
        let anchors = of.remove(&Some(erased)).unwrap_or_default();
        names.remove(&Some(erased));
        if tenant.is_some_and(|it| it != name) {
            continue;
        }
        // The last line that was kept outside is not beyond the end that the receipt tells, and agrees with it.
        let agrees = end.is_some_and(|end| {
            let heads = anchors.iter().map(|it| it.head);
            heads.into_iter().all(|it| it.position < end.position || it == end)
        });
        if !agrees {
            verdict = Verdict::Tampered;
        }
        say(&erased_words(&name, agrees, language));
    }
    if tenant.is_none() {
        for (_, name) in names {
            verdict = Verdict::Tampered;
            say(&match language {
                Language::Indonesian => format!(
                    "{name}: ada jangkarnya, tetapi pemerintah daerahnya hilang dari basis data."
                ),
                Language::English => format!(
                    "{name}: heads were kept, and the government is gone from the database."
                ),
            });
        }
    }
    Ok(verdict)
}

/// Keeps the heads.
///
/// # Errors
/// The database or the file failed.
pub async fn anchor(app: &App, to: &Path, language: Language) -> anyhow::Result<Verdict> {
    let place = FileAnchors::at(to);
    let kept = app.keep_heads(&place).await.map_err(broken)?;
    let (added, unchanged, file) = (kept.added.len(), kept.unchanged, place.path().display());
    say(&match language {
        Language::Indonesian => {
            format!("{added} kepala rantai ditambahkan ke {file}; {unchanged} tidak berubah.")
        }
        Language::English => format!("{added} heads added to {file}; {unchanged} unchanged."),
    });
    for name in &kept.broken {
        say(&match language {
            Language::Indonesian => format!(
                "{name}: baris yang terakhir dijangkarkan kini lain atau hilang. Jalankan ekinerja audit verify."
            ),
            Language::English => format!(
                "{name}: the line that was kept last is another now, or gone. Run ekinerja audit verify."
            ),
        });
    }
    Ok(if kept.broken.is_empty() { Verdict::Whole } else { Verdict::Tampered })
}

/// Keeps the heads now and then every day until the program stops.
pub(crate) fn keep_daily(supervisor: &mut Supervisor, app: &App, to: &Path) {
    let (app, to) = (app.clone(), to.to_owned());
    supervisor.keep("anchors", move |stop: Stop| {
        let (app, to) = (app.clone(), to.clone());
        async move {
            let place = FileAnchors::at(&to);
            loop {
                let kept = app.keep_heads(&place).await?;
                tracing::info!(added = kept.added.len(), "chain heads kept outside the database");
                for government in kept.broken {
                    tracing::error!(government, "a trail was rewritten: ekinerja audit verify");
                }
                tokio::select! {
                    () = stop.clone().wait() => return Ok::<(), Refusal>(()),
                    () = tokio::time::sleep(DAILY) => {}
                }
            }
        }
    });
}

async fn kept(anchors: Option<&Path>) -> anyhow::Result<Vec<KeptHead>> {
    let Some(path) = anchors else { return Ok(Vec::new()) };
    let place = FileAnchors::at(path);
    place.read().await.with_context(|| place.path().display().to_string())
}

fn broken(refusal: Refusal) -> anyhow::Error {
    anyhow::Error::new(refusal)
}

fn locale(language: Language) -> Locale {
    match language {
        Language::Indonesian => Locale::Id,
        Language::English => Locale::En,
    }
}

fn told(name: &str, finding: &Finding, language: Language) -> String {
    format!("{name}: {}", trail_words::finding(locale(language), finding))
}

fn whole(name: &str, checked: &Checked, anchors: usize, language: Language) -> String {
    let (lines, found) = (checked.lines, checked.anchors);
    match (language, anchors) {
        (Language::Indonesian, 0) => format!("{name}: rantai utuh, {lines} baris; tanpa jangkar."),
        (Language::Indonesian, _) => {
            format!("{name}: rantai utuh, {lines} baris; {found} dari {anchors} jangkar cocok.")
        }
        (Language::English, 0) => format!("{name}: whole, {lines} lines; no heads to compare."),
        (Language::English, _) => {
            format!("{name}: whole, {lines} lines; {found} of {anchors} kept heads fit.")
        }
    }
}

fn erased_words(name: &str, agrees: bool, language: Language) -> String {
    match (agrees, language) {
        (true, Language::Indonesian) => format!("{name}: dihapus; tanda terimanya utuh."),
        (true, Language::English) => format!("{name}: erased; its receipt is whole."),
        (false, Language::Indonesian) => {
            format!(
                "{name}: dihapus tanpa tanda terima yang cocok dengan jejak platform dan jangkarnya."
            )
        }
        (false, Language::English) => {
            format!(
                "{name}: erased without a receipt that agrees with the platform's trail and its kept heads."
            )
        }
    }
}

fn unknown(slug: &str, language: Language) -> String {
    match language {
        Language::Indonesian => format!("tidak ada pemerintah daerah dengan alamat {slug}"),
        Language::English => format!("there is no government with the address {slug}"),
    }
}
