//! The form of each extension (RFC 5280 §4.2).

use super::made::*;
use super::world::World;
use crate::pki::der::tag;
use crate::pki::{Certificate, Malformed};

/// id-ce
const POLICIES: &[u8] = b"\x55\x1D\x20";
const POLICY_MAPPINGS: &[u8] = b"\x55\x1D\x21";
const POLICY_CONSTRAINTS: &[u8] = b"\x55\x1D\x24";
const INHIBIT_ANY_POLICY: &[u8] = b"\x55\x1D\x36";
const NAME_CONSTRAINTS: &[u8] = b"\x55\x1D\x1E";
const ALTERNATIVE_NAMES: &[u8] = b"\x55\x1D\x11";
const ISSUER_ALTERNATIVE_NAMES: &[u8] = b"\x55\x1D\x12";
/// id-pe
const INFORMATION_ACCESS: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x01\x01";

fn with(id: &[u8], critical: bool, value: &[u8]) -> Result<Certificate, Malformed> {
    let mut world = World::new(0);
    world.leaf().set(id, critical, value);
    Certificate::parse(&world.leaf().der())
}

/// Whether these values are read as this extension: of each pair the first is, the second is not.
fn forms(id: &[u8], read: &[&[Vec<u8>]], refused: &[&[Vec<u8>]]) {
    for (all, is_read) in [(read, true), (refused, false)] {
        for (index, parts) in all.iter().enumerate() {
            for critical in [false, true] {
                let found = with(id, critical, &parts.concat());
                assert_eq!(found.is_ok(), is_read, "{id:02X?}, {is_read}, {index}");
            }
        }
    }
    // Whatever it is, nothing follows, it is there, and it has a tag of its own.
    for first in read {
        let whole = first.concat();
        assert!(with(id, false, &[&whole[..], &[tag::NULL, 0]].concat()).is_err());
        assert!(with(id, false, &[&[whole[0] ^ 0x40], &whole[1..]].concat()).is_err());
    }
    assert!(with(id, false, &[]).is_err());
}

fn number(contents: &[u8]) -> Vec<u8> {
    write(tag::INTEGER, contents)
}

fn null() -> Vec<u8> {
    write(tag::NULL, &[])
}

/// So many policies.
fn policies(count: u8) -> Vec<Vec<u8>> {
    (0..count).map(|n| sequence(&[oid(&[0x2A, n])])).collect()
}

#[test]
fn uses_of_a_key() {
    let bits = |value: &[u8]| vec![write(tag::BIT_STRING, value)];
    forms(
        KEY_USAGE,
        &[&bits(SIGNS), &bits(&[0x07, 0x03, 0x80])],
        &[&bits(&[]), &bits(&[0]), &bits(&[0, 0]), &bits(&[6, 0x80]), &bits(&[0, 1, 1, 1])],
    );
    let id = || oid(b"\x2A\x03");
    let many = |count| vec![sequence(&vec![id(); count])];
    forms(
        EXTENDED_KEY_USAGE,
        &[&many(1), &many(2), &many(64)],
        &[&many(0), &many(65), &[sequence(&[id(), null()])], &[sequence(&[sequence(&[id()])])]],
    );
}

#[test]
fn constraints_of_authorities() {
    let yes = || vec![tag::BOOLEAN, 1, 0xFF];
    let no = || vec![tag::BOOLEAN, 1, 0x00];
    let of = |parts: &[Vec<u8>]| vec![sequence(parts)];
    forms(
        BASIC_CONSTRAINTS,
        &[&of(&[]), &of(&[yes()]), &of(&[yes(), number(&[0])]), &of(&[yes(), number(&[5])])],
        &[
            &of(&[no()]),
            &of(&[number(&[0])]),
            &of(&[yes(), number(&[0x80])]),
            &of(&[yes(), number(&[])]),
            &of(&[yes(), number(&[1]), null()]),
            &of(&[number(&[1]), yes()]),
        ],
    );
    let town = || sequence(&[write(tag::inside(4), &name(&["town"]))]);
    let part = |n, subtrees: &[Vec<u8>]| write(tag::inside(n), &subtrees.concat());
    forms(
        NAME_CONSTRAINTS,
        &[
            &of(&[part(0, &[town()])]),
            &of(&[part(1, &[town()])]),
            &of(&[part(0, &[town(), town()]), part(1, &[town()])]),
        ],
        &[
            &of(&[]),
            &of(&[part(0, &[])]),
            &of(&[part(1, &[])]),
            &of(&[part(1, &[town()]), part(0, &[town()])]),
            &of(&[part(0, &[town()]), part(2, &[town()])]),
            &of(&[part(0, &[sequence(&[])])]),
            &of(&[part(0, &[sequence(&[write(tag::inside(4), &[tag::SET, 0])])])]),
        ],
    );
}

