//! Answers that are kept for a re-send, sealed so that only those who send the assertion again can open them.
//!
//! The key is made of the assertion (HKDF with SHA-256, RFC 5869), of which the database has no more than a digest.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, Salt};

/// What this key is for, and nothing else.
const INFO: &[u8] = b"kaigotap sandbox: answer to an assertion";

/// Seals an answer to an assertion that used up a challenge. To be called once for each challenge: the nonce is fixed,
/// because the key is used for nothing else.
pub(crate) fn seal(
    challenge: &[u8],
    assertion: &str,
    answer: Vec<u8>,
) -> Result<Vec<u8>, Unspecified> {
    let mut sealed = answer;
    key(challenge, assertion)?.seal_in_place_append_tag(nonce(), Aad::empty(), &mut sealed)?;
    Ok(sealed)
}

/// The answer, for those who have the same assertion.
pub(crate) fn open(
    challenge: &[u8],
    assertion: &str,
    mut sealed: Vec<u8>,
) -> Result<Vec<u8>, Unspecified> {
    let key = key(challenge, assertion)?;
    let opened = key.open_in_place(nonce(), Aad::empty(), &mut sealed)?;
    Ok(opened.to_vec())
}

fn key(challenge: &[u8], assertion: &str) -> Result<LessSafeKey, Unspecified> {
    let secret = Salt::new(HKDF_SHA256, challenge).extract(assertion.as_bytes());
    let key = UnboundKey::from(secret.expand(&[INFO], &AES_256_GCM)?);
    Ok(LessSafeKey::new(key))
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_assertion_opens_an_answer() {
        let sealed = seal(b"challenge", "assertion", b"answer".to_vec()).unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"answer"));
        let with = |challenge: &[u8], assertion| open(challenge, assertion, sealed.clone());
        assert_eq!(with(b"challenge", "assertion").unwrap(), b"answer");
        assert!(with(b"challenge", "Assertion").is_err());
        assert!(with(b"another", "assertion").is_err());
    }
}
