//! The card's assertion: one form of compact JWS (RFC 7515 §7.1, RS256 of RFC 7518 §3.3), nothing else.

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};

use super::Answers;
use super::bindings::Bindings;
use crate::base::jws::{Compact, read_exactly};
use crate::base::refusal::Refusal;
use crate::jlis::CertificateId;
use crate::sts::Sts;

/// An assertion that has the right shape; nothing of it is believed yet.
pub(crate) struct Assertion<'a> {
    pub(super) bindings: Bindings,
    /// SHA-256 of the challenge it answers, as it says.
    pub(crate) challenge: [u8; 32],
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

impl<'a> Assertion<'a> {
    pub(crate) fn read(jws: &'a str, answers: Answers) -> Result<Self, Refusal> {
        Self::split(jws, answers).ok_or(Refusal::AssertionMalformed)
    }

    fn split(jws: &'a str, answers: Answers) -> Option<Self> {
        let compact = Compact::split(jws)?;
        let header: Header = read_exactly(&compact.header)?;
        let bindings: Bindings = read_exactly(&compact.payload)?;
        let typ = match answers {
            Answers::Challenge => "kaigo-card-assertion+jwt",
            Answers::Ticket => "kaigo-offline-assertion+jwt",
        };
        if header.alg != "RS256" || header.typ != typ || !answers.fits(bindings.waited()) {
            return None;
        }
        Some(Self {
            challenge: bindings.challenge()?,
            leaf: Base64::decode_vec(&header.x5c[0]).ok()?,
            signed: compact.signed,
            signature: compact.signature,
            bindings,
        })
    }

    /// The certificate of the card that signed it, if all of it holds now.
    pub(crate) async fn judge(&self, sts: &Sts, now: i64) -> Result<CertificateId, Refusal> {
        sts.signer(&self.leaf, self.signed, &self.signature, now).await
    }
}
