//! What a card's face application says of itself: a card-verifiable certificate (CV証明書), the age record that the
//! certified key signed, and a live signature by the application's own key, which stands in that record.
//!
//! Read strictly: one form each, nothing before, between or behind its objects. A card's lengths may be longer than they
//! need to be (ISO/IEC 7816-4 §5.2.2.2), so they are taken in every form that fits.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use crate::base::refusal::Refusal;

/// The one exponent of cards, 65,537.
const EXPONENT: &[u8] = &[0x01, 0x00, 0x01];
/// Bytes of a modulus and of a signature.
const LENGTH: usize = 256;
/// Bytes of a key id.
const ID: usize = 16;
/// No record of these comes near this many bytes.
const LONGEST: usize = 1024;

/// An authority that certifies the keys with which card faces (券面事項確認AP) are signed: the id by which certificates
/// name it, and the modulus of its RSA key, big-endian. The exponent is 65,537.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFaceAuthority {
    /// The key id, 16 bytes.
    pub key_id: [u8; 16],
    /// The modulus, 256 bytes.
    pub modulus: [u8; 256],
}

/// An age record whose certificate and signature hold.
pub(crate) struct AgeRecord {
    birth: [u8; 8],
    own: Key,
}

impl AgeRecord {
    /// Checks a certificate (`7F21 { 5F4E { issuer id, subject id, key }, 5F37 signature }`) under the authority that it
    /// names, and with its key a record (`FF10 { DF11 birth, DF12 key, DF13 signature }`).
    pub(crate) fn certified(
        authorities: &[CardFaceAuthority],
        certificate: &[u8],
        record: &[u8],
    ) -> Result<Self, Refusal> {
        Self::check(authorities, certificate, record).ok_or(Refusal::CardRecordInvalid)
    }

    fn check(authorities: &[CardFaceAuthority], certificate: &[u8], record: &[u8]) -> Option<Self> {
        let signer = certified_key(authorities, certificate)?;
        let [birth, own, signature] = objects(only(0xFF10, record)?, [0xDF11, 0xDF12, 0xDF13])?;
        if !signer.signed(&[birth.raw, own.raw].concat(), signature.value) {
            return None;
        }
        let birth: [u8; 8] = birth.value.try_into().ok()?;
        let own = Key::read(own.value)?;
        birth.iter().all(u8::is_ascii_digit).then_some(Self { birth, own })
    }

    /// Whether the application whose record this is has signed a message: it was here when the message was.
    pub(crate) fn was_here(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        if self.own.signed(message, signature) { Ok(()) } else { Err(Refusal::CardRecordInvalid) }
    }

    /// The date of birth as it stands: `YYYYMMDD`, Gregorian, with zeros for what the register does not know.
    pub(crate) fn birth(&self) -> &[u8; 8] {
        &self.birth
    }
}

/// The key that a certificate vouches for.
fn certified_key(authorities: &[CardFaceAuthority], certificate: &[u8]) -> Option<Key> {
    let [body, signature] = objects(only(0x7F21, certificate)?, [0x5F4E, 0x5F37])?;
    let (issuer, rest) = body.value.split_at_checked(ID)?;
    let (_subject, key) = rest.split_at_checked(ID)?;
    let authority = authorities.iter().find(|authority| authority.key_id == issuer)?;
    let authority = Key { modulus: authority.modulus };
    if authority.signed(body.value, signature.value) { Key::read(key) } else { None }
}

/// An RSA-2048 public key.
struct Key {
    modulus: [u8; LENGTH],
}

impl Key {
    /// Reads the objects `90` (exponent) and `91` (modulus): an odd number of exactly 2,048 bits.
    fn read(objects_of_key: &[u8]) -> Option<Self> {
        let [exponent, modulus] = objects(objects_of_key, [0x90, 0x91])?;
        let modulus: [u8; LENGTH] = modulus.value.try_into().ok()?;
        let whole = modulus[0] & 0x80 != 0 && modulus[LENGTH - 1] & 1 != 0;
        (exponent.value == EXPONENT && whole).then_some(Self { modulus })
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over this message.
    fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        RsaPublicKeyComponents { n: self.modulus.as_slice(), e: EXPONENT }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok()
    }
}