#[test]
fn policies_and_what_becomes_of_them() {
    let of = |parts: &[Vec<u8>]| vec![sequence(parts)];
    let id = || oid(b"\x2A\x03");
    let qualifier = || sequence(&[id(), null()]);
    forms(
        POLICIES,
        &[
            &of(&policies(1)),
            &of(&policies(64)),
            &of(&[sequence(&[id(), sequence(&[qualifier()])])]),
            &of(&[sequence(&[id(), sequence(&[qualifier(), qualifier()])])]),
        ],
        &[
            &of(&[]),
            &of(&policies(65)),
            // One twice, next to it or not.
            &of(&[policies(1), policies(1)].concat()),
            &of(&[policies(3), policies(1)].concat()),
            &of(&[sequence(&[])]),
            &of(&[sequence(&[id(), sequence(&[])])]),
            &of(&[sequence(&[id(), sequence(&[null()])])]),
            &of(&[sequence(&[id(), null()])]),
        ],
    );
    let pair = |more: &[Vec<u8>]| sequence(&[&[id(), id()], more].concat());
    forms(
        POLICY_MAPPINGS,
        &[&of(&[pair(&[])]), &of(&vec![pair(&[]); 64])],
        &[
            &of(&[]),
            &of(&vec![pair(&[]); 65]),
            &of(&[sequence(&[id()])]),
            &of(&[pair(&[id()])]),
            &of(&[id(), id()]),
        ],
    );
    let skip = |n, contents: &[u8]| write(tag::context(n), contents);
    forms(
        POLICY_CONSTRAINTS,
        &[&of(&[skip(0, &[0])]), &of(&[skip(1, &[0])]), &of(&[skip(0, &[5]), skip(1, &[0x7F])])],
        &[
            &of(&[]),
            &of(&[skip(2, &[0])]),
            &of(&[skip(0, &[0]), skip(2, &[0])]),
            &of(&[skip(1, &[0]), skip(0, &[0])]),
            &of(&[skip(0, &[])]),
            &of(&[skip(1, &[0x80])]),
            &of(&[number(&[0])]),
        ],
    );
    forms(INHIBIT_ANY_POLICY, &[&[number(&[0])], &[number(&[9])]], &[&[number(&[0xFF])]]);
}

#[test]
fn keys_that_are_named() {
    let of = |parts: &[Vec<u8>]| vec![sequence(parts)];
    forms(
        SUBJECT_KEY,
        &[&[write(tag::OCTET_STRING, b"key")]],
        &[&[write(tag::BIT_STRING, b"\0key")]],
    );
    let key = || write(tag::context(0), b"key");
    let issuer = || write(tag::inside(1), &write(tag::inside(4), &name(&["root"])));
    let serial = |contents: &[u8]| write(tag::context(2), contents);
    forms(
        AUTHORITY_KEY,
        &[
            &of(&[]),
            &of(&[key()]),
            &of(&[issuer(), serial(&[1])]),
            &of(&[key(), issuer(), serial(&[1])]),
        ],
        &[
            &of(&[key(), issuer()]),
            &of(&[key(), serial(&[1])]),
            &of(&[issuer()]),
            &of(&[serial(&[1])]),
            &of(&[issuer(), serial(&[])]),
            &of(&[issuer(), serial(&[0, 1])]),
            &of(&[write(tag::inside(1), &[]), serial(&[1])]),
            &of(&[serial(&[1]), issuer()]),
            &of(&[key(), null()]),
        ],
    );
}

