//! One generation of an authority: its root and, where the sandbox plays it, its key and its OCSP responder.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};

use super::application::CertificatePurpose;
use super::certificate::Certificate;
use super::responder::Responder;
use crate::base::jws::sha256;

/// An authority for the sandbox to play: it then issues, revokes and publishes with this key. Test keys only.
/// `Debug` shows no key.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateAuthority {
    /// What its certificates are for.
    pub purpose: CertificatePurpose,
    /// Its self-signed root, X.509 in DER.
    pub certificate: Vec<u8>,
    /// Its RSA-2048 key, PKCS#8 in DER.
    pub key: Vec<u8>,
}

impl fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateAuthority({:?}, …)", self.purpose)
    }
}

/// Why an authority cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    Root,
    Key,
    OtherKey,
    Signing,
}

impl Unusable {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Root => "not a root certificate this sandbox can use",
            Self::Key => "not an RSA-2048 key in PKCS#8",
            Self::OtherKey => "the key is not the certificate's",
            Self::Signing => "signing failed",
        }
    }
}

/// An authority that is trusted, or played.
pub(crate) struct Authority {
    pub(crate) purpose: CertificatePurpose,
    /// SHA-256 of its key: what it is known by.
    pub(crate) id: Vec<u8>,
    pub(crate) root: Certificate,
    /// The same as the validator reads it.
    pub(crate) anchor: kaigotap::pki::Certificate,
    pub(crate) der: Vec<u8>,
    /// Subject key identifier.
    pub(crate) key_id: Vec<u8>,
    pub(crate) office: Option<Office>,
}

/// What it takes to play an authority.
pub(crate) struct Office {
    key: RsaKeyPair,
    pub(crate) responder: Responder,
}

impl Authority {
    /// One whose certificates are judged, and nothing else.
    pub(crate) fn trusted(purpose: CertificatePurpose, der: &[u8]) -> Result<Self, Unusable> {
        let root = Certificate::read(der).map_err(|_| Unusable::Root)?;
        if !root.is_ca().unwrap_or(false) {
            return Err(Unusable::Root);
        }
        let key_id = root
            .extension::<SubjectKeyIdentifier>()
            .ok()
            .flatten()
            .ok_or(Unusable::Root)?
            .0
            .as_bytes()
            .to_vec();
        let anchor = kaigotap::pki::Certificate::parse(der).map_err(|_| Unusable::Root)?;
        let (id, der) = (sha256(&root.key), der.to_vec());
        Ok(Self { purpose, id, root, anchor, der, key_id, office: None })
    }

    /// One that the sandbox plays, with a responder that is new.
    pub(crate) fn played(given: &CertificateAuthority) -> Result<Self, Unusable> {
        let authority = Self::trusted(given.purpose, &given.certificate)?;
        let key = RsaKeyPair::from_pkcs8(&given.key).map_err(|_| Unusable::Key)?;
        if key.public().as_ref() != authority.root.key {
            return Err(Unusable::OtherKey);
        }
        let responder = Responder::new(&authority, &key).ok_or(Unusable::Signing)?;
        Ok(Self { office: Some(Office { key, responder }), ..authority })
    }

    /// Whether its key signed a certificate that says so.
    pub(crate) fn issued(&self, certificate: &Certificate) -> bool {
        let named = certificate
            .extension::<AuthorityKeyIdentifier>()
            .ok()
            .flatten()
            .and_then(|authority| authority.key_identifier);
        named.is_some_and(|named| named.as_bytes() == self.key_id)
            && certificate.tbs.issuer == self.root.tbs.subject
            && self.root.signed(&certificate.signed, &certificate.signature)
    }
}

impl Office {
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        sign(&self.key, message)
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256.
pub(crate) fn sign(key: &RsaKeyPair, message: &[u8]) -> Option<Vec<u8>> {
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
    Some(signature)
}
