//! The server's challenge: verified with pinned keys before a card is touched, so that a rogue server gets no signature.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Clock, Device, StaffToken, Subject, Use, Way, sha256};
use crate::flow::{self, DeviceTime};
use crate::message::{Code, Failure};
use crate::platform::{
    Answered, Call, Content, Credential, Platform, PublicKey, Repeat, is_off, jws,
};

/// Most by which the signed time of a challenge may differ from the time that the server says beside it.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);
/// Longest life of a challenge.
const MAX_LIFE: i64 = 10 * 60;
/// The form of challenges, asked for and given.
const VERSION: u32 = 2;
/// What a challenge is for.
const AUDIENCE: &str = "urn:kaigo:card-assertion";

/// A key with which the token service signs challenges, pinned at enrolment: P-256, known by its thumbprint.
#[derive(Clone, PartialEq, Eq)]
pub struct ChallengeKey {
    id: String,
    key: PublicKey,
}

/// These are no coordinates of a point on P-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the coordinates of a P-256 key")]
pub struct ChallengeKeyInvalid;

impl ChallengeKey {
    /// Takes the members `x` and `y` of an EC key with `crv` P-256 (RFC 7518 §6.2.1), base64url.
    pub fn p256(x: &str, y: &str) -> Result<Self, ChallengeKeyInvalid> {
        let key = PublicKey::of_coordinates(x, y).ok_or(ChallengeKeyInvalid)?;
        Ok(Self { id: key.thumbprint(), key })
    }

    /// The key's thumbprint (RFC 7638).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its members `x` and `y`, base64url.
    pub fn coordinates(&self) -> (String, String) {
        self.key.coordinates()
    }
}

impl fmt::Debug for ChallengeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChallengeKey({})", self.id)
    }
}

/// What a challenge has to say to be ours.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) device: &'a Device,
    /// Facility and staff member are the token's.
    pub(crate) staff: &'a StaffToken,
    pub(crate) visit: &'a str,
    pub(crate) uses: &'a [Use],
    pub(crate) way: Way,
    /// Who it is to be, where the way demands that this is known.
    pub(crate) subject: Option<&'a Subject>,
}

/// A challenge that was verified.
pub(crate) struct Challenge {
    pub(crate) nonce: String,
    /// SHA-256 of the JWS, base64url: binds the assertion to these very bytes.
    pub(crate) hash: String,
    /// The same, as bytes.
    pub(crate) digest: [u8; 32],
    expires: Timestamp,
}

impl Challenge {
    /// Whether enough of its life is left for a card to sign and the proof to travel.
    pub(crate) fn is_fresh(&self, server_time: Timestamp) -> bool {
        server_time.saturating_add(SignedDuration::from_secs(15)).is_ok_and(|t| t < self.expires)
    }
}

/// What the nurse compared the face with (目視確認).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Basis {
    /// The photo printed on the card.
    PrintedPhoto,
    /// The paper certificate, of which its data was typed.
    Certificate,
    /// The photo in the card's chip, beside the printed one.
    ChipPhoto,
}

impl Basis {
    /// As it stands in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::PrintedPhoto => "printed_photo",
            Self::Certificate => "certificate",
            Self::ChipPhoto => "chip_photo",
        }
    }
}

/// That the nurse looked, and that the face matched: there is no record of another result, because nothing follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VisualCheck {
    /// What the face was compared with.
    pub basis: Basis,
    /// When, by the clock of the device.
    pub checked_at: Timestamp,
}

impl VisualCheck {
    /// The face matched.
    pub(crate) fn matched(basis: Basis, checked_at: Timestamp) -> Self {
        Self { basis, checked_at }
    }

    /// The result as it stands in JSON.
    pub(super) const RESULT: &'static str = "match";
}

#[derive(Serialize)]
struct Ask<'a> {
    vsn: u32,
    method: Way,
    purpose: &'a [Use],
    facility_id: &'a str,
    visit_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_hint: Option<&'a str>,
    visual_check: Look,
}

#[derive(Serialize)]
struct Look {
    result: &'static str,
    checked_at: Timestamp,
    basis: Basis,
}

