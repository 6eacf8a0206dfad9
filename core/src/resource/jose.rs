//! JWS in compact form (RFC 7515 §7.1) and public keys on P-256, as narrow as tokens and proofs need them.

pub(super) mod jws {
    use base64ct::{Base64UrlUnpadded, Encoding};
    use serde::de::DeserializeOwned;

    /// Longest JWS taken, in characters.
    const MAX_LENGTH: usize = 16 * 1024;

    /// Three parts, decoded, and what was signed.
    pub(in super::super) struct Compact<'a> {
        pub(in super::super) header: Vec<u8>,
        pub(in super::super) payload: Vec<u8>,
        pub(in super::super) signature: Vec<u8>,
        pub(in super::super) signed: &'a [u8],
    }

    /// Takes a compact JWS apart. Padding, white space, other alphabets and other forms are refused.
    pub(in super::super) fn split(jws: &str) -> Option<Compact<'_>> {
        if jws.len() > MAX_LENGTH {
            return None;
        }
        let (signed, signature) = jws.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let decode = |part: &str| Base64UrlUnpadded::decode_vec(part).ok();
        Some(Compact {
            header: decode(header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
            signed: signed.as_bytes(),
        })
    }

    pub(in super::super) fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
        serde_json::from_slice(json).ok()
    }

    pub(in super::super) fn base64url(bytes: &[u8]) -> String {
        Base64UrlUnpadded::encode_string(bytes)
    }
}

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// An uncompressed point (SEC 1 §2.3.3); whether it is on the curve is looked at with each signature.
#[derive(Clone)]
pub(super) struct PublicKey([u8; 65]);

impl PublicKey {
    /// Takes the members `x` and `y` of a JWK (RFC 7518 §6.2.1), base64url of 32 bytes each.
    pub(super) fn of_coordinates(x: &str, y: &str) -> Option<Self> {
        let decode = |part: &str| Base64UrlUnpadded::decode_vec(part).ok();
        let (x, y) = (decode(x)?, decode(y)?);
        let point = (x.len() == 32).then(|| [&[0x04], x.as_slice(), y.as_slice()].concat())?;
        Some(Self(point.try_into().ok()?))
    }

    /// The key's thumbprint (RFC 7638), base64url.
    pub(super) fn thumbprint(&self) -> String {
        let (x, y) = self.0.get(1..).unwrap_or_default().split_at(32);
        let (x, y) = (jws::base64url(x), jws::base64url(y));
        super::sha256(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes())
    }

    /// Whether this is a signature over a message by this key: ES256, `r‖s` (RFC 7518 §3.4).
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0);
        key.verify(message, signature).is_ok()
    }
}
