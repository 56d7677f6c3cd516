//! The identity provider of a government: its settings, and what the operator allows.
//!
//! An administrator of the government names the provider; only hosts that the operator allows are ever called.
//! The client's secret is sealed and never told again.

mod fault;
mod flow;
mod issuers;
mod outbound;
mod provider;
mod seal;

use std::sync::Arc;
use std::time::Duration;

use ekinerja_domain::access::Administer;
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{TenantId, UserId};
use ekinerja_domain::tenant::{Slug, Tenant};
use ekinerja_store::TenantScope;
use ekinerja_store::directory::identity::IdentityProvider;
use ekinerja_store::directory::tenants::Stage;
use url::Url;

pub use ekinerja_store::directory::identity::{Identity, LocalSignIn};
pub use flow::{Arrived, Begun, Return, WayOut};
pub use issuers::AllowedIssuers;
pub use provider::ProviderReport;
pub use seal::SealKey;

use self::fault::Fault;
use self::outbound::Outbound;
use self::provider::Provider;
use crate::app::App;
use crate::members::actor;
use crate::refusal::{Code, Refusal, Result, Violation};
use crate::typed::{LONGEST_LINE, Typed};

/// How long what a provider says of itself is believed.
const BELIEVED: Duration = Duration::from_hours(1);

/// What the operator sets for sign-ins at identity providers.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// The hosts that may be called.
    pub allowed: AllowedIssuers,
    /// The key that seals secrets; without one no provider is switched on.
    pub key: Option<SealKey>,
    /// Where people reach the product.
    pub public_url: Url,
}

/// Identity providers, as the app keeps them.
#[derive(Debug)]
#[expect(
    clippy::disallowed_types,
    reason = "the key names the tenant and the revision of its settings"
)]
pub(crate) struct Providers {
    outbound: Outbound,
    key: Option<SealKey>,
    public_url: Option<Url>,
    known: moka::future::Cache<(TenantId, i32), Arc<Provider>>,
}

impl Providers {
    /// None that could be called.
    pub(crate) fn none() -> Self {
        Self::with(Outbound::closed(), None, None)
    }

    pub(crate) fn new(settings: ProviderSettings) -> Result<Self> {
        let ProviderSettings { allowed, key, public_url } = settings;
        Ok(Self::with(Outbound::new(allowed)?, key, Some(public_url)))
    }

    #[expect(clippy::disallowed_types, reason = "see Providers")]
    fn with(outbound: Outbound, key: Option<SealKey>, public_url: Option<Url>) -> Self {
        let known =
            moka::future::Cache::builder().max_capacity(1000).time_to_live(BELIEVED).build();
        Self { outbound, key, public_url, known }
    }

    /// The key that seals secrets.
    pub(crate) fn key(&self) -> Option<&SealKey> {
        self.key.as_ref()
    }

    fn redirect_uri(&self, tenant: &Slug) -> Result<Url> {
        self.own(&format!("/masuk/{tenant}/kembali"))
    }

    fn after_sign_out(&self) -> Result<Url> {
        self.own("/masuk")
    }

    /// A page of ours as others must write it; it never follows what a request says of its host.
    fn own(&self, path: &str) -> Result<Url> {
        let mut url = self.public_url.clone().ok_or(Refusal::NotFound)?;
        url.set_path(path);
        Ok(url)
    }
}

/// How the people of a government sign in, for whoever administers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInSettings {
    /// The provider's address; empty: there is none yet.
    pub issuer: String,
    /// How the provider knows this product.
    pub client_id: String,
    /// Whether a client's secret is kept.
    pub has_secret: bool,
    /// What is asked for beside `openid`.
    pub scopes: String,
    /// The claim that is the NIP.
    pub nip_claim: String,
    /// What stands on the button.
    pub label: String,
    /// Who may sign in locally.
    pub local_sign_in: LocalSignIn,
    /// Whether people sign in at the provider.
    pub enabled: bool,
    /// The accounts for emergencies.
    pub emergency: Vec<UserId>,
    /// How many people these are: accounts with one employee number are one.
    pub emergency_people: usize,
    /// Counts the changes; 0: never set.
    pub revision: i32,
    /// What must be registered at the provider: where it sends people back to.
    pub redirect_uri: String,
    /// The same for signing out.
    pub after_sign_out: String,
    /// The hosts that the operator allows.
    pub allowed: Vec<String>,
    /// Whether the operator gave a key, without which no provider is switched on.
    pub may_enable: bool,
    /// Which accounts are linked to which people at the provider.
    pub links: Vec<Identity>,
}

