//! How a tap becomes a token: a challenge that is verified before the card is touched, an assertion that the card
//! signs, and the exchange of both for a token (RFC 8693). The wire form is in `docs/exchange.md`.

pub(crate) mod assertion;
mod challenge;
mod curve;
mod jws;
mod party;
mod token;

use std::fmt;

use jiff::Timestamp;
use zeroize::Zeroizing;

pub use challenge::{Basis, ChallengeKey, ChallengeKeyInvalid, VisualCheck};
pub(crate) use challenge::{Challenge, Clock, Expected, fresh_challenge};
pub use party::{FacilityNumber, StaffId};
pub(crate) use token::exchange;
pub use token::{AccessToken, Confirmation};
#[cfg(feature = "fuzzing")]
pub(crate) use {challenge::verify_challenge, token::read_token};

use crate::message::{Code, Failure};
use crate::platform::is_token;
use ring::{digest, hmac};

/// What a token shall open (利用の目的).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Use {
    /// View qualification and entitlement.
    View,
    /// Register the person with this facility.
    Register,
}

/// A way of verifying a person (本人確認の方法).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Way {
    /// Face by eye, then card with PIN (公的個人認証法 Art. 38).
    CardPin,
}

impl Way {
    /// As it stands in JSON and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::CardPin => "card_pin",
        }
    }
}

/// The staff member's own access token. Never shown.
pub struct StaffToken(Zeroizing<String>);

impl StaffToken {
    /// Takes the token that the staff member's sign-in gave; `setup_invalid` where it can be none (RFC 6750 §2.1).
    pub fn parse(token: impl Into<String>) -> Result<Self, Failure> {
        let token = Zeroizing::new(token.into());
        if is_token(&token) {
            Ok(Self(token))
        } else {
            Err(Failure::new(Code::SetupInvalid).with_detail("staff token"))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StaffToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaffToken(..)")
    }
}

/// Randomness from the host: 32 bytes from its secure source, fresh for each conversation. Everything random inside is
/// derived from it, so that a recorded conversation can be replayed to the byte.
pub struct Entropy {
    key: hmac::Key,
    drawn: u64,
}

impl Entropy {
    /// Takes 32 fresh random bytes.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, seed), drawn: 0 }
    }

    /// A random UUID (RFC 9562 version 4) in its usual form.
    pub(crate) fn uuid(&mut self) -> String {
        self.drawn = self.drawn.wrapping_add(1);
        let tag = hmac::sign(&self.key, &self.drawn.to_be_bytes());
        let mut hex = String::with_capacity(36);
        for (at, byte) in tag.as_ref().iter().take(16).enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                hex.push('-');
            }
            let byte = match at {
                6 => byte & 0x0F | 0x40,
                8 => byte & 0x3F | 0x80,
                _ => *byte,
            };
            for nibble in [byte >> 4, byte & 0x0F] {
                hex.extend(char::from_digit(nibble.into(), 16));
            }
        }
        hex
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    sum
}

/// Seconds since the epoch (RFC 7519 `NumericDate`).
fn numeric_date(at: Timestamp) -> i64 {
    at.as_second()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wycheproof;
