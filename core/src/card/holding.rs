//! A card being held to the reader: one tap, and how it is left.

use super::profile::application;
use crate::flow::{LinkError, Talk};
use crate::iso7816::{Channel, Command, Response};

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
    pub(super) fn new(channel: Channel) -> Self {
        Self { channel, takes_short_ids: None, touched: None, entered: false }
    }

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
    pub(super) async fn release(mut self, lost: bool) {
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
