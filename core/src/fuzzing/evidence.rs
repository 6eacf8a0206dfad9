//! Revocation lists, answers of responders, and whole verdicts.
//!
//! Nobody can guess a signature, so what is read is also signed anew, with the one key of the made-up authorities of
//! `tests/vectors/revocation`: then everything behind the signature is tried too.

use jiff::{SignedDuration, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};

use crate::pki;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::ocsp::{Hash, Request, Response};
use crate::pki::revocation::{Evidence, Revocation};
use crate::pki::{Certificate, Demand, Finding, Purpose, TrustAnchors, decide};

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/vectors/revocation/", $name))
    };
}

const TAG_SEQUENCE: u8 = 0x30;
const TAG_OCTET_STRING: u8 = 0x04;
const TAG_BIT_STRING: u8 = 0x03;
const TAG_INSIDE_0: u8 = 0xA0;

/// What is asked in the question of the seeds that have a nonce.
const NONCE: [u8; 32] = [0x5A; 32];

/// When the seeds hold.
fn now() -> Timestamp {
    Timestamp::constant(1_798_761_600, 0)
}

/// Revocation lists: as they are, and signed anew.
pub fn crl(bytes: &[u8]) -> bool {
    let Ok(list) = Crl::parse(bytes.to_vec()) else { return false };
    assert_eq!(format!("{list:?}"), "Crl(..)");
    let anew = signed_anew(bytes).expect("a list that was read");
    let anew = [Crl::parse(anew).expect("a list that differs in its signature")];
    let mut known = false;
    for certificate in holders() {
        let found = judged(&certificate, Evidence::none().with_crls(&anew));
        assert_eq!(found, judged(&certificate, Evidence::none().with_crls(&anew)));
        known |= follows(found, &certificate, bytes);
        let as_it_is =
            judged(&certificate, Evidence::none().with_crls(std::slice::from_ref(&list)));
        assert!(as_it_is == found || !is_known(as_it_is), "another word with another signature");
    }
    known
}

/// Answers of responders: as they are, and signed anew.
pub fn ocsp(bytes: &[u8]) -> bool {
    let Ok(answer) = Response::parse(bytes) else { return false };
    assert_eq!(format!("{answer:?}"), "Response(..)");
    // An error has nothing that is signed.
    let anew = answer_signed_anew(bytes).unwrap_or_else(|| bytes.to_vec());
    let anew = Response::parse(&anew).expect("an answer that differs in its signature");
    let mut known = false;
    for certificate in holders() {
        let found = judged(&certificate, Evidence::none().with_ocsp(&anew, None));
        known |= follows(found, &certificate, bytes);
        let request = Request::new(&certificate, &authority(), Hash::Sha1, Some(NONCE));
        let asked = judged(&certificate, Evidence::none().with_ocsp(&anew, Some(&request)));
        if is_known(asked) {
            assert!(asked == found && contains(bytes, &NONCE), "an answer to another question");
        }
        judged(&certificate, Evidence::none().with_ocsp(&answer, None));
    }
    known
}

/// Whole verdicts. The first byte says for what: its lowest bits the purpose, the next whether certificates are signed
/// anew, and whether lists and answers are; two bytes of days that pass from a time at which the seeds hold. Then six
/// parts with two bytes of length each: leaf, two intermediates, anchor, list, answer.
pub fn verify(bytes: &[u8]) -> bool {
    let Some((&[what, high, low], mut rest)) = bytes.split_first_chunk() else { return false };
    let mut part = || {
        let length = rest
            .split_off(..2)
            .map_or(0, |length| usize::from(u16::from_be_bytes([length[0], length[1]])));
        rest.split_off(..length.min(rest.len())).unwrap_or_default()
    };
    let mut certificate = || {
        let der = part();
        let anew = (what & 4 != 0).then(|| signed_anew(der)).flatten();
        anew.unwrap_or_else(|| der.to_vec())
    };
    let [leaf, first, second, anchor] = [(); 4].map(|()| certificate());
    let (list, answer) = (part(), part());
    let list =
        (what & 8 != 0).then(|| signed_anew(list)).flatten().unwrap_or_else(|| list.to_vec());
    let answer = (what & 8 != 0)
        .then(|| answer_signed_anew(answer))
        .flatten()
        .unwrap_or_else(|| answer.to_vec());

    let Ok(leaf) = Certificate::parse(&leaf) else { return false };
    let intermediates: Vec<_> =
        [first, second].iter().filter_map(|der| Certificate::parse(der).ok()).collect();
    let Ok(anchors) = TrustAnchors::test([anchor.as_slice()], [anchor.as_slice()]) else {
        return false;
    };
    let days = i64::from(i16::from_be_bytes([high, low]));
    let at = now() + SignedDuration::from_hours(24 * days);
    let demand = match what & 3 {
        0 => Demand::any_purpose(at),
        1 => Demand::new(Purpose::Authentication, at),
        2 => Demand::new(Purpose::Signature, at),
        _ => Demand::new(Purpose::Authentication, at).with_policies(["1.2.3"]).expect("a policy"),
    };
    let (lists, answer) = (Crl::parse(list), Response::parse(&answer));
    let lists: Vec<_> = lists.into_iter().collect();
    let evidence = Evidence::none().with_crls(&lists);
    let evidence = match &answer {
        Ok(answer) => evidence.with_ocsp(answer, None),
        Err(_) => evidence,
    };

    let local = pki::verify(&leaf, &intermediates, &anchors, &demand, &evidence);
    let decided = decide(&leaf, &intermediates, &anchors, &demand, &evidence);
    if let Ok(local) = &local {
        let report = local.report();
        assert!(leaf.not_before() <= at && at <= leaf.not_after());
        assert!(report.findings().all(|(_, finding)| finding == Finding::Passed));
        assert!(!matches!(report.revocation(), Revocation::Revoked { .. }));
        assert!(report.anchor().is_some() && report.certificates() == intermediates.len() + 1);
    }
    match &decided {
        Ok(verdict) => {
            assert!(local.is_ok(), "accepted by the server only");
            assert!(
                matches!(verdict.report().revocation(), Revocation::Good { as_of, .. } if as_of <= at)
            );
            assert!(!lists.is_empty() || answer.is_ok(), "good by no evidence");
        }
        Err(rejected) => {
            let revocation_is_all = local.is_ok();
            let found = rejected.report().findings().any(|(_, finding)| finding != Finding::Passed);
            let revoked = matches!(rejected.report().revocation(), Revocation::Revoked { .. });
            assert!(revocation_is_all || found || revoked, "rejected for nothing");
        }
    }
    decided.is_ok()
}

