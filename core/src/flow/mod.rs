//! A conversation as a value: [`Flow`], [`Step`], [`Request`], [`Reply`].
//!
//! A flow says what it needs next and is handed the answer. Inside it is a straight-line `async fn` whose only
//! awaits are such requests; outside it is a plain synchronous object. There is no runtime, no thread and no I/O here:
//! whoever holds the flow decides how a request is answered, how long that may take, and when to stop. Stopping is
//! dropping the flow, at any step.
//!
//! ```
//! use kaigotap::flow::{Connected, Reply, Request, Step};
//! use kaigotap::message::Code;
//! use kaigotap::reading;
//!
//! // What does a card tell that knows nothing of what it is asked?
//! let mut flow = reading::status();
//! let mut step = flow.start()?;
//! let status = loop {
//!     step = match step {
//!         Step::Need(Request::Connect(_)) => flow.resume(Reply::Connect(Ok(Connected::SHORT)))?,
//!         Step::Need(Request::Transmit(_)) => flow.resume(Reply::Transmit(Ok(vec![0x6A, 0x82])))?,
//!         Step::Need(Request::Disconnect) => flow.resume(Reply::Disconnect)?,
//!         Step::Need(other) => unreachable!("a status needs no {other:?}"),
//!         Step::Done(outcome) => break outcome,
//!     }
//! };
//! assert_eq!(status.unwrap_err().code(), Code::NotMyNumberCard);
//! # Ok::<(), kaigotap::flow::Misuse>(())
//! ```

mod attributes;
mod browse;
mod failure;
mod http;
mod keep;
mod printed;
mod reply;
mod request;
mod sign;
mod way;

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use zeroize::Zeroizing;

pub use attributes::{Attribute, AttributeFault, Attributes, Faulty};
pub use browse::{BrowseError, Page};
pub use http::{HttpError, HttpRequest, HttpResponse, Method};
pub use keep::{Entry, EntryName, MOST_RECALLED, StoreError};
pub use printed::{ChipPhoto, PrintedFault, PrintedField, PrintedFields};
pub use reply::{Answer, Connected, DeviceTime, FaceCheck, LinkError, Reply, Secret};
pub use request::{
    CommandBytes, Kind, Occasion, PinKind, PinTiming, Progress, Prompt, Request, Stage, ToSign,
    WhyNewPin, WhyPin,
};
pub(crate) use sign::DeviceSignature;
pub use sign::SignError;
pub use way::{Way, Ways};

/// What a flow says when it is started or resumed: what it needs, or what came of it.
#[derive(Debug)]
pub enum Step<T> {
    /// Answer this and hand the answer to [`Flow::resume`].
    Need(Request),
    /// The conversation is over.
    Done(T),
}

/// The flow was used against its order. Nothing is lost: the flow stands where it stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// [`Flow::resume`] before [`Flow::start`].
    #[error("the flow has not been started")]
    NotStarted,
    /// [`Flow::start`] a second time.
    #[error("the flow has been started already")]
    AlreadyStarted,
    /// The flow has given its outcome; make a new one.
    #[error("the flow has finished")]
    Finished,
    /// The reply answers another kind of request. The request still stands.
    #[error("the flow needs a reply to {needed:?}, not to {given:?}")]
    WrongReply {
        /// What the flow asked for.
        needed: Kind,
        /// What the reply would have answered.
        given: Kind,
    },
    /// A fault of this library: the flow waits for something that is no request. It cannot go on.
    #[error("the flow waits for nothing that can be answered")]
    Stalled,
}

/// A conversation that ends in a `T`.
///
/// Cancelling is dropping it; secrets held inside are wiped. A driver that drops a flow while a card is connected
/// powers the card down.
pub struct Flow<T> {
    script: Option<Script<T>>,
    talk: Talk,
    needed: Option<Kind>,
}

