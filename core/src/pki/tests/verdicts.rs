//! What a device and what a server say, and how it is shown.

use jiff::SignedDuration;
use rstest::rstest;
use serde_json::{Value, json, to_value};

use super::made::*;
use super::world::{KEYS, World};
use crate::pki::der::tag;
use crate::pki::revocation::crl::{Crl, Number};
use crate::pki::revocation::{NotChecked, Revocation, RevocationReason, Source};
use crate::pki::{
    Check, Demand, Evidence, Finding, Purpose, Reason, Rejected, TrustAnchors, decide, verify,
};

const NUMBER: &[u8] = b"\x55\x1D\x14";
const POLICIES: &[u8] = b"\x55\x1D\x20";

/// An anchor, two authorities and a holder; the serials below the anchor are 2, 3 and 4. Whoever issues may list.
pub(super) fn world() -> World {
    let mut world = World::new(2);
    for authority in &mut world.all[..3] {
        authority.may(&[1, 0x06]);
    }
    world
}

/// The list of one of them, so many seconds old, with these serials.
fn list(issuer: usize, age: i64, serials: &[u8]) -> Crl {
    list_by(issuer, &KEYS[issuer], age, serials)
}

/// The same, signed with another key.
pub(super) fn list_by(issuer: usize, key: &Key, age: i64, serials: &[u8]) -> Crl {
    list_of(issuer, key, age, 1, serials)
}

fn list_numbered(issuer: usize, age: i64, number: u8) -> Crl {
    list_of(issuer, &KEYS[issuer], age, number, &[])
}

fn list_of(issuer: usize, key: &Key, age: i64, number: u8, serials: &[u8]) -> Crl {
    let entries: Vec<_> = serials
        .iter()
        .map(|serial| sequence(&[write(tag::INTEGER, &[*serial]), utc(-DAY)]))
        .collect();
    let contents = sequence(&[
        write(tag::INTEGER, &[1]),
        algorithm(ECDSA_SHA256),
        name(&["test", &format!("authority {issuer}")]),
        utc(-age),
        utc(DAY),
        if entries.is_empty() { vec![] } else { sequence(&entries) },
        write(
            tag::inside(0),
            &sequence(&[key_id(key), extension(NUMBER, false, &write(tag::INTEGER, &[number]))]),
        ),
    ]);
    let signed = key.sign(&contents, &algorithm(ECDSA_SHA256));
    Crl::parse(write(tag::SEQUENCE, &signed)).unwrap()
}

/// What both say: why not, if not, and what is known of revocation.
pub(super) fn both(world: &World, lists: &[Crl]) -> (Option<Reason>, Option<Reason>, Revocation) {
    let (leaf, intermediates) = world.path();
    let (anchors, demand) = (world.anchors(), world.demand());
    let evidence = Evidence::none().with_crls(lists);
    let device = verify(&leaf, &intermediates, &anchors, &demand, &evidence);
    let server = decide(&leaf, &intermediates, &anchors, &demand, &evidence);
    let of_device = device.as_ref().map_or_else(Rejected::report, |yes| yes.report());
    let of_server = server.as_ref().map_or_else(Rejected::report, |yes| yes.report());
    assert!(of_device == of_server);
    let known = of_server.revocation();
    (device.err().map(|no| no.reason()), server.err().map(|no| no.reason()), known)
}

const NOTHING: Revocation = Revocation::NotChecked { why: NotChecked::NothingGiven };
const OF_ANOTHER: Revocation = Revocation::NotChecked { why: NotChecked::ListFromAnother };

fn good(age: i64) -> Revocation {
    let number = Number::from_bytes(&[1]);
    Revocation::Good { as_of: at(-age), source: Source::Crl, number }
}

fn revoked() -> Revocation {
    Revocation::Revoked { at: at(-DAY), reason: RevocationReason::Unspecified, source: Source::Crl }
}

const UNKNOWN_TO_A_SERVER: (Option<Reason>, Option<Reason>) =
    (None, Some(Reason::RevocationUnknown));
const REVOKED: (Option<Reason>, Option<Reason>) = (Some(Reason::Revoked), Some(Reason::Revoked));
const AUTHORITY_REVOKED: (Option<Reason>, Option<Reason>) =
    (Some(Reason::AuthorityRevoked), Some(Reason::AuthorityRevoked));

