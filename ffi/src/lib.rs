//! KaigoTap for other languages, through UniFFI: what `README.md` beside this crate describes function by function.
//!
//! No logic is here: each function hands its arguments to the core and gives back what the core says. A conversation is
//! an object with `start` and `resume`; nothing calls back into the app and nothing is asynchronous, so whoever holds
//! the object owns threads, time limits, network and screen.

#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod browse;
mod card;
mod care;
mod certificate;
mod consent;
mod conversation;
mod enrol;
mod enrolment;
mod entitlement;
mod failure;
mod filing;
mod host;
mod http;
#[cfg(feature = "http")]
mod http_client;
mod information;
mod journal;
mod keep;
mod offline;
mod outcome;
mod person;
mod printed;
mod reading;
mod reply;
mod request;
mod sign;
mod sign_in;
mod signed_in;
mod term;
mod users;
mod visit;
mod way;

pub use browse::BrowseError;
pub use card::{
    Application, CardStatus, CertificateState, PinKind, PinReport, PinState, Token,
    card_deselection, card_recognition,
};
pub use care::{
    consent_on_record, end_contract, entitlement, file_notice, information, list_filings,
    list_users, open_user, reopen, take_consent,
};
pub use certificate::{
    CertificateCheck, CertificateVerdict, Demand, Finding, Origin, Purpose, Revocation,
    TrustAnchors,
};
pub use consent::Consent;
pub use conversation::{Conversation, Step};
pub use enrol::{EnrolPlan, enrol, refresh_device, roll_over_key};
pub use enrolment::{
    ChallengeKey, DeviceKey, EnrolledDevice, Enrolment, MutualTls, enrolment_from_json,
    enrolment_to_json,
};
pub use entitlement::{
    BenefitLimit, BurdenRatio, CareLevel, CareLevelCode, CareManager, Due, Entitlement, Insurer,
    LimitCertificate, LimitStage, MedicalInsurance, Person, RegisteredSex,
};
pub use failure::{
    Differences, Failure, FailureKind, HostFault, KaigoTapError, Language, Retry, failure,
};
pub use filing::{Filing, FilingKind, FilingPage, Notice};
pub use host::host_check;
pub use http::{Header, HttpError, HttpRequest, HttpResponse, Method};
#[cfg(feature = "http")]
pub use http_client::HttpClient;
pub use information::{
    CarePlanRecord, CertificationRecord, DoctorOpinionRecord, HousingItem, HousingRecord,
    Information, InformationItem, InformationKind, InformationRecords, LifeRecord, SurveyRecord,
};
pub use journal::{
    EntryState, HeldTicket, JournalEntry, JournalFinding, JournalKey, JournalReport, JournalView,
    OpenedVisit, SendReport, Shift, ShiftChange, Tickets, WaitingVisit, sign_failure,
    store_failure,
};
pub use keep::{Entry, StoreError};
pub use offline::{
    OfflineEnvironment, acknowledge, begin_shift, end_shift, fetch_tickets, held_tickets, journal,
    lock_shift, note_consent, note_filing, offline_visit, return_tickets, send_waiting,
    unlock_shift, verify_journal,
};
pub use outcome::{Confirmation, HostReport, Outcome, VerifiedVisit};
pub use person::{
    Age, CardAuthorities, CardAuthorityKey, CardInformation, Face, Genuineness, Holder, Part,
    Photo, Presence, Sex,
};
pub use printed::{ChipPhoto, PrintedFault, PrintedField, PrintedFields};
pub use reading::{
    Credential, HolderKey, age, card_certificate, card_information, card_status, change_pin, face,
    holder,
};
pub use reply::{FaceCheck, LinkCapacity, LinkError, Reply};
pub use request::{Occasion, PinTiming, Progress, Prompt, Request, Stage, WhyNewPin, WhyPin};
pub use sign::SignError;
pub use sign_in::{SignInPlan, sign_in, sign_out};
pub use signed_in::SignedIn;
pub use term::Term;
pub use users::{OpenRegistration, User, UserPage, UserSearch};
pub use visit::{ChosenPerson, Environment, Plan, confirm, visit};
pub use way::{
    Attribute, AttributeFault, Attributes, BirthDateRead, Faulty, InsuranceDomain, Use, Way,
};

uniffi::setup_scaffolding!("kaigotap");

/// UniFFI's buffers carry commands that hold PINs, and are freed as they are. With this, what is freed is zeroed first.
#[cfg(not(test))]
#[global_allocator]
static WIPING: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// The version of this library.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Milliseconds since 1970-01-01T00:00:00Z, the one form of every moment here; what lies before is 0.
fn milliseconds(at: jiff::Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

/// The moment of so many milliseconds; `None` beyond the year 9999.
fn moment(milliseconds: u64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(i64::try_from(milliseconds).ok()?).ok()
}

/// Gives records that hold something personal or secret a description without it, in every language: what an app
/// prints or logs by accident shows no more than a name of the type.
macro_rules! hidden {
    ($($name:ident)*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self, f)
            }
        }
    )* };
}
use hidden;

/// Enums that stand for an enum of the core, variant by variant.
macro_rules! mirror {
    ($(#[$doc:meta])* $name:ident of $core:path { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl From<$name> for $core {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant,)* }
            }
        }
    };
    // Where the core may grow: what this version has no name for becomes the given variant.
    ($(#[$doc:meta])* $name:ident from $core:path, else $other:ident { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl From<$core> for $name {
            #[allow(unreachable_patterns, reason = "the core may grow")]
            fn from(value: $core) -> Self {
                match value { $(<$core>::$variant => Self::$variant,)* _ => Self::$other }
            }
        }
    };
    ($(#[$doc:meta])* $name:ident from $core:path { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl From<$core> for $name {
            fn from(value: $core) -> Self {
                match value { $(<$core>::$variant => Self::$variant,)* }
            }
        }
    };
}
use mirror;
