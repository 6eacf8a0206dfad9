//! Ways of verifying a person, and what is typed for those without a card.

use kaigotap::{exchange, flow};
use zeroize::Zeroizing;

use crate::{hidden, mirror};

mirror! {
    /// A way of verifying a person (本人確認の方法).
    Way of flow::Way {
        /// Face by eye, then a tap without PIN (かざし利用): for who was verified with card and PIN before.
        CardTap,
        /// Face by eye, then card with PIN.
        CardPin,
        /// Seen again without a card: for who is registered with the facility (利用者登録).
        Registered,
        /// Face by eye, beside the photo in the card's chip (券面確認); then the paper certificate. No PIN.
        FaceCheck,
        /// The paper certificate (被保険者証), of which the nurse types what stands on it (4情報).
        FourAttributes,
        /// Name, date of birth and sex, where the rules for disasters are in force (災害時の特例).
        Disaster,
    }
}

mirror! {
    /// The insurance that a visit is for. 訪問看護 changes between the two; who was confirmed for one is confirmed for the
    /// other.
    InsuranceDomain of exchange::InsuranceDomain {
        /// Care insurance (介護保険).
        Care,
        /// Medical insurance (医療保険): for 訪問看護 only.
        Medical,
    }
}

impl InsuranceDomain {
    /// Of the core's; nothing for one that this version has no name for.
    pub(crate) fn of(domain: exchange::InsuranceDomain) -> Option<Self> {
        Some(match domain {
            exchange::InsuranceDomain::Care => Self::Care,
            exchange::InsuranceDomain::Medical => Self::Medical,
            _ => return None,
        })
    }
}

impl Way {
    /// Of the core's way; nothing for one that this version has no name for, which is not offered then.
    pub(crate) fn of(way: flow::Way) -> Option<Self> {
        Some(match way {
            flow::Way::CardTap => Self::CardTap,
            flow::Way::CardPin => Self::CardPin,
            flow::Way::Registered => Self::Registered,
            flow::Way::FaceCheck => Self::FaceCheck,
            flow::Way::FourAttributes => Self::FourAttributes,
            flow::Way::Disaster => Self::Disaster,
            _ => return None,
        })
    }
}

mirror! {
    /// What a token shall open (利用の目的).
    Use of exchange::Use {
        /// View qualification and entitlement, and such kinds of information as the plan reads.
        View,
        /// Register the person with this facility.
        Register,
        /// Take the person's consent (包括同意) in the municipality's stead.
        Consent,
        /// File a care plan notice (居宅サービス計画作成依頼届出). Only a card opens it.
        CarePlanNotice,
    }
}

impl Use {
    /// Of the core's use; nothing for one that this version has no name for.
    pub(crate) fn of(opened: exchange::Use) -> Option<Self> {
        Some(match opened {
            exchange::Use::View => Self::View,
            exchange::Use::Register => Self::Register,
            exchange::Use::Consent => Self::Consent,
            exchange::Use::CarePlanNotice => Self::CarePlanNotice,
            _ => return None,
        })
    }
}

/// What stands on a paper certificate (被保険者証), as somebody typed it: of any width, with or without spaces. What cannot
/// be read is asked for again. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Attributes {
    /// Insurer number (保険者番号), 6 digits. In a disaster it may be left empty together with the insured number.
    pub insurer_number: String,
    /// Insured number (被保険者番号), 10 digits.
    pub insured_number: String,
    /// Name in kana, or in Latin letters where it is registered so.
    pub name_kana: String,
    /// Date of birth: `昭和16年5月3日`, `S16.5.3`, `1941-05-03`.
    pub birth_date: String,
    /// Sex: `男`, `女`, `male`, `female`.
    pub sex: String,
}

/// A date of birth as it was read. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct BirthDateRead {
    /// `YYYY-MM-DD`, or as much of it as is known.
    pub date: String,
    /// As the certificate has it: `昭和16年5月3日`.
    pub japanese: String,
    /// The age in years today, where it is known.
    pub age: Option<u16>,
}
hidden!(Attributes BirthDateRead);

impl From<flow::Attributes> for Attributes {
    fn from(known: flow::Attributes) -> Self {
        Self {
            insurer_number: known.insurer_number.to_string(),
            insured_number: known.insured_number.to_string(),
            name_kana: known.name_kana.to_string(),
            birth_date: known.birth_date.to_string(),
            sex: known.sex.to_string(),
        }
    }
}

impl From<Attributes> for flow::Attributes {
    fn from(typed: Attributes) -> Self {
        Self {
            insurer_number: Zeroizing::new(typed.insurer_number),
            insured_number: Zeroizing::new(typed.insured_number),
            name_kana: Zeroizing::new(typed.name_kana),
            birth_date: Zeroizing::new(typed.birth_date),
            sex: Zeroizing::new(typed.sex),
        }
    }
}

mirror! {
    /// One of the attributes.
    Attribute from flow::Attribute, else NameKana {
        /// Insurer number (保険者番号).
        InsurerNumber,
        /// Insured number (被保険者番号).
        InsuredNumber,
        /// Name in kana (カナ氏名).
        NameKana,
        /// Date of birth (生年月日).
        BirthDate,
        /// Sex (性別).
        Sex,
    }
}

mirror! {
    /// What is wrong with an attribute that was typed.
    Faulty from flow::Faulty, else Characters {
        /// Nothing was typed.
        Empty,
        /// Not so many digits as it has.
        Length,
        /// Something in it that cannot stand there.
        Characters,
        /// A date that no calendar has, or a year that the era has not.
        NoSuchDate,
        /// A date that may be read in two ways: a year of two digits without its era, or the year at the end.
        Ambiguous,
        /// A date that has not come yet.
        Future,
        /// Read back to the nurse, and not what stands on the certificate.
        NotRight,
    }
}

/// Why the attributes are asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct AttributeFault {
    /// Which one.
    pub attribute: Attribute,
    /// What is wrong with it.
    pub faulty: Faulty,
}

impl From<flow::AttributeFault> for AttributeFault {
    fn from(fault: flow::AttributeFault) -> Self {
        Self { attribute: fault.attribute.into(), faulty: fault.faulty.into() }
    }
}