#[rstest]
#[case::nothing(vec![], UNKNOWN_TO_A_SERVER, NOTHING)]
#[case::of_all(vec![list(0, 7, &[]), list(1, 8, &[]), list(2, 9, &[])], (None, None), good(9))]
#[case::of_others(
    vec![list(0, 7, &[4, 3]), list(1, 8, &[2, 4]), list(2, 9, &[2, 3])], (None, None), good(9)
)]
#[case::in_another_order(
    vec![list(2, 9, &[]), list(1, 8, &[]), list(0, 7, &[])], (None, None), good(9)
)]
#[case::not_of_the_holder(
    vec![list(0, 7, &[]), list(1, 8, &[])], UNKNOWN_TO_A_SERVER, OF_ANOTHER
)]
#[case::not_of_the_first_authority(
    vec![list(1, 8, &[]), list(2, 9, &[])], UNKNOWN_TO_A_SERVER, OF_ANOTHER
)]
#[case::not_of_the_second_authority(
    vec![list(0, 7, &[]), list(2, 9, &[])], UNKNOWN_TO_A_SERVER, OF_ANOTHER
)]
#[case::the_holder_is_revoked(
    vec![list(0, 7, &[]), list(1, 8, &[]), list(2, 9, &[4])], REVOKED, revoked()
)]
#[case::the_holder_alone_is_known(vec![list(2, 9, &[4])], REVOKED, revoked())]
#[case::the_first_authority_is_revoked(
    vec![list(0, 7, &[2]), list(1, 8, &[]), list(2, 9, &[])], AUTHORITY_REVOKED, revoked()
)]
#[case::the_second_authority_is_revoked(
    vec![list(0, 7, &[]), list(1, 8, &[3]), list(2, 9, &[])], AUTHORITY_REVOKED, revoked()
)]
#[case::the_first_authority_alone_is_known(vec![list(0, 7, &[2])], AUTHORITY_REVOKED, revoked())]
#[case::all_are_revoked(
    vec![list(0, 7, &[2]), list(1, 8, &[3]), list(2, 9, &[4])], REVOKED, revoked()
)]
fn word_is_wanted_on_everybody(
    #[case] lists: Vec<Crl>,
    #[case] reasons: (Option<Reason>, Option<Reason>),
    #[case] known: Revocation,
) {
    assert_eq!(both(&world(), &lists), (reasons.0, reasons.1, known));
}

