//! Who acts: a person in one tenant, with the roles they hold at this moment.

use std::ops::Deref;

use chrono::NaiveDate;

use crate::ids::{AgencyId, DelegationId, MembershipId, TenantId, UserId};
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
    /// For what names the person's own post in this OPD, and nothing else of it.
    Post(AgencyId),
}

impl Scope {
    /// The OPD that it names; none for the whole tenant.
    pub const fn agency(self) -> Option<AgencyId> {
        match self {
            Self::Tenant => None,
            Self::Agency(agency) | Self::Post(agency) => Some(agency),
        }
    }
}

/// Holding a post for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Acting {
    /// Pelaksana tugas: the post is vacant.
    Plt,
    /// Pelaksana harian: the holder is away.
    Plh,
}

impl Acting {
    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Plt => "plt",
            Self::Plh => "plh",
        }
    }

    /// As it stands before the post, `Plt.`.
    pub const fn abbreviation(self) -> &'static str {
        match self {
            Self::Plt => "Plt.",
            Self::Plh => "Plh.",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Plt, Self::Plh].into_iter().find(|acting| acting.code() == code)
    }
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

/// How a person came by a role.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Through {
    /// It was given to them, definitively or as Plt or Plh.
    Appointment {
        /// The giving.
        membership: MembershipId,
        /// The post, where one is named.
        post: Option<String>,
        /// Whether for another.
        acting: Option<Acting>,
    },
    /// Its holder delegated it to them for a time.
    Delegation {
        /// The delegation.
        delegation: DelegationId,
        /// Every account of the person who delegated it.
        from: Vec<UserId>,
        /// That person's name.
        from_name: String,
        /// The post through which that person holds it.
        post: Option<String>,
    },
    /// It is a program's, which acts for the person who answers for it.
    Program {
        /// Name of the service account.
        account: String,
    },
}

/// A role that a person holds, and how they came by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Held {
    /// Role, scope, time.
    pub grant: Grant,
    /// How they came by it.
    pub through: Through,
}

impl Deref for Held {
    type Target = Grant;

    fn deref(&self) -> &Grant {
        &self.grant
    }
}

impl Held {
    /// The post that stands behind the role.
    pub fn post(&self) -> Option<&str> {
        match &self.through {
            Through::Appointment { post, .. } | Through::Delegation { post, .. } => post.as_deref(),
            Through::Program { account } => Some(account),
        }
    }

    /// Whether it comes from this person, who therefore must not profit from its use.
    pub fn comes_from(&self, user: UserId) -> bool {
        matches!(&self.through, Through::Delegation { from, .. } if from.contains(&user))
    }

    /// What another person holds of it when it is delegated to them for these days: never longer than it
    /// holds itself.
    #[must_use]
    pub fn delegated(&self, days: (NaiveDate, NaiveDate), through: Through) -> Self {
        let (from, to) = days;
        let valid_to = self.valid_to.map_or(to, |last| last.min(to));
        let grant =
            Grant { valid_from: self.valid_from.max(from), valid_to: Some(valid_to), ..self.grant };
        Self { grant, through }
    }

    fn covers(&self, role: Role, line: &[AgencyId]) -> bool {
        self.role == role
            && match self.scope {
                Scope::Tenant => true,
                Scope::Agency(agency) => line.contains(&agency),
                Scope::Post(_) => false,
            }
    }

    /// Whether it holds for what names `post` in `agency`.
    fn covers_post(&self, role: Role, agency: AgencyId, post: &str) -> bool {
        let own = |own: &str| own.trim().to_lowercase() == post.trim().to_lowercase();
        self.role == role
            && self.scope == Scope::Post(agency)
            && !post.trim().is_empty()
            && self.post().is_some_and(own)
    }

    /// The post as it signs: `Plt. Kepala Dinas Kesehatan`.
    pub fn post_words(&self) -> Option<String> {
        match &self.through {
            Through::Appointment { post, acting, .. } => {
                let acting = acting.map(|it| format!("{} ", it.abbreviation())).unwrap_or_default();
                post.as_ref().map(|post| format!("{acting}{post}"))
            }
            Through::Delegation { post, from_name, .. } => {
                let post = post.as_deref().unwrap_or(from_name);
                Some(format!("a.n. {post}"))
            }
            Through::Program { account } => Some(account.clone()),
        }
    }

