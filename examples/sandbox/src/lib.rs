//! The care platform on one machine, to develop against.
//!
//! One process stands in for the systems between a facility and an entitlement, over real HTTP and a real
//! database. Modules are named after the systems they stand in for: `sts`, `staff`, `jlis`, `qualification`,
//! `kiban`. It verifies everything itself, from the bytes it gets, and shares no code with the SDK but the validator of
//! certificates, which a visit uses on both sides.
//!
//! ```
//! # tokio_test(async {
//! use kaigotap_sandbox::{Config, Sandbox, STAFF_ID};
//!
//! let sandbox = Sandbox::start(Config::default()).await?;
//! println!("{}", serde_json::to_string_pretty(&sandbox.enrolment(STAFF_ID)?)?);
//! sandbox.stop().await;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # });
//! # fn tokio_test<T>(f: impl Future<Output = Result<T, Box<dyn std::error::Error>>>) {
//! #     tokio::runtime::Runtime::new().unwrap().block_on(f).unwrap();
//! # }
//! ```

mod clock;
mod config;
mod error;
mod fault;
mod jlis;
mod jws;
mod kiban;
mod person;
mod platform;
mod qualification;
mod routes;
mod sandbox;
mod staff;
mod store;
mod sts;

pub use config::{Config, Database, StartError};
pub use fault::{Broken, Call, Fault};
pub use jlis::{
    Application, CertificateAuthority, CertificatePurpose, Issued, Revocation, RevocationReason,
};
pub use person::{
    BurdenRatio, CareLevel, CareLevelCode, LimitCertificate, LimitStage, Person, Sex,
};
pub use sandbox::{ChallengeRecord, ChallengeState, Failure, Sandbox};
pub use staff::{Enrolment, FACILITY_ID, STAFF_ID};

/// What every sandbox says of itself.
pub const NOTICE: &str = "This is a sandbox, not the national service. No public API exists by which the \
    national service accepts a third party's result.";
