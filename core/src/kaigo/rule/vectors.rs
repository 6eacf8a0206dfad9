//! The facts and decisions of `tests/vectors/rules`, by which the sandbox is judged, too.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::*;
use crate::exchange::InsuranceDomain;
use crate::flow::{FaceCheck, Way};
use crate::kaigo::{ConsentState, FacilityKind, FilingKind, InformationKind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<F> {
    rule: String,
    cases: Vec<Case<F>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case<F> {
    name: String,
    facts: F,
    decision: String,
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// Judges every case of a file; how many there were, and how many of each decision.
fn judged<F: DeserializeOwned>(
    text: &str,
    rule: &str,
    judge: impl Fn(F) -> Result<(), Broken>,
) -> (usize, BTreeMap<String, usize>) {
    let file: File<F> = serde_json::from_str(text).unwrap();
    assert_eq!(file.rule, rule);
    let (count, mut decisions) = (file.cases.len(), BTreeMap::new());
    for Case { name, facts, decision } in file.cases {
        let judged = match judge(facts) {
            Ok(()) => "allowed".to_owned(),
            Err(broken) => {
                assert!(broken.rule.codes().contains(&broken.code), "{broken}");
                broken.code.as_str().to_owned()
            }
        };
        assert_eq!(judged, decision, "{rule}: {name}");
        *decisions.entry(decision).or_default() += 1;
    }
    (count, decisions)
}

macro_rules! vectors {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/vectors/rules/", $name))
    };
}

fn counted(decisions: &BTreeMap<String, usize>) -> Vec<(&str, usize)> {
    decisions.iter().map(|(decision, count)| (decision.as_str(), *count)).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    valid_until: i64,
    now: i64,
}

#[test]
fn a_registration_lasts_until_its_second() {
    let (count, decisions) = judged(vectors!("registration.json"), "R06", |facts: Registration| {
        may_view_again(at(facts.valid_until), at(facts.now))
    });
    assert_eq!(count, 13);
    assert_eq!(counted(&decisions), [("allowed", 6), ("registration_expired", 7)]);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticeFacts {
    filing: FilingKind,
    facility: FacilityKind,
    method: Way,
    verified_at: i64,
    now: i64,
    assent: bool,
}

#[test]
fn a_notice_takes_a_card_of_the_last_day_the_kind_and_the_assent() {
    let (count, decisions) = judged(vectors!("filing.json"), "R07", |facts: NoticeFacts| {
        may_file(&FilingFacts {
            filing: facts.filing,
            facility: facts.facility,
            way: facts.method,
            verified_at: at(facts.verified_at),
            now: at(facts.now),
            assent: facts.assent,
        })
    });
    assert_eq!(count, 117);
    assert_eq!(counted(&decisions), FILED);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    facility: FacilityKind,
    method: Way,
    verified_at: i64,
    now: i64,
    used_at_once: bool,
    state: ConsentState,
    applied: bool,
    agreed: bool,
}

#[test]
fn consent_takes_the_kind_and_a_card_of_the_last_day_or_what_was_typed_just_now() {
    let (count, decisions) = judged(vectors!("consent.json"), "R08", |facts: Consent| {
        may_take_consent(&ConsentFacts {
            facility: facts.facility,
            way: facts.method,
            verified_at: at(facts.verified_at),
            now: at(facts.now),
            used_at_once: facts.used_at_once,
            state: facts.state,
            applied: facts.applied,
            agreed: facts.agreed,
        })
    });
    assert_eq!(count, 147);
    assert_eq!(counted(&decisions), CONSENTED);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct View {
    kind: InformationKind,
    facility: FacilityKind,
    creator: bool,
    consent: bool,
    physician: PhysicianConsent,
    insurer: InsurerState,
}

#[test]
fn who_sees_what_is_judged_in_its_order() {
    let (count, decisions) = judged(vectors!("view.json"), "R11", |facts: View| {
        may_view(&ViewFacts {
            kind: facts.kind,
            facility: facts.facility,
            creator: facts.creator,
            consent: facts.consent,
            physician: facts.physician,
            insurer: facts.insurer,
        })
    });
    assert_eq!(count, 242);
    assert_eq!(counted(&decisions), VIEWED);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disaster {
    listed: bool,
    from: i64,
    until: i64,
    now: i64,
}

#[test]
fn a_disaster_counts_where_and_while_it_is_declared() {
    let (count, decisions) = judged(vectors!("disaster.json"), "R20", |facts: Disaster| {
        may_use_disaster(facts.listed, at(facts.from), at(facts.until), at(facts.now))
    });
    assert_eq!(count, 14);
    assert_eq!(counted(&decisions), [("allowed", 3), ("disaster_not_active", 11)]);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
    face: String,
    checked_at: i64,
    now: i64,
}

#[test]
fn the_eye_comes_before_the_card() {
    let (count, decisions) = judged(vectors!("card.json"), "R02", |facts: Card| {
        let face = match facts.face.as_str() {
            "match" => Some(FaceCheck::Match),
            "differs" => Some(FaceCheck::NoMatch),
            _ => None,
        };
        may_read_card(face, at(facts.checked_at), at(facts.now))
    });
    assert_eq!(count, 36);
    assert_eq!(counted(&decisions), [("allowed", 7), ("face_not_confirmed", 29)]);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tap {
    earlier_pin: bool,
}

#[test]
fn a_tap_follows_a_card_with_pin() {
    let (count, _) = judged(vectors!("tap.json"), "R03", |facts: Tap| may_tap(facts.earlier_pin));
    assert_eq!(count, 2);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Insurance {
    domain: InsuranceDomain,
    facility: FacilityKind,
}

#[test]
fn home_nursing_visits_for_medical_insurance_and_nobody_else_does() {
    let (_, decisions) = judged(vectors!("insurance.json"), "R26", |facts: Insurance| {
        may_visit_for(facts.domain, &facts.facility)
    });
    assert_eq!(counted(&decisions), [("allowed", 12), ("facility_kind_not_allowed", 10)]);
}

/// How many of each decision there are: a file that loses its boundaries is seen.
const FILED: &[(&str, usize)] = &[
    ("allowed", 33),
    ("assent_missing", 18),
    ("evidence_too_weak", 27),
    ("facility_kind_not_allowed", 21),
    ("reverify_required", 18),
];
const CONSENTED: &[(&str, usize)] = &[
    ("allowed", 41),
    ("assent_missing", 9),
    ("consent_by_municipality", 7),
    ("evidence_too_weak", 4),
    ("facility_kind_not_allowed", 67),
    ("reverify_required", 19),
];
const VIEWED: &[(&str, usize)] = &[
    ("allowed", 97),
    ("consent_required", 48),
    ("insurer_not_connected", 36),
    ("not_shared", 53),
    ("physician_consent_required", 8),
];

#[test]
fn every_cell_is_that_of_the_table() {
    let mut lines = vectors!("sharing.csv").lines();
    let head = "kind,user,municipality,care_management,creator,other_facility,medical_creator,medical_other";
    assert_eq!(lines.next(), Some(head));
    let mut cells = 0;
    for line in lines {
        let mut columns = line.split(',');
        let kind: InformationKind =
            serde_json::from_value(Value::from(columns.next().unwrap())).unwrap();
        assert!(kind.is_known(), "{line}");
        for viewer in Viewer::ALL {
            let said = match cell(&kind, viewer) {
                Cell::Creator => "creator",
                Cell::Shared => "shared",
                Cell::Consent => "consent",
                Cell::None => "none",
            };
            assert_eq!(columns.next(), Some(said), "{line}: {viewer:?}");
            cells += 1;
        }
        assert_eq!(columns.next(), None, "{line}");
    }
    assert_eq!(cells, 42);
}

#[test]
fn every_rule_stands_as_it_does_in_the_document() {
    let document = include_str!("../../../../docs/rules.md");
    for rule in Rule::ALL {
        let row = format!("| {} | {} |", rule.number(), rule.status().as_str());
        let row = document
            .lines()
            .find(|line| line.starts_with(&row))
            .unwrap_or_else(|| panic!("{}", rule.number()));
        let source = row.split('|').nth(4).map(str::trim);
        assert_eq!(source, Some(rule.source()), "{}", rule.number());
        assert!(!rule.codes().is_empty());
    }
}
