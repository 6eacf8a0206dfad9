//! The evidence of a tap without PIN (かざし利用, 公的個人認証法 Art. 38-4): what a card showed and signed, in a JWS that the
//! device signed (ES256).
//!
//! No key links the two applications of a card. What links certificate and face here is one tap, for which the live
//! signature vouches, and the date of birth, which has to be that of the person to whom the certificate leads.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use super::Answers;
use super::bindings::Bindings;
use super::card_record::AgeRecord;
use crate::base::jws::{Compact, read_exactly, sha256};
use crate::base::refusal::Refusal;
use crate::jlis::Judged;
use crate::sts::Sts;
use crate::sts::caller::Caller;
use crate::sts::store::Challenge;

/// What the card's live signature begins with.
const CONTEXT: &[u8] = b"kaigo-tap\0";
/// Bytes of the card's signature.
const SIGNATURE: usize = 256;

/// Evidence of a tap that has the right shape; nothing of it is believed yet.
pub(crate) struct Tap<'a> {
    pub(super) bindings: Bindings,
    /// SHA-256 of the challenge it answers, as it says.
    pub(crate) challenge: [u8; 32],
    /// Thumbprint of the key that is said to have signed it.
    kid: String,
    /// The authentication certificate, DER.
    leaf: Vec<u8>,
    card_certificate: Vec<u8>,
    age: Vec<u8>,
    digest: Vec<u8>,
    live: Vec<u8>,
    signed: &'a str,
    signature: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// What is unknown, or stands twice, does not survive [`read_exactly`].
#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(flatten)]
    bindings: Bindings,
    auth_cert: String,
    ia: InternalAuthentication,
}

/// 内部認証
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InternalAuthentication {
    cvc: String,
    age: String,
    dig: String,
    sig: String,
}

impl<'a> Tap<'a> {
    pub(crate) fn read(jws: &'a str, answers: Answers) -> Result<Self, Refusal> {
        Self::split(jws, answers).ok_or(Refusal::AssertionMalformed)
    }

    fn split(jws: &'a str, answers: Answers) -> Option<Self> {
        let compact = Compact::split(jws)?;
        let header: Header = read_exactly(&compact.header)?;
        let Claims { bindings, auth_cert, ia } = read_exactly(&compact.payload)?;
        let typ = match answers {
            Answers::Challenge => "kaigo-tap-evidence+jwt",
            Answers::Ticket => "kaigo-offline-tap+jwt",
        };
        if header.alg != "ES256" || header.typ != typ || !answers.fits(bindings.waited()) {
            return None;
        }
        let decode = |part: &str| Base64UrlUnpadded::decode_vec(part).ok();
        Some(Self {
            challenge: bindings.challenge()?,
            kid: header.kid,
            leaf: decode(&auth_cert)?,
            card_certificate: decode(&ia.cvc)?,
            age: decode(&ia.age)?,
            digest: decode(&ia.dig)?,
            live: decode(&ia.sig).filter(|signature| signature.len() == SIGNATURE)?,
            signed: compact.signed,
            signature: compact.signature,
            bindings,
        })
    }

    /// The PMH-ID of the person who was tapped, if all of it holds now: what the device signed, the certificate, what the
    /// card's face says and signed, and that this is whom it should be and was confirmed with card and PIN before.
    pub(crate) async fn judge(
        &self,
        sts: &Sts,
        challenge: &Challenge,
        caller: &Caller,
        now: i64,
    ) -> Result<String, Refusal> {
        let key = &caller.device.key;
        if self.kid != caller.jkt {
            return Err(Refusal::BindingMismatch("cnf"));
        }
        if !key.signed(self.signed.as_bytes(), &self.signature) {
            return Err(Refusal::SignatureInvalid);
        }
        let Judged { id, .. } = sts.jlis.judge(&self.leaf, now).await?;
        let record = AgeRecord::certified(&sts.card_faces, &self.card_certificate, &self.age)?;
        let message = self.message();
        if self.digest != sha256(&message) {
            return Err(Refusal::BindingMismatch("dig"));
        }
        record.was_here(&message, &self.live)?;

        let pmh_id = sts.person(&id).await?;
        if challenge.subject.as_ref() != Some(&sts.subject(&pmh_id, &challenge.facility_id)) {
            return Err(Refusal::BindingMismatch("subject"));
        }
        let on_file = sts.kiban.birth_date(&pmh_id).await?;
        if on_file.as_deref().map(str::as_bytes) != Some(record.birth()) {
            return Err(Refusal::DobMismatch);
        }
        follows(sts.challenges().was_confirmed_with_pin(&pmh_id).await?)?;
        Ok(pmh_id)
    }

    /// What the card was asked to sign: challenge, certificate and record in one.
    fn message(&self) -> Vec<u8> {
        let parts = [CONTEXT, &self.challenge, &sha256(&self.leaf), &sha256(&self.age)];
        parts.concat()
    }
}

/// Whether a tap without PIN counts: only after a card with PIN.
fn follows(earlier_pin: bool) -> Result<(), Refusal> {
    if earlier_pin { Ok(()) } else { Err(Refusal::FirstPinRequired) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_tap_counts_when_the_vectors_say_so() {
        let vectors = include_str!("../../../../../tests/vectors/rules/tap.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        for case in cases {
            let earlier = case["facts"]["earlier_pin"].as_bool().unwrap();
            let decision = follows(earlier).map_or_else(Refusal::code, |()| "allowed");
            assert_eq!(decision, case["decision"], "{}", case["name"]);
        }
        assert_eq!(cases.len(), 2);
    }
}
