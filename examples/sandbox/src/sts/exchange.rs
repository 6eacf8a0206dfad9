//! `POST /v1/token`: evidence for an access token (RFC 8693 §2).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Sts;
use super::caller::{Caller, Unnoted};
use super::domain::Domain;
use super::evidence::{Answer, Answers, Method, Statement, evidence_token};
use super::grant::{ACCESS_TOKEN, Asked, Proven, grant};
use super::issue::{Ground, Issued};
use super::sealed;
use super::statements::{Sent, exchanged};
use super::store::{Challenge, Consumed, Use};
use super::token;
use crate::audit::{Event, What};
use crate::base::form::Form;
use crate::base::jws::sha256;
use crate::base::keys::random_id;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;

pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// How long the same bytes get the same answer, in seconds.
pub(crate) const ANSWER_KEPT: i64 = 5 * 60;
/// How often, and how many times, a re-send looks for the answer that the first send is still waiting for.
const POLL: (Duration, u32) = (Duration::from_millis(20), 250);

/// What is exchanged.
#[derive(Clone, Copy)]
enum Kind {
    /// Evidence that answers a challenge.
    Answer(Method),
    /// A statement without a card.
    Statement(Method),
    /// The handle of a registration.
    Registration,
    /// An evidence token.
    Evidence,
    /// A card that lives in a phone: reserved.
    Mdoc,
}

impl Kind {
    /// Of a token type (RFC 8693 §3).
    fn named(token_type: &str) -> Option<Self> {
        Some(match token_type.strip_prefix("urn:x-kaigo:token-type:")? {
            "card-assertion" => Self::Answer(Method::CardPin),
            "tap-evidence" => Self::Answer(Method::CardTap),
            "four-attributes" => Self::Statement(Method::FourAttributes),
            "disaster" => Self::Statement(Method::Disaster),
            "registration" => Self::Registration,
            "evidence" => Self::Evidence,
            "mdoc" => Self::Mdoc,
            _ => return None,
        })
    }
}

/// What an exchange is to give for what.
struct Wanted<'a> {
    kind: Kind,
    subject_token: &'a str,
    actor_token: &'a str,
    asked: Asked<'a>,
}

/// An answer as it is kept for a re-send.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    body: Value,
}

pub(crate) async fn exchange(sts: &Sts, sender: &Sender, form: &Form) -> Result<Reply, Refusal> {
    let wanted = Wanted::read(&sts.base.issuer, form)?;
    let asking = Caller::exchanging(sts, sender, form, wanted.actor_token).await?;
    if let Err(why) = wanted.asked.domain.may(asking.caller().member.facility_kind) {
        // Nothing is used up: for care insurance the same proof still counts.
        let caller = asking.noted(sts).await?;
        return record(sts, What::Exchange, &caller, why).await;
    }
    match wanted.kind {
        Kind::Answer(method) => {
            match Answer::read(method, Answers::Challenge, wanted.subject_token) {
                Ok(answer) => answered(sts, asking, &answer, &wanted).await,
                Err(why) => Err(asking.noted(sts).await.err().unwrap_or(why)),
            }
        }
        Kind::Statement(method) => {
            match Statement::read(method, Answers::Challenge, wanted.subject_token) {
                Ok(statement) => stated(sts, asking, &statement, &wanted).await,
                Err(why) => Err(asking.noted(sts).await.err().unwrap_or(why)),
            }
        }
        Kind::Registration => {
            let caller = asking.noted(sts).await?;
            let now = sts.base.now();
            let proven = sts.registrations().judge(wanted.subject_token, &caller, now).await;
            once_more(sts, &caller, proven, wanted.asked).await
        }
        Kind::Evidence => {
            let caller = asking.noted(sts).await?;
            let now = sts.base.now();
            let proven = evidence_token::judge(sts, wanted.subject_token, &caller, now).await;
            once_more(sts, &caller, proven, wanted.asked).await
        }
        Kind::Mdoc => {
            asking.noted(sts).await?;
            Err(Refusal::EvidenceNotSupported)
        }
    }
}

