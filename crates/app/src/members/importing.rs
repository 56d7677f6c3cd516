//! Many people at once, out of a table that an administrator brings: first looked through row by row, then all of
//! it or nothing.
//!
//! Header: `name,username,nip,role,agency_code,post,acting,valid_from,valid_to`, in any order. Looking through does
//! everything that the import does, in a transaction that is given up: what it says of a row is what will happen.
//! Nobody is given a password; who signs in with one gets their first by hand, see [`App::renew_first_password`].

use std::collections::BTreeMap;

use ekinerja_domain::access::Administer;
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::agency::Agency;
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::reading::ReadKind;
use ekinerja_store::directory::DirectoryTx;
use ekinerja_store::directory::tenants::Stage;
use ekinerja_store::{TenantScope, TenantTx};

use super::{AddMember, Ask, actor, give_role, person_for};
use crate::app::App;
use crate::refusal::{Code, Refusal, Result, Violation};
use crate::typed_table::{Columns, TableRow, TypedTable, at_line};

const COLUMNS: Columns = Columns {
    all: &[
        "name",
        "username",
        "nip",
        "role",
        "agency_code",
        "post",
        "acting",
        "valid_from",
        "valid_to",
    ],
    needed: &["name", "username", "role"],
    most_rows: 1_000,
};

/// The columns that a table of people may have, for a template.
pub fn columns() -> &'static [&'static str] {
    COLUMNS.all
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonFate {
    /// An account is made and given the role.
    New,
    /// An account that is there already is given the role.
    Joins,
    /// The person holds the role already and keeps it as it is.
    Known,
    /// It has faults, so nothing of the table is done.
    Faulty,
}

impl PersonFate {
    /// Its code in the interface.
    pub const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Joins => "joins",
            Self::Known => "known",
            Self::Faulty => "faulty",
        }
    }
}

/// A row of a table of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Its line; the header is line 1.
    pub line: u64,
    /// The name as typed.
    pub name: String,
    /// The name for signing in as typed.
    pub username: String,
    /// Code of the role as typed.
    pub role: String,
    /// The OPD that the role is for; none: the whole government, or it is not known.
    pub agency: Option<String>,
    /// What becomes of it.
    pub fate: PersonFate,
    /// What is wrong, named by the column.
    pub faults: Vec<Violation>,
}

/// What an import does, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleImport {
    /// The rows in the order of the table.
    pub rows: Vec<PersonRow>,
}

impl PeopleImport {
    /// How many rows have that fate.
    pub fn count(&self, fate: PersonFate) -> usize {
        self.rows.iter().filter(|row| row.fate == fate).count()
    }

    /// Every fault, its field named by line and column: `rows/7/nip`.
    fn violations(&self) -> Vec<Violation> {
        self.rows.iter().flat_map(|row| at_line(row.line, &row.faults)).collect()
    }
}

