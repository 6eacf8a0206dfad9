//! Deltas (RFC 5280 §5.2.4, §6.3.3): lists of what changed since another list.

use rstest::rstest;

use super::asked::UNSPECIFIED;
use super::made::*;
use crate::pki::der::tag;
use crate::pki::revocation::{Evidence, NotChecked, Revocation, RevocationReason, Source};

const LIST: Source = Source::Crl;

/// A complete list of number 7, a day old, with or without the holder.
fn complete(lists: bool) -> List {
    let mut list = List::new();
    list.entries.extend(lists.then(|| entry_with(&[reason(6)])));
    list
}

/// A list of these numbers, half a day old.
fn delta(base: u8, number: u8, entries: Vec<Vec<u8>>) -> List {
    let mut list = List::new();
    list.this_update = utc(-DAY / 2);
    list.entries = entries;
    list.extensions[1] = extension(NUMBER, false, &write(tag::INTEGER, &[number]));
    list.extensions.push(self::base(true, base));
    list
}

fn revoking() -> Vec<Vec<u8>> {
    vec![entry_with(&[])]
}

fn lifting() -> Vec<Vec<u8>> {
    vec![entry_with(&[reason(8)])]
}

fn changed(mut list: List, change: impl FnOnce(&mut List)) -> List {
    change(&mut list);
    list
}

/// What they say together, in whatever order they are given.
fn all(lists: &[List]) -> Revocation {
    let mut lists: Vec<_> = lists.iter().map(List::parse).collect();
    let says =
        |lists: &[_]| Evidence::none().with_crls(lists).on(&HOLDER, &HOUSE.authority, &[], when(0));
    let said = says(&lists);
    lists.reverse();
    assert_eq!(says(&lists), said);
    said
}

fn good_by(this_update: i64, number: u8) -> Revocation {
    let number = Some(super::made::number(number));
    Revocation::Good { as_of: at(this_update), source: LIST, number }
}

fn revoked_by_delta() -> Revocation {
    revoked(LIST, -7, UNSPECIFIED)
}

#[rstest]
#[case::nothing_new(complete(false), delta(7, 8, vec![]), good_by(-DAY / 2, 8))]
#[case::newly_revoked(complete(false), delta(7, 8, revoking()), revoked_by_delta())]
#[case::still_revoked(
    complete(true), delta(7, 8, vec![]), revoked(LIST, -7, RevocationReason::CertificateHold)
)]
#[case::for_another_reason(complete(true), delta(7, 8, revoking()), revoked_by_delta())]
#[case::lifted(complete(true), delta(7, 8, lifting()), good_by(-DAY / 2, 8))]
#[case::lifted_before_it_was_there(complete(false), delta(7, 8, lifting()), good_by(-DAY / 2, 8))]
#[case::revoked_and_lifted(
    complete(false), delta(7, 8, [lifting(), revoking()].concat()), revoked_by_delta()
)]
#[case::lifted_and_revoked(
    complete(false), delta(7, 8, [revoking(), lifting()].concat()), revoked_by_delta()
)]
fn a_delta_changes_a_list(
    #[case] complete: List,
    #[case] delta: List,
    #[case] expected: Revocation,
) {
    assert_eq!(all(&[complete, delta]), expected);
}

/// §5.2.4: the complete list is at least as new as the base, and older than the delta.
#[rstest]
#[case::of_an_older_base(5, 8, Some(revoked_by_delta()))]
#[case::of_a_newer_base(8, 9, None)]
#[case::as_new_as_the_list(6, 7, Some(good_by(-DAY, 7)))]
#[case::older_than_the_list(5, 6, Some(good_by(-DAY, 7)))]
fn a_delta_fits_by_its_numbers(
    #[case] base: u8,
    #[case] number: u8,
    #[case] expected: Option<Revocation>,
) {
    let said = all(&[complete(false), delta(base, number, revoking())]);
    assert_eq!(said, expected.unwrap_or(unknown(NotChecked::DeltaAlone)));
}

/// Each begins where the one before ends.
#[test]
fn deltas_follow_each_other() {
    let second = || changed(delta(8, 9, lifting()), |list| list.this_update = utc(-60));
    assert_eq!(all(&[complete(false), delta(7, 8, revoking()), second()]), good_by(-60, 9));
    // Which of two counts, their numbers say.
    let first = || delta(7, 8, lifting());
    assert_eq!(all(&[complete(true), first(), delta(8, 9, revoking())]), revoked_by_delta());
    assert_eq!(all(&[complete(true), first(), delta(7, 9, vec![])]), good_by(-DAY / 2, 9));
    // The one between is missing.
    assert_eq!(all(&[complete(false), second()]), unknown(NotChecked::DeltaAlone));
}

