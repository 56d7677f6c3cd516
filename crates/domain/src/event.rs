//! Events: what happened, in the past tense. No change is committed without one.
//!
//! An event drives the audit trail, the recalculation of what it touches, and the caches that are dropped.

use crate::ids::{IndicatorId, TenantId};
use crate::period::Period;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What kind of thing happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $name,)*
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable code for the trail.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The kind with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.code() == code)
            }
        }
    };
}

kinds! {
    /// The operator opened a tenant.
    TenantOpened = "tenant.opened";
    /// The operator let a tenant work, froze it, suspended it.
    TenantStateSet = "tenant.state_set";
    /// Everything of a tenant was taken out as one archive.
    TenantExported = "tenant.exported";
    /// A tenant came in from an archive.
    TenantImported = "tenant.imported";
    /// Rows and files of a tenant were erased.
    TenantErased = "tenant.erased";
    /// A platform operator was added.
    OperatorAdded = "operator.added";
    /// A person changed their password.
    PasswordChanged = "password.changed";
    /// A person set up a second factor for their local account.
    SecondFactorSet = "second_factor.set";
    /// A person switched their second factor off.
    SecondFactorRemoved = "second_factor.removed";
    /// A person made new recovery codes.
    RecoveryCodesRenewed = "second_factor.codes_renewed";
    /// A lost second factor was taken away by somebody else.
    SecondFactorWithdrawn = "second_factor.withdrawn";
    /// It was set for whom a second factor is obligatory.
    SecondFactorRuleSet = "second_factor.rule_set";
    /// A link that sets a password once was given out.
    PasswordLinkIssued = "password.link_issued";
    /// A password was set with such a link.
    PasswordReset = "password.reset";
    /// Help for an account was asked for that needs a second person.
    AccountRequestMade = "account_request.made";
    /// A second person approved or refused it.
    AccountRequestDecided = "account_request.decided";
    /// A person signed in.
    SignInSucceeded = "sign_in.succeeded";
    /// Somebody tried to sign in and was refused.
    SignInFailed = "sign_in.failed";
    /// An account for emergencies asked to be let in.
    EmergencyAsked = "sign_in.emergency_asked";
    /// A second person let it in or did not.
    EmergencyDecided = "sign_in.emergency_decided";
    /// It entered for the first time.
    EmergencyEntered = "sign_in.emergency_entered";
    /// Emergency access was ended before its time.
    EmergencyEnded = "sign_in.emergency_ended";
    /// A person as the identity provider names them was linked to an account.
    IdentityLinked = "identity.linked";
    /// That link was taken away.
    IdentityUnlinked = "identity.unlinked";
    /// The settings of the identity provider were changed.
    IdentityProviderSet = "identity_provider.set";
    /// A person who never signed in got another first password.
    FirstPasswordRenewed = "member.first_password_renewed";
    /// A person was given a role.
    MemberAdded = "member.added";
    /// A person's role was ended.
    MemberEnded = "member.ended";
    /// A service account was made.
    ServiceAccountAdded = "service_account.added";
    /// A service account was ended, with all its tokens.
    ServiceAccountEnded = "service_account.ended";
    /// A token of a service account was given out.
    ApiTokenIssued = "api_token.issued";
    /// A token of a service account was revoked.
    ApiTokenRevoked = "api_token.revoked";
    /// A person left the government: every role and delegation of theirs was ended.
    MemberLeft = "member.left";
    /// A list of people was taken over.
    MembersImported = "members.imported";
    /// A post was added.
    PostAdded = "post.added";
    /// A post was abolished.
    PostAbolished = "post.abolished";
    /// A role was delegated.
    RoleDelegated = "role.delegated";
    /// A delegation was ended.
    DelegationEnded = "role.delegation_ended";
    /// An agency was added.
    AgencyAdded = "agency.added";
    /// An agency was changed.
    AgencyAmended = "agency.amended";
    /// A plan was drafted.
    PlanDrafted = "plan.drafted";
    /// A plan was changed.
    PlanAmended = "plan.amended";
    /// A node of the plan was added.
    PlanNodeAdded = "plan_node.added";
    /// A node of the plan was changed.
    PlanNodeAmended = "plan_node.amended";
    /// A node of the plan was removed.
    PlanNodeRemoved = "plan_node.removed";
    /// A link of cause and effect was drawn on the strategy map.
    CausalLinkAdded = "causal_link.added";
    /// A link of cause and effect was changed.
    CausalLinkAmended = "causal_link.amended";
    /// A link of cause and effect was taken off the strategy map.
    CausalLinkRemoved = "causal_link.removed";
    /// Names, order or weights of the perspectives were changed.
    PerspectivesAmended = "perspectives.amended";
    /// An indicator was added.
    IndicatorAdded = "indicator.added";
    /// An indicator was changed.
    IndicatorAmended = "indicator.amended";
    /// An indicator was retired.
    IndicatorRetired = "indicator.retired";
    /// A target was set.
    TargetSet = "target.set";
    /// A target was revised.
    TargetRevised = "target.revised";
    /// A template was released.
    TemplateReleased = "template.released";
    /// A release was withdrawn.
    TemplateWithdrawn = "template.withdrawn";
    /// A release was adopted.
    TemplateAdopted = "template.adopted";
    /// The rule set of a year was chosen.
    RuleSetChosen = "rule_set.chosen";
    /// A period was opened, set to closing, closed.
    PeriodStateSet = "period.state_set";
    /// A closed period was reopened for a time.
    PeriodReopened = "period.reopened";
    /// A value was recorded.
    MeasurementRecorded = "measurement.recorded";
    /// A value was submitted.
    MeasurementSubmitted = "measurement.submitted";
    /// A value was verified.
    MeasurementVerified = "measurement.verified";
    /// A value was rejected.
    MeasurementRejected = "measurement.rejected";
    /// The scorecard of a period was scored again: the calendar, targets, weights or rules changed.
    ScorecardRecalculated = "scorecard.recalculated";
    /// Evidence was added.
    EvidenceAdded = "evidence.added";
    /// A period was published.
    PeriodPublished = "period.published";
    /// A publication was revoked.
    PublicationRevoked = "publication.revoked";
    /// The province recalculated roll-ups.
    RollupRecalculated = "rollup.recalculated";
    /// The chain of the trail was checked.
    TrailChecked = "trail.checked";
}