/// Exchanges evidence that answers a challenge.
async fn answered(
    sts: &Sts,
    asking: Unnoted,
    answer: &Answer<'_>,
    wanted: &Wanted<'_>,
) -> Result<Reply, Refusal> {
    let now = sts.base.now();
    let digest = sha256(wanted.subject_token.as_bytes());
    let attempt = Use { challenge: answer.challenge(), assertion: &digest };
    let (caller, consumed) = sts.challenges().consume(&attempt, asking, now).await?;
    let caller = &caller;
    match consumed {
        Consumed::Now(challenge) => first(sts, caller, &challenge, answer, wanted, now).await,
        Consumed::Before { same: true, used_at } if now - used_at <= ANSWER_KEPT => {
            let once = Once::Challenge(answer.challenge());
            let age = now - used_at;
            if let Some(reply) = answer_again(sts, once, wanted.subject_token, age).await? {
                return Ok(reply);
            }
            // Whoever judged it has died over it. A holder who has typed a PIN is not asked for it again because of that.
            let now = sts.base.now();
            match sts.challenges().take_over(answer.challenge(), used_at, now).await? {
                Some(challenge) => first(sts, caller, &challenge, answer, wanted, used_at).await,
                None => Err(Refusal::ServerFailed),
            }
        }
        Consumed::Before { .. } => record(sts, What::Replay, caller, Refusal::ChallengeUsed).await,
        // Somebody has the bytes that another device sent.
        Consumed::Elsewhere => record(sts, What::Replay, caller, Refusal::Replayed).await,
        Consumed::Never => {
            let why = answer.made_by(caller).err().unwrap_or(Refusal::ChallengeUnknown);
            record(sts, What::Exchange, caller, why).await
        }
    }
}

/// Judges what has used a challenge up at a time, and keeps the answer.
async fn first(
    sts: &Sts,
    caller: &Caller,
    challenge: &Challenge,
    answer: &Answer<'_>,
    wanted: &Wanted<'_>,
    used_at: i64,
) -> Result<Reply, Refusal> {
    let judged = judge(sts, challenge, answer, caller, wanted.asked, used_at).await;
    let (reply, result, issued) = outcome(judged);
    let sealed = sealed(answer.challenge(), wanted.subject_token, &reply)?;
    let finished = sts
        .challenges()
        .finish(answer.challenge(), result, &sealed, issued.as_ref(), caller)
        .await?;
    // Somebody who took this one for dead was faster: theirs is the answer, and nothing came of this one.
    if finished { Ok(reply) } else { Err(Refusal::ServerFailed) }
}

/// Exchanges a statement without a card.
async fn stated(
    sts: &Sts,
    asking: Unnoted,
    statement: &Statement<'_>,
    wanted: &Wanted<'_>,
) -> Result<Reply, Refusal> {
    let now = sts.base.now();
    let digest = sha256(wanted.subject_token.as_bytes());
    let sent = Sent { digest: &digest, jti: statement.jti() };
    let (caller, consumed) = sts.statements().consume(&sent, asking, now).await?;
    let caller = &caller;
    match consumed {
        Consumed::Now(()) => {
            let judged = judge_statement(sts, statement, caller, wanted.asked).await;
            let (reply, result, issued) = outcome(judged);
            let sealed = sealed(&digest, wanted.subject_token, &reply)?;
            let (books, basis) = (sts.statements(), statement.basis());
            books.finish(&sent, basis, result, &sealed, issued.as_ref(), caller).await?;
            Ok(reply)
        }
        Consumed::Before { same: true, used_at } if now - used_at <= ANSWER_KEPT => {
            let once = Once::Statement(&digest);
            let reply = answer_again(sts, once, wanted.subject_token, now - used_at).await?;
            reply.ok_or(Refusal::ServerFailed)
        }
        _ => record(sts, What::Replay, caller, Refusal::Replayed).await,
    }
}

/// Exchanges what speaks of an earlier verification. It may be used as often as it lasts.
async fn once_more(
    sts: &Sts,
    caller: &Caller,
    proven: Result<Proven, Refusal>,
    asked: Asked<'_>,
) -> Result<Reply, Refusal> {
    let granted = async {
        let proven = proven?;
        proven.may_open(asked.scope)?;
        let is_registered = proven.method == Method::Registered;
        let evidence_id = proven.evidence_id.clone();
        let (body, issued) = grant(sts, caller, proven, asked).await?;
        let (ground, over) = if is_registered {
            (Ground::Registration(&issued.subject), Refusal::RegistrationExpired)
        } else {
            (Ground::Evidence(&evidence_id), Refusal::ReverifyRequired)
        };
        let event = exchanged(caller, "ok", Some(&issued));
        if sts.challenges().issue(&issued, ground, &event).await? { Ok(body) } else { Err(over) }
    };
    match granted.await {
        Ok(body) => Ok(Reply::ok(body)),
        Err(refusal) => record(sts, What::Exchange, caller, refusal).await,
    }
}

/// The reply, its name on record, and what goes with it.
fn outcome(judged: Result<(Value, Issued), Refusal>) -> (Reply, &'static str, Option<Issued>) {
    match judged {
        Ok((body, issued)) => (Reply::ok(body), "verified", Some(issued)),
        Err(refusal) => (refusal.into(), refusal.code(), None),
    }
}

