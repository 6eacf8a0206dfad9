//! The access token (`at+jwt`, RFC 9068) that opens the platform for one person at one facility.

use ring::hmac;
use serde::{Deserialize, Serialize};

use super::Sts;
use super::caller::Caller;
use super::domain::Domain;
use super::evidence::{Method, NEEDS};
use super::grant::Proven;
use crate::base::jws::base64url;
use crate::base::keys::random_id;
use crate::base::refusal::Refusal;

pub(crate) const TYP: &str = "at+jwt";
/// How long a verification counts as fresh, in seconds.
pub(crate) const FRESH: i64 = 24 * 60 * 60;

/// Who was verified, by whom, for what, when (seconds since the epoch).
pub(crate) struct Verified<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) proven: &'a Proven,
    pub(crate) scope: &'a str,
    pub(crate) domain: Domain,
    /// Their pairwise name.
    pub(crate) subject: &'a str,
    /// Now.
    pub(crate) at: i64,
    /// Until when the verification counts as fresh.
    pub(crate) fresh_until: i64,
    /// Until when the person is registered with the facility, if they are.
    pub(crate) registered_until: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessClaims {
    iss: String,
    aud: String,
    pub(crate) sub: String,
    pub(crate) client_id: String,
    pub(crate) jti: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    auth_time: i64,
    acr: String,
    amr: Vec<String>,
    pub(crate) act: Actor,
    cnf: Confirmation,
    pub(crate) scope: String,
    pub(crate) kaigo: Kaigo,
}

/// The key of the token's holder (RFC 7800 §3.1, RFC 9449 §6.1), and the certificate of the connection over which it
/// was asked for, if there was one (RFC 8705 §3.1).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmation {
    pub(crate) jkt: String,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    pub(crate) x5t: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Actor {
    pub(crate) sub: String,
    pub(crate) fac: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kaigo {
    fac: String,
    pub(crate) method: String,
    /// The name of the verification.
    evidence_id: String,
    pub(crate) verified_at: i64,
    pub(crate) fresh_until: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reg_until: Option<i64>,
    pub(crate) offline: bool,
    disaster: bool,
    /// The insurance that the visit is for.
    pub(crate) insurance_domain: String,
}

impl AccessClaims {
    /// How long a token can be used, in seconds.
    pub(crate) const LIFETIME: i64 = 15 * 60;

    pub(crate) fn new(sts: &Sts, verified: &Verified<'_>) -> Result<Self, Refusal> {
        let Verified { caller, at, proven, .. } = *verified;
        let member = &caller.member;
        let facility = member.facility_id.clone();
        Ok(Self {
            iss: sts.base.issuer.clone(),
            aud: format!("{}/", sts.base.issuer),
            sub: verified.subject.to_owned(),
            client_id: caller.device.id.clone(),
            jti: random_id()?,
            iat: at,
            exp: at + Self::LIFETIME,
            auth_time: proven.verified_at,
            acr: proven.method.acr().to_owned(),
            amr: proven.method.amr().iter().map(|&used| used.to_owned()).collect(),
            act: Actor { sub: member.id.clone(), fac: facility.clone() },
            cnf: Confirmation { jkt: caller.jkt.clone(), x5t: caller.x5t.clone() },
            scope: verified.scope.to_owned(),
            kaigo: Kaigo {
                fac: facility,
                method: proven.method.name().to_owned(),
                evidence_id: proven.evidence_id.clone(),
                verified_at: proven.verified_at,
                fresh_until: verified.fresh_until,
                reg_until: verified.registered_until,
                offline: proven.offline,
                disaster: proven.method == Method::Disaster,
                insurance_domain: verified.domain.name().to_owned(),
            },
        })
    }

    pub(crate) fn sign(&self, sts: &Sts) -> Result<String, Refusal> {
        Ok(sts.keys.token.sign(TYP, self)?)
    }

    /// A token of this issuer for this resource, which may have expired.
    pub(crate) fn open(sts: &Sts, token: &str) -> Option<Self> {
        let claims: Self = sts.keys.token.open_jws(TYP, token)?;
        let ours =
            claims.iss == sts.base.issuer && claims.aud.strip_suffix('/') == Some(&sts.base.issuer);
        ours.then_some(claims)
    }

    /// Thumbprint of the key to which it is bound.
    pub(crate) fn jkt(&self) -> &str {
        &self.cnf.jkt
    }

    /// Thumbprint of the certificate to which it is bound.
    pub(crate) fn x5t(&self) -> Option<&str> {
        self.cnf.x5t.as_deref()
    }

    pub(crate) fn allows(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }
}

/// A list of known scopes, none of them twice (RFC 6749 §3.3).
pub(crate) fn is_scope(text: &str) -> bool {
    let asked: Vec<&str> = text.split(' ').collect();
    asked.len() <= NEEDS.len()
        && asked.iter().enumerate().all(|(index, scope)| {
            NEEDS.iter().any(|(known, _)| known == scope) && !asked[..index].contains(scope)
        })
}

/// The name of a person at one facility: two facilities cannot tell that theirs is the same.
pub(super) fn pairwise(key: &hmac::Key, pmh_id: &str, facility: &str) -> String {
    let digest = hmac::sign(key, format!("{pmh_id}/{facility}").as_bytes());
    let mut name = base64url(digest.as_ref());
    name.truncate(22);
    name
}
