//! The app: the doors and ports that every use case works with.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_store::{Store, TenantScope, TenantTx};

use crate::ports::{Clock, Files};
use crate::refusal::Result;
use crate::sign_in::SignIns;

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

/// Everything a person can do is a method of this. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) files: Arc<dyn Files>,
    pub(crate) sign_ins: SignIns,
    pub(crate) is_demonstration: bool,
}

impl App {
    /// Puts the app together.
    pub fn new(settings: AppSettings) -> Self {
        let AppSettings { store, clock, files } = settings;
        Self { store, clock, files, sign_ins: SignIns::default(), is_demonstration: false }
    }

    /// The app of a demonstration: the only one that lets the demonstration's password in.
    #[must_use]
    pub fn for_demonstration(mut self) -> Self {
        self.is_demonstration = true;
        self
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
