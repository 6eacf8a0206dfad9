//! Which certificates a list is for.

use rstest::rstest;

use super::made::*;
use crate::pki::der::tag;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::{NotChecked, Revocation, Source};

/// An issuingDistributionPoint of these fields.
fn scope(fields: &[Vec<u8>]) -> Vec<u8> {
    extension(ISSUING_POINT, true, &sequence(fields))
}

/// A BOOLEAN field that is true.
fn only(number: u8) -> Vec<u8> {
    write(tag::context(number), &[0xFF])
}

/// A DistributionPointName of full names.
fn full(names: &[Vec<u8>]) -> Vec<u8> {
    write(tag::inside(0), &write(tag::inside(0), &names.concat()))
}

fn directory(texts: &[&str]) -> Vec<u8> {
    write(tag::inside(4), &name(texts))
}

fn uri(text: &str) -> Vec<u8> {
    write(tag::context(6), text.as_bytes())
}

/// A DistributionPointName below the issuer.
fn below(text: &str) -> Vec<u8> {
    write(tag::inside(0), &write(tag::inside(1), &relative(0x0C, text)))
}

fn list(scope: Vec<u8>) -> List {
    let mut list = List::new();
    list.extensions.push(scope);
    list
}

fn points(points: &[Vec<u8>]) -> Vec<u8> {
    let points: Vec<_> = points.iter().map(|point| write(tag::SEQUENCE, point)).collect();
    extension(DISTRIBUTION_POINTS, false, &sequence(&points))
}

fn expected(why: Option<NotChecked>) -> Revocation {
    why.map_or(good(Source::Crl, -DAY), unknown)
}

#[rstest]
#[case::users(&[only(1)], None, Some(NotChecked::ListOfOthers))]
#[case::authorities(&[only(2)], Some(NotChecked::ListOfOthers), None)]
#[case::attributes(&[only(5)], Some(NotChecked::ListOfOthers), Some(NotChecked::ListOfOthers))]
#[case::some_reasons(
    &[write(tag::context(3), &[1, 0x02])],
    Some(NotChecked::ListPartial),
    Some(NotChecked::ListPartial)
)]
#[case::indirect(&[only(4)], Some(NotChecked::ListPartial), Some(NotChecked::ListPartial))]
fn kinds(
    #[case] fields: &[Vec<u8>],
    #[case] of_a_holder: Option<NotChecked>,
    #[case] of_an_authority: Option<NotChecked>,
) {
    let list = list(scope(fields));
    assert_eq!(list.says_of(&HOLDER), expected(of_a_holder));
    let below = holder_with(Some(authority()));
    assert_eq!(list.says_of(&below), expected(of_an_authority));
    // That it has basic constraints does not make it an authority.
    let plain = holder_with(Some(extension(BASIC_CONSTRAINTS, true, &sequence(&[]))));
    assert_eq!(list.says_of(&plain), expected(of_a_holder));
}

/// A delta stays one, whichever of the two extensions comes first.
#[test]
fn a_delta_of_a_part_is_a_delta() {
    let delta = extension(DELTA, true, &write(tag::INTEGER, &[6]));
    for extensions in [[delta.clone(), scope(&[only(1)])], [scope(&[only(1)]), delta]] {
        let mut list = List::new();
        list.extensions.extend(extensions);
        assert!(list.parse().is_delta());
        assert_eq!(list.says_of(&HOLDER), unknown(NotChecked::DeltaAlone));
    }
}

#[rstest]
#[case::nothing(&[])]
#[case::two_kinds(&[only(1), only(2)])]
#[case::two_kinds(&[only(1), only(5)])]
#[case::two_kinds(&[only(2), only(5)])]
#[case::false_is_left_out(&[write(tag::context(1), &[0])])]
#[case::neither_form_of_name(&[write(tag::inside(0), &write(tag::inside(2), &[]))])]
#[case::two_names(&[write(tag::inside(0), &[below("a"), below("b")].concat())])]
#[case::more(&[only(5), vec![0x05, 0]])]
fn what_cannot_be_read_is_refused(#[case] fields: &[Vec<u8>]) {
    assert!(Crl::parse(list(scope(fields)).der()).is_err());
}

