//! What a staff member states of a person without a card, in a JWS that the device signed (ES256): the attributes on the
//! paper certificate (4情報), or, where a disaster is declared, less of them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use base64ct::{Base64UrlUnpadded, Encoding};

use super::bindings::{Confirmation, Visual, Waited, may_begin};
use super::opens::Method;
use super::{Answers, Said, expected};
use crate::base::jws::{Compact, read_exactly};
use crate::base::refusal::Refusal;
use crate::kiban::Attributes;
use crate::sts::Sts;
use crate::sts::caller::Caller;
use crate::sts::challenge::is_uuid;
use crate::sts::tickets::Ticket;

/// A statement may be good for this long, in seconds.
const LONGEST_LIFETIME: i64 = 120;
/// How far a device's clock may be off, in seconds: nothing here has told it the time.
const SKEW: i64 = 5 * 60;
/// What the person may be compared with: the paper certificate, and beside it the photo in a card's chip.
const BASES: [&str; 2] = ["certificate", "chip_photo"];

/// A statement that has the right shape; nothing of it is believed yet.
pub(crate) struct Statement<'a> {
    pub(crate) method: Method,
    /// SHA-256 of the ticket with which it was made, as it says; zeros where there is none.
    pub(crate) ticket: [u8; 32],
    kid: String,
    claims: Claims,
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    aud: String,
    jti: String,
    iat: i64,
    exp: i64,
    cnf: Confirmation,
    fac: String,
    pur: Vec<String>,
    act: String,
    vis: String,
    vsl: Visual,
    #[serde(skip_serializing_if = "Option::is_none")]
    ins: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num: Option<String>,
    kana: String,
    dob: String,
    sex: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<Waited>,
}

/// Whether this is `YYYY-MM-DD`, with `00` for a month or day that nobody knows.
pub(crate) fn is_birth_date(dob: &str) -> bool {
    // A day of an unknown month is one that January has; a date without its day is one if its month is.
    let known = dob.replace("-00", "-01");
    dob.len() == 10 && known.len() == 10 && known.parse::<Date>().is_ok()
}

impl<'a> Statement<'a> {
    /// Reads a statement of this kind.
    pub(crate) fn read(method: Method, answers: Answers, jws: &'a str) -> Result<Self, Refusal> {
        Self::split(method, answers, jws).ok_or(Refusal::AssertionMalformed)
    }

    fn split(method: Method, answers: Answers, jws: &'a str) -> Option<Self> {
        let compact = Compact::split(jws)?;
        let header: Header = read_exactly(&compact.header)?;
        let claims: Claims = read_exactly(&compact.payload)?;
        let all = claims.ins.is_some() && claims.num.is_some();
        let (typ, numbers) = match (method, answers) {
            (Method::Disaster, _) => {
                ("kaigo-disaster+jwt", claims.ins.is_some() == claims.num.is_some())
            }
            (_, Answers::Challenge) => ("kaigo-four-attributes+jwt", all),
            (_, Answers::Ticket) => ("kaigo-offline-four-attributes+jwt", all),
        };
        let ticket = match &claims.chl {
            Some(digest) => Base64UrlUnpadded::decode_vec(digest).ok()?.try_into().ok()?,
            None => [0; 32],
        };
        let waits = answers == Answers::Ticket;
        let mut once = claims.pur.clone();
        once.sort();
        once.dedup();
        let well_formed = header.alg == "ES256"
            && header.typ == typ
            && numbers
            && is_uuid(&claims.jti)
            && is_uuid(&claims.vis)
            && !once.is_empty()
            && once.len() == claims.pur.len()
            && is_birth_date(&claims.dob)
            && claims.chl.is_some() == waits
            && claims.nonce.is_some() == waits
            && answers.fits(claims.off.as_ref())
            && claims.off.as_ref().is_none_or(Waited::is_well_formed);
        well_formed.then_some(Self {
            method,
            ticket,
            kid: header.kid,
            claims,
            signed: compact.signed,
            signature: compact.signature,
        })
    }

    /// Its name: it counts once.
    pub(crate) fn jti(&self) -> &str {
        &self.claims.jti
    }