#[test]
fn names_of_every_form() {
    let of = |parts: &[Vec<u8>]| vec![sequence(parts)];
    let directory = || write(tag::inside(4), &name(&["town"]));
    let each = |form: u8, value: &[u8]| of(&[write(form, value)]);
    for id in [ALTERNATIVE_NAMES, ISSUER_ALTERNATIVE_NAMES] {
        let mut read = vec![of(&[directory()]), of(&[directory(), directory()])];
        // otherName, x400Address, ediPartyName; iPAddress, registeredID.
        read.extend([0xA0, 0xA3, 0xA5, 0x87, 0x88].map(|form| each(form, &[0xFF])));
        // rfc822Name, dNSName, uniformResourceIdentifier: ASCII.
        read.extend([0x81, 0x82, 0x86].map(|form| each(form, b"town")));
        read.push(of(&vec![directory(); 64]));
        let mut refused = vec![of(&[]), of(&[name(&["town"])]), of(&vec![directory(); 65])];
        refused.extend([0x81, 0x82, 0x86].map(|form| each(form, &[0xE7])));
        refused.extend([0x80, 0xA1, 0x84, 0x89, 0xA6, 0x0C].map(|form| each(form, b"town")));
        refused.push(each(0xA4, &[tag::SET, 0]));
        refused.push(each(0xA4, &[name(&["town"]), null()].concat()));
        let slices = |all: &'static [Vec<Vec<u8>>]| all.iter().map(Vec::as_slice).collect();
        let (read, refused): (Vec<_>, Vec<_>) = (slices(read.leak()), slices(refused.leak()));
        forms(id, &read, &refused);
    }
}

#[test]
fn where_revocations_are_listed() {
    let of = |parts: &[Vec<u8>]| vec![sequence(parts)];
    let full = || write(tag::inside(0), &write(0x86, b"ldap://town"));
    let relative_name = || write(tag::inside(1), &relative(0x0C, "town"));
    let names = |contents: &[Vec<u8>]| write(tag::inside(0), &contents.concat());
    let reasons = || write(tag::context(1), &[6, 0x40]);
    let issuer = || write(tag::inside(2), &write(tag::inside(4), &name(&["town"])));
    let point = |parts: &[Vec<u8>]| sequence(parts);
    forms(
        DISTRIBUTION_POINTS,
        &[
            &of(&[point(&[])]),
            &of(&[point(&[names(&[full()])])]),
            &of(&[point(&[names(&[relative_name()])])]),
            &of(&[point(&[names(&[full()]), reasons(), issuer()]), point(&[issuer()])]),
            &of(&vec![point(&[names(&[full()])]); 64]),
        ],
        &[
            &of(&[]),
            &of(&vec![point(&[names(&[full()])]); 65]),
            &of(&[point(&[names(&[])])]),
            &of(&[point(&[names(&[full(), relative_name()])])]),
            &of(&[point(&[names(&[write(tag::inside(0), &[])])])]),
            &of(&[point(&[names(&[write(tag::inside(2), b"town")])])]),
            &of(&[point(&[reasons(), names(&[full()])])]),
            &of(&[point(&[names(&[full()]), null()])]),
        ],
    );
    let access = || sequence(&[oid(b"\x2A\x03"), write(0x86, b"http://town")]);
    forms(INFORMATION_ACCESS, &[&of(&[access()])], &[&[access(), access()]]);
    forms(NO_CHECK, &[&[null()]], &[&[number(&[0])], &of(&[])]);
}

#[test]
fn who_must_be_critical() {
    let key = &write(tag::OCTET_STRING, b"key");
    let some_key = &sequence(&[write(tag::context(0), b"key")]);
    let skip = &number(&[0]);
    let constraints = &sequence(&[write(tag::context(0), &[0])]);
    let town = write(tag::inside(4), &name(&["town"]));
    let names = &sequence(&[write(tag::inside(0), &sequence(std::slice::from_ref(&town)))]);
    let towns = &sequence(&[town]);
    let access = &sequence(&[sequence(&[oid(b"\x2A\x03"), write(0x86, b"http://town")])]);
    let all: [(&[u8], &[u8], Option<bool>); 12] = [
        (SUBJECT_KEY, key, Some(false)),
        (AUTHORITY_KEY, some_key, Some(false)),
        (INFORMATION_ACCESS, access, Some(false)),
        (POLICY_CONSTRAINTS, constraints, Some(true)),
        (INHIBIT_ANY_POLICY, skip, Some(true)),
        (NAME_CONSTRAINTS, names, Some(true)),
        (ALTERNATIVE_NAMES, towns, None),
        (ISSUER_ALTERNATIVE_NAMES, towns, None),
        (POLICIES, &sequence(&policies(1)), None),
        (KEY_USAGE, &write(tag::BIT_STRING, SIGNS), None),
        (BASIC_CONSTRAINTS, &sequence(&[]), None),
        (NO_CHECK, &null(), None),
    ];
    for (id, value, wanted) in all {
        for critical in [false, true] {
            let read = with(id, critical, value).unwrap().extensions;
            let is_wrong = wanted.is_some_and(|wanted| wanted != critical);
            assert_eq!(read.wrong_criticality, is_wrong, "{id:02X?}, {critical}");
            assert!(!read.unknown_critical);
        }
    }
}
