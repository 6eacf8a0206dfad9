//! A test CA that mirrors the measured profile of authentication certificates, and keys made once per run.

use std::sync::OnceLock;
use std::time::Duration;

use der::asn1::{BitString, Ia5String, Null, OctetString};
use der::oid::AssociatedOid;
use der::{Any, Decode, Encode};
use kaigotap_sandbox::{CertificateAuthority, CertificatePurpose};
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::EncodePrivateKey;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256};
use x509_cert::certificate::{Certificate, TbsCertificate, Version};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::certpolicy::{PolicyInformation, PolicyQualifierInfo};
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage,
    KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, ObjectIdentifier, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};

pub(crate) const POLICY: &str = "1.2.392.200149.8.5.1.0.30";
pub(crate) const SERIAL: [u8; 4] = [0x0b, 0x5e, 0x91, 0xa7];
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const CPS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");
pub(crate) const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

pub(crate) struct Pki {
    pub(crate) ca: RsaPrivateKey,
    pub(crate) other_ca: RsaPrivateKey,
    pub(crate) holder: RsaPrivateKey,
}

pub(crate) fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let key = || RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
        Pki { ca: key(), other_ca: key(), holder: key() }
    })
}

/// The test CA, for the sandbox to play; always the same.
pub(crate) fn authority() -> CertificateAuthority {
    static AUTHORITY: OnceLock<CertificateAuthority> = OnceLock::new();
    AUTHORITY.get_or_init(|| played(&pki().ca)).clone()
}

/// A root with this key, for the sandbox to play.
pub(crate) fn played(key: &RsaPrivateKey) -> CertificateAuthority {
    CertificateAuthority {
        purpose: CertificatePurpose::Authentication,
        certificate: root(key),
        key: pkcs8(key),
    }
}

pub(crate) fn pkcs8(key: &RsaPrivateKey) -> Vec<u8> {
    key.to_pkcs8_der().unwrap().as_bytes().to_vec()
}

/// The root of the test CA.
pub(crate) fn anchor() -> Vec<u8> {
    authority().certificate
}

/// A root with the one name all generations share.
pub(crate) fn root(key: &RsaPrivateKey) -> Vec<u8> {
    root_with(key, |_| {})
}

pub(crate) fn root_with(key: &RsaPrivateKey, change: impl FnOnce(&mut TbsCertificate)) -> Vec<u8> {
    let mut tbs = template(&key.to_public_key(), issuer());
    tbs.extensions = Some(vec![
        extension(true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign)),
        extension(true, &BasicConstraints { ca: true, path_len_constraint: None }),
        extension(false, &SubjectKeyIdentifier(octets(key_id(key)))),
    ]);
    change(&mut tbs);
    signed(tbs, key)
}

/// The holder's certificate.
pub(crate) fn leaf() -> Vec<u8> {
    leaf_with(|_| {})
}

/// The holder's certificate with something changed before the CA signs it.
pub(crate) fn leaf_with(change: impl FnOnce(&mut TbsCertificate)) -> Vec<u8> {
    leaf_by(&pki().ca, change)
}

pub(crate) fn leaf_by(ca: &RsaPrivateKey, change: impl FnOnce(&mut TbsCertificate)) -> Vec<u8> {
    let subject = "CN=997794E9AGCIEG13221003A,C=JP".parse().unwrap();
    let mut tbs = template(&pki().holder.to_public_key(), subject);
    tbs.extensions = Some(vec![
        extension(true, &KeyUsage(KeyUsages::DigitalSignature.into())),
        extension(false, &ExtendedKeyUsage(vec![CLIENT_AUTH])),
        extension(true, &policies(POLICY)),
        extension(
            false,
            &AuthorityKeyIdentifier {
                key_identifier: Some(octets(key_id(ca))),
                authority_cert_issuer: Some(vec![
                    x509_cert::ext::pkix::name::GeneralName::DirectoryName(issuer()),
                ]),
                authority_cert_serial_number: Some(SerialNumber::new(&SERIAL).unwrap()),
            },
        ),
    ]);
    change(&mut tbs);
    signed(tbs, ca)
}

