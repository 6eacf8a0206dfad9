//! The evidence of a tap without PIN: what the card showed and signed, and the device's signature over all of it.
//!
//! No key links the two applications of a card, so the live signature is made over what both of them showed: challenge,
//! authentication certificate and age record.

use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use super::assertion::Bindings;
use super::{Challenge, Device, Expected, VisualCheck, sha256};
use crate::flow::Talk;
use crate::message::{Code, Failure};
use crate::platform::jws;

/// What the card's live signature begins with: it is for this and for nothing else.
const CONTEXT: &[u8] = b"kaigo-tap\0";

/// What the card signs by internal authentication: all of it has to be there in one tap.
pub(crate) fn to_sign(challenge: &Challenge, certificate: &[u8], age: &[u8]) -> Zeroizing<Vec<u8>> {
    let parts = [CONTEXT, &challenge.digest, &sha256(certificate), &sha256(age)];
    Zeroizing::new(parts.concat())
}

/// What a card showed and signed in one tap, as it came.
pub(crate) struct Shown<'a> {
    /// The authentication certificate, DER.
    pub(crate) certificate: &'a [u8],
    /// The card-verifiable certificate of the face application.
    pub(crate) card_certificate: &'a [u8],
    /// The age record.
    pub(crate) age: &'a [u8],
    /// SHA-256 of what was signed.
    pub(crate) digest: [u8; 32],
    /// The signature over it.
    pub(crate) signature: &'a [u8],
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Payload<'a> {
    #[serde(flatten)]
    bindings: Bindings<'a>,
    auth_cert: Zeroizing<String>,
    ia: InternalAuthentication,
}

/// 内部認証
#[derive(Serialize)]
struct InternalAuthentication {
    cvc: String,
    age: Zeroizing<String>,
    dig: String,
    sig: String,
}

/// Evidence of a tap that wants the device's signature. It can only be made for a verified challenge.
pub(crate) struct Unsigned(Zeroizing<String>);

/// Evidence of a tap with the device's signature, in compact form. Holds certificate and date of birth: never shown.
pub(crate) struct TapEvidence(Zeroizing<String>);

impl Unsigned {
    /// Composes the evidence that answers this challenge.
    pub(crate) fn compose(
        challenge: &Challenge,
        expected: &Expected<'_>,
        shown: &Shown<'_>,
        check: VisualCheck,
        id: &str,
        server_time: Timestamp,
    ) -> Result<Self, Failure> {
        let kid = expected.device.thumbprint();
        let typ = match challenge.waits_as {
            Some(_) => "kaigo-offline-tap+jwt",
            None => "kaigo-tap-evidence+jwt",
        };
        let header = Header { alg: "ES256", typ, kid };
        let payload = Payload {
            bindings: Bindings::new(challenge, expected, check, id, server_time),
            auth_cert: Zeroizing::new(jws::base64url(shown.certificate)),
            ia: InternalAuthentication {
                cvc: jws::base64url(shown.card_certificate),
                age: Zeroizing::new(jws::base64url(shown.age)),
                dig: jws::base64url(&shown.digest),
                sig: jws::base64url(shown.signature),
            },
        };
        let input = jws::signing_input(&header, &payload).ok_or(Code::InternalError)?;
        Ok(Self(Zeroizing::new(input)))
    }

    /// Has the device sign it. The card has been let go.
    pub(crate) async fn signed(self, talk: &Talk, device: &Device) -> Result<TapEvidence, Failure> {
        let signature = device.signer().sign(talk, self.0.as_bytes().to_vec()).await?;
        let signed = format!("{}.{}", *self.0, jws::base64url(&signature));
        Ok(TapEvidence(Zeroizing::new(signed)))
    }
}

impl TapEvidence {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
