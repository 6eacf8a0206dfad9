//! What the platform's refusals mean.

use jiff::Timestamp;
use serde::Deserialize;

use crate::flow::HttpResponse;
use crate::message::{Code, Failure};

/// Every refusal that the platform gives by name, and the failure it becomes. Those that only a program can have caused
/// become `refused`, with their name as the detail. `docs/exchange.md` has the same names with status and meaning.
pub const REFUSALS: &[(&str, Code)] = &[
    ("staff_token_invalid", Code::StaffTokenInvalid),
    ("facility_mismatch", Code::FacilityMismatch),
    ("request_malformed", Code::Refused),
    ("face_not_confirmed", Code::FaceNotConfirmed),
    ("assertion_malformed", Code::Refused),
    ("challenge_unknown", Code::ChallengeUnknown),
    ("challenge_used", Code::ChallengeUsed),
    ("challenge_expired", Code::ChallengeExpired),
    ("binding_mismatch", Code::Refused),
    ("certificate_malformed", Code::CertificateMalformed),
    ("certificate_untrusted", Code::CertificateUntrusted),
    ("certificate_expired", Code::CertificateExpired),
    ("certificate_revoked", Code::CertificateRevoked),
    ("certificate_renewed", Code::CertificateRenewed),
    ("certificate_not_issued", Code::CertificateNotIssued),
    ("certificate_status_unknown", Code::CertificateStatusUnknown),
    ("signature_invalid", Code::Refused),
    ("health_insurance_use_not_registered", Code::HealthInsuranceUseNotRegistered),
    ("person_not_found", Code::PersonNotFound),
    ("insurer_not_connected", Code::InsurerNotConnected),
    ("consent_required", Code::ConsentRequired),
    ("token_invalid", Code::Refused),
    ("token_expired", Code::Refused),
    ("scope_missing", Code::Refused),
    ("client_unknown", Code::ClientUnknown),
    ("device_revoked", Code::DeviceRevoked),
    ("activation_code_invalid", Code::ActivationCodeInvalid),
    ("device_key_known", Code::DeviceKeyKnown),
    (NONCE_REQUIRED, Code::Refused),
    (PROOF_INVALID, Code::Refused),
    ("client_certificate_required", Code::ClientCertificateRequired),
    ("staff_signed_out", Code::StaffSignedOut),
    ("sign_in_expired", Code::SignInExpired),
    ("evidence_not_supported", Code::EvidenceNotSupported),
    ("evidence_too_weak", Code::EvidenceTooWeak),
    ("reverify_required", Code::ReverifyRequired),
    ("first_pin_required", Code::FirstPinRequired),
    ("dob_mismatch", Code::DobMismatch),
    ("card_record_invalid", Code::CardNotGenuine),
    ("registration_expired", Code::RegistrationExpired),
    ("disaster_not_active", Code::DisasterNotActive),
    ("replayed", Code::Replayed),
    ("facility_kind_not_allowed", Code::FacilityKindNotAllowed),
    ("consent_by_municipality", Code::ConsentByMunicipality),
    ("assent_missing", Code::AssentMissing),
    ("filing_conflict", Code::FilingConflict),
    ("not_shared", Code::NotShared),
    ("physician_consent_required", Code::PhysicianConsentRequired),
    ("ticket_limit", Code::TicketLimit),
    ("offline_not_allowed", Code::OfflineNotAllowed),
    ("ticket_unknown", Code::TicketUnknown),
    ("ticket_used", Code::TicketUsed),
    ("ticket_expired", Code::TicketExpired),
    ("offline_visit_missing", Code::OfflineVisitMissing),
    ("too_many_requests", Code::ServerBusy),
    ("server_failed", Code::ServerFailed),
];

/// The failure of a refusal that an answer names; one that has no name here is [`Code::Refused`].
pub(crate) fn named(refusal: &str) -> Code {
    REFUSALS.iter().find(|(name, _)| *name == refusal).map_or(Code::Refused, |&(_, code)| code)
}

/// Asked again with the nonce that came with it, it is no refusal (RFC 9449 §8).
const NONCE_REQUIRED: &str = "dpop_nonce_required";
const PROOF_INVALID: &str = "dpop_proof_invalid";

/// Longest wait that a server may ask for, seconds; more is taken for this.
const LONGEST_WAIT: u32 = 60 * 60;

/// What a refusal says.
pub(crate) struct Refused {
    pub(crate) failure: Failure,
    /// When, by the platform's clock.
    pub(crate) at: Option<Timestamp>,
    /// Nothing was done: the same is to be asked again with the nonce that came with this (RFC 9449 §8, §9).
    pub(crate) wants_nonce: bool,
    /// The proof was refused (RFC 9449 §4.3), perhaps for its time.
    pub(crate) of_proof: bool,
}

#[derive(Deserialize)]
struct Refusal {
    /// The code of OAuth: all that a server of another make says.
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    kaigo_error: Option<String>,
    #[serde(default)]
    server_time: Option<Timestamp>,
}

