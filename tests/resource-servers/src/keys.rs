//! Keys on P-256, and what is signed with them.

use std::error::Error;

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

/// A key that signs with ES256.
pub(crate) struct Key(EcdsaKeyPair);

impl Key {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| "no key")?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random);
        Ok(Self(key.map_err(|_| "no key")?))
    }

    /// The public key as JSON has it (RFC 7518 §6.2.1).
    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
    }

    /// Its thumbprint (RFC 7638).
    pub(crate) fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let canonical =
            format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        sha256(canonical.as_bytes())
    }

    /// A JWS in compact form over exactly this.
    pub(crate) fn sign(&self, header: &Value, payload: &Value) -> String {
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.map(|made| base64url(made.as_ref())).unwrap_or_default();
        format!("{signed}.{signature}")
    }
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// SHA-256, base64url.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    base64url(digest(&SHA256, bytes).as_ref())
}
