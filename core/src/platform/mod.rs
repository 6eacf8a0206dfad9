//! The one way to call the care platform: a call, what authorises it, what a refusal means, and when it is sent again.
//!
//! A call is composed anew each time it is sent, because what authorises it is good for one request only: a proof that it
//! is this device that asks (RFC 9449). What repeats is what the call says, not the bytes of its request
//! (`docs/adr/0007-what-repeats-is-the-assertion.md`).

mod call;
mod clock;
mod credential;
mod curve;
mod device;
mod dpop;
mod entropy;
pub(crate) mod jws;
mod key;
mod open;
mod party;
mod refusal;
mod server;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof;

pub(crate) use call::{Answered, Call, Content, Platform, Repeat};
pub(crate) use clock::{Clock, is_off};
pub(crate) use credential::{Credential, is_token};
pub(crate) use device::Signer;
pub use device::{Device, DeviceKey};
pub use entropy::Entropy;
pub(crate) use key::{Jwk, PublicKey};
pub(crate) use open::open;
pub use party::{FacilityNumber, StaffId};
pub use refusal::REFUSALS;
pub(crate) use refusal::named as refusal_named;
#[cfg(feature = "fuzzing")]
pub(crate) use refusal::refused;
pub use server::ServerAddress;
