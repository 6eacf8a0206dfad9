//! What a nurse states of a person without a card: the attributes on the paper certificate (4情報), or, where a disaster is
//! declared, less of them. There is no challenge, because nothing could sign one: the device signs, and each counts once.

use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use super::assertion::{Bound, LIFE, Visual, Waits, good_until};
use super::{Challenge, Expected, Use, VisualCheck, Way, numeric_date};
use crate::flow::Talk;
use crate::message::{Code, Failure};
use crate::platform::jws;

/// Whom the nurse means, in the forms in which the platform compares them.
pub(crate) struct Stated<'a> {
    /// Insurer number and insured number; only in a disaster may nobody know them.
    pub(crate) numbers: Option<(&'a str, &'a str)>,
    /// Name in kana.
    pub(crate) name: &'a str,
    /// Date of birth: `YYYY-MM-DD`, with `00` for what is unknown.
    pub(crate) birth_date: &'a str,
    /// `male` or `female`.
    pub(crate) sex: &'a str,
    /// What the nurse compared the person with, and when.
    pub(crate) check: VisualCheck,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Payload<'a> {
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
    cnf: Bound<'a>,
    fac: &'a str,
    pur: &'a [Use],
    act: &'a str,
    vis: &'a str,
    vsl: Visual<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ins: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num: Option<&'a str>,
    kana: &'a str,
    dob: &'a str,
    sex: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chl: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<Waits>,
}

/// A statement with the device's signature, in compact form. Names a person: never shown.
pub(crate) struct Statement {
    jws: Zeroizing<String>,
    disaster: bool,
}

impl Statement {
    /// States this, and has the device sign it. `now` is this device's time, where nobody has told it another; what is to
    /// wait answers a ticket.
    pub(crate) async fn sign(
        talk: &Talk,
        expected: &Expected<'_>,
        ticket: Option<&Challenge>,
        stated: &Stated<'_>,
        id: &str,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let disaster = expected.way == Way::Disaster;
        let typ = match ticket {
            Some(_) => "kaigo-offline-four-attributes+jwt",
            None if disaster => "kaigo-disaster+jwt",
            None => "kaigo-four-attributes+jwt",
        };
        let kid = expected.device.thumbprint();
        let iat = numeric_date(now);
        let payload = Payload {
            aud: expected.issuer,
            jti: id,
            iat,
            exp: ticket.map_or(iat.saturating_add(LIFE), |ticket| good_until(ticket, iat)),
            cnf: Bound { jkt: kid },
            fac: expected.facility().as_str(),
            pur: expected.uses,
            act: expected.member.as_str(),
            vis: expected.visit,
            vsl: Visual { r: VisualCheck::RESULT, b: stated.check.basis.code() },
            ins: stated.numbers.map(|(insurer, _)| insurer),
            num: stated.numbers.map(|(_, insured)| insured),
            kana: stated.name,
            dob: stated.birth_date,
            sex: stated.sex,
            nonce: ticket.map(|ticket| &*ticket.nonce),
            chl: ticket.map(|ticket| &*ticket.hash),
            off: ticket.and_then(|ticket| Waits::of(ticket, stated.check)),
        };
        let header = Header { alg: "ES256", typ, kid };
        let input = jws::signing_input(&header, &payload).ok_or(Code::InternalError)?;
        let jws = expected.device.signer().jws(talk, Zeroizing::new(input)).await?;
        Ok(Self { jws: Zeroizing::new(jws), disaster })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.jws
    }

    /// Its token type (RFC 8693 §3).
    pub(super) fn kind(&self) -> &'static str {
        if self.disaster {
            "urn:x-kaigo:token-type:disaster"
        } else {
            "urn:x-kaigo:token-type:four-attributes"
        }
    }
}
