//! What the rules say to facts: nothing here asks a table or a clock.

use crate::base::refusal::Refusal;
use crate::kiban::ConsentState;
use crate::staff::FacilityKind;
use crate::sts::Method;

/// How long a card's confirmation counts for a consent or a notice, in seconds, its last second included.
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// How and when a person was verified.
#[derive(Clone, Copy)]
pub(crate) struct Verification {
    pub(crate) method: Method,
    /// In seconds since the epoch, like the next.
    pub(crate) verified_at: i64,
    pub(crate) now: i64,
}

/// A consent that somebody wants to take in the municipality's stead.
pub(crate) struct Consenting {
    pub(crate) facility: FacilityKind,
    pub(crate) verification: Verification,
    /// With the token that the verification itself gave.
    pub(crate) at_once: bool,
    pub(crate) state: ConsentState,
    /// The person has applied for certification since.
    pub(crate) applied: bool,
    /// It was explained, and the person agrees.
    pub(crate) agreed: bool,
}

/// A notice that a plan will be made (サービス計画作成依頼届出).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// 居宅サービス計画
    CarePlan,
    /// 介護予防サービス計画
    PreventiveCarePlan,
}

impl Notice {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "care_plan" => Some(Self::CarePlan),
            "preventive_care_plan" => Some(Self::PreventiveCarePlan),
            _ => None,
        }
    }
}

/// Whether a facility of this kind may ever take a consent, and whether it is still for it to take.
pub(crate) fn may_take(facility: FacilityKind, applied: bool) -> Result<(), Refusal> {
    use FacilityKind::{CareManagement, Facility, HealthFacility, MedicalFacility, Residential};
    match facility {
        CareManagement | Facility | HealthFacility | MedicalFacility | Residential if applied => {
            Err(Refusal::ConsentByMunicipality)
        }
        CareManagement | Facility | HealthFacility | MedicalFacility | Residential => Ok(()),
        _ => Err(Refusal::FacilityKindNotAllowed),
    }
}

/// Whether a consent is taken. Where there is one, nothing else is asked, and nothing comes of it.
pub(crate) fn consent(asked: &Consenting) -> Result<(), Refusal> {
    let may = may_take(asked.facility, asked.applied);
    match (may, asked.state) {
        (Err(Refusal::FacilityKindNotAllowed), _) => return may,
        (_, ConsentState::Given) => return Ok(()),
        (may, _) => may?,
    }
    if !asked.agreed {
        return Err(Refusal::AssentMissing);
    }
    match asked.verification.method {
        Method::CardPin | Method::CardTap => asked.verification.is_of_today(),
        // What was typed counts at the moment of its use; only a card opens a day.
        Method::FourAttributes if asked.at_once => Ok(()),
        Method::FourAttributes => Err(Refusal::ReverifyRequired),
        Method::Registered | Method::Disaster => Err(Refusal::EvidenceTooWeak),
    }
}

/// Whether a notice is taken.
pub(crate) fn filing(
    notice: Notice,
    facility: FacilityKind,
    verification: Verification,
    assent: bool,
) -> Result<(), Refusal> {
    let may = match notice {
        Notice::CarePlan => facility == FacilityKind::CareManagement,
        Notice::PreventiveCarePlan => {
            matches!(facility, FacilityKind::PreventiveSupport | FacilityKind::CareManagement)
        }
    };
    if !may {
        return Err(Refusal::FacilityKindNotAllowed);
    }
    if !assent {
        return Err(Refusal::AssentMissing);
    }
    match verification.method {
        Method::CardPin | Method::CardTap => verification.is_of_today(),
        _ => Err(Refusal::EvidenceTooWeak),
    }
}

