//! The second factor of local accounts: codes of an authenticator (TOTP, RFC 6238), recovery codes, and for whom
//! it is obligatory.
//!
//! The key of the codes is sealed and is shown to its owner alone, and only until a code has confirmed it. A code
//! is taken once, one time step early or late; five wrong ones in a row and none is taken for a quarter of an hour.

use std::fmt;

use chrono::Duration;
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{Administer, Role, Standing};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::UserId;
use ekinerja_store::TenantScope;
use ekinerja_store::directory::DirectoryTx;
use ekinerja_store::directory::people::User;
use ekinerja_store::directory::second_factors::SecondFactor;
use rand::TryRngCore;
use totp_rs::{Builder, Secret, Totp};

pub use ekinerja_store::directory::second_factors::SecondFactorRule;

use crate::app::App;
use crate::identity::SealKey;
use crate::members::actor;
use crate::refusal::{Code, Refusal, Result};
use crate::sessions::{Browser, SessionToken, SignedIn};
use crate::sign_in::{commit_for_person, fresh_secret, person_acting, verify_password};
use crate::typed::Typed;

/// Wrong codes in a row after which none is taken for a while.
const MOST_WRONG: i32 = 5;
/// For how long.
const BLOCKED: Duration = Duration::minutes(15);
/// How many recovery codes a person gets.
const RECOVERY_CODES: usize = 10;
/// Letters of a recovery code: none that is easily taken for another; 16 of them are 80 bits.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Bytes of a key, as RFC 4226 recommends.
const KEY_BYTES: usize = 20;
/// What an authenticator shows beside the name of the account.
const ISSUER: &str = "E-Kinerja";

/// A key that shall be put into an authenticator.
#[derive(Clone, PartialEq, Eq)]
pub struct SetUp {
    /// The key in base32, to be typed.
    pub key: String,
    /// The same as an address (`otpauth:`), to be drawn as a QR code.
    pub address: String,
}

impl fmt::Debug for SetUp {
    /// Never shows the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetUp(..)")
    }
}

/// Recovery codes, told once.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCodes(Vec<String>);

impl fmt::Debug for RecoveryCodes {
    /// Never shows them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodes(..)")
    }
}

impl RecoveryCodes {
    fn fresh() -> Result<Self> {
        let one = || {
            let mut bytes = [0_u8; 16];
            rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(Refusal::internal)?;
            let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
            let groups: Vec<String> =
                bytes.chunks(4).map(|it| it.iter().map(letter).collect()).collect();
            Ok(groups.join("-"))
        };
        (0..RECOVERY_CODES).map(|_| one()).collect::<Result<_>>().map(Self)
    }

    /// The codes, to be told once.
    pub fn reveal(&self) -> &[String] {
        &self.0
    }

    /// As they are compared: letters and digits alone.
    fn bare(&self) -> Vec<String> {
        self.0.iter().map(|it| bare(it)).collect()
    }
}

