//! What authorises a call.

/// Longest token taken, characters.
const MOST: usize = 8 * 1024;

/// What authorises a call. Looked at anew each time the call is sent, and always with a new proof that it is this device
/// that asks (RFC 9449).
#[derive(Clone, Copy)]
pub(crate) enum Credential<'a> {
    /// A token that is bound to the device's key, or none: then the proof is all.
    Dpop {
        /// The token.
        token: Option<&'a str>,
    },
    /// The device as a client of the token service of this name, which it tells in the call's form (`private_key_jwt`).
    Client {
        /// What the service calls itself.
        audience: &'a str,
    },
}

/// Whether this can be a token: a `b64token` (RFC 6750 §2.1), so that it is one word in a header.
pub(crate) fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let fits = |c: u8| c.is_ascii_alphanumeric() || b"-._~+/".contains(&c);
    !body.is_empty() && text.len() <= MOST && body.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_of_a_header() {
        for good in ["eyJhbGciOiJFUzI1NiJ9.e30.c2ln", "abc==", "a-b_c~d+e/f"] {
            assert!(is_token(good), "{good}");
        }
        for bad in ["", "=", "a b", "a\r\nx: y", "a\0", "a=b", "あ", &"a".repeat(MOST + 1)] {
            assert!(!is_token(bad), "{bad:?}");
        }
    }
}