/// Settings as typed.
#[derive(Clone, Default)]
pub struct SetSignIn {
    /// The provider's address.
    pub issuer: String,
    /// How the provider knows this product.
    pub client_id: String,
    /// The client's secret; empty: the one that is kept stays.
    pub client_secret: String,
    /// What is asked for beside `openid`.
    pub scopes: String,
    /// The claim that is the NIP; empty: `nip`.
    pub nip_claim: String,
    /// What stands on the button; empty: `SSO`.
    pub label: String,
    /// `everybody` or `emergency`; empty: `everybody`.
    pub local_sign_in: String,
    /// Whether people sign in at the provider.
    pub enabled: bool,
    /// The accounts for emergencies, ids.
    pub emergency: Vec<String>,
}

impl std::fmt::Debug for SetSignIn {
    /// Never shows the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetSignIn").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// A government's provider, as its sign-in page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayIn {
    /// The government.
    pub tenant: Tenant,
    /// What stands on the provider's button; none: it has no provider.
    pub provider: Option<String>,
    /// Whether everybody may sign in locally, or only the accounts for emergencies.
    pub local_sign_in: LocalSignIn,
}

fn secret_purpose(tenant: TenantId) -> String {
    format!("client-secret:{}", tenant.uuid())
}

fn id_token_purpose(tenant: TenantId) -> String {
    format!("id-token:{}", tenant.uuid())
}

/// The provider is to blame.
fn upstream(fault: &Fault) -> Refusal {
    let Violation { code, params, .. } = fault.told();
    Refusal::Upstream(Violation { field: String::new(), code, params })
}

impl App {
    /// How one signs in to a government.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such government.
    pub async fn way_in(&self, slug: &Slug) -> Result<WayIn> {
        let directory = self.store.directory(self.now()).await?;
        let tenant = directory.find_tenant(slug).await?.ok_or(Refusal::NotFound)?;
        let provider = directory.identity_provider(tenant.id).await?.filter(|it| it.enabled);
        let local_sign_in = provider.as_ref().map_or(LocalSignIn::Everybody, |it| it.local_sign_in);
        Ok(WayIn { tenant, provider: provider.map(|it| it.label), local_sign_in })
    }

    /// The governments whose people sign in at a provider of their own, by code.
    ///
    /// # Errors
    /// The database failed.
    pub async fn governments_with_provider(&self) -> Result<Vec<Tenant>> {
        let directory = self.store.directory(self.now()).await?;
        Ok(directory.tenants_with_provider().await?)
    }

    async fn enabled_provider(&self, slug: &Slug) -> Result<(Tenant, IdentityProvider)> {
        let directory = self.store.directory(self.now()).await?;
        let tenant = directory.find_tenant(slug).await?.ok_or(Refusal::NotFound)?;
        let settings = directory.identity_provider(tenant.id).await?;
        Ok((tenant, settings.filter(|it| it.enabled).ok_or(Refusal::NotFound)?))
    }

    /// The provider of these settings. Several who ask at once ask it once; a fault is not remembered.
    async fn provider_of(
        &self,
        settings: &IdentityProvider,
    ) -> std::result::Result<Arc<Provider>, Arc<Fault>> {
        let secret = match &settings.client_secret {
            None => None,
            Some(sealed) => {
                let key = self.providers.key.as_ref();
                let opened = key.and_then(|it| it.open(&secret_purpose(settings.tenant), sealed));
                Some(opened.ok_or(Fault::SecretUnreadable)?)
            }
        };
        let discovered = async {
            let (issuer, client) = (&settings.issuer, &settings.client_id);
            Provider::discover(&self.providers.outbound, issuer, client, secret).await.map(Arc::new)
        };
        let key = (settings.tenant, settings.revision);
        self.providers.known.try_get_with(key, discovered).await
    }

    async fn forget_provider(&self, settings: &IdentityProvider) {
        self.providers.known.invalidate(&(settings.tenant, settings.revision)).await;
    }

