//! What every challenge of the platform is judged by, whatever it is for: verified with pinned keys before a card is touched, so
//! that a rogue server gets no signature.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Clock, sha256};
use crate::flow::DeviceTime;
use crate::message::{Code, Failure};
use crate::platform::{PublicKey, is_off, jws};

/// Most by which the signed time of a challenge may differ from the time that the server says beside it.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(60);
/// Longest life of a challenge that is answered at once, seconds.
pub(crate) const MAX_LIFE: i64 = 10 * 60;

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

/// A challenge that was verified.
#[derive(Clone)]
pub(crate) struct Challenge {
    pub(crate) nonce: String,
    /// SHA-256 of the JWS, base64url: binds the assertion to these very bytes.
    pub(crate) hash: String,
    /// The same, as bytes.
    pub(crate) digest: [u8; 32],
    /// `iat`, `nbf` and `exp`.
    times: [Timestamp; 3],
    /// The number of the entry in which its answer waits, where it is a ticket.
    pub(crate) waits_as: Option<u64>,
}

impl Challenge {
    /// The same, of a ticket, to be answered by the entry of this number.
    pub(super) fn waiting_as(self, number: u64) -> Self {
        Self { waits_as: Some(number), ..self }
    }

    /// When it was issued.
    pub(crate) fn issued(&self) -> Timestamp {
        let [issued, ..] = self.times;
        issued
    }

    /// Until when it is good.
    pub(crate) fn expires(&self) -> Timestamp {
        let [.., expires] = self.times;
        expires
    }

    /// Whether enough of its life is left for a card to sign and the proof to travel.
    pub(crate) fn is_fresh(&self, server_time: Timestamp) -> bool {
        let [.., expires] = self.times;
        server_time.saturating_add(SignedDuration::from_secs(15)).is_ok_and(|t| t < expires)
    }
}

/// What challenges for one thing have in common.
pub(crate) struct Form<'a> {
    pub(crate) typ: &'a str,
    pub(crate) version: u32,
    pub(crate) audience: &'a str,
    pub(crate) issuer: &'a str,
    /// Of the device's key.
    pub(crate) thumbprint: &'a str,
    /// Longest life in seconds.
    pub(crate) longest: i64,
}

/// What a challenge says, of which a part stands in every one. A member that is not known here refuses it.
pub(crate) trait Contents: DeserializeOwned {
    fn common(&self) -> Common<'_>;
}

/// That part.
pub(crate) struct Common<'a> {
    pub(crate) version: u32,
    pub(crate) issuer: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) thumbprint: &'a str,
    pub(crate) nonce: &'a str,
    /// `iat`, `nbf` and `exp`.
    pub(crate) times: [i64; 3],
}

/// The device's key, as a challenge names it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmed {
    pub(crate) jkt: String,
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

/// Judges the server's answer: signature first, then content, then time. `more` is what has to hold of this kind of challenge
/// beside what has to hold of all.
pub(crate) fn judged<P: Contents, const N: usize>(
    body: &[u8],
    keys: &[ChallengeKey],
    form: &Form<'_>,
    device: DeviceTime,
    more: impl FnOnce(&P) -> [(bool, &'static str); N],
) -> Result<(Challenge, Clock), Failure> {
    let given: Given = jws::object(body).ok_or(Code::ServerAnswerInvalid)?;
    let [GivenChallenge { challenge }] = given.challenges.as_slice() else {
        return Err(Code::ServerAnswerInvalid.into());
    };
    let (challenge, _) = of_form(challenge, keys, form, more)?;
    let clock = given_now(&challenge, given.server_time, device)?;
    Ok((challenge, clock))
}

/// A challenge by its signature and its content, whatever the time.
pub(super) fn of_form<P: Contents, const N: usize>(
    challenge: &str,
    keys: &[ChallengeKey],
    form: &Form<'_>,
    more: impl FnOnce(&P) -> [(bool, &'static str); N],
) -> Result<(Challenge, P), Failure> {
    let payload = signed(challenge, keys, form.typ)?;
    let invalid = |why| Failure::new(Code::ChallengeInvalid).with_detail(why);
    let payload: P = jws::object(&payload).ok_or_else(|| invalid("payload"))?;
    let common = payload.common();
    let [iat, nbf, exp] = common.times;
    let all = [
        (common.version == form.version, "version"),
        (common.issuer == form.issuer, "issuer"),
        (common.audience == form.audience, "audience"),
        (common.thumbprint == form.thumbprint, "device"),
        ((1..=form.longest).contains(&exp.saturating_sub(iat)), "life"),
        (Base64UrlUnpadded::decode_vec(common.nonce).is_ok_and(|n| n.len() == 32), "nonce"),
    ];
    if let Some((_, why)) = all.into_iter().chain(more(&payload)).find(|(holds, _)| !holds) {
        return Err(invalid(why));
    }
    let time = |seconds| Timestamp::from_second(seconds).map_err(|_| invalid("time"));
    let digest = sha256(challenge.as_bytes());
    let challenge = Challenge {
        nonce: common.nonce.to_owned(),
        hash: jws::base64url(&digest),
        digest,
        times: [time(iat)?, time(nbf)?, time(exp)?],
        waits_as: None,
    };
    Ok((challenge, payload))
}

/// Whether the server has given it just now; the server's clock with it.
pub(super) fn given_now(
    challenge: &Challenge,
    server_time: Timestamp,
    device: DeviceTime,
) -> Result<Clock, Failure> {
    let [issued, begins, expires] = challenge.times;
    // A challenge that is stale by the server's own time says nothing about the device's clock.
    if server_time < begins || server_time >= expires {
        return Err(Code::ChallengeExpired.into());
    }
    // The time beside the challenge is not signed; that in it is. A challenge is answered with at once.
    if server_time.duration_since(issued).abs() > MAX_AGE {
        return Err(Failure::new(Code::ChallengeInvalid).with_detail("server time"));
    }
    if is_off(server_time, device) {
        return Err(Code::ClockOff.into());
    }
    Ok(Clock::new(server_time, device))
}

/// The payload of a challenge of this type that one of these keys has signed. Nothing else of it has been looked at.
fn signed(challenge: &str, keys: &[ChallengeKey], typ: &str) -> Result<Vec<u8>, Failure> {
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
