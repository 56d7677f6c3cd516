//! `ekinerja tenant export | import | erase | receipts`: a government leaves, comes in, is erased.

use std::path::PathBuf;

use clap::Args;
use ekinerja_app::App;
use ekinerja_app::archive::{Arrived, Erase, Exported, ImportArchive, OwnerAddress};
use ekinerja_app::tenants::Operator;

use crate::cli::{refused, say};
use crate::config::Language;

/// What shall be written where.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Address or Kemendagri code of the government.
    government: String,
    /// The archive; a file that is not there yet.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Why; the government reads it in its trail.
    #[arg(long)]
    reason: String,
}

/// Which archive comes in.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The archive.
    file: PathBuf,
    /// Do everything but keep it, and say what it would come to.
    #[arg(long)]
    check: bool,
    /// SHA-256 of the manifest as the export printed it: proof that the archive is that one.
    #[arg(long, value_name = "SHA256")]
    digest: Option<String>,
}

/// What is erased, by whom and why.
#[derive(Debug, Args)]
pub(crate) struct Erasing {
    /// Address or Kemendagri code of the government.
    government: String,
    /// Its address, once more.
    #[arg(long, value_name = "SLUG")]
    confirm: String,
    /// Name of the person who answers for it.
    #[arg(long)]
    by: String,
    /// Why.
    #[arg(long)]
    reason: String,
    /// The regulation, decree or letter.
    #[arg(long)]
    legal_basis: String,
    /// SHA-256 of the manifest of the archive that was taken since the suspension.
    #[arg(long, value_name = "SHA256", required_unless_present = "without_archive")]
    archive: Option<String>,
    /// Erase although no archive was taken: nothing can be brought back.
    #[arg(long, conflicts_with = "archive")]
    without_archive: bool,
}

/// Whose receipts.
#[derive(Debug, Args)]
pub(crate) struct Receipts {
    /// Address or Kemendagri code of the government.
    government: String,
}

pub(crate) async fn export(app: &App, ask: Export, language: Language) -> anyhow::Result<()> {
    let operator = Operator::command_line();
    let code = super::code_of(app, &ask.government, language).await?;
    let exported = Box::pin(app.export_tenant(&operator, &code, &ask.reason, &ask.to)).await;
    let exported = exported.map_err(|refusal| refused(&refusal, language))?;
    let Exported { manifest, digest } = &exported;
    let (rows, files, to) = (exported.rows(), manifest.files.len(), ask.to.display());
    say(&match language {
        Language::Indonesian => format!(
            "{to}: {rows} baris, {files} berkas, jejak sampai baris {}\nSHA-256 manifes: {digest}",
            manifest.trail.position
        ),
        Language::English => format!(
            "{to}: {rows} rows, {files} files, trail up to line {}\nSHA-256 of the manifest: {digest}",
            manifest.trail.position
        ),
    });
    Ok(())
}

pub(crate) async fn import(
    app: &App,
    owner: &OwnerAddress,
    ask: Import,
    language: Language,
) -> anyhow::Result<()> {
    let import =
        ImportArchive { from: &ask.file, digest: ask.digest.as_deref(), only_check: ask.check };
    let arrived = Box::pin(app.import_tenant(&Operator::command_line(), owner, &import)).await;
    let arrived = arrived.map_err(|refusal| refused(&refusal, language))?;
    say(&told(&arrived, ask.check, language));
    Ok(())
}

fn told(arrived: &Arrived, only_checked: bool, language: Language) -> String {
    let Arrived { manifest, digest, rows, left_out, renamed } = arrived;
    let (name, files, end) = (&manifest.tenant.name, manifest.files.len(), manifest.trail.position);
    let list = |all: &[String]| if all.is_empty() { String::from("–") } else { all.join(", ") };
    let (left_out, renamed) = (list(left_out), list(renamed));
    match language {
        Language::Indonesian => {
            let first = if only_checked {
                "dapat diimpor; tidak ada yang disimpan"
            } else {
                "diimpor, hanya baca"
            };
            format!(
                "{name}: {first}\n{rows} baris, {files} berkas, jejak sampai baris {end}\nSHA-256 manifes: {digest}\n\
                 Tidak dipulihkan (buat baru): {left_out}\nNama pengguna yang diganti: {renamed}\n\
                 Akun datang tanpa kata sandi: undang administratornya."
            )
        }
        Language::English => {
            let first = if only_checked {
                "can be imported; nothing was kept"
            } else {
                "imported, read-only"
            };
            format!(
                "{name}: {first}\n{rows} rows, {files} files, trail up to line {end}\nSHA-256 of the manifest: {digest}\n\
                 Not restored (make anew): {left_out}\nNames for signing in that changed: {renamed}\n\
                 Accounts come without passwords: invite an administrator."
            )
        }
    }
}

pub(crate) async fn erase(
    app: &App,
    owner: &OwnerAddress,
    ask: Erasing,
    language: Language,
) -> anyhow::Result<()> {
    let code = super::code_of(app, &ask.government, language).await?;
    let erase = Erase {
        confirm: ask.confirm,
        by: ask.by,
        reason: ask.reason,
        legal_basis: ask.legal_basis,
        archive: ask.archive.unwrap_or_default(),
        without_archive: ask.without_archive,
    };
    let erased = Box::pin(app.erase_tenant(&Operator::command_line(), owner, &code, &erase)).await;
    let erased = erased.map_err(|refusal| refused(&refusal, language))?;
    say(&serde_json::to_string_pretty(&erased)?);
    Ok(())
}

pub(crate) async fn receipts(app: &App, ask: &Receipts, language: Language) -> anyhow::Result<()> {
    let code = super::code_of(app, &ask.government, language).await?;
    let all = app.erasure_receipts(&Operator::command_line(), &code).await;
    for (receipt, digest) in all.map_err(|refusal| refused(&refusal, language))? {
        say(&format!("{}\nSHA-256: {digest}", serde_json::to_string_pretty(&receipt)?));
    }
    Ok(())
}
