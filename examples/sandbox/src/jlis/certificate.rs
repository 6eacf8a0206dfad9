//! A certificate, as far as the platform reads it itself.

use der::asn1::{AnyRef, UintRef};
use der::oid::AssociatedOid;
use der::{Decode, Encode, Reader, SliceReader};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use x509_cert::certificate::{CertificateInner, Rfc5280, TbsCertificateInner, Version};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{BasicConstraints, CrlDistributionPoints, KeyUsage};
use x509_cert::spki::ObjectIdentifier;

use crate::base::refusal::Refusal;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// A certificate that was read, and what is needed of it.
pub(crate) struct Certificate {
    pub(crate) tbs: TbsCertificateInner<Rfc5280>,
    pub(crate) signed: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

/// The key pair and name under which a certificate was issued, and its serial number: what identifies it.
pub(crate) struct CertificateId {
    pub(crate) issuer_key: Vec<u8>,
    pub(crate) serial: Vec<u8>,
}

impl Certificate {
    /// Serial number as a plain big-endian number.
    pub(crate) fn serial(&self) -> &[u8] {
        without_leading_zeros(self.tbs.serial_number.as_bytes())
    }

    /// DER of the directory name of the list it would be on.
    pub(crate) fn list_name(&self) -> Option<Vec<u8>> {
        let points = self.extension::<CrlDistributionPoints>().ok()??;
        points.0.into_iter().find_map(|point| match point.distribution_point? {
            DistributionPointName::FullName(names) => names.iter().find_map(|name| match name {
                GeneralName::DirectoryName(name) => name.to_der().ok(),
                _ => None,
            }),
            DistributionPointName::NameRelativeToCRLIssuer(_) => None,
        })
    }

    /// A version 3 certificate in DER with an RSA-2048 key, e = 65537, signed with sha256WithRSAEncryption;
    /// anything else is [`Refusal::CertificateMalformed`].
    pub(crate) fn read(der: &[u8]) -> Result<Self, Refusal> {
        Self::read_der(der).ok_or(Refusal::CertificateMalformed)
    }

    fn read_der(der: &[u8]) -> Option<Self> {
        let certificate = CertificateInner::<Rfc5280>::from_der(der).ok()?;
        let tbs = certificate.tbs_certificate;
        // The bytes as they came, not as this library would write them.
        let signed = SliceReader::new(der)
            .ok()?
            .sequence(|reader| {
                let signed = reader.tlv_bytes()?.to_vec();
                AnyRef::decode(reader)?;
                AnyRef::decode(reader)?;
                Ok(signed)
            })
            .ok()?;
        let key_info = &tbs.subject_public_key_info;
        let key = key_info.subject_public_key.as_bytes()?.to_vec();
        let extensions = tbs.extensions.as_deref().unwrap_or_default();
        let repeated = extensions.iter().enumerate().any(|(index, extension)| {
            extensions[..index].iter().any(|earlier| earlier.extn_id == extension.extn_id)
        });
        let well_formed = tbs.version == Version::V3
            && tbs.signature == certificate.signature_algorithm
            && tbs.signature.oid == SHA256_WITH_RSA
            && key_info.algorithm.oid == RSA_ENCRYPTION
            && is_rsa_2048(&key)
            && !repeated;
        well_formed.then_some(Self {
            signature: certificate.signature.as_bytes()?.to_vec(),
            signed,
            key,
            tbs,
        })
    }

    /// Whether this certificate's key made a PKCS#1 v1.5 signature with SHA-256 (RFC 8017 §8.2.2).
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.key)
            .verify(message, signature)
            .is_ok()
    }

    pub(crate) fn is_ca(&self) -> Result<bool, Refusal> {
        Ok(self.extension::<BasicConstraints>()?.is_some_and(|b| b.ca)
            && self.extension::<KeyUsage>()?.is_some_and(|usage| usage.key_cert_sign()))
    }

    pub(crate) fn extension<T: AssociatedOid + for<'a> Decode<'a>>(
        &self,
    ) -> Result<Option<T>, Refusal> {
        let extensions = self.tbs.extensions.as_deref().unwrap_or_default();
        extensions
            .iter()
            .find(|extension| extension.extn_id == T::OID)
            .map(|extension| T::from_der(extension.extn_value.as_bytes()))
            .transpose()
            .map_err(|_| Refusal::CertificateMalformed)
    }
}

/// An RSAPublicKey (RFC 8017 §A.1.1) with a modulus of exactly 2048 bits and e = 65537.
fn is_rsa_2048(key: &[u8]) -> bool {
    let read = |key| {
        let mut reader = SliceReader::new(key)?;
        let numbers =
            reader.sequence(|inner| Ok((UintRef::decode(inner)?, UintRef::decode(inner)?)))?;
        reader.finish(numbers)
    };
    read(key).is_ok_and(|(modulus, exponent): (UintRef<'_>, UintRef<'_>)| {
        modulus.as_bytes().len() == 256
            && modulus.as_bytes()[0] & 0x80 != 0
            && exponent.as_bytes() == [1, 0, 1]
    })
}

/// A serial number as a plain big-endian number, so that one number has one form.
pub(crate) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
