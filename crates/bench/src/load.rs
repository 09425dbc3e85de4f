//! The load generator: a closed loop, each connection sending its next request when the last one
//! was answered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tokio::{task::JoinSet, time::timeout};

use crate::samples::Samples;

/// How long the last answers may take after the time is over.
const GRACE: Duration = Duration::from_secs(15);

/// Something one connection does again and again.
pub trait Operation: Send + 'static {
    /// Does it once; an error ends the whole run.
    fn once(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// When a run ends: whichever comes first.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Time.
    pub duration: Duration,
    /// Operations.
    pub count: u64,
}

impl Limit {
    /// Runs for this long, however many operations that makes.
    pub fn time(duration: Duration) -> Self {
        Self { duration, count: u64::MAX }
    }
}

/// Runs every operation side by side until the limit, and gives them back with the latencies.
pub async fn run<O: Operation>(operations: Vec<O>, limit: Limit) -> Result<(Vec<O>, Samples)> {
    let started = Instant::now();
    let remaining = Arc::new(AtomicU64::new(limit.count));
    let mut workers = JoinSet::new();
    for operation in operations {
        workers.spawn(repeat(operation, started + limit.duration, Arc::clone(&remaining)));
    }
    // Dropping the set aborts what is left of it.
    timeout(limit.duration + GRACE, collect(workers, started))
        .await
        .context("an answer is overdue")?
}

async fn collect<O: Operation>(
    mut workers: JoinSet<Result<(O, Vec<Duration>)>>,
    started: Instant,
) -> Result<(Vec<O>, Samples)> {
    let mut operations = Vec::new();
    let mut latencies = Vec::new();
    while let Some(joined) = workers.join_next().await {
        let (operation, measured) = joined??;
        operations.push(operation);
        latencies.extend(measured);
    }
    Ok((operations, Samples::new(latencies, started.elapsed())))
}

async fn repeat<O: Operation>(
    mut operation: O,
    deadline: Instant,
    remaining: Arc<AtomicU64>,
) -> Result<(O, Vec<Duration>)> {
    let mut latencies = Vec::new();
    let mut begin = Instant::now();
    while begin < deadline && take_one(&remaining) {
        operation.once().await?;
        let end = Instant::now();
        latencies.push(end - begin);
        begin = end;
    }
    Ok((operation, latencies))
}

fn take_one(remaining: &AtomicU64) -> bool {
    let taken =
        remaining.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
    taken.is_ok()
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    /// Yields to the others, as a request does, and fails on request.
    struct Step {
        done: u64,
        fail_at: Option<u64>,
    }

    impl Operation for Step {
        async fn once(&mut self) -> Result<()> {
            tokio::task::yield_now().await;
            self.done += 1;
            if self.fail_at == Some(self.done) {
                bail!("refused");
            }
            Ok(())
        }
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(future)
    }

    fn steps(count: u64, fail_at: Option<u64>) -> Vec<Step> {
        (0..count).map(|_| Step { done: 0, fail_at }).collect()
    }

    #[test]
    fn a_count_is_kept_exactly_across_connections() {
        let limit = Limit { duration: Duration::from_secs(30), count: 1000 };
        let (steps, samples) = block_on(run(steps(7, None), limit)).expect("a run");
        assert_eq!(samples.count(), 1000);
        assert_eq!(steps.len(), 7);
        assert_eq!(steps.iter().map(|step| step.done).sum::<u64>(), 1000);
        assert!(steps.iter().all(|step| step.done > 0));
    }

    #[test]
    fn time_ends_a_run_without_a_count() {
        let limit = Limit::time(Duration::from_millis(20));
        let (_, samples) = block_on(run(steps(2, None), limit)).expect("a run");
        assert!(samples.count() > 0);
    }

    #[test]
    fn a_failed_operation_fails_the_run() {
        let result = block_on(run(steps(3, Some(5)), Limit::time(Duration::from_secs(30))));
        assert_eq!(result.err().expect("a failure").to_string(), "refused");
    }
}
