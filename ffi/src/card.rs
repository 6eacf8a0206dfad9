//! What a card tells without a PIN.

use kaigotap::{card, reading};

use crate::failure::{KaigoTapError, unusable};
use crate::{milliseconds, mirror};

/// The card's secrets that a person types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum PinKind {
    /// PIN of the user-authentication key (利用者証明用電子証明書の暗証番号): 4 digits, 3 tries.
    Authentication,
    /// Password of the signature key (署名用電子証明書の暗証番号): 6 to 16 of A–Z and 0–9, 5 tries.
    Signature,
    /// PIN of the input-support application (券面事項入力補助用の暗証番号): 4 digits, 3 tries.
    InputSupport,
    /// Verification number B (照合番号B): 14 digits that stand on the card's face.
    VerificationNumberB,
    /// Birth-date key (生年月日の照合): 6 digits, the date of birth in the Japanese era.
    BirthDate,
    /// One that this version has no name for.
    Unknown,
}

impl From<card::PinKind> for PinKind {
    fn from(pin: card::PinKind) -> Self {
        match pin {
            card::PinKind::Authentication => Self::Authentication,
            card::PinKind::Signature => Self::Signature,
            card::PinKind::InputSupport => Self::InputSupport,
            card::PinKind::VerificationNumberB => Self::VerificationNumberB,
            card::PinKind::BirthDate => Self::BirthDate,
            _ => Self::Unknown,
        }
    }
}

impl PinKind {
    pub(crate) fn into_core(self) -> Result<card::PinKind, KaigoTapError> {
        Ok(match self {
            Self::Authentication => card::PinKind::Authentication,
            Self::Signature => card::PinKind::Signature,
            Self::InputSupport => card::PinKind::InputSupport,
            Self::VerificationNumberB => card::PinKind::VerificationNumberB,
            Self::BirthDate => card::PinKind::BirthDate,
            Self::Unknown => return Err(unusable("the kind of PIN")),
        })
    }
}

/// What a card tells without any PIN.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CardStatus {
    /// What kind of card or phone it is.
    pub token: Token,
    /// Its PINs, in the order of its applications.
    pub pins: Vec<PinReport>,
    /// The certificate for authentication.
    pub authentication: CertificateState,
    /// The certificate for signatures. It opens with its password only, so nothing is known of its validity.
    pub signature: CertificateState,
    /// Whether the holder can authenticate with PIN and certificate; if not, take a way that needs no PIN.
    pub can_authenticate: bool,
}

mirror! {
    /// What kind of card it is.
    Token from card::Token, else Unknown {
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
}

mirror! {
    /// The applications of a card.
    Application from card::Application {
        /// 公的個人認証AP
        Jpki,
        /// 券面事項入力補助AP
        InputSupport,
        /// 券面事項確認AP
        Face,
    }
}

/// What is known of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PinReport {
    /// Which one.
    pub pin: PinKind,
    /// Where it lies: verification number B has a counter of its own in each of two applications.
    pub application: Application,
    /// Its state.
    pub state: PinState,
}

/// The state of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum PinState {
    /// It can be used.
    TriesLeft {
        /// So many wrong entries in a row lock it.
        tries: u8,
    },
    /// Locked until it is reset, at the town hall for example. A 顔認証マイナンバーカード, which has no PINs, may look like
    /// this, too.
    Locked,
    /// The card has no such PIN, or gives no counter for it: use a way that needs none.
    Unusable,
}

/// What is known of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CertificateState {
    /// It is there, and valid in this time, in milliseconds since 1970; nothing was checked beyond that.
    Present {
        /// First moment of its validity.
        not_before_ms: u64,
        /// Last moment of its validity.
        not_after_ms: u64,
    },
    /// It is there, and opens with a PIN only.
    Protected,
    /// It is not there.
    Missing,
    /// What is there is not a certificate.
    Malformed,
}

impl From<reading::CardStatus> for CardStatus {
    fn from(status: reading::CardStatus) -> Self {
        Self {
            token: status.token.into(),
            can_authenticate: status.can_authenticate(),
            pins: status.pins.into_iter().map(Into::into).collect(),
            authentication: status.authentication.into(),
            signature: status.signature.into(),
        }
    }
}

impl From<reading::PinReport> for PinReport {
    fn from(report: reading::PinReport) -> Self {
        Self {
            pin: report.pin.into(),
            application: report.application.into(),
            state: match report.state {
                reading::PinState::TriesLeft(tries) => PinState::TriesLeft { tries },
                reading::PinState::Locked => PinState::Locked,
                reading::PinState::Unusable => PinState::Unusable,
            },
        }
    }
}

impl From<reading::CertificateState> for CertificateState {
    fn from(state: reading::CertificateState) -> Self {
        match state {
            reading::CertificateState::Present { not_before, not_after } => Self::Present {
                not_before_ms: milliseconds(not_before),
                not_after_ms: milliseconds(not_after),
            },
            reading::CertificateState::Protected => Self::Protected,
            reading::CertificateState::Missing => Self::Missing,
            reading::CertificateState::Malformed => Self::Malformed,
        }
    }
}

/// The command that tells whether a card that came to the reader is a My Number Card, before any conversation: it
/// selects the 公的個人認証AP, and the answer to one ends in `90 00`. For links that look at what is held to them.
#[uniffi::export]
pub fn card_recognition() -> Vec<u8> {
    card::recognition().bytes().to_vec()
}

/// The commands that close every PIN on a card, for a link that cannot cut the card's power: send them one after the
/// other, each whatever the one before was answered, at every end of a conversation, abnormal ones first.
#[uniffi::export]
pub fn card_deselection() -> Vec<Vec<u8>> {
    card::deselection().iter().map(|command| command.bytes().to_vec()).collect()
}
