//! What a flow may ask of the world.

use std::fmt;

use zeroize::Zeroizing;

use super::attributes::{AttributeFault, Attributes};
use super::browse::Page;
use super::http::HttpRequest;
use super::keep::{Entry, EntryName};
use super::printed::{ChipPhoto, PrintedFault};
use super::way::{Way, Ways};
use crate::date::PartialDate;
use crate::message::Failure;

/// One thing that a flow needs from outside: from the card, the network, the device or a person.
///
/// The list may grow, so a driver's `match` keeps a last arm that stops.
#[derive(Debug)]
#[non_exhaustive]
pub enum Request {
    /// Have a card held to the reader, and say what the link to it can carry.
    Connect(Occasion),
    /// Send these bytes to the card and bring back its whole answer, data and status word.
    Transmit(CommandBytes),
    /// The card is done with: power it down and let the person take it.
    Disconnect,
    /// Send this to the care platform and bring back its answer.
    Send(HttpRequest),
    /// Show this page in the system's browser, and bring back the whole address at which the browser ended.
    Browse(Page),
    /// Sign with a key of the device.
    Sign(ToSign),
    /// Keep this under its name, in place of what was there, and answer when it is on the disk: it survives a power cut
    /// from then on. (Write aside, sync, rename, sync the folder.)
    Keep(Entry),
    /// Forget what is kept under this name, if anything is, and answer when it is gone from the disk.
    Forget(EntryName),
    /// Say under which names something is kept.
    List,
    /// Bring back what is kept under these names, at most [`MOST_RECALLED`](super::MOST_RECALLED) of them; what is not kept is
    /// left out.
    Recall(Vec<EntryName>),
    /// Say what time it is on this device.
    Clock,
    /// Ask a person.
    Ask(Prompt),
}

impl Request {
    /// Which reply answers this.
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
            Self::List => Kind::List,
            Self::Recall(_) => Kind::Recall,
            Self::Clock => Kind::Clock,
            Self::Ask(Prompt::ConfirmFace) => Kind::ConfirmFace,
            Self::Ask(Prompt::EnterPin { .. }) => Kind::EnterPin,
            Self::Ask(Prompt::EnterPrinted { .. }) => Kind::EnterPrinted,
            Self::Ask(Prompt::ConfirmPhoto { .. }) => Kind::ConfirmPhoto,
            Self::Ask(Prompt::LastTry { .. }) => Kind::LastTry,
            Self::Ask(Prompt::NewPin { .. }) => Kind::NewPin,
            Self::Ask(Prompt::ChooseWay { .. }) => Kind::ChooseWay,
            Self::Ask(Prompt::EnterAttributes { .. }) => Kind::EnterAttributes,
            Self::Ask(Prompt::ConfirmBirthDate { .. }) => Kind::ConfirmBirthDate,
        }
    }
}

/// The kinds of request, and so of reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// [`Request::Connect`]
    Connect,
    /// [`Request::Transmit`]
    Transmit,
    /// [`Request::Disconnect`]
    Disconnect,
    /// [`Request::Send`]
    Send,
    /// [`Request::Browse`]
    Browse,
    /// [`Request::Sign`]
    Sign,
    /// [`Request::Keep`]
    Keep,
    /// [`Request::Forget`]
    Forget,
    /// [`Request::List`]
    List,
    /// [`Request::Recall`]
    Recall,
    /// [`Request::Clock`]
    Clock,
    /// [`Prompt::ConfirmFace`]
    ConfirmFace,
    /// [`Prompt::EnterPin`]
    EnterPin,
    /// [`Prompt::EnterPrinted`]
    EnterPrinted,
    /// [`Prompt::ConfirmPhoto`]
    ConfirmPhoto,
    /// [`Prompt::LastTry`]
    LastTry,
    /// [`Prompt::NewPin`]
    NewPin,
    /// [`Prompt::ChooseWay`]
    ChooseWay,
    /// [`Prompt::EnterAttributes`]
    EnterAttributes,
    /// [`Prompt::ConfirmBirthDate`]
    ConfirmBirthDate,
    /// [`Answer::Cancelled`](super::Answer::Cancelled), which answers every prompt.
    Cancelled,
}

