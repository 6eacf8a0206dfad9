//! What a conversation may need.

use kaigotap::flow;

use crate::card::PinKind;
use crate::{hidden, mirror};

/// One thing that a conversation needs: from the card, the network, the clock or a person. Each says which reply answers
/// it. The list grows (a signature of the device's key will join it): keep a last branch that cancels.
#[derive(Debug, uniffi::Enum)]
pub enum Request {
    /// Have a card held to the reader, and say what the link carries: `Connected` or `NotConnected`.
    Connect {
        /// Why.
        occasion: Occasion,
    },
    /// Send these bytes to the card and bring back its whole answer, data and status word: `Transmitted` or
    /// `NotTransmitted`. They may hold a PIN: never log them, and fill them with zeros once they are sent.
    Transmit {
        /// The command (command APDU, ISO/IEC 7816-4).
        command: Vec<u8>,
    },
    /// The card is done with: power it down and let the person take it. `Disconnected`.
    Disconnect,
    /// Send this and bring back the answer: `Received` or `NotReceived`.
    Send {
        /// The request.
        request: HttpRequest,
    },
    /// Say what time it is on this device: `Clock`.
    Clock,
    /// Ask a person. Each question says which reply answers it; `Cancelled` answers all.
    Ask {
        /// The question.
        prompt: Prompt,
    },
}

mirror! {
    /// Why a card is wanted.
    Occasion from flow::Occasion {
        /// The first tap of this conversation.
        First,
        /// The card went away too early; hold it to the reader again. Nothing was lost.
        Again,
    }
}

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Prompt {
    /// To the nurse: does the face before you match the photo printed on the card (目視確認)? `FaceChecked`.
    ConfirmFace,
    /// To the holder of the card: enter your PIN. Answered by the function `enterPin`, not by a reply.
    EnterPin {
        /// Which one.
        pin: PinKind,
        /// How many wrong entries the card still takes before it locks. Show it.
        tries_left: u8,
        /// Why it is asked for.
        why: WhyPin,
    },
    /// To the holder: one try is left; a wrong entry now locks the PIN, and only the town hall unlocks it. Go on?
    /// `Consented`. The safe default is no.
    LastTry {
        /// Which PIN.
        pin: PinKind,
    },
    /// To the holder of the card: choose a new PIN, and enter it twice. Answered by the function `enterNewPin`.
    NewPin {
        /// Which PIN.
        pin: PinKind,
        /// Why it is asked for.
        why: WhyNewPin,
    },
    /// A question that this version has no words for. Cancel.
    Unknown,
}

mirror! {
    /// Why a PIN is asked for.
    WhyPin from flow::WhyPin {
        /// For the first time.
        First,
        /// The last entry had the wrong length or characters. The card was not shown it, and it cost no try.
        Malformed,
        /// The card refused the last entry: it cost a try.
        Wrong,
        /// The card was pulled while it was checking the PIN, so nobody knows what it made of it; the tries left were
        /// read anew.
        CardRemoved,
    }
}

mirror! {
    /// Why a new PIN is asked for.
    WhyNewPin from flow::WhyNewPin {
        /// For the first time.
        First,
        /// The last choice had the wrong length or characters.
        Malformed,
        /// The two entries differed.
        Different,
    }
}

/// Where a conversation stands, for a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// Bytes read so far, in a stage that reads; else 0.
    pub done: u32,
    /// Bytes to read, when known; else 0.
    pub total: u32,
}

impl From<flow::Progress> for Progress {
    fn from(progress: flow::Progress) -> Self {
        let bytes = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            stage: progress.stage.into(),
            done: bytes(progress.done),
            total: bytes(progress.total),
        }
    }
}

mirror! {
    /// The stages of a conversation, in the order in which a visit passes them.
    Stage from flow::Stage, else Ready {
        /// Nothing has happened yet.
        Ready,
        /// The nurse looks at the face and at the photo.
        FaceCheck,
        /// The token service is asked for a challenge.
        Challenge,
        /// A card is awaited.
        AwaitCard,
        /// The card is read. Hold it still.
        ReadCard,
        /// The holder enters the PIN.
        EnterPin,
        /// The card checks the PIN and signs. Hold it still.
        Sign,
        /// The card changes a PIN. Hold it still.
        ChangePin,
        /// The card's proof is exchanged for a token.
        Exchange,
        /// The entitlement is fetched.
        Entitlement,
    }
}

mirror! {
    /// The methods the platform uses.
    Method from flow::Method {
        /// `GET`
        Get,
        /// `POST`
        Post,
    }
}

/// One HTTP request to the platform. Follow no redirect, and bring back at most 1 MiB.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Absolute address. No secret is ever in it.
    pub url: String,
    /// Headers. They hold tokens: never log them.
    pub headers: Vec<Header>,
    /// Body; empty for `GET`.
    pub body: Vec<u8>,
}

/// One header of a request.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct Header {
    /// Name, in small letters.
    pub name: String,
    /// Value.
    pub value: String,
}
hidden!(HttpRequest Header);

impl From<flow::Request> for Request {
    fn from(request: flow::Request) -> Self {
        match request {
            flow::Request::Connect(occasion) => Self::Connect { occasion: occasion.into() },
            flow::Request::Transmit(command) => {
                Self::Transmit { command: command.bytes().to_vec() }
            }
            flow::Request::Disconnect => Self::Disconnect,
            flow::Request::Send(request) => Self::Send { request: request.into() },
            flow::Request::Clock => Self::Clock,
            flow::Request::Ask(prompt) => Self::Ask { prompt: prompt.into() },
            // The core has grown and this list has not: the next person to build this crate sees a test fail.
            _ => Self::Ask { prompt: Prompt::Unknown },
        }
    }
}

impl From<flow::Prompt> for Prompt {
    fn from(prompt: flow::Prompt) -> Self {
        match prompt {
            flow::Prompt::ConfirmFace => Self::ConfirmFace,
            flow::Prompt::EnterPin { pin, tries_left, why } => {
                Self::EnterPin { pin: pin.into(), tries_left, why: why.into() }
            }
            flow::Prompt::LastTry { pin } => Self::LastTry { pin: pin.into() },
            flow::Prompt::NewPin { pin, why } => Self::NewPin { pin: pin.into(), why: why.into() },
            _ => Self::Unknown,
        }
    }
}

impl From<flow::HttpRequest> for HttpRequest {
    fn from(request: flow::HttpRequest) -> Self {
        let header = |(name, value): &(&str, zeroize::Zeroizing<String>)| Header {
            name: (*name).to_owned(),
            value: value.as_str().to_owned(),
        };
        Self {
            method: request.method.into(),
            headers: request.headers.iter().map(header).collect(),
            body: request.body.to_vec(),
            url: request.url,
        }
    }
}
