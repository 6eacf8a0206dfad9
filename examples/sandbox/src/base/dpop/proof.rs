//! A DPoP proof itself (RFC 9449 §4.2): what it must be, whoever gets it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::base::jwk::PublicKey;
use crate::base::jws::{Compact, base64url, read_exactly, sha256};

/// How far a device's clock may be off, in seconds. A phone's often is; what makes a proof fresh is the nonce.
const SKEW: i64 = 5 * 60;
/// Lengths of a `jti`: at least 96 random bits in base64url, and no more than is sensible.
const JTI: std::ops::RangeInclusive<usize> = 16..=128;

/// A proof that its key's holder signed; what for is yet to be judged.
pub(super) struct Proof {
    pub(super) key: PublicKey,
    claims: Claims,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    jwk: Value,
}

/// Further ones are allowed; none of these twice.
#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
    nonce: Option<String>,
}

/// What a proof must be for.
#[derive(Clone, Copy)]
pub(crate) struct Aim<'a> {
    /// The method of the request.
    pub(crate) method: &'a str,
    /// Its path, as this server names it.
    pub(crate) path: &'a str,
    /// The access token that the request shows.
    pub(crate) token: Option<&'a str>,
}

impl Proof {
    /// Checks 2 to 7 of RFC 9449 §4.3.
    pub(super) fn read(jws: &str) -> Option<Self> {
        let compact = Compact::split(jws)?;
        let header: Header = read_exactly(&compact.header)?;
        if header.typ != "dpop+jwt" || header.alg != "ES256" {
            return None;
        }
        let key = PublicKey::read(&header.jwk)?;
        // An object: a list of the same values would be read, too.
        if key.algorithm() != header.alg || compact.payload.first() != Some(&b'{') {
            return None;
        }
        let claims: Claims = serde_json::from_slice(&compact.payload).ok()?;
        let holds = JTI.contains(&claims.jti.len())
            && key.signed(compact.signed.as_bytes(), &compact.signature);
        holds.then_some(Self { key, claims })
    }

    /// Checks 8, 9, 11 and 12 of RFC 9449 §4.3.
    pub(super) fn fits(&self, issuer: &str, aim: Aim<'_>, now: i64) -> bool {
        let claims = &self.claims;
        let token = aim.token.map(|token| base64url(&sha256(token.as_bytes())));
        claims.htm == aim.method
            && address(&claims.htu).is_some_and(|htu| {
                address(&format!("{issuer}{}", aim.path)).is_some_and(|ours| htu == ours)
            })
            && (now.saturating_sub(SKEW)..=now.saturating_add(SKEW)).contains(&claims.iat)
            && (token.is_none() || claims.ath == token)
    }

    pub(super) fn nonce(&self) -> Option<&str> {
        self.claims.nonce.as_deref()
    }

    pub(super) fn jti(&self) -> &str {
        &self.claims.jti
    }
}

/// An address without query and fragment, in normal form (RFC 3986 §6.2.2 and §6.2.3).
fn address(text: &str) -> Option<Url> {
    // What a browser would mend is no address here.
    if text.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'\\') {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let mut address = Url::parse(text).ok()?;
    let plain = matches!(address.scheme(), "https" | "http")
        && scheme.len() == address.scheme().len()
        && !rest.starts_with('/')
        && address.username().is_empty()
        && address.password().is_none();
    address.set_query(None);
    address.set_fragment(None);
    plain.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 9449 §4.1 and §7.1.
    const TOKEN_REQUEST: &str = concat!(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZ",
        "OXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIs",
        "ImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVy",
        "LmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4Pt",
        "FLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    );
    const RESOURCE_REQUEST: &str = concat!(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZ",
        "OXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIs",
        "ImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJj",
        "ZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05y",
        "V0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6",
        "Fy1dqd-jfxSYoMxhAJpLjA"
    );
    const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        let proof = Proof::read(TOKEN_REQUEST).unwrap();
        assert_eq!(proof.key.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        let aim = Aim { method: "POST", path: "/token", token: None };
        assert!(proof.fits("https://server.example.com", aim, 1_562_262_616));
        assert!(!proof.fits("https://server.example.org", aim, 1_562_262_616));

        let proof = Proof::read(RESOURCE_REQUEST).unwrap();
        let fits = |token| {
            let aim = Aim { method: "GET", path: "/protectedresource", token };
            proof.fits("https://resource.example.org", aim, 1_562_262_618)
        };
        assert!(fits(Some(TOKEN)) && fits(None) && !fits(Some("another")));
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        let ours = address("https://a.example/v1/token");
        assert!(ours.is_some());
        for same in [
            "HTTPS://A.Example/v1/token",
            "https://a.example:443/v1/token",
            "https://a.example/v1/token?x=1",
            "https://a.example/v1/token#x",
            "https://a.example/v1/./token",
        ] {
            assert_eq!(address(same), ours, "{same}");
        }
        for other in [
            "https://a.example/v1/Token",
            "https://a.example/v1/token/",
            "https://a.example:8443/v1/token",
            "http://a.example/v1/token",
            "https://b.example/v1/token",
            "https://x@a.example/v1/token",
            "https:/a.example/v1/token",
            "https:///a.example/v1/token",
            "https:a.example/v1/token",
            "https://a.example\\v1/token",
            " https://a.example/v1/token",
            "https://a.example/v1/to\tken",
            "/v1/token",
            "",
        ] {
            assert_ne!(address(other), ours, "{other}");
        }
    }
}
