//! Public keys of others as JSON Web Keys (RFC 7517), read strictly, and their thumbprints (RFC 7638).

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::jws::{base64url, read_exactly, sha256};

/// Length of a coordinate on P-256, in bytes.
const COORDINATE: usize = 32;
/// Lengths of a modulus that is taken, in bytes: 2048 to 4096 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;

/// A key that can verify, and the one algorithm it verifies with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// ES256 (RFC 7518 §3.4): the coordinates of a point on P-256.
    P256 { x: [u8; COORDINATE], y: [u8; COORDINATE] },
    /// PS256 (RFC 7518 §3.5): modulus and exponent, big-endian, without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

/// What may be in a JWK here: with anything private it is none.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    kty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
}

impl PublicKey {
    /// The key of a JWK; `None` for a private or symmetric one, another curve, or anything that is not said the one way.
    pub(crate) fn read(jwk: &Value) -> Option<Self> {
        let members: Members = read_exactly(&serde_json::to_vec(jwk).ok()?)?;
        let key = match (members.kty.as_str(), members.crv.as_deref()) {
            ("EC", Some("P-256")) if members.n.is_none() && members.e.is_none() => {
                Self::P256 { x: coordinate(&members.x?)?, y: coordinate(&members.y?)? }
            }
            ("RSA", None) if members.x.is_none() && members.y.is_none() => {
                let (n, e) = (number(&members.n?)?, number(&members.e?)?);
                (MODULUS.contains(&n.len()) && e == [1, 0, 1]).then_some(Self::Rsa { n, e })?
            }
            _ => return None,
        };
        let fits = members.usage.is_none_or(|usage| usage == "sig")
            && members.alg.is_none_or(|alg| alg == key.algorithm());
        fits.then_some(key)
    }

    /// The `alg` of what it signs.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::P256 { .. } => "ES256",
            Self::Rsa { .. } => "PS256",
        }
    }

    /// Whether its holder signed these bytes.
    pub(crate) fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256 { .. } => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.point())
                .verify(bytes, signature)
                .is_ok(),
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PSS_2048_8192_SHA256, bytes, signature)
                .is_ok(),
        }
    }

    /// The uncompressed point (SEC 1 §2.3.3); nothing for RSA.
    pub(crate) fn point(&self) -> Vec<u8> {
        match self {
            Self::P256 { x, y } => [&[4][..], x, y].concat(),
            Self::Rsa { .. } => Vec::new(),
        }
    }

    /// Required members only (RFC 7638 §3.2), in the order that the thumbprint wants.
    fn canonical(&self) -> String {
        match self {
            Self::P256 { x, y } => {
                let (x, y) = (base64url(x), base64url(y));
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Rsa { n, e } => {
                let (n, e) = (base64url(n), base64url(e));
                format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)
            }
        }
    }

    /// SHA-256 thumbprint, base64url (RFC 7638): `jkt`.
    pub(crate) fn thumbprint(&self) -> String {
        base64url(&sha256(self.canonical().as_bytes()))
    }

    /// As a JWK of required members.
    pub(crate) fn jwk(&self) -> Value {
        serde_json::from_str(&self.canonical()).unwrap_or_else(|_| json!({}))
    }
}

fn coordinate(text: &str) -> Option<[u8; COORDINATE]> {
    Base64UrlUnpadded::decode_vec(text).ok()?.try_into().ok()
}

/// Base64urlUInt (RFC 7518 §2).
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
    bytes.first().is_some_and(|&first| first != 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7638 §3.1.
    const RSA: &str = r#"{ "kty": "RSA", "e": "AQAB", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw" }"#;
    /// The key of RFC 9449 §4.1.
    const EC: &str = r#"{ "kty": "EC", "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA" }"#;

    fn read(jwk: &str) -> Option<PublicKey> {
        PublicKey::read(&serde_json::from_str(jwk).unwrap())
    }

    #[test]
    fn thumbprints_are_those_of_the_rfcs() {
        let thumbprint = |jwk| read(jwk).unwrap().thumbprint();
        assert_eq!(thumbprint(RSA), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(thumbprint(EC), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        for jwk in [RSA, EC] {
            let key = read(jwk).unwrap();
            assert_eq!(PublicKey::read(&key.jwk()), Some(key));
        }
    }

    #[test]
    fn only_public_keys_that_are_said_the_one_way_are_read() {
        let with = |jwk: &str, member: &str| jwk.replacen('{', &format!("{{{member},"), 1);
        for jwk in [
            with(EC, r#""d":"AAAA""#),
            with(EC, r#""k":"AAAA""#),
            with(EC, r#""x5u":"https://evil.example""#),
            with(EC, r#""use":"enc""#),
            with(EC, r#""alg":"ES384""#),
            with(EC, r#""n":"AQ""#),
            with(RSA, r#""d":"AAAA""#),
            with(RSA, r#""alg":"RS256""#),
            with(RSA, r#""x":"AQ""#),
            EC.replace("P-256", "P-384"),
            EC.replace("EC", "OKP"),
            EC.replace("BhF42", "BhF4"),
            RSA.replace("AQAB", "Aw"),
            RSA.replace("0vx7", "AAAA0vx7"),
            r#"{ "kty": "oct", "k": "AAAA" }"#.to_owned(),
            "[]".to_owned(),
            "null".to_owned(),
        ] {
            assert_eq!(read(&jwk), None, "{jwk}");
        }
        assert!(read(&with(EC, r#""use":"sig","alg":"ES256","kid":"x""#)).is_some());
    }
}
