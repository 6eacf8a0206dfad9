//! Policies: RFC 5280 §6.1.3 (d)–(f), §6.1.4 (a), (b), (h)–(j), §6.1.5.

use super::made::*;
use super::world::{World, each};
use crate::pki::Reason;
use crate::pki::der::tag;

const POLICIES: &[u8] = b"\x55\x1D\x20";
const MAPPINGS: &[u8] = b"\x55\x1D\x21";
const CONSTRAINTS: &[u8] = b"\x55\x1D\x24";
const INHIBIT_ANY: &[u8] = b"\x55\x1D\x36";

/// 1.2.3.1 and so on, and anyPolicy.
const A: &[u8] = b"\x2A\x03\x01";
const B: &[u8] = b"\x2A\x03\x02";
const C: &[u8] = b"\x2A\x03\x03";
const ANY: &[u8] = b"\x55\x1D\x20\x00";
const WANT_A: &[&str] = &["1.2.3.1"];
const WANT_B: &[&str] = &["1.2.3.2"];
const WANT_ANY: &[&str] = &["2.5.29.32.0"];

const NO: Option<Reason> = Some(Reason::WrongPolicy);
const MAPS_ANY: Option<Reason> = Some(Reason::MappingOfAnyPolicy);

/// In the tables: policies from the anchor's child to the holder; nothing for one without the extension. Of a path alone,
/// without a purpose that has its own policy.
fn under(w: &mut World, wanted: &'static [&'static str], policies: &[&[&[u8]]]) {
    w.purpose = None;
    w.policies = wanted;
    for (person, policies) in w.all.iter_mut().skip(1).zip(policies) {
        let all: Vec<_> = policies.iter().map(|policy| sequence(&[oid(policy)])).collect();
        if !all.is_empty() {
            person.set(POLICIES, true, &sequence(&all));
        }
    }
}

fn map(w: &mut World, whom: usize, pairs: &[(&[u8], &[u8])]) {
    let pairs: Vec<_> = pairs.iter().map(|(from, to)| sequence(&[oid(from), oid(to)])).collect();
    w.all[whom].set(MAPPINGS, true, &sequence(&pairs));
}

/// requireExplicitPolicy and inhibitPolicyMapping.
fn constrain(w: &mut World, whom: usize, explicit: Option<u8>, mapping: Option<u8>) {
    let part = |number, skip: Option<u8>| {
        skip.map_or_else(Vec::new, |skip| write(tag::context(number), &[skip]))
    };
    w.all[whom].set(CONSTRAINTS, true, &sequence(&[part(0, explicit), part(1, mapping)]));
}

fn inhibit_any(w: &mut World, whom: usize, skip: u8) {
    w.all[whom].set(INHIBIT_ANY, true, &write(tag::INTEGER, &[skip]));
}

/// Makes an authority one that certifies its own next key.
fn itself(w: &mut World, whom: usize) {
    w.rename(whom, w.all[whom].draft.issuer.clone());
}

