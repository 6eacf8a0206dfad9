//! What the app may answer.

use kaigotap::flow;
use zeroize::Zeroizing;

use crate::failure::{KaigoTapError, unusable};
use crate::{hidden, mirror, moment};

/// The answer to a request. PINs are not among them: they go through functions of their own, so that no buffer of the
/// boundary holds a copy.
#[derive(Debug, uniffi::Enum)]
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
    /// To `Clock`.
    Clock {
        /// The time on this device, in milliseconds since 1970-01-01T00:00:00Z.
        at_ms: u64,
    },
    /// To `Prompt.ConfirmFace`.
    FaceChecked {
        /// What the nurse saw.
        check: FaceCheck,
    },
    /// To `Prompt.LastTry`.
    Consented {
        /// Whether the holder goes on.
        consent: bool,
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

/// The server's answer.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Body, at most 1 MiB: an app stops there and says `TooLong`.
    pub body: Vec<u8>,
}
hidden!(HttpResponse);

mirror! {
    /// Why there is no answer from the server.
    HttpError of flow::HttpError {
        /// No connection to the server.
        Unreachable,
        /// The connection broke or timed out after the request may have arrived.
        NoAnswer,
        /// The server's TLS certificate is not trusted, or TLS failed.
        Tls,
        /// Plain HTTP to a host that is not this machine.
        PlainHttp,
        /// The answer is longer than 1 MiB.
        TooLong,
        /// Another failure of the app's client.
        Failed,
    }
}

mirror! {
    /// What the nurse saw.
    FaceCheck of flow::FaceCheck {
        /// The face matches the photo printed on the card.
        Match,
        /// It does not. The card will not be read.
        NoMatch,
    }
}

/// Longest answer of a server.
const LONGEST_BODY: usize = 1 << 20;
/// Longest answer of a card, data and status word (ISO/IEC 7816-4 §5.1).
const LONGEST_RESPONSE: usize = 65_538;

impl Reply {
    pub(crate) fn into_core(self) -> Result<flow::Reply, KaigoTapError> {
        let size = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
        Ok(match self {
            Self::Connected { capacity } => flow::Reply::Connect(Ok(flow::Connected {
                max_command: size(capacity.max_command),
                max_response: size(capacity.max_response),
            })),
            Self::NotConnected { error } => flow::Reply::Connect(Err(error.into())),
            Self::Transmitted { response } if response.len() > LONGEST_RESPONSE => {
                return Err(unusable("an answer longer than any card gives"));
            }
            Self::Transmitted { response } => flow::Reply::Transmit(Ok(response)),
            Self::NotTransmitted { error } => flow::Reply::Transmit(Err(error.into())),
            Self::Disconnected => flow::Reply::Disconnect,
            Self::Received { response } if response.body.len() > LONGEST_BODY => {
                flow::Reply::Send(Err(flow::HttpError::TooLong))
            }
            Self::Received { response } => flow::Reply::Send(Ok(flow::HttpResponse {
                status: response.status,
                body: Zeroizing::new(response.body),
            })),
            Self::NotReceived { error } => flow::Reply::Send(Err(error.into())),
            Self::Clock { at_ms } => {
                flow::Reply::Clock(moment(at_ms).ok_or_else(|| unusable("the time"))?)
            }
            Self::FaceChecked { check } => flow::Reply::Ask(flow::Answer::Face(check.into())),
            Self::Consented { consent } => flow::Reply::Ask(flow::Answer::Consent(consent)),
            Self::Cancelled => flow::Reply::Ask(flow::Answer::Cancelled),
        })
    }
}
