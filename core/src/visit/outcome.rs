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
    /// nothing about a real person. `None` for a way without a card.
    pub certificate: Option<LocalVerdict>,
    /// What this device made of the card's age record, where the way reads it.
    pub genuineness: Option<Genuineness>,
    /// Whether the card's certificate ends on the birthday of the person whom the platform names, as those of most holders
    /// do; `None` where there is nothing to compare. `Some(false)` is no proof of anything (a certificate may end with its
    /// card), and a reason to look again whether the platform speaks of this person.
    pub birthday_fits: Option<bool>,
    /// Who this is and what they are entitled to.
    pub entitlement: Entitlement,
}

impl Outcome {
    /// How the person was verified.
    pub fn way(&self) -> Way {
        self.confirmation.way
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("way", &self.way())
            .field("origin", &self.certificate.as_ref().map(|verdict| verdict.report().origin()))
            .finish_non_exhaustive()
    }
}
