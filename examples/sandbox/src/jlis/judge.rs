//! Whether a leaf is good now (RFC 5280 §6.1 over a path of one certificate).

use super::certificate::{Certificate, CertificateId};
use super::register::{Register, RevocationReason};
use super::{CertificatePurpose, Jlis};
use crate::error::Refusal;
use crate::platform::Platform;

impl Jlis {
    /// Whether a leaf was issued by a trusted root, for authentication, and is valid at a time (seconds since
    /// the epoch). Revocation is not looked at.
    fn judge(&self, leaf: &Certificate, now: i64) -> Result<CertificateId, Refusal> {
        let untrusted = Refusal::CertificateUntrusted;
        let issuer = self
            .of(CertificatePurpose::Authentication)
            .find(|authority| authority.issued(leaf))
            .ok_or(untrusted)?;
        if !issuer.root.valid_at(now) || !leaf.is_for_authentication(&self.policies)? {
            return Err(untrusted);
        }
        if !leaf.valid_at(now) {
            return Err(Refusal::CertificateExpired);
        }
        Ok(CertificateId { issuer_key: issuer.id.clone(), serial: leaf.serial().to_vec() })
    }
}

/// Whether a leaf is good now, revocation included.
pub(crate) async fn judge(
    platform: &Platform,
    leaf: &Certificate,
    now: i64,
) -> Result<CertificateId, Refusal> {
    let judged = platform.jlis.judge(leaf, now)?;
    let register = Register::of(&platform.store);
    let status = register.status(&judged.issuer_key, &judged.serial).await?;
    match status.and_then(|status| status.revoked) {
        None => Ok(judged),
        Some(revoked) if revoked.reason == RevocationReason::Superseded => {
            let renewed = register.is_replaced(&judged).await?;
            Err(if renewed { Refusal::CertificateRenewed } else { Refusal::CertificateRevoked })
        }
        Some(_) => Err(Refusal::CertificateRevoked),
    }
}
