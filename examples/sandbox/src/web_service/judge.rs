//! What the rules say to facts: nothing here asks a table or a clock.

use crate::base::refusal::Refusal;
use crate::kiban::ConsentState;
use crate::staff::FacilityKind;
use crate::sts::Method;

/// How long a card's confirmation counts for a consent or a notice, in seconds, its last second included.
pub(super) const DAY: i64 = 24 * 60 * 60;

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
