//! The life of a government: the operator lets it work, freezes it (read-only), suspends it.
//!
//! Every change says why and on which legal basis, and is written into the operator's trail and into that of the
//! government. A frozen government is read as before and written by nobody; of a suspended one nobody signs in,
//! reads or writes. What it published stays with its province, marked. Other governments are untouched.

use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::tenant::{RegionCode, TenantState};

pub use ekinerja_store::directory::life::{StateChange, TenantLife};

use crate::app::App;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::tenants::Operator;
use crate::typed::{LONGEST_LINE, LONGEST_TEXT, Typed};

/// The state that a government shall have, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeState {
    /// Code of the state: `active`, `read_only`, `suspended`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// The regulation, decree or letter; needed unless the government shall work again.
    pub legal_basis: String,
}

impl App {
    /// In which state a government is, by its Kemendagri code.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it was never opened here.
    pub async fn tenant_life(&self, _operator: &Operator, code: &str) -> Result<TenantLife> {
        let code: RegionCode = code.parse().map_err(|_| Refusal::NotFound)?;
        let directory = self.store.directory(self.now()).await?;
        let tenant = directory.find_tenant_by_code(&code).await?.ok_or(Refusal::NotFound)?;
        directory.life_of(tenant.id).await?.ok_or(Refusal::NotFound)
    }

    /// Lets a government work, freezes it or suspends it. Every process hears of it at once; suspending also ends
    /// the sign-ins that enter nothing any more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Invalid`] names each field; [`Refusal::Stale`] when the state changed since
    /// `revision`; [`Code::TenantStateStep`] when it is in that state already or erased.
    pub async fn set_tenant_state(
        &self,
        operator: &Operator,
        code: &str,
        revision: i32,
        ask: &ChangeState,
    ) -> Result<TenantLife> {
        let life = self.tenant_life(operator, code).await?;
        let mut faults = Typed::default();
        let wanted =
            TenantState::from_code(ask.state.trim()).filter(|it| *it != TenantState::Erased);
        if wanted.is_none() {
            let known = if ask.state.trim().is_empty() {
                Code::FieldMissing
            } else {
                Code::FieldUnknownValue
            };
            faults.blame("state", known);
        }
        let reason = faults.required("reason", &ask.reason, LONGEST_TEXT);
        let legal_basis = if wanted == Some(TenantState::Active) {
            faults.optional("legal_basis", &ask.legal_basis, LONGEST_LINE).unwrap_or_default()
        } else {
            faults.required("legal_basis", &ask.legal_basis, LONGEST_LINE)
        };
        faults.done()?;
        let wanted = wanted.ok_or_else(|| Refusal::invalid("state", Code::FieldMissing))?;
        if life.revision != revision {
            return Err(Refusal::Stale);
        }
        let step = || Refusal::Rule(Violation::new("state", Code::TenantStateStep));
        if !life.tenant.state.may_become(wanted) {
            return Err(step());
        }
        let directory = self.store.directory(self.now()).await?;
        let tenant = &life.tenant;
        let change = StateChange {
            since: directory.now(),
            reason,
            legal_basis,
            by: operator.name().to_owned(),
        };
        let set = directory.set_state(tenant.id, revision, wanted, &change).await;
        set.on_constraint("tenants_state_steps", step)?;
        let ended = match wanted {
            TenantState::Suspended => directory.end_sign_ins_into(tenant.id).await?,
            _ => 0,
        };
        let mut event = Event::new(EventKind::TenantStateSet, tenant.id)
            .fact("name", &tenant.name)
            .change("state", tenant.state.code(), wanted.code())
            .fact("reason", &change.reason)
            .fact_if("legal_basis", Some(&change.legal_basis).filter(|it| !it.is_empty()))
            // Roles, sessions and drawn pages of the government are read anew, and its province's list of it.
            .touching(Touch::Organisation)
            .touching(Touch::Plan);
        if ended > 0 {
            event = event.fact("sign_ins_ended", ended);
        }
        if let Some(province) = tenant.parent {
            event = event.touching(Touch::Governments(province));
        }
        directory.commit_for(operator.actor(), None, vec![(tenant.id, event)]).await?;
        self.tenant_life(operator, code).await
    }
}
