//! Challenges that go wrong on purpose, on their way out: what a hostile or failing token service would send.
//!
//! What is altered here was right when it was given out, and is on record as it leaves, so that what a device
//! makes of it can be sent back.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::Value;

use super::Sts;
use super::challenge::TYP;
use super::store::Altered;
use crate::base::fault::Fault;
use crate::base::jws::{Compact, SigningKey, sha256};
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;

const OTHER_FACILITY: &str = "1379999999";
const OTHER_PURPOSE: &str = "consent";
/// How long ago the one ended that has expired, in seconds.
const EXPIRED: i64 = 600;
/// No answer comes near this many bytes.
const LONGEST: usize = 64 * 1024;

/// Around the handler: alters the challenge in a right answer if a fault is armed.
pub(crate) async fn tamper(State(sts): State<Arc<Sts>>, request: Request, next: Next) -> Response {
    let answer = next.run(request).await;
    if answer.status() != StatusCode::CREATED {
        return answer;
    }
    match sts.base.faults.at_challenge() {
        None => answer,
        Some(fault) => match altered(&sts, answer, fault).await {
            Ok(altered) => altered,
            Err(refusal) => Reply::from(refusal).at(sts.base.now()),
        },
    }
}

async fn altered(sts: &Sts, answer: Response, fault: Fault) -> Result<Response, Refusal> {
    let failed = |_| Refusal::ServerFailed;
    let (mut head, body) = answer.into_parts();
    let body = to_bytes(body, LONGEST).await.map_err(|_| Refusal::ServerFailed)?;
    let mut body: Value = serde_json::from_slice(&body).map_err(failed)?;
    let challenge = &mut body["challenges"][0]["challenge"];
    let given = challenge.as_str().ok_or(Refusal::ServerFailed)?.to_owned();
    let compact = Compact::split(&given).ok_or(Refusal::ServerFailed)?;
    let mut payload: Value = serde_json::from_slice(&compact.payload).map_err(failed)?;
    let mut older_by = 0;
    match fault {
        Fault::ChallengeExpired => {
            older_by = EXPIRED + sts.challenge_lifetime;
            for time in ["iat", "nbf", "exp"] {
                let right = payload[time].as_i64().unwrap_or_default();
                payload[time] = right.saturating_sub(older_by).into();
            }
        }
        Fault::ChallengeOtherFacility => payload["facility_id"] = OTHER_FACILITY.into(),
        Fault::ChallengeOtherPurpose => payload["purpose"] = vec![OTHER_PURPOSE].into(),
        _ => {}
    }
    let jws = if fault == Fault::ChallengeWrongKey {
        let other = SigningKey::from_pkcs8(&SigningKey::generate()?)?;
        other.sign_as(&sts.keys.challenge.kid(), TYP, &payload)?
    } else {
        sts.keys.challenge.sign(TYP, &payload)?
    };
    let altered = Altered {
        digest: sha256(jws.as_bytes()),
        older_by,
        used: fault == Fault::ChallengeAlreadyUsed,
    };
    sts.challenges().alter(&sha256(given.as_bytes()), &altered).await?;
    *challenge = jws.into();
    head.headers.remove(CONTENT_LENGTH);
    Ok(Response::from_parts(head, Body::from(body.to_string())))
}
