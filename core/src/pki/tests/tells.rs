//! What certificates tell beyond RFC 5280, where those of test cards do not show it.

use rstest::rstest;

use super::made::*;
use super::world::{Person, World};
use crate::pki::Substituted::{NotProven, NotTold, Told};
use crate::pki::der::tag;
use crate::pki::{Certificate, HolderAttributes, Malformed, Municipality, Origin, Purpose};

const POLICIES: &[u8] = b"\x55\x1D\x20";
const ALTERNATIVE_NAMES: &[u8] = b"\x55\x1D\x11";
const INFORMATION_ACCESS: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x01\x01";

fn with(change: impl Fn(&mut Person)) -> Certificate {
    let mut world = World::new(0);
    change(world.leaf());
    world.leaf().certificate()
}

fn uri(text: &str) -> Vec<u8> {
    write(tag::context(6), text.as_bytes())
}

#[rstest]
#[case::none(&[], None)]
#[case::real(&[[3, 30]], Some((Origin::Production, Purpose::Authentication)))]
#[case::real_for_signatures(&[[1, 20]], Some((Origin::Production, Purpose::Signature)))]
#[case::trial(&[[0, 30]], Some((Origin::Test, Purpose::Authentication)))]
#[case::trial_for_signatures(&[[0, 20]], Some((Origin::Test, Purpose::Signature)))]
#[case::another(&[[2, 30]], None)]
#[case::and_another(&[[2, 30], [0, 20]], Some((Origin::Test, Purpose::Signature)))]
#[case::two(&[[3, 30], [0, 30]], None)]
fn profiles(#[case] policies: &[[u8; 2]], #[case] expected: Option<(Origin, Purpose)>) {
    let all: Vec<_> = policies
        .iter()
        .map(|last| {
            let id = [b"\x2A\x83\x08\x8C\x9B\x55\x08\x05\x01", last.as_slice()].concat();
            sequence(&[oid(&id)])
        })
        .collect();
    let found = with(|leaf| {
        if !all.is_empty() {
            leaf.set(POLICIES, false, &sequence(&all));
        }
    });
    assert_eq!(found.origin_and_purpose(), expected);
}

#[rstest]
#[case::last_second(15 * 3600 - 1, Some("2026-11-20"))]
#[case::a_second_before(15 * 3600 - 2, None)]
#[case::midnight(15 * 3600, None)]
#[case::last_second_elsewhere(DAY - 1, None)]
fn ends_of_days_in_japan(#[case] end: i64, #[case] expected: Option<&str>) {
    let found = with(|leaf| leaf.draft.validity[1] = end).ends_with();
    assert_eq!(found.map(|date| date.to_string()).as_deref(), expected);
}

/// It ends on the 20th of November.
#[rstest]
#[case::same("1941-11-20", Some(true))]
#[case::other_day("1941-11-21", Some(false))]
#[case::other_month("1941-12-20", Some(false))]
#[case::month_alone("1941-11-00", Some(true))]
#[case::other_month_alone("1941-12-00", Some(false))]
#[case::day_alone("1941-00-20", Some(true))]
#[case::other_day_alone("1941-00-21", Some(false))]
#[case::year_alone("1941", None)]
fn birthdays(#[case] birth: &str, #[case] expected: Option<bool>) {
    let birth = birth.parse().unwrap();
    let found = |end| with(|leaf| leaf.draft.validity[1] = end).ends_on_birthday(birth);
    assert_eq!(found(15 * 3600 - 1), expected);
    // It ends at no end of a day.
    assert_eq!(found(15 * 3600), None);
}

/// The birthday of the 29th of February in a year that has none, whichever day it is kept on.
#[rstest]
#[case::the_27th(-2, false)]
#[case::the_28th(-1, true)]
#[case::the_1st_of_march(0, true)]
#[case::the_2nd(1, false)]
fn leap_days(#[case] days: i64, #[case] expected: bool) {
    // The end of the 1st of March 2027 in Japan, 101 days after NOW's day.
    let end = (101 + days) * DAY + 15 * 3600 - 1;
    let leaf = with(|leaf| leaf.draft.validity[1] = end);
    let birth = "1940-02-29".parse().unwrap();
    assert_eq!(leaf.ends_on_birthday(birth), Some(expected), "{:?}", leaf.ends_with());
}

#[rstest]
#[case::authentication("12345678901234131019999", Some("13101"))]
#[case::signature("1234567890123456789131019999", Some("13101"))]
#[case::shorter("1234567890123413101999", None)]
#[case::between("123456789012341310199999", None)]
#[case::longer("12345678901234567891310199999", None)]
#[case::no_digits("12345678901234x31019999", None)]
#[case::no_digits_elsewhere("x234567890123413101999x", Some("13101"))]
#[case::within_a_letter("1234567890123あ31019999", None)]
fn municipalities(#[case] common_name: &str, #[case] expected: Option<&str>) {
    let found = with(|leaf| leaf.draft.subject = name(&[common_name])).municipality();
    assert_eq!(found.as_ref().map(Municipality::as_str), expected);
}

