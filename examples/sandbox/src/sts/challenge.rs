//! `POST /v1/challenges`: something fresh for the card to sign, once the face has been confirmed.

use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::{Refusal, Reply};
use crate::fault::Fault;
use crate::jws::{SigningKey, base64url, read_exactly, sha256};
use crate::platform::{Platform, random, random_id};
use crate::staff::{self, bearer};
use crate::store::Challenge;

/// The purposes this first form knows.
const PURPOSES: [&str; 2] = ["view", "register"];
/// What a face can be compared with.
const BASES: [&str; 2] = ["printed_photo", "chip_photo"];
const METHOD: &str = "card_pin";
const OTHER_FACILITY: &str = "1379999999";
const OTHER_PURPOSE: &str = "consent";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    purpose: Vec<String>,
    facility_id: String,
    visit_id: String,
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

pub(crate) async fn issue(
    platform: &Platform,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Reply, Refusal> {
    let token = bearer(headers).ok_or(Refusal::StaffTokenInvalid)?;
    let staff = staff::verify(platform, token)?;
    let request: Request = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
    let check = request.check()?;
    if request.facility_id != staff.facility_id {
        return Err(Refusal::FacilityMismatch);
    }

    let fault = platform.faults.at_challenge();
    let now = platform.clock.now();
    let issued_at = now
        - if fault == Some(Fault::ChallengeExpired) {
            600 + platform.challenge_lifetime
        } else {
            0
        };
    let facility_id = if fault == Some(Fault::ChallengeOtherFacility) {
        OTHER_FACILITY
    } else {
        staff.facility_id
    };
    let purpose = if fault == Some(Fault::ChallengeOtherPurpose) {
        vec![OTHER_PURPOSE.to_owned()]
    } else {
        request.purpose.clone()
    };
    let challenge = Challenge {
        jti: random_id()?,
        nonce: base64url(&random::<32>()?),
        facility_id: facility_id.to_owned(),
        staff_id: staff.id.to_owned(),
        purpose,
        visit_id: request.visit_id.clone(),
        basis: check.basis.clone(),
        checked_at: check.checked_at.clone(),
        issued_at,
        expires_at: issued_at.saturating_add(platform.challenge_lifetime),
    };
    let payload = json!({
        "iss": platform.issuer,
        "aud": "urn:kaigo:card-assertion",
        "jti": challenge.jti,
        "nonce": challenge.nonce,
        "iat": challenge.issued_at,
        "nbf": challenge.issued_at,
        "exp": challenge.expires_at,
        "facility_id": challenge.facility_id,
        "purpose": challenge.purpose,
        "method": METHOD,
        "act_sub": challenge.staff_id,
        "visit_id": challenge.visit_id,
        "vsn": 1,
    });
    let jws = sign(platform, &payload, fault == Some(Fault::ChallengeWrongKey))?;
    let used = fault == Some(Fault::ChallengeAlreadyUsed);
    platform.store.add_challenge(&sha256(jws.as_bytes()), &challenge, used).await?;
    Ok(Reply::created(json!({ "challenges": [{ "challenge": jws }] })))
}

fn sign(
    platform: &Platform,
    payload: &serde_json::Value,
    by_another_key: bool,
) -> Result<String, Refusal> {
    let sts = &platform.keys.sts;
    let typ = "kaigo-challenge+jwt";
    let jws = if by_another_key {
        SigningKey::generate()
            .and_then(|pkcs8| SigningKey::from_pkcs8(&pkcs8))
            .and_then(|other| other.sign_as(sts.kid(), typ, payload))
    } else {
        sts.sign(typ, payload)
    };
    jws.map_err(|_| Refusal::ServerFailed)
}

impl Request {
    fn check(&self) -> Result<&VisualCheck, Refusal> {
        let known = |purpose: &String| PURPOSES.contains(&purpose.as_str());
        let mut once = self.purpose.clone();
        once.sort();
        once.dedup();
        let well_formed = self.method == METHOD
            && !self.purpose.is_empty()
            && self.purpose.iter().all(known)
            && once.len() == self.purpose.len()
            && is_uuid(&self.visit_id);
        if !well_formed {
            return Err(Refusal::RequestMalformed);
        }
        let check = self.visual_check.as_ref();
        let check = check.ok_or(Refusal::FaceNotConfirmed)?;
        if !BASES.contains(&check.basis.as_str()) || check.checked_at.parse::<Timestamp>().is_err()
        {
            return Err(Refusal::RequestMalformed);
        }
        if check.result != "match" {
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
