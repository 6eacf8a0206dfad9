//! The taps of one conversation: the one loop over them, for readings and visits.

use tracing::debug;

use super::{Guard, Holding, TapError};
use crate::flow::{LinkError, Occasion, Stage, Talk};
use crate::iso7816::{Capacity, Channel};
use crate::message::{Code, Failure};

/// How often a card is asked for again in one conversation after it was pulled.
const MAX_LOST: usize = 3;

/// What is wanted of a card, worked through within one tap. After a torn tap it is worked through anew, from the start,
/// with what it has kept; nothing that costs a try is repeated by starting anew (see [`Guard`]).
pub(crate) trait Task {
    /// What comes of it.
    type Outcome;

    /// Whatever is to be done before a card is asked for, each time.
    fn before_tap(
        &mut self,
        talk: &Talk,
        guard: &mut Guard,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Works with the card.
    fn work(
        &mut self,
        holding: &mut Holding,
        guard: &mut Guard,
    ) -> impl Future<Output = Result<Self::Outcome, TapError>> + Send;
}

/// Works a task through, over as many taps as it takes. Each tap leaves the card clean, whatever came of it.
pub(crate) async fn over_taps<T: Task>(
    talk: &Talk,
    guard: &mut Guard,
    job: &mut T,
) -> Result<T::Outcome, Failure> {
    let capacity = Capacity::new();
    let mut occasion = Occasion::First;
    let mut lost = 0;
    loop {
        job.before_tap(talk, guard).await?;
        talk.stage(Stage::AwaitCard);
        let mut holding = match Channel::open(talk, occasion, &capacity).await {
            Ok(channel) => Holding::new(channel),
            // That the card was pulled says more than that it did not come back.
            Err(_) if occasion == Occasion::Again => {
                return Err(guard.explain(Code::CardRemoved.into()));
            }
            Err(error) => return Err(error.into()),
        };
        let result = job.work(&mut holding, guard).await;
        // A command that the reader does not carry leaves the card where it was.
        let gone = |error| error != LinkError::NotCarried;
        holding.release(matches!(result, Err(TapError::Link(error)) if gone(error))).await;
        occasion = match result {
            Ok(outcome) => return Ok(outcome),
            Err(TapError::LetGo) => Occasion::Continue,
            Err(TapError::Link(LinkError::Lost)) if guard.can_go_on() && lost < MAX_LOST => {
                debug!("the card was pulled");
                lost = lost.saturating_add(1);
                Occasion::Again
            }
            Err(TapError::Link(error)) => return Err(guard.explain(error.into())),
            Err(TapError::Final(failure)) => return Err(guard.explain(failure)),
        };
    }
}
