//! Sign-in with a local account, and its password.
//!
//! What a sign-in is worth afterwards is in [`crate::sessions`]; the identity provider of a government is
//! another way to the same.

use std::sync::Arc;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::ids::UserId;
use ekinerja_store::directory::people::User;
use ekinerja_store::directory::sessions::{NewSignIn, SessionToken, Way};
use ekinerja_store::directory::tenants::Stage;
use ekinerja_store::directory::{DirectoryActor, DirectoryTx};
use rand::TryRngCore;

pub use crate::sessions::SignedIn;

use crate::app::App;
use crate::refusal::{Code, Refusal, Result};
use crate::second_factor::Tried;
use crate::sessions::{Browser, SESSION_LIFE};
use crate::typed::Typed;

/// The password of every account of a demonstration. It is known to everybody, so it opens nothing elsewhere:
/// a real installation refuses it at sign-in, even for an account that has it.
pub const DEMONSTRATION_PASSWORD: &str = "contoh-ekinerja";
/// Shortest password (BSSN 4/2021 as summarised: at least 12 characters).
pub const SHORTEST_PASSWORD: usize = 12;
/// How long a sign-in waits for its code.
const SECOND_STEP: Duration = Duration::minutes(10);

/// The secret of a sign-in whose password was right and whose code is missing. It opens nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct StepToken(String);

impl StepToken {
    /// The secret itself, for the cookie.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for StepToken {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl std::fmt::Debug for StepToken {
    /// Never shows the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StepToken(..)")
    }
}

/// What a right password leads to.
#[derive(Debug, Clone)]
pub enum FirstStep {
    /// The person is signed in.
    Done(SessionToken),
    /// The account has a second factor: no session begins before its code.
    CodeWanted(StepToken),
}

