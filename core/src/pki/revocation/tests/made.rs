//! Certificates, lists and answers, written here.

use std::sync::LazyLock;

use jiff::SignedDuration;

use crate::pki::Certificate;
use crate::pki::der::tag;
use crate::pki::revocation::crl::{Crl, Number};
use crate::pki::revocation::{Evidence, Freshness};
use crate::pki::revocation::{NotChecked, Revocation, RevocationReason, Source};
pub(super) use crate::pki::tests::made::*;

/// id-ce
pub(super) const ISSUING_POINT: &[u8] = b"\x55\x1D\x1C";
pub(super) const NUMBER: &[u8] = b"\x55\x1D\x14";
pub(super) const DELTA: &[u8] = b"\x55\x1D\x1B";
pub(super) const REASON: &[u8] = b"\x55\x1D\x15";
pub(super) const INVALIDITY_DATE: &[u8] = b"\x55\x1D\x18";
pub(super) const CERTIFICATE_ISSUER: &[u8] = b"\x55\x1D\x1D";

/// keyCertSign and cRLSign.
pub(super) const CERTIFIES_AND_LISTS: &[u8] = &[1, 0x06];

/// Now, with a tolerance in seconds.
pub(super) fn when(tolerance: i64) -> Freshness {
    let tolerance = SignedDuration::from_secs(tolerance);
    Freshness { at: NOW, tolerance, greatest_age: None, least_number: None }
}

pub(super) fn good(source: Source, as_of: i64) -> Revocation {
    let number = (source == Source::Crl).then(|| number(7));
    Revocation::Good { as_of: at(as_of), source, number }
}

/// The number of a list.
pub(super) fn number(number: u8) -> Number {
    Number::from_bytes(&[number]).unwrap()
}

pub(super) fn revoked(source: Source, since: i64, reason: RevocationReason) -> Revocation {
    Revocation::Revoked { at: at(since), reason, source }
}

pub(super) fn unknown(why: NotChecked) -> Revocation {
    Revocation::NotChecked { why }
}

impl Draft {
    /// A certificate of a holder.
    pub(super) fn holder() -> Self {
        Self {
            serial: vec![0x00, 0x81],
            issuer: name(&["authority"]),
            subject: name(&["holder"]),
            validity: [-DAY, DAY],
            extensions: vec![key_id(&HOUSE.key), usage(SIGNS)],
        }
    }
}

/// An authority named "authority", serial 0081, issued by "root".
pub(super) fn authority_of(key: &Key, bits: Option<&[u8]>) -> Certificate {
    Draft {
        serial: vec![0x00, 0x81],
        issuer: name(&["root"]),
        subject: name(&["authority"]),
        validity: [-10 * DAY, 10 * DAY],
        extensions: [authority(), own_key(key)].into_iter().chain(bits.map(usage)).collect(),
    }
    .sign(key, key)
}

/// Everybody.
pub(super) struct House {
    pub(super) key: Key,
    pub(super) authority: Certificate,
    pub(super) other_key: Key,
    /// Of the same name.
    pub(super) other_authority: Certificate,
    pub(super) holder_key: Key,
}

pub(super) static HOUSE: LazyLock<House> = LazyLock::new(|| {
    let (key, other_key) = (Key::new(), Key::new());
    House {
        authority: authority_of(&key, Some(CERTIFIES_AND_LISTS)),
        other_authority: authority_of(&other_key, Some(CERTIFIES_AND_LISTS)),
        key,
        other_key,
        holder_key: Key::new(),
    }
});

/// The holder's certificate with one more extension.
pub(super) fn holder_with(more: Option<Vec<u8>>) -> Certificate {
    let draft = more.into_iter().fold(Draft::holder(), Draft::with);
    draft.sign(&HOUSE.holder_key, &HOUSE.key)
}

pub(super) static HOLDER: LazyLock<Certificate> = LazyLock::new(|| holder_with(None));

/// What a list is made of.
pub(super) struct List {
    pub(super) version: Vec<u8>,
    pub(super) algorithm: Vec<u8>,
    pub(super) outer_algorithm: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) this_update: Vec<u8>,
    pub(super) next_update: Vec<u8>,
    pub(super) entries: Vec<Vec<u8>>,
    /// None for no extensions at all.
    pub(super) extensions: Vec<Vec<u8>>,
    /// What follows inside of what is signed, and outside.
    pub(super) rest: [Vec<u8>; 2],
    pub(super) signer: &'static Key,
}

pub(super) fn entry(serial: &[u8], since: i64, extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = if extensions.is_empty() { Vec::new() } else { sequence(extensions) };
    sequence(&[write(tag::INTEGER, serial), utc(since), extensions])
}

/// An entry of the holder.
pub(super) fn entry_with(extensions: &[Vec<u8>]) -> Vec<u8> {
    entry(&[0x00, 0x81], -7, extensions)
}

pub(super) fn reason(number: u8) -> Vec<u8> {
    extension(REASON, false, &write(tag::ENUMERATED, &[number]))
}

impl List {
    pub(super) fn new() -> Self {
        Self {
            version: write(tag::INTEGER, &[1]),
            algorithm: algorithm(ECDSA_SHA256),
            outer_algorithm: algorithm(ECDSA_SHA256),
            issuer: name(&["authority"]),
            this_update: utc(-DAY),
            next_update: utc(DAY),
            entries: vec![entry(&[0x05], -DAY, &[]), entry(&[0x06], -DAY, &[reason(1)])],
            extensions: vec![
                key_id(&HOUSE.key),
                extension(NUMBER, false, &write(tag::INTEGER, &[7])),
            ],
            rest: Default::default(),
            signer: &HOUSE.key,
        }
    }

    pub(super) fn der(&self) -> Vec<u8> {
        let entries = if self.entries.is_empty() { Vec::new() } else { sequence(&self.entries) };
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            all => write(tag::inside(0), &sequence(all)),
        };
        let contents = sequence(&[
            self.version.clone(),
            self.algorithm.clone(),
            self.issuer.clone(),
            self.this_update.clone(),
            self.next_update.clone(),
            entries,
            extensions,
            self.rest[0].clone(),
        ]);
        let signed = self.signer.sign(&contents, &self.outer_algorithm);
        write(tag::SEQUENCE, &[signed, self.rest[1].clone()].concat())
    }

    pub(super) fn parse(&self) -> Crl {
        Crl::parse(self.der()).unwrap()
    }

    pub(super) fn says_of(&self, certificate: &Certificate) -> Revocation {
        let lists = [self.parse()];
        Evidence::none().with_crls(&lists).on(certificate, &HOUSE.authority, &[], when(0))
    }
}
