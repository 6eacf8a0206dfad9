//! Several lists and an answer together.

use jiff::SignedDuration;
use rstest::rstest;

use super::asked::{Answer, UNSPECIFIED, status_revoked, status_unknown, until};
use super::made::*;
use crate::pki::der::tag;
use crate::pki::revocation::ocsp::{Hash, Request, Response};
use crate::pki::revocation::{Evidence, Freshness, NotChecked, Revocation, Source};

/// A list of a time, with or without the holder.
fn list(this_update: i64, next_update: i64, lists: bool) -> List {
    let mut list = List::new();
    (list.this_update, list.next_update) = (utc(this_update), utc(next_update));
    list.entries.extend(lists.then(|| entry_with(&[])));
    list
}

fn of_somebody_else() -> List {
    List { issuer: name(&["somebody"]), ..List::new() }
}

fn answer(status: Option<Vec<u8>>) -> Answer {
    let mut answer = Answer::new();
    if let Some(status) = status {
        answer.singles[0].status = status;
    }
    answer
}

fn all(lists: &[List], answer: Option<&Answer>) -> Revocation {
    let lists: Vec<_> = lists.iter().map(List::parse).collect();
    let answer = answer.map(Answer::parse);
    let mut evidence = Evidence::none().with_crls(&lists);
    if let Some(answer) = &answer {
        evidence = evidence.with_ocsp(answer, None);
    }
    evidence.on(&HOLDER, &HOUSE.authority, &[], when(0))
}

fn revoked_by_list() -> Revocation {
    revoked(Source::Crl, -7, UNSPECIFIED)
}

#[rstest]
#[case::nothing(&[], unknown(NotChecked::NothingGiven))]
#[case::good(&[list(-9, DAY, false)], good(Source::Crl, -9))]
#[case::the_newer(&[list(-9, DAY, false), list(-8, DAY, false)], good(Source::Crl, -8))]
#[case::the_newer(&[list(-8, DAY, false), list(-9, DAY, false)], good(Source::Crl, -8))]
#[case::revoked_first(&[list(-9, DAY, true), list(-8, DAY, false)], revoked_by_list())]
#[case::revoked_last(&[list(-8, DAY, false), list(-9, DAY, true)], revoked_by_list())]
#[case::good_and_stale(&[list(-9, DAY, false), list(-9, -1, true)], good(Source::Crl, -9))]
#[case::stale_and_good(&[list(-9, -1, true), list(-9, DAY, false)], good(Source::Crl, -9))]
#[case::stale(&[list(-9, -1, false)], unknown(NotChecked::ListStale))]
#[case::stale_tells_more(&[list(-9, -1, false), of_somebody_else()], unknown(NotChecked::ListStale))]
#[case::stale_tells_more(&[of_somebody_else(), list(-9, -1, false)], unknown(NotChecked::ListStale))]
#[case::of_another(&[of_somebody_else()], unknown(NotChecked::ListFromAnother))]
#[case::the_last(
    &[list(-9, -1, false), list(9, DAY, false)],
    unknown(NotChecked::ListFromFuture)
)]
fn several_lists(#[case] lists: &[List], #[case] expected: Revocation) {
    assert_eq!(all(lists, None), expected);
}

#[rstest]
#[case::both_good(list(-9, DAY, false), answer(None), good(Source::Crl, -9))]
#[case::the_answer_newer(list(-61, DAY, false), answer(None), good(Source::Ocsp, -60))]
#[case::of_the_same_time(list(-60, DAY, false), answer(None), good(Source::Ocsp, -60))]
#[case::the_list_revokes_what_the_responder_does_not_know(
    list(-9, DAY, true),
    answer(Some(status_unknown())),
    revoked_by_list()
)]
#[case::twice(
    list(-9, DAY, true),
    answer(Some(status_revoked(-5, None))),
    revoked(Source::Ocsp, -5, UNSPECIFIED)
)]
#[case::revoked_by_the_list(list(-9, DAY, true), answer(None), revoked_by_list())]
#[case::revoked_by_the_answer(
    list(-9, DAY, false),
    answer(Some(status_revoked(-5, None))),
    revoked(Source::Ocsp, -5, UNSPECIFIED)
)]
#[case::unknown_to_the_responder(
    list(-9, DAY, false),
    answer(Some(status_unknown())),
    unknown(NotChecked::AnswerUnknown)
)]
#[case::neither(
    list(-9, -1, false),
    answer(Some(status_unknown())),
    unknown(NotChecked::AnswerUnknown)
)]
fn a_list_and_an_answer(#[case] list: List, #[case] answer: Answer, #[case] expected: Revocation) {
    assert_eq!(all(&[list], Some(&answer)), expected);
}

