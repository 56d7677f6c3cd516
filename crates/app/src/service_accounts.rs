//! Service accounts: programs that act in a government for a person who answers for them, and their tokens.
//!
//! A token is told once and kept as a hash. It opens the interface of its own government and nothing else.
//! What is revoked opens nothing more in any process as soon as it hears of it, like a role that was taken away.

use std::fmt;
use std::sync::Arc;

use chrono::{Duration, NaiveDate};
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{Administer, Grant, Role, Scope, View};
use ekinerja_domain::agency::Agency;
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{AgencyId, ApiTokenId, ServiceAccountId};
use ekinerja_domain::service_account::{
    ApiToken, ServiceAccount, TokenAccess, latest_day, serves, writes,
};
use ekinerja_store::change::Changes;
use ekinerja_store::directory::people::Membership;
use ekinerja_store::directory::service_accounts::{NewApiToken, NewServiceAccount};
use ekinerja_store::{TenantScope, TenantTx};

pub use ekinerja_store::directory::service_accounts::{ApiSecret, Program};

use crate::access_watch::{AccessWatch, REMEMBERED};
use crate::app::App;
use crate::members::actor;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::sign_in::fresh_secret;
use crate::typed::{LONGEST_LINE, LONGEST_TEXT, Typed};

/// How long a token is used before that is noted again: a write for every request would cost too much.
const UNNOTED: Duration = Duration::minutes(1);
/// Most roles of one account.
const MOST_ROLES: usize = 20;

/// Tokens that were read within the last moments.
#[expect(
    clippy::disallowed_types,
    reason = "the key is the secret of a token, which belongs to one tenant and names it"
)]
pub(crate) struct Programs {
    known: moka::future::Cache<ApiSecret, (Arc<Program>, u64)>,
    watch: AccessWatch,
}

impl fmt::Debug for Programs {
    /// Never shows a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Programs(..)")
    }
}

impl Programs {
    #[expect(clippy::disallowed_types, reason = "see Programs")]
    pub(crate) fn hearing(changes: &Changes) -> Self {
        let known =
            moka::future::Cache::builder().max_capacity(10_000).time_to_live(REMEMBERED).build();
        Self { known, watch: AccessWatch::hearing(changes) }
    }

    /// The program of a secret, unless its government's roles or accounts changed since it was read.
    async fn program(&self, secret: &ApiSecret) -> Option<Arc<Program>> {
        let (known, count) = self.known.get(secret).await?;
        let scope = &known.scope;
        let parts = [scope.tenant().id.uuid(), scope.standing().user.uuid()].into_iter();
        self.watch.holds(count, parts).then_some(known)
    }
}

/// A service account that shall be made, as typed.
#[derive(Debug, Clone, Default)]
pub struct AddServiceAccount {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Name for signing in of the person who answers for it: a member with a role today.
    pub owner: String,
    /// Its roles.
    pub roles: Vec<RoleEntry>,
    /// The last day on which it works, within a year.
    pub last_day: String,
}

/// A role of a service account, as typed.
#[derive(Debug, Clone, Default)]
pub struct RoleEntry {
    /// What stands before the names of its fields in a refusal: `roles/0/`, or nothing.
    pub field: String,
    /// Code of the role.
    pub role: String,
    /// Id of the OPD; empty: the whole government.
    pub agency: String,
}

/// A token that shall be given out, as typed.
#[derive(Debug, Clone, Default)]
pub struct IssueToken {
    /// Where it is used.
    pub name: String,
    /// `read` or `write`.
    pub access: String,
    /// The last day on which it opens anything; empty: the account's own.
    pub last_day: String,
}

/// A token with its secret, which is told this once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The account.
    pub account: ServiceAccount,
    /// The token.
    pub token: ApiToken,
    /// The secret.
    pub secret: ApiSecret,
}

/// The service accounts with what a form about them offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccountList {
    /// Every account that was ever made, by name.
    pub accounts: Vec<ServiceAccount>,
    /// Every OPD, by code.
    pub agencies: Vec<Agency>,
    /// Who can answer for an account: each person with a role today, once, by name.
    pub people: Vec<Membership>,
}

impl App {
    /// The program that holds a secret.
    ///
    /// # Errors
    /// [`Code::TokenInvalid`] when it opens nothing (any more); why is not told.
    pub async fn admit(&self, secret: &ApiSecret) -> Result<Arc<Program>> {
        let (now, today) = (self.now(), self.today());
        let noted = |it: &Program| it.last_used_at.is_some_and(|at| now - at <= UNNOTED);
        if let Some(known) = self.programs.program(secret).await {
            let all_hold = known.scope.standing().grants.iter().all(|it| it.holds_on(today));
            if noted(&known) && known.last_day >= today && all_hold {
                return Ok(known);
            }
        }
        let count = self.programs.watch.count();
        let directory = self.store.directory(now).await?;
        let found = directory.enter_by_token(secret).await?;
        let mut program = found.ok_or(Refusal::Unauthenticated(Code::TokenInvalid))?;
        if !noted(&program) {
            directory.touch_api_token(program.scope.tenant().id, program.token).await?;
            directory.commit_session().await?;
            program.last_used_at = Some(now);
        }
        let program = Arc::new(program);
        self.programs.known.insert(secret.clone(), (Arc::clone(&program), count)).await;
        Ok(program)
    }

