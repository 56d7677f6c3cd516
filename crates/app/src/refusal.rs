//! Refusals: why a use case did not do what was asked, in a closed list free of transport.

use ekinerja_domain::access::Denied;
use ekinerja_store::Error as StoreError;
use ekinerja_store::idempotency::DONE_ONCE;

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Refusal>;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// Stable names of what can be wrong. A code is retired, never used for something else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as clients and texts know it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

codes! {
    /// There is no such thing, or the caller may not know of it.
    NotFound = "not-found";
    /// The caller may see it and not do this to it.
    Forbidden = "forbidden";
    /// Nobody is signed in.
    Unauthenticated = "unauthenticated";
    /// Name or password is wrong; which of them is not said.
    SignInFailed = "sign-in.failed";
    /// Name and password are right; the code of the second factor is missing.
    SecondFactorWanted = "sign-in.code-wanted";
    /// The sign-in that waited for a code is over, or was finished before.
    SecondStepOver = "sign-in.step-over";
    /// The code of the second factor is wrong.
    SecondFactorWrong = "second-factor.code-wrong";
    /// The code of the second factor was used before.
    SecondFactorUsed = "second-factor.code-used";
    /// Too many wrong codes: none is taken for a while.
    SecondFactorBlocked = "second-factor.blocked";
    /// The person must set up a second factor before anything else.
    SecondFactorMissing = "second-factor.missing";
    /// The account has a second factor already.
    SecondFactorPresent = "second-factor.present";
    /// The account has no second factor.
    SecondFactorAbsent = "second-factor.absent";
    /// The platform has no key to seal a second factor with.
    SecondFactorUnavailable = "second-factor.unavailable";
    /// The account is another government's as well, an operator's, disabled or one's own.
    AccountNotYours = "account.not-yours";
    /// A link to a password is unknown, used or too old.
    PasswordLinkInvalid = "password-link.invalid";
    /// Too many links were given out for one account.
    PasswordLinkTooOften = "password-link.too-often";
    /// The same was asked for already, and nobody has decided.
    AccountRequestOpen = "account-request.open";
    /// The request is decided or too old.
    AccountRequestOver = "account-request.over";
    /// Who asked, or whose account it is about, decides nothing.
    AccountRequestTwoPeople = "account-request.two-people";
    /// The account is for emergencies, and no request of its own runs.
    EmergencyClosed = "emergency.closed";
    /// Emergency access of the account runs already.
    EmergencyRunning = "emergency.running";
    /// This browser holds no sign-in for the government.
    SignInOfTenant = "sign-in.of-tenant";
    /// The sign-in did not begin in this browser, came back already, or came back too late.
    SignInUnfinished = "sign-in.unfinished";
    /// The identity provider let nobody in.
    SignInCancelled = "sign-in.cancelled";
    /// What the identity provider says is not to be trusted.
    SignInDistrusted = "sign-in.distrusted";
    /// The identity provider knows the person, and the government does not.
    SignInUnknownPerson = "sign-in.unknown-person";
    /// The address of an identity provider is none.
    ProviderAddress = "provider.address";
    /// The operator does not allow the host of an identity provider.
    ProviderNotAllowed = "provider.not-allowed";
    /// An identity provider is inside a private network.
    ProviderPrivateAddress = "provider.private-address";
    /// An identity provider does not answer.
    ProviderUnreachable = "provider.unreachable";
    /// An identity provider answers too late.
    ProviderSlow = "provider.slow";
    /// An identity provider sends us elsewhere.
    ProviderRedirects = "provider.redirects";
    /// An identity provider answers at too great length.
    ProviderTooLarge = "provider.too-large";
    /// An identity provider's answer is not what it must be.
    ProviderUnreadable = "provider.unreadable";
    /// An identity provider answers with another status than 200.
    ProviderStatus = "provider.status";
    /// An identity provider calls itself otherwise.
    ProviderOtherIssuer = "provider.other-issuer";
    /// An identity provider has no keys.
    ProviderNoKeys = "provider.no-keys";
    /// An identity provider does not know this product by its id and secret.
    ProviderClientRefused = "provider.client-refused";
    /// The kept secret of an identity provider's client cannot be read any more.
    ProviderSecretUnreadable = "provider.secret-unreadable";
    /// The operator gave no key with which secrets are sealed.
    ProviderNoSealKey = "provider.no-seal-key";
    /// Another provider needs its own secret.
    ProviderSecretAgain = "provider.secret-again";
    /// Nobody could sign in were the provider away.
    ProviderEmergencyNobody = "provider.emergency-nobody";
    /// The name of a claim has letters that none has.
    ProviderClaimInvalid = "provider.claim-invalid";
    /// Scopes have letters that none has.
    ProviderScopesInvalid = "provider.scopes-invalid";
    /// Something in the request is not as it must be; the violations say what.
    Invalid = "invalid";
    /// The thing changed since the caller read it.
    Stale = "stale";
    /// The server has no room for the request now.
    Busy = "busy";
    /// The server failed; the trace id finds it in the logs.
    Internal = "internal";
    /// The address takes other methods than this one.
    MethodNotAllowed = "request.method-not-allowed";
    /// The body is larger than the address takes.
    BodyTooLarge = "request.too-large";
    /// The body or the address cannot be read: it is not what its media type says.
    RequestMalformed = "request.malformed";
    /// The body has another media type than the address takes.
    BodyMediaType = "request.media-type";
    /// The answer took too long; a write may have been done all the same.
    RequestTimeout = "request.timeout";
    /// The caller, or the caller's government, sent more than its share.
    TooManyRequests = "request.too-many";
    /// Too many tries to sign in, with this account or from this place.
    SignInTooOften = "sign-in.too-often";
    /// A page of another site sent the request.
    CrossSite = "request.cross-site";
    /// A change must say with `If-Match` which revision it changes.
    IfMatchMissing = "request.if-match-missing";
    /// A form carries another token than its session's.
    FormToken = "request.form-token";
    /// `If-Match` is not one revision in quotation marks.
    IfMatchUnreadable = "request.if-match-unreadable";
    /// `Idempotency-Key` is empty, too long or has characters it must not have.
    IdempotencyKeyUnusable = "idempotency.key-unusable";
    /// The same `Idempotency-Key` came with another request.
    IdempotencyKeyReused = "idempotency.key-reused";
    /// The request with this key was done, and its answer is not there (yet).
    IdempotencyUnfinished = "idempotency.unfinished";
    /// The request has a field that is not known here.
    FieldUnknown = "field.unknown";
    /// A field has another type of value than it takes: a number for a text, a list for one value.
    FieldWrongType = "field.wrong-type";
    /// A field is there twice.
    FieldRepeated = "field.repeated";
    /// A field that must be filled is empty.
    FieldMissing = "field.missing";
    /// A text is longer than the field takes.
    FieldTooLong = "field.too-long";
    /// A field has a value that is not one of those it takes.
    FieldUnknownValue = "field.unknown-value";
    /// An id is not of the form that this field takes, or names nothing here.
    FieldUnknownReference = "field.unknown-reference";
    /// A number cannot be read.
    NumberUnreadable = "number.unreadable";
    /// A number uses a comma for thousands.
    NumberForeignFormat = "number.foreign-format";
    /// A number is too large or has too many decimals.
    NumberOutOfRange = "number.out-of-range";
    /// A number is below zero where only zero or more has a meaning.
    NumberNegative = "number.negative";
    /// A whole number was expected.
    NumberNotWhole = "number.not-whole";
    /// A date cannot be read or is impossible.
    DateInvalid = "date.invalid";
    /// A period cannot be read.
    PeriodInvalid = "period.invalid";
    /// The tenant is open already.
    TenantAlreadyOpen = "tenant.already-open";
    /// The region code is not in the list of regions.
    TenantUnknownRegion = "tenant.unknown-region";
    /// A regency needs its province first.
    TenantProvinceMissing = "tenant.province-missing";
    /// The region does not govern itself, so it has no scorecard of its own.
    TenantNotAutonomous = "tenant.not-autonomous";
    /// The government is not open on this platform.
    TenantNotOpen = "tenant.not-open";
    /// The government rests: it is read and not written.
    TenantReadOnly = "tenant.read-only";
    /// The government is suspended: its people neither sign in nor read.
    TenantSuspended = "tenant.suspended";
    /// The government is in that state already, or is erased.
    TenantStateStep = "tenant.state-step";
    /// Only a suspended government is erased.
    TenantNotSuspended = "tenant.not-suspended";
    /// Governments under the province are not erased.
    TenantHasRegencies = "tenant.has-regencies";
    /// The address that was typed to confirm is another one.
    ConfirmationDiffers = "tenant.confirmation-differs";
    /// The file is no archive of ours, is damaged or cut off, or holds what the manifest does not name.
    ArchiveUnreadable = "archive.unreadable";
    /// A part of the archive is not what its manifest says.
    ArchiveTampered = "archive.tampered";
    /// The archive would unpack to more than is taken.
    ArchiveTooLarge = "archive.too-large";
    /// The archive was made by another version of the schema.
    ArchiveVersion = "archive.version";
    /// A row of the archive is another government's or does not fit.
    ArchiveForeign = "archive.foreign";
    /// The government of the archive, its code or its address is here already.
    ArchivePresent = "archive.present";
    /// A file of the evidence is not in its place or damaged, so that no whole archive can be made.
    ArchiveFileMissing = "archive.file-missing";
    /// A file of that name is there already.
    ArchiveFileThere = "archive.file-there";
    /// The government is erased: there is nothing to take out.
    ArchiveNothing = "archive.nothing";
    /// No archive with this hash was taken since the government was suspended.
    ArchiveNotTaken = "archive.not-taken";
    /// The address is taken or reserved.
    TenantSlugUnusable = "tenant.slug-unusable";
    /// The name for signing in is taken.
    UsernameTaken = "user.username-taken";
    /// The name for signing in has characters it must not have.
    UsernameInvalid = "user.username-invalid";
    /// The password is too short.
    PasswordTooShort = "user.password-too-short";
    /// The password was given by somebody else and must be changed first.
    PasswordMustChange = "user.password-must-change";
    /// The present password is wrong.
    PasswordWrong = "user.password-wrong";
    /// The new password is the present one.
    PasswordSame = "user.password-same";
    /// The new password was typed differently the second time.
    PasswordsDiffer = "user.passwords-differ";
    /// An employee number is not 18 digits.
    NipInvalid = "user.nip-invalid";
    /// A role for an OPD names none.
    RoleNeedsAgency = "role.needs-agency";
    /// A role for the whole government names an OPD.
    RoleTakesNoAgency = "role.takes-no-agency";
    /// The person holds this role here already in that time.
    MemberAlready = "member.already";
    /// The role ended already.
    MemberEnded = "member.ended";
    /// The last administrator's role cannot end.
    MemberLastAdministrator = "member.last-administrator";
    /// The account was made elsewhere, and its owner has not changed its first password yet.
    MemberUnclaimed = "member.unclaimed";
    /// The person has a password of their own, which nobody else sets.
    MemberClaimed = "member.claimed";
    /// A platform operator takes no role inside a government.
    MemberIsOperator = "member.is-operator";
    /// A date lies before the first or after the last that can be chosen.
    DateOutOfRange = "date.out-of-range";
    /// A role for one's own post is an officer's and names a post in the list.
    RoleNeedsPost = "role.needs-post";
    /// The person left the government already.
    MemberGone = "member.gone";
    /// The post belongs to another OPD.
    PostElsewhere = "post.elsewhere";
    /// The post was abolished.
    PostAbolished = "post.abolished";
    /// The OPD has a post of that name.
    PostNameTaken = "post.name-taken";
    /// Somebody holds the post in that time.
    PostHeld = "post.held";
    /// A role is delegated to oneself.
    DelegationToSelf = "delegation.to-self";
    /// The role is not one that the person may delegate.
    DelegationNotYours = "delegation.not-yours";
    /// The delegation would last longer than the role.
    DelegationOutlives = "delegation.outlives";
    /// The delegation is over.
    DelegationEnded = "delegation.ended";
    /// The last day is before the first.
    DatesReversed = "date.reversed";
    /// A token is unknown, over or revoked, or the person who answers for it holds no role any more.
    TokenInvalid = "token.invalid";
    /// A token for reading cannot write.
    TokenReadOnly = "token.read-only";
    /// A token opens addresses inside its government and no others.
    TokenNotHere = "token.not-here";
    /// A program cannot hold this role.
    ServiceAccountRole = "service-account.role-unsuitable";
    /// A program with this role reads only: its acts are decisions of a person.
    ServiceAccountReadsOnly = "service-account.reads-only";
    /// A service account of this name was made before.
    ServiceAccountNameTaken = "service-account.name-taken";
    /// The service account is over.
    ServiceAccountEnded = "service-account.ended";
    /// Plt and Plh are for a time: they need a last day.
    ActingNeedsEnd = "member.acting-needs-end";
    /// The agency code is taken.
    AgencyCodeTaken = "agency.code-taken";
    /// The tenant never opened this period.
    PeriodUnknown = "period.unknown";
    /// The period was opened before.
    PeriodAlreadyOpen = "period.already-open";
    /// The period is closed.
    PeriodClosed = "period.closed";
    /// The period's state does not allow this step.
    PeriodStepImpossible = "period.step-impossible";
    /// A reopening ends in the future, at most 92 days from now.
    PeriodExpiryOutOfRange = "period.expiry-out-of-range";
    /// The period lies outside the years of the plan.
    PeriodOutsidePlan = "period.outside-plan";
    /// A yearly indicator takes no quarters, a quarterly one no whole years.
    PeriodWrongFrequency = "period.wrong-frequency";
    /// The indicator is retired.
    IndicatorRetired = "indicator.retired";
    /// Neither a value nor "not applicable" was given.
    ValueMissing = "value.missing";
    /// Both a value and "not applicable" were given.
    ValueContradictory = "value.contradictory";
    /// The indicator is recorded as numerator and denominator.
    ValuePartsExpected = "value.parts-expected";
    /// The indicator is recorded as one value.
    ValueSingleExpected = "value.single-expected";
    /// The denominator is zero or below.
    DenominatorNotPositive = "value.denominator-not-positive";
    /// "Not applicable" needs a note that says why.
    NoteMissing = "value.note-missing";
    /// A late value or a correction needs a reason.
    ReasonMissing = "value.reason-missing";
    /// Someone else recorded a revision meanwhile.
    MeasurementRaced = "measurement.raced";
    /// The value is not in a status that allows this.
    MeasurementWrongStatus = "measurement.wrong-status";
    /// A newer revision has taken the place of this one.
    MeasurementOvertaken = "measurement.overtaken";
    /// A rejection needs a reason.
    RejectionReasonMissing = "measurement.rejection-reason-missing";
    /// The file is empty.
    FileEmpty = "file.empty";
    /// The file is too large.
    FileTooLarge = "file.too-large";
    /// The file is of a kind that is not taken.
    FileKindUnsupported = "file.kind-unsupported";
    /// The file holds something that runs: a script, a macro, another file behind it.
    FileActive = "file.active";
    /// The name of the file does not agree with its content.
    FileNameDisagrees = "file.name-disagrees";
    /// The address of a link is not one of a web page.
    LinkInvalid = "evidence.link-invalid";
    /// Evidence needs a file or a link, not both.
    EvidenceOneForm = "evidence.one-form";
    /// Nothing of the period is verified yet.
    PublicationNothingToPublish = "publication.nothing-to-publish";
    /// The content changed since it was previewed.
    PublicationChangedSincePreview = "publication.changed-since-preview";
    /// The publication in force says the same already.
    PublicationUnchanged = "publication.unchanged";
    /// The period is outside the plan.
    PublicationOutsidePlan = "publication.outside-plan";
    /// The publication is superseded or revoked already.
    PublicationNotInForce = "publication.not-in-force";
    /// The tenant has no plan yet.
    PlanMissing = "plan.missing";
    /// The tenant has a plan already.
    PlanExists = "plan.exists";
    /// The years of the plan contradict each other.
    PlanYearsInvalid = "plan.years-invalid";
    /// Targets lie outside the years that the plan would have.
    PlanTargetsOutside = "plan.targets-outside";
    /// The node's code is taken in the plan.
    PlanNodeCodeTaken = "plan-node.code-taken";
    /// The node would hang under itself.
    PlanNodeCycle = "plan-node.cycle";
    /// A node of this kind does not hang there.
    PlanNodeUnfit = "plan-node.unfit";
    /// Something hangs on the node.
    PlanNodeOccupied = "plan-node.occupied";
    /// The node came with a release, which fixes its code and place.
    PlanNodeAdopted = "plan-node.adopted";
    /// Only objectives that sit in a perspective are linked.
    CausalLinkUnfit = "causal-link.unfit";
    /// An objective does not cause itself.
    CausalLinkSelf = "causal-link.self";
    /// The links would form a circle.
    CausalLinkCycle = "causal-link.cycle";
    /// The lag of a link is no number of periods that anybody waits for.
    CausalLinkLag = "causal-link.lag";
    /// The two objectives are linked already.
    CausalLinkTaken = "causal-link.taken";
    /// Only an objective sits in a perspective.
    PerspectiveNotObjective = "perspective.not-objective";
    /// Each of the four perspectives must be named once.
    PerspectivesIncomplete = "perspective.incomplete";
    /// The weights of the perspectives add up to zero.
    PerspectivesWeightless = "perspective.weightless";
    /// The indicator's code is taken.
    IndicatorCodeTaken = "indicator.code-taken";
    /// The text is no indicator code.
    IndicatorCodeInvalid = "indicator.code-invalid";
    /// The release fixes this field.
    IndicatorFieldLocked = "indicator.field-locked";
    /// The method needs numerator and denominator.
    IndicatorPartsMissing = "indicator.parts-missing";
    /// The method needs a weight variable.
    IndicatorWeightVariableMissing = "indicator.weight-variable-missing";
    /// The weight variable is no indicator of this tenant.
    IndicatorWeightVariableUnknown = "indicator.weight-variable-unknown";
    /// The formula rewards another direction.
    IndicatorRuleUnfit = "indicator.rule-unfit";
    /// Other indicators are weighted by this one.
    IndicatorWeighsOthers = "indicator.weighs-others";
    /// The period lies outside the plan.
    TargetOutsidePlan = "target.outside-plan";
    /// The lower end of the range lies above the upper end.
    TargetRangeReversed = "target.range-reversed";
    /// A revision needs a reason.
    TargetReasonMissing = "target.reason-missing";
    /// A revision needs its legal basis.
    TargetLegalBasisMissing = "target.legal-basis-missing";
    /// The target is neither a number nor a range.
    TargetUnreadable = "target.unreadable";
    /// The target is written in another unit than the indicator's.
    TargetUnitDiffers = "target.unit-differs";
    /// A comparison sign contradicts the direction of the indicator.
    TargetDirectionDiffers = "target.direction-differs";
    /// A number and words were given at once.
    TargetBothForms = "target.both-forms";
    /// A target in force is revised, not emptied.
    TargetNotRemovable = "target.not-removable";
    /// The release fixes the targets.
    TargetLocked = "target.locked";
    /// The text is no version.
    ReleaseVersionInvalid = "release.version-invalid";
    /// The version is not higher than the last one.
    ReleaseVersionNotHigher = "release.version-not-higher";
    /// The plan has no indicator to release.
    ReleaseEmpty = "release.empty";
    /// A code stands twice in what shall be released.
    ReleaseCodeTwice = "release.code-twice";
    /// A node hangs under no fitting parent.
    ReleaseOrphan = "release.orphan";
    /// Nodes hang under each other in a circle.
    ReleaseCycle = "release.cycle";
    /// An indicator names no objective of the release.
    ReleaseObjectiveUnknown = "release.objective-unknown";
    /// An indicator is weighted by one that is not released with it.
    ReleaseWeightVariableUnknown = "release.weight-variable-unknown";
    /// The release was withdrawn.
    ReleaseWithdrawn = "release.withdrawn";
    /// This release was adopted already.
    AdoptionDone = "adoption.done";
    /// Another release is adopted, and taking over a later one is not possible yet.
    AdoptionUpgradeLater = "adoption.upgrade-later";
    /// A province uses its own plan.
    AdoptionOfProvince = "adoption.of-province";
    /// Own indicators have codes of the release.
    AdoptionCodeTaken = "adoption.code-taken";
    /// The rule set is not in the catalogue.
    RuleSetUnknown = "rule-set.unknown";
    /// The rule set is not in force in that year.
    RuleSetNotInForce = "rule-set.not-in-force";
    /// Only a province chooses what its regencies are compared by.
    RuleSetOfProvince = "rule-set.of-province";
    /// A unit under an OPD names none above it.
    AgencyNeedsParent = "agency.needs-parent";
    /// An agency sits above itself.
    AgencyParentLoop = "agency.parent-loop";
    /// A table is no text in UTF-8 or no table.
    ImportUnreadable = "import.unreadable";
    /// A table has no rows.
    ImportEmpty = "import.empty";
    /// The first line of a table names other columns than it must.
    ImportHeader = "import.header";
    /// A table has too many rows.
    ImportTooLong = "import.too-long";
    /// A row has more cells than there are columns.
    ImportTooManyCells = "import.too-many-cells";
    /// A table is an old workbook, or one with a password.
    ImportOldWorkbook = "import.old-workbook";
    /// A table is larger than is read, or unpacks to more.
    ImportTooLarge = "import.too-large";
    /// A row of a workbook has too many columns, or a cell in it is too long.
    ImportTooWide = "import.too-wide";
    /// A spreadsheet has rounded a long number: its last digits are lost.
    CellRounded = "cell.rounded";
    /// A cell holds a formula that failed.
    CellFailed = "cell.failed";
    /// A code is in the table twice.
    ImportRepeated = "import.repeated";
}

