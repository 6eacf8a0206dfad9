//! A conversation behind one lock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, TryLockError};

use kaigotap::flow::{self, Flow, Misuse};
use kaigotap::message::{self, Code};

use crate::card::CardStatus;
use crate::failure::{Failure, KaigoTapError};
use crate::person::{Age, CardInformation, Face, Holder};
use crate::reply::Reply;
use crate::request::{Progress, Request};
use crate::visit::VerifiedVisit;

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

/// What came of a conversation, of the same name as its constructor.
#[derive(Debug, uniffi::Enum)]
#[allow(clippy::large_enum_variant, reason = "it is serialised at once")]
pub enum Outcome {
    /// Of a visit.
    Visit {
        /// Who this is, and what they are entitled to.
        verified: VerifiedVisit,
    },
    /// Of `CardReading.status`.
    Status {
        /// What the card tells.
        status: CardStatus,
    },
    /// Of `CardReading.certificate`.
    Certificate {
        /// The certificate, DER. That for signatures names its holder.
        der: Vec<u8>,
    },
    /// Of `CardReading.holder`.
    Holder {
        /// Who holds the card.
        holder: Holder,
    },
    /// Of `CardReading.face`.
    Face {
        /// The card's face.
        face: Face,
    },
    /// Of `CardReading.age`.
    Age {
        /// The date of birth.
        age: Age,
    },
    /// Of `CardReading.information`.
    Information {
        /// Basic information.
        information: CardInformation,
    },
    /// Of `CardReading.changePin`: the PIN is changed.
    PinChanged,
}

/// A flow whose outcome has been put into this crate's form.
pub(crate) trait Talk: Send {
    fn start(&mut self) -> Result<Step, Misuse>;
    fn resume(&mut self, reply: flow::Reply) -> Result<Step, Misuse>;
    fn progress(&self) -> flow::Progress;
}

struct Told<T> {
    flow: Flow<Result<T, message::Failure>>,
    tell: fn(T) -> Outcome,
}

impl<T> Told<T> {
    fn step(&self, step: flow::Step<Result<T, message::Failure>>) -> Step {
        match step {
            flow::Step::Need(request) => Step::Need { request: request.into() },
            flow::Step::Done(Ok(value)) => Step::Done { outcome: (self.tell)(value) },
            flow::Step::Done(Err(failure)) => Step::Failed { failure: failure.into() },
        }
    }
}

impl<T: 'static> Talk for Told<T> {
    fn start(&mut self) -> Result<Step, Misuse> {
        let step = self.flow.start()?;
        Ok(self.step(step))
    }

    fn resume(&mut self, reply: flow::Reply) -> Result<Step, Misuse> {
        let step = self.flow.resume(reply)?;
        Ok(self.step(step))
    }

    fn progress(&self) -> flow::Progress {
        self.flow.progress()
    }
}

/// A conversation, or none once it was cancelled. One lock for its life: who comes while it is held is told so.
pub(crate) struct Conversation(Mutex<Option<Box<dyn Talk>>>);

impl Conversation {
    pub(crate) fn new<T: 'static>(
        flow: Flow<Result<T, message::Failure>>,
        tell: fn(T) -> Outcome,
    ) -> Self {
        Self::of(Box::new(Told { flow, tell }))
    }

    pub(crate) fn of(talk: Box<dyn Talk>) -> Self {
        Self(Mutex::new(Some(talk)))
    }

    pub(crate) fn start(&self) -> Result<Step, KaigoTapError> {
        self.turn(|talk| talk.start())
    }

    pub(crate) fn resume(&self, reply: Reply) -> Result<Step, KaigoTapError> {
        let reply = reply.into_core()?;
        self.turn(|talk| talk.resume(reply))
    }

    pub(crate) fn answer(&self, answer: flow::Answer) -> Result<Step, KaigoTapError> {
        self.turn(|talk| talk.resume(flow::Reply::Ask(answer)))
    }

    pub(crate) fn progress(&self) -> Result<Progress, KaigoTapError> {
        let talk = self.lock()?;
        Ok(talk.as_ref().map(|talk| talk.progress()).unwrap_or_default().into())
    }

    /// Drops the flow, which wipes what it holds. Waits for a turn that is under way; turns are short.
    pub(crate) fn cancel(&self) {
        let flow = match self.0.lock() {
            Ok(mut talk) => talk.take(),
            Err(poisoned) => poisoned.into_inner().take(),
        };
        drop(flow);
    }

    fn lock(&self) -> Result<MutexGuard<'_, Option<Box<dyn Talk>>>, KaigoTapError> {
        match self.0.try_lock() {
            Ok(talk) => Ok(talk),
            // A panic under the lock is caught under it, and the flow is dropped there.
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Code::FlowInUse.into()),
        }
    }

    fn turn(
        &self,
        take: impl FnOnce(&mut dyn Talk) -> Result<Step, Misuse>,
    ) -> Result<Step, KaigoTapError> {
        let mut held = self.lock()?;
        let talk = held.as_mut().ok_or(Misuse::Finished)?;
        if let Ok(step) = catch_unwind(AssertUnwindSafe(|| take(talk.as_mut()))) {
            return Ok(step?);
        }
        // What it held is in no known state: it ends here.
        *held = None;
        Err(Code::InternalError.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics in its first turn.
    struct Panics;

    impl Talk for Panics {
        fn start(&mut self) -> Result<Step, Misuse> {
            panic!("a fault");
        }
        fn resume(&mut self, _: flow::Reply) -> Result<Step, Misuse> {
            panic!("a fault");
        }
        fn progress(&self) -> flow::Progress {
            flow::Progress::default()
        }
    }

    fn code(result: Result<Step, KaigoTapError>) -> String {
        match result {
            Err(KaigoTapError::Failed { failure }) => failure.code,
            Ok(step) => panic!("{step:?}"),
        }
    }

    #[test]
    fn a_panic_is_a_failure_and_the_end() {
        let conversation = Conversation::of(Box::new(Panics));
        assert_eq!(code(conversation.start()), "internal_error");
        assert_eq!(code(conversation.start()), "flow_finished");
        assert_eq!(conversation.progress().unwrap().done, 0);
    }

    #[test]
    fn who_comes_at_the_same_time_is_told() {
        let conversation = Conversation::of(Box::new(Panics));
        let held = conversation.lock().unwrap();
        assert_eq!(code(conversation.start()), "flow_in_use");
        assert_eq!(code(conversation.resume(Reply::Disconnected)), "flow_in_use");
        drop(held);
        conversation.cancel();
        assert_eq!(code(conversation.start()), "flow_finished");
    }
}
