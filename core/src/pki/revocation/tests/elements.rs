//! What is written: elements, and questions that are longer than those of OpenSSL here.

use rstest::rstest;

use super::made::*;
use crate::pki::der::tag;
use crate::pki::revocation::element::element;
use crate::pki::revocation::ocsp::{Hash, Request};

#[rstest]
#[case::empty(0)]
#[case::one(1)]
#[case::longest_short(0x7F)]
#[case::one_byte(0x80)]
#[case::longest_of_one_byte(0xFF)]
#[case::two_bytes(0x100)]
#[case::longest_of_two_bytes(0xFFFF)]
#[case::three_bytes(0x1_0000)]
fn elements_of_every_length(#[case] length: usize) {
    let contents = vec![0xAA; length];
    let (first, second) = contents.split_at(length / 3);
    assert_eq!(element(tag::OCTET_STRING, &[first, second]), write(tag::OCTET_STRING, &contents));
}

#[rstest]
#[case::short(Hash::Sha1, b"\x2B\x0E\x03\x02\x1A", None)]
#[case::short_with_a_nonce(Hash::Sha1, b"\x2B\x0E\x03\x02\x1A", Some([7; 32]))]
#[case::long(Hash::Sha256, b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", None)]
#[case::long_with_a_nonce(Hash::Sha256, b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", Some([7; 32]))]
fn questions(#[case] hash: Hash, #[case] id: &[u8], #[case] nonce: Option<[u8; 32]>) {
    use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
    let algorithm = if id.len() == 5 { &SHA1_FOR_LEGACY_USE_ONLY } else { &SHA256 };
    let hashed = |bytes: &[u8]| write(tag::OCTET_STRING, digest(algorithm, bytes).as_ref());
    let asked = sequence(&[
        sequence(&[oid(id), write(tag::NULL, &[])]),
        hashed(&name(&["authority"])),
        hashed(HOUSE.key.bits()),
        write(tag::INTEGER, &[0x00, 0x81]),
    ]);
    let mut parts = vec![sequence(&[sequence(&[asked])])];
    if let Some(nonce) = nonce {
        let value = write(tag::OCTET_STRING, &nonce);
        let nonce = extension(b"\x2B\x06\x01\x05\x05\x07\x30\x01\x02", false, &value);
        parts.push(write(tag::inside(2), &sequence(&[nonce])));
    }
    let expected = sequence(&[sequence(&parts)]);
    assert_eq!(Request::new(&HOLDER, &HOUSE.authority, hash, nonce).der(), expected);
}
