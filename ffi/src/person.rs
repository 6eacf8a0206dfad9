//! Records that a card holds of a person, and what was shown of them.

use kaigotap::card::record;
use kaigotap::pki::CardKey;
use kaigotap::pki::card_certificate as signed;
use kaigotap::reading;

use crate::certificate::Origin;
use crate::failure::{KaigoTapError, unusable};
use crate::{hidden, mirror};

/// Whose signatures under a card's records count.
#[derive(Clone, uniffi::Enum)]
pub enum CardAuthorities {
    /// Those of real cards.
    Production,
    /// Those of the test cards that J-LIS lends to developers.
    JpkiTest,
    /// A test hierarchy, such as that of the virtual card.
    Test {
        /// Of 券面事項入力補助AP.
        input_support: CardAuthorityKey,
        /// Of 券面事項確認AP.
        face: CardAuthorityKey,
    },
}

/// A key and its name.
#[derive(Clone, uniffi::Record)]
pub struct CardAuthorityKey {
    /// 16 bytes.
    pub key_id: Vec<u8>,
    /// RSA modulus, big endian, 2048 bits.
    pub modulus: Vec<u8>,
}

impl CardAuthorities {
    pub(crate) fn into_core(self) -> Result<signed::CardAuthorities, KaigoTapError> {
        let key = |key: CardAuthorityKey| {
            let id = <[u8; 16]>::try_from(key.key_id).map_err(|_| unusable("a key id"))?;
            let key = CardKey::of_modulus(&key.modulus).ok_or_else(|| unusable("a modulus"))?;
            Ok::<_, KaigoTapError>((id, key))
        };
        Ok(match self {
            Self::Production => signed::CardAuthorities::production(),
            Self::JpkiTest => signed::CardAuthorities::jpki_test(),
            Self::Test { input_support, face } => {
                signed::CardAuthorities::test(key(input_support)?, key(face)?)
            }
        })
    }
}

/// What could be shown of a record. There is no value called genuine: look at each part.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Genuineness {
    /// Under whose authority the record is signed.
    pub signed_by: Origin,
    /// Date of birth, and name, address and sex where the record has them.
    pub attributes: Part,
    /// The photo.
    pub photo: Part,
    /// The card's last day of validity. No record signs it.
    pub expiry: Part,
    /// Whether the card that holds the record was here.
    pub present: Presence,
}

mirror! {
    /// What was shown of one part.
    Part from signed::Part, else NotSigned {
        /// The authority's signature covers it, and holds.
        Signed,
        /// The record has it, and no signature covers it.
        NotSigned,
        /// The record does not have it.
        Absent,
    }
}

/// Whether the card was here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Presence {
    /// It signed the challenge that it was given, with the key that its record names.
    Live,
    /// It was not asked: the record may be a copy.
    NotChecked,
}

impl From<signed::Genuineness> for Genuineness {
    fn from(genuineness: signed::Genuineness) -> Self {
        Self {
            signed_by: genuineness.signed_by.into(),
            attributes: genuineness.attributes.into(),
            photo: genuineness.photo.into(),
            expiry: genuineness.expiry.into(),
            present: match genuineness.present {
                signed::Presence::Live { .. } => Presence::Live,
                _ => Presence::NotChecked,
            },
        }
    }
}

mirror! {
    /// What a card's code of a sex means (JIS X 0303).
    Sex from record::Sex, else Unknown {
        /// `1`
        Male,
        /// `2`
        Female,
        /// `9`
        NotApplicable,
        /// `0`, or a code that no source explains.
        Unknown,
    }
}

/// Who holds the card (基本4情報), with its proof. Shows nothing of it when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Holder {
    /// Name; family and given name are separated by U+3000. Characters outside JIS stand replaced.
    pub name: String,
    /// Address; its digits are full-width.
    pub address: String,
    /// Date of birth as the card has it: 8 digits, or something else where the register does not know it.
    pub birth_as_written: String,
    /// Date of birth, where it is a date: `YYYY-MM-DD`, or `YYYY-MM` or `YYYY` where that is all that is known.
    pub birth_date: Option<String>,
    /// Sex.
    pub sex: Sex,
    /// What was shown of it.
    pub genuineness: Genuineness,
}

