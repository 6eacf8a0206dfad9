//! Lists: form, issuer, time, entries.

use rstest::rstest;

use super::made::*;
use crate::pki::der::tag;
use crate::pki::revocation::crl::{Crl, Number};
use crate::pki::revocation::{NotChecked, Revocation, RevocationReason, Source};

const LIST: Source = Source::Crl;

fn changed(change: impl FnOnce(&mut List)) -> List {
    let mut list = List::new();
    change(&mut list);
    list
}

fn says(change: impl FnOnce(&mut List)) -> Revocation {
    changed(change).says_of(&HOLDER)
}

#[test]
fn a_list_without_the_certificate_says_good() {
    assert_eq!(says(|_| {}), good(LIST, -DAY));
    assert_eq!(says(|list| list.entries.clear()), good(LIST, -DAY));
    assert_eq!(says(|list| list.entries = vec![Vec::new()]), good(LIST, -DAY));
    let numberless = Revocation::Good { as_of: at(-DAY), source: LIST, number: None };
    assert_eq!(says(|list| list.extensions.clear()), numberless);
}

#[rstest]
#[case::the_moment_it_is_issued(0, DAY, 0, None)]
#[case::a_second_before(1, DAY, 0, Some(NotChecked::ListFromFuture))]
#[case::as_far_as_clocks_differ(60, DAY, 60, None)]
#[case::farther(61, DAY, 60, Some(NotChecked::ListFromFuture))]
#[case::the_moment_it_ends(-DAY, 0, 0, None)]
#[case::a_second_after(-DAY, -1, 0, Some(NotChecked::ListStale))]
#[case::as_far_as_clocks_differ_after(-DAY, -60, 60, None)]
#[case::farther_after(-DAY, -61, 60, Some(NotChecked::ListStale))]
fn it_has_its_time(
    #[case] this_update: i64,
    #[case] next_update: i64,
    #[case] tolerance: i64,
    #[case] why: Option<NotChecked>,
) {
    let list = changed(|list| {
        list.this_update = utc(this_update);
        list.next_update = utc(next_update);
    })
    .parse();
    let expected = why.map_or(good(LIST, this_update), unknown);
    assert_eq!(list.on(&HOLDER, &HOUSE.authority, &[], &[], when(tolerance)).word, expected);
}

/// A list that is not fresh does not say of a revocation either, which may have been lifted.
#[test]
fn a_stale_list_says_nothing() {
    let stale = says(|list| {
        list.next_update = utc(-1);
        list.entries.push(entry_with(&[]));
    });
    assert_eq!(stale, unknown(NotChecked::ListStale));
}

#[rstest]
#[case::none(&[], RevocationReason::Unspecified)]
#[case(&[0], RevocationReason::Unspecified)]
#[case(&[1], RevocationReason::KeyCompromise)]
#[case(&[2], RevocationReason::CaCompromise)]
#[case(&[3], RevocationReason::AffiliationChanged)]
#[case(&[4], RevocationReason::Superseded)]
#[case(&[5], RevocationReason::CessationOfOperation)]
#[case(&[6], RevocationReason::CertificateHold)]
#[case(&[9], RevocationReason::PrivilegeWithdrawn)]
#[case(&[10], RevocationReason::AaCompromise)]
fn reasons(#[case] number: &[u8], #[case] expected: RevocationReason) {
    let extensions: Vec<_> = number.iter().map(|number| reason(*number)).collect();
    let found = says(|list| list.entries.push(entry_with(&extensions)));
    assert_eq!(found, revoked(LIST, -7, expected));
}

#[rstest]
#[case::a_byte_that_is_no_sign(&[0x81], false)]
#[case::longer(&[0x01, 0x00, 0x81], false)]
#[case::the_number(&[0x00, 0x81], true)]
fn serial_numbers_are_numbers(#[case] serial: &[u8], #[case] is_it: bool) {
    let expected =
        if is_it { revoked(LIST, -7, RevocationReason::Unspecified) } else { good(LIST, -DAY) };
    assert_eq!(says(|list| list.entries.push(entry(serial, -7, &[]))), expected);
}

