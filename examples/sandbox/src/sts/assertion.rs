//! The card's assertion: one form of compact JWS (RFC 7515 §7.1, RS256 of RFC 7518 §3.3), nothing else.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use super::challenge::is_uuid;
use super::store::Challenge;
use crate::base::jws::{Compact, read_exactly};
use crate::base::refusal::Refusal;
use crate::jlis::Certificate;
use crate::staff::Member;

/// An assertion may be good for this long, in seconds.
const LONGEST_LIFETIME: i64 = 120;
/// How far a device's clock may be off, in seconds.
const SKEW: i64 = 60;

/// An assertion that has the right shape; nothing of it is believed yet.
pub(crate) struct Assertion<'a> {
    claims: Claims,
    /// SHA-256 of the challenge it answers, as it says.
    pub(crate) challenge: [u8; 32],
    /// The leaf certificate, DER.
    pub(crate) leaf: Vec<u8>,
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
    fac: String,
    pur: Vec<String>,
    act: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vis: Option<String>,
    vsl: Visual,
    sdk: String,
}

/// The key of the device that composed it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jkt: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Visual {
    r: String,
    b: String,
}

impl<'a> Assertion<'a> {
    pub(crate) fn read(jws: &'a str) -> Result<Self, Refusal> {
        Self::split(jws).ok_or(Refusal::AssertionMalformed)
    }

    fn split(jws: &'a str) -> Option<Self> {
        let compact = Compact::split(jws)?;
        let header: Header = read_exactly(&compact.header)?;
        let claims: Claims = read_exactly(&compact.payload)?;
        let well_formed = header.alg == "RS256"
            && header.typ == "kaigo-card-assertion+jwt"
            && is_uuid(&claims.jti)
            && claims.sdk.len() <= 64
            && claims.sdk.contains('/');
        if !well_formed {
            return None;
        }
        Some(Self {
            challenge: Base64UrlUnpadded::decode_vec(&claims.chl).ok()?.try_into().ok()?,
            leaf: Base64::decode_vec(&header.x5c[0]).ok()?,
            signed: compact.signed,
            signature: compact.signature,
            claims,
        })
    }

    /// Whether it says what the challenge, the staff token and the clock say.
    pub(crate) fn bound_to(
        &self,
        challenge: &Challenge,
        member: &Member,
        issuer: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        let claims = &self.claims;
        let may_begin = challenge.issued_at - SKEW..=now + SKEW;
        let may_end = claims.iat.saturating_add(1)..=claims.iat.saturating_add(LONGEST_LIFETIME);
        let visit = challenge.jkt.as_ref().map(|_| &challenge.visit_id);
        let bindings = [
            ("cnf", claims.cnf.as_ref().map(|cnf| &cnf.jkt) == challenge.jkt.as_ref()),
            ("vis", claims.vis.as_ref() == visit),
            ("aud", claims.aud == issuer),
            ("nonce", claims.nonce == challenge.nonce),
            ("fac", claims.fac == challenge.facility_id && claims.fac == member.facility_id),
            ("pur", claims.pur == challenge.purpose),
            ("act", claims.act == challenge.staff_id && claims.act == member.id),
            ("vsl", claims.vsl.r == "match" && claims.vsl.b == challenge.basis),
            ("iat", may_begin.contains(&claims.iat)),
            ("exp", may_end.contains(&claims.exp) && claims.exp > now - SKEW),
        ];
        match bindings.into_iter().find(|(_, holds)| !holds) {
            Some((field, _)) => Err(Refusal::BindingMismatch(field)),
            None => Ok(()),
        }
    }

    /// Whether the holder of a certificate signed it.
    pub(crate) fn signed_by(&self, leaf: &Certificate) -> Result<(), Refusal> {
        if leaf.signed(self.signed.as_bytes(), &self.signature) {
            Ok(())
        } else {
            Err(Refusal::SignatureInvalid)
        }
    }
}
