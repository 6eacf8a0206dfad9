//! How a record is sealed: `KTJ1`, 8 bytes that name the key, a counter of 8 bytes (big-endian), a salt of 32, then
//! AES-256-GCM (NIST SP 800-38D) with its tag of 16 bytes at the end.
//!
//! Each record has a key of its own: HKDF-SHA256 (RFC 5869) of the journal's key with the salt, for its name and its
//! counter. It seals once, so its nonce is zero. What stands before the ciphertext, the name, the device and the facility
//! are authenticated with it: a record opens nowhere but where it was put.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use zeroize::Zeroizing;

use super::key::JournalKey;
use crate::message::{Code, Failure};
use crate::platform::Device;

const MAGIC: &[u8; 4] = b"KTJ1";
const FOR_RECORDS: &[u8] = b"kaigotap journal record 1\0";
const FOR_THE_ID: &[u8] = b"kaigotap journal key id 1\0";
/// Magic, key id, counter, salt.
const HEADER: usize = 4 + 8 + 8 + 32;
const TAG: usize = 16;

/// Why a record does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsealed {
    /// It is no record, or not as it was sealed.
    Damaged,
    /// It was sealed with another key, by another device or for another facility.
    Foreign,
}

/// Seals and opens for one device.
pub(super) struct Sealer {
    key: JournalKey,
    /// Who seals, as it is authenticated.
    whose: Vec<u8>,
    /// Names key, device and facility to those who hold the key, and says nothing to others.
    id: [u8; 8],
}

impl Sealer {
    pub(super) fn new(key: &JournalKey, device: &Device) -> Self {
        let facility = device.facility().as_str();
        // Neither has a zero byte in it.
        let whose = [device.thumbprint(), "\0", facility].concat().into_bytes();
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &*key.secret);
        let tag = hmac::sign(&secret, &[FOR_THE_ID, &whose].concat());
        let mut id = [0; 8];
        id.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        Self { key: key.clone(), whose, id }
    }

    /// Seals what is to stand under this name. The salt is fresh.
    pub(super) fn seal(
        &self,
        name: &str,
        counter: u64,
        salt: &[u8; 32],
        mut plain: Zeroizing<Vec<u8>>,
    ) -> Result<Vec<u8>, Failure> {
        let header = [&MAGIC[..], &self.id, &counter.to_be_bytes(), salt].concat();
        let key = self.record_key(name, counter, salt).ok_or(Code::InternalError)?;
        let aad = Aad::from(self.beside(&header, name));
        let tag = key
            .seal_in_place_separate_tag(once(), aad, plain.as_mut_slice())
            .map_err(|_| Code::InternalError)?;
        Ok([&header, plain.as_slice(), tag.as_ref()].concat())
    }

    /// Opens what stands under this name: its counter, and what was sealed.
    pub(super) fn open(
        &self,
        name: &str,
        sealed: &[u8],
    ) -> Result<(u64, Zeroizing<Vec<u8>>), Unsealed> {
        let (header, body) = sealed.split_at_checked(HEADER).ok_or(Unsealed::Damaged)?;
        let (id, counter, salt) = parts(header).ok_or(Unsealed::Damaged)?;
        if id != self.id {
            return Err(Unsealed::Foreign);
        }
        let key = self.record_key(name, counter, salt).ok_or(Unsealed::Damaged)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let aad = Aad::from(self.beside(header, name));
        key.open_in_place(once(), aad, plain.as_mut_slice()).map_err(|_| Unsealed::Damaged)?;
        plain.truncate(body.len().saturating_sub(TAG));
        Ok((counter, plain))
    }

    fn record_key(&self, name: &str, counter: u64, salt: &[u8]) -> Option<LessSafeKey> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, salt);
        let extracted = salt.extract(&*self.key.secret);
        let counter = counter.to_be_bytes();
        let info = [FOR_RECORDS, name.as_bytes(), b"\0", &counter];
        let expanded = extracted.expand(&info, &AES_256_GCM).ok()?;
        Some(LessSafeKey::new(UnboundKey::from(expanded)))
    }

    fn beside(&self, header: &[u8], name: &str) -> Vec<u8> {
        [header, name.as_bytes(), b"\0", &self.whose].concat()
    }
}

/// The nonce of a key that is used once.
fn once() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn parts(header: &[u8]) -> Option<([u8; 8], u64, &[u8])> {
    let rest = header.strip_prefix(MAGIC)?;
    let (id, rest) = rest.split_first_chunk::<8>()?;
    let (counter, salt) = rest.split_first_chunk::<8>()?;
    Some((*id, u64::from_be_bytes(*counter), salt))
}
