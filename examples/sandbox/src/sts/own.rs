//! Tokens that a client has for itself (client credentials, RFC 6749 §4.4), bound to a key by DPoP as FAPI 2.0 wants it.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Sts;
use super::issue::{Ground, Issued};
use super::token::{AccessClaims, Confirmation, TYP};
use crate::audit::{Event, What, Who};
use crate::base::form::Form;
use crate::base::keys::random_id;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;

pub(super) const GRANT_TYPE: &str = "client_credentials";

/// What a client's own token says (RFC 9068 §2.2): of a person, nothing.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnClaims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) sub: String,
    pub(super) client_id: String,
    pub(super) jti: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) scope: String,
    pub(super) cnf: Confirmation,
}

impl OwnClaims {
    /// A token of this issuer for this resource, which may have expired.
    pub(super) fn open(sts: &Sts, token: &str) -> Option<Self> {
        let claims: Self = sts.keys.token.open_jws(TYP, token)?;
        let issuer = &sts.base.issuer;
        let ours = claims.iss == *issuer && claims.aud.strip_suffix('/') == Some(issuer);
        ours.then_some(claims)
    }
}

/// `POST /v1/token` with client credentials.
pub(super) async fn grant(sts: &Sts, sender: &Sender, form: &Form) -> Result<Reply, Refusal> {
    let issuer = &sts.base.issuer;
    let resource = format!("{issuer}/");
    if form.get("resource").is_some_and(|asked| asked != resource) {
        return Err(Refusal::TargetUnknown);
    }
    let proven = sender.proven(&sts.base, None).await?;
    let client = sts.devices.authenticate(sender.peer.as_ref(), form, issuer).await?;
    if client.facility_id.is_some() {
        // A device acts for its staff, never by itself.
        return Err(Refusal::ScopeUnknown);
    }
    let scope = match form.get("scope") {
        None => client.scopes.join(" "),
        Some(asked) => {
            let known = |scope: &str| client.scopes.iter().any(|known| known == scope);
            let asked = asked.to_owned();
            asked.split(' ').all(known).then_some(asked).ok_or(Refusal::ScopeUnknown)?
        }
    };
    let now = sts.base.now();
    let claims = OwnClaims {
        iss: issuer.clone(),
        aud: resource,
        sub: client.id.clone(),
        client_id: client.id.clone(),
        jti: random_id()?,
        iat: now,
        exp: now + AccessClaims::LIFETIME,
        scope,
        cnf: Confirmation { jkt: proven.jkt, x5t: client.x5t(sender.peer.as_ref())? },
    };
    let record = Issued::of_client(&claims.jti, claims.exp);
    let who = Who { device: &client.id, ..Who::default() };
    let event = Event { what: What::Exchange, outcome: "ok", note: GRANT_TYPE, who };
    sts.challenges().issue(&record, Ground::Nothing, &event).await?;
    Ok(Reply::ok(json!({
        "access_token": sts.keys.token.sign(TYP, &claims)?,
        "token_type": "DPoP",
        "expires_in": claims.exp - claims.iat,
        "scope": claims.scope,
    })))
}

/// `GET /v1/client`: who a client is, for its own token.
pub(super) async fn client(sts: &Sts, sender: &Sender) -> Result<Reply, Refusal> {
    let (client, claims) = sts.opened_by_client(sender).await?;
    Ok(Reply::ok(json!({ "client_id": client.id, "scope": claims.scope })))
}
