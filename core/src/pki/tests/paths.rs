//! Paths: who issued whom, and who vouches for the first of them.

use rstest::rstest;

use super::made::*;
use super::world::{KEYS, Person, STRANGER, World, each, weak_key};
use crate::pki::der::tag;
use crate::pki::{Check, Evidence, Finding, Purpose, Reason};

#[test]
fn at_most_two_intermediates() {
    for (intermediates, expected) in
        [None, None, None, Some(Reason::PathTooLong), Some(Reason::PathTooLong)].iter().enumerate()
    {
        assert_eq!(World::new(intermediates).reason(), *expected);
    }
}

/// What it says of its issuer's certificate: names, and serial.
fn issued_by(person: &mut Person, key: Option<&[u8]>, names: &[Vec<u8>], serial: &[u8]) {
    let names: Vec<_> = names.iter().map(|name| write(tag::inside(4), name)).collect();
    let key = key.map_or_else(Vec::new, |key| write(tag::context(0), key));
    let names = write(tag::inside(1), &names.concat());
    let serial = write(tag::context(2), serial);
    person.set(AUTHORITY_KEY, false, &sequence(&[key, names, serial]));
}

/// The one above the holder, "authority 1", was issued by "authority 0" and has serial 2.
fn said_issuer(w: &mut World, names: &[&str], serial: &[u8]) {
    let names: Vec<_> = names.iter().map(|issuer| name(&["test", issuer])).collect();
    issued_by(w.leaf(), Some(&KEYS[1].id()), &names, serial);
}

const MISMATCH: Option<Reason> = Some(Reason::KeyIdMismatch);
const NO_KEY_ID: Option<Reason> = Some(Reason::KeyIdMissing);

#[test]
fn each_issued_the_next() {
    each(
        2,
        &[
            (
                "other issuer",
                &|w| w.leaf().draft.issuer = name(&["test", "somebody"]),
                Some(Reason::IssuerMismatch),
            ),
            ("wrong order", &|w| w.all.swap(1, 2), Some(Reason::IssuerMismatch)),
            ("other case", &|w| w.leaf().draft.issuer = name(&["TEST", " authority  2 "]), None),
            ("no key named", &|w| w.leaf().lose(AUTHORITY_KEY), NO_KEY_ID),
            ("no own key named", &|w| w.all[2].lose(SUBJECT_KEY), NO_KEY_ID),
            ("nothing named", &|w| w.leaf().set(AUTHORITY_KEY, false, &sequence(&[])), NO_KEY_ID),
            (
                "other key named",
                &|w| w.all[2].set(SUBJECT_KEY, false, &write(4, b"other")),
                MISMATCH,
            ),
            ("signed by another", &|w| w.leaf().signer = STRANGER, Some(Reason::SignatureInvalid)),
            ("one above too", &|w| w.all[2].signer = STRANGER, Some(Reason::SignatureInvalid)),
        ],
    );
}

#[test]
fn an_issuer_named_by_serial_is_that_one() {
    each(
        1,
        &[
            ("that one", &|w| said_issuer(w, &["authority 0"], &[2]), None),
            ("one of its names", &|w| said_issuer(w, &["somebody", "authority 0"], &[2]), None),
            ("other name", &|w| said_issuer(w, &["somebody"], &[2]), MISMATCH),
            ("its own name", &|w| said_issuer(w, &["authority 1"], &[2]), MISMATCH),
            ("other serial", &|w| said_issuer(w, &["authority 0"], &[3]), MISMATCH),
            ("neither", &|w| said_issuer(w, &["somebody"], &[3]), MISMATCH),
            (
                "high serial",
                &|w| {
                    w.all[1].draft.serial = vec![0x00, 0x82];
                    said_issuer(w, &["authority 0"], &[0x00, 0x82]);
                },
                None,
            ),
            (
                "negative serial",
                &|w| {
                    w.all[1].draft.serial = vec![0x00, 0x82];
                    said_issuer(w, &["authority 0"], &[0x82]);
                },
                MISMATCH,
            ),
            (
                "no key",
                &|w| issued_by(w.leaf(), None, &[name(&["test", "authority 0"])], &[2]),
                NO_KEY_ID,
            ),
        ],
    );
}

/// What the check of the chain says by itself, whatever else was found before.
#[rstest]
#[case::algorithm(&|w: &mut World| w.leaf().algorithm = algorithm(ECDSA_SHA1), Reason::AlgorithmRefused)]
#[case::key(&|w: &mut World| w.all[1].info = weak_key(), Reason::KeyRefused)]
#[case::key_of_the_anchor(&|w: &mut World| w.anchor().info = weak_key(), Reason::KeyRefused)]
fn no_link_of_a_refused_algorithm_or_key(
    #[case] change: &dyn Fn(&mut World),
    #[case] expected: Reason,
) {
    let mut world = World::new(1);
    change(&mut world);
    let no = world.judged(&Evidence::none()).unwrap_err();
    assert_eq!(no.reason(), expected);
    let found: Vec<_> = no.report().findings().collect();
    assert!(found.contains(&(Check::Chain, Finding::Failed(expected))), "{found:?}");
    // Without a chain nobody's constraints count.
    for check in [Check::Constraints, Check::Policy] {
        assert!(found.contains(&(check, Finding::NotReached)));
    }
}

/// An anchor of the same name and key identifier, but of another key.
fn impostor(world: &World) -> Person {
    let mut person = world.all[0].clone();
    person.info = KEYS[STRANGER].info();
    person
}