#[test]
fn a_policy_that_is_wanted_is_in_every_certificate() {
    each(
        1,
        &[
            ("in both", &|w| under(w, WANT_A, &[&[A], &[A]]), None),
            ("among others", &|w| under(w, WANT_A, &[&[B, A], &[C, A]]), None),
            ("among those wanted", &|w| under(w, &["1.2.3.2", "1.2.3.1"], &[&[A], &[A]]), None),
            ("not in the leaf", &|w| under(w, WANT_A, &[&[A, B], &[B]]), NO),
            ("not in the authority", &|w| under(w, WANT_A, &[&[B], &[A, B]]), NO),
            ("others", &|w| under(w, WANT_A, &[&[B], &[B]]), NO),
            ("none in the leaf", &|w| under(w, WANT_A, &[&[A], &[]]), NO),
            ("none in the authority", &|w| under(w, WANT_A, &[&[], &[A]]), NO),
            ("none", &|w| under(w, WANT_A, &[&[], &[]]), NO),
            ("any in the authority", &|w| under(w, WANT_A, &[&[ANY], &[A]]), None),
            ("any in the authority, another", &|w| under(w, WANT_A, &[&[ANY], &[B]]), NO),
            ("any in the leaf", &|w| under(w, WANT_A, &[&[A], &[ANY]]), None),
            ("any in the leaf, another above", &|w| under(w, WANT_A, &[&[B], &[ANY]]), NO),
            ("any in both", &|w| under(w, WANT_A, &[&[ANY], &[ANY]]), None),
            ("any beside another", &|w| under(w, WANT_A, &[&[B, ANY], &[A]]), None),
            ("any will do", &|w| under(w, WANT_ANY, &[&[A], &[A]]), None),
            ("any will do, but none", &|w| under(w, WANT_ANY, &[&[], &[]]), NO),
            ("any will do, but the same", &|w| under(w, WANT_ANY, &[&[A], &[B]]), NO),
            ("none wanted", &|w| under(w, &[], &[&[A], &[B]]), None),
            ("none wanted, none there", &|w| under(w, &[], &[&[], &[]]), None),
        ],
    );
    each(
        2,
        &[
            ("in all", &|w| under(w, WANT_A, &[&[A], &[A], &[A]]), None),
            ("not in one between", &|w| under(w, WANT_A, &[&[A], &[B], &[A]]), NO),
            ("nothing in one between", &|w| under(w, WANT_A, &[&[ANY], &[], &[A]]), NO),
            ("any, one, any", &|w| under(w, WANT_A, &[&[ANY], &[A], &[ANY]]), None),
            ("any, another, any", &|w| under(w, WANT_A, &[&[ANY], &[B], &[ANY]]), NO),
        ],
    );
}

#[test]
fn policies_are_mapped() {
    fn mapped(
        w: &mut World,
        wanted: &'static [&'static str],
        pairs: &[(&[u8], &[u8])],
        all: [&[&[u8]]; 2],
    ) {
        under(w, wanted, &all);
        map(w, 1, pairs);
    }
    each(
        1,
        &[
            ("to another", &|w| mapped(w, WANT_A, &[(A, B)], [&[A], &[B]]), None),
            ("is not itself any more", &|w| mapped(w, WANT_A, &[(A, B)], [&[A], &[A]]), NO),
            ("counts as what it was", &|w| mapped(w, WANT_B, &[(A, B)], [&[A], &[B]]), NO),
            ("what is not there", &|w| mapped(w, WANT_B, &[(A, B)], [&[C], &[B]]), NO),
            ("not the others", &|w| mapped(w, WANT_A, &[(C, B)], [&[A, C], &[A]]), None),
            ("to the others", &|w| mapped(w, WANT_A, &[(A, C)], [&[A, B], &[B]]), NO),
            ("to two, the one", &|w| mapped(w, WANT_A, &[(A, B), (A, C)], [&[A], &[B]]), None),
            ("to two, the other", &|w| mapped(w, WANT_A, &[(A, B), (A, C)], [&[A], &[C]]), None),
            ("two to one", &|w| mapped(w, WANT_B, &[(A, C), (B, C)], [&[A, B], &[C]]), None),
            ("two to one", &|w| mapped(w, WANT_A, &[(A, C), (B, C)], [&[A, B], &[C]]), None),
            ("turned", &|w| mapped(w, WANT_A, &[(A, B), (B, A)], [&[A, B], &[B]]), None),
            (
                "turned, not as it was",
                &|w| mapped(w, WANT_A, &[(A, B), (B, A)], [&[A, B], &[A]]),
                NO,
            ),
            // §6.1.4 (b)(1), the second paragraph: what any stands for can be mapped.
            ("of any", &|w| mapped(w, WANT_A, &[(A, B)], [&[ANY], &[B]]), None),
            ("of any, twice", &|w| mapped(w, WANT_A, &[(A, C), (A, B)], [&[ANY], &[B]]), None),
            ("of any, not to another", &|w| mapped(w, WANT_A, &[(A, B)], [&[ANY], &[C]]), NO),
            // Beside any, which stood for nothing here: it is mapped once, and for all.
            ("beside any", &|w| mapped(w, WANT_A, &[(C, B)], [&[A, ANY], &[A]]), None),
            ("to the leaf's any", &|w| mapped(w, WANT_A, &[(A, B)], [&[A], &[ANY]]), None),
            ("from any", &|w| mapped(w, WANT_A, &[(ANY, B)], [&[A], &[A]]), MAPS_ANY),
            ("to any", &|w| mapped(w, WANT_A, &[(C, ANY)], [&[A], &[A]]), MAPS_ANY),
            (
                "to any, after another",
                &|w| mapped(w, &[], &[(A, B), (C, ANY)], [&[], &[]]),
                MAPS_ANY,
            ),
            // Where no policy is left that is told first.
            ("from any, of none", &|w| mapped(w, WANT_A, &[(ANY, B)], [&[], &[]]), NO),
            (
                "by the leaf",
                &|w| {
                    under(w, WANT_A, &[&[A], &[A]]);
                    map(w, 2, &[(A, B)]);
                },
                None,
            ),
        ],
    );
    each(
        2,
        &[
            (
                "one after the other",
                &|w| {
                    under(w, WANT_A, &[&[A], &[B], &[C]]);
                    map(w, 1, &[(A, B)]);
                    map(w, 2, &[(B, C)]);
                },
                None,
            ),
            (
                "a policy and any, which stands for the same",
                &|w| {
                    under(w, WANT_A, &[&[A], &[A, ANY], &[A]]);
                    map(w, 2, &[(A, B)]);
                },
                NO,
            ),
        ],
    );
}

