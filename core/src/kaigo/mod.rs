//! The care platform (介護情報基盤) as seen from a facility: whom it insures, and what they are entitled to.

mod entitlement;

pub use entitlement::{
    BurdenRatio, CareLevel, CareLevelCode, Entitlement, Insurer, LimitCertificate, LimitStage,
    Periodic, Person, Sex,
};
pub(crate) use entitlement::{entitlement_request, read_entitlement};
