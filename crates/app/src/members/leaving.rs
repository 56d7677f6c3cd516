//! Leaving a government: berhenti, mutasi, pensiun. Every right of the person ends on one day, in one step.

use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{Administer, Role};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::MembershipId;
use ekinerja_store::TenantScope;

use super::{Membership, actor, day_before};
use crate::app::App;
use crate::refusal::{Code, Refusal, Result};
use crate::typed::Typed;

/// Why a person leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeavingReason {
    /// Berhenti.
    Resigned,
    /// Mutasi to another government.
    Transferred,
    /// Pensiun.
    Retired,
    /// Meninggal dunia.
    Deceased,
}

impl LeavingReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Transferred, Self::Resigned, Self::Retired, Self::Deceased];

    /// Stable code for the trail and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Resigned => "resigned",
            Self::Transferred => "transferred",
            Self::Retired => "retired",
            Self::Deceased => "deceased",
        }
    }

    /// The reason with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// What ended with a person's leaving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The person's name.
    pub name: String,
    /// The last day on which they may do anything; yesterday: they may do nothing from this moment.
    pub last_day: chrono::NaiveDate,
    /// How many roles ended.
    pub roles: usize,
    /// How many delegations ended, given and received.
    pub delegations: u64,
}

impl App {
    /// Ends every role and delegation of the person who holds this role, under all their accounts. Without a
    /// last day they hold no more from this moment.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Invalid`] names each field; [`Code::MemberGone`] when nothing is left
    /// to end; [`Code::MemberLastAdministrator`].
    pub async fn leave(
        &self,
        scope: &TenantScope,
        id: MembershipId,
        last_day: &str,
        reason: &str,
    ) -> Result<Left> {
        let mut faults = Typed::default();
        let today = self.today();
        let typed = faults.day("last_day", last_day);
        let reason = faults.required_choice("reason", reason, LeavingReason::from_code);
        faults.done()?;
        let reason = reason.ok_or_else(|| Refusal::invalid("reason", Code::FieldMissing))?;
        let last = typed.unwrap_or_else(|| day_before(today));
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        let members = tx.members().await?;
        drop(tx);
        let known = members.iter().find(|it| it.id == id).ok_or(Refusal::NotFound)?;
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        let accounts = directory.accounts_of(known.user).await?;
        let outlasts = |it: &&Membership| it.grant.valid_to.is_none_or(|end| end > last);
        let theirs: Vec<&Membership> = members
            .iter()
            .filter(|it| accounts.contains(&it.user))
            .filter(outlasts)
            // What ended on its first day never held.
            .filter(|it| it.grant.valid_to.is_none_or(|end| end >= it.grant.valid_from))
            .collect();
        let administers = |it: &&Membership| it.grant.role == Role::Administrator;
        let stays = |it: &&Membership| {
            administers(it)
                && outlasts(it)
                && !accounts.contains(&it.user)
                && it.grant.holds_on(today)
        };
        if theirs.iter().any(administers) && !members.iter().any(|it| stays(&it)) {
            return Err(Refusal::rule("", Code::MemberLastAdministrator));
        }
        for it in &theirs {
            let end = last.max(day_before(it.grant.valid_from));
            directory.end_membership(tenant, it.id, end).await?;
        }
        let delegations = directory.end_delegations_of(tenant, &accounts, last).await?;
        if theirs.is_empty() && delegations == 0 {
            return Err(Refusal::rule("", Code::MemberGone));
        }
        let event = Event::new(EventKind::MemberLeft, id)
            .fact("name", &known.name)
            .fact("username", &known.username)
            .fact("reason", reason.code())
            .fact("last_day", last)
            .fact("roles", theirs.len())
            .fact("delegations", delegations)
            .touching(Touch::Organisation);
        let left =
            Left { name: known.name.clone(), last_day: last, roles: theirs.len(), delegations };
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        Ok(left)
    }
}
