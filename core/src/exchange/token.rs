//! The exchange of the card's assertion for an access token (RFC 8693).

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::assertion::Assertion;
use super::{StaffToken, Way, jws};
use crate::flow;
use crate::message::{Code, Failure};
use crate::platform::{Call, Content, Credential, Platform, Repeat, is_token};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// What the token shall open.
const SCOPE: &str = "qualification:read";

/// An access token. Never shown; who must hand it on asks for it.
#[derive(Clone)]
pub struct AccessToken(Zeroizing<String>);

impl AccessToken {
    /// The token itself, for the `Authorization` header of a request to the platform and for nothing else.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(..)")
    }
}

/// What the token service confirmed (本人確認). Three lifetimes, never merged: the token's, the evidence's, and the
/// registration's, which only the platform knows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Confirmation {
    /// Opens the platform for this person.
    pub token: AccessToken,
    /// Life of the token from its issue.
    pub token_lifetime: SignedDuration,
    /// How the person was verified.
    pub way: Way,
    /// When.
    pub verified_at: Timestamp,
    /// Until when the confirmation counts as fresh: 24 hours.
    pub fresh_until: Timestamp,
}

/// Exchanges an assertion for a token. It may be sent again when no answer comes: the platform answers the same assertion
/// from the same staff member as it did the first time. `platform_name` is what the platform calls itself, wherever it is
/// called.
pub(crate) async fn exchange(
    platform: Platform<'_>,
    platform_name: &str,
    assertion: &Assertion,
    staff: &StaffToken,
    way: Way,
) -> Result<Confirmation, Failure> {
    let resource = format!("{platform_name}/");
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
        .append_pair("subject_token", assertion.as_str())
        .append_pair("subject_token_type", "urn:x-kaigo:token-type:card-assertion")
        .append_pair("actor_token", staff.as_str())
        .append_pair("actor_token_type", ACCESS_TOKEN)
        .append_pair("requested_token_type", ACCESS_TOKEN)
        .append_pair("resource", &resource)
        .append_pair("scope", SCOPE)
        .finish();
    let call = Call {
        method: flow::Method::Post,
        path: "/v1/token",
        content: Content::Form(body.into_bytes().into()),
        credential: Credential::None,
        repeat: Repeat::Unanswered,
        success: 200,
    };
    platform.call(&call, |body| read_token(body, way)).await
}

#[derive(Deserialize)]
struct Granted {
    access_token: Zeroizing<String>,
    issued_token_type: String,
    token_type: String,
    expires_in: i64,
    scope: Option<String>,
    honnin: Honnin,
}

#[derive(Deserialize)]
struct Honnin {
    method: Way,
    verified_at: Timestamp,
    fresh_until: Timestamp,
}

/// Longest life of a token that is believed, in seconds.
const LONGEST_LIFE: i64 = 15 * 60;
/// How long a confirmation counts as fresh.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// Reads what the token service granted. What it says beyond its own rules is cut down to them: a server whose clock was
/// set back between two answers still means the token that it gives.
pub(crate) fn read_token(body: &[u8], way: Way) -> Result<Confirmation, Failure> {
    let granted: Granted = jws::object(body).ok_or(Code::ServerAnswerInvalid)?;
    // A scope that is not there is the one that was asked for (RFC 6749 §5.1).
    let opens = |scope: &String| scope.split(' ').any(|opened| opened == SCOPE);
    let usable = granted.issued_token_type == ACCESS_TOKEN
        && granted.token_type.eq_ignore_ascii_case("Bearer")
        && granted.honnin.method == way
        && granted.expires_in > 0
        && granted.scope.as_ref().is_none_or(opens)
        && is_token(&granted.access_token);
    let Honnin { verified_at, fresh_until, .. } = granted.honnin;
    if !usable || fresh_until < verified_at {
        return Err(Code::ServerAnswerInvalid.into());
    }
    Ok(Confirmation {
        token: AccessToken(granted.access_token),
        token_lifetime: SignedDuration::from_secs(granted.expires_in.min(LONGEST_LIFE)),
        way,
        verified_at,
        fresh_until: verified_at
            .saturating_add(FRESH)
            .map_or(fresh_until, |most| fresh_until.min(most)),
    })
}
