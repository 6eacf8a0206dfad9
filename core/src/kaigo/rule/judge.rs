//! Facts in, decision out. Where several rules apply, the first that is broken is told.

use jiff::{SignedDuration, Timestamp};

use super::sharing::{Cell, Viewer, cell};
use super::{Broken, Rule};
use crate::exchange::InsuranceDomain;
use crate::flow::{FaceCheck, Way};
use crate::kaigo::{ConsentState, FacilityKind, FilingKind, InformationKind};
use crate::message::Code;

/// How long what a card has proved counts for a notice or a consent (R07, R08): 86 400 seconds, the last one included.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long a look at the face counts.
const LOOK: SignedDuration = SignedDuration::from_mins(15);
/// How far ahead a device's clock may be.
const AHEAD: SignedDuration = SignedDuration::from_mins(-1);

/// R02: whether a card may be read after this look at the face, which was then. `None`: nobody has looked.
pub fn may_read_card(
    face: Option<FaceCheck>,
    checked_at: Timestamp,
    now: Timestamp,
) -> Result<(), Broken> {
    let age = now.duration_since(checked_at);
    let just_now = age <= LOOK && age >= AHEAD;
    Rule::R02.demands(face == Some(FaceCheck::Match) && just_now, Code::FaceNotConfirmed)
}

/// R03, R15: whether a tap without PIN is enough for somebody who was verified here with card and PIN before, or was not.
pub fn may_tap(earlier_pin: bool) -> Result<(), Broken> {
    Rule::R03.demands(earlier_pin, Code::FirstPinRequired)
}

/// R26: whether a facility of this kind visits for this insurance: for care insurance any, for medical insurance 訪問看護.
pub fn may_visit_for(domain: InsuranceDomain, facility: &FacilityKind) -> Result<(), Broken> {
    let may = domain == InsuranceDomain::Care || *facility == FacilityKind::HomeNursing;
    Rule::R26.demands(may, Code::FacilityKindNotAllowed)
}

/// R06: whether a registration still opens a view: until the second in which it ends.
pub fn may_view_again(valid_until: Timestamp, now: Timestamp) -> Result<(), Broken> {
    Rule::R06.demands(now < valid_until, Code::RegistrationExpired)
}

/// What R07 and R16 look at.
#[derive(Clone, Debug)]
pub struct FilingFacts {
    /// What is filed.
    pub filing: FilingKind,
    /// Who files it.
    pub facility: FacilityKind,
    /// How the person was verified.
    pub way: Way,
    /// When.
    pub verified_at: Timestamp,
    /// Now, by the platform's clock.
    pub now: Timestamp,
    /// Whether the person agrees that it is filed (利用者の承諾).
    pub assent: bool,
}

/// R16, R07: whether a notice may be filed. The kind of facility comes first, then the person's assent, then how and when
/// they were verified.
pub fn may_file(facts: &FilingFacts) -> Result<(), Broken> {
    use FacilityKind::{CareManagement, PreventiveSupport};

    let kind = match facts.filing {
        FilingKind::CarePlan => matches!(facts.facility, CareManagement),
        FilingKind::PreventiveCarePlan => {
            matches!(facts.facility, PreventiveSupport | CareManagement)
        }
        FilingKind::Other(_) => false,
    };
    Rule::R16.demands(kind, Code::FacilityKindNotAllowed)?;
    Rule::R16.demands(facts.assent, Code::AssentMissing)?;
    let card = matches!(facts.way, Way::CardPin | Way::CardTap);
    Rule::R07.demands(card, Code::EvidenceTooWeak)?;
    Rule::R07.demands(is_within_a_day(facts.verified_at, facts.now), Code::ReverifyRequired)
}

/// What R08 and R10 look at.
#[derive(Clone, Debug)]
pub struct ConsentFacts {
    /// Who takes the consent.
    pub facility: FacilityKind,
    /// How the person was verified.
    pub way: Way,
    /// When.
    pub verified_at: Timestamp,
    /// Now, by the platform's clock.
    pub now: Timestamp,
    /// Whether it is taken with the very token that the verification gave: all that typed attributes are good for.
    pub used_at_once: bool,
    /// What is on record.
    pub state: ConsentState,
    /// Whether the person has applied again for certification since: then the municipality takes it.
    pub applied: bool,
    /// Whether it was explained, and the person agrees.
    pub agreed: bool,
}

/// R10, R08: whether consent may be taken in the municipality's stead. Where it is given already nothing changes, and
/// nothing but the kind of facility is looked at.
pub fn may_take_consent(facts: &ConsentFacts) -> Result<(), Broken> {
    use FacilityKind::{CareManagement, Facility, HealthFacility, MedicalFacility, Residential};

    let kind = matches!(
        facts.facility,
        CareManagement | Facility | HealthFacility | MedicalFacility | Residential
    );
    Rule::R10.demands(kind, Code::FacilityKindNotAllowed)?;
    if facts.state == ConsentState::Given {
        return Ok(());
    }
    Rule::R10.demands(!facts.applied, Code::ConsentByMunicipality)?;
    Rule::R08.demands(facts.agreed, Code::AssentMissing)?;
    let fresh = match facts.way {
        Way::CardPin | Way::CardTap => is_within_a_day(facts.verified_at, facts.now),
        Way::FourAttributes | Way::FaceCheck => facts.used_at_once,
        Way::Registered | Way::Disaster => {
            return Rule::R08.demands(false, Code::EvidenceTooWeak);
        }
    };
    Rule::R08.demands(fresh, Code::ReverifyRequired)
}

/// How far an insurer is on the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InsurerState {
    /// It has begun.
    Live,
    /// Its data are there, and its published day is still to come: they are shown.
    SetUp,
    /// It has not begun.
    NotConnected,
}

/// Whether the physician agrees that their opinion is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhysicianConsent {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nobody knows: not to be shared.
    Unknown,
}

/// What R29, R11, R22 and R30 look at.
#[derive(Clone, Debug)]
pub struct ViewFacts {
    /// What is looked at.
    pub kind: InformationKind,
    /// Who looks.
    pub facility: FacilityKind,
    /// Whether what is looked at was made by them.
    pub creator: bool,
    /// Whether the person's consent is on record.
    pub consent: bool,
    /// What the physician said; looked at for 主治医意見書 only.
    pub physician: PhysicianConsent,
    /// How far the insurer is.
    pub insurer: InsurerState,
}

/// R29, R11, R22, R30: whether a facility may see a kind of information. The insurer comes first, then the person's
/// consent, then the table of who sees what, then the physician's consent.
pub fn may_view(facts: &ViewFacts) -> Result<(), Broken> {
    Rule::R29.demands(facts.insurer != InsurerState::NotConnected, Code::InsurerNotConnected)?;
    Rule::R11.demands(facts.consent, Code::ConsentRequired)?;
    let viewer = Viewer::of(&facts.facility, &facts.kind, facts.creator);
    Rule::R22.demands(cell(&facts.kind, viewer) != Cell::None, Code::NotShared)?;
    let shared =
        facts.kind != InformationKind::DoctorOpinion || facts.physician == PhysicianConsent::Yes;
    Rule::R30.demands(shared, Code::PhysicianConsentRequired)
}

/// R20: whether the rules for disasters are in force for a facility: where it is listed, from the first second to the one
/// in which they are over.
pub fn may_use_disaster(
    listed: bool,
    from: Timestamp,
    until: Timestamp,
    now: Timestamp,
) -> Result<(), Broken> {
    Rule::R20.demands(listed && from <= now && now < until, Code::DisasterNotActive)
}

fn is_within_a_day(verified_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(verified_at) <= DAY
}