/// How an account is secured, for its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSecurity {
    /// Since when it has a second factor.
    pub since: Option<chrono::DateTime<chrono::Utc>>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u64,
    /// A key that waits for its first code.
    pub set_up: Option<SetUp>,
    /// Whether the person must have a second factor.
    pub obligatory: bool,
    /// Whether the platform can keep one.
    pub available: bool,
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tried {
    /// The code was right; whether it was one of an authenticator or for recovery.
    Passed(&'static str),
    /// It was not.
    Refused(Code),
}

fn purpose(person: UserId) -> String {
    format!("second-factor:{}", person.uuid())
}

/// Letters and digits of a recovery code, as they are hashed.
fn bare(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

fn totp(key: &str, account: &str) -> Result<Totp> {
    let secret = Secret::try_from_base32(key).map_err(|it| Refusal::internal(it.to_string()))?;
    let builder = Builder::new().with_secret(secret).with_account_name(account);
    let built = builder.with_issuer(Some(ISSUER)).build();
    built.map_err(|it| Refusal::internal(it.to_string()))
}

impl App {
    fn seal_key(&self) -> Result<&SealKey> {
        self.providers.key().ok_or_else(|| Refusal::rule("", Code::SecondFactorUnavailable))
    }

    /// The key of an account's codes; none when it was sealed with another key than the platform has now.
    fn opened(&self, person: UserId, factor: &SecondFactor) -> Option<String> {
        let opened = self.providers.key()?.open(&purpose(person), &factor.secret);
        if opened.is_none() {
            tracing::error!(person = %person, "a second factor was sealed with another key");
        }
        opened
    }

    /// Whether a person with this standing must have a second factor.
    pub(crate) fn obliges(&self, standing: &Standing, rule: &SecondFactorRule) -> bool {
        let platform = self.is_strict() && standing.holds(Role::Administrator);
        platform || rule.roles.iter().any(|role| standing.holds(*role))
    }

    /// How one's own local account is secured.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who came by an identity provider: that one asks for factors.
    pub async fn account_security(&self, signed_in: &SignedIn) -> Result<AccountSecurity> {
        let person = &signed_in.local().ok_or(Refusal::Forbidden)?.person;
        let directory = self.store.directory(self.now()).await?;
        let factor = directory.second_factor(person.id).await?;
        let waiting = factor.as_ref().filter(|it| !it.confirmed);
        let set_up = match waiting.and_then(|factor| self.opened(person.id, factor)) {
            None => None,
            Some(key) => {
                let address = totp(&key, &person.username)?.to_url();
                let address = address.map_err(|it| Refusal::internal(it.to_string()))?;
                Some(SetUp { key, address })
            }
        };
        let mut obligatory = person.is_operator && self.is_strict();
        for tenant in directory.tenants_of(person.id).await? {
            let rule = directory.second_factor_rule(tenant.id).await?;
            let scope = directory.enter(person, tenant).await?;
            obligatory |= scope.is_some_and(|it| self.obliges(it.standing(), &rule));
        }
        Ok(AccountSecurity {
            since: person.second_factor_at,
            recovery_codes_left: directory.recovery_codes_left(person.id).await?,
            set_up,
            obligatory,
            available: self.providers.key().is_some(),
        })
    }

    /// Makes a key for an authenticator; it counts for nothing until a code confirms it.
    ///
    /// # Errors
    /// [`Code::PasswordWrong`], [`Code::SecondFactorPresent`], [`Code::SecondFactorUnavailable`].
    pub async fn begin_second_factor(&self, signed_in: &SignedIn, password: &str) -> Result<SetUp> {
        let person = signed_in.local().ok_or(Refusal::Forbidden)?.person.clone();
        let seal = self.seal_key()?;
        self.check_own_password(&person, password).await?;
        let mut bytes = [0_u8; KEY_BYTES];
        rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(Refusal::internal)?;
        let key = Secret::from(bytes.to_vec()).to_base32();
        let address = totp(&key, &person.username)?.to_url();
        let address = address.map_err(|it| Refusal::internal(it.to_string()))?;
        let sealed = seal.seal(&purpose(person.id), &key)?;
        let directory = self.store.directory(self.now()).await?;
        if !directory.begin_second_factor(person.id, sealed).await? {
            return Err(Refusal::rule("", Code::SecondFactorPresent));
        }
        // Nothing that anybody could be asked about has happened yet.
        directory.commit_session().await?;
        Ok(SetUp { key, address })
    }

    /// Confirms the key with a first code. The browser goes on under a new secret, every other sign-in of the
    /// account ends, and the recovery codes are told.
    ///
    /// # Errors
    /// [`Code::SecondFactorWrong`], [`Code::SecondFactorAbsent`] when none was begun, [`Code::SecondFactorPresent`].
    pub async fn confirm_second_factor(
        &self,
        signed_in: &SignedIn,
        browser: &Browser,
        code: &str,
    ) -> Result<(SessionToken, RecoveryCodes)> {
        let person = &signed_in.local().ok_or(Refusal::Forbidden)?.person;
        let directory = self.store.directory(self.now()).await?;
        match directory.second_factor(person.id).await? {
            None => return Err(Refusal::rule("code", Code::SecondFactorAbsent)),
            Some(factor) if factor.confirmed => {
                return Err(Refusal::rule("code", Code::SecondFactorPresent));
            }
            Some(_) => {}
        }
        if let Tried::Refused(code) = self.try_code(&directory, person, code).await? {
            directory.commit_session().await?;
            return Err(Refusal::invalid("code", code));
        }
        let codes = RecoveryCodes::fresh()?;
        directory.confirm_second_factor(person.id).await?;
        directory.put_recovery_codes(person.id, &codes.bare()).await?;
        let token = SessionToken::from(fresh_secret()?);
        let session = signed_in.session.clone();
        let until = session.expires_at;
        let session = directory.renew_session(session, &token, &browser.device, until).await?;
        directory.end_other_sign_ins(person.id, session.id).await?;
        let event = about(EventKind::SecondFactorSet, person);
        commit_for_person(directory, &person_acting(person), person.id, event).await?;
        Ok((token, codes))
    }

    /// Makes new recovery codes in place of the old ones.
    ///
    /// # Errors
    /// [`Code::SecondFactorWrong`], [`Code::SecondFactorAbsent`].
    pub async fn renew_recovery_codes(
        &self,
        signed_in: &SignedIn,
        code: &str,
    ) -> Result<RecoveryCodes> {
        let person = &signed_in.local().ok_or(Refusal::Forbidden)?.person;
        let directory = self.tried(person, code).await?;
        let codes = RecoveryCodes::fresh()?;
        directory.put_recovery_codes(person.id, &codes.bare()).await?;
        let event = about(EventKind::RecoveryCodesRenewed, person);
        commit_for_person(directory, &person_acting(person), person.id, event).await?;
        Ok(codes)
    }

    /// Switches one's own second factor off; it needs the password and a code.
    ///
    /// # Errors
    /// [`Code::PasswordWrong`], [`Code::SecondFactorWrong`], [`Code::SecondFactorAbsent`].
    pub async fn remove_second_factor(
        &self,
        signed_in: &SignedIn,
        password: &str,
        code: &str,
    ) -> Result<()> {
        let person = &signed_in.local().ok_or(Refusal::Forbidden)?.person;
        self.check_own_password(person, password).await?;
        let directory = self.tried(person, code).await?;
        directory.remove_second_factor(person.id).await?;
        directory.end_other_sign_ins(person.id, signed_in.session.id).await?;
        let event = about(EventKind::SecondFactorRemoved, person);
        commit_for_person(directory, &person_acting(person), person.id, event).await
    }

    /// A transaction in which a code of the person was taken.
    async fn tried(&self, person: &User, code: &str) -> Result<DirectoryTx> {
        let directory = self.store.directory(self.now()).await?;
        let factor = directory.second_factor(person.id).await?;
        if !factor.is_some_and(|it| it.confirmed) {
            return Err(Refusal::rule("", Code::SecondFactorAbsent));
        }
        match self.try_code(&directory, person, code).await? {
            Tried::Passed(_) => Ok(directory),
            Tried::Refused(code) => {
                directory.commit_session().await?;
                Err(Refusal::invalid("code", code))
            }
        }
    }

    /// Takes a code, or counts that it was wrong: either way the transaction must be committed.
    pub(crate) async fn try_code(
        &self,
        directory: &DirectoryTx,
        person: &User,
        typed: &str,
    ) -> Result<Tried> {
        let Some(factor) = directory.begin_try(person.id).await? else {
            return Ok(Tried::Refused(Code::SecondFactorBlocked));
        };
        let typed: String = typed.chars().filter(|it| !it.is_whitespace()).collect();
        let mut refused = Code::SecondFactorWrong;
        if typed.len() == 6 && typed.bytes().all(|it| it.is_ascii_digit()) {
            let now = u64::try_from(self.now().timestamp()).map_err(Refusal::internal)?;
            let Some(key) = self.opened(person.id, &factor) else {
                return Ok(Tried::Refused(Code::SecondFactorUnavailable));
            };
            let totp = totp(&key, &person.username)?;
            if let Some(step) = totp.check(&typed, now) {
                let step = i64::try_from(step).map_err(Refusal::internal)?;
                if directory.take_step(person.id, step).await? {
                    return Ok(Tried::Passed("authenticator"));
                }
                refused = Code::SecondFactorUsed;
            }
        } else if directory.take_recovery_code(person.id, &bare(&typed)).await? {
            return Ok(Tried::Passed("recovery"));
        }
        if factor.failures >= MOST_WRONG {
            directory.block_codes(person.id, self.now() + BLOCKED).await?;
        }
        Ok(Tried::Refused(refused))
    }

    async fn check_own_password(&self, person: &User, password: &str) -> Result<()> {
        let directory = self.store.directory(self.now()).await?;
        let found = directory.find_user(&person.username).await?;
        // Hashing takes its time on purpose; no connection is held meanwhile.
        drop(directory);
        let hash = found.and_then(|(_, hash)| hash);
        let hash = hash.ok_or_else(|| Refusal::invalid("password", Code::PasswordWrong))?;
        if verify_password(password.to_owned(), hash).await? {
            Ok(())
        } else {
            Err(Refusal::invalid("password", Code::PasswordWrong))
        }
    }

    /// For whom of the government the second factor is obligatory; `true` beside it when the platform asks it of
    /// administrators in any case.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is no administrator.
    pub async fn second_factor_rule(
        &self,
        scope: &TenantScope,
    ) -> Result<(SecondFactorRule, bool)> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        drop(tx);
        let directory = self.store.directory(self.now()).await?;
        let rule = directory.second_factor_rule(scope.tenant().id).await?;
        Ok((rule, self.is_strict()))
    }

    /// Sets for whom it is obligatory. Who must and has none is led to set one up before anything else.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for an unknown role; [`Refusal::Stale`].
    pub async fn set_second_factor_rule(
        &self,
        scope: &TenantScope,
        revision: i32,
        roles: &[String],
    ) -> Result<SecondFactorRule> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        drop(tx);
        let mut faults = Typed::default();
        let mut chosen = Vec::new();
        for code in roles {
            let role = faults.required_choice("roles", code, Role::from_code);
            chosen.extend(role.filter(|it| !chosen.contains(it)));
        }
        faults.done()?;
        if !chosen.is_empty() {
            self.seal_key()?;
        }
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        let before = directory.second_factor_rule(tenant).await?;
        if before.revision != revision {
            return Err(Refusal::Stale);
        }
        let mut rule = SecondFactorRule { roles: chosen, revision };
        rule.revision = directory.put_second_factor_rule(tenant, &rule).await?;
        let words = |rule: &SecondFactorRule| {
            rule.roles.iter().map(|it| it.code()).collect::<Vec<_>>().join(", ")
        };
        let event = Event::new(EventKind::SecondFactorRuleSet, tenant)
            .change("roles", &words(&before), &words(&rule))
            .touching(Touch::Organisation);
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        Ok(rule)
    }
}

