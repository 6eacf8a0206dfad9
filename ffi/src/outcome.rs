//! What comes of conversations.

use std::fmt;

use kaigotap::{exchange, host, visit};

use crate::card::CardStatus;
use crate::certificate::Origin;
use crate::consent::Consent;
use crate::enrolment::Enrolment;
use crate::entitlement::Entitlement;
use crate::filing::{Filing, FilingPage};
use crate::information::Information;
use crate::journal::{JournalReport, JournalView, SendReport, ShiftChange, Tickets, WaitingVisit};
use crate::person::{Age, CardInformation, Face, Genuineness, Holder};
use crate::signed_in::SignedIn;
use crate::users::{OpenRegistration, UserPage};
use crate::way::{InsuranceDomain, Use};
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
    /// Of `confirm`.
    Confirmed {
        /// What the platform confirmed.
        confirmation: Confirmation,
        /// As in `VerifiedVisit`.
        face_confirmed_at_ms: Option<u64>,
        /// As in `VerifiedVisit`.
        trust: Option<Origin>,
    },
    /// Of `reopen`.
    Reopened {
        /// What the platform confirmed then, with another token.
        confirmation: Confirmation,
    },
    /// Of `entitlement`.
    Entitled {
        /// Who this is, and what they are entitled to.
        entitlement: Entitlement,
    },
    /// Of `information`.
    InformationTold {
        /// What the platform has of one kind.
        information: Information,
    },
    /// Of `list_users`.
    Users {
        /// A page of the list.
        page: UserPage,
    },
    /// Of `open_user`.
    Opened {
        /// What opens a visit without a card.
        registration: OpenRegistration,
    },
    /// Of `end_contract`.
    ContractEnded,
    /// Of `consent_on_record` and `take_consent`.
    ConsentTold {
        /// What is on record.
        consent: Consent,
    },
    /// Of `file_notice`.
    Filed {
        /// The notice as the platform has it.
        filing: Filing,
    },
    /// Of `list_filings`.
    Filings {
        /// A page of notices.
        page: FilingPage,
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
    /// Of `verify_journal`.
    JournalVerified {
        /// What was found.
        report: JournalReport,
    },
    /// Of `fetch_tickets`, `held_tickets` and `return_tickets`.
    TicketsHeld {
        /// What the device holds now.
        tickets: Tickets,
    },
    /// Of `offline_visit`.
    VisitWaits {
        /// What waits.
        waits: WaitingVisit,
    },
    /// Of `note_consent` and `note_filing`.
    NotedBehind {
        /// The number of its entry.
        number: u64,
        /// As in `JournalReport`.
        mark: u64,
    },
    /// Of `send_waiting`.
    WaitingSent {
        /// What came of it.
        report: SendReport,
    },
    /// Of `journal`.
    JournalTold {
        /// What the staff member sees.
        journal: JournalView,
    },
    /// Of `acknowledge`.
    Acknowledged {
        /// As in `JournalReport`.
        mark: u64,
    },
    /// Of `begin_shift`, `unlock_shift`, `lock_shift` and `end_shift`.
    ShiftChanged {
        /// What came of it.
        change: ShiftChange,
    },
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visit { verified } => write!(f, "Visit({verified:?})"),
            Self::Confirmed { .. } => f.write_str("Confirmed(..)"),
            Self::Reopened { .. } => f.write_str("Reopened(..)"),
            Self::Entitled { .. } => f.write_str("Entitled(..)"),
            Self::InformationTold { .. } => f.write_str("InformationTold(..)"),
            Self::Users { .. } => f.write_str("Users(..)"),
            Self::Opened { .. } => f.write_str("Opened(..)"),
            Self::ContractEnded => f.write_str("ContractEnded"),
            Self::ConsentTold { .. } => f.write_str("ConsentTold(..)"),
            Self::Filed { .. } => f.write_str("Filed(..)"),
            Self::Filings { .. } => f.write_str("Filings(..)"),
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
            Self::JournalVerified { report } => write!(f, "JournalVerified({report:?})"),
            Self::TicketsHeld { tickets } => write!(f, "TicketsHeld({tickets:?})"),
            Self::VisitWaits { waits } => write!(f, "VisitWaits({waits:?})"),
            Self::NotedBehind { number, .. } => write!(f, "NotedBehind({number})"),
            Self::WaitingSent { report } => write!(f, "WaitingSent({report:?})"),
            Self::JournalTold { journal } => write!(f, "JournalTold({journal:?})"),
            Self::Acknowledged { .. } => f.write_str("Acknowledged"),
            Self::ShiftChanged { change } => write!(f, "ShiftChanged({change:?})"),
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
    /// How the person was verified: `card_pin`, `card_tap`, `face_check`, `four_attributes`, `registered` or
    /// `disaster`. A face check is no verification with an electronic certificate: `trust` is nothing then.
    pub method: String,
    /// When, in milliseconds since 1970.
    pub verified_at_ms: u64,
    /// Until when the confirmation counts as fresh, in milliseconds since 1970.
    pub fresh_until_ms: u64,
    /// When the nurse confirmed the face, or whose the paper certificate is, by this device's clock, in milliseconds since
    /// 1970. Nothing where nobody was asked to look: a registered person who is seen again.
    pub face_confirmed_at_ms: Option<u64>,
    /// Under whose anchors the card's certificate holds; under those of a test hierarchy it says nothing about a real
    /// person. Show it. Nothing for a way that reads no certificate.
    pub trust: Option<Origin>,
    /// What this device made of the record that the way reads of the card: its age record, or in a face check that of its
    /// face. It says nothing of a revocation.
    pub genuineness: Option<Genuineness>,
    /// What the access token opens of what the plan was for.
    #[uniffi(default = [])]
    pub opens: Vec<Use>,
    /// What the nurse compared the person with: `printed_photo`, `chip_photo` or `certificate`; nothing where nobody was asked
    /// to look.
    #[uniffi(default = None)]
    pub face_basis: Option<String>,
    /// Which insurance it was for; nothing for one that this version has no name for.
    #[uniffi(default = None)]
    pub insurance_domain: Option<InsuranceDomain>,
}

