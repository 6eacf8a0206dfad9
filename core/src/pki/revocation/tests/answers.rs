//! Answers: form, about whom, time, status, nonce.

use rstest::rstest;

use super::asked::*;
use super::made::*;
use crate::pki::der::tag;
use crate::pki::revocation::ocsp::{Hash, Request, Response};
use crate::pki::revocation::{NotChecked, Revocation, RevocationReason, Source};

const ANSWER: Source = Source::Ocsp;
const HOUR: i64 = 60 * 60;

fn changed(change: impl FnOnce(&mut Answer)) -> Answer {
    let mut answer = Answer::new();
    change(&mut answer);
    answer
}

fn single(change: impl FnOnce(&mut Single)) -> Answer {
    changed(|answer| change(&mut answer.singles[0]))
}

#[rstest]
#[case(Hash::Sha1)]
#[case(Hash::Sha256)]
fn an_answer_says_good(#[case] hash: Hash) {
    for parameters in [vec![tag::NULL, 0], Vec::new()] {
        let single = Single { parameters, ..Single::new(hash) };
        assert_eq!(changed(|answer| answer.singles = vec![single]).says(), good(ANSWER, -60));
    }
}

#[rstest]
#[case::unknown(status_unknown(), unknown(NotChecked::AnswerUnknown))]
#[case::revoked(status_revoked(-7, None), revoked(ANSWER, -7, UNSPECIFIED))]
#[case::reason(status_revoked(-7, Some(0)), revoked(ANSWER, -7, UNSPECIFIED))]
#[case::reason(status_revoked(-7, Some(4)), revoked(ANSWER, -7, RevocationReason::Superseded))]
#[case::later(status_revoked(DAY, None), revoked(ANSWER, DAY, UNSPECIFIED))]
fn statuses(#[case] status: Vec<u8>, #[case] expected: Revocation) {
    assert_eq!(single(|single| single.status = status).says(), expected);
}

#[rstest]
#[case::other_serial(&|single: &mut Single| single.serial = vec![0x05])]
#[case::negative_serial(&|single: &mut Single| single.serial = vec![0x81])]
#[case::other_name(&|single: &mut Single| single.name[0] ^= 1)]
#[case::other_key(&|single: &mut Single| single.key[0] ^= 1)]
#[case::other_hash(&|single: &mut Single| single.hash = SHA256.to_vec())]
#[case::parameters_of_hash(&|single: &mut Single| single.parameters = vec![tag::SEQUENCE, 0])]
#[case::unknown_hash(&|single: &mut Single| single.hash = UNKNOWN.to_vec())]
fn an_answer_on_another_is_none(#[case] change: &dyn Fn(&mut Single)) {
    let missing = unknown(NotChecked::AnswerMissing);
    assert_eq!(single(change).says(), missing);
    // Beside one on the certificate it changes nothing, be it newer and worse.
    let with = changed(|answer| {
        let mut other = Single::new(Hash::Sha1);
        change(&mut other);
        other.status = status_revoked(-7, None);
        other.this_update = generalized(0);
        other.extensions = vec![extension(UNKNOWN, true, &[])];
        answer.singles.push(other);
    });
    assert_eq!(with.says(), good(ANSWER, -60));
    assert_eq!(changed(|answer| answer.singles.clear()).says(), missing);
}

/// Of several the newest, and of the same time the worst, in whatever order.
#[rstest]
#[case(&[(-60, status_good()), (-50, status_revoked(-7, None))], revoked(ANSWER, -7, UNSPECIFIED))]
#[case(&[(-60, status_revoked(-7, None)), (-50, status_good())], good(ANSWER, -50))]
#[case(&[(-60, status_good()), (-60, status_revoked(-7, None))], revoked(ANSWER, -7, UNSPECIFIED))]
#[case(&[(-60, status_good()), (-60, status_unknown())], unknown(NotChecked::AnswerUnknown))]
#[case(
    &[(-60, status_unknown()), (-60, status_revoked(-7, None))],
    revoked(ANSWER, -7, UNSPECIFIED)
)]
fn several_answers(#[case] given: &[(i64, Vec<u8>)], #[case] expected: Revocation) {
    let mut singles: Vec<_> = given
        .iter()
        .zip([Hash::Sha1, Hash::Sha256])
        .map(|((this_update, status), hash)| Single {
            this_update: generalized(*this_update),
            status: status.clone(),
            ..Single::new(hash)
        })
        .collect();
    for _ in 0..2 {
        singles.reverse();
        assert_eq!(changed(|answer| answer.singles.clone_from(&singles)).says(), expected);
    }
}

