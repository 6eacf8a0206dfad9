//! The server's time. Every decision about "now" is made with it, never with a time a client claims.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The machine's clock plus an offset that tests can move.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// Seconds since the epoch, never before it.
    pub(crate) fn now(&self) -> i64 {
        Timestamp::now()
            .as_second()
            .saturating_add(self.offset.load(Ordering::Relaxed))
            .clamp(0, Timestamp::MAX.as_second())
    }

    /// Moves the clock by whole seconds, on top of earlier moves.
    pub(crate) fn shift(&self, by: SignedDuration) {
        self.offset.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}

/// RFC 3339 in UTC, whole seconds. A time outside years −9999 to 9999 is clamped to the epoch.
pub(crate) fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