#[test]
fn a_newer_list_replaces_a_delta() {
    let newer = changed(complete(false), |list| {
        list.this_update = utc(-60);
        list.extensions[1] = extension(NUMBER, false, &write(tag::INTEGER, &[9]));
    });
    let on_hold = || delta(7, 8, revoking());
    assert_eq!(
        all(&[newer, changed(on_hold(), |list| list.next_update = utc(-1))]),
        good_by(-60, 9)
    );
}

type Case = (&'static str, fn(&mut List, &mut List), Option<NotChecked>);

/// §6.3.3 (c), and what §5.2.4 says of base and delta.
#[test]
fn a_delta_that_cannot_be_used_is_told() {
    fn both(list: &mut List, delta: &mut List, extension: &[u8]) {
        for list in [list, delta] {
            list.extensions.push(extension.to_vec());
        }
    }
    let alone = Some(NotChecked::DeltaAlone);
    let wrong_signature = Some(NotChecked::ListSignature);
    let cases: [Case; 17] = [
        ("nothing", |_, _| {}, None),
        ("not critical", |_, delta| delta.extensions[2] = base(false, 7), None),
        ("name written otherwise", |_, delta| delta.issuer = shout("authority"), None),
        ("same scope", |list, delta| both(list, delta, &of_users()), None),
        ("other scope", |_, delta| delta.extensions.push(of_users()), alone),
        ("other scope of the list", |list, _| list.extensions.push(of_users()), alone),
        ("authority key not said", |list, _| drop(list.extensions.remove(0)), alone),
        ("list without a number", |list, _| drop(list.extensions.remove(1)), alone),
        ("without a number", |_, delta| drop(delta.extensions.remove(1)), alone),
        ("other key", |_, delta| delta.signer = &HOUSE.other_key, wrong_signature),
        ("list of another key", |list, _| list.signer = &HOUSE.other_key, wrong_signature),
        (
            "unknown extension",
            |_, delta| delta.extensions.push(extension(UNKNOWN, true, &[])),
            Some(NotChecked::ListCritical),
        ),
        ("indirect", |list, delta| both(list, delta, &indirect()), Some(NotChecked::ListPartial)),
        (
            "from the future",
            |_, delta| delta.this_update = utc(1),
            Some(NotChecked::ListFromFuture),
        ),
        (
            "list from the future",
            |list, _| list.this_update = utc(1),
            Some(NotChecked::ListFromFuture),
        ),
        ("stale", |_, delta| delta.next_update = utc(-1), Some(NotChecked::ListStale)),
        // §6.3.3 (a)(1)(i): a delta in time makes up for it.
        ("stale list", |list, _| list.next_update = utc(-1), None),
    ];
    for (name, change, why) in cases {
        for (entries, word) in [(vec![], good_by(-DAY / 2, 8)), (revoking(), revoked_by_delta())] {
            let (mut list, mut delta) = (complete(false), delta(7, 8, entries));
            change(&mut list, &mut delta);
            assert_eq!(all(&[list, delta]), why.map_or(word, unknown), "{name}");
        }
    }
}

fn base(critical: bool, number: u8) -> Vec<u8> {
    extension(DELTA, critical, &write(tag::INTEGER, &[number]))
}

/// A name of the same meaning.
fn shout(text: &str) -> Vec<u8> {
    sequence(&[write(tag::SET, &relative(0x13, &text.to_uppercase()))])
}

fn of_users() -> Vec<u8> {
    extension(ISSUING_POINT, true, &sequence(&[write(tag::context(1), &[0xFF])]))
}

fn indirect() -> Vec<u8> {
    extension(ISSUING_POINT, true, &sequence(&[write(tag::context(4), &[0xFF])]))
}

#[test]
fn a_delta_is_not_a_list() {
    for entries in [vec![], revoking(), lifting()] {
        assert_eq!(all(&[delta(7, 8, entries)]), unknown(NotChecked::DeltaAlone));
    }
}

/// One of another authority or for other certificates has nothing to do with it.
#[test]
fn deltas_of_others_change_nothing() {
    let of_another = changed(delta(7, 8, revoking()), |list| list.issuer = name(&["somebody"]));
    assert_eq!(all(&[complete(false), of_another]), good_by(-DAY, 7));
    let other_key = changed(delta(7, 8, revoking()), |list| {
        list.extensions[0] = key_id(&HOUSE.other_key);
        list.signer = &HOUSE.other_key;
    });
    assert_eq!(all(&[complete(false), other_key]), good_by(-DAY, 7));
    let authorities = extension(ISSUING_POINT, true, &sequence(&[write(tag::context(2), &[0xFF])]));
    let for_others = changed(delta(7, 8, revoking()), |list| list.extensions.push(authorities));
    assert_eq!(all(&[complete(false), for_others]), good_by(-DAY, 7));
}