    /// The service accounts of the government.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is no administrator.
    pub async fn service_accounts(&self, scope: &TenantScope) -> Result<ServiceAccountList> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Members)?;
        let accounts = tx.service_accounts(&permit).all().await?;
        let people = people(&tx, self.today()).await?;
        Ok(ServiceAccountList { accounts, agencies: tx.agencies().all().await?, people })
    }

    /// Makes a service account. It opens nothing until a token is given out.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::ServiceAccountNameTaken`].
    pub async fn add_service_account(
        &self,
        scope: &TenantScope,
        ask: AddServiceAccount,
    ) -> Result<ServiceAccount> {
        let new = self.read_service_account(scope, &ask).await?;
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        let account = directory.add_service_account(tenant, new).await;
        let account = account.on_constraint("service_accounts_name_unique", || {
            Refusal::conflict("name", Code::ServiceAccountNameTaken)
        })?;
        let roles: Vec<_> = account.grants.iter().map(|it| it.role.code()).collect();
        let event = about(EventKind::ServiceAccountAdded, &account)
            .fact("purpose", &account.purpose)
            .fact("roles", roles.join(", "))
            .fact("last_day", account.last_day);
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        Ok(account)
    }

    /// Reads what was typed, inside the government: owner and OPD must be its own.
    async fn read_service_account(
        &self,
        scope: &TenantScope,
        ask: &AddServiceAccount,
    ) -> Result<NewServiceAccount> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        let mut faults = Typed::default();
        let name = faults.required("name", &ask.name, 80);
        let purpose = faults.required("purpose", &ask.purpose, LONGEST_TEXT);
        let typed = faults.required("owner", &ask.owner, LONGEST_LINE).to_lowercase();
        let people = people(&tx, self.today()).await?;
        let owner = people.into_iter().find(|it| it.username == typed);
        if owner.is_none() && !typed.is_empty() {
            faults.blame("owner", Code::FieldUnknownReference);
        }
        let last_day = read_last_day(&mut faults, &ask.last_day, self.today(), None);
        if ask.roles.is_empty() {
            faults.blame("roles", Code::FieldMissing);
        }
        if ask.roles.len() > MOST_ROLES {
            faults.wrong(Violation::new("roles", Code::NumberOutOfRange).with("max", MOST_ROLES));
        }
        let mut grants: Vec<Grant> = Vec::new();
        for entry in ask.roles.iter().take(MOST_ROLES) {
            let read = read_role(&mut faults, &tx, entry).await?;
            grants.extend(read.map(|(role, agency)| Grant {
                role,
                scope: agency.map_or(Scope::Tenant, Scope::Agency),
                valid_from: self.today(),
                valid_to: last_day,
            }));
        }
        faults.done()?;
        let owner = owner.ok_or_else(|| Refusal::invalid("owner", Code::FieldMissing))?;
        let last_day = last_day.ok_or_else(|| Refusal::invalid("last_day", Code::FieldMissing))?;
        Ok(NewServiceAccount { name, purpose, owner, grants, last_day })
    }

    /// Ends a service account with all its tokens.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::ServiceAccountEnded`].
    pub async fn end_service_account(
        &self,
        scope: &TenantScope,
        id: ServiceAccountId,
    ) -> Result<ServiceAccount> {
        let mut account = self.service_account(scope, id).await?;
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        if !directory.end_service_account(tenant, id).await? {
            return Err(Refusal::rule("", Code::ServiceAccountEnded));
        }
        let now = directory.now();
        let event = about(EventKind::ServiceAccountEnded, &account);
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        account.ended_at = Some(now);
        for token in &mut account.tokens {
            token.revoked_at.get_or_insert(now);
        }
        Ok(account)
    }

    /// Gives a token out; its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::ServiceAccountEnded`]; [`Refusal::Invalid`] names each field.
    pub async fn issue_token(
        &self,
        scope: &TenantScope,
        id: ServiceAccountId,
        ask: IssueToken,
    ) -> Result<IssuedToken> {
        let account = self.service_account(scope, id).await?;
        if !account.works_on(self.today()) {
            return Err(Refusal::rule("", Code::ServiceAccountEnded));
        }
        let mut faults = Typed::default();
        let name = faults.required("name", &ask.name, 80);
        let access = faults.required_choice("access", &ask.access, TokenAccess::from_code);
        if access == Some(TokenAccess::Write) && !account.may_write() {
            faults.blame("access", Code::ServiceAccountReadsOnly);
        }
        let last_day = match ask.last_day.trim() {
            "" => Some(account.last_day),
            typed => read_last_day(&mut faults, typed, self.today(), Some(account.last_day)),
        };
        faults.done()?;
        let access = access.ok_or_else(|| Refusal::invalid("access", Code::FieldMissing))?;
        let last_day = last_day.ok_or_else(|| Refusal::invalid("last_day", Code::FieldMissing))?;
        let secret = ApiSecret::of(&fresh_secret()?);
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        let new = NewApiToken { account: id, name, access, last_day };
        let token = directory.add_api_token(tenant, &secret, new).await?;
        let event = about_token(EventKind::ApiTokenIssued, &account, &token)
            .fact("access", token.access)
            .fact("last_day", token.last_day);
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        Ok(IssuedToken { account, token, secret })
    }

    /// Revokes a token; revoking it again changes nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn revoke_token(
        &self,
        scope: &TenantScope,
        id: ServiceAccountId,
        token: ApiTokenId,
    ) -> Result<ApiToken> {
        let account = self.service_account(scope, id).await?;
        let found = account.tokens.iter().find(|it| it.id == token);
        let mut found = found.cloned().ok_or(Refusal::NotFound)?;
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        if directory.revoke_api_token(tenant, id, token).await? {
            found.revoked_at = Some(directory.now());
            let event = about_token(EventKind::ApiTokenRevoked, &account, &found);
            directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        }
        Ok(found)
    }

    async fn service_account(
        &self,
        scope: &TenantScope,
        id: ServiceAccountId,
    ) -> Result<ServiceAccount> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Members)?;
        let accounts = tx.service_accounts(&permit).all().await?;
        accounts.into_iter().find(|it| it.id == id).ok_or(Refusal::NotFound)
    }
}