/// What the platform confirmed of a person who was not asked about. Shows nothing of it when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Confirmation {
    /// As in `VerifiedVisit`.
    pub access_token: String,
    /// As in `VerifiedVisit`.
    pub evidence_token: Option<String>,
    /// As in `VerifiedVisit`.
    pub registration: Option<String>,
    /// As in `VerifiedVisit`.
    pub subject: String,
    /// Life of the token from its issue, in milliseconds.
    pub token_lifetime_ms: u64,
    /// How the person was verified.
    pub method: String,
    /// When, in milliseconds since 1970.
    pub verified_at_ms: u64,
    /// Until when that counts as fresh, in milliseconds since 1970.
    pub fresh_until_ms: u64,
    /// What the access token opens of what it was asked for.
    pub opens: Vec<Use>,
    /// As in `VerifiedVisit`.
    #[uniffi(default = None)]
    pub insurance_domain: Option<InsuranceDomain>,
}

hidden!(VerifiedVisit Confirmation);

impl From<exchange::Confirmation> for Confirmation {
    fn from(confirmation: exchange::Confirmation) -> Self {
        let lifetime = confirmation.token_lifetime.as_millis();
        Self {
            access_token: confirmation.token.secret().to_owned(),
            evidence_token: confirmation.evidence.map(|token| token.secret().to_owned()),
            registration: confirmation.registration.map(|handle| handle.secret().to_owned()),
            subject: confirmation.subject.as_str().to_owned(),
            token_lifetime_ms: u64::try_from(lifetime).unwrap_or(0),
            method: confirmation.way.code().to_owned(),
            verified_at_ms: milliseconds(confirmation.verified_at),
            fresh_until_ms: milliseconds(confirmation.fresh_until),
            opens: confirmation.opens.into_iter().filter_map(Use::of).collect(),
            insurance_domain: InsuranceDomain::of(confirmation.insurance_domain),
        }
    }
}

impl From<visit::Verified> for Outcome {
    fn from(verified: visit::Verified) -> Self {
        Self::Confirmed {
            confirmation: verified.confirmation.into(),
            face_confirmed_at_ms: verified.face.map(|face| milliseconds(face.checked_at)),
            trust: verified.certificate.map(|verdict| verdict.report().origin().into()),
        }
    }
}

impl From<visit::Outcome> for VerifiedVisit {
    fn from(outcome: visit::Outcome) -> Self {
        let confirmation = Confirmation::from(outcome.confirmation);
        Self {
            entitlement: outcome.entitlement.into(),
            access_token: confirmation.access_token,
            evidence_token: confirmation.evidence_token,
            registration: confirmation.registration,
            subject: confirmation.subject,
            token_lifetime_ms: confirmation.token_lifetime_ms,
            method: confirmation.method,
            verified_at_ms: confirmation.verified_at_ms,
            fresh_until_ms: confirmation.fresh_until_ms,
            face_confirmed_at_ms: outcome.face.map(|face| milliseconds(face.checked_at)),
            trust: outcome.certificate.map(|verdict| verdict.report().origin().into()),
            genuineness: outcome.genuineness.map(Into::into),
            opens: confirmation.opens,
            face_basis: outcome.face.map(|face| face.basis.code().to_owned()),
            insurance_domain: confirmation.insurance_domain,
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
