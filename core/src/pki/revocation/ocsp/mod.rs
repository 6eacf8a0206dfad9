//! Answers on one certificate (OCSP, RFC 6960, RFC 9654): the question, and what its answer is worth. Sending is the
//! caller's.

mod request;
mod response;

use ring::digest::{self, Digest, SHA1_FOR_LEGACY_USE_ONLY, digest};

pub use request::Request;
pub use response::Response;

use crate::pki::Certificate;

/// How a question names the issuer. It is a name only: what protects an answer is its signature, so SHA-1 does no harm
/// here, and every responder knows it (RFC 5019 §2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// id-pkix-ocsp-nonce: 1.3.6.1.5.5.7.48.1.2
const NONCE: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x01\x02";

impl Hash {
    const ALL: [Self; 2] = [Self::Sha1, Self::Sha256];

    fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha1 => b"\x2B\x0E\x03\x02\x1A",
            Self::Sha256 => b"\x60\x86\x48\x01\x65\x03\x04\x02\x01",
        }
    }

    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
        }
    }

    /// issuerNameHash and issuerKeyHash (RFC 6960 §4.1.1): over the issuer's name as it stands in the certificate, and
    /// over the issuer's key without tag, length and unused bits.
    fn of_issuer(self, certificate: &Certificate, issuer: &Certificate) -> [Digest; 2] {
        [&certificate.issuer, issuer.public_key.bits()].map(|of| digest(self.algorithm(), of))
    }
}
