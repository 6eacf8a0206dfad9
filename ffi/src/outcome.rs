//! What comes of conversations.

use std::fmt;

use kaigotap::{host, visit};

use crate::card::CardStatus;
use crate::certificate::Origin;
use crate::enrolment::Enrolment;
use crate::entitlement::Entitlement;
use crate::person::{Age, CardInformation, Face, Genuineness, Holder};
use crate::signed_in::SignedIn;
use crate::{hidden, milliseconds};

/// What came of a conversation: one for each function that makes conversations.
#[derive(uniffi::Enum)]
#[uniffi::export(Debug, Display)]
#[allow(clippy::large_enum_variant, reason = "it is serialised at once")]
pub enum Outcome {
    /// Of `visit`.
    Visit {
        /// Who this is, and what they are entitled to.
        verified: VerifiedVisit,
    },
    /// Of `card_status`.
    Status {
        /// What the card tells.
        status: CardStatus,
    },
    /// Of `card_certificate`.
    Certificate {
        /// The certificate, DER. That for signatures names its holder.
        der: Vec<u8>,
    },
    /// Of `holder`.
    Holder {
        /// Who holds the card.
        holder: Holder,
    },
    /// Of `face`.
    Face {
        /// The card's face.
        face: Face,
    },
    /// Of `age`.
    Age {
        /// The date of birth.
        age: Age,
    },
    /// Of `card_information`.
    Information {
        /// Basic information.
        information: CardInformation,
    },
    /// Of `change_pin`: the PIN is changed.
    PinChanged,
    /// Of `enrol`, `refresh_device` and `roll_over_key`.
    Enrolled {
        /// For whom the device works, and whom it trusts: to be kept.
        enrolment: Enrolment,
    },
    /// Of `sign_in`.
    SignedIn {
        /// Who has signed in.
        staff: SignedIn,
    },
    /// Of `sign_out`: on every device.
    SignedOut,
    /// Of `host_check`: the app answers as it should.
    HostChecked {
        /// What was found.
        report: HostReport,
    },
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visit { verified } => write!(f, "Visit({verified:?})"),
            Self::Status { status } => write!(f, "Status({status:?})"),
            Self::Certificate { .. } => f.write_str("Certificate(..)"),
            Self::Holder { holder } => write!(f, "Holder({holder:?})"),
            Self::Face { face } => write!(f, "Face({face:?})"),
            Self::Age { age } => write!(f, "Age({age:?})"),
            Self::Information { information } => write!(f, "Information({information:?})"),
            Self::PinChanged => f.write_str("PinChanged"),
            Self::Enrolled { enrolment } => write!(f, "Enrolled({enrolment:?})"),
            Self::SignedIn { staff } => write!(f, "SignedIn({staff:?})"),
            Self::SignedOut => f.write_str("SignedOut"),
            Self::HostChecked { report } => write!(f, "HostChecked({report:?})"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The end of a visit that came to its end. Shows nothing of it when printed. Three lifetimes, never merged: the
/// token's, the confirmation's, and the registration's, which only the platform knows.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct VerifiedVisit {
    /// Who this is and what they are entitled to.
    pub entitlement: Entitlement,
    /// Opens the platform for this person; for the `Authorization` header of a request to it, with a proof by this
    /// device's key beside it (RFC 9449), and for nothing else.
    pub access_token: String,
    /// Opens another token as long as the confirmation is fresh, where the way left evidence.
    pub evidence_token: Option<String>,
    /// The handle of the person's registration with the facility, where there is one: opens a re-visit.
    pub registration: Option<String>,
    /// Who the person is to this platform: a name without a meaning elsewhere.
    pub subject: String,
    /// Life of the token from its issue, in milliseconds.
    pub token_lifetime_ms: u64,
    /// How the person was verified: `card_pin`, `card_tap`, `four_attributes`, `registered` or `disaster`.
    pub method: String,
    /// When, in milliseconds since 1970.
    pub verified_at_ms: u64,
    /// Until when the confirmation counts as fresh, in milliseconds since 1970.
    pub fresh_until_ms: u64,
    /// When the nurse confirmed the face, or whose the paper certificate is, by this device's clock, in milliseconds since
    /// 1970. Nothing where nobody was asked to look: a registered person who is seen again.
    pub face_confirmed_at_ms: Option<u64>,
    /// Under whose anchors the card's certificate holds; under those of a test hierarchy it says nothing about a real
    /// person. Show it. Nothing for a way without a card.
    pub trust: Option<Origin>,
    /// What this device made of the card's age record, where the way reads it.
    pub genuineness: Option<Genuineness>,
}

hidden!(VerifiedVisit);

impl From<visit::Outcome> for VerifiedVisit {
    fn from(outcome: visit::Outcome) -> Self {
        let confirmation = outcome.confirmation;
        let lifetime = confirmation.token_lifetime.as_millis();
        Self {
            entitlement: outcome.entitlement.into(),
            access_token: confirmation.token.secret().to_owned(),
            evidence_token: confirmation.evidence.map(|token| token.secret().to_owned()),
            registration: confirmation.registration.map(|handle| handle.secret().to_owned()),
            subject: confirmation.subject.as_str().to_owned(),
            token_lifetime_ms: u64::try_from(lifetime).unwrap_or(0),
            method: confirmation.way.code().to_owned(),
            verified_at_ms: milliseconds(confirmation.verified_at),
            fresh_until_ms: milliseconds(confirmation.fresh_until),
            face_confirmed_at_ms: outcome.face.map(|face| milliseconds(face.checked_at)),
            trust: outcome.certificate.map(|verdict| verdict.report().origin().into()),
            genuineness: outcome.genuineness.map(Into::into),
        }
    }
}

/// What was found of an app that answers as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct HostReport {
    /// How many entries it keeps; nothing was changed about them.
    pub entries: u32,
    /// Whether a key was tried.
    pub signs: bool,
}

impl From<host::HostReport> for HostReport {
    fn from(report: host::HostReport) -> Self {
        Self { entries: u32::try_from(report.entries).unwrap_or(u32::MAX), signs: report.signs }
    }
}
