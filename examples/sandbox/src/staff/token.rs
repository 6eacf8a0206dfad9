//! What somebody who has signed in is known by: an access token (RFC 9068) for the platform, an ID token for the client.

use serde::{Deserialize, Serialize};

use super::roster::Member;
use super::store::{Code, Grant};
use super::{Staff, foreign};
use crate::base::jws::{Compact, base64url, sha256};
use crate::base::keys::random_id;
use crate::base::refusal::Refusal;

/// The type of an access token, whoever issued it.
pub(crate) const TYP: &str = "at+jwt";
/// How long a token is good, in seconds.
pub(crate) const LIFETIME: i64 = 60 * 60;
/// How long a client may take to look at an ID token, in seconds.
const ID_LIFETIME: i64 = 5 * 60;
/// How somebody has signed in.
pub(crate) const ACR: &str = "urn:x-kaigo:acr:password";

/// A staff member who is signed in, and with what.
pub(crate) struct SignedIn {
    pub(crate) member: Member,
    /// The thumbprint of the key that the token is bound to.
    pub(crate) jkt: Option<String>,
}

/// What a token is bound to (RFC 7800).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jkt: String,
}

/// Of an own access token. One that the owner of a sandbox makes has no session.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fac: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// OpenID Connect Core §2.
#[derive(Serialize)]
struct IdClaims<'a> {
    iss: String,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    auth_time: i64,
    nonce: &'a str,
    acr: &'static str,
    amr: [&'static str; 1],
    sid: &'a str,
    at_hash: String,
    name: &'a str,
    fac: &'a str,
    role: &'static str,
}

/// Both tokens.
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) id_token: String,
    pub(crate) expires_in: i64,
}

impl Staff {
    /// Tokens for what a code was given for.
    pub(super) fn issue(&self, code: &Code, member: &Member) -> Result<(Issued, Grant), Refusal> {
        let now = self.base.now();
        let session = &code.session;
        let claims = Claims {
            iss: self.issuer(),
            aud: self.base.issuer.clone(),
            sub: member.id.clone(),
            jti: random_id()?,
            iat: now,
            exp: now + LIFETIME,
            client_id: Some(code.client_id.clone()),
            auth_time: Some(session.auth_time),
            acr: Some(ACR.to_owned()),
            sid: Some(session.sid.clone()),
            scope: Some(code.scope.clone()),
            fac: Some(member.facility_id.clone()),
            role: Some(member.role.code().to_owned()),
            cnf: Some(Confirmation { jkt: code.dpop_jkt.clone() }),
        };
        let access_token = self.key.sign(TYP, &claims)?;
        let digest = sha256(access_token.as_bytes());
        let id_token = self.key.sign(
            "JWT",
            &IdClaims {
                iss: self.issuer(),
                sub: &member.id,
                aud: &code.client_id,
                iat: now,
                exp: now + ID_LIFETIME,
                auth_time: session.auth_time,
                nonce: &code.nonce,
                acr: ACR,
                amr: ["pwd"],
                sid: &session.sid,
                at_hash: base64url(digest.get(..16).unwrap_or_default()),
                name: &member.name,
                fac: &member.facility_id,
                role: member.role.code(),
            },
        )?;
        let grant = Grant { jti: claims.jti, member_id: member.id.clone(), expires_at: claims.exp };
        Ok((Issued { access_token, id_token, expires_in: LIFETIME }, grant))
    }

    /// A token as if the staff member had just signed in, at the device whose key has this thumbprint. `None` if
    /// signing failed.
    pub(crate) fn sign_in(&self, member: &Member, jkt: Option<&str>) -> Option<String> {
        let now = self.base.now();
        let claims = Claims {
            iss: self.issuer(),
            aud: self.base.issuer.clone(),
            sub: member.id.clone(),
            jti: random_id().ok()?,
            iat: now,
            exp: now + 8 * LIFETIME,
            client_id: None,
            auth_time: None,
            acr: None,
            sid: None,
            scope: None,
            fac: None,
            role: None,
            cnf: jkt.map(|jkt| Confirmation { jkt: jkt.to_owned() }),
        };
        self.key.sign(TYP, &claims).ok()
    }

    /// Who is signed in with a token, of this issuer or of one that is configured. [`Refusal::StaffTokenInvalid`] if it is
    /// nobody's now.
    pub(crate) async fn verify(&self, token: &str) -> Result<SignedIn, Refusal> {
        let now = self.base.now();
        let Some(claims) = self.key.open::<Claims>(TYP, token) else {
            let foreign = foreign::verify(&self.issuers, token, now).await;
            let foreign = foreign.ok_or(Refusal::StaffTokenInvalid)?;
            let member = self.roster().member(&foreign.member_id).await?;
            let member = member.ok_or(Refusal::StaffTokenInvalid)?;
            return Ok(SignedIn { member, jkt: Some(foreign.jkt) });
        };
        let holds =
            claims.iss == self.issuer() && claims.aud == self.base.issuer && now < claims.exp;
        if !holds {
            return Err(Refusal::StaffTokenInvalid);
        }
        let member = self.roster().member(&claims.sub).await?.ok_or(Refusal::StaffTokenInvalid)?;
        if claims.sid.is_some() {
            // Whoever works elsewhere now signs in anew.
            let same = claims.fac.as_ref() == Some(&member.facility_id)
                && claims.role.as_deref() == Some(member.role.code());
            if !same {
                return Err(Refusal::StaffTokenInvalid);
            }
            if !self.sign_ins().is_granted(&claims.jti, &member.id).await? {
                return Err(Refusal::StaffSignedOut);
            }
        }
        let jkt = claims.cnf.map(|cnf| cnf.jkt);
        Ok(SignedIn { member, jkt })
    }
}

/// The payload of a token that nobody has verified, to see whose it says it is.
pub(super) fn unverified(token: &str) -> Option<(serde_json::Value, serde_json::Value)> {
    let compact = Compact::split(token)?;
    let header = serde_json::from_slice(&compact.header).ok()?;
    Some((header, serde_json::from_slice(&compact.payload).ok()?))
}