/// How old word may be, and which number a list must have, of the leaf's list only.
#[rstest]
#[case::nothing(&|demand: Demand| demand, None)]
#[case::as_old_as_it_may_be(&|demand: Demand| demand.with_greatest_age(seconds(9)), None)]
#[case::a_second_older(
    &|demand: Demand| demand.with_greatest_age(seconds(8)), Some(NotChecked::ListStale)
)]
#[case::that_number(&|demand: Demand| demand.with_least_list_number(number(1)), None)]
#[case::a_greater(
    &|demand: Demand| demand.with_least_list_number(number(2)), Some(NotChecked::ListSuperseded)
)]
fn a_demand_on_lists(#[case] change: &dyn Fn(Demand) -> Demand, #[case] why: Option<NotChecked>) {
    let world = world();
    let (leaf, intermediates) = world.path();
    let lists = [list(0, 7, &[]), list(1, 8, &[]), list(2, 9, &[])];
    let evidence = Evidence::none().with_crls(&lists);
    let demand = change(world.demand());
    let known = why.map_or(good(9), |why| Revocation::NotChecked { why });
    let anchors = world.anchors();
    let server = decide(&leaf, &intermediates, &anchors, &demand, &evidence);
    let reason = why.map(|_| Reason::RevocationUnknown);
    assert_eq!(server.as_ref().err().map(Rejected::reason), reason);
    assert_eq!(
        server.as_ref().map_or_else(Rejected::report, |yes| yes.report()).revocation(),
        known
    );
    let device = verify(&leaf, &intermediates, &anchors, &demand, &evidence).unwrap();
    assert_eq!(device.report().revocation(), known);
    // Newer than the others' lists it need not be.
    let elder = [list(0, 7, &[]), list(1, 8, &[]), list_numbered(2, 9, 5)];
    let demand = world.demand().with_least_list_number(number(5));
    let evidence = Evidence::none().with_crls(&elder);
    assert!(decide(&leaf, &intermediates, &anchors, &demand, &evidence).is_ok());
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn number(number: u8) -> Number {
    Number::from_bytes(&[number]).unwrap()
}

#[test]
fn a_rule_is_told_before_a_revocation() {
    let world = World { at: 2 * DAY, ..world() };
    let lists = [list(2, 9, &[4])];
    let reason = Some(Reason::Expired);
    let stale = Revocation::NotChecked { why: NotChecked::ListStale };
    assert_eq!(both(&world, &lists), (reason, reason, stale));
}

#[rstest]
#[case::between_authorities(1)]
#[case::of_the_holder(3)]
fn nothing_counts_below_a_break(#[case] whom: usize) {
    let mut world = world();
    world.all[whom].draft.issuer = name(&["somebody"]);
    // What authorities may do is broken too, and is not told.
    world.all[2].may(SIGNS);
    world.all[1].lose(BASIC_CONSTRAINTS);
    world.leaf().may(CERTIFIES);
    let reason = if whom == 1 { Reason::AnchorUnknown } else { Reason::IssuerMismatch };
    let lists = [list(0, 7, &[2]), list(1, 8, &[3]), list(2, 9, &[4])];
    assert_eq!(both(&world, &lists), (Some(reason), Some(reason), NOTHING));
    let findings = world.judged(&Evidence::none()).unwrap_err().report().findings().collect();
    let findings: Vec<(Check, Finding)> = findings;
    let expected = [
        (Check::Algorithms, Finding::Passed),
        (Check::Chain, Finding::Failed(reason)),
        (Check::Extensions, Finding::Passed),
        (Check::Constraints, Finding::NotReached),
        (Check::Usage, Finding::Failed(Reason::LeafIsAuthority)),
        (Check::Policy, Finding::NotReached),
        (Check::Validity, Finding::Passed),
    ];
    assert_eq!(findings, expected);
}

#[test]
fn demands_are_what_was_said_last() {
    let world = World::new(0);
    let (leaf, _) = world.path();
    let judge = |demand: Demand| {
        verify(&leaf, &[], &world.anchors(), &demand, &Evidence::none())
            .map_err(|no| no.reason())
            .map(|yes| yes.report().required_policies().collect::<Vec<_>>())
    };
    let demand = Demand::new(Purpose::Authentication, NOW);
    assert_eq!(judge(demand.clone()), Err(Reason::WrongPolicy));
    assert_eq!(judge(demand.clone().under_any_policy()), Ok(vec![]));
    let with = demand.with_policies(["1.2.3"]).unwrap();
    assert_eq!(judge(with.clone()), Err(Reason::WrongPolicy));
    assert_eq!(judge(with.under_any_policy()), Ok(vec![]));
    assert_eq!(judge(Demand::any_purpose(NOW)), Ok(vec![]));
}

/// What both say, as JSON.
fn shown(world: &World, anchors: &TrustAnchors, lists: &[Crl]) -> [Value; 2] {
    let (leaf, intermediates) = world.path();
    let demand = world.demand();
    let evidence = Evidence::none().with_crls(lists);
    let show = |value: Result<Value, serde_json::Error>| value.unwrap();
    [
        verify(&leaf, &intermediates, anchors, &demand, &evidence)
            .map_or_else(|no| show(to_value(no)), |yes| show(to_value(yes))),
        decide(&leaf, &intermediates, anchors, &demand, &evidence)
            .map_or_else(|no| show(to_value(no)), |yes| show(to_value(yes))),
    ]
}

#[test]
fn a_verdict_as_json() {
    let mut world = World { policies: &["1.2.3", "1.2.4"], ..world() };
    let two = [oid(b"\x2A\x03"), oid(b"\x2A\x05")].map(|policy| sequence(&[policy]));
    for person in &mut world.all {
        person.set(POLICIES, false, &sequence(&two));
    }
    let anchors = world.anchors();
    let anchor = anchors.certificates().next().unwrap().fingerprint().to_string();
    let passed = json!({ "finding": "passed", "reason": null });
    let mut expected = json!({
        "verdict": "accepted",
        "reason": null,
        "anchors": "test",
        "purpose": "authentication",
        "at": "2026-11-20T00:00:00Z",
        "algorithms": passed,
        "chain": { "finding": "passed", "reason": null, "certificates": 3, "anchor": anchor },
        "extensions": passed,
        "constraints": passed,
        "usage": passed,
        "policy": {
            "finding": "passed",
            "reason": null,
            "required": ["1.2.3", "1.2.4"],
            "asserted": ["1.2.3", "1.2.5"],
        },
        "validity": passed,
        "revocation": { "status": "good", "as_of": "2026-11-19T23:59:51Z", "source": "crl", "number": "01" },
    });
    let lists = [list(0, 7, &[]), list(1, 8, &[]), list(2, 9, &[])];
    assert_eq!(shown(&world, &anchors, &lists), [expected.clone(), expected.clone()]);

    expected["revocation"] = json!({ "status": "not_checked", "why": "revocation_not_given" });
    let mut rejected = expected.clone();
    rejected["verdict"] = "rejected".into();
    rejected["reason"] = "revocation_unknown".into();
    assert_eq!(shown(&world, &anchors, &[]), [expected.clone(), rejected.clone()]);

    rejected["reason"] = "revoked".into();
    rejected["revocation"] = json!({
        "status": "revoked",
        "at": "2026-11-19T00:00:00Z",
        "reason": "unspecified",
        "source": "crl",
    });
    let all = [list(0, 7, &[]), list(1, 8, &[]), list(2, 9, &[4])];
    assert_eq!(shown(&world, &anchors, &all), [rejected.clone(), rejected]);
}

#[test]
fn a_refusal_as_json() {
    let mut world = World { purpose: None, policies: &[], ..World::new(0) };
    world.leaf().draft.issuer = name(&["somebody"]);
    let [device, server] = shown(&world, &world.anchors(), &[]);
    assert_eq!(device, server);
    assert_eq!(
        (&device["verdict"], &device["reason"]),
        (&"rejected".into(), &"anchor_unknown".into())
    );
    assert_eq!(device["purpose"], "any");
    let chain = json!({
        "finding": "failed", "reason": "anchor_unknown", "certificates": 1, "anchor": null,
    });
    assert_eq!(device["chain"], chain);
    assert_eq!(device["constraints"], json!({ "finding": "not_reached", "reason": null }));
    let policy =
        json!({ "finding": "not_reached", "reason": null, "required": [], "asserted": [] });
    assert_eq!(device["policy"], policy);
}

#[test]
fn verdicts_as_sentences() {
    let world = world();
    let (leaf, intermediates) = world.path();
    let (anchors, demand) = (world.anchors(), world.demand());
    let lists = [list(0, 7, &[]), list(1, 8, &[]), list(2, 9, &[])];
    let judge = |lists| {
        let evidence = Evidence::none().with_crls(lists);
        let server = decide(&leaf, &intermediates, &anchors, &demand, &evidence);
        (verify(&leaf, &intermediates, &anchors, &demand, &evidence).unwrap(), server)
    };
    let under = "under TEST anchors, as of 2026-11-20T00:00:00Z";
    let known = "not revoked as of 2026-11-19T23:59:51Z (crl)";
    let (device, server) = judge(&lists);
    let device = device.to_string();
    assert_eq!(device, format!("nothing speaks against it on this device {under}; {known}"));
    assert_eq!(server.unwrap().to_string(), format!("accepted {under}; {known}"));
    let refusal = judge(&[]).1.unwrap_err();
    let told = "revocation not checked (revocation_not_given); revocation_unknown: \
                It is not known whether it was revoked.";
    assert_eq!(refusal.to_string(), format!("rejected {under}; {told}"));
    assert_eq!(format!("{refusal:?}"), format!("Rejected({refusal})"));
}

#[test]
fn purposes_have_codes() {
    let all = [Purpose::Authentication, Purpose::Signature].map(Purpose::code);
    assert_eq!(all, ["authentication", "signature"]);
}
