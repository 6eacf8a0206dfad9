//! What the world may answer.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::attributes::Attributes;
use super::browse::BrowseError;
use super::http::{HttpError, HttpResponse};
use super::keep::{Entry, EntryName, StoreError};
use super::printed::PrintedFields;
use super::request::Kind;
use super::sign::SignError;
use super::way::Way;

/// The answer to a [`Request`](super::Request), of the same name.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reply {
    /// A card is there, or why there is none.
    Connect(Result<Connected, LinkError>),
    /// The card's whole answer, or why there is none. Fewer than two bytes count as a lost link.
    Transmit(Result<Vec<u8>, LinkError>),
    /// The card has been let go.
    Disconnect,
    /// The server's answer, or why there is none.
    Send(Result<HttpResponse, HttpError>),
    /// The address at which the browser ended, or why it did not.
    Browse(Result<String, BrowseError>),
    /// The signature, DER or `r‖s`, or why there is none.
    Sign(Result<Vec<u8>, SignError>),
    /// It is kept, or why not.
    Keep(Result<(), StoreError>),
    /// It is forgotten, or why not.
    Forget(Result<(), StoreError>),
    /// The names of all that is kept, in any order, or why they cannot be read.
    List(Result<Vec<EntryName>, StoreError>),
    /// What is kept under the names that were asked for, in any order, or why it cannot be read.
    Recall(Result<Vec<Entry>, StoreError>),
    /// The time on this device.
    Clock(DeviceTime),
    /// The person's answer.
    Ask(Answer),
}

impl Reply {
    /// Which request this answers.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Connect(_) => Kind::Connect,
            Self::Transmit(_) => Kind::Transmit,
            Self::Disconnect => Kind::Disconnect,
            Self::Send(_) => Kind::Send,
            Self::Browse(_) => Kind::Browse,
            Self::Sign(_) => Kind::Sign,
            Self::Keep(_) => Kind::Keep,
            Self::Forget(_) => Kind::Forget,
            Self::List(_) => Kind::List,
            Self::Recall(_) => Kind::Recall,
            Self::Clock(_) => Kind::Clock,
            Self::Ask(Answer::Face(_)) => Kind::ConfirmFace,
            Self::Ask(Answer::Pin(_)) => Kind::EnterPin,
            Self::Ask(Answer::Printed(_)) => Kind::EnterPrinted,
            Self::Ask(Answer::Consent(_)) => Kind::LastTry,
            Self::Ask(Answer::NewPin(..)) => Kind::NewPin,
            Self::Ask(Answer::Way(_)) => Kind::ChooseWay,
            Self::Ask(Answer::Attributes(_)) => Kind::EnterAttributes,
            Self::Ask(Answer::BirthDateIs(_)) => Kind::ConfirmBirthDate,
            Self::Ask(Answer::Cancelled) => Kind::Cancelled,
        }
    }

    pub(super) fn answers(&self, needed: Kind) -> bool {
        let given = self.kind();
        given == needed
            || (given == Kind::ConfirmFace && needed == Kind::ConfirmPhoto)
            || (given == Kind::Cancelled
                && matches!(
                    needed,
                    Kind::ConfirmFace
                        | Kind::EnterPin
                        | Kind::EnterPrinted
                        | Kind::ConfirmPhoto
                        | Kind::LastTry
                        | Kind::NewPin
                        | Kind::ChooseWay
                        | Kind::EnterAttributes
                        | Kind::ConfirmBirthDate
                ))
    }
}

/// What time it is on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceTime {
    /// By its clock, which a person may have set wrong, and may set at any time.
    pub wall: jiff::Timestamp,
    /// By a clock that nobody sets and that runs while the device sleeps, from any moment: only differences count.
    /// (`CLOCK_BOOTTIME` on Linux, `elapsedRealtime` on Android, `mach_continuous_time` on iOS.)
    pub monotonic: Duration,
}

impl DeviceTime {
    /// Both clocks, read at the same moment. Of each the whole milliseconds count, as in every other language.
    pub fn new(wall: jiff::Timestamp, monotonic: Duration) -> Self {
        let wall = jiff::Timestamp::from_millisecond(wall.as_millisecond()).unwrap_or(wall);
        let part = Duration::from_nanos((monotonic.subsec_nanos() % 1_000_000).into());
        Self { wall, monotonic: monotonic.saturating_sub(part) }
    }
}

