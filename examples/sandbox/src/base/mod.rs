//! The ground floor: what every room stands on. It knows none of them.

pub(crate) mod clock;
pub(crate) mod database;
pub(crate) mod facility_authority;
pub(crate) mod failure;
pub(crate) mod fault;
pub(crate) mod jws;
pub(crate) mod keys;
pub(crate) mod peer;
pub(crate) mod refusal;
pub(crate) mod reply;
mod vault;

use clock::Clock;
use database::Store;
use fault::Faults;

/// What every sandbox says of itself.
pub const NOTICE: &str = "This is a sandbox, not the national service. No public API exists by which the \
    national service accepts a third party's result.";

/// What all rooms share.
pub(crate) struct Base {
    /// Base URL of everything here, and issuer of challenges and tokens.
    pub(crate) issuer: String,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) faults: Faults,
}

impl Base {
    /// Whose clock has not been moved, and which does what it should.
    pub(crate) fn new(issuer: String, store: Store) -> Self {
        Self { issuer, clock: Clock::default(), store, faults: Faults::default() }
    }

    /// Seconds since the epoch, by the server's clock.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }
}