/// An object: its value, and its bytes with tag and length.
#[derive(Clone, Copy)]
struct Object<'a> {
    value: &'a [u8],
    raw: &'a [u8],
}

/// The value of an object of this tag with nothing behind it.
fn only(tag: u32, bytes: &[u8]) -> Option<&[u8]> {
    if bytes.len() > LONGEST {
        return None;
    }
    let [object] = objects(bytes, [tag])?;
    Some(object.value)
}

/// Objects of these tags, in this order, and nothing else.
fn objects<const N: usize>(bytes: &[u8], tags: [u32; N]) -> Option<[Object<'_>; N]> {
    let mut rest = bytes;
    let mut found = [Object { value: &[], raw: &[] }; N];
    for (object, tag) in found.iter_mut().zip(tags) {
        (*object, rest) = first(tag, rest)?;
    }
    rest.is_empty().then_some(found)
}

/// The object at the start, if it is of this tag, and what follows it.
fn first(tag: u32, bytes: &[u8]) -> Option<(Object<'_>, &[u8])> {
    let tag = tag.to_be_bytes();
    let significant = tag.iter().position(|&byte| byte != 0)?;
    let rest = bytes.strip_prefix(&tag[significant..])?;
    let (&form, rest) = rest.split_first()?;
    let (length, rest) = match form {
        0..=0x7F => (usize::from(form), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(form & 0x0F))?;
            (digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((Object { value, raw: &bytes[..bytes.len() - rest.len()] }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test card of J-LIS, and the authority of its face.
    const CERTIFICATE: &[u8] =
        include_bytes!("../../../../../tests/vectors/jpki-test-card/face-0004.bin");
    const RECORD: &[u8] =
        include_bytes!("../../../../../tests/vectors/jpki-test-card/face-0001.bin");

    fn authority() -> CardFaceAuthority {
        let modulus =
            *include_bytes!("../../../../../core/src/pki/card_certificate/6000023.modulus");
        CardFaceAuthority { key_id: *b"6000023\x08\x05001\0\0\0\0", modulus }
    }

    fn check(certificate: &[u8], record: &[u8]) -> Result<AgeRecord, Refusal> {
        AgeRecord::certified(&[authority()], certificate, record)
    }

    #[test]
    fn a_record_of_a_real_test_card_holds() {
        let record = check(CERTIFICATE, RECORD).unwrap();
        assert_eq!(record.birth(), b"19800217");
        assert_eq!(record.was_here(b"asked", &[1; 256]), Err(Refusal::CardRecordInvalid));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        for (which, bytes) in [CERTIFICATE, RECORD].into_iter().enumerate() {
            for at in 0..bytes.len() {
                let mut changed = bytes.to_vec();
                changed[at] ^= 1 << (at % 8);
                let result = match which {
                    0 => check(&changed, RECORD),
                    _ => check(CERTIFICATE, &changed),
                };
                assert_eq!(result.err(), Some(Refusal::CardRecordInvalid), "{which}: {at}");
            }
        }
    }

    #[test]
    fn nothing_may_stand_beside_what_is_signed() {
        let record = |record: &[u8]| check(CERTIFICATE, record).is_ok();
        assert!(record(RECORD));
        assert!(!record(&[RECORD, &[0]].concat()));
        assert!(!record(&RECORD[..RECORD.len() - 1]));
        assert!(!record(&[]));
        // One more object inside, with the outer length set right.
        let inner = [&RECORD[5..], &[0xDF, 0x14, 0x00]].concat();
        let longer = u16::try_from(inner.len()).unwrap().to_be_bytes();
        assert!(!record(&[&[0xFF, 0x10, 0x82], longer.as_slice(), &inner].concat()));
        assert!(!record(&[0xFF; LONGEST + 1]));
    }

    #[test]
    fn an_authority_counts_by_its_id_and_its_key() {
        let mut other_key = authority();
        other_key.modulus[10] ^= 1;
        let mut other_id = authority();
        other_id.key_id[0] = b'5';
        for authorities in [vec![], vec![other_key], vec![other_id]] {
            assert!(AgeRecord::certified(&authorities, CERTIFICATE, RECORD).is_err());
        }
    }
}
