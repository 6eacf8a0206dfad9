//! The authority under which the devices of facilities have their client certificates.

use std::fmt;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData,
    RevokedCertParams, SerialNumber, SignatureAlgorithm,
};
use ring::error::Unspecified;
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;

use super::keys::random;

const DAY: i64 = 24 * 60 * 60;
/// How long the authority itself is valid, in seconds.
const LIFETIME: i64 = 10 * 365 * DAY;
/// How long a device's certificate is valid, in seconds.
const CERTIFICATE_LIFETIME: i64 = 365 * DAY;
/// How long a list may be used, in seconds.
const LIST_LIFETIME: i64 = 7 * DAY;
/// Clocks differ: what is issued now is valid since then, in seconds.
const SKEW: i64 = 5 * 60;

/// An authority for client certificates, with its key. `Debug` hides the key.
#[derive(Clone)]
pub struct FacilityAuthority {
    /// Its certificate in DER.
    pub certificate: Vec<u8>,
    /// Its key: PKCS#8 in DER. A secret.
    pub key: Vec<u8>,
}

impl fmt::Debug for FacilityAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FacilityAuthority")
    }
}

/// A device's P-256 key as an uncompressed point (SEC 1 §2.3.3).
struct Point<'a>(&'a [u8]);

impl PublicKeyData for Point<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl FacilityAuthority {
    /// A new one with a P-256 key, valid from `at` (seconds since the epoch) for ten years.
    pub fn generate(at: i64) -> Result<Self, Unspecified> {
        let key = KeyPair::generate().map_err(|_| Unspecified)?;
        let mut params = params(at, LIFETIME)?;
        params.distinguished_name.push(DnType::CommonName, "KaigoTap sandbox facilities CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(|_| Unspecified)?;
        Ok(Self { certificate: certificate.der().to_vec(), key: key.serialize_der() })
    }

    /// A certificate in DER for a device's key, an uncompressed P-256 point (65 bytes), valid from `at` (seconds since the
    /// epoch) for a year. Whether the device holds the key is for the caller to know.
    pub fn issue(
        &self,
        point: &[u8],
        device_id: &str,
        facility_id: &str,
        at: i64,
    ) -> Result<Vec<u8>, Unspecified> {
        let mut params = params(at, CERTIFICATE_LIFETIME)?;
        params.distinguished_name.push(DnType::CommonName, device_id);
        params.distinguished_name.push(DnType::OrganizationName, facility_id);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&Point(point), &self.issuer()?);
        Ok(certificate.map_err(|_| Unspecified)?.der().to_vec())
    }

    /// A list in DER of the certificates with these serial numbers (big-endian), good for a week from `at` (seconds since
    /// the epoch).
    pub fn revocation_list(&self, serials: &[Vec<u8>], at: i64) -> Result<Vec<u8>, Unspecified> {
        let since = moment(at)?;
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from_slice(serial),
            revocation_time: since,
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: since,
            next_update: moment(at.saturating_add(LIST_LIFETIME))?,
            crl_number: SerialNumber::from(at.unsigned_abs()),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let signed = list.signed_by(&self.issuer()?).map_err(|_| Unspecified)?;
        Ok(signed.der().to_vec())
    }

    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, Unspecified> {
        let key = KeyPair::try_from(&self.key[..]).map_err(|_| Unspecified)?;
        let certificate = CertificateDer::from(&self.certificate[..]);
        Issuer::from_ca_cert_der(&certificate, key).map_err(|_| Unspecified)
    }
}

/// A certificate with a number nobody can guess, valid from a moment for so many seconds.
fn params(at: i64, lifetime: i64) -> Result<CertificateParams, Unspecified> {
    let mut serial: [u8; 16] = random()?;
    // Positive, and as long as it looks (RFC 5280 §4.1.2.2).
    serial[0] = serial[0] & 0x7f | 0x40;
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.not_before = moment(at.saturating_sub(SKEW))?;
    params.not_after = moment(at.saturating_add(lifetime))?;
    Ok(params)
}

fn moment(seconds: i64) -> Result<OffsetDateTime, Unspecified> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| Unspecified)
}
