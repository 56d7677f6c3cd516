//! The OPD of a government: its tree, added one by one or taken over from a list.

mod import;

use ekinerja_domain::access::policy::Organisation;
use ekinerja_domain::access::{Administer, View};
use ekinerja_domain::agency::{Agency, AgencyKind};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::AgencyId;
use ekinerja_store::agencies::NewAgency;
use ekinerja_store::{TenantScope, TenantTx};

pub use import::{ImportPreview, ImportRow, RowFate};

use crate::app::App;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::typed::{LONGEST_LINE, LONGEST_PROSE, Typed};

/// Longest code of an OPD, in characters.
const LONGEST_CODE: usize = 40;
/// Longest abbreviation, in characters.
const LONGEST_ABBREVIATION: usize = 60;

/// An agency as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgencyDraft {
    /// Its code, unique in the government.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its abbreviation; may be empty.
    pub abbreviation: String,
    /// Code of its kind.
    pub kind: String,
    /// Id of the agency above it; may be empty.
    pub parent: String,
    /// Where the name was read, and remarks; may be empty.
    pub note: String,
    /// Whether the name was seen in a written source.
    pub verified: bool,
}

/// A change of an agency as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgencyChange {
    /// Its name.
    pub name: String,
    /// Its abbreviation; may be empty.
    pub abbreviation: String,
    /// Remarks; may be empty.
    pub note: String,
}

impl App {
    /// Every agency of the government, by code.
    ///
    /// # Errors
    /// The database failed.
    pub async fn agencies(&self, scope: &TenantScope) -> Result<Vec<Agency>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Organisation)?;
        Ok(tx.agencies().all().await?)
    }

    /// One agency.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn agency(&self, scope: &TenantScope, id: AgencyId) -> Result<Agency> {
        let tx = self.begin(scope).await?;
        Ok(tx.agencies().fetch::<View>(id).await?.into_inner())
    }

    /// Adds an agency.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::AgencyCodeTaken`].
    pub async fn add_agency(&self, scope: &TenantScope, draft: &AgencyDraft) -> Result<Agency> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Organisation)?;
        let new = read(&tx, draft).await?;
        let agency = tx
            .agencies()
            .add(&permit, new)
            .await
            .on_constraint("agencies_code_unique", || taken("code", &draft.code))?;
        tx.commit(added(&agency)).await?;
        Ok(agency)
    }

    /// Changes name, abbreviation and remarks of an agency that was read at `revision`.
    ///
    /// # Errors
    /// [`Refusal::Stale`] when it changed since; [`Refusal::Invalid`] names each field.
    pub async fn amend_agency(
        &self,
        scope: &TenantScope,
        id: AgencyId,
        revision: i32,
        change: &AgencyChange,
    ) -> Result<Agency> {
        let tx = self.begin(scope).await?;
        let agency = tx.agencies().fetch::<Administer>(id).await?;
        let mut faults = Typed::default();
        let name = faults.required("name", &change.name, LONGEST_LINE);
        let abbreviation =
            faults.optional("abbreviation", &change.abbreviation, LONGEST_ABBREVIATION);
        let note = faults.optional("note", &change.note, LONGEST_PROSE);
        faults.done()?;
        tx.agencies()
            .amend(&agency, revision, name.clone(), abbreviation.clone(), note.clone())
            .await?;
        let event = Event::new(EventKind::AgencyAmended, id)
            .fact("code", &agency.code)
            .change("name", &agency.name, &name)
            .change(
                "abbreviation",
                agency.abbreviation.as_deref().unwrap_or_default(),
                abbreviation.as_deref().unwrap_or_default(),
            )
            .change(
                "note",
                agency.note.as_deref().unwrap_or_default(),
                note.as_deref().unwrap_or_default(),
            )
            .touching(Touch::Organisation);
        tx.commit(event).await?;
        let amended =
            Agency { name, abbreviation, note, revision: revision + 1, ..agency.into_inner() };
        Ok(amended)
    }
}

/// Reads what was typed; the agency above must be the government's own.
async fn read(tx: &TenantTx, draft: &AgencyDraft) -> Result<NewAgency> {
    let mut faults = Typed::default();
    let code = faults.required("code", &draft.code, LONGEST_CODE);
    let name = faults.required("name", &draft.name, LONGEST_LINE);
    let abbreviation = faults.optional("abbreviation", &draft.abbreviation, LONGEST_ABBREVIATION);
    let kind = faults.required_choice("kind", &draft.kind, AgencyKind::from_code);
    let parent: Option<AgencyId> = faults.id("parent", &draft.parent);
    if let Some(id) = parent {
        match tx.agencies().fetch::<View>(id).await {
            Ok(_) => {}
            Err(ekinerja_store::Error::Denied(_)) => {
                faults.blame("parent", Code::FieldUnknownReference);
            }
            Err(error) => return Err(error.into()),
        }
    }
    if kind == Some(AgencyKind::SubUnit) && draft.parent.trim().is_empty() {
        faults.blame("parent", Code::AgencyNeedsParent);
    }
    let note = faults.optional("note", &draft.note, LONGEST_PROSE);
    faults.done()?;
    let kind = kind.ok_or_else(|| Refusal::invalid("kind", Code::FieldMissing))?;
    Ok(NewAgency { code, name, abbreviation, kind, parent, note, verified: draft.verified })
}

fn taken(field: &str, code: &str) -> Refusal {
    Refusal::Conflict(Violation::new(field, Code::AgencyCodeTaken).with("code", code.trim()))
}

fn added(agency: &Agency) -> Event {
    Event::new(EventKind::AgencyAdded, agency.id)
        .fact("code", &agency.code)
        .fact("name", &agency.name)
        .fact("kind", agency.kind.code())
        .touching(Touch::Organisation)
}