/// One thing in a request that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Name of the field as the API and the form name it: `value`, `items/3/code`.
    pub field: String,
    /// What is wrong; the text of the code names the remedy.
    pub code: Code,
    /// Values that the text mentions.
    pub params: Vec<(&'static str, String)>,
}

impl Violation {
    /// A violation of a field.
    pub fn new(field: impl Into<String>, code: Code) -> Self {
        Self { field: field.into(), code, params: Vec::new() }
    }

    /// With a value that the text mentions.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers pass what they have, a value or a reference"
    )]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// 401: nobody is signed in, or the sign-in failed.
    #[error("unauthenticated: {}", .0.as_str())]
    Unauthenticated(Code),
    /// 404: there is no such thing, or the caller may not know of it.
    #[error("not found")]
    NotFound,
    /// 403: the caller may see it and not do this to it.
    #[error("forbidden")]
    Forbidden,
    /// 422: fields of the request are not as they must be.
    #[error("invalid: {0:?}")]
    Invalid(Vec<Violation>),
    /// 409: a rule of the domain forbids it now. The field, where one is to blame, is in the violation.
    #[error("a rule forbids it: {0:?}")]
    Rule(Violation),
    /// 409: it is there already.
    #[error("in conflict: {0:?}")]
    Conflict(Violation),
    /// 412: it changed since it was read.
    #[error("stale")]
    Stale,
    /// 503: no room now; try again.
    #[error("busy")]
    Busy,
    /// 502: another system that we need is away or not as it must be.
    #[error("another system is at fault: {0:?}")]
    Upstream(Violation),
    /// 500: our fault. Only the trace id is told.
    #[error("internal")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Refusal {
    /// One field is not as it must be.
    pub fn invalid(field: impl Into<String>, code: Code) -> Self {
        Self::Invalid(vec![Violation::new(field, code)])
    }

    /// A rule forbids it, and this field is to blame.
    pub fn rule(field: impl Into<String>, code: Code) -> Self {
        Self::Rule(Violation::new(field, code))
    }

    /// It is there already, and this field says so.
    pub fn conflict(field: impl Into<String>, code: Code) -> Self {
        Self::Conflict(Violation::new(field, code))
    }

    /// Our own fault.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// The code that the whole refusal has.
    pub fn code(&self) -> Code {
        match self {
            Self::Unauthenticated(code) => *code,
            Self::NotFound => Code::NotFound,
            Self::Forbidden => Code::Forbidden,
            Self::Invalid(_) => Code::Invalid,
            Self::Rule(violation) | Self::Conflict(violation) | Self::Upstream(violation) => {
                violation.code
            }
            Self::Stale => Code::Stale,
            Self::Busy => Code::Busy,
            Self::Internal(_) => Code::Internal,
        }
    }
}

