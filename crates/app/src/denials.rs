//! Attempts that were refused inside a government: written down, and bounded, so that nobody can fill the disk
//! with them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use ekinerja_domain::ids::{TenantId, UserId};
use ekinerja_domain::reading::ReadKind;
use ekinerja_domain::tenant::Slug;
use ekinerja_store::TenantScope;

use crate::app::App;
use crate::audit::Refused;
use crate::refusal::Result;
use crate::sign_in::SignedIn;

/// So many attempts of one person in one government are written down in an hour, by each process.
const OF_A_PERSON: u32 = 60;
/// So many attempts in one government altogether.
const OF_A_TENANT: u32 = 2_000;

/// How many attempts were written down in this hour.
#[derive(Debug, Default)]
pub(crate) struct Denials(Mutex<Hour>);

#[derive(Debug, Default)]
struct Hour {
    number: i64,
    people: HashMap<(TenantId, UserId), u32>,
    tenants: HashMap<TenantId, u32>,
}

impl Denials {
    /// Whether one more may be written down; counts it.
    fn admits(&self, tenant: TenantId, user: UserId, now: DateTime<Utc>) -> bool {
        let mut hour = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.timestamp() / 3600;
        if hour.number != number {
            *hour = Hour { number, ..Hour::default() };
        }
        let of_tenant = hour.tenants.get(&tenant).copied().unwrap_or_default();
        let of_person = hour.people.get(&(tenant, user)).copied().unwrap_or_default();
        if of_tenant >= OF_A_TENANT || of_person >= OF_A_PERSON {
            return false;
        }
        hour.tenants.insert(tenant, of_tenant + 1);
        hour.people.insert((tenant, user), of_person + 1);
        true
    }
}

impl App {
    /// Writes down that a member was refused something; above the bound it is only logged.
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_refusal(&self, scope: &TenantScope, refused: Refused) -> Result<()> {
        let standing = scope.standing();
        if !self.denials.admits(standing.tenant, standing.user, self.now()) {
            tracing::warn!(user = %standing.user, "more refused attempts than are written down");
            return Ok(());
        }
        let tx = self.begin(scope).await?;
        tx.note_read(ReadKind::Denied, refused.path, Some(refused.answer)).await?;
        Ok(tx.commit_read().await?)
    }

    /// Writes down that somebody without a role in a government asked for it, if there is such a government.
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_stranger(
        &self,
        signed_in: &SignedIn,
        slug: &Slug,
        refused: Refused,
    ) -> Result<()> {
        let person = &signed_in.person;
        let directory = self.store.directory(self.now()).await?;
        let Some(tenant) = directory.find_tenant(slug).await? else { return Ok(()) };
        if !self.denials.admits(tenant.id, person.id, self.now()) {
            tracing::warn!(user = %person.id, "more refused attempts than are written down");
            return Ok(());
        }
        directory.note_refused(tenant.id, person, refused).await?;
        Ok(directory.commit_session().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn attempts_are_bounded_by_person_and_by_government_in_an_hour() {
        let denials = Denials::default();
        let tenant = TenantId::from(Uuid::from_u128(1));
        let person = |n| UserId::from(Uuid::from_u128(n));
        let now: DateTime<Utc> = "2025-01-15T02:10:00Z".parse().unwrap();
        let of_one = (0..100).filter(|_| denials.admits(tenant, person(1), now)).count();
        assert_eq!(of_one, 60);
        let of_all =
            (2..200).flat_map(|n| vec![n; 60]).filter(|n| denials.admits(tenant, person(*n), now));
        assert_eq!(of_all.count(), 1_940);
        let other = TenantId::from(Uuid::from_u128(2));
        assert!(denials.admits(other, person(1), now), "another government has its own bound");
        assert!(denials.admits(tenant, person(1), now + chrono::Duration::hours(1)));
    }
}
