//! The way to an identity provider and back, and out of it again.

use std::sync::Arc;

use chrono::Duration;
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::tenant::{Slug, Tenant};
use ekinerja_store::directory::identity::{IdentityProvider, PendingSignIn};
use ekinerja_store::directory::people::User;
use ekinerja_store::directory::sessions::{NewSignIn, SessionToken, Way};
use ekinerja_store::directory::tenants::Stage;
use ekinerja_store::directory::{DirectoryActor, DirectoryTx};
use serde_json::Value;
use url::Url;

use super::fault::Distrust;
use super::provider::{Provider, Ticket, Vouched};
use super::{id_token_purpose, upstream};
use crate::app::App;
use crate::refusal::{Code, OnConstraint, Refusal, Result};
use crate::sessions::{Browser, SESSION_LIFE, SignedIn};
use crate::sign_in::fresh_secret;

/// How long a person may take at the provider.
const PENDING_LIFE: Duration = Duration::minutes(10);

/// A sign-in that has begun.
#[derive(Clone)]
pub struct Begun {
    /// The provider's page to which the browser goes.
    pub way_there: Url,
    /// What the browser must show when it comes back; it lives for ten minutes.
    pub browser: String,
}

impl std::fmt::Debug for Begun {
    /// Never shows the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Begun { .. }")
    }
}

/// What a browser brings back from a provider.
#[derive(Clone, Default)]
pub struct Return {
    /// What it was given when the sign-in began.
    pub browser: String,
    /// What the provider was given.
    pub state: String,
    /// What the provider gives, to be redeemed.
    pub code: Option<String>,
    /// The provider, as it names itself.
    pub issuer: Option<String>,
    /// Why the provider lets nobody in.
    pub error: Option<String>,
}

impl std::fmt::Debug for Return {
    /// Never shows a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Return").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// A sign-in that came back well.
#[derive(Debug)]
pub struct Arrived {
    /// The session's new secret.
    pub token: SessionToken,
    /// Where the person wanted to go, a path of ours.
    pub way_back: String,
}

/// A provider that the person may leave as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayOut {
    /// The government whose provider it is.
    pub government: String,
    /// The provider's page.
    pub url: Url,
}

/// Why a person whom the provider knows is let in nowhere.
enum Unknown {
    NoNip,
    NoMember,
    SeveralMembers,
    OtherSubject,
}

impl Unknown {
    const fn word(&self) -> &'static str {
        match self {
            Self::NoNip => "no_nip",
            Self::NoMember => "no_member",
            Self::SeveralMembers => "several_members",
            Self::OtherSubject => "other_subject_linked",
        }
    }
}

impl App {
    /// Begins a sign-in at the provider of a government.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is no such government or it has no provider; [`Refusal::Upstream`] when
    /// the provider is away or not as it must be.
    pub async fn begin_sign_in(
        &self,
        slug: &Slug,
        browser: Option<String>,
        way_back: &str,
    ) -> Result<Begun> {
        let (tenant, settings) = self.enabled_provider(slug).await?;
        let provider = self.provider_of(&settings).await.map_err(|fault| upstream(&fault))?;
        let browser = match browser {
            Some(browser) => browser,
            None => fresh_secret()?,
        };
        let ticket = Ticket::of(&browser, &fresh_secret()?);
        let back = self.providers.redirect_uri(slug)?;
        let way_there = provider.way_there(&back, &settings.scopes, &ticket);
        let pending = PendingSignIn {
            tenant: tenant.id,
            issuer: settings.issuer,
            way_back: way_back.to_owned(),
            expires_at: self.now() + PENDING_LIFE,
        };
        let directory = self.store.directory(self.now()).await?;
        directory.add_pending_sign_in(&ticket.state, &browser, pending).await?;
        directory.commit_session().await?;
        Ok(Begun { way_there, browser })
    }

