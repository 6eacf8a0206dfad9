//! `POST /portal/challenge` and `POST /portal/session`: in with one's own card, for ten minutes.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::assertion::Assertion;
use super::store::Challenge;
use super::{JSON, Portal};
use crate::audit::{Event, What, Who};
use crate::base::jws::{base64url, read_exactly, sha256};
use crate::base::keys::{random, random_id};
use crate::base::refusal::Refusal;
use crate::base::reply::{Received, Reply, Shown, received};
use crate::base::sender::Sender;

/// The type of a challenge.
const TYP: &str = "kaigo-portal-challenge+jwt";
const VERSION: u8 = 1;
/// How long a challenge can be answered, and how long a person stays, in seconds.
const CHALLENGE: i64 = 120;
const SESSION: i64 = 10 * 60;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asks {
    vsn: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Begins {
    assertion: String,
}

/// `POST /portal/challenge`
pub(super) async fn challenge(
    State(portal): State<Arc<Portal>>,
    sender: Sender,
    body: Received,
) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        portal.challenge(&sender, &body).await
    };
    Reply::from(reply.await).at(portal.base.now())
}

/// `POST /portal/session`
pub(super) async fn begin(
    State(portal): State<Arc<Portal>>,
    sender: Sender,
    body: Received,
) -> Response {
    let reply = async {
        let body = received(&sender.headers, JSON, body)?;
        portal.begin(&sender, &body).await
    };
    Reply::from(reply.await).at(portal.base.now())
}

impl Portal {
    /// Something for the card to sign: for whoever holds this key, which nobody has to know.
    async fn challenge(&self, sender: &Sender, body: &[u8]) -> Result<Reply, Refusal> {
        let jkt = sender.proven(&self.base, None).await?.jkt;
        let asks: Asks = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
        if asks.vsn != VERSION {
            return Err(Refusal::RequestMalformed);
        }
        let now = self.base.now();
        let nonce = base64url(&random::<32>()?);
        let challenge =
            Challenge { nonce, jkt, issued_at: now, expires_at: now.saturating_add(CHALLENGE) };
        let payload = json!({
            "iss": self.base.issuer,
            "aud": "urn:kaigo:portal-assertion",
            "jti": random_id()?,
            "nonce": challenge.nonce,
            "iat": challenge.issued_at,
            "nbf": challenge.issued_at,
            "exp": challenge.expires_at,
            "cnf": { "jkt": challenge.jkt },
            "vsn": VERSION,
        });
        let jws = self.sts.challenge_of(TYP, &payload)?;
        self.sessions().offer(&sha256(jws.as_bytes()), &challenge).await?;
        Ok(Reply::created(json!({ "challenges": [{ "challenge": jws }] })))
    }

    async fn begin(&self, sender: &Sender, body: &[u8]) -> Result<Reply, Refusal> {
        let jkt = sender.proven(&self.base, None).await?.jkt;
        let begins: Begins = read_exactly(body).ok_or(Refusal::RequestMalformed)?;
        let judged = self.judged(&begins.assertion, &jkt).await;
        let person = judged.as_ref().map_or("", String::as_str);
        let outcome = judged.as_ref().err().map_or("ok", |why| why.code());
        let who = Who { person, ..Who::default() };
        self.audit.add(&Event { what: What::OwnView, outcome, note: "", who }).await?;
        let pmh_id = judged?;
        let token = base64url(&random::<32>()?);
        let until = self.base.now().saturating_add(SESSION);
        self.sessions().begin(&sha256(token.as_bytes()), (&jkt, &pmh_id), until).await?;
        let given = json!({ "access_token": token, "token_type": "DPoP", "expires_in": SESSION });
        Ok(Reply::created(given))
    }

    /// Whose card answered which challenge of this key.
    async fn judged(&self, assertion: &str, jkt: &str) -> Result<String, Refusal> {
        let assertion = Assertion::read(assertion)?;
        let now = self.base.now();
        let challenge = self.sessions().use_up(&assertion.challenge).await?;
        let challenge = challenge.ok_or(Refusal::ChallengeUnknown)?;
        if now >= challenge.expires_at {
            return Err(Refusal::ChallengeExpired);
        }
        assertion.bound_to(&challenge, jkt, &self.base.issuer, now)?;
        assertion.judge(self, now).await
    }

    /// Who asks, with the token of their session and its key.
    pub(super) async fn person(&self, sender: &Sender) -> Result<String, Refusal> {
        let token = match sender.shown().ok_or(Refusal::TokenMissing)? {
            Shown::Bound(token) => token,
            Shown::Bearer(_) => return Err(Refusal::TokenInvalid),
        };
        let shown = sender.proven(&self.base, Some(token)).await.map_err(Refusal::at_opening)?;
        let session = self.sessions().of(&sha256(token.as_bytes())).await?;
        let (pmh_id, jkt, until) = session.ok_or(Refusal::TokenInvalid)?;
        if jkt != shown.jkt {
            return Err(Refusal::TokenInvalid);
        }
        if self.base.now() >= until { Err(Refusal::TokenExpired) } else { Ok(pmh_id) }
    }
}
