//! Nonces that the server hands out and need not remember (RFC 9449 §8): a span of time, and a code only it can make.

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::hmac;

use crate::base::jws::base64url;

/// Length of a span, in seconds. A nonce is good in its span and in the next one.
const SPAN: i64 = 180;
/// Length of the code, in bytes.
const CODE: usize = 16;

/// Makes nonces, and knows its own.
pub(super) struct Nonces(hmac::Key);

impl Nonces {
    pub(super) fn new(key: hmac::Key) -> Self {
        Self(key)
    }

    /// The nonce of now.
    pub(super) fn at(&self, now: i64) -> String {
        self.of(now.div_euclid(SPAN))
    }

    fn of(&self, span: i64) -> String {
        let span = span.to_be_bytes();
        let code = hmac::sign(&self.0, &span);
        base64url(&[&span[..], &code.as_ref()[..CODE]].concat())
    }

    /// Whether it was handed out, and not long ago.
    pub(super) fn is_good(&self, nonce: &str, now: i64) -> bool {
        let now = now.div_euclid(SPAN);
        let span = Base64UrlUnpadded::decode_vec(nonce).ok().and_then(|bytes| {
            let (span, _) = bytes.split_first_chunk()?;
            Some(i64::from_be_bytes(*span))
        });
        // Whoever sees which of two nonces of theirs was wrong where learns nothing: the code is fresh every span.
        span.is_some_and(|span| (now - 1..=now).contains(&span) && self.of(span) == nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonces(key: u8) -> Nonces {
        Nonces::new(hmac::Key::new(hmac::HMAC_SHA256, &[key; 32]))
    }

    #[test]
    fn a_nonce_is_good_for_its_span_and_the_next() {
        let ours = nonces(1);
        let nonce = ours.at(1000 * SPAN);
        for (now, good) in [
            (1000 * SPAN, true),
            (1002 * SPAN - 1, true),
            (1002 * SPAN, false),
            (1000 * SPAN - 1, false),
        ] {
            assert_eq!(ours.is_good(&nonce, now), good, "{now}");
        }
        assert!(!nonces(2).is_good(&nonce, 1000 * SPAN));
        assert!(!ours.is_good("", 0) && !ours.is_good(&nonce[..20], 1000 * SPAN));
        assert!(!ours.is_good(&format!("{nonce}="), 1000 * SPAN));
    }
}
