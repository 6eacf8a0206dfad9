//! The care platform (介護情報基盤) as a facility sees it.

mod certificate;
mod code;
mod entitlement;
mod kana;
mod person;

pub(crate) use certificate::PaperCertificate;
pub use certificate::{BirthDate, InsuredNumber, InsurerNumber, KanaName};
pub(crate) use entitlement::entitlement;
#[cfg(feature = "fuzzing")]
pub(crate) use entitlement::read_entitlement;
pub use entitlement::{
    BurdenRatio, CareLevel, CareLevelCode, Entitlement, Insurer, LimitCertificate, LimitStage,
    Periodic,
};
pub use person::{ChosenPerson, Person, Sex};
