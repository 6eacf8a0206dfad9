//! The card of today as data: applications, files, PINs, sizes. The next card (ECDSA P-384, two applications, other
//! PINs) is a second set of these values, not a second code path.
//!
//! What holds the 個人番号 (My Number) has no name here, so that nothing can ask for it: file `0001` and key `0014` of
//! the input-support AP, file `0005` and key `0013` of the face AP. The common AP (共通カードAP) has none either: its one
//! record is free to read and gives a number that stays with the card for life, which is a way to follow a person.

use crate::flow::PinKind;

/// Application identifiers (DF names). Known from many independent implementations.
pub(crate) mod application {
    /// JPKI AP (公的個人認証AP)
    pub(crate) const JPKI: &[u8] = b"\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01";
    /// Input-support AP (券面事項入力補助AP)
    pub(crate) const INPUT_SUPPORT: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08";
    /// Face AP (券面事項確認AP)
    pub(crate) const FACE: &[u8] = b"\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02";
    /// GlobalPlatform issuer security domain: the way out on a card that has nothing else. Single source.
    pub(crate) const ISSUER_SECURITY_DOMAIN: &[u8] = b"\xA0\x00\x00\x01\x51\x00\x00";
}

/// A file and how its end is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// Elementary file identifier; its low five bits are its short identifier.
    pub(crate) id: u16,
    /// How much of it to read.
    pub(crate) extent: Extent,
}

/// How the end of a file's contents is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// It holds one BER-TLV object with this tag, of at most so many bytes, and filler behind it.
    Object {
        /// Tag.
        tag: u32,
        /// Cap on the length that the object may claim, header included.
        most: usize,
    },
    /// It is read to its end, and at most so many bytes: how long it is differs from card to card.
    UpTo(usize),
}

const fn object(id: u16, tag: u32, most: usize) -> File {
    File { id, extent: Extent::Object { tag, most } }
}

/// Files of the JPKI AP.
pub(crate) mod jpki {
    use super::{Extent, File, object};

    /// Tag of a DER SEQUENCE: how a certificate begins. Real ones are 1,571 to 1,758 bytes.
    const fn certificate(id: u16) -> File {
        object(id, 0x30, 8 * 1024)
    }

    pub(crate) const SIGNATURE_CERTIFICATE: File = certificate(0x0001);
    pub(crate) const AUTHENTICATION_CERTIFICATE: File = certificate(0x000A);
    /// Token information: a label of 32 bytes says what kind of card it is.
    pub(crate) const TOKEN: File = File { id: 0x0006, extent: Extent::UpTo(160) };
    /// Which certificates the card holds. Single source: a hint, never a reason to refuse.
    pub(crate) const AVAILABILITY: File = File { id: 0x0008, extent: Extent::UpTo(3) };
    pub(crate) const AUTHENTICATION_KEY: u16 = 0x0017;
    pub(crate) const AUTHENTICATION_PIN: u16 = 0x0018;
    pub(crate) const SIGNATURE_PIN: u16 = 0x001B;
}

/// Files of the input-support AP.
pub(crate) mod input_support {
    use super::{File, object};

    /// The 4 attributes (基本4情報).
    pub(crate) const ATTRIBUTES: File = object(0x0002, 0xFF20, 4 * 1024);
    /// Digests and the signature over them.
    pub(crate) const INTEGRITY: File = object(0x0003, 0xFF30, 1024);
    /// Card-verifiable certificate of the key that signs the records.
    pub(crate) const CERTIFICATE: File = object(0x0004, 0x7F21, 1024);
    /// The application's own public key, signed.
    pub(crate) const KEY: File = object(0x0007, 0xFF50, 1024);
    pub(crate) const PIN: u16 = 0x0011;
    pub(crate) const VERIFICATION_NUMBER_B: u16 = 0x0015;
}

/// Files of the face AP. The order of its keys is not that of the input-support AP.
pub(crate) mod face {
    use super::{File, object};

    /// Age verification record.
    pub(crate) const AGE: File = object(0x0001, 0xFF10, 1024);
    /// Face record. Real photos make it a few thousand bytes.
    pub(crate) const FACE: File = object(0x0002, 0xFF20, 30 * 1024);
    /// Basic information.
    pub(crate) const INFORMATION: File = object(0x0003, 0xFF30, 1024);
    /// Card-verifiable certificate of the key that signs the records.
    pub(crate) const CERTIFICATE: File = object(0x0004, 0x7F21, 1024);
    pub(crate) const BIRTH_DATE: u16 = 0x0011;
    pub(crate) const VERIFICATION_NUMBER_B: u16 = 0x0012;
}

/// A key of the JPKI AP with its certificate and its PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// Authenticates its holder (利用者証明用). The certificate is free to read.
    Authentication,
    /// Signs in its holder's name (署名用). The certificate holds name, address, birth date and sex.
    Signature,
}

