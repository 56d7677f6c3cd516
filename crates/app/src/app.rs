//! The app: the doors and ports that every use case works with.

use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_domain::plan::MediumTermPlan;
use ekinerja_store::cache::TenantCache;
use ekinerja_store::{Store, TenantScope, TenantTx};
use tokio::sync::OnceCell;

use crate::denials::Denials;
use crate::identity::{ProviderSettings, Providers};
use crate::known_releases::KnownReleases;
use crate::plans;
use crate::ports::{Clock, Files};
use crate::province::{self, Ground};
use crate::received::Received;
use crate::refusal::Result;
use crate::service_accounts::Programs;
use crate::sessions::SignIns;

/// What the app is made of.
#[derive(Debug, Clone)]
pub struct AppSettings {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The place for files.
    pub files: Arc<dyn Files>,
}

/// Everything a person can do is a method of this. Cheap to clone: every layer of every request does.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// What [`App`] is made of; one for all clones.
#[derive(Debug, Clone)]
#[doc(hidden)]
pub struct Parts {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) files: Arc<dyn Files>,
    pub(crate) sign_ins: Arc<SignIns>,
    pub(crate) programs: Arc<Programs>,
    pub(crate) providers: Arc<Providers>,
    pub(crate) grounds: Arc<TenantCache<Arc<Ground>>>,
    pub(crate) denials: Arc<Denials>,
    pub(crate) received: Arc<Received>,
    pub(crate) known_plans: Arc<TenantCache<Arc<MediumTermPlan>>>,
    pub(crate) known_releases: Arc<KnownReleases>,
    pub(crate) is_demonstration: bool,
    pub(crate) requires_second_factors: bool,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Puts the app together.
    pub fn new(settings: AppSettings) -> Self {
        let AppSettings { store, clock, files } = settings;
        let grounds = Arc::new(province::grounds(store.changes()));
        let received = Arc::new(Received::hearing(store.changes()));
        let known_plans = Arc::new(plans::known(store.changes()));
        let sign_ins = Arc::new(SignIns::hearing(store.changes()));
        let programs = Arc::new(Programs::hearing(store.changes()));
        Self(Arc::new(Parts {
            store,
            clock,
            files,
            sign_ins,
            programs,
            providers: Arc::new(Providers::none()),
            grounds,
            received,
            known_plans,
            known_releases: Arc::default(),
            denials: Arc::default(),
            is_demonstration: false,
            requires_second_factors: false,
        }))
    }

    /// The app of a demonstration: the only one that lets the demonstration's password in.
    #[must_use]
    pub fn for_demonstration(mut self) -> Self {
        Arc::make_mut(&mut self.0).is_demonstration = true;
        self
    }

    /// The app of a real installation: administrators and operators with a local account must have a second
    /// factor, whatever a government sets. Without a key to seal one with, nobody could, so nobody must.
    #[must_use]
    pub fn requiring_second_factors(mut self) -> Self {
        Arc::make_mut(&mut self.0).requires_second_factors = true;
        self
    }

    /// Whether administrators and operators must have a second factor.
    pub fn is_strict(&self) -> bool {
        self.requires_second_factors && self.providers.key().is_some()
    }

    /// The app with what the operator sets for sign-ins at identity providers. Without it, none is called.
    ///
    /// # Errors
    /// The machine cannot call anybody.
    pub fn with_providers(mut self, settings: ProviderSettings) -> Result<Self> {
        Arc::make_mut(&mut self.0).providers = Arc::new(Providers::new(settings)?);
        Ok(self)
    }

    /// This moment.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// This day.
    pub fn today(&self) -> NaiveDate {
        self.clock.now().date_naive()
    }

    /// The database behind its doors, for the worker and the listener.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Opens the tenant of a scope.
    pub(crate) async fn begin(&self, scope: &TenantScope) -> Result<TenantTx> {
        Ok(self.store.begin(scope.clone(), self.now()).await?)
    }
}

/// One tenant's transaction that is opened when something is not in memory: a view that finds everything there
/// makes no trip to the database.
pub(crate) struct OnDemand<'a> {
    app: &'a App,
    scope: &'a TenantScope,
    tx: OnceCell<TenantTx>,
}

impl<'a> OnDemand<'a> {
    /// Nothing is opened yet.
    pub(crate) fn of(app: &'a App, scope: &'a TenantScope) -> Self {
        Self { app, scope, tx: OnceCell::new() }
    }

    /// The scope.
    pub(crate) fn scope(&self) -> &TenantScope {
        self.scope
    }

    /// The transaction.
    pub(crate) async fn tx(&self) -> Result<&TenantTx> {
        self.tx.get_or_try_init(|| Box::pin(self.app.begin(self.scope))).await
    }
}
