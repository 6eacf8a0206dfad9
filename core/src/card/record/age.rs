//! The age verification record: a date of birth, signed, and nothing else.

use zeroize::Zeroizing;

use super::{Malformed, RecordedDate, objects, personal};

/// What the face AP tells to who knows the birth date (file `0001`): that it is right.
#[derive(Clone, PartialEq, Eq)]
pub struct AgeRecord {
    /// Date of birth. Signed.
    pub birth: RecordedDate,
    signed: Zeroizing<Vec<u8>>,
    key: Vec<u8>,
    signature: Vec<u8>,
}
personal!(AgeRecord);

impl AgeRecord {
    /// Reads file `0001`.
    pub fn parse(record: &[u8]) -> Result<Self, Malformed> {
        let [birth, key, signature] = objects(record, 0xFF10, [0xDF11, 0xDF12, 0xDF13])?;
        Ok(Self {
            birth: RecordedDate::read(birth.value)?,
            signed: Zeroizing::new([birth.raw, key.raw].concat()),
            key: key.value.to_vec(),
            signature: signature.value.to_vec(),
        })
    }

    pub(crate) fn signed(&self) -> &[u8] {
        &self.signed
    }

    /// The application's own public key: exponent and modulus objects.
    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }
}