/// What happened to the second factor of a person.
pub(crate) fn about(kind: EventKind, person: &User) -> Event {
    Event::new(kind, person.id).fact("name", &person.name).fact("username", &person.username)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recovery_codes_are_long_readable_and_never_the_same() {
        let codes = RecoveryCodes::fresh().unwrap();
        assert_eq!(codes.reveal().len(), RECOVERY_CODES);
        let mut sorted = codes.reveal().to_vec();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), RECOVERY_CODES);
        for code in codes.reveal() {
            assert_eq!(code.len(), 19, "{code}");
            assert!(!code.contains(['0', 'O', '1', 'I']), "{code}");
            assert_eq!(bare(&format!(" {} ", code.to_lowercase())), bare(code));
        }
        assert_eq!(format!("{codes:?}"), "RecoveryCodes(..)");
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B: the key "12345678901234567890" at 59 s gives 94287082, of which an authenticator shows six.
        let key = Secret::from(b"12345678901234567890".to_vec()).to_base32();
        let totp = totp(&key, "ani").unwrap();
        assert_eq!(totp.check("287082", 59), Some(1));
        assert_eq!(totp.check("287082", 89), Some(1), "one step late");
        assert_eq!(totp.check("287082", 0), Some(1), "one step early");
        assert_eq!(totp.check("287082", 120), None);
        let address = totp.to_url().unwrap();
        assert!(address.starts_with("otpauth://totp/E-Kinerja:ani?secret="), "{address}");
    }
}
