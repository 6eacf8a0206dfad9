//! `POST /v1/token`: evidence for an access token (RFC 8693 §2).

use std::collections::HashMap;
use std::time::Duration;

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Sts;
use super::caller::Caller;
use super::evidence::{Answer, Method, Opening, needed};
use super::sealed;
use super::store::{Challenge, Consumed, IssuedToken, Use};
use super::token::{self, AccessClaims, Verified};
use crate::audit::{Event, What, Who};
use crate::base::clock::rfc3339;
use crate::base::jws::sha256;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::staff::Member;

pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// The token types of evidence.
const EVIDENCE: &str = "urn:x-kaigo:token-type:";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// How long the same bytes get the same answer, in seconds.
pub(super) const ANSWER_KEPT: i64 = 5 * 60;
/// How often, and how many times, a re-send looks for the answer that the first send is still waiting for.
const POLL: (Duration, u32) = (Duration::from_millis(10), 1000);

struct Form {
    method: Method,
    subject_token: String,
    actor_token: String,
    scope: String,
}

/// An answer as it is kept for a re-send.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    body: Value,
}

pub(crate) async fn exchange(
    sts: &Sts,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Reply, Refusal> {
    let form = Form::read(&sts.base.issuer, body)?;
    let caller = Caller::exchanging(sts, headers, &form.actor_token).await?;
    let answer = Answer::read(form.method, &form.subject_token)?;

    let now = sts.base.now();
    let attempt = Use {
        challenge: answer.challenge(),
        assertion: &sha256(form.subject_token.as_bytes()),
        caller: &caller,
    };
    match sts.challenges().consume(&attempt, now).await? {
        Consumed::Now(challenge) => {
            let judged = judge(sts, &challenge, &answer, &caller, &form.scope).await;
            let result = judged.as_ref().map_or_else(|refusal| refusal.code(), |_| "verified");
            let (reply, issued) = match judged {
                Ok((body, issued)) => (Reply::ok(body), Some(issued)),
                Err(refusal) => (refusal.into(), None),
            };
            let sealed = sealed(answer.challenge(), &form.subject_token, &reply)?;
            sts.challenges().finish(answer.challenge(), result, &sealed, issued.as_ref()).await?;
            Ok(reply)
        }
        Consumed::Before { same: true, used_at } if now - used_at <= ANSWER_KEPT => {
            answer_again(sts, answer.challenge(), &form.subject_token, now - used_at).await
        }
        Consumed::Before { .. } => {
            record(sts, What::Replay, &caller.member, Refusal::ChallengeUsed).await
        }
        // Somebody has the bytes that another device sent.
        Consumed::Elsewhere => record(sts, What::Replay, &caller.member, Refusal::Replayed).await,
        Consumed::Never => {
            record(sts, What::Exchange, &caller.member, Refusal::ChallengeUnknown).await
        }
    }
}

/// Puts on record what was refused without a challenge having been used up for it.
async fn record(sts: &Sts, what: What, member: &Member, why: Refusal) -> Result<Reply, Refusal> {
    let who = Who { facility: &member.facility_id, staff: &member.id, ..Who::default() };
    let event = Event { what, outcome: why.code(), note: "", who };
    sts.audit.add(&event).await?;
    Err(why)
}

/// Everything after the challenge has been consumed, in the order of the contract.
async fn judge(
    sts: &Sts,
    challenge: &Challenge,
    answer: &Answer<'_>,
    caller: &Caller,
    scope: &str,
) -> Result<(Value, IssuedToken), Refusal> {
    let now = sts.base.now();
    if now >= challenge.expires_at {
        return Err(Refusal::ChallengeExpired);
    }
    let method = answer.method();
    answer.bound_to(challenge, caller, &sts.base.issuer, now)?;
    may_open(method, &challenge.purpose, scope)?;
    let pmh_id = answer.judge(sts, challenge, caller, now).await?;

    let Caller { member, jkt, .. } = caller;
    let jkt = jkt.as_deref();
    let verified = Verified { member, method, scope, pmh_id: &pmh_id, at: now, jkt };
    let claims = AccessClaims::new(sts, &verified)?;
    let issued = IssuedToken {
        jti: claims.jti.clone(),
        expires_at: claims.exp,
        pmh_id,
        confirmed_with_pin: (method == Method::CardPin).then_some(now),
    };
    let body = serde_json::json!({
        "access_token": claims.sign(sts)?,
        "issued_token_type": ACCESS_TOKEN,
        "token_type": if jkt.is_some() { "DPoP" } else { "Bearer" },
        "expires_in": claims.exp - claims.iat,
        "scope": claims.scope,
        "honnin": {
            "method": method.name(),
            "verified_at": rfc3339(now),
            "fresh_until": rfc3339(claims.kaigo.fresh_until),
            "sub": claims.sub,
        },
    });
    Ok((body, issued))
}

/// Whether evidence of this kind, for these purposes, opens every scope that is asked for.
fn may_open(method: Method, purposes: &[String], scope: &str) -> Result<(), Refusal> {
    for scope in scope.split(' ') {
        if method.opens(scope) == Opening::Closed {
            return Err(Refusal::EvidenceTooWeak);
        }
        if !purposes.iter().any(|purpose| Some(purpose.as_str()) == needed(scope)) {
            return Err(Refusal::BindingMismatch("scope"));
        }
    }
    Ok(())
}

/// An answer as it is kept for a re-send.
fn sealed(challenge: &[u8], assertion: &str, reply: &Reply) -> Result<Vec<u8>, Refusal> {
    let kept = Kept { status: reply.status, body: reply.body.clone() };
    let kept = serde_json::to_vec(&kept).map_err(|_| Refusal::ServerFailed)?;
    Ok(sealed::seal(challenge, assertion, kept)?)
}

/// The answer the same bytes got before, `age` seconds ago; waits if the first send is still being judged.
async fn answer_again(
    sts: &Sts,
    challenge: &[u8],
    assertion: &str,
    age: i64,
) -> Result<Reply, Refusal> {
    let (pause, times) = POLL;
    for _ in 0..times {
        if let Some(sealed) = sts.challenges().answer(challenge).await? {
            let kept = sealed::open(challenge, assertion, sealed)?;
            let Kept { status, mut body } =
                serde_json::from_slice(&kept).map_err(|_| Refusal::ServerFailed)?;
            if let Some(left) = body.get("expires_in").and_then(Value::as_i64) {
                // The clock may have been set back meanwhile: what is left is never more than there was.
                body["expires_in"] = (left - age.max(0)).into();
            }
            return Ok(Reply::again(status, body));
        }
        tokio::time::sleep(pause).await;
    }
    Err(Refusal::ServerFailed)
}

impl Form {
    /// Unknown parameters are ignored, repeated ones refused (RFC 6749 §3.2).
    fn read(issuer: &str, body: &[u8]) -> Result<Self, Refusal> {
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if parameters.insert(name, value.into_owned()).is_some() {
                return Err(Refusal::RequestMalformed);
            }
        }
        let mut take = |name| parameters.remove(name).ok_or(Refusal::RequestMalformed);
        let fixed = [
            ("grant_type", GRANT_TYPE, Refusal::GrantUnsupported),
            ("actor_token_type", ACCESS_TOKEN, Refusal::RequestMalformed),
            ("requested_token_type", ACCESS_TOKEN, Refusal::RequestMalformed),
            ("resource", &format!("{issuer}/"), Refusal::TargetUnknown),
        ];
        for (name, value, refusal) in fixed {
            if take(name)? != value {
                return Err(refusal);
            }
        }
        let method = match take("subject_token_type")?.strip_prefix(EVIDENCE) {
            Some("card-assertion") => Method::CardPin,
            Some("tap-evidence") => Method::CardTap,
            _ => return Err(Refusal::RequestMalformed),
        };
        let form = Self {
            method,
            subject_token: take("subject_token")?,
            actor_token: take("actor_token")?,
            scope: take("scope")?,
        };
        if token::is_scope(&form.scope) { Ok(form) } else { Err(Refusal::ScopeUnknown) }
    }
}
