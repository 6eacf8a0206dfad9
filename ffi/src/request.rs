//! What a conversation may need.

use std::fmt;

use kaigotap::flow;

use crate::card::PinKind;
use crate::failure::Failure;
use crate::http::HttpRequest;
use crate::mirror;
use crate::printed::{ChipPhoto, PrintedFault};
use crate::way::{AttributeFault, Attributes, BirthDateRead, Way};

/// One thing that a conversation needs: from the card, the network, the clock or a person. Each says which reply answers
/// it. The list grows: keep a last branch that cancels. Printed, it shows neither commands nor what is sent, signed or
/// kept.
#[derive(PartialEq, Eq, uniffi::Enum)]
#[uniffi::export(Debug, Display)]
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
    /// Show this page in the system's browser, never in a view of the app (RFC 8252 §8.12), and bring back the whole address
    /// at which the browser ended: `Browsed` or `NotBrowsed`. Never log that address.
    Browse {
        /// The address to open.
        address: String,
        /// Where the browser ends: what comes behind it is the query. A scheme of the app's own, or a port of this machine.
        returns_to: String,
    },
    /// Sign with a key of the device, with ES256 (RFC 7518 §3.4): `Signed` or `NotSigned`.
    Sign {
        /// The name under which the device keeps the key.
        key: String,
        /// What to sign: the message, not its digest. It may name people: never log it.
        payload: Vec<u8>,
    },
    /// Keep this under its name, in place of what was there, and answer when it is on the disk: it survives a power cut
    /// from then on (write aside, sync, rename, sync the folder). `Kept` or `NotKept`.
    Keep {
        /// The name: 1 to 64 of `a`–`z`, `0`–`9`, `-` and `_`.
        name: String,
        /// The bytes, at most 1 MiB, sealed by whoever asks.
        sealed: Vec<u8>,
    },
    /// Forget what is kept under this name, if anything is, and answer when it is gone from the disk: `Forgotten` or
    /// `NotForgotten`.
    Forget {
        /// The name.
        name: String,
    },
    /// Say under which names something is kept: `Listed` or `NotListed`. It is no `List`, which in Kotlin would stand before
    /// the list of `Recall`.
    ListNames,
    /// Bring back what is kept under these names, and leave out what is not: `Recalled` or `NotRecalled`.
    Recall {
        /// The names, at most 64.
        names: Vec<String>,
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
    Occasion from flow::Occasion, else Again {
        /// The first tap of this conversation.
        First,
        /// The card went away too early; hold the same card to the reader again. Nothing was lost.
        Again,
        /// The card was let go so that its holder could be asked something; hold the same card to the reader once more.
        Continue,
    }
}

mirror! {
    /// When the holder is asked for a PIN.
    PinTiming of flow::PinTiming {
        /// While the card lies on the reader, with the tries left on the screen: at a desk. So it is unless another
        /// timing is chosen.
        DuringTap,
        /// Before the card is held to the reader, so that one tap does everything: on a phone. Where tries are gone
        /// already and the holder was not told, the card is let go, the holder is told, and asked again.
        BeforeTap,
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
        /// How many wrong entries the card still takes before it locks; nothing where the card was not asked yet. Show
        /// it.
        tries_left: Option<u8>,
        /// Why it is asked for.
        why: WhyPin,
    },
    /// To the nurse, who holds the card, and not to its holder: type the three things that are printed on it, which open
    /// the chip's photo (照合番号B). `PrintedEntered`.
    EnterPrinted {
        /// How many wrong entries the card still takes before it locks; nothing where the card was not asked yet. Show
        /// it.
        tries_left: Option<u8>,
        /// Why they are asked for.
        why: WhyPin,
        /// Which of them cannot stand on a card, where that is why. Keep the rest on the screen.
        fault: Option<PrintedFault>,
    },
    /// To the nurse: this is the photo in the chip, whose signature was verified; show it large. Is it the photo printed
    /// on the card, and the person before you? `FaceChecked`.
    ConfirmPhoto {
        /// The photo.
        photo: ChipPhoto,
    },
    /// To the holder: one try is left; a wrong entry now locks the PIN until it is reset, at the town hall for example.
    /// Go on? `Consented`. The safe default is no.
    LastTry {
        /// Which PIN.
        pin: PinKind,
        /// What came before it. After `Wrong` say first that the PIN was wrong, then ask.
        why: WhyPin,
    },
    /// To the holder of the card: choose a new PIN, and enter it twice. Answered by the function `enterNewPin`.
    NewPin {
        /// Which PIN.
        pin: PinKind,
        /// Why it is asked for.
        why: WhyNewPin,
    },
    /// To the nurse: one way has failed; which of these is next? `WayChosen`. Stopped here, the conversation ends with the
    /// failure, and what is left is paper: `Failure.toNote`.
    ChooseWay {
        /// Why the last one failed. Tell it, with its next action.
        after: Failure,
        /// The lawful ways that can help now, the best first.
        ways: Vec<Way>,
    },
    /// To the nurse: type what stands on the paper certificate (被保険者証). `AttributesEntered`.
    EnterAttributes {
        /// For which way: in a disaster the two numbers may be left empty.
        way: Way,
        /// What was wrong with the last entry, if this is not the first. Keep the rest on the screen.
        fault: Option<AttributeFault>,
        /// What is known already, as the chip of the card has it, to stand in the fields from the start; the rest is
        /// empty. The nurse may change it. The date as `YYYY-MM-DD`, the sex as `male` or `female`.
        prefilled: Attributes,
    },
    /// To the nurse: this is how the date of birth was read; is it what stands on the certificate? `BirthDateChecked`.
    ConfirmBirthDate {
        /// How it was read.
        read: BirthDateRead,
    },
    /// A question that this version has no words for. Cancel.
    Unknown,
}

