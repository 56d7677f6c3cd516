//! Help for who cannot sign in, given without seeing a secret of theirs: a link that sets a password once, and
//! the withdrawal of a lost second factor.
//!
//! An administrator helps members of the own government alone: an account that is known elsewhere as well, and
//! one's own, are the platform operator's to help. What concerns an administrator's account needs two people.

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{Administer, Role};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{AccountRequestId, MembershipId, UserId};
use ekinerja_store::change::Access;
use ekinerja_store::directory::people::User;
use ekinerja_store::directory::{DirectoryActor, DirectoryTx};
use ekinerja_store::{TenantScope, fresh_id};

pub use ekinerja_store::directory::account_requests::{AccountRequest, Decision, RequestKind};

use crate::app::App;
use crate::emergency::RUNS_FOR;
use crate::members::{Membership, actor, checked_password};
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::second_factor::about;
use crate::sign_in::{commit_for_person, fresh_secret, hash_password, person_acting};
use crate::tenants::Operator;
use crate::typed::{LONGEST_TEXT, Typed};

/// How long a link to a new password is good.
const RESET: Duration = Duration::minutes(30);
/// How long a link to a first password is good: it is handed over before a person is there for the first time.
const FIRST: Duration = Duration::hours(24);
/// How many links for one account are given out within [`COUNTED`].
const MOST_LINKS: u64 = 5;
/// Over how long they are counted.
const COUNTED: Duration = Duration::hours(1);
/// How long a second person has time to decide.
const DECIDED_WITHIN: Duration = Duration::hours(24);

/// What somebody asks for that another person decides.
pub(crate) struct NewRequest {
    pub(crate) kind: RequestKind,
    /// Whose account it is about.
    pub(crate) user: UserId,
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// The secret of a link that sets a password once.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkSecret(String);

impl LinkSecret {
    /// The secret itself, to be told once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkSecret {
    /// Never shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret(..)")
    }
}

/// A link that was given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedLink {
    /// The name of the person.
    pub name: String,
    /// Their name for signing in.
    pub username: String,
    /// The secret, told once.
    pub secret: LinkSecret,
    /// When it is too late.
    pub expires_at: DateTime<Utc>,
}

/// What came of asking for the withdrawal of a second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Withdrawal {
    /// It is withdrawn.
    Done,
    /// It is an administrator's: a second administrator must approve.
    Asked(Box<AccountRequest>),
}

impl App {
    /// Gives out a link with which a member sets a new password, or a first one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::AccountNotYours`]; [`Code::PasswordLinkTooOften`].
    pub async fn issue_password_link(
        &self,
        scope: &TenantScope,
        id: MembershipId,
    ) -> Result<IssuedLink> {
        let tenant = scope.tenant().id;
        let (directory, person, _) = self.helped(scope, id).await?;
        let issued = self.issue(&directory, &person).await?;
        let event = about(EventKind::PasswordLinkIssued, &person)
            .fact("until", issued.expires_at.to_rfc3339());
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        Ok(issued)
    }

    /// The same by the operator, for any account.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::PasswordLinkTooOften`].
    pub async fn issue_password_link_as(
        &self,
        operator: &Operator,
        username: &str,
    ) -> Result<IssuedLink> {
        let directory = self.store.directory(self.now()).await?;
        let person = known(&directory, username).await?;
        let issued = self.issue(&directory, &person).await?;
        let event = about(EventKind::PasswordLinkIssued, &person)
            .fact("until", issued.expires_at.to_rfc3339());
        commit_for_person(directory, operator.actor(), person.id, event).await?;
        Ok(issued)
    }

    async fn issue(&self, directory: &DirectoryTx, person: &User) -> Result<IssuedLink> {
        if directory.password_links_since(person.id, self.now() - COUNTED).await? >= MOST_LINKS {
            return Err(Refusal::rule("", Code::PasswordLinkTooOften));
        }
        let life = if person.must_change_password { FIRST } else { RESET };
        let expires_at = self.now() + life;
        let secret = fresh_secret()?;
        directory.add_password_link(&secret, person.id, expires_at).await?;
        let (name, username) = (person.name.clone(), person.username.clone());
        Ok(IssuedLink { name, username, secret: LinkSecret(secret), expires_at })
    }

    /// Whether a link still sets a password. What is unknown, used or too old looks alike.
    ///
    /// # Errors
    /// [`Code::PasswordLinkInvalid`].
    pub async fn check_password_link(&self, secret: &str) -> Result<()> {
        let directory = self.store.directory(self.now()).await?;
        let found = directory.find_password_link(secret).await?;
        found.map(drop).ok_or(Refusal::rule("", Code::PasswordLinkInvalid))
    }

