//! Sign-in with a local account, sessions, and entering a tenant.
//!
//! The identity provider of a tenant (OpenID Connect) will be another way to the same [`SignedIn`];
//! sessions and entering stay as they are.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::ids::UserId;
use ekinerja_domain::tenant::{Slug, Tenant};
use ekinerja_store::TenantScope;
use ekinerja_store::directory::DirectoryActor;
use ekinerja_store::directory::people::User;
use ekinerja_store::directory::sessions::{Session, SessionToken};
use ekinerja_store::directory::tenants::Stage;
use rand::TryRngCore;

use crate::app::App;
use crate::refusal::{Code, Refusal, Result};
use crate::typed::Typed;

/// How long a session lives at most.
const SESSION_LIFE: Duration = Duration::hours(12);
/// How long a session may lie unused.
const SESSION_IDLE: Duration = Duration::hours(2);
/// How long a session is used before that is noted again: a write for every request would cost too much.
const UNNOTED: Duration = Duration::minutes(1);
/// For how long a session and a role may be answered from memory: rights taken away end within this time.
const REMEMBERED: StdDuration = StdDuration::from_secs(2);
/// The password of every account of a demonstration. It is known to everybody, so it opens nothing elsewhere:
/// a real installation refuses it at sign-in, even for an account that has it.
pub const DEMONSTRATION_PASSWORD: &str = "contoh-ekinerja";
/// Shortest password (BSSN 4/2021 as summarised: at least 12 characters).
pub const SHORTEST_PASSWORD: usize = 12;

/// A person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// The person.
    pub person: User,
}

/// Sessions and scopes that were read within the last moments.
#[derive(Debug, Clone)]
#[expect(
    clippy::disallowed_types,
    reason = "sessions belong to no tenant; the scope cache names person and tenant"
)]
pub(crate) struct SignIns {
    sessions: moka::future::Cache<SessionToken, Arc<SignedIn>>,
    scopes: moka::future::Cache<(UserId, Slug), TenantScope>,
}

impl Default for SignIns {
    #[expect(clippy::disallowed_types, reason = "see SignIns")]
    fn default() -> Self {
        let sessions =
            moka::future::Cache::builder().max_capacity(50_000).time_to_live(REMEMBERED).build();
        let scopes =
            moka::future::Cache::builder().max_capacity(50_000).time_to_live(REMEMBERED).build();
        Self { sessions, scopes }
    }
}

