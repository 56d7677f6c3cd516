//! Erasure: a government's rows, accounts and files go; a receipt stays.

use chrono::{DateTime, Utc};
use ekinerja_store::archive::Receipt as Kept;
use ekinerja_store::archive::{Erasure, OwnerAddress};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::TrailEnd;
use crate::app::App;
use crate::refusal::{Code, Refusal, Result, Violation};
use crate::tenants::Operator;
use crate::typed::{LONGEST_LINE, LONGEST_TEXT, Typed};

/// What the receipt says it is.
const RECEIPT: &str = "ekinerja erasure 1";

/// What shall be erased, and why.
#[derive(Debug, Clone, Default)]
pub struct Erase {
    /// The government's address, typed once more.
    pub confirm: String,
    /// Who answers for it: the name of a person.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The regulation, decree or letter.
    pub legal_basis: String,
    /// SHA-256 of the manifest of the archive that was handed over; empty with `without_archive`.
    pub archive: String,
    /// Erase although no archive was taken since the government was suspended.
    pub without_archive: bool,
}

/// The receipt of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    /// `RECEIPT`.
    pub form: String,
    /// The government's id.
    pub tenant: String,
    /// Its Kemendagri code.
    pub code: String,
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// When.
    pub erased_at: DateTime<Utc>,
    /// Who suspended it.
    pub suspended_by: String,
    /// Who erased it.
    pub erased_by: String,
    /// Why.
    pub reason: String,
    /// The regulation, decree or letter.
    pub legal_basis: String,
    /// SHA-256 of the manifest of the archive that was taken before; none: it was erased without.
    pub archive: Option<String>,
    /// How many rows of which table.
    pub rows: Vec<(String, u64)>,
    /// How many accounts, those that belonged to it alone.
    pub accounts: u64,
    /// How many files.
    pub files: u64,
    /// Where the chain of its trail ended.
    pub trail: TrailEnd,
}

impl App {
    /// Erases a suspended government, as the schema's owner. What it published stays with its province, without
    /// names of people; its place in the list of governments is kept.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Invalid`] names each field; [`Code::TenantNotSuspended`];
    /// [`Code::TenantHasRegencies`]; [`Code::ArchiveNotTaken`] when no archive with this digest was taken since it
    /// was suspended. Then nothing changed.
    pub async fn erase_tenant(
        &self,
        operator: &Operator,
        owner: &OwnerAddress,
        code: &str,
        ask: &Erase,
    ) -> Result<Erased> {
        let life = self.tenant_life(operator, code).await?;
        let tenant = &life.tenant;
        let mut faults = Typed::default();
        let reason = faults.required("reason", &ask.reason, LONGEST_TEXT);
        let legal_basis = faults.required("legal_basis", &ask.legal_basis, LONGEST_LINE);
        let by = faults.required("by", &ask.by, LONGEST_LINE);
        if ask.confirm.trim() != tenant.slug.as_str() {
            faults.wrong(
                Violation::new("confirm", Code::ConfirmationDiffers).with("slug", &tenant.slug),
            );
        }
        faults.done()?;
        let erasure = Erasure::begin(owner, tenant.id).await?;
        let (is_suspended, is_alone) = erasure.may_begin().await?;
        if !is_suspended {
            return Err(Refusal::rule("", Code::TenantNotSuspended));
        }
        if !is_alone {
            return Err(Refusal::rule("", Code::TenantHasRegencies));
        }
        let since = life.change.as_ref().map_or(life.opened_at, |it| it.since);
        let archive = ask.archive.trim().to_lowercase();
        let directory = self.store.directory(self.now()).await?;
        if !ask.without_archive && !directory.archive_was_taken(tenant.id, &archive, since).await? {
            return Err(Refusal::rule("archive", Code::ArchiveNotTaken));
        }
        let people = directory.people_only_of(tenant.id).await?;
        drop(directory);
        let head = erasure.chain_head().await?;
        let rows = erasure.rows().await?;
        let accounts = erasure.people(people).await?;
        let files = self.files.count(tenant.id).await.map_err(Refusal::internal)?;
        let receipt = Erased {
            form: RECEIPT.to_owned(),
            tenant: tenant.id.to_string(),
            code: tenant.code.to_string(),
            slug: tenant.slug.to_string(),
            name: tenant.name.clone(),
            erased_at: self.now(),
            suspended_by: life.change.as_ref().map_or_else(String::new, |it| it.by.clone()),
            erased_by: by.clone(),
            reason: reason.clone(),
            legal_basis: legal_basis.clone(),
            archive: Some(archive).filter(|it| !it.is_empty() && !ask.without_archive),
            rows,
            accounts,
            files,
            trail: TrailEnd { position: head.position, hash: head.hash.to_string() },
        };
        let text = serde_json::to_string_pretty(&receipt).map_err(Refusal::internal)?;
        let digest = hex::encode(Sha256::digest(text.as_bytes()));
        let facts = json!({
            "name": receipt.name,
            "reason": reason,
            "legal_basis": legal_basis,
            "rows": receipt.rows.iter().map(|it| it.1).sum::<u64>().to_string(),
            "files": files.to_string(),
            "up_to": receipt.trail.position.to_string(),
            "hash": receipt.trail.hash,
            "digest": digest,
        });
        let kept =
            Kept { text: &text, digest: &digest, reason: &reason, legal_basis: &legal_basis };
        erasure.commit(&by, self.now(), &kept, facts).await?;
        // After the commit: should it be cut off here, files are left that no row names, and another try finds
        // them. Files are kept apart for each government, so nobody else's are touched.
        self.files.remove_all(tenant.id).await.map_err(Refusal::internal)?;
        Ok(receipt)
    }

    /// The receipts of a government's erasures, the latest first, each with its SHA-256.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the government was never here.
    pub async fn erasure_receipts(
        &self,
        operator: &Operator,
        code: &str,
    ) -> Result<Vec<(Erased, String)>> {
        let life = self.tenant_life(operator, code).await?;
        let directory = self.store.directory(self.now()).await?;
        let kept = directory.receipts_of(life.tenant.id).await?;
        let read = |(text, digest): (String, String)| {
            let receipt = serde_json::from_str(&text).map_err(Refusal::internal)?;
            Ok((receipt, digest))
        };
        kept.into_iter().map(read).collect()
    }
}