#[test]
fn the_first_entry_and_the_last_count() {
    let first = says(|list| list.entries.insert(0, entry_with(&[])));
    let last = says(|list| list.entries.push(entry_with(&[])));
    assert_eq!((first, last), (last, revoked(LIST, -7, RevocationReason::Unspecified)));
    // Where a list has a number several times, the earliest counts.
    let number = &[0x00, 0x81];
    let [early, late] = [(-9, 1), (-5, 4)].map(|(at, why)| entry(number, at, &[reason(why)]));
    for entries in [[early.clone(), late.clone()], [late, early]] {
        let twice = says(|list| list.entries.extend(entries));
        assert_eq!(twice, revoked(LIST, -9, RevocationReason::KeyCompromise));
    }
    let as_early = [entry_with(&[reason(4)]), entry_with(&[])];
    let twice = says(|list| list.entries.extend(as_early));
    assert_eq!(twice, revoked(LIST, -7, RevocationReason::Superseded));
}

#[test]
fn what_begins_later_counts_already() {
    let found = says(|list| list.entries.push(entry(&[0x00, 0x81], DAY, &[])));
    assert_eq!(found, revoked(LIST, DAY, RevocationReason::Unspecified));
    let date = extension(INVALIDITY_DATE, true, &generalized(-30 * DAY));
    let found = says(|list| list.entries.push(entry_with(&[date])));
    assert_eq!(found, revoked(LIST, -7, RevocationReason::Unspecified));
}

/// Even of entries that are not the certificate's.
#[rstest]
#[case::unknown(extension(UNKNOWN, true, &[]), Some(NotChecked::ListCritical))]
#[case::unknown_but_not_critical(extension(UNKNOWN, false, &[]), None)]
#[case::of_another(extension(CERTIFICATE_ISSUER, true, &sequence(&[])), Some(NotChecked::ListPartial))]
#[case::of_another_but_not_critical(
    extension(CERTIFICATE_ISSUER, false, &sequence(&[])),
    Some(NotChecked::ListPartial)
)]
#[case::taken_off(reason(8), Some(NotChecked::ListPartial))]
#[case::critical_reason(extension(REASON, true, &write(tag::ENUMERATED, &[1])), None)]
fn extensions_of_entries(#[case] extension: Vec<u8>, #[case] why: Option<NotChecked>) {
    let found = says(|list| list.entries.insert(0, entry(&[0x04], -DAY, &[extension])));
    assert_eq!(found, why.map_or(good(LIST, -DAY), unknown));
}

#[rstest]
#[case::unknown(extension(UNKNOWN, true, &[]), Some(NotChecked::ListCritical))]
#[case::unknown_but_not_critical(extension(UNKNOWN, false, &[]), None)]
#[case::other_name(extension(b"\x55\x1D\x12", true, &[]), None)]
fn extensions_of_lists(#[case] extension: Vec<u8>, #[case] why: Option<NotChecked>) {
    let found = says(|list| list.extensions.push(extension));
    assert_eq!(found, why.map_or(good(LIST, -DAY), unknown));
}

#[test]
fn a_number_is_never_critical() {
    let number = extension(NUMBER, true, &write(tag::INTEGER, &[7]));
    let found = says(|list| list.extensions[1] = number);
    assert_eq!(found, unknown(NotChecked::ListCritical));
}