#[test]
fn mapping_can_be_inhibited() {
    fn inhibited(w: &mut World, skip: u8, all: [&[&[u8]]; 3]) {
        under(w, WANT_A, &all);
        constrain(w, 1, None, Some(skip));
        map(w, 2, &[(A, B)]);
    }
    each(
        2,
        &[
            ("from here on", &|w| inhibited(w, 0, [&[A], &[A], &[B]]), NO),
            // §6.1.4 (b)(2): what would be mapped is gone.
            ("and is gone", &|w| inhibited(w, 0, [&[A], &[A], &[A]]), NO),
            ("one later", &|w| inhibited(w, 1, [&[A], &[A], &[B]]), None),
            (
                "the others stay",
                &|w| {
                    inhibited(w, 0, [&[A, B], &[A, B], &[B]]);
                    w.policies = WANT_B;
                },
                None,
            ),
            (
                "one's own holds for those below",
                &|w| {
                    under(w, WANT_A, &[&[A], &[B], &[B]]);
                    constrain(w, 1, None, Some(0));
                    map(w, 1, &[(A, B)]);
                },
                None,
            ),
            (
                "not raised",
                &|w| {
                    inhibited(w, 0, [&[A], &[A], &[B]]);
                    constrain(w, 2, None, Some(5));
                },
                NO,
            ),
        ],
    );
    let later = |w: &mut World| {
        under(w, WANT_A, &[&[A], &[A], &[A], &[B]]);
        constrain(w, 1, None, Some(1));
        map(w, 3, &[(A, B)]);
    };
    // With one more between, which counts unless it certifies itself.
    let three = |itself_too: bool| {
        let mut w = World::new(3);
        later(&mut w);
        if itself_too {
            itself(&mut w, 2);
        }
        let path: Vec<_> = w.all[1..].iter().map(super::world::Person::certificate).collect();
        let wanted: Vec<_> = vec![A.into()];
        crate::pki::policy::check(&path.iter().collect::<Vec<_>>(), &wanted).err()
    };
    assert_eq!((three(false), three(true)), (NO, None));
}

#[test]
fn any_policy_can_be_inhibited() {
    fn inhibited(w: &mut World, skip: u8, all: [&[&[u8]]; 3]) {
        under(w, WANT_A, &all);
        inhibit_any(w, 1, skip);
    }
    each(
        2,
        &[
            ("one's own counts", &|w| inhibited(w, 0, [&[ANY], &[A], &[A]]), None),
            ("from here on", &|w| inhibited(w, 0, [&[A], &[ANY], &[A]]), NO),
            ("in the leaf", &|w| inhibited(w, 0, [&[A], &[A], &[ANY]]), NO),
            ("one later", &|w| inhibited(w, 1, [&[A], &[ANY], &[A]]), None),
            ("one later, in the leaf", &|w| inhibited(w, 1, [&[A], &[A], &[ANY]]), NO),
            ("two later, in the leaf", &|w| inhibited(w, 2, [&[A], &[A], &[ANY]]), None),
            (
                "an authority that certifies itself may",
                &|w| {
                    inhibited(w, 0, [&[A], &[ANY], &[A]]);
                    itself(w, 2);
                },
                None,
            ),
            (
                "and does not count",
                &|w| {
                    inhibited(w, 1, [&[A], &[A], &[ANY]]);
                    itself(w, 2);
                },
                None,
            ),
            (
                "a leaf that certifies itself may not",
                &|w| {
                    inhibited(w, 0, [&[A], &[A], &[ANY]]);
                    itself(w, 3);
                },
                NO,
            ),
            (
                "not raised",
                &|w| {
                    inhibited(w, 0, [&[A], &[A], &[ANY]]);
                    inhibit_any(w, 2, 5);
                },
                NO,
            ),
        ],
    );
}

