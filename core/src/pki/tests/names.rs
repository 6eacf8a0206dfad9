//! Names: which are the same, and who may issue under which.

use rstest::rstest;

use super::made::*;
use super::world::{World, each};
use crate::pki::Reason;
use crate::pki::der::tag;
use crate::pki::name::{check, is_empty, same, within};

/// String types.
const UTF8: u8 = 0x0C;
const NUMERIC: u8 = 0x12;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
const VISIBLE: u8 = 0x1A;
const UNIVERSAL: u8 = 0x1C;
const BMP: u8 = 0x1E;

const COMMON_NAME: &[u8] = b"\x55\x04\x03";
const COUNTRY: &[u8] = b"\x55\x04\x06";

fn attribute(kind: &[u8], string: u8, value: &[u8]) -> Vec<u8> {
    sequence(&[oid(kind), write(string, value)])
}

fn one_of(attributes: &[Vec<u8>]) -> Vec<u8> {
    sequence(&[write(tag::SET, &attributes.concat())])
}

fn common(string: u8, value: &[u8]) -> Vec<u8> {
    one_of(&[attribute(COMMON_NAME, string, value)])
}

#[rstest]
#[case::itself(common(UTF8, b"town"), true)]
#[case::upper_case(common(UTF8, b"TOWN"), true)]
#[case::numeric(common(NUMERIC, b"town"), true)]
#[case::printable(common(PRINTABLE, b"Town"), true)]
#[case::ia5(common(IA5, b"town"), true)]
#[case::visible(common(VISIBLE, b"town"), true)]
#[case::teletex(common(TELETEX, b"town"), true)]
#[case::bmp(common(BMP, b"\0t\0o\0w\0n"), true)]
#[case::universal(common(UNIVERSAL, b"\0\0\0t\0\0\0o\0\0\0w\0\0\0n"), true)]
#[case::spaces_around(common(UTF8, b" town  "), true)]
#[case::space_within(common(UTF8, b"to wn"), false)]
#[case::another(common(UTF8, b"tower"), false)]
#[case::shorter(common(UTF8, b"tow"), false)]
#[case::no_string(common(tag::OCTET_STRING, b"town"), false)]
#[case::another_attribute(one_of(&[attribute(COUNTRY, UTF8, b"town")]), false)]
#[case::two_attributes(
    one_of(&[attribute(COMMON_NAME, UTF8, b"town"), attribute(COUNTRY, UTF8, b"JP")]),
    false
)]
#[case::one_more(name(&["town", "town"]), false)]
#[case::none(sequence(&[]), false)]
#[case::no_name(vec![], false)]
fn same_as_a_town(#[case] other: Vec<u8>, #[case] expected: bool) {
    let town = name(&["town"]);
    assert_eq!((same(&town, &other), same(&other, &town)), (expected, expected));
}

#[test]
fn what_is_no_text_is_compared_as_bytes() {
    let of = |tag: u8, value: &[u8]| common(tag, value);
    let octets = of(tag::OCTET_STRING, b"Town");
    assert!(same(&octets, &of(tag::OCTET_STRING, b"Town")));
    assert!(!same(&octets, &of(tag::OCTET_STRING, b"town")));
    assert!(!same(&octets, &of(tag::BIT_STRING, b"Town")));
}

#[test]
fn attributes_of_one_relative_name_have_no_order() {
    let (one, other) = (attribute(COMMON_NAME, UTF8, b"a"), attribute(COUNTRY, UTF8, b"jp"));
    let other_case = attribute(COUNTRY, PRINTABLE, b"JP");
    assert!(same(&one_of(&[one.clone(), other]), &one_of(&[other_case, one])));
    // Names have.
    assert!(!same(&name(&["a", "b"]), &name(&["b", "a"])));
    assert!(same(&name(&["a  b"]), &name(&["A b"])));
    // Beyond ASCII, in each type that has it.
    let city = common(UTF8, "É".as_bytes());
    for other in
        [common(TELETEX, b"\xE9"), common(BMP, b"\0\xE9"), common(UNIVERSAL, b"\0\0\0\xE9")]
    {
        assert!(same(&city, &other));
    }
}