#[rstest]
#[case(&[0x00], "00", true)]
#[case(&[0x7F], "7f", true)]
#[case(&[0x01, 0x00], "0100", true)]
#[case::a_sign_bit(&[0x00, 0xFF], "ff", true)]
#[case::twenty_bytes(&[0x01; 20], "0101010101010101010101010101010101010101", true)]
#[case::twenty_bytes_and_a_sign(&[&[0x00], [0xFF; 20].as_slice()].concat(), &"ff".repeat(20), true)]
#[case::longer(&[0x01; 21], "", false)]
#[case::negative(&[0xFF], "", false)]
#[case::none(&[], "", false)]
fn numbers_of_lists(#[case] contents: &[u8], #[case] shown: &str, #[case] is_read: bool) {
    let number = extension(NUMBER, false, &write(tag::INTEGER, contents));
    let list = changed(|list| list.extensions[1] = number);
    assert_eq!(Crl::parse(list.der()).is_ok(), is_read);
    if is_read {
        let Revocation::Good { number: Some(number), .. } = list.says_of(&HOLDER) else {
            panic!("no number");
        };
        assert_eq!(
            (number.to_string().as_str(), format!("{number:?}")),
            (shown, format!("Number({shown})"))
        );
        assert_eq!(Number::from_bytes(number.as_bytes()), Some(number));
    }
}

#[test]
fn numbers_have_an_order() {
    let [small, middle, great] =
        [&[0xFF][..], &[0x01, 0x00], &[0x01; 20]].map(|bytes| Number::from_bytes(bytes).unwrap());
    assert!(small < middle && middle < great);
    assert_eq!(Number::from_bytes(&[0, 0, 0xFF]), Some(small));
    assert_eq!(Number::from_bytes(&[1; 21]), None);
}

/// keyid, authorityCertIssuer, authorityCertSerialNumber.
fn identifier(key: Option<&Key>, names: &[Vec<u8>], serial: Option<&[u8]>) -> Vec<u8> {
    let names: Vec<_> = names.iter().map(|name| write(tag::inside(4), name)).collect();
    let issuer = if names.is_empty() { Vec::new() } else { write(tag::inside(1), &names.concat()) };
    extension(
        AUTHORITY_KEY,
        false,
        &sequence(&[
            key.map_or_else(Vec::new, |key| write(tag::context(0), &key.id())),
            issuer,
            serial.map_or_else(Vec::new, |serial| write(tag::context(2), serial)),
        ]),
    )
}

#[rstest]
#[case::key(identifier(Some(&HOUSE.key), &[], None), true)]
#[case::other_key(identifier(Some(&HOUSE.other_key), &[], None), false)]
#[case::certificate(identifier(None, &[name(&["root"])], Some(&[0x00, 0x81])), true)]
#[case::one_of_names(identifier(None, &[name(&["x"]), name(&["root"])], Some(&[0x00, 0x81])), true)]
#[case::other_name(identifier(None, &[name(&["x"])], Some(&[0x00, 0x81])), false)]
#[case::other_serial(identifier(None, &[name(&["root"])], Some(&[0x05])), false)]
#[case::negative_serial(identifier(None, &[name(&["root"])], Some(&[0x81])), false)]
#[case::key_but_other_serial(identifier(Some(&HOUSE.key), &[name(&["root"])], Some(&[0x05])), false)]
#[case::serial_but_other_key(
    identifier(Some(&HOUSE.other_key), &[name(&["root"])], Some(&[0x00, 0x81])),
    false
)]
#[case::nothing(extension(UNKNOWN, false, &[]), true)]
fn the_issuer_is_found_by_key(#[case] identifier: Vec<u8>, #[case] fits: bool) {
    let found = says(|list| list.extensions[0] = identifier);
    let expected = if fits { good(LIST, -DAY) } else { unknown(NotChecked::ListFromAnother) };
    assert_eq!(found, expected);
}

#[test]
fn another_name_is_another_issuer() {
    let found = says(|list| list.issuer = name(&["somebody"]));
    assert_eq!(found, unknown(NotChecked::ListFromAnother));
    // The same name, written otherwise.
    let found = says(|list| {
        list.issuer = sequence(&[write(tag::SET, &relative(0x13, "  AUTHORITY"))]);
    });
    assert_eq!(found, good(LIST, -DAY));
}

