//! What a visit that came to its end brings.

use std::fmt;

use crate::exchange::{Confirmation, VisualCheck, Way};
use crate::kaigo::Entitlement;
use crate::pki::LocalVerdict;
use crate::pki::card_certificate::Genuineness;

/// The end of a visit that came to its end.
#[derive(Clone)]
#[non_exhaustive]
pub struct Outcome {
    /// Token, way and times.
    pub confirmation: Confirmation,
    /// The nurse's look at the face, or at the paper certificate and whose it is; its time is by this device's clock. `None`
    /// where nobody was asked to look: a registered person who is seen again.
    pub face: Option<VisualCheck>,
    /// What this device made of the card's certificate, and under whose anchors: under those of a test hierarchy it says
    /// nothing about a real person. `None` for a way that reads none: a face check, and those
    /// without a card.
    pub certificate: Option<LocalVerdict>,
    /// What this device made of the record that the way reads of the card: its age record, or in a face check that of its
    /// face. It says nothing of a revocation.
    pub genuineness: Option<Genuineness>,
    /// Whether the card's certificate ends on the birthday of the person whom the platform names, as those of most holders
    /// do; `None` where there is nothing to compare. `Some(false)` is no proof of anything (a certificate may end with its
    /// card), and a reason to look again whether the platform speaks of this person.
    pub birthday_fits: Option<bool>,
    /// Who this is and what they are entitled to.
    pub entitlement: Entitlement,
}

/// The end of a verification of whom nothing was asked yet.
#[derive(Clone)]
#[non_exhaustive]
pub struct Verified {
    /// Token, way and times.
    pub confirmation: Confirmation,
    /// As in [`Outcome`].
    pub face: Option<VisualCheck>,
    /// As in [`Outcome`].
    pub certificate: Option<LocalVerdict>,
    /// As in [`Outcome`].
    pub genuineness: Option<Genuineness>,
}

/// How a visit ended.
pub(super) struct Ended {
    pub(super) verified: Verified,
    /// What the platform told, where it was asked.
    pub(super) told: Option<Told>,
}

/// What the platform told.
pub(super) struct Told {
    pub(super) entitlement: Entitlement,
    pub(super) birthday_fits: Option<bool>,
}

impl Ended {
    /// The outcome of a visit in which the platform was asked.
    pub(super) fn outcome(self) -> Option<Outcome> {
        let Self { verified, told } = self;
        let Verified { confirmation, face, certificate, genuineness } = verified;
        let Told { entitlement, birthday_fits } = told?;
        Some(Outcome { confirmation, face, certificate, genuineness, birthday_fits, entitlement })
    }
}

impl Outcome {
    /// How the person was verified.
    pub fn way(&self) -> Way {
        self.confirmation.way
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown("Outcome", self.way(), self.certificate.as_ref(), f)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown("Verified", self.confirmation.way, self.certificate.as_ref(), f)
    }
}

fn shown(
    name: &str,
    way: Way,
    certificate: Option<&LocalVerdict>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    f.debug_struct(name)
        .field("way", &way)
        .field("origin", &certificate.map(|verdict| verdict.report().origin()))
        .finish_non_exhaustive()
}
