//! The one object: a conversation behind one lock, its steps, and what comes of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use kaigotap::card;
use kaigotap::date::PartialDate;
use kaigotap::flow::{self, Flow, Misuse};
use kaigotap::message::{self, Code};

use crate::failure::{Failure, KaigoTapError};
use crate::outcome::Outcome;
use crate::reply::Reply;
use crate::request::{PinTiming, Progress, Request};

/// What a conversation says: what it needs, or what came of it.
#[derive(Debug, uniffi::Enum)]
#[allow(clippy::large_enum_variant, reason = "it is serialised at once")]
pub enum Step {
    /// Answer this and hand the answer to `resume`.
    Need {
        /// What is needed.
        request: Request,
    },
    /// It came to its end.
    Done {
        /// What came of it.
        outcome: Outcome,
    },
    /// It failed.
    Failed {
        /// Why.
        failure: Failure,
    },
}

/// A conversation: it says what it needs, is told, and comes to its end. It calls nothing back, knows no thread and
/// waits for nothing; any thread may call it, one at a time.
///
/// Every conversation with a card leaves it clean and survives a card that slips.
#[derive(uniffi::Object)]
pub struct Conversation(Mutex<Option<Inner>>);

/// None once it was cancelled. One lock for its life: who comes while it is held is told so.
type Inner = Flow<Told>;

/// What came of it, in this crate's form.
type Told = Result<Outcome, message::Failure>;

#[uniffi::export]
impl Conversation {
    /// Chooses when the holder is asked for a PIN; only before `start`.
    pub fn ask_for_pins(&self, timing: PinTiming) -> Result<(), KaigoTapError> {
        let mut held = self.lock()?;
        let flow = held.as_mut().ok_or(Misuse::Finished)?;
        Ok(flow.ask_for_pins(timing.into())?)
    }

    /// Runs the conversation up to its first request.
    pub fn start(&self) -> Result<Step, KaigoTapError> {
        self.turn(Flow::start)
    }

    /// Hands over the answer to the last request and runs the conversation up to its next one.
    pub fn resume(&self, reply: Reply) -> Result<Step, KaigoTapError> {
        let reply = reply.into_core()?;
        self.turn(|flow| flow.resume(reply))
    }

    /// Answers `Prompt.EnterPin` with what the holder typed, in UTF-8. What cannot be such a PIN (letters, a wrong length,
    /// nothing at all) never reaches the card: the next step asks again, as it says in `why`. Wipe your own copy.
    pub fn enter_pin(&self, pin: &[u8]) -> Result<Step, KaigoTapError> {
        self.typed(flow::Secret::new(pin))
    }

    /// Answers `Prompt.EnterPin` for verification number B with what stands on the card's face: date of birth
    /// `YYYY-MM-DD` with `00` for a month or day that is unknown, year of expiry (Gregorian, 4 digits), and the four
    /// digits under the photo. Typed badly, it is asked for again, as with `enterPin`, which takes the 14 digits as they
    /// are.
    pub fn enter_printed(
        &self,
        birth_date: String,
        expiry_year: String,
        code: String,
    ) -> Result<Step, KaigoTapError> {
        let number = |birth_date: &str, expiry_year: &str| {
            let (birth, year) = (whole_date(birth_date)?, expiry_year.parse().ok()?);
            card::verification_number_b(birth, year, &code).ok()
        };
        self.typed(number(&birth_date, &expiry_year).unwrap_or_else(nothing))
    }

    /// Answers `Prompt.EnterPin` for the birth-date key with a date of birth, `YYYY-MM-DD` with `00` for a month or day
    /// that is unknown. Typed badly, it is asked for again.
    pub fn enter_birth_date(&self, birth_date: String) -> Result<Step, KaigoTapError> {
        let key = whole_date(&birth_date).and_then(|birth| card::birth_date_key(birth).ok());
        self.typed(key.unwrap_or_else(nothing))
    }

    /// Answers `Prompt.NewPin` with what was chosen, and what was typed the second time, in UTF-8. What cannot be such a
    /// PIN, or differs, is asked for again. Wipe your own copies.
    pub fn enter_new_pin(&self, first: &[u8], second: &[u8]) -> Result<Step, KaigoTapError> {
        let [first, second] = [first, second].map(flow::Secret::new);
        self.turn(|flow| flow.resume(flow::Reply::Ask(flow::Answer::NewPin(first, second))))
    }

