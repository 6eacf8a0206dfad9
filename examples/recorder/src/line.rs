//! The lines of a transcript: one JSON object each. `tests/vectors/transcripts/README.md` describes them for readers in
//! any language.

use kaigotap::flow::{self, Connected, Occasion, PinKind, WhyNewPin, WhyPin};
use kaigotap::message::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::enrol::Enrol;
use crate::sign_in::SignIn;
use crate::visit::Visit;

/// The version of the format.
pub const VERSION: u32 = 4;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Line {
    /// The first line, and only that.
    Header(Box<Header>),
    /// A card was asked for.
    Connect {
        /// `first`, `again` or `continue`.
        occasion: String,
        /// What the link can carry, if a card came.
        #[serde(skip_serializing_if = "Option::is_none")]
        link: Option<Link>,
        /// Why none came.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A command and its answer, in hexadecimal with markers.
    Exchange {
        /// To the card.
        tx: String,
        /// From the card, status word included.
        rx: String,
        /// How long it took, in microseconds.
        micros: u64,
    },
    /// A command without an answer.
    Error {
        /// To the card.
        tx: String,
        /// The cause.
        error: String,
        /// How long it took, in microseconds.
        micros: u64,
    },
    /// The card was let go.
    Disconnect,
    /// A person was asked.
    Ask {
        /// The question.
        prompt: Prompt,
        /// The answer.
        answer: Answer,
    },
    /// The device's clocks were read, in milliseconds.
    Clock {
        /// What the clock said that a person sets, since 1970.
        wall_ms: u64,
        /// What the other one said, from any moment.
        monotonic_ms: u64,
    },
    /// A key of the device was to sign.
    Sign {
        /// Which.
        key: String,
        /// What, in hexadecimal.
        payload: String,
        /// The signature as the device gave it, in hexadecimal.
        #[serde(skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
        /// Why there is none.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// An entry was to be kept.
    Keep {
        /// Under which name.
        name: String,
        /// Its bytes, in hexadecimal.
        sealed: String,
        /// Why it is not.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// An entry was to be forgotten.
    Forget {
        /// Which.
        name: String,
        /// Why it is not.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// The names of all entries were to be brought.
    List {
        /// All of them.
        #[serde(skip_serializing_if = "Option::is_none")]
        names: Option<Vec<String>>,
        /// Why there are none.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// The entries of these names were to be brought back.
    Recall {
        /// Which.
        names: Vec<String>,
        /// Those that are kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        entries: Option<Vec<Entry>>,
        /// Why there are none.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A page was to be shown in the system's browser.
    Browse {
        /// The address to open.
        address: String,
        /// Where the browser was to end.
        returns_to: String,
        /// The whole address at which it ended.
        #[serde(skip_serializing_if = "Option::is_none")]
        ended: Option<String>,
        /// Why it did not.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// A request to the platform.
    Send {
        /// `GET` or `POST`.
        method: String,
        /// The address behind the server's.
        path: String,
        /// Names and values, as they were given.
        headers: Vec<(String, String)>,
        /// The body, with markers.
        body: String,
        /// Status code of the answer, if one came.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Those of its headers that the SDK reads: names in small letters, and values.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        answer_headers: Vec<(String, String)>,
        /// Its body, with markers.
        #[serde(skip_serializing_if = "Option::is_none")]
        answer: Option<String>,
        /// Why none came.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
}

/// What a replayer needs to begin, and what has to come of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`VERSION`].
    pub version: u32,
    /// Which flow.
    pub flow: String,
    /// What it was given.
    pub parameters: Parameters,
    /// What the card was to sign, 32 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// The randomness of a visit, 32 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entropy: Option<String>,
    /// Whose card, where a card has a part in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// What the first link could carry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What a flow was given; only what its flow takes is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// `authentication` or `signature`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// What opens the 4 attributes: `pin` or `verification_number_b`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The PIN to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Whose signatures count: `virtual`, `jpki_test` or `production`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorities: Option<String>,
    /// The key of the device that a trial of the host has sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_key: Option<DeviceKey>,
    /// `before_tap` where the holder is asked for a PIN before the tap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_timing: Option<String>,
    /// What a visit was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<Visit>,
    /// What an enrolment was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrol: Option<Enrol>,
    /// What a sign-in was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignIn>,
}

/// A key of the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceKey {
    /// The name under which the device keeps it.
    pub name: String,
    /// The public key: an uncompressed point, in hexadecimal.
    pub public: String,
}

/// An entry that the host keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its bytes, in hexadecimal.
    pub sealed: String,
}

/// Whose card it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Card {
    /// A virtual one.
    Virtual {
        /// Whose.
        person: String,
        /// How it behaves.
        profile: String,
    },
    /// A real one: what it answered is withheld.
    Real,
}

/// What a link can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Longest command, bytes.
    pub max_command: usize,
    /// Longest answer, bytes.
    pub max_response: usize,
}

impl From<Connected> for Link {
    fn from(link: Connected) -> Self {
        Self { max_command: link.max_command, max_response: link.max_response }
    }
}

/// What came of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// It came to its end.
    Done {
        /// What was told.
        value: Value,
    },
    /// It failed.
    Failed {
        /// The stable code.
        code: String,
        /// PIN tries left, where that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        tries_left: Option<u8>,
    },
}

impl From<&Failure> for Outcome {
    fn from(failure: &Failure) -> Self {
        let code = failure.code().as_str().to_owned();
        Self::Failed { code, tries_left: failure.tries_left() }
    }
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Prompt {
    /// Does the face match?
    ConfirmFace,
    /// The PIN, please.
    EnterPin {
        /// Which.
        pin: String,
        /// Tries left, where the card was asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        tries_left: Option<u8>,
        /// Why.
        why: String,
    },
    /// One try is left; go on?
    LastTry {
        /// Which PIN.
        pin: String,
        /// What came before it.
        why: String,
    },
    /// A new PIN, please.
    NewPin {
        /// Which.
        pin: String,
        /// Why.
        why: String,
    },
    /// A question that this version has no name for.
    Unknown,
}

impl From<&flow::Prompt> for Prompt {
    fn from(prompt: &flow::Prompt) -> Self {
        match *prompt {
            flow::Prompt::ConfirmFace => Self::ConfirmFace,
            flow::Prompt::EnterPin { pin, tries_left, why } => Self::EnterPin {
                pin: pin_name(pin).to_owned(),
                tries_left,
                why: why_name(why).to_owned(),
            },
            flow::Prompt::LastTry { pin, why } => {
                Self::LastTry { pin: pin_name(pin).to_owned(), why: why_name(why).to_owned() }
            }
            flow::Prompt::NewPin { pin, why } => Self::NewPin {
                pin: pin_name(pin).to_owned(),
                why: match why {
                    WhyNewPin::First => "first",
                    WhyNewPin::Malformed => "malformed",
                    WhyNewPin::Different => "different",
                    _ => "unknown",
                }
                .to_owned(),
            },
            _ => Self::Unknown,
        }
    }
}

/// An answer. What was typed has a name in place of its characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// `match` or `no_match`.
    Face(String),
    /// A PIN.
    Pin(String),
    /// Yes or no.
    Consent(bool),
    /// A new PIN, and again.
    NewPin(String, String),
    /// Stop; always `true`.
    Cancelled(bool),
}

/// The name of a PIN.
pub fn pin_name(pin: PinKind) -> &'static str {
    match pin {
        PinKind::Authentication => "authentication",
        PinKind::Signature => "signature",
        PinKind::InputSupport => "input_support",
        PinKind::VerificationNumberB => "verification_number_b",
        PinKind::BirthDate => "birth_date",
        _ => "unknown",
    }
}

/// The name of why a PIN is asked for.
fn why_name(why: WhyPin) -> &'static str {
    match why {
        WhyPin::First => "first",
        WhyPin::Malformed => "malformed",
        WhyPin::Wrong => "wrong",
        WhyPin::CardRemoved => "card_removed",
        WhyPin::TriesGone => "tries_gone",
        _ => "unknown",
    }
}

/// The name of an occasion.
pub fn occasion_name(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::First => "first",
        Occasion::Again => "again",
        Occasion::Continue => "continue",
        _ => "unknown",
    }
}

/// Bytes in hexadecimal, small letters.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0F])
        .filter_map(|nibble| char::from_digit(nibble.into(), 16))
        .collect()
}

/// The bytes that hexadecimal stands for.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
