//! The guard before the PINs.
//!
//! Three wrong PINs send a frail person to the town hall. So: the tries left are read before a PIN is presented, and the
//! holder is told of them when some are gone; with one try left the holder has to agree first; what cannot be a PIN never
//! reaches the card; no PIN is ever presented twice by code; after a card was pulled in the middle of a check the counter
//! is read before anything else; and whatever the holder typed, agreed to or chose belongs to one card. All of that is
//! here, with the only caller of VERIFY. Unlocking is not attempted: a town hall does it, or some convenience stores.
//!
//! When the PIN is asked for ([`PinTiming`]):
//!
//! ```text
//! during the tap   query → ask (tries left) → query → VERIFY
//! before the tap   ask → tap: query ─ full, or as told ───────────────────────→ VERIFY
//!                                  └ fewer: let go → ask (tries left) → tap: query → VERIFY
//! ```
//!
//! The second query of a tap in which somebody had to think is what tells a card that was lifted meanwhile from one that
//! was pulled while it checked a PIN.
//!
//! A key that is known already, as the birth date of a registered person is, is asked of nobody: the counter is read, and
//! the key presented unless one try is left. It is presented again only to a card that has accepted it and was pulled
//! then; a card that refuses it, or is pulled while it checks it, ends the conversation.

use crate::flow::{
    Answer, PinKind, PinTiming, PrintedFault, Prompt, Stage, Talk, WhyNewPin, WhyPin,
};
use crate::message::{Code, Failure};

use super::pin::{NewPin, Pin, number_b_of};
use super::{Holding, Identity, Selected, TapError};

/// How often a malformed entry is asked for again before the flow stops.
const MAX_MALFORMED: usize = 5;
/// How often a PIN is asked for at most, whatever a card says of its counter.
const MAX_ASKED: usize = 20;
/// Tries of a full counter where no source says how many: fewer are told to whoever types.
const PROBABLY_FULL: u8 = 10;

/// What a card makes of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presented {
    /// Right; the counter is full again.
    Accepted,
    /// Wrong; with none left it is locked.
    Wrong { left: u8 },
}

/// Leave to present one PIN. Only [`Guard`] grants it, after it has read the counter in the same tap and, where one try is
/// left, has the holder's consent.
pub(super) struct Permit(());

/// A PIN in hand, and the card asked what a mistake would cost. Presented at once or not at all.
pub(crate) struct Entry(Pin);

/// Who types.
enum Typist {
    /// The holder, what only they know.
    Holder,
    /// The nurse, the parts of a number that is printed on the card; and what was wrong with one of them.
    Nurse(Option<PrintedFault>),
}

/// Where a PIN is asked for and presented. It lives through the taps of one conversation, so that what was presented once
/// is not presented again, and knows the card that the conversation is with.
pub(crate) struct Guard {
    kind: PinKind,
    timing: PinTiming,
    typist: Typist,
    /// The card of this conversation, once one was held to the reader.
    card: Option<Identity>,
    /// What nobody is asked for.
    known: Option<Pin>,
    /// Typed, and not presented.
    typed: Option<Pin>,
    /// The tries left that the holder was told with the last question; `None` where nobody knew.
    told: Option<u8>,
    /// The tries left as the card said last in this tap.
    left: Option<u8>,
    /// Presented, and the link broke before the answer came.
    unanswered: bool,
    /// A new PIN was sent, and the link broke before the answer came.
    changing: bool,
    why: WhyPin,
    malformed: usize,
    asked: usize,
    consented: bool,
}

impl Guard {
    pub(crate) fn new(talk: &Talk, kind: PinKind) -> Self {
        Self {
            kind,
            timing: talk.pin_timing(),
            typist: Typist::Holder,
            card: None,
            known: None,
            typed: None,
            told: None,
            left: None,
            unanswered: false,
            changing: false,
            why: WhyPin::First,
            malformed: 0,
            asked: 0,
            consented: false,
        }
    }

    /// For a key that is known already: nobody is asked for it, neither before a tap nor during one.
    pub(crate) fn knowing(talk: &Talk, key: Pin) -> Self {
        let guard = Self::new(talk, key.kind());
        Self { known: Some(key), timing: PinTiming::DuringTap, ..guard }
    }

    /// For verification number B, of which the nurse types the parts that are printed on the card.
    pub(crate) fn reading_off(talk: &Talk) -> Self {
        let typist = Typist::Nurse(None);
        Self { typist, ..Self::new(talk, PinKind::VerificationNumberB) }
    }

    /// Whether the holder is asked before the card is held to the reader.
    pub(crate) fn asks_before_tap(&self) -> bool {
        self.timing == PinTiming::BeforeTap
    }

