//! What became of a token: introspection (RFC 7662) and revocation (RFC 7009).

use serde_json::{Value, json};

use super::Sts;
use super::evidence::evidence_token;
use super::own::OwnClaims;
use super::token::AccessClaims;
use crate::audit::{Event, What, Who};
use crate::base::form::Form;
use crate::base::jws::sha256;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;
use crate::device::Client;

/// A token of this issuer, as far as both kinds are alike.
struct Known {
    jti: String,
    client_id: String,
    jkt: String,
    exp: i64,
    /// Whether its client is a server, which may hold it with any key it proves.
    own: bool,
    claims: Value,
}

/// `POST /v1/introspect`: whether a token is good now, for a client that wants to know. A device is told of its own only.
pub(super) async fn introspect(sts: &Sts, sender: &Sender, form: &Form) -> Result<Reply, Refusal> {
    let client = authenticated(sts, sender, form).await?;
    let mut told = json!({ "active": false });
    if let Some(known) = known(sts, form.want("token")?)
        && (client.facility_id.is_none() || client.id == known.client_id)
        && active(sts, &known).await?
    {
        told = known.claims;
        told["active"] = true.into();
        told["token_type"] = "DPoP".into();
    }
    Ok(Reply::ok(told))
}

/// `POST /v1/revoke`: ends a token of the client's own. Of what is none, nothing is said (RFC 7009 §2.2).
pub(super) async fn revoke(sts: &Sts, sender: &Sender, form: &Form) -> Result<Reply, Refusal> {
    let client = authenticated(sts, sender, form).await?;
    let token = form.want("token")?;
    let jkt = client.key.thumbprint();
    let books = sts.challenges();
    let ended = if let Some(known) = known(sts, token) {
        known.client_id == client.id && books.revoke(&known.jti).await?
    } else if let Some(id) = evidence_token::named(sts, token, &jkt) {
        books.revoke_evidence(&id).await?
    } else {
        books.revoke_handle(&sha256(token.as_bytes()), &jkt).await?
    };
    if ended {
        let facility = client.facility_id.as_deref().unwrap_or_default();
        let who = Who { device: &client.id, facility, ..Who::default() };
        let event = Event { what: What::Revocation, outcome: "ok", note: "", who };
        sts.audit.add(&event).await?;
    }
    Ok(Reply::ok(json!({})))
}

async fn authenticated(sts: &Sts, sender: &Sender, form: &Form) -> Result<Client, Refusal> {
    sts.devices.authenticate(sender.peer.as_ref(), form, &sts.base.issuer).await
}

/// A token of this issuer, which may have ended.
fn known(sts: &Sts, token: &str) -> Option<Known> {
    if let Some(claims) = AccessClaims::open(sts, token) {
        return Some(Known {
            claims: serde_json::to_value(&claims).ok()?,
            jti: claims.jti.clone(),
            client_id: claims.client_id.clone(),
            jkt: claims.jkt().to_owned(),
            exp: claims.exp,
            own: false,
        });
    }
    let claims = OwnClaims::open(sts, token)?;
    Some(Known {
        claims: serde_json::to_value(&claims).ok()?,
        jti: claims.jti,
        client_id: claims.client_id,
        jkt: claims.cnf.jkt,
        exp: claims.exp,
        own: true,
    })
}

/// Whether it opens anything now, in the hands of whoever holds its key.
async fn active(sts: &Sts, known: &Known) -> Result<bool, Refusal> {
    let alive = match sts.alive(&known.client_id, &known.jkt).await {
        Ok(_) => true,
        Err(Refusal::DeviceRevoked) if known.own => true,
        Err(Refusal::DeviceRevoked | Refusal::ClientUnknown) => false,
        Err(refusal) => return Err(refusal),
    };
    Ok(alive && sts.base.now() < known.exp && sts.challenges().is_issued(&known.jti).await?)
}
