//! What a browser's session may do: its sign-ins, the governments they enter, and how they end.
//!
//! A session holds at most one sign-in for each government. A local account enters the governments in which it
//! is a member and that let it; a sign-in at a government's identity provider enters that government alone.
//! Each page acts with the sign-in of its government, so one person with two accounts never mixes them.
//!
//! What was read is remembered for two seconds at most, and only until a commit of any process says that it
//! changed.

mod device;

use std::sync::Arc;

use chrono::Duration;
use ekinerja_domain::ids::{SessionId, SignInId, TenantId};
use ekinerja_domain::tenant::{Slug, Tenant, TenantState};
use ekinerja_store::TenantScope;
use ekinerja_store::change::Changes;
use ekinerja_store::directory::DirectoryTx;
use ekinerja_store::directory::identity::LocalWay;
use ekinerja_store::directory::people::User;
use ekinerja_store::directory::sessions::NewSignIn;
use uuid::Uuid;

pub use device::device;
pub use ekinerja_store::directory::sessions::{Session, SessionToken, SignIn, Way};

use crate::access_watch::{AccessWatch, REMEMBERED};
use crate::app::App;
use crate::refusal::{Code, Refusal, Result};
use crate::sign_in::fresh_secret;

/// How long a sign-in lives at most.
pub(crate) const SESSION_LIFE: Duration = Duration::hours(12);
/// How long a session may lie unused.
const SESSION_IDLE: Duration = Duration::hours(2);
/// How long a session is used before that is noted again: a write for every request would cost too much.
const UNNOTED: Duration = Duration::minutes(1);
/// The browser at which somebody signs in.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// The secret of the session that it has.
    pub token: Option<SessionToken>,
    /// Browser and machine in a few words, from [`device()`].
    pub device: String,
}

/// A sign-in with the person who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// The sign-in.
    pub sign_in: SignIn,
    /// The person.
    pub person: User,
}

/// A browser in which somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Who acts outside any government: the owner of the local account, else who signed in last. Whoever came
    /// by an identity provider is no operator, and has no password to change.
    pub person: User,
    /// Every running sign-in of the session, the newest last.
    pub presences: Vec<Presence>,
    /// Whether an operator must set up a second factor before anything else.
    pub owes_second_factor: bool,
}

impl SignedIn {
    fn of(session: Session, presences: Vec<Presence>, strict: bool) -> Option<Self> {
        let is_local = |it: &&Presence| it.sign_in.way == Way::Local;
        let person = if let Some(local) = presences.iter().find(is_local) {
            local.person.clone()
        } else {
            let person = presences.last()?.person.clone();
            User { is_operator: false, must_change_password: false, ..person }
        };
        let owes_second_factor = strict && person.is_operator && person.second_factor_at.is_none();
        Some(Self { session, person, presences, owes_second_factor })
    }

    /// The sign-in with a local account.
    pub fn local(&self) -> Option<&Presence> {
        self.presences.iter().find(|it| it.sign_in.way == Way::Local)
    }

    /// The sign-in with which this browser acts in a government: its own, else the local account.
    pub fn presence_in(&self, tenant: TenantId) -> Option<&Presence> {
        let own = self.presences.iter().find(|it| it.sign_in.way.tenant() == Some(tenant));
        own.or_else(|| self.local())
    }

    /// What changes when the access of anybody here does.
    fn parts(&self) -> impl Iterator<Item = Uuid> {
        let people = self.presences.iter().map(|it| it.person.id.uuid());
        std::iter::once(self.session.id.uuid()).chain(people)
    }
}

/// One's own sign-in, as the list of them shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MySignIn {
    /// The sign-in.
    pub sign_in: SignIn,
    /// The session that holds it.
    pub session: Session,
    /// Whether it is one of this very browser.
    pub is_here: bool,
    /// The government that it enters; none for a local account.
    pub tenant: Option<Tenant>,
    /// Who signed in.
    pub name: String,
}

/// Sessions and scopes that were read within the last moments.
#[derive(Debug)]
#[expect(
    clippy::disallowed_types,
    reason = "sessions belong to no tenant; the scope cache names session and tenant"
)]
pub(crate) struct SignIns {
    sessions: moka::future::Cache<SessionToken, (Arc<SignedIn>, u64)>,
    scopes: moka::future::Cache<(SessionId, Slug), (TenantScope, u64)>,
    watch: AccessWatch,
}

impl SignIns {
    #[expect(clippy::disallowed_types, reason = "see SignIns")]
    pub(crate) fn hearing(changes: &Changes) -> Self {
        let sessions =
            moka::future::Cache::builder().max_capacity(50_000).time_to_live(REMEMBERED).build();
        let scopes =
            moka::future::Cache::builder().max_capacity(50_000).time_to_live(REMEMBERED).build();
        Self { sessions, scopes, watch: AccessWatch::hearing(changes) }
    }

    async fn session(&self, token: &SessionToken) -> Option<Arc<SignedIn>> {
        let (known, count) = self.sessions.get(token).await?;
        self.watch.holds(count, known.parts()).then_some(known)
    }

