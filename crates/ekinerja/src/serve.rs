//! `ekinerja serve`: makes the database ready, asks the doctor, opens the doors, and stops gracefully.
//!
//! The order of the end is the reverse of the beginning: no new requests, running ones finish, tasks stop,
//! pools close, and last the private PostgreSQL goes down, if nobody else uses it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use ekinerja_app::identity::ProviderSettings;
use ekinerja_app::ports::{Clock, FolderFiles, SystemClock};
use ekinerja_app::{App, AppSettings, Store};
use ekinerja_web::{Demonstration, WebSettings};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::audit;
use crate::cli::Refused;
use crate::config::{Config, DatabaseChoice};
use crate::database::{self, Database};
use crate::doctor::{self, Severity};
use crate::supervisor::{Stop, Supervisor};
use crate::worker;

/// How long running requests may take to end once the program is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// How long tasks may take after that.
const PATIENCE: Duration = Duration::from_secs(30);

/// An app on a database that the doctor found sound.
#[derive(Debug)]
pub struct Runtime {
    /// The use cases.
    pub app: App,
    /// Its database.
    pub database: Database,
}

/// What serving may be told beyond the configuration.
#[derive(Debug, Default)]
pub struct Serving {
    /// Leave background work to `ekinerja worker` processes.
    pub without_worker: bool,
    /// The strip on every page of a demonstration.
    pub demonstration: Option<Demonstration>,
}

/// Makes the database ready and the app on it, on the machine's clock.
///
/// # Errors
/// See [`ready_at`].
pub async fn ready(config: &Config) -> anyhow::Result<Runtime> {
    ready_at(config, Arc::new(SystemClock)).await
}

/// Makes the database ready and the app on it.
///
/// # Errors
/// The database cannot be made ready, or the doctor refuses ([`Refused`]).
pub async fn ready_at(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Runtime> {
    let database = Database::open(config).await?;
    match checked(config, &database, clock).await {
        Ok(app) => Ok(Runtime { app, database }),
        Err(error) => {
            database.close().await?;
            Err(error)
        }
    }
}

async fn checked(
    config: &Config,
    database: &Database,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<App> {
    // The doctor compares the database's clock with the machine's, also where the app's own is set by hand.
    let found = doctor::examine(config, database, &SystemClock).await;
    for diagnosis in &found {
        tracing::warn!("{}", diagnosis.words(config.language));
    }
    if found.iter().any(|it| it.severity() == Severity::Refusal) {
        return Err(Refused.into());
    }
    let store = Store::connect(&database.settings).await.context("the database does not answer")?;
    let files = Arc::new(FolderFiles::under(config.files()));
    let key = match (&config.secret_key, &config.database) {
        (Some(key), _) => Some(key.clone()),
        (None, DatabaseChoice::Embedded) => Some(database::kept_key(&config.data)?),
        (None, DatabaseChoice::Server { .. }) => None,
    };
    let providers = ProviderSettings {
        allowed: config.allowed_issuers.clone(),
        key,
        public_url: config.public_url.clone(),
    };
    Ok(App::new(AppSettings { store, clock, files }).with_providers(providers)?)
}

/// Serves until the program is told to stop.
///
/// # Errors
/// The database cannot be made ready, the doctor refuses, or the address is taken.
pub async fn run(config: &Config, serving: Serving) -> anyhow::Result<()> {
    let Runtime { app, database } = ready(config).await?;
    let app = app.requiring_second_factors();
    if !app.is_strict() {
        tracing::warn!(
            "no EKINERJA_SECRET_KEY: nobody can set up a second factor, so administrators need none"
        );
    }
    serve(config, serving, Runtime { app, database }).await
}

/// Serves an app that is ready until the program is told to stop; then closes it.
///
/// # Errors
/// The address is taken.
pub async fn serve(config: &Config, serving: Serving, runtime: Runtime) -> anyhow::Result<()> {
    let Runtime { app, database } = runtime;
    let mut supervisor = Supervisor::default();
    let served = open_doors(config, serving, &app, &mut supervisor).await;
    supervisor.stop(PATIENCE).await;
    app.store().clone().close().await;
    database.close().await?;
    served
}

async fn open_doors(
    config: &Config,
    serving: Serving,
    app: &App,
    supervisor: &mut Supervisor,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {} (EKINERJA_LISTEN)", config.listen))?;
    keep_listening(supervisor, app);
    keep_announcing(supervisor, app);
    if !serving.without_worker {
        worker::keep(supervisor, app);
        if let Some(to) = &config.audit_anchors {
            audit::keep_daily(supervisor, app, to);
        }
    }
    let stopping = Arc::new(AtomicBool::new(false));
    let router = ekinerja_web::router(app.clone(), web_settings(config, serving, &stopping));
    tracing::info!(
        address = %listener.local_addr()?, public = %config.public_url, "serving; Ctrl-C stops"
    );
    let (told, drained) = tokio::sync::oneshot::channel();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        told_to_stop().await;
        // Load balancers are told first, so that they send nothing new.
        stopping.store(true, Ordering::Relaxed);
        // Nobody listens any more when the server has ended by itself.
        let _unheard = told.send(());
    });
    tokio::select! {
        ended = server.into_future() => ended.context("the server ended"),
        () = late(drained) => {
            tracing::warn!("requests that were still running were cut off");
            Ok(())
        }
    }
}

/// Ends when the drain has taken too long, or when the program is told to stop a second time.
async fn late(drained: tokio::sync::oneshot::Receiver<()>) {
    if drained.await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::select! {
        () = tokio::time::sleep(DRAIN) => {}
        () = told_to_stop() => {}
    }
}

fn web_settings(config: &Config, serving: Serving, stopping: &Arc<AtomicBool>) -> WebSettings {
    let stopping = Arc::clone(stopping);
    WebSettings {
        demonstration: serving.demonstration,
        readiness: Arc::new(move || {
            let stops = stopping.load(Ordering::Relaxed);
            Box::pin(async move { if stops { Err(String::from("stopping")) } else { Ok(()) } })
        }),
        turns: usize::try_from(config.connections).unwrap_or(usize::MAX),
        limits: config.edge.limits,
        proxies: config.edge.proxies.clone(),
        security: config.edge.security.clone(),
        ..WebSettings::at(config.public_url.clone())
    }
}

/// Hears the commits of other processes; a lost connection is opened again.
pub(crate) fn keep_listening(supervisor: &mut Supervisor, app: &App) {
    let app = app.clone();
    supervisor.keep("listener", move |stop: Stop| {
        let app = app.clone();
        async move {
            tokio::select! {
                ended = app.store().listen() => ended,
                () = stop.wait() => Ok(()),
            }
        }
    });
}

/// Tells other processes of this one's commits; closing the store tells them of the last.
pub(crate) fn keep_announcing(supervisor: &mut Supervisor, app: &App) {
    let app = app.clone();
    supervisor.keep("announcer", move |stop: Stop| {
        let app = app.clone();
        async move {
            tokio::select! {
                ended = app.store().announce() => ended,
                () = stop.wait() => Ok(()),
            }
        }
    });
}

/// Waits for Ctrl-C or for the machine's request to end.
pub(crate) async fn told_to_stop() {
    let interrupted = async {
        // Without the handler the signal ends the program by itself, which is a stop as well.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
