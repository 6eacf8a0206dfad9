//! Which insurance a visit is for (医療保険・介護保険), and whose visits may be for which.

use crate::base::refusal::Refusal;
use crate::staff::FacilityKind;

/// The insurance that pays for a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    /// 介護保険
    Care,
    /// 医療保険
    Medical,
}

impl Domain {
    /// As tokens and answers name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Care => "care",
            Self::Medical => "medical",
        }
    }

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Care, Self::Medical].into_iter().find(|domain| domain.name() == name)
    }

    /// Whether a facility of this kind makes visits for it: for medical insurance 訪問看護 does.
    pub(crate) fn may(self, facility: FacilityKind) -> Result<(), Refusal> {
        match (self, facility) {
            (Self::Care, _) | (Self::Medical, FacilityKind::HomeNursing) => Ok(()),
            (Self::Medical, _) => Err(Refusal::FacilityKindNotAllowed),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_case_is_decided_as_it_is_written() {
        let vectors = include_str!("../../../../tests/vectors/rules/insurance.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        for case in cases {
            let text = |name: &str| case["facts"][name].as_str().unwrap();
            let domain = Domain::named(text("domain")).unwrap();
            let decision = domain.may(FacilityKind::of(text("facility")));
            assert_eq!(
                decision.map_or_else(Refusal::code, |()| "allowed"),
                case["decision"],
                "{}",
                case["name"]
            );
        }
        assert_eq!(cases.len(), 2 * (FacilityKind::ALL.len() + 1));
    }
}