type Script<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T> Flow<T> {
    /// Makes a flow of a script. The script runs only while [`start`](Self::start) or [`resume`](Self::resume) run.
    pub(crate) fn new<F>(script: impl FnOnce(Talk) -> F) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        let talk = Talk::default();
        Self { script: Some(Box::pin(script(talk.clone()))), talk, needed: None }
    }

    /// Chooses when the holder is asked for a PIN: [`PinTiming::DuringTap`] if this is not called.
    #[must_use]
    pub fn asking_for_pins(self, timing: PinTiming) -> Self {
        self.talk.slot().pin_timing = timing;
        self
    }

    /// The same of a flow that is held already; only before [`start`](Self::start).
    pub fn ask_for_pins(&mut self, timing: PinTiming) -> Result<(), Misuse> {
        match (&self.script, self.needed) {
            (None, _) => Err(Misuse::Finished),
            (Some(_), Some(_)) => Err(Misuse::AlreadyStarted),
            (Some(_), None) => {
                self.talk.slot().pin_timing = timing;
                Ok(())
            }
        }
    }

    /// The same conversation, whose outcome is put into another form.
    #[must_use]
    pub fn map<U>(self, form: impl FnOnce(T) -> U + Send + 'static) -> Flow<U>
    where
        T: 'static,
    {
        let Self { script, talk, needed } = self;
        let script =
            script.map(|script| -> Script<U> { Box::pin(async move { form(script.await) }) });
        Flow { script, talk, needed }
    }

    /// Runs the conversation up to its first request.
    pub fn start(&mut self) -> Result<Step<T>, Misuse> {
        match (&self.script, self.needed) {
            (None, _) => Err(Misuse::Finished),
            (Some(_), Some(_)) => Err(Misuse::AlreadyStarted),
            (Some(_), None) => self.advance(),
        }
    }

    /// Hands over the answer to the last request and runs the conversation up to its next one.
    pub fn resume(&mut self, reply: Reply) -> Result<Step<T>, Misuse> {
        if self.script.is_none() {
            return Err(Misuse::Finished);
        }
        let needed = self.needed.ok_or(Misuse::NotStarted)?;
        if !reply.answers(needed) {
            return Err(Misuse::WrongReply { needed, given: reply.kind() });
        }
        self.talk.slot().reply = Some(reply);
        self.advance()
    }

    /// Where the conversation stands, for a screen: good after every step.
    pub fn progress(&self) -> Progress {
        self.talk.slot().progress
    }

    fn advance(&mut self) -> Result<Step<T>, Misuse> {
        // Taken out while it runs: should it ever panic, the flow is finished instead of poisoned.
        let mut script = self.script.take().ok_or(Misuse::Finished)?;
        self.needed = None;
        match script.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Ok(Step::Done(outcome)),
            Poll::Pending => {
                let request = self.talk.slot().request.take().ok_or(Misuse::Stalled)?;
                self.needed = Some(request.kind());
                self.script = Some(script);
                Ok(Step::Need(request))
            }
        }
    }
}

impl<T> std::fmt::Debug for Flow<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flow")
            .field("needed", &self.needed)
            .field("finished", &self.script.is_none())
            .finish_non_exhaustive()
    }
}

/// The inside of a flow's seam: one request out, one reply in.
#[derive(Clone, Default)]
pub(crate) struct Talk(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    request: Option<Request>,
    reply: Option<Reply>,
    progress: Progress,
    pin_timing: PinTiming,
}