/// What is on the certificate, and cannot be used, might revoke it: then what else there is does not make it good.
#[test]
fn what_cannot_be_used_is_missed() {
    let good = || list(-9, DAY, false);
    let changed = |change: fn(&mut List)| {
        let mut list = list(-9, DAY, false);
        change(&mut list);
        list
    };
    let some_reasons =
        || extension(ISSUING_POINT, true, &sequence(&[write(tag::context(3), &[1, 0x02])]));
    assert_eq!(all(&[good(), changed(|_| {})], None), super::made::good(Source::Crl, -9));
    for (other, why) in [
        (list(-8, -1, false), NotChecked::ListStale),
        (list(1, DAY, false), NotChecked::ListFromFuture),
        (changed(|list| list.signer = &HOUSE.other_key), NotChecked::ListSignature),
        (
            changed(|list| list.extensions.push(extension(UNKNOWN, true, &[]))),
            NotChecked::ListCritical,
        ),
        (changed(|list| list.entries[0] = entry_with(&[reason(8)])), NotChecked::ListPartial),
    ] {
        assert_eq!(all(&[good(), other], None), unknown(why));
    }
    let mut partial = good();
    partial.extensions.push(some_reasons());
    assert_eq!(all(&[good(), partial], None), unknown(NotChecked::ListPartial));
}

/// The same of an answer beside a list.
#[test]
fn an_answer_that_cannot_be_used_is_missed() {
    let changed = |change: fn(&mut Answer)| {
        let mut answer = answer(None);
        change(&mut answer);
        answer
    };
    for (answer, why) in [
        (changed(|a| a.singles[0].next_update = until(-1)), NotChecked::AnswerStale),
        (changed(|a| a.produced_at = generalized(1)), NotChecked::AnswerFromFuture),
        (
            changed(|a| a.responder = super::asked::by_name(&name(&["x"]))),
            NotChecked::AnswerResponder,
        ),
        (
            changed(|a| a.extensions = vec![extension(UNKNOWN, true, &[])]),
            NotChecked::AnswerCritical,
        ),
    ] {
        assert_eq!(all(&[list(-61, DAY, false)], Some(&answer)), unknown(why));
    }
    // Newer word replaces one that is over.
    let over = changed(|a| a.singles[0].next_update = until(-1));
    assert_eq!(all(&[list(-60, DAY, false)], Some(&over)), good(Source::Crl, -60));
    let lists = [list(-9, DAY, false).parse()];
    for (status, why) in [(3, NotChecked::AnswerTryLater), (6, NotChecked::AnswerUnauthorized)] {
        let error = Response::parse(&sequence(&[write(tag::ENUMERATED, &[status])])).unwrap();
        let evidence = Evidence::none().with_crls(&lists).with_ocsp(&error, None);
        assert_eq!(evidence.on(&HOLDER, &HOUSE.authority, &[], when(0)), unknown(why));
    }
}

/// A demand counts for answers, be they without an end.
#[rstest]
#[case(until(DAY), 60, true)]
#[case(until(DAY), 59, false)]
#[case(Vec::new(), 60, true)]
#[case(Vec::new(), 59, false)]
fn answers_have_a_greatest_age(#[case] end: Vec<u8>, #[case] age: i64, #[case] counts: bool) {
    let mut answer = answer(None);
    answer.singles[0].next_update = end;
    let answer = answer.parse();
    let evidence = Evidence::none().with_ocsp(&answer, None);
    let wanted = Freshness { greatest_age: Some(SignedDuration::from_secs(age)), ..when(0) };
    let expected = if counts { good(Source::Ocsp, -60) } else { unknown(NotChecked::AnswerStale) };
    assert_eq!(evidence.on(&HOLDER, &HOUSE.authority, &[], wanted), expected);
}

