//! What somebody who was verified is given: an access token, and with a card an evidence token and a registration.

use serde_json::{Value, json};

use super::Sts;
use super::caller::Caller;
use super::domain::Domain;
use super::evidence::{Method, Opening, evidence_token, needed};
use super::issue::{Issued, NewEvidence, NewHandle, NewRegistration, NewToken};
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
    /// Whether it was without coverage.
    pub(crate) offline: bool,
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

    /// Whether it registers the person.
    pub(super) fn registers(&self) -> bool {
        !self.again && self.purposes.iter().any(|purpose| purpose == "register")
    }

    /// Until when the person is registered with a facility, if they are or this registers them.
    pub(super) async fn registered_until(
        &self,
        sts: &Sts,
        facility: &str,
        subject: &str,
    ) -> Result<Option<i64>, Refusal> {
        let until = sts.registrations().until(facility, subject, sts.base.now()).await?;
        let from_here = self.verified_at + sts.registration_lifetime;
        Ok(if self.registers() { until.max(Some(from_here)) } else { until })
    }

    /// What it puts on record of a registration that lasts until then.
    pub(super) async fn registration(
        &self,
        sts: &Sts,
        valid_until: i64,
        handle: Option<NewHandle>,
    ) -> Result<NewRegistration, Refusal> {
        Ok(NewRegistration {
            handle,
            method: self.method.name(),
            verified_at: self.verified_at,
            valid_until,
            place: sts.kiban.place(&self.pmh_id).await?,
        })
    }

    /// Until when it counts as fresh, for a token that ends then.
    pub(super) fn fresh_until(&self, token_ends: i64) -> i64 {
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
    let until = proven.registered_until(sts, facility, &subject).await?;

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
    if let (true, Some(valid_until)) = (proven.registers(), until) {
        let handle = base64url(&random::<32>()?);
        let kept =
            NewHandle { digest: sha256(handle.as_bytes()), jkt: caller.jkt.clone(), given_at: now };
        registration = Some(proven.registration(sts, valid_until, Some(kept)).await?);
        body["registration"] = handle.into();
    }
    let with_pin = proven.method == Method::CardPin && !proven.again;
    let issued = Issued {
        token: Some(NewToken { jti: claims.jti.clone(), expires_at: claims.exp }),
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
