//! The forms of what an authority signs: roots, holders' certificates, responders' certificates.

use der::asn1::{
    Any, BitString, GeneralizedTime, Ia5String, OctetString, PrintableStringRef, SetOfVec, UtcTime,
    Utf8StringRef,
};
use der::oid::AssociatedOid;
use der::{DateTime, Encode};
use ring::digest;
use ring::signature::RsaKeyPair;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::certificate::{CertificateInner, TbsCertificateInner, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::certpolicy::{PolicyInformation, PolicyQualifierInfo};
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, ObjectIdentifier, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};

use super::application::CertificatePurpose;
use super::authority::{Authority, sign};
use crate::base::keys::random;

pub(crate) const SHA256_WITH_RSA: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
const OCSP_NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
const CPS_QUALIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");
/// The policy of authentication certificates of test cards.
const TEST_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.1.0.30");
const CPS: &str = "http://cps.kaigotap.example/";
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Whom a certificate is about.
pub(crate) struct Subject<'a> {
    pub(crate) name: Name,
    pub(crate) key: SubjectPublicKeyInfoOwned,
    pub(crate) serial: &'a [u8],
    /// First and last second.
    pub(crate) valid: (i64, i64),
}

/// A certificate by an authority, yet to be signed.
pub(crate) fn template(
    subject: Subject<'_>,
    issuer: &Authority,
    extensions: Vec<Extension>,
) -> Option<TbsCertificateInner> {
    Some(TbsCertificateInner {
        version: Version::V3,
        serial_number: SerialNumber::new(subject.serial).ok()?,
        signature: algorithm(SHA256_WITH_RSA),
        issuer: issuer.root.tbs.subject.clone(),
        validity: Validity {
            not_before: time(subject.valid.0)?,
            not_after: time(subject.valid.1)?,
        },
        subject: subject.name,
        subject_public_key_info: subject.key,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions),
    })
}

/// The finished certificate.
pub(crate) fn signed(tbs_certificate: TbsCertificateInner, signature: &[u8]) -> Option<Vec<u8>> {
    let signature = BitString::from_bytes(signature).ok()?;
    let signature_algorithm = tbs_certificate.signature.clone();
    CertificateInner { tbs_certificate, signature_algorithm, signature }.to_der().ok()
}

/// The root of the next generation: the name of the last one, and another key.
pub(crate) fn next_root(
    last: &Authority,
    key: &RsaKeyPair,
    serial: &[u8],
    valid: (i64, i64),
) -> Option<Vec<u8>> {
    let public = key.public().as_ref();
    let extensions = vec![
        extension(true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?,
        extension(true, &BasicConstraints { ca: true, path_len_constraint: None })?,
        extension(false, &subject_key(&key_id(public))?)?,
    ];
    let mut info = last.root.tbs.subject_public_key_info.clone();
    info.subject_public_key = BitString::from_bytes(public).ok()?;
    let name = last.root.tbs.subject.clone();
    let tbs = template(Subject { name, key: info, serial, valid }, last, extensions)?;
    let signature = sign(key, &tbs.to_der().ok()?)?;
    signed(tbs, &signature)
}

/// The certificate of an OCSP responder (RFC 6960 §4.2.2.2), valid as long as the root.
///
/// A real one is short-lived, because nobody asks whether it is revoked. This one's key dies with the process.
pub(crate) fn responder(
    issuer: &Authority,
    issuer_key: &RsaKeyPair,
    key: SubjectPublicKeyInfoOwned,
) -> Option<Vec<u8>> {
    let root = &issuer.root.tbs;
    let serial = random::<8>().ok()?;
    let id = key_id(key.subject_public_key.as_bytes()?);
    let extensions = vec![
        extension(true, &KeyUsage(KeyUsages::DigitalSignature.into()))?,
        extension(false, &ExtendedKeyUsage(vec![OCSP_SIGNING]))?,
        Extension {
            extn_id: OCSP_NO_CHECK,
            critical: false,
            extn_value: OctetString::new([5, 0]).ok()?,
        },
        extension(
            false,
            &AuthorityKeyIdentifier {
                key_identifier: Some(subject_key(&issuer.key_id)?.0),
                authority_cert_issuer: None,
                authority_cert_serial_number: None,
            },
        )?,
        extension(false, &subject_key(&id)?)?,
    ];
    let seconds = |time: Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
    let subject = Subject {
        name: under(&root.subject, &[(COMMON_NAME, "OCSP responder")])?,
        key,
        serial: &positive(serial),
        valid: (seconds(root.validity.not_before)?, seconds(root.validity.not_after)?),
    };
    let tbs = template(subject, issuer, extensions)?;
    let signature = sign(issuer_key, &tbs.to_der().ok()?)?;
    signed(tbs, &signature)
}

/// What the authentication certificate of somebody who lives there says, all but the two key identifiers.
pub(crate) fn resident(
    issuer: &Authority,
    prefecture: &str,
    municipality: &str,
) -> Option<Vec<Extension>> {
    let cps = PolicyQualifierInfo {
        policy_qualifier_id: CPS_QUALIFIER,
        qualifier: Some(Any::encode_from(&Ia5String::new(CPS).ok()?).ok()?),
    };
    let policy =
        PolicyInformation { policy_identifier: TEST_POLICY, policy_qualifiers: Some(vec![cps]) };
    let list = list_name(&issuer.root.tbs.subject, prefecture, municipality)?;
    Some(vec![
        extension(true, &KeyUsage(KeyUsages::DigitalSignature.into()))?,
        extension(false, &ExtendedKeyUsage(vec![CLIENT_AUTH]))?,
        extension(true, &CertificatePolicies(vec![policy]))?,
        extension(
            false,
            &CrlDistributionPoints(vec![DistributionPoint {
                distribution_point: Some(DistributionPointName::FullName(vec![
                    GeneralName::DirectoryName(list),
                ])),
                reasons: None,
                crl_issuer: None,
            }]),
        )?,
    ])
}

/// The name of a municipality's list: under the first three parts of the issuer's name.
pub(crate) fn list_name(issuer: &Name, prefecture: &str, municipality: &str) -> Option<Name> {
    let service = RdnSequence(issuer.0.iter().take(3).cloned().collect());
    let place = format!("{municipality} CRLDP");
    under(&service, &[(UNIT, "CRL Distribution Points"), (UNIT, prefecture), (COMMON_NAME, &place)])
}

/// A name that says nothing about anybody. Real ones end in a municipality's code; 99000 is nobody's.
pub(crate) fn opaque_name() -> Option<Name> {
    const LETTERS: [char; 32] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H',
        'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X',
    ];
    let opaque: String =
        random::<14>().ok()?.iter().map(|byte| LETTERS[usize::from(byte % 32)]).collect();
    let country = attribute(COUNTRY, Any::encode_from(&PrintableStringRef::new("JP").ok()?).ok()?)?;
    under(&RdnSequence(vec![country]), &[(COMMON_NAME, &format!("{opaque}990003A"))])
}

