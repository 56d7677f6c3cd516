//! Delegations: a person hands a role that they hold to another member, for a time that ends by itself.

use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{Administer, Delegate, Denied, Governs, Held, Through, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{DelegationId, MembershipId};
use ekinerja_store::TenantScope;

pub use ekinerja_store::delegations::Delegation;

use crate::app::App;
use crate::members::{Membership, day_before};
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::typed::{LONGEST_PROSE, Typed};

/// A delegation as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DelegationDraft {
    /// Id of the role that is handed on, `mem_…`.
    pub role: String,
    /// The receiver's name for signing in; a member with a role of their own.
    pub to: String,
    /// First day; empty: today.
    pub valid_from: String,
    /// Last day.
    pub valid_to: String,
    /// Why; may be empty.
    pub reason: String,
}

/// A delegation with the role that it hands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegatedRole {
    /// The delegation.
    pub delegation: Delegation,
    /// The role.
    pub membership: Membership,
}

impl App {
    /// The delegations that the person gave or received, the latest first; for who administers the members, all.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delegations(&self, scope: &TenantScope) -> Result<Vec<DelegatedRole>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Members)?;
        let standing = scope.standing();
        let all = <Members as Governs<Administer>>::allows(&Members, standing);
        let members = tx.members().await?;
        let mut found = Vec::new();
        for delegation in tx.delegations().all().await? {
            let own = [delegation.from, delegation.to];
            if !all && !own.iter().any(|it| standing.is_same_person(*it)) {
                continue;
            }
            let role = members.iter().find(|it| it.id == delegation.membership);
            let membership = role.cloned().ok_or(Refusal::NotFound)?;
            found.push(DelegatedRole { delegation, membership });
        }
        Ok(found)
    }

    /// Hands a role to another member; it holds from its first day and ends by itself.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::DelegationNotYours`], [`Code::DelegationToSelf`],
    /// [`Code::DelegationOutlives`].
    pub async fn delegate(
        &self,
        scope: &TenantScope,
        draft: &DelegationDraft,
    ) -> Result<Delegation> {
        let tx = self.begin(scope).await?;
        let today = self.today();
        let mut faults = Typed::default();
        let role: Option<MembershipId> = faults.id("role", &draft.role);
        if draft.role.trim().is_empty() {
            faults.blame("role", Code::FieldMissing);
        }
        let to = faults.required("to", &draft.to, 60).to_lowercase();
        let from = faults.day("valid_from", &draft.valid_from).unwrap_or(today);
        let until = faults.day("valid_to", &draft.valid_to);
        if draft.valid_to.trim().is_empty() {
            faults.blame("valid_to", Code::FieldMissing);
        }
        if until.is_some_and(|last| last < from.max(today)) {
            faults.blame("valid_to", Code::DatesReversed);
        }
        let reason = faults.optional("reason", &draft.reason, LONGEST_PROSE);
        let members = tx.members().await?;
        let receiver = members.iter().find(|it| it.username == to && it.grant.holds_on(today));
        if receiver.is_none() && !to.is_empty() {
            faults.blame("to", Code::FieldUnknownReference);
        }
        let standing = scope.standing();
        if receiver.is_some_and(|it| standing.is_same_person(it.user)) {
            faults.blame("to", Code::DelegationToSelf);
        }
        let held = role.and_then(|id| own_role(&standing.grants, id));
        if let (Some(held), Some(until)) = (&held, until)
            && let Some(last) = held.valid_to.filter(|last| *last < until)
        {
            let outlives = Violation::new("valid_to", Code::DelegationOutlives);
            faults.wrong(outlives.with("last", last.format("%d-%m-%Y")));
        }
        faults.done()?;
        let (Some(receiver), Some(until)) = (receiver, until) else {
            return Err(Refusal::invalid("to", Code::FieldMissing));
        };
        let held = held.ok_or_else(|| Refusal::invalid("role", Code::DelegationNotYours))?;
        let permit = match tx.permit::<Delegate, Held>(held) {
            Err(ekinerja_store::Error::Denied(Denied::Forbidden)) => {
                return Err(Refusal::invalid("role", Code::DelegationNotYours));
            }
            other => other?,
        };
        let added = tx
            .delegations()
            .add(&permit, receiver, (from, until), reason)
            .await
            .on_constraint("delegations_two_people", || {
                Refusal::invalid("to", Code::DelegationToSelf)
            })?;
        let event = about(EventKind::RoleDelegated, &added)
            .fact("role", permit.role.code())
            .fact("valid_from", added.valid_from)
            .fact("valid_to", added.valid_to)
            .fact_if("reason", added.reason.as_ref());
        tx.commit(event).await?;
        Ok(added)
    }

    /// Ends a delegation: it holds no more from this moment. Its giver, its receiver and administrators may.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] also for a delegation between others; [`Code::DelegationEnded`].
    pub async fn end_delegation(
        &self,
        scope: &TenantScope,
        id: DelegationId,
    ) -> Result<Delegation> {
        let tx = self.begin(scope).await?;
        let found = tx.delegations().find(id).await?.ok_or(Refusal::NotFound)?;
        let standing = scope.standing();
        let own = [found.from, found.to].iter().any(|it| standing.is_same_person(*it));
        if !own && !<Members as Governs<Administer>>::allows(&Members, standing) {
            return Err(Refusal::NotFound);
        }
        let last = day_before(self.today()).max(day_before(found.valid_from));
        if found.valid_to <= last {
            return Err(Refusal::rule("", Code::DelegationEnded));
        }
        tx.delegations().end(id, last).await?;
        tx.commit(about(EventKind::DelegationEnded, &found).fact("last_day", last)).await?;
        Ok(Delegation { valid_to: last, ..found })
    }
}

/// The role of one's own that this giving gave.
fn own_role(grants: &[Held], id: MembershipId) -> Option<Held> {
    let given = |held: &&Held| matches!(held.through, Through::Appointment { membership, .. } if membership == id);
    grants.iter().find(given).cloned()
}

fn about(kind: EventKind, delegation: &Delegation) -> Event {
    Event::new(kind, delegation.id)
        .fact("from", &delegation.from_name)
        .fact("to", &delegation.to_name)
        .fact("username", &delegation.to_username)
        .touching(Touch::Organisation)
}