#[rstest]
#[case::lists(Some(CERTIFIES_AND_LISTS), true)]
#[case::certificates_only(Some(CERTIFIES), false)]
#[case::not_said(None, false)]
fn the_issuer_may_sign_lists(#[case] bits: Option<&[u8]>, #[case] may: bool) {
    let authority = authority_of(&HOUSE.key, bits);
    let found = List::new().parse().on(&HOLDER, &authority, &[], &[], when(0)).word;
    let expected = if may { good(LIST, -DAY) } else { unknown(NotChecked::ListIssuerUnfit) };
    assert_eq!(found, expected);
}

/// Of two authorities of one name the signature tells, whichever is asked about first, and however often.
#[test]
fn the_signature_is_checked_for_each_key() {
    // Without a key identifier.
    let anonymous = changed(|list| drop(list.extensions.remove(0)));
    let (this, other) = (&HOUSE.authority, &HOUSE.other_authority);
    let renewed = authority_of(&HOUSE.key, Some(&[1, 0x06]));
    for order in
        [[this, other, this, other], [other, this, other, &renewed], [&renewed, this, other, this]]
    {
        let list = anonymous.parse();
        for authority in order {
            let expected = if authority.public_key == other.public_key {
                unknown(NotChecked::ListSignature)
            } else {
                good(LIST, -DAY)
            };
            assert_eq!(list.on(&HOLDER, authority, &[], &[], when(0)).word, expected);
        }
    }
    let found = says(|list| {
        (list.algorithm, list.outer_algorithm) = (algorithm(ECDSA_SHA1), algorithm(ECDSA_SHA1));
    });
    assert_eq!(found, unknown(NotChecked::ListSignature));
}

#[test]
fn no_byte_of_a_list_can_change() {
    let list = changed(|list| list.entries.push(entry_with(&[reason(1)]))).der();
    for index in 0..list.len() {
        let mut changed = list.clone();
        changed[index] ^= 0x01;
        let Ok(list) = Crl::parse(changed) else { continue };
        let found = list.on(&HOLDER, &HOUSE.authority, &[], &[], when(0)).word;
        assert!(matches!(found, Revocation::NotChecked { .. }), "byte {index}: {found:?}");
    }
    for length in 0..list.len() {
        assert!(Crl::parse(list[..length].to_vec()).is_err());
    }
}

