//! The supervisor: the only place that starts tasks, so that none outlives a shutdown unseen.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::Instrument as _;

/// The first pause before a task that ended is started again; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Hears when the program shall stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Waits until the program shall stop.
    pub async fn wait(mut self) {
        // A supervisor that is gone has stopped.
        drop(self.0.wait_for(|stop| *stop).await);
    }
}

/// Runs tasks until it is told to stop.
#[derive(Debug)]
pub struct Supervisor {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Default for Supervisor {
    fn default() -> Self {
        Self { tasks: JoinSet::new(), stop: watch::Sender::new(false) }
    }
}

impl Supervisor {
    /// Hears when the program shall stop.
    pub fn stop_signal(&self) -> Stop {
        Stop(self.stop.subscribe())
    }

    /// Runs a task and starts it again whenever it ends, until the program stops. A task that hears the stop
    /// itself is waited for; one that does not is cut off at its next pause.
    pub fn keep<F, E>(&mut self, name: &'static str, task: impl Fn(Stop) -> F + Send + 'static)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: std::error::Error + Send + 'static,
    {
        let stop = self.stop_signal();
        let span = tracing::info_span!(parent: None, "task", name);
        self.tasks.spawn(keep(name, task, stop).instrument(span));
    }

    /// Tells every task to stop and waits at most `patience`; whether all ended by themselves.
    pub async fn stop(mut self, patience: Duration) -> bool {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let ended = tokio::time::timeout(patience, all).await.is_ok();
        self.tasks.shutdown().await;
        ended
    }
}

async fn keep<F, E>(name: &'static str, task: impl Fn(Stop) -> F, stop: Stop)
where
    F: Future<Output = Result<(), E>>,
    E: std::error::Error,
{
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        match task(stop.clone()).await {
            Ok(()) if *stop.0.borrow() => return,
            Ok(()) => tracing::warn!("{name} ended; it is started again"),
            Err(problem) => {
                tracing::warn!(problem = chain(&problem), "{name} failed; it is started again");
            }
        }
        if begun.elapsed() > LONGEST_PAUSE {
            pause = FIRST_PAUSE;
        }
        tokio::select! {
            () = stop.clone().wait() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_fails_is_started_again_and_stops_when_told() {
        let runs = Arc::new(AtomicU32::new(0));
        let mut supervisor = Supervisor::default();
        let counted = Arc::clone(&runs);
        supervisor.keep("failing", move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            async { Err(std::io::Error::other("broken")) }
        });
        supervisor.keep("patient", |stop| async move {
            stop.wait().await;
            Ok::<(), std::io::Error>(())
        });
        tokio::time::sleep(Duration::from_secs(2)).await;
        // Pauses of 0.2, 0.4, 0.8 seconds lie between the first four runs.
        assert_eq!(runs.load(Ordering::SeqCst), 4);
        assert!(supervisor.stop(Duration::from_secs(1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_listen_is_cut_off() {
        let mut supervisor = Supervisor::default();
        supervisor.keep("deaf", |_| std::future::pending::<Result<(), std::io::Error>>());
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(!supervisor.stop(Duration::from_secs(1)).await);
    }
}
