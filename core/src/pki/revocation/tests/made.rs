//! Certificates, lists and answers, written here.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::pki::Certificate;
use crate::pki::der::tag;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::{NotChecked, Revocation, RevocationReason, Source, When};

pub(super) const ECDSA_SHA256: &[u8] = b"\x2A\x86\x48\xCE\x3D\x04\x03\x02";
pub(super) const ECDSA_SHA1: &[u8] = b"\x2A\x86\x48\xCE\x3D\x04\x01";

/// id-ce
pub(super) const KEY_USAGE: &[u8] = b"\x55\x1D\x0F";
pub(super) const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1D\x13";
pub(super) const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1D\x25";
pub(super) const AUTHORITY_KEY: &[u8] = b"\x55\x1D\x23";
pub(super) const SUBJECT_KEY: &[u8] = b"\x55\x1D\x0E";
pub(super) const DISTRIBUTION_POINTS: &[u8] = b"\x55\x1D\x1F";
pub(super) const ISSUING_POINT: &[u8] = b"\x55\x1D\x1C";
pub(super) const NUMBER: &[u8] = b"\x55\x1D\x14";
pub(super) const DELTA: &[u8] = b"\x55\x1D\x1B";
pub(super) const REASON: &[u8] = b"\x55\x1D\x15";
pub(super) const INVALIDITY_DATE: &[u8] = b"\x55\x1D\x18";
pub(super) const CERTIFICATE_ISSUER: &[u8] = b"\x55\x1D\x1D";
pub(super) const NO_CHECK: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x01\x05";
pub(super) const UNKNOWN: &[u8] = b"\x2A\x03\x04";

/// digitalSignature; keyCertSign; cRLSign.
pub(super) const SIGNS: &[u8] = &[7, 0x80];
pub(super) const CERTIFIES: &[u8] = &[2, 0x04];
pub(super) const CERTIFIES_AND_LISTS: &[u8] = &[1, 0x06];

/// 2026-11-20T00:00:00Z
const NOW: Timestamp = Timestamp::constant(1_795_132_800, 0);
pub(super) const DAY: i64 = 24 * 60 * 60;

/// So many seconds from now.
pub(super) fn at(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

/// Now, with a tolerance in seconds.
pub(super) fn when(tolerance: i64) -> When {
    When { at: NOW, tolerance: SignedDuration::from_secs(tolerance) }
}

pub(super) fn good(source: Source, as_of: i64) -> Revocation {
    Revocation::Good { as_of: at(as_of), source }
}

pub(super) fn revoked(source: Source, since: i64, reason: RevocationReason) -> Revocation {
    Revocation::Revoked { at: at(since), reason, source }
}

pub(super) fn unknown(why: NotChecked) -> Revocation {
    Revocation::NotChecked { why }
}

/// One element. Nothing of the room that is tested, so that one can be held against the other.
pub(super) fn write(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = match u32::try_from(contents.len()).unwrap().to_be_bytes() {
        [0, 0, 0, short @ 0..=0x7F] => vec![short],
        [0, 0, 0, low] => vec![0x81, low],
        [0, 0, high, low] => vec![0x82, high, low],
        [0, a, b, c] => vec![0x83, a, b, c],
        [a, b, c, d] => vec![0x84, a, b, c, d],
    };
    [&[tag], length.as_slice(), contents].concat()
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    write(tag::SEQUENCE, &parts.concat())
}

pub(super) fn oid(oid: &[u8]) -> Vec<u8> {
    write(tag::OID, oid)
}

/// Contents of the SET of a relative name: commonName, as a string of this type.
pub(super) fn relative(string: u8, text: &str) -> Vec<u8> {
    sequence(&[oid(b"\x55\x04\x03"), write(string, text.as_bytes())])
}

/// A name of these relative names, UTF8String.
pub(super) fn name(texts: &[&str]) -> Vec<u8> {
    let relatives: Vec<_> =
        texts.iter().map(|text| write(tag::SET, &relative(0x0C, text))).collect();
    sequence(&relatives)
}

pub(super) fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { vec![tag::BOOLEAN, 1, 0xFF] } else { Vec::new() };
    sequence(&[oid(id), critical, write(tag::OCTET_STRING, value)])
}