/// An older list beside one of the number that is demanded changes nothing; alone it does not count, nor does one without.
#[test]
fn lists_have_a_least_number() {
    let numbered = |this_update: i64, own: Option<u8>| {
        let mut list = list(this_update, DAY, false);
        list.extensions.truncate(1);
        let own = own.map(|own| extension(NUMBER, false, &write(tag::INTEGER, &[own])));
        list.extensions.extend(own);
        list.parse()
    };
    let says = |lists: &[_]| {
        let wanted = Freshness { least_number: Some(number(7)), ..when(0) };
        Evidence::none().with_crls(lists).on(&HOLDER, &HOUSE.authority, &[], wanted)
    };
    assert_eq!(says(&[numbered(-9, Some(7))]), good(Source::Crl, -9));
    assert_eq!(says(&[numbered(-9, Some(6))]), unknown(NotChecked::ListSuperseded));
    assert_eq!(says(&[numbered(-9, None)]), unknown(NotChecked::ListSuperseded));
    assert_eq!(says(&[numbered(-9, Some(6)), numbered(-8, Some(7))]), good(Source::Crl, -8));
    assert_eq!(
        says(&[numbered(-7, Some(6)), numbered(-8, Some(7))]),
        unknown(NotChecked::ListSuperseded)
    );
}

/// What an answer is not about, it does not hide.
#[test]
fn an_answer_on_another_hides_nothing() {
    let mut other = answer(None);
    other.singles[0].serial = vec![0x05];
    other.responder = super::asked::by_name(&name(&["somebody"]));
    assert_eq!(all(&[list(-9, -1, false)], Some(&other)), unknown(NotChecked::ListStale));
    assert_eq!(all(&[], Some(&other)), unknown(NotChecked::AnswerMissing));
}

#[rstest]
#[case(60, true)]
#[case(59, false)]
#[case(-1000, false)]
fn tolerance_is_for_all(#[case] seconds: i64, #[case] enough: bool) {
    let lists = [list(60, DAY, false).parse()];
    let mut late = answer(None);
    late.singles[0].next_update = until(-60);
    let late = late.parse();
    let evidence = Evidence::none().with_tolerance(SignedDuration::from_secs(seconds));
    let by_list = evidence.with_crls(&lists).on(&HOLDER, &HOUSE.authority, &[], when(0));
    let by_answer = evidence.with_ocsp(&late, None).on(&HOLDER, &HOUSE.authority, &[], when(0));
    let expected = if enough {
        (good(Source::Crl, 60), good(Source::Ocsp, -60))
    } else {
        (unknown(NotChecked::ListFromFuture), unknown(NotChecked::AnswerStale))
    };
    assert_eq!((by_list, by_answer), expected);
}

/// A negative tolerance is none, and none is no less.
#[test]
fn no_tolerance_is_zero() {
    let lists = [list(0, 0, false).parse()];
    let evidence = Evidence::none().with_crls(&lists);
    for tolerance in [SignedDuration::MIN, SignedDuration::ZERO, SignedDuration::MAX] {
        let found = evidence.with_tolerance(tolerance).on(&HOLDER, &HOUSE.authority, &[], when(0));
        assert_eq!(found, good(Source::Crl, 0));
    }
}

#[test]
fn the_question_goes_with_the_answer() {
    let answer = answer(None).parse();
    let asked = Request::new(&HOLDER, &HOUSE.authority, Hash::Sha256, Some([7; 32]));
    let evidence = Evidence::none().with_ocsp(&answer, Some(&asked));
    assert_eq!(
        evidence.on(&HOLDER, &HOUSE.authority, &[], when(0)),
        unknown(NotChecked::AnswerNonce)
    );
}

#[test]
fn sources_have_codes() {
    assert_eq!([Source::Crl, Source::Ocsp].map(Source::code), ["crl", "ocsp"]);
}
