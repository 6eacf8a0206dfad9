//! What the card's records say. Every record is read strictly: each object that is wanted stands once, and what is
//! given out is cut from the same bytes that the signature covers. Offset tables are the card's own claims and not used.

mod age;
mod face;
mod holder;
mod information;
#[cfg(feature = "photo")]
mod photo;

pub use age::AgeRecord;
pub use face::FaceRecord;
pub use holder::HolderRecord;
pub(crate) use holder::{ApplicationKey, Integrity};
pub use information::ApplicationInformation;
#[cfg(feature = "photo")]
pub use photo::Photo;

use crate::date::PartialDate;
use crate::iso7816::tlv::{Objects, Tlv};

/// A record that is not of the form that it should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record of the card is malformed: {0}")]
pub struct Malformed(pub(crate) &'static str);

impl From<Malformed> for crate::message::Failure {
    fn from(malformed: Malformed) -> Self {
        Self::new(crate::message::Code::CardRecordInvalid).with_detail(malformed.0)
    }
}

/// A date as it stands in a record: 8 digits, with zeros or something else where the register does not know it.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordedDate(String);

impl RecordedDate {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Malformed> {
        text(value).map(Self)
    }

    /// As it stands.
    pub fn as_written(&self) -> &str {
        &self.0
    }

    /// The date, where at least its year is known: `YYYYMMDD`, Gregorian, with `00` for an unknown month or day.
    pub fn date(&self) -> Option<PartialDate> {
        PartialDate::from_digits(&self.0).ok()
    }
}

/// Sex as it stands in a record (JIS X 0303, ISO/IEC 5218).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecordedSex(u8);

impl RecordedSex {
    pub(crate) fn read(value: &[u8]) -> Result<Self, Malformed> {
        match value {
            [code] => Ok(Self(*code)),
            _ => Err(Malformed("sex")),
        }
    }

    /// As it stands: one ASCII character.
    pub fn as_written(self) -> char {
        char::from(self.0)
    }

    /// What it means.
    pub fn meaning(self) -> Sex {
        match self.0 {
            b'1' => Sex::Male,
            b'2' => Sex::Female,
            b'9' => Sex::NotApplicable,
            _ => Sex::Unknown,
        }
    }
}

/// What a sex code means.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sex {
    /// `1`
    Male,
    /// `2`
    Female,
    /// `9`
    NotApplicable,
    /// `0`, or a code that no source explains.
    Unknown,
}

macro_rules! personal {
    ($($name:ty)*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )* };
}
pub(crate) use personal;
personal!(RecordedDate RecordedSex Sex);

/// The objects of these tags inside the one object of a record. Each has to stand once; others are passed over.
fn objects<const N: usize>(
    record: &[u8],
    outer: u32,
    tags: [u32; N],
) -> Result<[Tlv<'_>; N], Malformed> {
    let (whole, _) = Tlv::read(record).map_err(|_| Malformed("not an object"))?;
    if whole.tag != outer {
        return Err(Malformed("another record"));
    }
    inside(whole.value, tags)
}

/// The objects of these tags in a row of objects.
fn inside<const N: usize>(bytes: &[u8], tags: [u32; N]) -> Result<[Tlv<'_>; N], Malformed> {
    let mut found: [Option<Tlv<'_>>; N] = [None; N];
    for object in Objects::new(bytes) {
        let object = object.map_err(|_| Malformed("an object inside"))?;
        for (slot, tag) in found.iter_mut().zip(tags) {
            if object.tag == tag && slot.replace(object).is_some() {
                return Err(Malformed("an object twice"));
            }
        }
    }
    let mut complete = [Tlv { tag: 0, value: &[], raw: &[] }; N];
    for (slot, object) in complete.iter_mut().zip(found) {
        *slot = object.ok_or(Malformed("an object is missing"))?;
    }
    Ok(complete)
}

fn text(value: &[u8]) -> Result<String, Malformed> {
    String::from_utf8(value.to_vec()).map_err(|_| Malformed("characters outside UTF-8"))
}

#[cfg(test)]
mod tests;
