//! Adoption: a regency takes over a release of its province into its own plan.

use chrono::{DateTime, Utc};

use crate::ids::{AdoptionId, PlanId, ReleaseId, TenantId, UserId};
use crate::indicator::{FieldMode, Indicator, IndicatorManual, ManualField};
use crate::template::Version;

/// The taking over of one release by one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// Its id.
    pub id: AdoptionId,
    /// Who released it.
    pub publisher: TenantId,
    /// The release.
    pub release: ReleaseId,
    /// Its version.
    pub version: Version,
    /// The tenant's plan that it arrived in.
    pub plan: PlanId,
    /// Who adopted it.
    pub adopted_by: UserId,
    /// When.
    pub adopted_at: DateTime<Utc>,
}

/// A change of an adopted indicator touches fields that the release locks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the release locks these fields")]
pub struct LockedFields(pub Vec<ManualField>);

/// Checks that a change of an indicator's manual leaves the locked fields as they are.
///
/// # Errors
/// The locked fields that the change would alter.
pub fn check_amendment(
    indicator: &Indicator,
    amended: &IndicatorManual,
) -> Result<(), LockedFields> {
    let locked: Vec<_> = indicator
        .manual
        .differing_fields(amended)
        .into_iter()
        .filter(|field| indicator.mode_of(*field) == FieldMode::Locked)
        .collect();
    if locked.is_empty() { Ok(()) } else { Err(LockedFields(locked)) }
}
