//! What a visit that came to its end brings.

use std::fmt;

use jiff::Timestamp;

use super::journal::Finding;
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

/// The end of a visit that waits to be sent (送信待ち): nobody was confirmed yet, and nothing of the platform is known.
#[derive(Clone)]
#[non_exhaustive]
pub struct Waits {
    /// The number of its entry.
    pub number: u64,
    /// The name of its evidence, a UUID: under it the platform tells what came of it.
    pub id: String,
    /// How the person is to be verified.
    pub way: Way,
    /// As in [`Outcome`].
    pub face: Option<VisualCheck>,
    /// As in [`Outcome`]: this device has looked at no list of what is revoked.
    pub certificate: Option<LocalVerdict>,
    /// As in [`Outcome`].
    pub genuineness: Option<Genuineness>,
    /// When it was, by the server's time as this device counts it on.
    pub claimed_at: Timestamp,
    /// Until when it has to be sent.
    pub expires: Timestamp,
    /// The date of this device was set since the tickets were fetched. It changes nothing of this: tell it, so that it is
    /// set right.
    pub clock_set: bool,
    /// What was noticed of the store.
    pub findings: Vec<Finding>,
    /// How often the journal was written: keep it beside the key.
    pub mark: u64,
}

impl fmt::Debug for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, way, expires, .. } = self;
        f.debug_struct("Waits")
            .field("number", number)
            .field("way", way)
            .field("expires", expires)
            .finish_non_exhaustive()
    }
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