/// And it says so.
fn of_another_key(world: &World) -> Person {
    let mut person = impostor(world);
    person.set(SUBJECT_KEY, false, &write(tag::OCTET_STRING, b"another"));
    person
}

/// Or it does not say which.
fn of_an_unnamed_key(world: &World) -> Person {
    let mut person = impostor(world);
    person.lose(SUBJECT_KEY);
    person
}

/// Or of one that is refused.
fn of_a_weak_key(world: &World) -> Person {
    let mut person = impostor(world);
    person.info = weak_key();
    person
}

/// Or of another name too.
fn somebody(world: &World) -> Person {
    let mut person = impostor(world);
    person.draft.subject = name(&["test", "somebody"]);
    person
}

#[test]
fn how_near_an_anchor_comes() {
    type Strangers<'a> = &'a [fn(&World) -> Person];
    let cases: &[(Strangers<'_>, Reason)] = &[
        (&[], Reason::AnchorUnknown),
        (&[somebody], Reason::AnchorUnknown),
        (&[of_another_key], Reason::AnchorOfAnotherKey),
        (&[of_an_unnamed_key], Reason::KeyIdMissing),
        (&[impostor], Reason::SignatureInvalid),
        (&[of_a_weak_key], Reason::KeyRefused),
        (&[somebody, of_another_key], Reason::AnchorOfAnotherKey),
        (&[of_another_key, somebody], Reason::AnchorOfAnotherKey),
        (&[of_another_key, of_an_unnamed_key], Reason::KeyIdMissing),
        (&[of_an_unnamed_key, of_another_key], Reason::KeyIdMissing),
        (&[of_an_unnamed_key, impostor], Reason::SignatureInvalid),
        (&[impostor, of_an_unnamed_key], Reason::SignatureInvalid),
        (&[impostor, of_a_weak_key], Reason::SignatureInvalid),
        (&[of_a_weak_key, impostor], Reason::KeyRefused),
    ];
    for (anchors, expected) in cases {
        under(anchors, *expected);
    }
}

/// Without the true anchor it is rejected for this reason, with it never.
fn under(anchors: &[fn(&World) -> Person], expected: Reason) {
    let mut world = World::new(0);
    let anchors: Vec<_> = anchors.iter().map(|anchor| anchor(&world)).collect();
    // The true one among them is found.
    for split in 0..=anchors.len() {
        world.others = [anchors[..split].to_vec(), anchors[split..].to_vec()];
        assert_eq!(world.reason(), None);
    }
    assert_eq!(world.under(&super::world::anchors(&anchors)), (Some(expected), None));
}

/// One key in several certificates, as when an authority renews its own.
#[test]
fn of_anchors_with_one_key_a_valid_one_vouches() {
    let mut world = World::new(0);
    let before = |from, until| {
        let mut person = World::new(0).all[0].clone();
        person.draft.validity = [from, until];
        person
    };
    let (expired, future) = (before(-9 * DAY, -DAY), before(DAY, 9 * DAY));
    let vouches = |world: &World| world.under(&world.anchors());
    world.others = [vec![expired.clone()], vec![future.clone()]];
    assert_eq!(vouches(&world), (None, Some(1)));
    world.others = [vec![expired.clone(), future.clone()], vec![]];
    assert_eq!(vouches(&world), (None, Some(2)));
    // Of two that are valid the first, and of two that are not.
    world.others = [vec![before(-2 * DAY, 2 * DAY)], vec![]];
    assert_eq!(vouches(&world), (None, Some(0)));
    world.all[0] = expired;
    world.others = [vec![], vec![future.clone(), impostor(&world)]];
    assert_eq!(vouches(&world), (Some(Reason::AuthorityExpired), Some(0)));
    world.others = [vec![impostor(&world), future], vec![]];
    assert_eq!(vouches(&world), (Some(Reason::AuthorityNotYetValid), Some(1)));
}

#[test]
fn each_purpose_has_its_anchors() {
    let world = World::new(0);
    let [for_authentication, for_signatures] = world.anchors_of(0);
    assert_eq!(world.under(&for_authentication).0, None);
    assert_eq!(world.under(&for_signatures).0, Some(Reason::AnchorUnknown));
    let mut world = World::new(0);
    world.leaf().may(&[6, 0xC0]);
    world.purpose = Some(Purpose::Signature);
    let [for_authentication, for_signatures] = world.anchors_of(0);
    assert_eq!(world.under(&for_signatures).0, None);
    assert_eq!(world.under(&for_authentication).0, Some(Reason::AnchorUnknown));
    world.purpose = None;
    assert_eq!(world.under(&for_signatures).0, None);
    assert_eq!(world.under(&for_authentication).0, None);
}

#[test]
fn a_report_has_what_was_asked_and_found() {
    let world = World::new(2);
    let verdict = world.judged(&Evidence::none()).unwrap();
    let report = verdict.report();
    assert!(report.anchor().is_some());
    assert_eq!((report.certificates(), report.purpose()), (3, Some(Purpose::Authentication)));
    assert_eq!(report.at(), at(0));
    assert!(report.findings().map(|(check, _)| check).eq(Check::ALL));
    assert!(report.findings().all(|(_, finding)| finding == Finding::Passed));
    let world = World { purpose: None, at: 7, ..World::new(0) };
    let verdict = world.judged(&Evidence::none()).unwrap();
    let report = verdict.report();
    assert_eq!((report.certificates(), report.purpose(), report.at()), (1, None, at(7)));
}