    /// Ends a sign-in that comes back from the provider of a government: the browser gets a sign-in for that
    /// government alone.
    ///
    /// # Errors
    /// [`Code::SignInUnfinished`] when it did not begin in this browser for this government within ten minutes,
    /// or came back already; [`Code::SignInCancelled`] when the provider let nobody in;
    /// [`Code::SignInDistrusted`] when what it says is not to be trusted; [`Code::SignInUnknownPerson`] for who
    /// is no member; [`Code::TenantSuspended`] for a member while nobody enters; [`Refusal::Upstream`] when the
    /// provider is away.
    pub async fn finish_sign_in(
        &self,
        slug: &Slug,
        browser: &Browser,
        came: Return,
    ) -> Result<Arrived> {
        let unfinished = || Refusal::Unauthenticated(Code::SignInUnfinished);
        let directory = self.store.directory(self.now()).await?;
        let pending = directory.take_pending_sign_in(&came.state, &came.browser).await?;
        // Whatever comes of it: it is used up.
        directory.commit_session().await?;
        let pending = pending.ok_or_else(unfinished)?;
        let (tenant, settings) = self.enabled_provider(slug).await?;
        if pending.tenant != tenant.id || pending.issuer != settings.issuer {
            return Err(unfinished());
        }
        let provider = self.provider_of(&settings).await.map_err(|fault| upstream(&fault))?;
        match self.vouched(&settings, provider, slug, came).await {
            Ok(vouched) => {
                self.let_in(&tenant, &settings, browser, vouched, pending.way_back).await
            }
            Err((refusal, reason)) => {
                if let Some(reason) = reason {
                    self.note_sign_in_refusal(&tenant, &settings, reason).await?;
                }
                Err(refusal)
            }
        }
    }

    /// What the provider says of the person who comes back.
    async fn vouched(
        &self,
        settings: &IdentityProvider,
        provider: Arc<Provider>,
        slug: &Slug,
        came: Return,
    ) -> std::result::Result<Vouched, (Refusal, Option<&'static str>)> {
        let refused = |code, reason| (Refusal::Unauthenticated(code), Some(reason));
        if !provider.is_named_by(came.issuer.as_deref()) {
            return Err(refused(Code::SignInDistrusted, "issuer"));
        }
        let code = came.code.filter(|_| came.error.is_none());
        let code = code.ok_or_else(|| refused(Code::SignInCancelled, "cancelled"))?;
        let distrusted = |distrust| match distrust {
            Distrust::Provider(fault) => (upstream(&fault), None),
            Distrust::Answer(reason) => refused(Code::SignInDistrusted, reason),
            Distrust::NewKey => refused(Code::SignInDistrusted, "signature"),
        };
        let ticket = Ticket::of(&came.browser, &came.state);
        let outbound = &self.providers.outbound;
        let back = self.providers.redirect_uri(slug).map_err(|refusal| (refusal, None))?;
        let tokens = provider.redeem(outbound, &back, code, &ticket).await.map_err(distrusted)?;
        let (provider, vouched) = match provider.verify(&tokens, &ticket, self.now()) {
            // The provider may have changed its keys since we asked for them: ask once more.
            Err(Distrust::NewKey) => {
                self.forget_provider(settings).await;
                let fresh = self.provider_of(settings).await;
                let fresh = fresh.map_err(|fault| (upstream(&fault), None))?;
                let vouched = fresh.verify(&tokens, &ticket, self.now());
                (fresh, vouched.map_err(distrusted)?)
            }
            vouched => (provider, vouched.map_err(distrusted)?),
        };
        if nip_in(&vouched.claims, &settings.nip_claim).is_some() {
            return Ok(vouched);
        }
        let more = provider.more_claims(outbound, &tokens, &vouched.subject).await;
        let claims = more.map_err(distrusted)?;
        Ok(Vouched { claims, ..vouched })
    }

