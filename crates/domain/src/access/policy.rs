//! The answers: may this standing do this action to this thing?
//!
//! Call sites ask the literal question; this file alone answers (product.md section 3). Who may not even
//! see a thing is told that it does not exist.

use std::marker::PhantomData;
use std::ops::Deref;

use super::action::{Administer, Align, Amend, Measure, Publish, Release, Verify, View, ViewAudit};
use super::standing::{Role, Standing};
use crate::agency::Agency;
use crate::indicator::Indicator;
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
    /// The officer of the owning unit or of a unit above it.
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds_for(Role::Officer, self.owner_line())
    }
}

impl Governs<View> for Measurement {
    fn allows(&self, standing: &Standing) -> bool {
        !standing.grants.is_empty()
    }
}

impl Governs<Measure> for Measurement {
    fn allows(&self, standing: &Standing) -> bool {
        standing.holds_for(Role::Officer, &self.owner_line)
    }
}

impl Governs<Verify> for Measurement {
    /// The head of the owning OPD or of one above it, and never who recorded the value:
    /// nobody verifies what they recorded themselves, not even through another role.
    fn allows(&self, standing: &Standing) -> bool {
        standing.user != self.recorded_by && standing.holds_for(Role::AgencyHead, &self.owner_line)
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
