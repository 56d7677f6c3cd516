//! What a person had typed into a form when their session was over.
//!
//! It is kept sealed for an hour and given back to the same person once they have signed in again. It is never
//! sent by itself, so nothing is written twice.

use chrono::Duration;
use ekinerja_domain::ids::UserId;
use ekinerja_domain::tenant::Slug;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::refusal::{Refusal, Result};
use crate::sessions::{SessionToken, SignedIn};
use crate::sign_in::fresh_secret;

/// How long it is kept.
const KEPT: Duration = Duration::hours(1);

/// A form as it was sent. Both addresses are paths of this product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptForm {
    /// The page on which it stands.
    pub page: String,
    /// Where it is sent.
    pub action: String,
    /// Its fields, as typed.
    pub fields: Vec<(String, String)>,
}

fn purpose(person: UserId) -> String {
    format!("kept-form:{}", person.uuid())
}

impl App {
    /// Keeps a form for whoever acted in the government under this session. The secret under which it is found
    /// again; none when nobody did, or when the platform has no key to seal it with.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keep_form(
        &self,
        session: &SessionToken,
        tenant: &Slug,
        form: &KeptForm,
    ) -> Result<Option<String>> {
        let Some(key) = self.providers.key() else { return Ok(None) };
        let directory = self.store.directory(self.now()).await?;
        let Some(tenant) = directory.find_tenant(tenant).await? else { return Ok(None) };
        let Some(person) = directory.last_person_of(session, tenant.id).await? else {
            return Ok(None);
        };
        let text = serde_json::to_string(form).map_err(Refusal::internal)?;
        let sealed = key.seal(&purpose(person), &text)?;
        let secret = fresh_secret()?;
        directory.add_kept_form(&secret, person, sealed, self.now() + KEPT).await?;
        directory.commit_session().await?;
        Ok(Some(secret))
    }

    /// A form that was kept for one of the people who are signed in here.
    ///
    /// # Errors
    /// The database failed.
    pub async fn kept_form(&self, signed_in: &SignedIn, secret: &str) -> Result<Option<KeptForm>> {
        let Some(key) = self.providers.key() else { return Ok(None) };
        let directory = self.store.directory(self.now()).await?;
        let Some((person, sealed)) = directory.find_kept_form(secret).await? else {
            return Ok(None);
        };
        if !signed_in.presences.iter().any(|it| it.person.id == person) {
            return Ok(None);
        }
        let text = key.open(&purpose(person), &sealed);
        Ok(text.and_then(|it| serde_json::from_str(&it).ok()))
    }

    /// Throws a kept form away.
    ///
    /// # Errors
    /// The database failed.
    pub async fn drop_kept_form(&self, secret: &str) -> Result<()> {
        let directory = self.store.directory(self.now()).await?;
        directory.remove_kept_form(secret).await?;
        Ok(directory.commit_session().await?)
    }
}
