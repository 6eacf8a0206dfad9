//! Answers, written here.

use super::made::*;
use crate::pki::Certificate;
use crate::pki::der::tag;
use crate::pki::revocation::ocsp::{Hash, Request, Response};
use crate::pki::revocation::{Revocation, RevocationReason};

pub(super) const BASIC: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x01\x01";
pub(super) const NONCE: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x01\x02";
pub(super) const SHA1: &[u8] = b"\x2B\x0E\x03\x02\x1A";
pub(super) const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";

/// What is said of one certificate: of the holder, by SHA-1, good.
#[derive(Clone)]
pub(super) struct Single {
    pub(super) hash: Vec<u8>,
    pub(super) parameters: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) serial: Vec<u8>,
    pub(super) status: Vec<u8>,
    pub(super) this_update: Vec<u8>,
    pub(super) next_update: Vec<u8>,
    pub(super) extensions: Vec<Vec<u8>>,
    pub(super) rest: Vec<u8>,
}

pub(super) fn status_good() -> Vec<u8> {
    write(tag::context(0), &[])
}

pub(super) fn status_unknown() -> Vec<u8> {
    write(tag::context(2), &[])
}

pub(super) fn status_revoked(since: i64, reason: Option<u8>) -> Vec<u8> {
    let reason = reason
        .map(|reason| write(tag::inside(0), &write(tag::ENUMERATED, &[reason])))
        .unwrap_or_default();
    write(tag::inside(1), &[generalized(since), reason].concat())
}

pub(super) fn until(seconds: i64) -> Vec<u8> {
    write(tag::inside(0), &generalized(seconds))
}

impl Single {
    pub(super) fn new(hash: Hash) -> Self {
        use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
        let (oid, algorithm) = match hash {
            Hash::Sha1 => (SHA1, &SHA1_FOR_LEGACY_USE_ONLY),
            Hash::Sha256 => (SHA256, &ring::digest::SHA256),
        };
        let of = |bytes: &[u8]| digest(algorithm, bytes).as_ref().to_vec();
        Self {
            hash: oid.to_vec(),
            parameters: vec![tag::NULL, 0],
            name: of(&name(&["authority"])),
            key: of(HOUSE.key.bits()),
            serial: vec![0x00, 0x81],
            status: status_good(),
            this_update: generalized(-60),
            next_update: until(DAY),
            extensions: Vec::new(),
            rest: Vec::new(),
        }
    }

    fn der(&self) -> Vec<u8> {
        let octets = |bytes: &[u8]| write(tag::OCTET_STRING, bytes);
        let id = sequence(&[
            sequence(&[oid(&self.hash), self.parameters.clone()]),
            octets(&self.name),
            octets(&self.key),
            write(tag::INTEGER, &self.serial),
        ]);
        sequence(&[
            id,
            self.status.clone(),
            self.this_update.clone(),
            self.next_update.clone(),
            tagged(&self.extensions),
            self.rest.clone(),
        ])
    }
}

/// Extensions, `[1]`, if there are any.
fn tagged(extensions: &[Vec<u8>]) -> Vec<u8> {
    match extensions {
        [] => Vec::new(),
        all => write(tag::inside(1), &sequence(all)),
    }
}

/// What an answer is made of: good, by the authority itself, who is named.
pub(super) struct Answer {
    pub(super) status: Vec<u8>,
    pub(super) kind: Vec<u8>,
    pub(super) version: Vec<u8>,
    pub(super) responder: Vec<u8>,
    pub(super) produced_at: Vec<u8>,
    pub(super) singles: Vec<Single>,
    pub(super) extensions: Vec<Vec<u8>>,
    pub(super) algorithm: Vec<u8>,
    pub(super) certificates: Vec<Vec<u8>>,
    /// What follows in what is signed, in BasicOCSPResponse, in ResponseBytes and in OCSPResponse.
    pub(super) rest: [Vec<u8>; 4],
}

pub(super) fn by_name(name: &[u8]) -> Vec<u8> {
    write(tag::inside(1), name)
}

pub(super) fn by_key(key: &Key) -> Vec<u8> {
    write(tag::inside(2), &write(tag::OCTET_STRING, &key.id()))
}

impl Answer {
    pub(super) fn new() -> Self {
        Self {
            status: write(tag::ENUMERATED, &[0]),
            kind: oid(BASIC),
            version: Vec::new(),
            responder: by_name(&name(&["authority"])),
            produced_at: generalized(-30),
            singles: vec![Single::new(Hash::Sha1)],
            extensions: Vec::new(),
            algorithm: algorithm(ECDSA_SHA256),
            certificates: Vec::new(),
            rest: Default::default(),
        }
    }

    pub(super) fn der(&self, signer: &Key) -> Vec<u8> {
        let singles: Vec<_> = self.singles.iter().map(Single::der).collect();
        let contents = sequence(&[
            self.version.clone(),
            self.responder.clone(),
            self.produced_at.clone(),
            sequence(&singles),
            tagged(&self.extensions),
            self.rest[0].clone(),
        ]);
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            all => write(tag::inside(0), &sequence(all)),
        };
        let bits = signer.sign(&contents, &self.algorithm);
        let basic = sequence(&[bits, certificates, self.rest[1].clone()]);
        let bytes =
            sequence(&[self.kind.clone(), write(tag::OCTET_STRING, &basic), self.rest[2].clone()]);
        sequence(&[self.status.clone(), write(tag::inside(0), &bytes), self.rest[3].clone()])
    }

    pub(super) fn parse(&self) -> Response {
        Response::parse(&self.der(&HOUSE.key)).unwrap()
    }

    pub(super) fn says(&self) -> Revocation {
        self.says_to(None, &HOLDER, 0)
    }

    pub(super) fn says_to(
        &self,
        asked: Option<&Request>,
        certificate: &Certificate,
        tolerance: i64,
    ) -> Revocation {
        self.parse().on(certificate, &HOUSE.authority, asked, when(tolerance)).word
    }
}

pub(super) const UNSPECIFIED: RevocationReason = RevocationReason::Unspecified;
