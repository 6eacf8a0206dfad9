//! The card's assertion: bytes that the core composes, of which the challenge decides only the nonce.

use base64ct::{Base64, Encoding};
use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{Challenge, Expected, Use, VisualCheck, numeric_date, sha256};
use crate::message::{Code, Failure};
use crate::pki::Certificate;
use crate::platform::jws;

/// Life of an assertion in seconds.
pub(super) const LIFE: i64 = 120;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    x5c: [&'a str; 1],
}

/// What every piece of evidence says that answers a challenge: to what it is bound.
#[derive(Serialize)]
pub(super) struct Bindings<'a> {
    aud: &'a str,
    nonce: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
    chl: &'a str,
    cnf: Bound<'a>,
    fac: &'a str,
    pur: &'a [Use],
    act: &'a str,
    vsl: Visual<'a>,
    vis: &'a str,
    sdk: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<Waits>,
}

/// What evidence says that waits to be sent: as which entry, and when the nurse looked.
#[derive(Serialize)]
pub(super) struct Waits {
    seq: u64,
    checked_at: i64,
}

impl Waits {
    /// Of an answer to a ticket; `None` of one to a challenge that is answered at once.
    pub(super) fn of(challenge: &Challenge, check: VisualCheck) -> Option<Self> {
        let checked_at = numeric_date(check.checked_at);
        challenge.waits_as.map(|seq| Self { seq, checked_at })
    }
}

/// Until when evidence is good that is made now: what waits, as long as its ticket.
pub(super) fn good_until(challenge: &Challenge, now: i64) -> i64 {
    match challenge.waits_as {
        Some(_) => numeric_date(challenge.expires()),
        None => now.saturating_add(LIFE),
    }
}

impl<'a> Bindings<'a> {
    /// Of the evidence of this name that answers a challenge now.
    pub(super) fn new(
        challenge: &'a Challenge,
        expected: &Expected<'a>,
        check: VisualCheck,
        id: &'a str,
        server_time: Timestamp,
    ) -> Self {
        let iat = numeric_date(server_time);
        Self {
            aud: expected.issuer,
            nonce: &challenge.nonce,
            jti: id,
            iat,
            exp: good_until(challenge, iat),
            chl: &challenge.hash,
            cnf: Bound { jkt: expected.device.thumbprint() },
            fac: expected.facility().as_str(),
            pur: expected.uses,
            act: expected.member.as_str(),
            vsl: Visual { r: VisualCheck::RESULT, b: check.basis.code() },
            vis: expected.visit,
            sdk: concat!(env!("CARGO_PKG_VERSION"), "/rust"),
            off: Waits::of(challenge, check),
        }
    }
}

/// The key of the device that may exchange it (RFC 7800 §3.1, RFC 9449 §6.1).
#[derive(Serialize)]
pub(super) struct Bound<'a> {
    pub(super) jkt: &'a str,
}

#[derive(Serialize)]
pub(super) struct Visual<'a> {
    pub(super) r: &'a str,
    pub(super) b: &'a str,
}

/// An assertion that wants its signature (RFC 7515 §5.1). It can only be made for a verified challenge.
pub(crate) struct Unsigned(Zeroizing<String>);

/// An assertion with the card's signature, in compact form. Holds the certificate: never shown.
pub(crate) struct Assertion(Zeroizing<String>);

impl Unsigned {
    /// Composes the assertion that answers this challenge.
    pub(crate) fn compose(
        challenge: &Challenge,
        expected: &Expected<'_>,
        certificate: &Certificate,
        check: VisualCheck,
        id: &str,
        server_time: Timestamp,
    ) -> Result<Self, Failure> {
        let payload = Bindings::new(challenge, expected, check, id, server_time);
        let typ = match challenge.waits_as {
            Some(_) => "kaigo-offline-assertion+jwt",
            None => "kaigo-card-assertion+jwt",
        };
        Self::of(typ, certificate, &payload)
    }

    /// An assertion of this type, with these claims.
    pub(crate) fn of(
        typ: &str,
        certificate: &Certificate,
        payload: &impl Serialize,
    ) -> Result<Self, Failure> {
        let leaf = Zeroizing::new(Base64::encode_string(certificate.der()));
        let header = Header { alg: "RS256", typ, x5c: [&leaf] };
        let input = jws::signing_input(&header, payload).ok_or(Code::InternalError)?;
        Ok(Self(Zeroizing::new(input)))
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// What the card signs.
    pub(crate) fn digest(&self) -> [u8; 32] {
        sha256(self.0.as_bytes())
    }

    /// Joins the card's signature, if it is one by the key of this certificate.
    pub(crate) fn signed(
        self,
        signature: &[u8],
        certificate: &Certificate,
    ) -> Result<Assertion, Failure> {
        if !certificate.verifies(self.0.as_bytes(), signature) {
            return Err(Failure::new(Code::CardAnswerInvalid)
                .with_detail("the card's signature is not its certificate's"));
        }
        Ok(Assertion(Zeroizing::new(format!("{}.{}", *self.0, jws::base64url(signature)))))
    }
}

impl Assertion {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