#[rstest]
#[case::the_moment_it_is_said(0, 0, Some(DAY), 0, None)]
#[case::a_second_before(1, 0, Some(DAY), 0, Some(NotChecked::AnswerFromFuture))]
#[case::produced_a_second_later(0, 1, Some(DAY), 0, Some(NotChecked::AnswerFromFuture))]
#[case::as_far_as_clocks_differ(60, 60, Some(DAY), 60, None)]
#[case::farther(61, 60, Some(DAY), 60, Some(NotChecked::AnswerFromFuture))]
#[case::produced_farther(60, 61, Some(DAY), 60, Some(NotChecked::AnswerFromFuture))]
#[case::produced_long_ago(-60, -1000 * DAY, Some(DAY), 0, None)]
#[case::the_moment_it_ends(-DAY, -DAY, Some(0), 0, None)]
#[case::a_second_after(-DAY, -DAY, Some(-1), 0, Some(NotChecked::AnswerStale))]
#[case::as_far_as_clocks_differ_after(-DAY, -DAY, Some(-60), 60, None)]
#[case::farther_after(-DAY, -DAY, Some(-61), 60, Some(NotChecked::AnswerStale))]
#[case::no_end(0, 0, None, 0, None)]
#[case::no_end_and_an_hour_old(-HOUR, -HOUR, None, 0, None)]
#[case::no_end_and_a_second_older(-HOUR - 1, -HOUR, None, 0, Some(NotChecked::AnswerStale))]
#[case::no_end_and_older_as_far_as_clocks_differ(-HOUR - 60, -HOUR, None, 60, None)]
#[case::no_end_and_farther(-HOUR - 61, -HOUR, None, 60, Some(NotChecked::AnswerStale))]
#[case::it_is_said_anew_that_something_was_so(-HOUR - 1, 0, None, 0, Some(NotChecked::AnswerStale))]
fn it_has_its_time(
    #[case] this_update: i64,
    #[case] produced_at: i64,
    #[case] next_update: Option<i64>,
    #[case] tolerance: i64,
    #[case] why: Option<NotChecked>,
) {
    let answer = changed(|answer| {
        answer.produced_at = generalized(produced_at);
        answer.singles[0].this_update = generalized(this_update);
        answer.singles[0].next_update = next_update.map(until).unwrap_or_default();
    });
    let expected = why.map_or(good(ANSWER, this_update), unknown);
    assert_eq!(answer.says_to(None, &HOLDER, tolerance), expected);
}

fn nonce(bytes: &[u8]) -> Vec<u8> {
    extension(NONCE, false, &write(tag::OCTET_STRING, bytes))
}

#[rstest]
#[case::given_back(Some([7; 32]), &[nonce(&[7; 32])], None)]
#[case::another(Some([7; 32]), &[nonce(&[8; 32])], Some(NotChecked::AnswerNonce))]
#[case::shorter(Some([7; 32]), &[nonce(&[7; 31])], Some(NotChecked::AnswerNonce))]
#[case::longer(Some([7; 32]), &[nonce(&[7; 33])], Some(NotChecked::AnswerNonce))]
#[case::none(Some([7; 32]), &[], Some(NotChecked::AnswerNonce))]
#[case::not_asked_for(None, &[nonce(&[8; 32])], None)]
#[case::neither(None, &[], None)]
fn nonces(
    #[case] asked: Option<[u8; 32]>,
    #[case] extensions: &[Vec<u8>],
    #[case] why: Option<NotChecked>,
) {
    let request = Request::new(&HOLDER, &HOUSE.authority, Hash::Sha1, asked);
    let answer = changed(|answer| answer.extensions = extensions.to_vec());
    let expected = why.map_or(good(ANSWER, -60), unknown);
    assert_eq!(answer.says_to(Some(&request), &HOLDER, 0), expected);
}

