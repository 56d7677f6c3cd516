//! Emergency access (break-glass): an account for emergencies enters with a second person's approval.
//!
//! It enters a government whose people must sign in at their provider only while a request of its own runs, and
//! everybody who administers is told.
//!
//! The second person is an administrator who is in, another account for emergencies at the same door, or the
//! platform's operator; never who asks, under whatever account.

use chrono::Duration;
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{Administer, Role};
use ekinerja_domain::event::{EventKind, Touch};
use ekinerja_domain::ids::AccountRequestId;
use ekinerja_domain::tenant::{RegionCode, Slug, Tenant};
use ekinerja_store::TenantScope;
use ekinerja_store::change::Access;
use ekinerja_store::directory::DirectoryTx;
use ekinerja_store::directory::identity::LocalWay;

use crate::account_help::{AccountRequest, NewRequest, RequestKind, about_request};
use crate::app::App;
use crate::members::actor;
use crate::refusal::{Code, Refusal, Result};
use crate::sessions::SignedIn;
use crate::tenants::Operator;
use crate::typed::{LONGEST_TEXT, Typed};

/// How long emergency access runs.
pub const RUNS_FOR: Duration = Duration::hours(4);

/// What an account for emergencies finds at the door of its government.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyDoor {
    /// The government.
    pub tenant: Tenant,
    /// Its own request that runs or waits.
    pub own: Option<AccountRequest>,
    /// What other accounts for emergencies ask, and this one may decide.
    pub others: Vec<AccountRequest>,
}

/// Who stands at the door.
struct Knock {
    directory: DirectoryTx,
    scope: TenantScope,
    running: Option<AccountRequest>,
}

impl App {
    /// Lets an account for emergencies come as far as the door. To anybody else there is no door.
    async fn knock(&self, signed_in: &SignedIn, slug: &Slug) -> Result<Knock> {
        let presence = signed_in.local().ok_or(Refusal::NotFound)?;
        let directory = self.store.directory(self.now()).await?;
        let tenant = directory.find_tenant(slug).await?.ok_or(Refusal::NotFound)?;
        let LocalWay::Emergency(running) =
            directory.local_way(tenant.id, presence.person.id).await?
        else {
            return Err(Refusal::NotFound);
        };
        if presence.person.must_change_password {
            return Err(Refusal::rule("", Code::PasswordMustChange));
        }
        let scope = self.let_person_in(&directory, presence, tenant).await?;
        Ok(Knock { directory, scope, running: running.map(|it| *it) })
    }

    /// What an account for emergencies finds at the door of a government.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for everybody else; [`Code::SecondFactorMissing`]; [`Code::TenantSuspended`].
    pub async fn emergency_door(&self, signed_in: &SignedIn, slug: &Slug) -> Result<EmergencyDoor> {
        let Knock { directory, scope, running } = self.knock(signed_in, slug).await?;
        let tenant = scope.tenant().clone();
        let me = scope.standing().user;
        let mine = directory.accounts_of(me).await?;
        let known = directory.emergency_accounts(tenant.id).await?;
        let now = self.now();
        let all = directory.account_requests(tenant.id).await?.into_iter();
        let open = all.filter(|it| it.kind == RequestKind::EmergencyAccess && it.is_open(now));
        let (own, others): (Vec<_>, Vec<_>) = open.partition(|it| it.user == me);
        let others = others.into_iter();
        let others = others.filter(|it| known.contains(&it.user) && !mine.contains(&it.user));
        let own = running.or_else(|| own.into_iter().next());
        Ok(EmergencyDoor { tenant, own, others: others.collect() })
    }

    /// Asks to be let in, with a reason.
    ///
    /// # Errors
    /// As [`App::emergency_door`]; [`Refusal::Invalid`] without a reason; [`Code::AccountRequestOpen`];
    /// [`Code::EmergencyRunning`].
    pub async fn ask_emergency_access(
        &self,
        signed_in: &SignedIn,
        slug: &Slug,
        reason: &str,
    ) -> Result<AccountRequest> {
        let Knock { directory, scope, running } = self.knock(signed_in, slug).await?;
        let mut faults = Typed::default();
        let reason = faults.required("reason", reason, LONGEST_TEXT);
        faults.done()?;
        if running.is_some() {
            return Err(Refusal::conflict("", Code::EmergencyRunning));
        }
        let standing = scope.standing();
        let (user, name) = (standing.user, standing.name.clone());
        let new = NewRequest { kind: RequestKind::EmergencyAccess, user, name, reason };
        self.ask(directory, &scope, new, EventKind::EmergencyAsked).await
    }

    /// Approves or refuses what another account for emergencies asks, at the door.
    ///
    /// # Errors
    /// As [`App::emergency_door`]; as [`App::decide_account_request`].
    pub async fn decide_at_the_door(
        &self,
        signed_in: &SignedIn,
        slug: &Slug,
        id: AccountRequestId,
        approved: bool,
    ) -> Result<AccountRequest> {
        let Knock { directory, scope, .. } = self.knock(signed_in, slug).await?;
        let request = asked(&directory, scope.tenant(), id).await?;
        let known = directory.emergency_accounts(scope.tenant().id).await?;
        if !known.contains(&request.user) {
            return Err(Refusal::NotFound);
        }
        self.decide(directory, request, &actor(&scope), scope.request(), approved).await
    }

