//! How a device is enrolled, staff sign in, and a tap becomes a token: a challenge that is verified before the card is
//! touched, an assertion that the card signs, and the exchange of both for a token (RFC 8693). The wire form is in
//! `docs/exchange.md`.

pub(crate) mod assertion;
mod challenge;
pub(crate) mod deposit;
mod domain;
mod enrol;
pub(crate) mod note;
mod sign_in;
mod signed;
mod staff;
pub(crate) mod statement;
pub(crate) mod tap;
pub(crate) mod ticket;
mod token;
mod uses;

pub use challenge::{Basis, VisualCheck};
pub(crate) use challenge::{Expected, fresh_challenge};
pub use domain::InsuranceDomain;
pub use enrol::{
    ActivationCode, Enrol, Enrolment, MutualTls, Policy, enrol, refresh_device, roll_over_key,
};
use jiff::Timestamp;
pub use sign_in::{SignIn, SignedIn, sign_in, sign_out};
pub(crate) use signed::{Challenge, Common, Confirmed, Contents, Form, MAX_LIFE, judged};
pub use signed::{ChallengeKey, ChallengeKeyInvalid};
pub use staff::StaffToken;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use staff::unsigned;
pub use token::{AccessToken, Confirmation, EvidenceToken, RegistrationHandle, Subject};
pub(crate) use token::{Proof, Wanted, exchange};
pub use uses::Use;
#[cfg(feature = "fuzzing")]
pub(crate) use {challenge::verify_challenge, ticket::read_ticket, token::read_token};

pub use crate::flow::Way;
pub(crate) use crate::platform::Clock;
pub use crate::platform::{Device, DeviceKey, Entropy, FacilityNumber, StaffId};
use ring::digest;

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    sum
}

/// Seconds since the epoch (RFC 7519 `NumericDate`).
fn numeric_date(at: Timestamp) -> i64 {
    at.as_second()
}

#[cfg(test)]
pub(crate) mod tests;