fn holders() -> [Certificate; 2] {
    [&vector!("good.der")[..], vector!("revoked.der")]
        .map(|der| Certificate::parse(der).expect("a certificate"))
}

fn authority() -> Certificate {
    Certificate::parse(vector!("ca.der")).expect("a certificate")
}

fn judged(certificate: &Certificate, evidence: Evidence<'_>) -> Revocation {
    let anchors = TrustAnchors::test([&vector!("ca.der")[..]], []).expect("a certificate");
    match pki::verify(certificate, &[], &anchors, &Demand::any_purpose(now()), &evidence) {
        Ok(verdict) => verdict.report().revocation(),
        Err(rejected) => rejected.report().revocation(),
    }
}

fn is_known(revocation: Revocation) -> bool {
    !matches!(revocation, Revocation::NotChecked { .. })
}

/// Whether something is known; then the time fits, and the serial number of a certificate that is revoked is there.
fn follows(found: Revocation, certificate: &Certificate, bytes: &[u8]) -> bool {
    match found {
        Revocation::Good { as_of, .. } => assert!(as_of <= now(), "word from the future"),
        Revocation::Revoked { .. } => {
            assert!(contains(bytes, certificate.serial().as_bytes()), "revoked by no word");
        }
        Revocation::NotChecked { .. } => {}
    }
    is_known(found)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Something with a signature, signed by the key of the made-up authorities.
fn signed_anew(bytes: &[u8]) -> Option<Vec<u8>> {
    let (_, inside, _) = object(bytes)?;
    let (_, _, after_contents) = object(inside)?;
    let (_, _, after_algorithm) = object(after_contents)?;
    let (_, _, after_signature) = object(after_algorithm)?;
    let contents = &inside[..inside.len() - after_contents.len()];
    let unsigned = &inside[..inside.len() - after_algorithm.len()];
    let key = EcdsaKeyPair::from_pkcs8(
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        vector!("ca.p8"),
        &SystemRandom::new(),
    );
    let signature = key.expect("a key").sign(&SystemRandom::new(), contents).expect("a signature");
    let signature = written(TAG_BIT_STRING, &[&[0], signature.as_ref()].concat());
    Some(written(TAG_SEQUENCE, &[unsigned, &signature, after_signature].concat()))
}

/// The same of an answer, whose signature is further inside.
fn answer_signed_anew(bytes: &[u8]) -> Option<Vec<u8>> {
    let (_, response, _) = object(bytes)?;
    let (_, _, after_status) = object(response)?;
    let (_, tagged, _) = object(after_status)?;
    let (_, basic, _) = object(tagged)?;
    let (_, _, after_type) = object(basic)?;
    let (_, signed, _) = object(after_type)?;
    let signed = written(TAG_OCTET_STRING, &signed_anew(signed)?);
    let basic = [&basic[..basic.len() - after_type.len()], &signed].concat();
    let tagged = written(TAG_INSIDE_0, &written(TAG_SEQUENCE, &basic));
    let status = &response[..response.len() - after_status.len()];
    Some(written(TAG_SEQUENCE, &[status, &tagged].concat()))
}

/// The first object: its tag, its contents, and what follows it.
fn object(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (length.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

fn written(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut bytes = vec![tag];
    match length[..] {
        [] => bytes.push(0),
        [short @ 0..=0x7F] => bytes.push(short),
        _ => bytes.push(0x80 | u8::try_from(length.len()).expect("eight at most")),
    }
    if contents.len() >= 0x80 {
        bytes.extend(length);
    }
    bytes.extend_from_slice(contents);
    bytes
}