    /// Sets a password with a link, once, and ends every session of the account. A second factor stays.
    ///
    /// # Errors
    /// [`Code::PasswordLinkInvalid`], [`Code::PasswordTooShort`]; after the latter the link is still good.
    pub async fn use_password_link(&self, secret: &str, wanted: &str) -> Result<()> {
        self.check_password_link(secret).await?;
        let mut faults = Typed::default();
        checked_password(&mut faults, "new_password", wanted);
        faults.done()?;
        let hash = hash_password(wanted.to_owned()).await?;
        let invalid = || Refusal::rule("", Code::PasswordLinkInvalid);
        let directory = self.store.directory(self.now()).await?;
        let person = directory.take_password_link(secret).await?.ok_or_else(invalid)?;
        let person = directory.find_user_by_id(person).await?;
        let person = person.filter(|it| !it.disabled).ok_or_else(invalid)?;
        directory.set_password(person.id, hash).await?;
        directory.end_local_sign_ins(person.id).await?;
        let event = about(EventKind::PasswordReset, &person);
        commit_for_person(directory, &person_acting(&person), person.id, event).await
    }

    /// Takes the lost second factor of a member away, with a reason; of an administrator, once a second one has
    /// approved.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::AccountNotYours`]; [`Code::SecondFactorAbsent`];
    /// [`Code::AccountRequestOpen`].
    pub async fn withdraw_second_factor(
        &self,
        scope: &TenantScope,
        id: MembershipId,
        reason: &str,
    ) -> Result<Withdrawal> {
        let mut faults = Typed::default();
        let reason = faults.required("reason", reason, LONGEST_TEXT);
        faults.done()?;
        let (directory, person, roles) = self.helped(scope, id).await?;
        if person.second_factor_at.is_none() {
            return Err(Refusal::rule("", Code::SecondFactorAbsent));
        }
        if !roles.contains(&Role::Administrator) {
            let event = withdrawn(&directory, &person, &reason).await?;
            let events = vec![(scope.tenant().id, event)];
            directory.commit_for(&actor(scope), scope.request(), events).await?;
            return Ok(Withdrawal::Done);
        }
        let (user, name) = (person.id, person.name.clone());
        let new = NewRequest { kind: RequestKind::SecondFactorWithdrawal, user, name, reason };
        let asked = self.ask(directory, scope, new, EventKind::AccountRequestMade).await?;
        Ok(Withdrawal::Asked(Box::new(asked)))
    }

    /// The same by the operator, for any account.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::SecondFactorAbsent`].
    pub async fn withdraw_second_factor_as(
        &self,
        operator: &Operator,
        username: &str,
        reason: &str,
    ) -> Result<User> {
        let mut faults = Typed::default();
        let reason = faults.required("reason", reason, LONGEST_TEXT);
        faults.done()?;
        let directory = self.store.directory(self.now()).await?;
        let person = known(&directory, username).await?;
        if person.second_factor_at.is_none() {
            return Err(Refusal::rule("", Code::SecondFactorAbsent));
        }
        let event = withdrawn(&directory, &person, &reason).await?;
        commit_for_person(directory, operator.actor(), person.id, event).await?;
        Ok(person)
    }

    /// Keeps a request that another person decides.
    pub(crate) async fn ask(
        &self,
        directory: DirectoryTx,
        scope: &TenantScope,
        new: NewRequest,
        told_as: EventKind,
    ) -> Result<AccountRequest> {
        let NewRequest { kind, user, name, reason } = new;
        let tenant = scope.tenant().id;
        let now = self.now();
        let open = directory.account_requests(tenant).await?;
        if open.iter().any(|it| it.kind == kind && it.user == user && it.is_open(now)) {
            return Err(Refusal::conflict("", Code::AccountRequestOpen));
        }
        let standing = scope.standing();
        let asked = AccountRequest {
            id: fresh_id(),
            tenant,
            kind,
            user,
            user_name: name,
            reason,
            requested_by: standing.user,
            requested_name: standing.name.clone(),
            requested_at: now,
            lapses_at: now + DECIDED_WITHIN,
            decision: None,
            ends_at: None,
            ended_at: None,
            used_at: None,
        };
        directory.add_account_request(&asked).await?;
        let event = about_request(told_as, &asked);
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        Ok(asked)
    }

