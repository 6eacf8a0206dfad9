//! The exchange of the card's assertion for an access token (RFC 8693).

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::assertion::Assertion;
use super::{Method, StaffToken, http, jws};
use crate::flow::{self, HttpRequest};
use crate::message::{Code, Failure};

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
pub struct Confirmation {
    /// Opens the platform for this person.
    pub token: AccessToken,
    /// Life of the token from its issue.
    pub token_lifetime: jiff::SignedDuration,
    /// How the person was verified.
    pub method: Method,
    /// When.
    pub verified_at: Timestamp,
    /// Until when the confirmation counts as fresh: 24 hours.
    pub fresh_until: Timestamp,
}

/// The exchange request. The same bytes may be sent again when no answer came: the server gives the same answer.
pub(crate) fn token_request(
    server: &str,
    assertion: &Assertion,
    staff: &StaffToken,
) -> HttpRequest {
    let resource = format!("{server}/");
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
    http::form(HttpRequest::new(flow::Method::Post, format!("{server}/v1/token")))
        .with_body(body.into_bytes())
}

#[derive(Deserialize)]
struct Granted {
    access_token: Zeroizing<String>,
    issued_token_type: String,
    token_type: String,
    expires_in: i64,
    honnin: Honnin,
}

#[derive(Deserialize)]
struct Honnin {
    method: Method,
    verified_at: Timestamp,
    fresh_until: Timestamp,
}

/// Reads what the token service granted.
pub(crate) fn read_token(body: &[u8], method: Method) -> Result<Confirmation, Failure> {
    let granted: Granted = jws::object(body).ok_or(Code::ServerAnswerInvalid)?;
    let in_header = |c: u8| c.is_ascii_graphic();
    let usable = granted.issued_token_type == ACCESS_TOKEN
        && granted.token_type.eq_ignore_ascii_case("Bearer")
        && granted.honnin.method == method
        && (1..=900).contains(&granted.expires_in)
        && !granted.access_token.is_empty()
        && granted.access_token.bytes().all(in_header);
    if !usable {
        return Err(Code::ServerAnswerInvalid.into());
    }
    Ok(Confirmation {
        token: AccessToken(granted.access_token),
        token_lifetime: jiff::SignedDuration::from_secs(granted.expires_in),
        method: granted.honnin.method,
        verified_at: granted.honnin.verified_at,
        fresh_until: granted.honnin.fresh_until,
    })
}
