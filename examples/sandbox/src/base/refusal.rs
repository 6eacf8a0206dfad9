//! Every refusal the platform can give, in one table.

use ring::error::Unspecified;

/// Why a request was refused. Carries no personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(test),
    allow(dead_code, reason = "the document names some before a room gives them")
)]
pub(crate) enum Refusal {
    StaffTokenInvalid,
    /// None was shown at all.
    StaffTokenMissing,
    /// The same as a parameter: it is the request that is wrong, not its sender's credentials.
    ActorTokenInvalid,
    FacilityMismatch,
    RequestMalformed,
    GrantUnsupported,
    ScopeUnknown,
    TargetUnknown,
    FaceNotConfirmed,
    AssertionMalformed,
    ChallengeUnknown,
    ChallengeUsed,
    ChallengeExpired,
    /// The member of the assertion, or the parameter, that says something else.
    BindingMismatch(&'static str),
    CertificateMalformed,
    CertificateUntrusted,
    CertificateExpired,
    CertificateRevoked,
    CertificateRenewed,
    CertificateNotIssued,
    CertificateStatusUnknown,
    SignatureInvalid,
    HealthInsuranceUseNotRegistered,
    PersonNotFound,
    InsurerNotConnected,
    ConsentRequired,
    TokenInvalid,
    /// None was shown at all.
    TokenMissing,
    TokenExpired,
    /// The scope that would open it.
    ScopeMissing(&'static str),
    ClientUnknown,
    DeviceRevoked,
    ActivationCodeInvalid,
    DeviceKeyKnown,
    DpopNonceRequired,
    /// The same where a token opens something (RFC 9449 §9).
    OpeningNonceRequired,
    DpopProofInvalid,
    /// The same where a token opens something (RFC 9449 §7.1).
    OpeningProofInvalid,
    ClientCertificateRequired,
    StaffSignedOut,
    SignInExpired,
    EvidenceNotSupported,
    EvidenceTooWeak,
    ReverifyRequired,
    FirstPinRequired,
    DobMismatch,
    CardRecordInvalid,
    RegistrationExpired,
    DisasterNotActive,
    Replayed,
    FacilityKindNotAllowed,
    ConsentByMunicipality,
    AssentMissing,
    FilingConflict,
    NotShared,
    PhysicianConsentRequired,
    TicketLimit,
    OfflineNotAllowed,
    TicketUnknown,
    TicketUsed,
    TicketExpired,
    OfflineVisitMissing,
    TooManyRequests,
    ServerFailed,
}

/// Who asks a client to show a token, and to prove that it holds its key (RFC 9449 §7.1).
const REALM: &str = "DPoP realm=\"kaigotap-sandbox\", algs=\"ES256\"";

impl Refusal {
    /// `kaigo_error`, HTTP status, and the code of RFC 6749 §5.2, RFC 6750 §3.1 or RFC 8693 §2.2.2.
    pub(crate) fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::StaffTokenInvalid | Self::StaffTokenMissing => {
                ("staff_token_invalid", 401, "invalid_token")
            }
            Self::ActorTokenInvalid => ("staff_token_invalid", 400, "invalid_request"),
            Self::FacilityMismatch => ("facility_mismatch", 403, "access_denied"),
            Self::RequestMalformed => ("request_malformed", 400, "invalid_request"),
            Self::GrantUnsupported => ("request_malformed", 400, "unsupported_grant_type"),
            Self::ScopeUnknown => ("request_malformed", 400, "invalid_scope"),
            Self::TargetUnknown => ("request_malformed", 400, "invalid_target"),
            Self::FaceNotConfirmed => ("face_not_confirmed", 400, "invalid_request"),
            Self::AssertionMalformed => ("assertion_malformed", 400, "invalid_request"),
            Self::ChallengeUnknown => ("challenge_unknown", 400, "invalid_request"),
            Self::ChallengeUsed => ("challenge_used", 400, "invalid_request"),
            Self::ChallengeExpired => ("challenge_expired", 400, "invalid_request"),
            Self::BindingMismatch(_) => ("binding_mismatch", 400, "invalid_request"),
            Self::CertificateMalformed => ("certificate_malformed", 400, "invalid_request"),
            Self::CertificateUntrusted => ("certificate_untrusted", 400, "invalid_request"),
            Self::CertificateExpired => ("certificate_expired", 400, "invalid_request"),
            Self::CertificateRevoked => ("certificate_revoked", 400, "invalid_request"),
            Self::CertificateRenewed => ("certificate_renewed", 400, "invalid_request"),
            Self::CertificateNotIssued => ("certificate_not_issued", 400, "invalid_request"),
            Self::CertificateStatusUnknown => {
                ("certificate_status_unknown", 503, "temporarily_unavailable")
            }
            Self::SignatureInvalid => ("signature_invalid", 400, "invalid_request"),
            Self::HealthInsuranceUseNotRegistered => {
                ("health_insurance_use_not_registered", 403, "access_denied")
            }
            Self::PersonNotFound => ("person_not_found", 404, "invalid_request"),
            Self::InsurerNotConnected => ("insurer_not_connected", 409, "temporarily_unavailable"),
            Self::ConsentRequired => ("consent_required", 403, "access_denied"),
            Self::TokenInvalid | Self::TokenMissing => ("token_invalid", 401, "invalid_token"),
            Self::TokenExpired => ("token_expired", 401, "invalid_token"),
            Self::ScopeMissing(_) => ("scope_missing", 403, "insufficient_scope"),
            Self::ClientUnknown => ("client_unknown", 401, "invalid_client"),
            Self::DeviceRevoked => ("device_revoked", 401, "invalid_client"),
            Self::ActivationCodeInvalid => ("activation_code_invalid", 400, "invalid_request"),
            Self::DeviceKeyKnown => ("device_key_known", 409, "invalid_request"),
            Self::DpopNonceRequired => ("dpop_nonce_required", 400, "use_dpop_nonce"),
            Self::OpeningNonceRequired => ("dpop_nonce_required", 401, "use_dpop_nonce"),
            Self::DpopProofInvalid => ("dpop_proof_invalid", 400, "invalid_dpop_proof"),
            Self::OpeningProofInvalid => ("dpop_proof_invalid", 401, "invalid_dpop_proof"),
            Self::ClientCertificateRequired => {
                ("client_certificate_required", 401, "invalid_client")
            }
            Self::SignInExpired => ("sign_in_expired", 400, "invalid_grant"),
            Self::StaffSignedOut => ("staff_signed_out", 401, "invalid_token"),
            Self::EvidenceNotSupported => ("evidence_not_supported", 400, "invalid_request"),
            Self::EvidenceTooWeak => ("evidence_too_weak", 403, "access_denied"),
            Self::ReverifyRequired => ("reverify_required", 403, "access_denied"),
            Self::FirstPinRequired => ("first_pin_required", 403, "access_denied"),
            Self::DobMismatch => ("dob_mismatch", 403, "access_denied"),
            Self::CardRecordInvalid => ("card_record_invalid", 400, "invalid_request"),
            Self::RegistrationExpired => ("registration_expired", 403, "access_denied"),
            Self::DisasterNotActive => ("disaster_not_active", 403, "access_denied"),
            Self::Replayed => ("replayed", 400, "invalid_request"),
            Self::FacilityKindNotAllowed => ("facility_kind_not_allowed", 403, "access_denied"),
            Self::ConsentByMunicipality => ("consent_by_municipality", 403, "access_denied"),
            Self::AssentMissing => ("assent_missing", 400, "invalid_request"),
            Self::FilingConflict => ("filing_conflict", 409, "invalid_request"),
            Self::NotShared => ("not_shared", 403, "access_denied"),
            Self::PhysicianConsentRequired => ("physician_consent_required", 403, "access_denied"),
            Self::TicketLimit => ("ticket_limit", 409, "invalid_request"),
            Self::OfflineNotAllowed => ("offline_not_allowed", 403, "access_denied"),
            Self::TicketUnknown => ("ticket_unknown", 400, "invalid_request"),
            Self::TicketUsed => ("ticket_used", 409, "invalid_request"),
            Self::TicketExpired => ("ticket_expired", 400, "invalid_request"),
            Self::OfflineVisitMissing => ("offline_visit_missing", 409, "invalid_request"),
            Self::TooManyRequests => ("too_many_requests", 429, "temporarily_unavailable"),
            Self::ServerFailed => ("server_failed", 500, "server_error"),
        }
    }