    /// Gives the browser a sign-in for the person, if the government knows them.
    async fn let_in(
        &self,
        tenant: &Tenant,
        settings: &IdentityProvider,
        browser: &Browser,
        vouched: Vouched,
        way_back: String,
    ) -> Result<Arrived> {
        let directory = self.store.directory(self.now()).await?;
        if !tenant.state.lets_in() {
            // Only who belongs there is told that it rests.
            let belongs = belongs(&directory, tenant, settings, &vouched).await?;
            drop(directory);
            self.note_sign_in_refusal(tenant, settings, "suspended").await?;
            let code = if belongs { Code::TenantSuspended } else { Code::SignInUnknownPerson };
            return Err(Refusal::Unauthenticated(code));
        }
        let (person, is_new) = match person_of(&directory, tenant, settings, &vouched).await? {
            Ok(found) => found,
            Err(unknown) => {
                drop(directory);
                self.note_sign_in_refusal(tenant, settings, unknown.word()).await?;
                return Err(Refusal::Unauthenticated(Code::SignInUnknownPerson));
            }
        };
        let id_token = match &self.providers.key {
            Some(key) => Some(key.seal(&id_token_purpose(tenant.id), &vouched.id_token)?),
            None => None,
        };
        let way = Way::Provider {
            tenant: tenant.id,
            issuer: settings.issuer.clone(),
            subject: vouched.subject,
        };
        let expires_at = self.now() + SESSION_LIFE;
        let new = NewSignIn { user: person.id, way, expires_at, id_token };
        let token = self.add_presence(&directory, browser, new).await?;
        directory.reach(tenant.id, Stage::Accepted).await?;
        let about = |kind| {
            Event::new(kind, person.id)
                .fact("name", &person.name)
                .fact("username", &person.username)
                .fact("way", "provider")
                .fact("issuer", &settings.issuer)
        };
        let mut events = Vec::new();
        if is_new {
            events.push((tenant.id, about(EventKind::IdentityLinked)));
        }
        let succeeded = about(EventKind::SignInSucceeded).fact("device", &browser.device);
        events.push((tenant.id, succeeded));
        let actor = DirectoryActor { user: Some(person.id), name: person.name.clone(), post: None };
        directory.commit_for(&actor, None, events).await?;
        Ok(Arrived { token, way_back })
    }

    async fn note_sign_in_refusal(
        &self,
        tenant: &Tenant,
        settings: &IdentityProvider,
        reason: &str,
    ) -> Result<()> {
        let directory = self.store.directory(self.now()).await?;
        let event = Event::new(EventKind::SignInFailed, "")
            .fact("way", "provider")
            .fact("issuer", &settings.issuer)
            .fact("reason", reason);
        let actor = DirectoryActor { user: None, name: String::from("-"), post: None };
        Ok(directory.commit_for(&actor, None, vec![(tenant.id, event)]).await?)
    }

    /// Ends the session of a token, and says which providers the person may leave as well. A provider that is
    /// away is left out: our own session ends in any case.
    ///
    /// # Errors
    /// The database failed.
    pub async fn depart(&self, token: &SessionToken) -> Result<Vec<WayOut>> {
        let Ok(signed_in) = self.resume(token).await else {
            self.sign_out(token).await?;
            return Ok(Vec::new());
        };
        let kept = self.kept_id_tokens(&signed_in).await?;
        self.sign_out(token).await?;
        let mut ways = Vec::new();
        for (settings, tenant, id_token) in kept {
            if let Ok(provider) = self.provider_of(&settings).await {
                let back = self.providers.after_sign_out()?;
                let url = provider.way_out(id_token.as_deref(), &back);
                ways.extend(url.map(|url| WayOut { government: tenant.name, url }));
            }
        }
        Ok(ways)
    }

    async fn kept_id_tokens(
        &self,
        signed_in: &SignedIn,
    ) -> Result<Vec<(IdentityProvider, Tenant, Option<String>)>> {
        let directory = self.store.directory(self.now()).await?;
        let mut kept = Vec::new();
        for presence in &signed_in.presences {
            let Way::Provider { tenant, issuer, .. } = &presence.sign_in.way else { continue };
            let settings = directory.identity_provider(*tenant).await?;
            let settings = settings.filter(|it| it.enabled && it.issuer == *issuer);
            let found = directory.find_tenant_by_id(*tenant).await?;
            if let (Some(settings), Some(found)) = (settings, found) {
                let sealed = directory.id_token_of(presence.sign_in.id).await?;
                let key = self.providers.key.as_ref();
                let id_token = key
                    .zip(sealed)
                    .and_then(|(key, sealed)| key.open(&id_token_purpose(*tenant), &sealed));
                kept.push((settings, found, id_token));
            }
        }
        Ok(kept)
    }
}

