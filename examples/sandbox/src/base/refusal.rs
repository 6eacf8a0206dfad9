//! Every refusal the platform can give, in one table.

use ring::error::Unspecified;

/// Why a request was refused. Carries no personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    StaffTokenInvalid,
    FacilityMismatch,
    RequestMalformed,
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
    CertificateStatusUnknown,
    SignatureInvalid,
    HealthInsuranceUseNotRegistered,
    PersonNotFound,
    InsurerNotConnected,
    ConsentRequired,
    TokenInvalid,
    TokenExpired,
    ScopeMissing,
    ServerFailed,
}

impl Refusal {
    /// `kaigo_error`, HTTP status, and the code of RFC 6749 §5.2, RFC 6750 §3.1 or RFC 8693 §2.2.2.
    pub(crate) fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::StaffTokenInvalid => ("staff_token_invalid", 401, "invalid_token"),
            Self::FacilityMismatch => ("facility_mismatch", 403, "access_denied"),
            Self::RequestMalformed => ("request_malformed", 400, "invalid_request"),
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
            Self::TokenInvalid => ("token_invalid", 401, "invalid_token"),
            Self::TokenExpired => ("token_expired", 401, "invalid_token"),
            Self::ScopeMissing => ("scope_missing", 403, "insufficient_scope"),
            Self::ServerFailed => ("server_failed", 500, "server_error"),
        }
    }

    /// The stable code.
    pub(crate) fn code(self) -> &'static str {
        self.row().0
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
