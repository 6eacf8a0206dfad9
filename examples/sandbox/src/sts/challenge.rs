//! `POST /v1/challenges`: something fresh for the card to sign, once the face has been confirmed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Sts;
use super::caller::Caller;
use super::evidence::{Method, are_purposes};
use super::store::Challenge;
use crate::base::jws::{base64url, read_exactly, sha256};
use crate::base::keys::{random, random_id};
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;

/// What a face can be compared with.
pub(super) const BASES: [&str; 2] = ["printed_photo", "chip_photo"];
/// How long ago a face may have been confirmed, in seconds; and by how much the clock of a device may differ, because this
/// time is its own: a phone is often minutes off, and that is no fault of the nurse's.
const LATEST_CHECK: i64 = 15 * 60;
const SKEW: i64 = 5 * 60;
/// The version in which everything is bound to the device's key.
const VERSION: u8 = 2;
/// The type of a challenge.
pub(crate) const TYP: &str = "kaigo-challenge+jwt";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    vsn: u8,
    method: String,
    purpose: Vec<String>,
    facility_id: String,
    visit_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visual_check: Option<VisualCheck>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VisualCheck {
    result: String,
    checked_at: String,
    basis: String,
}

pub(crate) async fn issue(sts: &Sts, sender: &Sender, body: &[u8]) -> Result<Reply, Refusal> {
    let asking = Caller::asking(sts, sender).await?;
    match made(sts, asking.caller(), body) {
        Ok((jws, challenge)) => {
            sts.challenges().add(&sha256(jws.as_bytes()), &challenge, asking).await?;
            Ok(Reply::created(json!({ "challenges": [{ "challenge": jws }] })))
        }
        Err(why) => {
            asking.noted(sts).await?;
            Err(why)
        }
    }
}

/// A challenge and what it says.
fn made(sts: &Sts, caller: &Caller, body: &[u8]) -> Result<(String, Challenge), Refusal> {
    let Caller { member, jkt, .. } = caller;
    let request: Request = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
    let now = sts.base.now();
    let check = request.check(now)?;
    if request.facility_id != member.facility_id {
        return Err(Refusal::FacilityMismatch);
    }

    let challenge = Challenge {
        jti: random_id()?,
        method: request.method.clone(),
        subject: request.subject_hint.clone(),
        nonce: base64url(&random::<32>()?),
        facility_id: member.facility_id.clone(),
        staff_id: member.id.clone(),
        purpose: request.purpose.clone(),
        visit_id: request.visit_id.clone(),
        basis: check.basis.clone(),
        checked_at: check.checked_at.clone(),
        issued_at: now,
        expires_at: now.saturating_add(sts.challenge_lifetime),
        jkt: jkt.clone(),
    };
    let payload = json!({
        "iss": sts.base.issuer,
        "aud": "urn:kaigo:card-assertion",
        "jti": challenge.jti,
        "nonce": challenge.nonce,
        "iat": challenge.issued_at,
        "nbf": challenge.issued_at,
        "exp": challenge.expires_at,
        "facility_id": challenge.facility_id,
        "purpose": challenge.purpose,
        "method": challenge.method,
        "act_sub": challenge.staff_id,
        "visit_id": challenge.visit_id,
        "cnf": { "jkt": challenge.jkt },
        "vsn": VERSION,
    });
    Ok((sts.keys.challenge.sign(TYP, &payload)?, challenge))
}

impl Request {
    fn check(&self, now: i64) -> Result<&VisualCheck, Refusal> {
        // A tap has to be of somebody who is expected (公的個人認証法 Art. 38-4).
        let whom = match Method::named(&self.method) {
            Some(Method::CardPin) => self.subject_hint.is_none(),
            Some(Method::CardTap) => self.subject_hint.is_some(),
            _ => false,
        };
        let well_formed =
            whom && self.vsn == VERSION && are_purposes(&self.purpose) && is_uuid(&self.visit_id);
        if !well_formed {
            return Err(Refusal::RequestMalformed);
        }
        let check = self.visual_check.as_ref();
        let check = check.ok_or(Refusal::FaceNotConfirmed)?;
        let checked_at: Timestamp =
            check.checked_at.parse().map_err(|_| Refusal::RequestMalformed)?;
        if !BASES.contains(&check.basis.as_str()) {
            return Err(Refusal::RequestMalformed);
        }
        let just_now = now - LATEST_CHECK - SKEW..=now + SKEW;
        if check.result != "match" || !just_now.contains(&checked_at.as_second()) {
            return Err(Refusal::FaceNotConfirmed);
        }
        Ok(check)
    }
}

/// The textual form of RFC 9562 §4.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The facts of `tests/vectors/rules/card.json`. What clocks may differ by is allowed for beside them.
    #[test]
    fn a_face_was_confirmed_when_the_vectors_say_so() {
        let vectors = include_str!("../../../../tests/vectors/rules/card.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        for case in cases {
            let facts = &case["facts"];
            let mut request = json!({
                "vsn": VERSION, "method": "card_pin", "purpose": ["view"], "facility_id": "1370000001",
                "visit_id": "5f0c1d3e-0b6a-4c1e-9a54-1f2e3d4c5b6a",
            });
            if facts["face"] != "none" {
                let checked_at = Timestamp::from_second(facts["checked_at"].as_i64().unwrap());
                request["visual_check"] = json!({
                    "result": facts["face"], "checked_at": checked_at.unwrap(), "basis": "printed_photo",
                });
            }
            let request: Request = serde_json::from_value(request).unwrap();
            let checked = request.check(facts["now"].as_i64().unwrap());
            let decision = checked.map_or_else(Refusal::code, |_| "allowed");
            assert_eq!(decision, case["decision"], "{}", case["name"]);
        }
        assert!(cases.len() > 30);
    }
}