impl Credential {
    pub(crate) fn certificate(self) -> File {
        match self {
            Self::Authentication => jpki::AUTHENTICATION_CERTIFICATE,
            Self::Signature => jpki::SIGNATURE_CERTIFICATE,
        }
    }
}

/// An application of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Application {
    /// 公的個人認証AP
    Jpki,
    /// 券面事項入力補助AP
    InputSupport,
    /// 券面事項確認AP
    Face,
}

impl Application {
    pub(crate) fn identifier(self) -> &'static [u8] {
        match self {
            Self::Jpki => application::JPKI,
            Self::InputSupport => application::INPUT_SUPPORT,
            Self::Face => application::FACE,
        }
    }

    /// Where this application keeps a PIN; `None` where it has no such PIN.
    pub(crate) fn pin_file(self, pin: PinKind) -> Option<u16> {
        Some(match (self, pin) {
            (Self::Jpki, PinKind::Authentication) => jpki::AUTHENTICATION_PIN,
            (Self::Jpki, PinKind::Signature) => jpki::SIGNATURE_PIN,
            (Self::InputSupport, PinKind::InputSupport) => input_support::PIN,
            (Self::InputSupport, PinKind::VerificationNumberB) => {
                input_support::VERIFICATION_NUMBER_B
            }
            (Self::Face, PinKind::VerificationNumberB) => face::VERIFICATION_NUMBER_B,
            (Self::Face, PinKind::BirthDate) => face::BIRTH_DATE,
            _ => return None,
        })
    }
}

/// What kind of card or phone holds the JPKI AP, as its token information says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Token {
    /// The plastic My Number Card.
    MyNumberCard,
    /// An Android phone (スマホ用電子証明書). Its certificate opens with the PIN only.
    AndroidPhone,
    /// An iPhone.
    Iphone,
    /// The resident register card of before 2016 (住民基本台帳カード).
    ResidentRegisterCard,
    /// A label this version does not know.
    Unknown,
}

impl Token {
    /// Reads the label at the start of the token information.
    pub(crate) fn of_label(information: &[u8]) -> Self {
        let label = information.get(..32).unwrap_or(information).trim_ascii_end();
        match label {
            b"JPKIAPICCTOKEN2" => Self::MyNumberCard,
            b"JPKIAPICCTOKEN" => Self::ResidentRegisterCard,
            b"JPKIAPGPSETOKEN" => Self::AndroidPhone,
            b"JPKIAPIOSTOKEN" => Self::Iphone,
            _ => Self::Unknown,
        }
    }
}

/// What may be used in a tap: the one table. A row says what the link carries and what the card has shown of itself.
///
/// VERIFY and its query by short identifier are in no row: no two independent sources have seen a card take them, and
/// a VERIFY that goes astray may cost a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ways {
    /// Read a file in one command, by short identifier and extended length.
    pub(crate) whole_files: bool,
    /// Name the signing key by its short identifier.
    pub(crate) key_by_short_id: bool,
}

impl Ways {
    /// `takes` is whether the card takes short identifiers with extended length, once tried.
    pub(crate) const fn of(link_extended: bool, takes: Option<bool>) -> Self {
        match (link_extended, takes) {
            //  link      card                     whole files, key by short id
            (false, _) | (true, Some(false)) => Self { whole_files: false, key_by_short_id: false },
            (true, None) => Self { whole_files: true, key_by_short_id: false },
            (true, Some(true)) => Self { whole_files: true, key_by_short_id: true },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_its_whole_label() {
        let padded = |label: &str| format!("{label:32}manufacturer").into_bytes();
        assert_eq!(Token::of_label(&padded("JPKIAPICCTOKEN2")), Token::MyNumberCard);
        assert_eq!(Token::of_label(&padded("JPKIAPICCTOKEN")), Token::ResidentRegisterCard);
        assert_eq!(Token::of_label(&padded("JPKIAPGPSETOKEN")), Token::AndroidPhone);
        assert_eq!(Token::of_label(&padded("JPKIAPIOSTOKEN")), Token::Iphone);
        assert_eq!(Token::of_label(&padded("JPKIAPICCTOKEN3")), Token::Unknown);
        assert_eq!(Token::of_label(b""), Token::Unknown);
    }

    #[test]
    fn the_two_applications_swap_the_order_of_their_keys() {
        let b = PinKind::VerificationNumberB;
        assert_eq!(Application::InputSupport.pin_file(b), Some(0x0015));
        assert_eq!(Application::Face.pin_file(b), Some(0x0012));
        assert_eq!(Application::Jpki.pin_file(b), None);
        // 照合番号A, which is the 個人番号, is at 0014 and 0013: no PIN of ours is there.
        for application in [Application::InputSupport, Application::Face] {
            for pin in [PinKind::InputSupport, b, PinKind::BirthDate] {
                let file = application.pin_file(pin);
                assert!(file != Some(0x0014) || application != Application::InputSupport);
                assert!(file != Some(0x0013) || application != Application::Face);
            }
        }
    }
}