mirror! {
    /// Why a PIN is asked for.
    WhyPin from flow::WhyPin, else First {
        /// For the first time.
        First,
        /// The last entry had the wrong length or characters. The card was not shown it, and it cost no try.
        Malformed,
        /// The card refused the last entry: it cost a try.
        Wrong,
        /// The card was pulled while it was checking the PIN, so nobody knows what it made of it; the tries left are read
        /// anew before a PIN is presented.
        CardRemoved,
        /// Some tries are gone already: somebody entered a wrong PIN on an earlier day. The last entry was not shown to
        /// the card; the holder may think again.
        TriesGone,
    }
}

mirror! {
    /// Why a new PIN is asked for.
    WhyNewPin from flow::WhyNewPin, else First {
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
        /// What was proven is put on the disk, to be sent later.
        Keep,
        /// What waited is sent: `done` of `total` entries.
        SendWaiting,
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { occasion } => write!(f, "Connect({occasion:?})"),
            Self::Transmit { .. } => f.write_str("Transmit(..)"),
            Self::Disconnect => f.write_str("Disconnect"),
            Self::Send { .. } => f.write_str("Send(..)"),
            Self::Browse { .. } => f.write_str("Browse(..)"),
            Self::Sign { .. } => f.write_str("Sign(..)"),
            Self::Keep { .. } => f.write_str("Keep(..)"),
            Self::Forget { .. } => f.write_str("Forget(..)"),
            Self::ListNames => f.write_str("ListNames"),
            Self::Recall { .. } => f.write_str("Recall(..)"),
            Self::Clock => f.write_str("Clock"),
            Self::Ask { prompt } => write!(f, "Ask({prompt:?})"),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl From<flow::Request> for Request {
    fn from(request: flow::Request) -> Self {
        match request {
            flow::Request::Connect(occasion) => Self::Connect { occasion: occasion.into() },
            flow::Request::Transmit(command) => {
                Self::Transmit { command: command.bytes().to_vec() }
            }
            flow::Request::Disconnect => Self::Disconnect,
            flow::Request::Send(request) => Self::Send { request: request.into() },
            flow::Request::Browse(page) => {
                Self::Browse { address: page.address, returns_to: page.returns_to }
            }
            flow::Request::Sign(to_sign) => {
                Self::Sign { key: to_sign.key, payload: to_sign.payload }
            }
            flow::Request::Keep(entry) => {
                Self::Keep { name: entry.name.as_str().to_owned(), sealed: entry.sealed }
            }
            flow::Request::Forget(name) => Self::Forget { name: name.as_str().to_owned() },
            flow::Request::List => Self::ListNames,
            flow::Request::Recall(names) => {
                Self::Recall { names: names.iter().map(|name| name.as_str().to_owned()).collect() }
            }
            flow::Request::Clock => Self::Clock,
            flow::Request::Ask(prompt) => Self::Ask { prompt: prompt.into() },
            // The core has grown and this list has not: a test below fails.
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
            flow::Prompt::EnterPrinted { tries_left, why, fault } => {
                Self::EnterPrinted { tries_left, why: why.into(), fault: fault.map(Into::into) }
            }
            flow::Prompt::ConfirmPhoto { photo } => Self::ConfirmPhoto { photo: photo.into() },
            flow::Prompt::LastTry { pin, why } => {
                Self::LastTry { pin: pin.into(), why: why.into() }
            }
            flow::Prompt::NewPin { pin, why } => Self::NewPin { pin: pin.into(), why: why.into() },
            flow::Prompt::ChooseWay { after, ways } => Self::ChooseWay {
                after: after.into(),
                ways: ways.iter().filter_map(Way::of).collect(),
            },
            flow::Prompt::EnterAttributes { way, fault, prefilled } => Self::EnterAttributes {
                way: Way::of(way).unwrap_or(Way::FourAttributes),
                fault: fault.map(Into::into),
                prefilled: prefilled.into(),
            },
            flow::Prompt::ConfirmBirthDate { birth_date, age } => Self::ConfirmBirthDate {
                read: BirthDateRead {
                    date: birth_date.to_string(),
                    japanese: birth_date.japanese(),
                    age,
                },
            },
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    const CORE: &str = include_str!("../../core/src/flow/request.rs");
    const HERE: &str = include_str!("request.rs");

    /// The variants of a public enum, as it is written.
    fn variants<'s>(source: &'s str, of: &str) -> Vec<&'s str> {
        let (_, body) = source.split_once(&format!("pub enum {of} {{\n")).unwrap();
        let (body, _) = body.split_once("\n}\n").unwrap();
        let names = body.lines().filter_map(|line| line.strip_prefix("    "));
        names
            .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
            .map(|line| line.split(|c: char| !c.is_alphanumeric()).next().unwrap())
            .collect()
    }

    /// The compiler does not say so of an enum of another crate that may grow.
    #[test]
    fn whatever_the_core_asks_for_crosses() {
        let requests = variants(CORE, "Request");
        assert!(requests.contains(&"Connect") && requests.contains(&"Ask"), "{requests:?}");
        // One is called otherwise here, for the sake of Kotlin.
        let named = |name| if name == "List" { "ListNames" } else { name };
        let requests: Vec<&str> = requests.into_iter().map(named).collect();
        assert_eq!(variants(HERE, "Request"), requests);
        let prompts = [variants(CORE, "Prompt"), vec!["Unknown"]].concat();
        assert_eq!(variants(HERE, "Prompt"), prompts);
    }
}