/// Each person with a role today, once.
async fn people(tx: &TenantTx, today: NaiveDate) -> Result<Vec<Membership>> {
    let mut people = tx.members().await?;
    people.retain(|it| it.grant.holds_on(today));
    let mut known = std::collections::HashSet::new();
    people.retain(|it| known.insert(it.user));
    Ok(people)
}

/// A last day from today on, within a year, and not after `most` where there is one.
fn read_last_day(
    faults: &mut Typed,
    typed: &str,
    today: NaiveDate,
    most: Option<NaiveDate>,
) -> Option<NaiveDate> {
    if typed.trim().is_empty() {
        faults.blame("last_day", Code::FieldMissing);
    }
    let last = latest_day(today).min(most.unwrap_or(NaiveDate::MAX));
    let day = faults.day("last_day", typed)?;
    if day < today || day > last {
        let violation = Violation::new("last_day", Code::DateOutOfRange);
        faults.wrong(violation.with("first", today).with("last", last));
        return None;
    }
    Some(day)
}

async fn read_role(
    faults: &mut Typed,
    tx: &TenantTx,
    entry: &RoleEntry,
) -> Result<Option<(Role, Option<AgencyId>)>> {
    let field = |name: &str| format!("{}{name}", entry.field);
    let role = faults.required_choice(&field("role"), &entry.role, Role::from_code);
    let agency: Option<AgencyId> = faults.id(&field("agency"), &entry.agency);
    if let Some(id) = agency {
        match tx.agencies().fetch::<View>(id).await {
            Ok(_) => {}
            Err(ekinerja_store::Error::Denied(_)) => {
                faults.blame(&field("agency"), Code::FieldUnknownReference);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let Some(role) = role else { return Ok(None) };
    if !serves(role) {
        faults.blame(&field("role"), Code::ServiceAccountRole);
    }
    if role.needs_agency() && entry.agency.trim().is_empty() {
        faults.blame(&field("agency"), Code::RoleNeedsAgency);
    }
    if !role.needs_agency() && agency.is_some() {
        faults.blame(&field("agency"), Code::RoleTakesNoAgency);
    }
    Ok(Some((role, agency)))
}

/// Whether a program with this role only reads, for a form that says so.
pub fn reads_only(role: Role) -> bool {
    serves(role) && !writes(role)
}

fn about(kind: EventKind, account: &ServiceAccount) -> Event {
    Event::new(kind, account.id)
        .fact("name", &account.name)
        .fact("owner", format!("{} ({})", account.owner_name, account.owner_username))
        .touching(Touch::Organisation)
}

fn about_token(kind: EventKind, account: &ServiceAccount, token: &ApiToken) -> Event {
    let event = Event::new(kind, token.id).fact("account", &account.name);
    let event = event.fact("name", &token.name).fact("hint", &token.hint);
    event.touching(Touch::Organisation)
}
