//! `POST /staff/token`: a code for tokens (RFC 6749 §4.1.3), once.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::json;

use super::Staff;
use super::form::Fields;
use super::roster::Member;
use super::store::Code;
use crate::base::form::Form;
use crate::base::jws::sha256;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::device::Client;

pub(crate) const GRANT_TYPE: &str = "authorization_code";

/// Gives an authenticated client what its code is good for. It holds the key of this thumbprint.
pub(crate) async fn redeem(
    staff: &Staff,
    client: &Client,
    form: &Form,
    jkt: &str,
) -> Result<Reply, Refusal> {
    if form.need("grant_type")? != GRANT_TYPE {
        return Err(Refusal::GrantUnsupported);
    }
    let digest = sha256(form.need("code")?.as_bytes());
    let redirect_uri = form.need("redirect_uri")?;
    let verifier = form.need("code_verifier")?;
    let now = staff.base.now();
    let sign_ins = staff.sign_ins();
    // Who it was, by the roster as it is now.
    let member = match sign_ins.code_of(&digest).await? {
        Some(id) => staff.roster().member(&id).await?,
        None => None,
    };
    let mut failed = None;
    let issued = sign_ins.redeem(&digest, now, |code| {
        let member = member.as_ref().filter(|member| member.id == code.session.member_id)?;
        if !fits(&code, member, client, now) || code.redirect_uri != redirect_uri {
            return None;
        }
        if code.dpop_jkt != jkt || !is_verifier(verifier, &code.challenge) {
            return None;
        }
        staff
            .issue(&code, member)
            .map(|(issued, grant)| ((issued, code.scope.clone()), grant))
            .map_err(|refusal| failed = Some(refusal))
            .ok()
    });
    let issued = issued.await?;
    if let Some(refusal) = failed {
        return Err(refusal);
    }
    let (issued, scope) = issued.ok_or(Refusal::SignInExpired)?;
    Ok(Reply::ok(json!({
        "access_token": issued.access_token,
        "token_type": "DPoP",
        "expires_in": issued.expires_in,
        "scope": scope,
        "id_token": issued.id_token,
    })))
}

fn fits(code: &Code, member: &Member, client: &Client, now: i64) -> bool {
    now < code.expires_at
        && now < code.session.expires_at
        && code.client_id == client.id
        && client.facility_id.as_ref().is_none_or(|facility| *facility == member.facility_id)
}

/// RFC 7636 §4.1 and §4.6.
fn is_verifier(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && Base64UrlUnpadded::decode_vec(challenge)
            .is_ok_and(|challenge| challenge == sha256(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verifier_is_that_of_the_rfc() {
        // RFC 7636, appendix B.
        let (verifier, challenge) = (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        );
        assert!(is_verifier(verifier, challenge));
        assert!(!is_verifier(challenge, challenge) && !is_verifier("", challenge));
        assert!(!is_verifier(&verifier[1..], challenge));
    }
}