/// Why the platform refused, and when by its clock. Only the names of the table are taken from a server; anything else is
/// a refusal without one.
pub(crate) fn refused(response: &HttpResponse) -> Refused {
    let refusal = serde_json::from_slice::<Refusal>(&response.body).ok();
    let at = refusal.as_ref().and_then(|refusal| refusal.server_time);
    let is =
        |name| refusal.as_ref().is_some_and(|refusal| refusal.kaigo_error.as_deref() == Some(name));
    // By its own name, or by that of RFC 9449 §8: whoever issues staff tokens may be of another make.
    let asked = refusal.as_ref().and_then(|refusal| refusal.error.as_deref());
    let wants_nonce = matches!(response.status, 400 | 401)
        && (is(NONCE_REQUIRED) || asked == Some("use_dpop_nonce"));
    let of_proof = is(PROOF_INVALID);
    let named = refusal.and_then(|refusal| refusal.kaigo_error).map(|said| {
        REFUSALS.iter().find(|(name, _)| *name == said).map_or_else(
            || Code::Refused.into(),
            |&(name, code)| match code {
                Code::Refused => Failure::new(code).with_detail(name),
                _ => code.into(),
            },
        )
    });
    let failure = match (named, response.status) {
        (Some(failure), _) => failure,
        (None, 429 | 503) => Code::ServerBusy.into(),
        (None, 500..) => Code::ServerFailed.into(),
        (None, _) => Code::ServerAnswerInvalid.into(),
    };
    let failure = retry_after(response).map_or(failure, |seconds| failure.with_wait(seconds));
    Refused { failure, at, wants_nonce, of_proof }
}

/// How long to wait, where the server says so in seconds (RFC 9110 §10.2.3). A date is not taken: it would need a clock
/// that is right.
fn retry_after(response: &HttpResponse) -> Option<u32> {
    let value = response.header("retry-after")?;
    let digits = (1..=9).contains(&value.len()) && value.bytes().all(|c| c.is_ascii_digit());
    let seconds = digits.then(|| value.parse::<u32>().ok()).flatten()?;
    Some(seconds.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn answer(status: u16, body: &str, headers: &[(&str, &str)]) -> HttpResponse {
        let answer = HttpResponse::new(status, body.as_bytes().to_vec());
        answer.with_headers(headers.iter().copied()).unwrap()
    }

    #[test]
    fn the_names_are_those_of_the_document() {
        let document = include_str!("../../../docs/exchange.md");
        let table = document.split("## Errors").nth(1).unwrap();
        let documented: Vec<&str> = table
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .filter(|name| *name != "kaigo_error")
            .collect();
        let ours: Vec<&str> = REFUSALS.iter().map(|(name, _)| *name).collect();
        assert_eq!(ours.iter().collect::<HashSet<_>>().len(), ours.len());
        assert_eq!(documented, ours);
    }

    #[test]
    fn a_refusal_is_told_by_its_name_and_by_nothing_else_that_a_server_writes() {
        let Refused { failure, .. } =
            refused(&answer(400, r#"{"kaigo_error": "challenge_used"}"#, &[]));
        assert_eq!((failure.code(), &*failure.detail()), (Code::ChallengeUsed, ""));
        let Refused { failure, .. } =
            refused(&answer(400, r#"{"kaigo_error": "binding_mismatch"}"#, &[]));
        assert_eq!((failure.code(), &*failure.detail()), (Code::Refused, "binding_mismatch"));
        let Refused { failure, .. } =
            refused(&answer(400, r#"{"kaigo_error": "\u001b[2Jnew"}"#, &[]));
        assert_eq!((failure.code(), &*failure.detail()), (Code::Refused, ""));
        assert_eq!(refused(&answer(404, "<html>", &[])).failure.code(), Code::ServerAnswerInvalid);
        assert_eq!(refused(&answer(502, "<html>", &[])).failure.code(), Code::ServerFailed);
        let body = r#"{"kaigo_error": "server_failed", "server_time": "2026-11-20T01:02:03Z"}"#;
        let at = "2026-11-20T01:02:03Z".parse().unwrap();
        assert_eq!(refused(&answer(500, body, &[])).at, Some(at));
    }

    #[test]
    fn a_wait_is_taken_from_the_server_within_reason() {
        let wait = |value| refused(&answer(503, "", &[("Retry-After", value)])).failure.wait();
        assert_eq!(wait("7"), Some(7));
        assert_eq!(wait("86400"), Some(LONGEST_WAIT));
        for odd in ["", "-1", "1.5", "9999999999", "Fri, 20 Nov 2026 01:02:03 GMT"] {
            assert_eq!(wait(odd), None, "{odd}");
        }
        let busy = refused(&answer(429, "", &[])).failure;
        assert_eq!((busy.code(), busy.wait()), (Code::ServerBusy, None));
    }
}
