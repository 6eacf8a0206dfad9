//! The portal's challenge: verified with pinned keys before a card is touched, so that a rogue server gets no signature.

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::exchange::{ChallengeKey, signed_challenge};
use crate::flow::DeviceTime;
use crate::message::{Code, Failure};
use crate::platform::{Clock, is_off, jws};

/// Most by which the signed time of a challenge may differ from the time that the server says beside it.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);
/// Longest life of a challenge, seconds.
const MAX_LIFE: i64 = 10 * 60;
/// The form of challenges, asked for and given.
pub(super) const VERSION: u32 = 1;
const TYP: &str = "kaigo-portal-challenge+jwt";
const AUDIENCE: &str = "urn:kaigo:portal-assertion";

/// A challenge that was verified.
pub(super) struct Challenge {
    pub(super) nonce: String,
    /// SHA-256 of the JWS, base64url.
    pub(super) hash: String,
    expires: Timestamp,
}

impl Challenge {
    /// Whether enough of its life is left for a card to sign and the proof to travel.
    pub(super) fn is_fresh(&self, server_time: Timestamp) -> bool {
        server_time.saturating_add(SignedDuration::from_secs(15)).is_ok_and(|t| t < self.expires)
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmed {
    jkt: String,
}

/// Judges the server's answer: signature first, then content, then time.
pub(super) fn verify(
    body: &[u8],
    keys: &[ChallengeKey],
    (issuer, thumbprint): (&str, &str),
    device: DeviceTime,
) -> Result<(Challenge, Clock), Failure> {
    let given: Given = jws::object(body).ok_or(Code::ServerAnswerInvalid)?;
    let [GivenChallenge { challenge }] = given.challenges.as_slice() else {
        return Err(Code::ServerAnswerInvalid.into());
    };
    let payload = signed_challenge(challenge, keys, TYP)?;
    let invalid = |why| Failure::new(Code::ChallengeInvalid).with_detail(why);
    let payload: Payload = jws::object(&payload).ok_or_else(|| invalid("payload"))?;
    for (holds, why) in [
        (payload.vsn == VERSION, "version"),
        (payload.iss == issuer, "issuer"),
        (payload.aud == AUDIENCE, "audience"),
        (payload.cnf.jkt == thumbprint, "device"),
        ((1..=MAX_LIFE).contains(&payload.exp.saturating_sub(payload.iat)), "life"),
        (Base64UrlUnpadded::decode_vec(&payload.nonce).is_ok_and(|n| n.len() == 32), "nonce"),
    ] {
        if !holds {
            return Err(invalid(why));
        }
    }
    let time = |seconds| Timestamp::from_second(seconds).map_err(|_| invalid("time"));
    let expires = time(payload.exp)?;
    if given.server_time < time(payload.nbf)? || given.server_time >= expires {
        return Err(Code::ChallengeExpired.into());
    }
    // The time beside the challenge is not signed; that in it is.
    if given.server_time.duration_since(time(payload.iat)?).abs() > MAX_AGE {
        return Err(invalid("server time"));
    }
    if is_off(given.server_time, device) {
        return Err(Code::ClockOff.into());
    }
    let hash = jws::base64url(&crate::exchange::sha256(challenge.as_bytes()));
    let challenge = Challenge { nonce: payload.nonce, hash, expires };
    Ok((challenge, Clock::new(given.server_time, device)))
}
