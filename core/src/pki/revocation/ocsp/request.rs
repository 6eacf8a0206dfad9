//! Questions (RFC 6960 §4.1).

use std::fmt;

use zeroize::Zeroizing;

use super::{Hash, NONCE};
use crate::pki::Certificate;
use crate::pki::der::tag;
use crate::pki::revocation::element::{element, integer};

/// A question on one certificate. It points to a person: `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Request {
    der: Zeroizing<Vec<u8>>,
    pub(super) nonce: Option<[u8; 32]>,
}

impl Request {
    /// Asks for a certificate of an issuer. A nonce of 32 random bytes (RFC 9654 §2.1) makes sure that the answer is to
    /// this question; a responder that prepares its answers has none to give back, and then its answer does not count.
    pub fn new(
        certificate: &Certificate,
        issuer: &Certificate,
        hash: Hash,
        nonce: Option<[u8; 32]>,
    ) -> Self {
        let [name, key] = hash.of_issuer(certificate, issuer);
        let algorithm = [element(tag::OID, &[hash.oid()]), element(tag::NULL, &[])];
        let id = Zeroizing::new(element(
            tag::SEQUENCE,
            &[
                &element(tag::SEQUENCE, &[&algorithm[0], &algorithm[1]]),
                &element(tag::OCTET_STRING, &[name.as_ref()]),
                &element(tag::OCTET_STRING, &[key.as_ref()]),
                &Zeroizing::new(element(tag::INTEGER, &[&integer(certificate.serial())])),
            ],
        ));
        let single = Zeroizing::new(element(tag::SEQUENCE, &[&id]));
        let list = Zeroizing::new(element(tag::SEQUENCE, &[&single]));
        let extensions = nonce.map_or_else(Vec::new, |nonce| {
            let value = element(tag::OCTET_STRING, &[&element(tag::OCTET_STRING, &[&nonce])]);
            let extension = element(tag::SEQUENCE, &[&element(tag::OID, &[NONCE]), &value]);
            element(tag::inside(2), &[&element(tag::SEQUENCE, &[&extension])])
        });
        let asked = Zeroizing::new(element(tag::SEQUENCE, &[&list, &extensions]));
        Self { der: Zeroizing::new(element(tag::SEQUENCE, &[&asked])), nonce }
    }

    /// The question as it is sent: the body of a POST of `application/ocsp-request`, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request(..)")
    }
}
