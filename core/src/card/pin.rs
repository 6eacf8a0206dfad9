//! PINs, and the guard before them.
//!
//! Three wrong PINs send a frail person to the town hall. So: the tries left are read before a PIN is asked for and
//! are shown with the question; with one try left the holder has to agree first; what cannot be a PIN never reaches
//! the card; no PIN is ever presented twice by code; and after a card was pulled in the middle of a check the counter
//! is read before anything else. All of that is `Desk::open`, the only caller of VERIFY.

use zeroize::Zeroizing;

pub use crate::flow::PinKind;
use crate::flow::{Answer, Prompt, Secret, Stage, Talk, WhyPin};
use crate::message::{Code, Failure};

use super::{Jpki, TapError};

/// How often a malformed entry is asked for again before the flow stops.
const MAX_MALFORMED: usize = 5;

/// A well-formed PIN or password on its way to the card. Consumed by the one VERIFY it is for; wiped when dropped.
pub(crate) struct Pin {
    kind: PinKind,
    characters: Zeroizing<Vec<u8>>,
}

impl Pin {
    /// Takes what was typed if it can be a PIN of this kind: 4 digits; or 6 to 16 of A–Z and 0–9 with at least one of
    /// each, small letters raised. The card is never asked about anything else: what a wrong length costs there is
    /// not known.
    fn parse(kind: PinKind, typed: &Secret) -> Option<Self> {
        let characters = Zeroizing::new(typed.bytes().to_ascii_uppercase());
        let fits = match kind {
            PinKind::Authentication => {
                characters.len() == 4 && characters.iter().all(u8::is_ascii_digit)
            }
            PinKind::Signature => {
                (6..=16).contains(&characters.len())
                    && characters.iter().all(u8::is_ascii_alphanumeric)
                    && characters.iter().any(u8::is_ascii_digit)
                    && characters.iter().any(u8::is_ascii_uppercase)
            }
        };
        fits.then_some(Self { kind, characters })
    }

    pub(super) fn kind(&self) -> PinKind {
        self.kind
    }

    pub(super) fn characters(&self) -> &[u8] {
        &self.characters
    }
}

/// What a card makes of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presented {
    /// Right; the counter is full again.
    Accepted,
    /// Wrong; with none left it is locked.
    Wrong { left: u8 },
}

/// Leave to present one PIN. Only [`Desk::open`] grants it, after it has read the counter in the same tap and, where
/// one try is left, has the holder's consent.
pub(super) struct Permit(());

/// Where a PIN is asked for and presented: the guard. It lives through the taps of one conversation, so that what was
/// presented once is not presented again.
pub(crate) struct Desk {
    kind: PinKind,
    /// Presented, and the link broke before the answer came.
    unanswered: bool,
    why: WhyPin,
    malformed: usize,
    consented: bool,
}

impl Desk {
    pub(crate) fn new(kind: PinKind) -> Self {
        Self { kind, unanswered: false, why: WhyPin::First, malformed: 0, consented: false }
    }

    /// Gets this PIN from the holder and has the card accept it; or stops, kindly.
    pub(crate) async fn open(&mut self, jpki: &mut Jpki<'_>) -> Result<(), TapError> {
        let mut left = jpki.tries_left(self.kind).await?;
        if std::mem::take(&mut self.unanswered) {
            self.why = WhyPin::CardRemoved;
            self.consented = false;
        }
        while left > 0 {
            let pin = self.ask(jpki.talk(), left).await?;
            jpki.talk().stage(Stage::Sign);
            self.unanswered = true;
            let presented = jpki.verify(Permit(()), pin).await?;
            self.unanswered = false;
            match presented {
                Presented::Accepted => return Ok(()),
                Presented::Wrong { left: now } => left = now,
            }
            self.why = WhyPin::Wrong;
            self.consented = false;
        }
        Err(Failure::new(Code::PinBlocked).with_tries_left(0).into())
    }

    async fn ask(&mut self, talk: &Talk, left: u8) -> Result<Pin, Failure> {
        talk.stage(Stage::EnterPin);
        if left == 1 && !self.consented {
            let Answer::Consent(true) = talk.ask(Prompt::LastTry { pin: self.kind }).await else {
                return Err(Failure::new(Code::PinLastTry).with_tries_left(left));
            };
            self.consented = true;
        }
        while self.malformed < MAX_MALFORMED {
            let prompt = Prompt::EnterPin { pin: self.kind, tries_left: left, why: self.why };
            let Answer::Pin(typed) = talk.ask(prompt).await else { break };
            if let Some(pin) = Pin::parse(self.kind, &typed) {
                return Ok(pin);
            }
            self.why = WhyPin::Malformed;
            self.malformed = self.malformed.saturating_add(1);
        }
        // Stopped. What was wrong with the last entry says more than that.
        let code = match self.why {
            WhyPin::First => Code::Cancelled,
            WhyPin::Malformed => Code::PinMalformed,
            WhyPin::Wrong => Code::PinWrong,
            WhyPin::CardRemoved => Code::CardRemovedDuringPin,
        };
        Err(Failure::new(code).with_tries_left(left))
    }

    /// How a conversation failed, told with what is known of the PIN: a card that was pulled while it was checking one
    /// and never came back leaves open whether a try was used.
    pub(crate) fn explain(&self, failure: Failure) -> Failure {
        if self.unanswered && failure.code() == Code::CardRemoved {
            return Failure::new(Code::CardRemovedDuringPin);
        }
        failure
    }
}
