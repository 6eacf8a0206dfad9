//! What the app may answer.

use std::fmt;
use std::time::Duration;

use kaigotap::flow;

use crate::browse::BrowseError;
use crate::failure::{KaigoTapError, unusable};
use crate::http::{HttpError, HttpResponse};
use crate::keep::{self, Entry, StoreError};
use crate::printed::PrintedFields;
use crate::sign::SignError;
use crate::way::{Attributes, Way};
use crate::{mirror, moment};

/// The answer to a request. PINs are not among them: they go through functions of their own, so that no buffer of the
/// boundary holds a copy. Printed, it shows nothing of what a card, a server, a key or a store brought.
#[derive(PartialEq, Eq, uniffi::Enum)]
#[uniffi::export(Debug, Display)]
pub enum Reply {
    /// To `Connect`: a card is there.
    Connected {
        /// What the link to it carries.
        capacity: LinkCapacity,
    },
    /// To `Connect`: why no card is there.
    NotConnected {
        /// Why.
        error: LinkError,
    },
    /// To `Transmit`: the card's whole answer, data and status word. Fewer than two bytes count as a lost link.
    Transmitted {
        /// The answer (response APDU).
        response: Vec<u8>,
    },
    /// To `Transmit`: why there is no answer.
    NotTransmitted {
        /// Why.
        error: LinkError,
    },
    /// To `Disconnect`.
    Disconnected,
    /// To `Send`: the server's answer, whatever its status.
    Received {
        /// The answer.
        response: HttpResponse,
    },
    /// To `Send`: why there is no answer.
    NotReceived {
        /// Why.
        error: HttpError,
    },
    /// To `Browse`: the whole address at which the browser ended.
    Browsed {
        /// The address, with its query.
        address: String,
    },
    /// To `Browse`: why it did not come back.
    NotBrowsed {
        /// Why.
        error: BrowseError,
    },
    /// To `Sign`: the signature.
    Signed {
        /// DER (`Ecdsa-Sig-Value`, RFC 3279 §2.2.3) or 64 bytes of `r‖s`, as the key store gives it.
        signature: Vec<u8>,
    },
    /// To `Sign`: why there is none.
    NotSigned {
        /// Why.
        error: SignError,
    },
    /// To `Keep`: it is on the disk.
    Kept,
    /// To `Keep`: why it is not kept. What was there before is there still.
    NotKept {
        /// Why.
        error: StoreError,
    },
    /// To `Forget`: it is gone, or was never there.
    Forgotten,
    /// To `Forget`: why it is not forgotten.
    NotForgotten {
        /// Why.
        error: StoreError,
    },
    /// To `List`: under which names something is kept.
    Listed {
        /// All of them, in any order.
        names: Vec<String>,
    },
    /// To `List`: why that cannot be read.
    NotListed {
        /// Why.
        error: StoreError,
    },
    /// To `Recall`: what is kept under the names that were asked for.
    Recalled {
        /// It, in any order.
        entries: Vec<Entry>,
    },
    /// To `Recall`: why it cannot be read.
    NotRecalled {
        /// Why.
        error: StoreError,
    },
    /// To `Clock`: both clocks, read at the same moment.
    Clock {
        /// The time on this device, which a person may set, in milliseconds since 1970-01-01T00:00:00Z.
        wall_ms: u64,
        /// Milliseconds by a clock that nobody sets and that runs while the device sleeps, from any moment
        /// (`CLOCK_BOOTTIME` on Linux, `elapsedRealtime` on Android, `mach_continuous_time` on iOS).
        monotonic_ms: u64,
    },
    /// To `Prompt.ConfirmFace` and `Prompt.ConfirmPhoto`.
    FaceChecked {
        /// What the nurse saw.
        check: FaceCheck,
    },
    /// To `Prompt.EnterPrinted`: what was typed.
    PrintedEntered {
        /// It.
        printed: PrintedFields,
    },
    /// To `Prompt.LastTry`.
    Consented {
        /// Whether the holder goes on.
        consent: bool,
    },
    /// To `Prompt.ChooseWay`: one of those that it offers.
    WayChosen {
        /// Which.
        way: Way,
    },
    /// To `Prompt.EnterAttributes`: what was typed.
    AttributesEntered {
        /// It.
        attributes: Attributes,
    },
    /// To `Prompt.ConfirmBirthDate`.
    BirthDateChecked {
        /// Whether it is what stands on the certificate.
        right: bool,
    },
    /// To any question: stop here.
    Cancelled,
}

/// What the link to a connected card can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LinkCapacity {
    /// Longest command in bytes that reader and driver pass on; 261 is what every reader carries.
    pub max_command: u32,
    /// Longest answer in bytes, data and status word, that reader and driver pass on; 258 is what every reader carries.
    pub max_response: u32,
}

mirror! {
    /// Why there is no (more) link to a card.
    LinkError of flow::LinkError {
        /// The card was there and went away.
        Lost,
        /// The smart-card service of the computer does not run.
        ServiceNotRunning,
        /// The system does not let this program use the smart-card service.
        NotAllowed,
        /// No reader is plugged in, or near-field communication (NFC) is off or missing.
        NoReader,
        /// The one reader holds no card.
        NoCard,
        /// What was held to the reader is not a My Number Card, or cannot be powered.
        UnsupportedCard,
        /// None of several readers holds a card.
        NoCardOnAnyReader,
        /// Several readers hold cards; none is a My Number Card.
        NoSupportedCardOnAnyReader,
        /// Several readers hold a My Number Card: name the reader.
        SeveralCards,
        /// There is no reader of the given name.
        ReaderNotFound,
        /// Another program uses the card.
        Busy,
        /// No card was held to the reader in time.
        TimedOut,
        /// The person closed the reading sheet.
        Cancelled,
        /// The reader does not carry a command of this form or length; the card is still there.
        NotCarried,
        /// The reader failed in another way.
        ReaderFailed,
    }
}

