//! Signature algorithms and public keys.
//!
//! RSA with SHA-2 (RFC 4055 §5, PKCS #1 v1.5) for the cards of today, ECDSA on P-256 and P-384 (RFC 5758 §3.2) for those
//! that are announced. What is not here is refused: SHA-1, MD5, RSA below 2,048 bits or with an exponent below 65,537.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};

use super::Malformed;
use super::der::{Element, Reader, single, tag};

const SHA256_WITH_RSA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B";
const SHA384_WITH_RSA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0C";
const SHA512_WITH_RSA: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0D";
const ECDSA_WITH_SHA256: &[u8] = b"\x2A\x86\x48\xCE\x3D\x04\x03\x02";
const ECDSA_WITH_SHA384: &[u8] = b"\x2A\x86\x48\xCE\x3D\x04\x03\x03";
const RSA_ENCRYPTION: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01";
const EC_PUBLIC_KEY: &[u8] = b"\x2A\x86\x48\xCE\x3D\x02\x01";
const P256: &[u8] = b"\x2A\x86\x48\xCE\x3D\x03\x01\x07";
const P384: &[u8] = b"\x2B\x81\x04\x00\x22";

/// A signature algorithm that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignatureAlgorithm {
    RsaSha256,
    RsaSha384,
    RsaSha512,
    EcdsaSha256,
    EcdsaSha384,
}

impl SignatureAlgorithm {
    /// Reads the contents of an AlgorithmIdentifier; `None` for one that is not accepted.
    pub(super) fn read(mut identifier: Reader<'_>) -> Result<Option<Self>, Malformed> {
        let oid = identifier.expect(tag::OID)?.value;
        let parameters = identifier.rest();
        let (algorithm, parameters_fit) = match oid {
            // RFC 4055 §5: NULL, and absent ones must be taken too.
            SHA256_WITH_RSA => (Self::RsaSha256, matches!(parameters, [] | [tag::NULL, 0])),
            SHA384_WITH_RSA => (Self::RsaSha384, matches!(parameters, [] | [tag::NULL, 0])),
            SHA512_WITH_RSA => (Self::RsaSha512, matches!(parameters, [] | [tag::NULL, 0])),
            // RFC 5758 §3.2: none.
            ECDSA_WITH_SHA256 => (Self::EcdsaSha256, parameters.is_empty()),
            ECDSA_WITH_SHA384 => (Self::EcdsaSha384, parameters.is_empty()),
            _ => return Ok(None),
        };
        Ok(parameters_fit.then_some(algorithm))
    }
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PublicKey {
    kind: Kind,
    bits: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa { bits: usize, exponent: u64 },
    P256,
    P384,
    Other,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo.
    pub(super) fn read(info: &Element<'_>) -> Result<Self, Malformed> {
        let mut info = info.contents();
        let mut algorithm = info.sequence()?;
        let bits = info.expect(tag::BIT_STRING)?.whole_bytes()?;
        info.end()?;
        let oid = algorithm.expect(tag::OID)?.value;
        let parameters = algorithm.rest();
        let kind = match oid {
            RSA_ENCRYPTION if parameters == [tag::NULL, 0] => rsa(bits)?,
            EC_PUBLIC_KEY => match single(parameters, tag::OID).map(|curve| curve.value) {
                Ok(P256) => Kind::P256,
                Ok(P384) => Kind::P384,
                _ => Kind::Other,
            },
            _ => Kind::Other,
        };
        Ok(Self { kind, bits: bits.to_vec() })
    }

    /// Whether signatures of this key are accepted at all: RSA from 2,048 to 8,192 bits with an exponent of at least
    /// 65,537, or an uncompressed point on P-256 or P-384.
    pub(super) fn is_strong(&self) -> bool {
        match self.kind {
            Kind::Rsa { bits, exponent } => (2048..=8192).contains(&bits) && exponent >= 65_537,
            Kind::P256 => matches!(self.bits.as_slice(), [0x04, point @ ..] if point.len() == 64),
            Kind::P384 => matches!(self.bits.as_slice(), [0x04, point @ ..] if point.len() == 96),
            Kind::Other => false,
        }
    }

    /// Whether it is RSA-2048, as on the cards of today.
    pub(super) fn is_rsa_2048(&self) -> bool {
        matches!(self.kind, Kind::Rsa { bits: 2048, .. })
    }

    /// Whether it is this point on P-256, uncompressed.
    pub(super) fn is_p256(&self, point: &[u8]) -> bool {
        self.kind == Kind::P256 && self.is_strong() && self.bits == point
    }

    /// What stands in the BIT STRING: for RSA the DER of an RSAPublicKey, for a curve the point.
    pub(super) fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// Whether this key made that signature. A weak key made none.
    pub(super) fn verifies(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        use SignatureAlgorithm as A;
        let algorithm: &dyn VerificationAlgorithm = match (self.kind, algorithm) {
            (Kind::Rsa { .. }, A::RsaSha256) => &RSA_PKCS1_2048_8192_SHA256,
            (Kind::Rsa { .. }, A::RsaSha384) => &RSA_PKCS1_2048_8192_SHA384,
            (Kind::Rsa { .. }, A::RsaSha512) => &RSA_PKCS1_2048_8192_SHA512,
            (Kind::P256, A::EcdsaSha256) => &ECDSA_P256_SHA256_ASN1,
            (Kind::P256, A::EcdsaSha384) => &ECDSA_P256_SHA384_ASN1,
            (Kind::P384, A::EcdsaSha256) => &ECDSA_P384_SHA256_ASN1,
            (Kind::P384, A::EcdsaSha384) => &ECDSA_P384_SHA384_ASN1,
            _ => return false,
        };
        self.is_strong()
            && UnparsedPublicKey::new(algorithm, &self.bits).verify(message, signature).is_ok()
    }
}

/// RSAPublicKey (RFC 8017 appendix A.1.1).
fn rsa(bits: &[u8]) -> Result<Kind, Malformed> {
    let mut key = single(bits, tag::SEQUENCE)?.contents();
    let modulus = key.expect(tag::INTEGER)?.positive()?;
    let exponent = key.expect(tag::INTEGER)?.positive()?;
    key.end()?;
    let leading = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let exponent = match exponent.len() {
        1..=8 => exponent.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
        _ => 0,
    };
    Ok(Kind::Rsa { bits: modulus.len().saturating_mul(8).saturating_sub(leading), exponent })
}
