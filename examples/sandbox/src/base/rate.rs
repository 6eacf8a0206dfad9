//! How much one sender may ask: a bucket that tokens drip into, each request taking one.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How many senders are remembered at most.
const MOST: usize = 65_536;

/// How much one sender may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many requests at once, at least one.
    pub burst: u32,
    /// How many a second in the long run, at least one.
    pub each_second: u32,
}

/// The buckets of all senders of a kind, in memory: each process counts for itself.
pub(crate) struct Buckets<K> {
    rate: Option<Rate>,
    filled: Mutex<HashMap<K, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Without a rate everybody may ask as much as they want.
    pub(crate) fn new(rate: Option<Rate>) -> Self {
        Self { rate, filled: Mutex::new(HashMap::new()) }
    }

    /// Takes one token of a sender; `false` if there is none.
    pub(crate) fn take(&self, sender: K, now: Instant) -> bool {
        let Some(rate) = self.rate else { return true };
        let (burst, speed) = (f64::from(rate.burst.max(1)), f64::from(rate.each_second.max(1)));
        let at = |bucket: &Bucket| {
            let since = now.saturating_duration_since(bucket.at).as_secs_f64();
            (bucket.tokens + since * speed).min(burst)
        };
        let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        if filled.len() >= MOST && !filled.contains_key(&sender) {
            // Whoever has not asked for a while is as good as new.
            filled.retain(|_, bucket| at(bucket) < burst);
            if filled.len() >= MOST {
                // Nobody is refused for what others do.
                return true;
            }
        }
        let bucket = filled.entry(sender).or_insert(Bucket { tokens: burst, at: now });
        let tokens = at(bucket);
        bucket.at = now;
        if tokens < 1.0 {
            bucket.tokens = tokens;
            return false;
        }
        bucket.tokens = tokens - 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_holds_a_burst_and_fills_again() {
        let buckets = Buckets::new(Some(Rate { burst: 3, each_second: 2 }));
        let start = Instant::now();
        let after = |milliseconds| start + Duration::from_millis(milliseconds);
        let taken = |name, at| buckets.take(name, at);
        assert!((0..3).all(|_| taken("a", start)) && !taken("a", start));
        assert!(taken("b", start), "another sender");
        assert!(!taken("a", after(400)) && taken("a", after(500)) && !taken("a", after(900)));
        assert!((0..3).all(|_| taken("a", after(60_000))) && !taken("a", after(60_000)));
        assert!(Buckets::new(None).take("a", start));
    }

    #[test]
    fn more_senders_than_are_remembered_are_not_refused_for_that() {
        let buckets = Buckets::new(Some(Rate { burst: 1, each_second: 1 }));
        let start = Instant::now();
        assert!((0..MOST).all(|sender| buckets.take(sender, start)));
        assert!(buckets.take(MOST, start) && !buckets.take(1, start));
        let later = start + Duration::from_secs(2);
        assert!(buckets.take(MOST, later) && !buckets.take(MOST, later));
        assert_eq!(buckets.filled.lock().unwrap().len(), 1);
    }
}
