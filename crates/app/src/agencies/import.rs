//! Taking over a list of OPD from a table: first shown with every fault at its line, then added all or nothing.
//!
//! Header: `code,name,abbreviation,kind,parent_code,note,verified`, in any order; comma, semicolon or tab, as
//! spreadsheets save it. Codes that are there already are left as they are and said.

use std::collections::{BTreeMap, BTreeSet};

use ekinerja_domain::access::Administer;
use ekinerja_domain::access::policy::Organisation;
use ekinerja_domain::agency::{Agency, AgencyKind};
use ekinerja_domain::ids::AgencyId;
use ekinerja_store::TenantScope;
use ekinerja_store::agencies::NewAgency;

use super::{LONGEST_ABBREVIATION, LONGEST_CODE, added, taken};
use crate::app::App;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::typed::{LONGEST_LINE, LONGEST_PROSE, Typed};
use crate::typed_table::{Columns, TypedTable, at_line};

/// A province has some 60 OPD, with bidang and UPTD some hundreds.
const COLUMNS: Columns = Columns {
    all: &["code", "name", "abbreviation", "kind", "parent_code", "note", "verified"],
    needed: &["code", "name", "kind"],
    most_rows: 500,
};

/// What shall become of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFate {
    /// It is added.
    New,
    /// An agency with its code is there already and stays as it is.
    Known,
    /// It has faults, so nothing of the list is added.
    Faulty,
}

/// One row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Its line in the file; the header is line 1.
    pub line: u64,
    /// The code as read.
    pub code: String,
    /// The name as read.
    pub name: String,
    /// The kind, if it is one.
    pub kind: Option<AgencyKind>,
    /// The code of the agency above, if there is one.
    pub parent_code: Option<String>,
    /// What shall become of it.
    pub fate: RowFate,
    /// What is wrong, named by the column.
    pub faults: Vec<Violation>,
    abbreviation: Option<String>,
    note: Option<String>,
    verified: bool,
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPreview {
    /// The rows in the order of the file.
    pub rows: Vec<ImportRow>,
}

impl ImportPreview {
    /// How many rows have that fate.
    pub fn count(&self, fate: RowFate) -> usize {
        self.rows.iter().filter(|row| row.fate == fate).count()
    }

    /// Every fault, its field named by line and column: `rows/7/kind`.
    fn violations(&self) -> Vec<Violation> {
        self.rows.iter().flat_map(|row| at_line(row.line, &row.faults)).collect()
    }
}

impl App {
    /// Shows what importing a list would do; nothing is changed.
    ///
    /// # Errors
    /// The table cannot be read at all: [`Code::ImportUnreadable`], [`Code::ImportHeader`],
    /// [`Code::ImportEmpty`], [`Code::ImportTooLong`].
    pub async fn preview_agencies(
        &self,
        scope: &TenantScope,
        table: &[u8],
    ) -> Result<ImportPreview> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Organisation)?;
        preview(table, &tx.agencies().all().await?)
    }

    /// Adds every new agency of a list, all or none.
    ///
    /// # Errors
    /// As [`App::preview_agencies`]; [`Refusal::Invalid`] names line and column of each fault.
    pub async fn import_agencies(
        &self,
        scope: &TenantScope,
        table: &[u8],
    ) -> Result<ImportPreview> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Organisation)?;
        let known = tx.agencies().all().await?;
        let preview = preview(table, &known)?;
        if preview.count(RowFate::Faulty) > 0 {
            return Err(Refusal::Invalid(preview.violations()));
        }
        let mut ids: BTreeMap<String, AgencyId> =
            known.into_iter().map(|it| (it.code, it.id)).collect();
        let mut events = Vec::new();
        for row in from_the_top(&preview.rows) {
            let parent = row.parent_code.as_ref().and_then(|code| ids.get(code)).copied();
            let kind = row.kind.ok_or_else(|| Refusal::invalid("kind", Code::FieldMissing))?;
            let new = NewAgency {
                code: row.code.clone(),
                name: row.name.clone(),
                abbreviation: row.abbreviation.clone(),
                kind,
                parent,
                note: row.note.clone(),
                verified: row.verified,
            };
            let field = format!("rows/{}/code", row.line);
            let agency = tx
                .agencies()
                .add(&permit, new)
                .await
                .on_constraint("agencies_code_unique", || taken(&field, &row.code))?;
            events.push(added(&agency));
            ids.insert(agency.code, agency.id);
        }
        if !events.is_empty() {
            tx.commit_all(events).await?;
        }
        Ok(preview)
    }
}