/// Why a card is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Occasion {
    /// The first tap of this conversation.
    First,
    /// The card went away too early; hold the same card to the reader again. Nothing was lost.
    Again,
    /// The card was let go so that its holder could be asked something; hold the same card to the reader once more.
    Continue,
}

/// When the holder is asked for a PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PinTiming {
    /// While the card lies on the reader, with the tries left on the screen: at a desk.
    #[default]
    DuringTap,
    /// Before the card is held to the reader, so that one tap does everything: on a phone. The tries left are read before
    /// the PIN is presented; where some are gone already and the holder was not told, the card is let go, the holder is
    /// told, and asked again.
    BeforeTap,
}

/// What a key of the device is to sign, with ES256 (RFC 7518 §3.4). The bytes are composed by this library, and are the
/// message, not its digest. They are no secret, but they may name people: never log them.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToSign {
    /// The name under which the device keeps its key.
    pub key: String,
    /// The message.
    pub payload: Vec<u8>,
}

impl ToSign {
    pub(crate) fn new(key: &str, payload: Vec<u8>) -> Self {
        Self { key: key.to_owned(), payload }
    }
}

impl fmt::Debug for ToSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ToSign(..)")
    }
}

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// To the nurse: does the face before you match the photo printed on the card (目視確認)?
    /// Answered by [`Answer::Face`](super::Answer::Face).
    ConfirmFace,
    /// To the holder of the card: enter your PIN. Answered by [`Answer::Pin`](super::Answer::Pin).
    EnterPin {
        /// Which one.
        pin: PinKind,
        /// How many wrong entries the card still takes before it locks; `None` where the card was not asked yet. Show it.
        tries_left: Option<u8>,
        /// Why it is asked for.
        why: WhyPin,
    },
    /// To the nurse, who holds the card, and not to its holder: type the three things that are printed on it, which open
    /// the chip's photo (照合番号B). Answered by [`Answer::Printed`](super::Answer::Printed).
    EnterPrinted {
        /// How many wrong entries the card still takes before it locks; `None` where the card was not asked yet. Show it.
        tries_left: Option<u8>,
        /// Why they are asked for.
        why: WhyPin,
        /// Which of them cannot stand on a card, where that is why ([`WhyPin::Malformed`]). Keep the rest on the screen.
        fault: Option<PrintedFault>,
    },
    /// To the nurse: this is the photo in the chip, whose signature was verified; show it large. Is it the photo printed on
    /// the card, and the person before you? Answered by [`Answer::Face`](super::Answer::Face).
    ConfirmPhoto {
        /// The photo.
        photo: ChipPhoto,
    },
    /// To the holder: one try is left; a wrong entry now locks the PIN until it is reset, at the town hall for example.
    /// Go on? Answered by [`Answer::Consent`](super::Answer::Consent). The safe default is no.
    LastTry {
        /// Which PIN.
        pin: PinKind,
        /// What came before it. After [`WhyPin::Wrong`] say first that the PIN was wrong, then ask.
        why: WhyPin,
    },
    /// To the holder of the card: choose a new PIN, and enter it twice. Answered by
    /// [`Answer::NewPin`](super::Answer::NewPin).
    NewPin {
        /// Which PIN.
        pin: PinKind,
        /// Why it is asked for.
        why: WhyNewPin,
    },
    /// To the nurse: one way has failed; which of these is next? Answered by [`Answer::Way`](super::Answer::Way). Stopped
    /// here, the conversation ends with the failure, and what is left is paper:
    /// [`Failure::to_note`](crate::message::Failure::to_note).
    ChooseWay {
        /// Why the last one failed. Tell it, with its next action.
        after: Failure,
        /// The lawful ways that can help now, the best first: never empty.
        ways: Ways,
    },
    /// To the nurse: type what stands on the paper certificate (被保険者証). Answered by
    /// [`Answer::Attributes`](super::Answer::Attributes).
    EnterAttributes {
        /// For which way: in a disaster the two numbers may be left empty.
        way: Way,
        /// What was wrong with the last entry, if this is not the first. Keep the rest on the screen.
        fault: Option<AttributeFault>,
        /// What is known already, as the chip of the card has it, to stand in the fields from the start; the rest is empty.
        /// The nurse may change it. The date as `YYYY-MM-DD`, the sex as `male` or `female`.
        prefilled: Attributes,
    },
    /// To the nurse: this is how the date of birth was read; is it what stands on the certificate? Answered by
    /// [`Answer::BirthDateIs`](super::Answer::BirthDateIs).
    ConfirmBirthDate {
        /// The date; [`PartialDate::japanese`] has it as the certificate does.
        birth_date: PartialDate,
        /// The age in years today, where it is known.
        age: Option<u16>,
    },
}