#[rstest]
#[case::utf8(common(UTF8, b"\xFF"))]
#[case::numeric(common(NUMERIC, b"\xC3\x89"))]
#[case::printable(common(PRINTABLE, b"\xC3\x89"))]
#[case::ia5(common(IA5, b"\xC3\x89"))]
#[case::visible(common(VISIBLE, b"\xC3\x89"))]
#[case::half_a_unit(common(BMP, b"\0a\0"))]
#[case::half_a_pair(common(BMP, b"\xD8\0"))]
#[case::three_bytes(common(UNIVERSAL, b"\0\0\0a\0\0\0"))]
#[case::no_character(common(UNIVERSAL, b"\0\x11\0\0"))]
#[case::an_empty_relative_name(one_of(&[]))]
#[case::no_set(sequence(&[attribute(COMMON_NAME, UTF8, b"a")]))]
#[case::no_sequence(write(tag::SET, &[]))]
#[case::no_value(one_of(&[sequence(&[oid(COMMON_NAME)])]))]
#[case::no_type(one_of(&[sequence(&[write(UTF8, b"a")])]))]
#[case::two_values(one_of(&[sequence(&[oid(COMMON_NAME), write(UTF8, b"a"), write(UTF8, b"a")])]))]
#[case::left_over([name(&["a"]), vec![0]].concat())]
fn what_is_no_name(#[case] bytes: Vec<u8>) {
    assert!(check(&bytes).is_err());
    assert!(!same(&bytes, &name(&["a"])));
    assert!(within(&bytes, &name(&["a"])).is_err() && within(&name(&["a"]), &bytes).is_err());
}

#[test]
fn an_empty_name_is_one() {
    assert!(check(&sequence(&[])).is_ok() && check(&name(&["a"])).is_ok());
    assert!(is_empty(&sequence(&[])) && !is_empty(&name(&["a"])) && !is_empty(&[]));
    assert!(!is_empty(&write(tag::SET, &[])));
}

#[rstest]
#[case::itself(&["a", "b"], true)]
#[case::below(&["A", "b", "c"], true)]
#[case::above(&["a"], false)]
#[case::beside(&["a", "c"], false)]
#[case::turned(&["b", "a"], false)]
fn a_name_lies_within(#[case] texts: &[&str], #[case] expected: bool) {
    assert_eq!(within(&name(texts), &name(&["a", "b"])), Ok(expected));
    assert_eq!(within(&name(texts), &sequence(&[])), Ok(true));
}

const NAME_CONSTRAINTS: &[u8] = b"\x55\x1D\x1E";
const ALTERNATIVE_NAMES: &[u8] = b"\x55\x1D\x11";
const NO: Option<Reason> = Some(Reason::NameNotPermitted);
const UNSUPPORTED: Option<Reason> = Some(Reason::NameConstraintUnsupported);

/// Subtrees of these directory names.
fn subtrees(names: &[&[&str]]) -> Vec<u8> {
    names.iter().flat_map(|texts| sequence(&[directory(texts)])).collect()
}

fn directory(texts: &[&str]) -> Vec<u8> {
    write(tag::inside(4), &name(texts))
}

/// Binds an authority to names and off others.
fn bind(w: &mut World, whom: usize, permitted: &[&[&str]], excluded: &[&[&str]]) {
    let part = |number, names: &[&[&str]]| match names {
        [] => vec![],
        names => write(tag::inside(number), &subtrees(names)),
    };
    let constraints = sequence(&[part(0, permitted), part(1, excluded)]);
    w.all[whom].set(NAME_CONSTRAINTS, true, &constraints);
}

/// Gives the holder more names.
fn alias(w: &mut World, names: &[&[&str]]) {
    let names: Vec<_> = names.iter().map(|texts| directory(texts)).collect();
    w.leaf().set(ALTERNATIVE_NAMES, true, &sequence(&names));
}

