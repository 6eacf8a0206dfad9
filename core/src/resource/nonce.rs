//! Nonces that a server hands out and need not remember (RFC 9449 §9): a span of time, and a code only it can make.

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use ring::hmac;

use crate::platform::jws;

/// Length of a span, in seconds. A nonce is good in its span and in the next one.
const SPAN: i64 = 150;

pub(super) struct Nonces(hmac::Key);

impl Nonces {
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The nonce of now.
    pub(super) fn at(&self, now: Timestamp) -> String {
        let span = now.as_second().div_euclid(SPAN).to_be_bytes();
        let code = hmac::sign(&self.0, &span);
        jws::base64url(&[&span, code.as_ref()].concat())
    }

    /// Whether it was handed out, and not long ago.
    pub(super) fn is_good(&self, nonce: Option<&str>, now: Timestamp) -> bool {
        let Some(bytes) = nonce.and_then(|nonce| Base64UrlUnpadded::decode_vec(nonce).ok()) else {
            return false;
        };
        let Some((span, code)) = bytes.split_first_chunk() else { return false };
        let age = now.as_second().div_euclid(SPAN).checked_sub(i64::from_be_bytes(*span));
        matches!(age, Some(0 | 1)) && hmac::verify(&self.0, span, code).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_a_while_and_at_its_server() {
        let at = |seconds: i64| Timestamp::from_second(1_700_000_100 + seconds).unwrap();
        let (ours, theirs) = (Nonces::new(&[1; 32]), Nonces::new(&[2; 32]));
        let nonce = ours.at(at(0));
        for seconds in [0, 149, 299] {
            assert!(ours.is_good(Some(&nonce), at(seconds - seconds % 2)), "{seconds}");
        }
        assert!(ours.is_good(Some(&nonce), at(SPAN)));
        assert!(!ours.is_good(Some(&nonce), at(2 * SPAN)));
        assert!(!ours.is_good(Some(&nonce), at(-SPAN)));
        assert!(!theirs.is_good(Some(&nonce), at(0)));
        for other in [None, Some(""), Some("AAAA"), Some(&nonce[1..]), Some(&*format!("{nonce}A"))]
        {
            assert!(!ours.is_good(other, at(0)), "{other:?}");
        }
    }
}
