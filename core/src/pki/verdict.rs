//! The verdict over one leaf.

use jiff::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::anchors::{Origin, TrustAnchors};
use super::certificate::{Certificate, Purpose, Rsa};
use crate::message::{Code, Failure};

/// sha256WithRSAEncryption (RFC 8017 appendix A.2.4).
const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";

/// What this device can say for a certificate. It is consistent; whether it still holds, the server knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalVerdict {
    /// Under whose anchors.
    pub origin: Origin,
    /// For which purpose it was judged.
    pub purpose: Purpose,
    /// As of when.
    pub at: Timestamp,
    /// The last moment at which the leaf is valid.
    pub not_after: Timestamp,
    /// What is known of its revocation.
    pub revocation: Revocation,
}

/// What is known of a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revocation {
    /// Nothing: only registered verifiers may ask, so the server does.
    NotChecked,
}

/// Why a certificate is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// No anchor has this certificate's issuer and key, or its signature is not that anchor's (RFC 5280 §6.1.3 (a)(1), (4)).
    #[error("no anchor signed it")]
    Untrusted,
    /// An anchor would fit, but may not sign certificates or uses a weak key (§6.1.4 (k), (n)).
    #[error("the anchor may not sign certificates")]
    AnchorUnfit,
    /// Signed with something else than RSA and SHA-256.
    #[error("an algorithm that is not accepted")]
    Algorithm,
    /// Its key is not RSA-2048 with exponent 65,537.
    #[error("a key that is not accepted")]
    Key,
    /// A critical extension is not understood (§6.1.4 (o)).
    #[error("a critical extension that is not understood")]
    CriticalExtension,
    /// Key usage or extended key usage is for something else (§4.2.1.3, §4.2.1.12), or it is itself an authority.
    #[error("made for another use")]
    Usage,
    /// It does not assert the policy required (§6.1.5 (g), initial-explicit-policy).
    #[error("made under another policy")]
    Policy,
    /// Not valid yet (§6.1.3 (a)(2)).
    #[error("not valid yet")]
    NotYetValid,
    /// Not valid any more.
    #[error("expired")]
    Expired,
}

/// Judges a leaf under the given anchors, for one purpose, at one moment.
pub fn verify(
    leaf: &Certificate,
    anchors: &TrustAnchors,
    purpose: Purpose,
    at: Timestamp,
) -> Result<LocalVerdict, Rejection> {
    if leaf.signature_algorithm != SHA256_WITH_RSA {
        return Err(Rejection::Algorithm);
    }
    let anchor = anchors
        .of(purpose)
        .iter()
        .find(|anchor| issued(anchor, leaf))
        .ok_or(Rejection::Untrusted)?;
    let can_issue = anchor.extensions.authority
        && anchor.extensions.key_usage.is_some_and(|usage| usage.sign_certificates)
        && !anchor.extensions.unknown_critical;
    if !can_issue || !anchor.validity.contains(&at) {
        return Err(Rejection::AnchorUnfit);
    }
    if leaf.extensions.unknown_critical {
        return Err(Rejection::CriticalExtension);
    }
    if leaf.rsa != Some(Rsa { bits: 2048, f4: true }) {
        return Err(Rejection::Key);
    }
    let usage = leaf.extensions.key_usage.ok_or(Rejection::Usage)?;
    let fits = usage.digital_signature
        && match purpose {
            Purpose::Authentication => leaf.extensions.client_authentication != Some(false),
            Purpose::Signature => usage.non_repudiation,
        };
    if !fits || usage.sign_certificates || leaf.extensions.authority {
        return Err(Rejection::Usage);
    }
    if !leaf.extensions.policies.iter().any(|policy| policy == anchors.policy(purpose)) {
        return Err(Rejection::Policy);
    }
    if at < *leaf.validity.start() {
        return Err(Rejection::NotYetValid);
    }
    if at > *leaf.validity.end() {
        return Err(Rejection::Expired);
    }
    Ok(LocalVerdict {
        origin: anchors.origin(),
        purpose,
        at,
        not_after: leaf.not_after(),
        revocation: Revocation::NotChecked,
    })
}

/// Whether this anchor issued this leaf: name, key identifiers where both have one, and signature.
fn issued(anchor: &Certificate, leaf: &Certificate) -> bool {
    let keys_agree = match (&anchor.extensions.subject_key, &leaf.extensions.authority_key) {
        (Some(anchor), Some(leaf)) => anchor == leaf,
        _ => true,
    };
    anchor.subject == leaf.issuer
        && keys_agree
        && UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, anchor.public_key())
            .verify(&leaf.signed, &leaf.signature)
            .is_ok()
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        let (code, detail) = match rejection {
            Rejection::Untrusted => (Code::CertificateUntrusted, "no anchor signed it"),
            Rejection::AnchorUnfit => {
                (Code::CertificateUntrusted, "the anchor may not sign certificates now")
            }
            Rejection::Algorithm => (Code::CertificateUntrusted, "algorithm"),
            Rejection::Key => (Code::CertificateUntrusted, "key"),
            Rejection::CriticalExtension => (Code::CertificateUntrusted, "critical extension"),
            Rejection::Usage => (Code::CertificateWrongPurpose, "usage"),
            Rejection::Policy => (Code::CertificateWrongPurpose, "policy"),
            Rejection::NotYetValid => (Code::CertificateNotYetValid, ""),
            Rejection::Expired => (Code::CertificateExpired, ""),
        };
        Self::new(code).with_detail(detail)
    }
}
