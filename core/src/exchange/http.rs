//! What all requests to the platform have in common.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::flow::{HttpRequest, HttpResponse};
use crate::message::{Code, Failure};

/// The value of `authorization` (RFC 6750 §2.1).
pub(crate) fn bearer(token: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("Bearer {token}"))
}

pub(crate) fn json(request: HttpRequest) -> HttpRequest {
    request.with_header("content-type", "application/json".to_owned())
}

pub(crate) fn form(request: HttpRequest) -> HttpRequest {
    request.with_header("content-type", "application/x-www-form-urlencoded".to_owned())
}

#[derive(Deserialize)]
struct Refusal {
    kaigo_error: String,
}

/// The body of an answer with this status; else why the platform refused.
pub(crate) fn body_of(response: &HttpResponse, status: u16) -> Result<&[u8], Failure> {
    if response.status == status {
        return Ok(&response.body);
    }
    let refusal = serde_json::from_slice::<Refusal>(&response.body).ok();
    Err(match refusal.map(|refusal| refusal_code(&refusal.kaigo_error)) {
        Some((code, detail)) => Failure::new(code).with_detail(detail),
        None if response.status >= 500 => Code::ServerFailed.into(),
        None => Code::ServerAnswerInvalid.into(),
    })
}

/// The codes of docs/exchange.md. Only these are taken from a server; anything else is a refusal without a name.
fn refusal_code(code: &str) -> (Code, &'static str) {
    match code {
        "staff_token_invalid" => (Code::StaffTokenInvalid, ""),
        "facility_mismatch" => (Code::FacilityMismatch, ""),
        "face_not_confirmed" => (Code::FaceNotConfirmed, ""),
        "challenge_unknown" => (Code::ChallengeUnknown, ""),
        "challenge_used" => (Code::ChallengeUsed, ""),
        "challenge_expired" => (Code::ChallengeExpired, ""),
        "certificate_malformed" => (Code::CertificateMalformed, ""),
        "certificate_untrusted" => (Code::CertificateUntrusted, ""),
        "certificate_expired" => (Code::CertificateExpired, ""),
        "certificate_revoked" => (Code::CertificateRevoked, ""),
        "certificate_renewed" => (Code::CertificateRenewed, ""),
        "certificate_status_unknown" => (Code::CertificateStatusUnknown, ""),
        "health_insurance_use_not_registered" => (Code::HealthInsuranceUseNotRegistered, ""),
        "person_not_found" => (Code::PersonNotFound, ""),
        "insurer_not_connected" => (Code::InsurerNotConnected, ""),
        "consent_required" => (Code::ConsentRequired, ""),
        "server_failed" => (Code::ServerFailed, ""),
        "request_malformed" => (Code::Refused, "request_malformed"),
        "assertion_malformed" => (Code::Refused, "assertion_malformed"),
        "binding_mismatch" => (Code::Refused, "binding_mismatch"),
        "signature_invalid" => (Code::Refused, "signature_invalid"),
        "token_invalid" => (Code::Refused, "token_invalid"),
        "token_expired" => (Code::Refused, "token_expired"),
        "scope_missing" => (Code::Refused, "scope_missing"),
        _ => (Code::Refused, ""),
    }
}