pub(super) fn utc(seconds: i64) -> Vec<u8> {
    write(tag::UTC_TIME, at(seconds).strftime("%y%m%d%H%M%SZ").to_string().as_bytes())
}

pub(super) fn generalized(seconds: i64) -> Vec<u8> {
    write(tag::GENERALIZED_TIME, at(seconds).strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
}

pub(super) fn algorithm(id: &[u8]) -> Vec<u8> {
    sequence(&[oid(id)])
}

/// A key on P-256.
pub(super) struct Key(EcdsaKeyPair);

impl Key {
    pub(super) fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap())
    }

    pub(super) fn bits(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    pub(super) fn id(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, self.bits()).as_ref().to_vec()
    }

    fn info(&self) -> Vec<u8> {
        let algorithm = sequence(&[
            oid(b"\x2A\x86\x48\xCE\x3D\x02\x01"),
            oid(b"\x2A\x86\x48\xCE\x3D\x03\x01\x07"),
        ]);
        sequence(&[algorithm, write(tag::BIT_STRING, &[&[0], self.bits()].concat())])
    }

    /// These contents, an algorithm, and a signature; as elements in a row.
    pub(super) fn sign(&self, contents: &[u8], algorithm: &[u8]) -> Vec<u8> {
        let signature = self.0.sign(&SystemRandom::new(), contents).unwrap();
        let bits = write(tag::BIT_STRING, &[&[0], signature.as_ref()].concat());
        [contents, algorithm, &bits].concat()
    }
}

/// What a certificate is made of.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) serial: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    pub(super) validity: [i64; 2],
    pub(super) extensions: Vec<Vec<u8>>,
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

    pub(super) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    pub(super) fn sign(&self, key: &Key, signer: &Key) -> Certificate {
        Certificate::parse(&self.der(key, signer)).unwrap()
    }

    pub(super) fn der(&self, key: &Key, signer: &Key) -> Vec<u8> {
        let contents = sequence(&[
            write(tag::inside(0), &write(tag::INTEGER, &[2])),
            write(tag::INTEGER, &self.serial),
            algorithm(ECDSA_SHA256),
            self.issuer.clone(),
            sequence(&self.validity.map(utc)),
            self.subject.clone(),
            key.info(),
            write(tag::inside(3), &sequence(&self.extensions)),
        ]);
        write(tag::SEQUENCE, &signer.sign(&contents, &algorithm(ECDSA_SHA256)))
    }
}

pub(super) fn usage(bits: &[u8]) -> Vec<u8> {
    extension(KEY_USAGE, true, &write(tag::BIT_STRING, bits))
}

pub(super) fn key_id(key: &Key) -> Vec<u8> {
    extension(AUTHORITY_KEY, false, &sequence(&[write(tag::context(0), &key.id())]))
}

pub(super) fn authority() -> Vec<u8> {
    extension(BASIC_CONSTRAINTS, true, &sequence(&[vec![tag::BOOLEAN, 1, 0xFF]]))
}

/// An authority named "authority", serial 0081, issued by "root".
pub(super) fn authority_of(key: &Key, bits: Option<&[u8]>) -> Certificate {
    let subject_key = extension(SUBJECT_KEY, false, &write(tag::OCTET_STRING, &key.id()));
    Draft {
        serial: vec![0x00, 0x81],
        issuer: name(&["root"]),
        subject: name(&["authority"]),
        validity: [-10 * DAY, 10 * DAY],
        extensions: [authority(), subject_key].into_iter().chain(bits.map(usage)).collect(),
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
        let signed = HOUSE.key.sign(&contents, &self.outer_algorithm);
        write(tag::SEQUENCE, &[signed, self.rest[1].clone()].concat())
    }

    pub(super) fn parse(&self) -> Crl {
        Crl::parse(self.der()).unwrap()
    }

    pub(super) fn says_of(&self, certificate: &Certificate) -> Revocation {
        self.parse().on(certificate, &HOUSE.authority, when(0))
    }
}