    /// `WWW-Authenticate` of RFC 6750 §3, which says nothing of a token to somebody who showed none (§3.1).
    pub(crate) fn authenticate(self) -> Option<String> {
        match (self, self.row().1) {
            (Self::StaffTokenMissing | Self::TokenMissing, _) => Some(REALM.to_owned()),
            (Self::ScopeMissing(scope), _) => {
                Some(format!("{REALM}, error=\"insufficient_scope\", scope=\"{scope}\""))
            }
            (Self::OpeningNonceRequired | Self::OpeningProofInvalid, _) => {
                Some(format!("{REALM}, error=\"{}\"", self.row().2))
            }
            // As in the body: clients look at the header first.
            (_, 401) => Some(format!("{REALM}, error=\"{}\"", self.row().2)),
            (_, status) => authenticate(status),
        }
    }

    /// The same of a token that came as `actor_token` (RFC 8693 §2.2.2).
    pub(crate) fn of_actor(self) -> Self {
        match self {
            Self::StaffTokenInvalid => Self::ActorTokenInvalid,
            other => other,
        }
    }

    /// The same where a token opens something: there it is the credentials that are not good.
    pub(crate) fn at_opening(self) -> Self {
        match self {
            Self::DpopNonceRequired => Self::OpeningNonceRequired,
            Self::DpopProofInvalid => Self::OpeningProofInvalid,
            other => other,
        }
    }

