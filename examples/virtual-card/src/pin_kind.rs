//! Everything on the card that VERIFY is used with.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use crate::{Application, Error, Purpose};

/// A PIN or code of one application. Each has its own counter, also where two hold the same digits (assumed).
///
/// Applications, ids and formats are certain, unless noted; the tries of the codes are single source (another says 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PinKind {
    /// 利用者証明用: JPKI `0018`, 4 digits, 3 tries.
    Authentication,
    /// 署名用: JPKI `001B`, 6 to 16 capital letters and digits, 5 tries.
    Signature,
    /// 券面事項入力補助用: `0011`, 4 digits, 3 tries.
    InputSupport,
    /// `0012` of the same application: blocked on every card from the beginning, purpose unknown (single source).
    InputSupportBlocked,
    /// 照合番号A for text: `0014`, the 12 digits of 個人番号, 10 tries.
    InputSupportA,
    /// 照合番号B for text: `0015`, 14 digits, 10 tries.
    InputSupportB,
    /// 生年月日読出用: `0011` of 券面事項確認AP, 6 digits, 10 tries (assumed).
    BirthDate,
    /// 照合番号B for the card face: `0012`, 14 digits, 10 tries.
    FaceB,
    /// 照合番号A for the card face: `0013`, 12 digits, 10 tries. Mind that A follows B here, and precedes it for text.
    FaceA,
    /// 住民基本台帳用, in 共通カードAP: `001C`, 4 digits, 3 tries.
    Common,
    /// 住民基本台帳用, in 住基AP: `001C`, 4 digits, 3 tries.
    ResidentRegister,
}

const NAMES: [(PinKind, &str); 11] = [
    (PinKind::Authentication, "authentication"),
    (PinKind::Signature, "signature"),
    (PinKind::InputSupport, "input-support"),
    (PinKind::InputSupportBlocked, "input-support-blocked"),
    (PinKind::InputSupportA, "input-support-a"),
    (PinKind::InputSupportB, "input-support-b"),
    (PinKind::BirthDate, "birth-date"),
    (PinKind::FaceB, "face-b"),
    (PinKind::FaceA, "face-a"),
    (PinKind::Common, "common"),
    (PinKind::ResidentRegister, "resident-register"),
];

/// How a PIN is changed, where its holder may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// CHANGE REFERENCE DATA (certain).
    ReferenceData,
    /// CHANGE KEY of the older specification (single source).
    Key,
}

impl PinKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Authentication,
        Self::Signature,
        Self::InputSupport,
        Self::InputSupportBlocked,
        Self::InputSupportA,
        Self::InputSupportB,
        Self::BirthDate,
        Self::FaceB,
        Self::FaceA,
        Self::Common,
        Self::ResidentRegister,
    ];

    /// The application it belongs to.
    pub const fn application(self) -> Application {
        match self {
            Self::Authentication | Self::Signature => Application::Jpki,
            Self::InputSupport
            | Self::InputSupportBlocked
            | Self::InputSupportA
            | Self::InputSupportB => Application::InputSupport,
            Self::BirthDate | Self::FaceB | Self::FaceA => Application::Face,
            Self::Common => Application::Common,
            Self::ResidentRegister => Application::ResidentRegister,
        }
    }

    /// The file id under which it is selected in its application.
    pub const fn file(self) -> u16 {
        match self {
            Self::Authentication => Purpose::Authentication.pin_file(),
            Self::Signature => Purpose::Signature.pin_file(),
            Self::InputSupport | Self::BirthDate => 0x0011,
            Self::InputSupportBlocked | Self::FaceB => 0x0012,
            Self::FaceA => 0x0013,
            Self::InputSupportA => 0x0014,
            Self::InputSupportB => 0x0015,
            Self::Common | Self::ResidentRegister => 0x001C,
        }
    }

    /// How many wrong ones in a row block it; none is needed where it was never open.
    pub const fn max_tries(self) -> u8 {
        match self {
            Self::Authentication | Self::InputSupport | Self::Common | Self::ResidentRegister => 3,
            Self::Signature => 5,
            Self::InputSupportBlocked => 0,
            Self::InputSupportA
            | Self::InputSupportB
            | Self::BirthDate
            | Self::FaceB
            | Self::FaceA => 10,
        }
    }

    /// How many characters it may have.
    pub const fn lengths(self) -> RangeInclusive<usize> {
        match self {
            Self::Authentication | Self::InputSupport | Self::Common | Self::ResidentRegister => {
                4..=4
            }
            Self::Signature => 6..=16,
            Self::InputSupportBlocked => 1..=16,
            Self::InputSupportA | Self::FaceA => 12..=12,
            Self::InputSupportB | Self::FaceB => 14..=14,
            Self::BirthDate => 6..=6,
        }
    }

    /// The codes print on the card and stay what they are.
    pub(crate) const fn change(self) -> Option<Change> {
        match self {
            Self::Authentication | Self::Signature | Self::InputSupport => {
                Some(Change::ReferenceData)
            }
            Self::Common | Self::ResidentRegister => Some(Change::Key),
            _ => None,
        }
    }

    /// Whether a card for face authentication leaves it out: the four PINs a holder would have to remember.
    pub(crate) const fn must_be_remembered(self) -> bool {
        self.change().is_some()
    }
}

impl From<Purpose> for PinKind {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Authentication => Self::Authentication,
            Purpose::Signature => Self::Signature,
        }
    }
}

impl fmt::Display for PinKind {
    /// As behaviours and descriptions write it: `input-support-a`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(kind, _)| kind == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

impl FromStr for PinKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = NAMES.iter().find(|(_, known)| *known == name);
        known.map(|(kind, _)| *kind).ok_or_else(|| Error::UnknownPin(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_can_be_read() {
        for (position, kind) in PinKind::ALL.into_iter().enumerate() {
            assert_eq!(kind.to_string().parse::<PinKind>().unwrap(), kind);
            assert_eq!(kind as usize, position, "the card keeps them in this order");
        }
        assert!(matches!("pin".parse::<PinKind>(), Err(Error::UnknownPin(_))));
    }
}
