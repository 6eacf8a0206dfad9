//! Why a request is refused, as its sender is told.

use super::Needed;

/// What did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Nothing,
    Token,
    UnknownKey,
    Expired,
    OtherKey,
    Proof,
    Nonce,
    Replayed,
    NoCertificate,
    OtherCertificate,
    Scope,
    NotFresh,
    NoRoom,
}

/// A refusal: a status, a header and a stable code. Nothing of a token or a person is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    why: Why,
    challenge: String,
}

/// How long ago a person may have been confirmed, in seconds.
const FRESH: u32 = 24 * 60 * 60;

impl Refused {
    pub(super) fn new(why: Why, needed: &Needed<'_>) -> Self {
        let error = match why {
            Why::Nothing => None,
            Why::Token
            | Why::UnknownKey
            | Why::Expired
            | Why::OtherKey
            | Why::NoCertificate
            | Why::OtherCertificate => Some("invalid_token"),
            Why::Proof | Why::Replayed => Some("invalid_dpop_proof"),
            Why::Nonce => Some("use_dpop_nonce"),
            Why::Scope => Some("insufficient_scope"),
            Why::NotFresh => Some("insufficient_user_authentication"),
            Why::NoRoom => Some("temporarily_unavailable"),
        };
        // RFC 6749 §3.3; anything else would leave its place in the header.
        let is_scope = |c: u8| c.is_ascii_graphic() && !matches!(c, b'"' | b'\\') || c == b' ';
        let scope = (why == Why::Scope && needed.scope.bytes().all(is_scope))
            .then(|| format!("scope=\"{}\"", needed.scope));
        let age = (why == Why::NotFresh).then(|| format!("max_age={FRESH}"));
        let parameters: Vec<String> = [
            error.map(|error| format!("error=\"{error}\"")),
            scope,
            age,
            Some("algs=\"ES256\"".to_owned()),
        ]
        .into_iter()
        .flatten()
        .collect();
        let challenge = format!("DPoP {}", parameters.join(", "));
        Self { why, challenge }
    }

    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self.why {
            Why::Scope | Why::NotFresh => 403,
            Why::NoRoom => 503,
            _ => 401,
        }
    }

    /// The value of its header `WWW-Authenticate` (RFC 9449 §7.1, RFC 6750 §3, RFC 9470 §3).
    pub fn www_authenticate(&self) -> &str {
        &self.challenge
    }

    /// A stable name, of those that the platform gives itself (`docs/exchange.md`).
    pub fn code(&self) -> &'static str {
        match self.why {
            Why::Nothing | Why::Token | Why::UnknownKey | Why::OtherKey | Why::OtherCertificate => {
                "token_invalid"
            }
            Why::Expired => "token_expired",
            Why::Proof | Why::Replayed => "dpop_proof_invalid",
            Why::Nonce => "dpop_nonce_required",
            Why::NoCertificate => "client_certificate_required",
            Why::Scope => "scope_missing",
            Why::NotFresh => "reverify_required",
            Why::NoRoom => "server_failed",
        }
    }

    /// For one's own log: what did not hold, in a few words.
    pub fn reason(&self) -> &'static str {
        match self.why {
            Why::Nothing => "no token",
            Why::Token => "not a token of this issuer for this audience",
            Why::UnknownKey => "signed with a key that is not known",
            Why::Expired => "expired",
            Why::OtherKey => "bound to another key",
            Why::Proof => "the proof does not fit the request",
            Why::Nonce => "no nonce of this server, or an old one",
            Why::Replayed => "the proof was seen before",
            Why::NoCertificate => "bound to a certificate, and the connection has none",
            Why::OtherCertificate => "bound to another certificate",
            Why::Scope => "does not open this",
            Why::NotFresh => "the person was confirmed too long ago",
            Why::NoRoom => "no room to remember the proof",
        }
    }

    /// Whether newer keys could make it good: fetch them, no more often than [`Pace`](super::Pace) allows, and judge the
    /// same request again. Nothing was noted of it.
    pub fn wants_keys(&self) -> bool {
        self.why == Why::UnknownKey
    }
}