/// The same refusal when a constraint of the schema refused the write.
pub(crate) trait OnConstraint<T> {
    /// Answers a violated constraint of this name with a refusal; other errors pass on.
    fn on_constraint(self, name: &str, refusal: impl FnOnce() -> Refusal) -> Result<T>;
}

impl<T> OnConstraint<T> for ekinerja_store::Result<T> {
    fn on_constraint(self, name: &str, refusal: impl FnOnce() -> Refusal) -> Result<T> {
        self.map_err(|error| match error {
            StoreError::Conflict { constraint } if constraint == name => refusal(),
            error => error.into(),
        })
    }
}

impl<T> OnConstraint<T> for Result<T> {
    fn on_constraint(self, name: &str, refusal: impl FnOnce() -> Refusal) -> Result<T> {
        self.map_err(|error| match error {
            Refusal::Internal(source) => match source.downcast::<StoreError>() {
                Ok(store) => match *store {
                    StoreError::Conflict { constraint } if constraint == name => refusal(),
                    other => Refusal::Internal(Box::new(other)),
                },
                Err(source) => Refusal::Internal(source),
            },
            other => other,
        })
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Denied(Denied::Hidden) => Self::NotFound,
            StoreError::Denied(Denied::Forbidden) => Self::Forbidden,
            StoreError::Stale => Self::Stale,
            StoreError::Busy => Self::Busy,
            StoreError::AtRest => Self::rule("", Code::TenantReadOnly),
            StoreError::Conflict { constraint } if constraint == DONE_ONCE => {
                Self::Conflict(Violation::new("", Code::IdempotencyUnfinished))
            }
            error => Self::Internal(Box::new(error)),
        }
    }
}
