//! The ID token: who has signed in, judged (OpenID Connect Core 1.0 §3.1.3.7).

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::issuer::Key;
use super::untrusted;
use crate::message::{Code, Failure};
use crate::platform::jws;

/// Most by which the clocks of device and issuer may differ.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
const BEFORE: SignedDuration = SignedDuration::from_mins(-5);
/// Longest name taken, characters.
const LONGEST_NAME: usize = 128;

/// What an ID token has to say to be the answer.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    /// Nobody signed in before that.
    pub(super) since: Option<Timestamp>,
    pub(super) now: Timestamp,
}

/// Who it is.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) subject: String,
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: Option<String>,
    #[serde(rename = "typ")]
    _typ: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    auth_time: Option<i64>,
    nonce: String,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Identity {
    /// Judges a token: signature first, then content, then time.
    pub(super) fn judge(
        token: &str,
        keys: &[Key],
        expected: &Expected<'_>,
    ) -> Result<Self, Failure> {
        let parts = jws::split(token).ok_or_else(|| untrusted("ID token"))?;
        let header: Header =
            jws::object(&parts.header).ok_or_else(|| untrusted("ID token's header"))?;
        let named = |key: &&Key| match (&header.kid, &key.id) {
            (Some(wanted), Some(id)) => wanted == id,
            // Without a name, whichever fits (§10.1): there is one then.
            (None, _) => true,
            (Some(_), None) => false,
        };
        let mut fitting = keys.iter().filter(|key| key.algorithm() == header.alg).filter(named);
        let (Some(key), None) = (fitting.next(), fitting.next()) else {
            return Err(untrusted("ID token's key"));
        };
        if !key.verifies(parts.signed, &parts.signature) {
            return Err(untrusted("ID token's signature"));
        }

        let claims: Claims =
            jws::object(&parts.payload).ok_or_else(|| untrusted("ID token's payload"))?;
        let audience = match &claims.aud {
            Audience::One(one) => one == expected.client,
            Audience::Several(several) => {
                several.iter().any(|one| one == expected.client)
                    && (several.len() == 1 || claims.azp.is_some())
            }
        };
        let presented = claims.azp.as_ref().is_none_or(|client| client == expected.client);
        for (holds, why) in [
            (claims.iss == expected.issuer, "ID token's issuer"),
            (audience && presented, "ID token's audience"),
            (claims.nonce == expected.nonce, "ID token's nonce"),
            (!claims.sub.is_empty(), "ID token's subject"),
        ] {
            if !holds {
                return Err(untrusted(why));
            }
        }
        let time =
            |seconds| Timestamp::from_second(seconds).map_err(|_| untrusted("ID token's time"));
        // It was made just now: where it seems to be another day, it is the device that is wrong.
        if time(claims.iat)?.duration_since(expected.now).abs() > SKEW {
            return Err(Code::ClockOff.into());
        }
        if time(claims.exp)?.duration_since(expected.now) < BEFORE {
            return Err(untrusted("ID token's end"));
        }
        if let Some(since) = expected.since {
            let at = claims.auth_time.ok_or_else(|| untrusted("no time of sign-in"))?;
            if time(at)?.duration_since(since) < BEFORE {
                return Err(untrusted("an earlier sign-in"));
            }
        }
        let name = claims.name.filter(|name| {
            (1..=LONGEST_NAME).contains(&name.chars().count())
                && !name.chars().any(char::is_control)
        });
        Ok(Self { subject: claims.sub, name })
    }
}