#[test]
fn where_it_is_listed() {
    let point = |names: &[Vec<u8>]| {
        sequence(&[write(tag::inside(0), &write(tag::inside(0), &names.concat()))])
    };
    let town = write(tag::inside(4), &name(&["town"]));
    let mail = write(tag::context(1), b"town@example.jp");
    let points = sequence(&[point(&[town, mail, uri("ldap://a")]), point(&[uri("ldap://b")])]);
    let found = with(|leaf| leaf.set(DISTRIBUTION_POINTS, false, &points));
    assert_eq!(found.distribution_points(), ["CN=town", "ldap://a", "ldap://b"]);
    assert_eq!(with(|_| {}).distribution_points(), Vec::<String>::new());
}

#[test]
fn where_its_responder_is() {
    const RESPONDER: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x01";
    const ISSUERS: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x30\x02";
    let access = |method: &[u8], place: Vec<u8>| sequence(&[oid(method), place]);
    let of = |all: &[Vec<u8>]| {
        with(|leaf| leaf.set(INFORMATION_ACCESS, false, &sequence(all))).responder()
    };
    let mail = write(tag::context(1), b"town@example.jp");
    assert_eq!(of(&[access(ISSUERS, uri("http://a"))]), None);
    assert_eq!(of(&[access(RESPONDER, mail.clone())]), None);
    let all = [
        access(ISSUERS, uri("http://a")),
        access(RESPONDER, mail),
        access(RESPONDER, uri("http://b")),
        access(RESPONDER, uri("http://c")),
    ];
    assert_eq!(of(&all).as_deref(), Some("http://b"));
    assert_eq!(with(|_| {}).responder(), None);
}

/// Attribute of this number, of this value.
fn attribute(number: u8, value: &[u8]) -> Vec<u8> {
    let id = [b"\x2A\x83\x08\x8C\x9B\x55\x08\x05\x05", [number].as_slice()].concat();
    write(tag::inside(0), &[oid(&id), value.to_vec()].concat())
}

fn text(text: &str) -> Vec<u8> {
    write(tag::inside(0), &write(0x0C, text.as_bytes()))
}

fn told(names: &[Vec<u8>]) -> Result<Option<HolderAttributes>, Malformed> {
    with(|leaf| leaf.set(ALTERNATIVE_NAMES, false, &sequence(names))).holder_attributes()
}

/// Name, what of it is substituted, sex, birth, address, what of it is substituted.
fn holder() -> [Vec<u8>; 6] {
    let texts = ["山田", "01", "2", "319800217", "東京", "00"];
    std::array::from_fn(|index| attribute(u8::try_from(index).unwrap() + 1, &text(texts[index])))
}

#[test]
fn attributes_of_a_holder() {
    let found = told(&holder()).unwrap().unwrap();
    assert_eq!((found.name.text.as_str(), found.address.text.as_str()), ("山田", "東京"));
    assert_eq!((found.sex.as_str(), found.birth.as_str()), ("2", "319800217"));
    assert_eq!(found.name.substituted, Told(vec![false, true]));
    assert_eq!(found.address.substituted, Told(vec![false, false]));
    // In any order, beside other names, and without what need not be there.
    let [name, _, sex, birth, address, _] = holder();
    let other = write(tag::context(1), b"town@example.jp");
    let found = told(&[address, other.clone(), birth, sex, name]).unwrap().unwrap();
    assert_eq!((found.name.substituted, found.address.substituted), (NotTold, NotTold));
    let beyond = [attribute(0, &text("a")), attribute(7, &text("a"))];
    assert!(told(&[other]).unwrap().is_none() && told(&beyond).unwrap().is_none());
    assert!(told(&[holder().as_slice(), &beyond].concat()).unwrap().is_some());
}

/// What stands beside a text does not make the text unreadable.
#[test]
fn substitutes_that_do_not_fit_are_not_proven() {
    let unreadable = write(tag::inside(0), &write(0x13, b"01"));
    for digits in [text("0"), text("000"), unreadable] {
        let mut all = holder();
        all[1] = attribute(2, &digits);
        let found = told(&all).unwrap().unwrap();
        assert_eq!((&*found.name.text, found.name.substituted), ("山田", NotProven));
        assert_eq!(found.address.substituted, Told(vec![false, false]));
    }
    let mut twice = holder().to_vec();
    twice.push(twice[5].clone());
    let found = told(&twice).unwrap().unwrap();
    assert_eq!((&*found.address.text, found.address.substituted), ("東京", NotProven));
}

#[test]
fn attributes_that_cannot_be_told() {
    for missing in [0, 2, 3, 4] {
        let mut all = holder().to_vec();
        all.remove(missing);
        assert!(told(&all).is_err(), "{missing}");
    }
    for index in [0, 2, 3, 4] {
        let mut all = holder().to_vec();
        all.push(all[index].clone());
        assert!(told(&all).is_err(), "{index} twice");
    }
    let text = write(0x0C, b"2");
    for value in [
        write(tag::inside(1), &text),
        write(tag::inside(0), &write(0x13, b"2")),
        write(tag::inside(0), &[text.as_slice(), &[tag::NULL, 0]].concat()),
        write(tag::inside(0), &write(0x0C, &[0xFF])),
        write(tag::inside(0), &[]),
    ] {
        let mut all = holder();
        all[2] = attribute(3, &value);
        assert!(told(&all).is_err(), "{value:02X?}");
    }
}
