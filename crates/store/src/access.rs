//! Where policy meets rows: a row leaves a repository only with the proof that the actor may have it.

use ekinerja_domain::access::{Denied, Governs, Granted, View};

use crate::error::{Error, Result};
use crate::tenant::TenantTx;

impl TenantTx {
    /// Grants `A` on a thing that was found, or refuses; a thing that was not found is hidden.
    pub(crate) fn grant<A, T>(&self, found: Option<T>) -> Result<Granted<A, T>>
    where
        T: Governs<A> + Governs<View>,
    {
        let thing = found.ok_or(Error::Denied(Denied::Hidden))?;
        Ok(self.standing().grant(thing)?)
    }

    /// Grants `A` on a thing that is one per tenant (the calendar, the trail).
    ///
    /// # Errors
    /// [`Error::Denied`] when the actor may not.
    pub fn permit<A, T>(&self, thing: T) -> Result<Granted<A, T>>
    where
        T: Governs<A> + Governs<View>,
    {
        Ok(self.standing().grant(thing)?)
    }
}