fn under(name: &Name, attributes: &[(ObjectIdentifier, &str)]) -> Option<Name> {
    let mut name = name.clone();
    for (oid, value) in attributes {
        let value = Any::encode_from(&Utf8StringRef::new(*value).ok()?).ok()?;
        name.0.push(attribute(*oid, value)?);
    }
    Some(name)
}

fn attribute(oid: ObjectIdentifier, value: Any) -> Option<RelativeDistinguishedName> {
    let attributes = SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }]).ok()?;
    Some(RelativeDistinguishedName(attributes))
}

/// What a certificate with these extensions is for: only the one for signatures says non-repudiation.
pub(crate) fn purpose_of(extensions: &[Extension]) -> CertificatePurpose {
    let repudiable = extensions
        .iter()
        .find(|extension| extension.extn_id == KeyUsage::OID)
        .and_then(|extension| der::Decode::from_der(extension.extn_value.as_bytes()).ok())
        .is_none_or(|usage: KeyUsage| !usage.non_repudiation());
    if repudiable { CertificatePurpose::Authentication } else { CertificatePurpose::Signature }
}

pub(crate) fn speaks_of_keys(extension: &Extension) -> bool {
    [AuthorityKeyIdentifier::OID, SubjectKeyIdentifier::OID].contains(&extension.extn_id)
}

/// SHA-1 over the key's bits (RFC 5280 §4.2.1.2, method 1): a name, not a protection.
pub(crate) fn key_id(key: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, key).as_ref().to_vec()
}

pub(crate) fn subject_key(key_id: &[u8]) -> Option<SubjectKeyIdentifier> {
    OctetString::new(key_id).ok().map(SubjectKeyIdentifier)
}

/// An extension with the OID that its type has.
pub(crate) fn extension<T: AssociatedOid + Encode>(critical: bool, value: &T) -> Option<Extension> {
    extension_as(T::OID, critical, value)
}

pub(crate) fn extension_as(
    extn_id: ObjectIdentifier,
    critical: bool,
    value: &impl Encode,
) -> Option<Extension> {
    let extn_value = OctetString::new(value.to_der().ok()?).ok()?;
    Some(Extension { extn_id, critical, extn_value })
}

/// An RSA signature's algorithm, whose parameters are NULL.
pub(crate) fn algorithm(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters: Some(Any::null()) }
}

/// RFC 5280 §4.1.2.5: two-digit years through 2049.
pub(crate) fn time(seconds: i64) -> Option<Time> {
    let date = date(seconds)?;
    Some(if date.year() < 2050 {
        Time::UtcTime(UtcTime::from_date_time(date).ok()?)
    } else {
        Time::GeneralTime(GeneralizedTime::from_date_time(date))
    })
}

pub(crate) fn date(seconds: i64) -> Option<DateTime> {
    let since_epoch = std::time::Duration::from_secs(u64::try_from(seconds).ok()?);
    DateTime::from_unix_duration(since_epoch).ok()
}

/// The same bytes as a positive number that fills them.
pub(crate) fn positive<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x3F | 0x40;
    }
    bytes
}