#[rstest]
#[case(true, Some(NotChecked::AnswerCritical))]
#[case(false, None)]
fn critical_extensions(#[case] critical: bool, #[case] why: Option<NotChecked>) {
    let unknown_extension = extension(UNKNOWN, critical, &[]);
    let expected = why.map_or(good(ANSWER, -60), unknown);
    let of_all = changed(|answer| answer.extensions = vec![unknown_extension.clone()]);
    let of_one = single(|single| single.extensions = vec![unknown_extension]);
    assert_eq!((of_all.says(), of_one.says()), (expected, expected));
    // A nonce is understood.
    let critical = extension(NONCE, critical, &write(tag::OCTET_STRING, &[1]));
    assert_eq!(changed(|answer| answer.extensions = vec![critical]).says(), good(ANSWER, -60));
}

#[rstest]
#[case(1, NotChecked::AnswerError)]
#[case(2, NotChecked::AnswerError)]
#[case(3, NotChecked::AnswerTryLater)]
#[case(5, NotChecked::AnswerError)]
#[case(6, NotChecked::AnswerUnauthorized)]
fn errors(#[case] status: u8, #[case] why: NotChecked) {
    let answer = sequence(&[write(tag::ENUMERATED, &[status])]);
    let answer = Response::parse(&answer).unwrap();
    assert_eq!(answer.on(&HOLDER, &HOUSE.authority, None, when(0)).word, unknown(why));
    // With an answer it is no error.
    let both = changed(|answer| answer.status = write(tag::ENUMERATED, &[status]));
    assert!(Response::parse(&both.der(&HOUSE.key)).is_err());
}

#[test]
fn no_byte_of_an_answer_can_change() {
    let answer = Answer::new().der(&HOUSE.key);
    for index in 0..answer.len() {
        let mut changed = answer.clone();
        changed[index] ^= 0x01;
        let Ok(answer) = Response::parse(&changed) else { continue };
        let found = answer.on(&HOLDER, &HOUSE.authority, None, when(0)).word;
        assert!(matches!(found, Revocation::NotChecked { .. }), "byte {index}: {found:?}");
    }
    for length in 0..answer.len() {
        assert!(Response::parse(&answer[..length]).is_err());
    }
}