impl EventKind {
    /// Whether this is written of a tenant that rests (read-only or suspended): what the platform does to it,
    /// who signed in or tried to, and the check of its trail. Nothing else is.
    pub fn goes_on_at_rest(self) -> bool {
        let about = self.code().split_once('.').map_or("", |(about, _)| about);
        ["tenant", "sign_in", "password", "identity", "trail"].contains(&about)
    }
}

/// What an event touches: which cached pages are stale and which figures must be computed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touch {
    /// The figures of one period of the tenant.
    Period(Period),
    /// One indicator in every period.
    Indicator(IndicatorId),
    /// Everything that shows the plan.
    Plan,
    /// Organisation and members.
    Organisation,
    /// What another tenant sees of this one (its province) in a period.
    Audience(TenantId, Period),
    /// Which governments under another tenant (its province) use the system.
    Governments(TenantId),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What kind.
    pub kind: EventKind,
    /// Shown id of the thing it happened to.
    pub subject: String,
    /// Facts for the trail: from, to, why; keys are stable, values are as people read them.
    pub facts: Vec<(&'static str, String)>,
    /// What it touches.
    pub touches: Vec<Touch>,
}

impl Event {
    /// An event without facts that touches nothing.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers pass what they have, a value or a reference"
    )]
    pub fn new(kind: EventKind, subject: impl ToString) -> Self {
        Self { kind, subject: subject.to_string(), facts: Vec::new(), touches: Vec::new() }
    }

    /// With one more fact.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers pass what they have, a value or a reference"
    )]
    pub fn fact(mut self, key: &'static str, value: impl ToString) -> Self {
        self.facts.push((key, value.to_string()));
        self
    }

    /// With one more fact if there is a value.
    #[must_use]
    pub fn fact_if(self, key: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.fact(key, value),
            None => self,
        }
    }

    /// With what something was and what it became, if the two differ. Nothing is a dash.
    #[must_use]
    pub fn change(self, key: &'static str, before: &str, after: &str) -> Self {
        if before == after {
            return self;
        }
        let shown = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
        self.fact(key, format!("{} → {}", shown(before), shown(after)))
    }

    /// Touching one more thing.
    #[must_use]
    pub fn touching(mut self, touch: Touch) -> Self {
        self.touches.push(touch);
        self
    }
}
