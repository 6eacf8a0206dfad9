//! Staff accounts, first form: a seeded facility whose staff are signed in already.

use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::error::Refusal;
use crate::platform::{Platform, random_id};

/// The visiting-nurse office (訪問看護) every sandbox has.
pub const FACILITY_ID: &str = "1370000001";
/// A nurse of [`FACILITY_ID`]; `nurse-02` is a colleague, and `nurse-11` works at `1370000002`.
pub const STAFF_ID: &str = "nurse-01";

/// Staff and the facility each belongs to.
const ROSTER: [(&str, &str); 3] =
    [(STAFF_ID, FACILITY_ID), ("nurse-02", FACILITY_ID), ("nurse-11", "1370000002")];

const LIFETIME: i64 = 8 * 60 * 60;

/// A staff member who is signed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Staff {
    pub(crate) id: &'static str,
    pub(crate) facility_id: &'static str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    iat: i64,
    exp: i64,
}

/// Everything a device needs to know to work with this sandbox. `Debug` hides the token.
#[derive(Clone, Serialize, Deserialize)]
pub struct Enrolment {
    /// Base URL, without a slash at the end.
    pub server: String,
    /// Issuer (`iss`) of challenges and tokens.
    pub issuer: String,
    /// Keys that may sign challenges (RFC 7517), to be pinned.
    pub challenge_keys: Vec<serde_json::Value>,
    /// The facility.
    pub facility_id: String,
    /// The staff member.
    pub staff_id: String,
    /// The staff member's token, good for eight hours. A secret.
    pub staff_token: String,
    /// Always true: this is not the national service.
    pub sandbox: bool,
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment")
            .field("server", &self.server)
            .field("sandbox", &self.sandbox)
            .finish_non_exhaustive()
    }
}

/// The seeded staff member of this name.
pub(crate) fn named(id: &str) -> Option<Staff> {
    ROSTER.iter().find(|(known, _)| *known == id).map(|(id, facility_id)| Staff { id, facility_id })
}

/// A token as if the staff member had just signed in. `None` if signing failed.
pub(crate) fn sign_in(platform: &Platform, staff: Staff) -> Option<String> {
    let now = platform.clock.now();
    let claims = Claims {
        iss: format!("{}/staff", platform.issuer),
        aud: platform.issuer.clone(),
        sub: staff.id.to_owned(),
        jti: random_id().ok()?,
        iat: now,
        exp: now + LIFETIME,
    };
    platform.keys.staff.sign("at+jwt", &claims).ok()
}

/// Whose token this is.
pub(crate) fn verify(platform: &Platform, token: &str) -> Result<Staff, Refusal> {
    platform
        .keys
        .staff
        .open::<Claims>("at+jwt", token)
        .filter(|claims| {
            claims.iss == format!("{}/staff", platform.issuer)
                && claims.aud == platform.issuer
                && platform.clock.now() < claims.exp
        })
        .and_then(|claims| named(&claims.sub))
        .ok_or(Refusal::StaffTokenInvalid)
}

/// The one bearer token of a request (RFC 6750 §2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then_some(token)
}
