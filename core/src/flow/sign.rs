//! Signatures of the device's key: ES256, whatever form a key store gives them.

/// A signature of the device's key in the form that JWS wants (RFC 7518 §3.4): 32 bytes of `r`, 32 of `s`.
pub(crate) type DeviceSignature = [u8; 64];

/// The order of P-256 (SEC 2 §2.4.2), big-endian.
const ORDER: [u8; 32] = *b"\xFF\xFF\xFF\xFF\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\
    \xBC\xE6\xFA\xAD\xA7\x17\x9E\x84\xF3\xB9\xCA\xC2\xFC\x63\x25\x51";

/// Why the device's key did not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// There is no such key, or no longer: the device has to be enrolled anew.
    #[error("the device's key is gone")]
    Gone,
    /// The key is there and cannot be used now: the device is locked.
    #[error("the device is locked")]
    Locked,
    /// The person at the device did not allow it.
    #[error("the use of the device's key was refused")]
    Refused,
    /// The key store failed in another way.
    #[error("the device's key failed")]
    Failed,
}

/// Takes a signature as a key store gives it: Android's Keystore and PKCS#11 bring DER (`Ecdsa-Sig-Value`, RFC 3279
/// §2.2.3) or `r‖s`, the Secure Enclave DER. A high `s` is as good as a low one on this curve. 64 bytes are `r‖s`: in DER
/// they would need six leading zeros in `r` and `s`.
pub(crate) fn fixed(signature: &[u8]) -> Option<DeviceSignature> {
    let mut taken = [0; 64];
    if signature.len() == taken.len() {
        taken.copy_from_slice(signature);
    } else {
        // All of it is shorter than 128 bytes, so every length takes one byte.
        let (r, rest) = integer(of_tag(0x30, signature)?)?;
        let (s, rest) = integer(rest)?;
        if !rest.is_empty() {
            return None;
        }
        let (first, second) = taken.split_at_mut(32);
        first.get_mut(32_usize.checked_sub(r.len())?..)?.copy_from_slice(r);
        second.get_mut(32_usize.checked_sub(s.len())?..)?.copy_from_slice(s);
    }
    let (r, s) = taken.split_at(32);
    let in_range = |value: &[u8]| value.iter().any(|&byte| byte != 0) && value < ORDER.as_slice();
    (in_range(r) && in_range(s)).then_some(taken)
}

/// The content of a DER value with this tag and nothing behind it.
fn of_tag(tag: u8, der: &[u8]) -> Option<&[u8]> {
    match der {
        [first, length, content @ ..]
            if *first == tag && *length < 0x80 && usize::from(*length) == content.len() =>
        {
            Some(content)
        }
        _ => None,
    }
}

/// A positive INTEGER without its sign byte, and what follows it.
fn integer(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let [0x02, length, content @ ..] = der else { return None };
    let (value, rest) = content.split_at_checked(usize::from(*length).min(0x7F))?;
    let value = match value {
        [0x00, positive @ ..] if positive.first()? & 0x80 != 0 => positive,
        [first, ..] if *first != 0 && first & 0x80 == 0 => value,
        _ => return None,
    };
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED, EcdsaKeyPair, KeyPair,
        UnparsedPublicKey,
    };

    use super::*;

    #[test]
    fn every_signature_in_der_becomes_one_that_verifies() {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref());
        let (mut high, mut lengths) = (0, std::collections::HashSet::new());
        for number in 0_u32..400 {
            let message = number.to_be_bytes();
            let der = key.sign(&random, &message).unwrap();
            lengths.insert(der.as_ref().len());
            let taken = fixed(der.as_ref()).unwrap();
            assert_eq!(fixed(&taken), Some(taken));
            public.verify(&message, &taken).unwrap();
            high += usize::from(taken[32] >= 0x80);
        }
        assert!(high > 0 && lengths.len() > 1, "{high} {lengths:?}");
    }

    #[test]
    fn what_is_no_signature_is_none() {
        let one = b"\x30\x06\x02\x01\x01\x02\x01\x01";
        assert!(fixed(one).is_some());
        for bad in [
            &b""[..],
            b"\x30\x06\x02\x01\x00\x02\x01\x01",     // r is 0
            b"\x30\x06\x02\x01\x81\x02\x01\x01",     // r is negative
            b"\x30\x07\x02\x02\x00\x01\x02\x01\x01", // not the shortest form
            b"\x30\x06\x02\x01\x01\x02\x01\x01\x00", // something behind
            b"\x30\x07\x02\x01\x01\x02\x01\x01\x00", // something inside
            b"\x30\x81\x06\x02\x01\x01\x02\x01\x01", // not the shortest length
            b"\x30\x05\x02\x01\x01\x02\x01",         // torn
            b"\x31\x06\x02\x01\x01\x02\x01\x01",
            &[0; 64],
            &[0xFF; 64],
            &[1; 63],
            &[1; 65],
        ] {
            assert_eq!(fixed(bad), None, "{bad:02X?}");
        }
        let mut order = [1; 64];
        order[32..].copy_from_slice(&ORDER);
        assert_eq!(fixed(&order), None);
        order[63] -= 1;
        assert!(fixed(&order).is_some());
    }
}
