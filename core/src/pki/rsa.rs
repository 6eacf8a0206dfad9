//! RSA public keys of cards, and the one signature that no library checks.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use crate::iso7816::tlv::Objects;

/// Bytes of a modulus and of a signature.
const LENGTH: usize = 256;
/// The one exponent in use, 65,537.
const EXPONENT: &[u8] = &[0x01, 0x00, 0x01];

/// An RSA-2048 public key with exponent 65,537.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardKey {
    modulus: [u8; LENGTH],
}

impl CardKey {
    /// A key of this modulus, big-endian. `None` unless it is an odd number of exactly 2,048 bits.
    pub fn of_modulus(modulus: &[u8]) -> Option<Self> {
        let modulus: [u8; LENGTH] = modulus.try_into().ok()?;
        let whole = modulus.first().is_some_and(|byte| byte & 0x80 != 0);
        let odd = modulus.last().is_some_and(|byte| byte & 0x01 != 0);
        (whole && odd).then_some(Self { modulus })
    }

    /// Reads the two objects `90` (exponent) and `91` (modulus).
    pub(crate) fn of_objects(objects: &[u8]) -> Option<Self> {
        let mut objects = Objects::new(objects);
        let (exponent, modulus) = (objects.next()?.ok()?, objects.next()?.ok()?);
        let as_it_should_be = exponent.tag == 0x90
            && exponent.value == EXPONENT
            && modulus.tag == 0x91
            && objects.next().is_none();
        as_it_should_be.then(|| Self::of_modulus(modulus.value))?
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over this message.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        RsaPublicKeyComponents { n: self.modulus.as_slice(), e: EXPONENT }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok()
    }

    /// RSASSA-PKCS1-v1_5 over a DigestInfo for SHA-256 that holds several digests in a row. Libraries take one digest
    /// only, so the block is recovered here and compared with the one that it has to be; nothing in it is parsed.
    pub(crate) fn verifies_digests(&self, digests: &[[u8; 32]; 3], signature: &[u8]) -> bool {
        /// DigestInfo header: SEQUENCE of 113, AlgorithmIdentifier of SHA-256, OCTET STRING of 96.
        const HEADER: &[u8] =
            b"\x30\x71\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x60";
        let info = [HEADER, digests.concat().as_slice()].concat();
        let Some(padding) = LENGTH.checked_sub(info.len()).and_then(|rest| rest.checked_sub(3))
        else {
            return false;
        };
        let block =
            [&[0x00, 0x01], vec![0xFF; padding].as_slice(), &[0x00], info.as_slice()].concat();
        self.recover(signature).is_some_and(|recovered| recovered == block)
    }

    /// The block under a signature (RSAVP1, RFC 8017 §5.2.2). Everything here is public, so time does not matter.
    fn recover(&self, signature: &[u8]) -> Option<Vec<u8>> {
        if signature.len() != LENGTH || signature >= self.modulus.as_slice() {
            return None;
        }
        let modulus: Option<Odd<U2048>> = Odd::new(U2048::from_be_slice(&self.modulus)).into();
        let base = FixedMontyForm::new(
            &U2048::from_be_slice(signature),
            &FixedMontyParams::new_vartime(modulus?),
        );
        // x^65537: sixteen squarings and one multiplication.
        let squared = (0..16).fold(base, |x, _| x.square());
        Some(squared.mul(&base).retrieve().to_be_bytes().as_ref().to_vec())
    }
}