mirror! {
    /// What the nurse saw.
    FaceCheck of flow::FaceCheck {
        /// The face matches the photo.
        Match,
        /// It does not. Nothing follows.
        NoMatch,
    }
}

/// Longest answer of a card, data and status word (ISO/IEC 7816-4 §5.1).
const LONGEST_RESPONSE: usize = 65_538;

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected { capacity } => write!(f, "Connected({capacity:?})"),
            Self::NotConnected { error } => write!(f, "NotConnected({error:?})"),
            Self::Transmitted { .. } => f.write_str("Transmitted(..)"),
            Self::NotTransmitted { error } => write!(f, "NotTransmitted({error:?})"),
            Self::Disconnected => f.write_str("Disconnected"),
            Self::Received { .. } => f.write_str("Received(..)"),
            Self::NotReceived { error } => write!(f, "NotReceived({error:?})"),
            Self::Browsed { .. } => f.write_str("Browsed(..)"),
            Self::NotBrowsed { error } => write!(f, "NotBrowsed({error:?})"),
            Self::Signed { .. } => f.write_str("Signed(..)"),
            Self::NotSigned { error } => write!(f, "NotSigned({error:?})"),
            Self::Kept => f.write_str("Kept"),
            Self::NotKept { error } => write!(f, "NotKept({error:?})"),
            Self::Forgotten => f.write_str("Forgotten"),
            Self::NotForgotten { error } => write!(f, "NotForgotten({error:?})"),
            Self::Listed { .. } => f.write_str("Listed(..)"),
            Self::NotListed { error } => write!(f, "NotListed({error:?})"),
            Self::Recalled { .. } => f.write_str("Recalled(..)"),
            Self::NotRecalled { error } => write!(f, "NotRecalled({error:?})"),
            Self::Clock { .. } => f.write_str("Clock(..)"),
            Self::FaceChecked { .. } => f.write_str("FaceChecked(..)"),
            Self::PrintedEntered { .. } => f.write_str("PrintedEntered(..)"),
            Self::Consented { .. } => f.write_str("Consented(..)"),
            Self::WayChosen { way } => write!(f, "WayChosen({way:?})"),
            Self::AttributesEntered { .. } => f.write_str("AttributesEntered(..)"),
            Self::BirthDateChecked { .. } => f.write_str("BirthDateChecked(..)"),
            Self::Cancelled => f.write_str("Cancelled"),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Reply {
    pub(crate) fn into_core(self) -> Result<flow::Reply, KaigoTapError> {
        let size = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
        Ok(match self {
            Self::Connected { capacity } => flow::Reply::Connect(Ok(flow::Connected::up_to(
                size(capacity.max_command),
                size(capacity.max_response),
            ))),
            Self::NotConnected { error } => flow::Reply::Connect(Err(error.into())),
            Self::Transmitted { response } if response.len() > LONGEST_RESPONSE => {
                return Err(unusable("an answer longer than any card gives"));
            }
            Self::Transmitted { response } => flow::Reply::Transmit(Ok(response)),
            Self::NotTransmitted { error } => flow::Reply::Transmit(Err(error.into())),
            Self::Disconnected => flow::Reply::Disconnect,
            Self::Received { response } => flow::Reply::Send(response.into_core()),
            Self::NotReceived { error } => flow::Reply::Send(Err(error.into())),
            Self::Browsed { address } => flow::Reply::Browse(Ok(address)),
            Self::NotBrowsed { error } => flow::Reply::Browse(Err(error.into())),
            Self::Signed { signature } => flow::Reply::Sign(Ok(signature)),
            Self::NotSigned { error } => flow::Reply::Sign(Err(error.into())),
            Self::Kept => flow::Reply::Keep(Ok(())),
            Self::NotKept { error } => flow::Reply::Keep(Err(error.into())),
            Self::Forgotten => flow::Reply::Forget(Ok(())),
            Self::NotForgotten { error } => flow::Reply::Forget(Err(error.into())),
            Self::Listed { names } => flow::Reply::List(Ok(keep::names_into_core(names))),
            Self::NotListed { error } => flow::Reply::List(Err(error.into())),
            Self::Recalled { entries } => flow::Reply::Recall(keep::into_core(entries)),
            Self::NotRecalled { error } => flow::Reply::Recall(Err(error.into())),
            Self::Clock { wall_ms, monotonic_ms } => {
                let wall = moment(wall_ms).ok_or_else(|| unusable("the time"))?;
                let monotonic = Duration::from_millis(monotonic_ms);
                flow::Reply::Clock(flow::DeviceTime::new(wall, monotonic))
            }
            Self::FaceChecked { check } => flow::Reply::Ask(flow::Answer::Face(check.into())),
            Self::PrintedEntered { printed } => {
                flow::Reply::Ask(flow::Answer::Printed(printed.into()))
            }
            Self::Consented { consent } => flow::Reply::Ask(flow::Answer::Consent(consent)),
            Self::WayChosen { way } => flow::Reply::Ask(flow::Answer::Way(way.into())),
            Self::AttributesEntered { attributes } => {
                flow::Reply::Ask(flow::Answer::Attributes(attributes.into()))
            }
            Self::BirthDateChecked { right } => flow::Reply::Ask(flow::Answer::BirthDateIs(right)),
            Self::Cancelled => flow::Reply::Ask(flow::Answer::Cancelled),
        })
    }
}
