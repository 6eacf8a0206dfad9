//! The access token (`at+jwt`, RFC 9068) and what it says.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::refused::Why;
use super::{Granted, KeySet, object};
use crate::platform::jws;

/// How far ahead the platform's clock may be.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Longest time for which a confirmation counts as fresh.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// Longest life of a token that is believed.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_mins(15);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    kid: String,
}

/// Further ones are allowed; none of these twice.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    iat: i64,
    exp: i64,
    acr: String,
    act: Actor,
    cnf: Confirmation,
    scope: String,
    kaigo: Kaigo,
}

#[derive(Deserialize)]
struct Actor {
    sub: String,
}

/// To what the token is bound (RFC 7800 §3.1): what is not known here could not be checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jkt: String,
    #[serde(rename = "x5t#S256")]
    certificate: Option<String>,
}

#[derive(Deserialize)]
struct Kaigo {
    fac: String,
    method: String,
    verified_at: i64,
    fresh_until: i64,
}

/// A token that one of the platform's keys signed.
pub(super) struct Token {
    claims: Claims,
    issued: Timestamp,
    expires: Timestamp,
    verified_at: Timestamp,
    fresh_until: Timestamp,
}

impl Token {
    /// Reads a token: signature first, then content. One that is not about a person (RFC 6749 §4.4) is none here.
    pub(super) fn read(text: &str, keys: &KeySet) -> Result<Self, Why> {
        let parts = jws::split(text).ok_or(Why::Token)?;
        let header: Header = object(&parts.header).ok_or(Why::Token)?;
        if header.typ != "at+jwt" || header.alg != "ES256" {
            return Err(Why::Token);
        }
        let key = keys.find(&header.kid).ok_or(Why::UnknownKey)?;
        if !key.verifies(parts.signed, &parts.signature) {
            return Err(Why::Token);
        }
        let claims: Claims = object(&parts.payload).ok_or(Why::Token)?;
        let time = |seconds| Timestamp::from_second(seconds).map_err(|_| Why::Token);
        let verified_at = time(claims.kaigo.verified_at)?;
        let at_most = verified_at.saturating_add(FRESH).unwrap_or(Timestamp::MAX);
        Ok(Self {
            issued: time(claims.iat)?,
            expires: time(claims.exp)?,
            verified_at,
            fresh_until: time(claims.kaigo.fresh_until)?.min(at_most),
            claims,
        })
    }

    /// Whether it is of this issuer, for this audience, and good now.
    pub(super) fn holds(&self, issuer: &str, audience: &str, now: Timestamp) -> Result<(), Why> {
        let ours = self.claims.iss == issuer
            && self.claims.aud == audience
            && self.issued < self.expires
            && self.expires.duration_since(self.issued) <= LONGEST_LIFE
            && self.issued.duration_since(now) <= SKEW;
        if !ours {
            Err(Why::Token)
        } else if now >= self.expires {
            Err(Why::Expired)
        } else {
            Ok(())
        }
    }

    /// Thumbprint of the key to which it is bound.
    pub(super) fn key(&self) -> &str {
        &self.claims.cnf.jkt
    }

    /// SHA-256, base64url, of the certificate to which it is bound as well.
    pub(super) fn certificate(&self) -> Option<&str> {
        self.claims.cnf.certificate.as_deref()
    }

    /// What it grants.
    pub(super) fn granted(self) -> Granted {
        let Claims { sub, client_id, acr, act, scope, kaigo, .. } = self.claims;
        Granted {
            subject: sub,
            client: client_id,
            facility: kaigo.fac,
            staff: act.sub,
            acr,
            method: kaigo.method,
            verified_at: self.verified_at,
            fresh_until: self.fresh_until,
            scopes: scope.split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        }
    }
}