#[test]
fn a_policy_can_be_required() {
    fn required(w: &mut World, whom: usize, skip: u8) {
        constrain(w, whom, Some(skip), None);
    }
    each(
        2,
        &[
            ("of the next", &|w| required(w, 1, 0), NO),
            ("one later", &|w| required(w, 1, 1), NO),
            // §6.1.5 (a): the leaf counts too.
            ("two later", &|w| required(w, 1, 2), NO),
            ("too late", &|w| required(w, 1, 3), None),
            ("by the next", &|w| required(w, 2, 0), NO),
            ("by the next, the leaf", &|w| required(w, 2, 1), NO),
            ("by the next, too late", &|w| required(w, 2, 2), None),
            // §6.1.5 (b).
            ("by the leaf", &|w| required(w, 3, 0), NO),
            ("by the leaf, later", &|w| required(w, 3, 1), None),
            (
                "and there",
                &|w| {
                    required(w, 1, 0);
                    under(w, &[], &[&[B], &[B], &[B]]);
                },
                None,
            ),
            (
                "and there, not the same",
                &|w| {
                    required(w, 1, 0);
                    under(w, &[], &[&[B], &[A], &[B]]);
                },
                NO,
            ),
            (
                "by the leaf, and there",
                &|w| {
                    required(w, 3, 0);
                    under(w, &[], &[&[B], &[B], &[B]]);
                },
                None,
            ),
            (
                "one that certifies itself does not count",
                &|w| {
                    required(w, 1, 2);
                    itself(w, 2);
                },
                None,
            ),
            (
                "not raised",
                &|w| {
                    required(w, 1, 0);
                    required(w, 2, 5);
                },
                NO,
            ),
            // What an anchor says of policies is not asked (RFC 5280 §6.1.1 (d)).
            ("by the anchor", &|w| required(w, 0, 0), None),
        ],
    );
}

/// A person's certificate names its policy itself, as J-LIS has it: what stands for any policy is no word of its kind.
#[test]
fn for_a_purpose_the_leaf_names_its_policy() {
    fn named(w: &mut World, wanted: &'static [&'static str], policies: &[&[&[u8]]]) {
        let purpose = w.purpose;
        assert!(purpose.is_some());
        under(w, wanted, policies);
        w.purpose = purpose;
    }
    each(
        1,
        &[
            ("itself", &|w| named(w, WANT_A, &[&[A], &[A]]), None),
            ("among others", &|w| named(w, WANT_A, &[&[ANY], &[B, A]]), None),
            ("one of those wanted", &|w| named(w, &["1.2.3.2", "1.2.3.1"], &[&[A], &[A]]), None),
            ("any", &|w| named(w, WANT_A, &[&[A], &[ANY]]), NO),
            ("any in both", &|w| named(w, WANT_A, &[&[ANY], &[ANY]]), NO),
            ("any and another", &|w| named(w, WANT_A, &[&[ANY], &[B, ANY]]), NO),
            ("any and itself", &|w| named(w, WANT_A, &[&[ANY], &[ANY, A]]), None),
            ("any is wanted", &|w| named(w, WANT_ANY, &[&[A], &[ANY]]), None),
            ("none is wanted", &|w| named(w, &[], &[&[A], &[ANY]]), None),
            (
                "mapped",
                &|w| {
                    named(w, WANT_A, &[&[A], &[B]]);
                    map(w, 1, &[(A, B)]);
                },
                NO,
            ),
        ],
    );
}