impl App {
    /// Signs a person in with a local account and starts a session.
    ///
    /// # Errors
    /// [`Code::SignInFailed`]; whether the name or the password is wrong is not told, and both take as long.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &str,
    ) -> Result<(SessionToken, SignedIn)> {
        let directory = self.store.directory(self.now()).await?;
        let found = directory.find_user(username).await?;
        let (person, hash) = match found {
            Some((person, Some(hash))) => (Some(person), hash),
            _ => (None, dummy_hash()),
        };
        // Hashing takes its time on purpose; no connection is held meanwhile.
        drop(directory);
        let matches = verify_password(password.to_owned(), hash).await?;
        let person = person
            .filter(|person| matches && !person.disabled)
            .filter(|_| self.is_demonstration || password != DEMONSTRATION_PASSWORD)
            .ok_or(Refusal::Unauthenticated(Code::SignInFailed))?;
        let token = SessionToken::from(fresh_secret()?);
        let directory = self.store.directory(self.now()).await?;
        let session = directory.add_session(person.id, &token, self.now() + SESSION_LIFE).await?;
        for tenant in directory.tenants_of(person.id).await? {
            directory.reach(tenant.id, Stage::Accepted).await?;
        }
        directory.commit_session().await?;
        Ok((token, SignedIn { session, person }))
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
        directory.commit_session().await?;
        self.sign_ins.sessions.invalidate(token).await;
        Ok(())
    }

    /// The person whose session a token is.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`] when the session ended, lay unused too long or never was.
    pub async fn resume(&self, token: &SessionToken) -> Result<Arc<SignedIn>> {
        let known = self.sign_ins.sessions.get(token).await;
        if let Some(known) = known.filter(|it| self.now() - it.session.last_seen_at <= UNNOTED) {
            return Ok(known);
        }
        let unauthenticated = || Refusal::Unauthenticated(Code::Unauthenticated);
        let directory = self.store.directory(self.now()).await?;
        let mut session = directory.find_session(token).await?.ok_or_else(unauthenticated)?;
        if self.now() - session.last_seen_at > SESSION_IDLE {
            return Err(unauthenticated());
        }
        let person = directory.find_user_by_id(session.user).await?;
        let person = person.filter(|person| !person.disabled).ok_or_else(unauthenticated)?;
        if self.now() - session.last_seen_at > UNNOTED {
            session.last_seen_at = self.now();
            directory.touch_session(session.id).await?;
            directory.commit_session().await?;
        }
        let signed_in = Arc::new(SignedIn { session, person });
        self.sign_ins.sessions.insert(token.clone(), Arc::clone(&signed_in)).await;
        Ok(signed_in)
    }

    /// Lets a signed-in person into a tenant.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such tenant or the person has no role in it: the two look alike.
    /// [`Code::PasswordMustChange`] while somebody else knows the person's password.
    pub async fn enter(&self, signed_in: &SignedIn, slug: &Slug) -> Result<TenantScope> {
        if signed_in.person.must_change_password {
            return Err(Refusal::rule("", Code::PasswordMustChange));
        }
        let key = (signed_in.person.id, slug.clone());
        if let Some(scope) = self.sign_ins.scopes.get(&key).await {
            // A role ends with its last day, also for who was let in just before midnight.
            let today = self.today();
            if scope.standing().grants.iter().all(|grant| grant.holds_on(today)) {
                return Ok(scope);
            }
        }
        let directory = self.store.directory(self.now()).await?;
        let tenant = directory.find_tenant(slug).await?.ok_or(Refusal::NotFound)?;
        let scope = directory.enter(&signed_in.person, tenant).await?.ok_or(Refusal::NotFound)?;
        self.sign_ins.scopes.insert(key, scope.clone()).await;
        Ok(scope)
    }

    /// Changes a person's own password, and ends their other sessions.
    ///
    /// # Errors
    /// [`Code::PasswordWrong`], [`Code::PasswordTooShort`], [`Code::PasswordSame`].
    pub async fn change_password(
        &self,
        token: &SessionToken,
        present: &str,
        wanted: &str,
    ) -> Result<()> {
        let signed_in = self.resume(token).await?;
        let mut faults = Typed::default();
        crate::members::checked_password(&mut faults, "new_password", wanted);
        if wanted == present {
            faults.blame("new_password", Code::PasswordSame);
        }
        faults.done()?;
        let person = &signed_in.person;
        let directory = self.store.directory(self.now()).await?;
        let found = directory.find_user(&person.username).await?;
        // Hashing takes its time on purpose; no connection is held meanwhile.
        drop(directory);
        let hash = found.and_then(|(_, hash)| hash).unwrap_or_else(dummy_hash);
        if !verify_password(present.to_owned(), hash).await? {
            return Err(Refusal::invalid("password", Code::PasswordWrong));
        }
        let hash = hash_password(wanted.to_owned()).await?;
        let directory = self.store.directory(self.now()).await?;
        directory.set_password(person.id, hash).await?;
        directory.end_other_sessions(person.id, signed_in.session.id).await?;
        let actor = DirectoryActor { user: Some(person.id), name: person.name.clone(), post: None };
        let event = Event::new(EventKind::PasswordChanged, person.id);
        directory.commit(&actor, vec![event]).await?;
        self.sign_ins.sessions.invalidate_all();
        Ok(())
    }

    /// The tenants in which a signed-in person holds a role today.
    ///
    /// # Errors
    /// The database failed.
    pub async fn my_tenants(&self, signed_in: &SignedIn) -> Result<Vec<Tenant>> {
        let directory = self.store.directory(self.now()).await?;
        Ok(directory.tenants_of(signed_in.person.id).await?)
    }

    /// Forgets every role that is remembered, so that a change of rights holds at once in this process; others
    /// remember for [`REMEMBERED`] at most.
    pub(crate) fn forget_scopes(&self) {
        self.sign_ins.scopes.invalidate_all();
    }
}

/// A new secret of 256 bits, in 43 letters that an address may hold.
///
/// # Errors
/// The machine has no randomness.
pub fn fresh_secret() -> Result<String> {
    let mut secret = [0_u8; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut secret).map_err(Refusal::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(secret))
}

/// Hashes a password (argon2id) away from the async workers.
///
/// # Errors
/// Hashing failed.
pub async fn hash_password(password: String) -> Result<String> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())
    });
    hashed.await.map_err(Refusal::internal)?.map_err(|error| Refusal::internal(error.to_string()))
}

async fn verify_password(password: String, hash: String) -> Result<bool> {
    let verified = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    });
    verified.await.map_err(Refusal::internal)
}

/// A hash that no password matches, so that an unknown name takes as long as a wrong password.
fn dummy_hash() -> String {
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
     3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        .to_owned()
}
