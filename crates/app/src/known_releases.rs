//! Releases that were read before: their content never changes, so that it is read and parsed once.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::{ReleaseId, TenantId};
use ekinerja_domain::indicator::{IndicatorCode, IndicatorManual};
use ekinerja_domain::template::{TemplateIndicator, TemplateRelease, Version};
use ekinerja_store::TenantTx;
use ekinerja_store::publications::fingerprint_of;
use ekinerja_store::releases::ReleaseSummary;

use crate::refusal::Result;

/// One indicator of one release.
#[derive(Debug)]
pub(crate) struct Released {
    /// Its code.
    pub(crate) code: IndicatorCode,
    /// The release.
    pub(crate) version: Version,
    /// When it was released.
    pub(crate) at: DateTime<Utc>,
    /// Its manual there.
    pub(crate) manual: IndicatorManual,
    /// The fingerprint of that manual.
    pub(crate) print: String,
}

/// The indicators of one release.
pub(crate) type ReleasedIndicators = Vec<Arc<Released>>;

/// How many releases a process keeps: some fifty manuals each, about a hundred kilobytes.
const MOST: u64 = 256;

/// A government's releases by id and by the hash of what is in them; that there is such a release, and whether it
/// may be used, was read from the database in the transaction that asks.
#[expect(clippy::disallowed_types, reason = "every key begins with the government")]
#[derive(Debug)]
pub(crate) struct KnownReleases(
    moka::future::Cache<(TenantId, ReleaseId, String), Arc<ReleasedIndicators>>,
);

#[expect(clippy::disallowed_types, reason = "every key begins with the government")]
impl Default for KnownReleases {
    fn default() -> Self {
        Self(moka::future::Cache::new(MOST))
    }
}

impl KnownReleases {
    /// The indicators of a release that this transaction saw; none when it is gone.
    ///
    /// # Errors
    /// The database failed, or the release is corrupt.
    pub(crate) async fn indicators(
        &self,
        tx: &TenantTx,
        summary: &ReleaseSummary,
    ) -> Result<Arc<ReleasedIndicators>> {
        let key = (tx.tenant_id(), summary.id, summary.content_hash.clone());
        if let Some(known) = self.0.get(&key).await {
            return Ok(known);
        }
        let found = tx.releases().find_by_version(summary.version).await?;
        let Some(TemplateRelease { version, released_at: at, content, .. }) = found else {
            return Ok(Arc::default());
        };
        let released = content.indicators.into_iter().map(|it| {
            let TemplateIndicator { code, manual, .. } = it;
            let print = fingerprint_of(&manual);
            Arc::new(Released { code, version, at, manual, print })
        });
        let released: Arc<ReleasedIndicators> = Arc::new(released.collect());
        self.0.insert(key, Arc::clone(&released)).await;
        Ok(released)
    }
}
