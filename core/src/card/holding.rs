//! A card being held to the reader: one tap, its end, and the taps after a torn one.

use tracing::debug;

use super::TapError;
use super::profile::application;
use crate::flow::{LinkError, Occasion, Stage, Talk};
use crate::iso7816::{Capacity, Channel, Command, Response};
use crate::message::{Code, Failure};

/// How often a card is asked for again in one conversation after it was pulled.
const MAX_TAPS: usize = 4;

/// A card in the reader's field, and what was learnt about it in this tap.
pub(crate) struct Holding {
    channel: Channel,
    /// Whether the card takes short file identifiers together with extended length; `None` until tried.
    pub(crate) takes_short_ids: Option<bool>,
    /// The application that is selected, or was to be: what there is to leave.
    touched: Option<&'static [u8]>,
    /// Whether the card has had any application that was asked for.
    entered: bool,
}

impl Holding {
    pub(crate) fn talk(&self) -> &Talk {
        self.channel.talk()
    }

    pub(crate) fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Sends a command. An answer is an answer, whatever its status word.
    pub(crate) async fn transmit(&self, command: &Command) -> Result<Response, LinkError> {
        self.channel.transmit(command).await
    }

    /// Selects an application; `false` when the card has none of this name.
    pub(crate) async fn select(&mut self, application: &'static [u8]) -> Result<bool, LinkError> {
        self.touched.get_or_insert(application);
        let command = Command::select_application(application);
        let mut answer = self.transmit(&command).await?;
        if answer.status.0 == 0x6F00 {
            // Some cards answer so once after power-on. SELECT changes nothing, so it may be repeated.
            answer = self.transmit(&command).await?;
        }
        let found = answer.status.is_done();
        if found {
            self.entered = true;
            self.touched = Some(application);
        }
        Ok(found)
    }

    /// Leaves the card clean: another application is selected, which ends whatever a PIN had opened, and the card is
    /// let go. A verified PIN survives a warm reset and a re-selection of its own application, so nothing less will do.
    async fn release(mut self, lost: bool) {
        if let Some(last) = self.touched.filter(|_| !lost) {
            // From the input-support AP, too, the way out leads to another one.
            let away = match last {
                application::INPUT_SUPPORT => application::JPKI,
                _ => application::INPUT_SUPPORT,
            };
            // A link that breaks here has powered the card down: as clean as it gets.
            if let Ok(false) = self.select(away).await
                && let Ok(false) = self.select(application::ISSUER_SECURITY_DOMAIN).await
                && self.entered
            {
                // A card that has one application only.
                let _ = self.transmit(&Command::select_master_file()).await;
            }
        }
        self.channel.close().await;
    }
}

/// The taps of one conversation. Each is worked through from its start; when the link breaks, the card is asked for
/// again, and the work starts anew with what it has kept. Nothing that costs a try is repeated by starting anew: see
/// the desk where PINs are presented.
///
/// ```text
/// loop {
///     let mut holding = taps.next().await?;
///     let result = work(&mut holding).await;
///     if let Some(outcome) = taps.end(holding, result, true).await { break outcome }
/// }
/// ```
pub(crate) struct Taps<'a> {
    talk: &'a Talk,
    made: usize,
    capacity: Capacity,
}

impl<'a> Taps<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Self { talk, made: 0, capacity: Capacity::new() }
    }

    /// Has a card held to the reader.
    pub(crate) async fn next(&mut self) -> Result<Holding, Failure> {
        self.talk.stage(Stage::AwaitCard);
        let occasion = if self.made == 0 { Occasion::First } else { Occasion::Again };
        let channel = match Channel::open(self.talk, occasion, &self.capacity).await {
            Ok(channel) => channel,
            // That the card was pulled says more than that it did not come back.
            Err(_) if self.made > 0 => return Err(Failure::new(Code::CardRemoved)),
            Err(error) => return Err(error.into()),
        };
        self.made = self.made.saturating_add(1);
        Ok(Holding { channel, takes_short_ids: None, touched: None, entered: false })
    }

    /// Ends a tap: the card is left clean, whatever came of it. `None` says that the link broke and another tap is
    /// due; where that cannot go on, the loss is the outcome.
    pub(crate) async fn end<T>(
        &mut self,
        holding: Holding,
        result: Result<T, TapError>,
        can_go_on: bool,
    ) -> Option<Result<T, Failure>> {
        // A command that the reader does not carry leaves the card where it was.
        let gone = |error| error != LinkError::NotCarried;
        holding.release(matches!(result, Err(TapError::Link(error)) if gone(error))).await;
        match result {
            Ok(done) => Some(Ok(done)),
            Err(TapError::Link(LinkError::Lost)) if can_go_on && self.made < MAX_TAPS => {
                debug!("the card was pulled");
                None
            }
            Err(TapError::Link(error)) => Some(Err(error.into())),
            Err(TapError::Final(failure)) => Some(Err(failure)),
        }
    }
}
