//! What anybody may know of the platform: which governments are on it, and whether it answers.

use ekinerja_domain::tenant::Tenant;

use crate::app::App;
use crate::refusal::Result;

impl App {
    /// The governments on this platform, provinces with their regencies, by code. Public.
    ///
    /// # Errors
    /// The database failed.
    pub async fn governments(&self) -> Result<Vec<Tenant>> {
        Ok(self.store.portal().await?.governments().await?)
    }

    /// Whether the database answers now, for a load balancer's question.
    ///
    /// # Errors
    /// It does not.
    pub async fn database_answers(&self) -> Result<()> {
        self.store.portal().await?;
        Ok(())
    }
}