    async fn scope(&self, key: &(SessionId, Slug)) -> Option<TenantScope> {
        let (scope, count) = self.scopes.get(key).await?;
        let parts =
            [key.0.uuid(), scope.standing().user.uuid(), scope.tenant().id.uuid()].into_iter();
        self.watch.holds(count, parts).then_some(scope)
    }
}

impl App {
    /// Gives a browser one more sign-in. Its session goes on under a new secret; without one, one begins.
    pub(crate) async fn add_presence(
        &self,
        directory: &DirectoryTx,
        browser: &Browser,
        new: NewSignIn,
    ) -> Result<SessionToken> {
        let token = SessionToken::from(fresh_secret()?);
        let present = match &browser.token {
            Some(present) => directory.find_session(present).await?,
            None => None,
        };
        let present = present.filter(|it| self.now() - it.last_seen_at <= SESSION_IDLE);
        let until = new.expires_at;
        let session = match present {
            Some(it) => directory.renew_session(it, &token, &browser.device, until).await?,
            None => directory.add_session(&token, &browser.device, until).await?,
        };
        directory.add_sign_in(session.id, new).await?;
        Ok(token)
    }

    /// Ends the session of a token; an unknown token is no error.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sign_out(&self, token: &SessionToken) -> Result<()> {
        let directory = self.store.directory(self.now()).await?;
        if let Some(session) = directory.find_session(token).await? {
            directory.end_session(session.id).await?;
        }
        Ok(directory.commit_session().await?)
    }

    /// Who is signed in with this token.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`] when the session ended, lay unused too long or never was.
    pub async fn resume(&self, token: &SessionToken) -> Result<Arc<SignedIn>> {
        let now = self.now();
        let holds = |it: &Arc<SignedIn>| {
            now - it.session.last_seen_at <= UNNOTED
                && it.presences.iter().all(|it| it.sign_in.expires_at > now)
        };
        if let Some(known) = self.sign_ins.session(token).await.filter(holds) {
            return Ok(known);
        }
        let unauthenticated = || Refusal::Unauthenticated(Code::Unauthenticated);
        let count = self.sign_ins.watch.count();
        let directory = self.store.directory(now).await?;
        let mut session = directory.find_session(token).await?.ok_or_else(unauthenticated)?;
        if now - session.last_seen_at > SESSION_IDLE {
            return Err(unauthenticated());
        }
        let mut presences = Vec::new();
        for sign_in in directory.sign_ins_of(session.id).await? {
            let person = directory.find_user_by_id(sign_in.user).await?;
            if let Some(person) = person.filter(|person| !person.disabled) {
                presences.push(Presence { sign_in, person });
            }
        }
        if now - session.last_seen_at > UNNOTED {
            session.last_seen_at = now;
            directory.touch_session(session.id).await?;
            directory.commit_session().await?;
        }
        let signed_in =
            SignedIn::of(session, presences, self.is_strict()).ok_or_else(unauthenticated)?;
        let signed_in = Arc::new(signed_in);
        self.sign_ins.sessions.insert(token.clone(), (Arc::clone(&signed_in), count)).await;
        Ok(signed_in)
    }

    /// Lets a signed-in person into a tenant, with the sign-in of the session that is for it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such tenant or the person has no role in it: the two look alike.
    /// [`Code::SignInOfTenant`] when this browser is signed in at other governments' providers only.
    /// [`Code::TenantSuspended`] for who has a role in it while nobody enters it.
    /// [`Code::PasswordMustChange`] while somebody else knows the local account's password.
    /// [`Code::SecondFactorMissing`] when a role asks for a second factor and the local account has none.
    /// [`Code::EmergencyClosed`] for an account for emergencies while no request of its own runs.
    pub async fn enter(&self, signed_in: &SignedIn, slug: &Slug) -> Result<TenantScope> {
        let key = (signed_in.session.id, slug.clone());
        if let Some(scope) = self.sign_ins.scope(&key).await {
            // A role ends with its last day, also for who was let in just before midnight.
            // Emergency access ends to the second.
            let (today, now) = (self.today(), self.now());
            let runs = scope.emergencies().iter().all(|it| it.lets_in(now));
            if runs && scope.standing().grants.iter().all(|grant| grant.holds_on(today)) {
                return Ok(scope);
            }
        }
        let count = self.sign_ins.watch.count();
        let directory = self.store.directory(self.now()).await?;
        let found = directory.find_tenant(slug).await?;
        let presence = match &found {
            Some(tenant) => signed_in.presence_in(tenant.id),
            None => signed_in.local(),
        };
        let presence = presence.ok_or(Refusal::Unauthenticated(Code::SignInOfTenant))?;
        let is_local = presence.sign_in.way == Way::Local;
        if is_local && presence.person.must_change_password {
            return Err(Refusal::rule("", Code::PasswordMustChange));
        }
        let tenant = found.ok_or(Refusal::NotFound)?;
        let way = if is_local {
            directory.local_way(tenant.id, presence.person.id).await?
        } else {
            LocalWay::Open
        };
        if way == LocalWay::Closed {
            return Err(Refusal::NotFound);
        }
        let scope = self.let_person_in(&directory, presence, tenant).await?;
        let own = match way {
            LocalWay::Emergency(None) => return Err(Refusal::rule("", Code::EmergencyClosed)),
            LocalWay::Emergency(running) => running.map(|it| *it),
            _ => None,
        };
        let scope = self.entering(directory, scope, own).await?;
        self.sign_ins.scopes.insert(key, (scope.clone(), count)).await;
        Ok(scope)
    }

    /// The scope of who holds a role in a government that lets its people in, with the second factor that it asks
    /// for.
    pub(crate) async fn let_person_in(
        &self,
        directory: &DirectoryTx,
        presence: &Presence,
        tenant: Tenant,
    ) -> Result<TenantScope> {
        let Some(scope) = directory.enter(&presence.person, tenant.clone()).await? else {
            // Only who belongs there is told that it rests; to anybody else it looks like no government.
            let rests = tenant.state == TenantState::Suspended;
            if rests && !directory.standings(&tenant, Some(presence.person.id)).await?.is_empty() {
                return Err(Refusal::Unauthenticated(Code::TenantSuspended));
            }
            return Err(Refusal::NotFound);
        };
        if presence.sign_in.way == Way::Local && presence.person.second_factor_at.is_none() {
            let rule = directory.second_factor_rule(scope.tenant().id).await?;
            if self.obliges(scope.standing(), &rule) {
                return Err(Refusal::rule("", Code::SecondFactorMissing));
            }
        }
        Ok(scope)
    }

    /// The tenants that this browser may enter: those in which the person behind the sign-in that is for it holds
    /// a role today.
    ///
    /// # Errors
    /// The database failed.
    pub async fn my_tenants(&self, signed_in: &SignedIn) -> Result<Vec<Tenant>> {
        let directory = self.store.directory(self.now()).await?;
        let mut mine = Vec::new();
        for presence in &signed_in.presences {
            let tenants = directory.tenants_of(presence.person.id).await?.into_iter();
            for tenant in tenants.filter(|it| it.state.lets_in()) {
                let enters = if let Some(only) = presence.sign_in.way.tenant() {
                    only == tenant.id
                } else {
                    signed_in.presence_in(tenant.id) == Some(presence)
                        && directory.local_way(tenant.id, presence.person.id).await?.lets_in()
                };
                if enters {
                    mine.push(tenant);
                }
            }
        }
        mine.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(mine)
    }

    /// The running sign-ins of whoever is signed in here, in every browser, the newest first. A local account
    /// sees its own; who came by a government's provider sees those at that government alone.
    ///
    /// # Errors
    /// The database failed.
    pub async fn my_sign_ins(&self, signed_in: &SignedIn) -> Result<Vec<MySignIn>> {
        let directory = self.store.directory(self.now()).await?;
        let mut all = Vec::new();
        for presence in &signed_in.presences {
            let way = &presence.sign_in.way;
            let tenant = match way.tenant() {
                Some(id) => directory.find_tenant_by_id(id).await?,
                None => None,
            };
            for (sign_in, session) in directory.sign_ins_like(presence.person.id, way).await? {
                if self.now() - session.last_seen_at > SESSION_IDLE {
                    continue;
                }
                let is_here = session.id == signed_in.session.id;
                let (tenant, name) = (tenant.clone(), presence.person.name.clone());
                all.push(MySignIn { sign_in, session, is_here, tenant, name });
            }
        }
        all.sort_by_key(|it| std::cmp::Reverse(it.sign_in.created_at));
        Ok(all)
    }

    /// Ends one of one's own sign-ins, in whatever browser it is.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is not one's own or has ended.
    pub async fn end_my_sign_in(&self, signed_in: &SignedIn, id: SignInId) -> Result<()> {
        let mine = self.my_sign_ins(signed_in).await?;
        let ended = mine.into_iter().find(|it| it.sign_in.id == id).ok_or(Refusal::NotFound)?;
        let directory = self.store.directory(self.now()).await?;
        end(&directory, &ended.sign_in).await?;
        Ok(directory.commit_session().await?)
    }

    /// Ends every one of one's own sign-ins, this one too.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sign_out_everywhere(&self, signed_in: &SignedIn) -> Result<()> {
        let mine = self.my_sign_ins(signed_in).await?;
        let directory = self.store.directory(self.now()).await?;
        for one in mine {
            end(&directory, &one.sign_in).await?;
        }
        Ok(directory.commit_session().await?)
    }
}

/// Ends a sign-in, and the session that has no other.
async fn end(directory: &DirectoryTx, ended: &SignIn) -> Result<()> {
    directory.end_sign_in(ended).await?;
    if directory.sign_ins_of(ended.session).await?.is_empty() {
        directory.end_session(ended.session).await?;
    }
    Ok(())
}