/// Puts an extension in the place of the one of its kind.
pub(crate) fn replace(tbs: &mut TbsCertificate, by: Extension) {
    remove(tbs, by.extn_id);
    tbs.extensions.as_mut().unwrap().push(by);
}

pub(crate) fn remove(tbs: &mut TbsCertificate, id: ObjectIdentifier) {
    tbs.extensions.as_mut().unwrap().retain(|extension| extension.extn_id != id);
}

pub(crate) fn extension<T: AssociatedOid + Encode>(critical: bool, value: &T) -> Extension {
    Extension { extn_id: T::OID, critical, extn_value: octets(value.to_der().unwrap()) }
}

pub(crate) fn policies(oid: &str) -> CertificatePolicies {
    let cps = Ia5String::new("http://www.jpki.go.jp/cps.html").unwrap();
    CertificatePolicies(vec![PolicyInformation {
        policy_identifier: oid.parse().unwrap(),
        policy_qualifiers: Some(vec![PolicyQualifierInfo {
            policy_qualifier_id: CPS,
            qualifier: Some(Any::encode_from(&cps).unwrap()),
        }]),
    }])
}

/// Days from now.
pub(crate) fn day(days: i64) -> Time {
    let now = i64::try_from(now()).unwrap();
    let seconds = u64::try_from(now + days * 86_400).unwrap();
    Time::UtcTime(der::asn1::UtcTime::from_unix_duration(Duration::from_secs(seconds)).unwrap())
}

pub(crate) fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

pub(crate) fn key_info(modulus: &BigUint, exponent: &BigUint) -> SubjectPublicKeyInfoOwned {
    let uint = |number: &BigUint| der::asn1::Uint::new(&number.to_bytes_be()).unwrap();
    let key = vec![uint(modulus), uint(exponent)].to_der().unwrap();
    SubjectPublicKeyInfoOwned {
        algorithm: algorithm(RSA),
        subject_public_key: BitString::from_bytes(&key).unwrap(),
    }
}

/// What a card does with `Sign`: PKCS#1 v1.5 with SHA-256.
pub(crate) fn sign(key: &RsaPrivateKey, message: &[u8]) -> Vec<u8> {
    SigningKey::<Sha256>::new(key.clone()).sign(message).to_vec()
}

fn template(key: &RsaPublicKey, subject: Name) -> TbsCertificate {
    TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&SERIAL).unwrap(),
        signature: algorithm(SHA256_RSA),
        issuer: issuer(),
        validity: Validity { not_before: day(-100), not_after: day(1000) },
        subject,
        subject_public_key_info: key_info(key.n(), key.e()),
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: None,
    }
}

fn signed(tbs: TbsCertificate, key: &RsaPrivateKey) -> Vec<u8> {
    let signature = sign(key, &tbs.to_der().unwrap());
    Certificate {
        signature_algorithm: tbs.signature.clone(),
        signature: BitString::from_bytes(&signature).unwrap(),
        tbs_certificate: tbs,
    }
    .to_der()
    .unwrap()
}

fn issuer() -> Name {
    "OU=Japan Agency for Local Authority Information Systems,OU=JPKI for user authentication,O=JPKI-TEST,C=JP"
        .parse()
        .unwrap()
}

fn key_id(key: &RsaPrivateKey) -> Vec<u8> {
    Sha256::digest(key.n().to_bytes_be())[..20].to_vec()
}

fn algorithm(oid: ObjectIdentifier) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid,
        parameters: Some(Any::from_der(&Null.to_der().unwrap()).unwrap()),
    }
}

fn octets(bytes: Vec<u8>) -> OctetString {
    OctetString::new(bytes).unwrap()
}
