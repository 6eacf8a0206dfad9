//! Who may answer.

use rstest::rstest;

use super::asked::*;
use super::made::*;
use crate::pki::der::tag;
use crate::pki::revocation::ocsp::Response;
use crate::pki::revocation::{NotChecked, Revocation, Source};

const OCSP_SIGNING: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x03\x09";
const ANY_PURPOSE: &[u8] = b"\x55\x1D\x25\x00";

fn purposes(of: &[&[u8]]) -> Vec<u8> {
    let purposes: Vec<_> = of.iter().map(|purpose| oid(purpose)).collect();
    extension(EXTENDED_KEY_USAGE, false, &sequence(&purposes))
}

fn no_check() -> Vec<u8> {
    extension(NO_CHECK, false, &[tag::NULL, 0])
}

/// A delegate of the authority: identifier of its key, purpose, no check, usage.
fn delegate() -> Draft {
    Draft {
        subject: name(&["responder"]),
        serial: vec![0x09],
        extensions: vec![key_id(&HOUSE.key), purposes(&[OCSP_SIGNING]), no_check(), usage(SIGNS)],
        ..Draft::holder()
    }
}

/// What an answer says that is signed by the holder of this key and comes with these certificates.
fn says(responder: Vec<u8>, signer: &Key, certificates: Vec<Vec<u8>>) -> Revocation {
    let answer = Answer { responder, certificates, ..Answer::new() };
    let answer = Response::parse(&answer.der(signer)).unwrap();
    answer.on(&HOLDER, &HOUSE.authority, None, when(0)).word
}

fn good_answer() -> Revocation {
    good(Source::Ocsp, -60)
}

fn unfit() -> Revocation {
    unknown(NotChecked::AnswerResponder)
}

fn forged() -> Revocation {
    unknown(NotChecked::AnswerSignature)
}

#[test]
fn the_authority_itself() {
    let (key, other) = (&HOUSE.key, &HOUSE.other_key);
    let itself = by_name(&name(&["AUTHORITY"]));
    assert_eq!(says(itself.clone(), key, vec![]), good_answer());
    assert_eq!(says(by_key(key), key, vec![]), good_answer());
    assert_eq!(says(itself.clone(), other, vec![]), forged());
    assert_eq!(says(by_key(key), other, vec![]), forged());
    assert_eq!(says(by_key(other), other, vec![]), unfit());
    assert_eq!(says(by_name(&name(&["somebody"])), key, vec![]), unfit());
    // The other authority of that name, with its certificate.
    let sibling = HOUSE.other_authority.der().to_vec();
    assert_eq!(says(itself, other, vec![sibling.clone()]), forged());
    assert_eq!(says(by_key(other), other, vec![sibling]), unfit());
    let refused = Answer { algorithm: algorithm(ECDSA_SHA1), ..Answer::new() };
    assert_eq!(refused.says(), forged());
}

#[test]
fn a_delegate() {
    let (key, forger) = (Key::new(), Key::new());
    let certificate = delegate().der(&key, &HOUSE.key);
    let it = by_name(&name(&["responder"]));
    assert_eq!(says(it.clone(), &key, vec![certificate.clone()]), good_answer());
    assert_eq!(says(by_key(&key), &key, vec![certificate.clone()]), good_answer());
    assert_eq!(says(it.clone(), &forger, vec![certificate.clone()]), forged());
    assert_eq!(says(by_key(&forger), &forger, vec![certificate.clone()]), unfit());
    // Without its certificate, or beside others: an unfit one, one that cannot be read, one with another key.
    assert_eq!(says(it.clone(), &key, vec![]), unfit());
    let others = [HOLDER.der().to_vec(), sequence(&[]), delegate().der(&forger, &HOUSE.key)];
    let all: Vec<_> = others.into_iter().chain([certificate]).collect();
    assert_eq!(says(it.clone(), &key, all), good_answer());
    // The holder, whom this same authority certified for something else.
    let holder = by_name(&name(&["holder"]));
    assert_eq!(says(holder, &HOUSE.holder_key, vec![HOLDER.der().to_vec()]), unfit());
}

