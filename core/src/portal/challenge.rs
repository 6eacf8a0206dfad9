//! The portal's challenge, which says of no visit and no staff.

use serde::Deserialize;

use crate::exchange::{
    Challenge, ChallengeKey, Common, Confirmed, Contents, Form, MAX_LIFE, judged,
};
use crate::flow::DeviceTime;
use crate::message::Failure;
use crate::platform::Clock;

/// The form of challenges, asked for and given.
pub(super) const VERSION: u32 = 1;
const TYP: &str = "kaigo-portal-challenge+jwt";
const AUDIENCE: &str = "urn:kaigo:portal-assertion";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: String,
    aud: String,
    #[serde(rename = "jti")]
    _jti: String,
    nonce: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    cnf: Confirmed,
    vsn: u32,
}

impl Contents for Payload {
    fn common(&self) -> Common<'_> {
        Common {
            version: self.vsn,
            issuer: &self.iss,
            audience: &self.aud,
            thumbprint: &self.cnf.jkt,
            nonce: &self.nonce,
            times: [self.iat, self.nbf, self.exp],
        }
    }
}

/// Judges the server's answer.
pub(super) fn verify(
    body: &[u8],
    keys: &[ChallengeKey],
    (issuer, thumbprint): (&str, &str),
    device: DeviceTime,
) -> Result<(Challenge, Clock), Failure> {
    let (typ, version, audience) = (TYP, VERSION, AUDIENCE);
    let form = Form { typ, version, audience, issuer, thumbprint, longest: MAX_LIFE };
    judged(body, keys, &form, device, |_: &Payload| [])
}
