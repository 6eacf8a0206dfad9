//! Answers requests that carry the platform's access tokens: `docs/resource-server.md`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use kaigotap::resource::{Granted, Incoming, Needed, Pace, RecentProofs, Refused, Verifier};

/// What outlives a request.
pub(crate) type Kept = Arc<Mutex<(Verifier, RecentProofs, Pace)>>;

/// What the client showed when the connection was made, DER.
#[derive(Clone)]
pub(crate) struct Certificate(pub(crate) Option<Vec<u8>>);

fn judge(kept: &Kept, request: &Parts, certificate: &Certificate) -> Result<Granted, Refused> {
    let mut incoming = Incoming::new(request.method.as_str(), request.uri.path());
    for (name, value) in &request.headers {
        incoming = incoming.with_header(name.as_str(), value.as_bytes());
    }
    if let Some(der) = &certificate.0 {
        incoming = incoming.with_certificate(der);
    }
    let (verifier, proofs, _) = &mut *kept.lock().unwrap_or_else(PoisonError::into_inner);
    let needed = Needed::scope("qualification:read").fresh();
    verifier.verify(&incoming, &needed, Timestamp::now(), proofs)
}

pub(crate) async fn plans(
    State(kept): State<Kept>,
    Extension(certificate): Extension<Certificate>,
    request: Parts,
) -> Response {
    let mut judged = judge(&kept, &request, &certificate);
    let may_fetch = || kept.lock().is_ok_and(|mut kept| kept.2.may_fetch(Timestamp::now()));
    if judged.as_ref().is_err_and(Refused::wants_keys) && may_fetch() {
        if let (Ok(keys), Ok(mut kept)) = (crate::keys().await, kept.lock()) {
            kept.0.renew(keys);
        }
        judged = judge(&kept, &request, &certificate);
    }
    match judged {
        Ok(person) => Json(serde_json::json!({ "subject": person.subject })).into_response(),
        Err(refused) => {
            let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            let challenge = [(header::WWW_AUTHENTICATE, refused.www_authenticate().to_owned())];
            (status, challenge, refused.code()).into_response()
        }
    }
}