/// Reads the table and says what would become of each row.
fn preview(table: &[u8], known: &[Agency]) -> Result<ImportPreview> {
    let mut rows = read(table)?;
    let known: BTreeSet<&str> = known.iter().map(|it| it.code.as_str()).collect();
    let listed: BTreeSet<String> = rows.iter().map(|it| it.code.clone()).collect();
    let looping = loops(&rows, &known);
    let mut seen = BTreeSet::new();
    for row in &mut rows {
        let code = row.code.clone();
        if !code.is_empty() && !seen.insert(code.clone()) {
            row.faults.push(Violation::new("code", Code::ImportRepeated).with("code", &code));
        }
        if let Some(parent) = &row.parent_code {
            if !known.contains(parent.as_str()) && !listed.contains(parent) {
                let fault = Violation::new("parent_code", Code::FieldUnknownReference);
                row.faults.push(fault.with("typed", parent));
            } else if looping.contains(&code) {
                row.faults.push(Violation::new("parent_code", Code::AgencyParentLoop));
            }
        } else if row.kind == Some(AgencyKind::SubUnit) {
            row.faults.push(Violation::new("parent_code", Code::AgencyNeedsParent));
        }
        row.fate = match (row.faults.is_empty(), known.contains(code.as_str())) {
            (false, _) => RowFate::Faulty,
            (true, true) => RowFate::Known,
            (true, false) => RowFate::New,
        };
    }
    Ok(ImportPreview { rows })
}

/// The codes that sit above themselves.
fn loops(rows: &[ImportRow], known: &BTreeSet<&str>) -> BTreeSet<String> {
    let above: BTreeMap<&str, &str> = rows
        .iter()
        .filter(|row| !known.contains(row.code.as_str()))
        .filter_map(|row| Some((row.code.as_str(), row.parent_code.as_deref()?)))
        .collect();
    let is_loop = |start: &str| {
        let mut at = start;
        // A way up that is longer than the list goes round in circles.
        for _ in 0..=above.len() {
            match above.get(at) {
                Some(parent) if *parent == start => return true,
                Some(parent) => at = parent,
                None => return false,
            }
        }
        true
    };
    above.keys().filter(|code| is_loop(code)).map(|code| (*code).to_owned()).collect()
}

/// The new rows, each after the one above it.
fn from_the_top(rows: &[ImportRow]) -> Vec<&ImportRow> {
    let mut waiting: Vec<&ImportRow> = rows.iter().filter(|it| it.fate == RowFate::New).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let missing: BTreeSet<&str> = waiting.iter().map(|it| it.code.as_str()).collect();
        let ready = |row: &&ImportRow| {
            row.parent_code.as_deref().is_none_or(|parent| !missing.contains(parent))
        };
        let (next, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(ready);
        if next.is_empty() {
            // Loops were refused before; were one left, its rows would come last and lack their parent.
            ordered.extend(rest);
            break;
        }
        ordered.extend(next);
        waiting = rest;
    }
    ordered
}

/// Reads the rows, each with the faults that its own cells have.
fn read(table: &[u8]) -> Result<Vec<ImportRow>> {
    let table = TypedTable::read(table, &COLUMNS)?;
    Ok(table.rows().map(|it| row(it.line, |column| it.cell(column), it.is_too_wide)).collect())
}

