//! What everybody in a path has to be, and may do.

use super::made::*;
use super::world::{STRANGER, World, each, weak_key};
use crate::pki::Purpose::{self, Authentication, Signature};
use crate::pki::Reason;
use crate::pki::der::tag;

const CLIENT: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x03\x02";
const DOCUMENTS: &[u8] = b"\x2B\x06\x01\x05\x05\x07\x03\x24";
const ANY_PURPOSE: &[u8] = b"\x55\x1D\x25\x00";
const INHIBIT_ANY_POLICY: &[u8] = b"\x55\x1D\x36";

const CRITICAL: Option<Reason> = Some(Reason::CriticalExtension);
const CRITICALITY: Option<Reason> = Some(Reason::Criticality);

#[test]
fn keys_and_algorithms_that_are_accepted() {
    let refused = Some(Reason::AlgorithmRefused);
    each(
        1,
        &[
            ("leaf's algorithm", &|w| w.leaf().algorithm = algorithm(ECDSA_SHA1), refused),
            ("authority's algorithm", &|w| w.all[1].algorithm = algorithm(ECDSA_SHA1), refused),
            // How an anchor signed itself says nothing of it.
            ("anchor's algorithm", &|w| w.anchor().algorithm = algorithm(ECDSA_SHA1), None),
            ("anchor's signature", &|w| w.anchor().signer = STRANGER, None),
            // The leaf's key signs nothing here.
            ("leaf's key", &|w| w.leaf().info = weak_key(), Some(Reason::KeyRefused)),
            ("authority's key", &|w| w.all[1].info = weak_key(), Some(Reason::KeyRefused)),
        ],
    );
}

#[test]
fn extensions_that_are_understood() {
    // Of an anchor it is not asked who made it critical.
    let skip = &write(tag::INTEGER, &[5]);
    each(
        1,
        &[
            ("leaf", &|w| w.leaf().set(UNKNOWN, true, &[]), CRITICAL),
            ("authority", &|w| w.all[1].set(UNKNOWN, true, &[]), CRITICAL),
            ("anchor", &|w| w.anchor().set(UNKNOWN, true, &[]), CRITICAL),
            ("leaf, not critical", &|w| w.leaf().set(UNKNOWN, false, &[]), None),
            ("authority, not critical", &|w| w.all[1].set(UNKNOWN, false, &[]), None),
            ("anchor, not critical", &|w| w.anchor().set(UNKNOWN, false, &[]), None),
            ("critical", &|w| w.all[1].set(INHIBIT_ANY_POLICY, true, skip), None),
            ("leaf's", &|w| w.leaf().set(INHIBIT_ANY_POLICY, false, skip), CRITICALITY),
            ("authority's", &|w| w.all[1].set(INHIBIT_ANY_POLICY, false, skip), CRITICALITY),
            ("anchor's", &|w| w.anchor().set(INHIBIT_ANY_POLICY, false, skip), None),
        ],
    );
}

#[test]
fn only_authorities_vouch() {
    let not_one = Some(Reason::NotAnAuthority);
    let may_not = Some(Reason::AuthorityUsage);
    let yes = &sequence(&[vec![tag::BOOLEAN, 1, 0xFF]]);
    for whom in [0, 1, 2] {
        each(
            2,
            &[
                ("does not say", &|w| w.all[whom].lose(BASIC_CONSTRAINTS), not_one),
                ("no", &|w| w.all[whom].set(BASIC_CONSTRAINTS, true, &sequence(&[])), not_one),
                ("not critical", &|w| w.all[whom].set(BASIC_CONSTRAINTS, false, yes), not_one),
                ("usage not said", &|w| w.all[whom].lose(KEY_USAGE), may_not),
                ("lists only", &|w| w.all[whom].may(&[1, 0x02]), may_not),
                ("signatures only", &|w| w.all[whom].may(SIGNS), may_not),
                ("both", &|w| w.all[whom].may(&[1, 0x06]), None),
            ],
        );
    }
}

#[test]
fn a_path_has_its_length() {
    let too_long = Some(Reason::PathLength);
    each(
        2,
        &[
            ("two below", &|w| w.anchor().allows(2), None),
            ("one below", &|w| w.anchor().allows(1), too_long),
            ("none below", &|w| w.anchor().allows(0), too_long),
            ("the last allows none", &|w| w.all[2].allows(0), None),
            ("the one between allows one", &|w| w.all[1].allows(1), None),
            ("the one between allows none", &|w| w.all[1].allows(0), too_long),
            (
                "nobody allows more than those above",
                &|w| {
                    w.anchor().allows(1);
                    w.all[1].allows(9);
                },
                too_long,
            ),
            // §6.1.4 (l): one that certifies its own next key does not count.
            (
                "itself",
                &|w| {
                    w.anchor().allows(1);
                    w.rename(1, w.all[0].draft.subject.clone());
                },
                None,
            ),
            (
                "itself, and the other counts",
                &|w| {
                    w.anchor().allows(0);
                    w.rename(1, w.all[0].draft.subject.clone());
                },
                too_long,
            ),
            (
                "itself below",
                &|w| {
                    w.all[1].allows(0);
                    w.rename(2, w.all[1].draft.subject.clone());
                },
                None,
            ),
        ],
    );
    // The anchor is none below itself, whoever issued it; nor is the leaf, even under the name of its issuer.
    each(
        0,
        &[
            ("self-issued", &|w| w.rename(0, w.all[0].draft.issuer.clone()), None),
            ("none below", &|w| w.anchor().allows(0), None),
            (
                "issued by another",
                &|w| {
                    w.anchor().allows(0);
                    w.anchor().draft.issuer = name(&["elsewhere"]);
                },
                None,
            ),
            ("a namesake", &|w| w.rename(1, w.all[0].draft.subject.clone()), None),
        ],
    );
}

