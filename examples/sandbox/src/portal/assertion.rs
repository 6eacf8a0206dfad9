//! What a person's card has signed to come in: of another type than what it signs at a visit, so that neither is ever taken
//! for the other.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use super::Portal;
use super::store::Challenge;
use crate::base::jws::{Compact, read_exactly};
use crate::base::refusal::Refusal;
use crate::sts::is_uuid;

const TYP: &str = "kaigo-portal-assertion+jwt";
/// It may be good for this long, in seconds.
const LONGEST_LIFETIME: i64 = 120;
/// How far the clock of a person's device may be off, in seconds.
const SKEW: i64 = 60;

/// An assertion that has the right shape; nothing of it is believed yet.
pub(super) struct Assertion<'a> {
    claims: Claims,
    /// SHA-256 of the challenge it answers, as it says.
    pub(super) challenge: Vec<u8>,
    /// The leaf certificate, DER.
    leaf: Vec<u8>,
    signed: &'a str,
    signature: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    x5c: [String; 1],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    aud: String,
    nonce: String,
    jti: String,
    iat: i64,
    exp: i64,
    chl: String,
    cnf: Confirmation,
    sdk: String,
}

/// The key of the device that composed it (RFC 7800 §3.1).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jkt: String,
}

impl<'a> Assertion<'a> {
    pub(super) fn read(jws: &'a str) -> Result<Self, Refusal> {
        Self::split(jws).ok_or(Refusal::AssertionMalformed)
    }

    fn split(jws: &'a str) -> Option<Self> {
        let compact = Compact::split(jws)?;
        let header: Header = read_exactly(&compact.header)?;
        let claims: Claims = read_exactly(&compact.payload)?;
        let well_formed = header.alg == "RS256"
            && header.typ == TYP
            && is_uuid(&claims.jti)
            && claims.sdk.len() <= 64
            && claims.sdk.contains('/');
        well_formed.then_some(())?;
        Some(Self {
            challenge: Base64UrlUnpadded::decode_vec(&claims.chl).ok()?,
            leaf: Base64::decode_vec(&header.x5c[0]).ok()?,
            signed: compact.signed,
            signature: compact.signature,
            claims,
        })
    }

    /// Whether it says what the challenge, the key of whoever sends it and the clock say.
    pub(super) fn bound_to(
        &self,
        challenge: &Challenge,
        jkt: &str,
        issuer: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        let claims = &self.claims;
        let may_begin = challenge.issued_at - SKEW..=now + SKEW;
        let may_end = claims.iat.saturating_add(1)..=claims.iat.saturating_add(LONGEST_LIFETIME);
        let bindings = [
            ("cnf", claims.cnf.jkt == challenge.jkt && claims.cnf.jkt == jkt),
            ("aud", claims.aud == issuer),
            ("nonce", claims.nonce == challenge.nonce),
            ("iat", may_begin.contains(&claims.iat)),
            ("exp", may_end.contains(&claims.exp) && claims.exp > now - SKEW),
        ];
        match bindings.into_iter().find(|(_, holds)| !holds) {
            Some((field, _)) => Err(Refusal::BindingMismatch(field)),
            None => Ok(()),
        }
    }

    /// The PMH-ID of the person whose card signed it, if all of it holds now.
    pub(super) async fn judge(&self, portal: &Portal, now: i64) -> Result<String, Refusal> {
        let Self { leaf, signed, signature, .. } = self;
        let certificate = portal.sts.signer(leaf, signed, signature, now).await?;
        portal.sts.person(&certificate).await
    }
}