impl Verification {
    fn is_of_today(self) -> Result<(), Refusal> {
        let age = self.now.saturating_sub(self.verified_at);
        if age <= DAY { Ok(()) } else { Err(Refusal::ReverifyRequired) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::PathBuf;

    use serde_json::Value;

    use super::super::information::viewer;
    use super::*;
    use crate::kiban::{Connection, Kind, Physician, Viewing, may_view};

    fn folder() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/rules")
    }

    fn text<'a>(facts: &'a Value, name: &str) -> &'a str {
        facts[name].as_str().unwrap_or_else(|| panic!("{name}: {facts}"))
    }

    fn is(facts: &Value, name: &str) -> bool {
        facts[name].as_bool().unwrap_or_else(|| panic!("{name}: {facts}"))
    }

    fn verification(facts: &Value) -> Verification {
        Verification {
            method: Method::named(text(facts, "method")).unwrap(),
            verified_at: facts["verified_at"].as_i64().unwrap(),
            now: facts["now"].as_i64().unwrap(),
        }
    }

    fn filed(facts: &Value) -> Result<(), Refusal> {
        let notice = Notice::named(text(facts, "filing")).unwrap();
        let facility = FacilityKind::of(text(facts, "facility"));
        filing(notice, facility, verification(facts), is(facts, "assent"))
    }

    fn consented(facts: &Value) -> Result<(), Refusal> {
        consent(&Consenting {
            facility: FacilityKind::of(text(facts, "facility")),
            verification: verification(facts),
            at_once: is(facts, "used_at_once"),
            state: match text(facts, "state") {
                "none" => ConsentState::None,
                "given" => ConsentState::Given,
                "withdrawn" => ConsentState::Withdrawn,
                other => panic!("{other}"),
            },
            applied: is(facts, "applied"),
            agreed: is(facts, "agreed"),
        })
    }

    fn viewed(facts: &Value) -> Result<(), Refusal> {
        may_view(&Viewing {
            kind: Kind::named(text(facts, "kind")).unwrap(),
            viewer: viewer(FacilityKind::of(text(facts, "facility"))),
            creator: is(facts, "creator"),
            consent: is(facts, "consent"),
            physician: match text(facts, "physician") {
                "yes" => Physician::Agreed,
                "no" => Physician::Refused,
                "unknown" => Physician::Unknown,
                other => panic!("{other}"),
            },
            insurer: match text(facts, "insurer") {
                "not_connected" => Connection::NotConnected,
                "set_up" => Connection::SetUp,
                "live" => Connection::Live,
                other => panic!("{other}"),
            },
        })
    }

    /// A file of facts, judged by one of these; how many cases it has.
    fn judged(file: &str, judge: impl Fn(&Value) -> Result<(), Refusal>) -> usize {
        let vectors = fs::read_to_string(folder().join(file)).unwrap();
        let vectors: Value = serde_json::from_str(&vectors).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        for case in cases {
            let decision = judge(&case["facts"]).map_or_else(Refusal::code, |()| "allowed");
            assert_eq!(decision, case["decision"], "{file}: {}", case["name"]);
        }
        cases.len()
    }

    #[test]
    fn every_case_of_a_consent_is_decided_as_it_is_written() {
        assert!(judged("consent.json", consented) > 100);
    }

    #[test]
    fn every_case_of_a_notice_is_decided_as_it_is_written() {
        assert!(judged("filing.json", filed) > 100);
    }

    #[test]
    fn every_case_of_a_view_is_decided_as_it_is_written() {
        assert!(judged("view.json", viewed) > 200);
    }

    /// Whoever adds a file says here where the sandbox judges it.
    #[test]
    fn no_file_is_passed_over() {
        let judges = BTreeMap::from([
            ("card.json", "src/sts/challenge.rs"),
            ("consent.json", "src/web_service/judge.rs"),
            ("disaster.json", "src/sts/evidence/disaster.rs"),
            ("filing.json", "src/web_service/judge.rs"),
            ("insurance.json", "src/sts/domain.rs"),
            ("registration.json", "src/sts/evidence/registration.rs"),
            ("sharing.csv", "src/kiban/sharing.rs"),
            ("tap.json", "src/sts/evidence/tap.rs"),
            ("view.json", "src/web_service/judge.rs"),
        ]);
        let mut files: Vec<String> = fs::read_dir(folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "README.md")
            .collect();
        files.sort();
        assert_eq!(files, judges.keys().copied().collect::<Vec<_>>());
        for (file, judge) in judges {
            let judge = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(judge);
            let says = fs::read_to_string(&judge).unwrap().contains(file);
            assert!(says, "{file} is not judged in {}", judge.display());
        }
    }
}