impl Talk {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        // The lock is never held across user code, so a poisoned slot is still a whole slot.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn turn(&self, request: Request) -> Reply {
        self.slot().request = Some(request);
        std::future::poll_fn(|_| self.slot().reply.take().map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Waits until a card is held to the reader.
    pub(crate) async fn connect(&self, occasion: Occasion) -> Result<Connected, LinkError> {
        match self.turn(Request::Connect(occasion)).await {
            Reply::Connect(result) => result,
            _ => Err(LinkError::Lost),
        }
    }

    /// Sends one command to the card. [`crate::iso7816`] is the only caller.
    pub(crate) async fn transmit(&self, command: CommandBytes) -> Result<Vec<u8>, LinkError> {
        match self.turn(Request::Transmit(command)).await {
            Reply::Transmit(result) => result,
            _ => Err(LinkError::Lost),
        }
    }

    /// Lets go of the card: the driver powers it down and tells the person to take it.
    pub(crate) async fn disconnect(&self) {
        self.turn(Request::Disconnect).await;
    }

    /// Sends one HTTP request to the care platform.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        match self.turn(Request::Send(request)).await {
            Reply::Send(result) => result,
            _ => Err(HttpError::Failed),
        }
    }

    /// Has a page shown in the system's browser; gives the address at which the browser ended, with what a server put into
    /// it.
    pub(crate) async fn browse(&self, page: Page) -> Result<Zeroizing<String>, BrowseError> {
        match self.turn(Request::Browse(page)).await {
            Reply::Browse(ended) => ended.map(Zeroizing::new),
            _ => Err(BrowseError::Failed),
        }
    }

    /// Asks the nurse or the holder.
    pub(crate) async fn ask(&self, prompt: Prompt) -> Answer {
        match self.turn(Request::Ask(prompt)).await {
            Reply::Ask(answer) => answer,
            _ => Answer::Cancelled,
        }
    }

    /// Has a key of the device sign bytes that this library composed. Never while a PIN is open on a card.
    pub(crate) async fn sign(
        &self,
        key: &str,
        payload: Vec<u8>,
    ) -> Result<DeviceSignature, SignError> {
        match self.turn(Request::Sign(ToSign::new(key, payload))).await {
            Reply::Sign(signature) => sign::fixed(&signature?).ok_or(SignError::Failed),
            _ => Err(SignError::Failed),
        }
    }

    /// Has an entry kept; it is durable when this returns.
    pub(crate) async fn keep(&self, entry: Entry) -> Result<(), StoreError> {
        match self.turn(Request::Keep(entry)).await {
            Reply::Keep(kept) => kept,
            _ => Err(StoreError::Failed),
        }
    }

    /// Has an entry forgotten; it is gone when this returns.
    pub(crate) async fn forget(&self, name: EntryName) -> Result<(), StoreError> {
        match self.turn(Request::Forget(name)).await {
            Reply::Forget(forgotten) => forgotten,
            _ => Err(StoreError::Failed),
        }
    }

    /// The names of all that is kept.
    pub(crate) async fn list(&self) -> Result<Vec<EntryName>, StoreError> {
        match self.turn(Request::List).await {
            Reply::List(names) => names,
            _ => Err(StoreError::Failed),
        }
    }

    /// What is kept under these names, at most [`MOST_RECALLED`]; what nobody asked for is passed over.
    pub(crate) async fn recall(&self, names: Vec<EntryName>) -> Result<Vec<Entry>, StoreError> {
        match self.turn(Request::Recall(names.clone())).await {
            Reply::Recall(entries) => {
                let mut entries = entries?;
                entries.retain(|entry| names.contains(&entry.name));
                Ok(entries)
            }
            _ => Err(StoreError::Failed),
        }
    }

    /// Reads the device's clocks.
    pub(crate) async fn clock(&self) -> DeviceTime {
        match self.turn(Request::Clock).await {
            Reply::Clock(now) => now,
            _ => DeviceTime::new(jiff::Timestamp::UNIX_EPOCH, Duration::ZERO),
        }
    }

    /// When the holder is asked for a PIN.
    pub(crate) fn pin_timing(&self) -> PinTiming {
        self.slot().pin_timing
    }

    /// Says where the conversation stands.
    pub(crate) fn stage(&self, stage: Stage) {
        self.slot().progress = Progress { stage, done: 0, total: 0 };
    }

    /// Says how many bytes of a long read have come.
    pub(crate) fn read_so_far(&self, done: usize, total: usize) {
        let mut slot = self.slot();
        slot.progress.done = done;
        slot.progress.total = total;
    }
}

/// What was copied or compared stays in the processor's wide registers until they are used again, and from there gets
/// into a core dump. So the same is done again with so many zeros. No language promises that this helps; a test looks.
fn overwrite_registers(length: usize) {
    let zeros = black_box(Zeroizing::new(vec![0; length]));
    // A longer one, too: which registers a copy takes depends on its length.
    let more = black_box(Zeroizing::new(vec![0; length.saturating_add(64)]));
    for zeros in [&zeros, &more] {
        let raised = black_box(Zeroizing::new(zeros.to_ascii_uppercase()));
        let copy = black_box(Zeroizing::new(raised.to_vec()));
        black_box(raised == copy);
    }
}

#[cfg(test)]
pub(crate) mod tests;