/// Why a new PIN is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyNewPin {
    /// For the first time.
    First,
    /// The last choice had the wrong length or characters.
    Malformed,
    /// The two entries differed.
    Different,
}

/// Why a PIN is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyPin {
    /// For the first time.
    First,
    /// The last entry had the wrong length or characters. It was not shown to the card and cost no try.
    Malformed,
    /// The card refused the last entry: it cost a try.
    Wrong,
    /// The card was pulled while it was checking the PIN, so nobody knows what it made of it; the tries left are read
    /// anew before a PIN is presented.
    CardRemoved,
    /// Some tries are gone already: somebody entered a wrong PIN on an earlier day. The last entry was not shown to the
    /// card; the holder may think again.
    TriesGone,
}

/// The card's secrets that a person types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinKind {
    /// PIN of the user-authentication key (利用者証明用電子証明書の暗証番号): 4 digits, 3 tries.
    Authentication,
    /// Password of the signature key (署名用電子証明書の暗証番号): 6 to 16 of A–Z and 0–9, 5 tries.
    Signature,
    /// PIN of the input-support application (券面事項入力補助用の暗証番号): 4 digits, 3 tries.
    InputSupport,
    /// Verification number B (照合番号B): 14 digits that stand on the card's face. Anyone who holds the card can read
    /// them; `card::verification_number_b` builds them.
    VerificationNumberB,
    /// Birth-date key (生年月日の照合): 6 digits, the date of birth in the Japanese era; it opens the age record only.
    /// `card::birth_date_key` builds it.
    BirthDate,
}

impl PinKind {
    /// Wrong entries in a row that lock it, when the counter is full; `None` where that is not known for certain.
    pub fn max_tries(self) -> Option<u8> {
        match self {
            Self::Authentication | Self::InputSupport => Some(3),
            Self::Signature => Some(5),
            Self::VerificationNumberB | Self::BirthDate => None,
        }
    }
}

/// Where a conversation stands, for a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// Bytes read so far, in a stage that reads; else 0.
    pub done: usize,
    /// Bytes to read, when known; else 0.
    pub total: usize,
}

/// The stages of a conversation, in the order in which a visit passes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Nothing has happened yet.
    #[default]
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
    /// What waited is sent: `done` of `total`.
    SendWaiting,
}

/// The bytes of a command to the card (command APDU, ISO/IEC 7816-4 §5.1).
///
/// They may hold a PIN: `Debug` shows the header only, and they are wiped when dropped.
pub struct CommandBytes(Zeroizing<Vec<u8>>);

impl Drop for CommandBytes {
    fn drop(&mut self) {
        super::overwrite_registers(self.0.len());
    }
}

impl CommandBytes {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// What goes to the card. For a driver's transmit call only: never log it.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CommandBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.0.get(..4).unwrap_or_default();
        write!(f, "CommandBytes({header:02X?} ..)")
    }
}
