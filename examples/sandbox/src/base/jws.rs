//! JSON Web Signatures in compact form (RFC 7515 §7.1), read strictly, and the platform's own ES256 keys.

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use ring::{digest, error::Unspecified};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// No JWS of this exchange comes near this many characters.
const LONGEST: usize = 16 * 1024;

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Unpadded base64url.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// The three parts of a compact JWS, decoded but not yet believed.
pub(crate) struct Compact<'a> {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    /// The characters that were signed.
    pub(crate) signed: &'a str,
}

impl<'a> Compact<'a> {
    /// `None` unless these are three parts, none empty, in canonical, unpadded base64url and nothing else.
    pub(crate) fn split(jws: &'a str) -> Option<Self> {
        if jws.len() > LONGEST {
            return None;
        }
        let (signed, signature) = jws.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let decode = |part: &str| {
            let bytes = Base64UrlUnpadded::decode_vec(part).ok()?;
            (!bytes.is_empty()).then_some(bytes)
        };
        Some(Self {
            header: decode(header)?,
            payload: decode(payload)?,
            signature: decode(signature)?,
            signed,
        })
    }
}

/// Reads JSON that says exactly what `T` says, once.
///
/// `T` refuses unknown members, and with that every repeated one. Writing what was read must give the same
/// value again: this refuses the array that serde would take in place of an object.
pub(crate) fn read_exactly<T: DeserializeOwned + Serialize>(json: &[u8]) -> Option<T> {
    let read: T = serde_json::from_slice(json).ok()?;
    let value: Value = serde_json::from_slice(json).ok()?;
    (serde_json::to_value(&read).ok()? == value).then_some(read)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// An ES256 key of the platform (RFC 7518 §3.4).
pub(crate) struct SigningKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    kid: String,
}

impl SigningKey {
    /// A new key in PKCS#8.
    pub(crate) fn generate() -> Result<Vec<u8>, Unspecified> {
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map(|document| document.as_ref().to_vec())
    }

    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, Unspecified> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random)
            .map_err(|_| Unspecified)?;
        let (x, y) = coordinates(&pair);
        // RFC 7638 §3: required members only, in this order.
        let thumbprint =
            sha256(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes());
        Ok(Self { kid: base64url(&thumbprint), pair, random })
    }

    /// The public half (RFC 7517).
    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = coordinates(&self.pair);
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y,
                "use": "sig", "alg": "ES256", "kid": self.kid })
    }

    /// A compact JWS over a payload.
    pub(crate) fn sign(&self, typ: &str, payload: &impl Serialize) -> Result<String, Unspecified> {
        self.sign_as(&self.kid, typ, payload)
    }

    /// As [`Self::sign`], under a key id that may be another key's.
    pub(crate) fn sign_as(
        &self,
        kid: &str,
        typ: &str,
        payload: &impl Serialize,
    ) -> Result<String, Unspecified> {
        let header = json!({ "alg": "ES256", "typ": typ, "kid": kid }).to_string();
        let payload = serde_json::to_vec(payload).map_err(|_| Unspecified)?;
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(&payload));
        let signature = self.pair.sign(&self.random, signed.as_bytes())?;
        Ok(format!("{signed}.{}", base64url(signature.as_ref())))
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// What this key signed as this type, or `None` for anything else.
    pub(crate) fn open<T: DeserializeOwned + Serialize>(&self, typ: &str, jws: &str) -> Option<T> {
        let compact = Compact::split(jws)?;
        let header: Header = read_exactly(&compact.header)?;
        if header.alg != "ES256" || header.typ != typ || header.kid != self.kid {
            return None;
        }
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key())
            .verify(compact.signed.as_bytes(), &compact.signature)
            .ok()?;
        read_exactly(&compact.payload)
    }
}

/// The coordinates of the public point, from its uncompressed form (SEC 1 §2.3.3).
fn coordinates(pair: &EcdsaKeyPair) -> (String, String) {
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    (base64url(x), base64url(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_what_it_signed_as_this_type() {
        let key = || SigningKey::from_pkcs8(&SigningKey::generate().unwrap()).unwrap();
        let (ours, other) = (key(), key());
        let open = |jws: &str| ours.open::<Vec<u8>>("at+jwt", jws);
        assert_eq!(open(&ours.sign("at+jwt", &[7]).unwrap()), Some(vec![7]));
        assert_eq!(open(&ours.sign("kaigo-challenge+jwt", &[7]).unwrap()), None);
        assert_eq!(open(&ours.sign_as(other.kid(), "at+jwt", &[7]).unwrap()), None);
        assert_eq!(open(&other.sign_as(ours.kid(), "at+jwt", &[7]).unwrap()), None);
    }
}
