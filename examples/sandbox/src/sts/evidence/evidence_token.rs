//! The evidence token: that somebody was verified with a card, for 24 hours, on this device, for this staff member. A new
//! access token can be had for it without the card.

use serde::{Deserialize, Serialize};

use super::opens::Method;
use crate::base::refusal::Refusal;
use crate::sts::Sts;
use crate::sts::caller::Caller;
use crate::sts::grant::Proven;

const TYP: &str = "kaigo-evidence+jwt";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    jti: String,
    iat: i64,
    exp: i64,
    auth_time: i64,
    cnf: super::bindings::Confirmation,
    fac: String,
    act: String,
    pur: Vec<String>,
    method: String,
    vsl: super::bindings::Visual,
    /// Whether it was without coverage.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    offline: bool,
}

/// A token that says that this was proven, until then (seconds since the epoch), for whoever holds the key.
pub(crate) fn sign(
    sts: &Sts,
    caller: &Caller,
    jkt: &str,
    proven: &Proven,
    until: i64,
) -> Result<String, Refusal> {
    let claims = Claims {
        iss: sts.base.issuer.clone(),
        aud: sts.base.issuer.clone(),
        jti: proven.evidence_id.clone(),
        iat: sts.base.now(),
        exp: until,
        auth_time: proven.verified_at,
        cnf: super::bindings::Confirmation { jkt: jkt.to_owned() },
        fac: caller.member.facility_id.clone(),
        act: caller.member.id.clone(),
        pur: proven.purposes.clone(),
        method: proven.method.name().to_owned(),
        vsl: super::bindings::Visual { r: "match".to_owned(), b: proven.basis.clone() },
        offline: proven.offline,
    };
    Ok(sts.keys.token.sign(TYP, &claims)?)
}

/// The name of a token of the holder of this key.
pub(crate) fn named(sts: &Sts, token: &str, jkt: &str) -> Option<String> {
    let claims: Claims = sts.keys.token.open_jws(TYP, token)?;
    (claims.cnf.jkt == jkt).then_some(claims.jti)
}

/// What a token says that was proven, if it is the sender's and its day is not over.
pub(crate) async fn judge(
    sts: &Sts,
    token: &str,
    caller: &Caller,
    now: i64,
) -> Result<Proven, Refusal> {
    let claims: Claims = sts.keys.token.open_jws(TYP, token).ok_or(Refusal::AssertionMalformed)?;
    let member = &caller.member;
    let bindings = [
        ("aud", claims.iss == sts.base.issuer && claims.aud == sts.base.issuer),
        ("cnf", claims.cnf.jkt == caller.jkt),
        ("fac", claims.fac == member.facility_id),
        ("act", claims.act == member.id),
    ];
    if let Some((field, _)) = bindings.into_iter().find(|(_, holds)| !holds) {
        return Err(Refusal::BindingMismatch(field));
    }
    // To the second: what was proven exactly a day ago counts.
    if now > claims.exp {
        return Err(Refusal::ReverifyRequired);
    }
    let pmh_id = sts.challenges().evidenced(&claims.jti, &claims.fac).await?;
    Ok(Proven {
        method: Method::named(&claims.method).ok_or(Refusal::AssertionMalformed)?,
        pmh_id: pmh_id.ok_or(Refusal::ReverifyRequired)?,
        purposes: claims.pur,
        basis: claims.vsl.b,
        verified_at: claims.auth_time,
        evidence_id: claims.jti,
        again: true,
        offline: claims.offline,
    })
}