fn row<'a>(line: u64, cell: impl Fn(&str) -> &'a str, is_too_wide: bool) -> ImportRow {
    let mut faults = Typed::default();
    if is_too_wide {
        faults.blame("name", Code::ImportTooManyCells);
    }
    let code = faults.required("code", cell("code"), LONGEST_CODE);
    let name = faults.required("name", cell("name"), LONGEST_LINE);
    let abbreviation = faults.optional("abbreviation", cell("abbreviation"), LONGEST_ABBREVIATION);
    let kind = faults.required_choice("kind", cell("kind"), AgencyKind::from_code);
    let parent_code = faults.optional("parent_code", cell("parent_code"), LONGEST_CODE);
    let note = faults.optional("note", cell("note"), LONGEST_PROSE);
    let verified = faults.choice("verified", cell("verified"), yes_or_no).unwrap_or(false);
    ImportRow {
        line,
        code,
        name,
        kind,
        parent_code,
        fate: RowFate::Faulty,
        faults: faults.into_violations(),
        abbreviation,
        note,
        verified,
    }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "ya" | "1" => Some(true),
        "false" | "no" | "tidak" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(table: &str) -> Vec<(String, RowFate, Vec<Code>)> {
        let preview = preview(table.as_bytes(), &[]).unwrap();
        let codes = |row: &ImportRow| row.faults.iter().map(|it| it.code).collect();
        preview.rows.iter().map(|it| (it.code.clone(), it.fate, codes(it))).collect()
    }

    #[test]
    fn a_list_as_a_spreadsheet_saves_it_is_read() {
        let table = "\u{feff}Code;Name;Kind;Parent_code;Verified\r\n\
                     1.02.01;Bidang Bina Program;sub_unit;1.02;tidak\r\n\
                     1.02;\"Dinas Kesehatan; Provinsi\";department;;ya\r\n\r\n";
        let preview = preview(table.as_bytes(), &[]).unwrap();
        assert_eq!(preview.count(RowFate::New), 2);
        assert_eq!(preview.rows[1].name, "Dinas Kesehatan; Provinsi");
        assert!(preview.rows[1].verified && !preview.rows[0].verified);
        assert_eq!(preview.rows[0].line, 2);
        let order: Vec<_> = from_the_top(&preview.rows).iter().map(|it| it.code.as_str()).collect();
        assert_eq!(order, ["1.02", "1.02.01"], "the one above comes first");
    }

    #[test]
    fn every_fault_stands_at_its_row() {
        let table = "code,name,kind,parent_code\n\
                     a,A,department,\na,A again,department,\nb,,department,\nc,C,dinas,\n\
                     d,D,sub_unit,\ne,E,bureau,nowhere\nf,F,bureau,g\ng,G,bureau,f\nh,H,bureau,a\n";
        let expected = [
            ("a", RowFate::New, vec![]),
            ("a", RowFate::Faulty, vec![Code::ImportRepeated]),
            ("b", RowFate::Faulty, vec![Code::FieldMissing]),
            ("c", RowFate::Faulty, vec![Code::FieldUnknownValue]),
            ("d", RowFate::Faulty, vec![Code::AgencyNeedsParent]),
            ("e", RowFate::Faulty, vec![Code::FieldUnknownReference]),
            ("f", RowFate::Faulty, vec![Code::AgencyParentLoop]),
            ("g", RowFate::Faulty, vec![Code::AgencyParentLoop]),
            ("h", RowFate::New, vec![]),
        ];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(code, fate, codes)| (code.to_owned(), fate, codes))
            .collect();
        assert_eq!(fates(table), expected);
    }

    #[test]
    fn a_table_that_is_none_is_refused_whole() {
        let refused = |table: &[u8]| match preview(table, &[]) {
            Err(Refusal::Invalid(violations)) => violations[0].code,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(b""), Code::ImportEmpty);
        assert_eq!(refused(b"code,name,kind\n"), Code::ImportEmpty);
        assert_eq!(refused(b"PK\x03\x04\xff\xfe"), Code::ImportUnreadable);
        assert_eq!(refused(b"kode,nama,jenis\na,b,c\n"), Code::ImportHeader);
        let mut long = String::from("code,name,kind\n");
        long.extend((0..501).map(|n| format!("{n},N,bureau\n")));
        assert_eq!(refused(long.as_bytes()), Code::ImportTooLong);
    }
}
