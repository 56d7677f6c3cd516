//! Evidence: a file or a link beside a value.

use ekinerja_domain::access::{Granted, Measure, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::evidence::{
    Evidence, FileError, FileKind, LARGEST_FILE, Support, tidy_file_name,
};
use ekinerja_domain::ids::{EvidenceId, MeasurementId};
use ekinerja_domain::measurement::Measurement;
use ekinerja_domain::reading::ReadKind;
use ekinerja_store::{TenantScope, TenantTx};
use sha2::{Digest, Sha256};
use url::Url;

use crate::app::App;
use crate::refusal::{Code, Refusal, Result, Violation};
use crate::typed::Typed;

/// Evidence as it was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceEntry {
    /// The thing itself.
    pub support: SupportEntry,
    /// Page, sheet or cell to look at.
    pub pointer: String,
}

/// What was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupportEntry {
    /// A file with the name it had.
    File {
        /// Its name.
        name: String,
        /// The media type that the sender claims; empty when it claims none.
        claimed: String,
        /// Its content.
        content: Vec<u8>,
    },
    /// The address of a web page, as typed.
    Link(String),
}

/// A file of evidence, to be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFile {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Its content.
    pub content: Vec<u8>,
}

impl App {
    /// Adds evidence to a value whose period still takes values.
    ///
    /// # Errors
    /// The file is empty, too large or of a kind that is not taken; the link is no web address; the period is
    /// closed; the actor is no officer of the owning unit.
    pub async fn add_evidence(
        &self,
        scope: &TenantScope,
        measurement: MeasurementId,
        entry: EvidenceEntry,
    ) -> Result<Evidence> {
        let tx = self.begin(scope).await?;
        let measurement = tx.measurements().fetch::<Measure>(measurement).await?;
        let held = tx.periods().find_for_entry(measurement.period).await?;
        if held.is_none_or(|it| it.is_locked(tx.now())) {
            return Err(Refusal::rule("period", Code::PeriodClosed));
        }
        let (evidence, event) = add_evidence(self, &tx, &measurement, entry).await?;
        tx.commit(event).await?;
        Ok(evidence)
    }

    /// The file of a piece of evidence.
    ///
    /// # Errors
    /// There is none that the actor may see, or it is a link.
    pub async fn evidence_file(
        &self,
        scope: &TenantScope,
        measurement: MeasurementId,
        evidence: EvidenceId,
    ) -> Result<EvidenceFile> {
        let tx = self.begin(scope).await?;
        let measurement = tx.measurements().fetch::<View>(measurement).await?;
        let found = tx.evidence().find(&measurement, evidence).await?;
        let Some(Support::File { file, name }) = found.map(|it| it.support) else {
            return Err(Refusal::NotFound);
        };
        let tenant = tx.tenant_id();
        tx.note_read(ReadKind::Evidence, evidence, Some(name.clone())).await?;
        tx.commit_read().await?;
        // Reading a file may take long; the connection is given back before.
        let content = self.files.read(tenant, &file.sha256).await.map_err(Refusal::internal)?;
        let content = content.ok_or_else(|| {
            Refusal::internal(format!("the file {} of {tenant} is gone", file.sha256))
        })?;
        Ok(EvidenceFile { name, kind: file.kind, content })
    }
}

/// Adds evidence inside a transaction; gives the event to commit with.
pub(crate) async fn add_evidence(
    app: &App,
    tx: &TenantTx,
    measurement: &Granted<Measure, Measurement>,
    entry: EvidenceEntry,
) -> Result<(Evidence, Event)> {
    let mut fields = Typed::default();
    let pointer = fields.text("pointer", &entry.pointer);
    let support = match entry.support {
        SupportEntry::Link(typed) => {
            let link = link(&typed);
            if link.is_none() {
                fields.wrong(Violation::new("url", Code::LinkInvalid));
            }
            fields.done()?;
            Support::Link { url: link.ok_or_else(|| Refusal::invalid("url", Code::LinkInvalid))? }
        }
        SupportEntry::File { name, claimed, content } => {
            let name = tidy_file_name(&name);
            let kind = FileKind::of(&name, &content).and_then(|it| {
                if it.agrees_with(&claimed) { Ok(it) } else { Err(FileError::NameDisagrees) }
            });
            let kind = kind.map_err(|error| fields.wrong(file_violation(error))).ok();
            fields.done()?;
            let kind = kind.ok_or_else(|| Refusal::invalid("file", Code::FileKindUnsupported))?;
            let sha256 = hex::encode(Sha256::digest(&content));
            // The file first: a row without a file would be a lie, a file without a row is only litter.
            app.files.put(tx.tenant_id(), &sha256, &content).await.map_err(Refusal::internal)?;
            let size = i64::try_from(content.len()).map_err(Refusal::internal)?;
            let file = tx.evidence().keep_file(measurement, sha256, kind, size).await?;
            Support::File { file, name }
        }
    };
    let evidence = tx.evidence().add(measurement, support, pointer).await?;
    let what = match &evidence.support {
        Support::File { file, name } => format!("{name} ({})", file.sha256),
        Support::Link { url } => url.clone(),
    };
    let event = Event::new(EventKind::EvidenceAdded, evidence.id)
        .fact("measurement", measurement.id)
        .fact("evidence", what)
        .touching(Touch::Indicator(measurement.indicator));
    Ok((evidence, event))
}

fn file_violation(error: FileError) -> Violation {
    let code = match error {
        FileError::Empty => Code::FileEmpty,
        FileError::TooLarge => Code::FileTooLarge,
        FileError::UnknownKind => Code::FileKindUnsupported,
        FileError::Active => Code::FileActive,
        FileError::NameDisagrees => Code::FileNameDisagrees,
    };
    Violation::new("file", code).with("most", LARGEST_FILE / 1024 / 1024)
}

/// The address of a web page: https, with a host, without a password in it. What a figure rests on shall not
/// be changed on the way to who checks it.
fn link(typed: &str) -> Option<String> {
    let url = Url::parse(typed.trim()).ok().filter(|_| typed.len() <= 2000)?;
    let plain = url.scheme() == "https"
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none();
    plain.then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_web_pages_are_links() {
        for good in ["https://ntb.bps.go.id/id/pressrelease?x=1#tabel", " https://bima.go.id "] {
            assert!(link(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "bps.go.id",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://bps.go.id/x",
            "http://bps.go.id/x",
            "vbscript:msgbox",
            "blob:https://bps.go.id/x",
            "view-source:https://bps.go.id",
            "javascript://bps.go.id/%0aalert(1)",
            "\u{1}javascript:alert(1)",
            "https://a b/",
            "file:///etc/passwd",
            "https://",
            "https://user:secret@bps.go.id/",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }
}
