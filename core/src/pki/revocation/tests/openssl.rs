//! Against files that OpenSSL made; see tests/vectors/revocation/README.md.

use jiff::{SignedDuration, Timestamp};
use rstest::rstest;

use crate::pki::Certificate;
use crate::pki::revocation::crl::{Crl, Number};
use crate::pki::revocation::ocsp::{Hash, Request, Response};
use crate::pki::revocation::{
    Evidence, Freshness, NotChecked, Revocation, RevocationReason, Source,
};

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../../../../tests/vectors/revocation/", $name, ".der"))
            .as_slice()
    };
}

const GOOD: &[u8] = vector!("good");
const REVOKED: &[u8] = vector!("revoked");
const UNLISTED: &[u8] = vector!("unlisted");

/// A day after they were made.
fn now() -> Freshness {
    let at = made() + SignedDuration::from_hours(24);
    Freshness { at, tolerance: SignedDuration::ZERO, greatest_age: None, least_number: None }
}

fn made() -> Timestamp {
    "2026-11-21T03:59:13Z".parse().unwrap()
}

fn good(source: Source) -> Revocation {
    Revocation::Good { as_of: made(), source, number: None }
}

/// By a list of this number.
fn good_by(number: [u8; 2]) -> Revocation {
    Revocation::Good { as_of: made(), source: Source::Crl, number: Number::from_bytes(&number) }
}

fn revoked(source: Source) -> Revocation {
    Revocation::Revoked { at: made(), reason: RevocationReason::KeyCompromise, source }
}

fn unknown(why: NotChecked) -> Revocation {
    Revocation::NotChecked { why }
}

fn authority() -> Certificate {
    Certificate::parse(vector!("ca")).unwrap()
}

#[rstest]
#[case(vector!("whole"), GOOD, good_by([0x10, 0x01]))]
#[case(vector!("whole"), REVOKED, revoked(Source::Crl))]
#[case(vector!("part"), GOOD, good_by([0x10, 0x02]))]
#[case(vector!("part"), REVOKED, revoked(Source::Crl))]
#[case(vector!("other"), GOOD, unknown(NotChecked::ListOfAnotherPart))]
#[case(vector!("other"), REVOKED, unknown(NotChecked::ListOfAnotherPart))]
#[case(vector!("empty"), REVOKED, good_by([0x10, 0x00]))]
fn lists(#[case] list: &[u8], #[case] certificate: &[u8], #[case] expected: Revocation) {
    let certificate = Certificate::parse(certificate).unwrap();
    let lists = [Crl::parse(list.to_vec()).unwrap()];
    let evidence = Evidence::none().with_crls(&lists);
    assert_eq!(evidence.on(&certificate, &authority(), &[], now()), expected);
    let list = Crl::parse(list.to_vec()).unwrap();
    let evidence = [list];
    let by_another = Certificate::parse(vector!("responder")).unwrap();
    assert_eq!(
        Evidence::none().with_crls(&evidence).on(&certificate, &by_another, &[], now()),
        unknown(NotChecked::ListFromAnother)
    );
}

#[rstest]
#[case(vector!("good-sha1"), GOOD, good(Source::Ocsp))]
#[case(vector!("good-sha256"), GOOD, good(Source::Ocsp))]
#[case(vector!("by-key"), GOOD, good(Source::Ocsp))]
#[case(vector!("by-issuer"), GOOD, good(Source::Ocsp))]
#[case(vector!("no-certificate"), GOOD, unknown(NotChecked::AnswerResponder))]
#[case(vector!("revoked-sha1"), REVOKED, revoked(Source::Ocsp))]
#[case(vector!("unknown"), UNLISTED, unknown(NotChecked::AnswerUnknown))]
#[case(vector!("unknown"), GOOD, unknown(NotChecked::AnswerMissing))]
fn answers(#[case] answer: &[u8], #[case] certificate: &[u8], #[case] expected: Revocation) {
    let certificate = Certificate::parse(certificate).unwrap();
    let answer = Response::parse(answer).unwrap();
    let evidence = Evidence::none().with_ocsp(&answer, None);
    assert_eq!(evidence.on(&certificate, &authority(), &[], now()), expected);
}

/// OpenSSL wrote the same bytes for the same question.
#[rstest]
#[case(Hash::Sha1, None, vector!("request-sha1"))]
#[case(Hash::Sha256, None, vector!("request-sha256"))]
fn questions(#[case] hash: Hash, #[case] nonce: Option<[u8; 32]>, #[case] expected: &[u8]) {
    let certificate = Certificate::parse(REVOKED).unwrap();
    assert_eq!(Request::new(&certificate, &authority(), hash, nonce).der(), expected);
}