    /// The emergency access that was asked for in a government, the latest first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such government.
    pub async fn emergency_requests_as(
        &self,
        _operator: &Operator,
        code: &str,
    ) -> Result<Vec<AccountRequest>> {
        let directory = self.store.directory(self.now()).await?;
        let tenant = of_code(&directory, code).await?;
        let all = directory.account_requests(tenant.id).await?.into_iter();
        Ok(all.filter(|it| it.kind == RequestKind::EmergencyAccess).collect())
    }

    /// Approves or refuses as the platform's operator, who is no member and sees nothing of the government.
    ///
    /// # Errors
    /// As [`App::decide_account_request`].
    pub async fn decide_emergency_access_as(
        &self,
        operator: &Operator,
        code: &str,
        id: AccountRequestId,
        approved: bool,
    ) -> Result<AccountRequest> {
        let directory = self.store.directory(self.now()).await?;
        let tenant = of_code(&directory, code).await?;
        let request = asked(&directory, &tenant, id).await?;
        self.decide(directory, request, operator.actor(), None, approved).await
    }

    /// Ends emergency access before its time: one's own, or as an administrator anybody's. Every process hears of
    /// it at once.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for anybody else; [`Refusal::NotFound`]; [`Code::AccountRequestOver`].
    pub async fn end_emergency_access(
        &self,
        scope: &TenantScope,
        id: AccountRequestId,
    ) -> Result<AccountRequest> {
        let me = scope.standing().user;
        if !scope.emergencies().iter().any(|it| it.id == id && it.user == me) {
            let tx = self.begin(scope).await?;
            tx.permit::<Administer, _>(Members)?;
        }
        let tenant = scope.tenant();
        let directory = self.store.directory(self.now()).await?;
        let mut request = asked(&directory, tenant, id).await?;
        if !request.lets_in(self.now()) {
            return Err(Refusal::rule("", Code::AccountRequestOver));
        }
        // Asked for twice in one moment it may run twice; who ends it means all of it.
        for one in directory.running_emergencies(tenant.id).await? {
            if one.user == request.user {
                directory.end_account_request(tenant.id, one.id).await?;
            }
        }
        directory.forget(Access::Person(request.user));
        request.ended_at = Some(self.now());
        let event =
            about_request(EventKind::EmergencyEnded, &request).touching(Touch::Organisation);
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant.id, event)]).await?;
        Ok(request)
    }

    /// The governments in which an account is one for emergencies and that it does not enter now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn closed_emergency_doors(&self, signed_in: &SignedIn) -> Result<Vec<Tenant>> {
        let Some(presence) = signed_in.local() else { return Ok(Vec::new()) };
        let directory = self.store.directory(self.now()).await?;
        let mut closed = Vec::new();
        for tenant in directory.emergency_tenants_of(presence.person.id).await? {
            let by_provider = signed_in.presence_in(tenant.id) != Some(presence);
            if by_provider || !tenant.state.lets_in() {
                continue;
            }
            let way = directory.local_way(tenant.id, presence.person.id).await?;
            let holds = directory.standings(&tenant, Some(presence.person.id)).await?;
            if way == LocalWay::Emergency(None) && !holds.is_empty() {
                closed.push(tenant);
            }
        }
        Ok(closed)
    }

    /// The scope of who enters, with the emergency access that they are told of; that an account enters with its
    /// own for the first time is written into the trail.
    pub(crate) async fn entering(
        &self,
        directory: DirectoryTx,
        scope: TenantScope,
        own: Option<AccountRequest>,
    ) -> Result<TenantScope> {
        let tenant = scope.tenant().id;
        let mut told = Vec::new();
        if scope.standing().holds(Role::Administrator) {
            told = directory.running_emergencies(tenant).await?;
        } else if let Some(own) = &own {
            told.push(own.clone());
        }
        let scope = scope.during(told);
        let Some(own) = own.filter(|it| it.used_at.is_none()) else { return Ok(scope) };
        if directory.use_emergency(tenant, own.id).await? {
            let event = about_request(EventKind::EmergencyEntered, &own);
            let event = event.fact_if("until", own.ends_at.map(|it| it.to_rfc3339()));
            directory.commit_for(&actor(&scope), scope.request(), vec![(tenant, event)]).await?;
        }
        Ok(scope)
    }
}

/// A request for emergency access of this very government.
async fn asked(
    directory: &DirectoryTx,
    tenant: &Tenant,
    id: AccountRequestId,
) -> Result<AccountRequest> {
    let found = directory.find_account_request(tenant.id, id).await?;
    found.filter(|it| it.kind == RequestKind::EmergencyAccess).ok_or(Refusal::NotFound)
}

async fn of_code(directory: &DirectoryTx, code: &str) -> Result<Tenant> {
    let code: RegionCode = code.parse().map_err(|_| Refusal::NotFound)?;
    directory.find_tenant_by_code(&code).await?.ok_or(Refusal::NotFound)
}