/// The member who the person is: linked before, or now by their NIP. Whether the link is new.
async fn person_of(
    directory: &DirectoryTx,
    tenant: &Tenant,
    settings: &IdentityProvider,
    vouched: &Vouched,
) -> Result<std::result::Result<(User, bool), Unknown>> {
    let (issuer, subject) = (settings.issuer.as_str(), vouched.subject.as_str());
    if let Some(linked) = directory.find_identity(tenant.id, issuer, subject).await? {
        let person = directory.find_user_by_id(linked).await?.filter(|it| !it.disabled);
        let Some(person) = person else { return Ok(Err(Unknown::NoMember)) };
        let is_member = directory.enter(&person, tenant.clone()).await?.is_some();
        return Ok(if is_member { Ok((person, false)) } else { Err(Unknown::NoMember) });
    }
    let Some(nip) = nip_in(&vouched.claims, &settings.nip_claim) else {
        return Ok(Err(Unknown::NoNip));
    };
    let mut members = directory.members_with_nip(tenant.id, &nip).await?;
    let person = match (members.pop(), members.is_empty()) {
        (None, _) => return Ok(Err(Unknown::NoMember)),
        (Some(_), false) => return Ok(Err(Unknown::SeveralMembers)),
        (Some(person), true) => person,
    };
    let taken = directory.identities(tenant.id).await?;
    if taken.iter().any(|it| it.issuer == issuer && it.user == person.id) {
        return Ok(Err(Unknown::OtherSubject));
    }
    directory
        .link_identity(tenant.id, issuer, subject, person.id)
        .await
        // Two first sign-ins of one person at the same moment: the second one begins again.
        .on_constraint("identities_once", || Refusal::Unauthenticated(Code::SignInUnfinished))
        .on_constraint("identities_person", || Refusal::Unauthenticated(Code::SignInUnfinished))?;
    Ok(Ok((person, true)))
}

/// Whether the person has a role in the government today, whatever the state of that.
async fn belongs(
    directory: &DirectoryTx,
    tenant: &Tenant,
    settings: &IdentityProvider,
    vouched: &Vouched,
) -> Result<bool> {
    let linked = directory.find_identity(tenant.id, &settings.issuer, &vouched.subject).await?;
    if let Some(person) = linked {
        return Ok(!directory.standings(tenant, Some(person)).await?.is_empty());
    }
    let Some(nip) = nip_in(&vouched.claims, &settings.nip_claim) else { return Ok(false) };
    Ok(!directory.members_with_nip(tenant.id, &nip).await?.is_empty())
}

/// The NIP among the claims: 18 digits, spaces as printed are let pass.
fn nip_in(claims: &Value, claim: &str) -> Option<String> {
    let text = claims.get(claim)?.as_str()?;
    let digits: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    (digits.len() == 18 && digits.bytes().all(|it| it.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::nip_in;

    #[test]
    fn nip_is_eighteen_digits_under_the_name_that_was_set() {
        let nip = "198001012005011001";
        assert_eq!(nip_in(&json!({ "nip": nip }), "nip").as_deref(), Some(nip));
        assert_eq!(nip_in(&json!({ "nip": "19800101 200501 1 001" }), "nip").as_deref(), Some(nip));
        for other in [
            json!({ "nik": nip }),
            json!({ "nip": 198_001_012_005_011_001_u64 }),
            json!({ "nip": [nip] }),
            json!({ "nip": "1980" }),
            json!({ "nip": "198001012005011001x" }),
            json!(null),
        ] {
            assert_eq!(nip_in(&other, "nip"), None, "{other}");
        }
    }
}
