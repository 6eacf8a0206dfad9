//! The ground floor: what every room stands on. It knows none of them.

pub(crate) mod clock;
pub(crate) mod database;
pub(crate) mod dpop;
pub(crate) mod facility_authority;
pub(crate) mod failure;
pub(crate) mod fault;
pub(crate) mod form;
pub(crate) mod jwk;
pub(crate) mod jws;
pub(crate) mod keys;
pub(crate) mod many;
pub(crate) mod once;
pub(crate) mod peer;
pub(crate) mod rate;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod ring;
pub(crate) mod sender;
mod vault;

use std::sync::OnceLock;
use std::time::Instant;

use clock::Clock;
use database::Store;
use dpop::Dpop;
use failure::StartError;
use fault::Faults;
use rate::{Buckets, Rate};
use refusal::Refusal;

/// What every sandbox says of itself.
pub const NOTICE: &str = "This is a sandbox, not the national service. The national service's API standard 1.0 of \
    2026-08-31 takes no identity check made by other software.";

/// What all rooms share.
pub(crate) struct Base {
    /// Base URL of everything here, and issuer of challenges and tokens.
    pub(crate) issuer: String,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) faults: Faults,
    dpop: Dpop,
    /// How much each device may ask, by the thumbprint of its key.
    devices: OnceLock<Buckets<String>>,
}

impl Base {
    /// Whose clock has not been moved, and which does what it should.
    pub(crate) async fn open(issuer: String, store: Store) -> Result<Self, StartError> {
        let dpop = Dpop::new(store.mac_key("dpop").await?);
        Ok(Self {
            issuer,
            clock: Clock::default(),
            store,
            faults: Faults::default(),
            dpop,
            devices: OnceLock::new(),
        })
    }

    /// Lets each device ask that much; before the first request.
    pub(crate) fn limit_devices(&self, rate: Option<Rate>) {
        let _ = self.devices.set(Buckets::new(rate));
    }

    /// Takes note of a request of the device that holds this key.
    fn asks(&self, thumbprint: &str) -> Result<(), Refusal> {
        let Some(devices) = self.devices.get() else { return Ok(()) };
        let may = devices.take(thumbprint.to_owned(), Instant::now());
        if may { Ok(()) } else { Err(Refusal::TooManyRequests) }
    }

    /// Seconds since the epoch, by the server's clock.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }
}