    /// Before a card is asked for: where the PIN comes first, gets it from the holder, unless one is in hand.
    pub(crate) async fn before_tap(&mut self, talk: &Talk) -> Result<(), Failure> {
        if self.asks_before_tap() && self.typed.is_none() {
            self.mark_unanswered();
            let left = self.left.take();
            self.ask(talk, left).await?;
        }
        self.left = None;
        Ok(())
    }

    /// Looks which card this is, before anything is asked of it. Another one than before ends the conversation; `false`
    /// says that nothing tells whether it is the same, and that what was kept from an earlier tap is to be forgotten.
    pub(crate) async fn meet(&mut self, holding: &mut Holding) -> Result<bool, TapError> {
        let card = match Selected::select(holding, super::Application::Jpki).await? {
            Some(mut jpki) => jpki.identity().await?,
            None => Identity::Untold,
        };
        self.recognise(card)
    }

    /// The same where the application is selected that tells it.
    pub(crate) async fn meet_selected(
        &mut self,
        jpki: &mut Selected<'_>,
    ) -> Result<bool, TapError> {
        let card = jpki.identity().await?;
        self.recognise(card)
    }

    /// This is the card of this tap.
    pub(crate) fn recognise(&mut self, card: Identity) -> Result<bool, TapError> {
        let before = self.card.replace(card);
        match before {
            Some(before) if before != card => {
                self.card = Some(before);
                return Err(Code::AnotherCard.into());
            }
            // Nothing tells whether it is the same one: whatever the holder said of the last one is forgotten.
            Some(Identity::Untold) => {
                self.typed = None;
                self.told = None;
                self.consented = false;
                return Ok(false);
            }
            _ => {}
        }
        if card == Identity::Untold {
            // It is not let go in the hope that it comes back, nor is anything asked for a tap to come.
            self.timing = PinTiming::DuringTap;
        }
        Ok(true)
    }

    /// Whether this card would be known again after it was let go.
    fn is_told(&self) -> bool {
        !matches!(self.card, None | Some(Identity::Untold))
    }

    /// Gets this PIN from the holder and has the card accept it; or stops, kindly.
    pub(crate) async fn open(&mut self, card: &mut Selected<'_>) -> Result<(), TapError> {
        loop {
            let entry = self.entry(card).await?;
            if self.present(card, entry).await? {
                return Ok(());
            }
        }
    }

    /// Has a PIN in hand, for this card and what its counter says. No PIN is open on the card meanwhile, so there is time
    /// for whatever else has to be waited for before [`present`](Self::present).
    pub(crate) async fn entry(&mut self, card: &mut Selected<'_>) -> Result<Entry, TapError> {
        loop {
            let left = match self.left.take() {
                Some(left) => left,
                None => card.tries_left(self.kind).await?,
            };
            self.mark_unanswered();
            if left == 0 {
                return Err(Failure::new(Code::PinBlocked).with_tries_left(0).into());
            }
            if let Some(key) = &self.known {
                let refused = |code| Err(Failure::new(code).with_tries_left(left).into());
                return match (self.why, left) {
                    (WhyPin::Wrong, _) => refused(Code::PinWrong),
                    (_, 1) => refused(Code::PinLastTry),
                    _ => Ok(Entry(key.clone())),
                };
            }
            match self.typed.take() {
                Some(pin) if self.may_present(left) => return Ok(Entry(pin)),
                Some(_) if self.why == WhyPin::First => self.why = WhyPin::TriesGone,
                _ => {}
            }
            if self.asks_before_tap() && self.is_told() {
                self.left = Some(left);
                return Err(TapError::LetGo);
            }
            // What is known to have happened to this card's counter is shown, and the card is looked at again afterwards.
            self.ask(card.talk(), Some(left)).await?;
        }
    }

    /// Presents a PIN, once; `false` says that it was wrong and may be asked for again.
    pub(crate) async fn present(
        &mut self,
        card: &mut Selected<'_>,
        Entry(pin): Entry,
    ) -> Result<bool, TapError> {
        if self.known.is_none() {
            card.talk().stage(Stage::Sign);
        }
        self.unanswered = true;
        let presented = card.verify(&Permit(()), pin).await?;
        self.unanswered = false;
        self.consented = false;
        match presented {
            Presented::Accepted => {
                self.why = WhyPin::First;
                Ok(true)
            }
            Presented::Wrong { left } => {
                self.why = WhyPin::Wrong;
                self.told = None;
                self.left = Some(left);
                Ok(false)
            }
        }
    }

    /// Whether a PIN that was typed is still meant, now that the card says how many tries are left: all of them, or as
    /// many as the holder was told; with one, the holder has agreed.
    fn may_present(&self, left: u8) -> bool {
        let full = left >= self.kind.max_tries().unwrap_or(PROBABLY_FULL);
        (full || self.told == Some(left)) && (left > 1 || self.consented)
    }