/// Authorities are "test", "authority N"; the holder is "test", "town", "holder".
#[test]
fn authorities_are_bound_to_names() {
    each(
        1,
        &[
            ("permitted", &|w| bind(w, 1, &[&["test", "town"]], &[]), None),
            ("one permitted of two", &|w| bind(w, 1, &[&["x"], &["test", "town"]], &[]), None),
            ("another permitted", &|w| bind(w, 1, &[&["test", "village"]], &[]), NO),
            ("excluded", &|w| bind(w, 1, &[], &[&["test", "town"]]), NO),
            ("one excluded of two", &|w| bind(w, 1, &[], &[&["x"], &["test"]]), NO),
            ("another excluded", &|w| bind(w, 1, &[], &[&["test", "village"]]), None),
            ("permitted, not excluded", &|w| bind(w, 1, &[&["test"]], &[&["x"]]), None),
            ("permitted and excluded", &|w| bind(w, 1, &[&["test"]], &[&["test", "town"]]), NO),
            ("neither", &|w| bind(w, 1, &[&["x"]], &[&["y"]]), NO),
            // An anchor's own hold too, for everybody below it.
            ("by the anchor", &|w| bind(w, 0, &[&["test"]], &[]), None),
            ("the authority is not", &|w| bind(w, 0, &[&["test", "town"]], &[]), NO),
            ("the authority is excluded", &|w| bind(w, 0, &[], &[&["test", "authority 1"]]), NO),
            ("nobody is bound by oneself", &|w| bind(w, 1, &[&["test", "town"]], &[]), None),
            (
                "both bind",
                &|w| {
                    bind(w, 0, &[&["test"]], &[]);
                    bind(w, 1, &[&["x"]], &[]);
                },
                NO,
            ),
            (
                "the first binds still",
                &|w| {
                    bind(w, 0, &[], &[&["test", "town"]]);
                    bind(w, 1, &[&["test", "town"]], &[]);
                },
                NO,
            ),
        ],
    );
}

#[test]
fn every_name_of_a_holder_is_bound() {
    let town: &[&[&str]] = &[&["test", "town"]];
    each(
        1,
        &[
            (
                "another name within",
                &|w| {
                    bind(w, 1, town, &[]);
                    alias(w, &[&["test", "town", "another"]]);
                },
                None,
            ),
            (
                "another name without",
                &|w| {
                    bind(w, 1, town, &[]);
                    alias(w, &[&["test", "town", "another"], &["test", "village"]]);
                },
                NO,
            ),
            (
                "no subject, another name within",
                &|w| {
                    bind(w, 1, town, &[]);
                    alias(w, town);
                    w.leaf().draft.subject = sequence(&[]);
                },
                None,
            ),
            (
                "no subject, another name without",
                &|w| {
                    bind(w, 1, town, &[]);
                    alias(w, &[&["x"]]);
                    w.leaf().draft.subject = sequence(&[]);
                },
                NO,
            ),
            (
                "a name of another form",
                &|w| {
                    bind(w, 1, town, &[]);
                    let mail = write(tag::context(1), b"a@example");
                    w.leaf().set(ALTERNATIVE_NAMES, false, &sequence(&[mail]));
                },
                None,
            ),
        ],
    );
}

/// §6.1.3 (b): a certificate by which an authority goes on to its next key is not bound, if it is not the last.
#[test]
fn who_certifies_itself_is_not_bound() {
    each(
        1,
        &[
            (
                "an authority",
                &|w| {
                    bind(w, 0, &[&["test", "town"]], &[]);
                    w.rename(1, w.all[0].draft.subject.clone());
                },
                None,
            ),
            (
                "a holder",
                &|w| {
                    bind(w, 1, &[&["test", "town"]], &[]);
                    w.leaf().draft.subject = w.leaf().draft.issuer.clone();
                },
                NO,
            ),
        ],
    );
}

#[test]
fn constraints_of_other_forms_are_refused() {
    fn of(part: u8, subtree: &[Vec<u8>]) -> Vec<u8> {
        sequence(&[write(tag::inside(part), &sequence(subtree))])
    }
    let mail = || write(tag::context(1), b"example");
    let (minimum, maximum) = (write(tag::context(0), &[1]), write(tag::context(1), &[1]));
    let town = directory(&["test", "town"]);
    let bound =
        |w: &mut World, constraints: &[u8]| w.all[1].set(NAME_CONSTRAINTS, true, constraints);
    each(
        1,
        &[
            ("as it may be", &|w| bound(w, &of(0, std::slice::from_ref(&town))), None),
            ("mail", &|w| bound(w, &of(0, &[mail()])), UNSUPPORTED),
            ("mail, excluded", &|w| bound(w, &of(1, &[mail()])), UNSUPPORTED),
            ("a minimum", &|w| bound(w, &of(0, &[town.clone(), minimum.clone()])), UNSUPPORTED),
            ("a maximum", &|w| bound(w, &of(0, &[town.clone(), maximum.clone()])), UNSUPPORTED),
            (
                "not critical",
                &|w| w.all[1].set(NAME_CONSTRAINTS, false, &of(0, std::slice::from_ref(&town))),
                Some(Reason::Criticality),
            ),
            (
                "by the anchor",
                &|w| w.anchor().set(NAME_CONSTRAINTS, true, &of(0, &[mail()])),
                UNSUPPORTED,
            ),
        ],
    );
}