/// Puts on record what was refused without a challenge having been used up for it.
async fn record(sts: &Sts, what: What, caller: &Caller, why: Refusal) -> Result<Reply, Refusal> {
    let event = Event { what, outcome: why.code(), note: "", who: caller.who() };
    sts.audit.add(&event).await?;
    Err(why)
}

/// Everything after the challenge has been consumed, in the order of the contract.
async fn judge(
    sts: &Sts,
    challenge: &Challenge,
    answer: &Answer<'_>,
    caller: &Caller,
    asked: Asked<'_>,
    used_at: i64,
) -> Result<(Value, Issued), Refusal> {
    let now = sts.base.now();
    if used_at >= challenge.expires_at {
        return Err(Refusal::ChallengeExpired);
    }
    answer.bound_to(challenge, caller, &sts.base.issuer, used_at)?;
    let mut proven = Proven {
        method: answer.method(),
        pmh_id: String::new(),
        purposes: challenge.purpose.clone(),
        basis: challenge.basis.clone(),
        verified_at: now,
        evidence_id: random_id()?,
        again: false,
        offline: false,
    };
    proven.may_open(asked.scope)?;
    proven.pmh_id = answer.judge(sts, challenge, caller, now).await?;
    grant(sts, caller, proven, asked).await
}

/// Everything after a statement has been consumed.
async fn judge_statement(
    sts: &Sts,
    statement: &Statement<'_>,
    caller: &Caller,
    asked: Asked<'_>,
) -> Result<(Value, Issued), Refusal> {
    let now = sts.base.now();
    let proven = Proven {
        method: statement.method,
        pmh_id: statement.judge(sts, caller, None, now).await?,
        purposes: statement.purposes().to_vec(),
        basis: statement.basis().to_owned(),
        verified_at: now,
        evidence_id: random_id()?,
        again: false,
        offline: false,
    };
    proven.may_open(asked.scope)?;
    grant(sts, caller, proven, asked).await
}

/// What was used up, by its SHA-256.
#[derive(Clone, Copy)]
enum Once<'a> {
    Challenge(&'a [u8]),
    Statement(&'a [u8]),
}

/// An answer as it is kept for a re-send.
fn sealed(once: &[u8], assertion: &str, reply: &Reply) -> Result<Vec<u8>, Refusal> {
    let kept = Kept { status: reply.status, body: reply.body.clone() };
    let kept = serde_json::to_vec(&kept).map_err(|_| Refusal::ServerFailed)?;
    Ok(sealed::seal(once, assertion, kept)?)
}

/// The answer the same bytes got before, `age` seconds ago; waits while the first send is still being judged, and has
/// none if that comes to no end.
async fn answer_again(
    sts: &Sts,
    once: Once<'_>,
    assertion: &str,
    age: i64,
) -> Result<Option<Reply>, Refusal> {
    let (pause, times) = POLL;
    for _ in 0..times {
        let (digest, sealed) = match once {
            Once::Challenge(digest) => (digest, sts.challenges().answer(digest).await?),
            Once::Statement(digest) => (digest, sts.statements().answer(digest).await?),
        };
        if let Some(sealed) = sealed {
            let kept = sealed::open(digest, assertion, sealed)?;
            let Kept { status, mut body } =
                serde_json::from_slice(&kept).map_err(|_| Refusal::ServerFailed)?;
            if let Some(left) = body.get("expires_in").and_then(Value::as_i64) {
                // The clock may have been set back meanwhile: what is left is never more than there was.
                body["expires_in"] = (left - age.max(0)).into();
            }
            return Ok(Some(Reply::again(status, body)));
        }
        tokio::time::sleep(pause).await;
    }
    Ok(None)
}

impl<'a> Wanted<'a> {
    fn read(issuer: &str, form: &'a Form) -> Result<Self, Refusal> {
        let fixed = [
            ("actor_token_type", ACCESS_TOKEN, Refusal::RequestMalformed),
            ("requested_token_type", ACCESS_TOKEN, Refusal::RequestMalformed),
            ("resource", &format!("{issuer}/"), Refusal::TargetUnknown),
        ];
        for (name, value, refusal) in fixed {
            if form.want(name)? != value {
                return Err(refusal);
            }
        }
        let kind = Kind::named(form.want("subject_token_type")?);
        let domain = form.get("insurance_domain").map_or(Some(Domain::Care), Domain::named);
        let wanted = Self {
            kind: kind.ok_or(Refusal::RequestMalformed)?,
            subject_token: form.want("subject_token")?,
            actor_token: form.want("actor_token")?,
            asked: Asked {
                scope: form.want("scope")?,
                domain: domain.ok_or(Refusal::RequestMalformed)?,
            },
        };
        if token::is_scope(wanted.asked.scope) { Ok(wanted) } else { Err(Refusal::ScopeUnknown) }
    }
}
