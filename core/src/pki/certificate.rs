//! What an X.509 certificate says, as far as a verdict needs it.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate, X509Version};
use x509_parser::public_key::PublicKey;
use zeroize::Zeroizing;

use crate::iso7816::tlv::Tlv;

/// These bytes are no certificate that can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the certificate is malformed: {0}")]
pub struct Malformed(pub(crate) &'static str);

/// What a certificate of a person is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To authenticate its holder (利用者証明用電子証明書).
    Authentication,
    /// To sign in its holder's name (署名用電子証明書).
    Signature,
}

/// An X.509 certificate (RFC 5280), read once. It names or points to a person: `Debug` shows nothing of it.
pub struct Certificate {
    der: Zeroizing<Vec<u8>>,
    pub(super) signed: Zeroizing<Vec<u8>>,
    pub(super) signature: Vec<u8>,
    pub(super) signature_algorithm: String,
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    pub(super) validity: RangeInclusive<Timestamp>,
    pub(super) public_key: Vec<u8>,
    pub(super) rsa: Option<Rsa>,
    pub(super) extensions: Extensions,
}

/// An RSA key's figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rsa {
    /// Bits of the modulus.
    pub(super) bits: usize,
    /// Whether the exponent is 65,537.
    pub(super) f4: bool,
}

#[derive(Default)]
pub(super) struct Extensions {
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) client_authentication: Option<bool>,
    pub(super) authority: bool,
    pub(super) policies: Vec<String>,
    pub(super) subject_key: Option<Vec<u8>>,
    pub(super) authority_key: Option<Vec<u8>>,
    /// A critical extension that is not processed here.
    pub(super) unknown_critical: bool,
}

#[derive(Clone, Copy)]
pub(super) struct KeyUsage {
    pub(super) digital_signature: bool,
    pub(super) non_repudiation: bool,
    pub(super) sign_certificates: bool,
}

impl Certificate {
    /// Reads one certificate from DER; nothing may follow it.
    pub fn parse(der: &[u8]) -> Result<Self, Malformed> {
        let (rest, x509) = X509Certificate::from_der(der).map_err(|_| Malformed("not DER"))?;
        if !rest.is_empty() {
            return Err(Malformed("bytes after the end"));
        }
        if x509.version() != X509Version::V3 {
            return Err(Malformed("not version 3"));
        }
        // RFC 5280 §4.1.1.2: the algorithm stands twice, once unsigned, and must agree to the byte.
        if algorithms(der).is_none_or(|(outside, inside)| outside != inside) {
            return Err(Malformed("two signature algorithms"));
        }
        if x509.signature_value.unused_bits != 0 {
            return Err(Malformed("signature"));
        }
        let key = x509.public_key();
        let rsa = match key.parsed() {
            Ok(PublicKey::RSA(rsa)) => Some(Rsa {
                bits: rsa.key_size(),
                f4: rsa.try_exponent().is_ok_and(|e| e == 65_537),
            }),
            Ok(_) => None,
            Err(_) => return Err(Malformed("public key")),
        };
        Ok(Self {
            signed: Zeroizing::new(x509.tbs_certificate.as_ref().to_vec()),
            signature: x509.signature_value.data.to_vec(),
            signature_algorithm: x509.signature_algorithm.algorithm.to_id_string(),
            issuer: x509.issuer().as_raw().to_vec(),
            subject: x509.subject().as_raw().to_vec(),
            validity: time(x509.validity().not_before)?..=time(x509.validity().not_after)?,
            public_key: key.subject_public_key.data.to_vec(),
            rsa,
            extensions: Extensions::read(&x509)?,
            der: Zeroizing::new(der.to_vec()),
        })
    }

    /// The certificate as it was given, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The first moment at which it is valid.
    pub fn not_before(&self) -> Timestamp {
        *self.validity.start()
    }

    /// The last moment at which it is valid.
    pub fn not_after(&self) -> Timestamp {
        *self.validity.end()
    }

    /// The public key: DER of an RSAPublicKey (RFC 8017 appendix A.1.1).
    pub(crate) fn public_key(&self) -> &[u8] {
        &self.public_key
    }
}

impl Extensions {
    fn read(x509: &X509Certificate<'_>) -> Result<Self, Malformed> {
        let mut found = Self::default();
        let mut seen = Vec::new();
        for extension in x509.extensions() {
            if seen.contains(&&extension.oid) {
                return Err(Malformed("an extension twice"));
            }
            seen.push(&extension.oid);
            match extension.parsed_extension() {
                ParsedExtension::KeyUsage(usage) => {
                    found.key_usage = Some(KeyUsage {
                        digital_signature: usage.digital_signature(),
                        non_repudiation: usage.non_repudiation(),
                        sign_certificates: usage.key_cert_sign(),
                    });
                }
                ParsedExtension::ExtendedKeyUsage(usage) => {
                    found.client_authentication = Some(usage.client_auth || usage.any);
                }
                ParsedExtension::BasicConstraints(basic) => found.authority = basic.ca,
                ParsedExtension::CertificatePolicies(policies) => {
                    found.policies = policies.iter().map(|p| p.policy_id.to_id_string()).collect();
                }
                ParsedExtension::SubjectKeyIdentifier(key) => {
                    found.subject_key = Some(key.0.to_vec());
                }
                ParsedExtension::AuthorityKeyIdentifier(key) => {
                    found.authority_key = key.key_identifier.as_ref().map(|k| k.0.to_vec());
                    // The issuer's name and serial may stand beside the key id; only a directory name is one.
                    if key
                        .authority_cert_issuer
                        .iter()
                        .flatten()
                        .any(|n| matches!(n, GeneralName::Invalid(..)))
                    {
                        return Err(Malformed("authority key identifier"));
                    }
                }
                ParsedExtension::ParseError { .. } => return Err(Malformed("an extension")),
                _ => found.unknown_critical |= extension.critical,
            }
        }
        Ok(found)
    }
}

/// The two AlgorithmIdentifiers as they stand: beside the signature, and inside what is signed.
fn algorithms(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let certificate = Tlv::read(der).ok()?.0;
    let mut parts = certificate.children();
    let signed = parts.next()?.ok()?;
    let outside = parts.next()?.ok()?;
    let inside = signed.children().nth(2)?.ok()?;
    Some((outside.raw, inside.raw))
}

fn time(asn1: x509_parser::time::ASN1Time) -> Result<Timestamp, Malformed> {
    Timestamp::from_second(asn1.timestamp()).map_err(|_| Malformed("validity"))
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificate(..)")
    }
}
