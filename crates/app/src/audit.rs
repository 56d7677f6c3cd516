//! Reading the trail of changes of a government.

use ekinerja_domain::access::ViewAudit;
use ekinerja_domain::access::policy::Trail;
use ekinerja_store::TenantScope;
use ekinerja_store::page::{Page, Paged};

pub use ekinerja_store::audit::AuditEntry;

use crate::app::App;
use crate::refusal::{Code, Refusal, Result};

impl App {
    /// A piece of the trail, the latest first.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is neither auditor nor administrator; a cursor that is none.
    pub async fn audit_trail(&self, scope: &TenantScope, page: Page) -> Result<Paged<AuditEntry>> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<ViewAudit, _>(Trail)?;
        if page.after.as_deref().is_some_and(|after| after.parse::<i64>().is_err()) {
            return Err(Refusal::invalid("after", Code::FieldUnknownReference));
        }
        Ok(tx.audit_trail(&permit).page(page).await?)
    }
}