    /// Where the conversation stands: good after every step.
    pub fn progress(&self) -> Result<Progress, KaigoTapError> {
        let flow = self.lock()?;
        Ok(flow.as_ref().map(Flow::progress).unwrap_or_default().into())
    }

    /// Ends the conversation and wipes what it holds. Waits for a turn that is under way; turns are short. Power the card
    /// down.
    pub fn cancel(&self) {
        let flow = match self.0.lock() {
            Ok(mut flow) => flow.take(),
            Err(poisoned) => poisoned.into_inner().take(),
        };
        drop(flow);
    }
}

/// A date that was typed to its end: a card that is shown half of one counts a try.
fn whole_date(typed: &str) -> Option<PartialDate> {
    (typed.len() == "YYYY-MM-DD".len()).then(|| typed.parse().ok()).flatten()
}

/// What stands for an entry that could not be read: the guard asks again.
fn nothing() -> flow::Secret {
    flow::Secret::new([])
}

impl Conversation {
    pub(crate) fn of<T: 'static>(
        flow: Flow<Result<T, message::Failure>>,
        tell: fn(T) -> Outcome,
    ) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(flow.map(move |outcome| outcome.map(tell))))))
    }

    fn typed(&self, pin: flow::Secret) -> Result<Step, KaigoTapError> {
        self.turn(|flow| flow.resume(flow::Reply::Ask(flow::Answer::Pin(pin))))
    }

    fn lock(&self) -> Result<MutexGuard<'_, Option<Inner>>, KaigoTapError> {
        match self.0.try_lock() {
            Ok(flow) => Ok(flow),
            // A panic under the lock is caught under it, and the flow is dropped there.
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Code::FlowInUse.into()),
        }
    }

    fn turn(
        &self,
        take: impl FnOnce(&mut Inner) -> Result<flow::Step<Told>, Misuse>,
    ) -> Result<Step, KaigoTapError> {
        let mut held = self.lock()?;
        let flow = held.as_mut().ok_or(Misuse::Finished)?;
        if let Ok(step) = catch_unwind(AssertUnwindSafe(|| take(flow))) {
            return Ok(step?.into());
        }
        // What it held is in no known state: it ends here.
        *held = None;
        Err(Code::InternalError.into())
    }
}

impl From<flow::Step<Told>> for Step {
    fn from(step: flow::Step<Told>) -> Self {
        match step {
            flow::Step::Need(request) => Self::Need { request: request.into() },
            flow::Step::Done(Ok(outcome)) => Self::Done { outcome },
            flow::Step::Done(Err(failure)) => Self::Failed { failure: failure.into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use kaigotap::reading;

    use super::*;
    use crate::reply::LinkError;

    /// Its outcome cannot be put into words.
    fn panics() -> Conversation {
        let flow = reading::information().map(|_| panic!("a fault"));
        Conversation(Mutex::new(Some(flow)))
    }

    fn code(result: Result<Step, KaigoTapError>) -> String {
        match result {
            Err(KaigoTapError::Failed { failure }) => failure.code,
            Ok(step) => panic!("{step:?}"),
        }
    }

    #[test]
    fn a_panic_is_a_failure_and_the_end() {
        let conversation = panics();
        assert!(matches!(conversation.start(), Ok(Step::Need { .. })));
        let none = Reply::NotConnected { error: LinkError::NoCard };
        assert_eq!(code(conversation.resume(none)), "internal_error");
        assert_eq!(code(conversation.start()), "flow_finished");
        assert_eq!(conversation.progress().unwrap().done, 0);
    }

    #[test]
    fn who_comes_at_the_same_time_is_told() {
        let conversation = panics();
        let held = conversation.lock().unwrap();
        assert_eq!(code(conversation.start()), "flow_in_use");
        assert_eq!(code(conversation.resume(Reply::Disconnected)), "flow_in_use");
        drop(held);
        conversation.cancel();
        assert_eq!(code(conversation.start()), "flow_finished");
    }
}
