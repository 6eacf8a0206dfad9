//! What somebody who was verified is given: an access token, and with a card an evidence token and a registration.

use serde_json::{Value, json};

use super::Sts;
use super::caller::Caller;
use super::domain::Domain;
use super::evidence::{Method, Opening, evidence_token, needed};
use super::issue::{Issued, NewEvidence, NewRegistration};
use super::token::{AccessClaims, FRESH, Verified};
use crate::base::clock::rfc3339;
use crate::base::jws::{base64url, sha256};
use crate::base::keys::random;
use crate::base::refusal::Refusal;

pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What a token is to open, and which insurance the visit is for.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) scope: &'a str,
    pub(crate) domain: Domain,
}

/// Who was verified, and how.
pub(crate) struct Proven {
    pub(crate) method: Method,
    pub(crate) pmh_id: String,
    /// What for.
    pub(crate) purposes: Vec<String>,
    /// What the face was compared with; empty where it was not.
    pub(crate) basis: String,
    /// When, in seconds since the epoch.
    pub(crate) verified_at: i64,
    /// The name of this verification.
    pub(crate) evidence_id: String,
    /// Whether it was at an earlier time, of which a token speaks.
    pub(crate) again: bool,
}

impl Proven {
    /// Whether it opens every scope that is asked for, for a purpose that it was made for. What was proven earlier opens
    /// only what counts for longer than its moment.
    pub(super) fn may_open(&self, scope: &str) -> Result<(), Refusal> {
        for scope in scope.split(' ') {
            let opening = self.method.opens(scope);
            let later = self.again && self.method != Method::Registered;
            if opening == Opening::Closed || (later && opening != Opening::ForADay) {
                return Err(Refusal::EvidenceTooWeak);
            }
            if !self.purposes.iter().any(|purpose| Some(purpose.as_str()) == needed(scope)) {
                return Err(Refusal::BindingMismatch("scope"));
            }
        }
        Ok(())
    }

    /// Until when it counts as fresh, for a token that ends then.
    fn fresh_until(&self, token_ends: i64) -> i64 {
        match self.method {
            Method::CardPin | Method::CardTap => self.verified_at + FRESH,
            Method::FourAttributes | Method::Disaster => token_ends,
            Method::Registered => self.verified_at,
        }
    }
}

/// The answer, and what is to be put on record with it.
pub(super) async fn grant(
    sts: &Sts,
    caller: &Caller,
    proven: Proven,
    asked: Asked<'_>,
) -> Result<(Value, Issued), Refusal> {
    let now = sts.base.now();
    let facility = &caller.member.facility_id;
    let subject = sts.subject(&proven.pmh_id, facility);
    let registers = !proven.again && proven.purposes.iter().any(|purpose| purpose == "register");
    let until = sts.registrations().until(facility, &subject, now).await?;
    let until = if registers { until.max(Some(now + sts.registration_lifetime)) } else { until };

    let verified = Verified {
        caller,
        proven: &proven,
        scope: asked.scope,
        domain: asked.domain,
        subject: &subject,
        at: now,
        fresh_until: proven.fresh_until(now + AccessClaims::LIFETIME),
        registered_until: until,
    };
    let claims = AccessClaims::new(sts, &verified)?;
    let mut body = json!({
        "access_token": claims.sign(sts)?,
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "DPoP",
        "expires_in": claims.exp - claims.iat,
        "scope": claims.scope,
        "honnin": {
            "method": proven.method.name(),
            "verified_at": rfc3339(proven.verified_at),
            "fresh_until": rfc3339(verified.fresh_until),
            "sub": claims.sub,
            "insurance_domain": asked.domain.name(),
        },
    });
    let (mut evidence, mut registration) = (None, None);
    if proven.method.lasts_a_day() {
        let ends = proven.verified_at + FRESH;
        body["evidence_token"] =
            evidence_token::sign(sts, caller, &caller.jkt, &proven, ends)?.into();
        evidence = Some(NewEvidence { id: proven.evidence_id.clone(), expires_at: ends });
    }
    if let (true, Some(valid_until)) = (registers, until) {
        let handle = base64url(&random::<32>()?);
        registration = Some(NewRegistration {
            digest: sha256(handle.as_bytes()),
            jkt: caller.jkt.clone(),
            given_at: now,
            method: proven.method.name(),
            verified_at: proven.verified_at,
            valid_until,
            place: sts.kiban.place(&proven.pmh_id).await?,
        });
        body["registration"] = handle.into();
    }
    let with_pin = proven.method == Method::CardPin && !proven.again;
    let issued = Issued {
        jti: claims.jti.clone(),
        expires_at: claims.exp,
        confirmed_with_pin: with_pin.then_some(now),
        pmh_id: proven.pmh_id,
        facility_id: facility.clone(),
        subject,
        domain: asked.domain,
        evidence,
        registration,
    };
    Ok((body, issued))
}