impl App {
    /// Who may not administer members is told so before anything is prepared.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub fn permit_members(&self, scope: &TenantScope) -> Result<()> {
        scope.standing().grant::<Administer, _>(Members).map_err(ekinerja_store::Error::from)?;
        Ok(())
    }

    /// Shows what importing a table of people would do; nothing is changed.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is no administrator; the table cannot be read at all:
    /// [`Code::ImportUnreadable`], [`Code::ImportHeader`], [`Code::ImportEmpty`], [`Code::ImportTooLong`].
    pub async fn preview_members(&self, scope: &TenantScope, table: &[u8]) -> Result<PeopleImport> {
        let directory = self.store.directory(self.now()).await?;
        let (import, _) = Box::pin(self.take_in(scope, &directory, table)).await?;
        Ok(import)
    }

    /// Gives everybody in a table their role, or nobody.
    ///
    /// # Errors
    /// As [`App::preview_members`]; [`Refusal::Invalid`] names line and column of each fault.
    pub async fn import_members(&self, scope: &TenantScope, table: &[u8]) -> Result<PeopleImport> {
        let directory = self.store.directory(self.now()).await?;
        let (import, mut events) = Box::pin(self.take_in(scope, &directory, table)).await?;
        if import.count(PersonFate::Faulty) > 0 {
            return Err(Refusal::Invalid(import.violations()));
        }
        if events.is_empty() {
            return Ok(import);
        }
        let tenant = scope.tenant().id;
        let imported = Event::new(EventKind::MembersImported, tenant)
            .fact("accounts_made", import.count(PersonFate::New))
            .fact("accounts_joined", import.count(PersonFate::Joins));
        events.push(imported);
        directory.reach(tenant, Stage::SignInConfigured).await?;
        let events = events.into_iter().map(|it| (tenant, it)).collect();
        directory.commit_for(&actor(scope), scope.request(), events).await?;
        Ok(import)
    }

    /// Takes everybody in within a transaction that may still be given up.
    async fn take_in(
        &self,
        scope: &TenantScope,
        directory: &DirectoryTx,
        table: &[u8],
    ) -> Result<(PeopleImport, Vec<Event>)> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        let table = TypedTable::read(table, &COLUMNS)?;
        let agencies = tx.agencies().all().await?;
        let agencies: BTreeMap<_, _> = agencies.iter().map(|it| (it.code.as_str(), it)).collect();
        let mut import = PeopleImport { rows: Vec::new() };
        let mut events = Vec::new();
        for row in table.rows() {
            let agency = agencies.get(row.cell("agency_code")).copied();
            let (fate, faults) = match self.read_row(&tx, &row, agency).await {
                Ok(ask) => match take_in_one(scope, directory, ask).await? {
                    Ok((fate, event)) => {
                        let name = agency.map(|it| it.name.clone());
                        events.extend(event.map(|it| it.fact_if("agency", name)));
                        (fate, Vec::new())
                    }
                    Err(fault) => (PersonFate::Faulty, vec![fault]),
                },
                Err(Refusal::Invalid(faults)) => (PersonFate::Faulty, faults),
                Err(refusal) => return Err(refusal),
            };
            let typed = |column: &str| row.cell(column).to_owned();
            import.rows.push(PersonRow {
                line: row.line,
                name: typed("name"),
                username: typed("username"),
                role: typed("role"),
                agency: agency.map(|it| it.name.clone()),
                fate,
                faults,
            });
        }
        // It tells which of the names that were typed are members, as the list of members does.
        tx.note_read(ReadKind::Members, crate::audit::WHOLE, None).await?;
        tx.commit_read().await?;
        Ok((import, events))
    }

    async fn read_row(
        &self,
        tx: &TenantTx,
        row: &TableRow<'_>,
        agency: Option<&Agency>,
    ) -> Result<Ask> {
        let mut faults = Vec::new();
        if row.is_too_wide {
            faults.push(Violation::new("name", Code::ImportTooManyCells));
        }
        let code = row.cell("agency_code");
        let is_unknown = agency.is_none() && !code.is_empty();
        if is_unknown {
            let fault = Violation::new("agency_code", Code::FieldUnknownReference);
            faults.push(fault.with("typed", code));
        }
        let typed = |column: &str| row.cell(column).to_owned();
        let ask = AddMember {
            username: typed("username"),
            name: typed("name"),
            nip: typed("nip"),
            role: typed("role"),
            agency: agency.map(|it| it.id.to_string()).unwrap_or_default(),
            post: typed("post"),
            acting: typed("acting"),
            valid_from: typed("valid_from"),
            valid_to: typed("valid_to"),
            ..AddMember::default()
        };
        match self.read_ask(tx, &ask).await {
            Ok((ask, _)) if faults.is_empty() => Ok(ask),
            Ok(_) => Err(Refusal::Invalid(faults)),
            Err(Refusal::Invalid(others)) => {
                // Told once: an OPD that is not known is none for what follows.
                let others = others.into_iter().filter(|it| !(is_unknown && it.field == "agency"));
                let column = |it: Violation| match it.field.as_str() {
                    "agency" => Violation { field: String::from("agency_code"), ..it },
                    _ => it,
                };
                faults.extend(others.map(column));
                Err(Refusal::Invalid(faults))
            }
            Err(refusal) => Err(refusal),
        }
    }
}

/// Gives one person their role; what is wrong with it otherwise.
async fn take_in_one(
    scope: &TenantScope,
    directory: &DirectoryTx,
    ask: Ask,
) -> Result<std::result::Result<(PersonFate, Option<Event>), Violation>> {
    let Ask { username, name, nip, role } = ask;
    let (account, is_new) = person_for(directory, &username, name, nip, None).await?;
    match give_role(directory, &account, scope.tenant().id, role).await {
        Ok((_, event)) if is_new => Ok(Ok((PersonFate::New, Some(event)))),
        Ok((_, event)) => Ok(Ok((PersonFate::Joins, Some(event)))),
        Err(Refusal::Conflict(it)) if it.code == Code::MemberAlready => {
            Ok(Ok((PersonFate::Known, None)))
        }
        Err(Refusal::Conflict(it) | Refusal::Rule(it)) => Ok(Err(it)),
        Err(refusal) => Err(refusal),
    }
}
