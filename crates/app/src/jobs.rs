//! Background work: one job at a time is claimed, done and marked; one that failed is tried again later.
//!
//! A slice adds the kind of its job here and one arm to `App::work`. A job is done in its own
//! transaction and marked in another: after a crash in between it is done twice, so each must be one whose
//! second run changes nothing.

use std::future::Future;
use std::time::Duration as StdDuration;

use chrono::Duration;
use ekinerja_store::change::News;
use ekinerja_store::queue::ClaimedJob;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;
use crate::recalculation;
use crate::refusal::{Refusal, Result};

/// Roll-ups of the audience of one publication.
pub const ROLLUP: &str = "rollup";
/// Every roll-up of a province: its plan, a release or a definition changed.
pub const ROLLUP_ALL: &str = "rollup_all";

/// How long an idle worker waits before it looks by itself: for a job whose time comes later, and for news
/// that never came.
const LOOK_AGAIN: StdDuration = StdDuration::from_secs(2);
/// Longest pause before a failed job is tried again.
const LONGEST_PAUSE: Duration = Duration::minutes(10);

/// What a look into the queue came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// A job was done.
    Done,
    /// A job failed and will be tried again; the queue says why.
    Failed,
    /// Nothing waits.
    Idle,
}

impl App {
    /// Does the oldest job that is due, if there is one, and with it those that it can answer together.
    ///
    /// # Errors
    /// The queue cannot be read or written. A job that fails is no error: it is put back with its reason.
    pub async fn work_once(&self) -> Result<Worked> {
        let directory = self.store.directory(self.now()).await?;
        let Some(job) = directory.claim_job(ROLLUP).await? else { return Ok(Worked::Idle) };
        let mut jobs = vec![job];
        if jobs[0].kind == ROLLUP && jobs[0].attempts == 1 {
            jobs.extend(directory.claim_alike(&jobs[0]).await?);
        }
        directory.commit_queue().await?;
        let outcome = self.work(&jobs).await;
        let directory = self.store.directory(self.now()).await?;
        for job in &jobs {
            match &outcome {
                Ok(()) => directory.finish_job(job.tenant(), job.id).await?,
                Err(refusal) => {
                    let reason = chain(refusal);
                    tracing::warn!(job = %job.id, kind = job.kind, attempts = job.attempts, reason,
                        "a job failed; it is tried again");
                    let pause = pause_after(job.attempts);
                    directory.retry_job(job.tenant(), job.id, pause, reason).await?;
                }
            }
        }
        directory.commit_queue().await?;
        Ok(if outcome.is_ok() { Worked::Done } else { Worked::Failed })
    }

    /// Does jobs until `stop`: at once when a commit asks for work, and now and then by itself.
    pub async fn work_until(&self, stop: impl Future<Output = ()> + Send) {
        tokio::pin!(stop);
        loop {
            // Heard from before the look: a job that comes while it lasts is not missed.
            let mut news = self.store.changes().subscribe();
            loop {
                let worked = tokio::select! {
                    biased;
                    () = &mut stop => return,
                    worked = self.work_once() => worked,
                };
                match worked {
                    Ok(Worked::Done | Worked::Failed) => {}
                    Ok(Worked::Idle) => break,
                    Err(refusal) => {
                        tracing::warn!(reason = chain(&refusal), "the queue does not answer");
                        break;
                    }
                }
            }
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(LOOK_AGAIN) => {}
                () = heard(&mut news) => {}
            }
        }
    }

    /// Does jobs of one kind; more than one only where they are answered together.
    async fn work(&self, jobs: &[ClaimedJob]) -> Result<()> {
        let Some(job) = jobs.first() else { return Ok(()) };
        match job.kind.as_str() {
            recalculation::JOB => self.recalculate_as_asked(&job.scope(), &job.payload).await,
            ROLLUP => self.roll_up_as_asked(jobs).await,
            ROLLUP_ALL => self.roll_up_everything(&job.scope()).await.map(drop),
            other => Err(Refusal::internal(format!("no worker knows the job {other}"))),
        }
    }
}

/// Until a commit of any process asks for work, or may have done so unheard.
async fn heard(news: &mut tokio::sync::broadcast::Receiver<News>) {
    loop {
        match news.recv().await {
            Ok(News::Access(_)) => {}
            Ok(News::Changed(change)) if !change.asks_for_work => {}
            Ok(News::Changed(_) | News::Gap) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// 1, 2, 4 … seconds, at most [`LONGEST_PAUSE`].
fn pause_after(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default().min(16);
    Duration::seconds(1 << doublings).min(LONGEST_PAUSE)
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
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
    use super::*;

    #[test]
    fn pauses_double_and_end_at_ten_minutes() {
        let pauses: Vec<_> = [1, 2, 3, 9, 10, 11, 1000, i32::MAX]
            .map(|attempts| pause_after(attempts).num_seconds())
            .into();
        assert_eq!(pauses, [1, 2, 4, 256, 512, 600, 600, 600]);
    }
}
