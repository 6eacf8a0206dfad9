//! What evidence that answers a challenge says of what it is bound to.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use super::opens::{Method, are_purposes};
use crate::base::refusal::Refusal;
use crate::sts::caller::Caller;
use crate::sts::challenge::{BASES, is_uuid};
use crate::sts::store::Challenge;
use crate::sts::tickets::Ticket;

/// Evidence may be good for this long, in seconds.
const LONGEST_LIFETIME: i64 = 120;
/// How far a device's clock may be off, in seconds.
const SKEW: i64 = 60;
/// How long before a ticket the face may have been looked at, in seconds.
const LATEST_CHECK: i64 = 15 * 60;
/// No journal has so many entries.
const MOST_ENTRIES: i64 = 10_000_000_000_000_000;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<Waited>,
}

/// What evidence says that was made without coverage and waited to be sent: its number in the device's journal, and when
/// the face was looked at (seconds since the epoch).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waited {
    pub(super) seq: i64,
    checked_at: i64,
}

impl Waited {
    pub(super) fn is_well_formed(&self) -> bool {
        (0..MOST_ENTRIES).contains(&self.seq)
    }

    /// Whether the face was looked at before something that was made at a time, for which a ticket was there.
    pub(super) fn was_looked(&self, iat: i64, ticket_from: i64) -> bool {
        (ticket_from - LATEST_CHECK..=iat.saturating_add(SKEW)).contains(&self.checked_at)
    }
}

/// When something may have been made that was made with a ticket, as it says, if it comes now.
pub(super) fn may_begin(ticket_from: i64, now: i64) -> std::ops::RangeInclusive<i64> {
    ticket_from - SKEW..=now + SKEW
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
        let well_formed = is_uuid(&self.jti)
            && self.sdk.len() <= 64
            && self.sdk.contains('/')
            && self.off.as_ref().is_none_or(Waited::is_well_formed);
        let digest = Base64UrlUnpadded::decode_vec(&self.chl).ok()?.try_into().ok()?;
        well_formed.then_some(digest)
    }

    /// What it says of having waited to be sent, if it has.
    pub(super) fn waited(&self) -> Option<&Waited> {
        self.off.as_ref()
    }

    pub(super) fn jti(&self) -> &str {
        &self.jti
    }

    pub(super) fn iat(&self) -> i64 {
        self.iat
    }

    pub(super) fn jkt(&self) -> &str {
        &self.cnf.jkt
    }

    /// A ticket as a challenge of the same kind: what it leaves open, this says itself.
    pub(super) fn complete(&self, ticket: &Ticket, method: Method) -> Result<Challenge, Refusal> {
        let said = [
            ("pur", are_purposes(&self.pur)),
            ("vis", is_uuid(&self.vis)),
            ("vsl", BASES.contains(&self.vsl.b.as_str())),
        ];
        if let Some((field, _)) = said.into_iter().find(|(_, holds)| !holds) {
            return Err(Refusal::BindingMismatch(field));
        }
        Ok(Challenge {
            jti: ticket.jti.clone(),
            method: method.name().to_owned(),
            subject: ticket.subject.clone(),
            nonce: ticket.nonce.clone(),
            facility_id: ticket.facility_id.clone(),
            staff_id: ticket.staff_id.clone(),
            purpose: self.pur.clone(),
            visit_id: self.vis.clone(),
            basis: self.vsl.b.clone(),
            checked_at: String::new(),
            issued_at: ticket.issued_at,
            expires_at: ticket.expires_at,
            jkt: ticket.jkt.clone(),
        })
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
        // What waited ends with its ticket; anything else soon.
        let ends = if self.off.is_some() {
            self.exp == challenge.expires_at
        } else {
            let may_end = self.iat.saturating_add(1)..=self.iat.saturating_add(LONGEST_LIFETIME);
            may_end.contains(&self.exp) && self.exp > now - SKEW
        };
        let looked =
            self.off.as_ref().is_none_or(|off| off.was_looked(self.iat, challenge.issued_at));
        let bindings = [
            ("cnf", self.cnf.jkt == challenge.jkt),
            ("vis", self.vis == challenge.visit_id),
            ("aud", self.aud == issuer),
            ("nonce", self.nonce == challenge.nonce),
            ("fac", self.fac == challenge.facility_id && self.fac == member.facility_id),
            ("pur", self.pur == challenge.purpose),
            ("act", self.act == challenge.staff_id && self.act == member.id),
            ("vsl", self.vsl.r == "match" && self.vsl.b == challenge.basis),
            ("iat", may_begin(challenge.issued_at, now).contains(&self.iat)),
            ("exp", ends),
            ("off", looked),
        ];
        match bindings.into_iter().find(|(_, holds)| !holds) {
            Some((field, _)) => Err(Refusal::BindingMismatch(field)),
            None => Ok(()),
        }
    }
}
