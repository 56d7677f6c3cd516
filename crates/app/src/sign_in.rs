//! Sign-in with a local account, and its password.
//!
//! What a sign-in is worth afterwards is in [`crate::sessions`]; the identity provider of a government is
//! another way to the same.

use std::sync::Arc;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_store::directory::DirectoryActor;
use ekinerja_store::directory::people::User;
use ekinerja_store::directory::sessions::{NewSignIn, SessionToken, Way};
use ekinerja_store::directory::tenants::Stage;
use rand::TryRngCore;

pub use crate::sessions::SignedIn;

use crate::app::App;
use crate::refusal::{Code, Refusal, Result};
use crate::sessions::{Browser, SESSION_LIFE};
use crate::typed::Typed;

/// The password of every account of a demonstration. It is known to everybody, so it opens nothing elsewhere:
/// a real installation refuses it at sign-in, even for an account that has it.
pub const DEMONSTRATION_PASSWORD: &str = "contoh-ekinerja";
/// Shortest password (BSSN 4/2021 as summarised: at least 12 characters).
pub const SHORTEST_PASSWORD: usize = 12;

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
    pub async fn sign_in_at(
        &self,
        browser: &Browser,
        username: &str,
        password: &str,
    ) -> Result<(SessionToken, SignedIn)> {
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
        let Some(person) = person else {
            self.note_failure(known).await?;
            return Err(Refusal::Unauthenticated(Code::SignInFailed));
        };
        let directory = self.store.directory(self.now()).await?;
        let tenants = directory.tenants_of(person.id).await?;
        if !person.is_operator
            && !tenants.is_empty()
            && tenants.iter().all(|it| !it.state.lets_in())
        {
            drop(directory);
            self.note_failure(known).await?;
            return Err(Refusal::Unauthenticated(Code::TenantSuspended));
        }
        let new = NewSignIn {
            user: person.id,
            way: Way::Local,
            expires_at: self.now() + SESSION_LIFE,
            id_token: None,
        };
        let token = self.add_presence(&directory, browser, new).await?;
        let event = about(EventKind::SignInSucceeded, &person).fact("device", &browser.device);
        let mut events = Vec::new();
        for tenant in tenants.into_iter().filter(|it| it.state.lets_in()) {
            directory.reach(tenant.id, Stage::Accepted).await?;
            events.push((tenant.id, event.clone()));
        }
        let actor = DirectoryActor { user: Some(person.id), name: person.name.clone(), post: None };
        if events.is_empty() {
            directory.commit(&actor, vec![event]).await?;
        } else {
            directory.commit_for(&actor, None, events).await?;
        }
        let signed_in = self.resume(&token).await?;
        Ok((token, Arc::unwrap_or_clone(signed_in)))
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
        let tenants = directory.tenants_of(person.id).await?;
        if tenants.is_empty() {
            return Ok(directory.commit(&actor, vec![event]).await?);
        }
        let events = tenants.into_iter().map(|tenant| (tenant.id, event.clone())).collect();
        Ok(directory.commit_for(&actor, None, events).await?)
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
