//! What a staff member notes behind a visit that waits, in a JWS that the device signs (ES256): a consent, or a filing.

use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use super::assertion::Bound;
use super::{Device, StaffId, numeric_date};
use crate::flow::Talk;
use crate::message::{Code, Failure};
use crate::platform::jws;

/// What is noted, and behind which visit.
pub(crate) struct Noted<'a, B> {
    /// Its name, a UUID.
    pub(crate) id: &'a str,
    /// The name of the visit's evidence.
    pub(crate) visit: &'a str,
    /// The number of the entry in which it waits.
    pub(crate) number: u64,
    /// `consent` or `notice`.
    pub(crate) kind: &'static str,
    /// What would be sent where there is a network.
    pub(crate) body: B,
    /// When, by the server's time as this device counts it.
    pub(crate) at: Timestamp,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Payload<'a, B> {
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    cnf: Bound<'a>,
    fac: &'a str,
    act: &'a str,
    visit: &'a str,
    seq: u64,
    kind: &'a str,
    body: &'a B,
}

impl<B: Serialize> Noted<'_, B> {
    /// Has the device sign it, as this staff member's.
    pub(crate) async fn sign(
        &self,
        talk: &Talk,
        issuer: &str,
        device: &Device,
        member: &StaffId,
    ) -> Result<Zeroizing<String>, Failure> {
        let kid = device.thumbprint();
        let payload = Payload {
            aud: issuer,
            jti: self.id,
            iat: numeric_date(self.at),
            cnf: Bound { jkt: kid },
            fac: device.facility().as_str(),
            act: member.as_str(),
            visit: self.visit,
            seq: self.number,
            kind: self.kind,
            body: &self.body,
        };
        let header = Header { alg: "ES256", typ: "kaigo-offline-note+jwt", kid };
        let input = jws::signing_input(&header, &payload).ok_or(Code::InternalError)?;
        device.signer().jws(talk, Zeroizing::new(input)).await.map(Zeroizing::new)
    }
}
