//! The care platform (介護情報基盤) as a facility sees it.

//!
//! What a facility asks by itself shows the staff member's token: its [list of users](list_users), the
//! [opening](open_user) and [end](end_contract) of a registration, its [filings](list_filings). What is about a person shows
//! the token of a visit: the [entitlement] as it is now, the other [kinds](information) of information, [consent], and a
//! [notice](file_notice) to the insurer. Each is a conversation of its own.

mod caller;
mod certificate;
pub(crate) mod code;
mod consent;
mod entitlement;
mod facility;
mod filing;
mod information;
mod kana;
mod opening;
mod person;
mod registration;
pub mod rule;
#[cfg(test)]
mod tests;
mod users;

pub(crate) use caller::read as read_json;
pub use caller::{Caller, Cursor};
pub(crate) use certificate::PaperCertificate;
pub use certificate::{BirthDate, InsuredNumber, InsurerNumber, KanaName};
pub(crate) use code::open_code;
pub(crate) use consent::TakenConsent;
pub use consent::{Assent, Consent, ConsentState, ConsentTaker, MayTake, consent, take_consent};
pub use entitlement::{
    BenefitLimit, BenefitLimitCode, BurdenRatio, CareLevel, CareLevelCode, CareManager,
    Entitlement, Insurer, LimitCertificate, LimitStage, MedicalInsurance, Periodic, Storage,
};
pub(crate) use entitlement::{ask_entitlement, read_entitlement};
pub use facility::FacilityKind;
pub(crate) use filing::SaidNotice;
pub use filing::{
    Filing, FilingId, FilingKind, FilingPage, FilingStatus, Notice, file_notice, list_filings,
};
pub(crate) use information::read_information;
pub use information::{
    ApplicationKind, CarePlanRecord, CertificationProgress, CertificationRecord,
    DoctorOpinionRecord, HousingItem, HousingKind, HousingRecord, Information, InformationKind,
    LifeItem, LifeRecord, Records, SurveyItem, SurveyRecord, information,
};
pub use opening::{entitlement, reopen, reopen_for};
pub(crate) use opening::{reads, with_consent};
pub(crate) use person::personal;
pub use person::{ChosenPerson, Person, Sex};
pub use registration::{OpenRegistration, end_contract, open_user};
pub use users::{
    Changed, Due, DueKind, User, UserPage, UserSearch, VerificationMethod, list_users,
};
#[cfg(feature = "fuzzing")]
pub(crate) use {
    consent::read_consent, filing::read_filings, registration::read_open, users::read_users,
};