/// What the link to a connected card can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connected {
    /// Longest command in bytes that reader and driver pass on, at least [`SHORT`](Self::SHORT)'s.
    pub max_command: usize,
    /// Longest answer in bytes, data and status word, that reader and driver pass on.
    pub max_response: usize,
}

impl Connected {
    /// What every reader carries: short commands (ISO/IEC 7816-4 §5.1), 261 bytes out and 258 in.
    pub const SHORT: Self = Self { max_command: 261, max_response: 258 };
    /// A reader that carries extended length in full: 65,544 bytes out and 65,538 in.
    pub const EXTENDED: Self = Self { max_command: 65_544, max_response: 65_538 };

    /// A link that carries commands and answers of so many bytes.
    pub fn up_to(max_command: usize, max_response: usize) -> Self {
        Self { max_command, max_response }
    }

    /// Whether extended-length commands pass.
    pub fn extended(self) -> bool {
        self.max_command > Self::SHORT.max_command && self.max_response > Self::SHORT.max_response
    }
}

/// Why there is no (more) link to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The card was there and went away.
    #[error("the link to the card is lost")]
    Lost,
    /// The smart-card service of the computer does not run.
    #[error("the smart-card service is not running")]
    ServiceNotRunning,
    /// The system does not let this program use the smart-card service.
    #[error("the smart-card service may not be used")]
    NotAllowed,
    /// No reader is plugged in.
    #[error("no card reader")]
    NoReader,
    /// The one reader holds no card.
    #[error("no card on the reader")]
    NoCard,
    /// The one reader holds something that is not a My Number Card, or cannot be powered.
    #[error("the card on the reader is not supported")]
    UnsupportedCard,
    /// None of several readers holds a card.
    #[error("no card on any of the readers")]
    NoCardOnAnyReader,
    /// Several readers hold cards; none is a My Number Card.
    #[error("none of the cards on the readers is supported")]
    NoSupportedCardOnAnyReader,
    /// Several readers hold a My Number Card: name the reader.
    #[error("cards on several readers")]
    SeveralCards,
    /// There is no reader of the given name.
    #[error("no reader of this name")]
    ReaderNotFound,
    /// Another program uses the card.
    #[error("another program uses the card")]
    Busy,
    /// No card was held to the reader in time.
    #[error("no card came in time")]
    TimedOut,
    /// The person closed the reading sheet.
    #[error("reading was cancelled")]
    Cancelled,
    /// The reader does not carry a command of this form or length; the card is still there.
    #[error("the reader does not carry this command")]
    NotCarried,
    /// The reader failed in another way.
    #[error("the reader failed")]
    ReaderFailed,
    /// The reader failed, and its driver or the system gave this number: one of PC/SC's (`SCARD_…`, such as
    /// `0x80100016`), or any other.
    #[error("the reader failed: {0:#010X}")]
    ReaderFailedWith(u32),
}

/// A person's answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer {
    /// To [`Prompt::ConfirmFace`](super::Prompt::ConfirmFace) and [`Prompt::ConfirmPhoto`](super::Prompt::ConfirmPhoto).
    Face(FaceCheck),
    /// To [`Prompt::EnterPin`](super::Prompt::EnterPin).
    Pin(Secret),
    /// To [`Prompt::EnterPrinted`](super::Prompt::EnterPrinted).
    Printed(PrintedFields),
    /// To [`Prompt::LastTry`](super::Prompt::LastTry).
    Consent(bool),
    /// To [`Prompt::NewPin`](super::Prompt::NewPin): what was typed, and what was typed the second time.
    NewPin(Secret, Secret),
    /// To [`Prompt::ChooseWay`](super::Prompt::ChooseWay): one of those that it offers.
    Way(Way),
    /// To [`Prompt::EnterAttributes`](super::Prompt::EnterAttributes).
    Attributes(Attributes),
    /// To [`Prompt::ConfirmBirthDate`](super::Prompt::ConfirmBirthDate): whether it is right.
    BirthDateIs(bool),
    /// To any prompt: stop here.
    Cancelled,
}

/// What the nurse saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceCheck {
    /// The face matches the photo.
    Match,
    /// It does not. Nothing follows.
    NoMatch,
}

/// A PIN or password on its way from the screen to the card. Wiped when dropped; never shown, not even its length.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes what was typed. The bytes handed over are the only copy this library makes: wipe your own.
    pub fn new(typed: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(typed.into()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        super::overwrite_registers(self.0.len());
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
