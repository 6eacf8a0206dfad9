//! What the card signs to come in: of another type than what it signs at a visit.

use jiff::Timestamp;
use serde::Serialize;

use crate::exchange::Challenge;
use crate::exchange::assertion::Unsigned;
use crate::message::Failure;
use crate::pki::Certificate;

/// Life of an assertion in seconds.
const LIFE: i64 = 120;
const TYP: &str = "kaigo-portal-assertion+jwt";

#[derive(Serialize)]
struct Payload<'a> {
    aud: &'a str,
    nonce: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
    chl: &'a str,
    cnf: Bound<'a>,
    sdk: &'a str,
}

/// The key of the device that may use it (RFC 7800 §3.1, RFC 9449 §6.1).
#[derive(Serialize)]
struct Bound<'a> {
    jkt: &'a str,
}

/// Composes the assertion that answers this challenge, for this platform and key.
pub(super) fn compose(
    challenge: &Challenge,
    (issuer, thumbprint): (&str, &str),
    certificate: &Certificate,
    id: &str,
    server_time: Timestamp,
) -> Result<Unsigned, Failure> {
    let iat = server_time.as_second();
    let payload = Payload {
        aud: issuer,
        nonce: &challenge.nonce,
        jti: id,
        iat,
        exp: iat.saturating_add(LIFE),
        chl: &challenge.hash,
        cnf: Bound { jkt: thumbprint },
        sdk: concat!(env!("CARGO_PKG_VERSION"), "/rust"),
    };
    Unsigned::of(TYP, certificate, &payload)
}
