//! The answers: may this standing do this action to this thing?
//!
//! Call sites ask the literal question; this file alone answers (product.md section 3). Who may not even
//! see a thing is told that it does not exist.

use std::marker::PhantomData;
use std::ops::Deref;

use super::action::{
    Administer, Align, Amend, Delegate, Measure, Publish, Release, Verify, View, ViewAudit,
};
use super::standing::{Held, Role, Standing, Through};
use crate::agency::Agency;
use crate::indicator::{Indicator, Owner};
use crate::measurement::Measurement;
use crate::plan::MediumTermPlan;
use crate::publication::Publication;
use crate::template::TemplateRelease;

/// Why an action is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The person may not know that the thing exists: answered like a missing id.
    #[error("not found")]
    Hidden,
    /// The person may see it and not do this to it.
    #[error("not permitted")]
    Forbidden,
}

/// "Action `A` on this thing is governed by this rule."
pub trait Governs<A> {
    /// Whether the standing may do `A` to this.
    fn allows(&self, standing: &Standing) -> bool;
}

/// Proof that an actor may do `A` to this `T`. Only [`Standing::grant`] makes one.
#[derive(Debug, Clone)]
pub struct Granted<A, T> {
    thing: T,
    action: PhantomData<A>,
}

impl<A, T> Granted<A, T> {
    /// Gives the thing back without the proof.
    pub fn into_inner(self) -> T {
        self.thing
    }
}

impl<A, T> Deref for Granted<A, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.thing
    }
}

impl Standing {
    /// Grants `A` on `thing`, or says how to refuse.
    ///
    /// # Errors
    /// [`Denied::Hidden`] when the thing may not be seen either, [`Denied::Forbidden`] otherwise.
    pub fn grant<A, T>(&self, thing: T) -> Result<Granted<A, T>, Denied>
    where
        T: Governs<A> + Governs<View>,
    {
        if !<T as Governs<View>>::allows(&thing, self) {
            return Err(Denied::Hidden);
        }
        if !<T as Governs<A>>::allows(&thing, self) {
            return Err(Denied::Forbidden);
        }
        Ok(Granted { thing, action: PhantomData })
    }
}

/// Things that are one per tenant and have no row of their own.
macro_rules! synthetic {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;

        impl Governs<View> for $name {
            fn allows(&self, standing: &Standing) -> bool {
                !standing.grants.is_empty()
            }
        }
    )*};
}

synthetic! {
    /// The tenant's OPD tree as a whole.
    Organisation,
    /// The tenant's members as a whole.
    Members,
    /// The tenant's reporting calendar.
    Calendar,
    /// The tenant's plan as a whole.
    Planning,
    /// What the tenant published, as a whole.
    Publishing,
    /// The scorecard as a whole.
    Scorecard,
    /// Templates: releasing (province) and adopting (regency).
    Templates,
    /// The province's view over its regencies.
    Alignment,
    /// The trail of changes.
    Trail,
}

impl Governs<Administer> for Organisation {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Administrator)
    }
}

impl Governs<Administer> for Members {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Administrator)
    }
}

impl Governs<ViewAudit> for Members {
    /// Who may know what everybody may do.
    fn allows(&self, standing: &Standing) -> bool {
        [Role::Administrator, Role::Auditor, Role::Leader].into_iter().any(|it| standing.holds(it))
    }
}

impl Governs<View> for Held {
    fn allows(&self, standing: &Standing) -> bool {
        standing.grants.contains(self)
    }
}

impl Governs<Delegate> for Held {
    /// Only what was given to oneself is handed on, once; who administers is appointed, not deputised.
    fn allows(&self, standing: &Standing) -> bool {
        standing.grants.contains(self)
            && matches!(self.through, Through::Appointment { .. })
            && self.role != Role::Administrator
    }
}

impl Governs<Administer> for Calendar {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Administrator)
    }
}

impl Governs<Amend> for Planning {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Planner)
    }
}

impl Governs<Administer> for Scorecard {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Administrator) || standing.holds(Role::Planner)
    }
}

impl Governs<Publish> for Publishing {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Leader) || standing.holds(Role::Administrator)
    }
}

impl Governs<Release> for Templates {
    fn allows(&self, standing: &Standing) -> bool {
        standing.is_of_province() && standing.holds(Role::Planner)
    }
}

impl Governs<Amend> for Templates {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Planner)
    }
}

impl Governs<Align> for Alignment {
    fn allows(&self, standing: &Standing) -> bool {
        standing.is_of_province() && !standing.grants.is_empty()
    }
}

impl Governs<ViewAudit> for Trail {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Auditor) || standing.holds(Role::Administrator)
    }
}

impl Governs<View> for Agency {
    fn allows(&self, standing: &Standing) -> bool {
        !standing.grants.is_empty()
    }
}

impl Governs<Administer> for Agency {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Administrator)
    }
}

impl Governs<View> for MediumTermPlan {
    fn allows(&self, standing: &Standing) -> bool {
        !standing.grants.is_empty()
    }
}

impl Governs<Amend> for MediumTermPlan {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Planner)
    }
}

impl Governs<View> for Indicator {
    fn allows(&self, standing: &Standing) -> bool {
        !standing.grants.is_empty()
    }
}

impl Governs<Amend> for Indicator {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Planner)
    }
}

impl Governs<Measure> for Indicator {
    /// The officer of the owning unit or of a unit above it, or of the very post that answers for it.
    fn allows(&self, standing: &Standing) -> bool {
        let own_post = |owner: &Owner| {
            let post = owner.post.as_deref().unwrap_or_default();
            standing.holds_post(Role::Officer, owner.agency, post)
        };
        standing.holds_for(Role::Officer, self.owner_line())
            || self.owner.as_ref().is_some_and(own_post)
    }
}

impl Governs<View> for Measurement {
    fn allows(&self, standing: &Standing) -> bool {
        !standing.grants.is_empty()
    }
}

impl Governs<Measure> for Measurement {
    /// The officer of the owning unit or of a unit above it; who answers for their own post only, what they
    /// recorded themselves.
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds_for(Role::Officer, &self.owner_line)
            || (standing.is_same_person(self.recorded_by)
                && standing.holds_own_post_in(Role::Officer, &self.owner_line))
    }
}

impl Governs<Verify> for Measurement {
    /// The head of the owning OPD or of one above it, and never who recorded or submitted the value: nobody
    /// verifies what they did themselves, not through another role, post or account, nor by a deputy.
    fn allows(&self, standing: &Standing) -> bool {
        let authors: Vec<_> = self.authors().collect();
        !authors.iter().any(|author| standing.is_same_person(*author))
            && standing.holds_apart_from(Role::AgencyHead, &self.owner_line, &authors)
    }
}

impl Governs<View> for TemplateRelease {
    fn allows(&self, standing: &Standing) -> bool {
        !standing.grants.is_empty()
    }
}

impl Governs<Amend> for TemplateRelease {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds(Role::Planner)
    }
}

impl Governs<View> for Publication {
    fn allows(&self, standing: &Standing) -> bool {
        !standing.grants.is_empty()
    }
}

impl Governs<Publish> for Publication {
    /// Only the publisher's own leader or administrator; the audience reads.
    fn allows(&self, standing: &Standing) -> bool {
        standing.tenant == self.publisher
            && (standing.holds(Role::Leader) || standing.holds(Role::Administrator))
    }
}
