//! The proof that a request's sender holds a key (RFC 9449 §4), with the checks of §4.3.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::address::Address;
use super::{object, sha256};
use crate::platform::{PublicKey, jws};

/// Lengths of a `jti`: at least 96 random bits in base64url, and no more than is sensible.
const ID: std::ops::RangeInclusive<usize> = 16..=128;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    jwk: Key,
}

/// With anything private it is no public key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    kty: String,
    crv: String,
    x: String,
    y: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    #[serde(rename = "kid")]
    _kid: Option<String>,
}

/// Further ones are allowed; none of these twice.
#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: String,
    nonce: Option<String>,
}

/// A proof that the holder of a key signed; what for is yet to be judged.
pub(super) struct Proof {
    /// The key's thumbprint (RFC 7638).
    key: String,
    claims: Claims,
}

impl Proof {
    /// Checks 2 to 7.
    pub(super) fn read(text: &str) -> Option<Self> {
        let parts = jws::split(text)?;
        let header: Header = object(&parts.header)?;
        if header.typ != "dpop+jwt" || header.alg != "ES256" {
            return None;
        }
        let Key { kty, crv, x, y, usage, alg, .. } = header.jwk;
        let fits = kty == "EC"
            && crv == "P-256"
            && usage.is_none_or(|usage| usage == "sig")
            && alg.is_none_or(|alg| alg == "ES256");
        let key = fits.then(|| PublicKey::of_coordinates(&x, &y))??;
        let claims: Claims = object(&parts.payload)?;
        let holds = ID.contains(&claims.jti.len()) && key.verifies(parts.signed, &parts.signature);
        holds.then(|| Self { key: key.thumbprint(), claims })
    }

    /// Thumbprint of the key that signed it, to which the token has to be bound (check 12b).
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Whether it is for a request of this method (check 8) to this address (check 9).
    pub(super) fn is_for(&self, method: &str, address: &Address) -> bool {
        self.claims.htm == method && Address::read(&self.claims.htu).as_ref() == Some(address)
    }

    /// Whether it is for a request with this token (check 12a).
    pub(super) fn is_with(&self, token: &str) -> bool {
        self.claims.ath == sha256(token.as_bytes())
    }

    /// Whether it was made now, give or take (check 11).
    pub(super) fn is_of(&self, now: Timestamp, skew: SignedDuration) -> bool {
        Timestamp::from_second(self.claims.iat)
            .is_ok_and(|made| now.duration_since(made).abs() <= skew)
    }

    /// The server's nonce that it was made with (check 10).
    pub(super) fn nonce(&self) -> Option<&str> {
        self.claims.nonce.as_deref()
    }

    /// What no other proof by this key has.
    pub(super) fn id(&self) -> &str {
        &self.claims.jti
    }
}
