//! What a door needs so that a request sent twice is done once.

use ekinerja_store::TenantScope;
use ekinerja_store::idempotency::{Answer, Remembered, RequestKey};

use crate::app::App;
use crate::refusal::Result;

impl App {
    /// What is known of a request that the caller names by a key of their own; nothing for a new one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_request(
        &self,
        scope: &TenantScope,
        key: &RequestKey,
    ) -> Result<Option<Remembered>> {
        Ok(self.begin(scope).await?.find_request(key).await?)
    }

    /// Keeps the answer to a request that was done, for whoever sends it again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn remember_answer(
        &self,
        scope: &TenantScope,
        key: &RequestKey,
        answer: &Answer,
    ) -> Result<()> {
        Ok(self.begin(scope).await?.remember_answer(key, answer).await?)
    }
}
