//! Typed identifiers, so that an indicator's id can never be passed where a measurement's is meant.
//!
//! Inside they are UUIDs of version 7 (time-ordered); at the edge they are shown with a prefix,
//! `ind_0190…`, so that a person sees what an id names.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id of the form {prefix}_… is expected")]
pub struct InvalidId {
    /// The prefix that the id should have had.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix shown at the edge.
            pub const PREFIX: &'static str = $prefix;

            /// The bare UUID, for storage.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Reads `prefix_hex32`. A bare UUID is refused: it does not say what it names.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let invalid = InvalidId { prefix: $prefix };
                let hex = text.strip_prefix(concat!($prefix, "_")).ok_or(invalid.clone())?;
                if hex.len() != 32 {
                    return Err(invalid);
                }
                Uuid::try_parse(hex).map(Self).map_err(|_| invalid)
            }
        }
    )*};
}

ids! {
    /// A government on the platform.
    TenantId = "ten";
    /// A person who signs in.
    UserId = "usr";
    /// A role of a person in a tenant, for a time.
    MembershipId = "mem";
    /// A post (jabatan) of a tenant.
    PostId = "pst";
    /// The handing of a role to another member for a time.
    DelegationId = "dlg";
    /// One sign-in of one person.
    SessionId = "ses";
    /// A sign-in of a browser's session.
    SignInId = "sgn";
    /// A request about an account that a second person decides.
    AccountRequestId = "arq";
    /// A regional agency (OPD) or one of its units.
    AgencyId = "agy";
    /// A medium-term plan (RPJMD).
    PlanId = "pln";
    /// A node of the plan's tree: vision, mission, goal, objective.
    PlanNodeId = "nod";
    /// A link of cause and effect between two objectives.
    CausalLinkId = "lnk";
    /// An indicator.
    IndicatorId = "ind";
    /// A target of an indicator for a period.
    TargetId = "tgt";
    /// A released template.
    ReleaseId = "rel";
    /// The taking over of a release by a regency.
    AdoptionId = "ado";
    /// One value of one indicator and period, in one revision.
    MeasurementId = "msr";
    /// A file or link that supports a measurement.
    EvidenceId = "evd";
    /// A stored file.
    FileId = "fil";
    /// What a tenant published of a period.
    PublicationId = "pub";
    /// A program that acts in a tenant for a person.
    ServiceAccountId = "svc";
    /// A secret with which a service account proves itself.
    ApiTokenId = "tok";
    /// A unit of background work.
    JobId = "job";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_form_reads_back() {
        let id = IndicatorId::from(Uuid::from_u128(42));
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn id_of_another_kind_is_refused() {
        let id = IndicatorId::from(Uuid::from_u128(42)).to_string();
        assert_eq!(id.parse::<MeasurementId>(), Err(InvalidId { prefix: "msr" }));
        assert!("ind_42".parse::<IndicatorId>().is_err());
    }
}