#[rstest]
#[case::same(full(&[directory(&["town"])]), full(&[directory(&["town"])]), true)]
#[case::written_otherwise(full(&[directory(&["town"])]), full(&[directory(&["  TOWN "])]), true)]
#[case::another(full(&[directory(&["town"])]), full(&[directory(&["city"])]), false)]
#[case::above(full(&[directory(&["a", "town"])]), full(&[directory(&["a"])]), false)]
#[case::one_of_several(
    full(&[directory(&["x"]), uri("ldap:y"), directory(&["town"])]),
    full(&[directory(&["z"]), directory(&["town"])]),
    true
)]
#[case::address(full(&[uri("http://list/1")]), full(&[uri("http://list/1")]), true)]
#[case::address_to_the_letter(full(&[uri("http://list/a")]), full(&[uri("http://list/A")]), false)]
#[case::form_that_is_not_compared(
    full(&[write(tag::context(2), b"list")]),
    full(&[write(tag::context(2), b"list")]),
    false
)]
#[case::forms_differ(full(&[write(tag::context(1), b"list")]), full(&[uri("list")]), false)]
#[case::both_below(below("town"), below("Town"), true)]
#[case::below_another(below("town"), below("city"), false)]
#[case::below_and_full(below("town"), full(&[directory(&["authority", "town"])]), true)]
#[case::full_and_below(full(&[directory(&["authority", "town"])]), below("town"), true)]
#[case::below_somebody_else(full(&[directory(&["somebody", "town"])]), below("town"), false)]
fn points_match_by_what_they_name(
    #[case] of_the_list: Vec<u8>,
    #[case] of_the_certificate: Vec<u8>,
    #[case] fits: bool,
) {
    let list = list(scope(&[of_the_list]));
    let certificate = holder_with(Some(points(std::slice::from_ref(&of_the_certificate))));
    let why = (!fits).then_some(NotChecked::ListOfAnotherPart);
    assert_eq!(list.says_of(&certificate), expected(why));
    // Any of several points.
    let elsewhere = full(&[directory(&["elsewhere"])]);
    let certificate = holder_with(Some(points(&[elsewhere, of_the_certificate])));
    assert_eq!(list.says_of(&certificate), expected(why));
}

#[rstest]
#[case::plain(Vec::new(), None)]
#[case::some_reasons(write(tag::context(1), &[1, 0x02]), Some(NotChecked::ListOfAnotherPart))]
#[case::other_issuer(
    write(tag::inside(2), &directory(&["authority"])),
    Some(NotChecked::ListOfAnotherPart)
)]
fn some_points_do_not_count(#[case] more: Vec<u8>, #[case] why: Option<NotChecked>) {
    let town = full(&[directory(&["town"])]);
    let certificate = holder_with(Some(points(&[[town.clone(), more].concat()])));
    assert_eq!(list(scope(&[town])).says_of(&certificate), expected(why));
    // A list for everything is for it too.
    assert_eq!(List::new().says_of(&certificate), expected(None));
}

#[test]
fn a_part_is_not_for_those_who_name_none() {
    let part = list(scope(&[full(&[directory(&["town"])])]));
    assert_eq!(part.says_of(&HOLDER), unknown(NotChecked::ListOfAnotherPart));
    // Nor is one under the issuer's own name.
    let own = list(scope(&[full(&[directory(&["authority"])])]));
    assert_eq!(own.says_of(&HOLDER), unknown(NotChecked::ListOfAnotherPart));
    // A relative name that is none is no name.
    let nameless = list(scope(&[write(tag::inside(0), &write(tag::inside(1), &[0x05, 0]))]));
    assert_eq!(nameless.says_of(&HOLDER), unknown(NotChecked::ListOfAnotherPart));
}
