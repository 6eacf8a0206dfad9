//! Public keys on P-256, as the platform names them.

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::digest;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::Serialize;

use super::{curve, jws};

/// A point on P-256 that was checked to be one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// Uncompressed (SEC 1 §2.3.3).
    pub(crate) point: [u8; 65],
}

/// A key as JSON has it (RFC 7518 §6.2.1), its members in the order of RFC 7638 §3.
#[derive(Serialize)]
pub(crate) struct Jwk {
    crv: &'static str,
    kty: &'static str,
    x: String,
    y: String,
}

impl PublicKey {
    /// Takes an uncompressed point, 65 bytes; `None` for what is none.
    pub(crate) fn of_point(point: &[u8]) -> Option<Self> {
        let point = <[u8; 65]>::try_from(point).ok()?;
        let (first, coordinates) = point.split_first()?;
        let (x, y) = coordinates.split_at(32);
        (*first == 0x04 && curve::is_on_p256(x, y)).then_some(Self { point })
    }

    /// Takes the members `x` and `y` of a JWK (RFC 7518 §6.2.1), base64url of 32 bytes each.
    pub(crate) fn of_coordinates(x: &str, y: &str) -> Option<Self> {
        let decode = |part: &str| Base64UrlUnpadded::decode_vec(part).ok();
        let (x, y) = (decode(x)?, decode(y)?);
        if x.len() != 32 {
            return None;
        }
        Self::of_point(&[&[0x04], x.as_slice(), y.as_slice()].concat())
    }

    /// As JSON has it.
    pub(crate) fn jwk(&self) -> Jwk {
        let (x, y) = self.coordinates();
        Jwk { crv: "P-256", kty: "EC", x, y }
    }

    /// The members `x` and `y` of a JWK, base64url.
    pub(crate) fn coordinates(&self) -> (String, String) {
        let (x, y) = self.point.get(1..).unwrap_or_default().split_at(32);
        (jws::base64url(x), jws::base64url(y))
    }

    /// The key's thumbprint (RFC 7638), base64url.
    pub(crate) fn thumbprint(&self) -> String {
        let Jwk { crv, kty, x, y } = self.jwk();
        // RFC 7638 §3: the required members in this order, without spaces.
        let canonical = format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#);
        jws::base64url(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
    }

    /// Whether this is a signature over a message by this key: ES256, `r‖s` (RFC 7518 §3.4).
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.point);
        key.verify(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_that_of_rfc_7638() {
        for (x, y, thumbprint) in [
            // The key of the examples of RFC 9449, and its thumbprint in §6.1.
            (
                "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
                "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
                "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
            ),
            // Computed with OpenSSL's SHA-256 over the canonical JSON (§3.1) of the key of RFC 7515 appendix A.3.
            (
                "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
            ),
        ] {
            let key = PublicKey::of_coordinates(x, y).unwrap();
            assert_eq!(key.thumbprint(), thumbprint);
            let jwk = serde_json::to_string(&key.jwk()).unwrap();
            assert_eq!(jwk, format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#));
            assert!(PublicKey::of_point(&key.point).unwrap() == key);
        }
    }

    #[test]
    fn what_is_no_point_is_no_key() {
        let x = "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
        let zeros = jws::base64url(&[0; 32]);
        for (x, y) in [("AA", "AA"), (&*zeros, &*zeros), (x, x), (x, ""), ("", x), (x, "!")] {
            assert!(PublicKey::of_coordinates(x, y).is_none(), "{x} {y}");
        }
        for point in [&[0x04; 65][..], &[0x02; 33], &[], &[0; 65]] {
            assert!(PublicKey::of_point(point).is_none());
        }
    }
}