#[rstest]
#[case::version_1(&|list: &mut List| list.version = Vec::new())]
#[case::version_3(&|list: &mut List| list.version = write(tag::INTEGER, &[2]))]
#[case::two_algorithms(&|list: &mut List| list.outer_algorithm = algorithm(ECDSA_SHA1))]
#[case::name(&|list: &mut List| list.issuer = sequence(&[vec![0x05, 0]]))]
#[case::no_next_update(&|list: &mut List| list.next_update = Vec::new())]
#[case::form_of_time(&|list: &mut List| list.this_update = generalized(-DAY))]
#[case::form_of_next_time(&|list: &mut List| list.next_update = generalized(DAY))]
#[case::empty_extensions(&|list: &mut List| list.rest[0] = write(tag::inside(0), &sequence(&[])))]
#[case::empty_extensions_of_an_entry(&|list: &mut List| {
    list.entries[0] = sequence(&[write(tag::INTEGER, &[5]), utc(0), sequence(&[])]);
})]
#[case::more_inside(&|list: &mut List| list.rest[0] = vec![0x05, 0])]
#[case::more_outside(&|list: &mut List| list.rest[1] = vec![0x05, 0])]
#[case::extension_twice(&|list: &mut List| list.extensions.extend_from_within(..))]
#[case::number(&|list: &mut List| list.extensions[1] = extension(NUMBER, false, &[0x05, 0]))]
#[case::long_number(&|list: &mut List| list.extensions[1] = extension(NUMBER, false, &[2, 2, 0, 1]))]
#[case::key(&|list: &mut List| list.extensions[0] = extension(AUTHORITY_KEY, false, &[0x05, 0]))]
#[case::entry_without_time(&|list: &mut List| list.entries[0] = sequence(&[write(tag::INTEGER, &[5])]))]
#[case::entry_without_number(&|list: &mut List| list.entries[0] = sequence(&[utc(0)]))]
#[case::long_number_of_entry(&|list: &mut List| list.entries[0] = entry(&[0, 5], 0, &[]))]
#[case::more_in_an_entry(&|list: &mut List| {
    list.entries[0] = sequence(&[write(tag::INTEGER, &[5]), utc(0), sequence(&[]), vec![5, 0]]);
})]
#[case::reason_7(&|list: &mut List| list.entries[0] = entry_with(&[reason(7)]))]
#[case::reason_11(&|list: &mut List| list.entries[0] = entry_with(&[reason(11)]))]
#[case::reason_twice(&|list: &mut List| list.entries[0] = entry_with(&[reason(1), reason(4)]))]
#[case::twice_with_another_between(&|list: &mut List| {
    list.entries[0] = entry_with(&[reason(1), extension(UNKNOWN, false, &[]), reason(1)]);
})]
#[case::date(&|list: &mut List| list.entries[0] = entry_with(&[extension(INVALIDITY_DATE, false, &utc(0))]))]
#[case::more_in_an_extension(&|list: &mut List| {
    let extension = sequence(&[oid(UNKNOWN), write(tag::OCTET_STRING, &[]), vec![5, 0]]);
    list.entries[0] = entry_with(&[extension]);
})]
fn what_cannot_be_read_is_refused(#[case] change: &dyn Fn(&mut List)) {
    assert!(Crl::parse(changed(change).der()).is_err());
}

/// An entry of the holder whose time cannot be read must not make him good.
#[rstest]
#[case(write(tag::UTC_TIME, b"2611200000Z"))]
#[case(write(tag::UTC_TIME, b"261320000000Z"))]
#[case(generalized(-DAY))]
#[case(write(tag::GENERALIZED_TIME, b"20600101000000.5Z"))]
fn the_time_of_an_entry_is_read(#[case] time: Vec<u8>) {
    let list = changed(|list| {
        list.entries.push(sequence(&[write(tag::INTEGER, &[0x00, 0x81]), time]));
    });
    assert!(Crl::parse(list.der()).is_err());
}

/// Each extension is compared with those before it, so their number has a bound.
#[test]
fn extensions_have_a_bound() {
    let many = |count: u8| -> Vec<_> {
        (0..count).map(|n| extension(&[0x2A, 0x03, n & 0x7F], false, &[])).collect()
    };
    let parse = |count| Crl::parse(changed(|list| list.extensions = many(count)).der());
    assert!(parse(32).is_ok());
    assert!(parse(33).is_err());
}

#[test]
fn a_list_shows_nothing_of_what_it_lists() {
    let shown = format!("{:?}", changed(|list| list.entries.push(entry_with(&[]))).parse());
    assert_eq!(shown, "Crl(..)");
}

/// A hundred thousand: the first, one in the middle, the last, and none.
#[test]
fn long_lists_are_searched() {
    let number = |n: u32| [&[0x40][..], &n.to_be_bytes()].concat();
    let list = changed(|list| {
        list.entries = (0..100_000).map(|n| entry(&number(n), -DAY, &[reason(4)])).collect();
    })
    .parse();
    for (serial, is_there) in [(0, true), (50_000, true), (99_999, true), (100_000, false)] {
        let holder = Draft { serial: number(serial), ..Draft::holder() };
        let holder = holder.sign(&HOUSE.holder_key, &HOUSE.key);
        let found = list.on(&holder, &HOUSE.authority, &[], &[], when(0)).word;
        let expected = if is_there {
            revoked(LIST, -DAY, RevocationReason::Superseded)
        } else {
            good(LIST, -DAY)
        };
        assert_eq!(found, expected);
    }
}