    /// Every request about an account of the government, the latest first.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is no administrator.
    pub async fn account_requests(&self, scope: &TenantScope) -> Result<Vec<AccountRequest>> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        drop(tx);
        let directory = self.store.directory(self.now()).await?;
        Ok(directory.account_requests(scope.tenant().id).await?)
    }

    /// Approves or refuses a request; what is approved happens at once. Whoever asked, and whose account it is
    /// about, decides nothing, under whatever account.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::AccountRequestOver`]; [`Code::AccountRequestTwoPeople`].
    pub async fn decide_account_request(
        &self,
        scope: &TenantScope,
        id: AccountRequestId,
        approved: bool,
    ) -> Result<AccountRequest> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        drop(tx);
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        let request = directory.find_account_request(tenant, id).await?.ok_or(Refusal::NotFound)?;
        self.decide(directory, request, &actor(scope), scope.request(), approved).await
    }

    /// Writes down what a second person decided, whoever lets them decide; what is approved happens at once.
    pub(crate) async fn decide(
        &self,
        directory: DirectoryTx,
        mut request: AccountRequest,
        by: &DirectoryActor,
        trace: Option<&str>,
        approved: bool,
    ) -> Result<AccountRequest> {
        let now = self.now();
        if !request.is_open(now) {
            return Err(Refusal::rule("", Code::AccountRequestOver));
        }
        let two_people = || Refusal::rule("", Code::AccountRequestTwoPeople);
        // The platform itself is no second person.
        let person = by.user.ok_or(Refusal::Forbidden)?;
        let mine = directory.accounts_of(person).await?;
        if mine.contains(&request.requested_by) || mine.contains(&request.user) {
            return Err(two_people());
        }
        let is_emergency = request.kind == RequestKind::EmergencyAccess;
        let decision = Decision { by: person, name: by.name.clone(), at: now, approved };
        request.ends_at = (is_emergency && approved).then_some(now + RUNS_FOR);
        directory
            .decide_account_request(&request, &decision, request.ends_at)
            .await
            .on_constraint("account_requests_two_people", two_people)?;
        request.decision = Some(decision);
        let word = if approved { "approved" } else { "refused" };
        let tenant = request.tenant;
        let mut events = Vec::new();
        if is_emergency {
            let until = request.ends_at.map(|it| it.to_rfc3339());
            let event = about_request(EventKind::EmergencyDecided, &request)
                .fact("decision", word)
                .fact_if("until", until);
            // Who administers is told at once, in every process.
            events.push((tenant, event.touching(Touch::Organisation)));
            directory.forget(Access::Person(request.user));
        } else {
            let event = about_request(EventKind::AccountRequestDecided, &request);
            events.push((tenant, event.fact("decision", word)));
        }
        if approved && !is_emergency {
            let person = directory.find_user_by_id(request.user).await?.ok_or(Refusal::NotFound)?;
            if person.second_factor_at.is_some() {
                events.push((tenant, withdrawn(&directory, &person, &request.reason).await?));
            }
        }
        directory.commit_for(by, trace, events).await?;
        Ok(request)
    }

    /// The member whom an administrator may help, and which roles they hold there today or later.
    async fn helped(
        &self,
        scope: &TenantScope,
        id: MembershipId,
    ) -> Result<(DirectoryTx, User, Vec<Role>)> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        let members = tx.members().await?;
        drop(tx);
        let chosen = members.iter().find(|it| it.id == id).ok_or(Refusal::NotFound)?;
        let today = self.today();
        let lasting = |it: &&Membership| {
            it.user == chosen.user && it.grant.valid_to.is_none_or(|last| last >= today)
        };
        let roles: Vec<Role> = members.iter().filter(lasting).map(|it| it.grant.role).collect();
        if roles.is_empty() {
            return Err(Refusal::rule("", Code::MemberEnded));
        }
        let directory = self.store.directory(self.now()).await?;
        let person = directory.find_user_by_id(chosen.user).await?.ok_or(Refusal::NotFound)?;
        // Whoever holds the link holds the account, in every government that it enters.
        let elsewhere = directory.is_member_elsewhere(scope.tenant().id, person.id).await?;
        let mine = directory.accounts_of(scope.standing().user).await?;
        if elsewhere || person.is_operator || person.disabled || mine.contains(&person.id) {
            return Err(Refusal::rule("", Code::AccountNotYours));
        }
        Ok((directory, person, roles))
    }
}

/// The account with this name, for the operator.
async fn known(directory: &DirectoryTx, username: &str) -> Result<User> {
    let found = directory.find_user(username).await?;
    let person = found.map(|(person, _)| person).filter(|it| !it.disabled);
    person.ok_or_else(|| {
        Refusal::Invalid(vec![Violation::new("username", Code::FieldUnknownReference)])
    })
}

/// Takes a second factor away, ends every session that it was worth, and says so.
async fn withdrawn(directory: &DirectoryTx, person: &User, reason: &str) -> Result<Event> {
    directory.remove_second_factor(person.id).await?;
    directory.end_local_sign_ins(person.id).await?;
    Ok(about(EventKind::SecondFactorWithdrawn, person)
        .fact("reason", reason)
        .touching(Touch::Organisation))
}

/// What happened to a request.
pub(crate) fn about_request(kind: EventKind, request: &AccountRequest) -> Event {
    Event::new(kind, request.id)
        .fact("kind", request.kind.code())
        .fact("name", &request.user_name)
        .fact("reason", &request.reason)
}
