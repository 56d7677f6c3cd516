//! Background work as a supervised task, and `ekinerja worker`, which does nothing else.

use std::convert::Infallible;
use std::time::Duration;

use ekinerja_app::App;

use crate::audit;
use crate::config::Config;
use crate::serve::{self, Runtime};
use crate::supervisor::{Stop, Supervisor};

/// How long a job that runs at the stop may take to end; the queue gives an unfinished one out again.
const PATIENCE: Duration = Duration::from_secs(30);

/// Works jobs until told to stop.
pub(crate) fn keep(supervisor: &mut Supervisor, app: &App) {
    let app = app.clone();
    supervisor.keep("worker", move |stop: Stop| {
        let app = app.clone();
        async move {
            app.work_until(stop.wait()).await;
            Ok::<(), Infallible>(())
        }
    });
}

/// Works jobs until the program is told to stop.
pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    let Runtime { app, database } = serve::ready(config).await?;
    let mut supervisor = Supervisor::default();
    serve::keep_listening(&mut supervisor, &app);
    keep(&mut supervisor, &app);
    if let Some(to) = &config.audit_anchors {
        audit::keep_daily(&mut supervisor, &app, to);
    }
    tracing::info!("working; Ctrl-C stops");
    serve::told_to_stop().await;
    supervisor.stop(PATIENCE).await;
    app.store().clone().close().await;
    database.close().await
}