/// Asks for one challenge, and judges it. The nurse has confirmed the face.
pub(crate) async fn fresh_challenge(
    platform: &Platform<'_>,
    keys: &[ChallengeKey],
    expected: &Expected<'_>,
    check: VisualCheck,
) -> Result<(Challenge, Clock), Failure> {
    let ask = Ask {
        vsn: VERSION,
        method: expected.way,
        purpose: expected.uses,
        facility_id: expected.staff.facility().as_str(),
        visit_id: expected.visit,
        subject_hint: expected.subject.map(Subject::as_str),
        visual_check: Look {
            result: VisualCheck::RESULT,
            checked_at: check.checked_at,
            basis: check.basis,
        },
    };
    let body = serde_json::to_vec(&ask).map_err(|_| Failure::new(Code::InternalError))?;
    let call = Call {
        method: flow::Method::Post,
        path: "/v1/challenges",
        content: Content::Json(body.into()),
        credential: Credential::Dpop { token: Some(expected.staff.as_str()) },
        // Another sending would be another challenge.
        repeat: Repeat::Never,
        success: 201,
    };
    let answered = platform.ask(&call).await?;
    let device = platform.talk.clock().await;
    match answered {
        Answered::Done(body) => verify_challenge(&body, keys, expected, device),
        // A clock that is wrong makes the time of the face check wrong, too; that is what has to be told.
        Answered::Refused(failure, Some(at))
            if failure.code() == Code::FaceNotConfirmed && is_off(at, device) =>
        {
            Err(Code::ClockOff.into())
        }
        Answered::Refused(failure, _) => Err(failure),
    }
}

#[derive(Deserialize)]
struct Given {
    challenges: Vec<GivenChallenge>,
    server_time: Timestamp,
}

#[derive(Deserialize)]
struct GivenChallenge {
    challenge: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

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
    facility_id: String,
    purpose: Vec<Use>,
    method: Way,
    act_sub: String,
    visit_id: String,
    cnf: Confirmed,
    vsn: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmed {
    jkt: String,
}

/// The payload of a challenge of this type that one of these keys has signed. Nothing else of it has been looked at.
pub(crate) fn signed_challenge(
    challenge: &str,
    keys: &[ChallengeKey],
    typ: &str,
) -> Result<Vec<u8>, Failure> {
    let untrusted = |why| Failure::new(Code::ChallengeUntrusted).with_detail(why);
    let parts = jws::split(challenge).ok_or_else(|| untrusted("not a compact JWS"))?;
    let header: Header = jws::object(&parts.header).ok_or_else(|| untrusted("header"))?;
    if header.alg != "ES256" || header.typ != typ {
        return Err(untrusted("algorithm or type"));
    }
    let key =
        keys.iter().find(|key| key.id == header.kid).ok_or_else(|| untrusted("key not pinned"))?;
    if !key.key.verifies(parts.signed, &parts.signature) {
        return Err(untrusted("signature"));
    }
    Ok(parts.payload)
}

/// Judges the server's answer: signature first, then content, then time.
pub(crate) fn verify_challenge(
    body: &[u8],
    keys: &[ChallengeKey],
    expected: &Expected<'_>,
    device: DeviceTime,
) -> Result<(Challenge, Clock), Failure> {
    let given: Given = jws::object(body).ok_or(Code::ServerAnswerInvalid)?;
    let [GivenChallenge { challenge }] = given.challenges.as_slice() else {
        return Err(Code::ServerAnswerInvalid.into());
    };
    let payload = signed_challenge(challenge, keys, "kaigo-challenge+jwt")?;
    let invalid = |why| Failure::new(Code::ChallengeInvalid).with_detail(why);
    let payload: Payload = jws::object(&payload).ok_or_else(|| invalid("payload"))?;
    for (holds, why) in [
        (payload.vsn == VERSION, "version"),
        (payload.iss == expected.issuer, "issuer"),
        (payload.aud == AUDIENCE, "audience"),
        (payload.facility_id == expected.staff.facility().as_str(), "facility"),
        (payload.act_sub == expected.staff.member().as_str(), "staff"),
        (payload.cnf.jkt == expected.device.thumbprint(), "device"),
        (payload.visit_id == expected.visit, "visit"),
        (payload.purpose == expected.uses, "purpose"),
        (payload.method == expected.way, "method"),
        ((1..=MAX_LIFE).contains(&payload.exp.saturating_sub(payload.iat)), "life"),
        (Base64UrlUnpadded::decode_vec(&payload.nonce).is_ok_and(|n| n.len() == 32), "nonce"),
    ] {
        if !holds {
            return Err(invalid(why));
        }
    }
    let time = |seconds| Timestamp::from_second(seconds).map_err(|_| invalid("time"));
    let expires = time(payload.exp)?;
    // A challenge that is stale by the server's own time says nothing about the device's clock.
    if given.server_time < time(payload.nbf)? || given.server_time >= expires {
        return Err(Code::ChallengeExpired.into());
    }
    // The time beside the challenge is not signed; that in it is. A challenge is answered with at once.
    if given.server_time.duration_since(time(payload.iat)?).abs() > MAX_AGE {
        return Err(invalid("server time"));
    }
    if is_off(given.server_time, device) {
        return Err(Code::ClockOff.into());
    }
    let digest = sha256(challenge.as_bytes());
    let hash = jws::base64url(&digest);
    let challenge = Challenge { nonce: payload.nonce, hash, digest, expires };
    Ok((challenge, Clock::new(given.server_time, device)))
}
