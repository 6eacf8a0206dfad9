//! What a nurse types from the paper certificate, as it was typed.

use std::fmt;

use zeroize::Zeroizing;

/// What stands on a paper certificate (被保険者証), as somebody typed it: of any width, with or without spaces. What cannot
/// be read is asked for again. Never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Insurer number (保険者番号), 6 digits. In a disaster it may be left empty together with the insured number.
    pub insurer_number: Zeroizing<String>,
    /// Insured number (被保険者番号), 10 digits.
    pub insured_number: Zeroizing<String>,
    /// Name in kana, or in Latin letters where it is registered so.
    pub name_kana: Zeroizing<String>,
    /// Date of birth: `昭和16年5月3日`, `S16.5.3`, `1941-05-03`.
    pub birth_date: Zeroizing<String>,
    /// Sex (性別): `男`, `女`, `male`, `female`.
    pub sex: Zeroizing<String>,
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attributes(..)")
    }
}

/// One of the attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Attribute {
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

/// What is wrong with an attribute that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Faulty {
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

/// Why the attributes are asked for again: which, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttributeFault {
    /// Which.
    pub attribute: Attribute,
    /// What is wrong with it.
    pub faulty: Faulty,
}
