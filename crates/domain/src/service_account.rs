//! Service accounts: programs that act in a tenant for a time, for a person who answers for them.
//!
//! A program acts *as its owner*: what it records counts as recorded by that person, so that nobody verifies
//! what their own program recorded. It decides nothing (a verification, a publication, a role are given by
//! people), and it never lives longer than a year.

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::access::{Grant, Role};
use crate::ids::{ApiTokenId, ServiceAccountId, UserId};

/// Longest life of an account and of a token, in days: one year.
const LONGEST_LIFE: u64 = 365;

coded! {
    /// What a token opens.
    pub enum TokenAccess {
        /// Reading.
        Read = "read",
        /// Reading and writing.
        Write = "write",
    }
}

/// A program that acts in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its id.
    pub id: ServiceAccountId,
    /// Its name, as the trail shows it.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The person who answers for it.
    pub owner: UserId,
    /// That person's name when the account was made.
    pub owner_name: String,
    /// Their name for signing in.
    pub owner_username: String,
    /// Its roles, from the day it was made to its last.
    pub grants: Vec<Grant>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The last day on which it works.
    pub last_day: NaiveDate,
    /// When it was ended before that.
    pub ended_at: Option<DateTime<Utc>>,
    /// Its tokens, the latest first.
    pub tokens: Vec<ApiToken>,
}

/// A secret with which a service account proves itself; the secret itself is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// Where it is used.
    pub name: String,
    /// The last letters of the secret.
    pub hint: String,
    /// What it opens.
    pub access: TokenAccess,
    /// When it was given out.
    pub created_at: DateTime<Utc>,
    /// The last day on which it opens anything.
    pub last_day: NaiveDate,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl ServiceAccount {
    /// Whether it works on `day`.
    pub fn works_on(&self, day: NaiveDate) -> bool {
        self.ended_at.is_none() && day <= self.last_day
    }

    /// Whether a token of it may write: only where it holds no role whose acts are decisions.
    pub fn may_write(&self) -> bool {
        self.grants.iter().all(|grant| writes(grant.role))
    }
}

impl ApiToken {
    /// Whether it opens anything on `day`, as far as it alone decides.
    pub fn works_on(&self, day: NaiveDate) -> bool {
        self.revoked_at.is_none() && day <= self.last_day
    }
}

/// The last day that an account or a token made on `day` may have.
pub fn latest_day(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(LONGEST_LIFE)).unwrap_or(day)
}

/// Whether a program may hold a role at all: who gives out rights is always a person.
pub const fn serves(role: Role) -> bool {
    !matches!(role, Role::Administrator)
}

/// Whether a program may write with a role: values and plans are typed in by programs as well; verifying,
/// publishing and evaluating are decisions of a person.
pub const fn writes(role: Role) -> bool {
    matches!(role, Role::Officer | Role::Planner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Scope;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn account(roles: &[Role]) -> ServiceAccount {
        let grant = |role: &Role| Grant {
            role: *role,
            scope: Scope::Tenant,
            valid_from: day("2025-01-01"),
            valid_to: Some(day("2025-12-31")),
        };
        ServiceAccount {
            id: uuid::Uuid::nil().into(),
            name: String::from("SIPD"),
            purpose: String::from("values"),
            owner: uuid::Uuid::nil().into(),
            owner_name: String::from("A"),
            owner_username: String::from("a"),
            grants: roles.iter().map(grant).collect(),
            created_at: "2025-01-01T00:00:00Z".parse().expect("a moment"),
            last_day: day("2025-12-31"),
            ended_at: None,
            tokens: Vec::new(),
        }
    }

    #[test]
    fn a_program_gives_no_rights_and_decides_nothing() {
        for role in Role::ALL {
            assert_eq!(serves(role), role != Role::Administrator, "{role:?}");
            assert_eq!(account(&[role]).may_write(), writes(role), "{role:?}");
        }
        assert!(account(&[Role::Officer, Role::Planner]).may_write());
        assert!(!account(&[Role::Officer, Role::AgencyHead]).may_write());
    }

    #[test]
    fn an_account_works_to_its_last_day_and_no_longer_than_a_year() {
        let mut it = account(&[Role::Officer]);
        assert!(it.works_on(day("2025-12-31")) && !it.works_on(day("2026-01-01")));
        it.ended_at = Some(it.created_at);
        assert!(!it.works_on(day("2025-01-02")));
        assert_eq!(latest_day(day("2025-01-15")), day("2026-01-15"));
    }
}