    /// After a card that did not answer, nothing that was said before counts.
    fn mark_unanswered(&mut self) {
        if std::mem::take(&mut self.unanswered) {
            self.why = WhyPin::CardRemoved;
            self.told = None;
            self.consented = false;
        }
    }

    async fn ask(&mut self, talk: &Talk, left: Option<u8>) -> Result<(), Failure> {
        talk.stage(Stage::EnterPin);
        let failed = |code| {
            let failure = Failure::new(code);
            left.map_or(failure, |left| failure.with_tries_left(left))
        };
        self.asked = self.asked.saturating_add(1);
        if self.asked > MAX_ASKED {
            return Err(failed(Code::CardAnswerInvalid).with_detail("a counter that never stands"));
        }
        if left == Some(1) && !self.consented {
            let last = Prompt::LastTry { pin: self.kind, why: self.why };
            let Answer::Consent(true) = talk.ask(last).await else {
                return Err(failed(Code::PinLastTry));
            };
            self.consented = true;
        }
        while self.malformed < MAX_MALFORMED {
            let Some(typed) = self.typed_by(talk, left).await else { break };
            if let Some(pin) = typed {
                self.typed = Some(pin);
                self.told = left;
                return Ok(());
            }
            self.why = WhyPin::Malformed;
            self.malformed = self.malformed.saturating_add(1);
        }
        // Stopped. What was wrong with the last entry says more than that.
        Err(failed(match self.why {
            WhyPin::First | WhyPin::TriesGone => Code::Cancelled,
            WhyPin::Malformed => Code::PinMalformed,
            WhyPin::Wrong => Code::PinWrong,
            WhyPin::CardRemoved => Code::CardRemovedDuringPin,
        }))
    }

    /// What somebody typed now, if it can be a PIN of this kind; nothing from who stops.
    async fn typed_by(&mut self, talk: &Talk, tries_left: Option<u8>) -> Option<Option<Pin>> {
        let (pin, why) = (self.kind, self.why);
        let Typist::Nurse(fault) = &mut self.typist else {
            return match talk.ask(Prompt::EnterPin { pin, tries_left, why }).await {
                Answer::Pin(typed) => Some(Pin::parse(pin, &typed)),
                _ => None,
            };
        };
        let fault = fault.take();
        let Answer::Printed(printed) =
            talk.ask(Prompt::EnterPrinted { tries_left, why, fault }).await
        else {
            return None;
        };
        let number = number_b_of(&printed);
        self.typist = Typist::Nurse(number.as_ref().err().copied());
        Some(number.ok())
    }

    /// Whether the card says that this PIN is locked. Costs no try.
    pub(crate) async fn is_locked(&mut self, card: &mut Selected<'_>) -> Result<bool, TapError> {
        let left = card.tries_left(self.kind).await?;
        self.left = Some(left);
        Ok(left == 0)
    }

    /// Has the holder choose a new PIN, before the old one is presented: the card is not kept waiting with its PIN open.
    pub(crate) async fn choose(&self, talk: &Talk) -> Result<NewPin, Failure> {
        talk.stage(Stage::EnterPin);
        let mut why = WhyNewPin::First;
        for _ in 0..MAX_MALFORMED {
            let Answer::NewPin(first, second) =
                talk.ask(Prompt::NewPin { pin: self.kind, why }).await
            else {
                return Err(Code::Cancelled.into());
            };
            why = match NewPin::parse(self.kind, &first, &second) {
                Ok(chosen) => return Ok(chosen),
                Err(true) => WhyNewPin::Malformed,
                Err(false) => WhyNewPin::Different,
            };
        }
        Err(Code::PinMalformed.into())
    }

    /// Replaces the PIN that [`open`](Self::open) has just had accepted.
    pub(crate) async fn change(
        &mut self,
        card: &mut Selected<'_>,
        new: &NewPin,
    ) -> Result<(), TapError> {
        card.talk().stage(Stage::ChangePin);
        self.changing = true;
        let changed = card.change(&Permit(()), new.pin()).await;
        self.changing = matches!(changed, Err(TapError::Link(_)));
        changed
    }

    /// Whether another tap can still help. After a lost change it cannot: nobody knows which PIN to ask for. Nor where a
    /// key that nobody is asked for was presented and not answered: whether it is presented again, a person decides.
    pub(crate) fn can_go_on(&self) -> bool {
        !(self.changing || self.unanswered && self.known.is_some())
    }

    /// How a conversation failed, told with what is known of the PIN: a card that was pulled while it was checking one
    /// and never came back leaves open whether a try was used.
    pub(crate) fn explain(&self, failure: Failure) -> Failure {
        if failure.code() != Code::CardRemoved {
            return failure;
        }
        if self.changing {
            Code::PinChangeUnknown.into()
        } else if self.unanswered {
            Code::CardRemovedDuringPin.into()
        } else {
            failure
        }
    }
}