    /// How the people of the government sign in.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is no administrator.
    pub async fn sign_in_settings(&self, scope: &TenantScope) -> Result<SignInSettings> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        drop(tx);
        let tenant = scope.tenant();
        let directory = self.store.directory(self.now()).await?;
        let kept = directory.identity_provider(tenant.id).await?;
        let emergency = directory.emergency_accounts(tenant.id).await?;
        let mut people: Vec<UserId> = Vec::new();
        for account in &emergency {
            let same = directory.accounts_of(*account).await?;
            if !people.iter().any(|it| same.contains(it)) {
                people.push(*account);
            }
        }
        let links = directory.identities(tenant.id).await?;
        let shown = |url: Result<Url>| url.map(|it| it.to_string()).unwrap_or_default();
        let of = |read: fn(&IdentityProvider) -> &String| kept.as_ref().map(read).cloned();
        Ok(SignInSettings {
            issuer: of(|it| &it.issuer).unwrap_or_default(),
            client_id: of(|it| &it.client_id).unwrap_or_default(),
            has_secret: kept.as_ref().is_some_and(|it| it.client_secret.is_some()),
            scopes: of(|it| &it.scopes).unwrap_or_else(|| String::from("profile")),
            nip_claim: of(|it| &it.nip_claim).unwrap_or_else(|| String::from("nip")),
            label: of(|it| &it.label).unwrap_or_else(|| String::from("SSO")),
            local_sign_in: kept.as_ref().map_or(LocalSignIn::Everybody, |it| it.local_sign_in),
            enabled: kept.as_ref().is_some_and(|it| it.enabled),
            emergency,
            emergency_people: people.len(),
            revision: kept.as_ref().map_or(0, |it| it.revision),
            redirect_uri: shown(self.providers.redirect_uri(&tenant.slug)),
            after_sign_out: shown(self.providers.after_sign_out()),
            allowed: self.providers.outbound.allowed().names(),
            may_enable: self.providers.key.is_some(),
            links,
        })
    }

    /// Sets how the people of the government sign in; it holds at once. The new revision.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Refusal::Stale`] when somebody else was faster.
    pub async fn set_sign_in(
        &self,
        scope: &TenantScope,
        revision: i32,
        ask: SetSignIn,
    ) -> Result<SignInSettings> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        let members = tx.members().await?;
        drop(tx);
        let tenant = scope.tenant();
        let directory = self.store.directory(self.now()).await?;
        let kept = directory.identity_provider(tenant.id).await?;
        if kept.as_ref().map_or(0, |it| it.revision) != revision {
            return Err(Refusal::Stale);
        }
        let before = directory.emergency_accounts(tenant.id).await?;
        let mut faults = Typed::default();
        let mut new = self.read_provider(&mut faults, tenant.id, kept.as_ref(), &ask)?;
        let mut emergency: Vec<UserId> = Vec::new();
        let today = self.today();
        for text in &ask.emergency {
            let person: Option<UserId> = faults.id("emergency", text);
            let holds =
                |id: &UserId| members.iter().any(|it| it.user == *id && it.grant.holds_on(today));
            match person {
                Some(id) if !holds(&id) => faults.blame("emergency", Code::FieldUnknownReference),
                Some(id) if !emergency.contains(&id) => emergency.push(id),
                _ => {}
            }
        }
        if new.local_sign_in == LocalSignIn::Emergency && emergency.is_empty() {
            faults.blame("emergency", Code::ProviderEmergencyNobody);
        }
        faults.done()?;
        new.revision = directory.put_identity_provider(&new, revision).await?;
        directory.put_emergency_accounts(tenant.id, &emergency).await?;
        let event = changed(kept.as_ref(), &before, &new, &emergency);
        if new.enabled {
            directory.reach(tenant.id, Stage::SignInConfigured).await?;
        }
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant.id, event)]).await?;
        self.sign_in_settings(scope).await
    }

    fn read_provider(
        &self,
        faults: &mut Typed,
        tenant: TenantId,
        kept: Option<&IdentityProvider>,
        ask: &SetSignIn,
    ) -> Result<IdentityProvider> {
        let issuer = faults.required("issuer", &ask.issuer, LONGEST_LINE);
        self.check_issuer(faults, &issuer);
        let client_id = faults.required("client_id", &ask.client_id, LONGEST_LINE);
        let or = |text: Option<String>, usual: &str| text.unwrap_or_else(|| usual.to_owned());
        let scopes = or(faults.optional("scopes", &ask.scopes, LONGEST_LINE), "profile");
        let graphic = |it: char| it.is_ascii_graphic() && !matches!(it, '"' | '\\');
        if !scopes.chars().all(|it| it == ' ' || graphic(it)) {
            faults.blame("scopes", Code::ProviderScopesInvalid);
        }
        let nip_claim = or(faults.optional("nip_claim", &ask.nip_claim, 100), "nip");
        if !nip_claim.chars().all(graphic) {
            faults.blame("nip_claim", Code::ProviderClaimInvalid);
        }
        let label = or(faults.optional("label", &ask.label, 60), "SSO");
        let local_sign_in = faults
            .choice("local_sign_in", &ask.local_sign_in, LocalSignIn::from_code)
            .unwrap_or(LocalSignIn::Everybody);
        let typed = faults.optional("client_secret", &ask.client_secret, LONGEST_LINE);
        if (ask.enabled || typed.is_some()) && self.providers.key.is_none() {
            faults.blame("enabled", Code::ProviderNoSealKey);
        }
        let stays = kept.and_then(|it| it.client_secret.clone());
        // Who may change the address must not learn a secret by having it sent elsewhere.
        let moved = kept.is_some_and(|it| it.issuer != issuer);
        if typed.is_none() && stays.is_some() && moved {
            faults.blame("client_secret", Code::ProviderSecretAgain);
        }
        let client_secret = match (typed, &self.providers.key) {
            (Some(secret), Some(key)) => Some(key.seal(&secret_purpose(tenant), &secret)?),
            _ => stays,
        };
        let (enabled, revision) = (ask.enabled, 0);
        Ok(IdentityProvider {
            tenant,
            issuer,
            client_id,
            client_secret,
            scopes,
            nip_claim,
            label,
            local_sign_in,
            enabled,
            revision,
        })
    }

    fn check_issuer(&self, faults: &mut Typed, issuer: &str) {
        if issuer.is_empty() {
            return;
        }
        let fault = match Url::parse(issuer) {
            Ok(url) if url.query().is_none() && url.fragment().is_none() => {
                self.providers.outbound.check(&url).err()
            }
            _ => Some(Fault::Malformed),
        };
        if let Some(fault) = fault {
            let allowed = self.providers.outbound.allowed().names().join(", ");
            let allowed = if allowed.is_empty() { String::from("-") } else { allowed };
            faults.wrong(fault.told().with("allowed", allowed));
        }
    }

    /// Asks a provider what it is, and says in plain words what is wrong with it. Nothing is kept.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names what is wrong; [`Refusal::Forbidden`] for who is no administrator.
    pub async fn try_provider(&self, scope: &TenantScope, issuer: &str) -> Result<ProviderReport> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        drop(tx);
        let mut faults = Typed::default();
        let issuer = faults.required("issuer", issuer, LONGEST_LINE);
        self.check_issuer(&mut faults, &issuer);
        faults.done()?;
        let found = Provider::discover(&self.providers.outbound, &issuer, "-", None).await;
        let provider = found.map_err(|fault| {
            let allowed = self.providers.outbound.allowed().names().join(", ");
            Refusal::Invalid(vec![fault.told().with("allowed", allowed)])
        })?;
        Ok(provider.report())
    }

    /// Takes away what links an account to people at the provider; the next sign-in links it anew.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is not linked; [`Refusal::Forbidden`] for who is no administrator.
    pub async fn unlink_identity(&self, scope: &TenantScope, person: UserId) -> Result<()> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        drop(tx);
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        if directory.unlink_identities(tenant, person).await? == 0 {
            return Err(Refusal::NotFound);
        }
        directory.end_provider_sign_ins(tenant, person).await?;
        let name = directory.find_user_by_id(person).await?.map(|it| it.name);
        let event = Event::new(EventKind::IdentityUnlinked, person).fact_if("name", name);
        Ok(directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?)
    }
}