impl App {
    /// Signs a person in with a local account at a browser that we know nothing of.
    ///
    /// # Errors
    /// [`Code::SignInFailed`]; whether the name or the password is wrong is not told, and both take as long.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &str,
    ) -> Result<(SessionToken, SignedIn)> {
        self.sign_in_at(&Browser::default(), username, password).await
    }

    /// Signs a person in with a local account. The session of the browser goes on with a new secret and keeps
    /// its sign-ins at identity providers; a local sign-in that it held ends.
    ///
    /// # Errors
    /// [`Code::SignInFailed`]; whether the name or the password is wrong is not told, and both take as long.
    /// [`Code::TenantSuspended`] for who has roles in governments that let nobody in and in no other.
    /// [`Code::SecondFactorWanted`] for an account with a second factor.
    pub async fn sign_in_at(
        &self,
        browser: &Browser,
        username: &str,
        password: &str,
    ) -> Result<(SessionToken, SignedIn)> {
        self.sign_in_with(browser, username, password, "").await
    }

    /// The same with the code of the second factor in one step, for programs that have a place to type it.
    ///
    /// # Errors
    /// Those of [`App::sign_in_at`]; [`Code::SecondFactorWrong`], [`Code::SecondFactorUsed`],
    /// [`Code::SecondFactorBlocked`].
    pub async fn sign_in_with(
        &self,
        browser: &Browser,
        username: &str,
        password: &str,
        code: &str,
    ) -> Result<(SessionToken, SignedIn)> {
        let person = self.known_by_password(username, password).await?;
        if person.second_factor_at.is_some() && code.trim().is_empty() {
            return Err(Refusal::Unauthenticated(Code::SecondFactorWanted));
        }
        let directory = self.store.directory(self.now()).await?;
        let factor = match person.second_factor_at {
            None => None,
            Some(_) => match self.try_code(&directory, &person, code).await? {
                Tried::Passed(how) => Some(how),
                Tried::Refused(code) => return self.wrong_code(directory, &person, code).await,
            },
        };
        let token = self.admit_person(directory, browser, &person, factor).await?;
        let signed_in = self.resume(&token).await?;
        Ok((token, Arc::unwrap_or_clone(signed_in)))
    }

    /// The first step at the sign-in page: name and password.
    ///
    /// # Errors
    /// [`Code::SignInFailed`]; whether the name or the password is wrong is not told, and both take as long.
    pub async fn sign_in_first(
        &self,
        browser: &Browser,
        username: &str,
        password: &str,
    ) -> Result<FirstStep> {
        let person = self.known_by_password(username, password).await?;
        let directory = self.store.directory(self.now()).await?;
        if person.second_factor_at.is_none() {
            return self.admit_person(directory, browser, &person, None).await.map(FirstStep::Done);
        }
        let token = fresh_secret()?;
        directory.add_pending_step(&token, person.id, self.now() + SECOND_STEP).await?;
        directory.commit_session().await?;
        Ok(FirstStep::CodeWanted(StepToken(token)))
    }

    /// The second step: the code of the second factor, or a recovery code.
    ///
    /// # Errors
    /// [`Code::SecondStepOver`] when the first step is not there any more; [`Code::SecondFactorWrong`],
    /// [`Code::SecondFactorUsed`], [`Code::SecondFactorBlocked`].
    pub async fn sign_in_second(
        &self,
        browser: &Browser,
        step: &StepToken,
        code: &str,
    ) -> Result<SessionToken> {
        let over = || Refusal::Unauthenticated(Code::SecondStepOver);
        let directory = self.store.directory(self.now()).await?;
        let waiting = directory.find_pending_step(&step.0).await?.ok_or_else(over)?;
        let person = directory.find_user_by_id(waiting).await?;
        let person = person.filter(|it| !it.disabled && it.second_factor_at.is_some());
        let person = person.ok_or_else(over)?;
        match self.try_code(&directory, &person, code).await? {
            Tried::Refused(code) => self.wrong_code(directory, &person, code).await,
            Tried::Passed(how) => {
                if !directory.take_pending_step(&step.0).await? {
                    return Err(over());
                }
                self.admit_person(directory, browser, &person, Some(how)).await
            }
        }
    }

    /// Whether a sign-in still waits for its code under this token.
    ///
    /// # Errors
    /// The database failed.
    pub async fn waits_for_code(&self, step: &StepToken) -> Result<bool> {
        let directory = self.store.directory(self.now()).await?;
        Ok(directory.find_pending_step(&step.0).await?.is_some())
    }

    async fn wrong_code<T>(&self, directory: DirectoryTx, person: &User, code: Code) -> Result<T> {
        // Who tried knows the password and is not known to be the person; the line is the platform's.
        let actor = DirectoryActor { user: None, name: String::from("-"), post: None };
        let event = about(EventKind::SignInFailed, person).fact("factor", code.as_str());
        commit_for_person(directory, &actor, person.id, event).await?;
        Err(Refusal::Unauthenticated(code))
    }

    /// The person with this name and password.
    async fn known_by_password(&self, username: &str, password: &str) -> Result<User> {
        let directory = self.store.directory(self.now()).await?;
        let found = directory.find_user(username).await?;
        let known = found.as_ref().map(|(person, _)| person.clone());
        let (person, hash) = match found {
            Some((person, Some(hash))) => (Some(person), hash),
            _ => (None, dummy_hash()),
        };
        // Hashing takes its time on purpose; no connection is held meanwhile.
        drop(directory);
        let matches = verify_password(password.to_owned(), hash).await?;
        let person = person
            .filter(|person| matches && !person.disabled)
            .filter(|_| self.is_demonstration || password != DEMONSTRATION_PASSWORD);
        if person.is_none() {
            self.note_failure(known).await?;
        }
        let person = person.ok_or(Refusal::Unauthenticated(Code::SignInFailed))?;
        let directory = self.store.directory(self.now()).await?;
        let tenants = directory.tenants_of(person.id).await?;
        if !person.is_operator
            && !tenants.is_empty()
            && tenants.iter().all(|it| !it.state.lets_in())
        {
            drop(directory);
            self.note_failure(Some(person)).await?;
            return Err(Refusal::Unauthenticated(Code::TenantSuspended));
        }
        Ok(person)
    }

    /// Gives the browser a sign-in of the person.
    async fn admit_person(
        &self,
        directory: DirectoryTx,
        browser: &Browser,
        person: &User,
        factor: Option<&'static str>,
    ) -> Result<SessionToken> {
        let new = NewSignIn {
            user: person.id,
            way: Way::Local,
            expires_at: self.now() + SESSION_LIFE,
            id_token: None,
        };
        let token = self.add_presence(&directory, browser, new).await?;
        let event = about(EventKind::SignInSucceeded, person)
            .fact("device", &browser.device)
            .fact_if("factor", factor);
        let tenants = directory.tenants_of(person.id).await?;
        let mut events = Vec::new();
        for tenant in tenants.into_iter().filter(|it| it.state.lets_in()) {
            directory.reach(tenant.id, Stage::Accepted).await?;
            events.push((tenant.id, event.clone()));
        }
        if events.is_empty() {
            directory.commit(&person_acting(person), vec![event]).await?;
        } else {
            directory.commit_for(&person_acting(person), None, events).await?;
        }
        Ok(token)
    }

    /// Writes a refused attempt into the trail of the governments of the person whose account was tried. Of a
    /// name that nobody has, only that somebody tried is kept: it may be a password in the wrong field.
    async fn note_failure(&self, known: Option<User>) -> Result<()> {
        let directory = self.store.directory(self.now()).await?;
        // Who tried is not known; the line is the platform's.
        let actor = DirectoryActor { user: None, name: String::from("-"), post: None };
        let Some(person) = known else {
            let event = Event::new(EventKind::SignInFailed, "").fact("way", "local");
            return Ok(directory.commit(&actor, vec![event]).await?);
        };
        let event = about(EventKind::SignInFailed, &person);
        commit_for_person(directory, &actor, person.id, event).await
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
        let person = &signed_in.local().ok_or(Refusal::Forbidden)?.person;
        let mut faults = Typed::default();
        crate::members::checked_password(&mut faults, "new_password", wanted);
        if wanted == present {
            faults.blame("new_password", Code::PasswordSame);
        }
        faults.done()?;
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
        directory.end_other_sign_ins(person.id, signed_in.session.id).await?;
        let actor = DirectoryActor { user: Some(person.id), name: person.name.clone(), post: None };
        let event = Event::new(EventKind::PasswordChanged, person.id);
        Ok(directory.commit(&actor, vec![event]).await?)
    }
}

/// A person who acts on their own account.
pub(crate) fn person_acting(person: &User) -> DirectoryActor {
    DirectoryActor { user: Some(person.id), name: person.name.clone(), post: None }
}

/// Commits what happened to a person, written into the trail of each government in which they hold a role; of
/// somebody without one, into the platform's.
pub(crate) async fn commit_for_person(
    directory: DirectoryTx,
    actor: &DirectoryActor,
    person: UserId,
    event: Event,
) -> Result<()> {
    let mut tenants = directory.tenants_of(person).await?;
    // The trail of a government that rests takes no more than comes from the door.
    tenants.retain(|it| it.state.takes_writes() || event.kind.goes_on_at_rest());
    if tenants.is_empty() {
        return Ok(directory.commit(actor, vec![event]).await?);
    }
    let events = tenants.into_iter().map(|tenant| (tenant.id, event.clone())).collect();
    Ok(directory.commit_for(actor, None, events).await?)
}

/// What happened to a person at the door, by a local account.
fn about(kind: EventKind, person: &User) -> Event {
    Event::new(kind, person.id)
        .fact("name", &person.name)
        .fact("username", &person.username)
        .fact("way", "local")
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

pub(crate) async fn verify_password(password: String, hash: String) -> Result<bool> {
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
