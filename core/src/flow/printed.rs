//! What stands on the face of a card: as a nurse reads it off, and the photo of it that its chip holds.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::attributes::Faulty;

/// The three things printed on a card that make verification number B (照合番号B), as somebody typed them: digits of any
/// width. What cannot stand on a card is asked for again. Never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PrintedFields {
    /// Date of birth, 6 digits: `YYMMDD` with the year of the Japanese era that is printed (昭和16年5月3日 is `160503`).
    pub birth_date: Zeroizing<String>,
    /// Year in which the card expires, 4 digits, Gregorian: `2035`.
    pub expiry_year: Zeroizing<String>,
    /// Security code, the 4 digits beside the photo.
    pub security_code: Zeroizing<String>,
}

impl fmt::Debug for PrintedFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Printed(..)")
    }
}

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrintedField {
    /// Date of birth (生年月日).
    BirthDate,
    /// Year of expiry (有効期限の年).
    ExpiryYear,
    /// Security code (セキュリティコード).
    SecurityCode,
}

/// Why the three are asked for again: which, and what is wrong with it. The card was not asked, and no try was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PrintedFault {
    /// Which.
    pub field: PrintedField,
    /// What is wrong with it.
    pub faulty: Faulty,
}

/// The photo that the card's chip holds, signed: greyscale, a JPEG 2000 file (JP2, ISO/IEC 15444-1 Annex I). For the eye
/// of the nurse and for nothing else: never keep it, never log it. Wiped when the last copy is dropped; not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ChipPhoto(Arc<Zeroizing<Vec<u8>>>);

impl ChipPhoto {
    pub(crate) fn new(jp2: &[u8]) -> Self {
        Self(Arc::new(Zeroizing::new(jp2.to_vec())))
    }

    /// The file as the card has it.
    pub fn jp2(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ChipPhoto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChipPhoto(..)")
    }
}
