//! The server's challenge: verified with pinned keys before a card is touched, so that a rogue server gets no signature.

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::{SignedDuration, Timestamp};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::{FacilityNumber, StaffId, StaffToken, Use, Way, curve, jws, sha256};
use crate::flow::{self, DeviceTime};
use crate::message::{Code, Failure};
use crate::platform::{Answered, Call, Content, Credential, Platform, Repeat};

/// Most by which the clocks of device and server may differ.
const MAX_CLOCK_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);
/// Most by which the two clocks of a device may come apart in one conversation without anybody having touched them.
const MAX_DRIFT: SignedDuration = SignedDuration::from_secs(2);
/// Most by which the signed time of a challenge may differ from the time that the server says beside it.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);
/// Longest life of a challenge.
const MAX_LIFE: i64 = 10 * 60;
/// What a challenge is for.
const AUDIENCE: &str = "urn:kaigo:card-assertion";

/// A key with which the token service signs challenges, pinned at enrolment: P-256, known by its thumbprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeKey {
    id: String,
    point: Vec<u8>,
}

/// These are no coordinates of a point on P-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the coordinates of a P-256 key")]
pub struct ChallengeKeyInvalid;

impl ChallengeKey {
    /// Takes the members `x` and `y` of an EC key with `crv` P-256 (RFC 7518 §6.2.1), base64url.
    pub fn p256(x: &str, y: &str) -> Result<Self, ChallengeKeyInvalid> {
        let decode =
            |part: &str| Base64UrlUnpadded::decode_vec(part).ok().filter(|c| c.len() == 32);
        let (Some(px), Some(py)) = (decode(x), decode(y)) else { return Err(ChallengeKeyInvalid) };
        if !curve::is_on_p256(&px, &py) {
            return Err(ChallengeKeyInvalid);
        }
        // RFC 7638 §3: the required members in this order, without spaces.
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Ok(Self {
            id: jws::base64url(&sha256(canonical.as_bytes())),
            point: [&[0x04], px.as_slice(), py.as_slice()].concat(),
        })
    }

    /// The key's thumbprint (RFC 7638).
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// What a challenge has to say to be ours.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) facility: &'a FacilityNumber,
    pub(crate) staff: &'a StaffId,
    pub(crate) visit: &'a str,
    pub(crate) uses: &'a [Use],
    pub(crate) way: Way,
}

/// A challenge that was verified.
pub(crate) struct Challenge {
    pub(crate) nonce: String,
    /// SHA-256 of the JWS, base64url: binds the assertion to these very bytes.
    pub(crate) hash: String,
    expires: Timestamp,
}

/// The server's time, carried on by the clock of the device that nobody sets. Whether something has expired is asked of
/// this clock only; the device's own date may be wrong, and may be set at any moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    server: Timestamp,
    device: DeviceTime,
}

impl Clock {
    /// The server said its time when the device had this one.
    pub(super) fn new(server: Timestamp, device: DeviceTime) -> Self {
        Self { server, device }
    }

    pub(crate) fn server_time(self, device: DeviceTime) -> Timestamp {
        let passed = device.monotonic.saturating_sub(self.device.monotonic);
        self.server.saturating_add(passed).unwrap_or(self.server)
    }

    /// Whether the device's two clocks have come apart since: somebody has set its date, or the one that nobody sets did
    /// not run while the device slept. What rests on time is then asked for anew.
    pub(crate) fn came_apart(self, device: DeviceTime) -> bool {
        let by_wall = device.wall.duration_since(self.device.wall);
        let passed = device.monotonic.saturating_sub(self.device.monotonic);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        by_wall.saturating_sub(passed).abs() > MAX_DRIFT
    }
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
}

impl Basis {
    /// As it stands in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::PrintedPhoto => "printed_photo",
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
    method: Way,
    purpose: &'a [Use],
    facility_id: &'a str,
    visit_id: &'a str,
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
    platform: Platform<'_>,
    staff: &StaffToken,
    keys: &[ChallengeKey],
    expected: &Expected<'_>,
    check: VisualCheck,
) -> Result<(Challenge, Clock), Failure> {
    let ask = Ask {
        method: expected.way,
        purpose: expected.uses,
        facility_id: expected.facility.as_str(),
        visit_id: expected.visit,
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
        credential: Credential::Bearer(staff.as_str()),
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

/// Whether the device's date is so far from the server's that nothing which rests on it can be right.
fn is_off(server: Timestamp, device: DeviceTime) -> bool {
    server.duration_since(device.wall).abs() > MAX_CLOCK_DIFFERENCE
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
    vsn: u32,
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
    let untrusted = |why| Failure::new(Code::ChallengeUntrusted).with_detail(why);
    let parts = jws::split(challenge).ok_or_else(|| untrusted("not a compact JWS"))?;
    let header: Header = jws::object(&parts.header).ok_or_else(|| untrusted("header"))?;
    if header.alg != "ES256" || header.typ != "kaigo-challenge+jwt" {
        return Err(untrusted("algorithm or type"));
    }
    let key =
        keys.iter().find(|key| key.id == header.kid).ok_or_else(|| untrusted("key not pinned"))?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.point)
        .verify(parts.signed, &parts.signature)
        .map_err(|_| untrusted("signature"))?;

    let invalid = |why| Failure::new(Code::ChallengeInvalid).with_detail(why);
    let payload: Payload = jws::object(&parts.payload).ok_or_else(|| invalid("payload"))?;
    for (holds, why) in [
        (payload.vsn == 1, "version"),
        (payload.iss == expected.issuer, "issuer"),
        (payload.aud == AUDIENCE, "audience"),
        (payload.facility_id == expected.facility.as_str(), "facility"),
        (payload.act_sub == expected.staff.as_str(), "staff"),
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
    let challenge = Challenge {
        nonce: payload.nonce,
        hash: jws::base64url(&sha256(challenge.as_bytes())),
        expires,
    };
    Ok((challenge, Clock::new(given.server_time, device)))
}