/// What changed, each as `from → to`; a secret only that it did.
fn changed(
    kept: Option<&IdentityProvider>,
    before: &[UserId],
    new: &IdentityProvider,
    emergency: &[UserId],
) -> Event {
    let mut event =
        Event::new(EventKind::IdentityProviderSet, new.tenant).touching(Touch::Organisation);
    let mut note = |key: &'static str, from: Option<String>, to: String| {
        let from = from.unwrap_or_else(|| String::from("-"));
        if from != to {
            event = event.clone().fact(key, format!("{from} → {to}"));
        }
    };
    note("issuer", kept.map(|it| it.issuer.clone()), new.issuer.clone());
    note("client_id", kept.map(|it| it.client_id.clone()), new.client_id.clone());
    note("scopes", kept.map(|it| it.scopes.clone()), new.scopes.clone());
    note("nip_claim", kept.map(|it| it.nip_claim.clone()), new.nip_claim.clone());
    note("label", kept.map(|it| it.label.clone()), new.label.clone());
    let local = |it: &IdentityProvider| it.local_sign_in.code().to_owned();
    note("local_sign_in", kept.map(local), local(new));
    note("enabled", kept.map(|it| it.enabled.to_string()), new.enabled.to_string());
    let people = |all: &[UserId]| {
        let mut all: Vec<String> = all.iter().map(ToString::to_string).collect();
        all.sort();
        all.join(" ")
    };
    note("emergency", Some(people(before)), people(emergency));
    let had = kept.and_then(|it| it.client_secret.as_ref());
    if had != new.client_secret.as_ref() {
        event = event.fact("client_secret", "*");
    }
    event
}
