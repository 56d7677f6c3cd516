//! Who acts: a person in one tenant, with the roles they hold at this moment.

use chrono::NaiveDate;

use crate::ids::{AgencyId, TenantId, UserId};
use crate::tenant::Level;

/// Roles of product.md section 3. The operator is no role of a tenant: operators see no scorecard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Organisation, users, roles, periods, rule switches of the tenant.
    Administrator,
    /// Regional head, deputy, Sekda: reads everything, approves publication.
    Leader,
    /// Plan tree, templates (province), adoption, indicators, targets, weights.
    Planner,
    /// Head of an OPD: reads all of it, verifies its values.
    AgencyHead,
    /// Records values and evidence for indicators that its unit owns.
    Officer,
    /// Inspektorat: reads figures and evidence, changes none.
    Evaluator,
    /// BKPSDM: appraisals, reward and sanction files.
    Hr,
    /// Reads the audit trail.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::Administrator,
        Self::Leader,
        Self::Planner,
        Self::AgencyHead,
        Self::Officer,
        Self::Evaluator,
        Self::Hr,
        Self::Auditor,
    ];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Leader => "leader",
            Self::Planner => "planner",
            Self::AgencyHead => "agency_head",
            Self::Officer => "officer",
            Self::Evaluator => "evaluator",
            Self::Hr => "hr",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whether the role only makes sense for one OPD.
    pub const fn needs_agency(self) -> bool {
        matches!(self, Self::AgencyHead | Self::Officer)
    }
}

/// Where a role holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In the whole tenant.
    Tenant,
    /// In one OPD with its sub-units.
    Agency(AgencyId),
}

/// One role that a person holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub scope: Scope,
    /// First day on which it holds.
    pub valid_from: NaiveDate,
    /// Last day on which it holds; none: until it is ended.
    pub valid_to: Option<NaiveDate>,
}

impl Grant {
    /// Whether the role holds on `day`. Plt/Plh and delegations so expire by themselves.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// A person in one tenant with the roles they hold at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The tenant.
    pub tenant: TenantId,
    /// Level of the tenant: some things only a province does.
    pub level: Level,
    /// The person.
    pub user: UserId,
    /// The person's name as shown in the trail.
    pub name: String,
    /// Roles that hold now, and no others.
    pub grants: Vec<Grant>,
    /// The posts held now, as the trail writes them down ([`post_text`]); empty for a job's worker.
    pub post: String,
}

/// A post as the trail writes it down: Plt or Plh, the jabatan, then the role and its OPD in angle brackets.
/// The OPD stands there by its id, which stays when its name changes.
pub fn post_text(acting: Option<&str>, post: Option<&str>, grant: &Grant) -> String {
    let mut text = String::new();
    for word in [acting, post].into_iter().flatten() {
        text.push_str(word);
        text.push(' ');
    }
    text.push('<');
    text.push_str(grant.role.code());
    if let Scope::Agency(agency) = grant.scope {
        text.push(' ');
        text.push_str(&agency.to_string());
    }
    text.push('>');
    text
}

impl Standing {
    /// Whether the person holds `role` anywhere in the tenant.
    pub fn holds(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether the person holds `role` for an OPD on `line`: the owner and its superiors, or the whole tenant.
    pub fn holds_for(&self, role: Role, line: &[AgencyId]) -> bool {
        self.grants.iter().any(|grant| {
            grant.role == role
                && match grant.scope {
                    Scope::Tenant => true,
                    Scope::Agency(agency) => line.contains(&agency),
                }
        })
    }

    /// Whether this is a province's own person.
    pub fn is_of_province(&self) -> bool {
        self.level == Level::Province
    }
}