#[rstest]
#[case::several_purposes(&|draft: &mut Draft| draft.extensions[1] = purposes(&[UNKNOWN, OCSP_SIGNING]), true)]
#[case::other_purpose(&|draft: &mut Draft| draft.extensions[1] = purposes(&[UNKNOWN]), false)]
#[case::any_purpose(&|draft: &mut Draft| draft.extensions[1] = purposes(&[ANY_PURPOSE]), false)]
#[case::no_purpose(&|draft: &mut Draft| drop(draft.extensions.remove(1)), false)]
#[case::to_be_checked(&|draft: &mut Draft| drop(draft.extensions.remove(2)), false)]
#[case::no_usage(&|draft: &mut Draft| drop(draft.extensions.remove(3)), true)]
#[case::other_usage(&|draft: &mut Draft| draft.extensions[3] = usage(&[5, 0x20]), false)]
#[case::may_certify(&|draft: &mut Draft| draft.extensions[3] = usage(&[2, 0x84]), false)]
#[case::is_an_authority(&|draft: &mut Draft| draft.extensions.push(authority()), false)]
#[case::is_none(
    &|draft: &mut Draft| draft.extensions.push(extension(BASIC_CONSTRAINTS, true, &sequence(&[]))),
    true
)]
#[case::critical(&|draft: &mut Draft| draft.extensions.push(extension(UNKNOWN, true, &[])), false)]
#[case::wrongly_critical(&|draft: &mut Draft| {
    let subject_key = write(tag::OCTET_STRING, &[1]);
    draft.extensions.push(extension(SUBJECT_KEY, true, &subject_key));
}, false)]
#[case::not_critical(&|draft: &mut Draft| draft.extensions.push(extension(UNKNOWN, false, &[])), true)]
#[case::other_issuer(&|draft: &mut Draft| draft.issuer = name(&["somebody"]), false)]
#[case::other_key_of_issuer(&|draft: &mut Draft| draft.extensions[0] = key_id(&HOUSE.other_key), false)]
#[case::no_key_of_issuer(&|draft: &mut Draft| drop(draft.extensions.remove(0)), false)]
#[case::first_second(&|draft: &mut Draft| draft.validity = [0, DAY], true)]
#[case::a_second_before(&|draft: &mut Draft| draft.validity = [1, DAY], false)]
#[case::last_second(&|draft: &mut Draft| draft.validity = [-DAY, 0], true)]
#[case::a_second_after(&|draft: &mut Draft| draft.validity = [-DAY, -1], false)]
fn a_delegate_is_fit(#[case] change: &dyn Fn(&mut Draft), #[case] fits: bool) {
    let key = Key::new();
    let mut draft = delegate();
    change(&mut draft);
    let certificate = draft.der(&key, &HOUSE.key);
    let expected = if fits { good_answer() } else { unfit() };
    assert_eq!(says(by_key(&key), &key, vec![certificate]), expected);
}

#[test]
fn a_delegate_of_somebody_else() {
    // Signed by another key, though it says otherwise.
    let key = Key::new();
    let certificate = delegate().der(&key, &HOUSE.other_key);
    assert_eq!(says(by_key(&key), &key, vec![certificate]), unfit());
    // Of the other authority of the same name.
    let mut draft = delegate();
    draft.extensions[0] = key_id(&HOUSE.other_key);
    let certificate = draft.der(&key, &HOUSE.other_key);
    assert_eq!(says(by_key(&key), &key, vec![certificate]), unfit());
    // Of a delegate.
    let below = Key::new();
    let certificate = Draft { issuer: name(&["responder"]), ..delegate() };
    let certificates = vec![delegate().der(&key, &HOUSE.key), certificate.der(&below, &key)];
    assert_eq!(says(by_key(&below), &below, certificates), unfit());
    // At most eight come with an answer.
    for (count, is_read) in [(7, true), (8, false)] {
        let mut certificates = vec![sequence(&[]); count];
        certificates.push(delegate().der(&key, &HOUSE.key));
        let answer = Answer { responder: by_key(&key), certificates, ..Answer::new() };
        assert_eq!(Response::parse(&answer.der(&key)).is_ok(), is_read);
    }
    let odd = vec![write(tag::inside(3), &[])];
    let answer = Answer { certificates: odd, ..Answer::new() };
    assert!(Response::parse(&answer.der(&key)).is_err());
}
