//! What stands on the face of a card: as a nurse reads it off, and the photo of it that its chip holds.

use kaigotap::flow;
use zeroize::Zeroizing;

use crate::person::Photo;
use crate::way::Faulty;
use crate::{hidden, mirror};

/// The three things printed on a card that make verification number B (照合番号B), as somebody typed them: digits of any
/// width. What cannot stand on a card is asked for again. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct PrintedFields {
    /// Date of birth, 6 digits: `YYMMDD` with the year of the Japanese era that is printed (昭和16年5月3日 is `160503`).
    pub birth_date: String,
    /// Year in which the card expires, 4 digits, Gregorian: `2035`.
    pub expiry_year: String,
    /// Security code, the 4 digits beside the photo.
    pub security_code: String,
}

/// The photo that the card's chip holds, whose signature was verified. For the eye of the nurse and for nothing else: never
/// keep it, never log it. Shows nothing when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct ChipPhoto {
    /// As the card has it, greyscale (JPEG 2000, JP2 file).
    pub jp2: Vec<u8>,
    /// As pixels; `None` where it cannot be decoded, or this library was built without the decoder.
    pub pixels: Option<Photo>,
}
hidden!(PrintedFields ChipPhoto);

impl From<PrintedFields> for flow::PrintedFields {
    fn from(typed: PrintedFields) -> Self {
        Self {
            birth_date: Zeroizing::new(typed.birth_date),
            expiry_year: Zeroizing::new(typed.expiry_year),
            security_code: Zeroizing::new(typed.security_code),
        }
    }
}

impl From<flow::ChipPhoto> for ChipPhoto {
    fn from(photo: flow::ChipPhoto) -> Self {
        #[cfg(feature = "photo")]
        let pixels = photo.decode().ok().map(Into::into);
        #[cfg(not(feature = "photo"))]
        let pixels = None;
        Self { jp2: photo.jp2().to_vec(), pixels }
    }
}

mirror! {
    /// One of the three.
    PrintedField from flow::PrintedField, else BirthDate {
        /// Date of birth (生年月日).
        BirthDate,
        /// Year of expiry (有効期限の年).
        ExpiryYear,
        /// Security code (セキュリティコード).
        SecurityCode,
    }
}

/// Why the three are asked for again. The card was not asked, and no try was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PrintedFault {
    /// Which one.
    pub field: PrintedField,
    /// What is wrong with it.
    pub faulty: Faulty,
}

impl From<flow::PrintedFault> for PrintedFault {
    fn from(fault: flow::PrintedFault) -> Self {
        Self { field: fault.field.into(), faulty: fault.faulty.into() }
    }
}