    /// The post as the trail writes it down: Plt, Plh or on whose behalf, the jabatan, then the role and its
    /// OPD in angle brackets. The OPD stands there by its id, which stays when its name changes.
    pub fn post_text(&self) -> String {
        let mut text = String::new();
        let word = match &self.through {
            Through::Appointment { acting, .. } => acting.map(Acting::code),
            Through::Delegation { .. } => Some("a.n."),
            Through::Program { .. } => None,
        };
        for word in [word, self.post()].into_iter().flatten() {
            text.push_str(word);
            text.push(' ');
        }
        if let Through::Delegation { from_name, .. } = &self.through {
            text.push('(');
            text.push_str(from_name);
            text.push_str(") ");
        }
        text.push('<');
        text.push_str(self.role.code());
        if let Some(agency) = self.scope.agency() {
            text.push(' ');
            text.push_str(&agency.to_string());
        }
        text.push('>');
        text
    }
}

/// A person in one tenant with the roles they hold at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The tenant.
    pub tenant: TenantId,
    /// Level of the tenant: some things only a province does.
    pub level: Level,
    /// The account that acts.
    pub user: UserId,
    /// Other accounts of the same person: those with the same employee number (NIP).
    pub accounts: Vec<UserId>,
    /// The person's name as shown in the trail.
    pub name: String,
    /// Roles that hold now, and no others.
    pub grants: Vec<Held>,
}

impl Standing {
    /// The same person with only those of these roles that hold on `day`.
    #[must_use]
    pub fn holding(self, grants: impl IntoIterator<Item = Held>, day: NaiveDate) -> Self {
        let grants = grants.into_iter().filter(|held| held.holds_on(day)).collect();
        Self { grants, ..self }
    }

    /// The same person with one role only: what the policy says then is what this role is good for.
    #[must_use]
    pub fn with_only(&self, held: &Held) -> Self {
        Self { grants: vec![held.clone()], ..self.clone() }
    }

    /// Whether the person holds `role` anywhere in the tenant.
    pub fn holds(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether the person holds `role` for an OPD on `line`: the owner and its superiors, or the whole tenant.
    pub fn holds_for(&self, role: Role, line: &[AgencyId]) -> bool {
        self.grants.iter().any(|held| held.covers(role, line))
    }

    /// Like [`Standing::holds_for`], by a role that comes from none of these people: what one of them did, no
    /// deputy of theirs confirms in their stead.
    pub fn holds_apart_from(&self, role: Role, line: &[AgencyId], authors: &[UserId]) -> bool {
        self.grants.iter().any(|held| {
            held.covers(role, line) && !authors.iter().any(|author| held.comes_from(*author))
        })
    }

    /// Whether the person holds `role` for what names `post` in `agency`.
    pub fn holds_post(&self, role: Role, agency: AgencyId, post: &str) -> bool {
        self.grants.iter().any(|held| held.covers_post(role, agency, post))
    }

    /// Whether the person holds `role` for their own post in an OPD on `line`.
    pub fn holds_own_post_in(&self, role: Role, line: &[AgencyId]) -> bool {
        self.grants.iter().any(|held| {
            held.role == role && matches!(held.scope, Scope::Post(it) if line.first() == Some(&it))
        })
    }

    /// Whether this account belongs to the same person.
    pub fn is_same_person(&self, user: UserId) -> bool {
        self.user == user || self.accounts.contains(&user)
    }

    /// Whether this is a province's own person.
    pub fn is_of_province(&self) -> bool {
        self.level == Level::Province
    }

    /// The posts held now, as the trail writes them down; empty for a job's worker.
    pub fn post_text(&self) -> String {
        self.grants.iter().map(Held::post_text).collect::<Vec<_>>().join("; ")
    }

    /// The posts in which the person acts, as they sign, each once; none when no role names a post.
    pub fn post_words(&self) -> Option<String> {
        let mut posts: Vec<String> = Vec::new();
        for words in self.grants.iter().filter_map(Held::post_words) {
            if !posts.contains(&words) {
                posts.push(words);
            }
        }
        (!posts.is_empty()).then(|| posts.join("; "))
    }
}