    /// What it says of itself, if it waited to be sent.
    pub(crate) fn said(&self) -> Said<'_> {
        let claims = &self.claims;
        Said {
            id: &claims.jti,
            seq: claims.off.as_ref().map_or(0, |waited| waited.seq),
            claimed_at: claims.iat,
            jkt: &claims.cnf.jkt,
        }
    }

    /// What the person was compared with. Nothing else is believed than what may be; nothing else goes on record.
    pub(crate) fn basis(&self) -> &'static str {
        BASES.into_iter().find(|basis| self.claims.vsl.b == *basis).unwrap_or("unknown")
    }

    /// Whether somebody looked, at what may be looked at: where people had to flee there is no card.
    fn looked(&self) -> bool {
        let basis = self.basis();
        let known = match self.method {
            Method::Disaster => basis == "certificate",
            _ => basis != "unknown",
        };
        known && self.claims.vsl.r == "match"
    }

    pub(crate) fn purposes(&self) -> &[String] {
        &self.claims.pur
    }

    /// When it may have been made, must end, and the face must have been looked at: now, or with the ticket that it answers.
    fn times(&self, ticket: Option<&Ticket>, now: i64) -> [(&'static str, bool); 4] {
        let claims = &self.claims;
        let Some(ticket) = ticket else {
            let may_begin = now - LONGEST_LIFETIME - SKEW..=now + SKEW;
            let ends = claims.iat.saturating_add(1)..=claims.iat.saturating_add(LONGEST_LIFETIME);
            return [
                ("nonce", true),
                ("iat", may_begin.contains(&claims.iat)),
                ("exp", ends.contains(&claims.exp) && claims.exp > now - SKEW),
                ("off", true),
            ];
        };
        let (from, off) = (ticket.issued_at, claims.off.as_ref());
        [
            ("nonce", claims.nonce.as_ref() == Some(&ticket.nonce)),
            ("iat", may_begin(from, now).contains(&claims.iat)),
            ("exp", claims.exp == ticket.expires_at),
            ("off", off.is_some_and(|waited| waited.was_looked(claims.iat, from))),
        ]
    }

    /// The PMH-ID of the one person of whom it speaks, if it is bound to who made it, and to the ticket that it answers if
    /// it does, and all of it is on file.
    pub(crate) async fn judge(
        &self,
        sts: &Sts,
        caller: &Caller,
        ticket: Option<&Ticket>,
        now: i64,
    ) -> Result<String, Refusal> {
        let key = &caller.device.key;
        if !key.signed(self.signed.as_bytes(), &self.signature) {
            return Err(Refusal::SignatureInvalid);
        }
        let claims = &self.claims;
        let jkt = &caller.jkt;
        let member = &caller.member;
        let bindings = [
            ("cnf", self.kid == *jkt && claims.cnf.jkt == *jkt),
            ("aud", claims.aud == sts.base.issuer),
            ("fac", claims.fac == member.facility_id),
            ("act", claims.act == member.id),
            ("vsl", self.looked()),
        ];
        let bindings = bindings.into_iter().chain(self.times(ticket, now));
        if let Some((field, _)) = bindings.into_iter().find(|(_, holds)| !holds) {
            return Err(Refusal::BindingMismatch(field));
        }
        if self.method == Method::Disaster && !sts.disasters().is_active(&claims.fac, now).await? {
            return Err(Refusal::DisasterNotActive);
        }

        let attributes =
            Attributes { name_kana: &claims.kana, birth_date: &claims.dob, sex: &claims.sex };
        let (Some(insurer), Some(number)) = (&claims.ins, &claims.num) else {
            // Of several who may be meant, it is none.
            return sts.kiban.only(&attributes).await?.ok_or(Refusal::PersonNotFound);
        };
        let link_number = sts.qualification.link_number(insurer, number);
        let pmh_id = sts.pmh.identifier(&link_number).await?.ok_or(Refusal::PersonNotFound)?;
        // What of it is wrong is not told: nobody is to find out by trying.
        if !sts.kiban.is(&pmh_id, &attributes).await? {
            return Err(Refusal::PersonNotFound);
        }
        expected(sts, &pmh_id, ticket.and_then(|ticket| ticket.subject.as_ref()), &claims.fac)?;
        Ok(pmh_id)
    }
}
