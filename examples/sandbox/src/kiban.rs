//! The care information platform (介護情報基盤): what a token opens, and the gates before it.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::Person;
use crate::clock::rfc3339;
use crate::error::{Refusal, Reply};
use crate::platform::Platform;
use crate::staff::bearer;
use crate::sts::token::AccessClaims;

/// The scope that opens `GET /v1/qualification`.
pub(crate) const QUALIFICATION_READ: &str = "qualification:read";

/// `GET /v1/qualification`: the entitlement of the person the token was issued for.
pub(crate) async fn qualification(
    platform: &Platform,
    headers: &HeaderMap,
) -> Result<Reply, Refusal> {
    let now = platform.clock.now();
    let claims = bearer(headers)
        .and_then(|token| AccessClaims::open(platform, token))
        .ok_or(Refusal::TokenInvalid)?;
    if now >= claims.exp {
        return Err(Refusal::TokenExpired);
    }
    if !claims.allows(QUALIFICATION_READ) {
        return Err(Refusal::ScopeMissing);
    }
    let insured = platform.store.insured(&claims.jti).await?.ok_or(Refusal::TokenInvalid)?;
    if !insured.insurer_connected {
        return Err(Refusal::InsurerNotConnected);
    }
    if !insured.consent {
        return Err(Refusal::ConsentRequired);
    }
    let mut record: Value =
        serde_json::from_str(&insured.record).map_err(|_| Refusal::ServerFailed)?;
    record["periodic"]["as_of"] = rfc3339(now).into();
    Ok(Reply::ok(record))
}

/// What is kept of a person: stable items and items that change with time, apart.
pub(crate) fn record(person: &Person) -> Value {
    json!({
        "person": { "name_kana": person.name_kana, "birth_date": person.birth_date, "sex": person.sex },
        "insurer": { "number": person.insurer_number, "name": person.insurer_name },
        "insured_number": person.insured_number,
        "periodic": {
            "care_level": person.care_level,
            "burden_ratio": person.burden_ratio,
            "limit_certificate": person.limit_certificate,
        },
    })
}
