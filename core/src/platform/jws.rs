//! JWS in compact form (RFC 7515 §7.1), as narrow as the exchange needs it.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest JWS taken from a server, in characters.
const MAX_LENGTH: usize = 16 * 1024;

/// Three parts, decoded, and what was signed.
pub(crate) struct Compact<'a> {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) signed: &'a [u8],
}

/// Takes a compact JWS apart. Padding, white space, other alphabets and other forms are refused.
pub(crate) fn split(jws: &str) -> Option<Compact<'_>> {
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

/// Reads a JSON object. A type that denies unknown fields also denies a member that stands twice.
pub(crate) fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json).ok()
}

/// What is to be signed: `base64url(header) "." base64url(payload)`.
pub(crate) fn signing_input(header: &impl Serialize, payload: &impl Serialize) -> Option<String> {
    let part = |json: Vec<u8>| Base64UrlUnpadded::encode_string(&json);
    Some(format!(
        "{}.{}",
        part(serde_json::to_vec(header).ok()?),
        part(serde_json::to_vec(payload).ok()?)
    ))
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
