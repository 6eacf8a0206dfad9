//! The code that unlocks a shift: kept as PBKDF2-HMAC-SHA256 of it (RFC 8018 §5.2), inside what is sealed.

use std::num::NonZeroU32;

use ring::pbkdf2;
use serde::{Deserialize, Serialize};

use crate::flow::Secret;
use crate::message::{Code as Failed, Failure};

/// How often it is hashed. The seal keeps everybody out who does not hold the journal's key; this makes it slow for those
/// who do: 0.14 s of one core of an AMD EPYC (with its SHA instructions), and by that a day and a half for all codes of six
/// digits.
const ITERATIONS: u32 = if cfg!(test) { 10 } else { 600_000 };

/// A code, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    salt: [u8; 32],
    iterations: NonZeroU32,
    hash: [u8; 32],
}

impl Code {
    /// Takes a code of 6 to 12 digits.
    pub(super) fn choose(code: &Secret, salt: [u8; 32]) -> Result<Self, Failure> {
        let digits = code.bytes();
        if !(6..=12).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
            return Err(Failure::new(Failed::SetupInvalid).with_detail("unlock code"));
        }
        let iterations = NonZeroU32::new(ITERATIONS).ok_or(Failed::InternalError)?;
        let mut hash = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, &salt, digits, &mut hash);
        Ok(Self { salt, iterations, hash })
    }

    /// Whether this is the code.
    pub(super) fn is(&self, code: &Secret) -> bool {
        let Self { salt, iterations, hash } = self;
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, *iterations, salt, code.bytes(), hash).is_ok()
    }
}
