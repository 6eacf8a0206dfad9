//! The rules of a visit that can be judged from facts alone, each as a function of its facts.
//!
//! The platform is the one judge of them. Software judges by the same rules only to offer no button that must be refused, and
//! to say beforehand until when something can be done. `docs/rules.md` has all rules by number; `tests/vectors/rules` holds
//! facts and decisions by which the core and the sandbox are judged alike.

mod judge;
mod sharing;
#[cfg(test)]
mod vectors;

pub use judge::{
    ConsentFacts, DAY, FilingFacts, InsurerState, PhysicianConsent, ViewFacts, may_file,
    may_read_card, may_take_consent, may_tap, may_use_disaster, may_view, may_view_again,
    may_visit_for,
};
pub use sharing::{Cell, Viewer, cell};

use crate::message::Code;

/// How firm a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// A document states it.
    Fixed,
    /// A document proposes it for a day to come.
    Planned,
    /// A document discusses it; what stands here is the discussed default.
    Discussed,
}

impl Status {
    /// As `docs/rules.md` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Planned => "planned",
            Self::Discussed => "discussed",
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $status:ident $source:literal [$($code:ident)*],)*) => {
        /// A rule, by its number in `docs/rules.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule { $($(#[$doc])* $rule,)* }

        impl Rule {
            /// All rules that are judged here, by number.
            pub const ALL: &[Self] = &[$(Self::$rule,)*];

            /// Its number, such as `R07`.
            pub fn number(self) -> &'static str {
                match self { $(Self::$rule => stringify!($rule),)* }
            }

            /// How firm it is.
            pub fn status(self) -> Status {
                match self { $(Self::$rule => Status::$status,)* }
            }

            /// Where it is from: document and place, as `docs/rules.md` explains them.
            pub fn source(self) -> &'static str {
                match self { $(Self::$rule => $source,)* }
            }

            /// What the platform refuses with where it is broken.
            pub fn codes(self) -> &'static [Code] {
                match self { $(Self::$rule => &[$(Code::$code,)*],)* }
            }
        }
    };
}

rules! {
    /// First the eye compares the face, then the card is read.
    R02 Fixed "B35" [FaceNotConfirmed],
    /// A way without PIN, for who was verified with card and PIN before.
    R03 Discussed "A K1009" [FirstPinRequired],
    /// A confirmation is valid for a certain period.
    R06 Fixed "B31" [RegistrationExpired],
    /// The care plan notice needs a confirmation with a card, at most 24 hours old.
    R07 Fixed "B31" [EvidenceTooWeak ReverifyRequired],
    /// Consent in the municipality's stead: a card of the last 24 hours, or the four attributes at that moment.
    R08 Fixed "B32" [AssentMissing EvidenceTooWeak ReverifyRequired],
    /// The municipality takes consent; until then care management and facilities where people live may.
    R10 Fixed "B32" [FacilityKindNotAllowed ConsentByMunicipality],
    /// Without consent nothing is served.
    R11 Fixed "B33" [ConsentRequired],
    /// The second visit and later ones are simpler.
    R15 Discussed "D5" [FirstPinRequired],
    /// The care plan notice is filed by care management, with the person's assent.
    R16 Fixed "B25" [FacilityKindNotAllowed AssentMissing],
    /// In a disaster name and insurer suffice, at listed facilities and for a time.
    R20 Discussed "D7" [DisasterNotActive],
    /// Fine rights for each kind of information.
    R22 Discussed "A K1004" [NotShared],
    /// For medical insurance 訪問看護 visits, and nobody else.
    R26 Discussed "A K1103" [FacilityKindNotAllowed],
    /// Insurers begin one by one.
    R29 Fixed "B16" [InsurerNotConnected],
    /// 主治医意見書 needs the physician's own consent.
    R30 Fixed "B34" [PhysicianConsentRequired],
}

/// A rule that would be broken, and what the platform would refuse with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {}", .rule.number())]
pub struct Broken {
    /// The rule.
    pub rule: Rule,
    /// The refusal.
    pub code: Code,
}

impl Rule {
    /// This rule holds only if that does.
    fn demands(self, holds: bool, code: Code) -> Result<(), Broken> {
        if holds { Ok(()) } else { Err(Broken { rule: self, code }) }
    }
}