/// The card's face, with its proof. Shows nothing of it when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Face {
    /// Date of birth as the card has it.
    pub birth_as_written: String,
    /// Date of birth, where it is a date: `YYYY-MM-DD`, or `YYYY-MM` or `YYYY` where that is all that is known.
    pub birth_date: Option<String>,
    /// Sex.
    pub sex: Sex,
    /// Name, as a black-and-white picture (PNG).
    pub name_image: Vec<u8>,
    /// Address, as a black-and-white picture (PNG).
    pub address_image: Vec<u8>,
    /// Photo as the card has it, greyscale (JPEG 2000, JP2 file).
    pub photo_jp2: Vec<u8>,
    /// The photo as pixels; `None` where it cannot be decoded, or this library was built without the decoder.
    pub photo: Option<Photo>,
    /// Last day of validity of the card, as it has it. **Not signed.**
    pub expiry_as_written: String,
    /// The four-digit code under the photo, as a picture (PNG). **Not signed.**
    pub security_code_image: Vec<u8>,
    /// What was shown of it.
    pub genuineness: Genuineness,
}

/// A photo: 8 bits of grey a pixel, row by row from the top left. Shows nothing of it when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Photo {
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width` × `height` bytes; 0 is black.
    pub grey: Vec<u8>,
}

/// A date of birth that the card vouches for. Shows nothing of it when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Age {
    /// Date of birth as the card has it.
    pub birth_as_written: String,
    /// Date of birth, where it is a date: `YYYY-MM-DD`, or `YYYY-MM` or `YYYY` where that is all that is known.
    pub birth_date: Option<String>,
    /// What was shown of it.
    pub genuineness: Genuineness,
}

/// Basic information of the face AP; not signed. Shows nothing of it when printed.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct CardInformation {
    /// Version of the specification.
    pub specification: u8,
    /// Whether the card says that it takes extended-length commands.
    pub extended_length: bool,
    /// Code of the municipality that issued the card, 5 digits. Personal: it says where someone lived.
    pub municipality: String,
}
hidden!(Holder Face Photo Age CardInformation);

fn date(recorded: &record::RecordedDate) -> Option<String> {
    recorded.date().map(|date| date.to_string())
}

impl From<reading::Holder> for Holder {
    fn from(holder: reading::Holder) -> Self {
        Self {
            birth_as_written: holder.record.birth.as_written().to_owned(),
            birth_date: date(&holder.record.birth),
            sex: holder.record.sex.meaning().into(),
            name: holder.record.name,
            address: holder.record.address,
            genuineness: holder.genuineness.into(),
        }
    }
}

#[cfg(feature = "photo")]
impl From<record::Photo> for Photo {
    fn from(photo: record::Photo) -> Self {
        Self { width: photo.width, height: photo.height, grey: photo.grey.to_vec() }
    }
}

impl From<reading::Face> for Face {
    fn from(face: reading::Face) -> Self {
        Self {
            photo: photo(&face.record),
            birth_as_written: face.record.birth.as_written().to_owned(),
            birth_date: date(&face.record.birth),
            sex: face.record.sex.meaning().into(),
            name_image: face.record.name_image.to_vec(),
            address_image: face.record.address_image.to_vec(),
            photo_jp2: face.record.photo.to_vec(),
            expiry_as_written: face.record.expiry.as_written().to_owned(),
            security_code_image: face.record.security_code_image.to_vec(),
            genuineness: face.genuineness.into(),
        }
    }
}

#[cfg(feature = "photo")]
fn photo(record: &record::FaceRecord) -> Option<Photo> {
    let photo = record.decode_photo().ok()?;
    Some(photo.into())
}

#[cfg(not(feature = "photo"))]
fn photo(_: &record::FaceRecord) -> Option<Photo> {
    None
}

impl From<reading::Age> for Age {
    fn from(age: reading::Age) -> Self {
        Self {
            birth_as_written: age.record.birth.as_written().to_owned(),
            birth_date: date(&age.record.birth),
            genuineness: age.genuineness.into(),
        }
    }
}

impl From<record::ApplicationInformation> for CardInformation {
    fn from(information: record::ApplicationInformation) -> Self {
        Self {
            specification: information.specification,
            extended_length: information.extended_length,
            municipality: information.municipality,
        }
    }
}