    /// The stable code.
    pub(crate) fn code(self) -> &'static str {
        self.row().0
    }
}

/// `WWW-Authenticate` of RFC 6750 §3 for a status.
pub(crate) fn authenticate(status: u16) -> Option<String> {
    match status {
        401 => Some(format!("{REALM}, error=\"invalid_token\"")),
        403 => Some(format!("{REALM}, error=\"insufficient_scope\"")),
        _ => None,
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        // SQL text holds placeholders only, so the error names no value.
        tracing::error!(%error, "the database failed");
        Self::ServerFailed
    }
}

/// No random bytes, or no signature.
impl From<Unspecified> for Refusal {
    fn from(_: Unspecified) -> Self {
        Self::ServerFailed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// All of them; the compiler knows if one is missing in the table, and the document if one is missing here.
    const ALL: [Refusal; 64] = [
        Refusal::StaffTokenInvalid,
        Refusal::StaffTokenMissing,
        Refusal::ActorTokenInvalid,
        Refusal::FacilityMismatch,
        Refusal::RequestMalformed,
        Refusal::GrantUnsupported,
        Refusal::ScopeUnknown,
        Refusal::TargetUnknown,
        Refusal::FaceNotConfirmed,
        Refusal::AssertionMalformed,
        Refusal::ChallengeUnknown,
        Refusal::ChallengeUsed,
        Refusal::ChallengeExpired,
        Refusal::BindingMismatch("act"),
        Refusal::CertificateMalformed,
        Refusal::CertificateUntrusted,
        Refusal::CertificateExpired,
        Refusal::CertificateRevoked,
        Refusal::CertificateRenewed,
        Refusal::CertificateNotIssued,
        Refusal::CertificateStatusUnknown,
        Refusal::SignatureInvalid,
        Refusal::HealthInsuranceUseNotRegistered,
        Refusal::PersonNotFound,
        Refusal::InsurerNotConnected,
        Refusal::ConsentRequired,
        Refusal::TokenInvalid,
        Refusal::TokenMissing,
        Refusal::TokenExpired,
        Refusal::ScopeMissing("qualification:read"),
        Refusal::ClientUnknown,
        Refusal::DeviceRevoked,
        Refusal::ActivationCodeInvalid,
        Refusal::DeviceKeyKnown,
        Refusal::DpopNonceRequired,
        Refusal::OpeningNonceRequired,
        Refusal::DpopProofInvalid,
        Refusal::OpeningProofInvalid,
        Refusal::ClientCertificateRequired,
        Refusal::StaffSignedOut,
        Refusal::SignInExpired,
        Refusal::EvidenceNotSupported,
        Refusal::EvidenceTooWeak,
        Refusal::ReverifyRequired,
        Refusal::FirstPinRequired,
        Refusal::DobMismatch,
        Refusal::CardRecordInvalid,
        Refusal::RegistrationExpired,
        Refusal::DisasterNotActive,
        Refusal::Replayed,
        Refusal::FacilityKindNotAllowed,
        Refusal::ConsentByMunicipality,
        Refusal::AssentMissing,
        Refusal::FilingConflict,
        Refusal::NotShared,
        Refusal::PhysicianConsentRequired,
        Refusal::TicketLimit,
        Refusal::OfflineNotAllowed,
        Refusal::TicketUnknown,
        Refusal::TicketUsed,
        Refusal::TicketExpired,
        Refusal::OfflineVisitMissing,
        Refusal::TooManyRequests,
        Refusal::ServerFailed,
    ];

    #[test]
    fn the_table_is_that_of_the_document() {
        let document = include_str!("../../../../docs/exchange.md");
        let written: BTreeMap<String, u16> = document
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
            .filter_map(|(name, rest)| Some((name.to_owned(), rest.get(..3)?.parse().ok()?)))
            .collect();
        // Those that come in a second place have another status there, which the document says in words.
        let elsewhere = [
            (Refusal::ActorTokenInvalid, 400, "400 as `actor_token`"),
            (Refusal::OpeningNonceRequired, 401, "401 at a resource, RFC 9449 §9"),
            (Refusal::OpeningProofInvalid, 401, "(401 at a resource)"),
        ];
        let given = ALL.iter().filter(|given| elsewhere.iter().all(|(other, ..)| other != *given));
        let given: BTreeMap<String, u16> =
            given.map(|refusal| (refusal.code().to_owned(), refusal.row().1)).collect();
        assert_eq!(given, written);
        for (refusal, status, words) in elsewhere {
            assert_eq!(refusal.row().1, status);
            assert!(document.contains(words), "{words}");
        }
    }

    #[test]
    fn errors_of_oauth_fit_their_status() {
        for refusal in ALL {
            let (code, status, error) = refusal.row();
            let fits = match error {
                "invalid_request" => (400..=404).contains(&status) || status == 409,
                "unsupported_grant_type" | "invalid_grant" | "invalid_scope" | "invalid_target" => {
                    status == 400
                }
                "use_dpop_nonce" | "invalid_dpop_proof" => matches!(status, 400 | 401),
                "invalid_token" | "invalid_client" => status == 401,
                "access_denied" | "insufficient_scope" => status == 403,
                "temporarily_unavailable" => matches!(status, 409 | 429 | 503),
                "server_error" => status == 500,
                _ => false,
            };
            assert!(fits, "{code} {status} {error}");
            let asked = refusal.authenticate();
            assert_eq!(asked.is_some(), status == 401 || status == 403, "{code}");
            let unsaid = matches!(refusal, Refusal::StaffTokenMissing | Refusal::TokenMissing);
            let said = asked.is_some_and(|asked| asked.contains(&format!("error=\"{error}\"")));
            assert!(said || unsaid || status != 401, "{code}");
        }
    }
}
