//! What evidence that answers a challenge says of what it is bound to.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use crate::base::refusal::Refusal;
use crate::sts::caller::Caller;
use crate::sts::challenge::is_uuid;
use crate::sts::store::Challenge;

/// Evidence may be good for this long, in seconds.
const LONGEST_LIFETIME: i64 = 120;
/// How far a device's clock may be off, in seconds.
const SKEW: i64 = 60;

/// The claims that every such piece has.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bindings {
    aud: String,
    nonce: String,
    jti: String,
    iat: i64,
    exp: i64,
    chl: String,
    fac: String,
    pur: Vec<String>,
    act: String,
    cnf: Confirmation,
    vis: String,
    vsl: Visual,
    sdk: String,
}

/// The key of the device that composed it (RFC 7800 §3.1).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    pub(super) jkt: String,
}

/// The check of the face.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Visual {
    pub(super) r: String,
    pub(super) b: String,
}

impl Bindings {
    /// SHA-256 of the challenge it answers, as it says; `None` if it cannot be evidence.
    pub(super) fn challenge(&self) -> Option<[u8; 32]> {
        let well_formed = is_uuid(&self.jti) && self.sdk.len() <= 64 && self.sdk.contains('/');
        let digest = Base64UrlUnpadded::decode_vec(&self.chl).ok()?.try_into().ok()?;
        well_formed.then_some(digest)
    }

    /// Whether it was made by this staff member at this device, as it says.
    pub(super) fn made_by(&self, caller: &Caller) -> Result<(), Refusal> {
        let bindings = [
            ("fac", self.fac == caller.member.facility_id),
            ("act", self.act == caller.member.id),
            ("cnf", self.cnf.jkt == caller.jkt),
        ];
        match bindings.into_iter().find(|(_, holds)| !holds) {
            Some((field, _)) => Err(Refusal::BindingMismatch(field)),
            None => Ok(()),
        }
    }

    /// Whether it says what the challenge, the staff token and the clock say.
    pub(super) fn hold(
        &self,
        challenge: &Challenge,
        caller: &Caller,
        issuer: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        let member = &caller.member;
        let may_begin = challenge.issued_at - SKEW..=now + SKEW;
        let may_end = self.iat.saturating_add(1)..=self.iat.saturating_add(LONGEST_LIFETIME);
        let bindings = [
            ("cnf", self.cnf.jkt == challenge.jkt),
            ("vis", self.vis == challenge.visit_id),
            ("aud", self.aud == issuer),
            ("nonce", self.nonce == challenge.nonce),
            ("fac", self.fac == challenge.facility_id && self.fac == member.facility_id),
            ("pur", self.pur == challenge.purpose),
            ("act", self.act == challenge.staff_id && self.act == member.id),
            ("vsl", self.vsl.r == "match" && self.vsl.b == challenge.basis),
            ("iat", may_begin.contains(&self.iat)),
            ("exp", may_end.contains(&self.exp) && self.exp > now - SKEW),
        ];
        match bindings.into_iter().find(|(_, holds)| !holds) {
            Some((field, _)) => Err(Refusal::BindingMismatch(field)),
            None => Ok(()),
        }
    }
}
