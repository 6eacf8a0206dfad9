//! What the device's key says of one request: a proof of possession (RFC 9449), and who the client is (RFC 7523).

use ring::digest;
use serde::Serialize;
use zeroize::Zeroizing;

use super::key::Jwk;
use super::{Signer, jws};
use crate::flow::{Method, Talk};
use crate::message::{Code, Failure};

/// Longest nonce taken from a server, characters.
const LONGEST_NONCE: usize = 256;
/// Life of a client assertion, seconds.
const LIFE: i64 = 120;

#[derive(Serialize)]
struct Header {
    typ: &'static str,
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwk: Option<Jwk>,
}

/// The request of which a proof speaks (RFC 9449 §4.2).
#[derive(Serialize)]
pub(super) struct Proof<'a> {
    jti: &'a str,
    htm: &'static str,
    htu: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
}

impl<'a> Proof<'a> {
    /// A proof for a request of this method to this address, without query and fragment; `id` is never used again.
    pub(super) fn new(id: &'a str, method: Method, address: &'a str, iat: i64) -> Self {
        Self { jti: id, htm: method.as_str(), htu: address, iat, nonce: None, ath: None }
    }

    /// With what the server gave to show that the proof is fresh (RFC 9449 §8).
    pub(super) fn with_nonce(self, nonce: Option<&'a str>) -> Self {
        Self { nonce, ..self }
    }

    /// For a request with this token.
    pub(super) fn with_token(self, token: Option<&str>) -> Self {
        let hash = |token: &str| digest::digest(&digest::SHA256, token.as_bytes());
        Self { ath: token.map(|token| jws::base64url(hash(token).as_ref())), ..self }
    }

    /// Has it signed.
    pub(super) async fn sign(&self, talk: &Talk, signer: &Signer) -> Result<String, Failure> {
        let jwk = Some(signer.public.jwk());
        let header = Header { typ: "dpop+jwt", alg: "ES256", jwk };
        signed(talk, signer, &header, self).await
    }
}

/// That the client itself asks a token service (`private_key_jwt`: RFC 7523 §3, OpenID Connect Core 1.0 §9).
#[derive(Serialize)]
pub(super) struct ClientAssertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

impl<'a> ClientAssertion<'a> {
    /// That of this client, for the service of this name; `id` is never used again.
    pub(super) fn new(client: &'a str, audience: &'a str, id: &'a str, iat: i64) -> Self {
        let exp = iat.saturating_add(LIFE);
        Self { iss: client, sub: client, aud: audience, jti: id, iat, exp }
    }

    /// Has it signed.
    pub(super) async fn sign(&self, talk: &Talk, signer: &Signer) -> Result<String, Failure> {
        let header = Header { typ: "client-authentication+jwt", alg: "ES256", jwk: None };
        signed(talk, signer, &header, self).await
    }
}

async fn signed(
    talk: &Talk,
    signer: &Signer,
    header: &Header,
    claims: &impl Serialize,
) -> Result<String, Failure> {
    let input = jws::signing_input(header, claims).ok_or(Code::InternalError)?;
    signer.jws(talk, Zeroizing::new(input)).await
}

/// Whether this can be a nonce (`1*NQCHAR`, RFC 9449 §8.1).
pub(super) fn is_nonce(text: &str) -> bool {
    let fits = |c: u8| c.is_ascii_graphic() && !matches!(c, b'"' | b'\\');
    (1..=LONGEST_NONCE).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_says_what_rfc_9449_wants_and_no_more() {
        // Figures 2 and 12 of RFC 9449; the token and its hash are those of §7.1.
        let proof = Proof::new(
            "-BwC3ESc6acc2lTc",
            Method::Post,
            "https://server.example.com/token",
            1_562_262_616,
        );
        let written = serde_json::to_value(&proof).unwrap();
        assert_eq!(
            written,
            serde_json::json!({"jti": "-BwC3ESc6acc2lTc", "htm": "POST",
                "htu": "https://server.example.com/token", "iat": 1_562_262_616})
        );
        let address = "https://resource.example.org/protectedresource";
        let proof = Proof::new("e1j3V_bKic8-LAEB", Method::Get, address, 1_562_262_618)
            .with_token(Some("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"))
            .with_nonce(Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"));
        let written = serde_json::to_value(&proof).unwrap();
        assert_eq!(written["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
        assert_eq!(written["nonce"], "eyJ7S_zG.eyJH0-Z.HX4w-7v");
    }

    #[test]
    fn a_nonce_is_one_word() {
        assert!(is_nonce("eyJ7S_zG.eyJH0-Z.HX4w-7v!") && is_nonce(&"a".repeat(LONGEST_NONCE)));
        for bad in ["", "a b", "a\"b", "a\\b", "a\r\nx: y", "あ", &"a".repeat(LONGEST_NONCE + 1)] {
            assert!(!is_nonce(bad), "{bad:?}");
        }
    }
}