#[test]
fn what_a_leaf_is_for() {
    let (wrong, authority_usage) = (Some(Reason::WrongUsage), Some(Reason::AuthorityUsage));
    let (extended, is_authority) =
        (Some(Reason::WrongExtendedUsage), Some(Reason::LeafIsAuthority));
    // digitalSignature and nonRepudiation.
    let for_signatures: &[u8] = &[6, 0xC0];
    let wants = |w: &mut World, purpose: Purpose| w.purpose = Some(purpose);
    each(
        1,
        &[
            ("no usage", &|w| w.leaf().lose(KEY_USAGE), wrong),
            ("encryption", &|w| w.leaf().may(&[5, 0x20]), wrong),
            ("encryption too", &|w| w.leaf().may(&[5, 0xA0]), None),
            ("nonRepudiation only", &|w| w.leaf().may(&[6, 0x40]), wrong),
            ("for signatures", &|w| w.leaf().may(for_signatures), wrong),
            ("signature wanted", &|w| wants(w, Signature), wrong),
            (
                "signature wanted and there",
                &|w| {
                    wants(w, Signature);
                    w.leaf().may(for_signatures);
                },
                None,
            ),
            (
                "signature wanted, no digitalSignature",
                &|w| {
                    wants(w, Signature);
                    w.leaf().may(&[6, 0x40]);
                },
                wrong,
            ),
            (
                "nothing wanted",
                &|w| {
                    w.purpose = None;
                    w.leaf().may(&[5, 0x20]);
                    w.leaf().extends_to(&[UNKNOWN]);
                },
                None,
            ),
            ("may certify", &|w| w.leaf().may(&[2, 0x84]), is_authority),
            (
                "is an authority",
                &|w| w.leaf().set(BASIC_CONSTRAINTS, true, &authorised()),
                is_authority,
            ),
            ("is none", &|w| w.leaf().set(BASIC_CONSTRAINTS, true, &sequence(&[])), None),
            (
                "an authority for nothing",
                &|w| {
                    w.purpose = None;
                    w.leaf().may(&[2, 0x84]);
                },
                is_authority,
            ),
            ("extended", &|w| w.leaf().extends_to(&[CLIENT]), None),
            ("extended, among others", &|w| w.leaf().extends_to(&[UNKNOWN, CLIENT]), None),
            ("extended to another", &|w| w.leaf().extends_to(&[UNKNOWN]), extended),
            ("extended to any", &|w| w.leaf().extends_to(&[ANY_PURPOSE]), extended),
            ("extended to documents", &|w| w.leaf().extends_to(&[DOCUMENTS]), extended),
            (
                "documents wanted",
                &|w| {
                    wants(w, Signature);
                    w.leaf().may(for_signatures);
                    w.leaf().extends_to(&[DOCUMENTS]);
                },
                None,
            ),
            (
                "documents wanted, not clients",
                &|w| {
                    wants(w, Signature);
                    w.leaf().may(for_signatures);
                    w.leaf().extends_to(&[CLIENT]);
                },
                extended,
            ),
            ("authority extends", &|w| w.all[1].extends_to(&[CLIENT]), None),
            (
                "authority extends to another",
                &|w| w.all[1].extends_to(&[DOCUMENTS]),
                authority_usage,
            ),
            (
                "anchor extends to another",
                &|w| w.anchor().extends_to(&[DOCUMENTS]),
                authority_usage,
            ),
        ],
    );
    assert_eq!(Authentication.code(), "authentication");
    assert_eq!(Signature.code(), "signature");
}

fn authorised() -> Vec<u8> {
    sequence(&[vec![tag::BOOLEAN, 1, 0xFF]])
}

#[test]
fn everybody_is_valid_at_that_second() {
    let leaf_early = Some(Reason::NotYetValid);
    let leaf_late = Some(Reason::Expired);
    each(
        1,
        &[
            ("first second", &|w| w.leaf().draft.validity[0] = 0, None),
            ("one before", &|w| w.leaf().draft.validity[0] = 1, leaf_early),
            ("last second", &|w| w.leaf().draft.validity[1] = 0, None),
            ("one after", &|w| w.leaf().draft.validity[1] = -1, leaf_late),
            ("as asked", &|w| w.at = DAY, None),
            // What is over of the leaf is told first.
            ("everything over", &|w| w.at = DAY + 1, leaf_late),
            ("nothing begun", &|w| w.at = -DAY - 1, leaf_early),
        ],
    );
    let (early, late) = (Some(Reason::AuthorityNotYetValid), Some(Reason::AuthorityExpired));
    for whom in [0, 1] {
        each(
            1,
            &[
                ("first second", &|w| w.all[whom].draft.validity[0] = 0, None),
                ("one before", &|w| w.all[whom].draft.validity[0] = 1, early),
                ("last second", &|w| w.all[whom].draft.validity[1] = 0, None),
                ("one after", &|w| w.all[whom].draft.validity[1] = -1, late),
            ],
        );
    }
}
