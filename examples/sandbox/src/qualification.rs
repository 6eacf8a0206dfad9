//! Online qualification confirmation (オンライン資格確認): from a certificate to a link number (紐付番号).
//!
//! A serial number is kept, and looked up, only as an HMAC under a key of this database.

use ring::hmac;

use crate::error::Refusal;
use crate::jlis::{self, CertificateId, without_leading_zeros};
use crate::platform::Platform;

/// The keyed digest under which a certificate is known.
pub(crate) fn certificate_digest(key: &hmac::Key, issuer_key: &[u8], serial: &[u8]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(key);
    // A digest of fixed length comes first, so the two cannot be told apart wrongly.
    context.update(issuer_key);
    context.update(without_leading_zeros(serial));
    context.sign().as_ref().to_vec()
}

/// The link number of the person who holds a certificate.
pub(crate) async fn resolve(
    platform: &Platform,
    certificate: &CertificateId,
) -> Result<String, Refusal> {
    let mut known = enrollee(platform, certificate).await?;
    if known.is_none() {
        // A renewed certificate is its holder's as the one before was.
        for earlier in jlis::predecessors(platform, certificate).await? {
            known = enrollee(platform, &earlier).await?;
            if known.is_some() {
                break;
            }
        }
    }
    match known {
        Some((link_number, true)) => Ok(link_number),
        Some((_, false)) => Err(Refusal::HealthInsuranceUseNotRegistered),
        None => Err(Refusal::PersonNotFound),
    }
}

async fn enrollee(
    platform: &Platform,
    certificate: &CertificateId,
) -> Result<Option<(String, bool)>, Refusal> {
    let digest = platform.certificate_digest(certificate);
    Ok(platform.store.enrollee(&digest).await?)
}
