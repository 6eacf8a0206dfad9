//! Load: as many exchanges as the servers carry, or as many a second as are wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Result;

/// Something that can be asked for again and again.
pub(crate) trait Caller: Send + 'static {
    fn call(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// What a load came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Volley {
    pub(crate) done: u64,
    pub(crate) seconds: f64,
    /// Time of each, sorted.
    latencies: Vec<Duration>,
}

impl Volley {
    /// How many a second.
    pub(crate) fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let done = self.done as f64;
        done / self.seconds
    }

    /// The time within which this many of a hundred were done, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let at = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }
}

/// Each caller calls again as soon as it has its answer.
pub(crate) async fn as_fast_as_it_goes<C: Caller>(
    callers: Vec<C>,
    lasting: Duration,
) -> Result<(Volley, Vec<C>)> {
    let started = Instant::now();
    let end = started + lasting;
    let tasks: Vec<_> = callers
        .into_iter()
        .map(|mut caller| {
            tokio::spawn(async move {
                let mut times = Vec::new();
                while Instant::now() < end {
                    let called = Instant::now();
                    caller.call().await?;
                    times.push(called.elapsed());
                }
                Result::Ok((caller, times))
            })
        })
        .collect();
    gather(started, tasks).await
}

/// Calls begin at this rate, whether or not those before have been answered; the time of each counts from when it was due.
pub(crate) async fn at_rate<C: Caller>(
    callers: Vec<C>,
    rate: f64,
    lasting: Duration,
) -> Result<(Volley, Vec<C>)> {
    let started = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = callers
        .into_iter()
        .map(|mut caller| {
            let next = next.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                loop {
                    let number = u32::try_from(next.fetch_add(1, Ordering::Relaxed))?;
                    let due = Duration::from_secs_f64(f64::from(number) / rate);
                    if due > lasting {
                        return Result::Ok((caller, times));
                    }
                    let due = started + due;
                    tokio::time::sleep_until(due.into()).await;
                    caller.call().await?;
                    times.push(due.elapsed());
                }
            })
        })
        .collect();
    gather(started, tasks).await
}

type Task<C> = tokio::task::JoinHandle<Result<(C, Vec<Duration>)>>;

async fn gather<C>(started: Instant, tasks: Vec<Task<C>>) -> Result<(Volley, Vec<C>)> {
    let (mut volley, mut callers) = (Volley::default(), Vec::new());
    for task in tasks {
        let (caller, times) = task.await??;
        callers.push(caller);
        volley.latencies.extend(times);
    }
    volley.seconds = started.elapsed().as_secs_f64();
    volley.done = u64::try_from(volley.latencies.len())?;
    volley.latencies.sort_unstable();
    Ok((volley, callers))
}
