//! Certificates, written here.

use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::pki::Certificate;
use crate::pki::der::tag;

pub(crate) const ECDSA_SHA256: &[u8] = b"\x2A\x86\x48\xCE\x3D\x04\x03\x02";
pub(crate) const ECDSA_SHA1: &[u8] = b"\x2A\x86\x48\xCE\x3D\x04\x01";

/// id-ce
pub(crate) const KEY_USAGE: &[u8] = b"\x55\x1D\x0F";
pub(crate) const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1D\x13";
pub(crate) const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1D\x25";
pub(crate) const AUTHORITY_KEY: &[u8] = b"\x55\x1D\x23";
pub(crate) const SUBJECT_KEY: &[u8] = b"\x55\x1D\x0E";
pub(crate) const DISTRIBUTION_POINTS: &[u8] = b"\x55\x1D\x1F";
pub(crate) const NO_CHECK: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x01\x05";
pub(crate) const UNKNOWN: &[u8] = b"\x2A\x03\x04";

/// digitalSignature; keyCertSign; cRLSign.
pub(crate) const SIGNS: &[u8] = &[7, 0x80];
pub(crate) const CERTIFIES: &[u8] = &[2, 0x04];

/// 2026-11-20T00:00:00Z
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_132_800, 0);
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// So many seconds from now.
pub(crate) fn at(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

/// One element. Nothing of the room that is tested, so that one can be held against the other.
pub(crate) fn write(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = match u32::try_from(contents.len()).unwrap().to_be_bytes() {
        [0, 0, 0, short @ 0..=0x7F] => vec![short],
        [0, 0, 0, low] => vec![0x81, low],
        [0, 0, high, low] => vec![0x82, high, low],
        [0, a, b, c] => vec![0x83, a, b, c],
        [a, b, c, d] => vec![0x84, a, b, c, d],
    };
    [&[tag], length.as_slice(), contents].concat()
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    write(tag::SEQUENCE, &parts.concat())
}

pub(crate) fn oid(oid: &[u8]) -> Vec<u8> {
    write(tag::OID, oid)
}

/// Contents of the SET of a relative name: commonName, as a string of this type.
pub(crate) fn relative(string: u8, text: &str) -> Vec<u8> {
    sequence(&[oid(b"\x55\x04\x03"), write(string, text.as_bytes())])
}

/// A name of these relative names, UTF8String.
pub(crate) fn name(texts: &[&str]) -> Vec<u8> {
    let relatives: Vec<_> =
        texts.iter().map(|text| write(tag::SET, &relative(0x0C, text))).collect();
    sequence(&relatives)
}

pub(crate) fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { vec![tag::BOOLEAN, 1, 0xFF] } else { Vec::new() };
    sequence(&[oid(id), critical, write(tag::OCTET_STRING, value)])
}

pub(crate) fn utc(seconds: i64) -> Vec<u8> {
    write(tag::UTC_TIME, at(seconds).strftime("%y%m%d%H%M%SZ").to_string().as_bytes())
}

pub(crate) fn generalized(seconds: i64) -> Vec<u8> {
    write(tag::GENERALIZED_TIME, at(seconds).strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
}

pub(crate) fn algorithm(id: &[u8]) -> Vec<u8> {
    sequence(&[oid(id)])
}

/// A key on P-256.
pub(crate) struct Key(EcdsaKeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap())
    }

    pub(crate) fn bits(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    pub(crate) fn id(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, self.bits()).as_ref().to_vec()
    }

    pub(crate) fn info(&self) -> Vec<u8> {
        let algorithm = sequence(&[
            oid(b"\x2A\x86\x48\xCE\x3D\x02\x01"),
            oid(b"\x2A\x86\x48\xCE\x3D\x03\x01\x07"),
        ]);
        sequence(&[algorithm, write(tag::BIT_STRING, &[&[0], self.bits()].concat())])
    }

    /// These contents, an algorithm, and a signature; as elements in a row.
    pub(crate) fn sign(&self, contents: &[u8], algorithm: &[u8]) -> Vec<u8> {
        let signature = self.0.sign(&SystemRandom::new(), contents).unwrap();
        let bits = write(tag::BIT_STRING, &[&[0], signature.as_ref()].concat());
        [contents, algorithm, &bits].concat()
    }
}

/// What a certificate is made of.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) validity: [i64; 2],
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Draft {
    pub(crate) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    pub(crate) fn sign(&self, key: &Key, signer: &Key) -> Certificate {
        Certificate::parse(&self.der(key, signer)).unwrap()
    }

    pub(crate) fn der(&self, key: &Key, signer: &Key) -> Vec<u8> {
        seal(&self.fields(key), &algorithm(ECDSA_SHA256), signer)
    }

    /// Version, serial, algorithm, issuer, validity, subject, key, extensions.
    pub(crate) fn fields(&self, key: &Key) -> [Vec<u8>; 8] {
        [
            write(tag::inside(0), &write(tag::INTEGER, &[2])),
            write(tag::INTEGER, &self.serial),
            algorithm(ECDSA_SHA256),
            self.issuer.clone(),
            sequence(&self.validity.map(utc)),
            self.subject.clone(),
            key.info(),
            write(tag::inside(3), &sequence(&self.extensions)),
        ]
    }
}

/// A certificate of these fields.
pub(crate) fn seal(fields: &[Vec<u8>], algorithm: &[u8], signer: &Key) -> Vec<u8> {
    write(tag::SEQUENCE, &signer.sign(&sequence(fields), algorithm))
}

pub(crate) fn usage(bits: &[u8]) -> Vec<u8> {
    extension(KEY_USAGE, true, &write(tag::BIT_STRING, bits))
}

pub(crate) fn key_id(key: &Key) -> Vec<u8> {
    extension(AUTHORITY_KEY, false, &sequence(&[write(tag::context(0), &key.id())]))
}

pub(crate) fn authority() -> Vec<u8> {
    extension(BASIC_CONSTRAINTS, true, &sequence(&[vec![tag::BOOLEAN, 1, 0xFF]]))
}

/// Which key an authority has.
pub(crate) fn own_key(key: &Key) -> Vec<u8> {
    extension(SUBJECT_KEY, false, &write(tag::OCTET_STRING, &key.id()))
}