#[rstest]
#[case::status_4(&|answer: &mut Answer| answer.status = write(tag::ENUMERATED, &[4]))]
#[case::status_7(&|answer: &mut Answer| answer.status = write(tag::ENUMERATED, &[7]))]
#[case::long_status(&|answer: &mut Answer| answer.status = write(tag::ENUMERATED, &[0, 0]))]
#[case::kind(&|answer: &mut Answer| answer.kind = oid(UNKNOWN))]
#[case::version(&|answer: &mut Answer| answer.version = write(tag::inside(0), &[2, 1, 0]))]
#[case::later_version(&|answer: &mut Answer| answer.version = write(tag::inside(0), &[2, 1, 1]))]
#[case::responder(&|answer: &mut Answer| answer.responder = write(tag::inside(3), &[]))]
#[case::responder_without_name(&|answer: &mut Answer| answer.responder = write(tag::inside(1), &[5, 0]))]
#[case::responder_without_key(&|answer: &mut Answer| answer.responder = write(tag::inside(2), &[5, 0]))]
#[case::form_of_time(&|answer: &mut Answer| answer.produced_at = utc(0))]
#[case::more_signed(&|answer: &mut Answer| answer.rest[0] = vec![5, 0])]
#[case::more_in_basic(&|answer: &mut Answer| answer.rest[1] = vec![5, 0])]
#[case::more_in_bytes(&|answer: &mut Answer| answer.rest[2] = vec![5, 0])]
#[case::more_outside(&|answer: &mut Answer| answer.rest[3] = vec![5, 0])]
#[case::nonce(&|answer: &mut Answer| answer.extensions = vec![extension(NONCE, false, &[7; 32])])]
#[case::extension_twice(&|answer: &mut Answer| answer.extensions = vec![nonce(&[1]), nonce(&[1])])]
#[case::form_of_this_update(&|answer: &mut Answer| answer.singles[0].this_update = utc(0))]
#[case::form_of_next_update(&|answer: &mut Answer| {
    answer.singles[0].next_update = write(tag::inside(0), &utc(DAY));
})]
#[case::long_serial(&|answer: &mut Answer| answer.singles[0].serial = vec![0, 5])]
#[case::good_with_more(&|answer: &mut Answer| answer.singles[0].status = write(tag::context(0), &[0]))]
#[case::unknown_with_more(&|answer: &mut Answer| answer.singles[0].status = write(tag::context(2), &[0]))]
#[case::other_status(&|answer: &mut Answer| answer.singles[0].status = write(tag::context(3), &[]))]
#[case::constructed_good(&|answer: &mut Answer| answer.singles[0].status = write(tag::inside(0), &[]))]
#[case::reason_7(&|answer: &mut Answer| answer.singles[0].status = status_revoked(0, Some(7)))]
#[case::reason_8(&|answer: &mut Answer| answer.singles[0].status = status_revoked(0, Some(8)))]
#[case::form_of_revocation(&|answer: &mut Answer| answer.singles[0].status = write(tag::inside(1), &utc(0)))]
#[case::revoked_with_more(&|answer: &mut Answer| {
    answer.singles[0].status = write(tag::inside(1), &[generalized(0), vec![5, 0]].concat());
})]
#[case::extension_of_one_twice(&|answer: &mut Answer| {
    answer.singles[0].extensions = vec![nonce(&[1]), nonce(&[1])];
})]
#[case::more_of_one(&|answer: &mut Answer| answer.singles[0].rest = vec![5, 0])]
fn what_cannot_be_read_is_refused(#[case] change: &dyn Fn(&mut Answer)) {
    assert!(Response::parse(&changed(change).der(&HOUSE.key)).is_err());
}

#[test]
fn an_answer_has_a_bound() {
    let padded = |length| {
        let padding = extension(UNKNOWN, false, &vec![0; length]);
        changed(|answer| answer.extensions = vec![padding]).der(&HOUSE.key)
    };
    let without = padded(200_000).len() - 200_000;
    let many = |count| {
        let singles = vec![Single::new(Hash::Sha1); count];
        Response::parse(&changed(|answer| answer.singles = singles).der(&HOUSE.key))
    };
    assert!(many(64).is_ok() && many(65).is_err());
    // The signature is a byte longer or shorter each time.
    let of = |length: usize| {
        let mut each = (0..1_000).map(|n| padded(length - without - 2 + n % 5));
        each.find(|answer| answer.len() == length).unwrap()
    };
    assert!(Response::parse(&of(256 * 1024)).is_ok());
    assert!(Response::parse(&of(256 * 1024 + 1)).is_err());
}

#[test]
fn a_question_with_a_nonce() {
    let plain = Request::new(&HOLDER, &HOUSE.authority, Hash::Sha1, None);
    let with = Request::new(&HOLDER, &HOUSE.authority, Hash::Sha1, Some([7; 32]));
    // The same, and [2] with the one extension; two lengths have grown.
    let nonce = write(tag::inside(2), &sequence(&[nonce(&[7; 32])]));
    let list = &plain.der()[4..];
    assert_eq!(with.der(), sequence(&[sequence(&[list.to_vec(), nonce])]));
    assert_eq!(format!("{with:?}{:?}", Answer::new().parse()), "Request(..)Response(..)");
}
